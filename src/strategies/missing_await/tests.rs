//! Scenes of calls that nobody awaited.

use crate::fixture::check;

#[test]
fn the_assignment_is_awaited_when_the_variable_fails() {
    check(
        r#"
#- client.py
class Client:
    async def get(self, url):
        return self
#- tests/test_client.py
from client import Client

async def test_get():
    client = Client()
    response = client.get("a")
    assert response.status == 200
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    async def test_get():
        client = Client()
        response = client.get("a")
>       assert response.status == 200
E       AttributeError: 'coroutine' object has no attribute 'status'

tests/test_client.py:6: AttributeError
#- healed
-    response = client.get("a")
+    response = await client.get("a")
"#,
    );
}

#[test]
fn a_sync_test_of_a_project_without_async_tests_is_no_fix() {
    check(
        r#"
#- client.py
async def get(url):
    return url
#- tests/test_client.py
from client import get

def test_get():
    assert get("a").status == 200
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
>       assert get("a").status == 200
E       AttributeError: 'coroutine' object has no attribute 'status'

tests/test_client.py:4: AttributeError
#- healed
no fix
"#,
    );
}

#[test]
fn a_project_without_async_tests_runs_what_became_async() {
    let scene = |helper: &str, line: u32, healed: &str| {
        format!(
            r#"
#- before: client.py
def get(url):
    return url
#- client.py
async def get(url):
    return url
#- tests/test_client.py
from client import get

{helper}def test_get():
    assert get("a") == "a"
    assert get("b") == "b"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
>       assert get("a") == "a"
E       AssertionError: assert <coroutine object get at 0x7f0000000000> == 'a'

tests/test_client.py:{line}: AssertionError
#- healed
{healed}
-    assert get("a") == "a"
-    assert get("b") == "b"
+    assert {run}(get("a")) == "a"
+    assert {run}(get("b")) == "b"
"#,
            run = if helper.is_empty() { "asyncio.run" } else { "_run" },
        )
    };
    check(&scene("", 4, "+import asyncio\n+"));
    let helper = "def _run(coro):\n    return LOOP.run_until_complete(coro)\n\n";
    check(&scene(helper, 7, "").replace("#- healed\n\n", "#- healed\n"));
}

const LEFT: &str = r#"
#- tests/test_shop.py
from shop import Shop

def test_sell():
    shop = Shop()
    shop.sell("tea")
    assert shop.sold == ["tea"]
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_sell ___________________________________

    def test_sell():
        shop = Shop()
        shop.sell("tea")
>       assert shop.sold == ["tea"]
E       AssertionError: assert [] == ['tea']

tests/test_shop.py:6: AssertionError
=============================== warnings summary ===============================
tests/test_shop.py::test_sell
  /p/tests/test_shop.py:5: RuntimeWarning: coroutine 'Shop.sell' was never awaited
    shop.sell("tea")

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
=========================== short test summary info ============================
FAILED tests/test_shop.py::test_sell - AssertionError: assert [] == ['tea']
"#;

#[test]
fn what_nobody_awaited_is_run_and_no_value_is_believed() {
    let scene = r#"
#- before: shop.py
class Shop:
    sold = []

    def sell(self, sku):
        self.sold.append(sku)
#- shop.py
class Shop:
    sold = []

    async def sell(self, sku):
        self.sold.append(sku)
"#;
    let healed = "#- healed\n+import asyncio\n+\n-    shop.sell(\"tea\")\n+    asyncio.run(shop.sell(\"tea\"))\n";
    check(&format!("{scene}{LEFT}{healed}"));
    // A later call, which the run did not come to.
    let later = LEFT.replace("#- test_run.log", "    shop.sell(\"rum\")\n#- test_run.log");
    let both = format!("{healed}-    shop.sell(\"rum\")\n+    asyncio.run(shop.sell(\"rum\"))\n");
    check(&format!("{scene}{later}{both}"));
}

const UNITTEST: &str = r#"
#- tests/test_client.py
import unittest
from client import Repo, fetch

class ClientTest(unittest.{base}):
    {def} test_client(self):
        {line}

class OtherTest(unittest.IsolatedAsyncioTestCase):
    async def test_other(self):
        self.assertTrue(True)
#- test_run.log
=================================== FAILURES ===================================
____________________________ ClientTest.test_client ____________________________

self = <tests.test_client.ClientTest testMethod=test_client>

    {def} test_client(self):
>       {line}
E       {error}

tests/test_client.py:6: {type}
#- healed
{healed}
"#;

const CLIENT: &str = r#"
#- client.py
async def fetch(key):
    return key

class Repo:
    async def all(self):
        return [1]
"#;

/// A test method of a class of unittest that meets a coroutine.
fn method(before: bool, [base, def, line]: [&str; 3], error: &str, healed: &str) -> String {
    let sync = CLIENT.replace("async def", "def").replace("#- client.py", "#- before: client.py");
    let scene = UNITTEST
        .replace("{base}", base)
        .replace("{def}", def)
        .replace("{line}", line)
        .replace("{error}", error)
        .replace("{type}", error.split(':').next().unwrap_or_default())
        .replace("{healed}", healed);
    format!("{}{}{scene}", if before { sync.as_str() } else { "" }, CLIENT)
}

const COMPARED: &str = "AssertionError: <coroutine object fetch at 0x7f0000000000> != 'a'";
const COUNTED: &str = "TypeError: object of type 'coroutine' has no len()";

#[test]
fn what_a_method_of_unittest_checks_is_awaited() {
    let (old, new) = ("self.assertEqual(fetch('a'), 'a')", "self.assertEqual(await fetch('a'), 'a')");
    let healed = format!("-        {old}\n+        {new}");
    check(&method(true, ["IsolatedAsyncioTestCase", "async def", old], COMPARED, &healed));
    let (old, new) = ("self.assertEqual(len(Repo().all()), 1)", "self.assertEqual(len(await Repo().all()), 1)");
    let healed = format!("-        {old}\n+        {new}");
    check(&method(true, ["IsolatedAsyncioTestCase", "async def", old], COUNTED, &healed));
}

#[test]
fn a_method_becomes_async_where_unittest_awaits_it() {
    let (old, new) = ("self.assertEqual(fetch('a'), 'a')", "self.assertEqual(await fetch('a'), 'a')");
    let head = "    def test_client(self):\n";
    let healed = format!("-{head}-        {old}\n+    async {}+        {new}", head.trim_start());
    let scene = method(true, ["IsolatedAsyncioTestCase", "def", old], COMPARED, &healed);
    check(&scene);
    let scene = crate::fixture::Scene::parse(scene.split("#- healed").next().unwrap_or_default());
    assert_eq!(scene.heal().fixes.first().map(|guarded| guarded.fix().tier), Some(crate::fix::Tier::Safe));
}

#[test]
fn a_method_that_nobody_would_await_stays_sync() {
    let old = "self.assertEqual(len(Repo().all()), 1)";
    let new = "self.assertEqual(len(asyncio.run(Repo().all())), 1)";
    let healed = format!("+import asyncio\n-        {old}\n+        {new}");
    check(&method(true, ["TestCase", "def", old], COUNTED, &healed));
    check(&method(false, ["TestCase", "def", old], COUNTED, "no fix"));
}

#[test]
fn what_runs_coroutines_awaits_them_itself() {
    let old = "self.assertEqual(len(self.run_it(Repo().all())), 1)";
    check(&method(true, ["TestCase", "def", old], COUNTED, "no fix"));
}

#[test]
fn what_the_warning_names_is_run_and_not_what_is_around_it() {
    let old = "self.assertEqual(len(Repo().all()), 1)";
    let new = "self.assertEqual(len(asyncio.run(Repo().all())), 1)";
    let healed = format!("+import asyncio\n-        {old}\n+        {new}");
    let warning = "=============================== warnings summary ===============================\ntests/test_client.py::ClientTest::test_client\n  /p/tests/test_client.py:6: RuntimeWarning: coroutine 'Repo.all' was never awaited\n    self.assertEqual(len(Repo().all()), 1)\n\n-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html\n#- healed";
    check(&method(true, ["TestCase", "def", old], COUNTED, &healed).replace("#- healed", warning));
}

/// A helper of the test file in front of a function that became async, and the heal.
#[track_caller]
fn check_helper(helper: &str, healed: &str) {
    check(&format!(
        r#"
#- before: client.py
def get(url):
    return url
#- client.py
async def get(url):
    return url
#- tests/test_client.py
from client import get

def got():
    {helper}

async def test_get():
    assert got() == "a"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    async def test_get():
>       assert got() == "a"
E       AssertionError: assert <coroutine object get at 0x7f00> == 'a'

tests/test_client.py:7: AssertionError
#- healed
{healed}
"#
    ));
}

#[test]
fn what_a_helper_hands_on_is_awaited() {
    check_helper("return get(\"a\")", "-    assert got() == \"a\"\n+    assert await got() == \"a\"");
}

#[test]
fn what_a_helper_makes_of_a_coroutine_is_no_fix() {
    check_helper("return [get(\"a\")]", "no fix");
    check_helper("if 1:\n        return get(\"a\")\n    return \"a\"", "no fix");
}
