//! Several calls that a mock had to get, `assert_has_calls([…])`: which of those that it got took their places.

use crate::diagnosis::Complaint;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children};

use super::super::confidence::Odds;
use super::super::literals::{self, Printed};
use super::super::{Context, comparison, expected_value};
use super::{Call, STRATEGY, asserting, listed};

/// The calls that the run made in the place of those, for a person.
pub(super) fn several_calls(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::OtherCalls { expected, actual } = ctx.complaint() else { return None };
    let call = asserting(ctx, |name| matches!(name, "assert_has_calls" | "assert_has_awaits"))?;
    let (was, made) = (Printed::read(expected, false)?, Printed::read(actual, false)?);
    let written = written(ctx, call, &was)?;
    let made = in_their_place(&was, &made)?;
    let mut changes = Vec::new();
    for ((node, old), new) in written.into_iter().zip(calls(&was)?).zip(&made) {
        let (old, new) = (Printed::read(was.source().slice(old), false)?, Printed::read(new, false)?);
        changes.extend(literals::changes(ctx.source, node, Some(&old), &new, &|part| comparison::part(ctx, part))?);
    }
    // What is named twice changes once.
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    changes.dedup();
    if changes.is_empty() || changes.windows(2).any(|two| two[0].0.end > two[1].0.start) {
        return None;
    }
    let text = format!("the run made the calls {}", expected_value::short(&format!("[{}]", made.join(", "))));
    let evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }];
    fixes.push(Fix {
        title: "Expect the calls that were made".to_string(),
        strategy: STRATEGY.id,
        edits: changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect(),
        confidence: Odds::of(&evidence).doubt(0.3).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// The calls as the test writes them: all of them, or, where the order did not matter, those that mock misses.
fn written<'c>(ctx: &'c Context<'_>, call: Node<'c>, was: &Printed) -> Option<Vec<Node<'c>>> {
    let given = call.child_by_field_name("arguments")?.named_child(0)?;
    let list = comparison::assigned(ctx, given).unwrap_or(given);
    let written: Vec<Node<'c>> = Some(list).filter(|list| list.kind() == "list").map(children)?.collect();
    let missed = calls(was)?;
    if was.node()?.kind() == "list" {
        return (written.len() == missed.len()).then_some(written);
    }
    let only = |missed: Node<'_>| {
        let missed = Call::parse(was.source().slice(missed))?;
        let mut alike = written.iter().filter(|call| listed::may_be(ctx, **call, &missed));
        alike.next().filter(|_| alike.next().is_none()).copied()
    };
    missed.into_iter().map(only).collect()
}

/// The calls of a printed list, or of the tuple of those that are missed.
fn calls(printed: &Printed) -> Option<Vec<Node<'_>>> {
    printed.node().filter(|all| matches!(all.kind(), "list" | "tuple")).map(|all| children(all).collect())
}

/// The calls that were made where the expected ones were looked for: all of them where they are as many, else those in a
/// row that are most like them.
fn in_their_place(expected: &Printed, made: &Printed) -> Option<Vec<String>> {
    let (olds, news) = (calls(expected)?, calls(made)?);
    let called = |source: &Source, call: Node<'_>| {
        call.child_by_field_name("function").map(|function| source.slice(function).to_string())
    };
    // The same call says most, one of the same function something.
    let likeness = |(old, new): (&Node<'_>, &Node<'_>)| {
        let is_same = literals::same(expected.source(), *old, made.source(), *new);
        let is_of_function = called(expected.source(), *old) == called(made.source(), *new);
        usize::from(is_same) + usize::from(is_of_function)
    };
    let alike = |window: &[Node<'_>]| olds.iter().zip(window).map(likeness).sum::<usize>();
    let mut windows: Vec<(usize, &[Node<'_>])> =
        news.windows(olds.len().max(1)).map(|window| (alike(window), window)).collect();
    windows.sort_by_key(|(alike, _)| std::cmp::Reverse(*alike));
    let (best, window) = windows.first()?;
    let is_one = windows.get(1).is_none_or(|(next, _)| next < best);
    let texts = window.iter().map(|node| made.source().slice(*node).to_string()).collect();
    (is_one && olds.len() == window.len()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// `assert_has_calls` in any order, with what mock missed and what it found.
    fn scene(list: &str, missed: &str, found: &str, healed: &str) {
        let healed = match healed {
            "no fix" => "no fix".to_string(),
            new => format!("-    expected = {list}\n+    expected = {new}"),
        };
        check(&format!(
            r#"
#- tests/test_mail.py
from unittest.mock import call

def test_mail(send, name):
    expected = {list}
    remind(send)
    send.assert_has_calls(expected, any_order=True)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(send, name):
        expected = {list}
        remind(send)
>       send.assert_has_calls(expected, any_order=True)
E       AssertionError: 'mock' does not contain all of ({missed},) in its call list, found [{found}] instead

tests/test_mail.py:7: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn the_call_that_is_missed_in_any_order_becomes_the_one_that_is_left() {
        scene(
            r#"[call("bob", 1), call(name, 2)]"#,
            "call('ada', 2)",
            "call('ada', 2, urgent=True)",
            r#"[call("bob", 1), call(name, 2, urgent=True)]"#,
        );
        // Which of them it should have been, nobody knows.
        scene(r#"[call("bob", 1), call(name, 2)]"#, "call('ada', 2)", "call('ada', 3), call('ada', 4)", "no fix");
        scene("[call(name, 2), call(other, 2)]", "call('ada', 2)", "call('ada', 3)", "no fix");
        scene(r#"[call("bob", 1), call(name, 2)]"#, "call('ada', 2)", "call('eve', 3)", "no fix");
    }
}
