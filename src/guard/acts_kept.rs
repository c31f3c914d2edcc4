//! A test still does what it did: no statement goes, and no call becomes a value that is written out.

use crate::diagnosis::Category;
use crate::fix::EvidenceKind;
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::workspace::similar_names::words;

use super::acts_ordered;
use super::change::{Change, FileChange, Unit};
use super::python::{callee, given_to, is_written_out, last};
use super::tree_diff::differences;

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units().iter().find_map(|(before, after)| {
        statement_lost(change, before, after)
            .or_else(|| waits(before, after))
            .or_else(|| call_replaced(change, before, after))
            .or_else(|| await_lost(change, before, after))
            .or_else(|| answer_dropped(before, after))
            .or_else(|| acts_ordered::broken(change, before, after))
    })
}

/// Statements that do something, flattened to what they call.
fn acts(unit: &Unit<'_>) -> usize {
    let does = |node: &Node<'_>| match node.kind() {
        "expression_statement" => node.named_child(0).is_some_and(|inner| !is_written_out(inner)),
        "assert_statement" | "with_item" | "return_statement" | "raise_statement" => true,
        _ => false,
    };
    unit.nodes().iter().filter(|node| does(node)).count()
}

fn statement_lost(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (was, is) = (acts(before), acts(after));
    let allowed = change.is_reviewed() && change.has_provenance() && was == is + 1 || before.is_module();
    if before.is_module() && is < was {
        return Some("removes a statement of the module".to_string());
    }
    (is < was && !allowed).then(|| format!("removes what {} does", after.title()))
}

/// Sleeps and polls hide a race, they do not heal it.
fn waits(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let sleeps = |unit: &Unit<'_>| {
        let calls = unit.nodes().into_iter().filter(|node| node.kind() == "call");
        calls.filter(|call| last(&callee(unit.source, *call)).contains("sleep")).count()
    };
    (sleeps(after) > sleeps(before)).then(|| format!("adds a sleep to {}", after.title()))
}

fn call_replaced(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    differences((before.source, before.node), (after.source, after.node)).into_iter().find_map(|difference| {
        let (was, is) = (difference.before?, difference.after?);
        if let Some(reason) = builtin_instead(change, (before.source, was), (after.source, is)) {
            return Some(reason);
        }
        let (calls, calls_now) = (calls(was), calls(is));
        if calls == 0 || calls_now >= calls {
            return None;
        }
        let names_something = descendants(is).any(|node| node.kind() == "identifier");
        let uncalled = calls_now == 0 && matches!(is.kind(), "identifier" | "attribute");
        let became_property = change.is_about(Category::TypeError) && change.message().contains("not callable");
        let explained = change.has_provenance()
            || became_property
            || is_handed_over(change, after.source, is) && !is_repeated(was)
            || reads_instead(before.source, was, after.source, is)
            || asks_a_module(change, (before.source, was), (after.source, is))
            || goes_in(before.source, was, after.source, is);
        if runs_no_more(change, (before.source, was), (after.source, is))
            || is_scattered(change, (before.source, was), (after.source, is))
        {
            return None;
        }
        let constant = is_written_out(is) || !names_something;
        (constant || uncalled && !explained || is.kind() == "lambda")
            .then(|| format!("replaces a call by `{}`", first_line(after.source, is)))
    })
}

/// Whether pytest hands over the fixture that was called: a function around it asks for it.
fn is_handed_over(change: &Change<'_>, source: &Source, name: Node<'_>) -> bool {
    let text = source.slice(name);
    let functions = ancestors(name).filter(|outer| outer.kind() == "function_definition");
    let parameters = functions.filter_map(|function| function.child_by_field_name("parameters"));
    let mut asked = parameters.flat_map(descendants).filter(|node| node.kind() == "identifier");
    change.calls_fixture(text) && asked.any(|node| source.slice(node) == text)
}

/// Whether a call may be made more than once, or later, or never: each would make its own, a fixture is made once.
fn is_repeated(call: Node<'_>) -> bool {
    let around = ancestors(call).skip(1).take_while(|outer| outer.kind() != "module");
    let is_loop = |kind: &str| matches!(kind, "for_statement" | "while_statement" | "lambda" | "for_in_clause");
    around.filter(|outer| is_loop(outer.kind()) || outer.kind().contains("comprehension")).any(|outer| {
        // What is walked over is made once.
        outer.child_by_field_name("right").is_none_or(|right| !right.byte_range().contains(&call.start_byte()))
    })
}

/// `cart.add("tea")` may not become `int("tea")`, though both raise a ValueError.
fn builtin_instead(
    change: &Change<'_>,
    (old, was): (&Source, Node<'_>),
    (new, is): (&Source, Node<'_>),
) -> Option<String> {
    let whole = is.kind() == "call" && was.kind() == "call";
    let is_callee = is.parent().is_some_and(|call| {
        call.kind() == "call" && call.child_by_field_name("function").is_some_and(|function| function.id() == is.id())
    });
    let name = if whole { callee(new, is) } else { new.slice(is).to_string() };
    let changed = if whole { callee(old, was) != name } else { is_callee };
    let builtin = [
        "int",
        "str",
        "float",
        "list",
        "dict",
        "set",
        "tuple",
        "bool",
        "len",
        "iter",
        "next",
        "print",
        "object",
        "open",
        "type",
        "id",
        "repr",
        "sum",
        "min",
        "max",
        "sorted",
        "any",
        "all",
        "range",
        "isinstance",
        "setattr",
        "__import__",
    ];
    // `list(names())` where `names` gives a generator now: it is called as before.
    let items = matches!(name.as_str(), "list" | "tuple") && change.compares_items() && {
        let call =
            |node: Node<'_>| if node.kind() == "call" { Some(node) } else { node.parent() }.map(|c| c.byte_range());
        let given = call(is).and_then(|range| new.text().get(range)?.split_once('('));
        let was = call(was).and_then(|range| old.text().get(range));
        given.is_some_and(|(_, given)| given.strip_suffix(')') == was)
    };
    (changed && builtin.contains(&name.as_str()) && !items && !change.is_named(&name))
        .then(|| format!("calls `{name}` instead of `{}`", first_line(old, was)))
}

fn first_line<'s>(source: &'s Source, node: Node<'_>) -> &'s str {
    source.slice(node).lines().next().unwrap_or_default()
}

fn calls(node: Node<'_>) -> usize {
    descendants(node).filter(|node| node.kind() == "call").count()
}

/// `cart.get_total()` became `cart.total`: the object is still asked.
fn reads_instead(old: &Source, was: Node<'_>, new: &Source, is: Node<'_>) -> bool {
    let object = |source: &Source, node: Node<'_>| {
        let function = node.child_by_field_name("function").unwrap_or(node);
        function.child_by_field_name("object").map(|object| source.slice(object).to_string())
    };
    let name = |source: &Source, node: Node<'_>| {
        let function = node.child_by_field_name("function").unwrap_or(node);
        function.child_by_field_name("attribute").map(|name| source.slice(name).to_string())
    };
    is.kind() == "attribute" && object(old, was) == object(new, is) && name(old, was) != name(new, is)
}

/// `made().close()` became `close(made())`, as a method or as a plain function: what was asked is handed in, so it is
/// still called.
fn goes_in(old: &Source, was: Node<'_>, new: &Source, is: Node<'_>) -> bool {
    let (object, call) = match asked(was) {
        Some(_) => (Some(was), asked(is)),
        None => (called(was).and_then(|_| was.child_by_field_name("object")), called(is)),
    };
    let given = call.and_then(|call| call.child_by_field_name("arguments"));
    object.zip(given).is_some_and(|(object, given)| new.slice(given).contains(old.slice(object)))
}

/// `HTMLParser().unescape(x)` became `html.unescape(x)`: an object that was made of nothing, for a method that needs
/// none, where documents say so.
fn asks_a_module(change: &Change<'_>, (old, was): (&Source, Node<'_>), (new, is): (&Source, Node<'_>)) -> bool {
    let method = |source: &Source, object: Node<'_>| {
        let method = object.parent()?.child_by_field_name("attribute")?;
        asked(object).map(|_| source.slice(method).to_string())
    };
    let is_bare = was.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0);
    let is_made = is_bare && last(&callee(old, was)).starts_with(char::is_uppercase);
    let is_told = change.has(EvidenceKind::Docs) && change.message().contains("has no attribute");
    let is_same = method(old, was).is_some_and(|name| method(new, is) == Some(name));
    is_made && is_told && is_same && is.kind() == "identifier"
}

/// `asyncio.run(load(2))` became `load(2)`, which gave nothing to run: it is called as before.
fn runs_no_more(change: &Change<'_>, (old, was): (&Source, Node<'_>), (new, is): (&Source, Node<'_>)) -> bool {
    let runs = given_to(was).map(|run| callee(old, run));
    let is_run = runs.is_some_and(|name| name == "asyncio.run" || last(&name) == "run_until_complete");
    let is_told = change.message().contains("a coroutine");
    is_told && is_run && given_to(is).is_some_and(|call| new.slice(call) == old.slice(was))
}

/// `ship(Address("Lane", "Ely"))` became `ship("Lane", "Ely")`: what the object was made of is all given.
fn is_scattered(change: &Change<'_>, (old, was): (&Source, Node<'_>), (new, is): (&Source, Node<'_>)) -> bool {
    let parts = || {
        let list = old.slice(was.child_by_field_name("arguments")?).strip_prefix('(')?.strip_suffix(')')?;
        let (outer, now) = (given_to(was)?, given_to(is)?);
        let (text, start) = (old.slice(outer), was.start_byte() - outer.start_byte());
        let apart = format!("{}{}{}", &text[..start], list, &text[start + was.byte_range().len()..]);
        Some(apart == new.slice(now))
    };
    let is_class = last(&callee(old, was)).starts_with(char::is_uppercase);
    was.kind() == "call" && is_class && change.has_provenance() && parts().unwrap_or(false)
}

/// The call of the function or method.
fn called(function: Node<'_>) -> Option<Node<'_>> {
    function.parent().filter(|call| call.child_by_field_name("function") == Some(function))
}

/// The call of a method of the object.
fn asked(object: Node<'_>) -> Option<Node<'_>> {
    let method = object.parent().filter(|method| method.child_by_field_name("object") == Some(object))?;
    method.parent().filter(|call| call.child_by_field_name("function") == Some(method))
}

fn await_lost(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let awaits = |unit: &Unit<'_>| unit.nodes().iter().filter(|node| node.kind() == "await").count();
    let told = change.message().contains("await") || change.has_provenance();
    (awaits(after) < awaits(before) && !told).then(|| format!("no longer awaits in {}", after.title()))
}

/// `validate(order)` raised where the order was bad; `is_valid(order)` alone says so to nobody.
fn answer_dropped(before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let asked = |source: &Source, node: Node<'_>| {
        let call = ancestors(node).find(|outer| outer.kind() == "call")?;
        let is_callee = call.child_by_field_name("function")?.byte_range().contains(&node.start_byte());
        let awaited = call.parent().filter(|parent| parent.kind() == "await").unwrap_or(call);
        let is_alone = awaited.parent().is_some_and(|parent| parent.kind() == "expression_statement");
        (is_callee && is_alone).then(|| last(&callee(source, call)).to_string())
    };
    differences((before.source, before.node), (after.source, after.node)).into_iter().find_map(|difference| {
        let was = asked(before.source, difference.before?)?;
        let is = asked(after.source, difference.after?)?;
        (is_question(&is) && !is_question(&was)).then(|| format!("asks `{is}` and does not look at the answer"))
    })
}

/// Whether a function answers with yes or no, by its name.
fn is_question(name: &str) -> bool {
    let words = words(name);
    words.len() > 1 && matches!(words[0].as_str(), "are" | "can" | "has" | "is" | "may" | "should" | "was")
}
