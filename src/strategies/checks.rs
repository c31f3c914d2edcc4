//! What checks in a test: asserts, blocks that must raise, calls that assert, and the functions made of them.

use crate::diagnosis::locate;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::similar_names::words;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::names;

/// Helpers call helpers; nobody checks further down.
const DEEPEST: u32 = 3;

/// Whether `node` checks by itself: an assert, a block that must raise, a call that fails the test.
pub(super) fn is_check(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "assert_statement" => true,
        "raise_statement" => source.slice(node).trim_start_matches("raise").trim_start().starts_with("AssertionError"),
        "call" => node.child_by_field_name("function").is_some_and(|function| is_checking(source, function)),
        _ => false,
    }
}

/// Whether `scope` holds a check, its own or that of a helper of the tests.
pub(super) fn holds_check(snapshot: &Snapshot, path: &FilePath, source: &Source, scope: Node<'_>) -> bool {
    holds(snapshot, path, source, scope, DEEPEST)
}

/// Whether a function is there to check: by its name, or by its body. A product checks and verifies its own things; what
/// it asserts is for tests.
pub(super) fn is_checker(snapshot: &Snapshot, symbol: &Symbol) -> bool {
    let is_function = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
    let says = says_check(&symbol.name) && (symbol.path.is_test_code() || symbol.name.starts_with("assert"));
    is_function && (says || by_body(snapshot, symbol, DEEPEST))
}

/// The same by a text that defines `name`, as it was before.
pub(super) fn was_checker(path: &FilePath, text: &str, name: &str) -> bool {
    let source = Source::parse(text);
    let is_it = |node: &Node<'_>| {
        let own = node.child_by_field_name("name").map(|own| source.slice(own));
        node.kind() == "function_definition" && own == Some(name)
    };
    let mut found = descendants(source.root()).filter(is_it).filter_map(|node| node.child_by_field_name("body"));
    found.any(|body| {
        let mut inner = descendants(body);
        inner.any(|node| is_check(&source, node)) && (path.is_test_code() || only_checks(&source, body))
    })
}

/// Whether a check compares with what `node` says: it is an operand, and not something that a call is given.
pub(super) fn is_checked(source: &Source, node: Node<'_>) -> bool {
    is_operand(source, node, DEEPEST)
}

fn is_operand(source: &Source, node: Node<'_>, depth: u32) -> bool {
    let mut inner = node;
    while let Some(outer) = inner.parent() {
        let is = |field: &str| outer.child_by_field_name(field).is_some_and(|part| part == inner);
        match outer.kind() {
            "assert_statement" => return outer.named_child(0) == Some(inner),
            "if_statement" => {
                return is("condition")
                    && outer.child_by_field_name("consequence").is_some_and(|body| fails(source, body));
            }
            "assignment" => return is("right") && depth > 0 && is_name_checked(source, outer, depth - 1),
            // `shop.level(LIMIT)` is given it, `len(LIMITS)` says it.
            "call" => {
                let function = outer.child_by_field_name("function");
                let name = function.map(|function| source.slice(function)).unwrap_or_default();
                if is_check(source, outer) {
                    return true;
                }
                if !is("function")
                    && !matches!(
                        name,
                        "len"
                            | "abs"
                            | "round"
                            | "sorted"
                            | "set"
                            | "list"
                            | "tuple"
                            | "str"
                            | "int"
                            | "float"
                            | "min"
                            | "max"
                            | "sum"
                    )
                {
                    return false;
                }
            }
            "interpolation" | "lambda" | "block" | "module" | "decorator" | "while_statement" => return false,
            kind if kind.ends_with("_statement") && kind != "expression_statement" => return false,
            _ => {}
        }
        inner = outer;
    }
    false
}

/// Whether a check compares with the name that `assignment` binds.
fn is_name_checked(source: &Source, assignment: Node<'_>, depth: u32) -> bool {
    let Some(left) = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier") else {
        return false;
    };
    let name = source.slice(left);
    let scope = ancestors(assignment).find(|node| node.kind() == "function_definition").unwrap_or(source.root());
    let is_use = |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == name && *node != left;
    descendants(scope)
        .filter(|node| is_use(node) && !names::is_label(*node))
        .any(|used| is_operand(source, used, depth))
}

/// Whether a branch does nothing but fail the test.
fn fails(source: &Source, body: Node<'_>) -> bool {
    children(body).any(|statement| {
        let inner = statement.named_child(0).filter(|_| statement.kind() == "expression_statement");
        is_check(source, inner.unwrap_or(statement))
    })
}

/// Whether `node` stands in a block that must raise or warn.
pub(super) fn must_raise(source: &Source, node: Node<'_>) -> bool {
    let asks = |text: &str| {
        let text = text.to_lowercase();
        text.contains("raises") || text.contains("warns")
    };
    ancestors(node).skip(1).take_while(|outer| outer.kind() != "function_definition").any(|outer| match outer.kind() {
        "with_statement" => {
            let clause = children(outer).find(|part| part.kind() == "with_clause");
            clause.is_some_and(|clause| asks(source.slice(clause)))
        }
        "call" => outer.child_by_field_name("function").is_some_and(|function| asks(source.slice(function))),
        _ => false,
    })
}

fn holds(snapshot: &Snapshot, path: &FilePath, source: &Source, scope: Node<'_>, depth: u32) -> bool {
    let by_helper = |call: Node<'_>| {
        let callee = || snapshot.callee(path, call.byte_range()).filter(|symbol| symbol.path.is_test_code());
        call.kind() == "call" && depth > 0 && callee().is_some_and(|symbol| by_body(snapshot, &symbol, depth - 1))
    };
    descendants(scope).any(|node| is_check(source, node)) || descendants(scope).any(by_helper)
}

/// In a product an assert guards what a function goes on with; one that does nothing else is a check.
fn by_body(snapshot: &Snapshot, symbol: &Symbol, depth: u32) -> bool {
    let Some(source) = snapshot.source(&symbol.path) else { return false };
    let function = source.function_at(symbol.range.start).filter(|node| {
        let name = node.child_by_field_name("name");
        name.is_some_and(|name| name.byte_range() == symbol.range)
    });
    let Some(body) = function.and_then(|node| node.child_by_field_name("body")) else { return false };
    holds(snapshot, &symbol.path, &source, body, depth) && (symbol.path.is_test_code() || only_checks(&source, body))
}

/// Whether a body gives nothing back and changes nothing.
fn only_checks(source: &Source, body: Node<'_>) -> bool {
    descendants(body).all(|node| match node.kind() {
        "return_statement" => node.named_child_count() == 0,
        "yield" | "delete_statement" | "global_statement" => false,
        "assignment" | "augmented_assignment" => {
            node.child_by_field_name("left").is_none_or(|left| !matches!(left.kind(), "attribute" | "subscript"))
        }
        "expression_statement" => children(node).all(|inner| match inner.kind() {
            "call" => is_check(source, inner),
            "await" => false,
            _ => true,
        }),
        _ => true,
    })
}

/// `assertEqual`, `pytest.raises`, `self.fail`, `mock.assert_called`.
fn is_checking(source: &Source, function: Node<'_>) -> bool {
    let Some(name) = locate::last_name(function).map(|name| source.slice(name)) else { return false };
    let first = words(name).into_iter().next().unwrap_or_default();
    let fails = name == "fail" && (function.kind() == "identifier" || is_of(source, function, &["pytest", "self"]));
    fails
        || first == "assert"
        || matches!(name, "raises" | "warns" | "deprecated_call" | "RaisesGroup" | "RaisesExc" | "ok_" | "eq_")
        || name.starts_with("failUnless")
        || name.starts_with("failIf")
}

fn is_of(source: &Source, function: Node<'_>, owners: &[&str]) -> bool {
    function.child_by_field_name("object").is_some_and(|object| owners.contains(&source.slice(object)))
}

/// `check_cart`, `assertTotal`, `verify`.
fn says_check(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "assert" | "asserts" | "check" | "checks" | "expect" | "expects" | "verify" | "verifies"
        )
    })
}
