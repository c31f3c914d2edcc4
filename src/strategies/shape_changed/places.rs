//! A tuple whose places got names, or an object of names that became a tuple: one and the other are told by what the
//! function returned at each place.

use crate::diagnosis::{locate, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::history::Change;
use crate::workspace::symbols::Symbol;

use super::super::quotes::string_value;
use super::super::unpack_arity::{Element, elements, returned_values};
use super::super::{Context, callers, comparison, constructors};
use super::fix;

/// The type of a result that is read by keys.
pub(super) const MAPPING: &str = "dict";

/// How one value of a result is read.
fn read(type_name: &str, name: &str) -> String {
    if type_name == MAPPING { format!("[\"{name}\"]") } else { format!(".{name}") }
}

/// `low, high = bounds()` and `bounds()[0]` where `bounds` gives an object of `type_name` now.
pub(super) fn named(ctx: &Context<'_>, type_name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let calls = calls(ctx, ctx.statement()?);
    let (call, symbol, names, fact) = calls.into_iter().find_map(|call| {
        let symbol = function(ctx, call)?;
        let named = || {
            changes(ctx, &symbol).find_map(|change| {
                let was = elements(&Source::parse(change.before?), &symbol.name)?;
                let (class, fields) = fields(ctx, &Source::parse(change.after?), &symbol.name)?;
                let names = (class == type_name).then(|| paired(&was, &fields))??;
                let text = format!("`{}` returns a `{class}` since {} ({})", symbol.name, change.path, change.subject);
                Some((names, Evidence::commit(&change.commit, text)))
            })
        };
        let (names, fact) = named().or_else(|| no_tuple_since(ctx, type_name))?;
        Some((call, symbol, names, fact))
    })?;
    let function = ctx.source.slice(call.child_by_field_name("function")?);
    let edits = match unpacked(ctx, function) {
        unpacked if unpacked.is_empty() => indexed(ctx, function, &names, type_name)?,
        unpacked => {
            let read = |(targets, value)| read_by_name(ctx, targets, value, &names, type_name);
            unpacked.into_iter().map(read).collect::<Option<Vec<_>>>()?.concat()
        }
    };
    if edits.is_empty() {
        return None;
    }
    let found = fix(format!("Read a `{type_name}` by its names"), edits, vec![fact]);
    // A mapping takes its names as they come: the callers show that they are meant.
    let is_told = type_name != MAPPING || callers::reads_keys(ctx, &symbol);
    let is_half = type_name == MAPPING && callers::unpacks(ctx, &symbol, names.len());
    fixes.push(Fix { tier: if is_told && !is_half { found.tier } else { Tier::Review }, ..found });
    Some(())
}

/// The fields of a class that was a named tuple before, in the order that it kept.
fn no_tuple_since(ctx: &Context<'_>, type_name: &str) -> Option<(Vec<String>, Evidence)> {
    let mut classes = ctx.snapshot.definitions(type_name);
    classes.retain(|symbol| symbol.signature.is_some() && !symbol.path.is_test_code());
    let [class] = classes.as_slice() else { return None };
    let now = class.signature.as_ref()?.parameters.iter().map(|parameter| parameter.name.clone()).collect::<Vec<_>>();
    changes(ctx, class).find_map(|change| {
        let was = tuple_fields(&Source::parse(change.before?), type_name).filter(|was| *was == now)?;
        let text = format!("`{type_name}` is no tuple since {} ({})", change.path, change.subject);
        Some((was, Evidence::commit(&change.commit, text)))
    })
}

/// The names of `class Bounds(NamedTuple)` or `Bounds = namedtuple("Bounds", "low high")`.
pub(super) fn tuple_fields(source: &Source, name: &str) -> Option<Vec<String>> {
    let text = |node: Node<'_>, field| node.child_by_field_name(field).map_or("", |node| source.slice(node));
    let names = |node: Node<'_>| -> Option<Vec<String>> {
        if let Some(text) = string_value(source, node) {
            return Some(text.replace(',', " ").split_whitespace().map(str::to_string).collect());
        }
        children(node).map(|part| string_value(source, part)).collect()
    };
    descendants(source.root()).find_map(|node| match node.kind() {
        "class_definition" if text(node, "name") == name && text(node, "superclasses").contains("NamedTuple") => {
            let body = children(node.child_by_field_name("body")?).filter_map(|statement| statement.named_child(0));
            let fields = body.filter(|node| node.kind() == "assignment" && node.child_by_field_name("type").is_some());
            Some(fields.map(|field| text(field, "left").to_string()).collect())
        }
        "assignment" if text(node, "left") == name => {
            let call =
                node.child_by_field_name("right").filter(|call| text(*call, "function").ends_with("namedtuple"))?;
            names(call.child_by_field_name("arguments")?.named_child(1)?)
        }
        _ => None,
    })
}

/// `found.low` where `bounds` gives a tuple now.
pub(super) fn numbered(ctx: &Context<'_>, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let attributes = |scope| descendants(scope).filter(|node| node.kind() == "attribute");
    let own = |node: Node<'_>, field| node.child_by_field_name(field).map_or("", |node| ctx.source.slice(node));
    let failing = attributes(ctx.statement()?).find(|node| own(*node, "attribute") == missing)?;
    let object = failing.child_by_field_name("object")?;
    let call = comparison::assigned(ctx, object).unwrap_or(object);
    let symbol = function(ctx, Some(call).filter(|call| call.kind() == "call")?)?;
    let (names, fact) = changes(ctx, &symbol).find_map(|change| {
        let (class, fields) = fields(ctx, &Source::parse(change.before?), &symbol.name)?;
        let is = elements(&Source::parse(change.after?), &symbol.name).filter(|is| is.len() > 1)?;
        let names = paired(&is, &fields)?;
        let text = format!("`{}` returns no `{class}` since {} ({})", symbol.name, change.path, change.subject);
        Some((names, Evidence::commit(&change.commit, text)))
    })?;
    let text = ctx.source.slice(object);
    let mut edits = Vec::new();
    for node in attributes(ctx.scope()).filter(|node| own(*node, "object") == text) {
        let place = names.iter().position(|name| name == own(node, "attribute"))?;
        let start = node.child_by_field_name("object")?.end_byte();
        edits.push(ctx.replace(start..node.end_byte(), format!("[{place}]")));
    }
    fixes.push(fix(format!("Read the places of `{text}`, a tuple now"), edits, vec![fact]));
    Some(())
}

/// The calls that give what the statement reads.
pub(in crate::strategies) fn calls<'c>(ctx: &'c Context<'_>, statement: Node<'c>) -> Vec<Node<'c>> {
    let given = |name: Node<'c>| {
        comparison::assigned(ctx, name).or_else(|| unpacked_from(ctx, name)).filter(|value| value.kind() == "call")
    };
    let value = |node: Node<'c>| match node.kind() {
        "call" => Some(node),
        "identifier" => given(node),
        _ => None,
    };
    descendants(statement).filter_map(value).collect()
}

/// What the names are unpacked from, of which `name` is one: once before the failing statement.
fn unpacked_from<'c>(ctx: &'c Context<'_>, name: Node<'_>) -> Option<Node<'c>> {
    let is_it = |target: Node<'_>| ctx.source.slice(target) == ctx.source.slice(name);
    let mut values = descendants(ctx.scope())
        .filter(|node| node.kind() == "assignment" && node.end_byte() <= ctx.site.statement.start)
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| children(left).any(is_it)))
        .filter_map(|node| node.child_by_field_name("right"));
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// The product's function that a call calls.
pub(in crate::strategies) fn function(ctx: &Context<'_>, call: Node<'_>) -> Option<Symbol> {
    let name = locate::last_name(call.child_by_field_name("function")?)?;
    let only = || {
        let mut known = ctx.snapshot.definitions(ctx.source.slice(name));
        known.retain(|symbol| !symbol.path.is_test_code());
        (known.len() == 1).then(|| known.remove(0))
    };
    ctx.snapshot.callee(&ctx.site.path, call.byte_range()).or_else(only)
}

/// What changed in the function's file.
pub(super) fn changes(ctx: &Context<'_>, symbol: &Symbol) -> impl Iterator<Item = Change> {
    let path = symbol.path.clone();
    product::changes(ctx.snapshot, &ctx.site.path).into_iter().filter(move |change| change.path == path)
}

/// The class whose object the function makes at its one `return`, and what it puts into each field, in the order in
/// which the class takes them.
fn fields(ctx: &Context<'_>, source: &Source, name: &str) -> Option<(String, Vec<(String, Element)>)> {
    let (function, values) = returned_values(source, name)?;
    let [value] = values[..] else { return None };
    let value = match value.kind() {
        "identifier" => comparison::assigned_once(source, function, source.slice(value), value.start_byte())?,
        _ => value,
    };
    if value.kind() == "dictionary" {
        let pair = |part: Node<'_>| {
            let key = string_value(source, part.child_by_field_name("key")?)?;
            Some((key, Element::of(source, function, part.child_by_field_name("value")?)))
        };
        let pairs = children(value).filter(|part| part.kind() != "comment").map(pair).collect::<Option<_>>()?;
        return Some((MAPPING.to_string(), pairs));
    }
    let class = constructors::class(source, value)?;
    let given = constructors::fields(value)?;
    let mut own: Vec<String> = ctx
        .snapshot
        .definitions(class)
        .into_iter()
        .filter_map(|symbol| symbol.signature)
        .map(|signature| signature.parameters.into_iter().map(|parameter| parameter.name).collect())
        .next()
        .unwrap_or_default();
    if own.is_empty() {
        // The class went: its fields come in the order in which they were given.
        own = given.iter().map(|field| Some(source.slice(field.keyword?).to_string())).collect::<Option<_>>()?;
    }
    let mut fields = Vec::new();
    for (place, field) in given.iter().enumerate() {
        let name = field.keyword.map(|name| source.slice(name).to_string()).or_else(|| own.get(place).cloned())?;
        fields.push((name, Element::of(source, function, field.value)));
    }
    fields.sort_by_key(|(name, _)| own.iter().position(|own| own == name));
    Some((class.to_string(), fields))
}

/// The name of each place: both hold the same values in the same order. What changed places may be a mistake.
fn paired(places: &[Element], fields: &[(String, Element)]) -> Option<Vec<String>> {
    let is_same = places.len() > 1
        && places.len() == fields.len()
        && places.iter().zip(fields).all(|(place, (_, value))| place.is(value));
    is_same.then(|| fields.iter().map(|(name, _)| name.clone()).collect())
}

/// `low, high = bounds()`: the targets and the call, everywhere in the test.
fn unpacked<'c>(ctx: &'c Context<'_>, function: &str) -> Vec<(Node<'c>, Node<'c>)> {
    let assignments = descendants(ctx.scope()).filter(|node| node.kind() == "assignment");
    let sides = assignments.filter_map(|node| {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let called = right.child_by_field_name("function").map(|name| ctx.source.slice(name));
        let is_it = matches!(left.kind(), "pattern_list" | "tuple_pattern") && called == Some(function);
        is_it.then_some((left, right))
    });
    sides.collect()
}

/// `low, high = bounds()` becomes `found = bounds()` and `low, high = found.low, found.high`; one name alone is read
/// from the call.
fn read_by_name(
    ctx: &Context<'_>,
    targets: Node<'_>,
    call: Node<'_>,
    names: &[String],
    type_name: &str,
) -> Option<Vec<Edit>> {
    let parts: Vec<Node<'_>> = children(targets).filter(|node| node.kind() != "comment").collect();
    if parts.len() != names.len() || parts.iter().any(|part| part.kind() == "list_splat_pattern") {
        return None;
    }
    let texts = parts.iter().map(|part| ctx.source.slice(*part));
    // `low, high` are no `high, low`: the class has its fields in the wrong order.
    let is_crossed = |(text, name): (&str, &String)| text != name && names.iter().any(|other| other == text);
    if texts.clone().zip(names).any(is_crossed) {
        return None;
    }
    let wanted: Vec<(&str, &String)> = texts.zip(names).filter(|(text, _)| *text != "_").collect();
    let path = &ctx.site.path;
    if let [(text, name)] = wanted[..] {
        return Some(vec![
            ctx.replace(targets.byte_range(), text),
            Edit::insert(path, call.end_byte(), read(type_name, name)),
        ]);
    }
    let object = free_name(ctx, if type_name == MAPPING { "found" } else { type_name });
    let (lefts, rights): (Vec<&str>, Vec<String>) =
        wanted.into_iter().map(|(text, name)| (text, format!("{object}{}", read(type_name, name)))).unzip();
    let start = targets.start_byte();
    let line = ctx.source.text()[..start].rfind('\n').map_or(0, |at| at + 1);
    let margin = &ctx.source.text()[line..start];
    let is_alone = margin.chars().all(char::is_whitespace);
    let second = format!("\n{margin}{} = {}", lefts.join(", "), rights.join(", "));
    is_alone.then(|| vec![ctx.replace(targets.byte_range(), &object), Edit::insert(path, call.end_byte(), second)])
}

/// A name for the object that the file does not know yet.
fn free_name(ctx: &Context<'_>, type_name: &str) -> String {
    let mut snake = String::new();
    for (at, c) in type_name.char_indices() {
        if c.is_uppercase() && at > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    let snake = snake.trim_matches('_').to_string();
    let is_known = |name: &str| {
        descendants(ctx.source.root()).any(|node| node.kind() == "identifier" && ctx.source.slice(node) == name)
    };
    [snake.as_str(), "found", "result", "given"]
        .into_iter()
        .find(|name| !is_known(name))
        .map_or_else(|| format!("{snake}_found"), str::to_string)
}

/// `bounds()[0]`, `found[0]` after `found = bounds()`: by name, everywhere in the test.
fn indexed(ctx: &Context<'_>, function: &str, names: &[String], type_name: &str) -> Option<Vec<Edit>> {
    let is_given = |value: Node<'_>| {
        let call = comparison::assigned(ctx, value).unwrap_or(value);
        call.child_by_field_name("function").is_some_and(|name| ctx.source.slice(name) == function)
    };
    let mut edits = Vec::new();
    for node in descendants(ctx.scope()).filter(|node| node.kind() == "subscript") {
        let (value, index) = (node.child_by_field_name("value")?, node.child_by_field_name("subscript")?);
        if !is_given(value) {
            continue;
        }
        let place: usize = ctx.source.slice(index).parse().ok()?;
        let name = names.get(place)?;
        let target = node.parent().filter(|parent| parent.kind() == "assignment");
        let target = target.and_then(|assignment| assignment.child_by_field_name("left")).unwrap_or(node);
        let called = ctx.source.slice(target);
        if called != name && names.iter().any(|other| other == called) {
            return None;
        }
        edits.push(ctx.replace(value.end_byte()..node.end_byte(), read(type_name, name)));
    }
    Some(edits)
}
