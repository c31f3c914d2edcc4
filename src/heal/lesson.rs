//! From a fix that was proven to the lesson that keeps the mistake from coming back.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::fix::{Evidence, Place, in_words};
use crate::graveyard::decode::{decode, encode_like};
use crate::graveyard::{Graveyard, Lesson, Mistake, append};
use crate::syntax::{self, Node, Source};
use crate::text::{self, Edit, FilePath};
use crate::workspace::graveyards::FILE;
use crate::workspace::history::UNCOMMITTED;

use super::files::{inside, update_locked};
use super::patches::Patch;
use super::run_loop::{Applied, headline};

/// The lesson of a fix, dated `date` (`YYYY-MM-DD`).
pub fn lesson_of(applied: &Applied, date: &str) -> Lesson {
    let (wrong_code, correct_code) = snippets(applied);
    let evidence: Vec<String> = applied.fix.evidence.iter().map(sentence).collect();
    Lesson::of(&Mistake {
        category: &format!("{:?}", applied.category),
        date,
        test: &applied.failure.nodeid,
        message: &headline(&applied.failure),
        reason: &applied.reason,
        wrong_code: &wrong_code,
        correct_code: &correct_code,
        fix: &applied.fix.title,
        evidence: &evidence,
    })
}

/// The lesson of a patch that a person took, dated `date`, with the text of each file before and after; `None` for a
/// patch that is not ours.
pub fn lesson_of_patch(patch: &Patch, texts: &[(FilePath, String, String)], date: &str) -> Option<Lesson> {
    let (mut wrong_code, mut correct_code) = (String::new(), String::new());
    for (path, before, after) in texts {
        let (wrong, right) = changed(path, &Arc::from(before.as_str()), after);
        wrong_code += &wrong;
        correct_code += &right;
    }
    let fact = |(key, value): &(String, String)| (key == "Evidence").then(|| sentence_of_patch(value));
    let evidence: Vec<String> = patch.header.iter().filter_map(fact).collect();
    Some(Lesson::of(&Mistake {
        category: patch.get("Category").or(patch.get("Strategy"))?,
        date,
        test: patch.get("Test")?,
        message: patch.get("Error").unwrap_or_default(),
        reason: patch.get("Reason").unwrap_or_default(),
        wrong_code: &wrong_code,
        correct_code: &correct_code,
        fix: patch.get("Fix")?,
        evidence: &evidence,
    }))
}

/// `` `Cart` defines `total` (shop.py:2) `` of `` source shop.py:2 `Cart` defines `total` ``: the kind of the fact is for
/// the history.
fn sentence_of_patch(evidence: &str) -> String {
    let fact = evidence.split_once(' ').map_or(evidence, |(_, fact)| fact);
    let Some((place, text)) = fact.split_once(' ') else { return fact.to_string() };
    let is_line = place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok());
    let is_hash = place.len() >= 7 && place.chars().all(|c| c.is_ascii_hexdigit());
    match is_line || is_hash || place == UNCOMMITTED {
        true => format!("{text} ({})", in_words(place)),
        false => fact.to_string(),
    }
}

fn sentence(evidence: &Evidence) -> String {
    match &evidence.place {
        Place::File { path, line } => format!("{} ({path}:{line})", evidence.text),
        Place::Commit { commit } => format!("{} ({})", evidence.text, in_words(commit)),
        Place::Log => evidence.text.clone(),
    }
}

/// What became of a lesson in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is a new entry.
    Entry,
    /// An entry told it already; a note there says that it came again.
    Note,
    /// All of it was there.
    Nothing,
}

/// Adds one lesson to the GRAVEYARD.md of the project at `root`, in its exact format, with other writers kept out. The
/// error says why nothing was written.
pub fn record(root: &Path, lesson: &Lesson) -> Result<Recorded, String> {
    let path = inside(root, &FilePath::new(FILE)).map_err(|error| error.to_string())?;
    let mut problem = None;
    let mut recorded = Recorded::Nothing;
    let add = |old: Option<Vec<u8>>| {
        let old = old.unwrap_or_default();
        match decode(&old) {
            Ok(text) => {
                let new = append(&text, lesson);
                let entries = |text: &str| Graveyard::parse(None, text).lessons.len();
                recorded = match (new == *text, entries(&new) > entries(&text)) {
                    (true, _) => Recorded::Nothing,
                    (false, true) => Recorded::Entry,
                    (false, false) => Recorded::Note,
                };
                Some(encode_like(&old, &text, &new))
            }
            Err(error) => {
                problem = Some(error.to_string());
                None
            }
        }
    };
    update_locked(&path, add).map_err(|error| error.to_string())?;
    problem.map_or(Ok(recorded), Err)
}

/// The statements that the fix edits, before and after, without their indent.
fn snippets(applied: &Applied) -> (String, String) {
    let (mut wrong, mut right) = (String::new(), String::new());
    for (path, (before, _)) in &applied.texts {
        let edits: Vec<&Edit> = applied.fix.edits.iter().filter(|edit| edit.path == *path).collect();
        for (old, new) in edited(before, &edits) {
            wrong += &old;
            right += &new;
        }
    }
    (wrong, right)
}

/// The statements that differ between two texts, before and after, without their indent; what changed in the same
/// way at several places stands there once. A check comes with the statement that made what it checks.
pub fn changed(path: &FilePath, before: &Arc<str>, after: &str) -> (String, String) {
    let diff = similar::TextDiff::from_lines(&**before, after);
    let (mut at, mut edits): (usize, Vec<Edit>) = (0, Vec::new());
    for change in diff.iter_all_changes() {
        let length = change.value().len();
        let (end, text) = match change.tag() {
            similar::ChangeTag::Equal => {
                at += length;
                continue;
            }
            similar::ChangeTag::Delete => (at + length, ""),
            similar::ChangeTag::Insert => (at, change.value()),
        };
        match edits.last_mut().filter(|last| last.range.end == at) {
            Some(last) => {
                last.range.end = end;
                last.text += text;
            }
            None => edits.push(Edit::replace(path, at..end, text)),
        }
        at = end;
    }
    let edits: Vec<&Edit> = edits.iter().collect();
    let mut ranges = statements(before, &edits);
    let made: Vec<Range<usize>> = ranges.iter().filter_map(|range| made_by(before, range)).collect();
    let is_new = |made: &Range<usize>| !ranges.iter().any(|range| range.contains(&made.start));
    let made: Vec<Range<usize>> = made.into_iter().filter(is_new).collect();
    ranges.extend(made);
    ranges.sort_by_key(|range| range.start);
    ranges.dedup();
    let mut pairs = pairs(before, &edits, ranges);
    let mut seen = std::collections::HashSet::new();
    pairs.retain(|pair| seen.insert(pair.clone()));
    pairs.into_iter().unzip()
}

/// The statements around edits, before and after.
fn edited(before: &Arc<str>, edits: &[&Edit]) -> Vec<(String, String)> {
    pairs(before, edits, statements(before, edits))
}

/// Ranges of a text before and after edits, without their indent.
fn pairs(before: &Arc<str>, edits: &[&Edit], ranges: Vec<Range<usize>>) -> Vec<(String, String)> {
    let pair = |range: Range<usize>| {
        let inside = edits.iter().filter(|edit| range.start <= edit.range.start && edit.range.end <= range.end);
        let shifted: Vec<Edit> = inside
            .map(|edit| {
                Edit::replace(&edit.path, edit.range.start - range.start..edit.range.end - range.start, &edit.text)
            })
            .collect();
        let old = &before[range];
        (dedent(old), dedent(&text::apply(old, &shifted).unwrap_or_else(|_| old.to_string())))
    };
    ranges.into_iter().map(pair).collect()
}

/// The lines of the statement that sets what the assertion at `range` reads: without it a lesson about
/// `answer.status == 200` would be one about every answer.
fn made_by(text: &Arc<str>, range: &Range<usize>) -> Option<Range<usize>> {
    let source = Source::parse(text.clone());
    let start = range.start + text[range.clone()].len() - text[range.clone()].trim_start().len();
    let assertion = source.statement_at(start).filter(|node| node.kind() == "assert_statement")?;
    let names: Vec<&str> = syntax::descendants(assertion)
        .filter(|node| node.kind() == "identifier")
        .map(|node| source.slice(node))
        .collect();
    let mut above = std::iter::successors(assertion.prev_named_sibling(), |node| node.prev_named_sibling());
    let sets = |node: &Node<'_>| {
        let target = node.named_child(0).and_then(|assignment| assignment.child_by_field_name("left"));
        target.is_some_and(|target| names.contains(&source.slice(target)))
    };
    let made = above.find(sets)?.byte_range();
    Some(whole_lines(&source, made))
}

/// The lines of the statements around the edits, in text order, each once.
fn statements(text: &Arc<str>, edits: &[&Edit]) -> Vec<Range<usize>> {
    let source = Source::parse(text.clone());
    let mut ranges: Vec<Range<usize>> = edits
        .iter()
        .map(|edit| {
            let statement = source.statement_at(edit.range.start).filter(|node| !is_compound(*node));
            let range = statement.map_or(edit.range.clone(), |node| node.byte_range());
            whole_lines(&source, range.start.min(edit.range.start)..range.end.max(edit.range.end))
        })
        .collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|later, earlier| {
        // Lines that follow each other are one snippet, with their indents.
        let meets = later.start <= earlier.end;
        if meets {
            earlier.end = earlier.end.max(later.end);
        }
        meets
    });
    ranges
}

fn is_compound(node: Node<'_>) -> bool {
    node.kind().ends_with("_definition") || node.child_by_field_name("body").is_some() || node.kind() == "try_statement"
}

fn whole_lines(source: &Source, range: Range<usize>) -> Range<usize> {
    let line = |offset| source.lines().line_range(source.lines().line_at(offset)).unwrap_or(range.clone());
    line(range.start).start..line(range.end.saturating_sub(1).max(range.start)).end
}

fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    text.lines().map(|line| format!("{}\n", line.get(least..).unwrap_or(line.trim_start()).trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Category;
    use crate::fix::{Confidence, EvidenceKind, Fix, Tier};
    use crate::report::Failure;
    use crate::text::FilePath;
    use crate::validation::{Dependence, Verdict};

    #[test]
    fn what_changed_in_a_file_is_its_statements_each_once() {
        let path = FilePath::new("tests/test_a.py");
        let before = "def test_a(x):\n    y = f(\n        x.totl(),\n    )\n    z = 1\n    x.sum()\n\ndef test_b(x):\n    x.sum()\n";
        let after = before.replace("totl", "total").replace("x.sum()", "x.add()");
        let (wrong, right) = changed(&path, &before.into(), &after);
        assert_eq!(wrong, "y = f(\n    x.totl(),\n)\nx.sum()\n");
        assert_eq!(right, "y = f(\n    x.total(),\n)\nx.add()\n");
        assert_eq!(changed(&path, &before.into(), before), Default::default());
    }

    #[test]
    fn a_check_comes_with_what_made_its_value() {
        let path = FilePath::new("tests/test_a.py");
        let before = "def test_a(api):\n    r = api.get(\"/x\")\n    print(r)\n    assert r.status == 200\n";
        let (wrong, right) = changed(&path, &before.into(), &before.replace("200", "204"));
        assert_eq!(wrong, "r = api.get(\"/x\")\nassert r.status == 200\n");
        assert_eq!(right, "r = api.get(\"/x\")\nassert r.status == 204\n");
    }

    #[test]
    fn a_lesson_says_what_to_write_and_where_to_look() {
        let path = FilePath::new("tests/test_cart.py");
        let text = "def test_total():\n    cart = Cart()\n    assert (\n        cart.totl() == 0\n    )\n";
        let at = text.find("totl").unwrap();
        let edits = vec![Edit::replace(&path, at..at + 4, "total")];
        let after: Arc<str> = crate::text::apply(text, &edits).unwrap().into();
        let evidence = vec![Evidence::at(EvidenceKind::Source, &FilePath::new("shop.py"), 2, "`Cart` defines `total`")];
        let applied = Applied {
            failure: Arc::new(Failure {
                nodeid: "tests/test_cart.py::test_total".into(),
                exc_type: Some("AttributeError".into()),
                message: Some("'Cart' object has no attribute 'totl'".into()),
                ..Failure::default()
            }),
            category: Category::AttributeError,
            reason: "the test uses a name that is gone".into(),
            fix: Fix {
                title: "Rename `totl` to `total`".into(),
                strategy: "attribute-rename",
                edits,
                confidence: Confidence::new(0.9),
                evidence,
                tier: Tier::Safe,
            },
            also: vec![],
            validation: Verdict::Passes { runs: 3 },
            dependence: Dependence::Follows,
            texts: [(path, (Arc::from(text), after))].into(),
        };
        let lesson = lesson_of(&applied, "2026-11-20");
        assert_eq!(lesson.wrong_code, "assert (\n    cart.totl() == 0\n)\n");
        assert_eq!(lesson.correct_code, "assert (\n    cart.total() == 0\n)\n");
        assert_eq!(lesson.how_to_avoid, "Write `total`, not `totl`.");
        assert_eq!(lesson.lacks(), Vec::<&str>::new());
    }

    #[test]
    fn a_fact_of_a_patch_is_told_as_that_of_a_fix() {
        let told = ["source shop.py:2 `Cart` defines `total`", "git 8c8db4e it became", "git uncommitted it became"];
        let places = ["`Cart` defines `total` (shop.py:2)", "it became (8c8db4e)", "it became (an uncommitted change)"];
        assert_eq!(told.map(sentence_of_patch), places);
        assert_eq!(sentence_of_patch("hint Python suggests `total`"), "Python suggests `total`");
    }

    #[cfg(unix)]
    #[test]
    fn no_lesson_goes_through_a_link_that_leads_out() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(FILE)).unwrap();
        let error = record(root.path(), &Lesson::default()).unwrap_err();
        assert!(error.starts_with("GRAVEYARD.md is a link to "), "{error}");
        assert_eq!(std::fs::read(elsewhere.path()).unwrap(), b"");
    }
}
