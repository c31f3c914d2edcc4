//! Characters that are percent-encoded where they were not, or the other way round.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::product::Hunk;
use crate::workspace::words::occurrences;

use super::said::Words;

/// What divides an address into parts: encoded or not, it is another character.
const DIVIDES: &str = "&=#;";
/// What divides it outside of a query, where it means itself (RFC 3986, 3.4).
const DIVIDES_PATH: &str = "/?:@";
/// Signs that mean themselves, encoded or not (2.2 and 2.3), beside letters and digits.
const HARMLESS: &str = "!$'()*,-._~";

/// Whether the texts have the same parts once they are decoded, and what is no longer encoded may stand as it is.
pub(super) fn is_same(old: &str, new: &str) -> bool {
    let is_encoded = old.contains('%') || new.contains('%');
    let [Some(was), Some(is)] = [old, new].map(decoded) else { return false };
    old != new && is_encoded && was.len() == is.len() && was.iter().zip(&is).all(|(was, is)| is.stands_for(was))
}

/// A byte that a text stands for.
struct Character {
    is: u8,
    form: Form,
    is_in_query: bool,
}

/// How it is written.
#[derive(PartialEq)]
enum Form {
    Plain,
    Percent,
    /// The space of a form.
    Plus,
}

impl Character {
    fn is_one_of(&self, signs: &str) -> bool {
        signs.as_bytes().contains(&self.is)
    }

    /// Whether it means the same as another one.
    fn stands_for(&self, was: &Self) -> bool {
        let is_free = || match self.is {
            b' ' => self.is_in_query && self.form != Form::Plain && was.form != Form::Plain,
            _ if self.is_one_of(DIVIDES) => false,
            _ if self.is_one_of(DIVIDES_PATH) => self.is_in_query,
            _ => self.form == Form::Percent || self.is.is_ascii_alphanumeric() || self.is_one_of(HARMLESS),
        };
        self.is == was.is && self.is_in_query == was.is_in_query && (self.form == was.form || is_free())
    }
}

/// `None` where a `%` encodes nothing.
fn decoded(text: &str) -> Option<Vec<Character>> {
    let mut bytes = text.bytes();
    let mut found: Vec<Character> = Vec::with_capacity(text.len());
    let mut is_in_query = false;
    while let Some(byte) = bytes.next() {
        let (is, form) = match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                ((high * 16 + low) as u8, Form::Percent)
            }
            b'+' => (b' ', Form::Plus),
            byte => (byte, Form::Plain),
        };
        found.push(Character { is, form, is_in_query });
        is_in_query = match byte {
            b'?' => true,
            b'#' => false,
            // The query alone.
            b'=' => is_in_query || !found.iter().any(|it| it.is == b'/' && it.form == Form::Plain),
            _ => is_in_query,
        };
    }
    Some(found)
}

/// What encodes in a line, with the characters that it leaves.
static ENCODES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:un)?quote(?:_plus|_from_bytes|_to_bytes)?\(|\bquote_(?:via|plus)\b|\w*urlencode\w*\(|\bsafe\s*=\s*[^,)]*|\bescape_?(?:uri|url)\w*\(|\bpercent_encode\w*\(|\b\w*encode_?(?:uri|url)\w*\(",
    )
    .expect("a pattern")
});

fn encoders(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| ENCODES.find_iter(line)).map(|call| call.as_str().to_string()).collect()
}

/// Whether the hunk changes how characters are encoded, and does not leave it.
pub(super) fn is_changed_by(hunk: &Hunk) -> bool {
    let (was, is) = (encoders(&hunk.removed), encoders(&hunk.added));
    // Without it, the next sign is another one.
    was != is && !is.is_empty() && !is.iter().any(|call| call.starts_with("unquote"))
}

/// Whether `other` makes, takes in or takes away what encodes in `hunk`, or the characters that it is given by a name.
pub(super) fn makes_for(other: &Hunk, hunk: &Hunk) -> bool {
    static MADE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:(?:async )?def |class )?(?<name>\w+)\s*(?:[:=(]|$)").expect("a pattern"));
    let made = |lines: &[String]| -> Vec<String> {
        lines.iter().filter_map(|line| MADE.captures(line)).map(|made| made["name"].to_string()).collect()
    };
    let (gone, came) = (made(&other.removed), made(&other.added));
    let (was, is) = (encoders(&hunk.removed).concat(), encoders(&hunk.added).concat());
    let has = |code: &str, name: &str| occurrences(code, name).next().is_some();
    let is_let_go = |name: &String| !came.contains(name) && has(&was, name) && !has(&is, name);
    let is_taken = |name: &String| !gone.contains(name) && has(&is, name) && !has(&was, name);
    gone.iter().any(is_let_go) || came.iter().any(is_taken)
}

/// Whether a sentence tells of such a change: what is quoted alone may be a price.
pub(super) fn is_told_by(sentence: &str) -> bool {
    static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"percent|\burl-?(?:en|de)cod|\burlencode|\bquote_|\b(?:escap|encod|quot)\w*\b.*\b(?:urls?|uris?|quer(?:y|ies)|param\w*|paths?|address\w*|links?|slash\w*|characters?|spaces?)\b|\b(?:urls?|uris?|quer(?:y|ies)|param\w*|paths?|address\w*|links?|slash\w*|characters?|spaces?)\b.*\b(?:escap|encod|quot)(?:e[ds]?|ing)\b",
        )
        .expect("a pattern")
    });
    SPEAKS.is_match(Words::of(sentence).text())
}

#[cfg(test)]
mod tests {
    use super::{Hunk, is_same, is_told_by, makes_for};

    #[test]
    fn what_is_the_same_address() {
        assert!(is_same("/?a=b+c&d=e/f", "/?a=b+c&d=e%2Ff"));
        assert!(is_same("http://shop?u=with%20spaces", "http://shop?u=with+spaces"));
        assert!(is_same("u=http%3A%2F%2Fexample.com%3Fq%3Dfoo%252Fa", "u=http://example.com?q%3Dfoo%252Fa"));
        assert!(is_same("/files/a(1)", "/files/a%281%29"));
    }

    #[test]
    fn what_is_another_address() {
        assert!(!is_same("?a=b%26c", "?a=b&c"), "a parameter more");
        assert!(!is_same("?a=%20", "?a=%2520"), "encoded twice");
        assert!(!is_same("?a=b%2Bc", "?a=b+c"), "a space");
        assert!(!is_same("user:%25@shop", "user:%@shop"), "a sign that encodes nothing");
        assert!(!is_same("user:a%40b@shop", "user:a@b@shop"), "a password that ends");
        assert!(!is_same("/files/a/b", "/files/a%2Fb"), "a folder less");
        assert!(!is_same("/files/a%20b", "/files/a+b"), "a plus in a path");
        assert!(!is_same("?a=%3Cb%3E", "?a=<b>"), "markup");
        assert!(!is_same("?a=b", "?a=c"));
        assert!(!is_same("/a/b", "/a/b"));
    }

    #[test]
    fn what_tells_of_it() {
        assert!(is_told_by("Percent-encode slashes"));
        assert!(is_told_by("Quote the path"));
        assert!(!is_told_by("Raise the quota of searches"));
        assert!(!is_told_by("Fix the encoding of the report"));
    }

    #[test]
    fn what_is_made_for_the_call_that_encodes() {
        let hunk = |removed: &str, added: &str| Hunk {
            commit: "a1".into(),
            subject: String::new(),
            path: crate::text::FilePath::new("shop.py"),
            line: 1,
            removed: removed.lines().map(str::to_string).collect(),
            added: added.lines().map(str::to_string).collect(),
        };
        let call = hunk("    return urlencode(items, safe=SAFE)", "    return urlencode(items)");
        assert!(makes_for(&hunk("SAFE = \"/\"", ""), &call));
        assert!(!makes_for(&hunk("SAFE = \"/\"", "SAFE = \"?\""), &call), "it is another one");
        assert!(!makes_for(&hunk("LIMIT = 3", ""), &call));
        let call = hunk("    return urlencode(items)", "    return urlencode(items, safe=SAFE)");
        assert!(makes_for(&hunk("", "SAFE = \"/\""), &call));
        assert!(!makes_for(&hunk("SAFE = \"/\"", ""), &call));
    }
}
