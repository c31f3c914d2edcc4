//! `textDocument/codeAction` and `codeAction/resolve`: fixes that apply, and none where there is no evidence.

use serde_json::{Value, json};

use crate::client::{Client, Project, abilities};

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
#- test_run.log
============================= test session starts ==============================
collected 1 item

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
";

const FILE: &str = "tests/test_cart.py";

fn actions(client: &mut Client, only: Option<&str>) -> Vec<Value> {
    let uri = client.uri(FILE);
    let seen = client.diagnostics(FILE, |all| all.len() == 1);
    let mut context = json!({"diagnostics": seen});
    if let Some(only) = only {
        context["only"] = json!([only]);
    }
    let params = json!({"textDocument": {"uri": uri}, "range": seen[0]["range"], "context": context});
    client.request("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
}

#[test]
fn the_fix_is_offered_and_heals_the_line() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let actions = actions(&mut client, None);
    let fix = actions.iter().find(|action| action["kind"] == "quickfix").expect("a quick fix");
    assert!(fix.get("edit").is_none(), "edits come with resolve: {fix}");
    assert_eq!(fix["isPreferred"], true);
    let fix = client.request("codeAction/resolve", fix.clone());
    assert_eq!(fix["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    let annotation = &fix["edit"]["changeAnnotations"]["fix"];
    assert_eq!(annotation["needsConfirmation"], false);
    assert!(annotation["description"].as_str().is_some_and(|evidence| !evidence.is_empty()));
    client.apply(&fix["edit"]);
    assert!(client.text(FILE).contains("assert cart.total() == 0"), "{}", client.text(FILE));
}

#[test]
fn a_fix_that_changes_what_is_checked_asks_first() {
    let lost = "AttributeError: 'Cart' object has no attribute 'totl'. Did you mean: 'total'?";
    let scene = SCENE
        .replace(lost, "AssertionError: assert 20 == 10")
        .replace("cart.totl() == 0", "cart.total() == 10")
        .replace(":6: AttributeError", ":6: AssertionError")
        .replace("AttributeError: 'Cart' object has no attribute 'totl'", "AssertionError: assert 20 == 10");
    let project = Project::new(&scene);
    let mut client = Client::start(&project);
    client.open(FILE);
    let actions = actions(&mut client, None);
    let fix = actions.iter().find(|action| action["kind"] == "quickfix").expect("a quick fix");
    assert_ne!(fix["isPreferred"], true, "{fix}");
    let fix = client.request("codeAction/resolve", fix.clone());
    assert_eq!(fix["edit"]["changeAnnotations"]["fix"]["needsConfirmation"], true, "{fix}");
}

#[test]
fn a_client_without_resolve_and_versions_gets_the_edits_at_once() {
    let project = Project::new(SCENE);
    let mut wants = abilities();
    wants["textDocument"]["codeAction"].as_object_mut().unwrap().remove("resolveSupport");
    wants["workspace"]["workspaceEdit"] = json!({});
    let mut client = Client::start_with(&project, wants, Value::Null);
    client.open(FILE);
    let fix = actions(&mut client, Some("quickfix")).remove(0);
    client.apply(&fix["edit"]);
    assert!(client.text(FILE).contains("assert cart.total() == 0"));
}

#[test]
fn a_fix_is_refused_once_its_statement_was_edited() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let fix = actions(&mut client, Some("quickfix")).remove(0);
    client.replace(FILE, "totl", "other");
    assert_eq!(client.refused("codeAction/resolve", fix), -32801);
}

#[test]
fn a_fix_follows_edits_elsewhere() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let fix = actions(&mut client, Some("quickfix")).remove(0);
    client.replace(FILE, "from shop", "# a line\nfrom shop");
    let fix = client.request("codeAction/resolve", fix);
    client.apply(&fix["edit"]);
    assert!(client.text(FILE).contains("assert cart.total() == 0"));
}

fn choose(client: &mut Client, actions: &[Value], title: &str) {
    let action = actions.iter().find(|action| action["title"] == *title).unwrap_or_else(|| panic!("{actions:#?}"));
    let command = json!({"command": action["command"]["command"], "arguments": action["command"]["arguments"]});
    client.request("workspace/executeCommand", command);
}

#[test]
fn a_failure_is_looked_into_recorded_and_dismissed_from_the_same_menu() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let all = actions(&mut client, None);
    let seen: Vec<_> =
        all.iter().map(|action| format!("{} {}", action["kind"].as_str().unwrap(), action["title"])).collect();
    let expected = [
        "quickfix \"Rename `totl` to `total`\"",
        "pytest-medic \"Show the evidence\"",
        "pytest-medic \"Record this as a lesson\"",
        "pytest-medic \"Dismiss this failure...\"",
    ];
    assert_eq!(seen, expected);
    choose(&mut client, &all, "Show the evidence");
    client.wait_for(|message| message["method"] == "window/showDocument");
    choose(&mut client, &all, "Record this as a lesson");
    let told = client.wait_for(|message| message["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("GRAVEYARD.md"), "{told}");
    choose(&mut client, &all, "Dismiss this failure...");
    client.wait_for(|message| message["method"] == "window/showMessageRequest");
    client.settle(std::time::Duration::from_millis(300));
    client.diagnostics(FILE, |all| !all.is_empty()); // who closes the question keeps the failure
    client.chooses = Some("A bug of the product");
    choose(&mut client, &all, "Dismiss this failure...");
    client.diagnostics(FILE, |all| !all.iter().any(|one| one["code"] == "AttributeError"));
}

#[test]
fn a_client_that_takes_commands_only_can_apply_the_fix_all_the_same() {
    let project = Project::new(SCENE);
    let mut wants = abilities();
    wants["textDocument"]["codeAction"].as_object_mut().unwrap().remove("codeActionLiteralSupport");
    let mut client = Client::start_with(&project, wants, Value::Null);
    client.open(FILE);
    let fix = actions(&mut client, None).remove(0);
    assert_eq!(fix["command"], "pytest-medic.applyFix");
    let command = json!({"command": fix["command"], "arguments": fix["arguments"]});
    client.request("workspace/executeCommand", command.clone());
    client.wait_for(|message| message["method"] == "workspace/applyEdit");
    assert!(client.text(FILE).contains("assert cart.total() == 0"));
    client.diagnostics(FILE, |all| all.iter().all(|one| one["severity"] == 4));
    assert_eq!(client.refused("workspace/executeCommand", command), -32801);
}

#[test]
fn other_kinds_are_not_answered_with_fixes() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    assert!(actions(&mut client, Some("refactor")).is_empty());
}

#[test]
fn without_evidence_there_is_no_fix() {
    let project =
        Project::new(&SCENE.replace("def total", "def unrelated_name").replace(". Did you mean: 'total'?", ""));
    let mut client = Client::start(&project);
    client.open(FILE);
    assert!(actions(&mut client, Some("quickfix")).is_empty());
}
