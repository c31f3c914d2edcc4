//! The lenient reader: one pass over the lines, every part with its place.
//!
//! Headings in other case, punctuation or level, missing separators, `~~~` and longer fences, fences that are
//! never closed: all are read as what they were meant to be.

use std::ops::Range;

use super::problems::{Kind, Problem};
use super::{Lesson, Section, SectionPlace};
use crate::text::LineIndex;

/// What was understood, and what was odd on the way.
pub(super) struct Read {
    pub lessons: Vec<Lesson>,
    pub problems: Vec<Problem>,
}

/// Reads the lessons of `text`.
pub(super) fn read(text: &str) -> Read {
    let lines = LineIndex::new(text);
    let mut reader = Reader { text, lines: &lines, lessons: Vec::new(), problems: Vec::new(), state: State::Outside };
    let mut number = 0;
    while number < lines.len() {
        number = reader.line(number);
    }
    reader.end_entry(text.len());
    Read { lessons: reader.lessons, problems: reader.problems }
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    lessons: Vec<Lesson>,
    problems: Vec<Problem>,
    state: State,
}

/// Where in the format the next line stands.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Outside,
    /// Below the heading of the last lesson.
    Metadata,
    /// In the last section of the last lesson.
    Section,
    /// In a section of the last lesson that the format does not know.
    UnknownSection,
}

impl<'a> Reader<'a> {
    /// Reads the line `number` and, where a fence opens there, its block. Returns the next line's number.
    fn line(&mut self, number: usize) -> usize {
        let range = self.range(number);
        let line = &self.text[range.clone()];
        if let Some(fence) = Fence::opens(line) {
            return self.block(number, &fence);
        }
        if let Some(heading) = Heading::read(self.text, range.clone()) {
            self.heading(number, range, &heading);
        } else if is_separator(line) && self.state != State::Outside {
            self.lesson().places.separator = Some(range);
        } else if self.state == State::Metadata {
            self.metadata(range);
        }
        number + 1
    }

    fn heading(&mut self, number: usize, range: Range<usize>, heading: &Heading) {
        let title = &self.text[heading.text.clone()];
        let entry = if heading.bold { None } else { entry_title(title) };
        if let Some(entry) = entry.or_else(|| self.is_bare_entry(number, heading).then_some(title)) {
            let start = entry.as_ptr() as usize - self.text.as_ptr() as usize;
            self.begin_entry(number, range, start..start + entry.len());
        } else if self.state == State::Outside {
            // The file's own headings.
        } else if let Some(section) = section_named(title) {
            self.begin_section(section, range);
        } else if heading.level <= 2 {
            self.end_entry(range.start);
        } else {
            self.close_section(range.start);
            self.state = State::UnknownSection;
        }
    }

    /// A heading that is no `Entry:` but has a **Category** below it is one that was written by hand.
    fn is_bare_entry(&self, number: usize, heading: &Heading) -> bool {
        if heading.level > 3 || heading.bold || section_named(&self.text[heading.text.clone()]).is_some() {
            return false;
        }
        let mut below = (number + 1..self.lines.len()).take(4).map(|next| &self.text[self.range(next)]);
        let first = below.find(|line| !line.trim().is_empty());
        first.and_then(key_of).is_some_and(|(key, _)| key == "category")
    }

    fn begin_entry(&mut self, number: usize, range: Range<usize>, title: Range<usize>) {
        self.end_entry(range.start);
        let text = self.text[title.clone()].to_string();
        let mut lesson = Lesson { title: text, line: number as u32 + 1, ..Lesson::default() };
        lesson.places.entry = range.start..self.text.len();
        (lesson.places.heading, lesson.places.title) = (range, title);
        self.lessons.push(lesson);
        self.state = State::Metadata;
    }

    fn end_entry(&mut self, at: usize) {
        if self.state != State::Outside {
            self.close_section(at);
            self.lesson().places.entry.end = at;
        }
        self.state = State::Outside;
    }

    fn begin_section(&mut self, section: Section, heading: Range<usize>) {
        self.close_section(heading.start);
        let body = heading.end..heading.end;
        let places = &mut self.lesson().places;
        // `---` between two sections ends nothing.
        places.separator = None;
        places.sections.push(SectionPlace { section, heading, body, code: Vec::new() });
        self.state = State::Section;
    }

    /// Ends the open section before the byte `at` and keeps its text.
    fn close_section(&mut self, at: usize) {
        if self.state != State::Section {
            return;
        }
        let text = self.text;
        let lesson = self.lesson();
        let end = lesson.places.separator.as_ref().map_or(at, |separator| separator.start);
        let place = lesson.places.sections.last_mut().expect("the state says that a section is open");
        place.body = trimmed(text, place.body.start..end.max(place.body.start));
        let (section, body) = (place.section, place.body.clone());
        if !section.is_code() || place.code.is_empty() {
            join(lesson.section_mut(section), &text[body].replace("\r\n", "\n"));
        }
    }

    fn metadata(&mut self, range: Range<usize>) {
        let Some((key, value)) = key_of(&self.text[range]) else { return };
        let start = value.as_ptr() as usize - self.text.as_ptr() as usize;
        let place = Some(start..start + value.len());
        let lesson = self.lesson();
        match key.as_str() {
            "category" => (lesson.category, lesson.places.category) = (value.to_string(), place),
            "date" => (lesson.date, lesson.places.date) = (value.to_string(), place),
            _ => (lesson.test, lesson.places.test) = (value.to_string(), place),
        }
    }

    /// Reads the fenced block that opens on line `number`. Returns the line after it.
    fn block(&mut self, number: usize, fence: &Fence) -> usize {
        let (end, next) = match self.closing(number, fence) {
            Closing::Line(closing) => (closing, closing + 1),
            Closing::Missing(line) => {
                let kind = Kind::UnclosedFence { at: self.start_of(line), marker: fence.marker() };
                self.problems.push(Problem::new(self.range(number), kind));
                (line, line)
            }
        };
        if self.state == State::Section {
            let code = self.start_of(number + 1)..self.start_of(end);
            let text = unindented(&self.text[code.clone()], fence.indent);
            let lesson = self.lesson();
            let place = lesson.places.sections.last_mut().expect("the state says that a section is open");
            place.code.push(code);
            let section = place.section;
            if section.is_code() {
                lesson.other_language |= !fence.is_python();
                join(lesson.section_mut(section), &text);
            }
        }
        next
    }

    /// Where the block that opens on line `number` ends.
    fn closing(&self, number: usize, fence: &Fence) -> Closing {
        let mut first_heading = None;
        let mut below_code_heading = false;
        for next in number + 1..self.lines.len() {
            let range = self.range(next);
            let line = &self.text[range.clone()];
            if line.trim().is_empty() {
                continue;
            }
            if let Some(heading) = first_heading
                && let Some(other) = Fence::opens(line)
                && (below_code_heading || !other.info.is_empty())
            {
                // A heading of the format and then another block: this one was never closed.
                return Closing::Missing(heading);
            }
            if fence.closes(line) {
                return Closing::Line(next);
            }
            let heading = Heading::read(self.text, range).filter(|heading| !heading.bold);
            let title = heading.map(|heading| &self.text[heading.text]);
            let section = title.and_then(section_named);
            below_code_heading = section.is_some_and(Section::is_code);
            if section.is_some() || title.is_some_and(|title| entry_title(title).is_some()) {
                first_heading = first_heading.or(Some(next));
            }
        }
        Closing::Missing(first_heading.unwrap_or(self.lines.len()))
    }

    fn lesson(&mut self) -> &mut Lesson {
        self.lessons.last_mut().expect("every state but Outside has a lesson")
    }

    /// The bytes of a line without its end.
    fn range(&self, number: usize) -> Range<usize> {
        let range = self.lines.line_range(number).unwrap_or(self.text.len()..self.text.len());
        let line = self.text[range.clone()].trim_end_matches(['\n', '\r']);
        range.start..range.start + line.len()
    }

    fn start_of(&self, number: usize) -> usize {
        self.lines.line_range(number).map_or(self.text.len(), |range| range.start)
    }
}

enum Closing {
    Line(usize),
    /// The block ends before this line, without a fence.
    Missing(usize),
}

/// A fence that opens a block.
struct Fence {
    mark: u8,
    length: usize,
    indent: usize,
    info: String,
}

/// Longer fences count as this long, so that a file of ever shorter ones is not read again and again.
const LONGEST_FENCE: usize = 64;

impl Fence {
    fn opens(line: &str) -> Option<Self> {
        let rest = line.trim_start();
        let mark = *rest.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
        let length = rest.bytes().take_while(|byte| *byte == mark).count();
        let info = rest[length..].trim();
        let is_fence = length >= 3 && !(mark == b'`' && info.contains('`'));
        let (length, indent) = (length.min(LONGEST_FENCE), line.len() - rest.len());
        is_fence.then(|| Self { mark, length, indent, info: info.to_string() })
    }

    fn closes(&self, line: &str) -> bool {
        let rest = line.trim();
        rest.len() >= self.length && rest.bytes().all(|byte| byte == self.mark)
    }

    fn is_python(&self) -> bool {
        let word = self.info.trim_start_matches(['{', '.', ' ']).split([' ', ',', '{', '}', ':']).next().unwrap_or("");
        ["", "python", "py", "python3", "py3"].iter().any(|name| word.eq_ignore_ascii_case(name))
    }

    fn marker(&self) -> String {
        char::from(self.mark).to_string().repeat(self.length)
    }
}

/// A line that is a heading, or the bold name of a section alone on its line.
struct Heading {
    /// The number of `#`; 0 where it is bold text.
    level: usize,
    bold: bool,
    text: Range<usize>,
}

impl Heading {
    fn read(text: &str, range: Range<usize>) -> Option<Self> {
        let line = text[range].trim_start_matches('\u{feff}');
        let content = line.trim_start_matches(' ');
        // Four spaces in front make it code.
        if line.len() - content.len() > 3 {
            return None;
        }
        let level = content.bytes().take_while(|byte| *byte == b'#').count();
        let bold = content.starts_with("**");
        let names_section = bold && content.len() < 60 && section_named(content).is_some();
        if !(1..=6).contains(&level) && !names_section {
            return None;
        }
        let title = content[level..].trim_end().trim_end_matches('#').trim();
        let start = title.as_ptr() as usize - text.as_ptr() as usize;
        Some(Self { level, bold, text: start..start + title.len() })
    }
}

/// `Entry: title`, `ENTRY - title`, `Entry 12: title`.
fn entry_title(heading: &str) -> Option<&str> {
    let heading = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = heading.get(..5).filter(|word| word.eq_ignore_ascii_case("entry")).map(|_| &heading[5..])?;
    let rest = rest.trim_start_matches(['*', '_', ' ', '\t', '#']).trim_start_matches(|c: char| c.is_ascii_digit());
    let title = rest.trim_start_matches([')', ' ']).strip_prefix([':', '-', '–', '—', '.', '|'])?;
    Some(title.trim())
}

fn section_named(heading: &str) -> Option<Section> {
    let words = heading.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).take(6);
    let section = match words.map(str::to_lowercase).collect::<Vec<_>>().join(" ").as_str() {
        "what went wrong" | "what happened" => Section::WhatWentWrong,
        "wrong code" | "incorrect code" | "bad code" | "broken code" | "wrong" => Section::WrongCode,
        "correct code" | "corrected code" | "right code" | "fixed code" | "good code" | "correct" => {
            Section::CorrectCode
        }
        "lesson learned" | "lessons learned" | "lesson" => Section::LessonLearned,
        "how to avoid" | "how to avoid it" | "how to avoid this" => Section::HowToAvoid,
        _ => return None,
    };
    Some(section)
}

/// `**Category**: TypeError` to `("category", "TypeError")`, with or without the stars or a bullet.
fn key_of(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.trim_start_matches(['-', '*', '+', ' ', '\t', '_']).split_once([':', '*', '_'])?;
    let value = value.trim_start_matches(['*', '_', ':', ' ', '\t']).trim_end();
    let key = key.trim().to_lowercase();
    matches!(key.as_str(), "category" | "date" | "test").then_some((key, value))
}

/// A thematic break of markdown.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && ["-", "*", "_"].iter().any(|mark| line.replace(mark, "").trim().is_empty())
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let body = &text[range.clone()];
    let start = range.start + (body.len() - body.trim_start().len());
    start..start + body.trim().len()
}

/// A second section or block of the same name continues the first, so nothing is lost.
fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

/// A block's code as it was meant: without the indent of its fence, lines ended by `\n`, none at the end.
fn unindented(code: &str, indent: usize) -> String {
    let lines = code.lines().map(|line| {
        let blank = line.bytes().take(indent).take_while(|byte| *byte == b' ').count();
        &line[blank..]
    });
    lines.collect::<Vec<_>>().join("\n").trim_end().trim_start_matches('\n').to_string()
}
