//! A method that a base class calls by another name now: the test's own subclass overrides nothing with the old one.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::signature::signature_of;
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::history::{Rename, RenameKind};
use crate::workspace::symbols::{ParameterKind, Signature, Symbol, SymbolKind};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::quotes::string_value;
use super::sense::is_weaker;
use super::{Context, Strategy, callers, fakes};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "override-renamed",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::TypeError,
        Category::KeyError,
        Category::NameError,
        Category::LogicError,
        Category::Unknown,
    ],
    summary: "Renames the method of a test's own subclass as the commit renamed the method of its base class.",
    example: r#"
#- before: shop.py
class Task:
    def run(self):
        self.on_start()
        return self.log

    def on_start(self):
        self.log = None

class Mail(Task):
    def on_start(self):
        self.log = "mail"

class Print(Task):
    def on_start(self):
        self.log = "print"
#- shop.py
class Task:
    def run(self):
        self.on_startup()
        return self.log

    def on_startup(self):
        self.log = None

class Mail(Task):
    def on_startup(self):
        self.log = "mail"

class Print(Task):
    def on_startup(self):
        self.log = "print"
#- tests/test_task.py
from shop import Task

class Fake(Task):
    def on_start(self):
        self.log = "fake"

def test_run():
    assert Fake().run() == "fake"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

    def test_run():
>       assert Fake().run() == "fake"
E       AssertionError: assert None == 'fake'
E        +  where None = run()

tests/test_task.py:8: AssertionError
#- healed
-    def on_start(self):
+    def on_startup(self):
"#,
    propose: override_renamed,
};

/// A method of the test's own class that overrides nothing any more.
struct Override<'t> {
    class: Node<'t>,
    /// Its name, in the test.
    name: Node<'t>,
    /// The base class that renamed it.
    base: Symbol,
    /// What the base class has now.
    now: Symbol,
    rename: Rename,
}

fn override_renamed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    in_file(ctx, fixes);
    fakes::look_beside(ctx, |beside| {
        let mut found = Vec::new();
        in_file(beside, &mut found);
        // What the test asks the object for goes by the old name too.
        let old = |edit: &Edit| beside.source.text()[edit.range.clone()].to_string();
        let is_said =
            |fix: &Fix| fix.edits.iter().any(|edit| occurrences(ctx.source.text(), &old(edit)).next().is_some());
        fixes.extend(found.into_iter().filter(|fix| !is_said(fix)));
    });
    Some(())
}

/// The classes of one file.
fn in_file(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let classes = descendants(ctx.source.root()).filter(|node| node.kind() == "class_definition");
    for class in classes.filter(|class| is_used(ctx, *class)) {
        for found in overrides(ctx, class) {
            fixes.extend(fix(ctx, &found));
        }
    }
    Some(())
}

fn fix(ctx: &Context<'_>, found: &Override<'_>) -> Option<Fix> {
    let (old, new, rename) = (&found.rename.old, &found.rename.new, &found.rename);
    let edits = edits(ctx, found)?;
    let followers = followers(ctx, found);
    let text = format!("`{old}` of `{}` became `{new}` ({})", found.base.name, rename.subject);
    let mut evidence = vec![Evidence::commit(&rename.commit, text)];
    let says = format!("`{}` is what it is called now", found.now.qualified);
    evidence.push(Evidence::at(EvidenceKind::Source, &found.now.path, found.now.line, says));
    for other in followers.iter().take(2) {
        let says = format!("`{}` overrides `{new}` since", other.within.as_deref().unwrap_or_default());
        evidence.push(Evidence::at(EvidenceKind::Example, &other.path, other.line, says));
    }
    let is_told = followers.len() > 1 || rename.is_same && does_something(ctx, &found.now);
    let is_weaker = is_weaker(ctx, rename);
    let tier = if is_told && !is_weaker && !is_half_done(ctx, found) { Tier::Safe } else { Tier::Review };
    Some(Fix {
        title: format!("Override `{new}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(if is_told { 0.0 } else { 1.0 }).confidence(),
        evidence,
        tier,
    })
}

/// Whether the failing test, its class, or what it names in the file makes use of a class.
fn is_used(ctx: &Context<'_>, class: Node<'_>) -> bool {
    let Some(name) = class.child_by_field_name("name").map(|name| ctx.source.slice(name)) else { return false };
    let around = |node: Node<'_>| matches!(node.kind(), "class_definition" | "function_definition");
    let test = ancestors(ctx.scope()).filter(|node| around(*node)).last().unwrap_or_else(|| ctx.scope());
    let says = |node: Node<'_>, word: &str| occurrences(ctx.source.slice(node), word).next().is_some();
    let helps = |node: Node<'_>| {
        let node = node.child_by_field_name("definition").unwrap_or(node);
        let called = node.child_by_field_name("name").filter(|_| node.kind() == "function_definition");
        called.is_some_and(|called| says(test, ctx.source.slice(called)) && says(node, name))
    };
    says(test, name) || children(ctx.source.root()).any(helps)
}

/// The methods of a class whose base class in the product has them under another name now.
fn overrides<'t>(ctx: &Context<'_>, class: Node<'t>) -> Vec<Override<'t>> {
    let (Some(body), Some(bases)) = (class.child_by_field_name("body"), class.child_by_field_name("superclasses"))
    else {
        return Vec::new();
    };
    let own = |name: &str| methods(body).any(|(_, other)| ctx.source.slice(other) == name);
    let bases: Vec<Symbol> = children(bases)
        .filter(|base| base.kind() != "keyword_argument")
        .filter_map(|base| ctx.symbol_at(base.byte_range()))
        .filter(|base| base.kind == SymbolKind::Class && base.path.is_inside() && !base.path.is_test_code())
        .collect();
    let renamed = |(method, name): (Node<'t>, Node<'t>)| {
        let old = ctx.source.slice(name);
        if old.starts_with("__") || old.starts_with("test") {
            return None;
        }
        bases.iter().find_map(|base| {
            if ctx.snapshot.member(base, old).is_some() {
                return None;
            }
            let (rename, now) = successor(ctx, base, old)?;
            let is_taken = takes_as(ctx.source, method, now.signature.as_ref()?) && !own(&rename.new);
            is_taken.then(|| Override { class, name, base: base.clone(), now, rename })
        })
    };
    methods(body).filter_map(renamed).collect()
}

/// The methods of a class with their names.
fn methods<'t>(body: Node<'t>) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
    let methods = children(body).map(|node| node.child_by_field_name("definition").unwrap_or(node));
    methods
        .filter(|node| node.kind() == "function_definition")
        .filter_map(|method| Some((method, method.child_by_field_name("name")?)))
}

/// The method that took the place of `old` in `base`, or in what it derives from.
fn successor(ctx: &Context<'_>, base: &Symbol, old: &str) -> Option<(Rename, Symbol)> {
    ctx.snapshot.history().renames_of(old).into_iter().find_map(|rename| {
        let is_method = rename.kind == RenameKind::Symbol(SymbolKind::Method) && product::is_trusted(&rename);
        let within = rename.within.as_deref().filter(|_| is_method && !rename.path.is_test_code())?;
        let now = ctx.snapshot.member(base, &rename.new).filter(|now| now.path == rename.path)?;
        now.qualified.ends_with(&format!("{within}.{}", rename.new)).then_some((rename, now))
    })
}

/// Whether a method takes what another takes: what has more parameters, or other kinds, is more than renamed.
fn takes_as(source: &Source, method: Node<'_>, now: &Signature) -> bool {
    let own = signature_of(source, method);
    let is_static = method.prev_named_sibling().is_some_and(|node| source.slice(node).contains("staticmethod"));
    let kinds: Vec<ParameterKind> = own.parameters.iter().skip(usize::from(!is_static)).map(|it| it.kind).collect();
    let takes_any = kinds.contains(&ParameterKind::VarPositional);
    own.is_async == now.is_async && (takes_any || kinds.into_iter().eq(now.parameters.iter().map(|it| it.kind)))
}

/// The method and its uses in the class and of the class's objects. `None` where something else may mean it.
fn edits(ctx: &Context<'_>, found: &Override<'_>) -> Option<Vec<Edit>> {
    let (old, new) = (found.rename.old.as_str(), found.rename.new.as_str());
    let class_name = ctx.source.slice(found.class.child_by_field_name("name")?);
    let mut edits = vec![ctx.replace(found.name.byte_range(), new)];
    for node in descendants(ctx.source.root()) {
        if string_value(ctx.source, node).is_some_and(|text| text == old) {
            return None;
        }
        let attribute = node.child_by_field_name("attribute").filter(|_| node.kind() == "attribute");
        let Some(attribute) = attribute.filter(|attribute| ctx.source.slice(*attribute) == old) else { continue };
        let object = node.child_by_field_name("object")?;
        let is_inside = found.class.byte_range().contains(&node.start_byte());
        let is_own = is_inside && matches!(ctx.source.slice(object), "self" | "cls" | "super()");
        let type_name = || ctx.snapshot.type_of(&ctx.site.path, object.byte_range()).map(|symbol| symbol.name);
        match (is_own, type_name()) {
            (true, _) => edits.push(ctx.replace(attribute.byte_range(), new)),
            (false, Some(name)) if name == class_name => edits.push(ctx.replace(attribute.byte_range(), new)),
            (false, Some(_)) => {}
            (false, None) => return None,
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    Some(edits)
}

/// The classes of the product whose method of the old name the same commit renamed alike.
fn followers(ctx: &Context<'_>, found: &Override<'_>) -> Vec<Rename> {
    let mut renames = ctx.snapshot.history().renames_of(&found.rename.old);
    let is_other = |rename: &Rename| (&rename.path, &rename.within) != (&found.rename.path, &found.rename.within);
    renames.retain(|rename| {
        let is_method = rename.kind == RenameKind::Symbol(SymbolKind::Method) && !rename.path.is_test_code();
        is_method && rename.new == found.rename.new && rename.commit == found.rename.commit && is_other(rename)
    });
    renames
}

/// Whether a method has a body of its own that went over unchanged: `pass` and its like are anywhere.
fn does_something(ctx: &Context<'_>, method: &Symbol) -> bool {
    let Some(source) = ctx.snapshot.source(&method.path) else { return false };
    let Some(body) = source.function_at(method.range.start).and_then(|node| node.child_by_field_name("body")) else {
        return false;
    };
    let is_nothing = |node: &Node<'_>| match node.kind() {
        "pass_statement" | "raise_statement" | "comment" => true,
        "return_statement" => node.named_child_count() == 0,
        "expression_statement" => {
            node.named_child(0).is_some_and(|inner| matches!(inner.kind(), "string" | "ellipsis"))
        }
        _ => false,
    };
    !children(body).all(|node| is_nothing(&node))
}

/// Whether the product still defines, calls or names the method where the base class is known.
fn is_half_done(ctx: &Context<'_>, found: &Override<'_>) -> bool {
    let old = found.rename.old.as_str();
    callers::files(ctx, old).into_iter().any(|path| {
        let Some(source) = ctx.snapshot.source(&path) else { return false };
        // A mixin hands on to the base class without naming it.
        let hands_on = || tokens(source.text()).windows(5).any(|part| part == ["super", "(", ")", ".", old]);
        let knows_base =
            path == found.now.path || occurrences(source.text(), &found.base.name).next().is_some() || hands_on();
        knows_base && descendants(source.root()).any(|node| is_name(&source, node, old))
    })
}

fn is_name(source: &Source, node: Node<'_>, name: &str) -> bool {
    match node.kind() {
        "identifier" => source.slice(node) == name,
        "string" => string_value(source, node).is_some_and(|text| text == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A base class whose hook is called `handle` before and `process` now, what else the product has, a test's subclass.
    #[track_caller]
    fn check_handled(before: &str, after: &str, fake: &str, test: &str, healed: &str) {
        let base = |name: &str| {
            format!(
                "class Shop:\n    def run(self):\n        return self.{name}(\"x\")\n\n    \
                 def {name}(self, item):\n        raise NotImplementedError\n"
            )
        };
        let (was, is) = (base("handle"), base("process"));
        check(&format!(
            r#"
#- before: shop.py
{was}
#- shop.py
{is}
#- before: goods.py
from shop import Shop
{before}
#- goods.py
from shop import Shop
{after}
#- tests/test_shop.py
from shop import Shop

class Fake(Shop):
{fake}
def test_run():
{test}
    assert Fake().run() == "fakex"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________
tests/test_shop.py:10: in test_run
    assert Fake().run() == "fakex"
shop.py:3: in run
    return self.process("x")
shop.py:6: in process
    raise NotImplementedError
E   NotImplementedError
#- healed
{healed}
"#
        ));
    }

    const FAKE: &str = "    def handle(self, item):\n        return \"fake\" + item\n";

    fn goods(first: &str, second: &str) -> String {
        format!(
            "class Tea(Shop):\n    def {first}(self, item):\n        return \"tea\" + item\n\n\
             class Jam(Shop):\n    def {second}(self, item):\n        return \"jam\" + item\n"
        )
    }

    #[test]
    fn the_method_is_named_as_the_classes_of_the_product_name_it() {
        let (before, after) = (goods("handle", "handle"), goods("process", "process"));
        let healed = "-    def handle(self, item):\n+    def process(self, item):";
        check_handled(&before, &after, FAKE, "    tea = 1", healed);
    }

    #[test]
    fn a_method_that_something_unknown_is_asked_for_is_no_fix() {
        let (before, after) = (goods("handle", "handle"), goods("process", "process"));
        check_handled(&before, &after, FAKE, "    make().handle(1)", "no fix");
    }

    /// The same subclass in the conftest, where a fixture makes it, and what the test does before it runs it.
    #[track_caller]
    fn check_beside(fake: &str, test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: base.py
class Shop:
    def run(self):
        return self.handle("x")

    def handle(self, item):
        raise NotImplementedError
#- base.py
class Shop:
    def run(self):
        return self.process("x")

    def process(self, item):
        raise NotImplementedError
#- shop.py
from base import Shop

class Corner(Shop):
    name = "corner"
#- tests/conftest.py
import pytest
from shop import Corner

class Fake(Corner):
{fake}
@pytest.fixture
def shop():
    return Fake()
#- tests/test_shop.py
def test_run(shop):
{test}
    assert shop.run() == "fakex"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________
tests/test_shop.py:3: in test_run
    assert shop.run() == "fakex"
base.py:3: in run
    return self.process("x")
base.py:6: in process
    raise NotImplementedError
E   NotImplementedError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_fake_of_the_conftest_follows_a_base_of_another_file() {
        let healed = "-    def handle(self, item):\n+    def process(self, item):";
        check_beside(FAKE, "    tea = 1", healed);
        check_beside(FAKE, "    shop.handle(1)", "no fix");
        check_beside(&FAKE.replace(", item", ", item, tea"), "    tea = 1", "no fix");
    }

    #[test]
    fn a_method_that_takes_more_now_is_no_fix() {
        let (before, after) = (goods("handle", "handle"), goods("process", "process"));
        let fake = "    def handle(self):\n        return \"fake\"\n";
        check_handled(&before, &after, fake, "    tea = 1", "no fix");
    }
}
