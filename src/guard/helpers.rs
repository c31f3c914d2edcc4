//! Helpers of a test file that check: which of their arguments are what they expect.

use std::collections::HashSet;

use crate::syntax::dataflow::{choices, is_checked, is_handed_on, is_target};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

mod imported;

pub(super) use imported::is_expected_by_imported;

use super::checks::is_assert_call;
use super::python::{
    arguments, callee, definition, enclosing_call, is_inside, is_literal_token, keyword, last, positional, string_value,
};
use super::values_traced::checked_names;

/// Whether the helper that `call` calls, defined in the same file, takes the argument around `node` for nothing but
/// to compare with it. What the code under test gets too is an input.
pub(super) fn is_expected_by(source: &Source, call: Node<'_>, node: Node<'_>) -> bool {
    expected_by(source, call, node).unwrap_or(false)
}

fn expected_by(source: &Source, call: Node<'_>, node: Node<'_>) -> Option<bool> {
    let helper = only_function(source, last(&callee(source, call)))?;
    let parameter = parameter_for((source, call), node, (source, helper))?;
    let mut uses = uses_of(source, helper, parameter)?.into_iter();
    let used = uses.next()?;
    Some(uses.next().is_none() && is_compared(source, used))
}

/// The parameter of `helper` that takes the argument of `call` around `node`.
fn parameter_for<'h>(
    (source, call): (&Source, Node<'_>),
    node: Node<'_>,
    (home, helper): (&'h Source, Node<'h>),
) -> Option<&'h str> {
    let names: Vec<&str> =
        children(helper.child_by_field_name("parameters")?).filter_map(|node| parameter(home, node)).collect();
    let argument = arguments(call).into_iter().find(|argument| is_inside(node, *argument))?;
    match argument.child_by_field_name("name").filter(|_| argument.kind() == "keyword_argument") {
        Some(keyword) => names.into_iter().find(|name| *name == source.slice(keyword)),
        None => {
            let is_method = callee(source, call).contains('.');
            let bound = usize::from(is_method && matches!(names.first(), Some(&"self" | &"cls")));
            names.get(positional(call).iter().position(|other| *other == argument)? + bound).copied()
        }
    }
}

/// Where the body of a function reads or sets `name`.
fn uses_of<'h>(source: &'h Source, function: Node<'h>, name: &str) -> Option<Vec<Node<'h>>> {
    let body = function.child_by_field_name("body")?;
    Some(descendants(body).filter(|node| node.kind() == "identifier" && source.slice(*node) == name).collect())
}

/// Whether the literal is a cell of the table that `assignment` makes, and the loops over it and the tests that get its
/// rows do nothing with that cell but compare with it.
pub(super) fn is_expected_cell(source: &Source, assignment: Node<'_>, literal: Node<'_>) -> bool {
    let sides = assignment.child_by_field_name("left").zip(assignment.child_by_field_name("right"));
    let Some((name, table)) = sides.filter(|(name, _)| name.kind() == "identifier") else { return false };
    let mut readers = descendants(source.root()).filter_map(|node| table_of(source, node, name)).peekable();
    let row = children(table).find(|row| is_inside(literal, *row));
    let Some(row) = row.filter(|_| readers.peek().is_some()) else { return false };
    readers.all(|reader| reader.compares(source, row, literal))
}

/// The same for a cell of `@pytest.fixture(params=[…])`, where `call` makes the fixture: everything that asks for it only
/// compares with that cell.
pub(super) fn is_expected_of_fixture(source: &Source, call: Node<'_>, literal: Node<'_>) -> bool {
    of_fixture(source, call, literal).unwrap_or(false)
}

fn of_fixture(source: &Source, call: Node<'_>, literal: Node<'_>) -> Option<bool> {
    let fixture = call.parent().filter(|it| it.kind() == "decorator")?.parent()?.child_by_field_name("definition")?;
    let name = source.slice(fixture.child_by_field_name("name")?);
    let rows = keyword(source, call, "params")?;
    let row =
        children(rows).find(|row| is_inside(literal, *row)).filter(|_| last(&callee(source, call)) == "fixture")?;
    let is_asking = |node: &Node<'_>| {
        let parameters = node.child_by_field_name("parameters").filter(|_| node.kind() == "function_definition");
        parameters.is_some_and(|list| children(list).any(|it| parameter(source, it) == Some(name)))
    };
    let mut asking = descendants(source.root()).filter(is_asking).peekable();
    asking.peek()?;
    let compares = |test: Node<'_>| {
        let body = test.child_by_field_name("body")?;
        compares_name(source, name, body, row, literal, MOST_NAMES)
    };
    Some(asking.all(|test| compares(test).unwrap_or(false)))
}

/// The same for the table that stands in the head of a loop.
pub(super) fn is_expected_in_loop(source: &Source, walk: Node<'_>, literal: Node<'_>) -> bool {
    let sides = walk.child_by_field_name("left").zip(walk.child_by_field_name("right"));
    let Some((target, iterated)) = sides else { return false };
    let Some((target, table)) = side_by_side(source, target, iterated, &|table| is_inside(literal, table)) else {
        return false;
    };
    let row = children(table).find(|row| is_inside(literal, *row));
    let body = walk.child_by_field_name("body");
    row.zip(body).is_some_and(|(row, body)| Reader::Loop { target, body }.compares(source, row, literal))
}

/// What gets the rows of a table one by one.
enum Reader<'t> {
    Loop {
        target: Node<'t>,
        body: Node<'t>,
    },
    Test {
        decorator: Node<'t>,
    },
    /// `CASES[name]`.
    Entry {
        read: Node<'t>,
    },
}

impl Reader<'_> {
    /// Whether it only compares with what it calls the cell of `row` around `literal`.
    fn compares(&self, source: &Source, row: Node<'_>, literal: Node<'_>) -> bool {
        match *self {
            Self::Loop { target, body } => compares_part(source, (target, body), row, literal, MOST_NAMES),
            Self::Test { decorator } => compares_in_test(source, decorator, row, literal),
            Self::Entry { read } => compares_entry(source, read, row, literal),
        }
        .unwrap_or(false)
    }
}

/// How many names a cell may go through on its way to a check.
const MOST_NAMES: usize = 4;

/// The loop or the test that reads the table which `name` is: of the module, or of the class around it by `self`.
fn table_of<'t>(source: &'t Source, reader: Node<'t>, name: Node<'_>) -> Option<Reader<'t>> {
    let is_kept = ancestors(name).any(|node| node.kind() == "class_definition")
        && !ancestors(name).any(|node| node.kind() == "function_definition");
    let is_mapping = name.parent().and_then(|given| given.child_by_field_name("right"))?.kind() == "dictionary";
    let is_it = |table: Node<'_>| {
        let text = source.slice(table);
        // What walks over a mapping itself gets its keys.
        if is_mapping && table.kind() != "call" && reader.kind() != "subscript" {
            return false;
        }
        let text = [".items()", ".values()"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
        let own = ["self.", "cls."].iter().find_map(|start| text.strip_prefix(start)).filter(|_| is_kept);
        own.unwrap_or(text) == source.slice(name)
    };
    match reader.kind() {
        "for_statement" => {
            let (target, iterated) = reader.child_by_field_name("left").zip(reader.child_by_field_name("right"))?;
            let (target, _) = side_by_side(source, target, iterated, &is_it)?;
            Some(Reader::Loop { target, body: reader.child_by_field_name("body")? })
        }
        "subscript" => {
            let table = reader.child_by_field_name("value").filter(|_| is_mapping)?;
            is_it(table).then_some(Reader::Entry { read: reader })
        }
        "decorator" => {
            let rows = *positional(parametrize(source, reader)?).get(1)?;
            is_it(rows).then_some(Reader::Test { decorator: reader })
        }
        _ => None,
    }
}

/// The table that `is_it` of those that a loop walks over, and what the loop calls its rows: `zip` walks over several,
/// `enumerate` numbers one.
fn side_by_side<'t>(
    source: &Source,
    target: Node<'t>,
    iterated: Node<'t>,
    is_it: &dyn Fn(Node<'t>) -> bool,
) -> Option<(Node<'t>, Node<'t>)> {
    let called = iterated.child_by_field_name("function").map(|called| source.slice(called));
    let parts = || children(target).filter(|_| target.kind() != "identifier");
    match called {
        Some("enumerate") => side_by_side(source, parts().nth(1)?, *positional(iterated).first()?, is_it),
        Some("zip") => {
            let mut sides = parts().zip(positional(iterated));
            sides.find_map(|(target, table)| side_by_side(source, target, table, is_it))
        }
        _ => is_it(iterated).then_some((target, iterated)),
    }
}

/// The call of `@pytest.mark.parametrize(…)`, also where the module has given it a name: `@all_cases`.
fn parametrize<'t>(source: &'t Source, decorator: Node<'t>) -> Option<Node<'t>> {
    let written = decorator.named_child(0)?;
    let call = if written.kind() == "identifier" { given_once(source, source.slice(written))? } else { written };
    let call = Some(call).filter(|node| node.kind() == "call")?;
    (last(&callee(source, call)) == "parametrize").then_some(call)
}

/// What the module gives the name, where it does so once.
fn given_once<'t>(source: &'t Source, name: &str) -> Option<Node<'t>> {
    let assignments = children(source.root()).filter_map(|statement| statement.named_child(0));
    let is_it = |node: &Node<'_>| {
        node.kind() == "assignment" && node.child_by_field_name("left").is_some_and(|left| source.slice(left) == name)
    };
    let mut assignments = assignments.filter(is_it);
    let value = assignments.next()?.child_by_field_name("right");
    value.filter(|_| assignments.next().is_none())
}

/// Whether what `target` takes of `part` around `literal` goes into nothing but checks below `body`.
fn compares_part(
    source: &Source,
    (mut target, body): (Node<'_>, Node<'_>),
    mut part: Node<'_>,
    literal: Node<'_>,
    names: usize,
) -> Option<bool> {
    while matches!(target.kind(), "pattern_list" | "tuple_pattern" | "list_pattern") {
        let at = parts(part)?.iter().position(|node| is_inside(literal, *node))?;
        part = parts(part)?[at];
        target = children(target).nth(at)?;
    }
    if part.kind() == "pair" {
        part = parts(part)?.into_iter().find(|node| is_inside(literal, *node))?;
    }
    compares_name(source, source.slice(target), body, part, literal, names)
}

/// Whether all that `body` does with the cell around `literal` of what it calls `name` is to compare with it.
fn compares_name(
    source: &Source,
    name: &str,
    body: Node<'_>,
    part: Node<'_>,
    literal: Node<'_>,
    names: usize,
) -> Option<bool> {
    let names = names.checked_sub(1)?;
    // An attribute or a keyword that is called the same is something else, and what is given a value is no use.
    let names_other = |node: Node<'_>| {
        let parent = node.parent();
        let named =
            parent.and_then(|parent| parent.child_by_field_name("attribute").or(parent.child_by_field_name("name")));
        named == Some(node)
    };
    let is_bound = |node: Node<'_>| {
        let outer =
            ancestors(node).skip(1).find(|outer| !outer.kind().ends_with("pattern") && outer.kind() != "pattern_list");
        outer.is_some_and(|outer| {
            outer.kind() == "assignment" && outer.child_by_field_name("left").is_some_and(|left| is_inside(node, left))
        })
    };
    let is_it = |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == name && !names_other(*node);
    let mut uses = descendants(body).filter(is_it).filter(|node| !is_bound(*node)).peekable();
    uses.peek()?;
    Some(uses.all(|used| compares_use(source, used, body, part, literal, names)))
}

/// The same for one place that stands for `part`.
fn compares_use(
    source: &Source,
    used: Node<'_>,
    body: Node<'_>,
    part: Node<'_>,
    literal: Node<'_>,
    names: usize,
) -> bool {
    let Some((used, part)) = read_part(source, used, part, literal) else { return true };
    let passed = || enclosing_call(used).is_some_and(|call| is_expected_by(source, call, used));
    let renamed = || {
        let given = used.parent().filter(|given| given.child_by_field_name("right") == Some(used))?;
        let target = given.child_by_field_name("left").filter(|_| given.kind() == "assignment")?;
        // A name that is given twice is no other name for this.
        (!is_given_again(source, given, target, body)).then_some(())?;
        compares_part(source, (target, body), part, literal, names)
    };
    is_compared(source, used) || is_asked_for_none(source, used, part) || passed() || renamed().unwrap_or(false)
}

/// `wanted is None`, where it is a literal: whatever it says, the answer is the same.
fn is_asked_for_none(source: &Source, used: Node<'_>, part: Node<'_>) -> bool {
    let Some(asked) = used.parent().filter(|it| it.kind() == "comparison_operator" && it.named_child_count() == 2)
    else {
        return false;
    };
    let is_literal = is_literal_token(part) || matches!(part.kind(), "list" | "tuple" | "dictionary" | "set");
    let operator = asked.child(1).map(|operator| source.slice(operator));
    let is_none = |node: Node<'_>| node.kind() == "none";
    is_literal
        && !is_none(part)
        && matches!(operator, Some("is" | "is not"))
        && asked.named_child(1).is_some_and(is_none)
}

/// Whether something else in `body` gives a value to a name of `target`.
fn is_given_again(source: &Source, given: Node<'_>, target: Node<'_>, body: Node<'_>) -> bool {
    let names: Vec<&str> =
        descendants(target).filter(|it| it.kind() == "identifier").map(|it| source.slice(it)).collect();
    let gives = |node: &Node<'_>| matches!(node.kind(), "assignment" | "for_statement" | "augmented_assignment");
    let others = descendants(body).filter(gives).filter(|node| *node != given);
    others
        .filter_map(|node| node.child_by_field_name("left"))
        .any(|left| descendants(left).any(|it| it.kind() == "identifier" && names.contains(&source.slice(it))))
}

/// `case["out"]` around the name `case`, with the part that it reads; `None` where that is another than the one around
/// `literal`.
fn read_part<'n, 't>(
    source: &Source,
    used: Node<'n>,
    part: Node<'t>,
    literal: Node<'_>,
) -> Option<(Node<'n>, Node<'t>)> {
    let (mut used, mut part) = (used, part);
    while let Some(outer) = used.parent() {
        let read = match outer.kind() {
            "attribute" if outer.child_by_field_name("object") == Some(used) => {
                outer.child_by_field_name("attribute").and_then(|name| field(source, part, source.slice(name)))
            }
            "subscript" if outer.child_by_field_name("value") == Some(used) => {
                outer.child_by_field_name("subscript").and_then(|index| entry(source, part, index))
            }
            _ => None,
        };
        let Some(read) = read else { break };
        if !is_inside(literal, read) {
            return None;
        }
        (used, part) = (outer, read);
    }
    Some((used, part))
}

/// The cells of a row: of a tuple, a list, a named tuple.
fn parts(row: Node<'_>) -> Option<Vec<Node<'_>>> {
    let holder = if row.kind() == "call" { row.child_by_field_name("arguments")? } else { row };
    let cells: Vec<Node<'_>> = children(holder).filter(|node| node.kind() != "comment").collect();
    cells.iter().all(|cell| cell.kind() != "keyword_argument").then_some(cells)
}

/// What stands under `name` in `Case(1, out=2)`: by keyword, or by the place that the class in the file gives it.
fn field<'t>(source: &Source, call: Node<'t>, name: &str) -> Option<Node<'t>> {
    let own = |argument: &Node<'t>| argument.child_by_field_name("name").is_some_and(|own| source.slice(own) == name);
    let by_keyword = arguments(call).into_iter().find(|it| it.kind() == "keyword_argument" && own(it));
    by_keyword.and_then(|it| it.child_by_field_name("value")).or_else(|| {
        let class = callee(source, call);
        let mut classes = descendants(source.root()).filter(|node| {
            node.kind() == "class_definition"
                && node.child_by_field_name("name").is_some_and(|own| source.slice(own) == class)
        });
        let fields = children(classes.next()?.child_by_field_name("body")?)
            .filter_map(|statement| statement.named_child(0))
            .filter(|node| node.kind() == "assignment" && node.child_by_field_name("type").is_some())
            .filter_map(|node| node.child_by_field_name("left"));
        let at = fields.map(|field| source.slice(field)).position(|field| field == name)?;
        positional(call).get(at).copied().filter(|_| classes.next().is_none())
    })
}

/// What stands under a written key, or at a written place.
fn entry<'t>(source: &Source, whole: Node<'t>, index: Node<'_>) -> Option<Node<'t>> {
    let mut entries = children(whole).filter(|node| node.kind() != "comment");
    match whole.kind() {
        "list" | "tuple" => entries.nth(source.slice(index).parse().ok()?),
        "dictionary" => {
            let wanted = string_value(source, index)?;
            let key = |pair: &Node<'_>| pair.child_by_field_name("key").and_then(|key| string_value(source, key));
            entries.find(|pair| key(pair) == Some(wanted))?.child_by_field_name("value")
        }
        _ => None,
    }
}

/// Whether what is read by `CASES[name]` only goes into checks as far as it is the part around `literal`.
fn compares_entry(source: &Source, read: Node<'_>, row: Node<'_>, literal: Node<'_>) -> Option<bool> {
    let value = row.child_by_field_name("value").filter(|value| is_inside(literal, *value))?;
    let key = row.child_by_field_name("key").and_then(|key| string_value(source, key));
    let asked = read.child_by_field_name("subscript").and_then(|index| string_value(source, index));
    if asked.is_some() && key.is_some() && asked != key {
        return Some(true);
    }
    let function = ancestors(read).find(|node| node.kind() == "function_definition")?;
    let body = function.child_by_field_name("body")?;
    Some(compares_use(source, read, body, value, literal, MOST_NAMES))
}

/// Whether the test that gets the row only compares with the cell around `literal`.
fn compares_in_test(source: &Source, decorator: Node<'_>, row: Node<'_>, literal: Node<'_>) -> Option<bool> {
    let first = *positional(parametrize(source, decorator)?).first()?;
    let strings = descendants(first).filter(|node| node.kind() == "string");
    let texts = strings.filter_map(|node| string_value(source, node));
    let names: Vec<&str> =
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect();
    let row = if row.kind() == "pair" { row.child_by_field_name("value")? } else { row };
    let is_param = row.kind() == "call" && last(&callee(source, row)) == "param";
    let (at, cell) = match (names.len(), is_param) {
        (1, false) => (0, row),
        _ => {
            let cells = parts_of_param(row)?;
            let at = cells.iter().position(|cell| is_inside(literal, *cell))?;
            (at, cells[at])
        }
    };
    let body = decorator.parent()?.child_by_field_name("definition")?.child_by_field_name("body")?;
    compares_name(source, names.get(at)?, body, cell, literal, MOST_NAMES)
}

/// The cells of a row of a decorator, whose `pytest.param` may have marks behind them.
fn parts_of_param(row: Node<'_>) -> Option<Vec<Node<'_>>> {
    let holder = if row.kind() == "call" { row.child_by_field_name("arguments")? } else { row };
    Some(children(holder).filter(|node| !matches!(node.kind(), "comment" | "keyword_argument")).collect())
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
    // Most names that are called are defined elsewhere: no need to walk through all of the file for them.
    if !source.text().contains(&format!("def {name}")) {
        return None;
    }
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
        // `expected.format(…)` and `expected % …` are still what is expected.
        "attribute" if parent.child_by_field_name("attribute").is_some_and(|name| source.slice(name) == "format") => {
            let call = parent.parent().filter(|call| call.child_by_field_name("function") == Some(parent));
            call.is_some_and(|call| is_compared(source, call))
        }
        "binary_operator" if parent.child_by_field_name("left") == Some(node) => {
            let operator = parent.child_by_field_name("operator");
            operator.is_some_and(|it| source.slice(it) == "%") && is_compared(source, parent)
        }
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
