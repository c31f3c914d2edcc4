//! Expected values that stand elsewhere in the file: what a helper or a fixture returns, a table of the class, one row
//! of a table of mappings.

use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::fixtures::is_fixture;

use super::super::Context;
use super::super::literals::{self, Printed};
use super::{assigned_in, assigned_once, constant, fails};

/// The literal that a function of the file returns, where it does nothing else: the helper that the check calls with no
/// arguments, or the fixture of the name.
pub(super) fn returned<'c>(ctx: &'c Context<'_>, name: &str, as_fixture: bool) -> Option<Node<'c>> {
    let is_it = |node: &Node<'_>| {
        node.kind() == "function_definition"
            && node.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own) == name)
    };
    let mut found = descendants(ctx.source.root()).filter(is_it);
    let function = found.next().filter(|_| found.next().is_none())?;
    if is_fixture(ctx.source, function) != as_fixture {
        return None;
    }
    let value = value(function)?;
    // What passes with the value of now is another's.
    let is_named = |node: &Node<'_>| node.kind() == "identifier" && ctx.source.slice(*node) == name;
    let elsewhere = descendants(ctx.source.root()).filter(is_named).map(|node| node.start_byte());
    let elsewhere = elsewhere.filter(|at| !function.byte_range().contains(at));
    let mut users = elsewhere.filter_map(|at| ctx.source.function_at(at));
    (literals::is_literal(value) && users.all(|user| fails(ctx, user))).then_some(value)
}

/// What a function returns that does nothing else.
pub(super) fn value(function: Node<'_>) -> Option<Node<'_>> {
    let mut body = children(function.child_by_field_name("body")?).filter(|node| !is_aside(*node));
    let only = body.next().filter(|_| body.next().is_none())?;
    let given = match only.kind() {
        "return_statement" => only,
        "expression_statement" => only.named_child(0).filter(|node| node.kind() == "yield")?,
        _ => return None,
    };
    given.named_child(0).map(literals::inner)
}

/// A comment or a docstring.
fn is_aside(node: Node<'_>) -> bool {
    let is_text = || node.named_child(0).is_some_and(|child| child.kind() == "string");
    node.kind() == "comment" || node.kind() == "expression_statement" && is_text()
}

/// `[(1, "low")]` of a table that is written there, named in the function or the module, or kept by the class:
/// `self.CASES`. Of `CASES.items()` the mapping.
pub(super) fn table<'c>(source: &'c Source, function: Node<'c>, written: Node<'c>) -> Option<Node<'c>> {
    match written.kind() {
        "identifier" => {
            let name = source.slice(written);
            assigned_once(source, function, name, written.start_byte()).or_else(|| constant(source, name))
        }
        "attribute" => {
            let owner = written.child_by_field_name("object").map_or("", |owner| source.slice(owner));
            let class = ancestors(function).find(|node| node.kind() == "class_definition")?;
            let is_own = class.child_by_field_name("name").is_some_and(|name| source.slice(name) == owner);
            let name = written.child_by_field_name("attribute")?;
            (is_own || matches!(owner, "self" | "cls"))
                .then(|| assigned_in(source, class.child_by_field_name("body")?, source.slice(name)))?
        }
        "call" => {
            let function_name = written.child_by_field_name("function").filter(|name| name.kind() == "attribute")?;
            let is_items = source.slice(function_name.child_by_field_name("attribute")?) == "items";
            let object = function_name.child_by_field_name("object").filter(|_| is_items)?;
            table(source, function, object).filter(|table| table.kind() == "dictionary")
        }
        _ => Some(written),
    }
}

/// The only one of `cells` that has the printed value.
pub(super) fn only_printed<'c>(
    source: &Source,
    cells: impl IntoIterator<Item = Node<'c>>,
    printed: &str,
) -> Option<Node<'c>> {
    let printed = Printed::parse(printed)?;
    let value = printed.node()?;
    let mut found = cells.into_iter().filter(|cell| literals::same(source, *cell, printed.source(), value));
    let only = found.next()?;
    found.next().is_none().then_some(only)
}
