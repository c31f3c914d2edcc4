//! One run in every rendering.

use super::*;
use crate::report::parse;

const LOG: &str = "\
============================= test session starts ==============================
rootdir: /home/dev/proj
collected 3 items

=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
>       load()

tests/test_a.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

    def load():
>       return settings[\"100%\"]
E       KeyError: '100%'

shop/my config.py:7: KeyError
____________________________________ test_b ____________________________________

    def test_b():
>       load()

tests/test_a.py:8: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

    def load():
>       return settings[\"100%\"]
E       KeyError: '100%'

shop/my config.py:7: KeyError
____________________________________ test_c ____________________________________

    def test_c():
>       assert 1 == 2, \"first\\nsecond\"
E       AssertionError: first
E         second
E       assert 1 == 2

tests/test_c.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - KeyError: '100%'
FAILED tests/test_a.py::test_b - KeyError: '100%'
FAILED tests/test_c.py::test_c - AssertionError: first
============================== 3 failed in 0.03s ===============================
";

fn findings() -> Findings {
    Findings::of(&Snapshot::in_memory([]), parse(LOG.as_bytes()))
}

#[test]
fn people_see_one_entry_per_root_cause() {
    let text = anstream::adapter::strip_str(&human::render(&findings())).to_string();
    let expected = "\
KeyError: '100%'  in 2 tests
  look at tests/test_a.py:4  load()
     raised shop/my config.py:7 in load
    tests/test_a.py::test_a
    tests/test_a.py::test_b

AssertionError: first
      second
    assert 1 == 2
  look at tests/test_c.py:3  assert 1 == 2, \"first\\nsecond\"
    tests/test_c.py::test_c

3 failures, 2 root causes
3 failed in 0.03s
";
    let without_verdicts: Vec<_> =
        text.lines().filter(|line| !line.contains(": ") || !line.starts_with("  ")).collect();
    assert_eq!(without_verdicts.join("\n"), expected.trim_end());
}

#[test]
fn github_gets_one_escaped_annotation_per_failure() {
    let text = github::render(&findings());
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let start = "::error file=tests/test_a.py,line=4,title=tests/test_a.py%3A%3Atest_a (KeyError)::KeyError: '100%25'";
    assert!(lines[0].starts_with(start), "{}", lines[0]);
    assert!(lines[2].contains("::AssertionError: first%0A  second%0Aassert 1 == 2"), "{}", lines[2]);
}

/// The properties that the schema of SARIF 2.1.0 requires, and the constraints on those that are used.
#[test]
fn sarif_has_what_its_schema_requires() {
    let sarif: serde_json::Value = serde_json::from_str(&sarif::render(&findings())).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(run["tool"]["driver"]["name"].is_string() && run["invocations"][0]["executionSuccessful"] == true);
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["AssertionError", "KeyError"]);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(result["ruleId"], ids[result["ruleIndex"].as_u64().unwrap() as usize]);
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1);
    }
    let deepest = &results[0]["stacks"][0]["frames"][0]["location"]["physicalLocation"]["artifactLocation"];
    assert_eq!(deepest["uri"], "shop/my%20config.py");
}

#[test]
fn json_has_the_diagnosis_with_each_failure() {
    let report: serde_json::Value = serde_json::from_str(&json::render(&findings())).unwrap();
    assert_eq!((report["schema"].as_u64(), report["runs"][0]["counts"]["failed"].as_u64()), (Some(1), Some(3)));
    let failure = &report["failures"][0];
    assert_eq!((failure["category"].as_str(), failure["phase"].as_str()), (Some("KeyError"), Some("call")));
    assert!(failure["verdict"].is_string() && failure["runtime"].is_null());
}

#[test]
fn a_log_cannot_move_the_cursor() {
    let log = LOG.replace("'100%'", "'\u{7}\u{b}\u{9b}31m'");
    let text = human::render(&Findings::of(&Snapshot::in_memory([]), parse(log.as_bytes())));
    let text = anstream::adapter::strip_str(&text).to_string();
    assert!(!text.contains(['\u{7}', '\u{b}', '\u{9b}']));
}
