//! `workspace/executeCommand`: runs with progress and cancellation, and healing through the editor.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Project, abilities, kept};

const SCENE: &str = "
#- shop.py
class Cart:
    def __init__(self):
        self.items = []

    def total(self):
        return 0
#- tests/test_cart.py
from shop import Cart


def test_total():
    cart = Cart()
    assert cart.totl() == 0
#- .venv/bin/python
#!/bin/sh
# Stands for an interpreter with pytest: prints what pytest prints for the file as it is on disk.
[ \"$1\" = -c ] && exit 0
if [ -e slow ]; then echo $$ >running; exec sleep 60; fi
echo '============================= test session starts =============================='
echo 'collected 1 item'
echo
if grep -q 'totl()' tests/test_cart.py; then
cat <<'LOG'
tests/test_cart.py F                                                     [100%]

=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert cart.totl() == 0
               ^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'totl'. Did you mean: 'total'?

tests/test_cart.py:6: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no attribute 'totl'
============================== 1 failed in 0.02s ===============================
LOG
exit 1
fi
echo 'tests/test_cart.py .                                                     [100%]'
echo
echo '============================== 1 passed in 0.01s ==============================='
";

const FILE: &str = "tests/test_cart.py";

fn project() -> Project {
    let project = Project::new(SCENE);
    std::fs::set_permissions(project.path(".venv/bin/python"), PermissionsExt::from_mode(0o755)).unwrap();
    project
}

fn start(client: &mut Client, command: &str, argument: Value) -> Value {
    let answer = client.request("workspace/executeCommand", json!({"command": command, "arguments": [argument]}));
    answer["token"].clone()
}

/// The message with which a run ended.
fn ended(client: &mut Client, token: &Value) -> String {
    let end = client.wait_for(|message| {
        message["method"] == "$/progress"
            && message["params"]["token"] == *token
            && message["params"]["value"]["kind"] == "end"
    });
    end["params"]["value"]["message"].as_str().unwrap().to_string()
}

#[test]
fn a_run_shows_its_failure_and_the_next_one_takes_it_away() {
    let project = project();
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = start(&mut client, "pytest-medic.run", json!({"tests": [FILE]}));
    assert_eq!(ended(&mut client, &token), "1 failed");
    client.diagnostics(FILE, |all| all.len() == 1);
    client.replace(FILE, "totl", "total");
    client.save(FILE);
    let token = start(&mut client, "pytest-medic.run", json!({"tests": [project.path(FILE)]}));
    assert_eq!(ended(&mut client, &token), "all tests pass");
    client.diagnostics(FILE, <[_]>::is_empty);
}

#[test]
fn settings_that_were_made_before_a_run_count_for_it() {
    let project = project();
    let mut client = Client::start(&project);
    client.wait_for(|message| message["method"] == "workspace/configuration");
    client.is_late = true;
    client.settings = json!({"runner": "echo set in the editor; exit 3 #"});
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let token = start(&mut client, "pytest-medic.run", Value::Null);
    client.settle(Duration::from_millis(200));
    client.answer_late();
    assert_eq!(ended(&mut client, &token), "did not run to its end");
    assert!(project.read("test_run.log").contains("set in the editor"));
    let told = client.wait_for(|message| message["method"] == "window/showMessage");
    let told = told["params"]["message"].as_str().unwrap();
    assert!(told.contains("exit code 3 and shows no failed test: set in the editor (all of it: "), "{told}");
    project.write("pyproject.toml", "[tool.pytest-medic]\nrunner = \"echo saved to disk; exit 3 #\"\n");
    client.settings = json!({});
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let token = start(&mut client, "pytest-medic.run", Value::Null);
    ended(&mut client, &token);
    assert!(project.read("test_run.log").contains("saved to disk"));
}

#[test]
fn run_and_heal_edits_the_open_document_through_the_client_and_ends_green() {
    let project = project();
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = start(&mut client, "pytest-medic.runAndHeal", Value::Null);
    assert_eq!(ended(&mut client, &token), "1 healed, all tests pass");
    assert!(client.text(FILE).contains("assert cart.total() == 0"));
    assert_eq!(project.read(FILE), client.text(FILE));
    assert!(project.read("GRAVEYARD.md").contains("## Entry: "));
    let edits: Vec<_> = client.heard.iter().filter(|message| message["method"] == "workspace/applyEdit").collect();
    assert_eq!(edits.len(), 1);
    // The rest of the text stays, and with it cursors, folds and breakpoints.
    let line = json!({"start": {"line": 5, "character": 0}, "end": {"line": 6, "character": 0}});
    let edit = &edits[0]["params"]["edit"]["documentChanges"][0]["edits"];
    assert_eq!(*edit, json!([{"range": line, "newText": "    assert cart.total() == 0\n"}]));
    client.diagnostics(FILE, <[_]>::is_empty);
    assert_eq!(client.shutdown(), 0);
}

/// The log of one test alone says with dots only that it passed: what a run of ours showed must be kept before the
/// server is gone.
#[test]
fn what_was_healed_stays_healed_over_a_restart() {
    let project = project();
    project.write(FILE, &format!("{}\n\ndef test_other():\n    pass\n", project.read(FILE)));
    let mut client = Client::start(&project);
    client.open(FILE);
    let token = start(&mut client, "pytest-medic.run", json!({"tests": [format!("{FILE}::test_total")]}));
    assert_eq!(ended(&mut client, &token), "1 failed");
    client.diagnostics(FILE, |all| all.len() == 1);
    kept(&project);
    let token = start(&mut client, "pytest-medic.runAndHeal", json!({"tests": [format!("{FILE}::test_total")]}));
    assert_eq!(ended(&mut client, &token), "1 healed, all tests pass");
    client.diagnostics(FILE, <[_]>::is_empty);
    assert_eq!(client.shutdown(), 0);
    let mut client = Client::start(&project);
    client.open(FILE);
    let results = loop {
        let results = client.request("pytest-medic/results", json!({}));
        if results["tests"][0].is_object() {
            break results;
        }
    };
    assert_eq!(results["tests"][0]["outcome"], "passed", "{results}");
    client.diagnostics(FILE, <[_]>::is_empty);
}

#[test]
fn run_and_heal_edits_files_that_are_not_open_on_disk() {
    let project = project();
    let mut client = Client::start(&project);
    let token = start(&mut client, "pytest-medic.runAndHeal", Value::Null);
    assert_eq!(ended(&mut client, &token), "1 healed, all tests pass");
    assert!(project.read(FILE).contains("assert cart.total() == 0"));
    assert!(client.heard.iter().all(|message| message["method"] != "workspace/applyEdit"));
}

#[test]
fn unsaved_text_is_never_overwritten() {
    let project = project();
    let mut client = Client::start(&project);
    client.open(FILE);
    client.replace(FILE, "from shop", "# not saved\nfrom shop");
    let before = project.read(FILE);
    let token = start(&mut client, "pytest-medic.runAndHeal", Value::Null);
    ended(&mut client, &token);
    let told = client.wait_for(|message| message["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("unsaved changes"), "{told}");
    assert_eq!(project.read(FILE), before);
    assert!(client.text(FILE).contains("# not saved\n"));
    assert!(client.text(FILE).contains("totl"));
}

#[test]
fn an_editor_that_refuses_the_edit_keeps_its_text() {
    let project = project();
    let mut client = Client::start(&project);
    client.applies = false;
    client.open(FILE);
    let before = project.read(FILE);
    let token = start(&mut client, "pytest-medic.runAndHeal", Value::Null);
    ended(&mut client, &token);
    assert_eq!(project.read(FILE), before);
}

#[test]
fn a_run_can_be_cancelled_and_leaves_no_child() {
    let project = project();
    project.write("slow", "");
    let mut client = Client::start(&project);
    let token = start(&mut client, "pytest-medic.run", Value::Null);
    let child = child(&project, &mut client);
    client.notify("window/workDoneProgress/cancel", json!({"token": token}));
    assert_eq!(ended(&mut client, &token), "cancelled");
    gone(&child);
}

#[test]
fn shutdown_during_a_run_is_quick_and_leaves_no_child() {
    let project = project();
    project.write("slow", "");
    let mut client = Client::start(&project);
    start(&mut client, "pytest-medic.run", Value::Null);
    let child = child(&project, &mut client);
    let asked = Instant::now();
    assert_eq!(client.shutdown(), 0);
    // The budget is 200 ms; other tests run beside.
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    gone(&child);
}

#[test]
fn a_second_run_in_the_same_folder_is_refused() {
    let project = project();
    project.write("slow", "");
    let mut client = Client::start(&project);
    start(&mut client, "pytest-medic.run", Value::Null);
    child(&project, &mut client);
    assert_eq!(client.refused("workspace/executeCommand", json!({"command": "pytest-medic.run"})), -32602);
}

#[test]
fn nothing_runs_in_a_workspace_that_is_not_trusted() {
    let project = project();
    let mut client = Client::start_with(&project, abilities(), json!({"trusted": false}));
    assert_eq!(client.refused("workspace/executeCommand", json!({"command": "pytest-medic.runAndHeal"})), -32602);
    assert!(!project.path("test_run.log").exists());
}

#[test]
fn a_test_that_looks_like_an_option_is_refused() {
    let project = project();
    let mut client = Client::start(&project);
    let arguments = json!([{"tests": ["-p", "evil"]}]);
    let params = json!({"command": "pytest-medic.run", "arguments": arguments});
    assert_eq!(client.refused("workspace/executeCommand", params), -32602);
}

#[test]
fn a_log_from_elsewhere_can_be_read() {
    let project = project();
    let log = SCENE.split("<<'LOG'\n").nth(1).unwrap().split("LOG\n").next().unwrap();
    project.write("ci/job.log", &format!("===== test session starts =====\n{log}"));
    let mut client = Client::start(&project);
    client.open(FILE);
    let answer = client.request(
        "workspace/executeCommand",
        json!({"command": "pytest-medic.readLog", "arguments": [{"path": "ci/job.log"}]}),
    );
    assert_eq!(answer, json!({"failures": 1, "tests": 1}));
    client.diagnostics(FILE, |all| all.len() == 1);
    let missing = json!({"command": "pytest-medic.readLog", "arguments": [{"path": "nowhere.log"}]});
    assert_eq!(client.refused("workspace/executeCommand", missing), -32602);
}

#[test]
fn results_are_told_to_those_who_ask() {
    let project = project();
    let mut client = Client::start(&project);
    let token = start(&mut client, "pytest-medic.run", Value::Null);
    ended(&mut client, &token);
    client.diagnostics(FILE, |all| all.len() == 1);
    client.wait_for(|message| {
        message["method"] == "pytest-medic/resultsChanged" && message["params"]["running"] == false
    });
    let results = client.request("pytest-medic/results", json!({}));
    assert_eq!(results["running"], false);
    let test = &results["tests"][0];
    assert_eq!(test["nodeid"], "tests/test_cart.py::test_total");
    assert_eq!(test["outcome"], "failed");
    assert_eq!(test["range"]["start"]["line"], 5);
    assert_eq!(test["uri"], project.uri(FILE));
}

/// The process that the slow runner became.
fn child(project: &Project, client: &mut Client) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        client.settle(Duration::from_millis(10));
        if let Ok(pid) = std::fs::read_to_string(project.path("running"))
            && pid.ends_with('\n')
        {
            return pid.trim().to_string();
        }
        assert!(Instant::now() < end, "the runner never started");
    }
}

fn gone(pid: &str) {
    let end = Instant::now() + Duration::from_secs(5);
    while std::process::Command::new("kill")
        .args(["-0", pid])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
        .success()
    {
        assert!(Instant::now() < end, "{pid} still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}
