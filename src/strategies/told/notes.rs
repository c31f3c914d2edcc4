//! What a hunk says in words: paragraphs of documents and docstrings, with the names of code that they speak of.

use std::collections::HashSet;
use std::ops::Range;

use crate::diagnosis::product::Hunk;
use crate::syntax::outline::ItemKind;
use crate::syntax::{Source, ancestors};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::words::occurrences;

/// A paragraph that came.
pub(super) struct Note<'h> {
    pub(super) hunk: &'h Hunk,
    /// 1-based line of its start.
    pub(super) line: u32,
    /// Its text, on one line.
    pub(super) text: String,
    /// The names of code in it, and the function or class whose docstring tells that it changed.
    pub(super) names: HashSet<String>,
    /// The function or class in whose docstring it stands.
    pub(super) within: Option<String>,
}

impl Note<'_> {
    /// Whether it speaks of one of `names`; of a class's method only where the class is one of them, or `known`.
    pub(super) fn names_one_of(&self, names: &HashSet<String>, known: &HashSet<String>) -> bool {
        let named = self.names.iter().filter(|name| names.contains(*name));
        named.into_iter().any(|name| self.is_of(name, names, known))
    }

    /// The same for names that it says without marking them as code.
    pub(super) fn says_one_of(&self, names: &HashSet<String>, known: &HashSet<String>) -> bool {
        let is_said = |name: &&String| name.len() > 3 && occurrences(&self.text, name).next().is_some();
        names.iter().filter(is_said).any(|name| self.is_of(name, names, known))
    }

    /// Whether the name stands alone, or behind a class that is one of `names` or `known`.
    fn is_of(&self, name: &str, names: &HashSet<String>, known: &HashSet<String>) -> bool {
        let mut owners = owners(&self.text, name).peekable();
        owners.peek().is_none() || owners.any(|owner| names.contains(owner) || known.contains(owner))
    }
}

/// `Cart` of each `Cart.total` in a text.
fn owners<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
    occurrences(text, name).filter_map(|at| {
        let owner = text[..at].strip_suffix('.')?.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
        owner.starts_with(char::is_uppercase).then_some(owner)
    })
}

/// The paragraphs that a hunk brings.
pub(super) fn of<'h>(snapshot: &Snapshot, hunk: &'h Hunk) -> Vec<Note<'h>> {
    if hunk.is_python() { docstrings(snapshot, hunk) } else { paragraphs(hunk) }
}

fn paragraphs(hunk: &Hunk) -> Vec<Note<'_>> {
    let is_prose = [".rst", ".md", ".txt"].iter().any(|end| hunk.path.as_str().ends_with(end));
    let mut notes: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (line, number) in hunk.added.iter().zip(hunk.line..).filter(|_| is_prose) {
        let text = line.trim();
        let is_item = text.starts_with(['-', '*', '+']) || text.starts_with("..");
        let is_new = !hunk.removed.iter().any(|old| old.trim() == text);
        match notes.last_mut() {
            Some((_, note)) if open && !is_item && is_new => *note = format!("{note} {text}"),
            _ if is_new && !text.is_empty() => notes.push((number, text.to_string())),
            _ => {}
        }
        open = is_new && !text.is_empty();
    }
    let note = |(line, text): (u32, String)| Note { hunk, line, names: names(&text), text, within: None };
    notes.into_iter().filter(|(_, text)| tells_of_behaviour(text)).map(note).collect()
}

/// What came in docstrings of functions and classes that were there before.
fn docstrings<'h>(snapshot: &Snapshot, hunk: &'h Hunk) -> Vec<Note<'h>> {
    let Some(source) = snapshot.source(&hunk.path) else { return Vec::new() };
    let mut told: Vec<(Option<String>, u32, String)> = Vec::new();
    for (number, line) in (hunk.line..).zip(&hunk.added).filter(|(number, line)| is_told(&source, *number, line)) {
        let within = within(snapshot, &hunk.path, number).pop();
        match told.last_mut() {
            Some((same, _, text)) if *same == within => *text = format!("{text} {}", line.trim()),
            _ => told.push((within, number, line.trim().to_string())),
        }
    }
    let before: HashSet<&str> = hunk.removed.iter().flat_map(|line| words(line)).collect();
    let is_news = |text: &str| words(text).filter(|word| !before.contains(word)).collect::<HashSet<_>>().len() > 1;
    let mut notes = Vec::new();
    for (within, line, text) in told {
        let is_new = within.as_ref().is_some_and(|name| is_defined_by(hunk, name));
        if is_new || (is_first(hunk, &text) && !is_directive(&text)) || !is_news(&text) || !tells_of_behaviour(&text) {
            continue;
        }
        let mut names = names(&text);
        if is_directive(&text) || is_directive(&above(&source, line)) {
            names.extend(within.clone());
        }
        notes.push(Note { hunk, line, text, names, within });
    }
    notes
}

/// Whether the text opens a docstring where there was none: it tells what the code does, and not that it changed.
fn is_first(hunk: &Hunk, text: &str) -> bool {
    let opens =
        |line: &str| ["\"\"\"", "'''"].iter().any(|quotes| line.trim_start_matches(['r', 'R']).starts_with(quotes));
    opens(text) && !hunk.removed.iter().any(|line| opens(line.trim()))
}

/// Whether the function or class is one that the hunk makes.
pub(super) fn is_defined_by(hunk: &Hunk, name: &str) -> bool {
    let defines = |lines: &[String]| {
        lines.iter().any(|line| {
            let line = line.trim_start().trim_start_matches("async ");
            let rest = line.strip_prefix("def ").or_else(|| line.strip_prefix("class "));
            rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with(['(', ':', ' ', '[']))
        })
    };
    defines(&hunk.added) && !defines(&hunk.removed)
}

/// The lines of the paragraph above a line.
fn above(source: &Source, line: u32) -> String {
    let lines = (1..line).rev().map_while(|line| source.code_on_line(line)).map(|code| &source.text()[code]);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a line of a Python file lies in a docstring and not in code.
pub(super) fn is_told(source: &Source, number: u32, line: &str) -> bool {
    let Some(code) = source.code_on_line(number).filter(|code| source.text()[code.clone()].trim() == line.trim())
    else {
        return false;
    };
    let Some(node) = source.root().descendant_for_byte_range(code.start, code.start + 1) else { return false };
    ancestors(node).any(|node| {
        node.kind() == "string" && node.parent().is_some_and(|parent| parent.kind() == "expression_statement")
    })
}

/// The classes and the function around a line of a file as it stands now, outermost first.
pub(super) fn within(snapshot: &Snapshot, path: &FilePath, line: u32) -> Vec<String> {
    let Some(source) = snapshot.source(path) else { return Vec::new() };
    let start = || source.lines().line_range(line.saturating_sub(1) as usize).map(|range| range.start);
    let at = source.code_on_line(line).map(|code| code.start).or_else(start);
    at.map_or(Vec::new(), |at| around(snapshot, path, at))
}

/// The same around a byte.
pub(super) fn around(snapshot: &Snapshot, path: &FilePath, at: usize) -> Vec<String> {
    let Some(outline) = snapshot.outline(path) else { return Vec::new() };
    let holds = |span: &Range<usize>| span.contains(&at);
    let around = outline.items.iter().filter(|item| item.kind != ItemKind::Variable && holds(&item.span));
    let mut around: Vec<_> = around.collect();
    around.sort_by_key(|item| std::cmp::Reverse(item.span.len()));
    around.into_iter().map(|item| item.name.clone()).collect()
}

/// Sphinx' and numpydoc's way to say that what a function does is another thing since a version.
fn is_directive(text: &str) -> bool {
    let text = text.to_lowercase();
    ["versionchanged", "versionadded", "deprecated", "changed in"].iter().any(|word| text.contains(word))
}

/// Whether a paragraph is not about what nobody should notice, nor about what did not change or should not have.
fn tells_of_behaviour(text: &str) -> bool {
    let text = text.to_lowercase();
    let is_denied = ["no change", "not change", "unchanged", "known bug", "known issue", "todo", "fixme"];
    if is_denied.iter().any(|words| text.contains(words)) {
        return false;
    }
    let silent = ["faster", "performance", "speed up", "sped up", "refactor", "annotation", "type hint", "typo"];
    !silent.iter().any(|word| text.contains(word))
}

/// The names of code in a paragraph: what stands between back-quotes, and words that only code spells so.
fn names(text: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    let text = text.replace("``", "`");
    for (index, part) in text.split('`').enumerate() {
        let is_quoted = index % 2 == 1;
        let mut rest = part;
        for word in words(part) {
            let at = rest.find(word).unwrap_or_default();
            rest = &rest[at + word.len()..];
            if is_quoted || is_spelt_as_code(word) || rest.starts_with("()") {
                found.insert(word.to_string());
            }
        }
    }
    found
}

fn is_spelt_as_code(word: &str) -> bool {
    let inner = word.trim_matches('_');
    let humps = inner.chars().zip(inner.chars().skip(1)).filter(|(a, b)| a.is_lowercase() && b.is_uppercase()).count();
    inner.contains('_') || humps > 0
}

/// The words of code or prose that are more than Python's own.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    parts.filter(|word| word.chars().count() > 2 && !COMMON.contains(word) && !word.starts_with(char::is_numeric))
}

/// Words that say nothing of one project.
const COMMON: &[&str] = &[
    "None",
    "True",
    "False",
    "and",
    "are",
    "args",
    "assert",
    "async",
    "await",
    "bool",
    "bytes",
    "class",
    "cls",
    "def",
    "dict",
    "elif",
    "else",
    "except",
    "finally",
    "float",
    "for",
    "from",
    "global",
    "import",
    "int",
    "isinstance",
    "kwargs",
    "lambda",
    "len",
    "list",
    "nonlocal",
    "not",
    "object",
    "param",
    "pass",
    "pytest",
    "raise",
    "raises",
    "return",
    "returns",
    "self",
    "set",
    "str",
    "super",
    "test",
    "the",
    "this",
    "try",
    "tuple",
    "type",
    "typing",
    "while",
    "with",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_or_spelt_as_code() {
        let of = |text: &str| {
            let mut names: Vec<String> = names(text).into_iter().collect();
            names.sort_unstable();
            names
        };
        assert_eq!(of("`shop.Cart` now counts ``total`` for None"), ["Cart", "shop", "total"]);
        assert_eq!(of("The cart_total and CartItem of order() changed"), ["CartItem", "cart_total", "order"]);
        assert!(of("Use the new total").is_empty());
    }
}
