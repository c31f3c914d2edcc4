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

/// The tokens of code without what only people and tools read: the annotations at the head of a function, and the text
/// below it that describes it. Where a list is broken into lines, its last comma is none.
pub fn bare(code: &str) -> Vec<&str> {
    let all = tokens(code);
    let mut found: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let start = at;
        let is_head = matches!(all[at], "def" | "class") && all.get(at + 1).is_some_and(|name| is_name(name));
        at = if is_head { head(&all, at, &mut found) } else { at + 1 };
        if !is_head {
            found.push(all[start]);
        } else if let Some(text) = all.get(at).filter(|token| string_body(token).is_some()) {
            // `def price(): "…"`
            at += usize::from(!text.starts_with(['f', 'F']));
        }
    }
    without_last_commas(found)
}

/// Tokens without the comma before a bracket that closes, but for `(1,)`, which is no `(1)`.
fn without_last_commas(tokens: Vec<&str>) -> Vec<&str> {
    const WORDS: [&str; 14] =
        ["and", "assert", "await", "elif", "else", "for", "if", "in", "is", "lambda", "not", "or", "return", "yield"];
    let is_called = |before: &str| is_name(before) && !WORDS.contains(&before) || matches!(before, ")" | "]");
    let (mut opened, mut kept): (Vec<bool>, Vec<&str>) = Default::default();
    for (index, &token) in tokens.iter().enumerate() {
        match token {
            "(" => opened.push(index > 0 && is_called(tokens[index - 1])),
            // `rows[1,]`
            "[" => opened.push(index == 0 || !is_called(tokens[index - 1])),
            "{" => opened.push(true),
            ")" | "]" | "}" => drop(opened.pop()),
            _ => {}
        }
        let is_last = token == "," && tokens.get(index + 1).is_some_and(|next| matches!(*next, ")" | "]" | "}"));
        if !is_last || opened.last() != Some(&true) {
            kept.push(token);
        }
    }
    kept
}

/// Writes the head of a function or a class from `at` on without its annotations; what follows its colon.
fn head<'t>(all: &[&'t str], mut at: usize, found: &mut Vec<&'t str>) -> usize {
    let is_function = all[at] == "def";
    let (mut depth, mut is_told, mut is_valued) = (0, false, false);
    while let Some(&token) = all.get(at) {
        at += 1;
        match token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        let is_parameter = is_function && depth == 1;
        match token {
            ":" if depth == 0 => {
                found.push(token);
                break;
            }
            "->" if depth == 0 => is_told = true,
            "=" if is_parameter => (is_told, is_valued) = (false, true),
            "," if is_parameter => (is_told, is_valued) = (false, false),
            ")" if depth == 0 => is_told = false,
            ":" if is_parameter && !is_valued => is_told = true,
            _ => {}
        }
        if !is_told {
            found.push(token);
        }
    }
    at
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
    fn bare_code_has_no_annotations_and_says_nothing_of_itself() {
        let typed = "def cost(self, rows: dict[str, int], *, key: str = f(1, 2),) -> list[int]:\n    \"\"\"Costs.\"\"\"\n    x: int = g(a,)";
        let plain = "def cost(self, rows, *, key = f(1, 2)):\n    x: int = g(a)";
        assert_eq!(bare(typed), tokens(plain));
        assert_eq!(bare("def one(f=lambda x: 1): return (1,)"), tokens("def one(f=lambda x: 1): return (1,)"));
        assert_eq!(bare("class A(B):\n    'Text.'\n    b = 'x'"), tokens("class A(B):\n    b = 'x'"));
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
