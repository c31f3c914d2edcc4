//! Things that stand in another order because they are sorted now, or not any more.

use crate::diagnosis::product::Hunk;

/// What a commit that changes the order speaks of.
pub(super) const WORDS: [&str; 4] = ["sort", "order", "alphabet", "unsort"];

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<&str> {
    text.split(is_between).filter(|word| !word.is_empty()).collect()
}

fn is_between(c: char) -> bool {
    !c.is_alphanumeric() && c != '_'
}

/// Whether the texts have the same words with the same signs between them, in another order.
pub(super) fn is_of_words(old: &str, new: &str) -> bool {
    let between = |text: &str| text.chars().filter(|c| is_between(*c)).collect::<String>();
    between(old) == between(new) && is_permuted(&words(old), &words(new))
}

/// Whether the same things stand in another order.
pub(super) fn is_permuted<T: Ord + Clone>(olds: &[T], news: &[T]) -> bool {
    let sorted = |things: &[T]| {
        let mut things = things.to_vec();
        things.sort();
        things
    };
    olds != news && sorted(olds) == sorted(news)
}

/// Whether the hunk sorts what is sorted now, or sorts no more what was sorted: what moved stands as it says.
pub(super) fn is_changed_by(hunk: &Hunk, olds: &[String], news: &[String]) -> bool {
    let sorts = |lines: &[String]| {
        lines.iter().map(|line| line.matches("sorted(").count() + line.matches(".sort(").count()).sum::<usize>()
    };
    let moved: Vec<(&String, &String)> = olds.iter().zip(news).filter(|(old, new)| old != new).collect();
    let is_reversed = hunk.removed.iter().chain(&hunk.added).any(|line| line.contains("reverse="));
    let is_sorted = |mut things: Vec<&str>| {
        if is_reversed {
            things.reverse();
        }
        let numbers = things.iter().map(|thing| thing.parse::<f64>().ok()).collect::<Option<Vec<_>>>();
        things.is_sorted() || numbers.is_some_and(|numbers| numbers.is_sorted())
    };
    match sorts(&hunk.removed).cmp(&sorts(&hunk.added)) {
        std::cmp::Ordering::Less => is_sorted(moved.iter().map(|(_, new)| new.as_str()).collect()),
        std::cmp::Ordering::Greater => is_sorted(moved.iter().map(|(old, _)| old.as_str()).collect()),
        std::cmp::Ordering::Equal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_words;

    #[test]
    fn the_same_words_in_another_order() {
        assert!(is_of_words("repo:a,b,c", "repo:b,a,c"));
        assert!(!is_of_words("repo:a,b,c", "repo:b,a;c"));
        assert!(!is_of_words("repo:a,b,c", "repo:b,a,d"));
        assert!(!is_of_words("stop", "pots"));
    }
}
