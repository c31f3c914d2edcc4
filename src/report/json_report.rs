//! pytest-json-report: one JSON document.

use serde::Deserialize;
use serde_json::Value;

use super::captured;
use super::reportlog::whole_message;
use super::tally::Tally;
use super::{Captured, Counts, Failure, Format, Outcome, Phase, Report, Warning, ansi, blocks, summary};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    duration: Option<f64>,
    exitcode: Option<i32>,
    root: Option<String>,
    summary: serde_json::Map<String, Value>,
    collectors: Vec<Collector>,
    tests: Vec<Test>,
    warnings: Vec<RecordedWarning>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Collector {
    nodeid: String,
    outcome: String,
    longrepr: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Test {
    nodeid: String,
    outcome: String,
    setup: Option<Stage>,
    call: Option<Stage>,
    teardown: Option<Stage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stage {
    duration: Option<f64>,
    outcome: String,
    crash: Option<Crash>,
    stdout: Option<String>,
    stderr: Option<String>,
    log: Vec<LogRecord>,
    longrepr: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Crash {
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogRecord {
    name: String,
    msg: Value,
    levelname: String,
    filename: String,
    lineno: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RecordedWarning {
    message: String,
    category: Option<String>,
    filename: Option<String>,
    lineno: Option<u32>,
}

/// Reads the document; a torn one gives an incomplete run without failures.
pub(super) fn parse(text: &str) -> Report {
    let mut tally = Tally::new(Format::JsonReport);
    let Ok(document) = serde_json::from_str::<Document>(text) else { return tally.report() };
    tally.run.rootdir.clone_from(&document.root);
    tally.run.duration = document.duration;
    tally.run.complete = document.exitcode.is_some();
    for collector in document.collectors.iter().filter(|collector| collector.outcome == "failed") {
        tally.phase(&collector.nodeid, Phase::Collection, Outcome::Error, None);
        let text = collector.longrepr.as_deref().unwrap_or_default();
        let failure = blocks::read(text.lines());
        tally.failure(Failure { nodeid: collector.nodeid.clone(), phase: Phase::Collection, ..failure });
    }
    for test in &document.tests {
        read_test(&mut tally, test);
    }
    for warning in document.warnings {
        tally.warning(warning.into());
    }
    tally.run.counts = counts(&document.summary, tally.run.counts.warnings, tally.run.counts.errors);
    tally.report()
}

fn read_test(tally: &mut Tally, test: &Test) {
    let stages = [(Phase::Setup, &test.setup), (Phase::Call, &test.call), (Phase::Teardown, &test.teardown)];
    let mut told = false;
    for (phase, stage) in stages {
        let Some(stage) = stage else { continue };
        let outcome = match stage.outcome.as_str() {
            "failed" if phase == Phase::Call => Outcome::Failed,
            "failed" => Outcome::Error,
            "skipped" if test.outcome == "xfailed" => Outcome::Xfailed,
            "skipped" => Outcome::Skipped,
            _ if phase == Phase::Call && test.outcome == "xpassed" => Outcome::Xpassed,
            _ => Outcome::Passed,
        };
        told = true;
        tally.phase(&test.nodeid, phase, outcome, stage.duration);
        if matches!(outcome, Outcome::Failed | Outcome::Error) && test.outcome != "xfailed" {
            let mut failure = blocks::read(stage.longrepr.as_deref().unwrap_or_default().lines());
            failure.nodeid.clone_from(&test.nodeid);
            failure.phase = phase;
            failure.captured = captured_until(test, phase);
            let crash = stage.crash.as_ref().and_then(|crash| crash.message.as_deref());
            whole_message(&mut failure, crash);
            tally.failure(failure);
        }
    }
    if !told && let Some(outcome) = summary::outcome(&test.outcome.to_ascii_uppercase()) {
        tally.phase(&test.nodeid, Phase::Call, outcome, None);
    }
}

/// What the terminal shows with a failed phase: the output up to it, and with a failed call its teardown's.
fn captured_until(test: &Test, phase: Phase) -> Captured {
    let mut captured = Captured::default();
    let stages = [("setup", &test.setup, true), ("call", &test.call, phase != Phase::Setup)];
    let last = ("teardown", &test.teardown, true);
    for (when, stage, shown) in stages.into_iter().chain([last]) {
        let Some(stage) = stage.as_ref().filter(|_| shown) else { continue };
        let log: Vec<_> = stage.log.iter().map(LogRecord::line).collect();
        let log = (!log.is_empty()).then(|| log.join("\n"));
        for (stream, text) in [("stdout", &stage.stdout), ("stderr", &stage.stderr), ("log", &log)] {
            let section = captured::named(&format!("Captured {stream} {when}"));
            if let (Some(text), Some(section)) = (text, section) {
                for line in text.lines() {
                    section.keep(&mut captured, &ansi::strip(line));
                }
            }
        }
    }
    captured::trim(&mut captured);
    captured
}

impl LogRecord {
    /// pytest's default log format.
    fn line(&self) -> String {
        let message = self.msg.as_str().map_or_else(|| self.msg.to_string(), str::to_string);
        format!("{:<8} {}:{}:{} {message}", self.levelname, self.name, self.filename, self.lineno)
    }
}

impl From<RecordedWarning> for Warning {
    fn from(warning: RecordedWarning) -> Self {
        Self {
            path: warning.filename.map(|path| path.replace('\\', "/")),
            line: warning.lineno,
            category: warning.category,
            message: warning.message,
            nodeids: Vec::new(),
        }
    }
}

/// The document's own sums; collection errors are not among them.
fn counts(sums: &serde_json::Map<String, Value>, warnings: Option<u64>, errors: Option<u64>) -> Counts {
    let mut counts = Counts { warnings, ..Counts::default() };
    for (word, number) in sums {
        if let Some(number) = number.as_u64() {
            summary::count(&mut counts, word, number);
        }
    }
    counts.errors = counts.errors.max(errors);
    counts
}
