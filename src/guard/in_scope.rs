//! Only tests, their conftests and their helpers are edited, and only inside the workspace.

use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::change::{Change, FileChange};

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    offence(change.snapshot, &file.path)
}

/// Why no fix may edit `path`.
pub(super) fn offence(snapshot: &Snapshot, path: &FilePath) -> Option<String> {
    if !path.is_inside() {
        return Some(format!("edits {path}, outside the workspace"));
    }
    if let Some(part) = path.as_str().split('/').find(|part| is_foreign(part)) {
        return Some(format!("edits {path}, below {part}"));
    }
    if !path.as_str().ends_with(".py") {
        return Some(format!("edits {path}, which is not a test"));
    }
    let is_test = path.is_test_code() || is_named_by_tests_only(snapshot, path);
    (!is_test).then(|| format!("edits {path}, which is product code"))
}

/// Folders whose files belong to others.
fn is_foreign(part: &str) -> bool {
    matches!(
        part,
        ".git"
            | "site-packages"
            | "dist-packages"
            | "node_modules"
            | "__pycache__"
            | ".tox"
            | ".nox"
            | ".venv"
            | "venv"
    )
}

/// A helper that stands elsewhere counts as a test's when every file that imports it is a test's.
fn is_named_by_tests_only(snapshot: &Snapshot, path: &FilePath) -> bool {
    let stem = path.file_name().trim_end_matches(".py");
    let stem = if stem == "__init__" { path.folder().rsplit('/').next().unwrap_or_default() } else { stem };
    if stem.is_empty() {
        return false;
    }
    let imports = |other: &FilePath| {
        let Some(text) = snapshot.text(other) else { return false };
        text.lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("import ") || line.starts_with("from "))
            .any(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == stem))
    };
    let importers: Vec<FilePath> =
        snapshot.files_naming(stem).into_iter().filter(|other| other != path && imports(other)).collect();
    !importers.is_empty() && importers.iter().all(FilePath::is_test_code)
}
