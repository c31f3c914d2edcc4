//! A mark that `--strict-markers` does not know: it is registered under another name.

use std::sync::Arc;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::descendants;
use crate::text::FilePath;
use crate::workspace::config::PYTEST_FILES;
use crate::workspace::history::{Change, RenameKind};

use super::confidence::Odds;
use super::renames::{Answer, Existing, Question, answers};
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
    let renamed = renamed(ctx, missing, &existing);
    let told = renamed.iter().map(|answer| answer.name.clone()).collect::<Vec<_>>();
    let others = answers(ctx, &question).into_iter().filter(|answer| !told.contains(&answer.name));
    for answer in renamed.into_iter().chain(others) {
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

/// What a commit registers with the words that described the missing mark: the mark under its new name.
fn renamed(ctx: &Context<'_>, missing: &str, existing: &[Existing]) -> Option<Answer> {
    let changes = ctx.snapshot.history().changes(Some(&ctx.site.path));
    let (change, name) = changes.iter().find_map(|change| Some((change, successor(change, missing)?)))?;
    let existing = existing.iter().find(|existing| existing.name == name)?;
    let text = format!("the mark `{missing}` became `{name}` in {} ({})", change.path, change.subject);
    let evidence = vec![Evidence::commit(&change.commit, text), existing.evidence.clone()];
    let confidence = Odds::of(&evidence).confidence();
    Some(Answer { name, evidence, confidence, tier: Tier::Safe, is_same: true })
}

/// The one mark that came with the description of `missing` as that went.
fn successor(change: &Change, missing: &str) -> Option<String> {
    if !PYTEST_FILES.contains(&change.path.as_str()) {
        return None;
    }
    let entries = |text: &Option<Arc<str>>| in_configuration(text.as_deref().unwrap_or_default());
    let (before, after) = (entries(&change.before), entries(&change.after));
    let gone = before.iter().find(|entry| entry.name == missing).filter(|gone| !gone.about.is_empty())?;
    let mut came =
        after.iter().filter(|entry| entry.about == gone.about && before.iter().all(|old| old.name != entry.name));
    let new = came.next().filter(|_| came.next().is_none())?;
    let is_gone = after.iter().all(|entry| entry.name != missing);
    is_gone.then(|| new.name.clone())
}

struct Mark {
    name: String,
    path: FilePath,
    line: u32,
}

/// The marks of pytest's configuration files and of `addinivalue_line` in the conftest files.
fn registered(ctx: &Context<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    for name in PYTEST_FILES {
        let path = FilePath::new(name);
        let text = ctx.snapshot.text(&path).unwrap_or_default();
        let mark = |entry: Entry| Mark { name: entry.name, path: path.clone(), line: entry.line };
        marks.extend(in_configuration(&text).into_iter().map(mark));
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

/// One registered mark: `slow(reason): takes long`.
struct Entry {
    name: String,
    /// What is said of it.
    about: String,
    line: u32,
}

/// The entries of `markers = …`, in ini's indented lines or in TOML's list.
fn in_configuration(text: &str) -> Vec<Entry> {
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
        marks.extend(pieces.into_iter().filter_map(|piece| {
            let about = piece.split_once(':').map_or("", |(_, about)| about).trim().to_string();
            Some(Entry { name: mark_of(piece)?, about, line: index as u32 + 1 })
        }));
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
        let names = |text: &str| in_configuration(text).into_iter().map(|entry| entry.name).collect::<Vec<_>>();
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

    /// A test marked `integration`, which the configuration registered as `before` and has `after` now.
    #[track_caller]
    fn check_registered(file: &str, before: &str, after: &str, healed: &str) {
        check(&format!(
            r#"
#- before: {file}
{before}
#- {file}
{after}
#- tests/test_cart.py
import pytest

pytestmark = [pytest.mark.$0integration]

@pytest.mark.integration
def test_cart():
    assert True
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
'integration' not found in `markers` configuration option
=========================== short test summary info ============================
ERROR tests/test_cart.py - Failed: 'integration' not found in `markers` configuration...
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_mark_whose_description_stayed_was_renamed() {
        let healed = "-pytestmark = [pytest.mark.integration]\n+pytestmark = [pytest.mark.broker]\n\
                      -@pytest.mark.integration\n+@pytest.mark.broker";
        check_registered(
            "pytest.ini",
            "[pytest]\nmarkers =\n    slow: takes long\n    integration: needs a broker",
            "[pytest]\nmarkers =\n    slow: takes long\n    broker: needs a broker",
            healed,
        );
        check_registered(
            "pyproject.toml",
            "[tool.pytest.ini_options]\nmarkers = [\"integration: needs a broker\"]",
            "[tool.pytest.ini_options]\nmarkers = [\"broker: needs a broker\", \"slow: takes long\"]",
            healed,
        );
    }

    #[test]
    fn a_mark_that_went_as_another_came_is_not_that_one() {
        let before = "[pytest]\nmarkers =\n    integration: needs a broker";
        for after in
            ["    slow: takes long", "    xfail: needs a broker", "    a: needs a broker\n    b: needs a broker"]
        {
            check_registered("pytest.ini", before, &format!("[pytest]\nmarkers =\n{after}"), "no fix");
        }
    }
}
