//! A function that takes fewer arguments now: what it does not take any more is not passed.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::Node;
use crate::text::Edit;
use crate::workspace::history::SignatureChange;
use crate::workspace::symbols::{Parameter, ParameterKind, Signature};

use super::calls::{self, Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "arguments-removed",
    categories: &[Category::TypeError],
    summary: "Leaves out the argument whose parameter the function lost.",
    example: r#"
#- before: shop.py
def order(sku, store, quantity=1):
    store.log(sku)
    return sku
#- shop.py
def order(sku, quantity=1):
    return sku
#- tests/test_order.py
from shop import order

def test_order(store):
    assert order("a", store, $0quantity=2) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(store):
>       assert order("a", store, quantity=2) == "a"
E       TypeError: order() got multiple values for argument 'quantity'

tests/test_order.py:4: TypeError
#- healed
-    assert order("a", store, quantity=2) == "a"
+    assert order("a", quantity=2) == "a"
"#,
    propose: arguments_removed,
};

fn arguments_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let function = match ctx.complaint() {
        Complaint::UnexpectedKeyword { function, .. }
        | Complaint::TooManyPositionals { function, .. }
        | Complaint::GivenTwice { function, .. } => function,
        _ => return None,
    };
    if !ctx.raised_here() {
        return None;
    }
    let call = calls::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    let change = signature_change(ctx, &callee)?;
    let gone = gone(&change);
    // A parameter that came may be the old one under another name.
    let renamed = matches!(ctx.complaint(), Complaint::UnexpectedKeyword { .. }) && came(&change).next().is_some();
    if gone.is_empty() || renamed || came(&change).any(|parameter| parameter.default.is_none()) {
        return None;
    }
    let (edits, names) = without(ctx, call, &change, &gone)?;
    let text = format!("`{}` lost `{}` ({})", change.function, names.join("`, `"), change.subject);
    let evidence = vec![Evidence::commit(&change.commit, text), callee.evidence()];
    let doubt = if came(&change).next().is_some() { 2.0 } else { 0.0 };
    fixes.push(Fix {
        title: format!("Do not pass `{}` any more", names.join("`, `")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// The newest change of the callee's signature that led to the one it has.
pub(super) fn signature_change(ctx: &Context<'_>, callee: &Callee) -> Option<SignatureChange> {
    let changes = ctx.snapshot.history().signature_changes(&callee.symbol.path, &callee.symbol.name);
    let names = |signature: &Signature| signature.parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    changes.into_iter().find(|change| names(&change.after) == names(&callee.signature))
}

/// The parameters that went.
pub(super) fn gone(change: &SignatureChange) -> Vec<String> {
    let stays = |name: &str| change.after.parameters.iter().any(|parameter| parameter.name == name);
    change.before.parameters.iter().filter(|parameter| !stays(&parameter.name)).map(|p| p.name.clone()).collect()
}

/// The parameters that came.
pub(super) fn came(change: &SignatureChange) -> impl Iterator<Item = &Parameter> {
    let known = |name: &str| change.before.parameters.iter().any(|parameter| parameter.name == name);
    change.after.parameters.iter().filter(move |parameter| !known(&parameter.name))
}

/// The edits that leave out every argument of a parameter that is gone.
fn without(
    ctx: &Context<'_>,
    call: Node<'_>,
    change: &SignatureChange,
    gone: &[String],
) -> Option<(Vec<Edit>, Vec<String>)> {
    let arguments = calls::arguments(ctx.source, call);
    if arguments.iter().any(|argument| argument.is_splat) {
        return None;
    }
    let positions: Vec<&Parameter> =
        change.before.parameters.iter().filter(|p| p.kind != ParameterKind::KeywordOnly).collect();
    let name_of = |index: usize, argument: &Argument| {
        argument.keyword.clone().or_else(|| positions.get(index).map(|parameter| parameter.name.clone()))
    };
    let mut names = Vec::new();
    let mut indices = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let name = name_of(index, argument)?;
        if gone.contains(&name) {
            names.push(name);
            indices.push(index);
        }
    }
    let edits = calls::remove_arguments(ctx.source, &ctx.site.path, &arguments, &indices)?;
    (!names.is_empty()).then_some((edits, names))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn an_argument_that_the_function_never_took_stays() {
        check(
            r#"
#- shop.py
def order(sku):
    return sku
#- tests/test_order.py
from shop import order

def test_order():
    assert order("a", $0store=1) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("a", store=1) == "a"
E       TypeError: order() got an unexpected keyword argument 'store'

tests/test_order.py:4: TypeError
#- healed
no fix
"#,
        );
    }
}
