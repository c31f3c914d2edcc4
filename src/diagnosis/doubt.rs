//! What speaks against a change of the product that explains a new value: a slip at the same place explains it as well.

use std::collections::HashSet;

use crate::report::Failure;

use super::product::Hunk;

/// Why a hunk that brings the new value need not have been meant, as a sentence fragment about its place.
pub fn doubt(failure: &Failure, hunk: &Hunk, hunks: &[Hunk]) -> Option<String> {
    let (old, new) = (hunk.removed.join("\n"), hunk.added.join("\n"));
    let is_told =
        |text: &str| hunks.iter().any(|hunk| !hunk.is_python() && hunk.added.iter().any(|line| line.contains(text)));
    let of_other =
        || speaks_of_other(&hunk.subject).then(|| "is in a commit that speaks of the code alone".to_string());
    turned(&old, &new)
        .or_else(|| other_member(failure, &new))
        .or_else(|| swapped(&old, &new))
        .or_else(of_other)
        .or_else(|| {
            recoded(&old, &new)
                .filter(|(_, came)| !is_told(came))
                .map(|(lost, _)| format!("changes `{lost}`, which programs may read, and nothing else speaks of it"))
        })
}

/// Whether a commit says that it changed how the code looks, or how fast it is: then nothing else was to change.
fn speaks_of_other(subject: &str) -> bool {
    const LOOKS: [&str; 16] = [
        "autoformat",
        "black",
        "flake8",
        "format",
        "formatting",
        "isort",
        "lint",
        "lints",
        "pep8",
        "reformat",
        "ruff",
        "style",
        "tidy",
        "typing",
        "whitespace",
        "yapf",
    ];
    const BESIDE: [&str; 16] = [
        "all",
        "and",
        "apply",
        "code",
        "everything",
        "files",
        "fix",
        "imports",
        "run",
        "sort",
        "source",
        "the",
        "to",
        "up",
        "use",
        "with",
    ];
    let subject = subject.to_lowercase();
    let words: Vec<String> = words(&subject);
    let is_look = |word: &String| LOOKS.contains(&word.as_str());
    let looks = words.iter().any(is_look) && words.iter().all(|word| is_look(word) || BESIDE.contains(&word.as_str()));
    looks
        || ["speed up", "speeds up", "faster", "optimiz", "optimis", "performance"]
            .iter()
            .any(|word| subject.contains(word))
}

/// A code or a separator that became another one: people do not reword them.
fn recoded(old: &str, new: &str) -> Option<(String, String)> {
    let is_code = |text: &String| !text.trim().is_empty() && !text.contains(|c: char| c.is_lowercase() || c == ' ');
    let only = |of: &str, other: &str| {
        let other = strings(other);
        strings(of).into_iter().filter(is_code).find(|text| !other.contains(text))
    };
    Some((only(old, new)?, only(new, old)?))
}

/// Words that turn the sense of a sentence round.
const NEGATIONS: [&str; 9] = ["not", "no", "never", "cannot", "without", "none", "nobody", "nothing", "neither"];

/// Whether a text lost a negation or got one.
fn turned(old: &str, new: &str) -> Option<String> {
    let said = |text: &str| -> HashSet<String> {
        let words = strings(text).into_iter().flat_map(|text| words(&text));
        words.map(|word| word.to_lowercase()).filter(|word| NEGATIONS.contains(&word.as_str())).collect()
    };
    let (old, new) = (said(old), said(new));
    let word = old.symmetric_difference(&new).min()?;
    Some(format!("turns the sense round (`{word}`)"))
}

/// Whether what was expected is there under another spelling, and something else came.
fn other_member(failure: &Failure, new: &str) -> Option<String> {
    let sides = failure.introspection.as_ref()?;
    let lower = |text: &str| -> HashSet<String> { words(text).into_iter().map(|word| word.to_lowercase()).collect() };
    let (got, expected) = (lower(&sides.left), lower(&sides.right));
    let other = words(new).into_iter().find(|word| {
        let lower = word.to_lowercase();
        *word != lower && word.len() > 2 && expected.contains(&lower) && !got.contains(&lower)
    })?;
    Some(format!("has `{other}` for what was expected, and gives another"))
}

/// Whether other values are shown: names in the code, or between the braces of a text.
fn swapped(old: &str, new: &str) -> Option<String> {
    let (before, after) = (names(old), names(new));
    let lost = before.difference(&after).min()?;
    Some(match after.difference(&before).min() {
        Some(came) => format!("has `{came}` in the place of `{lost}`"),
        None => format!("does not have `{lost}` any more"),
    })
}

/// The names in code that may stand for a value; what is between quotes is none, what is between braces there is.
fn names(code: &str) -> HashSet<String> {
    const WORDS: [&str; 16] = [
        "return", "if", "else", "is", "not", "None", "and", "or", "in", "for", "f", "r", "b", "True", "False", "raise",
    ];
    let (mut quote, mut depth, mut plain) = (None, 0, String::new());
    for c in code.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if c == open => (quote, depth) = (None, 0),
            ('{', Some(_)) => depth += 1,
            ('}', Some(_)) => depth -= 1,
            ('\n', _) => (quote, depth) = (None, 0),
            _ => {}
        }
        let shows = quote.is_none() || depth > 0;
        plain.push(if shows && (c.is_alphanumeric() || c == '_') { c } else { ' ' });
    }
    let words = plain.split_whitespace().filter(|word| !word.starts_with(char::is_numeric));
    words.filter(|word| !WORDS.contains(word)).map(str::to_string).collect()
}

/// The texts between quotes, line by line.
fn strings(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.lines() {
        let (mut quote, mut text) = (None, String::new());
        for c in line.chars() {
            match quote {
                None if matches!(c, '"' | '\'') => quote = Some(c),
                Some(open) if c == open => {
                    found.push(std::mem::take(&mut text));
                    quote = None;
                }
                Some(_) => text.push(c),
                None => {}
            }
        }
    }
    found
}

fn words(text: &str) -> Vec<String> {
    let text = text.replace("n't", " not");
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::{speaks_of_other, swapped, turned};

    #[test]
    fn other_names_and_another_sense_are_doubts_and_other_words_are_none() {
        assert!(turned(r#"return "was not charged""#, r#"return "was charged""#).is_some());
        assert!(turned(r#"return "was not charged""#, r#"return "has not been charged""#).is_none());
        assert!(swapped(r#"return f"sent to {buyer}""#, r#"return f"sent to {shop}""#).is_some());
        assert!(swapped(r#"return f"sent to {buyer}""#, r#"return f"on its way to {buyer}""#).is_none());
    }

    #[test]
    fn commits_about_the_code_alone_change_no_value_on_purpose() {
        for subject in ["Format", "Reformat with black", "Speed up the totals", "Make bills faster", "Apply ruff"] {
            assert!(speaks_of_other(subject), "{subject}");
        }
        for subject in ["Format prices with two digits", "Style of the receipt", "Sort the rows", ""] {
            assert!(!speaks_of_other(subject), "{subject}");
        }
    }
}
