//! An expected call of which mock says no more than that it is missing: what the commit made of the call in the product.

use crate::diagnosis::locate::last_name;
use crate::diagnosis::{Complaint, product};
use crate::fix::Evidence;
use crate::syntax::{Node, Source, descendants};
use crate::workspace::history::Change;

use super::super::calls::{self, Argument};
use super::super::renames::last_part;
use super::super::{Context, expected_value, literals};
use super::{Call, asserting, is_same_place, listed};

/// A call that the test expects, and the one that takes its place.
pub(super) struct Changed<'c> {
    pub written: Node<'c>,
    pub expected: Call,
    pub actual: Call,
    pub evidence: Evidence,
}

/// The only call that the commit made of one which gave what the test expects.
pub(super) fn successor<'c>(ctx: &'c Context<'_>) -> Option<Changed<'c>> {
    let Complaint::NoCall { expected } = ctx.complaint() else { return None };
    let written = asserting(ctx, |name| matches!(name, "assert_any_call" | "assert_any_await"))?;
    let expected = Call::parse(expected)?;
    let name = name(ctx, written, &expected)?;
    let mut found: Vec<(String, Evidence)> = Vec::new();
    for change in product::changes(ctx.snapshot, &ctx.site.path) {
        for (text, evidence) in successors(&change, name, &expected)? {
            if found.iter().all(|(other, _)| *other != text) {
                found.push((text, evidence));
            }
        }
    }
    let (text, evidence) = found.pop().filter(|_| found.is_empty())?;
    let actual = Call::parse(&text)?;
    // Who expects the same call twice says less than before.
    (!listed::is_expected(ctx, written, &actual)).then_some(Changed { written, expected, actual, evidence })
}

/// The name under which the product calls the mock: its own, else that of the test.
fn name<'a>(ctx: &'a Context<'_>, written: Node<'_>, expected: &'a Call) -> Option<&'a str> {
    let own = expected.function().filter(|name| *name != "mock").map(last_part);
    own.or_else(|| {
        let mock = written.child_by_field_name("function")?.child_by_field_name("object")?;
        Some(ctx.source.slice(last_name(mock)?))
    })
}

/// What a change made of the calls by this name that gave the expected one. `None` where one of them went, or passes what is
/// nowhere written: it may be the one that is missed.
fn successors(change: &Change, name: &str, expected: &Call) -> Option<Vec<(String, Evidence)>> {
    let (Some(before), Some(after)) = (change.before.as_deref(), change.after.as_deref()) else {
        return Some(Vec::new());
    };
    if !before.contains(name) {
        return Some(Vec::new());
    }
    let (before, after) = (Source::parse(before), Source::parse(after));
    let (olds, news) = (calls_of(&before, name), calls_of(&after, name));
    let within = |calls: &[(String, Node<'_>)], scope: &str| calls.iter().filter(|(other, _)| other == scope).count();
    let mut found = Vec::new();
    for (index, (scope, old)) in olds.iter().enumerate() {
        let Some(passed) = passed(expected, &before, *old) else { continue };
        // Which of them became which, the order says where none came and none went.
        if within(&olds, scope) != within(&news, scope) {
            return None;
        }
        let at = within(&olds[..index], scope);
        let (_, new) = news.iter().filter(|(other, _)| other == scope).nth(at)?;
        let now = calls::arguments(&after, *new);
        if is_as_before(&passed, &after, &now) {
            continue;
        }
        let text = format!("{}({})", expected.function()?, carried_over(&passed, &after, &now)?);
        let line = new.start_position().row + 1;
        let short = |source: &Source, node: Node<'_>| expected_value::short(source.slice(node));
        let shown = format!(
            "`{}` became `{}` at {}:{line} ({})",
            short(&before, *old),
            short(&after, *new),
            change.path,
            change.subject
        );
        found.push((text, Evidence::commit(&change.commit, shown)));
    }
    Some(found)
}

/// The calls of what is named so, each with the functions and classes around it.
fn calls_of<'t>(source: &'t Source, name: &str) -> Vec<(String, Node<'t>)> {
    let is_so_named = |call: &Node<'_>| {
        let function = call.child_by_field_name("function").and_then(last_name);
        function.is_some_and(|function| source.slice(function) == name)
    };
    let calls = descendants(source.root()).filter(|node| node.kind() == "call").filter(is_so_named);
    calls.map(|call| (scope(source, call), call)).collect()
}

fn scope(source: &Source, call: Node<'_>) -> String {
    let around = std::iter::successors(call.parent(), Node::parent);
    let names = around
        .filter(|node| matches!(node.kind(), "function_definition" | "class_definition"))
        .filter_map(|node| node.child_by_field_name("name"));
    names.map(|name| source.slice(name)).collect::<Vec<_>>().join(".")
}

/// An argument that the product passed, what it wrote for it, and the value of it that the test expects.
struct Passed<'a> {
    argument: Argument,
    written: &'a str,
    value: &'a str,
}

impl Passed<'_> {
    fn is_written_so(&self, after: &Source, new: &Argument) -> bool {
        self.written.split_whitespace().eq(after.text()[new.value.clone()].split_whitespace())
    }
}

/// The arguments of a call of the product, where it gave the expected one.
fn passed<'a>(expected: &'a Call, before: &'a Source, old: Node<'_>) -> Option<Vec<Passed<'a>>> {
    let (wanted, olds) = (expected.arguments(), calls::arguments(before, old));
    if olds.len() != wanted.len() || olds.iter().any(|argument| argument.is_splat) {
        return None;
    }
    let passed = |(index, argument): (usize, Argument)| {
        let (_, value) = wanted.iter().enumerate().find(|(at, other)| is_same_place(&argument, index, other, *at))?;
        let node = before.node_at(argument.value.clone())?;
        let given = expected.source.node_at(value.value.clone())?;
        let may_be = !literals::is_literal(node) || literals::same(before, node, &expected.source, given);
        let written = &before.text()[argument.value.clone()];
        may_be.then(|| Passed { argument, written, value: expected.text(value) })
    };
    olds.into_iter().enumerate().map(passed).collect()
}

/// Whether a call passes what it did.
fn is_as_before(passed: &[Passed<'_>], after: &Source, now: &[Argument]) -> bool {
    let stays = |(at, new): (usize, &Argument)| stays(passed, after, at, new).is_some();
    passed.len() == now.len() && now.iter().enumerate().all(stays)
}

/// What was passed in the same place, written the same way.
fn stays<'p>(passed: &'p [Passed<'p>], after: &Source, at: usize, new: &Argument) -> Option<&'p Passed<'p>> {
    let is_it = |(index, old): &(usize, &Passed<'_>)| is_same_place(&old.argument, *index, new, at);
    passed.iter().enumerate().find(is_it).map(|(_, old)| old).filter(|old| old.is_written_so(after, new))
}

/// The expected arguments after the change: what the product passes on as before has the value that was expected. `None`
/// where it passes something that is nowhere written.
fn carried_over(passed: &[Passed<'_>], after: &Source, now: &[Argument]) -> Option<String> {
    let text = |(at, new): (usize, &Argument)| {
        let carried = stays(passed, after, at, new).or_else(|| passed.iter().find(|old| old.is_written_so(after, new)));
        let literal = || after.node_at(new.value.clone()).filter(|node| literals::is_literal(*node));
        let value = match carried {
            Some(old) => old.value,
            None => after.slice(literal().filter(|_| !new.is_splat)?),
        };
        Some(match &new.keyword {
            Some(keyword) => format!("{keyword}={value}"),
            None => value.to_string(),
        })
    };
    Some(now.iter().enumerate().map(text).collect::<Option<Vec<_>>>()?.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// `http.send(path, 5)` became `http.{became}` in the product, which declares `send({parameters})`; the test expects
    /// `send("/a", 5)`, said of a mock by the name `send`.
    fn scene(parameters: &str, became: &str, asserted: &str, healed: &str) -> String {
        let healed = match healed {
            "no fix" => "no fix".to_string(),
            new => format!("-    send.assert_any_call({asserted})\n+    send.assert_any_call({new})"),
        };
        format!(
            r#"
#- before: http.py
def send(path, timeout=1):
    return path
#- http.py
def send({parameters}):
    return path
#- before: shop.py
import http

def ask(path):
    http.send(path, 5)

def hello():
    http.send("/hello", 5)
#- shop.py
import http

def ask(path):
    http.{became}

def hello():
    http.send("/hello", 5)
#- tests/test_shop.py
from unittest.mock import patch
import shop

@patch("http.send")
def test_ask(send):
    shop.ask("/a")
    shop.ask("/b")
    send.assert_any_call("/b", 6)
    send.assert_any_call({asserted})
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ask ___________________________________

send = <MagicMock name='send' id='139'>

    @patch("http.send")
    def test_ask(send):
        shop.ask("/a")
        shop.ask("/b")
        send.assert_any_call("/b", 6)
>       send.assert_any_call({asserted})
E       AssertionError: send({}) call not found

tests/test_shop.py:9: AssertionError
#- healed
{healed}
"#,
            asserted.replace('"', "'")
        )
    }

    fn tier(scene: &str) -> Tier {
        check(scene);
        Scene::parse(scene).heal().fixes[0].fix().tier
    }

    const TIMEOUT: &str = "path, timeout=1";

    #[test]
    fn an_argument_that_is_passed_by_its_name_now() {
        let named = r#""/a", timeout=5"#;
        assert_eq!(tier(&scene(TIMEOUT, "send(path, timeout=5)", r#""/a", 5"#, named)), Tier::Safe);
        assert_eq!(tier(&scene("path, wait=1", "send(path, wait=5)", r#""/a", 5"#, r#""/a", wait=5"#)), Tier::Review);
        check(&scene("path, wait=1", "send(path, timeout=5)", r#""/a", 5"#, "no fix"));
    }

    #[test]
    fn another_value_one_more_and_one_less_are_a_persons_to_accept() {
        let was = r#""/a", 5"#;
        assert_eq!(tier(&scene(TIMEOUT, "send(path, 30)", was, r#""/a", 30"#)), Tier::Review);
        assert_eq!(tier(&scene(TIMEOUT, "send(path, 5, secure=True)", was, r#""/a", 5, secure=True"#)), Tier::Review);
    }

    #[test]
    fn a_call_that_no_one_made_or_that_passes_what_is_not_written_is_no_fix() {
        let was = r#""/a", 5"#;
        // The product never passed 7.
        check(&scene(TIMEOUT, "send(path, 30)", r#""/a", 7"#, "no fix"));
        check(&scene(TIMEOUT, "send(path, 5, secure=SECURE)", was, "no fix"));
        check(&scene(TIMEOUT, "send(path, LONG)", was, "no fix"));
        check(&scene(TIMEOUT, "send(path, **more)", was, "no fix"));
        check(&scene(TIMEOUT, "send(path, 5)", was, "no fix"));
        // Another check asks for that already.
        check(&scene(TIMEOUT, "send(path, 6)", r#""/b", 5"#, "no fix"));
    }
}
