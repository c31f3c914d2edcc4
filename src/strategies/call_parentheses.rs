//! A method that became a property, or a property that became a method: parentheses go or come.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint, complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::{Node, descendants};
use crate::text::{Edit, FilePath};
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
    match ctx.complaint() {
        Complaint::NotCallable { .. } => read(ctx, fixes),
        _ => call(ctx, fixes),
    }
}

/// `cart.total()` becomes `cart.total`.
fn read(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let found = called_properties(ctx, ctx.statement()?);
    let rivals = found.len().saturating_sub(1);
    for (node, member) in found {
        let list = node.child_by_field_name("arguments")?;
        let mut evidence = facts(ctx, &member, "is a property");
        let turned = became_property(ctx, &member).filter(|_| !is_still(ctx, &member, is_called));
        evidence.extend(turned.map(|turn| {
            let text = format!("`{}` is a property since ({})", member.name, turn.subject);
            Evidence::commit(&turn.commit, text)
        }));
        let edits = vec![Edit::replace(&ctx.site.path, list.byte_range(), "")];
        fixes.push(fix(format!("Read the property `{}`", member.name), edits, evidence, rivals));
    }
    Some(())
}

/// `cart.total` becomes `cart.total()`: where the run met a method, or where a commit made it one.
fn call(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let met = has_met_a_method(ctx);
    if !met && ctx.diagnosis.category != Category::AssertionError {
        return None;
    }
    let found = met_reads(ctx)?;
    let turned: Vec<(&Symbol, Turn)> =
        found.iter().filter_map(|(_, member)| Some((member, turned(ctx, member)?))).collect();
    if turned.iter().any(|(member, _)| is_still(ctx, member, is_value)) {
        return None;
    }
    if let Some((member, turn)) = turned.first() {
        let mut evidence = facts(ctx, member, "is a method");
        let text = format!("`{}` is a method since ({})", member.name, turn.subject);
        evidence.push(Evidence::commit(&turn.commit, text));
        let edits = everywhere(ctx);
        fixes.extend((!edits.is_empty()).then(|| fix(format!("Call `{}`", member.name), edits, evidence, 0)));
        return Some(());
    }
    let rivals = found.len().saturating_sub(1);
    for (node, member) in found.iter().filter(|_| met) {
        let edits = vec![Edit::insert(&ctx.site.path, node.end_byte(), "()")];
        fixes.push(fix(format!("Call `{}`", member.name), edits, facts(ctx, member, "is a method"), rivals));
    }
    Some(())
}

fn facts(ctx: &Context<'_>, member: &Symbol, what: &str) -> Vec<Evidence> {
    vec![
        Evidence::at(EvidenceKind::Source, &member.path, member.line, format!("`{}` {what}", member.qualified)),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ]
}

fn fix(title: String, edits: Vec<Edit>, evidence: Vec<Evidence>, rivals: usize) -> Fix {
    Fix {
        title,
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).rivals(rivals).confidence(),
        evidence,
        tier: Tier::Safe,
    }
}

/// Whether the failure speaks of a method where a value was wanted. pytest prints one by its bare name, which says
/// nothing.
fn has_met_a_method(ctx: &Context<'_>) -> bool {
    let is_method_value = |text: &str| text.starts_with("<bound method ") || text.starts_with("<function ");
    let printed = ctx.diagnosis.failure.introspection.as_ref();
    match ctx.complaint() {
        Complaint::WrongShape { type_name, .. } => matches!(type_name.as_str(), "method" | "function"),
        Complaint::NoAttribute { owner, .. } => is_of_method(owner),
        _ => {
            complaint::meets_method(ctx.message())
                || printed.is_some_and(|sides| is_method_value(&sides.left) || is_method_value(&sides.right))
        }
    }
}

/// The methods that the failing statement reads, else those that the names in it were given.
fn met_reads<'c>(ctx: &'c Context<'_>) -> Option<Vec<(Node<'c>, Symbol)>> {
    let statement = ctx.statement()?;
    let here = read_methods(ctx, statement);
    if !here.is_empty() {
        return Some(here);
    }
    let names: Vec<&str> =
        descendants(statement).filter(|node| node.kind() == "identifier").map(|node| ctx.source.slice(node)).collect();
    let given = descendants(ctx.scope())
        .filter(|node| node.kind() == "assignment" && node.end_byte() <= statement.start_byte())
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| names.contains(&ctx.source.slice(left))))
        .filter_map(|node| node.child_by_field_name("right").filter(|value| value.kind() == "attribute"));
    Some(given.flat_map(|value| read_methods(ctx, value)).collect())
}

/// The parentheses for everything in the test that a commit made a method: what is true of a method passes without
/// saying anything.
fn everywhere(ctx: &Context<'_>) -> Vec<Edit> {
    read_methods(ctx, ctx.scope())
        .into_iter()
        .filter(|(_, member)| turned(ctx, member).is_some() && !is_still(ctx, member, is_value))
        .map(|(node, _)| Edit::insert(&ctx.site.path, node.end_byte(), "()"))
        .collect()
}

/// The commit that made a method of a property or an attribute, or a property of a method.
struct Turn {
    commit: String,
    subject: String,
}

fn turned(ctx: &Context<'_>, member: &Symbol) -> Option<Turn> {
    changed(ctx, member, &member.name, was_value)
}

fn became_property(ctx: &Context<'_>, member: &Symbol) -> Option<Turn> {
    let is_property_now = member.kind == SymbolKind::Property;
    changed(ctx, member, &member.name, |item| !was_value(item)).filter(|_| is_property_now)
}

fn was_value(item: &Item) -> bool {
    item.kind == ItemKind::Variable || is_property(item)
}

/// How a member is used that got another kind along with another name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// `cart.get_total()` is `cart.total` now.
    Read,
    /// `cart.total` is `cart.get_total()` now.
    Called,
}

/// How what was `old` in the class of `member` is used under the name of `member`, where that is another way.
pub(super) fn used_now(ctx: &Context<'_>, member: &Symbol, old: &str) -> Option<Use> {
    match member.kind {
        SymbolKind::Property | SymbolKind::Field => {
            changed(ctx, member, old, |item| !was_value(item)).map(|_| Use::Read)
        }
        SymbolKind::Method if takes_nothing(member) => changed(ctx, member, old, was_value).map(|_| Use::Called),
        _ => None,
    }
}

/// The edit that writes `new` where `name` stands, used as it is now. `None` where what is written to became a method, or
/// what takes something became a value.
pub(super) fn renamed(ctx: &Context<'_>, name: Range<usize>, new: &str, now: Use) -> Option<Edit> {
    let attribute = ctx.source.node_at(name.clone())?.parent()?;
    let call = attribute.parent().filter(|_| is_called(attribute));
    match (now, call) {
        (Use::Read, Some(call)) => {
            let list = call.child_by_field_name("arguments")?;
            (list.named_child_count() == 0).then(|| ctx.replace(name.start..list.end_byte(), new))
        }
        (Use::Called, None) => is_value(attribute).then(|| ctx.replace(name, format!("{new}()"))),
        _ => Some(ctx.replace(name, new)),
    }
}

/// The commit before which the member was something else, under the name of `old`.
fn changed(ctx: &Context<'_>, member: &Symbol, old: &str, was: impl Fn(&Item) -> bool) -> Option<Turn> {
    let class = member.qualified.rsplit('.').nth(1)?;
    let was_value = |outline: std::sync::Arc<Outline>| {
        let own = |item: &&Item| item.parent.is_some_and(|parent| outline.items[parent].name == class);
        let mut same = outline.items.iter().filter(|item| item.name == old).filter(own).peekable();
        same.peek().is_some() && same.all(&was)
    };
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let change = changes.into_iter().find(|change| {
        change.path == member.path && product::outline_naming(&change.before, old).is_some_and(was_value)
    })?;
    Some(Turn { commit: change.commit, subject: change.subject })
}

fn is_property(item: &Item) -> bool {
    let last = |text: &String| text.split('(').next().and_then(|name| name.rsplit('.').next()).map(str::to_string);
    item.decorators.iter().filter_map(last).any(|name| name.ends_with("property") || name == "setter")
}

/// Whether the product itself uses it as it was before: then the decorator was lost, or came, by mistake.
fn is_still(ctx: &Context<'_>, member: &Symbol, is_use: fn(Node<'_>) -> bool) -> bool {
    let is_only = ctx.snapshot.definitions(&member.name).len() == 1;
    let reads = |path: &FilePath| {
        let Some(source) = ctx.snapshot.source(path) else { return false };
        descendants(source.root()).any(|node| {
            let name = node.child_by_field_name("attribute").filter(|_| node.kind() == "attribute" && is_use(node));
            name.is_some_and(|name| source.slice(name) == member.name)
                && match owner(ctx, path, node) {
                    Some(class) => known(ctx, &class, &member.name).is_some_and(|known| known == *member),
                    None => is_only,
                }
        })
    };
    ctx.snapshot.files_naming(&member.name).iter().filter(|path| !path.is_test_code()).any(reads)
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
fn read_methods<'c>(ctx: &Context<'_>, scope: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    descendants(scope)
        .filter(|node| node.kind() == "attribute" && is_value(*node))
        .filter_map(|node| Some((node, member(ctx, node)?)))
        .filter(|(_, member)| member.kind == SymbolKind::Method && takes_nothing(member))
        .collect()
}

/// Whether a method can be called without arguments.
fn takes_nothing(member: &Symbol) -> bool {
    let signature = member.signature.as_ref();
    signature.is_some_and(|signature| signature.parameters.iter().all(|parameter| parameter.default.is_some()))
}

/// Whether an attribute is read as a value: not called, and not written to.
fn is_value(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return true };
    let is_field = |name: &str| parent.child_by_field_name(name) == Some(node);
    match parent.kind() {
        "call" => !is_field("function"),
        "assignment" | "augmented_assignment" => !is_field("left"),
        kind => kind != "delete_statement" && kind != "decorator",
    }
}

fn is_called(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == "call" && parent.child_by_field_name("function") == Some(node))
}

fn member(ctx: &Context<'_>, attribute: Node<'_>) -> Option<Symbol> {
    let name = ctx.source.slice(attribute.child_by_field_name("attribute")?);
    known(ctx, &owner(ctx, &ctx.site.path, attribute)?, name)
}

/// The class of what an attribute is read from.
fn owner(ctx: &Context<'_>, path: &FilePath, attribute: Node<'_>) -> Option<Symbol> {
    ctx.snapshot.type_of(path, attribute.child_by_field_name("object")?.byte_range())
}

fn known(ctx: &Context<'_>, class: &Symbol, name: &str) -> Option<Symbol> {
    ctx.snapshot.members(class).symbols.into_iter().find(|symbol| symbol.name == name)
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

    const TANK: &str = "class Tank:\n    def __init__(self, litres):\n        self.litres = litres\n\n";
    const PROPERTY: &str = "    @property\n    def level(self):\n        return self.litres * 2\n\n    @property\n    def full(self):\n        return self.litres >= 50\n";

    /// Two properties that became methods, a test of them, what pytest printed, and what becomes of the test.
    fn turned(rest: &str, test: &str, printed: &str, healed: &str) -> String {
        let methods = PROPERTY.replace("    @property\n", "");
        let log = "=================================== FAILURES ===================================\n__________________________________ test_level __________________________________\n";
        format!(
            "\n#- before: tank.py\n{TANK}{PROPERTY}#- tank.py\n{TANK}{methods}{rest}#- tests/test_tank.py\nfrom tank import Tank\n\n{test}#- test_run.log\n{log}\n{printed}\n#- healed\n{healed}\n"
        )
    }

    const LEVEL: &str = "def test_level():\n    tank = Tank(30)\n    assert tank.level == 60\n";
    const PRINTED: &str = ">       assert tank.level == 60\nE       assert level == 60\nE        +  where level = <tank.Tank object at 0x7f0000000000>.level\n\ntests/test_tank.py:5: AssertionError";

    /// A method that became a property, where the product has more to say.
    fn became(rest: &str, healed: &str) -> String {
        let methods = PROPERTY.replace("    @property\n", "");
        let printed = ">       assert Tank(30).level() == 60\nE       TypeError: 'int' object is not callable\n\ntests/test_tank.py:4: TypeError";
        let log = "=================================== FAILURES ===================================\n__________________________________ test_level __________________________________\n";
        format!(
            "\n#- before: tank.py\n{TANK}{methods}{rest}#- tank.py\n{TANK}{PROPERTY}{rest}#- tests/test_tank.py\nfrom tank import Tank\n\ndef test_level():\n    assert Tank(30).level() == 60\n#- test_run.log\n{log}\n{printed}\n#- healed\n{healed}\n"
        )
    }

    #[test]
    fn a_commit_that_made_a_property_is_what_speaks_for_it() {
        use crate::{diagnosis::Verdict, fixture::Scene};
        let healed = "-    assert Tank(30).level() == 60\n+    assert Tank(30).level == 60";
        check(&became("", healed));
        let verdict = |rest: &str| Scene::parse(&became(rest, healed)).heal().diagnosis.verdict;
        assert_eq!(verdict(""), Verdict::OutdatedTest);
        assert_eq!(verdict("\ndef half(tank):\n    return tank.level() / 2\n"), Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_method_is_printed_by_its_bare_name() {
        let healed = "-    assert tank.level == 60\n+    assert tank.level() == 60";
        check(&turned("", LEVEL, PRINTED, healed));
    }

    #[test]
    fn a_product_that_still_reads_a_property_lost_the_decorator_by_mistake() {
        check(&turned("\ndef half(tank):\n    return tank.level / 2\n", LEVEL, PRINTED, "no fix"));
    }

    #[test]
    fn a_method_that_was_one_before_is_read_for_some_reason() {
        let scene = turned("", LEVEL, PRINTED, "no fix").replace("    @property\n", "");
        check(&scene.replace("#- before: tank.py\n", "#- before: tank.py\n# The tank.\n"));
    }

    #[test]
    fn what_is_true_of_a_method_is_asked_too() {
        let test = "def test_level():\n    tank = Tank(60)\n    assert tank.full\n    level = tank.level\n    assert level + 2 == 122\n";
        let printed = ">       assert level + 2 == 122\nE       TypeError: unsupported operand type(s) for +: 'method' and 'int'\n\ntests/test_tank.py:7: TypeError";
        let healed =
            "-    assert tank.full\n-    level = tank.level\n+    assert tank.full()\n+    level = tank.level()";
        check(&turned("", test, printed, healed));
    }

    #[test]
    fn a_method_is_never_false() {
        let test = "def test_level():\n    assert not Tank(3).full\n";
        let printed = ">       assert not Tank(3).full\nE       assert not full\nE        +  where full = <tank.Tank object at 0x7f0000000000>.full\n\ntests/test_tank.py:4: AssertionError";
        check(&turned("", test, printed, "-    assert not Tank(3).full\n+    assert not Tank(3).full()"));
    }

    #[test]
    fn unittest_prints_all_of_a_method() {
        let test = "import unittest\n\nclass TankTest(unittest.TestCase):\n    def test_level(self):\n        self.assertEqual(Tank(3).level, 6)\n";
        let printed = ">       self.assertEqual(Tank(3).level, 6)\nE       AssertionError: <bound method Tank.level of <tank.Tank object at 0x7f0000000000>> != 6\n\ntests/test_tank.py:7: AssertionError";
        let scene = turned(
            "",
            test,
            printed,
            "-        self.assertEqual(Tank(3).level, 6)\n+        self.assertEqual(Tank(3).level(), 6)",
        );
        check(&scene.replace("_ test_level _", "_ TankTest.test_level _"));
    }
}
