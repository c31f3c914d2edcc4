//! Python literals as text: quotes kept, values compared.

/// `new` in the quotes and prefix of `old`, a plain string literal; `None` where it would need escapes
/// that the prefix does not allow.
pub(super) fn requoted(old: &str, new: &str) -> Option<String> {
    let prefix_len = old.find(['"', '\''])?;
    let (prefix, body) = old.split_at(prefix_len);
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote))?;
    let raw = prefix.contains(['r', 'R']);
    let needs_escape = new.contains(quote) || new.contains('\\') || (quote.len() == 1 && new.contains('\n'));
    if !needs_escape {
        return Some(format!("{prefix}{quote}{new}{quote}"));
    }
    if raw {
        return (!new.contains(quote) && !new.ends_with('\\')).then(|| format!("{prefix}{quote}{new}{quote}"));
    }
    let mut text = String::with_capacity(new.len() + 8);
    for c in new.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' if quote.len() == 1 => text.push_str("\\n"),
            c if quote.len() == 1 && quote.starts_with(c) => {
                text.push('\\');
                text.push(c);
            }
            c => text.push(c),
        }
    }
    if quote.len() == 3 && text.contains(quote) {
        return None;
    }
    Some(format!("{prefix}{quote}{text}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_prefixes_stay() {
        assert_eq!(requoted("'a'", "b").as_deref(), Some("'b'"));
        assert_eq!(requoted("r\"a\"", "b\\d").as_deref(), Some("r\"b\\d\""));
        assert_eq!(requoted("'a'", "it's\n").as_deref(), Some("'it\\'s\\n'"));
        assert_eq!(requoted("b\"a\"", "b").as_deref(), Some("b\"b\""));
        assert_eq!(requoted("r'a'", "it's"), None);
    }
}
