//! `coroutine 'send' was never awaited`: the test calls what became async and goes on without it; the call is awaited.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;

use super::confidence::Odds;
use super::missing_await::{async_test, awaited, is_async, run};
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "never-awaited",
    categories: &[
        Category::AssertionError,
        Category::LogicError,
        Category::Unknown,
        Category::AttributeError,
        Category::KeyError,
    ],
    summary: "Awaits the calls whose coroutines the run warned of: never awaited.",
    example: r#"
#- before: shop.py
class Cart:
    def __init__(self):
        self.items = []

    def add(self, sku):
        self.items.append(sku)
#- shop.py
class Cart:
    def __init__(self):
        self.items = []

    async def add(self, sku):
        self.items.append(sku)
#- tests/test_cart.py
import asyncio
from shop import Cart

def test_add():
    cart = Cart()
    cart.add("tea")
    cart.add("milk")
    assert $0cart.items == ["tea", "milk"]
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
        cart = Cart()
        cart.add("tea")
        cart.add("milk")
>       assert cart.items == ["tea", "milk"]
E       AssertionError: assert [] == ['tea', 'milk']

tests/test_cart.py:8: AssertionError
=============================== warnings summary ===============================
tests/test_cart.py::test_add
  tests/test_cart.py:6: RuntimeWarning: coroutine 'Cart.add' was never awaited
    cart.add("tea")
  Enable tracemalloc to get traceback where the object was allocated.

tests/test_cart.py::test_add
  tests/test_cart.py:7: RuntimeWarning: coroutine 'Cart.add' was never awaited
    cart.add("milk")
  Enable tracemalloc to get traceback where the object was allocated.

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_add - AssertionError: assert [] == ['tea', 'milk']
#- healed
-    cart.add("tea")
-    cart.add("milk")
+    asyncio.run(cart.add("tea"))
+    asyncio.run(cart.add("milk"))
"#,
    propose: never_awaited,
};

fn never_awaited(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let dropped = dropped(ctx);
    let (_, coroutine) = dropped.first()?;
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    let calls: Vec<Node<'_>> =
        dropped.iter().filter_map(|(line, _)| call_on(ctx, *line)).filter(|call| is_in(test, *call)).collect();
    if calls.len() < dropped.len() {
        return None;
    }
    let mut evidence = vec![Evidence {
        kind: EvidenceKind::Runtime,
        ..Evidence::hint(format!("the run warned: coroutine '{coroutine}' was never awaited"))
    }];
    let change = became_async(ctx, coroutine);
    evidence.extend(change.clone());
    let is_sure = is_async(test) || change.is_some();
    let edits = match (is_async(test), async_test(ctx, test)) {
        (true, _) => calls.into_iter().flat_map(|call| awaited(ctx, call)).collect(),
        (false, Some(made)) => {
            evidence.extend(made.iter().filter_map(|(_, fact)| fact.clone()));
            let awaits = calls.into_iter().flat_map(|call| awaited(ctx, call));
            made.into_iter().map(|(edit, _)| edit).chain(awaits).collect()
        }
        (false, None) => run(ctx, calls.into_iter()),
    };
    fixes.push(Fix {
        title: format!("Await `{}`", super::renames::last_part(coroutine)),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_sure { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The lines of the test's file where a coroutine was dropped, in the failing test, and the coroutines' names.
pub(super) fn dropped(ctx: &Context<'_>) -> Vec<(u32, String)> {
    let test = &ctx.diagnosis.failure.nodeid;
    let of_test = ctx.report.warnings.iter().filter(|warning| warning.nodeids.contains(test));
    let here = of_test
        .filter(|warning| warning.path.as_deref().is_some_and(|path| ctx.snapshot.file_path(path) == ctx.site.path));
    let mut found: Vec<(u32, String)> = here
        .filter_map(|warning| {
            let name = warning.message.strip_prefix("coroutine '")?.split_once("' was never awaited")?.0;
            Some((warning.line?, name.to_string()))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The call that is the whole statement of a line.
fn call_on<'c>(ctx: &'c Context<'_>, line: u32) -> Option<Node<'c>> {
    let code = ctx.source.code_on_line(line)?;
    let statement = ctx.source.statement_at(code.start).filter(|node| node.kind() == "expression_statement")?;
    statement.named_child(0).filter(|call| call.kind() == "call")
}

fn is_in(test: Node<'_>, call: Node<'_>) -> bool {
    test.start_byte() <= call.start_byte() && call.end_byte() <= test.end_byte()
}

/// The commit that made a function of the coroutine's name async.
fn became_async(ctx: &Context<'_>, coroutine: &str) -> Option<Evidence> {
    let definition = format!("async def {}(", super::renames::last_part(coroutine));
    let brings = |lines: &[String]| lines.iter().any(|line| line.trim_start().starts_with(&definition));
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let hunk = hunks.iter().find(|hunk| hunk.is_python() && brings(&hunk.added) && !brings(&hunk.removed))?;
    Some(Evidence::commit(&hunk.commit, format!("`{coroutine}` became async ({})", hunk.subject)))
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::fixture::check;

    #[test]
    fn a_coroutine_that_another_test_dropped_says_nothing_of_this_one() {
        let scene = STRATEGY.example.replace("tests/test_cart.py::test_add\n ", "tests/test_cart.py::test_other\n ");
        let (scene, _) = scene.split_once("#- healed\n").unwrap();
        check(
            &format!("{scene}#- healed\n-    assert cart.items == [\"tea\", \"milk\"]\n+    assert cart.items == []\n")
                .replace("[] ==", "['tea'] ==")
                .replace("items == []", "items == [\"tea\"]"),
        );
    }

    #[test]
    fn a_coroutine_that_a_helper_dropped_is_no_fix() {
        let scene = STRATEGY.example.replace("  tests/test_cart.py:", "  tests/helpers.py:");
        let (scene, _) = scene.split_once("#- healed\n").unwrap();
        check(&format!("{scene}#- healed\nno fix\n"));
    }
}
