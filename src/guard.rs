//! The guard: what a heal never does. A fix that would weaken a test, silence it or leave its intent is
//! refused with the reason.
//!
//! Every promise compares the trees of each edited file before and after the fix. Promises are cautious:
//! what they cannot see to be harmless they refuse, and a refused fix is shown with its reason.

mod acts_kept;
mod acts_ordered;
mod assertions_kept;
mod change;
mod checks;
mod expected;
mod helpers;
mod in_scope;
mod minimal;
mod names_kept;
mod not_a_regression;
mod nothing_mocked;
mod nothing_silenced;
mod python;
mod raises_kept;
mod rows;
mod softeners;
mod still_parses;
mod strength;
mod tests_kept;
mod timeouts_capped;
mod tolerances_kept;
mod tree_diff;
mod values_traced;

use serde::Serialize;

use crate::diagnosis::Diagnosis;
use crate::fix::Fix;
use crate::text::FilePath;
use crate::workspace::Snapshot;

use change::{Change, FileChange};

/// A fix that passed. [`review`] is its only constructor, so no other path leads to a file or an editor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guarded(Fix);

impl Guarded {
    /// The fix.
    pub fn fix(&self) -> &Fix {
        &self.0
    }
}

/// A fix that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The title of the fix.
    pub title: String,
    /// The strategy that proposed it.
    pub strategy: &'static str,
    /// The promise it would have broken: `assertions-kept`.
    pub promise: &'static str,
    /// What it would have done, as a sentence fragment.
    pub reason: String,
}

/// What a heal never does.
struct Promise {
    id: &'static str,
    /// How a changed file breaks the promise, or nothing.
    check: fn(&Change<'_>, &FileChange) -> Option<String>,
}

/// In the order in which a person wants to hear the reason: the plainest offence first.
static PROMISES: &[Promise] = &[
    Promise { id: "in-scope", check: in_scope::broken },
    Promise { id: "still-parses", check: still_parses::broken },
    Promise { id: "tests-kept", check: tests_kept::broken },
    Promise { id: "nothing-silenced", check: nothing_silenced::broken },
    Promise { id: "nothing-mocked", check: nothing_mocked::broken },
    Promise { id: "assertions-kept", check: assertions_kept::broken },
    Promise { id: "tolerances-kept", check: tolerances_kept::broken },
    Promise { id: "names-kept", check: names_kept::broken },
    Promise { id: "acts-kept", check: acts_kept::broken },
    Promise { id: "timeouts-capped", check: timeouts_capped::broken },
    Promise { id: "values-traced", check: values_traced::broken },
    Promise { id: "not-a-regression", check: not_a_regression::broken },
    Promise { id: "minimal", check: minimal::broken },
];

/// Lets a fix pass, or says why not.
pub fn review(snapshot: &Snapshot, diagnosis: &Diagnosis, fix: Fix) -> Result<Guarded, Refusal> {
    let refusal = |(promise, reason)| Refusal { title: fix.title.clone(), strategy: fix.strategy, promise, reason };
    let change = Change::new(snapshot, diagnosis, &fix).map_err(|reason| refusal(("still-parses", reason)))?;
    match broken_promise(&change) {
        Some(broken) => Err(refusal(broken)),
        None => Ok(Guarded(fix)),
    }
}

/// Whether any fix may edit the file at all: a test, a conftest or a helper of tests inside the workspace.
/// Otherwise what is wrong with it, as a fragment: "edits shop.py, which is product code".
pub fn may_edit(snapshot: &Snapshot, path: &FilePath) -> Result<(), String> {
    in_scope::offence(snapshot, path).map_or(Ok(()), Err)
}

fn broken_promise(change: &Change<'_>) -> Option<(&'static str, String)> {
    PROMISES.iter().find_map(|promise| {
        let reason =
            change.files.iter().filter(|file| promise.holds_for(file)).find_map(|file| (promise.check)(change, file));
        Some((promise.id, reason?))
    })
}

impl Promise {
    /// A text that did not parse has no tree to compare with; `still-parses` then compares its words.
    fn holds_for(&self, file: &FileChange) -> bool {
        !still_parses::is_repair(file) || matches!(self.id, "in-scope" | "still-parses" | "not-a-regression")
    }
}

#[cfg(test)]
mod redteam;
