//! Where a name that a lost module defined comes from now: git saw it go, a module defines it, the product takes it
//! from a library, or a caller of the product takes something else in its place.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::{product, stdlib};
use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::strategies::import_name::{homes_of, tier_of};
use crate::strategies::imports::{self, Imported};
use crate::strategies::{Context, callers};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::FilePath;
use crate::workspace::history::{Migration, Rename, RenameKind};
use crate::workspace::symbols::SymbolKind;

use super::Home;

/// A name and the module that has it.
pub(in crate::strategies) struct Place {
    pub(super) module: String,
    /// Another one than the imported name where it was renamed.
    pub(super) name: String,
    pub(super) evidence: Vec<Evidence>,
    /// Whether callers alone show it: they may as well have turned to something else.
    pub(super) is_of_callers: bool,
}

impl Place {
    /// Whether what came from `module` is known to be here, as it was.
    pub(super) fn is_told(&self, ctx: &Context<'_>, module: &str) -> bool {
        !self.is_of_callers && tier_of(ctx, &self.name, module, &self.module, &self.evidence) == Tier::Safe
    }
}

/// Where `item` comes from now; `moved` are the modules that its module became.
pub(in crate::strategies) fn place_of(ctx: &Context<'_>, item: &Imported, moved: &[Home]) -> Option<Place> {
    let name = item.name.as_deref().filter(|name| *name != "*")?;
    let kept = moved.iter().find(|home| defines(ctx, &home.module, name)).map(|home| Place {
        module: home.module.clone(),
        name: name.to_string(),
        evidence: home.evidence.clone(),
        is_of_callers: false,
    });
    kept.or_else(|| renamed(ctx, &item.module, name))
        .or_else(|| defined(ctx, &item.module, name))
        .or_else(|| handed_on(ctx, &item.module, name))
        .or_else(|| by_callers(ctx, item, name))
}

fn defines(ctx: &Context<'_>, module: &str, name: &str) -> bool {
    ctx.snapshot.module_members(module).symbols.iter().any(|symbol| symbol.name == name)
}

/// git saw the name leave the file of its module, under the same or another name.
fn renamed(ctx: &Context<'_>, module: &str, name: &str) -> Option<Place> {
    let is_definition = |rename: &Rename| {
        let kind = RenameKind::Symbol;
        let kinds = [SymbolKind::Class, SymbolKind::Function, SymbolKind::Variable].map(kind);
        kinds.contains(&rename.kind) && rename.within.is_none() && is_file_of(&rename.old_path, module)
    };
    let renames = ctx.snapshot.history().renames_of(name);
    let trusted = renames.iter().filter(|rename| is_definition(rename) && product::is_trusted(rename));
    let places = trusted.filter_map(|rename| {
        let home = ctx.snapshot.dotted_name(&rename.path).filter(|home| defines(ctx, home, &rename.new))?;
        let text = match rename.new == name {
            true => format!("`{name}` moved to {} ({})", rename.path, rename.subject),
            false => format!("`{name}` became `{}` ({})", rename.new, rename.subject),
        };
        let defined = format!("`{home}` defines `{}`", rename.new);
        let evidence = vec![
            Evidence::commit(&rename.commit, text),
            Evidence::at(EvidenceKind::Source, &rename.path, rename.line, defined),
        ];
        Some(Place { module: home, name: rename.new.clone(), evidence, is_of_callers: false })
    });
    let mut places: Vec<Place> = places.collect();
    let same = places.iter().position(|place| place.name == name).unwrap_or_default();
    (!places.is_empty()).then(|| places.swap_remove(same))
}

/// The one module that defines the name; of several the one that git saw it go to.
fn defined(ctx: &Context<'_>, module: &str, name: &str) -> Option<Place> {
    let mut homes = homes_of(ctx, name, module);
    if homes.len() > 1 {
        homes.retain(|(_, facts)| facts.iter().any(|fact| fact.kind == EvidenceKind::Git));
    }
    let (module, evidence) = homes.pop().filter(|_| homes.is_empty())?;
    Some(Place { module, name: name.to_string(), evidence, is_of_callers: false })
}

/// A caller of the product takes another name at the same place of its import since.
fn by_callers(ctx: &Context<'_>, item: &Imported, name: &str) -> Option<Place> {
    let migrations = ctx.snapshot.history().migrations_of(&item.module);
    let mut places = migrations.iter().filter(|migration| !migration.path.is_test_code()).filter_map(|migration| {
        let (home, new) = successor(migration, &item.module, name)?;
        let is_there = home != item.module && defines(ctx, &home, &new);
        is_there.then_some((home, new, migration))
    });
    let (module, new, migration) = places.next()?;
    if places.any(|(home, other, _)| home != module || other != new) {
        return None;
    }
    let text = format!("{} imports `{new}` from `{module}` instead of `{name}`", migration.path);
    let defined = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("`{module}` defines `{new}`")) };
    let evidence = vec![Evidence::commit(&migration.commit, text), defined];
    Some(Place { module, name: new, evidence, is_of_callers: true })
}

/// The one module outside of the project that all files of the product take the name from since the commit that took
/// the module away. What the module defined itself may be something else there.
fn handed_on(ctx: &Context<'_>, module: &str, name: &str) -> Option<Place> {
    let removal = product::module_removal(ctx.snapshot, &ctx.site.path, module)?;
    let mut found: Option<(String, FilePath)> = None;
    for change in product::changes_of(ctx.snapshot, &ctx.site.path, &removal.commit) {
        let Some((before, after)) = change.before.as_ref().zip(change.after.as_ref()) else { continue };
        let homes = |text: &Arc<str>| homes_in(ctx, &change.path, text, name);
        let (old, new) = (homes(before), homes(after));
        if !old.iter().any(|home| home == module) {
            continue;
        }
        let [home] = new.as_slice() else { return None };
        if found.as_ref().is_some_and(|(other, _)| other != home) {
            return None;
        }
        found = Some((home.clone(), change.path.clone()));
    }
    let (home, path) = found.filter(|(home, _)| home != module && is_outside(ctx, home, name))?;
    let handed = removal.before.as_ref().is_some_and(|text| hands_on(ctx, &removal.path, text, name));
    let is_half = callers::loads_still(ctx, module);
    let text = format!("{path} imports `{name}` from `{home}` since `{module}` is no more ({})", removal.subject);
    let evidence = vec![Evidence::commit(&removal.commit, text)];
    Some(Place { module: home, name: name.to_string(), evidence, is_of_callers: !handed || is_half })
}

/// The modules that a text of the file takes the name from.
fn homes_in(ctx: &Context<'_>, path: &FilePath, text: &Arc<str>, name: &str) -> Vec<String> {
    let taken = imports::imports(&Source::parse(Arc::clone(text))).into_iter();
    let taken = taken.filter(|item| item.local == name && item.name.as_deref() == Some(name));
    taken.filter_map(|item| imports::absolute_in(ctx, path, &item.module)).collect()
}

/// Whether all that a text of the file knows of the name is that it takes it from elsewhere than the project.
fn hands_on(ctx: &Context<'_>, path: &FilePath, text: &Arc<str>, name: &str) -> bool {
    let homes = homes_in(ctx, path, text, name);
    let source = Source::parse(Arc::clone(text));
    let is_made = |node: Node<'_>| {
        let own = node.child_by_field_name("name").or_else(|| node.child_by_field_name("left"));
        let makes = matches!(node.kind(), "class_definition" | "function_definition" | "assignment");
        makes && own.is_some_and(|own| source.slice(own) == name)
    };
    let is_own = descendants(source.root()).any(is_made);
    !homes.is_empty() && !is_own && !homes.iter().any(|home| is_of_project(ctx, home))
}

/// Whether the module has the name, and is none of the project.
fn is_outside(ctx: &Context<'_>, module: &str, name: &str) -> bool {
    let is_there = || stdlib::is_stdlib(imports::first_part(module)) || imports::is_there(ctx, module, Some(name));
    !is_of_project(ctx, module) && is_there()
}

/// Whether the module is one of a package of the project, there or not.
fn is_of_project(ctx: &Context<'_>, module: &str) -> bool {
    ctx.snapshot.module(imports::first_part(module)).is_some_and(|path| path.is_inside())
}

/// `postal.items` and `Item`, of `from postal.letters import Letter` that became `from postal.items import Item`.
fn successor(migration: &Migration, module: &str, name: &str) -> Option<(String, String)> {
    let (before, after) = (names_in(&migration.before), names_in(&migration.after));
    let at = before.iter().position(|(from, taken)| from == module && taken == name)?;
    if before.len() != after.len() || after.iter().any(|(from, taken)| from == module && taken == name) {
        return None;
    }
    after.into_iter().nth(at)
}

fn names_in(statement: &str) -> Vec<(String, String)> {
    let source = Source::parse(statement.trim());
    let taken = children(source.root()).flat_map(|node| imports::names_of(&source, node));
    taken.filter_map(|item| Some((item.module, item.name?))).collect()
}

/// Whether a path, of now or of then, is that of a module.
fn is_file_of(path: &FilePath, module: &str) -> bool {
    let stem = path.as_str().strip_suffix(".py").unwrap_or(path.as_str());
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let module = module.replace('.', "/");
    stem == module || stem.strip_suffix(&module).is_some_and(|above| above.ends_with('/'))
}

/// The name of a module in `importlib.import_module("shop.cart")`, where the call is what failed.
pub(super) fn lazily_imported(ctx: &Context<'_>) -> Option<Range<usize>> {
    let string = ctx.node().filter(|node| node.kind() == "string_content")?.parent()?;
    let call = string.parent()?.parent().filter(|node| node.kind() == "call")?;
    let callee = ctx.source.slice(call.child_by_field_name("function")?);
    let frames = &ctx.diagnosis.failure.frames;
    let at = frames.iter().rposition(|frame| ctx.snapshot.file_path(&frame.path) == ctx.site.path)?;
    let is_of_python = |path: &str| {
        let path = ctx.snapshot.file_path(path);
        !path.is_inside() || ctx.snapshot.source(&path).is_none()
    };
    let is_import = callee.rsplit('.').next() == Some("import_module") || callee == "__import__";
    let is_here = frames[at + 1..].iter().all(|frame| is_of_python(&frame.path));
    (is_import && is_here).then(|| ctx.site.range.clone())
}
