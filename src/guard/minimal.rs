//! A fix touches no more than it must, and says why.

use std::collections::HashSet;

use ::similar::{ChangeTag, TextDiff};

use crate::syntax::{Node, Source};

use super::change::{Change, FileChange};
use super::python::flat;
use super::tree_diff::differences;

/// Lines that a fix may change by itself, and with a person looking.
const MOST_LINES: usize = 10;
const MOST_LINES_REVIEWED: usize = 80;

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    if change.fix.evidence.is_empty() {
        return Some("has no evidence".to_string());
    }
    let most = if change.is_reviewed() { MOST_LINES_REVIEWED } else { MOST_LINES };
    let lines = changed_lines(file);
    (lines > most).then(|| format!("changes {lines} lines of {}, more than {most}", file.path))
}

/// The lines of the distinct changes: one rename at forty call sites is one change said forty times. Never more than the
/// lines of text that differ: arguments that go into an object on their line are parts of one change, and a block that is
/// indented into a `with` is one.
fn changed_lines(file: &FileChange) -> usize {
    let side = |source: &Source, node: Option<Node<'_>>| match node {
        Some(node) => (flat(source, node), node.end_position().row - node.start_position().row + 1),
        None => (String::new(), 0),
    };
    let mut seen = HashSet::new();
    let mut lines = 0;
    for difference in differences((&file.before, file.before.root()), (&file.after, file.after.root())) {
        let (was, old) = side(&file.before, difference.before);
        let (is, new) = side(&file.after, difference.after);
        if seen.insert((was, is)) {
            let texts = difference.before.zip(difference.after).filter(|(was, _)| was.kind().starts_with("string"));
            let of_text = texts.map(|(was, is)| differing_lines(file.before.slice(was), file.after.slice(is)));
            lines += of_text.unwrap_or(old.max(new));
        }
    }
    lines.min(differing_lines(&unindented(file.before.text()), &unindented(file.after.text())))
}

/// The text with each line from its first letter.
fn unindented(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_start(), "\n"]).collect()
}

/// The lines of a long text that differ.
fn differing_lines(old: &str, new: &str) -> usize {
    let diff = TextDiff::from_lines(old, new);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    count(ChangeTag::Delete).max(count(ChangeTag::Insert))
}
