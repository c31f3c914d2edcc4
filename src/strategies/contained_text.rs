//! A text that has to stand in a longer one (`in`, `assertIn`, `startswith`) and stands there otherwise now.

mod matched;

use std::collections::BTreeSet;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::tokens::string_body;
use crate::syntax::{Node, children};

use super::comparison::{self, Place, Side};
use super::confidence::Odds;
use super::expected_value::{seen, short};
use super::literals::{self, Printed};
use super::provenance::{self, Provenance};
use super::{Context, Strategy, patterns, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "contained-text",
    categories: &[Category::AssertionError],
    summary: "Updates a text that has to be in a longer one to the part of it that is most like it, as a proposal for a person.",
    example: r#"
#- shop.py
def bill(cart):
    return "Bill of today\n- total: {'apples': 2}\n"
#- tests/test_bill.py
from shop import bill

def test_bill():
    assert $0"- total: {apples: 2}" in bill(["apple"] * 2)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       assert "- total: {apples: 2}" in bill(["apple"] * 2)
E       assert '- total: {apples: 2}' in "Bill of today\n- total: {'apples': 2}\n"
E        +  where "Bill of today\n- total: {'apples': 2}\n" = bill((['apple'] * 2))

tests/test_bill.py:4: AssertionError
#- healed
-    assert "- total: {apples: 2}" in bill(["apple"] * 2)
+    assert "- total: {'apples': 2}" in bill(["apple"] * 2)
"#,
    propose: contained_text,
};

fn contained_text(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    in_value(ctx, fixes).or_else(|| matched::in_lines(ctx, fixes))
}

/// `assert "text" in actual`: the text as it stands in the actual one now, where the product shows the change.
fn in_value(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (left, actual, place) = comparison::placed(ctx)?;
    let node = comparison::declaration(ctx, &left)?;
    let printed = Printed::parse(&actual)?;
    let (node, (new, told)) = match literals::string_value(ctx.source, node) {
        Some(old) => (node, in_text(ctx, &old, &printed, place)?),
        None => in_row(ctx, &left, node, &printed)?,
    };
    fixes.push(expecting(ctx, node, &new, seen(&printed), told)?);
    Some(())
}

/// The fix that writes the text `new` where the test writes `node`.
fn expecting(ctx: &Context<'_>, node: Node<'_>, new: &str, seen: Evidence, told: Provenance) -> Option<Fix> {
    let change = literals::with_text(ctx.source, node, new)?;
    let mut evidence = vec![seen];
    evidence.extend(told.evidence);
    Some(Fix {
        title: format!("Expect {} in it", short(new)),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(node.byte_range(), change)],
        confidence: Odds::of(&evidence).doubt(told.doubt).confidence(),
        evidence,
        tier: if told.is_certain { Tier::Safe } else { Tier::Review },
    })
}

/// What became of `old` in a text that was printed, or in a list of texts.
fn in_text(ctx: &Context<'_>, old: &str, printed: &Printed, place: Place) -> Option<(String, Provenance)> {
    match literals::string_value(printed.source(), printed.node()?) {
        Some(actual) if place.holds(old, &actual) => None,
        Some(actual) => said(ctx, old, &actual, place).or_else(|| renamed(ctx, old, &actual, place)),
        None => listed(ctx, old, printed),
    }
}

/// The text in a tuple, and what became of it in the one tuple of a printed list that differs in nothing else.
fn in_row<'c>(
    ctx: &Context<'_>,
    left: &Side<'_>,
    written: Node<'c>,
    printed: &Printed,
) -> Option<(Node<'c>, (String, Provenance))> {
    let was = Printed::parse(&left.printed)?;
    let list = printed.node().filter(|node| matches!(node.kind(), "list" | "tuple" | "set"))?;
    let olds: Vec<Node<'_>> = was.node().filter(|node| node.kind() == "tuple").map(|node| children(node).collect())?;
    let changed = |row: Node<'_>| {
        let news: Vec<Node<'_>> = children(row).collect();
        let is_row = row.kind() == "tuple" && news.len() == olds.len();
        let is_same = |at: &usize| literals::same(was.source(), olds[*at], printed.source(), news[*at]);
        let mut others = (0..olds.len()).filter(|at| is_row && !is_same(at));
        let at = others.next().filter(|_| others.next().is_none())?;
        let old = literals::string_value(was.source(), olds[at])?;
        Some((at, old, literals::string_value(printed.source(), news[at])?))
    };
    let mut rows = children(list).filter_map(changed);
    let (at, old, new) = rows.next().filter(|_| rows.next().is_none())?;
    let parts = children(written).filter(|node| written.kind() == "tuple" && node.kind() != "comment");
    let node = parts.map(literals::inner).nth(at)?;
    let told = provenance::of_text(ctx, &old, &new);
    let is_it = literals::string_value(ctx.source, node)? == old && !names_the_machine(ctx, &new, &old);
    (is_it && !told.evidence.is_empty() && !told::is_call_at_fault(ctx)).then_some((node, (new, told)))
}

/// The part of `actual` that stands where `old` stood, and what is told of it: by the product's own change, else by
/// nearly all the words of `old` in a row.
fn said(ctx: &Context<'_>, old: &str, actual: &str, place: Place) -> Option<(String, Provenance)> {
    let is_fit = |new: &String| actual.contains(new) && !names_the_machine(ctx, new, old);
    let is_part = |new: &String| new.len() <= old.len() * 2 + 20;
    let new = place.reach(patterns::part_like(old, actual).filter(is_fit)?, actual).filter(is_part)?;
    let mut told = provenance::of_text(ctx, old, &new);
    if !told.is_certain {
        told.strengthen(told::told(ctx), old, &new);
    }
    if told.evidence.is_empty() {
        let is_near =
            patterns::nearest(old, actual).is_some_and(|near| place.reach(near, actual).as_ref() == Some(&new));
        let is_known = !product::asks_the_machine(ctx.snapshot, &ctx.site.path) && !told::is_call_at_fault(ctx);
        (is_near && is_known).then_some(())?;
        told.doubt = 0.4;
    }
    Some((new, told))
}

/// The literal that the product writes in the place of `old` since a commit, where it stands in `actual` so.
fn renamed(ctx: &Context<'_>, old: &str, actual: &str, place: Place) -> Option<(String, Provenance)> {
    let body = |text: &str| string_body(text).unwrap_or(text).to_string();
    let changes = ctx.snapshot.history().literal_changes(old).into_iter().filter(|change| body(&change.old) == old);
    let news: BTreeSet<String> = changes.map(|change| body(&change.new)).collect();
    let mut news = news.into_iter().filter(|new| !new.trim().is_empty() && place.holds(new, actual));
    let new = news.next().filter(|new| news.next().is_none() && !names_the_machine(ctx, new, old))?;
    let mut told = provenance::of_text(ctx, old, &new);
    if !told.is_certain {
        told.strengthen(told::told(ctx), old, &new);
    }
    (!told.evidence.is_empty() && !told::is_call_at_fault(ctx)).then_some((new, told))
}

/// The one text of a printed list that took the place of `old`, where the product's own change says so: what only is
/// like it may be another one, and `old` be missing.
fn listed(ctx: &Context<'_>, old: &str, printed: &Printed) -> Option<(String, Provenance)> {
    let list = printed.node().filter(|node| matches!(node.kind(), "list" | "tuple" | "set"))?;
    let texts: Vec<String> = children(list).filter_map(|item| literals::string_value(printed.source(), item)).collect();
    let is_successor = |new: &&String| !provenance::of_text(ctx, old, new).evidence.is_empty();
    let mut successors = texts.iter().filter(|new| !names_the_machine(ctx, new, old)).filter(is_successor);
    let (Some(new), None) = (successors.next(), successors.next()) else { return None };
    // A list that names it twice, or held it beside what it is now.
    (texts.iter().filter(|text| *text == new).count() == 1 && !told::is_call_at_fault(ctx)).then_some(())?;
    let mut told = provenance::of_text(ctx, old, new);
    if !told.is_certain {
        told.strengthen(told::told(ctx), old, new);
    }
    Some((new.clone(), told))
}

fn names_the_machine(ctx: &Context<'_>, new: &str, old: &str) -> bool {
    ctx.snapshot.machine_in(new, old).is_some()
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_word_for_which_the_product_has_another() {
        let scene = |after: &str, actual: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
LOGIN = "/login"
def page():
    return "go to " + LOGIN
#- shop.py
LOGIN = "{after}"
def page():
    return "go to " + LOGIN
#- tests/test_shop.py
from shop import page

def test_page():
    assert "/login" in page()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_page ___________________________________

    def test_page():
>       assert "/login" in page()
E       AssertionError: assert '/login' in '{actual}'
E        +  where '{actual}' = page()

tests/test_shop.py:4: AssertionError
#- healed
{healed}
"#
            )
        };
        let healed = "-    assert \"/login\" in page()\n+    assert \"/signin\" in page()";
        check(&scene("/signin", "go to /signin", healed));
        check(&scene("/signin", "go nowhere", "no fix"));
        check(&scene("", "go to ", "no fix"));
        check(&scene(" ", "go to  ", "no fix"));
    }

    #[test]
    fn a_text_of_a_tuple_in_a_list() {
        let scene = |actual: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
import logging
log = logging.getLogger("shop")
def sell():
    log.warning("the stock is low")
#- shop.py
import logging
log = logging.getLogger("shop")
def sell():
    log.warning("the stock is running low")
#- tests/test_shop.py
import logging
from shop import sell

def test_sell(caplog):
    sell()
    assert ("shop", logging.WARNING, "the stock is low") in caplog.record_tuples
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_sell ___________________________________

    def test_sell(caplog):
        sell()
>       assert ("shop", logging.WARNING, "the stock is low") in caplog.record_tuples
E       AssertionError: assert ('shop', 30, 'the stock is low') in {actual}
E        +  where {actual} = <_pytest.logging.LogCaptureFixture object at 0x7f8c018939c0>.record_tuples

tests/test_shop.py:6: AssertionError
#- healed
{healed}
"#
            )
        };
        let line = |text: &str| format!("    assert (\"shop\", logging.WARNING, \"{text}\") in caplog.record_tuples");
        let healed = format!("-{}\n+{}", line("the stock is low"), line("the stock is running low"));
        check(&scene("[('shop', 30, 'the stock is running low')]", &healed));
        // Another level, another text, none at all.
        check(&scene("[('shop', 20, 'the stock is running low')]", "no fix"));
        check(&scene("[('shop', 30, 'sold out')]", "no fix"));
        check(&scene("[]", "no fix"));
    }

    #[test]
    fn a_text_of_a_list_that_the_product_changed() {
        let scene = |actual: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
FRUIT = ["a ripe apple", "a ripe pear"]
def fruit():
    return list(FRUIT)
#- shop.py
FRUIT = ["a ripe apple", "a green pear"]
def fruit():
    return list(FRUIT)
#- tests/test_shop.py
from shop import fruit

def test_fruit():
    assert "a ripe pear" in fruit()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fruit __________________________________

    def test_fruit():
>       assert "a ripe pear" in fruit()
E       AssertionError: assert 'a ripe pear' in {actual}
E        +  where {actual} = fruit()

tests/test_shop.py:4: AssertionError
#- healed
{healed}
"#
            )
        };
        let healed = "-    assert \"a ripe pear\" in fruit()\n+    assert \"a green pear\" in fruit()";
        check(&scene("['a ripe apple', 'a green pear']", healed));
        check(&scene("['a ripe apple']", "no fix"));
        check(&scene("['a ripe apple', 'a ripe peach']", "no fix"));
        check(&scene("['a green pear', 'a green pear']", "no fix"));
        check(&scene("[]", "no fix"));
    }

    #[test]
    fn a_text_that_stands_in_it_otherwise() {
        let scene = |before: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
def total():
    return "{before}"
#- shop.py
def total():
    return "a reference to x is missing"
#- tests/test_shop.py
def test_total():
    assert "a relative path to x" in total()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

>   assert "a relative path to x" in total()
E   AssertionError: assert 'a relative path to x' in 'a reference to x is missing'

tests/test_shop.py:2: AssertionError
#- healed
{healed}
"#
            )
        };
        let healed = "-    assert \"a relative path to x\" in total()\n+    assert \"a reference to x\" in total()";
        check(&scene("a relative path to x is missing", healed));
        check(&scene("no word of it", "no fix"));
    }

    #[test]
    fn the_part_of_a_long_text_that_is_nearly_the_same() {
        let scene = |text: &str, healed: &str| {
            format!(
                r#"
#- tests/test_shop.py
class TestShop(TestCase):
    def test_total(self):
        self.assertIn("{text}", total())
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_total ______________________________

    def test_total(self):
>       self.assertIn("{text}", total())
E       AssertionError: '{text}' not found in "refused: the body {{'id': 'bad'}} is not {{'id': 'good'}} as wanted"

tests/test_shop.py:3: AssertionError
#- healed
{healed}
"#
            )
        };
        let line = |text: &str| format!("        self.assertIn(\"{text}\", total())");
        let (old, new) = ("the body {id: bad} is not {id: good}", "the body {'id': 'bad'} is not {'id': 'good'}");
        check(&scene(old, &format!("-{}\n+{}", line(old), line(new))));
        check(&scene("the order is empty", "no fix"));
    }
}
