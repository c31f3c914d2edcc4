//! What a run says of fixes, beside the run before them.

use std::collections::BTreeSet;

use crate::report::{Failure, Phase, Report};
use crate::text::FilePath;

use super::Applied;

/// What makes two failures the same: node id, phase, exception and message.
pub(super) type Signature = (String, Phase, Option<String>, Option<String>);

/// Whether a fix helped, or why it is taken back.
pub(super) fn verdict(applied: &Applied, before: &Report, after: &Report) -> Result<(), String> {
    let targets: Vec<&str> = applied.nodeids().map(String::as_str).collect();
    // Where subtests of one test failed, fewer of them do now.
    let count = |report: &Report, nodeid: &str| report.failures.iter().filter(|it| it.nodeid == nodeid).count();
    let is_fewer = |nodeid: &str| count(after, nodeid) < count(before, nodeid);
    let same = after.failures.iter().find(|failure| {
        targets.contains(&failure.nodeid.as_str())
            && !is_fewer(&failure.nodeid)
            && before.failures.iter().any(|old| signature(old) == signature(failure) && still_there(old, failure))
    });
    if let Some(failure) = same {
        return Err(format!("{} still fails with {}", failure.nodeid, headline(failure)));
    }
    if let Some(failure) = after.failures.iter().find(|failure| is_disproof(applied, before, failure)) {
        return Err(format!("{} fails by it with {}", failure.nodeid, headline(failure)));
    }
    let files: Vec<&str> = applied.texts.keys().map(FilePath::as_str).collect();
    let collected_before = !before.failures.iter().any(|failure| failure.phase < Phase::Setup);
    let worse = after.failures.iter().find(|failure| {
        let file = failure.nodeid.split("::").next().unwrap_or_default();
        let new = !before.failures.iter().any(|old| old.nodeid == failure.nodeid);
        new && files.contains(&file) && (collected_before || failure.phase < Phase::Setup)
    });
    match worse {
        Some(failure) => Err(format!("it made {} fail with {}", failure.nodeid, headline(failure))),
        None => Ok(()),
    }
}

/// Whether another row of a healed test, which expected something else before, now fails by what the fix expects: what
/// was written down is what one row gives, not what all have in common.
fn is_disproof(applied: &Applied, before: &Report, failure: &Failure) -> bool {
    let function = |nodeid: &str| nodeid.split('[').next().unwrap_or_default().to_string();
    let of_row = |nodeid: &String| *nodeid != failure.nodeid && function(nodeid) == function(&failure.nodeid);
    let is_row = applied.nodeids().any(of_row) && !applied.nodeids().any(|nodeid| *nodeid == failure.nodeid);
    let is_assertion = |failure: &Failure| failure.exc_type.as_deref() == Some("AssertionError");
    let failed = || before.failures.iter().any(|old| old.nodeid == failure.nodeid && is_assertion(old));
    let line = failure.frames.last().and_then(|frame| frame.text.as_deref()).unwrap_or_default().trim();
    let has = |text: &str| text.lines().any(|other| other.trim() == line);
    let wrote_it = || applied.texts.values().any(|(old, new)| !line.is_empty() && has(new) && !has(old));
    is_row && is_assertion(failure) && failed() && wrote_it()
}

/// What the run after a fix shows without the fix: its tests fail as in the run before it.
pub(super) fn without(mut after: Report, before: &Report, gone: &Applied) -> Report {
    let is_healed = |failure: &Failure| gone.nodeids().any(|nodeid| *nodeid == failure.nodeid);
    let at = after.failures.iter().position(is_healed).unwrap_or(after.failures.len());
    after.failures.retain(|failure| !is_healed(failure));
    after.failures.splice(at..at, before.failures.iter().filter(|failure| is_healed(failure)).cloned());
    after
}

fn still_there(old: &Failure, new: &Failure) -> bool {
    let text = |failure: &Failure| failure.frames.last().and_then(|frame| frame.text.clone());
    old.line == new.line || text(old) == text(new)
}

/// `AttributeError: 'Cart' object has no attribute 'totl'`, the first line of it.
pub fn headline(failure: &Failure) -> String {
    failure.headline().unwrap_or_else(|| "failed; the log does not say why".to_string())
}

fn signature(failure: &Failure) -> Signature {
    (failure.nodeid.clone(), failure.phase, failure.exc_type.clone(), failure.message.clone())
}

pub(super) fn signatures(report: &Report) -> BTreeSet<Signature> {
    report.failures.iter().map(signature).collect()
}
