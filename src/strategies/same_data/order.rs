//! Things that stand in another order because they are sorted now, or not any more.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::product::Hunk;

use super::said::Words;

/// What has changed places: a list from the first thing that moved to the last one, before and now.
#[derive(Debug, PartialEq)]
pub(super) struct Moved {
    olds: Vec<String>,
    news: Vec<String>,
}

/// What a list is written with in a text, where no code says it.
const BETWEEN: [&str; 9] = [", ", ",", "; ", ";", "\n", " | ", "|", " & ", "&"];

impl Moved {
    /// Of the things of a list.
    pub(super) fn of_list(olds: &[String], news: &[String]) -> Option<Self> {
        let differs = |at: &usize| olds[*at] != news[*at];
        let moved: Vec<usize> = (0..olds.len().min(news.len())).filter(differs).collect();
        let span = *moved.first()?..moved.last()? + 1;
        let (olds, news) = (olds.get(span.clone())?.to_vec(), news.get(span)?.to_vec());
        let sorted = |things: &[String]| {
            let mut things = things.to_vec();
            things.sort();
            things
        };
        let is_permuted = sorted(&olds) == sorted(&news);
        // Two numbers are as often a pair, whose places mean something.
        let is_pair = olds.len() == 2 && olds.iter().all(|thing| number(thing).is_some());
        (is_permuted && !is_pair).then_some(Self { olds, news })
    }

    /// Of the only list that differs in two texts, with signs between its things that the code `joins` things with, or
    /// that lists have: what has one of them may be a pair, as `Smith, Ann` is.
    pub(super) fn of_texts(old: &str, new: &str, joins: &[String]) -> Option<Self> {
        let is_list = |sign: &&str| old.matches(sign).count() > 1;
        let known = BETWEEN.into_iter().filter(is_list);
        known.chain(joins.iter().map(String::as_str)).find_map(|sign| of_parts(old, new, sign))
    }

    /// Whether the hunk sorts what is sorted now, or sorts no more what was sorted.
    pub(super) fn turn(&self, hunk: &Hunk) -> Option<Turn> {
        let sorts = |lines: &[String]| count(&SORTS, lines);
        let is_reversed = hunk.removed.iter().chain(&hunk.added).any(|line| line.contains("reverse="));
        // Another line of it may have moved them.
        if count(&MOVES, &hunk.removed) != count(&MOVES, &hunk.added) {
            return None;
        }
        match sorts(&hunk.removed).cmp(&sorts(&hunk.added)) {
            std::cmp::Ordering::Less if is_sorted(&self.news, is_reversed) => {
                Some(if is_reversed { Turn::SortedBackwards } else { Turn::Sorted })
            }
            std::cmp::Ordering::Greater if is_sorted(&self.olds, is_reversed) => Some(Turn::Unsorted),
            _ => None,
        }
    }
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    Sorted,
    SortedBackwards,
    Unsorted,
}

impl Turn {
    /// Whether a sentence tells of it.
    pub(super) fn is_told_by(self, sentence: &str) -> bool {
        let words = Words::of(sentence);
        let speaks = SPEAKS.is_match(words.text());
        match self {
            Self::Sorted => speaks && !words.take_away(),
            Self::SortedBackwards => {
                speaks && !words.take_away() && words.has(&["revers", "desc", "backward", "newest"])
            }
            Self::Unsorted => {
                speaks && (words.take_away() || words.has(&["keep", "preserv", "retain", "insert", "origin"]))
            }
        }
    }
}

/// Whether a sentence says by what a hunk sorts: things may stand in the order of their names by chance. Who gives no
/// key sorts by the things themselves.
pub(super) fn names_key(hunk: &Hunk, sentence: &str) -> bool {
    static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bkey\s*=([^)]*)").expect("a pattern"));
    const NO_KEYS: [&str; 8] =
        ["lambda", "str", "lower", "casefold", "operator", "attrgetter", "itemgetter", "reverse"];
    let lines: Vec<&String> = hunk.removed.iter().chain(&hunk.added).collect();
    let given = lines.iter().flat_map(|line| KEY.captures_iter(line)).filter_map(|key| key.get(1));
    let names = given.flat_map(|key| key.as_str().split(|c: char| !c.is_alphanumeric()));
    let names: Vec<&str> = names.filter(|name| name.len() > 2 && !NO_KEYS.contains(name)).collect();
    names.is_empty() || Words::of(sentence).has(&names)
}

/// Speaks of an order of things; an order alone is what somebody buys, and imports are sorted everywhere.
static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:un|re)?sort(?:s|ed|ing)?\b|\balphabet|\b(?:re|un)order(?:s|ed|ing)?\b|\bordering\b|\bordered by\b|\b(?:sort|insertion|original|alphabetical|given|natural|source|definition|declaration|stable|same|reverse|reversed|random|ascending|descending|input|key) order\b|\border of (?:the )?\w+s\b",
    )
    .expect("a pattern")
});
static SORTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bsorted\(|\.sort\(").expect("a pattern"));
static MOVES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[::-1\]|\breversed\(|\.reverse\(|\.insert\(|\bappendleft\(|\bshuffle\(").expect("a pattern")
});

/// Whether code gives things in an order that is another one on the next machine, or in the next run.
pub(super) fn has_no_order(code: &str) -> bool {
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:frozen)?set\(|\blistdir\(|\bscandir\(|\biterdir\(|\br?glob\(|\bwalk\(").expect("a pattern")
    });
    NONE.is_match(code)
}

/// Whether the lines of a hunk move things without sorting them.
pub(super) fn moves_things(hunk: &Hunk) -> bool {
    count(&MOVES, &hunk.removed) != count(&MOVES, &hunk.added)
}

fn count(pattern: &Regex, lines: &[String]) -> usize {
    let code = |line: &String| line.split('#').next().unwrap_or_default().to_string();
    lines.iter().map(|line| pattern.find_iter(&code(line)).count()).sum()
}

/// What the lines of hunks join things with.
pub(super) fn joins(hunk: &Hunk) -> Vec<String> {
    static JOIN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?:"([^"\w\\]+)"|'([^'\w\\]+)')\.join\("#).expect("a pattern"));
    let lines = hunk.added.iter().flat_map(|line| JOIN.captures_iter(line));
    lines.filter_map(|join| join.get(1).or(join.get(2)).map(|sign| sign.as_str().to_string())).collect()
}

/// At how many places a list is looked for to begin, and to end.
const MOST_EDGES: usize = 8;

/// What moved between the same beginning and the same end of two texts, which `sign` parts.
fn of_parts(old: &str, new: &str, sign: &str) -> Option<Moved> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_edge = |text: &str| text.chars().next_back().is_none_or(|c| !is_word(c));
    let alike = old.bytes().zip(new.bytes()).take_while(|(one, other)| one == other).count();
    let head = &old.as_bytes()[..alike];
    let head = std::str::from_utf8(head).map_or_else(|error| &old[..error.valid_up_to()], |_| &old[..alike]);
    let (old_chars, new_chars) = (old.chars().rev(), new.chars().rev());
    let tail: usize =
        old_chars.zip(new_chars).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum();
    let tail = &old[old.len() - tail..];
    let starts = (0..=head.len()).rev().filter(|at| head.get(..*at).is_some_and(is_edge)).take(MOST_EDGES);
    let starts = starts.collect::<Vec<_>>();
    let is_end = |rest: &str| rest.chars().next().is_none_or(|c| !is_word(c));
    let ends = (0..=tail.len()).filter(|at| tail.get(*at..).is_some_and(is_end));
    let ends = ends.map(|at| tail.len() - at).take(MOST_EDGES).collect::<Vec<_>>();
    let items = |text: &str, start: usize, end: usize| -> Option<Vec<String>> {
        Some(text.get(start..text.len().checked_sub(end)?)?.split(sign).map(str::to_string).collect())
    };
    starts.iter().flat_map(|start| ends.iter().map(move |end| (*start, *end))).find_map(|(start, end)| {
        let (olds, news) = (items(old, start, end)?, items(new, start, end)?);
        (olds.len() > 1 && olds.len() == news.len()).then(|| Moved::of_list(&olds, &news))?
    })
}

fn number(thing: &str) -> Option<f64> {
    thing.parse().ok()
}

/// Whether things are in their order: numbers in that of numbers, though they are written as texts.
fn is_sorted(things: &[String], is_reversed: bool) -> bool {
    let mut things: Vec<&String> = things.iter().collect();
    if is_reversed {
        things.reverse();
    }
    let numbers = things.iter().map(|thing| number(thing)).collect::<Option<Vec<_>>>();
    numbers.map_or_else(|| things.is_sorted(), |numbers| numbers.is_sorted())
}

#[cfg(test)]
mod tests {
    use super::{Moved, Turn};

    fn moved(old: &str, new: &str) -> Option<(String, String)> {
        joined(old, new, &[])
    }

    fn joined(old: &str, new: &str, joins: &[String]) -> Option<(String, String)> {
        Moved::of_texts(old, new, joins).map(|moved| (moved.olds.join("/"), moved.news.join("/")))
    }

    #[test]
    fn the_same_things_in_another_order() {
        let some = |olds: &str, news: &str| Some((olds.to_string(), news.to_string()));
        assert_eq!(moved("repo:a,b,c", "repo:b,a,c"), some("a/b", "b/a"));
        assert_eq!(
            joined("missing: foo-b, foo-a.", "missing: foo-a, foo-b.", &[", ".to_string()]),
            some("foo-b/foo-a", "foo-a/foo-b")
        );
        assert_eq!(moved("/?b=1&a=2&c=3", "/?a=2&b=1&c=3"), some("b=1/a=2", "a=2/b=1"));
        assert_eq!(moved("c, b, a", "a, b, c"), some("c/b/a", "a/b/c"));
        assert_eq!(moved("제: é, b, a, 년", "제: é, a, b, 년"), some("b/a", "a/b"));
        assert_eq!(moved("repo:a,b,c", "repo:b,a;c"), None);
        assert_eq!(moved("repo:a,b,c", "repo:b,a,d"), None);
        assert_eq!(moved("stop", "pots"), None);
    }

    #[test]
    fn what_is_no_list() {
        assert_eq!(moved("b is before a", "a is before b"), None, "a sentence");
        assert_eq!(moved("2024-03-02", "2024-02-03"), None, "a day");
        assert_eq!(joined("48, 12", "12, 48", &[", ".to_string()]), None, "a place");
        assert_eq!(moved("Smith, Ann", "Ann, Smith"), None, "a name");
    }

    #[test]
    fn what_tells_of_an_order() {
        assert!(Turn::Sorted.is_told_by("Sort the names"));
        assert!(Turn::Unsorted.is_told_by("Don't sort the names"));
        assert!(Turn::Unsorted.is_told_by("Keep the order of the names"));
        assert!(!Turn::Unsorted.is_told_by("Sort the imports"));
        assert!(!Turn::Unsorted.is_told_by("Add the order number, not the name"));
        assert!(!Turn::Sorted.is_told_by("Remove sorting"));
        assert!(!Turn::SortedBackwards.is_told_by("Sort the names"));
    }
}
