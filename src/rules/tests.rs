//! What one pair teaches: code that repeats the mistake, what becomes of it, and code that does not.
//!
//! The scenes are in `tests/lessons/*.txt`: each has `wrong`, `correct`, optionally `prose`, then any number of
//! `match`, each followed by its `becomes` where there is a rewrite (else there must be none), and `silent`. `$0` in a
//! match stands where the warning must be.

use std::path::Path;

use super::{Rule, RuleSet};
use crate::syntax::Source;
use crate::text::{FilePath, apply};

#[track_caller]
fn check_file(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut wrong = Vec::new();
    for scene in text.split("==== ").skip(1) {
        let (title, body) = scene.split_once('\n').unwrap();
        wrong.extend(check(body).into_iter().map(|problem| format!("{title}: {problem}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(scene: &str) -> Vec<String> {
    let scene = format!("\n{}", scene.trim());
    let sections: Vec<(&str, String)> = scene
        .split("\n#- ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap_or((section, "")))
        .map(|(name, body)| (name.trim(), format!("{}\n", body.trim_end())))
        .collect();
    let text = |name: &str| sections.iter().find(|(own, _)| *own == name).map_or("", |(_, body)| body.as_str());
    let rules = RuleSet::new(Rule::learn(text("wrong"), text("correct"), text("prose")));
    let mut problems = Vec::new();
    for (index, (name, body)) in sections.iter().enumerate() {
        let cursor = body.find("$0");
        let body = body.replacen("$0", "", 1);
        let found = rules.find(&Source::parse(body.as_str()));
        if *name == "silent" && !found.is_empty() {
            problems.push(format!("a match in\n{body}"));
        }
        if *name != "match" {
            continue;
        }
        let Some(first) = found.first() else {
            problems.push(format!("no match in\n{body}"));
            continue;
        };
        let wanted = sections.get(index + 1).filter(|(name, _)| *name == "becomes").map(|(_, body)| body.as_str());
        if let Some(cursor) = cursor.filter(|cursor| !found.iter().any(|found| found.covers(*cursor))) {
            problems.push(format!("no match at {cursor} but at {:?} in\n{body}", first.range));
        }
        let edits = first.rewrite(&FilePath::new("t.py"));
        let healed = edits.map(|edits| apply(&body, &edits).expect("edits of a rewrite fit"));
        if healed.as_deref() != wanted {
            problems.push(format!(
                "became\n{}\ninstead of\n{}",
                healed.unwrap_or_default(),
                wanted.unwrap_or_default()
            ));
        }
    }
    problems
}

#[test]
fn names_are_followed_through_imports() {
    check_file("names.txt");
}

#[test]
fn calls_are_told_by_what_changed_in_them() {
    check_file("calls.txt");
}

#[test]
fn statements_count_with_what_comes_before_and_after() {
    check_file("flow.txt");
}

#[test]
fn values_count_with_what_they_belong_to() {
    check_file("values.txt");
}

#[test]
fn heads_of_functions_are_told_by_fixtures_and_marks() {
    check_file("functions.txt");
}

#[test]
fn lessons_of_a_cluster() {
    check_file("openshift.txt");
}

#[test]
fn lessons_of_tables_and_arrays() {
    check_file("frames.txt");
}

#[test]
fn lessons_of_services_and_databases() {
    check_file("services.txt");
}

#[test]
fn lessons_of_waits_threads_and_processes() {
    check_file("waits.txt");
}

#[test]
fn lessons_of_mocks_clocks_and_captured_output() {
    check_file("mocks.txt");
}

#[test]
fn lessons_of_pytest_and_unittest() {
    check_file("pytest.txt");
}

#[test]
fn lessons_of_python_itself() {
    check_file("python.txt");
}

#[test]
fn lessons_of_labs_and_their_helpers() {
    check_file("labs.txt");
}

#[test]
fn lessons_of_many_libraries() {
    check_file("libraries.txt");
}

#[test]
fn lessons_of_everyday_habits() {
    check_file("habits.txt");
}

#[test]
fn hostile_snippets_teach_nothing_and_end() {
    let deep = format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000));
    let open = format!("y = {}", "[".repeat(20_000));
    let long = "f(a)\n".repeat(5000);
    for (wrong, correct) in [(deep.as_str(), "x = 1"), (&open, "y = []"), (&long, "g(a)\n"), ("", ""), ("\0", "x")] {
        let rules = Rule::learn(wrong, correct, "");
        assert!(RuleSet::new(rules).find(&Source::parse("z = 1\n")).is_empty());
    }
}
