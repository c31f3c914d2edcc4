//! Heals that no longer depend on the change that broke their test: the healed test passes on the source before
//! that change, too. Some are right all the same, where the change took away what the fix takes away.

use std::collections::{BTreeMap, HashSet};

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{EvidenceKind, Fix, Place};
use crate::report::Failure;
use crate::text::{Edit, FilePath};
use crate::validation::Dependence;
use crate::workspace::Snapshot;

/// What is told of such a heal.
pub const NOTE: &str = "passes on the source before the change, too: possibly vacuous";

/// Asks for each heal whether it follows the change that it answers. `follows` runs the tests of some failures on
/// the source before a commit, without and with edits; heals of one commit are tried together.
pub fn check(
    snapshot: &Snapshot,
    heals: &[(&Failure, &Fix)],
    mut follows: impl FnMut(&[Edit], &[&Failure], &str) -> Vec<Dependence>,
) -> Vec<Dependence> {
    let mut answers = Dependence::unknown("git knows no change of the product", heals.len());
    let mut by_commit: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, (failure, fix)) in heals.iter().enumerate() {
        if let Some(commit) = breaking_commit(snapshot, failure, fix) {
            by_commit.entry(commit).or_default().push(index);
        }
    }
    for (commit, of_commit) in by_commit {
        let failures: Vec<&Failure> = of_commit.iter().map(|&index| heals[index].0).collect();
        let mut edits: Vec<Edit> = Vec::new();
        for edit in of_commit.iter().flat_map(|&index| &heals[index].1.edits) {
            if !edits.contains(edit) {
                edits.push(edit.clone());
            }
        }
        for (index, answer) in of_commit.into_iter().zip(follows(&edits, &failures, &commit)) {
            answers[index] = answer;
        }
    }
    answers
}

/// The commit that the evidence names, else the newest change of the product since the test was touched: whether
/// it is the one that broke the test, the run before it shows.
fn breaking_commit(snapshot: &Snapshot, failure: &Failure, fix: &Fix) -> Option<String> {
    let named = fix.evidence.iter().find_map(|evidence| match &evidence.place {
        Place::Commit { commit } => Some(commit.clone()),
        _ => None,
    });
    named.or_else(|| {
        product::changes(snapshot, &test_file(snapshot, failure)).first().map(|change| change.commit.clone())
    })
}

/// Whether a heal is a person's to accept: it passes on the previous source, too, and no fact explains why.
pub fn is_suspect(snapshot: &Snapshot, failure: &Failure, fix: &Fix, dependence: &Dependence) -> bool {
    *dependence == Dependence::PossiblyVacuous && !is_explained(snapshot, failure, fix)
}

/// Whether a fact explains why a right heal passes on the previous source as well: someone says what to write
/// instead (documentation, a lesson, callers that were migrated), or what the product lost is what the test
/// loses, as when an alias or a shim is removed.
fn is_explained(snapshot: &Snapshot, failure: &Failure, fix: &Fix) -> bool {
    let told = |kind| matches!(kind, EvidenceKind::Docs | EvidenceKind::Lesson | EvidenceKind::Example);
    if fix.evidence.iter().any(|evidence| told(evidence.kind)) {
        return true;
    }
    let change = Words::of(snapshot, fix);
    product::hunks(snapshot, &test_file(snapshot, failure)).iter().any(|hunk| change.is_lost_in(hunk))
}

fn test_file(snapshot: &Snapshot, failure: &Failure) -> FilePath {
    snapshot.file_path(failure.nodeid.split("::").next().unwrap_or_default())
}

/// The words that a fix takes away and brings.
struct Words {
    gone: HashSet<String>,
    brought: HashSet<String>,
}

impl Words {
    fn of(snapshot: &Snapshot, fix: &Fix) -> Self {
        let replaced = |edit: &Edit| snapshot.text(&edit.path)?.get(edit.range.clone()).map(str::to_string);
        let old: HashSet<String> =
            fix.edits.iter().filter_map(replaced).flat_map(|text| words(&text).collect::<Vec<_>>()).collect();
        let new: HashSet<String> = fix.edits.iter().flat_map(|edit| words(&edit.text)).collect();
        Self { gone: old.difference(&new).cloned().collect(), brought: new.difference(&old).cloned().collect() }
    }

    /// The product lost a line that holds what the fix takes away together with what it brings (`totl = total`, an
    /// import, a signature), or a definition of the one that only handed on to the other.
    fn is_lost_in(&self, hunk: &Hunk) -> bool {
        let lines: Vec<HashSet<String>> = hunk.removed.iter().map(|line| words_of_line(hunk, line)).collect();
        let holds = |line: &HashSet<String>, wanted: &HashSet<String>| wanted.is_empty() || !line.is_disjoint(wanted);
        let together = lines.iter().any(|line| holds(line, &self.gone) && holds(line, &self.brought));
        let handed_on =
            || lines.iter().any(|line| holds(line, &self.gone)) && hunk.removed.iter().any(|line| self.hands_on(line));
        together || handed_on()
    }

    /// `return self.total()`, and nothing else.
    fn hands_on(&self, line: &str) -> bool {
        let Some(value) = line.trim().strip_prefix("return ") else { return false };
        let value = value.trim_start_matches("await ").trim();
        let Some((called, arguments)) = value.split_once('(') else { return false };
        let name = called.rsplit('.').next().unwrap_or(called);
        self.brought.contains(name) && arguments.find(')') == Some(arguments.len() - 1)
    }
}

/// The words of a removed line; of an import, those of the module that handed it on as well.
fn words_of_line(hunk: &Hunk, line: &str) -> HashSet<String> {
    let is_import = ["from ", "import "].iter().any(|start| line.trim_start().starts_with(start));
    let module = if is_import { hunk.path.as_str() } else { "" };
    words(line).chain(words(module)).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    parts.filter(|word| word.len() > 1).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fix::{Confidence, Evidence, Tier};
    use crate::workspace::history::History;

    const TEST: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";

    /// Whether `totl` -> `total` is explained where the product was `before` and is `after`.
    fn explained(before: &str, after: &str, evidence: Evidence) -> bool {
        let (test, shop) = (FilePath::new("tests/test_cart.py"), FilePath::new("shop.py"));
        let snapshot = Snapshot::in_memory([("tests/test_cart.py", TEST), ("shop.py", after)]);
        let history = History::of_one_commit([(shop, Arc::from(before))], &snapshot);
        let snapshot = snapshot.with_history(history);
        let at = TEST.find("totl").unwrap();
        let fix = Fix {
            title: "Rename `totl` to `total`".into(),
            strategy: "attribute-rename",
            edits: vec![Edit::replace(&test, at..at + 4, "total")],
            confidence: Confidence::new(0.9),
            evidence: vec![evidence],
            tier: Tier::Safe,
        };
        let failure = Failure { nodeid: "tests/test_cart.py::test_total".into(), ..Failure::default() };
        is_explained(&snapshot, &failure, &fix)
    }

    fn source() -> Evidence {
        Evidence::at(EvidenceKind::Source, &FilePath::new("shop.py"), 2, "`Cart` defines `total`")
    }

    const AFTER: &str = "class Cart:\n    def total(self):\n        return 0\n";

    #[test]
    fn a_removed_alias_or_shim_explains_itself() {
        assert!(explained(&format!("{AFTER}\n    totl = total\n"), AFTER, source()));
        let shim = format!("{AFTER}\n    def totl(self):\n        return self.total()\n");
        assert!(explained(&shim, AFTER, source()));
    }

    #[test]
    fn a_module_that_handed_an_import_on_explains_where_it_comes_from() {
        let (test, compat) = (FilePath::new("tests/test_a.py"), FilePath::new("shop/_compat.py"));
        let text = "from shop._compat import Protocol\n";
        let snapshot = Snapshot::in_memory([("tests/test_a.py", text), ("shop/_compat.py", "PY = 3\n")]);
        let before = Arc::from("from typing import Protocol\nPY = 3\n");
        let snapshot = snapshot.clone().with_history(History::of_one_commit([(compat, before)], &snapshot));
        let fix = Fix {
            title: "Import it from `typing`".into(),
            strategy: "reexport-removed",
            edits: vec![Edit::replace(&test, 5..17, "typing")],
            confidence: Confidence::new(0.9),
            evidence: vec![source()],
            tier: Tier::Safe,
        };
        let failure = Failure { nodeid: "tests/test_a.py".into(), ..Failure::default() };
        assert!(is_explained(&snapshot, &failure, &fix));
    }

    #[test]
    fn something_else_of_a_like_name_does_not() {
        let other = format!("{AFTER}\n    def totl(self):\n        return self.total() * 2\n");
        assert!(!explained(&other, AFTER, source()));
        assert!(!explained(&format!("{AFTER}\n    def totl(self):\n        return 0\n"), AFTER, source()));
        assert!(!explained(AFTER, AFTER, source()));
    }

    #[test]
    fn documentation_and_migrated_callers_explain() {
        let other = format!("{AFTER}\n    def totl(self):\n        return 0\n");
        let docs = Evidence::at(EvidenceKind::Docs, &FilePath::new("CHANGELOG.md"), 1, "use `total`");
        assert!(explained(&other, AFTER, docs));
    }
}
