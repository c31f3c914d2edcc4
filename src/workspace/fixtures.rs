//! Fixtures as pytest resolves them.

use std::ops::Range;

use crate::text::FilePath;

use super::Snapshot;

/// A fixture that a test can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// The name to ask for.
    pub name: String,
    /// Where its function is defined; `None` for pytest's own and compiled plugins.
    pub path: Option<FilePath>,
    /// 1-based line of the function's name.
    pub line: u32,
    /// The bytes of the function's name.
    pub range: Range<usize>,
    /// `function`, `class`, `module`, `package` or `session`.
    pub scope: String,
    /// Whether every test gets it unasked.
    pub autouse: bool,
}

impl Snapshot {
    /// The fixtures that the test at `offset` of `path` can ask for, the overriding one of each name.
    pub fn fixtures_at(&self, path: &FilePath, offset: usize) -> Vec<Fixture> {
        let _ = (path, offset);
        Vec::new()
    }
}
