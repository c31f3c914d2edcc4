//! An expected literal that became a member of an enum: `"open"` is `State.OPEN` now.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::comparison::{self, Side};
use super::confidence::{Odds, TOLD};
use super::expected_exception::reachable;
use super::{Context, Strategy, literals, provenance, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-member",
    categories: &[Category::AssertionError],
    summary: "Expects the member of an enum of the project that the run gave where a literal was, or the value of one, as a proposal for a person.",
    example: r#"
#- shop/__init__.py
#- shop/orders.py
from enum import Enum

class State(Enum):
    OPEN = "open"

def state():
    return State.OPEN
#- tests/test_orders.py
from shop.orders import state

def test_state():
    assert $0state() == "open"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_state __________________________________

    def test_state():
>       assert state() == "open"
E       AssertionError: assert <State.OPEN: 'open'> == 'open'
E        +  where <State.OPEN: 'open'> = state()

tests/test_orders.py:4: AssertionError
#- healed
-from shop.orders import state
+from shop.orders import State, state
-    assert state() == "open"
+    assert state() == State.OPEN
"#,
    propose: expected_member,
};

/// `<State.OPEN: 'open'>`, as enum prints its members.
static MEMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^<([A-Za-z_]\w*)\.([A-Za-z_]\w*): (.*)>$").expect("a valid pattern"));

fn expected_member(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    became_member(ctx, fixes).or_else(|| became_value(ctx, fixes))
}

/// `State.OPEN` where the run gave the value of that very member.
fn became_value(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (node, expected, actual) = comparison::one_side(ctx, |side| {
        let node = literals::inner(side.node);
        (node.kind() == "attribute" && MEMBER.is_match(side.printed.trim())).then_some(node)
    })?;
    let printed = MEMBER.captures(expected.printed.trim())?;
    let (class, member, value) = (&printed[1], &printed[2], &printed[3]);
    let is_it = ctx.source.slice(node).ends_with(&format!("{class}.{member}")) && value == actual.printed.trim();
    // Values that are equal need not be one object.
    let is_compared = node.parent().and_then(|comparison| comparison.child(1));
    let is_identity = is_compared.is_some_and(|operator| ctx.source.slice(operator) == "is");
    let defined = defined(ctx, class, member).filter(|_| is_it && !is_identity)?;
    let new = format!("{}.value", ctx.source.slice(node));
    let text = format!("the run gave {value}, the value of `{class}.{member}`");
    let mut evidence = vec![
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) },
        Evidence::at(EvidenceKind::Source, &defined.path, defined.line, format!("`{class}` defines `{member}`")),
    ];
    evidence.extend(provenance::of(ctx, ctx.source.slice(node), &new).evidence);
    fixes.push(Fix {
        title: format!("Expect `{new}`"),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(node.byte_range(), new)],
        confidence: Odds::of(&evidence).doubt(TOLD).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

fn became_member(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (literal, _, actual) = comparison::one_side(ctx, |side| scalar(side))?;
    let printed = MEMBER.captures(actual.printed.trim())?;
    let (class, member) = (&printed[1], &printed[2]);
    let defined = defined(ctx, class, member)?;
    let (named, import) = reachable(ctx, literal, class)?;
    let new = format!("{named}.{member}");
    let text = format!("the run gave {}", super::expected_value::short(&actual.printed));
    let mut evidence = vec![
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) },
        Evidence::at(EvidenceKind::Source, &defined.path, defined.line, format!("`{class}` defines `{member}`")),
    ];
    let seen = provenance::of(ctx, ctx.source.slice(literal), &format!("{class}.{member}"));
    let told = told::told(ctx).filter(|_| seen.evidence.is_empty());
    let is_certain = seen.is_certain
        || told.as_ref().is_some_and(|told| told.is_certain && told.tells_of(ctx.source.slice(literal), &new));
    let doubt = if seen.evidence.is_empty() { TOLD } else { 0.0 };
    evidence.extend(seen.evidence);
    evidence.extend(told.into_iter().flat_map(|told| told.evidence));
    fixes.push(Fix {
        title: format!("Expect `{new}`"),
        strategy: STRATEGY.id,
        edits: std::iter::once(ctx.replace(literal.byte_range(), new)).chain(import).collect(),
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: if is_certain { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

fn scalar<'c>(side: &Side<'c>) -> Option<Node<'c>> {
    let node = literals::inner(side.node);
    matches!(node.kind(), "string" | "integer" | "float" | "true" | "false").then_some(node)
}

/// The member, of the only class of the product with this name.
fn defined(ctx: &Context<'_>, class: &str, member: &str) -> Option<Symbol> {
    let mut classes = ctx.snapshot.definitions(class);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let [class] = classes.as_slice() else { return None };
    ctx.snapshot.members(class).symbols.into_iter().find(|symbol| symbol.name == member)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(class: &str, expected: &str, healed: &str) -> String {
        format!(
            r#"
#- shop/__init__.py
#- shop/orders.py
from enum import Enum

class {class}(Enum):
    OPEN = 1

def state():
    return {class}.OPEN
#- tests/test_orders.py
from shop import orders

def test_state():
    assert orders.state() == {expected}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_state __________________________________

    def test_state():
>       assert orders.state() == {expected}
E       AssertionError: assert <State.OPEN: 1> == {expected}

tests/test_orders.py:4: AssertionError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn a_flag_that_became_a_member() {
        check(&scene(
            "State",
            "True",
            "+from shop.orders import State\n-    assert orders.state() == True\n+    assert orders.state() == State.OPEN",
        ));
    }

    /// A function that gives this where a test compares it so with `State.OPEN`.
    fn given(value: &str, comparison: &str, healed: &str) {
        check(&format!(
            r#"
#- before: orders.py
from enum import Enum

class State(Enum):
    OPEN = "open"

def state():
    return State.OPEN
#- orders.py
from enum import Enum

class State(Enum):
    OPEN = "open"

def state():
    return {value}
#- tests/test_orders.py
from orders import State, state

def test_state():
    assert state() {comparison} State.OPEN
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_state __________________________________

    def test_state():
>       assert state() {comparison} State.OPEN
E       AssertionError: assert {value} {comparison} <State.OPEN: 'open'>
E        +  where {value} = state()
E        +  and   <State.OPEN: 'open'> = State.OPEN

tests/test_orders.py:4: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_member_that_became_its_value() {
        given("'open'", "==", "-    assert state() == State.OPEN\n+    assert state() == State.OPEN.value");
        given("'shut'", "==", "no fix");
        given("'open'", "is", "no fix");
    }

    #[test]
    fn a_member_of_a_class_that_nobody_defines_is_no_fix() {
        check(&scene("Status", "True", "no fix"));
        check(&scene("State", "OPEN", "no fix"));
    }
}
