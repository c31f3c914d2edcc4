//! What a commit says of an exception that became a warning.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::product::Hunk;

/// What is raised, in the words of who tells of it.
const RAISED: &str =
    r"(?:rais\w+|throw\w*|fail\w*|(?:hard )?errors?|crash\w*|reject\w*|abort\w*|exceptions?|\w+error|\w+exception)\b";

/// Whether a commit's first line tells that the change of a hunk warns instead of raising; `around` is what else the
/// exception is known by.
pub(super) fn is_said(subject: &str, hunk: &Hunk, around: &str) -> bool {
    let subject = subject.to_lowercase();
    let code =
        hunk.removed.iter().chain(&hunk.added).map(String::as_str).chain([around]).collect::<Vec<_>>().join("\n");
    // `FileNotFoundError` is about a file.
    let code = code.chars().flat_map(|c| c.is_uppercase().then_some(' ').into_iter().chain(c.to_lowercase()));
    let code = code.collect::<String>();
    let known: Vec<&str> = words(&code).collect();
    let content: Vec<&str> = words(&subject).filter(|word| !SAYING.iter().any(|stem| word.starts_with(stem))).collect();
    let is_about = content.iter().any(|word| known.iter().any(|other| is_alike(word, other)));
    // Who names nothing speaks of all that the commit does.
    let is_whole = INSTEAD.is_match(&subject) && (is_about || content.is_empty());
    !TURNED.is_match(&subject) && (is_whole || ONLY.is_match(&subject) && is_about)
}

/// Warns instead of what is raised, or makes a warning of it.
static INSTEAD: LazyLock<Regex> = LazyLock::new(|| {
    let made = r"(?:turn|downgrad|demot|convert|relax|soften|chang|mak|degrad|lower|reduc|replac)\w*";
    let text = format!(
        r"\bwarn\w*\b.*\b(?:instead of|rather than|in place of) (?:an? |the )?(?:\w+ )?{RAISED}|\b{made}\b.*\b{RAISED}.*\b(?:to|into|only|just|as|by|with) (?:an? |only |just )?(?:\w+ )?warn"
    );
    Regex::new(&text).expect("a pattern")
});
static ONLY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:only|just|merely) (?:an? |the )?warn").expect("a pattern"));
/// The other way round: raises instead of a warning.
static TURNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:instead of|rather than|in place of|no longer|not|don't|never|without|stop) (?:an? |the )?(?:only |just )?(?:\w+ )?warn")
        .expect("a pattern")
});

/// Words that say that there is a warning, and not of what.
const SAYING: [&str; 38] = [
    "warn",
    "instead",
    "rather",
    "than",
    "place",
    "rais",
    "throw",
    "error",
    "exception",
    "fail",
    "crash",
    "reject",
    "abort",
    "only",
    "just",
    "merely",
    "when",
    "where",
    "with",
    "into",
    "from",
    "that",
    "this",
    "there",
    "turn",
    "downgrad",
    "demot",
    "convert",
    "relax",
    "soften",
    "chang",
    "make",
    "degrad",
    "lower",
    "reduc",
    "replac",
    "hard",
    "give",
];

/// The words that can be about something.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3)
}

/// `price` and `prices`, `negative` and `negativity`.
fn is_alike(one: &str, other: &str) -> bool {
    let alike = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    alike > 3 && alike + 3 >= one.len().min(other.len()) && alike + 4 >= one.len().max(other.len())
}

#[cfg(test)]
mod tests {
    use super::is_said;
    use crate::diagnosis::product::Hunk;
    use crate::text::FilePath;

    fn said(subject: &str) -> bool {
        let lines = |text: &str| vec![text.to_string()];
        let hunk = Hunk {
            removed: lines("raise ValueError(\"the price is negative\")"),
            added: lines("warnings.warn(\"the price is negative\")"),
            commit: "c0ffee".to_string(),
            subject: subject.to_string(),
            path: FilePath::new("shop.py"),
            line: 1,
        };
        is_said(subject, &hunk, "")
    }

    #[test]
    fn what_tells_of_it() {
        assert!(said("Warn instead of raising"));
        assert!(said("Emit a warning rather than a ValueError for negative prices"));
        assert!(said("Turn the error into a warning"));
        assert!(said("Downgrade price errors to warnings"));
        assert!(said("Only warn about negative prices"));
    }

    #[test]
    fn what_tells_of_something_else() {
        assert!(!said("Warn customers by mail instead of by phone"));
        assert!(!said("Warn instead of raising for an unknown currency"));
        assert!(!said("Raise instead of only warning for a negative price"));
        assert!(!said("Change the colour from red to warning yellow"));
        assert!(!said("Only warn admins"));
        assert!(!said("Show the price to warned customers"));
    }
}
