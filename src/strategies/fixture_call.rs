//! A fixture that the test calls as if it were a function: pytest hands it over as an argument.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::fixtures::Fixture;

use super::confidence::Odds;
use super::{Context, Strategy, calls, imports, names};

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
    let offered = ctx.snapshot.fixtures_at(&ctx.site.path, function.start_byte());
    let fixture = offered.iter().find(|fixture| fixture.name == *name)?;
    let edits = match calls_of(ctx, function, name).next() {
        Some(_) => in_test(ctx, function, fixture, &offered)?,
        None => in_helper(ctx, function, fixture)?,
    };
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, fixture.path.as_ref()?, fixture.line, format!("`{name}` is a fixture")),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    let confidence = Odds::of(&evidence).confidence();
    let title = format!("Ask for the fixture `{name}`");
    fixes.push(Fix { title, strategy: STRATEGY.id, edits, confidence, evidence, tier: Tier::Safe });
    Some(())
}

/// The test asks for what it calls: the fixture that pytest named, and others that it would name next.
fn in_test(ctx: &Context<'_>, function: Node<'_>, fixture: &Fixture, offered: &[Fixture]) -> Option<Vec<Edit>> {
    let call = only_call(ctx, function, fixture)?;
    let mut edits = vec![ctx.replace(call.byte_range(), &fixture.name)];
    let first = ask(ctx, function, &fixture.name)?;
    let mut asked: Vec<&str> = first.iter().map(|_| fixture.name.as_str()).collect();
    for other in offered.iter().filter(|other| other.name != fixture.name && other.path.is_some()) {
        let others = only_call(ctx, function, other)
            .filter(|inner| inner.start_byte() >= call.end_byte() || inner.end_byte() <= call.start_byte());
        let Some((call, edit)) = others.zip(ask(ctx, function, &other.name)) else { continue };
        edits.push(ctx.replace(call.byte_range(), &other.name));
        asked.extend(edit.iter().map(|_| other.name.as_str()));
    }
    if !asked.is_empty() {
        edits.push(added(ctx, function.child_by_field_name("parameters")?, &asked.join(", ")));
    }
    edits.sort_by_key(|edit| edit.range.start);
    Some(edits)
}

/// A function of the module calls the fixture for its tests: it takes it as an argument, and the tests ask for it.
fn in_helper(ctx: &Context<'_>, test: Node<'_>, fixture: &Fixture) -> Option<Vec<Edit>> {
    let called = |function: &Node<'_>| function.child_by_field_name("name").map(|name| ctx.source.slice(name));
    let is_helper = |function: &Node<'_>| {
        called(function).is_some_and(|called| calls_of(ctx, test, called).next().is_some())
            && calls_of(ctx, *function, &fixture.name).next().is_some()
    };
    let functions = children(ctx.source.root()).filter(|node| node.kind() == "function_definition");
    let helper = only(functions.filter(is_helper))?;
    let parameters = helper.child_by_field_name("parameters")?;
    let is_free = !names::binds(ctx.source, helper, &fixture.name);
    let is_plain = children(parameters).all(|node| node.kind() == "identifier");
    if !is_free || !is_plain || is_imported_elsewhere(ctx, called(&helper)?) {
        return None;
    }
    let call = only_call(ctx, helper, fixture)?;
    let edits = [ctx.replace(call.byte_range(), &fixture.name), added(ctx, parameters, &fixture.name)];
    Some(edits.into_iter().chain(hand_over(ctx, called(&helper)?, &fixture.name)?).collect())
}

/// Every caller of `helper` asks for the fixture and hands it over; `None` where one is no test, or calls it twice.
fn hand_over(ctx: &Context<'_>, helper: &str, asked: &str) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut callers: Vec<Node<'_>> = Vec::new();
    for used in names::uses(ctx.source, helper) {
        let node = ctx.source.node_at(used.clone())?;
        let parent = node.parent()?;
        if parent.kind() == "function_definition" && parent.child_by_field_name("name") == Some(node) {
            continue;
        }
        let is_callee = parent.kind() == "call" && parent.child_by_field_name("function") == Some(node);
        let caller = ctx.source.function_at(used.start).filter(|_| is_callee)?;
        let arguments = parent.child_by_field_name("arguments").filter(|_| !callers.contains(&caller))?;
        let handed = if children(arguments).any(is_named) { format!("{asked}={asked}") } else { asked.to_string() };
        edits.push(added(ctx, arguments, &handed));
        edits.extend(ask(ctx, caller, asked)?);
        callers.push(caller);
    }
    Some(edits)
}

fn is_named(argument: Node<'_>) -> bool {
    matches!(argument.kind(), "keyword_argument" | "dictionary_splat" | "list_splat")
}

fn is_imported_elsewhere(ctx: &Context<'_>, name: &str) -> bool {
    ctx.snapshot.files_naming(name).iter().filter(|path| **path != ctx.site.path).any(|path| {
        let source = ctx.snapshot.source(path);
        source.is_some_and(|source| imports::imports(&source).iter().any(|item| item.name.as_deref() == Some(name)))
    })
}

/// The function asks for the fixture, if it does not already; `None` where it takes none, or means something else by
/// the name.
fn ask(ctx: &Context<'_>, function: Node<'_>, asked: &str) -> Option<Option<Edit>> {
    let parameters = function.child_by_field_name("parameters")?;
    let is_known =
        children(parameters).filter_map(|node| names::parameter_name(ctx.source, node)).any(|name| name == asked);
    let is_free = is_known || !names::binds(ctx.source, function, asked);
    (takes_fixtures(ctx, function) && is_free).then(|| (!is_known).then(|| added(ctx, parameters, asked)))
}

/// The edit that adds to a list of parameters or arguments.
fn added(ctx: &Context<'_>, list: Node<'_>, new: &str) -> Edit {
    match children(list).last() {
        Some(last) => Edit::insert(&ctx.site.path, last.end_byte(), format!(", {new}")),
        None => Edit::insert(&ctx.site.path, list.start_byte() + 1, new),
    }
}

/// The one call of the fixture in `function`, which hands over nothing but what pytest does.
fn only_call<'t>(ctx: &'t Context<'_>, function: Node<'t>, fixture: &'t Fixture) -> Option<Node<'t>> {
    let call = only(calls_of(ctx, function, &fixture.name))?;
    let is_plain = calls::arguments(ctx.source, call).is_empty() || gets_what_it_asks_for(ctx, call, fixture);
    is_plain.then_some(call)
}

/// Whether a call hands to `fixture` the fixtures that pytest hands to it.
fn gets_what_it_asks_for(ctx: &Context<'_>, call: Node<'_>, fixture: &Fixture) -> bool {
    let Some(arguments) = call.child_by_field_name("arguments") else { return false };
    let given: Vec<&str> = children(arguments)
        .map(|argument| match argument.child_by_field_name("function").filter(|_| argument.kind() == "call") {
            Some(callee) => ctx.source.slice(callee),
            None => ctx.source.slice(argument),
        })
        .collect();
    given.len() == fixture.requests.len() && fixture.requests.iter().zip(given).all(|(asked, given)| asked == given)
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
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
    fn two_fixtures_that_one_test_calls() {
        let scene = |second: &str| {
            format!(
                r#"
#- tests/test_cart.py
import pytest

@pytest.fixture
def client():
    return {{}}

{second}
def other():
    return {{}}

def test_cart():
    assert client() == other()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
Fixture "client" called directly. Fixtures are not meant to be called directly,
but are created automatically when test functions request them as parameters.
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_cart - Failed: Fixture "client" called directly. ...
"#
            )
        };
        let healed = "#- healed\n-def test_cart():\n-    assert client() == other()\n+def test_cart(client, other):\n\
                      +    assert client == other\n";
        check(&format!("{}{healed}", scene("@pytest.fixture")));
        let one =
            healed.replace("(client, other)", "(client)").replace("assert client == other", "assert client == other()");
        check(&format!("{}{one}", scene("# no fixture")));
    }

    #[test]
    fn a_fixture_that_is_checked_where_it_is_called() {
        check(
            r#"
#- tests/test_cart.py
import pytest

@pytest.fixture
def size():
    return 1

def test_cart():
    assert size() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
Fixture "size" called directly. Fixtures are not meant to be called directly,
but are created automatically when test functions request them as parameters.
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_cart - Failed: Fixture "size" called directly. Fi...
#- healed
-def test_cart():
-    assert size() == 1
+def test_cart(size):
+    assert size == 1
"#,
        );
    }

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

    /// A test module whose fixtures `sample` and `other`, which asks for `sample`, are called.
    #[track_caller]
    fn check_called(name: &str, code: &str, healed: &str) {
        check(&format!(
            r#"
#- test_slug.py
import pytest

@pytest.fixture
def sample():
    return "Big Cat"

@pytest.fixture
def other(sample):
    return sample + "!"

@pytest.fixture
def third():
    return "x"

{code}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_slug ___________________________________
Fixture "{name}" called directly. Fixtures are not meant to be called directly,
but are created automatically when test functions request them as parameters.
=========================== short test summary info ============================
FAILED test_slug.py::test_slug - Failed: Fixture "{name}" called directly. ...
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_fixture_that_gets_what_it_asks_for_is_asked_for_alone() {
        check_called(
            "sample",
            "def test_slug():\n    assert slug(other(sample())) == 'Big Cat!'",
            "-def test_slug():\n-    assert slug(other(sample())) == 'Big Cat!'\n+def test_slug(sample):\n+    assert slug(other(sample)) == 'Big Cat!'",
        );
        check_called(
            "other",
            "def test_slug(sample):\n    assert slug(other(sample)) == 'Big Cat!'",
            "-def test_slug(sample):\n-    assert slug(other(sample)) == 'Big Cat!'\n+def test_slug(sample, other):\n+    assert slug(other) == 'Big Cat!'",
        );
        check_called("other", "def test_slug():\n    assert slug(other('Cat')) == 'Cat!'", "no fix");
    }

    #[test]
    fn a_helper_takes_what_it_called() {
        check_called(
            "sample",
            "def make(end):\n    return sample() + end\n\ndef test_slug(tmp_path):\n    assert make('!')",
            r#"-def make(end):
-    return sample() + end
+def make(end, sample):
+    return sample + end
-def test_slug(tmp_path):
-    assert make('!')
+def test_slug(tmp_path, sample):
+    assert make('!', sample)"#,
        );
    }

    #[test]
    fn a_helper_that_others_call_too_stays() {
        for code in [
            "def make():\n    return sample()\n\nTEXT = [make]\n\ndef test_slug():\n    assert make()",
            "def make():\n    return sample()\n\ndef twice():\n    return make()\n\ndef test_slug():\n    assert make()",
            "def make():\n    return sample()\n\ndef test_slug():\n    assert make() is not make()",
            "def make(end='!'):\n    return sample() + end\n\ndef test_slug():\n    assert make()",
            "def make():\n    return sample() + sample()\n\ndef test_slug():\n    assert make()",
            "def make():\n    return sample()\n\ndef test_slug():\n    sample = 1\n    assert make() == sample",
        ] {
            check_called("sample", code, "no fix");
        }
    }
}
