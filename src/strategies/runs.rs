//! The functions of a test's file that run with it.

use crate::syntax::{Node, ancestors, decorators, descendants};
use crate::workspace::words::occurrences;

use super::Context;

/// The failing test itself, the helpers and fixtures that it names, and what sets it up.
pub(super) fn functions<'c>(ctx: &'c Context<'_>) -> Vec<Node<'c>> {
    let Some(test) = ctx.source.function_at(ctx.site.statement.start).or_else(|| by_name(ctx)) else {
        return Vec::new();
    };
    let name = |node: Node<'_>| node.child_by_field_name("name").map_or("", |name| ctx.source.slice(name));
    let runs = |node: &Node<'_>| {
        let sets_up =
            matches!(name(*node), "setUp" | "asyncSetUp" | "setup_method") && class_of(*node) == class_of(test);
        let is_given = decorators(*node).any(|decorator| ctx.source.slice(decorator).contains("autouse=True"));
        let is_named = || occurrences(ctx.source.slice(test), name(*node)).next().is_some();
        *node == test || !name(*node).starts_with("test") && (sets_up || is_given || is_named())
    };
    descendants(ctx.source.root()).filter(|node| node.kind() == "function_definition").filter(runs).collect()
}

/// The test of the node id, where the failure stands at none of its lines: a decorator could not patch.
fn by_name<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let (path, domain) = ctx.diagnosis.failure.nodeid.split_once("::")?;
    ctx.source.test(domain).filter(|_| ctx.snapshot.file_path(path) == ctx.site.path)
}

fn class_of(function: Node<'_>) -> Option<Node<'_>> {
    ancestors(function).find(|outer| outer.kind() == "class_definition")
}
