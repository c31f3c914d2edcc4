//! What a function gives one after the other: the values that it yields, or that the list which it returns is made of.

use crate::syntax::{Node, Source, ancestors, children, descendants};

use super::comparison;
use super::the_rest::Gives;
use super::unpack_arity::returned_values;

/// The values that are given one by one.
pub(super) struct Items<'s> {
    pub(super) function: Node<'s>,
    pub(super) values: Vec<Node<'s>>,
    /// Whether each of the values holds many of them: `list(found)`.
    pub(super) are_whole: bool,
}

/// What the only function of that name gives one by one; `None` where that cannot be told.
pub(super) fn of<'s>(source: &'s Source, name: &str) -> Option<Items<'s>> {
    let (function, returned) = returned_values(source, name)?;
    let yielded = yielded(function)?;
    if !yielded.is_empty() {
        return Some(Items { function, values: yielded, are_whole: false });
    }
    let [value] = returned[..] else { return None };
    let named = || comparison::assigned_once(source, function, source.slice(value), value.start_byte());
    let value = if value.kind() == "identifier" { named().unwrap_or(value) } else { value };
    let value = all(source, value);
    let (values, are_whole) = match value.kind() {
        "list_comprehension" | "generator_expression" => (vec![value.child_by_field_name("body")?], false),
        "list" if value.named_child_count() == 0 => (appended(source, function, returned[0]), false),
        "identifier" | "attribute" => (vec![value], true),
        _ => return None,
    };
    (!values.is_empty()).then_some(Items { function, values, are_whole })
}

/// What the items are taken from, and on which conditions, in the words of the code.
pub(super) fn sources(gives: &Gives<'_>) -> Vec<String> {
    let source = gives.source();
    let run_through = |node: Node<'_>| match node.kind() {
        "for_statement" | "for_in_clause" => {
            let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
            let right = counted(source, left, right).map_or(right, |(_, right)| right);
            Some(source.slice(all(source, right)).to_string())
        }
        "if_statement" | "elif_clause" | "while_statement" => {
            Some(source.slice(node.child_by_field_name("condition")?).to_string())
        }
        "if_clause" | "continue_statement" | "break_statement" => Some(source.slice(node).to_string()),
        _ => None,
    };
    match gives.whole() {
        Some(values) => values.iter().map(|value| source.slice(*value).to_string()).collect(),
        None => descendants(gives.function()).filter_map(run_through).collect(),
    }
}

/// What stands behind each `yield` of the function's own; `None` where one hands on what others yield.
fn yielded(function: Node<'_>) -> Option<Vec<Node<'_>>> {
    let own = |node: &Node<'_>| {
        node.kind() == "yield"
            && node.is_named()
            && ancestors(*node).find(|outer| matches!(outer.kind(), "function_definition" | "lambda")) == Some(function)
    };
    descendants(function)
        .filter(own)
        .map(|node| node.named_child(0).filter(|_| node.child(1).is_some_and(|second| second.kind() != "from")))
        .collect()
}

/// What is appended to the list of that name.
fn appended<'s>(source: &'s Source, function: Node<'s>, list: Node<'s>) -> Vec<Node<'s>> {
    let method = format!("{}.append", source.slice(list));
    let calls = descendants(function).filter(|node| {
        node.kind() == "call" && node.child_by_field_name("function").is_some_and(|name| source.slice(name) == method)
    });
    calls.filter_map(|call| call.child_by_field_name("arguments")?.named_child(0)).collect()
}

/// The value without what makes another collection of the same items: `found` of `list(iter(found))`.
pub(super) fn all<'t>(source: &Source, value: Node<'t>) -> Node<'t> {
    let inner = || {
        let function = value.child_by_field_name("function").filter(|_| value.kind() == "call")?;
        let is_it = ["list", "tuple", "iter"].contains(&source.slice(function));
        value.child_by_field_name("arguments").filter(|_| is_it)?.named_child(0)
    };
    inner().map_or(value, |inner| all(source, inner))
}

/// What the only loop of a function that binds the name runs through, be it counted or not.
pub(super) fn run_through<'t>(source: &Source, function: Node<'t>, name: &str) -> Option<Node<'t>> {
    let binds = |target: Node<'_>| source.slice(target) == name;
    let loops = descendants(function).filter(|node| matches!(node.kind(), "for_statement" | "for_in_clause"));
    let mut loops = loops.filter_map(|node| {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        (binds(left) || children(left).any(binds)).then_some((left, right))
    });
    let (left, right) = loops.next().filter(|_| loops.next().is_none())?;
    if binds(left) {
        return Some(all(source, right));
    }
    counted(source, left, right).filter(|(target, _)| binds(*target)).map(|(_, right)| all(source, right))
}

/// `item` and `found` of `for at, item in enumerate(found)`.
pub(super) fn counted<'t>(source: &Source, left: Node<'t>, right: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let function = right.child_by_field_name("function").filter(|_| right.kind() == "call")?;
    let target = Some(left).filter(|_| source.slice(function) == "enumerate" && left.named_child_count() == 2)?;
    Some((target.named_child(1)?, right.child_by_field_name("arguments")?.named_child(0)?))
}
