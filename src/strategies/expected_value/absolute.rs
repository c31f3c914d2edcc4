//! A path that became absolute: the test makes its own so, and nobody writes down where the project is.

use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};

use super::super::confidence::Odds;
use super::super::{Context, imports};
use super::comparison::{self, Side};
use super::literals::{self, Printed};

/// `os.path.abspath("tests/a")` for `"tests/a"`, and `path.resolve()` for `path`, where the run gave just that.
pub(super) fn made_absolute(ctx: &Context<'_>, [left, right]: [&Side<'_>; 2]) -> Option<Fix> {
    let mut pairs = [(left, right), (right, left)].into_iter();
    let (expected, kind) = pairs.find_map(|(expected, actual)| {
        let ((kind, path), (other, whole)) = (path_of(&expected.printed)?, path_of(&actual.printed)?);
        let is_it = kind == other && folders(ctx).iter().any(|folder| whole == format!("{folder}/{path}"));
        (is_it && is_written(ctx, expected.node)).then_some((expected.node, kind))
    })?;
    let new = absolute(ctx, expected, kind)?;
    let fact = Evidence::hint("the run gave the path that was expected, made absolute");
    let evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..fact }];
    Some(Fix {
        title: format!("Expect `{new}`"),
        strategy: super::STRATEGY.id,
        edits: vec![ctx.replace(expected.byte_range(), new)],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Review,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Path,
}

/// `PosixPath('tests/a')`, or the text of a path.
fn path_of(printed: &str) -> Option<(Kind, String)> {
    let inner = ["PosixPath(", "WindowsPath("].iter().find_map(|class| printed.strip_prefix(class));
    let inner = inner.and_then(|inner| inner.strip_suffix(')'));
    let value = Printed::parse(inner.unwrap_or(printed))?;
    let path = literals::string_value(value.source(), value.node()?)?.replace('\\', "/");
    Some((if inner.is_some() { Kind::Path } else { Kind::Text }, path))
}

/// Where the tests may have run: the root of the project and of the run.
fn folders(ctx: &Context<'_>) -> Vec<String> {
    let root = ctx.snapshot.root();
    let linked = root.and_then(|root| root.canonicalize().ok());
    let known = root.map(ToOwned::to_owned).into_iter().chain(linked).map(|it| it.to_string_lossy().into_owned());
    let of_runs = ctx.report.runs.iter().filter_map(|run| run.rootdir.clone());
    known.chain(of_runs).map(|folder| folder.replace('\\', "/").trim_end_matches('/').to_string()).collect()
}

/// Whether the test writes the path out, here or where it gave it its name: what the product gave may not be changed
/// before it is compared.
fn is_written(ctx: &Context<'_>, node: Node<'_>) -> bool {
    const MAKERS: [&str; 7] = ["os.path.join", "os.path.normpath", "path.join", "join", "Path", "pathlib.Path", "str"];
    let node = literals::inner(comparison::assigned(ctx, node).unwrap_or(node));
    let is_maker = |call: Node<'_>| {
        call.child_by_field_name("function").is_some_and(|function| MAKERS.contains(&ctx.source.slice(function)))
    };
    let is_named_so = |name: Node<'_>| {
        let mut outer = crate::syntax::ancestors(name).skip(1).take_while(|outer| outer.kind() != "argument_list");
        outer.any(|outer| outer.kind() == "call")
    };
    descendants(node).any(|part| part.kind() == "string")
        && descendants(node).all(|part| match part.kind() {
            "call" => is_maker(part),
            "identifier" => is_named_so(part),
            kind => kind != "interpolation",
        })
}

/// The expression made absolute by what the file imports.
fn absolute(ctx: &Context<'_>, node: Node<'_>, kind: Kind) -> Option<String> {
    let text = ctx.source.slice(node);
    if kind == Kind::Path {
        let is_one = matches!(node.kind(), "call" | "identifier" | "attribute" | "parenthesized_expression");
        return Some(if is_one { format!("{text}.resolve()") } else { format!("({text}).resolve()") });
    }
    let has_os = imports::imports(ctx.source).iter().any(|imported| imported.local == "os");
    has_os.then(|| format!("os.path.abspath({text})"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A test of a path that is `printed` where the run gave `actual`.
    fn scene(import: &str, expected: &str, actual: &str, printed: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def folder(name):
    return name
#- shop.py
import os

def folder(name):
    return os.path.abspath(name)
#- tests/test_shop.py
{import}
from shop import folder

def test_folder():
    assert folder("data") == {expected}
#- test_run.log
============================= test session starts ==============================
rootdir: /home/ann/shop
=================================== FAILURES ===================================
_________________________________ test_folder __________________________________

    def test_folder():
>       assert folder("data") == {expected}
E       AssertionError: assert {actual} == {printed}

tests/test_shop.py:5: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_path_that_became_absolute_is_made_so_by_the_test() {
        let healed = |old: &str, new: &str| {
            format!("-    assert folder(\"data\") == {old}\n+    assert folder(\"data\") == {new}")
        };
        let (actual, printed) = ("'/home/ann/shop/data/tea'", "'data/tea'");
        let joined = "os.path.join(\"data\", \"tea\")";
        scene("import os", joined, actual, printed, &healed(joined, &format!("os.path.abspath({joined})")));
        let text = "\"data/tea\"";
        scene("import os", text, actual, printed, &healed(text, "os.path.abspath(\"data/tea\")"));
        let made = "Path(\"data\") / \"tea\"";
        let (actual, printed) = ("PosixPath('/home/ann/shop/data/tea')", "PosixPath('data/tea')");
        scene("from pathlib import Path", made, actual, printed, &healed(made, "(Path(\"data\") / \"tea\").resolve()"));
    }

    #[test]
    fn where_the_project_is_is_never_written_down() {
        let refused = "no fix: which only this machine has: `/home/`";
        // Nothing here makes a path absolute, or it is another one.
        scene("import sys", "\"data/tea\"", "'/home/ann/shop/data/tea'", "'data/tea'", refused);
        scene("import os", "\"data/tea\"", "'/home/ann/shop/data/coffee'", "'data/tea'", refused);
        scene("import os", "\"data/tea\"", "'/home/ann/shop/tests/data/tea'", "'data/tea'", refused);
    }
}
