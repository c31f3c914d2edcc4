//! `assert_called_with` whose arguments are others now: those that differ are updated, for a person to
//! accept.

mod changed;
mod listed;
pub(super) mod named;
mod several;

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::words::occurrences;

use super::calls::{self, Argument};
use super::confidence::{Odds, TOLD};
use super::literals::{self, Printed};
use super::{Context, Strategy, comparison, constructors, expected_constant, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-call",
    categories: &[Category::AssertionError],
    summary: "Updates the arguments that a mock is expected to be called with, as a proposal for a person.",
    example: r#"
#- tests/test_mail.py
def test_mail(send):
    welcome("ada", send)
    send.assert_called_once_with("ada", subject="Hello", retries=1)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(send):
        welcome("ada", send)
>       send.assert_called_once_with("ada", subject="Hello", retries=1)
E       AssertionError: expected call not found.
E       Expected: mock('ada', subject='Hello', retries=1)
E         Actual: mock('ada', subject='Welcome', retries=1, urgent=True)

tests/test_mail.py:3: AssertionError
#- healed
-    send.assert_called_once_with("ada", subject="Hello", retries=1)
+    send.assert_called_once_with("ada", subject="Welcome", retries=1, urgent=True)
"#,
    propose: expected_call,
};

fn expected_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    one_call(ctx, fixes)
        .or_else(|| several::several_calls(ctx, fixes))
        .or_else(|| listed_call(ctx, fixes))
        .or_else(|| changed_call(ctx, fixes))
}

/// The call of the statement that asks the mock, by the name of its method.
fn asserting<'c>(ctx: &'c Context<'_>, is_it: impl Fn(&str) -> bool) -> Option<Node<'c>> {
    descendants(ctx.statement()?).filter(|node| node.kind() == "call").find(|call| {
        let name = call.child_by_field_name("function").and_then(crate::diagnosis::locate::last_name);
        name.is_some_and(|name| is_it(ctx.source.slice(name)))
    })
}

fn one_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::OtherCall { expected, actual } = ctx.complaint() else { return None };
    let call = asserting(ctx, |name| name.starts_with("assert_"))?;
    let actual = Call::parse(actual)?;
    fixes.push(expecting(ctx, call, &Call::parse(expected)?, &actual, made(&actual))?);
    Some(())
}

/// `assert call(…) in m.mock_calls`: the one call in the list that took its place.
fn listed_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (call, expected, actual) = listed::successor(ctx)?;
    fixes.push(expecting(ctx, call, &expected, &actual, made(&actual))?);
    Some(())
}

/// `assert_any_call(…)`, which does not say what there was: the call as the commit changed it in the product.
fn changed_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let found = changed::successor(ctx)?;
    fixes.push(expecting(ctx, found.written, &found.expected, &found.actual, found.evidence)?);
    Some(())
}

/// What the run shows of the call that it made.
fn made(actual: &Call) -> Evidence {
    let text = format!("the run made the call {}", super::expected_value::short(actual.source.text().trim()));
    Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }
}

/// The fix that lets the test expect `actual` where it writes `call`, which `shown` shows.
fn expecting(ctx: &Context<'_>, call: Node<'_>, expected: &Call, actual: &Call, shown: Evidence) -> Option<Fix> {
    let named = named::named(expected, actual);
    if named::is_refused(ctx, actual, &named) {
        return None;
    }
    let (edits, came) = edits(ctx, call, [expected, actual], &named)?;
    if edits.is_empty() {
        return None;
    }
    let mut evidence = vec![shown];
    let new: Option<Vec<Evidence>> =
        came.iter().map(|came| new_parameter(ctx, actual, came)).collect::<Option<Vec<_>>>();
    let only_new = came.len() == edits.len();
    let mut is_certain = only_new && new.is_some();
    let mut doubt = if is_certain { 0.0 } else { 0.3 };
    evidence.extend(new.into_iter().flatten());
    if named.len() == edits.len()
        && let Some(same) = named::is_same_call(ctx, call, expected, &named)
    {
        (is_certain, doubt) = (true, 0.0);
        evidence.extend(same);
    }
    if !is_certain && let Some(told) = told::told(ctx) {
        is_certain = told.is_certain && told.tells_of(expected.source.text(), actual.source.text());
        evidence.extend(told.evidence);
        doubt = TOLD;
    }
    Some(Fix {
        title: "Expect the arguments of the call that was made".to_string(),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: if is_certain { Tier::Safe } else { Tier::Review },
    })
}

/// The commit that gave functions of the product the parameter `name` with this value by default, where it is
/// named at several places: a call that passes it on is meant. One that passes another value than its own function takes by
/// default is not it.
fn new_parameter(ctx: &Context<'_>, call: &Call, (name, value): &Came) -> Option<Evidence> {
    let signature = named::function(ctx, call).and_then(|function| function.signature);
    let default = signature.as_ref().and_then(|signature| signature.parameter(name)?.default.as_deref());
    if default.is_some_and(|default| default != value) {
        return None;
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let brings: Vec<&Hunk> = hunks
        .iter()
        .filter(|hunk| hunk.is_python())
        .filter(|hunk| names(&hunk.added, name) && !names(&hunk.removed, name))
        .collect();
    let by_default = |line: &String| {
        let line = line.trim();
        let rest = line.find(&format!("{name}:")).or_else(|| line.find(&format!("{name}="))).map(|at| &line[at..]);
        let default = rest.and_then(|rest| rest.split_once('=')).map(|(_, default)| default.trim());
        default.is_some_and(|default| {
            default.strip_prefix(value).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
    };
    let hunk = brings.iter().find(|hunk| hunk.added.iter().any(by_default))?;
    let text = format!("`{name}={value}` came at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
    (brings.len() > 1).then(|| Evidence::commit(&hunk.commit, text))
}

fn names(lines: &[String], word: &str) -> bool {
    lines.iter().any(|line| occurrences(line, word).next().is_some())
}

/// A call as mock printed it.
struct Call {
    source: Source,
}

impl Call {
    fn parse(text: &str) -> Option<Self> {
        let source = Source::parse(constructors::readable(text.trim()).filter(|text| !text.contains("..."))?);
        let call = Self { source };
        (!call.source.root().has_error() && call.node().is_some()).then_some(call)
    }

    fn node(&self) -> Option<Node<'_>> {
        children(self.source.root()).next()?.named_child(0).filter(|node| node.kind() == "call")
    }

    fn function(&self) -> Option<&str> {
        Some(self.source.slice(self.node()?.child_by_field_name("function")?))
    }

    fn arguments(&self) -> Vec<Argument> {
        self.node().map(|node| calls::arguments(&self.source, node)).unwrap_or_default()
    }

    fn text(&self, argument: &Argument) -> &str {
        &self.source.text()[argument.value.clone()]
    }
}

/// A keyword that came, with its value.
type Came = (String, String);

/// The arguments of the test's call that have to change: replaced, named, taken out, put in at the end. And those
/// that came.
fn edits(
    ctx: &Context<'_>,
    call: Node<'_>,
    [expected, actual]: [&Call; 2],
    named: &[named::Named],
) -> Option<(Vec<Edit>, Vec<Came>)> {
    let (written, old, new) = (calls::arguments(ctx.source, call), expected.arguments(), actual.arguments());
    let splat = |arguments: &[Argument]| arguments.iter().any(|argument| argument.is_splat);
    if written.len() != old.len() || splat(&written) {
        return None;
    }
    let mut edits = Vec::new();
    for (index, (argument, old)) in written.iter().zip(&old).enumerate() {
        match new.iter().enumerate().find(|(at, other)| is_same_place(old, index, other, *at)) {
            Some((_, other)) if actual.text(other) == expected.text(old) => {}
            Some((_, other)) => edits.extend(update(ctx, argument, [expected.text(old), actual.text(other)])?),
            None if let Some((_, name)) = named.iter().find(|(at, _)| *at == index) => {
                edits.push(Edit::insert(&ctx.site.path, argument.value.start, format!("{name}=")));
            }
            None if argument.keyword.is_some() => {
                edits.push(calls::remove_argument(ctx.source, &ctx.site.path, &written, index)?);
            }
            None => return None,
        }
    }
    let is_named = |other: &Argument| named.iter().any(|(_, name)| other.keyword.as_ref() == Some(name));
    let came = new.iter().enumerate().filter(|(at, other)| {
        !is_named(other) && !old.iter().enumerate().any(|(i, o)| is_same_place(o, i, other, *at))
    });
    let mut names = Vec::new();
    for (_, argument) in came {
        let value = Printed::parse(actual.text(argument))?;
        let list = call.child_by_field_name("arguments")?;
        let is_after = |other: &&Argument| argument.keyword.is_some() || other.keyword.is_none();
        let last = written.iter().rfind(is_after);
        let text = match &argument.keyword {
            Some(keyword) => format!("{keyword}={}", value.text()),
            None => value.text().to_string(),
        };
        edits.push(match last {
            Some(last) => Edit::insert(&ctx.site.path, last.range.end, format!("{}{text}", separator(ctx, &written))),
            None if written.is_empty() => Edit::insert(&ctx.site.path, list.start_byte() + 1, text),
            None => return None,
        });
        if let Some(keyword) = &argument.keyword {
            names.push((keyword.clone(), value.text().to_string()));
        }
    }
    Some((edits, names))
}

/// What stands before one more argument: what stands between the last two.
fn separator(ctx: &Context<'_>, written: &[Argument]) -> String {
    match written {
        [] => String::new(),
        [.., before, last] => {
            let between = &ctx.source.text()[before.range.end..last.range.start];
            if between.contains('#') { ", ".to_string() } else { between.to_string() }
        }
        _ => ", ".to_string(),
    }
}

fn is_same_place(old: &Argument, index: usize, new: &Argument, at: usize) -> bool {
    old.keyword == new.keyword && (old.keyword.is_some() || index == at)
}

/// The edits that let an argument be what was printed last where it was what was printed first.
fn update(ctx: &Context<'_>, argument: &Argument, [was, is]: [&str; 2]) -> Option<Vec<Edit>> {
    let node = ctx.source.node_at(argument.value.clone())?;
    let literal = || {
        let changes =
            literals::changes(ctx.source, node, None, &Printed::parse(is)?, &|part| comparison::part(ctx, part))?;
        Some(changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect())
    };
    literal().or_else(|| expected_constant::of_value(ctx, node, [was, is]))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn one_more_position_after_an_object() {
        let scene = |expected: &str, actual: &str, healed: &str| {
            format!(
                r#"
#- tests/test_style.py
def test_style(app, config):
    guide(app, config)
    app.find.assert_called_once_with(config, "here", strict=True)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_style __________________________________

    def test_style(app, config):
        guide(app, config)
>       app.find.assert_called_once_with(config, "here", strict=True)
E       AssertionError: expected call not found.
E       Expected: find({expected}, 'here', strict=True)
E         Actual: find({actual}, strict=True)

tests/test_style.py:3: AssertionError
#- healed
{healed}
"#
            )
        };
        let object = "<configparser.RawConfigParser object at 0x7f2d6cb9d790>";
        let healed = r#"-    app.find.assert_called_once_with(config, "here", strict=True)
+    app.find.assert_called_once_with(config, "here", None, strict=True)"#;
        check(&scene(object, &format!("{object}, 'here', None"), healed));
        let other = "<configparser.RawConfigParser object at 0x7f2d6cb9d7f0>";
        check(&scene(object, &format!("{other}, 'here', None"), "no fix"));
        check(&scene(object, &format!("{object}, 'here', {other}"), "no fix"));
    }

    #[test]
    fn what_pytest_mock_compares_once_more_is_no_part_of_the_call() {
        check(
            r#"
#- tests/test_copy.py
def test_copy(mocker):
    copy = mocker.patch("shop.copy")
    run()
    copy.assert_called_once_with("a", "b", symlinks=True)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_copy ___________________________________

    def test_copy(mocker):
        copy = mocker.patch("shop.copy")
        run()
>       copy.assert_called_once_with("a", "b", symlinks=True)
E       AssertionError: expected call not found.
E       Expected: copy('a', 'b', symlinks=True)
E         Actual: copy('a', 'b', dirs_exist_ok=True, symlinks=True)
E       
E       pytest introspection follows:
E       
E       Kwargs:
E       assert {'dirs_exist_ok': True, 'symlinks': True} == {'symlinks': True}
E         
E         Common items:
E         {'symlinks': True}
E         Left contains 1 more item:
E         {'dirs_exist_ok': True}

tests/test_copy.py:4: AssertionError
#- healed
-    copy.assert_called_once_with("a", "b", symlinks=True)
+    copy.assert_called_once_with("a", "b", symlinks=True, dirs_exist_ok=True)
"#,
        );
    }

    #[test]
    fn calls_in_a_list_follow_one_by_one() {
        let scene = |statement: &str, said: &str, healed: &str| {
            check(&format!(
                r#"
#- tests/test_mail.py
from unittest import mock

def test_mail(send):
    remind(send)
    {statement}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(send):
        remind(send)
>       {statement}
{said}

tests/test_mail.py:5: AssertionError
#- healed
{healed}
"#
            ));
        };
        scene(
            r#"assert send.call_args_list == [mock.call("ann", 25), mock.call("bob", 25)]"#,
            "E       AssertionError: assert [call('ann', 587), call('bob', 587, urgent=True)] == [call('ann', 25), call('bob', 25)]",
            r#"-    assert send.call_args_list == [mock.call("ann", 25), mock.call("bob", 25)]
+    assert send.call_args_list == [mock.call("ann", 587), mock.call("bob", 587, urgent=True)]"#,
        );
        scene(
            r#"send.assert_has_calls([mock.call("ann", 25, retries=1), mock.call.quit()])"#,
            "E       AssertionError: Calls not found.
E       Expected: [call('ann', 25, retries=1), call.quit()]
E         Actual: [call('bob', 25), call('ann', 587), call.quit()]",
            r#"-    send.assert_has_calls([mock.call("ann", 25, retries=1), mock.call.quit()])
+    send.assert_has_calls([mock.call("ann", 587), mock.call.quit()])"#,
        );
        // Which of the two it should have been, nobody knows.
        scene(
            r#"send.assert_has_calls([mock.call("ann", 25)])"#,
            "E       AssertionError: Calls not found.
E       Expected: [call('ann', 25)]
E         Actual: [call('bob', 587), call('ann', 587)]",
            "no fix",
        );
        scene(
            r#"send.assert_has_calls([mock.call("ann", 25)])"#,
            "E       AssertionError: Calls not found.
E       Expected: [call('ann', 25)]
E         Actual: [call('ann', 587), call().quit()]",
            r#"-    send.assert_has_calls([mock.call("ann", 25)])
+    send.assert_has_calls([mock.call("ann", 587)])"#,
        );
        scene(
            r#"send.assert_has_calls([mock.call("ann", 25)])"#,
            "E       AssertionError: Calls not found.
E       Expected: [call('ann', 25)]
E         Actual: []",
            "no fix",
        );
    }

    #[test]
    fn a_constant_of_the_product_by_the_value_of_another() {
        let scene = |written: &str, said: [&str; 2], healed: &str| {
            let line = |argument: &str| format!("    send.assert_called_once_with(\"ada\", status={argument})");
            let healed = match healed {
                "no fix" => "no fix".to_string(),
                new => format!("-{}\n+{}", line(written), line(new)),
            };
            let [expected, actual] = said;
            let line = line(written);
            check(&format!(
                r#"
#- shop.py
from enum import Enum
class Status(Enum):
    OK = 200
    MOVED = 301
    BAD_REQUEST = 400
    GONE = 410
    LOST = 410
class Kind:
    TEA = "tea"
    MILK = "milk"
def reply(name, send):
    send(name, status=Status.BAD_REQUEST.value)
#- tests/test_mail.py
from shop import Kind, Status, reply
def test_mail(send):
    reply("ada", send)
{line}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(send):
        reply("ada", send)
>   {line}
E       AssertionError: expected call not found.
E       Expected: mock('ada', status={expected})
E         Actual: mock('ada', status={actual})

tests/test_mail.py:4: AssertionError
#- healed
{healed}
"#
            ));
        };
        scene("Status.OK.value", ["200", "400"], "Status.BAD_REQUEST.value");
        scene("Status.OK.value", ["200", "301"], "Status.MOVED.value");
        scene("Status.OK.value", ["200", "302"], "no fix");
        scene("Status.OK", ["<Status.OK: 200>", "<Status.BAD_REQUEST: 400>"], "Status.BAD_REQUEST");
        scene("Kind.TEA", ["'tea'", "'milk'"], "Kind.MILK");
        scene("Status.OK.value", ["200", "404"], "no fix");
        scene("Status.OK.value", ["200", "410"], "no fix");
        scene("Status.OK", ["<Status.OK: 200>", "<State.BAD_REQUEST: 400>"], "no fix");
        scene("Kind.TEA", ["'tea'", "'rum'"], "no fix");
    }

    #[test]
    fn an_object_that_no_literal_names_is_no_fix() {
        check(
            r#"
#- tests/test_mail.py
def test_mail(send):
    welcome("ada", send)
    send.assert_called_once_with("ada")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(send):
        welcome("ada", send)
>       send.assert_called_once_with("ada")
E       AssertionError: expected call not found.
E       Expected: mock('ada')
E         Actual: mock(<User 'ada'>)

tests/test_mail.py:3: AssertionError
#- healed
no fix
"#,
        );
    }
}
