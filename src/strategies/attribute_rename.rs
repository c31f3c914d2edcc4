//! An attribute that is gone: the class or module has it under another name now.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint};
use crate::fix::{EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::workspace::Members;
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, names};

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
    if attribute.kind() != "attribute" || !ctx.raised_here() {
        return None;
    }
    let object = attribute.child_by_field_name("object")?;
    let (existing, open) = existing(ctx, object, owner);
    let question = Question { missing, existing: &existing, open, kinds: |kind| is_member(kind) };
    for answer in answers(ctx, &question) {
        let places = names::attribute_uses(ctx.source, ctx.scope(), ctx.source.slice(object), missing);
        fixes.push(Fix {
            title: format!("Rename `{missing}` to `{}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.into_iter().map(|range| ctx.replace(range, &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

fn is_member(kind: RenameKind) -> bool {
    matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage)
}

/// The names that the receiver has, and whether it may have others.
fn existing(ctx: &Context<'_>, object: Node<'_>, owner: &Owner) -> (Vec<Existing>, bool) {
    let (members, owner_name) = members(ctx, object, owner);
    let mut existing: Vec<Existing> =
        members.symbols.iter().map(|symbol| Existing::defined(symbol, &owner_name)).collect();
    if let Some(runtime) = &ctx.diagnosis.failure.runtime {
        let seen = runtime.public_names.iter().filter(|name| existing.iter().all(|other| other.name != **name));
        let seen: Vec<Existing> = seen
            .map(|name| Existing::seen(name, EvidenceKind::Runtime, format!("`{owner_name}` has `{name}` at run time")))
            .collect();
        existing.extend(seen);
    }
    (existing, members.open)
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
}
