//! A constant that the product removed and the test still needs: the test keeps it as its own.

use std::ops::Range;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::{ItemKind, Outline};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::builtins::is_pythons;

use super::confidence::Odds;
use super::import_name::{homes_of, imported_here};
use super::imports::{self, Imported};
use super::{Context, Strategy, checks, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "constant-removed",
    categories: &[Category::ImportError, Category::AttributeError],
    summary: "Keeps a constant that the product removed in the test that still needs it.",
    example: r#"
#- before: shop/_compat.py
import sys

MAC = sys.platform == "darwin"
WIN = sys.platform == "win32"
#- shop/_compat.py
import sys

WIN = sys.platform == "win32"
#- tests/test_cart.py
import pytest

from shop._compat import MAC, WIN

@pytest.mark.skipif(MAC, reason="flaky")
def test_cart():
    assert not WIN
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:3: in <module>
    from shop._compat import MAC, WIN
E   ImportError: cannot import name 'MAC' from 'shop._compat' (/p/shop/_compat.py)
#- healed
+import sys
+
-from shop._compat import MAC, WIN
+from shop._compat import WIN
+
+MAC = sys.platform == "darwin"
"#,
    propose: constant_removed,
};

/// A definition that a commit took away.
struct Lost {
    /// The assigned expression, as it was written.
    value: String,
    /// The imports that it needs.
    needs: Vec<Need>,
    evidence: Vec<Evidence>,
}

fn constant_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (name, module) = match ctx.complaint() {
        Complaint::NoImport { name, module } => (name, module),
        Complaint::NoAttribute { owner: Owner::Module(module), name } => (name, module),
        _ => return None,
    };
    let goes_on = ctx.snapshot.history().renames_of(name).iter().any(product::is_trusted);
    if !ctx.raised_here() || goes_on || !homes_of(ctx, name, module).is_empty() {
        return None;
    }
    let lost = lost(ctx, name)?;
    let (edits, uses) = match ctx.complaint() {
        Complaint::NoImport { .. } => kept_as_own(ctx, &imported_here(ctx, name)?, &lost)?,
        _ => read_as_own(ctx, name, &lost)?,
    };
    // A check against a copy does not see what the product does without the constant.
    let mut nodes = uses.into_iter().filter_map(|range| ctx.source.node_at(range));
    let is_checked = nodes.any(|node| checks::is_checked(ctx.source, node));
    fixes.push(Fix {
        title: format!("Keep `{name} = {}`, which the product removed", super::expected_value::short(&lost.value)),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&lost.evidence).confidence(),
        evidence: lost.evidence,
        tier: if is_checked { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// The only assignment of `name` at the module level of the file that lost it, if a test can write it as well.
fn lost(ctx: &Context<'_>, name: &str) -> Option<Lost> {
    let removal = product::removal(ctx.snapshot, &ctx.site.path, name)?;
    let text = removal.before.clone()?;
    let (source, outline) = (Source::parse(text.clone()), Outline::of_text(&text));
    let mut items = outline.children(None).filter(|(_, item)| item.name == name);
    let (_, item) = items.next().filter(|(_, item)| item.kind == ItemKind::Variable)?;
    let range = item.value.clone().filter(|_| items.next().is_none())?;
    let value = source.node_at(range)?;
    let at_top = ancestors(value).find(|node| node.kind() == "expression_statement")?.parent()?.kind() == "module";
    if !at_top {
        return None;
    }
    let needs = needs(&source, &outline, value)?;
    let text = format!("`{name}` went away from {} ({})", removal.path, removal.subject);
    let as_it_was = format!("`{name} = {}`", super::expected_value::short(source.slice(value)));
    let mut written = source.slice(value).to_string();
    if written.contains("__name__") {
        // In the test that would be another module.
        written = written.replace("__name__", &format!("\"{}\"", ctx.snapshot.dotted_name(&removal.path)?));
    }
    let evidence = vec![
        Evidence::commit(&removal.commit, text),
        Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("it was {as_it_was}")) },
    ];
    Some(Lost { value: written, needs, evidence })
}

/// A module, and the name that is taken from it.
type Need = (String, Option<String>);

/// What must be imported for `value`: nothing for literals, else modules of the standard library only.
fn needs(source: &Source, outline: &Outline, value: Node<'_>) -> Option<Vec<Need>> {
    if descendants(value).any(|node| is_no_plain_value(node.kind())) {
        return None;
    }
    let mut needs: Vec<Need> = Vec::new();
    for node in descendants(value).filter(|node| node.kind() == "identifier" && !names::is_label(*node)) {
        let name = source.slice(node);
        let import = outline.imports.iter().find(|import| import.binds == name && import.inside.is_none());
        let Some(import) = import else {
            if is_everywhere(name) || (is_pythons(name) && !is_called(node)) {
                continue;
            }
            return None;
        };
        if import.aliased || !stdlib::is_stdlib(imports::first_part(&import.module)) {
            return None;
        }
        let need = (import.module.clone(), import.name.clone());
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    Some(needs)
}

/// What binds names of its own, or does something else than to give a value.
fn is_no_plain_value(kind: &str) -> bool {
    matches!(kind, "lambda" | "await" | "yield" | "named_expression" | "list_comprehension" | "generator_expression")
}

/// `str` of `Union[str, bytes]` is a class, that of `str(DEBUG)` makes what only the run can tell.
fn is_called(node: Node<'_>) -> bool {
    let call = node.parent().filter(|parent| parent.kind() == "call");
    call.and_then(|call| call.child_by_field_name("function")) == Some(node)
}

/// A name that a value may use in every file.
fn is_everywhere(name: &str) -> bool {
    matches!(name, "__name__" | "frozenset" | "set" | "tuple" | "list" | "dict" | "range" | "bool" | "hasattr")
}

/// The edits, and where the file uses the constant.
type Kept = (Vec<Edit>, Vec<Range<usize>>);

/// The import goes, the definition comes below the imports.
fn kept_as_own(ctx: &Context<'_>, imported: &Imported, lost: &Lost) -> Option<Kept> {
    let name = imported.local.as_str();
    let uses = names::uses(ctx.source, name);
    if uses.is_empty() || uses.iter().any(|range| is_all_that_is_checked(ctx, range)) {
        return None;
    }
    let leave = imports::remove(ctx.source, &ctx.site.path, imported)?;
    Some((std::iter::once(leave).chain(defined(ctx, name, lost)?).collect(), uses))
}

/// `shop.LEVEL` becomes `LEVEL` wherever it stands, and the file defines that.
fn read_as_own(ctx: &Context<'_>, name: &str, lost: &Lost) -> Option<Kept> {
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    let is_free = descendants(ctx.source.root())
        .all(|node| node.kind() != "identifier" || ctx.source.slice(node) != name || names::is_label(node));
    let places: Vec<Range<usize>> =
        names::same_attributes(ctx.source, attribute).map(|node| node.byte_range()).collect();
    if !is_free || places.iter().any(|range| is_all_that_is_checked(ctx, range)) {
        return None;
    }
    let read = places.iter().map(|range| ctx.replace(range.clone(), name));
    Some((read.chain(defined(ctx, name, lost)?).collect(), places))
}

/// The definition below the imports, with the imports that it needs.
fn defined(ctx: &Context<'_>, name: &str, lost: &Lost) -> Option<Vec<Edit>> {
    let mut edits = imports_needed(ctx, lost)?;
    let last = children(ctx.source.root())
        .filter(|node| matches!(node.kind(), "import_statement" | "import_from_statement"))
        .last()?;
    let text = ctx.source.text();
    let end = imports::line_end(text);
    let at = text[last.end_byte()..].find('\n').map_or(text.len(), |at| last.end_byte() + at + 1);
    edits.push(Edit::insert(&ctx.site.path, at, format!("{end}{name} = {}{end}", lost.value)));
    Some(edits)
}

fn imports_needed(ctx: &Context<'_>, lost: &Lost) -> Option<Vec<Edit>> {
    let present = imports::imports(ctx.source);
    let mut edits = Vec::new();
    for (module, name) in &lost.needs {
        let local = name.as_ref().unwrap_or(module);
        let same = |item: &&Imported| item.local == imports::first_part(local);
        match present.iter().find(same) {
            Some(item) if item.module == *module && item.name == *name => {}
            // The name is another thing here.
            Some(_) => return None,
            None => edits.push(imports::add(ctx, module, name.as_deref())?),
        }
    }
    Some(edits)
}

/// Whether an assertion asks for nothing but the constant: with a copy of it the test would check itself.
fn is_all_that_is_checked(ctx: &Context<'_>, range: &Range<usize>) -> bool {
    let Some(node) = ctx.source.node_at(range.clone()) else { return true };
    let Some(assertion) = ancestors(node).find(|node| node.kind() == "assert_statement") else { return false };
    !descendants(assertion)
        .any(|other| other.kind() == "identifier" && !range.contains(&other.start_byte()) && !names::is_label(other))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn the_name_of_the_module_stays_its_name() {
        for (imported, log) in [("LOGGER", "LOGGER"), ("LOGGER as shop_log", "shop_log")] {
            check(&with_logger(imported, log));
        }
    }

    /// A test that asks for a logger that the module had until now.
    fn with_logger(imported: &str, log: &str) -> String {
        format!(
            r#"
#- before: shop/cart.py
import logging

LOGGER = logging.getLogger(__name__)
DEBUG = 1
#- shop/cart.py
DEBUG = 1
#- shop/__init__.py
#- before: shop/orders.py
import logging

LOGGER = logging.getLogger(__name__)
#- shop/orders.py
import logging

LOGGER = logging.getLogger(__name__)
#- tests/test_shop.py
from shop.cart import DEBUG, {imported}

def test_total(caplog):
    {log}.debug("total")
    assert caplog.records or DEBUG
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
ImportError while importing test module '/p/tests/test_shop.py'.
Traceback:
tests/test_shop.py:1: in <module>
    from shop.cart import DEBUG, {imported}
E   ImportError: cannot import name 'LOGGER' from 'shop.cart' (/p/shop/cart.py)
#- healed
-from shop.cart import DEBUG, {imported}
+import logging
+
+from shop.cart import DEBUG
+
+{log} = logging.getLogger("shop.cart")
"#
        )
    }

    #[test]
    fn an_alias_of_types_is_kept_and_what_a_call_makes_is_not() {
        let scene = |value: &str, healed: &str| {
            check(&format!(
                r#"
#- before: shop/types.py
from typing import Union

Text = {value}
Price = int
#- shop/types.py
Price = int
#- tests/test_shop.py
from shop.types import Price, Text

def given(text: Text):
    assert text != Price(1)
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
ImportError while importing test module '/p/tests/test_shop.py'.
Traceback:
tests/test_shop.py:1: in <module>
    from shop.types import Price, Text
E   ImportError: cannot import name 'Text' from 'shop.types' (/p/shop/types.py)
#- healed
{healed}
"#
            ));
        };
        let healed =
            "-from shop.types import Price, Text\n+from typing import Union\n+\n+from shop.types import Price\n+\n";
        scene("Union[str, bytes]", &format!("{healed}+Text = Union[str, bytes]"));
        scene("object()", "no fix");
        scene("Union[open(\"types\"), str]", "no fix");
    }

    #[test]
    fn a_branch_goes_on_as_before() {
        check(
            r#"
#- before: shop/compat.py
import sys

PY3 = sys.version_info[0] == 3
PY2 = not PY3
#- shop/compat.py
import sys
#- shop/__init__.py
def total(text):
    return 0
#- tests/test_shop.py
import sys

import shop
from shop import compat

def test_total():
    if compat.$0PY3 and shop:
        text = "b"
    else:
        text = u"b"
    assert shop.total(text) == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       if compat.PY3 and shop:
E       AttributeError: module 'shop.compat' has no attribute 'PY3'

tests/test_shop.py:7: AttributeError
#- healed
+PY3 = sys.version_info[0] == 3
+
-    if compat.PY3 and shop:
+    if PY3 and shop:
"#,
        );
    }

    #[test]
    fn an_attribute_becomes_a_name_of_the_test() {
        check(
            r#"
#- before: shop.py
DEBUG = 10

def level(name):
    return 10
#- shop.py
def level(name):
    return 10
#- tests/test_level.py
import shop

def test_level():
    assert shop.level("debug") == shop.DEBUG
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_level __________________________________

    def test_level():
>       assert shop.level("debug") == shop.DEBUG
E       AttributeError: module 'shop' has no attribute 'DEBUG'

tests/test_level.py:4: AttributeError
#- healed
+DEBUG = 10
+
-    assert shop.level("debug") == shop.DEBUG
+    assert shop.level("debug") == DEBUG
"#,
        );
    }

    #[track_caller]
    fn used(test: &str, tier: crate::fix::Tier) {
        let scene = crate::fixture::Scene::parse(&format!(
            r#"
#- before: shop/basket.py
MAX_ITEMS = 3

def add(basket, item):
    return (basket + [item])[:MAX_ITEMS]
#- shop/basket.py
def add(basket, item):
    return basket + [item]
#- tests/test_basket.py
from shop.basket import MAX_ITEMS, add

def test_limit():
    {test}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_basket.py _____________________
ImportError while importing test module '/p/tests/test_basket.py'.
Traceback:
tests/test_basket.py:1: in <module>
    from shop.basket import MAX_ITEMS, add
E   ImportError: cannot import name 'MAX_ITEMS' from 'shop.basket' (/p/shop/basket.py)
#- healed
"#
        ));
        let healing = scene.heal();
        assert_eq!(healing.fixes.first().map(|fix| fix.fix().tier), Some(tier), "{test}: {:?}", healing.refused);
    }

    #[test]
    fn a_copy_that_a_check_compares_with_is_for_a_person() {
        use crate::fix::Tier::{Review, Safe};
        used("assert len(add([], 1)) <= MAX_ITEMS", Review);
        used("self.assertLess(len(add([], 1)), MAX_ITEMS)", Review);
        used("most = MAX_ITEMS + 1\n    assert len(add([], 1)) < most", Review);
        used("assert len(add([], MAX_ITEMS)) == 1", Safe);
        used("assert add([], 1)[0] == f\"{MAX_ITEMS}\"", Safe);
        used("for item in range(MAX_ITEMS):\n        assert add([], item)", Safe);
    }

    #[test]
    fn a_test_of_the_constant_itself_is_no_fix() {
        check(
            r#"
#- before: shop.py
DEBUG = 10
#- shop.py
def pay(): ...
#- tests/test_level.py
import shop

def test_level():
    assert shop.DEBUG == 10
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_level __________________________________

    def test_level():
>       assert shop.DEBUG == 10
E       AttributeError: module 'shop' has no attribute 'DEBUG'

tests/test_level.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn what_the_product_computed_with_its_own_code_stays_away() {
        check(
            r#"
#- before: shop.py
def total():
    return 3

TAX = total()
#- shop.py
def total():
    return 3
#- tests/test_rate.py
from shop import TAX, total

@pytest.mark.parametrize("expected", [TAX])
def test_total(expected):
    assert total() == expected
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_rate.py ______________________
ImportError while importing test module '/p/tests/test_rate.py'.
Traceback:
tests/test_rate.py:1: in <module>
    from shop import TAX, total
E   ImportError: cannot import name 'TAX' from 'shop' (/p/shop.py)
#- healed
no fix
"#,
        );
    }
}
