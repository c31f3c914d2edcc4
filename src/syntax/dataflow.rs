//! Where a value comes from, as far as one function tells.

use super::{Node, Source, children};

/// The names and literals that may be the value of `expression`, or hold it: branches, operands, the entries of a table.
pub fn choices(expression: Node<'_>) -> Vec<Node<'_>> {
    let (mut found, mut parts) = (Vec::new(), vec![expression]);
    while let Some(part) = parts.pop() {
        match part.kind() {
            "identifier" | "string" | "integer" | "float" => found.push(part),
            // What a call is given, what names an entry and what a branch depends on is no value of it.
            "call" => parts.extend(part.child_by_field_name("function")),
            "pair" | "subscript" => parts.extend(part.child_by_field_name("value")),
            "attribute" => parts.extend(part.child_by_field_name("object")),
            "comparison_operator" => {}
            _ => parts.extend(children(part)),
        }
    }
    found
}

/// Whether `node` hands what is called `name` to a call.
pub fn is_handed_on(source: &Source, node: Node<'_>, name: &str) -> bool {
    let is_argument = node.parent().is_some_and(|parent| match parent.kind() {
        "argument_list" | "list_splat" | "dictionary_splat" => true,
        "keyword_argument" => parent.child_by_field_name("value") == Some(node),
        _ => false,
    });
    is_argument && node.kind() == "identifier" && source.slice(node) == name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::descendants;

    #[test]
    fn a_value_comes_from_branches_and_entries() {
        let source = Source::parse("x = {'a': 'one', 'b': other}.get(key, 'no') if flag == 3 else names['n'] or [2]\n");
        let value = descendants(source.root()).find(|node| node.kind() == "assignment").unwrap();
        let mut found: Vec<&str> =
            choices(value.child_by_field_name("right").unwrap()).into_iter().map(|node| source.slice(node)).collect();
        found.sort_unstable();
        assert_eq!(found, ["'one'", "2", "names", "other"]);
    }

    #[test]
    fn arguments_are_handed_on() {
        let source = Source::parse("f(a, k=b, *c)\nd.get(e)[a]\n");
        let handed = |name: &str| descendants(source.root()).any(|node| is_handed_on(&source, node, name));
        assert_eq!(["a", "b", "c", "d", "e", "k"].map(handed), [true, true, true, false, true, false]);
    }
}
