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
    let (held, all) = acts(was);
    let (holds, all_now) = acts(is);
    (is_same("with_statement") && holds < held && all_now >= all)
        .then(|| "does outside of its `with` block what it did within".to_string())
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
