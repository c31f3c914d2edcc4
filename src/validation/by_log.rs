//! The verdict on a candidate from the log of a run with it in the files: for a runner of the project's own,
//! into whose pytest nothing can be put.

use std::time::Duration;

use super::ids::{self, Ids};
use super::judge::Candidate;
use super::trial::{Shape, Shown};
use super::{How, Rerun};
use crate::report::{Failure, Phase, Report};
use crate::text::Edit;
use crate::workspace::Snapshot;

/// What has to run to judge `edits`: the tests of `failures`, with all their rows where those may have other ids then.
pub fn tests(snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Vec<String> {
    let may_change = ids::may_change(snapshot, edits);
    let called = |failure: &&Failure| match may_change {
        true => ids::to_run(ids::function(&failure.nodeid)).to_string(),
        false => ids::to_run(&failure.nodeid).to_string(),
    };
    let mut tests: Vec<String> = failures.iter().map(called).collect();
    tests.sort_unstable();
    tests.dedup();
    tests
}

/// What `report`, of a run with `edits` in the files, says of the tests of `failures`. `before` are the tests of the run
/// without them, in order.
pub fn judge(
    snapshot: &Snapshot,
    edits: &[Edit],
    failures: &[&Failure],
    (before, report): (&[String], &Report),
    took: Duration,
) -> Rerun {
    if report.outcomes.is_empty() && report.failures.is_empty() {
        return Rerun { took, ..Rerun::not_run("the log of the run names no test") };
    }
    let shown = shown(report);
    let ids = Ids::between(before, &shown.order);
    let (verdict, failures) = Candidate { failures, before: snapshot, edits }.judge(&shown, &ids);
    Rerun { verdict, failures, how: How::InPlace, took }
}

fn shown(report: &Report) -> Shown {
    let mut shown = Shown::default();
    let run = report.runs.last();
    shown.finished = run.is_some_and(|run| run.complete && run.stopped.is_none());
    shown.problem = run.and_then(|run| run.stopped.clone()).or(Some("the log ends before the run does".to_string()));
    for outcome in &report.outcomes {
        shown.order.push(outcome.nodeid.clone());
        shown.tests.insert(outcome.nodeid.clone(), Shape::told(Some(outcome.outcome), None));
    }
    for failure in &report.failures {
        if failure.phase < Phase::Setup {
            shown.broken.push(failure.clone());
        } else {
            shown.tests.insert(failure.nodeid.clone(), Shape::told(None, Some(failure.clone())));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report;
    use crate::validation::Verdict;

    fn verdict(log: &str) -> Verdict {
        let failure = Failure { nodeid: "t.py::test_a".into(), phase: Phase::Call, ..Failure::default() };
        judge(&Snapshot::in_memory([]), &[], &[&failure], (&[], &report::parse(log.as_bytes())), Duration::ZERO).verdict
    }

    #[test]
    fn a_log_that_names_the_test_as_passed_proves_it() {
        let log = "t.py::test_a PASSED [100%]\n\n====== 1 passed in 0.01s ======\n";
        assert_eq!(verdict(log), Verdict::Passes { runs: 1 });
    }

    #[test]
    fn a_test_that_does_not_run_any_more_is_not_healed() {
        let log = "t.py::test_b PASSED [100%]\n\n====== 1 passed in 0.01s ======\n";
        assert!(matches!(verdict(log), Verdict::ChecksLess { .. }));
        assert!(matches!(
            verdict("t.py::test_a SKIPPED\n====== 1 skipped in 0.01s ======\n"),
            Verdict::ChecksLess { .. }
        ));
        assert!(matches!(verdict("done\n"), Verdict::NotRun { .. }));
    }

    #[test]
    fn a_file_that_is_collected_again_may_have_tests_that_skip_themselves() {
        let of_file = |log: &str| {
            let failure = Failure { nodeid: "t.py".into(), phase: Phase::Collection, ..Failure::default() };
            judge(&Snapshot::in_memory([]), &[], &[&failure], (&[], &report::parse(log.as_bytes())), Duration::ZERO)
                .verdict
        };
        let log = "t.py::test_a PASSED\nt.py::test_b SKIPPED\n====== 1 passed, 1 skipped in 0.01s ======\n";
        assert_eq!(of_file(log), Verdict::Passes { runs: 1 });
        let skipped = "t.py::test_b SKIPPED\n====== 1 skipped in 0.01s ======\n";
        assert!(matches!(of_file(skipped), Verdict::ChecksLess { .. }));
    }

    #[test]
    fn a_conftest_is_healed_when_the_tests_below_it_run() {
        let failure = Failure { nodeid: "a/conftest.py".into(), phase: Phase::Conftest, ..Failure::default() };
        assert_eq!(tests(&Snapshot::in_memory([]), &[], &[&failure]), ["a"]);
        let verdict = |log: &str| {
            judge(&Snapshot::in_memory([]), &[], &[&failure], (&[], &report::parse(log.as_bytes())), Duration::ZERO)
                .verdict
        };
        assert_eq!(verdict("a/t.py::test_a PASSED\n====== 1 passed in 0.01s ======\n"), Verdict::Passes { runs: 1 });
        let elsewhere = verdict("b/t.py::test_a PASSED\n====== 1 passed in 0.01s ======\n");
        assert!(matches!(elsewhere, Verdict::ChecksLess { .. }));
    }
}
