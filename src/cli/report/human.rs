//! The view for people: failures grouped by root cause, with the first place to look.

use std::collections::HashMap;
use std::fmt::Write;

use super::Findings;
use crate::cli::show;
use crate::cli::style::{BAD, DIM, GOOD, NOTE, PLACE, RESET, STRONG};
use crate::diagnosis::{Diagnosis, Verdict};
use crate::heal::run_loop;
use crate::report::{Counts, Failure, Frame, Phase, Run};

/// Tests of one group that are named.
const MAX_NAMED: usize = 8;
/// Lines of a message that are shown.
const MAX_LINES: usize = 8;

pub(super) fn render(findings: &Findings) -> String {
    let mut text = String::new();
    let groups = groups(findings);
    for group in &groups {
        group.write(&mut text);
    }
    let failures = findings.report.failures.len();
    if groups.len() < failures {
        let causes = show::count(groups.len(), "root cause");
        let _ = writeln!(text, "{STRONG}{}, {causes}{RESET}", show::count(failures, "failure"));
    }
    for run in &findings.report.runs {
        write_run(&mut text, run);
    }
    text
}

/// Failures that one cause explains: the same exception from the same deepest frame.
struct Group<'a> {
    members: Vec<(&'a Failure, &'a Diagnosis)>,
}

/// The biggest group first; among equals, the one that happened first.
fn groups(findings: &Findings) -> Vec<Group<'_>> {
    let mut places = HashMap::new();
    let mut groups = Vec::<Group<'_>>::new();
    for member in findings.report.failures.iter().zip(&findings.diagnoses) {
        let at = *places.entry(cause(member.0)).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group { members: Vec::new() });
        }
        groups[at].members.push(member);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

/// Type and deepest place; where no place is known, type and message.
fn cause(failure: &Failure) -> (Option<&str>, Option<(&str, u32)>, Option<&str>) {
    let place = deepest(failure).map(|frame| (frame.path.as_str(), frame.line));
    let message = match place {
        Some(_) => None,
        None => failure.message.as_deref().and_then(|message| message.lines().next()),
    };
    (failure.exc_type.as_deref(), place, message)
}

fn deepest(failure: &Failure) -> Option<&Frame> {
    failure.frames.last()
}

impl Group<'_> {
    fn write(&self, text: &mut String) {
        let (first, diagnosis) = self.members[0];
        let count = match self.members.len() {
            1 => String::new(),
            many => format!("{DIM}  in {many} tests{RESET}"),
        };
        let _ = writeln!(text, "{BAD}{}{RESET}{count}", show::brief(&headline(first)));
        for line in details(first.message.as_deref().unwrap_or_default()).take(MAX_LINES) {
            let _ = writeln!(text, "    {DIM}{}{RESET}", show::brief(&clean(line)));
        }
        if let Some(hint) = &first.hint {
            let _ = writeln!(text, "    {NOTE}{}{RESET}", clean(hint));
        }
        let _ = writeln!(text, "  look at {PLACE}{}{RESET}{}", clean(&show::place(first)), source(first));
        if let Some(frame) = deepest(first).filter(|frame| Some(frame.path.as_str()) != first.path.as_deref()) {
            let function = frame.function.as_deref().map_or(String::new(), |name| format!(" in {name}"));
            let _ = writeln!(text, "     raised {PLACE}{}:{}{RESET}{function}", clean(&frame.path), frame.line);
        }
        if let Some(verdict) = shown_verdict(diagnosis) {
            let _ = writeln!(text, "  {STRONG}{}{RESET}", clean(&verdict));
        }
        for (failure, _) in self.members.iter().take(MAX_NAMED) {
            let _ = writeln!(text, "    {}{}{}", clean(&failure.nodeid), phase(failure.phase), environments(failure));
        }
        if self.members.len() > MAX_NAMED {
            let _ = writeln!(text, "    {DIM}… and {} more{RESET}", self.members.len() - MAX_NAMED);
        }
        text.push('\n');
    }
}

/// What the message says after its first line. What both sides of a comparison share is no news.
fn details(message: &str) -> impl Iterator<Item = &str> {
    let news = ["Differing items:", "Left contains", "Right contains", "Full diff:"];
    let mut shared = false;
    message.lines().skip(1).filter(move |line| {
        let line = line.trim();
        shared = (shared || line == "Common items:") && !news.iter().any(|news| line.starts_with(news));
        !shared && !line.is_empty()
    })
}

/// `KeyError: 'password'`; the first line of the message.
pub(super) fn headline(failure: &Failure) -> String {
    let headline = run_loop::headline(failure);
    let asserted = headline.strip_prefix("AssertionError: ").filter(|message| message.starts_with("assert "));
    clean(asserted.unwrap_or(&headline))
}

/// The verdict with its reason, unless nothing speaks for any.
pub(super) fn shown_verdict(diagnosis: &Diagnosis) -> Option<String> {
    (diagnosis.verdict != Verdict::Undecided)
        .then(|| format!("{}: {}", show::verdict(diagnosis.verdict), diagnosis.reason))
}

fn source(failure: &Failure) -> String {
    let frame = failure.frames.iter().rev().find(|frame| Some(frame.line) == failure.line);
    frame.and_then(|frame| frame.text.as_deref()).map_or(String::new(), |code| format!("  {}", clean(code)))
}

fn phase(phase: Phase) -> String {
    let name = match phase {
        Phase::Call => return String::new(),
        Phase::Collection => "at collection",
        Phase::Conftest => "while loading conftest",
        Phase::Setup => "at setup",
        Phase::Teardown => "at teardown",
    };
    format!("  {DIM}{name}{RESET}")
}

/// `[py310, py311]`
fn environments(failure: &Failure) -> String {
    match failure.environments.is_empty() {
        true => String::new(),
        false => format!("  {DIM}[{}]{RESET}", clean(&failure.environments.join(", "))),
    }
}

fn write_run(text: &mut String, run: &Run) {
    let counts = counted(&run.counts);
    let style = if run.counts.failed.or(run.counts.errors).is_some() || run.stopped.is_some() { BAD } else { GOOD };
    let duration = run.duration.map_or(String::new(), |seconds| format!(" in {seconds:.2}s"));
    let environment = run.environment.as_deref().map_or(String::new(), |name| format!(" [{}]", clean(name)));
    let source = run.source.as_deref().map_or(String::new(), |source| format!("{}{environment}: ", clean(source)));
    let _ = writeln!(text, "{source}{style}{counts}{RESET}{duration}");
    if let Some(stopped) = &run.stopped {
        let _ = writeln!(text, "  {BAD}{}{RESET}", clean(stopped));
    }
    if !run.complete {
        let _ = writeln!(text, "  {NOTE}the run is incomplete: its log ends before pytest's last line{RESET}");
    }
}

fn counted(counts: &Counts) -> String {
    let parts = [
        (counts.failed, "failed"),
        (counts.errors, if counts.errors == Some(1) { "error" } else { "errors" }),
        (counts.passed, "passed"),
        (counts.skipped, "skipped"),
        (counts.deselected, "deselected"),
        (counts.xfailed, "xfailed"),
        (counts.xpassed, "xpassed"),
        (counts.rerun, "rerun"),
        (counts.warnings, if counts.warnings == Some(1) { "warning" } else { "warnings" }),
    ];
    let parts: Vec<_> = parts.into_iter().filter_map(|(n, word)| n.map(|n| format!("{n} {word}"))).collect();
    if parts.is_empty() { "no counts in the log".to_string() } else { parts.join(", ") }
}

/// A hostile log must not move the cursor.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_sides_share_is_left_out() {
        let message =
            "assert {...} == {...}\n\nCommon items:\n{'a': 1,\n 'b': 2}\nDiffering items:\n{'c': 3} != {'c': 4}\n";
        assert_eq!(details(message).collect::<Vec<_>>(), ["Differing items:", "{'c': 3} != {'c': 4}"]);
        assert_eq!(details("one line").next(), None);
    }
}
