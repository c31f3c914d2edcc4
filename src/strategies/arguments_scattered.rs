//! What was passed in one object is passed part by part now: `ship(Address("Lane", "Ely"))` became `ship("Lane", "Ely")`.

use std::sync::Arc;

use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::tokens::{bare, string_body, tokens};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::history::{Change, SignatureChange};
use crate::workspace::symbols::{Parameter, Symbol};

use super::confidence::Odds;
use super::{Context, Strategy, callers, calls, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "arguments-scattered",
    categories: &[Category::TypeError, Category::ImportError],
    summary: "Passes the parts of an object, in their order, to a function that took the object before.",
    example: r#"
#- before: shop.py
class Address:
    def __init__(self, street, town):
        self.street = street
        self.town = town

def ship(address):
    return f"{address.street}, {address.town}"

def home():
    return ship(Address("Lane", "Ely"))
#- shop.py
def ship(street, town):
    return f"{street}, {town}"

def home():
    return ship("Lane", "Ely")
#- tests/test_shop.py
from shop import $0Address, ship

def test_ship():
    assert ship(Address("Row", "Bath")) == "Row, Bath"
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_shop.py ______________________
tests/test_shop.py:1: in <module>
    from shop import Address, ship
E   ImportError: cannot import name 'Address' from 'shop' (/p/shop.py)
#- healed
-from shop import Address, ship
+from shop import ship
-    assert ship(Address("Row", "Bath")) == "Row, Bath"
+    assert ship("Row", "Bath") == "Row, Bath"
"#,
    propose: arguments_scattered,
};

/// A call that is given an object, and the call that makes the object.
#[derive(Clone, Copy)]
struct Given<'c> {
    outer: Node<'c>,
    object: Node<'c>,
}

fn arguments_scattered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let gone = imported(ctx);
    let all = match &gone {
        Some(item) => uses(ctx, &item.local)?,
        None => refused(ctx)?,
    };
    let class = ctx.source.slice(locate::last_name(all.first()?.object.child_by_field_name("function")?)?);
    let mut edits = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut is_followed = true;
    for given in &all {
        let callee = ctx.snapshot.callee(&ctx.site.path, given.outer.byte_range())?;
        let (change, place) = scattered(ctx, &callee, class)?;
        is_followed &= is_only_taken_apart(ctx, &callee, &change, place, class);
        edits.extend(passed_apart(ctx, *given, place)?);
        let text = format!("`{}` takes the parts of a `{class}` ({})", callee.name, change.subject);
        let fact = Evidence::commit(&change.commit, text);
        if !evidence.contains(&fact) {
            evidence.push(fact);
            is_followed &= is_followed_by_callers(ctx, &callee, class, &change.commit);
        }
    }
    if let Some(item) = &gone {
        edits.extend(imports::remove(ctx.source, &ctx.site.path, item));
    }
    edits.sort_by_key(|edit| edit.range.start);
    fixes.push(Fix {
        title: format!("Pass the parts of the `{class}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_followed { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The import that fails, of what is made to be passed.
fn imported(ctx: &Context<'_>) -> Option<imports::Imported> {
    let Complaint::NoImport { name, .. } = ctx.complaint() else { return None };
    let mut all = imports::imports(ctx.source);
    all.retain(|item| item.name.as_deref() == Some(name) && item.local == *name);
    (all.len() == 1).then(|| all.remove(0))
}

/// Every use of a class, where each makes what is passed at once.
fn uses<'c>(ctx: &'c Context<'_>, class: &str) -> Option<Vec<Given<'c>>> {
    let uses = names::uses(ctx.source, class).into_iter();
    uses.map(|range| given(ctx.source.node_at(range)?.parent()?)).collect()
}

/// The call that was refused what it is given, and those that fail alike.
fn refused<'c>(ctx: &'c Context<'_>) -> Option<Vec<Given<'c>>> {
    let Complaint::MissingArguments { .. } = ctx.complaint() else { return None };
    let call = calls::call_at(ctx).filter(|_| ctx.raised_here())?;
    let made = |call: Node<'c>| {
        let mut objects = children(call.child_by_field_name("arguments")?).filter_map(given);
        objects.next().filter(|_| objects.next().is_none())
    };
    let mut all = vec![made(call)?];
    all.extend(calls::failing_alike(ctx, call).into_iter().filter_map(made));
    Some(all)
}

/// A call that is an argument by its place.
fn given(object: Node<'_>) -> Option<Given<'_>> {
    let list = object.parent().filter(|list| object.kind() == "call" && list.kind() == "argument_list")?;
    Some(Given { outer: list.parent().filter(|outer| outer.kind() == "call")?, object })
}

/// The commit since which a function takes the fields of a class, in their order, where it took one object; and the
/// place of that among the arguments.
fn scattered(ctx: &Context<'_>, callee: &Symbol, class: &str) -> Option<(SignatureChange, usize)> {
    let fields = fields(ctx, class)?;
    let changes = ctx.snapshot.history().signature_changes(&callee.path, &callee.name);
    changes.into_iter().find_map(|change| {
        let (was, is) = (own(&change.before.parameters), own(&change.after.parameters));
        let place = was.iter().position(|name| !is.contains(name))?;
        let mut expected: Vec<&str> = was[..place].to_vec();
        expected.extend(fields.iter().map(String::as_str));
        expected.extend(&was[place + 1..]);
        (fields.len() > 1 && expected == is).then(|| (change.clone(), place))
    })
}

/// The names of the parameters that callers give something.
fn own(parameters: &[Parameter]) -> Vec<&str> {
    let names = parameters.iter().map(|parameter| parameter.name.as_str());
    names.filter(|name| !matches!(*name, "self" | "cls")).collect()
}

/// What a class takes, as it is or as it was before it went.
fn fields(ctx: &Context<'_>, class: &str) -> Option<Vec<String>> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.iter().find_map(|change| taken_by(&Source::parse(change.before.as_deref()?), class)).or_else(|| {
        let mut known = ctx.snapshot.definitions(class);
        known.retain(|symbol| symbol.signature.is_some() && !symbol.path.is_test_code());
        let [symbol] = known.as_slice() else { return None };
        Some(own(&symbol.signature.as_ref()?.parameters).into_iter().map(str::to_string).collect())
    })
}

/// The parameters of the constructor, else the annotated fields.
fn taken_by(source: &Source, class: &str) -> Option<Vec<String>> {
    let text = |node: Node<'_>, field| node.child_by_field_name(field).map_or("", |node| source.slice(node));
    let is_it = |node: &Node<'_>| node.kind() == "class_definition" && text(*node, "name") == class;
    let body = descendants(source.root()).find(is_it)?.child_by_field_name("body")?;
    let is_constructor = |node: &Node<'_>| node.kind() == "function_definition" && text(*node, "name") == "__init__";
    if let Some(constructor) = children(body).find(is_constructor) {
        let parameters = children(constructor.child_by_field_name("parameters")?);
        let names = parameters.filter_map(names::parameter_identifier).map(|name| source.slice(name).to_string());
        return Some(names.skip(1).collect());
    }
    let statements = children(body).filter_map(|statement| statement.named_child(0));
    let fields = statements.filter(|node| node.kind() == "assignment" && node.child_by_field_name("type").is_some());
    Some(fields.map(|field| text(field, "left").to_string()).collect())
}

/// The call without the class around what it is given. `None` where what comes behind would be counted otherwise.
fn passed_apart(ctx: &Context<'_>, given: Given<'_>, place: usize) -> Option<[Edit; 2]> {
    let arguments: Vec<Node<'_>> =
        children(given.outer.child_by_field_name("arguments")?).filter(|node| node.kind() != "comment").collect();
    let list = given.object.child_by_field_name("arguments")?;
    let parts: Vec<Node<'_>> = children(list).filter(|node| node.kind() != "comment").collect();
    let is_plain = |node: &Node<'_>| {
        !matches!(node.kind(), "keyword_argument" | "list_splat" | "dictionary_splat" | "parenthesized_expression")
    };
    let is_placed = arguments.get(place) == Some(&given.object) && arguments[..place].iter().all(is_plain);
    let is_last = !arguments[place + 1..].iter().any(|node| node.kind() != "keyword_argument");
    let is_counted = parts.iter().all(|node| is_plain(node) || node.kind() == "keyword_argument");
    let (start, end) = (parts.first()?.start_byte(), parts.last()?.end_byte());
    (is_placed && is_last && is_counted)
        .then(|| [ctx.replace(given.object.start_byte()..start, ""), ctx.replace(end..given.object.end_byte(), "")])
}

/// Whether the function does with the parts what it did with those of the object, and the class only held them.
fn is_only_taken_apart(
    ctx: &Context<'_>,
    callee: &Symbol,
    change: &SignatureChange,
    place: usize,
    class: &str,
) -> bool {
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &change.commit);
    let taken = own(&change.before.parameters)[place].to_string();
    let body = |text: &Option<Arc<str>>, object: &str| -> Option<Vec<String>> {
        let outline = product::outline_naming(text, &callee.name)?;
        let function = outline.items.iter().find(|item| item.name == callee.name && item.signature.is_some())?;
        let code = text.as_deref()?.get(function.span.clone())?.replace(object, "");
        Some(bare(&code).into_iter().skip_while(|token| *token != ":").map(String::from).collect())
    };
    let object = format!("{taken}.");
    let is_same =
        |change: &Change| body(&change.before, &object).is_some_and(|was| body(&change.after, &object) == Some(was));
    let file = changes.iter().find(|change| change.path == callee.path);
    let known = product::changes(ctx.snapshot, &ctx.site.path)
        .into_iter()
        .find_map(|change| holds_only(&Source::parse(change.before?), class));
    let there = || {
        let path = ctx.snapshot.definitions(class).into_iter().find(|symbol| !symbol.path.is_test_code())?.path;
        holds_only(&*ctx.snapshot.source(&path)?, class)
    };
    file.is_some_and(is_same) && known.or_else(there).unwrap_or(false)
}

/// Whether a class does nothing with what it is made of but hold it. `None` where it is not there.
fn holds_only(source: &Source, class: &str) -> Option<bool> {
    let name = |node: Node<'_>| node.child_by_field_name("name").map_or("", |name| source.slice(name));
    let is_it = |node: &Node<'_>| node.kind() == "class_definition" && name(*node) == class;
    let class = descendants(source.root()).find(is_it)?;
    let functions = || descendants(class).filter(|node| node.kind() == "function_definition");
    let keeps = |statement: Node<'_>| match tokens(source.slice(statement)).as_slice() {
        ["self", ".", name, "=", value] => name == value,
        [text] => string_body(text).is_some(),
        _ => false,
    };
    let mut made = functions().filter(|function| name(*function) == "__init__");
    let is_plain = made.all(|made| made.child_by_field_name("body").into_iter().flat_map(children).all(keeps));
    Some(is_plain && !functions().any(|function| name(function) == "__post_init__"))
}

/// Whether the commit itself made a call of the product so, and none there still passes the object.
fn is_followed_by_callers(ctx: &Context<'_>, callee: &Symbol, class: &str, commit: &str) -> bool {
    let passes_object = |_: &_, source: &Source, call: Node<'_>| objects(source, call, class).next().is_some();
    if callers::any_call(ctx, callee, passes_object) {
        return false;
    }
    product::changes_of(ctx.snapshot, &ctx.site.path, commit).iter().any(|change| {
        let calls = |text: &Option<Arc<str>>| -> Vec<String> {
            let source = Source::parse(text.as_deref().unwrap_or_default());
            let calls = descendants(source.root()).filter(|node| is_call_of(&source, *node, &callee.name));
            calls.map(|call| passed(&source, call, class)).collect()
        };
        let (was, is) = (calls(&change.before), calls(&change.after));
        was.iter().any(|call| call.contains(APART) && is.contains(&call.replace(APART, "")))
    })
}

/// Whether an example passes the parts of an object where it passed the object: which part is which, their names tell and
/// not the example.
pub(super) fn takes_apart(before: &str, after: &str) -> bool {
    let (source, now) = (Source::parse(before), Source::parse(after));
    let is_called = |name: &str| descendants(now.root()).any(|node| is_call_of(&now, node, name));
    let name = |call: Node<'_>| Some(source.slice(locate::last_name(call.child_by_field_name("function")?)?));
    let mut objects = descendants(source.root()).filter_map(given).filter(|given| {
        let parts = given.object.child_by_field_name("arguments");
        parts.is_some_and(|parts| parts.named_child_count() > 1)
    });
    objects.any(|given| {
        let class = name(given.object).filter(|class| class.starts_with(char::is_uppercase));
        class.is_some_and(|class| !is_called(class)) && name(given.outer).is_some_and(is_called)
    })
}

/// Marks a call that passed an object.
const APART: char = '\u{0}';

fn is_call_of(source: &Source, node: Node<'_>, name: &str) -> bool {
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
    function.and_then(locate::last_name).is_some_and(|found| source.slice(found) == name)
}

/// The objects of the class that a call is given.
fn objects<'t>(source: &Source, call: Node<'t>, class: &str) -> impl Iterator<Item = Node<'t>> {
    let given = call.child_by_field_name("arguments").into_iter().flat_map(children);
    given.filter(move |argument| is_call_of(source, *argument, class))
}

/// A call as it is written, with the parts of the object for the object.
fn passed(source: &Source, call: Node<'_>, class: &str) -> String {
    let text = source.slice(call);
    let Some(object) = objects(source, call, class).next() else { return text.to_string() };
    let parts = object.child_by_field_name("arguments").map_or("", |list| source.slice(list));
    let parts = parts.strip_prefix('(').and_then(|parts| parts.strip_suffix(')')).unwrap_or_default();
    let (start, end) = (object.start_byte() - call.start_byte(), object.end_byte() - call.start_byte());
    format!("{}{APART}{parts}{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::fix::{Fix, Tier};
    use crate::fixture::{Scene, check};

    /// A function that took an address, the function now, its caller now, the call of the test, and the heal.
    fn scene(function: &str, caller: &str, call: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
class Address:
    def __init__(self, street, town):
        self.street = street
        self.town = town

def ship(address, weight=1):
    return f"{{address.street}}, {{address.town}}: {{weight}}"

def home():
    return ship(Address("Lane", "Ely"))
#- shop.py
class Address:
    def __init__(self, street, town):
        self.street = street
        self.town = town

def {function}:
    return f"{{street}}, {{town}}: {{weight}}"

def home():
    return {caller}
#- tests/test_shop.py
from shop import Address, ship

def test_ship():
    assert {call} == "Row, Bath: 1"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_ship ___________________________________

    def test_ship():
>       assert {call} == "Row, Bath: 1"
E       TypeError: ship() missing 1 required positional argument: 'town'

tests/test_shop.py:4: TypeError
#- healed
{healed}
"#
        )
    }

    const FUNCTION: &str = "ship(street, town, weight=1)";
    const CALLER: &str = "ship(\"Lane\", \"Ely\")";

    fn healed(call: &str, now: &str) -> String {
        format!("-    assert {call} == \"Row, Bath: 1\"\n+    assert {now} == \"Row, Bath: 1\"")
    }

    #[test]
    fn parts_are_passed_beside_what_is_named() {
        let call = "ship(Address(\"Row\", town=\"Bath\"), weight=1)";
        check(&scene(FUNCTION, CALLER, call, &healed(call, "ship(\"Row\", town=\"Bath\", weight=1)")));
    }

    #[test]
    fn parts_in_another_order_or_before_others_are_not_passed() {
        let call = "ship(Address(\"Row\", \"Bath\"))";
        assert_eq!(tier("ship(town, street, weight=1)", CALLER, call), None);
        assert_eq!(tier("ship(street, city, weight=1)", CALLER, call), None);
        assert_eq!(tier(FUNCTION, CALLER, "ship(Address(\"Row\", \"Bath\"), 1)"), None);
    }

    /// How sure the parts are to be passed; what other strategies say is for a person.
    fn tier(function: &str, caller: &str, call: &str) -> Option<Tier> {
        let fixes = Scene::parse(&scene(function, caller, call, "no fix")).heal().fixes;
        let is_own = |fix: &&Fix| fix.strategy == STRATEGY.id;
        assert!(fixes.iter().map(|fix| fix.fix()).all(|fix| is_own(&fix) || fix.tier == Tier::Review));
        fixes.iter().map(|fix| fix.fix()).find(is_own).map(|fix| fix.tier)
    }

    #[test]
    fn what_callers_do_not_pass_so_is_for_a_person() {
        let call = "ship(Address(\"Row\", \"Bath\"))";
        assert_eq!(tier(FUNCTION, CALLER, call), Some(Tier::Safe));
        assert_eq!(tier(FUNCTION, "ship(\"Ely\", \"Lane\")", call), Some(Tier::Review));
        assert_eq!(tier(FUNCTION, "ship(Address(\"Lane\", \"Ely\"))", call), Some(Tier::Review));
    }
}
