//! A check sees what it saw: nothing is done to its subject just before it, and it stays behind what the test does.

use std::collections::HashSet;

use crate::diagnosis::Category;
use crate::fix::EvidenceKind;
use crate::syntax::{Node, children, descendants};

use super::change::{Change, Unit};
use super::checks::checks;
use super::python::{callee, definition, flat, last};
use super::values_traced::checked_names;

pub(super) fn broken(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    if after.is_module() {
        return None;
    }
    made_true(change, before, after).or_else(|| checked_earlier(before, after)).or_else(|| not_strict(before, after))
}

/// Calls that stand as statements of their own: their names, flattened, with the name that they act on.
fn acts(unit: &Unit<'_>) -> Vec<(String, String)> {
    let statements = unit.nodes().into_iter().filter(|node| node.kind() == "expression_statement");
    let calls = statements.filter_map(|node| node.named_child(0).filter(|inner| inner.kind() == "call"));
    calls
        .filter_map(|call| {
            let mut root = call.child_by_field_name("function")?;
            while let Some(object) = root.child_by_field_name("object").or_else(|| root.child_by_field_name("value")) {
                root = object;
            }
            Some((flat(unit.source, call), unit.source.slice(root).to_string()))
        })
        .collect()
}

/// `cart.items.clear()` before `assert cart.is_empty()`: where a check failed, the test must not make it true.
fn made_true(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let told = [EvidenceKind::Git, EvidenceKind::Example, EvidenceKind::Lesson].iter().any(|kind| change.has(*kind));
    if !change.is_about(Category::AssertionError) || told || change.is_reviewed() {
        return None;
    }
    let (was, is) = (acts(before), acts(after));
    let checked: HashSet<String> = checked_names(before.source, before.node);
    let new = is.iter().find(|act| is.len() > was.len() && !was.contains(act) && checked.contains(&act.1))?;
    (!last(&new.1).starts_with("assert")).then(|| format!("does something to `{}` before it is checked", new.1))
}

/// A check that came after an act and stands before it now.
fn checked_earlier(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let preceding = |unit: &Unit<'_>, check: Node<'_>| -> Vec<String> {
        let body = definition(unit.node).child_by_field_name("body");
        let statements = body.into_iter().flat_map(children).filter(|node| node.end_byte() <= check.start_byte());
        statements.map(|node| flat(unit.source, node)).collect()
    };
    let body = |unit: &Unit<'_>| -> Vec<String> {
        let body = definition(unit.node).child_by_field_name("body");
        body.into_iter().flat_map(children).map(|node| flat(unit.source, node)).collect()
    };
    let (were, all) = (body(before), body(after));
    let (was, now) = (checks(before), checks(after));
    was.iter().find_map(|check| {
        let text = flat(before.source, check.node);
        // One of several that are written alike cannot be told from the others.
        if was.iter().filter(|other| flat(before.source, other.node) == text).count() > 1 {
            return None;
        }
        let same: Vec<_> = now.iter().filter(|other| flat(after.source, other.node) == text).collect();
        let [same] = same.as_slice() else { return None };
        let (did, does) = (preceding(before, check.node), preceding(after, same.node));
        let count = |acts: &[String], act: &String| acts.iter().filter(|other| *other == act).count();
        // What is written differently now has not moved, though something else may be written as it was.
        let moved = |act: &&String| count(&does, act) < count(&did, act) && count(&all, act) >= count(&were, act);
        let skipped = did.iter().find(moved)?;
        Some(format!("checks before `{}`", skipped.lines().next().unwrap_or_default()))
    })
}

/// `check=True`, `strict=True`, `raise_server_exceptions=True` and `.raise_for_status()` fail a test by themselves.
fn not_strict(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let strict = |unit: &Unit<'_>| {
        let is_strict = |node: &Node<'_>| match node.kind() {
            "keyword_argument" => {
                let part = |name| node.child_by_field_name(name).map_or("", |part| unit.source.slice(part));
                let name = part("name");
                part("value") == "True" && (matches!(name, "check" | "strict") || name.starts_with("raise"))
            }
            "call" => last(&callee(unit.source, *node)) == "raise_for_status",
            _ => false,
        };
        let body = definition(unit.node).child_by_field_name("body");
        body.into_iter().flat_map(descendants).filter(is_strict).count()
    };
    (strict(after) < strict(before)).then(|| format!("lets a call in {} fail in silence", after.title()))
}
