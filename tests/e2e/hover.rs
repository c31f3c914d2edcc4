//! `textDocument/hover`: the failure with its evidence.

use serde_json::{Value, json};

use crate::client::{Client, Project, abilities};

const SCENE: &str = "
#- tests/test_sum.py
def test_sum():
    got = {'a': 1, 'b': [1, 2]}
    assert got == {'a': 1, 'b': [1, 3]}
#- test_run.log
============================= test session starts ==============================
collected 1 item

tests/test_sum.py F                                                      [100%]

=================================== FAILURES ===================================
___________________________________ test_sum ___________________________________

    def test_sum():
        got = {'a': 1, 'b': [1, 2]}
>       assert got == {'a': 1, 'b': [1, 3]}
E       AssertionError: assert {'a': 1, 'b': [1, 2]} == {'a': 1, 'b': [1, 3]}
E         
E         Omitting 1 identical items, use -vv to show
E         Differing items:
E         {'b': [1, 2]} != {'b': [1, 3]}

tests/test_sum.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_sum.py::test_sum - AssertionError: assert {'a': 1, 'b': [1, 2]} == ...
============================== 1 failed in 0.02s ===============================
";

const FILE: &str = "tests/test_sum.py";

fn hover(client: &mut Client, line: u32) -> Value {
    let uri = client.uri(FILE);
    client.request(
        "textDocument/hover",
        json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": 8}}),
    )
}

#[test]
fn a_failing_line_tells_what_came_and_what_was_wanted() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    let hover = hover(&mut client, 2);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert!(text.contains("```diff\n-{'a': 1, 'b': [1, 3]}\n+{'a': 1, 'b': [1, 2]}\n```"), "{text}");
    assert!(text.contains("`tests/test_sum.py::test_sum`"), "{text}");
}

#[test]
fn a_client_that_shows_diagnostics_above_the_hover_does_not_read_them_twice() {
    let project = Project::new(SCENE);
    let mut wants = abilities();
    wants["experimental"]["pytestMedicHoversDiagnostics"] = json!(true);
    let mut client = Client::start_with(&project, wants, Value::Null);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    let hover = hover(&mut client, 2);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("```diff\n") && text.ends_with("`tests/test_sum.py::test_sum`"), "{text}");
}

#[test]
fn elsewhere_there_is_nothing_to_say() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    assert!(hover(&mut client, 1).is_null());
}

#[test]
fn a_client_without_markdown_gets_plain_text() {
    let project = Project::new(SCENE);
    let mut wants = abilities();
    wants["textDocument"]["hover"]["contentFormat"] = json!(["plaintext"]);
    let mut client = Client::start_with(&project, wants, Value::Null);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    let hover = hover(&mut client, 2);
    assert_eq!(hover["contents"]["kind"], "plaintext");
    assert!(!hover["contents"]["value"].as_str().unwrap().contains('`'));
}
