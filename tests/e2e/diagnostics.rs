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

/// What fails outside of tests has its own line: the import, the syntax slip, the fixture.
#[test]
fn collection_setup_and_teardown_errors_stand_at_their_line() {
    let scene = "
#- tests/test_import.py
from nowhere.at_all import thing


def test_a():
    assert thing
#- tests/test_syntax.py
def test_b()
    assert True
#- tests/test_phases.py
import pytest


@pytest.fixture
def broken_setup():
    raise RuntimeError(\"no database\")


@pytest.fixture
def broken_teardown():
    yield 1
    raise RuntimeError(\"cannot close\")


def test_setup(broken_setup):
    pass


def test_teardown(broken_teardown):
    assert broken_teardown == 1


def test_unknown_fixture(nope):
    pass
#- test_run.log
============================= test session starts ==============================
collected 3 items / 2 errors

tests/test_phases.py E.EE                                                [100%]

==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_import.py _____________________
ImportError while importing test module '/w/tests/test_import.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
tests/test_import.py:1: in <module>
    from nowhere.at_all import thing
E   ModuleNotFoundError: No module named 'nowhere'
____________________ ERROR collecting tests/test_syntax.py _____________________
E     File \"/w/tests/test_syntax.py\", line 1
E       def test_b()
E                   ^
E   SyntaxError: expected ':'
_________________________ ERROR at setup of test_setup _________________________

    @pytest.fixture
    def broken_setup():
>       raise RuntimeError(\"no database\")
E       RuntimeError: no database

tests/test_phases.py:6: RuntimeError
______________________ ERROR at teardown of test_teardown ______________________

    @pytest.fixture
    def broken_teardown():
        yield 1
>       raise RuntimeError(\"cannot close\")
E       RuntimeError: cannot close

tests/test_phases.py:12: RuntimeError
____________________ ERROR at setup of test_unknown_fixture ____________________
file /w/tests/test_phases.py, line 23
  def test_unknown_fixture(nope):
E       fixture 'nope' not found
>       available fixtures: broken_setup, broken_teardown, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/w/tests/test_phases.py:23
=========================== short test summary info ============================
ERROR tests/test_import.py
ERROR tests/test_syntax.py
ERROR tests/test_phases.py::test_setup - RuntimeError: no database
ERROR tests/test_phases.py::test_teardown - RuntimeError: cannot close
ERROR tests/test_phases.py::test_unknown_fixture
========================= 1 passed, 5 errors in 2.42s ==========================
";
    let project = Project::new(scene);
    project
        .write("test_run.log", &project.read("test_run.log").replace("/w/", &format!("{}/", project.root().display())));
    let mut client = Client::start(&project);
    let seen = |client: &mut Client, file: &str, count: usize| -> Vec<String> {
        let all = client.diagnostics(file, |all| all.len() == count);
        let line = |one: &serde_json::Value| one["range"]["start"]["line"].as_i64().unwrap();
        let mut told: Vec<_> =
            all.iter().map(|one| (line(one), one["message"].as_str().unwrap().replace('\n', " / "))).collect();
        told.sort();
        told.into_iter().map(|(line, message)| format!("{line} {message}")).collect()
    };
    assert_eq!(seen(&mut client, "tests/test_import.py", 1), ["0 ModuleNotFoundError: No module named 'nowhere'"]);
    assert_eq!(seen(&mut client, "tests/test_syntax.py", 1), ["0 SyntaxError: expected ':'"]);
    assert_eq!(
        seen(&mut client, "tests/test_phases.py", 3),
        [
            "5 RuntimeError: no database / in the setup of test: tests/test_phases.py::test_setup",
            "11 RuntimeError: cannot close / in the teardown of test: tests/test_phases.py::test_teardown",
            "22 FixtureLookupError: fixture 'nope' not found / in the setup of test: tests/test_phases.py::test_unknown_fixture"
        ]
    );
}

/// JUnit files of CI come from a folder that is watched, as logs do.
#[test]
fn junit_files_are_read_from_a_watched_folder() {
    let project = Project::new(
        "
#- pyproject.toml
[tool.pytest-medic]
logs = [\"ci\"]
#- ci/readme.txt
Put files of CI here.
#- tests/test_sum.py
def test_sum():
    assert 1 + 1 == 3
",
    );
    let mut client = Client::start(&project);
    client.settle(std::time::Duration::from_millis(300));
    let case = "<testcase classname=\"tests.test_sum\" name=\"test_sum\" time=\"0.001\">";
    let failure = "<failure message=\"assert (1 + 1) == 3\">def test_sum():&#10;&gt;       assert 1 + 1 == 3&#10;E       assert (1 + 1) == 3&#10;&#10;tests/test_sum.py:2: AssertionError</failure>";
    project.write(
        "ci/job-7.xml",
        &format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites><testsuite name=\"pytest\" errors=\"0\" failures=\"1\" skipped=\"0\" tests=\"1\" time=\"0.03\">{case}{failure}</testcase></testsuite></testsuites>\n"
        ),
    );
    let seen = client.diagnostics("tests/test_sum.py", |all| all.len() == 1);
    assert_eq!(seen[0]["range"]["start"]["line"], 1);
}
