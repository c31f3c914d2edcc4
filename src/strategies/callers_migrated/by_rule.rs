//! The rule that one caller's change teaches, applied to the test's file.

use std::ops::Range;

use crate::diagnosis::Complaint;
use crate::diagnosis::complaint::Owner;
use crate::fix::EvidenceKind;
use crate::rules::{Rule, RuleSet};
use crate::strategies::attribute_rename::is_local;
use crate::strategies::renames::last_part;
use crate::strategies::{Context, carried, imports, names};
use crate::syntax::{Node, Source};
use crate::text::Edit;
use crate::workspace::history::Migration;
use crate::workspace::words::occurrences;

use super::{kind, refused};

/// What the rule that the example teaches changes in `range`, and where the code fails alike.
pub(super) fn edits(ctx: &Context<'_>, example: &Migration, range: &Range<usize>) -> Option<Vec<Edit>> {
    let (before, after) = as_imported_here(ctx, example);
    let rules = RuleSet::new(Rule::learn(&before, &after, ""));
    let found = rules.find(ctx.source);
    let here = found.iter().find(|found| found.range.start < range.end && range.start < found.range.end)?;
    let mut edits = here.rewrite(&ctx.site.path).filter(|edits| !edits.is_empty())?;
    let alike = found.iter().filter(|found| is_gone_there(ctx, &found.range) || is_refused_there(ctx, &found.range));
    for edit in alike.filter_map(|found| found.rewrite(&ctx.site.path)).flatten() {
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// The edits with the imports of what they bring in, as the caller's file has them. `None` where the caller has a name
/// that the test cannot have.
pub(super) fn with_imports(ctx: &Context<'_>, example: &Migration, mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    let (before, after) = (Source::parse(example.before.as_str()), Source::parse(example.after.as_str()));
    let is_new = |name: &str| !carried::free_names(&before).any(|node| before.slice(node) == name);
    let is_written =
        |name: &str, edits: &[Edit]| edits.iter().any(|edit| occurrences(&edit.text, name).next().is_some());
    let is_imported = |name: &str, edits: &[Edit]| {
        edits.iter().any(|edit| edit.text.contains("import ") && occurrences(&edit.text, name).next().is_some())
    };
    // The example may have named before what the test does not know.
    let own = imports::imports(ctx.source);
    let is_unknown = |name: &str| {
        own.iter().all(|item| item.local != name)
            && !names::is_made_by_a_function(ctx.source, name)
            && names::uses(ctx.source, name).is_empty()
            && carried::home(ctx, name, &example.path).is_some()
    };
    let free = carried::free_names(&after).map(|node| after.slice(node));
    for name in free.filter(|name| is_new(name) || is_unknown(name)) {
        if is_written(name, &edits) && !is_imported(name, &edits) && kind(example) == EvidenceKind::Example {
            edits.extend(carried::imports_for(ctx, name, &example.path)?);
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    Some(edits)
}

/// Whether the code uses what a module or a class does not have any more: it is the same in the whole file, and where
/// an exception is expected nothing else would tell.
fn is_gone_there(ctx: &Context<'_>, range: &Range<usize>) -> bool {
    let Complaint::NoAttribute { owner: Owner::Module(_) | Owner::Class(_), .. } = ctx.complaint() else {
        return false;
    };
    let attribute = ctx.node().and_then(|name| name.parent()).filter(|node| node.kind() == "attribute");
    let object = attribute.and_then(|attribute| attribute.child_by_field_name("object"));
    let (Some(attribute), Some(object)) = (attribute, object) else { return false };
    let is_inside = |node: Node<'_>| range.start <= node.start_byte() && node.end_byte() <= range.end;
    !is_local(ctx, object) && names::same_attributes(ctx.source, attribute).any(is_inside)
}

/// Whether the code calls the function that did not take its arguments, by its bare name: it is the same function in
/// the whole file.
fn is_refused_there(ctx: &Context<'_>, range: &Range<usize>) -> bool {
    let Some(name) = refused(ctx).map(last_part).filter(|_| ctx.complaint().is_refused_call()) else {
        return false;
    };
    let code = &ctx.source.text()[range.clone()];
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    code.match_indices(&format!("{name}(")).any(|(at, _)| !code[..at].ends_with(is_part))
}

/// The two sides of an example with the import that it takes for granted: what it calls by its whole path is
/// called as the test's file calls it.
fn as_imported_here(ctx: &Context<'_>, example: &Migration) -> (String, String) {
    let (before, after) = (example.before.as_str(), example.after.as_str());
    for item in imports::imports(ctx.source) {
        let Some(name) = &item.name else { continue };
        let (path, local) = (format!("{}.{name}.", item.module), format!("{}.", item.local));
        if before.contains(&path) && after.contains(&path) {
            let import = format!("from {} import {name} as {}\n", item.module, item.local);
            let side = |code: &str| import.clone() + &code.replace(&path, &local);
            return (side(before), side(after));
        }
    }
    let import =
        format!("import {}\n", before.split('.').next().unwrap_or_default().rsplit(' ').next().unwrap_or_default());
    let names_module =
        imports::imports(ctx.source).iter().any(|item| item.name.is_none() && import.trim_end().ends_with(&item.local));
    let import = if names_module { import } else { String::new() };
    (import.clone() + before, import + after)
}
