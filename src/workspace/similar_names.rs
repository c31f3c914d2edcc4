//! Names that come near a missing one, over the candidates that really exist at that place.

use std::sync::LazyLock;

use regex::Regex;

/// A candidate with its likeness, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar<'a> {
    /// The candidate.
    pub name: &'a str,
    /// 1 is equal but for case and underscores.
    pub score: f64,
}

/// CPython gives up on longer names (`_MAX_STRING_SIZE` of Lib/traceback.py).
const LONGEST_NAME: usize = 40;
const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
/// Word likeness below this is chance.
const LEAST_WORD_SCORE: f64 = 0.6;

/// The same thing in another version of an API is nearer than what is only like it.
const OTHER_VERSION_SCORE: f64 = 0.96;

/// The candidates that come near `missing`, best first: by CPython's own distance rule
/// (`Lib/traceback.py`, `_compute_suggestion_error`) or by their words (`wait_for_ready` is near
/// `wait_until_ready`).
pub fn similar<'a>(missing: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<Similar<'a>> {
    let score = |name: &'a str| {
        let version = if is_other_version(missing, name) { OTHER_VERSION_SCORE } else { 0.0 };
        let score = spelling(missing, name).unwrap_or(0.0).max(words_alike(missing, name)).max(version);
        // A function takes the place of a class where it makes something: `is_record` is no `Record`.
        let is_of_a_kind = score == 1.0 || is_class(missing) == is_class(name) || makes(missing) || makes(name);
        (score > 0.0 && is_of_a_kind).then_some(Similar { name, score })
    };
    let mut found: Vec<Similar<'a>> =
        candidates.into_iter().filter(|name| *name != missing).filter_map(score).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(b.name)));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// Whether two names are one but for the version of an API, of which the first is no final one: `V1beta1CronJob` and
/// `V1CronJob`.
pub(crate) fn is_other_version(missing: &str, name: &str) -> bool {
    static VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[Vv][0-9]+((?:alpha|beta)[0-9]+)?").expect("the pattern is played by the tests"));
    let is_early = VERSION.captures(missing).is_some_and(|found| found.get(1).is_some());
    is_early && missing != name && VERSION.is_match(name) && VERSION.replace(missing, "v") == VERSION.replace(name, "v")
}

/// `CapWords`.
fn is_class(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).trim_start_matches('_');
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// `create_context`.
fn makes(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).trim_start_matches('_');
    ["create_", "make_", "build_", "new_", "get_", "open_"].iter().any(|verb| name.starts_with(verb))
}

/// How alike two names are, 0 to 1: by spelling or by words.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    spelling(a, b).unwrap_or(0.0).max(words_alike(a, b))
}

/// The likeness of two spellings where CPython would suggest one for the other.
fn spelling(missing: &str, name: &str) -> Option<f64> {
    let (a, b): (Vec<char>, Vec<char>) = (missing.chars().collect(), name.chars().collect());
    if a.len() > LONGEST_NAME || b.len() > LONGEST_NAME {
        return None;
    }
    // At most a third of the characters may change.
    let most = (a.len() + b.len() + 3) * MOVE_COST / 6;
    let distance = distance(&a, &b);
    let plain = |text: &str| text.replace('_', "").to_lowercase();
    if plain(missing) == plain(name) {
        return Some(1.0);
    }
    (distance <= most).then(|| 1.0 - distance as f64 / (MOVE_COST * a.len().max(b.len())) as f64)
}

/// Levenshtein where a changed case costs half.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).map(|column| column * MOVE_COST).collect();
    for (index, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (index + 1) * MOVE_COST;
        for (column, right) in b.iter().enumerate() {
            let change = diagonal + substitution(*left, *right);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + MOVE_COST).min(diagonal + MOVE_COST);
        }
    }
    row[b.len()]
}

fn substitution(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.to_lowercase().eq(b.to_lowercase()) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// The likeness of the words of two names: twice the shared length over the sum, in order.
pub(crate) fn words_alike(a: &str, b: &str) -> f64 {
    let (a, b) = (words(a), words(b));
    if a.len() < 2 && b.len() < 2 {
        return 0.0;
    }
    let weight = |words: &[String]| words.iter().map(|word| word.chars().count() + 1).sum::<usize>();
    let mut shared = vec![0; b.len() + 1];
    for left in &a {
        let mut diagonal = 0;
        for (column, right) in b.iter().enumerate() {
            let with = diagonal + if stem(left) == stem(right) { left.len().min(right.len()) + 1 } else { 0 };
            diagonal = shared[column + 1];
            shared[column + 1] = with.max(diagonal).max(shared[column]);
        }
    }
    let score = 2.0 * shared[b.len()] as f64 / (weight(&a) + weight(&b)) as f64;
    if score >= LEAST_WORD_SCORE { score.min(0.95) } else { 0.0 }
}

/// `getHTTPResponse_v2` is `get http response v2`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (index, &c) in chars.iter().enumerate() {
        let after_lower = index > 0 && (chars[index - 1].is_lowercase() || chars[index - 1].is_numeric());
        let before_lower = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        let after_upper = index > 0 && chars[index - 1].is_uppercase();
        if c == '_' || (c.is_uppercase() && (after_lower || (after_upper && before_lower))) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("a first word is there").extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn stem(word: &str) -> &str {
    let long = word.len() > 3;
    word.strip_suffix('s').filter(|_| long).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'a>(missing: &str, candidates: &[&'a str]) -> Vec<&'a str> {
        similar(missing, candidates.iter().copied()).into_iter().map(|similar| similar.name).collect()
    }

    #[test]
    fn the_same_thing_in_a_later_version_of_an_api_comes_first() {
        let found = names("V1beta1CronJob", &["V1beta1Counter", "V1CronJob", "V1beta1Job"]);
        assert_eq!(found.first(), Some(&"V1CronJob"));
        assert!(is_other_version("BatchV1beta1Api", "BatchV1Api"));
        assert!(!is_other_version("parse_v1", "parse_v2") && !is_other_version("V1beta1Job", "V1CronJob"));
    }

    #[test]
    fn a_class_becomes_what_makes_it_and_no_question() {
        assert_eq!(names("SslContext", &["is_ssl_context", "create_ssl_context"]), ["create_ssl_context"]);
    }

    #[test]
    fn spelling_is_judged_as_cpython_does() {
        assert_eq!(names("totl", &["total", "count", "totals"]), ["total", "totals"]);
        assert_eq!(names("widht", &["width", "height"]), ["width"]);
        assert_eq!(names("push", &["append", "pop"]), Vec::<&str>::new());
        assert_eq!(distance(&['a', 'B'], &['a', 'b']), 1);
    }

    #[test]
    fn shared_words_bring_names_near() {
        assert_eq!(names("wait_for_ready", &["wait_until_ready", "start"]), ["wait_until_ready"]);
        assert_eq!(names("get_user_by_name", &["get_users_by_name", "delete_group"]), ["get_users_by_name"]);
        assert_eq!(names("getUserName", &["get_user_name"]), ["get_user_name"]);
    }

    #[test]
    fn a_name_without_likeness_is_not_suggested() {
        assert!(names("get_user", &["fetch_account", "close", "get_user"]).is_empty());
    }

    #[test]
    fn words_split_at_underscores_and_case() {
        assert_eq!(words("getHTTPResponse_v2"), ["get", "http", "response", "v2"]);
    }
}
