//! A function that became a context manager: scenes.

use crate::fixture::check;

/// A function that became a context manager, what the product has beside it, and a test.
#[track_caller]
fn check_till(callers: (&str, &str), test: &str, error: &str, healed: &str) {
    let (before, after) = callers;
    check(&format!(
        r#"
#- before: shop.py
class Till:
    def pay(self, amount):
        return amount

def open_till():
    return Till()
#- shop.py
from contextlib import contextmanager

class Till:
    def pay(self, amount):
        return amount

@contextmanager
def open_till():
    yield Till()
#- before: app.py
from shop import open_till
{before}
#- app.py
from shop import open_till
{after}
#- tests/test_till.py
{test}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_pay ___________________________________
{error}
#- healed
{healed}
"#
    ));
}

const PLAIN: &str = "def sell():\n    till = open_till()\n    return till.pay(1)\n";
const ENTERED: &str = "def sell():\n    with open_till() as till:\n        return till.pay(1)\n";
const NO_ATTRIBUTE: &str = "E   AttributeError: '_GeneratorContextManager' object has no attribute 'pay'";

#[test]
fn the_text_of_a_string_and_what_stands_before_stay_as_they_are() {
    let test = "import pytest\nfrom shop import open_till\n\ndef test_pay():\n    one = 1\n    till = open_till()\n    \
                # pays\n    text = \"\"\"\n    a\n    \"\"\"\n\n    assert till.pay(one) == 1, text\n";
    let error = format!("tests/test_till.py:12: in test_pay\n    assert till.pay(one) == 1, text\n{NO_ATTRIBUTE}");
    let healed = "-    till = open_till()\n-    # pays\n-    text = \"\"\"\n+    with open_till() as till:\n\
                  +        # pays\n+        text = \"\"\"\n-    assert till.pay(one) == 1, text\n\
                  +        assert till.pay(one) == 1, text";
    check_till((PLAIN, ENTERED), test, &error, healed);
}

#[test]
fn a_fixture_yields_what_it_holds_open() {
    let test = "import pytest\nfrom shop import open_till\n\n@pytest.fixture\ndef till():\n    return open_till()\n\n\
                def test_pay(till):\n    assert till.pay(1) == 1\n";
    let error = format!("tests/test_till.py:9: in test_pay\n    assert till.pay(1) == 1\n{NO_ATTRIBUTE}");
    let healed = "-    return open_till()\n+    with open_till() as opened:\n+        yield opened";
    check_till((PLAIN, ENTERED), test, &error, healed);
}

#[test]
fn what_is_used_behind_the_block_is_no_fix() {
    let test = "import pytest\nfrom shop import open_till\n\ndef test_pay():\n    if pytest:\n        \
                till = open_till()\n        one = 1\n    assert till.pay(one) == 1\n";
    let error = format!("tests/test_till.py:8: in test_pay\n    assert till.pay(one) == 1\n{NO_ATTRIBUTE}");
    check_till((PLAIN, ENTERED), test, &error, "no fix");
}

#[test]
fn an_object_that_is_entered_by_nobody_stays() {
    let test = "from shop import Till\n\ndef test_pay():\n    with Till() as till:\n        assert till.pay(1) == 1\n";
    let error = "tests/test_till.py:4: in test_pay\n    with Till() as till:\nE   TypeError: 'Till' object does not \
                 support the context manager protocol";
    check_till((PLAIN, ENTERED), test, error, "no fix");
}

#[test]
fn what_is_no_context_manager_any_more_is_used_as_it_is() {
    check(
        r#"
#- before: shop.py
from contextlib import contextmanager

class Till:
    def pay(self, amount):
        return amount

@contextmanager
def open_till():
    yield Till()
#- shop.py
class Till:
    def pay(self, amount):
        return amount

def open_till():
    return Till()
#- tests/test_till.py
from shop import open_till

def test_pay():
    with open_till() as till:
        assert till.pay(1) == 1
        assert till.pay(2) == 2
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_pay ___________________________________
tests/test_till.py:4: in test_pay
    with open_till() as till:
E   TypeError: 'Till' object does not support the context manager protocol
#- healed
-    with open_till() as till:
-        assert till.pay(1) == 1
-        assert till.pay(2) == 2
+    till = open_till()
+    assert till.pay(1) == 1
+    assert till.pay(2) == 2
"#,
    );
}

#[test]
fn a_long_test_is_indented_as_one() {
    let lines = |indent: &str| (0..20).map(|n| format!("{indent}assert till.pay({n}) == {n}\n")).collect::<String>();
    let test = format!("from shop import open_till\n\ndef test_pay():\n    till = open_till()\n{}", lines("    "));
    let error = format!("tests/test_till.py:5: in test_pay\n    assert till.pay(0) == 0\n{NO_ATTRIBUTE}");
    let healed = format!(
        "-    till = open_till()\n{}+    with open_till() as till:\n{}",
        lines("-    "),
        lines("+        ").trim_end()
    );
    check_till((PLAIN, ENTERED), &test, &error, &healed);
}
