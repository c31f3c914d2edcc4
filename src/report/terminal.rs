//! What pytest prints to a terminal, or a CI system's copy of it, read line by line as it grows.

use super::lines::Lines;
use super::prefix::Prefix;
use super::resolve;
use super::session::Session;
use super::{Report, Run, ansi};

/// Lines after which a missing session start no longer delays the reading.
const HEAD: usize = 24;

/// Reads terminal output of any length.
#[derive(Clone, Debug, Default)]
pub(super) struct Terminal {
    lines: Lines,
    sorter: Sorter,
}

impl Terminal {
    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let sorter = &mut self.sorter;
        self.lines.feed(bytes, |line| sorter.raw_line(line));
    }

    /// What is known so far. An unfinished last line counts only where it ends the run, or where the log has no
    /// structure that would say more: half a word is no exception type.
    pub(super) fn report(&self) -> Report {
        let rest = self.lines.rest();
        let mut sorter = self.sorter.clone();
        if !rest.is_empty() {
            let mut ended = self.sorter.clone();
            ended.raw_line(rest);
            ended.settle();
            if ended.session.run.complete || !ended.session.has_content() {
                sorter = ended;
            }
        }
        sorter.finish()
    }
}

/// Clean lines to sessions.
#[derive(Clone, Debug, Default)]
struct Sorter {
    /// The first lines, held back until it is known what stands before each line.
    head: Option<Vec<String>>,
    decided: bool,
    prefix: Option<Prefix>,
    earlier: Vec<Run>,
    session: Session,
}

impl Sorter {
    fn raw_line(&mut self, raw: &[u8]) {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let text = String::from_utf8_lossy(raw);
        let text = text.strip_prefix('\u{feff}').map_or(text.as_ref(), |rest| rest);
        let plain = ansi::strip(text);
        if !self.decided {
            return self.head_line(&plain);
        }
        if ends_like_a_start(&plain) && plain.contains("= test session starts =") {
            self.prefix = Prefix::of_session_start(&plain);
        }
        let line = match &self.prefix {
            Some(prefix) => prefix.strip(&plain),
            None => &plain,
        };
        self.line(ansi::visible(line));
    }

    fn head_line(&mut self, plain: &str) {
        let head = self.head.get_or_insert_default();
        head.push(plain.to_string());
        let start = plain.contains("= test session starts =");
        if start || head.len() >= HEAD {
            self.decide(start);
        }
    }

    /// Learns the prefix from the lines held back, then reads them.
    fn decide(&mut self, start: bool) {
        let head = self.head.take().unwrap_or_default();
        self.decided = true;
        self.prefix = match head.last() {
            Some(last) if start => Prefix::of_session_start(ansi::visible(last)),
            _ => Prefix::of_majority(head.iter().map(String::as_str)),
        };
        for plain in &head {
            let line = self.prefix.as_ref().map_or(plain.as_str(), |prefix| prefix.strip(plain));
            let line = ansi::visible(line).to_string();
            self.line(&line);
        }
    }

    fn line(&mut self, line: &str) {
        if line.starts_with('=') {
            let starts = line.contains("= test session starts =");
            if (starts && self.session.has_content() && !self.session.nests_start())
                || self.session.is_over_before(line)
            {
                self.end_session();
            }
        }
        self.session.push(line);
    }

    /// Reads the lines held back.
    fn settle(&mut self) {
        if !self.decided {
            self.decide(false);
        }
    }

    fn end_session(&mut self) {
        let ended = std::mem::take(&mut self.session).closed();
        self.earlier.push(ended.run);
    }

    fn finish(mut self) -> Report {
        self.settle();
        let mut report = resolve::report(self.session.closed());
        let last = std::mem::replace(&mut report.runs, self.earlier);
        report.runs.extend(last);
        report
    }
}

fn ends_like_a_start(line: &str) -> bool {
    line.ends_with('=') || line.ends_with("= ")
}
