//! The failed comparison: both sides in the test, with what the run printed for each.

mod argument;
mod chained;
mod conjunct;
mod elsewhere;
mod given;
mod members;
mod of_class;
mod placed;
mod rows;

pub(super) use argument::only_compared;
pub(super) use elsewhere::elsewhere;
pub(super) use placed::{Place, placed};
pub(super) use rows::{params, rows};

use crate::report::Frame;
use crate::syntax::dataflow::{choices, is_checked, is_handed_on, is_target};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::FilePath;

use super::literals::{self, Printed};
use super::{Context, calls, constructors, names};

/// One side of the comparison.
pub(super) struct Side<'c> {
    /// The expression in the test.
    pub(super) node: Node<'c>,
    /// Its value in the failing run, as printed.
    pub(super) printed: String,
    /// Whether that is all of it, dots included.
    pub(super) is_whole: bool,
}

/// `left == right` or `left is right` of the failing `assert`, or the two arguments of `assertEqual`.
pub(super) fn sides<'c>(ctx: &'c Context<'_>) -> Option<[Side<'c>; 2]> {
    let statement = ctx.statement()?;
    let failed = conjunct::failed(ctx);
    let (left, right) = match (&failed, statement.kind()) {
        (Some(failed), _) => chained::operands(ctx.source, failed.condition)?,
        (None, "assert_statement") => chained::operands(ctx.source, statement.named_child(0).map(literals::inner)?)?,
        _ => arguments_of(ctx, statement, EQUAL).or_else(|| given_to_checker(ctx, statement))?.into(),
    };
    let (left_printed, right_printed) = match failed {
        Some(failed) => failed.printed,
        None => members::printed(ctx, [left, right]).or_else(|| printed(ctx))?,
    };
    let is_whole = ctx.diagnosis.failure.runtime.as_ref().is_some_and(|seen| seen.whole);
    let side = |node, printed| Side { node, printed, is_whole };
    Some([side(left, left_printed), side(right, right_printed)])
}

/// What `read` finds behind the only side that it understands, with that side and the other one.
pub(super) fn one_side<'c, T>(
    ctx: &'c Context<'_>,
    read: impl Fn(&Side<'c>) -> Option<T>,
) -> Option<(T, Side<'c>, Side<'c>)> {
    let [left, right] = sides(ctx)?;
    match (read(&left), read(&right)) {
        (Some(found), None) => Some((found, left, right)),
        (None, Some(found)) => Some((found, right, left)),
        // Two such sides, or none: the test says nothing of the product here.
        _ => None,
    }
}

/// `text in actual` of the failing `assert`, or `assertIn(text, actual)`: the text, and the other value as printed.
pub(super) fn contained<'c>(ctx: &'c Context<'_>) -> Option<(Side<'c>, String)> {
    let statement = ctx.statement()?;
    let failed = conjunct::failed(ctx);
    let node = match statement.kind() {
        "assert_statement" => {
            let whole = || statement.named_child(0).map(literals::inner);
            let condition = failed.as_ref().map(|failed| failed.condition).or_else(whole)?;
            let is_in = condition.kind() == "comparison_operator"
                && condition.named_child_count() == 2
                && condition.child(1).is_some_and(|operator| ctx.source.slice(operator) == "in");
            condition.named_child(0).filter(|_| is_in)?
        }
        _ => arguments_of(ctx, statement, &["assertIn"])?[0],
    };
    let failure = &ctx.diagnosis.failure;
    let whole = failure.runtime.as_ref().and_then(|seen| Some((seen.left.clone()?, seen.right.clone()?)));
    let sides = failure.introspection.as_ref().filter(|sides| sides.op == "in");
    let compared = || sides.map(|sides| (sides.left.clone(), sides.right.clone()));
    let (printed, actual) = failed
        .map(|failed| failed.printed)
        .or(whole)
        .or_else(compared)
        .or_else(|| split(&first_value(ctx.message()), " not found in "))?;
    Some((Side { node, printed, is_whole: failure.runtime.as_ref().is_some_and(|seen| seen.whole) }, actual))
}

/// unittest's methods that compare two values for equality, and functions that projects call after them.
const EQUAL: &[&str] = &[
    "assertEqual",
    "assertEquals",
    "assert_equal",
    "assert_equals",
    "eq_",
    "assertListEqual",
    "assertDictEqual",
    "assertTupleEqual",
    "assertSequenceEqual",
    "assertMultiLineEqual",
    "assertSetEqual",
    "assertAlmostEqual",
    "assertAlmostEquals",
    "assertCountEqual",
];

/// The first two arguments of a call of one of the methods.
fn arguments_of<'c>(ctx: &Context<'_>, statement: Node<'c>, methods: &[&str]) -> Option<[Node<'c>; 2]> {
    let call = statement.named_child(0).filter(|node| node.kind() == "call")?;
    let name = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
    let list = call.child_by_field_name("arguments")?;
    let side = |at| match list.named_child(at)? {
        named if named.kind() == "keyword_argument" => named.child_by_field_name("value"),
        side => Some(side),
    };
    methods.contains(&ctx.source.slice(name)).then(|| Some([side(0)?, side(1)?]))?
}

/// The two arguments of a function of somebody else that is there to compare them: `eq_ignore_space(got, "two  words")`.
fn given_to_checker<'c>(ctx: &'c Context<'_>, statement: Node<'c>) -> Option<[Node<'c>; 2]> {
    let call = statement.named_child(0).filter(|node| node.kind() == "call" && !ctx.raised_here())?;
    let list = call.child_by_field_name("arguments")?;
    let is_plain = |side: &Node<'_>| !matches!(side.kind(), "keyword_argument" | "list_splat" | "dictionary_splat");
    let [left, right] = [list.named_child(0).filter(is_plain)?, list.named_child(1).filter(is_plain)?];
    let checker = ctx.snapshot.callee(&ctx.site.path, call.byte_range())?;
    super::checks::is_checker(ctx.snapshot, &checker).then_some([left, right])
}

/// The two values that a message names: the cut is where both sides are literals, for a value may hold its words.
/// Where no cut makes literals, it is the only one there is.
fn split(text: &str, between: &str) -> Option<(String, String)> {
    let cuts = || text.match_indices(between).map(|(at, cut)| (&text[..at], &text[at + cut.len()..]));
    let literals = cuts().find(|(left, right)| Printed::parse(left).is_some() && Printed::parse(right).is_some());
    let only = || cuts().next().filter(|_| cuts().nth(1).is_none());
    literals.or_else(only).map(|(left, right)| (left.to_string(), right.to_string()))
}

/// The first line of a message, with the lines of a list that is printed one item a line (as mock prints its calls).
fn first_value(message: &str) -> String {
    message.replace(",\n ", ", ").lines().next().unwrap_or_default().to_string()
}

/// What the run saw: whole values from the plugin, else the sides as pytest or unittest printed them.
fn printed(ctx: &Context<'_>) -> Option<(String, String)> {
    let failure = &ctx.diagnosis.failure;
    if let Some(runtime) = &failure.runtime
        && let (Some(left), Some(right)) = (&runtime.left, &runtime.right)
    {
        return Some((left.clone(), right.clone()));
    }
    if let Some(sides) = failure.introspection.as_ref().filter(|sides| matches!(sides.op.as_str(), "==" | "is")) {
        return Some((sides.left.clone(), sides.right.clone()));
    }
    let first = ctx.message().lines().next()?;
    let compared = first.split_once(" differ: ").map_or(first, |(_, values)| values);
    // `0.3 != 0.25 within 7 places (0.05 difference)`
    let nearly = compared.split_once(" within ").filter(|(_, near)| near.contains("difference)"));
    let compared = nearly.map_or(compared, |(values, _)| values);
    split(compared, " != ")
}

/// The literal that a side stands for: itself, the constant that it names, or the cell of the
/// parametrize row that this test ran with.
pub(super) fn declaration<'c>(ctx: &'c Context<'_>, side: &Side<'c>) -> Option<Node<'c>> {
    declared(ctx, side, &literals::holds_literal)
}

/// The same where constructors make the value: `Point(1)`, or a list of such.
pub(super) fn made<'c>(ctx: &'c Context<'_>, side: &Side<'c>) -> Option<Node<'c>> {
    declared(ctx, side, &|node| constructors::holds_made(ctx.source, node))
}

/// The first expression behind a side that is `wanted`.
pub(super) fn declared<'c>(ctx: &'c Context<'_>, side: &Side<'c>, wanted: &Wanted<'_>) -> Option<Node<'c>> {
    let node = literals::inner(side.node);
    if wanted(node) {
        return Some(node);
    }
    match node.kind() {
        "call" => approximated(ctx, node).or_else(|| helped(ctx, node)),
        "identifier" => named(ctx, ctx.source.slice(node), &side.printed, wanted),
        "attribute" | "subscript" => {
            let held = || held(ctx, node, &side.printed).filter(|node| wanted(*node));
            let read = || read(ctx, node, &side.printed).filter(|node| wanted(*node));
            of_class::kept(ctx, node).filter(|node| wanted(*node)).or_else(held).or_else(read)
        }
        _ => None,
    }
}

/// What stands in the place of `expected.name`, `expected["name"]` in what was given the name `expected`.
fn held<'c>(ctx: &'c Context<'_>, node: Node<'c>, printed: &str) -> Option<Node<'c>> {
    let owner = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value"))?;
    // An object that the test makes itself is what it tests.
    let is_given = |owner: &Node<'_>| owner.kind() == "identifier" && assigned(ctx, *owner).is_none();
    let owner = ctx.source.slice(Some(owner).filter(is_given)?);
    let is_owner = |node: Node<'_>| matches!(node.kind(), "call" | "dictionary" | "list" | "tuple");
    let part = |whole: Node<'c>| match node.child_by_field_name("attribute") {
        Some(attribute) => field(ctx, whole, ctx.source.slice(attribute)),
        None => element(ctx.source, whole, node.child_by_field_name("subscript")?),
    };
    let whole = named(ctx, owner, printed, &is_owner)?;
    // `NAMES[code]`: the one that was compared.
    let is_index = node.child_by_field_name("subscript").is_some_and(|index| index.kind() == "identifier");
    let values = || items(whole).into_iter().map(|item| item.child_by_field_name("value").unwrap_or(item));
    let by_value = || given::only_printed(ctx.source, values(), printed);
    if is_index { by_value() } else { part(whole) }
}

/// The only cell of the table that the side is read from which has the printed value.
fn read<'c>(ctx: &'c Context<'_>, node: Node<'c>, printed: &str) -> Option<Node<'c>> {
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    given::only_printed(ctx.source, rows::read(ctx, test, node), printed)
}

/// `"tea"` of `def expected(): return "tea"`, where the check calls that without arguments, or as a method of its class.
fn helped<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Option<Node<'c>> {
    let function = call.child_by_field_name("function")?;
    let name = match function.kind() {
        "identifier" => function,
        _ => of_class::own_method(ctx.source, function)?,
    };
    let is_plain = call.child_by_field_name("arguments").is_some_and(|list| list.named_child_count() == 0);
    given::returned(ctx, ctx.source.slice(name), false).filter(|_| is_plain)
}

/// What the only assignment to `name` took from the class of the test, or from a helper: the local name has to go into
/// checks alone.
fn taken<'c>(ctx: &'c Context<'_>, scope: &Scope<'c>, name: &str) -> Option<Node<'c>> {
    let value = assigned_once(ctx.source, scope.function, name, scope.offset)?;
    let mut uses = names::uses_of(ctx.source, scope.function, name);
    if !uses.all(|used| is_target(used) || is_checked(ctx.source, used)) {
        return None;
    }
    match value.kind() {
        "call" => helped(ctx, value),
        "attribute" => of_class::kept(ctx, value),
        _ => None,
    }
}

/// The argument that a constructor keeps under `name`: by keyword, or by the place that its class gives it.
fn field<'c>(ctx: &Context<'_>, call: Node<'c>, name: &str) -> Option<Node<'c>> {
    let class = constructors::class(ctx.source, call)?;
    let fields = constructors::fields(call)?;
    let is_it = |field: &&constructors::Field<'_>| field.keyword.is_some_and(|own| ctx.source.slice(own) == name);
    let place = || {
        let mut classes = ctx.snapshot.definitions(class);
        classes.retain(|symbol| symbol.signature.is_some());
        let [class] = classes.as_slice() else { return None };
        let place = class.signature.as_ref()?.parameters.iter().position(|parameter| parameter.name == name)?;
        fields.get(place).filter(|field| field.keyword.is_none())
    };
    fields.iter().find(is_it).or_else(place).map(|field| field.value)
}

/// Whether an expression is one that can be updated.
type Wanted<'a> = dyn Fn(Node<'_>) -> bool + 'a;

/// `0.5` of `pytest.approx(0.5)`.
fn approximated<'c>(ctx: &Context<'_>, call: Node<'c>) -> Option<Node<'c>> {
    let name = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
    let first = call.child_by_field_name("arguments")?.named_child(0)?;
    (ctx.source.slice(name) == "approx" && literals::is_literal(first)).then_some(first)
}

/// A function that a failure went through, up to where it was left.
#[derive(Clone, Copy)]
struct Scope<'c> {
    function: Node<'c>,
    offset: usize,
    /// The frames of the trace that called it.
    callers: &'c [Frame],
}

fn named<'c>(ctx: &'c Context<'_>, name: &str, printed: &str, wanted: &Wanted<'_>) -> Option<Node<'c>> {
    let offset = ctx.site.statement.start;
    let function = ctx.source.function_at(offset)?;
    within(ctx, &Scope { function, offset, callers: &ctx.diagnosis.failure.frames }, name, printed, wanted)
}

fn within<'c>(
    ctx: &'c Context<'_>,
    scope: &Scope<'c>,
    name: &str,
    printed: &str,
    wanted: &Wanted<'_>,
) -> Option<Node<'c>> {
    let Scope { function, offset, .. } = *scope;
    assigned_once(ctx.source, function, name, offset)
        .or_else(|| parametrized(ctx, function, name, printed))
        .or_else(|| given::only_printed(ctx.source, rows::rows(ctx.source, function, name), printed))
        .or_else(|| own_constant(ctx, function, name))
        .filter(|node| wanted(*node))
        .or_else(|| given::only_printed(ctx.source, rows::named(ctx, function, name), printed).filter(|it| wanted(*it)))
        .or_else(|| fixture(ctx, function, name).filter(|node| wanted(*node)))
        .or_else(|| taken(ctx, scope, name).filter(|node| wanted(*node)))
        .or_else(|| chosen(ctx.source, scope, name, printed).filter(|node| wanted(*node)))
        .or_else(|| {
            let (node, caller) = passed(ctx, scope, name)?;
            match node.kind() {
                _ if wanted(node) => Some(node),
                "identifier" => within(ctx, &caller, ctx.source.slice(node), printed, wanted),
                _ => None,
            }
        })
}

/// The only literal with the printed value among all that the function may have chosen from for `name`: an entry of a
/// table of its own, a branch. What it hands to a call is an input of the test, not what it expects.
fn chosen<'c>(source: &'c Source, scope: &Scope<'c>, name: &str, printed: &str) -> Option<Node<'c>> {
    let printed = Printed::parse(printed)?;
    let value = printed.node().filter(|node| matches!(node.kind(), "string" | "integer" | "float"))?;
    let before = |node: &Node<'_>| node.start_byte() < scope.offset;
    let is_input = |name: &str| descendants(scope.function).filter(before).any(|node| is_handed_on(source, node, name));
    let (mut names, mut literals) = (vec![name.to_string()], Vec::new());
    let mut at = 0;
    while at < names.len() {
        let assignments: Vec<Node<'c>> = descendants(scope.function)
            .filter(|node| node.kind() == "assignment" && before(node))
            .filter(|node| node.child_by_field_name("left").is_some_and(|left| source.slice(left) == names[at]))
            .collect();
        if !assignments.is_empty() && is_input(&names[at]) {
            return None;
        }
        for given in assignments.into_iter().filter_map(|node| node.child_by_field_name("right")) {
            let (more, values): (Vec<_>, Vec<_>) =
                choices(given).into_iter().partition(|node| node.kind() == "identifier");
            literals.extend(values);
            let more = more.into_iter().map(|node| source.slice(node).to_string());
            names.extend(more.filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        at += 1;
    }
    let mut found = literals.into_iter().filter(|literal| literals::same(source, *literal, printed.source(), value));
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// What the test passed for the parameter `name` of the helper in its file that checks, and who passed it.
fn passed<'c>(ctx: &'c Context<'_>, scope: &Scope<'c>, name: &str) -> Option<(Node<'c>, Scope<'c>)> {
    let helper = scope.function;
    let parameters: Vec<&str> = children(helper.child_by_field_name("parameters")?)
        .filter_map(|parameter| names::parameter_name(ctx.source, parameter))
        .collect();
    let position = parameters.iter().position(|parameter| *parameter == name)?;
    let helper_name = ctx.source.slice(helper.child_by_field_name("name")?);
    let lines = ctx.source.line_of(helper.start_byte())..=ctx.source.line_of(helper.end_byte());
    let here = |frame: &Frame| ctx.snapshot.file_path(&frame.path) == ctx.site.path && !lines.contains(&frame.line);
    let at = scope.callers.iter().rposition(here)?;
    let code = ctx.source.code_on_line(scope.callers[at].line)?;
    let mut calls = descendants(ctx.source.statement_at(code.start)?).filter(|node| {
        let function = node.child_by_field_name("function").and_then(crate::diagnosis::locate::last_name);
        node.kind() == "call" && function.is_some_and(|function| ctx.source.slice(function) == helper_name)
    });
    let call = calls.next()?;
    let of_object = call.child_by_field_name("function").is_some_and(|function| function.kind() == "attribute");
    let bound = usize::from(of_object && matches!(parameters.first(), Some(&"self" | &"cls")));
    let arguments = calls::arguments(ctx.source, call);
    let by_keyword = arguments.iter().find(|argument| argument.keyword.as_deref() == Some(name));
    let positional = || arguments.iter().take_while(|argument| argument.keyword.is_none() && !argument.is_splat);
    let argument = by_keyword.or_else(|| positional().nth(position.checked_sub(bound)?))?;
    calls.next().is_none().then_some(())?;
    let node = ctx.source.node_at(argument.value.clone()).map(literals::inner)?;
    let function = ctx.source.function_at(code.start)?;
    Some((node, Scope { function, offset: code.start, callers: &scope.callers[..at] }))
}

/// What the fixture of the name in the same file returns.
fn fixture<'c>(ctx: &'c Context<'_>, function: Node<'c>, name: &str) -> Option<Node<'c>> {
    let mut parameters = children(function.child_by_field_name("parameters")?);
    let is_asked = parameters.any(|parameter| names::parameter_name(ctx.source, parameter) == Some(name));
    is_asked.then(|| given::returned(ctx, name, true))?
}

fn items(node: Node<'_>) -> Vec<Node<'_>> {
    children(node).filter(|part| part.kind() != "comment").collect()
}

/// What the test gave a name before the check.
pub(super) fn assigned<'c>(ctx: &'c Context<'_>, name: Node<'_>) -> Option<Node<'c>> {
    let test = ctx.source.function_at(ctx.site.statement.start).filter(|_| name.kind() == "identifier")?;
    assigned_once(ctx.source, test, ctx.source.slice(name), ctx.site.statement.start)
}

/// The name of the function, or the attribute, that gave the value of an expression.
pub(super) fn maker<'c>(ctx: &'c Context<'_>, node: Node<'c>) -> Option<&'c str> {
    let made = match node.kind() {
        "identifier" => {
            let name = ctx.source.slice(node);
            let function = ancestors(node).find(|node| node.kind() == "function_definition")?;
            let assigned = descendants(function).filter(|other| other.kind() == "assignment");
            let before = assigned.filter(|other| {
                other.end_byte() <= node.start_byte()
                    && other.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == name)
            });
            before.last()?.child_by_field_name("right")?
        }
        _ => node,
    };
    let made = if made.kind() == "await" { made.named_child(0)? } else { made };
    let read = match made.kind() {
        "call" => made.child_by_field_name("function")?,
        "attribute" => made,
        _ => return None,
    };
    crate::diagnosis::locate::last_name(read).map(|name| ctx.source.slice(name))
}

/// The value of the only assignment to `name` below `scope` before `offset`.
pub(super) fn assigned_once<'c>(source: &Source, scope: Node<'c>, name: &str, offset: usize) -> Option<Node<'c>> {
    let mut values = descendants(scope)
        .filter(|node| node.kind() == "assignment" && node.start_byte() < offset)
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| source.slice(left) == name))
        .filter_map(|node| node.child_by_field_name("right"));
    let value = values.next()?;
    values.next().is_none().then_some(literals::inner(value))
}

/// A constant of the module that no other function uses, but tests that fail as well.
fn own_constant<'c>(ctx: &'c Context<'_>, test: Node<'c>, name: &str) -> Option<Node<'c>> {
    let elsewhere = names::uses(ctx.source, name).into_iter().filter(|used| !test.byte_range().contains(&used.start));
    let mut users = elsewhere.filter_map(|used| ctx.source.function_at(used.start));
    users.all(|user| fails(ctx, user)).then(|| constant(ctx.source, name))?
}

/// Whether the function is a test that this run saw fail.
fn fails(ctx: &Context<'_>, function: Node<'_>) -> bool {
    fails_in(ctx, (&ctx.site.path, ctx.source), function)
}

/// The same for a function of any file.
fn fails_in(ctx: &Context<'_>, (path, source): (&FilePath, &Source), function: Node<'_>) -> bool {
    let Some(domain) = source.domain_of(function) else { return false };
    let nodeid = format!("{path}::{domain}");
    ctx.report.failures.iter().any(|failure| failure.nodeid.split('[').next() == Some(nodeid.as_str()))
}

/// The literal that a part of an expected value stands for: what the test or the module gave its name, an element of
/// it for `NAME[1]`.
pub(super) fn part<'c>(ctx: &'c Context<'_>, node: Node<'c>) -> Option<Node<'c>> {
    let node = literals::inner(node);
    match node.kind() {
        "identifier" => {
            let (test, name) = (ctx.source.function_at(ctx.site.statement.start)?, ctx.source.slice(node));
            let local = assigned_once(ctx.source, test, name, ctx.site.statement.start);
            let mut uses = names::uses_of(ctx.source, ctx.source.root(), name);
            let serves = |used: Node<'c>| is_target(used) || is_checked(ctx.source, used);
            let is_alone = local.is_some() || uses.all(serves);
            let found = local.or_else(|| own_constant(ctx, test, name)).filter(|_| is_alone);
            found.filter(|value| literals::holds_literal(*value))
        }
        "subscript" => {
            let whole = part(ctx, node.child_by_field_name("value")?)?;
            element(ctx.source, whole, node.child_by_field_name("subscript")?)
        }
        _ => None,
    }
}

fn element<'c>(source: &Source, whole: Node<'c>, index: Node<'_>) -> Option<Node<'c>> {
    let mut parts = children(whole).filter(|part| part.kind() != "comment");
    match whole.kind() {
        "list" | "tuple" => parts.nth(source.slice(index).parse().ok()?),
        "dictionary" => {
            let is_it = |pair: &Node<'c>| {
                pair.child_by_field_name("key").is_some_and(|key| literals::same(source, key, source, index))
            };
            parts.find(is_it)?.child_by_field_name("value")
        }
        _ => None,
    }
}

/// The value of the only assignment to `name` at module level.
pub(super) fn constant<'s>(source: &'s Source, name: &str) -> Option<Node<'s>> {
    assigned_in(source, source.root(), name)
}

/// The value of the only assignment to `name` among the statements of `block`.
fn assigned_in<'s>(source: &Source, block: Node<'s>, name: &str) -> Option<Node<'s>> {
    let mut values = children(block)
        .filter_map(|statement| statement.named_child(0))
        .filter(|node| node.kind() == "assignment")
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| source.slice(left) == name))
        .filter_map(|node| node.child_by_field_name("right"));
    let value = values.next()?;
    values.next().is_none().then_some(literals::inner(value))
}

/// The cell of the parameter `name` in the row that holds `printed`; several such rows are told apart by
/// the node id.
fn parametrized<'c>(ctx: &'c Context<'_>, test: Node<'c>, name: &str, printed: &str) -> Option<Node<'c>> {
    let printed = Printed::read(printed, false)?;
    let id = ctx.diagnosis.failure.nodeid.split_once('[').map(|(_, id)| id.trim_end_matches(']')).unwrap_or_default();
    let holders = ancestors(test).filter(|node| node.kind() == "decorated_definition");
    let decorators = holders.flat_map(children).filter(|node| node.kind() == "decorator");
    let (position, names, rows) = decorators.filter_map(|decorator| table(ctx.source, decorator, name)).next()?;
    let mut called = rows.iter().enumerate().filter(|(index, row)| {
        let is_named = || is_named(ctx.source, &names, *index, &cells(ctx.source, **row), id);
        explicit_id(ctx.source, **row).map_or_else(is_named, |own| own == id)
    });
    let called = called.next().filter(|_| called.next().is_none()).map(|(_, row)| *row);
    let called = called.and_then(|row| cells(ctx.source, row).get(position).copied());
    let holders = rows.iter().filter_map(|row| cells(ctx.source, *row).get(position).copied());
    let holders = holders
        .filter(|cell| printed.node().is_some_and(|new| literals::same(ctx.source, *cell, printed.source(), new)));
    match holders.collect::<Vec<_>>().as_slice() {
        [] => called.filter(|cell| !literals::is_literal(*cell)),
        [only] => Some(*only),
        several => called.filter(|cell| several.contains(cell)),
    }
}

/// The position of `name` in a parametrize decorator, all its names, and its rows.
fn table<'c>(source: &'c Source, decorator: Node<'c>, name: &str) -> Option<(usize, Vec<String>, Vec<Node<'c>>)> {
    let written = decorator.named_child(0)?;
    // `@cases`, of `cases = pytest.mark.parametrize(…)`.
    let named = Some(written).filter(|node| node.kind() == "identifier");
    let call = named.map_or(Some(written), |name| constant(source, source.slice(name)))?;
    let call = Some(call).filter(|node| node.kind() == "call")?;
    source.slice(call.child_by_field_name("function")?).ends_with("parametrize").then_some(())?;
    let list = call.child_by_field_name("arguments")?;
    let names = argument_names(source, list.named_child(0)?);
    let position = names.iter().position(|argument| argument == name)?;
    let rows = list.named_child(1)?;
    Some((position, names, rows::of_table(source, decorator, rows)?))
}

/// `"a, b"`, `["a", "b"]`.
pub(super) fn argument_names(source: &Source, node: Node<'_>) -> Vec<String> {
    if let Some(text) = literals::string_value(source, node) {
        return text.split(',').map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect();
    }
    children(node).filter_map(|child| literals::string_value(source, child)).collect()
}

/// The cells of a row: of a tuple, of `pytest.param(…)`, of a single value.
pub(super) fn cells<'c>(source: &Source, row: Node<'c>) -> Vec<Node<'c>> {
    let is_param = row.kind() == "call"
        && row.child_by_field_name("function").is_some_and(|function| source.slice(function).ends_with("param"));
    let holder = if is_param { row.child_by_field_name("arguments") } else { Some(row) };
    match holder {
        Some(holder) if is_param || matches!(holder.kind(), "tuple" | "list" | "pair") => {
            children(holder).filter(|cell| !matches!(cell.kind(), "comment" | "keyword_argument")).collect()
        }
        _ => vec![row],
    }
}

/// `"empty"` of `pytest.param(…, id="empty")`.
fn explicit_id(source: &Source, row: Node<'_>) -> Option<String> {
    let list = row.child_by_field_name("arguments").filter(|_| row.kind() == "call")?;
    let mut keywords = children(list).filter(|argument| argument.kind() == "keyword_argument");
    let id = keywords.find(|argument| argument.child_by_field_name("name").is_some_and(|n| source.slice(n) == "id"))?;
    literals::string_value(source, id.child_by_field_name("value")?)
}

/// Whether pytest would name the row so: the values of strings, numbers and constants and else the name with the row's
/// number, joined by `-`.
fn is_named(source: &Source, names: &[String], index: usize, cells: &[Node<'_>], id: &str) -> bool {
    let part = |(cell, name): (&Node<'_>, &String)| {
        let is_shown = matches!(cell.kind(), "integer" | "float" | "true" | "false" | "none" | "unary_operator");
        let numbered = || if is_shown { source.slice(*cell).to_string() } else { format!("{name}{index}") };
        literals::string_value(source, *cell).unwrap_or_else(numbered)
    };
    cells.iter().zip(names).map(part).collect::<Vec<_>>().join("-") == id
}
