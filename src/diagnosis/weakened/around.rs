//! What stands around a definition that has another name or another file now: the constants, functions and imports that
//! it uses, of which a namesake may have taken the place.

use std::collections::HashSet;

use crate::diagnosis::stdlib::is_stdlib;
use crate::syntax::outline::{Import, Item, ItemKind, Outline};
use crate::syntax::tokens::{bare, is_name, string_body, tokens};

use super::{Definition, differences, is_turned};

/// Decorators that keep what a function answered.
const CACHES: [&str; 4] = ["lru_cache", "cache", "functools.lru_cache", "functools.cache"];

/// What both definitions use by one name, and what is another thing now.
pub(super) fn other_around(before: &Definition, after: &Definition) -> Option<String> {
    let used = used_in(&before.code);
    let used: HashSet<&str> = used.intersection(&used_in(&after.code)).copied().collect();
    let (was, is) = (Outline::of_text(&before.file), Outline::of_text(&after.file));
    let of_file = |outline: &Outline, name: &str| -> Option<Item> {
        let mut found = outline.children(None).filter(|(_, item)| item.name == name);
        let (_, item) = found.next()?;
        found.next().is_none().then(|| item.clone())
    };
    let is_kept =
        |of: &Definition| of.item.decorators.iter().any(|it| CACHES.contains(&it.split('(').next().unwrap_or("")));
    let changes = |name: &&&str| {
        let value = of_file(&is, name).and_then(|item| after.file.get(item.value?));
        value.is_some_and(|value| value.starts_with(['{', '[']))
    };
    if let Some(name) = used.iter().find(changes).filter(|_| is_kept(after) && !is_kept(before)) {
        return Some(format!("keeps its answers, whatever becomes of `{name}`"));
    }
    let mut names: Vec<&str> = used.into_iter().collect();
    names.sort_unstable();
    names.into_iter().filter(|name| ![&before.name, &after.name].iter().any(|own| own == name)).find_map(|name| {
        if let Some(lost) = other_import(&was.imports, &is.imports, name) {
            return Some(lost);
        }
        let (old, new) = (of_file(&was, name)?, of_file(&is, name)?);
        match (old.kind, new.kind) {
            (ItemKind::Variable, ItemKind::Variable) => {
                is_other_value(before, after, &old, &new).then(|| format!("reckons with another `{name}`"))
            }
            (ItemKind::Function, ItemKind::Function) => is_other_function(before, after, &old, &new)
                .then(|| format!("calls `{name}`, which does something else")),
            _ => None,
        }
    })
}

/// The names that code uses, without attributes and keywords.
fn used_in(code: &str) -> HashSet<&str> {
    let tokens = tokens(code);
    let is_used = |at: &usize| {
        let before = at.checked_sub(1).map_or("", |at| tokens[at]);
        let is_keyword = tokens.get(at + 1) == Some(&"=") && matches!(before, "(" | ",");
        is_name(tokens[*at]) && !matches!(before, "." | "def" | "class") && !is_keyword
    };
    (0..tokens.len()).filter(is_used).map(|at| tokens[at]).collect()
}

/// Whether a constant is another one: texts and numbers, not collections that grow.
fn is_other_value(before: &Definition, after: &Definition, old: &Item, new: &Item) -> bool {
    let value = |of: &Definition, item: &Item| -> Option<Vec<String>> {
        let tokens = tokens(of.file.get(item.value.clone()?)?);
        let body = |token: &str| string_body(token).unwrap_or(token).to_string();
        let is_plain = tokens.len() < 12 && !tokens.iter().any(|token| matches!(*token, "{" | "["));
        let is_text = |token: &&str| string_body(token).is_some() || token.starts_with(|c: char| c.is_ascii_digit());
        (is_plain && tokens.iter().any(is_text)).then(|| tokens.into_iter().map(body).collect())
    };
    let is_constant = new.name.chars().all(|c| !c.is_lowercase());
    let values = value(before, old).zip(value(after, new));
    is_constant
        && values.is_some_and(|(was, is)| was != is && product(&was).is_none_or(|was| Some(was) != product(&is)))
}

/// `300` of `60 * 5`.
fn product(value: &[String]) -> Option<f64> {
    let factor = |(at, token): (usize, &String)| match at % 2 {
        0 => token.replace('_', "").parse::<f64>().ok(),
        _ => (token == "*").then_some(1.0),
    };
    value.iter().enumerate().map(factor).product()
}

/// Whether a function is turned at a word, or a namesake that does another thing is in the other file.
fn is_other_function(before: &Definition, after: &Definition, old: &Item, new: &Item) -> bool {
    let code = |of: &Definition, item: &Item| of.file.get(item.span.clone()).unwrap_or_default().to_string();
    let (was, is) = (code(before, old), code(after, new));
    let own = |code: &'_ str| bare(code).into_iter().map(str::to_string).collect::<Vec<_>>();
    let (gone, came) = differences(&own(&was), &own(&is));
    let is_moved = before.name == after.name;
    let has_name = |tokens: &[String]| tokens.iter().any(|token| is_name(token));
    is_turned(&was, &is, &old.name, &new.name) || is_moved && has_name(&gone) && has_name(&came)
}

/// Whether Python's library gives a name from another of its modules: `escape` of `re` for that of `html`.
fn other_import(was: &[Import], is: &[Import], name: &str) -> Option<String> {
    let of = |all: &'_ [Import]| -> Option<Import> {
        let mut found = all.iter().filter(|import| import.binds == name && import.name.is_some());
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    let (old, new) = (of(was)?, of(is)?);
    let top = |module: &str| module.split('.').next().unwrap_or_default().to_string();
    let (before, after) = (top(&old.module), top(&new.module));
    let is_python = |top: &str| is_stdlib(top) && top != "typing";
    (is_python(&before) && is_python(&after) && before != after)
        .then(|| format!("has `{name}` from `{}` now", new.module))
}
