//! Fixes for a run, tried where they may be, and nothing applied: for `suggest --validate` and
//! `heal --suggest-only`.

use crate::fix::Fix;
use crate::heal::run_loop::TRIALS;
use crate::heal::search::{Found, Trial, search};
use crate::heal::{Healing, heal};
use crate::report::{Failure, Report};
use crate::text::Edit;
use crate::validation::{Rerun, Validator, Verdict};
use crate::workspace::Snapshot;

/// A failure with the fix to offer, if any.
pub struct Proposal {
    /// The failure, its fixes and refusals.
    pub healing: Healing,
    /// The fix that was seen to pass, or the best one where nothing could be run.
    pub found: Option<Found>,
}

/// The best fix of each failure: one that passes where `validator` can run it, one of at least `confidence`
/// where it cannot.
pub fn propose(
    snapshot: &Snapshot,
    report: &Report,
    validator: Option<&mut Validator>,
    confidence: f64,
) -> Vec<Proposal> {
    let mut trials = Trials { validator, confidence };
    if let Some(validator) = &mut trials.validator {
        validator.expect(&report.failures);
    }
    let one = |healing: Healing| {
        let found = search(&mut trials, snapshot, &healing, &mut Vec::new());
        Proposal { healing, found }
    };
    heal(snapshot, report).into_iter().map(one).collect()
}

struct Trials<'a> {
    validator: Option<&'a mut Validator>,
    confidence: f64,
}

impl Trial for Trials<'_> {
    fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], failure: &Failure) -> Rerun {
        match &mut self.validator {
            Some(validator) => validator.validate(snapshot, edits, &[failure], TRIALS),
            None => Rerun::not_run("not asked for"),
        }
    }

    fn allows(&mut self, _: &Failure, fix: &Fix) -> bool {
        fix.confidence.value() >= self.confidence
    }
}

/// A verdict in words.
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passes { runs } => format!("validated: passes {runs} of {runs}"),
        Verdict::MovesOn { failure, .. } => format!("helps, and then: {failure}"),
        Verdict::StillFails => "still fails".to_string(),
        Verdict::Breaks { nodeid } => format!("breaks {nodeid}"),
        Verdict::ChecksLess { reason } => format!("checks less: {reason}"),
        Verdict::NotRun { reason } => format!("not run: {reason}"),
    }
}
