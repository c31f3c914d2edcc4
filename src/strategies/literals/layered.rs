//! Mappings that are made of others: `{**BASE, "x": 1}`, `BASE | {"x": 1}`, `dict(BASE, x=1)`. What is written last holds.

use crate::syntax::{Node, Source, children};

use super::super::constructors;
use super::{Change, Pair, inner, items, key, merge, same, splice, string_value, value};

/// Whether a mapping is made of another one.
pub(super) fn is_layered(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "dictionary" => children(node).any(|part| part.kind() == "dictionary_splat"),
        "binary_operator" => node.child_by_field_name("operator").is_some_and(|operator| source.slice(operator) == "|"),
        "call" if constructors::class(source, node) == Some("dict") => {
            let first = node.child_by_field_name("arguments").and_then(|list| items(list).into_iter().next());
            first.is_some_and(|first| first.kind() != "keyword_argument")
        }
        _ => false,
    }
}

/// One entry, or something of which nobody knows what it holds.
enum Layer<'t> {
    Entry { key: Node<'t>, value: Node<'t> },
    Unknown,
}

/// Changes what the entries that hold were given. What an entry is that no longer comes cannot be said, for one below it
/// would hold.
pub(super) fn layered<'t>(
    pair: &Pair<'_, 't>,
    old: Node<'t>,
    was: Option<Node<'_>>,
    new: Node<'_>,
    found: &mut Vec<Change>,
) -> Option<()> {
    let (was_source, wases) = (pair.was?, was.filter(|was| was.kind() == "dictionary").map(items)?);
    let mut layers = Vec::new();
    read(pair, old, &mut layers);
    let news = items(new);
    let is_same = |was: &Node<'_>, new: &Node<'_>| {
        key(was).zip(key(new)).is_some_and(|(was, new)| same(was_source, was, pair.printed, new))
    };
    if wases.iter().any(|was| !news.iter().any(|new| is_same(was, new))) {
        return None;
    }
    let mut came = Vec::new();
    for entry in &news {
        let new = value(entry)?;
        match wases.iter().find(|was| is_same(was, entry)).and_then(value) {
            None => came.push(*entry),
            Some(was) if same(was_source, was, pair.printed, new) => {}
            Some(was) => merge(pair, written(pair, &layers, key(entry)?)?, Some(was), new, found)?,
        }
    }
    if came.is_empty() {
        return Some(());
    }
    let last = if old.kind() == "binary_operator" { inner(old.child_by_field_name("right")?) } else { old };
    let entries = items(last);
    (last.kind() == "dictionary").then(|| splice(pair, last, &entries, entries.len(), 0, &came, found))?
}

/// The layers of a mapping, the one that holds last.
fn read<'t>(pair: &Pair<'_, 't>, node: Node<'t>, layers: &mut Vec<Layer<'t>>) {
    let node = inner(node);
    match node.kind() {
        "dictionary" => children(node).for_each(|part| entry(pair, part, layers)),
        "binary_operator" if is_layered(pair.source, node) => {
            let sides = ["left", "right"].into_iter().filter_map(|side| node.child_by_field_name(side));
            sides.for_each(|side| read(pair, side, layers));
        }
        "call" if constructors::class(pair.source, node) == Some("dict") => {
            let arguments = node.child_by_field_name("arguments");
            arguments.into_iter().flat_map(children).for_each(|part| entry(pair, part, layers));
        }
        _ => match (pair.declared)(node).filter(|declared| declared.kind() == "dictionary") {
            Some(declared) => read(pair, declared, layers),
            None => layers.push(Layer::Unknown),
        },
    }
}

fn entry<'t>(pair: &Pair<'_, 't>, part: Node<'t>, layers: &mut Vec<Layer<'t>>) {
    let key = part.child_by_field_name("key").or_else(|| part.child_by_field_name("name"));
    match (part.kind(), key, part.child_by_field_name("value")) {
        ("comment", ..) => {}
        ("pair" | "keyword_argument", Some(key), Some(value)) => layers.push(Layer::Entry { key, value }),
        ("dictionary_splat", ..) => part.named_child(0).into_iter().for_each(|inner| read(pair, inner, layers)),
        _ => read(pair, part, layers),
    }
}

/// What was written last under `key`, a printed one; `None` where something unknown may have given it.
fn written<'t>(pair: &Pair<'_, 't>, layers: &[Layer<'t>], key: Node<'_>) -> Option<Node<'t>> {
    let is_it = |own: Node<'_>| match own.parent().is_some_and(|parent| parent.kind() == "keyword_argument") {
        true => string_value(pair.printed, key).as_deref() == Some(pair.source.slice(own)),
        false => same(pair.source, own, pair.printed, key),
    };
    let mut layers = layers.iter().rev().map_while(|layer| match layer {
        Layer::Entry { key, value } => Some((*key, *value)),
        Layer::Unknown => None,
    });
    layers.find(|(own, _)| is_it(*own)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(given: &str, expected: &str, now: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def row(kind="std"):
    return {{"id": 1, "kind": kind, "price": 10}}
#- shop.py
def row(kind="std"):
    return {now}
#- tests/test_shop.py
from shop import row

{given}

def test_row():
    assert row() == {expected}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_row ___________________________________

    def test_row():
>       assert row() == {expected}
E       AssertionError: assert {now} == {{'id': 1, 'kind': 'std', 'price': 10}}

tests/test_shop.py:6: AssertionError
#- healed
{healed}
"#
        )
    }

    const BASE: &str = "BASE = {\"id\": 1, \"kind\": \"std\"}";
    const DEARER: &str = "{'id': 1, 'kind': 'std', 'price': 12}";
    const OTHER: &str = "{'id': 1, 'kind': 'new', 'price': 10}";

    fn changes(line: &str, from: &str, to: &str) -> String {
        format!("-{line}\n+{}", line.replacen(from, to, 1))
    }

    #[test]
    fn the_entry_that_is_written_last_changes() {
        for expected in ["{**BASE, \"price\": 10}", "BASE | {\"price\": 10}", "dict(BASE, price=10)"] {
            let line = format!("    assert row() == {expected}");
            check(&scene(BASE, expected, DEARER, &changes(&line, "10", "12")));
            check(&scene(BASE, expected, OTHER, &changes(BASE, "std", "new")));
        }
        // What an unknown mapping may have given is left alone.
        check(&scene(BASE, "{\"price\": 10, **load(BASE)}", DEARER, "no fix"));
        check(&scene(BASE, "{**load(BASE), \"price\": 10}", OTHER, "no fix"));
    }

    #[test]
    fn what_a_base_gives_stays_where_it_is_more_than_expected() {
        let expected = "{**BASE, \"price\": 10}";
        let fed = scene(BASE, expected, OTHER, "no fix").replace("row() ==", "row(**BASE) ==");
        check(&fed);
    }

    #[test]
    fn entries_come_but_do_not_go() {
        let more = "{'id': 1, 'kind': 'std', 'price': 10, 'tax': 2}";
        let line = "    assert row() == {**BASE, \"price\": 10}";
        check(&scene(BASE, "{**BASE, \"price\": 10}", more, &changes(line, "10}", "10, \"tax\": 2}")));
        check(&scene(BASE, "{**BASE, \"price\": 10}", "{'id': 1, 'kind': 'std'}", "no fix"));
    }
}
