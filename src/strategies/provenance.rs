//! Where a new word comes from: the hunks of the product's history that put it in the place of the old
//! one, and the documentation that speaks of it.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind};
use crate::workspace::history::LiteralChange;
use crate::workspace::opposites::say_the_opposite;
use crate::workspace::words::occurrences;

use super::Context;
use super::confidence::TOLD;
use super::patterns::words;
use super::replayed::replayed;
use super::same_data;
use super::told::{self, Told};

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
    let told: Vec<&Hunk> = hunks.iter().filter(|hunk| told::documents(ctx, hunk, &replacing, old, new)).collect();
    let mut evidence: Vec<Evidence> = replacing.iter().take(2).map(|hunk| committed(hunk, old, new)).collect();
    if !evidence.is_empty() {
        evidence.extend(told.iter().take(1).map(|hunk| documented(hunk, new)));
    }
    // What nobody has committed yet is work in progress.
    let is_done = |hunk: &Hunk| !ctx.snapshot.history().is_in_progress(&hunk.commit);
    let is_certain = match replacing.as_slice() {
        [] => false,
        _ if !told.is_empty() => true,
        _ if say_the_opposite(old, new) => false,
        [only] => is_done(only) && !is_slip(old, new) && is_reworded(ctx, only, old, new),
        _ => !is_transposed(old, new),
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

/// Whether the letters are the same in another order: misspelt at every place.
pub(super) fn is_transposed(old: &str, new: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
        letters.sort_unstable();
        letters
    };
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_string).collect::<Vec<_>>();
    let (olds, news) = (words(old), words(new));
    sorted(old) == sorted(new) && olds.iter().zip(&news).any(|(one, other)| product::is_one_letter(one, other))
}

/// Whether something of how many or who is not in the new text: numbers, number words and `only` are no matter of wording.
pub(super) fn promises_otherwise(old: &str, new: &str) -> bool {
    let telling = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        words.filter(|word| is_number(word) || QUANTITIES.contains(&word.as_str())).collect()
    };
    let mut left = telling(new);
    telling(old).iter().any(|word| match left.iter().position(|other| other == word) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    })
}

/// Words that say how many, or who alone.
const QUANTITIES: [&str; 37] = [
    "only",
    "everybody",
    "everyone",
    "anybody",
    "anyone",
    "nobody",
    "none",
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
];

/// Whether the hunk changes the words of a sentence, of a string of three words and more, before and after, into one of
/// its own.
fn is_reworded(ctx: &Context<'_>, hunk: &Hunk, old: &str, new: &str) -> bool {
    let befores = said(&hunk.removed, old);
    let is_other =
        |after: &str| befores.iter().all(|before| promises_otherwise(before, after) || !shares_a_word(before, after));
    let afters = said(&hunk.added, new);
    let mut taken = afters.iter().filter(|after| is_other(after) || is_copied(ctx, hunk, after));
    !befores.is_empty() && !afters.is_empty() && taken.next().is_none()
}

/// Whether two sentences have a word in common: else the new one is of another language, or about another thing. The
/// beginning of one is not enough, as languages borrow.
pub(super) fn shares_a_word(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
        words.map(str::to_string).collect()
    };
    let known = words(one);
    known.is_empty() || words(other).iter().any(|word| known.contains(word))
}

/// Whether the file says the sentence at another place too: a line that was copied and not adapted.
pub(super) fn is_copied(ctx: &Context<'_>, hunk: &Hunk, sentence: &str) -> bool {
    let own: usize = hunk.added.iter().map(|line| line.matches(sentence).count()).sum();
    let source = ctx.snapshot.source(&hunk.path);
    source.is_some_and(|source| source.text().matches(sentence).count() > own)
}

/// The same for a literal of the product that changed.
pub(super) fn is_copied_in(ctx: &Context<'_>, change: &LiteralChange) -> bool {
    let source = ctx.snapshot.source(&change.path);
    source.is_some_and(|source| source.text().matches(change.new.as_str()).count() > 1)
}

/// The sentences of the lines that say `text`.
fn said<'l>(lines: &'l [String], text: &str) -> Vec<&'l str> {
    let quoted = lines.iter().flat_map(|line| line.split(['"', '\'']).skip(1).step_by(2));
    let is_it = |string: &&str| string.split_whitespace().count() > 2 && is_prose(string);
    quoted.filter(is_it).filter(|string| occurrences(string, text).next().is_some()).collect()
}

/// The same for two texts that a program printed: the template that gives the new one, or the words that differ.
pub(super) fn of_text(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let same_data = same_data::of_text(ctx, old, new);
    if same_data.is_certain {
        return same_data;
    }
    let is_harmless = is_prose(old) && is_prose(new) && !say_the_opposite(old, new) && !promises_otherwise(old, new);
    let is_sentence = |text: &str| text.split_whitespace().count() > 2;
    // A word alone that took the place of another is looked at by what else the product says.
    let is_harmless = is_harmless && (is_sentence(old) || is_sentence(new));
    // Two whole sentences without a word in common.
    let is_harmless = is_harmless && (!is_sentence(old) || !is_sentence(new) || shares_a_word(old, new));
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

    fn spans_of(old: &str, new: &str) -> Vec<String> {
        spans(old, new).into_iter().map(|(gone, came)| format!("{gone} -> {came}")).collect()
    }

    #[test]
    fn the_words_that_differ_and_no_more() {
        assert_eq!(
            spans_of("A relative path to 'x' is in", "A reference to 'x' is in"),
            ["relative path -> reference"]
        );
    }

    #[test]
    fn the_part_of_a_compound_word_that_differs() {
        assert_eq!(inner("mac_10_fat32", "mac_10_fat3"), Some(("fat32", "fat3")));
        assert_eq!(inner("mac_fat32_x", "mac_fat3_x"), Some(("fat32", "fat3")));
        assert_eq!(inner("fat32", "fat3"), None);
        assert_eq!(inner("v_1", "v_2"), None);
    }

    #[test]
    fn how_many_and_who_is_no_wording() {
        assert!(promises_otherwise("only admins may delete", "every visitor may delete"));
        assert!(promises_otherwise("within fourteen days", "within four days"));
        assert!(promises_otherwise("is over 1000", "is more than 100"));
        assert!(!promises_otherwise("overload: 500 kg", "overload: 500 kg (400 allowed)"));
        assert!(!promises_otherwise("the item was not found", "there was not such an item"));
    }

    #[test]
    fn a_number_takes_the_word_before_it_along() {
        assert_eq!(spans_of("in urllib3 v2.1.0. Use", "in urllib3 v3.0. Use"), ["v2.1.0 -> v3.0"]);
        assert_eq!(spans_of("total: 4", "total: 5"), ["total: 4 -> total: 5"]);
    }
}
