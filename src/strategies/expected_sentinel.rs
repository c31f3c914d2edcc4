//! An expected `None` (or another literal) where the product gives a named object now: `Undefined`, `UNSET`.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::text::Edit;
use crate::workspace::words::occurrences;

use super::comparison::{self, Side};
use super::confidence::{Odds, TOLD};
use super::expected_exception::reachable;
use super::{Context, Strategy, imports, literals, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-sentinel",
    categories: &[Category::AssertionError],
    summary: "Expects the named object that the product gives where the test expects a literal, as a proposal for a person.",
    example: r#"
#- before: shop.py
def price(text):
    return int(text) if text.isdigit() else None
#- shop.py
class Missing:
    def __repr__(self):
        return "MISSING"

MISSING = Missing()

def price(text):
    return int(text) if text.isdigit() else MISSING
#- tests/test_price.py
from shop import price

def test_price():
    assert $0price("x") is None
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_price __________________________________

    def test_price():
>       assert price("x") is None
E       AssertionError: assert MISSING is None
E        +  where MISSING = price('x')

tests/test_price.py:4: AssertionError
#- healed
-from shop import price
+from shop import MISSING, price
-    assert price("x") is None
+    assert price("x") is MISSING
"#,
    propose: expected_sentinel,
};

/// How such objects print themselves: `Undefined`, `<UNSET>`.
static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^<?([A-Za-z_][A-Za-z0-9_]*)>?$").expect("the pattern is written here"));

fn expected_sentinel(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (literal, _, actual) = comparison::one_side(ctx, |side| scalar(side))?;
    let name = NAME.captures(actual.printed.trim())?.get(1)?.as_str();
    if matches!(name, "None" | "True" | "False" | "nan" | "inf") {
        return None;
    }
    // A method prints itself by its bare name.
    if locate::last_name(actual.node).is_some_and(|read| ctx.source.slice(read) == name) {
        return None;
    }
    let brings = |hunk: &product::Hunk| hunk.added.iter().any(|line| occurrences(line, name).next().is_some());
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path)
        .into_iter()
        .find(|hunk| hunk.path.as_str().ends_with(".py") && brings(hunk))?;
    let import = match reachable(ctx, literal, name) {
        Some((_, import)) => import,
        None => Some(taken_from(ctx, name, &hunk)?),
    };
    let told = told::told(ctx);
    let text = format!("{}:{} brings `{name}` ({})", hunk.path, hunk.line, hunk.subject);
    let mut evidence = vec![
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run gave {name}")) },
        Evidence::commit(&hunk.commit, text),
    ];
    let doubt = if told.is_some() { TOLD } else { 0.0 };
    evidence.extend(told.into_iter().flat_map(|told| told.evidence));
    fixes.push(Fix {
        title: format!("Expect `{name}`"),
        strategy: STRATEGY.id,
        edits: std::iter::once(ctx.replace(literal.byte_range(), name)).chain(import).collect(),
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

fn scalar<'c>(side: &Side<'c>) -> Option<Node<'c>> {
    let node = literals::inner(side.node);
    matches!(node.kind(), "none" | "string" | "integer" | "float" | "true" | "false").then_some(node)
}

/// The import that gives the test the object from where the product has it.
fn taken_from(ctx: &Context<'_>, name: &str, hunk: &product::Hunk) -> Option<Edit> {
    let source = ctx.snapshot.source(&hunk.path)?;
    let item = imports::imports(&source).into_iter().find(|item| item.local == name)?;
    let is_plain = item.name.as_deref() == Some(name) && !item.module.starts_with('.');
    is_plain.then(|| imports::add(ctx, &item.module, Some(name)))?
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(after: &str, actual: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def price(text):
    return None
#- shop.py
{after}
#- tests/test_price.py
import shop

def test_price():
    assert shop.price("x") is None
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_price __________________________________

    def test_price():
>       assert shop.price("x") is None
E       AssertionError: assert {actual} is None
E        +  where {actual} = price('x')

tests/test_price.py:4: AssertionError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn what_the_product_takes_from_a_package_comes_from_there() {
        let after = "from graphql import Undefined\n\ndef price(text):\n    return Undefined";
        let healed = "+from graphql import Undefined\n+\n-    assert shop.price(\"x\") is None\n+    assert shop.price(\"x\") is Undefined";
        check(&scene(after, "Undefined", healed));
    }

    #[test]
    fn a_name_that_no_commit_brought_is_no_fix() {
        check(&scene("def price(text):\n    return text or UNSET", "Undefined", "no fix"));
        check(&scene("def price(text):\n    return other()  # Undefined", "Undefined", "no fix"));
    }

    #[test]
    fn a_method_that_prints_its_name_is_no_named_object() {
        let after = "def price(text):\n    return Cart().total\n\nclass Cart:\n    def total(self):\n        return 1";
        check(&scene(after, "total", "no fix"));
    }
}
