//! The text of one failure: traceback in any style, fixture lookup, doctest, plain text; captured output.

use super::captured::{self, Section};
use super::exception::{self, ExceptionText};
use super::native::{self, Group, Native};
use super::rule::{Location, is_identifier, separates_frames};
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
struct Block<'a> {
    parts: Vec<Part<'a>>,
    part: Part<'a>,
    mode: Mode,
    /// Column-0 text: the whole story where there is neither frame nor `E` line.
    text: Vec<&'a str>,
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
    /// What a doctest expected and got, up to its location.
    Doctest,
    /// `--- Captured stdout call ---`
    Captured,
    /// A section of a plugin.
    Foreign,
}

/// One exception of a chain.
#[derive(Default)]
struct Part<'a> {
    frames: Vec<Place<'a>>,
    /// Text of the `E` lines, with their indent.
    lines: Vec<&'a str>,
    exc_type: Option<&'a str>,
    native: Option<Alien>,
    /// The `>` line and the function of the long style's frame that is being read.
    current: Option<&'a str>,
    function: Option<&'a str>,
    /// A blank line came after the `E` lines: what follows are locals.
    closed: bool,
}

/// A frame in the words of the log.
struct Place<'a> {
    path: &'a str,
    line: u32,
    function: Option<&'a str>,
    text: Option<&'a str>,
}

/// An exception that Python printed, not pytest.
struct Alien {
    text: ExceptionText,
    frames: Vec<Frame>,
    children: Vec<Cause>,
}

/// `file /abs/x.py, line 23` … `E       fixture 'cartt' not found`.
#[derive(Default)]
struct Lookup {
    path: String,
    line: u32,
    missing: Option<String>,
    available: Vec<String>,
}

impl<'a> Block<'a> {
    fn push(&mut self, line: &'a str) {
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
            Mode::Native(native) if native.ends_in_phrase() && is_traceback(line) => {
                self.end_part();
                self.pytest_line(line);
            }
            Mode::Native(_) if is_plugin_rule(line) => {
                self.end_native();
                self.mode = Mode::Foreign;
            }
            Mode::Native(native) => native.push(line),
            _ if native::is_chain_phrase(line) => self.end_part(),
            Mode::Group(group) => group.push(line),
            Mode::Doctest if Location::read(line).is_some_and(|at| is_doctest(at.rest)) => self.column_zero(line),
            Mode::Doctest => self.text.push(line),
            Mode::Pytest => self.pytest_line(line),
        }
    }

    fn pytest_line(&mut self, line: &'a str) {
        if line.is_empty() {
            self.part.closed = !self.part.lines.is_empty();
        } else if line == "E" || line.starts_with("E  ") {
            self.exception_line(&line[1..]);
        } else if let Some(marked) = line.strip_prefix('>') {
            self.marked_line(marked);
        } else if native::opens_group(line) {
            self.mode = Mode::Group(Box::default());
        } else if native::is_opening(line) && !line.starts_with(' ') {
            self.mode = Mode::Native(Native::default());
        } else if let Some(source) = line.strip_prefix("    ") {
            self.source_line(line, source);
        } else if !separates_frames(line) {
            self.column_zero(line);
        }
    }

    fn exception_line(&mut self, text: &'a str) {
        if let Some(lookup) = &mut self.lookup {
            let missing = text.trim().strip_prefix("fixture '").and_then(|rest| rest.split('\'').next());
            if let Some(missing) = missing {
                lookup.missing = Some(missing.to_string());
                return;
            }
        }
        if !self.part.closed {
            self.part.lines.push(text);
        }
    }

    fn marked_line(&mut self, marked: &'a str) {
        let text = marked.trim();
        match &mut self.lookup {
            Some(lookup) => {
                if let Some(names) = text.strip_prefix("available fixtures:") {
                    lookup.available = names.split(',').map(|name| name.trim().to_string()).collect();
                }
            }
            None => self.part.current = Some(text),
        }
    }

    fn source_line(&mut self, line: &'a str, source: &'a str) {
        let part = &mut self.part;
        if part.frames.is_empty() && !part.lines.is_empty() && part.current.is_none() && !part.closed {
            part.lines.push(&line[1..]); // --tb=line continues an `E` line with four blanks
        } else if let Some(frame) =
            part.frames.last_mut().filter(|frame| frame.text.is_none() && frame.function.is_some())
        {
            frame.text = Some(source.trim());
        } else if part.function.is_none() {
            part.function = defined_name(source);
        }
    }

    fn column_zero(&mut self, line: &'a str) {
        if let Some((path, number)) = lookup_place(line) {
            let before = self.lookup.take().unwrap_or_default();
            self.lookup = Some(Lookup { path, line: number, ..before });
            return;
        }
        let part = &mut self.part;
        match Location::read(line) {
            Some(at) if at.function().is_some() => {
                part.frames.push(Place { path: at.path, line: at.line, function: at.function(), text: None });
                part.current = None;
            }
            Some(at) if at.rest.is_empty() && part.current.is_some() => part.close_frame(&at),
            Some(at) if at.exception().is_some() && (part.current.is_some() || !part.lines.is_empty()) => {
                part.exc_type = at.exception();
                part.close_frame(&at);
            }
            Some(at) if is_doctest(at.rest) => {
                self.mode = Mode::Pytest;
                part.exc_type = Some(at.rest);
                part.close_frame(&at);
            }
            _ if part.is_empty() && defined_name(line).is_some() => {
                part.function = defined_name(line); // machine formats strip the first line
            }
            _ if opens_difference(line) && part.lines.is_empty() => {
                self.text.push(line);
                self.mode = Mode::Doctest;
            }
            _ if is_plugin_rule(line) || is_dash_rule(line) && !part.is_empty() => self.mode = Mode::Foreign,
            _ => self.text.push(line),
        }
    }

    /// Another exception of the chain follows.
    fn end_part(&mut self) {
        self.end_native();
        self.parts.push(std::mem::take(&mut self.part));
    }

    fn end_native(&mut self) {
        match std::mem::take(&mut self.mode) {
            Mode::Native(native) => {
                let native = native.without_phrase();
                let text = native.exception();
                self.part.native = Some(Alien { text, frames: native.frames, children: Vec::new() });
            }
            Mode::Group(group) => {
                let Group { outer, children, .. } = group.finish();
                self.part.native = Some(Alien { text: outer.exception(), frames: outer.frames, children });
            }
            Mode::Pytest | Mode::Doctest | Mode::Captured | Mode::Foreign => {}
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
        let causes = self.parts.into_iter().rev().map(Part::into_cause);
        failure.chain = causes.filter(|cause| *cause != Cause::default()).collect();
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

impl<'a> Part<'a> {
    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.lines.is_empty() && self.native.is_none()
    }

    /// `path:line:` closes a frame of the long style: its source stands above.
    fn close_frame(&mut self, at: &Location<'a>) {
        let (function, text) = (self.function.take(), self.current.take());
        self.frames.push(Place { path: at.path, line: at.line, function, text });
    }

    /// What the exception says, its frames, and the exceptions in it.
    fn exception(self) -> Alien {
        if let Some(alien) = self.native {
            return Alien { frames: bounded(alien.frames), ..alien };
        }
        let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
        let margin = self.lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let lines: Vec<_> = self.lines.iter().map(|line| line.get(margin..).unwrap_or("")).collect();
        let mut text = exception::read(&lines, self.exc_type);
        text.exc_type = text.exc_type.or_else(|| self.exc_type.map(str::to_string));
        let frames = bounded(self.frames).into_iter().map(Frame::from).collect();
        Alien { text, frames, children: Vec::new() }
    }

    fn into_cause(self) -> Cause {
        let Alien { text, frames, .. } = self.exception();
        Cause { exc_type: text.exc_type, message: text.message, frames }
    }

    fn fill(self, plain: &[&str], failure: &mut Failure) {
        let Alien { text, mut frames, children } = self.exception();
        failure.exc_type = text.exc_type;
        failure.message = text.message;
        failure.hint = text.hint;
        if let Some((path, line)) = text.place {
            frames.push(Frame { path, line, function: None, text: None });
        }
        if failure.message.is_none() && !plain.is_empty() {
            failure.message = doctest_message(plain); // a doctest has a place and a text, no `E` line
        }
        if matches!(failure.exc_type.as_deref(), Some("AssertionError" | "MismatchError")) {
            failure.introspection = failure.message.as_deref().and_then(exception::introspect);
        }
        failure.frames = frames;
        failure.group = children;
    }
}

impl From<Place<'_>> for Frame {
    fn from(place: Place<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_string);
        let Place { path, line, function, text } = place;
        // What pytest prints where it cannot read the line.
        let text = text.filter(|text| *text != "???");
        Self { path: path.to_string(), line, function: owned(function), text: owned(text) }
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
fn plain_text(text: &[&str], failure: &mut Failure) {
    let text = match text {
        [worker, rest @ ..] if is_worker_line(worker) => rest,
        all => all,
    };
    if text.is_empty() {
        return;
    }
    let message = text.join("\n");
    let parametrized =
        ["function uses no ", "in \"parametrize\" the number of "].iter().any(|words| message.contains(words));
    if message.starts_with("ScopeMismatch") || message.starts_with("Fixture \"") || parametrized {
        failure.exc_type = Some("Failed".to_string());
    }
    failure.message = Some(message);
}

/// From `Expected:` on; the source lines of the doctest stand above it.
fn doctest_message(text: &[&str]) -> Option<String> {
    let start = text.iter().position(|line| opens_difference(line))?;
    Some(text[start..].join("\n").trim_end().to_string())
}

fn opens_difference(line: &str) -> bool {
    let openings = ["Expected:", "Expected nothing", "Differences (", "UNEXPECTED EXCEPTION: "];
    line.starts_with(['E', 'D', 'U']) && openings.iter().any(|opening| line.starts_with(opening))
}

/// The exception that closes a doctest's text.
fn is_doctest(exception: &str) -> bool {
    matches!(exception, "DocTestFailure" | "UnexpectedException")
}

/// `[gw0] linux -- Python 3.13.0 /path/python`
fn is_worker_line(line: &str) -> bool {
    line.starts_with('[') && line.contains("] ") && line.contains(" -- Python ")
}

/// What a traceback of any style begins with; a message that holds the phrase goes on with a sentence.
fn is_traceback(line: &str) -> bool {
    native::is_opening(line)
        || line.starts_with("    ")
        || line.starts_with('>')
        || line.contains(" = ")
        || Location::read(line).is_some()
}

fn is_dash_rule(line: &str) -> bool {
    super::rule::title(line, '-').is_some() && line.starts_with("---")
}

/// `--- generated xml file: /x.xml ---`; a long path leaves one sign on each side.
fn is_plugin_rule(line: &str) -> bool {
    line.starts_with('-')
        && super::rule::title(line, '-').is_some_and(|title| {
            ["generated ", "JSON report", "snapshot report ", "coverage: "].iter().any(|start| title.starts_with(start))
        })
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
    Some(&rest[..rest.find(['(', '['])?]).filter(|name| is_identifier(name))
}

fn bounded<T>(mut frames: Vec<T>) -> Vec<T> {
    if frames.len() > MAX_FRAMES {
        frames.drain(MAX_FRAMES / 2..frames.len() - MAX_FRAMES / 2);
    }
    frames
}
