//! A fixture that gives its tests a coroutine: it is declared to the plugin that awaits it, or awaits the value itself.

use std::sync::Arc;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, decorators, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::fixtures::{Fixture, is_fixture};
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::{Context, Strategy, imports, missing_await};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-fixture",
    categories: &[
        Category::FixtureError,
        Category::TypeError,
        Category::AttributeError,
        Category::AssertionError,
        Category::KeyError,
        Category::LogicError,
    ],
    summary: "Awaits in a fixture what became async, and declares an async fixture to the plugin that runs its tests.",
    example: r#"
#- before: shop.py
def load(name):
    return {"name": name}
#- shop.py
async def load(name):
    return {"name": name}
#- tests/conftest.py
import pytest
from shop import load

@pytest.fixture
def cart():
    return load("tea")
#- tests/test_cart.py
import pytest

@pytest.mark.asyncio
async def test_cart(cart):
    assert cart["name"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

cart = <coroutine object load at 0x7f0000000000>

    @pytest.mark.asyncio
    async def test_cart(cart):
>       assert cart["name"] == "tea"
E       TypeError: 'coroutine' object is not subscriptable

tests/test_cart.py:5: TypeError
#- healed
+import pytest_asyncio
-@pytest.fixture
-def cart():
-    return load("tea")
+@pytest_asyncio.fixture
+async def cart():
+    return await load("tea")
"#,
    propose: async_fixture,
};

fn async_fixture(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if let Complaint::AsyncFixture { fixture, .. } = ctx.complaint() {
        return undeclared(ctx, fixture, fixes);
    }
    let is_coroutine = |text: &str| text.starts_with("<coroutine object");
    let sides = ctx.diagnosis.failure.introspection.as_ref();
    let compared = sides.is_some_and(|sides| is_coroutine(&sides.left) || is_coroutine(&sides.right));
    (*ctx.complaint() == Complaint::NotAwaited || compared).then_some(())?;
    ctx.raised_here().then_some(())?;
    let (maker, test) = met(ctx)?;
    awaits_itself(ctx, &maker, test, fixes)
}

/// A fixture of the project, or the `setUp` of a class, with its function.
struct Maker {
    path: FilePath,
    source: Arc<Source>,
    /// A byte in its function.
    at: usize,
    scope: String,
    /// `self.cart`, which a `setUp` sets and the test reads.
    sets: Option<String>,
}

impl Maker {
    fn of(ctx: &Context<'_>, fixture: Fixture) -> Option<Self> {
        let path = fixture.path.filter(|path| path.is_inside())?;
        let source = ctx.snapshot.source(&path)?;
        Some(Self { path, source, at: fixture.range.start, scope: fixture.scope, sets: None })
    }

    /// The method of the class around a test, or of its bases, that sets what the failing statement reads.
    fn set_up(ctx: &Context<'_>, test: Node<'_>) -> Option<Self> {
        const SET_UPS: [&str; 4] = ["setUp", "setup_method", "setUpClass", "setup_class"];
        let class = missing_await::class_around(ctx, test).filter(|class| !class.awaits)?;
        let attributes = descendants(ctx.statement()?).filter(|node| node.kind() == "attribute");
        let read: Vec<&str> = attributes.filter_map(|node| ctx.source.slice(node).strip_prefix("self.")).collect();
        SET_UPS.iter().find_map(|name| {
            let method = ctx.snapshot.member(&class.symbol, name)?;
            let is_own = method.path.is_inside() && method.path.is_test_code();
            let source = ctx.snapshot.source(&method.path).filter(|_| is_own)?;
            let (at, scope) = (method.range.start, "function".to_string());
            let maker = Self { path: method.path, source, at, scope, sets: None };
            Some(Self { sets: Some(maker.target(&read)?), ..maker })
        })
    }

    /// `self.cart` or `cls.cart`, as its function sets one of the attributes.
    fn target(&self, attributes: &[&str]) -> Option<String> {
        let is_one = |text: &&str| {
            text.split_once('.')
                .is_some_and(|(owner, name)| matches!(owner, "self" | "cls") && attributes.contains(&name))
        };
        let assigned = self.function().into_iter().flat_map(descendants);
        let targets = assigned.filter_map(|node| node.child_by_field_name("left"));
        targets.map(|left| self.source.slice(left)).find(is_one).map(str::to_string)
    }

    fn function(&self) -> Option<Node<'_>> {
        self.source.function_at(self.at)
    }

    /// `@pytest.fixture` becomes `@pytest_asyncio.fixture`; `None` where it is declared in some other way.
    fn declared(&self, ctx: &Context<'_>) -> Option<Vec<Edit>> {
        let written = decorators(self.function()?).filter_map(|decorator| decorator.named_child(0));
        let names = written.map(|node| node.child_by_field_name("function").unwrap_or(node));
        let name = names.into_iter().find(|node| matches!(self.source.slice(*node), "pytest.fixture" | "fixture"))?;
        let mut edits = vec![Edit::replace(&self.path, name.byte_range(), "pytest_asyncio.fixture")];
        edits.extend(self.imported(ctx, "pytest_asyncio")?);
        Some(edits)
    }

    /// The import of a module, where the file does not have it.
    fn imported(&self, ctx: &Context<'_>, module: &str) -> Option<Option<Edit>> {
        let is_it = |item: &imports::Imported| item.module == module && item.name.is_none() && item.local == module;
        if imports::imports(&self.source).iter().any(is_it) {
            return Some(None);
        }
        imports::add_to(ctx.snapshot, &self.path, &self.source, (module, None)).map(Some)
    }

    /// The calls of async functions that nothing awaits.
    fn left(&self, ctx: &Context<'_>) -> Vec<(Node<'_>, Symbol)> {
        let calls = self.function().into_iter().flat_map(descendants).filter(|node| node.kind() == "call");
        let own = calls.filter(|call| self.source.function_at(call.start_byte()) == self.function());
        let free = own.filter(|call| !missing_await::is_awaited(&self.source, *call));
        free.filter_map(|call| {
            let callee = ctx.snapshot.callee(&self.path, call.byte_range())?;
            callee.signature.as_ref().is_some_and(|own| own.is_async).then_some((call, callee))
        })
        .collect()
    }

    /// Whether the fixture hands on what `call` gives: it returns it, or the name under which it keeps it.
    fn hands_on(&self, call: Node<'_>) -> bool {
        let kept = ancestors(call)
            .find(|node| node.kind() == "assignment")
            .and_then(|node| node.child_by_field_name("left"))
            .map(|left| self.source.slice(left));
        if self.sets.is_some() {
            return kept == self.sets.as_deref();
        }
        let given = self.function().into_iter().flat_map(descendants);
        let mut given = given.filter(|node| matches!(node.kind(), "return_statement" | "yield"));
        given.any(|node| {
            let is_in = node.byte_range().contains(&call.start_byte());
            is_in || node.named_child(0).is_some_and(|value| Some(self.source.slice(value)) == kept)
        })
    }
}

/// The fixture that the failing line stands in, else the one whose value the failing statement of the test reads.
fn met<'c>(ctx: &'c Context<'_>) -> Option<(Maker, Option<Node<'c>>)> {
    let function = ctx.source.function_at(ctx.site.statement.start)?;
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, ctx.site.statement.start);
    if is_fixture(ctx.source, function) {
        let name = ctx.source.slice(function.child_by_field_name("name")?);
        let fixture = known.into_iter().find(|it| it.name == name && it.path.as_ref() == Some(&ctx.site.path))?;
        return Some((Maker::of(ctx, fixture)?, None));
    }
    let requests = ctx.snapshot.fixture_requests(&ctx.site.path, ctx.site.statement.start);
    let reads = |name: &str| {
        descendants(ctx.statement()?)
            .find(|node| node.kind() == "identifier" && ctx.source.slice(*node) == name)
            .map(|node| node.start_byte())
    };
    let mut read = known.into_iter().filter(|it| requests.iter().any(|request| request.name == it.name));
    let maker = match read.find(|fixture| reads(&fixture.name).is_some()) {
        Some(fixture) => Maker::of(ctx, fixture)?,
        None => Maker::set_up(ctx, function)?,
    };
    Some((maker, Some(function)))
}

/// The fixture became one that has to wait for what it calls.
fn awaits_itself(ctx: &Context<'_>, maker: &Maker, test: Option<Node<'_>>, fixes: &mut Vec<Fix>) -> Option<()> {
    let function = maker.function().filter(|function| !missing_await::is_async(*function))?;
    let left = maker.left(ctx);
    let (_, callee) = left.iter().find(|(call, _)| test.is_none() || maker.hands_on(*call))?;
    let mut evidence = vec![
        missing_await::became_async(ctx, callee)?,
        Evidence::hint("the run met a coroutine where its result was wanted"),
    ];
    // Nobody awaits a `setUp`.
    let runner = if maker.sets.is_some() { Runner::Nobody } else { runner(ctx, test) };
    let mut edits = Vec::new();
    if let Runner::Nobody = runner {
        edits.extend(maker.imported(ctx, "asyncio")?);
        for (call, _) in &left {
            edits.push(Edit::insert(&maker.path, call.start_byte(), "asyncio.run("));
            edits.push(Edit::insert(&maker.path, call.end_byte(), ")"));
        }
    } else {
        if let Runner::Asyncio(fact) = runner {
            edits.extend(maker.declared(ctx)?);
            evidence.push(fact);
        }
        edits.push(Edit::insert(&maker.path, function.start_byte(), "async "));
        edits.extend(left.iter().flat_map(|(call, _)| missing_await::awaited(&maker.path, *call)));
    }
    edits.sort_by_key(|edit| edit.range.start);
    let is_half_done = left.iter().any(|(_, callee)| missing_await::is_dropped_by_product(ctx, callee));
    fixes.push(Fix {
        title: format!("Await `{}` where the test is set up", callee.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_half_done || maker.scope != "function" { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// pytest 8.4 and later say that nobody runs an async fixture: pytest-asyncio does, once it is told that it is one.
fn undeclared(ctx: &Context<'_>, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let function = ctx.source.function_at(ctx.site.range.start)?;
    let fixture = ctx.snapshot.fixture_named(&ctx.site.path, function.start_byte(), name)?;
    let maker = Maker::of(ctx, fixture)?;
    maker.function().filter(|function| missing_await::is_async(*function))?;
    let Runner::Asyncio(fact) = runner(ctx, Some(function)) else { return None };
    let said = Evidence::hint(ctx.message().lines().next().unwrap_or_default());
    let evidence = vec![said, fact];
    fixes.push(Fix {
        title: format!("Declare `{name}` to pytest-asyncio"),
        strategy: STRATEGY.id,
        edits: maker.declared(ctx)?,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Who runs the async tests that ask for a fixture.
enum Runner {
    /// pytest-asyncio by its mark, as this says: its fixtures are declared to it.
    Asyncio(Evidence),
    /// A plugin that takes every async fixture: anyio, pytest-asyncio in its auto mode.
    Any,
    /// The tests are not async.
    Nobody,
}

/// Who runs a test; of a fixture that failed itself, the tests of its file and below tell.
fn runner(ctx: &Context<'_>, test: Option<Node<'_>>) -> Runner {
    const MARK: &str = "mark.asyncio";
    let Some(test) = test else {
        return match missing_await::async_example(ctx) {
            Some((path, line, Some(mark))) if mark.contains(MARK) => {
                let text = "the async tests here are run by this mark".to_string();
                Runner::Asyncio(Evidence::at(EvidenceKind::Example, &path, line, text))
            }
            Some(_) => Runner::Any,
            None => Runner::Nobody,
        };
    };
    if !missing_await::is_async(test) {
        return Runner::Nobody;
    }
    let above = ancestors(test).flat_map(decorators);
    let module = children(ctx.source.root()).filter(|node| ctx.source.slice(*node).starts_with("pytestmark"));
    match above.chain(module).find(|mark| ctx.source.slice(*mark).contains(MARK)) {
        Some(mark) => {
            let line = ctx.source.line_of(mark.start_byte());
            let text = "pytest-asyncio runs the test by this mark".to_string();
            Runner::Asyncio(Evidence::at(EvidenceKind::Example, &ctx.site.path, line, text))
        }
        None => Runner::Any,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A fixture as it is declared, a test that asks for it, and the heal.
    fn undeclared(fixture: &str, test: &str, healed: &str) -> String {
        format!(
            r#"
#- tests/conftest.py
import pytest

{fixture}
async def cart():
    yield ["tea"]
#- tests/test_cart.py
import pytest

{test} test_cart(cart):
    assert cart == ["tea"]
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
'test_cart' requested an async fixture 'cart', with no plugin or hook that handled it. This is an error, as pytest does not natively support it.
See: https://docs.pytest.org/en/stable/deprecations.html#sync-test-depending-on-async-fixture
=========================== short test summary info ============================
ERROR tests/test_cart.py::test_cart - Failed: 'test_cart' requested an async fixture 'cart', w...
#- healed
{healed}
"#
        )
    }

    #[test]
    fn an_async_fixture_that_no_plugin_knows() {
        let marked = "@pytest.mark.asyncio\nasync def";
        let healed = "+import pytest_asyncio\n-@pytest.fixture\n+@pytest_asyncio.fixture";
        check(&undeclared("@pytest.fixture", marked, healed));
        let healed =
            "+import pytest_asyncio\n-@pytest.fixture(scope=\"module\")\n+@pytest_asyncio.fixture(scope=\"module\")";
        check(&undeclared("@pytest.fixture(scope=\"module\")", marked, healed));
    }

    #[test]
    fn a_test_that_nobody_awaits_is_for_a_person() {
        check(&undeclared(
            "@pytest.fixture",
            "def",
            "no fix: `test_cart` is not async, and nobody awaits `cart` for it",
        ));
    }

    /// A fixture of a function that became async, a test of it that fails, and the heal.
    fn handed_out(fixture: &str, test: &str, before: &str, healed: &str) -> String {
        let line = 8 + test.lines().count();
        format!(
            r#"
#- before: shop.py
{before} load(name):
    return {{"name": name}}
#- shop.py
async def load(name):
    return {{"name": name}}
#- tests/test_cart.py
import pytest
from shop import load

@pytest.fixture
def cart():
{fixture}

{test} test_cart(cart):
    assert cart["name"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
tests/test_cart.py:{line}: in test_cart
    assert cart["name"] == "tea"
E   TypeError: 'coroutine' object is not subscriptable
#- healed
{healed}
"#
        )
    }

    #[test]
    fn a_fixture_of_plain_tests_runs_it_to_its_end() {
        let healed = "+import asyncio\n+\n-    return load(\"tea\")\n+    return asyncio.run(load(\"tea\"))";
        check(&handed_out("    return load(\"tea\")", "def", "def", healed));
    }

    #[test]
    fn a_fixture_whose_plugin_takes_every_one_is_only_awaited() {
        let healed = "-def cart():\n-    return load(\"tea\")\n+async def cart():\n+    return await load(\"tea\")";
        check(&handed_out("    return load(\"tea\")", "@pytest.mark.anyio\nasync def", "def", healed));
    }

    #[test]
    fn what_a_class_sets_up_is_run_to_its_end() {
        let scene = |base: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
def load(name):
    return {{"name": name}}
#- shop.py
async def load(name):
    return {{"name": name}}
#- tests/__init__.py
#- tests/base.py
import unittest
from shop import load

class Base(unittest.{base}):
    def setUp(self):
        self.cart = load("tea")
#- tests/test_cart.py
from tests.base import Base

class TestCart(Base):
    def test_cart(self):
        self.assertEqual(self.cart["name"], "tea")
#- test_run.log
=================================== FAILURES ===================================
______________________________ TestCart.test_cart ______________________________
tests/test_cart.py:5: in test_cart
    self.assertEqual(self.cart["name"], "tea")
E   TypeError: 'coroutine' object is not subscriptable
#- healed
{healed}
"#
            )
        };
        let healed =
            "+import asyncio\n-        self.cart = load(\"tea\")\n+        self.cart = asyncio.run(load(\"tea\"))";
        check(&scene("TestCase", healed));
        check(&scene("IsolatedAsyncioTestCase", "no fix"));
    }

    #[test]
    fn a_function_that_always_was_async_is_no_fix() {
        check(&handed_out("    return load(\"tea\")", "@pytest.mark.asyncio\nasync def", "async def", "no fix"));
    }
}
