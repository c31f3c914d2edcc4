//! How the signature of a function or class changed.

use serde::Serialize;

use crate::syntax::outline::{ItemKind, Outline};
use crate::syntax::signature::Signature;
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::History;

/// A signature that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureChange {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file of the function.
    pub path: FilePath,
    /// 1-based line of the new definition.
    pub line: u32,
    /// Its scopes and name: `Cart.total`.
    pub function: String,
    /// Before, without `self`.
    pub before: Signature,
    /// After, without `self`.
    pub after: Signature,
}

impl History {
    /// How the functions called `name` in `path` changed their signatures, newest first. For a class that
    /// is its `__init__`, or what its fields make.
    pub fn signature_changes(&self, path: &FilePath, name: &str) -> Vec<SignatureChange> {
        let mut found = Vec::new();
        for commit in self.commits_of(path) {
            let file = commit.python().find(|file| file.change.path == *path && file.change.before.is_some());
            let Some(file) = file else { continue };
            let edits = file.edits();
            for (index, old) in edits.before.items.iter().enumerate() {
                let Some(before) = old.signature.as_ref().filter(|_| is_asked_for(&edits.before, index, name)) else {
                    continue;
                };
                let Some(new) = file.successor(index).map(|new| &edits.after.items[new]) else { continue };
                let Some(after) = new.signature.as_ref().filter(|after| *after != before) else { continue };
                found.push(SignatureChange {
                    commit: commit.id.clone(),
                    subject: commit.subject().to_string(),
                    path: path.clone(),
                    line: new.line,
                    function: edits.after.path_of(new),
                    before: before.clone(),
                    after: after.clone(),
                });
            }
        }
        if found.is_empty() { self.field_change(path, name).into_iter().collect() } else { found }
    }

    /// The newest change of the constructor that the fields of a class make: of a dataclass, of a named tuple.
    fn field_change(&self, path: &FilePath, name: &str) -> Option<SignatureChange> {
        self.commits_of(path).iter().find_map(|commit| {
            let file = commit.python().find(|file| file.change.path == *path && file.change.before.is_some())?;
            let class = |outline: &Outline| {
                let mut classes = outline.items.iter().filter(|item| item.kind == ItemKind::Class);
                classes.find(|item| item.name == name).map(|item| (item.line, item.span.clone()))
            };
            let (was, (line, is)) = (class(&file.edits().before)?, class(&file.edits().after)?);
            if file.before().get(was.1) == file.after().get(is) {
                return None;
            }
            let constructor = |alone: &Snapshot| alone.definitions(name).into_iter().next()?.signature;
            let [before, after] = file.alone();
            let (before, after) = (constructor(before)?, constructor(after)?);
            let change = SignatureChange {
                commit: commit.id.clone(),
                subject: commit.subject().to_string(),
                path: path.clone(),
                line,
                function: name.to_string(),
                before,
                after,
            };
            (change.before != change.after).then_some(change)
        })
    }
}

fn is_asked_for(outline: &Outline, index: usize, name: &str) -> bool {
    let item = &outline.items[index];
    let class = item.parent.map(|parent| &outline.items[parent]).filter(|class| class.kind == ItemKind::Class);
    item.name == name
        || (matches!(item.name.as_str(), "__init__" | "__new__") && class.is_some_and(|class| class.name == name))
}
