//! A method that became a property, or a property that became a method: parentheses go or come.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "call-parentheses",
    categories: &[Category::TypeError, Category::AttributeError, Category::AssertionError],
    summary: "Reads a property without a call, calls a method that was read.",
    example: r#"
#- shop.py
class Cart:
    @property
    def total(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_total():
    cart = Cart()
    assert cart.total() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert cart.total() == 0
E       TypeError: 'int' object is not callable

tests/test_cart.py:5: TypeError
#- healed
-    assert cart.total() == 0
+    assert cart.total == 0
"#,
    propose: call_parentheses,
};

fn call_parentheses(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    let is_method_value = |text: &str| text.starts_with("<bound method ") || text.starts_with("<function ");
    let printed = ctx.diagnosis.failure.introspection.as_ref();
    let compared = printed.is_some_and(|sides| is_method_value(&sides.left) || is_method_value(&sides.right));
    let statement = ctx.statement()?;
    let found: Vec<(Node<'_>, Symbol)> = match ctx.complaint() {
        Complaint::NotCallable { .. } => called_properties(ctx, statement),
        Complaint::WrongShape { type_name, .. } if matches!(type_name.as_str(), "method" | "function") => {
            read_methods(ctx, statement)
        }
        Complaint::NoAttribute { owner, .. } if is_of_method(owner) => read_methods(ctx, statement),
        _ if compared => read_methods(ctx, statement),
        _ => return None,
    };
    let rivals = found.len().saturating_sub(1);
    for (node, member) in found {
        let is_call = node.kind() == "call";
        let what = if is_call { "is a property" } else { "is a method" };
        let evidence = vec![
            Evidence::at(EvidenceKind::Source, &member.path, member.line, format!("`{}` {what}", member.qualified)),
            Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
        ];
        let edit = if is_call {
            let list = node.child_by_field_name("arguments")?;
            Edit::replace(&ctx.site.path, list.byte_range(), "")
        } else {
            Edit::insert(&ctx.site.path, node.end_byte(), "()")
        };
        fixes.push(Fix {
            title: format!("{} `{}`", if is_call { "Read the property" } else { "Call" }, member.name),
            strategy: STRATEGY.id,
            edits: vec![edit],
            confidence: Odds::of(&evidence).rivals(rivals).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

fn is_of_method(owner: &crate::diagnosis::complaint::Owner) -> bool {
    use crate::diagnosis::complaint::Owner;
    matches!(owner, Owner::Instance(name) if matches!(name.as_str(), "method" | "function" | "builtin_function_or_method"))
}

/// `cart.total()` where `total` is a property or a field.
fn called_properties<'c>(ctx: &Context<'_>, statement: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    descendants(statement)
        .filter(|node| node.kind() == "call")
        .filter(|call| call.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0))
        .filter_map(|call| Some((call, member(ctx, call.child_by_field_name("function")?)?)))
        .filter(|(_, member)| matches!(member.kind, SymbolKind::Property | SymbolKind::Field))
        .collect()
}

/// `cart.total` where `total` is a method without required arguments and nothing calls it.
fn read_methods<'c>(ctx: &Context<'_>, statement: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    let is_called = |node: Node<'_>| {
        node.parent()
            .is_some_and(|parent| parent.kind() == "call" && parent.child_by_field_name("function") == Some(node))
    };
    descendants(statement)
        .filter(|node| node.kind() == "attribute" && !is_called(*node))
        .filter_map(|node| Some((node, member(ctx, node)?)))
        .filter(|(_, member)| {
            member.kind == SymbolKind::Method
                && member
                    .signature
                    .as_ref()
                    .is_some_and(|signature| signature.parameters.iter().all(|p| p.default.is_some()))
        })
        .collect()
}

fn member(ctx: &Context<'_>, attribute: Node<'_>) -> Option<Symbol> {
    let object = attribute.child_by_field_name("object")?;
    let name = ctx.source.slice(attribute.child_by_field_name("attribute")?);
    let class = ctx.snapshot.type_of(&ctx.site.path, object.byte_range())?;
    ctx.snapshot.members(&class).symbols.into_iter().find(|symbol| symbol.name == name)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_value_of_unknown_type_is_no_fix() {
        check(
            r#"
#- tests/test_cart.py
def test_total(cart):
    assert cart.total() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total(cart):
>       assert cart.total() == 0
E       TypeError: 'int' object is not callable

tests/test_cart.py:2: TypeError
#- healed
no fix
"#,
        );
    }
}
