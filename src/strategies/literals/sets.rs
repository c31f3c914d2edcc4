//! Sets, of which `repr` tells the members in any order: what went makes place for what came.

use std::cmp::Ordering;

use crate::syntax::{Node, Source};

use super::super::constructors;
use super::{Change, Pair, items, number, same, splice, written_like};

/// The members of `set([1, 2])` or `frozenset({1, 2})`, as they are written and as they were printed.
pub(super) fn made<'t, 'n>(pair: &Pair<'_, 't>, old: Node<'t>, new: Node<'n>) -> Option<(Node<'t>, Node<'n>)> {
    let class = constructors::class(pair.source, old).filter(|class| matches!(*class, "set" | "frozenset"))?;
    let news = match new.kind() {
        "set" if class == "set" => new,
        "call" if constructors::class(pair.printed, new) == Some(class) => only_argument(new)?,
        _ => return None,
    };
    let is_collection = |node: &Node<'_>| matches!(node.kind(), "list" | "tuple" | "set");
    only_argument(old).filter(is_collection).zip(Some(news).filter(is_collection))
}

fn only_argument(call: Node<'_>) -> Option<Node<'_>> {
    let arguments = items(call.child_by_field_name("arguments")?);
    arguments.first().copied().filter(|_| arguments.len() == 1)
}

/// Writes each member that came, in order, in the place of one that went. `None` where something is in there that is no
/// literal: nobody knows which member that was.
pub(super) fn members<'t>(pair: &Pair<'_, 't>, old: Node<'t>, new: Node<'_>, found: &mut Vec<Change>) -> Option<()> {
    let (olds, news) = (items(old), items(new));
    let is_made = |node: &Node<'_>| constructors::is_made(pair.source, *node);
    olds.iter().all(is_made).then_some(())?;
    let is_kept = |old: &Node<'_>| news.iter().any(|new| same(pair.source, *old, pair.printed, *new));
    let is_known = |new: &Node<'_>| olds.iter().any(|old| same(pair.source, *old, pair.printed, *new));
    let gone: Vec<usize> = (0..olds.len()).filter(|at| !is_kept(&olds[*at])).collect();
    let mut came: Vec<Node<'_>> = news.iter().copied().filter(|new| !is_known(new)).collect();
    came.sort_by(|one, other| order(pair.printed, *one, *other));
    let mut places = gone.clone();
    places.sort_by(|one, other| order(pair.source, olds[*one], olds[*other]));
    match (gone.as_slice(), came.as_slice()) {
        (gone, []) if gone.len() < olds.len() => {
            gone.iter().try_for_each(|at| splice(pair, old, &olds, *at, 1, &[], found))
        }
        ([], _) if !olds.is_empty() => splice(pair, old, &olds, olds.len(), 0, &came, found),
        _ if gone.len() == came.len() => places.iter().zip(came).try_for_each(|(at, new)| {
            found.push((olds[*at].byte_range(), written_like(pair, olds[*at], new)?));
            Some(())
        }),
        _ => {
            found.push((old.byte_range(), written_like(pair, old, new)?));
            Some(())
        }
    }
}

/// Numbers by their size, everything else by its text.
fn order(source: &Source, one: Node<'_>, other: Node<'_>) -> Ordering {
    let (one, other) = (source.slice(one), source.slice(other));
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => one.cmp(other),
    }
}
