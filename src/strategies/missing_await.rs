//! A coroutine where its result was wanted: the call is awaited.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "missing-await",
    categories: &[Category::TypeError, Category::AttributeError, Category::AssertionError],
    summary: "Awaits the call of an async function.",
    example: r#"
#- client.py
async def fetch(url):
    return {"url": url}
#- tests/test_client.py
import pytest
from client import fetch

@pytest.mark.asyncio
async def test_fetch():
    assert fetch("a")["url"] == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fetch __________________________________

    @pytest.mark.asyncio
    async def test_fetch():
>       assert fetch("a")["url"] == "a"
E       TypeError: 'coroutine' object is not subscriptable

tests/test_client.py:6: TypeError
#- healed
-    assert fetch("a")["url"] == "a"
+    assert (await fetch("a"))["url"] == "a"
"#,
    propose: missing_await,
};

fn missing_await(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let compared = ctx.diagnosis.failure.introspection.as_ref().is_some_and(|sides| {
        sides.left.starts_with("<coroutine object") || sides.right.starts_with("<coroutine object")
    });
    if *ctx.complaint() != Complaint::NotAwaited && !compared || !ctx.raised_here() {
        return None;
    }
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    let calls = unawaited(ctx, test);
    let rivals = calls.len().saturating_sub(1);
    let make_async = if is_async(test) { Some(Vec::new()) } else { async_test(ctx, test) };
    let Some(make_async) = make_async else { return run_to_the_end(ctx, &calls, fixes) };
    for (call, callee) in calls {
        let text = format!("`{}` is async", callee.name);
        let mut evidence = vec![
            Evidence::at(EvidenceKind::Source, &callee.path, callee.line, text),
            Evidence::hint("the run met a coroutine where its result was wanted"),
        ];
        let mut edits = awaited(ctx, call);
        edits.extend(make_async.iter().map(|(edit, _)| edit.clone()));
        evidence.extend(make_async.iter().filter_map(|(_, fact)| fact.clone()));
        fixes.push(Fix {
            title: format!("Await `{}`", callee.name),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).rivals(rivals).confidence(),
            evidence,
            tier: if make_async.is_empty() { Tier::Safe } else { Tier::Review },
        });
    }
    Some(())
}

/// A project without async tests runs the coroutine to its end: where a commit made the function async.
fn run_to_the_end(ctx: &Context<'_>, calls: &[(Node<'_>, Symbol)], fixes: &mut Vec<Fix>) -> Option<()> {
    let [(call, callee)] = calls else { return None };
    let changes = ctx.snapshot.history().signature_changes(&callee.path, &callee.name);
    let change = changes.into_iter().find(|change| !change.before.is_async && change.after.is_async)?;
    let evidence = vec![
        Evidence::commit(&change.commit, format!("`{}` became async ({})", change.function, change.subject)),
        Evidence::hint("the run met a coroutine where its result was wanted"),
    ];
    let has_asyncio = |item: &imports::Imported| item.module == "asyncio" && item.name.is_none();
    let import = if imports::imports(ctx.source).iter().any(has_asyncio) { None } else { imports::add(ctx, "asyncio", None) };
    let path = &ctx.site.path;
    let run = |call: Node<'_>| {
        [Edit::insert(path, call.start_byte(), "asyncio.run("), Edit::insert(path, call.end_byte(), ")")]
    };
    let is_free = |call: &Node<'_>| {
        !is_awaited(*call)
            && ctx.source.function_at(call.start_byte()).is_some_and(|function| !is_async(function))
    };
    let all = super::calls::same_calls(ctx, *call).into_iter().filter(is_free);
    fixes.push(Fix {
        title: format!("Run `{}` to its end", callee.name),
        strategy: STRATEGY.id,
        edits: import.into_iter().chain(all.flat_map(run)).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Calls of async functions that nothing awaits: in the failing statement, else where the variables in
/// it were assigned.
fn unawaited<'c>(ctx: &'c Context<'_>, test: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    let Some(statement) = ctx.statement() else { return Vec::new() };
    let here = calls_in(ctx, statement);
    if !here.is_empty() {
        return here;
    }
    let names: Vec<&str> =
        descendants(statement).filter(|node| node.kind() == "identifier").map(|node| ctx.source.slice(node)).collect();
    descendants(test)
        .filter(|node| node.kind() == "assignment" && node.end_byte() <= statement.start_byte())
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| names.contains(&ctx.source.slice(left))))
        .filter_map(|node| node.child_by_field_name("right"))
        .flat_map(|value| calls_in(ctx, value))
        .collect()
}

fn calls_in<'c>(ctx: &Context<'_>, scope: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    descendants(scope)
        .filter(|node| node.kind() == "call" && !is_awaited(*node))
        .filter_map(|call| Some((call, ctx.snapshot.callee(&ctx.site.path, call.byte_range())?)))
        .filter(|(_, callee)| callee.signature.as_ref().is_some_and(|signature| signature.is_async))
        .collect()
}

/// `await f()`, and `asyncio.run(f())` or `gather(f())`, which await what they are given.
fn is_awaited(call: Node<'_>) -> bool {
    ancestors(call)
        .skip(1)
        .take_while(|node| !node.kind().ends_with("statement"))
        .any(|node| matches!(node.kind(), "await" | "argument_list" | "lambda"))
}

fn is_async(function: Node<'_>) -> bool {
    function.child(0).is_some_and(|first| first.kind() == "async")
}

/// `await f()`, in parentheses where something is read off the result.
fn awaited(ctx: &Context<'_>, call: Node<'_>) -> Vec<Edit> {
    let reads_on = call.parent().is_some_and(|parent| {
        matches!(parent.kind(), "attribute" | "subscript" | "call") && parent.start_byte() == call.start_byte()
    });
    let path = &ctx.site.path;
    if reads_on {
        return vec![Edit::insert(path, call.start_byte(), "(await "), Edit::insert(path, call.end_byte(), ")")];
    }
    vec![Edit::insert(path, call.start_byte(), "await ")]
}

/// A sync test becomes async the way that other tests of the project are: with their mark, or without
/// one where none has any (`asyncio_mode = auto`, anyio's plugin).
fn async_test(ctx: &Context<'_>, test: Node<'_>) -> Option<Vec<(Edit, Option<Evidence>)>> {
    let (path, line, mark) = async_example(ctx)?;
    let text =
        format!("`async def` tests are written like this here{}", if mark.is_some() { ", with a mark" } else { "" });
    let fact = Evidence::at(EvidenceKind::Example, &path, line, text);
    let mut edits = vec![(Edit::insert(&ctx.site.path, test.start_byte(), "async "), Some(fact))];
    if let Some(mark) = mark {
        let head = test.parent().filter(|parent| parent.kind() == "decorated_definition").unwrap_or(test);
        let indent = " ".repeat(head.start_position().column);
        let end = imports::line_end(ctx.source.text());
        edits.insert(0, (Edit::insert(&ctx.site.path, head.start_byte(), format!("{mark}{end}{indent}")), None));
    }
    Some(edits)
}

/// An async test of this file, else of its neighbours, with the decorator that marks it.
fn async_example(ctx: &Context<'_>) -> Option<(crate::text::FilePath, u32, Option<String>)> {
    let mut files = vec![ctx.site.path.clone()];
    files
        .extend(ctx.snapshot.files_naming("async def test").into_iter().filter(|path| *path != ctx.site.path).take(20));
    files.into_iter().find_map(|path| {
        let source = ctx.snapshot.source(&path)?;
        let function = descendants(source.root())
            .filter(|node| node.kind() == "function_definition" && is_async(*node))
            .find(|node| node.child_by_field_name("name").is_some_and(|name| source.slice(name).starts_with("test")))?;
        let decorators = function.parent().filter(|parent| parent.kind() == "decorated_definition");
        let mark = decorators
            .into_iter()
            .flat_map(children)
            .filter(|node| node.kind() == "decorator")
            .map(|decorator| source.slice(decorator).to_string())
            .find(|text| ["mark.asyncio", "mark.anyio", "mark.trio"].iter().any(|mark| text.contains(mark)));
        Some((path.clone(), source.line_of(function.start_byte()), mark))
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn the_assignment_is_awaited_when_the_variable_fails() {
        check(
            r#"
#- client.py
class Client:
    async def get(self, url):
        return self
#- tests/test_client.py
from client import Client

async def test_get():
    client = Client()
    response = client.get("a")
    assert response.status == 200
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    async def test_get():
        client = Client()
        response = client.get("a")
>       assert response.status == 200
E       AttributeError: 'coroutine' object has no attribute 'status'

tests/test_client.py:6: AttributeError
#- healed
-    response = client.get("a")
+    response = await client.get("a")
"#,
        );
    }

    #[test]
    fn a_sync_test_of_a_project_without_async_tests_is_no_fix() {
        check(
            r#"
#- client.py
async def get(url):
    return url
#- tests/test_client.py
from client import get

def test_get():
    assert get("a").status == 200
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
>       assert get("a").status == 200
E       AttributeError: 'coroutine' object has no attribute 'status'

tests/test_client.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_project_without_async_tests_runs_what_became_async() {
        check(
            r#"
#- before: client.py
def get(url):
    return url
#- client.py
async def get(url):
    return url
#- tests/test_client.py
from client import get

def test_get():
    assert get("a") == "a"
    assert get("b") == "b"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
>       assert get("a") == "a"
E       AssertionError: assert <coroutine object get at 0x7f0000000000> == 'a'

tests/test_client.py:4: AssertionError
#- healed
+import asyncio
+
-    assert get("a") == "a"
-    assert get("b") == "b"
+    assert asyncio.run(get("a")) == "a"
+    assert asyncio.run(get("b")) == "b"
"#,
        );
    }
}
