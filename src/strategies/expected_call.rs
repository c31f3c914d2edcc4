//! `assert_called_with` whose arguments are others now: those that differ are updated, for a person to
//! accept.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;

use super::calls::{self, Argument};
use super::confidence::Odds;
use super::literals::{self, Printed};
use super::{Context, Strategy};

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
    let Complaint::OtherCall { expected, actual } = ctx.complaint() else { return None };
    let call = descendants(ctx.statement()?).filter(|node| node.kind() == "call").find(|call| {
        let name = call.child_by_field_name("function").and_then(crate::diagnosis::locate::last_name);
        name.is_some_and(|name| ctx.source.slice(name).starts_with("assert_"))
    })?;
    let (expected, actual) = (Call::parse(expected)?, Call::parse(actual)?);
    let edits = edits(ctx, call, &expected, &actual)?;
    if edits.is_empty() {
        return None;
    }
    let text = format!("the run made the call {}", super::expected_value::short(actual.source.text().trim()));
    let evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }];
    fixes.push(Fix {
        title: "Expect the arguments of the call that was made".to_string(),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(0.3).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// A call as mock printed it.
struct Call {
    source: Source,
}

impl Call {
    fn parse(text: &str) -> Option<Self> {
        let source = Source::parse(text.trim().to_string());
        let call = Self { source };
        let whole = !text.contains("...") && !call.source.root().has_error();
        whole.then_some(call).filter(|call| call.node().is_some())
    }

    fn node(&self) -> Option<Node<'_>> {
        children(self.source.root()).next()?.named_child(0).filter(|node| node.kind() == "call")
    }

    fn arguments(&self) -> Vec<Argument> {
        self.node().map(|node| calls::arguments(&self.source, node)).unwrap_or_default()
    }

    fn text(&self, argument: &Argument) -> &str {
        &self.source.text()[argument.value.clone()]
    }
}

/// The arguments of the test's call that have to change: replaced, taken out, put in at the end.
fn edits(ctx: &Context<'_>, call: Node<'_>, expected: &Call, actual: &Call) -> Option<Vec<Edit>> {
    let (written, old, new) = (calls::arguments(ctx.source, call), expected.arguments(), actual.arguments());
    let splat = |arguments: &[Argument]| arguments.iter().any(|argument| argument.is_splat);
    if written.len() != old.len() || splat(&written) {
        return None;
    }
    let mut edits = Vec::new();
    for (index, (argument, old)) in written.iter().zip(&old).enumerate() {
        match new.iter().enumerate().find(|(at, other)| is_same_place(old, index, other, *at)) {
            Some((_, other)) if actual.text(other) == expected.text(old) => {}
            Some((_, other)) => edits.extend(update(ctx, argument, actual.text(other))?),
            None if argument.keyword.is_some() => {
                edits.push(calls::remove_argument(ctx.source, &ctx.site.path, &written, index)?);
            }
            None => return None,
        }
    }
    let came = new
        .iter()
        .enumerate()
        .filter(|(at, other)| !old.iter().enumerate().any(|(i, o)| is_same_place(o, i, other, *at)));
    for (_, argument) in came {
        let keyword = argument.keyword.as_ref()?;
        let value = Printed::parse(actual.text(argument))?;
        let list = call.child_by_field_name("arguments")?;
        let at = written.last().map_or(list.start_byte() + 1, |last| last.range.end);
        let comma = if written.is_empty() { "" } else { ", " };
        edits.push(Edit::insert(&ctx.site.path, at, format!("{comma}{keyword}={}", value.text())));
    }
    Some(edits)
}

fn is_same_place(old: &Argument, index: usize, new: &Argument, at: usize) -> bool {
    old.keyword == new.keyword && (old.keyword.is_some() || index == at)
}

fn update(ctx: &Context<'_>, argument: &Argument, printed: &str) -> Option<Vec<Edit>> {
    let value = Printed::parse(printed)?;
    let node = ctx.source.node_at(argument.value.clone())?;
    let changes = literals::changes(ctx.source, node, &value)?;
    Some(changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

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
