//! Fixes that were tried in the background, with real pytest; and when nothing may be.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, Project, abilities};
use crate::common;

const FILE: &str = "tests/test_cart.py";

const SCENE: &str = "
#- shop.py
class Cart:
    def total(self):
        return 0
#- conftest.py
import pathlib

with open(pathlib.Path(__file__).with_name('loaded'), 'a') as file:
    file.write('x')
#- pytest.ini
[pytest]
pythonpath = .
#- tests/test_cart.py
from shop import Cart


def test_total():
    assert Cart().totl() == 0
";

const LOG: &str = "
============================= test session starts ==============================
collected 1 item

tests/test_cart.py F                                                     [100%]

=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().totl() == 0
               ^^^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'totl'. Did you mean: 'total'?

tests/test_cart.py:5: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no attribute 'totl'
============================== 1 failed in 0.02s ===============================
";

/// A project with a venv that has pytest.
fn project(scene: &str) -> Project {
    let project = Project::new(scene);
    let venv = common::python().parent().and_then(Path::parent).unwrap().to_path_buf();
    std::os::unix::fs::symlink(venv, project.path(".venv")).unwrap();
    project
}

fn run(client: &mut Client) -> Value {
    let params = json!({"command": "pytest-medic.run", "arguments": [{"tests": [FILE]}]});
    client.request("workspace/executeCommand", params)["token"].clone()
}

fn is_end(message: &Value, token: &Value) -> bool {
    let params = &message["params"];
    message["method"] == "$/progress" && params["token"] == *token && params["value"]["kind"] == "end"
}

/// The message with which a run ended.
fn ended(client: &mut Client, token: &Value) -> String {
    let end = client.wait_for(|message| is_end(message, token));
    end["params"]["value"]["message"].as_str().unwrap().to_string()
}

/// The token of the trials that have begun.
fn trials(client: &mut Client) -> Value {
    let begun = client.wait_for(|message| message["params"]["value"]["title"] == "Proving fixes");
    begun["params"]["token"].clone()
}

/// The fixes of the only failure, once it is told whether one of them is validated.
fn fixes(client: &mut Client, validated: bool) -> Vec<Value> {
    let seen = client.diagnostics(FILE, |all| all.len() == 1 && all[0]["data"]["validated"] == validated);
    let uri = client.uri(FILE);
    let params = json!({"textDocument": {"uri": uri}, "range": seen[0]["range"], "context": {"diagnostics": seen, "only": ["quickfix"]}});
    client.request("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
}

/// How often the project was loaded by a pytest.
fn loaded(project: &Project) -> usize {
    std::fs::read(project.path("loaded")).map_or(0, |marks| marks.len())
}

/// Gives the server time to do what it must not do.
fn nothing_is_tried(project: &Project, client: &mut Client, before: usize) {
    client.settle(Duration::from_secs(2));
    assert_eq!(loaded(project), before, "something ran");
    assert!(client.heard.iter().all(|message| message["params"]["value"]["title"] != "Proving fixes"));
}

#[test]
fn after_a_run_the_fix_that_passes_is_validated_and_preferred() {
    let project = project(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = run(&mut client);
    assert_eq!(ended(&mut client, &token), "1 failed");
    let fix = fixes(&mut client, true).remove(0);
    assert_eq!(fix["title"], "Rename `totl` to `total` (validated)");
    assert_eq!(fix["isPreferred"], true);
    assert!(project.read(FILE).contains("totl"), "no file is touched");
    let fix = client.request("codeAction/resolve", fix);
    client.apply(&fix["edit"]);
    assert!(client.text(FILE).contains("assert Cart().total() == 0"));
    assert_eq!(client.shutdown(), 0);
}

/// What `source.fixAll` offers.
fn fix_all(client: &mut Client) -> Option<Value> {
    let start = json!({"line": 0, "character": 0});
    let params = json!({
        "textDocument": {"uri": client.uri(FILE)}, "range": {"start": start, "end": start},
        "context": {"diagnostics": [], "only": ["source.fixAll"]},
    });
    client.request("textDocument/codeAction", params).as_array().map(|actions| {
        assert_eq!(actions.len(), 1);
        actions[0].clone()
    })
}

#[test]
fn fix_all_applies_what_was_seen_to_heal_and_nothing_else() {
    let project = project(&format!(
        "{SCENE}\n\ndef test_again():\n    assert Cart().totl() == 0\n\n\ndef test_bug():\n    assert Cart().total() == 1\n"
    ));
    let mut client = Client::start(&project);
    client.open(FILE);
    assert!(fix_all(&mut client).is_none(), "nothing was tried yet");
    let token = run(&mut client);
    assert_eq!(ended(&mut client, &token), "3 failed");
    client.diagnostics(FILE, |all| all.iter().filter(|one| one["data"]["validated"] == true).count() == 2);
    let all = fix_all(&mut client).expect("two fixes are validated");
    assert_eq!(
        (&all["title"], &all["kind"]),
        (&json!("Apply 2 validated fixes"), &json!("source.fixAll.pytest-medic"))
    );
    assert!(all.get("edit").is_none(), "edits come with resolve: {all}");
    let resolved = client.request("codeAction/resolve", all.clone());
    client.apply(&resolved["edit"]);
    let text = client.text(FILE);
    assert!(!text.contains("totl") && text.contains("assert Cart().total() == 1"), "{text}");
    assert_eq!(client.refused("codeAction/resolve", all), -32801);
}

#[test]
fn a_fix_that_was_seen_to_fail_says_so_and_is_not_preferred() {
    let project = project(&SCENE.replace("Cart().totl() == 0", "Cart().totl() == Cart().totl() + 0"));
    project.write("shop.py", "class Cart:\n    def total(self):\n        raise RuntimeError('closed')\n");
    let mut client = Client::start(&project);
    client.open(FILE);
    run(&mut client);
    let token = trials(&mut client);
    assert_eq!(ended(&mut client, &token), "0 of 1 proven");
    let fixes = fixes(&mut client, false);
    assert!(!fixes.is_empty());
    for fix in fixes {
        assert!(fix["isPreferred"].is_null() && fix["title"].as_str().unwrap().ends_with(')'), "{fix}");
    }
}

#[test]
fn an_edit_elsewhere_has_the_fix_tried_again_where_it_stands_now() {
    let project = project(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    run(&mut client);
    fixes(&mut client, true);
    client.replace(FILE, "def test_total", "LIMIT = 3\n\n\ndef test_total");
    assert!(!fixes(&mut client, false).is_empty());
    let fix = fixes(&mut client, true).remove(0);
    assert_eq!(fix["title"], "Rename `totl` to `total` (validated)");
}

#[test]
fn opening_a_workspace_runs_nothing_whatever_its_files_ask_for() {
    let project = project(SCENE);
    project.write("test_run.log", LOG);
    project.write("pyproject.toml", "[tool.pytest-medic]\nvalidate = true\n");
    let mut client = Client::start(&project);
    client.open(FILE);
    let fix = fixes(&mut client, false).remove(0);
    assert_eq!((&fix["title"], &fix["isPreferred"]), (&json!("Rename `totl` to `total`"), &json!(true)));
    nothing_is_tried(&project, &mut client, 0);
}

#[test]
fn a_person_may_want_fixes_tried_without_a_run_of_theirs() {
    let project = project(SCENE);
    project.write("test_run.log", LOG);
    let mut client = Client::start(&project);
    client.settings = json!({"validate": true});
    client.open(FILE);
    assert_eq!(fixes(&mut client, true).remove(0)["title"], "Rename `totl` to `total` (validated)");
}

#[test]
fn nothing_is_tried_in_a_workspace_that_is_not_trusted() {
    let project = project(SCENE);
    project.write("test_run.log", LOG);
    let mut client = Client::start_with(&project, abilities(), json!({"trusted": false}));
    client.settings = json!({"validate": true});
    client.open(FILE);
    fixes(&mut client, false);
    nothing_is_tried(&project, &mut client, 0);
}

#[test]
fn a_runner_of_the_projects_own_tries_nothing_unless_it_is_allowed_to() {
    let runner = "[tool.pytest-medic]\nrunner = \".venv/bin/python -m pytest -vv {tests}\"\n";
    let project = project(SCENE);
    project.write("pyproject.toml", runner);
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = run(&mut client);
    assert_eq!(ended(&mut client, &token), "1 failed");
    fixes(&mut client, false);
    nothing_is_tried(&project, &mut client, 1);
    project.write("pyproject.toml", &format!("{runner}validate-with-runner = true\n"));
    client.touched(&["pyproject.toml"]);
    client.settle(Duration::from_millis(200));
    client.replace(FILE, "from shop", "# edited\nfrom shop");
    assert!(fixes(&mut client, true)[0]["title"].as_str().unwrap().ends_with("(validated)"));
}

#[test]
fn trials_can_be_cancelled_and_leave_no_process() {
    let scene = SCENE.replace("    assert Cart()", "    import time\n\n    assert Cart()");
    let project = project(&scene.replace("totl() == 0", "totl() == 0\n    time.sleep(600)"));
    let mut client = Client::start(&project);
    client.open(FILE);
    run(&mut client);
    let token = trials(&mut client);
    client.wait_for(|message| message["params"]["token"] == token && message["params"]["value"]["kind"] == "report");
    client.settle(Duration::from_millis(500));
    client.notify("window/workDoneProgress/cancel", json!({"token": token}));
    assert_eq!(ended(&mut client, &token), "0 of 1 proven");
    no_process_works_in(&project);
    client.replace(FILE, "from shop", "# edited\nfrom shop");
    let before = loaded(&project);
    client.settle(Duration::from_secs(2));
    assert_eq!(loaded(&project), before, "a person said no, until their next run");
}

#[test]
fn shutdown_ends_trials() {
    let project = project(&SCENE.replace("totl() == 0", "totl() == 0\n    __import__('time').sleep(600)"));
    let mut client = Client::start(&project);
    client.open(FILE);
    run(&mut client);
    trials(&mut client);
    client.settle(Duration::from_millis(500));
    assert_eq!(client.shutdown(), 0);
    no_process_works_in(&project);
}

#[test]
fn a_failure_is_shown_while_the_run_goes_on() {
    let slow = "\n\n\ndef test_slow():\n    import os, time\n\n    while not os.path.exists('go'):\n        time.sleep(0.01)\n";
    let project = project(SCENE);
    project.write(FILE, &(project.read(FILE) + slow));
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = run(&mut client);
    let is_told = |diagnostic: &Value| diagnostic["message"].as_str().unwrap().starts_with("AttributeError: 'Cart'");
    client.diagnostics(FILE, |all| all.len() == 1 && is_told(&all[0]));
    assert!(!client.heard.iter().any(|message| is_end(message, &token)), "the run has ended");
    project.write("go", "");
    assert_eq!(ended(&mut client, &token), "1 failed");
    client.diagnostics(FILE, |all| all.len() == 1);
}

#[test]
fn a_heal_that_passes_without_the_change_is_possibly_vacuous() {
    let project = project(SCENE);
    let now = project.read("shop.py");
    project.write("shop.py", &format!("{now}\n    def totl(self):\n        return self.total() * 1\n"));
    for arguments in [&["init", "-q"][..], &["add", "shop.py", "tests", "pytest.ini"], &["commit", "-qm", "cart"]] {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(arguments).current_dir(project.root());
        assert!(git.status().unwrap().success());
    }
    project.write("shop.py", &now);
    let mut client = Client::start(&project);
    client.open(FILE);
    run(&mut client);
    let token = trials(&mut client);
    assert_eq!(ended(&mut client, &token), "1 of 1 proven");
    let fix = fixes(&mut client, true).remove(0);
    assert_eq!(fix["title"], "Rename `totl` to `total` (validated, possibly vacuous)");
    assert!(fix["isPreferred"].is_null(), "{fix}");
}

fn no_process_works_in(project: &Project) {
    let root = project.root();
    let works_there = |entry: std::fs::DirEntry| {
        std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&root))
            && std::fs::read_to_string(entry.path().join("cmdline")).is_ok_and(|line| line.contains("pytest\0"))
    };
    let end = Instant::now() + PATIENCE;
    while std::fs::read_dir("/proc").into_iter().flatten().flatten().any(works_there) {
        assert!(Instant::now() < end, "a trial still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}
