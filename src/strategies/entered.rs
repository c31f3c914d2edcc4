//! A function that became a context manager: what the test got from it is entered now, and the other way round.

use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::fixtures::is_fixture;
use crate::workspace::history::Change;
use crate::workspace::symbols::Symbol;
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, callers, names};

mod block;

use block::Block;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "entered",
    categories: &[Category::AttributeError, Category::TypeError, Category::AssertionError, Category::LogicError],
    summary: "Enters what became a context manager: `db = connect()` becomes `with connect() as db:`, or the other way round.",
    example: r#"
#- before: shop.py
class Till:
    def pay(self, amount):
        return amount

def open_till():
    return Till()
#- shop.py
from contextlib import contextmanager

class Till:
    def pay(self, amount):
        return amount

@contextmanager
def open_till():
    yield Till()
#- before: app.py
from shop import open_till

def sell():
    till = open_till()
    return till.pay(1)

def sell_two():
    till = open_till()
    return till.pay(2)
#- app.py
from shop import open_till

def sell():
    with open_till() as till:
        return till.pay(1)

def sell_two():
    with open_till() as till:
        return till.pay(2)
#- tests/test_till.py
from shop import open_till

def test_pay():
    till = open_till()
    assert till.pay(3) == 3
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_pay ___________________________________

    def test_pay():
        till = open_till()
>       assert till.pay(3) == 3
E       AttributeError: '_GeneratorContextManager' object has no attribute 'pay'

tests/test_till.py:5: AttributeError
#- healed
-    till = open_till()
-    assert till.pay(3) == 3
+    with open_till() as till:
+        assert till.pay(3) == 3
"#,
    propose: entered,
};

fn entered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if ctx.message().contains("GeneratorContextManager") {
        return enter(ctx, fixes);
    }
    let asks = ["context manager protocol", "__enter__", "__aenter__"];
    asks.iter().any(|text| ctx.message().contains(text)).then(|| left(ctx, fixes))?
}

/// A call of a product's function of which a commit made, or unmade, a context manager.
struct Turned<'t> {
    call: Node<'t>,
    symbol: Symbol,
    is_async: bool,
    change: Change,
}

/// `db = connect()` becomes `with connect() as db:` around what follows; a fixture that returns it yields it.
fn enter(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (statement, turned) = given(ctx).or_else(|| by_fixture(ctx))?;
    let target = match statement.kind() {
        "return_statement" => ["opened", "given"].into_iter().find(|name| names::uses(ctx.source, name).is_empty())?,
        _ => ctx.source.slice(statement.named_child(0)?.child_by_field_name("left")?),
    };
    let function = ctx.source.function_at(statement.start_byte())?;
    let is_async_function = function.child(0).is_some_and(|first| first.kind() == "async");
    if turned.is_async && !is_async_function {
        return None;
    }
    let word = if turned.is_async { "async with" } else { "with" };
    let head = format!("{word} {} as {target}:", ctx.source.slice(turned.call));
    let block = Block::after(ctx.source, statement)?;
    let mut edits = vec![ctx.replace(statement.byte_range(), head)];
    if statement.kind() == "return_statement" {
        let margin = " ".repeat(statement.start_position().column) + block.unit;
        edits[0].text += &format!("\n{margin}yield {target}");
    } else {
        if !block.holds_all(function, ctx.source, target) {
            return None;
        }
        edits.extend(block.indented(&ctx.site.path)?);
        edits.extend(is_fixture(ctx.source, function).then(|| yielded(ctx, &block)).into_iter().flatten());
    }
    let name = &turned.symbol.name;
    push(ctx, &turned, edits, format!("Enter `{name}`, a context manager now"), true, fixes)
}

/// `with connect() as db:` becomes `db = connect()` before what stood in it.
fn left(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let with = ancestors(ctx.statement()?).find(|node| node.kind() == "with_statement")?;
    let clause = children(with).find(|node| node.kind() == "with_clause")?;
    let item = Some(children(clause).collect::<Vec<_>>()).filter(|items| items.len() == 1)?.pop()?;
    let pattern = item.child_by_field_name("value").filter(|value| value.kind() == "as_pattern")?;
    let (call, target) = (pattern.named_child(0)?, pattern.named_child(1)?);
    let turned = turned(ctx, call, false)?;
    let block = Block::of(ctx.source, with)?;
    let given = ctx.source.slice(call);
    let is_awaited = turned.symbol.signature.as_ref().is_some_and(|signature| signature.is_async);
    let value = if is_awaited { format!("await {given}") } else { given.to_string() };
    let head = format!("{} = {value}", ctx.source.slice(target));
    let end = block.colon(ctx.source, with)?;
    let mut edits = vec![ctx.replace(with.start_byte()..end, head)];
    edits.extend(block.dedented(&ctx.site.path)?);
    let name = &turned.symbol.name;
    push(ctx, &turned, edits, format!("Use what `{name}` returns, no context manager any more"), false, fixes)
}

fn push(
    ctx: &Context<'_>,
    turned: &Turned<'_>,
    edits: Vec<Edit>,
    title: String,
    is_entered: bool,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let Turned { symbol, change, .. } = turned;
    let says = if is_entered { "became a context manager" } else { "is no context manager any more" };
    let mut evidence = vec![Evidence::commit(&change.commit, format!("`{}` {says} ({})", symbol.name, change.subject))];
    let moved = callers_moved(ctx, &symbol.name, is_entered);
    if let Some((other, count)) = moved.iter().find(|(_, count)| *count > 0) {
        let says = format!("{count} callers of `{}` changed alike", symbol.name);
        evidence.push(Evidence::at(EvidenceKind::Example, &other.path, 1, says));
    }
    let count: usize = moved.iter().map(|(_, count)| count).sum();
    let is_half_done = callers::any_call(ctx, symbol, |_, source, call| {
        uses(source, call) == Some(if is_entered { Use::Plain } else { Use::Entered })
    });
    fixes.push(Fix {
        title,
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(if count > 1 { 0.0 } else { 1.0 }).confidence(),
        evidence,
        tier: if count > 1 && !is_half_done && !hands_on(ctx, &symbol.name) && !leaves_open(ctx, turned) {
            Tier::Safe
        } else {
            Tier::Review
        },
    });
    Some(())
}

/// Whether the product hands the function on, to `map` or as a factory: who calls it there gets what it gives as it is.
fn hands_on(ctx: &Context<'_>, name: &str) -> bool {
    let is_handed = |node: Node<'_>| {
        let parent = node.parent().map_or("", |parent| parent.kind());
        let is_value = node.parent().and_then(|parent| parent.child_by_field_name("value")) == Some(node);
        parent == "argument_list" || parent == "keyword_argument" && is_value || parent == "pair" && is_value
    };
    callers::files(ctx, name).iter().filter_map(|path| ctx.snapshot.source(path)).any(|source| {
        let mut nodes = descendants(source.root());
        nodes.any(|node| node.kind() == "identifier" && source.slice(node) == name && is_handed(node))
    })
}

/// Whether callers cleaned up in `finally` what the context manager just gives away.
fn leaves_open(ctx: &Context<'_>, turned: &Turned<'_>) -> bool {
    let count = |text: &str| tokens(text).into_iter().filter(|token| *token == "finally").count();
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &turned.change.commit);
    let of = |text: Option<&std::sync::Arc<str>>| text.map_or(0, |text| count(text));
    let is_less = changes.iter().any(|change| of(change.after.as_ref()) < of(change.before.as_ref()));
    let source = ctx.snapshot.source(&turned.symbol.path);
    let keeps = source.as_ref().and_then(|source| {
        let code = source.slice(source.function_at(turned.symbol.range.start)?);
        Some(tokens(code).into_iter().any(|token| matches!(token, "finally" | "with")))
    });
    is_less && keeps != Some(true)
}

/// The assignment that gave the failing statement, or is it, and the call in it.
fn given<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Turned<'c>)> {
    let failing = ctx.statement()?;
    let assignments = descendants(ctx.scope()).filter(|node| node.kind() == "assignment");
    let before = assignments.filter(|node| node.start_byte() < failing.end_byte());
    before
        .filter_map(|assignment| {
            let left = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            let is_read = occurrences(ctx.source.slice(failing), ctx.source.slice(left)).next().is_some();
            let statement = assignment.parent().filter(|node| is_read && node.kind() == "expression_statement")?;
            Some((statement, turned(ctx, assignment.child_by_field_name("right")?, true)?))
        })
        .next()
}

/// The statement of the file's own fixture that gave what the failing statement reads.
fn by_fixture<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Turned<'c>)> {
    let failing = ctx.statement()?;
    let functions = children(ctx.source.root()).filter_map(|node| node.child_by_field_name("definition"));
    let is_read = |function: &Node<'_>| {
        let name = function.child_by_field_name("name").map_or("", |name| ctx.source.slice(name));
        names::binds(ctx.source, ctx.scope(), name) && occurrences(ctx.source.slice(failing), name).next().is_some()
    };
    let mut fixtures = functions.filter(|function| is_fixture(ctx.source, *function)).filter(is_read);
    fixtures.find_map(|fixture| {
        let body: Vec<Node<'_>> = children(fixture.child_by_field_name("body")?).collect();
        let last = body.last().filter(|last| last.kind() == "return_statement")?;
        if let Some(turned) = turned(ctx, last.named_child(0)?, true) {
            return Some((*last, turned));
        }
        body.iter().find_map(|statement| {
            let assignment = statement.named_child(0).filter(|node| node.kind() == "assignment")?;
            let left = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            let is_given = ctx.source.slice(left) == ctx.source.slice(last.named_child(0)?);
            Some((*statement, turned(ctx, assignment.child_by_field_name("right").filter(|_| is_given)?, true)?))
        })
    })
}

/// A fixture cannot return from within what it holds open: it yields.
fn yielded(ctx: &Context<'_>, block: &Block<'_>) -> Option<Edit> {
    let last = block.last.filter(|last| last.kind() == "return_statement")?;
    Some(ctx.replace(last.start_byte()..last.start_byte() + "return".len(), "yield"))
}

/// The call, awaited or not, of what is a context manager now and was none, or was one and is none.
fn turned<'t>(ctx: &Context<'_>, value: Node<'t>, is_now: bool) -> Option<Turned<'t>> {
    let call = if value.kind() == "await" { value.named_child(0)? } else { value };
    let name = locate::last_name(call.child_by_field_name("function").filter(|_| call.kind() == "call")?)?;
    let only = || {
        let mut known = ctx.snapshot.definitions(ctx.source.slice(name));
        known.retain(|symbol| !symbol.path.is_test_code() && symbol.signature.is_some());
        (known.len() == 1).then(|| known.remove(0))
    };
    let symbol = ctx.snapshot.callee(&ctx.site.path, call.byte_range()).or_else(only)?;
    let mut changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.retain(|change| change.path == symbol.path);
    changes.into_iter().find_map(|change| {
        let managed = |text: Option<&std::sync::Arc<str>>| manager(&Source::parse(text?.clone()), &symbol.name);
        let (was, is) = (managed(change.before.as_ref())?, managed(change.after.as_ref())?);
        let kind = match (was, is, is_now) {
            (None, Some(kind), true) | (Some(kind), None, false) => kind,
            _ => return None,
        };
        let is_async = kind == Manager::Async;
        Some(Turned { call, symbol: symbol.clone(), is_async, change })
    })
}

/// What a decorator makes of a generator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Sync,
    Async,
}

/// Whether the functions called `name` are context managers; `None` where there are none, or of both kinds.
#[allow(clippy::option_option)]
fn manager(source: &Source, name: &str) -> Option<Option<Manager>> {
    let is_it = |node: &Node<'_>| {
        let called = node.child_by_field_name("name").filter(|_| node.kind() == "function_definition");
        called.is_some_and(|called| source.slice(called) == name)
    };
    let kind = |function: Node<'_>| {
        let decorated = function.parent().filter(|parent| parent.kind() == "decorated_definition")?;
        let decorators = children(decorated).filter(|node| node.kind() == "decorator");
        decorators.into_iter().find_map(|decorator| match source.slice(decorator).rsplit(['.', '@']).next()?.trim() {
            "contextmanager" => Some(Manager::Sync),
            "asynccontextmanager" => Some(Manager::Async),
            _ => None,
        })
    };
    let mut kinds = descendants(source.root()).filter(is_it).map(kind);
    let first = kinds.next()?;
    kinds.all(|other| other == first).then_some(first)
}

/// What a caller does with what it gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Enters it.
    Entered,
    /// Keeps it, or reads something of it.
    Plain,
}

/// What the code around a call does with it; `None` where it is handed on.
fn uses(source: &Source, call: Node<'_>) -> Option<Use> {
    let mut outer = call.parent()?;
    if outer.kind() == "await" {
        outer = outer.parent()?;
    }
    match outer.kind() {
        "with_item" | "as_pattern" => Some(Use::Entered),
        "argument_list" => {
            let function = outer.parent()?.child_by_field_name("function")?;
            source.slice(function).contains("enter").then_some(Use::Entered)
        }
        "assignment" | "attribute" | "expression_statement" | "subscript" => Some(Use::Plain),
        _ => None,
    }
}

/// How many callers of each file of the product changed the same way.
fn callers_moved(ctx: &Context<'_>, name: &str, is_entered: bool) -> Vec<(Change, usize)> {
    let count = |text: &Option<std::sync::Arc<str>>, wanted: Use| {
        let Some(text) = text.as_ref().filter(|text| text.contains(name)) else { return 0 };
        let source = Source::parse(text.clone());
        let is_it = |call: &Node<'_>| {
            let called = call.child_by_field_name("function").filter(|_| call.kind() == "call");
            let called = called.and_then(locate::last_name);
            called.is_some_and(|called| source.slice(called) == name) && uses(&source, *call) == Some(wanted)
        };
        descendants(source.root()).filter(is_it).count()
    };
    let (old, new) = if is_entered { (Use::Plain, Use::Entered) } else { (Use::Entered, Use::Plain) };
    let moved = |change: &Change| {
        let gone = count(&change.before, old).saturating_sub(count(&change.after, old));
        gone.min(count(&change.after, new).saturating_sub(count(&change.before, new)))
    };
    let changes = product::changes(ctx.snapshot, &ctx.site.path).into_iter();
    changes.map(|change| (change.clone(), moved(&change))).collect()
}

#[cfg(test)]
mod tests;
