//! What the message of a commit says of names.

use std::sync::LazyLock;

use regex::Regex;

use crate::workspace::notes::is_not_done;
use crate::workspace::words::occurrences;

/// Bytes of a message that are read: a squashed branch may list hundreds of commits.
const MOST_SAID: usize = 16 << 10;

/// What stands around the two names of a rename: "rename `a` to `b`", "`a` is now `b`", "`a` -> `b`", "replace a by b",
/// "use b instead of a".
static RENAMED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let what =
        r"(?:\s+(?:method|function|class|argument|parameter|option|attribute|property|module|constant|field|keyword))?";
    let (old, new) = (format!(r"(?P<old>[\w.]+)(?:\(\))?[`'\x22]*{what}"), r"(?:the\s+)?[`'\x22~]*(?P<new>[\w.]+)");
    let forms = [
        format!(
            r"(?i)\brenam(?:e|es|ed|ing)\s+(?:the\s+)?(?:\w+\s+)?[`'\x22]*{old}\s*(?:\bto|\binto|\bas|->|→|=>)\s*{new}"
        ),
        format!(r"(?i)\breplac(?:e|es|ed|ing)\s+(?:the\s+)?[`'\x22]*{old}\s+(?:by|with)\s+{new}"),
        format!(r"(?i){old}\s+(?:is|was|has been)\s+(?:now\s+)?(?:renamed|replaced)\s+(?:to|as|by|with)\s+{new}"),
        format!(r"(?i){old}\s+(?:is\s+now|becomes|became)\s+(?:called\s+|named\s+)?{new}"),
        format!(r"{old}\s*(?:->|→|=>)\s*{new}"),
        format!(r"(?i)\buse\s+{new}(?:\(\))?[`'\x22]*\s+instead\s+of\s+[`'\x22]*{old}"),
    ];
    forms.iter().map(|form| Regex::new(form).expect("the form is played by the tests")).collect()
});

/// What makes a sentence speak of no rename that was made.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|never|without|instead of renaming|todo|later)\b|n't\b").expect("three words and more")
});

/// The first line of a message.
pub(super) fn subject(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Whether a message tells that `old` (of the class `within`) became `new`: it has both in its first line, or says so in
/// a sentence of its body.
pub(super) fn renames(message: &str, within: Option<&str>, old: &str, new: &str) -> bool {
    let (old, new) = (last(old), last(new));
    let has = |text: &str, name: &str| occurrences(text, name).next().is_some();
    let subject = subject(message);
    if has(subject, old) && has(subject, new) {
        return true;
    }
    let body = message.get(subject.len()..MOST_SAID.min(message.len())).unwrap_or_default();
    has(body, old) && sentences(body).iter().any(|sentence| says(sentence, within, old, new))
}

/// Whether a message has the word, in its body in a line that does not say that all stays as it is.
pub(super) fn names(message: &str, name: &str) -> bool {
    let has = |line: &&str| occurrences(line, name).next().is_some();
    let is_news = |line: &str| !["unchanged", "no change", "keep", "stay"].iter().any(|word| line.contains(word));
    let subject = subject(message);
    has(&subject) || message.lines().skip(1).filter(has).any(is_news)
}

fn says(sentence: &str, within: Option<&str>, old: &str, new: &str) -> bool {
    if is_not_done(sentence) || DENIED.is_match(sentence) {
        return false;
    }
    let is_it = |found: &str, name: &str| last(found.trim_end_matches('.')) == name;
    RENAMED
        .iter()
        .flat_map(|form| form.captures_iter(sentence))
        .any(|told| is_it(&told["old"], old) && is_it(&told["new"], new) && is_of(&told["old"], within))
}

/// Whether `Cart.total` is a member of the class; who names no class may speak of any.
fn is_of(told: &str, within: Option<&str>) -> bool {
    let owner = told.trim_end_matches('.').rsplit_once('.').map(|(owner, _)| last(owner));
    let class = owner.filter(|owner| owner.starts_with(char::is_uppercase));
    class.is_none() || within.is_none() || class == within.map(last)
}

/// The items and paragraphs of a body, sentence by sentence.
fn sentences(body: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in body.lines().map(str::trim) {
        let is_item = line.starts_with(['-', '*', '+', '#']);
        match paragraphs.last_mut() {
            Some(paragraph) if is_open && !is_item => *paragraph = format!("{paragraph} {line}"),
            _ => paragraphs.push(line.to_string()),
        }
        is_open = !line.is_empty();
    }
    let ends = |paragraph: &String| paragraph.split_inclusive(['.', ';']).fold(Vec::new(), joined);
    paragraphs.iter().flat_map(ends).collect()
}

/// The point of `Cart.total` ends no sentence.
fn joined(mut found: Vec<String>, part: &str) -> Vec<String> {
    match found.last_mut() {
        Some(last) if last.ends_with('.') && !part.starts_with(' ') => last.push_str(part),
        _ => found.push(part.to_string()),
    }
    found
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_of(body: &str, within: Option<&str>) -> bool {
        renames(&format!("Tidy up\n\n{body}\n"), within, "total", "amount_due")
    }

    #[test]
    fn a_body_tells_of_a_rename_in_many_words() {
        for body in [
            "Rename `Cart.total` to `Cart.amount_due`.",
            "- docs\n- `total()` is now `amount_due()`\n- more",
            "* renames total -> amount_due, and more",
            "Cart.total was renamed to Cart.amount_due; tests follow.",
            "The rest stays. Renamed the method `total` to\n`amount_due`.",
            "Replace `total` with `amount_due`",
            "Use `amount_due()` instead of `total()`.",
            "`shop.Cart.total` becomes `shop.Cart.amount_due`",
        ] {
            assert!(says_of(body, Some("Cart")), "{body}");
        }
        assert!(renames("Cart: total is amount_due", None, "total", "amount_due"));
    }

    #[test]
    fn a_body_that_says_that_something_stays_does_not_name_it() {
        assert!(names("Tidy up\n\nDrop `total`.", "total") && names("Keep total", "total"));
        assert!(!names("Tidy up\n\n`total` is unchanged.", "total") && !names("Tidy up\n\nsubtotal", "total"));
    }

    #[test]
    fn a_body_that_speaks_of_something_else_tells_nothing() {
        for body in [
            "Rename `Order.total` to `Order.amount_due`.",
            "Do not rename `total` to `amount_due` yet.",
            "This doesn't rename `total` to `amount_due`.",
            "`total` will be renamed to `amount_due`.",
            "This reverts the rename of total. amount_due stays.",
            "`total` and `amount_due` are faster.",
            "Rename `subtotal` to `amount_due`.",
            "Rename `total` to `amount_due_now`.",
            "Rename `amount_due` to `total`.",
            "Move total. Add amount_due.",
        ] {
            assert!(!says_of(body, Some("Cart")), "{body}");
        }
    }
}
