//! What happened to the product since the test was last touched.

use std::sync::Arc;

use crate::syntax::Source;
use crate::syntax::outline::Outline;
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::history::{Change, Rename, RenameKind};
use crate::workspace::similar_names::similar;

/// A file of tests: `test_a.py`, `a_test.py`, `conftest.py`, anything below a folder of tests.
pub fn is_test_file(path: &FilePath) -> bool {
    let name = path.file_name();
    let by_name = name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py";
    by_name || path.folder().split('/').any(|folder| matches!(folder, "tests" | "test" | "testing"))
}

/// The Python files of the product that changed since `test` was last touched, newest commit first.
pub fn changes(snapshot: &Snapshot, test: &FilePath) -> Vec<Change> {
    let all = snapshot.history().changes(Some(test));
    all.into_iter().filter(|change| change.path.as_str().ends_with(".py") && !is_test_file(&change.path)).collect()
}

/// The change in which the module level of a product file lost `name`.
pub fn removal(snapshot: &Snapshot, test: &FilePath, name: &str) -> Option<Change> {
    let binds = |text: &Option<Arc<str>>| {
        text.as_ref().filter(|text| text.contains(name)).is_some_and(|text| {
            let outline = Outline::of(&Source::parse(text.clone()));
            let defined = outline.children(None).any(|(_, item)| item.name == name);
            defined || outline.imports.iter().any(|import| import.binds == name)
        })
    };
    changes(snapshot, test).into_iter().find(|change| binds(&change.before) && !binds(&change.after))
}

/// Whether a rename that git shows can be taken as one: callers alone, moved to something with another
/// name, were rewritten rather than renamed.
pub fn is_trusted(rename: &Rename) -> bool {
    let alike = !similar(&rename.old, [rename.new.as_str()]).is_empty();
    rename.similarity >= 0.5 && (rename.kind != RenameKind::Usage || alike || rename.callers_moved > 3)
}
