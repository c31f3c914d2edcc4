//! A function that the callers reach another way now and give what they gave: `load(x)` became `Loader().load(x)`.

use std::ops::Range;

use crate::strategies::{Context, calls, carried, imports, names};
use crate::syntax::{Node, Source, descendants};
use crate::text::Edit;
use crate::workspace::history::Migration;

/// What is called, before and after.
struct Callee {
    before: String,
    after: String,
}

/// The edits that make the calls in `range`, and those that fail alike, as the example makes its own.
pub(super) fn edits(ctx: &Context<'_>, example: &Migration, range: &Range<usize>) -> Option<Vec<Edit>> {
    let callee = learn(example)?;
    let is_called = |node: &Node<'_>| {
        node.kind() == "call"
            && node.child_by_field_name("function").is_some_and(|called| ctx.source.slice(called) == callee.before)
    };
    let inside = |node: &Node<'_>| node.start_byte() < range.end && range.start < node.end_byte();
    if let Some(call) = descendants(ctx.source.root()).filter(is_called).find(inside) {
        let mut all = calls::failing_alike(ctx, call);
        all.push(call);
        let mut edits = called_so(ctx, &all, &callee)?;
        edits.extend(carried::imports_for(ctx, &callee.after, &example.path)?);
        return Some(edits);
    }
    imported(ctx, example, range, &callee)
}

/// Whether the example reaches `name` another way now.
pub(super) fn replaces(example: &Migration, name: &str) -> bool {
    learn(example).is_some_and(|callee| callee.before.rsplit('.').next() == Some(name))
}

/// The import of the function fails: every use of it is a call that changes with it.
fn imported(ctx: &Context<'_>, example: &Migration, range: &Range<usize>, callee: &Callee) -> Option<Vec<Edit>> {
    let all = imports::imports(ctx.source);
    let is_it = |item: &&imports::Imported| {
        item.statement == *range && item.local == callee.before && item.name.as_deref() == Some(&item.local)
    };
    let item = all.iter().find(is_it)?;
    let uses = names::uses(ctx.source, &item.local);
    let called: Vec<Node<'_>> = uses
        .iter()
        .filter_map(|range| ctx.source.node_at(range.clone()))
        .map(|node| {
            let is_called = |call: &Node<'_>| call.child_by_field_name("function") == Some(node);
            node.parent().filter(|call| call.kind() == "call").filter(is_called)
        })
        .collect::<Option<Vec<_>>>()?;
    if called.is_empty() {
        return None;
    }
    let mut edits = called_so(ctx, &called, callee)?;
    let parsed = Source::parse(callee.after.as_str());
    let first = carried::free_names(&parsed).map(|node| parsed.slice(node)).next()?;
    let home = carried::home(ctx, first, &example.path)?;
    let is_bound = all.iter().any(|other| other.local == first);
    if !is_bound && home == (item.module.clone(), Some(first.to_string())) {
        carried::imports_for(ctx, &callee.after, &example.path)?;
        edits.push(ctx.replace(item.name_range.clone(), first));
    } else {
        edits.extend(imports::remove(ctx.source, &ctx.site.path, item));
        edits.extend(carried::imports_for(ctx, &callee.after, &example.path)?);
    }
    Some(edits)
}

fn called_so(ctx: &Context<'_>, calls: &[Node<'_>], callee: &Callee) -> Option<Vec<Edit>> {
    let edit =
        |call: &Node<'_>| Some(ctx.replace(call.child_by_field_name("function")?.byte_range(), callee.after.clone()));
    calls.iter().map(edit).collect()
}

/// The one call of the example that is made another way, where nothing else of the statement changed.
fn learn(example: &Migration) -> Option<Callee> {
    let (before, after) = (Source::parse(example.before.as_str()), Source::parse(example.after.as_str()));
    let compact = |text: &str| text.split_whitespace().collect::<String>();
    let whole = compact(after.text());
    let parts = |source: &Source, call: Node<'_>| {
        let part = |field| Some(source.slice(call.child_by_field_name(field)?).to_string());
        Some((part("function")?, part("arguments")?))
    };
    let calls = |source: &'_ Source| -> Vec<(Range<usize>, String, String)> {
        descendants(source.root())
            .filter(|node| node.kind() == "call")
            .filter_map(|call| parts(source, call).map(|(function, given)| (call.byte_range(), function, given)))
            .collect()
    };
    let theirs = calls(&after);
    let mut found = calls(&before).into_iter().flat_map(|(range, function, given)| {
        let text = before.text();
        let is_it = |other: &&(Range<usize>, String, String)| {
            let now = format!("{}{}{}{}", &text[..range.start], other.1, other.2, &text[range.end..]);
            other.2 == given && other.1 != function && compact(&now) == whole
        };
        theirs
            .iter()
            .filter(is_it)
            .map(|other| Callee { before: function.clone(), after: other.1.clone() })
            .collect::<Vec<_>>()
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A function that became a method of a class: how a caller calls it now, what the test has, and the heal.
    #[track_caller]
    fn check_loaded(caller: &str, test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def load(text):
    return text.split(",")

def main(mine):
    return load("a,b")
#- shop.py
class Loader:
    def load(self, text):
        return text.split(",")

def main(mine):
    return {caller}
#- tests/test_shop.py
from shop import $0load

def test_load():
    assert load("a") == ["a"]
{test}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
ImportError while importing test module '/p/tests/test_shop.py'.
Traceback:
tests/test_shop.py:1: in <module>
    from shop import load
E   ImportError: cannot import name 'load' from 'shop' (/p/shop.py)
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_function_that_became_a_method_is_called_on_what_the_callers_make() {
        check_loaded(
            "Loader().load(\"a,b\")",
            "    parts = load(\"b\")\n    assert parts",
            "-from shop import load\n+from shop import Loader\n-    assert load(\"a\") == [\"a\"]\n\
             -    parts = load(\"b\")\n+    assert Loader().load(\"a\") == [\"a\"]\n+    parts = Loader().load(\"b\")",
        );
    }

    #[test]
    fn a_function_that_the_callers_do_not_reach_alike_is_not_called_so() {
        for (caller, test) in [
            ("mine.load(\"a,b\")", "    assert 1"),
            ("Loader().load(\"a;b\")", "    assert 1"),
            ("len(Loader().load(\"a,b\"))", "    assert 1"),
        ] {
            check_loaded(caller, test, "no fix");
        }
    }

    #[test]
    fn what_a_class_method_made_is_made_by_the_class() {
        check(
            r#"
#- before: shop.py
class Cart:
    @classmethod
    def from_text(cls, text):
        return cls()

def goods(text):
    return Cart.from_text(text).goods
#- shop.py
class Cart:
    def __init__(self, text):
        self.goods = text

def goods(text):
    return Cart(text).goods
#- tests/test_shop.py
from shop import Cart

def test_goods():
    cart = Cart.$0from_text("a")
    assert cart.goods == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_goods __________________________________
tests/test_shop.py:4: in test_goods
    cart = Cart.from_text("a")
E   AttributeError: type object 'Cart' has no attribute 'from_text'
#- healed
-    cart = Cart.from_text("a")
+    cart = Cart("a")
"#,
        );
    }

    /// A check of what a client has, whose caller is made from a URL since; `made` is how the test makes it.
    #[track_caller]
    fn check_client(made: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
class Client:
    def __init__(self, url):
        self.host = url.split("//")[1]

def main(url):
    return Client(url)
#- shop.py
class Client:
    def __init__(self, host):
        self.host = host

    @classmethod
    def from_url(cls, url):
        return cls(url.split("//")[1])

def main(url):
    return Client.from_url(url)
#- tests/test_shop.py
from shop import Client

def test_host():
    client = {made}
    assert client.host == "h"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_host ___________________________________
tests/test_shop.py:5: in test_host
    assert client.host == "h"
E   AssertionError: assert 'http://h' == 'h'
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_a_check_looks_at_is_made_as_the_callers_make_it() {
        check_client(
            "Client(\"http://h\")",
            "-    client = Client(\"http://h\")\n+    client = Client.from_url(\"http://h\")",
        );
        // What others make is not made so: what is left is the value of the run, which asks a person.
        let value = "-    assert client.host == \"h\"\n+    assert client.host == \"http://h\"";
        check_client("build(\"http://h\")", value);
    }

    #[test]
    fn what_the_example_named_before_is_imported_too() {
        check(
            r#"
#- money.py
class Money:
    def __init__(self, cents):
        self.cents = cents

    @staticmethod
    def parse(text):
        return int(text)
#- before: cart.py
from money import Money

class Cart:
    @staticmethod
    def parse(text):
        return int(text)

def price(text):
    return Money(Cart.parse(text))
#- cart.py
from money import Money

class Cart:
    goods = ()

def price(text):
    return Money(Money.parse(text))
#- tests/test_cart.py
from cart import Cart

def test_parse():
    assert Cart.$0parse("5") == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_parse __________________________________
tests/test_cart.py:4: in test_parse
    assert Cart.parse("5") == 5
E   AttributeError: type object 'Cart' has no attribute 'parse'
#- healed
+from money import Money
-    assert Cart.parse("5") == 5
+    assert Money.parse("5") == 5
"#,
        );
    }
}
