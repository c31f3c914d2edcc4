//! Of a class that has another name now: what its methods do not do any more, and what its objects cannot any more.

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::tokens::{is_plain_literal, tokens};
use crate::workspace::Snapshot;

use super::{Definition, differences, is_of_weight, lost};

/// What a class lost in one of its methods, or a method that Python calls.
pub(super) fn lost_member(snapshot: &Snapshot, before: &Definition, after: &Definition) -> Option<String> {
    if (before.item.kind, after.item.kind) != (ItemKind::Class, ItemKind::Class) {
        return None;
    }
    let (was, is) = (methods(before), methods(after));
    let pair = |old: &Definition| {
        let mut namesakes = is.iter().filter(|new| new.item.name == old.item.name);
        namesakes.next().filter(|_| namesakes.next().is_none())
    };
    let in_methods = was.iter().find_map(|old| {
        let is_one = was.iter().filter(|other| other.item.name == old.item.name).count() == 1;
        let new = pair(old).filter(|_| is_one)?;
        let lost = lost(snapshot, old, new).or_else(|| compares_less(old, new));
        lost.map(|lost| format!("{lost} in `{}`", old.item.name))
    });
    let in_fields = || {
        let (was, is) = (fields(before), fields(after));
        let other = |(name, value): &&(String, String)| {
            is.iter().any(|(other, now)| other == name && now != value && is_plain_literal(now))
        };
        let found = was.iter().filter(|(_, value)| is_plain_literal(value)).find(other);
        found.map(|(name, _)| format!("has another `{name}`"))
    };
    in_methods.or_else(in_fields).or_else(|| {
        // A base class or a decorator that came may give what went.
        let came = |was: &[String], is: &[String]| is.iter().any(|one| !was.contains(one));
        let (old, new) = (&before.item, &after.item);
        let is_given = came(&old.bases, &new.bases) || came(&old.decorators, &new.decorators);
        let gone =
            was.iter().find(|old| is_compared(&old.item.name) && is.iter().all(|new| new.item.name != old.item.name));
        gone.filter(|_| !is_given).map(|gone| format!("has no `{}` any more", gone.item.name))
    })
}

/// A field that a comparison of objects leaves out now.
fn compares_less(before: &Definition, after: &Definition) -> Option<String> {
    let read = |of: &Definition| -> Vec<String> {
        let tokens = tokens(&of.code);
        let own = tokens.windows(3).filter(|trio| trio[..2] == ["self", "."]);
        own.map(|trio| trio[2].to_string()).collect()
    };
    let (was, is) = (read(before), read(after));
    let is_less = is_compared(&before.item.name) && !is.is_empty() && is.iter().all(|name| was.contains(name));
    let gone = was.iter().find(|name| !is.contains(name)).filter(|_| is_less)?;
    Some(format!("leaves out `{gone}`"))
}

/// The fields of a class, each with its value as it is written.
fn fields(class: &Definition) -> Vec<(String, String)> {
    let own = own_items(class).into_iter().filter(|item| !item.on_self);
    own.filter_map(|item| Some((item.name, class.file.get(item.value?)?.to_string()))).collect()
}

/// Whether an object without the method is still made, and compares, ends or reads otherwise.
fn is_compared(name: &str) -> bool {
    matches!(
        name,
        "__eq__" | "__ne__" | "__hash__" | "__lt__" | "__le__" | "__gt__" | "__ge__" | "__bool__" | "__del__"
    ) || matches!(name, "__repr__" | "__str__" | "__setattr__" | "__getattr__" | "__getstate__" | "__copy__")
}

/// The methods of a class, each with the name of the class as its own.
fn methods(class: &Definition) -> Vec<Definition> {
    let method = |item: Item| {
        let code = class.file.get(item.span.clone())?.to_string();
        Some(Definition { item, code, ..class.clone() })
    };
    own_items(class).into_iter().filter(|item| item.signature.is_some()).filter_map(method).collect()
}

/// What stands directly in a class.
fn own_items(class: &Definition) -> Vec<Item> {
    let outline = Outline::of_text(&class.file);
    let at = outline.items.iter().position(|item| item.span == class.item.span && item.kind == ItemKind::Class);
    at.into_iter().flat_map(|at| outline.children(Some(at))).map(|(_, item)| item.clone()).collect()
}

/// What the value of a field or a constant does not have any more: `price` where `price * count` was.
pub(super) fn lost_value(before: &Definition, after: &Definition) -> Option<String> {
    let value = |of: &Definition| -> Option<Vec<String>> {
        let value = of.file.get(of.item.value.clone()?)?;
        Some(tokens(value).into_iter().map(str::to_string).collect())
    };
    let (gone, came) = differences(&value(before)?, &value(after)?);
    let token = gone.iter().find(|token| is_of_weight(token)).filter(|_| came.is_empty())?;
    Some(format!("has a value without `{token}`"))
}
