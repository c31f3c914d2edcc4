//! How code takes the values that a function gives one by one: in a loop, by `next`, by their place in the list.

use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::Edit;

use super::super::{Context, callers, given_items, names};
use super::{Part, Shift, takes};

/// Where one of many values is taken.
enum Take<'t> {
    /// An expression that gives one: `found[0]`, `next(found)`.
    Read(Node<'t>),
    /// The target of a loop, and where what it binds is used.
    Loop(Node<'t>, Node<'t>),
}

/// The calls that the loops around a statement run through.
pub(super) fn run_through(statement: Node<'_>) -> Vec<Node<'_>> {
    let loops = ancestors(statement).filter(|node| node.kind() == "for_statement");
    let through = loops.filter_map(|node| node.child_by_field_name("right"));
    through.flat_map(descendants).filter(|node| node.kind() == "call").collect()
}

/// The edits by which the test takes each as it is now. `None` where it takes them in a way that cannot follow.
pub(super) fn read(ctx: &Context<'_>, given: Node<'_>, shift: &Shift) -> Option<Vec<Edit>> {
    let edits = takes_of(ctx.source, given)?.into_iter().map(|take| match take {
        Take::Read(one) if shift.is_into => takes::part(ctx, one, shift),
        Take::Read(one) => takes::whole(ctx, one, shift),
        Take::Loop(target, scope) if shift.is_into => part_of_each(ctx, target, scope, shift),
        Take::Loop(target, scope) => each_whole(ctx, target, scope, shift),
    });
    Some(edits.collect::<Option<Vec<_>>>()?.concat())
}

/// `for value in items():` becomes `for value, _ in items():`, or what is read in the loop is `value.price`.
fn part_of_each(ctx: &Context<'_>, target: Node<'_>, scope: Node<'_>, shift: &Shift) -> Option<Vec<Edit>> {
    let name = Some(ctx.source.slice(target)).filter(|_| target.kind() == "identifier")?;
    if takes::is_another(name, shift) {
        return None;
    }
    let is_free = |scope: Node<'_>| names::uses_of(ctx.source, scope, "_").next().is_none();
    if let Part::Place(place) = shift.part
        && shift.parts.len() < 4
        && is_free(scope)
    {
        let written: Vec<&str> = (0..shift.parts.len()).map(|at| if at == place { name } else { "_" }).collect();
        let (written, is_nested) = (written.join(", "), target.parent()?.kind() == "pattern_list");
        return Some(vec![ctx.replace(target.byte_range(), if is_nested { format!("({written})") } else { written })]);
    }
    let uses = uses(ctx.source, target, scope)?;
    Some(uses.iter().map(|used| Edit::insert(&ctx.site.path, used.end_byte(), shift.part.suffix())).collect())
}

/// `for value, _ in items():` becomes `for value in items():`, or what is read in the loop is `value` alone.
fn each_whole(ctx: &Context<'_>, target: Node<'_>, scope: Node<'_>, shift: &Shift) -> Option<Vec<Edit>> {
    if target.kind() != "identifier" {
        let Part::Place(place) = shift.part else { return None };
        return takes::alone(ctx, target, place, shift);
    }
    let read = |used: &Node<'_>| {
        let (read, _) = takes::any_read(ctx.source, *used).filter(|(_, part)| *part == shift.part)?;
        Some(ctx.replace(used.end_byte()..read.end_byte(), ""))
    };
    uses(ctx.source, target, scope)?.iter().map(read).collect()
}

/// Where the target of a loop is used; `None` where something else binds its name as well.
fn uses<'t>(source: &Source, target: Node<'t>, scope: Node<'t>) -> Option<Vec<Node<'t>>> {
    let name = source.slice(target);
    let is_bound = |node: &Node<'_>| {
        let left = node.child_by_field_name("left");
        let is_it =
            |left: Node<'_>| descendants(left).any(|node| node.kind() == "identifier" && source.slice(node) == name);
        matches!(node.kind(), "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause")
            && left.is_some_and(is_it)
    };
    let is_only = descendants(scope).filter(is_bound).count() == 1;
    is_only.then(|| {
        callers::uses_of(source, scope, name, target).into_iter().filter(|node| !names::is_label(*node)).collect()
    })
}

/// Whether the product's call takes the part of each, or each whole, and where. What is handed on may be either.
pub(super) fn taken<'t>(source: &'t Source, call: Node<'t>, shift: &Shift) -> Option<(bool, Node<'t>)> {
    let Some(all) = takes_of(source, call) else { return Some((false, call)) };
    let one = |take: Take<'t>| match take {
        Take::Read(one) => takes::taken(source, one, shift),
        Take::Loop(target, _) if target.kind() != "identifier" => takes::unpacked(source, target, shift),
        Take::Loop(target, scope) => {
            takes::taken_of_uses(source, target, &uses(source, target, scope).unwrap_or_default(), shift)
        }
    };
    let found: Vec<(bool, Node<'t>)> = all.into_iter().filter_map(one).collect();
    let other = found.iter().find(|(takes_part, _)| *takes_part != shift.is_into);
    other.or(found.first()).copied()
}

/// Every place where one of the values of `all` is taken. `None` where it is not known what becomes of them.
fn takes_of<'t>(source: &'t Source, all: Node<'t>) -> Option<Vec<Take<'t>>> {
    let parent = all.parent()?;
    let is_field = |name: &str| parent.child_by_field_name(name) == Some(all);
    match parent.kind() {
        "expression_statement" => Some(Vec::new()),
        "parenthesized_expression" | "await" => takes_of(source, parent),
        "argument_list" => {
            let call = parent.parent()?;
            match source.slice(call.child_by_field_name("function")?) {
                "next" => Some(vec![Take::Read(call)]),
                "len" => Some(Vec::new()),
                "list" | "tuple" | "iter" | "reversed" => takes_of(source, call),
                "enumerate" => run_by(source, call),
                _ => None,
            }
        }
        "subscript" if is_field("value") => match parent.child_by_field_name("subscript")?.kind() {
            "slice" => takes_of(source, parent),
            _ => Some(vec![Take::Read(parent)]),
        },
        "for_statement" | "for_in_clause" => run_by(source, all),
        "assignment" if is_field("right") => {
            let target = takes::target(all).filter(|target| target.kind() == "identifier")?;
            let scope = source.function_at(all.start_byte())?;
            let uses = uses(source, target, scope)?;
            let found = uses.into_iter().map(|used| takes_of(source, used)).collect::<Option<Vec<_>>>()?;
            Some(found.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// The loop that runs through `right`.
fn run_by<'t>(source: &'t Source, right: Node<'t>) -> Option<Vec<Take<'t>>> {
    let looped = right.parent().filter(|node| matches!(node.kind(), "for_statement" | "for_in_clause"))?;
    let left = looped.child_by_field_name("left").filter(|_| looped.child_by_field_name("right") == Some(right))?;
    let target = given_items::counted(source, left, right).map_or(left, |(target, _)| target);
    // What a loop binds is still bound behind it.
    let scope = match looped.kind() {
        "for_statement" => source.function_at(looped.start_byte())?,
        _ => looped.parent()?,
    };
    Some(vec![Take::Loop(target, scope)])
}
