//! The argument of a checker that is what it compares with: `self.validate("SELECT 1", "SELECT (1)")`, a method of a
//! base class of the tests.

use crate::syntax::{Node, Source, children};

use super::super::{Context, calls, checks, names};
use super::{Side, literals, printed};
use literals::Printed;

/// The only argument of the call that failed that its function, of another file of the tests, does nothing with but
/// compare, and that the run printed; with the other side, which is what ran.
pub(in super::super) fn only_compared<'c>(ctx: &'c Context<'_>) -> Option<[Side<'c>; 2]> {
    let call = ctx.statement()?.named_child(0).filter(|node| node.kind() == "call" && !ctx.raised_here())?;
    let checker = ctx.snapshot.callee(&ctx.site.path, call.byte_range())?;
    let is_elsewhere = checker.path != ctx.site.path && checker.path.is_test_code();
    let home = ctx.snapshot.source(&checker.path).filter(|_| is_elsewhere)?;
    let helper = home.function_at(checker.range.start)?;
    let parameters = parameters(&home, helper)?;
    let (one, other) = printed(ctx)?;
    let is_whole = ctx.diagnosis.failure.runtime.as_ref().is_some_and(|seen| seen.whole);
    let side = |node, printed: &String| Side { node, printed: printed.clone(), is_whole };
    let mut found = calls::arguments(ctx.source, call).into_iter().enumerate().filter_map(|(at, argument)| {
        let name = argument.keyword.as_deref().or_else(|| parameters.get(at).copied())?;
        let node = ctx.source.node_at(argument.value.clone()).filter(|_| !argument.is_splat)?;
        let is_it = |printed: &str| is_printed(ctx, node, printed);
        let (was, is) = match (is_it(&one), is_it(&other)) {
            (true, false) => (&one, &other),
            (false, true) => (&other, &one),
            _ => return None,
        };
        only_checked(&home, helper, name).then(|| [side(node, was), side(call, is)])
    });
    found.next().filter(|_| found.next().is_none())
}

/// The names of what a function takes, without the object of a method.
fn parameters<'s>(source: &'s Source, function: Node<'_>) -> Option<Vec<&'s str>> {
    let list = function.child_by_field_name("parameters")?;
    let names = children(list).filter_map(|parameter| names::parameter_name(source, parameter));
    Some(names.filter(|name| !matches!(*name, "self" | "cls")).collect())
}

fn is_printed(ctx: &Context<'_>, node: Node<'_>, printed: &str) -> bool {
    let node = literals::inner(node);
    let printed = Printed::parse(printed);
    let value = printed.as_ref().and_then(|printed| Some((printed.source(), printed.node()?)));
    literals::is_literal(node) && value.is_some_and(|(source, value)| literals::same(ctx.source, node, source, value))
}

/// Whether a function reads the parameter to compare with it, and for nothing else.
fn only_checked(source: &Source, function: Node<'_>, name: &str) -> bool {
    let Some(body) = function.child_by_field_name("body") else { return false };
    let mut uses = names::uses_of(source, body, name).peekable();
    uses.peek().is_some() && uses.all(|used| checks::is_checked(source, used))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A base class of the tests whose method has this body, the call that failed, and what it compared.
    fn scene(body: &str, call: &str, message: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def render(sql):
    return "SELECT (1)"
#- shop.py
def render(sql):
    return "SELECT 1"
#- tests/__init__.py
#- tests/base.py
import unittest

from shop import render

class Validator(unittest.TestCase):
    def validate(self, sql, write=None):
        {body}
#- tests/test_shop.py
from tests.base import Validator

class TestShop(Validator):
    def test_select(self):
        {call}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_select _____________________________
tests/test_shop.py:5: in test_select
    {call}
tests/base.py:7: in validate
    {body}
E   AssertionError: {message}
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_a_base_class_compares_with_is_expected_and_what_the_product_gets_is_not() {
        let compares = "self.assertEqual(write or sql, render(sql))";
        let call = "self.validate(\"SELECT  1\", \"SELECT (1)\")";
        let message = "'SELECT (1)' != 'SELECT 1'";
        let healed = format!("-        {call}\n+        {}", call.replace("(1)", "1"));
        scene(compares, call, message, &healed);
        let named = "self.validate(\"SELECT  1\", write=\"SELECT (1)\")";
        scene(compares, named, message, &format!("-        {named}\n+        {}", named.replace("(1)", "1")));
        // The product gets what is compared.
        scene(compares, "self.validate(\"SELECT (1)\")", message, "no fix");
        scene("self.assertEqual(write, render(write))", call, message, "no fix");
        // What was compared is none of what the test gave.
        scene(compares, call, "'SELECT 2' != 'SELECT 1'", "no fix");
    }
}
