//! Dictionaries, merged key by key: a key may be a constant, of which only the run says what it is.

use crate::syntax::{Node, Source};

use super::{Change, Pair, is_literal, items, merge, same, splice, string_value};

pub(super) fn mapping<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    new: Node<'_>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let (olds, news) = (items(old), items(new));
    let wases = was.map(items).unwrap_or_default();
    if olds.iter().any(|node| node.kind() != "pair") || news.iter().any(|node| key(node).is_none()) {
        return None;
    }
    let ran: Vec<Option<Node<'_>>> = (0..olds.len()).map(|at| ran(pair, &olds, &wases, at)).collect();
    let matching = |at: usize, fold: bool| {
        // `ATTR_NAME` is known by what it was when it ran.
        let (source, old) = match (key(&olds[at])?, ran[at].as_ref().and_then(key), pair.was) {
            (old, Some(was), Some(source)) if !is_literal(old) => (source, was),
            (old, ..) => (pair.source, old),
        };
        news.iter().position(|new| match key(new) {
            Some(new) if fold => folded(source, old).is_some_and(|old| folded(pair.printed, new) == Some(old)),
            Some(new) => same(source, old, pair.printed, new),
            None => false,
        })
    };
    let partners: Vec<Option<usize>> =
        (0..olds.len()).map(|at| matching(at, false).or_else(|| matching(at, true))).collect();
    for (at, partner) in partners.iter().enumerate() {
        if let Some(new) = partner.and_then(|at| news.get(at)) {
            merge(pair, value(&olds[at])?, ran[at].as_ref().and_then(value), value(new)?, found)?;
        }
    }
    let came: Vec<Node<'_>> =
        news.iter().enumerate().filter(|(at, _)| !partners.contains(&Some(*at))).map(|(_, node)| *node).collect();
    if came.iter().any(|node| node.kind() != "pair") {
        return None;
    }
    let gone: Vec<usize> =
        partners.iter().enumerate().filter(|(_, partner)| partner.is_none()).map(|(at, _)| at).collect();
    match (gone.as_slice(), came.as_slice()) {
        ([], []) => Some(()),
        ([], _) => splice(pair, old, &olds, olds.len(), 0, &came, found),
        // As many keys came as went: each takes the place of one.
        (gone, came) if gone.len() == came.len() => gone.iter().zip(came).try_for_each(|(at, new)| {
            merge(pair, key(&olds[*at])?, None, key(new)?, found)?;
            merge(pair, value(&olds[*at])?, ran[*at].as_ref().and_then(value), value(new)?, found)
        }),
        (gone, []) => gone.iter().try_for_each(|at| splice(pair, old, &olds, *at, 1, &[], found)),
        _ => None,
    }
}

/// The item at a place as the run printed it: that of the same key; for a key that is no literal, that of the same
/// place, where every item that is written out stands in its own.
fn ran<'w>(pair: &Pair<'_, '_>, olds: &[Node<'_>], wases: &[Node<'w>], at: usize) -> Option<Node<'w>> {
    let source = pair.was?;
    let is_key =
        |old: &Node<'_>, was: &Node<'_>| key(old).zip(key(was)).is_some_and(|(a, b)| same(pair.source, a, source, b));
    let is_same = |old: Option<Node<'_>>, was: Option<Node<'_>>| {
        old.zip(was).is_some_and(|(old, was)| !is_literal(old) || same(pair.source, old, source, was))
    };
    let by_place = || {
        let mut both = olds.iter().zip(wases);
        let is_in_order = olds.len() == wases.len()
            && both.all(|(old, was)| is_same(key(old), key(was)) && is_same(value(old), value(was)));
        wases.get(at).filter(|_| is_in_order)
    };
    match key(&olds[at]).is_some_and(is_literal) {
        true => wases.iter().find(|was| is_key(&olds[at], was)).copied(),
        false => by_place().copied(),
    }
}

fn folded(source: &Source, node: Node<'_>) -> Option<String> {
    string_value(source, node).map(|text| text.to_lowercase())
}

/// The key of `'a': 1`, and of `('a', 1)` where a mapping prints its items so.
pub(super) fn key<'t>(pair: &Node<'t>) -> Option<Node<'t>> {
    if pair.kind() == "tuple" { pair.named_child(0) } else { pair.child_by_field_name("key") }
}

pub(super) fn value<'t>(pair: &Node<'t>) -> Option<Node<'t>> {
    if pair.kind() == "tuple" { pair.named_child(1) } else { pair.child_by_field_name("value") }
}
