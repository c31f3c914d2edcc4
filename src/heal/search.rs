//! The search for a fix that passes: candidates best first, and where one makes the failure move on, the
//! next one on top of it, in memory. The whole chain is one fix.

use std::sync::Arc;

use crate::diagnosis::diagnose;
use crate::fix::Fix;
use crate::guard;
use crate::report::{Failure, Report};
use crate::text::Edit;
use crate::validation::{Rerun, Verdict};
use crate::workspace::Snapshot;

use super::chain::{Chain, MOST_TRIALS, joined};
use super::{Healing, heal_one};

/// How many fixes one chain may hold.
const LONGEST_CHAIN: usize = 10;
/// How many runs all chains of one failure may take.
const MOST_CHAINED_RUNS: usize = 24;

/// Runs candidates and says which may be used at all.
pub trait Trial {
    /// Runs `edits` on `snapshot` against the tests of `failures`.
    fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun;

    /// Whether this fix may be applied for this failure, once a run has proven it.
    fn allows(&mut self, failure: &Failure, fix: &Fix) -> bool;

    /// Whether it may be applied although no run could prove it.
    fn allows_unproven(&mut self, fix: &Fix) -> bool;

    /// Is told of a fix that left its failure as it was: it need not be tried again.
    fn did_not_help(&mut self, failure: &Failure, fix: &Fix) {
        let _ = (failure, fix);
    }
}

/// What a search found.
#[derive(Debug)]
pub struct Found {
    /// The fix, possibly a chain.
    pub fix: Fix,
    /// What its last run showed.
    pub verdict: Verdict,
}

/// The best fix of `healing` that passes, else the one that brings the test furthest; candidates that did
/// not heal it by themselves go to `failed`. A fix that could not be run is taken as it is, if it may be.
pub fn search(trial: &mut dyn Trial, snapshot: &Snapshot, healing: &Healing, failed: &mut Vec<Fix>) -> Option<Found> {
    let failure = &healing.diagnosis.failure;
    let mut furthest: Option<Found> = None;
    let mut budget = Budget { links: LONGEST_CHAIN - 1, runs: MOST_CHAINED_RUNS };
    let mut trials = 0;
    for guarded in &healing.fixes {
        let fix = guarded.fix();
        if !trial.allows(failure, fix) {
            continue;
        }
        trials += 1;
        if trials > MOST_TRIALS {
            break;
        }
        let rerun = trial.rerun(snapshot, &fix.edits, &[failure]);
        match rerun.verdict {
            Verdict::NotRun { .. } if !trial.allows_unproven(fix) => continue,
            Verdict::Passes { .. } | Verdict::NotRun { .. } => {
                return Some(Found { fix: fix.clone(), verdict: rerun.verdict });
            }
            Verdict::MovesOn { .. } => {
                match go_on(trial, snapshot, healing, &Chain::of(snapshot, fix), rerun, &mut budget) {
                    found if matches!(found.verdict, Verdict::Passes { .. }) => return Some(found),
                    found => furthest = furthest.or(Some(found)),
                }
            }
            _ => {}
        }
        failed.push(fix.clone());
    }
    furthest
}

/// Follows a failure that moved on, as far as candidates lead; where one leads nowhere, the next one is taken in
/// its place. What came furthest first is found where nothing passes.
fn go_on(
    trial: &mut dyn Trial,
    base: &Snapshot,
    healing: &Healing,
    chain: &Chain,
    rerun: Rerun,
    left: &mut Budget,
) -> Found {
    let mut best = Found { fix: chain.fix.clone(), verdict: rerun.verdict };
    let Some(left_below) = left.links.checked_sub(1) else { return best };
    let Ok(patched) = base.with_edits(&chain.fix.edits) else { return best };
    let Some(next) = next(&patched, healing, rerun.failures) else { return best };
    let failure = &next.diagnosis.failure;
    for fix in chain.steps(healing, &next) {
        if !trial.allows(failure, fix) {
            continue;
        }
        let Some(runs) = left.runs.checked_sub(1) else { break };
        left.runs = runs;
        let rerun = trial.rerun(&patched, &fix.edits, &[failure]);
        if !matches!(rerun.verdict, Verdict::Passes { .. } | Verdict::MovesOn { .. }) {
            continue;
        }
        // The parts passed the guard each on their own; the whole has to as well.
        let whole = joined(base, &patched, &chain.fix, fix)
            .and_then(|whole| guard::review(base, &healing.diagnosis, whole).ok());
        let Some(whole) = whole else { continue };
        if matches!(rerun.verdict, Verdict::Passes { .. }) {
            return Found { fix: whole.fix().clone(), verdict: rerun.verdict };
        }
        let links = std::mem::replace(&mut left.links, left_below);
        let found = go_on(trial, base, healing, &chain.longer(&patched, fix, whole.fix().clone()), rerun, left);
        left.links = links;
        if matches!(found.verdict, Verdict::Passes { .. }) {
            return found;
        }
        if best.fix.edits == chain.fix.edits {
            best = found;
        }
    }
    best
}

/// What can be done about what the test of `healing` fails with in `patched`, if it is among `failures`.
fn next(patched: &Snapshot, healing: &Healing, failures: Vec<Failure>) -> Option<Healing> {
    let failure = failures.iter().find(|failure| failure.nodeid == healing.diagnosis.failure.nodeid)?.clone();
    let report = Report { failures, ..Report::default() };
    Some(heal_one(patched, &report, diagnose(patched, &Arc::new(failure))))
}

/// What a search may still do.
struct Budget {
    /// Fixes that may come on top.
    links: usize,
    /// Runs, whichever way they go.
    runs: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Tier;
    use crate::text::{FilePath, apply};

    const SHOP: &str = "class Cart:\n    def total(self): ...\n    def totals(self): ...\n    def price(self): ...\n";
    const TEST: &str =
        "from shop import Cart\n\ndef test_cart():\n    cart = Cart()\n    cart.totl()\n    cart.pric()\n";

    /// Where `pric` is renamed after one rename of `totl` the test passes, after the other it does not.
    struct OnlyOneWay {
        good: &'static str,
        runs: Vec<String>,
    }

    fn failure(line: u32, name: &str) -> Failure {
        Failure {
            nodeid: "tests/test_cart.py::test_cart".into(),
            path: Some("tests/test_cart.py".into()),
            line: Some(line),
            exc_type: Some("AttributeError".into()),
            message: Some(format!("'Cart' object has no attribute '{name}'")),
            ..Failure::default()
        }
    }

    impl Trial for OnlyOneWay {
        fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], _: &[&Failure]) -> Rerun {
            let path = FilePath::new("tests/test_cart.py");
            let text = snapshot.with_edits(edits).unwrap().text(&path).unwrap().to_string();
            self.runs.push(text.clone());
            let moves_on = || {
                let verdict = Verdict::MovesOn { failure: String::new(), line: Some(6) };
                Rerun { verdict, failures: vec![failure(6, "pric")], ..Rerun::not_run("") }
            };
            match (text.contains(".pric("), text.contains(self.good)) {
                (true, _) => moves_on(),
                (false, true) => Rerun { verdict: Verdict::Passes { runs: 1 }, ..Rerun::not_run("") },
                (false, false) => Rerun { verdict: Verdict::StillFails, ..Rerun::not_run("") },
            }
        }

        fn allows(&mut self, _: &Failure, _: &Fix) -> bool {
            true
        }

        fn allows_unproven(&mut self, _: &Fix) -> bool {
            false
        }
    }

    #[test]
    fn a_chain_that_leads_nowhere_gives_way_to_the_second_best() {
        let snapshot = Snapshot::in_memory([("shop.py", SHOP), ("tests/test_cart.py", TEST)]);
        let first = failure(5, "totl");
        let report = Report { failures: vec![first.clone()], ..Report::default() };
        let healing = heal_one(&snapshot, &report, diagnose(&snapshot, &Arc::new(first)));
        assert!(healing.fixes.len() > 1, "one candidate is no choice");
        for good in [".total(", ".totals("] {
            let mut trial = OnlyOneWay { good, runs: Vec::new() };
            let found = search(&mut trial, &snapshot, &healing, &mut Vec::new()).unwrap();
            assert!(matches!(found.verdict, Verdict::Passes { .. }));
            let text = apply(TEST, &found.fix.edits).unwrap();
            assert!(text.contains(good) && text.contains(".price("), "{text}");
        }
    }

    /// Every fix of the one test moves on to another value, until that is expected.
    struct OtherValue;

    const ASKS: &str = "from shop import Cart\n\ndef test_cart():\n    assert Cart().totl() == 2\n";

    impl Trial for OtherValue {
        fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], _: &[&Failure]) -> Rerun {
            let path = FilePath::new("tests/test_cart.py");
            let text = snapshot.with_edits(edits).unwrap().text(&path).unwrap().to_string();
            if text.contains("== 1") {
                return Rerun { verdict: Verdict::Passes { runs: 1 }, ..Rerun::not_run("") };
            }
            let log = "=================================== FAILURES ===================================\n\
                       __________________________________ test_cart ___________________________________\n\n\
                       \x20   def test_cart():\n>       assert Cart().total() == 2\nE       assert 1 == 2\n\n\
                       tests/test_cart.py:4: AssertionError\n";
            let verdict = Verdict::MovesOn { failure: String::new(), line: Some(4) };
            Rerun { verdict, failures: crate::report::parse(log.as_bytes()).failures, ..Rerun::not_run("") }
        }

        fn allows(&mut self, _: &Failure, _: &Fix) -> bool {
            true
        }

        fn allows_unproven(&mut self, _: &Fix) -> bool {
            false
        }
    }

    #[test]
    fn a_value_is_not_expected_of_what_was_only_guessed() {
        let snapshot = Snapshot::in_memory([("shop.py", SHOP), ("tests/test_cart.py", ASKS)]);
        let first = failure(4, "totl");
        let report = Report { failures: vec![first.clone()], ..Report::default() };
        let healing = heal_one(&snapshot, &report, diagnose(&snapshot, &Arc::new(first)));
        let found = |tier: Tier| {
            let renamed = Fix { tier, ..healing.fixes[0].fix().clone() };
            let fixes = vec![guard::review(&snapshot, &healing.diagnosis, renamed).unwrap()];
            search(&mut OtherValue, &snapshot, &Healing { fixes, ..healing.clone() }, &mut Vec::new())
                .unwrap()
                .fix
                .title
        };
        assert_eq!(found(Tier::Review), "Rename `totl` to `total`");
        assert_eq!(found(Tier::Safe), "Rename `totl` to `total`; Expect 1");
    }
}
