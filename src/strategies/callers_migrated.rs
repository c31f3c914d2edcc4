//! How the commit that broke the test changed the other callers: the rule learned from them, applied to
//! the failing statement.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::history::{Migration, UNCOMMITTED};

use super::argument_added::switched;
use super::arguments_gathered::wraps_in_another_order;
use super::arguments_scattered::takes_apart;
use super::confidence::Odds;
use super::{Context, Strategy, names};

mod another_act;
mod by_rule;
mod callees;
mod documented;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "callers-migrated",
    categories: &[
        Category::AttributeError,
        Category::TypeError,
        Category::NameError,
        Category::ImportError,
        Category::KeyError,
        Category::LogicError,
        Category::AssertionError,
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
    let Some(name) = refused(ctx).filter(|_| ctx.raised_here()) else { return of_calls(ctx, fixes) };
    let name = super::renames::last_part(name);
    let mut examples = documented::examples(ctx, name);
    examples.extend(ctx.snapshot.history().migrations_of(name).into_iter().filter(is_of_a_caller));
    // A name that a class has now did not go from the file, but its callers say where it is.
    let reached = ctx.snapshot.history().migrations_since(&ctx.site.path, name).into_iter();
    let known = examples.clone();
    examples.extend(
        reached
            .filter(|example| is_of_a_caller(example) && callees::replaces(example, name) && !known.contains(example)),
    );
    push(ctx, &examples, &ctx.site.statement, Tier::Safe, fixes)
}

/// The name that Python did not find, or the function that did not take its arguments.
fn refused<'c>(ctx: &'c Context<'_>) -> Option<&'c str> {
    match ctx.complaint() {
        Complaint::NoAttribute { name, .. } | Complaint::NoName { name } | Complaint::NoImport { name, .. } => {
            Some(name)
        }
        Complaint::UnexpectedKeyword { function, .. }
        | Complaint::MissingArguments { function, .. }
        | Complaint::TooManyPositionals { function, .. }
        | Complaint::GivenTwice { function, .. } => {
            Some(function.trim_end_matches(".__init__").trim_end_matches(".__new__"))
        }
        Complaint::NoKey { key } => Some(key),
        _ => None,
    }
}

/// The product's functions that the failing statement calls took the call and failed, or gave something else: the commit
/// may have changed how it calls them itself.
fn of_calls(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let is_check = ctx.diagnosis.category == Category::AssertionError;
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let mut seen: Vec<&str> = Vec::new();
    let here = descendants(ctx.statement()?).filter(|node| node.kind() == "call");
    let made = if is_check { made_before(ctx) } else { Vec::new() };
    for call in here.chain(made) {
        let Some(name) = call.child_by_field_name("function").and_then(locate::last_name) else { continue };
        let name = ctx.source.slice(name);
        let is_product = || ctx.is_of_product(name);
        if seen.contains(&name) || !product::mention(&changes, name) || !is_product() {
            continue;
        }
        seen.push(name);
        let migrations = ctx.snapshot.history().migrations_since(&ctx.site.path, name);
        let examples: Vec<Migration> = migrations
            .into_iter()
            .filter(|example| {
                is_of_a_caller(example) && (changes_call(example, name) || callees::replaces(example, name))
            })
            .collect();
        let tier = if is_check { Tier::Review } else { Tier::Safe };
        push(ctx, &examples, &call.byte_range(), tier, fixes);
    }
    Some(())
}

/// The calls that made what a check looks at: where the test, or a fixture of its file, gave it its name.
fn made_before<'c>(ctx: &'c Context<'_>) -> Vec<Node<'c>> {
    let statement = ctx.statement().into_iter();
    let named: Vec<&str> = statement
        .flat_map(descendants)
        .filter(|node| node.kind() == "identifier" && !names::is_label(*node))
        .map(|node| ctx.source.slice(node))
        .collect();
    let is_named = |node: Option<Node<'_>>| node.is_some_and(|node| named.contains(&ctx.source.slice(node)));
    let mut makers: Vec<Node<'c>> = descendants(ctx.scope())
        .filter(|node| node.kind() == "assignment" && node.end_byte() <= ctx.site.statement.start)
        .filter(|node| is_named(node.child_by_field_name("left")))
        .filter_map(|node| node.child_by_field_name("right"))
        .collect();
    let fixtures = children(ctx.source.root()).filter(|node| node.kind() == "decorated_definition");
    let fixtures = fixtures.filter(|node| ctx.source.slice(*node).starts_with("@pytest.fixture"));
    let fixtures = fixtures.filter_map(|node| node.child_by_field_name("definition"));
    makers.extend(fixtures.filter(|function| is_named(function.child_by_field_name("name"))));
    makers.into_iter().flat_map(descendants).filter(|node| node.kind() == "call").collect()
}

/// Whether both sides call the function once, and not alike.
fn changes_call(example: &Migration, name: &str) -> bool {
    let (before, after) = (Source::parse(example.before.as_str()), Source::parse(example.after.as_str()));
    match (calls_of(&before, name).as_slice(), calls_of(&after, name).as_slice()) {
        ([before], [after]) => before != after,
        _ => false,
    }
}

/// What the calls of `name` pass.
fn calls_of<'s>(source: &'s Source, name: &str) -> Vec<&'s str> {
    descendants(source.root())
        .filter(|node| node.kind() == "call")
        .filter(|call| {
            let last = call.child_by_field_name("function").and_then(locate::last_name);
            last.is_some_and(|last| source.slice(last) == name)
        })
        .filter_map(|call| Some(source.slice(call.child_by_field_name("arguments")?)))
        .collect()
}

/// The two rewrites that most examples teach, where they change something in `range`.
fn push(
    ctx: &Context<'_>,
    examples: &[Migration],
    range: &Range<usize>,
    tier: Tier,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let mut offers: Vec<(Vec<Edit>, Vec<&Migration>)> = Vec::new();
    let is_inside = |edit: &Edit| range.start <= edit.range.start && edit.range.end <= range.end;
    for example in examples.iter().take(MOST_EXAMPLES) {
        let by_rule = || {
            let edits = by_rule::edits(ctx, example, range)?;
            let is_near = *range == ctx.site.statement || edits.iter().all(is_inside);
            by_rule::with_imports(ctx, example, edits).filter(|_| is_near)
        };
        let Some(edits) = by_rule().or_else(|| callees::edits(ctx, example, range)) else { continue };
        match offers.iter_mut().find(|(other, _)| *other == edits) {
            Some((_, witnesses)) => witnesses.push(example),
            None => offers.push((edits, vec![example])),
        }
    }
    let rivals = offers.len().saturating_sub(1);
    offers.sort_by_key(|(_, witnesses)| std::cmp::Reverse(witnesses.len()));
    for (edits, witnesses) in offers.into_iter().take(2) {
        let first = witnesses.first()?;
        let is_doubtful = switched::caller_leaves_out(ctx, &first.after)
            || another_act::is_another(ctx, first)
            || callees::is_rewritten(ctx, first)
            || wraps_in_another_order(ctx, &first.after)
            || takes_apart(&first.before, &first.after);
        let tier = if is_doubtful { Tier::Review } else { tier };
        let text =
            |example: &Migration| format!("was moved from `{}`", super::expected_value::short(example.before.trim()));
        let mut evidence: Vec<Evidence> = witnesses
            .iter()
            .take(2)
            .map(|example| Evidence::at(kind(example), &example.path, example.line, text(example)))
            .collect();
        let callers = match witnesses.len() {
            1 => "one other caller was changed like that".to_string(),
            number => format!("{number} other callers were changed like that"),
        };
        evidence.push(Evidence::commit(&first.commit, callers));
        // One caller may be a special one.
        let doubt = if witnesses.len() > 1 { 0.0 } else { 1.5 };
        fixes.push(Fix {
            title: format!("Change it as {} was changed", first.path),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).rivals(rivals).doubt(doubt).confidence(),
            evidence,
            tier,
        });
    }
    Some(())
}

fn kind(example: &Migration) -> EvidenceKind {
    if example.path.as_str().ends_with(".py") { EvidenceKind::Example } else { EvidenceKind::Docs }
}

/// A definition that changed is what callers follow, not a caller. What changed in tests and is not committed may be
/// our own edit.
fn is_of_a_caller(example: &Migration) -> bool {
    if example.commit == UNCOMMITTED && example.path.is_test_code() {
        return false;
    }
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
    fn another_sentence_of_the_documentation_speaks_of_something_else() {
        check(
            r#"
#- shop/__init__.py
"""A shop."""
#- before: shop/dev.py
class Url:
    raw = "/"

def open_page():
    return Url()
#- shop/dev.py
class Url:
    raw = "/"
#- before: CHANGELOG.md
Added the function `dev.open_page`.
#- CHANGELOG.md
The undocumented `Url.raw` has been deprecated.
#- tests/test_dev.py
from shop import dev

def test_ok():
    assert dev.$0open_page() is not None
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ok ____________________________________

    def test_ok():
>       assert dev.open_page() is not None
E       AttributeError: module 'shop.dev' has no attribute 'open_page'

tests/test_dev.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    const PRINTED: &str = r#"
#- before: shop.py
class Shop:
    def receipt(self):
        return "none"

def demo(shop):
    return shop.receipt()

def show(shop):
    print(shop.receipt())
#- shop.py
from paper import Printer

class Shop:
    goods = ()

def demo(shop):
    return Printer(shop).receipt()

def show(shop):
    print(Printer(shop).receipt())
#- paper.py
class Printer:
    def __init__(self, shop):
        self.shop = shop

    def receipt(self):
        return "none"
"#;
    const RECEIPT: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_receipt _________________________________
tests/test_shop.py:5: in test_receipt
    assert shop.receipt() == "none"
E   AttributeError: 'Shop' object has no attribute 'receipt'
"#;

    #[test]
    fn what_the_callers_import_now_is_imported() {
        let test = "#- tests/test_shop.py\nfrom shop import Shop\n\ndef test_receipt():\n    shop = Shop()\n    \
                    assert shop.$0receipt() == \"none\"\n";
        let healed = "#- healed\n+from paper import Printer\n-    assert shop.receipt() == \"none\"\n\
                      +    assert Printer(shop).receipt() == \"none\"\n";
        check(&format!("{PRINTED}{test}{RECEIPT}{healed}"));
    }

    #[test]
    fn a_name_that_means_something_else_in_the_test_is_no_fix() {
        let test = "#- tests/test_shop.py\nfrom shop import Shop\n\ndef test_receipt(Printer=print, shop=Shop()):\n    \
                    assert shop.$0receipt() == \"none\"\n";
        let log = RECEIPT.replace(":5:", ":4:");
        check(&format!("{PRINTED}{test}{log}#- healed\nno fix: removed\n"));
    }

    #[test]
    fn what_a_module_lost_is_changed_where_an_exception_would_hide_it_too() {
        check(
            r#"
#- shop/__init__.py
#- before: shop/utils.py
def fill_names(data, names):
    if names.missing(data):
        raise AttributeError("sku")
#- shop/utils.py
def price(): ...
#- before: shop/types.py
class Names:
    def missing(self, data):
        return "sku" not in data
#- shop/types.py
class Names:
    def fill(self, data):
        if "sku" not in data:
            raise AttributeError("sku")
#- before: shop/cart.py
from shop import utils
from shop.types import Names

class Cart:
    names = others = Names()

    def add(self, data):
        utils.fill_names(data=data, names=self.names)

    def put(self, data):
        utils.fill_names(data=data, names=self.others)
#- shop/cart.py
from shop.types import Names

class Cart:
    names = others = Names()

    def add(self, data):
        self.names.fill(data=data)

    def put(self, data):
        self.others.fill(data=data)
#- tests/test_names.py
import pytest
from shop import utils
from shop.cart import Cart

def test_names():
    cart = Cart()
    utils.$0fill_names(data={"sku": 1}, names=cart.names)
    with pytest.raises(AttributeError) as error:
        utils.fill_names(data={}, names=cart.names)
    assert "sku" in str(error.value)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________
tests/test_names.py:7: in test_names
    utils.fill_names(data={"sku": 1}, names=cart.names)
E   AttributeError: module 'shop.utils' has no attribute 'fill_names'
#- healed
-    utils.fill_names(data={"sku": 1}, names=cart.names)
+    cart.names.fill(data={"sku": 1})
-        utils.fill_names(data={}, names=cart.names)
+        cart.names.fill(data={})
"#,
        );
    }

    #[test]
    fn every_call_that_the_function_refuses_is_changed() {
        check(
            r#"
#- before: shop/choices.py
def Choice(value, label=None):
    return (value, label)
#- shop/choices.py
def Choice(value, label, selected):
    return (value, label, selected)

def SelectChoice(value, label=None):
    return (value, label)
#- before: docs/fields.rst
    Choice("cpp", "C++")
#- docs/fields.rst
    SelectChoice("cpp", "C++")
#- tests/test_choices.py
from shop import choices
from shop.choices import Choice

FIELDS = [$0Choice("a", "A"), Choice("b", "B")]

def test_choices():
    assert choices.Choice("c", "C", True) and Choice("d", "D")
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_choices.py ____________________
tests/test_choices.py:4: in <module>
    FIELDS = [Choice("a", "A"), Choice("b", "B")]
E   TypeError: Choice() missing 1 required positional argument: 'selected'
#- healed
+from shop.choices import SelectChoice
-FIELDS = [Choice("a", "A"), Choice("b", "B")]
+FIELDS = [SelectChoice("a", "A"), SelectChoice("b", "B")]
-    assert choices.Choice("c", "C", True) and Choice("d", "D")
+    assert choices.Choice("c", "C", True) and SelectChoice("d", "D")
"#,
        );
    }

    #[test]
    fn an_edit_of_a_test_that_is_not_committed_teaches_nothing() {
        check(
            r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.sku = sku
#- shop.py
class Cart:
    def lines(self):
        return self
#- before: tests/test_other.py
def test_other(cart):
    cart.add("a")
#- tests/test_other.py
def test_other(cart):
    cart.lines().put("a")
#- tests/test_cart.py
from shop import Cart

def test_cart():
    cart = Cart()
    cart.$0add("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
        cart = Cart()
>       cart.add("a")
E       AttributeError: 'Cart' object has no attribute 'add'

tests/test_cart.py:5: AttributeError
#- healed
no fix: removed
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

    const LOG: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_send __________________________________

    def test_send():
>       assert send(["ann"]) == 1

tests/test_send.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def send(to, session=None):
>       return session.post(to)
E       AttributeError: 'NoneType' object has no attribute 'post'

shop.py:4: AttributeError
"#;
    const TEST: &str = r#"
#- tests/test_send.py
from shop import send

def test_send():
    assert send(["ann"]) == 1
"#;

    #[test]
    fn a_call_that_fails_inside_is_made_as_the_commit_makes_it_elsewhere() {
        let scene = r#"
#- before: shop.py
def send(to, session=None):
    return len(to)
#- shop.py

def send(to, session=None):
    """Sends."""
    return session.post(to)
#- before: news.py
from shop import send

def news(people):
    send(people)

def bill(person):
    send(person)
#- news.py
from shop import send

def news(people):
    send(people, session=True)

def bill(person):
    send(person, session=True)
"#;
        let healed = "#- healed\n-    assert send([\"ann\"]) == 1\n+    assert send([\"ann\"], session=True) == 1\n";
        check(&format!("{scene}{TEST}{LOG}{healed}"));
    }

    #[test]
    fn callers_that_changed_around_the_call_teach_nothing() {
        let scene = r#"
#- before: shop.py
def send(to, session=None):
    return len(to)
#- shop.py

def send(to, session=None):
    """Sends."""
    return session.post(to)
#- before: news.py
from shop import send

def news(people):
    sent = send(people)
    return sent
#- news.py
from shop import send

def news(people):
    count = send(people)
    return count
"#;
        check(&format!("{scene}{TEST}{LOG}#- healed\nno fix\n"));
    }
}
