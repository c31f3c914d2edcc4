//! What was asynchronous is not any more: it is called, entered and run through without `await` and `async`.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::{Context, Strategy, calls, missing_await, sense};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-removed",
    categories: &[Category::TypeError, Category::AttributeError],
    summary: "Takes out the `await` or `async` before what is not asynchronous any more.",
    example: r#"
#- before: client.py
class Client:
    async def get(self, url):
        return {"url": url}
#- client.py
class Client:
    def get(self, url):
        return {"url": url}
#- tests/test_client.py
import pytest
from client import Client

@pytest.mark.asyncio
async def test_get():
    client = Client()
    assert (await client.get("a"))["url"] == "a"
    await client.get("b")
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    @pytest.mark.asyncio
    async def test_get():
        client = Client()
>       assert (await client.get("a"))["url"] == "a"
E       TypeError: object dict can't be used in 'await' expression

tests/test_client.py:7: TypeError
#- healed
-    assert (await client.get("a"))["url"] == "a"
-    await client.get("b")
+    assert (client.get("a"))["url"] == "a"
+    client.get("b")
"#,
    propose: async_removed,
};

fn async_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message().lines().next().unwrap_or_default();
    let is_awaited = matches!(ctx.complaint(), Complaint::NotAwaitable { .. });
    let is_run_through = message.starts_with("'async for' requires an object with __aiter__ method");
    let is_entered = message.contains("does not support the asynchronous context manager protocol")
        || message.ends_with("__aenter__") && !message.contains("coroutine");
    if !(is_awaited || is_run_through || is_entered) || !ctx.raised_here() {
        return None;
    }
    let statement = ctx.statement()?;
    let calls: Vec<(Node<'_>, Symbol)> = descendants(statement)
        .filter(|node| node.kind() == "call" && keyword(*node, is_awaited, ctx).is_some())
        .filter_map(|call| Some((call, ctx.snapshot.callee(&ctx.site.path, call.byte_range())?)))
        .filter(|(_, callee)| callee.signature.as_ref().is_some_and(|signature| !signature.is_async))
        .collect();
    let [(call, callee)] = calls.as_slice() else { return None };
    let change = ctx
        .snapshot
        .history()
        .signature_changes(&callee.path, &callee.name)
        .into_iter()
        .find(|change| change.before.is_async && !change.after.is_async);
    // A class or a generator has no `async` of its own.
    let mut evidence: Vec<Evidence> = change
        .map(|change| {
            Evidence::commit(&change.commit, format!("`{}` is not async any more ({})", callee.name, change.subject))
        })
        .into_iter()
        .collect();
    evidence.push(Evidence::at(
        EvidenceKind::Source,
        &callee.path,
        callee.line,
        format!("`{}` is not async", callee.name),
    ));
    let is_whole = evidence.len() > 1
        && !missing_await::leaves_coroutines(ctx, callee)
        && !sense::checks_less(ctx, &callee.path, &callee.name);
    let tier = if is_whole { Tier::Safe } else { Tier::Review };
    let all = calls::same_calls(ctx, *call);
    fixes.push(Fix {
        title: format!("Do not await `{}`", callee.name),
        strategy: STRATEGY.id,
        edits: all.into_iter().filter_map(|call| Some(without(ctx, keyword(call, is_awaited, ctx)?))).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// The `await` before a call, else the `async` of the loop or block that it opens.
fn keyword<'c>(call: Node<'c>, is_awaited: bool, ctx: &Context<'_>) -> Option<Node<'c>> {
    let first = if is_awaited {
        call.parent().filter(|parent| parent.kind() == "await")
    } else {
        let opened = |node: &Node<'_>| matches!(node.kind(), "for_statement" | "with_statement" | "for_in_clause");
        let block = ancestors(call).find(opened)?;
        let body = block.child_by_field_name("body");
        (body.is_none_or(|body| call.end_byte() <= body.start_byte())).then_some(block)
    }?;
    let word = first.child(0)?;
    matches!(ctx.source.slice(word), "await" | "async").then_some(word)
}

/// The word with the space behind it.
fn without(ctx: &Context<'_>, word: Node<'_>) -> Edit {
    let rest = &ctx.source.text()[word.end_byte()..];
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    ctx.replace(word.start_byte()..word.end_byte() + space, "")
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_loop_over_what_is_a_list_now() {
        check(
            r#"
#- before: client.py
async def pages():
    yield 1
#- client.py
def pages():
    return [1]
#- tests/test_client.py
from client import pages

async def test_pages():
    found = []
    async for page in pages():
        found.append(page)
    assert found == [1]
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_pages __________________________________

    async def test_pages():
        found = []
>       async for page in pages():
E       TypeError: 'async for' requires an object with __aiter__ method, got list

tests/test_client.py:5: TypeError
#- healed
-    async for page in pages():
+    for page in pages():
"#,
        );
    }

    #[test]
    fn an_async_function_that_gave_nothing_to_await_is_no_fix() {
        check(
            r#"
#- client.py
class Client:
    async def get(self, url):
        return self
#- tests/test_client.py
from client import Client

async def test_get():
    assert await (await Client().get("a")) == 1
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    async def test_get():
>       assert await (await Client().get("a")) == 1
E       TypeError: object Client can't be used in 'await' expression

tests/test_client.py:4: TypeError
#- healed
no fix
"#,
        );
    }
}
