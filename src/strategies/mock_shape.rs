//! A plain `Mock` that the product iterates, indexes, enters or awaits now: the mock that can.

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::renames::last_part;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "mock-shape",
    categories: &[Category::TypeError, Category::AttributeError],
    summary: "Makes a mock one that can be iterated, entered or awaited where the product does that now.",
    example: r#"
#- before: shop.py
def total(cart):
    return cart.count()
#- shop.py
def total(cart):
    for line in cart.lines():
        line.check()
    return cart.count()
#- tests/test_cart.py
from unittest import mock
from shop import total

def test_total():
    cart = mock.Mock()
    cart.count.return_value = 2
    assert total(cart) == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = mock.Mock()
        cart.count.return_value = 2
>       assert total(cart) == 2

tests/test_cart.py:7: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

cart = <Mock id='139'>

    def total(cart):
>       for line in cart.lines():
E       TypeError: 'Mock' object is not iterable

shop.py:2: TypeError
#- healed
-    cart = mock.Mock()
+    cart = mock.MagicMock()
"#,
    propose: mock_shape,
};

fn mock_shape(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message().lines().next().unwrap_or_default();
    let wanted = match ctx.complaint() {
        // The mock itself, or what it was told to return.
        Complaint::NotAwaitable { .. } => "AsyncMock",
        Complaint::WrongShape { type_name, .. } if type_name == "Mock" => "MagicMock",
        _ if message.contains("'Mock' object does not support") || message.contains("of type 'Mock' ") => "MagicMock",
        _ => return None,
    };
    // Who iterates it must be the product, and since a commit.
    let frame = ctx.diagnosis.failure.frames.last()?;
    let path = ctx.snapshot.file_path(&frame.path);
    let source = ctx.snapshot.source(&path).filter(|_| !path.is_test_code())?;
    let line = source.code_on_line(frame.line)?;
    let code = &source.text()[line.clone()];
    let adds = |hunk: &Hunk| {
        hunk.path == path
            && hunk.added.iter().any(|added| added.trim() == code.trim())
            && !hunk.removed.iter().any(|gone| gone.trim() == code.trim())
    };
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(adds)?;
    let statement = source.statement_at(line.start)?;
    let awaited: Vec<&str> = descendants(statement)
        .filter(|node| node.kind() == "await")
        .filter_map(|node| node.named_child(0)?.child_by_field_name("function").and_then(locate::last_name))
        .map(|name| source.slice(name))
        .collect();
    let places: Vec<Node<'_>> = descendants(ctx.scope())
        .filter(|node| node.kind() == "call")
        .filter_map(|call| locate::last_name(call.child_by_field_name("function")?).map(|name| (call, name)))
        .filter(|(_, name)| is_mock(ctx.source.slice(*name)) && ctx.source.slice(*name) != wanted)
        .filter(|(call, _)| wanted != "AsyncMock" || stands_for(ctx, *call, &awaited))
        .map(|(_, name)| name)
        .collect();
    let places = if places.is_empty() && wanted == "AsyncMock" { owners(ctx, &source, statement) } else { places };
    let does =
        format!("{}:{} does `{}` since ({})", hunk.path, hunk.line, super::expected_value::short(code), hunk.subject);
    let evidence = vec![
        Evidence::commit(&hunk.commit, does),
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(format!("`{wanted}` of unittest.mock supports it")) },
    ];
    // Several may be meant: each by itself, the run tells.
    for place in &places {
        let mut edits = vec![ctx.replace(place.byte_range(), wanted)];
        if place.parent().is_none_or(|parent| parent.kind() != "attribute") {
            edits.extend(import(ctx, ctx.source.slice(*place), wanted)?);
        }
        fixes.push(Fix {
            title: format!("Make it {} `{wanted}`", if wanted == "AsyncMock" { "an" } else { "a" }),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).rivals(places.len() - 1).confidence(),
            evidence: evidence.clone(),
            tier: Tier::Review,
        });
    }
    Some(())
}

fn is_mock(name: &str) -> bool {
    matches!(name, "Mock" | "MagicMock")
}

/// Whether the mock gets the name of something that is awaited: `client.get = Mock()`, `Mock(get=Mock())`.
fn stands_for(ctx: &Context<'_>, call: Node<'_>, awaited: &[&str]) -> bool {
    let outer = ancestors(call).skip(1).find_map(|node| match node.kind() {
        "assignment" => node.child_by_field_name("left").and_then(locate::last_name),
        "keyword_argument" => node.child_by_field_name("name"),
        _ => None,
    });
    outer.is_some_and(|name| awaited.contains(&ctx.source.slice(name)))
}

/// The mocks of which everything that the product calls and the test looks at is awaited: `valve = Mock()` for
/// `await self.valve.open(3)`. A mock that gives some values at once stays what it is.
fn owners<'c>(ctx: &'c Context<'_>, product: &Source, statement: Node<'_>) -> Vec<Node<'c>> {
    let holders: Vec<Holder<'c>> =
        descendants(ctx.source.root()).filter_map(|node| Holder::of(ctx, node)).filter(|it| it.is_met(ctx)).collect();
    let mut found: Vec<Node<'c>> = Vec::new();
    for chain in awaited_calls(product, statement) {
        let parts: Vec<&str> = chain.split('.').collect();
        let is_called = |holder: &&Holder<'_>, part: &str| holder.names.iter().any(|name| last_part(name) == part);
        for end in (1..parts.len()).rev() {
            let named: Vec<&Holder<'_>> = holders.iter().filter(|holder| is_called(holder, parts[end - 1])).collect();
            // Under another name it can only be the one mock there is.
            let only = holders.iter().filter(|_| holders.len() == 1 && end == parts.len() - 1);
            let meant = if named.is_empty() { only.collect() } else { named };
            let Some(paths) = awaited_of(product, &parts[..end].join(".")) else { continue };
            found.extend(meant.iter().filter(|holder| holder.asks_only(ctx, &paths)).map(|holder| holder.class));
        }
    }
    found.sort_by_key(Node::start_byte);
    found.dedup();
    found
}

/// What a statement awaits, as far as it is called by names alone: `self.valve.open`.
fn awaited_calls(source: &Source, statement: Node<'_>) -> Vec<String> {
    let awaited = descendants(statement).filter(|node| node.kind() == "await").filter_map(|node| node.named_child(0));
    let functions = awaited.filter_map(|call| call.child_by_field_name("function"));
    let is_plain = |text: &String| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    functions.map(|function| source.slice(function).to_string()).filter(is_plain).collect()
}

/// The calls of what stands below `owner`, if all of them are awaited.
fn awaited_of(source: &Source, owner: &str) -> Option<Vec<String>> {
    let below = format!("{owner}.");
    let calls = descendants(source.root()).filter(|node| node.kind() == "call").filter_map(|call| {
        let path = source.slice(call.child_by_field_name("function")?).strip_prefix(below.as_str())?;
        Some(call.parent().is_some_and(|parent| parent.kind() == "await").then(|| path.to_string()))
    });
    calls.collect()
}

/// A mock that the test file makes, with the names under which its tests know it.
struct Holder<'c> {
    /// `Mock`, as the constructor's name stands there.
    class: Node<'c>,
    names: Vec<String>,
    /// Where those names mean this mock.
    scope: Node<'c>,
    /// The function that makes it.
    maker: Node<'c>,
}

impl<'c> Holder<'c> {
    fn of(ctx: &'c Context<'_>, call: Node<'c>) -> Option<Self> {
        let class = locate::last_name(call.child_by_field_name("function").filter(|_| call.kind() == "call")?)?;
        let list = call.child_by_field_name("arguments")?;
        // What a specification does not make awaitable is not.
        let is_bound = |argument: Node<'_>| {
            let name = argument.child_by_field_name("name").map_or("", |name| ctx.source.slice(name));
            argument.kind() != "keyword_argument" || name.starts_with("spec") || name == "wraps"
        };
        if !is_mock(ctx.source.slice(class)) || children(list).any(is_bound) {
            return None;
        }
        let maker = ctx.source.function_at(call.start_byte())?;
        let made = ctx.source.slice(maker.child_by_field_name("name")?).to_string();
        let parent = call.parent()?;
        let root = ctx.source.root();
        match parent.kind() {
            "return_statement" | "yield" if is_fixture(ctx, maker) => {
                Some(Self { class, names: vec![made], scope: root, maker })
            }
            "assignment" => {
                let name = ctx.source.slice(parent.child_by_field_name("left")?).to_string();
                let scope = if name.contains('.') || is_fixture(ctx, maker) { root } else { maker };
                let names = if is_fixture(ctx, maker) { vec![name, made] } else { vec![name] };
                Some(Self { class, names, scope, maker })
            }
            _ => None,
        }
    }

    /// Whether the test that failed meets it: it makes it, asks for it, or its class sets it up.
    fn is_met(&self, ctx: &Context<'_>) -> bool {
        let Some(test) = ctx.source.function_at(ctx.site.statement.start) else { return false };
        let class = |function| ancestors(function).find(|node| node.kind() == "class_definition");
        let name = self.maker.child_by_field_name("name").map_or("", |name| ctx.source.slice(name));
        let sets_up = matches!(name, "setUp" | "asyncSetUp" | "setup_method");
        self.maker == test || is_fixture(ctx, self.maker) || sets_up && class(self.maker) == class(test)
    }

    /// Whether the file asks this mock for nothing but what is awaited.
    fn asks_only(&self, ctx: &Context<'_>, awaited: &[String]) -> bool {
        const OF_ALL: &[&str] = &["reset_mock", "mock_calls", "method_calls"];
        let is_awaited = |path: &str| {
            OF_ALL.contains(&path)
                || awaited.iter().any(|one| {
                    path.strip_prefix(one.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
        };
        let is_part = |node: Node<'_>| node.parent().is_some_and(|parent| parent.kind() == "attribute");
        descendants(self.scope).all(|node| {
            let path = |name: &String| ctx.source.slice(node).strip_prefix(name.as_str())?.strip_prefix('.');
            let asked = self.names.iter().find_map(path).filter(|_| node.kind() == "attribute" && !is_part(node));
            let calls_it = node.kind() == "call"
                && node
                    .child_by_field_name("function")
                    .is_some_and(|function| self.names.iter().any(|name| name == ctx.source.slice(function)));
            asked.is_none_or(is_awaited) && !calls_it
        })
    }
}

fn is_fixture(ctx: &Context<'_>, function: Node<'_>) -> bool {
    let decorated = function.parent().filter(|parent| parent.kind() == "decorated_definition");
    let mut decorators = decorated.into_iter().flat_map(children).filter(|node| node.kind() == "decorator");
    decorators.any(|decorator| ctx.source.slice(decorator).contains("fixture"))
}

/// The import of the other mock beside that of this one, where it is not there yet.
pub(super) fn import(ctx: &Context<'_>, old: &str, new: &str) -> Option<Vec<Edit>> {
    let known = imports::imports(ctx.source);
    if known.iter().any(|item| item.local == new) {
        return Some(Vec::new());
    }
    let home = known.iter().find(|item| item.local == old && item.name.is_some())?;
    Some(vec![imports::add(ctx, &home.module, Some(new))?])
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_mock_of_what_is_awaited_now() {
        check(
            r#"
#- before: shop.py
async def total(client):
    return client.get("/total")
#- shop.py
async def total(client):
    return await client.get("/total")
#- tests/test_cart.py
from unittest.mock import Mock
from shop import total

async def test_total():
    client = Mock()
    client.get = Mock(return_value=2)
    assert await total(client) == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    async def test_total():
        client = Mock()
        client.get = Mock(return_value=2)
>       assert await total(client) == 2

tests/test_cart.py:7: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

client = <Mock id='139'>

    async def total(client):
>       return await client.get("/total")
E       TypeError: object Mock can't be used in 'await' expression

shop.py:2: TypeError
#- healed
-from unittest.mock import Mock
+from unittest.mock import AsyncMock, Mock
-    client.get = Mock(return_value=2)
+    client.get = AsyncMock(return_value=2)
"#,
        );
    }

    #[test]
    fn a_product_that_always_did_is_no_fix() {
        check(
            r#"
#- before: shop.py
def total(cart):
    for line in cart:
        line.check()
#- shop.py
def total(cart):
    """The total."""
    for line in cart:
        line.check()
#- tests/test_cart.py
from unittest import mock
from shop import total

def test_total():
    total(mock.Mock())
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       total(mock.Mock())

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

cart = <Mock id='139'>

    def total(cart):
        """The total."""
>       for line in cart:
E       TypeError: 'Mock' object is not iterable

shop.py:3: TypeError
#- healed
no fix
"#,
        );
    }

    /// A valve that is opened and waited for since a commit, and a test of it: the lines that make the mock and look at
    /// it, and more of the product.
    fn valve(make: &str, look: &str, more: &str, healed: &str) -> String {
        let product = |start: &str| {
            format!(
                "class Pump:\n    def __init__(self, valve):\n        self.valve = valve\n\n    async def start(self):\n        {start}self.valve.open(3)\n{more}"
            )
        };
        format!(
            r#"
#- before: pump.py
{}#- pump.py
{}#- tests/test_pump.py
import unittest
from unittest import mock
from pump import Pump

class PumpTest(unittest.IsolatedAsyncioTestCase):
    async def test_start(self):
        {make}
        $0await Pump(valve).start()
        {look}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ PumpTest.test_start ______________________________

self = <tests.test_pump.PumpTest testMethod=test_start>

    async def test_start(self):
        {make}
>       await Pump(valve).start()

tests/test_pump.py:8: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <pump.Pump object at 0x7f0000000000>

    async def start(self):
>       await self.valve.open(3)
E       TypeError: object Mock can't be used in 'await' expression

pump.py:6: TypeError
#- healed
{healed}
"#,
            product(""),
            product("await ")
        )
    }

    const OPENED: &str = "valve.open.assert_called_once_with(3)";
    const HEALED: &str = "-        valve = mock.Mock()\n+        valve = mock.AsyncMock()";

    #[test]
    fn a_mock_of_which_all_is_awaited() {
        check(&valve("valve = mock.Mock()", OPENED, "", HEALED));
        check(&valve("valve = mock.Mock(name='v')", OPENED, "", &HEALED.replace("()", "(name='v')")));
    }

    #[test]
    fn a_mock_that_gives_some_values_at_once_stays_what_it_is() {
        let closes = "\n    def stop(self):\n        self.valve.close()\n";
        check(&valve("valve = mock.Mock()", OPENED, closes, "no fix"));
        check(&valve("valve = mock.Mock()", "valve.close.assert_not_called()", "", "no fix"));
        check(&valve("valve = mock.Mock(spec=Valve)", OPENED, "", "no fix"));
    }

    #[test]
    fn a_mock_that_was_told_what_to_return() {
        let look = "valve.open.return_value = 3\n        valve.open.assert_not_called()";
        let scene = valve("valve = mock.Mock()", look, "", HEALED);
        check(&scene.replace("object Mock can't", "object int can't"));
        let other = "\n    def stop(self):\n        self.valve.close()\n";
        let scene = valve("valve = mock.Mock()", look, other, "no fix");
        check(&scene.replace("object Mock can't", "object int can't"));
    }

    #[test]
    fn a_mock_that_a_fixture_makes() {
        let scene = |uses: &str, healed: &str| {
            format!(
                r#"
#- before: relay.py
async def forward(bus):
    bus.publish("out")
#- relay.py
async def forward(bus):
    await bus.publish("out")
#- tests/test_relay.py
from unittest.mock import MagicMock
import pytest
from relay import forward

@pytest.fixture
def bus():
    return MagicMock(name="bus")

@pytest.mark.asyncio
async def test_forward(bus):
    $0await forward(bus)
    bus.publish.assert_called_once_with("out")

def test_other(bus):
    {uses}
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_forward _________________________________
tests/test_relay.py:11: in test_forward
    await forward(bus)
relay.py:2: in forward
    await bus.publish("out")
E   TypeError: object MagicMock can't be used in 'await' expression
#- healed
{healed}
"#
            )
        };
        let healed = "-from unittest.mock import MagicMock\n+from unittest.mock import AsyncMock, MagicMock\n-    return MagicMock(name=\"bus\")\n+    return AsyncMock(name=\"bus\")";
        check(&scene("assert bus", healed));
        check(&scene("assert bus.size() == 1", "no fix"));
    }
}
