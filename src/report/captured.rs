//! Captured output: `--- Captured stdout call ---` and what follows it.

use super::{Captured, rule};

/// Enough to see what a test said last; a chatty one does not fill the memory.
const MAX_CAPTURED: usize = 64 * 1024;

/// Phase and stream, in the order in which pytest prints them: the same or an earlier one inside a section is
/// text that the test printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Section {
    phase: u8,
    stream: u8,
}

/// Reads the rule that opens a section.
pub(super) fn section(line: &str) -> Option<Section> {
    if !line.starts_with('-') {
        return None;
    }
    named(rule::title(line, '-')?)
}

/// Reads a section's name as the machine formats carry it: `Captured stdout call`.
pub(super) fn named(name: &str) -> Option<Section> {
    let mut words = name.strip_prefix("Captured ")?.split(' ');
    let stream = match words.next()? {
        "stdout" => 0,
        "stderr" => 1,
        "log" => 2,
        _ => return None,
    };
    let phase = match words.next()? {
        "setup" => 0,
        "call" => 1,
        "teardown" => 2,
        _ => return None,
    };
    words.next().is_none().then_some(Section { phase, stream })
}

impl Section {
    /// Adds a line of text to what was captured.
    pub(super) fn keep(self, captured: &mut Captured, line: &str) {
        let stream = match self.stream {
            0 => &mut captured.stdout,
            1 => &mut captured.stderr,
            _ => &mut captured.log,
        };
        let text = stream.get_or_insert_default();
        if text.len() + line.len() < MAX_CAPTURED {
            text.reserve(line.len() + 1);
            text.push_str(line);
            text.push('\n');
        }
    }
}

/// Takes off the line ends that the printing added.
pub(super) fn trim(captured: &mut Captured) {
    for stream in [&mut captured.stdout, &mut captured.stderr, &mut captured.log] {
        if let Some(text) = stream {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if stream.as_deref() == Some("") {
            *stream = None;
        }
    }
}
