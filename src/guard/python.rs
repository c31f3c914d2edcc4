//! Small questions about Python nodes that several promises ask.

use crate::syntax::{Node, Source, ancestors, children, descendants};

/// The call that an argument is given to.
pub(super) fn given_to(argument: Node<'_>) -> Option<Node<'_>> {
    argument.parent().filter(|list| list.kind() == "argument_list")?.parent()
}

/// Whether the node is a `def` or a `class`.
pub(super) fn is_definition(node: Node<'_>) -> bool {
    matches!(node.kind(), "function_definition" | "class_definition")
}

/// The `def` or `class` below decorators, else the node itself.
pub(super) fn definition(node: Node<'_>) -> Node<'_> {
    node.child_by_field_name("definition").unwrap_or(node)
}

/// The definition with its decorators.
pub(super) fn outermost(definition: Node<'_>) -> Node<'_> {
    definition.parent().filter(|parent| parent.kind() == "decorated_definition").unwrap_or(definition)
}

/// The decorators of a unit's node, outermost first.
pub(super) fn decorators(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    children(node).filter(|child| child.kind() == "decorator")
}

/// The text of a node on one line without blanks, so that formatting does not count.
pub(super) fn flat(source: &Source, node: Node<'_>) -> String {
    let mut text = String::new();
    let mut last = "";
    for leaf in leaves(node).filter(|leaf| leaf.kind() != "comment") {
        // Between two texts a comma is what makes them two.
        let is_between = leaf.kind() == "string" && last == ",";
        if is_between && text.trim_end().ends_with(['"', '\'']) {
            text += ", ";
        }
        if !matches!(leaf.kind(), "," | "line_continuation") {
            text += source.slice(leaf);
            text.push(' ');
        }
        last = leaf.kind();
    }
    text
}

/// The tokens of a node; a string is one token.
pub(super) fn leaves(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut pending = vec![node];
    std::iter::from_fn(move || {
        loop {
            let node = pending.pop()?;
            if node.child_count() == 0 || node.kind() == "string" {
                return Some(node);
            }
            pending.extend((0..node.child_count()).rev().filter_map(|index| node.child(index)));
        }
    })
}

/// `a.b.c` of an identifier or attribute chain; calls and subscripts inside are left out: `f(x).g` is `f.g`.
pub(super) fn dotted(source: &Source, node: Node<'_>) -> String {
    match node.kind() {
        "identifier" => source.slice(node).to_string(),
        "attribute" => {
            let object = node.child_by_field_name("object").map(|object| dotted(source, object)).unwrap_or_default();
            let name = node.child_by_field_name("attribute").map_or("", |name| source.slice(name));
            if object.is_empty() { name.to_string() } else { format!("{object}.{name}") }
        }
        "call" => node.child_by_field_name("function").map(|callee| dotted(source, callee)).unwrap_or_default(),
        "subscript" => node.child_by_field_name("value").map(|value| dotted(source, value)).unwrap_or_default(),
        "await" | "parenthesized_expression" => {
            node.named_child(0).map(|inner| dotted(source, inner)).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The dotted name that a call calls.
pub(super) fn callee(source: &Source, call: Node<'_>) -> String {
    call.child_by_field_name("function").map(|function| dotted(source, function)).unwrap_or_default()
}

/// The last part of a dotted name.
pub(super) fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// The arguments of a call, without comments.
pub(super) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    let Some(list) = call.child_by_field_name("arguments") else { return Vec::new() };
    if list.kind() != "argument_list" {
        return vec![list];
    }
    children(list).filter(|child| child.kind() != "comment").collect()
}

/// The arguments without a name, in order.
pub(super) fn positional(call: Node<'_>) -> Vec<Node<'_>> {
    arguments(call).into_iter().filter(|argument| argument.kind() != "keyword_argument").collect()
}

/// The value of a keyword argument.
pub(super) fn keyword<'t>(source: &Source, call: Node<'t>, name: &str) -> Option<Node<'t>> {
    arguments(call).into_iter().find_map(|argument| {
        let matches = argument.child_by_field_name("name").is_some_and(|node| source.slice(node) == name);
        (argument.kind() == "keyword_argument" && matches).then(|| argument.child_by_field_name("value"))?
    })
}

/// The inside of parentheses.
pub(super) fn bare(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while node.kind() == "parenthesized_expression" {
        let Some(inner) = children(node).find(|child| child.kind() != "comment") else { break };
        node = inner;
    }
    node
}

/// Whether the node is one token that writes a value.
pub(super) fn is_literal_token(node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "true" | "false" | "none" | "ellipsis" => true,
        "string" => !children(node).any(|child| child.kind() == "interpolation"),
        _ => false,
    }
}

/// Whether the node is a value that is written out: a literal, or a collection of such.
pub(super) fn is_written_out(node: Node<'_>) -> bool {
    match node.kind() {
        "list"
        | "tuple"
        | "set"
        | "dictionary"
        | "pair"
        | "parenthesized_expression"
        | "concatenated_string"
        | "unary_operator"
        | "expression_list" => children(node).filter(|child| child.kind() != "comment").all(is_written_out),
        "binary_operator" => children(node).all(is_written_out),
        _ => is_literal_token(node),
    }
}

/// The statements inside a node, at any depth.
pub(super) fn statements(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    descendants(node).filter(|node| {
        let in_block = node.parent().is_some_and(|parent| matches!(parent.kind(), "block" | "module"));
        in_block && node.is_named() && node.kind() != "comment"
    })
}

/// Whether `node` lies inside `outer`, or is it.
pub(super) fn is_inside(node: Node<'_>, outer: Node<'_>) -> bool {
    node.start_byte() >= outer.start_byte() && node.end_byte() <= outer.end_byte()
}

/// The call, decorator or statement around an argument: `f` for `x` in `f(x)`, `f(k=x)`, `f([x])`.
pub(super) fn enclosing_call(node: Node<'_>) -> Option<Node<'_>> {
    let list = ancestors(node).skip(1).find(|node| node.kind() == "argument_list")?;
    list.parent().filter(|parent| parent.kind() == "call")
}

/// The name of the keyword argument that the node is the value of.
pub(super) fn keyword_of<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    let parent = ancestors(node).skip(1).find(|node| node.kind() != "parenthesized_expression")?;
    let name = parent.child_by_field_name("name")?;
    (parent.kind() == "keyword_argument").then(|| source.slice(name))
}

/// The text between the quotes of a string; `None` for anything else and for f-strings.
pub(super) fn string_value<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    if node.kind() != "string" || !is_literal_token(node) {
        return None;
    }
    let (start, end) = (node.child(0)?, node.child(node.child_count().checked_sub(1)?)?);
    source.text().get(start.end_byte()..end.start_byte())
}
