//! A generator that became async: the test runs through it with `async for`.

use crate::diagnosis::Category;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::missing_await::{AsAsync, async_test, became_async, is_async, is_dropped_by_product};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-iteration",
    categories: &[Category::TypeError],
    summary: "Runs through an async generator with `async for`.",
    example: r#"
#- before: shop.py
def lines(cart):
    for line in cart:
        yield line
#- shop.py
async def lines(cart):
    for line in cart:
        yield line
#- tests/test_shop.py
from shop import lines

async def test_lines():
    for line in lines(["tea"]):
        assert line == "tea"
    assert list(lines([])) == []
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_lines __________________________________

    async def test_lines():
>       for line in lines(["tea"]):
E       TypeError: 'async_generator' object is not iterable

tests/test_shop.py:4: TypeError
#- healed
-    for line in lines(["tea"]):
+    async for line in lines(["tea"]):
-    assert list(lines([])) == []
+    assert [item async for item in lines([])] == []
"#,
    propose: async_iteration,
};

fn async_iteration(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.message().contains("'async_generator' object is not iterable") || !ctx.raised_here() {
        return None;
    }
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    let calls = calls(ctx, test);
    let (_, callee) = calls.first()?;
    let mut evidence = vec![Evidence::hint("the run met an async generator where it asked for a plain one")];
    for (_, callee) in &calls {
        let fact = became_async(ctx, callee)?;
        evidence.extend((!evidence.contains(&fact)).then_some(fact));
    }
    let made = if is_async(test) { AsAsync { is_run: true, ..AsAsync::default() } } else { async_test(ctx, test)? };
    let mut edits = made.edits;
    for (call, _) in &calls {
        edits.extend(run_through(ctx, *call)?);
    }
    evidence.extend(made.fact);
    let is_left = calls.iter().any(|(_, callee)| is_dropped_by_product(ctx, callee));
    fixes.push(Fix {
        title: format!("Run through `{}` with `async for`", callee.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if made.is_run && !is_left { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The calls of async generators of the product that the test runs through as if they were plain ones.
fn calls<'c>(ctx: &'c Context<'_>, test: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    let is_own = |node: &Node<'_>| ctx.source.function_at(node.start_byte()) == Some(test);
    let called = descendants(test).filter(|node| node.kind() == "call").filter(is_own);
    let called = called.filter_map(|call| Some((call, ctx.snapshot.callee(&ctx.site.path, call.byte_range())?)));
    called.filter(|(call, callee)| !is_run_through(*call) && is_async_generator(ctx, callee)).collect()
}

fn is_run_through(call: Node<'_>) -> bool {
    let Some(parent) = call.parent() else { return false };
    matches!(parent.kind(), "for_statement" | "for_in_clause")
        && parent.child(0).is_some_and(|first| first.kind() == "async")
}

fn is_async_generator(ctx: &Context<'_>, symbol: &Symbol) -> bool {
    let Some(source) = ctx.snapshot.source(&symbol.path) else { return false };
    let Some(function) = source.function_at(symbol.range.start).filter(|function| is_async(*function)) else {
        return false;
    };
    let is_own = |node: &Node<'_>| source.function_at(node.start_byte()) == Some(function);
    descendants(function).any(|node| node.kind() == "yield" && is_own(&node))
}

/// The edits that run through what a call gives; `None` where it is handed to something else.
fn run_through(ctx: &Context<'_>, call: Node<'_>) -> Option<Vec<Edit>> {
    let parent = call.parent()?;
    let path = &ctx.site.path;
    match parent.kind() {
        "for_statement" => Some(vec![Edit::insert(path, parent.start_byte(), "async ")]),
        // `(x for x in lines())` would be an async generator itself.
        "for_in_clause" if parent.parent()?.kind() != "generator_expression" => {
            Some(vec![Edit::insert(path, parent.start_byte(), "async ")])
        }
        "argument_list" => {
            let outer = parent.parent().filter(|_| children(parent).next() == Some(call))?;
            let name = ctx.source.slice(outer.child_by_field_name("function")?);
            let item = ["item", "each", "one"].into_iter().find(|name| names::uses(ctx.source, name).is_empty())?;
            let (start, end) = (format!("[{item} async for {item} in "), "]");
            let is_alone = children(parent).nth(1).is_none();
            match name {
                "list" if is_alone => Some(vec![
                    ctx.replace(outer.start_byte()..call.start_byte(), start),
                    ctx.replace(call.end_byte()..outer.end_byte(), end),
                ]),
                "set" | "tuple" | "sorted" | "sum" | "dict" | "max" | "min" | "any" | "all" | "enumerate" => {
                    Some(vec![Edit::insert(path, call.start_byte(), start), Edit::insert(path, call.end_byte(), end)])
                }
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A generator that became async, and the failing line of an async test.
    #[track_caller]
    fn check_lines(was: &str, line: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
{was} lines(cart):
    for line in cart:
        yield line
#- shop.py
async def lines(cart):
    """The lines."""
    for line in cart:
        yield line
#- tests/test_shop.py
from shop import lines

async def test_lines():
    {line}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_lines __________________________________
tests/test_shop.py:4: in test_lines
    {line}
E   TypeError: 'async_generator' object is not iterable
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn every_way_to_run_through_it() {
        let healed = |line: &str, new: &str| format!("-    {line}\n+    {new}");
        let (line, new) =
            ("assert [n + 1 for n in lines([1])] == [2]", "assert [n + 1 async for n in lines([1])] == [2]");
        check_lines("def", line, &healed(line, new));
        let (line, new) = ("assert sum(lines([1])) == 1", "assert sum([item async for item in lines([1])]) == 1");
        check_lines("def", line, &healed(line, new));
    }

    #[test]
    fn what_was_async_before_or_is_handed_on_is_no_fix() {
        check_lines("async def", "assert list(lines([1])) == [1]", "no fix");
        check_lines("def", "assert show(lines([1])) == 1", "no fix");
        check_lines("def", "assert sum(n for n in lines([1])) == 1", "no fix");
    }
}
