//! The text still parses, or parses better than before; a repair of syntax changes nothing but syntax.

use std::collections::HashMap;

use crate::syntax::{Source, descendants};
use crate::workspace::similar_names::similar;

use super::change::{Change, FileChange};
use super::python::leaves;

pub(super) fn broken(_: &Change<'_>, file: &FileChange) -> Option<String> {
    let (before, after) = (errors(&file.before), errors(&file.after));
    if after > before {
        return Some(format!("leaves {} with a syntax error", file.path));
    }
    if file.before.text() == file.after.text() {
        return Some("changes nothing".to_string());
    }
    (after < before).then(|| word_lost(file))?
}

/// Whether the fix repairs syntax: the trees before and after are then not comparable.
pub(super) fn is_repair(file: &FileChange) -> bool {
    errors(&file.after) < errors(&file.before)
}

fn errors(source: &Source) -> usize {
    if !source.root().has_error() {
        return 0;
    }
    descendants(source.root()).filter(|node| node.is_error() || node.is_missing()).count()
}

/// A repair of syntax keeps every name and value, and adds only signs and keywords that carry no meaning. One
/// keyword may be spelled right: `asert` becomes `assert`.
fn word_lost(file: &FileChange) -> Option<String> {
    let (was, is) = (words(&file.before), words(&file.after));
    let mut lost = surplus(&was, &is);
    let mut added = surplus(&is, &was);
    if let ([(old, 1)], Some(at)) = (&lost[..], added.iter().position(|(word, _)| KEYWORDS.contains(word)))
        && !similar(old, [added[at].0]).is_empty()
    {
        lost.clear();
        added.remove(at);
    }
    if let Some((word, _)) = lost.first() {
        return Some(format!("repairs the syntax by dropping `{word}`"));
    }
    let harmless = ["as", "in", "is", "async", "import", "from", "def", "class"];
    let meant = added.iter().find(|(word, _)| !harmless.contains(word));
    meant.map(|(word, _)| format!("repairs the syntax by adding `{word}`"))
}

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "class", "def", "elif", "else", "except", "finally", "for", "from", "if",
    "import", "in", "is", "lambda", "not", "or", "raise", "return", "try", "while", "with", "yield",
];

/// The words that the first text has more often than the second, with how much more often.
fn surplus<'w>(of: &'w HashMap<String, usize>, than: &HashMap<String, usize>) -> Vec<(&'w str, usize)> {
    let more = |(word, count): (&'w String, &usize)| {
        let more = count.saturating_sub(than.get(word).copied().unwrap_or(0));
        (more > 0).then_some((word.as_str(), more))
    };
    let mut words: Vec<_> = of.iter().filter_map(more).collect();
    words.sort_unstable();
    words
}

/// The words of a text, counted: names, values and keywords, not signs.
fn words(source: &Source) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for leaf in leaves(source.root()).filter(|leaf| leaf.kind() != "comment") {
        for word in
            source.slice(leaf).split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
        {
            *counts.entry(word.to_string()).or_insert(0) += 1;
        }
    }
    counts
}
