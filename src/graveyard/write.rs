//! The exact writer: one entry at the end, or a note on the entry that already tells the same.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::look_up::rules_of;
use super::problems::is_vague;
use super::{Graveyard, Lesson, Section, category_of};
use crate::rules::{Match, RuleSet};
use crate::syntax::Source;
use crate::text::{FilePath, apply};

/// What a new file begins with.
pub const HEADER: &str = "# GRAVEYARD - Test Generation Lessons Learned

This file documents mistakes made during automated test generation and how to avoid them.
It is read during the exploration phase to prevent repeating past errors.

---
";

/// The text of the file with `lesson` in it: `existing` and an entry, or `existing` and a note on the entry of
/// the same category and root cause, which is the same code or the same change under other names. `existing` may be empty; none of its bytes change.
pub fn append(existing: &str, lesson: &Lesson) -> String {
    let line_end = if existing.contains("\r\n") { "\r\n" } else { "\n" };
    let graveyard = Graveyard::parse(None, existing);
    let cause = root_cause(lesson);
    let is_known = |known: &&Lesson| (cause.is_some() && root_cause(known) == cause) || tells(known, lesson);
    let known = graveyard.lessons.iter().find(is_known);
    if let Some(known) = known {
        return with_note(existing, known, lesson, line_end);
    }
    let mut text = existing.to_string();
    if existing.trim().trim_start_matches('\u{feff}').is_empty() {
        text.push_str(&HEADER.replace('\n', line_end));
    }
    // A torn last line or block would swallow the entry.
    let line_ended = if text.ends_with('\n') || text.is_empty() { "" } else { line_end };
    text.push_str(line_ended);
    let open_block = graveyard.problems.iter().find_map(|problem| problem.open_at(existing.len()));
    if let Some(marker) = open_block {
        text += &format!("{marker}{line_end}");
    }
    if !text.ends_with("\n\n") && !text.ends_with("\r\n\r\n") {
        text.push_str(line_end);
    }
    text + &entry(lesson).replace('\n', line_end)
}

/// One entry in the format, with every section, ended by `---`.
pub fn entry(lesson: &Lesson) -> String {
    let mut text = format!(
        "## Entry: {}\n\n**Category**: {}\n**Date**: {}\n**Test**: {}\n",
        one_line(&lesson.title),
        category_of(&lesson.category),
        one_line(&lesson.date),
        one_line(&lesson.test)
    );
    for section in Section::ALL {
        let body = lesson.section(section).trim_matches('\n').trim_end();
        let body = if section.is_code() { fenced(body) } else { prose(body) };
        text += &format!("\n### {}\n{body}\n", section.heading());
    }
    text + "\n---\n"
}

/// What makes two lessons tell the same mistake: their category and their code, whatever its layout.
/// `None` where there is no code to compare.
pub(super) fn root_cause(lesson: &Lesson) -> Option<u64> {
    if lesson.wrong_code.trim().is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    category_of(&lesson.category).hash(&mut hasher);
    for code in [&lesson.wrong_code, &lesson.correct_code] {
        code.bytes().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| byte.hash(&mut hasher));
        0u8.hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// Whether `known` tells the mistake of `lesson` with other names: its rule makes the correct code of the wrong one.
fn tells(known: &Lesson, lesson: &Lesson) -> bool {
    if category_of(&known.category) != category_of(&lesson.category) || lesson.wrong_code.trim().is_empty() {
        return false;
    }
    let path = FilePath::new(&lesson.test);
    let bare = |code: &str| code.split_whitespace().collect::<String>();
    let rewritten = |found: &Match| apply(&lesson.wrong_code, &found.rewrite(&path)?).ok();
    let found = RuleSet::new(rules_of(known)).find(&Source::parse(lesson.wrong_code.as_str()));
    found.iter().filter_map(rewritten).any(|text| bare(&text) == bare(&lesson.correct_code))
}

/// The note goes below the last section of `known`; the same note is not added twice.
fn with_note(existing: &str, known: &Lesson, lesson: &Lesson, line_end: &str) -> String {
    let note = format!("**Note** ({}): seen again in {}", one_line(&lesson.date), one_line(&lesson.test));
    let places = &known.places;
    let told = (known.date == lesson.date && known.test == lesson.test)
        || existing[places.entry.clone()].lines().any(|line| line.trim() == note);
    if told {
        return existing.to_string();
    }
    let end = places.separator.as_ref().map_or(places.entry.end, |separator| separator.start);
    let at = places.entry.start + existing[places.entry.start..end].trim_end().len();
    let (before, after) = existing.split_at(at);
    format!("{before}{line_end}{line_end}{note}{after}")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fenced(code: &str) -> String {
    let longest = code.lines().map(|line| line.trim_start().bytes().take_while(|byte| *byte == b'`').count()).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}python\n{code}\n{fence}")
}

/// Text that cannot be read as a heading, a separator or a fence of the format.
fn prose(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let start = line.trim_start();
        let speaks_format = ["#", "---", "***", "___", "```", "~~~", "**"].iter().any(|mark| start.starts_with(mark));
        if speaks_format { format!("\\{start}") } else { line.trim_end().to_string() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is known of one mistake that was mended, to make a lesson of.
#[derive(Clone, Debug, Default)]
pub struct Mistake<'a> {
    /// The exception or category: `KeyError`, `FixtureError`.
    pub category: &'a str,
    /// Today, `YYYY-MM-DD`.
    pub date: &'a str,
    /// The node id of the test.
    pub test: &'a str,
    /// What pytest said, its first line is used: `'Cart' object has no attribute 'totl'`.
    pub message: &'a str,
    /// Why, as understood by the diagnosis; may be empty.
    pub reason: &'a str,
    /// The statement that failed.
    pub wrong_code: &'a str,
    /// What it became.
    pub correct_code: &'a str,
    /// What the fix does: "Rename `totl` to `total`".
    pub fix: &'a str,
    /// The facts that spoke for it: "`Cart` defines `total` (shop.py:2)".
    pub evidence: &'a [String],
}

impl Lesson {
    /// The lesson of a mended mistake, every section filled with what is known.
    pub fn of(mistake: &Mistake<'_>) -> Self {
        let message = mistake.message.lines().next().unwrap_or_default().trim();
        let said = if message.is_empty() { mistake.category } else { message };
        let (old, new) = difference(mistake.wrong_code, mistake.correct_code);
        let what = match (mistake.reason.trim(), said) {
            ("", said) => format!("The test failed: {said}"),
            (reason, said) => format!("The test failed: {said}\n{}.", capital(reason).trim_end_matches('.')),
        };
        let learned = match mistake.evidence {
            [] => format!("{}.", mistake.fix.trim_end_matches('.')),
            facts => facts.iter().map(|fact| format!("- {}", one_line(fact))).collect::<Vec<_>>().join("\n"),
        };
        let without_type = |said: &str| match said.split_once(": ") {
            Some((name, rest)) if !name.contains(' ') && !rest.is_empty() => rest.to_string(),
            _ => said.to_string(),
        };
        let avoid = match (old.as_str(), new.as_str()) {
            ("", new) => format!("Write `{new}` as the correct code does; without it this fails."),
            (old, "") => format!("Do not write `{old}` here."),
            (old, new) => format!("Write `{new}`, not `{old}`."),
        };
        Self {
            title: shortened(&without_type(said)),
            category: category_of(mistake.category).to_string(),
            date: mistake.date.to_string(),
            test: mistake.test.to_string(),
            what_went_wrong: what,
            wrong_code: mistake.wrong_code.to_string(),
            correct_code: mistake.correct_code.to_string(),
            lesson_learned: learned,
            how_to_avoid: avoid,
            ..Self::default()
        }
    }

    /// The sections that keep it from being written: empty ones, and a rule that cannot be followed.
    pub fn lacks(&self) -> Vec<&'static str> {
        let mut missing: Vec<&'static str> = [("Title", &self.title), ("Date", &self.date), ("Test", &self.test)]
            .into_iter()
            .filter(|(_, value)| value.trim().is_empty())
            .map(|(key, _)| key)
            .collect();
        let empty = |section: &Section| self.section(*section).trim().is_empty();
        missing.extend(Section::ALL.into_iter().filter(empty).map(Section::heading));
        if !self.how_to_avoid.trim().is_empty() && is_vague(&self.how_to_avoid) {
            missing.push("How to Avoid (a rule that names what to write)");
        }
        missing
    }
}

/// What differs: one word for another where it is only that, else the first line of each side that changed.
fn difference(old: &str, new: &str) -> (String, String) {
    let diff = similar::TextDiff::from_lines(old, new);
    let first = |tag: similar::ChangeTag| {
        let changed = diff.iter_all_changes().filter(|change| change.tag() == tag);
        let lines: Vec<&str> = changed.map(|change| change.value()).filter(|line| !line.trim().is_empty()).collect();
        // An import that came with the correct code is not what took the place of the wrong line.
        let is_import = |line: &&&str| line.starts_with("import ") || line.starts_with("from ");
        let line = lines.iter().find(|line| !is_import(line)).or(lines.first());
        line.map_or(String::new(), |line| shortened(line).replace('`', "'"))
    };
    let (old, new) = (first(similar::ChangeTag::Delete), first(similar::ChangeTag::Insert));
    changed_word(&old, &new).unwrap_or((old, new))
}

/// `totl` and `total` of `cart.totl()` and `cart.total()`.
fn changed_word(old: &str, new: &str) -> Option<(String, String)> {
    let words = |text: &str| -> Vec<String> {
        text.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_string).collect()
    };
    let (old, new) = (words(old), words(new));
    let mut differing = old.iter().zip(&new).filter(|(a, b)| a != b);
    let (a, b) = differing.next().filter(|_| old.len() == new.len())?;
    let bare = |word: &str| word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_')).to_string();
    let is_word = bare(a).len() > 2 && bare(b).len() > 2 && a[bare(a).len()..] == b[bare(b).len()..];
    (is_word && differing.next().is_none()).then(|| (bare(a), bare(b)))
}

fn shortened(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(96) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
