//! A warning that ended the test names what goes: the test uses what the product itself goes on with.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::confidence::Odds;
use super::import_name::{homes_of, rename_import, take_from};
use super::imports::{self, Imported};
use super::renames::{Answer, Existing, Question, answers, last_part};
use super::{Context, Strategy, expected_warning, names, two_things};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "deprecated-name",
    categories: &[Category::LogicError, Category::AssertionError],
    summary: "Uses the name that the product goes on with where a deprecation ended the test.",
    example: r#"
#- before: shop.py
class Cart:
    def total(self):
        return sum(self.items)
#- shop.py
import warnings

class _Cart:
    def total(self):
        return sum(self.items)

def __getattr__(name):
    if name == "Cart":
        warnings.warn(f"'shop.{name}' was never intentionally public.", DeprecationWarning, stacklevel=2)
        return _Cart
    raise AttributeError(name)
#- tests/test_cart.py
import shop

def test_total():
    assert shop.Cart().total() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert shop.Cart().total() == 0

tests/test_cart.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

name = 'Cart'

    def __getattr__(name):
        if name == "Cart":
>           warnings.warn(f"'shop.{name}' was never intentionally public.", DeprecationWarning, stacklevel=2)
E           DeprecationWarning: 'shop.Cart' was never intentionally public.

shop.py:9: DeprecationWarning
#- healed
-    assert shop.Cart().total() == 0
+    assert shop._Cart().total() == 0
"#,
    propose: deprecated_name,
};

fn deprecated_name(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let warning = warning(ctx)?;
    // A warning that something caught says nothing of its line: it came from somewhere in the test.
    let scope = if is_raised(ctx) { ctx.statement()? } else { ctx.scope() };
    // A test that asks for the warning is about the old name.
    if expected_warning::is_expected(ctx, ctx.statement()?) {
        return None;
    }
    for name in named(&warning) {
        for used in uses_of(ctx, scope, &name) {
            renamed(ctx, &used, fixes);
            handed_on(ctx, &used, fixes);
            from_its_home(ctx, &used, fixes);
        }
    }
    Some(())
}

fn is_raised(ctx: &Context<'_>) -> bool {
    ctx.diagnosis.failure.exc_type.as_deref().is_some_and(|name| name.ends_with("Warning"))
}

/// What the warning says: the exception's own message, or that of the warning which a result carries.
pub(super) fn warning(ctx: &Context<'_>) -> Option<String> {
    static PRINTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b\w*(?:Deprecation|Future)Warning\((?:"([^"]*)"|'([^']*)')"#).expect("a test prints one")
    });
    if is_raised(ctx) {
        return Some(ctx.message().to_string());
    }
    let found = PRINTED.captures(ctx.message())?;
    Some(found.get(1).or(found.get(2))?.as_str().to_string())
}

/// The last parts of the names that a warning quotes, calls or spells with dots or underscores.
pub(super) fn named(warning: &str) -> Vec<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[`'"]([A-Za-z_][\w.]*)(?:\(\))?[`'"]|\b([A-Za-z_][\w.]*)\(\)|\b([A-Za-z]\w*(?:[._]\w+)+)"#)
            .expect("a test reads them")
    });
    let found = NAME.captures_iter(warning).filter_map(|found| found.iter().skip(1).flatten().next());
    let mut names: Vec<String> = found.map(|name| last_part(name.as_str()).to_string()).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    names
}

/// A use of the deprecated name in the test.
struct Used<'c> {
    name: String,
    form: Form<'c>,
    /// The module that was asked for the name, dotted; `None` where a class or an object was.
    module: Option<String>,
    /// What has it.
    owner: Option<Symbol>,
}

enum Form<'c> {
    /// `from shop import Cart`.
    Import(Imported),
    /// `shop.Cart`, `cart.total`.
    Attribute(Node<'c>),
}

/// The first use in each form: what is changed is changed wherever it stands.
fn uses_of<'c>(ctx: &'c Context<'_>, scope: Node<'c>, name: &str) -> Vec<Used<'c>> {
    let mut found: Vec<Used<'c>> = Vec::new();
    let is_name = |node: &Node<'_>| node.kind() == "identifier" && ctx.source.slice(*node) == name;
    let mut objects: Vec<&str> = Vec::new();
    let mut is_imported = false;
    for node in descendants(scope).filter(is_name).filter(|node| node.start_byte() < scope.end_byte()) {
        let attribute = node.parent().filter(|parent| {
            parent.kind() == "attribute" && parent.child_by_field_name("attribute").is_some_and(|last| last == node)
        });
        if let Some(attribute) = attribute {
            let Some(object) = attribute.child_by_field_name("object") else { continue };
            let text = ctx.source.slice(object);
            if objects.contains(&text) {
                continue;
            }
            objects.push(text);
            let owner = ctx.symbol_at(object.byte_range());
            let module = owner.as_ref().filter(|owner| owner.kind == SymbolKind::Module);
            let module = module.map(|module| module.qualified.clone());
            found.push(Used { name: name.to_string(), form: Form::Attribute(attribute), module, owner });
        } else if !is_imported && !names::is_label(node) {
            let import = imports::imports(ctx.source).into_iter().find(|item| item.name.as_deref() == Some(name));
            let Some(import) = import else { continue };
            is_imported = true;
            let (module, owner) = (Some(import.module.clone()), None);
            found.push(Used { name: name.to_string(), form: Form::Import(import), module, owner });
        }
    }
    found
}

/// git shows the successor, or the owner has the name in its private spelling.
fn renamed(ctx: &Context<'_>, used: &Used<'_>, fixes: &mut Vec<Fix>) {
    let (members, owner) = match (&used.module, &used.owner) {
        (Some(module), _) => (ctx.snapshot.module_members(module), module.clone()),
        (None, Some(owner)) if owner.kind == SymbolKind::Class => (ctx.snapshot.members(owner), owner.name.clone()),
        _ => return,
    };
    let existing: Vec<Existing> = members.symbols.iter().map(|symbol| Existing::defined(symbol, &owner)).collect();
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_));
    let question = Question { missing: &used.name, existing: &existing, open: false, kinds, class: None };
    let is_private = |answer: &Answer| answer.name.trim_start_matches('_') == used.name;
    let is_there = |answer: &Answer| existing.iter().any(|existing| existing.name == answer.name);
    let told = |answer: &Answer| {
        answer.evidence.iter().any(|fact| matches!(fact.kind, EvidenceKind::Git | EvidenceKind::Docs))
    };
    for answer in answers(ctx, &question) {
        if !is_there(&answer) || !(is_private(&answer) || told(&answer)) {
            continue;
        }
        let tier = if told(&answer) { answer.tier } else { Tier::Review };
        push(ctx, used, &answer.name, answer.evidence.clone(), tier, fixes);
    }
}

/// The deprecated function warns and hands its arguments on: what it calls is the successor.
fn handed_on(ctx: &Context<'_>, used: &Used<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let symbol = match (&used.owner, &used.module) {
        (Some(owner), _) => ctx.snapshot.member(owner, &used.name)?,
        (None, Some(module)) => ctx.snapshot.named(&format!("{module}.{}", used.name))?,
        _ => return None,
    };
    let successor = successor(ctx, &symbol)?;
    let text = format!("`{}` warns and hands on to `{successor}`", used.name);
    let evidence = vec![Evidence::at(EvidenceKind::Source, &symbol.path, symbol.line, text)];
    // It may hand on to something else than what it did itself until then.
    let is_other = two_things::were_two_things(ctx, &used.name, &successor)
        || two_things::does_something_else(ctx, &used.name, &successor);
    push(ctx, used, &successor, evidence, if is_other { Tier::Review } else { Tier::Safe }, fixes);
    Some(())
}

/// `new` of `def old(a, b=1): warnings.warn(…); return new(a, b)`.
fn successor(ctx: &Context<'_>, symbol: &Symbol) -> Option<String> {
    let source = ctx.snapshot.source(&symbol.path)?;
    let name = source.node_at(symbol.range.clone())?;
    let function = crate::syntax::ancestors(name).find(|node| node.kind() == "function_definition")?;
    two_things::handed_on_to(&source, function).filter(|(_, warns)| *warns).map(|(name, _)| name)
}

/// Only one module defines the name; the one that was asked for it hands it on with a warning.
fn from_its_home(ctx: &Context<'_>, used: &Used<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let module = used.module.as_deref().filter(|module| answers_lookups(ctx, module, &used.name))?;
    let mut homes = homes_of(ctx, &used.name, module);
    let (home, mut evidence) = homes.pop().filter(|_| homes.is_empty())?;
    if imports::first_part(&home) != imports::first_part(module) {
        return None;
    }
    let edits = match &used.form {
        Form::Import(imported) => take_from(ctx, imported, &home)?,
        Form::Attribute(attribute) => {
            let object = attribute.child_by_field_name("object")?;
            let object = ctx.source.slice(object);
            let path = home.strip_prefix(module).and_then(|rest| rest.strip_prefix('.'));
            let (written, import) = match path {
                Some(path) => (format!("{object}.{path}.{}", used.name), None),
                None => (used.name.clone(), imports::add(ctx, &home, Some(&used.name))),
            };
            let same = names::same_attributes(ctx.source, *attribute);
            same.map(|node| ctx.replace(node.byte_range(), &written)).chain(import).collect()
        }
    };
    evidence.push(refused(ctx));
    fixes.push(Fix {
        title: format!("Use `{}` of `{home}`", used.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Whether the module's own `__getattr__` knows the name: then it is the look-up that warned, not the call.
fn answers_lookups(ctx: &Context<'_>, module: &str, name: &str) -> bool {
    let found = || {
        let source = ctx.snapshot.source(&ctx.snapshot.module(module)?)?;
        let lookup = children(source.root()).find(|node| {
            node.kind() == "function_definition"
                && node.child_by_field_name("name").is_some_and(|own| source.slice(own) == "__getattr__")
        })?;
        Some(source.slice(lookup).contains(name))
    };
    found().unwrap_or_default()
}

fn refused(ctx: &Context<'_>) -> Evidence {
    let text = warning(ctx).unwrap_or_default();
    let text = format!("the product says: {}", text.lines().next().unwrap_or_default());
    Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(text) }
}

fn push(ctx: &Context<'_>, used: &Used<'_>, new: &str, mut evidence: Vec<Evidence>, tier: Tier, fixes: &mut Vec<Fix>) {
    let edits: Vec<Edit> = match &used.form {
        Form::Import(imported) => rename_import(ctx, imported, new),
        Form::Attribute(attribute) => {
            let Some(object) = attribute.child_by_field_name("object") else { return };
            // A module or class is the same in the whole file, an object only in the function that binds it.
            let everywhere = used.module.is_some();
            let scope = if everywhere { ctx.source.root() } else { ctx.scope() };
            let places = names::attribute_uses(ctx.source, scope, ctx.source.slice(object), &used.name);
            places.into_iter().map(|range| ctx.replace(range, new)).collect()
        }
    };
    evidence.push(refused(ctx));
    fixes.push(Fix {
        title: format!("Use `{new}` instead of `{}`", used.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::fixture::check;

    #[test]
    fn the_names_of_a_warning() {
        assert_eq!(named("'click.utils.LazyFile' was never intentionally public"), ["LazyFile"]);
        assert_eq!(named("`create_context()` is deprecated since 0.28.0"), ["create_context"]);
        assert_eq!(named("Calling load_all() is deprecated, see docs"), ["load_all"]);
        assert!(named("This is deprecated.").is_empty());
    }

    #[test]
    fn what_hands_on_names_its_successor() {
        check(
            r#"
#- shop.py
import warnings

class Cart:
    def total(self, tax):
        return tax

    def sum_up(self, tax):
        """The sum."""
        warnings.warn("sum_up() goes", DeprecationWarning)
        return self.total(tax)
#- tests/test_cart.py
from shop import Cart

def test_total():
    cart = Cart()
    assert cart.sum_up(2) == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        cart = Cart()
>       assert cart.sum_up(2) == 2

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <shop.Cart object at 0x7f0000000000>, tax = 2

    def sum_up(self, tax):
        """The sum."""
>       warnings.warn("sum_up() goes", DeprecationWarning)
E       DeprecationWarning: sum_up() goes

shop.py:9: DeprecationWarning
#- healed
-    assert cart.sum_up(2) == 2
+    assert cart.total(2) == 2
"#,
        );
    }

    #[test]
    fn a_test_of_the_warning_itself_keeps_the_name() {
        check(
            r#"
#- shop.py
import warnings

def total(tax):
    return tax

def sum_up(tax):
    warnings.warn("sum_up() goes", FutureWarning)
    return total(tax)
#- tests/test_cart.py
import pytest
from shop import sum_up

def test_total():
    with pytest.warns(DeprecationWarning, match="sum_up.* goes"):
        sum_up(2)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        with pytest.warns(DeprecationWarning, match="sum_up.* goes"):
>           sum_up(2)

tests/test_cart.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

tax = 2

    def sum_up(tax):
>       warnings.warn("sum_up() goes", FutureWarning)
E       FutureWarning: sum_up() goes

shop.py:7: FutureWarning
#- healed
-    with pytest.warns(DeprecationWarning, match="sum_up.* goes"):
+    with pytest.warns(FutureWarning, match="sum_up.* goes"):
"#,
        );
    }

    #[test]
    fn what_does_more_than_hand_on_has_no_successor() {
        check(
            r#"
#- shop.py
import warnings

def total(tax):
    return tax

def sum_up(tax):
    warnings.warn("sum_up() goes", DeprecationWarning)
    return total(2 * tax)
#- tests/test_cart.py
from shop import sum_up

def test_total():
    assert sum_up(2) == 4
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert sum_up(2) == 4

tests/test_cart.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

tax = 2

    def sum_up(tax):
>       warnings.warn("sum_up() goes", DeprecationWarning)
E       DeprecationWarning: sum_up() goes

shop.py:7: DeprecationWarning
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_shim_of_the_package_names_the_module_that_has_it() {
        check(
            r#"
#- shop/__init__.py
import warnings

def __getattr__(name):
    if name == "sum_up":
        from .money import sum_up
        warnings.warn("'sum_up' is deprecated.", DeprecationWarning, stacklevel=2)
        return sum_up
    raise AttributeError(name)
#- shop/money.py
def sum_up(): ...
#- tests/test_cart.py
import shop

def test_total(run):
    result = run(lambda: shop.sum_up())
    assert not result.exception
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total(run):
        result = run(lambda: shop.sum_up())
>       assert not result.exception
E       assert not DeprecationWarning("'sum_up' is deprecated.")
E        +  where DeprecationWarning("'sum_up' is deprecated.") = <Result>.exception

tests/test_cart.py:5: AssertionError
#- healed
-    result = run(lambda: shop.sum_up())
+    result = run(lambda: shop.money.sum_up())
"#,
        );
    }
}
