//! `No module named`: the module was moved, renamed or split, in the project or in the standard library.

mod places;

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
    let imported = imports::names_of(ctx.source, statement);
    let written = imported.first()?.module.clone();
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
    let lines: Vec<String> =
        parts.iter().map(|(home, names)| format!("from {home} import {}", names.join(", "))).collect();
    let homes: Vec<&str> = parts.iter().map(|(home, _)| *home).collect();
    let is_told = !places.iter().any(|place| place.is_of_callers);
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

    /// `import postal.letters as post` over a module that went, where these others are.
    #[track_caller]
    fn check_alias(users: &str, orders: &str, healed: &str) {
        check(&format!(
            r#"
#- postal/__init__.py
#- before: postal/letters.py
class User:
    def name(self):
        return "user"

class Order:
    def number(self):
        return 1
#- postal/letters_of_users.py
{users}
#- postal/letters_of_orders.py
{orders}
#- tests/test_post.py
import $0postal.letters as post

def test_post():
    assert post.User().name() and post.Order().number()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_post.py ______________________
ImportError while importing test module '/p/tests/test_post.py'.
Traceback:
tests/test_post.py:1: in <module>
    import postal.letters as post
E   ModuleNotFoundError: No module named 'postal.letters'
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_part_of_a_module_that_was_split_is_not_the_whole() {
        let user = "class User:\n    def name(self):\n        return \"user\"\n";
        let order = "class Order:\n    def number(self):\n        return 1\n";
        check_alias(user, order, "no fix");
        let healed = "-import postal.letters as post\n+import postal.letters_of_users as post";
        check_alias(&format!("{user}\n{order}"), "", healed);
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

    /// A test module that imports from `postal.letters`, which went in the scene's commit.
    #[track_caller]
    fn check_letters(files: &str, test: &str, healed: &str) {
        let import = test.lines().next().unwrap_or_default().replace("$0", "");
        check(&format!(
            r#"
#- postal/__init__.py
#- before: postal/letters.py
class Letter:
    """A letter on its way."""

    def __init__(self, to, weight=20):
        self.to = to
        self.weight = weight

    def postage(self):
        return 85 if self.weight <= 20 else 100

def is_code(text):
    return len(text) == 5 and text.isdigit()
{files}
#- tests/test_letters.py
{test}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_letters.py ____________________
ImportError while importing test module '/p/tests/test_letters.py'.
Traceback:
tests/test_letters.py:1: in <module>
    {import}
E   ModuleNotFoundError: No module named 'postal.letters'
#- healed
{healed}
"#
        ));
    }

    const SHIPMENT: &str = r#"class Shipment:
    """A letter on its way."""

    def __init__(self, to, weight=20):
        self.to = to
        self.weight = weight

    def postage(self):
        return 85 if self.weight <= 20 else 100
"#;

    const IS_CODE: &str = "def is_code(text):\n    return len(text) == 5 and text.isdigit()\n";

    #[test]
    fn a_module_and_its_class_under_new_names() {
        check_letters(
            &format!("#- postal/shipments.py\n{SHIPMENT}\n{IS_CODE}"),
            "from $0postal.letters import Letter\n\ndef test_class():\n    assert Letter('Bob').weight == 20",
            "-from postal.letters import Letter\n+from postal.shipments import Shipment\n-    assert Letter('Bob').weight == 20\n+    assert Shipment('Bob').weight == 20",
        );
    }

    #[test]
    fn names_that_went_to_two_modules_one_of_them_under_a_new_name() {
        check_letters(
            &format!("#- postal/shipments.py\n{SHIPMENT}\n#- postal/codes.py\n{IS_CODE}"),
            "from $0postal.letters import (\n    Letter as L,\n    is_code,\n)\n\ndef test_class():\n    assert is_code('53111') and L('Bob')",
            "-from postal.letters import (\n-    Letter as L,\n-    is_code,\n-)\n+from postal.codes import is_code\n+from postal.shipments import Shipment as L",
        );
    }

    #[test]
    fn a_class_that_is_nowhere_comes_from_no_module_that_took_the_others() {
        check_letters(
            &format!(
                "#- postal/parcels.py\nclass Parcel:\n    def open(self):\n        return []\n#- postal/codes.py\n{IS_CODE}"
            ),
            "from $0postal.letters import Letter, is_code\n\nclass Late(Letter): ...\n\ndef test_class():\n    assert is_code('53111') and Late('Bob')",
            "no fix",
        );
    }

    #[test]
    fn what_a_caller_takes_instead_is_no_removal() {
        check_letters(
            r#"#- postal/items.py
class Item:
    def __init__(self, to, grams=20):
        self.to = to
        self.grams = grams

    def price(self):
        return 85 if self.grams <= 20 else 100
#- before: postal/office.py
from postal.letters import Letter

def post(to):
    return Letter(to)
#- postal/office.py
from postal.items import Item

def post(to):
    return Item(to)"#,
            "from $0postal.letters import Letter\n\ndef test_class():\n    assert Letter('Bob')",
            "-from postal.letters import Letter\n+from postal.items import Item\n-    assert Letter('Bob')\n+    assert Item('Bob')",
        );
    }

    /// `importlib.import_module("postal.codes")` in a test.
    #[track_caller]
    fn check_lazy(now: &str, healed: &str) {
        check(&format!(
            r#"
#- postal/__init__.py
#- before: postal/codes.py
{IS_CODE}
{now}
#- tests/test_codes.py
import importlib

def test_lazy():
    module = importlib.import_module("$0postal.codes")
    assert module.is_code("53111")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_lazy ___________________________________

    def test_lazy():
>       module = importlib.import_module("postal.codes")

tests/test_codes.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
<frozen importlib._bootstrap>:1204: in _gcd_import
    ???
E   ModuleNotFoundError: No module named 'postal.codes'

<frozen importlib._bootstrap>:1140: ModuleNotFoundError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_module_that_is_imported_by_its_name_in_a_string() {
        check_lazy(
            &format!("#- postal/zipcode.py\n{IS_CODE}"),
            "-    module = importlib.import_module(\"postal.codes\")\n+    module = importlib.import_module(\"postal.zipcode\")",
        );
        check_lazy("#- postal/streets.py\ndef name(street):\n    return street.title() or None", "no fix");
    }

    /// A test module that imports a helper of the tests, which imports `shop.basket`.
    #[track_caller]
    fn check_helper(now: &str, healed: &str) {
        check(&format!(
            r#"
#- shop/__init__.py
#- before: shop/basket.py
def pay(cart):
    return sum(cart) + len(cart)
{now}
#- tests/util/__init__.py
#- tests/util/stock.py
from $0shop.basket import pay

def paid():
    return pay([1])
#- tests/test_cart.py
import os
from .util.stock import paid

def test_pay():
    assert paid() == 2
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:2: in <module>
    from .util.stock import paid
tests/util/stock.py:1: in <module>
    from shop.basket import pay
E   ModuleNotFoundError: No module named 'shop.basket'
=========================== short test summary info ============================
ERROR tests/test_cart.py
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_helper_of_the_tests_is_where_its_import_fails() {
        check_helper(
            "#- shop/cart.py\ndef pay(cart):\n    return sum(cart) + len(cart)",
            "-from shop.basket import pay\n+from shop.cart import pay",
        );
        check_helper("#- shop/cart.py\ndef open_cart():\n    return [] or None", "-from shop.basket import pay");
    }
}
