//! Where the product still uses a name that it gave up itself: then the change is half done, and the test is not alone.

use crate::syntax::tokens::{string_body, tokens};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::history::{Rename, RenameKind};

use super::removed::still_used;

/// The place of the product that still uses the old name of a rename.
pub fn left_behind(snapshot: &Snapshot, rename: &Rename) -> Option<String> {
    let old = rename.old.as_str();
    if old == rename.new {
        return None;
    }
    match (rename.kind, &rename.within) {
        (RenameKind::Symbol(_), Some(_)) => still_used(snapshot, old).filter(|_| !is_pythons_method(old)),
        (RenameKind::Symbol(_), None) => still_imported(snapshot, rename),
        (RenameKind::Parameter, Some(within)) => still_passed(snapshot, within, old),
        (RenameKind::Literal, _) => place(snapshot, old, |path, line| path == &rename.path && reads_key(line, old)),
        _ => None,
    }
}

/// The place of the product that still passes a keyword to a function.
pub fn still_passed(snapshot: &Snapshot, function: &str, keyword: &str) -> Option<String> {
    let function = function.rsplit('.').next().unwrap_or(function);
    // A namesake may take it.
    if snapshot.definitions(function).iter().filter(|symbol| !symbol.path.is_test_code()).count() != 1 {
        return None;
    }
    place(snapshot, keyword, |_, line| {
        let tokens = tokens(line);
        let calls = |index: usize| tokens[index] == function && tokens.get(index + 1) == Some(&"(");
        let start = (0..tokens.len()).find(|&index| calls(index) && (index == 0 || tokens[index - 1] != "def"));
        start.is_some_and(|start| tokens[start + 2..].windows(2).any(|pair| pair == [keyword, "="]))
    })
}

/// The import of a name from the module that has it no more.
fn still_imported(snapshot: &Snapshot, rename: &Rename) -> Option<String> {
    let path = rename.old_path.as_str();
    let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"))?;
    let module = stem.rsplit('/').next()?;
    let is_defined = snapshot.definitions(&rename.old).iter().any(|symbol| !symbol.path.is_test_code());
    let imports = |line: &str| {
        let Some((from, names)) = line.trim_start().strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
        else {
            return false;
        };
        from.rsplit('.').next() == Some(module)
            && tokens(names).first() != Some(&"(")
            && tokens(names).contains(&&*rename.old)
    };
    place(snapshot, &rename.old, |_, line| imports(line)).filter(|_| !is_defined)
}

/// Whether a line asks a mapping for a key.
fn reads_key(line: &str, key: &str) -> bool {
    let tokens = tokens(line);
    (2..tokens.len()).any(|index| {
        let is_item =
            tokens[index - 1] == "[" && tokens[index - 2].ends_with(|c: char| c.is_alphanumeric() || "_)]".contains(c));
        let is_got = tokens[index - 1] == "(" && tokens[index - 2] == "get";
        string_body(tokens[index]) == Some(key) && (is_item || is_got)
    })
}

/// The first line of the product that says a word as asked.
fn place(snapshot: &Snapshot, word: &str, is_it: impl Fn(&FilePath, &str) -> bool) -> Option<String> {
    let files = snapshot.files_naming(word).into_iter();
    files.filter(|path| path.is_inside() && !path.is_test_code()).find_map(|path| {
        let text = snapshot.text(&path)?;
        let line = text.lines().position(|line| is_it(&path, line))? + 1;
        Some(format!("{path}:{line}"))
    })
}
