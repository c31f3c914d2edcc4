//! A session's pieces joined: which block is which node id, what only the summary or `-v` knows, what a test
//! only printed.

use std::collections::{HashMap, HashSet, VecDeque};

use super::headline::{domain, file, nodeid};
use super::line_style::Entry;
use super::session::{Block, Session};
use super::{Failure, Outcome, Phase, Report, TestOutcome, blocks, exception, locate};

/// The report of one closed session.
pub(super) fn report(session: Session) -> Report {
    let mut outcomes = session.outcomes.clone();
    let mut run = session.run.clone();
    let warnings = session.warnings.found.clone();
    if !session.has_header && session.has_summary {
        run.complete = true; // -qq prints no final line
    }
    let rootdir = run.rootdir.clone();
    let mut failures = Joined::new(&session, run.complete).failures(session);
    for failure in &mut failures {
        locate::relate(failure, rootdir.as_deref());
        let file = file(&failure.nodeid).to_string();
        locate::site(failure, Some(&file).filter(|file| !file.is_empty()).map(String::as_str));
    }
    let failed = |phase| if phase == Phase::Call { Outcome::Failed } else { Outcome::Error };
    outcomes.extend(failures.iter().map(|failure| TestOutcome {
        nodeid: failure.nodeid.clone(),
        outcome: failed(failure.phase),
        duration: None,
    }));
    Report { runs: vec![run], failures, warnings, outcomes: latest(outcomes) }
}

/// One outcome per test: the last one told, and a failure over everything else but a rerun that passed.
fn latest(outcomes: Vec<TestOutcome>) -> Vec<TestOutcome> {
    let mut index = HashMap::<String, usize>::new();
    let mut latest = Vec::<TestOutcome>::new();
    for outcome in outcomes {
        match index.get(&outcome.nodeid) {
            Some(&at) => latest[at] = outcome,
            None => {
                index.insert(outcome.nodeid.clone(), latest.len());
                latest.push(outcome);
            }
        }
    }
    latest
}

/// The summary's lines, split, and which block each belongs to.
struct Joined {
    /// Per summary line: node id, text, whether it says `ERROR`.
    told: Vec<Told>,
    /// Per block: its summary line.
    line_of: Vec<Option<usize>>,
    complete: bool,
}

struct Told {
    nodeid: String,
    text: Option<String>,
    is_error: bool,
    taken: bool,
}

impl Joined {
    fn new(session: &Session, complete: bool) -> Self {
        let domains: HashSet<&str> =
            session.blocks.iter().flat_map(|block| [keyed(&block.domain), keyed(&block.test)]).collect();
        let told: Vec<_> = session
            .summary
            .iter()
            .map(|line| {
                let (nodeid, text) = line.split(|domain| domains.contains(domain));
                let nodeid = nodeid.replace('\\', "/");
                Told { nodeid, text: text.map(str::to_string), is_error: line.is_error, taken: false }
            })
            .collect();
        let mut joined = Self { told, line_of: vec![None; session.blocks.len()], complete };
        joined.join(&session.blocks);
        joined
    }

    /// The k-th block of a domain is the k-th summary line of that domain: both lists have one order. Where a
    /// domain has more blocks than lines, the surplus was printed by a test.
    fn join(&mut self, blocks: &[Block]) {
        for same_word in [true, false] {
            // pytest-sugar calls setup errors FAILED too: a second pass takes any line that is left
            let mut lines = HashMap::<String, VecDeque<usize>>::new();
            for (at, told) in self.told.iter().enumerate().filter(|(_, told)| !told.taken) {
                let word = if same_word && told.is_error { "E " } else { "" };
                lines.entry(format!("{word}{}", domain(&told.nodeid))).or_default().push_back(at);
            }
            let key = |block: &Block, domain: &str| {
                let word = if same_word && block.phase != Phase::Call { "E " } else { "" };
                format!("{word}{}", keyed(domain))
            };
            for trusted in [true, false] {
                for (at, block) in blocks.iter().enumerate() {
                    let is_trusted = !block.tentative || is_plausible(&block.failure);
                    if self.line_of[at].is_some() || is_trusted != trusted {
                        continue;
                    }
                    let line = [&block.domain, &block.test]
                        .into_iter()
                        .find_map(|domain| lines.get_mut(&key(block, domain)).and_then(VecDeque::pop_front));
                    if let Some(line) = line {
                        self.line_of[at] = Some(line);
                        self.told[line].taken = true;
                    }
                }
            }
        }
        self.join_crashed_workers(blocks);
    }

    /// `____ tests/test_crash.py ____` with the test's name in the text.
    fn join_crashed_workers(&mut self, blocks: &[Block]) {
        for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.domain.ends_with(".py")) {
            let Some(crashed) = crashed_test(&block.failure) else { continue };
            if let Some(line) = self.told.iter().position(|told| !told.taken && told.nodeid == crashed) {
                self.line_of[at] = Some(line);
                self.told[line].taken = true;
            }
        }
    }

    fn failures(self, session: Session) -> Vec<Failure> {
        let rootdir = session.run.rootdir.clone();
        let ids = verbose_ids(&session);
        let mut failures = Vec::new();
        let has_lines = |is_error: bool, told: &[Told]| told.iter().any(|told| told.is_error == is_error);
        let had_blocks = !session.blocks.is_empty();
        for (at, block) in session.blocks.into_iter().enumerate() {
            let line = self.line_of[at].map(|line| &self.told[line]);
            let confirmed = line.is_some() || ids.contains_key(keyed(&block.test));
            let summed_up = self.complete && has_lines(block.phase != Phase::Call, &self.told);
            let doubted = block.tentative && (summed_up || !ids.is_empty() || !is_plausible(&block.failure));
            if doubted && !confirmed {
                continue;
            }
            let known = line.map(|line| line.nodeid.clone()).or_else(|| ids.get(keyed(&block.test)).cloned());
            let text = line.and_then(|line| line.text.clone());
            failures.push(named(block, known, text.as_deref(), rootdir.as_deref()));
        }
        let by_line = self.take_entries(&session.entries.entries);
        let teardowns = teardown_errors(&session.verbose, &session.outcomes);
        for (told, entry) in self.told.iter().zip(by_line) {
            let is_believed = self.complete || !had_blocks;
            if !told.taken && is_believed {
                failures.push(told_failure(told, entry, &teardowns));
            }
        }
        if self.told.is_empty() && !session.entries.entries.is_empty() {
            failures.extend(session.entries.entries.into_iter().map(unnamed_entry));
        } else if self.told.is_empty() {
            told_by_verbose(&session.verbose, &session.outcomes, &mut failures);
        }
        if failures.is_empty() && self.told.is_empty() && !session.has_header {
            failures.extend(fragments(session.loose.lines()));
        }
        failures
    }

    /// `--tb=line` entries for the `FAILED` lines, in their common order. Some lines have no entry (no crash
    /// location), so an entry is taken when its text begins as the line's does.
    fn take_entries(&self, entries: &[Entry]) -> Vec<Option<Failure>> {
        const LOOK_AHEAD: usize = 32;
        let mut next = 0;
        let told_entry = |told: &Told| {
            if told.taken || told.is_error {
                return None;
            }
            let ahead = entries.iter().enumerate().skip(next).take(LOOK_AHEAD);
            let (at, entry) = ahead.into_iter().find(|(_, entry)| agrees(entry, told))?;
            next = at + 1;
            Some(entry.failure.clone())
        };
        self.told.iter().map(told_entry).collect()
    }
}

fn agrees(entry: &Entry, told: &Told) -> bool {
    match told.text.as_deref() {
        Some(text) => {
            let text = text.strip_suffix("...").unwrap_or(text).trim_end();
            entry.text.starts_with(text.lines().next().unwrap_or(text))
        }
        None => entry.failure.frames.first().is_some_and(|at| locate::same_file(&at.path, file(&told.nodeid))),
    }
}

/// The key of a domain: doctests carry a mark in their headline only.
fn keyed(domain: &str) -> &str {
    domain.strip_prefix("[doctest] ").unwrap_or(domain)
}

/// Whether a block looks like a failure rather than a line that a test printed.
fn is_plausible(failure: &Failure) -> bool {
    failure.message.is_some() && (!failure.frames.is_empty() || failure.exc_type.is_some())
}

fn crashed_test(failure: &Failure) -> Option<&str> {
    failure.message.as_deref()?.split_once("crashed while running '")?.1.split('\'').next()
}

/// The node ids of failed tests that `-v` told, by domain.
fn verbose_ids(session: &Session) -> HashMap<String, String> {
    session.verbose.iter().map(|(nodeid, _)| (domain(nodeid), nodeid.replace('\\', "/"))).collect()
}

/// A block's failure with its node id, and with what only the summary's line knows.
fn named(block: Block, known: Option<String>, text: Option<&str>, rootdir: Option<&str>) -> Failure {
    let Block { phase, domain, test, mut failure, .. } = block;
    failure.phase = phase;
    locate::relate(&mut failure, rootdir);
    failure.nodeid = match known {
        Some(nodeid) => nodeid,
        None if matches!(phase, Phase::Collection | Phase::Conftest) => locate::relative(&domain, rootdir),
        None => {
            let crashed = crashed_test(&failure).map(str::to_string);
            let path = failure.path.as_deref().or_else(|| locate::test_file(&failure));
            crashed.unwrap_or_else(|| match (path, domain.strip_prefix("[doctest] ")) {
                (Some(path), Some(doctest)) => format!("{path}::{doctest}"),
                (Some(path), None) => nodeid(path, &test),
                (None, _) => test.replace('.', "::"),
            })
        }
    };
    if failure.exc_type.is_none()
        && let Some(text) = text
    {
        failure.exc_type = exception::read(&[text], None).exc_type.filter(|_| text.contains(": "));
    }
    failure
}

/// A failure of which only the summary (and perhaps a `--tb=line` entry) tells.
fn told_failure(told: &Told, entry: Option<Failure>, teardowns: &HashSet<&str>) -> Failure {
    let phase = match told.is_error {
        false => Phase::Call,
        true if !told.nodeid.contains("::") => Phase::Collection,
        true if teardowns.contains(told.nodeid.as_str()) => Phase::Teardown,
        true => Phase::Setup,
    };
    let mut failure = entry.unwrap_or_else(|| of_text(told.text.as_deref()));
    failure.nodeid.clone_from(&told.nodeid);
    failure.phase = phase;
    failure
}

fn of_text(text: Option<&str>) -> Failure {
    let Some(text) = text else { return Failure::default() };
    let lines: Vec<_> = text.lines().collect();
    let read = exception::read(&lines, None);
    let is_cut = text.ends_with("...");
    // a name that the width cut is no type
    let exc_type = read.exc_type.filter(|_| !is_cut || text.contains(": ") || text.starts_with("assert "));
    let introspection = read.message.as_deref().filter(|_| !is_cut).and_then(exception::introspect);
    Failure { exc_type, message: read.message, hint: read.hint, introspection, ..Failure::default() }
}

/// Tests whose `-v` line said that they passed or failed before it said ERROR.
fn teardown_errors<'a>(verbose: &'a [(String, Outcome)], outcomes: &'a [TestOutcome]) -> HashSet<&'a str> {
    let errors: HashSet<&str> =
        verbose.iter().filter(|(_, outcome)| *outcome == Outcome::Error).map(|(id, _)| id.as_str()).collect();
    let ran = |told: &&TestOutcome| told.outcome != Outcome::Error && told.outcome != Outcome::Rerun;
    outcomes.iter().filter(ran).map(|told| told.nodeid.as_str()).filter(|id| errors.contains(id)).collect()
}

/// The run was cut before its blocks: `-v` at least named the tests.
fn told_by_verbose(verbose: &[(String, Outcome)], outcomes: &[TestOutcome], failures: &mut Vec<Failure>) {
    let teardowns = teardown_errors(verbose, outcomes);
    let known: HashSet<(String, bool)> =
        failures.iter().map(|failure| (failure.nodeid.clone(), failure.phase == Phase::Call)).collect();
    for (nodeid, outcome) in verbose {
        let is_call = *outcome == Outcome::Failed;
        let phase = match is_call {
            true => Phase::Call,
            false if teardowns.contains(nodeid.as_str()) => Phase::Teardown,
            false => Phase::Setup,
        };
        let nodeid = nodeid.replace('\\', "/");
        if !known.contains(&(nodeid.clone(), is_call)) {
            failures.push(Failure { nodeid, phase, ..Failure::default() });
        }
    }
}

/// Without a summary a `--tb=line` entry has no name: its file stands in.
fn unnamed_entry(entry: Entry) -> Failure {
    let nodeid = entry.failure.frames.first().map(|at| at.path.clone()).unwrap_or_default();
    Failure { nodeid, ..entry.failure }
}

/// A log that is only a piece of a traceback: each location that names an exception ends one failure.
fn fragments<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Failure> {
    let (mut failures, mut piece) = (Vec::new(), Vec::new());
    let mut take = |piece: &mut Vec<&str>| {
        let mut failure = blocks::read(piece.drain(..));
        let looks_failed = failure.exc_type.is_some() && !(failure.frames.is_empty() && failure.message.is_none());
        if looks_failed {
            let path = failure.path.as_deref().or_else(|| locate::test_file(&failure));
            failure.nodeid = path.unwrap_or_default().to_string();
            failures.push(failure);
        }
    };
    for line in lines {
        piece.push(line);
        let ends = super::rule::Location::read(line).is_some_and(|at| at.exception().is_some());
        if ends {
            take(&mut piece);
        }
    }
    take(&mut piece);
    failures
}
