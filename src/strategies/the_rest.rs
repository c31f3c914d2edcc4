//! Whether a function does what it did, but for what it gives: a value that came beside the others is no news of those
//! only where nothing else happens to them.

use std::collections::HashSet;

use crate::syntax::tokens::tokens;
use crate::syntax::{Node, Source, children, descendants};

use super::unpack_arity::returned_values;
use super::{given_items, literals, names};

/// A function with the values that it gives.
pub(super) struct Gives<'s> {
    source: &'s Source,
    function: Node<'s>,
    values: Vec<Node<'s>>,
    /// Whether the values are collections that hold what is given.
    are_whole: bool,
}

/// What changes the object that it is asked of.
const CHANGES: [&str; 15] = [
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "read", "readline", "remove",
    "reverse", "sort", "update",
];

impl<'s> Gives<'s> {
    /// What stands behind each `return`.
    pub(super) fn returned(source: &'s Source, name: &str) -> Option<Self> {
        let (function, values) = returned_values(source, name)?;
        Some(Self { source, function, values, are_whole: false })
    }

    /// What is given one by one.
    pub(super) fn each(source: &'s Source, name: &str) -> Option<Self> {
        let given_items::Items { function, values, are_whole } = given_items::of(source, name)?;
        Some(Self { source, function, values, are_whole })
    }

    /// Whether both do the same in the same order. What only one of them does with names of its own is for the values
    /// that came or went. A list that is written in one line does as a loop that fills it, on the same conditions.
    pub(super) fn does_as(&self, other: &Self) -> bool {
        let (own, others) = (self.names(), other.names());
        let is_same = |with_given: bool| self.steps(&others, with_given) == other.steps(&own, with_given);
        match self.way() == other.way() {
            true => is_same(true),
            false => is_same(false) && given_items::sources(self) == given_items::sources(other),
        }
    }

    /// How the values are given.
    fn way(&self) -> Option<&str> {
        let parent = self.values.first().filter(|_| !self.are_whole).and_then(Node::parent);
        parent.map(|parent| parent.kind())
    }

    fn names(&self) -> HashSet<&'s str> {
        let names = descendants(self.function).filter(|node| node.kind() == "identifier" && !names::is_label(*node));
        names.map(|node| self.source.slice(node)).collect()
    }

    /// What is done, each with the heads of the blocks around it; also where it gives a value, or only else.
    fn steps(&self, known: &HashSet<&str>, with_given: bool) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(body) = self.function.child_by_field_name("body") {
            self.walk(body, "", &mut |head, node| {
                let is_asked = with_given || !self.is_giving(node);
                if is_asked && !self.is_for_people(node) && !self.is_own(node, known) {
                    found.push(format!("{head}{}", self.text(node, node.byte_range())));
                }
            });
        }
        found
    }

    fn walk(&self, block: Node<'s>, head: &str, visit: &mut dyn FnMut(&str, Node<'s>)) {
        for node in children(block) {
            let inner = children(node).find(|child| child.kind() == "block").filter(|_| !is_definition(node));
            let Some(inner) = inner else {
                visit(head, node);
                continue;
            };
            let own = self.text(node, node.start_byte()..inner.start_byte());
            let head = format!("{head}{own} ");
            for child in children(node) {
                match child.kind() {
                    "block" => self.walk(child, &head, visit),
                    // `else:` and its like.
                    kind if kind.ends_with("_clause") => self.walk_clause(child, &head, visit),
                    _ => {}
                }
            }
        }
    }

    fn walk_clause(&self, clause: Node<'s>, head: &str, visit: &mut dyn FnMut(&str, Node<'s>)) {
        let Some(block) = children(clause).find(|child| child.kind() == "block") else { return };
        let own = self.text(clause, clause.start_byte()..block.start_byte());
        self.walk(block, &format!("{head}{own} "), visit);
    }

    fn is_giving(&self, node: Node<'s>) -> bool {
        let begins = || {
            let bound = node.named_child(0).filter(|bound| bound.kind() == "assignment")?;
            let (left, right) = (bound.child_by_field_name("left")?, bound.child_by_field_name("right")?);
            Some(self.is_given(left) && right.kind() == "list" && right.named_child_count() == 0)
        };
        let is_value = |part: Node<'s>| self.values.contains(&part);
        node.kind() == "return_statement" || descendants(node).any(is_value) || begins().unwrap_or(false)
    }

    /// The text of a part of a node, without the values that are given; a loop that counts is like one that does not.
    fn text(&self, node: Node<'s>, range: std::ops::Range<usize>) -> String {
        let mut text = String::new();
        let mut at = range.start;
        for part in descendants(node) {
            let is_value = self.values.contains(&part);
            let looped = matches!(part.kind(), "for_statement" | "for_in_clause").then(|| self.looped(part)).flatten();
            if part.start_byte() < at || part.start_byte() >= range.end || !(is_value || looped.is_some()) {
                continue;
            }
            let end = part.child_by_field_name("right").filter(|_| !is_value).unwrap_or(part).end_byte();
            text += self.source.text().get(at..part.start_byte()).unwrap_or_default();
            text += &looped.filter(|_| !is_value).unwrap_or_default();
            at = end;
        }
        text += self.source.text().get(at..range.end).unwrap_or_default();
        tokens(&text).join(" ")
    }

    fn looped(&self, node: Node<'s>) -> Option<String> {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let (left, right) = given_items::counted(self.source, left, right).unwrap_or((left, right));
        let all = given_items::all(self.source, right);
        Some(format!("for {} in {}", self.source.slice(left), self.source.slice(all)))
    }

    fn is_for_people(&self, node: Node<'s>) -> bool {
        let is_text = || node.named_child(0).is_some_and(|inner| inner.kind() == "string");
        matches!(node.kind(), "comment" | "pass_statement") || node.kind() == "expression_statement" && is_text()
    }

    /// Whether a statement only binds names that the other function does not have, or does something with those.
    fn is_own(&self, node: Node<'s>, known: &HashSet<&str>) -> bool {
        if is_definition(node) {
            let name = node.child_by_field_name("name");
            return name.is_some_and(|name| !known.contains(self.source.slice(name)));
        }
        let Some(inner) = node.named_child(0).filter(|_| node.kind() == "expression_statement") else {
            return node.kind().starts_with("import_");
        };
        let is_new = |node: Node<'s>| !known.contains(self.source.slice(root(node)));
        let target = match inner.kind() {
            "assignment" | "augmented_assignment" => inner.child_by_field_name("left"),
            "call" => inner.child_by_field_name("function").filter(|function| function.kind() == "attribute"),
            _ => None,
        };
        let Some(target) = target else { return false };
        let is_several = target.kind().ends_with("_list") || target.kind() == "tuple_pattern";
        let targets: Vec<Node<'s>> = if is_several { children(target).collect() } else { vec![target] };
        // What was bound before is changed, which no value that is given may be.
        let is_bound = |target: Node<'s>| inner.kind() == "assignment" && target.kind() == "identifier";
        let is_for_own = |target: Node<'s>| is_new(target) && (is_bound(target) || self.begins_empty(root(target)));
        let changes = |node: Node<'s>| {
            let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
            let asked = function.and_then(|function| function.child_by_field_name("attribute"));
            let is_change = asked.is_some_and(|name| CHANGES.contains(&self.source.slice(name)));
            let is_next = function.is_some_and(|function| self.source.slice(function) == "next");
            is_next || is_change && function.is_some_and(|function| !is_new(function))
        };
        targets.into_iter().all(|target| is_for_own(target) && !self.is_given(root(target)))
            && !descendants(inner).any(changes)
    }

    /// Whether the name is bound to a plain value to begin with, such as `[]` or `0`: what is gathered in it.
    fn begins_empty(&self, name: Node<'s>) -> bool {
        let first = descendants(self.function).find(|node| {
            let left = node.child_by_field_name("left").filter(|_| node.kind() == "assignment");
            left.is_some_and(|left| self.source.slice(left) == self.source.slice(name))
        });
        first.and_then(|node| node.child_by_field_name("right")).is_some_and(literals::is_literal)
    }

    /// Whether the name is that of the list which the values are appended to, or which is returned with them.
    fn is_given(&self, name: Node<'s>) -> bool {
        let is_it = |node: Node<'s>| self.source.slice(node) == self.source.slice(name);
        let is_filled = self.values.iter().any(|value| {
            let call = value.parent().filter(|parent| parent.kind() == "argument_list").and_then(|list| list.parent());
            call.and_then(|call| call.child_by_field_name("function")).is_some_and(|function| is_it(root(function)))
        });
        let returned = descendants(self.function).filter(|node| node.kind() == "return_statement");
        let mut returned = returned.filter_map(|node| node.named_child(0)).filter(|node| !self.values.contains(node));
        is_filled || returned.any(is_it)
    }

    pub(super) fn source(&self) -> &'s Source {
        self.source
    }

    pub(super) fn function(&self) -> Node<'s> {
        self.function
    }

    /// The collections that hold what is given, where nothing else shows it.
    pub(super) fn whole(&self) -> Option<&[Node<'s>]> {
        self.are_whole.then_some(self.values.as_slice())
    }
}

fn is_definition(node: Node<'_>) -> bool {
    matches!(node.kind(), "function_definition" | "class_definition" | "decorated_definition")
}

/// `cart` of `cart.lines[0]`.
fn root(node: Node<'_>) -> Node<'_> {
    let inner = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value"));
    inner.map_or(node, root)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `after` does the rest of `before`; each is the body of a function.
    fn does_the_rest(before: &str, after: &str) -> bool {
        let source = |body: &str| Source::parse(format!("def rows(cart):\n    {}\n", body.replace('\n', "\n    ")));
        let (before, after) = (source(before), source(after));
        let read = |source| Gives::each(source, "rows").or_else(|| Gives::returned(source, "rows"));
        read(&after).unwrap().does_as(&read(&before).unwrap())
    }

    #[test]
    fn what_is_done_for_the_value_that_came_is_no_news_of_the_others() {
        let before = "total = sum(cart)\nreturn total";
        for after in [
            "total = sum(cart)\nreturn total, len(cart)",
            "total = sum(cart)\nerrors = []\nif total < 0:\n    errors.append(total)\nreturn total, errors",
            "\"\"\"Both.\"\"\"\ntotal = sum(cart)\nfirst, _ = cart\nreturn total, first",
        ] {
            assert!(does_the_rest(before, after), "{after}");
            assert!(does_the_rest(after, before), "{after}");
        }
        let before = "for line in cart:\n    if line.is_paid:\n        yield line.price";
        for after in [
            "for line in cart:\n    if line.is_paid:\n        yield line.price, line.tax",
            "for at, line in enumerate(cart):\n    tax = line.price / 5\n    if line.is_paid:\n        yield line.price, at",
        ] {
            assert!(does_the_rest(before, after), "{after}");
        }
        assert!(does_the_rest("return list(cart)", "return [(line, 1) for line in cart]"));
        let filled = "found = []\nfor line in cart:\n    found.append((line, 1))\nreturn found";
        assert!(does_the_rest("return [line for line in cart]", filled));
    }

    #[test]
    fn what_happens_to_what_was_given_is_news() {
        let before = "total = sum(cart)\nreturn total";
        for after in [
            "total = sum(cart) * 100\nreturn total, 1",
            "total = sum(cart)\ntotal -= 1\nreturn total, 1",
            "first = cart.pop()\ntotal = sum(cart)\nreturn total, first",
            "if cart:\n    total = sum(cart)\nreturn total, 1",
            "total = sum(cart)\nfound = sorted(cart)\nfound.pop()\nreturn total, found",
            "cart = cart[1:]\ntotal = sum(cart)\nreturn total, 1",
            "if not cart:\n    raise ValueError(cart)\ntotal = sum(cart)\nreturn total, 1",
        ] {
            assert!(!does_the_rest(before, after), "{after}");
        }
        let before = "for line in cart:\n    if line.is_paid:\n        yield line.price\n    else:\n        yield 0";
        for after in [
            "for line in cart:\n    if not line.is_paid:\n        yield line.price, 1\n    else:\n        yield 0, 1",
            "for line in cart:\n    if line.is_paid:\n        yield line.price, 1\n    elif line:\n        yield 0, 1",
            "for line in cart:\n    if line.is_paid:\n        yield line.price, 1",
            "for line in cart:\n    if line.is_paid:\n        yield line.price, 1\n    else:\n        yield 0, 1\n    break",
        ] {
            assert!(!does_the_rest(before, after), "{after}");
        }
        assert!(!does_the_rest("return list(cart)", "return [(line, 1) for line in cart if line]"));
        for filled in [
            "found = []\nfor line in cart:\n    if line:\n        found.append((line, 1))\nreturn found",
            "cart = cart[1:]\nfound = []\nfor line in cart:\n    found.append((line, 1))\nreturn found",
            "found = []\nfor line in cart:\n    found.append((line, 1))\nfound.pop()\nreturn found",
            "found = []\nfor line in cart:\n    found.append((line, 1))\nfound += found\nreturn found",
        ] {
            assert!(!does_the_rest("return [line for line in cart]", filled), "{filled}");
        }
    }
}
