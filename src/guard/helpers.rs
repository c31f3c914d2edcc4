//! Helpers of a test file that check: which of their arguments are what they expect.

use std::collections::HashSet;

use crate::syntax::dataflow::{choices, is_checked, is_handed_on, is_target};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::checks::is_assert_call;
use super::python::{arguments, callee, definition, enclosing_call, is_inside, last, positional, string_value};
use super::values_traced::checked_names;

/// Whether the helper that `call` calls, defined in the same file, takes the argument around `node` for nothing but
/// to compare with it. What the code under test gets too is an input.
pub(super) fn is_expected_by(source: &Source, call: Node<'_>, node: Node<'_>) -> bool {
    expected_by(source, call, node).unwrap_or(false)
}

fn expected_by(source: &Source, call: Node<'_>, node: Node<'_>) -> Option<bool> {
    let name = callee(source, call);
    let helper = only_function(source, last(&name))?;
    let names: Vec<&str> =
        children(helper.child_by_field_name("parameters")?).filter_map(|node| parameter(source, node)).collect();
    let argument = arguments(call).into_iter().find(|argument| is_inside(node, *argument))?;
    let parameter = match argument.child_by_field_name("name").filter(|_| argument.kind() == "keyword_argument") {
        Some(keyword) => source.slice(keyword),
        None => {
            let bound = usize::from(name.contains('.') && matches!(names.first(), Some(&"self" | &"cls")));
            names.get(positional(call).iter().position(|other| *other == argument)? + bound)?
        }
    };
    names.contains(&parameter).then_some(())?;
    let body = helper.child_by_field_name("body")?;
    let mut uses = descendants(body).filter(|node| node.kind() == "identifier" && source.slice(*node) == parameter);
    let used = uses.next()?;
    Some(uses.next().is_none() && is_compared(source, used))
}

/// Whether the literal is a cell of the table that `assignment` makes, and the loops over it and the tests that get its
/// rows do nothing with that cell but compare with it.
pub(super) fn is_expected_cell(source: &Source, assignment: Node<'_>, literal: Node<'_>) -> bool {
    let sides = assignment.child_by_field_name("left").zip(assignment.child_by_field_name("right"));
    let Some((name, table)) = sides.filter(|(name, _)| name.kind() == "identifier") else { return false };
    let name = source.slice(name);
    let is_it = |table: Node<'_>| source.slice(table).strip_suffix(".items()").unwrap_or(source.slice(table)) == name;
    let mut readers = descendants(source.root()).filter(|node| table_of(source, *node).is_some_and(is_it)).peekable();
    let row = children(table).find(|row| is_inside(literal, *row));
    let Some(row) = row.filter(|_| readers.peek().is_some()) else { return false };
    readers.all(|reader| compares_cell(source, reader, row, literal).unwrap_or(false))
}

/// The same for the table that stands in the head of a loop.
pub(super) fn is_expected_in_loop(source: &Source, walk: Node<'_>, literal: Node<'_>) -> bool {
    let row = walk.child_by_field_name("right").and_then(|table| children(table).find(|row| is_inside(literal, *row)));
    row.is_some_and(|row| compares_cell(source, walk, row, literal).unwrap_or(false))
}

/// The table that a loop walks over, or whose rows a test gets.
fn table_of<'t>(source: &Source, reader: Node<'t>) -> Option<Node<'t>> {
    match reader.kind() {
        "for_statement" => reader.child_by_field_name("right"),
        "decorator" => positional(parametrize(source, reader)?).get(1).copied(),
        _ => None,
    }
}

fn parametrize<'t>(source: &Source, decorator: Node<'t>) -> Option<Node<'t>> {
    let call = decorator.named_child(0).filter(|node| node.kind() == "call")?;
    (last(&callee(source, call)) == "parametrize").then_some(call)
}

/// Whether the loop, or the test that gets the row, only compares with what it calls the cell of `row` around `literal`.
fn compares_cell(source: &Source, reader: Node<'_>, row: Node<'_>, literal: Node<'_>) -> Option<bool> {
    let (name, body) = match reader.kind() {
        "decorator" => cell_of_test(source, reader, row, literal)?,
        _ => cell_of_loop(source, reader, row, literal)?,
    };
    // An attribute or a keyword that is called the same is something else.
    let names_other = |node: Node<'_>| {
        let parent = node.parent();
        let named =
            parent.and_then(|parent| parent.child_by_field_name("attribute").or(parent.child_by_field_name("name")));
        named == Some(node)
    };
    let is_it = |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == name && !names_other(*node);
    let mut uses = descendants(body).filter(is_it).peekable();
    uses.peek()?;
    Some(uses.all(|used| {
        let passed = || enclosing_call(used).is_some_and(|call| is_expected_by(source, call, used));
        is_compared(source, used) || passed()
    }))
}

/// What a loop calls the cell, and its body.
fn cell_of_loop<'s, 't>(
    source: &'s Source,
    walk: Node<'t>,
    row: Node<'_>,
    literal: Node<'_>,
) -> Option<(&'s str, Node<'t>)> {
    let (mut target, mut cell) = (walk.child_by_field_name("left")?, row);
    while matches!(target.kind(), "pattern_list" | "tuple_pattern" | "list_pattern") {
        let at = children(cell).filter(|node| node.kind() != "comment").position(|node| is_inside(literal, node))?;
        cell = children(cell).filter(|node| node.kind() != "comment").nth(at)?;
        target = children(target).nth(at)?;
    }
    Some((source.slice(target), walk.child_by_field_name("body")?))
}

/// What a test calls the cell that `parametrize` gives it, and its body.
fn cell_of_test<'s, 't>(
    source: &'s Source,
    decorator: Node<'t>,
    row: Node<'_>,
    literal: Node<'_>,
) -> Option<(&'s str, Node<'t>)> {
    let first = *positional(parametrize(source, decorator)?).first()?;
    let strings = descendants(first).filter(|node| node.kind() == "string");
    let texts = strings.filter_map(|node| string_value(source, node));
    let names: Vec<&str> =
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect();
    let cells = if row.kind() == "call" { row.child_by_field_name("arguments")? } else { row };
    let at = match names.len() {
        1 => 0,
        _ => children(cells).filter(|node| node.kind() != "comment").position(|cell| is_inside(literal, cell))?,
    };
    let test = decorator.parent()?.child_by_field_name("definition")?;
    Some((names.get(at)?, test.child_by_field_name("body")?))
}

/// Whether what `assignment` makes is nothing but what the checks of its function may compare with: they name it, or get
/// their values from it, and no other call gets it.
pub(super) fn is_led_to_a_check(source: &Source, assignment: Node<'_>) -> bool {
    let Some(function) = ancestors(assignment).find(|node| node.kind() == "function_definition") else { return false };
    let Some(made) = assignment.child_by_field_name("left").map(|left| source.slice(left)) else { return false };
    let is_check = |node| enclosing_call(node).is_some_and(|call| is_assert_call(&callee(source, call)));
    let is_input = |name: &str| descendants(function).any(|node| is_handed_on(source, node, name) && !is_check(node));
    let assignments: Vec<(&str, Node<'_>)> = descendants(function)
        .filter(|node| node.kind() == "assignment")
        .filter_map(|node| Some((node.child_by_field_name("left")?, node.child_by_field_name("right")?)))
        .map(|(left, right)| (source.slice(left), right))
        .collect();
    let mut led: HashSet<String> = checked_names(source, function);
    led.retain(|name| !is_input(name));
    let mut pending: Vec<String> = led.iter().cloned().collect();
    while let Some(name) = pending.pop() {
        let values = assignments.iter().filter(|(left, _)| *left == name).flat_map(|(_, right)| choices(*right));
        for name in values.filter(|node| node.kind() == "identifier").map(|node| source.slice(node)) {
            if !is_input(name) && led.insert(name.to_string()) {
                pending.push(name.to_string());
            }
        }
    }
    led.contains(made)
}

/// Whether everything in the project that has the name of a constant, an attribute or a function goes into a check: what
/// is written there is what tests expect. `source` is the file at `path` as it is, or as it would be.
pub(super) fn is_kept_for_checks(snapshot: &Snapshot, path: &FilePath, source: &Source, name: Node<'_>) -> bool {
    let name = name.child_by_field_name("attribute").unwrap_or(name);
    let text = source.slice(name);
    let others =
        snapshot.files_naming(text).into_iter().filter(|other| other != path && other.as_str().ends_with(".py"));
    let mut found = false;
    let mut checks = |source: &Source| {
        let uses = uses(source, text);
        found |= !uses.is_empty();
        uses.into_iter().all(|used| is_checked(source, used))
    };
    name.kind() == "identifier"
        && checks(source)
        && others.filter_map(|path| snapshot.source(&path)).all(|source| checks(&source))
        && found
}

/// What stands for something called `name`: the attribute of which that is the name, where it is one. What gives it a
/// value, asks for it or imports it is no use.
fn uses<'s>(source: &'s Source, name: &str) -> Vec<Node<'s>> {
    let is_made = |node: Node<'_>| {
        let is_name = |outer: Node<'_>| outer.child_by_field_name("name").is_some_and(|own| is_inside(node, own));
        ancestors(node).skip(1).any(|outer| match outer.kind() {
            "function_definition" | "keyword_argument" => is_name(outer),
            kind => kind == "parameters" || kind.starts_with("import"),
        })
    };
    let found = descendants(source.root()).filter(|node| node.kind() == "identifier" && source.slice(*node) == name);
    let of_attribute = |node: Node<'s>| {
        node.parent().filter(|parent| parent.child_by_field_name("attribute") == Some(node)).unwrap_or(node)
    };
    found.filter(|node| !is_made(*node)).map(of_attribute).filter(|node| !is_target(*node)).collect()
}

/// The only function of the file with this name.
fn only_function<'s>(source: &'s Source, name: &str) -> Option<Node<'s>> {
    let mut found = descendants(source.root()).map(definition).filter(|node| {
        let own = node.child_by_field_name("name").map(|node| source.slice(node));
        node.kind() == "function_definition" && own == Some(name)
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

fn parameter<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    let name = match node.kind() {
        "identifier" => Some(node),
        "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name"),
        "typed_parameter" => node.named_child(0),
        _ => None,
    };
    name.filter(|name| name.kind() == "identifier").map(|name| source.slice(name))
}

/// A whole side of `assert a == b`, or one of the first two arguments of `assertEqual(a, b)`.
fn is_compared(source: &Source, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "comparison_operator" => {
            parent.named_child_count() == 2
                && parent.child(1).is_some_and(|operator| source.slice(operator) == "==")
                && parent.parent().is_some_and(|outer| outer.kind() == "assert_statement")
        }
        "argument_list" => parent.parent().filter(|call| call.kind() == "call").is_some_and(|call| {
            let name = callee(source, call);
            let is_side = positional(call).iter().take(2).any(|argument| *argument == node);
            is_side && is_assert_call(&name) && last(&name).to_lowercase().contains("equal")
        }),
        _ => false,
    }
}
