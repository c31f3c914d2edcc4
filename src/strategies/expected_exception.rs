//! `pytest.raises` and `pytest.warns` around code that raises another type or message now.

mod pattern;
mod translated;
mod warned;

use crate::diagnosis::half_done::still_caught;
use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::report::{Frame, Warning};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::symbols::SymbolKind;
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::provenance::{self, Provenance};
use super::{Context, Strategy, expected_warning, imports, told};
use pattern::Moved;
use translated::is_translated;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-exception",
    categories: &[
        Category::AssertionError,
        Category::LogicError,
        Category::Unknown,
        Category::TypeError,
        Category::KeyError,
        Category::ResourceError,
        Category::EnvironmentError,
        Category::AttributeError,
    ],
    summary: "Expects the exception or warning, and the message, that the product raises now.",
    example: r#"
#- before: shop.py
class OutOfStock(Exception): ...

def order(sku):
    raise ValueError(f"no {sku} left")
#- shop.py
class OutOfStock(Exception): ...

def order(sku):
    raise OutOfStock(f"no {sku} left")
#- tests/test_order.py
import pytest
from shop import order

def test_order():
    with pytest.raises(ValueError):
        order("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order():
        with pytest.raises(ValueError):
>           order("a")

tests/test_order.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

sku = 'a'

    def order(sku):
>       raise OutOfStock(f"no {sku} left")
E       shop.OutOfStock: no a left

shop.py:4: OutOfStock
#- healed
-from shop import order
+from shop import OutOfStock, order
-    with pytest.raises(ValueError):
+    with pytest.raises(OutOfStock):
"#,
    propose: expected_exception,
};

/// The call that says what is expected.
pub(super) struct Expectation<'c> {
    pub(super) call: Node<'c>,
    function: Node<'c>,
    is_warns: bool,
    is_deprecated_call: bool,
}

impl<'c> Expectation<'c> {
    /// The name of the type that is expected.
    pub(super) fn expected<'s>(&self, source: &'s Source) -> Option<&'s str> {
        let first = self.call.child_by_field_name("arguments")?.named_child(0)?;
        Some(source.slice(crate::diagnosis::locate::last_name(first)?))
    }

    /// What the message has to match.
    fn pattern(&self, source: &Source) -> Option<Node<'c>> {
        let list = self.call.child_by_field_name("arguments")?;
        let mut named = children(list).filter(|argument| argument.kind() == "keyword_argument");
        let is_match = |argument: &Node<'_>| {
            argument.child_by_field_name("name").is_some_and(|name| source.slice(name) == "match")
        };
        let named = named.find(is_match).and_then(|argument| argument.child_by_field_name("value"));
        named.or_else(|| children(list).nth(1).filter(|_| self.is_regex(source)))
    }

    /// Whether the second argument is the pattern of the message.
    fn is_regex(&self, source: &Source) -> bool {
        matches!(source.slice(self.function), "assertRaisesRegex" | "assertWarnsRegex")
    }
}

fn expected_exception(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if matched(ctx, fixes).is_some() {
        return Some(());
    }
    let expectation = around(ctx.source, ctx.site.statement.start)?;
    let failure = &ctx.diagnosis.failure;
    let (raised, message) = match ctx.complaint() {
        Complaint::PatternMissed { actual, .. } => (None, actual.clone()),
        // Other warnings came: the one that the product gives in the place of the expected one.
        Complaint::NotRaised { expected } => {
            let emitted = || {
                let emitted = emitted(ctx.message());
                emitted.filter(|(came, _)| !provenance::of(ctx, expected, came).evidence.is_empty())
            };
            let (came, message) =
                warned(ctx, expected).or_else(emitted).or_else(|| raised_instead(ctx, &expectation, expected))?;
            (Some(came), message)
        }
        _ => (failure.exc_type.clone(), failure.message.clone().unwrap_or_default()),
    };
    let mut change = Change::default();
    if let Some(raised) = &raised {
        if raised == "AssertionError" || raised == "Failed" || is_mishap(ctx) || ctx.complaint().is_refused_call() {
            return None;
        }
        if stops_others(ctx, &expectation) {
            return None;
        }
        new_type(ctx, &expectation, raised, &mut change);
        // What Python raises of itself is what a mock of the wrong shape gives too.
        if change.provenance.evidence.is_empty() && OF_PYTHON.contains(&raised.as_str()) && !is_raised_by_product(ctx) {
            return None;
        }
    }
    let is_elsewhere = raised.as_deref().is_some_and(|raised| !took_a_place(ctx, &expectation, raised));
    if let Some(value) = expectation.pattern(ctx.source) {
        let pattern = match ctx.complaint() {
            Complaint::PatternMissed { pattern, .. } => pattern,
            _ => "",
        };
        new_pattern(ctx, value, pattern, &message, &mut change);
    }
    if change.edits.is_empty() {
        return None;
    }
    if told::is_call_at_fault(ctx) {
        return None;
    }
    // An exception that Python makes of itself may be a slip in the new code.
    if !change.provenance.is_certain
        && (raised.as_deref().is_none_or(|raised| raised.ends_with("Warning")) || is_raised_by_product(ctx))
    {
        let expected =
            expectation.expected(ctx.source).filter(|expected| raised.as_deref().is_some_and(|it| it != *expected));
        let (old, new) = match (expected, raised.as_deref()) {
            (Some(expected), Some(raised)) => (expected, raised),
            _ => change
                .texts
                .as_ref()
                .map_or((ctx.source.slice(expectation.call), message.as_str()), |(old, new)| (old, new)),
        };
        change.provenance.strengthen(told::told(ctx), old, new);
    }
    change.provenance.is_certain &= !is_elsewhere;
    fixes.push(change.fix(seen(raised.as_deref(), &message)));
    Some(())
}

/// `excinfo.match("no stock")`, `re.search(pattern, text)`, `assertRegex(text, pattern)`: the pattern stands in a call of
/// its own.
fn matched(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::PatternMissed { pattern, actual } = ctx.complaint() else { return None };
    let (value, function) = pattern::searched(ctx.source, ctx.statement()?)?;
    let mut change = Change::default();
    new_pattern(ctx, value, pattern, actual, &mut change)?;
    let is_found = |new: &str| match function {
        "re.match" => actual.starts_with(new),
        "re.fullmatch" => actual == new,
        _ => true,
    };
    if told::is_call_at_fault(ctx) || !change.texts.as_ref().is_some_and(|(_, new)| is_found(new)) {
        return None;
    }
    if let Some((old, new)) = change.texts.clone().filter(|_| !change.provenance.is_certain) {
        change.provenance.strengthen(told::told(ctx), &old, &new);
    }
    fixes.push(change.fix(seen(None, actual)));
    Some(())
}

/// Whether the `raise` of the product that raised stands where a commit had another, or names a type that only its
/// class renamed. One that is new, or always was there, stops the test at another check than the one it is about.
fn took_a_place(ctx: &Context<'_>, expectation: &Expectation<'_>, raised: &str) -> bool {
    let Some((path, mut code)) = raising_line(ctx).filter(|_| is_raised_by_product(ctx)) else { return true };
    let names_it = |line: &str| occurrences(line, raised).next().is_some();
    // The type is made elsewhere.
    if !names_it(&code) {
        return true;
    }
    for hunk in product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| hunk.path == path) {
        match predecessor(hunk, &code) {
            Some(old) if !names_it(&old) => return true,
            Some(old) => code = old,
            None if hunk.added.iter().any(|line| line.trim() == code) => {
                return expectation.is_warns && hunk.removed.iter().any(|line| line.contains("warn("));
            }
            None => {}
        }
    }
    let renames = expectation.expected(ctx.source).map(|old| ctx.snapshot.history().renames_of(old));
    renames.is_some_and(|renames| renames.iter().any(|rename| rename.new == raised))
}

/// The file of the product that raised, and the line.
fn raising_line(ctx: &Context<'_>) -> Option<(FilePath, String)> {
    let frame = ctx.diagnosis.failure.frames.last()?;
    let (path, source) = ctx.product_file(frame)?;
    let line = source.code_on_line(frame.line)?;
    Some((path, source.text()[line].trim().to_string()))
}

/// The `raise` that the hunk takes away for the one on this line: of those that it brings the likest one.
fn predecessor(hunk: &Hunk, code: &str) -> Option<String> {
    let raises = |lines: &[String]| {
        let raises = lines.iter().map(|line| line.trim().to_string()).filter(|line| line.starts_with("raise "));
        raises.collect::<Vec<_>>()
    };
    let (gone, came) = (raises(&hunk.removed), raises(&hunk.added));
    let likeness = |one: &str, other: &str| ::similar::TextDiff::from_chars(one, other).ratio();
    let likest = |line: &str, others: &[String]| {
        others.iter().max_by(|a, b| likeness(line, a).total_cmp(&likeness(line, b))).cloned()
    };
    if !came.iter().any(|line| line == code) {
        return None;
    }
    let replaced = gone.iter().find(|old| likest(old, &came).as_deref() == Some(code)).cloned();
    replaced.or_else(|| likest(code, &gone).filter(|_| came.len() <= gone.len()))
}

/// The warning that the test met where a commit made the expected exception one: Python shows it where it was given, or
/// with `stacklevel` at one of the callers.
fn warned(ctx: &Context<'_>, expected: &str) -> Option<(String, String)> {
    let expected = super::renames::last_part(expected);
    let hunks = product::turns(ctx.snapshot, &ctx.site.path, expected, true);
    let is_of = |warning: &Warning, hunk: &Hunk| {
        let is_there = warning.path.as_deref().is_some_and(|path| ctx.snapshot.file_path(path) == hunk.path);
        is_there || expected_warning::says(&hunk.added, &warning.message)
    };
    let of_test = |warning: &&Warning| warning.nodeids.contains(&ctx.diagnosis.failure.nodeid);
    let mut of_test = ctx.report.warnings.iter().filter(of_test);
    let warning = of_test.find(|warning| hunks.iter().any(|hunk| is_of(warning, hunk)))?;
    Some((super::renames::last_part(warning.category.as_deref()?).to_string(), warning.message.clone()))
}

/// What the product raised in a block that expects a warning, where a commit put that `raise` in the warning's place.
fn raised_instead(ctx: &Context<'_>, expectation: &Expectation<'_>, expected: &str) -> Option<(String, String)> {
    let cause = ctx.diagnosis.failure.chain.first().filter(|_| expectation.is_warns)?;
    let frame = cause.frames.last()?;
    let (path, source) = ctx.product_file(frame)?;
    let code = source.text()[source.code_on_line(frame.line)?].trim().to_string();
    let expected = super::renames::last_part(expected);
    let is_there = |hunk: &Hunk| hunk.path == path && hunk.added.iter().any(|line| line.trim() == code);
    let turns = product::turns(ctx.snapshot, &ctx.site.path, expected, false);
    let is_turned = code.starts_with("raise ") && turns.iter().any(is_there);
    let raised = super::renames::last_part(cause.exc_type.as_deref().filter(|_| is_turned)?).to_string();
    Some((raised, cause.message.clone().unwrap_or_default()))
}

/// The first warning in `Emitted warnings: [FutureWarning('gone in v3'), …].`
fn emitted(message: &str) -> Option<(String, String)> {
    let list = message.split_once("Emitted warnings: [")?.1;
    let (name, rest) = list.split_once('(')?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let text = rest[1..].split(quote).next()?;
    name.ends_with("Warning").then(|| (super::renames::last_part(name).to_string(), text.to_string()))
}

/// Whether Python itself did not find a name or could not call it, and no `raise` of the product: what is asked for is
/// not there, and to expect that checks nothing.
fn is_mishap(ctx: &Context<'_>) -> bool {
    let about_names = matches!(
        ctx.complaint(),
        Complaint::NoModule { .. }
            | Complaint::NoImport { .. }
            | Complaint::NoAttribute { .. }
            | Complaint::NoName { .. }
            | Complaint::NotAwaited
            | Complaint::NotCallable { .. }
    );
    let raised_by = ctx.diagnosis.failure.frames.last().and_then(|frame| frame.text.as_deref());
    about_names && !raised_by.is_some_and(|line| line.trim_start().starts_with("raise "))
}

/// What the interpreter raises without a `raise`: for a wrong type, a wrong shape, something that is missing.
pub(super) const OF_PYTHON: &[&str] = &[
    "AttributeError",
    "IndexError",
    "KeyError",
    "NameError",
    "OverflowError",
    "RecursionError",
    "StopIteration",
    "TypeError",
    "UnboundLocalError",
    "ValueError",
    "ZeroDivisionError",
];

/// Whether the line that raised is a `raise` of the product's own.
pub(super) fn is_raised_by_product(ctx: &Context<'_>) -> bool {
    let Some(frame) = ctx.diagnosis.failure.frames.last() else { return false };
    let Some((_, source)) = ctx.product_file(frame) else { return false };
    let line = frame.text.as_deref().or_else(|| source.code_on_line(frame.line).map(|code| &source.text()[code]));
    line.is_some_and(|line| line.trim_start().starts_with("raise "))
}

#[derive(Default)]
struct Change {
    title: String,
    edits: Vec<Edit>,
    provenance: Provenance,
    /// What the pattern expected of the message, and what it expects now.
    texts: Option<(String, String)>,
}

impl Change {
    /// The fix, which the run and the product's source speak for.
    fn fix(self, seen: Evidence) -> Fix {
        let Provenance { is_certain, evidence: facts, doubt, .. } = self.provenance;
        let doubt = if facts.is_empty() { 0.4 } else { doubt };
        let evidence: Vec<Evidence> = std::iter::once(seen).chain(facts).collect();
        Fix {
            title: self.title,
            strategy: STRATEGY.id,
            edits: self.edits,
            confidence: Odds::of(&evidence).doubt(doubt).confidence(),
            evidence,
            tier: if is_certain { Tier::Safe } else { Tier::Review },
        }
    }
}

fn seen(raised: Option<&str>, message: &str) -> Evidence {
    let message = super::expected_value::short(message);
    let text = match raised {
        Some(raised) => format!("the run raised {raised}: {message}"),
        None => format!("the run raised: {message}"),
    };
    Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }
}

/// The call that the statement is, else the innermost `with pytest.raises(…)` around it: its header failed or its body
/// raised.
fn around(source: &Source, statement: usize) -> Option<Expectation<'_>> {
    if let Some(found) = source.statement_at(statement).and_then(|statement| of_call(source, statement)) {
        return Some(found);
    }
    let node = source.root().descendant_for_byte_range(statement, statement)?;
    let statements = ancestors(node).take_while(|node| node.kind() != "function_definition");
    statements.filter(|node| node.kind() == "with_statement").find_map(|with| of_block(source, with))
}

/// `pytest.raises(ValueError, order, "a")`: what a statement expects of the call that it hands over.
fn of_call<'c>(source: &Source, statement: Node<'c>) -> Option<Expectation<'c>> {
    if statement.kind() != "expression_statement" {
        return None;
    }
    let hands_over = |expected: &Expectation<'_>| {
        let list = expected.call.child_by_field_name("arguments");
        let arguments = list.into_iter().flat_map(children);
        let positional = arguments.filter(|node| !matches!(node.kind(), "keyword_argument" | "comment")).count();
        let first = if expected.is_deprecated_call { 0 } else { 1 + usize::from(expected.is_regex(source)) };
        positional > first
    };
    let calls = descendants(statement).filter(|node| node.kind() == "call");
    calls.filter_map(|call| expectation(source, call)).find(hands_over)
}

/// What the header of a `with` expects.
pub(super) fn of_block<'c>(source: &Source, with: Node<'c>) -> Option<Expectation<'c>> {
    let clause = children(with).find(|node| node.kind() == "with_clause")?;
    descendants(clause).filter(|node| node.kind() == "call").find_map(|call| expectation(source, call))
}

/// What a call of `raises`, `warns` and their like expects.
pub(super) fn expectation<'c>(source: &Source, call: Node<'c>) -> Option<Expectation<'c>> {
    let function = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
    let name = source.slice(function);
    let is_warns = matches!(name, "warns" | "deprecated_call" | "assertWarns" | "assertWarnsRegex");
    let known = is_warns || matches!(name, "raises" | "assertRaises" | "assertRaisesRegex");
    known.then(|| Expectation { call, function, is_warns, is_deprecated_call: name == "deprecated_call" })
}

/// Whether the same line of the product stops tests that expect nothing, or something else: what they all meet
/// on the way is not what this one is about.
pub(super) fn stops_others(ctx: &Context<'_>, expectation: &Expectation<'_>) -> bool {
    let failure = &ctx.diagnosis.failure;
    let Some(raiser) = failure.frames.last().filter(|frame| ctx.snapshot.file_path(&frame.path) != ctx.site.path)
    else {
        return false;
    };
    let mut stopped = ctx.report.failures.iter().filter(|other| {
        let is_same = |frame: &Frame| frame.path == raiser.path && frame.line == raiser.line;
        other.exc_type == failure.exc_type && other.frames.last().is_some_and(is_same)
    });
    let expected = expectation.expected(ctx.source);
    let was_caught = is_translated(failure, expected);
    stopped.any(|other| {
        let (Some(path), Some(line)) = (&other.path, other.line) else { return false };
        let Some(source) = ctx.snapshot.source(&ctx.snapshot.file_path(path)) else { return false };
        let Some(code) = source.code_on_line(line) else { return false };
        let next = || {
            let with = super::raise_moved::next_statement(source.statement_at(code.start)?)?;
            of_block(&source, with)
        };
        let expectation = around(&source, code.start).or_else(next);
        let asked = expectation.as_ref().and_then(|found| found.expected(&source));
        asked != expected && !(was_caught && is_translated(other, asked))
    })
}

/// Writes the raised type in the place of the expected one.
fn new_type(ctx: &Context<'_>, expectation: &Expectation<'_>, raised: &str, change: &mut Change) -> Option<()> {
    let accepted = ["DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"];
    if expectation.is_deprecated_call && accepted.contains(&raised) {
        return None;
    }
    let expected = expectation.call.child_by_field_name("arguments")?.named_child(0)?;
    let name = crate::diagnosis::locate::last_name(expected)?;
    let old = ctx.source.slice(name);
    if old == raised || matches!(raised, "Exception" | "BaseException" | "SystemExit" | "KeyboardInterrupt") {
        return None;
    }
    let (text, import) = reachable(ctx, expected, raised)?;
    let is_warning = raised.ends_with("Warning");
    if is_warning != expectation.is_warns {
        let function = turned(ctx.source.slice(expectation.function))?;
        change.edits.push(ctx.replace(expectation.function.byte_range(), function));
    }
    change.edits.push(ctx.replace(expected.byte_range(), text));
    change.edits.extend(import);
    change.title = format!("Expect `{raised}` instead of `{old}`");
    change.provenance = provenance::of(ctx, old, raised);
    change.provenance.is_certain |= is_changed_raise(ctx, old, raised);
    if is_warning != expectation.is_warns
        && let Some(hunk) = product::turned_over(ctx.snapshot, &ctx.site.path, old, is_warning)
    {
        // What only warns lets everything pass: that has to be said, and not only done.
        let is_said = || expectation.pattern(ctx.source).is_some_and(|it| says_that_it_warns(ctx, &hunk, it));
        change.provenance.is_certain = !is_warning || is_said();
        change.provenance.evidence.push(turned_over(&hunk, is_warning));
    }
    Some(())
}

/// What expects a warning where an exception was expected, and the other way round.
fn turned(function: &str) -> Option<&'static str> {
    Some(match function {
        "raises" => "warns",
        "warns" => "raises",
        "assertRaises" => "assertWarns",
        "assertWarns" => "assertRaises",
        "assertRaisesRegex" => "assertWarnsRegex",
        "assertWarnsRegex" => "assertRaisesRegex",
        _ => return None,
    })
}

/// Whether a commit changed the very `raise` that raised: it takes `old` away and brings `new`, which the project
/// defines. One exception of Python's is easily taken for another.
fn is_changed_raise(ctx: &Context<'_>, old: &str, new: &str) -> bool {
    let is_own = ctx.is_of_product(new);
    // One exception of the product is easily taken for another; a new one is made to be raised.
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let class = format!("class {new}");
    let is_new = hunks.iter().any(|hunk| hunk.added.iter().any(|line| line.trim_start().starts_with(&class)));
    if ctx.is_of_product(old) && !is_new {
        return false;
    }
    let Some(frame) = ctx.diagnosis.failure.frames.last().filter(|_| is_own && is_raised_by_product(ctx)) else {
        return false;
    };
    let path = ctx.snapshot.file_path(&frame.path);
    if !is_new && is_raised_beside(ctx, &path, frame.line, new) || is_still_caught(ctx, &path, frame.line, old, new) {
        return false;
    }
    hunks.iter().any(|hunk| {
        let lines = hunk.line..hunk.line + hunk.added.len() as u32;
        hunk.path == path && lines.contains(&frame.line) && hunk.replaces(old, new) && keeps_conditions(hunk)
    })
}

/// Whether a caller of the function that raises at a line still catches what it raised before.
fn is_still_caught(ctx: &Context<'_>, path: &FilePath, line: u32, old: &str, new: &str) -> bool {
    let outline = ctx.snapshot.outline(path);
    let functions = outline.iter().flat_map(|outline| outline.items.iter());
    let around = functions.filter(|item| item.signature.is_some() && item.line <= line).max_by_key(|item| item.line);
    around.is_some_and(|function| still_caught(ctx.snapshot, &function.name, old, new).is_some())
}

/// Whether the hunk asks the same before it raises: who asks something else may raise for something else.
fn keeps_conditions(hunk: &Hunk) -> bool {
    let asks =
        |line: &&str| ["if ", "elif ", "else:", "except", "while ", "for "].iter().any(|word| line.starts_with(word));
    let conditions =
        |lines: &[String]| lines.iter().map(|line| line.trim()).filter(asks).map(str::to_string).collect::<Vec<_>>();
    conditions(&hunk.removed) == conditions(&hunk.added)
}

/// Whether the function raises `name` at another line too: a line that was copied and not adapted.
fn is_raised_beside(ctx: &Context<'_>, path: &FilePath, line: u32, name: &str) -> bool {
    let Some(source) = ctx.snapshot.source(path) else { return false };
    let Some(at) = source.code_on_line(line).and_then(|code| source.statement_at(code.start)) else { return false };
    let function = ancestors(at).find(|node| node.kind() == "function_definition");
    let raises =
        function.into_iter().flat_map(descendants).filter(|node| node.kind() == "raise_statement" && *node != at);
    raises.map(|raise| source.slice(raise)).any(|raise| occurrences(raise, name).next().is_some())
}

/// That the commit made the exception a warning, or the warning an exception.
fn turned_over(hunk: &Hunk, warns_now: bool) -> Evidence {
    let what = if warns_now { "warns where it raised" } else { "raises where it warned" };
    Evidence::commit(&hunk.commit, format!("{}:{} {what} ({})", hunk.path, hunk.line, hunk.subject))
}

/// Whether the commit's first line tells that it warns instead of raising this, where it asks what it asked before.
fn says_that_it_warns(ctx: &Context<'_>, hunk: &Hunk, pattern: Node<'_>) -> bool {
    let subject = ctx.snapshot.history().subject(&hunk.commit);
    keeps_conditions(hunk) && subject.is_some_and(|it| warned::is_said(&it, hunk, ctx.source.slice(pattern)))
}

/// How the test file names the type: a builtin, a name it has, an attribute of the same module, or an
/// import that is added.
pub(super) fn reachable(ctx: &Context<'_>, expected: Node<'_>, raised: &str) -> Option<(String, Option<Edit>)> {
    let is_builtin =
        BUILTINS.contains(&raised) || raised.ends_with("Warning") && ctx.snapshot.definitions(raised).is_empty();
    let known = imports::imports(ctx.source).iter().any(|imported| imported.local == raised);
    if is_builtin || known {
        return Some((raised.to_string(), None));
    }
    let defined = ctx.snapshot.definitions(raised);
    let homes: Vec<String> = defined
        .iter()
        .filter(|symbol| !symbol.path.is_test_code() && !is_inside(symbol.kind))
        .filter_map(|symbol| ctx.snapshot.dotted_name(&symbol.path))
        .collect();
    if let Some(object) = expected.child_by_field_name("object").filter(|_| expected.kind() == "attribute") {
        let module = ctx.snapshot.type_of(&ctx.site.path, object.byte_range());
        let has_it = module.is_some_and(|module| {
            ctx.snapshot.module_members(&module.qualified).symbols.iter().any(|s| s.name == raised)
        });
        if has_it {
            return Some((format!("{}.{raised}", ctx.source.slice(object)), None));
        }
    }
    let home = match homes.as_slice() {
        [home] => home.clone(),
        [] => imported_by_raiser(ctx, raised)?,
        _ => return None,
    };
    let import = imports::add(ctx, &home, Some(raised))?;
    Some((raised.to_string(), Some(import)))
}

/// Whether it belongs to a class, from which nobody imports.
fn is_inside(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Method | SymbolKind::Property | SymbolKind::Field)
}

/// The module from which the file that raised takes a type of another package.
fn imported_by_raiser(ctx: &Context<'_>, raised: &str) -> Option<String> {
    let (path, source) = ctx.product_file(ctx.diagnosis.failure.frames.last()?)?;
    let imports = imports::imports(&source);
    let import = imports.iter().find(|import| import.local == raised && import.name.as_deref() == Some(raised))?;
    ctx.snapshot.absolute_name(&path, &import.module)
}

const BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AttributeError",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "EncodingWarning",
    "ExceptionGroup",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
];

/// Writes the changed part of the message into the pattern, which was `printed` so.
fn new_pattern(ctx: &Context<'_>, value: Node<'_>, printed: &str, message: &str, change: &mut Change) -> Option<()> {
    let Moved { old, new, edits } = pattern::moved(ctx, value, printed, message)?;
    if change.edits.is_empty() {
        change.title = format!("Match `{}`", super::expected_value::short(&new));
        change.provenance = provenance::of_text(ctx, &old, &new);
    } else {
        let of_message = provenance::of_text(ctx, &old, &new);
        change.provenance.is_certain &= of_message.is_certain;
        change.provenance.evidence.extend(of_message.evidence);
    }
    change.edits.extend(edits.into_iter().map(|(range, text)| ctx.replace(range, text)));
    change.texts = Some((old, new));
    Some(())
}

#[cfg(test)]
mod tests;
