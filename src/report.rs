//! What was understood from finished or running pytest runs, whatever format they were printed in.

mod ansi;
mod blocks;
mod budget;
mod captured;
mod detect;
mod environments;
pub mod events;
mod exception;
mod headline;
mod json_report;
mod junit_xml;
mod letters;
mod line_style;
mod lines;
mod locate;
mod merge;
mod native;
mod prefix;
pub mod rebase;
mod reportlog;
mod resolve;
mod rule;
mod session;
mod summary;
mod tally;
mod terminal;
mod unittest_diff;
mod utf16;
mod warnings;

use std::io;

use serde::{Deserialize, Serialize};

/// One or more runs, read: the outcomes of their tests and every failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The runs, in the order they were read.
    pub runs: Vec<Run>,
    /// Every failed phase of every test, in the order it happened.
    pub failures: Vec<Failure>,
    /// The warnings that pytest summed up.
    pub warnings: Vec<Warning>,
    /// Outcome of each test the run names; a run that prints only dots names none.
    #[serde(skip)]
    pub outcomes: Vec<TestOutcome>,
    /// Files of which the run told only letters (`tests/test_a.py ..F`), each with their number.
    #[serde(skip)]
    pub letters: Vec<(String, usize)>,
}

/// One execution of pytest.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// The file the run was read from, `-` for stdin.
    pub source: Option<String>,
    /// Which reader understood it.
    pub format: Format,
    /// The tox environment, nox session or CI job whose run it is, where the log says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// pytest's rootdir: node ids are relative to it.
    pub rootdir: Option<String>,
    /// The command line, where the format carries it.
    pub command: Option<String>,
    /// The interpreter, where the log names it: `pytest -v` does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    /// How the tests ended, as pytest counted.
    pub counts: Counts,
    /// Seconds.
    pub duration: Option<f64>,
    /// Whether the run came to its end. A torn or growing log is incomplete.
    pub complete: bool,
    /// What stopped the run or kept it from starting: a usage error, an internal error, an interrupt.
    pub stopped: Option<String>,
}

/// What a run is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// What pytest prints to a terminal.
    #[default]
    Terminal,
    /// `--junit-xml`.
    JunitXml,
    /// pytest-reportlog's JSON lines.
    Reportlog,
    /// pytest-json-report.
    JsonReport,
    /// Our own plugin's events.
    Events,
}

/// pytest's closing counts; `None` where the format does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Counts {
    pub passed: Option<u64>,
    pub failed: Option<u64>,
    pub errors: Option<u64>,
    pub skipped: Option<u64>,
    pub deselected: Option<u64>,
    pub xfailed: Option<u64>,
    pub xpassed: Option<u64>,
    pub warnings: Option<u64>,
    pub rerun: Option<u64>,
}

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TestOutcome {
    /// The test.
    pub nodeid: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// Seconds, all phases together.
    pub duration: Option<f64>,
}

/// pytest's words for how a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
    Xfailed,
    Xpassed,
    Rerun,
}

/// The part of a test's life in which it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Importing the test module.
    Collection,
    /// Importing a conftest.
    Conftest,
    /// Making its fixtures.
    Setup,
    /// The test function itself.
    #[default]
    Call,
    /// Tearing its fixtures down.
    Teardown,
}

/// One failed phase of one test.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Failure {
    /// `tests/test_a.py::TestB::test_c[1]`; the file alone for a collection failure.
    pub nodeid: String,
    /// When it failed.
    pub phase: Phase,
    /// The test file (or its helper or conftest, where no frame lies in the test file), relative to
    /// rootdir with `/`.
    pub path: Option<String>,
    /// The 1-based line in `path` where the failure surfaces.
    pub line: Option<u32>,
    /// The bare class name of the exception: `KeyError`, `OutOfStock`.
    pub exc_type: Option<String>,
    /// `str(exception)`: without its type, and without the hint that CPython adds when it prints it.
    pub message: Option<String>,
    /// CPython's suggestion, as printed: `Did you mean: 'add_item'?`.
    pub hint: Option<String>,
    /// The traceback of the last exception, outermost first.
    pub frames: Vec<Frame>,
    /// Both sides of a failed comparison.
    pub introspection: Option<Introspection>,
    /// What the test printed.
    pub captured: Captured,
    /// The exceptions that led to this one, newest first.
    pub chain: Vec<Cause>,
    /// The exceptions of a group.
    pub group: Vec<Cause>,
    /// Names pytest offered when a fixture was not found.
    pub available_fixtures: Vec<String>,
    /// The environments it failed in, where the log tells of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Facts recorded at the moment of failure by our plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<Box<RuntimeEvidence>>,
}

impl Failure {
    /// `KeyError: 'sku'`: the type and the first line of the message, as far as they are known.
    pub fn headline(&self) -> Option<String> {
        let message = self.message.as_deref().and_then(|message| message.lines().find(|line| !line.trim().is_empty()));
        match (self.exc_type.as_deref(), message) {
            (Some(exc_type), Some(message)) => Some(format!("{exc_type}: {message}")),
            (exc_type, message) => exc_type.or(message).map(str::to_string),
        }
    }
}

/// One entry of a traceback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Frame {
    /// As printed, `/` for separators, relative to rootdir where it lies below.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// The function, where the style names it.
    pub function: Option<String>,
    /// The source line, as printed.
    pub text: Option<String>,
}

/// The two sides of a failed comparison, as pytest shows them (possibly shortened with `...`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Introspection {
    /// Left of the operator.
    pub left: String,
    /// `==`, `in`, `is not` …
    pub op: String,
    /// Right of the operator.
    pub right: String,
}

/// What was captured, all phases together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Captured {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// An exception beside the one that failed the test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Cause {
    /// Its bare class name.
    pub exc_type: Option<String>,
    /// Its message.
    pub message: Option<String>,
    /// Its traceback, outermost first.
    pub frames: Vec<Frame>,
}

/// A warning from pytest's warnings summary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Warning {
    /// Where it was raised, as printed.
    pub path: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// `DeprecationWarning`.
    pub category: Option<String>,
    /// Its text.
    pub message: String,
    /// The tests that raised it.
    pub nodeids: Vec<String>,
}

/// Facts seen at run time, where the failure happened. Values are bounded text.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct RuntimeEvidence {
    /// The type of the object whose attribute or key was missing: `shop.cart.Cart`.
    pub receiver_type: Option<String>,
    /// Where that type is defined.
    pub receiver_place: Option<Frame>,
    /// Its public names.
    pub public_names: Vec<String>,
    /// The keys of the mapping that was read.
    pub keys: Vec<String>,
    /// The function that refused its arguments, or the object the value was taken from: `shop.cart.Cart.add`.
    pub callee: Option<String>,
    /// The signature of that function: `(self, sku, quantity=1)`.
    pub signature: Option<String>,
    /// The coroutine function whose result was used without `await`.
    pub coroutine: Option<String>,
    /// HTTP responses among the locals of the failing frames, innermost first.
    pub responses: Vec<HttpResponse>,
    /// `repr` of the left side of the failed comparison.
    pub left: Option<String>,
    /// `repr` of the right side.
    pub right: Option<String>,
    /// Whether both are whole: dots in them are the value's own.
    pub whole: bool,
    /// Fixtures the test could have asked for.
    pub fixtures: Vec<String>,
}

/// An HTTP response that a local variable held when the test failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct HttpResponse {
    /// The variable.
    pub name: String,
    /// Its status code.
    pub status: Option<u16>,
    /// The beginning of its body.
    pub body: Option<String>,
}

/// Reads a finished run of any format.
pub fn parse(bytes: &[u8]) -> Report {
    let mut reader = Reader::default();
    reader.feed(bytes);
    reader.finish()
}

/// Reads a finished run of any format to its end, piece by piece: it may be larger than the memory.
pub fn read(mut input: impl io::Read) -> io::Result<Report> {
    let mut reader = Reader::default();
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(reader.finish()),
            Ok(length) => reader.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// How much of a run is read at once, in bytes.
const PIECE: usize = 256 * 1024;

/// Reads a run while it grows: failures appear as soon as they are known. The format shows in the first bytes.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The bytes that the format is detected from.
    head: Vec<u8>,
    state: Option<State>,
    utf16: Option<utf16::Decoder>,
}

#[derive(Clone, Debug)]
enum State {
    Terminal(Box<terminal::Terminal>),
    Reportlog(lines::Lines, Box<reportlog::Reportlog>),
    Events(lines::Lines, Box<events::Stream>),
    JunitXml(Box<junit_xml::Document>),
    /// A document is understood when it is whole.
    JsonReport(Vec<u8>),
}

impl Reader {
    /// Takes the next bytes, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        match &mut self.utf16 {
            Some(decoder) => {
                let text = decoder.decode(bytes);
                self.feed_utf8(text.as_bytes());
            }
            None => self.feed_utf8(bytes),
        }
    }

    fn feed_utf8(&mut self, bytes: &[u8]) {
        if let Some(state) = &mut self.state {
            return state.feed(bytes);
        }
        self.head.extend_from_slice(bytes);
        if self.utf16.is_none() && self.head.starts_with(utf16::MARK) {
            self.utf16 = Some(utf16::Decoder::default());
            let head = std::mem::take(&mut self.head);
            return self.feed(&head[utf16::MARK.len()..]);
        }
        if let Some(format) = detect::format(&self.head) {
            self.decide(format);
        }
    }

    /// What is known so far.
    pub fn report(&self) -> Report {
        match &self.state {
            Some(state) => state.report(),
            None => {
                let mut decided = self.clone();
                decided.decide(detect::of_whole(&self.head));
                decided.state.as_ref().map(State::report).unwrap_or_default()
            }
        }
    }

    /// The report of a run that has ended.
    pub fn finish(self) -> Report {
        match self.state {
            Some(State::Terminal(terminal)) => terminal.finish(),
            _ => self.report(),
        }
    }

    fn decide(&mut self, format: Format) {
        let mut state = State::new(format);
        state.feed(&std::mem::take(&mut self.head));
        self.state = Some(state);
    }
}

impl State {
    fn new(format: Format) -> Self {
        match format {
            Format::Terminal => Self::Terminal(Box::default()),
            Format::Reportlog => Self::Reportlog(lines::Lines::default(), Box::default()),
            Format::Events => Self::Events(lines::Lines::default(), Box::default()),
            Format::JunitXml => Self::JunitXml(Box::default()),
            Format::JsonReport => Self::JsonReport(Vec::new()),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        match self {
            Self::Terminal(terminal) => terminal.feed(bytes),
            Self::Reportlog(lines, log) => lines.feed(bytes, |line| log.push(&String::from_utf8_lossy(line))),
            Self::Events(lines, stream) => lines.feed(bytes, |line| stream.push(&String::from_utf8_lossy(line))),
            Self::JunitXml(document) => document.feed(bytes),
            Self::JsonReport(document) => document.extend_from_slice(bytes),
        }
    }

    fn report(&self) -> Report {
        match self {
            Self::Terminal(terminal) => terminal.report(),
            Self::Reportlog(lines, log) => {
                let mut log = log.clone();
                log.push(&String::from_utf8_lossy(lines.rest()));
                log.report()
            }
            Self::Events(lines, stream) => {
                let mut stream = stream.clone();
                stream.push(&String::from_utf8_lossy(lines.rest()));
                stream.report()
            }
            Self::JunitXml(document) => document.report(),
            Self::JsonReport(document) => json_report::parse(&String::from_utf8_lossy(document)),
        }
    }
}
