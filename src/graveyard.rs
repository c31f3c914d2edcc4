//! GRAVEYARD.md: a team's lessons, read leniently, written exactly, looked up at the code they warn of.

pub mod decode;
pub mod look_up;
mod parse;
pub mod problems;
pub mod write;

use std::ops::Range;

use crate::text::FilePath;

pub use look_up::{Lessons, Sighting};
pub use problems::Problem;
pub use write::{Mistake, append};

/// One GRAVEYARD.md, read.
#[derive(Clone, Debug, Default)]
pub struct Graveyard {
    /// Where it lies.
    pub path: Option<FilePath>,
    /// Whether it counts for every file, not only for those below its folder.
    pub is_shared: bool,
    /// Slugs of the lessons that the configuration silences: they are kept and shown, but warn of nothing.
    pub silenced: Vec<String>,
    /// Its entries, in file order.
    pub lessons: Vec<Lesson>,
    /// What does not follow the format, in file order. Nothing of it keeps a lesson from being used.
    pub problems: Vec<Problem>,
}

impl Graveyard {
    /// Reads `text`. Every text is a graveyard: what is understood becomes lessons, what is odd becomes problems.
    pub fn parse(path: Option<FilePath>, text: &str) -> Self {
        let mut read = parse::read(text);
        problems::check(text, &read.lessons, &mut read.problems);
        read.problems.sort_by_key(|problem| problem.range.start);
        Self { path, lessons: read.lessons, problems: read.problems, ..Self::default() }
    }

    /// Reads the bytes of a file. One that is no text is one problem.
    pub fn read(path: Option<FilePath>, bytes: &[u8]) -> Self {
        match decode::decode(bytes) {
            Ok(text) => Self::parse(path, &text),
            Err(error) => {
                let problem = Problem::new(0..0, problems::Kind::NotText(error));
                Self { path, problems: vec![problem], ..Self::default() }
            }
        }
    }
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// The text after `## Entry:`.
    pub title: String,
    /// As written; the format's categories are those of [`CATEGORIES`].
    pub category: String,
    /// `YYYY-MM-DD`, as written.
    pub date: String,
    /// The node id, as written.
    pub test: String,
    /// What did the code do wrong.
    pub what_went_wrong: String,
    /// The code that failed, without its fence; several blocks are joined by an empty line.
    pub wrong_code: String,
    /// The code that is right, without its fence.
    pub correct_code: String,
    /// The insight.
    pub lesson_learned: String,
    /// The rule to follow.
    pub how_to_avoid: String,
    /// The 1-based line of the heading.
    pub line: u32,
    /// Whether a code block is marked as another language than Python: shell, YAML, text.
    pub other_language: bool,
    /// Where its parts stand in the file; empty for a lesson that was not read from one.
    pub places: Places,
}

impl Lesson {
    /// The text of a section.
    pub fn section(&self, section: Section) -> &str {
        match section {
            Section::WhatWentWrong => &self.what_went_wrong,
            Section::WrongCode => &self.wrong_code,
            Section::CorrectCode => &self.correct_code,
            Section::LessonLearned => &self.lesson_learned,
            Section::HowToAvoid => &self.how_to_avoid,
        }
    }

    fn section_mut(&mut self, section: Section) -> &mut String {
        match section {
            Section::WhatWentWrong => &mut self.what_went_wrong,
            Section::WrongCode => &mut self.wrong_code,
            Section::CorrectCode => &mut self.correct_code,
            Section::LessonLearned => &mut self.lesson_learned,
            Section::HowToAvoid => &mut self.how_to_avoid,
        }
    }

    /// The name that silences it: `# graveyard: ignore[title-slug]`. Letters and digits in lower case, `-` between.
    pub fn slug(&self) -> String {
        let words = self.title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
    }
}

/// Where the parts of an entry stand, as byte ranges of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// From the heading to the last byte before the next entry.
    pub entry: Range<usize>,
    /// The heading's line.
    pub heading: Range<usize>,
    /// The title in it.
    pub title: Range<usize>,
    /// The value after **Category**.
    pub category: Option<Range<usize>>,
    /// The value after **Date**.
    pub date: Option<Range<usize>>,
    /// The value after **Test**.
    pub test: Option<Range<usize>>,
    /// The sections, in file order.
    pub sections: Vec<SectionPlace>,
    /// Whether `---` ends the entry.
    pub separator: Option<Range<usize>>,
}

impl Places {
    /// The first place of a section.
    pub fn section(&self, section: Section) -> Option<&SectionPlace> {
        self.sections.iter().find(|place| place.section == section)
    }
}

/// Where one section stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionPlace {
    /// Which one.
    pub section: Section,
    /// The heading's line.
    pub heading: Range<usize>,
    /// Everything below it, up to the next heading or separator, without surrounding blank lines.
    pub body: Range<usize>,
    /// The code between each pair of fences.
    pub code: Vec<Range<usize>>,
}

/// The five sections of an entry, in the order of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Section {
    WhatWentWrong,
    WrongCode,
    CorrectCode,
    LessonLearned,
    HowToAvoid,
}

impl Section {
    /// All of them, in the order of the format.
    pub const ALL: [Self; 5] =
        [Self::WhatWentWrong, Self::WrongCode, Self::CorrectCode, Self::LessonLearned, Self::HowToAvoid];

    /// Its heading, as the format writes it.
    pub fn heading(self) -> &'static str {
        match self {
            Self::WhatWentWrong => "What Went Wrong",
            Self::WrongCode => "Wrong Code",
            Self::CorrectCode => "Correct Code",
            Self::LessonLearned => "Lesson Learned",
            Self::HowToAvoid => "How to Avoid",
        }
    }

    /// Whether it holds code.
    pub fn is_code(self) -> bool {
        matches!(self, Self::WrongCode | Self::CorrectCode)
    }
}

/// The categories of the format.
pub const CATEGORIES: [&str; 8] = [
    "ImportError",
    "AttributeError",
    "TypeError",
    "AssertionError",
    "TimeoutError",
    "FixtureError",
    "ResourceError",
    "LogicError",
];

/// The format's category for an exception or for one of our categories: `KeyError`, `requests.Timeout`, `Flaky`.
pub fn category_of(name: &str) -> &'static str {
    let name = name.rsplit('.').next().unwrap_or(name);
    if let Some(same) = CATEGORIES.iter().find(|category| **category == name) {
        return same;
    }
    let lower = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["modulenotfound", "import", "dependency"]) {
        "ImportError"
    } else if has(&["timeout", "timedout", "deadline", "flaky"]) {
        "TimeoutError"
    } else if has(&["fixture", "scopemismatch"]) {
        "FixtureError"
    } else if has(&["assert", "failed"]) {
        "AssertionError"
    } else if has(&["resource", "notfound", "forbidden", "conflict", "api", "connection", "environment", "oserror"])
        || has(&["http", "permission", "unprocessable", "memory"])
    {
        "ResourceError"
    } else if has(&["attribute"]) {
        "AttributeError"
    } else if has(&["type", "validation"]) {
        "TypeError"
    } else {
        "LogicError"
    }
}

#[cfg(test)]
mod tests;
