//! The text of one failure: traceback in any style, fixture lookup, doctest, plain text; captured output.

use super::captured::{self, Section};
use super::exception::{self, ExceptionText};
use super::native::{self, Group, Native};
use super::rule::{Location, separates_frames};
use super::{Captured, Cause, Failure, Frame};

/// More frames than this are a recursion: the first and the last ones tell.
const MAX_FRAMES: usize = 60;

/// Reads the lines between a headline and the next one. The node id and the site are not known here: `path`
/// and `line` are set only where the text itself says that it is about a place (fixture lookups, doctests).
pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Failure {
    let mut block = Block::default();
    for line in lines {
        block.push(line);
    }
    block.finish()
}

#[derive(Default)]
struct Block {
    parts: Vec<Part>,
    part: Part,
    mode: Mode,
    /// Column-0 text: the whole story where there is neither frame nor `E` line.
    text: Vec<String>,
    lookup: Option<Lookup>,
    captured: Captured,
    section: Option<Section>,
}

#[derive(Default)]
enum Mode {
    #[default]
    Pytest,
    Native(Native),
    Group(Box<Group>),
    /// `--- Captured stdout call ---`
    Captured,
    /// A section of a plugin.
    Foreign,
}

/// One exception of a chain.
#[derive(Default)]
struct Part {
    frames: Vec<Frame>,
    /// Text of the `E` lines, with their indent.
    lines: Vec<String>,
    exc_type: Option<String>,
    children: Vec<Cause>,
    native: Option<ExceptionText>,
    /// The `>` line and the function of the long style's frame that is being read.
    current: Option<String>,
    function: Option<String>,
    /// A blank line came after the `E` lines: what follows are locals.
    closed: bool,
}

/// `file /abs/x.py, line 23` … `E       fixture 'cartt' not found`.
#[derive(Default)]
struct Lookup {
    path: String,
    line: u32,
    missing: Option<String>,
    available: Vec<String>,
}

impl Block {
    fn push(&mut self, line: &str) {
        if let Some(section) = captured::section(line) {
            let in_order = self.section.is_none_or(|before| before < section);
            if in_order {
                self.end_native();
                self.section = Some(section);
                self.mode = Mode::Captured;
                return;
            }
        }
        match &mut self.mode {
            Mode::Captured => {
                if let Some(section) = self.section {
                    section.keep(&mut self.captured, line);
                }
            }
            Mode::Foreign => {}
            _ if is_chain_phrase(line) => {
                self.end_native();
                self.parts.push(std::mem::take(&mut self.part));
            }
            Mode::Native(native) => native.push(line),
            Mode::Group(group) => group.push(line),
            Mode::Pytest => self.pytest_line(line),
        }
    }

    fn pytest_line(&mut self, line: &str) {
        if native::opens_group(line) {
            self.mode = Mode::Group(Box::default());
        } else if native::is_opening(line) && !line.starts_with(' ') {
            self.mode = Mode::Native(Native::default());
        } else if line == "E" || line.starts_with("E  ") {
            self.exception_line(&line[1..]);
        } else if let Some(marked) = line.strip_prefix('>') {
            self.marked_line(marked);
        } else if line.is_empty() {
            self.part.closed = !self.part.lines.is_empty();
        } else if let Some(source) = line.strip_prefix("    ") {
            self.source_line(source);
        } else if !separates_frames(line) {
            self.column_zero(line);
        }
    }

    fn exception_line(&mut self, text: &str) {
        if let Some(lookup) = &mut self.lookup {
            let missing = text.trim().strip_prefix("fixture '").and_then(|rest| rest.split('\'').next());
            if let Some(missing) = missing {
                lookup.missing = Some(missing.to_string());
                return;
            }
        }
        if !self.part.closed {
            self.part.lines.push(text.to_string());
        }
    }

    fn marked_line(&mut self, marked: &str) {
        let text = marked.trim();
        match &mut self.lookup {
            Some(lookup) => {
                if let Some(names) = text.strip_prefix("available fixtures:") {
                    lookup.available = names.split(',').map(|name| name.trim().to_string()).collect();
                }
            }
            None => self.part.current = Some(text.to_string()),
        }
    }

    fn source_line(&mut self, source: &str) {
        let part = &mut self.part;
        if part.frames.is_empty() && !part.lines.is_empty() && part.current.is_none() && !part.closed {
            part.lines.push(format!("   {source}")); // --tb=line continues an `E` line with four blanks
        } else if let Some(frame) =
            part.frames.last_mut().filter(|frame| frame.text.is_none() && frame.function.is_some())
        {
            frame.text = Some(source.trim().to_string());
        } else if part.function.is_none() {
            part.function = defined_name(source).map(str::to_string);
        }
    }

    fn column_zero(&mut self, line: &str) {
        if let Some((path, number)) = lookup_place(line) {
            let before = self.lookup.take().unwrap_or_default();
            self.lookup = Some(Lookup { path, line: number, ..before });
            return;
        }
        let part = &mut self.part;
        match Location::read(line) {
            Some(at) if at.function().is_some() => {
                let function = at.function().map(str::to_string);
                part.frames.push(Frame { path: at.path.to_string(), line: at.line, function, text: None });
                part.current = None;
            }
            Some(at) if at.rest.is_empty() && part.current.is_some() => part.close_frame(&at),
            Some(at) if at.exception().is_some() && (part.current.is_some() || !part.lines.is_empty()) => {
                part.exc_type = at.exception().map(str::to_string);
                part.close_frame(&at);
            }
            Some(at) if matches!(at.rest, "DocTestFailure" | "UnexpectedException") => {
                part.exc_type = Some(at.rest.to_string());
                part.close_frame(&at);
            }
            _ if part.is_empty() && defined_name(line).is_some() => {
                part.function = defined_name(line).map(str::to_string); // machine formats strip the first line
            }
            _ if is_dash_rule(line) && !part.is_empty() => self.mode = Mode::Foreign,
            _ => self.text.push(line.to_string()),
        }
    }

    fn end_native(&mut self) {
        match std::mem::take(&mut self.mode) {
            Mode::Native(native) => {
                self.part.native = Some(native.exception());
                self.part.frames = native.frames;
            }
            Mode::Group(group) => {
                let group = group.finish();
                self.part.native = Some(group.outer.exception());
                self.part.frames = group.outer.frames;
                self.part.children = group.children;
            }
            Mode::Pytest | Mode::Captured | Mode::Foreign => {}
        }
    }

    fn finish(mut self) -> Failure {
        self.end_native();
        captured::trim(&mut self.captured);
        let mut failure = Failure { captured: std::mem::take(&mut self.captured), ..Failure::default() };
        let mut last = std::mem::take(&mut self.part);
        if last.is_empty() {
            last = self.parts.pop().unwrap_or_default(); // torn between two exceptions
        }
        failure.chain = self.parts.into_iter().rev().map(Part::into_cause).collect();
        if let Some(lookup) = self.lookup {
            lookup.fill(&mut failure);
        } else if last.is_empty() {
            plain_text(&self.text, &mut failure);
        } else {
            last.fill(&self.text, &mut failure);
        }
        failure
    }
}

impl Part {
    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.lines.is_empty() && self.native.is_none()
    }

    /// `path:line:` closes a frame of the long style: its source stands above.
    fn close_frame(&mut self, at: &Location<'_>) {
        self.frames.push(Frame {
            path: at.path.to_string(),
            line: at.line,
            function: self.function.take(),
            text: self.current.take(),
        });
    }

    fn exception(&mut self) -> ExceptionText {
        if let Some(native) = self.native.take() {
            return native;
        }
        let indent = |line: &String| line.len() - line.trim_start_matches(' ').len();
        let margin = self.lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let lines: Vec<_> = self.lines.iter().map(|line| line.get(margin..).unwrap_or("")).collect();
        exception::read(&lines, self.exc_type.as_deref())
    }

    fn into_cause(mut self) -> Cause {
        let text = self.exception();
        let exc_type = text.exc_type.or(self.exc_type);
        Cause { exc_type, message: text.message, frames: bounded(self.frames) }
    }

    fn fill(mut self, plain: &[String], failure: &mut Failure) {
        let text = self.exception();
        failure.exc_type = text.exc_type.or(self.exc_type);
        failure.message = text.message;
        failure.hint = text.hint;
        if let Some((path, line)) = text.place {
            self.frames.push(Frame { path, line, function: None, text: None });
        }
        if failure.message.is_none() && !plain.is_empty() {
            failure.message = doctest_message(plain); // a doctest has a place and a text, no `E` line
        }
        if failure.exc_type.as_deref() == Some("AssertionError") {
            failure.introspection = failure.message.as_deref().and_then(exception::introspect);
        }
        failure.frames = bounded(self.frames);
        failure.group = self.children;
    }
}

impl Lookup {
    fn fill(self, failure: &mut Failure) {
        failure.exc_type = Some("FixtureLookupError".to_string());
        failure.message = self.missing.map(|name| format!("fixture '{name}' not found"));
        failure.path = Some(self.path);
        failure.line = Some(self.line);
        failure.available_fixtures = self.available;
    }
}

/// A text that stands alone: `pytest.fail(…, pytrace=False)`, strict xpass, ScopeMismatch. No line in it is
/// the failure's place.
fn plain_text(text: &[String], failure: &mut Failure) {
    let text = match text {
        [worker, rest @ ..] if is_worker_line(worker) => rest,
        all => all,
    };
    if text.is_empty() {
        return;
    }
    let message = text.join("\n");
    if message.starts_with("ScopeMismatch") || message.starts_with("Fixture \"") {
        failure.exc_type = Some("Failed".to_string());
    }
    failure.message = Some(message);
}

/// From `Expected:` on; the source lines of the doctest stand above it.
fn doctest_message(text: &[String]) -> Option<String> {
    let start = text.iter().position(|line| line == "Expected:" || line.starts_with("UNEXPECTED EXCEPTION:"))?;
    Some(text[start..].join("\n"))
}

/// `[gw0] linux -- Python 3.13.0 /path/python`
fn is_worker_line(line: &str) -> bool {
    line.starts_with('[') && line.contains("] ") && line.contains(" -- Python ")
}

fn is_dash_rule(line: &str) -> bool {
    super::rule::title(line, '-').is_some() && line.starts_with("---")
}

fn is_chain_phrase(line: &str) -> bool {
    line.starts_with("The above exception was the direct cause of the following exception:")
        || line.starts_with("During handling of the above exception, another exception occurred:")
}

/// `file /abs/x.py, line 23`
fn lookup_place(line: &str) -> Option<(String, u32)> {
    let (path, number) = line.strip_prefix("file ")?.rsplit_once(", line ")?;
    Some((path.to_string(), number.trim_end().parse().ok()?))
}

/// The function whose definition a line of source opens.
fn defined_name(source: &str) -> Option<&str> {
    let source = source.trim_start();
    let rest = source.strip_prefix("async ").unwrap_or(source).strip_prefix("def ")?;
    Some(rest.split(['(', '[', ' ']).next().unwrap_or(rest)).filter(|name| !name.is_empty())
}

fn bounded(mut frames: Vec<Frame>) -> Vec<Frame> {
    if frames.len() > MAX_FRAMES {
        frames.drain(MAX_FRAMES / 2..frames.len() - MAX_FRAMES / 2);
    }
    frames
}
