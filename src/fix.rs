//! A proposed change to a test, with the facts that speak for it.

use serde::{Deserialize, Serialize};

use crate::text::{Edit, FilePath};
use crate::workspace::history::UNCOMMITTED;

/// How likely a fix is right, 0 to 1, once its trial runs pass: of those shown with 0.9 nine in ten are. Before the trials
/// it orders candidates.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
pub struct Confidence(f64);

impl Confidence {
    /// Clamps `value` to 0..=1; what is not a number counts as 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// Who may apply a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// `heal` may apply it by itself.
    Safe,
    /// It changes what is checked (a new expected value, message or exception type): a person accepts
    /// it, or `--accept review` says so beforehand.
    Review,
}

/// Where a fact was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// A line of a file; `line` is 1-based.
    File {
        /// The file.
        path: FilePath,
        /// Its line.
        line: u32,
    },
    /// A commit, by its abbreviated hash; `uncommitted` for the working tree.
    Commit {
        /// The hash.
        commit: String,
    },
    /// The log of the run itself.
    Log,
}

/// What kind of source a fact comes from. Confidence weighs by kind; two independent kinds outweigh one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// Python or pytest printed it with the failure.
    Hint,
    /// A definition or signature in the project's source.
    Source,
    /// A commit: what disappeared and what appeared.
    Git,
    /// Another caller that was migrated, or a test that passes.
    Example,
    /// Documentation, a changelog, a deprecation message.
    Docs,
    /// A lesson of GRAVEYARD.md or an accepted fix.
    Lesson,
    /// A value seen at run time.
    Runtime,
    /// An agent or an AI says so. It proves nothing; the guard and the trial runs do.
    Agent,
}

/// A fact found in the project, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Where it stands.
    pub place: Place,
    /// What it shows, as a sentence fragment: "`Cart` defines `total`".
    pub text: String,
}

impl Evidence {
    /// A fact at a 1-based line of a file.
    pub fn at(kind: EvidenceKind, path: &FilePath, line: u32, text: impl Into<String>) -> Self {
        Self { kind, place: Place::File { path: path.clone(), line }, text: text.into() }
    }

    /// A fact shown by a commit. What is not committed has no first line: `became `total` ()` is left without it.
    pub fn commit(commit: &str, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if let Some(short) = text.strip_suffix(" ()").filter(|_| commit == UNCOMMITTED) {
            text.truncate(short.len());
        }
        Self { kind: EvidenceKind::Git, place: Place::Commit { commit: commit.to_string() }, text }
    }

    /// A fact printed in the log.
    pub fn hint(text: impl Into<String>) -> Self {
        Self { kind: EvidenceKind::Hint, place: Place::Log, text: text.into() }
    }
}

/// A commit for a person: its hash, or `an uncommitted change`.
pub fn in_words(commit: &str) -> &str {
    if commit == UNCOMMITTED { "an uncommitted change" } else { commit }
}

/// A change that may heal a failure: a candidate until the guard has seen it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// What it does, for a menu: "Rename `totl` to `total`".
    pub title: String,
    /// The id of the strategy that proposed it.
    pub strategy: &'static str,
    /// The change. Never empty.
    pub edits: Vec<Edit>,
    /// How likely it is right.
    pub confidence: Confidence,
    /// What speaks for it. Never empty: no evidence, no fix.
    pub evidence: Vec<Evidence>,
    /// Who may apply it.
    pub tier: Tier,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_without_a_first_line_is_told_without_empty_brackets() {
        let text = |commit: &str| Evidence::commit(commit, "`totl` became `total` ()").text;
        assert_eq!(text(UNCOMMITTED), "`totl` became `total`");
        assert_eq!(text("8c8db4e"), "`totl` became `total` ()");
        assert_eq!((in_words(UNCOMMITTED), in_words("8c8db4e")), ("an uncommitted change", "8c8db4e"));
    }
}
