//! Mocks that the product asks for something new.

use crate::fixture::check;

/// A product that came from `before` to `after`, and a test with these lines that fails at the last one.
#[track_caller]
fn check_run(before: &str, after: &str, lines: &[&str], error: &str, healed: &str) {
    let (last, first) = lines.split_last().expect("a line that fails");
    let body: String = first.iter().map(|line| format!("    {line}\n")).collect();
    let number = first.len() + 5;
    check(&format!(
        r#"
#- before: shop.py
{before}
#- shop.py
{after}
#- tests/test_run.py
from unittest.mock import MagicMock
from shop import Runner, Options, run

def test_run():
{body}    {last}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

    def test_run():
{body}>       {last}
E       {error}

tests/test_run.py:{number}: {}
#- healed
{healed}
"#,
        error.split(':').next().unwrap_or_default()
    ));
}

const BEFORE: &str = "def run(env, name):\n    return name.upper()";
const DIFFERS: &str = "AssertionError: assert None == 'TEA'";
const MADE: [&str; 2] = ["env = MagicMock()", "assert run(env, \"tea\") == \"TEA\""];
const SET: &str = "+    env.dry = False";

fn dry(condition: &str) -> String {
    format!("def run(env, name):\n    if {condition}:\n        return None\n    return name.upper()")
}

#[test]
fn a_new_way_that_any_mock_takes_is_not_taken() {
    check_run(BEFORE, &dry("env.dry"), &MADE, DIFFERS, SET);
    check_run(BEFORE, &dry("getattr(env, \"dry\", False)"), &MADE, DIFFERS, SET);
    check_run(BEFORE, &dry("name and env.dry"), &MADE, DIFFERS, SET);
    check_run(BEFORE, &dry("env.dry is not None"), &MADE, DIFFERS, "+    env.dry = None");
    let turned = "def run(env, name):\n    if not env.dry:\n        return name.upper()";
    check_run(BEFORE, turned, &MADE, DIFFERS, SET);
    let chosen = "def run(env, name):\n    return None if env.dry else name.upper()";
    check_run(BEFORE, chosen, &MADE, DIFFERS, SET);
}

#[test]
fn a_way_that_is_not_new_and_a_way_that_a_mock_does_not_take_say_nothing() {
    let old = "def run(env, name):\n    if env.dry:\n        return 3\n    return name.upper()";
    check_run(old, &dry("env.dry"), &MADE, DIFFERS, "no fix");
    let gated = "def run(env, name):\n    if env.loud:\n        return name.upper()";
    check_run(BEFORE, gated, &MADE, DIFFERS, "no fix");
    check_run(BEFORE, &dry("env.dry is None"), &MADE, DIFFERS, "no fix");
    check_run(BEFORE, &dry("name.dry"), &MADE, DIFFERS, "no fix");
    check_run(BEFORE, &dry("env.dry == 3"), &MADE, DIFFERS, "no fix");
}

#[test]
fn a_condition_that_got_another_part_is_as_it_was_without() {
    let was = |more: &str| {
        format!("def run(env, name):\n    if not name{more}:\n        return None\n    return name.upper()")
    };
    check_run(&was(""), &was(" or env.dry"), &MADE, DIFFERS, SET);
    check_run(&was(""), &was(" and env.dry"), &MADE, DIFFERS, "no fix");
}

#[test]
fn the_default_that_the_commit_declares_is_what_the_mock_gets() {
    let retries = |default: &str| {
        format!(
            "class Options:\n    retries: int = {default}\n\ndef run(env, name):\n    if env.retries > 0:\n        return None\n    return name.upper()"
        )
    };
    let before = format!("class Options:\n    ...\n\n{BEFORE}");
    let error = "TypeError: '>' not supported between instances of 'MagicMock' and 'int'";
    check_run(&before, &retries("0"), &MADE, error, "+    env.retries = 0");
    // By default the new way is taken: nobody asked for the old one.
    check_run(&before, &retries("3"), &MADE, error, "no fix");
    check_run(&before, &retries("count()"), &MADE, error, "no fix");
    let flag = |default: &str| format!("{}\n\nclass Options:\n    dry = {default}", dry("env.dry"));
    check_run(&before, &flag("False"), &MADE, DIFFERS, SET);
    check_run(&before, &flag("True"), &MADE, DIFFERS, "no fix");
    let option =
        |how: &str| format!("{}\n\ndef add(parser):\n    parser.add_argument(\"--dry\", {how})", dry("env.dry"));
    check_run(&before, &option("action=\"store_true\""), &MADE, DIFFERS, SET);
    check_run(&before, &option("default=\"\""), &MADE, DIFFERS, "+    env.dry = \"\"");
    check_run(&before, &option("action=\"store_false\""), &MADE, DIFFERS, "no fix");
}

#[test]
fn a_mock_without_a_name_is_made_with_the_value() {
    let inline = ["assert run(MagicMock(), \"tea\") == \"TEA\""];
    let healed = |given: &str| {
        format!(
            "-    assert run(MagicMock(), \"tea\") == \"TEA\"\n+    assert run(MagicMock({given}), \"tea\") == \"TEA\""
        )
    };
    check_run(BEFORE, &dry("env.dry"), &inline, DIFFERS, &healed("dry=False"));
    let deep = healed("**{\"options.dry\": False}");
    check_run(BEFORE, &dry("env.options.dry"), &inline, DIFFERS, &deep);
}

#[test]
fn a_mock_that_does_not_come_there_stays() {
    let real = ["env, other = Options(), MagicMock()", "assert run(env, other) == \"TEA\""];
    let before = format!("class Options: ...\n\n{BEFORE}");
    let after = format!("class Options: ...\n\n{}", dry("env.dry"));
    check_run(&before, &after, &real, DIFFERS, "no fix");
    let told = ["env = MagicMock()", "env.dry = 1", "assert run(env, \"tea\") == \"TEA\""];
    check_run(BEFORE, &dry("env.dry"), &told, DIFFERS, "no fix");
    let told = ["env = MagicMock(dry=1)", "assert run(env, \"tea\") == \"TEA\""];
    check_run(BEFORE, &dry("env.dry"), &told, DIFFERS, "no fix");
}

#[test]
fn a_mock_that_an_object_keeps() {
    let runner = |body: &str| {
        format!(
            "class Runner:\n    def __init__(self, env):\n        self._env = env\n\n    def run(self, name):\n{body}        return name.upper()"
        )
    };
    let after = runner("        if self._env.dry:\n            return None\n");
    let lines = ["env = MagicMock()", "assert Runner(env=env).run(\"tea\") == \"TEA\""];
    check_run(&runner(""), &after, &lines, DIFFERS, SET);
    let lines = ["runner = Runner(3)", "runner._env = MagicMock()", "assert runner.run(\"tea\") == \"TEA\""];
    check_run(&runner(""), &after, &lines, DIFFERS, "+    runner._env.dry = False");
}

#[test]
fn a_mock_of_a_fixture_gets_it_in_the_fixture() {
    let scene = |makes: &str, uses: &str, healed: &str| {
        format!(
            r#"
#- before: shop.py
{BEFORE}
#- shop.py
{}
#- tests/conftest.py
import pytest
from unittest.mock import MagicMock

@pytest.fixture
def settings():
    {makes}
#- tests/test_run.py
from shop import run

def test_run(settings):
    assert run({uses}, "tea") == "TEA"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

settings = <MagicMock id='139'>

    def test_run(settings):
>       assert run({uses}, "tea") == "TEA"
E       AssertionError: assert None == 'TEA'

tests/test_run.py:4: AssertionError
#- healed
{healed}
"#,
            dry("env.dry")
        )
    };
    let healed = |makes: &str| format!("-    return MagicMock()\n+    return {makes}");
    check(&scene("return MagicMock()", "settings", &healed("MagicMock(dry=False)")));
    check(&scene("return MagicMock()", "settings.other", "no fix"));
}
