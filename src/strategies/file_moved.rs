//! A file that a test opens: git shows where it went.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::diagnosis::locate::last_name;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
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
    let edits = Some(ways_to(ctx, old, new)).filter(|edits| !edits.is_empty()).or_else(|| folder(ctx, old, new))?;
    let evidence = vec![
        Evidence::commit(&rename.commit, format!("{old} became {new} ({})", rename.subject)),
        Evidence::at(EvidenceKind::Source, &rename.path, 1, "the file is here"),
    ];
    fixes.push(Fix {
        title: format!("Open {new} instead of {old}"),
        strategy: STRATEGY.id,
        edits,
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
    let names = |node: &Node<'_>| names_end_of(ctx, *node, old);
    let inside: Vec<Node<'c>> = descendants(ctx.scope()).filter(names).collect();
    if inside.is_empty() { descendants(ctx.source.root()).filter(names).collect() } else { inside }
}

fn names_end_of(ctx: &Context<'_>, node: Node<'_>, path: &str) -> bool {
    node.kind() == "string"
        && literals::string_value(ctx.source, node).is_some_and(|text| {
            let text = text.trim_start_matches("./").trim_end_matches('/');
            text.len() > 3 && (path == text || path.ends_with(&format!("/{text}")))
        })
}

/// The edits of every place that is written as the first one that can be followed is.
fn ways_to(ctx: &Context<'_>, old: &str, new: &str) -> Vec<Edit> {
    let ways: Vec<Way<'_>> = path_literals(ctx, old).into_iter().filter_map(|node| way(ctx, node, old, new)).collect();
    let written = |way: &Way<'_>| way.iter().map(|(node, _)| ctx.source.slice(*node)).collect::<Vec<_>>();
    let Some(first) = ways.first().map(written) else { return Vec::new() };
    ways.iter().filter(|way| written(way) == first).flat_map(|way| edits_of(ctx, way)).collect()
}

/// The folder of the file, named at one place of the module: `DATA = HERE / "data"`.
fn folder(ctx: &Context<'_>, old: &str, new: &str) -> Option<Vec<Edit>> {
    let same = old.rsplit('/').zip(new.rsplit('/')).take_while(|(a, b)| a == b).count();
    let above = |path: &str| path.rsplitn(same + 1, '/').nth(same).map(str::to_string);
    let (old, new) = (above(old)?, above(new)?);
    if same == 0 || has_code(ctx, &old) {
        return None;
    }
    let names = |node: &Node<'_>| names_end_of(ctx, *node, &old) && operands_around(ctx.source, *node).len() > 1;
    let mut literals = descendants(ctx.source.root()).filter(names);
    let (Some(only), None) = (literals.next(), literals.next()) else { return None };
    Some(edits_of(ctx, &way(ctx, only, &old, &new)?))
}

/// The strings that name a path one after the other, with what each is to be.
type Way<'t> = Vec<(Node<'t>, String)>;

fn edits_of(ctx: &Context<'_>, way: &Way<'_>) -> Vec<Edit> {
    let changed = way.iter().filter(|(node, text)| literals::string_value(ctx.source, *node).as_ref() != Some(text));
    changed
        .filter_map(|(node, text)| {
            Some(ctx.replace(node.byte_range(), literals::requoted(ctx.source.slice(*node), text)?))
        })
        .collect()
}

/// How the path that ends with the string `node` is written for `new`.
fn way<'t>(ctx: &'t Context<'_>, node: Node<'t>, old: &str, new: &str) -> Option<Way<'t>> {
    let operands = operands_around(ctx.source, node);
    let at = operands.iter().position(|operand| *operand == node)?;
    let texts: Vec<(Node<'t>, String)> = operands[..=at]
        .iter()
        .rev()
        .map_while(|operand| Some((*operand, literals::string_value(ctx.source, *operand)?)))
        .collect();
    // The longest way first: only what is written can follow.
    let found = (1..=texts.len()).rev().find_map(|count| {
        let (nodes, parts): (Vec<Node<'t>>, Vec<String>) = texts[..count].iter().rev().cloned().unzip();
        let moved = moved_parts(&parts, old, new)?;
        (moved != parts).then(|| nodes.into_iter().zip(moved).collect())
    });
    found.or_else(|| {
        let written = literals::string_value(ctx.source, node)?;
        let base = old.strip_suffix(written.trim_start_matches("./"))?;
        let is_there = has_code(ctx, base.trim_end_matches('/')) && texts.len() < 2;
        let text = relative(base, new).filter(|_| is_there)?;
        Some(vec![(node, text)])
    })
}

/// Whether the project keeps Python files in a folder: it is still there.
fn has_code(ctx: &Context<'_>, folder: &str) -> bool {
    let inside = |path: &FilePath| path.as_str().strip_prefix(folder).is_some_and(|below| below.starts_with('/'));
    ctx.snapshot.python_files().iter().any(inside)
}

/// What a path is made of around `node`: `HERE / "data" / "a.json"`, `join(HERE, "data", "a.json")`.
fn operands_around<'t>(source: &Source, node: Node<'t>) -> Vec<Node<'t>> {
    let mut top = node;
    while let Some(parent) = top.parent() {
        let is_path = is_division(source, parent)
            || matches!(parent.kind(), "argument_list" | "parenthesized_expression")
                && (parent.kind() == "parenthesized_expression" || parent.parent().is_some_and(|it| joins(source, it)))
            || joins(source, parent);
        if !is_path {
            break;
        }
        top = parent;
    }
    operands(source, top)
}

fn operands<'t>(source: &Source, node: Node<'t>) -> Vec<Node<'t>> {
    let is_list = matches!(node.kind(), "argument_list" | "parenthesized_expression");
    let below: Vec<Node<'t>> = match () {
        () if is_division(source, node) || is_list => children(node).collect(),
        () if joins(source, node) => {
            let object = node.child_by_field_name("function").and_then(|callee| callee.child_by_field_name("object"));
            object.into_iter().chain(node.child_by_field_name("arguments")).collect()
        }
        () => return vec![node],
    };
    below.into_iter().flat_map(|node| operands(source, node)).collect()
}

fn is_division(source: &Source, node: Node<'_>) -> bool {
    node.kind() == "binary_operator"
        && node.child_by_field_name("operator").is_some_and(|operator| source.slice(operator) == "/")
}

/// `os.path.join(…)`, `folder.joinpath(…)`, `Path(…)`.
fn joins(source: &Source, node: Node<'_>) -> bool {
    let callee = node.child_by_field_name("function").filter(|_| node.kind() == "call");
    let name = callee.and_then(last_name).map(|name| source.slice(name));
    name.is_some_and(|name| matches!(name, "join" | "joinpath" | "Path" | "PurePath" | "PosixPath" | "PurePosixPath"))
}

/// What stands for `parts`, whose path is the end of `old`, after the file became `new`: each part keeps what has not
/// changed. `None` where the new path does not go on from where they begin, or has no place among them.
fn moved_parts(parts: &[String], old: &str, new: &str) -> Option<Vec<String>> {
    let dot = if parts.first()?.starts_with("./") { "./" } else { "" };
    let plain: Vec<&str> = parts.iter().map(|part| part.trim_start_matches("./").trim_end_matches('/')).collect();
    let base = old.strip_suffix(&plain.join("/")).filter(|base| base.is_empty() || base.ends_with('/'))?;
    let rest: Vec<&str> = new.strip_prefix(base)?.split('/').collect();
    let steps: Vec<(usize, &str)> =
        plain.iter().enumerate().flat_map(|(part, text)| text.split('/').map(move |step| (part, step))).collect();
    let head = steps.iter().zip(&rest).take_while(|((_, a), b)| a == *b).count();
    let most = steps.len().min(rest.len()) - head;
    let tail = steps.iter().rev().zip(rest.iter().rev()).take(most).take_while(|((_, a), b)| a == *b).count();
    let (gone, came) = (&steps[head..steps.len() - tail], &rest[head..rest.len() - tail]);
    let mut moved: Vec<Vec<&str>> = vec![Vec::new(); parts.len()];
    steps[..head].iter().for_each(|(part, step)| moved[*part].push(step));
    if gone.len() == came.len() {
        gone.iter().zip(came).for_each(|((part, _), step)| moved[*part].push(step));
    } else {
        let at = gone.first().or(steps.get(head)).map(|(part, _)| *part)?;
        if gone.iter().any(|(part, _)| *part != at) {
            return None;
        }
        moved[at].extend(came);
    }
    steps[steps.len() - tail..].iter().for_each(|(part, step)| moved[*part].push(step));
    let mut texts: Vec<String> = moved.iter().map(|steps| steps.join("/")).collect();
    texts[0].insert_str(0, dot);
    (!moved.iter().any(Vec::is_empty)).then_some(texts)
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
    use super::moved_parts;
    use crate::fixture::check;

    #[track_caller]
    fn moved(parts: &[&str], old: &str, new: &str) -> Option<String> {
        let parts: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
        moved_parts(&parts, old, new).map(|moved| moved.join(" / "))
    }

    #[test]
    fn the_new_path_is_written_from_where_the_old_one_was() {
        let of = |parts: &[&str], old, new, expected: Option<&str>| {
            assert_eq!(moved(parts, old, new).as_deref(), expected);
        };
        of(&["users.json"], "tests/data/users.json", "tests/data/people.json", Some("people.json"));
        of(&["./data/a.txt"], "data/a.txt", "files/a.txt", Some("./files/a.txt"));
        of(&["a.txt"], "tests/data/a.txt", "tests/files/a.txt", None);
        of(&["data", "a.txt"], "tests/data/a.txt", "tests/files/a.txt", Some("files / a.txt"));
        of(&["data", "a.txt"], "tests/data/a.txt", "tests/data/big/a.txt", Some("data / big/a.txt"));
        of(&["data/old", "a.txt"], "data/old/a.txt", "data/a.txt", Some("data / a.txt"));
        of(&["data", "old", "a.txt"], "data/old/a.txt", "data/a.txt", None);
        of(&["data", "old", "a.txt"], "data/old/a.txt", "b.txt", None);
    }

    /// A test module that reads `tests/data/users.json`, which lives in tests/fixtures now, with the line that fails.
    #[track_caller]
    fn check_users(test: &str, line: u32, healed: &str) {
        let failing = test.lines().nth(line as usize - 1).unwrap_or_default();
        check(&format!(
            r#"
#- before: tests/data/users.json
[{{"name": "ann"}},
 {{"name": "bob"}}]
#- tests/fixtures/users.json
[{{"name": "ann"}},
 {{"name": "bob"}}]
#- tests/test_users.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_users __________________________________

    def test_users():
>   {failing}
E       FileNotFoundError: [Errno 2] No such file or directory: '/p/tests/data/users.json'

tests/test_users.py:{line}: FileNotFoundError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn the_folder_of_a_path_in_parts_is_the_part_that_changes() {
        check_users(
            "def test_users():\n    assert load(HERE / \"data\" / \"users.json\")",
            2,
            "-    assert load(HERE / \"data\" / \"users.json\")\n+    assert load(HERE / \"fixtures\" / \"users.json\")",
        );
        check_users(
            "def test_users():\n    assert load(os.path.join(HERE, 'data', 'users.json'))",
            2,
            "-    assert load(os.path.join(HERE, 'data', 'users.json'))\n+    assert load(os.path.join(HERE, 'fixtures', 'users.json'))",
        );
        check_users(
            "DATA = Path(__file__).parent / \"data\"\n\ndef test_users():\n    assert load(DATA / \"users.json\")",
            4,
            "-DATA = Path(__file__).parent / \"data\"\n+DATA = Path(__file__).parent / \"fixtures\"",
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_no_way_to_another() {
        check_users("def test_users():\n    assert load(data() / \"users.json\")", 2, "no fix");
        check_users("def test_users():\n    assert load(data_file(\"users.json\"), \"data\")", 2, "no fix");
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
