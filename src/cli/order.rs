//! `heal` on tests that fail at some times only: bounded reruns find what they fail after.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::diagnosis::{Category, Verdict};
use crate::heal::Healing;
use crate::heal::order::{Reruns, cause, explain};
use crate::heal::run_loop::Summary;
use crate::report::Phase;
use crate::validation::observe::observe;
use crate::validation::runner::{Cancel, Run, Runner};
use crate::workspace::Snapshot;

/// How many failing tests are looked into.
const MOST_VICTIMS: usize = 3;
/// How many runs one of them may take.
const MOST_RUNS: usize = 24;
/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(300);

/// Tells of the failures that remain which of them pass alone, and why. Not with a runner of the project's
/// own: each of its runs may be expensive.
pub fn look_into(summary: &mut Summary, runner: &Runner, root: &Path, snapshot: &Snapshot, cancel: &Cancel) {
    if matches!(runner, Runner::Custom { .. }) {
        return;
    }
    let order: Vec<String> = summary.report.outcomes.iter().map(|outcome| outcome.nodeid.clone()).collect();
    let until = Instant::now() + LONGEST;
    for healing in summary.remaining.iter_mut().filter(|healing| may_be_order(healing)).take(MOST_VICTIMS) {
        let victim = healing.diagnosis.failure.nodeid.clone();
        let at = order.iter().position(|nodeid| *nodeid == victim).unwrap_or(0);
        let mut alone = Alone { runner, root, cancel, until, left: MOST_RUNS };
        if let Some(cause) = cause(&mut alone, &order[..at], &victim) {
            explain(snapshot, healing, &cause);
        }
    }
}

/// What a test does while it runs may depend on others; what stops pytest from running it does not.
fn may_be_order(healing: &Healing) -> bool {
    let diagnosis = &healing.diagnosis;
    let runs = matches!(diagnosis.failure.phase, Phase::Setup | Phase::Call | Phase::Teardown);
    let told = matches!(diagnosis.verdict, Verdict::Environment | Verdict::OutdatedTest) || diagnosis.culprit.is_some();
    let of_code = matches!(diagnosis.category, Category::SyntaxError | Category::FixtureError | Category::ImportError);
    runs && !told && !of_code
}

/// Runs tests with pytest as they stand, quietly, within limits.
struct Alone<'a> {
    runner: &'a Runner,
    root: &'a Path,
    cancel: &'a Cancel,
    until: Instant,
    left: usize,
}

impl Reruns for Alone<'_> {
    fn last_fails(&mut self, tests: &[String], variables: &[(&'static str, &'static str)]) -> Option<bool> {
        self.left = self.left.checked_sub(1)?;
        if Instant::now() > self.until || self.cancel.is_cancelled() {
            return None;
        }
        let folder = tempfile::tempdir().ok()?;
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.into())).collect();
        let run = Run { root: self.root, tests, log: &folder.path().join("run.log"), variables: &variables };
        let (_, report) = observe(self.runner, &run, &mut std::io::sink(), &|_| {}, self.cancel).ok()?;
        let last = tests.last()?;
        let ran = report.outcomes.iter().any(|outcome| outcome.nodeid == *last);
        ran.then(|| report.failures.iter().any(|failure| failure.nodeid == *last))
    }
}
