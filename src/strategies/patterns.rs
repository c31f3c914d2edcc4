//! The pattern of a `match=`: plain text with a few escapes, and what it becomes for a new message.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::syntax::{Node, Source, children};

/// A pattern written as one string literal or several that stand side by side.
pub(super) struct Pattern {
    /// The bytes between the quotes of each part.
    parts: Vec<Range<usize>>,
    /// What stands there, parts joined: the regex as `re` sees it.
    regex: String,
    quote: char,
}

impl Pattern {
    /// Reads a literal whose text is the regex itself: raw, or without backslashes. `re.escape("…")` and
    /// f-strings are none.
    pub(super) fn read(source: &Source, value: Node<'_>) -> Option<Self> {
        let value = super::literals::inner(value);
        let strings: Vec<Node<'_>> = match value.kind() {
            "string" => vec![value],
            "concatenated_string" => children(value).filter(|part| part.kind() == "string").collect(),
            _ => return None,
        };
        let mut pattern = Self { parts: Vec::new(), regex: String::new(), quote: '"' };
        for string in strings {
            let text = source.slice(string);
            let open = text.find(['"', '\''])?;
            let prefix = text[..open].to_lowercase();
            let quote = text[open..].chars().next()?;
            let body = text.get(open + 1..text.len().checked_sub(1)?)?;
            let is_text = prefix == "r" || (prefix.is_empty() && !body.contains('\\'));
            if !is_text || body.starts_with(quote) {
                return None;
            }
            pattern.quote = quote;
            pattern.parts.push(string.start_byte() + open + 1..string.end_byte() - 1);
            pattern.regex += body;
        }
        Some(pattern)
    }

    /// The plain text that the regex stands for, where it is no more than escaped text.
    fn plain(&self) -> Option<String> {
        let mut plain = String::new();
        let mut chars = self.regex.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => plain.push(chars.next().filter(|c| !c.is_alphanumeric())?),
                '*' | '+' | '?' | '[' | ']' | '(' | ')' | '{' | '}' | '|' => return None,
                '^' | '$' => {}
                c => plain.push(c),
            }
        }
        Some(plain)
    }

    /// The old text, the new text and the edit that lets the pattern match `message`; `None` where it
    /// matches already or the two have too little in common.
    pub(super) fn moved_to(&self, message: &str) -> Option<(String, String, (Range<usize>, String))> {
        let plain = self.plain()?;
        if message.contains(&plain) {
            return None;
        }
        let new = counterpart(&plain, message)?;
        let mut regex = self.escaped(&new);
        if self.regex.starts_with('^') && message.starts_with(&new) {
            regex.insert(0, '^');
        }
        if self.regex.ends_with('$') && message.ends_with(&new) {
            regex.push('$');
        }
        if regex.contains(self.quote) || regex.contains('\n') || (regex.contains('\\') && !self.regex.contains('\\')) {
            return None;
        }
        let edit = self.smallest_edit(&regex)?;
        Some((plain, new, edit))
    }

    /// Specials are escaped as they were: everywhere, or where a bare one would mean something else.
    fn escaped(&self, text: &str) -> String {
        let all = self.regex.contains('\\');
        let special = |c: char| if all { ".^$*+?{}[]|()\\".contains(c) } else { "^$*+?{}[]|()\\".contains(c) };
        text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
    }

    /// One edit inside one part, where what differs lies in one part.
    fn smallest_edit(&self, new: &str) -> Option<(Range<usize>, String)> {
        let old = self.regex.as_str();
        let head = common(old.chars(), new.chars());
        let tail = common(old[head..].chars().rev(), new[head..].chars().rev());
        let (gone, came) = (head..old.len() - tail, &new[head..new.len() - tail]);
        let mut before = 0;
        for part in &self.parts {
            let inside = before..before + part.len();
            if inside.start <= gone.start && gone.end <= inside.end {
                let at = |offset: usize| part.start + offset - before;
                return Some((at(gone.start)..at(gone.end), came.to_string()));
            }
            before = inside.end;
        }
        None
    }
}

/// A literal for `match=` that matches the first line of `message`, specials escaped where they would mean more
/// than themselves.
pub(super) fn matching(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let special = |c: char| "^$*+?{}[]|()\\".contains(c);
    let regex: String = line.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect();
    let raw = if regex.contains('\\') { "r" } else { "" };
    let quote = if regex.contains('"') { '\'' } else { '"' };
    // With both quotes in it, either one may stand for any character.
    let body = if quote == '\'' { regex.replace('\'', ".") } else { regex };
    format!("{raw}{quote}{body}{quote}")
}

fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// The part of `message` that stands where `text` stood: the words that both have keep their order, and
/// at least half of the text's words are found again.
pub(super) fn counterpart(text: &str, message: &str) -> Option<String> {
    let (old, new) = (words(text), words(message));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let kept: usize = ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| op.old_range().len()).sum();
    let word_count = |words: &[&str]| words.iter().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    let kept_words: usize =
        ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| word_count(&old[op.old_range()])).sum();
    if kept == 0 || kept_words * 2 < word_count(&old) {
        return None;
    }
    let (mut start, mut end) = (None, 0);
    let last_kept = ops.iter().rposition(|op| op.tag() == DiffTag::Equal)?;
    let first_kept = ops.iter().position(|op| op.tag() == DiffTag::Equal)?;
    for (index, op) in ops.iter().enumerate() {
        let (gone, came) = (op.old_range(), op.new_range());
        if index < first_kept {
            // Words of the text before the first common one: as many words of the message.
            start = Some(came.end - gone.len().min(came.len()));
        } else if index > last_kept {
            end = came.start + gone.len().min(came.len());
        } else {
            start = start.or(Some(came.start));
            end = came.end;
        }
    }
    let found: String = new[start?..end].concat();
    let trimmed = found.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_string())
}

/// Words and what stands between them; versions (`v2.1.0`) are words.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let is_word = |at: usize, c: char| {
        let inner_dot = c == '.'
            && text[at + 1..].starts_with(|c: char| c.is_ascii_digit())
            && text[..at].ends_with(|c: char| c.is_ascii_digit());
        c.is_alphanumeric() || c == '_' || inner_dot
    };
    let mut inside = false;
    for (at, c) in text.char_indices() {
        let now = is_word(at, c);
        if (now != inside || !now) && at > start {
            words.push(&text[start..at]);
            start = at;
        }
        inside = now;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(literal: &str, message: &str, expect: &str) {
        let source = Source::parse(literal.to_string());
        let node = source.root().named_child(0).unwrap().named_child(0).unwrap();
        let moved = Pattern::read(&source, node).and_then(|pattern| pattern.moved_to(message));
        let result = moved.map(|(_, _, (range, text))| {
            let mut result = literal.to_string();
            result.replace_range(range, &text);
            result
        });
        assert_eq!(result.as_deref().unwrap_or("none"), expect);
    }

    #[test]
    fn a_pattern_for_a_message() {
        assert_eq!(super::matching("gone in v3.\nUse that."), r#""gone in v3.""#);
        assert_eq!(super::matching("f(x) is gone"), r#"r"f\(x\) is gone""#);
        assert_eq!(super::matching("say \"no\""), r#"'say "no"'"#);
    }

    #[test]
    fn the_changed_words_change() {
        check("\"no item left\"", "there is no thing left here", "\"no thing left\"");
        check("r'urllib3 v2\\.1\\.0'", "removed in urllib3 v3.0. Use it.", "r'urllib3 v3\\.0'");
        check(
            "(r'removed in '\n r'v2\\.1\\.0\\. Use')",
            "removed in v2.6.0. Use",
            "(r'removed in '\n r'v2\\.6\\.0\\. Use')",
        );
    }

    #[test]
    fn what_matches_or_has_nothing_in_common_stays() {
        check("\"no item\"", "there is no item", "none");
        check("\"no item\"", "division by zero", "none");
        check("\"no .* left\"", "no thing right", "none");
    }
}
