//! Scenes of `stub-signature`.

use crate::fixture::check;

#[test]
fn an_override_follows_what_it_overrides() {
    check(
        r#"
#- before: shop.py
class Shop:
    def log(self, error):
        print(error)

    def run(self):
        self.log(1)
#- shop.py
class Shop:
    def log(self, context, error):
        print(error)

    def run(self):
        self.log(self, 1)
#- tests/test_shop.py
import shop

def test_log():
    class Quiet(shop.Shop):
        def log(self, error):
            self.seen = error

    Quiet().run()
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_log ___________________________________

    def test_log():
        class Quiet(shop.Shop):
            def log(self, error):
                self.seen = error
    
>       Quiet().run()

tests/test_shop.py:8: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <tests.test_shop.Quiet object at 0x7f0000000000>

    def run(self):
>       self.log(self, 1)
E       TypeError: test_log.<locals>.Quiet.log() takes 2 positional arguments but 3 were given

shop.py:6: TypeError
#- healed
-        def log(self, error):
+        def log(self, context, error):
"#,
    );
}

#[test]
fn a_lambda_takes_what_the_call_says() {
    check(
        r#"
#- before: shop.py
def order(to, send):
    return send(to)
#- shop.py
def order(to, send):
    urgent = True
    return send(to, urgent)
#- tests/test_order.py
from shop import order

def test_order():
    assert order("ann", lambda to: to) == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("ann", lambda to: to) == "ann"

tests/test_order.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

to = 'ann', send = <function test_order.<locals>.<lambda> at 0x7f0000000000>

    def order(to, send):
        urgent = True
>       return send(to, urgent)
E       TypeError: test_order.<locals>.<lambda>() takes 1 positional argument but 2 were given

shop.py:3: TypeError
#- healed
-    assert order("ann", lambda to: to) == "ann"
+    assert order("ann", lambda to, urgent: to) == "ann"
"#,
    );
}

#[test]
fn a_stub_of_its_own_follows_the_functions_that_are_called_like_it() {
    check(
        r#"
#- before: shop.py
class Policy:
    def permits(self, request, permission):
        return True

def view(policy, request):
    return policy.permits(request, "view")
#- shop.py
class Policy:
    def permits(self, request, identity, permission):
        return True

def view(policy, request):
    return policy.permits(request, policy.identify(request), "view")
#- tests/test_shop.py
import shop

class Other:
    def permits(self, request, permission):
        return None

class Allow:
    def permits(self, r, permission):
        return permission

    def identify(self, r):
        return "ann"

def test_view():
    assert shop.view(Allow(), "r") == "view"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_view ___________________________________

    def test_view():
>       assert shop.view(Allow(), "r") == "view"

tests/test_shop.py:15: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

policy = <tests.test_shop.Allow object at 0x7f0000000000>, request = 'r'

    def view(policy, request):
>       return policy.permits(request, policy.identify(request), "view")
E       TypeError: Allow.permits() takes 3 positional arguments but 4 were given

shop.py:6: TypeError
#- healed
-    def permits(self, r, permission):
+    def permits(self, r, identity, permission):
"#,
    );
}

#[test]
fn namesakes_that_do_not_agree_say_nothing() {
    check(
        r#"
#- before: shop.py
class Policy:
    def permits(self, request, permission):
        return True

class Gate:
    def permits(self, request, permission):
        return True

def view(policy, request):
    return policy.permits(request, "view")
#- shop.py
class Policy:
    def permits(self, request, identity, permission):
        return True

class Gate:
    def permits(self, request, permission, door):
        return True

def view(policy, request):
    return policy.permits(request, policy.identify(request), "view")
#- tests/test_shop.py
import shop

class Allow:
    def permits(self, r, permission):
        return permission

    def identify(self, r):
        return "ann"

def test_view():
    assert shop.view(Allow(), "r") == "view"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_view ___________________________________

    def test_view():
>       assert shop.view(Allow(), "r") == "view"

tests/test_shop.py:11: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

policy = <tests.test_shop.Allow object at 0x7f0000000000>, request = 'r'

    def view(policy, request):
>       return policy.permits(request, policy.identify(request), "view")
E       TypeError: Allow.permits() takes 3 positional arguments but 4 were given

shop.py:10: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn the_side_effect_of_a_mock_is_called_by_the_product() {
    check(
        r#"
#- before: shop.py
def order(to, send):
    return send(to)
#- shop.py
def order(to, send):
    urgent = True
    return send(to, urgent)
#- tests/test_order.py
from unittest import mock
from shop import order

def test_order():
    def fake(to):
        return to

    assert order("ann", mock.Mock(side_effect=fake)) == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        def fake(to):
            return to
    
>       assert order("ann", mock.Mock(side_effect=fake)) == "ann"

tests/test_order.py:8: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
shop.py:3: in order
    return send(to, urgent)
/usr/lib/python3.11/unittest/mock.py:1124: in __call__
    return self._mock_call(*args, **kwargs)
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

>               result = effect(*args, **kwargs)
E               TypeError: test_order.<locals>.fake() takes 1 positional argument but 2 were given

/usr/lib/python3.11/unittest/mock.py:1201: TypeError
#- healed
-    def fake(to):
+    def fake(to, urgent):
"#,
    );
}

#[test]
fn nothing_without_a_default_comes_behind_a_default() {
    let scene = |real: &str, healed: &str| {
        format!(
            r#"
#- before: shop.py
class Transport:
    def lose(self, reason, item=None):
        print(reason, item)

def stop(transport):
    transport.lose("stop")
#- shop.py
class Transport:
    {real}
        print(reason, item)

def stop(transport):
    transport.lose("stop", quantity=2)
#- tests/test_stop.py
from shop import stop

def test_stop(monkeypatch, transport):
    def lose(reason, item=None):
        assert reason == "stop"
    monkeypatch.setattr(transport, "lose", lose)
    stop(transport)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_stop ___________________________________

    def test_stop(monkeypatch, transport):
        def lose(reason, item=None):
            assert reason == "stop"
        monkeypatch.setattr(transport, "lose", lose)
>       stop(transport)

tests/test_stop.py:7: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def stop(transport):
>       transport.lose("stop", quantity=2)
E       TypeError: test_stop.<locals>.lose() got an unexpected keyword argument 'quantity'

shop.py:6: TypeError
#- healed
-    def lose(reason, item=None):
+    def lose(reason, item=None, {healed}):
"#
        )
    };
    check(&scene("def lose(self, reason, item=None, quantity=1):", "quantity=1"));
    check(&scene("def lose(self, reason, item=None, **rest):", "*, quantity"));
}

#[test]
fn a_call_that_did_not_change_is_no_fix() {
    check(
        r#"
#- before: shop.py
def order(to, send):
    return send(to, True)
#- shop.py
def order(to, send):
    """Orders."""
    return send(to, True)
#- tests/test_order.py
from shop import order

def test_order():
    assert order("ann", lambda to: to) == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("ann", lambda to: to) == "ann"

tests/test_order.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

to = 'ann', send = <function test_order.<locals>.<lambda> at 0x7f0000000000>

    def order(to, send):
        """Orders."""
>       return send(to, True)
E       TypeError: test_order.<locals>.<lambda>() takes 1 positional argument but 2 were given

shop.py:3: TypeError
#- healed
no fix
"#,
    );
}

/// A function whose parameter was renamed, and a stand-in of the test that the product calls with the new name.
fn renamed(stub: &str, healed: &str) -> String {
    format!(
        r#"
#- before: shop.py
def ship(sku, qty=1):
    return [sku] * qty

def send(skus, carrier):
    return [carrier(sku, qty=2) for sku in skus]

def again(sku):
    return ship(sku, qty=3)
#- shop.py
def ship(sku, quantity=1):
    return [sku] * quantity

def send(skus, carrier):
    return [carrier(sku, quantity=2) for sku in skus]

def again(sku):
    return ship(sku, quantity=3)
#- tests/test_send.py
from shop import send

def test_send():
    qty = 5
    def carrier{stub}
    assert send(["a"], carrier) == [("a", 2)]
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_send ___________________________________

    def test_send():
        qty = 5
        def carrier{stub}
>       assert send(["a"], carrier) == [("a", 2)]

tests/test_send.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

skus = ['a']

    def send(skus, carrier):
>       return [carrier(sku, quantity=2) for sku in skus]
E       TypeError: test_send.<locals>.carrier() got an unexpected keyword argument 'quantity'

shop.py:5: TypeError
#- healed
{healed}
"#
    )
}

#[test]
fn a_parameter_that_has_another_name_now_is_renamed_not_added() {
    let healed =
        "-    def carrier(sku, qty): return (sku, qty)\n+    def carrier(sku, quantity): return (sku, quantity)";
    check(&renamed("(sku, qty): return (sku, qty)", healed));
    let healed = "-    def carrier(sku, qty=1): return show(sku.qty, qty=qty)\n\
        +    def carrier(sku, quantity=1): return show(sku.qty, qty=quantity)";
    check(&renamed("(sku, qty=1): return show(sku.qty, qty=qty)", healed));
}

#[test]
fn a_stub_that_has_both_names_keeps_its_own() {
    check(&renamed("(sku, qty): quantity = qty; return (sku, quantity)", "no fix"));
}

/// A fake that another file of the tests has, whose base class takes what `after` says since, and how the test gets it.
#[track_caller]
fn check_beside(after: &str, passed: &str, file: &str, fixture: &str, test: &str, healed: &str) {
    check(&format!(
        r#"
#- before: base.py
class Shop:
    def sell(self, item):
        return item

    def run(self):
        return self.sell(1)
#- base.py
class Shop:
    def sell(self, {after}):
        return item

    def run(self):
        return self.sell({passed})
#- shop.py
from base import Shop

class Corner(Shop):
    name = "corner"
#- tests/{file}.py
import pytest
from shop import Corner

class Fake(Corner):
    def sell(self, item):
        return item * 2
{fixture}
#- tests/test_shop.py
{test}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________
tests/test_shop.py:4: in test_run
    assert shop.run() == 2
base.py:6: in run
    return self.sell({passed})
E   TypeError: Fake.sell() takes 2 positional arguments but 3 were given
#- healed
{healed}
"#
    ));
}

#[test]
fn a_fake_of_another_file_of_the_tests_takes_what_its_base_takes() {
    let fixture = "\n@pytest.fixture\ndef shop():\n    return Fake()\n";
    let test = "# A shop.\n\ndef test_run(shop):\n    assert shop.run() == 2";
    let healed = "-    def sell(self, item):\n+    def sell(self, item, count):";
    check_beside("item, count", "1, 2", "conftest", fixture, test, healed);
    let test = "from tests.fakes import Fake\ndef test_run():\n    shop = Fake()\n    assert shop.run() == 2";
    check_beside("item, count", "1, 2", "fakes", "", test, healed);
    // Nobody took more: the product passes what its own method refuses.
    check_beside("item", "1, 2", "fakes", "", test, "no fix");
}

/// Two functions of the product are replaced by lambdas; `send` is called with more, and the last is of `other`.
fn two_lambdas(other: &str, healed: &str) {
    check(&format!(
        r#"
#- before: shop.py
def send(to):
    return to

def log(text):
    return text

def order(to):
    return send(to)
#- shop.py
def send(to, urgent=False):
    return to

def log(text):
    return text

def order(to):
    return send(to, urgent=True)
#- tests/test_shop.py
import shop

def test_order(monkeypatch):
    monkeypatch.setattr(shop, "{other}", lambda text: text)
    monkeypatch.setattr("shop.send", lambda to: to)
    assert shop.order("ann") == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(monkeypatch):
        monkeypatch.setattr(shop, "{other}", lambda text: text)
        monkeypatch.setattr("shop.send", lambda to: to)
>       assert shop.order("ann") == "ann"

tests/test_shop.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

to = 'ann'

    def order(to):
>       return send(to, urgent=True)
E       TypeError: test_order.<locals>.<lambda>() got an unexpected keyword argument 'urgent'

shop.py:8: TypeError
#- healed
{healed}
"#
    ));
}

#[test]
fn of_several_lambdas_the_one_that_is_called_takes_it() {
    two_lambdas(
        "log",
        "-    monkeypatch.setattr(\"shop.send\", lambda to: to)\n\
         +    monkeypatch.setattr(\"shop.send\", lambda to, urgent=False: to)",
    );
    two_lambdas("send", "no fix");
}
