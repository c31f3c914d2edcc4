//! An import of something that the product does not have any more: the import goes, so that the other
//! tests of the file run again. A test that uses the name still fails, and says what is missing.

use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors};

use super::confidence::Odds;
use super::import_name::imported_here;
use super::imports::{self, Imported};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "import-removed",
    categories: &[Category::ImportError],
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
    let Complaint::NoImport { name, module } = ctx.complaint() else { return None };
    let here = imported_here(ctx, name)?;
    let gone: Vec<(Imported, Vec<Evidence>)> = all_gone(ctx, &here, module);
    let is_first_gone = gone.iter().any(|(imported, _)| imported.range == here.range);
    // A use outside of functions would fail while the file is collected, as the import does.
    let safe = gone.iter().all(|(imported, _)| used_in_functions_only(ctx, &imported.local));
    if !is_first_gone || !safe || replaced(ctx, name) {
        return None;
    }
    let evidence: Vec<Evidence> = gone.iter().flat_map(|(_, evidence)| evidence.clone()).collect();
    let listed: Vec<&str> = gone.iter().map(|(imported, _)| imported.local.as_str()).collect();
    let removed: Vec<Imported> = gone.iter().map(|(imported, _)| imported.clone()).collect();
    fixes.push(Fix {
        title: format!("Take out the import of `{}`, which the product removed", listed.join("`, `")),
        strategy: STRATEGY.id,
        edits: imports::remove_all(ctx.source, &ctx.site.path, &removed),
        confidence: Odds::of(&evidence).doubt(0.5).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Every name of the statement that the module lost: pytest names only the first.
fn all_gone(ctx: &Context<'_>, here: &Imported, module: &str) -> Vec<(Imported, Vec<Evidence>)> {
    let Some(statement) = ctx.source.node_at(here.statement.clone()) else { return Vec::new() };
    let members = ctx.snapshot.module_members(module);
    imports::names_of(ctx.source, statement)
        .into_iter()
        .filter(|imported| imported.range == here.range || !members.open)
        .filter_map(|imported| {
            let name = imported.name.clone()?;
            let is_there = members.symbols.iter().any(|symbol| symbol.name == name)
                || ctx.snapshot.module(&format!("{module}.{name}")).is_some();
            if is_there {
                return None;
            }
            Some((imported, evidence_of_removal(ctx, &name)?))
        })
        .collect()
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

fn used_in_functions_only(ctx: &Context<'_>, local: &str) -> bool {
    names::uses(ctx.source, local)
        .into_iter()
        .all(|range| ctx.source.node_at(range).is_some_and(|node| is_in_body(node)))
}

/// Whether `node` is evaluated when its function is called, not when the file is imported.
fn is_in_body(node: Node<'_>) -> bool {
    let mut inner = node;
    for outer in ancestors(node).skip(1) {
        if outer.kind() == "function_definition" && outer.child_by_field_name("body") == Some(inner) {
            return true;
        }
        inner = outer;
    }
    false
}

/// git knows a successor: the name was renamed or moved, not removed.
fn replaced(ctx: &Context<'_>, name: &str) -> bool {
    ctx.snapshot.history().renames_of(name).iter().any(product::is_trusted)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_name_that_collection_needs_stays() {
        check(
            r#"
#- before: shop.py
class Cart: ...

def legacy_total(cart):
    return 1
#- shop.py
class Cart: ...
#- tests/test_cart.py
import pytest
from shop import Cart, $0legacy_total

@pytest.mark.parametrize("total", [legacy_total])
def test_total(total):
    assert total([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:2: in <module>
    from shop import Cart, legacy_total
E   ImportError: cannot import name 'legacy_total' from 'shop' (/p/shop.py)
#- healed
no fix
"#,
        );
    }
}
