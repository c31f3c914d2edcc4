//! An expected call that has to be in the list of those that a mock got: which of them took its place.

use crate::diagnosis::locate::last_name;
use crate::syntax::{Node, Source, children, descendants};

use super::super::{Context, calls, comparison, literals};
use super::{Call, is_same_place};

/// The call as the test writes it, as it was printed, and the only one of the list that is nearly the same.
pub(super) fn successor<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Call, Call)> {
    let (side, calls) = comparison::contained(ctx)?;
    let written = comparison::declared(ctx, &side, &|node| node.kind() == "call" && is_expectation(ctx.source, node))?;
    let expected = Call::parse(&side.printed)?;
    let list = Call::parse(&format!("list({})", one_line(&calls)))?;
    let made = list.node()?.child_by_field_name("arguments")?.named_child(0).filter(|node| node.kind() == "list")?;
    let made = children(made).filter_map(|call| Call::parse(list.source.slice(call)));
    let mut nearly = made.filter(|actual| is_nearly(&expected, actual));
    let actual = nearly.next().filter(|_| nearly.next().is_none())?;
    // Who expects the same call twice says less than before.
    (!is_expected(ctx, written, &actual)).then_some((written, expected, actual))
}

/// A list of calls as mock lays it out, one call a line, in pytest's escapes or as it is.
fn one_line(calls: &str) -> String {
    calls.replace(",\\n call", ", call").replace(",\n call", ", call")
}

/// `call(…)`, `mock.call.send(…)`.
fn is_expectation(source: &Source, call: Node<'_>) -> bool {
    let function = call.child_by_field_name("function").map(|function| source.slice(function));
    function.is_some_and(|function| function.split('.').any(|part| part == "call"))
}

/// Whether two calls are of one function, begin alike and have at most one other value, whatever came.
fn is_nearly(expected: &Call, actual: &Call) -> bool {
    let (olds, news) = (expected.arguments(), actual.arguments());
    let is_kept = |index: usize| {
        let mut places = news.iter().enumerate();
        let found = places.find(|(at, new)| is_same_place(&olds[index], index, new, *at));
        found.is_some_and(|(_, new)| expected.text(&olds[index]) == actual.text(new))
    };
    let others = (0..olds.len()).filter(|index| !is_kept(*index)).count();
    let begins_alike = olds.is_empty() || is_kept(0);
    expected.function() == actual.function() && begins_alike && others < 2
}

/// Whether another check of the test asks for that call, as far as its arguments are written out.
pub(super) fn is_expected(ctx: &Context<'_>, written: Node<'_>, actual: &Call) -> bool {
    let asks = |call: &Node<'_>| {
        let name = call.child_by_field_name("function").and_then(last_name).map(|name| ctx.source.slice(name));
        is_expectation(ctx.source, *call) || name.is_some_and(|name| name.starts_with("assert_"))
    };
    let calls = descendants(ctx.scope()).filter(|node| node.kind() == "call" && *node != written);
    calls.filter(asks).any(|call| may_be(ctx, call, actual))
}

/// Whether a call of the test may be the printed one, as far as its arguments are written out.
pub(super) fn may_be(ctx: &Context<'_>, call: Node<'_>, printed: &Call) -> bool {
    let (olds, news) = (calls::arguments(ctx.source, call), printed.arguments());
    let is_same = |(index, old): (usize, &calls::Argument)| {
        let place = news.iter().enumerate().find(|(at, new)| is_same_place(old, index, new, *at));
        let nodes = place.and_then(|(_, new)| {
            Some((ctx.source.node_at(old.value.clone())?, printed.source.node_at(new.value.clone())?))
        });
        let is_value = |(old, new)| literals::same(ctx.source, old, &printed.source, new);
        nodes.is_some_and(|(old, new)| !literals::is_literal(old) || is_value((old, new)))
    };
    olds.len() == news.len() && olds.iter().enumerate().all(is_same)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(statement: &str, said: &str, healed: &str) {
        let healed = match healed {
            "no fix" => "no fix".to_string(),
            new => format!("-    {statement}\n+    {new}"),
        };
        check(&format!(
            r#"
#- tests/test_op.py
from unittest import mock

def test_op(self, impl, column):
    add(impl, column)
    impl.drop("old")
    assert mock.call.drop("old") in impl.mock_calls
    {statement}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_op ____________________________________

    def test_op(self, impl, column):
        add(impl, column)
        impl.drop("old")
        assert mock.call.drop("old") in impl.mock_calls
>       {statement}
{said}

tests/test_op.py:7: AssertionError
#- healed
{healed}
"#
        ));
    }

    const COLUMN: &str = "Column('x', <Integer>)";

    fn compared(expected: &str, calls: &str) -> String {
        let (expected, calls) = (expected.replace("column", COLUMN), calls.replace("column", COLUMN));
        format!("E       AssertionError: assert {expected} in {calls}")
    }

    #[test]
    fn a_keyword_more_or_another_value() {
        let statement = r#"assert mock.call.add("t", column, schema=None) in impl.mock_calls"#;
        let expected = "call.add('t', column, schema=None)";
        scene(
            statement,
            &compared(
                expected,
                "[call.add('t', column, schema=None, inline=True),\\n call.drop('old'), call.add('u', column)]",
            ),
            r#"assert mock.call.add("t", column, schema=None, inline=True) in impl.mock_calls"#,
        );
        scene(
            statement,
            &compared(expected, "[call.add('t', column, schema='main')]"),
            r#"assert mock.call.add("t", column, schema="main") in impl.mock_calls"#,
        );
        scene(
            r#"self.assertIn(mock.call("t", 1), impl.call_args_list)"#,
            "E       AssertionError: call('t', 1) not found in [call('t', 2),\nE        call('u', 2)]",
            r#"self.assertIn(mock.call("t", 2), impl.call_args_list)"#,
        );
    }

    #[test]
    fn another_call_or_one_of_two_is_no_fix() {
        let statement = r#"assert mock.call.add("t", 1, schema=None) in impl.mock_calls"#;
        let among = |calls: &str| scene(statement, &compared("call.add('t', 1, schema=None)", calls), "no fix");
        among("[call.add('t', 1, schema='a'), call.add('t', 1, schema='b')]");
        among("[call.add('u', 1, schema=None)]");
        among("[call.add('t', 2, schema='a')]");
        among("[call.insert('t', 1, schema=None, inline=True)]");
        among("[call.add('t', 1, schema=<Schema a>)]");
        among("[call.add('t', 1, sche...=True)]");
        among("[]");
    }

    #[test]
    fn a_call_that_another_check_expects_is_no_fix() {
        scene(
            r#"assert mock.call.drop("old", 1) in impl.mock_calls"#,
            &compared("call.drop('old', 1)", "[call.drop('old')]"),
            "no fix",
        );
    }
}
