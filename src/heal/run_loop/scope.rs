//! Which tests a run is about, and which have to run again.

use std::collections::BTreeSet;

use crate::report::{Failure, Phase, Report};
use crate::text::FilePath;

/// The failures of `report` that lie in `tests`: files, folders or node ids; all of them without any.
pub fn only(mut report: Report, tests: &[String]) -> Report {
    let within = |nodeid: &str, test: &str| {
        let test = test.trim_start_matches("./").trim_end_matches('/');
        let rest = nodeid.strip_prefix(test);
        test == "." || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '[']))
    };
    if !tests.is_empty() {
        report.failures.retain(|failure| tests.iter().any(|test| within(&failure.nodeid, test)));
    }
    report
}

/// Whether files could not be collected.
pub(super) fn interrupted(report: &Report) -> bool {
    report.failures.iter().any(|failure| failure.phase < Phase::Setup)
}

/// What has to run again once failures are healed.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The files of failing tests.
    files: BTreeSet<String>,
    /// After a collection error pytest runs nothing else: what passes is not known yet.
    interrupted: bool,
}

impl Scope {
    /// What `report` shows of it.
    pub fn of(report: &Report) -> Self {
        let file = |failure: &Failure| failure.nodeid.split("::").next().unwrap_or_default().to_string();
        Self { files: report.failures.iter().map(file).collect(), interrupted: interrupted(report) }
    }

    /// The files of failing tests, or everything of `tests` where a conftest or a helper is among the `edited` files.
    pub fn tests<'p>(&self, mut edited: impl Iterator<Item = &'p FilePath>, tests: &[String]) -> Vec<String> {
        let narrow = edited.all(|path| self.files.contains(path.as_str()))
            && !self.interrupted
            && !self.files.iter().any(|file| !file.ends_with(".py") || file.ends_with("conftest.py"));
        let narrow = narrow && !tests.iter().any(|test| test.contains("::"));
        if narrow { self.files.iter().cloned().collect() } else { tests.to_vec() }
    }
}
