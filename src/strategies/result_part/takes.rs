//! How code takes a result: a part of it, or the whole.

use std::sync::Arc;

use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::Change;
use crate::workspace::symbols::Symbol;

use super::super::quotes::string_value;
use super::super::{Context, callers, names};
use super::{Part, Shift, items};

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
    if target.is_some_and(|target| is_another(ctx.source.slice(target), shift)) {
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

/// Whether a name is that of another part.
pub(super) fn is_another(name: &str, shift: &Shift) -> bool {
    let is_it = |part: &Part| matches!(part, Part::Field(other) | Part::Key(other) if other == name);
    shift.parts.iter().any(|part| *part != shift.part && is_it(part))
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
    alone(ctx, target, place, shift)
}

/// The one of the targets that takes the part, where nothing uses the others.
pub(super) fn alone(ctx: &Context<'_>, target: Node<'_>, place: usize, shift: &Shift) -> Option<Vec<Edit>> {
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
pub(super) fn any_read<'t>(source: &Source, value: Node<'t>) -> Option<(Node<'t>, Part)> {
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
pub(super) fn target(given: Node<'_>) -> Option<Node<'_>> {
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
        let taken = if shift.is_of_each { items::taken(source, call, shift) } else { taken(source, call, shift) };
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
pub(super) fn taken<'t>(source: &'t Source, call: Node<'t>, shift: &Shift) -> Option<(bool, Node<'t>)> {
    let given = call.parent().filter(|parent| parent.kind() == "await").unwrap_or(call);
    if let Some(read) = part_read(source, given, shift) {
        return shown(read, shift);
    }
    match given.parent()?.kind() {
        "expression_statement" => return None,
        // Who knows what the callers of that one take.
        "return_statement" if shift.is_into => return None,
        _ => {}
    }
    let Some(target) = target(given) else { return Some((false, given)) };
    if target.kind() != "identifier" {
        return unpacked(source, target, shift);
    }
    let scope = source.function_at(call.start_byte())?;
    taken_of_uses(source, target, &callers::uses_of(source, scope, source.slice(target), target), shift)
}

/// The same for what a name is bound to, by what its uses read.
pub(super) fn taken_of_uses<'t>(
    source: &'t Source,
    target: Node<'t>,
    uses: &[Node<'t>],
    shift: &Shift,
) -> Option<(bool, Node<'t>)> {
    let read: Vec<_> = uses.iter().filter_map(|used| part_read(source, *used, shift)).collect();
    let is_it = |read: &&(Node<'_>, Part)| read.1 == shift.part;
    let Some(first) = read.iter().find(is_it).or(read.first()) else { return Some((false, target)) };
    shown(first.clone(), shift)
}

/// The same for targets that it is unpacked into.
pub(super) fn unpacked<'t>(source: &'t Source, targets: Node<'t>, shift: &Shift) -> Option<(bool, Node<'t>)> {
    if !is_unpacked(targets, shift) {
        return Some((false, targets));
    }
    let is_left = |place: u32| targets.named_child(place).is_some_and(|name| source.slice(name).starts_with('_'));
    let is_other = matches!(shift.part, Part::Place(place) if is_left(place as u32));
    (!shift.is_into || !is_other).then_some((true, targets))
}

/// What code shows that reads a part: of the others, who takes the new result may read any.
fn shown<'t>((read, part): (Node<'t>, Part), shift: &Shift) -> Option<(bool, Node<'t>)> {
    (!shift.is_into || part == shift.part).then_some((true, read))
}

/// The part of the result that is read of a value.
fn part_read<'t>(source: &Source, value: Node<'t>, shift: &Shift) -> Option<(Node<'t>, Part)> {
    any_read(source, value).filter(|(_, part)| shift.parts.contains(part))
}
