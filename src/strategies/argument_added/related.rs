//! What the product's callers pass is a part of what they pass beside it: `resolve(name, self, tags=self.tags)`.

use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::strategies::Context;
use crate::strategies::calls::Callee;
use crate::strategies::renames::last_part;
use crate::syntax::{Node, Source, descendants};
use crate::workspace::symbols::Parameter;

use super::Value;
use super::callers::{argument_for, each_call};

/// The same part of what the test passes there, where all callers that pass a part of an argument agree. A person's to accept
/// where another caller passes something else or nothing, and where a single one passes a part of another name.
pub(super) fn part_of_an_argument(
    ctx: &Context<'_>,
    call: Node<'_>,
    callee: &Callee,
    parameter: &Parameter,
) -> Option<Value> {
    let found = relations(ctx, callee, parameter);
    let count = found.len();
    let mut relations: Vec<Relation> = found.into_iter().flatten().collect();
    let (all_pass_one, several) = (relations.len() == count, count > 1);
    let first = relations.pop().filter(|first| relations.iter().all(|other| other.is_like(first)))?;
    let given = ctx.source.node_at(argument_for(ctx.source, call, callee, &first.whole)?)?;
    if !is_path(given) {
        return None;
    }
    let text = format!("{}{}", ctx.source.slice(given), first.part);
    let is_sure = all_pass_one && (several || last_part(&first.part) == parameter.name);
    let tier = if is_sure { Tier::Safe } else { Tier::Review };
    Some(Value { text, evidence: first.evidence, tier, everywhere: false, bindings: Vec::new() })
}

/// How one caller makes what it passes.
struct Relation {
    /// The parameter whose argument it takes the part of.
    whole: String,
    /// `.tags`
    part: String,
    evidence: Evidence,
}

impl Relation {
    fn is_like(&self, other: &Self) -> bool {
        (&self.whole, &self.part) == (&other.whole, &other.part)
    }
}

/// What each caller of the product passes; `None` for one that passes no part of an argument.
fn relations(ctx: &Context<'_>, callee: &Callee, parameter: &Parameter) -> Vec<Option<Relation>> {
    let mut found = Vec::new();
    each_call(ctx, &callee.symbol.name, |usage, source, call| {
        let called = ctx.snapshot.callee(&usage.path, call.byte_range());
        if called.is_some_and(|other| other.qualified != callee.symbol.qualified) {
            return;
        }
        found.push(relation(source, call, callee, parameter).map(|(whole, part)| {
            let says = format!("passes the `{}` of its `{whole}` for `{}`", &part[1..], parameter.name);
            let evidence = Evidence::at(EvidenceKind::Example, &usage.path, usage.line, says);
            Relation { whole, part, evidence }
        }));
    });
    found
}

/// The parameter and the part: `builder` and `.tags`.
fn relation(source: &Source, call: Node<'_>, callee: &Callee, parameter: &Parameter) -> Option<(String, String)> {
    let passed = source.node_at(argument_for(source, call, callee, &parameter.name)?)?;
    let others = callee.signature.parameters.iter().filter(|other| other.name != parameter.name);
    let mut wholes = others.filter_map(|other| {
        let whole = source.node_at(argument_for(source, call, callee, &other.name)?)?;
        let part = source.slice(passed).strip_prefix(source.slice(whole)).filter(|part| part.starts_with('.'))?;
        (is_path(passed) && is_path(whole)).then(|| (other.name.clone(), part.to_string()))
    });
    wholes.next().filter(|_| wholes.next().is_none())
}

/// `self`, `app.builder`.
fn is_path(node: Node<'_>) -> bool {
    matches!(node.kind(), "identifier" | "attribute")
        && descendants(node).all(|inner| matches!(inner.kind(), "identifier" | "attribute" | "."))
}
