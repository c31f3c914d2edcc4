//! Strings that are written in parts: each part keeps its quotes, and the words that stood in it.

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::strategies::patterns::words;
use crate::strategies::quotes::{requoted, string_value};
use crate::syntax::{Node, Source};

use super::items;

/// The string literal `old` with another text, in its quotes and parts.
pub(in crate::strategies) fn with_text(source: &Source, old: Node<'_>, text: &str) -> Option<String> {
    match old.kind() {
        "string" => requoted(source.slice(old), text),
        "concatenated_string" => by_parts(source, old, text),
        _ => None,
    }
}

/// A string written in parts: what came stands in the part where what went stood, in the quotes of the part.
pub(super) fn by_parts(source: &Source, old: Node<'_>, value: &str) -> Option<String> {
    let parts = items(old);
    let values: Option<Vec<String>> = parts.iter().map(|part| string_value(source, *part)).collect();
    let values = values?;
    let news = distributed(&values, value);
    let mut text = String::new();
    let mut end = old.start_byte();
    for ((part, old), new) in parts.iter().zip(&values).zip(news) {
        text += &source.text()[end..part.start_byte()];
        let written = source.slice(*part);
        text += &if *old == new { written.to_string() } else { requoted(written, &new)? };
        end = part.end_byte();
    }
    Some(text)
}

/// `value` cut as `olds`, of which it is the successor, are: common words stay in their part, what is new goes to
/// the part whose words it replaces or follows.
pub(in crate::strategies) fn distributed(olds: &[String], value: &str) -> Vec<String> {
    // A word that goes on in the next part is compared by its letters.
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_cut = olds.windows(2).any(|two| is_word(two[0].chars().last()) && is_word(two[1].chars().next()));
    let (mut old_words, mut part_of) = (Vec::new(), Vec::new());
    for (part, old) in olds.iter().enumerate() {
        let words = if is_cut { letters(old) } else { words(old) };
        part_of.extend(std::iter::repeat_n(part, words.len()));
        old_words.extend(words);
    }
    let new_words = if is_cut { letters(value) } else { words(value) };
    let mut news = vec![String::new(); olds.len()];
    for op in capture_diff_slices(Algorithm::Myers, &old_words, &new_words) {
        let (gone, came) = (op.old_range(), op.new_range());
        let at = |index: usize| part_of.get(index).copied();
        if op.tag() == DiffTag::Equal {
            for (old, new) in gone.zip(came) {
                news[part_of[old]].push_str(new_words[new]);
            }
        } else if !came.is_empty() {
            let before = gone.start.checked_sub(1).and_then(at);
            let part = if gone.is_empty() { before.or(at(gone.start)) } else { at(gone.start) };
            news[part.unwrap_or_default()].push_str(&new_words[came].concat());
        }
    }
    news
}

fn letters(text: &str) -> Vec<&str> {
    text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect()
}
