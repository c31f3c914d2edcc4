//! What a note says of the difference between two values: each part of it, and under which condition.

use std::collections::HashSet;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::workspace::similar_names;

use super::{SIGNS, alike, parts};

/// The sentences of notes that hold for a test.
pub(super) struct Saying(Vec<String>);

impl Saying {
    /// The sentences of `text` that say what changed, and whose conditions name what the test is about.
    pub(super) fn of(text: &str, test: &HashSet<String>) -> Self {
        let text = text.to_lowercase();
        let sentences = text.split(';').flat_map(|part| part.split(". "));
        Self(sentences.filter(|said| !is_kept(said) && fits(said, test)).map(str::to_string).collect())
    }

    /// Whether every part of the difference is said: each word and number that came; of what went without a successor
    /// that it went. A digit alone stands everywhere.
    pub(super) fn tells_of(&self, old: &str, new: &str) -> bool {
        let (olds, news) = (tokens(old), tokens(new));
        if olds.concat() == news.concat() {
            return self.speaks_of_signs();
        }
        let ops = capture_diff_slices(Algorithm::Myers, &olds, &news);
        let mut runs = ops.iter().filter(|op| op.tag() != DiffTag::Equal);
        runs.all(|op| self.says_run(&olds[op.old_range()], &news[op.new_range()]))
    }

    fn says_run(&self, gone: &[&str], came: &[&str]) -> bool {
        let split = |tokens: &[&str]| -> (Vec<String>, Vec<String>) {
            let lower = tokens.iter().filter(|token| !is_filler(token)).map(|token| token.to_lowercase());
            lower.partition(|token| is_value(token))
        };
        let ((gone_values, gone_words), (values, words)) = (split(gone), split(came));
        if values.is_empty() && words.is_empty() {
            let mut went = gone_values.iter().chain(&gone_words);
            return went.all(|token| self.has(token)) && self.speaks_of_loss();
        }
        // A number is filled in beside words that are said; one that takes the place of another is said itself.
        let is_filled_in = gone_values.is_empty() && !words.is_empty();
        let unsaid = gone_words.iter().filter(|word| !self.has(word)).count();
        let denies = words.iter().any(|word| is_denial(word));
        let is_said = |token: &String| if denies { self.has(token) } else { self.affirms(token) };
        words.iter().all(is_said)
            && (is_filled_in || values.iter().all(|value| value.len() > 1 && is_said(value)))
            && unsaid <= words.len().max(values.len())
    }

    /// Whether it has the word or number.
    pub(super) fn has(&self, token: &str) -> bool {
        self.0.iter().any(|said| tokens(said).into_iter().any(|said| is_same(said, token)))
    }

    /// Whether it has the word or number, and not behind a `no`, `not` or `instead of`.
    fn affirms(&self, token: &str) -> bool {
        let clauses = self.0.iter().flat_map(|said| said.split([',', '(', ')', ':']));
        clauses.flat_map(|clause| clause.split(" but ")).any(|clause| {
            let mut said = tokens(clause).into_iter().take_while(|word| !is_denial(word));
            said.any(|said| is_same(said, token))
        })
    }

    /// Whether it speaks of what is no letter and no number, or has such a sign in quotes, or a number.
    fn speaks_of_signs(&self) -> bool {
        let is_number = |word: &str| !word.is_empty() && word.chars().all(char::is_numeric);
        let mut words = self.0.iter().flat_map(|said| parts(said));
        words.any(|word| is_number(word) || SIGNS.iter().any(|sign| word.starts_with(sign)))
    }

    fn speaks_of_loss(&self) -> bool {
        let mut words = self.0.iter().flat_map(|said| parts(said));
        words.any(|word| LOSS.iter().any(|loss| word.starts_with(loss)) || matches!(word, "no" | "not" | "less"))
    }
}

/// The start of words that tell that something is not there any more.
const LOSS: [&str; 15] = [
    "without", "remov", "drop", "longer", "never", "instead", "omit", "skip", "hid", "strip", "exclu", "leave", "gone",
    "delet", "more",
];

/// A word that turns round what follows.
fn is_denial(word: &str) -> bool {
    matches!(word, "no" | "not" | "never" | "without" | "instead" | "rather" | "longer")
}

fn is_same(said: &str, token: &str) -> bool {
    said == token || !is_value(token) && alike_long(said, token)
}

/// Whether a sentence tells what did not change.
fn is_kept(sentence: &str) -> bool {
    let stays = |word: &str| matches!(word, "stays" | "stay" | "remains" | "remain" | "still");
    parts(sentence).any(stays) || sentence.contains("as before")
}

/// The words and numbers of a text: `5.00` is one.
fn tokens(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut found = Vec::new();
    for token in text.split(|c: char| !is_part(c)).map(|token| token.trim_matches('.')) {
        let is_number = token.starts_with(|c: char| c.is_ascii_digit());
        if is_number {
            found.push(token);
        } else {
            found.extend(token.split('.').filter(|part| !part.is_empty()));
        }
    }
    found
}

/// A number, or one of the constants that stand for themselves.
fn is_value(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit()) || matches!(token, "none" | "true" | "false")
}

/// A word that says nothing, where others beside it do.
fn is_filler(token: &str) -> bool {
    let is_letter = token.len() < 2 && !token.starts_with(|c: char| c.is_ascii_digit());
    is_letter || matches!(token, "and" | "the" | "of" | "for" | "is" | "are" | "an" | "to" | "in" | "at" | "as" | "by")
}

/// Whether all conditions of a sentence (`for admins`, `when the cart is empty`) name what the test is about.
pub(super) fn fits(sentence: &str, test: &HashSet<String>) -> bool {
    let clauses = sentence.split([',', '(', ')', ':']);
    clauses.flat_map(conditions).all(|condition| {
        let is_negated = condition.iter().any(|word| NEGATIONS.contains(word))
            && !test.iter().any(|word| NEGATIONS.contains(&word.as_str()));
        let words: Vec<&str> = condition.into_iter().filter(|word| word.len() > 2 && !LINKS.contains(word)).collect();
        let named = words.iter().filter(|word| test.iter().any(|said| said == *word || alike_long(said, word)));
        words.is_empty() || !is_negated && named.count() * 2 >= words.len()
    })
}

fn alike_long(one: &str, other: &str) -> bool {
    one.len() > 3 && other.len() > 3 && alike(one, other)
}

/// Words of conditions that name nothing.
const LINKS: [&str; 22] = [
    "the", "that", "which", "who", "are", "was", "has", "have", "than", "and", "its", "their", "this", "there", "it",
    "any", "all", "each", "every", "with", "been", "does",
];

/// Words that turn a condition round.
const NEGATIONS: [&str; 5] = ["no", "not", "never", "without", "missing"];

/// The words after each `for`, `when`, `on`, … of a clause. `until` and its like never hold for what is asked here.
fn conditions(clause: &str) -> Vec<Vec<&str>> {
    let words: Vec<&str> = parts(clause).filter(|word| !word.is_empty()).collect();
    let mut found: Vec<Vec<&str>> = Vec::new();
    let (mut is_open, mut is_whole) = (false, false);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        // `Guests pay 10`: who or what it is about.
        if word.len() > 3 && word.ends_with('s') && OF_MANY.contains(&next) {
            found.push(vec![word]);
            is_open = false;
            continue;
        }
        match opening(word, next) {
            Some(whole) => {
                let is_turned = matches!(*word, "until" | "unless" | "without");
                found.push(if is_turned { vec!["not"] } else { Vec::new() });
                (is_open, is_whole) = (true, whole);
            }
            None if is_open => {
                is_whole |= matches!(*word, "that" | "which" | "who");
                is_open = is_whole || !matches!(*word, "is" | "are" | "was" | "has" | "have" | "gets" | "now");
                if is_open {
                    found.last_mut().expect("one is open").push(word);
                }
            }
            None => {}
        }
    }
    found
}

/// Verbs of those who get or may something; what things `are` is told of all of them.
const OF_MANY: [&str; 10] = ["have", "get", "see", "pay", "may", "can", "must", "need", "receive", "cost"];

/// Whether a word opens a condition, and then whether a whole clause follows.
fn opening(word: &str, next: &str) -> Option<bool> {
    match word {
        "where" | "when" | "whenever" | "if" | "unless" | "until" | "once" | "while" => Some(true),
        "for" | "on" | "after" | "without" | "only" => Some(false),
        // `to guests`: whom it answers.
        "to" if next.len() > 3 && next.ends_with('s') && next.chars().all(char::is_alphabetic) => Some(false),
        "of" if matches!(next, "a" | "an" | "other" | "others" | "some") => Some(false),
        "with" if matches!(next, "a" | "an" | "no") => Some(false),
        _ => None,
    }
}

/// The words of a test, and the parts of its names.
pub(super) fn words_of(text: &str) -> HashSet<String> {
    let pieces = parts(text).flat_map(similar_names::words);
    parts(text).map(str::to_lowercase).chain(pieces).filter(|word| word.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(note: &str, test: &str, old: &str, new: &str) -> bool {
        Saying::of(note, &words_of(test)).tells_of(old, new)
    }

    #[test]
    fn each_part_of_the_difference_has_to_be_said() {
        let tells = |note, old, new| tells(note, "", old, new);
        assert!(tells("`line` shows the fee", "net 5", "net 5, fee 1"));
        assert!(!tells("`line` shows the fee", "net 5", "net 4, fee 1"));
        assert!(!tells("`greet` says Dear", "Hello ann, welcome to tea", "Dear ann, welcome to ann"));
        assert!(!tells("`greet` says Welcome", "Hello Dr Ann", "Welcome Ann"));
        assert!(tells("`greet` says Welcome", "Hello Dr Ann", "Welcome Dr Ann"));
        assert!(tells("`wait` is 10", "30", "10") && !tells("`wait` is 10; it stays 30", "10", "30"));
    }

    #[test]
    fn what_is_denied_is_not_said() {
        let tells = |old, new| tells("`rate` is 0.19 instead of 0.07", "", old, new);
        assert!(tells("0.07", "0.19") && !tells("0.19", "0.07"));
    }

    #[test]
    fn what_went_is_said_to_be_gone() {
        let tells = |note, old, new| tells(note, "", old, new);
        assert!(tells("`roles` has no admin any more", "admin reader", "reader"));
        assert!(!tells("`roles` has admin at the end", "admin reader", "reader"));
    }

    #[test]
    fn a_condition_has_to_name_what_the_test_is_about() {
        let tells = |note, test| tells(note, test, "5", "50");
        assert!(tells("`limit` is 50 for admins and owners.", "limit('admin')"));
        assert!(!tells("`limit` is 50 for admins and owners.", "limit('guest')"));
        assert!(!tells("`limit` is 50 when the user is not known", "limit(user)"));
        assert!(!tells("`limit` is 50 until it is confirmed", "test_confirmed"));
        assert!(!tells("it answers 50 to guests", "page('ann')"));
        assert!(tells("it answers 50 to guests", "test_guest_is_sent_away"));
        assert!(!tells("limits of an editor are 50", "limit('guest')"));
        assert!(tells("changes the limit from 5 to 50", "limit('guest')"));
        assert!(!tells("Admins get a limit of 50", "limit('guest')"));
        assert!(tells("Guests get a limit of 50", "limit('guest')"));
        assert!(tells("Limits are 50 and say so", "quota('guest')"));
        assert!(!tells("the limit is 50 with a voucher", "limit('guest')"));
    }
}
