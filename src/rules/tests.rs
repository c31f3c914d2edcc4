//! What one pair teaches: code that repeats the mistake, what becomes of it, and code that does not.
//!
//! The scenes are in `tests/lessons/*.txt`: each has `wrong`, `correct`, optionally `prose`, then any number of
//! `match`, each followed by its `becomes` where there is a rewrite (else there must be none), and `silent`.

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
fn tmp_count() {
    for name in ["openshift", "frames", "services", "waits", "mocks", "pytest", "python"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/lessons/{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut good, mut all, mut matches, mut silents, mut no, mut fp, mut place, mut fix) = (0, 0, 0, 0, 0, 0, 0, 0);
        for scene in text.split("==== ").skip(1) {
            let (title, body) = scene.split_once('\n').unwrap();
            let problems = check(body);
            all += 1;
            matches += body.matches("\n#- match").count();
            silents += body.matches("\n#- silent").count();
            no += problems.iter().filter(|p| p.starts_with("no match in")).count();
            fp += problems.iter().filter(|p| p.starts_with("a match")).count();
            place += problems.iter().filter(|p| p.starts_with("no match at")).count();
            fix += problems.iter().filter(|p| p.starts_with("became")).count();
            if problems.is_empty() {
                good += 1;
            } else {
                println!("== {title}: {}", problems.join("\n"));
            }
        }
        println!("#### {name}: lessons {good}/{all}; matches {matches}, missed {no}, place {place}, fix {fix}; silent {silents}, false {fp}");
    }
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
