//! A function that gave a list gives an iterator now: what the test compares is the list of it.

use crate::diagnosis::complaint::{meets_iterator, shows_iterator};
use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;

use super::comparison::{Side, sides};
use super::confidence::Odds;
use super::{Context, Strategy, callers};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "iterator-returned",
    categories: &[Category::AssertionError, Category::TypeError],
    summary: "Makes a list of what became a generator where the test compares, reads or runs through it.",
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
    if !meets_iterator(ctx.message()) {
        return None;
    }
    match ctx.complaint() {
        Complaint::NotRaised { .. } => never_run_through(ctx, fixes),
        _ if ctx.diagnosis.category == Category::TypeError => read_like_a_list(ctx, fixes),
        _ => compared(ctx, fixes).or_else(|| asked(ctx, fixes)),
    }
}

fn compared(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = sides(ctx)?;
    let seen = Evidence::hint(format!("the run gave {}", shown(&left.printed)));
    let (nodes, kind, seen) = match (shows_iterator(&left.printed), shows_iterator(&right.printed)) {
        (true, true) => (vec![left.node, right.node], "list", seen),
        (true, false) => (vec![left.node], kind(&right)?, seen),
        (false, true) => {
            (vec![right.node], kind(&left)?, Evidence::hint(format!("the run gave {}", shown(&right.printed))))
        }
        (false, false) => return None,
    };
    push(ctx, &nodes, kind, seen, fixes)
}

/// `assert not names(cart)`, `assertFalse(names(cart))`: every iterator is true. `assertListEqual` takes none.
fn asked(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let statement = ctx.statement()?;
    let node = match statement.kind() {
        "assert_statement" => {
            statement.named_child(0).filter(|node| node.kind() == "not_operator")?.child_by_field_name("argument")?
        }
        _ => {
            let call = statement.named_child(0).filter(|node| node.kind() == "call")?;
            let name = locate::last_name(call.child_by_field_name("function")?)?;
            let place = match (ctx.source.slice(name), ctx.message()) {
                ("assertFalse", _) => 0,
                ("assertListEqual", message) if message.starts_with("First sequence is not a list") => 0,
                ("assertListEqual", message) if message.starts_with("Second sequence is not a list") => 1,
                _ => return None,
            };
            call.child_by_field_name("arguments")?.named_child(place)?
        }
    };
    became_iterator(ctx, node)?;
    let message = ctx.message().lines().next().unwrap_or_default();
    push(ctx, &[node], "list", Evidence::hint(format!("the run says: {}", shown(message))), fixes)
}

/// `list` or `tuple`, as the other side is written.
fn kind(other: &Side<'_>) -> Option<&'static str> {
    match other.printed.trim_start().chars().next()? {
        '[' => Some("list"),
        '(' => Some("tuple"),
        _ => None,
    }
}

/// `with pytest.raises(E): names(cart)`: a generator that nobody asks raises nothing.
fn never_run_through(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let with = ctx.source.statement_at(ctx.site.statement.start).filter(|node| node.kind() == "with_statement")?;
    let mut block = children(with.child_by_field_name("body")?).filter(|node| node.kind() != "comment");
    let only = block.next().filter(|_| block.next().is_none())?;
    let call = only.named_child(0).filter(|node| only.kind() == "expression_statement" && node.kind() == "call")?;
    became_iterator(ctx, call)?;
    push(ctx, &[call], "list", Evidence::hint("nothing ran through what the call gave"), fixes)
}

/// `names(cart)[0]`, `len(found)` after `found = names(cart)`: where it is called, a list is made of it.
fn read_like_a_list(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let statement = ctx.statement()?;
    let read = descendants(statement).find_map(|node| match node.kind() {
        "subscript" => node.child_by_field_name("value"),
        "call" if node.child_by_field_name("function").is_some_and(|name| ctx.source.slice(name) == "len") => {
            node.child_by_field_name("arguments")?.named_child(0)
        }
        _ => None,
    })?;
    let made = match read.kind() {
        "identifier" => {
            let name = ctx.source.slice(read);
            let mut assigned = descendants(ctx.scope()).filter(|node| {
                node.kind() == "assignment"
                    && node.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == name)
            });
            assigned.next().filter(|_| assigned.next().is_none())?.child_by_field_name("right")?
        }
        _ => read,
    };
    if made.kind() != "call" {
        return None;
    }
    let message = ctx.message().lines().next().unwrap_or_default();
    push(ctx, &[made], "list", Evidence::hint(format!("the run says: {message}")), fixes)
}

/// Makes a `list` or `tuple` of each expression.
fn push(ctx: &Context<'_>, nodes: &[Node<'_>], kind: &str, seen: Evidence, fixes: &mut Vec<Fix>) -> Option<()> {
    let mut evidence = vec![seen];
    let commits: Vec<Evidence> = nodes.iter().filter_map(|node| became_iterator(ctx, *node)).collect();
    let is_done = commits.len() == nodes.len() && !nodes.iter().any(|node| is_half_done(ctx, *node));
    let tier = if is_done { Tier::Safe } else { Tier::Review };
    evidence.extend(commits);
    let around = |node: &Node<'_>| {
        [
            Edit::insert(&ctx.site.path, node.start_byte(), format!("{kind}(")),
            Edit::insert(&ctx.site.path, node.end_byte(), ")"),
        ]
    };
    fixes.push(Fix {
        title: format!("Make a `{kind}` of `{}`", ctx.source.slice(*nodes.first()?)),
        strategy: STRATEGY.id,
        edits: nodes.iter().flat_map(around).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// `<generator object names at 0x7f00>` without its address.
fn shown(printed: &str) -> &str {
    printed
        .split([" at 0x", "..."].into_iter().find(|cut| printed.contains(cut)).unwrap_or(" at 0x"))
        .next()
        .unwrap_or(printed)
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

/// Whether the product itself still takes what an expression calls for a list: drops it unread, reads it by place, asks
/// its length or truth, or runs through it twice.
fn is_half_done(ctx: &Context<'_>, node: Node<'_>) -> bool {
    let calls = descendants(node).filter(|node| node.kind() == "call");
    let called = calls.filter_map(|call| ctx.snapshot.callee(&ctx.site.path, call.byte_range()));
    let functions: Vec<_> = called.filter(|symbol| symbol.path.is_inside() && !symbol.path.is_test_code()).collect();
    functions.iter().any(|function| {
        callers::any_call(ctx, function, |_, source, call| match call.parent() {
            Some(parent) if parent.kind() == "assignment" => is_kept_for_more(source, parent),
            _ => is_taken_for_list(source, call) || is_dropped(call),
        })
    })
}

/// A call that is a statement of its own.
fn is_dropped(call: Node<'_>) -> bool {
    call.parent().is_some_and(|parent| parent.kind() == "expression_statement")
}

/// Whether an expression is read by place, asked its length or truth, or compared.
fn is_taken_for_list(source: &Source, read: Node<'_>) -> bool {
    let Some(parent) = read.parent() else { return false };
    match parent.kind() {
        "subscript" => parent.child_by_field_name("value") == Some(read),
        "argument_list" => {
            let function = parent.parent().and_then(|call| call.child_by_field_name("function"));
            function.is_some_and(|function| source.slice(function) == "len")
        }
        "not_operator" | "comparison_operator" | "boolean_operator" | "binary_operator" | "if_statement" => true,
        _ => false,
    }
}

/// Whether a variable that keeps the iterator is used more than once, or as a list.
fn is_kept_for_more(source: &Source, assignment: Node<'_>) -> bool {
    let Some(left) = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier") else {
        return false;
    };
    let function = source.function_at(assignment.start_byte()).unwrap_or_else(|| source.root());
    let uses = callers::uses_of(source, function, source.slice(left), left);
    uses.len() > 1 || uses.iter().any(|used| is_taken_for_list(source, *used))
}

/// `return (line.name for line in cart)`
fn is_generator_expression(line: &str) -> bool {
    line.trim_start().strip_prefix("return (").is_some_and(|rest| rest.contains(" for "))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[track_caller]
    fn asked(gives: &str, line: &str, error: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def lines(cart):
    return [line for line in cart]
#- shop.py
def lines(cart):
    {gives}
#- tests/test_shop.py
import unittest
from shop import lines

class TestShop(unittest.TestCase):
    def test_lines(self):
        {line}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_lines ______________________________

self = <test_shop.TestShop testMethod=test_lines>

    def test_lines(self):
>       {line}
E       AssertionError: {error}

tests/test_shop.py:6: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn an_iterator_is_never_false_and_no_list() {
        let (gives, printed) = ("yield from cart", "<generator object lines at 0x7f7d68d5a8e0>");
        let healed = |line: &str, new: &str| format!("-        {line}\n+        {new}");
        let (line, new) = ("self.assertFalse(lines([]))", "self.assertFalse(list(lines([])))");
        asked(gives, line, &format!("{printed} is not false"), &healed(line, new));
        let (line, new) = ("assert not lines([])", "assert not list(lines([]))");
        asked(gives, line, &format!("assert not {printed}"), &healed(line, new));
        let (line, new) = ("self.assertListEqual(lines([]), [])", "self.assertListEqual(list(lines([])), [])");
        asked(gives, line, &format!("First sequence is not a list: {printed}"), &healed(line, new));
        // Something that was there before is no news.
        let line = "self.assertFalse(lines([1]))";
        asked("return [line for line in cart if line]", line, &format!("{printed} is not false"), "no fix");
    }

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
    fn what_unittest_prints_need_not_be_python() {
        check(
            r#"
#- before: shop.py
def lines(cart):
    return [line for line in cart]
#- shop.py
def lines(cart):
    for line in cart:
        yield line
#- tests/test_shop.py
import unittest
from shop import Line, lines

class TestShop(unittest.TestCase):
    def test_lines(self):
        tea = Line("tea", 3)
        self.assertEqual([tea], lines([tea]))
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_lines ______________________________

self = <test_shop.TestShop testMethod=test_lines>

    def test_lines(self):
        tea = Line("tea", 3)
>       self.assertEqual([tea], lines([tea]))
E       AssertionError: [Line(tea, , 3)] != <generator object lines at 0x7f7d68d5a8e0>

tests/test_shop.py:7: AssertionError
#- healed
-        self.assertEqual([tea], lines([tea]))
+        self.assertEqual([tea], list(lines([tea])))
"#,
        );
    }

    #[test]
    fn a_generator_that_nobody_asks_raises_nothing() {
        check(
            r#"
#- before: shop.py
def names(cart):
    if cart is None:
        raise ValueError("no cart")
    return [line.name for line in cart]
#- shop.py
def names(cart):
    if cart is None:
        raise ValueError("no cart")
    for line in cart:
        yield line.name
#- tests/test_shop.py
import pytest
from shop import names

def test_names():
    with pytest.raises(ValueError):
        names(None)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________

    def test_names():
>       with pytest.raises(ValueError):
E       Failed: DID NOT RAISE <class 'ValueError'>

tests/test_shop.py:5: Failed
#- healed
-        names(None)
+        list(names(None))
"#,
        );
    }

    #[test]
    fn what_a_test_reads_by_its_place_is_made_a_list() {
        check(
            r#"
#- before: shop.py
def names(cart):
    return [line.name for line in cart]
#- shop.py
def names(cart):
    for line in cart:
        yield line.name
#- tests/test_shop.py
from shop import names

def test_names(cart):
    found = names(cart)
    assert len(found) == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________

    def test_names(cart):
        found = names(cart)
>       assert len(found) == 2
E       TypeError: object of type 'generator' has no len()

tests/test_shop.py:5: TypeError
#- healed
-    found = names(cart)
+    found = list(names(cart))
"#,
        );
    }

    #[test]
    fn what_is_read_by_place_was_made_of_a_text() {
        check(
            r#"
#- before: shop.py
def lines(text):
    return [part.strip() for part in text.split(",")]
#- shop.py
def lines(text):
    for part in text.split(","):
        yield part.strip()
#- tests/test_shop.py
from shop import lines

def test_lines():
    found = lines("a, b")
    assert found[0] == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_lines __________________________________

    def test_lines():
        found = lines("a, b")
>       assert found[0] == "a"
E       TypeError: 'generator' object is not subscriptable

tests/test_shop.py:5: TypeError
#- healed
-    found = lines("a, b")
+    found = list(lines("a, b"))
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
