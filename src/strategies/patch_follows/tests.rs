//! Patches whose call gave way to another one.

use crate::fixture::check;

#[test]
fn a_function_that_is_called_as_before_stays_patched() {
    check(
        r#"
#- before: shop.py
import yaml

def read(text):
    return yaml.safe_load(text)
#- shop.py
import yaml

def read(text):
    return {} if not text else yaml.safe_load(text)
#- tests/test_read.py
from unittest import mock
from shop import read

def test_read():
    with mock.patch("yaml.safe_load") as load:
        read("")
    assert load.call_count == other()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
        with mock.patch("yaml.safe_load") as load:
            read("")
>       assert load.call_count == other()
E       AssertionError: assert 0 == 1

tests/test_read.py:7: AssertionError
#- healed
no fix
"#,
    );
}

/// A function of `shop.cli` that a commit changed, and a test with these lines that fails where it calls the function.
#[track_caller]
fn check_asked(before: &str, after: &str, imports: &str, lines: &[&str], healed: &str) {
    let failing = lines.iter().position(|line| line.contains("ask(")).expect("a line that calls it");
    let number = failing + imports.lines().count() + 6;
    let called = lines[failing].trim();
    let body: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    check(&format!(
        r#"
#- shop/__init__.py
#- before: shop/cli.py
{before}
#- shop/cli.py
{after}
#- tests/test_ask.py
from unittest.mock import patch
import pytest
{imports}
from shop.cli import ask

def test_ask(monkeypatch, mocker):
{body}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ask ___________________________________
tests/test_ask.py:{number}: in test_ask
    {called}
shop/cli.py:5: in ask
    raise EOFError("nothing to read")
E   EOFError: nothing to read
#- healed
{healed}
"#
    ));
}

const CLICK: &str = "import click\n\ndef ask(name):\n    return click.prompt(name, default=3)";
const RICH: &str = "from rich.prompt import Prompt\n\ndef ask(name):\n    return Prompt.ask(name, default=3)";

fn patched(old: &str, new: &str) -> String {
    format!("-    with patch(\"{old}\") as prompt:\n+    with patch(\"{new}\") as prompt:")
}

#[track_caller]
fn check_patch(before: &str, after: &str, old: &str, new: &str) {
    let line = format!("with patch(\"{old}\") as prompt:");
    let lines = [line.as_str(), "    ask(\"tea\")", "prompt.assert_called_once_with(\"tea\", default=3)"];
    let healed = if new.is_empty() { "no fix".to_string() } else { patched(old, new) };
    check_asked(before, after, "", &lines, &healed);
}

#[test]
fn a_call_of_another_library_is_patched_where_it_is_looked_up() {
    check_patch(CLICK, RICH, "click.prompt", "rich.prompt.Prompt.ask");
    check_patch(CLICK, RICH, "shop.cli.click.prompt", "shop.cli.Prompt.ask");
    check_patch(CLICK, RICH, "click.confirm", "");
    // A name that is taken in by itself is looked up in the module.
    let taken = "from rich.prompt import ask as asks\n\ndef ask(name):\n    return asks(name, default=3)";
    check_patch(CLICK, taken, "click.prompt", "shop.cli.asks");
}

#[test]
fn another_function_of_the_product_is_patched() {
    let own = |called: &str| {
        format!(
            "def fetch(name, default): ...\n\ndef fetch_all(name, default): ...\n\ndef ask(name):\n    return {called}(name, default=3)"
        )
    };
    check_patch(&own("fetch"), &own("fetch_all"), "shop.cli.fetch", "shop.cli.fetch_all");
    // Who asks for both keeps the mock of the one.
    let both = own("fetch_all").replace("return fetch_all", "fetch(name)\n    return fetch_all");
    check_patch(&own("fetch"), &both, "shop.cli.fetch", "");
    // What is given something else is another thing.
    let other = own("fetch_all").replace("fetch_all(name, default=3)", "fetch_all(3)");
    check_patch(&own("fetch"), &other, "shop.cli.fetch", "");
}

#[test]
fn a_method_of_an_object_is_patched_at_its_class() {
    let plain = "import requests\n\nclass Shop:\n    def ask(self, name):\n        return requests.get(name, timeout=3)\n\ndef ask(name):\n    return Shop().ask(name)";
    let session = plain.replace("requests.get", "self.session.get").replace(
        "    def ask(self",
        "    def __init__(self):\n        self.session = requests.Session()\n\n    def ask(self",
    );
    check_patch(plain, &session, "shop.cli.requests.get", "shop.cli.requests.Session.get");
    check_patch(plain, &session, "requests.get", "requests.Session.get");
    let unknown = session.replace("requests.Session()", "make()");
    check_patch(plain, &unknown, "requests.get", "");
}

#[test]
fn what_asks_the_mock_by_its_own_name_follows() {
    let lines = [
        "mocker.patch(\"click.prompt\", return_value=4)",
        "assert ask(\"tea\") == 4",
        "click.prompt.assert_called_once_with(\"tea\", default=3)",
    ];
    let healed = "-import click\n+from rich.prompt import Prompt\n\
        -    mocker.patch(\"click.prompt\", return_value=4)\n+    mocker.patch(\"rich.prompt.Prompt.ask\", return_value=4)\n\
        -    click.prompt.assert_called_once_with(\"tea\", default=3)\n+    Prompt.ask.assert_called_once_with(\"tea\", default=3)";
    check_asked(CLICK, RICH, "import click", &lines, healed);
    let stubbed = ["monkeypatch.setattr(\"click.prompt\", lambda name, default: 4)", "assert ask(\"tea\") == 4"];
    let healed = "-    monkeypatch.setattr(\"click.prompt\", lambda name, default: 4)\n\
        +    monkeypatch.setattr(\"rich.prompt.Prompt.ask\", lambda name, default: 4)";
    check_asked(CLICK, RICH, "", &stubbed, healed);
}

#[test]
fn a_mock_that_nobody_may_call_stays_where_it_is() {
    for denied in ["prompt.assert_not_called()", "assert not prompt.called", "assert prompt.call_count == 0"] {
        let lines = ["with patch(\"click.prompt\") as prompt:", "    ask(\"tea\")", denied];
        check_asked(CLICK, RICH, "", &lines, "no fix");
    }
}

#[test]
fn an_attribute_of_an_object_is_patched_where_it_is_now() {
    let lines = ["monkeypatch.setattr(click, \"prompt\", lambda name, default: 4)", "assert ask(\"tea\") == 4"];
    let healed = "-import click\n+from rich.prompt import Prompt\n\
        -    monkeypatch.setattr(click, \"prompt\", lambda name, default: 4)\n\
        +    monkeypatch.setattr(Prompt, \"ask\", lambda name, default: 4)";
    check_asked(CLICK, RICH, "import click", &lines, healed);
    let own = |called: &str| {
        format!("def fetch(name): ...\n\ndef fetch_all(name): ...\n\ndef ask(name):\n    return {called}(name)")
    };
    let lines = ["mocker.patch.object(cli, \"fetch\")", "assert ask(\"tea\") == 4"];
    let healed = "-    mocker.patch.object(cli, \"fetch\")\n+    mocker.patch.object(cli, \"fetch_all\")";
    check_asked(&own("fetch"), &own("fetch_all"), "from shop import cli", &lines, healed);
    let lines = ["mocker.patch.object(cli.click, \"prompt\")", "assert ask(\"tea\") == 4"];
    let healed = "-    mocker.patch.object(cli.click, \"prompt\")\n+    mocker.patch.object(cli.Prompt, \"ask\")";
    check_asked(CLICK, RICH, "from shop import cli", &lines, healed);
    let lines = ["mocker.patch.object(cli, \"other\")", "assert ask(\"tea\") == 4"];
    check_asked(CLICK, RICH, "from shop import cli", &lines, "no fix");
}

#[test]
fn a_decorator_that_could_not_patch_follows() {
    let scene = |decorator: &str, healed: &str| {
        check(&format!(
            r#"
#- shop/__init__.py
#- before: shop/cli.py
{CLICK}
#- shop/cli.py
{RICH}
#- tests/test_ask.py
from unittest.mock import patch
from shop.cli import ask

@patch("{decorator}")
def test_ask(prompt):
    ask("tea")
    prompt.assert_called_once_with("tea", default=3)
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ask ___________________________________
/usr/lib/python3.12/unittest/mock.py:1372: in patched
    with self.decoration_helper(patched,
/usr/lib/python3.12/pkgutil.py:715: in resolve_name
    result = getattr(result, p)
E   AttributeError: module 'shop.cli' has no attribute 'click'
=========================== short test summary info ============================
FAILED tests/test_ask.py::test_ask - AttributeError: module 'shop.cli' has no attribute 'click'
#- healed
{healed}
"#
        ));
    };
    scene("shop.cli.click.prompt", "-@patch(\"shop.cli.click.prompt\")\n+@patch(\"shop.cli.Prompt.ask\")");
    scene("shop.cli.click.confirm", "no fix");
}

#[test]
fn what_is_called_and_must_not_be_or_is_called_twice_is_not_turned_over() {
    let scene = |check_of_calls: &str, error: &str| {
        check(&format!(
            r#"
#- shop/__init__.py
#- before: shop/cli.py
from shop.mail import send

def ask(name):
    return name
#- shop/cli.py
from shop.mail import send

def ask(name):
    send(name)
    send(name)
    return name
#- shop/mail.py
def send(name): ...
#- tests/test_ask.py
from unittest.mock import patch
from shop.cli import ask

def test_ask():
    with patch("shop.cli.send") as send:
        ask("tea")
    {check_of_calls}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ask ___________________________________

    def test_ask():
        with patch("shop.cli.send") as send:
            ask("tea")
>       {check_of_calls}
E       AssertionError: {error}

tests/test_ask.py:7: AssertionError
#- healed
no fix
"#
        ));
    };
    scene("send.assert_not_called()", "Expected 'send' to not have been called. Called 2 times.");
    scene("assert not send.called", "assert not True");
    scene("send.assert_called_once()", "Expected 'send' to have been called once. Called 2 times.");
    scene("send.assert_called_once_with(\"tea\")", "Expected 'send' to be called once. Called 2 times.");
}
