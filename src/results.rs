//! The result store: the latest outcome of every test that any run named, whatever the run was read from.
//!
//! Runs are absorbed as often as their log grows: absorbing the same run again changes nothing. What a
//! run does not speak of keeps its outcome, so one rerun keeps the other results.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::report::{Failure, Outcome, Phase, Report, TestOutcome};

/// The latest outcome of every test, by node id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    tests: BTreeMap<String, TestResult>,
}

/// How one test ended when it last ran.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// Its outcome.
    pub outcome: Outcome,
    /// Seconds.
    pub duration: Option<f64>,
    /// Its failed phases, in the order they happened.
    pub failures: Vec<Arc<Failure>>,
    /// The code as it was when the test failed, one entry per failure that was found in the text.
    pub prints: Vec<Option<Prints>>,
    /// How its last runs ended, oldest first.
    pub recent: Vec<Outcome>,
    /// The run that says so.
    pub run: RunId,
    /// The test's function as it was when it ran, as a fingerprint; `None` until somebody looked.
    pub code: Option<u64>,
    /// Whether the function was edited since, so that the outcome is one of the past.
    pub edited: bool,
    /// Whether a person has put its failure aside.
    pub dismissed: Option<Dismissal>,
}

/// A failure that a person has put aside, with the reason. Another failure of the same test shows again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// Exception and message, as a fingerprint.
    pub failure: u64,
    /// Why, in the person's words.
    pub reason: String,
}

/// The code that failed, as fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prints {
    /// Of the failing statement.
    pub statement: u64,
}

/// One run, told from every other: the same run read again has the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// How many outcomes of a test are remembered.
const REMEMBERED: usize = 10;

impl Results {
    /// Takes a run in. Tests that it does not name keep their results.
    pub fn absorb(&mut self, report: &Report, run: RunId) {
        for TestOutcome { nodeid, outcome, duration } in &report.outcomes {
            self.set(nodeid, *outcome, *duration, run);
        }
        let mut by_test: BTreeMap<&str, Vec<&Failure>> = BTreeMap::new();
        for failure in &report.failures {
            by_test.entry(&failure.nodeid).or_default().push(failure);
        }
        for (nodeid, failures) in by_test {
            self.fail(nodeid, &failures, run);
        }
    }

    /// The failures of one test. Those that are known from an earlier look at the same run stay as they are.
    fn fail(&mut self, nodeid: &str, failures: &[&Failure], run: RunId) {
        let outcome = match failures[0].phase {
            Phase::Call => Outcome::Failed,
            _ => Outcome::Error,
        };
        let told = self.tests.get(nodeid).filter(|test| test.run == run).map(|test| test.outcome);
        let outcome = told.filter(|told| matches!(told, Outcome::Failed | Outcome::Error)).unwrap_or(outcome);
        let test = self.set(nodeid, outcome, None, run);
        let (known, prints) = (std::mem::take(&mut test.failures), std::mem::take(&mut test.prints));
        for failure in failures {
            let same = known.iter().position(|known| **known == **failure);
            test.failures.push(same.map_or_else(|| Arc::new(Failure::clone(failure)), |at| known[at].clone()));
            test.prints.push(same.and_then(|at| prints[at]));
        }
    }

    /// A run of `selected` tests (all where it is empty) has come to its end: those of them that failed
    /// before and did not fail in it have passed, though it printed only dots.
    pub fn passed_unless_failed(&mut self, selected: &[String], run: RunId) {
        let chosen = |nodeid: &str| {
            selected.is_empty()
                || selected.iter().any(|test| {
                    nodeid
                        .strip_prefix(test.trim_end_matches('/'))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with(['[', '/']))
                })
        };
        let old = self.tests.iter().filter(|(nodeid, test)| {
            test.run != run && matches!(test.outcome, Outcome::Failed | Outcome::Error) && chosen(nodeid)
        });
        let passed: Vec<String> = old.map(|(nodeid, _)| nodeid.clone()).collect();
        for nodeid in &passed {
            self.set(nodeid, Outcome::Passed, None, run);
        }
    }

    fn set(&mut self, nodeid: &str, outcome: Outcome, duration: Option<f64>, run: RunId) -> &mut TestResult {
        let test = self.tests.entry(nodeid.to_string()).or_insert_with(|| TestResult {
            outcome,
            duration,
            failures: Vec::new(),
            prints: Vec::new(),
            recent: Vec::new(),
            run: RunId(0),
            code: None,
            edited: false,
            dismissed: None,
        });
        if test.run == run {
            test.recent.pop();
        } else {
            test.failures.clear();
            test.prints.clear();
            (test.code, test.edited) = (None, false);
        }
        test.recent.push(outcome);
        if test.recent.len() > REMEMBERED {
            test.recent.remove(0);
        }
        (test.outcome, test.run) = (outcome, run);
        test.duration = duration.or(test.duration);
        test
    }

    /// Remembers how the code looked for the failure at `index` of a test.
    pub fn remember(&mut self, nodeid: &str, index: usize, prints: Prints) {
        if let Some(slot) = self.tests.get_mut(nodeid).and_then(|test| test.prints.get_mut(index)) {
            slot.get_or_insert(prints);
        }
    }

    /// Keeps the code of the tests in a file that have just run: `code` gives the fingerprint of a test's function.
    pub fn ran_with(&mut self, file: &str, code: impl Fn(&str) -> u64) {
        for (function, test) in in_file(&mut self.tests, file) {
            test.code.get_or_insert_with(|| code(function));
        }
    }

    /// Compares the tests in a file with their code now. Says whether one was edited, or is as it was again.
    pub fn stand_as(&mut self, file: &str, code: impl Fn(&str) -> u64) -> bool {
        let mut changed = false;
        for (function, test) in in_file(&mut self.tests, file) {
            let edited = test.code.is_some_and(|then| then != code(function));
            changed |= edited != test.edited;
            test.edited = edited;
        }
        changed
    }

    /// A file or a folder has another name now: the results of its tests follow.
    pub fn renamed(&mut self, from: &str, to: &str) {
        let within = |name: &str| {
            let rest = name.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with("::") || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        };
        let moved: Vec<String> = self.tests.keys().filter(|nodeid| within(nodeid).is_some()).cloned().collect();
        for nodeid in &moved {
            let (Some(mut test), Some(renamed)) = (self.tests.remove(nodeid), within(nodeid)) else { continue };
            for failure in &mut test.failures {
                let failure = Arc::make_mut(failure);
                failure.nodeid.clone_from(&renamed);
                let frames = failure.frames.iter_mut().map(|frame| &mut frame.path);
                for path in failure.path.iter_mut().chain(frames) {
                    *path = within(path).unwrap_or_else(|| std::mem::take(path));
                }
            }
            self.tests.insert(renamed, test);
        }
    }

    /// Puts the failure of a test aside, with the reason. `false` where there is none.
    pub fn dismiss(&mut self, nodeid: &str, reason: &str) -> bool {
        let Some(test) = self.tests.get_mut(nodeid) else { return false };
        let Some(failure) = test.failures.first() else { return false };
        test.dismissed = Some(Dismissal { failure: kind_of(failure), reason: reason.to_string() });
        true
    }

    /// Whether a person has put this failure aside.
    pub fn is_dismissed(&self, failure: &Failure) -> bool {
        let dismissed = self.tests.get(&failure.nodeid).and_then(|test| test.dismissed.as_ref());
        dismissed.is_some_and(|dismissed| dismissed.failure == kind_of(failure))
    }

    /// The results of all cases of a test, or of all tests in a class or file: `prefix` is their node id
    /// without parameters.
    pub fn below<'r>(&'r self, prefix: &'r str) -> impl Iterator<Item = (&'r str, &'r TestResult)> {
        let from = self.tests.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(nodeid, _)| nodeid.starts_with(prefix))
            .filter(move |(nodeid, _)| {
                let rest = &nodeid[prefix.len()..];
                rest.is_empty() || rest.starts_with("::") || rest.starts_with('[')
            })
            .map(|(nodeid, test)| (nodeid.as_str(), test))
    }

    /// The results in a form that can be kept.
    pub fn to_json(&self) -> serde_json::Value {
        let stored = self.tests.iter().map(|(nodeid, test)| Stored {
            nodeid: nodeid.clone(),
            outcome: test.outcome,
            duration: test.duration,
            failures: test.failures.iter().map(|failure| Failure::clone(failure)).collect(),
            prints: test.prints.clone(),
            recent: test.recent.clone(),
            run: test.run,
            code: test.code,
            edited: test.edited,
            dismissed: test.dismissed.clone(),
        });
        serde_json::to_value(stored.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Results that were kept. What cannot be understood (another version wrote it) is left out.
    pub fn from_json(value: serde_json::Value) -> Self {
        let serde_json::Value::Array(stored) = value else { return Self::default() };
        let tests = stored.into_iter().filter_map(|test| serde_json::from_value::<Stored>(test).ok());
        let test = |stored: Stored| {
            let failures: Vec<Arc<Failure>> = stored.failures.into_iter().map(Arc::new).collect();
            let mut prints = stored.prints;
            prints.resize(failures.len(), None);
            let (outcome, duration, recent) = (stored.outcome, stored.duration, stored.recent);
            let (run, code, edited, dismissed) = (stored.run, stored.code, stored.edited, stored.dismissed);
            (stored.nodeid, TestResult { outcome, duration, failures, prints, recent, run, code, edited, dismissed })
        };
        Self { tests: tests.map(test).collect() }
    }

    /// One test.
    pub fn get(&self, nodeid: &str) -> Option<&TestResult> {
        self.tests.get(nodeid)
    }

    /// Every test by its node id, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TestResult)> {
        self.tests.iter().map(|(nodeid, test)| (nodeid.as_str(), test))
    }

    /// The failures that stand, in node id order.
    pub fn failures(&self) -> impl Iterator<Item = &Arc<Failure>> {
        self.tests.values().flat_map(|test| &test.failures)
    }

    /// All of it as one report.
    pub fn report(&self) -> Report {
        let outcomes = self.tests.iter().map(|(nodeid, test)| TestOutcome {
            nodeid: nodeid.clone(),
            outcome: test.outcome,
            duration: test.duration,
        });
        Report {
            failures: self.failures().map(|failure| Failure::clone(failure)).collect(),
            outcomes: outcomes.collect(),
            ..Report::default()
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    nodeid: String,
    outcome: Outcome,
    duration: Option<f64>,
    failures: Vec<Failure>,
    prints: Vec<Option<Prints>>,
    recent: Vec<Outcome>,
    run: RunId,
    #[serde(default)]
    code: Option<u64>,
    #[serde(default)]
    edited: bool,
    dismissed: Option<Dismissal>,
}

/// The results of a file's tests, each with the node id of its function: without parameters.
fn in_file<'r>(
    tests: &'r mut BTreeMap<String, TestResult>,
    file: &'r str,
) -> impl Iterator<Item = (&'r str, &'r mut TestResult)> {
    let from = tests.range_mut::<str, _>((Bound::Included(file), Bound::Unbounded));
    from.take_while(move |(nodeid, _)| nodeid.starts_with(file))
        .filter(move |(nodeid, _)| nodeid[file.len()..].starts_with("::"))
        .map(|(nodeid, test)| (nodeid.split('[').next().unwrap_or(nodeid), test))
}

fn kind_of(failure: &Failure) -> u64 {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    fingerprint(&format!("{}\n{}", part(&failure.exc_type), part(&failure.message)))
}

/// A fingerprint of code that survives new indentation and line ends (64-bit FNV-1a of its trimmed lines).
pub fn fingerprint(code: &str) -> u64 {
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .flat_map(|line| line.bytes().chain([b'\n']))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(lines: &[&str]) -> Report {
        let mut report = Report::default();
        for line in lines {
            let (nodeid, outcome) = line.split_once(' ').unwrap();
            let outcome = if outcome == "PASSED" { Outcome::Passed } else { Outcome::Failed };
            report.outcomes.push(TestOutcome { nodeid: nodeid.to_string(), outcome, duration: None });
            if outcome == Outcome::Failed {
                report.failures.push(Failure { nodeid: nodeid.to_string(), ..Failure::default() });
            }
        }
        report
    }

    fn check(runs: &[(u64, &[&str])], expected: &[&str]) {
        let mut results = Results::default();
        for (id, lines) in runs {
            results.absorb(&run(lines), RunId(*id));
        }
        let seen: Vec<String> = results
            .iter()
            .map(|(nodeid, test)| {
                format!("{nodeid} {:?} x{} of {}", test.outcome, test.failures.len(), test.recent.len())
            })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn one_rerun_keeps_the_other_results() {
        check(
            &[(1, &["a FAILED", "b FAILED", "c PASSED"]), (2, &["a PASSED"])],
            &["a Passed x0 of 2", "b Failed x1 of 1", "c Passed x0 of 1"],
        );
    }

    #[test]
    fn a_run_read_again_while_it_grows_counts_once() {
        check(
            &[(1, &["a FAILED"]), (1, &["a FAILED", "b PASSED"]), (1, &["a FAILED", "b PASSED"])],
            &["a Failed x1 of 1", "b Passed x0 of 1"],
        );
    }

    #[test]
    fn a_failure_without_an_outcome_line_is_a_failed_test() {
        let mut report = run(&["a FAILED"]);
        report.outcomes.clear();
        let mut results = Results::default();
        results.absorb(&report, RunId(1));
        results.absorb(&report, RunId(1));
        assert_eq!(results.get("a").unwrap().failures.len(), 1);
    }

    #[test]
    fn what_was_run_and_did_not_fail_has_passed() {
        let mut results = Results::default();
        results.absorb(&run(&["t/a.py::x FAILED", "t/a.py::y[1] FAILED", "t/ab.py::x FAILED"]), RunId(1));
        results.absorb(&run(&["t/a.py::x FAILED"]), RunId(2));
        results.passed_unless_failed(&["t/a.py".to_string()], RunId(2));
        let failed: Vec<_> = results.failures().map(|failure| failure.nodeid.as_str()).collect();
        assert_eq!(failed, ["t/a.py::x", "t/ab.py::x"]);
    }

    #[test]
    fn kept_results_come_back_as_they_were() {
        let mut results = Results::default();
        results.absorb(&run(&["a FAILED", "b[1] PASSED"]), RunId(1));
        results.remember("a", 0, Prints { statement: 7 });
        assert!(results.dismiss("a", "known"));
        assert_eq!(Results::from_json(results.to_json()), results);
        assert_eq!(Results::from_json(serde_json::json!([{"nodeid": 1}, "x"])), Results::default());
    }

    #[test]
    fn results_follow_a_renamed_file_and_a_renamed_folder() {
        let mut results = Results::default();
        let mut report = run(&["t/a.py::x FAILED", "t/a.pyx::x PASSED"]);
        report.failures[0].path = Some("t/a.py".to_string());
        results.absorb(&report, RunId(1));
        results.renamed("t/a.py", "t/b.py");
        results.renamed("t", "tests");
        let ids: Vec<_> = results.iter().map(|(nodeid, _)| nodeid).collect();
        assert_eq!(ids, ["tests/a.pyx::x", "tests/b.py::x"]);
        let failure = results.failures().next().unwrap();
        assert_eq!((failure.nodeid.as_str(), failure.path.as_deref()), ("tests/b.py::x", Some("tests/b.py")));
    }

    #[test]
    fn a_dismissed_failure_shows_again_when_it_is_another_one() {
        let mut results = Results::default();
        results.absorb(&run(&["a FAILED"]), RunId(1));
        results.dismiss("a", "known");
        let same = Failure { nodeid: "a".to_string(), ..Failure::default() };
        let other = Failure { exc_type: Some("KeyError".to_string()), ..same.clone() };
        assert!(results.is_dismissed(&same));
        assert!(!results.is_dismissed(&other));
    }

    #[test]
    fn an_outcome_is_of_the_past_once_its_code_was_edited_until_an_undo_or_the_next_run() {
        let mut results = Results::default();
        results.absorb(&run(&["t.py::a PASSED", "t.py::b[x::y] PASSED", "t.pyi::a PASSED"]), RunId(1));
        let edited = |results: &Results| -> Vec<String> {
            results.iter().filter(|(_, test)| test.edited).map(|(nodeid, _)| nodeid.to_string()).collect()
        };
        let before = |function: &str| if function == "t.py::a" { 1 } else { 2 };
        let after = |function: &str| if function == "t.py::b" { 9 } else { 1 };
        results.ran_with("t.py", before);
        results.ran_with("t.py", after);
        assert!(!results.stand_as("t.py", before));
        assert!(results.stand_as("t.py", after));
        assert_eq!(edited(&results), ["t.py::b[x::y]"]);
        assert!(results.stand_as("t.py", before));
        assert!(results.stand_as("t.py", after));
        results.absorb(&run(&["t.py::b[x::y] PASSED"]), RunId(2));
        assert_eq!(edited(&results), [""; 0]);
    }

    #[test]
    fn results_below_a_file_a_class_and_a_test_with_cases() {
        let mut results = Results::default();
        results.absorb(
            &run(&["t.py::A::x PASSED", "t.py::A::x[1] PASSED", "t.py::Ab FAILED", "t.pyx::a PASSED"]),
            RunId(1),
        );
        let below = |prefix| results.below(prefix).count();
        assert_eq!([below("t.py"), below("t.py::A"), below("t.py::A::x"), below("t.py::Ab")], [3, 2, 2, 1]);
    }

    #[test]
    fn a_fingerprint_ignores_indentation_only() {
        assert_eq!(fingerprint("assert (\n    a)"), fingerprint("    assert (\r\n  a)\n"));
        assert_ne!(fingerprint("assert a"), fingerprint("assert b"));
    }
}
