//! The type of an expression in a test, well enough to look its members up.

use std::ops::Range;

use crate::text::FilePath;

use super::Snapshot;
use super::symbols::Symbol;

impl Snapshot {
    /// The class of the expression at `range` of `path`, or the module or class that it names. `None`
    /// means unknown.
    pub fn type_of(&self, path: &FilePath, range: Range<usize>) -> Option<Symbol> {
        let _ = (path, range);
        None
    }
}
