//! A file that a test opens: git shows where it went.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::FilePath;
use crate::workspace::history::Rename;

use super::confidence::Odds;
use super::{Context, Strategy, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "file-moved",
    categories: &[Category::ResourceError],
    summary: "Opens the file where git says that it is now.",
    example: r#"
#- before: tests/data/users.json
[{"name": "ann"},
 {"name": "bob"}]
#- tests/fixtures/users.json
[{"name": "ann"},
 {"name": "bob"}]
#- tests/test_users.py
def test_users():
    with open("tests/data/users.json") as file:
        assert file.read()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_users __________________________________

    def test_users():
>       with open("tests/data/users.json") as file:
E       FileNotFoundError: [Errno 2] No such file or directory: 'tests/data/users.json'

tests/test_users.py:2: FileNotFoundError
#- healed
-    with open("tests/data/users.json") as file:
+    with open("tests/fixtures/users.json") as file:
"#,
    propose: file_moved,
};

/// `No such file or directory: '/p/tests/data/users.json'`.
static MISSING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:No such file or directory|Not a directory|not found|does not exist): (?:Posix|Windows)?(?:Path\()?['"]([^'"]+)['"]"#)
        .expect("the pattern is played by the tests")
});

fn file_moved(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let missing = MISSING.captures(ctx.message())?[1].replace('\\', "/");
    let missing = ctx.snapshot.file_path(&missing);
    let renames = renames_of(ctx, missing.as_str());
    let [rename] = renames.as_slice() else { return None };
    let (old, new) = (rename.old_path.as_str(), rename.path.as_str());
    let literals = path_literals(ctx, old);
    let (first, text) = literals.iter().find_map(|node| {
        let written = literals::string_value(ctx.source, *node)?;
        Some((*node, moved(&written, old, new)?))
    })?;
    let replaced = literals::requoted(ctx.source.slice(first), &text)?;
    let places = literals.iter().filter(|node| ctx.source.slice(**node) == ctx.source.slice(first));
    let evidence = vec![
        Evidence::commit(&rename.commit, format!("{old} became {new} ({})", rename.subject)),
        Evidence::at(EvidenceKind::Source, &rename.path, 1, "the file is here"),
    ];
    fixes.push(Fix {
        title: format!("Open {new} instead of {old}"),
        strategy: STRATEGY.id,
        edits: places.map(|node| ctx.replace(node.byte_range(), &replaced)).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// The renames of the file, asked by ever shorter ends of its path: the message may name it by the way of
/// another machine or of a temporary folder.
fn renames_of(ctx: &Context<'_>, missing: &str) -> Vec<Rename> {
    let mut path = missing.trim_start_matches('/');
    loop {
        let mut found = ctx.snapshot.history().file_renames_of(path);
        found.retain(|rename| ctx.snapshot.exists(&rename.path) && !ctx.snapshot.exists(&rename.old_path));
        found.dedup_by(|a, b| a.path == b.path);
        if !found.is_empty() {
            return found;
        }
        match path.split_once('/') {
            Some((_, rest)) => path = rest,
            None => return Vec::new(),
        }
    }
}

/// The strings of the test, or of the module around it, that name the file or the end of its path.
fn path_literals<'c>(ctx: &'c Context<'_>, old: &str) -> Vec<Node<'c>> {
    let names = |node: &Node<'_>| {
        node.kind() == "string"
            && literals::string_value(ctx.source, *node).is_some_and(|text| {
                let text = text.trim_start_matches("./");
                text.len() > 3 && (old == text || old.ends_with(&format!("/{text}")))
            })
    };
    let inside: Vec<Node<'c>> = descendants(ctx.scope()).filter(names).collect();
    if inside.is_empty() { descendants(ctx.source.root()).filter(names).collect() } else { inside }
}

/// What stands for `written`, the end of `old`, after the file became `new`; both paths share what stands before.
fn moved(written: &str, old: &str, new: &str) -> Option<String> {
    let (dot, plain) = match written.strip_prefix("./") {
        Some(plain) => ("./", plain),
        None => ("", written),
    };
    let base = old.strip_suffix(plain)?;
    let rest = match new.strip_prefix(base) {
        Some(rest) => rest.to_string(),
        None => relative(base, new)?,
    };
    (rest != plain).then(|| format!("{dot}{rest}"))
}

/// `../new/a.json` from the folder `base`, which ends with `/`.
fn relative(base: &str, new: &str) -> Option<String> {
    let (from, to) = (FilePath::new(base.trim_end_matches('/')), FilePath::new(new));
    let (from, to): (Vec<&str>, Vec<&str>) = (from.as_str().split('/').collect(), to.as_str().split('/').collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    (shared > 0).then(|| "../".repeat(from.len() - shared) + &to[shared..].join("/"))
}

#[cfg(test)]
mod tests {
    use super::moved;
    use crate::fixture::check;

    #[test]
    fn the_new_path_is_written_from_where_the_old_one_was() {
        assert_eq!(
            moved("users.json", "tests/data/users.json", "tests/data/people.json").as_deref(),
            Some("people.json")
        );
        assert_eq!(moved("./data/a.txt", "data/a.txt", "files/a.txt").as_deref(), Some("./files/a.txt"));
        assert_eq!(moved("a.txt", "tests/data/a.txt", "tests/files/a.txt").as_deref(), Some("../files/a.txt"));
        assert_eq!(moved("a.txt", "data/a.txt", "files/a.txt"), None);
    }

    #[test]
    fn a_file_that_never_moved_is_no_fix() {
        check(
            r#"
#- tests/test_users.py
def test_users():
    with open("tests/data/users.json") as file:
        assert file.read()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_users __________________________________

    def test_users():
>       with open("tests/data/users.json") as file:
E       FileNotFoundError: [Errno 2] No such file or directory: 'tests/data/users.json'

tests/test_users.py:2: FileNotFoundError
#- healed
no fix
"#,
        );
    }
}
