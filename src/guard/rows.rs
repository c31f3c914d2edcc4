//! The rows of a table that a test walks over: as many, each for itself, and in each only values that differ. And the
//! parts of a value that is unpacked: each name its own.

use std::collections::HashSet;

use crate::syntax::{Node, Source, ancestors, children, descendants};

use super::change::Unit;
use super::checks::is_assert_call;
use super::python::{arguments, bare, callee, flat, is_literal_token};

/// Whether two `for` loops walk over tables that are written out, with as many rows of as many cells: only values
/// differ, and whether those may is `values-traced`'s question. No row may take the place of another, and nothing that
/// goes in may become what is expected of it.
pub(super) fn same_rows((old, before): (&Source, Node<'_>), (new, after): (&Source, Node<'_>)) -> bool {
    let (Some(was), Some(is)) = (walked(old, before), walked(new, after)) else { return false };
    let same_cells = |was: &[Node<'_>], is: &[Node<'_>]| {
        was.len() == is.len() && was.iter().zip(is).all(|(was, is)| same_shape((old, *was), (new, *is)))
    };
    let alike = was.rows.len() == is.rows.len() && was.rows.iter().zip(&is.rows).all(|(was, is)| same_cells(was, is));
    alike
        && was.rest == is.rest
        && each_for_itself((old, &was), (new, &is))
        && inputs_kept((old, &was), (new, after, &is))
}

/// What a loop walks over.
struct Table<'t> {
    /// The names of the cells of a row.
    targets: Vec<Node<'t>>,
    /// The rows: one node, or one of each table that `zip` walks over.
    rows: Vec<Vec<Node<'t>>>,
    /// What is no table that is written there, as it is written.
    rest: Vec<String>,
}

fn walked<'t>(source: &Source, walk: Node<'t>) -> Option<Table<'t>> {
    table(source, walk.child_by_field_name("left")?, walk.child_by_field_name("right")?)
}

/// The rows of the list or tuple that a loop walks over, numbers or walks over beside others; a table that is cut,
/// repeated or computed has none to compare.
fn table<'t>(source: &Source, target: Node<'t>, iterated: Node<'t>) -> Option<Table<'t>> {
    let iterated = bare(iterated);
    let name = if iterated.kind() == "call" { callee(source, iterated) } else { String::new() };
    match name.as_str() {
        "enumerate" => {
            let given = arguments(iterated);
            let (first, rest) = given.split_first()?;
            let numbered = table(source, *items(target).get(1)?, *first)?;
            Some(Table { rest: rest.iter().map(|node| flat(source, *node)).collect(), ..numbered })
        }
        "zip" => beside(source, &items(target), &arguments(iterated)),
        _ if matches!(iterated.kind(), "list" | "tuple" | "expression_list") => {
            let rows = items(iterated).into_iter().map(|row| vec![row]).collect();
            Some(Table { targets: items(target), rows, rest: Vec::new() })
        }
        _ => None,
    }
}

/// The tables of `zip(got, [1, 2])`, row by row.
fn beside<'t>(source: &Source, targets: &[Node<'t>], sides: &[Node<'t>]) -> Option<Table<'t>> {
    let mut whole = Table { targets: Vec::new(), rows: Vec::new(), rest: Vec::new() };
    for (at, side) in sides.iter().enumerate() {
        let target = targets.get(at).copied();
        let Some((target, side)) = target.and_then(|target| Some((target, table(source, target, *side)?))) else {
            whole.rest.push(format!("{at} {}", flat(source, *side)));
            continue;
        };
        let count = side.rows.first().map_or(0, |row| all_cells(row).len());
        whole.targets.extend(if side.targets.len() == count { side.targets } else { vec![target; count] });
        if whole.rows.is_empty() {
            whole.rows = vec![Vec::new(); side.rows.len()];
        }
        (whole.rows.len() == side.rows.len()).then_some(())?;
        whole.rows.iter_mut().zip(side.rows).for_each(|(row, more)| row.extend(more));
        whole.rest.extend(side.rest);
    }
    (!whole.rows.is_empty()).then_some(whole)
}

fn items(node: Node<'_>) -> Vec<Node<'_>> {
    children(node).filter(|part| part.kind() != "comment").collect()
}

/// Whether two rows differ in numbers and texts only.
fn same_shape((old, before): (&Source, Node<'_>), (new, after): (&Source, Node<'_>)) -> bool {
    if old.slice(before) == new.slice(after) {
        return true;
    }
    let is_number = |node: Node<'_>| matches!(node.kind(), "integer" | "float");
    let is_text = |node: Node<'_>| node.kind() == "string" && is_literal_token(node);
    if is_number(before) && is_number(after) || is_text(before) && is_text(after) {
        return true;
    }
    let is_whole = |node: Node<'_>| {
        node.kind() == "string" || node.kind().ends_with("comprehension") || node.kind() == "generator_expression"
    };
    let (parts, others) = (items(before), items(after));
    before.kind() == after.kind()
        && !is_whole(before)
        && !parts.is_empty()
        && parts.len() == others.len()
        && parts.iter().zip(others).all(|(part, other)| same_shape((old, *part), (new, other)))
}

/// Whether no row says what another one says, or said before, that did not do so already.
fn each_for_itself((old, before): (&Source, &Table<'_>), (new, after): (&Source, &Table<'_>)) -> bool {
    let texts = |source: &Source, table: &Table<'_>| -> Vec<String> {
        let text = |row: &Vec<Node<'_>>| row.iter().map(|part| flat(source, *part)).collect::<Vec<_>>().join(" , ");
        table.rows.iter().map(text).collect()
    };
    let (was, is) = (texts(old, before), texts(new, after));
    let kinds = |texts: &[String]| texts.iter().collect::<HashSet<_>>().len();
    // Single values may move on by one: `[0, 1]` became `[1, 2]`.
    let has_cells = before.rows.iter().all(|row| all_cells(row).len() > 1);
    let moved = was.iter().zip(&is).any(|(own, now)| own != now && was.contains(now));
    kinds(&is) >= kinds(&was) && !(has_cells && moved)
}

fn all_cells<'t>(row: &[Node<'t>]) -> Vec<Node<'t>> {
    row.iter().flat_map(|part| cells(*part)).collect()
}

fn cells(row: Node<'_>) -> Vec<Node<'_>> {
    if matches!(bare(row).kind(), "tuple" | "list") { items(bare(row)) } else { vec![row] }
}

/// Whether no cell that a call of the loop takes became a copy of another cell of its row.
fn inputs_kept((old, before): (&Source, &Table<'_>), (new, walked, after): (&Source, Node<'_>, &Table<'_>)) -> bool {
    let targets = &after.targets;
    let Some(body) = walked.child_by_field_name("body") else { return true };
    let goes_in = |place: usize| {
        let name = targets.get(place).map_or("", |target| new.slice(*target));
        let mut uses = descendants(body).filter(|node| node.kind() == "identifier" && new.slice(*node) == name);
        uses.any(|node| {
            let around = ancestors(node).take_while(|outer| *outer != body);
            let mut lists = around.filter(|outer| outer.kind() == "argument_list");
            // In `cart.title(name)` the name of the method is nothing that goes in.
            lists.any(|list| list.parent().is_some_and(|call| !is_assert_call(&callee(new, call)))) && !is_member(node)
        })
    };
    let text = |source: &Source, cells: &[Node<'_>], place: usize| cells.get(place).map(|cell| flat(source, *cell));
    before.rows.iter().zip(&after.rows).all(|(before, after)| {
        let (was, is) = (all_cells(before), all_cells(after));
        let mut changed = (0..is.len()).filter(|place| text(old, &was, *place) != text(new, &is, *place));
        changed.all(|place| {
            let copied = (0..is.len()).any(|other| other != place && text(new, &is, other) == text(new, &is, place));
            !(copied && goes_in(place))
        })
    })
}

/// Whether a name is that of an attribute or a keyword.
fn is_member(name: Node<'_>) -> bool {
    name.parent().is_some_and(|parent| match parent.kind() {
        "attribute" => parent.child_by_field_name("attribute") == Some(name),
        "keyword_argument" => parent.child_by_field_name("name") == Some(name),
        _ => false,
    })
}

/// Two names that were unpacked from one value and hold the same part of it now.
pub(super) fn parts_merged(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let unpacks = |node: &Node<'_>| matches!(node.kind(), "pattern_list" | "tuple_pattern" | "list_pattern");
    let targets = before.nodes().into_iter().filter(unpacks).flat_map(items);
    let unpacked: HashSet<&str> = targets.map(|target| before.source.slice(target)).collect();
    // Two calls that are written alike may give two values.
    let is_same = |one: Node<'_>, other: Node<'_>| {
        let is_read = descendants(one).all(|node| node.kind() != "call");
        one == other || is_read && flat(after.source, one) == flat(after.source, other)
    };
    let mut parts: Vec<(&str, Node<'_>)> = Vec::new();
    for (name, part) in after.nodes().into_iter().filter(|node| node.kind() == "assignment").flat_map(given) {
        let name = after.source.slice(name);
        let merged = |(other, known): &&(&str, Node<'_>)| *other != name && is_same(*known, part);
        let is_part = |name: &str| unpacked.contains(name);
        if let Some((other, _)) = parts.iter().find(merged).filter(|(other, _)| is_part(other) && is_part(name)) {
            return Some(format!("gives `{other}` and `{name}` the same part of a value"));
        }
        parts.push((name, part));
    }
    None
}

/// The names of an assignment, each with what it gets: two of `low, high = found.low, found.high`.
fn given<'t>(assignment: Node<'t>) -> Vec<(Node<'t>, Node<'t>)> {
    let field = |name| assignment.child_by_field_name(name);
    let (Some(left), Some(mut right)) = (field("left"), field("right")) else { return Vec::new() };
    while right.kind() == "assignment" {
        let Some(inner) = right.child_by_field_name("right") else { break };
        right = inner;
    }
    if left.kind() == "identifier" && !is_literal_token(right) {
        return vec![(left, right)];
    }
    let (names, parts) = (items(left), items(right));
    let is_pair = right.kind() == "expression_list" && names.len() == parts.len();
    if is_pair {
        names.into_iter().zip(parts).filter(|(_, part)| !is_literal_token(*part)).collect()
    } else {
        Vec::new()
    }
}
