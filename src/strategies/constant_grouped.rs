//! Constants of a module that became the members of a class: `STATUS_OPEN` is `Status.OPEN` now.

use std::ops::Range;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::{Item, ItemKind};
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, ancestors};
use crate::text::Edit;
use crate::workspace::history::Change;
use crate::workspace::similar_names::words;

use super::confidence::Odds;
use super::import_name::imported_here;
use super::{Context, Strategy, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "constant-grouped",
    categories: &[Category::AttributeError, Category::ImportError],
    summary: "Takes a constant of a module from the class that has its value as a member now.",
    example: r#"
#- before: shop.py
STATUS_OPEN = "open"
STATUS_CLOSED = "closed"

def status(count):
    return STATUS_OPEN if count else STATUS_CLOSED
#- shop.py
from enum import Enum

class Status(Enum):
    OPEN = "open"
    CLOSED = "closed"

def status(count):
    return Status.OPEN if count else Status.CLOSED
#- tests/test_shop.py
import shop

def test_open():
    assert shop.status(1) == shop.STATUS_OPEN
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_open ___________________________________

    def test_open():
>       assert shop.status(1) == shop.STATUS_OPEN
E       AttributeError: module 'shop' has no attribute 'STATUS_OPEN'

tests/test_shop.py:4: AttributeError
#- healed
-    assert shop.status(1) == shop.STATUS_OPEN
+    assert shop.status(1) == shop.Status.OPEN
"#,
    propose: constant_grouped,
};

/// Where a constant went.
struct Member {
    class: String,
    name: String,
    line: u32,
    change: Change,
}

fn constant_grouped(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (module, name) = match ctx.complaint() {
        Complaint::NoAttribute { owner: Owner::Module(module), name } | Complaint::NoImport { name, module } => {
            (module, name)
        }
        _ => return None,
    };
    if !ctx.raised_here() {
        return None;
    }
    let member = member(ctx, module, name)?;
    let (edits, uses) = match ctx.complaint() {
        Complaint::NoImport { .. } => imported(ctx, name, &member)?,
        _ => read(ctx, &member)?,
    };
    let Change { commit, subject, path, .. } = &member.change;
    let written = format!("{}.{}", member.class, member.name);
    let evidence = vec![
        Evidence::commit(commit, format!("`{name}` became `{written}` ({subject})")),
        Evidence::at(EvidenceKind::Source, path, member.line, format!("`{written}` has the value that `{name}` had")),
    ];
    let is_named_alike = words(name) == [words(&member.class), words(&member.name)].concat();
    let is_told = is_named_alike || is_shown(ctx, name, &member);
    let tier =
        if is_told && uses.iter().all(|used| fails_where_it_differs(ctx, used)) { Tier::Safe } else { Tier::Review };
    fixes.push(Fix {
        title: format!("Use `{written}` instead of `{name}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// The one member of a class of the module that has the value of the constant since the commit that took it away, and a
/// name that the constant's ends with.
fn member(ctx: &Context<'_>, module: &str, name: &str) -> Option<Member> {
    let change = product::removal(ctx.snapshot, &ctx.site.path, name)?;
    let before = product::outline_naming(&change.before, name)?;
    let value = |text: &str, item: &Item| Some(tokens(text.get(item.value.clone()?)?).concat());
    let (_, constant) = before.children(None).find(|(_, item)| item.name == name && item.kind == ItemKind::Variable)?;
    let was = value(change.before.as_deref()?, constant)?;
    let after = ctx.snapshot.outline(&change.path)?;
    let text = ctx.snapshot.text(&change.path)?;
    let found: Vec<(String, &Item)> = after
        .items
        .iter()
        .filter(|item| item.kind == ItemKind::Variable && !item.on_self && words(name).ends_with(&words(&item.name)))
        .filter(|item| value(&text, item).as_deref() == Some(&was))
        .filter_map(|item| Some((after.items[item.parent?].name.clone(), item)))
        .collect();
    let [(class, item)] = found.as_slice() else { return None };
    let (class, name, line) = (class.clone(), item.name.clone(), item.line);
    let is_there = ctx.snapshot.module_members(module).symbols.iter().any(|symbol| symbol.name == class);
    is_there.then_some(Member { class, name, line, change })
}

/// Whether the commit moved another use of the constant to the member.
fn is_shown(ctx: &Context<'_>, name: &str, member: &Member) -> bool {
    let asks = |text: &str| tokens(text).windows(3).any(|part| part == [member.class.as_str(), ".", &member.name]);
    let migrations = ctx.snapshot.history().migrations_of(name);
    migrations.iter().any(|example| example.commit == member.change.commit && asks(&example.after))
}

/// Whether a test fails at this use where the product gives another thing: what is asserted to be equal, or handed on. A
/// member of an enum is unequal to every text.
fn fails_where_it_differs(ctx: &Context<'_>, used: &Range<usize>) -> bool {
    let Some(node) = ctx.source.node_at(used.clone()) else { return false };
    let mut around = ancestors(node).skip(1);
    let is_end = |node: &Node<'_>| matches!(node.kind(), "comparison_operator" | "argument_list" | "not_operator");
    let Some(outer) = around.find(|node| is_end(node) || node.kind().ends_with("_statement")) else { return false };
    match outer.kind() {
        "argument_list" => outer.parent().is_some_and(|call| !ctx.source.slice(call).contains("assertNot")),
        "comparison_operator" => {
            let operators: Vec<&str> = {
                let mut cursor = outer.walk();
                let all: Vec<Node<'_>> = outer.children(&mut cursor).collect();
                all.into_iter().filter(|node| !node.is_named()).map(|node| ctx.source.slice(node)).collect()
            };
            let is_asserted = outer.parent().is_some_and(|parent| parent.kind() == "assert_statement");
            is_asserted && operators.iter().all(|operator| matches!(*operator, "==" | "is"))
        }
        _ => false,
    }
}

/// The edits, and where the test uses the constant.
type Taken = (Vec<Edit>, Vec<Range<usize>>);

/// `from shop import STATUS_OPEN` becomes `from shop import Status`, and each use is one of the class.
fn imported(ctx: &Context<'_>, name: &str, member: &Member) -> Option<Taken> {
    let item = imported_here(ctx, name).filter(|item| item.local == *name)?;
    let known = imports::imports(ctx.source);
    let own = known.iter().find(|other| other.local == member.class);
    let is_same = own.is_some_and(|own| own.module == item.module && own.name.as_deref() == Some(&member.class));
    let is_free = own.is_none() && names::uses(ctx.source, &member.class).is_empty();
    if !is_same && !is_free || names::is_made_by_a_function(ctx.source, &member.class) {
        return None;
    }
    let uses = names::uses(ctx.source, name);
    let written = format!("{}.{}", member.class, member.name);
    let mut edits: Vec<Edit> = uses.iter().map(|used| ctx.replace(used.clone(), written.clone())).collect();
    edits.insert(
        0,
        match is_same {
            true => imports::remove(ctx.source, &ctx.site.path, &item)?,
            false => ctx.replace(item.name_range.clone(), &*member.class),
        },
    );
    Some((edits, uses))
}

/// `shop.STATUS_OPEN` becomes `shop.Status.OPEN` wherever it stands.
fn read(ctx: &Context<'_>, member: &Member) -> Option<Taken> {
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    let object = ctx.source.slice(attribute.child_by_field_name("object")?);
    let written = format!("{object}.{}.{}", member.class, member.name);
    let places = names::same_attributes(ctx.source, attribute).map(|node| node.byte_range());
    let places: Vec<Range<usize>> = places.collect();
    Some((places.iter().map(|place| ctx.replace(place.clone(), written.clone())).collect(), places))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// Two constants that a class has since, as `class` says, and a test that imports one of them.
    fn scene(class: &str, imports: &str, says: &str, healed: &str) -> String {
        let name = class.split([' ', '(']).nth(1).unwrap_or_default();
        format!(
            r#"
#- before: shop.py
STATUS_OPEN = "open"
STATUS_CLOSED = "closed"

def status(count):
    return STATUS_OPEN if count else STATUS_CLOSED
#- shop.py
from enum import Enum

{class}
def status(count):
    return {name}.OPEN if count else {name}.CLOSED
#- tests/test_shop.py
from shop import {imports}status

def test_open():
    assert {says}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
ImportError while importing test module '/p/tests/test_shop.py'.
Traceback:
tests/test_shop.py:1: in <module>
    from shop import {imports}status
E   ImportError: cannot import name 'STATUS_OPEN' from 'shop' (/p/shop.py)
#- healed
{healed}
"#
        )
    }

    #[track_caller]
    fn check_grouped(class: &str, imports: &str, says: &str, tier: Tier, healed: &str) {
        let scene = scene(class, imports, says, healed);
        check(&scene);
        assert_eq!(Scene::parse(&scene).heal().fixes[0].fix().tier, tier);
    }

    const CLASS: &str = "class Status(str, Enum):\n    OPEN = \"open\"\n    CLOSED = \"closed\"\n";

    fn healed(imports: (&str, &str), says: (&str, &str)) -> String {
        format!(
            "-from shop import {}status\n+from shop import {}status\n-    assert {}\n+    assert {}",
            imports.0, imports.1, says.0, says.1
        )
    }

    #[test]
    fn an_imported_constant_is_a_member_of_the_class_that_has_its_value() {
        let says = ("status(1) == STATUS_OPEN", "status(1) == Status.OPEN");
        let imports = ("STATUS_OPEN, ", "Status, ");
        check_grouped(CLASS, imports.0, says.0, Tier::Safe, &healed(imports, says));
        let known = ("STATUS_OPEN, Status, ", "Status, ");
        check_grouped(CLASS, known.0, says.0, Tier::Safe, &healed(known, says));
        // By another word than the constant had.
        let other = CLASS.replace("class Status", "class Phase");
        let phase = ("status(1) == STATUS_OPEN", "status(1) == Phase.OPEN");
        check_grouped(&other, imports.0, phase.0, Tier::Review, &healed((imports.0, "Phase, "), phase));
    }

    #[test]
    fn what_differs_from_every_text_is_a_persons_to_accept() {
        let says = ("status(0) != STATUS_OPEN", "status(0) != Status.OPEN");
        let imports = ("STATUS_OPEN, ", "Status, ");
        check_grouped(CLASS, imports.0, says.0, Tier::Review, &healed(imports, says));
    }

    #[test]
    fn a_member_of_another_value_is_not_the_constant() {
        let slip = CLASS.replace("OPEN = \"open\"", "OPEN = \"opened\"");
        let healing = Scene::parse(&scene(&slip, "STATUS_OPEN, ", "status(1) == STATUS_OPEN", "")).heal();
        assert!(healing.fixes.iter().all(|guarded| guarded.fix().strategy != "constant-grouped"));
    }
}
