//! An expected constant (an enum's member, a logging level, an HTTP status, a constant of the project) that the
//! product does not give any more: the test names the one that it gives.

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use std::ops::Range;

use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::comparison::{self, Side};
use super::confidence::{Odds, TOLD};
use super::imports::{self, Imported};
use super::names::is_constant;
use super::{Context, Strategy, constructors, literals, names, told, well_known};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-constant",
    categories: &[Category::AssertionError],
    summary: "Expects the enum member, level, status or constant that the run gave, as a proposal for a person.",
    example: r#"
#- shop.py
import logging

def level():
    return logging.INFO
#- tests/test_level.py
import logging
from shop import level

def test_level():
    assert $0level() == logging.DEBUG
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_level __________________________________

    def test_level():
>       assert level() == logging.DEBUG
E       assert 20 == 10
E        +  where 20 = level()
E        +  and   10 = logging.DEBUG

tests/test_level.py:5: AssertionError
#- healed
-    assert level() == logging.DEBUG
+    assert level() == logging.INFO
"#,
    propose: expected_constant,
};

fn expected_constant(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (found, actual) = equal(ctx).or_else(|| contained(ctx))?;
    let (_, name) = found.first()?;
    let text = format!("the run gave {}", super::expected_value::short(&actual));
    let mut evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }];
    let told = told::told(ctx);
    let tells = |told: &told::Told| {
        told.is_certain && found.iter().all(|(node, name)| told.tells_of(ctx.source.slice(*node), name))
    };
    let tier = if told.as_ref().is_some_and(tells) { Tier::Safe } else { Tier::Review };
    let doubt = if told.is_some() { TOLD } else { 0.2 };
    evidence.extend(told.into_iter().flat_map(|told| told.evidence));
    fixes.push(Fix {
        title: format!("Expect `{name}`"),
        strategy: STRATEGY.id,
        edits: edits(ctx, &found)?,
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// The edits that name other constants in an expression that was the first of two printed values and has to be the last.
pub(super) fn of_value(ctx: &Context<'_>, node: Node<'_>, printed: [&str; 2]) -> Option<Vec<Edit>> {
    let [was, is] = printed.map(|text| Source::parse(constructors::member(text).unwrap_or(text)));
    let mut found = Vec::new();
    differing(&Seen { ctx, was: &was, is: &is }, node, value(&was)?, value(&is)?, &mut found)?;
    edits(ctx, &found)
}

/// Constants of the test, each with the name that stands for the new value.
type Changed<'c> = Vec<(Node<'c>, String)>;

/// The constants on the one side of a comparison that has some, and what the other side was.
fn equal<'c>(ctx: &'c Context<'_>) -> Option<(Changed<'c>, String)> {
    let (node, expected, actual) = comparison::one_side(ctx, |side| declared(ctx, side))?;
    let (was, is) = (readable(&expected.printed)?, readable(&actual.printed)?);
    let mut found = Vec::new();
    differing(&Seen { ctx, was: &was, is: &is }, node, value(&was)?, value(&is)?, &mut found)?;
    Some((found, actual.printed))
}

/// The constants of a tuple that a list was to hold, where one of its items differs in nothing else.
fn contained<'c>(ctx: &'c Context<'_>) -> Option<(Changed<'c>, String)> {
    let (expected, actual) = comparison::contained(ctx)?;
    let node = declared(ctx, &expected).filter(|node| node.kind() == "tuple")?;
    let (was, is) = (readable(&expected.printed)?, readable(&actual)?);
    let items = value(&is).filter(|items| matches!(items.kind(), "list" | "tuple"))?;
    let seen = Seen { ctx, was: &was, is: &is };
    let change = |item: Node<'_>| {
        let mut found = Vec::new();
        differing(&seen, node, value(&was)?, item, &mut found)?;
        (found.len() < children(node).count()).then_some(found)
    };
    let mut changes = children(items).filter_map(change);
    let only = changes.next()?;
    changes.next().is_none().then_some((only, actual))
}

/// The constants, and what has to be imported for them; an import that nothing uses any more goes.
fn edits(ctx: &Context<'_>, found: &[(Node<'_>, String)]) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = found.iter().map(|(node, name)| ctx.replace(node.byte_range(), name)).collect();
    let imported = found.iter().filter(|(node, _)| node.kind() == "identifier");
    for (node, new) in imported {
        let old = imported_constant(ctx, ctx.source.slice(*node))?;
        let is_replaced = |used: &Range<usize>| found.iter().any(|(node, _)| node.byte_range() == *used);
        let others = names::uses(ctx.source, &old.local).iter().filter(|used| !is_replaced(used)).count();
        let there = imports::imports(ctx.source).into_iter().find(|item| item.local == *new);
        let import = match others {
            _ if there.as_ref().is_some_and(|item| item.module == old.module) => None,
            // The name is another thing here.
            _ if there.is_some() => return None,
            0 => Some(ctx.replace(old.range.clone(), new)),
            _ => Some(imports::add(ctx, &old.module, Some(new))?),
        };
        edits.extend(import.filter(|import| !edits.contains(import)).into_iter().collect::<Vec<_>>());
    }
    edits.sort_by_key(|edit| edit.range.start);
    Some(edits)
}

/// The import of a constant of the project under its own name.
fn imported_constant(ctx: &Context<'_>, name: &str) -> Option<Imported> {
    let item = imports::imports(ctx.source).into_iter().find(|item| item.local == name)?;
    let is_own = || ctx.snapshot.module_members(&item.module).get(name).is_some_and(|symbol| symbol.path.is_inside());
    (is_constant(name) && item.name.as_deref() == Some(name) && is_own()).then_some(item)
}

/// The expression with the constants: the side itself, what its name was given, or what the helper of the file
/// that it calls returns.
fn declared<'c>(ctx: &'c Context<'_>, side: &Side<'c>) -> Option<Node<'c>> {
    let mut node = literals::inner(side.node);
    if node.kind() == "identifier" && imported_constant(ctx, ctx.source.slice(node)).is_none() {
        let test = ctx.source.function_at(ctx.site.statement.start)?;
        node = comparison::assigned_once(ctx.source, test, ctx.source.slice(node), ctx.site.statement.start)?;
    }
    if node.kind() == "call" {
        node = returned(ctx.source, node)?;
    }
    let is_constant = |part: Node<'_>| match part.kind() {
        "identifier" => imported_constant(ctx, ctx.source.slice(part)).is_some(),
        _ => constant(ctx, part).is_some(),
    };
    descendants(node).any(is_constant).then_some(node)
}

/// What the only function of the file with the name of the callee returns, where it has nothing else to say.
fn returned<'c>(source: &'c Source, call: Node<'c>) -> Option<Node<'c>> {
    call.child_by_field_name("arguments").filter(|list| list.named_child_count() == 0)?;
    let name = source.slice(crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?);
    let mut named = descendants(source.root()).filter(|node| {
        let own = node.child_by_field_name("name").map(|node| source.slice(node));
        node.kind() == "function_definition" && own == Some(name)
    });
    let body = named.next()?.child_by_field_name("body").filter(|body| body.named_child_count() == 1)?;
    named.next().is_none().then_some(())?;
    body.named_child(0).filter(|node| node.kind() == "return_statement")?.named_child(0)
}

/// `Level.HIGH` of something imported: the object and the name.
fn constant<'c>(ctx: &'c Context<'_>, node: Node<'c>) -> Option<(&'c str, &'c str)> {
    let object = node.child_by_field_name("object").filter(|_| node.kind() == "attribute")?;
    let (object, name) = (ctx.source.slice(object), ctx.source.slice(node.child_by_field_name("attribute")?));
    let root = object.split('.').next()?;
    let known = imports::imports(ctx.source).iter().any(|import| import.local.split('.').next() == Some(root));
    (is_constant(name) && known).then_some((object, name))
}

/// `Level.HIGH` of `Level.HIGH.value`.
fn valued<'t>(source: &Source, node: Node<'t>) -> Option<Node<'t>> {
    let attribute = node.child_by_field_name("attribute").filter(|_| node.kind() == "attribute")?;
    node.child_by_field_name("object").filter(|_| source.slice(attribute) == "value")
}

/// The printed values of both sides.
struct Seen<'a, 'c> {
    ctx: &'a Context<'c>,
    was: &'a Source,
    is: &'a Source,
}

/// The constants of `node` that have to change, with what they become; `None` where anything else differs.
fn differing<'c>(
    seen: &Seen<'_, '_>,
    node: Node<'c>,
    was: Node<'_>,
    is: Node<'_>,
    found: &mut Vec<(Node<'c>, String)>,
) -> Option<()> {
    if literals::same(seen.was, was, seen.is, is) {
        return Some(());
    }
    let node = literals::inner(node);
    let parts = |node: Node<'_>| children(node).filter(|part| part.kind() != "comment").count();
    match (node.kind(), was.kind(), is.kind()) {
        ("list", "list", "list") | ("tuple", "tuple", "tuple")
            if parts(node) == parts(was) && parts(was) == parts(is) =>
        {
            let olds: Vec<Node<'c>> = children(node).filter(|part| part.kind() != "comment").collect();
            olds.into_iter()
                .zip(children(was).zip(children(is)))
                .try_for_each(|(node, (was, is))| differing(seen, node, was, is, found))
        }
        ("dictionary", "dictionary", "dictionary") if parts(was) == parts(is) => children(was).try_for_each(|was| {
            let is = pair(seen.was, was, seen.is, is)?;
            let (was_value, is_value) = (was.child_by_field_name("value")?, is.child_by_field_name("value")?);
            if literals::same(seen.was, was_value, seen.is, is_value) {
                return Some(());
            }
            let node = pair(seen.was, was, seen.ctx.source, node)?.child_by_field_name("value")?;
            differing(seen, node, was_value, is_value, found)
        }),
        ("identifier", ..) => {
            let old = imported_constant(seen.ctx, seen.ctx.source.slice(node))?;
            let new = beside(seen, &old, was, is)?;
            found.push((node, new));
            Some(())
        }
        _ => {
            let named = valued(seen.ctx.source, node).unwrap_or(node);
            let (object, name) = constant(seen.ctx, named)?;
            let new = successor(seen.ctx, object, name, seen.was.slice(was), seen.is.slice(is))?;
            found.push((named, format!("{object}.{new}")));
            Some(())
        }
    }
}

/// The pair of the mapping `of` with the key of `pair`.
fn pair<'t>(source: &Source, pair: Node<'_>, of_source: &Source, of: Node<'t>) -> Option<Node<'t>> {
    let key = pair.child_by_field_name("key")?;
    let mut pairs = children(of);
    pairs.find(|other| {
        other.child_by_field_name("key").is_some_and(|other| literals::same(source, key, of_source, other))
    })
}

/// The name, next to `name` of `object`, of the value that came where `was` was.
fn successor(ctx: &Context<'_>, object: &str, name: &str, was: &str, is: &str) -> Option<String> {
    let class = super::renames::last_part(object);
    if let (Some((of, old)), Some((other, new))) = (was.rsplit_once('.'), is.rsplit_once('.'))
        && !was.starts_with(|c: char| c.is_ascii_digit())
    {
        // An enum prints its members by name.
        return (of == other && super::renames::last_part(of) == class && old == name).then(|| new.to_string());
    }
    let value = if was.ends_with(&format!("{class}.{name}")) { None } else { Some(was) };
    let owner = format!(".{class}.{name}");
    let mut symbols = ctx.snapshot.definitions(name);
    symbols.retain(|symbol| format!(".{}", symbol.qualified).ends_with(&owner));
    // What the project defines has the names that it gives them.
    if symbols.is_empty() {
        well_known::successor(class, name, value, is)
    } else {
        in_project(ctx, &symbols, value, is)
    }
}

/// The one constant with the value among those that the project defines beside the only one of `symbols`.
fn in_project(ctx: &Context<'_>, symbols: &[Symbol], was: Option<&str>, is: &str) -> Option<String> {
    let [symbol] = symbols else { return None };
    let value = symbol.value.as_deref()?;
    let is_same = |written: &str, printed: &str| {
        let (written, printed) = (Source::parse(written), Source::parse(printed));
        let nodes = self::value(&written).zip(self::value(&printed));
        nodes.is_some_and(|(one, other)| literals::same(&written, one, &printed, other))
    };
    was.is_none_or(|was| is_same(value, was)).then_some(())?;
    let source = ctx.snapshot.source(&symbol.path)?;
    let node = source.node_at(symbol.range.clone())?;
    let block = node.parent()?.parent()?.parent().filter(|block| matches!(block.kind(), "block" | "module"))?;
    let mut names = children(block).filter_map(|statement| statement.named_child(0)).filter(|node| {
        let right = node.child_by_field_name("right").map(|right| source.slice(right));
        node.kind() == "assignment" && right.is_some_and(|right| is_same(right, is))
    });
    let new = names.next()?.child_by_field_name("left")?;
    names.next().is_none().then(|| source.slice(new).to_string())
}

/// The one other constant of the module that has the new value, where the imported one has the old.
fn beside(seen: &Seen<'_, '_>, old: &Imported, was: Node<'_>, is: Node<'_>) -> Option<String> {
    let members = seen.ctx.snapshot.module_members(&old.module);
    let has = |symbol: &Symbol, source: &Source, value: Node<'_>| {
        let written = symbol.value.as_deref().map(Source::parse);
        written.is_some_and(|written| {
            self::value(&written).is_some_and(|own| literals::same(&written, own, source, value))
        })
    };
    let mut known = members.get(&old.local)?;
    // `LATEST = V2` is another name of that one.
    while let Some(other) =
        known.value.as_deref().and_then(|value| members.get(value)).filter(|it| it.line < known.line)
    {
        known = other;
    }
    if known.value.is_some() && !has(known, seen.was, was) {
        return None;
    }
    let mut others = members.symbols.iter().filter(|symbol| is_constant(&symbol.name) && has(symbol, seen.is, is));
    let new = others.next()?.name.clone();
    others.next().is_none().then_some(new)
}

/// What was printed as an expression: `<Level.HIGH: 3>` is `Level.HIGH`. `None` where it is none or was shortened.
fn readable(printed: &str) -> Option<Source> {
    if printed.contains("...") {
        return None;
    }
    let mut text = String::new();
    let mut rest = printed.trim();
    while let Some(at) = rest.find('<') {
        let (name, after) = rest[at + 1..].split_once(": ")?;
        let is_name = name.contains('.') && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        let (_, after) = after.split_once('>').filter(|_| is_name)?;
        text += &rest[..at];
        text += name;
        rest = after;
    }
    text += rest;
    let source = Source::parse(text);
    (!source.root().has_error() && source.root().named_child_count() == 1).then_some(source)
}

fn value(source: &Source) -> Option<Node<'_>> {
    source.root().named_child(0).filter(|node| node.kind() == "expression_statement")?.named_child(0)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(import: &str, expected: &str, compared: &str, healed: &str) -> String {
        let healed = match healed {
            "no fix" => "no fix".to_string(),
            new => format!("-    assert state() == {expected}\n+    assert state() == {new}"),
        };
        format!(
            r#"
#- shop.py
class Level:
    LOW = 1
    HIGH = 2
    TOP = 2
    NEXT = 3
def state():
    pass
#- tests/test_state.py
{import}
from shop import state

def test_state():
    assert state() == {expected}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_state __________________________________

    def test_state():
>       assert state() == {expected}
E       AssertionError: assert {compared}

tests/test_state.py:5: AssertionError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn members_of_enums_are_printed_by_name() {
        let import = "from door import Door";
        check(&scene(import, "Door.OPEN", "<Door.SHUT: 2> == <Door.OPEN: 1>", "Door.SHUT"));
        check(&scene(import, "Door.OPEN", "<Window.SHUT: 2> == <Door.OPEN: 1>", "no fix"));
        check(&scene("Door = make()", "Door.OPEN", "<Door.SHUT: 2> == <Door.OPEN: 1>", "no fix"));
        check(&scene(import, "[Door.OPEN, 1]", "[<Door.SHUT: 2>, 1] == [<Door.OPEN: 1>, 1]", "[Door.SHUT, 1]"));
    }

    #[test]
    fn a_status_by_its_number() {
        check(&scene(
            "from rest_framework import status",
            "status.HTTP_200_OK",
            "201 == 200",
            "status.HTTP_201_CREATED",
        ));
        check(&scene(
            "from http import HTTPStatus",
            "HTTPStatus.FOUND",
            "303 == <HTTPStatus.FOUND: 302>",
            "HTTPStatus.SEE_OTHER",
        ));
    }

    #[test]
    fn an_error_is_no_successor_of_a_good_status() {
        check(&scene("from rest_framework import status", "status.HTTP_200_OK", "500 == 200", "no fix"));
        check(&scene("from http import HTTPStatus", "HTTPStatus.OK", "404 == <HTTPStatus.OK: 200>", "no fix"));
    }

    #[test]
    fn a_constant_of_the_project_by_its_value() {
        check(&scene("from shop import Level", "Level.LOW", "3 == 1", "Level.NEXT"));
        check(&scene("from shop import Level", "Level.LOW", "2 == 1", "no fix"));
        check(&scene("from shop import Level", "Level.LOW", "3 == 7", "no fix"));
        check(&scene("from shop import Level", "Level.LOW.value", "3 == 1", "Level.NEXT.value"));
        check(&scene("from shop import Level", "Level.LOW.value", "2 == 1", "no fix"));
    }

    #[test]
    fn a_constant_in_a_tuple_that_a_list_was_to_hold() {
        let scene = |headers: &str, healed: &str| {
            format!(
                r#"
#- shop.py
PLAIN = "text/plain"
LATEST = "text/new"

def headers():
    return [("Type", PLAIN)]
#- tests/test_kind.py
from shop import LATEST, headers

def test_kind():
    assert ("Type", LATEST) in headers()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_kind ___________________________________

    def test_kind():
>       assert ("Type", LATEST) in headers()
E       AssertionError: assert ('Type', 'text/new') in {headers}
E        +  where {headers} = headers()

tests/test_kind.py:4: AssertionError
#- healed
{healed}
"#
            )
        };
        check(&scene(
            "[('Type', 'text/plain'), ('Length', '1')]",
            "-from shop import LATEST, headers\n+from shop import PLAIN, headers\n-    assert (\"Type\", LATEST) in headers()\n+    assert (\"Type\", PLAIN) in headers()",
        ));
        check(&scene("[('Encoding', 'text/plain')]", "no fix"));
        check(&scene("[('Type', 'text/html')]", "no fix"));
    }

    #[test]
    fn a_constant_that_the_test_imports() {
        let scene = |constants: &str, more: &str, healed: &str| {
            format!(
                r#"
#- shop.py
{constants}

def kind():
    return PLAIN
#- tests/test_kind.py
from shop import LATEST, kind

def test_kind():
    assert kind() == LATEST
{more}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_kind ___________________________________

    def test_kind():
>       assert kind() == LATEST
E       AssertionError: assert 'text/plain' == 'text/new'

tests/test_kind.py:4: AssertionError
#- healed
{healed}
"#
            )
        };
        let constants = "PLAIN = \"text/plain\"\nNEW = \"text/new\"\nLATEST = NEW";
        let line = "-    assert kind() == LATEST\n+    assert kind() == PLAIN";
        let renamed = format!("-from shop import LATEST, kind\n+from shop import PLAIN, kind\n{line}");
        check(&scene(constants, "", &renamed));
        let added = format!("-from shop import LATEST, kind\n+from shop import LATEST, PLAIN, kind\n{line}");
        check(&scene(constants, "\ndef test_other():\n    assert LATEST", &added));
        check(&scene(&format!("{constants}\nOLD = 'text/plain'"), "", "no fix"));
        check(&scene("PLAIN = make()\nLATEST = \"text/new\"", "", "no fix"));
    }
}
