//! A value that switches off what the function did before it had the parameter: a caller may do without, a test of the
//! function may not, unless a person says so.

use std::collections::HashSet;

use crate::diagnosis::{Complaint, product};
use crate::strategies::Context;
use crate::strategies::calls::{self, Callee};
use crate::strategies::unpack_arity::returned_values;
use crate::syntax::{Node, Source, children, descendants};

/// Whether with `value` for the parameter `name` the function leaves out what it did unasked before.
pub(super) fn leaves_out(ctx: &Context<'_>, callee: &Callee, name: &str, value: &str) -> bool {
    let Some(is_true) = truth(value) else { return false };
    let function = callee.symbol.name.rsplit('.').next().unwrap_or_default();
    let mut changes = product::changes(ctx.snapshot, &ctx.site.path).into_iter();
    let left_out = changes.find(|change| change.path == callee.symbol.path).and_then(|change| {
        let (before, after) = (Source::parse(change.before?), Source::parse(change.after?));
        let (was, is) = (returned_values(&before, function)?.0, returned_values(&after, function)?.0);
        let did: HashSet<String> = acts(&before, was).collect();
        let mut branches = descendants(is).filter(|node| node.kind() == "if_statement");
        Some(branches.any(|branch| skips(&after, branch, name, value, is_true, &did)))
    });
    left_out.unwrap_or(false)
}

/// Whether a value that a caller passes since for what is missing leaves out what the function did before.
pub(in crate::strategies) fn caller_leaves_out(ctx: &Context<'_>, caller: &str) -> bool {
    let Complaint::MissingArguments { function, names, .. } = ctx.complaint() else { return false };
    let Some(callee) = calls::call_at(ctx).and_then(|call| calls::callee(ctx, call, function)) else { return false };
    let after = Source::parse(caller);
    let mut values = descendants(after.root()).map(|node| after.slice(node));
    values.any(|value| names.iter().any(|name| leaves_out(ctx, &callee, name, value)))
}

/// Whether a value counts as true; `None` where it is no switch.
fn truth(value: &str) -> Option<bool> {
    match value {
        "False" | "None" | "0" | "\"\"" | "''" | "[]" | "{}" => Some(false),
        "True" | "1" => Some(true),
        _ => None,
    }
}

/// The statements below a node that do something, in one spelling.
fn acts<'s>(source: &'s Source, node: Node<'s>) -> impl Iterator<Item = String> + 's {
    let is_act = |node: &Node<'_>| matches!(node.kind(), "expression_statement" | "raise_statement");
    descendants(node).filter(is_act).map(|act| source.slice(act).split_whitespace().collect())
}

/// Whether a branch on the parameter passes by an act that the function did before.
fn skips(source: &Source, branch: Node<'_>, name: &str, value: &str, is_true: bool, did: &HashSet<String>) -> bool {
    let field = |field| branch.child_by_field_name(field);
    let Some(condition) = field("condition").map(|condition| source.slice(condition)) else { return false };
    let holds = match condition.strip_prefix(name).map(str::trim) {
        Some("") => is_true,
        Some("is None" | "== None") => value == "None",
        Some("is not None" | "!= None") => value != "None",
        _ if condition.strip_prefix("not ").map(str::trim) == Some(name) => !is_true,
        _ => return false,
    };
    let (Some(then), other) = (field("consequence"), field("alternative")) else { return false };
    let (taken, passed) = if holds { (Some(then), other) } else { (other, Some(then)) };
    let does: HashSet<String> = taken.into_iter().flat_map(|node| acts(source, node)).collect();
    let is_lost = |act: String| did.contains(&act) && !does.contains(&act);
    // What leaves the function passes by all that follows.
    let leaves = taken.is_some_and(|node| children(node).any(|node| node.kind() == "return_statement"));
    let rest = std::iter::successors(branch.next_named_sibling(), |node| node.next_named_sibling());
    passed.into_iter().flat_map(|node| acts(source, node)).any(is_lost)
        || leaves && rest.flat_map(|node| acts(source, node)).any(is_lost)
}
