//! Scenes of words that have another name now, each beside one that must stay.

use crate::fixture::check;

#[test]
fn a_keyword_that_something_took_in_silence() {
    check(
        r#"
#- before: shop.py
class Field:
    def __new__(cls, **options):
        if "_label" in options:
            return super().__new__(cls)
        return Unbound(options)

    def __init__(self, meta=None, _label=""):
        self.meta = meta
        self.label = _label.title()
#- shop.py
class Field:
    def __new__(cls, **options):
        if "label" in options:
            return super().__new__(cls)
        return Unbound(options)

    def __init__(self, meta=None, label=""):
        self.meta = meta
        self.label = label.title()
#- tests/test_field.py
from shop import Field

def test_meta():
    field = Field(_label="tea", meta=1)
    assert field.meta == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_meta ___________________________________

    def test_meta():
        field = Field(_label="tea", meta=1)
>       assert field.meta == 1
E       AttributeError: 'Unbound' object has no attribute 'meta'

tests/test_field.py:5: AttributeError
#- healed
-    field = Field(_label="tea", meta=1)
+    field = Field(label="tea", meta=1)
"#,
    );
}

#[test]
fn a_test_that_says_both_words_tells_them_apart() {
    check(
        r#"
#- before: shop.py
def label(item):
    """Reads ``stackLevel``."""
    return item.get("stackLevel")
#- shop.py
def label(item):
    """Reads ``stacklevel``."""
    return item.get("stacklevel")
#- tests/test_label.py
from shop import label

def test_label():
    item = {"stacklevel": 2, "stackLevel": 1}
    assert label(item) == other(item)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_label __________________________________

    def test_label():
        item = {"stacklevel": 2, "stackLevel": 1}
>       assert label(item) == other(item)
E       assert 2 == 1

tests/test_label.py:5: AssertionError
#- healed
no fix
"#,
    );
}

/// A product that reads a setting, a query and a variable by other names now, and a test of it that fails with `error`.
fn scene(test: &str, error: &str, healed: &str) -> String {
    let product = |key: &str, column: &str, variable: &str| {
        format!(
            "import os\n\ndef load(text):\n    return read(text)[\"{key}\"]\n\ndef port(settings):\n    \
             return settings[\"{key}\"]\n\ndef titles(con):\n    return [row[\"{column}\"] for row in con.run(\"SELECT {column} FROM items\")]\n\n\
             def add(con):\n    con.run(\"INSERT INTO items ({column}) VALUES (1)\")\n\ndef home():\n    \
             return os.environ[\"{variable}\"]\n\ndef cache():\n    return os.getenv(\"{variable}\")\n"
        )
    };
    let (before, after) = (product("old_port", "old_title", "OLD_HOME"), product("listen", "caption", "SHOP_ROOT"));
    let failing = test.lines().position(|line| line.ends_with("#!")).map_or(0, |at| at + 1);
    let line = test.lines().nth(failing - 1).unwrap_or_default().trim_end_matches("#!").trim();
    let test = test.replace("  #!", "");
    format!(
        "#- before: shop.py\n{before}#- shop.py\n{after}#- tests/test_shop.py\n{test}#- test_run.log\n\
         =================================== FAILURES ===================================\n\
         __________________________________ test_shop ___________________________________\n\
         tests/test_shop.py:{failing}: in test_shop\n    {line}\n{error}\n#- healed\n{healed}\n"
    )
}

const NO_KEY: &str = "shop.py:4: in load\n    return read(text)[\"listen\"]\nE   KeyError: 'listen'";

#[test]
fn a_setting_in_a_text_follows_where_it_is_written() {
    let inline = r#"from shop import load

def test_shop():
    assert load("[shop]\nold_port = 80\n") == 80  #!
"#;
    check(&scene(
        inline,
        NO_KEY,
        r#"-    assert load("[shop]\nold_port = 80\n") == 80
+    assert load("[shop]\nlisten = 80\n") == 80"#,
    ));
    let constant = r#"from shop import load

TEXT = """
[shop]
old_port = 80
"""

def test_shop():
    assert load(TEXT) == 80  #!
"#;
    check(&scene(constant, NO_KEY, "-old_port = 80\n+listen = 80"));
    check(&scene(&constant.replace("load(TEXT)", "load(OTHER)"), NO_KEY, "no fix"));
    // Who writes both tells them apart.
    check(&scene(&constant.replace("[shop]", "listen = 8080"), NO_KEY, "no fix"));
}

#[test]
fn a_column_in_a_query_follows_and_the_message_that_a_test_expects_does_not() {
    let test = r#"from shop import add

def test_shop(con):
    add(con)
    assert con.run("SELECT old_title FROM items") == ["tea"]  #!
"#;
    let error = "E   sqlite3.OperationalError: no such column: old_title";
    check(&scene(
        test,
        error,
        r#"-    assert con.run("SELECT old_title FROM items") == ["tea"]
+    assert con.run("SELECT caption FROM items") == ["tea"]"#,
    ));
    let expected = r#"from shop import add

def test_shop(con):
    add(con)
    assert con.last() == "the old_title of items is empty"  #!
"#;
    check(&scene(expected, "E   RuntimeError: closed", "no fix"));
    for prose in ["the title of old items", "the old_title of items", "items by old_title"] {
        check(&scene(&test.replace("SELECT old_title FROM items", prose), error, "no fix"));
    }
}

#[test]
fn a_variable_follows_in_the_fixture_that_sets_it() {
    let test = r#"import pytest
from shop import home

@pytest.fixture(autouse=True)
def env(monkeypatch):
    monkeypatch.setenv("OLD_HOME", "/a")

def test_shop():
    assert home() == "/a"  #!
"#;
    let error = "shop.py:16: in home\n    return os.environ[\"SHOP_ROOT\"]\n<frozen os>:679: in __getitem__\n    ???\n\
                 E   KeyError: 'SHOP_ROOT'";
    check(&scene(
        test,
        error,
        r#"-    monkeypatch.setenv("OLD_HOME", "/a")
+    monkeypatch.setenv("SHOP_ROOT", "/a")"#,
    ));
    // Nobody sets it: the machine lacks it.
    check(&scene(&test.replace("OLD_HOME", "HOME_OF_ALL"), error, "no fix"));
    check(&scene(&test.replace("autouse=True", ""), error, "no fix"));
}

#[test]
fn a_key_follows_in_a_helper_and_a_value_that_it_gives_does_not() {
    let test = r#"from shop import port

def settings():
    return {"old_port": 80}

def test_shop():
    assert port(settings()) == 80  #!
"#;
    let error = "shop.py:7: in port\n    return settings[\"listen\"]\nE   KeyError: 'listen'";
    check(&scene(
        test,
        error,
        r#"-    return {"old_port": 80}
+    return {"listen": 80}"#,
    ));
    check(&scene(&test.replace("\"old_port\": 80", "\"name\": \"old_port\""), error, "no fix"));
}
