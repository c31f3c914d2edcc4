//! A word, a condition or a text that took the place of one like it: `endswith` of `startswith`, `"w"` of `"a"`.

use crate::syntax::tokens::{is_name, is_plain_literal, string_body, tokens};
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::workspace::similar_names::words;

use super::texts::spread;

/// Words of which each does something else, though it stands where the others do.
const TWINS: [&[&str]; 20] = [
    &["all", "any"],
    &["append", "appendleft"],
    &["ceil", "floor", "round", "trunc"],
    &["commit", "rollback"],
    &["days", "hours", "microseconds", "milliseconds", "minutes", "seconds", "weeks"],
    &["difference", "intersection", "symmetric_difference", "union"],
    &["endswith", "startswith"],
    &["find", "rfind"],
    &["fullmatch", "match", "search"],
    &["issubset", "issuperset"],
    &["keys", "values"],
    &["lower", "upper"],
    &["lstrip", "rstrip", "strip"],
    &["max", "min"],
    &["md5", "sha1", "sha256", "sha512"],
    &["partition", "rpartition"],
    &["pop", "popleft"],
    &["random", "secrets", "urandom"],
    &["rsplit", "split"],
    &["seconds", "total_seconds"],
];

/// What two codes say in its place.
pub(super) fn twin(was: &str, is: &str) -> Option<String> {
    let (before, after) = (spread(was), spread(is));
    let count = |all: &[&str], word: &str| all.iter().filter(|token| **token == word).count();
    let went = |word: &&&str| count(&after, word) < count(&before, word);
    let came = |word: &&&str| count(&after, word) > count(&before, word);
    let pairs = TWINS.iter().filter_map(|twins| Some((twins.iter().find(went)?, twins.iter().find(came)?)));
    let pair = pairs.map(|(old, new)| format!("has `{new}` where it had `{old}`")).next();
    pair.or_else(|| turned_condition(&before, &after))
        .or_else(|| turned_answer(was, is))
        .or_else(|| turned_operands(was, is))
        .or_else(|| turned_keyword(was, is))
        .or_else(|| turned_text(was, is))
}

/// `or` for `and`, nothing for `None`, any error for one: what is asked is more or less than it was.
fn turned_condition(was: &[&str], is: &[&str]) -> Option<String> {
    let count = |all: &[&str], words: &[&str]| all.iter().filter(|token| words.contains(token)).count();
    // `not (a or b)` asks what `not a and not b` does.
    const ASKS: [&str; 9] = ["not", "==", "!=", "<", "<=", ">", ">=", "if", "in"];
    let is_same = ASKS.iter().all(|word| count(was, &[word]) == count(is, &[word]));
    let (ands, ors) = (|all: &[&str]| count(all, &["and"]), |all: &[&str]| count(all, &["or"]));
    if is_same && (ands(is) < ands(was) && ors(is) > ors(was) || ands(is) > ands(was) && ors(is) < ors(was)) {
        return Some("asks for one of two where it asked for both, or the other way round".to_string());
    }
    if nones(is) < nones(was) && empties(is) > empties(was) {
        return Some("takes what is empty for what is missing".to_string());
    }
    let of_all = |all: &[&str]| all.windows(2).filter(|pair| *pair == ["except", "Exception"]).count();
    if of_all(is) > of_all(was) && count(is, &["except"]) <= count(was, &["except"]) {
        return Some("catches more errors than it did".to_string());
    }
    let exact = |all: &[&str]| all.windows(3).filter(|trio| *trio == ["Decimal", "(", "str"]).count();
    (exact(is) < exact(was) && count(is, &["Decimal"]) >= count(was, &["Decimal"]))
        .then(|| "makes decimals of floats".to_string())
}

/// How often a name is asked for `None`.
fn nones(all: &[&str]) -> usize {
    let asks = |at: usize| all[at] == "is" && all[at + 1..].iter().find(|token| **token != "not") == Some(&"None");
    (0..all.len()).filter(|&at| asks(at)).count()
}

/// How often a name is asked for what is empty as well: `not limit`, `limit or 10`, `if limit:`.
fn empties(all: &[&str]) -> usize {
    let is_asked = |at: usize| {
        let (before, after) = (at.checked_sub(1).map_or("", |at| all[at]), all.get(at + 1).copied().unwrap_or(""));
        let ends = matches!(after, ":" | "else" | "or" | "and" | ")" | "");
        is_name(all[at])
            && (matches!(before, "not" | "if") && ends || matches!(before, "=" | "return") && after == "or")
    };
    (0..all.len()).filter(|&at| is_asked(at)).count()
}

/// An answer that is the opposite now: `return gone` for `return not gone`.
fn turned_answer(was: &str, is: &str) -> Option<String> {
    let (was, is) = (&Source::parse(was), &Source::parse(is));
    let nots = |source: &Source| {
        let all: Vec<Node<'_>> =
            descendants(source.root()).filter(|node| matches!(node.kind(), "not_operator" | "if_statement")).collect();
        let is_answer = |node: &&Node<'_>| {
            let returns = |node: Node<'_>| matches!(node.kind(), "return_statement");
            let mut around = ancestors(**node).take_while(|node| !node.kind().ends_with("_block"));
            node.kind() == "not_operator" && around.any(returns)
        };
        let answers = all.iter().filter(is_answer).count();
        let asks = |kind: &str| descendants(source.root()).filter(|node| node.kind() == kind).count();
        let others = ["comparison_operator", "boolean_operator", "conditional_expression", "if_statement", "call"];
        (answers, all.iter().filter(|node| node.kind() == "not_operator").count() - answers, others.map(asks))
    };
    let ((answers, asked, others), (answers_now, asked_now, others_now)) = (nots(was), nots(is));
    (answers != answers_now && asked == asked_now && others == others_now).then(|| "answers the opposite".to_string())
}

/// An operator whose sides changed places: `owed - paid` for `paid - owed`.
fn turned_operands(was: &str, is: &str) -> Option<String> {
    let (was, is) = (&Source::parse(was), &Source::parse(is));
    let (was, is) = (operations(was), operations(is));
    let is_turned = |one: &&(&str, &str, &str)| {
        let other = (one.2, one.1, one.0);
        one.0 != one.2 && !was.contains(one) && was.contains(&other) && !is.contains(&other)
    };
    let (left, operator, right) = is.iter().find(is_turned)?;
    Some(format!("has `{left} {operator} {right}` the other way round"))
}

/// What is subtracted, divided and compared, with both its sides.
fn operations(source: &Source) -> Vec<(&str, &str, &str)> {
    let read = |node: Node<'_>| {
        let all: Vec<Node<'_>> = (0..node.child_count()).filter_map(|at| node.child(at as _)).collect();
        let [left, operator, right] = all.as_slice() else { return None };
        let operator = source.slice(*operator);
        let has_sides = matches!(operator, "-" | "/" | "//" | "%" | "**" | "<" | "<=" | ">" | ">=" | "in");
        has_sides.then(|| (source.slice(*left), operator, source.slice(*right)))
    };
    let all = descendants(source.root());
    all.filter(|node| matches!(node.kind(), "binary_operator" | "comparison_operator")).filter_map(read).collect()
}

/// A keyword that is given another plain value, or the name of another keyword beside it.
fn turned_keyword(was: &str, is: &str) -> Option<String> {
    let (was, is) = (&Source::parse(was), &Source::parse(is));
    let (was, is) = (keywords(was), keywords(is));
    let is_other = |one: &&(&str, &str)| {
        let (name, value) = **one;
        let olds: Vec<&str> = was.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value).collect();
        let is_turned = is_plain_literal(value) && olds.iter().any(|old| is_plain_literal(old));
        let is_crossed = name != value && is.contains(&(value, name));
        !olds.contains(&value) && is_turned || is_crossed && !was.contains(*one)
    };
    let (name, value) = is.iter().find(is_other)?;
    Some(format!("gives `{name}={value}`"))
}

/// The keywords that calls are given, each with its value.
fn keywords(source: &Source) -> Vec<(&str, &str)> {
    let all = descendants(source.root()).filter(|node| node.kind() == "keyword_argument");
    let part = |node: Node<'_>, field: &str| node.child_by_field_name(field).map(|node| source.slice(node));
    all.filter_map(|node| Some((part(node, "name")?, part(node, "value")?))).collect()
}

/// A text of a kind that means something to Python or to a guard, where another one of that kind was.
fn turned_text(was: &str, is: &str) -> Option<String> {
    let (was, is) = (told(was), told(is));
    let went = was.iter().find(|text| !is.contains(text))?;
    let came = is.iter().find(|(kind, text)| *kind == went.0 && !was.contains(&(*kind, text.clone())))?;
    Some(format!("has `{}` where it had `{}`", came.1, went.1))
}

#[derive(Clone, Copy, PartialEq)]
enum Told {
    Encoding,
    Mode,
    Day,
    Scheme,
    Pattern,
    Right,
}

/// The texts that mean something to what they are given to, each with what it is.
fn told(code: &str) -> Vec<(Told, String)> {
    let source = &Source::parse(code);
    let texts = descendants(source.root()).filter(|node| node.kind() == "string");
    texts.filter_map(|node| kind_of(source, node)).collect()
}

fn kind_of(source: &Source, node: Node<'_>) -> Option<(Told, String)> {
    let text = string_body(source.slice(node))?;
    let call = ancestors(node).skip(1).take(3).find(|node| node.kind() == "call");
    let function = call.and_then(|call| call.child_by_field_name("function")).map(|node| source.slice(node));
    let function = function.unwrap_or_default();
    let last = function.rsplit('.').next().unwrap_or_default();
    let plain = text.to_ascii_lowercase().replace(['-', '_'], "");
    let is_mode = !text.is_empty() && text.len() < 4 && text.chars().all(|c| "rwaxbt+".contains(c));
    const GUARDS: [&str; 8] = ["perm", "permission", "permissions", "role", "roles", "scope", "require", "authorize"];
    let is_guard = || words(last).iter().any(|word| GUARDS.contains(&word.as_str()));
    match text.split_once("://") {
        Some((scheme, _)) if tokens(scheme).len() == 1 => Some((Told::Scheme, format!("{scheme}://"))),
        _ if matches!(&*plain, "utf8" | "utf8sig" | "utf16" | "ascii" | "latin1" | "iso88591" | "cp1252") => {
            Some((Told::Encoding, plain))
        }
        _ if is_mode && last == "open" => Some((Told::Mode, text.to_string())),
        _ if matches!(last, "strftime" | "strptime") => Some((Told::Day, text.to_string())),
        _ if function.starts_with("re.") => Some((Told::Pattern, text.to_string())),
        _ if is_guard() => Some((Told::Right, text.to_string())),
        _ => None,
    }
}
