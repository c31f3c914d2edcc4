//! The fixture `event_loop` that pytest-asyncio 1 came without: an async test asks asyncio for the loop that runs it, a
//! plain one gets a loop of its own, as the fixture gave it.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports, missing_await};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "event-loop",
    categories: &[Category::FixtureError],
    summary: "Gets the event loop where pytest-asyncio has no fixture for it any more.",
    example: r#"
#- .venv/lib/python3.12/site-packages/pytest_asyncio/__init__.py
#- tests/test_clock.py
import asyncio

import pytest

@pytest.mark.asyncio
async def test_time($0event_loop):
    before = event_loop.time()
    assert event_loop.time() >= before
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_time __________________________
file tests/test_clock.py, line 5
  @pytest.mark.asyncio
  async def test_time(event_loop):
E       fixture 'event_loop' not found
>       available fixtures: tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

tests/test_clock.py:5
#- healed
-async def test_time(event_loop):
+async def test_time():
+    event_loop = asyncio.get_running_loop()
"#,
    propose: event_loop,
};

const FIXTURE: &str = "event_loop";

fn event_loop(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoFixture { name } = ctx.complaint() else { return None };
    if name != FIXTURE || ctx.snapshot.module("pytest_asyncio").is_none() {
        return None;
    }
    let functions = descendants(ctx.source.root()).filter(|node| node.kind() == "function_definition");
    let asking: Vec<(Node<'_>, Node<'_>)> = functions.filter_map(|function| asked(ctx, function)).collect();
    let (of_async, plain): (Vec<_>, Vec<_>) =
        asking.into_iter().partition(|(function, _)| missing_await::is_async(*function));
    let mut edits = Vec::new();
    for (function, parameter) in &of_async {
        edits.extend(running_loop(ctx, *function, *parameter)?);
    }
    match (plain.first(), of_async.is_empty()) {
        (Some((function, _)), true) => edits.extend(own_fixture(ctx, *function)?),
        // A fixture that is no coroutine gives the coroutines around it the loop that runs them: which, nothing tells.
        (Some(_), false) => return None,
        (None, _) => {}
    }
    if !imports::imports(ctx.source).iter().any(|item| item.name.is_none() && item.local == "asyncio") {
        edits.push(imports::add(ctx, "asyncio", None)?);
    }
    let says = "pytest-asyncio 1.0 came without the fixture `event_loop`; its migration guide leads to asyncio's own \
                `get_running_loop()`, and outside of coroutines to a loop of one's own";
    let evidence = vec![
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(says) },
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    let title =
        if of_async.is_empty() { "Define the fixture `event_loop`" } else { "Ask asyncio for the running loop" };
    fixes.push(Fix {
        title: title.to_string(),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// The function with the parameter by which it asks for the loop.
fn asked<'t>(ctx: &Context<'_>, function: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let parameters = children(function.child_by_field_name("parameters")?);
    let mut names = parameters.into_iter().filter(|node| node.kind() == "identifier");
    names.find(|node| ctx.source.slice(*node) == FIXTURE).map(|parameter| (function, parameter))
}

/// `async def test_a(event_loop):` becomes `async def test_a():` with the running loop under that name.
fn running_loop(ctx: &Context<'_>, function: Node<'_>, parameter: Node<'_>) -> Option<Vec<Edit>> {
    let text = ctx.source.text();
    let body = function.child_by_field_name("body")?;
    let list = function.child_by_field_name("parameters")?;
    let rest = text[parameter.end_byte()..list.end_byte()].find(|c: char| !c.is_whitespace() && c != ',')?;
    let end = parameter.end_byte() + rest;
    let is_last = text[end..].starts_with(')');
    let start = match is_last {
        true => text[..parameter.start_byte()].trim_end_matches([',', ' ', '\n']).len(),
        false => parameter.start_byte(),
    };
    let mut edits = vec![ctx.replace(start..end, "")];
    let is_used = descendants(body).any(|node| node.kind() == "identifier" && ctx.source.slice(node) == FIXTURE);
    if is_used {
        let first = children(body).into_iter().find(|node| !is_docstring(*node))?;
        let indent = &text[text[..first.start_byte()].rfind('\n').map_or(0, |at| at + 1)..first.start_byte()];
        let line = format!("{FIXTURE} = asyncio.get_running_loop(){}{indent}", imports::line_end(text));
        edits.push(Edit::insert(&ctx.site.path, first.start_byte(), line));
    }
    Some(edits)
}

fn is_docstring(statement: Node<'_>) -> bool {
    statement.named_child(0).is_some_and(|inner| statement.kind() == "expression_statement" && inner.kind() == "string")
}

/// The fixture as the plugin had it, above the first function that asks for it.
fn own_fixture(ctx: &Context<'_>, function: Node<'_>) -> Option<Vec<Edit>> {
    let definition = function.parent().filter(|parent| parent.kind() == "decorated_definition").unwrap_or(function);
    if definition.parent()?.kind() != "module" {
        return None;
    }
    let end = imports::line_end(ctx.source.text());
    let lines = [
        "@pytest.fixture",
        "def event_loop():",
        "    loop = asyncio.new_event_loop()",
        "    yield loop",
        "    loop.close()",
        "",
        "",
        "",
    ];
    let mut edits = vec![Edit::insert(&ctx.site.path, definition.start_byte(), lines.join(end))];
    if !imports::imports(ctx.source).iter().any(|item| item.name.is_none() && item.local == "pytest") {
        edits.push(imports::add(ctx, "pytest", None)?);
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::fixture::check;

    #[test]
    fn a_plain_test_gets_a_loop_of_its_own() {
        check(
            r#"
#- .venv/lib/python3.12/site-packages/pytest_asyncio/__init__.py
#- tests/test_clock.py
import asyncio

import pytest

async def double(number):
    return number * 2

def test_double($0event_loop):
    assert event_loop.run_until_complete(double(2)) == 4
#- test_run.log
==================================== ERRORS ====================================
________________________ ERROR at setup of test_double _________________________
file tests/test_clock.py, line 8
  def test_double(event_loop):
E       fixture 'event_loop' not found
>       available fixtures: tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

tests/test_clock.py:8
#- healed
+@pytest.fixture
+def event_loop():
+    loop = asyncio.new_event_loop()
+    yield loop
+    loop.close()
+
+
"#,
        );
    }

    #[test]
    fn without_the_plugin_it_is_some_other_fixture() {
        let healed = STRATEGY.example.split_once("#- healed\n").unwrap().1;
        let other = "#- .venv/lib/python3.12/site-packages/anyio/__init__.py";
        let plugin = "#- .venv/lib/python3.12/site-packages/pytest_asyncio/__init__.py";
        check(&STRATEGY.example.replace(plugin, other).replace(healed, "no fix\n"));
    }
}
