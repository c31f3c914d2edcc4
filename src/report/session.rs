//! One session's lines, sorted into blocks, summary lines and outcomes as they come.

use std::collections::{HashMap, HashSet};

use super::budget::Budget;
use super::headline::Headline;
use super::letters::Letters;
use super::line_style::Entries;
use super::native;
use super::rule;
use super::summary::{FinalLine, SummaryLine, VerboseLine};
use super::warnings::Warnings;
use super::{Counts, Failure, Outcome, Phase, Run, TestOutcome, blocks, captured, headline, locate};

/// Passing tests beyond this number are counted by pytest, not stored: memory stays flat.
const MAX_OUTCOMES: usize = 50_000;
/// Summary lines and `-v` failures kept.
const MAX_FAILURES: usize = 50_000;
/// Blocks or files that are compared to tell a test's output from pytest's own.
const MAX_COMPARED: usize = 1_000;
/// Text of all summary lines.
const MAX_SUMMARY: usize = 16 << 20;
/// Text of one block; what a block prints beyond is dropped, but for locations and rules.
const MAX_BLOCK: usize = 512 * 1024;

/// What is known of a session so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) run: Run,
    pub(super) blocks: Vec<Block>,
    pub(super) entries: Entries,
    pub(super) summary: Vec<SummaryLine>,
    /// The files of failed and of errored tests, one per progress letter.
    pub(super) letters: Letters,
    /// Failures and errors told by `-v`.
    pub(super) verbose: Vec<(String, Outcome)>,
    pub(super) outcomes: Vec<TestOutcome>,
    /// Seconds per test, of the slowest ones.
    pub(super) durations: HashMap<String, f64>,
    pub(super) warnings: Warnings,
    /// Lines outside of any structure: a log that is only a fragment.
    pub(super) loose: Text,
    pub(super) has_header: bool,
    pub(super) has_summary: bool,
    summary_goes_on: bool,
    summary_text: usize,
    area: Area,
    open: Option<Open>,
    /// A session was printed by a test (pytester).
    nested: bool,
    /// The section was entered from where a test's output may stand.
    soft: bool,
    /// The buffer of the last block, for the next one.
    spare: Text,
    budget: Budget,
}

/// What pytest-timeout's thread method does: it prints the stacks and ends the process. The signal method prints the same
/// and lets the run go on (<https://github.com/pytest-dev/pytest-timeout#how-it-works>).
pub(super) const TIMED_OUT: &str = "pytest-timeout ended pytest in a test that took too long";

/// One failed phase, as printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) phase: Phase,
    pub(super) domain: String,
    /// Where in `domain` a subtest's part begins.
    pub(super) test_end: usize,
    /// Whether the headline stood where a test's output may stand: it counts if the summary confirms it.
    pub(super) tentative: bool,
    /// Whether it stood among the blocks of tests that did not fail.
    pub(super) passed: bool,
    pub(super) failure: Failure,
}

impl Block {
    /// The domain without a subtest's part.
    pub(super) fn test(&self) -> &str {
        &self.domain[..self.test_end]
    }
}

/// The section a line stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Area {
    #[default]
    Progress,
    Errors,
    Failures,
    /// `PASSES`, `XFAILURES`, `XPASSES`: blocks that are no failures.
    Passes,
    Warnings,
    Other,
    Summary,
    Final,
}

/// Bounded lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    text: String,
    /// Where each line ends in `text`, and the next one begins.
    ends: Vec<usize>,
}

impl Text {
    fn push(&mut self, line: &str) {
        let structural = || line.starts_with("---") || rule::Location::read(line).is_some();
        let size = self.text.len() + self.ends.len();
        if size + line.len() < MAX_BLOCK || (size < 2 * MAX_BLOCK && structural()) {
            self.text.push_str(line);
            self.ends.push(self.text.len());
        }
    }

    fn ends_in_exception(&self) -> bool {
        let start = self.ends.len().checked_sub(2).map_or(0, |before| self.ends[before]);
        self.text[start..].starts_with("E  ")
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.text[std::mem::replace(&mut start, end)..end])
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// The block that is being read.
#[derive(Clone, Debug)]
struct Open {
    headline: Headline,
    tentative: bool,
    in_captured: bool,
    /// Opened inside the progress area (sugar, instafail): the next progress line ends it.
    inside_progress: bool,
    text: Text,
}

/// How pytest says that it cannot run what was asked for.
const ERROR: &str = "ERROR: ";

/// The title of the table that pytest-pretty prints in place of the short summary, centred.
const TABLE_OF_FAILURES: &str = "Summary of Failures";

impl Session {
    /// Takes the next line, clean of colours and CI prefixes.
    pub(super) fn push(&mut self, line: &str) {
        match line.as_bytes().first() {
            Some(b'=') => {
                if let Some(title) = rule::title(line, '=')
                    && self.section(title)
                {
                    return;
                }
            }
            Some(b'_' | 0xe2) => {
                if let Some(headline) = Headline::read(line)
                    && !self.is_line_style()
                {
                    return self.open(headline);
                }
            }
            Some(b'!') => {
                if let Some(title) = rule::title(line, '!') {
                    self.close();
                    self.run.stopped.get_or_insert_with(|| title.to_string());
                    return;
                }
            }
            Some(b'I') if line.starts_with("INTERNALERROR> ") => return self.internal_error(line),
            Some(b'I') if self.area == Area::Progress => {
                if let Some(headline) = Headline::of_conftest(line) {
                    return self.open(headline);
                }
            }
            _ => {}
        }
        if self.final_line_without_rules(line) {
            return;
        }
        match self.area {
            _ if self.open.is_some() => self.block_line(line),
            Area::Progress => self.progress_line(line),
            Area::Errors => {}
            Area::Failures => self.entries.push(line),
            Area::Passes => {}
            Area::Other => self.duration_line(line),
            Area::Warnings => self.warnings.push(line),
            Area::Summary | Area::Final if self.soft && self.entries.resumes(line) => {
                self.resume_failures();
                self.entries.push(line);
            }
            Area::Final if self.run.counts == Counts::default() && line.starts_with(ERROR) => self.end_with_error(line),
            Area::Summary | Area::Final => self.summary_line(line),
        }
    }

    /// Whether a new session's start belongs here: a test prints whole sessions (pytester).
    pub(super) fn nests_start(&mut self) -> bool {
        let nested = self.in_captured() || self.summary_was_printed();
        self.nested |= nested;
        nested
    }

    /// Whether a test printed the summary: it stands where output may stand, and names no failure that was read.
    fn summary_was_printed(&self) -> bool {
        self.soft && !self.summary.is_empty() && !self.summary_is_own()
    }

    fn summary_is_own(&self) -> bool {
        let is_sure = |block: &&Block| !block.tentative;
        let doubt_all = !self.blocks.iter().any(|block| is_sure(&block)); // pytest-sugar prints them among the progress
        let sure = self.blocks.iter().filter(|block| doubt_all || is_sure(block)).take(MAX_COMPARED);
        let domains: HashSet<&str> = sure.flat_map(|block| [block.domain.as_str(), block.test()]).collect();
        self.summary.iter().any(|line| {
            let (nodeid, text) = line.split(|domain| domains.contains(domain));
            domains.contains(headline::domain(nodeid).as_ref())
                || text.is_some_and(|text| self.entries.begin_with(text))
        })
    }

    /// Whether the next line may be output of a test.
    pub(super) fn in_captured(&self) -> bool {
        match &self.open {
            Some(open) => open.in_captured,
            None => self.area == Area::Failures && self.entries.in_captured(),
        }
    }

    fn is_line_style(&self) -> bool {
        self.open.is_none() && self.area >= Area::Failures && self.area < Area::Final && self.entries.has_begun()
    }

    /// Whether anything was understood that a second session must not be mixed with.
    pub(super) fn has_content(&self) -> bool {
        self.has_header || !self.blocks.is_empty() || self.open.is_some() || !self.summary.is_empty()
    }

    /// Whether a failure lies in a test file that the run did not name among those it ran.
    pub(super) fn is_strange(&self, failure: &Failure) -> bool {
        let Some(own) = locate::test_file(failure).filter(|path| locate::is_test_like(path)) else { return false };
        let told = &self.letters.told;
        (1..MAX_COMPARED).contains(&told.len()) && !told.iter().any(|(file, _)| locate::same_file(own, file))
    }

    /// Whether a section title opens a new session: `-q` prints no start.
    pub(super) fn is_over_before(&self, line: &str) -> bool {
        self.area >= Area::Summary
            && !self.nested
            && matches!(rule::title(line, '='), Some("ERRORS" | "FAILURES"))
            && (self.area == Area::Final || self.run.complete)
            && !self.summary_was_printed()
    }

    /// Whether a test is known to have run, though no structure shows yet.
    pub(super) fn has_begun(&self) -> bool {
        !self.outcomes.is_empty() || !self.letters.told.is_empty()
    }

    /// The session of the next environment: both share what memory there is.
    pub(super) fn successor(&self) -> Self {
        Self { budget: self.budget.clone(), entries: self.entries.successor(), ..Self::default() }
    }

    /// The session as far as it came, with the open block read.
    pub(super) fn closed(mut self) -> Self {
        let in_run = self.has_header || matches!(self.area, Area::Errors | Area::Failures);
        let is_torn = in_run && self.open.is_some();
        self.close();
        if let Some(last) = self.blocks.last_mut().filter(|last| is_torn && last.failure.exc_type.is_none()) {
            last.failure.message = None; // what stands above a traceback is no message
        }
        self.entries.finish();
        if self.summary_was_printed() {
            self.resume_failures(); // the log ends in what a test printed
        }
        self
    }

    /// Enters a section; false where the rule is text.
    fn section(&mut self, title: &str) -> bool {
        let in_captured = self.in_captured();
        let area = match title {
            "test session starts" => {
                self.has_header |= !in_captured;
                return !in_captured;
            }
            "ERRORS" => Area::Errors,
            "FAILURES" => Area::Failures,
            "XFAILURES" | "PASSES" | "XPASSES" => Area::Passes,
            "warnings summary" | "warnings summary (final)" => Area::Warnings,
            "short test summary info" | "rerun test summary info" => Area::Summary,
            _ => match FinalLine::read(title) {
                Some(line) => return self.final_line(line),
                None if in_captured => return false,
                None if self.area == Area::Progress && !title.starts_with("slowest ") => return false,
                None => Area::Other,
            },
        };
        if area <= self.area && area <= Area::Failures {
            return self.open.is_none(); // printed by a test, or printed twice
        }
        self.soft = in_captured || self.open.as_ref().is_some_and(|open| open.tentative);
        self.close();
        if area == Area::Summary {
            self.clear_summary();
            self.summary_goes_on = false;
            self.has_summary = true;
        }
        self.area = area;
        true
    }

    fn final_line(&mut self, line: FinalLine) -> bool {
        self.close();
        self.run.counts = line.counts;
        self.run.duration = line.duration;
        self.run.complete = true;
        self.area = Area::Final;
        true
    }

    /// `-q` prints the counts bare: `1 failed, 2 passed in 0.03s`.
    fn final_line_without_rules(&mut self, line: &str) -> bool {
        if let Some(seconds) = results_line(line) {
            self.soft = self.in_captured();
            return self.final_line(FinalLine { counts: Counts::default(), duration: seconds.parse().ok() });
        }
        if self.area == Area::Final || !line.ends_with(['s', ')']) {
            return false;
        }
        let first = line.as_bytes().first().copied().unwrap_or(b' ');
        if !(first.is_ascii_digit() || line.starts_with("no tests ran in ")) {
            return false;
        }
        FinalLine::read(line).is_some_and(|line| self.final_line(line))
    }

    fn open(&mut self, headline: Headline) {
        let tentative = match &self.open {
            Some(open) => open.in_captured || open.inside_progress,
            None => !matches!(self.area, Area::Errors | Area::Failures),
        };
        let inside_progress = self.area == Area::Progress && headline.phase != Phase::Conftest;
        let tentative = (tentative || self.soft) && headline.phase != Phase::Conftest;
        self.soft = false;
        self.close();
        if matches!(self.area, Area::Summary | Area::Final) {
            self.resume_failures();
        }
        self.open = Some(Open {
            headline,
            tentative,
            in_captured: false,
            inside_progress,
            text: std::mem::take(&mut self.spare),
        });
    }

    fn clear_summary(&mut self) {
        self.summary.clear();
        self.summary_text = 0;
    }

    /// The summary and the counts that were read were printed by a test.
    fn resume_failures(&mut self) {
        self.area = Area::Failures;
        self.clear_summary();
        self.has_summary = false;
        self.run.complete = false;
        self.run.counts = Counts::default();
        self.run.duration = None;
    }

    fn block_line(&mut self, line: &str) {
        let Some(open) = &mut self.open else { return };
        let goes_on = line == "E" && open.text.ends_in_exception(); // a blank line of a message, not an error's letter
        if open.inside_progress && !goes_on && is_progress(line) {
            self.close();
            return self.progress_line(line);
        }
        if line.starts_with("          ") && line.trim() == TABLE_OF_FAILURES {
            self.soft = open.in_captured;
            self.area = Area::Other;
            return self.close();
        }
        open.in_captured = open.in_captured || captured::section(line).is_some();
        open.text.push(line);
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if self.budget.is_spent() {
            return;
        }
        let Some(failure) = self.budget.admit(blocks::read(open.text.lines())) else { return };
        open.text.clear();
        self.spare = open.text;
        let test_end = open.headline.without_subtest().len();
        let Headline { phase, domain } = open.headline;
        let passed = self.area == Area::Passes;
        self.blocks.push(Block { phase, domain, test_end, tentative: open.tentative || passed, passed, failure });
    }

    fn progress_line(&mut self, line: &str) {
        if self.letters.read(line) {
        } else if let Some(told) = VerboseLine::read(line) {
            self.verbose_line(told);
        } else if self.has_header {
            self.header_line(line);
        } else {
            self.headless_line(line);
        }
    }

    fn verbose_line(&mut self, told: VerboseLine<'_>) {
        let failed = matches!(told.outcome, Outcome::Failed | Outcome::Error);
        if failed && self.verbose.len() < MAX_FAILURES {
            self.verbose.push((told.nodeid.to_string(), told.outcome));
        }
        self.outcome(told.nodeid, told.outcome);
    }

    fn outcome(&mut self, nodeid: &str, outcome: Outcome) {
        if self.outcomes.len() < MAX_OUTCOMES {
            self.outcomes.push(TestOutcome { nodeid: nodeid.to_string(), outcome, duration: None });
        }
    }

    fn header_line(&mut self, line: &str) {
        if self.run.rootdir.is_none()
            && let Some(root) = line.strip_prefix("rootdir: ")
        {
            let end = [", configfile:", ", inifile:", ", testpaths:"].iter().filter_map(|key| root.find(key)).min();
            self.run.rootdir = Some(root[..end.unwrap_or(root.len())].trim_end().to_string());
        } else if let Some(python) = interpreter(line) {
            self.run.python = Some(python.to_string());
        } else if line.contains("Fatal Python error: ") {
            self.run.stopped.get_or_insert_with(|| line[line.find("Fatal").unwrap_or(0)..].trim().to_string());
        } else if line.trim_end_matches('+').ends_with("+ Timeout ") {
            self.run.stopped.get_or_insert_with(|| TIMED_OUT.to_string());
        } else if let Some(frame) = native::frame(line).filter(|frame| locate::is_test_like(&frame.path))
            && self.run.stopped.as_deref().is_some_and(|why| why.starts_with(TIMED_OUT))
        {
            self.run.stopped = Some(format!("{TIMED_OUT} at {}:{}", frame.path, frame.line));
        }
    }

    /// Before a header, or in a log that has none.
    fn headless_line(&mut self, line: &str) {
        if line.starts_with(ERROR) {
            self.end_with_error(line);
        } else if let Some(error) = self.error_of_usage(line) {
            self.run.stopped = Some(error);
        } else if line.starts_with("Test session starts (platform:") {
            self.has_header = true;
        } else if SummaryLine::read(line).is_some() {
            self.summary_line(line);
        } else {
            self.loose.push(line);
        }
    }

    /// `unrecognized arguments: --cov=shop` of the line below `usage: pytest [options] …`.
    fn error_of_usage(&self, line: &str) -> Option<String> {
        let is_usage = self.run.stopped.as_deref().is_some_and(|why| why.starts_with("usage: "));
        line.split_once(": error: ").filter(|_| is_usage).map(|(_, error)| error.trim_end().to_string())
    }

    /// `ERROR: file or directory not found: tests/gone.py`: pytest said why it ended.
    fn end_with_error(&mut self, line: &str) {
        self.run.stopped.get_or_insert_with(|| line[ERROR.len()..].trim_end().to_string());
        self.run.complete = true;
    }

    fn summary_line(&mut self, line: &str) {
        if let Some(line) = SummaryLine::read(line) {
            self.summary_goes_on = self.summary.len() < MAX_FAILURES && self.summary_text < MAX_SUMMARY;
            if self.summary_goes_on {
                self.summary_text += line.rest.len();
                self.summary.push(line);
            }
        } else if let Some((word, rest)) = line.split_once(' ')
            && let Some(outcome) = super::summary::outcome(word)
        {
            self.summary_goes_on = false;
            if rest.contains("::") {
                self.outcome(rest.split(" - ").next().unwrap_or(rest), outcome);
            }
        } else if let Some((number, word)) = line.trim().split_once(' ')
            && line.starts_with("   ")
            && self.area == Area::Final
            && let Ok(number) = number.parse()
        {
            super::summary::count(&mut self.run.counts, word, number); // below `Results (0.04s):`
        } else if self.summary_goes_on
            && self.area == Area::Summary
            && self.summary_text < MAX_SUMMARY
            && let Some(last) = self.summary.last_mut()
        {
            self.summary_text += line.len();
            last.go_on(line); // in CI and with -vv a message is printed with all its lines
        }
    }

    /// `0.12s call     id`, of the slowest durations: a test's phases together.
    fn duration_line(&mut self, line: &str) {
        let told =
            line.trim_start().split_once("s ").and_then(|(seconds, rest)| Some((seconds.parse::<f64>().ok()?, rest)));
        if let Some((seconds, rest)) = told
            && let Some((phase, nodeid)) = rest.split_once(' ')
            && matches!(phase, "call" | "setup" | "teardown")
            && self.durations.len() < MAX_OUTCOMES
        {
            *self.durations.entry(nodeid.trim().to_string()).or_default() += seconds;
        }
    }

    /// `INTERNALERROR> ` + a native traceback; the last column-0 line names the exception.
    fn internal_error(&mut self, line: &str) {
        self.close();
        let text = line["INTERNALERROR> ".len()..].trim_end();
        if !text.starts_with(' ') && !text.is_empty() && !native::is_opening(text) {
            self.run.stopped = Some(format!("internal error: {text}"));
        }
    }
}

/// The seconds of `Results (0.04s):`, which pytest-sugar and pytest-pretty print in place of the final line; counts
/// stand below, one a line.
fn results_line(line: &str) -> Option<&str> {
    line.strip_prefix("Results (")?.strip_suffix("s):")
}

/// A line of the progress area: `tests/a.py F [ 5%]`, ` tests/a.py ⨯ 7% ▊`, a lone `F`.
fn is_progress(line: &str) -> bool {
    let letters = !line.is_empty() && line.chars().all(|c| ".FEsxXRu,".contains(c));
    let line = line.trim_end();
    letters
        || line.ends_with("%]")
        || line.ends_with(|c| ('\u{2588}'..='\u{258f}').contains(&c))
        || line.contains(" \u{2a2f} ") // pytest-sugar's failure
        || super::letters::are_progress(line)
        || VerboseLine::read(line).is_some()
}

/// `/p/.venv/bin/python` of `platform linux -- Python 3.12.1, pytest-8.3.4, pluggy-1.5.0 -- /p/.venv/bin/python`.
fn interpreter(line: &str) -> Option<&str> {
    let (platform, python) = line.strip_prefix("platform ")?.rsplit_once(" -- ")?;
    platform.contains(" -- Python ").then(|| python.trim())
}
