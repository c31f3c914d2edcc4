//! What the machine formats share: phases told one by one become outcomes, counts and failures.

use std::collections::HashMap;

use super::budget::Budget;
use super::{Counts, Failure, Format, Outcome, Phase, Report, Run, TestOutcome, Warning, headline, locate};

/// Tests whose outcome is kept.
const MAX_OUTCOMES: usize = 50_000;
/// Warnings kept.
const MAX_WARNINGS: usize = 1_000;

/// A report in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) run: Run,
    failures: Vec<Failure>,
    warnings: Vec<Warning>,
    outcomes: Vec<TestOutcome>,
    places: HashMap<String, usize>,
    budget: Budget,
}

impl Tally {
    pub(super) fn new(format: Format) -> Self {
        Self { run: Run { format, ..Run::default() }, ..Self::default() }
    }

    /// One phase of a test ended. The worst of a test's phases is its outcome; a new setup starts it again.
    pub(super) fn phase(&mut self, nodeid: &str, phase: Phase, outcome: Outcome, duration: Option<f64>) {
        let told = phase >= Phase::Setup && (phase == Phase::Call || outcome != Outcome::Passed);
        if told || phase < Phase::Setup && outcome != Outcome::Passed {
            bump(&mut self.run.counts, outcome);
        }
        if phase < Phase::Setup {
            return;
        }
        match self.places.get(nodeid) {
            Some(&at) => {
                let known = &mut self.outcomes[at];
                known.duration = known.duration.map(|known| known + duration.unwrap_or(0.0)).or(duration);
                if outcome != Outcome::Passed || phase == Phase::Setup {
                    known.outcome = outcome;
                }
            }
            None if self.outcomes.len() < MAX_OUTCOMES => {
                self.places.insert(nodeid.to_string(), self.outcomes.len());
                self.outcomes.push(TestOutcome { nodeid: nodeid.to_string(), outcome, duration });
            }
            None => {}
        }
    }

    /// Adds a failure whose paths are still as printed.
    pub(super) fn failure(&mut self, mut failure: Failure) {
        locate::relate(&mut failure, self.run.rootdir.as_deref().map(locate::Root::new).as_ref());
        let file = headline::file(&failure.nodeid).to_string();
        locate::site(&mut failure, Some(&file).filter(|file| !file.is_empty()).map(String::as_str));
        self.failures.extend(self.budget.admit(failure));
    }

    /// The newest failure of a test.
    pub(super) fn last_failure(&mut self, nodeid: &str) -> Option<&mut Failure> {
        self.failures.iter_mut().rev().take(64).find(|failure| failure.nodeid == nodeid)
    }

    pub(super) fn warning(&mut self, warning: Warning) {
        self.run.counts.warnings = Some(self.run.counts.warnings.unwrap_or(0) + 1);
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    pub(super) fn report(self) -> Report {
        let Self { run, failures, warnings, outcomes, .. } = self;
        Report { runs: vec![run], failures, warnings, outcomes, ..Report::default() }
    }
}

fn bump(counts: &mut Counts, outcome: Outcome) {
    let slot = match outcome {
        Outcome::Passed => &mut counts.passed,
        Outcome::Failed => &mut counts.failed,
        Outcome::Error => &mut counts.errors,
        Outcome::Skipped => &mut counts.skipped,
        Outcome::Xfailed => &mut counts.xfailed,
        Outcome::Xpassed => &mut counts.xpassed,
        Outcome::Rerun => &mut counts.rerun,
    };
    *slot = Some(slot.unwrap_or(0) + 1);
}

/// pytest's name for the moment a report was made.
pub(super) fn phase(when: &str) -> Phase {
    match when {
        "setup" => Phase::Setup,
        "teardown" => Phase::Teardown,
        "collect" => Phase::Collection,
        _ => Phase::Call,
    }
}

/// The rootdir that an absolute path of the file at `relative` shows.
pub(super) fn root_of(absolute: &str, relative: &str) -> Option<String> {
    let absolute = absolute.replace('\\', "/");
    let root = absolute.strip_suffix(relative)?.strip_suffix('/')?;
    (!root.is_empty()).then(|| root.to_string())
}
