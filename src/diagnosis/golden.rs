//! Expected text that a test reads from a file beside it: whoever gave the product another wording has to write that
//! file anew, so the diagnosis says which line of which file it is.

use crate::report::Failure;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::Site;
use super::locate::string_content;
use super::verdict::words;

/// Where the expected value stands that a failed comparison read from a data file, as a sentence fragment.
pub fn read_from(snapshot: &Snapshot, failure: &Failure, site: &Site) -> Option<String> {
    let sides = failure.introspection.as_ref().filter(|sides| sides.op == "==")?;
    let source = snapshot.source(&site.path)?;
    let mut found = named_files(snapshot, &site.path, &source, site.statement.start).into_iter().filter_map(|path| {
        let text = snapshot.text(&path)?;
        let line = held(&text, &sides.left, &sides.right).or_else(|| held(&text, &sides.right, &sides.left))?;
        Some((path, line))
    });
    let (path, line) = found.next()?;
    found.all(|(other, _)| other == path).then(|| format!("what the test expects is read from {path}:{line}"))
}

/// The first line of a data file with a word that only the one side has, where it holds none of those of the other.
fn held(text: &str, expected: &str, actual: &str) -> Option<usize> {
    let only = |a: &str, b: &str| -> Vec<String> {
        let b: Vec<&str> = words(b).collect();
        words(a).filter(|word| !b.contains(word)).map(str::to_string).collect()
    };
    let (gone, came) = (only(expected, actual), only(actual, expected));
    let has = |line: &str, of: &[String]| words(line).any(|word| of.iter().any(|other| other == word));
    let line = text.lines().position(|line| has(line, &gone))?;
    (!came.is_empty() && !has(text, &came)).then_some(line + 1)
}

/// The data files that the function around `offset` names, or an assignment of the module: `HERE / "data" / "total.json"`,
/// `open("tests/total.txt")`.
fn named_files(snapshot: &Snapshot, test: &FilePath, source: &Source, offset: usize) -> Vec<FilePath> {
    let is_of_module = |node: &Node<'_>| node.named_child(0).is_some_and(|child| child.kind() == "assignment");
    let of_module = children(source.root()).filter(is_of_module);
    let scopes: Vec<Node<'_>> = source.function_at(offset).into_iter().chain(of_module).collect();
    let named = scopes.into_iter().flat_map(descendants).filter_map(|node| path_at(source, node));
    let is_data = |path: &String| path.contains('.') && !path.contains(char::is_whitespace) && !path.ends_with(".py");
    let mut found: Vec<FilePath> = Vec::new();
    for name in named.filter(is_data) {
        let beside = FilePath::new(&format!("{}/{name}", test.folder()));
        let of_root = FilePath::new(&name);
        let is_there = |path: &FilePath| path.is_inside() && snapshot.exists(path);
        found.extend([beside, of_root].into_iter().find(is_there));
    }
    found
}

/// The path that a string is, or that a whole expression of paths joins from its strings.
fn path_at(source: &Source, node: Node<'_>) -> Option<String> {
    let is_whole = !ancestors(node).skip(1).any(|outer| joins(source, outer));
    let parts: Vec<&str> = match node.kind() {
        "string" if is_whole => vec![string_content(source, node)?],
        _ if is_whole && joins(source, node) => descendants(node)
            .filter(|part| part.kind() == "string")
            .map(|part| string_content(source, part))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    Some(parts.join("/"))
}

/// `a / "b"`, `os.path.join(a, "b")`, `a.joinpath("b")`.
fn joins(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "binary_operator" => node.child(1).is_some_and(|operator| operator.kind() == "/"),
        "call" => node.child_by_field_name("function").is_some_and(|function| {
            let text = source.slice(function);
            text.ends_with("path.join") || text.ends_with(".joinpath")
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::diagnosis::diagnose;
    use crate::fixture::Scene;

    /// What the diagnosis says of a test that reads what it expects as `read` does.
    fn reason(data: &str, read: &str) -> String {
        let scene = Scene::parse(&format!(
            r#"
#- before: shop.py
def label(name):
    return name + ": open"
#- shop.py
def label(name):
    return name + ": active"
#- tests/data/label.txt
{data}
#- tests/test_shop.py
from pathlib import Path
from shop import label

def test_label():
    expected = {read}
    assert label("ann") == expected
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_label __________________________________

    def test_label():
        expected = {read}
>       assert label("ann") == expected
E       AssertionError: assert 'ann: active' == 'ann: open'

tests/test_shop.py:6: AssertionError
"#
        ));
        let (snapshot, report) = (scene.snapshot(), scene.report());
        assert!(scene.heal().fixes.is_empty(), "a data file is no test");
        diagnose(&snapshot, &Arc::new(report.failures[0].clone())).reason
    }

    #[test]
    fn the_line_of_the_file_that_the_test_reads() {
        let read = "(Path(__file__).parent / \"data\" / \"label.txt\").read_text()";
        let said = "what the test expects is read from tests/data/label.txt:2";
        assert!(reason("# A label.\nann: open", read).ends_with(said), "{}", reason("# A label.\nann: open", read));
        assert!(reason("# A label.\nann: open", "open(\"tests/data/label.txt\").read()").ends_with(said));
        assert!(reason("# A label.\nann: open", "os.path.join(HERE, \"data\", \"label.txt\")").ends_with(said));
    }

    #[test]
    fn a_file_that_holds_both_or_neither_is_not_named() {
        let read = "(Path(__file__).parent / \"data\" / \"label.txt\").read_text()";
        for data in ["ann: open\nbob: active", "ann: closed"] {
            assert!(!reason(data, read).contains("label.txt"), "{}", reason(data, read));
        }
        assert!(!reason("ann: open", "load(\"other.txt\")").contains(".txt"));
    }
}
