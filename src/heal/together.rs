//! Many failures in one run: the best candidate of each, tried together. What passes is healed; what does
//! not is left to the search, one by one.

use crate::fix::Fix;
use crate::guard;
use crate::report::Failure;
use crate::text::Edit;
use crate::validation::Verdict;
use crate::workspace::Snapshot;

use super::Healing;
use super::search::Trial;

/// A fix with the healings that it is for, by their index.
#[derive(Debug)]
pub struct Shared {
    /// The fix.
    pub fix: Fix,
    /// The failures that it heals, the one it was made for first.
    pub heals: Vec<usize>,
    /// What the run showed.
    pub verdict: Verdict,
}

/// How often what did not pass gets its next candidate and all are run again.
const MOST_RUNS: usize = 3;

/// The fixes that passed in one run with all others of them. Those of one cause (the same strategy says the
/// same) are one fix. Where the last run still shows a failure, what passed beside it stays: the run of the whole
/// file that follows tells whether it did so by itself.
pub fn together(trial: &mut dyn Trial, snapshot: &Snapshot, healings: &[Healing]) -> Vec<Shared> {
    let mut chosen = candidates(trial, healings);
    let mut passed: Vec<(usize, &Fix)> = Vec::new();
    for _ in 0..MOST_RUNS {
        if chosen.len() < 2 {
            break;
        }
        let failures: Vec<&Failure> = chosen.iter().map(|(index, _)| failure(&healings[*index])).collect();
        let rerun = trial.rerun(snapshot, &union(chosen.iter().map(|(_, fix)| *fix)), &failures);
        match rerun.verdict {
            verdict @ Verdict::Passes { .. } => return by_cause(snapshot, healings, &chosen, &verdict),
            Verdict::StillFails | Verdict::MovesOn { .. } => {}
            _ => break,
        }
        let now = |index: usize| {
            let nodeid = &failure(&healings[index]).nodeid;
            rerun.failures.iter().find(|failure| failure.nodeid == *nodeid)
        };
        let before = chosen.len();
        passed = chosen.iter().filter(|(index, _)| now(*index).is_none()).copied().collect();
        let failing: Vec<(usize, &Fix)> = chosen.into_iter().filter(|(index, _)| now(*index).is_some()).collect();
        chosen = passed.clone();
        for (index, fix) in failing {
            let old = failure(&healings[index]);
            // What moved on, be it to the same message a line below, is the beginning of a chain: the search follows it.
            if now(index).is_some_and(|new| stays(old, new)) {
                trial.did_not_help(old, fix);
                chosen.extend(next_candidate(trial, &healings[index], &chosen).map(|fix| (index, fix)));
            }
        }
        // The run names no test of these: it says nothing of them.
        if passed.len() == before {
            return Vec::new();
        }
        // Nothing else to try beside them.
        if chosen.len() == passed.len() {
            break;
        }
    }
    by_cause(snapshot, healings, &passed, &Verdict::Passes { runs: 1 })
}

/// Whether a test fails as before, at the same line.
fn stays(old: &Failure, new: &Failure) -> bool {
    (&new.exc_type, &new.message, &new.path, new.line) == (&old.exc_type, &old.message, &old.path, old.line)
}

fn failure(healing: &Healing) -> &Failure {
    &healing.diagnosis.failure
}

/// The first candidate of each failure, those left out that meet one before.
fn candidates<'h>(trial: &mut dyn Trial, healings: &'h [Healing]) -> Vec<(usize, &'h Fix)> {
    let mut chosen: Vec<(usize, &Fix)> = Vec::new();
    for (index, healing) in healings.iter().enumerate() {
        chosen.extend(next_candidate(trial, healing, &chosen).map(|fix| (index, fix)));
    }
    chosen
}

/// The best candidate of `healing` that may be tried, if it meets none of `chosen`.
fn next_candidate<'h>(trial: &mut dyn Trial, healing: &'h Healing, chosen: &[(usize, &Fix)]) -> Option<&'h Fix> {
    let mut fixes = healing.fixes.iter().map(guard::Guarded::fix);
    let fix = fixes.find(|fix| trial.allows(failure(healing), fix))?;
    (!chosen.iter().any(|(_, other)| meet(&other.edits, &fix.edits))).then_some(fix)
}

/// Fixes of one cause as one, where the guard lets the whole pass.
fn by_cause(snapshot: &Snapshot, healings: &[Healing], chosen: &[(usize, &Fix)], verdict: &Verdict) -> Vec<Shared> {
    let mut causes: Vec<Vec<(usize, &Fix)>> = Vec::new();
    for (index, fix) in chosen {
        let same = |cause: &&mut Vec<(usize, &Fix)>| {
            let first = cause[0].1;
            (first.strategy, &first.title, first.tier) == (fix.strategy, &fix.title, fix.tier)
        };
        match causes.iter_mut().find(same) {
            Some(cause) => cause.push((*index, fix)),
            None => causes.push(vec![(*index, fix)]),
        }
    }
    causes.into_iter().flat_map(|cause| joined(snapshot, healings, cause, verdict)).collect()
}

fn joined(snapshot: &Snapshot, healings: &[Healing], cause: Vec<(usize, &Fix)>, verdict: &Verdict) -> Vec<Shared> {
    let shared = |fix: &Fix, heals| Shared { fix: fix.clone(), heals, verdict: verdict.clone() };
    let (first, fix) = cause[0];
    let whole = Fix { edits: union(cause.iter().map(|(_, fix)| *fix)), ..fix.clone() };
    match guard::review(snapshot, &healings[first].diagnosis, whole) {
        Ok(whole) => vec![shared(whole.fix(), cause.into_iter().map(|(index, _)| index).collect())],
        Err(_) => cause.into_iter().map(|(index, fix)| shared(fix, vec![index])).collect(),
    }
}

/// The edits of several fixes, each once.
pub(super) fn union<'f>(fixes: impl IntoIterator<Item = &'f Fix>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for edit in fixes.into_iter().flat_map(|fix| &fix.edits) {
        if !edits.contains(edit) {
            edits.push(edit.clone());
        }
    }
    edits
}

/// Whether edits of two fixes touch; the same edit in both is one edit.
pub(super) fn meet(some: &[Edit], others: &[Edit]) -> bool {
    some.iter().any(|a| {
        others.iter().any(|b| {
            let apart = a.range.end < b.range.start || b.range.end < a.range.start;
            a.path == b.path && !apart && a != b
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heal::heal;
    use crate::report;
    use crate::text::{FilePath, apply};
    use crate::validation::Rerun;

    const SHOP: &str = "class Cart:\n    def total(self): ...\n    def price(self): ...\n";
    const TEST: &str = "\
from shop import Cart

def test_a():
    assert Cart().totl()

def test_b():
    assert Cart().totl() == 1

def test_c():
    assert Cart().pric()
";
    const LOG: &str = "\
=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
>       assert Cart().totl()
E       AttributeError: 'Cart' object has no attribute 'totl'

tests/test_cart.py:4: AttributeError
____________________________________ test_b ____________________________________

    def test_b():
>       assert Cart().totl() == 1
E       AttributeError: 'Cart' object has no attribute 'totl'

tests/test_cart.py:7: AttributeError
____________________________________ test_c ____________________________________

    def test_c():
>       assert Cart().pric()
E       AttributeError: 'Cart' object has no attribute 'pric'

tests/test_cart.py:10: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_a - AttributeError: 'Cart' object has no attribute 'totl'
FAILED tests/test_cart.py::test_b - AttributeError: 'Cart' object has no attribute 'totl'
FAILED tests/test_cart.py::test_c - AttributeError: 'Cart' object has no attribute 'pric'
";

    /// Runs in which one test keeps failing, whatever is tried: as before or so many lines below.
    #[derive(Default)]
    struct AllBut {
        stays: Option<&'static str>,
        below: u32,
        useless: Vec<String>,
        runs: usize,
    }

    impl Trial for AllBut {
        fn rerun(&mut self, _: &Snapshot, _: &[Edit], failures: &[&Failure]) -> Rerun {
            self.runs += 1;
            let stays = |failure: &&&Failure| self.stays.is_some_and(|test| failure.nodeid.ends_with(test));
            let again = |failure: &&Failure| Failure {
                line: failure.line.map(|line| line + self.below),
                ..(**failure).clone()
            };
            let failures: Vec<Failure> = failures.iter().filter(stays).map(again).collect();
            let verdict = if failures.is_empty() { Verdict::Passes { runs: 1 } } else { Verdict::StillFails };
            Rerun { verdict, failures, ..Rerun::not_run("") }
        }

        fn allows(&mut self, failure: &Failure, fix: &Fix) -> bool {
            !self.useless.contains(&format!("{} {}", failure.nodeid, fix.title))
        }

        fn allows_unproven(&mut self, _: &Fix) -> bool {
            false
        }

        fn did_not_help(&mut self, failure: &Failure, fix: &Fix) {
            self.useless.push(format!("{} {}", failure.nodeid, fix.title));
        }
    }

    /// The tests that each shared fix heals, and the module with all of them.
    fn healed(stays: Option<&'static str>) -> (Vec<Vec<usize>>, String, usize) {
        let snapshot = Snapshot::in_memory([("shop.py", SHOP), ("tests/test_cart.py", TEST)]);
        let healings = heal(&snapshot, &report::parse(LOG.as_bytes()));
        let mut trial = AllBut { stays, ..AllBut::default() };
        let shared = together(&mut trial, &snapshot, &healings);
        let edits = union(shared.iter().map(|shared| &shared.fix));
        assert!(edits.iter().all(|edit| edit.path == FilePath::new("tests/test_cart.py")));
        (shared.iter().map(|shared| shared.heals.clone()).collect(), apply(TEST, &edits).unwrap(), trial.runs)
    }

    #[test]
    fn failures_of_one_cause_are_healed_by_one_fix_in_one_run() {
        let (heals, text, runs) = healed(None);
        assert_eq!((heals, runs), (vec![vec![0, 1], vec![2]], 1));
        assert_eq!(text, TEST.replace("totl", "total").replace("pric(", "price("));
    }

    #[test]
    fn what_does_not_pass_with_the_others_is_left_alone() {
        let (heals, text, _) = healed(Some("test_b"));
        assert_eq!(heals, [vec![0], vec![2]]);
        assert!(text.contains("Cart().totl() == 1") && text.contains("assert Cart().total()\n"));
    }

    #[test]
    fn the_same_message_at_a_later_line_is_left_to_the_search() {
        let snapshot = Snapshot::in_memory([("shop.py", SHOP), ("tests/test_cart.py", TEST)]);
        let healings = heal(&snapshot, &report::parse(LOG.as_bytes()));
        let useless = |below| {
            let mut trial = AllBut { stays: Some("test_b"), below, ..AllBut::default() };
            together(&mut trial, &snapshot, &healings);
            trial.useless.len()
        };
        assert_eq!((useless(0) > 0, useless(1)), (true, 0));
    }
}
