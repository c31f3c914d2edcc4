//! GRAVEYARD.md: a team's lessons, read leniently, written exactly, looked up at the code they warn of.

use crate::text::FilePath;

/// One GRAVEYARD.md, read.
#[derive(Clone, Debug, Default)]
pub struct Graveyard {
    /// Where it lies.
    pub path: Option<FilePath>,
    /// Its entries, in file order.
    pub lessons: Vec<Lesson>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// The text after `## Entry:`.
    pub title: String,
    /// As written; the format's categories are those of [`CATEGORIES`].
    pub category: String,
    /// `YYYY-MM-DD`, as written.
    pub date: String,
    /// The node id, as written.
    pub test: String,
    /// What did the code do wrong.
    pub what_went_wrong: String,
    /// The code that failed, without its fence.
    pub wrong_code: String,
    /// The code that is right, without its fence.
    pub correct_code: String,
    /// The insight.
    pub lesson_learned: String,
    /// The rule to follow.
    pub how_to_avoid: String,
    /// The 1-based line of the heading.
    pub line: u32,
}

/// The categories of the format.
pub const CATEGORIES: [&str; 8] = [
    "ImportError",
    "AttributeError",
    "TypeError",
    "AssertionError",
    "TimeoutError",
    "FixtureError",
    "ResourceError",
    "LogicError",
];
