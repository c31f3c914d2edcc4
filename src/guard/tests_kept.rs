//! Every test that was collected still is, with every row of its parameters and its intent as its docstring states it.

use std::collections::HashMap;

use crate::syntax::{Node, Source, children, descendants};

use super::change::{Change, FileChange, Unit, units};
use super::python::{arguments, callee, decorators, definition, dotted, flat, is_definition, last};
use super::strength::modern;

pub(super) fn broken(_: &Change<'_>, file: &FileChange) -> Option<String> {
    lost(file)
        .or_else(|| moved(file))
        .or_else(|| {
            file.units().iter().find_map(|(before, after)| {
                docstring_changed((before.source, before.node), (after.source, after.node))
                    .then(|| format!("edits the docstring of {}, which states its intent", after.title()))
                    .or_else(|| rows_lost(before, after))
            })
        })
        .or_else(|| classes_changed(file))
}

fn counts(source: &Source) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for unit in units(source) {
        *counts.entry(unit.name).or_insert(0) += 1;
    }
    counts
}

fn lost(file: &FileChange) -> Option<String> {
    let (before, after) = (counts(&file.before), counts(&file.after));
    let is_test = |name: &str| name.rsplit('.').next().is_some_and(|last| last.starts_with("test"));
    let mut names: Vec<_> = before.keys().filter(|name| is_test(name)).collect();
    names.sort_unstable();
    for name in names {
        match after.get(name).copied().unwrap_or(0) {
            0 => return Some(format!("removes or renames `{name}`")),
            count if count > before[name] => return Some(format!("hides `{name}` behind another of that name")),
            _ => {}
        }
    }
    let total = |counts: &HashMap<String, usize>| counts.values().sum::<usize>();
    if total(&after) < total(&before) {
        return Some("removes a function".to_string());
    }
    None
}

/// A test that is put below an `if`, a `try` or another function is not collected as before.
fn moved(file: &FileChange) -> Option<String> {
    let (before, after) = (places(&file.before), places(&file.after));
    after.into_iter().find_map(|(name, place)| {
        let was = before.get(&name)?;
        (*was != place)
            .then(|| format!("moves `{name}` below a `{}`", place.split(' ').next_back().unwrap_or_default()))
    })
}

/// Where each definition stands: the kinds of the compound statements around it.
fn places(source: &Source) -> HashMap<String, String> {
    let mut places = HashMap::new();
    let mut pending = vec![(source.root(), String::new(), String::new())];
    while let Some((node, scope, place)) = pending.pop() {
        for child in children(node) {
            let kind = child.kind();
            if is_definition(child) {
                let name = child.child_by_field_name("name").map_or("", |name| source.slice(name));
                let name = format!("{scope}.{name}");
                places.insert(name.trim_start_matches('.').to_string(), place.clone());
                if kind == "class_definition" {
                    pending.push((child, name, place.clone()));
                }
            } else if matches!(kind, "block" | "decorated_definition") {
                pending.push((child, scope.clone(), place.clone()));
            } else if kind.ends_with("_statement") || kind.ends_with("_clause") {
                let head = child.child_by_field_name("condition").map(|head| flat(source, head)).unwrap_or_default();
                pending.push((child, scope.clone(), format!("{place} {head}{kind}").trim_start().to_string()));
            }
        }
    }
    places
}

fn docstring<'t>(source: &'t Source, node: Node<'t>) -> Option<&'t str> {
    let definition = definition(node);
    let body = definition.child_by_field_name("body").unwrap_or(definition);
    let first = children(body).find(|child| child.kind() != "comment")?;
    let text = first.named_child(0).filter(|_| first.kind() == "expression_statement")?;
    matches!(text.kind(), "string" | "concatenated_string").then(|| source.slice(text))
}

fn docstring_changed((old, before): (&Source, Node<'_>), (new, after): (&Source, Node<'_>)) -> bool {
    docstring(old, before).is_some_and(|text| docstring(new, after) != Some(text))
}

/// The rows of every `parametrize` and of `params=`, in order.
fn rows<'t>(unit: &Unit<'t>) -> Vec<Option<Vec<String>>> {
    let calls = decorators(unit.node).filter_map(|decorator| children(decorator).next());
    let calls = calls.filter(|call| call.kind() == "call");
    let values = calls.filter_map(|call| {
        let name = callee(unit.source, call);
        match last(&name) {
            "parametrize" => arguments(call).get(1).copied(),
            "fixture" => super::python::keyword(unit.source, call, "params"),
            _ => None,
        }
    });
    let written = |node: Node<'t>| {
        node.child_by_field_name("value").filter(|_| node.kind() == "keyword_argument").unwrap_or(node)
    };
    values
        .map(written)
        .map(|node| {
            let rows = children(node).filter(|child| child.kind() != "comment").map(|row| flat(unit.source, row));
            matches!(node.kind(), "list" | "tuple" | "set").then(|| rows.collect())
        })
        .collect()
}

fn rows_lost(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (was, is) = (rows(before), rows(after));
    if is.iter().flatten().any(Vec::is_empty) {
        return Some(format!("leaves {} without parameters, so it is skipped", after.title()));
    }
    if after.is_test() && defaults(after) > defaults(before) {
        return Some(format!("gives a parameter of {} a default, so its fixture is no longer used", after.title()));
    }
    if is.len() < was.len() {
        return Some(format!("takes parameters from {}", after.title()));
    }
    let distinct = |rows: &[String]| rows.iter().collect::<std::collections::HashSet<_>>().len();
    was.iter().zip(&is).find_map(|pair| match pair {
        (Some(was), Some(is)) => {
            let fewer = is.len() < was.len() || distinct(is) < distinct(was).min(is.len());
            fewer.then(|| format!("takes a parameter row from {}", after.title()))
        }
        (None, None) => None,
        _ => Some(format!("replaces the parameter rows of {}", after.title())),
    })
}

fn defaults(unit: &Unit<'_>) -> usize {
    let parameters = definition(unit.node).child_by_field_name("parameters");
    let defaults = parameters.into_iter().flat_map(children);
    defaults.filter(|parameter| matches!(parameter.kind(), "default_parameter" | "typed_default_parameter")).count()
}

/// Classes keep their bases and their docstrings; a test class gets no constructor.
fn classes_changed(file: &FileChange) -> Option<String> {
    let (before, after) = (classes(&file.before), classes(&file.after));
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (name, node) in &before {
        // Tests define classes of one name again and again: the second answers to the second.
        let nth = seen.entry(name).or_insert(0);
        let same = after.iter().filter(|(other, _)| other == name).nth(*nth);
        *nth += 1;
        let Some((_, other)) = same else {
            if name.starts_with("Test") || name.ends_with("Test") || name.ends_with("Tests") {
                return Some(format!("removes or renames `{name}`"));
            }
            continue;
        };
        let bases = |source: &Source, node: Node<'_>| -> Vec<String> {
            let bases = node.child_by_field_name("superclasses").into_iter().flat_map(children);
            bases.map(|base| last(&dotted(source, base)).to_string()).collect()
        };
        let (was, is) = (bases(&file.before, *node), bases(&file.after, *other));
        if was.len() != is.len() {
            return Some(format!("changes the bases of `{name}`"));
        }
        if docstring_changed((&file.before, *node), (&file.after, *other)) {
            return Some(format!("edits the docstring of `{name}`, which states its intent"));
        }
    }
    let constructor = |source: &Source| units(source).iter().filter(|unit| unit.name.ends_with(".__init__")).count();
    if constructor(&file.after) > constructor(&file.before) {
        return Some("gives a class a constructor, so pytest no longer collects it".to_string());
    }
    (after.len() > before.len()).then(|| "adds a class".to_string())
}

fn classes(source: &Source) -> Vec<(String, Node<'_>)> {
    if !source.text().contains("class") {
        return Vec::new();
    }
    let classes = descendants(source.root()).filter(|node| node.kind() == "class_definition");
    classes
        .filter_map(|node| Some((modern(source.slice(node.child_by_field_name("name")?)).to_string(), node)))
        .collect()
}
