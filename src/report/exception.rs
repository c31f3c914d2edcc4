//! The text of an exception: its type, its message, the hint that CPython added, both sides of an assert.

use super::Introspection;
use super::rule::{bare, is_dotted_name};
use super::unittest_diff;

/// What an exception says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ExceptionText {
    pub(super) exc_type: Option<String>,
    pub(super) message: Option<String>,
    pub(super) hint: Option<String>,
    /// A SyntaxError names its own place: `File "x.py", line 5`.
    pub(super) place: Option<(String, u32)>,
}

/// Reads what `traceback.format_exception_only` printed. `known` is the bare type where the style names it
/// elsewhere (`path:line: Type`); it settles messages with colons.
pub(super) fn read(lines: &[&str], known: Option<&str>) -> ExceptionText {
    let lines = trim_blank_ends(lines);
    let Some(first) = lines.first() else {
        return ExceptionText { exc_type: known.map(str::to_string), ..ExceptionText::default() };
    };
    if let Some(place) = file_place(first) {
        return syntax_error(lines, place, known);
    }
    let (exc_type, rest) = split_type(first, known);
    let size = lines[1..].iter().map(|line| line.len() + 1).sum::<usize>();
    let mut message = String::with_capacity(rest.len() + size);
    message.push_str(rest);
    for line in &lines[1..] {
        message.push('\n');
        message.push_str(line);
    }
    let mut text = ExceptionText { exc_type: exc_type.map(str::to_string), ..ExceptionText::default() };
    text.hint = take_hint(&mut message, exc_type);
    text.message = Some(message);
    text
}

/// `Type: message`, `Type`, or the bare `assert …` of a rewritten assert.
fn split_type<'a>(first: &'a str, known: Option<&'a str>) -> (Option<&'a str>, &'a str) {
    if first.starts_with("assert ") && known.is_none_or(|known| known == "AssertionError") {
        return (Some("AssertionError"), first);
    }
    let (name, rest) = match first.split_once(": ") {
        Some((name, rest)) => (name, rest),
        None => (first.strip_suffix("...").unwrap_or(first).strip_suffix(':').unwrap_or(first), ""),
    };
    match known {
        Some(known) if bare(name) == known && is_dotted_name(name) => (Some(known), rest),
        Some(known) => (Some(known), first),
        None if is_dotted_name(name) => (Some(bare(name)), rest),
        None => (None, first),
    }
}

/// `  File "/abs/x.py", line 5`, then the source and a caret, then `SyntaxError: text`.
fn syntax_error(lines: &[&str], place: (String, u32), known: Option<&str>) -> ExceptionText {
    let last = lines.iter().rposition(|line| {
        let name = line.split_once(':').map_or(*line, |(name, _)| name);
        is_dotted_name(name) && (known == Some(bare(name)) || name.ends_with("Error"))
    });
    let mut text = last.map_or_else(ExceptionText::default, |at| read(&lines[at..], known));
    text.place = Some(place);
    text
}

/// The path and line of `File "x.py", line 5` (and `, in f`).
pub(super) fn file_place(line: &str) -> Option<(String, u32)> {
    let rest = line.trim_start().strip_prefix("File \"")?;
    let (path, rest) = rest.split_once("\", line ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some((path.to_string(), rest[..digits].parse().ok()?))
}

/// Takes CPython's suggestion off the first line. For TypeErrors it is part of `str(exception)` and stays.
/// Wordings: `Did you mean: 'x'?` (3.10), `Did you forget to import 'x'?`, `… or did you forget to import …`
/// (3.12), `Did you mean 'x'?` (3.13), `Did you mean '.a.b' instead of '.b'?` (3.15).
fn take_hint(message: &mut String, exc_type: Option<&str>) -> Option<String> {
    let first_end = message.find('\n').unwrap_or(message.len());
    let first = &message[..first_end];
    let is_whole = first.ends_with('?');
    if !is_whole && !first.ends_with("...") {
        return None;
    }
    let start = ["Did you mean", "Did you forget to import", "Perhaps you forgot", "Maybe you meant"]
        .iter()
        .filter_map(|opening| first.rfind(opening))
        .min()?;
    let hint = first[start..].to_string();
    if exc_type != Some("TypeError") {
        let end = first[..start].trim_end().trim_end_matches('.').len();
        message.replace_range(end..first_end, "");
    }
    is_whole.then_some(hint) // the summary cuts it to the width
}

fn trim_blank_ends<'s, 'a>(mut lines: &'s [&'a str]) -> &'s [&'a str] {
    while let [rest @ .., last] = lines
        && last.trim().is_empty()
    {
        lines = rest;
    }
    while let [first, rest @ ..] = lines
        && first.trim().is_empty()
    {
        lines = rest;
    }
    lines
}

/// Both sides of the first `assert left op right` in a message.
pub(super) fn introspect(message: &str) -> Option<Introspection> {
    if let Some(compared) = message.strip_prefix("!=:\n") {
        return named_sides(compared);
    }
    if let Some((left, right)) = unittest_diff::sides(message) {
        return Some(Introspection { left, op: "==".to_string(), right });
    }
    let asserted = message.lines().find_map(|line| line.strip_prefix("assert "))?;
    let (at, op) = comparison(asserted)?;
    let (left, right) = (asserted[..at].trim(), asserted[at + op.len()..].trim());
    let sides = !left.is_empty() && !right.is_empty();
    sides.then(|| Introspection { left: left.to_string(), op: op.trim().to_string(), right: right.to_string() })
}

/// `reference = 1` and `actual    = 2` on two lines, as testtools tells of values that are not equal.
fn named_sides(compared: &str) -> Option<Introspection> {
    let side = |name: &str| {
        let rest = compared.lines().find_map(|line| line.strip_prefix(name))?;
        rest.trim_start().strip_prefix("= ").map(str::to_string)
    };
    Some(Introspection { left: side("reference")?, op: "==".to_string(), right: side("actual")? })
}

/// The only comparison outside of brackets and quotes; none where `and`, `or` or a second one stands there.
fn comparison(text: &str) -> Option<(usize, &'static str)> {
    const OPERATORS: [&str; 10] =
        [" == ", " != ", " <= ", " >= ", " < ", " > ", " not in ", " in ", " is not ", " is "];
    let bytes = text.as_bytes();
    let mut found: Option<(usize, &'static str)> = None;
    for at in blanks_outside(bytes) {
        let rest = &bytes[at..];
        // The `in` of `not in` is no comparison of its own.
        if found.is_some_and(|(start, op)| at + 1 < start + op.len()) {
            continue;
        }
        if [" and ", " or ", " if "].iter().any(|word| rest.starts_with(word.as_bytes())) {
            return None;
        }
        let Some(op) = OPERATORS.into_iter().find(|op| rest.starts_with(op.as_bytes())) else { continue };
        if found.is_some() {
            return None;
        }
        found = Some((at, op));
    }
    found
}

/// The blanks outside of brackets, quotes and `<shop.cart.Cart object at 0x7f>`.
fn blanks_outside(bytes: &[u8]) -> Vec<usize> {
    let (mut depth, mut at) = (0usize, 0);
    let mut closed = true; // an unclosed `<` is looked for once
    let mut blanks = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = quote_end(bytes, at, quote),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'<' if closed && bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'[') => {
                let end = angle_end(bytes, at);
                closed = end.is_some();
                at = end.unwrap_or(at);
            }
            b' ' if depth == 0 => blanks.push(at),
            _ => {}
        }
        at += 1;
    }
    blanks
}

/// Where the string that opens at `start` closes; `start` itself for a lone apostrophe.
fn quote_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() && !matches!(bytes[start - 1], b'b' | b'r' | b'f' | b'u') {
        return start; // don't
    }
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b if b == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn angle_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'<' => depth += 1,
            b'>' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, known: Option<&str>) -> (Option<String>, Option<String>, Option<String>) {
        let lines: Vec<_> = text.split('\n').collect();
        let read = read(&lines, known);
        (read.exc_type, read.message, read.hint)
    }

    #[track_caller]
    fn check(text: &str, known: Option<&str>, exc_type: &str, message: &str, hint: Option<&str>) {
        assert_eq!(parts(text, known), (Some(exc_type.into()), Some(message.into()), hint.map(str::to_string)));
    }

    #[test]
    fn the_type_is_the_bare_name_before_the_colon() {
        check("shop.cart.OutOfStock: A1: wanted 10", None, "OutOfStock", "A1: wanted 10", None);
        check("tests.a.test_x.<locals>.Odd: text", None, "Odd", "text", None);
        check("ValueError", None, "ValueError", "", None);
        check("KeyError: 'k'", Some("KeyError"), "KeyError", "'k'", None);
    }

    #[test]
    fn a_rewritten_assert_has_no_prefix() {
        check("assert 1 == 2", Some("AssertionError"), "AssertionError", "assert 1 == 2", None);
        check("AssertionError: why\nassert 1 == 2", None, "AssertionError", "why\nassert 1 == 2", None);
    }

    #[test]
    fn the_location_line_settles_a_message_with_colons() {
        check("a: b: c", Some("Odd"), "Odd", "a: b: c", None);
    }

    #[test]
    fn hints_of_all_pythons_are_apart() {
        let message = "'Cart' object has no attribute 'totl'";
        for hint in [
            "Did you mean: 'total'?",
            "Did you mean '.total'?",
            "Did you mean '.inner.totl' instead of '.totl'?",
            "Did you forget to import 'totl'?",
            "Did you mean: 'total' or did you forget to import 'totl'?",
        ] {
            check(&format!("AttributeError: {message}. {hint}"), None, "AttributeError", message, Some(hint));
        }
        let text = "f() got an unexpected keyword argument 'max_split'. Did you mean 'maxsplit'?";
        check(&format!("TypeError: {text}"), None, "TypeError", text, Some("Did you mean 'maxsplit'?"));
        check("ValueError: what?", None, "ValueError", "what?", None);
    }

    #[test]
    fn a_syntax_error_says_where() {
        let lines = ["  File \"/x.py\", line 5", "    def f(:", "          ^", "SyntaxError: invalid syntax"];
        let text = read(&lines, Some("SyntaxError"));
        assert_eq!(text.place, Some(("/x.py".to_string(), 5)));
        assert_eq!(text.message.as_deref(), Some("invalid syntax"));
    }

    #[test]
    fn both_sides_of_an_assert() {
        let sides = |text| introspect(text).map(|i| (i.left, i.op, i.right));
        let some = |left: &str, op: &str, right: &str| Some((left.to_string(), op.to_string(), right.to_string()));
        assert_eq!(sides("why\nassert (1 + 1) == 3"), some("(1 + 1)", "==", "3"));
        assert_eq!(sides("assert 'a == b' not in ['x', 'it\\'s']"), some("'a == b'", "not in", "['x', 'it\\'s']"));
        assert_eq!(sides("assert <A object at 0x1> is None"), some("<A object at 0x1>", "is", "None"));
        assert_eq!(sides("assert 1 < 0"), some("1", "<", "0"));
        assert_eq!(sides("assert a == b or c"), None);
        assert_eq!(sides("assert False"), None);
        assert_eq!(sides("1 != 0"), None);
    }
}
