//! A fixture that pytest does not find: it has another name now.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::workspace::history::RenameKind;

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
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage);
    let question = Question { missing, existing: &existing, open: false, kinds, class: None };
    for answer in answers(ctx, &question) {
        fixes.push(Fix {
            title: format!("Ask for the fixture `{}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.iter().map(|range| ctx.replace(range.clone(), &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            // Callers are tests here: what they ask for shows no meaning.
            tier: if answer.is_same { answer.tier } else { Tier::Review },
        });
    }
    Some(())
}

/// The parameter and its uses, or the text of a `usefixtures("name")`.
fn places(ctx: &Context<'_>, missing: &str) -> Option<Vec<Range<usize>>> {
    let node = ctx.node()?;
    if node.kind() == "string" || node.kind() == "string_content" {
        let text = ctx.subject();
        let start = ctx.site.range.start + text.find(missing)?;
        return Some(std::iter::once(start..start + missing.len()).collect());
    }
    let function = ctx.source.function_at(ctx.site.range.start)?;
    let parameters = function.child_by_field_name("parameters")?;
    let mut places = vec![
        crate::syntax::children(parameters)
            .filter_map(names::parameter_identifier)
            .find(|name| ctx.source.slice(*name) == missing)?
            .byte_range(),
    ];
    let body = function.child_by_field_name("body")?;
    let uses = crate::syntax::descendants(body)
        .filter(|node| node.kind() == "identifier" && ctx.source.slice(*node) == missing)
        .filter(|node| !names::is_label(*node));
    places.extend(uses.map(|node| node.byte_range()));
    Some(places)
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
}
