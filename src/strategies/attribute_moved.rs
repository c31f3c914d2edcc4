//! `pricing.total` of a module that lost it to another one: the test asks that one.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix};
use crate::syntax::Node;
use crate::text::Edit;

use super::confidence::Odds;
use super::import_name::{homes_of, tier_of};
use super::imports::{self, Imported};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "attribute-moved",
    categories: &[Category::AttributeError],
    summary: "Asks the module that defines a name now for it.",
    example: r#"
#- before: shop/money.py
def total(cart):
    return sum(cart)

def tax(cart):
    return sum(cart) / 10
#- shop/__init__.py
#- shop/money.py
def tax(cart):
    return sum(cart) / 10
#- shop/pricing.py
def total(cart):
    return sum(cart)
#- tests/test_money.py
from shop import money

def test_total():
    assert money.tax([10]) == 1
    assert money.total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        assert money.tax([10]) == 1
>       assert money.total([2, 3]) == 5
E       AttributeError: module 'shop.money' has no attribute 'total'

tests/test_money.py:5: AttributeError
#- healed
-from shop import money
+from shop import money, pricing
-    assert money.total([2, 3]) == 5
+    assert pricing.total([2, 3]) == 5
"#,
    propose: attribute_moved,
};

fn attribute_moved(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoAttribute { owner: Owner::Module(module), name } = ctx.complaint() else { return None };
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    if !ctx.raised_here() {
        return None;
    }
    let homes = homes_of(ctx, name, module);
    let known = |(_, evidence): &&(String, Vec<Evidence>)| evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
    let moved: Vec<&(String, Vec<Evidence>)> = homes.iter().filter(known).collect();
    let (home, evidence) = match (moved.as_slice(), homes.as_slice()) {
        ([one], _) => (*one).clone(),
        ([], [one]) => one.clone(),
        _ => return None,
    };
    // Python's own moves have a table of their own.
    let is_own = ctx.snapshot.module(&home).is_some_and(|path| path.is_inside());
    if imports::first_part(&home) != imports::first_part(module) || !is_own {
        return None;
    }
    let (written, import) = written(ctx, attribute, module, &home)?;
    let same = names::same_attributes(ctx.source, attribute)
        .map(|node| ctx.replace(node.byte_range(), format!("{written}.{name}")));
    fixes.push(Fix {
        title: format!("Use `{name}` of `{home}`"),
        strategy: STRATEGY.id,
        edits: same.chain(import).collect(),
        confidence: Odds::of(&evidence).confidence(),
        tier: tier_of(ctx, name, module, &home, &evidence),
        evidence,
    });
    Some(())
}

/// How the test writes the new module, in the form that it wrote the old one in, with the import that this takes.
fn written(ctx: &Context<'_>, attribute: Node<'_>, module: &str, home: &str) -> Option<(String, Option<Edit>)> {
    let object = ctx.source.slice(attribute.child_by_field_name("object")?);
    let known = imports::imports(ctx.source);
    let dotted = |item: &Imported| match &item.name {
        Some(name) => format!("{}.{name}", item.module),
        None => item.module.clone(),
    };
    if let Some(item) = known.iter().find(|item| dotted(item) == home && (item.name.is_some() || item.local == home)) {
        return Some((item.local.clone(), None));
    }
    // `import shop.money` and `shop.money.total`.
    if object == module && object.contains('.') {
        let is_whole = known.iter().any(|item| item.name.is_none() && item.module == module);
        let import = if is_whole { Some(imports::add(ctx, home, None)?) } else { None };
        return Some((home.to_string(), import));
    }
    // `import shop` and `shop.total`, which is `shop.pricing.total` now.
    let item = known.iter().find(|item| item.local == object)?;
    if let Some(rest) = home.strip_prefix(module).and_then(|rest| rest.strip_prefix('.')) {
        return Some((format!("{object}.{rest}"), None));
    }
    // `from shop import money` and `money.total`.
    let (package, last) = home.rsplit_once('.')?;
    // `import shop.money as m` and `m.total`.
    let is_alias = item.name.is_none() && item.range != item.name_range;
    let same_package = is_alias || item.name.is_some() && item.module == package;
    let is_free = names::uses(ctx.source, last).is_empty()
        && !names::is_made_by_a_function(ctx.source, last)
        && known.iter().all(|item| item.local != last);
    (same_package && is_free).then(|| Some((last.to_string(), Some(imports::add(ctx, package, Some(last))?))))?
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_name_that_two_modules_define_is_no_fix() {
        check(
            r#"
#- shop/__init__.py
#- shop/money.py
def pay(): ...
#- shop/pricing.py
def total_of_all(): ...
#- shop/taxes.py
def total_of_all(): ...
#- tests/test_money.py
from shop import money

def test_total():
    assert money.total_of_all()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert money.total_of_all()
E       AttributeError: module 'shop.money' has no attribute 'total_of_all'

tests/test_money.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    #[track_caller]
    fn aliased(test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop/money.py
def total(cart):
    return sum(cart)

def tax(cart):
    return 1
#- shop/__init__.py
#- shop/money.py
def tax(cart):
    return 1
#- shop/pricing.py
def total(cart):
    return sum(cart)
#- tests/test_money.py
import shop.money as m

def test_total():
{test}
    assert m.total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________
tests/test_money.py:5: in test_total
    assert m.total([2, 3]) == 5
E   AttributeError: module 'shop.money' has no attribute 'total'
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_module_with_another_name_here() {
        aliased(
            "    assert m.tax([]) == 1",
            "+from shop import pricing\n-    assert m.total([2, 3]) == 5\n+    assert pricing.total([2, 3]) == 5",
        );
        aliased("    pricing = m.tax([])", "no fix");
    }

    #[test]
    fn a_name_below_the_package_that_had_it() {
        check(
            r#"
#- shop/__init__.py
from . import pricing
#- shop/pricing.py
def total_of_all(): ...
#- tests/test_money.py
import shop

def test_total():
    assert shop.total_of_all() is None
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert shop.total_of_all() is None
E       AttributeError: module 'shop' has no attribute 'total_of_all'

tests/test_money.py:4: AttributeError
#- healed
-    assert shop.total_of_all() is None
+    assert shop.pricing.total_of_all() is None
"#,
        );
    }
}
