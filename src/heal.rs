//! The flow itself: from a report to guarded fixes, and the loop that applies them.

pub mod carry;
mod chain;
pub mod clock;
pub mod expectations;
pub mod files;
mod guess;
pub mod history;
pub mod lesson;
pub mod order;
mod parallel;
pub mod patches;
pub mod run_loop;
pub mod search;
pub mod together;
pub mod vacuous;

use std::sync::Arc;

use crate::diagnosis::{Diagnosis, diagnose};
use crate::guard::{self, Guarded, Refusal};
use crate::report::Report;
use crate::strategies;
use crate::workspace::Snapshot;

/// One failure with everything that can be done about it.
#[derive(Clone, Debug)]
pub struct Healing {
    /// The failure, understood.
    pub diagnosis: Diagnosis,
    /// The fixes that passed the guard, best first.
    pub fixes: Vec<Guarded>,
    /// The fixes that did not.
    pub refused: Vec<Refusal>,
}

/// Diagnoses every failure of `report` and proposes what can be done, each fix with the guard's word on it.
pub fn heal(snapshot: &Snapshot, report: &Report) -> Vec<Healing> {
    parallel::map(&report.failures, |failure| {
        let diagnosis = diagnose(snapshot, &Arc::new(failure.clone()));
        heal_one(snapshot, report, diagnosis)
    })
}

/// The fixes for one diagnosis.
pub fn heal_one(snapshot: &Snapshot, report: &Report, diagnosis: Diagnosis) -> Healing {
    let mut healing = Healing { fixes: Vec::new(), refused: Vec::new(), diagnosis };
    strategies::suspect_coroutines(snapshot, report, &mut healing.diagnosis);
    let proposed = strategies::propose(snapshot, report, &healing.diagnosis);
    strategies::overrule(&mut healing.diagnosis, &proposed);
    for fix in proposed {
        match guard::review(snapshot, &healing.diagnosis, fix) {
            Ok(guarded) => healing.fixes.push(guarded),
            Err(refusal) => healing.refused.push(refusal),
        }
    }
    strategies::settle(report, &mut healing.diagnosis, healing.fixes.iter().map(Guarded::fix));
    healing
}
