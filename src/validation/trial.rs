//! One run to try something, and what it showed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Options;
use super::ids::folder_of_conftest;
use super::plugin::Plugin;
use super::runner::{Cancel, Runner};
use crate::report::events::{Event, PhaseReport};
use crate::report::{Failure, Outcome, Phase};

/// Texts that stand for files, by absolute path.
pub(super) type Texts = BTreeMap<PathBuf, Arc<str>>;

/// Where and how trials run.
pub(super) struct Setting {
    /// The project's root, where pytest runs.
    pub(super) root: PathBuf,
    pub(super) runner: Runner,
    pub(super) options: Options,
    pub(super) plugin: Plugin,
    /// Ends what runs.
    pub(super) cancel: Cancel,
}

/// One run to try something.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// The part of `texts` that stays the same for all candidates: documents with unsaved changes.
    pub(super) base: Texts,
    /// What is run in the place of the files.
    pub(super) texts: Texts,
    /// Node ids, files or folders, as pytest takes them in the project's root.
    pub(super) tests: Vec<String>,
}

impl Trial {
    /// The files of the tests.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|test| test.split("::").next().unwrap_or_default())
    }
}

/// What a run showed. Only explicit events count, never an exit status: a test may call `os._exit(0)`.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// The tests that ran, by node id.
    pub(super) tests: BTreeMap<String, Shape>,
    /// Their node ids, in the order in which they ran.
    pub(super) order: Vec<String>,
    /// Files that could not be collected, conftests that could not be imported.
    pub(super) broken: Vec<Failure>,
    /// Whether the run came to its end.
    pub(super) finished: bool,
    /// What kept it from its end, as a sentence fragment.
    pub(super) problem: Option<String>,
}

/// What a test goes through.
const PHASES: [Phase; 3] = [Phase::Setup, Phase::Call, Phase::Teardown];

/// How one test ran.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// The phases that passed, each once: subtests report the call of their test several times.
    passed: Vec<Phase>,
    /// The worst outcome that is not `passed`.
    pub(super) worst: Option<Outcome>,
    /// Its first failed phase.
    pub(super) failure: Option<Failure>,
    /// How many checks it executed.
    pub(super) checks: u64,
    /// Whether its function holds checks at all.
    pub(super) has_checks: bool,
}

impl Shape {
    /// A test of which a log tells the outcome, and nothing of its checks.
    pub(super) fn told(outcome: Option<Outcome>, failure: Option<Failure>) -> Self {
        let passed = outcome == Some(Outcome::Passed) && failure.is_none();
        let worst = outcome.filter(|_| !passed);
        Self { passed: if passed { PHASES.to_vec() } else { Vec::new() }, worst, failure, ..Self::default() }
    }

    /// Setup, call and teardown passed.
    pub(super) fn passed(&self) -> bool {
        self.passed.len() == PHASES.len() && self.worst.is_none()
    }
}

impl Shown {
    /// What a run shows that ended before it could show anything.
    pub(super) fn nothing(problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::default() }
    }

    /// Takes in one event.
    pub(super) fn add(&mut self, event: Event) {
        match event {
            Event::Report(report) if report.phase < Phase::Setup => self.broken.extend(report.into_failure()),
            Event::Report(report) => self.add_phase(*report),
            Event::Finish { .. } => self.finished = true,
            _ => {}
        }
    }

    fn add_phase(&mut self, report: PhaseReport) {
        if !self.tests.contains_key(&report.nodeid) {
            self.order.push(report.nodeid.clone());
        }
        let test = self.tests.entry(report.nodeid.clone()).or_default();
        test.checks = test.checks.max(report.checks.unwrap_or(0));
        test.has_checks |= report.has_checks;
        match report.outcome {
            Some(Outcome::Passed) if test.passed.contains(&report.phase) => {}
            Some(Outcome::Passed) => test.passed.push(report.phase),
            Some(outcome) => test.worst = test.worst.or(Some(outcome)),
            None => {}
        }
        if test.failure.is_none() {
            test.failure = report.into_failure();
        }
    }

    /// The tests that `asked` names: a node id, a parametrized test without its parameters, or a file; a conftest names
    /// all below its folder.
    pub(super) fn named<'a>(&'a self, asked: &'a str) -> impl Iterator<Item = (&'a str, &'a Shape)> {
        let names = move |nodeid: &str| {
            let is_part = |rest: &str| rest.is_empty() || rest.starts_with("::") || rest.starts_with('[');
            match folder_of_conftest(asked) {
                Some(folder) => nodeid.starts_with(folder),
                None => nodeid.strip_prefix(asked).is_some_and(is_part),
            }
        };
        self.tests.iter().filter(move |(nodeid, _)| names(nodeid)).map(|(nodeid, test)| (nodeid.as_str(), test))
    }
}
