//! `--format github`: workflow commands, which GitHub shows as annotations in a pull request.

use std::fmt::Write;

use super::human::{headline, shown_verdict};
use super::{Findings, category};

/// Lines of a message that an annotation shows.
const MAX_LINES: usize = 40;

/// `::error file=…,line=…,title=…::message` for each failure, and one for a run that did not go through.
pub(super) fn render(findings: &Findings) -> String {
    let mut text = String::new();
    for (failure, diagnosis) in findings.report.failures.iter().zip(&findings.diagnoses) {
        let mut place = String::new();
        if let Some(path) = &failure.path {
            let _ = write!(place, "file={},", property(path));
            if let Some(line) = failure.line {
                let _ = write!(place, "line={line},");
            }
        }
        let title = format!("{} ({})", failure.nodeid, category(diagnosis));
        let message = failure.message.as_deref().unwrap_or_default().lines().skip(1).take(MAX_LINES);
        let mut body = headline(failure);
        for line in message.map(str::to_string).chain(failure.hint.clone()).chain(shown_verdict(diagnosis)) {
            body.push('\n');
            body.push_str(&line);
        }
        let _ = writeln!(text, "::error {place}title={}::{}", property(&title), data(&body));
    }
    for run in &findings.report.runs {
        if let Some(stopped) = &run.stopped {
            let _ = writeln!(text, "::error title=pytest did not finish::{}", data(stopped));
        }
    }
    text
}

/// Escapes of the runner's command parser, for the text after `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes of a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
