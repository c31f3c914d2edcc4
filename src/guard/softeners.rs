//! Calls and operators that make a comparison see less: rounding, lowering, slicing, defaults, values equal to a
//! whole class of values.

use std::collections::BTreeMap;

use crate::syntax::{Node, Source, ancestors, descendants};

use super::python::{arguments, bare, callee, is_written_out, last};

/// Calls that forget something about their argument wherever they stand in a test.
const SOFTENERS: &[&str] = &[
    "len",
    "bool",
    "any",
    "sorted",
    "set",
    "frozenset",
    "round",
    "abs",
    "isinstance",
    "issubclass",
    "hasattr",
    "callable",
    "approx",
    "isclose",
    "allclose",
    "startswith",
    "endswith",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "casefold",
    "floor",
    "ceil",
    "trunc",
    "repr",
    "hash",
    "id",
    "swapcase",
    "removeprefix",
    "removesuffix",
    "fullmatch",
    "nan_to_num",
    "around",
    "islice",
    "takewhile",
    "dropwhile",
    "anything",
    "capitalize",
    "title",
    "unordered",
    "Counter",
    "normcase",
    "truncate",
    "almostEqual",
];

/// Names that are softeners only where a call came, since they are good names for methods too.
pub(super) const SOFTENERS_IF_WRAPPED: &[&str] = &[
    "all",
    "sum",
    "min",
    "max",
    "filter",
    "find",
    "index",
    "count",
    "keys",
    "replace",
    "split",
    "rsplit",
    "partition",
    "match",
    "search",
    "findall",
    "sub",
    "type",
    "issubset",
    "issuperset",
    "intersection",
    "union",
    "normalize",
    "first",
    "pop",
    "get",
    "next",
    "iter",
    "zip",
    "map",
    "divmod",
    "splitlines",
    "encode",
    "decode",
    "translate",
    "expandtabs",
    "dedent",
    "head",
    "tail",
    "unique",
    "dropna",
    "fillna",
    "sort_values",
    "reset_index",
    "astype",
];

/// Calls that change a value's type: a person has to see why.
pub(super) const CONVERSIONS: &[&str] = &["str", "int", "float", "complex", "dict", "list", "tuple", "bytes"];

/// Calls that give the items of an iterator, all of them in their order.
pub(super) const ITEMS: &[&str] = &["list", "tuple"];

/// What softens a unit, counted.
pub(super) fn softeners(source: &Source, nodes: &[Node<'_>]) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut add = |what: String| *found.entry(what).or_insert(0) += 1;
    for node in nodes {
        match node.kind() {
            "call" => {
                let name = callee(source, *node);
                // `frozenset()`, `set(["a"])` and `frozenset({name})` are values.
                let is_value = matches!(&*name, "set" | "frozenset" | "Counter")
                    && arguments(*node).into_iter().all(|argument| is_written_out(argument) || is_of_one(argument));
                if SOFTENERS.contains(&last(&name)) && !is_value {
                    add(format!("`{}()`", last(&name)));
                }
                if has_default(last(&name), arguments(*node).len()) {
                    add(format!("a default of `{}()`", last(&name)));
                }
            }
            "slice" => add("a slice".to_string()),
            "binary_operator" if is_arithmetic(source, *node) => add("arithmetic".to_string()),
            "identifier" => {
                let name = source.slice(*node);
                if name == "ANY" || is_dirty_equals(name) {
                    add(format!("`{name}`"));
                }
            }
            _ => {}
        }
    }
    found
}

/// `{name}`: of one element nothing is forgotten, neither an order nor a second one.
fn is_of_one(node: Node<'_>) -> bool {
    let mut elements = crate::syntax::children(node).filter(|element| element.kind() != "comment");
    let first = elements.next().filter(|_| matches!(node.kind(), "set" | "list") && elements.next().is_none());
    first.is_some_and(|first| matches!(first.kind(), "identifier" | "attribute"))
}

/// Whether a call names what it answers when there is nothing: `status.get("state", "open")`.
fn has_default(name: &str, arguments: usize) -> bool {
    match name {
        "get" | "pop" | "next" => arguments == 2,
        "getattr" => arguments == 3,
        _ => false,
    }
}

/// `total * 0`: other than `/`, which joins paths, `+` and formatting, which join texts.
fn is_arithmetic(source: &Source, node: Node<'_>) -> bool {
    let left = node.child_by_field_name("left").map(bare);
    let operator = node.child_by_field_name("operator").map_or("", |operator| source.slice(operator));
    let text = left.is_some_and(|left| matches!(left.kind(), "string" | "concatenated_string"));
    let annotation = || ancestors(node).any(|outer| outer.kind() == "type");
    !is_written_out(node)
        && !text
        && !annotation()
        && matches!(operator, "*" | "-" | "//" | "%" | "&" | "|" | "^" | "**" | "<<" | ">>" | "@")
}

/// `IsInt`, `IsStr`: values of dirty-equals, equal to a whole class of values.
pub(super) fn is_dirty_equals(name: &str) -> bool {
    let rest = name.strip_prefix("Is").filter(|rest| rest.starts_with(|c: char| c.is_uppercase()));
    rest.is_some_and(|rest| {
        [
            "Int", "Str", "Float", "Bytes", "Dict", "List", "Tuple", "Partial", "Approx", "Instance", "Positive",
            "Negative", "Datetime", "Date", "Now", "Today", "UUID", "Json", "Url", "Truthy", "Falsey", "Number",
            "OneOf", "Any",
        ]
        .iter()
        .any(|kind| rest.starts_with(kind))
    })
}

/// Calls of `names` below a node.
pub(super) fn calls_of(source: &Source, node: Node<'_>, names: &[&str]) -> usize {
    calls(node).filter(|call| names.contains(&last(&callee(source, *call)))).count()
}

pub(super) fn calls(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    descendants(node).filter(|node| node.kind() == "call")
}
