//! A mark that `--strict-markers` does not know: it is registered under another name.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, Fix};
use crate::syntax::descendants;
use crate::text::FilePath;
use crate::workspace::history::RenameKind;

use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "mark-rename",
    categories: &[Category::FixtureError],
    summary: "Uses the mark that the project registers.",
    example: r#"
#- pytest.ini
[pytest]
addopts = --strict-markers
markers =
    slow: takes long
    network: needs the network
#- tests/test_cart.py
import pytest

@pytest.mark.$0netwrok
def test_cart():
    assert True
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
'netwrok' not found in `markers` configuration option
=========================== short test summary info ============================
ERROR tests/test_cart.py - Failed: 'netwrok' not found in `markers` configuration...
#- healed
-@pytest.mark.netwrok
+@pytest.mark.network
"#,
    propose: mark_rename,
};

/// Marks that decide whether a test runs or counts: a typo is no reason to begin with that.
const DECISIVE: &[&str] = &["skip", "skipif", "xfail", "flaky"];

fn mark_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::UnknownMark { name: missing } = ctx.complaint() else { return None };
    let registered = registered(ctx);
    let existing: Vec<Existing> = registered
        .iter()
        .filter(|mark| !DECISIVE.contains(&mark.name.as_str()))
        .map(|mark| {
            Existing::at(&mark.name, &mark.path, mark.line, format!("the mark `{}` is registered here", mark.name))
        })
        .collect();
    let object = ctx.node()?.parent()?.child_by_field_name("object")?;
    let kinds = |kind| matches!(kind, RenameKind::Usage | RenameKind::Literal);
    let question = Question { missing, existing: &existing, open: false, kinds, class: None };
    let places = names::attribute_uses(ctx.source, ctx.source.root(), ctx.source.slice(object), missing);
    for answer in answers(ctx, &question) {
        let mut evidence = answer.evidence;
        evidence.push(Evidence::hint(ctx.message().lines().next().unwrap_or_default()));
        fixes.push(Fix {
            title: format!("Mark with `{}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.iter().map(|range| ctx.replace(range.clone(), &answer.name)).collect(),
            confidence: answer.confidence,
            evidence,
            tier: answer.tier,
        });
    }
    Some(())
}

struct Mark {
    name: String,
    path: FilePath,
    line: u32,
}

/// The marks of pytest's configuration files and of `addinivalue_line` in the conftest files.
fn registered(ctx: &Context<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    for name in ["pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"] {
        let path = FilePath::new(name);
        let text = ctx.snapshot.text(&path).unwrap_or_default();
        marks.extend(in_configuration(&text).into_iter().map(|(name, line)| Mark { name, path: path.clone(), line }));
    }
    for path in ctx.snapshot.files_naming("addinivalue_line") {
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        let calls = descendants(source.root()).filter(|node| node.kind() == "call").filter_map(|call| {
            let arguments = call.child_by_field_name("arguments")?;
            let option = literals::string_value(&source, arguments.named_child(0)?)?;
            let line = literals::string_value(&source, arguments.named_child(1)?)?;
            (option == "markers").then(|| (mark_of(&line), source.line_of(call.start_byte())))
        });
        marks.extend(calls.filter_map(|(name, line)| Some(Mark { name: name?, path: path.clone(), line })));
    }
    marks
}

/// `slow` of `slow(reason): takes long`.
fn mark_of(line: &str) -> Option<String> {
    let name: String = line.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The entries of `markers = …`, in ini's indented lines or in TOML's list.
fn in_configuration(text: &str) -> Vec<(String, u32)> {
    let mut marks = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let begins =
            line.trim_start().strip_prefix("markers").map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
        let entry = match begins {
            Some(rest) => {
                inside = true;
                rest
            }
            None if inside && (line.trim().is_empty() || line.starts_with([' ', '\t', '"', '\'', ']'])) => line,
            None => {
                inside = false;
                continue;
            }
        };
        let in_quotes = entry.contains(['"', '\'']);
        let pieces: Vec<&str> = if in_quotes { quoted(entry) } else { vec![entry] };
        marks.extend(pieces.into_iter().filter_map(mark_of).map(|name| (name, index as u32 + 1)));
    }
    marks
}

/// The strings of a TOML line.
fn quoted(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = rest.as_bytes()[at] as char;
        let Some(end) = rest[at + 1..].find(quote) else { break };
        found.push(&rest[at + 1..at + 1 + end]);
        rest = &rest[at + end + 2..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_configuration;
    use crate::fixture::check;

    #[test]
    fn both_ways_to_register_are_read() {
        let names = |text: &str| in_configuration(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(
            names("[pytest]\nmarkers =\n    slow: long\n    net(x)\naddopts = -q\n    other\n"),
            ["slow", "net"]
        );
        assert_eq!(names("markers = [\n  \"slow: it's long\",\n  'net',\n]\nx = 1\n"), ["slow", "net"]);
        assert_eq!(names("markers = ['a: b', \"c\"]\n"), ["a", "c"]);
    }

    #[test]
    fn a_mark_that_would_silence_the_test_is_no_fix() {
        check(
            r#"
#- pytest.ini
[pytest]
markers =
    xfail: known
#- tests/test_cart.py
import pytest

@pytest.mark.$0xfial
def test_cart():
    assert True
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
'xfial' not found in `markers` configuration option
=========================== short test summary info ============================
ERROR tests/test_cart.py - Failed: 'xfial' not found in `markers` configuration...
#- healed
no fix
"#,
        );
    }
}
