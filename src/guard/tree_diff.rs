//! What differs between two trees: pairs of nodes that took each other's place, nodes that came, nodes that went.

use crate::syntax::{Node, Source, children};

use super::python::{dotted, flat, is_definition};

/// One difference. At least one side is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference<'t> {
    pub(super) before: Option<Node<'t>>,
    pub(super) after: Option<Node<'t>>,
}

/// Every smallest difference between the two nodes; formatting and comments do not count.
pub(super) fn differences<'t>(
    (old, before): (&'t Source, Node<'t>),
    (new, after): (&'t Source, Node<'t>),
) -> Vec<Difference<'t>> {
    let mut diff = Diff { old, new, found: Vec::new() };
    diff.compare(before, after);
    diff.found
}

struct Diff<'t> {
    old: &'t Source,
    new: &'t Source,
    found: Vec<Difference<'t>>,
}

/// Above this many pairs of children the lists are compared position by position.
const LARGEST_TABLE: usize = 250_000;

impl<'t> Diff<'t> {
    fn compare(&mut self, before: Node<'t>, after: Node<'t>) {
        if self.old.slice(before) == self.new.slice(after) {
            return;
        }
        let atomic = is_atom(before) || is_atom(after);
        if before.kind() != after.kind() || atomic || !same_words(before, after) {
            if flat(self.old, before) != flat(self.new, after) {
                self.found.push(Difference { before: Some(before), after: Some(after) });
            }
            return;
        }
        self.compare_lists(parts(before), parts(after));
    }

    fn compare_lists(&mut self, before: Vec<Node<'t>>, after: Vec<Node<'t>>) {
        let same = |(b, a): &(&Node<'t>, &Node<'t>)| self.old.slice(**b) == self.new.slice(**a);
        let head = before.iter().zip(&after).take_while(same).count();
        let (before, after) = (&before[head..], &after[head..]);
        let tail = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
        let (before, after) = (&before[..before.len() - tail], &after[..after.len() - tail]);
        let (mut b, mut a) = (0, 0);
        for (next_b, next_a) in self.anchors(before, after) {
            self.compare_gap(&before[b..next_b], &after[a..next_a]);
            (b, a) = (next_b + 1, next_a + 1);
        }
        self.compare_gap(&before[b..], &after[a..]);
    }

    /// Positions of equal children, in order: the longest common subsequence.
    fn anchors(&self, before: &[Node<'t>], after: &[Node<'t>]) -> Vec<(usize, usize)> {
        if before.len() * after.len() > LARGEST_TABLE || before.len() == after.len() && before.len() < 2 {
            return Vec::new();
        }
        let equal = |b: usize, a: usize| self.old.slice(before[b]) == self.new.slice(after[a]);
        let width = after.len() + 1;
        let mut longest = vec![0u32; (before.len() + 1) * width];
        for b in (0..before.len()).rev() {
            for a in (0..after.len()).rev() {
                let (down, right) = (longest[(b + 1) * width + a], longest[b * width + a + 1]);
                let both = longest[(b + 1) * width + a + 1] + 1;
                longest[b * width + a] = if equal(b, a) { both } else { down.max(right) };
            }
        }
        let (mut b, mut a, mut anchors) = (0, 0, Vec::new());
        while b < before.len() && a < after.len() {
            if equal(b, a) {
                anchors.push((b, a));
                (b, a) = (b + 1, a + 1);
            } else if longest[(b + 1) * width + a] >= longest[b * width + a + 1] {
                b += 1;
            } else {
                a += 1;
            }
        }
        anchors
    }

    /// Children between two anchors: as many of both pair in order; else each pairs with the next that is like it.
    fn compare_gap(&mut self, before: &[Node<'t>], after: &[Node<'t>]) {
        if before.len() == after.len() {
            for (b, a) in before.iter().zip(after) {
                self.compare(*b, *a);
            }
            return;
        }
        let mut next = 0;
        for &b in before {
            let found = after[next..].iter().position(|a| self.are_alike(b, *a));
            match found {
                Some(at) => {
                    after[next..next + at].iter().for_each(|a| self.came(*a));
                    self.compare(b, after[next + at]);
                    next += at + 1;
                }
                None => self.found.push(Difference { before: Some(b), after: None }),
            }
        }
        after[next..].iter().for_each(|a| self.came(*a));
    }

    fn came(&mut self, node: Node<'t>) {
        self.found.push(Difference { before: None, after: Some(node) });
    }

    /// Whether two children stand for the same thing: their kind and the name that they begin with.
    fn are_alike(&self, before: Node<'t>, after: Node<'t>) -> bool {
        before.kind() == after.kind() && label(self.old, before) == label(self.new, after)
    }
}

/// What a child is about: the name of a definition, keyword or target, else the callee of its call.
fn label(source: &Source, node: Node<'_>) -> String {
    let field = |name| node.child_by_field_name(name);
    if is_definition(node) || node.kind() == "keyword_argument" {
        return field("name").map(|name| source.slice(name).to_string()).unwrap_or_default();
    }
    match node.kind() {
        "decorated_definition" => field("definition").map(|inner| label(source, inner)).unwrap_or_default(),
        "expression_statement" | "await" | "decorator" => {
            node.named_child(0).map(|inner| label(source, inner)).unwrap_or_default()
        }
        "assignment" => field("left").map(|left| flat(source, left)).unwrap_or_default(),
        "pair" => field("key").map(|key| flat(source, key)).unwrap_or_default(),
        "import_from_statement" => field("module_name").map(|name| flat(source, name)).unwrap_or_default(),
        "call" => dotted(source, node),
        _ => String::new(),
    }
}

fn is_atom(node: Node<'_>) -> bool {
    node.kind() == "string" || node.child_count() == 0
}

/// The children that carry meaning.
fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    children(node).filter(|child| child.kind() != "comment").collect()
}

/// Whether both nodes have the same keywords and operators: `a == b` and `a in b` differ.
fn same_words(before: Node<'_>, after: Node<'_>) -> bool {
    let has_operator = matches!(
        before.kind(),
        "comparison_operator" | "boolean_operator" | "binary_operator" | "unary_operator" | "augmented_assignment"
    );
    !has_operator || words(before).eq(words(after))
}

fn words<'t>(node: Node<'t>) -> impl Iterator<Item = &'t str> {
    let tokens = (0..node.child_count()).filter_map(move |index| node.child(index));
    tokens.filter(|child| !child.is_named()).map(|child| child.kind())
}
