//! `No module named`: the module was moved, renamed or split, in the project or in the standard library.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::similar_names::similar;

use super::confidence::Odds;
use super::import_name::homes_of;
use super::imports::{self, Imported};
use super::{Context, Strategy};

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
struct Home {
    module: String,
    evidence: Vec<Evidence>,
    likeness: f64,
}

fn import_module(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoModule { module: missing } = ctx.complaint() else { return None };
    let statement = imports::statement_around(ctx.source, ctx.site.range.start)?;
    if !ctx.raised_here() {
        return None;
    }
    let imported = imports::names_of(ctx.source, statement);
    let written = imported.first()?.module.clone();
    let mut homes = moved(ctx, missing, &written);
    for home in defining_all(ctx, &imported, &written).into_iter().chain(successor(missing, &written)) {
        merge(&mut homes, home);
    }
    if homes.is_empty() {
        split(ctx, statement, &imported, &written, fixes);
        homes = spelled_alike(ctx, &imported, &written);
    }
    let rivals = homes.len().saturating_sub(1);
    for home in homes.into_iter().take(3) {
        let strong = home.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
        let odds = Odds::of(&home.evidence).likeness(home.likeness).rivals(if strong { 0 } else { rivals });
        fixes.push(Fix {
            title: format!("Import from `{}` instead of `{written}`", home.module),
            strategy: STRATEGY.id,
            edits: point_to(ctx, &imported, &home.module)?,
            confidence: odds.confidence(),
            evidence: home.evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
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

/// The module was split: each name comes from the one module that defines it now.
fn split(
    ctx: &Context<'_>,
    statement: Node<'_>,
    imported: &[Imported],
    written: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let mut parts: Vec<(String, Vec<&str>)> = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    for item in imported {
        let mut homes = homes_of(ctx, item.name.as_deref()?, written);
        if homes.len() > 1 {
            homes.retain(|(_, facts)| facts.iter().any(|fact| fact.kind == EvidenceKind::Git));
        }
        let (home, facts) = homes.pop().filter(|_| homes.is_empty())?;
        evidence.extend(facts);
        let text = &ctx.source.text()[item.range.clone()];
        match parts.iter_mut().find(|(other, _)| *other == home) {
            Some((_, names)) => names.push(text),
            None => parts.push((home, vec![text])),
        }
    }
    if parts.len() < 2 {
        return None;
    }
    parts.sort();
    let text = ctx.source.text();
    let line = text[..statement.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..statement.start_byte()];
    let end = imports::line_end(text);
    let lines: Vec<String> =
        parts.iter().map(|(home, names)| format!("from {home} import {}", names.join(", "))).collect();
    let homes: Vec<&str> = parts.iter().map(|(home, _)| home.as_str()).collect();
    fixes.push(Fix {
        title: format!("Import from `{}` instead of `{written}`", homes.join("` and `")),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(statement.byte_range(), lines.join(&format!("{end}{indent}")))],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
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
        return Some(vec![ctx.replace(range.clone(), module)]);
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
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_module_that_was_split() {
        check(
            r#"
#- shop/__init__.py
#- shop/checkout.py
def pay(cart): ...
#- shop/carts.py
class Cart: ...
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
+from shop.carts import Cart
+from shop.checkout import pay
"#,
        );
    }

    #[test]
    fn a_package_that_is_not_there_at_all_is_no_fix() {
        check(
            r#"
#- tests/test_cart.py
import $0no_such_package

def test_pay():
    no_such_package.pay()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    import no_such_package
E   ModuleNotFoundError: No module named 'no_such_package'
#- healed
no fix: not installed
"#,
        );
    }

    #[test]
    fn the_uses_of_a_plain_import_follow() {
        check(
            r#"
#- shop/__init__.py
#- shop/basket.py
def pay(): ...
#- tests/test_cart.py
import $0shop.baskets

def test_pay():
    shop.baskets.pay()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    import shop.baskets
E   ModuleNotFoundError: No module named 'shop.baskets'
#- healed
-import shop.baskets
+import shop.basket
-    shop.baskets.pay()
+    shop.basket.pay()
"#,
        );
    }

    #[test]
    fn the_standard_library_names_its_successors() {
        check(
            r#"
#- tests/test_cart.py
from $0StringIO import StringIO

def test_pay():
    StringIO()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from StringIO import StringIO
E   ModuleNotFoundError: No module named 'StringIO'
#- healed
-from StringIO import StringIO
+from io import StringIO
"#,
        );
    }
}
