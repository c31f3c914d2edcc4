//! Keywords that reach a call through `**`: the dictionaries and calls of the file in which they are written.

use std::ops::Range;

use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::fixtures::is_fixture;

use super::calls::{self, Argument};
use super::{Context, comparison, literals, names};

/// How many helpers hand their keywords on to the next.
const DEPTH: usize = 3;

/// The call at the subject of the failure; else the only one of the statement that passes something by `**`.
pub(super) fn call_at<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    calls::call_at(ctx).or_else(|| only(ctx, |call| splats(call).next().is_some()))
}

/// The only call of the statement of what `partial` made; else [`call_at`].
pub(super) fn call_of_keyword<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    only(ctx, |call| !partials(ctx, call).is_empty()).or_else(|| call_at(ctx))
}

/// The only call of the statement that is as asked.
fn only<'c>(ctx: &'c Context<'_>, is_it: impl Fn(Node<'c>) -> bool) -> Option<Node<'c>> {
    let mut calls = descendants(ctx.statement()?).filter(|node| node.kind() == "call" && is_it(*node));
    calls.next().filter(|_| calls.next().is_none())
}

/// The dictionaries, `dict(…)` and calls of helpers whose entries `call` passes by `**`.
pub(super) fn holders<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Vec<Node<'c>> {
    let mut found = Vec::new();
    splats(call).for_each(|value| gather(ctx, value, DEPTH, &mut found));
    found.extend(partials(ctx, call));
    found.dedup();
    found
}

/// The `partial(f, size=1)` that made what is called, alone or under a name.
fn partials<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Vec<Node<'c>> {
    let Some(called) = call.child_by_field_name("function") else { return Vec::new() };
    let is_partial = |node: &Node<'_>| {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
        function.is_some_and(|function| matches!(ctx.source.slice(function), "partial" | "functools.partial"))
    };
    let made = match called.kind() {
        "identifier" | "attribute" => named(ctx, called, DEPTH).into_iter().map(|(value, _)| value).collect(),
        _ => vec![called],
    };
    made.into_iter().filter(is_partial).collect()
}

/// The entries of a holder, as arguments.
pub(super) fn entries(source: &Source, holder: Node<'_>) -> Vec<Argument> {
    if holder.kind() == "call" {
        return calls::arguments(source, holder);
    }
    let entry = |node: Node<'_>| {
        let value = node.child_by_field_name("value").unwrap_or(node).byte_range();
        let keyword = node.child_by_field_name("key").and_then(|key| literals::string_value(source, key));
        Argument { keyword, is_splat: node.kind() == "dictionary_splat", value, range: node.byte_range() }
    };
    children(holder).filter(|node| node.kind() != "comment").map(entry).collect()
}

/// Where the keyword of an entry is written: `size` of `size=1` and of `"size": 1`.
pub(super) fn keyword(source: &Source, entry: &Argument) -> Option<Range<usize>> {
    let node = source.node_at(entry.range.clone())?;
    match node.child_by_field_name("key") {
        Some(key) => children(key).find(|part| part.kind() == "string_content").map(|text| text.byte_range()),
        None => node.child_by_field_name("name").map(|name| name.byte_range()),
    }
}

/// Where the file writes `keyword` into, or reads it from, the dictionary that a name behind `**` of the call stands for:
/// entry by entry, by `update`, as a row of the table that a loop runs through.
pub(super) fn written(ctx: &Context<'_>, call: Node<'_>, keyword: &str) -> Vec<Range<usize>> {
    let source = ctx.source;
    let Some(function) = ancestors(call).find(|node| node.kind() == "function_definition") else { return Vec::new() };
    let mut found: Vec<Range<usize>> = Vec::new();
    for name in splats(call).filter(|value| value.kind() == "identifier").map(|value| source.slice(value)) {
        for node in descendants(function) {
            let roots = entered(source, node, name);
            let keys = roots.into_iter().flat_map(descendants).filter_map(|node| key(source, node, keyword));
            found.extend(keys);
        }
    }
    found.sort_by_key(|range| range.start);
    found.dedup();
    found
}

/// What `node` puts into, or reads from, the dictionary `name`.
fn entered<'s>(source: &'s Source, node: Node<'s>, name: &str) -> Vec<Node<'s>> {
    let is_it = |node: Node<'_>| node.kind() == "identifier" && source.slice(node) == name;
    match node.kind() {
        "subscript" if node.child_by_field_name("value").is_some_and(is_it) => {
            node.child_by_field_name("subscript").into_iter().collect()
        }
        "call" => {
            let function = node.child_by_field_name("function").map_or("", |function| source.slice(function));
            let is_of_name = function.strip_prefix(name).is_some_and(|method| matches!(method, ".update" | ".get"));
            node.child_by_field_name("arguments").filter(|_| is_of_name).into_iter().collect()
        }
        "assignment" if node.child_by_field_name("left").is_some_and(is_it) => {
            node.child_by_field_name("right").into_iter().collect()
        }
        "for_statement" | "for_in_clause"
            if node.child_by_field_name("left").is_some_and(|left| descendants(left).any(is_it)) =>
        {
            node.child_by_field_name("right").into_iter().flat_map(|table| tables(source, table)).collect()
        }
        _ => Vec::new(),
    }
}

/// A table as it is written, and the values that the file gives to the names in it.
fn tables<'s>(source: &'s Source, table: Node<'s>) -> Vec<Node<'s>> {
    let named: Vec<&str> =
        descendants(table).filter(|node| node.kind() == "identifier").map(|node| source.slice(node)).collect();
    let is_named = |left: Node<'_>| left.kind() == "identifier" && named.contains(&source.slice(left));
    let given = descendants(source.root()).filter(|node| node.kind() == "assignment");
    let given = given.filter(|node| node.child_by_field_name("left").is_some_and(is_named));
    given.filter_map(|node| node.child_by_field_name("right")).chain([table]).collect()
}

/// The text of a key `keyword`: in a dictionary, of a subscript, of `get`, or a name in `dict(…)` and `update(…)`.
fn key(source: &Source, node: Node<'_>, keyword: &str) -> Option<Range<usize>> {
    let parent = node.parent()?;
    let of = |field: &str| parent.child_by_field_name(field) == Some(node);
    let is_key = match (node.kind(), parent.kind()) {
        ("string", "pair") => of("key"),
        ("string", "subscript") => of("subscript"),
        ("string", "argument_list") => parent.named_child(0) == Some(node),
        ("identifier", "keyword_argument") => of("name"),
        _ => false,
    };
    if node.kind() == "identifier" {
        return (is_key && source.slice(node) == keyword).then(|| node.byte_range());
    }
    let text = children(node).find(|part| part.kind() == "string_content").filter(|_| is_key)?;
    (source.slice(text) == keyword).then(|| text.byte_range())
}

/// The values behind `**` in a call or a dictionary.
fn splats(holder: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let list = if holder.kind() == "call" { holder.child_by_field_name("arguments") } else { Some(holder) };
    let splats = list.into_iter().flat_map(children).filter(|node| node.kind() == "dictionary_splat");
    splats.filter_map(|splat| splat.named_child(0))
}

fn gather<'c>(ctx: &'c Context<'_>, value: Node<'c>, depth: usize, found: &mut Vec<Node<'c>>) {
    let is_dict = |call: Node<'_>| {
        call.child_by_field_name("function").is_some_and(|function| ctx.source.slice(function) == "dict")
    };
    match value.kind() {
        "dictionary" => hold(ctx, value, depth, found),
        "call" if is_dict(value) => hold(ctx, value, depth, found),
        "identifier" | "attribute" if depth > 0 => {
            for (value, depth) in named(ctx, value, depth) {
                match value.kind() {
                    "call" if !is_dict(value) => hold(ctx, value, depth, found),
                    _ => gather(ctx, value, depth, found),
                }
            }
        }
        _ => {}
    }
}

/// Takes a holder and what it passes on by `**` itself.
fn hold<'c>(ctx: &'c Context<'_>, holder: Node<'c>, depth: usize, found: &mut Vec<Node<'c>>) {
    if !found.contains(&holder) {
        found.push(holder);
        splats(holder).for_each(|value| gather(ctx, value, depth, found));
    }
}

/// What a name behind `**` can be: the calls of the helper whose `**name` it is, the rows of a table, or what is
/// assigned to it in the function, the class or the file.
fn named<'c>(ctx: &'c Context<'_>, name: Node<'c>, depth: usize) -> Vec<(Node<'c>, usize)> {
    let source = ctx.source;
    let text = source.slice(name);
    let function = ancestors(name).find(|node| node.kind() == "function_definition");
    if let Some(fixture) = function.filter(|function| text == "request.param" && is_fixture(source, *function)) {
        return comparison::params(source, fixture).into_iter().map(|row| (row, depth - 1)).collect();
    }
    let parameters = function.and_then(|function| function.child_by_field_name("parameters"));
    let mut parameters = parameters.into_iter().flat_map(children);
    if let Some((function, parameter)) =
        function.zip(parameters.find(|node| names::parameter_name(source, *node) == Some(text)))
    {
        let with = |nodes: Vec<Node<'c>>, depth| nodes.into_iter().map(|node| (node, depth)).collect();
        return match parameter.kind() {
            "dictionary_splat_pattern" => with(calls_of(ctx, function), depth - 1),
            _ => with(comparison::rows(source, function, text), depth),
        };
    }
    let (scope, last) = match text.split_once('.') {
        Some(("self" | "cls", last)) => (ancestors(name).find(|node| node.kind() == "class_definition"), last),
        Some(_) => return Vec::new(),
        None => (function.filter(|function| names::binds(source, *function, text)), text),
    };
    let is_it = |left: Node<'_>| {
        let left = source.slice(left);
        left == text
            || left == last
            || left.split_once('.').is_some_and(|(owner, name)| owner == "self" && name == last)
    };
    let assigned = descendants(scope.unwrap_or_else(|| source.root())).filter(|node| node.kind() == "assignment");
    let assigned = assigned.filter(|node| node.child_by_field_name("left").is_some_and(is_it));
    let outer = |node: &Node<'_>| ancestors(*node).any(|outer| outer.kind() == "function_definition");
    let assigned = assigned.filter(|node| scope.is_some() || !outer(node));
    let assigned = assigned.filter_map(|node| node.child_by_field_name("right"));
    let updates = descendants(scope.unwrap_or_else(|| source.root())).filter_map(|node| updated(source, node, text));
    assigned.chain(updates.filter(|_| scope.is_some())).map(|value| (value, depth - 1)).collect()
}

/// What `name.update(values)` takes over.
fn updated<'s>(source: &'s Source, node: Node<'s>, name: &str) -> Option<Node<'s>> {
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
    let values = node.child_by_field_name("arguments")?.named_child(0)?;
    let is_it = source.slice(function).strip_prefix(name) == Some(".update");
    (is_it && matches!(values.kind(), "identifier" | "dictionary")).then_some(values)
}

/// The name of the fixture that hands out `function`, which it defines.
fn factory<'s>(source: &'s Source, function: Node<'s>, own: &str) -> Option<&'s str> {
    let fixture = ancestors(function).skip(1).find(|outer| outer.kind() == "function_definition")?;
    let hands_out = |node: Node<'_>| {
        matches!(node.kind(), "return_statement" | "yield")
            && node.named_child(0).is_some_and(|value| source.slice(value) == own)
    };
    let is_it = is_fixture(source, fixture) && descendants(fixture).any(hands_out);
    fixture.child_by_field_name("name").filter(|_| is_it).map(|name| source.slice(name))
}

/// The calls of a helper of the file, by its name or as a method; of a fixture's, by the name of the fixture.
fn calls_of<'c>(ctx: &'c Context<'_>, function: Node<'c>) -> Vec<Node<'c>> {
    let Some(own) = function.child_by_field_name("name").map(|name| ctx.source.slice(name)) else { return Vec::new() };
    let name = factory(ctx.source, function, own).unwrap_or(own);
    let is_method = ancestors(function).skip(1).any(|outer| outer.kind() == "class_definition");
    let is_it = |called: Node<'_>| match (called.kind(), is_method) {
        ("identifier", false) => ctx.source.slice(called) == name,
        ("attribute", true) => ctx
            .source
            .slice(called)
            .split_once('.')
            .is_some_and(|(owner, method)| matches!(owner, "self" | "cls") && method == name),
        _ => false,
    };
    let calls = descendants(ctx.source.root()).filter(|node| node.kind() == "call");
    calls.filter(|call| call.child_by_field_name("function").is_some_and(is_it)).collect()
}
