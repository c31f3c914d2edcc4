//! The same elements in another collection.

use crate::syntax::{Node, Source};

use super::super::constructors;
use super::super::literals;
use super::{Conversion, Kind, Pair, called, is_sorted_since, items};

static LIST: Kind = Kind {
    title: "a list",
    came: &["[", "list(", "sorted(", "append("],
    went: &["tuple", "set(", "deque", "yield "],
    types: (&["list", "List", "Sequence"], &["tuple", "Tuple", "set", "Set", "frozenset", "FrozenSet", "deque"]),
};

static TUPLE: Kind = Kind {
    title: "a tuple",
    came: &["tuple", "(*", ",)"],
    went: &["[", "list(", "append(", "set("],
    types: (&["tuple", "Tuple"], &["list", "List", "Sequence", "set", "Set", "frozenset", "FrozenSet"]),
};

static SET: Kind = Kind {
    title: "a set",
    came: &["set(", "{", ".add("],
    went: &["[", "list(", "append(", "tuple("],
    types: (&["set", "Set", "AbstractSet"], &["list", "List", "Sequence", "tuple", "Tuple", "frozenset", "FrozenSet"]),
};

static FROZEN: Kind = Kind {
    title: "a frozen set",
    came: &["frozenset"],
    went: &["[", "list(", "append(", "tuple(", " set("],
    types: (&["frozenset", "FrozenSet"], &["list", "List", "Sequence", "tuple", "Tuple", "set", "Set"]),
};

pub(super) fn conversion(pair: &Pair<'_, '_>) -> Option<Conversion> {
    let (was, is) = (Collection::of(pair.was)?, Collection::of(pair.is)?);
    if was.kind == is.kind || was.items.len() != is.items.len() {
        return None;
    }
    let same = |was: &Node<'_>, is: &Node<'_>| literals::same(pair.was.0, *was, pair.is.0, *is);
    let in_order = was.items.iter().zip(&is.items).all(|(was, is)| same(was, is));
    let holds_all = was.items.iter().all(|was| is.items.iter().any(|is| same(was, is)))
        && is.items.iter().all(|is| was.items.iter().any(|was| same(was, is)));
    let is_settled = in_order && was.has_order() || is.items.len() < 2;
    let changes = match is.has_order() {
        true if is_settled => rewritten(pair, is.kind)?,
        // A set has no order that could be followed.
        true if holds_all && !was.has_order() && is_sorted_since(pair.ctx) => sorted(pair, &is)?,
        false if holds_all => rewritten(pair, is.kind)?,
        _ => return None,
    };
    Some(Conversion { kind: is.kind, changes, import: None })
}

struct Collection<'t> {
    kind: &'static Kind,
    items: Vec<Node<'t>>,
}

impl<'t> Collection<'t> {
    fn of((source, node): (&Source, Node<'t>)) -> Option<Self> {
        let kind = match node.kind() {
            "list" => &LIST,
            "tuple" => &TUPLE,
            "set" => &SET,
            "call" => match constructors::class(source, node)? {
                "set" => &SET,
                "frozenset" => &FROZEN,
                _ => return None,
            },
            _ => return None,
        };
        if node.kind() != "call" {
            return Some(Self { kind, items: items(node) });
        }
        // `set()`, `frozenset({1, 2})`
        match items(node.child_by_field_name("arguments")?)[..] {
            [] => Some(Self { kind, items: Vec::new() }),
            [only] if matches!(only.kind(), "set" | "list" | "tuple") => Some(Self { kind, items: items(only) }),
            _ => None,
        }
    }

    fn has_order(&self) -> bool {
        *self.kind == LIST || *self.kind == TUPLE
    }
}

/// What a literal of the kind opens and closes with.
fn brackets(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        _ if *kind == LIST => ("[", "]"),
        _ if *kind == TUPLE => ("(", ")"),
        _ if *kind == SET => ("{", "}"),
        _ => ("frozenset({", "})"),
    }
}

/// The function that makes one.
fn maker(kind: &Kind) -> &'static str {
    match kind {
        _ if *kind == LIST => "list",
        _ if *kind == TUPLE => "tuple",
        _ if *kind == SET => "set",
        _ => "frozenset",
    }
}

/// The expected expression as one of `kind`: other brackets, another function, or one around it.
fn rewritten(pair: &Pair<'_, '_>, kind: &Kind) -> Option<Vec<literals::Change>> {
    let source = pair.ctx.source;
    if let Some((name, _)) = called(source, pair.node, &["list", "tuple", "set", "frozenset", "sorted"]) {
        return Some(vec![(name.byte_range(), maker(kind).to_string())]);
    }
    let node = pair.node;
    let (open, close) = brackets(kind);
    let is_display = matches!(node.kind(), "list" | "tuple" | "set") && source.slice(node).ends_with([']', ')', '}']);
    let parts = items(node);
    match parts.last() {
        _ if pair.text() == "set()" || pair.text() == "frozenset()" || is_display && parts.is_empty() => {
            let empty =
                if *kind == LIST || *kind == TUPLE { format!("{open}{close}") } else { format!("{}()", maker(kind)) };
            Some(pair.whole(empty))
        }
        Some(last) if is_display => {
            let (start, end) = (node.start_byte(), node.end_byte());
            let tail = &source.text()[last.end_byte()..end - 1];
            // `("tea",)` needs its comma, `["tea"]` does not.
            let tail = match parts.len() {
                1 if *kind == TUPLE && !tail.contains(',') => format!(",{tail}"),
                1 if node.kind() == "tuple" && !tail.contains('\n') => String::new(),
                _ => tail.to_string(),
            };
            let is_star = parts.iter().any(|part| part.kind() == "list_splat");
            (!is_star)
                .then(|| vec![(start..start + 1, open.to_string()), (last.end_byte()..end, format!("{tail}{close}"))])
        }
        _ if is_simple(node) => Some(pair.around(&format!("{}(", maker(kind)), ")")),
        _ => None,
    }
}

/// Whether parentheses around it make it the argument of a call.
fn is_simple(node: Node<'_>) -> bool {
    !matches!(node.kind(), "list_comprehension" | "set_comprehension" | "generator_expression" | "lambda")
}

/// The expected set in the order that the product sorts it in now.
fn sorted(pair: &Pair<'_, '_>, is: &Collection<'_>) -> Option<Vec<literals::Change>> {
    let source = pair.ctx.source;
    let display = match pair.node.kind() {
        "set" => Some(pair.node),
        _ => called(source, pair.node, &["set", "frozenset"]).map(|(_, only)| only),
    };
    let (open, close) = brackets(is.kind);
    let parts = display.filter(|node| matches!(node.kind(), "set" | "list" | "tuple")).map(items).unwrap_or_default();
    let in_place = |is_node: &Node<'_>| {
        let found = parts.iter().find(|part| literals::same(source, **part, pair.is.0, *is_node))?;
        Some(source.slice(*found))
    };
    let texts: Option<Vec<&str>> = is.items.iter().map(in_place).collect();
    texts
        .filter(|_| parts.len() == is.items.len())
        .map(|texts| pair.whole(format!("{open}{}{close}", texts.join(", "))))
}
