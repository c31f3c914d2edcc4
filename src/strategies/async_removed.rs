//! What was asynchronous is not any more: it is called, entered and run through without `await` and `async`.

use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::{Context, Strategy, calls, missing_await, sense};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-removed",
    categories: &[Category::TypeError, Category::AttributeError, Category::LogicError],
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
    if is_no_coroutine(ctx.message()) {
        return run_no_more(ctx, fixes);
    }
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
        .filter_map(|call| Some((call, callee(ctx, call)?)))
        .filter(|(_, callee)| callee.signature.as_ref().is_some_and(|signature| !signature.is_async))
        .collect();
    let [(call, callee)] = calls.as_slice() else { return None };
    let (evidence, tier) = judged(ctx, callee);
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

/// What tells that the function is not async any more, and whether that is all that happened to it.
fn judged(ctx: &Context<'_>, callee: &Symbol) -> (Vec<Evidence>, Tier) {
    let changes = ctx.snapshot.history().signature_changes(&callee.path, &callee.name);
    let change = changes.into_iter().find(|change| change.before.is_async && !change.after.is_async);
    let text = |subject: &str| format!("`{}` is not async any more ({subject})", callee.name);
    // A class has no `async` of its own, but methods that are.
    let mut evidence: Vec<Evidence> = change
        .map(|change| Evidence::commit(&change.commit, text(&change.subject)))
        .or_else(|| turned(ctx, callee, PROTOCOLS.map(|(plain, own)| (own, plain)), text))
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
    (evidence, if is_whole { Tier::Safe } else { Tier::Review })
}

/// The methods by which an object is entered and run through, plain and async.
pub(super) const PROTOCOLS: [(&str, &str); 2] = [("__enter__", "__aenter__"), ("__iter__", "__aiter__")];

/// The commit in which a class of the product got other methods for what it had: the second of a pair for the first.
pub(super) fn turned(
    ctx: &Context<'_>,
    class: &Symbol,
    pairs: [(&str, &str); 2],
    text: impl Fn(&str) -> String,
) -> Option<Evidence> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.iter().filter(|change| change.path == class.path).find_map(|change| {
        let was = methods(change.before.as_deref()?, &class.name);
        let is = methods(change.after.as_deref()?, &class.name);
        let has = |methods: &[String], name: &str| methods.iter().any(|method| method == name);
        let gone = pairs.iter().filter(|(old, _)| has(&was, old) && !has(&is, old));
        let mut gone = gone.map(|(_, new)| has(&is, new)).peekable();
        let is_turned = gone.peek().is_some() && gone.all(|has_new| has_new);
        is_turned.then(|| Evidence::commit(&change.commit, text(&change.subject)))
    })
}

/// The methods of a class.
fn methods(text: &str, class: &str) -> Vec<String> {
    let source = Source::parse(text);
    let name = |node: Node<'_>| node.child_by_field_name("name").map(|name| source.slice(name).to_string());
    let is_it = |node: &Node<'_>| node.kind() == "class_definition" && name(*node).as_deref() == Some(class);
    let body = descendants(source.root()).find(is_it).and_then(|class| class.child_by_field_name("body"));
    let functions = body.into_iter().flat_map(descendants).filter(|node| node.kind() == "function_definition");
    functions.filter_map(name).collect()
}

/// What asyncio says where it is given a plain value to run.
fn is_no_coroutine(message: &str) -> bool {
    message.starts_with("a coroutine was expected, got")
        || message.starts_with("An asyncio.Future, a coroutine or an awaitable is required")
}

/// `asyncio.run(load())` becomes `load()`, in every test of the file.
fn run_no_more(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let mut runs = descendants(ctx.statement()?).filter_map(|node| Some((node, coroutine_of(ctx, node)?)));
    let (_, call) = runs.next().filter(|_| runs.next().is_none())?;
    let callee = callee(ctx, call).filter(|callee| callee.signature.as_ref().is_some_and(|own| !own.is_async))?;
    let (evidence, tier) = judged(ctx, &callee);
    let same = calls::same_calls(ctx, call);
    let runs = same.iter().filter_map(|call| {
        let run = call.parent().and_then(|list| list.parent())?;
        (coroutine_of(ctx, run)? == *call).then_some((run, *call))
    });
    let edits = runs.flat_map(|(run, call)| {
        [ctx.replace(run.start_byte()..call.start_byte(), ""), ctx.replace(call.end_byte()..run.end_byte(), "")]
    });
    // A coroutine that never was one ran nothing before.
    (evidence.len() > 1).then(|| {
        fixes.push(Fix {
            title: format!("Call `{}` without a loop", callee.name),
            strategy: STRATEGY.id,
            edits: edits.collect(),
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier,
        });
    })
}

/// The call in `asyncio.run(load())` or `loop.run_until_complete(load())` that made the coroutine.
fn coroutine_of<'c>(ctx: &Context<'_>, run: Node<'c>) -> Option<Node<'c>> {
    let function = run.child_by_field_name("function").filter(|_| run.kind() == "call")?;
    let is_loop = ctx.source.slice(function) == "asyncio.run"
        || ctx.source.slice(locate::last_name(function)?) == "run_until_complete";
    let list = run.child_by_field_name("arguments").filter(|list| is_loop && list.named_child_count() == 1)?;
    list.named_child(0).filter(|call| call.kind() == "call")
}

/// What is called. Of an object that nothing tells the class of, the product's only function of that name.
fn callee(ctx: &Context<'_>, call: Node<'_>) -> Option<Symbol> {
    let only = || {
        let name = locate::last_name(call.child_by_field_name("function")?)?;
        let mut known = ctx.snapshot.definitions(ctx.source.slice(name));
        known.retain(|symbol| !symbol.path.is_test_code());
        (known.len() == 1).then(|| known.remove(0))
    };
    ctx.snapshot.callee(&ctx.site.path, call.byte_range()).or_else(only)
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
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

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

    /// A store before and now, and the heal of a test that enters it.
    #[track_caller]
    fn check_entered(bodies: [&str; 2], healed: &str, tier: Option<Tier>) {
        let text = format!(
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
    async with Store() as store:
        assert store
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_store __________________________________

    async def test_store():
>       async with Store() as store:
E       TypeError: 'Store' object does not support the asynchronous context manager protocol

tests/test_shop.py:4: TypeError
#- healed
{healed}
"#,
            bodies[0], bodies[1]
        );
        let fixes = Scene::parse(&text).heal().fixes;
        assert_eq!(fixes.first().map(|fix| fix.fix().tier), tier);
        if tier == Some(Tier::Safe) {
            check(&text);
        }
    }

    #[test]
    fn a_class_that_is_entered_plainly_now() {
        let (plain, own) =
            ("def __enter__(self):\n        return self", "async def __aenter__(self):\n        return self");
        let healed = "-    async with Store() as store:\n+    with Store() as store:";
        check_entered([own, plain], healed, Some(Tier::Safe));
        // Nobody says that it was entered otherwise before, or it is not entered at all.
        check_entered([plain, plain], healed, Some(Tier::Review));
        check_entered([own, "def size(self):\n        return 1"], healed, Some(Tier::Review));
    }

    /// A function, what a test that runs it in a loop says, and the heal.
    #[track_caller]
    fn check_run(before: &str, line: &str, healed: &str) {
        check(&format!(
            r#"
#- before: client.py
{before} get(url):
    return 1
#- client.py

def get(url):
    return 1
#- tests/test_client.py
import asyncio
from client import get

def test_get():
    assert {line} == 1

def test_other():
    found = asyncio.run(get("b"))
    assert found == 1
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________
tests/test_client.py:5: in test_get
    assert {line} == 1
/usr/lib/python3.11/asyncio/runners.py:188: in run
    return runner.run(main)
E   ValueError: a coroutine was expected, got 1
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_is_no_coroutine_any_more_is_called_without_a_loop() {
        let healed = "-    assert asyncio.run(get(\"a\")) == 1\n+    assert get(\"a\") == 1\n-    found = asyncio.run(get(\"b\"))\n+    found = get(\"b\")";
        check_run("async def", "asyncio.run(get(\"a\"))", healed);
    }

    #[test]
    fn what_never_was_a_coroutine_is_no_fix() {
        check_run("def", "asyncio.run(get(\"a\"))", "no fix");
        check_run("async def", "asyncio.run(get(\"a\").send())", "no fix");
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
