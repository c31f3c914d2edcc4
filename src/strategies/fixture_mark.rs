//! A mark on a fixture, which pytest 9 refuses: it never did anything there.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, decorators, descendants};
use crate::text::Edit;
use crate::workspace::fixtures::is_fixture;

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "fixture-mark",
    categories: &[Category::FixtureError],
    summary: "Takes from a fixture the marks that never had an effect on it.",
    example: r#"
#- tests/test_cart.py
import pytest

@pytest.mark.usefixtures("tmp_path")
@pytest.fixture
def cart():
    return ["tea"]

def test_cart(cart):
    assert cart == ["tea"]
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
tests/test_cart.py:3: in <module>
    @pytest.mark.usefixtures("tmp_path")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E   Failed: Marks cannot be applied to fixtures.
E   See docs: https://docs.pytest.org/en/stable/deprecations.html#applying-a-mark-to-a-fixture-function
#- healed
-@pytest.mark.usefixtures("tmp_path")
"#,
    propose: fixture_mark,
};

fn fixture_mark(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::MarkedFixture = ctx.complaint() else { return None };
    let functions = descendants(ctx.source.root()).filter(|node| node.kind() == "function_definition");
    let fixtures = functions.filter(|function| is_fixture(ctx.source, *function));
    let marks: Vec<Node<'_>> = fixtures.flat_map(decorators).filter(|decorator| is_mark(ctx, *decorator)).collect();
    // Rows that never ran are what somebody wanted.
    if marks.iter().any(|mark| ctx.source.slice(*mark).contains("parametrize")) {
        return None;
    }
    let line = ctx.source.line_of(marks.first()?.start_byte());
    let evidence = vec![
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint("pytest: a mark on a fixture has no effect") },
        Evidence::at(EvidenceKind::Source, &ctx.site.path, line, "this one stands on a fixture".to_string()),
    ];
    fixes.push(Fix {
        title: "Take the mark from the fixture".to_string(),
        strategy: STRATEGY.id,
        edits: marks.into_iter().map(|mark| without(ctx, mark)).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// `@pytest.mark.slow`, `@mark.slow`.
fn is_mark(ctx: &Context<'_>, decorator: Node<'_>) -> bool {
    let written = ctx.source.slice(decorator).trim_start_matches('@').trim_start();
    written.starts_with("pytest.mark.") || written.starts_with("mark.")
}

/// The decorator with its line.
fn without(ctx: &Context<'_>, decorator: Node<'_>) -> Edit {
    let text = ctx.source.text();
    let next = decorator.next_sibling().map_or(decorator.end_byte(), |next| next.start_byte());
    let blank = text[decorator.end_byte()..next].trim().is_empty();
    ctx.replace(decorator.start_byte()..if blank { next } else { decorator.end_byte() }, "")
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// Decorators of a fixture and of a test, what pytest says, and the heal.
    fn scene(fixture: &str, test: &str, said: &str, healed: &str) -> String {
        format!(
            r#"
#- tests/test_cart.py
import pytest

{fixture}
def cart():
    return ["tea"]

{test}
def test_cart(cart):
    assert cart == ["tea"]
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
tests/test_cart.py:3: in <module>
    {said}
E   Failed: Marks cannot be applied to fixtures.
#- healed
{healed}
"#
        )
    }

    #[test]
    fn only_the_marks_of_fixtures_go() {
        let said = "@pytest.fixture(scope=\"module\")";
        let fixture = "@pytest.fixture(scope=\"module\")\n@pytest.mark.slow\n@pytest.mark.skip(\"later\")";
        let healed = "-@pytest.mark.slow\n-@pytest.mark.skip(\"later\")";
        check(&scene(fixture, "@pytest.mark.slow", said, healed));
        let rows = fixture.replace("skip(\"later\")", "parametrize(\"n\", [1])");
        check(&scene(&rows, "@pytest.mark.slow", said, "no fix"));
    }

    #[test]
    fn a_mark_that_another_file_gives_is_no_fix() {
        check(&scene("@shared_mark\n@pytest.fixture", "@pytest.mark.slow", "@shared_mark", "no fix"));
    }
}
