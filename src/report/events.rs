//! The event stream of our own pytest plugin: JSON lines, written while the run goes on (docs/events.md).

use serde::Deserialize;

use super::{Counts, Failure, Format, Outcome, Phase, Report, Run, TestOutcome, Warning};

/// One line of the stream. Lines of kinds that are not known, and unknown fields, are left out.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The run began.
    Start {
        /// pytest's rootdir.
        rootdir: Option<String>,
        /// The arguments pytest was given.
        #[serde(default)]
        args: Vec<String>,
    },
    /// Collection ended.
    Collected {
        /// How many tests will run.
        tests: u64,
    },
    /// One phase of one test ended, or a file could not be collected.
    Report(Box<PhaseReport>),
    /// A warning was recorded.
    Warning(Warning),
    /// The run came to its end.
    Finish {
        /// pytest's exit status.
        exitstatus: i32,
        /// Seconds.
        duration: Option<f64>,
        /// How the tests ended.
        #[serde(default)]
        counts: Counts,
    },
}

/// How one phase of one test ended.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct PhaseReport {
    /// The test, or the file that could not be collected.
    pub nodeid: String,
    /// Its phase.
    pub phase: Phase,
    /// How it ended; of a test that passed, `setup` and `teardown` are told, too.
    pub outcome: Option<Outcome>,
    /// Seconds.
    pub duration: Option<f64>,
    /// How many checks (assert statements, `assert…` calls, `pytest.raises` blocks) of the overlaid files the
    /// test executed; only told with an overlay.
    pub checks: Option<u64>,
    /// Whether the test function itself holds checks.
    pub has_checks: bool,
    /// Why it failed, for `failed` and `error`.
    pub failure: Option<Failure>,
}

impl PhaseReport {
    /// The failure with the node id and the phase that the event names once.
    pub fn into_failure(self) -> Option<Failure> {
        let failure = self.failure?;
        Some(Failure { nodeid: self.nodeid, phase: self.phase, ..failure })
    }
}

/// Reads one line. `None` for what is no event of a known kind, such as the torn last line of a growing file.
pub fn read(line: &str) -> Option<Event> {
    serde_json::from_str(line).ok()
}

/// Whether a text begins as an event stream does.
pub fn sniff(text: &str) -> bool {
    matches!(text.lines().next().and_then(read), Some(Event::Start { .. }))
}

/// Reads a finished or growing stream.
pub fn parse(text: &str, source: Option<&str>) -> Report {
    let mut stream = Stream::default();
    stream.run.source = source.map(str::to_string);
    text.lines().for_each(|line| stream.push(line));
    stream.report()
}

/// The events read so far.
#[derive(Clone, Debug)]
pub struct Stream {
    report: Report,
    run: Run,
}

impl Default for Stream {
    fn default() -> Self {
        Self { report: Report::default(), run: Run { format: Format::Events, ..Run::default() } }
    }
}

impl Stream {
    /// Takes the next line; a torn or unknown one says nothing.
    pub fn push(&mut self, line: &str) {
        if let Some(event) = read(line) {
            self.take(event);
        }
    }

    /// Takes the next event.
    pub fn take(&mut self, event: Event) {
        let Self { report, run } = self;
        match event {
            Event::Start { rootdir, args } => {
                run.rootdir = rootdir;
                run.command = (!args.is_empty()).then(|| format!("pytest {}", args.join(" ")));
            }
            Event::Collected { .. } => {}
            Event::Report(phase) => add(report, *phase),
            Event::Warning(warning) => report.warnings.push(warning),
            Event::Finish { duration, counts, exitstatus } => {
                run.duration = duration;
                run.counts = counts;
                run.complete = true;
                run.stopped = stopped(exitstatus);
            }
        }
    }

    /// What failed so far.
    pub fn failures(&self) -> &[Failure] {
        &self.report.failures
    }

    /// What they say.
    pub fn report(&self) -> Report {
        Report { runs: vec![self.run.clone()], ..self.report.clone() }
    }
}

fn add(report: &mut Report, phase: PhaseReport) {
    note_outcome(&mut report.outcomes, &phase);
    report.failures.extend(phase.into_failure());
}

/// One outcome per test: its phases come one after the other, and the worst of them counts.
fn note_outcome(outcomes: &mut Vec<TestOutcome>, phase: &PhaseReport) {
    let Some(outcome) = phase.outcome.filter(|_| phase.phase >= Phase::Setup) else { return };
    // With several workers the phases of two tests interleave, of one they stay in order: look back a little.
    let known = outcomes.iter_mut().rev().take(64).find(|known| known.nodeid == phase.nodeid);
    match known {
        Some(known) if phase.phase != Phase::Setup => {
            known.duration = Some(known.duration.unwrap_or(0.0) + phase.duration.unwrap_or(0.0));
            if outcome != Outcome::Passed {
                known.outcome = outcome;
            }
        }
        _ => outcomes.push(TestOutcome { nodeid: phase.nodeid.clone(), outcome, duration: phase.duration }),
    }
}

/// pytest's exit statuses that mean that the run did not go through (`pytest.ExitCode`).
fn stopped(exitstatus: i32) -> Option<String> {
    let reason = match exitstatus {
        2 => "interrupted",
        3 => "internal error",
        4 => "usage error",
        _ => return None,
    };
    Some(reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = r#"{"event":"start","schema":1,"pytest":"9.0.1","rootdir":"/p","args":["tests"],"new":1}
{"event":"collected","tests":2}
{"event":"report","nodeid":"t.py::test_a","phase":"setup","outcome":"passed","duration":0.5}
{"event":"report","nodeid":"t.py::test_a","phase":"call","outcome":"failed","duration":1.0,"failure":{"path":"t.py","line":3,"exc_type":"KeyError","message":"'a'","frames":[{"path":"t.py","line":3,"function":"test_a"}],"runtime":{"keys":["'b'"]}}}
{"event":"report","nodeid":"t.py::test_a","phase":"teardown","outcome":"passed","duration":0.5}
{"event":"report","nodeid":"t.py::test_b","phase":"setup","outcome":"skipped","duration":0.0}
{"event":"from the future","x":1}
{"event":"finish","exitstatus":1,"duration":2.5,"counts":{"failed":1,"skipped":1}}
"#;

    #[test]
    fn a_stream_becomes_a_report() {
        let report = parse(STREAM, Some("events.jsonl"));
        let failure = &report.failures[0];
        assert_eq!((failure.nodeid.as_str(), failure.phase, failure.line), ("t.py::test_a", Phase::Call, Some(3)));
        assert_eq!(failure.runtime.as_ref().unwrap().keys, ["'b'"]);
        let outcomes: Vec<_> = report.outcomes.iter().map(|test| (test.outcome, test.duration)).collect();
        assert_eq!(outcomes, [(Outcome::Failed, Some(2.0)), (Outcome::Skipped, Some(0.0))]);
        let run = &report.runs[0];
        assert_eq!((run.format, run.complete, run.counts.failed), (Format::Events, true, Some(1)));
        assert_eq!(run.command.as_deref(), Some("pytest tests"));
    }

    #[test]
    fn a_torn_stream_gives_what_was_whole() {
        let torn = &STREAM[..STREAM.find("\"runtime\"").unwrap()];
        let report = parse(torn, None);
        assert!(report.failures.is_empty() && !report.runs[0].complete);
        assert_eq!(report.outcomes[0].outcome, Outcome::Passed);
        assert!(sniff(STREAM) && !sniff("=== test session starts ===") && !sniff(""));
    }
}
