//! JUnit XML as pytest writes it (families xunit1 and xunit2); other writers' files are read as far as they agree.

use std::collections::HashMap;

use memchr::memmem;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::tally::Tally;
use super::{Captured, Failure, Format, Outcome, Phase, Report, ansi, blocks, headline, locate, reportlog, rule};

/// The document as far as it came. It is read test case by test case, so that its size does not matter.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// What follows the last beginning of a test case.
    pending: Vec<u8>,
    /// How much of it was searched for the next one.
    searched: usize,
    tally: Tally,
    case: Option<Case>,
    inside: Option<Element>,
}

impl Default for Document {
    fn default() -> Self {
        let tally = Tally::new(Format::JunitXml);
        Self { pending: Vec::new(), searched: 0, tally, case: None, inside: None }
    }
}

impl Document {
    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let (mut start, mut from) = (0, self.searched);
        while let Some(at) = memmem::find(&pending[from..], CASE) {
            let end = from + at;
            from = end + CASE.len();
            if !is_in_cdata(&pending[start..end]) {
                self.read(&String::from_utf8_lossy(&pending[start..end]));
                start = end;
            }
        }
        self.pending = pending[start..].to_vec();
        self.searched = from.max(pending.len().saturating_sub(CASE.len() - 1)) - start;
    }

    /// The report; of a torn document, the whole test cases.
    pub(super) fn report(&self) -> Report {
        let mut whole = self.clone();
        whole.read(&String::from_utf8_lossy(&self.pending));
        whole.tally.report()
    }

    fn read(&mut self, text: &str) {
        let Self { tally, case, inside, .. } = self;
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => start(&tag, tally, case, inside),
                Ok(Event::Empty(tag)) => {
                    start(&tag, tally, case, inside);
                    end(tag.local_name().as_ref(), tally, case, inside);
                }
                Ok(Event::End(tag)) => end(tag.local_name().as_ref(), tally, case, inside),
                Ok(Event::Text(piece)) => push(inside, &piece.xml10_content()),
                Ok(Event::CData(piece)) => push(inside, &piece.xml10_content()),
                Ok(Event::GeneralRef(name)) => push(inside, &entity(&name)),
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => {}
            }
        }
    }
}

/// What a test case begins with; `<` stands for nothing else, but in CDATA.
const CASE: &[u8] = b"<testcase";

fn is_in_cdata(piece: &[u8]) -> bool {
    let last = |mark: &[u8]| memmem::rfind(piece, mark);
    last(b"<![CDATA[").is_some_and(|opened| last(b"]]>").is_none_or(|closed| closed < opened))
}

/// A `testcase` being read.
#[derive(Clone, Debug, Default)]
struct Case {
    classname: String,
    name: String,
    file: Option<String>,
    duration: Option<f64>,
    results: Vec<Element>,
    captured: Captured,
}

/// `failure`, `error`, `skipped`, `system-out`, `system-err` with their text.
#[derive(Clone, Debug)]
struct Element {
    tag: String,
    message: Option<String>,
    kind: Option<String>,
    text: String,
}

fn start(tag: &BytesStart<'_>, tally: &mut Tally, case: &mut Option<Case>, inside: &mut Option<Element>) {
    let mut attributes = attributes(tag.attributes());
    match tag.local_name().as_ref() {
        "testsuite" => {
            let time = attributes.get("time").and_then(|time| time.parse::<f64>().ok());
            tally.run.duration = tally.run.duration.map(|sum| sum + time.unwrap_or(0.0)).or(time);
        }
        "testcase" => {
            *case = Some(Case {
                classname: attributes.remove("classname").unwrap_or_default(),
                name: attributes.remove("name").unwrap_or_default(),
                file: attributes.remove("file").map(|file| file.replace('\\', "/")),
                duration: attributes.get("time").and_then(|time| time.parse().ok()),
                ..Case::default()
            });
        }
        tag @ ("failure" | "error" | "skipped" | "system-out" | "system-err") if case.is_some() => {
            let (message, kind) = (attributes.remove("message"), attributes.remove("type"));
            *inside = Some(Element { tag: tag.to_string(), message, kind, text: String::new() });
        }
        _ => {}
    }
}

fn end(tag: &str, tally: &mut Tally, case: &mut Option<Case>, inside: &mut Option<Element>) {
    if tag == "testcase" {
        if let Some(case) = case.take() {
            case.finish(tally);
        }
    } else if tag == "testsuites" || tag == "testsuite" {
        tally.run.complete = true;
    } else if let (Some(case), Some(element)) = (case.as_mut(), inside.take_if(|element| element.tag == tag)) {
        match element.tag.as_str() {
            "system-out" | "system-err" => case.output(&element),
            _ => case.results.push(element),
        }
    }
}

fn push(inside: &mut Option<Element>, piece: &str) {
    if let Some(element) = inside {
        element.text.push_str(piece);
    }
}

impl Case {
    fn finish(self, tally: &mut Tally) {
        let blocks: Vec<_> = self.results.iter().map(|element| blocks::read(element.lines().lines())).collect();
        let nodeid = self.nodeid(blocks.first());
        let mut duration = self.duration;
        if self.results.is_empty() {
            tally.phase(&nodeid, Phase::Call, Outcome::Passed, duration.take());
        }
        for (element, mut failure) in self.results.iter().zip(blocks) {
            let phase = element.phase();
            tally.phase(&nodeid, phase, element.outcome(), duration.take());
            if element.tag == "skipped" {
                continue;
            }
            if tally.run.rootdir.is_none() && failure.path.as_deref().is_some_and(rule::is_absolute) {
                let path = failure.path.as_deref().unwrap_or_default();
                tally.run.rootdir = super::tally::root_of(path, headline::file(&nodeid));
            }
            let message = element.message.as_deref().map(restored);
            reportlog::whole_message(&mut failure, message.as_deref().filter(|_| phase == Phase::Call));
            let captured = Captured { ..self.captured.clone() };
            tally.failure(Failure { nodeid: nodeid.clone(), phase, captured, ..failure });
        }
    }

    /// `classname` is the dotted file and classes; which part is the file shows the `file` attribute (xunit1), a
    /// frame, or pytest's naming of test files.
    fn nodeid(&self, failure: Option<&Failure>) -> String {
        if self.classname.is_empty() {
            return self.file.clone().unwrap_or_else(|| collected_path(&self.name, failure));
        }
        let file = self.file.clone().or_else(|| framed_file(&self.classname, failure));
        let file = file.unwrap_or_else(|| file_by_name(&self.classname));
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem).replace('/', ".");
        let classes = self.classname.strip_prefix(&stem).unwrap_or_default().trim_start_matches('.');
        match classes {
            "" => format!("{file}::{}", self.name),
            classes => format!("{file}::{}::{}", classes.replace('.', "::"), self.name),
        }
    }

    /// With `-o junit_logging=all`: `--- Captured Out ---`, `--- Captured Log ---`.
    fn output(&mut self, element: &Element) {
        let mut stream = None;
        for line in element.lines().lines() {
            match rule::title(line, '-') {
                Some("Captured Out") => stream = Some("stdout"),
                Some("Captured Err") => stream = Some("stderr"),
                Some("Captured Log") => stream = Some("log"),
                _ => {
                    let name = format!("Captured {} call", stream.unwrap_or("stdout"));
                    if let Some(section) = super::captured::named(&name) {
                        section.keep(&mut self.captured, line);
                    }
                }
            }
        }
        super::captured::trim(&mut self.captured);
    }
}

impl Element {
    /// The text as the terminal would show it.
    fn lines(&self) -> String {
        ansi::strip(&restored(&self.text)).into_owned()
    }

    /// `failed on setup with "…"`, `collection failure`.
    fn phase(&self) -> Phase {
        let message = self.message.as_deref().unwrap_or_default();
        match self.tag.as_str() {
            "error" if message.starts_with("collection") => Phase::Collection,
            "error" if message.starts_with("failed on teardown") || message.contains("teardown failure") => {
                Phase::Teardown
            }
            "error" => Phase::Setup,
            _ => Phase::Call,
        }
    }

    fn outcome(&self) -> Outcome {
        match self.tag.as_str() {
            "failure" => Outcome::Failed,
            "error" => Outcome::Error,
            _ if self.kind.as_deref() == Some("pytest.xfail") => Outcome::Xfailed,
            _ => Outcome::Skipped,
        }
    }
}

/// Control characters are written as `#x1B`, since XML has no other way.
fn restored(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("#x") {
        plain.push_str(&rest[..at]);
        let digits = rest.get(at + 2..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|code| *code < 0x20 || *code == 0x7f)
        {
            Some(code) => {
                plain.push(char::from(code));
                rest = &rest[at + 4..];
            }
            None => {
                plain.push_str("#x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain + rest
}

fn entity(name: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(char)) = name.resolve_char_ref() {
        return char.to_string();
    }
    quick_xml::escape::resolve_xml_entity(name).unwrap_or_default().to_string()
}

fn attributes(attributes: Attributes<'_>) -> HashMap<String, String> {
    let read = attributes.flatten().map(|attribute| {
        let key = attribute.key.local_name().as_ref().to_string();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map(|value| value.into_owned());
        (key, value.unwrap_or_default())
    });
    read.collect()
}

/// The file of a dotted collection name, `extra.broken.test_syntax`.
fn collected_path(dotted: &str, failure: Option<&Failure>) -> String {
    framed_file(dotted, failure).unwrap_or_else(|| format!("{}.py", dotted.replace('.', "/")))
}

/// The longest dotted prefix that is the file of a frame.
fn framed_file(dotted: &str, failure: Option<&Failure>) -> Option<String> {
    let failure = failure?;
    let paths = failure.frames.iter().map(|frame| frame.path.as_str()).chain(failure.path.as_deref());
    let prefix_of = |path: &str| {
        let path = path.replace('\\', "/");
        let stem = path.rsplit_once('.')?.0;
        let parts: Vec<_> = stem.split('/').collect();
        // an absolute path shows the file by its tail
        (0..parts.len()).find_map(|skip| {
            let name = parts[skip..].join(".");
            let fits = dotted.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            (fits && !name.is_empty()).then(|| path.split('/').skip(skip).collect::<Vec<_>>().join("/"))
        })
    };
    paths.filter_map(prefix_of).max_by_key(String::len)
}

/// By pytest's default naming: the last `test_*` or `*_test` part is the file, else everything before a class.
fn file_by_name(dotted: &str) -> String {
    let parts: Vec<_> = dotted.split('.').collect();
    let is_test = |part: &str| locate::is_test_like(&format!("{part}.py"));
    let is_class = |part: &str| part.starts_with(|c: char| c.is_uppercase());
    let length = match parts.iter().rposition(|part| is_test(part)) {
        Some(at) => at + 1,
        None => parts.iter().position(|part| is_class(part)).filter(|&at| at > 0).unwrap_or(parts.len()),
    };
    if length == parts.len() && parts.len() > 1 && matches!(parts[length - 1], "txt" | "rst" | "md") {
        return format!("{}.{}", parts[..length - 1].join("/"), parts[length - 1]);
    }
    format!("{}.py", parts[..length].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dotted_class_name_is_split_at_the_file() {
        assert_eq!(file_by_name("tests.unit.test_a.TestOuter.TestInner"), "tests/unit/test_a.py");
        assert_eq!(file_by_name("checks.cart.TestCart"), "checks/cart.py");
        assert_eq!(file_by_name("checks.cart"), "checks/cart.py");
    }

    #[test]
    fn control_characters_come_back() {
        assert_eq!(restored("a#x1B[0mb #xZZ #x41"), "a\u{1b}[0mb #xZZ #x41");
    }

    #[test]
    fn a_torn_document_gives_its_whole_cases() {
        let text = r#"<testsuites><testsuite name="pytest" time="1.5"><testcase classname="t.test_a" name="test_x" time="0.1"><failure message="assert 1 == 2">E   assert 1 == 2

t/test_a.py:3: AssertionError</failure></testcase><testcase classname="t.test_a" name="te"#;
        let mut document = Document::default();
        text.as_bytes().chunks(7).for_each(|chunk| document.feed(chunk));
        let report = document.report();
        assert_eq!(report.failures.len(), 1);
        assert_eq!((report.failures[0].nodeid.as_str(), report.failures[0].line), ("t/test_a.py::test_x", Some(3)));
        assert!(!report.runs[0].complete);
    }
}
