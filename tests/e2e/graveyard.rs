//! GRAVEYARD.md in an editor: problems with mends, outline, folds, the way to the test; hostile entries stay text.

use serde_json::{Value, json};

use crate::client::{Client, Project};

const SCENE: &str = "
#- tests/test_vm.py
class TestVm:
    def test_off(self, box):
        box.power_off()
#- GRAVEYARD.md
# GRAVEYARD - Test Generation Lessons Learned

---

## Entry: Stopping needs a reason

**Category**: TypeErorr
**Date**: 2026-11-20
**Test**: tests/test_vm.py::TestVm::test_off[a-b]

### What Went Wrong
[click](command:evil) <img src=https://x/p.png> ![p](https://x/p.png) [j](javascript:alert(1)) <a href='x'>

### Wrong Code
```python
vm.power_off()
```

### Correct Code
```python
vm.power_off(reason=\"test\")
```

### How to Avoid
Pass `reason` to `power_off()`; <script>alert(1)</script> [x][y]

[y]: command:evil

---
";

const FILE: &str = "GRAVEYARD.md";
const TEST: &str = "tests/test_vm.py";

fn ask(client: &mut Client, method: &str, name: &str, more: Value) -> Value {
    let mut params = json!({"textDocument": {"uri": client.uri(name)}});
    for (key, value) in more.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    client.request(method, params)
}

#[test]
fn problems_are_mended_where_that_is_mechanical() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let seen = client.diagnostics(FILE, |all| all.len() == 2);
    let codes: Vec<&str> = seen.iter().filter_map(|problem| problem["code"].as_str()).collect();
    assert_eq!(codes, ["missing-section", "unknown-category"]);
    for code in codes {
        let problem = seen.iter().find(|problem| problem["code"] == code).unwrap();
        let more = json!({"range": problem["range"], "context": {"diagnostics": [problem]}});
        let actions = ask(&mut client, "textDocument/codeAction", FILE, more);
        let action =
            actions.as_array().and_then(|all| all.iter().find(|action| action["diagnostics"][0]["code"] == code));
        client.apply(&action.expect("a mend")["edit"]);
    }
    let text = client.text(FILE);
    assert!(text.contains("**Category**: TypeError\n"), "{text}");
    assert!(text.contains("### Lesson Learned\n\n\n### How to Avoid"), "{text}");
}

#[test]
fn entries_are_an_outline_that_folds() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let symbols = ask(&mut client, "textDocument/documentSymbol", FILE, json!({}));
    assert_eq!(symbols[0]["name"], "Stopping needs a reason");
    assert_eq!(symbols[0]["detail"], "TypeErorr 2026-11-20");
    let sections: Vec<&str> =
        symbols[0]["children"].as_array().unwrap().iter().filter_map(|child| child["name"].as_str()).collect();
    assert_eq!(sections, ["What Went Wrong", "Wrong Code", "Correct Code", "How to Avoid"]);
    let folds = ask(&mut client, "textDocument/foldingRange", FILE, json!({}));
    assert_eq!((&folds[0]["startLine"], &folds[0]["endLine"]), (&json!(4), &json!(26)));
    let in_python = ask(&mut client, "textDocument/foldingRange", TEST, json!({}));
    assert_eq!(in_python, Value::Null);
}

#[test]
fn the_test_line_leads_to_the_test() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    let at = |line: u32| json!({"position": {"line": line, "character": 20}});
    let place = ask(&mut client, "textDocument/definition", FILE, at(8));
    assert!(place["uri"].as_str().is_some_and(|uri| uri.ends_with(TEST)), "{place}");
    assert_eq!(place["range"]["start"], json!({"line": 1, "character": 8}));
    assert_eq!(ask(&mut client, "textDocument/definition", FILE, at(7)), Value::Null);
}

#[test]
fn a_hostile_entry_is_shown_as_text() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(TEST);
    client.diagnostics(TEST, |all| all.len() == 1);
    let hover = ask(&mut client, "textDocument/hover", TEST, json!({"position": {"line": 2, "character": 14}}));
    let shown = hover["contents"]["value"].as_str().unwrap();
    for live in ["](command:", "](javascript:", "![p](", "<img", "<script", "<a "] {
        let at = shown.match_indices(live).find(|(at, _)| !shown[..*at].ends_with('\\'));
        assert_eq!(at, None, "{live} is live in\n{shown}");
    }
    assert!(shown.contains("Stopping needs a reason"), "{shown}");
}

#[test]
fn a_lesson_is_silenced_by_configuration() {
    let scene =
        format!("{SCENE}#- pyproject.toml\n[tool.pytest-medic]\nignored-lessons = [\"stopping-needs-a-reason\"]\n");
    let project = Project::new(&scene);
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 2);
    let hover = ask(&mut client, "textDocument/hover", TEST, json!({"position": {"line": 2, "character": 14}}));
    assert_eq!(hover, Value::Null);
}
