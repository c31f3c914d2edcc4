//! A function that gives a list of what it gave: the test expects a list of one.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::text::Edit;
use crate::workspace::words::occurrences;

use super::comparison::{self, Side, sides};
use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "result-wrapped",
    categories: &[Category::AssertionError],
    summary: "Expects a list of the one value where the product gives a list of it now, for a person to accept.",
    example: r#"
#- before: shop.py
def find(cart, sku):
    for line in cart:
        if line == sku:
            return line
#- shop.py
def find(cart, sku):
    return [line for line in cart if line == sku]
#- tests/test_shop.py
from shop import find

def test_find():
    sku = "tea"
    assert find(["tea", "jam"], sku) == sku
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_find ___________________________________

    def test_find():
        sku = "tea"
>       assert find(["tea", "jam"], sku) == sku
E       AssertionError: assert ['tea'] == 'tea'
E        +  where ['tea'] = find(['tea', 'jam'], 'tea')

tests/test_shop.py:5: AssertionError
#- healed
-    assert find(["tea", "jam"], sku) == sku
+    assert find(["tea", "jam"], sku) == [sku]
"#,
    propose: result_wrapped,
};

fn result_wrapped(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = sides(ctx)?;
    let (expected, actual, (open, close)) = match (brackets(&left, &right), brackets(&right, &left)) {
        (Some(pair), _) => (left, right, pair),
        (_, Some(pair)) => (right, left, pair),
        _ => return None,
    };
    // A literal is a value of its own.
    let is_literal = matches!(expected.node.kind(), "string" | "integer" | "float" | "list" | "tuple" | "dictionary");
    if is_literal && (open, close) != FROZEN {
        return None;
    }
    let changed = changed(ctx, actual.node)?;
    let evidence = vec![
        changed,
        Evidence {
            kind: EvidenceKind::Runtime,
            ..Evidence::hint(format!("the run gave {}", super::expected_value::short(&actual.printed)))
        },
    ];
    let text = ctx.source.slice(expected.node);
    fixes.push(Fix {
        title: format!("Expect `{open}{text}{close}`"),
        strategy: STRATEGY.id,
        edits: vec![
            Edit::insert(&ctx.site.path, expected.node.start_byte(), open),
            Edit::insert(&ctx.site.path, expected.node.end_byte(), close),
        ],
        confidence: Odds::of(&evidence).doubt(0.4).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// No literal of Python's own is one.
const FROZEN: (&str, &str) = ("frozenset({", "})");

/// The brackets that are around `one` in `many`, as printed, possibly cut in the middle.
fn brackets(one: &Side<'_>, many: &Side<'_>) -> Option<(&'static str, &'static str)> {
    [("[", "]"), ("(", ",)"), ("{", "}"), FROZEN].into_iter().find(|(open, close)| {
        let inner = many.printed.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| inner == one.printed || is_cut_alike(inner, &one.printed))
    })
}

/// `'/tmp/a...r.py'` and `'/tmp/abc...r.py'`: both begin and end alike.
fn is_cut_alike(a: &str, b: &str) -> bool {
    let (Some((a_head, a_tail)), Some((b_head, b_tail))) = (a.split_once("..."), b.split_once("...")) else {
        return false;
    };
    let head = a_head.starts_with(b_head) || b_head.starts_with(a_head);
    let tail = a_tail.ends_with(b_tail) || b_tail.ends_with(a_tail);
    head && tail && a_head.len().min(b_head.len()) > 3 && !a.contains("', '")
}

/// The commit that touched the file of a function which made the value.
fn changed(ctx: &Context<'_>, node: Node<'_>) -> Option<Evidence> {
    let name = comparison::maker(ctx, node)?;
    let defined = ctx.snapshot.definitions(name);
    let many = |lines: &[String]| {
        lines.iter().any(|line| {
            ["[", "append(", "list(", "set("].iter().any(|word| line.contains(word))
                || occurrences(line, "tuple").next().is_some()
        })
    };
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path)
        .into_iter()
        .find(|hunk| hunk.is_python() && many(&hunk.added) && defined.iter().any(|symbol| symbol.path == hunk.path))?;
    let text = format!("`{name}` gives several since {}:{} ({})", hunk.path, hunk.line, hunk.subject);
    Some(Evidence::commit(&hunk.commit, text))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_list_of_two_is_no_list_of_the_one() {
        check(
            r#"
#- before: shop.py
def find(cart, sku):
    for line in cart:
        if line == sku:
            return line
#- shop.py
def find(cart, sku):
    return [line for line in cart]
#- tests/test_shop.py
from shop import find

def test_find(sku):
    assert find(["tea", "jam"], sku) == sku
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_find ___________________________________

sku = 'tea'

    def test_find(sku):
>       assert find(["tea", "jam"], sku) == sku
E       AssertionError: assert ['tea', 'jam'] == 'tea'
E        +  where ['tea', 'jam'] = find(['tea', 'jam'], 'tea')

tests/test_shop.py:4: AssertionError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn an_attribute_that_became_a_frozen_set_of_the_one() {
        check(
            r#"
#- before: shop.py
class Item:
    def __init__(self, kind="main"):
        self.kind = kind
#- shop.py
class Item:
    def __init__(self, kind="main"):
        self.kind = frozenset([kind])
#- tests/test_item.py
from shop import Item

def test_kind():
    assert Item("dev").kind == "dev"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_kind ___________________________________

    def test_kind():
>       assert Item("dev").kind == "dev"
E       AssertionError: assert frozenset({'dev'}) == 'dev'
E        +  where frozenset({'dev'}) = <shop.Item object at 0x7f0000000000>.kind

tests/test_item.py:4: AssertionError
#- healed
-    assert Item("dev").kind == "dev"
+    assert Item("dev").kind == frozenset({"dev"})
"#,
        );
    }
}
