//! Scenes of exceptions and warnings that are expected.

use crate::fix::Tier;
use crate::fixture::check;

#[test]
fn a_warning_that_came_in_the_place_of_the_exception() {
    let scene = |place: &str, healed: &str| {
        format!(
            r#"
#- before: shop.py
def remove(sku):
    raise ValueError(f"no {{sku}}")
#- shop.py
import warnings

def remove(sku):
    warnings.warn(f"no {{sku}}")
#- tests/test_shop.py
from unittest import TestCase
from shop import remove

class TestShop(TestCase):
    def test_remove(self):
        with self.assertRaises(ValueError):
            remove("a")
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_remove _____________________________
tests/test_shop.py:6: in test_remove
    with self.assertRaises(ValueError):
E   AssertionError: ValueError not raised
=============================== warnings summary ===============================
tests/test_shop.py::TestShop::test_remove
  {place}:4: UserWarning: no a
    warnings.warn(f"no {{sku}}")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
=========================== short test summary info ============================
FAILED tests/test_shop.py::TestShop::test_remove - AssertionError: ValueError not raised
#- healed
{healed}
"#
        )
    };
    let healed = "-        with self.assertRaises(ValueError):\n+        with self.assertWarns(UserWarning):";
    check(&scene("shop.py", healed));
    check(&scene("other.py", "no fix"));
}

#[test]
fn what_stops_other_tests_too_is_not_what_this_one_expects() {
    let scene = |second: &str| {
        format!(
            r#"
#- before: shop.py
def order(sku):
    raise ValueError(f"no {{sku}} left")
#- shop.py
class NoShop(Exception): ...

def order(sku):
    raise NoShop("closed")
#- tests/test_order.py
import pytest
from shop import order

def test_order():
    with pytest.raises(ValueError):
        $0order("a")

def test_other():
    {second}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________
tests/test_order.py:6: in test_order
    order("a")
shop.py:4: in order
    raise NoShop("closed")
E   shop.NoShop: closed
__________________________________ test_other __________________________________
tests/test_order.py:9: in test_other
    {second}
shop.py:4: in order
    raise NoShop("closed")
E   shop.NoShop: closed
"#
        )
    };
    check(&(scene(r#"assert order("b") == 1"#) + "#- healed\nno fix\n"));
    check(&(scene(r#"with pytest.raises(KeyError): order("b")"#) + "#- healed\nno fix\n"));
    check(
        &(scene(r#"with pytest.raises(ValueError): order("b")"#)
            + r#"#- healed
-from shop import order
+from shop import NoShop, order
-    with pytest.raises(ValueError):
+    with pytest.raises(NoShop):
"#),
    );
}

#[test]
fn an_assertion_inside_the_block_is_not_what_was_expected() {
    check(
        r#"
#- tests/test_order.py
import pytest

def test_order():
    with pytest.raises(ValueError):
        assert 1 == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with pytest.raises(ValueError):
>           assert 1 == 2
E           assert 1 == 2

tests/test_order.py:5: AssertionError
#- healed
no fix
"#,
    );
}

#[test]
fn the_part_of_the_message_that_changed() {
    check(
        r#"
#- tests/test_order.py
import pytest
from shop import order

def test_order():
    with pytest.raises(ValueError, match=r"in v2\.1\.0"):
        order("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       with pytest.raises(ValueError, match=r"in v2\.1\.0"):
E       AssertionError: Regex pattern did not match.
E         Expected regex: 'in v2\\.1\\.0'
E         Actual message: 'this goes in v3.0. Use that.'

tests/test_order.py:5: AssertionError
#- healed
-    with pytest.raises(ValueError, match=r"in v2\.1\.0"):
+    with pytest.raises(ValueError, match=r"in v3\.0"):
"#,
    );
}

#[test]
fn a_message_with_nothing_in_common_is_no_fix() {
    check(
        r#"
#- tests/test_order.py
import pytest
from shop import order

def test_order():
    with pytest.raises(ValueError, match="out of stock"):
        order("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       with pytest.raises(ValueError, match="out of stock"):
E       AssertionError: Regex pattern did not match.
E         Expected regex: 'out of stock'
E         Actual message: 'bad sku'

tests/test_order.py:5: AssertionError
#- healed
no fix
"#,
    );
}

#[test]
fn a_name_that_python_misses_is_not_what_the_product_raises() {
    check(
        r#"
#- shop.py
class OutOfStock(Exception): ...
#- tests/test_order.py
import pytest
import shop

def test_order():
    with pytest.raises(shop.OutOfStock):
        shop.place_it("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with pytest.raises(shop.OutOfStock):
>           shop.place_it("a")
E           AttributeError: module 'shop' has no attribute 'place_it'

tests/test_order.py:6: AttributeError
#- healed
no fix
"#,
    );
}

#[test]
fn an_exception_that_became_a_warning() {
    let scene = r#"
#- before: shop.py
import os

def read(path):
    if not os.path.isfile(path):
        raise FileNotFoundError(f"no {path}")
#- shop.py
import os
import warnings

def read(path):
    if not os.path.isfile(path):
        warnings.warn(f"no {path}")
#- tests/test_read.py
import pytest
from shop import read

def test_read():
    with pytest.raises(FileNotFoundError, match="no a.env"):
        read("a.env")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
        with pytest.raises(FileNotFoundError, match="no a.env"):
>           read("a.env")

tests/test_read.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

path = 'a.env'

    def read(path):
        if not os.path.isfile(path):
>           warnings.warn(f"no {path}")
E           UserWarning: no a.env

shop.py:6: UserWarning
#- healed
-    with pytest.raises(FileNotFoundError, match="no a.env"):
+    with pytest.warns(UserWarning, match="no a.env"):
"#;
    check(scene);
    let tier = |changelog: &str| {
        let files = format!("#- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n{scene}");
        crate::fixture::Scene::parse(&files).heal().fixes[0].fix().tier
    };
    assert_eq!(tier(""), crate::fix::Tier::Review);
    assert_eq!(tier("- `read` gives a UserWarning for a file that is not there."), crate::fix::Tier::Safe);
}

#[test]
fn another_exception_of_python_may_be_a_slip_and_one_of_the_project_is_none() {
    let tier = |raised: &str| {
        let scene = format!(
            "#- before: shop.py\nclass OutOfStock(Exception): ...\n\ndef order():\n    raise ValueError('no')\n\
             #- shop.py\nclass OutOfStock(Exception): ...\n\ndef order():\n    raise {raised}('no')\n\
             #- tests/test_order.py\nimport pytest\nfrom shop import order\n\ndef test_order():\n    \
             with pytest.raises(ValueError):\n        order()\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_order __________________________________\n\n    \
             def test_order():\n        with pytest.raises(ValueError):\n>           order()\n\n\
             tests/test_order.py:6: \n_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\n\n    \
             def order():\n>       raise {raised}('no')\nE       {raised}: no\n\nshop.py:4: {raised}\n"
        );
        crate::fixture::Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    assert_eq!(tier("OutOfStock"), Some(Tier::Safe));
    assert_eq!(tier("TypeError"), Some(Tier::Review));
}

#[test]
fn what_python_raises_of_itself_is_no_new_contract() {
    let scene = |line: &str, source: &str, healed: &str| {
        format!(
            r#"
#- shop.py
def order(read):
    {source}
#- tests/test_order.py
import pytest
from shop import order

def test_order():
    with pytest.raises(RuntimeError):
        order(lambda: "abc")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with pytest.raises(RuntimeError):
>           order(lambda: "abc")

tests/test_order.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def order(read):
>       {line}
E       ValueError: too many values to unpack (expected 2)

shop.py:2: ValueError
#- healed
{healed}
"#
        )
    };
    let unpacked = "first, second = read()";
    check(&scene(unpacked, unpacked, "no fix"));
    let raised = "raise ValueError(\"too many values to unpack (expected 2)\")";
    let healed = "-    with pytest.raises(RuntimeError):\n+    with pytest.raises(ValueError):";
    check(&scene(raised, raised, healed));
}

#[test]
fn the_type_of_another_package_is_imported_as_the_product_does() {
    let scene = |import: &str, healed: &str| {
        format!(
            r#"
#- shop/__init__.py
#- shop/checks.py
from jsonschema import ValidationError
#- before: shop/orders.py
from .checks import ValidationError

def order(sku):
    return sku.name
#- shop/orders.py
{import}

def order(sku):
    try:
        return sku.name
    except AttributeError as error:
        raise ValidationError(f"no name: {{error}}")
#- tests/test_order.py
import pytest
from shop.orders import order

def test_order():
    with pytest.raises(AttributeError):
        order("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with pytest.raises(AttributeError):
>           order("a")

tests/test_order.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

sku = 'a'

    def order(sku):
        try:
            return sku.name
        except AttributeError as error:
>           raise ValidationError(f"no name: {{error}}")
E           jsonschema.exceptions.ValidationError: no name: 'str' object has no attribute 'name'

shop/orders.py:7: ValidationError
#- healed
{healed}
"#
        )
    };
    for (import, module) in [
        ("from .checks import ValidationError", "shop.checks"),
        ("from jsonschema import ValidationError", "jsonschema"),
    ] {
        let raises = "-    with pytest.raises(AttributeError):\n+    with pytest.raises(ValidationError):";
        check(&scene(import, &format!("+from {module} import ValidationError\n{raises}")));
    }
    // Where the product has it from is not known.
    check(&scene("from jsonschema import *", "no fix"));
}

/// A product that raises a type of its own since a commit, met by `statement`, which is line 6 or 7 of the test.
fn called(statement: &str, second: &str, healed: &str) -> String {
    format!(
        r#"
#- before: shop.py
def order(sku):
    raise ValueError(f"no {{sku}} left (today)")
#- shop.py
class OutOfStock(Exception): ...

def order(sku):
    raise OutOfStock(f"no {{sku}} left [today]")
#- tests/test_order.py
import unittest
import pytest
from shop import order

class TestOrder(unittest.TestCase):
    def test_order(self):
        $0{statement}

    def test_other(self):
        {second}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestOrder.test_order _____________________________
tests/test_order.py:7: in test_order
    {statement}
shop.py:4: in order
    raise OutOfStock(f"no {{sku}} left [today]")
E   shop.OutOfStock: no a left [today]
_____________________________ TestOrder.test_other _____________________________
tests/test_order.py:10: in test_other
    {second}
shop.py:4: in order
    raise OutOfStock(f"no {{sku}} left [today]")
E   shop.OutOfStock: no a left [today]
#- healed
{healed}
"#
    )
}

#[test]
fn a_call_that_is_handed_over_is_expected_to_raise() {
    let imported = "-from shop import order\n+from shop import OutOfStock, order\n";
    let other = "pytest.raises(ValueError, order, 'a')";
    for (form, rest) in [
        ("pytest.raises(", "order, 'a')"),
        ("self.assertRaises(", "order, 'a')"),
        ("error = pytest.raises(", "lambda: order('a'))"),
    ] {
        let [old, new] = ["ValueError", "OutOfStock"].map(|name| format!("{form}{name}, {rest}"));
        check(&called(&old, other, &format!("{imported}-        {old}\n+        {new}")));
    }
    let [old, new] = ["ValueError, r'no a left \\(today\\)'", "OutOfStock, r'no a left \\[today\\]'"]
        .map(|expected| format!("self.assertRaisesRegex({expected}, order, 'a')"));
    check(&called(&old, other, &format!("{imported}-        {old}\n+        {new}")));
}

#[test]
fn a_call_that_is_handed_over_for_another_exception_is_stopped_by_it() {
    check(&called("pytest.raises(ValueError, order, 'a')", "pytest.raises(KeyError, order, 'a')", "no fix"));
    check(&called("pytest.raises(ValueError, order, 'a')", "self.assertEqual(order('a'), 1)", "no fix"));
}

#[test]
fn a_check_that_a_commit_put_in_front_is_for_a_person() {
    let tier = |front: &str, line: u32, message: &str| {
        let scene = format!(
            r#"
#- before: units.py
def convert(value, unit=None):
    if value < 0:
        raise ValueError("negative")
    return value

def look_up(table, unit):
    raise ValueError(f"unknown {{unit}}")
#- CHANGELOG.md
`look_up` raises `UnitError`.
#- units.py
class UnitError(Exception): ...

def convert(value, unit=None):
{front}    return value

def look_up(table, unit):
    raise UnitError(f"unknown {{unit}}")
#- tests/test_units.py
import pytest
from units import convert

def test_negative():
    with pytest.raises(ValueError):
        convert(-1)
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_negative _________________________________
tests/test_units.py:6: in test_negative
    convert(-1)
units.py:{line}: in convert
    raise UnitError("{message}")
E   units.UnitError: {message}
"#
        );
        crate::fixture::Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    let own = "    if value < 0:\n        raise UnitError(\"negative\")\n";
    assert_eq!(tier(own, 5, "negative"), Some(Tier::Safe));
    let new = "    if unit is None:\n        raise UnitError(\"unit missing\")\n";
    let before = "    if value < 0:\n        raise ValueError(\"negative\")\n";
    assert_eq!(tier(&format!("{new}{before}"), 5, "unit missing"), Some(Tier::Review));
    // Both changed in one place: the likest is the one that took over.
    assert_eq!(tier(&format!("{new}{own}"), 5, "unit missing"), Some(Tier::Review));
    assert_eq!(tier(&format!("{new}{own}"), 7, "negative"), Some(Tier::Safe));
}

#[test]
fn a_warning_that_is_shown_at_its_caller_is_known_by_its_words() {
    let scene = |text: &str, healed: &str| {
        format!(
            r#"
#- before: quill.py
class InkError(Exception): ...

def fill(ml):
    if ml > 2:
        raise InkError("at most 2 ml")
    return ml
#- quill.py
import warnings

class InkError(Exception): ...

class InkWarning(UserWarning): ...

def fill(ml):
    if ml > 2:
        warnings.warn("at most 2 ml, the rest is spilled", InkWarning, stacklevel=2)
        return 2
    return ml
#- tests/test_quill.py
import pytest
from quill import InkError, fill

def test_overfull():
    with pytest.raises(InkError, match="at most 2"):
        fill(5)
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_overfull _________________________________

    def test_overfull():
>       with pytest.raises(InkError, match="at most 2"):
E       Failed: DID NOT RAISE InkError

tests/test_quill.py:5: Failed
=============================== warnings summary ===============================
tests/test_quill.py::test_overfull
  /p/tests/test_quill.py:6: InkWarning: {text}
    fill(5)

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
#- healed
{healed}
"#
        )
    };
    let healed = "-from quill import InkError, fill\n+from quill import InkError, InkWarning, fill\n-    with pytest.raises(InkError, match=\"at most 2\"):\n+    with pytest.warns(InkWarning, match=\"at most 2\"):";
    check(&scene("at most 2 ml, the rest is spilled", healed));
    check(&scene("the lid is open", "no fix"));
}

#[test]
fn an_exception_that_took_the_place_of_the_warning() {
    let scene = |old: &str| {
        format!(
            r#"
#- before: quill.py
import warnings

def old_fill(ml):
    {old}
    return ml
#- quill.py
import warnings

def old_fill(ml):
    raise RuntimeError("old_fill() was removed, use fill()")
    return ml
#- tests/test_quill.py
import pytest
from quill import old_fill

def test_old():
    with pytest.warns(DeprecationWarning, match="old_fill"):
        old_fill(1)
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_old ___________________________________

    def test_old():
        with pytest.warns(DeprecationWarning, match="old_fill"):
>           old_fill(1)

tests/test_quill.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

ml = 1

    def old_fill(ml):
>       raise RuntimeError("old_fill() was removed, use fill()")
E       RuntimeError: old_fill() was removed, use fill()

quill.py:4: RuntimeError

During handling of the above exception, another exception occurred:

    def test_old():
>       with pytest.warns(DeprecationWarning, match="old_fill"):
E       Failed: DID NOT WARN. No warnings of type (<class 'DeprecationWarning'>,) were emitted.
E        Emitted warnings: [].

tests/test_quill.py:5: Failed
"#
        )
    };
    // A block that must raise is new to the guard, which refuses it so far: what is proposed is what counts here.
    let proposed = |scene: String| {
        let healing = crate::fixture::Scene::parse(&scene).heal();
        let passed = healing.fixes.iter().map(|guarded| guarded.fix().title.clone());
        passed.chain(healing.refused.iter().map(|refusal| refusal.title.clone())).collect::<Vec<_>>()
    };
    let warned = "warnings.warn(\"old_fill() is deprecated\", DeprecationWarning, stacklevel=2)";
    assert_eq!(proposed(scene(warned)), ["Expect `RuntimeError` instead of `DeprecationWarning`"]);
    assert!(proposed(scene("ml = max(ml, 1)")).is_empty());
}

#[test]
fn a_pattern_in_a_call_of_its_own() {
    let scene = |test: &str, name: &str, healed: &str| {
        check(&format!(
            r##"#- before: shop.py
def order(count):
    raise ValueError("the count %s is not allowed here" % count)
#- shop.py
def order(count):
    raise ValueError("the count (%s) is not possible here" % count)
#- tests/test_shop.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ {name} __________________________________
tests/test_shop.py:8: in test_order
E   AssertionError: Regex pattern did not match.
E    Regex: 'the count 0 is not allowed here'
E    Input: 'the count (0) is not possible here'
#- healed
{healed}
"##
        ));
    };
    scene(
        r#"import pytest
from shop import order


def test_order():
    with pytest.raises(ValueError) as excinfo:
        order(0)
    excinfo.match("the count 0 is not allowed here")"#,
        "test_order",
        r#"-    excinfo.match("the count 0 is not allowed here")
+    excinfo.match(r"the count \(0\) is not possible here")"#,
    );
    scene(
        r#"import pytest
from shop import order
@pytest.mark.parametrize(("count", "said"), [
    (0, "the count 0 is not allowed here"),
    (1, "the count 1 is"),
])
def test_order(count, said):
    pytest.raises(ValueError, order, count).match(said)"#,
        "test_order[0-the count 0 is not allowed here]",
        r#"-    (0, "the count 0 is not allowed here"),
+    (0, r"the count \(0\) is not possible here"),"#,
    );
    scene(
        r#"import pytest
from shop import order
from shop import SAID

def test_order():
    with pytest.raises(ValueError) as excinfo:
        order(0)
    excinfo.match(SAID)"#,
        "test_order",
        "no fix",
    );
}
