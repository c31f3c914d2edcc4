//! What the message of a commit says of names.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::text::FilePath;
use crate::workspace::notes::is_not_done;
use crate::workspace::words::occurrences;

/// Bytes of a message that are read: a squashed branch may list hundreds of commits.
const MOST_SAID: usize = 16 << 10;

/// What has a name in code.
const KINDS: &str = "method|function|class|argument|parameter|option|attribute|property|module|constant|field|keyword|\
                     fixture|variable|helper|exception|enum|member|flag|setting";

/// What may stand in a sentence before it tells of a rename: the sign of an item, a kind of commit, another clause.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)^ [\s*+\#>-]* (?:\[x\]\s*)?
        (?:(?:feat|fix|refactor|chore|docs?|tests?|style|perf|build|ci|api|breaking(?:[\ -]change)?|change[sd]?|cleanup|\w+\(\S+\))!?:\s*)?
        (?:.*(?:[,;]|\band)\s+)?
        (?:(?:also|then|this|commit|change|we|i|it|now|have|has|the|{KINDS}|callers|users|clients|please|should|must|can)\s+)*
        [`'\x22~(]* $"
    ))
    .expect("the pattern is played by the tests")
});

/// What may stand behind the new name where the words are those of prose.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)^(?:\(\))?[`'\x22~]*(?:\s+(?:{KINDS}))?\s*(?:$|[.,;:()]|and\b)"))
        .expect("a short pattern")
});

/// How sentences tell of a rename.
struct Form {
    words: Regex,
    /// Whether the words are those of prose, too: "the total is now net". Then only what is written as code is a name.
    is_prose: bool,
    /// Whether it is an advice to callers: what they should do was done here.
    is_advice: bool,
}

/// What stands around the two names of a rename: "rename `a` to `b`", "`a` is now `b`", "`a` -> `b`", "replace a by b",
/// "use b instead of a".
static RENAMED: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let what = format!(r"(?:\s+(?:{KINDS}))?");
    let (old, new) = (format!(r"(?P<old>[\w.]+)(?:\(\))?[`'\x22]*{what}"), r"(?:the\s+)?[`'\x22~]*(?P<new>[\w.]+)");
    let form = |words: String, is_prose, is_advice| {
        let words = Regex::new(&words).expect("the form is played by the tests");
        Form { words, is_prose, is_advice }
    };
    vec![
        form(
            format!(
                r"(?i)\brenam(?:e|es|ed|ing)\s+(?:the\s+)?(?:(?:{KINDS})\s+)?[`'\x22]*{old}\s*(?:\bto|\binto|\bas|->|→|=>)\s*{new}"
            ),
            false,
            false,
        ),
        form(format!(r"(?i)\breplac(?:e|es|ed|ing)\s+(?:the\s+)?[`'\x22]*{old}\s+(?:by|with)\s+{new}"), false, false),
        form(
            format!(r"(?i){old}\s+(?:is|was|has been)\s+(?:now\s+)?(?:renamed|replaced)\s+(?:to|as|by|with)\s+{new}"),
            false,
            false,
        ),
        form(format!(r"(?i){old}\s+(?:is\s+now|becomes|became)\s+(?:called\s+|named\s+)?{new}"), true, false),
        form(format!(r"{old}\s*(?:->|→|=>)\s*{new}"), true, false),
        form(format!(r"(?i)\buse\s+{new}(?:\(\))?[`'\x22]*\s+instead\s+of\s+[`'\x22]*{old}"), false, true),
    ]
});

/// What makes a sentence speak of no rename that was made.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b(?:\w+n['’]t|not|never|without|instead\ of\ renaming|todo|fixme|later|next|yet|plan(?:s|ned)?
        |tr(?:y|ies|ied|ying)|attempt\w*|want\w*|wish\w*|hope\w*|idea|stop\w*|avoid\w*|undo\w*|undone|if|unless
        |whether|before|until|draft|back|again)\b",
    )
    .expect("the words are played by the tests")
});

/// What makes it a wish, where it is no advice.
static WISHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:should|could|would|might|may|must|can|will|shall|needs?|ought|let['’]?s|please)\b")
        .expect("a dozen words")
});

/// What says that something came beside what there is.
static ADDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:add(?:s|ed|ing)?|new|introduc\w+|ke(?:ep|eps|eping|pt)|beside|besides|alongside|both|fix\w*)\b",
    )
    .expect("a dozen words")
});

/// Where a definition stands whose rename is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// The class, or the function of a parameter.
    pub(super) within: Option<&'a str>,
    pub(super) path: &'a FilePath,
}

/// The first line of a message.
pub(super) fn subject(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Whether a message tells that `old` became `new`: it has both in its first line, or says so in a sentence.
pub(super) fn renames(message: &str, scope: Scope<'_>, old: &str, new: &str) -> bool {
    let (old, new) = (last(old), last(new));
    let subject = subject(message);
    let is_short = has(subject, old) && has(subject, new) && !is_denied(subject) && !ADDED.is_match(subject);
    is_short || tells(message, scope, old, new)
}

/// The same where nothing but the message speaks for it: a sentence says so.
pub(super) fn tells(message: &str, scope: Scope<'_>, old: &str, new: &str) -> bool {
    let (old, new) = (last(old), last(new));
    let end = (0..=MOST_SAID.min(message.len())).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
    let message = &message[..end];
    has(message, old) && has(message, new) && sentences(message).iter().any(|told| says(told, scope, old, new))
}

fn has(text: &str, name: &str) -> bool {
    occurrences(text, name).next().is_some()
}

fn is_denied(sentence: &str) -> bool {
    is_not_done(sentence) || sentence.contains('?') || DENIED.is_match(sentence)
}

/// Whether a message has the word, in its body in a line that does not say that all stays as it is.
pub(super) fn names(message: &str, name: &str) -> bool {
    const STAYS: [&str; 8] =
        ["unchanged", "untouched", "unaffected", "no change", "keep", "stay", "remain", "as before"];
    let is_news = |line: &str| !STAYS.iter().any(|word| line.contains(word));
    has(subject(message), name) || message.lines().skip(1).filter(|line| has(line, name)).any(is_news)
}

fn says(sentence: &str, scope: Scope<'_>, old: &str, new: &str) -> bool {
    if is_denied(sentence) || is_about_another(sentence, scope, [old, new]) {
        return false;
    }
    let is_it = |found: &str, name: &str| last(found.trim_end_matches('.')) == name;
    let tells = |form: &Form| {
        form.words.captures_iter(sentence).any(|told| {
            let (start, end) = told.get(0).map_or((0, 0), |whole| (whole.start(), whole.end()));
            let is_name = || told.name("new").is_some_and(|new| is_code(sentence, new.range()));
            let is_all = BEFORE.is_match(&sentence[..start])
                && (!form.is_prose || is_name() && BEHIND.is_match(&sentence[end..]));
            is_it(&told["old"], old) && is_it(&told["new"], new) && is_of(&told["old"], scope) && is_all
        })
    };
    let is_wish = WISHED.is_match(sentence);
    RENAMED.iter().filter(|form| form.is_advice || !is_wish).any(tells)
}

/// Whether a word is written as code is: in quotes, called, or of several words.
fn is_code(sentence: &str, range: Range<usize>) -> bool {
    let word = sentence[range.clone()].trim_end_matches('.');
    let is_quoted = sentence[..range.start].ends_with(['`', '\'', '"']);
    let is_called = sentence[range.start + word.len()..].starts_with('(');
    is_quoted || is_called || word.contains(['_', '.']) || word.chars().skip(1).any(char::is_uppercase)
}

/// Whether `Cart.total` is a member of the class, or `shop.total` a function of the module; who names no owner may speak
/// of any.
fn is_of(told: &str, scope: Scope<'_>) -> bool {
    let owner = told.trim_end_matches('.').rsplit_once('.').map(|(owner, _)| last(owner));
    owner.is_none_or(|owner| is_owner(owner, scope))
}

/// Whether the name is that of what holds the definition, as far as it is known: the class, an object of it, the module.
fn is_owner(owner: &str, scope: Scope<'_>) -> bool {
    let bare = |name: &str| name.to_lowercase().replace('_', "");
    let mut files = scope.path.as_str().split(['/', '.']);
    let is_within = || scope.within.is_some_and(|within| within.split('.').any(|it| bare(it) == bare(owner)));
    let is_class = owner.starts_with(char::is_uppercase);
    is_within() || is_class && scope.within.is_none() || matches!(owner, "self" | "cls") || files.any(|it| it == owner)
}

/// Whether a sentence says that it is about what stands elsewhere: "in `crop`, rename `size` to `width`".
fn is_about_another(sentence: &str, scope: Scope<'_>, names: [&str; 2]) -> bool {
    static PLACED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:in|of|for|on|at|from)\s+(?:the\s+)?(?:\w+\s+)?[`'\x22](?P<place>[\w./-]+)(?:\(\))?[`'\x22]",
        )
        .expect("a place in quotes")
    });
    let place = |found: Captures<'_>| last(found["place"].trim_end_matches(".py").trim_end_matches('.')).to_string();
    let places = PLACED.captures_iter(sentence).map(place).map(|place| place.rsplit('/').next().map(String::from));
    let mut places = places.flatten().filter(|place| !names.contains(&place.as_str())).peekable();
    places.peek().is_some() && !places.any(|place| is_owner(&place, scope))
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
        let path = FilePath::new("shop/carts.py");
        tells(&format!("Tidy up\n\n{body}\n"), Scope { within, path: &path }, "total", "amount_due")
    }

    fn is_said_by(subject: &str) -> bool {
        let path = FilePath::new("shop/carts.py");
        renames(subject, Scope { within: None, path: &path }, "total", "amount_due")
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
            "In `Cart`, rename `total` to `amount_due`.",
            "In `shop/carts.py`, rename `total` to `amount_due`.",
            "Callers should use `amount_due` instead of `total`.",
            "`cart.total` -> `cart.amount_due`",
            "refactor(shop): split the cart and rename `total` to `amount_due`",
            "- [x] The method `total` is now `amount_due`, as told",
        ] {
            assert!(says_of(body, Some("Cart")), "{body}");
        }
        assert!(says_of("Rename `carts.total` to `carts.amount_due`.", None));
    }

    #[test]
    fn a_first_line_with_both_names_tells_of_a_rename_that_adds_nothing() {
        assert!(is_said_by("Cart: total is amount_due") && is_said_by("Rename total to amount_due"));
        for subject in [
            "Add amount_due beside total",
            "Keep total, add amount_due",
            "Don't rename total to amount_due",
            "Fix total and amount_due",
            "Plan: total to amount_due",
        ] {
            assert!(!is_said_by(subject), "{subject}");
        }
    }

    #[test]
    fn a_body_that_says_that_something_stays_does_not_name_it() {
        assert!(names("Tidy up\n\nDrop `total`.", "total") && names("Keep total", "total"));
        assert!(!names("Tidy up\n\n`total` is unchanged.", "total") && !names("Tidy up\n\nsubtotal", "total"));
    }

    #[test]
    fn a_word_of_prose_is_no_name() {
        let path = FilePath::new("shop.py");
        let tells = |body: &str| tells(body, Scope { within: None, path: &path }, "total", "net");
        assert!(tells("`total` is now `net`") && tells("total -> net()"));
        assert!(!tells("The total is now net of taxes.") && !tells("total -> net"));
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
            "We don't rename `total` to `amount_due`.",
            "Somebody should rename `total` to `amount_due`.",
            "Hopefully we get to rename `total` to `amount_due` soon.",
            "- [ ] Rename `total` to `amount_due`",
            "Rejected: rename `total` to `amount_due`.",
            "Rename the column `total` to `amount_due`.",
            "`total` becomes `amount_due` in the table of orders.",
            "Tried to rename `total` to `amount_due`, but left it.",
            "In `Order`, rename `total` to `amount_due`.",
            "Rename `orders.total` to `orders.amount_due`.",
            "In `docs/orders.md`, rename `total` to `amount_due`.",
            "Rename `total` to `amount_due`?",
            "Renamed `total` to `amount_due`, and back.",
        ] {
            assert!(!says_of(body, Some("Cart")), "{body}");
        }
    }
}
