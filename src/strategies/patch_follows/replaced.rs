//! Calls that a commit put in the place of others: `Prompt.ask(name)` where `click.prompt(name)` stood.

use std::collections::HashSet;

use crate::diagnosis::product;
use crate::strategies::imports::{self, Imported};
use crate::strategies::{Context, calls, told};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::history::Change;

/// What a function of the product calls.
pub(super) struct Called {
    /// What is patched for the product's module: `shop.click.prompt`.
    pub(super) here: String,
    /// What is patched where it comes from; a name that is taken in by itself is looked up where it was taken in.
    pub(super) home: Option<Home>,
}

/// Where something comes from, and how a file says so.
pub(super) struct Home {
    /// `rich.prompt.Prompt.ask`.
    pub(super) dotted: String,
    /// `Prompt.ask`.
    pub(super) written: String,
    /// The module that `Prompt` is imported from, or that is imported itself.
    pub(super) module: String,
    /// `Prompt`.
    pub(super) name: Option<String>,
}

/// A call that stands where another one stood.
pub(super) struct Replaced {
    pub(super) old: Called,
    pub(super) new: Called,
    pub(super) commit: String,
    pub(super) says: String,
}

/// The calls of product code that the test uses which others took the place of.
pub(super) fn replaced(ctx: &Context<'_>) -> Vec<Replaced> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.iter().filter_map(|change| of_change(ctx, change)).flatten().collect()
}

fn of_change(ctx: &Context<'_>, change: &Change) -> Option<Vec<Replaced>> {
    let (before, after) = change.before.clone().zip(change.after.clone())?;
    let (before, after) = (Source::parse(before), Source::parse(after));
    let mut came_before = 0;
    let mut found = Vec::new();
    for hunk in product::hunks_of(change) {
        let first = u32::try_from(i64::from(hunk.line) - came_before).ok()?;
        came_before += hunk.added.len() as i64 - hunk.removed.len() as i64;
        let went = written(&before, first, hunk.removed.len());
        let came = written(&after, hunk.line, hunk.added.len());
        let Some((old, new)) = pair(&before, &after, &went, &came).filter(|_| told::uses(ctx, &hunk)) else { continue };
        let called = called(ctx, change, &before, old).zip(called(ctx, change, &after, new));
        let Some((was, is)) = called.filter(|(was, is)| was.here != is.here) else { continue };
        let (old, new) = (function(&before, old), function(&after, new));
        let says = format!("`{old}` became `{new}` at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
        found.push(Replaced { old: was, new: is, commit: change.commit.clone(), says });
    }
    Some(found)
}

/// The calls by plain names that begin on these lines.
fn written(source: &Source, first: u32, count: usize) -> Vec<Node<'_>> {
    let lines = first..first + count as u32;
    let is_plain = |call: &Node<'_>| {
        let name = function(source, *call);
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
    };
    let calls = descendants(source.root()).filter(|node| node.kind() == "call");
    calls.filter(|call| lines.contains(&source.line_of(call.start_byte()))).filter(is_plain).collect()
}

fn function<'s>(source: &'s Source, call: Node<'_>) -> &'s str {
    call.child_by_field_name("function").map_or("", |function| source.slice(function))
}

/// The one call that went and the one that came in its place.
fn pair<'t>(
    before: &'t Source,
    after: &'t Source,
    went: &[Node<'t>],
    came: &[Node<'t>],
) -> Option<(Node<'t>, Node<'t>)> {
    let was: HashSet<&str> = went.iter().map(|call| function(before, *call)).collect();
    let mut pairs = went.iter().flat_map(|old| {
        let new = came.iter().filter(|new| !was.contains(function(after, **new)));
        new.filter(|new| is_alike((before, *old), (after, **new))).map(move |new| (*old, *new))
    });
    let (old, new) = pairs.next().filter(|_| pairs.next().is_none())?;
    // Who still calls the old one too has it patched for a reason.
    let around = ancestors(new).find(|node| node.kind() == "function_definition")?;
    let is_old = |node: Node<'_>| node.kind() == "call" && function(after, node) == function(before, old);
    (!descendants(around).any(is_old)).then_some((old, new))
}

/// Whether two calls pass nearly the same, are of one object, or stand in statements that are alike but for them.
fn is_alike((before, old): (&Source, Node<'_>), (after, new): (&Source, Node<'_>)) -> bool {
    let given = |source: &Source, call| -> HashSet<String> {
        let arguments = calls::arguments(source, call).into_iter();
        arguments.map(|argument| source.text()[argument.range].to_string()).collect()
    };
    let owner = |name: &str| name.rsplit_once('.').map(|(owner, _)| owner.to_string());
    let (was, is) = (given(before, old), given(after, new));
    let of_one = owner(function(before, old)).is_some_and(|one| Some(one) == owner(function(after, new)));
    match was.len().max(is.len()) {
        _ if of_one => true,
        0 => around(before, old) == around(after, new),
        most => was.intersection(&is).count() * 2 >= most,
    }
}

/// What stands around a call in its statement.
fn around<'s>(source: &'s Source, call: Node<'_>) -> Option<(&'s str, &'s str)> {
    let statement = source.statement_at(call.start_byte())?;
    let text = source.text();
    Some((&text[statement.start_byte()..call.start_byte()], &text[call.end_byte()..statement.end_byte()]))
}

fn called(ctx: &Context<'_>, change: &Change, source: &Source, call: Node<'_>) -> Option<Called> {
    let module = ctx.snapshot.dotted_name(&change.path)?;
    let written = by_class(source, call).unwrap_or_else(|| function(source, call).to_string());
    let root = imports::first_part(&written);
    let import = imports::imports(source).into_iter().find(|item| item.local == root);
    if import.is_none() && !is_defined(source, root) {
        return None;
    }
    let home = import.zip(written.split_once('.')).and_then(|(item, (_, rest))| home(ctx, change, &item, rest));
    Some(Called { here: format!("{module}.{written}"), home })
}

fn home(ctx: &Context<'_>, change: &Change, item: &Imported, rest: &str) -> Option<Home> {
    let module = imports::absolute_in(ctx, &change.path, &item.module)?;
    let above = above(item, &module);
    let root = item.name.clone().unwrap_or_else(|| above.clone());
    let written = format!("{root}.{rest}");
    Some(Home { dotted: format!("{above}.{rest}"), written, module, name: item.name.clone() })
}

/// What the name that an import binds stands for: `rich.prompt.Prompt`.
pub(super) fn above(item: &Imported, module: &str) -> String {
    match &item.name {
        Some(name) => format!("{module}.{name}"),
        None if imports::first_part(module) == item.local => item.local.clone(),
        None => module.to_string(),
    }
}

/// Whether the file defines the name itself.
fn is_defined(source: &Source, name: &str) -> bool {
    children(source.root()).any(|node| {
        let inner = node.child_by_field_name("definition").unwrap_or(node);
        inner.child_by_field_name("name").is_some_and(|own| source.slice(own) == name)
    })
}

/// `requests.Session.get` for `self.session.get` where the class says `self.session = requests.Session()`, and for what
/// a `with` calls `session`.
fn by_class(source: &Source, call: Node<'_>) -> Option<String> {
    let (owner, method) = function(source, call).rsplit_once('.')?;
    let kind = if owner.starts_with("self.") { "class_definition" } else { "function_definition" };
    let scope = ancestors(call).find(|node| node.kind() == kind)?;
    let made = |node: Node<'_>| {
        let (name, value) = match node.kind() {
            "assignment" => (node.child_by_field_name("left")?, node.child_by_field_name("right")?),
            "as_pattern" => (node.child_by_field_name("alias")?, node.named_child(0)?),
            _ => return None,
        };
        let class = function(source, value);
        let is_class = class.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase));
        (source.slice(name) == owner && is_class).then(|| class.to_string())
    };
    let mut classes = descendants(scope).filter_map(made);
    let class = classes.next().filter(|_| classes.next().is_none())?;
    Some(format!("{class}.{method}"))
}
