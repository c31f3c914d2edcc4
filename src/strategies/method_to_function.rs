//! `cart.total_of(rows)` of a class whose method became a function of a module: the test calls the function.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::{Item, ItemKind};
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::{Change, do_the_same};

use super::confidence::Odds;
use super::{Context, Strategy, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "method-to-function",
    categories: &[Category::AttributeError],
    summary: "Calls the function that a commit made of a method.",
    example: r#"
#- before: shop.py
class Cart:
    def _digest(self, rows):
        return len(rows)

    def name(self):
        return f"cart_{self._digest([1])}"
#- shop.py
class Cart:
    def name(self):
        return f"cart_{digest([1])}"

def digest(rows):
    return len(rows)
#- tests/test_cart.py
from shop import Cart

def test_name():
    cart = Cart()
    digest_of_one = cart._digest([1])
    assert cart.name() == f"cart_{digest_of_one}"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_name ___________________________________

    def test_name():
        cart = Cart()
>       digest_of_one = cart._digest([1])
E       AttributeError: 'Cart' object has no attribute '_digest'

tests/test_cart.py:5: AttributeError
#- healed
-from shop import Cart
+from shop import Cart, digest
-    digest_of_one = cart._digest([1])
+    digest_of_one = digest([1])
"#,
    propose: method_to_function,
};

/// A function that came where a method went.
struct Function {
    name: String,
    /// What it does, without its head.
    body: Vec<String>,
    path: FilePath,
    line: u32,
    parameters: Vec<String>,
}

fn method_to_function(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoAttribute { owner: Owner::Instance(_) | Owner::Unknown, name } = ctx.complaint() else {
        return None;
    };
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute" && ctx.raised_here())?;
    let receiver = ctx.source.slice(attribute.child_by_field_name("object")?);
    let (lost, parameters, body, function) = moved(ctx, name)?;
    let does_the_same = do_the_same(&body.join(" "), &function.body.join(" "));
    let keeps_receiver = match function.parameters.as_slice() {
        all if all == parameters => false,
        [_, rest @ ..] if rest == parameters => true,
        _ => return None,
    };
    // What stands before the dot is done once, and must be done still.
    if !keeps_receiver && receiver.contains('(') || !names::uses(ctx.source, &function.name).is_empty() {
        return None;
    }
    let calls = same_calls(ctx, attribute);
    let mut edits: Vec<Edit> = Vec::new();
    for call in &calls {
        edits.push(ctx.replace(call.child_by_field_name("function")?.byte_range(), &function.name));
        let list = call.child_by_field_name("arguments").filter(|_| keeps_receiver);
        edits.extend(list.map(|list| {
            let comma = if list.named_child_count() == 0 { "" } else { ", " };
            Edit::insert(&ctx.site.path, list.start_byte() + 1, format!("{receiver}{comma}"))
        }));
    }
    let home = ctx.snapshot.dotted_name(&function.path)?;
    edits.extend(imports::add(ctx, &home, Some(&function.name)));
    let evidence = vec![
        Evidence::commit(&lost.commit, format!("`{name}` became the function `{}` ({})", function.name, lost.subject)),
        Evidence::at(
            EvidenceKind::Source,
            &function.path,
            function.line,
            format!("`{}({})`", function.name, function.parameters.join(", ")),
        ),
    ];
    fixes.push(Fix {
        title: format!("Call the function `{}`, which the method `{name}` became", function.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if does_the_same { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The change in which the only class that had the method lost it, its parameters, and the only function of that
/// name, perhaps less or more private, that came to the product in the same commit.
fn moved(ctx: &Context<'_>, name: &str) -> Option<(Change, Vec<String>, Vec<String>, Function)> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let mut lost = changes.iter().filter_map(|change| Some((change, lost_method(change, name)?)));
    let (change, (parameters, body)) = lost.next().filter(|_| lost.next().is_none())?;
    let same_commit = changes.iter().filter(|other| other.commit == change.commit && !other.path.is_test_code());
    let mut came = same_commit.filter_map(|change| new_function(change, name));
    let function = came.next().filter(|_| came.next().is_none())?;
    Some((change.clone(), parameters, body, function))
}

fn lost_method(change: &Change, name: &str) -> Option<(Vec<String>, Vec<String>)> {
    let before = product::outline_naming(&change.before, name)?;
    let is_method = |item: &&Item| item.name == name && item.kind == ItemKind::Function && item.parent.is_some();
    let mut methods = before.items.iter().filter(is_method);
    let method = methods.next().filter(|_| methods.next().is_none())?;
    let is_still_there = product::outline_naming(&change.after, name)
        .is_some_and(|after| after.items.iter().any(|item| item.name == name && item.parent.is_some()));
    (!is_still_there).then(|| (parameters(method), body(change.before.as_deref().unwrap_or_default(), method)))
}

fn new_function(change: &Change, name: &str) -> Option<Function> {
    let bare = name.trim_start_matches('_');
    let after = product::outline_naming(&change.after, bare)?;
    let is_it = |item: &Item| item.kind == ItemKind::Function && item.name.trim_start_matches('_') == bare;
    let mut functions = after.children(None).filter(|(_, item)| is_it(item));
    let (_, function) = functions.next().filter(|_| functions.next().is_none())?;
    let was_there = product::outline_naming(&change.before, bare)
        .is_some_and(|before| before.children(None).any(|(_, item)| is_it(item)));
    (!was_there).then(|| Function {
        name: function.name.clone(),
        body: body(change.after.as_deref().unwrap_or_default(), function),
        path: change.path.clone(),
        line: function.line,
        parameters: parameters(function),
    })
}

/// The tokens of what a method or function does; whether it asks `self` or `cart` for a thing is the same.
pub(super) fn body(text: &str, item: &Item) -> Vec<String> {
    let tokens = tokens(text.get(item.span.clone()).unwrap_or_default());
    let inside = |token: &str| token.starts_with(['"', '\'']) && token.contains(char::is_whitespace);
    let at = tokens.iter().position(|token| *token == "(").map_or(0, |at| at + 1);
    let receiver = tokens.get(at).copied().unwrap_or_default();
    let mut depth = 0;
    let end = tokens.iter().skip(at).position(|token| {
        depth += i32::from(matches!(*token, "(" | "[" | "{")) - i32::from(matches!(*token, ")" | "]" | "}"));
        depth < 0
    });
    let body = &tokens[end.map_or(0, |end| at + end + 1).min(tokens.len())..];
    let body = body.iter().skip_while(|token| **token != ":").skip(1);
    let body: Vec<&str> = body.copied().filter(|token| !inside(token)).collect();
    let is_asked = |index: usize| body[index] == receiver && body.get(index + 1) == Some(&".");
    let kept = (0..body.len()).filter(|&index| !(is_asked(index) || index > 0 && is_asked(index - 1)));
    kept.map(|index| body[index].to_string()).collect()
}

/// The names of the parameters, in order.
pub(super) fn parameters(item: &Item) -> Vec<String> {
    let signature = item.signature.iter();
    signature.flat_map(|signature| &signature.parameters).map(|parameter| parameter.name.clone()).collect()
}

/// The calls of the test that ask the same object for the same method.
fn same_calls<'c>(ctx: &'c Context<'_>, attribute: Node<'_>) -> Vec<Node<'c>> {
    let written = ctx.source.slice(attribute);
    let is_same = |call: &Node<'_>| {
        let function = call.child_by_field_name("function");
        call.kind() == "call" && function.is_some_and(|function| ctx.source.slice(function) == written)
    };
    descendants(ctx.scope()).filter(is_same).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(function: &str, call: &str, healed: &str) -> String {
        format!(
            r#"
#- shop/__init__.py
#- before: shop/cart.py
class Cart:
    def total_of(self, rows):
        return sum(rows) - self.rebate
#- shop/cart.py
class Cart:
    rebate = 1
#- before: shop/money.py
TAX = 1
#- shop/money.py
TAX = 1

{function}
    return 1
#- tests/test_cart.py
from shop.cart import Cart

def test_total():
    cart = Cart()
    assert {call} == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert {call} == 1
E       AttributeError: 'Cart' object has no attribute 'total_of'

tests/test_cart.py:5: AttributeError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn a_function_that_takes_the_object_gets_it() {
        check(&scene(
            "def total_of(cart, rows):",
            "cart.total_of([2])",
            "+from shop.money import total_of
-    assert cart.total_of([2]) == 1
+    assert total_of(cart, [2]) == 1",
        ));
    }

    #[test]
    fn a_function_that_takes_something_else_is_no_fix() {
        for function in ["def total_of(cart, rows, tax):", "def total_of(lines):", "def total_by(rows):"] {
            check(&scene(function, "cart.total_of([2])", "no fix"));
        }
        check(&scene("def total_of(rows):", "Cart().total_of([2])", "no fix"));
    }
}
