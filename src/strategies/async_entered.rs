//! What was entered or run through is asynchronous now: `async with` and `async for`.

use crate::diagnosis::Category;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::async_removed::{PROTOCOLS, turned};
use super::confidence::Odds;
use super::missing_await::{AsAsync, async_test, is_async};
use super::{Context, Strategy, callers};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-entered",
    categories: &[Category::TypeError, Category::AttributeError],
    summary: "Enters with `async with`, and runs through with `async for`, an object whose class became asynchronous.",
    example: r#"
#- before: shop.py
class Store:
    def __enter__(self):
        return self

    def __exit__(self, *args): ...
#- shop.py
class Store:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *args): ...
#- tests/test_shop.py
import pytest
from shop import Store

@pytest.mark.asyncio
async def test_store():
    with Store() as store:
        assert store
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_store __________________________________

    @pytest.mark.asyncio
    async def test_store():
>       with Store() as store:
E       TypeError: 'Store' object does not support the context manager protocol

tests/test_shop.py:6: TypeError
#- healed
-    with Store() as store:
+    async with Store() as store:
"#,
    propose: async_entered,
};

fn async_entered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message().lines().next().unwrap_or_default();
    let (kinds, name) = asked(message)?;
    if !ctx.raised_here() {
        return None;
    }
    let mut classes = ctx.snapshot.definitions(name);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let [class] = classes.as_slice() else { return None };
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    let block = failing(ctx, kinds)?;
    let value = ctx.source.slice(value(block)?);
    let text = |subject: &str| format!("`{name}` is asynchronous since {} ({subject})", class.path);
    let mut evidence = vec![turned(ctx, class, PROTOCOLS, text)?];
    evidence.push(Evidence::hint(format!("the run says: {message}")));
    let made = if is_async(test) { AsAsync { is_run: true, ..AsAsync::default() } } else { async_test(ctx, test)? };
    let is_it = |node: &Node<'_>| {
        kinds.contains(&node.kind())
            && !is_marked(*node)
            && ctx.source.function_at(node.start_byte()) == Some(test)
            && self::value(*node).is_some_and(|other| ctx.source.slice(other) == value)
    };
    let blocks: Vec<Node<'_>> = descendants(test).filter(is_it).collect();
    // `(row for row in store)` would be an async generator itself.
    if blocks.iter().any(|block| block.parent().is_some_and(|outer| outer.kind() == "generator_expression")) {
        return None;
    }
    let marked = blocks.iter().map(|block| Edit::insert(&ctx.site.path, block.start_byte(), "async "));
    let edits = made.edits.into_iter().chain(marked).collect();
    evidence.extend(made.fact);
    fixes.push(Fix {
        title: format!("Take `{name}` with `async`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if made.is_run && !is_taken_plainly(ctx, class) { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The statements that ask for what the object lacks, and its class.
fn asked(message: &str) -> Option<(&'static [&'static str], &str)> {
    let name = message.strip_prefix('\'')?.split('\'').next()?;
    let rest = &message[name.len() + 2..];
    if rest.starts_with(" object does not support the context manager protocol") {
        return Some((&["with_statement"], name));
    }
    rest.starts_with(" object is not iterable").then_some((&["for_statement", "for_in_clause"], name))
}

/// The block that failed: the only one of the statement.
fn failing<'c>(ctx: &'c Context<'_>, kinds: &[&str]) -> Option<Node<'c>> {
    let statement = ctx.statement()?;
    if kinds.contains(&statement.kind()) {
        return Some(statement);
    }
    let mut blocks =
        descendants(statement).filter(|node| node.kind() == "for_in_clause" && kinds.contains(&node.kind()));
    blocks.next().filter(|_| blocks.next().is_none())
}

/// What a block enters or runs through, where that is one thing.
fn value(block: Node<'_>) -> Option<Node<'_>> {
    if block.kind() != "with_statement" {
        return block.child_by_field_name("right");
    }
    let mut items = children(children(block).next()?).filter(|node| node.kind() == "with_item");
    let item = items.next().filter(|_| items.next().is_none())?.child_by_field_name("value")?;
    if item.kind() == "as_pattern" { item.named_child(0) } else { Some(item) }
}

fn is_marked(block: Node<'_>) -> bool {
    block.child(0).is_some_and(|first| first.kind() == "async")
}

/// Whether the product itself still takes a new object of the class as before.
fn is_taken_plainly(ctx: &Context<'_>, class: &Symbol) -> bool {
    callers::any_call(ctx, class, |_, _, call| {
        let is_block = |node: &Node<'_>| matches!(node.kind(), "with_statement" | "for_statement" | "for_in_clause");
        let block = ancestors(call).take_while(|node| node.kind() != "block").find(is_block);
        block.is_some_and(|block| value(block) == Some(call) && !is_marked(block))
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A class before and now, the lines of an async test, what the run says, and the heal.
    #[track_caller]
    fn check_taken(bodies: [&str; 2], lines: &[&str], error: &str, healed: &str) {
        let test: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        check(&format!(
            r#"
#- before: shop.py
class Store:
{}
#- shop.py
class Store:
{}
#- tests/test_shop.py
from shop import Store

async def test_store():
{test}#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_store __________________________________

    async def test_store():
>       {}
E       TypeError: {error}

tests/test_shop.py:4: TypeError
#- healed
{healed}
"#,
            bodies[0], bodies[1], lines[0]
        ));
    }

    const PLAIN: &str = "    def __iter__(self):\n        yield 1";
    const ASYNC: &str = "    async def __aiter__(self):\n        yield 1";
    const NO_ITERABLE: &str = "'Store' object is not iterable";

    #[test]
    fn what_is_run_through_asynchronously_now() {
        let healed = "-    for row in Store():\n+    async for row in Store():";
        check_taken([PLAIN, ASYNC], &["for row in Store():", "    assert row"], NO_ITERABLE, healed);
        let line = "assert [row for row in Store()] == [1]";
        let healed = "-    assert [row for row in Store()] == [1]\n+    assert [row async for row in Store()] == [1]";
        check_taken([PLAIN, ASYNC], &[line], NO_ITERABLE, healed);
    }

    #[test]
    fn what_lost_its_way_to_be_run_through_is_no_fix() {
        let gone = "    def size(self):\n        return 1";
        check_taken([PLAIN, gone], &["for row in Store():", "    assert row"], NO_ITERABLE, "no fix");
        check_taken([ASYNC, ASYNC], &["for row in Store():", "    assert row"], NO_ITERABLE, "no fix");
        check_taken([PLAIN, ASYNC], &["assert all(row for row in Store())"], NO_ITERABLE, "no fix");
    }
}
