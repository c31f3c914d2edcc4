//! Nothing is added that skips, catches, returns early, retries or branches around what a test does.

use std::collections::BTreeMap;

use crate::diagnosis::Complaint;
use crate::diagnosis::complaint::Owner;
use crate::diagnosis::dependencies::{self, Group};
use crate::syntax::{Node, Source, ancestors, children};

use super::assertions_kept::same_head;
use super::change::{Change, FileChange, Unit};
use super::checks::with_values;
use super::names_kept::is_fixture;
use super::python::{arguments, callee, decorators, dotted, flat, keyword_of, last, string_value};

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units()
        .iter()
        .find_map(|(before, after)| {
            let (was, is) = (constructs(before), constructs(after));
            let allowed = |what: &str| match what {
                RETURN => written_out(before, after),
                _ => entered_otherwise(&was, &is, what),
            };
            let more =
                |(what, count): &(&String, &usize)| **count > was.get(*what).copied().unwrap_or(0) + allowed(what);
            let (what, _) =
                is.iter().filter(more).find(|(what, _)| !(*what == "`importorskip`" && is_optional(change)))?;
            Some(format!("adds {what} to {}", after.title()))
        })
        .or_else(|| file.units().iter().find_map(|(before, after)| decorated(change, before, after)))
        .or_else(|| file.units().iter().find_map(|(before, after)| turned(change, before, after)))
        .or_else(|| file.units().iter().find_map(|(before, after)| never_awaited(change, file, before, after)))
}

const RETURN: &str = "a `return`";

/// How many methods that enter or leave became `what`, which does the same by `async with`, or by `with`.
fn entered_otherwise(was: &BTreeMap<String, usize>, is: &BTreeMap<String, usize>, what: &str) -> usize {
    let counterpart = match what {
        "`__aenter__`" => "`__enter__`",
        "`__enter__`" => "`__aenter__`",
        "`__aexit__`" => "`__exit__`",
        "`__exit__`" => "`__aexit__`",
        _ => return 0,
    };
    let count = |found: &BTreeMap<String, usize>| found.get(counterpart).copied().unwrap_or(0);
    count(was).saturating_sub(count(is))
}

/// How many lambdas became functions that only return, as those that have to be async must.
fn written_out(before: &Unit<'_>, after: &Unit<'_>) -> usize {
    let count = |unit: &Unit<'_>, is_it: &dyn Fn(Node<'_>) -> bool| {
        unit.nodes().iter().filter(|node| node.is_named() && is_it(**node)).count()
    };
    let lambdas = |unit| count(unit, &|node| node.kind() == "lambda");
    let only_returns = |node: Node<'_>| {
        let body = node.child_by_field_name("body").filter(|body| body.named_child_count() == 1);
        let body = body.filter(|_| node.kind() == "function_definition").and_then(|body| body.named_child(0));
        body.is_some_and(|statement| statement.kind() == "return_statement")
    };
    let came = count(after, &only_returns).saturating_sub(count(before, &only_returns));
    came.min(lambdas(before).saturating_sub(lambdas(after)))
}

/// Whether a person looks at it, and what is missing is a package that the project lists as optional.
fn is_optional(change: &Change<'_>) -> bool {
    let Complaint::NoModule { module } = &change.diagnosis.complaint else { return false };
    let listed = dependencies::declared(change.snapshot, module);
    change.is_reviewed() && listed.is_some_and(|listed| matches!(listed.group, Group::Extra(_)))
}

/// What could silence a unit, counted.
fn constructs(unit: &Unit<'_>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for node in unit.nodes() {
        if let Some(what) = construct(unit, node) {
            *found.entry(what).or_insert(0) += 1;
        }
    }
    found
}

fn construct(unit: &Unit<'_>, node: Node<'_>) -> Option<String> {
    let source = unit.source;
    let what = match node.kind() {
        "try_statement" => "a `try`",
        "except_clause" | "except_group_clause" => "an `except`",
        "finally_clause" => "a `finally`",
        "if_statement" => "an `if`",
        "elif_clause" => "an `elif`",
        "else_clause" => "an `else`",
        "conditional_expression" => "a conditional expression",
        "match_statement" => "a `match`",
        "case_clause" => "a `case`",
        "for_statement" => "a loop",
        "while_statement" => "a `while` loop",
        "return_statement" => RETURN,
        "raise_statement" => "a `raise`",
        "break_statement" => "a `break`",
        "continue_statement" => "a `continue`",
        "global_statement" => "a `global`",
        "nonlocal_statement" => "a `nonlocal`",
        "delete_statement" => "a `del`",
        "pass_statement" => "a `pass`",
        "if_clause" => "a filter in a comprehension",
        "named_expression" => "a `:=`",
        "exec_statement" => "an `exec`",
        "yield" if unit.is_test() => "a `yield`",
        "boolean_operator" => return operator(node),
        "comment" => return comment(source.slice(node)),
        "with_statement" => return swallowing(source, node),
        "identifier" => return name(source, node),
        "true" if keyword_of(source, node) == Some("autouse") => "`autouse`",
        "true" if keyword_of(source, node) == Some("allow_module_level") => "a skip of the module",
        "false" if keyword_of(source, node) == Some("strict") => "`strict=False`",
        _ => return None,
    };
    Some(what.to_string())
}

/// An `and` inside an assert asks for more; everywhere else, and every `or`, opens a way around.
fn operator(node: Node<'_>) -> Option<String> {
    let is_or = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "or");
    let asserted = || ancestors(node).any(|node| node.kind() == "assert_statement");
    if is_or { Some("an `or`".to_string()) } else { (!asserted()).then(|| "an `and`".to_string()) }
}

fn comment(text: &str) -> Option<String> {
    let text = text.to_lowercase().replace(' ', "");
    ["type:ignore", "noqa", "pragma:nocover", "pylint:disable", "nosec", "pyright:ignore", "mypy:", "fmt:off"]
        .iter()
        .find(|mark| text.contains(**mark))
        .map(|mark| format!("a `{mark}` comment"))
}

/// A context manager that may swallow what happens in its block.
fn swallowing(source: &Source, with: Node<'_>) -> Option<String> {
    let words = [
        "suppress",
        "ignor",
        "swallow",
        "silen",
        "skip",
        "xfail",
        "catch",
        "quiet",
        "mute",
        "allow",
        "optional",
        "nofail",
        "no_fail",
        "raises",
        "tolera",
        "safe",
        "try",
        "fail",
        "recover",
        "nullcontext",
        "exitstack",
        "does_not_raise",
    ];
    with_values(with).into_iter().find_map(|value| {
        let name = dotted(source, value);
        let lower = last(&name).to_lowercase();
        let harmless = lower == "catch_warnings";
        let word = words.iter().find(|word| lower.contains(**word));
        (word.is_some() && !harmless).then(|| "a block that swallows errors".to_string())
    })
}

/// Names that mean trouble wherever they appear.
const SILENCERS: &[&str] = &[
    "skipif",
    "skipIf",
    "skipUnless",
    "skipTest",
    "SkipTest",
    "xfail",
    "importorskip",
    "expectedFailure",
    "flaky",
    "reruns",
    "rerunfailures",
    "tenacity",
    "backoff",
    "suppress",
    "filterwarnings",
    "simplefilter",
    "recwarn",
    "_exit",
    "exec",
    "eval",
    "__import__",
    "globals",
    "locals",
    "settrace",
    "setprofile",
    "collect_ignore",
    "collect_ignore_glob",
    "pytest_plugins",
    "pytestmark",
    "addopts",
    "nottest",
    "unittest_skip",
    "PytestUnraisableExceptionWarning",
    "excepthook",
    "no_cover",
    "deselect",
    "add_marker",
    "applymarker",
    "addfinalizer_skip",
    "set_trace",
    "breakpoint",
    "NoReturn",
    "freeze_time",
    "freezegun",
    "time_machine",
    "seed",
    "tzset",
    "stopit",
    "retrying",
    "assertNotRaises",
    "reset_mock",
];

/// Names that mean trouble on these modules only; elsewhere they are good names for methods.
const SILENCING_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("pytest", &["skip", "exit", "xfail"]),
    (
        "mark",
        &[
            "skip",
            "xfail",
            "flaky",
            "timeout",
            "usefixtures_skip",
            "no_cover",
            "retry",
            "repeat",
            "order",
            "run",
            "dependency",
        ],
    ),
    ("unittest", &["skip"]),
    ("sys", &["exit", "modules", "path", "excepthook", "stdout", "stderr", "flags"]),
    ("os", &["abort", "kill", "environ_set"]),
    ("logging", &["disable"]),
    ("builtins", &["print", "open", "len", "eval"]),
    ("config", &["option", "pluginmanager", "addinivalue_line"]),
    ("item", &["add_marker"]),
    ("node", &["add_marker"]),
];

fn name(source: &Source, node: Node<'_>) -> Option<String> {
    let name = source.slice(node);
    let parent = node.parent()?;
    let is_field = |field| parent.child_by_field_name(field).is_some_and(|field| field.id() == node.id());
    if parent.kind() == "keyword_argument" && is_field("name") {
        return matches!(name, "marks" | "reruns" | "strict_xfail").then(|| format!("`{name}=`"));
    }
    if SILENCERS.contains(&name) || is_magic(name) {
        return Some(format!("`{name}`"));
    }
    if matches!(name, "skip" | "retry" | "rerun" | "exit" | "quit") {
        let called = parent.kind() == "call" && is_field("function");
        if called || parent.kind() == "decorator" {
            return Some(format!("`{name}`"));
        }
    }
    if parent.kind() == "attribute" && is_field("attribute") {
        let object = dotted(source, parent.child_by_field_name("object")?);
        let (owner, names) = SILENCING_ATTRIBUTES.iter().find(|(owner, _)| last(&object) == *owner)?;
        return names.contains(&name).then(|| format!("`{owner}.{name}`"));
    }
    None
}

/// `__tracebackhide__`, `__test__`, `__eq__`: names that Python or pytest read without being asked.
fn is_magic(name: &str) -> bool {
    let known = [
        "__name__",
        "__file__",
        "__version__",
        "__init__",
        "__class__",
        "__doc__",
        "__module__",
        "__dict__",
        "__qualname__",
        "__annotations__",
        "__future__",
        "__all__",
        "__main__",
        "__cause__",
        "__context__",
        "__notes__",
        "__wrapped__",
        "__len__",
        "__iter__",
        "__getitem__",
        "__contains__",
        "__call__",
        "__str__",
        "__repr__",
    ];
    name.starts_with("__") && name.ends_with("__") && name.len() > 4 && !known.contains(&name) || name == "__unittest"
}

/// Marks and decorators that a heal may add: they make a test run, not run differently.
fn may_be_added(decorator: &str) -> bool {
    let allowed_marks = ["asyncio", "anyio", "trio", "parametrize", "usefixtures", "django_db", "integration", "unit"];
    let name = decorator.strip_prefix("pytest.").unwrap_or(decorator);
    match name.strip_prefix("mark.") {
        Some(mark) => allowed_marks.contains(&mark),
        None => matches!(name, "fixture" | "pytest_asyncio.fixture" | "staticmethod" | "classmethod"),
    }
}

/// A decorator can do anything to a test: only those that are known to leave it as it is may come.
fn decorated(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let names = |unit: &Unit<'_>| -> Vec<String> {
        let all = decorators(unit.node).filter_map(|decorator| children(decorator).next());
        all.map(|expression| match expression.kind() {
            "call" => callee(unit.source, expression),
            "identifier" | "attribute" => dotted(unit.source, expression),
            _ => flat(unit.source, expression),
        })
        .collect()
    };
    let (mut was, is) = (names(before), names(after));
    let mut came = Vec::new();
    for name in is {
        match was.iter().position(|other| *other == name) {
            Some(at) => drop(was.remove(at)),
            None => came.push(name),
        }
    }
    let respelled = |name: &String| was.iter().any(|old| family(old) == family(name) && !family(name).is_empty());
    // A mark that pytest does not know becomes one that the project registers; deciding marks are refused by name.
    let unknown = match &change.diagnosis.complaint {
        Complaint::UnknownMark { name } => was.iter().any(|lost| last(lost) == name),
        _ => false,
    };
    let registered = |name: &String| unknown && name.starts_with("pytest.mark.") && change.is_named(last(name));
    if let Some(name) = came.iter().find(|name| !may_be_added(name) && !respelled(name) && !registered(name)) {
        return Some(format!("puts the decorator `@{name}` on {}", after.title()));
    }
    if let Some(name) =
        fixtures_used(after).into_iter().find(|name| !fixtures_used(before).contains(name) && !change.is_named(name))
    {
        return Some(format!("has {} use the fixture `{name}`, which nothing asks for", after.title()));
    }
    let lost = was.iter().find(|old| !came.iter().any(|name| family(name) == family(old)))?;
    let harmless = match last(lost) {
        "coroutine" | "staticmethod" => true,
        // Without them the test asks for more.
        "skip" | "skipif" | "skipIf" | "skipUnless" | "xfail" | "expectedFailure" | "flaky" | "filterwarnings" => true,
        _ if family(lost) == "patch" => change.has_provenance(),
        "asyncio" => !is_async(after),
        // pytest refuses every mark on a fixture, where none had an effect.
        _ if change.diagnosis.complaint == Complaint::MarkedFixture => {
            is_fixture(after) && was.iter().all(|lost| lost.starts_with("pytest.mark.") || lost.starts_with("mark."))
        }
        mark => matches!(&change.diagnosis.complaint, Complaint::UnknownMark { name } if name == mark),
    };
    (!harmless).then(|| format!("takes the decorator `@{lost}` from {}", after.title()))
}

/// The fixtures that `usefixtures` names.
fn fixtures_used<'t>(unit: &Unit<'t>) -> Vec<&'t str> {
    let calls = decorators(unit.node).filter_map(|decorator| children(decorator).next());
    let calls = calls.filter(|call| call.kind() == "call" && last(&callee(unit.source, *call)) == "usefixtures");
    calls.flat_map(arguments).filter_map(|argument| string_value(unit.source, argument)).collect()
}

/// Conditions, caught exceptions, skips and expected failures stay what they are, but for renamed names and a constant
/// of a module that became the test's own.
fn turned(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (was, is) = (gates(before), gates(after));
    let own = match &change.diagnosis.complaint {
        Complaint::NoAttribute { owner: Owner::Module(_), name } if change.has_provenance() => Some(name.as_str()),
        _ => None,
    };
    let is_kept = |old: &str, new: &str| same_head(old, new) || own.is_some_and(|name| bare(old, name) == new);
    let pair = was.iter().zip(&is).find(|(old, new)| !is_kept(old, new))?;
    (was.len() == is.len()).then(|| format!("replaces the condition `{}` by `{}`", pair.0.trim(), pair.1.trim()))
}

/// A flattened condition with `name` in the place of `shop . name`.
fn bare(condition: &str, name: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in condition.split(' ') {
        if word == name {
            while words.last() == Some(&".") {
                words.truncate(words.len().saturating_sub(2));
            }
        }
        words.push(word);
    }
    words.join(" ")
}

/// What decides whether something runs, flattened.
fn gates(unit: &Unit<'_>) -> Vec<String> {
    unit.nodes().into_iter().filter_map(|node| gate(unit.source, node)).collect()
}

fn gate(source: &Source, node: Node<'_>) -> Option<String> {
    let decides = ["skip", "skipif", "skipIf", "skipUnless", "xfail", "importorskip", "expectedFailure", "flaky"];
    let gate = match node.kind() {
        "if_statement" | "elif_clause" | "while_statement" => node.child_by_field_name("condition"),
        "except_clause" => node.named_child(0).filter(|child| child.kind() != "block"),
        "call" if decides.contains(&last(&callee(source, node))) => node.child_by_field_name("arguments"),
        _ => None,
    };
    let text = flat(source, gate?);
    // A broad exception is no renamed one.
    let wide = text.split(' ').any(|word| matches!(word, "Exception" | "BaseException"));
    Some(if wide { format!("{text} *") } else { text })
}

/// What a decorator does, whatever it is reached by: `patch`, `patch.object` and `mock.patch.dict` patch.
fn family(decorator: &str) -> &str {
    if decorator.split('.').any(|part| part == "patch") { "patch" } else { last(decorator) }
}

fn is_async(unit: &Unit<'_>) -> bool {
    super::python::definition(unit.node).child(0).is_some_and(|token| token.kind() == "async")
}

/// An `async def` test that no plugin runs is skipped or passes unrun.
fn never_awaited(change: &Change<'_>, file: &FileChange, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    if !after.is_test() || is_async(before) || !is_async(after) {
        return None;
    }
    let marked =
        |text: &str| ["asyncio", "anyio", "trio"].iter().any(|plugin| text.contains(&format!("mark.{plugin}")));
    let own = after.source.slice(after.node);
    let others = super::change::units(&file.before).iter().any(|unit| unit.is_test() && is_async(unit));
    let module_mark = file.before.text().lines().any(|line| line.starts_with("pytestmark") && marked(line));
    let configured = crate::workspace::config::PYTEST_FILES.iter().any(|config| {
        let text = change.snapshot.text(&crate::text::FilePath::new(config));
        text.is_some_and(|text| text.contains("asyncio_mode") || text.contains("anyio_mode"))
    });
    let in_unittest = file.before.text().contains("IsolatedAsyncioTestCase");
    (!(marked(own) || others || module_mark || configured || in_unittest))
        .then(|| format!("makes {} async where no plugin would run it", after.title()))
}
