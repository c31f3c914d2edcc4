//! `textDocument/didOpen`, `didChange`, `didClose`: the server's text is the client's text.

use serde_json::{Value, json};

use crate::client::{Client, Project, abilities};
use crate::spec;

const SCENE: &str = "
#- tests/test_a.py
def test_a():
    cart = {'é😀': 1}
    assert cart['b'] == 2
#- test_run.log
============================= test session starts ==============================
collected 1 item

tests/test_a.py F                                                        [100%]

=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
        cart = {'é😀': 1}
>       assert cart['b'] == 2
E       KeyError: 'b'

tests/test_a.py:3: KeyError
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - KeyError: 'b'
============================== 1 failed in 0.01s ===============================
";

/// The failing statement moves with every edit: where its diagnostic stands tells what text the server has.
#[test]
fn a_storm_of_edits_ends_with_the_right_text() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.diagnostics("tests/test_a.py", |all| all.len() == 1);
    let mut seed = 7_u32;
    for _ in 0..1_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let line = json!({"line": 0, "character": 0});
        match seed >> 30 {
            0 => client.edit("tests/test_a.py", json!({"start": line, "end": line}), "#é😀\n"),
            1 => client.edit("tests/test_a.py", json!({"start": line, "end": line}), "x"),
            2 => client.edit("tests/test_a.py", json!({"start": line, "end": line}), "\n"),
            _ => {
                let text = client.text("tests/test_a.py");
                let first = text.chars().next().unwrap();
                if first != 'd' {
                    let end = spec::position(&text, first.len_utf8());
                    client.edit("tests/test_a.py", json!({"start": line, "end": end}), "");
                }
            }
        }
    }
    let text = client.text("tests/test_a.py");
    let seen = client.diagnostics("tests/test_a.py", |all| all.len() == 1);
    assert_eq!(spec::slice(&text, &seen[0]["range"]), "'b'");
}

/// Every request sees exactly the text that was there when it was sent, though edits follow at once.
#[test]
fn a_request_sees_the_text_of_its_moment() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.diagnostics("tests/test_a.py", |all| all.len() == 1);
    let uri = client.uri("tests/test_a.py");
    let mut asked = Vec::new();
    for lines in 1..=100 {
        let start = json!({"line": 0, "character": 0});
        client.edit("tests/test_a.py", json!({"start": start, "end": start}), "\n");
        let place = json!({"textDocument": {"uri": uri}, "position": {"line": 2 + lines, "character": 16}});
        asked.push((client.ask("textDocument/hover", place), 2 + lines));
    }
    for (id, line) in asked {
        assert_eq!(client.answer(id)["result"]["range"]["start"]["line"], line);
    }
}

#[test]
fn positions_count_as_negotiated() {
    for (encoding, line) in [("utf-8", "cart = {'é😀': 1}"), ("utf-16", ""), ("utf-32", "")] {
        let project = Project::new(&SCENE.replace("assert cart", "'é😀'; assert cart"));
        let mut wants = abilities();
        wants["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::start_with(&project, wants, Value::Null);
        assert_eq!(client.capabilities["positionEncoding"], encoding);
        let seen = client.diagnostics("tests/test_a.py", |all| all.len() == 1);
        let before = "    'é😀'; assert cart[";
        let width = match encoding {
            "utf-8" => before.len(),
            "utf-16" => before.chars().map(char::len_utf16).sum(),
            _ => before.chars().count(),
        };
        assert_eq!(seen[0]["range"]["start"]["character"], width, "{encoding} {line}");
    }
}

#[test]
fn a_client_without_encodings_gets_utf_16() {
    let project = Project::new(SCENE);
    let client = Client::start_with(&project, json!({}), Value::Null);
    assert_eq!(client.capabilities["positionEncoding"], "utf-16");
}

#[test]
fn an_edit_of_a_document_that_is_not_open_is_ignored() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    let uri = client.uri("tests/test_a.py");
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": ""}]}),
    );
    client.wait_for(|message| message["params"]["message"].as_str().is_some_and(|text| text.contains("is not open")));
    client.diagnostics("tests/test_a.py", |all| all.len() == 1);
}

#[test]
fn what_was_not_saved_is_gone_when_the_document_closes() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.diagnostics("tests/test_a.py", |all| all.len() == 1);
    client.replace("tests/test_a.py", "cart['b']", "cart['é😀']");
    client.diagnostics("tests/test_a.py", |all| all.len() == 1 && all[0]["severity"] == 4);
    client.close("tests/test_a.py");
    let seen = client.diagnostics("tests/test_a.py", |all| all.len() == 1 && all[0]["severity"] == 1);
    assert_eq!(spec::slice(&project.read("tests/test_a.py"), &seen[0]["range"]), "'b'");
}

#[test]
fn the_whole_text_may_be_replaced() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open("tests/test_a.py");
    client.diagnostics("tests/test_a.py", |all| all.len() == 1);
    let text = client.text("tests/test_a.py");
    let end = spec::position(&text, text.len());
    let all = json!({"start": {"line": 0, "character": 0}, "end": end});
    client.edit("tests/test_a.py", all, &format!("# moved\n\n{text}"));
    let seen = client.diagnostics("tests/test_a.py", |all| all.len() == 1 && all[0]["severity"] == 1);
    assert_eq!(seen[0]["range"]["start"]["line"], 4);
}
