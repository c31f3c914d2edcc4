//! The default that a commit declares for a new option: of a field, a parameter or an argument of a command line.

use crate::diagnosis::locate::{last_name, string_content};
use crate::diagnosis::product;
use crate::strategies::{calls, literals};
use crate::syntax::{Node, Source, descendants};
use crate::workspace::history::Change;

/// The one default of `name`, where the commit declares it; `None` where it declares several, or one that is not
/// written out.
#[allow(clippy::option_option)]
pub(super) fn declared(name: &str, commit: &str, changes: &[Change]) -> Option<Option<String>> {
    let mut found: Vec<Option<String>> = Vec::new();
    for change in changes.iter().filter(|change| change.commit == commit) {
        let Some(after) =
            change.after.clone().filter(|text| text.contains(&*name.replace('_', "-")) || text.contains(name))
        else {
            continue;
        };
        let hunks = product::hunks_of(change);
        let source = Source::parse(after);
        let is_new = |node: &Node<'_>| {
            let line = source.line_of(node.start_byte());
            hunks.iter().any(|hunk| (hunk.line..hunk.line + hunk.added.len() as u32).contains(&line))
        };
        found.extend(descendants(source.root()).filter(is_new).filter_map(|node| default_of(&source, node, name)));
    }
    found.dedup();
    match found.as_mut_slice() {
        [] => Some(None),
        [only] => only.take().map(Some),
        _ => None,
    }
}

/// The default that a node gives to `name`, or `Some(None)` where it is not written out.
#[allow(clippy::option_option)]
fn default_of(source: &Source, node: Node<'_>, name: &str) -> Option<Option<String>> {
    let written = |value: Node<'_>| literals::is_literal(value).then(|| source.slice(value).to_string());
    let is_name = |node: Node<'_>| source.slice(node) == name;
    match node.kind() {
        "default_parameter" | "typed_default_parameter" if is_name(node.child_by_field_name("name")?) => {
            Some(written(node.child_by_field_name("value")?))
        }
        "assignment" if is_name(last_name(node.child_by_field_name("left")?)?) => {
            let right = node.child_by_field_name("right")?;
            let field = argument(source, right, "default").map(&written);
            // `self.retries = retries` hands on what the parameter says.
            let is_handed_on = descendants(right).any(is_name);
            field.or_else(|| (!is_handed_on).then(|| written(right)))
        }
        "call" if declares(source, node, name) => match argument(source, node, "default") {
            Some(value) => Some(written(value)),
            None => Some(of_flag(source, node)),
        },
        _ => None,
    }
}

/// `add_argument("--no-capture")`, `add_config(keys=["no_capture"])`, `option("--quiet", dest="no_capture")`.
fn declares(source: &Source, call: Node<'_>, name: &str) -> bool {
    let function = call.child_by_field_name("function").and_then(last_name).map_or("", |it| source.slice(it));
    let options = call
        .child_by_field_name("arguments")
        .filter(|_| ["add_", "option", "Option", "Argument", "argument"].iter().any(|word| function.contains(word)));
    let is_it = |node: Node<'_>| {
        let text = string_content(source, node).map(|text| text.trim_start_matches('-').replace('-', "_"));
        node.kind() == "string" && text.as_deref() == Some(name)
    };
    options.is_some_and(|list| descendants(list).any(is_it))
}

/// What a flag is that is not given.
fn of_flag(source: &Source, call: Node<'_>) -> Option<String> {
    let value = |keyword| argument(source, call, keyword).map(|value| source.slice(value).trim_matches(['"', '\'']));
    match (value("action"), value("is_flag")) {
        (Some("store_true"), _) | (_, Some("True")) => Some("False".to_string()),
        (Some("store_false"), _) => Some("True".to_string()),
        (None, None) => Some("None".to_string()),
        _ => None,
    }
}

fn argument<'s>(source: &'s Source, call: Node<'s>, keyword: &str) -> Option<Node<'s>> {
    let all = calls::arguments(source, call);
    let found = all.into_iter().find(|argument| argument.keyword.as_deref() == Some(keyword))?;
    source.node_at(found.value)
}
