//! The tokens of a piece of Python, by bytes: enough to compare two statements.

use std::ops::Range;

/// The tokens of `text` without comments, whitespace and line continuations. A string literal with its
/// prefix is one token, and so is an operator of several characters.
pub fn tokens(text: &str) -> Vec<&str> {
    ranges(text).map(|range| &text[range]).collect()
}

fn ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            match *bytes.get(at)? {
                b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b'\\' => at += 1,
                b'#' => at = line_end(bytes, at),
                _ => break,
            }
        }
        let start = at;
        at = token_end(bytes, at);
        while !text.is_char_boundary(at) {
            at += 1;
        }
        Some(start..at)
    })
}

fn token_end(bytes: &[u8], start: usize) -> usize {
    let first = bytes[start];
    if is_word(first) {
        let end = run_end(bytes, start);
        if matches!(bytes.get(end), Some(b'"' | b'\'')) && end - start <= 2 && is_string_prefix(&bytes[start..end]) {
            return string_end(bytes, end);
        }
        // `1.5` and `1e-3` are one number.
        return if first.is_ascii_digit() { number_end(bytes, end) } else { end };
    }
    match first {
        b'"' | b'\'' => string_end(bytes, start),
        b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => number_end(bytes, run_end(bytes, start + 1)),
        _ => {
            let rest = &bytes[start..];
            let operator = [
                "**=", "//=", ">>=", "<<=", "...", "==", "!=", "<=", ">=", "->", ":=", "**", "//", "+=", "-=", "*=",
                "/=",
            ];
            let longest = operator.iter().find(|operator| rest.starts_with(operator.as_bytes()));
            start + longest.map_or(1, |operator| operator.len())
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_string_prefix(prefix: &[u8]) -> bool {
    prefix.iter().all(|byte| b"rRbBuUfFtT".contains(byte))
}

fn run_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|&byte| !is_word(byte)).map_or(bytes.len(), |length| start + length)
}

fn number_end(bytes: &[u8], mut end: usize) -> usize {
    while let Some(&byte) = bytes.get(end) {
        let signed =
            matches!(byte, b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E') && !bytes[..end].ends_with(b"0xe");
        if !(byte == b'.' || is_word(byte) || signed) {
            break;
        }
        end += 1;
    }
    end
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length)
}

/// The end of a string whose first quote is at `quote`; an open string ends with its line, an open
/// triple-quoted one with the text.
fn string_end(bytes: &[u8], quote: usize) -> usize {
    let mark = bytes[quote];
    let triple = bytes[quote..].starts_with(&[mark; 3]);
    let mut at = quote + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' if !triple => return at,
            _ if byte == mark && (!triple || bytes[at..].starts_with(&[mark; 3])) => {
                return at + if triple { 3 } else { 1 };
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The content of a string token as written between its quotes; `None` for other tokens.
pub fn string_body(token: &str) -> Option<&str> {
    let quoted = token.trim_start_matches(|c: char| "rRbBuUfFtT".contains(c));
    let mark = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let triple: String = [mark; 3].iter().collect();
    let inner = match quoted.strip_prefix(&triple) {
        Some(inner) if quoted.len() >= 6 => inner.strip_suffix(&triple)?,
        _ => quoted.strip_prefix(mark)?.strip_suffix(mark)?,
    };
    Some(inner)
}

/// Whether a token is a name (or a keyword).
pub fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_') && token.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether a token is a number, `True`, `False` or `None`.
pub fn is_plain_literal(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
        || (token.starts_with('.') && token.len() > 1 && token != "...")
        || matches!(token, "True" | "False" | "None")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_python() {
        assert_eq!(
            tokens("x.y = f(rb'a\\'b', 1.5e-3)  # c"),
            ["x", ".", "y", "=", "f", "(", "rb'a\\'b'", ",", "1.5e-3", ")"]
        );
        assert_eq!(
            tokens("a == b ** c if x else \"\"\"d\n'e'\"\"\""),
            ["a", "==", "b", "**", "c", "if", "x", "else", "\"\"\"d\n'e'\"\"\""]
        );
        assert_eq!(tokens("é→'open\nnext"), ["é→", "'open", "next"]);
        assert_eq!(tokens("0xe+1"), ["0xe", "+", "1"]);
    }

    #[test]
    fn bodies_of_strings_are_what_stands_between_the_quotes() {
        assert_eq!(string_body("f'a{b}'"), Some("a{b}"));
        assert_eq!(string_body("\"\"\"x\"\"\""), Some("x"));
        assert_eq!(string_body("''"), Some(""));
        assert_eq!(string_body("name"), None);
        assert_eq!(string_body("'"), None);
    }
}
