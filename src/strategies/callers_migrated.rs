//! How the commit that broke the test changed the other callers: the rule learned from them, applied to
//! the failing statement.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::rules::{Rule, RuleSet};
use crate::workspace::history::Migration;

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "callers-migrated",
    categories: &[
        Category::AttributeError,
        Category::TypeError,
        Category::NameError,
        Category::ImportError,
        Category::KeyError,
        Category::LogicError,
    ],
    summary: "Changes the statement as the breaking commit changed the other callers.",
    example: r#"
#- before: shop.py
class Cart:
    def add(self, sku): ...
#- shop.py
class Cart:
    def lines(self): ...
#- before: billing.py
def bill(cart, sku):
    cart.add(sku)
#- billing.py
def bill(cart, sku):
    cart.lines().put(sku)
#- before: orders.py
def order(basket, number):
    basket.add(number)
#- orders.py
def order(basket, number):
    basket.lines().put(number)
#- tests/test_cart.py
from shop import Cart

def test_add():
    cart = Cart()
    cart.$0add("a")
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
        cart = Cart()
>       cart.add("a")
E       AttributeError: 'Cart' object has no attribute 'add'

tests/test_cart.py:5: AttributeError
#- healed
-    cart.add("a")
+    cart.lines().put("a")
"#,
    propose: callers_migrated,
};

/// More examples than this teach nothing new.
const MOST_EXAMPLES: usize = 40;

fn callers_migrated(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let name = match ctx.complaint() {
        Complaint::NoAttribute { name, .. } | Complaint::NoName { name } | Complaint::NoImport { name, .. } => name,
        Complaint::UnexpectedKeyword { function, .. }
        | Complaint::MissingArguments { function, .. }
        | Complaint::TooManyPositionals { function, .. }
        | Complaint::GivenTwice { function, .. } => function.trim_end_matches(".__init__"),
        Complaint::NoKey { key } => key,
        _ => return None,
    };
    let name = super::renames::last_part(name);
    if !ctx.raised_here() {
        return None;
    }
    let examples: Vec<Migration> =
        ctx.snapshot.history().migrations_of(name).into_iter().filter(is_of_a_caller).collect();
    let mut offers: Vec<(Vec<crate::text::Edit>, Vec<&Migration>)> = Vec::new();
    for example in examples.iter().take(MOST_EXAMPLES) {
        let rules = RuleSet::new(Rule::learn(&example.before, &example.after, ""));
        let found = rules.find(ctx.source);
        let here = found
            .iter()
            .find(|found| found.range.start < ctx.site.statement.end && ctx.site.statement.start < found.range.end);
        let Some(edits) = here.and_then(|found| found.rewrite(&ctx.site.path)).filter(|edits| !edits.is_empty()) else {
            continue;
        };
        match offers.iter_mut().find(|(other, _)| *other == edits) {
            Some((_, witnesses)) => witnesses.push(example),
            None => offers.push((edits, vec![example])),
        }
    }
    let rivals = offers.len().saturating_sub(1);
    offers.sort_by_key(|(_, witnesses)| std::cmp::Reverse(witnesses.len()));
    for (edits, witnesses) in offers.into_iter().take(2) {
        let first = witnesses.first()?;
        let text =
            |example: &Migration| format!("was moved from `{}`", super::expected_value::short(example.before.trim()));
        let mut evidence: Vec<Evidence> = witnesses
            .iter()
            .take(2)
            .map(|example| Evidence::at(EvidenceKind::Example, &example.path, example.line, text(example)))
            .collect();
        evidence.push(Evidence::commit(&first.commit, format!("the commit moved {} such callers", witnesses.len())));
        // One caller may be a special one.
        let doubt = if witnesses.len() > 1 { 0.0 } else { 1.5 };
        fixes.push(Fix {
            title: format!("Change it as {} was changed", first.path),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).rivals(rivals).doubt(doubt).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

/// A definition that changed is what callers follow, not a caller.
fn is_of_a_caller(example: &Migration) -> bool {
    let code = example.before.trim_start();
    !["def ", "async def ", "class ", "@", "__all__"].iter().any(|word| code.starts_with(word))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_caller_that_stayed_teaches_nothing() {
        check(
            r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.sku = sku
#- shop.py
class Cart: ...
#- tests/test_cart.py
from shop import Cart

def test_add():
    Cart().$0add("a")
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       Cart().add("a")
E       AttributeError: 'Cart' object has no attribute 'add'

tests/test_cart.py:4: AttributeError
#- healed
no fix: removed
"#,
        );
    }
}
