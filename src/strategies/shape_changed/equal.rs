//! A tuple or a mapping that the test writes out and an object of the same values.

use crate::diagnosis::product::Hunk;
use crate::fix::{Evidence, EvidenceKind, Fix};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Parameter, SymbolKind};

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
    let pairs = pairs(literals::inner(expected.node), printed.node()?)?;
    let class = constructors::class(printed.source(), pairs.first()?.1)?;
    if pairs.iter().any(|(_, object)| constructors::class(printed.source(), *object) != Some(class)) {
        return None;
    }
    let mut classes = ctx.snapshot.definitions(class);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let [symbol] = classes.as_slice() else { return None };
    let parameters = &symbol.signature.as_ref()?.parameters;
    let written = |(node, object): &(Node<'_>, Node<'_>)| written(ctx, printed.source(), parameters, *node, *object);
    let written: Vec<Vec<Edit>> = pairs.iter().map(written).collect::<Option<_>>()?;
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
    for ((node, _), fields) in pairs.iter().zip(written) {
        edits.push(ctx.replace(node.start_byte()..node.start_byte() + 1, format!("{class}(")));
        edits.extend(fields);
        edits.push(ctx.replace(node.end_byte() - 1..node.end_byte(), ")"));
    }
    fixes.push(fix(format!("Expect a `{class}` of the same values"), edits, evidence));
    Some(())
}

/// What is written out beside the object that came for it: one of each, or as many in two lists.
fn pairs<'e, 'o>(expected: Node<'e>, object: Node<'o>) -> Option<Vec<(Node<'e>, Node<'o>)>> {
    if expected.kind() != "list" {
        return Some(vec![(expected, object)]);
    }
    let (own, came): (Vec<Node<'e>>, Vec<Node<'o>>) = (items(expected).collect(), items(object).collect());
    (object.kind() == "list" && own.len() == came.len()).then(|| own.into_iter().zip(came).collect())
}

fn items(list: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    children(list).filter(|part| part.kind() != "comment")
}

/// The names of the fields before the values of a tuple, or in place of the keys of a mapping. `None` where the object has
/// other fields or values.
fn written(
    ctx: &Context<'_>,
    printed: &Source,
    parameters: &[Parameter],
    node: Node<'_>,
    object: Node<'_>,
) -> Option<Vec<Edit>> {
    let fields = constructors::fields(object)?;
    let fields: Vec<(&str, Node<'_>)> =
        fields.iter().map(|field| Some((printed.slice(field.keyword?), field.value))).collect::<Option<_>>()?;
    let parts: Vec<Node<'_>> = items(node).collect();
    if parts.len() != fields.len() || fields.is_empty() {
        return None;
    }
    let mut written = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let (name, own) = match node.kind() {
            "dictionary" => {
                let key = part.child_by_field_name("key")?;
                (string_value(ctx.source, key)?, part.child_by_field_name("value")?)
            }
            _ => (parameters.get(place)?.name.clone(), *part),
        };
        let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
        let is_same = literals::same(ctx.source, own, printed, *value);
        if !is_same || !parameters.iter().any(|parameter| parameter.name == name) {
            return None;
        }
        let start = if node.kind() == "dictionary" { part.start_byte() } else { own.start_byte() };
        written.push(ctx.replace(start..own.start_byte(), format!("{name}=")));
    }
    Some(written)
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

/// A tuple in parentheses or a mapping, or a list of those.
fn is_written(side: &Side<'_>) -> bool {
    let node = literals::inner(side.node);
    let is_one = |node: Node<'_>| matches!(node.kind(), "tuple" | "dictionary") && node.named_child_count() > 0;
    is_one(node) || node.kind() == "list" && items(node).count() > 0 && items(node).all(is_one)
}
