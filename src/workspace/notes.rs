//! Words as evidence: what deprecation messages, removal tables, changelogs and documentation say of a name.

mod prose;
mod source;

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use crate::syntax::Source;
use crate::text::FilePath;

use super::Snapshot;
use super::words::occurrences;

pub use prose::is_not_done;

/// A sentence that says what became of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it stands.
    pub path: FilePath,
    /// 1-based line.
    pub line: u32,
    /// The sentence, on one line.
    pub text: String,
    /// What it names as the replacement, where it does: `get_users`, `shop.cart.Cart`.
    pub replacement: Option<String>,
}

/// Notes after these add nothing.
const MOST_NOTES: usize = 20;

impl Snapshot {
    /// What the workspace's documentation, changelogs and source say of `name`. Notes that name a
    /// replacement come first.
    pub fn notes_about(&self, name: &str) -> Vec<Note> {
        let mut files = self.documents_naming(name);
        files.extend(self.files_naming(name));
        self.notes_in(files, name)
    }

    /// What an installed distribution (or a package by its import name) says of `name`: removal tables,
    /// deprecation messages, docstrings, and the documents that it ships. A copy of the project's own package, installed
    /// for another one, says nothing of the project.
    pub fn notes_of(&self, distribution: &str, name: &str) -> Vec<Note> {
        let is_own = || self.module(distribution).is_some_and(|path| path.is_inside());
        if name.is_empty() || is_own() {
            return Vec::new();
        }
        let mut files = self.documents_of(distribution);
        files.extend(self.files_of(distribution));
        self.notes_in(files, name)
    }

    fn notes_in(&self, files: Vec<FilePath>, name: &str) -> Vec<Note> {
        use rayon::prelude::*;
        let notes_at = |path: &FilePath| {
            let text = self.text_aside(path).filter(|text| occurrences(text, name).next().is_some());
            text.map(|text| notes_of_file(path, &text, name)).unwrap_or_default()
        };
        let mut notes: Vec<Note> = files.par_iter().flat_map_iter(notes_at).collect();
        notes.sort_by_key(|note: &Note| note.replacement.is_none());
        notes.truncate(MOST_NOTES);
        notes
    }
}

/// What the syntax of a Python file tells, then what lines of prose and comments do.
fn notes_of_file(path: &FilePath, text: &Arc<str>, name: &str) -> Vec<Note> {
    let is_python = path.as_str().ends_with(".py");
    let mut notes = match is_python && source::may_deprecate(text) {
        true => source::notes_in_source(path, &Source::parse(text.clone()), name),
        false => Vec::new(),
    };
    let known: HashSet<u32> = notes.iter().map(|note| note.line).collect();
    notes.extend(prose::notes_in_text(path, text, name).into_iter().filter(|note| !known.contains(&note.line)));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_copy_of_the_projects_own_package_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".venv/pyvenv.cfg", "home = /gone\n");
        let told = "# `get_user` was renamed to `fetch_user`.\n";
        write(".venv/lib/python3.12/site-packages/users/__init__.py", told);
        let notes = || Snapshot::open(folder.path()).notes_of("users", "get_user");
        assert_eq!(notes()[0].replacement.as_deref(), Some("fetch_user"));
        write("src/users/__init__.py", "");
        assert_eq!(notes(), []);
    }
}
