//! `patch("a.b.c")` of something that was renamed or moved: the dotted string follows.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::locate::string_content;
use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::Import;
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, ancestors};
use crate::workspace::history::{Change, RenameKind};
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::confidence::Odds;
use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, mock_checks};

mod composed;
mod objects;
mod started;

pub(super) use composed::constant;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "patch-target",
    categories: &[Category::AttributeError, Category::ImportError, Category::DependencyError],
    summary: "Patches the name where it is now.",
    example: r#"
#- before: shop/mail.py
def send_mail(to):
    print("to", to)
    return True
#- shop/mail.py
def deliver(to):
    print("to", to)
    return True
#- tests/test_mail.py
from unittest.mock import patch

def test_mail():
    with patch("shop.mail.$0send_mail") as send:
        assert send
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail():
>       with patch("shop.mail.send_mail") as send:

tests/test_mail.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <unittest.mock._patch object at 0x7f0000000000>

    def get_original(self):
>           raise AttributeError(
                "%s does not have the attribute %r" % (target, name)
            )
E           AttributeError: <module 'shop.mail' from '/p/shop/mail.py'> does not have the attribute 'send_mail'

/usr/lib/python3.12/unittest/mock.py:1442: AttributeError
#- healed
-    with patch("shop.mail.send_mail") as send:
+    with patch("shop.mail.deliver") as send:
"#,
    propose: patch_target,
};

fn patch_target(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if let Complaint::NoAttribute { owner: Owner::Module(module), name } = ctx.complaint() {
        objects::moved(ctx, module, name, fixes);
        composed::renamed(ctx, module, name, fixes);
    }
    let written = ancestors(ctx.node()?).find(|node| node.kind() == "string");
    let string = written.filter(|string| is_target(ctx, *string)).or_else(|| started::target(ctx))?;
    let target = string_content(ctx.source, string)?.to_string();
    match ctx.complaint() {
        Complaint::NoAttribute { owner: Owner::Module(module), name } => {
            renamed(ctx, string, &target, module, name, fixes);
            module_moved(ctx, string, &target, &format!("{module}.{name}"), fixes);
            moved(ctx, string, &target, module, name, fixes)
        }
        Complaint::NoAttribute { owner: Owner::Class(class), name } => {
            let is_it = |symbol: &Symbol| symbol.name == *class;
            let found = |owner: &str| ctx.snapshot.named(owner).filter(is_it);
            member_renamed(ctx, string, &target, [class, name], (found, |_| true), fixes)
        }
        Complaint::NoAttribute { owner: Owner::Instance(class), name } => {
            let found = |owner: &str| of_instance(ctx, owner, class);
            member_renamed(ctx, string, &target, [class, name], (found, |new| is_read_alike(ctx, name, new)), fixes)
        }
        Complaint::NoModule { module } => {
            // `monkeypatch.setattr("shop.Cart.total", …)` takes what is missing for a module.
            if let Some((owner, name)) = module.rsplit_once('.').filter(|(owner, _)| is_module(ctx, owner)) {
                renamed(ctx, string, &target, owner, name, fixes);
            }
            module_moved(ctx, string, &target, module, fixes)
        }
        _ => None,
    }
}

/// The string is the target of `patch(…)`, `mocker.patch(…)` or `monkeypatch.setattr(…)`.
pub(super) fn is_target(ctx: &Context<'_>, string: Node<'_>) -> bool {
    let call = ancestors(string).find(|node| node.kind() == "call");
    call.and_then(|call| call.child_by_field_name("function")).is_some_and(|function| {
        let text = ctx.source.slice(function);
        text == "patch"
            || text.ends_with(".patch")
            || text.ends_with("patch.dict")
            || text.ends_with("setattr")
            || text.ends_with("delattr")
    })
}

fn offer(
    ctx: &Context<'_>,
    string: Node<'_>,
    old: &str,
    new: &str,
    evidence: Vec<Evidence>,
    odds: Odds,
    fixes: &mut Vec<Fix>,
) {
    let text = ctx.source.slice(string).replacen(old, new, 1);
    fixes.push(Fix {
        title: format!("Patch `{new}`"),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(string.byte_range(), text)],
        confidence: odds.confidence(),
        evidence,
        tier: tier(ctx, string),
    });
}

/// A test that only asks that the mock is not called passes with a patch of anything.
fn tier(ctx: &Context<'_>, string: Node<'_>) -> Tier {
    if mock_checks::only_deny(ctx, string) { Tier::Review } else { Tier::Safe }
}

fn is_module(ctx: &Context<'_>, dotted: &str) -> bool {
    ctx.snapshot.module(dotted).is_some()
}

/// `shop.mail.send.delay` with another name for the `send` of `shop.mail`; else for what the target ends with.
fn with_part(target: &str, owner: &str, old: &str, new: &str) -> Option<String> {
    let rest = target.strip_prefix(&format!("{owner}.{old}")).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    match rest {
        Some(rest) => Some(format!("{owner}.{new}{rest}")),
        None => target.strip_suffix(old).map(|prefix| format!("{prefix}{new}")),
    }
}

/// The class of the object that the product keeps under the name `owner`: the only one of the product that is called so.
fn of_instance(ctx: &Context<'_>, owner: &str, class: &str) -> Option<Symbol> {
    let is_kept = ctx.snapshot.named(owner).is_some_and(|symbol| !symbol.path.is_test_code());
    let mut found = ctx.snapshot.definitions(class);
    found.retain(|symbol| symbol.kind == SymbolKind::Class);
    found.pop().filter(|symbol| is_kept && found.is_empty() && !symbol.path.is_test_code())
}

/// Whether what read the field under its old name does the same with it under the new one: the value that a test puts
/// there has its meaning there.
fn is_read_alike(ctx: &Context<'_>, old: &str, new: &str) -> bool {
    let renamed = |line: &String| -> Option<Vec<String>> {
        let tokens = tokens(line);
        let name = |token: &str| if token == old { new.to_string() } else { token.to_string() };
        tokens.contains(&old).then(|| tokens.into_iter().map(name).collect())
    };
    let is_kept = |hunk: &Hunk| {
        let mut reads = hunk.removed.iter().filter_map(renamed);
        reads.all(|read| hunk.added.iter().any(|line| tokens(line) == read))
    };
    product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| hunk.is_python()).all(is_kept)
}

/// The class that the target names, or has an object of, has the member under another name.
fn member_renamed(
    ctx: &Context<'_>,
    string: Node<'_>,
    target: &str,
    [class, name]: [&str; 2],
    (found, is_same): (impl Fn(&str) -> Option<Symbol>, impl Fn(&str) -> bool),
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let owner = target.strip_suffix(name)?.strip_suffix('.')?;
    let symbol = found(owner)?;
    let members = ctx.snapshot.members(&symbol);
    let existing: Vec<Existing> = members.symbols.iter().map(|symbol| Existing::defined(symbol, class)).collect();
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage);
    let question = Question { missing: name, existing: &existing, open: members.open, kinds, class: Some(class) };
    for answer in answers(ctx, &question) {
        let new = format!("{owner}.{}", answer.name);
        let text = ctx.source.slice(string).replacen(target, &new, 1);
        fixes.push(Fix {
            title: format!("Patch `{new}`"),
            strategy: STRATEGY.id,
            edits: vec![ctx.replace(string.byte_range(), text)],
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: if answer.tier == Tier::Review || !is_same(&answer.name) { Tier::Review } else { tier(ctx, string) },
        });
    }
    Some(())
}

/// The module has the name under another one.
fn renamed(ctx: &Context<'_>, string: Node<'_>, target: &str, module: &str, name: &str, fixes: &mut Vec<Fix>) {
    let members = ctx.snapshot.module_members(module);
    // A mock of a whole module answers to everything; a function is not one.
    let is_function = ctx.snapshot.definitions(name).iter().any(|symbol| symbol.kind != SymbolKind::Module);
    let patched = members.symbols.iter().filter(|symbol| !is_function || symbol.kind != SymbolKind::Module);
    let existing: Vec<Existing> = patched.map(|symbol| Existing::defined(symbol, module)).collect();
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage);
    for answer in answers(ctx, &Question { missing: name, existing: &existing, open: members.open, kinds, class: None })
    {
        let Some(new) = with_part(target, module, name, &answer.name) else { continue };
        let text = ctx.source.slice(string).replacen(target, &new, 1);
        fixes.push(Fix {
            title: format!("Patch `{new}`"),
            strategy: STRATEGY.id,
            edits: vec![ctx.replace(string.byte_range(), text)],
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: if answer.tier == Tier::Review { Tier::Review } else { tier(ctx, string) },
        });
    }
}

/// Another module looks the name up now: the one product module that imports or defines it.
fn moved(
    ctx: &Context<'_>,
    string: Node<'_>,
    target: &str,
    module: &str,
    name: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let prefix = format!("{module}.{name}");
    let rest = target.strip_prefix(&prefix).filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
    let lost = lost(ctx, module, name)?;
    // The module that was patched looks it up under a name of its own.
    let own = ctx.snapshot.module(module).and_then(|path| Some((ctx.snapshot.outline(&path)?, path)));
    let alias = own.as_ref().and_then(|(outline, path)| {
        let is_it = |import: &&Import| import.name.as_deref() == Some(name) && import.inside.is_none();
        outline.imports.iter().find(is_it).map(|import| (import, path))
    });
    if let Some((import, path)) = alias {
        let says = format!("`{module}` takes `{name}` from `{}` as `{}`", import.module, import.binds);
        let text = format!("`{module}` has no `{name}` since then ({})", lost.subject);
        let fact = Evidence::at(EvidenceKind::Source, path, import.line, says);
        let evidence = vec![fact, Evidence::commit(&lost.commit, text)];
        let odds = Odds::of(&evidence);
        offer(ctx, string, target, &format!("{module}.{}{rest}", import.binds), evidence, odds, fixes);
        return Some(());
    }
    let homes = homes(ctx, module, name);
    let rivals = homes.len().saturating_sub(1);
    for (home, fact) in homes.into_iter().take(2) {
        let text = format!("`{module}` has no `{name}` since then ({})", lost.subject);
        let evidence = vec![fact, Evidence::commit(&lost.commit, text)];
        let odds = Odds::of(&evidence).rivals(rivals).doubt(0.5);
        offer(ctx, string, target, &format!("{home}.{name}{rest}"), evidence, odds, fixes);
    }
    Some(())
}

/// The change that took `name` from the module.
fn lost(ctx: &Context<'_>, module: &str, name: &str) -> Option<Change> {
    product::changes(ctx.snapshot, &ctx.site.path).into_iter().find(|change| {
        let holds = |text: &Option<std::sync::Arc<str>>| text.as_ref().is_some_and(|text| text.contains(name));
        ctx.snapshot.dotted_name(&change.path).as_deref() == Some(module) && holds(&change.before)
    })
}

/// The other modules of the product that define or import `name`.
fn homes(ctx: &Context<'_>, module: &str, name: &str) -> Vec<(String, Evidence)> {
    let mut homes: Vec<(String, Evidence)> = Vec::new();
    for path in ctx.snapshot.files_naming(name).iter().filter(|path| !path.is_test_code()) {
        let (Some(outline), Some(home)) = (ctx.snapshot.outline(path), ctx.snapshot.dotted_name(path)) else {
            continue;
        };
        let import = outline.imports.iter().find(|import| import.binds == name).map(|import| import.line);
        let line =
            import.or_else(|| outline.children(None).find(|(_, item)| item.name == name).map(|(_, item)| item.line));
        if let Some(line) = line.filter(|_| home != module) {
            homes
                .push((home.clone(), Evidence::at(EvidenceKind::Source, path, line, format!("`{home}` has `{name}`"))));
        }
    }
    homes
}

fn module_moved(ctx: &Context<'_>, string: Node<'_>, target: &str, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let rest = target.strip_prefix(missing)?;
    let renames = ctx.snapshot.history().renames_of(missing);
    for rename in renames.iter().filter(|rename| rename.kind == RenameKind::Module && rename.new != rename.old).take(2)
    {
        ctx.snapshot.module(&rename.new)?;
        let text = format!("`{}` became `{}` ({})", rename.old, rename.new, rename.subject);
        let source = Evidence::at(EvidenceKind::Source, &rename.path, 1, format!("`{}` is here", rename.new));
        let evidence = vec![Evidence::commit(&rename.commit, text), source];
        let odds = Odds::of(&evidence);
        offer(ctx, string, target, &format!("{}{rest}", rename.new), evidence, odds, fixes);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::check;

    #[test]
    fn a_target_that_never_was_is_no_fix() {
        check(
            r#"
#- shop/mail.py
def deliver(to):
    return True
#- tests/test_mail.py
from unittest.mock import patch

def test_mail():
    with patch("shop.mail.$0archive") as send:
        assert send
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail():
>       with patch("shop.mail.archive") as send:

tests/test_mail.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def get_original(self):
>           raise AttributeError(
E           AttributeError: <module 'shop.mail' from '/p/shop/mail.py'> does not have the attribute 'archive'

/usr/lib/python3.12/unittest/mock.py:1442: AttributeError
#- healed
no fix
"#,
        );
    }

    fn scene(before: &str, after: &str, test: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop/mail.py
{before}
#- shop/mail.py
{after}
#- shop/transport.py
def send(to):
    return to
#- shop/__init__.py
#- tests/test_mail.py
from unittest.mock import patch

{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail():
>       with patch("shop.mail.send") as send:

tests/test_mail.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def get_original(self):
>           raise AttributeError(
E           AttributeError: <module 'shop.mail' from '/p/shop/mail.py'> does not have the attribute 'send'

/usr/lib/python3.12/unittest/mock.py:1442: AttributeError
#- healed
{healed}
"#
        )
    }

    const BEFORE: &str = "def send(to):\n    return to\n\ndef order(to):\n    send(to)";
    const ALIASED: &str = "from shop.transport import send as carry\n\ndef order(to):\n    carry(to)";

    #[test]
    fn the_name_that_the_patched_module_looks_up_is_patched() {
        let test = "def test_mail():\n    with patch(\"shop.mail.send\") as send:\n        order(1)\n    send.assert_called_once()";
        let healed = "-    with patch(\"shop.mail.send\") as send:\n+    with patch(\"shop.mail.carry\") as send:";
        check(&scene(BEFORE, ALIASED, test, healed));
        // Who calls it through its module looks it up there.
        let of_module = "from shop import transport\n\ndef order(to):\n    transport.send(to)";
        let healed = "-    with patch(\"shop.mail.send\") as send:\n+    with patch(\"shop.transport.send\") as send:";
        check(&scene(BEFORE, of_module, test, healed));
    }

    #[track_caller]
    fn asked(test: &str, tier: Tier) {
        let test =
            format!("def test_mail():\n    with patch(\"shop.mail.send\") as send:\n        order(1)\n    {test}");
        let healing = crate::fixture::Scene::parse(&scene(BEFORE, ALIASED, &test, "")).heal();
        assert_eq!(healing.fixes.first().map(|fix| fix.fix().tier), Some(tier), "{test}: {:?}", healing.refused);
    }

    #[test]
    fn a_mock_that_must_not_be_called_is_for_a_person() {
        asked("send.assert_not_called()", Tier::Review);
        asked("assert not send.called", Tier::Review);
        asked("assert send.call_count == 0", Tier::Review);
        asked("self.assertFalse(send.called)", Tier::Review);
        asked("assert send.mock_calls == []", Tier::Review);
        asked("assert send.call_count == 1", Tier::Safe);
        asked("assert order(1) is None", Tier::Safe);
        asked("send.assert_not_called()\n    order(2)\n    send.assert_called_once_with(2)", Tier::Safe);
    }

    /// A class of `shop.mail` and its method have other names now; a test patches `target`.
    fn class(target: &str, error: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop/mail.py
class Sender:
    def send(self, to):
        print("to", to)
        return True

def order(to):
    return Sender().send(to)

def orders(all):
    return [Sender().send(to) for to in all]
#- shop/mail.py
class Courier:
    def deliver(self, to):
        print("to", to)
        return True

def order(to):
    return Courier().deliver(to)

def orders(all):
    return [Courier().deliver(to) for to in all]
#- tests/test_mail.py
from unittest.mock import patch
from shop import mail

MODULE = "shop.mail"
TARGET = "shop.mail.Sender"
NAME = "Sender"

def test_mail(name):
    with patch({target}, create=False):
        assert mail.order("ann")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

    def test_mail(name):
>       with patch({target}, create=False):

tests/test_mail.py:9: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def get_original(self):
>           raise AttributeError(
E           AttributeError: {error}

/usr/lib/python3.12/unittest/mock.py:1442: AttributeError
#- healed
{healed}
"#
        )
    }

    const LOST: &str = "<module 'shop.mail' from '/p/shop/mail.py'> does not have the attribute 'Sender'";
    const INNER: &str = "module 'shop.mail' has no attribute 'Sender'";

    #[test]
    fn a_class_in_the_middle_of_the_target_follows() {
        let healed = "-    with patch(\"shop.mail.Sender.total\", create=False):\n\
            +    with patch(\"shop.mail.Courier.total\", create=False):";
        check(&class("\"shop.mail.Sender.total\"", INNER, healed));
        check(&class("\"other.mail.Sender.total\"", INNER, "no fix"));
    }

    #[test]
    fn a_method_at_the_end_of_the_target_follows() {
        let scene = |class_name: &str, healed: &str| {
            let error = format!("<class 'shop.mail.{class_name}'> does not have the attribute 'send'");
            class(&format!("\"shop.mail.{class_name}.send\""), &error, healed).replace("class Sender", "class Courier")
        };
        let healed = "-    with patch(\"shop.mail.Courier.send\", create=False):\n\
            +    with patch(\"shop.mail.Courier.deliver\", create=False):";
        check(&scene("Courier", healed));
        check(&scene("Other", "no fix"));
    }

    #[test]
    fn a_target_that_is_put_together_follows_where_it_is_written() {
        check(&class("TARGET", LOST, "-TARGET = \"shop.mail.Sender\"\n+TARGET = \"shop.mail.Courier\""));
        let healed = "-    with patch(f\"{MODULE}.Sender\", create=False):\n\
            +    with patch(f\"{MODULE}.Courier\", create=False):";
        check(&class("f\"{MODULE}.Sender\"", LOST, healed));
        check(&class("MODULE + \".\" + NAME", LOST, "-NAME = \"Sender\"\n+NAME = \"Courier\""));
        // What is known at run time alone, or is another module's, stays.
        check(&class("f\"{MODULE}.{name}\"", LOST, "no fix"));
        check(&class("f\"shop.post.{NAME}\"", LOST, "no fix"));
    }

    #[test]
    fn a_field_of_an_object_that_the_product_keeps_follows() {
        let scene = |target: &str, error: &str, healed: &str| {
            check(&format!(
                r#"
#- before: shop.py
class Settings:
    def __init__(self):
        self.limit = 3

config = Settings()

def allowed(n):
    return n < config.limit
#- shop.py
class Settings:
    def __init__(self):
        self.most = 3

config = Settings()

def allowed(n):
    return n < config.most
#- tests/test_shop.py
import shop

def test_allowed(monkeypatch):
    monkeypatch.setattr("{target}", 10)
    assert shop.allowed(5)
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_allowed _________________________________

    def test_allowed(monkeypatch):
>       monkeypatch.setattr("{target}", 10)

tests/test_shop.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

E           AttributeError: {error}

/usr/lib/python3.12/site-packages/_pytest/monkeypatch.py:97: AttributeError
#- healed
{healed}
"#
            ));
        };
        let healed = "-    monkeypatch.setattr(\"shop.config.limit\", 10)\n\
            +    monkeypatch.setattr(\"shop.config.most\", 10)";
        scene("shop.config.limit", "'Settings' object at shop.config has no attribute 'limit'", healed);
        scene(
            "shop.config.limit",
            "<shop.Settings object at 0x7f0000000000> does not have the attribute 'limit'",
            healed,
        );
        scene("shop.config.limit", "'Other' object at shop.config has no attribute 'limit'", "no fix");
        scene("shop.conf.limit", "'Settings' object at shop.conf has no attribute 'limit'", "no fix");
    }
}
