//! An attribute that is gone: the class or module has it under another name now.

mod alike;
mod hidden;

use std::ops::Range;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::syntax::outline::Outline;
use crate::text::Edit;
use crate::workspace::Members;
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::confidence::Odds;
use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, call_parentheses, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "attribute-rename",
    categories: &[Category::AttributeError],
    summary: "Uses the name that the class or module defines now.",
    example: r#"
#- shop.py
class Cart:
    def total(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().$0totl() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().totl() == 0
               ^^^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'totl'

tests/test_cart.py:4: AttributeError
#- healed
-    assert Cart().totl() == 0
+    assert Cart().total() == 0
"#,
    propose: attribute_rename,
};

fn attribute_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoAttribute { owner, name: missing } = ctx.complaint() else { return None };
    let attribute = ctx.node().filter(|node| node.kind() == "identifier")?.parent()?;
    if !ctx.raised_here() {
        return None;
    }
    let object = match attribute.kind() {
        "attribute" => attribute.child_by_field_name("object")?,
        // `case shop.Cart():`
        "dotted_name" if names::is_two_part_pattern(attribute) => attribute.named_child(0)?,
        _ => return None,
    };
    moved_to_module(ctx, attribute, owner, missing, fixes);
    next_of_python_2(ctx, attribute, owner, missing, fixes);
    let (members, owner_name) = members(ctx, object, owner);
    let existing = existing(ctx, &members, &owner_name);
    let class = match owner {
        Owner::Instance(class) | Owner::Class(class) => Some(class.as_str()),
        _ => None,
    };
    let question = Question { missing, existing: &existing, open: members.open, kinds: |kind| is_member(kind), class };
    // A module or class is the same in the whole file, an object only in the function that binds it.
    let scope = if matches!(owner, Owner::Module(_) | Owner::Class(_)) && !is_local(ctx, object) {
        ctx.source.root()
    } else {
        ctx.scope()
    };
    for answer in answers(ctx, &question) {
        let mut places = names::attribute_uses(ctx.source, scope, ctx.source.slice(object), missing);
        places.extend(names::forward_attributes(ctx.source, scope, ctx.source.slice(object), missing));
        if let Owner::Instance(class) = owner {
            alike::beside(ctx, scope, class, missing, &mut places);
        }
        alike::chained(ctx, scope, missing, &mut places);
        let member = members.symbols.iter().find(|member| member.name == answer.name);
        let is_hidden = hidden::is_hidden(missing, &answer.name);
        let getter = if is_hidden { hidden::getter(ctx, &members, missing, &places, &answer) } else { None };
        // What is open to all goes first.
        let confidence = match &getter {
            Some(getter) => Confidence::new(getter.confidence.value() / 2.0),
            None => answer.confidence,
        };
        fixes.extend(getter);
        let is_half = class.is_some_and(|class| alike::is_kept_below(ctx, class, missing));
        let tier = if is_hidden || is_half { Tier::Review } else { answer.tier };
        let Some(edits) = written(ctx, member, missing, &answer.name, places) else { continue };
        fixes.push(Fix {
            title: format!("Rename `{missing}` to `{}`", answer.name),
            strategy: STRATEGY.id,
            edits,
            confidence,
            evidence: answer.evidence,
            tier,
        });
    }
    Some(())
}

/// The new name at each of the `places`, called or read as what has it now wants to be. `None` where that cannot be.
fn written(
    ctx: &Context<'_>,
    member: Option<&Symbol>,
    missing: &str,
    new: &str,
    places: Vec<Range<usize>>,
) -> Option<Vec<Edit>> {
    let now = member.and_then(|member| call_parentheses::used_now(ctx, member, missing));
    let edit = |place: Range<usize>| match now {
        Some(now) => call_parentheses::renamed(ctx, place, new, now),
        None => Some(ctx.replace(place, new)),
    };
    places.into_iter().map(edit).collect()
}

/// An attribute of the class that became a name of its module in the same commit, perhaps a private one.
fn moved_to_module(
    ctx: &Context<'_>,
    attribute: Node<'_>,
    owner: &Owner,
    missing: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let Owner::Class(class) = owner else { return None };
    let class = only_class(ctx, class)?;
    let same = |name: &str| name.trim_start_matches('_') == missing.trim_start_matches('_');
    let at_top = |text: &Option<std::sync::Arc<str>>| {
        let outline = Outline::of_text(text.as_ref()?);
        let found = outline.children(None).find(|(_, item)| same(&item.name));
        found.map(|(_, item)| (item.name.clone(), item.line))
    };
    let change = product::changes(ctx.snapshot, &ctx.site.path)
        .into_iter()
        .filter(|change| change.path == class.path && change.before.as_ref().is_some_and(|text| text.contains(missing)))
        .find(|change| at_top(&change.before).is_none() && at_top(&change.after).is_some())?;
    let (new, line) = at_top(&change.after)?;
    let object = attribute.child_by_field_name("object")?;
    let (written, import) = match object.child_by_field_name("object") {
        Some(module) => (format!("{}.{new}", ctx.source.slice(module)), None),
        None => {
            let imported =
                imports::imports(ctx.source).into_iter().find(|item| item.local == ctx.source.slice(object))?;
            (new.clone(), Some(imports::add(ctx, &imported.module, Some(&new))?))
        }
    };
    let evidence = vec![
        Evidence::commit(&change.commit, format!("`{missing}` moved out of `{}` ({})", class.name, change.subject)),
        Evidence::at(EvidenceKind::Source, &class.path, line, format!("`{new}` is defined here")),
    ];
    let places = names::same_attributes(ctx.source, attribute);
    fixes.push(Fix {
        title: format!("Use `{new}`, which the module has now"),
        strategy: STRATEGY.id,
        edits: places.map(|node| ctx.replace(node.byte_range(), &written)).chain(import).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// `rows.next()` of an iterator that only speaks Python 3: `next(rows)`.
fn next_of_python_2(
    ctx: &Context<'_>,
    attribute: Node<'_>,
    owner: &Owner,
    missing: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let call = attribute.parent().filter(|call| missing == "next" && call.kind() == "call")?;
    let object = attribute.child_by_field_name("object")?;
    let empty = call.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0);
    let (members, name) = members(ctx, object, owner);
    let protocol = members.symbols.iter().find(|symbol| symbol.name == "__next__").filter(|_| empty)?;
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, &protocol.path, protocol.line, format!("`{name}` defines `__next__`")),
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint("Python 3 calls it by `next(…)`") },
    ];
    fixes.push(Fix {
        title: "Call `next(…)`".to_string(),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(call.byte_range(), format!("next({})", ctx.source.slice(object)))],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Whether the function around binds the name that `object` begins with.
pub(super) fn is_local(ctx: &Context<'_>, object: Node<'_>) -> bool {
    let text = ctx.source.slice(object);
    let first = text.split(['.', '(', '[']).next().unwrap_or(text);
    ctx.source.function_at(object.start_byte()).is_some_and(|test| names::binds(ctx.source, test, first))
}

fn is_member(kind: RenameKind) -> bool {
    matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage)
}

/// The names that the receiver has.
fn existing(ctx: &Context<'_>, members: &Members, owner_name: &str) -> Vec<Existing> {
    let mut existing: Vec<Existing> =
        members.symbols.iter().map(|symbol| Existing::defined(symbol, owner_name)).collect();
    if let Some(runtime) = &ctx.diagnosis.failure.runtime {
        let seen = runtime.public_names.iter().filter(|name| existing.iter().all(|other| other.name != **name));
        let seen: Vec<Existing> = seen
            .map(|name| Existing::seen(name, EvidenceKind::Runtime, format!("`{owner_name}` has `{name}` at run time")))
            .collect();
        existing.extend(seen);
    }
    existing
}

/// By the receiver's static type; where that is unknown, by the one class of the name in the message.
fn members(ctx: &Context<'_>, object: Node<'_>, owner: &Owner) -> (Members, String) {
    let unknown = || (Members { symbols: Vec::new(), open: true }, String::new());
    match owner {
        Owner::Module(module) => (ctx.snapshot.module_members(module), module.clone()),
        Owner::Instance(class) | Owner::Class(class) => {
            let typed =
                ctx.snapshot.type_of(&ctx.site.path, object.byte_range()).filter(|symbol| symbol.name == *class);
            match typed.or_else(|| only_class(ctx, class)) {
                Some(symbol) => (ctx.snapshot.members(&symbol), class.clone()),
                None => unknown(),
            }
        }
        Owner::Unknown => match ctx.snapshot.type_of(&ctx.site.path, object.byte_range()) {
            Some(symbol) => (ctx.snapshot.members(&symbol), symbol.name),
            None => unknown(),
        },
    }
}

fn only_class(ctx: &Context<'_>, name: &str) -> Option<Symbol> {
    let mut classes = ctx.snapshot.definitions(name);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class);
    (classes.len() == 1).then(|| classes.remove(0))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::check;

    #[test]
    fn nothing_near_is_no_fix() {
        check(
            r#"
#- shop.py
class Cart:
    def total(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_refund():
    assert Cart().$0refund() == 0
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_refund __________________________________

    def test_refund():
>       assert Cart().refund() == 0
E       AttributeError: 'Cart' object has no attribute 'refund'

tests/test_cart.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    /// A method that was written anew under another name, after a commit that says this.
    fn told(message: &str, after: &str) -> Option<Tier> {
        let scene = format!(
            r#"
#- before: shop.py
class Cart:
    def total(self):
        result = 0
        for price in self.prices:
            result += price
        return result
#- shop.py
import math

class Cart:
    def {after}
#- message
{message}
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().total() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().total() == 0
E       AttributeError: 'Cart' object has no attribute 'total'

tests/test_cart.py:4: AttributeError
"#
        );
        crate::fixture::Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier)
    }

    #[test]
    fn a_rename_that_the_body_of_a_message_tells_is_meant() {
        let after = "amount_due(self):\n        return math.fsum(self.prices)";
        assert_eq!(told("Tidy up\n\n- Rename `Cart.total` to `Cart.amount_due`.", after), Some(Tier::Safe));
        assert_eq!(told("Tidy up\n\n- Rename `Order.total` to `Order.amount_due`.", after), Some(Tier::Review));
        assert_eq!(told("Tidy up\n\n- `total` will be renamed to `amount_due`.", after), Some(Tier::Review));
        assert_eq!(told("Tidy up\n\n- Somebody should rename `total` to `amount_due`.", after), Some(Tier::Review));
        let mute = "amount_due(self):\n        self.sum = math.fsum(self.prices)";
        assert_eq!(told("Tidy up\n\n- Rename `Cart.total` to `Cart.amount_due`.", mute), Some(Tier::Review));
        let unlike = "stamp(self, ink):\n        return ink.of(self)";
        assert_eq!(told("Tidy up\n\n`total` is now `stamp`.", unlike), Some(Tier::Safe));
        assert_eq!(told("Tidy up\n\n`total` is now `amount_due`.", unlike), None);
    }

    #[test]
    fn git_knows_a_rename_that_spelling_does_not() {
        check(
            r#"
#- before: shop.py
class Cart:
    def total(self):
        prices = [item.price for item in self.items]
        return sum(prices)
#- shop.py
class Cart:
    def amount_due(self):
        prices = [item.price for item in self.items]
        return sum(prices)
#- tests/test_cart.py
from shop import Cart

def test_total():
    cart = Cart()
    assert cart.$0total() == 0
    assert cart.total() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert cart.total() == 0
E       AttributeError: 'Cart' object has no attribute 'total'

tests/test_cart.py:5: AttributeError
#- healed
-    assert cart.total() == 0
-    assert cart.total() == 0
+    assert cart.amount_due() == 0
+    assert cart.amount_due() == 0
"#,
        );
    }

    #[test]
    fn what_the_product_lacks_inside_is_not_the_tests_to_rename() {
        check(
            r#"
#- shop.py
class Item:
    total = 1

class Cart:
    def total(self):
        return Item().totl
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().total() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().total() == 1

tests/test_cart.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <shop.Cart object at 0x7f0000000000>

    def total(self):
>       return Item().totl
E       AttributeError: 'Item' object has no attribute 'totl'

shop.py:6: AttributeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn an_attribute_that_moved_out_of_its_class() {
        check(
            r#"
#- before: shop/store.py
class Store:
    RESOURCES = ("a", "b")

    def make(self):
        return self.RESOURCES
#- shop/store.py
_RESOURCES = ("a", "b")

class Store:
    def make(self):
        return _RESOURCES
#- tests/test_store.py
from shop.store import Store

def test_resources():
    assert Store.RESOURCES == ("a", "b")
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_resources ________________________________

    def test_resources():
>       assert Store.RESOURCES == ("a", "b")
E       AttributeError: type object 'Store' has no attribute 'RESOURCES'

tests/test_store.py:4: AttributeError
#- healed
-from shop.store import Store
+from shop.store import _RESOURCES, Store
-    assert Store.RESOURCES == ("a", "b")
+    assert _RESOURCES == ("a", "b")
"#,
        );
    }

    #[test]
    fn the_next_of_python_2() {
        check(
            r#"
#- shop.py
class Rows:
    def __next__(self):
        return 1
#- tests/test_rows.py
from shop import Rows

def test_rows():
    rows = Rows()
    assert rows.next() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_rows ___________________________________

    def test_rows():
        rows = Rows()
>       assert rows.next() == 1
E       AttributeError: 'Rows' object has no attribute 'next'

tests/test_rows.py:5: AttributeError
#- healed
-    assert rows.next() == 1
+    assert next(rows) == 1
"#,
        );
    }

    const CHAIN: &str = r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.skus = [*self.skus, sku]
        return self

def fill(cart, skus):
    for sku in skus:
        cart.add(sku)
#- shop.py
class Cart:
    def put_line(self, sku):
        self.skus = [*self.skus, sku]
        return self

def fill(cart, skus):
    for sku in skus:
        cart.put_line(sku)
#- tests/test_cart.py
from shop import Cart

def test_add():
    cart = Cart()
    seen = set()
    assert cart.$0add("a").add("b").skus
    seen.add("c")
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
        cart = Cart()
        seen = set()
>       assert cart.add("a").add("b").skus
E       AttributeError: 'Cart' object has no attribute 'add'

tests/test_cart.py:6: AttributeError
#- healed
-    assert cart.add("a").add("b").skus
+    assert cart.put_line("a").put_line("b").skus
"#;

    #[test]
    fn a_chain_follows_to_its_end() {
        check(CHAIN);
    }

    #[test]
    fn a_chain_that_may_come_to_another_class_follows_at_its_begin_alone() {
        let line = "class Line:\n    def add(self, sku):\n        return self\n\n";
        let both = CHAIN.replace("#- before: shop.py\n", &format!("#- before: shop.py\n{line}"));
        let both = both.replace("#- shop.py\n", &format!("#- shop.py\n{line}"));
        check(&both.replace("put_line(\"a\").put_line(\"b\")", "put_line(\"a\").add(\"b\")"));
    }

    /// A class that was `before` and is `after`, what the test says of its object, and what becomes of it.
    #[track_caller]
    fn check_door(before: &str, after: &str, says: &str, asked: &str, tier: Option<Tier>, healed: &str) {
        let class = |body: &str| format!("class Door:\n    def __init__(self):\n        self._name = \"a\"\n\n{body}");
        let scene = format!(
            r#"
#- before: shop.py
{}
#- shop.py
{}
#- tests/test_door.py
from shop import Door

def test_name():
    door = Door()
    {says}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_name ___________________________________
tests/test_door.py:5: in test_name
    {says}
E   AttributeError: 'Door' object has no attribute '{asked}'
#- healed
{healed}
"#,
            class(before),
            class(after)
        );
        check(&scene);
        assert_eq!(crate::fixture::Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier), tier);
    }

    const GETTER: &str = "    def get_name(self):\n        return self._name\n";
    const PROPERTY: &str = "    @property\n    def name(self):\n        return self._name\n";

    #[test]
    fn a_getter_that_became_a_property_is_read_and_the_other_way_round() {
        let (got, read) = ("assert door.get_name() == \"a\"", "assert door.name == \"a\"");
        let healed = |old: &str, new: &str| format!("-    {old}\n+    {new}");
        check_door(GETTER, PROPERTY, got, "get_name", Some(Tier::Safe), &healed(got, read));
        check_door(PROPERTY, GETTER, read, "name", Some(Tier::Review), &healed(read, got));
        // It gives something else: a person decides.
        let other = PROPERTY.replace("self._name", "self._name[:1]");
        check_door(GETTER, &other, got, "get_name", Some(Tier::Review), &healed(got, read));
        // A property that gives something to call was called before and is called now.
        let made = |name: &str| format!("    @property\n    def {name}(self):\n        return lambda: self._name\n");
        let called = "assert door.naming() == \"a\"";
        let kept = healed(called, "assert door.namer() == \"a\"");
        check_door(&made("naming"), &made("namer"), called, "naming", Some(Tier::Safe), &kept);
    }

    #[test]
    fn a_getter_that_is_called_with_something_is_no_property() {
        let says = "assert door.get_name(1) == \"a\"";
        let before = GETTER.replace("self)", "self, count=0)");
        check_door(&before, PROPERTY, says, "get_name", None, "no fix");
    }

    #[test]
    fn the_patterns_and_strings_of_a_test_say_the_new_name_too() {
        check(
            r#"
#- before: shop.py
class Cart:
    def __init__(self, lines):
        self.lines = lines
#- shop.py
class Basket:
    def __init__(self, lines):
        self.lines = lines
#- tests/test_cart.py
from typing import Literal, cast
import shop

def first(cart: "shop.Cart", how: Literal["shop.Cart"]) -> "list[shop.Cart]":
    return [cast("shop.Cart", cart), "shop.Cart"]

def test_cart():
    match shop.Basket([1]):
        case shop.Cart(lines=[1]):
            found = True
    assert found
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________
tests/test_cart.py:9: in test_cart
    case shop.Cart(lines=[1]):
E   AttributeError: module 'shop' has no attribute 'Cart'
#- healed
-def first(cart: "shop.Cart", how: Literal["shop.Cart"]) -> "list[shop.Cart]":
-    return [cast("shop.Cart", cart), "shop.Cart"]
+def first(cart: "shop.Basket", how: Literal["shop.Cart"]) -> "list[shop.Basket]":
+    return [cast("shop.Basket", cart), "shop.Cart"]
-        case shop.Cart(lines=[1]):
+        case shop.Basket(lines=[1]):
"#,
        );
    }
}
