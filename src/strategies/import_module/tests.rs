//! Modules that are gone, moved or split.

use crate::fixture::check;

#[test]
fn a_module_that_was_split() {
    check(
        r#"
#- shop/__init__.py
#- shop/checkout.py
def pay(cart): ...
#- shop/carts.py
class Cart: ...
#- tests/test_cart.py
from $0shop.basket import Cart, pay

def test_pay():
    pay(Cart())
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop.basket import Cart, pay
E   ModuleNotFoundError: No module named 'shop.basket'
#- healed
-from shop.basket import Cart, pay
+from shop.carts import Cart
+from shop.checkout import pay
"#,
    );
}

/// `import postal.letters as post` over a module that went, where these others are.
#[track_caller]
fn check_alias(users: &str, orders: &str, read: &str, healed: &str) {
    check(&format!(
        r#"
#- postal/__init__.py
#- before: postal/letters.py
class User:
    def name(self):
        return "user"

class Order:
    def number(self):
        return 1
#- postal/letters_of_users.py
{users}
#- postal/letters_of_orders.py
{orders}
#- tests/test_post.py
import $0postal.letters as post

def test_post():
    assert {read}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_post.py ______________________
ImportError while importing test module '/p/tests/test_post.py'.
Traceback:
tests/test_post.py:1: in <module>
    import postal.letters as post
E   ModuleNotFoundError: No module named 'postal.letters'
#- healed
{healed}
"#
    ));
}

#[test]
fn a_part_of_a_module_that_was_split_is_not_the_whole() {
    let user = "class User:\n    def name(self):\n        return \"user\"\n";
    let order = "class Order:\n    def number(self):\n        return 1\n";
    let read = "post.User().name() and post.Order().number()";
    check_alias(user, order, "show(post) and post.User() and post.Order()", "no fix");
    let healed = "-import postal.letters as post\n+from postal import letters_of_orders, letters_of_users\n\
                  -    assert post.User().name() and post.Order().number()\n\
                  +    assert letters_of_users.User().name() and letters_of_orders.Order().number()";
    check_alias(user, order, read, healed);
    let healed = "-import postal.letters as post\n+import postal.letters_of_users as post";
    check_alias(&format!("{user}\n{order}"), "", read, healed);
}

#[test]
fn a_relative_import_stays_one() {
    for (old, new) in [(".helpers", ".support.helpers"), ("..money", "..billing.money")] {
        let missing = if old == ".helpers" { "shop.tests.helpers" } else { "shop.money" };
        check(
            &format!(
                r#"
#- shop/__init__.py
#- shop/tests/__init__.py
#- shop/tests/support/__init__.py
#- before: shop/tests/helpers.py
def make(number):
    return list(range(number))
#- shop/tests/support/helpers.py
def make(number):
    return list(range(number))
#- shop/billing/__init__.py
#- before: shop/money.py
def total(cart):
    return sum(cart)
#- shop/billing/money.py
def total(cart):
    return sum(cart)
#- shop/tests/test_cart.py
from {old} import {{name}}

def test_cart():
    assert {{name}}
#- test_run.log
==================================== ERRORS ====================================
__________________ ERROR collecting shop/tests/test_cart.py ____________________
ImportError while importing test module '/p/shop/tests/test_cart.py'.
Traceback:
shop/tests/test_cart.py:1: in <module>
    from {old} import {{name}}
E   ModuleNotFoundError: No module named '{missing}'
#- healed
-from {old} import {{name}}
+from {new} import {{name}}
"#
            )
            .replace("{name}", if old == ".helpers" { "make" } else { "total" }),
        );
    }
}

#[test]
fn a_package_that_is_not_there_at_all_is_no_fix() {
    check(
        r#"
#- tests/test_cart.py
import $0no_such_package

def test_pay():
    no_such_package.pay()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    import no_such_package
E   ModuleNotFoundError: No module named 'no_such_package'
#- healed
no fix: not installed
"#,
    );
}

#[test]
fn the_uses_of_a_plain_import_follow() {
    check(
        r#"
#- shop/__init__.py
#- shop/basket.py
def pay(): ...
#- tests/test_cart.py
import $0shop.baskets

def test_pay():
    shop.baskets.pay()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    import shop.baskets
E   ModuleNotFoundError: No module named 'shop.baskets'
#- healed
-import shop.baskets
+import shop.basket
-    shop.baskets.pay()
+    shop.basket.pay()
"#,
    );
}

#[test]
fn the_standard_library_names_its_successors() {
    check(
        r#"
#- tests/test_cart.py
from $0StringIO import StringIO

def test_pay():
    StringIO()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from StringIO import StringIO
E   ModuleNotFoundError: No module named 'StringIO'
#- healed
-from StringIO import StringIO
+from io import StringIO
"#,
    );
}

/// A test module that imports from `postal.letters`, which went in the scene's commit.
#[track_caller]
fn check_letters(files: &str, test: &str, healed: &str) {
    let import = test.lines().next().unwrap_or_default().replace("$0", "");
    check(&format!(
        r#"
#- postal/__init__.py
#- before: postal/letters.py
class Letter:
    """A letter on its way."""

    def __init__(self, to, weight=20):
        self.to = to
        self.weight = weight

    def postage(self):
        return 85 if self.weight <= 20 else 100

def is_code(text):
    return len(text) == 5 and text.isdigit()
{files}
#- tests/test_letters.py
{test}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_letters.py ____________________
ImportError while importing test module '/p/tests/test_letters.py'.
Traceback:
tests/test_letters.py:1: in <module>
    {import}
E   ModuleNotFoundError: No module named 'postal.letters'
#- healed
{healed}
"#
    ));
}

const SHIPMENT: &str = r#"class Shipment:
    """A letter on its way."""

    def __init__(self, to, weight=20):
        self.to = to
        self.weight = weight

    def postage(self):
        return 85 if self.weight <= 20 else 100
"#;

const IS_CODE: &str = "def is_code(text):\n    return len(text) == 5 and text.isdigit()\n";

#[test]
fn a_module_and_its_class_under_new_names() {
    check_letters(
        &format!("#- postal/shipments.py\n{SHIPMENT}\n{IS_CODE}"),
        "from $0postal.letters import Letter\n\ndef test_class():\n    assert Letter('Bob').weight == 20",
        "-from postal.letters import Letter\n+from postal.shipments import Shipment\n-    assert Letter('Bob').weight == 20\n+    assert Shipment('Bob').weight == 20",
    );
}

#[test]
fn names_that_went_to_two_modules_one_of_them_under_a_new_name() {
    check_letters(
        &format!("#- postal/shipments.py\n{SHIPMENT}\n#- postal/codes.py\n{IS_CODE}"),
        "from $0postal.letters import (\n    Letter as L,\n    is_code,\n)\n\ndef test_class():\n    assert is_code('53111') and L('Bob')",
        "-from postal.letters import (\n-    Letter as L,\n-    is_code,\n-)\n+from postal.codes import is_code\n+from postal.shipments import Shipment as L",
    );
}

#[test]
fn a_class_that_is_nowhere_comes_from_no_module_that_took_the_others() {
    check_letters(
        &format!(
            "#- postal/parcels.py\nclass Parcel:\n    def open(self):\n        return []\n#- postal/codes.py\n{IS_CODE}"
        ),
        "from $0postal.letters import Letter, is_code\n\nclass Late(Letter): ...\n\ndef test_class():\n    assert is_code('53111') and Late('Bob')",
        "no fix",
    );
}

#[test]
fn what_a_caller_takes_instead_is_no_removal() {
    check_letters(
        r#"#- postal/items.py
class Item:
    def __init__(self, to, grams=20):
        self.to = to
        self.grams = grams

    def price(self):
        return 85 if self.grams <= 20 else 100
#- before: postal/office.py
from postal.letters import Letter

def post(to):
    return Letter(to)
#- postal/office.py
from postal.items import Item

def post(to):
    return Item(to)"#,
        "from $0postal.letters import Letter\n\ndef test_class():\n    assert Letter('Bob')",
        "-from postal.letters import Letter\n+from postal.items import Item\n-    assert Letter('Bob')\n+    assert Item('Bob')",
    );
}

/// `importlib.import_module("postal.codes")` in a test.
#[track_caller]
fn check_lazy(now: &str, healed: &str) {
    check(&format!(
        r#"
#- postal/__init__.py
#- before: postal/codes.py
{IS_CODE}
{now}
#- tests/test_codes.py
import importlib

def test_lazy():
    module = importlib.import_module("$0postal.codes")
    assert module.is_code("53111")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_lazy ___________________________________

    def test_lazy():
>       module = importlib.import_module("postal.codes")

tests/test_codes.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
<frozen importlib._bootstrap>:1204: in _gcd_import
    ???
E   ModuleNotFoundError: No module named 'postal.codes'

<frozen importlib._bootstrap>:1140: ModuleNotFoundError
#- healed
{healed}
"#
    ));
}

#[test]
fn a_module_that_is_imported_by_its_name_in_a_string() {
    check_lazy(
        &format!("#- postal/zipcode.py\n{IS_CODE}"),
        "-    module = importlib.import_module(\"postal.codes\")\n+    module = importlib.import_module(\"postal.zipcode\")",
    );
    check_lazy("#- postal/streets.py\ndef name(street):\n    return street.title() or None", "no fix");
}

/// A test module that imports a helper of the tests, which imports `shop.basket`.
#[track_caller]
fn check_helper(now: &str, healed: &str) {
    check(&format!(
        r#"
#- shop/__init__.py
#- before: shop/basket.py
def pay(cart):
    return sum(cart) + len(cart)
{now}
#- tests/util/__init__.py
#- tests/util/stock.py
from $0shop.basket import pay

def paid():
    return pay([1])
#- tests/test_cart.py
import os
from .util.stock import paid

def test_pay():
    assert paid() == 2
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:2: in <module>
    from .util.stock import paid
tests/util/stock.py:1: in <module>
    from shop.basket import pay
E   ModuleNotFoundError: No module named 'shop.basket'
=========================== short test summary info ============================
ERROR tests/test_cart.py
#- healed
{healed}
"#
    ));
}

#[test]
fn a_helper_of_the_tests_is_where_its_import_fails() {
    check_helper(
        "#- shop/cart.py\ndef pay(cart):\n    return sum(cart) + len(cart)",
        "-from shop.basket import pay\n+from shop.cart import pay",
    );
    check_helper("#- shop/cart.py\ndef open_cart():\n    return [] or None", "-from shop.basket import pay");
}

/// A test that takes `StringIO` from `shop.compat`, which went away as `now` says.
#[track_caller]
fn check_compat(compat: &str, now: &str, healed: &str) {
    check(&format!(
        r#"
#- shop/__init__.py
#- before: shop/compat.py
{compat}
#- before: shop/orders/plan.py
from sys import stdout
from ..compat import StringIO
#- shop/orders/plan.py
from sys import stdout
{now}
#- tests/test_plan.py
from $0shop.compat import StringIO

def test_plan():
    assert StringIO().getvalue() == ""
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_plan.py ______________________
ImportError while importing test module '/p/tests/test_plan.py'.
Traceback:
tests/test_plan.py:1: in <module>
    from shop.compat import StringIO
E   ModuleNotFoundError: No module named 'shop.compat'
=========================== short test summary info ============================
ERROR tests/test_plan.py
#- healed
{healed}
"#
    ));
}

#[test]
fn what_a_lost_module_handed_on_comes_from_where_the_product_takes_it() {
    let compat =
        "try:\n    from StringIO import StringIO\nexcept ImportError:\n    from io import StringIO\n\nStringIO";
    check_compat(compat, "from io import StringIO", "-from shop.compat import StringIO\n+from io import StringIO");
    check_compat(compat, "from io import BytesIO", "no fix");
    check_compat(compat, "from shop.lost import StringIO", "no fix");
}
