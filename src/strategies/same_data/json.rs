//! JSON that is laid out otherwise.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::diagnosis::product::Hunk;
use crate::syntax::{Node, Source, children, descendants};

use super::super::quotes::string_value;

/// What a commit that changes the layout speaks of.
pub(super) const WORDS: [&str; 12] = [
    "json",
    "compact",
    "indent",
    "separator",
    "space",
    "whitespace",
    "pretty",
    "ascii",
    "unicode",
    "sort",
    "order",
    "serializ",
];

/// In what two texts of the same data differ.
#[derive(Debug, PartialEq)]
pub(super) struct Differs {
    spaces: bool,
    escapes: bool,
    order: bool,
}

/// `None` where they are not the same data, or nothing but it.
pub(super) fn differs(old: &str, new: &str) -> Option<Differs> {
    let read =
        |text: &str| serde_json::from_str::<Value>(text).ok().filter(|value| value.is_object() || value.is_array());
    let (was, is) = (read(old)?, read(new)?);
    if was != is || old == new {
        return None;
    }
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let escapes = |tokens: &[&str]| tokens.iter().filter(|token| token.contains("\\u")).count();
    let plain = |tokens: &[&str]| tokens.iter().map(|token| unescaped(token)).collect::<Vec<_>>();
    Some(Differs {
        spaces: old.len() - old_tokens.concat().len() != new.len() - new_tokens.concat().len(),
        escapes: escapes(&old_tokens) != escapes(&new_tokens),
        order: plain(&old_tokens) != plain(&new_tokens),
    })
}

/// Strings, names, numbers and signs: all but what is white between them.
fn tokens(text: &str) -> Vec<&str> {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*"|[^\s"{}\[\],:]+|[{}\[\],:]"#).expect("a pattern"));
    TOKEN.find_iter(text).map(|token| token.as_str()).collect()
}

fn unescaped(token: &str) -> String {
    serde_json::from_str::<String>(token).unwrap_or_else(|_| token.to_string())
}

/// A change of how a hunk's code writes JSON.
pub(super) struct LayoutChange {
    /// What asks for the new layout was brought: only what went may have been lost.
    pub(super) is_brought: bool,
}

/// Whether the hunk changes the arguments, or the function, that all of the differences come from.
pub(super) fn lays_out(hunk: &Hunk, differs: &Differs) -> Option<LayoutChange> {
    let asked = [
        (differs.spaces, &["separators", "indent"][..]),
        (differs.escapes, &["ensure_ascii"][..]),
        (differs.order, &["sort_keys"][..]),
    ];
    let changes: Vec<[bool; 2]> = asked
        .iter()
        .filter(|(is_asked, _)| *is_asked)
        .map(|(_, names)| {
            let [gone, came] = [&hunk.removed, &hunk.added].map(|lines| arguments(lines, names));
            [gone != came || serializers(&hunk.removed) != serializers(&hunk.added), !came.is_empty() && gone != came]
        })
        .collect();
    let is_json = [&hunk.removed, &hunk.added].iter().any(|lines| !serializers(lines).is_empty());
    let is_change = is_json && !changes.is_empty() && changes.iter().all(|[is_changed, _]| *is_changed);
    is_change.then(|| LayoutChange { is_brought: changes.iter().all(|[_, is_brought]| *is_brought) })
}

/// `separators=(",", ":")` of lines, without their white space.
fn arguments(lines: &[String], names: &[&str]) -> Vec<String> {
    let text: String = lines.concat().split_whitespace().collect();
    let at = |name: &&str| text.find(&format!("{name}=")).map(|at| text[at..].to_string());
    let end = |text: String| match text.split_once('(') {
        Some((head, rest)) if !head.contains([',', ')']) => {
            format!("{head}({}", rest.split(')').next().unwrap_or_default())
        }
        _ => text.split([',', ')']).next().unwrap_or_default().to_string(),
    };
    names.iter().filter_map(at).map(end).collect()
}

/// What writes JSON in lines: `json.dumps`, `model_dump_json`.
fn serializers(lines: &[String]) -> Vec<String> {
    static CALL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\w.]*(?:json|dumps?|JSONEncoder)\(").expect("a pattern"));
    lines.iter().flat_map(|line| CALL.find_iter(line)).map(|call| call.as_str().to_string()).collect()
}

/// What stands between two items, and between a key and its value.
#[derive(Debug, PartialEq)]
pub(super) struct Separators {
    item: String,
    key: String,
}

/// Python's own.
impl Default for Separators {
    fn default() -> Self {
        Self { item: ", ".to_string(), key: ": ".to_string() }
    }
}

impl Separators {
    /// Those that a hunk brings, where there were none.
    pub(super) fn of(hunk: &Hunk) -> Option<Self> {
        static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"separators\s*=\s*\(\s*["'](?<item>[^"']+)["']\s*,\s*["'](?<key>[^"']+)["']"#)
                .expect("a pattern")
        });
        let is_new = !hunk.removed.iter().any(|line| line.contains("separators") || line.contains("indent"));
        let given = hunk.added.iter().find_map(|line| GIVEN.captures(line)).filter(|_| is_new)?;
        Some(Self { item: given["item"].to_string(), key: given["key"].to_string() })
    }

    /// How long data is when it is written with them.
    pub(super) fn length(&self, data: &Data) -> usize {
        data.text + data.items * self.item.len() + data.keys * self.key.len()
    }
}

/// Data that a test writes down: the length of its parts and brackets, and how often something stands between.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Data {
    text: usize,
    items: usize,
    keys: usize,
}

/// The dictionaries and lists of a test that can be written as JSON.
pub(super) fn written(source: &Source, scope: Node<'_>) -> Vec<Data> {
    let whole = descendants(scope).filter(|node| matches!(node.kind(), "dictionary" | "list"));
    whole.filter_map(|node| data(source, node)).collect()
}

fn data(source: &Source, node: Node<'_>) -> Option<Data> {
    let text = |text: usize| Some(Data { text, ..Data::default() });
    match node.kind() {
        // What JSON escapes is longer there, in one way or another.
        "string" => string_value(source, node)
            .filter(|value| value.chars().all(is_plain))
            .and_then(|value| text(value.len() + 2)),
        "integer" => {
            text(source.slice(node).len()).filter(|_| source.slice(node).bytes().all(|byte| byte.is_ascii_digit()))
        }
        "true" | "none" => text(4),
        "false" => text(5),
        "pair" => {
            let parts = [node.child_by_field_name("key")?, node.child_by_field_name("value")?];
            let [key, value] = [data(source, parts[0])?, data(source, parts[1])?];
            (parts[0].kind() == "string").then(|| Data { keys: 1, ..Data::default() }.with(key).with(value))
        }
        "dictionary" | "list" | "tuple" => {
            let items: Vec<Data> = children(node)
                .filter(|item| item.kind() != "comment")
                .map(|item| data(source, item))
                .collect::<Option<_>>()?;
            let between = items.len().saturating_sub(1);
            Some(items.into_iter().fold(Data { text: 2, items: between, keys: 0 }, Data::with))
        }
        _ => None,
    }
}

fn is_plain(c: char) -> bool {
    (' '..='~').contains(&c) && !matches!(c, '"' | '\\')
}

impl Data {
    fn with(self, other: Self) -> Self {
        Self { text: self.text + other.text, items: self.items + other.items, keys: self.keys + other.keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_what_the_same_data_differs() {
        let of = |spaces, escapes, order| Some(Differs { spaces, escapes, order });
        assert_eq!(differs(r#"{"a": 1, "b": 2}"#, r#"{"a":1,"b":2}"#), of(true, false, false));
        assert_eq!(differs(r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#), of(false, false, true));
        assert_eq!(differs(r#"["caf\u00e9"]"#, r#"["café"]"#), of(false, true, false));
        assert_eq!(differs(r#"{"a": 1}"#, r#"{"a":2}"#), None);
        assert_eq!(differs(r#"{"a": "b c"}"#, r#"{"a":"bc"}"#), None);
        assert_eq!(differs("[1, 2]", "[2, 1]"), None);
        assert_eq!(differs("1", "1 "), None);
    }

    #[test]
    fn how_long_data_is_when_it_is_written() {
        let source = Source::parse("f({\"a\": [1, 20, None], \"b\": \"x y\"})\n");
        let data = written(&source, source.root())[0];
        assert_eq!(Separators::default().length(&data), r#"{"a": [1, 20, null], "b": "x y"}"#.len());
        let compact = Separators { item: ",".to_string(), key: ":".to_string() };
        assert_eq!(compact.length(&data), r#"{"a":[1,20,null],"b":"x y"}"#.len());
        assert!(written(&Source::parse("f({\"a\": x})\n"), Source::parse("f({\"a\": x})\n").root()).is_empty());
    }
}
