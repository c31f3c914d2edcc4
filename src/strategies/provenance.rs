//! Where a new word comes from: the hunks of the product's history that put it in the place of the old
//! one, and the documentation that speaks of it.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind};
use crate::workspace::opposites::say_the_opposite;
use crate::workspace::words::occurrences;

use super::Context;
use super::confidence::TOLD;
use super::patterns::words;
use super::replayed::replayed;
use super::told::Told;

/// The facts, and whether they are more than one slip of one line could look like.
#[derive(Default)]
pub(super) struct Provenance {
    pub(super) evidence: Vec<Evidence>,
    /// The product made this change at two places, at one and its documentation says so, or it wrote a sentence anew.
    pub(super) is_certain: bool,
    /// What is left to doubt.
    pub(super) doubt: f64,
}

impl Provenance {
    /// Takes along what the commit says of the code that it changed; certain where it speaks of what became of `old`.
    pub(super) fn strengthen(&mut self, told: Option<Told>, old: &str, new: &str) {
        if let Some(told) = told {
            self.is_certain = told.is_certain && told.tells_of(old, new);
            self.evidence.extend(told.evidence);
            self.doubt = TOLD;
        }
    }
}

/// What shows that `old` became `new`, both as they stand in source.
pub(super) fn of(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    if old.trim().len() < 2 || new.trim().len() < 2 {
        return Provenance::default();
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let replacing: Vec<&Hunk> = hunks.iter().filter(|hunk| hunk.is_python() && hunk.replaces(old, new)).collect();
    let told: Vec<&Hunk> = hunks.iter().filter(|hunk| !hunk.is_python() && brings(hunk, new)).collect();
    let mut evidence: Vec<Evidence> = replacing.iter().take(2).map(|hunk| committed(hunk, old, new)).collect();
    if !evidence.is_empty() {
        evidence.extend(told.iter().take(1).map(|hunk| documented(hunk, new)));
    }
    let is_certain = match replacing.as_slice() {
        [] => false,
        _ if say_the_opposite(old, new) => !told.is_empty(),
        [only] => !told.is_empty() || (!is_slip(old, new) && is_reworded(only, old, new)),
        _ => true,
    };
    Provenance { evidence, is_certain, doubt: 0.0 }
}

/// Whether a text is made for people: no markup, address, query or setting, where one word more lets something in.
pub(super) fn is_prose(text: &str) -> bool {
    !["=", ";", "://", "<", ">", "SELECT ", "WHERE "].iter().any(|sign| text.contains(sign))
}

/// Whether the texts are one letter apart, or a number.
pub(super) fn is_slip(old: &str, new: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    let (old_letters, new_letters) = (letters(old), letters(new));
    old_letters == new_letters || product::is_one_letter(&old_letters, &new_letters)
}

/// Whether the hunk changes the words of a sentence: of a string of three words and more, before and after.
fn is_reworded(hunk: &Hunk, old: &str, new: &str) -> bool {
    is_said(&hunk.removed, old, 3) && is_said(&hunk.added, new, 3)
}

/// Whether one of the lines has `text` in a string of so many words.
fn is_said(lines: &[String], text: &str, least: usize) -> bool {
    lines.iter().any(|line| {
        let mut quoted = line.split(['"', '\'']).skip(1).step_by(2);
        let is_it = |string: &str| string.split_whitespace().count() >= least && is_prose(string);
        quoted.any(|string| is_it(string) && occurrences(string, text).next().is_some())
    })
}

/// The same for two texts that a program printed: the template that gives the new one, or the words that differ.
pub(super) fn of_text(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let is_harmless = is_prose(old) && is_prose(new) && !say_the_opposite(old, new);
    let is_sentence = |text: &str| text.split_whitespace().count() > 2;
    // A word alone that took the place of another is looked at by what else the product says.
    let is_harmless = is_harmless && (is_sentence(old) || is_sentence(new));
    let replayed = replayed(ctx, old, new)
        .map(|replayed| Provenance { is_certain: replayed.is_certain && is_harmless, ..replayed });
    match replayed {
        Some(replayed) if replayed.is_certain => replayed,
        Some(replayed) => Some(by_words(ctx, old, new)).filter(|words| words.is_certain).unwrap_or(replayed),
        None => by_words(ctx, old, new),
    }
}

/// Every run of words that differs has to have its own provenance, for the source holds the parts of a message and
/// not the whole.
fn by_words(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let mut whole = Provenance { is_certain: true, ..Provenance::default() };
    let spans = spans(old, new);
    for (gone, came) in &spans {
        let mut part = of(ctx, gone, came);
        if part.evidence.is_empty()
            && let Some((gone, came)) = inner(gone, came)
        {
            part = of(ctx, gone, came);
        }
        if part.evidence.is_empty() {
            return Provenance::default();
        }
        whole.is_certain &= part.is_certain;
        let new: Vec<Evidence> = part.evidence.into_iter().filter(|fact| !whole.evidence.contains(fact)).collect();
        whole.evidence.extend(new);
    }
    whole.is_certain &= !spans.is_empty();
    whole
}

/// The runs of words that differ, each with as many of its neighbours as make it say something.
fn spans(old: &str, new: &str) -> Vec<(String, String)> {
    let (olds, news) = (words(old), words(new));
    let ops = capture_diff_slices(Algorithm::Myers, &olds, &news);
    let mut spans: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in ops.iter().filter(|op| op.tag() != DiffTag::Equal) {
        let (gone, came) = (op.old_range(), op.new_range());
        match spans.last_mut() {
            // What stands between two runs is only punctuation: one run.
            Some(last) if !olds[last.0.end..gone.start].iter().any(|word| is_telling(word)) => {
                (last.0.end, last.1.end) = (gone.end, came.end);
            }
            _ => spans.push((gone, came)),
        }
    }
    spans.into_iter().map(|(gone, came)| widened(&olds, &news, gone, came)).collect()
}

/// `fat32` and `fat3` of `mac_10_fat32` and `mac_10_fat3`: the parts of two compound words that differ.
fn inner<'t>(old: &'t str, new: &'t str) -> Option<(&'t str, &'t str)> {
    let joint = |c: char| matches!(c, '_' | '-' | '.' | '/' | ':');
    let common = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    let start = old[..common].rfind(joint).map_or(0, |at| at + 1);
    let (old_end, new_end) = (&old[start..], &new[start..]);
    let alike = old_end.chars().rev().zip(new_end.chars().rev()).take_while(|(a, b)| a == b);
    let tail: usize = alike.map(|(a, _)| a.len_utf8()).sum();
    let kept = old_end[old_end.len() - tail..].find(joint).map_or(0, |at| tail - at);
    let parts = (&old_end[..old_end.len() - kept], &new_end[..new_end.len() - kept]);
    (kept + start > 0 && is_telling(parts.0) && is_telling(parts.1)).then_some(parts)
}

/// A word of three characters and more says where it comes from; `4` or `to` are everywhere.
fn is_telling(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphanumeric()).count() > 2 && word.chars().any(char::is_alphabetic)
}

fn widened(olds: &[&str], news: &[&str], mut gone: Range<usize>, mut came: Range<usize>) -> (String, String) {
    let says = |words: &[&str]| words.iter().any(|word| is_telling(word));
    while !(says(&olds[gone.clone()]) && says(&news[came.clone()])) && gone.start > 0 && came.start > 0 {
        (gone.start, came.start) = (gone.start - 1, came.start - 1);
    }
    (olds[gone].concat().trim().to_string(), news[came].concat().trim().to_string())
}

fn brings(hunk: &Hunk, new: &str) -> bool {
    let holds = |lines: &[String]| lines.iter().any(|line| occurrences(line, new).next().is_some());
    holds(&hunk.added) && !holds(&hunk.removed)
}

fn committed(hunk: &Hunk, old: &str, new: &str) -> Evidence {
    let text = format!("{old} became {new} at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
    Evidence::commit(&hunk.commit, text)
}

fn documented(hunk: &Hunk, new: &str) -> Evidence {
    Evidence::at(EvidenceKind::Docs, &hunk.path, hunk.line, format!("says {new}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(old: &str, new: &str) -> Vec<String> {
        spans(old, new).into_iter().map(|(gone, came)| format!("{gone} -> {came}")).collect()
    }

    #[test]
    fn the_words_that_differ_and_no_more() {
        assert_eq!(said("A relative path to 'x' is in", "A reference to 'x' is in"), ["relative path -> reference"]);
    }

    #[test]
    fn the_part_of_a_compound_word_that_differs() {
        assert_eq!(inner("mac_10_fat32", "mac_10_fat3"), Some(("fat32", "fat3")));
        assert_eq!(inner("mac_fat32_x", "mac_fat3_x"), Some(("fat32", "fat3")));
        assert_eq!(inner("fat32", "fat3"), None);
        assert_eq!(inner("v_1", "v_2"), None);
    }

    #[test]
    fn a_number_takes_the_word_before_it_along() {
        assert_eq!(said("in urllib3 v2.1.0. Use", "in urllib3 v3.0. Use"), ["v2.1.0 -> v3.0"]);
        assert_eq!(said("total: 4", "total: 5"), ["total: 4 -> total: 5"]);
    }
}
