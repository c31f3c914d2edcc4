//! Sentences about a name: in changelogs, documentation, comments and docstrings.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{MOST_NOTES, Note};
use crate::text::FilePath;
use crate::workspace::words::{is_word_byte, occurrences};

/// Longer lines are data.
const LONGEST_LINE: usize = 600;

/// "renamed to `x`", "use x() instead", "replaced by x", "in favour of x", "moved to a.b", "x -> y".
static REPLACEMENT: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = r"[`'\x22:\w~]*?[`'\x22]*(?P<new>[A-Za-z_][\w.]*)(?:\(\))?[`'\x22]*";
    let forms = [
        format!(r"(?i)\brenamed?\s+(?:\w+\s+)?(?:to|as|into)\s+{name}"),
        format!(r"(?i)\bmoved\s+to\s+{name}"),
        format!(r"(?i)\b(?:replaced|superseded)\s+(?:by|with)\s+{name}"),
        format!(r"(?i)\bin\s+favou?r\s+of\s+{name}"),
        format!(
            r"(?i)\b(?:please\s+)?use\s+(?:the\s+)?{name}(?:\s+(?:method|function|class|argument|parameter|attribute|property|fixture|module))?[^.;]*?\s+instead\b"
        ),
        format!(r"(?i)\binstead,?\s+(?:please\s+)?(?:use|call)\s+{name}"),
        format!(r"(?i)\b(?:please\s+)?use\s+{name}\s*(?:[.;,'\x22)]|$)"),
        r"(?i)\b(?:use\s+(?:the\s+)?|available\s+(?:as|from|under)\s+)`(?P<new>[A-Za-z_][\w.]*)(?:\(\))?`".to_string(),
    ];
    forms.iter().map(|form| Regex::new(form).expect("the form is a regular expression")).collect()
});

/// A line that says so without naming a successor.
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(deprecated|removed|renamed|replaced|no longer|instead|moved|versionchanged|versionremoved|breaking)\b|->|→")
        .expect("the pattern is a regular expression")
});

static ARROW: LazyLock<Regex> = LazyLock::new(|| Regex::new("->|→|=>").expect("the pattern is a regular expression"));

/// A directive of Sphinx that tells of a change.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\.\. (deprecated|versionchanged|versionremoved)::").expect("the pattern is a regular expression")
});

/// A directive of Sphinx that documents a definition.
static DOCUMENTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^\s*\.\. (py:)?(function|method|classmethod|staticmethod|class|exception|attribute|property|data|module)::",
    )
    .expect("the pattern is a regular expression")
});

static ROLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r":[a-z:]+:`[~!]?").expect("the pattern is a regular expression"));

pub(super) fn notes_in_text(path: &FilePath, text: &str, name: &str) -> Vec<Note> {
    let is_python = path.as_str().ends_with(".py");
    let mut notes = Vec::new();
    let mut seen = HashSet::new();
    let mut line_number = 1;
    let mut counted = 0;
    for at in occurrences(text, name) {
        line_number += text.as_bytes()[counted..at].iter().filter(|&&byte| byte == b'\n').count();
        counted = at;
        if notes.len() >= MOST_NOTES || !seen.insert(line_number) {
            continue;
        }
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let sentence = match DOCUMENTED.is_match(text[start..].lines().next().unwrap_or("")) {
            true => documented_change(&text[start..]).unwrap_or_default(),
            false => sentence_from(&text[start..]),
        };
        // `def f(x) -> None` is no arrow from an old name to a new one.
        let is_code = is_python && !text[start..].trim_start().starts_with('#');
        let told = if is_code { ARROW.replace_all(&sentence, " ") } else { sentence.as_str().into() };
        if !CHANGE.is_match(&told) {
            continue;
        }
        let replacement = replacement(&told, name);
        notes.push(Note { path: path.clone(), line: line_number as u32, text: sentence, replacement });
    }
    notes
}

/// What the documentation of a definition says of its end: a `.. deprecated::` among its own lines.
fn documented_change(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let first = lines.next()?;
    let own: Vec<&str> = below(first, lines).take_while(|line| !DOCUMENTED.is_match(line)).collect();
    deprecation_block(&own.join("\n"))
}

/// A line and those that it runs on to: strings of a call that are joined, a wrapped paragraph.
fn sentence_from(text: &str) -> String {
    let mut sentence = String::new();
    for line in text.lines().take(3) {
        let line = line.trim().trim_start_matches(['-', '*', '#', '.', ' ']);
        if line.is_empty() || sentence.len() + line.len() > LONGEST_LINE {
            break;
        }
        // Strings that stand side by side are one sentence.
        let joined = sentence.ends_with(['"', '\'']) && line.starts_with(['"', '\'', 'f']);
        if joined {
            sentence.pop();
            sentence.push_str(line.trim_start_matches('f').trim_start_matches(['"', '\'']));
        } else {
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(line);
        }
        if line.ends_with(['.', ')', ';']) {
            break;
        }
    }
    sentence
}

/// Whether a text says that something changed.
pub(super) fn tells_a_change(text: &str) -> bool {
    CHANGE.is_match(text)
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The block of `.. deprecated::` or `.. versionchanged::` in a docstring, or below a directive of a document.
pub(super) fn deprecation_block(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !DIRECTIVE.is_match(line));
    let first = lines.next()?;
    let block: Vec<&str> = std::iter::once(first).chain(below(first, lines)).collect();
    Some(one_line(&block.join(" ")).trim_start_matches(['.', ' ']).to_string())
}

/// Those of the `lines` after `first` that belong to it: they stand deeper.
fn below<'t>(first: &str, lines: impl Iterator<Item = &'t str>) -> impl Iterator<Item = &'t str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let outer = indent(first);
    lines.take_while(move |line| line.trim().is_empty() || indent(line) > outer)
}

/// The name that a sentence gives as the successor of `name`.
pub(super) fn replacement(sentence: &str, name: &str) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_string();
    let arrow = ["->", "→", "=>"].iter().find_map(|arrow| {
        let (left, right) = sentence.split_once(arrow)?;
        occurrences(left, name).next()?;
        let right = right.trim_start_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
        Some(right.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).next()?.to_string())
    });
    // Sphinx writes :meth:`name`.
    let sentence = &*ROLE.replace_all(sentence, "`");
    let after_name = occurrences(sentence, name).next().map_or("", |at| &sentence[at + name.len()..]);
    // The successor mostly stands after the old name; "use x instead of old" has it before.
    let told = [after_name, sentence].into_iter().find_map(|text| {
        REPLACEMENT.iter().find_map(|form| {
            let captures = form.captures(text)?;
            let new = captures.name("new")?;
            let found = new.as_str().trim_end_matches('.').to_string();
            // `verify=<context>` in the place of `cert=…` takes another value.
            let given = value(&text[new.end()..]);
            if given.is_some() && given != value(after_name) {
                return None;
            }
            let is_name = found.bytes().all(|byte| is_word_byte(byte) || byte == b'.') && !is_filler(&found);
            (is_name && last(&found) != last(name)).then_some(found)
        })
    });
    let same = |found: &String| found.is_empty() || *found == name || is_filler(found);
    arrow.filter(|found| !same(found)).or(told)
}

/// What stands behind `=`, if a sentence says more of it than dots.
fn value(after_name: &str) -> Option<&str> {
    let value = after_name.strip_prefix('=')?.split(['`', '\'', '"', ')', ',', ' ']).next()?;
    Some(value).filter(|value| !value.trim_matches(['.', '…']).is_empty())
}

/// Words of prose that follow "use" and "renamed to" without being names.
fn is_filler(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "the"
            | "a"
            | "an"
            | "this"
            | "that"
            | "it"
            | "its"
            | "one"
            | "of"
            | "in"
            | "with"
            | "for"
            | "to"
            | "from"
            | "by"
            | "as"
            | "new"
            | "instead"
            | "only"
            | "your"
            | "any"
            | "all"
            | "and"
            | "or"
            | "is"
            | "be"
            | "at"
            | "on"
            | "no"
            | "if"
            | "when"
            | "match"
    )
}

/// A rename that is planned or was not made.
static NOT_DONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b (?: planned | proposed | proposal | revert(?:s|ed)? | to\ be\ (?:renamed|replaced|moved)
        | (?:will|would|shall|should|may|might|could|can)\ (?:later\ |soon\ |then\ )?be(?:come|\ (?:renamed|replaced|moved|called))
        | (?:going|about)\ to\ be | considered? | considering
        | (?:not|never|n't)\ (?:been\ |be\ |yet\ )?(?:renamed|replaced|moved|removed|deprecated)
        | (?:was|is|has\ been)\ undone ) \b",
    )
    .expect("the pattern is played by the tests")
});

/// Whether a sentence speaks of a rename that is to come or was not made.
pub fn is_not_done(text: &str) -> bool {
    NOT_DONE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Snapshot;

    #[track_caller]
    fn check(text: &str, name: &str, expected: Option<&str>) {
        let notes = notes_in_text(&FilePath::new("a.md"), text, name);
        assert_eq!(notes.first().and_then(|note| note.replacement.as_deref()), expected, "{notes:?}");
    }

    #[test]
    fn successors_are_read_from_the_usual_sentences() {
        check("- `get_user` was renamed to `fetch_user`.\n", "get_user", Some("fetch_user"));
        check(
            "warnings.warn(\"get_user() is deprecated, use fetch_user() instead\", DeprecationWarning)\n",
            "get_user",
            Some("fetch_user"),
        );
        check(
            "    'get_user is deprecated; '\n    'use shop.users.fetch_user instead.'\n",
            "get_user",
            Some("shop.users.fetch_user"),
        );
        check("Removed `old_name` in favour of :meth:`new_name`.\n", "old_name", Some("new_name"));
        check("* old_name -> new_name\n", "old_name", Some("new_name"));
        check("Use `new_name` instead of `old_name`.\n", "old_name", Some("new_name"));
        check("The `timeout` argument has been replaced by `timeout_s`.\n", "timeout", Some("timeout_s"));
        check("`trapz` was removed; use `trapezoid`.\n", "trapz", Some("trapezoid"));
    }

    #[test]
    fn who_takes_another_value_is_no_successor() {
        check("`cert=...` is deprecated. Use `verify=<ssl_context>` instead.\n", "cert", None);
        check("`timeout=5` is deprecated. Use `read_timeout=5` instead.\n", "timeout", Some("read_timeout"));
    }

    #[test]
    fn return_annotations_are_no_arrows() {
        let code = FilePath::new("a.py");
        assert!(notes_in_text(&code, "def test(client: Client) -> None: ...\n", "client").is_empty());
        let notes = notes_in_text(&code, "# client -> http_client\n", "client");
        assert_eq!(notes[0].replacement.as_deref(), Some("http_client"));
    }

    #[test]
    fn a_removal_without_successor_is_a_note_without_one() {
        let notes = notes_in_text(&FilePath::new("a.md"), "x\n\n- `get_user` has been removed.\n", "get_user");
        assert_eq!((notes[0].line, notes[0].replacement.as_deref()), (3, None));
    }

    #[test]
    fn directives_of_sphinx_belong_to_what_they_document() {
        let text = ".. function:: old(x)\n\n   Does it.\n\n   .. deprecated:: 3.0\n      Use :func:`fresh` instead.\n\n.. function:: other()\n\n   Fine.\n";
        check(text, "old", Some("fresh"));
        assert!(notes_in_text(&FilePath::new("a.rst"), text, "other").is_empty());
        let changed = "    .. versionchanged:: 2.0\n        The ``timeout`` argument was renamed to ``timeout_s``.\n";
        check(changed, "timeout", Some("timeout_s"));
    }

    #[test]
    fn other_mentions_are_no_notes() {
        assert!(notes_in_text(&FilePath::new("a.md"), "Call `get_user` to read a user.\n", "get_user").is_empty());
        assert!(notes_in_text(&FilePath::new("a.md"), "`get_users` was renamed to `x`.\n", "get_user").is_empty());
    }

    #[test]
    fn documents_and_source_of_the_workspace_are_read() {
        let snapshot = Snapshot::in_memory([
            ("CHANGELOG.md", "## 2.0\n- `total` is now renamed to `sum_up`\n"),
            ("shop.py", "def total():\n    'Deprecated: use sum_up() instead.'\n"),
        ]);
        let notes = snapshot.notes_about("total");
        assert_eq!(notes[0].path.as_str(), "CHANGELOG.md");
        assert_eq!(notes[0].replacement.as_deref(), Some("sum_up"));
    }
}
