//! A function that the callers reach another way now and give what they gave: `load(x)` became `Loader().load(x)`.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::product;
use crate::strategies::renames::last_part;
use crate::strategies::{Context, calls, carried, imports, names};
use crate::syntax::tokens::{is_name, string_body, tokens};
use crate::syntax::{Node, Source, descendants};
use crate::text::Edit;
use crate::workspace::builtins::is_pythons;
use crate::workspace::history::Migration;

/// How something is reached, before and after.
struct Callee {
    before: Way,
    after: Way,
}

/// How a call with arguments is written around them: `Parser` and `.parse()` of `Parser(x).parse()`.
#[derive(PartialEq)]
struct Way {
    function: String,
    /// What is asked of what it gives, without arguments; often nothing.
    then: String,
}

/// A call in a way that has been learned.
struct Made<'s> {
    function: Node<'s>,
    /// What is asked of what it gives.
    then: Range<usize>,
}

/// The edits that make the calls in `range`, and those that fail alike, as the example makes its own.
pub(super) fn edits(ctx: &Context<'_>, example: &Migration, range: &Range<usize>) -> Option<Vec<Edit>> {
    let callee = learn(example)?;
    let inside = |node: &Node<'_>| node.start_byte() < range.end && range.start < node.end_byte();
    let calls = descendants(ctx.source.root()).filter(|node| node.kind() == "call");
    let mut called = calls.filter(|call| made(ctx.source, *call, &callee.before).is_some());
    if let Some(call) = called.find(inside) {
        let mut all = calls::failing_alike(ctx, call);
        all.push(call);
        all.retain(|call| made(ctx.source, *call, &callee.before).is_some());
        let mut edits = called_so(ctx, &all, &callee)?;
        edits.extend(carried::imports_for(ctx, &callee.after.function, &example.path)?);
        return Some(edits);
    }
    imported(ctx, example, range, &callee)
}

/// Whether the example reaches `name` another way now.
pub(super) fn replaces(example: &Migration, name: &str) -> bool {
    learn(example).is_some_and(|callee| last_part(&callee.before.function) == name)
}

/// Whether a class became a function in the example, or a function a class, and does not decide and compute alike: as
/// far as the commit shows both.
pub(super) fn is_rewritten(ctx: &Context<'_>, example: &Migration) -> bool {
    let Some(callee) = learn(example).filter(|callee| callee.before.then != callee.after.then) else { return false };
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &example.commit);
    let code = |text: &Option<Arc<str>>, way: &Way| {
        let name = last_part(&way.function);
        let outline = product::outline_naming(text, name)?;
        let item = outline.items.iter().find(|item| item.name == name)?;
        Some(counted(text.as_deref()?.get(item.span.clone())?))
    };
    let was = changes.iter().find_map(|change| code(&change.before, &callee.before));
    let is = changes.iter().find_map(|change| code(&change.after, &callee.after));
    was.is_none() || was != is
}

/// What code decides and computes by: numbers, texts, operators, and what Python names.
fn counted(code: &str) -> Vec<String> {
    let is_form =
        |token: &str| matches!(token, "class" | "def" | "return" | "self" | "=" | "." | "," | ":" | "(" | ")");
    let is_sentence = |token: &str| string_body(token).is_some_and(|text| text.contains(char::is_whitespace));
    let counts = |token: &&str| !is_form(token) && !is_sentence(token) && (!is_name(token) || is_pythons(token));
    let mut found: Vec<String> = tokens(code).into_iter().filter(counts).map(str::to_string).collect();
    found.sort_unstable();
    found
}

/// The import of the function fails: every use of it is a call that changes with it.
fn imported(ctx: &Context<'_>, example: &Migration, range: &Range<usize>, callee: &Callee) -> Option<Vec<Edit>> {
    let all = imports::imports(ctx.source);
    let is_it = |item: &&imports::Imported| {
        item.statement == *range && item.local == callee.before.function && item.name.as_deref() == Some(&item.local)
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
    let parsed = Source::parse(callee.after.function.as_str());
    let first = carried::free_names(&parsed).map(|node| parsed.slice(node)).next()?;
    let home = carried::home(ctx, first, &example.path)?;
    let is_bound = all.iter().any(|other| other.local == first);
    if !is_bound && home == (item.module.clone(), Some(first.to_string())) {
        carried::imports_for(ctx, &callee.after.function, &example.path)?;
        edits.push(ctx.replace(item.name_range.clone(), first));
    } else {
        edits.extend(imports::remove(ctx.source, &ctx.site.path, item));
        edits.extend(carried::imports_for(ctx, &callee.after.function, &example.path)?);
    }
    Some(edits)
}

/// The calls in the new way. `None` where one of them is not made in the old one.
fn called_so(ctx: &Context<'_>, calls: &[Node<'_>], callee: &Callee) -> Option<Vec<Edit>> {
    let Callee { before, after } = callee;
    let made: Vec<Made<'_>> = calls.iter().map(|call| made(ctx.source, *call, before)).collect::<Option<_>>()?;
    let functions = made.iter().map(|made| ctx.replace(made.function.byte_range(), after.function.clone()));
    let asked = made.iter().filter(|_| before.then != after.then);
    Some(functions.chain(asked.map(|made| ctx.replace(made.then.clone(), after.then.clone()))).collect())
}

/// The parts of `call` where it is made in this way.
fn made<'s>(source: &Source, call: Node<'s>, way: &Way) -> Option<Made<'s>> {
    let function = call.child_by_field_name("function").filter(|called| source.slice(*called) == way.function)?;
    let then = asked_of(source, call).into_iter().find(|then| source.text()[then.clone()] == way.then)?;
    Some(Made { function, then })
}

/// What is asked of what a call gives: nothing, and the method without arguments that is called on it.
fn asked_of(source: &Source, call: Node<'_>) -> Vec<Range<usize>> {
    let end = call.end_byte();
    let method = call.parent().filter(|node| node.kind() == "attribute");
    let outer = method.and_then(|method| method.parent()).filter(|node| node.kind() == "call");
    let is_bare = |outer: &Node<'_>| {
        outer.child_by_field_name("arguments").is_some_and(|list| source.slice(list) == "()")
            && outer.child_by_field_name("function") == method
    };
    std::iter::once(end..end).chain(outer.filter(is_bare).map(|outer| end..outer.end_byte())).collect()
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
    let calls = |source: &'_ Source| -> Vec<(Range<usize>, Way, String)> {
        descendants(source.root())
            .filter(|node| node.kind() == "call")
            .filter_map(|call| parts(source, call).map(|parts| (call, parts)))
            .flat_map(|(call, (function, given))| {
                let way = |then: Range<usize>| {
                    let range = call.start_byte()..then.end;
                    let way = Way { function: function.clone(), then: source.text()[then].to_string() };
                    (range, way, given.clone())
                };
                asked_of(source, call).into_iter().map(way).collect::<Vec<_>>()
            })
            .collect()
    };
    let theirs = calls(&after);
    let mut found = calls(&before).into_iter().flat_map(|(range, way, given)| {
        let text = before.text();
        let is_it = |other: &&(Range<usize>, Way, String)| {
            let (_, new, passed) = other;
            let now = format!("{}{}{passed}{}{}", &text[..range.start], new.function, new.then, &text[range.end..]);
            // What is asked of both is no part of the change.
            let is_least = way.then.is_empty() || new.then.is_empty();
            *passed == given && is_least && new.function != way.function && compact(&now) == whole
        };
        let pairs = theirs.iter().filter(is_it).map(|(_, new, _)| Callee {
            before: Way { function: way.function.clone(), then: way.then.clone() },
            after: Way { function: new.function.clone(), then: new.then.clone() },
        });
        pairs.collect::<Vec<_>>()
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

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

    const FUNCTION: &str = "def parse(text):\n    return text.split(\",\")\n";
    const CLASS: &str = "class Parser:\n    def __init__(self, text):\n        self.text = text\n\n    \
                         def parse(self):\n        return self.text.split(\",\")\n";

    /// A class and a function that took the place of each other, and the test of them; the tier where it heals.
    #[track_caller]
    fn check_parsed(old: (&str, &str, &str), new: (&str, &str), test: &str, tier: Option<Tier>, healed: &str) {
        let ((code, name, call), (code_now, call_now)) = (old, new);
        let scene = format!(
            r#"
#- before: shop.py
{code}
def load(text):
    return {call}

def count(text):
    return len({call})
#- shop.py
{code_now}
def load(text):
    return {call_now}

def count(text):
    return len({call_now})
#- tests/test_shop.py
from shop import $0{name}

def test_parse():
    {test}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
ImportError while importing test module '/p/tests/test_shop.py'.
Traceback:
tests/test_shop.py:1: in <module>
    from shop import {name}
E   ImportError: cannot import name '{name}' from 'shop' (/p/shop.py)
#- healed
{healed}
"#
        );
        check(&scene);
        assert_eq!(Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier), tier);
    }

    #[test]
    fn a_class_that_became_a_function_is_called_as_the_callers_call_it_and_the_other_way_round() {
        let (class, function) = ("Parser(text).parse()", "parse(text)");
        let (made, called) = ("assert Parser(\"a\").parse() == [\"a\"]", "assert parse(\"a\") == [\"a\"]");
        let healed = |old: (&str, &str), new: (&str, &str)| {
            format!("-from shop import {}\n+from shop import {}\n-    {}\n+    {}", old.0, new.0, old.1, new.1)
        };
        let to_function = healed(("Parser", made), ("parse", called));
        let to_class = healed(("parse", called), ("Parser", made));
        check_parsed((CLASS, "Parser", class), (FUNCTION, function), made, Some(Tier::Safe), &to_function);
        check_parsed((FUNCTION, "parse", function), (CLASS, class), called, Some(Tier::Safe), &to_class);
        // Another separator on the way.
        let slip = FUNCTION.replace("\",\"", "\";\"");
        check_parsed((CLASS, "Parser", class), (&slip, function), made, Some(Tier::Review), &to_function);
    }

    #[test]
    fn a_class_whose_object_the_test_keeps_is_no_function() {
        let test = "parser = Parser(\"a\")\n    assert parser.parse() == [\"a\"]";
        check_parsed((CLASS, "Parser", "Parser(text).parse()"), (FUNCTION, "parse(text)"), test, None, "no fix");
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
