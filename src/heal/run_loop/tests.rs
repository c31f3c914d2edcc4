//! The brakes of the loop, with runs that are played back.

use std::collections::BTreeMap;

use super::*;
use crate::report;
use crate::workspace::history::History;

const SHOP: &str = "class Cart:\n    def total(self):\n        return 0\n";
const TEST: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totals() == 0\n";
const HEALED: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().total() == 0\n";
const FAILS: &str = "\
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().totals() == 0
E       AttributeError: 'Cart' object has no attribute 'totals'

tests/test_cart.py:5: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no attribute 'totals'
============================== 1 failed in 0.01s ===============================
";
const PASSES: &str = "============================== 1 passed in 0.01s ===============================\n";
const BREAKS_ANOTHER: &str = "\
=================================== FAILURES ===================================
__________________________________ test_other __________________________________

    def test_other():
>       assert 1 == 2
E       assert 1 == 2

tests/test_cart.py:9: AssertionError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_other - assert 1 == 2
========================= 1 failed, 1 passed in 0.01s ==========================
";

/// A project in memory whose runs are played back; the last one again and again.
#[derive(Default)]
struct Played {
    files: BTreeMap<FilePath, String>,
    logs: Vec<&'static str>,
    runs: usize,
    cancel_in_run: Option<usize>,
    /// What somebody writes into the test file during a run: what for what.
    types_in_run: Option<(usize, &'static str, &'static str)>,
    /// The same while a fix is tried.
    types_in_trial: Option<(&'static str, &'static str)>,
    /// A file that no fix may be written to, as is known beforehand or not.
    refuses: Option<&'static str>,
    fails: Option<&'static str>,
    /// What is answered where a fix was seen to pass: then all are.
    dependence: Option<Dependence>,
}

impl Played {
    fn new(logs: &[&'static str]) -> Self {
        let files = [("shop.py", SHOP), ("tests/test_cart.py", TEST)];
        let files = files.into_iter().map(|(path, text)| (FilePath::new(path), text.to_string()));
        Self { files: files.collect(), logs: logs.to_vec(), ..Self::default() }
    }

    fn heal(&mut self) -> Summary {
        self.heal_up_to(Tier::Safe)
    }

    fn heal_up_to(&mut self, accept: Tier) -> Summary {
        let limits = Limits { max_iterations: 3, confidence: 0.5, accept };
        run(self, &[], None, &limits).unwrap()
    }

    fn type_in_test(&mut self, old: &str, new: &str) {
        let test = self.files.get_mut(&FilePath::new("tests/test_cart.py")).unwrap();
        *test = test.replace(old, new);
    }

    fn test(&self) -> &str {
        &self.files[&FilePath::new("tests/test_cart.py")]
    }
}

impl Bench for Played {
    type Error = String;

    fn run(&mut self, _: &[String]) -> Result<Report, Self::Error> {
        let log = self.logs[self.runs.min(self.logs.len() - 1)];
        self.runs += 1;
        if let Some((_, old, new)) = self.types_in_run.filter(|(run, ..)| *run == self.runs) {
            self.type_in_test(old, new);
        }
        Ok(report::parse(log.as_bytes()))
    }

    fn snapshot(&mut self) -> Snapshot {
        let snapshot = Snapshot::in_memory(self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let before = SHOP.replace("total", "totals");
        let history = History::of_one_commit([(FilePath::new("shop.py"), Arc::from(before))], &snapshot);
        if self.dependence.is_some() { snapshot.with_history(history) } else { snapshot }
    }

    fn place(&self, path: &FilePath) -> Result<PathBuf, String> {
        match self.refuses {
            Some(refused) if path.as_str() == refused => Err(format!("{path} is a link")),
            _ => Ok(PathBuf::from(path.as_str())),
        }
    }

    fn validate(&mut self, _: &Snapshot, _: &[Edit], _: &[&Failure]) -> Rerun {
        if let Some((old, new)) = self.types_in_trial.take() {
            self.type_in_test(old, new);
        }
        match self.dependence {
            Some(_) => Rerun { verdict: validation::Verdict::Passes { runs: 3 }, ..Rerun::not_run("") },
            None => Rerun::not_run("not asked for"),
        }
    }

    fn follows(&mut self, _: &Snapshot, _: &[Edit], failures: &[&Failure], _: &str) -> Vec<Dependence> {
        failures.iter().filter_map(|_| self.dependence.clone()).collect()
    }

    fn write(&mut self, path: &FilePath, text: &str) -> Result<(), Self::Error> {
        if self.fails == Some(path.as_str()) {
            return Err(format!("{path}: the disk is full"));
        }
        self.files.insert(path.clone(), text.to_string());
        Ok(())
    }

    fn is_cancelled(&self) -> bool {
        self.cancel_in_run.is_some_and(|run| self.runs >= run)
    }
}

#[test]
fn a_fix_that_a_run_proves_stays() {
    let mut bench = Played::new(&[FAILS, PASSES]);
    let summary = bench.heal();
    assert_eq!((summary.stop, summary.runs, bench.test()), (Stop::AllPass, 2, HEALED));
    assert_eq!(summary.applied.len(), 1);
}

#[test]
fn a_fix_that_does_not_help_is_taken_back_and_not_tried_again() {
    let mut bench = Played::new(&[FAILS]);
    let summary = bench.heal();
    assert_eq!(bench.test(), TEST);
    assert!(matches!(summary.stop, Stop::SameFailures | Stop::NothingToOffer), "{:?}", summary.stop);
    assert_eq!((summary.applied.len(), summary.runs), (0, 2));
    let why = &summary.taken_back[0].1;
    assert!(why.starts_with("tests/test_cart.py::test_total still fails with AttributeError"), "{why}");
}

#[test]
fn a_fix_that_breaks_another_test_is_taken_back() {
    let mut bench = Played::new(&[FAILS, BREAKS_ANOTHER]);
    let summary = bench.heal();
    assert_eq!((bench.test(), summary.applied.len()), (TEST, 0));
    let why = &summary.taken_back[0].1;
    assert_eq!(why, "it made tests/test_cart.py::test_other fail with AssertionError: assert 1 == 2");
    assert_eq!(told(&summary), ["tests/test_cart.py::test_total AttributeError"]);
}

/// What is said to fail in the end.
fn told(summary: &Summary) -> Vec<String> {
    let failures = summary.remaining.iter().map(|healing| &healing.diagnosis.failure);
    failures.map(|failure| format!("{} {}", failure.nodeid, failure.exc_type.as_deref().unwrap_or_default())).collect()
}

#[test]
fn a_fix_that_no_run_has_proven_is_taken_back() {
    let mut bench = Played::new(&[FAILS, PASSES]);
    bench.cancel_in_run = Some(2);
    let summary = bench.heal();
    assert_eq!((summary.stop, bench.test()), (Stop::Cancelled, TEST));
    let mut bench = Played::new(&[FAILS, "tests/test_cart.py "]);
    let summary = bench.heal();
    assert!(matches!(summary.stop, Stop::RunStopped(_)), "{:?}", summary.stop);
    assert_eq!(bench.test(), TEST);
}

#[test]
fn a_finished_run_is_healed_only_where_it_was_asked_for() {
    let report = only(report::parse(FAILS.as_bytes()), &["tests/test_other.py".to_string()]);
    assert!(report.failures.is_empty());
    for test in ["tests", "./tests/test_cart.py", "tests/test_cart.py::test_total", "."] {
        assert_eq!(only(report::parse(FAILS.as_bytes()), &[test.to_string()]).failures.len(), 1, "{test}");
    }
}

#[test]
fn a_possibly_vacuous_heal_is_a_persons_to_accept() {
    let mut bench = Played::new(&[FAILS, PASSES]);
    bench.dependence = Some(Dependence::PossiblyVacuous);
    let summary = bench.heal();
    assert_eq!((summary.stop, bench.test()), (Stop::NothingToOffer, TEST));
    let refused = &summary.remaining[0].refused[0];
    assert_eq!(refused.promise, "follows-the-change");
    assert!(refused.reason.starts_with(vacuous::NOTE), "{}", refused.reason);
    assert!(summary.remaining[0].fixes.is_empty());
    bench.runs = 0;
    let summary = bench.heal_up_to(Tier::Review);
    assert_eq!((summary.stop, bench.test()), (Stop::AllPass, HEALED));
    assert_eq!(summary.applied[0].dependence, Dependence::PossiblyVacuous);
}

#[test]
fn a_heal_that_follows_the_change_stays() {
    let mut bench = Played::new(&[FAILS, PASSES]);
    bench.dependence = Some(Dependence::Follows);
    let summary = bench.heal();
    assert_eq!((summary.stop, bench.test()), (Stop::AllPass, HEALED));
    assert_eq!(summary.applied[0].validation, validation::Verdict::Passes { runs: 3 });
    assert_eq!(summary.applied[0].dependence, Dependence::Follows);
}

const MOVES_ON: &str = "\
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().total() == 0
E       ZeroDivisionError: division by zero

tests/test_cart.py:5: ZeroDivisionError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - ZeroDivisionError: division by zero
============================== 1 failed in 0.01s ===============================
";

#[test]
fn a_fix_after_which_the_test_still_fails_does_not_stay() {
    let mut bench = Played::new(&[FAILS, MOVES_ON]);
    let summary = bench.heal();
    assert_eq!((bench.test(), summary.applied.len()), (TEST, 0));
    assert_eq!(summary.taken_back[0].1, "its test still fails, if otherwise");
    assert_eq!(told(&summary), ["tests/test_cart.py::test_total AttributeError"]);
}

#[test]
fn a_fix_that_did_not_help_goes_from_below_a_later_one() {
    const TESTS: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totals() == 0\n\n\n\
                         def test_other():\n    assert Cart().totals() == 0\n    assert Cart().totol() == 0\n";
    let failure = |test: &str, line: usize, error: &str| {
        let (code, name) = (TESTS.lines().nth(line - 1).unwrap().trim(), error.split(':').next().unwrap());
        let block =
            format!("_____ {test} _____\n\n>       {code}\nE       {error}\n\ntests/test_cart.py:{line}: {name}\n");
        (block, format!("FAILED tests/test_cart.py::{test} - {error}\n"))
    };
    let log = |failures: &[(String, String)]| -> &'static str {
        let (blocks, lines): (Vec<_>, Vec<_>) = failures.iter().cloned().unzip();
        let (blocks, lines) = (blocks.concat(), lines.concat());
        format!(
            "===== FAILURES =====\n{blocks}===== short test summary info =====\n{lines}===== 1 failed in 0.01s =====\n"
        )
        .leak()
    };
    let lost = |name: &str| format!("AttributeError: 'Cart' object has no attribute '{name}'");
    let (first, divided) =
        (failure("test_total", 5, &lost("totals")), failure("test_total", 5, "ZeroDivisionError: division by zero"));
    let logs = [
        log(&[first.clone(), failure("test_other", 9, &lost("totals"))]),
        log(&[divided.clone(), failure("test_other", 10, &lost("totol"))]),
        log(&[divided]),
        log(std::slice::from_ref(&first)),
        log(&[first, failure("test_other", 10, "NameError: name 'x' is not defined")]),
    ];
    let healed = |logs: &[&'static str]| {
        let mut bench = Played::new(logs);
        bench.files.insert(FilePath::new("tests/test_cart.py"), TESTS.to_string());
        let summary = bench.heal();
        let counts = (summary.applied.len(), summary.taken_back.len());
        (bench.test().matches(".total()").count(), bench.test().contains(".totals()"), counts)
    };
    assert_eq!(healed(&logs[..4]), (2, true, (2, 1)));
    // What passed needs it: it stays.
    let needed = [logs[0], logs[1], logs[2], logs[4]];
    assert_eq!(healed(&needed), (3, false, (3, 0)));
}

const MINE: &str = "== 0\n\n\ndef test_mine():\n    assert True\n";

#[test]
fn what_somebody_wrote_meanwhile_stays_when_a_fix_is_taken_back() {
    let logs: [(&[&'static str], Option<usize>); 4] =
        [(&[FAILS], None), (&[FAILS, BREAKS_ANOTHER], None), (&[FAILS, MOVES_ON], None), (&[FAILS, PASSES], Some(2))];
    for (logs, cancel_in_run) in logs {
        let mut bench = Played::new(logs);
        (bench.cancel_in_run, bench.types_in_run) = (cancel_in_run, Some((2, "== 0\n", MINE)));
        let summary = bench.heal();
        assert_eq!(bench.test(), TEST.replace("== 0\n", MINE), "{logs:?}");
        assert_eq!((summary.applied.len(), summary.left), (0, vec![]));
    }
}

#[test]
fn a_file_whose_healed_line_somebody_changed_is_left_and_named() {
    let mut bench = Played::new(&[FAILS, BREAKS_ANOTHER]);
    bench.types_in_run = Some((2, "== 0", "== 1"));
    let summary = bench.heal();
    assert_eq!(bench.test(), HEALED.replace("== 0", "== 1"));
    let left = summary.left[0].to_string();
    let told = "tests/test_cart.py is left as it is: \"Rename `totals` to `total`\" was to be taken back, but the same";
    assert!(summary.left.len() == 1 && left.starts_with(told), "{left}");
}

/// A project with a second test like the first, and the log in which both fail.
fn with_another(logs: &[&'static str]) -> Played {
    let block = FAILS.split("=====\n").nth(1).unwrap().split("=====").next().unwrap();
    let line = FAILS.lines().find(|line| line.starts_with("FAILED")).unwrap();
    let (block, line) = (block.replace("test_cart", "test_aaa"), line.replace("test_cart", "test_aaa"));
    let both = FAILS.replacen("==\n", &format!("==\n{block}\n"), 1).replacen("FAILED", &format!("{line}\nFAILED"), 1);
    let mut bench = Played::new(&[&[&*both.leak()], logs].concat());
    bench.files.insert(FilePath::new("tests/test_aaa.py"), TEST.to_string());
    bench
}

#[test]
fn a_fix_whose_file_may_not_be_written_is_left_out_and_the_others_go_on() {
    let mut bench = with_another(&[FAILS]);
    bench.refuses = Some("tests/test_cart.py");
    let summary = bench.heal();
    assert_eq!((bench.test(), &*bench.files[&FilePath::new("tests/test_aaa.py")]), (TEST, HEALED));
    assert_eq!((summary.applied.len(), summary.stop), (1, Stop::NothingToOffer));
    let remaining = &summary.remaining[0];
    assert!(remaining.fixes.is_empty());
    let told: Vec<_> = remaining.refused.iter().map(|refusal| (refusal.promise, &*refusal.reason)).collect();
    assert_eq!(told, [("in-scope", "tests/test_cart.py is a link")]);
}

#[test]
fn a_batch_that_cannot_be_written_whole_is_not_written() {
    let mut bench = with_another(&[PASSES]);
    bench.fails = Some("tests/test_cart.py");
    let limits = Limits { max_iterations: 3, confidence: 0.5, accept: Tier::Safe };
    let error = run(&mut bench, &[], None, &limits).unwrap_err();
    assert_eq!(error, "tests/test_cart.py: the disk is full");
    assert_eq!((bench.test(), &*bench.files[&FilePath::new("tests/test_aaa.py")]), (TEST, TEST));
}

#[test]
fn a_fix_goes_where_it_belongs_when_somebody_typed_while_it_was_tried() {
    let mut bench = Played::new(&[FAILS, PASSES]);
    bench.types_in_trial = Some(("from shop", "# mine\nfrom shop"));
    assert_eq!((bench.heal().stop, bench.test()), (Stop::AllPass, &*("# mine\n".to_string() + HEALED)));
    // The line that it heals is another one now: it waits for the next round.
    let mut bench = Played::new(&[FAILS]);
    bench.types_in_trial = Some(("totals() == 0", "sum() == 0"));
    let summary = bench.heal();
    assert_eq!((summary.applied.len(), bench.test()), (0, &*TEST.replace("totals", "sum")));
}

/// A run in which rows of one test fail on a line, and what they say.
fn rows(failing: &[(&str, &str, &str)]) -> Report {
    let mut log = "=================================== FAILURES ===================================\n".to_string();
    for (row, line, said) in failing {
        log += &format!(
            "________________________________ test_mail[{row}] ________________________________\n\n\
             \x20   def test_mail(name):\n>       {line}\nE       AssertionError: {said}\n\n\
             tests/test_mail.py:2: AssertionError\n"
        );
    }
    log += "=========================== short test summary info ============================\n";
    for (row, _, said) in failing {
        log += &format!("FAILED tests/test_mail.py::test_mail[{row}] - AssertionError: {said}\n");
    }
    report::parse(
        format!("{log}============================== failed in 0.01s ===============================\n").as_bytes(),
    )
}

#[test]
fn what_one_row_gives_and_another_does_not_is_no_heal() {
    let (old, new) = ("assert mail(name) == f\"Hello {name}\"", "assert mail(name) == f\"Dear ann\"");
    let text = |line: &str| Arc::from(format!("def test_mail(name):\n    {line}\n"));
    let path = FilePath::new("tests/test_mail.py");
    let before =
        rows(&[("ann", old, "assert 'Dear ann' == 'Hello ann'"), ("bob", old, "assert 'Dear bob' == 'Hello bob'")]);
    let applied = Applied {
        failure: Arc::new(before.failures[0].clone()),
        category: Category::AssertionError,
        reason: String::new(),
        fix: Fix {
            title: "Expect Dear ann".into(),
            strategy: "expected-passage",
            edits: vec![],
            confidence: Confidence::new(0.9),
            evidence: vec![],
            tier: Tier::Safe,
        },
        also: vec![],
        validation: validation::Verdict::Passes { runs: 2 },
        dependence: Dependence::Unknown(String::new()),
        texts: [(path, (text(old), text(new)))].into(),
    };
    let after = rows(&[("bob", new, "assert 'Dear bob' == 'Dear ann'")]);
    assert!(verdict(&applied, &before, &after).unwrap_err().contains("fails by it"));
    let elsewhere = rows(&[("bob", "assert name == 'ann'", "assert 'bob' == 'ann'")]);
    assert_eq!(verdict(&applied, &before, &elsewhere), Ok(()));
}
