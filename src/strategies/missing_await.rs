//! A coroutine where its result was wanted: the call is awaited.

use crate::diagnosis::{Category, Complaint, Diagnosis, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::report::{Report, Warning};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;
use crate::workspace::fixtures::is_fixture;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::{Context, Strategy, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "missing-await",
    categories: &[
        Category::TypeError,
        Category::AttributeError,
        Category::AssertionError,
        Category::KeyError,
        Category::LogicError,
    ],
    summary: "Awaits the call of an async function.",
    example: r#"
#- client.py
async def fetch(url):
    return {"url": url}
#- tests/test_client.py
import pytest
from client import fetch

@pytest.mark.asyncio
async def test_fetch():
    assert fetch("a")["url"] == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fetch __________________________________

    @pytest.mark.asyncio
    async def test_fetch():
>       assert fetch("a")["url"] == "a"
E       TypeError: 'coroutine' object is not subscriptable

tests/test_client.py:6: TypeError
#- healed
-    assert fetch("a")["url"] == "a"
+    assert (await fetch("a"))["url"] == "a"
"#,
    propose: missing_await,
};

fn missing_await(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let left = left(ctx);
    if !left.is_empty() {
        return await_what_was_left(ctx, &left, fixes);
    }
    let is_coroutine = |text: &str| text.starts_with("<coroutine object");
    let sides = ctx.diagnosis.failure.introspection.as_ref();
    let compared = sides.is_some_and(|sides| is_coroutine(&sides.left) || is_coroutine(&sides.right))
        || ctx.message().lines().next().is_some_and(|first| first.contains("<coroutine object "));
    if *ctx.complaint() != Complaint::NotAwaited && !compared || !ctx.raised_here() {
        return None;
    }
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    // What a fixture waits for is `async-fixture`'s to say.
    if is_fixture(ctx.source, test) && !is_async(test) {
        return None;
    }
    let calls = unawaited(ctx, test);
    let rivals = calls.len().saturating_sub(1);
    // A file with a helper that runs coroutines goes on with it.
    let has_runner = !is_async(test) && helper(ctx).is_some();
    if has_runner && run_to_the_end(ctx, &calls, fixes).is_some() {
        return Some(());
    }
    let make_async = if is_async(test) { Some(AsAsync::default()) } else { async_test(ctx, test) };
    let Some(make_async) = make_async else { return run_to_the_end(ctx, &calls, fixes) };
    for (call, callee) in calls {
        let text = format!("`{}` is async", callee.name);
        let mut evidence = vec![
            Evidence::at(EvidenceKind::Source, &callee.path, callee.line, text),
            Evidence::hint("the run met a coroutine where its result was wanted"),
        ];
        evidence.extend(became_async(ctx, &callee));
        let is_told = evidence.len() > 2;
        let mut edits = make_async.edits.clone();
        edits.extend(everywhere_in(ctx, test, call).into_iter().flat_map(|call| awaited(&ctx.site.path, call)));
        evidence.extend(make_async.fact.clone());
        let is_sure = make_async.edits.is_empty() || make_async.is_run && is_told;
        fixes.push(Fix {
            title: format!("Await `{}`", callee.name),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).rivals(rivals).confidence(),
            evidence,
            tier: if is_sure && !is_dropped_by_product(ctx, &callee) { Tier::Safe } else { Tier::Review },
        });
    }
    Some(())
}

/// The calls of a test that are written like `call` and that nothing awaits.
fn everywhere_in<'c>(ctx: &'c Context<'_>, test: Node<'c>, call: Node<'c>) -> Vec<Node<'c>> {
    let mut calls = super::calls::same_calls(ctx, call);
    calls.retain(|other| {
        let is_of_test = ctx.source.function_at(other.start_byte()) == Some(test);
        *other == call || is_of_test && !is_awaited(ctx.source, *other)
    });
    calls
}

/// The commit that made the function async.
pub(super) fn became_async(ctx: &Context<'_>, callee: &Symbol) -> Option<Evidence> {
    let changes = ctx.snapshot.history().signature_changes(&callee.path, &callee.name);
    let change = changes.into_iter().find(|change| !change.before.is_async && change.after.is_async)?;
    Some(Evidence::commit(&change.commit, format!("`{}` became async ({})", change.function, change.subject)))
}

/// The name of the coroutine that a warning of Python says nobody awaited.
pub(super) fn dropped(warning: &Warning) -> Option<&str> {
    Some(warning.message.strip_prefix("coroutine '")?.split_once("' was never awaited")?.0)
}

/// The calls of this test whose coroutines Python saw nobody await, with their names. What nobody awaited did not happen:
/// no value that the run gave says anything.
pub(super) fn left<'c>(ctx: &'c Context<'_>) -> Vec<(Node<'c>, &'c str)> {
    let scope = ctx.scope();
    let of_test = |nodeids: &[String]| nodeids.is_empty() || nodeids.contains(&ctx.diagnosis.failure.nodeid);
    // By the message first: most warnings are others, and some list every test of the run.
    let found = ctx.report.warnings.iter().filter_map(|warning| {
        let name = dropped(warning).filter(|_| of_test(&warning.nodeids))?;
        let path = warning.path.as_deref()?;
        let is_file = ctx.snapshot.file_path(path) == ctx.site.path || path.ends_with(&format!("/{}", ctx.site.path));
        let statement = ctx.source.statement_at(ctx.source.code_on_line(warning.line?)?.start)?;
        let is_here = is_file && scope.byte_range().contains(&statement.start_byte());
        let call = Some(statement)
            .filter(|_| is_here)
            .and_then(|statement| called_as(ctx, statement, name).or_else(|| call_of(ctx, statement)))?;
        Some((call, name))
    });
    let mut found: Vec<(Node<'_>, &str)> = found.collect();
    found.sort_by_key(|(call, _)| call.start_byte());
    found.dedup_by_key(|(call, _)| call.start_byte());
    found
}

/// The only call in a simple statement that bears the coroutine's name.
fn called_as<'c>(ctx: &Context<'_>, statement: Node<'c>, name: &str) -> Option<Node<'c>> {
    if !matches!(statement.kind(), "expression_statement" | "assert_statement" | "return_statement") {
        return None;
    }
    let bears_it = |call: &Node<'_>| {
        let called = call.child_by_field_name("function").and_then(crate::diagnosis::locate::last_name);
        called.is_some_and(|called| ctx.source.slice(called) == super::renames::last_part(name))
    };
    let mut calls =
        descendants(statement).filter(|node| node.kind() == "call" && !is_awaited(ctx.source, *node)).filter(bears_it);
    calls.next().filter(|_| calls.next().is_none())
}

/// The call whose result a statement leaves, keeps or checks.
fn call_of<'c>(ctx: &Context<'_>, statement: Node<'c>) -> Option<Node<'c>> {
    let inner = statement.named_child(0)?;
    let value = if inner.kind() == "assignment" { inner.child_by_field_name("right")? } else { inner };
    let call = Some(value).filter(|value| value.kind() == "call")?;
    let name = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
    if !ctx.source.slice(name).starts_with("assert") {
        return Some(call);
    }
    let mut checked = children(call.child_by_field_name("arguments")?).filter(|argument| argument.kind() == "call");
    checked.next().filter(|_| checked.next().is_none())
}

fn await_what_was_left(ctx: &Context<'_>, left: &[(Node<'_>, &str)], fixes: &mut Vec<Fix>) -> Option<()> {
    let (_, name) = left.first()?;
    let mut evidence = vec![Evidence {
        kind: EvidenceKind::Runtime,
        ..Evidence::hint(format!("Python warned that the coroutine `{name}` was never awaited"))
    }];
    let defined = format!("async def {}(", super::renames::last_part(name));
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let came = |lines: &[String]| lines.iter().any(|line| line.contains(&defined));
    let hunk = hunks.iter().find(|hunk| hunk.is_python() && came(&hunk.added) && !came(&hunk.removed));
    let text = |subject: &str| format!("`{name}` is async since ({subject})");
    evidence.extend(hunk.map(|hunk| Evidence::commit(&hunk.commit, text(&hunk.subject))));
    let is_in_async = |call: Node<'_>| ctx.source.function_at(call.start_byte()).is_some_and(is_async);
    // The test did not come to the others, which nobody would await either.
    let mut calls: Vec<Node<'_>> = left.iter().flat_map(|(call, _)| super::calls::same_calls(ctx, *call)).collect();
    calls.retain(|call| !is_awaited(ctx.source, *call) || left.iter().any(|(known, _)| known == call));
    calls.sort_by_key(Node::start_byte);
    calls.dedup();
    // unittest awaits the methods of a class that is made for it.
    let heads = heads(ctx, &calls);
    let is_made_async = |call: Node<'_>| {
        let function = ctx.source.function_at(call.start_byte());
        function.is_some_and(|function| heads.contains(&function.start_byte()))
    };
    let is_in_async = |call: Node<'_>| is_in_async(call) || is_made_async(call);
    let runs = calls.iter().any(|call| !is_in_async(*call));
    let runner = runner(ctx);
    let callees = calls.iter().filter_map(|call| ctx.snapshot.callee(&ctx.site.path, call.byte_range()));
    let is_dropped = callees.into_iter().any(|callee| is_dropped_by_product(ctx, &callee));
    let heads = heads.iter().map(|head| Edit::insert(&ctx.site.path, *head, "async "));
    let edits = heads.chain(calls.iter().flat_map(|call| match is_in_async(*call) {
        true => awaited(&ctx.site.path, *call),
        false => runner.around(ctx, *call).to_vec(),
    }));
    fixes.push(Fix {
        title: format!("Await `{name}`"),
        strategy: STRATEGY.id,
        edits: runner.import.clone().filter(|_| runs).into_iter().chain(edits).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if hunk.is_some() && !is_dropped { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// Where the tests begin that unittest awaits once they are async, of those that the calls stand in.
fn heads(ctx: &Context<'_>, calls: &[Node<'_>]) -> Vec<usize> {
    let functions = calls.iter().filter_map(|call| ctx.source.function_at(call.start_byte()));
    let sync = functions.filter(|function| !is_async(*function) && is_test(ctx.source, *function));
    let mut heads: Vec<usize> = sync
        .filter(|function| unittest_class(ctx, *function).is_some_and(|class| class.awaits))
        .map(|function| function.start_byte())
        .collect();
    heads.sort_unstable();
    heads.dedup();
    heads
}

/// How the file runs coroutines to their end: by a helper of its own (`def _run(coro)`), else `asyncio.run`.
struct Runner<'c> {
    name: &'c str,
    import: Option<Edit>,
}

fn runner<'c>(ctx: &'c Context<'_>) -> Runner<'c> {
    if let Some(name) = helper(ctx) {
        return Runner { name, import: None };
    }
    let is_it = |item: &imports::Imported| item.module == "asyncio" && item.name.is_none();
    let known = imports::imports(ctx.source).iter().any(is_it);
    Runner { name: "asyncio.run", import: if known { None } else { imports::add(ctx, "asyncio", None) } }
}

/// The name of the file's own function that runs a coroutine.
fn helper<'c>(ctx: &'c Context<'_>) -> Option<&'c str> {
    children(ctx.source.root()).find_map(|function| own_runner(ctx.source, function))
}

/// The name of a function that only runs what it is given: `return loop.run_until_complete(coro)`.
fn own_runner<'c>(source: &'c Source, function: Node<'c>) -> Option<&'c str> {
    let parameters = function.child_by_field_name("parameters").filter(|_| !is_async(function))?;
    let [parameter] = children(parameters).collect::<Vec<_>>()[..] else { return None };
    let parameter = source.slice(names::parameter_identifier(parameter)?);
    let last =
        children(function.child_by_field_name("body")?).last().filter(|node| node.kind() == "return_statement")?;
    let call = last.named_child(0).filter(|node| node.kind() == "call")?;
    let runs = source.slice(crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?);
    let [argument] = children(call.child_by_field_name("arguments")?).collect::<Vec<_>>()[..] else { return None };
    let runs_it = matches!(runs, "run_until_complete" | "run") && source.slice(argument) == parameter;
    runs_it.then(|| Some(source.slice(function.child_by_field_name("name")?)))?
}

impl Runner<'_> {
    fn around(&self, ctx: &Context<'_>, call: Node<'_>) -> [Edit; 2] {
        let path = &ctx.site.path;
        [Edit::insert(path, call.start_byte(), format!("{}(", self.name)), Edit::insert(path, call.end_byte(), ")")]
    }
}

/// A project without async tests runs the coroutine to its end: where a commit made the function async.
fn run_to_the_end(ctx: &Context<'_>, calls: &[(Node<'_>, Symbol)], fixes: &mut Vec<Fix>) -> Option<()> {
    let [(call, callee)] = calls else { return None };
    let evidence =
        vec![became_async(ctx, callee)?, Evidence::hint("the run met a coroutine where its result was wanted")];
    let is_free = |call: &Node<'_>| {
        !is_awaited(ctx.source, *call)
            && ctx.source.function_at(call.start_byte()).is_some_and(|function| !is_async(function))
    };
    let all = super::calls::same_calls(ctx, *call).into_iter().filter(is_free);
    let runner = runner(ctx);
    fixes.push(Fix {
        title: format!("Run `{}` to its end", callee.name),
        strategy: STRATEGY.id,
        edits: runner.import.clone().into_iter().chain(all.flat_map(|call| runner.around(ctx, call))).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_dropped_by_product(ctx, callee) { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the product itself still asks a coroutine for what the function gave before: the change is half done.
pub(super) fn is_dropped_by_product(ctx: &Context<'_>, callee: &Symbol) -> bool {
    super::callers::any_call(ctx, callee, |_, source, call| is_dropped(source, call))
}

/// Whether a call of an async function is used as if it were none: for its truth, for a part of it, or not at all.
fn is_dropped(source: &Source, call: Node<'_>) -> bool {
    let Some(parent) = call.parent().filter(|_| !is_awaited(source, call)) else { return false };
    match parent.kind() {
        "expression_statement" | "not_operator" | "comparison_operator" | "boolean_operator" | "binary_operator" => {
            true
        }
        "if_statement" | "elif_clause" | "while_statement" | "conditional_expression" | "attribute" => true,
        "subscript" => parent.start_byte() == call.start_byte(),
        "for_statement" | "for_in_clause" => parent.child(0).is_none_or(|first| first.kind() != "async"),
        "argument_list" => looks(source, parent),
        _ => false,
    }
}

/// Calls of async functions that nothing awaits: in the failing statement, else where the variables in
/// it were assigned.
fn unawaited<'c>(ctx: &'c Context<'_>, test: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    let Some(statement) = ctx.statement() else { return Vec::new() };
    let here = calls_in(ctx, statement);
    if !here.is_empty() {
        return here;
    }
    let names: Vec<&str> =
        descendants(statement).filter(|node| node.kind() == "identifier").map(|node| ctx.source.slice(node)).collect();
    descendants(test)
        .filter(|node| node.kind() == "assignment" && node.end_byte() <= statement.start_byte())
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| names.contains(&ctx.source.slice(left))))
        .filter_map(|node| node.child_by_field_name("right"))
        .flat_map(|value| calls_in(ctx, value))
        .collect()
}

fn calls_in<'c>(ctx: &Context<'_>, scope: Node<'c>) -> Vec<(Node<'c>, Symbol)> {
    descendants(scope)
        .filter(|node| node.kind() == "call" && !is_awaited(ctx.source, *node))
        .filter_map(|call| {
            let callee = ctx.snapshot.callee(&ctx.site.path, call.byte_range())?;
            Some((call, handed_on(ctx, &callee).unwrap_or(callee)))
        })
        .filter(|(_, callee)| is_async_symbol(callee))
        .collect()
}

fn is_async_symbol(symbol: &Symbol) -> bool {
    symbol.signature.as_ref().is_some_and(|signature| signature.is_async)
}

/// The async function whose coroutine a helper of the test file hands on: `return store.load()` is all it returns.
fn handed_on(ctx: &Context<'_>, helper: &Symbol) -> Option<Symbol> {
    if helper.path != ctx.site.path || is_async_symbol(helper) {
        return None;
    }
    let function = ctx.source.function_at(helper.range.start)?;
    let is_own = |node: &Node<'_>| ctx.source.function_at(node.start_byte()) == Some(function);
    let mut returns = descendants(function).filter(|node| node.kind() == "return_statement").filter(is_own);
    let value = returns.next().filter(|_| returns.next().is_none())?.named_child(0)?;
    let call = Some(value).filter(|value| value.kind() == "call")?;
    ctx.snapshot.callee(&ctx.site.path, call.byte_range()).filter(is_async_symbol)
}

/// Whether a function of the product that is not async makes coroutines which nobody awaits: what they were to do does
/// not happen.
pub(super) fn leaves_coroutines(ctx: &Context<'_>, function: &Symbol) -> bool {
    let Some(source) = ctx.snapshot.source(&function.path) else { return false };
    let Some(definition) = source.function_at(function.range.start) else { return false };
    let is_async = |call: &Node<'_>| {
        let callee = ctx.snapshot.callee(&function.path, call.byte_range());
        callee.is_some_and(|callee| callee.signature.is_some_and(|signature| signature.is_async))
    };
    let calls = descendants(definition).filter(|node| node.kind() == "call" && !is_awaited(&source, *node));
    calls.into_iter().any(|call| is_async(&call))
}

/// The coroutine of the product that a change left without `await`, as Python warned in this test: its name and place.
pub(super) fn left_by_product<'r>(
    snapshot: &Snapshot,
    report: &'r Report,
    diagnosis: &Diagnosis,
) -> Option<(&'r str, FilePath, u32)> {
    let site = diagnosis.site.as_ref()?;
    let of_test = |nodeids: &[String]| nodeids.contains(&diagnosis.failure.nodeid);
    let warned = report.warnings.iter().filter(|warning| of_test(&warning.nodeids));
    let left = warned.filter_map(|warning| {
        let (name, path) = (dropped(warning)?, snapshot.file_path(warning.path.as_deref()?));
        (path.is_inside() && !path.is_test_code()).then_some((name, path, warning.line?))
    });
    // Most runs warn of nothing: then nobody has to ask what changed.
    let mut left = left.peekable();
    left.peek()?;
    let hunks = product::hunks(snapshot, &site.path);
    let is_changed = |name: &str| {
        let name = super::renames::last_part(name);
        hunks.iter().any(|hunk| hunk.removed.iter().any(|line| line.contains("await ") && line.contains(name)))
    };
    left.find(|(name, ..)| is_changed(name))
}

/// `await f()`, and `asyncio.run(f())` or `gather(f())`, which await what they are given.
pub(super) fn is_awaited(source: &Source, call: Node<'_>) -> bool {
    ancestors(call)
        .skip(1)
        .take_while(|node| !node.kind().ends_with("statement"))
        .any(|node| matches!(node.kind(), "await" | "lambda") || node.kind() == "argument_list" && !looks(source, node))
}

/// Whether arguments go to what only looks at values: a check of unittest, a function of Python's own.
fn looks(source: &Source, list: Node<'_>) -> bool {
    let function = list.parent().and_then(|call| call.child_by_field_name("function"));
    let Some(function) = function else { return false };
    let name = crate::diagnosis::locate::last_name(function).map_or("", |name| source.slice(name));
    let is_check = name.starts_with("assert") && function.kind() == "attribute";
    is_check || function.kind() == "identifier" && LOOKING.contains(&name)
}

/// Functions of Python that await nothing.
const LOOKING: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "dict",
    "enumerate",
    "float",
    "frozenset",
    "int",
    "iter",
    "len",
    "list",
    "max",
    "min",
    "next",
    "repr",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

pub(super) fn is_async(function: Node<'_>) -> bool {
    function.child(0).is_some_and(|first| first.kind() == "async")
}

/// `await f()`, in parentheses where something is read off the result.
pub(super) fn awaited(path: &FilePath, call: Node<'_>) -> Vec<Edit> {
    let reads_on = call.parent().is_some_and(|parent| {
        matches!(parent.kind(), "attribute" | "subscript" | "call") && parent.start_byte() == call.start_byte()
    });
    if reads_on {
        return vec![Edit::insert(path, call.start_byte(), "(await "), Edit::insert(path, call.end_byte(), ")")];
    }
    vec![Edit::insert(path, call.start_byte(), "await ")]
}

/// What makes a sync test async.
#[derive(Default)]
pub(super) struct AsAsync {
    pub(super) edits: Vec<Edit>,
    pub(super) fact: Option<Evidence>,
    /// Whether it is certain that it will be awaited.
    pub(super) is_run: bool,
}

/// A method becomes async where unittest awaits it. Another sync test becomes async the way that other tests of the
/// project are: with their mark, or without one where none has any (`asyncio_mode = auto`, anyio's plugin).
pub(super) fn async_test(ctx: &Context<'_>, test: Node<'_>) -> Option<AsAsync> {
    let head = Edit::insert(&ctx.site.path, test.start_byte(), "async ");
    if let Some(class) = unittest_class(ctx, test) {
        let line = ctx.source.line_of(class.name.start_byte());
        let text = format!("unittest awaits the tests of `{}`", ctx.source.slice(class.name));
        let fact = Evidence::at(EvidenceKind::Source, &ctx.site.path, line, text);
        let awaits = class.awaits && is_test(ctx.source, test);
        return awaits.then(|| AsAsync { edits: vec![head], fact: Some(fact), is_run: true });
    }
    let (path, line, mark) = async_example(ctx)?;
    let text =
        format!("`async def` tests are written like this here{}", if mark.is_some() { ", with a mark" } else { "" });
    let fact = Evidence::at(EvidenceKind::Example, &path, line, text);
    let mut edits = vec![head];
    if let Some(mark) = mark {
        let head = test.parent().filter(|parent| parent.kind() == "decorated_definition").unwrap_or(test);
        let indent = " ".repeat(head.start_position().column);
        let end = imports::line_end(ctx.source.text());
        edits.insert(0, Edit::insert(&ctx.site.path, head.start_byte(), format!("{mark}{end}{indent}")));
    }
    Some(AsAsync { edits, fact: Some(fact), is_run: false })
}

fn is_test(source: &Source, function: Node<'_>) -> bool {
    function.child_by_field_name("name").is_some_and(|name| source.slice(name).starts_with("test"))
}

/// The class that a function is a method of.
pub(super) struct TestClass<'c> {
    name: Node<'c>,
    pub(super) symbol: Symbol,
    is_unittest: bool,
    /// Whether unittest awaits its tests; others drop the coroutine, and the test passes whatever is in it.
    pub(super) awaits: bool,
}

pub(super) fn class_around<'c>(ctx: &'c Context<'_>, function: Node<'c>) -> Option<TestClass<'c>> {
    let class = ancestors(function).skip(1).find(|node| !matches!(node.kind(), "block" | "decorated_definition"))?;
    let name = class.child_by_field_name("name").filter(|_| class.kind() == "class_definition")?;
    let symbol = ctx.snapshot.resolve(&ctx.site.path, class.end_byte(), ctx.source.slice(name))?;
    let bases = ctx.snapshot.bases(&symbol);
    let derives = |from: &str| bases.iter().any(|base| super::renames::last_part(base) == from);
    let awaits = derives("IsolatedAsyncioTestCase");
    let is_unittest = awaits || bases.iter().any(|base| super::renames::last_part(base).ends_with("TestCase"));
    Some(TestClass { name, symbol, is_unittest, awaits })
}

fn unittest_class<'c>(ctx: &'c Context<'_>, function: Node<'c>) -> Option<TestClass<'c>> {
    class_around(ctx, function).filter(|class| class.is_unittest)
}

/// An async test of this file, else of its neighbours, that a plugin runs, with the decorator that marks it.
pub(super) fn async_example(ctx: &Context<'_>) -> Option<(crate::text::FilePath, u32, Option<String>)> {
    let mut files = vec![ctx.site.path.clone()];
    files
        .extend(ctx.snapshot.files_naming("async def test").into_iter().filter(|path| *path != ctx.site.path).take(20));
    files.into_iter().find_map(|path| {
        let source = ctx.snapshot.source(&path)?;
        let function = descendants(source.root())
            .filter(|node| node.kind() == "function_definition" && is_async(*node) && is_test(&source, *node))
            .find(|node| !is_of_unittest(&source, *node))?;
        let decorators = function.parent().filter(|parent| parent.kind() == "decorated_definition");
        let mark = decorators
            .into_iter()
            .flat_map(children)
            .filter(|node| node.kind() == "decorator")
            .map(|decorator| source.slice(decorator).to_string())
            .find(|text| ["mark.asyncio", "mark.anyio", "mark.trio"].iter().any(|mark| text.contains(mark)));
        Some((path.clone(), source.line_of(function.start_byte()), mark))
    })
}

/// Whether the class around a function has a base that is called like one of unittest's.
fn is_of_unittest(source: &Source, function: Node<'_>) -> bool {
    let classes = ancestors(function).filter(|node| node.kind() == "class_definition");
    let bases = classes.filter_map(|class| class.child_by_field_name("superclasses")).flat_map(children);
    bases.into_iter().any(|base| source.slice(base).ends_with("TestCase"))
}

#[cfg(test)]
mod tests;
