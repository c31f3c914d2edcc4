//! What a graveyard does not keep of its format: diagnostics of the markdown file, with a fix where one is mechanical.

use std::collections::HashMap;
use std::ops::Range;

use super::decode::NotText;
use super::write::root_cause;
use super::{CATEGORIES, Lesson, Section, category_of};

/// One departure from the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A mandatory section is not there.
    MissingSection {
        /// Which one.
        section: Section,
        /// Where it belongs.
        at: usize,
    },
    /// A section says nothing.
    EmptySection(Section),
    /// The code of a section stands outside of a fence.
    NotFenced(Section),
    /// **Category**, **Date** or **Test** is not there.
    MissingKey {
        /// Its name.
        key: &'static str,
        /// Where it belongs.
        at: usize,
    },
    /// The category is none of the eight.
    UnknownCategory(String),
    /// The date is not `YYYY-MM-DD`.
    BadDate(String),
    /// A code block is never closed.
    UnclosedFence {
        /// Where its closing fence belongs.
        at: usize,
        /// The fence.
        marker: String,
    },
    /// No `---` ends the entry.
    MissingSeparator {
        /// Where it belongs.
        at: usize,
    },
    /// An earlier entry tells the same.
    Duplicate {
        /// Its title.
        title: String,
        /// Its 1-based line.
        line: u32,
    },
    /// "How to Avoid" gives no rule that can be followed.
    Vague,
    /// Wrong and correct code are the same, so there is nothing to recognise.
    SameCode,
    /// The heading is not written as the format writes it.
    HeadingSpelling(String),
    /// The file cannot be read.
    NotText(NotText),
}

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Severity {
    Warning,
    Information,
    Hint,
}

/// A mechanical change to the markdown file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// What it does, for a menu.
    pub title: String,
    /// The bytes it replaces.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

impl Problem {
    pub(super) fn new(range: Range<usize>, kind: Kind) -> Self {
        Self { range, kind }
    }

    /// The fence of a block that is still open at the byte `end` of the file.
    pub(super) fn open_at(&self, end: usize) -> Option<&str> {
        match &self.kind {
            Kind::UnclosedFence { at, marker } if *at == end => Some(marker),
            _ => None,
        }
    }

    /// A name for tables and suppressions: `missing-section`.
    pub fn code(&self) -> &'static str {
        match self.kind {
            Kind::MissingSection { .. } => "missing-section",
            Kind::EmptySection(_) => "empty-section",
            Kind::NotFenced(_) => "not-fenced",
            Kind::MissingKey { .. } => "missing-key",
            Kind::UnknownCategory(_) => "unknown-category",
            Kind::BadDate(_) => "bad-date",
            Kind::UnclosedFence { .. } => "unclosed-fence",
            Kind::MissingSeparator { .. } => "missing-separator",
            Kind::Duplicate { .. } => "duplicate",
            Kind::Vague => "vague-rule",
            Kind::SameCode => "same-code",
            Kind::HeadingSpelling(_) => "heading-spelling",
            Kind::NotText(_) => "not-text",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self.kind {
            Kind::UnclosedFence { .. } | Kind::MissingSection { .. } | Kind::EmptySection(_) | Kind::NotText(_) => {
                Severity::Warning
            }
            Kind::HeadingSpelling(_) | Kind::MissingSeparator { .. } => Severity::Hint,
            _ => Severity::Information,
        }
    }

    /// What is wrong and what to do, for people.
    pub fn message(&self) -> String {
        match &self.kind {
            Kind::MissingSection { section, .. } => {
                format!("section `{}` is missing; every entry has all five", section.heading())
            }
            Kind::EmptySection(section) => format!("section `{}` is empty", section.heading()),
            Kind::NotFenced(section) => format!("the code of `{}` belongs into a ```python block", section.heading()),
            Kind::MissingKey { key, .. } => format!("`**{key}**:` is missing"),
            Kind::UnknownCategory(name) => {
                format!("`{name}` is no category of the format; the nearest is `{}`", category_of(name))
            }
            Kind::BadDate(date) => format!("`{date}` is no date; write YYYY-MM-DD"),
            Kind::UnclosedFence { .. } => "this code block is never closed".to_string(),
            Kind::MissingSeparator { .. } => "an entry ends with `---`".to_string(),
            Kind::Duplicate { title, line } => {
                format!("the entry `{title}` in line {line} already tells this; add a note there instead")
            }
            Kind::Vague => "this is no rule that can be followed; name what to write and what not".to_string(),
            Kind::SameCode => "wrong and correct code are the same, so the mistake cannot be recognised".to_string(),
            Kind::NotText(error) => error.to_string(),
            Kind::HeadingSpelling(right) => format!("the format writes this heading `{right}`"),
        }
    }

    /// The change that mends it, where that is mechanical.
    pub fn mend(&self) -> Option<Mend> {
        let mend = |title: String, range: Range<usize>, text: String| Some(Mend { title, range, text });
        match &self.kind {
            Kind::MissingSection { section, at } => {
                let body = if section.is_code() { "```python\n\n```\n" } else { "\n" };
                let text = format!("### {}\n{body}\n", section.heading());
                mend(format!("Add section `{}`", section.heading()), *at..*at, text)
            }
            Kind::MissingKey { key, at } => mend(format!("Add `{key}`"), *at..*at, format!("**{key}**: \n")),
            Kind::UnknownCategory(name) => {
                let category = category_of(name);
                mend(format!("Use `{category}`"), self.range.clone(), category.to_string())
            }
            Kind::UnclosedFence { at, marker } => {
                mend("Close the code block".to_string(), *at..*at, format!("{marker}\n\n"))
            }
            Kind::MissingSeparator { at } => mend("Add `---`".to_string(), *at..*at, "\n---\n".to_string()),
            Kind::HeadingSpelling(right) => {
                mend("Write it as the format does".to_string(), self.range.clone(), right.clone())
            }
            _ => None,
        }
    }
}

/// Adds the problems of every lesson.
pub(super) fn check(text: &str, lessons: &[Lesson], problems: &mut Vec<Problem>) {
    let mut seen: HashMap<u64, &Lesson> = HashMap::new();
    for lesson in lessons {
        keys(text, lesson, problems);
        sections(text, lesson, problems);
        entry(text, lesson, problems);
        let Some(cause) = root_cause(lesson) else { continue };
        if let Some(earlier) = seen.get(&cause) {
            let kind = Kind::Duplicate { title: earlier.title.clone(), line: earlier.line };
            problems.push(Problem::new(lesson.places.title.clone(), kind));
        } else {
            seen.insert(cause, lesson);
        }
    }
}

fn entry(text: &str, lesson: &Lesson, problems: &mut Vec<Problem>) {
    let places = &lesson.places;
    spelling(text, &places.heading, format!("## Entry: {}", lesson.title), problems);
    if places.separator.is_none() {
        let end = places.entry.start + text[places.entry.clone()].trim_end().len();
        let at = text[end..places.entry.end].find('\n').map_or(places.entry.end, |line_end| end + line_end + 1);
        problems.push(Problem::new(places.title.clone(), Kind::MissingSeparator { at }));
    }
}

fn spelling(text: &str, place: &Range<usize>, right: String, problems: &mut Vec<Problem>) {
    if text[place.clone()].trim_start_matches('\u{feff}').trim_end() != right {
        problems.push(Problem::new(place.clone(), Kind::HeadingSpelling(right)));
    }
}

fn keys(text: &str, lesson: &Lesson, problems: &mut Vec<Problem>) {
    let places = &lesson.places;
    let below = text[places.heading.end..].find('\n').map_or(text.len(), |end| places.heading.end + end + 1);
    for (key, place) in [("Category", &places.category), ("Date", &places.date), ("Test", &places.test)] {
        if place.is_none() {
            problems.push(Problem::new(places.title.clone(), Kind::MissingKey { key, at: below }));
        }
    }
    if let Some(place) = &places.category
        && !CATEGORIES.contains(&lesson.category.as_str())
    {
        problems.push(Problem::new(place.clone(), Kind::UnknownCategory(lesson.category.clone())));
    }
    if let Some(place) = &places.date
        && !is_date(&lesson.date)
    {
        problems.push(Problem::new(place.clone(), Kind::BadDate(lesson.date.clone())));
    }
}

fn sections(text: &str, lesson: &Lesson, problems: &mut Vec<Problem>) {
    let places = &lesson.places;
    for (index, section) in Section::ALL.into_iter().enumerate() {
        let Some(place) = places.section(section) else {
            let later = Section::ALL[index + 1..].iter().find_map(|later| places.section(*later));
            let end = places.separator.as_ref().map_or(places.entry.end, |separator| separator.start);
            let at = later.map_or(end, |later| later.heading.start);
            problems.push(Problem::new(places.title.clone(), Kind::MissingSection { section, at }));
            continue;
        };
        spelling(text, &place.heading, format!("### {}", section.heading()), problems);
        if lesson.section(section).trim().is_empty() {
            problems.push(Problem::new(place.heading.clone(), Kind::EmptySection(section)));
        } else if section.is_code() && place.code.is_empty() {
            problems.push(Problem::new(place.body.clone(), Kind::NotFenced(section)));
        } else if section == Section::HowToAvoid && is_vague(&lesson.how_to_avoid) {
            problems.push(Problem::new(place.body.clone(), Kind::Vague));
        }
    }
    if let Some(place) = places.section(Section::CorrectCode)
        && !lesson.wrong_code.is_empty()
        && lesson.wrong_code == lesson.correct_code
    {
        problems.push(Problem::new(place.heading.clone(), Kind::SameCode));
    }
}

/// `YYYY-MM-DD`.
pub(super) fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().unwrap_or(0));
    (year.len(), month.len(), day.len()) == (4, 2, 2)
        && number(year).is_some()
        && number(month).is_some_and(|month| (1..=12).contains(&month))
        && number(day).is_some_and(|day| (1..=31).contains(&day))
}

/// A rule names something of the code, or says at least what to do.
pub(super) fn is_vague(rule: &str) -> bool {
    const EMPTY_WORDS: [&str; 12] = [
        "be careful",
        "be more careful",
        "pay attention",
        "double check",
        "double-check",
        "test more",
        "more testing",
        "think twice",
        "do better",
        "be aware",
        "n/a",
        "todo",
    ];
    let lower = rule.to_lowercase();
    let names_code = rule.contains(['`', '_', '(']) || rule.bytes().any(|byte| byte.is_ascii_digit());
    !names_code && (rule.split_whitespace().count() < 3 || EMPTY_WORDS.iter().any(|words| lower.contains(words)))
}
