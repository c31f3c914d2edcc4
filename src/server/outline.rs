//! The tests of a file: what lenses and symbols are shown for.

use std::collections::HashMap;
use std::ops::Range;

use crate::report::Outcome;
use crate::results::{Results, fingerprint};
use crate::syntax::{Node, Source, children};
use crate::text::FilePath;

/// A test function or a class of tests.
#[derive(Debug)]
pub struct Item {
    /// Its node id, without parameters.
    pub nodeid: String,
    /// `test_total`.
    pub name: String,
    /// Whether it is a class.
    pub is_class: bool,
    /// The bytes of the whole definition, decorators included.
    pub range: Range<usize>,
    /// The bytes of its name.
    pub selection: Range<usize>,
    /// The tests of a class.
    pub children: Vec<Item>,
}

/// The tests of a file, by pytest's default names (and methods of any class whose name holds `Test`, as
/// unittest has them).
pub fn tests(source: &Source, path: &FilePath) -> Vec<Item> {
    items(source, source.root(), path.as_str())
}

/// What the code of each test looks like, by node id; 0 for a test that does not stand in this file itself.
pub fn prints(source: &Source, path: &FilePath) -> impl Fn(&str) -> u64 + use<> {
    let items = tests(source, path);
    let print = |item: &Item| (item.nodeid.clone(), fingerprint(&source.text()[item.range.clone()]));
    let mut prints: HashMap<String, u64> = HashMap::new();
    let mut rest: Vec<&Item> = items.iter().collect();
    while let Some(item) = rest.pop() {
        rest.extend(&item.children);
        prints.extend((!item.is_class).then(|| print(item)));
    }
    move |nodeid| prints.get(nodeid).copied().unwrap_or_default()
}

/// How many test functions there are.
pub fn count(items: &[Item]) -> usize {
    items.iter().map(|item| if item.is_class { count(&item.children) } else { 1 }).sum()
}

fn items(source: &Source, scope: Node<'_>, prefix: &str) -> Vec<Item> {
    let of = |outer: Node<'_>| {
        let inner = outer.child_by_field_name("definition").unwrap_or(outer);
        let name = inner.child_by_field_name("name")?;
        let text = source.slice(name);
        let is_class = match inner.kind() {
            "class_definition" if text.contains("Test") => true,
            "function_definition" if text.starts_with("test") => false,
            _ => return None,
        };
        let nodeid = format!("{prefix}::{text}");
        let body = inner.child_by_field_name("body").filter(|_| is_class);
        let children = body.map(|body| items(source, body, &nodeid)).unwrap_or_default();
        let (range, selection) = (outer.byte_range(), name.byte_range());
        (!is_class || !children.is_empty()).then(|| Item {
            nodeid,
            name: text.to_string(),
            is_class,
            range,
            selection,
            children,
        })
    };
    children(scope).filter_map(of).collect()
}

/// The outcome of a test in words: `failed · 0.02 s`, over all its cases `2 failed, 3 passed`, with `edited since`
/// where the code is another one now; `None` where it never ran.
pub fn outcome(results: &Results, nodeid: &str) -> Option<String> {
    let all: Vec<_> = results.below(nodeid).map(|(_, test)| test).collect();
    let duration: f64 = all.iter().filter_map(|test| test.duration).sum();
    let time = if duration > 0.0 { format!(" · {duration:.2} s") } else { String::new() };
    let words = match all.as_slice() {
        [] => return None,
        [one] => format!("{}{}", word(one.outcome), flaky(&one.recent)),
        many => {
            const ORDER: [Outcome; 6] = [
                Outcome::Error,
                Outcome::Failed,
                Outcome::Passed,
                Outcome::Skipped,
                Outcome::Xfailed,
                Outcome::Xpassed,
            ];
            let count = |outcome: Outcome| many.iter().filter(|test| test.outcome == outcome).count();
            let told = ORDER.map(|outcome| (count(outcome), word(outcome)));
            let told: Vec<String> =
                told.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
            told.join(", ")
        }
    };
    let edited = if all.iter().any(|test| test.edited) { ", edited since" } else { "" };
    Some(words + edited + &time)
}

/// `, 3 of the last 10 runs failed`, for a test that passed and failed without a change in between being known.
fn flaky(recent: &[Outcome]) -> String {
    let failed = recent.iter().filter(|outcome| matches!(outcome, Outcome::Failed | Outcome::Error)).count();
    let turns = recent.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if turns < 2 { String::new() } else { format!(", {failed} of the last {} runs failed", recent.len()) }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Error => "error",
        Outcome::Skipped => "skipped",
        Outcome::Xfailed => "xfailed",
        Outcome::Xpassed => "xpassed",
        Outcome::Rerun => "rerun",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Report, TestOutcome};
    use crate::results::RunId;

    #[test]
    fn tests_are_found_by_pytests_names() {
        let text = "def helper(): pass\n@mark\ndef test_a(): pass\nclass TestB:\n    def test_c(self): pass\n    def other(self): pass\nclass TestEmpty: pass\nclass CartTest(TestCase):\n    async def test_d(self): pass\n";
        let items = tests(&Source::parse(text), &FilePath::new("t/test_x.py"));
        let seen: Vec<_> = items.iter().flat_map(|item| std::iter::once(item).chain(&item.children)).collect();
        let ids: Vec<_> = seen.iter().map(|item| item.nodeid.as_str()).collect();
        assert_eq!(
            ids,
            [
                "t/test_x.py::test_a",
                "t/test_x.py::TestB",
                "t/test_x.py::TestB::test_c",
                "t/test_x.py::CartTest",
                "t/test_x.py::CartTest::test_d"
            ]
        );
        assert!(text[items[0].range.clone()].starts_with("@mark"));
    }

    #[test]
    fn an_outcome_tells_cases_time_and_turns() {
        let mut results = Results::default();
        let run = |outcomes: &[(&str, Outcome)]| Report {
            outcomes: outcomes
                .iter()
                .map(|(nodeid, outcome)| TestOutcome {
                    nodeid: nodeid.to_string(),
                    outcome: *outcome,
                    duration: Some(0.5),
                })
                .collect(),
            ..Report::default()
        };
        for (id, outcome) in [Outcome::Passed, Outcome::Failed, Outcome::Passed].into_iter().enumerate() {
            results.absorb(
                &run(&[("t.py::a", outcome), ("t.py::b[1]", Outcome::Passed), ("t.py::b[2]", Outcome::Skipped)]),
                RunId(id as u64),
            );
        }
        assert_eq!(outcome(&results, "t.py::a").unwrap(), "passed, 1 of the last 3 runs failed · 0.50 s");
        assert_eq!(outcome(&results, "t.py::b").unwrap(), "1 passed, 1 skipped · 1.00 s");
        assert_eq!(outcome(&results, "t.py::c"), None);
    }
}
