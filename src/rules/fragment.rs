//! Snippets that are no module: arguments, pairs, headers without a body, several attempts one below the other.

use crate::syntax::Source;

/// Reads the two sides of a lesson in the same frame: every pair is (an attempt that was wrong, what is right).
pub(super) fn sides(wrong: &str, correct: &str) -> Vec<(Source, Source)> {
    let correct = unindented(correct);
    attempts(&unindented(wrong), &correct)
        .into_iter()
        .filter_map(|wrong| {
            let frames = [whole, arguments, pairs, elements, bodiless, decorated];
            frames.iter().find_map(|frame| {
                let (wrong, correct) = (Source::parse(frame(&wrong)?), Source::parse(frame(&correct)?));
                let is_code = !wrong.root().has_error() && !correct.root().has_error();
                is_code.then_some((wrong, correct))
            })
        })
        .collect()
}

/// The name of the call that stands around bare arguments.
pub(super) const FRAME: &str = "__frame__";

fn whole(code: &str) -> Option<String> {
    (!is_arguments(code)).then(|| code.to_string())
}

fn arguments(code: &str) -> Option<String> {
    Some(format!("{FRAME}(\n{code}\n)\n"))
}

fn pairs(code: &str) -> Option<String> {
    Some(format!("{{\n{code}\n}}\n"))
}

fn elements(code: &str) -> Option<String> {
    Some(format!("[\n{code}\n]\n"))
}

fn bodiless(code: &str) -> Option<String> {
    let last = code.trim_end().lines().last()?;
    let indent = last.len() - last.trim_start().len();
    last.trim_end().ends_with(':').then(|| format!("{}\n{}...\n", code.trim_end(), " ".repeat(indent + 4)))
}

fn decorated(code: &str) -> Option<String> {
    let last = code.trim_end().lines().last()?;
    (last.starts_with('@') || last.starts_with([')', ']'])).then(|| format!("{}\ndef _():\n    ...\n", code.trim_end()))
}

/// Whether every line is `name=value,` as in a call, which Python would read as assignments.
fn is_arguments(code: &str) -> bool {
    let mut depth = 0i32;
    let mut seen = false;
    for line in code.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        if depth == 0 {
            let Some((name, value)) = line.trim().split_once('=') else { return false };
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if !is_name || value.starts_with(['=', ' ']) {
                return false;
            }
            seen = true;
        }
        depth += line.chars().map(|c| i32::from("([{".contains(c)) - i32::from(")]}".contains(c))).sum::<i32>();
    }
    seen
}

/// Attempts are told apart by comments: `# first try`, `# second attempt`. Without such there is one.
fn attempts(wrong: &str, correct: &str) -> Vec<String> {
    let marks = |line: &&str| {
        let words = line.strip_prefix('#').unwrap_or_default().to_lowercase();
        let mut words = words.split(|c: char| !c.is_alphanumeric());
        words.any(|word| MARKS.contains(&word))
    };
    if correct.lines().filter(marks).count() > 0 || wrong.lines().filter(marks).count() == 0 {
        return vec![wrong.to_string()];
    }
    let mut parts = vec![String::new()];
    for line in wrong.lines() {
        if marks(&line) {
            parts.push(String::new());
        }
        let part = parts.last_mut().expect("there is a first part");
        part.push_str(line);
        part.push('\n');
    }
    let says_something = |part: &String| part.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    parts.retain(says_something);
    parts
}

const MARKS: [&str; 15] = [
    "attempt",
    "attempts",
    "try",
    "tried",
    "first",
    "second",
    "third",
    "fourth",
    "then",
    "also",
    "or",
    "alternatively",
    "variant",
    "version",
    "another",
];

fn unindented(code: &str) -> String {
    let lines = || code.lines().filter(|line| !line.trim().is_empty());
    let indent = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    code.lines().map(|line| line.get(indent..).unwrap_or("")).collect::<Vec<_>>().join("\n") + "\n"
}
