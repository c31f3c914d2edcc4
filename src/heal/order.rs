//! A test that passes alone and fails in company, or now and then: what it fails after, and what that leaves
//! behind.

use std::ops::Range;

use crate::diagnosis::{Diagnosis, Verdict};
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix, Tier};
use crate::guard;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::Healing;

/// Runs tests as they stand.
pub trait Reruns {
    /// Runs exactly `tests`, in this order, with `variables` in the environment: whether the last one fails.
    /// `None` when it could not be run, or no more runs are allowed.
    fn last_fails(&mut self, tests: &[String], variables: &[(&'static str, &'static str)]) -> Option<bool>;
}

/// Why a test fails at some times only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It fails after this test.
    After(String),
    /// It fails after a crowd of tests that no half of is enough.
    AfterMany(usize),
    /// It fails with this setting of the environment, and passes without.
    With(&'static str, &'static str),
    /// It failed once and passes now, with nothing changed.
    Sometimes,
}

/// Settings that tests depend on without knowing.
const SETTINGS: [(&str, &str); 7] = [
    ("PYTHONHASHSEED", "0"),
    ("PYTHONHASHSEED", "1"),
    ("PYTHONHASHSEED", "42"),
    ("TZ", "UTC"),
    ("TZ", "Asia/Tokyo"),
    ("TZ", "America/New_York"),
    ("LC_ALL", "C"),
];

/// The cause, found by reruns; `None` for a test that fails by itself. `before` are the tests that ran before
/// it, in their order.
pub fn cause(reruns: &mut dyn Reruns, before: &[String], victim: &str) -> Option<Cause> {
    let mut fails = |tests: &[String], variables: &[(&'static str, &'static str)]| {
        let all: Vec<String> = tests.iter().cloned().chain([victim.to_string()]).collect();
        reruns.last_fails(&all, variables)
    };
    if fails(&[], &[])? {
        return None;
    }
    if before.is_empty() || !fails(before, &[])? {
        let setting = SETTINGS.into_iter().find(|setting| fails(&[], &[*setting]) == Some(true));
        return Some(setting.map_or(Cause::Sometimes, |(name, value)| Cause::With(name, value)));
    }
    let mut suspects = before;
    while suspects.len() > 1 {
        let (first, second) = suspects.split_at(suspects.len() / 2);
        // The nearer half is asked first: what a test leaves behind is often undone soon.
        suspects = if fails(second, &[])? {
            second
        } else if fails(first, &[])? {
            first
        } else {
            return Some(Cause::AfterMany(suspects.len()));
        };
    }
    suspects.first().map(|polluter| Cause::After(polluter.clone()))
}

/// Tells the cause in the diagnosis; the fixes for the failure itself make place for one that undoes what the
/// other test leaves behind, for a person to accept.
pub fn explain(snapshot: &Snapshot, healing: &mut Healing, cause: &Cause) {
    let diagnosis = &mut healing.diagnosis;
    diagnosis.verdict = Verdict::Flaky;
    diagnosis.culprit = None;
    diagnosis.reason = match cause {
        Cause::After(polluter) => format!("it passes alone and fails after {polluter}"),
        Cause::AfterMany(count) => format!("it passes alone and fails after {count} other tests together"),
        Cause::With(name, value) => format!("it passes alone and fails with {name}={value}"),
        Cause::Sometimes => "it passes when it is run again, with nothing changed".to_string(),
    };
    healing.fixes.clear();
    let Cause::After(polluter) = cause else { return };
    let Some(left) = left_behind(snapshot, polluter) else { return };
    diagnosis.reason += &format!(", which leaves {} behind ({}:{})", left.what, left.path, left.line);
    if let Some(advice) = &left.advice {
        diagnosis.reason += &format!("; {advice}");
    }
    if let Some(fix) = reset(snapshot, polluter, &left) {
        review(snapshot, diagnosis.clone(), fix, healing);
    }
}

fn review(snapshot: &Snapshot, diagnosis: Diagnosis, fix: Fix, healing: &mut Healing) {
    match guard::review(snapshot, &diagnosis, fix) {
        Ok(guarded) => healing.fixes.push(guarded),
        Err(refusal) => healing.refused.push(refusal),
    }
}

/// State that outlives the test that set it.
struct Left {
    /// `os.environ["MODE"]`, as written.
    what: String,
    path: FilePath,
    line: u32,
    /// The statement of the test and what `monkeypatch` does in its place.
    statement: Option<(Range<usize>, String)>,
    /// What a person can do where no edit is offered.
    advice: Option<String>,
}

fn left_behind(snapshot: &Snapshot, nodeid: &str) -> Option<Left> {
    let (file, domain) = nodeid.split_once("::")?;
    let path = snapshot.file_path(file);
    let source = snapshot.source(&path)?;
    let test = source.test(domain)?;
    let body = test.child_by_field_name("body")?;
    written_in(&source, &path, test, body).or_else(|| {
        let calls = descendants(body).filter(|node| node.kind() == "call");
        calls.filter_map(|call| snapshot.callee(&path, call.byte_range())).find_map(|callee| kept_by(snapshot, &callee))
    })
}

/// What the statements of the test themselves set on something that is not theirs.
fn written_in(source: &Source, path: &FilePath, test: Node<'_>, body: Node<'_>) -> Option<Left> {
    let found = |node: Node<'_>, what: String, patch: Option<String>| Left {
        what,
        path: path.clone(),
        line: source.line_of(node.start_byte()),
        statement: patch.map(|patch| (node.byte_range(), patch)),
        advice: None,
    };
    descendants(body).find_map(|node| match node.kind() {
        "assignment" => {
            let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
            if !matches!(left.kind(), "attribute" | "subscript") || is_own(source, test, left) {
                return None;
            }
            Some(found(node, format!("`{}`", source.slice(left)), patched(source, left, right)))
        }
        "call" => {
            let function = node.child_by_field_name("function")?;
            let arguments = source.slice(node.child_by_field_name("arguments")?);
            match source.slice(function) {
                "os.chdir" => {
                    Some(found(node, "the working directory".into(), Some(format!("monkeypatch.chdir{arguments}"))))
                }
                "os.putenv" => {
                    Some(found(node, "the environment".into(), Some(format!("monkeypatch.setenv{arguments}"))))
                }
                "sys.path.insert" | "sys.path.append" => Some(found(node, "`sys.path`".into(), None)),
                _ if is_mutator(source, function) && !is_own(source, test, function) => {
                    Some(found(node, format!("`{}`", source.slice(function.child_by_field_name("object")?)), None))
                }
                _ => None,
            }
        }
        _ => None,
    })
}

/// The call of `monkeypatch` that sets the same until the test ends.
fn patched(source: &Source, left: Node<'_>, right: Node<'_>) -> Option<String> {
    let value = source.slice(right);
    if left.kind() == "attribute" {
        let (object, name) = (left.child_by_field_name("object")?, left.child_by_field_name("attribute")?);
        return Some(format!("monkeypatch.setattr({}, \"{}\", {value})", source.slice(object), source.slice(name)));
    }
    let (object, key) = (source.slice(left.child_by_field_name("value")?), left.child_by_field_name("subscript")?);
    let method = if object.ends_with("environ") { "setenv(" } else { "setitem(" };
    let object = if object.ends_with("environ") { String::new() } else { format!("{object}, ") };
    Some(format!("monkeypatch.{method}{object}{}, {value})", source.slice(key)))
}

/// Whether the test made the object itself: a parameter or a name that it binds.
fn is_own(source: &Source, test: Node<'_>, target: Node<'_>) -> bool {
    let mut root = target;
    while let Some(object) = root.child_by_field_name("object").or_else(|| root.child_by_field_name("value")) {
        root = object;
    }
    if root.kind() != "identifier" {
        return true;
    }
    let name = source.slice(root);
    let is_bound = |node: Node<'_>| node.kind() == "identifier" && source.slice(node) == name;
    let parameter = test.child_by_field_name("parameters").is_some_and(|list| descendants(list).any(is_bound));
    let bound = descendants(test).any(|node| {
        let target = match node.kind() {
            "assignment" | "for_statement" => node.child_by_field_name("left"),
            "as_pattern" => node.child_by_field_name("alias"),
            _ => None,
        };
        target.is_some_and(|target| {
            is_bound(target)
                || target.kind() != "attribute" && target.kind() != "subscript" && descendants(target).any(is_bound)
        })
    });
    parameter || bound || name == "self" || name == "cls"
}

const MUTATORS: &[&str] =
    &["add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"];

fn is_mutator(source: &Source, function: Node<'_>) -> bool {
    let name = function.child_by_field_name("attribute").filter(|_| function.kind() == "attribute");
    name.is_some_and(|name| MUTATORS.contains(&source.slice(name)))
}

/// What a function of the project keeps in its module: a `global`, a container at module level.
fn kept_by(snapshot: &Snapshot, callee: &Symbol) -> Option<Left> {
    if !matches!(callee.kind, SymbolKind::Function | SymbolKind::Method) {
        return None;
    }
    let source = snapshot.source(&callee.path)?;
    let function = source.function_at(callee.range.start)?;
    let module_level = |name: &str| {
        children(source.root()).filter_map(|statement| statement.named_child(0)).find(|node| {
            node.kind() == "assignment"
                && node.child_by_field_name("left").is_some_and(|left| source.slice(left) == name)
        })
    };
    let names = descendants(function).find_map(|node| match node.kind() {
        "global_statement" => node.named_child(0).map(|name| source.slice(name)),
        "assignment" => {
            let left = node.child_by_field_name("left").filter(|left| left.kind() == "subscript")?;
            left.child_by_field_name("value").map(|object| source.slice(object))
        }
        "call" => {
            let called = node.child_by_field_name("function").filter(|called| is_mutator(&source, *called))?;
            called.child_by_field_name("object").map(|object| source.slice(object))
        }
        _ => None,
    })?;
    let assigned = module_level(names)?;
    let module = snapshot.dotted_name(&callee.path)?;
    let value = source.slice(assigned.child_by_field_name("right")?);
    Some(Left {
        what: format!("`{module}.{names}`, which `{}` changes,", callee.name),
        path: callee.path.clone(),
        line: source.line_of(assigned.start_byte()),
        statement: None,
        advice: Some(format!("a fixture can reset it: `monkeypatch.setattr({module}, \"{names}\", {value})`")),
    })
}

/// The edit that makes the polluter undo what it sets.
fn reset(snapshot: &Snapshot, polluter: &str, left: &Left) -> Option<Fix> {
    let (range, patch) = left.statement.as_ref()?;
    let source = snapshot.source(&left.path)?;
    let test = source.function_at(range.start)?;
    let in_test_case = ancestors(test).filter(|node| node.kind() == "class_definition").any(|class| {
        class.child_by_field_name("superclasses").is_some_and(|bases| source.slice(bases).contains("TestCase"))
    });
    if in_test_case {
        return None;
    }
    let parameters = test.child_by_field_name("parameters")?;
    let mut edits = vec![Edit::replace(&left.path, range.clone(), patch.as_str())];
    if !descendants(parameters).any(|node| source.slice(node) == "monkeypatch") {
        edits.push(match children(parameters).last() {
            Some(last) => Edit::insert(&left.path, last.end_byte(), ", monkeypatch"),
            None => Edit::insert(&left.path, parameters.start_byte() + 1, "monkeypatch"),
        });
    }
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, &left.path, left.line, format!("{polluter} sets {} for good", left.what)),
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint("the test passes alone, and fails after that one") },
    ];
    Some(Fix {
        title: format!("Let {polluter} undo what it sets"),
        strategy: "order-dependence",
        edits,
        confidence: Confidence::new(0.8),
        evidence,
        tier: Tier::Review,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails after the tests in `after`, or with a setting.
    struct Suite {
        after: Vec<&'static str>,
        with: Option<(&'static str, &'static str)>,
        runs: usize,
    }

    impl Reruns for Suite {
        fn last_fails(&mut self, tests: &[String], variables: &[(&'static str, &'static str)]) -> Option<bool> {
            self.runs += 1;
            let polluted =
                !self.after.is_empty() && self.after.iter().all(|name| tests.iter().any(|test| test == name));
            Some(polluted || self.with.is_some_and(|setting| variables.contains(&setting)))
        }
    }

    fn find(after: &[&'static str], with: Option<(&'static str, &'static str)>) -> (Option<Cause>, usize) {
        let mut suite = Suite { after: after.to_vec(), with, runs: 0 };
        let before: Vec<String> = (0..100).map(|index| format!("t{index}")).collect();
        (cause(&mut suite, &before, "victim"), suite.runs)
    }

    #[test]
    fn the_polluter_is_found_by_halves() {
        let (cause, runs) = find(&["t17"], None);
        assert_eq!(cause, Some(Cause::After("t17".to_string())));
        assert!(runs <= 16, "{runs}");
    }

    #[test]
    fn two_that_pollute_together_are_told_as_a_crowd() {
        assert!(matches!(find(&["t1", "t99"], None).0, Some(Cause::AfterMany(_))));
    }

    #[test]
    fn a_setting_is_named_and_chance_is_told() {
        assert_eq!(find(&[], Some(("TZ", "Asia/Tokyo"))).0, Some(Cause::With("TZ", "Asia/Tokyo")));
        assert_eq!(find(&[], None).0, Some(Cause::Sometimes));
    }

    #[test]
    fn a_test_that_fails_alone_is_no_case() {
        assert_eq!(find(&["victim"], None).0, None);
    }

    #[track_caller]
    fn leaves(files: &[(&str, &str)], nodeid: &str) -> String {
        let snapshot = Snapshot::in_memory(files.iter().copied());
        let left = left_behind(&snapshot, nodeid);
        left.map_or("nothing".to_string(), |left| format!("{} {:?}", left.what, left.statement.map(|it| it.1)))
    }

    #[test]
    fn what_a_test_leaves_behind() {
        let one = |body: &str| {
            leaves(&[("t.py", &format!("import os, shop\n\ndef test_a(tmp_path):\n    {body}\n"))], "t.py::test_a")
        };
        assert_eq!(one("os.environ['A'] = '1'"), "`os.environ['A']` Some(\"monkeypatch.setenv('A', '1')\")");
        assert_eq!(one("shop.RATE = 2"), "`shop.RATE` Some(\"monkeypatch.setattr(shop, \\\"RATE\\\", 2)\")");
        assert_eq!(
            one("shop.PRICES['a'] = 2"),
            "`shop.PRICES['a']` Some(\"monkeypatch.setitem(shop.PRICES, 'a', 2)\")"
        );
        assert_eq!(one("os.chdir(tmp_path)"), "the working directory Some(\"monkeypatch.chdir(tmp_path)\")");
        assert_eq!(one("shop.items.append(1)"), "`shop.items` None");
        assert_eq!(one("tmp_path.x = 1"), "nothing");
        assert_eq!(one("items = []; items.append(1)"), "nothing");
    }

    #[test]
    fn a_function_of_the_project_may_keep_state() {
        let shop = "_cache = {}\n\ndef put(key):\n    _cache[key] = 1\n";
        let test = "from shop import put\n\ndef test_a():\n    put('a')\n";
        let found = leaves(&[("shop.py", shop), ("t.py", test)], "t.py::test_a");
        assert_eq!(found, "`shop._cache`, which `put` changes, None");
    }
}
