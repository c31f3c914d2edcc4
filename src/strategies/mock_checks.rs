//! What a test asks of a mock: that it was called, or only that it was not.

use crate::syntax::{Node, ancestors, children, descendants};

use super::{Context, checks, names};

/// What a mock says of its calls.
const RECORDED: &[&str] =
    &["called", "call_count", "call_args", "call_args_list", "mock_calls", "method_calls", "await_count", "await_args"];

/// Whether all that the test asks of the mock of the patch around `string` is that nobody called it.
pub(super) fn only_deny(ctx: &Context<'_>, string: Node<'_>) -> bool {
    let Some(call) = ancestors(string).find(|node| node.kind() == "call") else { return false };
    let function = ctx.source.function_at(string.start_byte()).or_else(|| decorated(call));
    let is_test = |node: &Node<'_>| {
        node.child_by_field_name("name").is_some_and(|name| ctx.source.slice(name).starts_with("test"))
    };
    // What a fixture or a set-up patches is asked in the tests.
    let scope = function.filter(is_test).unwrap_or(ctx.source.root());
    let of_test = || function.filter(is_test).and_then(|function| mock_of(ctx, call, function));
    let mock = started_as(ctx, call).or_else(of_test);
    let is_asked = |object: Node<'_>| mock.is_none_or(|name| ctx.source.slice(object) == name);
    let mut denied = refuses_calls(ctx, call);
    for attribute in descendants(scope).filter(|node| node.kind() == "attribute") {
        let parts = attribute.child_by_field_name("object").zip(attribute.child_by_field_name("attribute"));
        let Some((_, name)) = parts.filter(|(object, _)| is_asked(*object)) else { continue };
        match ctx.source.slice(name) {
            "assert_not_called" | "assert_not_awaited" => denied = true,
            name if name.starts_with("assert_") => return false,
            name if RECORDED.contains(&name) && is_denied(ctx, attribute) => denied = true,
            name if RECORDED.contains(&name) => return false,
            _ => {}
        }
    }
    // `monkeypatch.setattr("shop.send", sent.append)`: the list says what a mock would.
    let stub = if mock.is_none() { stub_list(ctx, call) } else { None };
    for used in stub.into_iter().flat_map(|name| names::uses_of(ctx.source, scope, name)) {
        let is_part = used.parent().is_some_and(|parent| parent.kind() == "attribute");
        let is_checked = !is_part && checks::is_checked(ctx.source, used);
        match is_denied(ctx, used) {
            true => denied = true,
            false if is_checked => return false,
            false => {}
        }
    }
    denied
}

/// The function under the decorator that `call` is.
fn decorated<'t>(call: Node<'t>) -> Option<Node<'t>> {
    let decorator = call.parent().filter(|parent| parent.kind() == "decorator")?;
    decorator.parent()?.child_by_field_name("definition").filter(|node| node.kind() == "function_definition")
}

/// The name that the test has for the mock of a patch, be it started later.
pub(super) fn mock_name<'c>(ctx: &'c Context<'_>, patch: Node<'c>, test: Node<'_>) -> Option<&'c str> {
    started_as(ctx, patch).or_else(|| mock_of(ctx, patch, test))
}

/// The name that the test has for the mock of a patch: `as name`, `name = …`, the parameter of a decorator.
fn mock_of<'c>(ctx: &'c Context<'_>, call: Node<'_>, function: Node<'_>) -> Option<&'c str> {
    let parent = call.parent()?;
    match parent.kind() {
        "as_pattern" => parent.child_by_field_name("alias").map(|alias| ctx.source.slice(alias)),
        "assignment" => parent.child_by_field_name("left").map(|left| ctx.source.slice(left)),
        "decorator" => {
            let gives = |node: &Node<'_>| {
                let text = ctx.source.slice(*node);
                node.kind() == "decorator" && text.contains("patch") && !text.contains("new=")
            };
            let below = children(parent.parent()?).filter(|node| node.start_byte() > parent.start_byte());
            let place = below.filter(gives).count();
            let list = function.child_by_field_name("parameters")?;
            let all = children(list).filter_map(|parameter| names::parameter_name(ctx.source, parameter));
            all.filter(|name| !matches!(*name, "self" | "cls")).nth(place)
        }
        _ => None,
    }
}

/// The name of the mock of a patch that is started: `send` of `send = patch("a.b").start()`, or of `patcher = patch("a.b")`
/// and `send = patcher.start()` or `with patcher as send:`.
fn started_as<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Option<&'c str> {
    let parent = call.parent()?;
    let started = match parent.kind() {
        "attribute" => format!("{}()", ctx.source.slice(parent)),
        "assignment" => format!("{}.start()", ctx.source.slice(parent.child_by_field_name("left")?)),
        _ => return None,
    };
    let patcher = started.strip_suffix(".start()")?;
    let name = |node: Node<'c>| match node.kind() {
        "assignment" => node
            .child_by_field_name("right")
            .filter(|right| ctx.source.slice(*right) == started)
            .and_then(|_| node.child_by_field_name("left")),
        "as_pattern" => node
            .named_child(0)
            .filter(|value| ctx.source.slice(*value) == patcher)
            .and_then(|_| node.child_by_field_name("alias")),
        _ => None,
    };
    descendants(ctx.source.root()).find_map(name).map(|name| ctx.source.slice(name))
}

/// `len(…)` around its arguments.
fn len_of<'t>(ctx: &Context<'_>, list: Node<'t>) -> Option<Node<'t>> {
    let call = list.parent().filter(|call| call.kind() == "call")?;
    let function = call.child_by_field_name("function").map(|function| ctx.source.slice(function));
    (function == Some("len")).then_some(call)
}

/// Whether a check asks that what `node` records is nothing.
fn is_denied(ctx: &Context<'_>, node: Node<'_>) -> bool {
    let Some(mut parent) = node.parent() else { return false };
    let mut inner = node;
    if parent.kind() == "argument_list"
        && let Some(call) = len_of(ctx, parent)
    {
        let Some(outer) = call.parent() else { return false };
        (inner, parent) = (call, outer);
    }
    let nothing = |text: &str| matches!(text, "0" | "False" | "None" | "[]" | "()");
    let beside = || children(parent).filter(|other| *other != inner).any(|other| nothing(ctx.source.slice(other)));
    match parent.kind() {
        "not_operator" => true,
        "comparison_operator" => {
            let operator = parent.child(1).map(|operator| ctx.source.slice(operator));
            matches!(operator, Some("==" | "is")) && beside()
        }
        "argument_list" => {
            let function = parent.parent().and_then(|call| call.child_by_field_name("function"));
            let name = function.and_then(crate::diagnosis::locate::last_name).map(|name| ctx.source.slice(name));
            matches!(name, Some("assertFalse" | "assertIsNone")) || (name == Some("assertEqual") && beside())
        }
        _ => false,
    }
}

/// `patch("shop.send", side_effect=AssertionError)`: being called fails the test.
fn refuses_calls(ctx: &Context<'_>, call: Node<'_>) -> bool {
    let Some(arguments) = call.child_by_field_name("arguments") else { return false };
    ["AssertionError", "pytest.fail"].iter().any(|word| ctx.source.slice(arguments).contains(word))
}

/// `sent` of `setattr("shop.send", sent.append)`.
fn stub_list<'c>(ctx: &'c Context<'_>, call: Node<'_>) -> Option<&'c str> {
    let list = call.child_by_field_name("arguments")?;
    let append = children(list).find(|node| {
        let name = node.child_by_field_name("attribute").map(|name| ctx.source.slice(name));
        name == Some("append")
    })?;
    append
        .child_by_field_name("object")
        .filter(|object| object.kind() == "identifier")
        .map(|node| ctx.source.slice(node))
}
