//! Bugs of a product that are dressed as changes, each beside a change that looks like it and is meant: the first may
//! be a person's to accept at most, the second is healed. tests/redteam/README.md describes the format.

use std::path::Path;

use crate::fix::Tier;
use crate::fixture::Scene;

/// What Python said, at the end of the line of the test that failed.
const SAID: &str = "  #! ";

/// What stands between two lines of what it said.
const LINE_END: &str = " ⏎ ";

/// A scene without its log; the log is made of the line that says how it failed.
struct Case {
    title: String,
    is_meant: bool,
    scene: String,
}

impl Case {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once('\n').expect("a title and a body");
        let (kind, title) = head.split_once(": ").unwrap_or_else(|| panic!("no kind in {head:?}"));
        assert!(["bug", "meant"].contains(&kind), "{head:?}");
        let title = title.trim().to_string();
        let scene = format!("{}#- test_run.log\n{}", without_said(body), log(body));
        Self { title, is_meant: kind == "meant", scene }
    }

    /// The fix that `heal` would apply unasked.
    fn applied(&self) -> Option<String> {
        let healing = Scene::parse(&self.scene).heal();
        let best = healing.fixes.iter().map(|guarded| guarded.fix()).find(|fix| fix.tier == Tier::Safe)?;
        Some(format!("{} ({})", best.title, best.strategy))
    }
}

fn without_said(body: &str) -> String {
    body.lines().map(|line| line.split(SAID).next().unwrap_or_default().to_string() + "\n").collect()
}

/// What pytest prints of the one failing line: of a test, or of the import at the top of its file.
fn log(body: &str) -> String {
    let (mut path, mut number, mut test, mut source) = ("", 0, "", String::new());
    let mut class = String::new();
    for line in body.lines() {
        if let Some(name) = line.strip_prefix("#- ") {
            (path, number, test, source) = (name, 0, "", String::new());
            continue;
        }
        number += 1;
        class = class_at(line).unwrap_or(class);
        if let Some(name) = line
            .trim_start()
            .trim_start_matches("async ")
            .strip_prefix("def test_")
            .and_then(|rest| rest.split('(').next())
        {
            (test, source) = (name, String::new());
        }
        let (code, said) = line.split_once(SAID).unwrap_or((line, ""));
        if said.is_empty() {
            source += &format!("    {code}\n");
            continue;
        }
        let kind = said.split(':').next().unwrap_or_default();
        if test.is_empty() {
            return format!(
                "==================================== ERRORS ====================================\n\
                 _____________________ ERROR collecting {path} ______________________\n\
                 ImportError while importing test module '/p/{path}'.\nTraceback:\n{path}:{number}: in <module>\n\
                 \x20   {code}\nE   {said}\n"
            );
        }
        let head = format!(
            "=================================== FAILURES ===================================\n\
             __________________________________ {class}test_{test} __________________________________\n\n\
             {source}>   {code}\n"
        );
        // Raised by the product: the place and the line of it follow.
        let Some((said, raised)) = said.split_once(" @ ") else {
            return format!("{head}E       {}\n\n{path}:{number}: {kind}\n", said.replace(LINE_END, "\nE       "));
        };
        let (place, statement) = raised.split_once(' ').expect("a place and a statement");
        let between = "_ ".repeat(40);
        return format!("{head}\n{path}:{number}: \n{between}\n\n>   {statement}\nE   {said}\n\n{place}: {kind}\n");
    }
    panic!("no line of the case says how it failed:\n{body}");
}

/// What stands before the name of a test after `line`: `TestCart.` in a class, nothing at the left margin.
fn class_at(line: &str) -> Option<String> {
    let class = line.strip_prefix("class ").and_then(|rest| rest.split(['(', ':']).next());
    let is_outside = line.starts_with("def ") || line.starts_with("async def ") || line.starts_with("#- ");
    class.map(|class| format!("{class}.")).or_else(|| is_outside.then(String::new))
}

#[test]
fn bugs_that_are_dressed_as_changes_are_not_followed_unasked() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redteam/dressed.txt");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Case> = text.split("\n=== ").skip(1).map(Case::parse).collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let applied = case.applied();
        if applied.is_some() != case.is_meant {
            wrong.push(format!("{}: {}", case.title, applied.unwrap_or_else(|| "nothing is applied".to_string())));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let count = |is_meant| cases.iter().filter(|case| case.is_meant == is_meant).count();
    assert!(count(true) * 2 >= count(false), "a bug without its honest twin shows little: {}", count(true));
}
