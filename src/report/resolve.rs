//! A session's pieces joined: which block is which node id, what only the summary or `-v` knows, what a test
//! only printed.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::headline::{domain, file, nameless, nodeid};
use super::line_style::Entry;
use super::rule::is_absolute;
use super::session::{self, Block, Session};
use super::{Failure, Outcome, Phase, Report, TestOutcome, blocks, exception, locate, native, tally};

/// The report of one closed session.
pub(super) fn report(mut session: Session) -> Report {
    if !session.has_header && (session.has_summary || session.letters.are_all_well()) {
        session.run.complete = true; // -qq prints no final line
    }
    if !session.has_header && session.run.stopped.is_none() {
        session.run.stopped = broken_start(&session);
    }
    if session.run.complete {
        session.run.stopped.take_if(|why| why.starts_with(session::TIMED_OUT));
    }
    let mut outcomes = std::mem::take(&mut session.outcomes);
    let warnings = std::mem::take(&mut session.warnings.found);
    let durations = std::mem::take(&mut session.durations);
    let blocks = std::mem::take(&mut session.blocks);
    let entries = std::mem::take(&mut session.entries.entries);
    let teardowns = teardown_errors(&session.verbose, &outcomes);
    let letters = session.letters.told.iter().map(|(file, count)| (file.to_string(), *count)).collect();
    let mut failures = Joined::new(&session, &blocks).failures(&session, blocks, entries, &teardowns);
    let run = session.run;
    let rootdir = run.rootdir.clone().or_else(|| failures.iter().find_map(shown_root)).map(locate::Root::new);
    for failure in &mut failures {
        locate::relate(failure, rootdir.as_ref());
        if failure.nodeid.is_empty()
            && let Some(frame) = failure.frames.first()
        {
            failure.nodeid.clone_from(&frame.path); // a `--tb=line` entry without a summary: its file stands in
        }
        let nodeid = std::mem::take(&mut failure.nodeid);
        locate::site(failure, Some(file(&nodeid)).filter(|file| !file.is_empty()));
        failure.nodeid = nodeid;
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

/// One outcome per test: the last one told, in the order of the first.
fn latest(outcomes: Vec<TestOutcome>) -> Vec<TestOutcome> {
    let mut places = HashMap::<&str, usize>::with_capacity(outcomes.len());
    let mut latest = Vec::with_capacity(outcomes.len());
    for (at, outcome) in outcomes.iter().enumerate() {
        match places.entry(&outcome.nodeid) {
            Slot::Occupied(place) => latest[*place.get()] = at,
            Slot::Vacant(place) => {
                place.insert(latest.len());
                latest.push(at);
            }
        }
    }
    if latest.len() == outcomes.len() {
        return outcomes;
    }
    let mut outcomes: Vec<_> = outcomes.into_iter().map(Some).collect();
    latest.into_iter().filter_map(|at| outcomes[at].take()).collect()
}

/// Whether a path is the end of a longer one.
fn is_end(short: &str, long: &str) -> bool {
    !short.is_empty() && long.strip_suffix(short).is_some_and(|before| before.ends_with('/'))
}

/// The summary's lines, split, and which block each belongs to.
struct Joined<'a> {
    told: Vec<Told<'a>>,
    /// Per block: its summary line.
    line_of: Vec<Option<usize>>,
    complete: bool,
}

/// A line of the summary.
struct Told<'a> {
    nodeid: Cow<'a, str>,
    domain: Cow<'a, str>,
    text: Option<&'a str>,
    is_error: bool,
    taken: bool,
}

impl<'a> Joined<'a> {
    fn new(session: &'a Session, blocks: &[Block]) -> Self {
        let mut domains: HashSet<&str> = blocks.iter().map(|block| keyed(&block.domain)).collect();
        domains
            .extend(blocks.iter().filter(|block| block.test_end < block.domain.len()).map(|block| keyed(block.test())));
        let told: Vec<_> = session
            .summary
            .iter()
            .map(|line| {
                let (nodeid, text) = line.split(|domain| domains.contains(domain));
                Told { nodeid: unix_file(nodeid), domain: domain(nodeid), text, is_error: line.is_error, taken: false }
            })
            .collect();
        let mut joined = Self { told, line_of: vec![None; blocks.len()], complete: session.run.complete };
        joined.join(blocks, true);
        joined.join(blocks, false);
        joined.join_by_name(blocks);
        joined.join_collections(blocks);
        joined.join_crashed_workers(blocks);
        joined
    }

    /// The k-th block of a domain is the k-th summary line of that domain: both lists have one order. Where a
    /// domain has more blocks than lines, the surplus was printed by a test. pytest-sugar calls setup errors
    /// FAILED too: without `same_word`, any line that is left fits.
    fn join(&mut self, blocks: &[Block], same_word: bool) {
        if self.told.iter().all(|told| told.taken) || self.line_of.iter().all(Option::is_some) {
            return;
        }
        let mut lines = Queues::new(&self.told, same_word);
        let mut found = Vec::new();
        for trusted in [true, false] {
            for (at, block) in blocks.iter().enumerate().filter(|(at, _)| self.line_of[*at].is_none()) {
                let is_trusted = !block.tentative || is_plausible(&block.failure);
                if is_trusted != trusted {
                    continue;
                }
                let is_error = block.phase != Phase::Call;
                let mut next = |domain| lines.pop(is_error, keyed(domain));
                if let Some(line) = next(&block.domain).or_else(|| next(block.test())) {
                    found.push((at, line));
                }
            }
        }
        for (at, line) in found {
            self.line_of[at] = Some(line);
            self.told[line].taken = true;
        }
    }

    /// Where a plugin's collectors stand between the module and its tests (pytest-describe), the headline has the
    /// test's own name alone.
    fn join_by_name(&mut self, blocks: &[Block]) {
        let mut lines = HashMap::<(bool, String), VecDeque<usize>>::new();
        for (at, told) in self.told.iter().enumerate().filter(|(_, told)| !told.taken) {
            if let Some(name) = own_name(&told.domain) {
                lines.entry((told.is_error, name.to_string())).or_default().push_back(at);
            }
        }
        if lines.is_empty() {
            return;
        }
        for (block, line_of) in blocks.iter().zip(&mut self.line_of).filter(|(_, line_of)| line_of.is_none()) {
            let Some(left) = lines.get_mut(&(block.phase != Phase::Call, keyed(&block.domain).to_string())) else {
                continue;
            };
            let own = block.failure.path.as_deref().or_else(|| locate::test_file(&block.failure));
            let is_here = |line: &usize| own.is_some_and(|own| locate::same_file(own, file(&self.told[*line].nodeid)));
            if let Some(line) = left.iter().position(is_here).and_then(|place| left.remove(place)) {
                *line_of = Some(line);
                self.told[line].taken = true;
            }
        }
    }

    /// `____ ERROR collecting tests/test_a.py ____` is told from rootdir, `ERROR packages/one/tests/test_a.py` from the
    /// folder where pytest was started: above rootdir as here, or below.
    fn join_collections(&mut self, blocks: &[Block]) {
        for (block, line_of) in blocks.iter().zip(&mut self.line_of).filter(|(_, line_of)| line_of.is_none()) {
            let is_same = |told: &Told<'_>| {
                let path = told.nodeid.as_ref();
                told.is_error && !told.taken && (is_end(&block.domain, path) || is_end(path, &block.domain))
            };
            if block.phase == Phase::Collection
                && let Some(line) = self.told.iter().position(is_same)
            {
                *line_of = Some(line);
                self.told[line].taken = true;
            }
        }
    }

    /// `____ tests/test_crash.py ____` with the test's name in the text.
    fn join_crashed_workers(&mut self, blocks: &[Block]) {
        let mut crashed = blocks.iter().enumerate().filter(|(_, block)| block.domain.ends_with(".py")).peekable();
        if crashed.peek().is_none() {
            return;
        }
        let free = self.told.iter().enumerate().filter(|(_, told)| !told.taken);
        let mut lines: HashMap<String, usize> = free.map(|(at, told)| (told.nodeid.to_string(), at)).collect();
        for (at, block) in crashed {
            if let Some(line) = crashed_test(&block.failure).and_then(|test| lines.remove(test)) {
                self.line_of[at] = Some(line);
                self.told[line].taken = true;
            }
        }
    }

    fn failures(
        self,
        session: &Session,
        blocks: Vec<Block>,
        entries: Vec<Entry>,
        teardowns: &HashSet<String>,
    ) -> Vec<Failure> {
        let is_believed = self.complete || blocks.is_empty();
        let mut failures = self.told_by_blocks(session, blocks);
        let mut next = 0;
        for (at, told) in self.told.iter().enumerate().filter(|(_, told)| !told.taken && is_believed) {
            let entry = entry_of(told, self.told.get(at + 1), &entries[next..]);
            next += entry.map_or(0, |at| at + 1);
            let entry = entry.map(|_| entries[next - 1].failure.clone());
            failures.push(told_failure(told, entry, teardowns));
        }
        if self.told.is_empty() && !entries.is_empty() {
            failures.extend(entries.into_iter().map(|entry| entry.failure));
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
    fn told_by_blocks(&self, session: &Session, mut blocks: Vec<Block>) -> Vec<Failure> {
        let rootdir = session.run.rootdir.as_deref().map(locate::Root::new);
        let mut ids = VerboseIds::new(session);
        let by_verbose = !session.verbose.is_empty();
        let [calls, errors] = [false, true].map(|is_error| self.told.iter().any(|told| told.is_error == is_error));
        let mut known = Vec::with_capacity(blocks.len());
        let mut lines = self.line_of.iter();
        blocks.retain_mut(|block| {
            let line = lines.next().copied().flatten().map(|line| &self.told[line]);
            let id = ids.take(block);
            let summed_up = self.complete && if block.phase == Phase::Call { calls } else { errors };
            let doubted = block.tentative
                && (summed_up
                    || by_verbose
                    || block.passed
                    || !is_plausible(&block.failure)
                    || (!self.complete && block.failure.frames.is_empty()) // cut before it says where: maybe a test's
                    || session.is_strange(&block.failure));
            let confirmed = line.is_some() && (self.complete || is_plausible(&block.failure)); // a torn log's summary may be a test's
            let accepted = !doubted || confirmed || id.is_some();
            if accepted {
                locate::relate(&mut block.failure, rootdir.as_ref());
                known.push((line, id));
            }
            accepted
        });
        let mut files = files_by_letter(session, blocks.iter());
        let name = |(block, (line, id)): (Block, (Option<&Told<'_>>, Option<String>))| {
            let file = files.next_for(&block);
            let known = line.map(|line| line.nodeid.to_string()).or(id);
            named(block, known, line.and_then(|line| line.text), file.as_deref(), rootdir.as_ref())
        };
        blocks.into_iter().zip(known).map(name).collect()
    }
}

/// Which of the next `--tb=line` entries a `FAILED` line is about: both have one order. Some lines have no entry (no
/// crash location), so one is taken when its text begins as the line's does, and left when only the following line can
/// mean it.
fn entry_of(told: &Told<'_>, following: Option<&Told<'_>>, entries: &[Entry]) -> Option<usize> {
    const LOOK_AHEAD: usize = 32;
    if told.is_error {
        return None;
    }
    let at = entries.iter().take(LOOK_AHEAD).position(|entry| agrees(entry, told))?;
    let is_of_following = |told: &Told<'_>| {
        let rest = entries[at + 1..].iter().take(LOOK_AHEAD);
        told.text.is_some() && agrees(&entries[at], told) && !rest.into_iter().any(|entry| agrees(entry, told))
    };
    (told.text.is_some() || !following.is_some_and(is_of_following)).then_some(at)
}

fn agrees(entry: &Entry, told: &Told<'_>) -> bool {
    match told.text {
        Some(text) => {
            let text = text.strip_suffix("...").unwrap_or(text).trim_end();
            entry.text.starts_with(text.lines().next().unwrap_or(text))
        }
        None => match entry.failure.frames.first() {
            Some(at) => locate::same_file(&at.path, file(&told.nodeid)),
            None => true,
        },
    }
}

/// Summary lines by domain, each domain's in their order.
struct Queues<'a> {
    same_word: bool,
    /// The first line of a domain that is left, and the last one.
    ends: HashMap<(bool, &'a str), (Option<usize>, usize)>,
    /// Per line: the next one of its domain.
    next: Vec<Option<usize>>,
}

impl<'a> Queues<'a> {
    fn new(told: &'a [Told<'_>], same_word: bool) -> Self {
        let mut queues = Self { same_word, ends: HashMap::with_capacity(told.len()), next: vec![None; told.len()] };
        for (at, told) in told.iter().enumerate().filter(|(_, told)| !told.taken) {
            match queues.ends.entry((same_word && told.is_error, &told.domain)) {
                Slot::Occupied(mut ends) => {
                    queues.next[ends.get().1] = Some(at);
                    ends.get_mut().1 = at;
                }
                Slot::Vacant(place) => {
                    place.insert((Some(at), at));
                }
            }
        }
        queues
    }

    fn pop(&mut self, is_error: bool, domain: &'a str) -> Option<usize> {
        let (first, _) = self.ends.get_mut(&(self.same_word && is_error, domain))?;
        let line = (*first)?;
        *first = self.next[line];
        Some(line)
    }
}

/// The key of a domain: doctests carry a mark in their headline only.
fn keyed(domain: &str) -> &str {
    domain.strip_prefix("[doctest] ").unwrap_or(domain)
}

/// The test's name in `describe_cart.describe_total.adds[1]`; `None` where nothing stands before it.
fn own_name(domain: &str) -> Option<&str> {
    let names = domain.find('[').unwrap_or(domain.len());
    domain[..names].rfind('.').map(|dot| &domain[dot + 1..])
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
            let key = (*outcome == Outcome::Error, domain(nodeid).into_owned());
            by_domain.entry(key).or_default().push_back(unix_file(nodeid).into_owned());
        }
        Self { by_domain }
    }

    /// A subtest's id serves all blocks of its test.
    fn take(&mut self, block: &Block) -> Option<String> {
        if self.by_domain.is_empty() {
            return None;
        }
        let ids = self.by_domain.get_mut(&(block.phase != Phase::Call, keyed(block.test()).to_string()))?;
        if ids.len() > 1 && block.domain == block.test() { ids.pop_front() } else { ids.front().cloned() }
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
    if session.letters.failed.is_empty() && session.letters.errors.is_empty() {
        return FilesByLetter::default();
    }
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
fn unix_file(nodeid: &str) -> Cow<'_, str> {
    let (path, rest) = nodeid.split_at(file(nodeid).len());
    if path.contains('\\') { format!("{}{rest}", path.replace('\\', "/")).into() } else { nodeid.into() }
}

/// A block's failure with its node id, and with what only the summary's line knows.
fn named(
    block: Block,
    known: Option<String>,
    text: Option<&str>,
    file: Option<&str>,
    rootdir: Option<&locate::Root>,
) -> Failure {
    let Block { phase, domain, test_end, mut failure, .. } = block;
    let test = &domain[..test_end];
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
                (Some(path), None) => nodeid(path, test),
                (None, _) => nameless(test),
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
fn told_failure(told: &Told<'_>, entry: Option<Failure>, teardowns: &HashSet<String>) -> Failure {
    let phase = match told.is_error {
        false => Phase::Call,
        true if !told.nodeid.contains("::") => Phase::Collection,
        true if teardowns.contains(told.nodeid.as_ref()) => Phase::Teardown,
        true => Phase::Setup,
    };
    let mut failure = entry.unwrap_or_else(|| of_text(told.text));
    let own = file(&told.nodeid);
    if failure.frames.iter().all(|frame| !locate::same_file(&frame.path, own)) {
        failure.path = Some(own.to_string()); // the deepest frame is elsewhere: the test's own line is not told
    }
    failure.nodeid = told.nodeid.to_string();
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
    let is_told =
        |message: &String| !is_cut || !matches!(message.as_str(), "" | "...") && (named || text.contains(' '));
    let message = read.message.filter(is_told); // else it was cut off before the message began
    Failure { exc_type, message, hint: read.hint, introspection, ..Failure::default() }
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
        let nodeid = unix_file(nodeid).into_owned();
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
