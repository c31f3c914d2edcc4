//! A session's pieces joined: which block is which node id, what only the summary or `-v` knows, what a test
//! only printed.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::headline::{domain, file, nameless, nodeid};
use super::line_style::Entry;
use super::rule::is_absolute;
use super::session::{Block, Session};
use super::{Failure, Outcome, Phase, Report, TestOutcome, blocks, exception, locate, native, tally};

/// The report of one closed session.
pub(super) fn report(mut session: Session) -> Report {
    if !session.has_header && session.has_summary {
        session.run.complete = true; // -qq prints no final line
    }
    if !session.has_header && session.run.stopped.is_none() {
        session.run.stopped = broken_start(&session);
    }
    let run = session.run.clone();
    let mut outcomes = std::mem::take(&mut session.outcomes);
    let warnings = std::mem::take(&mut session.warnings.found);
    let durations = std::mem::take(&mut session.durations);
    let teardowns = teardown_errors(&session.verbose, &outcomes);
    let letters = session.letters.told.iter().map(|(file, count)| (file.to_string(), *count)).collect();
    let rootdir = run.rootdir.clone();
    let mut failures = Joined::new(&session, run.complete).failures(session, &teardowns);
    let rootdir = rootdir.or_else(|| failures.iter().find_map(shown_root));
    for failure in &mut failures {
        locate::relate(failure, rootdir.as_deref());
        if failure.nodeid.is_empty()
            && let Some(frame) = failure.frames.first()
        {
            failure.nodeid.clone_from(&frame.path); // a `--tb=line` entry without a summary: its file stands in
        }
        let file = file(&failure.nodeid).to_string();
        locate::site(failure, Some(&file).filter(|file| !file.is_empty()).map(String::as_str));
    }
    failures.retain(|failure| !failure.nodeid.is_empty());
    let failed = |phase| if phase == Phase::Call { Outcome::Failed } else { Outcome::Error };
    outcomes.extend(failures.iter().map(|failure| TestOutcome {
        nodeid: failure.nodeid.clone(),
        outcome: failed(failure.phase),
        duration: None,
    }));
    let mut outcomes = latest(outcomes);
    for outcome in &mut outcomes {
        outcome.duration = durations.get(&outcome.nodeid).copied();
    }
    Report { runs: vec![run], failures, warnings, outcomes, letters }
}

/// The folder that paths are relative to, where an absolute path of the test's file shows it (`-q` has no header).
fn shown_root(failure: &Failure) -> Option<String> {
    let own = file(&failure.nodeid);
    let paths = failure.frames.iter().map(|frame| frame.path.as_str()).chain(failure.path.as_deref());
    paths.filter(|path| is_absolute(path) && !own.is_empty()).find_map(|path| tally::root_of(path, own))
}

/// pytest did not start: a plugin broke it. The log is a bare traceback without a frame of a test.
fn broken_start(session: &Session) -> Option<String> {
    let mut lines = session.loose.lines().skip_while(|line| !native::is_opening(line)).peekable();
    lines.peek()?;
    let failure = blocks::read(lines);
    let tests = failure.frames.iter().any(|frame| locate::is_test_like(&frame.path));
    (!tests).then(|| format!("{}: {}", failure.exc_type.unwrap_or_default(), failure.message.unwrap_or_default()))
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
                let nodeid = unix_file(nodeid);
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
        let mut lines: HashMap<String, usize> = self
            .told
            .iter()
            .enumerate()
            .filter(|(_, told)| !told.taken)
            .map(|(at, told)| (told.nodeid.clone(), at))
            .collect();
        for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.domain.ends_with(".py")) {
            if let Some(line) = crashed_test(&block.failure).and_then(|test| lines.remove(test)) {
                self.line_of[at] = Some(line);
                self.told[line].taken = true;
            }
        }
    }

    fn failures(self, mut session: Session, teardowns: &HashSet<String>) -> Vec<Failure> {
        let had_blocks = !session.blocks.is_empty();
        let blocks = std::mem::take(&mut session.blocks);
        let mut failures = self.told_by_blocks(&session, blocks);
        let by_line = self.take_entries(&session.entries.entries);
        for (told, entry) in self.told.iter().zip(by_line) {
            let is_believed = self.complete || !had_blocks;
            if !told.taken && is_believed {
                failures.push(told_failure(told, entry, teardowns));
            }
        }
        if self.told.is_empty() && !session.entries.entries.is_empty() {
            failures.extend(session.entries.entries.into_iter().map(|entry| entry.failure));
        } else if self.told.is_empty() {
            told_by_verbose(&session.verbose, teardowns, &mut failures);
        }
        let fragment = !session.has_header && session.run.stopped.is_none();
        if failures.is_empty() && self.told.is_empty() && fragment {
            failures.extend(fragments(session.loose.lines()));
        }
        failures
    }

    /// The failures that blocks tell of, without those that a test printed.
    fn told_by_blocks(&self, session: &Session, blocks: Vec<Block>) -> Vec<Failure> {
        let rootdir = session.run.rootdir.as_deref();
        let mut ids = VerboseIds::new(session);
        let by_verbose = !session.verbose.is_empty();
        let mut accepted = Vec::new();
        for (at, mut block) in blocks.into_iter().enumerate() {
            let line = self.line_of[at].map(|line| &self.told[line]);
            let id = ids.take(&block);
            let is_error = block.phase != Phase::Call;
            let summed_up = self.complete && self.told.iter().any(|told| told.is_error == is_error);
            let doubted = block.tentative && (summed_up || by_verbose || !is_plausible(&block.failure));
            let confirmed = line.is_some() && (self.complete || is_plausible(&block.failure)); // a torn log's summary may be a test's
            if doubted && !confirmed && id.is_none() {
                continue;
            }
            locate::relate(&mut block.failure, rootdir);
            accepted.push((block, line, id));
        }
        let mut files = files_by_letter(session, accepted.iter().map(|(block, ..)| block));
        let name = |(block, line, id): (Block, Option<&Told>, Option<String>)| {
            let file = files.next_for(&block);
            let known = line.map(|line| line.nodeid.clone()).or(id);
            named(block, known, line.and_then(|line| line.text.as_deref()), file.as_deref(), rootdir)
        };
        accepted.into_iter().map(name).collect()
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

/// The node ids of failed tests that `-v` told: the k-th of a domain is the k-th block's.
struct VerboseIds {
    by_domain: HashMap<(bool, String), VecDeque<String>>,
}

impl VerboseIds {
    fn new(session: &Session) -> Self {
        let mut by_domain = HashMap::<_, VecDeque<_>>::new();
        for (nodeid, outcome) in &session.verbose {
            let key = (*outcome == Outcome::Error, domain(nodeid));
            by_domain.entry(key).or_default().push_back(unix_file(nodeid));
        }
        Self { by_domain }
    }

    /// A subtest's id serves all blocks of its test.
    fn take(&mut self, block: &Block) -> Option<String> {
        let ids = self.by_domain.get_mut(&(block.phase != Phase::Call, keyed(&block.test).to_string()))?;
        if ids.len() > 1 && block.domain == block.test { ids.pop_front() } else { ids.front().cloned() }
    }
}

/// The files that progress letters tell, by rank.
#[derive(Default)]
struct FilesByLetter {
    failed: std::vec::IntoIter<Arc<str>>,
    errors: std::vec::IntoIter<Arc<str>>,
}

/// Trusted only where no block's own frames say otherwise.
fn files_by_letter<'a>(session: &Session, blocks: impl Iterator<Item = &'a Block>) -> FilesByLetter {
    let letters = || FilesByLetter {
        failed: session.letters.failed.clone().into_iter(),
        errors: session.letters.errors.clone().into_iter(),
    };
    let mut checked = letters();
    for block in blocks {
        let told = checked.next_for(block);
        let own = locate::test_file(&block.failure).filter(|path| locate::is_test_like(path));
        if let (Some(told), Some(own)) = (told, own)
            && !locate::same_file(own, &told)
        {
            return FilesByLetter::default();
        }
    }
    letters()
}

impl FilesByLetter {
    fn next_for(&mut self, block: &Block) -> Option<Arc<str>> {
        match block.phase {
            Phase::Call => self.failed.next(),
            Phase::Setup | Phase::Teardown => self.errors.next(),
            Phase::Collection | Phase::Conftest => None,
        }
    }
}

/// A node id whose file is written with `/`; parameters keep their backslashes.
fn unix_file(nodeid: &str) -> String {
    let (path, rest) = nodeid.split_at(file(nodeid).len());
    format!("{}{rest}", path.replace('\\', "/"))
}

/// A block's failure with its node id, and with what only the summary's line knows.
fn named(
    block: Block,
    known: Option<String>,
    text: Option<&str>,
    file: Option<&str>,
    rootdir: Option<&str>,
) -> Failure {
    let Block { phase, domain, test, mut failure, .. } = block;
    failure.phase = phase;
    failure.nodeid = match known {
        Some(nodeid) => nodeid,
        None if matches!(phase, Phase::Collection | Phase::Conftest) => {
            let mut paths = failure.frames.iter().map(|frame| frame.path.as_str());
            let relative = paths.find(|path| !is_absolute(path) && locate::same_file(&domain, path));
            relative.map_or_else(|| locate::relative(&domain, rootdir), str::to_string)
        }
        None => {
            let crashed = crashed_test(&failure).map(str::to_string);
            let path = file.or(failure.path.as_deref()).or_else(|| locate::test_file(&failure));
            crashed.unwrap_or_else(|| match (path, domain.strip_prefix("[doctest] ")) {
                (Some(path), Some(doctest)) => format!("{path}::{doctest}"),
                (Some(path), None) => nodeid(path, &test),
                (None, _) => nameless(&test),
            })
        }
    };
    if failure.exc_type.is_none()
        && let Some(text) = text
    {
        let first = text.lines().next().unwrap_or(text);
        failure.exc_type = exception::read(&[first], None).exc_type.filter(|_| first.contains(": "));
    }
    failure
}

/// A failure of which only the summary (and perhaps a `--tb=line` entry) tells.
fn told_failure(told: &Told, entry: Option<Failure>, teardowns: &HashSet<String>) -> Failure {
    let phase = match told.is_error {
        false => Phase::Call,
        true if !told.nodeid.contains("::") => Phase::Collection,
        true if teardowns.contains(told.nodeid.as_str()) => Phase::Teardown,
        true => Phase::Setup,
    };
    let mut failure = entry.unwrap_or_else(|| of_text(told.text.as_deref()));
    let own = file(&told.nodeid);
    if failure.frames.iter().all(|frame| !locate::same_file(&frame.path, own)) {
        failure.path = Some(own.to_string()); // the deepest frame is elsewhere: the test's own line is not told
    }
    failure.nodeid.clone_from(&told.nodeid);
    failure.phase = phase;
    failure
}

fn of_text(text: Option<&str>) -> Failure {
    let Some(text) = text else { return Failure::default() };
    let lines: Vec<_> = text.lines().collect();
    let read = exception::read(&lines, None);
    let is_cut = text.ends_with("...");
    let told = text.strip_suffix("...").unwrap_or(text);
    let named = text.contains(": ") || told.ends_with(':') || text.starts_with("assert ");
    let exc_type = read.exc_type.filter(|_| !is_cut || named); // a name that the width cut is no type
    let introspection = read.message.as_deref().filter(|_| !is_cut).and_then(exception::introspect);
    Failure { exc_type, message: read.message, hint: read.hint, introspection, ..Failure::default() }
}

/// Tests whose `-v` line said that they passed or failed before it said ERROR.
fn teardown_errors(verbose: &[(String, Outcome)], outcomes: &[TestOutcome]) -> HashSet<String> {
    let errors: HashSet<&str> =
        verbose.iter().filter(|(_, outcome)| *outcome == Outcome::Error).map(|(id, _)| id.as_str()).collect();
    let ran = |told: &&TestOutcome| told.outcome != Outcome::Error && told.outcome != Outcome::Rerun;
    let ran = outcomes.iter().filter(ran).filter(|told| errors.contains(told.nodeid.as_str()));
    ran.map(|told| told.nodeid.clone()).collect()
}

/// The run was cut before its blocks: `-v` at least named the tests.
fn told_by_verbose(verbose: &[(String, Outcome)], teardowns: &HashSet<String>, failures: &mut Vec<Failure>) {
    let known: HashSet<(String, bool)> =
        failures.iter().map(|failure| (failure.nodeid.clone(), failure.phase == Phase::Call)).collect();
    for (nodeid, outcome) in verbose {
        let is_call = *outcome == Outcome::Failed;
        let phase = match is_call {
            true => Phase::Call,
            false if teardowns.contains(nodeid.as_str()) => Phase::Teardown,
            false => Phase::Setup,
        };
        let nodeid = unix_file(nodeid);
        if !known.contains(&(nodeid.clone(), is_call)) {
            failures.push(Failure { nodeid, phase, ..Failure::default() });
        }
    }
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
