//! A fixture that pytest does not find: it has another name now.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::string_content;
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::fixtures::{Fixture, reached};
use crate::workspace::history::{Rename, RenameKind};
use crate::workspace::words::occurrences;

use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "fixture-rename",
    categories: &[Category::FixtureError],
    summary: "Asks for the fixture by the name that it has now.",
    example: r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def shop_client():
    return object()
#- tests/test_cart.py
def test_cart($0shop_clint):
    assert shop_clint
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line 1
  def test_cart(shop_clint):
      assert shop_clint
E       fixture 'shop_clint' not found
>       available fixtures: cache, capfd, monkeypatch, shop_client, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:1
#- healed
-def test_cart(shop_clint):
-    assert shop_clint
+def test_cart(shop_client):
+    assert shop_client
"#,
    propose: fixture_rename,
};

fn fixture_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoFixture { name: missing } = ctx.complaint() else { return None };
    let places = places(ctx, missing)?;
    let existing = available(ctx, missing);
    let kinds: fn(RenameKind) -> bool = match is_declared_anew(ctx, missing) {
        true => |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage | RenameKind::Literal),
        false => |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage),
    };
    let question = Question { missing, existing: &existing, open: false, kinds, class: None };
    for answer in answers(ctx, &question) {
        fixes.push(Fix {
            title: format!("Ask for the fixture `{}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.iter().map(|range| ctx.replace(range.clone(), &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            // Callers are tests here: what they ask for shows no meaning.
            tier: if answer.is_same && is_nothing_else(ctx, missing, &answer.name) {
                answer.tier
            } else {
                Tier::Review
            },
        });
    }
    Some(())
}

/// Whether a commit changed `@pytest.fixture(name="missing")` into that of a fixture that can be asked for.
fn is_declared_anew(ctx: &Context<'_>, missing: &str) -> bool {
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, ctx.site.range.start);
    let is_it = |rename: &Rename, fixture: &Fixture| {
        let source = ctx.snapshot.source(&rename.path)?;
        let function = source.function_at(fixture.range.start)?;
        let whole = function.parent().filter(|whole| whole.kind() == "decorated_definition")?;
        let line = source.code_on_line(rename.line)?;
        let in_head = whole.start_byte() <= line.start && line.start < function.start_byte();
        Some(fixture.name == rename.new && in_head)
    };
    let renames = ctx.snapshot.history().renames_of(missing);
    let mut renames = renames.iter().filter(|rename| rename.kind == RenameKind::Literal);
    renames.any(|rename| {
        let mut there = known.iter().filter(|fixture| fixture.path.as_ref() == Some(&rename.path));
        there.any(|fixture| is_it(rename, fixture) == Some(true))
    })
}

/// Whether nothing but the name changed where a commit declared a fixture under another one: the decorator shows none of
/// what the fixture gives.
fn is_nothing_else(ctx: &Context<'_>, missing: &str, new: &str) -> bool {
    let renames = ctx.snapshot.history().renames_of(missing);
    let mut declared = renames.iter().filter(|rename| rename.kind == RenameKind::Literal && rename.new == new);
    let changes = ctx.snapshot.history().changes(Some(&ctx.site.path));
    declared.all(|rename| {
        let mut of_commit = changes.iter().filter(|it| it.commit == rename.commit && it.path == rename.path);
        of_commit.all(|change| {
            let (was, is) = (declaration(&change.before, missing), declaration(&change.after, new));
            was.is_some() && was == is
        })
    })
}

/// What is declared as the fixture of that name, without the name.
fn declaration(text: &Option<Arc<str>>, name: &str) -> Option<Vec<String>> {
    let source = Source::parse(text.clone()?);
    let declared = descendants(source.root()).filter(|node| node.kind() == "decorated_definition").find(|node| {
        let named = children(*node).filter(|part| part.kind() == "decorator").flat_map(descendants);
        let mut named = named.filter(|part| part.kind() == "keyword_argument");
        named.any(|part| {
            let value = part.child_by_field_name("value").and_then(|value| string_content(&source, value));
            value.as_deref() == Some(name)
        })
    })?;
    let bare = |token: &&str| string_body(token) != Some(name);
    Some(tokens(source.slice(declared)).into_iter().filter(bare).map(str::to_string).collect())
}

/// The parameter and its uses, the strings that ask for it: `usefixtures("name")`, `getfixturevalue("name")`, and
/// `parametrize("name", …)` that hands it values.
fn places(ctx: &Context<'_>, missing: &str) -> Option<Vec<Range<usize>>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let node = ctx.node()?;
    if node.kind() == "string" || node.kind() == "string_content" {
        let text = ctx.subject();
        let start = ctx.site.range.start + text.find(missing)?;
        places.push(start..start + missing.len());
    }
    let decorated = ancestors(node).find(|outer| outer.kind() == "decorated_definition");
    let function = ctx.source.function_at(ctx.site.range.start).or_else(|| {
        let definition = decorated?.child_by_field_name("definition")?;
        Some(definition).filter(|definition| definition.kind() == "function_definition")
    });
    if let Some(function) = function {
        let (_, domain) = ctx.diagnosis.failure.nodeid.split_once("::").unwrap_or_default();
        let test = ctx.source.test(domain).unwrap_or(function);
        let functions = [function, test].into_iter().chain(given_to(ctx, test));
        places.extend(functions.flat_map(|function| asked_by(ctx, function, missing)));
    }
    places.sort_by_key(|range| range.start);
    places.dedup();
    Some(places).filter(|places| !places.is_empty())
}

/// The fixtures of the file that a test gets, asked for or not: while one of them misses the same fixture, it fails alike.
fn given_to<'c>(ctx: &'c Context<'_>, test: Node<'c>) -> Vec<Node<'c>> {
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, test.start_byte());
    let asked =
        ctx.snapshot.fixture_requests(&ctx.site.path, test.start_byte()).into_iter().map(|request| request.name);
    let unasked = known.iter().filter(|fixture| fixture.autouse).map(|fixture| fixture.name.clone());
    let got = reached(&known, asked.chain(unasked)).into_iter();
    let here = got.filter(|fixture| fixture.path.as_ref() == Some(&ctx.site.path));
    here.filter_map(|fixture| ctx.source.function_at(fixture.range.start)).collect()
}

/// Where a test or fixture asks for `missing`, and where it uses what it gets by that name.
fn asked_by(ctx: &Context<'_>, function: Node<'_>, missing: &str) -> Vec<Range<usize>> {
    let parameters = function.child_by_field_name("parameters");
    let parameter = parameters
        .into_iter()
        .flat_map(children)
        .filter_map(names::parameter_identifier)
        .find(|name| ctx.source.slice(*name) == missing);
    let mut places: Vec<Range<usize>> = Vec::new();
    if let Some((parameter, body)) = parameter.zip(function.child_by_field_name("body")) {
        places.push(parameter.byte_range());
        places.extend(names::uses_of(ctx.source, body, missing).map(|node| node.byte_range()));
        places.extend(parametrized(ctx, function, missing));
    }
    // A mark of the class or the module asks for every test of it, and each of them fails.
    let requests = ctx.snapshot.fixture_requests(&ctx.site.path, function.start_byte());
    let asked = requests.into_iter().filter(|request| request.name == missing);
    places.extend(asked.map(|request| request.range));
    places
}

/// The names of a `parametrize` that are `missing`: `"name"`, `"name, other"`, `["name"]`.
fn parametrized(ctx: &Context<'_>, function: Node<'_>, missing: &str) -> Vec<Range<usize>> {
    let whole = function.parent().filter(|parent| parent.kind() == "decorated_definition");
    let calls = whole
        .into_iter()
        .flat_map(children)
        .filter(|node| node.kind() == "decorator")
        .flat_map(descendants)
        .filter(|node| node.kind() == "call")
        .filter(|call| {
            call.child_by_field_name("function").is_some_and(|called| ctx.source.slice(called).ends_with("parametrize"))
        });
    let is_names = |node: &Node<'_>| {
        let keyword = node.kind() == "keyword_argument";
        !keyword
            || node
                .child_by_field_name("name")
                .is_some_and(|name| matches!(ctx.source.slice(name), "argnames" | "indirect"))
    };
    let strings = calls.filter_map(|call| call.child_by_field_name("arguments")).flat_map(|list| {
        let values = children(list).enumerate().filter(|(at, node)| *at == 0 || node.kind() == "keyword_argument");
        values.map(|(_, node)| node).filter(is_names).flat_map(descendants).collect::<Vec<_>>()
    });
    strings
        .filter(|node| node.kind() == "string_content")
        .flat_map(|node| {
            occurrences(ctx.source.slice(node), missing)
                .map(|at| node.start_byte() + at..node.start_byte() + at + missing.len())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What pytest listed, with the place of those that the workspace defines.
fn available(ctx: &Context<'_>, missing: &str) -> Vec<Existing> {
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, ctx.site.range.start);
    let failure = &ctx.diagnosis.failure;
    let runtime = failure.runtime.iter().flat_map(|runtime| &runtime.fixtures);
    let listed: Vec<&str> = failure.available_fixtures.iter().chain(runtime).map(String::as_str).collect();
    let defined = known.iter().filter(|fixture| fixture.name != missing).filter_map(|fixture| {
        let text = format!("the fixture `{}` is defined here", fixture.name);
        Some(Existing::at(&fixture.name, fixture.path.as_ref()?, fixture.line, text))
    });
    let mut existing: Vec<Existing> =
        defined.filter(|fixture| listed.is_empty() || listed.contains(&fixture.name.as_str())).collect();
    for name in listed {
        if existing.iter().all(|other| other.name != name) && name != missing {
            let text = format!("pytest lists the fixture `{name}`");
            let fact = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(text) };
            existing.push(Existing { name: name.to_string(), evidence: fact });
        }
    }
    existing
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    #[test]
    fn a_fixture_of_a_plugin_that_is_only_like_the_lost_one_is_no_fix() {
        let scene = |missing: &str| {
            format!(
                r#"
#- tests/test_loop.py
def test_loop({missing}):
    assert {missing}
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_loop __________________________
file /p/tests/test_loop.py, line 1
  def test_loop({missing}):
      assert {missing}
E       fixture '{missing}' not found
>       available fixtures: cache, event_loop_policy, monkeypatch, tmp_path, tmpdir
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_loop.py:1
#- healed
"#
            )
        };
        check(&format!("{}no fix\n", scene("event_loop")));
        check(&format!(
            "{}-def test_loop(tmp_dir):\n-    assert tmp_dir\n+def test_loop(tmpdir):\n+    assert tmpdir\n",
            scene("tmp_dir")
        ));
    }

    #[test]
    fn a_fixture_unlike_all_others_is_no_fix() {
        check(
            r#"
#- tests/test_cart.py
def test_cart($0database):
    assert database
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line 1
  def test_cart(database):
      assert database
E       fixture 'database' not found
>       available fixtures: cache, capfd, monkeypatch, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:1
#- healed
no fix
"#,
        );
    }

    #[test]
    fn every_form_of_asking_follows() {
        let log = |line: u32, test: &str| {
            format!(
                r#"
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line {line}
  {test}
E       fixture 'shop_clint' not found
>       available fixtures: cache, monkeypatch, shop_client, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:{line}
"#
            )
        };
        let head = r#"
#- conftest.py
import pytest

@pytest.fixture
def shop_client(request):
    return request.param
#- tests/test_cart.py
import pytest

"#;
        let late = "def test_cart(request):\n    assert request.getfixturevalue(\"shop_clint\")\n";
        let log_late = log(3, "def test_cart(request):");
        check(&format!(
            "{head}{late}{log_late}#- healed\n-    assert request.getfixturevalue(\"shop_clint\")\n\
             +    assert request.getfixturevalue(\"shop_client\")\n"
        ));
        let given = "@pytest.mark.parametrize(\"n, shop_clint\", [(1, 2)], indirect=True)\n\
                     def test_cart(n, shop_clint):\n    assert shop_clint\n";
        let log_given = log(4, "def test_cart(n, shop_clint):");
        let healed = given.replace("shop_clint", "shop_client");
        let lines = |sign: &str, text: &str| text.lines().map(|line| format!("{sign}{line}\n")).collect::<String>();
        check(&format!("{head}{given}{log_given}#- healed\n{}{}", lines("-", given), lines("+", &healed)));
    }

    #[test]
    fn a_mark_of_the_class_or_the_module_follows_and_that_of_another_class_stays() {
        let scene = |marks: &str, line: u32, healed: &str| {
            format!(
                r#"
#- conftest.py
import pytest

@pytest.fixture
def shop_client():
    return 1
#- tests/test_cart.py
{marks}
class TestCart:
    def test_cart(self):
        assert True

@pytest.mark.usefixtures("shop_clinc")
class TestOther:
    def test_other(self):
        assert True
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
____________________ ERROR at setup of TestCart.test_cart ______________________
file /p/tests/test_cart.py, line {line}
      def test_cart(self):
          assert True
E       fixture 'shop_clint' not found
>       available fixtures: cache, monkeypatch, shop_client, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:{line}
#- healed
{healed}
"#
            )
        };
        let of_class = "import pytest\n\n@pytest.mark.usefixtures(\"tmp_path\", \"shop_clint\")";
        check(&scene(
            of_class,
            5,
            "-@pytest.mark.usefixtures(\"tmp_path\", \"shop_clint\")\n\
             +@pytest.mark.usefixtures(\"tmp_path\", \"shop_client\")",
        ));
        let of_module = "import pytest\n\npytestmark = [pytest.mark.usefixtures(\"shop_clint\")]\n";
        check(&scene(
            of_module,
            6,
            "-pytestmark = [pytest.mark.usefixtures(\"shop_clint\")]\n\
             +pytestmark = [pytest.mark.usefixtures(\"shop_client\")]",
        ));
        check(&scene("import pytest\n\n@pytest.mark.usefixtures(\"tmp_path\")", 5, "no fix"));
    }

    #[test]
    fn a_fixture_out_of_reach_is_no_fix_and_told() {
        check(
            r#"
#- other/conftest.py
import pytest

@pytest.fixture
def database():
    return {}
#- tests/test_cart.py
def test_cart($0database):
    assert database == {}
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line 1
  def test_cart(database):
      assert database == {}
E       fixture 'database' not found
>       available fixtures: cache, capfd, monkeypatch, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:1
#- healed
no fix: `database` is defined in other/conftest.py, which holds for tests below other/ only
"#,
        );
    }

    /// The tier of the best fix where the fixture `member` became `new`, which gives `value`, and a test moved along.
    fn tier(new: &str, value: &str) -> Tier {
        let fixture =
            |name: &str, value: &str| format!("import pytest\n\n@pytest.fixture\ndef {name}():\n    return {value}\n");
        let other =
            |name: &str| format!("def test_b({name}):\n    assert {name}\n\ndef test_c({name}):\n    assert {name}\n");
        let scene = format!(
            "#- before: tests/conftest.py\n{}#- tests/conftest.py\n{}#- before: tests/test_b.py\n{}#- tests/test_b.py\n{}\
             #- tests/test_cart.py\ndef test_cart(member):\n    assert member\n#- test_run.log\n\
             ============================= test session starts ==============================\nrootdir: /p\n\
             collected 1 item\n\n\
             ==================================== ERRORS ====================================\n\
             _________________________ ERROR at setup of test_cart __________________________\n\
             file /p/tests/test_cart.py, line 1\n  def test_cart(member):\n      assert member\n\
             E       fixture 'member' not found\n>       available fixtures: cache, {new}, tmp_path\n\n\
             /p/tests/test_cart.py:1\n",
            fixture("member", "{'name': 'ann', 'admin': False}"),
            fixture(new, value),
            other("member"),
            other(new),
        );
        let healing = Scene::parse(&scene).heal();
        healing.fixes.first().unwrap_or_else(|| panic!("{scene}{healing:?}")).fix().tier
    }

    #[test]
    fn a_fixture_that_gives_something_else_is_a_persons_to_accept() {
        assert_eq!(tier("member_of_shop", "{'name': 'ann', 'admin': False}"), Tier::Safe);
        assert_eq!(tier("member_admin", "{'name': 'ann', 'admin': True}"), Tier::Review);
    }

    #[test]
    fn a_fixture_that_asks_for_another_one_of_its_file() {
        let scene = |body: &str, healed: &str| {
            format!(
                r#"
#- before: tests/conftest.py
import pytest

@pytest.fixture
def app():
    return {{"name": "tea"}}

@pytest.fixture
def client(app):
    return {body}
#- tests/conftest.py
import pytest

@pytest.fixture
def application():
    return {{"name": "tea"}}

@pytest.fixture
def client(app):
    return {body}
#- tests/test_cart.py
def test_cart(client):
    assert client == "tea"
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line 1
  def test_cart(client):
file /p/tests/conftest.py, line 7
  @pytest.fixture
  def client(app):
E       fixture 'app' not found
>       available fixtures: application, cache, client, monkeypatch, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/conftest.py:7
=========================== short test summary info ============================
ERROR tests/test_cart.py::test_cart
#- healed
{healed}
"#
            )
        };
        let healed = "-def client(app):\n-    return app[\"name\"]\n+def client(application):\n+    return application[\"name\"]";
        check(&scene("app[\"name\"]", healed));
        // The fixture's function is called as such.
        check(&scene("app[\"name\"] or application()", "no fix"));
    }

    /// The fixture `cart`, declared as `{before}` and as `{after}` now, and a test file in which `fresh` misses it.
    fn declared(before: &str, after: &str, healed: &str) -> String {
        let fixtures = |declared: &str| {
            format!("import pytest\n\nKIND = \"tea\"\n\n@pytest.fixture({declared})\ndef made():\n    return [KIND]\n")
        };
        format!(
            r#"
#- before: shop_fixtures.py
{}#- shop_fixtures.py
{}#- tests/conftest.py
from shop_fixtures import made
#- tests/test_cart.py
import pytest

@pytest.fixture(autouse=True)
def fresh(cart):
    cart.clear()

@pytest.fixture
def line(cart):
    return cart

def test_cart(cart):
    assert cart == []

def test_line(line):
    assert line == []
#- test_run.log
============================= test session starts ==============================
rootdir: /p
collected 1 item

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_cart __________________________
file /p/tests/test_cart.py, line 11
  def test_cart(cart):
file /p/tests/test_cart.py, line 3
  @pytest.fixture(autouse=True)
  def fresh(cart):
E       fixture 'cart' not found
>       available fixtures: basket, cache, fresh, line, monkeypatch, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/p/tests/test_cart.py:3
#- healed
{healed}
"#,
            fixtures(before),
            fixtures(after),
        )
    }

    #[test]
    fn a_fixture_that_is_declared_under_another_name_is_asked_for_by_the_test_and_what_it_gets() {
        let healed = "-def fresh(cart):\n-    cart.clear()\n+def fresh(basket):\n+    basket.clear()\n\
                      -def test_cart(cart):\n-    assert cart == []\n+def test_cart(basket):\n+    assert basket == []";
        check(&declared("name=\"cart\"", "name=\"basket\"", healed));
        // What it gives is something else since, too.
        let scene = declared("name=\"cart\"", "name=\"basket\"", healed);
        let tier = |scene: &str| Scene::parse(scene).heal().fixes.first().map(|fix| fix.fix().tier);
        assert_eq!(tier(&scene), Some(Tier::Safe));
        assert_ne!(tier(&scene.replacen("return [KIND]", "return []", 1)), Some(Tier::Safe));
        let in_session = declared("name=\"cart\"", "name=\"basket\", scope=\"session\"", "");
        assert_ne!(tier(&in_session), Some(Tier::Safe));
        // Another text that changed likewise names no fixture.
        let elsewhere = declared("name=\"basket\"", "name=\"basket\"", "no fix");
        let before = elsewhere.replacen("\"tea\"", "\"cart\"", 1);
        let (head, rest) = before.split_once("#- shop_fixtures.py").expect("the text after the commit");
        check(&format!("{head}#- shop_fixtures.py{}", rest.replacen("\"tea\"", "\"basket\"", 1)));
    }
}
