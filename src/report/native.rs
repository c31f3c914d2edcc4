//! Tracebacks as Python itself prints them (`--tb=native`, exception groups, internal errors, crashes).

use super::exception::{self, ExceptionText};
use super::{Cause, Frame};

/// One exception with its traceback, being read line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Native {
    pub(super) frames: Vec<Frame>,
    text: Vec<String>,
}

impl Native {
    /// Takes the next line, any margin already removed.
    pub(super) fn push(&mut self, line: &str) {
        if is_opening(line) && (self.text.is_empty() || self.ends_in_phrase()) {
            *self = Self::default(); // the exception before was the cause of this one
        } else if !self.text.is_empty() {
            self.text.push(line.to_string());
        } else if let Some(frame) = frame(line) {
            self.frames.push(frame);
        } else if line.starts_with("    ") {
            if let Some(frame) = self.frames.last_mut()
                && frame.text.is_none()
            {
                frame.text = Some(line.trim().to_string());
            }
        } else if !line.starts_with(' ') && !line.is_empty() {
            self.text.push(line.to_string()); // `Type: message`; what follows belongs to the message
        }
    }

    /// Whether another exception's traceback is announced: the phrase stands alone, before the next opening.
    pub(super) fn ends_in_phrase(&self) -> bool {
        self.text.iter().rev().find(|line| !line.trim().is_empty()).is_some_and(|line| is_chain_phrase(line))
    }

    /// Takes the announcement off what the exception says.
    pub(super) fn without_phrase(mut self) -> Self {
        while self.text.pop_if(|line| line.trim().is_empty() || is_chain_phrase(line)).is_some() {}
        self
    }

    /// What the exception says.
    pub(super) fn exception(&self) -> ExceptionText {
        let lines: Vec<_> = self.text.iter().map(String::as_str).collect();
        exception::read(&lines, None)
    }

    fn into_cause(self) -> Cause {
        let text = self.exception();
        Cause { exc_type: text.exc_type, message: text.message, frames: self.frames }
    }
}

/// `Traceback (most recent call last):`, also of a group and behind a margin; testtools hands a traceback on as the message
/// of an exception that is there for nothing else.
pub(super) fn is_opening(line: &str) -> bool {
    let line = line.trim_ascii();
    line == "Traceback (most recent call last):"
        || line == "+ Exception Group Traceback (most recent call last):"
        || line == "testtools.testresult.real._StringException: Traceback (most recent call last):"
}

/// What stands between two exceptions of a chain.
pub(super) fn is_chain_phrase(line: &str) -> bool {
    line.starts_with("The above exception was the direct cause of the following exception:")
        || line.starts_with("During handling of the above exception, another exception occurred:")
}

/// `  + Exception Group Traceback (most recent call last):`.
pub(super) fn opens_group(line: &str) -> bool {
    line.trim_start().starts_with("+ Exception Group Traceback")
}

/// `  File "/abs/x.py", line 33, in f`; crash dumps have no comma before `in`.
pub(super) fn frame(line: &str) -> Option<Frame> {
    let (path, number) = exception::file_place(line)?;
    let function = line.rsplit_once(" in ").map(|(_, name)| name.trim().to_string());
    Some(Frame { path, line: number, function, text: None })
}

/// An exception group: its own traceback, and every exception in it (nested ones after their group).
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) outer: Native,
    pub(super) children: Vec<Cause>,
    current: Option<Native>,
}

impl Group {
    /// Takes a line with its margin: `  | text`, `  +-+---------------- 1 ----------------`.
    pub(super) fn push(&mut self, line: &str) {
        let margined = line.trim_start();
        if margined.starts_with("+-") {
            self.close_child();
            if margined.trim_end_matches('-').ends_with(' ') {
                self.current = Some(Native::default()); // `---- 1 ----` opens a child, `+-------` closes the group
            }
            return;
        }
        let text = match margined.strip_prefix('|') {
            Some(text) => text.strip_prefix(' ').unwrap_or(text),
            None => margined, // the opening line
        };
        self.current.as_mut().unwrap_or(&mut self.outer).push(text);
    }

    /// Closes the last child.
    pub(super) fn finish(mut self) -> Self {
        self.close_child();
        self
    }

    fn close_child(&mut self) {
        if let Some(child) = self.current.take() {
            self.children.push(child.into_cause());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_traceback() {
        let mut native = Native::default();
        for line in [
            "Traceback (most recent call last):",
            "  File \"/p/t.py\", line 3, in test_x",
            "    f()",
            "    ~^^",
            "  File \"/p/shop.py\", line 9, in f",
            "    raise ValueError(1)",
            "ValueError: 1",
            "  more",
        ] {
            native.push(line);
        }
        assert_eq!(native.frames.len(), 2);
        assert_eq!(native.frames[1].text.as_deref(), Some("raise ValueError(1)"));
        assert_eq!(native.exception().message.as_deref(), Some("1\n  more"));
    }

    #[test]
    fn testtools_hands_a_traceback_on_as_text() {
        assert!(is_opening("testtools.testresult.real._StringException: Traceback (most recent call last):"));
        assert!(!is_opening("testtools.testresult.real._StringException: SystemExit: 2"));
    }

    #[test]
    fn a_group_has_children() {
        let mut group = Group::default();
        for line in [
            "  + Exception Group Traceback (most recent call last):",
            "  |   File \"/p/t.py\", line 26, in test_x",
            "  |     raise ExceptionGroup(\"two\", [])",
            "  | ExceptionGroup: two (2 sub-exceptions)",
            "  +-+---------------- 1 ----------------",
            "    | Traceback (most recent call last):",
            "    |   File \"/p/t.py\", line 13, in make",
            "    |     raise exc",
            "    | ValueError: bad",
            "    +---------------- 2 ----------------",
            "    | KeyError: 'k'",
            "    +------------------------------------",
        ] {
            group.push(line);
        }
        let group = group.finish();
        assert_eq!(group.outer.frames.len(), 1);
        let children: Vec<_> = group.children.iter().map(|c| (c.exc_type.as_deref(), c.frames.len())).collect();
        assert_eq!(children, [(Some("ValueError"), 1), (Some("KeyError"), 0)]);
    }
}
