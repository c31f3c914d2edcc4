//! pytest-reportlog: one JSON object per line, written while the run goes on.

use serde::Deserialize;
use serde_json::Value;

use super::captured;
use super::rule::bare;
use super::tally::{self, Tally};
use super::{Captured, Failure, Format, Outcome, Phase, Report, Warning, blocks};

/// One line; keys of plugins are left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(rename = "$report_type")]
    kind: String,
    nodeid: String,
    when: Option<String>,
    outcome: String,
    longrepr: Value,
    sections: Vec<(String, String)>,
    duration: Option<f64>,
    wasxfail: Option<Value>,
    category: Option<String>,
    message: Value,
    filename: Option<String>,
    lineno: Option<u32>,
    exitstatus: Option<i32>,
}

/// The lines read so far.
#[derive(Clone, Debug)]
pub(super) struct Reportlog {
    tally: Tally,
}

impl Default for Reportlog {
    fn default() -> Self {
        Self { tally: Tally::new(Format::Reportlog) }
    }
}

impl Reportlog {
    /// Takes a line; a torn one says nothing.
    pub(super) fn push(&mut self, line: &str) {
        let Ok(line) = serde_json::from_str::<Line>(line) else { return };
        match line.kind.as_str() {
            "CollectReport" | "TestReport" | "SubTestReport" | "SubtestReport" => self.phase(line),
            "WarningMessage" => self.tally.warning(warning(line)),
            "SessionFinish" => {
                self.tally.run.complete = true;
                self.tally.run.stopped = line.exitstatus.and_then(stopped).map(str::to_string);
            }
            _ => {}
        }
    }

    pub(super) fn report(&self) -> Report {
        self.tally.clone().report()
    }

    fn phase(&mut self, line: Line) {
        let phase = line.when.as_deref().map_or(Phase::Collection, tally::phase);
        let Some(outcome) = outcome(&line, phase) else { return };
        self.tally.phase(&line.nodeid, phase, outcome, line.duration);
        if phase == Phase::Teardown {
            self.complete_sections(&line);
        }
        if matches!(outcome, Outcome::Failed | Outcome::Error) {
            self.failure(&line, phase);
        }
    }

    /// The sections of a failed call are whole only in the report of its teardown.
    fn complete_sections(&mut self, line: &Line) {
        if let Some(failure) = self.tally.last_failure(&line.nodeid) {
            failure.captured = captured_of(&line.sections);
        }
    }

    fn failure(&mut self, line: &Line, phase: Phase) {
        let text = block_text(&line.longrepr);
        let mut failure = blocks::read(text.lines());
        failure.nodeid.clone_from(&line.nodeid);
        failure.phase = phase;
        failure.captured = captured_of(&line.sections);
        let crash = &line.longrepr["reprcrash"];
        if self.tally.run.rootdir.is_none()
            && let Some(path) = crash["path"].as_str()
        {
            self.tally.run.rootdir = tally::root_of(path, super::headline::file(&line.nodeid));
        }
        whole_message(&mut failure, crash["message"].as_str());
        self.tally.failure(failure);
    }
}

/// The crash message is whole, also where the style shows only a part of it.
pub(super) fn whole_message(failure: &mut Failure, crash: Option<&str>) {
    if failure.message.is_none()
        && let Some(crash) = crash
    {
        let lines: Vec<_> = crash.lines().collect();
        let text = super::exception::read(&lines, None);
        (failure.exc_type, failure.message, failure.hint) = (text.exc_type, text.message, text.hint);
    }
}

fn outcome(line: &Line, phase: Phase) -> Option<Outcome> {
    Some(match (line.outcome.as_str(), line.wasxfail.is_some()) {
        ("passed", true) => Outcome::Xpassed,
        ("skipped", true) => Outcome::Xfailed,
        ("passed", false) => Outcome::Passed,
        ("skipped", false) => Outcome::Skipped,
        ("rerun", _) => Outcome::Rerun,
        ("failed", _) if phase == Phase::Call => Outcome::Failed,
        ("failed", _) => Outcome::Error,
        _ => return None,
    })
}

fn stopped(exitstatus: i32) -> Option<&'static str> {
    match exitstatus {
        2 => Some("interrupted"),
        3 => Some("internal error"),
        4 => Some("usage error"),
        _ => None,
    }
}

fn captured_of(sections: &[(String, String)]) -> Captured {
    let mut captured = Captured::default();
    for (name, text) in sections {
        if let Some(section) = captured::named(name) {
            for line in text.lines() {
                section.keep(&mut captured, &super::ansi::strip(line));
            }
        }
    }
    captured::trim(&mut captured);
    captured
}

fn warning(line: Line) -> Warning {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    Warning {
        path: line.filename.map(|path| path.replace('\\', "/")),
        line: line.lineno,
        category: line.category.map(|name| bare(&name).to_string()),
        message: text(&line.message),
        nodeids: if line.nodeid.is_empty() { Vec::new() } else { vec![line.nodeid] },
    }
}

/// What pytest would print for this `longrepr`, so that one reader understands both.
fn block_text(longrepr: &Value) -> String {
    if let Some(text) = longrepr.as_str() {
        return text.to_string();
    }
    let mut text = String::new();
    match longrepr["chain"].as_array() {
        Some(chain) => {
            for link in chain {
                write_traceback(&mut text, &link[0]);
                if let Some(phrase) = link[2].as_str() {
                    text += &format!("\n{phrase}\n\n");
                }
            }
        }
        None => write_traceback(&mut text, &longrepr["reprtraceback"]),
    }
    text
}

fn write_traceback(text: &mut String, traceback: &Value) {
    for (at, entry) in traceback["reprentries"].as_array().into_iter().flatten().enumerate() {
        let data = &entry["data"];
        let is_short = data["style"] == "short";
        if at > 0 && !is_short {
            text.push_str("_ _ _\n\n");
        }
        if is_short {
            write_place(text, &data["reprfileloc"]);
        }
        for line in data["lines"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push('\n'); // native entries carry their own
            }
        }
        if !is_short {
            text.push('\n');
            write_place(text, &data["reprfileloc"]);
        }
    }
}

fn write_place(text: &mut String, place: &Value) {
    if let (Some(path), Some(line)) = (place["path"].as_str(), place["lineno"].as_u64()) {
        *text += &format!("{path}:{line}: {}\n", place["message"].as_str().unwrap_or_default());
    }
}
