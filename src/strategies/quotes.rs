//! String literals as text: what they stand for, and another text in their quotes.

use crate::syntax::{Node, Source, children};

use super::literals::is_literal;

/// `new` in the quotes and prefix of `old`, a plain string literal; `None` where it would need escapes
/// that the prefix does not allow.
pub(super) fn requoted(old: &str, new: &str) -> Option<String> {
    let (prefix, quote) = opening(old)?;
    let raw = prefix.contains(['r', 'R']);
    let plain = !new.contains(quote) && !new.contains('\\') && (quote.len() == 3 || !new.contains('\n'));
    if plain && new.chars().all(|c| !c.is_control() || c == '\n') {
        return Some(format!("{prefix}{quote}{new}{quote}"));
    }
    if raw {
        return (!new.contains(quote) && !new.ends_with('\\') && !new.contains('\n'))
            .then(|| format!("{prefix}{quote}{new}{quote}"));
    }
    let quote = unescaping(old, new, quote).unwrap_or(quote);
    let escaped: String = new.chars().map(|c| escape(c, quote)).collect();
    let clash = quote.len() == 3 && escaped.contains(quote);
    (!clash).then(|| format!("{prefix}{quote}{escaped}{quote}"))
}

/// The other one of the two quotes of a line, where the text needs escapes in `quote` alone, and `old` had none.
fn unescaping(old: &str, new: &str, quote: &str) -> Option<&'static str> {
    let other = match quote {
        "'" => "\"",
        "\"" => "'",
        _ => return None,
    };
    let is_escaped = old.contains(&format!("\\{quote}"));
    (new.contains(quote) && !new.contains(other) && !is_escaped).then_some(other)
}

/// A character as it is written between `quote`.
pub(super) fn escape(c: char, quote: &str) -> String {
    match c {
        '\\' => "\\\\".to_string(),
        '\n' if quote.len() == 1 => "\\n".to_string(),
        '\t' => "\\t".to_string(),
        '\r' => "\\r".to_string(),
        c if quote.len() == 1 && quote.starts_with(c) => format!("\\{c}"),
        c if c.is_control() && c != '\n' => format!("\\x{:02x}", c as u32),
        c => c.to_string(),
    }
}

/// The prefix and the quotes that a string literal opens with.
pub(super) fn opening(literal: &str) -> Option<(&str, &'static str)> {
    let at = literal.find(['"', '\''])?;
    let (prefix, body) = literal.split_at(at);
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote))?;
    prefix.chars().all(|c| c.is_ascii_alphabetic()).then_some((prefix, quote))
}

pub(super) fn is_bytes(literal: &str) -> bool {
    opening(literal).is_some_and(|(prefix, _)| prefix.contains(['b', 'B']))
}

/// The value of a string or bytes literal, bytes as Latin-1; parts that stand side by side are joined.
pub(super) fn string_value(source: &Source, node: Node<'_>) -> Option<String> {
    match node.kind() {
        "concatenated_string" => {
            children(node).filter(|part| part.kind() != "comment").map(|part| string_value(source, part)).collect()
        }
        "string" if is_literal(node) => unescaped(source.slice(node)),
        _ => None,
    }
}

/// What a string literal stands for.
pub(super) fn unescaped(literal: &str) -> Option<String> {
    let (prefix, quote) = opening(literal)?;
    let body = literal[prefix.len()..].strip_prefix(quote)?.strip_suffix(quote)?;
    if prefix.contains(['f', 'F', 't', 'T']) {
        return None;
    }
    if prefix.contains(['r', 'R']) {
        return Some(body.to_string());
    }
    let mut value = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match rest.next()? {
            '\n' => {}
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            '0' => value.push('\0'),
            'a' => value.push('\x07'),
            'b' => value.push('\x08'),
            'f' => value.push('\x0c'),
            'v' => value.push('\x0b'),
            'x' => value.push(code(&mut rest, 2)?),
            'u' => value.push(code(&mut rest, 4)?),
            'U' => value.push(code(&mut rest, 8)?),
            c @ ('\\' | '\'' | '"') => value.push(c),
            'N' => return None,
            c => value.extend(['\\', c]),
        }
    }
    Some(value)
}

fn code(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let hex: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
}

/// A printed string in double quotes where that is asked for and takes no escape.
pub(super) fn in_quotes(literal: &str, double: bool) -> String {
    let body = literal.trim_start_matches('b');
    let swap = double && body.starts_with('\'') && !body.contains('"') && !body.contains("\\'");
    if swap { literal.replace('\'', "\"") } else { literal.to_string() }
}

pub(super) fn mostly_double(text: &str) -> bool {
    let double = text.matches('"').count();
    double > 0 && double >= text.matches('\'').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_prefixes_stay() {
        assert_eq!(requoted("'a'", "b").as_deref(), Some("'b'"));
        assert_eq!(requoted("r\"a\"", "b\\d").as_deref(), Some("r\"b\\d\""));
        assert_eq!(requoted("b\"a\"", "b").as_deref(), Some("b\"b\""));
        assert_eq!(requoted("r'a'", "it's"), None);
    }

    #[test]
    fn the_other_quotes_save_escapes() {
        assert_eq!(requoted("'a'", "it's\n").as_deref(), Some("\"it's\\n\""));
        assert_eq!(requoted("\"a 'b'\"", "a \"b\"").as_deref(), Some("'a \"b\"'"));
        assert_eq!(requoted("'it\\'s'", "it's so").as_deref(), Some("'it\\'s so'"));
        assert_eq!(requoted("'a'", "it's \"so\"").as_deref(), Some("'it\\'s \"so\"'"));
    }
}
