//! One run, told twice: what its log shows and what our plugin saw become one report.

use std::path::{Path, PathBuf};

use crate::report::{Failure, Report, Run};

/// Makes one report of both. `began` is the folder in which pytest was started, `is_one_run` whether all that the log
/// shows is the run that the plugin saw.
pub(super) fn agree(report: &mut Report, seen: Report, began: &Path, is_one_run: bool) {
    let is_whole = seen.runs.iter().any(|run| run.complete);
    if is_whole && shows_nothing(report) {
        take(report, &seen);
    }
    enrich(report, &seen);
    if is_whole && is_one_run {
        drop_unknown(report, &seen);
    }
    let rootdir = report.runs.iter().chain(&seen.runs).find_map(|run| run.rootdir.clone());
    name_by_place(report, began, rootdir.as_deref().map_or(began, Path::new));
}

/// Whether the log is no log of pytest: `-p no:terminal` prints none.
fn shows_nothing(report: &Report) -> bool {
    report.failures.is_empty() && report.outcomes.is_empty() && !report.runs.iter().any(|run| run.complete)
}

fn take(report: &mut Report, seen: &Report) {
    let source = report.runs.iter().find_map(|run| run.source.clone());
    report.runs = seen.runs.iter().map(|run| Run { source: source.clone(), ..run.clone() }).collect();
    report.failures.clone_from(&seen.failures);
    report.warnings.extend(seen.warnings.iter().cloned());
}

/// A failure that the plugin did not see is one that a test printed (`pytest -s`). Where it saw one that the log tells
/// otherwise, none is left out: they may be the same.
fn drop_unknown(report: &mut Report, seen: &Report) {
    let is_in = |all: &[Failure], nodeid: &str| all.iter().any(|failure| failure.nodeid == nodeid);
    if seen.failures.iter().all(|failure| is_in(&report.failures, &failure.nodeid)) {
        report.failures.retain(|failure| is_in(&seen.failures, &failure.nodeid));
    }
}

/// pytest knows one rootdir. What it runs outside of it (two packages with settings of their own) it calls by its path
/// below the argument, and so as if it lay in rootdir: `packages/a/test_mail.py` for that of `packages/b`.
fn name_by_place(report: &mut Report, began: &Path, rootdir: &Path) {
    for index in 0..report.failures.len() {
        let failure = &report.failures[index];
        let called = file(&failure.nodeid).to_string();
        let Some(place) = misnamed(failure, &called, began, rootdir) else { continue };
        let right = |nodeid: &str| format!("{place}{}", &nodeid[called.len()..]);
        // What is not there has no tests of its own.
        let is_nowhere = !began.join(&called).is_file();
        let nodeid = failure.nodeid.clone();
        for outcome in &mut report.outcomes {
            if outcome.nodeid == nodeid || is_nowhere && file(&outcome.nodeid) == called {
                outcome.nodeid = right(&outcome.nodeid);
                if !is_nowhere {
                    break;
                }
            }
        }
        report.failures[index].nodeid = right(&nodeid);
    }
}

/// Where the file that a failure is said to be in really is, from `began`.
fn misnamed(failure: &Failure, called: &str, began: &Path, rootdir: &Path) -> Option<String> {
    let below = began.join(called).strip_prefix(rootdir).ok()?.to_path_buf();
    let frames = failure.frames.iter().map(|frame| frame.path.as_str());
    let places: Vec<PathBuf> =
        failure.path.as_deref().into_iter().chain(frames).map(|place| normal(&began.join(place))).collect();
    if below.as_os_str().is_empty() || places.contains(&began.join(called)) {
        return None;
    }
    let place = places.iter().find(|place| !place.starts_with(rootdir) && place.ends_with(&below))?;
    Some(place.strip_prefix(began).ok()?.to_string_lossy().replace('\\', "/"))
}

/// The file of a node id.
fn file(nodeid: &str) -> &str {
    nodeid.split("::").next().unwrap_or(nodeid)
}

/// Without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

/// Adds what the plugin saw to what the log shows: values seen at run time, hints, outcomes of tests that the
/// log counts only, and whatever its style left out.
fn enrich(report: &mut Report, seen: &Report) {
    for failure in &mut report.failures {
        let same = |event: &&Failure| event.nodeid == failure.nodeid && event.phase == failure.phase;
        // The subtests of a test share its id: the one that failed with these words.
        let mut events = seen.failures.iter().filter(same);
        let first = events.next();
        let worded = |event: &&Failure| event.message == failure.message;
        let event = match events.next() {
            Some(second) => first.into_iter().chain([second]).chain(events).find(worded),
            None => first,
        };
        let Some(event) = event else { continue };
        failure.runtime = event.runtime.clone();
        let Failure { hint, path, line, exc_type, message, introspection, available_fixtures, frames, .. } = event;
        fill(&mut failure.hint, hint);
        if failure.line.is_none() {
            (failure.path, failure.line) = (path.clone(), *line);
        }
        fill(&mut failure.exc_type, exc_type);
        fill(&mut failure.message, message);
        fill(&mut failure.introspection, introspection);
        if failure.available_fixtures.is_empty() {
            failure.available_fixtures.clone_from(available_fixtures);
        }
        if failure.frames.is_empty() {
            failure.frames.clone_from(frames);
        }
    }
    if report.outcomes.len() < seen.outcomes.len() {
        report.outcomes.clone_from(&seen.outcomes);
    }
}

fn fill<T: Clone>(known: &mut Option<T>, seen: &Option<T>) {
    if known.is_none() {
        known.clone_from(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Outcome, RuntimeEvidence, TestOutcome};

    fn failure(nodeid: &str, path: &str) -> Failure {
        Failure { nodeid: nodeid.to_string(), path: Some(path.to_string()), ..Failure::default() }
    }

    fn report(failures: &[(&str, &str)]) -> Report {
        let failures = failures.iter().map(|(nodeid, path)| failure(nodeid, path)).collect();
        Report { failures, runs: vec![Run { complete: true, ..Run::default() }], ..Report::default() }
    }

    fn nodeids(report: &Report) -> Vec<&str> {
        report.failures.iter().map(|failure| failure.nodeid.as_str()).collect()
    }

    #[test]
    fn a_failure_that_a_test_printed_is_none() {
        let log = report(&[("a.py::test_real", "a.py"), ("b.py::test_printed", "b.py")]);
        let told = |seen: &[(&str, &str)], is_one_run: bool| {
            let mut log = log.clone();
            agree(&mut log, report(seen), Path::new("/p"), is_one_run);
            nodeids(&log).join(" ")
        };
        assert_eq!(told(&[("a.py::test_real", "a.py")], true), "a.py::test_real");
        assert_eq!(told(&[], true), "");
        assert_eq!(told(&[("a.py::test_real", "a.py")], false), "a.py::test_real b.py::test_printed");
        // One of them may be the one that was seen.
        assert_eq!(told(&[("a.py::test_real[é]", "a.py")], true), "a.py::test_real b.py::test_printed");
        let mut torn = log.clone();
        agree(&mut torn, Report::default(), Path::new("/p"), true);
        assert_eq!(torn.failures.len(), 2);
    }

    #[test]
    fn each_subtest_has_the_values_of_its_own() {
        let told = |message: &str, right: Option<&str>| Failure {
            message: Some(message.to_string()),
            runtime: right.map(|right| {
                Box::new(RuntimeEvidence { right: Some(right.to_string()), ..RuntimeEvidence::default() })
            }),
            ..failure("a.py::test_price", "a.py")
        };
        let mut log = report(&[]);
        log.failures = vec![told("6 != 2", None), told("4 != 3", None), told("7 != 8", None)];
        let mut seen = report(&[]);
        seen.failures = vec![told("4 != 3", Some("3")), told("6 != 2", Some("2"))];
        enrich(&mut log, &seen);
        let rights = log.failures.iter().map(|failure| failure.runtime.as_ref()?.right.as_deref());
        assert_eq!(rights.collect::<Vec<_>>(), [Some("2"), Some("3"), None]);
    }

    #[test]
    fn a_run_that_prints_nothing_is_what_was_seen() {
        let mut log = Report::default();
        agree(&mut log, report(&[("a.py::test_real", "a.py")]), Path::new("/p"), true);
        assert_eq!((nodeids(&log), log.runs.len()), (vec!["a.py::test_real"], 1));
    }

    #[test]
    fn a_file_outside_of_rootdir_is_called_by_its_place() {
        let mut log = report(&[
            ("packages/a/test_mail.py::test_mail", "packages/b/test_mail.py"),
            ("packages/a/test_own.py::test_own", "packages/a/test_own.py"),
            ("packages/a/test_news.py", "/p/packages/b/test_news.py"),
            ("packages/a/test_base.py::TestA::test_it", "packages/b/other.py"),
        ]);
        log.runs[0].rootdir = Some("/p/packages/a".to_string());
        let outcome =
            |nodeid: &str| TestOutcome { nodeid: nodeid.to_string(), outcome: Outcome::Failed, duration: None };
        log.outcomes = vec![outcome("packages/a/test_mail.py::test_mail"), outcome("packages/a/test_own.py::test_own")];
        agree(&mut log, Report::default(), Path::new("/p"), true);
        let named = [
            "packages/b/test_mail.py::test_mail",
            "packages/a/test_own.py::test_own",
            "packages/b/test_news.py",
            "packages/a/test_base.py::TestA::test_it",
        ];
        assert_eq!(nodeids(&log), named);
        assert_eq!(log.outcomes[0].nodeid, named[0]);
    }
}
