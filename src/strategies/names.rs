//! Uses of a name in one file, and what the rename of it touches.

use std::ops::Range;

use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::words::occurrences;

/// The uses of the module-level name `name`: identifiers that stand for it, not attributes, keywords or
/// what a function binds for itself. The import or definition that makes the name is not among them.
pub(super) fn uses(source: &Source, name: &str) -> Vec<Range<usize>> {
    uses_in(source, source.root(), name)
}

/// The same, below `scope`.
pub(super) fn uses_in(source: &Source, scope: Node<'_>, name: &str) -> Vec<Range<usize>> {
    descendants(scope)
        .filter(|node| node.kind() == "identifier" && source.slice(*node) == name)
        .filter(|node| !is_label(*node) && !is_import_part(*node) && !is_bound_by_a_function(source, *node, name))
        .map(|node| node.byte_range())
        .collect()
}

/// Whether `name` means something of its own in a function, lambda or class around one of `uses`: as a parameter, a
/// variable of any kind, an import. What is written `name` there would not be the module's.
pub(super) fn is_taken(source: &Source, uses: &[Range<usize>], name: &str) -> bool {
    let is_named = |scope: Node<'_>| uses_of(source, scope, name).next().is_some();
    uses.iter().filter_map(|range| source.node_at(range.clone())).any(|node| {
        let is_scope = |node: &Node<'_>| matches!(node.kind(), "function_definition" | "lambda" | "class_definition");
        ancestors(node).filter(is_scope).any(is_named)
    })
}

/// Every identifier `name` below `scope` that is no label, whoever binds it.
pub(super) fn uses_of<'s>(source: &'s Source, scope: Node<'s>, name: &'s str) -> impl Iterator<Item = Node<'s>> {
    descendants(scope)
        .filter(move |node| node.kind() == "identifier" && source.slice(*node) == name && !is_label(*node))
}

/// The last `c` in each `a.b.c` of `scope` whose object is written exactly as `object`.
pub(super) fn attribute_uses(source: &Source, scope: Node<'_>, object: &str, name: &str) -> Vec<Range<usize>> {
    descendants(scope)
        .filter_map(parts)
        .filter(|(part, attribute)| source.slice(*part) == object && source.slice(*attribute) == name)
        .map(|(_, attribute)| attribute.byte_range())
        .collect()
}

/// The object and the name of an attribute, be it in a pattern.
fn parts(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    match node.kind() {
        "attribute" => Some((node.child_by_field_name("object")?, node.child_by_field_name("attribute")?)),
        "dotted_name" if is_two_part_pattern(node) => Some((node.named_child(0)?, node.named_child(1)?)),
        _ => None,
    }
}

/// Whether a dotted name is `shop.Cart` of `case shop.Cart():`.
pub(super) fn is_two_part_pattern(dotted_name: Node<'_>) -> bool {
    let is_pattern = |node: Node<'_>| matches!(node.kind(), "class_pattern" | "case_pattern");
    dotted_name.named_child_count() == 2 && dotted_name.parent().is_some_and(is_pattern)
}

/// Where annotations that are written as strings, and the type of a `cast`, say `name`.
pub(super) fn forward_references(source: &Source, scope: Node<'_>, name: &str) -> Vec<Range<usize>> {
    let strings = descendants(scope).filter(|node| node.kind() == "string" && is_type(source, *node));
    let said = |string: Node<'_>| {
        let (text, start) = (source.slice(string), string.start_byte());
        let is_own = move |at: &usize| !text[..*at].ends_with('.');
        occurrences(text, name).filter(is_own).map(move |at| start + at..start + at + name.len())
    };
    strings.flat_map(said).collect()
}

/// The last `c` of each `a.b.c` that such a string says.
pub(super) fn forward_attributes(source: &Source, scope: Node<'_>, object: &str, name: &str) -> Vec<Range<usize>> {
    let found = forward_references(source, scope, &format!("{object}.{name}")).into_iter();
    found.map(|range| range.end - name.len()..range.end).collect()
}

/// Whether a string is read as a type: as an annotation, or as what `cast` makes of a value.
fn is_type(source: &Source, string: Node<'_>) -> bool {
    let is_inner = |node: &Node<'_>| !node.kind().ends_with("_definition") && node.kind() != "call";
    let annotation = ancestors(string).take_while(is_inner).filter(|node| node.kind() == "type").last();
    if let Some(annotation) = annotation {
        let before = &source.text()[annotation.start_byte()..string.start_byte()];
        let is_value = |head| before.rsplit_once(head).is_some_and(|(_, inside)| !inside.contains(']'));
        return !["Literal[", "Annotated["].into_iter().any(is_value);
    }
    let Some(list) = string.parent().filter(|list| list.named_child(0) == Some(string)) else { return false };
    let call = list.parent().filter(|call| call.kind() == "call");
    let called = call.and_then(|call| call.child_by_field_name("function"));
    called.is_some_and(|called| source.slice(called).rsplit('.').next() == Some("cast"))
}

/// Every place of the file where an attribute is written exactly as `attribute` is.
pub(super) fn same_attributes<'s>(source: &'s Source, attribute: Node<'_>) -> impl Iterator<Item = Node<'s>> {
    let text = source.slice(attribute);
    descendants(source.root()).filter(move |node| node.kind() == "attribute" && source.slice(*node) == text)
}

/// Whether a name is spelt as constants are: `LATEST`, `V2`.
pub(super) fn is_constant(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

/// `b` of `a.b`, `b` of `f(b=1)`: names that stand for no variable.
pub(super) fn is_label(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        let field = match parent.kind() {
            "attribute" => "attribute",
            "keyword_argument" => "name",
            _ => return false,
        };
        parent.child_by_field_name(field).is_some_and(|label| label == node)
    })
}

fn is_import_part(node: Node<'_>) -> bool {
    ancestors(node).any(|node| matches!(node.kind(), "import_statement" | "import_from_statement"))
}

fn is_bound_by_a_function(source: &Source, node: Node<'_>, name: &str) -> bool {
    ancestors(node)
        .filter(|node| matches!(node.kind(), "function_definition" | "lambda"))
        .any(|function| binds(source, function, name))
}

/// Whether `function` makes `name` a local of its own: a parameter, an assignment, a loop variable.
pub(super) fn binds(source: &Source, function: Node<'_>, name: &str) -> bool {
    let parameter = function.child_by_field_name("parameters").is_some_and(|list| {
        children(list).filter_map(|parameter| parameter_name(source, parameter)).any(|parameter| parameter == name)
    });
    parameter
        || descendants(function).any(|node| {
            let target = match node.kind() {
                "assignment" | "augmented_assignment" | "for_statement" => node.child_by_field_name("left"),
                "as_pattern" => node.child_by_field_name("alias"),
                _ => None,
            };
            target.is_some_and(|target| {
                descendants(target).any(|node| {
                    node.kind() == "identifier"
                        && source.slice(node) == name
                        && !is_label(node)
                        && !is_inside_subscript(node, target)
                })
            })
        })
}

/// Whether a function or lambda of the file makes `name` a local of its own.
pub(super) fn is_made_by_a_function(source: &Source, name: &str) -> bool {
    descendants(source.root())
        .filter(|node| matches!(node.kind(), "function_definition" | "lambda"))
        .any(|function| binds(source, function, name))
}

/// `i` of `rows[i] = 1` is read, not bound.
fn is_inside_subscript(node: Node<'_>, target: Node<'_>) -> bool {
    ancestors(node).take_while(|node| *node != target).any(|node| matches!(node.kind(), "subscript" | "attribute"))
        || matches!(target.kind(), "subscript" | "attribute")
}

/// The name of a parameter node, whatever stars, defaults and annotations it has.
pub(super) fn parameter_name<'s>(source: &'s Source, parameter: Node<'_>) -> Option<&'s str> {
    parameter_identifier(parameter).map(|name| source.slice(name))
}

/// The identifier of a parameter node.
pub(super) fn parameter_identifier(parameter: Node<'_>) -> Option<Node<'_>> {
    descendants(parameter).find(|node| node.kind() == "identifier")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, count: usize) {
        assert_eq!(uses(&Source::parse(text), "cart").len(), count, "{text}");
    }

    #[test]
    fn labels_and_imports_are_no_uses() {
        check("from cart import cart\ncart(a.cart, cart=1)\n", 1);
    }

    #[test]
    fn a_function_that_binds_the_name_means_its_own() {
        check("def test_a(cart):\n    cart()\n\ndef test_b():\n    cart()\n", 1);
        check("def test_a():\n    cart = 1\n    cart()\n", 0);
        check("def test_a():\n    for cart in carts:\n        cart()\n", 0);
        check("def test_a():\n    with f() as cart:\n        cart()\n", 0);
    }

    #[test]
    fn a_subscript_reads_its_index() {
        check("def test_a():\n    rows[cart] = 1\n", 1);
    }
}
