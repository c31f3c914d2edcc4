//! What code of a caller needs to mean the same in the test: the imports that its file has.

use crate::syntax::outline::Import;
use crate::syntax::{Node, Source, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::builtins::is_pythons;

use super::imports::{self, Imported};
use super::{Context, names};

/// The imports that the test's file lacks for `code` of the file at `from`. `None` where a name is the caller's own,
/// or means something else in the test.
pub(super) fn imports_for(ctx: &Context<'_>, code: &str, from: &FilePath) -> Option<Vec<Edit>> {
    let parsed = Source::parse(code);
    let mut words: Vec<&str> = free_names(&parsed).map(|node| parsed.slice(node)).collect();
    words.sort_unstable();
    words.dedup();
    let needed: Vec<Option<Edit>> =
        words.into_iter().map(|name| import_for(ctx, name, from)).collect::<Option<Vec<_>>>()?;
    Some(needed.into_iter().flatten().collect())
}

/// The identifiers of an expression that stand for something.
pub(super) fn free_names(source: &Source) -> impl Iterator<Item = Node<'_>> {
    descendants(source.root()).filter(|node| node.kind() == "identifier" && !names::is_label(*node))
}

/// The import that makes `name` mean here what it means there: none where it does already.
#[allow(clippy::option_option)]
fn import_for(ctx: &Context<'_>, name: &str, from: &FilePath) -> Option<Option<Edit>> {
    let Some((module, taken)) = home(ctx, name, from) else {
        return is_pythons(name).then_some(None);
    };
    if names::is_made_by_a_function(ctx.source, name) {
        return None;
    }
    let is_same = |own: &Imported| {
        let own_module = ctx.snapshot.absolute_name(&ctx.site.path, &own.module);
        own_module.as_deref() == Some(&module) && own.name == taken
            || meaning(ctx, &ctx.site.path, name) == meaning(ctx, from, name)
    };
    match imports::imports(ctx.source).iter().find(|own| own.local == name) {
        Some(own) => is_same(own).then_some(None),
        None if !names::uses(ctx.source, name).is_empty() => None,
        None => Some(Some(imports::add(ctx, &module, taken.as_deref())?)),
    }
}

/// The module that the file at `from` has `name` from, and what it takes from it: itself, where it defines the name.
pub(super) fn home(ctx: &Context<'_>, name: &str, from: &FilePath) -> Option<(String, Option<String>)> {
    let outline = ctx.snapshot.outline(from)?;
    let binds = |import: &&Import| import.binds == name && import.inside.is_none();
    let is_defined = || outline.items.iter().any(|item| item.name == name && item.parent.is_none());
    match outline.imports.iter().find(binds) {
        Some(import) if import.aliased => None,
        Some(import) => Some((ctx.snapshot.absolute_name(from, &import.module)?, import.name.clone())),
        None if is_defined() => Some((ctx.snapshot.dotted_name(from)?, Some(name.to_string()))),
        None => None,
    }
}

/// Where what the file calls `name` is defined.
fn meaning(ctx: &Context<'_>, path: &FilePath, name: &str) -> Option<(FilePath, u32)> {
    let symbol = ctx.snapshot.resolve(path, 0, name)?;
    Some((symbol.path, symbol.line))
}
