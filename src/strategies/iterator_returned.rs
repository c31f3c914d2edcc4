//! A function that gave a list gives an iterator now: what the test compares is the list of it.

use crate::diagnosis::complaint::PRINTED_ITERATORS;
use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;

use super::comparison::{Side, sides};
use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "iterator-returned",
    categories: &[Category::AssertionError],
    summary: "Compares the items of what became a generator, in their order.",
    example: r#"
#- before: shop.py
def names(cart):
    return [line.name for line in cart]
#- shop.py
def names(cart):
    for line in cart:
        yield line.name
#- tests/test_shop.py
from shop import names

def test_names():
    assert names([]) == []
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________

    def test_names():
>       assert names([]) == []
E       assert <generator object names at 0x7f00> == []

tests/test_shop.py:4: AssertionError
#- healed
-    assert names([]) == []
+    assert list(names([])) == []
"#,
    propose: iterator_returned,
};

fn iterator_returned(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = sides(ctx)?;
    let (iterator, other) = match (is_iterator(&left), is_iterator(&right)) {
        (true, false) => (left, right),
        (false, true) => (right, left),
        _ => return None,
    };
    let kind = match other.printed.trim_start().chars().next()? {
        '[' => "list",
        '(' => "tuple",
        _ => return None,
    };
    let mut evidence = vec![Evidence::hint(format!("the run gave {}", shown(&iterator.printed)))];
    let commit = became_iterator(ctx, iterator.node);
    let tier = if commit.is_some() { Tier::Safe } else { Tier::Review };
    evidence.extend(commit);
    fixes.push(Fix {
        title: format!("Compare `{kind}({})`", ctx.source.slice(iterator.node)),
        strategy: STRATEGY.id,
        edits: vec![
            Edit::insert(&ctx.site.path, iterator.node.start_byte(), format!("{kind}(")),
            Edit::insert(&ctx.site.path, iterator.node.end_byte(), ")"),
        ],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

fn is_iterator(side: &Side<'_>) -> bool {
    PRINTED_ITERATORS.iter().any(|start| side.printed.starts_with(start))
}

/// `<generator object names at 0x7f00>` without its address.
fn shown(printed: &str) -> &str {
    printed.split(" at 0x").next().unwrap_or(printed)
}

/// The commit that made a function which the expression calls give an iterator.
fn became_iterator(ctx: &Context<'_>, node: Node<'_>) -> Option<Evidence> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let gives = |lines: &[String]| {
        let words = ["yield ", "iter(", "map(", "filter(", "zip(", ".keys()", ".values()", ".items()"];
        lines.iter().any(|line| words.iter().any(|word| line.contains(word)) || is_generator_expression(line))
    };
    let calls = descendants(node).filter(|node| node.kind() == "call");
    let names = calls.filter_map(|call| locate::last_name(call.child_by_field_name("function")?));
    let mut names: Vec<&str> = names.map(|name| ctx.source.slice(name)).collect();
    names.dedup();
    names.into_iter().find_map(|name| {
        let defined = ctx.snapshot.definitions(name);
        let mut turned = hunks.iter().filter(|hunk| gives(&hunk.added) && !gives(&hunk.removed));
        let hunk = turned.find(|hunk| defined.iter().any(|symbol| symbol.path == hunk.path))?;
        let text = format!("`{name}` gives an iterator since {}:{} ({})", hunk.path, hunk.line, hunk.subject);
        Some(Evidence::commit(&hunk.commit, text))
    })
}

/// `return (line.name for line in cart)`
fn is_generator_expression(line: &str) -> bool {
    line.trim_start().strip_prefix("return (").is_some_and(|rest| rest.contains(" for "))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_generator_where_a_number_was_expected_is_no_fix() {
        check(
            r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
def total(cart):
    for line in cart:
        yield line
#- tests/test_shop.py
from shop import total

def test_total():
    assert total([]) == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([]) == 0
E       assert <generator object total at 0x7f00> == 0

tests/test_shop.py:4: AssertionError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn keys_of_a_mapping_in_a_test_that_reads_a_tuple() {
        check(
            r#"
#- before: shop.py
def names(cart):
    return tuple(cart)
#- shop.py
def names(cart):
    return cart.keys()
#- tests/test_shop.py
from shop import names

def test_names():
    assert ("a",) == names({"a": 1})
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________

    def test_names():
>       assert ("a",) == names({"a": 1})
E       AssertionError: assert ('a',) == dict_keys(['a'])

tests/test_shop.py:4: AssertionError
#- healed
-    assert ("a",) == names({"a": 1})
+    assert ("a",) == tuple(names({"a": 1}))
"#,
        );
    }
}
