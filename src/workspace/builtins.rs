//! Python's builtins: written in C, so their names and signatures come from a stub that is carried along.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::FilePath;

use super::Snapshot;
use super::files::Text;
use super::symbols::Symbol;

/// The stub, made by `tests/facts/builtins.py`.
static STUB: LazyLock<Text> = LazyLock::new(|| Text::new(include_str!("builtins.pyi")));

/// The name of the stub among files: absolute, so never a file of a workspace.
static PATH: LazyLock<FilePath> = LazyLock::new(|| FilePath::new("/builtins.pyi"));

/// The stub's text, if `path` names it.
pub(super) fn text(path: &FilePath) -> Option<Text> {
    (*path == *PATH).then(|| STUB.clone())
}

/// The stub, if `dotted` names it.
pub(super) fn module(dotted: &str) -> Option<FilePath> {
    (dotted == "builtins").then(|| PATH.clone())
}

/// Whether a file is the stub.
pub(super) fn is_stub(path: &FilePath) -> bool {
    *path == *PATH
}

/// Whether Python itself gives the word its meaning: a keyword, a builtin function, class or exception.
pub(crate) fn is_pythons(word: &str) -> bool {
    static BUILTINS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let defined = include_str!("builtins.pyi").lines();
        let defined = defined.filter_map(|line| line.strip_prefix("class ").or_else(|| line.strip_prefix("def ")));
        defined.filter_map(|rest| rest.split(['(', ':']).next()).collect()
    });
    const KEYWORDS: &[&str] = &[
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&word) || BUILTINS.contains(word)
}

/// Whether a builtin class has a method or attribute of that name.
pub(crate) fn is_pythons_method(name: &str) -> bool {
    static METHODS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let inner = include_str!("builtins.pyi").lines().filter(|line| line.starts_with(' ')).map(str::trim_start);
        let named = inner.map(|line| line.strip_prefix("def ").unwrap_or(line));
        named.filter_map(|rest| rest.split(['(', ':', ' ']).next()).collect()
    });
    METHODS.contains(name)
}

impl Snapshot {
    /// A builtin class, function or exception.
    pub(super) fn builtin(&self, name: &str) -> Option<Symbol> {
        self.member_of_module(&PATH, name, &mut HashSet::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_python_are_told_from_others() {
        assert!(["min", "len", "not", "ValueError", "dict"].into_iter().all(is_pythons));
        assert!(!["total", "self", "minimum", ""].into_iter().any(is_pythons));
        assert!(["append", "get", "split"].into_iter().all(is_pythons_method) && !is_pythons_method("checkout"));
    }

    #[test]
    fn builtins_are_known_with_members_and_bases() {
        let snapshot = Snapshot::in_memory([("m.py", "x = [1]\ny = x.append\nclass E(KeyError): ...\n")]);
        let path = FilePath::new("m.py");
        let list = snapshot.type_of(&path, 0..1).unwrap();
        assert_eq!(list.qualified, "builtins.list");
        assert!(snapshot.members(&list).get("append").is_some());
        assert_eq!(
            snapshot.named("builtins.sorted").unwrap().signature.unwrap().to_string(),
            "(iterable, /, *, key=None, reverse=False)"
        );
        let error = snapshot.definitions("E").remove(0);
        assert!(snapshot.bases(&error).contains(&"builtins.LookupError".to_string()));
        assert_eq!(error.signature.as_ref().unwrap().to_string(), "(*args, **kwargs)");
        assert!(!snapshot.members(&error).open);
    }

    #[test]
    fn a_name_of_the_project_hides_a_builtin() {
        let snapshot = Snapshot::in_memory([("m.py", "class list: ...\n")]);
        assert_eq!(snapshot.resolve(&FilePath::new("m.py"), 16, "list").unwrap().qualified, "m.list");
        assert_eq!(snapshot.definitions("dict"), []);
    }
}
