//! `textDocument/publishDiagnostics`: failures where they stand, honest while the text changes.

use serde_json::json;

use crate::client::{Client, Project};
use crate::spec;

const SCENE: &str = "
#- shop.py
class Cart:
    def total(self):
        return 0
#- tests/test_cart.py
from shop import Cart


def test_other():
    assert True


def test_total():
    cart = Cart()
    assert cart.totl() == 0
#- test_run.log
============================= test session starts ==============================
collected 2 items

tests/test_cart.py .F                                                    [100%]

=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert cart.totl() == 0
               ^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'totl'

tests/test_cart.py:10: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no attribute 'totl'
========================= 1 failed, 1 passed in 0.02s ==========================
";

const FILE: &str = "tests/test_cart.py";

fn failing() -> (Project, Client) {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    (project, client)
}

#[test]
fn a_failure_stands_at_its_subject() {
    let (_project, mut client) = failing();
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(spec::slice(&client.text(FILE), &seen[0]["range"]), "totl");
    assert_eq!(seen[0]["code"], "AttributeError");
    assert_eq!(seen[0]["source"], "pytest-medic");
    let page = seen[0]["codeDescription"]["href"].as_str().unwrap().strip_prefix("file://").unwrap();
    assert!(std::fs::read_to_string(page).unwrap().contains("- `attribute-rename`: "), "{page}");
    assert_eq!(seen[0]["data"]["nodeid"], "tests/test_cart.py::test_total");
    assert!(seen[0]["message"].as_str().unwrap().contains("has no attribute 'totl'"));
}

#[test]
fn a_file_that_is_not_open_shows_its_failure_too() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(spec::slice(&project.read(FILE), &seen[0]["range"]), "totl");
}

#[test]
fn edits_above_move_the_failure_at_once() {
    let (_project, mut client) = failing();
    client.replace(FILE, "def test_other", "# one\n# two\ndef test_other");
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(spec::slice(&client.text(FILE), &seen[0]["range"]), "totl");
    assert_eq!(seen[0]["severity"], 1);
}

#[test]
fn editing_the_failing_statement_makes_a_hint_and_undo_restores() {
    let (_project, mut client) = failing();
    client.replace(FILE, "totl", "total");
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(seen[0]["severity"], 4);
    assert!(seen[0]["message"].as_str().unwrap().starts_with("failed before your edit"));
    assert_eq!(seen[0]["data"]["stale"], true);
    client.replace(FILE, "cart.total()", "cart.totl()");
    let seen = client.diagnostics(FILE, |all| all.len() == 1 && all[0]["severity"] == 1);
    assert_eq!(spec::slice(&client.text(FILE), &seen[0]["range"]), "totl");
}

#[test]
fn a_statement_that_moves_takes_its_failure_along() {
    let (_project, mut client) = failing();
    client.replace(FILE, "    assert cart.totl() == 0\n", "");
    client.replace(FILE, "    cart = Cart()\n", "    cart = Cart()\n    if cart:\n        assert cart.totl() == 0\n");
    let seen = client.diagnostics(FILE, |all| all.len() == 1 && all[0]["severity"] == 1);
    assert_eq!(seen[0]["range"]["start"]["line"], 10);
}

#[test]
fn a_function_that_goes_takes_its_failure_away_and_undo_brings_it_back() {
    let (_project, mut client) = failing();
    let test = "def test_total():\n    cart = Cart()\n    assert cart.totl() == 0\n";
    client.replace(FILE, test, "");
    client.diagnostics(FILE, <[_]>::is_empty);
    client.replace(FILE, "    assert True\n", &format!("    assert True\n\n\n{test}"));
    client.diagnostics(FILE, |all| all.len() == 1 && all[0]["severity"] == 1);
}

#[test]
fn a_new_run_replaces_the_old_one() {
    let (project, mut client) = failing();
    let log = "
============================= test session starts ==============================
collected 2 items

tests/test_cart.py::test_other PASSED                                    [ 50%]
tests/test_cart.py::test_total PASSED                                    [100%]

============================== 2 passed in 0.01s ===============================
";
    project.write("test_run.log", log);
    client.diagnostics(FILE, <[_]>::is_empty);
}

#[test]
fn a_green_rerun_of_the_file_takes_the_failure_away_though_it_prints_only_dots() {
    let (project, mut client) = failing();
    let log = |letters: &str, passed: u32| {
        format!(
            "============================= test session starts ==============================\n\
             collected {passed} items\n\n{FILE} {letters}                                   [100%]\n\n\
             ============================== {passed} passed in 0.01s ===============================\n"
        )
    };
    // One test of two: which one, nobody knows.
    project.write("test_run.log", &log(".", 1));
    client.settle(std::time::Duration::from_millis(500));
    client.diagnostics(FILE, |all| all.len() == 1);
    project.write("test_run.log", &log("..", 2));
    client.diagnostics(FILE, <[_]>::is_empty);
}

#[test]
fn a_log_that_grows_shows_its_failure_before_the_run_ends() {
    let project = Project::new(SCENE);
    let log = project.read("test_run.log");
    std::fs::remove_file(project.path("test_run.log")).unwrap();
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, <[_]>::is_empty);
    let summary = log.find("===== short test summary").unwrap() - 22;
    project.write("test_run.log", &log[..summary]);
    client.diagnostics(FILE, |all| all.len() == 1);
    project.write("test_run.log", &log);
    client.settle(std::time::Duration::from_millis(300));
    client.diagnostics(FILE, |all| all.len() == 1);
}

#[test]
fn a_file_edited_after_the_run_is_found_by_the_printed_line() {
    let project = Project::new(SCENE);
    project.write(FILE, &project.read(FILE).replace("def test_other", "# new\n# lines\n\ndef test_other"));
    let mut client = Client::start(&project);
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(spec::slice(&project.read(FILE), &seen[0]["range"]), "totl");
    assert_eq!(seen[0]["severity"], 1);
}

#[test]
fn a_line_edited_after_the_run_is_a_hint() {
    let project = Project::new(SCENE);
    project.write(FILE, &project.read(FILE).replace("cart.totl()", "cart.total()"));
    let mut client = Client::start(&project);
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!(seen[0]["severity"], 4);
}

#[test]
fn the_log_of_another_project_says_nothing() {
    let project = Project::new(SCENE);
    std::fs::remove_file(project.path(FILE)).unwrap();
    project.write("tests/test_b.py", "def test_b():\n    pass\n");
    let mut client = Client::start(&project);
    client.open("tests/test_b.py");
    client.diagnostics("tests/test_b.py", <[_]>::is_empty);
    client.settle(std::time::Duration::from_millis(300));
    assert_eq!(client.shutdown(), 0);
}

#[test]
fn torn_and_hostile_logs_end_nothing() {
    let (project, mut client) = failing();
    let log = project.read("test_run.log");
    for cut in (0..log.len()).step_by(97).filter(|cut| log.is_char_boundary(*cut)) {
        project.write("test_run.log", &log[..cut]);
        client.touched(&["test_run.log"]);
    }
    std::fs::write(project.path("test_run.log"), b"\xff\xfe\0\x1b[31m").unwrap();
    client.touched(&["test_run.log"]);
    project.write("test_run.log", &log);
    client.touched(&["test_run.log"]);
    client.diagnostics(FILE, |all| all.len() == 1 && all[0]["severity"] == 1);
}

#[test]
fn another_encoding_on_disk_is_no_reason_to_end() {
    let (project, mut client) = failing();
    std::fs::write(project.path("tests/test_latin.py"), b"# caf\xe9\ndef test_x():\n    pass\n").unwrap();
    client.touched(&["tests/test_latin.py"]);
    assert!(client.request("workspace/symbol", json!({"query": ""})).is_array());
}

const CASES: &str = "
#- tests/test_cases.py
import pytest

import shop


@pytest.mark.parametrize('price', [1, 2, 3])
def test_total(price):
    cart = shop.Cart()
    assert cart.totl() == price
#- shop.py
class Cart:
    def total(self):
        return 0
#- test_run.log
============================= test session starts ==============================
collected 3 items

tests/test_cases.py FFF                                                  [100%]

=================================== FAILURES ===================================
";

/// What looks the same is one squiggle with its cases named, one hover, one menu, and is dismissed as one.
#[test]
fn the_cases_of_a_test_that_fail_in_one_way_are_shown_once() {
    let mut log = String::new();
    for price in 1..=3 {
        log += &format!(
            "________________________________ test_total[{price}] _________________________________

price = {price}

    @pytest.mark.parametrize('price', [1, 2, 3])
    def test_total(price):
        cart = shop.Cart()
>       assert cart.totl() == price
               ^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'totl'. Did you mean: 'total'?

tests/test_cases.py:9: AttributeError
"
        );
    }
    let end = "============================== 3 failed in 0.02s ===============================\n";
    let project = Project::new(&format!("{CASES}{log}{end}"));
    let mut client = Client::start(&project);
    let file = "tests/test_cases.py";
    client.open(file);
    let seen = client.diagnostics(file, |all| all.len() == 1);
    assert!(seen[0]["message"].as_str().unwrap().ends_with("\n3 cases: [1], [2], [3]"), "{seen:?}");
    assert_eq!(seen[0]["data"]["nodeids"].as_array().unwrap().len(), 3);
    let document = json!({"uri": client.uri(file)});
    let position = &seen[0]["range"]["start"];
    let hover = client.request("textDocument/hover", json!({"textDocument": document, "position": position}));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert_eq!(text.matches("has no attribute").count(), 1, "{text}");
    let menu = json!({"textDocument": document, "range": seen[0]["range"], "context": {"diagnostics": seen}});
    let actions = client.request("textDocument/codeAction", menu);
    assert_eq!(actions.as_array().unwrap().len(), 4, "{actions:#}");
    let one = json!({"nodeid": "tests/test_cases.py::test_total[2]", "reason": "known"});
    client.request("workspace/executeCommand", json!({"command": "pytest-medic.dismiss", "arguments": [one]}));
    client.diagnostics(file, <[_]>::is_empty);
}
