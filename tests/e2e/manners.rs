//! What every client may expect of a server, whatever it serves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Project};

const SCENE: &str = "
#- tests/test_a.py
def test_a():
    assert 1 == 2
";

#[test]
fn a_request_before_initialize_is_refused() {
    let project = Project::new(SCENE);
    let mut client = Client::spawn(&project.root());
    client.plays_fair = false;
    assert_eq!(client.refused("textDocument/hover", json!({})), -32002);
}

#[test]
fn initialize_counts_once() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    assert_eq!(client.refused("initialize", json!({"capabilities": {}})), -32600);
}

#[test]
fn an_unknown_request_is_refused_and_an_unknown_notification_ignored() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    client.notify("test/unknown", json!({}));
    client.notify("$/unknown", json!({}));
    assert_eq!(client.refused("test/unknown", json!({})), -32601);
}

#[test]
fn wrong_parameters_are_the_error_of_their_request() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    client.notify("textDocument/didChange", json!({"textDocument": 7}));
    assert_eq!(client.refused("textDocument/hover", json!({"position": "here"})), -32602);
    assert_eq!(client.refused("workspace/executeCommand", json!({"command": "rm"})), -32602);
}

#[test]
fn messages_that_are_no_messages_are_skipped_with_a_line_in_the_log() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    for garbage in ["{\"id\": 1,", "[]", "null", "\"exit\"", "{\"jsonrpc\":\"2.0\"}", "\u{1}\u{2}"] {
        client.send_bytes(format!("Content-Length: {}\r\n\r\n{garbage}", garbage.len()).as_bytes());
    }
    client.send_bytes(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    client.send_bytes(b"garbage without an end of line");
    assert_eq!(client.refused("test/ping", json!({})), -32601);
    client.wait_for(|message| message["params"]["message"].as_str().is_some_and(|text| text.contains("not JSON")));
}

#[test]
fn exit_after_shutdown_is_0_and_not_before() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    client.request("shutdown", Value::Null);
    assert_eq!(client.refused("textDocument/hover", json!({})), -32600);
    std::thread::sleep(Duration::from_millis(300));
    assert!(client.is_running());
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
}

#[test]
fn exit_without_shutdown_is_1() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn the_end_of_stdin_is_the_end() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.close_stdin();
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn the_end_of_the_editor_is_the_end() {
    let project = Project::new(SCENE);
    let mut editor = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let mut client = Client::spawn(&project.root());
    client.request("initialize", json!({"processId": editor.id(), "rootUri": null, "capabilities": {}}));
    editor.kill().unwrap();
    editor.wait().unwrap();
    client.exit_code();
}

#[test]
fn a_client_that_does_not_read_can_still_write() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.plays_fair = false;
    // More answers than any pipe holds wait; none is read before the last is asked.
    let reads = client.reads.clone();
    let held = reads.lock();
    let ids: Vec<_> = (0..20_000).map(|_| client.ask("test/ping", json!({}))).collect();
    drop(held);
    assert_eq!(client.answer(*ids.last().unwrap())["error"]["code"], -32601);
}

#[test]
fn answers_that_come_late_stop_nobody() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.is_late = true;
    for _ in 0..8 {
        client.touched(&["tests/test_a.py", "pyproject.toml"]);
        client.notify("workspace/didChangeConfiguration", json!({"settings": {}}));
    }
    client.wait_for(|message| message["method"] == "workspace/configuration");
    client.settle(Duration::from_millis(300));
    (0..400).for_each(|_| client.notify("$/setTrace", json!({"value": "off"})));
    assert!(client.answer_late() > 8, "the server asks what it has to know");
    assert!(client.request("workspace/symbol", json!({"query": ""})).is_array());
    assert_eq!(client.shutdown(), 0);
}

#[test]
fn a_cancelled_request_is_answered_once() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    let uri = client.uri("tests/test_a.py");
    for _ in 0..50 {
        let place = json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}});
        let id = client.ask("textDocument/hover", place);
        client.notify("$/cancelRequest", json!({"id": id}));
        let answer = client.answer(id);
        assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    }
}

#[test]
fn initialize_is_answered_at_once() {
    let project = Project::new(SCENE);
    let started = Instant::now();
    let client = Client::start(&project);
    // The budget is 20 ms; this is a debug build on any machine.
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(client.shutdown(), 0);
}

#[test]
fn opening_a_workspace_writes_nothing_into_it() {
    let project = Project::new(SCENE);
    let before = listing(&project);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.diagnostics("tests/test_a.py", |_| true);
    assert_eq!(client.shutdown(), 0);
    assert_eq!(listing(&project), before);
}

fn listing(project: &Project) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![project.root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_name() == ".cache" {
                continue; // The user's cache folder, which is elsewhere in real life.
            }
            names.push(entry.path().display().to_string());
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    names.sort();
    names
}
