//! A fixture that the test calls as if it were a function: pytest hands it over as an argument.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, calls, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "fixture-call",
    categories: &[Category::FixtureError],
    summary: "Asks for the fixture as an argument instead of calling it.",
    example: r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def client():
    return object()
#- tests/test_cart.py
from conftest import client

def test_cart():
    shop = client()
    assert shop
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
Fixture "client" called directly. Fixtures are not meant to be called directly,
but are created automatically when test functions request them as parameters.
See https://docs.pytest.org/en/stable/explanation/fixtures.html for more information about fixtures, and
https://docs.pytest.org/en/stable/deprecations.html#calling-fixtures-directly about how to update your code.
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_cart - Failed: Fixture "client" called directly. ...
#- healed
-def test_cart():
-    shop = client()
+def test_cart(client):
+    shop = client
"#,
    propose: fixture_call,
};

fn fixture_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::FixtureCalled { name } = ctx.complaint() else { return None };
    let function = ctx.source.function_at(ctx.site.range.start)?;
    let (call, None) = only(calls_of(ctx, function, name)) else { return None };
    let call = call?;
    if !takes_fixtures(ctx, function) || !calls::arguments(ctx.source, call).is_empty() {
        return None;
    }
    let offered = ctx.snapshot.fixtures_at(&ctx.site.path, function.start_byte());
    let fixture = offered.iter().find(|fixture| fixture.name == *name)?;
    let parameters = function.child_by_field_name("parameters")?;
    let mut edits = vec![ctx.replace(call.byte_range(), name)];
    let asked = children(parameters).filter_map(|node| names::parameter_name(ctx.source, node)).any(|it| it == name);
    if !asked {
        edits.push(match children(parameters).last() {
            Some(last) => Edit::insert(&ctx.site.path, last.end_byte(), format!(", {name}")),
            None => Edit::insert(&ctx.site.path, parameters.start_byte() + 1, name.clone()),
        });
    }
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, fixture.path.as_ref()?, fixture.line, format!("`{name}` is a fixture")),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    let confidence = Odds::of(&evidence).confidence();
    let title = format!("Ask for the fixture `{name}`");
    fixes.push(Fix { title, strategy: STRATEGY.id, edits, confidence, evidence, tier: Tier::Safe });
    Some(())
}

fn only<T>(mut items: impl Iterator<Item = T>) -> (Option<T>, Option<T>) {
    (items.next(), items.next())
}

fn calls_of<'t>(ctx: &'t Context<'_>, function: Node<'t>, name: &'t str) -> impl Iterator<Item = Node<'t>> {
    descendants(function).filter(|node| node.kind() == "call").filter(move |call| {
        call.child_by_field_name("function")
            .is_some_and(|node| node.kind() == "identifier" && ctx.source.slice(node) == name)
    })
}

/// A test or a fixture of pytest's own; a method of a `TestCase` gets no arguments.
fn takes_fixtures(ctx: &Context<'_>, function: Node<'_>) -> bool {
    let slice = |node: Node<'_>| ctx.source.slice(node);
    let is_test = function.child_by_field_name("name").is_some_and(|name| slice(name).starts_with("test"));
    let is_fixture = function.parent().is_some_and(|parent| {
        parent.kind() == "decorated_definition"
            && children(parent).any(|node| node.kind() == "decorator" && slice(node).contains("fixture"))
    });
    let in_test_case = ancestors(function)
        .filter(|node| node.kind() == "class_definition")
        .any(|class| class.child_by_field_name("superclasses").is_some_and(|bases| slice(bases).contains("TestCase")));
    (is_test || is_fixture) && !in_test_case
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_method_of_a_test_case_cannot_ask_for_fixtures() {
        check(
            r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def client():
    return object()
#- tests/test_cart.py
from unittest import TestCase
from conftest import client

class TestCart(TestCase):
    def test_cart(self):
        assert client()
#- test_run.log
=================================== FAILURES ===================================
______________________________ TestCart.test_cart ______________________________
Fixture "client" called directly. Fixtures are not meant to be called directly,
but are created automatically when test functions request them as parameters.
=========================== short test summary info ============================
FAILED tests/test_cart.py::TestCart::test_cart - Failed: Fixture "client" called directly. ...
#- healed
no fix
"#,
        );
    }
}
