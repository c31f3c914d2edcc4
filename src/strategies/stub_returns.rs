//! A stand-in of the test for a function that returns one value more now: it returns what it did in such a tuple.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::renames::last_part;
use super::stub_async::{called_by_product, placed, replaced, stand_in};
use super::unpack_arity::{Element, returned_values};
use super::{Context, Strategy, calls, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "stub-returns",
    categories: &[Category::LogicError, Category::TypeError],
    summary: "Lets a stub or mock return the tuple that the function it stands for returns now, where only constants came.",
    example: r#"
#- before: shop.py
def load(key):
    return find(key)

def show(key):
    return load(key).upper()
#- shop.py
def load(key):
    return find(key), None

def show(key):
    value, error = load(key)
    return value.upper()
#- tests/test_show.py
from unittest.mock import patch
from shop import show

def test_show():
    with patch("shop.load", return_value="tea"):
        assert show("a") == "TEA"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_show ___________________________________

    def test_show():
        with patch("shop.load", return_value="tea"):
>           assert show("a") == "TEA"

tests/test_show.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

key = 'a'

    def show(key):
>       value, error = load(key)
E       ValueError: too many values to unpack (expected 2)

shop.py:5: ValueError
#- healed
-    with patch("shop.load", return_value="tea"):
+    with patch("shop.load", return_value=("tea", None)):
"#,
    propose: stub_returns,
};

fn stub_returns(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message();
    if !message.contains("values to unpack") && !message.contains("cannot unpack") {
        return None;
    }
    let called = called_by_product(ctx)?;
    let mut given: Vec<(Node<'_>, Symbol)> = given(ctx);
    given.retain(|(_, real)| called.contains(&real.name));
    let real = given.first()?.1.clone();
    given.retain(|(_, other)| (&other.path, other.line) == (&real.path, real.line));
    let (parts, fact) = tupled(ctx, &real)?;
    let edit = |(value, _): &(Node<'_>, Symbol)| {
        let own = ctx.source.slice(*value);
        let parts: Vec<&str> = parts.iter().map(|part| part.as_deref().unwrap_or(own)).collect();
        ctx.replace(value.byte_range(), format!("({})", parts.join(", ")))
    };
    let evidence = vec![fact, Evidence::hint("the product unpacks what the stand-in returned")];
    fixes.push(Fix {
        title: format!("Let what stands for `{}` return {} values", real.name, parts.len()),
        strategy: STRATEGY.id,
        edits: given.iter().map(edit).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // The constant is what the function gives now; what it would give in the case of this test, nobody says.
        tier: Tier::Review,
    });
    Some(())
}

/// What the failing test lets each stand-in for a function of the product return: `patch("shop.load", return_value=1)`,
/// `lambda key: 1`, `return 1` of a function that does nothing else.
fn given<'c>(ctx: &'c Context<'_>) -> Vec<(Node<'c>, Symbol)> {
    let scope = ctx.scope().parent().filter(|whole| whole.kind() == "decorated_definition").unwrap_or(ctx.scope());
    let configured = descendants(scope).filter(|node| node.kind() == "call").filter_map(|call| {
        let function = last_part(ctx.source.slice(call.child_by_field_name("function")?));
        let arguments = calls::arguments(ctx.source, call);
        let value = arguments.iter().find(|argument| argument.keyword.as_deref() == Some("return_value"))?;
        let (real, _) = replaced(ctx, &arguments).filter(|_| matches!(function, "patch" | "object"))?;
        Some((ctx.source.node_at(value.value.clone())?, real))
    });
    let is_met = |value: &Node<'_>| scope.byte_range().contains(&value.start_byte());
    let stubs = placed(ctx).filter(|(value, _)| is_met(value)).filter_map(|(value, real)| {
        let node = stand_in(ctx, value)?.node;
        Some((returned(node)?, real))
    });
    let mut found: Vec<(Node<'c>, Symbol)> = configured.chain(stubs).collect();
    found.sort_by_key(|(value, _)| value.start_byte());
    found.dedup_by_key(|(value, _)| value.start_byte());
    found
}

fn returned(stub: Node<'_>) -> Option<Node<'_>> {
    let body = stub.child_by_field_name("body")?;
    match stub.kind() {
        "lambda" => Some(body),
        "function_definition" => {
            let only = body.named_child(0).filter(|_| body.named_child_count() == 1)?;
            only.named_child(0).filter(|_| only.kind() == "return_statement")
        }
        _ => None,
    }
}

/// The tuple that a commit lets the function return instead of one value: `None` in the place of that, constants in the
/// others. It returns in one place only, so nothing else comes out of it.
fn tupled(ctx: &Context<'_>, real: &Symbol) -> Option<(Vec<Option<String>>, Evidence)> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path).into_iter().filter(|change| change.path == real.path);
    changes.into_iter().find_map(|change| {
        let (before, after) = (Source::parse(change.before?), Source::parse(change.after?));
        let parts = parts(&before, &after, &real.name)?;
        let text = format!("`{}` returns {} values instead of one", real.name, parts.len());
        let text = format!("{text} since {}:{} ({})", change.path, real.line, change.subject);
        Some((parts, Evidence::commit(&change.commit, text)))
    })
}

fn parts(before: &Source, after: &Source, name: &str) -> Option<Vec<Option<String>>> {
    let ((old, was), (new, is)) = (returned_values(before, name)?, returned_values(after, name)?);
    let ([was], [is]) = (was.as_slice(), is.as_slice()) else { return None };
    let is_tuple = |node: &Node<'_>| matches!(node.kind(), "expression_list" | "tuple");
    if is_tuple(was) || !is_tuple(is) {
        return None;
    }
    let was = Element::of(before, old, *was);
    let part = |node: Node<'_>| match Element::of(after, new, node).is(&was) {
        true => Some(None),
        false => literals::is_literal(node).then(|| Some(after.slice(node).to_string())),
    };
    let parts: Vec<Option<String>> =
        children(*is).filter(|node| node.kind() != "comment").map(part).collect::<Option<_>>()?;
    let own = parts.iter().filter(|part| part.is_none()).count();
    (own == 1 && parts.len() > 1).then_some(parts)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// `load` returned `find(key)` and its body is `{load}` now; the test puts `fake` in its place.
    fn scene(load: &str, stub: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def load(key):
    return find(key)

def show(key):
    return load(key).upper()
#- shop.py
def load(key):
    {load}

def show(key):
    error, value = load(key)
    return value.upper()
#- tests/test_show.py
import shop

def test_show(monkeypatch):
    {stub}
    monkeypatch.setattr(shop, "load", fake)
    assert shop.show("a") == "TEA"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_show ___________________________________

    def test_show(monkeypatch):
        {stub}
        monkeypatch.setattr(shop, "load", fake)
>       assert shop.show("a") == "TEA"

tests/test_show.py:{}: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

key = 'a'

    def show(key):
>       error, value = load(key)
E       ValueError: too many values to unpack (expected 2)

shop.py:{}: ValueError
#- healed
{healed}
"#,
            5 + stub.lines().count(),
            4 + load.lines().count(),
        )
    }

    #[test]
    fn what_a_stub_returns_takes_the_place_that_the_value_has_now() {
        let healed = "-    fake = lambda key: \"tea\"\n+    fake = lambda key: (None, \"tea\")";
        check(&scene("return None, find(key)", "fake = lambda key: \"tea\"", healed));
        let healed = "-        return \"tea\"\n+        return (None, \"tea\")";
        check(&scene("return None, find(key)", "def fake(key):\n        return \"tea\"", healed));
    }

    #[test]
    fn a_value_that_nobody_knows_is_no_fix() {
        let stub = "fake = lambda key: \"tea\"";
        check(&scene("return key, find(key)", stub, "no fix"));
        check(&scene("return None, seek(key)", stub, "no fix"));
        check(&scene("if not key:\n        return key, None\n    return None, find(key)", stub, "no fix"));
    }
}
