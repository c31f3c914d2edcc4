//! A collection that becomes one of another kind, and a dictionary that becomes an object of its fields.

use crate::diagnosis::locate::string_content;
use crate::strategies::Context;
use crate::syntax::{Node, children};
use crate::workspace::symbols::Symbol;

/// Kinds that each can be made of any other.
const KINDS: [&str; 4] = ["list", "tuple", "set", "frozenset"];

/// Dictionaries, as annotations say it.
const MAPPINGS: [&str; 5] = ["dict", "Dict", "Mapping", "MutableMapping", "OrderedDict"];

/// The built-in of that name, or of `typing`: `list` for `List`.
fn kind(name: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(name))
}

/// What makes a value of one of the `olds` one of `new`: `tuple` for a list.
pub(super) fn maker(new: &str, olds: &[&str]) -> Option<&'static str> {
    let new = kind(new)?;
    (!olds.is_empty() && olds.iter().all(|old| kind(old).is_some_and(|old| old != new))).then_some(new)
}

/// `Address(street="Lane")` for `{"street": "Lane"}`, where the class takes these keys and asks for no others.
pub(super) fn object(ctx: &Context<'_>, node: Node<'_>, class: &Symbol, olds: &[&str]) -> Option<String> {
    let is_of_mapping = node.kind() == "dictionary" && olds.iter().any(|old| MAPPINGS.contains(old));
    let parameters = &class.signature.as_ref().filter(|_| is_of_mapping)?.parameters;
    let mut given: Vec<(&str, &str)> = Vec::new();
    for pair in children(node).filter(|part| part.kind() != "comment") {
        let key = string_content(ctx.source, pair.child_by_field_name("key")?)?;
        parameters.iter().find(|one| one.name == key && !one.kind.is_variadic())?;
        given.push((key, ctx.source.slice(pair.child_by_field_name("value")?)));
    }
    let is_given = |name: &str| given.iter().any(|(key, _)| *key == name);
    let mut required = parameters.iter().filter(|one| one.default.is_none() && !one.kind.is_variadic());
    let arguments: Vec<String> = given.iter().map(|(key, value)| format!("{key}={value}")).collect();
    required.all(|one| is_given(&one.name)).then(|| format!("{}({})", class.name, arguments.join(", ")))
}
