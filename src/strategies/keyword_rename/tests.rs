//! Scenes of `keyword-rename`.

use crate::fixture::check;

#[test]
fn a_parameter_that_is_already_passed_is_not_meant() {
    check(
        r#"
#- shop.py
def add(sku, quantity=1):
    return sku
#- tests/test_cart.py
from shop import add

def test_add():
    add("a", quantity=1, $0quanty=2)
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       add("a", quantity=1, quanty=2)
E       TypeError: add() got an unexpected keyword argument 'quanty'

tests/test_cart.py:4: TypeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_deprecation_that_went_with_the_old_name_names_the_new_one_for_every_call() {
    check(
        r#"
#- before: shop.py
import warnings

class Client:
    def get(self, url, follow=None, allow_redirects=None):
        if allow_redirects is not None:
            warnings.warn("The `allow_redirects` argument is deprecated. Use `follow` instead.")
        return url
#- shop.py
class Client:
    def get(self, url, follow=None):
        return url
#- tests/test_client.py
from shop import Client

def test_get():
    client = Client()
    assert client.get("/", allow_redirects=False) == "/"
    assert client.get("/a", allow_redirects=False) == "/a"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
        client = Client()
>       assert client.get("/", allow_redirects=False) == "/"
E       TypeError: Client.get() got an unexpected keyword argument 'allow_redirects'

tests/test_client.py:5: TypeError
#- healed
-    assert client.get("/", allow_redirects=False) == "/"
-    assert client.get("/a", allow_redirects=False) == "/a"
+    assert client.get("/", follow=False) == "/"
+    assert client.get("/a", follow=False) == "/a"
"#,
    );
}

const LOG: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       assert add("a", group="dev") == 1
E       TypeError: add() got an unexpected keyword argument 'group'

tests/test_cart.py:4: TypeError
"#;

#[test]
fn the_value_is_written_as_the_other_callers_write_it() {
    let scene = r#"
#- before: shop.py
def add(sku, group="main"):
    return 1
#- shop.py
def add(sku, groups=("main",)):
    return len(groups)
#- before: billing.py
from shop import add

def bill(sku, kind):
    add(sku, group=kind)
    add(sku, group="main")
#- billing.py
from shop import add

def bill(sku, kind):
    add(sku, groups=[kind])
    add(sku, groups=["main"])
#- tests/test_cart.py
from shop import add

def test_add():
    assert add("a", group="dev") == 1
"#;
    let healed =
        "#- healed\n-    assert add(\"a\", group=\"dev\") == 1\n+    assert add(\"a\", groups=[\"dev\"]) == 1\n";
    check(&format!("{scene}{LOG}{healed}"));
}

#[test]
fn a_server_is_no_address() {
    let scene = |value: &str| {
        format!(
            r#"
#- before: shop.py
class Till: ...

def add(sku: str, till: "Till | None" = None) -> int:
    return 1
#- shop.py
class Till: ...

def add(sku: str, till_name: "str | None" = None) -> int:
    return 1
#- tests/test_cart.py
from shop import Till, add

def test_add():
    assert add("a", $0till={value}) == 1
{}"#,
            LOG.replace("group", "till").replace("\"dev\"", value)
        )
    };
    check(&format!("{}#- healed\nno fix\n", scene("Till()")));
    let renamed = "#- healed\n-    assert add(\"a\", till=None) == 1\n+    assert add(\"a\", till_name=None) == 1\n";
    check(&format!("{}{renamed}", scene("None")));
}

#[test]
fn the_annotations_say_that_one_became_many() {
    let scene = r#"
#- before: shop.py
def add(sku: str, group: str = "main") -> int:
    return 1
#- shop.py
from typing import Iterable, Optional

def add(sku: str, groups: "Optional[Iterable[str]]" = None) -> int:
    return len(list(groups))
#- tests/test_cart.py
from shop import add

def test_add():
    assert add("a", group="dev") == 1
"#;
    let healed =
        "#- healed\n-    assert add(\"a\", group=\"dev\") == 1\n+    assert add(\"a\", groups=[\"dev\"]) == 1\n";
    check(&format!("{scene}{LOG}{healed}"));
}

#[test]
fn a_parameter_that_takes_what_it_took_gets_the_value_as_it_is() {
    let scene = r#"
#- before: shop.py
def add(sku: str, group: str = "main") -> int:
    return 1
#- shop.py
def add(sku: str, groups: "str | list[str]" = "main") -> int:
    return 1
#- tests/test_cart.py
from shop import add

def test_add():
    assert add("a", group="dev") == 1
"#;
    let healed = "#- healed\n-    assert add(\"a\", group=\"dev\") == 1\n+    assert add(\"a\", groups=\"dev\") == 1\n";
    check(&format!("{scene}{LOG}{healed}"));
}

#[test]
fn a_keyword_that_was_handed_on_follows_too() {
    let scene = r#"
#- before: shop.py
def add(sku, **kwargs):
    group = kwargs.pop("group", None)
    return _add(sku, group, **kwargs)

def _add(sku, group):
    return 1

def bill(sku):
    return add(sku, group="main")
#- shop.py
def add(sku, **kwargs):
    kind = kwargs.pop("kind", None)
    return _add(sku, kind, **kwargs)

def _add(sku, kind):
    return 1

def bill(sku):
    return add(sku, kind="main")
#- tests/test_cart.py
from shop import add

def test_add():
    assert add("a", group="dev") == 1
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       assert add("a", group="dev") == 1

tests/test_cart.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

sku = 'a', kwargs = {'group': 'dev'}, kind = None

    def add(sku, **kwargs):
        kind = kwargs.pop("kind", None)
>       return _add(sku, kind, **kwargs)
E       TypeError: _add() got an unexpected keyword argument 'group'

shop.py:3: TypeError
"#;
    let healed = "#- healed\n-    assert add(\"a\", group=\"dev\") == 1\n+    assert add(\"a\", kind=\"dev\") == 1\n";
    check(&format!("{scene}{healed}"));
}

#[test]
fn keywords_of_a_table_and_of_a_helper() {
    let scene = |test: &str, frames: &str, healed: &str| {
        check(&format!(
            r##"
#- before: shop.py
class Cart:
def __init__(self, owner, number=0):
    self.number = number
#- shop.py
class Cart:
def __init__(self, owner, num=0):
    self.num = num
#- tests/test_cart.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_size ___________________________________
{frames}
E   TypeError: Cart.__init__() got an unexpected keyword argument 'number'
#- healed
{healed}
"##
        ));
    };
    scene(
        r#"import pytest
from shop import Cart


@pytest.mark.parametrize(("row", "size"), [
    ({"owner": "ann", "number": 2}, 2),
    ({"owner": "bob", "number": 3}, 3),
    ({"owner": "eve"}, 0),
])
def test_size(row, size):
    assert $0Cart(**row).num == size"#,
        "tests/test_cart.py:11: in test_size",
        r#"-    ({"owner": "ann", "number": 2}, 2),
-    ({"owner": "bob", "number": 3}, 3),
+    ({"owner": "ann", "num": 2}, 2),
+    ({"owner": "bob", "num": 3}, 3),"#,
    );
    scene(
        r#"from shop import Cart

ROOM = dict(number=1)


def make(**options):
    $0return Cart("ann", **options)


def test_size():
    assert make(number=2).num == 2
    assert make(**ROOM).num == 1
    assert make().num == 0"#,
        "tests/test_cart.py:11: in test_size\ntests/test_cart.py:7: in make",
        r#"-ROOM = dict(number=1)
+ROOM = dict(num=1)
-    assert make(number=2).num == 2
+    assert make(num=2).num == 2"#,
    );
    scene(
        r#"from shop import Cart


class Other:
    ROW = {"number": 1}


def test_size(row):
    """A fixture of another file."""

    assert $0Cart("ann", **row).num == 1"#,
        "tests/test_cart.py:11: in test_size",
        "no fix",
    );
}

/// A dataclass whose field was renamed, and a test of it that fails in the line `failing`.
fn field(test: &str, failing: &str, healed: &str) -> String {
    let line = test.lines().position(|line| line.trim() == failing).expect("the test holds the line") + 1;
    format!(
        r#"
#- before: shop.py
from dataclasses import dataclass

@dataclass
class Order:
    number: int
    owner: str = "nobody"

def label(order):
    return f"{{order.number}}: {{order.owner}}"
#- shop.py
from dataclasses import dataclass

@dataclass
class Order:
    number: int
    customer: str = "nobody"

def label(order):
    return f"{{order.number}}: {{order.customer}}"
#- tests/test_order.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       {failing}
E       TypeError: Order.__init__() got an unexpected keyword argument 'owner'

tests/test_order.py:{line}: TypeError
#- healed
{healed}
"#
    )
}

#[test]
fn a_field_of_a_dataclass_is_a_keyword_of_its_constructor() {
    let test = "from shop import Order\n\ndef test_order():\n    assert Order(1, owner=\"ann\").number == 1";
    let failing = "assert Order(1, owner=\"ann\").number == 1";
    let healed = "-    assert Order(1, owner=\"ann\").number == 1\n+    assert Order(1, customer=\"ann\").number == 1";
    check(&field(test, failing, healed));
    // A class of the test that has a field of its own by that name is no order.
    let other = "from shop import Order\n\nclass Till:\n    owner = 1\n\ndef test_order():\n    order = Order(1)\n    \
        assert Till(owner=\"ann\")";
    let scene = field(other, "assert Till(owner=\"ann\")", "no fix").replace("Order.__init__()", "Till()");
    check(&scene);
}

#[test]
fn an_entry_that_is_written_into_the_dictionary_follows() {
    let test = "from shop import Order\n\ndef test_order():\n    values = {}\n    values[\"owner\"] = \"ann\"\n    \
        other = {}\n    other[\"owner\"] = \"bob\"\n    assert Order(1, **values).number == 1";
    let failing = "assert Order(1, **values).number == 1";
    check(&field(test, failing, "-    values[\"owner\"] = \"ann\"\n+    values[\"customer\"] = \"ann\""));
    let updated = test.replace("values[\"owner\"] = \"ann\"", "values.update(owner=\"ann\")");
    check(&field(&updated, failing, "-    values.update(owner=\"ann\")\n+    values.update(customer=\"ann\")"));
    let unknown = test.replace("values[\"owner\"] = \"ann\"", "values[key] = \"ann\"");
    check(&field(&unknown, failing, "no fix"));
}

#[test]
fn a_row_of_a_table_follows_with_what_reads_it() {
    let test = "from shop import Order\n\nROWS = [{\"owner\": \"ann\"}]\n\ndef test_order():\n    for row in ROWS:\n        \
        assert Order(1, **row).number == len(row[\"owner\"]) - 2";
    let failing = "assert Order(1, **row).number == len(row[\"owner\"]) - 2";
    let healed = "-ROWS = [{\"owner\": \"ann\"}]\n+ROWS = [{\"customer\": \"ann\"}]\n\
        -        assert Order(1, **row).number == len(row[\"owner\"]) - 2\n\
        +        assert Order(1, **row).number == len(row[\"customer\"]) - 2";
    check(&field(test, failing, healed));
}

#[test]
fn rows_that_a_fixture_gets_by_indirect_pass_the_new_name() {
    let test = "import pytest\nfrom shop import Order\n\n@pytest.fixture\ndef order(request):\n    \
        return Order(1, **request.param)\n\n@pytest.mark.parametrize(\"order\", [{\"owner\": \"ann\"}], indirect=True)\n\
        def test_order(order):\n    assert order.number == 1";
    let healed = "-@pytest.mark.parametrize(\"order\", [{\"owner\": \"ann\"}], indirect=True)\n\
        +@pytest.mark.parametrize(\"order\", [{\"customer\": \"ann\"}], indirect=True)";
    check(&field(test, "return Order(1, **request.param)", healed));
    let direct = test.replace(", indirect=True", "");
    check(&field(&direct, "return Order(1, **request.param)", "no fix"));
}

#[test]
fn a_helper_that_a_fixture_hands_out_passes_the_new_name() {
    let test = "import pytest\nfrom shop import Order\n\n@pytest.fixture\ndef make():\n    def build(**values):\n        \
        return Order(1, **values)\n    return build\n\ndef test_order(make):\n    assert make(owner=\"ann\").number == 1";
    let healed = "-    assert make(owner=\"ann\").number == 1\n+    assert make(customer=\"ann\").number == 1";
    check(&field(test, "return Order(1, **values)", healed));
    let other = test.replace("return build\n", "return wrapped(build)\n");
    check(&field(&other, "return Order(1, **values)", "no fix"));
}

/// `Order` calls its `owner` `customer` since the last commit; `lines` are those of the test behind its imports.
fn check_order(lines: &str, frames: &str, healed: &str) {
    let order = |field: &str| {
        format!(
            "from dataclasses import dataclass\n\n@dataclass\nclass Order:\n    number: int\n    {field}: str = \"\"\n\n\
             @dataclass\nclass Parcel:\n    number: int\n\ndef label(order):\n    return order.{field}\n"
        )
    };
    let count = lines.lines().count() + 5;
    let last = lines.lines().last().unwrap_or_default();
    check(&format!(
        "#- before: shop.py\n{}#- shop.py\n{}#- tests/test_shop.py\nfrom dataclasses import replace\n\
         from functools import partial\nfrom shop import Order, Parcel\n\ndef test_shop():\n{lines}\n#- test_run.log\n\
         =================================== FAILURES ===================================\n\
         __________________________________ test_shop ___________________________________\n\
         tests/test_shop.py:{count}: in test_shop\n{last}\n{frames}\n#- healed\n{healed}\n",
        order("owner"),
        order("customer"),
    ));
}

const REFUSED: &str = "E   TypeError: Order.__init__() got an unexpected keyword argument 'owner'";

#[test]
fn a_keyword_that_partial_keeps_follows() {
    let lines = "    order = partial(Order, owner=\"ann\")\n    assert str(order(1))";
    let healed = "-    order = partial(Order, owner=\"ann\")\n+    order = partial(Order, customer=\"ann\")";
    check_order(lines, REFUSED, healed);
    check_order(&lines.replace("partial(", "other("), REFUSED, "no fix");
}

#[test]
fn a_keyword_of_what_replaces_fields_follows() {
    let line = "    assert replace(Order(1), owner=\"ann\")";
    let within = "/usr/lib/python3.12/dataclasses.py:1588: in replace\n    return obj.__class__(**changes)\n";
    let healed = format!("-{line}\n+{}", line.replace("owner", "customer"));
    check_order(line, &format!("{within}{REFUSED}"), &healed);
    let other = REFUSED.replace("Order", "Parcel");
    check_order(&line.replace("Order", "Parcel"), &format!("{within}{other}"), "no fix");
}

/// A field that got another name, or more than that, and a test that matches an object of its class.
#[track_caller]
fn check_matched(before: &str, after: &str, pattern: &str, healed: &str) {
    check(
        &format!(
            r#"
#- before: shop.py
from dataclasses import dataclass

@dataclass
class Cart:
    {before}
    count: int

def paid(cart):
    return cart.{before} > 0
#- shop.py
from dataclasses import dataclass

@dataclass
class Cart:
    {after}
    count: int

def paid(cart):
    return cart.{after} > 0
#- tests/test_cart.py
from shop import Cart

def test_cart():
    match Cart(5, 1):
        case {pattern}:
            found = True
        case _:
            found = False
    assert found
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
tests/test_cart.py:9: in test_cart
    assert found
E   assert False
#- healed
{healed}
"#
        )
        .replace("cart.total: int", "cart.total")
        .replace("cart.amount: int", "cart.amount"),
    );
}

#[test]
fn a_pattern_matches_by_the_name_that_the_field_has_now() {
    let healed = "-        case Cart(total=5, count=1):\n+        case Cart(amount=5, count=1):";
    check_matched("total: int", "amount: int", "Cart(total=5, count=1)", healed);
    check_matched("total: int", "amount: int", "Cart(count=2)", "no fix");
    check_matched("total: int", "total: int", "Cart(total=6)", "no fix");
    check_matched("total: int", "amount: int", "Cart(other=5)", "no fix");
}
