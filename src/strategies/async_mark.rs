//! An `async def` test that no plugin runs: the mark that its neighbours carry is missing.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports, missing_await};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "async-mark",
    categories: &[Category::DependencyError],
    summary: "Gives an async test the mark by which its neighbours are run.",
    example: r#"
#- tests/test_cart.py
import pytest

@pytest.mark.asyncio
async def test_empty():
    assert True

$0async def test_cart():
    assert True
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
async def functions are not natively supported.
You need to install a suitable plugin for your async framework, for example:
  - anyio
  - pytest-asyncio
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_cart - Failed: async def functions are not nat...
#- healed
+@pytest.mark.asyncio
"#,
    propose: async_mark,
};

/// The marks of the plugins that run coroutines.
const MARKS: &[&str] = &["pytest.mark.asyncio", "pytest.mark.anyio", "pytest.mark.trio"];

fn async_mark(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::AsyncUnsupported = ctx.complaint() else { return None };
    let function = ctx.source.function_at(ctx.site.range.start)?;
    let (mark, marked) = neighbour(ctx)?;
    // A test that carries the mark and is not run either lacks the plugin, not the mark.
    let failing = |name: &str| ctx.report.failures.iter().any(|failure| failure.nodeid.ends_with(&format!("::{name}")));
    if failing(ctx.source.slice(marked.child_by_field_name("name")?)) {
        return None;
    }
    let start = match function.parent().filter(|parent| parent.kind() == "decorated_definition") {
        Some(decorated) => decorated.start_byte(),
        None => function.start_byte(),
    };
    let text = ctx.source.text();
    let indent = &text[text[..start].rfind('\n').map_or(0, |at| at + 1)..start];
    let mut edits = vec![Edit::insert(&ctx.site.path, start, format!("@{mark}{}{indent}", imports::line_end(text)))];
    if imports::imports(ctx.source).iter().all(|imported| imported.local != "pytest") {
        edits.push(imports::add(ctx, "pytest", None)?);
    }
    let line = ctx.source.line_of(marked.start_byte());
    let evidence = vec![
        Evidence::at(EvidenceKind::Example, &ctx.site.path, line, format!("this async test is run by `@{mark}`")),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    fixes.push(Fix {
        title: format!("Mark the async test with `@{mark}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Another async test of the file, and the mark that it carries.
fn neighbour<'c>(ctx: &'c Context<'_>) -> Option<(&'static str, Node<'c>)> {
    descendants(ctx.source.root()).filter(|node| node.kind() == "decorated_definition").find_map(|decorated| {
        let function = decorated.child_by_field_name("definition")?;
        let decorators = || children(decorated).filter(|node| node.kind() == "decorator");
        let is_async = missing_await::is_async(function);
        let mark = MARKS
            .iter()
            .find(|mark| decorators().any(|node| ctx.source.slice(node).trim_start_matches('@') == **mark))?;
        is_async.then_some((*mark, function))
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn without_a_plugin_nothing_in_the_test_helps() {
        check(
            r#"
#- tests/test_cart.py
$0async def test_cart():
    assert True
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
async def functions are not natively supported.
You need to install a suitable plugin for your async framework, for example:
  - anyio
  - pytest-asyncio
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_cart - Failed: async def functions are not nat...
#- healed
no fix: pip install pytest-asyncio
"#,
        );
    }
}
