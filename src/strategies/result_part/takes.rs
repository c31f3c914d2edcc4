//! How code takes a result: a part of it, or the whole.

use std::sync::Arc;

use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::Change;
use crate::workspace::symbols::Symbol;

use super::super::quotes::string_value;
use super::super::{Context, callers, names};
use super::{Part, Shift};

/// `total = price("3")` becomes `total, _ = price("3")`; elsewhere the part is read from the call.
pub(super) fn part(ctx: &Context<'_>, given: Node<'_>, shift: &Shift) -> Option<Vec<Edit>> {
    let path = &ctx.site.path;
    let target = target(given);
    if let (Some(target), Part::Place(place)) = (target, &shift.part)
        && shift.parts.len() < 4
        && target.kind() == "identifier"
        && names::uses(ctx.source, "_").is_empty()
    {
        let written: Vec<&str> =
            (0..shift.parts.len()).map(|at| if at == *place { ctx.source.slice(target) } else { "_" }).collect();
        return Some(vec![ctx.replace(target.byte_range(), written.join(", "))]);
    }
    // `text = price("3")` is no `price("3").cents`.
    let is_other = |other: &Part| match other {
        Part::Field(name) | Part::Key(name) => {
            *other != shift.part && target.is_some_and(|target| ctx.source.slice(target) == name)
        }
        Part::Place(_) => false,
    };
    if shift.parts.iter().any(is_other) {
        return None;
    }
    let suffix = shift.part.suffix();
    if given.kind() == "await" {
        return Some(vec![
            Edit::insert(path, given.start_byte(), "("),
            Edit::insert(path, given.end_byte(), format!("){suffix}")),
        ]);
    }
    Some(vec![Edit::insert(path, given.end_byte(), suffix)])
}

/// `total, _ = price("3")` becomes `total = price("3")`, and `price("3")[0]` is the call alone. `None` where another
/// part is taken.
pub(super) fn whole(ctx: &Context<'_>, given: Node<'_>, shift: &Shift) -> Option<Vec<Edit>> {
    let Some(target) = target(given) else {
        return read_of(ctx.source, given, &shift.part).map(|read| vec![without(ctx, given, read)]);
    };
    if target.kind() == "identifier" {
        let scope = ctx.source.function_at(given.start_byte())?;
        let uses = callers::uses_of(ctx.source, scope, ctx.source.slice(target), target);
        let read = |name: &Node<'_>| Some(without(ctx, *name, read_of(ctx.source, *name, &shift.part)?));
        return uses.iter().map(read).collect();
    }
    let Part::Place(place) = shift.part else { return None };
    let targets: Vec<Node<'_>> = children(target).filter(|node| node.kind() != "comment").collect();
    if !is_unpacked(target, shift) {
        return None;
    }
    let is_unused = |target: &Node<'_>| {
        let name = ctx.source.slice(*target);
        let uses =
            descendants(ctx.scope()).filter(|node| node.kind() == "identifier" && ctx.source.slice(*node) == name);
        target.kind() == "identifier" && (name == "_" || uses.count() == 1)
    };
    let others = targets.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, target)| target);
    others.into_iter().all(is_unused).then(|| vec![ctx.replace(target.byte_range(), ctx.source.slice(targets[place]))])
}

/// The expression without what is read of it.
fn without(ctx: &Context<'_>, value: Node<'_>, read: Node<'_>) -> Edit {
    ctx.replace(value.end_byte()..read.end_byte(), "")
}

/// `value[0]`, `value.cents` or `value["cents"]`, where just this part is read.
fn read_of<'t>(source: &Source, value: Node<'t>, part: &Part) -> Option<Node<'t>> {
    any_read(source, value).filter(|(_, read)| read == part).map(|(node, _)| node)
}

/// What is read of a value, with the expression that reads it.
fn any_read<'t>(source: &Source, value: Node<'t>) -> Option<(Node<'t>, Part)> {
    let value = value.parent().filter(|parent| parent.kind() == "parenthesized_expression").unwrap_or(value);
    let read = value.parent()?;
    let own = |field| read.child_by_field_name(field).filter(|own| *own == value);
    let part = match read.kind() {
        "attribute" => own("object")
            .and(read.child_by_field_name("attribute"))
            .map(|name| Part::Field(source.slice(name).to_string())),
        "subscript" => {
            let key = own("value").and(read.child_by_field_name("subscript"))?;
            string_value(source, key).map(Part::Key).or_else(|| source.slice(key).parse().ok().map(Part::Place))
        }
        _ => None,
    };
    Some((read, part?))
}

/// What a result is bound to.
fn target(given: Node<'_>) -> Option<Node<'_>> {
    let assignment = given.parent().filter(|parent| parent.kind() == "assignment")?;
    assignment.child_by_field_name("left").filter(|_| assignment.child_by_field_name("right") == Some(given))
}

/// Whether as many names are bound as the tuple has places.
fn is_unpacked(targets: Node<'_>, shift: &Shift) -> bool {
    matches!(targets.kind(), "pattern_list" | "tuple_pattern")
        && targets.named_child_count() == shift.parts.len()
        && !children(targets).any(|target| target.kind() == "list_splat_pattern")
}

/// Whether the commit itself took the result so in the product, and nobody there takes it as before.
pub(super) fn is_followed(ctx: &Context<'_>, changes: &[Change], symbol: &Symbol, shift: &Shift) -> bool {
    let of_commit: Vec<&Change> = changes.iter().filter(|change| change.commit == shift.commit).collect();
    let is_written_then = |path: &FilePath, line: &str| {
        let change = of_commit.iter().find(|change| change.path == *path);
        change.is_some_and(|change| {
            let has = |text: &Option<Arc<str>>| {
                text.as_ref().is_some_and(|text| text.lines().any(|other| other.trim() == line))
            };
            !has(&change.before) && has(&change.after)
        })
    };
    let is_new = |path: &FilePath, source: &Source, call: Node<'_>| {
        let taken = taken(source, call, shift);
        let written = |node: Node<'_>| {
            let line = source.text()[..node.end_byte()].rfind('\n').map_or(0, |at| at + 1);
            is_written_then(path, source.text()[line..].lines().next().unwrap_or_default().trim())
        };
        taken.map(|(takes_part, at)| takes_part == shift.is_into && written(at))
    };
    callers::any_call(ctx, symbol, |path, source, call| is_new(path, source, call) == Some(true))
        && !callers::any_call(ctx, symbol, |path, source, call| is_new(path, source, call) == Some(false))
}

/// Whether a call takes a part of the result, and where. `None` where the result is handed on or left.
fn taken<'t>(source: &'t Source, call: Node<'t>, shift: &Shift) -> Option<(bool, Node<'t>)> {
    let given = call.parent().filter(|parent| parent.kind() == "await").unwrap_or(call);
    let is_part = |value: Node<'t>| {
        let read = any_read(source, value).filter(|(_, part)| shift.parts.contains(part));
        read.map(|(node, _)| node)
    };
    if let Some(read) = is_part(given) {
        return Some((true, read));
    }
    match given.parent()?.kind() {
        "expression_statement" => return None,
        // Who knows what the callers of that one take.
        "return_statement" if shift.is_into => return None,
        _ => {}
    }
    let Some(target) = target(given) else { return Some((false, given)) };
    if target.kind() != "identifier" {
        return Some((is_unpacked(target, shift), target));
    }
    let scope = source.function_at(call.start_byte())?;
    let read = callers::uses_of(source, scope, source.slice(target), target).into_iter().find_map(is_part);
    Some(read.map_or((false, target), |read| (true, read)))
}
