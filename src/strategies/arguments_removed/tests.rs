//! Scenes of removed arguments.

use crate::fixture::check;

#[test]
fn the_only_argument_leaves_no_line_behind() {
    check(
        r#"
#- before: shop.py
def order(quantity=1):
    return quantity
#- shop.py
def order():
    return 1
#- tests/test_order.py
from shop import order

def test_order():
    assert order(
        $0quantity=2,
    ) == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________
tests/test_order.py:4: in test_order
    assert order(
E   TypeError: order() got an unexpected keyword argument 'quantity'
#- healed
-    assert order(
-        quantity=2,
-    ) == 1
+    assert order() == 1
"#,
    );
}

#[test]
fn an_argument_that_the_function_never_took_stays() {
    check(
        r#"
#- shop.py
def order(sku):
    return sku
#- tests/test_order.py
from shop import order

def test_order():
    assert order("a", $0store=1) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("a", store=1) == "a"
E       TypeError: order() got an unexpected keyword argument 'store'

tests/test_order.py:4: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_field_that_a_dataclass_lost_goes_from_every_call() {
    check(
        r#"
#- before: shop.py
from dataclasses import dataclass

@dataclass
class Frame:
    name: str
    line: str = ""
#- shop.py
from dataclasses import dataclass

@dataclass
class Frame:
    name: str
#- tests/test_frame.py
from shop import Frame

def test_frame():
    assert Frame(name="a", line="") == Frame(name="a", line="")

def test_other():
    assert Frame(name="b", line="").name == "b"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_frame __________________________________

    def test_frame():
>       assert Frame(name="a", line="") == Frame(name="a", line="")
E       TypeError: Frame.__init__() got an unexpected keyword argument 'line'

tests/test_frame.py:4: TypeError
#- healed
-    assert Frame(name="a", line="") == Frame(name="a", line="")
+    assert Frame(name="a") == Frame(name="a")
-    assert Frame(name="b", line="").name == "b"
+    assert Frame(name="b").name == "b"
"#,
    );
}

#[test]
fn a_keyword_that_goes_on_to_somebody_else_is_left_out_too() {
    check(
        r#"
#- before: shop.py
def before(action, later=False, **kwargs):
    return lambda: action(**kwargs)
#- shop.py
def before(action, **kwargs):
    return lambda: action(**kwargs)
#- tests/test_shop.py
from shop import before

def action():
    return 1

early = before(action, later=False)

def test_before():
    assert early() == 1
    assert before(action, later=True)() == 1
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_before __________________________________

    def test_before():
>       assert early() == 1

tests/test_shop.py:9: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

>   return lambda: action(**kwargs)
E   TypeError: action() got an unexpected keyword argument 'later'

shop.py:2: TypeError
#- healed
-early = before(action, later=False)
+early = before(action)
-    assert before(action, later=True)() == 1
+    assert before(action)() == 1
"#,
    );
}

#[test]
fn what_a_helper_compares_with_is_not_given_up() {
    check(
        r#"
#- before: tests/helpers.py
def compare(cart, total):
    assert cart["total"] == total
#- tests/helpers.py
def compare(cart):
    assert "total" in cart
#- tests/test_cart.py
from helpers import compare
from shop import cart

def test_cart():
    compare(cart(), 5)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       compare(cart(), 5)
E       TypeError: compare() takes 1 positional argument but 2 were given

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_helper_that_checked_until_now_keeps_its_arguments() {
    check(
        r#"
#- before: tests/helpers.py
def compare(cart, total):
    assert cart["total"] == total
#- tests/helpers.py
def compare(cart):
    return cart
#- tests/test_cart.py
from helpers import compare
from shop import cart

def test_cart():
    compare(cart(), total=5)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       compare(cart(), total=5)
E       TypeError: compare() got an unexpected keyword argument 'total'

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_helper_of_a_helper_that_checks_keeps_its_arguments() {
    check(
        r#"
#- before: tests/helpers.py
def same(a, b):
    assert a == b

def compare(cart, total):
    same(cart["total"], total)
#- tests/helpers.py
def same(a, b):
    assert a == b

def compare(cart):
    same(len(cart), 1)
#- tests/test_cart.py
from helpers import compare
from shop import cart

def test_cart():
    compare(cart(), total=5)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       compare(cart(), total=5)
E       TypeError: compare() got an unexpected keyword argument 'total'

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_block_that_must_raise_is_a_check() {
    check(
        r#"
#- before: tests/helpers.py
def refuses(function, *args, error=ValueError):
    with pytest.raises(error):
        function(*args)
#- tests/helpers.py
def refuses(function, *args):
    with pytest.raises(Exception):
        function(*args)
#- tests/test_cart.py
from helpers import refuses
from shop import cart

def test_cart():
    refuses(cart, 12, error=ValueError)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       refuses(cart, 12, error=ValueError)
E       TypeError: refuses() got an unexpected keyword argument 'error'

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_product_function_that_is_there_to_check_keeps_its_arguments() {
    check(
        r#"
#- before: shop/testing.py
def like(cart, total):
    if cart["total"] != total:
        raise AssertionError(cart)
#- shop/testing.py
def like(cart):
    if "total" not in cart:
        raise AssertionError(cart)
#- tests/test_cart.py
from shop.testing import like
from shop import cart

def test_cart():
    like(cart(), total=5)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       like(cart(), total=5)
E       TypeError: like() got an unexpected keyword argument 'total'

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_product_function_that_guards_what_it_builds_gives_arguments_up() {
    for order in ["order", "_check_order"] {
        check(&format!(
            r#"
#- before: shop/orders.py
def {order}(sku, store):
    assert sku
    return sku
#- shop/orders.py
def {order}(sku):
    assert sku
    return sku
#- tests/test_cart.py
from shop.orders import {order}
from shop import cart

def test_cart():
    assert {order}("a", store=1) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert {order}("a", store=1) == "a"
E       TypeError: {order}() got an unexpected keyword argument 'store'

tests/test_cart.py:5: TypeError
#- healed
-    assert {order}("a", store=1) == "a"
+    assert {order}("a") == "a"
"#
        ));
    }
}

#[test]
fn a_helper_that_only_builds_gives_arguments_up() {
    check(
        r#"
#- before: tests/helpers.py
def make_cart(sku, store):
    return [sku, store]
#- tests/helpers.py
def make_cart(sku):
    return [sku]
#- tests/test_cart.py
from helpers import make_cart
from shop import cart

def test_cart():
    assert cart(make_cart("a", store=1)) == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert cart(make_cart("a", store=1)) == 1
E       TypeError: make_cart() got an unexpected keyword argument 'store'

tests/test_cart.py:5: TypeError
#- healed
-    assert cart(make_cart("a", store=1)) == 1
+    assert cart(make_cart("a")) == 1
"#,
    );
}

#[test]
fn what_the_product_still_passes_is_not_given_up() {
    check(
        r#"
#- before: shop/orders.py
def order(sku, gift=False):
    return {"sku": sku, "wrapping": gift}
#- shop/orders.py
def order(sku):
    return {"sku": sku, "wrapping": None}
#- shop/checkout.py
from shop.orders import order

def checkout(cart):
    return [order(sku, gift=True) for sku in cart]
#- tests/test_cart.py
from shop.orders import order


def test_cart():
    assert order("tea", gift=True)["sku"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert order("tea", gift=True)["sku"] == "tea"
E       TypeError: order() got an unexpected keyword argument 'gift'

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_position_that_the_product_still_passes_is_not_given_up() {
    check(
        r#"
#- before: shop/orders.py
def order(sku, gift=False):
    return {"sku": sku, "wrapping": gift}
#- shop/orders.py
def order(sku):
    return {"sku": sku, "wrapping": None}
#- shop/checkout.py
from shop import orders

def checkout(cart):
    return [orders.order(sku, True) for sku in cart]
#- tests/test_cart.py
from shop.orders import order


def test_cart():
    assert order("tea", True)["sku"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert order("tea", True)["sku"] == "tea"
E       TypeError: order() takes 1 positional argument but 2 were given

tests/test_cart.py:5: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn callers_of_the_product_that_gave_it_up_too_say_nothing() {
    check(
        r#"
#- before: shop/orders.py
def order(sku, gift=False):
    return {"sku": sku, "wrapping": gift}
#- shop/orders.py
def order(sku):
    return {"sku": sku, "wrapping": None}
#- shop/checkout.py
from shop.orders import order

def checkout(cart):
    return [order(sku) for sku in cart]
#- tests/test_cart.py
from shop.orders import order


def test_cart():
    assert order("tea", gift=True)["sku"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert order("tea", gift=True)["sku"] == "tea"
E       TypeError: order() got an unexpected keyword argument 'gift'

tests/test_cart.py:5: TypeError
#- healed
-    assert order("tea", gift=True)["sku"] == "tea"
+    assert order("tea")["sku"] == "tea"
"#,
    );
}

#[test]
fn another_function_of_that_name_takes_what_it_takes() {
    check(
        r#"
#- before: shop/orders.py
def order(sku, gift=False):
    return {"sku": sku, "wrapping": gift}
#- shop/orders.py
def order(sku):
    return {"sku": sku, "wrapping": None}
#- shop/checkout.py
def order(sku, gift):
    return gift

def checkout(cart):
    return [order(sku, gift=True) for sku in cart]
#- tests/test_cart.py
from shop.orders import order


def test_cart():
    assert order("tea", gift=True)["sku"] == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert order("tea", gift=True)["sku"] == "tea"
E       TypeError: order() got an unexpected keyword argument 'gift'

tests/test_cart.py:5: TypeError
#- healed
-    assert order("tea", gift=True)["sku"] == "tea"
+    assert order("tea")["sku"] == "tea"
"#,
    );
}

#[test]
fn arguments_by_two_stars() {
    let scene = |test: &str, healed: &str| {
        check(&format!(
            r##"
#- before: shop.py
class Cart:
    def __init__(self, owner, color=None, size=0):
        self.size = size
#- shop.py
class Cart:
    def __init__(self, owner, size=0):
        self.size = size
#- tests/test_cart.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_size ___________________________________
tests/test_cart.py:8: in test_size
tests/test_cart.py:4: in make
E   TypeError: Cart.__init__() got an unexpected keyword argument 'color'
#- healed
{healed}
"##
        ));
    };
    scene(
        r#"from shop import Cart

def make(**options):
    $0return Cart("ann", **options)

def test_size():
    row = {"color": "red", "size": 1}
    assert make(**row).size == 1
    assert make(color="red").size == 0"#,
        r#"-    row = {"color": "red", "size": 1}
+    row = {"size": 1}
-    assert make(color="red").size == 0
+    assert make().size == 0"#,
    );
    scene(
        r#"from shop import Cart

def make(**options):
    $0return Cart("ann", **options)

def test_size(row):
    """The row is a fixture's."""

    assert make(**row).size == 1"#,
        "no fix",
    );
}

/// `Cart.put` took a flag before; the test fails at `asserted`, with `later` behind it.
fn other_objects(more: &str, asserted: &str, later: &str, healed: &str) {
    check(&format!(
        r#"
#- before: shop.py
class Cart:
    def put(self, name, flag):
        return name
{more}
#- shop.py
class Cart:
    def put(self, name):
        return name
{more}
#- tests/test_cart.py
import prices
from shop import Cart

def test_put(other):
    cart = Cart()
    {asserted}
    {later}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_put ___________________________________

    def test_put(other):
        cart = Cart()
>       {asserted}
E       TypeError: Cart.put() takes 2 positional arguments but 3 were given

tests/test_cart.py:6: TypeError
#- healed
{healed}
"#
    ));
}

#[test]
fn the_same_method_of_another_object_follows_in_the_same_test() {
    other_objects(
        "",
        "assert cart.put(1, True) == Cart().put(1, True) == other[0].put(1, False)",
        "assert Cart().put(2, True) == 2",
        "-    assert cart.put(1, True) == Cart().put(1, True) == other[0].put(1, False)
-    assert Cart().put(2, True) == 2
+    assert cart.put(1) == Cart().put(1) == other[0].put(1)
+    assert Cart().put(2) == 2",
    );
    // What is imported from elsewhere is no object of the class.
    other_objects(
        "",
        "assert cart.put(1, True) == prices.put(1, True)",
        "",
        "-    assert cart.put(1, True) == prices.put(1, True)
+    assert cart.put(1) == prices.put(1, True)",
    );
    // It may be of what still takes the flag.
    other_objects(
        "class Box:\n    def put(self, name, flag):\n        return name",
        "assert cart.put(1, True) == other.put(1, True)",
        "assert other.put(2, True) == 2",
        "-    assert cart.put(1, True) == other.put(1, True)
+    assert cart.put(1) == other.put(1, True)",
    );
}
