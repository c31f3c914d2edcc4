//! `[XPASS(strict)]`: the product does what the test was not expected to see; the mark goes.

use std::ops::Range;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::report::Failure;
use crate::syntax::{Node, ancestors, children, descendants};

use super::confidence::Odds;
use super::{Context, Strategy, checks};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "xfail-passed",
    categories: &[Category::AssertionError, Category::Unknown],
    summary: "Takes the xfail mark from a test that passes now.",
    example: r#"
#- before: shop.py
def total(cart):
    return len(cart)
#- shop.py
def total(cart):
    return sum(cart)
#- tests/test_cart.py
import pytest
from shop import total

@pytest.mark.xfail(reason="counts", strict=True)
def test_total():
    assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________
[XPASS(strict)] counts
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - [XPASS(strict)] counts
#- healed
-@pytest.mark.xfail(reason="counts", strict=True)
"#,
    propose: xfail_passed,
};

fn xfail_passed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !is_xpass(&ctx.diagnosis.failure) {
        return None;
    }
    let decorated = ancestors(ctx.scope()).find(|node| node.kind() == "decorated_definition")?;
    let mut marks = children(decorated).filter(|node| node.kind() == "decorator" && is_xfail(ctx, *node));
    let mark = marks.next().filter(|_| marks.next().is_none());
    let gone = match mark {
        Some(mark) => vec![whole_lines(ctx.source.text(), mark)],
        None => of_parameters(ctx, decorated)?,
    };
    let mut evidence =
        vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint("the test passes, and its mark forbids that") }];
    evidence.extend(
        product::changes(ctx.snapshot, &ctx.site.path).first().map(|change| {
            Evidence::commit(&change.commit, format!("{} changed since ({})", change.path, change.subject))
        }),
    );
    // A test that only calls says nothing once nobody waits for its failure.
    if !checks::holds_check(ctx.snapshot, &ctx.site.path, ctx.source, ctx.scope().child_by_field_name("body")?) {
        return None;
    }
    // A condition speaks of machines where the test was not seen; the exception that was named may have been asked for.
    let open = mark.is_some_and(|mark| conditions(mark) > 0 || names_exception(ctx, mark));
    fixes.push(Fix {
        title: "Take the xfail mark away: the test passes".to_string(),
        strategy: STRATEGY.id,
        edits: gone.into_iter().map(|range| ctx.replace(range, "")).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if open { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

fn whole_lines(text: &str, node: Node<'_>) -> Range<usize> {
    let start = text[..node.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let end = text[node.end_byte()..].find('\n').map_or(text.len(), |at| node.end_byte() + at + 1);
    start..end
}

/// `marks=pytest.mark.xfail` of each `pytest.param`, where as many cases of the test passed against it.
fn of_parameters(ctx: &Context<'_>, decorated: Node<'_>) -> Option<Vec<Range<usize>>> {
    let is_marks = |node: &Node<'_>| {
        let part = |field| node.child_by_field_name(field).map(|part| ctx.source.slice(part));
        node.kind() == "keyword_argument"
            && part("name") == Some("marks")
            && part("value").is_some_and(|value| value.trim_end_matches("()").ends_with("mark.xfail"))
    };
    let marks: Vec<Node<'_>> = descendants(decorated).filter(is_marks).collect();
    let test = |nodeid: &str| nodeid.split('[').next().unwrap_or(nodeid).to_string();
    let own = test(&ctx.diagnosis.failure.nodeid);
    let passed = ctx.report.failures.iter().filter(|failure| test(&failure.nodeid) == own && is_xpass(failure)).count();
    if marks.is_empty() || marks.len() != passed {
        return None;
    }
    let with_comma = |mark: Node<'_>| {
        let before = mark.prev_named_sibling().map_or(mark.start_byte(), |before| before.end_byte());
        before..mark.end_byte()
    };
    Some(marks.into_iter().map(with_comma).collect())
}

fn is_xpass(failure: &Failure) -> bool {
    failure.message.as_deref().is_some_and(|message| message.trim_start().starts_with("[XPASS(strict)]"))
}

fn is_xfail(ctx: &Context<'_>, decorator: Node<'_>) -> bool {
    let name = decorator.named_child(0).map(|inner| inner.child_by_field_name("function").unwrap_or(inner));
    name.is_some_and(|name| ctx.source.slice(name).ends_with("mark.xfail"))
}

/// `raises=ValueError` of the mark.
fn names_exception(ctx: &Context<'_>, mark: Node<'_>) -> bool {
    descendants(mark).any(|node| {
        let name = node.child_by_field_name("name").map(|name| ctx.source.slice(name));
        node.kind() == "keyword_argument" && name == Some("raises")
    })
}

/// The positional arguments of the mark, and `condition=`.
fn conditions(mark: Node<'_>) -> usize {
    let arguments = descendants(mark).find(|node| node.kind() == "argument_list");
    arguments
        .map_or(0, |list| children(list).filter(|node| !matches!(node.kind(), "keyword_argument" | "comment")).count())
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::check;

    #[test]
    fn a_mark_of_the_only_parameter_that_had_one() {
        check(
            r#"
#- tests/test_cart.py
import pytest

@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.xfail), 2])
def test_total(n):
    assert n
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_total[1] _________________________________
[XPASS(strict)] 
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total[1]
#- healed
-@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.xfail), 2])
+@pytest.mark.parametrize("n", [pytest.param(1), 2])
"#,
        );
    }

    #[test]
    fn a_mark_that_another_parameter_needs_stays() {
        check(
            r#"
#- tests/test_cart.py
import pytest

@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.xfail), pytest.param(0, marks=pytest.mark.xfail)])
def test_total(n):
    assert n
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_total[1] _________________________________
[XPASS(strict)] 
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total[1]
#- healed
no fix
"#,
        );
    }

    #[track_caller]
    fn marked(mark: &str, test: &str, healed: &str, tier: Tier) {
        let scene = format!(
            r#"
#- before: shop.py
def check(age):
    if age < 18:
        raise ValueError("too young")
    return age
#- shop.py
def check(age):
    return age
#- tests/helpers.py
def same(a, b):
    assert a == b
#- tests/test_age.py
import pytest
from shop import check
from helpers import same

@pytest.mark.xfail({mark})
def test_minor():
    {test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_minor __________________________________
[XPASS(strict)] 
=========================== short test summary info ============================
FAILED tests/test_age.py::test_minor
#- healed
{healed}
"#
        );
        check(&scene);
        let healing = crate::fixture::Scene::parse(&scene).heal();
        assert!(healing.fixes.iter().all(|fix| fix.fix().tier == tier), "{test}: {:?}", healing.fixes);
    }

    #[test]
    fn a_test_that_checks_nothing_without_its_mark_keeps_it() {
        marked("strict=True", "check(12)", "no fix", Tier::Safe);
        marked("raises=ValueError, strict=True", "check(12)", "no fix", Tier::Safe);
        let gone = "-@pytest.mark.xfail(strict=True)";
        marked("strict=True", "assert check(12) == 12", gone, Tier::Safe);
        marked("strict=True", "same(check(12), 12)", gone, Tier::Safe);
    }

    #[test]
    fn a_mark_that_names_the_exception_is_for_a_person() {
        let gone = "-@pytest.mark.xfail(raises=ValueError, strict=True)";
        marked("raises=ValueError, strict=True", "assert check(12) == 12", gone, Tier::Review);
    }
}
