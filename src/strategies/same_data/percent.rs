//! Characters that are percent-encoded where they were not, or the other way round.

use crate::diagnosis::product::Hunk;

/// What a commit that changes the encoding speaks of.
pub(super) const WORDS: [&str; 6] = ["escap", "urlescap", "encod", "urlencod", "percent", "quot"];

/// What divides an address into parts: encoded or not, it is another character.
const DIVIDES: [char; 5] = ['&', '=', '#', ';', ' '];
/// Signs that mean themselves in a query, encoded or not (RFC 3986, 3.4), beside letters, digits and `-._~`.
const HARMLESS: &str = "/?:@!$'()*,-._~";

/// Whether the texts have the same parts once they are decoded, and what is no longer encoded may stand as it is.
pub(super) fn is_same(old: &str, new: &str) -> bool {
    let [was, is] = [old, new].map(|text| text.split(DIVIDES).collect::<Vec<_>>());
    let is_encoded = old.contains('%') || new.contains('%');
    let is_same_part = |(was, is): (&&str, &&str)| {
        let [Some(was), Some(is)] = [was, is].map(|part| decoded(part)) else { return false };
        let harmless = |(was, is): (&Character, &Character)| {
            was.is == is.is && (was.is_encoded == is.is_encoded || is.is_encoded || is_harmless(is.is))
        };
        was.len() == is.len() && was.iter().zip(&is).all(harmless)
    };
    old != new && is_encoded && was.len() == is.len() && was.iter().zip(&is).all(is_same_part)
}

fn is_harmless(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' ' || HARMLESS.as_bytes().contains(&byte)
}

/// A byte that a text stands for, and whether it stands there as itself.
struct Character {
    is: u8,
    is_encoded: bool,
}

/// `None` where a `%` encodes nothing.
fn decoded(text: &str) -> Option<Vec<Character>> {
    let mut bytes = text.bytes();
    let mut found = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        found.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                Character { is: (high * 16 + low) as u8, is_encoded: true }
            }
            // A space of a form.
            b'+' => Character { is: b' ', is_encoded: false },
            byte => Character { is: byte, is_encoded: false },
        });
    }
    Some(found)
}

/// Whether the hunk changes how characters are encoded.
pub(super) fn is_changed_by(hunk: &Hunk) -> bool {
    let encodes = |lines: &[String]| {
        let about =
            |line: &&String| ["quote", "urlencode", "escape", "percent_encode"].iter().any(|word| line.contains(word));
        lines.iter().filter(about).map(|line| line.trim().to_string()).collect::<Vec<_>>()
    };
    encodes(&hunk.removed) != encodes(&hunk.added)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn what_is_the_same_address() {
        assert!(is_same("/?a=b+c&d=e/f", "/?a=b+c&d=e%2Ff"));
        assert!(is_same("http://shop?u=with%20spaces", "http://shop?u=with+spaces"));
        assert!(is_same("u=http%3A%2F%2Fexample.com%3Fq%3Dfoo%252Fa", "u=http://example.com?q%3Dfoo%252Fa"));
    }

    #[test]
    fn what_is_another_address() {
        assert!(!is_same("?a=b%26c", "?a=b&c"), "a parameter more");
        assert!(!is_same("?a=%20", "?a=%2520"), "encoded twice");
        assert!(!is_same("user:%25@shop", "user:%@shop"), "a sign that encodes nothing");
        assert!(!is_same("?a=%3Cb%3E", "?a=<b>"), "markup");
        assert!(!is_same("?a=b", "?a=c"));
        assert!(!is_same("/a/b", "/a/b"));
    }
}
