//! Many failures in one run: the best candidate of each, tried together, and what is needed on top of it. What
//! passes is healed; what does not is left to the search, one by one.

use std::sync::Arc;

use crate::fix::Fix;
use crate::guard;
use crate::report::{Failure, Report};
use crate::text::Edit;
use crate::validation::Verdict;
use crate::workspace::Snapshot;

use super::chain::Chain;
use super::search::Trial;
use super::{Healing, heal};

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

/// How often what did not pass gets its next candidate, or a fix on top, and all are run again.
const MOST_RUNS: usize = 6;

/// What is tried for one failure.
#[derive(Clone, Debug)]
struct Choice {
    /// The healing, by its index.
    index: usize,
    /// What the last fix of the chain is for.
    failure: Arc<Failure>,
    /// The fixes so far.
    chain: Chain,
}

impl Choice {
    /// Whether it is a candidate as it was found, with nothing on top.
    fn is_first(&self, healings: &[Healing]) -> bool {
        Arc::ptr_eq(&self.failure, &healings[self.index].diagnosis.failure)
    }
}

/// The fixes that passed in one run with all others of them. Those of one cause (the same strategy says the
/// same) are one fix. Where the last run still shows a failure, what passed beside it stays: the run of the whole
/// file that follows tells whether it did so by itself.
pub fn together(trial: &mut dyn Trial, snapshot: &Snapshot, healings: &[Healing]) -> Vec<Shared> {
    let mut chosen = candidates(trial, snapshot, healings);
    let mut passed: Vec<Choice> = Vec::new();
    for _ in 0..MOST_RUNS {
        if chosen.len() < 2 {
            break;
        }
        let failures: Vec<&Failure> = chosen.iter().map(|choice| failure(&healings[choice.index])).collect();
        let edits = union(chosen.iter().map(|choice| &choice.chain.fix));
        let rerun = trial.rerun(snapshot, &edits, &failures);
        match rerun.verdict {
            verdict @ Verdict::Passes { .. } => return by_cause(snapshot, healings, &chosen, &verdict),
            Verdict::StillFails | Verdict::MovesOn { .. } => {}
            _ => break,
        }
        let now = |choice: &Choice| {
            let nodeid = &choice.failure.nodeid;
            rerun.failures.iter().find(|failure| failure.nodeid == *nodeid)
        };
        let before = chosen.len();
        let failing;
        (passed, failing) = chosen.into_iter().partition(|choice| now(choice).is_none());
        chosen = passed.clone();
        let mut moved: Vec<(Choice, Failure)> = Vec::new();
        for choice in failing {
            match now(&choice) {
                Some(new) if !stays(&choice.failure, new) => moved.push((choice.clone(), new.clone())),
                Some(_) if choice.is_first(healings) => {
                    trial.did_not_help(&choice.failure, &choice.chain.fix);
                    chosen.extend(next_candidate(trial, snapshot, healings, choice.index, &chosen));
                }
                _ => {}
            }
        }
        go_on(trial, snapshot, healings, &edits, moved, &mut chosen);
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

/// Puts a fix on top where a test failed with something else on top of `edits`. Where that does not go beside the
/// others, the search follows it alone.
fn go_on(
    trial: &mut dyn Trial,
    snapshot: &Snapshot,
    healings: &[Healing],
    edits: &[Edit],
    moved: Vec<(Choice, Failure)>,
    chosen: &mut Vec<Choice>,
) {
    let Ok(patched) = snapshot.with_edits(edits) else { return };
    let report = Report { failures: moved.iter().map(|(_, failure)| failure.clone()).collect(), ..Report::default() };
    for ((choice, _), next) in moved.into_iter().zip(heal(&patched, &report)) {
        let first = &healings[choice.index];
        let failure = next.diagnosis.failure.clone();
        let Some(link) = choice.chain.steps(first, &next).find(|fix| trial.allows(&failure, fix)) else { continue };
        let whole = choice.chain.with(edits, link);
        // The parts passed the guard each on their own; the whole has to as well.
        let Some(Ok(whole)) = whole.map(|whole| guard::review(snapshot, &first.diagnosis, whole)) else { continue };
        let chain = choice.chain.longer(&patched, link, whole.fix().clone());
        if is_apart(&chain.fix, chosen) {
            chosen.push(Choice { failure, chain, ..choice });
        }
    }
}

/// Whether a test fails as before, at the same line.
fn stays(old: &Failure, new: &Failure) -> bool {
    (&new.exc_type, &new.message, &new.path, new.line) == (&old.exc_type, &old.message, &old.path, old.line)
}

fn failure(healing: &Healing) -> &Failure {
    &healing.diagnosis.failure
}

/// The first candidate of each failure, those left out that meet one before.
fn candidates(trial: &mut dyn Trial, snapshot: &Snapshot, healings: &[Healing]) -> Vec<Choice> {
    let mut chosen: Vec<Choice> = Vec::new();
    for index in 0..healings.len() {
        chosen.extend(next_candidate(trial, snapshot, healings, index, &chosen));
    }
    chosen
}

/// The best candidate of a healing that may be tried, if it meets none of `chosen`.
fn next_candidate(
    trial: &mut dyn Trial,
    snapshot: &Snapshot,
    healings: &[Healing],
    index: usize,
    chosen: &[Choice],
) -> Option<Choice> {
    let healing = &healings[index];
    let mut fixes = healing.fixes.iter().map(guard::Guarded::fix);
    let fix = fixes.find(|fix| trial.allows(failure(healing), fix))?;
    let failure = healing.diagnosis.failure.clone();
    is_apart(fix, chosen).then(|| Choice { index, failure, chain: Chain::of(snapshot, fix) })
}

/// Whether `fix` meets none of `chosen`.
fn is_apart(fix: &Fix, chosen: &[Choice]) -> bool {
    !chosen.iter().any(|other| meet(&other.chain.fix.edits, &fix.edits))
}

/// Fixes of one cause as one, where the guard lets the whole pass.
fn by_cause(snapshot: &Snapshot, healings: &[Healing], chosen: &[Choice], verdict: &Verdict) -> Vec<Shared> {
    let mut causes: Vec<Vec<&Choice>> = Vec::new();
    for choice in chosen {
        let say = |choice: &Choice| {
            let fix = &choice.chain.fix;
            (fix.strategy, fix.title.clone(), fix.tier)
        };
        match causes.iter_mut().find(|cause| say(cause[0]) == say(choice)) {
            Some(cause) => cause.push(choice),
            None => causes.push(vec![choice]),
        }
    }
    causes.into_iter().flat_map(|cause| joined(snapshot, healings, &cause, verdict)).collect()
}

fn joined(snapshot: &Snapshot, healings: &[Healing], cause: &[&Choice], verdict: &Verdict) -> Vec<Shared> {
    let shared = |fix: &Fix, heals| Shared { fix: fix.clone(), heals, verdict: verdict.clone() };
    let first = cause[0];
    let fixes = cause.iter().map(|choice| &choice.chain.fix);
    let whole = Fix { edits: union(fixes), ..first.chain.fix.clone() };
    match guard::review(snapshot, &healings[first.index].diagnosis, whole) {
        Ok(whole) => vec![shared(whole.fix(), cause.iter().map(|choice| choice.index).collect())],
        Err(_) => cause.iter().map(|choice| shared(&choice.chain.fix, vec![choice.index])).collect(),
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

    const TWO_EACH: &str = "\
from shop import Cart

def test_a():
    assert Cart().totl()
    assert Cart().pric()

def test_b():
    cart = Cart()
    assert cart.totl()
    assert cart.pric()
";

    /// Runs `TWO_EACH`: each test fails at its first name that the shop has not.
    struct Reads {
        runs: usize,
    }

    impl Reads {
        fn failures(text: &str) -> Vec<Failure> {
            let lines: Vec<&str> = text.lines().collect();
            let starts = |test: &str| lines.iter().position(|line| *line == format!("def {test}():")).unwrap();
            let fails = |test: &str| {
                let start = starts(test);
                let is_bad = |line: &&str| line.contains(".totl(") || line.contains(".pric(");
                let at = start + lines[start..].iter().take_while(|line| !line.is_empty()).position(is_bad)?;
                let name = if lines[at].contains(".totl(") { "totl" } else { "pric" };
                Some(Failure {
                    nodeid: format!("tests/test_cart.py::{test}"),
                    path: Some("tests/test_cart.py".into()),
                    line: Some(u32::try_from(at + 1).unwrap()),
                    exc_type: Some("AttributeError".into()),
                    message: Some(format!("'Cart' object has no attribute '{name}'")),
                    ..Failure::default()
                })
            };
            ["test_a", "test_b"].into_iter().filter_map(fails).collect()
        }
    }

    impl Trial for Reads {
        fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], _: &[&Failure]) -> Rerun {
            self.runs += 1;
            let text = snapshot.with_edits(edits).unwrap().text(&FilePath::new("tests/test_cart.py")).unwrap();
            let failures = Self::failures(&text);
            let verdict = if failures.is_empty() { Verdict::Passes { runs: 1 } } else { Verdict::StillFails };
            Rerun { verdict, failures, ..Rerun::not_run("") }
        }

        fn allows(&mut self, _: &Failure, _: &Fix) -> bool {
            true
        }

        fn allows_unproven(&mut self, _: &Fix) -> bool {
            false
        }
    }

    #[test]
    fn what_moves_on_gets_a_fix_on_top_in_the_next_run_of_all() {
        let snapshot = Snapshot::in_memory([("shop.py", SHOP), ("tests/test_cart.py", TWO_EACH)]);
        let report = Report { failures: Reads::failures(TWO_EACH), ..Report::default() };
        let mut trial = Reads { runs: 0 };
        let shared = together(&mut trial, &snapshot, &heal(&snapshot, &report));
        assert_eq!((shared.len(), trial.runs), (1, 2));
        assert_eq!(shared[0].heals, [0, 1]);
        let healed = apply(TWO_EACH, &shared[0].fix.edits).unwrap();
        assert_eq!(healed, TWO_EACH.replace("totl", "total").replace("pric(", "price("));
    }
}
