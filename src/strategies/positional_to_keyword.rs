//! Too many positional arguments: some parameters take keywords only now.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Fix, Tier};
use crate::text::Edit;
use crate::workspace::symbols::{Parameter, ParameterKind};

use super::confidence::Odds;
use super::{Context, Strategy, calls};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "positional-to-keyword",
    categories: &[Category::TypeError],
    summary: "Names the arguments that are keyword-only now.",
    example: r#"
#- shop.py
def order(sku, *, quantity=1):
    return sku
#- tests/test_order.py
from shop import order

def test_order():
    assert $0order("a", 2) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("a", 2) == "a"
E       TypeError: order() takes 1 positional argument but 2 were given

tests/test_order.py:4: TypeError
#- healed
-    assert order("a", 2) == "a"
+    assert order("a", quantity=2) == "a"
"#,
    propose: positional_to_keyword,
};

fn positional_to_keyword(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::TooManyPositionals { function, .. } = ctx.complaint() else { return None };
    if !ctx.raised_here() {
        return None;
    }
    let call = calls::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    let arguments = calls::arguments(ctx.source, call);
    if arguments.iter().any(|argument| argument.is_splat) || callee.takes_any(ParameterKind::VarPositional) {
        return None;
    }
    let positions = callee.positions().count();
    let extra: Vec<_> = arguments.iter().filter(|argument| argument.keyword.is_none()).skip(positions).collect();
    let passed = |name: &str| arguments.iter().any(|argument| argument.keyword.as_deref() == Some(name));
    let free: Vec<&Parameter> = callee
        .signature
        .parameters
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::KeywordOnly && !passed(&parameter.name))
        .collect();
    if extra.is_empty() || extra.len() > free.len() {
        return None;
    }
    let insert = |(argument, parameter): (&&calls::Argument, &&Parameter)| {
        Edit::insert(&ctx.site.path, argument.value.start, format!("{}=", parameter.name))
    };
    let evidence = vec![callee.evidence(), crate::fix::Evidence::hint(ctx.message())];
    // More keyword-only parameters than values: the order of declaration is a guess.
    let doubt = if extra.len() == free.len() { 0.0 } else { 1.0 };
    let names: Vec<&str> = free.iter().take(extra.len()).map(|parameter| parameter.name.as_str()).collect();
    fixes.push(Fix {
        title: format!("Pass `{}` by keyword", names.join("`, `")),
        strategy: STRATEGY.id,
        edits: extra.iter().zip(&free).map(insert).collect(),
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_function_that_takes_fewer_arguments_at_all_is_no_fix() {
        check(
            r#"
#- shop.py
def order(sku):
    return sku
#- tests/test_order.py
from shop import order

def test_order():
    assert $0order("a", 2) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("a", 2) == "a"
E       TypeError: order() takes 1 positional argument but 2 were given

tests/test_order.py:4: TypeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_constructor_is_called_by_its_class() {
        check(
            r#"
#- shop.py
class Order:
    def __init__(self, sku, *, quantity=1, urgent=False):
        self.sku = sku
#- tests/test_order.py
from shop import Order

def test_order():
    order = $0Order("a", 2, True)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       order = Order("a", 2, True)
E       TypeError: Order.__init__() takes 2 positional arguments but 4 were given

tests/test_order.py:4: TypeError
#- healed
-    order = Order("a", 2, True)
+    order = Order("a", quantity=2, urgent=True)
"#,
        );
    }
}
