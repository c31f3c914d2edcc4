//! What a test checks: asserts, assert methods, `raises` blocks and explicit failures, each with the
//! conditions under which it is reached.

use crate::syntax::{Node, Source, children};

use super::change::Unit;
use super::python::{callee, dotted, flat, last, positional, statements};

/// One check of a unit.
#[derive(Clone, Debug)]
pub(super) struct Check<'t> {
    pub(super) kind: Kind<'t>,
    /// The whole check: the assert statement or the call.
    pub(super) node: Node<'t>,
    /// What stands around it, outermost first.
    pub(super) around: Vec<Around<'t>>,
    pub(super) source: &'t Source,
}

/// How a check checks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'t> {
    /// `assert condition`.
    Assert(Node<'t>),
    /// `self.assertEqual(a, b)`, `mock.assert_called_once_with(1)`, `assert_frame_equal(a, b)`.
    Call(Node<'t>),
    /// `pytest.raises(Error, match="…")` and its kin, with the block that must raise where it is a `with`.
    Raises(Node<'t>, Option<Node<'t>>),
    /// `pytest.fail("…")`, `raise AssertionError`.
    Fail,
}

/// A construct around a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Around<'t> {
    /// `if_statement`, `for_statement`, the name of a nested function …
    pub(super) kind: &'static str,
    /// Its condition, iterable or name, flattened.
    pub(super) head: String,
    /// The construct itself; `None` for a block that must raise.
    pub(super) node: Option<Node<'t>>,
}

/// The checks of a unit, in text order.
pub(super) fn checks<'t>(unit: &Unit<'t>) -> Vec<Check<'t>> {
    let mut finder = Finder { source: unit.source, around: Vec::new(), found: Vec::new() };
    if unit.is_module() {
        children(unit.node).for_each(|child| finder.visit_outside_functions(child));
    } else {
        let definition = super::python::definition(unit.node);
        definition.child_by_field_name("body").into_iter().for_each(|body| finder.visit(body));
    }
    finder.found
}

/// Callees of blocks that must raise or warn.
pub(super) fn is_raises(name: &str) -> bool {
    matches!(
        last(name),
        "raises"
            | "warns"
            | "deprecated_call"
            | "assertRaises"
            | "assertRaisesRegex"
            | "assertRaisesRegexp"
            | "assertWarns"
            | "assertWarnsRegex"
            | "assertLogs"
            | "assertNoLogs"
            | "raises_group"
            | "RaisesGroup"
            | "RaisesExc"
            | "assert_raises"
            | "assert_raises_regex"
            | "assert_warns"
            | "assertRaisesMessage"
            | "does_not_raise"
    )
}

/// `pytest.warns(None)` only recorded, until pytest 8; `assertLogs(None)` asks the root logger.
pub(super) fn asks_nothing(source: &Source, call: Node<'_>) -> bool {
    if last(&callee(source, call)) != "warns" {
        return false;
    }
    let first = call.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0));
    first.is_some_and(|first| source.slice(first) == "None")
}

/// Callees that fail a test by themselves.
pub(super) fn is_assert_call(name: &str) -> bool {
    let last = last(name);
    let prefixed = ["assert", "failUnless", "failIf", "verify_", "expect_", "should_", "check_"];
    let is_named = || prefixed.iter().any(|prefix| last.starts_with(prefix)) || last == "ok_" || last == "eq_";
    !is_raises(name) && (is_named() || MATCHERS.contains(&last))
}

/// What pytester asks of the lines that a run printed.
const MATCHERS: [&str; 6] = [
    "fnmatch_lines",
    "fnmatch_lines_random",
    "no_fnmatch_line",
    "no_re_match_line",
    "re_match_lines",
    "re_match_lines_random",
];

fn is_fail(name: &str) -> bool {
    matches!(name, "pytest.fail" | "self.fail" | "fail")
}

struct Finder<'t> {
    source: &'t Source,
    around: Vec<Around<'t>>,
    found: Vec<Check<'t>>,
}

impl<'t> Finder<'t> {
    fn visit_outside_functions(&mut self, node: Node<'t>) {
        match super::python::definition(node).kind() {
            "function_definition" => {}
            "class_definition" => {
                let body = super::python::definition(node).child_by_field_name("body");
                body.into_iter().flat_map(children).for_each(|child| self.visit_outside_functions(child));
            }
            _ => self.visit(node),
        }
    }

    fn visit(&mut self, node: Node<'t>) {
        match node.kind() {
            "assert_statement" => {
                if let Some(condition) = children(node).find(|child| child.kind() != "comment") {
                    self.push(Kind::Assert(condition), node);
                }
            }
            "call" => self.visit_call(node),
            "raise_statement" if flat(self.source, node).contains("AssertionError") => self.push(Kind::Fail, node),
            "with_statement" => return self.visit_with(node),
            _ => {}
        }
        match self.head(node) {
            Some(around) => {
                self.around.push(around);
                children(node).for_each(|child| self.visit(child));
                self.around.pop();
            }
            None => children(node).for_each(|child| self.visit(child)),
        }
    }

    fn visit_call(&mut self, call: Node<'t>) {
        let name = callee(self.source, call);
        if is_raises(&name) && !asks_nothing(self.source, call) {
            self.push(Kind::Raises(call, None), call);
        } else if is_assert_call(&name) {
            self.push(Kind::Call(call), call);
        } else if is_fail(&name) {
            self.push(Kind::Fail, call);
        }
    }

    fn visit_with(&mut self, node: Node<'t>) {
        let body = node.child_by_field_name("body");
        let mut opened = 0;
        for item in with_values(node) {
            let name = if item.kind() == "call" { callee(self.source, item) } else { dotted(self.source, item) };
            if is_raises(&name) && item.kind() == "call" && !asks_nothing(self.source, item) {
                self.push(Kind::Raises(item, body), item);
                if !matches!(last(&name), "warns" | "deprecated_call" | "assertWarns" | "assertLogs") {
                    self.around.push(Around { kind: "raises", head: String::new(), node: None });
                    opened += 1;
                }
            } else {
                self.visit(item);
            }
        }
        body.into_iter().for_each(|body| self.visit(body));
        self.around.truncate(self.around.len() - opened);
    }

    fn push(&mut self, kind: Kind<'t>, node: Node<'t>) {
        self.found.push(Check { kind, node, around: self.around.clone(), source: self.source });
    }

    fn head(&self, node: Node<'t>) -> Option<Around<'t>> {
        let field = |name| node.child_by_field_name(name).map(|head| flat(self.source, head)).unwrap_or_default();
        let (kind, head) = match node.kind() {
            "if_statement" => ("if", field("condition")),
            "elif_clause" => ("elif", field("condition")),
            "else_clause" => ("else", String::new()),
            "for_statement" => ("for", field("right")),
            "while_statement" => ("while", field("condition")),
            "try_statement" => ("try", String::new()),
            "except_clause" => ("except", String::new()),
            "finally_clause" => ("finally", String::new()),
            "function_definition" => ("def", field("name")),
            "class_definition" => ("class", field("name")),
            "lambda" => ("lambda", String::new()),
            "case_clause" => ("case", String::new()),
            "conditional_expression" => ("conditional", String::new()),
            "boolean_operator" => ("boolean", String::new()),
            "list_comprehension" | "generator_expression" | "set_comprehension" | "dictionary_comprehension" => {
                ("comprehension", String::new())
            }
            _ => return None,
        };
        Some(Around { kind, head, node: Some(node) })
    }
}

/// The context managers of a `with`.
pub(super) fn with_values(node: Node<'_>) -> Vec<Node<'_>> {
    let clause = children(node).find(|child| child.kind() == "with_clause");
    let items = clause.into_iter().flat_map(children).filter(|item| item.kind() == "with_item");
    items
        .filter_map(|item| item.child_by_field_name("value"))
        .flat_map(|value| if value.kind() == "tuple" { children(value).collect() } else { vec![value] })
        .map(|value| if value.kind() == "as_pattern" { value.named_child(0).unwrap_or(value) } else { value })
        .collect()
}

impl Check<'_> {
    /// How it is called in a message.
    pub(super) fn title(&self) -> String {
        let text = self.source.slice(self.node);
        let line = text.lines().next().unwrap_or_default();
        let short: String = line.chars().take(60).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        format!("`{short}{dots}`")
    }

    /// How many statements stand in its block.
    pub(super) fn block_size(&self) -> usize {
        match self.kind {
            Kind::Raises(_, Some(body)) => statements(body).count(),
            Kind::Raises(call, None) => positional(call).len().min(2),
            _ => 0,
        }
    }
}
