//! How the commit that broke the test changed the other callers: the rule learned from them, applied to
//! the failing statement.

use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::rules::{Rule, RuleSet};
use crate::syntax::Source;
use crate::workspace::history::Migration;

use super::confidence::Odds;
use super::{Context, Strategy, imports};

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
    let mut examples = documented(ctx, name);
    examples.extend(ctx.snapshot.history().migrations_of(name).into_iter().filter(is_of_a_caller));
    let mut offers: Vec<(Vec<crate::text::Edit>, Vec<&Migration>)> = Vec::new();
    for example in examples.iter().take(MOST_EXAMPLES) {
        let (before, after) = as_imported_here(ctx, example);
        let rules = RuleSet::new(Rule::learn(&before, &after, ""));
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
            .map(|example| Evidence::at(kind(example), &example.path, example.line, text(example)))
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

/// The two sides of an example with the import that it takes for granted: what it calls by its whole path is
/// called as the test's file calls it.
fn as_imported_here(ctx: &Context<'_>, example: &Migration) -> (String, String) {
    let (before, after) = (example.before.as_str(), example.after.as_str());
    for item in imports::imports(ctx.source) {
        let Some(name) = &item.name else { continue };
        let (path, local) = (format!("{}.{name}.", item.module), format!("{}.", item.local));
        if before.contains(&path) && after.contains(&path) {
            let import = format!("from {} import {name} as {}\n", item.module, item.local);
            let side = |code: &str| import.clone() + &code.replace(&path, &local);
            return (side(before), side(after));
        }
    }
    let import =
        format!("import {}\n", before.split('.').next().unwrap_or_default().rsplit(' ').next().unwrap_or_default());
    let names_module =
        imports::imports(ctx.source).iter().any(|item| item.name.is_none() && import.trim_end().ends_with(&item.local));
    let import = if names_module { import } else { String::new() };
    (import.clone() + before, import + after)
}

fn kind(example: &Migration) -> EvidenceKind {
    if example.path.as_str().ends_with(".py") { EvidenceKind::Example } else { EvidenceKind::Docs }
}

/// How the examples of the documentation changed: lines of code, and code between backticks.
fn documented(ctx: &Context<'_>, name: &str) -> Vec<Migration> {
    let mut found = Vec::new();
    for hunk in product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| !hunk.is_python()) {
        for (at, removed) in hunk.removed.iter().enumerate().filter(|(_, line)| line.contains(name)) {
            let same_place = hunk.added.get(at).filter(|_| hunk.added.len() == hunk.removed.len());
            let Some(added) = same_place.or(hunk.added.first().filter(|_| hunk.added.len() == 1)) else { continue };
            for (before, after) in fragments(removed, added, name) {
                let (commit, path) = (hunk.commit.clone(), hunk.path.clone());
                found.push(Migration { commit, path, line: hunk.line + at as u32, before, after });
            }
        }
    }
    found
}

/// The code in two versions of one line of documentation.
fn fragments(removed: &str, added: &str, name: &str) -> Vec<(String, String)> {
    let code = |line: &str| line.trim().trim_start_matches(">>> ").trim_start_matches("... ").to_string();
    let is_code = |text: &str| !text.is_empty() && !Source::parse(text.to_string()).root().has_error();
    let (before, after) = (code(removed), code(added));
    if is_code(&before) && is_code(&after) {
        return vec![(before, after)];
    }
    let quoted = |line: &str| line.split('`').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>();
    let (olds, news) = (quoted(removed), quoted(added));
    let pairs = olds.into_iter().zip(news).filter(|(old, new)| old != new && old.contains(name));
    pairs.filter(|(old, new)| is_code(old) && is_code(new)).collect()
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
    fn the_examples_of_the_documentation_teach_too() {
        check(
            r#"
#- shop/__init__.py
"""A shop."""
#- before: shop/dev.py
class Renderer: ...

def get_active_renderer():
    return Renderer()
#- shop/dev.py
class Renderer:
    @classmethod
    def get_active(cls):
        return cls()
#- before: docs/usage.md
Ask for it with `shop.dev.get_active_renderer()`.
    cr = shop.dev.get_active_renderer()
#- docs/usage.md
Ask for it with `shop.dev.Renderer.get_active()`.
    cr = shop.dev.Renderer.get_active()
#- tests/test_dev.py
from shop import dev

def test_ok():
    assert dev.get_active_renderer() is not None
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ok ____________________________________

    def test_ok():
>       assert dev.get_active_renderer() is not None
E       AttributeError: module 'shop.dev' has no attribute 'get_active_renderer'

tests/test_dev.py:4: AttributeError
#- healed
-    assert dev.get_active_renderer() is not None
+    assert dev.Renderer.get_active() is not None
"#,
        );
    }

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
