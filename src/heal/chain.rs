//! Fixes on top of each other, as one fix of the text that the first of them was made for.

use std::collections::BTreeSet;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::Verdict as Blame;
use crate::fix::{Confidence, EvidenceKind, Fix};
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;

use super::{Healing, guess};

/// How many candidates are tried for one failure.
pub(super) const MOST_TRIALS: usize = 8;
/// The strategy whose fixes let a test pass less than before.
const TAKES_AWAY: &str = "arguments-removed";

/// Fixes that a failure moved on with.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// All of them as one.
    pub fix: Fix,
    /// Whether one of them is a guess, on which no other guess is built.
    is_guess: bool,
}

impl Chain {
    /// The chain of one fix.
    pub fn of(base: &Snapshot, fix: &Fix) -> Self {
        Self { fix: fix.clone(), is_guess: guess::is_guess(fix, |path| base.text(path)) }
    }

    /// The candidates for `next`, what fails on top of the chain that began with `first`.
    pub fn steps<'h>(&self, first: &Healing, next: &'h Healing) -> impl Iterator<Item = &'h Fix> {
        // Who goes on from a suspected failure does so with a person's word.
        let suspected = |healing: &Healing| healing.diagnosis.verdict == Blame::LikelyProductRegression;
        let most = if suspected(next) && !suspected(first) { 0 } else { MOST_TRIALS };
        // A value that came because the test passes less now is the doing of the fix.
        let passes_less = self.fix.strategy == TAKES_AWAY;
        let is_guess = self.is_guess;
        next.fixes.iter().take(most).map(|guarded| guarded.fix()).filter(move |fix| {
            let is_own_doing = passes_less && is_only_seen(fix);
            !(is_own_doing || is_guess && guess::is_only_seen_value(fix))
        })
    }

    /// One more fix on top, made for `patched`; `whole` is both.
    pub fn longer(&self, patched: &Snapshot, link: &Fix, whole: Fix) -> Self {
        Self { fix: whole, is_guess: self.is_guess || guess::is_guess(link, |path| patched.text(path)) }
    }

    /// Both as one fix of the first text, where `link` was made on top of `edits`, among them the chain's; `None`
    /// where they touch.
    pub fn with(&self, edits: &[Edit], link: &Fix) -> Option<Fix> {
        let paths: BTreeSet<&FilePath> = link.edits.iter().map(|edit| &edit.path).collect();
        let mut whole = self.fix.edits.clone();
        for path in paths {
            let of = |edits: &[Edit]| edits.iter().filter(|edit| edit.path == *path).cloned().collect::<Vec<_>>();
            whole.extend(below(&of(edits), of(&link.edits))?);
        }
        Some(both(&self.fix, link, whole))
    }
}

/// Whether nothing but the run speaks for a fix.
pub(super) fn is_only_seen(fix: &Fix) -> bool {
    fix.evidence.iter().all(|fact| matches!(fact.kind, EvidenceKind::Runtime | EvidenceKind::Hint))
}

/// Two fixes, the second on top of the first, as one.
pub(super) fn joined(base: &Snapshot, patched: &Snapshot, first: &Fix, second: &Fix) -> Option<Fix> {
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
    Some(both(first, second, edits))
}

/// What two fixes say, as one fix that makes `edits`.
fn both(first: &Fix, second: &Fix, edits: Vec<Edit>) -> Fix {
    let is_told = first.title.split("; ").any(|title| title == second.title);
    let title = if is_told { first.title.clone() } else { format!("{}; {}", first.title, second.title) };
    let mut evidence = first.evidence.clone();
    evidence.extend(second.evidence.iter().filter(|fact| !first.evidence.contains(fact)).cloned());
    Fix {
        title,
        strategy: first.strategy,
        edits,
        confidence: Confidence::new(first.confidence.value().min(second.confidence.value())),
        evidence,
        tier: first.tier.max(second.tier),
    }
}

/// The edits of one file, the second ones made on top of the first, as edits of the first text; `None` where they touch.
/// An edit that two fixes share stays the same edit.
fn composed(first: Vec<Edit>, second: Vec<Edit>) -> Option<Vec<Edit>> {
    let second = below(&first, second)?;
    Some(first.into_iter().chain(second).collect())
}

/// Edits of one file that were made on top of `first`, as edits of the text before; `None` where they touch.
fn below(first: &[Edit], second: Vec<Edit>) -> Option<Vec<Edit>> {
    let mut first: Vec<&Edit> = first.iter().collect();
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
    second.into_iter().map(on_first).collect()
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
    use std::sync::Arc;

    use super::*;
    use crate::diagnosis::diagnose;
    use crate::heal::heal_one;
    use crate::report::Report;
    use crate::text::apply;
    use crate::workspace::history::History;

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
        let next = |chain: &Fix| {
            let patched = snapshot.with_edits(&chain.edits).unwrap();
            let report = Report { failures: vec![second.clone()], ..Report::default() };
            let next = heal_one(&patched, &report, diagnose(&patched, &Arc::new(second.clone())));
            Chain::of(&snapshot, chain).steps(&healing, &next).map(|fix| fix.title.clone()).next()
        };
        assert_eq!(next(taken), None);
        let renamed = Fix { strategy: "keyword-rename", ..(*taken).clone() };
        assert_eq!(next(&renamed).as_deref(), Some("Expect 1"));
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
