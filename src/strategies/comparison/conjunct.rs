//! `assert a == 1 and b == 2`: which of the conditions failed, and what was printed of it.

use crate::syntax::{Node, Source, children};

use super::super::{Context, literals};

/// The condition that failed.
pub(super) struct Failed<'c> {
    pub(super) condition: Node<'c>,
    /// Its two sides as printed.
    pub(super) printed: (String, String),
}

/// The last condition that pytest printed of an `assert` of several with `and` between them: the ones before it held,
/// and those behind it were not asked.
pub(super) fn failed<'c>(ctx: &'c Context<'_>) -> Option<Failed<'c>> {
    let statement = ctx.statement().filter(|statement| statement.kind() == "assert_statement")?;
    let conditions = joined(ctx.source, literals::inner(statement.named_child(0)?));
    if conditions.len() < 2 {
        return None;
    }
    let asserted = ctx.message().lines().find_map(|line| line.strip_prefix("assert "))?;
    let printed = Source::parse(asserted.to_string());
    let whole = printed.root().named_child(0)?.named_child(0).filter(|_| !printed.root().has_error())?;
    let shown = joined(&printed, literals::inner(whole));
    let last = shown.last().filter(|last| last.kind() == "comparison_operator" && last.named_child_count() == 2)?;
    let condition = *conditions.get(shown.len() - 1)?;
    let operator = |source: &Source, node: Node<'_>| node.child(1).map(|operator| source.slice(operator).to_string());
    let is_it = condition.kind() == "comparison_operator"
        && operator(ctx.source, condition) == operator(&printed, *last)
        && !asserted.contains("...");
    let side = |index| last.named_child(index).map(|side| printed.slice(side).to_string());
    is_it.then_some(())?;
    Some(Failed { condition, printed: (side(0)?, side(1)?) })
}

/// The conditions with `and` between them, in their order; one that is alone is its own.
fn joined<'t>(source: &Source, condition: Node<'t>) -> Vec<Node<'t>> {
    let is_and = condition.kind() == "boolean_operator"
        && condition.child_by_field_name("operator").is_some_and(|operator| source.slice(operator) == "and");
    match is_and {
        true => children(condition).flat_map(|part| joined(source, literals::inner(part))).collect(),
        false => vec![condition],
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(asserted: &str, printed: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
LIMIT = 40
def limit():
    return LIMIT
def label():
    return "a label of the shop"
#- shop.py
LIMIT = 50
def limit():
    return LIMIT
def label():
    return "a label of the store"
#- tests/test_shop.py
from shop import label, limit

def test_limit():
    assert {asserted}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_limit __________________________________

    def test_limit():
>       assert {asserted}
E       assert ({printed})
E        +  where 50 = limit()

tests/test_shop.py:4: AssertionError
#- healed
{healed}
"#
        )
    }

    fn line(old: &str, new: &str) -> String {
        format!("-    assert {old}\n+    assert {new}")
    }

    #[test]
    fn the_condition_that_failed_changes() {
        let old = "limit() == 40 and label() == \"a label of the shop\"";
        check(&scene(old, "50 == 40", &line(old, &old.replace("40", "50"))));
        let old = "limit() == 50 and label() == \"a label of the shop\"";
        let printed = "50 == 50 and 'a label of the store' == 'a label of the shop'";
        check(&scene(old, printed, &line(old, &old.replace("shop", "store"))));
        let old = "limit() == 50 and \"of the shop\" in label()";
        let printed = "50 == 50 and 'of the shop' in 'a label of the store'";
        check(&scene(old, printed, &line(old, &old.replace("shop", "store"))));
    }

    #[test]
    fn what_is_asked_otherwise_or_is_gone_stays() {
        check(&scene("limit() == 40 or label() == \"x\"", "50 == 40 or 'a label of the store' == 'x'", "no fix"));
        check(&scene("limit() < 45 and label()", "50 < 45", "no fix"));
        check(&scene("limit() == 50 and label() == \"a label\"", "50 == 50 and None == 'a label'", "no fix"));
        check(&scene("limit() == 50 and label()", "50 == 50 and ''", "no fix"));
    }
}
