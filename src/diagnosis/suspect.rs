//! Which change of the product a failure is about: the one on its trace, else one that the test names.

use std::collections::HashSet;

use crate::report::Failure;
use crate::syntax::outline::ItemKind;
use crate::syntax::{Node, ancestors};
use crate::workspace::Snapshot;

use super::Site;
use super::product::Hunk;

/// A change with the function or class that it stands in.
pub struct Suspect<'h> {
    /// The change.
    pub hunk: &'h Hunk,
    /// `Cart.total`; `None` at module level.
    pub symbol: Option<String>,
}

impl Suspect<'_> {
    /// "`Cart.total` (shop.py:7)".
    pub fn title(&self) -> String {
        let place = format!("{}:{}", self.hunk.path, self.hunk.line);
        match &self.symbol {
            Some(symbol) => format!("`{symbol}` ({place})"),
            None => place,
        }
    }
}

/// More changes than this are not weighed.
const MOST: usize = 500;

/// The likeliest of `hunks`, which come newest first.
pub fn suspect<'h>(snapshot: &Snapshot, failure: &Failure, site: &Site, hunks: &[&'h Hunk]) -> Option<Suspect<'h>> {
    let text = snapshot.text(&site.path).unwrap_or_default();
    let named = named(snapshot, site, &text);
    let imported = words(&text.lines().filter(|line| line.contains("import ")).collect::<Vec<_>>().join("\n"));
    let mut best: Option<((u8, bool, bool), Suspect<'h>)> = None;
    for hunk in hunks.iter().take(MOST) {
        let symbol = symbol_at(snapshot, hunk);
        let score = match is_prose(snapshot, hunk) {
            true => (0, false, false),
            false => weight(failure, hunk, symbol.as_deref(), &named, &imported),
        };
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, Suspect { hunk, symbol }));
        }
    }
    best.map(|(_, suspect)| suspect)
}

/// The words of the test, and of the helpers and fixtures of its file that it names.
fn named(snapshot: &Snapshot, site: &Site, text: &str) -> HashSet<String> {
    let Some(test) = site.test.clone().and_then(|test| text.get(test)) else { return words(text) };
    let mut named = words(test);
    let Some(outline) = snapshot.outline(&site.path) else { return named };
    let mut helpers: Vec<_> = outline.items.iter().filter(|item| item.kind == ItemKind::Function).collect();
    while let Some(at) = helpers.iter().position(|item| named.contains(&item.name)) {
        let helper = helpers.swap_remove(at);
        named.extend(text.get(helper.span.clone()).map(words).unwrap_or_default());
    }
    named
}

/// How much speaks for a change: first where it stands, then whether it is code of a function, and one that the test
/// names.
fn weight(
    failure: &Failure,
    hunk: &Hunk,
    symbol: Option<&str>,
    named: &HashSet<String>,
    imported: &HashSet<String>,
) -> (u8, bool, bool) {
    let is_named = symbol.is_some_and(|symbol| symbol.split('.').any(|part| named.contains(part)));
    let runs = hunk.removed.iter().chain(&hunk.added).any(|line| is_code(line));
    if !runs {
        return (0, false, is_named);
    }
    (place(failure, hunk, symbol, is_named, imported), symbol.is_some(), is_named)
}

fn place(failure: &Failure, hunk: &Hunk, symbol: Option<&str>, is_named: bool, imported: &HashSet<String>) -> u8 {
    let mut frames = failure.frames.iter().filter(|frame| frame.path.ends_with(hunk.path.as_str())).peekable();
    let last = |symbol: &str| symbol.rsplit('.').next().unwrap_or(symbol).to_string();
    if frames.peek().is_some() {
        let function = symbol.map(last);
        return if frames.any(|frame| frame.function.is_some() && frame.function == function) { 5 } else { 4 };
    }
    let stem = hunk.path.file_name().trim_end_matches(".py");
    let module = if stem == "__init__" { hunk.path.folder().rsplit('/').next().unwrap_or_default() } else { stem };
    match (is_named, imported.contains(module)) {
        (true, true) => 3,
        (true, false) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

/// Whether all that came stands in docstrings.
fn is_prose(snapshot: &Snapshot, hunk: &Hunk) -> bool {
    let Some(source) = snapshot.source(&hunk.path) else { return false };
    let is_docstring = |line: u32| {
        let Some(code) = source.code_on_line(line) else { return true };
        let node = source.node_at(code.start..code.start + 1);
        let is_statement = |node: Node<'_>| node.parent().is_some_and(|parent| parent.kind() == "expression_statement");
        node.is_some_and(|node| ancestors(node).any(|node| node.kind() == "string" && is_statement(node)))
    };
    !hunk.added.is_empty() && (hunk.line..).take(hunk.added.len()).all(is_docstring)
}

/// Whether a line may change what the program does: no import, comment or end of a bracket.
fn is_code(line: &str) -> bool {
    let line = line.trim();
    let is_import = line.starts_with("import ") || line.starts_with("from ");
    !is_import && !line.starts_with('#') && line.contains(|c: char| c.is_alphanumeric()) && !is_item(line)
}

/// `    Sequence,` of a list of imports, or a word of a text.
fn is_item(line: &str) -> bool {
    let name = line.trim_end_matches(',');
    !matches!(name, "return" | "pass" | "break" | "continue" | "raise" | "yield")
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The function or class around the line, as the file stands now.
fn symbol_at(snapshot: &Snapshot, hunk: &Hunk) -> Option<String> {
    let outline = snapshot.outline(&hunk.path)?;
    let text = snapshot.text(&hunk.path)?;
    let at: usize = text.split_inclusive('\n').take(hunk.line.saturating_sub(1) as usize).map(str::len).sum();
    let around = outline.items.iter().filter(|item| item.kind != ItemKind::Variable && item.span.contains(&at));
    around.min_by_key(|item| item.span.len()).map(|item| outline.path_of(item))
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::Scene;

    #[test]
    fn what_a_helper_of_the_file_names_the_test_names() {
        let scene = r#"
#- before: shop.py
def notify(send):
    send("Hello")

def close(send):
    send("bye", 25)
#- shop.py
def notify(send):
    send("Welcome")

def close(send):
    send("bye", 587)
#- tests/test_shop.py
from unittest import mock
import shop

def closed():
    send = mock.Mock()
    shop.close(send)
    return send

def test_close():
    closed().assert_any_call("bye", 25)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_close __________________________________

    def test_close():
>       closed().assert_any_call("bye", 25)
E       AssertionError: mock('bye', 25) call not found

tests/test_shop.py:10: AssertionError
"#;
        let reason = Scene::parse(scene).heal().diagnosis.reason;
        assert!(reason.contains("`close` (shop.py:5)"), "{reason}");
    }

    #[test]
    fn the_function_that_the_test_names_is_suspected_before_the_first_that_changed() {
        let scene = r#"
#- before: a.py
def unrelated():
    return 1
#- a.py
def unrelated():
    return 2
#- before: shop.py
class Cart:
    def total(self):
        return 1
#- shop.py
class Cart:
    def total(self):
        return 2
#- tests/test_shop.py
from shop import Cart

def test_total():
    assert Cart().total() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().total() == 1
E       assert 2 == 1

tests/test_shop.py:4: AssertionError
"#;
        let diagnosis = Scene::parse(scene).heal().diagnosis;
        assert!(diagnosis.reason.starts_with("`Cart.total` (shop.py:3) changed in "), "{}", diagnosis.reason);
        assert_eq!(diagnosis.culprit_symbol.as_deref(), Some("Cart.total"));
    }

    #[test]
    fn a_change_of_imports_is_not_suspected_before_one_of_code() {
        let scene = r#"
#- before: shop.py
import os
def helper():
    return 1
def total():
    return helper()
#- shop.py
import os
import sys
def helper():
    return 2
def total():
    """What the cart costs."""
    return helper()
#- tests/test_shop.py
from shop import total

def test_total():
    assert total() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total() == 1
E       assert 2 == 1

tests/test_shop.py:4: AssertionError
"#;
        let diagnosis = Scene::parse(scene).heal().diagnosis;
        assert_eq!(diagnosis.culprit_symbol.as_deref(), Some("helper"), "{}", diagnosis.reason);
    }
}
