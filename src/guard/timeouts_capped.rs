//! A wait may grow a little and never beyond the configured cap; retries do not grow at all.

use crate::syntax::{Node, Source, ancestors};

use super::change::{Change, FileChange};
use super::python::{callee, enclosing_call, keyword_of, last};
use super::strength::mock_strength;
use super::tree_diff::{Difference, differences};

/// The most that a wait may grow by at once: what a first, a repeated and a CI failure are given is 1.5, 2 and 2.5.
const LARGEST_FACTOR: f64 = 2.5;

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units().iter().find_map(|(before, after)| {
        let found = differences((before.source, before.node), (after.source, after.node));
        found.into_iter().find_map(|difference| judged(change, before.source, after.source, difference))
    })
}

fn judged(change: &Change<'_>, old: &Source, new: &Source, difference: Difference<'_>) -> Option<String> {
    let cap = change.snapshot.config().timeout_cap;
    if difference.after.is_some_and(|after| is_expected(new, after)) {
        return None;
    }
    match (difference.before, difference.after) {
        // The other name of a parameter; its value is compared by itself.
        (Some(before), Some(_)) if is_keyword(before) => None,
        (Some(before), Some(after)) => {
            let word = wait_word(old, before)?;
            if is_count(&word) {
                let grows = number(old, before).zip(number(new, after)).is_none_or(|(was, is)| is > was);
                return grows.then(|| format!("raises `{word}`"));
            }
            let was = number(old, before)?;
            let Some(is) = number(new, after) else { return Some(format!("takes the limit from `{word}`")) };
            if is <= 0.0 && was > 0.0 {
                return Some(format!("takes the limit from `{word}`"));
            }
            let most = (was * LARGEST_FACTOR).min(cap.max(was));
            (is > most).then(|| format!("raises `{word}` from {was} to {is}, more than {most}"))
        }
        (None, Some(after)) => {
            let word = wait_word(new, after)?;
            let value = after.child_by_field_name("value").unwrap_or(after);
            if is_count(&word) {
                return Some(format!("adds `{word}`"));
            }
            match number(new, value) {
                Some(is) if is > cap || is <= 0.0 => Some(format!("sets `{word}` to {is}, the cap is {cap}")),
                None if value.kind() == "none" => Some(format!("takes the limit from `{word}`")),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a mock is asked for it: what the product waits is told there, nobody waits.
fn is_expected(source: &Source, node: Node<'_>) -> bool {
    let called = enclosing_call(node).map(|call| callee(source, call));
    called.is_some_and(|called| mock_strength(last(&called)).is_some())
}

fn is_keyword(node: Node<'_>) -> bool {
    let argument = node.parent().filter(|parent| parent.kind() == "keyword_argument");
    argument.and_then(|argument| argument.child_by_field_name("name")) == Some(node)
}

/// The name of the wait that a value sets: `timeout` for `30` in `get(timeout=30)`, `TIMEOUT = 30`, `wait_for(x, 30)`.
pub(super) fn wait_word(source: &Source, node: Node<'_>) -> Option<String> {
    let own = node.child_by_field_name("name").filter(|_| node.kind() == "keyword_argument");
    let name = match (own, keyword_of(source, node)) {
        (Some(name), _) => source.slice(name).to_string(),
        (None, Some(name)) => name.to_string(),
        (None, None) => {
            let assigned = ancestors(node).take(3).find(|node| node.kind() == "assignment");
            match assigned.and_then(|assignment| assignment.child_by_field_name("left")) {
                Some(left) => source.slice(left).to_string(),
                None => last(&callee(source, enclosing_call(node)?)).to_string(),
            }
        }
    };
    is_wait(&name).then_some(name)
}

fn is_wait(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = [
        "timeout",
        "deadline",
        "sleep",
        "delay",
        "interval",
        "max_wait",
        "wait_for",
        "wait_until",
        "poll",
        "retries",
        "attempts",
        "max_tries",
        "reruns",
        "time_limit",
        "grace",
        "patience",
        "max_time",
    ];
    words.iter().any(|word| name.contains(word)) || matches!(name.as_str(), "wait" | "join" | "timeout_s" | "retry")
}

fn is_count(name: &str) -> bool {
    let name = name.to_lowercase();
    ["retries", "attempts", "max_tries", "reruns", "retry", "sleep", "delay"].iter().any(|word| name.contains(word))
}

/// The number that an expression writes: `30`, `1.5`, `5 * 60`.
pub(super) fn number(source: &Source, node: Node<'_>) -> Option<f64> {
    let node = super::python::bare(node);
    match node.kind() {
        "integer" | "float" => source.slice(node).replace('_', "").parse().ok(),
        "unary_operator" if source.slice(node).starts_with('-') => Some(-number(source, node.named_child(0)?)?),
        "binary_operator" => {
            let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
            let (left, right) = (number(source, left)?, number(source, right)?);
            match node.child_by_field_name("operator")?.kind() {
                "*" => Some(left * right),
                "+" => Some(left + right),
                "-" => Some(left - right),
                "/" => Some(left / right),
                _ => None,
            }
        }
        _ => None,
    }
}
