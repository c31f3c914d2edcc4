//! What the plugin sees at the moment of failure.

use std::process::Command;

use super::*;
use pytest_medic::report::{Phase, Report, RuntimeEvidence, events};
use pytest_medic::validation::plugin::Plugin;

const APP: &str = "class Cart:
    def __init__(self, owner):
        self.owner = owner

    def __repr__(self):
        return 'Cart(' + self.owner + ')'

    def total(self):
        return 3

    def add(self, sku, quantity=1):
        pass

    @property
    def broken(self):
        raise RuntimeError('properties are not read')


class Hang:
    def __hash__(self):
        return 1

    def __repr__(self):
        while True:
            pass


class Torn:
    def __hash__(self):
        return 2

    def __repr__(self):
        raise ValueError('no')


async def fetch():
    return {'state': 1}
";

/// Runs `test` with the plugin's events and reads them.
fn run(test: &str, variables: &[(&str, &str)]) -> Report {
    let project = Project::new(test, &[("app.py", APP), ("conftest.py", FIXTURES), ("pytest.ini", "[pytest]\n")]);
    let plugin = Plugin::unpack().unwrap();
    let place = plugin.folder().join("events.jsonl");
    let mut command = Command::new(python());
    command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).current_dir(project.root());
    command.envs(plugin.variables_with_events(&place)).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report =
        events::parse(&std::fs::read_to_string(&place).unwrap_or_else(|error| panic!("{error}: {said}")), None);
    assert!(report.runs[0].complete, "{said}");
    report
}

const FIXTURES: &str =
    "import pytest\n\n\n@pytest.fixture\ndef cart():\n    from app import Cart\n    return Cart('ann')\n";

/// The only failure of `test` and its evidence.
fn one(test: &str) -> (Failure, RuntimeEvidence) {
    let report = run(test, &[]);
    assert_eq!(report.failures.len(), 1, "{report:?}");
    let failure = report.failures[0].clone();
    (failure.clone(), *failure.runtime.unwrap_or_default())
}

#[test]
fn a_missing_attribute_shows_its_owner_and_the_hint_of_the_interpreter() {
    let (failure, runtime) = one("def test_x(cart):\n    cart.totl()\n");
    assert_eq!(failure.message.as_deref(), Some("'Cart' object has no attribute 'totl'"));
    // CPython suggests names since 3.10.
    assert_eq!(failure.hint.as_deref(), is_python_at_least(10).then_some("Did you mean: 'total'?"));
    assert_eq!((failure.path.as_deref(), failure.line), (Some(TEST), Some(2)));
    assert_eq!(runtime.receiver_type.as_deref(), Some("app.Cart"));
    assert_eq!(runtime.public_names, ["add", "broken", "owner", "total"]);
    let place = runtime.receiver_place.unwrap();
    assert_eq!((place.path.as_str(), place.line), ("app.py", 1));
}

fn is_python_at_least(minor: u32) -> bool {
    let ask = format!("import sys; sys.exit(sys.version_info < (3, {minor}))");
    Command::new(python()).args(["-c", &ask]).status().unwrap().success()
}

#[test]
fn a_missing_key_shows_the_keys() {
    let (_, runtime) = one("def test_x():\n    response = {'state': 1, 2: 3}\n    assert response['phase'] == 1\n");
    assert_eq!(runtime.keys, ["'state'", "2"]);
    assert_eq!(runtime.callee.as_deref(), Some("response['phase']"));
}

#[test]
fn a_refused_argument_shows_the_signature() {
    let (_, runtime) = one("def test_x(cart):\n    cart.add('x', count=2)\n");
    assert_eq!(runtime.signature.as_deref(), Some("(self, sku, quantity=1)"));
    assert_eq!(runtime.callee.as_deref(), Some("app.Cart.add"));
    let (_, runtime) = one("from app import Cart\n\n\ndef test_x():\n    Cart()\n");
    assert_eq!(runtime.signature.as_deref(), Some("(self, owner)"));
}

#[test]
fn both_sides_of_a_comparison() {
    let (failure, runtime) = one("def test_x():\n    a = {'b': [1, 2]}\n    assert a == {'b': [1]}\n");
    assert_eq!((runtime.left.as_deref(), runtime.right.as_deref()), (Some("{'b': [1, 2]}"), Some("{'b': [1]}")));
    assert_eq!(failure.introspection.unwrap().op, "==");
    let (_, runtime) = one(
        "import unittest\n\n\nclass TestX(unittest.TestCase):\n    def test_x(self):\n        self.assertEqual(1, 2)\n",
    );
    assert_eq!((runtime.left.as_deref(), runtime.right.as_deref()), (Some("1"), Some("2")));
}

#[test]
fn a_missing_fixture_shows_those_there_are() {
    let (failure, runtime) = one("def test_x(crat):\n    pass\n");
    assert_eq!((failure.phase, failure.message.as_deref()), (Phase::Setup, Some("fixture 'crat' not found")));
    assert_eq!((failure.path.as_deref(), failure.line), (Some(TEST), Some(1)));
    assert!(
        failure.available_fixtures.contains(&"cart".to_string()) && runtime.fixtures.contains(&"tmp_path".to_string())
    );
    let (_, runtime) = one("def test_x():\n    assert cart.total() == 3\n");
    assert!(runtime.fixtures.contains(&"cart".to_string()), "an undefined name may be a fixture");
}

#[test]
fn a_coroutine_that_nobody_awaits_is_named() {
    let (_, runtime) =
        one("from app import fetch\n\n\ndef test_x():\n    answer = fetch()\n    assert answer['state'] == 1\n");
    assert_eq!(runtime.coroutine.as_deref(), Some("app.fetch"));
}

#[test]
fn a_repr_that_hangs_or_raises_does_not_break_the_run() {
    let report = run(
        "from app import Hang, Torn\n\n\ndef test_hang():\n    odd = {Hang(): 1}\n    odd['x']\n\n\ndef test_torn():\n    odd = {Torn(): 1}\n    odd['x']\n\n\ndef test_ok():\n    pass\n",
        &[],
    );
    assert_eq!((report.failures.len(), report.outcomes.len()), (2, 3));
    let keys = &report.failures[1].runtime.as_ref().unwrap().keys;
    assert_eq!(*keys, ["<app.Torn: repr raised ValueError>"]);
}

#[test]
fn secrets_of_the_environment_do_not_show() {
    let test = "import os\n\n\ndef test_x():\n    assert {'t': os.environ['API_TOKEN']} == {}\n";
    let report = run(test, &[("API_TOKEN", "hunter2hunter2")]);
    let runtime = report.failures[0].runtime.as_ref().unwrap();
    assert_eq!(runtime.left.as_deref(), Some("{'t': '***'}"));
}

#[test]
fn responses_among_the_locals_show_status_and_body() {
    // What requests keeps: the status and the body in plain attributes.
    let test = "import sys, types\n\nrequests = types.ModuleType('requests')\n\n\nclass Response:\n    __module__ = 'requests.models'\n\n    def __init__(self):\n        self.status_code, self._content = 404, b'{\"error\": \"gone\"}'\n\n\ndef test_x():\n    response = Response()\n    assert response.status_code == 200\n";
    let (_, runtime) = one(test);
    let response = &runtime.responses[0];
    assert_eq!(
        (response.name.as_str(), response.status, response.body.as_deref()),
        ("response", Some(404), Some("{\"error\": \"gone\"}"))
    );
}

#[test]
fn files_that_cannot_be_imported_and_broken_conftests_are_told() {
    let (failure, runtime) = one("from app import Crat\n");
    assert_eq!((failure.phase, failure.nodeid.as_str(), failure.line), (Phase::Collection, TEST, Some(1)));
    assert!(runtime.public_names.contains(&"Cart".to_string()));
    let (failure, _) = one("def test_x(:\n");
    assert_eq!((failure.exc_type.as_deref(), failure.line), (Some("SyntaxError"), Some(1)));
}
