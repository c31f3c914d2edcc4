//! Fewer arguments by place than a test expects of a mock's call: what went may be passed by keyword now, and nobody would
//! check it.

use crate::strategies::Context;
use crate::strategies::literals::Printed;
use crate::strategies::names;
use crate::syntax::{Node, descendants};

/// What a mock keeps of its calls.
const CALLS: [&str; 3] = ["call_args", "await_args", "mock_calls"];

/// Whether an argument may have moved out of what is compared.
pub(super) fn may_be(ctx: &Context<'_>, expected: Node<'_>, actual: Node<'_>, printed: &Printed) -> bool {
    let is_fewer = || printed.node().is_some_and(|now| now.named_child_count() < expected.named_child_count());
    let is_of_call = |node: Node<'_>| CALLS.iter().any(|name| ctx.source.slice(node).contains(name));
    expected.kind() == "tuple" && is_fewer() && (is_of_call(actual) || set(ctx, actual).any(is_of_call))
}

/// The assignments that name what is compared: `args, kwargs = send.call_args`.
fn set<'c>(ctx: &'c Context<'_>, compared: Node<'c>) -> impl Iterator<Item = Node<'c>> {
    let name = ctx.source.slice(compared);
    let names_it = move |assignment: &Node<'c>| {
        let target = assignment.child_by_field_name("left").filter(|_| assignment.kind() == "assignment");
        target.is_some_and(|target| names::uses_of(ctx.source, target, name).next().is_some())
    };
    let function = ctx.source.function_at(compared.start_byte());
    function.into_iter().flat_map(descendants).filter(names_it)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn an_argument_by_place_that_went_is_still_to_be_checked() {
        let scene = |given: &str, got: &str, healed: &str| {
            check(&format!(
                r#"
#- shop.py
def notify(send):
    {given}
#- tests/test_shop.py
from unittest.mock import Mock
from shop import notify

def test_notify():
    send = Mock()
    notify(send)
    args, kwargs = send.call_args
    assert args == ("ann", "Bye")
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_notify __________________________________

    def test_notify():
        send = Mock()
        notify(send)
        args, kwargs = send.call_args
>       assert args == ("ann", "Bye")
E       AssertionError: assert {got} == ('ann', 'Bye')

tests/test_shop.py:8: AssertionError
#- healed
{healed}
"#
            ));
        };
        scene("send(\"ann\", subject=\"Bye\")", "('ann',)", "no fix");
        let healed = "-    assert args == (\"ann\", \"Bye\")\n+    assert args == (\"ann\", \"Hello\")";
        scene("send(\"ann\", \"Hello\")", "('ann', 'Hello')", healed);
    }
}
