//! The search for a fix that passes: candidates best first, and where one makes the failure move on, the
//! next one on top of it, in memory. The whole chain is one fix.

use std::collections::BTreeSet;
use std::sync::Arc;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::{Verdict as Blame, diagnose};
use crate::fix::{Confidence, EvidenceKind, Fix};
use crate::guard;
use crate::report::{Failure, Report};
use crate::text::{Edit, FilePath};
use crate::validation::{Rerun, Verdict};
use crate::workspace::Snapshot;

use super::{Healing, guess, heal_one};

/// How many fixes one chain may hold.
const LONGEST_CHAIN: usize = 10;
/// How many candidates are tried for one failure.
const MOST_TRIALS: usize = 8;

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
    chain: &Chain<'_>,
    rerun: Rerun,
    left: &mut Budget,
) -> Found {
    let Chain { fix: chain, is_guess } = *chain;
    let mut best = Found { fix: chain.clone(), verdict: rerun.verdict };
    let Some(left_below) = left.links.checked_sub(1) else { return best };
    for (patched, failure, fix) in next_steps(base, healing, chain, &rerun.failures) {
        if is_guess && guess::is_only_seen_value(&fix) || !trial.allows(&failure, &fix) {
            continue;
        }
        let Some(runs) = left.runs.checked_sub(1) else { break };
        left.runs = runs;
        let rerun = trial.rerun(&patched, &fix.edits, &[&failure]);
        if !matches!(rerun.verdict, Verdict::Passes { .. } | Verdict::MovesOn { .. }) {
            continue;
        }
        // The parts passed the guard each on their own; the whole has to as well.
        let whole =
            joined(base, &patched, chain, &fix).and_then(|whole| guard::review(base, &healing.diagnosis, whole).ok());
        let Some(whole) = whole else { continue };
        if matches!(rerun.verdict, Verdict::Passes { .. }) {
            return Found { fix: whole.fix().clone(), verdict: rerun.verdict };
        }
        let links = std::mem::replace(&mut left.links, left_below);
        let longer = Chain { fix: whole.fix(), is_guess: is_guess || guess::is_guess(&fix, |path| patched.text(path)) };
        let found = go_on(trial, base, healing, &longer, rerun, left);
        left.links = links;
        if matches!(found.verdict, Verdict::Passes { .. }) {
            return found;
        }
        if best.fix.edits == chain.edits {
            best = found;
        }
    }
    best
}

/// What a search goes on from.
struct Chain<'f> {
    /// Its fixes as one.
    fix: &'f Fix,
    /// Whether one of them is a guess, on which no other guess is built.
    is_guess: bool,
}

impl<'f> Chain<'f> {
    fn of(base: &Snapshot, fix: &'f Fix) -> Self {
        Self { fix, is_guess: guess::is_guess(fix, |path| base.text(path)) }
    }
}

/// What a search may still do.
struct Budget {
    /// Fixes that may come on top.
    links: usize,
    /// Runs, whichever way they go.
    runs: usize,
}

/// The candidates for what fails on top of `chain`, each with the project and the failure that it is for.
fn next_steps(base: &Snapshot, healing: &Healing, chain: &Fix, failures: &[Failure]) -> Vec<(Snapshot, Failure, Fix)> {
    let Ok(patched) = base.with_edits(&chain.edits) else { return Vec::new() };
    let Some(failure) = failures.iter().find(|failure| failure.nodeid == healing.diagnosis.failure.nodeid) else {
        return Vec::new();
    };
    let report = Report { failures: failures.to_vec(), ..Report::default() };
    let next = heal_one(&patched, &report, diagnose(&patched, &Arc::new(failure.clone())));
    // Who goes on from a suspected failure does so with a person's word.
    let suspected = |verdict: Blame| verdict == Blame::LikelyProductRegression;
    if suspected(next.diagnosis.verdict) && !suspected(healing.diagnosis.verdict) {
        return Vec::new();
    }
    let fixes = next.fixes.iter().take(MOST_TRIALS).map(|guarded| guarded.fix().clone());
    // A value that came because the test passes less now is the doing of the fix.
    let is_own_doing = |fix: &Fix| chain.strategy == TAKES_AWAY && is_only_seen(fix);
    fixes.filter(|fix| !is_own_doing(fix)).map(|fix| (patched.clone(), failure.clone(), fix)).collect()
}

/// The strategy whose fixes let a test pass less than before.
const TAKES_AWAY: &str = "arguments-removed";

/// Whether nothing but the run speaks for a fix.
pub(super) fn is_only_seen(fix: &Fix) -> bool {
    fix.evidence.iter().all(|fact| matches!(fact.kind, EvidenceKind::Runtime | EvidenceKind::Hint))
}

/// Two fixes, the second on top of the first, as one.
fn joined(base: &Snapshot, patched: &Snapshot, first: &Fix, second: &Fix) -> Option<Fix> {
    let after = patched.with_edits(&second.edits).ok()?;
    let paths: BTreeSet<&FilePath> = first.edits.iter().chain(&second.edits).map(|edit| &edit.path).collect();
    let mut edits = Vec::new();
    for path in paths {
        let of = |fix: &Fix| fix.edits.iter().filter(|edit| edit.path == *path).cloned().collect();
        match composed(of(first), of(second)) {
            Some(composed) => edits.extend(composed),
            None => edits.extend(edits_between(path, &base.text(path)?, &after.text(path)?)),
        }
    }
    let is_told = first.title.split("; ").any(|title| title == second.title);
    let title = if is_told { first.title.clone() } else { format!("{}; {}", first.title, second.title) };
    let mut evidence = first.evidence.clone();
    evidence.extend(second.evidence.iter().filter(|fact| !first.evidence.contains(fact)).cloned());
    Some(Fix {
        title,
        strategy: first.strategy,
        edits,
        confidence: Confidence::new(first.confidence.value().min(second.confidence.value())),
        evidence,
        tier: first.tier.max(second.tier),
    })
}

/// The edits of one file, the second ones made on top of the first, as edits of the first text; `None` where they touch.
/// An edit that two fixes share stays the same edit.
fn composed(mut first: Vec<Edit>, second: Vec<Edit>) -> Option<Vec<Edit>> {
    first.sort_by_key(|edit| edit.range.start);
    let on_first = |edit: Edit| {
        let (mut removed, mut added) = (0, 0);
        for below in &first {
            let start = below.range.start + added - removed;
            if edit.range.end < start {
                break;
            }
            if edit.range.start <= start + below.text.len() {
                return None;
            }
            removed += below.range.len();
            added += below.text.len();
        }
        let range = edit.range.start + removed - added..edit.range.end + removed - added;
        Some(Edit { range, ..edit })
    };
    let second: Option<Vec<Edit>> = second.into_iter().map(on_first).collect();
    Some(first.iter().cloned().chain(second?).collect())
}

/// The words that differ between two texts, as edits of the first.
pub(super) fn edits_between(path: &FilePath, old: &str, new: &str) -> Vec<Edit> {
    between(path, old, &words(old), &words(new))
}

/// The lines that differ between two texts, as edits of the first.
pub(super) fn lines_between(path: &FilePath, old: &str, new: &str) -> Vec<Edit> {
    between(path, old, &lines(old), &lines(new))
}

/// The parts that differ between two texts, as edits of the first.
fn between(path: &FilePath, old: &str, old_parts: &[(usize, &str)], new_parts: &[(usize, &str)]) -> Vec<Edit> {
    let text = |parts: &[(usize, &str)], range: std::ops::Range<usize>| -> String {
        parts[range].iter().map(|(_, part)| *part).collect()
    };
    let only: Vec<&str> = old_parts.iter().map(|(_, part)| *part).collect();
    let other: Vec<&str> = new_parts.iter().map(|(_, part)| *part).collect();
    capture_diff_slices(Algorithm::Myers, &only, &other)
        .into_iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let at = |index: usize| old_parts.get(index).map_or(old.len(), |(start, _)| *start);
            let range = at(op.old_range().start)..at(op.old_range().end);
            Edit::replace(path, range, text(new_parts, op.new_range()))
        })
        .collect()
}

/// Lines with their ends and their offsets.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let placed = |line: &'_ str| {
        at += line.len();
        at - line.len()
    };
    let starts: Vec<usize> = text.split_inclusive('\n').map(placed).collect();
    starts.into_iter().zip(text.split_inclusive('\n')).collect()
}

/// Identifiers, and every other character by itself, with their offsets.
fn words(text: &str) -> Vec<(usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if part(first) { rest.find(|c| !part(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        words.push((text.len() - rest.len(), &rest[..end]));
        rest = &rest[end..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Tier;
    use crate::text::apply;
    use crate::workspace::history::History;

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

    #[test]
    fn a_value_that_came_because_less_is_passed_is_not_expected() {
        // So much else changed that nobody suspects a slip.
        let much = |word: &str| (0..40).map(|at| format!("{word}_{at} = {at}\n")).collect::<String>();
        let before = format!("def pay(price, tip=0):\n    return price + tip\n{}", much("OLD"));
        let shop = format!("def pay(price):\n    return price\n{}", much("NEW"));
        let test = "from shop import pay\n\n\ndef test_pay():\n    assert pay(1, tip=2) == 3\n";
        let path = |path: &str| FilePath::new(path);
        let snapshot = Snapshot::in_memory([("shop.py", shop.as_str()), ("tests/test_pay.py", test)]);
        let history = History::of_one_commit([(path("shop.py"), Arc::from(before))], &snapshot);
        let snapshot = snapshot.with_history(history);
        let failed = |call: &str, error: &str| {
            let log = format!(
                "=================================== FAILURES ===================================\n\
                 ___________________________________ test_pay ___________________________________\n\n\
                 \x20   def test_pay():\n>       assert {call} == 3\nE       {error}\n\n\
                 tests/test_pay.py:5: {}\n",
                error.split([':', ' ']).next().unwrap_or_default().replace("assert", "AssertionError")
            );
            crate::report::parse(log.as_bytes()).failures.remove(0)
        };
        let first = failed("pay(1, tip=2)", "TypeError: pay() got an unexpected keyword argument 'tip'");
        let second = failed("pay(1)", "assert 1 == 3\nE        +  where 1 = pay(1)");
        let report = Report { failures: vec![first.clone()], ..Report::default() };
        let healing = heal_one(&snapshot, &report, diagnose(&snapshot, &Arc::new(first)));
        let taken: Vec<&Fix> = healing.fixes.iter().map(|fix| fix.fix()).filter(|f| f.strategy == TAKES_AWAY).collect();
        let [taken] = taken.as_slice() else { panic!("{:?}", healing.fixes) };
        let steps = |chain: &Fix| next_steps(&snapshot, &healing, chain, std::slice::from_ref(&second));
        assert!(steps(taken).is_empty());
        let renamed = Fix { strategy: "keyword-rename", ..(*taken).clone() };
        assert_eq!(steps(&renamed)[0].2.title, "Expect 1");
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

    #[test]
    fn edits_on_top_of_others_are_edits_of_the_first_text() {
        let path = FilePath::new("t.py");
        let text = "a = 1\nb = 2\nc = 3\n";
        let first = vec![Edit::replace(&path, 10..11, "22"), Edit::insert(&path, 0, "import x\n")];
        let on_top = |at: usize| vec![Edit::replace(&path, at..at + 1, "z")];
        let patched = apply(text, &first).unwrap();
        for at in [11, 13, 22, 24] {
            let edits = composed(first.clone(), on_top(at)).unwrap_or_else(|| panic!("{at}"));
            assert_eq!(apply(text, &edits), apply(&patched, &on_top(at)), "{at}");
        }
        assert_eq!(composed(first.clone(), on_top(20)), None);
        assert_eq!(composed(first, on_top(9)), None);
    }

    #[test]
    fn edits_between_two_texts_are_words_and_lead_from_one_to_the_other() {
        let (old, new) = ("a = cart.totl()\nb = f(qty=3)\n", "a = cart.total()\nb = f(quantity=3)\nc\n");
        let edits = edits_between(&FilePath::new("t.py"), old, new);
        assert_eq!(apply(old, &edits).unwrap(), new);
        let texts: Vec<&str> = edits.iter().map(|edit| edit.text.as_str()).collect();
        assert_eq!(texts, ["total", "quantity", "c\n"]);
    }
}
