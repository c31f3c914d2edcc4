//! Expected values that stand in another file of the tests: a fixture of a conftest, a constant of a helper module or
//! what a function of it returns.

use std::ops::Range;
use std::sync::Arc;

use crate::syntax::dataflow::{is_checked, is_target};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;
use crate::workspace::fixtures;

use super::super::{Context, literals, names};
use super::{Side, assigned, fails_in, given};

/// A literal in another file of the tests.
pub(in super::super) struct Elsewhere {
    /// The file.
    pub(in super::super) path: FilePath,
    /// Its text, parsed.
    pub(in super::super) source: Arc<Source>,
    range: Range<usize>,
}

impl Elsewhere {
    /// The literal.
    pub(in super::super) fn node(&self) -> Option<Node<'_>> {
        self.source.node_at(self.range.clone())
    }
}

/// The literal of another file that a side stands for, where nothing but checks of tests that fail use it. What
/// passes with the value of now is another's, and what the code under test gets is an input.
pub(in super::super) fn elsewhere(ctx: &Context<'_>, side: &Side<'_>) -> Option<Elsewhere> {
    let written = literals::inner(side.node);
    let node = assigned(ctx, written).unwrap_or(written);
    let fixture = fixture_of(ctx, node);
    let is_fixture = fixture.is_some();
    let home = fixture.or_else(|| defined(ctx, node))?;
    let source = ctx.snapshot.source(&home.path).filter(|_| home.path.is_inside() && home.path.is_test_code())?;
    let name = source.node_at(home.range.clone())?;
    let value = match name.parent()? {
        function if function.kind() == "function_definition" => {
            let is_right_kind = fixtures::is_fixture(&source, function) == is_fixture;
            given::value(function).filter(|_| is_right_kind && (is_fixture || node.kind() == "call"))?
        }
        given if is_target(name) && node.kind() != "call" => literals::inner(given.child_by_field_name("right")?),
        _ => return None,
    };
    let range = value.byte_range();
    let is_alone = literals::is_literal(value) && serves_checks(ctx, &home, is_fixture, source.slice(name));
    is_alone.then_some(Elsewhere { path: home.path, source: source.clone(), range })
}

/// Where a name is defined.
#[derive(PartialEq, Eq)]
struct Home {
    path: FilePath,
    range: Range<usize>,
}

/// The fixture that the test asks for under this name.
fn fixture_of(ctx: &Context<'_>, node: Node<'_>) -> Option<Home> {
    let test = ctx.source.function_at(ctx.site.statement.start).filter(|_| node.kind() == "identifier")?;
    let name = ctx.source.slice(node);
    is_asked(ctx.source, test, name).then(|| requested(ctx, &ctx.site.path, test, name))?
}

/// The fixture that pytest gives a function of any file for this name; `None` for one that is made in several ways.
fn requested(ctx: &Context<'_>, path: &FilePath, function: Node<'_>, name: &str) -> Option<Home> {
    let fixtures = ctx.snapshot.fixtures_at(path, function.start_byte());
    let fixture = fixtures.into_iter().find(|fixture| fixture.name == name && !fixture.parametrized)?;
    Some(Home { path: fixture.path?, range: fixture.range })
}

fn is_asked(source: &Source, function: Node<'_>, name: &str) -> bool {
    let parameters = function.child_by_field_name("parameters");
    parameters.into_iter().flat_map(children).any(|it| names::parameter_name(source, it) == Some(name))
}

/// The definition in another file of `NAME`, `values.NAME` or `values.wanted()`.
fn defined(ctx: &Context<'_>, node: Node<'_>) -> Option<Home> {
    let named = match node.kind() {
        "call" => {
            let is_plain = node.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0);
            node.child_by_field_name("function").filter(|_| is_plain)?
        }
        _ => node,
    };
    home(ctx, &ctx.site.path, ctx.source, named).filter(|home| home.path != ctx.site.path)
}

/// Where the name or the dotted name is defined that stands at `node`.
fn home(ctx: &Context<'_>, path: &FilePath, source: &Source, node: Node<'_>) -> Option<Home> {
    let is_local = |name: &str| source.function_at(node.start_byte()).is_some_and(|it| names::binds(source, it, name));
    let text = Some(source.slice(node)).filter(|_| matches!(node.kind(), "identifier" | "attribute"))?;
    let root = text.split('.').next().filter(|root| !is_local(root))?;
    // What stands for an object of the test is no module.
    if matches!(root, "self" | "cls") {
        return None;
    }
    let symbol = ctx.snapshot.resolve(path, node.start_byte(), text)?;
    Some(Home { path: symbol.path, range: symbol.range })
}

/// Whether everything that uses what `home` defines is a check of a test that fails.
fn serves_checks(ctx: &Context<'_>, home: &Home, is_fixture: bool, name: &str) -> bool {
    ctx.snapshot.files_naming(name).iter().filter(|path| path.as_str().ends_with(".py")).all(|path| {
        let Some(source) = ctx.snapshot.source(path) else { return false };
        let file = (path, &*source);
        if is_fixture { asks_to_check(ctx, home, file, name) } else { names_to_check(ctx, home, file, name) }
    })
}

/// Whether what asks for the fixture in the file is a test that fails and does nothing but check with it.
fn asks_to_check(ctx: &Context<'_>, home: &Home, (path, source): (&FilePath, &Source), name: &str) -> bool {
    let is_function = |node: &Node<'_>| node.kind() == "function_definition" && is_asked(source, *node, name);
    let is_fed = |node: &Node<'_>| {
        let text = literals::string_value(source, *node).filter(|_| node.kind() == "string");
        text.as_deref() == Some(name) && is_request(source, *node)
    };
    let serves = |function: Node<'_>| {
        let body = function.child_by_field_name("body").unwrap_or(function);
        fails_in(ctx, (path, source), function)
            && names::uses_of(source, body, name).all(|used| is_checked(source, used))
    };
    let mut asking = descendants(source.root()).filter(is_function);
    !descendants(source.root()).any(|node| is_fed(&node))
        && asking.all(|it| serves(it) || requested(ctx, path, it, name).is_some_and(|other| other != *home))
}

/// `usefixtures("name")`, `getfixturevalue("name")`.
fn is_request(source: &Source, string: Node<'_>) -> bool {
    let call = ancestors(string).find(|node| node.kind() == "call");
    let called = call.and_then(|call| call.child_by_field_name("function")).map(|called| source.slice(called));
    called.is_some_and(|called| called.ends_with("usefixtures") || called.ends_with("getfixturevalue"))
}

/// Whether every place of the file that names the definition is a check of a test that fails. Another name for it is
/// not followed.
fn names_to_check(ctx: &Context<'_>, home: &Home, (path, source): (&FilePath, &Source), name: &str) -> bool {
    let outline = ctx.snapshot.outline(path);
    let is_renamed = |import: &crate::syntax::outline::Import| import.aliased && import.name.as_deref() == Some(name);
    if outline.is_none_or(|outline| outline.imports.iter().any(is_renamed)) {
        return false;
    }
    let is_import = |node: Node<'_>| ancestors(node).any(|outer| outer.kind().starts_with("import"));
    let is_own = |node: Node<'_>| *path == home.path && node.byte_range() == home.range;
    let mut places = descendants(source.root())
        .filter(|node| node.kind() == "identifier" && source.slice(*node) == name)
        .filter(|node| !is_import(*node) && !is_own(*node));
    places.all(|place| {
        let whole = place.parent().filter(|_| names::is_label(place)).unwrap_or(place);
        let is_other = self::home(ctx, path, source, whole).is_none_or(|other| other != *home);
        let serves = || {
            let function = source.function_at(place.start_byte());
            is_checked(source, whole) && function.is_some_and(|it| fails_in(ctx, (path, source), it))
        };
        is_other || serves()
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A test whose expected value stands in another file of the tests.
    fn scene(files: &str, test: &str, healed: &str) -> String {
        let line = test.lines().position(|line| line.contains("assert")).expect("a test checks") + 1;
        let failing = test.lines().nth(line - 1).unwrap_or_default().trim();
        format!(
            r#"
#- before: shop.py
def state(*words):
    return "open"
#- shop.py
def state(*words):
    return "active"
{files}
#- tests/test_shop.py
{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_state __________________________________

    def test_state():
>       {failing}
E       AssertionError: assert 'active' == 'open'

tests/test_shop.py:{line}: AssertionError
#- healed
{healed}
"#
        )
    }

    const FIXTURE: &str = "#- tests/conftest.py\nimport pytest\n\n@pytest.fixture\ndef wanted():\n    return \"open\"";
    const ASKING: &str = "from shop import state\n\ndef test_state(wanted):\n    assert state() == wanted";
    const RETURNED: &str = "-    return \"open\"\n+    return \"active\"";
    const CONSTANT: &str = "#- tests/__init__.py\n#- tests/values.py\nWANTED = \"open\"";
    const NAMING: &str =
        "from shop import state\nfrom tests.values import WANTED\n\ndef test_state():\n    assert state() == WANTED";
    const GIVEN: &str = "-WANTED = \"open\"\n+WANTED = \"active\"";

    #[test]
    fn a_fixture_of_a_conftest_changes_there() {
        check(&scene(FIXTURE, ASKING, RETURNED));
        // A test that has a fixture of its own by that name is no user of this one.
        let other = format!(
            "{FIXTURE}\n#- tests/more/conftest.py\nimport pytest\n\n@pytest.fixture\ndef wanted():\n    return 1\n\
             #- tests/more/test_more.py\ndef test_more(wanted):\n    assert wanted"
        );
        check(&scene(&other, ASKING, RETURNED));
    }

    #[test]
    fn a_fixture_that_others_use_stays() {
        let other = format!("{FIXTURE}\n#- tests/test_more.py\ndef test_more(wanted):\n    assert more() == wanted");
        check(&scene(&other, ASKING, "no fix"));
        let asked = format!("{FIXTURE}\n\n@pytest.fixture\ndef shop(wanted):\n    return make(wanted)");
        check(&scene(&asked, ASKING, "no fix"));
        let fed = ASKING.replace("    assert", "    load(wanted)\n    assert");
        check(&scene(FIXTURE, &fed, "no fix"));
        check(&scene(FIXTURE, &ASKING.replace("state()", "state(wanted)"), "no fix"));
        let parametrized = FIXTURE.replace("fixture\n", "fixture(params=[1, 2])\n");
        check(&scene(&parametrized, ASKING, "no fix"));
    }

    #[test]
    fn a_constant_of_a_helper_changes_there() {
        check(&scene(CONSTANT, NAMING, GIVEN));
        let of_module =
            NAMING.replace("tests.values import WANTED", "tests import values").replace("== W", "== values.W");
        check(&scene(CONSTANT, &of_module, GIVEN));
        let local = NAMING.replace("    assert state() == WANTED", "    wanted = WANTED\n    assert state() == wanted");
        check(&scene(CONSTANT, &local, GIVEN));
        let function = CONSTANT.replace("WANTED = \"open\"", "def wanted():\n    return \"open\"");
        let calling = NAMING.replace("WANTED", "wanted").replace("== wanted", "== wanted()");
        check(&scene(&function, &calling, RETURNED));
    }

    #[test]
    fn a_constant_that_others_use_stays() {
        let more = |text: &str| format!("{CONSTANT}\n#- tests/test_more.py\n{text}");
        let other = more("from tests.values import WANTED\n\ndef test_more():\n    assert more() == WANTED");
        check(&scene(&other, NAMING, "no fix"));
        let alias = more("from tests.values import WANTED as W\n\ndef test_more():\n    assert more() == W");
        check(&scene(&alias, NAMING, "no fix"));
        let of_module = more("from tests import values\n\nROWS = [values.WANTED]");
        check(&scene(&of_module, NAMING, "no fix"));
        check(&scene(CONSTANT, &NAMING.replace("state()", "state(WANTED)"), "no fix"));
        check(&scene(&format!("{CONSTANT}\nALL = [WANTED]"), NAMING, "no fix"));
        // Who has a constant of that name has nothing to do with it.
        let own = more("WANTED = 1\n\ndef test_more():\n    assert more() == WANTED");
        check(&scene(&own, NAMING, GIVEN));
    }

    #[test]
    fn a_person_may_accept_what_nothing_but_the_run_shows() {
        let unexplained = |text: String| text.replace("    return \"active\"", "    return WORDS[1].lower()");
        check(&unexplained(scene(CONSTANT, NAMING, GIVEN)));
        check(
            &unexplained(scene(FIXTURE, ASKING, RETURNED))
                .replace("+    return WORDS[1].lower()", "+    return \"active\""),
        );
        // Another place does something else with what has this name.
        let fed = format!("{CONSTANT}\n#- tests/other.py\ndef other(WANTED):\n    send(WANTED)");
        check(&unexplained(scene(&fed, NAMING, "no fix: changes the input")));
    }

    #[test]
    fn a_constant_of_the_product_stays() {
        let constant = "#- values.py\nWANTED = \"open\"\n#- app.py\nfrom values import WANTED\n";
        check(&scene(constant, &NAMING.replace("tests.values", "values"), "no fix"));
    }
}
