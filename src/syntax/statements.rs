//! A file as a flat list of statements, so that two versions of it can be aligned.

use std::ops::Range;

use super::{Node, Source, children};

/// A simple statement, or the head of a compound one (`def f(a):`, `with x:`, a decorator).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes.
    pub range: Range<usize>,
    /// 1-based line.
    pub line: u32,
}

const DEEPEST: usize = 200;

/// The statements of a file in text order; comments are left out.
pub fn statements(source: &Source) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut pending: Vec<(Node<'_>, usize)> = vec![(source.root(), 0)];
    while let Some((node, depth)) = pending.pop() {
        let is_container = matches!(node.kind(), "module" | "block" | "decorated_definition" | "ERROR");
        if node.kind() == "comment" || depth > DEEPEST {
            continue;
        }
        if is_container {
            push_reversed(&mut pending, children(node), depth);
        } else {
            let bodies: Vec<Node<'_>> = children(node).filter(|child| holds_statements(child.kind())).collect();
            let end = bodies.first().map_or(node.end_byte(), |body| code_end_before(*body));
            let head = source.text()[node.start_byte()..end.max(node.start_byte())].trim_end();
            let range = node.start_byte()..node.start_byte() + head.len();
            found.push(Statement { range, line: node.start_position().row as u32 + 1 });
            push_reversed(&mut pending, bodies.into_iter(), depth);
        }
    }
    found
}

/// The end of the last token before a body that is no comment.
fn code_end_before(body: Node<'_>) -> usize {
    let before = std::iter::successors(body.prev_sibling(), |node| node.prev_sibling());
    before.into_iter().find(|node| node.kind() != "comment").map_or(body.start_byte(), |node| node.end_byte())
}

fn push_reversed<'t>(pending: &mut Vec<(Node<'t>, usize)>, nodes: impl Iterator<Item = Node<'t>>, depth: usize) {
    let first = pending.len();
    pending.extend(nodes.map(|node| (node, depth + 1)));
    pending[first..].reverse();
}

fn holds_statements(kind: &str) -> bool {
    matches!(
        kind,
        "block"
            | "elif_clause"
            | "else_clause"
            | "except_clause"
            | "except_group_clause"
            | "finally_clause"
            | "case_clause"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compound_statements_are_listed_by_their_heads() {
        let text = "@mark\ndef f(a,\n      b):\n    # note\n    if a:\n        return 1\n    else:\n        x = {\n            1: 2,\n        }\n    with b: pass\n";
        let source = Source::parse(text);
        let seen: Vec<&str> = statements(&source).into_iter().map(|s| &text[s.range]).collect();
        let expected = [
            "@mark",
            "def f(a,\n      b):",
            "if a:",
            "return 1",
            "else:",
            "x = {\n            1: 2,\n        }",
            "with b:",
            "pass",
        ];
        assert_eq!(seen, expected);
    }
}
