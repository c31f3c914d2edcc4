//! What was real stays real: no mock, patch or stub comes in, and none gets looser.

use std::collections::BTreeMap;

use crate::syntax::{Node, Source, ancestors};

use super::change::{Change, FileChange, Unit};
use super::names_kept::is_imported;
use super::python::{arguments, callee, enclosing_call, flat, last, string_value};
use super::tree_diff::differences;

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    let units = file.units();
    let added = units.iter().find_map(|(before, after)| {
        let (was, mut is) = (mocks(before), mocks(after));
        if let Some(count) = is.get_mut(REPLACED) {
            *count -= set_already(before, after).min(*count);
        }
        let (what, _) = is.iter().find(|(what, count)| **count > was.get(*what).copied().unwrap_or(0))?;
        Some(format!("adds {what} to {}", after.title()))
    });
    added
        .or_else(|| units.iter().find_map(|(before, after)| less_strict(before, after)))
        .or_else(|| units.iter().find_map(|(before, after)| another_target(change, before, after)))
}

const MOCKS: &[&str] = &[
    "Mock",
    "MagicMock",
    "AsyncMock",
    "NonCallableMock",
    "NonCallableMagicMock",
    "PropertyMock",
    "create_autospec",
    "mock_open",
    "patch",
    "mocker",
    "class_mocker",
    "module_mocker",
    "session_mocker",
    "SimpleNamespace",
    "responses",
    "requests_mock",
    "respx_mock",
    "httpx_mock",
    "aioresponses",
    "flexmock",
    "monkeytype",
    "return_value",
    "side_effect",
    "sentinel",
    "namedtuple",
    "defaultdict",
    "Stub",
    "Fake",
    "Dummy",
    "spy",
    "stub",
    "seal",
    "when",
    "mockito",
    "doublex",
];

/// Methods of `monkeypatch` that replace code; `setenv`, `chdir` and `syspath_prepend` prepare a place to run.
const REPLACING: &[&str] = &["setattr", "setitem", "delattr", "delitem", "__setattr__", "__setitem__"];

/// How a replaced attribute is called in a reason.
const REPLACED: &str = "a replaced attribute";

/// How many attributes and items `monkeypatch` sets to what the test assigned to them before, for good.
fn set_already(before: &Unit<'_>, after: &Unit<'_>) -> usize {
    let assigned: Vec<(String, String)> = before
        .nodes()
        .into_iter()
        .filter(|node| node.kind() == "assignment")
        .filter_map(|node| Some((node.child_by_field_name("left")?, node.child_by_field_name("right")?)))
        .map(|(left, right)| (flat(before.source, left), flat(before.source, right)))
        .collect();
    let calls = after.nodes().into_iter().filter(|node| node.kind() == "call");
    let is_known = |call: &Node<'_>| {
        let [object, key, value] = arguments(*call)[..] else { return false };
        let target = match callee(after.source, *call).as_str() {
            "monkeypatch.setattr" => {
                string_value(after.source, key).map(|name| format!("{} . {name}", flat(after.source, object)))
            }
            "monkeypatch.setitem" => Some(format!("{} [ {} ]", flat(after.source, object), flat(after.source, key))),
            _ => None,
        };
        let value = flat(after.source, value);
        let same = |text: &str| text.split_whitespace().collect::<String>();
        target.is_some_and(|target| assigned.iter().any(|(left, right)| same(left) == same(&target) && *right == value))
    };
    calls.filter(is_known).count()
}

fn mocks(unit: &Unit<'_>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    // An import alone mocks nothing.
    let identifiers = unit.nodes().into_iter().filter(|node| node.kind() == "identifier" && !is_imported(*node));
    let identifiers = identifiers.filter(|node| !is_set_on(*node));
    for node in identifiers {
        let name = unit.source.slice(node);
        let fake = ["Fake", "Stub", "Dummy", "Mock"].iter().any(|word| name.starts_with(word) || name.ends_with(word));
        if MOCKS.contains(&name)
            || REPLACING.contains(&name)
            || fake
            || name.starts_with("fake_")
            || name.starts_with("mock_")
        {
            // One entry for all of a family: a renamed mock is no new mock.
            let family = if REPLACING.contains(&name) { REPLACED } else { "a mock" };
            *found.entry(family.to_string()).or_insert(0) += 1;
        }
    }
    found
}

/// `mock_env` of `mock_env.dry = False`: who tells a mock something makes none.
fn is_set_on(node: Node<'_>) -> bool {
    let is_object = |outer: &Node<'_>| outer.kind() == "attribute";
    let Some(whole) = ancestors(node).skip(1).take_while(is_object).last() else { return false };
    let is_root = whole.start_byte() == node.start_byte();
    is_root && whole.parent().is_some_and(|outer| outer.child_by_field_name("left") == Some(whole))
}

/// Arguments that bind a mock to what it stands for.
fn less_strict(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let strict = |unit: &Unit<'_>, name: &str| {
        let calls = unit.nodes().into_iter().filter(|node| node.kind() == "call");
        calls.flat_map(arguments).filter(|argument| keyword_name(unit.source, *argument) == Some(name)).count()
    };
    let lost = ["spec", "autospec", "spec_set", "new_callable", "wraps"]
        .iter()
        .find(|name| strict(after, name) < strict(before, name))?;
    Some(format!("takes `{lost}=` from a mock in {}", after.title()))
}

fn keyword_name<'s>(source: &'s Source, argument: Node<'_>) -> Option<&'s str> {
    let name = argument.child_by_field_name("name")?;
    (argument.kind() == "keyword_argument").then(|| source.slice(name))
}

/// Callees whose first string names what they replace.
pub(super) fn is_patch(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    parts.contains(&"patch") || parts.contains(&"mocker") || parts.contains(&"monkeypatch")
}

/// A patch may follow what it replaces to another module, not turn to something else.
fn another_target(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    differences((before.source, before.node), (after.source, after.node)).into_iter().find_map(|difference| {
        let (was, is) = (difference.before?, difference.after?);
        let patches = enclosing_call(is).is_some_and(|call| is_patch(&callee(after.source, call)));
        if !patches {
            return None;
        }
        let (was, is) = (string_value(before.source, was)?, string_value(after.source, is)?);
        let another = last(was) != last(is) && !(change.is_named(last(is)) && change.is_named(last(was)));
        another.then(|| format!("patches `{is}` instead of `{was}`"))
    })
}
