//! From what two runs showed to a verdict. Pure: no process, no file.

use std::collections::HashSet;

use super::Verdict;
use super::ids::Ids;
use super::trial::{Shape, Shown};
use crate::diagnosis::Complaint;
use crate::report::{Failure, Frame, Introspection, Outcome, Phase};
use crate::text::{Edit, LineIndex};
use crate::workspace::Snapshot;

/// What is known of a candidate before it runs.
pub(super) struct Candidate<'a> {
    /// The failures it is for.
    pub(super) failures: &'a [&'a Failure],
    /// The project without it.
    pub(super) before: &'a Snapshot,
    /// Its edits.
    pub(super) edits: &'a [Edit],
}

impl Candidate<'_> {
    /// The verdict on the failing tests alone, and the failures that stand now, under the ids that the tests had.
    pub(super) fn judge(&self, shown: &Shown, ids: &Ids) -> (Verdict, Vec<Failure>) {
        let mut now: Vec<Failure> = Vec::new();
        let mut worst: Option<Verdict> = None;
        for old in self.failures {
            let verdict = self.judge_one(old, shown, ids, &mut now);
            worst = Some(match worst {
                Some(other) if rank(&other) >= rank(&verdict) => other,
                _ => verdict,
            });
        }
        (worst.unwrap_or(Verdict::NotRun { reason: "no failure was named".to_string() }), now)
    }

    fn judge_one(&self, old: &Failure, shown: &Shown, ids: &Ids, now: &mut Vec<Failure>) -> Verdict {
        let file = old.nodeid.split("::").next().unwrap_or_default();
        let broken =
            shown.broken.iter().find(|failure| failure.nodeid == file || failure.path.as_deref() == Some(file));
        if let Some(new) = broken.or(shown.broken.first()) {
            now.push(new.clone());
            return self.compare(old, new);
        }
        if let Some(problem) = shown.problem.clone().filter(|_| !shown.finished) {
            return Verdict::NotRun { reason: problem };
        }
        let called = ids.now(&old.nodeid);
        let tests: Vec<(&str, &Shape)> = shown.named(called).collect();
        if tests.is_empty() && self.skips_for_want_of(old) {
            return Verdict::Passes { runs: 1 };
        }
        if tests.is_empty() {
            return Verdict::ChecksLess { reason: format!("{} is no longer collected", old.nodeid) };
        }
        // Of a file that was not collected some tests may skip themselves, or expect to fail, as they always did.
        let is_of_file = old.nodeid == file && tests.iter().any(|(_, test)| test.passed());
        for (nodeid, test) in tests {
            if let Some(new) = &test.failure {
                let nodeid = if called == old.nodeid { &new.nodeid } else { &old.nodeid };
                now.push(Failure { nodeid: nodeid.clone(), ..new.clone() });
                return self.compare(old, new);
            }
            if is_of_file && (test.passed() || matches!(test.worst, Some(Outcome::Skipped | Outcome::Xfailed))) {
                continue;
            }
            if !test.passed() {
                let how = match test.worst {
                    Some(Outcome::Skipped) => "is skipped",
                    Some(Outcome::Xfailed | Outcome::Xpassed) => "is expected to fail",
                    _ => "did not run to its end",
                };
                return Verdict::ChecksLess { reason: format!("{nodeid} {how} now") };
            }
            if test.has_checks && test.checks == 0 {
                return Verdict::ChecksLess { reason: format!("{nodeid} passes without executing any of its checks") };
            }
        }
        Verdict::Passes { runs: 1 }
    }

    /// Whether the candidate does nothing but skip the file where the very module is missing that its import did not
    /// find (`optional-dependency`, which a person has to accept): then it is skipped here, for that reason. The lines
    /// stand right above the import that failed, so nothing else has ended the file.
    fn skips_for_want_of(&self, old: &Failure) -> bool {
        let Complaint::NoModule { module } = Complaint::of(old) else { return false };
        let skips = |line: &str| {
            let skipped = line.strip_prefix("pytest.importorskip(\"").and_then(|rest| rest.strip_suffix("\")"));
            skipped.is_some_and(|name| name.split('.').next() == module.split('.').next())
        };
        let lines = || self.edits.iter().flat_map(|edit| edit.text.lines()).filter(|line| !line.trim().is_empty());
        let takes_only_pytest = |edit: &Edit| {
            edit.range.is_empty() || edit.text.is_empty() && self.removed(edit).is_some_and(|it| it.trim() == IMPORT)
        };
        let is_above = |edit: &Edit| {
            let path = old.path.as_deref().map(|path| self.before.file_path(path));
            let text = self.before.text(&edit.path).unwrap_or_default();
            let line = LineIndex::new(&text).line_at(edit.range.start) as u32 + 1;
            path.as_ref() == Some(&edit.path) && (edit.text.is_empty() || Some(line) == old.line)
        };
        old.phase == Phase::Collection
            && lines().filter(|line| skips(line)).count() == 1
            && lines().all(|line| skips(line) || line == IMPORT)
            && self.edits.iter().all(|edit| takes_only_pytest(edit) && is_above(edit))
    }

    /// Whether the failing test got further.
    fn compare(&self, old: &Failure, new: &Failure) -> Verdict {
        let moved = Verdict::MovesOn { failure: new.headline().unwrap_or_default(), line: new.line };
        if new.phase != old.phase {
            return if new.phase > old.phase { moved } else { Verdict::StillFails };
        }
        if self.blames_the_edit(new) {
            return Verdict::StillFails;
        }
        let same_kind = new.exc_type == old.exc_type;
        let same = same_kind && (new.message == old.message || old.exc_type.as_deref() == Some("AssertionError"));
        match (old.line, new.line) {
            (Some(old_line), Some(line)) if old.path == new.path => {
                let (first, last) = self.line_now(old.path.as_deref().unwrap_or_default(), old_line);
                let is_other = !same || compares_others(old, new);
                if line > last || (line >= first && is_other) { moved } else { Verdict::StillFails }
            }
            _ if same && !self.is_collected_further(old, new) => Verdict::StillFails,
            _ => moved,
        }
    }

    /// Whether the import of a file got further down than before, by the statements that led to both failures: the same
    /// module may be missing in the file and in a helper that it imports.
    fn is_collected_further(&self, old: &Failure, new: &Failure) -> bool {
        let is_known = |frame: &&Frame| {
            let path = self.before.file_path(&frame.path);
            path.is_inside() && self.before.exists(&path)
        };
        let mut steps = old.frames.iter().filter(is_known).zip(new.frames.iter().filter(is_known));
        let apart = steps.find_map(|(was, is)| {
            let (first, last) = self.line_now(&was.path, was.line);
            (was.path != is.path || !(first..=last).contains(&is.line)).then(|| was.path == is.path && is.line > last)
        });
        old.phase == Phase::Collection && apart == Some(true)
    }

    /// Whether the new failure speaks of a word that the candidate brought in.
    fn blames_the_edit(&self, new: &Failure) -> bool {
        let message = new.message.as_deref().unwrap_or_default();
        if new.exc_type.as_deref() == Some("AssertionError") {
            return false;
        }
        if new.exc_type.as_deref() == Some("SyntaxError") || new.exc_type.as_deref() == Some("IndentationError") {
            return true;
        }
        let removed: Vec<String> = self.edits.iter().filter_map(|edit| self.removed(edit)).collect();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let new_words = self.new_words(&removed, is_part);
        // Who takes a name from a module inside of another one says nothing of that one.
        if let Complaint::NoImport { name, module } = Complaint::of(new) {
            let new_modules = self.new_words(&removed, |c| is_part(c) || c == '.');
            return new_words.contains(name.as_str()) || new_modules.contains(module.as_str());
        }
        let quoted = message.split('\'').skip(1).step_by(2);
        quoted.flat_map(|text| words(text, is_part)).any(|word| new_words.contains(word))
    }

    /// The words of the edits that did not stand in what they took away.
    fn new_words<'t>(&'t self, removed: &'t [String], is_part: impl Fn(char) -> bool + Copy) -> HashSet<&'t str> {
        let kept: HashSet<&str> = removed.iter().flat_map(|text| words(text, is_part)).collect();
        self.edits.iter().flat_map(|edit| words(&edit.text, is_part)).filter(|word| !kept.contains(word)).collect()
    }

    fn removed(&self, edit: &Edit) -> Option<String> {
        self.before.text(&edit.path)?.get(edit.range.clone()).map(str::to_string)
    }

    /// The lines where a line of the old text stands now: first and last, where edits touch it.
    fn line_now(&self, path: &str, line: u32) -> (u32, u32) {
        let path = self.before.file_path(path);
        let Some(text) = self.before.text(&path) else { return (line, line) };
        let lines = LineIndex::new(&text);
        let (mut first, mut last) = (i64::from(line), i64::from(line));
        for edit in self.edits.iter().filter(|edit| edit.path == path) {
            let removed = text.get(edit.range.clone()).unwrap_or_default().matches('\n').count() as i64;
            let added = edit.text.matches('\n').count() as i64;
            let (start, end) = (lines.line_at(edit.range.start) as i64 + 1, lines.line_at(edit.range.end) as i64 + 1);
            let whole_lines_before = end == i64::from(line)
                && lines.line_range(end as usize - 1).is_some_and(|range| range.start == edit.range.end);
            if end < i64::from(line) || whole_lines_before {
                first += added - removed;
                last += added - removed;
            } else if start <= i64::from(line) {
                last += (added - removed).max(0);
            }
        }
        (first.max(1) as u32, last.max(1) as u32)
    }
}

/// What the fix did to the other tests of the files: `None` where all is as well as before.
pub(super) fn harm(asked: &[&Failure], before: &Shown, after: &Shown, ids: &Ids) -> Option<Verdict> {
    if let Some(problem) = after.problem.clone().filter(|_| !after.finished) {
        return Some(Verdict::NotRun { reason: problem });
    }
    for (nodeid, was) in &before.tests {
        let is_asked = asked.iter().any(|failure| before.named(&failure.nodeid).any(|(named, _)| named == nodeid));
        let Some(is) = after.tests.get(ids.now(nodeid)) else {
            return Some(Verdict::ChecksLess { reason: format!("{nodeid} is no longer collected") });
        };
        if was.passed() && !is.passed() {
            return Some(Verdict::Breaks { nodeid: nodeid.clone() });
        }
        if (was.passed() || is_asked) && is.checks < was.checks {
            let reason = format!("{nodeid} executed {} checks before, {} now", was.checks, is.checks);
            return Some(Verdict::ChecksLess { reason });
        }
    }
    None
}

/// What a line that skips needs above it.
const IMPORT: &str = "import pytest";

/// The worse, the higher.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Passes { .. } => 0,
        Verdict::MovesOn { .. } => 1,
        Verdict::NotRun { .. } => 2,
        Verdict::ChecksLess { .. } => 3,
        Verdict::Breaks { .. } => 4,
        Verdict::StillFails => 5,
    }
}

fn words(text: &str, is_part: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c: char| !is_part(c)).filter(|word| !word.is_empty())
}

/// Whether one check, in a loop or a helper, met two values that have nothing to do with the two that it met before:
/// what was expected then is fulfilled now.
fn compares_others(old: &Failure, new: &Failure) -> bool {
    let (Some((op, old)), Some((new_op, new))) = (sides(old), sides(new)) else { return false };
    op == new_op && !new.iter().any(|side| old.contains(side))
}

/// The operator and both values, as pytest printed them or as unittest's `assertEqual` words them: `4 != 3`.
fn sides(failure: &Failure) -> Option<(&str, [&str; 2])> {
    if let Some(Introspection { op, left, right, .. }) = &failure.introspection {
        return Some((op, [left, right]));
    }
    let first = failure.message.as_deref()?.lines().next()?;
    let (left, right) = first.split_once(" != ").filter(|(_, right)| !right.contains(" != "))?;
    Some(("==", [left, right]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_the_edit_brought_is_blamed_and_a_module_around_it_is_not() {
        let before = Snapshot::in_memory([("test_a.py", "from shop.cart import Cart, Price\n")]);
        let path = crate::text::FilePath::new("test_a.py");
        let edits = [Edit::replace(&path, 22..28, ""), Edit::insert(&path, 34, "from shop.cart.big import Cart\n")];
        let candidate = Candidate { failures: &[], before: &before, edits: &edits };
        let blames = |exc_type: &str, message: &str| {
            let failure =
                Failure { exc_type: Some(exc_type.into()), message: Some(message.into()), ..Failure::default() };
            candidate.blames_the_edit(&failure)
        };
        assert!(!blames("ImportError", "cannot import name 'Price' from 'shop.cart' (/p/shop/cart/__init__.py)"));
        assert!(blames("ImportError", "cannot import name 'Cart' from 'shop.cart.big' (/p/shop/cart/big.py)"));
        assert!(blames("ModuleNotFoundError", "No module named 'shop.cart.big'"));
        assert!(!blames("ModuleNotFoundError", "No module named 'lamps'"));
    }

    #[test]
    fn another_row_of_a_loop_is_another_failure() {
        let compared = |left: &str, right: &str| Failure {
            introspection: Some(Introspection { left: left.into(), op: "==".into(), right: right.into() }),
            ..Failure::default()
        };
        let old = compared("'A'", "'a'");
        assert!(compares_others(&old, &compared("'B'", "'b'")));
        assert!(!compares_others(&old, &compared("'C'", "'A'")), "what was written does not hold");
        assert!(!compares_others(&old, &compared("'A'", "'b'")));
        assert!(!compares_others(&old, &Failure::default()));
    }

    #[test]
    fn a_file_that_is_imported_further_moves_on_with_the_same_words() {
        let before = Snapshot::in_memory([
            ("tests/test_a.py", "from shop.cart import (\n    Cart,\n)\n\nfrom .util import cart\n"),
            ("tests/util.py", "from shop.cart import Cart\n"),
        ]);
        let path = crate::text::FilePath::new("tests/test_a.py");
        let edits = [Edit::replace(&path, 0..34, "from shop.carts import Cart")];
        let candidate = Candidate { failures: &[], before: &before, edits: &edits };
        let failing = |frames: &[(&str, u32)]| Failure {
            phase: Phase::Collection,
            path: frames.last().map(|(path, _)| path.to_string()),
            line: frames.last().map(|(_, line)| *line),
            message: Some("No module named 'shop.cart'".into()),
            frames: frames
                .iter()
                .map(|(path, line)| Frame { path: path.to_string(), line: *line, ..Frame::default() })
                .collect(),
            ..Failure::default()
        };
        let (test, util) = ("tests/test_a.py", "tests/util.py");
        let moves_on = |old: &[(&str, u32)], new: &[(&str, u32)]| {
            matches!(candidate.compare(&failing(old), &failing(new)), Verdict::MovesOn { .. })
        };
        assert!(moves_on(&[(test, 1)], &[(test, 3), (util, 1)]));
        assert!(!moves_on(&[(test, 1)], &[(test, 1), (util, 1)]));
        assert!(!moves_on(&[(test, 5), (util, 1)], &[(test, 1)]));
    }

    #[test]
    fn a_file_is_skipped_by_the_line_that_names_what_it_lacks_and_by_no_other() {
        let before = Snapshot::in_memory([("test_a.py", "import os\nimport yaml\n\ndef test_a(): ...\n")]);
        let path = crate::text::FilePath::new("test_a.py");
        let shown = Shown { finished: true, ..Shown::default() };
        let old = Failure {
            nodeid: "test_a.py".into(),
            phase: Phase::Collection,
            path: Some("test_a.py".into()),
            line: Some(2),
            exc_type: Some("ModuleNotFoundError".into()),
            message: Some("No module named 'yaml'".into()),
            ..Failure::default()
        };
        let verdict = |edits: &[Edit]| {
            let candidate = Candidate { failures: &[&old], before: &before, edits };
            candidate.judge(&shown, &Ids::default()).0
        };
        let insert = |at: usize, text: &str| Edit::insert(&path, at, text);
        let line = "import pytest\n\npytest.importorskip(\"yaml\")\n";
        assert_eq!(verdict(&[insert(10, line)]), Verdict::Passes { runs: 1 });
        let less = |edits: &[Edit]| matches!(verdict(edits), Verdict::ChecksLess { .. });
        assert!(less(&[insert(0, line)]), "above another line");
        assert!(less(&[insert(10, "import pytest\npytest.importorskip(\"toml\")\n")]));
        assert!(less(&[insert(10, "pytest.skip(\"yaml\", allow_module_level=True)\n")]));
        assert!(less(&[insert(10, line), Edit::replace(&path, 22..39, "")]));
    }
}
