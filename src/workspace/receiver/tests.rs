//! Types of expressions in tests, told from small projects.

use super::*;

const SHOP: &str = "class Item:\n    price: int\nclass Base:\n    def first(self) -> 'Item': ...\nclass Cart(Base):\n    default = Item()\n    def __init__(self, owner: 'User'):\n        self.owner = owner\n        self.items = Item()\n    def __enter__(self):\n        return self\n    @property\n    def last(self) -> Item: ...\nclass User: ...\ndef make() -> Cart: ...\ndef build():\n    cart = Cart()\n    return cart\nBASKET = Cart()\n";
const CONFTEST: &str = "import pytest\nfrom typing import Iterator\nfrom shop import Cart, User, build\n@pytest.fixture\ndef cart():\n    cart = Cart()\n    yield cart\n@pytest.fixture\ndef user() -> Iterator[User]: ...\n@pytest.fixture\ndef built(): return build()\n";

#[track_caller]
fn check(test: &str, expression: &str, class: Option<&str>) {
    let files = [("shop.py", SHOP), ("tests/conftest.py", CONFTEST), ("tests/test_a.py", test)];
    let snapshot = Snapshot::in_memory(files);
    let at = test.rfind(expression).unwrap();
    let found = snapshot.type_of(&FilePath::new("tests/test_a.py"), at..at + expression.len());
    assert_eq!(found.map(|symbol| symbol.qualified).as_deref(), class);
}

#[test]
fn locals_are_what_was_last_assigned_to_them() {
    check("import shop\ndef test():\n    c = 1\n    c = shop.Cart()\n    c.total\n    c = 2\n", "c.t", None);
    check("import shop\ndef test():\n    c = 1\n    c = shop.Cart()\n    assert c\n", "c", Some("shop.Cart"));
    check("from shop import make\ndef test():\n    c = make()\n    assert c\n", "c", Some("shop.Cart"));
    check("from shop import build\ndef test():\n    c = build()\n    assert c\n", "c", Some("shop.Cart"));
    check("from shop import Cart\ndef test():\n    with Cart() as c:\n        assert c\n", "c", Some("shop.Cart"));
    check("from shop import Cart\ndef test():\n    c: Cart = f()\n    assert c\n", "c", Some("shop.Cart"));
    check("def test():\n    c = unknown()\n    assert c\n", "c", None);
    check("def test():\n    for c in []:\n        assert c\n", "c", None);
}

#[test]
fn fixtures_are_what_they_yield_or_are_annotated_with() {
    check("def test(cart):\n    assert cart\n", "cart", Some("shop.Cart"));
    check("def test(user):\n    assert user\n", "user", Some("shop.User"));
    check("def test(built):\n    assert built\n", "built", Some("shop.Cart"));
    check("def test(nothing):\n    assert nothing\n", "nothing", None);
}

#[test]
fn attributes_and_results_are_followed() {
    check("def test(cart):\n    assert cart.owner\n", "cart.owner", Some("shop.User"));
    check("def test(cart):\n    assert cart.items\n", "cart.items", Some("shop.Item"));
    check("def test(cart):\n    assert cart.last\n", "cart.last", Some("shop.Item"));
    check("def test(cart):\n    assert cart.first()\n", "cart.first()", Some("shop.Item"));
    check("import shop\ndef test():\n    assert shop.Cart.default\n", "shop.Cart.default", Some("shop.Item"));
    check("import shop\ndef test():\n    assert shop.BASKET\n", "shop.BASKET", Some("shop.Cart"));
    check("import shop\ndef test():\n    assert shop\n", "shop", Some("shop"));
}

#[test]
fn self_is_the_class_around() {
    check(
        "from shop import Cart\nclass TestA:\n    def setup_method(self):\n        self.cart = Cart()\n    def test(self):\n        assert self.cart\n",
        "self.cart",
        Some("shop.Cart"),
    );
}

#[test]
fn evidence_that_goes_in_circles_is_unknown() {
    check("def f():\n    return g()\ndef g():\n    return f()\ndef test():\n    x = f()\n    assert x\n", "x", None);
    check("a = b\nb = a\ndef test():\n    assert a\n", "a", None);
}

/// `test` beside a module of its own, `m.py`.
#[track_caller]
fn check_with(module: &str, test: &str, expression: &str, class: Option<&str>) {
    let snapshot = Snapshot::in_memory([("m.py", module), ("tests/test_a.py", test)]);
    let at = test.rfind(expression).unwrap();
    let found = snapshot.type_of(&FilePath::new("tests/test_a.py"), at..at + expression.len());
    assert_eq!(found.map(|symbol| symbol.qualified).as_deref(), class);
}

const TWO: &str = "class A: ...\nclass B: ...\n";

#[test]
fn branches_that_disagree_are_unknown() {
    let import = "from m import A, B\ndef test():\n";
    let check = |body: &str, class| check_with(TWO, &format!("{import}{body}    assert c\n"), "c", class);
    check("    if x:\n        c = A()\n    else:\n        c = B()\n", None);
    check("    if x:\n        c = A()\n    else:\n        c = A()\n", Some("m.A"));
    check("    c = A()\n    if x:\n        c = B()\n", None);
    check("    c = None\n    if x:\n        c = B()\n", Some("m.B"));
    check("    c = A()\n    for i in x:\n        c = B()\n", None);
    check("    try:\n        c = A()\n    except E:\n        c = B()\n", None);
    check("    c = A()\n    with x:\n        c = B()\n", Some("m.B"));
    check("    c = A() if x else B()\n", None);
    check("    c = A() if x else None\n", Some("m.A"));
    check("    c = x or A()\n", None);
    check("    c = A()\n    if x:\n        c = B()\n        assert c\n        y = 1\n    c = x\n", None);
}

#[test]
fn inside_a_branch_its_own_assignment_counts() {
    check_with(
        TWO,
        "from m import A, B\ndef test():\n    c = A()\n    if x:\n        c = B()\n        assert c\n",
        "c",
        Some("m.B"),
    );
}

#[test]
fn every_form_that_binds_a_name_hides_what_it_was_before() {
    let check = |body: &str| {
        check_with(TWO, &format!("from m import A\ndef test():\n    c = A()\n{body}    assert c\n"), "c", None);
    };
    check("    c, d = x\n");
    check("    a, (b, c) = x\n");
    check("    [c, *d] = x\n");
    check("    c += 1\n");
    check("    for c in x: ...\n");
    check("    with x as c: ...\n");
    check("    with x as (b, c): ...\n");
    check("    def c(): ...\n");
    check("    match x:\n        case [c]: ...\n");
    check_with(TWO, "from m import A\ndef test():\n    c = A()\n    x = [c.d for c in y]\n", "c.d", None);
    check_with(TWO, "from m import A\ndef test():\n    c = A()\n    x = lambda c: c.d\n", "c.d", None);
    check_with(TWO, "from m import A, B\ndef test():\n    c, d = A(), B()\n    assert d\n", "d", Some("m.B"));
}

#[test]
fn a_caught_exception_is_of_its_class() {
    let test = "from m import E\ndef test():\n    try: ...\n    except E as error:\n        assert error\n";
    check_with("class E(Exception): ...\n", test, "error", Some("m.E"));
    let test = "from m import E\ndef test():\n    try: ...\n    except (E, KeyError) as error:\n        assert error\n";
    check_with("class E(Exception): ...\n", test, "error", None);
}

#[test]
fn a_parameter_is_a_fixture_only_where_pytest_fills_it() {
    check("def helper(cart):\n    assert cart\n", "cart", None);
    check("def test(cart=None):\n    assert cart\n", "cart", None);
    check("def test(*cart):\n    assert cart\n", "cart", None);
    check(
        "import pytest\n@pytest.mark.parametrize('cart, n', [(1, 2)])\ndef test(cart, n):\n    assert cart\n",
        "cart",
        None,
    );
    check(
        "import pytest\n@pytest.mark.parametrize('cart', [1], indirect=True)\ndef test(cart):\n    assert cart\n",
        "cart",
        Some("shop.Cart"),
    );
    check("import pytest\n@pytest.fixture\ndef other(cart):\n    assert cart\n", "cart", Some("shop.Cart"));
}

#[test]
fn constructors_by_class_methods_give_the_class_that_was_asked() {
    let module = "class A:\n    @classmethod\n    def make(cls): return cls()\n    @staticmethod\n    def other(data): return data\n    def same(self): return self\n    def typed(self) -> 'Self': ...\nclass B(A): ...\n";
    let check = |expression: &str, class| {
        check_with(module, &format!("from m import A, B\ndef test():\n    assert {expression}\n"), expression, class)
    };
    check("A.make()", Some("m.A"));
    check("B.make()", Some("m.B"));
    check("B().same()", Some("m.B"));
    check("B().typed()", Some("m.B"));
    check("A.other(1)", None);
}

#[test]
fn annotations_tell_the_class_and_no_more() {
    let module = "from typing import *\nfrom contextlib import contextmanager\nclass A: ...\ndef union() -> Union[A, None]: ...\ndef two() -> A | int: ...\ndef many() -> Iterator[A]: ...\ndef some() -> Any: ...\ndef quoted() -> Optional['A']: ...\ndef kind() -> Type[A]: ...\ndef manager() -> ContextManager[A]: ...\n@contextmanager\ndef opened() -> Iterator[A]: ...\n@contextmanager\ndef plain():\n    yield A()\nasync def later() -> A: ...\ndef pieces():\n    yield A()\n@unknown\ndef wrapped(): return A()\nId = NewType('Id', A)\ndef named() -> Id: ...\n";
    let check = |body: &str, expression: &str, class| {
        check_with(module, &format!("from m import *\nasync def test():\n    {body}\n"), expression, class);
    };
    check("assert union()", "union()", Some("m.A"));
    check("assert quoted()", "quoted()", Some("m.A"));
    check("assert kind()()", "kind()()", Some("m.A"));
    check("assert named()", "named()", Some("m.A"));
    check("assert Id(1)", "Id(1)", Some("m.A"));
    for expression in
        ["two()", "many()", "some()", "manager()", "opened()", "plain()", "later()", "pieces()", "wrapped()"]
    {
        check(&format!("assert {expression}"), expression, None);
    }
    check("assert await later()", "await later()", Some("m.A"));
    for expression in ["manager()", "opened()", "plain()"] {
        check(&format!("with {expression} as c: c.d"), "c", Some("m.A"));
    }
}

#[test]
fn enter_tells_what_with_binds() {
    let module = "class A:\n    def __enter__(self): return self\nclass B(A): ...\nclass C:\n    def __enter__(self): return unknown()\nclass D:\n    async def __aenter__(self) -> 'A': ...\n";
    let check = |opened: &str, class| {
        check_with(
            module,
            &format!("from m import *\ndef test():\n    with {opened} as c:\n        assert c\n"),
            "c",
            class,
        )
    };
    check("A()", Some("m.A"));
    check("B()", Some("m.B"));
    check("C()", None);
    check("D()", Some("m.A"));
}

#[test]
fn attributes_are_what_all_assignments_agree_on() {
    let module = "import attr\nfrom enum import Enum\nclass Get:\n    def __get__(self, o, t) -> int: ...\nclass A:\n    got = Get()\n    attrib = attr.ib()\n    def __init__(self):\n        self.x = None\n        self.y = Get()\n    def set(self):\n        self.x = Get()\n        self.y = 1\nclass Color(Enum):\n    RED = 1\nx = Get()\nx = 1\n";
    let check = |expression: &str, class| {
        check_with(module, &format!("import m\ndef test():\n    assert {expression}\n"), expression, class)
    };
    check("m.A().x", Some("m.Get"));
    check("m.A().y", None);
    check("m.A().attrib", None);
    check("m.A().got", Some("builtins.int"));
    check("m.Color.RED", Some("m.Color"));
    check("m.Color['RED']", Some("m.Color"));
    check("m.x", None);
}

#[test]
fn comparisons_of_arrays_are_no_bools() {
    check("def test():\n    x = a == b\n    assert x\n", "x", None);
    check("def test():\n    x = a in b\n    assert x\n", "x", Some("builtins.bool"));
}

#[test]
fn a_fixture_asked_for_at_run_time_is_what_it_gives() {
    let test = "def test(request):\n    c = request.getfixturevalue('cart')\n    assert c\n";
    check(test, "c", Some("shop.Cart"));
}
