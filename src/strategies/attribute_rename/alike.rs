//! Other places of a test that ask for the name which went: they fail next, for the same reason.

use std::ops::Range;

use crate::diagnosis::product;
use crate::syntax::outline::Outline;
use crate::syntax::{Node, descendants};
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::super::renames::last_part;
use super::super::{Context, imports};

/// The same name asked of other objects of that class, `max(cart.total(), Cart().total())`; and in the failing statement
/// of what may be one, where nothing else is known to have such a name.
pub(super) fn beside(
    ctx: &Context<'_>,
    scope: Node<'_>,
    class: &str,
    missing: &str,
    places: &mut Vec<Range<usize>>,
) -> Option<()> {
    let failing = asked(ctx, scope, missing).find(|name| places.contains(&name.byte_range()))?;
    let type_of = |name: Node<'_>| {
        let object = name.parent()?.child_by_field_name("object")?;
        ctx.snapshot.type_of(&ctx.site.path, object.byte_range())
    };
    let own = type_of(failing).filter(|symbol| symbol.name == class);
    let is_only_its = !is_of_product(ctx, missing)
        && !is_pythons_method(missing)
        && !was_of_another(ctx, own.as_ref(), class, missing);
    let imported = imports::imports(ctx.source);
    for name in asked(ctx, scope, missing).filter(|name| name.id() != failing.id()) {
        let is_near = || ctx.site.statement.start <= name.start_byte() && name.end_byte() <= ctx.site.statement.end;
        let is_imported = |first: &str| imported.iter().any(|import| import.local == first);
        let is_it = match type_of(name) {
            Some(symbol) => own.as_ref().is_some_and(|own| own.name == symbol.name && own.path == symbol.path),
            None => is_only_its && is_near() && !first_name(ctx, name).is_some_and(is_imported),
        };
        if is_it && !places.contains(&name.byte_range()) {
            places.push(name.byte_range());
        }
    }
    places.sort_by_key(|range| range.start);
    Some(())
}

/// The name that the object begins with: `shop` of `shop.carts[0].total`.
fn first_name<'c>(ctx: &'c Context<'_>, name: Node<'_>) -> Option<&'c str> {
    let object = name.parent()?.child_by_field_name("object")?;
    ctx.source.slice(object).split(['.', '(', '[']).next()
}

/// Whether the product still has something by that name.
fn is_of_product(ctx: &Context<'_>, missing: &str) -> bool {
    ctx.snapshot.definitions(missing).iter().any(|symbol| !symbol.path.is_test_code())
}

/// Whether something else had that name too before a commit: an object that is not known may be one of those.
fn was_of_another(ctx: &Context<'_>, own: Option<&Symbol>, class: &str, missing: &str) -> bool {
    let bases = own.map(|own| ctx.snapshot.bases(own)).unwrap_or_default();
    let is_own = |name: &str| name == class || bases.iter().any(|base| last_part(base) == name);
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.iter().filter_map(|change| change.before.as_ref()).filter(|text| text.contains(missing)).any(|text| {
        let outline = Outline::of_text(text);
        let mut items = outline.items.iter().filter(|item| item.name == missing);
        items.any(|item| item.parent.is_none_or(|parent| !is_own(&outline.items[parent].name)))
    })
}

/// Whether a class that derives from `class` still goes by the name: then the hierarchy is half renamed.
pub(super) fn is_kept_below(ctx: &Context<'_>, class: &str, missing: &str) -> bool {
    let definitions = ctx.snapshot.definitions(missing);
    let of_product = definitions.iter().filter(|symbol| !symbol.path.is_test_code());
    let owners = of_product.filter_map(|symbol| ctx.snapshot.named(symbol.qualified.rsplit_once('.')?.0));
    let is_below = |owner: Symbol| ctx.snapshot.bases(&owner).iter().skip(1).any(|base| last_part(base) == class);
    owners.filter(|owner| owner.kind == SymbolKind::Class).any(is_below)
}

/// Where the name is asked of an object.
fn asked<'c>(ctx: &'c Context<'_>, scope: Node<'c>, missing: &str) -> impl Iterator<Item = Node<'c>> {
    descendants(scope)
        .filter(|node| node.kind() == "attribute")
        .filter_map(|node| node.child_by_field_name("attribute"))
        .filter(move |name| ctx.source.slice(*name) == missing)
}

/// The same name further on in the chains that begin at `places`, `cart.add(1).add(2)`, where nothing of the product has
/// it any more.
pub(super) fn chained(ctx: &Context<'_>, scope: Node<'_>, missing: &str, places: &mut Vec<Range<usize>>) {
    if is_of_product(ctx, missing) {
        return;
    }
    let mut links: Vec<Node<'_>> = asked(ctx, scope, missing).collect();
    // What comes first in a chain ends first.
    links.sort_by_key(|link| link.start_byte());
    for link in links {
        let is_on = chain(link).any(|earlier| places.contains(&earlier.byte_range()));
        if is_on && !places.contains(&link.byte_range()) {
            places.push(link.byte_range());
        }
    }
    places.sort_by_key(|range| range.start);
}

/// The names that are asked for before `link` in `cart.add(1).add(2)`, nearest first.
fn chain(link: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(before(link), |earlier| before(*earlier))
}

/// The name that was called for the object that `link` is asked of.
fn before(link: Node<'_>) -> Option<Node<'_>> {
    let object = link.parent()?.child_by_field_name("object")?;
    let call = Some(object).filter(|object| object.kind() == "call")?;
    call.child_by_field_name("function")?.child_by_field_name("attribute")
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// `Cart.total` became `Cart.amount`; `asserted` fails, with `more` in the product and `later` behind it.
    fn scene(more: &str, asserted: &str, later: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
class Cart:
    def total(self):
        return len(self.lines)
{more}
#- shop.py
class Cart:
    def amount(self):
        return len(self.lines)
{more}
#- tests/test_cart.py
import prices
from shop import Cart

def test_total(other):
    cart = Cart()
    {asserted}
    {later}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total(other):
        cart = Cart()
>       {asserted}
E       AttributeError: 'Cart' object has no attribute 'total'

tests/test_cart.py:6: AttributeError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn objects_of_the_same_class_and_what_may_be_one_beside_it() {
        scene(
            "",
            "assert max(cart.total(), Cart().total(), other[0].total()) == 1",
            "assert Cart().total() == 2",
            "-    assert max(cart.total(), Cart().total(), other[0].total()) == 1
-    assert Cart().total() == 2
+    assert max(cart.amount(), Cart().amount(), other[0].amount()) == 1
+    assert Cart().amount() == 2",
        );
    }

    #[test]
    fn what_is_or_may_be_something_else_keeps_its_name() {
        scene(
            "",
            "assert cart.total() == prices.total(1)",
            "assert other.total() == 2",
            "-    assert cart.total() == prices.total(1)
+    assert cart.amount() == prices.total(1)",
        );
        scene(
            "\nclass Bill:\n    def total(self):\n        return 1",
            "assert cart.total() == other.total()",
            "assert other.total() == 2",
            "-    assert cart.total() == other.total()
+    assert cart.amount() == other.total()",
        );
    }

    #[test]
    fn what_may_be_of_another_class_that_lost_the_name_keeps_it() {
        check(
            r#"
#- before: shop.py
class Cart:
    def total(self):
        return len(self.lines)

class Bill:
    def total(self):
        return sum(self.prices)

    def amount(self):
        return len(self.prices)
#- shop.py
class Cart:
    def amount(self):
        return len(self.lines)

class Bill:
    def amount(self):
        return len(self.prices)
#- tests/test_cart.py
from shop import Cart

def test_total(other):
    assert Cart().total() == other.total()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total(other):
>       assert Cart().total() == other.total()
E       AttributeError: 'Cart' object has no attribute 'total'

tests/test_cart.py:4: AttributeError
#- healed
-    assert Cart().total() == other.total()
+    assert Cart().amount() == other.total()
"#,
        );
    }
}
