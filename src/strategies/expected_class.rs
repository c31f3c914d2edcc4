//! `isinstance(x, OldWarning)` and its like: the product gives another class now, and its history shows which.

use crate::diagnosis::Category;
use crate::diagnosis::product;
use crate::fix::{Fix, Tier};
use crate::syntax::{Node, descendants};

use super::confidence::Odds;
use super::{Context, Strategy, provenance, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-class",
    categories: &[Category::AssertionError],
    summary: "Expects the exception or warning class that the product puts in the place of the old one.",
    example: r#"
#- before: shop.py
import warnings

def order():
    """Emits a FutureWarning."""
    warnings.warn("old", FutureWarning)
#- shop.py
import warnings

def order():
    """Emits a DeprecationWarning."""
    warnings.warn("old", DeprecationWarning)
#- tests/test_order.py
import warnings
from shop import order

def test_order():
    with warnings.catch_warnings(record=True) as caught:
        order()
    assert $0issubclass(caught[0].category, FutureWarning)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with warnings.catch_warnings(record=True) as caught:
            order()
>       assert issubclass(caught[0].category, FutureWarning)
E       AssertionError: assert False
E        +  where False = issubclass(DeprecationWarning, FutureWarning)

tests/test_order.py:7: AssertionError
#- healed
-    assert issubclass(caught[0].category, FutureWarning)
+    assert issubclass(caught[0].category, DeprecationWarning)
"#,
    propose: expected_class,
};

fn expected_class(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let statement = ctx.statement().filter(|node| node.kind() == "assert_statement")?;
    for node in descendants(statement).filter(|node| is_expected(ctx, *node)) {
        let old = ctx.source.slice(node);
        for new in successors(ctx, old) {
            let mut told = provenance::of(ctx, old, &new);
            if !told.is_certain && !told.evidence.is_empty() {
                told.strengthen(told::told(ctx), old, &new);
            }
            fixes.push(Fix {
                title: format!("Expect `{new}` instead of `{old}`"),
                strategy: STRATEGY.id,
                edits: vec![ctx.replace(node.byte_range(), &new)],
                confidence: Odds::of(&told.evidence).doubt(if told.is_certain { told.doubt } else { 0.4 }).confidence(),
                evidence: told.evidence,
                tier: if told.is_certain { Tier::Safe } else { Tier::Review },
            });
        }
    }
    Some(())
}

/// The second argument of `isinstance` and `issubclass`, a side of `is` or `==`: the name of an exception.
fn is_expected(ctx: &Context<'_>, node: Node<'_>) -> bool {
    let compared = node.parent().is_some_and(|parent| match parent.kind() {
        "comparison_operator" => true,
        "argument_list" => parent.prev_sibling().is_some_and(|function| {
            matches!(ctx.source.slice(function), "isinstance" | "issubclass") && parent.named_child(1) == Some(node)
        }),
        _ => false,
    });
    compared && node.kind() == "identifier" && is_exception(ctx.source.slice(node))
}

fn is_exception(name: &str) -> bool {
    ["Warning", "Error", "Exception"].iter().any(|end| name.ends_with(end) && name.starts_with(char::is_uppercase))
}

/// The exceptions that hunks of the product brought where they took `old` away.
fn successors(ctx: &Context<'_>, old: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for hunk in product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| hunk.is_python()) {
        let words = hunk.added.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        for new in words.filter(|word| is_exception(word) && *word != old && hunk.replaces(old, word)) {
            if !found.iter().any(|known| known == new) {
                found.push(new.to_string());
            }
        }
    }
    found.truncate(2);
    found
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_class_that_nothing_in_the_product_replaced_stays() {
        check(
            r#"
#- before: shop.py
def order():
    raise KeyError("sku")
#- shop.py
def order():
    raise KeyError("no sku")
#- tests/test_order.py
def test_order(caught):
    assert isinstance(caught, ValueError)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(caught):
>       assert isinstance(caught, ValueError)
E       assert False
E        +  where False = isinstance(KeyError('no sku'), ValueError)

tests/test_order.py:2: AssertionError
#- healed
no fix
"#,
        );
    }
}
