//! `total(cart)` of a function that became a method of its first argument's class: the test asks the object.

use crate::diagnosis::product::outline_naming;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::text::{Edit, FilePath};
use crate::workspace::history::Change;

use super::confidence::Odds;
use super::import_name::imported_here;
use super::method_to_function::{body, parameters};
use super::{Context, Strategy, callers, calls, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "function-to-method",
    categories: &[Category::ImportError],
    summary: "Calls the method that a commit made of a function, on what the function took first.",
    example: r#"
#- before: shop.py
class Cart:
    def __init__(self, prices):
        self.prices = prices

def total(cart, tax=0):
    return sum(cart.prices) + tax
#- shop.py
class Cart:
    def __init__(self, prices):
        self.prices = prices

    def total(self, tax=0):
        return sum(self.prices) + tax
#- tests/test_cart.py
from shop import Cart, total

def test_total():
    cart = Cart([2])
    assert total(cart) == 2
    assert total(cart, tax=1) == 3
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import Cart, total
E   ImportError: cannot import name 'total' from 'shop' (/p/shop.py)
#- healed
-from shop import Cart, total
+from shop import Cart
-    assert total(cart) == 2
-    assert total(cart, tax=1) == 3
+    assert cart.total() == 2
+    assert cart.total(tax=1) == 3
"#,
    propose: function_to_method,
};

/// A method that came where a function went.
struct Method {
    class: String,
    path: FilePath,
    line: u32,
    parameters: Vec<String>,
    /// What it does: its body, what stands above it and what its parameters are by default.
    body: Vec<String>,
}

fn function_to_method(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoImport { name, module } = ctx.complaint() else { return None };
    let imported = imported_here(ctx, name)?;
    let (lost, taken, did, method) = moved(ctx, name)?;
    // The object that is asked is no parameter of the method.
    if taken.get(1..)? != method.parameters {
        return None;
    }
    let uses = names::uses(ctx.source, &imported.local);
    let mut edits = Vec::new();
    for range in &uses {
        edits.extend(asked(ctx, ctx.source.node_at(range.clone())?, name, &method)?);
    }
    if edits.is_empty() {
        return None;
    }
    edits.extend(imports::remove(ctx.source, &ctx.site.path, &imported));
    edits.sort_by_key(|edit| edit.range.start);
    let text = format!("`{name}` became a method of `{}` ({})", method.class, lost.subject);
    let defined = format!("`{}.{name}({})`", method.class, method.parameters.join(", "));
    let evidence = vec![
        Evidence::commit(&lost.commit, text),
        Evidence::at(EvidenceKind::Source, &method.path, method.line, defined),
    ];
    let is_told = did == method.body && !callers::imports_still(ctx, module, name);
    fixes.push(Fix {
        title: format!("Call the method `{name}` of `{}`, which the function became", method.class),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The edits of one call of the function: its first argument is asked. `None` for another use, or another object.
fn asked(ctx: &Context<'_>, function: Node<'_>, name: &str, method: &Method) -> Option<[Edit; 2]> {
    let call = function.parent().filter(|call| call.kind() == "call")?;
    let is_called = call.child_by_field_name("function") == Some(function);
    let arguments = calls::arguments(ctx.source, call);
    let first = arguments.first().filter(|first| is_called && first.keyword.is_none() && !first.is_splat)?;
    let object = ctx.source.node_at(first.value.clone())?;
    let is_primary = matches!(object.kind(), "identifier" | "attribute" | "call" | "subscript");
    let class = ctx.snapshot.type_of(&ctx.site.path, first.value.clone());
    // A class below has the method too; something else that is known has not.
    let has_it = class.is_none_or(|class| {
        class.name == method.class || ctx.snapshot.member(&class, name).is_some_and(|found| found.path == method.path)
    });
    if !is_primary || !has_it || ctx.source.slice(call).contains('#') {
        return None;
    }
    let end = arguments.get(1).map_or(call.end_byte() - 1, |second| second.range.start);
    Some([
        Edit::replace(&ctx.site.path, call.start_byte()..first.range.start, ""),
        Edit::replace(&ctx.site.path, first.range.end..end, format!(".{name}(")),
    ])
}

/// The change in which a module lost the function, its parameters and body, and the only method of that name that came
/// to the product in the same commit.
fn moved(ctx: &Context<'_>, name: &str) -> Option<(Change, Vec<String>, Vec<String>, Method)> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let mut lost = changes.iter().filter_map(|change| Some((change, lost_function(change, name)?)));
    let (change, (taken, did)) = lost.next().filter(|_| lost.next().is_none())?;
    let same_commit = changes.iter().filter(|other| other.commit == change.commit && !other.path.is_test_code());
    let mut came = same_commit.filter_map(|change| new_method(change, name));
    let method = came.next().filter(|_| came.next().is_none())?;
    Some((change.clone(), taken, did, method))
}

fn lost_function(change: &Change, name: &str) -> Option<(Vec<String>, Vec<String>)> {
    let before = outline_naming(&change.before, name)?;
    let is_it = |item: &Item| item.name == name && item.kind == ItemKind::Function;
    let (_, function) = before.children(None).find(|(_, item)| is_it(item))?;
    let is_still_there = outline_naming(&change.after, name)
        .is_some_and(|after| after.children(None).any(|(_, item)| item.name == name));
    let text = change.before.as_deref().unwrap_or_default();
    (!is_still_there).then(|| (parameters(function), whole(text, function)))
}

/// What a function does, with its decorators and its defaults: one of them may have been lost on the way.
fn whole(text: &str, item: &Item) -> Vec<String> {
    let given = item.signature.iter().flat_map(|signature| &signature.parameters);
    let defaults = given.filter_map(|parameter| parameter.default.clone());
    item.decorators.iter().cloned().chain(defaults).chain(body(text, item)).collect()
}

fn new_method(change: &Change, name: &str) -> Option<Method> {
    let after = outline_naming(&change.after, name)?;
    let owned = |outline: &Outline| -> Vec<(String, Item)> {
        let methods = outline.items.iter().filter(|item| item.name == name && item.kind == ItemKind::Function);
        let class = |item: &Item| outline.items.get(item.parent?).filter(|owner| owner.kind == ItemKind::Class);
        methods.filter_map(|item| Some((class(item)?.name.clone(), item.clone()))).collect()
    };
    let had: Vec<String> =
        outline_naming(&change.before, name).as_deref().into_iter().flat_map(owned).map(|(class, _)| class).collect();
    let mut came = owned(&after).into_iter().filter(|(class, item)| !had.contains(class) && item.decorators.is_empty());
    let (class, item) = came.next().filter(|_| came.next().is_none())?;
    let text = change.after.as_deref().unwrap_or_default();
    Some(Method {
        class,
        path: change.path.clone(),
        line: item.line,
        parameters: parameters(&item),
        body: whole(text, &item),
    })
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::fixture::check;

    #[track_caller]
    fn refuses(changes: &[(&str, &str)]) {
        let scene = STRATEGY.example.split("#- healed").next().unwrap_or_default().to_string();
        let scene = changes.iter().fold(scene, |scene, (old, new)| scene.replace(old, new));
        check(&format!("{scene}#- healed\nno fix: removed\n"));
    }

    #[test]
    fn a_method_that_takes_something_else_is_not_called() {
        refuses(&[("    def total(self, tax=0):", "    def total(self, rate=0):")]);
        refuses(&[("    def total(self, tax=0):", "    @property\n    def total(self, tax=0):")]);
    }

    #[test]
    fn what_is_no_call_with_an_object_first_is_no_fix() {
        refuses(&[("    assert total(cart) == 2", "    assert run(total, cart) == 2")]);
        refuses(&[("    assert total(cart) == 2", "    assert total(cart=cart) == 2")]);
        refuses(&[
            ("class Cart:", "class Basket: ...\n\nclass Cart:"),
            ("    cart = Cart([2])", "    cart = Basket()"),
            ("import Cart, total", "import Basket, total"),
        ]);
    }
}
