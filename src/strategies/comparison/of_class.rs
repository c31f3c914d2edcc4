//! Expected values that the class of a test keeps: a constant in its body, what `setUp` or `setUpClass` gives `self` or
//! `cls`, a method that returns one.

use crate::syntax::dataflow::{is_checked, is_target};
use crate::syntax::{Node, Source, ancestors, children, descendants};

use super::super::{Context, imports};
use super::{fails, literals};

/// Methods that run before the tests of a class.
const BEFORE: [&str; 6] = ["setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class", "setup"];

/// The value that the class keeps under `self.name`, where it gives it once and nothing but checks of tests that fail
/// use it.
pub(super) fn kept<'c>(ctx: &'c Context<'_>, read: Node<'c>) -> Option<Node<'c>> {
    let (class, name) = own(ctx.source, read)?;
    let body = class.child_by_field_name("body")?;
    if is_extended(ctx, class) {
        return None;
    }
    let (targets, uses): (Vec<_>, Vec<_>) =
        named(ctx.source, body, ctx.source.slice(name)).into_iter().partition(|node| is_target(*node));
    let [target] = targets.as_slice() else { return None };
    let is_before = || {
        let function = ctx.source.function_at(target.start_byte());
        let name = function.and_then(|function| function.child_by_field_name("name"));
        name.is_some_and(|name| BEFORE.contains(&ctx.source.slice(name)))
    };
    let is_given = if target.kind() == "identifier" { stands_in(*target, body) } else { is_before() };
    let serves = |used: &Node<'c>| {
        is_checked(ctx.source, *used) && ctx.source.function_at(used.start_byte()).is_some_and(|it| fails(ctx, it))
    };
    let value = target.parent()?.child_by_field_name("right").map(literals::inner)?;
    (is_given && uses.iter().all(serves)).then_some(value)
}

/// `name` of `self.name`, where the class around it defines that method.
pub(super) fn own_method<'c>(source: &Source, read: Node<'c>) -> Option<Node<'c>> {
    let (class, name) = own(source, read)?;
    let methods = children(class.child_by_field_name("body")?).map(|node| match node.kind() {
        "decorated_definition" => node.child_by_field_name("definition").unwrap_or(node),
        _ => node,
    });
    let is_it = |method: Node<'_>| method.child_by_field_name("name").is_some_and(|own| is_same(source, own, name));
    methods.filter(|node| node.kind() == "function_definition").any(is_it).then_some(name)
}

/// The class around `self.name`, `cls.name` or `TestCart.name` that is meant, and the name.
fn own<'c>(source: &Source, read: Node<'c>) -> Option<(Node<'c>, Node<'c>)> {
    let object = read.child_by_field_name("object").filter(|_| read.kind() == "attribute")?;
    let class = ancestors(read).find(|node| node.kind() == "class_definition")?;
    let is_own =
        matches!(source.slice(object), "self" | "cls") || is_same(source, class.child_by_field_name("name")?, object);
    is_own.then_some((class, read.child_by_field_name("attribute")?))
}

fn is_same(source: &Source, a: Node<'_>, b: Node<'_>) -> bool {
    source.slice(a) == source.slice(b)
}

/// Every place of the class that names its attribute, the constant of its body among them.
fn named<'c>(source: &Source, body: Node<'c>, name: &str) -> Vec<Node<'c>> {
    let is_attribute = |node: &Node<'_>| {
        let attribute = node.child_by_field_name("attribute").filter(|_| node.kind() == "attribute");
        attribute.is_some_and(|attribute| source.slice(attribute) == name)
    };
    let is_constant =
        |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == name && stands_in(*node, body);
    descendants(body).filter(|node| is_attribute(node) || is_constant(node)).collect()
}

/// Whether the node belongs to a statement of the body itself, and not to a method.
fn stands_in(node: Node<'_>, body: Node<'_>) -> bool {
    let is_attribute = node.parent().is_some_and(|parent| parent.kind() == "attribute");
    let mut around = ancestors(node).skip(1).take_while(|outer| *outer != body);
    !is_attribute && !around.any(|outer| outer.kind() == "function_definition")
}

/// Whether other classes take over what this one keeps, in this file or as far as others import it.
fn is_extended(ctx: &Context<'_>, class: Node<'_>) -> bool {
    let Some(name) = class.child_by_field_name("name").map(|name| ctx.source.slice(name)) else { return true };
    let is_base = |node: Node<'_>| {
        let bases = node.child_by_field_name("superclasses").filter(|_| node.kind() == "class_definition");
        bases.is_some_and(|bases| {
            descendants(bases).any(|base| base.kind() == "identifier" && ctx.source.slice(base) == name)
        })
    };
    let mut others = ctx.snapshot.files_naming(name).into_iter().filter(|path| *path != ctx.site.path);
    let takes = |source: &Source| imports::imports(source).iter().any(|item| item.name.as_deref() == Some(name));
    descendants(ctx.source.root()).any(is_base)
        || others.any(|path| ctx.snapshot.source(&path).is_some_and(|source| takes(&source)))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A test of a class that changes by the line that is marked with a minus in `healed`.
    fn scene(class: &str, compared: &str, rest: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def state():
    return "open"
#- shop.py
def state():
    return "active"
#- tests/test_shop.py
import unittest
from shop import state

class TestShop(unittest.TestCase):
{class}

    def test_state(self):
        {compared}

{rest}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_state ______________________________

    def test_state(self):
>       {compared}
E       AssertionError: 'active' != 'open'

tests/test_shop.py:{line}: AssertionError
#- healed
{healed}
"#,
            line = class.lines().count() + 7,
        )
    }

    const EQUAL: &str = "self.assertEqual(state(), self.expected)";

    fn changed(line: &str) -> String {
        format!("-{line}\n+{}", line.replace("open", "active"))
    }

    #[test]
    fn what_set_up_expects_changes_there() {
        let set_up = "    def setUp(self):\n        self.expected = \"open\"";
        check(&scene(set_up, EQUAL, "", &changed("        self.expected = \"open\"")));
        let of_class = "    @classmethod\n    def setUpClass(cls):\n        cls.expected = \"open\"";
        check(&scene(of_class, EQUAL, "", &changed("        cls.expected = \"open\"")));
        check(&scene("    expected = \"open\"", EQUAL, "", &changed("    expected = \"open\"")));
    }

    #[test]
    fn what_is_given_twice_or_used_elsewhere_stays() {
        let set_up = "    def setUp(self):\n        self.expected = \"open\"";
        // Another test passes with it.
        let other = "    def test_other(self):\n        self.assertEqual(other(), self.expected)";
        check(&scene(set_up, EQUAL, other, "no fix"));
        // The code under test gets it.
        let fed = format!("{set_up}\n        shop.get.return_value = self.expected");
        check(&scene(&fed, EQUAL, "", "no fix"));
        check(&scene(set_up, "self.assertEqual(state(self.expected), self.expected)", "", "no fix"));
        let twice = format!("{set_up}\n\n    def set_other(self):\n        self.expected = \"other\"");
        check(&scene(&twice, EQUAL, "", "no fix"));
        // Another class takes the tests over with it.
        let subclass =
            "class TestMore(TestShop):\n    def test_more(self):\n        self.assertEqual(more(), self.expected)";
        check(&scene(set_up, EQUAL, subclass, "no fix"));
    }

    #[test]
    fn what_a_method_of_the_class_returns_changes_there() {
        let method = "    def wanted(self):\n        return \"open\"";
        let healed = changed("        return \"open\"");
        check(&scene(method, "self.assertEqual(state(), self.wanted())", "", &healed));
        let other = "    def test_other(self):\n        self.assertEqual(other(), self.wanted())";
        check(&scene(method, "self.assertEqual(state(), self.wanted())", other, "no fix"));
        let computed = "    def wanted(self):\n        word = \"open\"\n        return word";
        check(&scene(computed, "self.assertEqual(state(), self.wanted())", "", "no fix"));
    }

    #[test]
    fn a_local_name_for_it_goes_into_checks_alone() {
        let scene = |line: &str, healed: &str| {
            let set_up = "    def setUp(self):\n        self.expected = \"open\"";
            let text =
                scene(set_up, "expected = self.expected\n        self.assertEqual(state(), expected)", "", healed);
            let text = text.replace(
                ">       expected = self.expected\n        self",
                "        expected = self.expected\n>       self",
            );
            text.replace("test_shop.py:9", "test_shop.py:10").replace("(state(), expected)", line)
        };
        check(&scene("(state(), expected)", &changed("        self.expected = \"open\"")));
        check(&scene("(state(expected), expected)", "no fix"));
    }
}
