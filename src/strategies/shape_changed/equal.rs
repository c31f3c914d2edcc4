//! A tuple or a mapping that the test writes out and an object of the same values.

use crate::diagnosis::product::Hunk;
use crate::fix::{Evidence, EvidenceKind, Fix};
use crate::syntax::{Node, Source, children, descendants};
use crate::workspace::symbols::SymbolKind;

use super::super::comparison::{self, Side};
use super::super::literals::{self, Printed};
use super::super::quotes::string_value;
use super::super::{Context, constructors, imports};
use super::{commit, fix, hunk, mentions};

/// `(1, 3)` or `{"low": 1, "high": 3}` where `Bounds(low=1, high=3)` came.
pub(super) fn object_for_literal(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = comparison::sides(ctx)?;
    let (expected, actual) = match (is_written(&left), is_written(&right)) {
        (false, true) => (right, left),
        (true, false) => (left, right),
        _ => return None,
    };
    let printed = Printed::read(&actual.printed, actual.is_whole)?;
    let object = printed.node()?;
    let class = constructors::class(printed.source(), object)?;
    let mut classes = ctx.snapshot.definitions(class);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let [symbol] = classes.as_slice() else { return None };
    let node = literals::inner(expected.node);
    let fields = constructors::fields(object)?;
    let fields: Option<Vec<(&str, Node<'_>)>> =
        fields.iter().map(|field| Some((printed.source().slice(field.keyword?), field.value))).collect();
    let fields = fields.filter(|fields| !fields.is_empty())?;
    let parameters = &symbol.signature.as_ref()?.parameters;
    let same = |own: Node<'_>, value: Node<'_>| literals::same(ctx.source, own, printed.source(), value);
    let parts: Vec<Node<'_>> = children(node).filter(|part| part.kind() != "comment").collect();
    let mut written = Vec::new();
    if parts.len() != fields.len() {
        return None;
    }
    for (place, part) in parts.iter().enumerate() {
        let (name, own) = match node.kind() {
            "dictionary" => {
                let key = part.child_by_field_name("key")?;
                (string_value(ctx.source, key)?, part.child_by_field_name("value")?)
            }
            _ => (parameters.get(place)?.name.clone(), *part),
        };
        let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
        if !same(own, *value) || !parameters.iter().any(|parameter| parameter.name == name) {
            return None;
        }
        let start = if node.kind() == "dictionary" { part.start_byte() } else { own.start_byte() };
        written.push((start..own.start_byte(), format!("{name}=")));
    }
    let hunk = hunk(ctx, |hunk: &Hunk| mentions(&hunk.added, class) && !mentions(&hunk.removed, class))?;
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    if ctx.snapshot.source(&hunk.path).is_none_or(|source| is_crossed(&source, class, &names)) {
        return None;
    }
    let seen = Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run gave a `{class}`")) };
    let evidence = vec![seen, commit(&hunk, &format!("gives a `{class}`"))];
    let is_known = imports::imports(ctx.source).iter().any(|item| item.local == class);
    let mut edits = Vec::new();
    if !is_known {
        edits.push(imports::add(ctx, &ctx.snapshot.dotted_name(&symbol.path)?, Some(class))?);
    }
    edits.push(ctx.replace(node.start_byte()..node.start_byte() + 1, format!("{class}(")));
    edits.extend(written.into_iter().map(|(range, text)| ctx.replace(range, text)));
    edits.push(ctx.replace(node.end_byte() - 1..node.end_byte(), ")"));
    fixes.push(fix(format!("Expect a `{class}` of the same values"), edits, evidence));
    Some(())
}

/// Whether the product puts a value into one field that has the name of another: `Bounds(low, high)` where the class
/// takes `high` first.
fn is_crossed(source: &Source, class: &str, names: &[&str]) -> bool {
    let made = descendants(source.root()).filter(|node| constructors::class(source, *node) == Some(class));
    let mut fields = made.filter_map(constructors::fields).flat_map(|fields| fields.into_iter().enumerate());
    fields.any(|(place, field)| {
        let name = field.keyword.map(|name| source.slice(name)).or_else(|| names.get(place).copied());
        let value = source.slice(field.value);
        field.value.kind() == "identifier" && name != Some(value) && names.contains(&value)
    })
}

/// A tuple in parentheses or a mapping.
fn is_written(side: &Side<'_>) -> bool {
    let node = literals::inner(side.node);
    matches!(node.kind(), "tuple" | "dictionary") && node.named_child_count() > 0
}
