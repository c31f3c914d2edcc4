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
        // What is nowhere any more was rewritten: it is taken to be in the branch that asks for the value.
        let kept: HashSet<String> = acts(&after, is).collect();
        let is_rewritten = !did.is_subset(&kept);
        let mut branches = descendants(is).filter(|node| node.kind() == "if_statement");
        Some(branches.any(|branch| {
            let passed = passes_by(&after, branch, name, value, is_true).and_then(|(_, passed)| passed);
            is_rewritten && passed.is_some() || skips(&after, branch, name, value, is_true, &did)
        }))
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

/// The branches that are taken and passed by where an `if` asks for the parameter; `None` where it does not.
fn passes_by<'s>(
    source: &'s Source,
    branch: Node<'s>,
    name: &str,
    value: &str,
    is_true: bool,
) -> Option<(Option<Node<'s>>, Option<Node<'s>>)> {
    let condition = source.slice(branch.child_by_field_name("condition")?);
    let holds =
        condition.split(" and ").map(str::trim).find_map(|part| match part.strip_prefix(name).map(str::trim) {
            Some("") => Some(is_true),
            Some("is None" | "== None") => Some(value == "None"),
            Some("is not None" | "!= None") => Some(value != "None"),
            _ if part.strip_prefix("not ").map(str::trim) == Some(name) => Some(!is_true),
            _ => None,
        })?;
    let then = branch.child_by_field_name("consequence")?;
    let other = branch.child_by_field_name("alternative");
    Some(if holds { (Some(then), other) } else { (other, Some(then)) })
}

/// Whether a branch on the parameter passes by an act that the function did before.
fn skips(source: &Source, branch: Node<'_>, name: &str, value: &str, is_true: bool, did: &HashSet<String>) -> bool {
    let Some((taken, passed)) = passes_by(source, branch, name, value, is_true) else { return false };
    let does: HashSet<String> = taken.into_iter().flat_map(|node| acts(source, node)).collect();
    let is_lost = |act: String| did.contains(&act) && !does.contains(&act);
    // What leaves the function passes by all that follows.
    let leaves = taken.is_some_and(|node| children(node).any(|node| node.kind() == "return_statement"));
    let rest = std::iter::successors(branch.next_named_sibling(), |node| node.next_named_sibling());
    passed.into_iter().flat_map(|node| acts(source, node)).any(is_lost)
        || leaves && rest.flat_map(|node| acts(source, node)).any(is_lost)
}
