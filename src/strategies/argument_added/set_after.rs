//! The test sets on the object, right after it was made, what the constructor asks for now: `end = Ended()` and
//! `end.stream = 9` become `end = Ended(stream=9)`.

use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::strategies::{Context, names};
use crate::syntax::{Node, children};
use crate::text::Edit;
use crate::workspace::symbols::Parameter;

use super::Value;

/// What is assigned to the attribute of the parameter's name, whose statement goes: a person's, since only the class
/// knows what it does with either.
pub(super) fn set_after(ctx: &Context<'_>, call: Node<'_>, parameter: &Parameter) -> Option<Value> {
    let assignment = call.parent().filter(|parent| parent.kind() == "assignment")?;
    let object = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
    let object = ctx.source.slice(object);
    let statement = assignment.parent().filter(|parent| parent.kind() == "expression_statement")?;
    let sets = std::iter::successors(statement.next_named_sibling(), Node::next_named_sibling)
        .map_while(|next| Some((next, set(ctx, next, object)?)));
    let mut of_its_name = sets.filter(|(_, (attribute, _))| *attribute == parameter.name);
    let (statement, (_, value)) = of_its_name.next().filter(|_| of_its_name.next().is_none())?;
    let says = format!("the test sets `{object}.{}` next", parameter.name);
    let line = statement.start_position().row as u32 + 1;
    Some(Value {
        text: ctx.source.slice(value).to_string(),
        evidence: Evidence::at(EvidenceKind::Source, &ctx.site.path, line, says),
        tier: Tier::Review,
        everywhere: false,
        bindings: vec![line_of(ctx, statement)?],
    })
}

/// The attribute and the value of `object.attribute = value`, which does not ask the object.
fn set<'c>(ctx: &'c Context<'_>, statement: Node<'c>, object: &str) -> Option<(&'c str, Node<'c>)> {
    let assignment = children(statement).next().filter(|node| node.kind() == "assignment")?;
    let (left, right) = (assignment.child_by_field_name("left")?, assignment.child_by_field_name("right")?);
    let of = left.child_by_field_name("object").filter(|of| ctx.source.slice(*of) == object)?;
    let asks = names::uses_of(ctx.source, right, object).next().is_some();
    (of.kind() == "identifier" && !asks)
        .then(|| Some((ctx.source.slice(left.child_by_field_name("attribute")?), right)))?
}

/// The whole line of a statement that has it for itself.
fn line_of(ctx: &Context<'_>, statement: Node<'_>) -> Option<Edit> {
    let text = ctx.source.text();
    let start = text[..statement.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let end = text[statement.end_byte()..].find('\n').map_or(text.len(), |at| statement.end_byte() + at + 1);
    let is_alone =
        text[start..statement.start_byte()].trim().is_empty() && text[statement.end_byte()..end].trim().is_empty();
    is_alone.then(|| Edit::replace(&ctx.site.path, start..end, String::new()))
}
