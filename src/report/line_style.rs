//! `--tb=line`: one line per failure, `/abs/path.py:11: text`, without headlines.

use super::rule::{Location, is_absolute};
use super::{Captured, Failure, Frame, captured, exception};

/// Entries kept.
const MAX_ENTRIES: usize = 50_000;
/// Lines of one exception kept.
const MAX_LINES: usize = 2_000;

/// The failures of a `FAILURES` section without headlines, in the order of the `FAILED` lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    pub(super) entries: Vec<Entry>,
    /// pytest 9 prints `E   Type: message` and the captured sections above the location.
    exception: Vec<String>,
    captured: Captured,
    section: Option<captured::Section>,
}

/// One of them: where it was raised, and its first line of text.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) failure: Failure,
}

impl Entries {
    /// Takes a line of the section.
    pub(super) fn push(&mut self, line: &str) {
        if let Some(text) = line.strip_prefix("E   ") {
            if !self.exception.is_empty() {
                self.finish_one(None); // one without a location
            }
            self.exception.push(text.to_string());
            return;
        }
        if let Some(at) = Location::read(line)
            && is_absolute(at.path)
            && self.exception.first().is_none_or(|first| first.trim_end() == at.rest)
        {
            return self.finish_one(Some(&at));
        }
        match (captured::section(line), self.section) {
            (Some(section), before) if before.is_none_or(|before| before < section) => self.section = Some(section),
            (_, Some(section)) => section.keep(&mut self.captured, line),
            (_, None) => {
                if let Some(text) = line.strip_prefix("    ")
                    && !self.exception.is_empty()
                    && self.exception.len() < MAX_LINES
                {
                    self.exception.push(text.to_string());
                }
            }
        }
    }

    /// Whether the section is of this style, so that nothing in it is a headline.
    pub(super) fn has_begun(&self) -> bool {
        !self.entries.is_empty() || !self.exception.is_empty()
    }

    /// Whether output of a test may stand here.
    pub(super) fn in_captured(&self) -> bool {
        self.section.is_some()
    }

    /// Whether a line goes on with the section, after a test printed another section's title.
    pub(super) fn resumes(&self, line: &str) -> bool {
        self.has_begun() && (line.starts_with("E   ") || Location::read(line).is_some_and(|at| is_absolute(at.path)))
    }

    /// No more lines will come.
    pub(super) fn finish(&mut self) {
        if !self.exception.is_empty() {
            self.finish_one(None);
        }
    }

    fn finish_one(&mut self, at: Option<&Location<'_>>) {
        let lines = std::mem::take(&mut self.exception);
        let mut captured = std::mem::take(&mut self.captured);
        self.section = None;
        captured::trim(&mut captured);
        let text = lines.first().cloned().or(at.map(|at| at.rest.to_string())).unwrap_or_default();
        let lines: Vec<_> =
            if lines.is_empty() { vec![text.as_str()] } else { lines.iter().map(String::as_str).collect() };
        let read = exception::read(&lines, None);
        let introspection = read.message.as_deref().and_then(exception::introspect);
        let frame = |at: &Location<'_>| Frame { path: at.path.to_string(), line: at.line, ..Frame::default() };
        let failure = Failure {
            exc_type: read.exc_type,
            message: read.message,
            hint: read.hint,
            frames: at.map(frame).into_iter().collect(),
            introspection,
            captured,
            ..Failure::default()
        };
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push(Entry { text, failure });
        }
    }
}
