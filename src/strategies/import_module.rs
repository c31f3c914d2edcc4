//! `No module named`: the module was moved, renamed or split, in the project or in the standard library.

mod aliased;
mod places;
mod starred;

use std::ops::Range;

use crate::diagnosis::{Category, Complaint, product, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::similar_names::similar;

use super::confidence::Odds;
use super::import_name::{homes_of, renamed, tier_of};
use super::imports::{self, Imported};
use super::{Context, Strategy, callers};

use places::Place;
pub(super) use places::place_of;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "import-module",
    categories: &[Category::ImportError, Category::DependencyError],
    summary: "Imports from the module that defines all the imported names now.",
    example: r#"
#- shop/__init__.py
#- shop/checkout.py
class Cart: ...

def pay(cart): ...
#- tests/test_cart.py
from $0shop.basket import Cart, pay

def test_pay():
    pay(Cart())
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop.basket import Cart, pay
E   ModuleNotFoundError: No module named 'shop.basket'
#- healed
-from shop.basket import Cart, pay
+from shop.checkout import Cart, pay
"#,
    propose: import_module,
};

/// A module that may be meant, with what speaks for it.
pub(super) struct Home {
    module: String,
    evidence: Vec<Evidence>,
    likeness: f64,
}

fn import_module(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoModule { module: missing } = ctx.complaint() else { return None };
    let Some(statement) = imports::statement_around(ctx.source, ctx.site.range.start) else {
        return lazily(ctx, missing, fixes);
    };
    if !ctx.raised_here() {
        return None;
    }
    let Some(imported) = taken(ctx, statement) else { return starred::follow(ctx, statement, missing, fixes) };
    let written = imported.first()?.module.clone();
    if aliased::split(ctx, &imported, fixes).is_some() {
        return Some(());
    }
    let mut homes = moved(ctx, missing, &written);
    let lacks_none =
        |home: &Home| imported.iter().all(|item| imports::is_there(ctx, &home.module, item.name.as_deref()));
    // A module that was split has some of the names, one whose names were renamed has others.
    if homes.iter().any(|home| !lacks_none(home)) && split(ctx, statement, &imported, &written, &homes, fixes).is_some()
    {
        return Some(());
    }
    for home in defining_all(ctx, &imported, &written).into_iter().chain(successor(missing, &written)) {
        merge(&mut homes, home);
    }
    if homes.is_empty() {
        split(ctx, statement, &imported, &written, &homes, fixes);
        homes = spelled_alike(ctx, &imported, &written);
    }
    homes.retain(|home| !is_a_part(ctx, &imported, &home.module));
    let rivals = homes.len().saturating_sub(1);
    for home in homes.into_iter().take(3) {
        let strong = home.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
        let odds = Odds::of(&home.evidence).likeness(home.likeness).rivals(if strong { 0 } else { rivals });
        let names = imported.iter().filter_map(|item| item.name.as_deref());
        let is_twin = |name| tier_of(ctx, name, &written, &home.module, &home.evidence) == Tier::Review;
        let is_guess = home.likeness < 1.0 && product::module_removal(ctx.snapshot, &ctx.site.path, missing).is_some();
        let is_half = callers::loads_still(ctx, &written);
        let tier =
            if is_half || !strong && (is_guess || names.into_iter().any(is_twin)) { Tier::Review } else { Tier::Safe };
        fixes.push(Fix {
            title: format!("Import from `{}` instead of `{written}`", home.module),
            strategy: STRATEGY.id,
            edits: point_to(ctx, &imported, &home.module)?,
            confidence: odds.confidence(),
            evidence: home.evidence,
            tier,
        });
    }
    Some(())
}

/// What the statement takes in, from modules with their whole names; `None` for a star.
fn taken(ctx: &Context<'_>, statement: Node<'_>) -> Option<Vec<Imported>> {
    let imported = imports::names_of(ctx.source, statement).into_iter();
    let whole = |item: Imported| Some(Imported { module: imports::absolute(ctx, &item.module)?, ..item });
    imported.map(whole).collect::<Option<Vec<_>>>().filter(|imported| !imported.is_empty())
}

/// Whether a module has not all that the test reads of `import a.b as c`, but another has the rest: `a.b` was split.
fn is_a_part(ctx: &Context<'_>, imported: &[Imported], module: &str) -> bool {
    let aliased = imported.iter().filter(|item| item.name.is_none() && item.range != item.name_range);
    aliased.into_iter().any(|item| {
        let read = descendants(ctx.source.root()).filter_map(|node| {
            let object = node.child_by_field_name("object").filter(|_| node.kind() == "attribute")?;
            let is_it = object.kind() == "identifier" && ctx.source.slice(object) == item.local;
            node.child_by_field_name("attribute").filter(|_| is_it)
        });
        let mut names = read.map(|name| ctx.source.slice(name));
        names.any(|name| !imports::is_there(ctx, module, Some(name)) && ctx.is_of_product(name))
    })
}

fn merge(homes: &mut Vec<Home>, home: Home) {
    match homes.iter_mut().find(|other| other.module == home.module) {
        Some(other) => other.evidence.extend(home.evidence),
        None => homes.push(home),
    }
}

/// git moved the module, or a package above it.
fn moved(ctx: &Context<'_>, missing: &str, written: &str) -> Vec<Home> {
    let renames = ctx.snapshot.history().renames_of(missing);
    let of_modules = renames.iter().filter(|rename| rename.kind == RenameKind::Module && rename.new != rename.old);
    let homes = of_modules.filter_map(|rename| {
        let module = format!("{}{}", rename.new, written.strip_prefix(missing)?);
        ctx.snapshot.module(&module)?;
        let text = format!("`{}` became `{}` ({})", rename.old, rename.new, rename.subject);
        let evidence = vec![
            Evidence::commit(&rename.commit, text),
            Evidence::at(EvidenceKind::Source, &rename.path, 1, format!("`{module}` is here")),
        ];
        Some(Home { module, evidence, likeness: 1.0 })
    });
    homes.collect()
}

/// The modules that define every one of the imported names.
fn defining_all(ctx: &Context<'_>, imported: &[Imported], written: &str) -> Vec<Home> {
    let mut names = imported.iter().filter_map(|item| item.name.as_deref()).filter(|name| *name != "*");
    let Some(first) = names.next() else { return Vec::new() };
    let mut homes = homes_of(ctx, first, written);
    for name in names {
        let of_name = homes_of(ctx, name, written);
        homes.retain(|(home, _)| of_name.iter().any(|(other, _)| other == home));
    }
    let home = |(module, evidence): (String, Vec<Evidence>)| Home { module, evidence, likeness: 1.0 };
    homes.into_iter().map(home).collect()
}

/// `importlib.import_module("shop.basket")`: the string names the module that git saw it become.
fn lazily(ctx: &Context<'_>, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let range = places::lazily_imported(ctx)?;
    for home in moved(ctx, missing, missing).into_iter().take(3) {
        fixes.push(Fix {
            title: format!("Import `{}` instead of `{missing}`", home.module),
            strategy: STRATEGY.id,
            edits: vec![ctx.replace(range.clone(), home.module)],
            confidence: Odds::of(&home.evidence).confidence(),
            evidence: home.evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

/// The module was split, or its names were renamed: each name comes from the one place where it is now.
fn split(
    ctx: &Context<'_>,
    statement: Node<'_>,
    imported: &[Imported],
    written: &str,
    moved: &[Home],
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    // A comment between the names would be lost.
    if ctx.source.slice(statement).contains('#') {
        return None;
    }
    let places: Option<Vec<Place>> = imported.iter().map(|item| place_of(ctx, item, moved)).collect();
    let places = places?;
    let mut parts: Vec<(&str, Vec<String>)> = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut uses: Vec<Edit> = Vec::new();
    for (item, place) in imported.iter().zip(&places) {
        evidence.extend(place.evidence.iter().filter(|fact| !evidence.contains(fact)).cloned().collect::<Vec<_>>());
        let text = match item.name.as_deref() == Some(&place.name) {
            true => ctx.source.text()[item.range.clone()].to_string(),
            false => {
                let (text, of_name) = renamed(ctx, item, &place.name);
                uses.extend(of_name);
                text
            }
        };
        match parts.iter_mut().find(|(other, _)| *other == place.module) {
            Some((_, names)) => names.push(text),
            None => parts.push((&place.module, vec![text])),
        }
    }
    parts.sort();
    let text = ctx.source.text();
    let line = text[..statement.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..statement.start_byte()];
    let end = imports::line_end(text);
    let old = imported.first().and_then(|item| item.module_range.clone()).map(|range| &text[range]);
    let written_like = |home: &str| imports::written_like(ctx, old.unwrap_or_default(), home);
    let lines: Vec<String> =
        parts.iter().map(|(home, names)| format!("from {} import {}", written_like(home), names.join(", "))).collect();
    let homes: Vec<&str> = parts.iter().map(|(home, _)| *home).collect();
    let is_told = places.iter().all(|place| place.is_told(ctx, written));
    let statement = ctx.replace(statement.byte_range(), lines.join(&format!("{end}{indent}")));
    fixes.push(Fix {
        title: format!("Import from `{}` instead of `{written}`", homes.join("` and `")),
        strategy: STRATEGY.id,
        edits: std::iter::once(statement).chain(uses).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The standard library's own successor of a module that it lost.
fn successor(missing: &str, written: &str) -> Option<Home> {
    let removed = stdlib::removed_module(missing)?;
    let text = format!("Python {} has no `{}` any more", removed.since, removed.name);
    let module = written.replacen(missing, removed.successor?, 1);
    let docs = Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(text) };
    let source = Evidence {
        kind: EvidenceKind::Source,
        ..Evidence::hint(format!("the standard library's `{module}` took its place"))
    };
    Some(Home { module, evidence: vec![docs, source], likeness: 1.0 })
}

/// Modules of the same package whose name comes near and that have what is imported.
fn spelled_alike(ctx: &Context<'_>, imported: &[Imported], written: &str) -> Vec<Home> {
    let files = ctx.snapshot.python_files();
    let modules: Vec<(String, _)> = files
        .iter()
        .filter(|path| !path.is_test_code())
        .filter_map(|path| Some((ctx.snapshot.dotted_name(path)?, path)))
        .collect();
    let near = similar(written, modules.iter().map(|(module, _)| module.as_str()));
    let homes = near.into_iter().filter_map(|near| {
        let (module, path) = modules.iter().find(|(module, _)| module == near.name)?;
        if !imported.iter().all(|item| imports::is_there(ctx, module, item.name.as_deref())) {
            return None;
        }
        let evidence = vec![Evidence::at(EvidenceKind::Source, path, 1, format!("`{module}` is here"))];
        Some(Home { module: module.clone(), evidence, likeness: near.score })
    });
    homes.collect()
}

/// The statement, pointed to another module; for `import a.b` the uses of `a.b` follow.
fn point_to(ctx: &Context<'_>, imported: &[Imported], module: &str) -> Option<Vec<Edit>> {
    let first = imported.first()?;
    if let Some(range) = &first.module_range {
        let old = &ctx.source.text()[range.clone()];
        return Some(vec![ctx.replace(range.clone(), imports::written_like(ctx, old, module))]);
    }
    let item = imported.iter().find(|item| item.range.contains(&ctx.site.range.start)).unwrap_or(first);
    let mut edits = vec![ctx.replace(item.name_range.clone(), module)];
    if item.range == item.name_range {
        edits.extend(dotted_uses(ctx, &item.module).into_iter().map(|range| ctx.replace(range, module)));
    }
    Some(edits)
}

/// `a.b` wherever it stands outside of imports.
fn dotted_uses(ctx: &Context<'_>, module: &str) -> Vec<Range<usize>> {
    if !module.contains('.') {
        return super::names::uses(ctx.source, module);
    }
    descendants(ctx.source.root())
        .filter(|node| node.kind() == "attribute" && ctx.source.slice(*node) == module)
        .map(|node| node.byte_range())
        .collect()
}

#[cfg(test)]
mod tests;
