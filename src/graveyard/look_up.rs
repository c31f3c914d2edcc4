//! Lessons at the code they warn of: an index over all graveyards, and what is shown of a lesson.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use dashmap::DashMap;
use rayon::prelude::*;

use super::{Graveyard, Lesson};
use crate::rules::{Match, Rule, RuleSet};
use crate::syntax::Source;
use crate::text::{Edit, FilePath};

/// The lessons of several graveyards, ready to be looked up in files.
#[derive(Debug, Default)]
pub struct Lessons {
    graveyards: Vec<Arc<Graveyard>>,
    rules: RuleSet,
    /// The graveyard and the lesson that each rule comes from.
    origins: Vec<(usize, usize)>,
    /// What each lesson taught, by its text: an edit of one lesson learns only that one again.
    taught: HashMap<u64, Vec<Rule>>,
    /// What was found in the text that a file had last.
    seen: DashMap<FilePath, (Arc<str>, Arc<Vec<Sighting>>)>,
}

/// Code that repeats the mistake of a lesson.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Where the lesson is written.
    pub graveyard: Arc<Graveyard>,
    lesson: usize,
    found: Match,
}

impl Sighting {
    /// The lesson.
    pub fn lesson(&self) -> &Lesson {
        &self.graveyard.lessons[self.lesson]
    }

    /// The bytes that the warning underlines.
    pub fn range(&self) -> Range<usize> {
        self.found.range.clone()
    }

    /// Everything that is part of the mistake: where the hover shows the lesson.
    pub fn places(&self) -> &[Range<usize>] {
        &self.found.places
    }

    /// Whether a byte offset is on the mistake.
    pub fn covers(&self, offset: usize) -> bool {
        self.found.covers(offset)
    }

    /// The edits that make it right; `None` where the lesson is not mechanical.
    pub fn edits(&self, path: &FilePath) -> Option<Vec<Edit>> {
        self.found.rewrite(path)
    }
}

/// Prose longer than this is not read for names.
const LONGEST_PROSE: usize = 4000;

impl Lessons {
    /// Learns from every lesson of `graveyards`, nearest first.
    pub fn new(graveyards: &[Arc<Graveyard>]) -> Self {
        Self::default().renewed(graveyards)
    }

    /// The same for graveyards that changed: lessons that stayed are not learned again.
    pub fn renewed(&self, graveyards: &[Arc<Graveyard>]) -> Self {
        let all: Vec<(usize, usize)> = graveyards
            .iter()
            .enumerate()
            .flat_map(|(graveyard, read)| (0..read.lessons.len()).map(move |lesson| (graveyard, lesson)))
            .collect();
        let learned: Vec<(u64, Vec<Rule>)> = all
            .par_iter()
            .map(|(graveyard, lesson)| {
                let lesson = &graveyards[*graveyard].lessons[*lesson];
                let key = key_of(lesson);
                (key, self.taught.get(&key).cloned().unwrap_or_else(|| rules_of(lesson)))
            })
            .collect();
        let (mut rules, mut origins, mut taught) = (Vec::new(), Vec::new(), HashMap::new());
        for (origin, (key, own)) in all.into_iter().zip(learned) {
            origins.extend(own.iter().map(|_| origin));
            rules.extend(own.iter().cloned());
            taught.insert(key, own);
        }
        let rules = RuleSet::new(rules);
        Self { graveyards: graveyards.to_vec(), rules, origins, taught, seen: DashMap::new() }
    }

    /// Whether no lesson can be recognised in code.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// Every repeated mistake of a file, in text order; remembered until the text changes.
    pub fn find(&self, path: &FilePath, source: &Source) -> Arc<Vec<Sighting>> {
        if self.is_empty() {
            return Arc::default();
        }
        if let Some(known) = self.seen.get(path)
            && Arc::ptr_eq(&known.0, source.text())
        {
            return known.1.clone();
        }
        let found = Arc::new(self.find_anew(path, source));
        self.seen.insert(path.clone(), (source.text().clone(), found.clone()));
        found
    }

    fn find_anew(&self, path: &FilePath, source: &Source) -> Vec<Sighting> {
        let mut sightings: Vec<Sighting> = Vec::new();
        for found in self.rules.find(source) {
            let (graveyard, lesson) = self.origins[found.rule];
            let sighting = Sighting { graveyard: self.graveyards[graveyard].clone(), lesson, found };
            let told = sightings
                .iter()
                .any(|other| other.range() == sighting.range() && other.lesson().title == sighting.lesson().title);
            let is_silenced_everywhere = || sighting.graveyard.silenced.contains(&sighting.lesson().slug());
            if !told
                && sighting.graveyard.applies_to(path)
                && !is_silenced_everywhere()
                && !is_silenced(source, &sighting)
            {
                sightings.push(sighting);
            }
        }
        sightings
    }
}

impl Graveyard {
    /// Whether its lessons count for a file: those below its folder, or all where it is shared.
    pub fn applies_to(&self, path: &FilePath) -> bool {
        let folder = self.path.as_ref().filter(|own| own.is_inside() && !self.is_shared).map_or("", FilePath::folder);
        folder.is_empty() || path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The rules that a lesson teaches; none where it shows no difference of Python code.
pub fn rules_of(lesson: &Lesson) -> Vec<Rule> {
    if lesson.other_language || lesson.wrong_code.trim().is_empty() || lesson.correct_code.trim().is_empty() {
        return Vec::new();
    }
    Rule::learn(&lesson.wrong_code, &lesson.correct_code, &prose_of(lesson))
}

fn prose_of(lesson: &Lesson) -> String {
    let parts = [&lesson.title, &lesson.what_went_wrong, &lesson.lesson_learned, &lesson.how_to_avoid];
    parts.map(|part| cut(part, LONGEST_PROSE)).join("\n")
}

fn key_of(lesson: &Lesson) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&lesson.wrong_code, &lesson.correct_code, prose_of(lesson), lesson.other_language).hash(&mut hasher);
    hasher.finish()
}

/// `# graveyard: ignore[title-slug]`, or without a slug for all lessons, on a line of the mistake.
fn is_silenced(source: &Source, sighting: &Sighting) -> bool {
    let range = sighting.range();
    let lines = source.lines();
    let (first, last) = (lines.line_at(range.start), lines.line_at(range.end));
    (first..=last.min(first + 50)).filter_map(|line| lines.line_range(line)).any(|line| {
        let Some((_, comment)) = source.text()[line].split_once('#') else { return false };
        comment.split('#').any(|comment| silences(comment, sighting.lesson()))
    })
}

/// Whether the text of a comment silences a lesson.
fn silences(comment: &str, lesson: &Lesson) -> bool {
    let Some(rest) = comment.trim().strip_prefix("graveyard:").and_then(|rest| rest.trim().strip_prefix("ignore"))
    else {
        return false;
    };
    match rest.trim().strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((slugs, _)) => slugs.split(',').any(|slug| slug.trim() == lesson.slug()),
        None => rest.trim().is_empty(),
    }
}

/// One line for a diagnostic: the title and the rule to follow.
pub fn message(lesson: &Lesson) -> String {
    let rule = cut(lesson.how_to_avoid.lines().next().unwrap_or_default().trim(), 200);
    if rule.is_empty() { lesson.title.clone() } else { format!("{}\n{rule}", lesson.title) }
}

/// A lesson as markdown that can do nothing: no link but `link` (the address of the entry, of our making), no
/// HTML, no image, whatever the file says.
pub fn markdown(lesson: &Lesson, link: Option<&str>) -> String {
    let mut parts = vec![format!("🪦 **{}**", inert(&lesson.title))];
    for text in [&lesson.what_went_wrong, &lesson.how_to_avoid] {
        if !text.trim().is_empty() {
            parts.push(inert(cut(text.trim(), 1200).as_str()));
        }
    }
    if !lesson.correct_code.trim().is_empty() {
        let language = if lesson.other_language { "" } else { "python" };
        parts.push(fenced(language, &cut(&lesson.correct_code, 2000)));
    }
    let place = format!("GRAVEYARD.md, line {}", lesson.line);
    parts.push(link.map_or(place.clone(), |link| format!("[{place}]({link})")));
    parts.join("\n\n")
}

/// Text that markdown shows as it is; code between backticks stays code.
pub fn inert(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        let parts: Vec<&str> = line.split('`').collect();
        // An odd number of backticks, or two side by side, would let code begin where text is.
        let has_code = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|code| !code.is_empty());
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                shown.push_str(if has_code { "`" } else { "\\`" });
            }
            if has_code && index % 2 == 1 { shown.push_str(part) } else { escape(part, &mut shown) }
        }
        shown.push('\n');
    }
    shown.trim_end().to_string()
}

fn escape(text: &str, shown: &mut String) {
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '!' | '|' | '~' | '&') {
            shown.push('\\');
        }
        shown.push(c);
    }
}

fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", code.trim_end())
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = "## Entry: totl is called total\n\n### Wrong Code\n```python\ncart.totl()\n```\n\n### Correct Code\n```python\ncart.total()\n```\n";

    fn lessons(path: &str, text: &str) -> Lessons {
        Lessons::new(&[Arc::new(Graveyard::parse(Some(FilePath::new(path)), text))])
    }

    fn found(lessons: &Lessons, path: &str, text: &str) -> usize {
        lessons.find(&FilePath::new(path), &Source::parse(text)).len()
    }

    #[test]
    fn a_comment_silences_one_lesson_on_its_line() {
        let lessons = lessons("GRAVEYARD.md", LESSON);
        assert_eq!(found(&lessons, "t.py", "a.totl()\n"), 1);
        assert_eq!(found(&lessons, "t.py", "a.totl()  # graveyard: ignore[totl-is-called-total]\n"), 0);
        assert_eq!(found(&lessons, "t.py", "a.totl()  # noqa # graveyard: ignore\n"), 0);
        assert_eq!(found(&lessons, "t.py", "a.totl()  # graveyard: ignore[another]\n"), 1);
        assert_eq!(found(&lessons, "t.py", "# graveyard: ignore\na.totl()\n"), 1);
    }

    #[test]
    fn the_configuration_silences_a_lesson_everywhere() {
        let mut read = Graveyard::parse(Some(FilePath::new("GRAVEYARD.md")), LESSON);
        read.silenced = vec!["totl-is-called-total".to_string()];
        assert_eq!(found(&Lessons::new(&[Arc::new(read)]), "t.py", "a.totl()\n"), 0);
    }

    #[test]
    fn a_graveyard_counts_below_its_folder() {
        let lessons = lessons("tests/api/GRAVEYARD.md", LESSON);
        assert_eq!(found(&lessons, "tests/api/test_a.py", "a.totl()\n"), 1);
        assert_eq!(found(&lessons, "tests/api_v2/test_a.py", "a.totl()\n"), 0);
        assert_eq!(found(&lessons, "tests/test_a.py", "a.totl()\n"), 0);
    }

    #[test]
    fn an_edited_graveyard_keeps_what_it_learned() {
        let old = lessons("GRAVEYARD.md", LESSON);
        let more = LESSON.replace("totl", "summ");
        let new = old.renewed(&[Arc::new(Graveyard::parse(None, &format!("{LESSON}\n{more}")))]);
        assert_eq!(found(&new, "t.py", "a.totl()\nb.summ()\n"), 2);
    }

    #[test]
    fn what_a_file_says_stays_text() {
        assert_eq!(inert("[x](command:evil) `code_1` <img src=x>"), r"\[x\]\(command:evil\) `code_1` \<img src=x\>");
        assert_eq!(inert("![p](https://x/p.png) `[y](command:z)"), r"\!\[p\]\(https://x/p.png\) \`\[y\]\(command:z\)");
        assert_eq!(inert("``[y](command:z)``"), r"\`\`\[y\]\(command:z\)\`\`");
        let lesson = Lesson { correct_code: "```\n[x](command:evil)".into(), ..Lesson::default() };
        assert!(markdown(&lesson, None).contains("````python\n```\n[x](command:evil)\n````"));
    }
}
