//! Helpers of a test file that check: which of their arguments are what they expect.

use crate::syntax::{Node, Source, children, descendants};

use super::checks::is_assert_call;
use super::python::{arguments, callee, definition, is_inside, last, positional};

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
