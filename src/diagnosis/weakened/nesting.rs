//! Statements that slipped into a loop, or out of a `with` block: every word is there, and one margin is another.

use crate::syntax::{Node, Source, ancestors, descendants};

/// What stands in another block now.
pub(super) fn other_block(was: &Source, is: &Source) -> Option<String> {
    let of_kind = |source: &Source, kind: &str| descendants(source.root()).filter(|node| node.kind() == kind).count();
    let is_same = |kind: &str| of_kind(was, kind) == of_kind(is, kind);
    let is_early = |kind: &str| {
        let mut pairs = loops_around(was, kind).into_iter().zip(loops_around(is, kind));
        is_same(kind) && pairs.any(|(was, is)| was < is)
    };
    if is_same("for_statement") && is_same("while_statement") {
        let early = ["return_statement", "raise_statement"].into_iter().find(|kind| is_early(kind));
        if let Some(kind) = early {
            return Some(format!("gets to `{}` within a loop", kind.trim_end_matches("_statement")));
        }
    }
    if let Some(lost) = acts_less(was, is) {
        return Some(lost);
    }
    let (held, all) = acts(was);
    let (holds, all_now) = acts(is);
    (is_same("with_statement") && holds < held && all_now >= all)
        .then(|| "does outside of its `with` block what it did within".to_string())
}

/// What is called fewer times for its own sake, where a branch of its own went and no other way came.
fn acts_less(was: &Source, is: &Source) -> Option<String> {
    let branches = |source: &Source| descendants(source.root()).filter(|node| node.kind() == "if_statement").count();
    let others = |source: &Source| {
        let is_other =
            |node: &Node<'_>| matches!(node.kind(), "else_clause" | "conditional_expression" | "elif_clause");
        descendants(source.root()).filter(is_other).count()
    };
    let called = |source: &'_ Source| -> Vec<String> {
        let calls = descendants(source.root()).filter(|node| node.kind() == "call");
        let acts = calls.filter(|node| node.parent().is_some_and(|parent| parent.kind() == "expression_statement"));
        acts.filter_map(|call| call.child_by_field_name("function")).map(|it| source.slice(it).to_string()).collect()
    };
    let (before, after) = (called(was), called(is));
    let count = |all: &[String], name: &String| all.iter().filter(|other| *other == name).count();
    let name = before.iter().find(|name| (1..count(&before, name)).contains(&count(&after, name)))?;
    let is_way = after.iter().any(|name| count(&after, name) > count(&before, name));
    (branches(is) < branches(was) && others(is) == others(was) && !is_way)
        .then(|| format!("does not get to `{name}` as often as it did"))
}

/// How many loops stand around each statement of a kind.
fn loops_around(source: &Source, kind: &str) -> Vec<usize> {
    let is_loop = |node: &Node<'_>| matches!(node.kind(), "for_statement" | "while_statement");
    let in_body = |node: Node<'_>| {
        let inner = ancestors(node).zip(ancestors(node).skip(1));
        inner.filter(|(part, around)| is_loop(around) && part.kind() == "block").count()
    };
    descendants(source.root()).filter(|node| node.kind() == kind).map(in_body).collect()
}

/// How often something is set or called for its own sake within `with` blocks, and how often at all. A file that was
/// read need not be open any more.
fn acts(source: &Source) -> (usize, usize) {
    let is_act = |node: &Node<'_>| match node.kind() {
        "augmented_assignment" => true,
        "assignment" => node.child_by_field_name("left").is_some_and(|left| left.kind() == "attribute"),
        "call" => node.parent().is_some_and(|parent| parent.kind() == "expression_statement"),
        _ => false,
    };
    let holds = |node: &Node<'_>| {
        node.kind() == "with_statement" && !source.slice(*node).lines().next().unwrap_or_default().contains("open(")
    };
    let all: Vec<Node<'_>> = descendants(source.root()).filter(is_act).collect();
    let held = all.iter().filter(|node| ancestors(**node).any(|around| holds(&around))).count();
    (held, all.len())
}
