//! The text still parses, or parses better than before; a repair of syntax changes nothing but syntax.

use std::collections::HashMap;

use crate::syntax::{Source, descendants};

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

/// A repair of syntax keeps every name and value, and adds only signs and keywords that carry no meaning.
fn word_lost(file: &FileChange) -> Option<String> {
    let (was, is) = (words(&file.before), words(&file.after));
    let lost = was.iter().find(|(word, count)| is.get(*word).copied().unwrap_or(0) < **count);
    if let Some((word, _)) = lost {
        return Some(format!("repairs the syntax by dropping `{word}`"));
    }
    let added = is.iter().find(|(word, count)| was.get(*word).copied().unwrap_or(0) < **count);
    let harmless = ["as", "in", "is", "async", "import", "from", "def", "class"];
    added
        .filter(|(word, _)| !harmless.contains(&word.as_str()))
        .map(|(word, _)| format!("repairs the syntax by adding `{word}`"))
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
