//! How diagnoses, fixes and diffs look on a terminal and in JSON.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;

use serde_json::{Value, json};
use similar::TextDiff;

use super::style::{BAD, DIM, GOOD, NOTE, PLACE, RESET, STRONG};
use crate::diagnosis::Verdict;
use crate::fix::{Evidence, Fix, Place, Tier, in_words};
use crate::graveyard::{self, Lesson};
use crate::guard::Refusal;
use crate::heal::Healing;
use crate::heal::run_loop::headline;
use crate::report::Failure;
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::graveyards::FILE as GRAVEYARD;

/// Where [`brief`] cuts: some three lines of a terminal.
const MOST_CHARACTERS: usize = 240;

/// `tests/test_a.py:12`, or the node id's file where the line is unknown.
pub fn place(failure: &Failure) -> String {
    let file = failure.path.as_deref().unwrap_or_else(|| failure.nodeid.split("::").next().unwrap_or_default());
    match failure.line {
        Some(line) => format!("{file}:{line}"),
        None => file.to_string(),
    }
}

/// A text that a person takes in at a glance; the log holds the rest.
pub fn brief(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// A failure in two lines: its test and place, what it is.
pub fn failure(failure: &Failure) -> String {
    format!(
        "{STRONG}{}{RESET}  {PLACE}{}{RESET}\n    {BAD}{}{RESET}\n",
        failure.nodeid,
        place(failure),
        brief(&headline(failure))
    )
}

/// Tests that are named where many fail alike.
const MOST_NAMED: usize = 5;

/// Texts about failing tests, one of each kind: what is said of a test word for word as of an earlier one becomes a
/// line below the earlier text.
pub fn once<'t>(texts: impl IntoIterator<Item = (&'t str, String)>) -> Vec<String> {
    let mut kinds: HashMap<String, usize> = HashMap::new();
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (nodeid, text) in texts {
        match kinds.entry(text.replacen(nodeid, "", 1)) {
            Entry::Occupied(kind) => told[*kind.get()].1.push(nodeid),
            Entry::Vacant(kind) => {
                kind.insert(told.len());
                told.push((text, Vec::new()));
            }
        }
    }
    told.into_iter().map(|(text, others)| text + &the_same_in(&others)).collect()
}

fn the_same_in(nodeids: &[&str]) -> String {
    if nodeids.is_empty() {
        return String::new();
    }
    let named = nodeids.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = nodeids.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("    {DIM}the same in {named}{more}{RESET}\n")
}

/// `1 test`, `2 tests`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Why trial runs were dear.
pub fn fresh(reason: &str) -> String {
    format!("fixes were tried in fresh processes: {reason}")
}

/// A verdict in words.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::OutdatedTest => "outdated test",
        Verdict::LikelyProductRegression => "likely product regression",
        Verdict::Environment => "environment",
        Verdict::Flaky => "flaky",
        Verdict::Undecided => "undecided",
    }
}

/// A fix with its reasons and its diff.
pub fn fix(snapshot: &Snapshot, fix: &Fix) -> String {
    noted_fix(snapshot, fix, "")
}

/// A fix in one line, with a remark behind its confidence.
pub fn fix_title(fix: &Fix, note: &str) -> String {
    let tier = if fix.tier == Tier::Review { ", changes what is checked: a person decides" } else { "" };
    let confidence = fix.confidence.value();
    format!("    {GOOD}{}{RESET}  {DIM}({}, {confidence:.2}{tier}{note}){RESET}\n", fix.title, fix.strategy)
}

/// The same with its reasons and its diff.
pub fn noted_fix(snapshot: &Snapshot, fix: &Fix, note: &str) -> String {
    let mut text = fix_title(fix, note);
    for evidence in &fix.evidence {
        let _ = writeln!(text, "      because {}", evidence_line(evidence));
    }
    for line in diff(snapshot, fix, 0).lines().filter(|line| !is_header(line)) {
        let style = match line.as_bytes().first() {
            Some(b'-') => format!("{BAD}"),
            Some(b'+') => format!("{GOOD}"),
            _ => format!("{DIM}"),
        };
        let _ = writeln!(text, "      {style}{line}{RESET}");
    }
    text
}

fn is_header(line: &str) -> bool {
    ["--- ", "+++ ", "@@ "].iter().any(|mark| line.starts_with(mark))
}

/// Why a fix was not let through.
pub fn refusal(refusal: &Refusal) -> String {
    format!("    {NOTE}refused{RESET} {}: {} {DIM}({}){RESET}\n", refusal.title, refusal.reason, refusal.promise)
}

/// `shop.py:2: `Cart` defines `total``.
pub fn evidence_line(evidence: &Evidence) -> String {
    match &evidence.place {
        Place::File { path, line } => format!("{}  {PLACE}{path}:{line}{RESET}", evidence.text),
        Place::Commit { commit } => format!("{}  {PLACE}{}{RESET}", evidence.text, in_words(commit)),
        Place::Log => format!("{}  {DIM}in the log{RESET}", evidence.text),
    }
}

/// A lesson that has to be kept by hand, and why it was not written.
pub fn not_written(lesson: &Lesson, why: &str) -> String {
    format!("{NOTE}this lesson was not written to {GRAVEYARD}: {why}{RESET}\n\n{}", graveyard::write::entry(lesson))
}

/// What a fix changes as a unified diff that `git apply` takes.
pub fn diff(snapshot: &Snapshot, fix: &Fix, context: usize) -> String {
    let Ok(healed) = snapshot.with_edits(&fix.edits) else { return String::new() };
    let mut paths: Vec<&FilePath> = fix.edits.iter().map(|edit| &edit.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut text = String::new();
    for path in paths {
        let (old, new) = (snapshot.text(path).unwrap_or_default(), healed.text(path).unwrap_or_default());
        text += &unified(path, &old, &new, context);
    }
    text
}

/// A unified diff of one file that `git apply` takes.
pub fn unified(path: &FilePath, old: &str, new: &str, context: usize) -> String {
    let diff = TextDiff::from_lines(old, new);
    let (a, b) = (format!("a/{path}"), format!("b/{path}"));
    diff.unified_diff().context_radius(context).header(&a, &b).to_string()
}

/// One healing as DESIGN's JSON: the failure, its diagnosis, its fixes and what was refused.
pub fn healing_json(snapshot: &Snapshot, healing: &Healing) -> Value {
    let diagnosis = &healing.diagnosis;
    let mut value = json!(&*diagnosis.failure);
    value["category"] = json!(diagnosis.category);
    value["verdict"] = json!(diagnosis.verdict);
    value["reason"] = json!(diagnosis.reason);
    value["culprit"] = json!(diagnosis.culprit);
    value["culprit_symbol"] = json!(diagnosis.culprit_symbol);
    value["subject"] = json!(diagnosis.subject);
    value["fixes"] = healing.fixes.iter().map(|guarded| fix_json(snapshot, guarded.fix())).collect();
    value["refused"] = json!(healing.refused);
    value
}

/// One fix as JSON.
pub fn fix_json(snapshot: &Snapshot, fix: &Fix) -> Value {
    let mut value = json!(fix);
    value["diff"] = json!(diff(snapshot, fix, 3));
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_fail_alike_are_told_once() {
        let said = |nodeid: &str, why: &str| format!("{nodeid}  conftest.py:7\n    {why}\n");
        let texts = [("t.py::a", "x"), ("t.py::b", "y"), ("t.py::c", "x"), ("t.py::d", "x")];
        let told = once(texts.map(|(nodeid, why)| (nodeid, said(nodeid, why))));
        let same = format!("    {DIM}the same in t.py::c, t.py::d{RESET}\n");
        assert_eq!(told, [said("t.py::a", "x") + &same, said("t.py::b", "y")]);
    }

    #[test]
    fn many_that_fail_alike_are_counted() {
        let nodeids: Vec<String> = (0..9).map(|number| format!("t.py::test_{number}")).collect();
        let told = once(nodeids.iter().map(|nodeid| (nodeid.as_str(), nodeid.clone())));
        assert!(told.len() == 1 && told[0].contains("t.py::test_5 and 3 more"), "{told:?}");
    }
}
