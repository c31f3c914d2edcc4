//! Python through tree-sitter: a parsed file and the questions that everyone asks it.

pub mod dataflow;
pub(crate) mod memory;
pub mod outline;
pub mod signature;
pub mod statements;
pub mod tokens;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

pub use tree_sitter::Node;
use tree_sitter::{InputEdit, Parser, Point, Tree};

use crate::text::LineIndex;

use memory::Memory;

/// Bytes of text whose trees are kept; a tree takes 24 times its text.
const REMEMBERED: usize = 1 << 19;

/// Bytes of a text that is parsed as fast as it is looked up.
const SHORT: usize = 256;

/// Texts outside of a snapshot that were parsed last: the strategies ask the same old versions, each its own question.
static PARSED: LazyLock<Memory<Arc<str>, Source>> = LazyLock::new(|| Memory::new(REMEMBERED));

/// A Python text with its tree. Broken code parses too: the tree then holds error nodes.
#[derive(Clone, Debug)]
pub struct Source {
    text: Arc<str>,
    tree: Tree,
    lines: LineIndex,
}

impl Source {
    /// Parses `text`, if it was not parsed a moment ago.
    pub fn parse(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        if !(SHORT..REMEMBERED).contains(&text.len()) {
            return Self::parse_once(text);
        }
        PARSED.get(&text).unwrap_or_else(|| {
            let source = Self::parse_once(text.clone());
            let weight = text.len();
            PARSED.insert(text, source.clone(), weight);
            source
        })
    }

    /// Parses `text`, which whoever asks remembers, or nobody asks for again.
    pub fn parse_once(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let tree = parser().parse(text.as_bytes(), None).expect("a parser with a language and no time limit parses");
        Self { lines: LineIndex::new(&text), text, tree }
    }

    /// Parses `text`, a later version of this one: what is equal at both ends is not parsed again.
    pub fn reparse(&self, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - start;
        let same_end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let lines = LineIndex::new(&text);
        let mut tree = self.tree.clone();
        tree.edit(&InputEdit {
            start_byte: start,
            old_end_byte: old.len() - same_end,
            new_end_byte: new.len() - same_end,
            start_position: point(&self.text, start),
            old_end_position: point(&self.text, old.len() - same_end),
            new_end_position: point(&text, new.len() - same_end),
        });
        let tree = parser().parse(new, Some(&tree)).expect("a parser with a language and no time limit parses");
        Self { lines, text, tree }
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The module node.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// Line starts.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The text of a node.
    pub fn slice(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }

    /// The 1-based line of a byte offset.
    pub fn line_of(&self, offset: usize) -> u32 {
        self.lines.line_at(offset) as u32 + 1
    }

    /// The bytes of a 1-based line without indent, byte order mark and line end, or `None` where there is no such line.
    pub fn code_on_line(&self, line: u32) -> Option<Range<usize>> {
        let range = self.lines.line_range((line as usize).checked_sub(1)?)?;
        let text = &self.text[range.clone()];
        let is_before = |c: char| c.is_whitespace() || c == '\u{feff}';
        let start = range.start + (text.len() - text.trim_start_matches(is_before).len());
        let end = range.start + text.trim_end().len();
        Some(start.min(end)..end)
    }

    /// The smallest named node that spans `range`.
    pub fn node_at(&self, range: Range<usize>) -> Option<Node<'_>> {
        self.root().named_descendant_for_byte_range(range.start, range.end)
    }

    /// The innermost statement around `offset`: a direct child of a block or of the module. For a
    /// compound statement (`with`, `for`, `def`) this is the whole of it.
    pub fn statement_at(&self, offset: usize) -> Option<Node<'_>> {
        let node = self.root().descendant_for_byte_range(offset, offset)?;
        ancestors(node).find(|node| node.parent().is_some_and(|parent| matches!(parent.kind(), "block" | "module")))
    }

    /// The innermost `def` around `offset`.
    pub fn function_at(&self, offset: usize) -> Option<Node<'_>> {
        let node = self.root().descendant_for_byte_range(offset, offset)?;
        ancestors(node).find(|node| node.kind() == "function_definition")
    }

    /// The domain of the node id of a test: `TestA::test_b` for its `def`; `None` inside another function.
    pub fn domain_of(&self, function: Node<'_>) -> Option<String> {
        let around =
            ancestors(function).filter(|node| matches!(node.kind(), "function_definition" | "class_definition"));
        let mut names = Vec::new();
        for definition in around {
            if definition.kind() == "function_definition" && definition != function {
                return None;
            }
            names.push(self.slice(definition.child_by_field_name("name")?));
        }
        names.reverse();
        Some(names.join("::"))
    }

    /// The `def` of a test by the domain of its node id: `TestA.test_b` or `TestA::test_b[1]`.
    pub fn test(&self, domain: &str) -> Option<Node<'_>> {
        let domain = domain.split('[').next().unwrap_or(domain);
        let mut scope = self.root();
        for name in domain.split("::").flat_map(|part| part.split('.')) {
            scope = definition_in(self, scope, name)?;
        }
        (scope.kind() == "function_definition").then_some(scope)
    }
}

/// Row and column in bytes, as tree-sitter counts them: rows end with `\n` only.
fn point(text: &str, offset: usize) -> Point {
    let before = &text.as_bytes()[..offset];
    let row = memchr::memchr_iter(b'\n', before).count();
    let column = memchr::memrchr(b'\n', before).map_or(offset, |at| offset - at - 1);
    Point { row, column }
}

/// Code that people write is not nested deeper.
const DEEPEST: usize = 500;

/// A parser for Python.
pub fn parser() -> Parser {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar fits the tree-sitter it is built with");
    parser
}

/// `node` and everything around it, innermost first.
pub fn ancestors(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    // Finding a parent starts from the root: without a limit, 20,000 brackets cost their square.
    std::iter::successors(Some(node), |node| node.parent()).take(DEEPEST)
}

/// Whether `node` is evaluated when its function is called, not when the file is imported.
pub fn is_in_body(node: Node<'_>) -> bool {
    let mut inner = node;
    for outer in ancestors(node).skip(1) {
        if outer.kind() == "function_definition" && outer.child_by_field_name("body") == Some(inner) {
            return true;
        }
        inner = outer;
    }
    false
}

/// All nodes below and including `node`, in text order.
pub fn descendants(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let mut next = Some(node);
    std::iter::from_fn(move || {
        let current = next?;
        next = advance(&mut cursor).then(|| cursor.node());
        Some(current)
    })
}

fn advance(cursor: &mut tree_sitter::TreeCursor<'_>) -> bool {
    if cursor.goto_first_child() {
        return true;
    }
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
    }
}

/// The decorators of a function or class, outermost first.
pub fn decorators<'t>(definition: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let whole = definition.parent().filter(|parent| parent.kind() == "decorated_definition");
    whole.into_iter().flat_map(children).filter(|child| child.kind() == "decorator")
}

/// The named children of `node`.
pub fn children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() {
                return Some(child);
            }
        }
        None
    })
}

/// The `def` or `class` named `name` in the body of `scope` (a module, class or function), also below
/// `if` and `try`; the last one wins, as in Python.
fn definition_in<'t>(source: &'t Source, scope: Node<'t>, name: &str) -> Option<Node<'t>> {
    let body = scope.child_by_field_name("body").unwrap_or(scope);
    let mut found = None;
    let mut pending: Vec<Node<'t>> = children(body).collect();
    pending.reverse();
    while let Some(node) = pending.pop() {
        match node.kind() {
            "function_definition" | "class_definition" => {
                let named = node.child_by_field_name("name").is_some_and(|n| source.slice(n) == name);
                if named {
                    found = Some(node);
                }
            }
            "decorated_definition"
            | "if_statement"
            | "else_clause"
            | "elif_clause"
            | "try_statement"
            | "except_clause"
            | "finally_clause"
            | "with_statement"
            | "block"
            | "ERROR" => {
                let mut inner: Vec<Node<'t>> = children(node).collect();
                inner.reverse();
                pending.extend(inner);
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "import os\n\nclass TestA:\n    @mark\n    def test_b(self):\n        with a:\n            assert (1 ==\n                2)\n";

    #[test]
    fn finds_a_test_by_its_domain() {
        let source = Source::parse(TEXT);
        let test = source.test("TestA::test_b[x.y-1]").unwrap();
        assert_eq!(source.line_of(test.start_byte()), 5);
        assert!(source.test("test_b").is_none());
    }

    #[test]
    fn a_statement_is_the_innermost_one() {
        let source = Source::parse(TEXT);
        let statement = source.statement_at(TEXT.find("2)").unwrap()).unwrap();
        assert_eq!(statement.kind(), "assert_statement");
    }

    #[test]
    fn a_reparsed_text_has_the_tree_of_a_fresh_one() {
        let mut source = Source::parse(TEXT);
        let texts = [
            "",
            "import os\n",
            &TEXT.replace("test_b", "test_é"),
            &TEXT.replace("with a:", "with (a"),
            TEXT,
            &format!("# é\r\n{TEXT}"),
        ];
        for text in texts {
            source = source.reparse(text);
            assert_eq!(source.root().to_sexp(), Source::parse(text).root().to_sexp(), "{text:?}");
            assert_eq!(**source.text(), *text);
        }
    }

    #[test]
    fn descendants_visit_every_node_once() {
        let source = Source::parse(TEXT);
        let all: Vec<_> = descendants(source.root()).map(|node| node.id()).collect();
        let unique: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), unique.len());
        assert_eq!(all.len(), source.root().descendant_count());
    }
}
