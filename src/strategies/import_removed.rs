//! An import of something that the product does not have any more: the import goes, so that the other
//! tests of the file run again. A test that uses the name still fails, and says what is missing.

mod uses;

use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::history::{Rename, RenameKind};

use super::confidence::Odds;
use super::import_module::place_of;
use super::import_name::{homes_of, imported_here};
use super::imports::{self, Imported};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "import-removed",
    categories: &[Category::ImportError, Category::DependencyError],
    summary: "Takes out the import of a name that the product removed, so that the other tests run again.",
    example: r#"
#- before: shop.py
class Cart: ...

def legacy_total(cart):
    total = 0
    for item in cart:
        total += item.price
    return total
#- shop.py
class Cart: ...
#- tests/test_cart.py
from shop import Cart, $0legacy_total

def test_cart():
    assert Cart()

def test_total():
    assert legacy_total([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Cart, legacy_total
E   ImportError: cannot import name 'legacy_total' from 'shop' (/p/shop.py)
#- healed
-from shop import Cart, legacy_total
+from shop import Cart
"#,
    propose: import_removed,
};

fn import_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let gone = match ctx.complaint() {
        Complaint::NoImport { name, module } => names_gone(ctx, name, module)?,
        Complaint::NoModule { module } => module_gone(ctx, module)?,
        _ => return None,
    };
    let called_late: Option<Vec<Vec<Edit>>> =
        gone.iter().map(|(imported, _)| uses::called_late(ctx, &imported.local)).collect();
    let called_late = called_late?.into_iter().flatten();
    // An import that is kept for its own sake is the test.
    if gone.iter().any(|(imported, _)| is_kept_for_itself(ctx, imported)) {
        return None;
    }
    let locals: Vec<&str> = gone.iter().map(|(imported, _)| imported.local.as_str()).collect();
    if !uses::leaves_a_test(ctx, &locals) {
        return None;
    }
    let named = |(imported, _): &(Imported, Vec<Evidence>)| match is_dotted(imported) {
        true => imported.module.clone(),
        false => imported.local.clone(),
    };
    let named: Vec<String> = gone.iter().map(named).collect();
    let mut evidence: Vec<Evidence> = gone.iter().flat_map(|(_, evidence)| evidence.clone()).collect();
    evidence.dedup();
    let removed: Vec<Imported> = gone.iter().map(|(imported, _)| imported.clone()).collect();
    fixes.push(Fix {
        title: format!("Take out the import of `{}`, which the product removed", named.join("`, `")),
        strategy: STRATEGY.id,
        edits: removed
            .chunk_by(|one, other| one.statement == other.statement)
            .flat_map(|of_one| imports::remove_all(ctx.source, &ctx.site.path, of_one))
            .chain(called_late)
            .collect(),
        confidence: Odds::of(&evidence).doubt(0.5).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Whether the import is `import a.b`, which binds `a` and is about `b`.
fn is_dotted(imported: &Imported) -> bool {
    imported.name.is_none() && imported.range == imported.name_range && imported.module.contains('.')
}

/// Whether nothing uses the name, and a comment says that it is imported all the same; or nothing uses the module of
/// an `import a.b`, whose `a` others may use.
fn is_kept_for_itself(ctx: &Context<'_>, imported: &Imported) -> bool {
    if is_dotted(imported) {
        let is_use = |node: &Node<'_>| node.kind() == "attribute" && ctx.source.slice(*node) == imported.module;
        return !descendants(ctx.source.root()).any(|node| is_use(&node));
    }
    let line = ctx.source.text()[imported.range.end..].lines().next().unwrap_or_default();
    line.contains("noqa") && names::uses(ctx.source, &imported.local).is_empty()
}

type Gone = Vec<(Imported, Vec<Evidence>)>;

/// Every name of the statement that the module lost: pytest names only the first.
fn names_gone(ctx: &Context<'_>, name: &str, module: &str) -> Option<Gone> {
    // Inside a test its import fails alone, and says best what is missing.
    let here = imported_here(ctx, name).filter(|here| ctx.source.function_at(here.range.start).is_none())?;
    let statement = ctx.source.node_at(here.statement.clone())?;
    let members = ctx.snapshot.module_members(module);
    let gone: Gone = imports::names_of(ctx.source, statement)
        .into_iter()
        .filter(|imported| imported.range == here.range || !members.open)
        .filter_map(|imported| {
            let name = imported.name.clone()?;
            let is_there = members.symbols.iter().any(|symbol| symbol.name == name)
                || ctx.snapshot.module(&format!("{module}.{name}")).is_some();
            if is_there || replaced(ctx, &name) {
                return None;
            }
            let evidence = evidence_of_removal(ctx, &name).or_else(|| file_gone(ctx, &format!("{module}.{name}")))?;
            Some((imported, evidence))
        })
        .collect();
    gone.iter().any(|(imported, _)| imported.range == here.range).then_some(gone)
}

/// Everything that the file takes from a module of the product which is no more, and whose names nothing else
/// defines.
fn module_gone(ctx: &Context<'_>, module: &str) -> Option<Gone> {
    let statement = imports::statement_around(ctx.source, ctx.site.range.start).filter(|_| ctx.raised_here())?;
    let evidence = file_gone(ctx, module)?;
    let is_of_it = |item: &Imported| {
        item.module.strip_prefix(module).is_some_and(|below| below.is_empty() || below.starts_with('.'))
    };
    let is_collected = |item: &Imported| ctx.source.function_at(item.range.start).is_none();
    let imported: Vec<Imported> =
        imports::imports(ctx.source).into_iter().filter(|item| is_of_it(item) && is_collected(item)).collect();
    let is_elsewhere = |item: &Imported| {
        item.name.as_deref().is_some_and(|name| name == "*" || !homes_of(ctx, name, &item.module).is_empty())
    };
    // Something else has taken the place of a class of it, elsewhere and by another name.
    let is_replaced = |item: &Imported| {
        item.name.as_deref().is_some_and(|name| replaced(ctx, name) || place_of(ctx, item, &[]).is_some())
    };
    let is_here = imported.iter().any(|item| item.statement == statement.byte_range());
    if !is_here || imported.iter().any(is_elsewhere) || replaced(ctx, module) || imported.iter().any(is_replaced) {
        return None;
    }
    Some(imported.into_iter().map(|item| (item, evidence.clone())).collect())
}

fn file_gone(ctx: &Context<'_>, module: &str) -> Option<Vec<Evidence>> {
    let change = product::module_removal(ctx.snapshot, &ctx.site.path, module)?;
    let text = format!("`{module}` was removed with {} ({})", change.path, change.subject);
    let source = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("no file is `{module}` now")) };
    Some(vec![Evidence::commit(&change.commit, text), source])
}

fn evidence_of_removal(ctx: &Context<'_>, name: &str) -> Option<Vec<Evidence>> {
    let removal = product::removal(ctx.snapshot, &ctx.site.path, name)?;
    let text = format!("`{name}` went away from {} ({})", removal.path, removal.subject);
    let mut evidence = vec![Evidence::commit(&removal.commit, text)];
    if ctx.snapshot.definitions(name).iter().all(|symbol| symbol.path.is_test_code()) {
        let text = format!("nothing in the project defines `{name}` now");
        evidence.push(Evidence { kind: EvidenceKind::Source, ..Evidence::hint(text) });
    }
    Some(evidence)
}

/// git knows a successor: the name was renamed or moved, not removed. A string or a parameter of that name is
/// something else.
fn replaced(ctx: &Context<'_>, name: &str) -> bool {
    let is_name = |rename: &Rename| !matches!(rename.kind, RenameKind::Literal | RenameKind::Parameter);
    ctx.snapshot.history().renames_of(name).iter().any(|rename| is_name(rename) && product::is_trusted(rename))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// The healed module after `legacy_total` and `legacy_tax` went away, with `tests` below the import.
    #[track_caller]
    fn check_without_totals(tests: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
class Cart: ...

def legacy_total(cart):
    return 1

def legacy_tax(cart):
    return 2
#- shop.py
class Cart: ...
#- tests/test_cart.py
import pytest
from shop import Cart, $0legacy_total, legacy_tax

def test_cart():
    assert Cart()

{tests}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:2: in <module>
    from shop import Cart, legacy_total, legacy_tax
E   ImportError: cannot import name 'legacy_total' from 'shop' (/p/shop.py)
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_function_that_parametrize_hands_over_is_looked_up_by_its_test() {
        check_without_totals(
            r#"@pytest.mark.parametrize("total", (legacy_total, pytest.param(legacy_tax, id="tax")))
def test_total(total):
    assert total([]) == 0

@pytest.mark.parametrize("cart, total", [([], legacy_total), ([1], len)])
def test_of(cart, total):
    assert total(cart) == 0"#,
            r#"-from shop import Cart, legacy_total, legacy_tax
+from shop import Cart
-@pytest.mark.parametrize("total", (legacy_total, pytest.param(legacy_tax, id="tax")))
+@pytest.mark.parametrize("total", (lambda *args: legacy_total(*args), pytest.param(lambda *args: legacy_tax(*args), id="tax")))
-@pytest.mark.parametrize("cart, total", [([], legacy_total), ([1], len)])
+@pytest.mark.parametrize("cart, total", [([], lambda *args: legacy_total(*args)), ([1], len)])"#,
        );
    }

    #[test]
    fn a_name_that_collection_needs_stays() {
        for tests in [
            "TOTAL = legacy_total([])",
            "@pytest.mark.parametrize('total', [legacy_total([])])\ndef test_total(total):\n    assert total",
            "@pytest.mark.parametrize('total', [legacy_total])\ndef test_total(total):\n    assert total",
            "@pytest.mark.skipif(legacy_total, reason='old')\ndef test_total():\n    assert 1",
        ] {
            check_without_totals(tests, "no fix");
        }
    }

    #[test]
    fn a_test_that_would_pass_without_the_name_keeps_it() {
        for tests in [
            "def test_total():\n    with pytest.raises(Exception):\n        legacy_total(None)",
            "def test_total():\n    try:\n        legacy_total(None)\n    except (NameError, KeyError):\n        pass",
            "def test_total():\n    try:\n        legacy_total(None)\n    except:\n        pass",
            "@pytest.mark.parametrize('total', [legacy_total])\ndef test_total(total):\n    with pytest.raises(Exception):\n        total(None)",
        ] {
            check_without_totals(tests, "no fix");
        }
    }

    #[test]
    fn a_module_that_is_no_more_is_not_imported() {
        check(
            r#"
#- shop/__init__.py
#- before: shop/legacy.py
def total(cart):
    result = 0
    for item in cart:
        result += item.price
    return result

def tax(cart): ...
#- before: shop/cart.py
class Cart: ...
KINDS = {"legacy": 1}
#- shop/cart.py
class Cart: ...
KINDS = {"modern": 1}
#- tests/test_cart.py
from shop.cart import Cart
from $0shop.legacy import total
import os
from shop.legacy import tax

def test_cart():
    assert Cart() and os

def test_total():
    assert total([]) == tax([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:2: in <module>
    from shop.legacy import total
E   ModuleNotFoundError: No module named 'shop.legacy'
#- healed
-from shop.legacy import total
-from shop.legacy import tax
"#,
        );
    }

    #[test]
    fn a_submodule_that_is_no_more_is_not_imported() {
        check(
            r#"
#- before: shop/legacy.py
def total(cart):
    return sum(cart)
#- before: shop/cart.py
KINDS = {"legacy": 1}
#- shop/cart.py
KINDS = {"modern": 1}
#- shop/__init__.py
#- tests/test_cart.py
from shop import cart, $0legacy

def test_cart():
    assert cart.KINDS

def test_total():
    assert legacy.total([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import cart, legacy
E   ImportError: cannot import name 'legacy' from 'shop' (/p/shop/__init__.py)
#- healed
-from shop import cart, legacy
+from shop import cart
"#,
        );
    }

    #[test]
    fn a_module_that_never_was_is_no_fix() {
        check(
            r#"
#- before: shop/cart.py
class Cart: ...
#- shop/cart.py
class Cart:
    items = ()
#- shop/__init__.py
#- tests/test_cart.py
from $0shop.ledger import total

def test_total():
    assert total([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop.ledger import total
E   ModuleNotFoundError: No module named 'shop.ledger'
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_name_that_was_renamed_is_not_removed_with_the_others() {
        check(
            r#"
#- before: shop.py
class Cart: ...

def legacy_total(cart):
    return 1

def legacy_tax(cart):
    taxes = []
    for item in cart:
        taxes.append(item.price * item.rate)
    return sum(taxes)
#- shop.py
class Cart: ...

def tax_of(cart):
    taxes = []
    for item in cart:
        taxes.append(item.price * item.rate)
    return sum(taxes)
#- tests/test_cart.py
from shop import Cart, $0legacy_total, legacy_tax

def test_cart():
    assert Cart()

def test_total():
    assert legacy_total([]) == 1 and legacy_tax([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Cart, legacy_total, legacy_tax
E   ImportError: cannot import name 'legacy_total' from 'shop' (/p/shop.py)
#- healed
-from shop import Cart, legacy_total, legacy_tax
+from shop import Cart, legacy_tax
"#,
        );
    }
}
