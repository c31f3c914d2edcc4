//! Where a value comes from, as far as one function tells.

use super::{Node, Source, ancestors, children, descendants};

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

/// Whether `node` is what an assignment gives a value: `name`, `self.name`.
pub fn is_target(node: Node<'_>) -> bool {
    let given = node.parent().filter(|parent| parent.kind() == "assignment");
    given.is_some_and(|given| given.child_by_field_name("left") == Some(node))
}

/// Whether what stands at `node` goes into a check and nowhere else: no call gets it but one that checks, and a name
/// that it is given goes into checks as well.
pub fn is_checked(source: &Source, node: Node<'_>) -> bool {
    goes_into_a_check(source, node, true)
}

fn goes_into_a_check(source: &Source, node: Node<'_>, may_be_named: bool) -> bool {
    let mut inner = node;
    for outer in ancestors(node).skip(1) {
        match outer.kind() {
            "assert_statement" => return true,
            // `expected.copy()` is still the value, `send(expected)` is not.
            "call" if outer.child_by_field_name("function") != Some(inner) => match checks(source, outer) {
                Some(true) => return true,
                Some(false) => {}
                None => return false,
            },
            "assignment" => {
                let named = outer.child_by_field_name("left").filter(|left| left.kind() == "identifier");
                let is_given = may_be_named && outer.child_by_field_name("right") == Some(node);
                return is_given && named.is_some_and(|name| is_only_checked(source, name));
            }
            "block" | "module" | "lambda" => return false,
            _ => {}
        }
        inner = outer;
    }
    false
}

/// Whether every use of the local name goes into a check.
fn is_only_checked(source: &Source, name: Node<'_>) -> bool {
    let Some(function) = ancestors(name).find(|node| node.kind() == "function_definition") else { return false };
    let text = source.slice(name);
    let is_member =
        |node: &Node<'_>| node.parent().is_some_and(|it| it.child_by_field_name("attribute") == Some(*node));
    let is_it = |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == text && !is_member(node);
    descendants(function).filter(is_it).all(|used| is_target(used) || goes_into_a_check(source, used, false))
}

/// Whether the call is a check; `Some(false)` for one that only says how to compare, or copies: `approx(expected)`.
fn checks(source: &Source, call: Node<'_>) -> Option<bool> {
    let function = call.child_by_field_name("function")?;
    let name = function.child_by_field_name("attribute").unwrap_or(function);
    match source.slice(name) {
        "approx" | "dict" | "deepcopy" => Some(false),
        name if name.starts_with("assert") || matches!(name, "eq_" | "ok_") => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_value_that_a_call_gets_is_more_than_checked() {
        let checked = |text: &str| {
            let source = Source::parse(format!("def test_it():\n    {text}\n"));
            let mut uses = descendants(source.root())
                .filter(|node| node.kind() == "attribute" && source.slice(*node) == "self.x" && !is_target(*node));
            uses.all(|node| is_checked(&source, node))
        };
        assert!(checked("assert f() == self.x"));
        assert!(checked("self.assertEqual(f(), self.x.copy())"));
        assert!(checked("assert f() == approx(self.x)"));
        assert!(checked("x = self.x\n    assert f() == x"));
        assert!(!checked("assert f(self.x) == self.x"));
        assert!(!checked("x = self.x\n    assert f(x) == x"));
        assert!(!checked("get.return_value = self.x\n    assert f() == self.x"));
        assert!(!checked("self.x.append(1)\n    assert f() == self.x"));
        assert!(!checked("send(self.x)"));
    }
}
