//! Examples as evidence: the statements of the project that mention a name.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::report::{Outcome, Report};
use crate::syntax::statements::Statement;
use crate::text::FilePath;

use super::Snapshot;
use super::words::occurrences;

/// A statement that mentions a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The file.
    pub path: FilePath,
    /// 1-based line of the statement.
    pub line: u32,
    /// The statement, or the head of a compound one.
    pub text: String,
}

/// A statement of a test that passed in the latest run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The test, as the run names it.
    pub nodeid: String,
    /// The statement.
    pub usage: Usage,
}

/// Mentions that are looked at for an example.
const MOST_USAGES: usize = 400;

impl Snapshot {
    /// Statements that mention `name` in tests that passed in `report`, at most `most` of them. A test with
    /// several cases is an example if one of them passed and none failed.
    pub fn examples(&self, report: &Report, name: &str, most: usize) -> Vec<Example> {
        let outcomes = outcomes_by_test(report);
        let example = |usage: Usage| {
            let source = self.source(&usage.path)?;
            let line = source.code_on_line(usage.line)?;
            let domain = source.domain_of(source.function_at(line.start)?)?;
            let outcomes = outcomes.get(format!("{}::{domain}", usage.path).as_str())?;
            let passed = outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Passed);
            let failed = outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed | Outcome::Error));
            let nodeid = outcomes.first().map(|(nodeid, _)| nodeid.to_string())?;
            (passed && !failed).then_some(Example { nodeid, usage })
        };
        self.usages(name, MOST_USAGES).into_iter().filter_map(example).take(most).collect()
    }

    /// Statements of the workspace that mention `name`, at most `most` of them: those of tests first, in
    /// file order.
    pub fn usages(&self, name: &str, most: usize) -> Vec<Usage> {
        let usage = |mention: Mention| {
            let text = mention.text().to_string();
            Usage { path: mention.path, line: mention.statement.line, text }
        };
        self.mentions(name, most, |_| true).into_iter().map(usage).collect()
    }

    /// The same in the files that are wanted.
    pub(crate) fn mentions(&self, name: &str, most: usize, is_wanted: impl Fn(&FilePath) -> bool) -> Vec<Mention> {
        let mut files = self.files_naming(name);
        files.retain(is_wanted);
        files.sort_by_key(|path| !path.file_name().starts_with("test_"));
        let mut found = Vec::new();
        for path in files {
            if found.len() >= most {
                break;
            }
            let Some((text, statements)) = self.statements(&path) else { continue };
            let mut offsets = occurrences(&text, name).peekable();
            for statement in statements.iter() {
                while offsets.next_if(|&at| at < statement.range.start).is_some() {}
                if offsets.next_if(|&at| at < statement.range.end).is_some() && found.len() < most {
                    found.push(Mention { path: path.clone(), statement: statement.clone(), file: text.clone() });
                }
            }
        }
        found
    }
}

/// A statement that mentions a name, in the text of its file.
pub(crate) struct Mention {
    pub(crate) path: FilePath,
    pub(crate) statement: Statement,
    file: Arc<str>,
}

impl Mention {
    /// The statement, or the head of a compound one.
    pub(crate) fn text(&self) -> &str {
        &self.file[self.statement.range.clone()]
    }
}

/// The outcomes of the cases of each test: `tests/test_a.py::TestA::test_b` without `[case]`.
fn outcomes_by_test(report: &Report) -> HashMap<&str, Vec<(&str, Outcome)>> {
    let mut found: HashMap<&str, Vec<(&str, Outcome)>> = HashMap::new();
    for test in &report.outcomes {
        let function = test.nodeid.split('[').next().unwrap_or(&test.nodeid);
        found.entry(function).or_default().push((&test.nodeid, test.outcome));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::TestOutcome;

    #[test]
    fn examples_are_taken_from_tests_that_passed() {
        let test = "class TestA:\n    def test_a(self):\n        total(1)\ndef test_b():\n    total(2)\ndef test_c(n):\n    total(n)\ndef helper():\n    total(4)\n";
        let snapshot = Snapshot::in_memory([("test_shop.py", test)]);
        let outcome = |nodeid: &str, outcome| TestOutcome { nodeid: nodeid.to_string(), outcome, duration: None };
        let outcomes = vec![
            outcome("test_shop.py::TestA::test_a", Outcome::Passed),
            outcome("test_shop.py::test_b", Outcome::Failed),
            outcome("test_shop.py::test_c[1]", Outcome::Passed),
            outcome("test_shop.py::test_c[2]", Outcome::Failed),
        ];
        let report = Report { outcomes, ..Report::default() };
        let found = snapshot.examples(&report, "total", 10);
        let seen: Vec<_> = found.iter().map(|e| (e.nodeid.as_str(), e.usage.text.as_str())).collect();
        assert_eq!(seen, [("test_shop.py::TestA::test_a", "total(1)")]);
        assert!(snapshot.examples(&Report::default(), "total", 10).is_empty());
    }

    #[test]
    fn statements_that_mention_a_name_are_found_tests_first() {
        let snapshot = Snapshot::in_memory([
            ("shop.py", "def total(): ...\n# total\nx = total()\n"),
            ("test_shop.py", "def test():\n    assert total(\n        1) == subtotal\n"),
        ]);
        let found = snapshot.usages("total", 10);
        let seen: Vec<_> = found.iter().map(|usage| (usage.path.as_str(), usage.line)).collect();
        assert_eq!(seen, [("test_shop.py", 2), ("shop.py", 1), ("shop.py", 3)]);
        assert_eq!(snapshot.usages("total", 1).len(), 1);
    }
}
