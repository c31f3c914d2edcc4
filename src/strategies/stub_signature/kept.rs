//! Whether the product's call of a stub passes what it passed before, beside what came.

use crate::diagnosis::{locate, product};
use crate::strategies::Context;
use crate::strategies::calls::{Argument, arguments};
use crate::strategies::recorded_call::moved::calls;
use crate::syntax::{Node, Source, descendants};

use super::Stub;

/// Whether the call lost an argument beside one of `came`, or turned two round: the stub would hide it.
pub(super) fn loses_others(ctx: &Context<'_>, stub: &Stub<'_>, came: &[&str]) -> bool {
    let Some((path, line, source)) = super::caller(ctx) else { return false };
    let statement = source.code_on_line(line).and_then(|code| source.statement_at(code.start));
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let befores = changes.iter().filter(|change| change.path == path).filter_map(|change| change.before.clone());
    let befores: Vec<Source> = befores.map(Source::parse).collect();
    let all = statement.into_iter().flat_map(descendants).filter(|node| node.kind() == "call");
    let mut places = super::own_names(ctx, stub);
    places.retain(|name| !matches!(name.as_str(), "self" | "cls"));
    all.into_iter().any(|call| befores.iter().any(|before| is_lost(before, &source, call, (came, &places))))
}

fn is_lost(before: &Source, source: &Source, call: Node<'_>, (came, places): (&[&str], &[String])) -> bool {
    let name = call.child_by_field_name("function").and_then(locate::last_name).map(|name| source.slice(name));
    let Some(name) = name else { return false };
    let here = calls(source, name);
    let Some((at, _)) = here.iter().find(|(_, other)| *other == call) else { return false };
    let befores = calls(before, name);
    let mut olds = befores.iter().filter(|(other, _)| other == at);
    let is_only = here.iter().filter(|(other, _)| other == at).count() == 1;
    let Some((_, old)) = olds.next().filter(|_| is_only && olds.next().is_none()) else { return false };
    let (was, is) = (arguments(before, *old), arguments(source, call));
    if was.iter().chain(&is).any(|argument| argument.is_splat) {
        return false;
    }
    let is_new = |argument: &&Argument| argument.keyword.as_deref().is_some_and(|name| came.contains(&name));
    let (news, olds) = (is.iter().filter(is_new).count(), was.iter().filter(is_new).count());
    news > olds && is.len() - news < was.len() || is_turned(&named(before, &was, places), &named(source, &is, places))
}

/// What a call passes, each with the name by which the stub takes it.
fn named<'s>(source: &'s Source, given: &[Argument], places: &[String]) -> Vec<(String, &'s str)> {
    let mut place = places.iter();
    let name = |argument: &Argument| match &argument.keyword {
        Some(name) => Some(name.clone()),
        None => place.next().cloned(),
    };
    let names: Vec<Option<String>> = given.iter().map(name).collect();
    let pairs = names.into_iter().zip(given);
    pairs.filter_map(|(name, it)| Some((name?, &source.text()[it.value.clone()]))).collect()
}

/// Whether a value that stands there once has the name that another one had.
fn is_turned(was: &[(String, &str)], is: &[(String, &str)]) -> bool {
    let only = |all: &[(String, &str)], value: &str| -> Option<String> {
        let mut found = all.iter().filter(|(_, other)| *other == value);
        found.next().filter(|_| found.next().is_none()).map(|(name, _)| name.clone())
    };
    was.iter().any(|(_, value)| {
        let names = only(was, value).zip(only(is, value));
        names.is_some_and(|(old, new)| old != new && was.iter().any(|(other, _)| *other == new))
    })
}
