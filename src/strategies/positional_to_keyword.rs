//! Too many positional arguments: some parameters take keywords only now.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, Fix, Tier};
use crate::text::Edit;
use crate::workspace::history::SignatureChange;
use crate::workspace::symbols::{Parameter, ParameterKind};

use super::arguments_removed::has_too_many;
use super::calls::{Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, callers, calls};

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
    let known = names(ctx, &callee, &extra, &free);
    let is_by_order = known.is_none();
    let (names, committed) = known.or_else(|| Some((by_order(&callee, &extra, &free)?, None)))?;
    let insert =
        |(argument, name): (&&Argument, &&str)| Edit::insert(&ctx.site.path, argument.value.start, format!("{name}="));
    let is_half = callers::any_call(ctx, &callee.symbol, |_, source, call| {
        has_too_many(&callee.symbol, &calls::arguments(source, call))
    });
    let evidence: Vec<Evidence> =
        [Some(callee.evidence()), Some(Evidence::hint(ctx.message())), committed].into_iter().flatten().collect();
    fixes.push(Fix {
        title: format!("Pass `{}` by keyword", names.join("`, `")),
        strategy: STRATEGY.id,
        edits: extra.iter().zip(&names).map(insert).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // Where the product still passes them by place, it fails like the test.
        tier: if is_half || is_by_order { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// What each argument too many is called: as git knows its place, as it is called itself, or as the only
/// parameters that are left.
fn names<'c>(
    ctx: &Context<'_>,
    callee: &Callee,
    extra: &[&Argument],
    free: &[&'c Parameter],
) -> Option<(Vec<&'c str>, Option<Evidence>)> {
    let free_name = |name: &str| free.iter().find(|parameter| parameter.name == name).map(|found| found.name.as_str());
    let changes = ctx.snapshot.history().signature_changes(&callee.symbol.path, &callee.symbol.name);
    for change in &changes {
        let before = change.before.places();
        // Counted on both sides with the receiver: what follows the places that stayed.
        let kept = change.after.places().count();
        let names: Option<Vec<&str>> =
            before.skip(kept).take(extra.len()).map(|parameter| free_name(&parameter.name)).collect();
        if let Some(names) = names.filter(|names| names.len() == extra.len()) {
            let text = format!("`{}` takes it by keyword only since ({})", change.function, change.subject);
            return Some((names, Some(Evidence::commit(&change.commit, text))));
        }
    }
    let own = |argument: &&Argument| {
        let node = ctx.source.node_at(argument.value.clone())?;
        free_name(ctx.source.slice(crate::diagnosis::locate::last_name(node)?))
    };
    if let Some(names) = extra.iter().map(own).collect::<Option<Vec<_>>>() {
        return Some((names, None));
    }
    // A place whose parameter went is nobody else's; which of several it is, nothing tells.
    if changes.iter().any(lost_a_place) {
        return None;
    }
    (extra.len() == free.len()).then(|| (free.iter().map(|parameter| parameter.name.as_str()).collect(), None))
}

/// A library makes the last places keyword-only where they stand: the first of those is the place that went. Nothing
/// tells that it did not reorder them as well.
fn by_order<'c>(callee: &Callee, extra: &[&Argument], free: &[&'c Parameter]) -> Option<Vec<&'c str>> {
    let is_installed = !callee.symbol.path.is_inside();
    let has_default = free.iter().all(|parameter| parameter.default.is_some());
    let first = free.iter().take(extra.len()).map(|parameter| parameter.name.as_str());
    (is_installed && has_default).then(|| first.collect())
}

/// Whether a parameter that took a place is not there any more.
fn lost_a_place(change: &SignatureChange) -> bool {
    change.before.places().any(|parameter| change.after.parameter(&parameter.name).is_none())
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
    fn which_of_several_parameters_it_is_has_to_be_known() {
        let scene = |before: &str, argument: &str, healed: &str| {
            format!(
                r#"
{before}#- shop.py
def order(sku, *, urgent=False, quantity=1, gift=False):
    return sku
#- tests/test_order.py
from shop import order

def test_order(quantity):
    assert $0order("a", {argument}) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(quantity):
>       assert order("a", {argument}) == "a"
E       TypeError: order() takes 1 positional argument but 2 were given

tests/test_order.py:4: TypeError
#- healed
{healed}
"#
            )
        };
        let line = |argument: &str| {
            format!(
                "-    assert order(\"a\", {argument}) == \"a\"\n+    assert order(\"a\", quantity={argument}) == \"a\""
            )
        };
        let before = "#- before: shop.py\ndef order(sku, quantity=1, urgent=False, gift=False):\n    return sku\n";
        check(&scene("", "2", "no fix"));
        check(&scene("", "quantity", &line("quantity")));
        check(&scene(before, "2", &line("2")));
    }

    #[test]
    fn a_library_made_its_last_places_keyword_only() {
        let scene = |file: &str, healed: &str| {
            format!(
                r#"
#- {file}
def order(sku, *, quantity=1, urgent=False, gift=False):
    return sku
#- tests/test_order.py
from shop import order

def test_order():
    assert $0order("a", 2, True) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
>       assert order("a", 2, True) == "a"
E       TypeError: order() takes 1 positional argument but 3 were given

tests/test_order.py:4: TypeError
#- healed
{healed}
"#
            )
        };
        let healed =
            "-    assert order(\"a\", 2, True) == \"a\"\n+    assert order(\"a\", quantity=2, urgent=True) == \"a\"";
        let installed = scene(".venv/lib/python3.12/site-packages/shop.py", healed);
        check(&installed);
        let fixes = crate::fixture::Scene::parse(&installed).heal().fixes;
        assert!(fixes.iter().all(|fix| fix.fix().tier == crate::fix::Tier::Review));
        // The project's own commits would tell.
        check(&scene("shop.py", "no fix"));
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
