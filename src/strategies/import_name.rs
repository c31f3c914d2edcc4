//! `cannot import name`: the module has it under another name, or another module has it now.

use std::ops::Range;

use crate::diagnosis::removed_names::removed_name;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::ancestors;
use crate::syntax::outline::ItemKind;
use crate::text::{Edit, FilePath};
use crate::workspace::history::{Change, RenameKind};
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::confidence::Odds;
use super::imports::{self, Imported};
use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, callers, names, sense};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "import-name",
    categories: &[Category::ImportError],
    summary: "Imports the name that the module has now, or the module that has the name now.",
    example: r#"
#- before: shop.py
class Basket:
    def __init__(self):
        self.items = []
#- shop.py
class Cart:
    def __init__(self):
        self.items = []
#- tests/test_cart.py
from shop import $0Basket

def test_items():
    assert Basket().items == []
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Basket
E   ImportError: cannot import name 'Basket' from 'shop' (/p/shop.py)
#- healed
-from shop import Basket
+from shop import Cart
-    assert Basket().items == []
+    assert Cart().items == []
"#,
    propose: import_name,
};

/// More uses than this and the old name stays as an alias: one changed line is easier to review.
const MOST_USES: usize = 8;

fn import_name(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoImport { name, module } = ctx.complaint() else { return None };
    let imported = imported_here(ctx, name)?;
    module_renamed(ctx, &imported, name, module, fixes);
    moved_elsewhere(ctx, &imported, name, module, fixes);
    renamed_in_place(ctx, &imported, name, module, fixes);
    Some(())
}

/// The import of `name` at the failing statement.
pub(super) fn imported_here(ctx: &Context<'_>, name: &str) -> Option<Imported> {
    let statement = imports::statement_around(ctx.source, ctx.site.range.start)?;
    let found = imports::names_of(ctx.source, statement).into_iter().find(|item| item.name.as_deref() == Some(name))?;
    ctx.raised_here().then_some(found)
}

/// The name is a module's that git saw go to another file.
fn module_renamed(
    ctx: &Context<'_>,
    imported: &Imported,
    name: &str,
    module: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let old = format!("{module}.{name}");
    let renames = ctx.snapshot.history().renames_of(&old);
    let rename = renames.iter().find(|rename| rename.kind == RenameKind::Module && rename.old == old)?;
    let now = ctx.snapshot.module(&rename.new)?;
    let (home, new) = rename.new.rsplit_once('.')?;
    let edits = match (home == module, new == name) {
        (true, false) => rename_import(ctx, imported, new),
        (false, true) => take_from(ctx, imported, home)?,
        (false, false) => {
            let (text, uses) = renamed(ctx, imported, new);
            taken_as(ctx, imported, home, &text)?.into_iter().chain(uses).collect()
        }
        (true, true) => return None,
    };
    let evidence = vec![
        Evidence::commit(&rename.commit, format!("`{old}` became `{}` ({})", rename.new, rename.subject)),
        Evidence::at(EvidenceKind::Source, &now, 1, format!("this is `{}`", rename.new)),
    ];
    fixes.push(Fix {
        title: format!("Import the module `{new}` from `{home}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).likeness(rename.similarity).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

fn renamed_in_place(ctx: &Context<'_>, imported: &Imported, name: &str, module: &str, fixes: &mut Vec<Fix>) {
    let members = ctx.snapshot.module_members(module);
    let kind = kind_of(ctx, name, module);
    let renames = ctx.snapshot.history().renames_of(name);
    let is_shown = |symbol: &Symbol| renames.iter().any(|rename| rename.new == symbol.name);
    let likely = members.symbols.iter().filter(|symbol| is_shown(symbol) || is_of_kind(symbol, kind));
    let existing: Vec<Existing> = likely.map(|symbol| Existing::defined(symbol, module)).collect();
    let kinds = |kind| {
        matches!(
            kind,
            RenameKind::Symbol(SymbolKind::Class | SymbolKind::Function | SymbolKind::Variable) | RenameKind::Usage
        )
    };
    let question = Question { missing: name, existing: &existing, open: members.open, kinds, class: None };
    let is_type = is_only_annotated(ctx, imported);
    for answer in answers(ctx, &question) {
        // Git shows the successor of a name that runs nothing.
        let is_shown = is_type && answer.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
        fixes.push(Fix {
            title: format!("Import `{}` instead of `{name}`", answer.name),
            strategy: STRATEGY.id,
            edits: rename_import(ctx, imported, &answer.name),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: if is_shown { Tier::Safe } else { answer.tier },
        });
    }
}

/// What the name was where the module defined it, else by the way it is spelled; `None` where that tells nothing.
fn kind_of(ctx: &Context<'_>, name: &str, module: &str) -> Option<SymbolKind> {
    let is_class = name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    let was = product::removal(ctx.snapshot, &ctx.site.path, name).and_then(|change| {
        let is_own = ctx.snapshot.dotted_name(&change.path).is_some_and(|dotted| dotted == module);
        let outline = product::outline_naming(&change.before, name).filter(|_| is_own)?;
        outline.children(None).find(|(_, item)| item.name == name).map(|(_, item)| match item.kind {
            ItemKind::Class => SymbolKind::Class,
            ItemKind::Function => SymbolKind::Function,
            ItemKind::Variable => SymbolKind::Variable,
        })
    });
    was.or(is_class.then_some(SymbolKind::Class))
}

/// Whether a name may be one of the kind: a class becomes no function, constant or module of like spelling. A variable
/// may hold any of them, and is told by its spelling.
fn is_of_kind(symbol: &Symbol, kind: Option<SymbolKind>) -> bool {
    let is_spelled_so = symbol.name.starts_with(char::is_uppercase) && symbol.name.contains(char::is_lowercase);
    match (kind, symbol.kind) {
        (None | Some(SymbolKind::Variable), _) => true,
        (Some(SymbolKind::Class), SymbolKind::Variable) => is_spelled_so,
        (Some(SymbolKind::Function), SymbolKind::Variable) => !is_spelled_so,
        (Some(kind), other) => kind == other,
    }
}

/// Whether the name stands in annotations alone, which no test runs.
fn is_only_annotated(ctx: &Context<'_>, imported: &Imported) -> bool {
    let uses = names::uses(ctx.source, &imported.local);
    let is_annotation = |range: &Range<usize>| {
        ctx.source.node_at(range.clone()).is_some_and(|node| ancestors(node).any(|node| node.kind() == "type"))
    };
    !uses.is_empty() && uses.iter().all(is_annotation)
}

/// The imported name and its uses; with an alias, or many uses, the import alone.
pub(super) fn rename_import(ctx: &Context<'_>, imported: &Imported, new: &str) -> Vec<Edit> {
    let has_alias = imported.range != imported.name_range;
    if has_alias {
        return vec![ctx.replace(imported.name_range.clone(), new)];
    }
    let (text, uses) = renamed(ctx, imported, new);
    std::iter::once(ctx.replace(imported.range.clone(), text)).chain(uses).collect()
}

/// What imports `new` where `imported` was imported, and the edits of its uses. The name that the file knows stays as
/// an alias where the new one means something else beside a use, or where there are many uses.
pub(super) fn renamed(ctx: &Context<'_>, imported: &Imported, new: &str) -> (String, Vec<Edit>) {
    let has_alias = imported.range != imported.name_range;
    let function = ctx.source.function_at(imported.statement.start);
    let scope = function.unwrap_or_else(|| ctx.source.root());
    let uses = names::uses_in(ctx.source, scope, &imported.local);
    let is_known = !names::uses(ctx.source, new).is_empty();
    if has_alias || uses.len() > MOST_USES || is_known || names::is_taken(ctx.source, &uses, new) {
        return (format!("{new} as {}", imported.local), Vec::new());
    }
    let said = names::forward_references(ctx.source, scope, &imported.local);
    (new.to_string(), uses.into_iter().chain(said).map(|range| ctx.replace(range, new)).collect())
}

/// Another module defines the name, or git saw it go there.
fn moved_elsewhere(ctx: &Context<'_>, imported: &Imported, name: &str, module: &str, fixes: &mut Vec<Fix>) {
    let mut homes = homes_of(ctx, name, module);
    let rivals = homes.len().saturating_sub(1);
    homes.truncate(3);
    for (home, evidence) in homes {
        let Some(edits) = take_from(ctx, imported, &home) else { continue };
        let confidence = Odds::of(&evidence).rivals(rivals).confidence();
        let title = format!("Import `{name}` from `{home}`");
        let tier = tier_of(ctx, name, module, &home, &evidence);
        fixes.push(Fix { title, strategy: STRATEGY.id, edits, confidence, evidence, tier });
    }
}

/// Whether `home` can be taken for the new place of what `module` defined itself: git saw it go there, and it is not
/// written wholly anew. Another thing of that name that was there before is a person's to accept.
pub(super) fn tier_of(ctx: &Context<'_>, name: &str, module: &str, home: &str, evidence: &[Evidence]) -> Tier {
    let is_home = |path: &FilePath| ctx.snapshot.dotted_name(path).is_some_and(|dotted| dotted == home);
    let history = ctx.snapshot.history();
    let renames = history.renames_of(name);
    let mut moves = renames.iter().filter(|rename| rename.new == name && is_home(&rename.path)).peekable();
    if moves.peek().is_some() {
        let is_half = callers::imports_still(ctx, module, name);
        return if !is_half && moves.any(|rename| rename.is_same && !sense::is_weaker_there(ctx, rename)) {
            Tier::Safe
        } else {
            Tier::Review
        };
    }
    let is_shown = evidence.iter().any(|fact| matches!(fact.kind, EvidenceKind::Git | EvidenceKind::Docs));
    let defined_it = |change: Change| {
        let is_own = ctx.snapshot.dotted_name(&change.path).is_some_and(|dotted| dotted == module);
        let outline = product::outline_naming(&change.before, name).filter(|_| is_own);
        outline.is_some_and(|outline| outline.children(None).any(|(_, item)| item.name == name))
    };
    let is_twin = !is_shown && product::removal(ctx.snapshot, &ctx.site.path, name).is_some_and(defined_it);
    if is_twin { Tier::Review } else { Tier::Safe }
}

/// The modules that define `name`, with what shows it.
pub(super) fn homes_of(ctx: &Context<'_>, name: &str, not: &str) -> Vec<(String, Vec<Evidence>)> {
    let mut homes: Vec<(String, Vec<Evidence>)> = Vec::new();
    for symbol in ctx.snapshot.definitions(name) {
        let Some(home) = module_level(ctx, &symbol) else { continue };
        if home == not || homes.iter().any(|(other, _)| *other == home) {
            continue;
        }
        let fact = Evidence::at(EvidenceKind::Source, &symbol.path, symbol.line, format!("`{home}` defines `{name}`"));
        homes.push((home, vec![fact]));
    }
    if let Some(moved) = removed_name(not, name).filter(|moved| moved.new_name() == name && !moved.home().is_empty()) {
        let home = moved.home();
        let text = format!("Python {} has `{name}` in `{home}` only", moved.since);
        let fact = Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(text) };
        let message = Evidence { kind: EvidenceKind::Source, ..Evidence::hint("the standard library's own table") };
        homes.push((home.to_string(), vec![fact, message]));
    }
    for rename in ctx.snapshot.history().renames_of(name).iter().filter(|rename| rename.new == name) {
        let home = ctx.snapshot.dotted_name(&rename.path);
        if let Some((_, evidence)) = homes.iter_mut().find(|(other, _)| Some(other) == home.as_ref()) {
            let text = format!("`{name}` moved to {} ({})", rename.path, rename.subject);
            evidence.push(Evidence::commit(&rename.commit, text));
        }
    }
    homes
}

/// The module of a symbol that can be imported from it: defined at module level, outside of tests.
fn module_level(ctx: &Context<'_>, symbol: &Symbol) -> Option<String> {
    let importable = matches!(symbol.kind, SymbolKind::Class | SymbolKind::Function | SymbolKind::Variable);
    let home = ctx.snapshot.dotted_name(&symbol.path)?;
    let own_name = symbol.qualified.strip_prefix(&home)?.strip_prefix('.')?;
    let product = !symbol.path.is_test_code() && symbol.path != ctx.site.path;
    // `log = getLogger(__name__)`: each module has its own.
    let is_of_its_module = symbol.value.as_ref().is_some_and(|value| value.contains("__name__"));
    (importable && product && own_name == symbol.name && !is_of_its_module).then_some(home)
}

/// The name leaves its statement and comes from `home`.
pub(super) fn take_from(ctx: &Context<'_>, imported: &Imported, home: &str) -> Option<Vec<Edit>> {
    taken_as(ctx, imported, home, &ctx.source.text()[imported.range.clone()])
}

/// The name leaves its statement, and `text` comes from `home`.
fn taken_as(ctx: &Context<'_>, imported: &Imported, home: &str, text: &str) -> Option<Vec<Edit>> {
    let statement = ctx.source.node_at(imported.statement.clone())?;
    if imports::names_of(ctx.source, statement).len() == 1 {
        let module = ctx.replace(imported.module_range.clone()?, imports::written_like(ctx, &imported.module, home));
        let is_kept = ctx.source.text()[imported.range.clone()] == *text;
        let name = (!is_kept).then(|| ctx.replace(imported.range.clone(), text));
        return Some(std::iter::once(module).chain(name).collect());
    }
    let indent = ctx.source.lines().line_range(ctx.source.lines().line_at(imported.statement.start))?.start;
    let leave = imports::remove(ctx.source, &ctx.site.path, imported)?;
    if indent != imported.statement.start {
        // An import inside a function: the new one goes right above it.
        let space = &ctx.source.text()[indent..imported.statement.start];
        let end = imports::line_end(ctx.source.text());
        let line = format!("from {home} import {text}{end}{space}");
        return Some(vec![Edit::insert(&ctx.site.path, imported.statement.start, line), leave]);
    }
    Some(vec![leave, imports::add(ctx, home, Some(text))?])
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_name_that_moved_comes_from_its_new_home() {
        check(
            r#"
#- shop/__init__.py
#- shop/cart.py
class Cart: ...
#- shop/money.py
class Price: ...
#- tests/test_cart.py
from shop.cart import Cart, $0Price

def test_price():
    assert Price()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop.cart import Cart, Price
E   ImportError: cannot import name 'Price' from 'shop.cart' (/p/shop/cart.py)
#- healed
-from shop.cart import Cart, Price
+from shop.cart import Cart
+from shop.money import Price
"#,
        );
    }

    #[test]
    fn a_class_that_is_gone_has_no_function_of_like_spelling_for_a_successor() {
        let scene = |is: &str, healed: &str| {
            check(&format!(
                r#"
#- before: paint.py
import enum

class Color(enum.Enum):
    RED = 1

def mix(a, b):
    return a + b
#- paint.py
def mix(a, b):
    return a + b

{is}
#- message
Colors are plain numbers
#- tests/test_paint.py
from paint import $0Color

def test_color():
    assert Color.RED
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_paint.py ______________________
ImportError while importing test module '/p/tests/test_paint.py'.
Traceback:
tests/test_paint.py:1: in <module>
    from paint import Color
E   ImportError: cannot import name 'Color' from 'paint' (/p/paint.py)
#- healed
{healed}
"#
            ));
        };
        scene("def color(name):\n    return sum(name)", "no fix");
        scene("COLOR = 3", "no fix");
        let healed =
            "-from paint import Color\n+from paint import Colour\n-    assert Color.RED\n+    assert Colour.RED";
        scene("class Colour:\n    RED = 1", healed);
    }

    #[test]
    fn a_module_that_got_another_name() {
        check(
            r#"
#- shop/__init__.py
#- before: shop/_async.py
class Retry:
    def run(self):
        return 1
#- shop/asyncio/__init__.py
class Retry:
    def run(self):
        return 1
#- tests/test_async.py
from shop import $0_async as tasyncio

def test_run():
    assert tasyncio.Retry().run() == 1
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_async.py _____________________
ImportError while importing test module '/p/tests/test_async.py'.
Traceback:
tests/test_async.py:1: in <module>
    from shop import _async as tasyncio
E   ImportError: cannot import name '_async' from 'shop' (/p/shop/__init__.py)
#- healed
-from shop import _async as tasyncio
+from shop import asyncio as tasyncio
"#,
        );
    }

    #[test]
    fn a_name_that_is_nowhere_is_no_fix() {
        check(
            r#"
#- shop.py
class Cart: ...
#- tests/test_cart.py
from shop import $0Voucher

def test_price():
    assert Voucher()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Voucher
E   ImportError: cannot import name 'Voucher' from 'shop' (/p/shop.py)
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_class_is_not_taken_for_the_module_that_defines_it() {
        check(
            r#"
#- shop/__init__.py
from .cart import Cart
#- shop/cart.py
class Cart: ...
#- shop/json_basket.py
class JsonBasket: ...
#- tests/test_cart.py
from shop import Cart, $0JsonBasket

def test_basket():
    assert JsonBasket()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Cart, JsonBasket
E   ImportError: cannot import name 'JsonBasket' from 'shop' (/p/shop/__init__.py)
#- healed
-from shop import Cart, JsonBasket
+from shop import Cart
+from shop.json_basket import JsonBasket
"#,
        );
    }

    #[test]
    fn a_name_of_another_test_module_is_no_home() {
        check(
            r#"
#- shop.py
class Cart: ...
#- tests/test_other.py
class Voucher: ...
#- tests/test_cart.py
from shop import $0Voucher

def test_price():
    assert Voucher()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Voucher
E   ImportError: cannot import name 'Voucher' from 'shop' (/p/shop.py)
#- healed
no fix
"#,
        );
    }

    /// A test module that names `appraise`, which became `price`.
    #[track_caller]
    fn check_appraise(test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: cost.py
def appraise(goods):
    total = 0
    for good in goods:
        total += good
    return total
#- cost.py
def price(goods):
    total = 0
    for good in goods:
        total += good
    return total
#- test_cost.py
from cost import $0appraise

{test}
#- test_run.log
==================================== ERRORS ====================================
________________________ ERROR collecting test_cost.py _________________________
ImportError while importing test module '/p/test_cost.py'.
Traceback:
test_cost.py:1: in <module>
    from cost import appraise
E   ImportError: cannot import name 'appraise' from 'cost' (/p/cost.py)
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_new_name_that_a_test_binds_beside_a_use_leaves_the_old_one_as_an_alias() {
        for test in [
            "def test_price():\n    price = appraise([1, 2])\n    assert price == 3",
            "def test_price(price=5):\n    assert appraise([price]) == 5",
            "def test_price():\n    assert [appraise([price]) for price in (1, 2)] == [1, 2]",
            "def test_price():\n    from shop import price\n    assert appraise([1]) == price()",
            "def test_price():\n    assert (price := appraise([1])) == 1",
        ] {
            check_appraise(test, "-from cost import appraise\n+from cost import price as appraise");
        }
    }

    #[test]
    fn a_new_name_that_another_test_binds_is_in_nobody_s_way() {
        check_appraise(
            "def test_sum():\n    assert appraise([1, 2]) == 3\n\ndef test_other(price=5):\n    assert price == 5",
            "-from cost import appraise\n+from cost import price\n-    assert appraise([1, 2]) == 3\n+    assert price([1, 2]) == 3",
        );
    }

    /// `from postal import codes` inside a test, after the module went deeper, or nowhere.
    #[track_caller]
    fn check_codes(now: &str, healed: &str) {
        check(&format!(
            r#"
#- postal/__init__.py
#- before: postal/codes.py
def region(code):
    return code[:2]
{now}
#- tests/test_codes.py
def test_region():
    from postal import $0codes

    assert codes.region("53111") == "53"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_region __________________________________

    def test_region():
>       from postal import codes
E       ImportError: cannot import name 'codes' from 'postal' (/p/postal/__init__.py)

tests/test_codes.py:2: ImportError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_module_that_went_deeper_under_another_name() {
        check_codes(
            "#- postal/address/__init__.py\n#- postal/address/zipcode.py\ndef region(code):\n    return code[:2]",
            r#"-    from postal import codes
+    from postal.address import zipcode
-    assert codes.region("53111") == "53"
+    assert zipcode.region("53111") == "53""#,
        );
    }

    #[test]
    fn a_module_that_went_for_good_is_not_another_one() {
        check_codes("#- postal/streets.py\ndef name(street):\n    return street.title() or None", "no fix");
    }

    #[test]
    fn annotations_that_are_strings_say_the_new_name_too() {
        check_appraise(
            "def same(it: \"appraise\") -> \"list[other.appraise]\":\n    return cast(\"appraise\", \"appraise\")\n\n\
             def test_sum():\n    assert appraise([1, 2]) == 3",
            "-from cost import appraise\n+from cost import price\n-def same(it: \"appraise\") -> \"list[other.appraise]\":\n\
             -    return cast(\"appraise\", \"appraise\")\n+def same(it: \"price\") -> \"list[other.appraise]\":\n\
             +    return cast(\"price\", \"appraise\")\n-    assert appraise([1, 2]) == 3\n+    assert price([1, 2]) == 3",
        );
    }
}
