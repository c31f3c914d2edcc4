//! Fixes for a run, tried where they may be, and nothing applied: for `suggest --validate` and
//! `heal --suggest-only`.

use super::project;
use crate::fix::{Fix, Tier};
use crate::heal::history::History;
use crate::heal::run_loop::TRIALS;
use crate::heal::search::{Found, Trial, search};
use crate::heal::{Healing, heal, vacuous};
use crate::report::{Failure, Report};
use crate::text::Edit;
use crate::validation::{Dependence, Rerun, Validator, Verdict};
use crate::workspace::Snapshot;

/// A failure with the fix to offer, if any.
pub struct Proposal {
    /// The failure, its fixes and refusals.
    pub healing: Healing,
    /// The fix that was seen to pass, or the best one where nothing could be run.
    pub found: Option<Found>,
    /// Whether the healed test follows the change that broke it, where that was tried.
    pub dependence: Dependence,
}

/// The best fix of each failure: one that passes where `validator` can run it, one of at least `confidence`
/// where it cannot.
pub fn propose(
    snapshot: &Snapshot,
    report: &Report,
    validator: Option<&mut Validator>,
    confidence: f64,
) -> Vec<Proposal> {
    let mut trials = Trials { validator, confidence, history: History::open(&project::root(snapshot)) };
    if let Some(validator) = &mut trials.validator {
        validator.expect(&report.failures);
    }
    let one = |healing: Healing| {
        let found = search(&mut trials, snapshot, &healing, &mut Vec::new());
        let found = found.filter(|found| !trials.history.failed_before(&healing.diagnosis.failure, &found.fix));
        Proposal { healing, found, dependence: Dependence::Unknown("it was not seen to pass".to_string()) }
    };
    let mut proposals: Vec<Proposal> = heal(snapshot, report).into_iter().map(one).collect();
    if let Some(validator) = &trials.validator {
        follow(snapshot, &mut proposals, validator);
    }
    proposals
}

/// Asks of each fix that passes whether it follows the change that broke its test; what does not is a person's to
/// accept, unless a fact explains it.
fn follow(snapshot: &Snapshot, proposals: &mut [Proposal], validator: &Validator) {
    let passes = |index: &usize| matches!(proposals[*index].found, Some(Found { verdict: Verdict::Passes { .. }, .. }));
    let proven: Vec<usize> = (0..proposals.len()).filter(passes).collect();
    let heal = |index: &usize| {
        let Proposal { healing, found, .. } = &proposals[*index];
        Some((&*healing.diagnosis.failure, &found.as_ref()?.fix))
    };
    let heals: Vec<(&Failure, &Fix)> = proven.iter().filter_map(heal).collect();
    let answers = vacuous::check(snapshot, &heals, |edits, failures, commit| {
        validator.follows(snapshot, edits, failures, commit)
    });
    let suspect = |((failure, fix), answer): (&(&Failure, &Fix), &Dependence)| {
        vacuous::is_suspect(snapshot, failure, fix, answer)
    };
    let suspects: Vec<bool> = heals.iter().zip(&answers).map(suspect).collect();
    for ((index, answer), is_suspect) in proven.into_iter().zip(answers).zip(suspects) {
        let Proposal { found, dependence, .. } = &mut proposals[index];
        if let Some(found) = found.as_mut().filter(|_| is_suspect) {
            found.fix.tier = Tier::Review;
        }
        *dependence = answer;
    }
}

struct Trials<'a> {
    validator: Option<&'a mut Validator>,
    confidence: f64,
    /// What a person rejected, or a run disproved, is not offered again.
    history: History,
}

impl Trial for Trials<'_> {
    fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        match &mut self.validator {
            Some(validator) => validator.validate(snapshot, edits, failures, TRIALS),
            None => Rerun::not_run("not asked for"),
        }
    }

    fn allows(&mut self, failure: &Failure, fix: &Fix) -> bool {
        fix.confidence.value() >= self.confidence && !self.history.failed_before(failure, fix)
    }

    fn allows_unproven(&mut self, fix: &Fix) -> bool {
        fix.confidence.value() >= self.confidence
    }
}

/// A verdict in words, with what is to be known of the heal besides.
pub fn verdict(found: &Found, dependence: &Dependence) -> String {
    match dependence {
        Dependence::PossiblyVacuous => format!("{}; {}", found.verdict, vacuous::NOTE),
        _ => found.verdict.to_string(),
    }
}
