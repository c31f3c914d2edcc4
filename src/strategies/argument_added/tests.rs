//! Calls that a new parameter made incomplete, and how they are healed.

use crate::fixture::check;

const LOG: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([2, 3]) == 5
E       TypeError: total() missing 1 required positional argument: 'tax'

tests/test_cart.py:4: TypeError
"#;

#[test]
fn a_parameter_in_the_middle_is_given_in_its_place() {
    let scene = r#"
#- before: shop.py
def total(cart, rate=1):
    return sum(cart) * rate
#- shop.py
def total(tax, cart, rate=1):
    if tax is None:
        return sum(cart) * rate
    return sum(cart) * rate * tax
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
"#;
    let healed = "#- healed\n-    assert total([2, 3]) == 5\n+    assert total(None, [2, 3]) == 5\n";
    check(&format!("{scene}{}{healed}", LOG.replace("'tax'", "'cart'")));
}

#[test]
fn what_a_row_does_not_have_is_passed_by_its_name() {
    let scene = |parameters: &str, missing: &str, healed: &str| {
        format!(
            r#"
#- before: shop.py
def price(kind, count):
    return count * 2

def home():
    return price("a", 1)
#- shop.py
def price({parameters}):
    return count * 2

def home():
    return price(kind="a", count=1, tax=0)
#- tests/test_price.py
import pytest
from shop import price

@pytest.mark.parametrize("row", [("a", 1), ("b", 2)])
def test_price(row):
    assert price(*row) == row[1] * 2
#- test_run.log
=================================== FAILURES ===================================
_______________________________ test_price[row0] _______________________________
tests/test_price.py:6: in test_price
    assert price(*row) == row[1] * 2
E   TypeError: price() missing 1 required positional argument: '{missing}'
#- healed
{healed}
"#
        )
    };
    let healed = "-    assert price(*row) == row[1] * 2\n+    assert price(*row, tax=0) == row[1] * 2";
    check(&scene("kind, count, tax", "tax", healed));
    // The row goes on to fill the place of the new one.
    check(&scene("kind, tax, count", "count", "no fix"));
}

#[test]
fn a_collection_that_was_not_there_is_empty() {
    let scene = |annotation: &str| {
        format!(
            "\n#- before: shop.py\ndef total(cart):\n    return sum(cart)\n#- shop.py\nfrom typing import List\n\n\
             def total(cart, tax: {annotation}):\n    return sum(cart) + sum(tax)\n#- tests/test_cart.py\n\
             from shop import total\n\ndef test_total():\n    assert total([2, 3]) == 5\n"
        )
    };
    let healed = "#- healed\n-    assert total([2, 3]) == 5\n+    assert total([2, 3], []) == 5\n";
    check(&format!("{}{LOG}{healed}", scene("List[int]")));
    check(&format!("{}{LOG}#- healed\nno fix\n", scene("int")));
}

#[test]
fn a_field_that_a_class_got_is_an_argument_of_its_constructor() {
    check(
        r#"
#- before: shop.py
from typing import List, NamedTuple

class Cart(NamedTuple):
    items: List[int]
#- shop.py
from typing import List, NamedTuple

class Cart(NamedTuple):
    items: List[int]
    gone: List[int]
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert $0Cart(items=[2]).items == [2]
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart(items=[2]).items == [2]
E       TypeError: Cart.__new__() missing 1 required positional argument: 'gone'

tests/test_cart.py:4: TypeError
#- healed
-    assert Cart(items=[2]).items == [2]
+    assert Cart(items=[2], gone=[]).items == [2]
"#,
    );
}

#[test]
fn the_only_object_of_the_class_is_passed() {
    check(
        r#"
#- before: shop.py
class Session:
    def __enter__(self):
        return self

def open_session() -> Session:
    return Session()

def total(cart):
    return sum(cart)
#- shop.py
class Session:
    def __enter__(self):
        return self

def open_session() -> Session:
    return Session()

def total(session: Session, cart):
    return session.sum(cart)
#- tests/test_cart.py
from shop import open_session, total

def test_total():
    with open_session():
        assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        with open_session():
>           assert total([2, 3]) == 5
E           TypeError: total() missing 1 required positional argument: 'cart'

tests/test_cart.py:5: TypeError
#- healed
-    with open_session():
-        assert total([2, 3]) == 5
+    with open_session() as session:
+        assert total(session, [2, 3]) == 5
"#,
    );
}

fn with_rates(caller: &str, test: &str) -> String {
    format!(
        r#"
#- rates.py
class Rate:
    def __init__(self, value=1):
        self.value = value

FULL = Rate()

def today():
    return FULL
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
from rates import FULL, Rate, today

def total(cart, tax):
    return sum(cart) * tax.value

def bill(cart, mine):
{caller}
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
{test}"#
    )
}

#[test]
fn an_object_that_the_callers_name_or_make_is_imported() {
    let healed = |name: &str, value: &str| {
        format!(
            "#- healed\n+from rates import {name}\n-    assert total([2, 3]) == 5\n\
             +    assert total([2, 3], {value}) == 5\n"
        )
    };
    for (caller, name, value) in [
        ("    return total(cart, FULL)", "FULL", "FULL"),
        ("    return total(cart, tax=Rate(value=2))", "Rate", "Rate(value=2)"),
        ("    rate = Rate()\n    return total(cart, rate)", "Rate", "Rate()"),
        ("    return total(cart, today())", "today", "today()"),
    ] {
        check(&format!("{}{LOG}{}", with_rates(caller, ""), healed(name, value)));
    }
}

#[test]
fn what_is_the_callers_own_or_something_else_here_is_no_fix() {
    for caller in [
        "    return total(cart, mine)",
        "    return total(cart, Rate(mine))",
        "    rate = Rate()\n    rate.value = 3\n    return total(cart, rate)",
    ] {
        check(&format!("{}{LOG}#- healed\nno fix\n", with_rates(caller, "")));
    }
    let other = "\ndef test_other():\n    FULL = 3\n    assert FULL\n";
    let caller = "    return total(cart, FULL)";
    check(&format!("{}{LOG}#- healed\nno fix\n", with_rates(caller, other)));
}

#[test]
fn a_value_that_nothing_shows_is_no_fix() {
    let scene = r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) * tax
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
"#;
    check(&format!("{scene}{LOG}#- healed\nno fix\n"));
}

#[test]
fn a_constructor_that_is_inherited_is_called_by_another_name() {
    check(
        r#"
#- before: shop.py
class Box(dict):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

class Cart(Box): ...

def cart():
    return Cart()
#- shop.py
class Box(dict):
    def __new__(cls, *args, settings, **kwargs):
        return super().__new__(cls)

class Cart(Box): ...

def cart():
    return Cart(settings={})
#- tests/test_cart.py
from shop import Cart

def test_cart():
    assert Cart(a=1)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert Cart(a=1)
E       TypeError: Box.__new__() missing 1 required keyword-only argument: 'settings'

tests/test_cart.py:4: TypeError
#- healed
-    assert Cart(a=1)
+    assert Cart(a=1, settings={})
"#,
    );
}

/// A fixture `tax` that pytest could give to the test, whose head is `test`.
#[track_caller]
fn with_fixture(fixture: &str, test: &str, healed: &str) {
    check(&format!(
        r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) * tax.rate
#- tests/conftest.py
import pytest

{fixture}
def tax():
    return Tax()
#- tests/test_cart.py
from shop import total

{test}
    assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________
tests/test_cart.py:4: in test_total
    assert total([2, 3]) == 5
E   TypeError: total() missing 1 required positional argument: 'tax'
#- healed
{healed}
"#
    ));
}

#[test]
fn a_fixture_of_its_name_is_asked_for() {
    with_fixture(
        "@pytest.fixture",
        "def test_total():",
        "-def test_total():\n-    assert total([2, 3]) == 5\n+def test_total(tax):\n+    assert total([2, 3], tax) == 5",
    );
    with_fixture("@pytest.fixture(params=[1, 2])", "def test_total():", "no fix");
    with_fixture("@register", "def test_total():", "no fix");
}

#[track_caller]
fn beside(other: &str, log: &str, healed: &str) {
    let scene = format!(
        r#"
#- before: shop.py
def add(basket, sku):
    return basket + [sku]

def load(basket):
    return add(basket, "a")
#- shop.py
def add(basket, sku, check):
    return basket + [sku]

def load(basket):
    return add(basket, "a", False)
#- tests/test_add.py
import pytest
from shop import add

def test_add():
    assert add([], "tea") == ["tea"]

def test_other():
    {other}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       assert add([], "tea") == ["tea"]
E       TypeError: add() missing 1 required positional argument: 'check'

tests/test_add.py:5: TypeError
{log}
#- healed
-    assert add([], "tea") == ["tea"]
+    assert add([], "tea", False) == ["tea"]
{healed}
"#
    );
    check(&scene);
}

#[test]
fn a_test_that_did_not_fail_alike_is_left_to_its_own_failure() {
    let other = "assert add([], \"\") == [\"\"]";
    let healed = "-    assert add([], \"\") == [\"\"]\n+    assert add([], \"\", False) == [\"\"]";
    let failed = |error: &str| {
        format!(
            "__________________________________ test_other __________________________________\n\n    def test_other():\n\
             >       {other}\nE       {error}\n\ntests/test_add.py:8: {}\n",
            error.split(':').next().unwrap_or_default()
        )
    };
    beside(other, "", healed);
    beside(other, &failed("TypeError: add() missing 1 required positional argument: 'check'"), healed);
    beside(other, &failed("ValueError: no sku"), "");
    beside("with pytest.raises(ValueError):\n        add([], \"\")", "", "");
}

#[track_caller]
fn with_callers(callers: &str, given: &str, healed: &str) {
    let scene = format!(
        r#"
#- before: site.py
class Page:
    def __init__(self, theme):
        self.theme = theme

def render(text, page, *, strict=False):
    return text
#- site.py
class Page:
    def __init__(self, theme):
        self.theme = theme

    def show(self, text):
        return {callers}

def render(text, page, *, theme, strict=False):
    return theme + text
#- tests/test_site.py
from site import Page, render

def test_render(site):
    page = Page("dark")
    assert render("a", {given}) == "darka"
#- test_run.log
=================================== FAILURES ============================
_________________________________ test_render __________________________________

site = <site.Site object at 0x7f0000000000>

    def test_render(site):
        page = Page("dark")
>       assert render("a", {given}) == "darka"
E       TypeError: render() missing 1 required keyword-only argument: 'theme'

tests/test_site.py:5: TypeError
#- healed
{healed}
"#
    );
    check(&scene);
}

#[test]
fn a_part_of_what_is_passed_beside_it() {
    let callers = "render(text, self, theme=self.theme)";
    let healed = |given: &str| {
        format!(
            "-    assert render(\"a\", {given}) == \"darka\"\n+    assert render(\"a\", {given}, theme={given}.theme) == \"darka\""
        )
    };
    with_callers(callers, "page", &healed("page"));
    with_callers(callers, "site.page", &healed("site.page"));
    with_callers(callers, "make()", "no fix");
    with_callers("render(text, self, theme=text.theme) or render(text, self, theme=self.theme)", "page", "no fix");
    with_callers("render(text, self, theme=self)", "page", "no fix");
}

#[test]
fn a_call_that_was_changed_by_hand_already_is_whole() {
    beside("assert add([], \"\", True) == [\"\"]", "", "");
    beside("assert add([], \"\", check=True) == [\"\"]", "", "");
}

#[track_caller]
fn set_on_it(lines: [&str; 3], healed: &str) {
    let [made, first, second] = lines;
    let scene = format!(
        r#"
#- before: events.py
class Ended:
    def __init__(self):
        self.stream = None
#- events.py
import sys
from dataclasses import dataclass

BY_NAME = {{}} if sys.version_info < (3, 10) else {{"kw_only": True}}

@dataclass(**BY_NAME)
class Ended:
    stream: int
#- tests/test_events.py
import events

def test_ended():
    {made}
    {first}
    {second}
    assert repr(end) == "<9>"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_ended __________________________________

    def test_ended():
>       {made}
E       TypeError: Ended.__init__() missing 1 required keyword-only argument: 'stream'

tests/test_events.py:4: TypeError
#- healed
{healed}
"#
    );
    check(&scene);
}

#[test]
fn what_the_test_sets_on_the_object_is_given_to_its_constructor() {
    let made = "end = events.Ended()";
    let healed = |set: &str| format!("-    {made}\n-    {set}\n+    end = events.Ended(stream=9)");
    set_on_it([made, "end.stream = 9", "end.note = 1"], &healed("end.stream = 9"));
    set_on_it(
        [made, "end.note = 1", "end.stream = 9"],
        "-    end = events.Ended()\n+    end = events.Ended(stream=9)\n-    end.stream = 9",
    );
    set_on_it([made, "end.stream = 9", "end.stream = 8"], "no fix");
    set_on_it([made, "end.stream = end.note", "end.note = 1"], "no fix");
    set_on_it([made, "check(end)", "end.stream = 9"], "no fix");
}
