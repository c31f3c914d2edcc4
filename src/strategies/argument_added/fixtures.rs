//! A fixture that holds what a new parameter asks for: the test asks for it too.

use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::strategies::Context;
use crate::strategies::renames::last_part;
use crate::syntax::{Node, ancestors, children};
use crate::text::Edit;
use crate::workspace::symbols::Parameter;

use super::Value;

/// The fixture of the parameter's name that the tests have, or pytest's own folder for a path.
pub(super) fn of_its_name(ctx: &Context<'_>, call: Node<'_>, parameter: &Parameter) -> Option<Value> {
    let test = ctx.source.function_at(call.start_byte())?;
    let is_test = test.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own).starts_with("test"));
    let parameters = test.child_by_field_name("parameters").filter(|_| is_test && !is_of_unittest(ctx, test))?;
    let is_path = parameter.annotation.as_deref().is_some_and(|text| last_part(text) == "Path");
    let wanted = if is_path { "tmp_path" } else { parameter.name.as_str() };
    let mut fixtures = ctx.snapshot.fixtures_at(&ctx.site.path, test.start_byte()).into_iter();
    let fixture = fixtures.find(|fixture| fixture.name == wanted && !fixture.parametrized)?;
    let home = fixture.path.as_ref().filter(|path| path.is_inside());
    let evidence = match home {
        Some(path) => Evidence::at(EvidenceKind::Source, path, fixture.line, format!("the tests' fixture `{wanted}`")),
        None if is_path => Evidence { kind: EvidenceKind::Docs, ..Evidence::hint("pytest's own folder for a test") },
        None => return None,
    };
    let last = children(parameters).filter(|node| node.kind() != "comment").last();
    let binding = match last {
        Some(last) => Edit::insert(&ctx.site.path, last.end_byte(), format!(", {wanted}")),
        None => Edit::insert(&ctx.site.path, parameters.start_byte() + 1, wanted),
    };
    Some(Value { text: wanted.to_string(), evidence, tier: Tier::Review, everywhere: false, bindings: vec![binding] })
}

/// Whether pytest gives the function no fixtures, because it is a method of a class of unittest.
fn is_of_unittest(ctx: &Context<'_>, test: Node<'_>) -> bool {
    let class = ancestors(test).find(|node| node.kind() == "class_definition");
    let bases = class.and_then(|class| class.child_by_field_name("superclasses"));
    bases.is_some_and(|bases| ctx.source.slice(bases).contains("TestCase"))
}
