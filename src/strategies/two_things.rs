//! Whether a name is another word for what a lost one meant, or another thing: git shows both side by side.

use std::sync::Arc;

use crate::diagnosis::product;
use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::tokens::{is_name, tokens};
use crate::syntax::{Node, Source, ancestors, children};
use crate::workspace::history::{Change, do_the_same};

use super::renames::last_part;
use super::{Context, names};

/// Whether the product had both names side by side since the test was last touched, and the old one neither did what
/// the new one does nor handed on to it: then what is left is no successor, whoever says so.
pub(super) fn were_two_things(ctx: &Context<'_>, old: &str, new: &str) -> bool {
    let (old, new) = (last_part(old), last_part(new));
    let had_both = |change: &Change| {
        let Some(before) = Then::of(&change.before, old) else { return false };
        let items = || before.outline.items.iter();
        let twins = items().filter(|item| item.name == old);
        let twins = twins.flat_map(|item| items().filter(|twin| twin.name == new).map(move |twin| (item, twin)));
        let mut twins = twins.filter(|(item, twin)| item.parent == twin.parent);
        twins.any(|(item, twin)| before.are_two(item, twin) && !has_taken_over(change, &before, item, twin))
    };
    old != new && product::changes(ctx.snapshot, &ctx.site.path).iter().any(had_both)
}

/// Whether the old name did something of its own before a change, and the new one does something else now.
pub(super) fn does_something_else(ctx: &Context<'_>, old: &str, new: &str) -> bool {
    let is_other = |change: &Change| {
        let (Some(before), Some(after)) = (Then::of(&change.before, old), Then::of(&change.after, new)) else {
            return false;
        };
        let Some(item) = before.outline.items.iter().find(|item| item.name == old) else { return false };
        let path = before.outline.path_of(item);
        let scope = path.strip_suffix(old).unwrap_or_default();
        let found = |twin: &&Item| after.outline.path_of(twin).strip_suffix(new) == Some(scope);
        let Some(twin) = after.outline.items.iter().find(found) else { return false };
        !before.hands_on(item, new) && !do_the_same(before.text_of(item), after.text_of(twin))
    };
    product::changes(ctx.snapshot, &ctx.site.path).iter().any(is_other)
}

/// Whether the change gave the new name what the old one did.
fn has_taken_over(change: &Change, before: &Then, item: &Item, twin: &Item) -> bool {
    let path = before.outline.path_of(twin);
    let Some(after) = Then::of(&change.after, &twin.name) else { return false };
    let now = after.outline.items.iter().find(|item| after.outline.path_of(item) == path);
    now.is_some_and(|now| {
        let text = after.text_of(now);
        text != before.text_of(twin) && do_the_same(before.text_of(item), text)
    })
}

/// A file before or after a change.
struct Then {
    source: Source,
    outline: Outline,
}

impl Then {
    fn of(text: &Option<Arc<str>>, word: &str) -> Option<Self> {
        let source = Source::parse(text.clone().filter(|text| text.contains(word))?);
        Some(Self { outline: Outline::of(&source), source })
    }

    fn text_of(&self, item: &Item) -> &str {
        self.source.text().get(item.span.clone()).unwrap_or_default()
    }

    /// Whether neither of the two is another word for the other.
    fn are_two(&self, old: &Item, new: &Item) -> bool {
        let code = |item: &Item| -> Vec<String> {
            let is_sentence = |token: &str| token.starts_with(['"', '\'']) && token.contains(char::is_whitespace);
            let tokens = tokens(self.text_of(item)).into_iter();
            tokens.filter(|token| *token != item.name && !is_sentence(token)).map(str::to_string).collect()
        };
        // What the project itself called outdated, with the name of what to use, it has thought about.
        let is_deprecated = self.text_of(old).contains("eprecat") && tokens_name(self.text_of(old), &new.name);
        let is_same = old.kind != ItemKind::Variable && code(old) == code(new);
        !is_deprecated && !is_same && !self.hands_on(old, &new.name) && !self.hands_on(new, &old.name)
    }

    /// Whether an item is nothing but another way to `name`.
    fn hands_on(&self, item: &Item, name: &str) -> bool {
        match item.kind {
            ItemKind::Class => item.bases.iter().any(|base| last_part(base) == name),
            ItemKind::Variable => {
                let value = item.value.clone().and_then(|value| self.source.text().get(value)).unwrap_or_default();
                let tokens = tokens(value);
                tokens.contains(&name) && tokens.iter().all(|token| is_name(token) || ".()".contains(token))
            }
            _ => {
                let function = self.source.node_at(item.range.clone()).and_then(|name| {
                    let mut around = ancestors(name);
                    around.find(|node| node.kind() == "function_definition")
                });
                let found = function.and_then(|function| handed_on_to(&self.source, function));
                found.is_some_and(|(found, _)| found == name)
            }
        }
    }
}

fn tokens_name(text: &str, name: &str) -> bool {
    crate::workspace::words::occurrences(text, name).next().is_some()
}

/// `new` of `def old(a, b=1): return new(a, b)`, or where nothing is returned, and whether it warns before.
pub(super) fn handed_on_to(source: &Source, function: Node<'_>) -> Option<(String, bool)> {
    let is_docstring = |node: &Node<'_>| node.named_child(0).is_some_and(|inner| inner.kind() == "string");
    let body = children(function.child_by_field_name("body")?).filter(|node| node.kind() != "comment");
    let body: Vec<Node<'_>> = body.filter(|node| !is_docstring(node)).collect();
    let (warns, returns) = match body.as_slice() {
        [warns, returns] if source.slice(*warns).contains("warn") => (true, returns),
        [returns] => (false, returns),
        _ => return None,
    };
    if !matches!(returns.kind(), "return_statement" | "expression_statement") {
        return None;
    }
    let value = returns.named_child(0)?;
    let value = if value.kind() == "await" { value.named_child(0)? } else { value };
    let own: Vec<&str> = children(function.child_by_field_name("parameters")?)
        .filter_map(|parameter| names::parameter_name(source, parameter))
        .collect();
    let receiver = own.first().copied().filter(|first| matches!(*first, "self" | "cls"));
    let called = if value.kind() == "call" { value.child_by_field_name("function")? } else { value };
    if value.kind() == "call" {
        let given = children(value.child_by_field_name("arguments")?);
        let given: Vec<&str> = given
            .filter_map(|argument| match argument.kind() {
                "identifier" => Some(source.slice(argument)),
                "list_splat" | "dictionary_splat" => argument.named_child(0).map(|inner| source.slice(inner)),
                "keyword_argument" => {
                    let part = |field| argument.child_by_field_name(field).map(|node| source.slice(node));
                    part("value").filter(|value| part("name") == Some(value))
                }
                _ => None,
            })
            .collect();
        if given.as_slice() != &own[usize::from(receiver.is_some())..] {
            return None;
        }
    }
    let text = source.slice(called);
    let name = match (receiver, called.kind()) {
        (Some(receiver), "attribute") => text.strip_prefix(receiver)?.strip_prefix('.').map(str::to_string),
        (None, "identifier") => Some(text.to_string()),
        _ => None,
    };
    Some((name.filter(|name| !name.contains('.'))?, warns))
}
