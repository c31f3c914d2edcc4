//! `--tb=line`: one line per failure, `/abs/path.py:11: text`, without headlines.

use super::budget::Budget;
use super::rule::{Location, is_absolute};
use super::{Captured, Cause, Failure, Frame, captured, exception, native};

/// Entries that are compared to tell a test's output from pytest's own.
const MAX_COMPARED: usize = 100;
/// Text of one exception kept.
const MAX_EXCEPTION: usize = 256 * 1024;

/// The failures of a `FAILURES` section without headlines, in the order of the `FAILED` lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    pub(super) entries: Vec<Entry>,
    /// pytest 9 prints `E   Type: message` and the captured sections above the location.
    exception: Option<String>,
    /// The exceptions that led to it.
    chain: Vec<Cause>,
    captured: Captured,
    section: Option<captured::Section>,
    /// An `E` line in captured output: the next exception's, if its location follows, else printed by the test.
    doubtful: Option<String>,
    budget: Budget,
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
        if let Some(at) = Location::read(line).filter(|at| is_absolute(at.path)) {
            let names =
                |exception: &Option<String>| exception.as_deref().is_some_and(|text| head(text).trim_end() == at.rest);
            if self.exception.is_none() || names(&self.exception) {
                return self.finish_one(Some(&at));
            }
            if names(&self.doubtful) {
                let next = self.doubtful.take();
                self.finish_one(None); // one without a location
                self.exception = next;
                return self.finish_one(Some(&at));
            }
        }
        match (captured::section(line), self.section) {
            (Some(section), before) if before.is_none_or(|before| before < section) => self.section = Some(section),
            (_, Some(section)) => {
                section.keep(&mut self.captured, line);
                extend(&mut self.doubtful, line);
            }
            (_, None) if native::is_chain_phrase(line) => self.chain_on(),
            (_, None) if stands_alone(line) => {
                self.exception = Some(line.trim_end().to_string());
                self.finish_one(None);
            }
            (_, None) => {
                if line.starts_with("E   ") && self.exception.is_some() {
                    self.finish_one(None);
                }
                extend(&mut self.exception, line);
            }
        }
    }

    /// Another exception of the chain follows.
    fn chain_on(&mut self) {
        let Some(text) = self.exception.take() else { return };
        let read = exception::read(&text.split('\n').collect::<Vec<_>>(), None);
        self.chain.insert(0, Cause { exc_type: read.exc_type, message: read.message, frames: Vec::new() });
    }

    /// The entries of the next environment: both share what memory there is.
    pub(super) fn successor(&self) -> Self {
        Self { budget: self.budget.clone(), ..Self::default() }
    }

    /// Whether the section is of this style, so that nothing in it is a headline.
    pub(super) fn has_begun(&self) -> bool {
        !self.entries.is_empty() || self.exception.is_some()
    }

    /// Whether output of a test may stand here.
    pub(super) fn in_captured(&self) -> bool {
        self.section.is_some()
    }

    /// Whether one of the first entries says what a line of the summary says.
    pub(super) fn begin_with(&self, text: &str) -> bool {
        let text = head(text.strip_suffix("...").unwrap_or(text));
        self.entries.iter().take(MAX_COMPARED).any(|entry| entry.text.starts_with(text))
    }

    /// Whether a line goes on with the section, after a test printed another section's title.
    pub(super) fn resumes(&self, line: &str) -> bool {
        self.has_begun() && (line.starts_with("E   ") || Location::read(line).is_some_and(|at| is_absolute(at.path)))
    }

    /// No more lines will come.
    pub(super) fn finish(&mut self) {
        if self.exception.is_some() {
            self.finish_one(None);
        }
    }

    fn finish_one(&mut self, at: Option<&Location<'_>>) {
        let exception = self.exception.take();
        let mut captured = std::mem::take(&mut self.captured);
        self.section = None;
        self.doubtful = None;
        captured::trim(&mut captured);
        let whole = exception.or(at.map(|at| at.rest.to_string())).unwrap_or_default();
        let text = head(&whole).to_string();
        let read = exception::read(&whole.split('\n').collect::<Vec<_>>(), None);
        let introspection = read.message.as_deref().and_then(exception::introspect);
        let frame = |at: &Location<'_>| Frame { path: at.path.replace('\\', "/"), line: at.line, ..Frame::default() };
        let failure = Failure {
            exc_type: read.exc_type,
            message: read.message,
            hint: read.hint,
            frames: at.map(frame).into_iter().collect(),
            introspection,
            captured,
            chain: std::mem::take(&mut self.chain),
            ..Failure::default()
        };
        let has_room = self.budget.admit(failure);
        self.entries.extend(has_room.map(|failure| Entry { text, failure }));
    }
}

/// The text of a test that did not raise: it has no location.
fn stands_alone(line: &str) -> bool {
    line.starts_with("[XPASS(strict)]") || line.starts_with("Unexpected success")
}

/// `E   Type: message` begins an exception, four blanks go on with it.
fn extend(exception: &mut Option<String>, line: &str) {
    if let Some(text) = line.strip_prefix("E   ") {
        *exception = Some(text.to_string());
    } else if let (Some(text), Some(exception)) = (line.strip_prefix("    "), exception)
        && exception.len() + text.len() < MAX_EXCEPTION
    {
        exception.push('\n');
        exception.push_str(text);
    }
}

fn head(text: &str) -> &str {
    text.split('\n').next().unwrap_or(text)
}
