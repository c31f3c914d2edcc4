//! Whether a name that the product has no more was taken out on purpose, or got lost.

use std::sync::Arc;

use crate::syntax::outline::Outline;
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::words::occurrences;

use super::product::{self, Hunk};

/// A name that went away in a commit.
pub struct Removed<'a> {
    /// The name.
    pub name: &'a str,
    /// The commit, abbreviated.
    pub commit: &'a str,
    /// The commit's first line.
    pub subject: &'a str,
    /// Whether the file defined it, and did not import it only.
    pub was_defined: bool,
    /// The file that had it.
    pub path: &'a FilePath,
    /// The file of the test that asks for it.
    pub test: &'a FilePath,
}

/// How people call it when they take something out on purpose.
const MEANT: [&str; 20] = [
    "remov",
    "drop",
    "delet",
    "renam",
    "replac",
    "deprecat",
    "get rid",
    "clean",
    "inlin",
    "move",
    "moving",
    "split",
    "refactor",
    "rewrit",
    "rework",
    "migrat",
    "unused",
    "dead code",
    "no longer",
    "legacy",
];

impl Removed<'_> {
    /// Whether the commit says so, or puts something else in the place of the name.
    pub fn is_meant(&self, snapshot: &Snapshot) -> bool {
        let subject = self.subject.to_lowercase();
        let is_said =
            MEANT.iter().any(|word| subject.contains(word)) || snapshot.history().says(self.commit, self.name);
        is_said || self.is_told(snapshot) || self.is_replaced(snapshot)
    }

    /// Whether a document that the same commit changes has the name.
    fn is_told(&self, snapshot: &Snapshot) -> bool {
        let lines = |hunk: &Hunk| hunk.added.iter().chain(&hunk.removed).any(|line| has_word(line, self.name));
        let hunks = product::hunks(snapshot, self.test);
        hunks.iter().any(|hunk| hunk.commit == self.commit && !hunk.is_python() && lines(hunk))
    }

    /// Whether the file got a definition that it did not have, or other lines where the name stood.
    fn is_replaced(&self, snapshot: &Snapshot) -> bool {
        let changes = snapshot.history().changes(Some(self.test));
        let is_it = |path: &FilePath, commit: &str| path == self.path && commit == self.commit;
        let Some(change) = changes.iter().find(|change| is_it(&change.path, &change.commit)) else { return true };
        let defined = |text: &Arc<str>| {
            let outline = Outline::of_text(text);
            outline.items.iter().map(|item| outline.path_of(item)).collect::<Vec<_>>()
        };
        let (Some(before), Some(after)) = (&change.before, &change.after) else { return true };
        let known = defined(before);
        let is_rewritten = |hunk: &Hunk| {
            let is_of_name = hunk.removed.iter().any(|line| has_word(line, self.name));
            is_of_name && hunk.added.iter().any(|line| !line.trim().is_empty())
        };
        defined(after).iter().any(|path| !known.contains(path)) || product::hunks_of(change).iter().any(is_rewritten)
    }
}

/// The place of the product that still asks an object for what nothing in the project defines any more.
pub fn still_used(snapshot: &Snapshot, name: &str) -> Option<String> {
    if !snapshot.definitions(name).is_empty() {
        return None;
    }
    let is_product = |path: &FilePath| path.is_inside() && !path.is_test_code();
    snapshot.files_naming(name).into_iter().filter(is_product).find_map(|path| {
        let (text, outline) = (snapshot.text(&path)?, snapshot.outline(&path)?);
        let is_module = |object: &str| outline.imports.iter().any(|import| import.binds == object);
        let asks = |line: &str| {
            let mut objects = occurrences(line, name).filter_map(|at| object_before(&line[..at]));
            !line.trim_start().starts_with('#') && objects.any(|object| !is_module(object))
        };
        let line = text.lines().position(asks)? + 1;
        Some(format!("{path}:{line}"))
    })
}

/// `cart` of `    return cart.`.
fn object_before(code: &str) -> Option<&str> {
    let code = code.strip_suffix('.')?;
    let start = code.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    Some(&code[start..]).filter(|object| !object.is_empty())
}

fn has_word(text: &str, word: &str) -> bool {
    occurrences(text, word).next().is_some()
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::Verdict;
    use crate::fixture::Scene;

    #[track_caller]
    fn check(before: &str, after: &str, more: &str, expect: Verdict, told: &str) {
        let scene = format!(
            "#- before: shop.py\n{before}#- shop.py\n{after}{more}#- tests/test_shop.py\nfrom shop import Cart\n\n\
             def test_total():\n    assert Cart().total() == 0\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       assert Cart().total() == 0\n\
             E       AttributeError: 'Cart' object has no attribute 'total'\n\n\
             tests/test_shop.py:4: AttributeError\n"
        );
        let diagnosis = Scene::parse(&scene).heal().diagnosis;
        assert_eq!(diagnosis.verdict, expect, "{}", diagnosis.reason);
        assert!(diagnosis.reason.contains(told), "{}", diagnosis.reason);
        assert_eq!(diagnosis.culprit_symbol.as_deref(), Some("total"));
    }

    const BEFORE: &str = "class Cart:\n    def total(self):\n        return 0\n\n    def clear(self):\n        pass\n";
    const AFTER: &str = "class Cart:\n    def clear(self):\n        pass\n";

    #[test]
    fn a_method_that_is_gone_without_a_word_was_meant_or_lost() {
        check(BEFORE, AFTER, "", Verdict::Undecided, "puts nothing in its place: meant, or a slip");
    }

    #[test]
    fn a_method_that_a_document_or_another_method_stands_for_was_meant() {
        let note = "#- before: CHANGELOG.md\n# 2\n#- CHANGELOG.md\n# 2\n`Cart.total` is gone.\n";
        check(BEFORE, AFTER, note, Verdict::OutdatedTest, "was removed from shop.py");
        let after = "class Cart:\n    def clear(self):\n        pass\n\n    def weigh(self, scale, unit):\n        return scale(self, unit)\n";
        check(BEFORE, after, "", Verdict::OutdatedTest, "was removed from shop.py");
    }

    #[test]
    fn a_method_that_the_product_still_calls_was_hardly_meant_to_go() {
        let caller = "#- report.py\ndef line(cart):\n    return cart.total()\n";
        check(BEFORE, AFTER, caller, Verdict::Undecided, "and report.py:2 still asks for it: meant, or a slip");
        let other = "#- report.py\nimport cart\n\ndef line():\n    return cart.total()\n";
        check(BEFORE, AFTER, other, Verdict::Undecided, "puts nothing in its place");
    }
}
