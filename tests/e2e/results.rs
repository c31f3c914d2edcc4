//! What is shown of results besides diagnostics, and what is kept of them.

use serde_json::{Value, json};

use crate::client::{Client, Project, abilities, kept};
use crate::spec;

const SCENE: &str = "
#- tests/test_sum.py
class TestSum:
    def test_good(self):
        assert True

    def test_bad(self):
        got = [1, 2]
        assert got == [1, 3]


def test_never():
    pass
#- test_run.log
============================= test session starts ==============================
collected 2 items

tests/test_sum.py::TestSum::test_good PASSED                             [ 50%]
tests/test_sum.py::TestSum::test_bad FAILED                              [100%]

=================================== FAILURES ===================================
_______________________________ TestSum.test_bad _______________________________

self = <test_sum.TestSum object at 0x7f>

    def test_bad(self):
        got = [1, 2]
>       assert got == [1, 3]
E       assert [1, 2] == [1, 3]
E         
E         At index 1 diff: 2 != 3

tests/test_sum.py:7: AssertionError
=========================== short test summary info ============================
FAILED tests/test_sum.py::TestSum::test_bad - assert [1, 2] == [1, 3]
========================= 1 failed, 1 passed in 0.02s ==========================
";

const FILE: &str = "tests/test_sum.py";
const BAD: &str = "tests/test_sum.py::TestSum::test_bad";

fn started(project: &Project) -> Client {
    let mut client = Client::start(project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    client
}

fn command(client: &mut Client, name: &str, argument: Value) -> Value {
    client.request("workspace/executeCommand", json!({"command": name, "arguments": [argument]}))
}

#[test]
fn lenses_run_files_classes_and_tests_and_tell_the_last_outcome() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let document = json!({"textDocument": {"uri": client.uri(FILE)}});
    let lenses = client.request("textDocument/codeLens", document);
    let seen: Vec<_> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|lens| format!("{} {}", lens["range"]["start"]["line"], lens["command"]["title"].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            "0 Run (1 failed, 1 passed)",
            "0 Run & heal",
            "0 Run (1 failed, 1 passed)",
            "0 Run & heal",
            "1 Run (passed)",
            "4 Run (failed)",
            "4 Run & heal",
            "9 Run"
        ]
    );
    assert_eq!(lenses[6]["command"]["arguments"][0]["tests"], json!([BAD]));
}

#[test]
fn a_client_that_debugs_gets_a_lens_for_each_test() {
    let project = Project::new(SCENE);
    let mut wants = abilities();
    wants["experimental"]["pytestMedicDebug"] = json!(true);
    let mut client = Client::start_with(&project, wants, Value::Null);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    let lenses = client.request("textDocument/codeLens", json!({"textDocument": {"uri": client.uri(FILE)}}));
    let debugs = lenses.as_array().unwrap().iter().filter(|lens| lens["command"]["command"] == "pytest-medic.debug");
    let tests: Vec<_> = debugs.map(|lens| lens["command"]["arguments"][0]["tests"][0].as_str().unwrap()).collect();
    assert_eq!(tests, ["tests/test_sum.py::TestSum::test_good", BAD, "tests/test_sum.py::test_never"]);
}

#[test]
fn settings_of_the_client_itself_are_none_of_ours() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let settings = json!({"server": {"path": ""}, "trace": {"server": "off"}, "confidnce": 1});
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"pytest-medic": settings}}));
    let told = client.wait_for(|message| message["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("`confidnce`"), "{told}");
    client.settle(std::time::Duration::from_millis(300));
    assert_eq!(client.heard.iter().filter(|message| message["method"] == "window/showMessage").count(), 1);
}

#[test]
fn a_failing_comparison_shows_its_actual_value() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let hints =
        client.request("textDocument/inlayHint", json!({"textDocument": {"uri": client.uri(FILE)}, "range": range}));
    assert_eq!(hints[0]["label"], "← [1, 2]");
    assert_eq!(hints[0]["position"], json!({"line": 6, "character": 28}));
    assert_eq!(hints.as_array().unwrap().len(), 1);
}

#[test]
fn symbols_are_tests_with_their_outcome() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let document = json!({"textDocument": {"uri": client.uri(FILE)}});
    let symbols = client.request("textDocument/documentSymbol", document);
    assert_eq!(symbols[0]["name"], "TestSum");
    assert_eq!(symbols[0]["children"][1]["detail"], "failed");
    spec::check_range(&client.text(FILE), &symbols[0]["range"]);
    let failing = client.request("workspace/symbol", json!({"query": "tbad"}));
    assert_eq!(failing[0]["name"], BAD);
    assert_eq!(client.request("workspace/symbol", json!({"query": "good"})), json!([]));
}

#[test]
fn results_survive_a_restart_without_their_log() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    kept(&project);
    client.replace(FILE, "class TestSum", "# moved\nclass TestSum");
    client.save(FILE);
    assert_eq!(client.shutdown(), 0);
    std::fs::remove_file(project.path("test_run.log")).unwrap();
    let mut client = started(&project);
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    assert_eq!((&seen[0]["severity"], &seen[0]["range"]["start"]["line"]), (&json!(1), &json!(7)));
    client.replace(FILE, "[1, 3]", "[1, 2]");
    client.save(FILE);
    assert_eq!(client.shutdown(), 0);
    let mut client = started(&project);
    assert_eq!(client.diagnostics(FILE, |all| all.len() == 1)[0]["severity"], 4);
}

#[test]
fn results_are_kept_when_the_server_shuts_down() {
    let project = Project::new(SCENE);
    assert_eq!(started(&project).shutdown(), 0);
    std::fs::remove_file(project.path("test_run.log")).unwrap();
    started(&project);
}

const RENAMED: &str = "tests/unit/test_total.py";

fn rename(project: &Project) {
    std::fs::create_dir_all(project.path("tests/unit")).unwrap();
    std::fs::rename(project.path(FILE), project.path(RENAMED)).unwrap();
}

#[test]
fn results_follow_a_file_that_the_editor_renames() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    rename(&project);
    client.close(FILE);
    let files = json!({"files": [{"oldUri": project.uri(FILE), "newUri": project.uri(RENAMED)}]});
    client.notify("workspace/didRenameFiles", files);
    client.open(RENAMED);
    let seen = client.diagnostics(RENAMED, |all| all.len() == 1);
    assert_eq!(seen[0]["data"]["nodeid"], "tests/unit/test_total.py::TestSum::test_bad");
    client.diagnostics(FILE, <[_]>::is_empty);
    let folders = json!({"files": [{"oldUri": project.uri("tests/unit"), "newUri": project.uri("tests/all")}]});
    client.close(RENAMED);
    std::fs::rename(project.path("tests/unit"), project.path("tests/all")).unwrap();
    client.notify("workspace/didRenameFiles", folders);
    client.diagnostics("tests/all/test_total.py", |all| all.len() == 1);
    assert_eq!(client.shutdown(), 0);
}

#[test]
fn results_follow_a_file_that_is_renamed_elsewhere_and_hide_while_it_is_away() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.diagnostics(FILE, |all| all.len() == 1);
    rename(&project);
    let change = |name: &str, kind: u32| json!({"uri": project.uri(name), "type": kind});
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change(FILE, 3), change(RENAMED, 1)]}));
    client.diagnostics(RENAMED, |all| all.len() == 1);
    client.diagnostics(FILE, <[_]>::is_empty);
    let text = project.read(RENAMED);
    std::fs::remove_file(project.path(RENAMED)).unwrap();
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change(RENAMED, 3)]}));
    client.diagnostics(RENAMED, <[_]>::is_empty);
    assert_eq!(client.request("pytest-medic/results", json!({}))["tests"], json!([]));
    project.write(RENAMED, &text);
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change(RENAMED, 1)]}));
    client.diagnostics(RENAMED, |all| all.len() == 1 && all[0]["severity"] == 1);
}

#[test]
fn a_dismissed_failure_is_gone_and_stays_gone() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    command(&mut client, "pytest-medic.dismiss", json!({"nodeid": BAD, "reason": "a bug of the product, reported"}));
    client.diagnostics(FILE, <[_]>::is_empty);
    project.write("test_run.log", &project.read("test_run.log").replace("0.02s", "0.03s"));
    client.touched(&["test_run.log"]);
    client.settle(std::time::Duration::from_millis(500));
    client.diagnostics(FILE, <[_]>::is_empty);
    project.write("test_run.log", &project.read("test_run.log").replace("[1, 2] ==", "[2, 2] =="));
    client.touched(&["test_run.log"]);
    client.diagnostics(FILE, |all| all.len() == 1);
}

#[test]
fn a_lesson_is_recorded_once_the_line_is_mended() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    client.replace(FILE, "[1, 3]", "[1, 2]");
    client.diagnostics(FILE, |all| all.len() == 1 && all[0]["severity"] == 4);
    command(&mut client, "pytest-medic.recordLesson", json!({"nodeid": BAD}));
    let graveyard = project.read("GRAVEYARD.md");
    assert!(graveyard.contains("assert got == [1, 3]") && graveyard.contains("assert got == [1, 2]"), "{graveyard}");
}

#[test]
fn the_evidence_opens_as_a_page() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let answer = command(&mut client, "pytest-medic.showEvidence", json!({"nodeid": BAD}));
    assert!(answer["markdown"].as_str().unwrap().contains("```diff\n-[1, 3]\n+[1, 2]\n```"), "{answer}");
    client.wait_for(|message| message["method"] == "window/showDocument");
    let unknown = json!({"command": "pytest-medic.showEvidence", "arguments": [{"nodeid": "x"}]});
    assert_eq!(client.refused("workspace/executeCommand", unknown), -32602);
}

#[test]
fn an_outcome_of_other_code_looks_like_one_of_the_past() {
    let project = Project::new(SCENE);
    let mut client = started(&project);
    let stale = |client: &mut Client, wanted: &[&str]| {
        let stands = |results: &Value| {
            let all = results["tests"].as_array().unwrap().iter();
            let stale = all.filter(|test| test["stale"] == true).map(|test| test["nodeid"].as_str().unwrap());
            stale.eq(wanted.iter().copied())
        };
        let end = std::time::Instant::now() + crate::client::PATIENCE;
        while !stands(&client.request("pytest-medic/results", json!({}))) {
            assert!(std::time::Instant::now() < end, "{wanted:?} never were the stale tests");
            client.settle(std::time::Duration::from_millis(20));
        }
    };
    let good = "tests/test_sum.py::TestSum::test_good";
    stale(&mut client, &[]);
    client.replace(FILE, "assert True", "assert 1");
    stale(&mut client, &[good]);
    let document = json!({"textDocument": {"uri": client.uri(FILE)}});
    let lenses = client.request("textDocument/codeLens", document);
    assert_eq!(lenses[4]["command"]["title"], "Run (passed, edited since)");
    client.replace(FILE, "assert 1", "assert True");
    stale(&mut client, &[]);
    client.replace(FILE, "class TestSum", "# a line above\nclass TestSum");
    client.replace(FILE, "assert True", "assert 2");
    client.save(FILE);
    stale(&mut client, &[good]);
    project.write("test_run.log", &project.read("test_run.log").replace("0.02s", "0.03s"));
    client.touched(&["test_run.log"]);
    stale(&mut client, &[]);
    kept(&project);
    assert_eq!(client.shutdown(), 0);
    std::fs::remove_file(project.path("test_run.log")).unwrap();
    project.write(FILE, &project.read(FILE).replace("assert 2", "assert 3"));
    let mut client = Client::start(&project);
    stale(&mut client, &[good]);
}

#[test]
fn diagnostics_can_be_pulled_instead() {
    let project = Project::new(SCENE);
    let mut client = Client::start_with(&project, abilities(), json!({"diagnostics": "pull"}));
    assert!(client.capabilities["diagnosticProvider"].is_object());
    client.diagnostics(FILE, |all| all.len() == 1);
    client.open(FILE);
    client.diagnostics(FILE, <[_]>::is_empty);
    let document = json!({"uri": client.uri(FILE)});
    let report = client.request("textDocument/diagnostic", json!({"textDocument": document}));
    assert_eq!(report["items"].as_array().unwrap().len(), 1);
    let again = json!({"textDocument": document, "previousResultId": report["resultId"]});
    assert_eq!(client.request("textDocument/diagnostic", again)["kind"], "unchanged");
}

#[test]
fn a_wrong_setting_is_told_where_it_stands() {
    let project = Project::new(SCENE);
    project.write("pyproject.toml", "[tool.pytest-medic]\nconfidnce = 0.9\n");
    let mut client = Client::start(&project);
    let seen = client.diagnostics("pyproject.toml", |all| all.len() == 1);
    assert_eq!(seen[0]["range"]["start"]["line"], 1);
    assert!(seen[0]["message"].as_str().unwrap().contains("did you mean `confidence`"), "{seen:?}");
    project.write("pyproject.toml", "[tool.pytest-medic]\nconfidence = 0.9\n");
    client.touched(&["pyproject.toml"]);
    client.diagnostics("pyproject.toml", <[_]>::is_empty);
}

#[test]
fn a_folder_of_logs_from_elsewhere_is_watched() {
    let project = Project::new(SCENE);
    let log = project.read("test_run.log");
    std::fs::remove_file(project.path("test_run.log")).unwrap();
    project.write("pyproject.toml", "[tool.pytest-medic]\nlogs = [\"ci\"]\n");
    std::fs::create_dir(project.path("ci")).unwrap();
    let mut client = Client::start(&project);
    client.open(FILE);
    client.settle(std::time::Duration::from_millis(300));
    project.write("ci/job-7.log", &log);
    client.diagnostics(FILE, |all| all.len() == 1);
}

#[test]
fn every_folder_of_a_workspace_has_its_own_results() {
    let (one, two) = (Project::new(SCENE), Project::new(SCENE));
    let mut client = started(&one);
    let folder = json!({"uri": crate::client::uri(&two.root()), "name": "two"});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": {"added": [folder], "removed": []}}));
    let theirs = two.uri(FILE);
    client.wait_for(|message| {
        message["params"]["uri"] == *theirs
            && message["params"]["diagnostics"].as_array().is_some_and(|all| all.len() == 1)
    });
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": {"added": [], "removed": [folder]}}));
    client.wait_for(|message| {
        message["params"]["uri"] == *theirs && message["params"]["diagnostics"].as_array().is_some_and(Vec::is_empty)
    });
}
