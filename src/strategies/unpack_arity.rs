//! A function that gives more or fewer values than the test unpacks: the targets follow its `return`.

use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::the_rest::Gives;
use super::{Context, Strategy, callers, given_items, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "unpack-arity",
    categories: &[Category::LogicError, Category::TypeError, Category::AttributeError],
    summary: "Unpacks as many values as the function returns now, in their order.",
    example: r#"
#- before: shop.py
def parts(cart):
    total = sum(cart)
    return total, len(cart)
#- shop.py
def parts(cart):
    total = sum(cart)
    tax = total / 10
    return total, tax, len(cart)
#- tests/test_cart.py
from shop import parts

def test_parts():
    total, count = parts([2, 3])
    assert (total, count) == (5, 2)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_parts __________________________________

    def test_parts():
>       total, count = parts([2, 3])
E       ValueError: too many values to unpack (expected 2)

tests/test_cart.py:4: ValueError
#- healed
-    total, count = parts([2, 3])
+    total, _, count = parts([2, 3])
"#,
    propose: unpack_arity,
};

fn unpack_arity(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message();
    let counted =
        message.starts_with("too many values to unpack") || message.starts_with("not enough values to unpack");
    let whole = message.starts_with("'tuple' object ");
    if !(counted || whole) || !ctx.raised_here() {
        return None;
    }
    let statement = ctx.statement()?;
    let binds = if counted { unpacking(statement)? } else { assignment_of_object(ctx)? };
    let (left, right) = (binds.child_by_field_name("left")?, binds.child_by_field_name("right")?);
    let is_each = binds.kind() != "assignment";
    let (left, right) = given_items::counted(ctx.source, left, right).filter(|_| is_each).unwrap_or((left, right));
    let right = if is_each { given_items::all(ctx.source, right) } else { right };
    let targets: Vec<Node<'_>> = match left.kind() {
        "pattern_list" | "tuple_pattern" if counted => children(left).filter(|node| node.kind() != "comment").collect(),
        "identifier" if whole => vec![left],
        _ => return None,
    };
    let called = if right.kind() == "await" { right.named_child(0)? } else { right };
    let call = Some(called).filter(|node| node.kind() == "call")?;
    let function = locate::last_name(call.child_by_field_name("function")?)?;
    let known = ctx.snapshot.callee(&ctx.site.path, call.byte_range());
    let symbol = known.or_else(|| only(ctx.snapshot.definitions(ctx.source.slice(function))))?;
    let Returned { was, is, fact, does_the_rest } = returned(ctx, &symbol, is_each)?;
    if was.len() != targets.len() || targets.iter().any(|target| target.kind() == "list_splat_pattern") {
        return None;
    }
    let written = follow(ctx, &targets, &was, &is)?;
    let are_moved = written.first().is_some_and(|first| first == "_");
    let is_half = callers::unpacks(ctx, &symbol, was.len()) || are_moved && callers::reads_places(ctx, &symbol);
    let evidence = vec![fact];
    fixes.push(Fix {
        title: format!("Unpack `{}`", written.join(", ")),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(targets.first()?.start_byte()..targets.last()?.end_byte(), written.join(", "))],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // Where the product still unpacks as many as before, it fails like the test; what else changed may be a mistake.
        tier: if is.len() > was.len() && !is_half && does_the_rest { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

fn only(mut symbols: Vec<Symbol>) -> Option<Symbol> {
    symbols.retain(|symbol| !symbol.path.is_test_code());
    (symbols.len() == 1).then(|| symbols.remove(0))
}

/// The assignment that unpacks, or the loop that does at each turn.
fn unpacking(statement: Node<'_>) -> Option<Node<'_>> {
    let unpacks = |node: &Node<'_>| matches!(node.kind(), "assignment" | "for_in_clause");
    if statement.kind() == "for_statement" { Some(statement) } else { descendants(statement).find(unpacks) }
}

/// `report = run()`, where `report` is the tuple of which the failing line wanted an attribute or an item.
fn assignment_of_object<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let statement = ctx.statement()?;
    let objects: Vec<&str> = descendants(statement)
        .filter(|node| matches!(node.kind(), "attribute" | "subscript"))
        .filter_map(|node| node.child_by_field_name("object").or_else(|| node.child_by_field_name("value")))
        .filter(|object| object.kind() == "identifier")
        .map(|object| ctx.source.slice(object))
        .collect();
    let mut found = descendants(ctx.scope()).filter(|node| {
        node.kind() == "assignment"
            && node.end_byte() <= ctx.site.statement.start
            && node.child_by_field_name("left").is_some_and(|left| objects.contains(&ctx.source.slice(left)))
    });
    let assignment = found.next()?;
    found.next().is_none().then_some(assignment)
}

/// One of the values that a function returns.
#[derive(Clone, PartialEq)]
pub(super) struct Element {
    text: String,
    /// The call that makes it, or what it is taken from one by one, where the text is only a name for that.
    made: Option<String>,
}

impl Element {
    /// A field of a named tuple.
    pub(super) fn named(text: String) -> Self {
        Self { text, made: None }
    }

    pub(super) fn of(source: &Source, function: Node<'_>, value: Node<'_>) -> Self {
        let text = source.slice(value).to_string();
        let mut bound = descendants(function).filter(|node| {
            matches!(node.kind(), "assignment" | "augmented_assignment")
                && node.child_by_field_name("left").is_some_and(|left| source.slice(left) == text)
        });
        let only = bound.next().filter(|_| bound.next().is_none());
        let value = if value.kind() == "identifier" {
            only.and_then(|node| node.child_by_field_name("right"))
        } else {
            Some(value)
        };
        let made = value.filter(|value| value.kind() == "call").map(|value| source.slice(value).to_string());
        let made =
            made.or_else(|| given_items::run_through(source, function, &text).map(|all| source.slice(all).into()));
        Self { text, made }
    }

    /// One of those that are in the value.
    pub(super) fn each(source: &Source, value: Node<'_>) -> Self {
        let made = source.slice(given_items::all(source, value)).to_string();
        Self { text: format!("each of {made}"), made: Some(made) }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.text == other.text || (self.made.is_some() && self.made == other.made)
    }
}

/// What a function returned before and returns now (or what each was and is that it gives), element by element.
struct Returned {
    was: Vec<Element>,
    is: Vec<Element>,
    /// The commit.
    fact: Evidence,
    /// Whether it does what it did otherwise.
    does_the_rest: bool,
}

/// How what the function returns changed, or each that it gives.
fn returned(ctx: &Context<'_>, symbol: &Symbol, is_each: bool) -> Option<Returned> {
    let line = symbol.line;
    product::changes(ctx.snapshot, &ctx.site.path).into_iter().filter(|change| change.path == symbol.path).find_map(
        |change| {
            let (before, after) = (Source::parse(change.before?), Source::parse(change.after?));
            let read = |source: &Source| match is_each {
                true => of_each(source, &symbol.name),
                false => Some(fields(source, elements(source, &symbol.name)?)),
            };
            let (was, is) = (read(&before)?, read(&after)?);
            let (verb, each) = if is_each { ("gives", " each") } else { ("returns", "") };
            let text = format!("`{}` {verb} {} values{each} instead of {}", symbol.name, is.len(), was.len());
            let text = format!("{text} since {}:{line} ({})", change.path, change.subject);
            let read = if is_each { Gives::each } else { Gives::returned };
            let both = read(&before, &symbol.name).zip(read(&after, &symbol.name));
            let does_the_rest = both.is_some_and(|(before, after)| after.does_as(&before));
            let fact = Evidence::commit(&change.commit, text);
            (was.len() != is.len()).then_some(Returned { was, is, fact, does_the_rest })
        },
    )
}

/// The fields of the named tuple that is all that is returned, else what is returned.
pub(super) fn fields(source: &Source, returned: Vec<Element>) -> Vec<Element> {
    let fields = || {
        let [Element { made: Some(call), .. }] = returned.as_slice() else { return None };
        let class = call.split('(').next()?;
        let outline = Outline::of(source);
        let (index, item) = outline.children(None).find(|(_, item)| item.name == class)?;
        if let Some(made) = &item.made {
            return Some(made.parameters.iter().map(|field| Element::named(field.name.clone())).collect());
        }
        let is_field = |item: &Item| item.kind == ItemKind::Variable && item.annotation.is_some();
        let own = outline.children(Some(index)).filter(|(_, item)| is_field(item));
        let is_tuple = item.bases.iter().any(|base| base.rsplit('.').next() == Some("NamedTuple"));
        is_tuple.then(|| own.map(|(_, item)| Element::named(item.name.clone())).collect())
    };
    fields().unwrap_or(returned)
}

/// The elements of what the only function of that name returns, the same number at every `return`.
pub(super) fn elements(source: &Source, name: &str) -> Option<Vec<Element>> {
    let (function, values) = returned_values(source, name)?;
    elements_of(source, function, values)
}

/// The elements of each that the function gives one by one.
fn of_each(source: &Source, name: &str) -> Option<Vec<Element>> {
    let items = given_items::of(source, name).filter(|items| !items.are_whole)?;
    elements_of(source, items.function, items.values)
}

/// The elements of every value, the same number in each.
fn elements_of(source: &Source, function: Node<'_>, values: Vec<Node<'_>>) -> Option<Vec<Element>> {
    let mut found: Option<Vec<Element>> = None;
    for value in values {
        let elements: Vec<Element> = match value.kind() {
            "expression_list" | "tuple" => {
                let parts = children(value).filter(|node| node.kind() != "comment");
                parts.map(|part| Element::of(source, function, part)).collect()
            }
            _ => vec![Element::of(source, function, value)],
        };
        if found.as_ref().is_some_and(|other| other.len() != elements.len()) {
            return None;
        }
        found = Some(elements);
    }
    found
}

/// The only function of that name, and what stands behind each `return` of its own.
pub(super) fn returned_values<'s>(source: &'s Source, name: &str) -> Option<(Node<'s>, Vec<Node<'s>>)> {
    let is_asked = |node: &Node<'_>| {
        node.kind() == "function_definition"
            && node.child_by_field_name("name").is_some_and(|found| source.slice(found) == name)
    };
    let mut functions = descendants(source.root()).filter(is_asked);
    let function = functions.next().filter(|_| functions.next().is_none())?;
    let own = |node: &Node<'_>| {
        node.kind() == "return_statement"
            && ancestors(*node).find(|outer| matches!(outer.kind(), "function_definition" | "lambda")) == Some(function)
    };
    let values = descendants(function).filter(own).filter_map(|node| node.named_child(0)).collect();
    Some((function, values))
}

/// The targets in the order of what is returned now; `_` for what came. `None` where it cannot be told which
/// value is which, or where a value that the test uses went.
fn follow(ctx: &Context<'_>, targets: &[Node<'_>], was: &[Element], is: &[Element]) -> Option<Vec<String>> {
    let (few, many) = if was.len() < is.len() { (was, is) } else { (is, was) };
    let places = places(few, many)?;
    if was.len() < is.len() {
        let mut written = vec!["_".to_string(); is.len()];
        for (target, place) in targets.iter().zip(places) {
            written[place] = ctx.source.slice(*target).to_string();
        }
        return Some(written);
    }
    let gone = (0..was.len()).filter(|place| !places.contains(place));
    let unused = gone.map(|place| ctx.source.slice(targets[place])).all(|name| {
        let uses = descendants(ctx.scope())
            .filter(|node| node.kind() == "identifier" && ctx.source.slice(*node) == name && !names::is_label(*node));
        name.starts_with('_') || uses.count() == 1
    });
    (unused && places.len() > 1)
        .then(|| places.into_iter().map(|place| ctx.source.slice(targets[place]).to_string()).collect())
}

/// Where each of the few stands among the many, when their order stayed: by what they say. What was rewritten may be
/// another value.
fn places(few: &[Element], many: &[Element]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut next = 0;
    for element in few {
        let at = (next..many.len()).find(|at| many[*at].is(element))?;
        places.push(at);
        next = at + 1;
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_result_that_became_a_tuple_is_unpacked() {
        check(
            r#"
#- before: shop.py
def run(cart):
    report = Report(cart)
    return report
#- shop.py
def run(cart):
    report = Report(cart)
    return report, []
#- tests/test_cart.py
from shop import run

def test_run():
    report = run([2, 3])
    assert report.total == 5
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

    def test_run():
        report = run([2, 3])
>       assert report.total == 5
E       AttributeError: 'tuple' object has no attribute 'total'

tests/test_cart.py:5: AttributeError
#- healed
-    report = run([2, 3])
+    report, _ = run([2, 3])
"#,
        );
    }

    #[track_caller]
    fn parsed(before: &str, after: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def parse(text):
    {before}
#- shop.py
def parse(text):
    {after}
#- tests/test_parse.py
from shop import parse

def test_parse():
    value, errors = parse("12")
    assert errors == []
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_parse __________________________________

    def test_parse():
>       value, errors = parse("12")
E       ValueError: too many values to unpack (expected 2)

tests/test_parse.py:4: ValueError
#- healed
{healed}
"#
        ));
    }

    /// A list of tuples, `before` and `after`, that a loop unpacks in a line of the test.
    #[track_caller]
    fn looped(before: &str, after: &str, [line, healed]: [&str; 2], error: &str) {
        let healed = if healed == "no fix" { healed.to_string() } else { format!("-    {line}\n+    {healed}") };
        check(&format!(
            r#"
#- before: shop.py
def rows(words):
    found = []
    for word in words:
        found.append({before})
    return found
#- shop.py
def rows(words):
    found = []
    for word in words:
        found.append({after})
    return found
#- tests/test_rows.py
from shop import rows

def test_rows():
    {line}
        assert tail == "b"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_rows ___________________________________

    def test_rows():
>       {line}
E       ValueError: {error} values to unpack (expected 3, got 2)

tests/test_rows.py:4: ValueError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_loop_unpacks_what_each_is_now() {
        let lines = ["for word, tail in rows([\"ab\"]):", "for word, _, tail in rows([\"ab\"]):"];
        let (pair, triple) = ("(word, word[-1])", "(word, len(word), word[-1])");
        looped(pair, triple, lines, "too many");
        looped(pair, "(word, len(word), word[0])", [lines[0], "no fix"], "too many");
        let lines = ["for word, size, tail in rows([\"ab\"]):", "for word, tail in rows([\"ab\"]):"];
        looped(triple, pair, lines, "not enough");
        let lines = [
            "for at, (word, size, tail) in enumerate(rows([\"ab\"])):",
            "for at, (word, tail) in enumerate(rows([\"ab\"])):",
        ];
        looped(triple, pair, lines, "not enough");
        // What went is asked for.
        looped(triple, "(word, len(word))", [lines[0], "no fix"], "not enough");
    }

    #[test]
    fn a_value_that_was_rewritten_may_be_another_one() {
        let healed = "-    value, errors = parse(\"12\")\n+    value, errors, _ = parse(\"12\")";
        parsed("return text, errors", "return text, hints, problems", "no fix");
        parsed("return text, errors", "return text, errors, hints", healed);
        parsed("errors = check(text); return text, errors", "return text, check(text), hints", healed);
    }

    #[test]
    fn a_value_that_went_and_is_checked_is_no_fix() {
        check(
            r#"
#- before: shop.py
def parts(cart):
    return sum(cart), len(cart), cart[0]
#- shop.py
def parts(cart):
    return sum(cart), cart[0]
#- tests/test_cart.py
from shop import parts

def test_parts():
    total, count, first = parts([2, 3])
    assert (total, count, first) == (5, 2, 2)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_parts __________________________________

    def test_parts():
>       total, count, first = parts([2, 3])
E       ValueError: not enough values to unpack (expected 3, got 2)

tests/test_cart.py:4: ValueError
#- healed
no fix
"#,
        );
    }

    /// A named tuple whose fields are `before` and `after`, made at the end of a function.
    #[track_caller]
    fn check_named(before: &str, after: &str, healed: &str) {
        let module = |fields: &str| {
            let lines: String = fields.split(' ').map(|field| format!("    {field}: int\n")).collect();
            let values = vec!["cart[0]"; fields.split(' ').count()].join(", ");
            format!(
                "from typing import NamedTuple\n\nclass Bill(NamedTuple):\n{lines}\ndef bill(cart):\n    return Bill({values})\n"
            )
        };
        let (before, after) = (module(before), module(after));
        check(&format!(
            r#"
#- before: shop.py
{before}
#- shop.py
{after}
#- tests/test_bill.py
from shop import bill

def test_bill():
    total, count = bill([2, 3])
    assert count == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       total, count = bill([2, 3])
E       ValueError: too many values to unpack (expected 2)

tests/test_bill.py:4: ValueError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_field_that_a_named_tuple_got_has_its_place() {
        let healed = |targets: &str| format!("-    total, count = bill([2, 3])\n+    {targets} = bill([2, 3])");
        check_named("total count", "total tax count", &healed("total, _, count"));
        check_named("total count", "total count tax", &healed("total, count, _"));
        check_named("total count", "count tax total", "no fix");
        check_named("total count", "sum tax number", "no fix");
    }
}
