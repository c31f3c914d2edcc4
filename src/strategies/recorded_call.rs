//! What a test reads of a call that a mock got, by its place or by its name: where the product passes the argument the
//! other way now, it is read so.

pub(super) mod moved;
mod reads;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Fix, Tier};
use crate::syntax::descendants;

use super::confidence::Odds;
use super::{Context, Strategy};

use reads::{Key, Read};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "recorded-call",
    categories: &[Category::KeyError, Category::LogicError],
    summary: "Reads an argument of a mock's call by name where the product passes it by name now, or by its place.",
    example: r#"
#- before: shop.py
def send(to, subject=""):
    return to

def welcome(to):
    return send(to, "Hello")
#- shop.py
def send(to, subject=""):
    return to

def welcome(to):
    return send(to, subject="Hello")
#- tests/test_shop.py
from unittest.mock import patch
from shop import welcome

@patch("shop.send")
def test_welcome(send):
    welcome("ann")
    assert send.call_args[0][1] == "Hello"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_welcome _________________________________

send = <MagicMock name='send' id='139'>

    @patch("shop.send")
    def test_welcome(send):
        welcome("ann")
>       assert send.call_args[0][1] == "Hello"
E       IndexError: tuple index out of range

tests/test_shop.py:7: IndexError
#- healed
-    assert send.call_args[0][1] == "Hello"
+    assert send.call_args[1]["subject"] == "Hello"
"#,
    propose: recorded_call,
};

fn recorded_call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let is_failing = |key: &Key| match (key, ctx.complaint()) {
        (Key::Name(name), Complaint::NoKey { key }) => name == key,
        (Key::Place(_), _) => ctx.diagnosis.failure.exc_type.as_deref() == Some("IndexError"),
        _ => false,
    };
    if !ctx.raised_here() {
        return None;
    }
    let subscripts = descendants(ctx.statement()?).filter(|node| node.kind() == "subscript");
    let reads = subscripts.filter_map(|node| Read::of(ctx, node)).filter(|read| is_failing(&read.key));
    let mut moved = reads.filter_map(|read| moved::moved(ctx, &read).map(|moved| (read, moved)));
    let (read, moved) = moved.next()?;
    fixes.push(Fix {
        title: format!("Read {}", moved.to),
        strategy: STRATEGY.id,
        edits: read.edits(ctx, &moved.to)?,
        confidence: Odds::of(&moved.evidence).confidence(),
        evidence: moved.evidence,
        tier: if moved.is_proven { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

#[cfg(test)]
mod tests;
