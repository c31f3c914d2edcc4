//! A plain `Mock` that the product iterates, indexes, enters or awaits now: the mock that can.

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, descendants};
use crate::text::Edit;

use super::confidence::Odds;
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
        Complaint::NotAwaitable { type_name } if is_mock(type_name) => "AsyncMock",
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
            title: format!("Make it a `{wanted}`"),
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

/// The import of the other mock beside that of this one, where it is not there yet.
fn import(ctx: &Context<'_>, old: &str, new: &str) -> Option<Vec<Edit>> {
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
}
