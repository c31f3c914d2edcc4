//! Constructors' calls and mappings of keywords, merged argument by argument.

use crate::syntax::{Node, Source};

use super::super::constructors::{self, Field};
use super::zones::zone;
use super::{Change, Pair, is_literal, items, key, merge, same, separator, splice, string_value, styled, value};

/// `Point(1, y=2)`, argument by argument: `repr` tells which is which, by the place or the name that it has there.
pub(super) fn made<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    new: Node<'_>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let (source, was_source) = (pair.source, pair.was?);
    let (olds, wases, news) = (constructors::fields(old)?, constructors::fields(was?)?, constructors::fields(new)?);
    let name = |source: &Source, field: &Field<'_>| field.keyword.map(|name| source.slice(name).to_string());
    let is_of = |field: &Field<'_>, source: &Source, others: &[Field<'_>], other: &Source| {
        field.keyword.is_none_or(|_| others.iter().any(|it| name(other, it) == name(source, field)))
    };
    // What one of both does not show is what the other has more: `tzinfo=` of what became aware.
    let (news, came): (Vec<_>, Vec<_>) =
        news.into_iter().partition(|field| is_of(field, pair.printed, &wases, was_source));
    let (wases, gone): (Vec<_>, Vec<_>) =
        wases.into_iter().partition(|field| is_of(field, was_source, &news, pair.printed));
    let names: Vec<Option<String>> = news.iter().map(|field| name(pair.printed, field)).collect();
    let alike = wases.iter().map(|field| name(was_source, field)).eq(names.iter().cloned());
    let alike = alike && (came.is_empty() || gone.is_empty());
    constructors::class(was_source, was?).filter(|class| alike && Some(*class) == constructors::class(source, old))?;
    let mut left: Vec<usize> = (0..news.len()).collect();
    for (position, field) in olds.iter().enumerate() {
        let by_name = |name: String| names.iter().position(|other| other.as_ref() == Some(&name));
        let by_place = Some(position).filter(|at| *at < news.len());
        // What `repr` does not show is as it was.
        let Some(at) = name(source, field).map_or(by_place, by_name) else { continue };
        let (was, new) = (wases[at].value, news[at].value);
        left.retain(|other| *other != at);
        if same(was_source, was, pair.printed, new) {
            continue;
        }
        if is_literal(field.value) && !same(source, field.value, was_source, was) {
            return None;
        }
        merge(pair, field.value, Some(was), new, found)?;
    }
    left.retain(|at| !same(was_source, wases[*at].value, pair.printed, news[*at].value));
    // What the test left to its default is said now.
    let said = |at: &usize| Some(format!("{}={}", names[*at].as_ref()?, written(pair, old, news[*at].value)?));
    let said = left.iter().map(said).collect::<Option<_>>()?;
    come_and_go(pair, (old, &olds), (&came, &gone), said, found)
}

/// Puts the keywords that came in the place of those of their name, else behind all with what is `said`, and takes out
/// those that went.
fn come_and_go<'t>(
    pair: &Pair<'_, 't>,
    (old, olds): (Node<'t>, &[Field<'t>]),
    (came, gone): (&[Field<'_>], &[Field<'_>]),
    mut said: Vec<String>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let arguments = items(old.child_by_field_name("arguments")?);
    let under = |keyword: &str| {
        let mut keywords = olds.iter().map(|field| field.keyword.map(|name| pair.source.slice(name)));
        keywords.position(|own| own == Some(keyword))
    };
    for field in came {
        let keyword = pair.printed.slice(field.keyword?);
        let text = written(pair, old, field.value)?;
        match under(keyword) {
            Some(at) => found.push((arguments[at].byte_range(), format!("{keyword}={text}"))),
            None => said.push(format!("{keyword}={text}")),
        }
    }
    for field in gone {
        let at = under(pair.was?.slice(field.keyword?))?;
        splice(pair, old, &arguments, at, 1, &[], found)?;
    }
    add(pair.source, old, &arguments, &said, found);
    Some(())
}

fn written(pair: &Pair<'_, '_>, old: Node<'_>, new: Node<'_>) -> Option<String> {
    zone(pair.source, pair.printed, new).or_else(|| styled(pair, Some(old), new))
}

/// `call("ann", retries=1)` of a mock, argument by argument: what is not passed any more goes, what is passed now comes.
pub(super) fn called<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    new: Node<'_>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let (olds, wases, news) = (constructors::fields(old)?, constructors::fields(was?)?, constructors::fields(new)?);
    if olds.len() != wases.len() {
        return None;
    }
    let arguments = items(old.child_by_field_name("arguments")?);
    let place = |source: &Source, field: &Field<'_>, at: usize| match field.keyword {
        Some(name) => source.slice(name).to_string(),
        None => at.to_string(),
    };
    let places: Vec<String> = olds.iter().enumerate().map(|(at, field)| place(pair.source, field, at)).collect();
    let mut came: Vec<(String, &Field<'_>)> =
        news.iter().enumerate().map(|(at, field)| (place(pair.printed, field, at), field)).collect();
    for (at, field) in olds.iter().enumerate() {
        match came.iter().position(|(place, _)| *place == places[at]) {
            Some(new) => merge(pair, field.value, Some(wases[at].value), came.remove(new).1.value, found)?,
            None if let Some(new) = named_now(pair, field, wases[at].value, &came, &places) => {
                found.push((field.value.start_byte()..field.value.start_byte(), format!("{}=", came.remove(new).0)));
            }
            None => splice(pair, old, &arguments, at, 1, &[], found)?,
        }
    }
    let (named, placed): (Vec<_>, Vec<_>) = came.into_iter().partition(|(_, field)| field.keyword.is_some());
    let text = |field: &Field<'_>| styled(pair, Some(old), field.value);
    let said = named.iter().map(|(name, field)| Some(format!("{name}={}", text(field)?)));
    let placed: Vec<String> = placed.iter().map(|(_, field)| text(field)).collect::<Option<_>>()?;
    let positions = olds.iter().take_while(|field| field.keyword.is_none()).count();
    if !placed.is_empty() && positions == 0 && !arguments.is_empty() {
        return None;
    }
    add(pair.source, old, &arguments[..positions], &placed, found);
    add(pair.source, old, &arguments, &said.collect::<Option<Vec<_>>>()?, found);
    Some(())
}

/// Which of the arguments that came is the one that stood in a place: the keyword with its value.
fn named_now(
    pair: &Pair<'_, '_>,
    old: &Field<'_>,
    was: Node<'_>,
    came: &[(String, &Field<'_>)],
    places: &[String],
) -> Option<usize> {
    let is_it = |(name, new): &(String, &Field<'_>)| {
        new.keyword.is_some() && !places.contains(name) && pair.stays(Some(was), new.value)
    };
    came.iter().position(is_it).filter(|_| old.keyword.is_none())
}

/// `dict(a=1)`, keyword by keyword.
pub(super) fn keywords<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    new: Node<'_>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let (olds, news) = (constructors::fields(old)?, items(new));
    let arguments = items(old.child_by_field_name("arguments")?);
    let name = |field: &Field<'t>| field.keyword.map(|name| pair.source.slice(name).to_string());
    let names: Vec<String> = olds.iter().map(name).collect::<Option<_>>()?;
    let wases = was.map(items).unwrap_or_default();
    let under = |source: &Source, pairs: &[Node<'_>], name: &str| {
        pairs.iter().position(|pair| key(pair).and_then(|key| string_value(source, key)).as_deref() == Some(name))
    };
    for (at, (field, name)) in olds.iter().zip(&names).enumerate() {
        let was = pair.was.and_then(|source| wases.get(under(source, &wases, name)?)).and_then(value);
        match under(pair.printed, &news, name) {
            Some(new) => merge(pair, field.value, was, value(&news[new])?, found)?,
            None => splice(pair, old, &arguments, at, 1, &[], found)?,
        }
    }
    let mut said = Vec::new();
    for new in &news {
        let name = string_value(pair.printed, key(new)?)?;
        if !names.contains(&name) {
            let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(char::is_numeric);
            said.push(format!("{}={}", Some(name).filter(|_| is_name)?, styled(pair, Some(old), value(new)?)?));
        }
    }
    add(pair.source, old, &arguments, &said, found);
    Some(())
}

/// Puts arguments behind those of a call.
fn add(source: &Source, call: Node<'_>, arguments: &[Node<'_>], said: &[String], found: &mut Vec<Change>) {
    if said.is_empty() {
        return;
    }
    let separator = separator(source, arguments);
    let (at, before) = match arguments.last() {
        Some(last) => (last.end_byte(), separator.as_str()),
        None => (call.end_byte() - 1, ""),
    };
    found.push((at..at, format!("{before}{}", said.join(&separator))));
}

/// A mapping or a tuple that an object equals by its fields: what it holds is compared one by one, and what cannot be
/// compared stays for the run to tell.
pub(super) fn object<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    fields: &[Field<'_>],
    found: &mut Vec<Change>,
) -> Option<()> {
    let olds = items(old);
    let wases = was.filter(|was| was.kind() == old.kind()).map(items).filter(|wases| wases.len() == olds.len());
    if old.kind() == "tuple" && olds.len() != fields.len() {
        return None;
    }
    for (at, part) in olds.iter().enumerate() {
        let was = wases.as_ref().map(|wases| wases[at]);
        let (part, was, field) = match old.kind() {
            "tuple" => (*part, was, Some(&fields[at])),
            _ => {
                let name = key(part).and_then(|key| string_value(pair.source, key));
                let is_it = |field: &&Field<'_>| field.keyword.map(|own| pair.printed.slice(own)) == name.as_deref();
                let field = fields.iter().find(|field| field.keyword.is_some() && is_it(field));
                (value(part)?, was.as_ref().and_then(value), field)
            }
        };
        if let Some(field) = field {
            merge(pair, part, was, field.value, found)?;
        }
    }
    Some(())
}
