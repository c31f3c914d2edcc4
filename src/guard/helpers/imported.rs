//! Functions of other files that are there to compare: `assert_same(render("tea"), "Tea")`.

use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::{callee, is_assert_call, is_compared, only_function, parameter_for, uses_of};

/// Whether the function that `call` names, imported from another file, takes the argument around `node` for nothing but
/// to compare with it, brought into a form first or not.
pub(crate) fn is_expected_by_imported(
    snapshot: &Snapshot,
    path: &FilePath,
    (source, call): (&Source, Node<'_>),
    node: Node<'_>,
) -> bool {
    let compares = || {
        let named = || snapshot.resolve(path, call.start_byte(), &callee(source, call));
        // `self.validate(…)` of a base class.
        let symbol = named().or_else(|| snapshot.callee(path, call.byte_range()))?;
        let home = snapshot.source(&symbol.path).filter(|_| symbol.path != *path)?;
        let helper = only_function(&home, &symbol.name)?;
        let parameter = parameter_for((source, call), node, (&home, helper))?;
        let uses = uses_of(&home, helper, parameter)?;
        let is_only_compared =
            |used: &Node<'_>| is_in_check(&home, *used) || is_brought_into_form(&home, *used, parameter);
        Some(
            uses.iter().all(is_only_compared) && uses.iter().any(|used| is_compared(&home, with_default(&home, *used))),
        )
    };
    compares().unwrap_or(false)
}

/// Whether an assert reads it: as a side, or for what it says when it fails. What another call in it gets is an input.
fn is_in_check(source: &Source, node: Node<'_>) -> bool {
    let outer = ancestors(node).skip(1).find(|outer| matches!(outer.kind(), "call" | "assert_statement"));
    outer.is_some_and(|outer| outer.kind() != "call" || is_assert_call(&callee(source, outer)))
}

/// `expected or given`, where `expected` is read.
fn with_default<'t>(source: &Source, node: Node<'t>) -> Node<'t> {
    let or = node.parent().filter(|parent| {
        let operator = parent.child_by_field_name("operator").map(|operator| source.slice(operator));
        operator == Some("or") && parent.child_by_field_name("left") == Some(node)
    });
    or.unwrap_or(node)
}

/// Calls that make the form of a value.
const FORMS: [&str; 12] = [
    "dict",
    "frozenset",
    "list",
    "re.sub",
    "repr",
    "set",
    "sorted",
    "str",
    "textwrap.dedent",
    "dedent",
    "inspect.cleandoc",
    "tuple",
];

/// Whether it stands in `name = re.sub(r" +", " ", name)`, or `name = name.strip()`: what comes out is still the value.
fn is_brought_into_form(source: &Source, node: Node<'_>, name: &str) -> bool {
    let assignment = ancestors(node).find(|outer| outer.kind() == "assignment");
    let sides = assignment.and_then(|it| Some((it.child_by_field_name("left")?, it.child_by_field_name("right")?)));
    let makes_form = |call: Node<'_>| {
        let called = callee(source, call);
        FORMS.contains(&called.as_str()) || called.strip_prefix(name).is_some_and(|method| method.starts_with('.'))
    };
    sides.is_some_and(|(left, right)| {
        source.slice(left) == name && descendants(right).filter(|node| node.kind() == "call").all(makes_form)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_comes_into_form_is_expected_and_what_the_product_gets_is_not() {
        let expected = |body: &str, written: &str| {
            let test = "from same import same\n\ndef test_a():\n    same(\"got\", \"want\")\n";
            let helper = format!("import re\n\ndef same(a, b):\n{body}");
            let snapshot = Snapshot::in_memory([("test_a.py", test), ("same.py", &helper)]);
            let source = Source::parse(test);
            let at = test.find(written).unwrap();
            let node = source.node_at(at..at + written.len()).unwrap();
            let call = ancestors(node).find(|outer| outer.kind() == "call").unwrap();
            is_expected_by_imported(&snapshot, &FilePath::new("test_a.py"), (&source, call), node)
        };
        let compares = "    b = re.sub(' +', ' ', b.strip())\n    assert a == b, '%r != %r' % (a, b)\n";
        assert!(expected(compares, "\"want\"") && expected(compares, "\"got\""));
        let renders = "    a = render(a)\n    assert a == b\n";
        assert!(expected(renders, "\"want\"") && !expected(renders, "\"got\""));
        assert!(!expected("    assert render(a) == b\n", "\"got\""));
        assert!(!expected("    keep(b)\n    assert a == b\n", "\"want\""));
        assert!(!expected("    print(a)\n", "\"got\""));
    }
}
