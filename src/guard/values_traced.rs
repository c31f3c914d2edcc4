//! A value that a test writes out changes only with a commit that explains it or a person who looks, and is
//! never invented.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::diagnosis::{Category, Complaint};
use crate::fix::EvidenceKind;
use crate::syntax::{Node, Source, ancestors, descendants};

use super::change::{Change, FileChange, Unit};
use super::checks::{asks_nothing, is_assert_call, is_raises};
use super::helpers::{
    is_expected_by, is_expected_by_imported, is_expected_cell, is_expected_in_loop, is_expected_of_fixture,
    is_kept_for_checks, is_led_to_a_check,
};
use super::names_kept::is_imported;
use super::nothing_mocked::is_patch;
use super::python::{callee, enclosing_call, is_inside, is_literal_token, last, string_value};
use super::timeouts_capped::wait_word;
use super::tree_diff::differences;

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units().iter().find_map(|(before, after)| broken_in(change, file, before, after))
}

fn broken_in(change: &Change<'_>, file: &FileChange, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (old, new) = (Checked::of(before, change, file), Checked::of(after, change, file));
    let gone = |node| literals(before.source, node, &old);
    let came = |node| literals(after.source, node, &new);
    // What went here and came there was moved: `assert_(a == 3)` became `assertEqual(a, 3)`.
    let (mut loose_gone, mut loose_came) = (Vec::new(), Vec::new());
    let found = differences((before.source, before.node), (after.source, after.node));
    let added: Vec<&str> = found
        .iter()
        .filter(|difference| difference.before.is_none())
        .filter_map(|difference| Some(after.source.slice(difference.after?)))
        .collect();
    for difference in found {
        let (Some(old_node), Some(new_node)) = (difference.before, difference.after) else {
            loose_gone.extend(difference.before.into_iter().flat_map(gone));
            loose_came.extend(difference.after.into_iter().flat_map(came));
            continue;
        };
        // A whole call went into another one: `made(1).width()` became `width(made(1))`.
        let asked = old_node.child_by_field_name("object").unwrap_or(old_node);
        if asked.kind() == "call" && added.contains(&before.source.slice(asked)) {
            loose_gone.extend(gone(asked));
            loose_came.extend(came(new_node));
            continue;
        }
        let reason = judged(change, &gone(old_node), &came(new_node))
            .or_else(|| goes_in(change, (old_node, new_node), after.source, &new));
        if reason.is_some() {
            return reason;
        }
    }
    judged(change, &loose_gone, &loose_came)
}

/// What a value is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The test compares with it.
    Expected,
    /// The code under test gets it.
    Input,
    /// It names something: a key, an attribute, a module, a fixture. Or it is a wait.
    Name,
}

fn judged(change: &Change<'_>, gone: &[Literal], came: &[Literal]) -> Option<String> {
    let lost = without(gone, came);
    let new = without(came, gone);
    if let Some(value) = new.iter().find(|value| value.role != Role::Name && is_invented(change, &value.text)) {
        return Some(format!("writes `{}`, which neither the failure nor the evidence shows", short(&value.text)));
    }
    if let Some(reason) = of_machine(change, &lost, &new) {
        return Some(reason);
    }
    let explained = change.has_provenance() || change.is_reviewed();
    let expected = lost.iter().chain(&new).find(|value| value.role == Role::Expected);
    if let Some(value) = expected.filter(|_| !explained) {
        return Some(format!("changes the expected value `{}` without a commit that explains it", short(&value.text)));
    }
    let (old, input) =
        (lost.iter().find(|value| value.role == Role::Input)?, new.iter().find(|value| value.role == Role::Input)?);
    // The project's configuration and its lessons are what people wrote down; a narrower scope is what pytest asks for.
    let told = change.has(EvidenceKind::Lesson) || is_asked_scope(change, &input.text);
    if !explained && !told {
        return Some(format!("changes the input `{}` without a commit that explains it", short(&old.text)));
    }
    let sources =
        [EvidenceKind::Git, EvidenceKind::Source, EvidenceKind::Docs, EvidenceKind::Lesson, EvidenceKind::Example];
    (!sources.iter().any(|kind| change.has(*kind)))
        .then(|| format!("changes the input to `{}`, which the project does not show", short(&input.text)))
}

/// What a run gave that only its machine has is nothing that a test could expect elsewhere.
fn of_machine(change: &Change<'_>, lost: &[Literal], new: &[Literal]) -> Option<String> {
    let is_of_run = change.has(EvidenceKind::Runtime) || change.has(EvidenceKind::Agent);
    let old: String = lost.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join("\n");
    let found = new.iter().filter(|_| is_of_run).find_map(|value| {
        let what = change.snapshot.machine_in(&value.text, &old)?;
        Some((value, what))
    });
    let (value, what) = found?;
    Some(format!("writes down `{}`, which only this machine has: `{what}`", short(&value.text)))
}

/// Where a comparison failed, what is expected may not be handed in: `title("tea") == "green tea"` says nothing as
/// `title("green tea") == "green tea"`.
fn goes_in(
    change: &Change<'_>,
    (before, after): (Node<'_>, Node<'_>),
    source: &Source,
    checked: &Checked<'_, '_>,
) -> Option<String> {
    let is_input = is_literal_token(before) && is_literal_token(after) && role(source, after, checked) == Role::Input;
    if !is_input || !change.is_about(Category::AssertionError) {
        return None;
    }
    let is_check = |outer: &Node<'_>| {
        outer.kind() == "assert_statement" || outer.kind() == "call" && is_assert_call(&callee(source, *outer))
    };
    let check = ancestors(after).find(is_check)?;
    let text = source.slice(after);
    let mut values = literals(source, check, checked).into_iter();
    let is_expected = values.any(|value| value.role == Role::Expected && value.text == text);
    is_expected.then(|| format!("hands in `{}`, which is what it expects", short(text)))
}

/// The scope that `ScopeMismatch` names as the one of the fixture that was asked for.
fn is_asked_scope(change: &Change<'_>, text: &str) -> bool {
    let asked = |scope: &str| text.trim_matches(['"', '\'']) == scope;
    matches!(&change.diagnosis.complaint, Complaint::ScopeMismatch { scope, .. } if asked(scope))
}

#[derive(Clone, Debug)]
struct Literal {
    text: String,
    role: Role,
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(50).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

fn literals(source: &Source, node: Node<'_>, checked: &Checked<'_, '_>) -> Vec<Literal> {
    let docstring = |node: Node<'_>| node.parent().is_some_and(|parent| parent.kind() == "expression_statement");
    let found = descendants(node).filter(|node| is_literal_token(*node) && !docstring(*node) && !is_imported(*node));
    found.map(|node| Literal { text: source.slice(node).to_string(), role: role(source, node, checked) }).collect()
}

fn without(of: &[Literal], rest: &[Literal]) -> Vec<Literal> {
    let mut rest: Vec<&str> = rest.iter().map(|literal| literal.text.as_str()).collect();
    let mut left = Vec::new();
    for literal in of {
        match rest.iter().position(|other| *other == literal.text) {
            Some(at) => drop(rest.swap_remove(at)),
            None => left.push(literal.clone()),
        }
    }
    left
}

fn role(source: &Source, node: Node<'_>, checked: &Checked<'_, '_>) -> Role {
    if wait_word(source, node).is_some() || names_something(source, node) || is_no_warning(source, node) {
        return Role::Name;
    }
    let mut inner = node;
    let mut is_key = false;
    for outer in ancestors(node).skip(1) {
        match outer.kind() {
            "subscript" => {
                let value = outer.child_by_field_name("value");
                if value.is_some_and(|value| !is_inside(inner, value)) {
                    return Role::Name;
                }
            }
            "pair" => is_key |= outer.child_by_field_name("key").is_some_and(|key| is_inside(node, key)),
            "call" => {
                let name = callee(source, outer);
                let function = outer.child_by_field_name("function");
                let in_arguments = function.is_some_and(|function| !is_inside(inner, function));
                if in_arguments && asks_nothing(source, outer) {
                    return Role::Name;
                }
                if in_arguments && (is_assert_call(&name) || is_raises(&name)) {
                    return Role::Expected;
                }
                if in_arguments && last(&name) == "parametrize" {
                    return Role::Expected;
                }
                if in_arguments && !is_key && is_expected_by(source, outer, node) {
                    return Role::Expected;
                }
                if in_arguments && !is_key && checked.is_compared_elsewhere(source, outer, node) {
                    return Role::Expected;
                }
                if in_arguments && !is_key && is_expected_of_fixture(source, outer, node) {
                    return Role::Expected;
                }
                if in_arguments && !makes_a_value(&name) {
                    return if is_key { Role::Name } else { Role::Input };
                }
            }
            "assert_statement" => return Role::Expected,
            "for_statement" if !is_key && is_expected_in_loop(source, outer, node) => return Role::Expected,
            "assignment" => {
                let left = outer.child_by_field_name("left");
                let used = left.is_some_and(|left| {
                    descendants(left).any(|node| node.kind() == "identifier" && checked.contains(source.slice(node)))
                });
                let is_kept = || left.is_some_and(|left| checked.keeps(source, left));
                let is_expected =
                    || is_expected_cell(source, outer, node) || is_led_to_a_check(source, outer) || is_kept();
                let used = used || (!is_key && is_expected());
                return match (used, is_key) {
                    (true, _) => Role::Expected,
                    (false, true) => Role::Name,
                    (false, false) => Role::Input,
                };
            }
            "return_statement" | "yield" if !is_key => {
                let function = ancestors(outer).find(|node| node.kind() == "function_definition");
                let name = function.and_then(|function| function.child_by_field_name("name"));
                if name.is_some_and(|name| checked.keeps(source, name)) {
                    return Role::Expected;
                }
            }
            "block" | "module" => break,
            _ => {}
        }
        inner = outer;
    }
    if is_key { Role::Name } else { Role::Input }
}

/// Calls that stand for the value that they make; `mock.call.send(…)` for a call that is expected.
fn makes_a_value(name: &str) -> bool {
    let last = last(name);
    last.starts_with(|c: char| c.is_uppercase())
        || name.starts_with("call.")
        || name.starts_with("mock.call.")
        || matches!(
            last,
            "approx"
                | "call"
                | "datetime"
                | "date"
                | "time"
                | "timedelta"
                | "escape"
                | "compile"
                | "array"
                | "enumerate"
                | "zip"
                | "dict"
                | "list"
                | "set"
                | "tuple"
                | "frozenset"
                | "bytes"
                | "param"
                | "dedent"
                | "str"
                | "int"
                | "float"
                | "encode"
                | "join"
                | "strip"
                | "sorted"
                | "replace"
                | "format"
        )
}

/// `pytest.warns(None)` expected nothing: it recorded what came.
fn is_no_warning(source: &Source, node: Node<'_>) -> bool {
    source.slice(node) == "None" && enclosing_call(node).is_some_and(|call| callee(source, call) == "pytest.warns")
}

/// Strings that name something in the project: what they are replaced by is looked up, not expected.
fn names_something(source: &Source, node: Node<'_>) -> bool {
    let Some(text) = string_value(source, node) else { return false };
    let Some(call) = enclosing_call(node) else { return false };
    let name = callee(source, call);
    let by_name = matches!(
        last(&name),
        "getattr"
            | "setattr"
            | "hasattr"
            | "delattr"
            | "usefixtures"
            | "getfixturevalue"
            | "import_module"
            | "importorskip"
            | "attrgetter"
            | "itemgetter"
            | "methodcaller"
            | "reload"
            | "find_spec"
            | "get"
            | "pop"
            | "setdefault"
    );
    let is_dotted = !text.is_empty()
        && text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let names = text.split(',').all(|part| part.trim().chars().all(|c| c.is_alphanumeric() || c == '_'));
    let first = super::python::positional(call).first().is_some_and(|first| is_inside(node, *first));
    (by_name || is_patch(&name)) && is_dotted || last(&name) == "parametrize" && first && names
}

/// Whether no one has shown this value: every value has a source, or somebody made it up.
fn is_invented(change: &Change<'_>, text: &str) -> bool {
    if change.has_provenance() || change.has(EvidenceKind::Runtime) {
        return false;
    }
    let inner = text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_matches(['"', '\'']);
    let known = |text: &str| {
        text.len() < 2 || change.is_named(text) || change.files.iter().any(|file| file.before.text().contains(text))
    };
    let inner = if inner.is_empty() { text } else { inner };
    !matches!(text, "True" | "False" | "None") && !inner.lines().all(|line| known(line.trim()))
}

/// The names whose values the unit's checks use, gathered when somebody asks: most fixes change no value.
struct Checked<'u, 't> {
    unit: &'u Unit<'t>,
    names: OnceCell<HashSet<String>>,
    change: &'u Change<'u>,
    file: &'u FileChange,
}

impl<'u, 't> Checked<'u, 't> {
    fn of(unit: &'u Unit<'t>, change: &'u Change<'u>, file: &'u FileChange) -> Self {
        Self { unit, names: OnceCell::new(), change, file }
    }

    /// Whether what is written under a name is kept for checks of the tests, which may stand in other files.
    fn keeps(&self, source: &Source, name: Node<'_>) -> bool {
        is_kept_for_checks(self.change.snapshot, &self.file.path, source, name)
    }

    /// Whether a function of another file compares with what `call` gives it there.
    fn is_compared_elsewhere(&self, source: &Source, call: Node<'_>, node: Node<'_>) -> bool {
        is_expected_by_imported(self.change.snapshot, &self.file.path, (source, call), node)
    }

    fn contains(&self, name: &str) -> bool {
        self.names.get_or_init(|| checked_names(self.unit.source, self.unit.node)).contains(name)
    }
}

/// The names whose values the checks below `scope` use.
pub(super) fn checked_names(source: &Source, scope: Node<'_>) -> HashSet<String> {
    let is_check = |node: &Node<'_>| {
        node.kind() == "assert_statement"
            || node.kind() == "call" && {
                let name = callee(source, *node);
                is_assert_call(&name) || is_raises(&name)
            }
    };
    let checks = descendants(scope).filter(is_check);
    let names = checks.flat_map(descendants).filter(|node| node.kind() == "identifier");
    names.map(|node| source.slice(node).to_string()).collect()
}
