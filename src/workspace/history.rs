//! Git as evidence: what disappeared, what appeared, and how other callers were edited.
//!
//! The comparisons are functions of two versions of each file; they serve commits, the uncommitted
//! change and scenes in memory alike.

mod align;
mod commit;
mod definitions;
mod disk;
mod git;
mod literals;
mod moves;
mod renames;
mod said;
mod signatures;

use std::path::Path;
use std::sync::Arc;

use crate::text::FilePath;

use super::Snapshot;

pub use commit::{Change, UNCOMMITTED};
pub use definitions::do_the_same;
pub use literals::{LiteralChange, RaiseChange, Raised};
pub use renames::{Migration, Removal, Rename, RenameKind};
pub use signatures::SignatureChange;

use commit::Commit;
use disk::Disk;

/// The history of one work tree. Every question is bounded in time and remembered by commit.
#[derive(Debug, Default)]
pub struct History {
    disk: Option<Disk>,
    /// A history of one commit that exists only in memory.
    in_memory: Option<Arc<Commit>>,
    /// The commit before that one, which the tests came with.
    own: Option<Arc<Commit>>,
}

impl History {
    /// The history of the work tree that holds `root`; empty where there is none.
    pub fn open(root: Option<&Path>) -> Self {
        Self { disk: root.and_then(Disk::open), ..Self::default() }
    }

    /// The same history after files changed on disk: commits that are known stay known.
    pub fn refreshed(&self) -> Self {
        Self { disk: self.disk.as_ref().map(Disk::refreshed), ..self.clone_in_memory() }
    }

    /// A history whose one commit turned the texts `before` into those of `after`.
    pub fn of_one_commit(before: impl IntoIterator<Item = (FilePath, Arc<str>)>, after: &Snapshot) -> Self {
        let before: Vec<(FilePath, Arc<str>)> = before.into_iter().collect();
        if before.is_empty() {
            return Self::default();
        }
        let change = |path: FilePath, before: Option<Arc<str>>| {
            let (commit, subject) = (UNCOMMITTED.to_string(), String::new());
            Change { commit, subject, after: after.text(&path), path, old_path: None, before }
        };
        let known: Vec<FilePath> = before.iter().map(|(path, _)| path.clone()).collect();
        let mut changes: Vec<Change> = before.into_iter().map(|(path, text)| change(path, Some(text))).collect();
        // Files without a "before" are unchanged, unless something went away that they may have taken in.
        let gone: Vec<String> = changes.iter().flat_map(names_gone).collect();
        let gone_files: Vec<&FilePath> = changes.iter().filter(|it| it.after.is_none()).map(|it| &it.path).collect();
        let deleted = !gone_files.is_empty();
        let extension = |path: &FilePath| path.as_str().rsplit('.').next().map(str::to_string);
        let extensions: Vec<_> = gone_files.into_iter().map(extension).chain([Some("py".to_string())]).collect();
        let mut paths: Vec<FilePath> = after.overlaid().map(|(path, _)| path.clone()).collect();
        paths.retain(|path| !known.contains(path) && extensions.contains(&extension(path)));
        paths.sort_unstable();
        for path in paths {
            let defines = |name: &String| {
                let outline = after.outline(&path);
                outline.is_some_and(|outline| outline.children(None).any(|(_, item)| item.name == *name))
            };
            if deleted || gone.iter().any(defines) {
                changes.push(change(path, None));
            }
        }
        changes.retain(|change| change.before != change.after);
        Self { in_memory: Some(Arc::new(Commit::new(UNCOMMITTED, "", changes))), ..Self::default() }
    }

    /// The same history where the one commit in memory has this message.
    pub fn with_message(mut self, message: &str) -> Self {
        if let Some(commit) = self.in_memory.as_mut().and_then(Arc::get_mut) {
            commit.message = message.to_string();
        }
        self
    }

    /// Whether the message of a commit that a question led to has the name.
    pub fn says(&self, commit: &str, name: &str) -> bool {
        self.message(commit).is_some_and(|message| said::names(&message, name))
    }

    /// The first line of the message of a commit that a question led to.
    pub fn subject(&self, commit: &str) -> Option<String> {
        self.message(commit).map(|message| said::subject(&message).to_string())
    }

    /// Whether a line of the message of a commit that a question led to is one that `is_it`.
    pub fn has_line(&self, commit: &str, is_it: impl Fn(&str) -> bool) -> bool {
        self.message(commit).is_some_and(|message| message.lines().any(is_it))
    }

    fn message(&self, commit: &str) -> Option<String> {
        let in_memory = || Some(self.in_memory.as_ref().filter(|it| it.id == commit)?.message.clone());
        self.disk.as_ref().map_or_else(in_memory, |disk| disk.message(commit))
    }

    fn clone_in_memory(&self) -> Self {
        Self { disk: None, in_memory: self.in_memory.clone(), own: self.own.clone() }
    }

    /// The same history with the commit before, which turned the texts `earlier` into those before the last commit and
    /// brought the tests.
    pub fn after_commit(self, earlier: impl IntoIterator<Item = (FilePath, Arc<str>)>, after: &Snapshot) -> Self {
        let then = |path: &FilePath| {
            let mut files = self.in_memory.iter().flat_map(|commit| &commit.files);
            let changed = files.find(|file| file.change.path == *path).and_then(|file| file.change.before.clone());
            changed.or_else(|| after.text(path))
        };
        let change = |(path, before): (FilePath, Arc<str>)| {
            let (commit, subject) = (EARLIER.to_string(), String::new());
            Change { commit, subject, after: then(&path), path, old_path: None, before: Some(before) }
        };
        let changes: Vec<Change> = earlier.into_iter().map(change).collect();
        let own = (!changes.is_empty()).then(|| Arc::new(Commit::new(EARLIER, "", changes)));
        Self { own, ..self }
    }

    /// The newest commits that changed a file, each with all that it changed, newest first.
    pub fn with_file(&self, path: &FilePath) -> Vec<Vec<Change>> {
        let commits = match &self.disk {
            Some(disk) => disk.touching(path),
            None => self.own.iter().cloned().collect(),
        };
        let commits = commits.iter().filter(|commit| commit.id != UNCOMMITTED);
        commits.map(|commit| commit.files.iter().map(|file| file.change.clone()).collect()).collect()
    }

    /// What happened to a file since `test` was last touched, merges included, newest first.
    pub fn changes_of(&self, path: &FilePath, test: &FilePath) -> Vec<Change> {
        let commits = match &self.disk {
            Some(disk) => disk.touching_since(path, test),
            None => self.in_memory.iter().cloned().collect(),
        };
        let changes = commits.iter().flat_map(|commit| commit.files.iter().map(|file| file.change.clone()));
        changes.filter(|change| change.path == *path).collect()
    }

    /// Whether `commit` is no commit yet, but what somebody is at work on.
    pub fn is_in_progress(&self, commit: &str) -> bool {
        self.disk.is_some() && commit == UNCOMMITTED
    }

    /// Whether there is any history here.
    pub fn is_available(&self) -> bool {
        self.disk.is_some() || self.in_memory.is_some()
    }

    /// The files that changed since `test` was last touched, newest commit first, the uncommitted change
    /// before all; the newest ten commits for `None`. Texts only: Python, documentation, configuration.
    pub fn changes(&self, test: Option<&FilePath>) -> Vec<Change> {
        let commits = self.commits_since(test);
        commits.iter().flat_map(|commit| commit.files.iter().map(|file| file.change.clone())).collect()
    }

    /// Loads and compares what changed since `test` was last touched, so that questions about it are answered at once.
    pub fn prepare(&self, test: &FilePath) {
        for commit in self.commits_since(Some(test)) {
            for file in commit.python() {
                file.renamed();
            }
        }
    }

    fn commits_since(&self, test: Option<&FilePath>) -> Vec<Arc<Commit>> {
        match &self.disk {
            Some(disk) => disk.recent(test),
            None => self.in_memory.iter().cloned().collect(),
        }
    }

    /// The commits in which `word` went away or came, newest first.
    fn commits_about(&self, word: &str) -> Vec<Arc<Commit>> {
        match &self.disk {
            Some(disk) => disk.about(word),
            None => self.in_memory.iter().cloned().collect(),
        }
    }

    /// The commits that changed a file, newest first.
    fn commits_of(&self, path: &FilePath) -> Vec<Arc<Commit>> {
        match &self.disk {
            Some(disk) => disk.touching(path),
            None => self.in_memory.iter().cloned().collect(),
        }
    }
}

/// The name of the commit before the one in memory.
const EARLIER: &str = "earlier";

/// Names of the module level that a change removed.
fn names_gone(change: &Change) -> Vec<String> {
    let outline = |text: &Option<Arc<str>>| {
        let source = crate::syntax::Source::parse(text.clone().unwrap_or_default());
        crate::syntax::outline::Outline::of(&source)
    };
    let (before, after) = (outline(&change.before), outline(&change.after));
    let still = |name: &str| after.children(None).any(|(_, item)| item.name == name);
    let gone = before.children(None).filter(|(_, item)| !still(&item.name));
    gone.map(|(_, item)| item.name.clone()).collect()
}

#[cfg(test)]
mod tests;
