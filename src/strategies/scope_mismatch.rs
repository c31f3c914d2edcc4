//! `ScopeMismatch`: the fixture that asks is narrowed to what it asks for, where no state is shared.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::fixtures::Fixture;

use super::confidence::Odds;
use super::{Context, Strategy, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "scope-mismatch",
    categories: &[Category::FixtureError],
    summary: "Narrows the scope of the fixture that asks, where its tests share no state through it.",
    example: r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def settings():
    return {"debug": True}

@pytest.fixture(scope="module")
def client(settings):
    return object()
#- tests/test_cart.py
$0def test_cart(client):
    assert client
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
ScopeMismatch: You tried to access the function scoped fixture settings with a module scoped request object. Requesting fixture stack:
tests/conftest.py:8:  def client(settings)
Requested fixture:
tests/conftest.py:4:  def settings()
=========================== short test summary info ============================
ERROR tests/test_cart.py::test_cart - Failed: ScopeMismatch: You tried to access the ...
#- healed
-@pytest.fixture(scope="module")
+@pytest.fixture()
"#,
    propose: scope_mismatch,
};

/// `tests/conftest.py:8:  def client(settings)`: the fixtures that led to the request.
static FACTORY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(\S+?):(\d+):\s+def (\w+)\(").expect("the pattern is played by the tests"));

fn scope_mismatch(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::ScopeMismatch { fixture, scope, .. } = ctx.complaint() else { return None };
    let asking = FACTORY.captures_iter(ctx.message()).filter(|found| &found[3] != fixture).last()?;
    let path = ctx.snapshot.file_path(&asking[1]);
    let source = ctx.snapshot.source(&path)?;
    let written = scope_of(&source, &asking[3])?;
    let sharing = sharers(ctx, &asking[3]);
    if sharing.iter().any(|sharer| sharer.changes_it) || is_asked_by_wider(ctx, &asking[3], scope) {
        return None;
    }
    let line = source.line_of(written.start_byte());
    let asks = format!("`{}` asks for `{fixture}`, which lives for one {scope}", &asking[3]);
    let mut evidence = vec![
        Evidence::at(EvidenceKind::Source, &path, line, asks),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    if let Some(sharer) = sharing.first() {
        let text = format!("none of the {} tests that ask for it changes it", sharing.len());
        evidence.push(Evidence::at(EvidenceKind::Example, &sharer.path, sharer.line, text));
    }
    let edit = match scope.as_str() {
        // What every fixture has that says nothing.
        "function" => without_argument(&path, written)?,
        _ => Edit::replace(&path, written.byte_range(), literals::requoted(source.slice(written), scope)?),
    };
    fixes.push(Fix {
        title: format!("Give `{}` the scope of `{fixture}`", &asking[3]),
        strategy: STRATEGY.id,
        edits: vec![edit],
        confidence: Odds::of(&evidence).doubt(0.8).confidence(),
        evidence,
        tier: if sharing.len() > 1 { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Takes the keyword argument of `value` away.
fn without_argument(path: &FilePath, value: Node<'_>) -> Option<Edit> {
    let argument = value.parent()?;
    let list = argument.parent()?;
    let others: Vec<Node<'_>> = children(list).collect();
    let at = others.iter().position(|other| *other == argument)?;
    let range = match (others.get(at + 1), at.checked_sub(1).map(|before| others[before])) {
        (Some(next), _) => argument.start_byte()..next.start_byte(),
        (None, Some(before)) => before.end_byte()..argument.end_byte(),
        (None, None) => argument.byte_range(),
    };
    Some(Edit::replace(path, range, ""))
}

/// The string of `@pytest.fixture(scope="…")` above a fixture that keeps nothing between tests.
fn scope_of<'t>(source: &'t Source, name: &str) -> Option<Node<'t>> {
    let decorated = descendants(source.root()).filter(|node| node.kind() == "decorated_definition").find(|node| {
        let definition = node.child_by_field_name("definition");
        definition.and_then(|node| node.child_by_field_name("name")).is_some_and(|node| source.slice(node) == name)
    })?;
    let body = decorated.child_by_field_name("definition")?.child_by_field_name("body")?;
    let keeps = descendants(body).any(|node| matches!(node.kind(), "global_statement" | "nonlocal_statement"));
    let calls = children(decorated).filter(|node| node.kind() == "decorator").filter_map(|node| node.named_child(0));
    let scope =
        calls.filter(|call| call.kind() == "call" && source.slice(*call).contains("fixture")).find_map(|call| {
            descendants(call.child_by_field_name("arguments")?)
                .filter(|node| node.kind() == "keyword_argument")
                .find(|node| node.child_by_field_name("name").is_some_and(|name| source.slice(name) == "scope"))?
                .child_by_field_name("value")
        })?;
    (!keeps && scope.kind() == "string").then_some(scope)
}

/// A test that asks for a fixture.
struct Sharer {
    path: FilePath,
    line: u32,
    /// Whether it changes what it got: another test may wait for that.
    changes_it: bool,
}

fn sharers(ctx: &Context<'_>, fixture: &str) -> Vec<Sharer> {
    let mut found = Vec::new();
    for path in ctx.snapshot.files_naming(fixture) {
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        let tests = descendants(source.root()).filter(|node| node.kind() == "function_definition").filter(|node| {
            let name = node.child_by_field_name("name").map_or("", |name| source.slice(name));
            let parameters = node.child_by_field_name("parameters").into_iter().flat_map(children);
            name.starts_with("test")
                && parameters.filter_map(|node| names::parameter_name(&source, node)).any(|name| name == fixture)
        });
        found.extend(tests.map(|test| Sharer {
            path: path.clone(),
            line: source.line_of(test.start_byte()),
            changes_it: changes(&source, test, fixture),
        }));
    }
    found
}

/// `client.x = 1`, `client["x"] = 1`, `del client.x`, `client.append(1)`.
fn changes(source: &Source, test: Node<'_>, name: &str) -> bool {
    let root = |node: Node<'_>| {
        let mut node = node;
        while let Some(object) = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value")) {
            node = object;
        }
        source.slice(node) == name
    };
    descendants(test).any(|node| match node.kind() {
        "assignment" | "augmented_assignment" => node
            .child_by_field_name("left")
            .is_some_and(|left| matches!(left.kind(), "attribute" | "subscript") && root(left)),
        "delete_statement" => node.named_child(0).is_some_and(root),
        "call" => node.child_by_field_name("function").filter(|function| function.kind() == "attribute").is_some_and(
            |function| {
                let method = function.child_by_field_name("attribute").map_or("", |method| source.slice(method));
                MUTATORS.contains(&method) && root(function)
            },
        ),
        _ => false,
    })
}

/// Methods by which a test leaves something behind.
const MUTATORS: &[&str] = &[
    "add",
    "append",
    "clear",
    "create",
    "delete",
    "discard",
    "extend",
    "insert",
    "login",
    "pop",
    "popitem",
    "post",
    "put",
    "register",
    "remove",
    "save",
    "set",
    "setdefault",
    "update",
    "write",
];

/// Whether another fixture that lives longer asks for it: narrowing would move the mismatch there.
fn is_asked_by_wider(ctx: &Context<'_>, name: &str, scope: &str) -> bool {
    let fixtures = ctx.snapshot.fixtures_at(&ctx.site.path, ctx.site.range.start);
    let wider = |fixture: &Fixture| rank(&fixture.scope) > rank(scope);
    fixtures
        .iter()
        .any(|fixture| fixture.name != name && wider(fixture) && fixture.requests.iter().any(|it| it == name))
}

fn rank(scope: &str) -> usize {
    ["function", "class", "module", "package", "session"].iter().position(|known| *known == scope).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_fixture_through_which_tests_share_state_stays() {
        check(
            r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def settings():
    return {"debug": True}

@pytest.fixture(scope="module")
def cart(settings):
    return []
#- tests/test_cart.py
$0def test_fill(cart):
    cart.append("tea")

def test_filled(cart):
    assert cart == ["tea"]
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_fill __________________________
ScopeMismatch: You tried to access the function scoped fixture settings with a module scoped request object, involved factories:
tests/conftest.py:8:  def cart(settings)
tests/conftest.py:4:  def settings()
=========================== short test summary info ============================
ERROR tests/test_cart.py::test_fill - Failed: ScopeMismatch: You tried to access the ...
#- healed
no fix
"#,
        );
    }

    /// The fixture `client`, decorated as written, that asks for one of a narrower scope.
    #[track_caller]
    fn check_client(decorator: &str, scope: &str, healed: &str) {
        check(&format!(
            r#"
#- tests/conftest.py
import pytest

{scope}
def settings():
    return {{"debug": True}}

{decorator}
def client(settings):
    return object()
#- tests/test_cart.py
$0def test_cart(client):
    assert client
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
ScopeMismatch: You tried to access the {narrow} scoped fixture settings with a session scoped request object. Requesting fixture stack:
tests/conftest.py:8:  def client(settings)
Requested fixture:
tests/conftest.py:4:  def settings()
=========================== short test summary info ============================
ERROR tests/test_cart.py::test_cart - Failed: ScopeMismatch: You tried to access the ...
#- healed
{healed}
"#,
            narrow = if scope.contains("module") { "module" } else { "function" },
        ));
    }

    #[test]
    fn the_scope_that_every_fixture_has_is_not_written() {
        check_client(
            "@pytest.fixture(scope=\"session\", name=\"client\")",
            "@pytest.fixture()",
            "-@pytest.fixture(scope=\"session\", name=\"client\")\n+@pytest.fixture(name=\"client\")",
        );
        check_client(
            "@pytest.fixture(scope=\"session\")",
            "@pytest.fixture()",
            "-@pytest.fixture(scope=\"session\")\n+@pytest.fixture()",
        );
        check_client(
            "@pytest.fixture(scope=\"session\")",
            "@pytest.fixture(scope=\"module\")",
            "-@pytest.fixture(scope=\"session\")\n+@pytest.fixture(scope=\"module\")",
        );
        check_client("@pytest.fixture(scope=wide)", "@pytest.fixture", "no fix");
    }
}
