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
    /// Whether every part has the prefix `r`.
    is_raw: bool,
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
        let mut pattern = Self { parts: Vec::new(), regex: String::new(), quote: '"', is_raw: true };
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
            pattern.is_raw &= prefix == "r";
            pattern.parts.push(string.start_byte() + open + 1..string.end_byte() - 1);
            pattern.regex += body;
        }
        Some(pattern)
    }

    /// The old text, the new text and the edit that lets the pattern match `message`; `None` where it
    /// matches already or the two have too little in common.
    pub(super) fn moved_to(&self, message: &str) -> Option<(String, String, (Range<usize>, String))> {
        let Some(plain) = plain(&self.regex) else { return self.piece_moved_to(message) };
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
        if regex.contains(self.quote) || regex.contains('\n') {
            return None;
        }
        let edit = match regex.contains('\\') && !self.is_raw {
            true => self.made_raw(&regex)?,
            false => self.smallest_edit(&regex)?,
        };
        Some((plain, new, edit))
    }

    /// The same of a pattern with wildcards, where one text between them does not match and all others do.
    fn piece_moved_to(&self, message: &str) -> Option<(String, String, (Range<usize>, String))> {
        let pieces = self.pieces()?;
        let moved = |at: usize| {
            let start = pieces[..at]
                .iter()
                .try_fold(0, |start, (_, text)| Some(start + message[start..].find(text.as_str())? + text.len()))?;
            let end = pieces[at + 1..]
                .iter()
                .rev()
                .try_fold(message.len(), |end, (_, text)| message[..end].rfind(text.as_str()))?;
            let (range, old) = &pieces[at];
            let gap = message.get(start..end).filter(|gap| !gap.contains(old.as_str()))?;
            Some((range, old, spaced_like(old, counterpart(old, gap)?, gap)))
        };
        let mut found = (0..pieces.len()).filter_map(moved);
        let (range, old, new) = found.next().filter(|_| found.next().is_none())?;
        let mut regex = self.regex.clone();
        regex.replace_range(range.clone(), &self.escaped(&new));
        if regex.contains(self.quote) || regex.contains('\n') {
            return None;
        }
        Some((old.clone(), new, self.smallest_edit(&regex).filter(|(_, text)| self.is_raw || !text.contains('\\'))?))
    }

    /// The texts between wildcards, each with its place in the regex; `None` where there is more than text and these.
    fn pieces(&self) -> Option<Vec<(Range<usize>, String)>> {
        const WILDCARDS: [&str; 8] = [".*?", ".+?", ".*", ".+", r"\d+", r"\w+", r"\S+", r"\s+"];
        let regex = self.regex.as_str();
        let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
        while at < regex.len() {
            let rest = &regex[at..];
            let wildcard = WILDCARDS.iter().find(|wildcard| rest.starts_with(**wildcard)).map(|it| it.len());
            let letter = |rest: &str| rest.chars().next().map_or(0, char::len_utf8);
            let escape = || rest.strip_prefix('\\').map(|rest| 1 + letter(rest));
            if let Some(length) = wildcard {
                pieces.push(start..at);
                start = at + length;
            }
            at += wildcard.or_else(escape).unwrap_or_else(|| letter(rest));
        }
        pieces.push(start..regex.len());
        let text = |range: Range<usize>| {
            // An anchor would get lost.
            let text = plain(&regex[range.clone()]).filter(|_| !regex[range.clone()].contains(['^', '$']))?;
            Some((range, text))
        };
        pieces.into_iter().filter(|range| !range.is_empty()).map(text).collect()
    }

    /// Specials are escaped as they were: everywhere, or where a bare one would mean something else.
    fn escaped(&self, text: &str) -> String {
        let all = self.regex.contains('\\');
        let special = |c: char| if all { ".^$*+?{}[]|()\\".contains(c) } else { "^$*+?{}[]|()\\".contains(c) };
        text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
    }

    /// The whole of one plain literal as a raw one.
    fn made_raw(&self, regex: &str) -> Option<(Range<usize>, String)> {
        let [part] = self.parts.as_slice() else { return None };
        let quote = self.quote;
        Some((part.start - 1..part.end + 1, format!("r{quote}{regex}{quote}")))
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

/// The plain text that a regex stands for, where it is no more than escaped text.
fn plain(regex: &str) -> Option<String> {
    let mut plain = String::new();
    let mut chars = regex.chars();
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

/// A text without signs behind it that `old` has not, and with the spaces around it that `old` has.
fn spaced_like(old: &str, new: String, text: &str) -> String {
    let new = new.trim_end_matches(|c: char| !c.is_alphanumeric() && !old.contains(c)).to_string();
    let inner = old.trim();
    let spaced = old.split_once(inner).map(|(before, after)| format!("{before}{new}{after}"));
    spaced.filter(|spaced| text.contains(spaced.as_str())).unwrap_or(new)
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

/// The part of a longer `message` that stands where `text` stood.
pub(super) fn part_like(text: &str, message: &str) -> Option<String> {
    let is_part = |found: &String| found.len() <= text.len() * 2 + 20;
    side_by_side(text, message, 2).or_else(|| counterpart(text, message).filter(is_part))
}

/// The text with its control characters as a `repr` in the message shows them.
fn as_repr(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t")
}

/// The part of `message` that is most like `text`: nearly all its words stand there side by side in their order, be it
/// with other punctuation between them, and it says no less.
pub(super) fn nearest(text: &str, message: &str) -> Option<String> {
    side_by_side(text, message, 3)
}

/// The same where one word of `share` may be another.
fn side_by_side(text: &str, message: &str, share: usize) -> Option<String> {
    const MOST: usize = 4_000;
    let shown = as_repr(text);
    if message.contains(&shown) {
        return Some(shown);
    }
    let (old, new) = (words(text), words(message));
    if old.len() * new.len() > MOST * MOST / 16 {
        return None;
    }
    let (kept_old, kept_new, kept) = local(&old, &new)?;
    let is_word = |word: &&&str| word.chars().any(char::is_alphanumeric);
    let total = old.iter().filter(is_word).count();
    if kept < 2 || kept * share < total * (share - 1) {
        return None;
    }
    // What stands around it in the text stands around it in the message, on the same line.
    let is_here = |word: &&&str| !word.contains('\n') || text.contains('\n');
    let mut start = kept_new.start;
    start -= new[..start].iter().rev().take(kept_old.start).take_while(is_here).count();
    let mut end = kept_new.end;
    end += new[end..].iter().take(old.len() - kept_old.end).take_while(is_here).count();
    // So does a word that changed its place, with the brackets and quotes behind it.
    let is_telling = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).count() > 2;
    let is_missed = |word: &str, found: &[&str]| is_telling(word) && old.contains(&word) && !found.contains(&word);
    let line = end + new[end..].iter().take_while(is_here).count();
    let is_own = |word: &&str| !is_telling(word) || old.contains(word);
    let moved = (end..line).rev().find(|at| is_missed(new[*at], &new[start..end]));
    if let Some(last) = moved.filter(|last| new[end..*last].iter().all(is_own)) {
        end = last + 1;
        end += new[end..line].iter().take_while(|word| matches!(**word, "'" | "\"" | ")" | "]" | "}")).count();
    }
    // An escape is not cut.
    while start > 0 && new[start - 1] == "\\" {
        start -= 1;
    }
    let found = new[start..end].concat();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let says_no_less = letters(&found) * 4 >= letters(text) * 3;
    // A word that stands elsewhere in the message says that this is another part of it.
    let keeps = old.iter().all(|word| !is_telling(word) || found.contains(*word) || !message.contains(*word));
    let is_it = says_no_less && keeps && found.len() <= text.len() * 2 + 20;
    is_it.then(|| found.trim().to_string())
}

/// The best run of words that two texts have in common, small differences inside it allowed: where it stands in both,
/// and how many words are the same.
fn local(old: &[&str], new: &[&str]) -> Option<(Range<usize>, Range<usize>, usize)> {
    let weight = |word: &str| if word.chars().any(char::is_alphanumeric) { 4 } else { 1 };
    let width = new.len() + 1;
    let mut scores = vec![0i32; (old.len() + 1) * width];
    let mut best = (0, 0, 0);
    for i in 1..=old.len() {
        for j in 1..=new.len() {
            let same = old[i - 1] == new[j - 1];
            let across = scores[(i - 1) * width + j - 1] + if same { weight(old[i - 1]) } else { -2 };
            let score = across.max(scores[(i - 1) * width + j] - 1).max(scores[i * width + j - 1] - 1).max(0);
            scores[i * width + j] = score;
            if score > 0 && score >= best.0 {
                best = (score, i, j);
            }
        }
    }
    let (score, end_old, end_new) = best;
    let (mut i, mut j, mut kept) = (end_old, end_new, 0);
    while score > 0 && i > 0 && j > 0 && scores[i * width + j] > 0 {
        let here = scores[i * width + j];
        let same = old[i - 1] == new[j - 1];
        if here == scores[(i - 1) * width + j - 1] + if same { weight(old[i - 1]) } else { -2 } {
            kept += usize::from(same && weight(old[i - 1]) > 1);
            (i, j) = (i - 1, j - 1);
        } else if here == scores[(i - 1) * width + j] - 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    (score > 0).then_some((i..end_old, j..end_new, kept))
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
    fn the_nearest_part_of_a_long_message() {
        let near = |text: &str, message: &str| nearest(text, message).unwrap_or("none".to_string());
        let message = "refused.\n\n- GET /a body differs: {'id': 'bad'} doesn't match {'id': 'good'}\n- GET /b fine\n";
        assert_eq!(
            near("body differs: {id: bad} doesn't match {id: good}", message),
            "body differs: {'id': 'bad'} doesn't match {'id': 'good'}"
        );
        assert_eq!(near("at (2:3)", "msg\n\nfound at :2:3\n1: {"), "at :2:3");
        let message = "a\n- body: {'p': {'kind': 'x'}} is not {'p': {'kind': 'x', 'diff': 'val'}}\n- no";
        assert_eq!(
            near("body: {p: {kind: x}} is not {p: {diff: val, kind: x}}", message),
            "body: {'p': {'kind': 'x'}} is not {'p': {'kind': 'x', 'diff': 'val'}}"
        );
        let message = "x:\n- POST /a request.body doesn't match: {'my': 'data'} doesn't match {}\n";
        assert_eq!(
            near("request.body doesn't match: {my: data} doesn't match {}", message),
            "request.body doesn't match: {'my': 'data'} doesn't match {}"
        );
        assert_eq!(near("no such order is there", message), "none");
        assert_eq!(near("a\r\nOld one", r"sent 'a\r\nOld one' back"), r"a\r\nOld one");
        assert_eq!(near("a file New body", "a file Old body and New things"), "none");
        assert_eq!(near("body differs: a lot more was said here than now", message), "none");
    }

    #[test]
    fn one_text_between_wildcards_changes_and_all_else_stays() {
        let old = r#"r"foo is ambiguous.*given a Token\(NAME\).*bar or baz""#;
        let new = r#"r"foo is ambiguous.*given a Kind\.NAME.*bar or baz""#;
        check(old, "rule foo is ambiguous;\n given a Kind.NAME, we go to bar or baz", new);
        check("\"no item .* left in .+\"", "no item 3 found in shop", "\"no item .* found in .+\"");
        // Two of them, none, and what says nothing of the old text.
        check(old, "rule fuzz is vague; given a Kind.NAME we go to bar or baz", "none");
        check(old, "rule foo is ambiguous: given a Token(NAME) we go to bar or baz", "none");
        check(old, "rule foo is ambiguous: nothing helps here, bar or baz", "none");
        check(r#"r"no (item|thing) .* left""#, "no item 3 found", "none");
    }

    #[test]
    fn what_matches_or_has_nothing_in_common_stays() {
        check("\"no item\"", "there is no item", "none");
        check("\"no item\"", "division by zero", "none");
        check("\"no .* left\"", "no thing right", "none");
    }
}
