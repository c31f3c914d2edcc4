//! Rerunning: the verdict of pytest itself on a fix.

mod agree;
mod before;
pub mod by_log;
mod cold;
mod ids;
mod judge;
pub mod observe;
pub mod plugin;
pub mod runner;
mod tail;
mod trial;
mod validator;
#[cfg(unix)]
mod warm;
#[cfg(not(unix))]
#[path = "validation/no_fork.rs"]
mod warm;

pub use before::Dependence;
pub use validator::{How, Options, Rerun, Validator};

use std::fmt;

use serde::Serialize;

/// What a rerun with the fix showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// The failing tests pass now, in each of `runs` runs.
    Passes {
        /// How often it was seen.
        runs: u32,
    },
    /// The old failure is gone, another stands further down.
    MovesOn {
        /// Its exception and message.
        failure: String,
        /// The 1-based line it stands at.
        line: Option<u32>,
    },
    /// The same failure again.
    StillFails,
    /// A test that passed fails now.
    Breaks {
        /// That test.
        nodeid: String,
    },
    /// Fewer tests or assertions were executed than before.
    ChecksLess {
        /// What is missing.
        reason: String,
    },
    /// It was not run.
    NotRun {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passes { runs } => write!(f, "validated: passes {runs} of {runs}"),
            Self::MovesOn { failure, .. } => write!(f, "helps, and then: {failure}"),
            Self::StillFails => f.write_str("still fails"),
            Self::Breaks { nodeid } => write!(f, "breaks {nodeid}"),
            Self::ChecksLess { reason } => write!(f, "checks less: {reason}"),
            Self::NotRun { reason } => write!(f, "not run: {reason}"),
        }
    }
}
