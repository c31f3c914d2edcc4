//! JSON that is laid out otherwise.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::diagnosis::product::Hunk;
use crate::syntax::{Node, Source, children, descendants};

use super::super::quotes::string_value;
use super::order::Turn;
use super::said::Words;

/// In what two texts of the same data differ.
#[derive(Debug, PartialEq)]
pub(super) struct Differs<'t> {
    spaces: bool,
    escapes: bool,
    order: bool,
    new: &'t str,
}

/// `None` where they are not the same data, or nothing but it.
pub(super) fn differs<'t>(old: &str, new: &'t str) -> Option<Differs<'t>> {
    let read =
        |text: &str| serde_json::from_str::<Value>(text).ok().filter(|value| value.is_object() || value.is_array());
    let (was, is) = (read(old)?, read(new)?);
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let plain = |tokens: &[&str]| tokens.iter().map(|token| unescaped(token)).collect::<Vec<_>>();
    let (old_plain, new_plain) = (plain(&old_tokens), plain(&new_tokens));
    let sorted = |tokens: &[String]| {
        let mut tokens = tokens.to_vec();
        tokens.sort();
        tokens
    };
    // Numbers are equal that are written otherwise, and so are objects that have a key twice.
    if was != is || old == new || sorted(&old_plain) != sorted(&new_plain) || escapes_signs(old) != escapes_signs(new) {
        return None;
    }
    let escapes = |tokens: &[&str]| tokens.iter().filter(|token| token.contains("\\u")).count();
    Some(Differs {
        spaces: old.len() - old_tokens.concat().len() != new.len() - new_tokens.concat().len(),
        escapes: escapes(&old_tokens) != escapes(&new_tokens),
        order: old_plain != new_plain,
        new,
    })
}

/// How often a sign is escaped that JSON may say as it is: `\u003c` is no markup in a page, `<` is.
fn escapes_signs(text: &str) -> usize {
    static SIGN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\\u(?:00[0-7][0-9a-fA-F]|202[89])|\\/").expect("a pattern"));
    SIGN.find_iter(text).count()
}

/// Strings, names, numbers and signs: all but what is white between them.
fn tokens(text: &str) -> Vec<&str> {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*"|[^\s"{}\[\],:]+|[{}\[\],:]"#).expect("a pattern"));
    TOKEN.find_iter(text).map(|token| token.as_str()).collect()
}

fn unescaped(token: &str) -> String {
    match serde_json::from_str::<String>(token) {
        Ok(text) => format!("\"{text}"),
        Err(_) => token.to_string(),
    }
}

/// What is asked of what writes JSON.
#[derive(Clone, Copy)]
enum Asked {
    Spaces,
    Escapes,
    Order,
}

impl Asked {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Spaces => &["separators", "indent"],
            Self::Escapes => &["ensure_ascii"],
            Self::Order => &["sort_keys"],
        }
    }

    /// Whether a hunk brings what asks for JSON that is written as `new` is. What was turned round or got lost may be
    /// a slip.
    fn is_brought(self, hunk: &Hunk, new: &str) -> bool {
        let [gone, came] = [&hunk.removed, &hunk.added].map(|lines| arguments(lines, self.names()));
        let name = |argument: &String| argument.split('=').next().unwrap_or_default().to_string();
        let mut brought = came.iter().filter(|argument| !gone.iter().any(|other| name(other) == name(argument)));
        match self {
            Self::Spaces => brought.any(|argument| is_laid_out(new, argument, &hunk.added)),
            Self::Escapes => brought.any(|argument| argument.ends_with("=False")) && !new.is_ascii(),
            Self::Order => brought.any(|argument| argument.ends_with("=True")) && has_sorted_keys(new),
        }
    }

    fn is_changed(self, hunk: &Hunk) -> bool {
        let [gone, came] = [&hunk.removed, &hunk.added].map(|lines| arguments(lines, self.names()));
        gone != came || serializers(&hunk.removed) != serializers(&hunk.added)
    }

    /// Whether a sentence tells of what a hunk took away, or turned round.
    fn is_told_by(self, hunk: &Hunk, sentence: &str) -> bool {
        let words = Words::of(sentence);
        let lost = |name: &str| hunk.removed.iter().any(|line| line.contains(name));
        match self {
            // Python has spaces of its own.
            Self::Spaces if lost("separators") => {
                words.has(&["spac", "whitespace", "pretty", "readable", "indent"])
                    || words.take_away() && words.has(&["compact", "minif", "separator"])
            }
            Self::Spaces if lost("indent") => {
                words.has(&["compact", "minif", "whitespace"])
                    || words.take_away() && words.has(&["indent", "pretty", "space", "spaces"])
            }
            Self::Spaces => words.has(&["compact", "minif", "whitespace", "separator", "indent", "pretty", "spaces"]),
            Self::Escapes => words.has(&["ascii", "unicode", "escap"]),
            Self::Order => Turn::Unsorted.is_told_by(sentence),
        }
    }
}

impl Differs<'_> {
    fn asked(&self) -> impl Iterator<Item = Asked> {
        let all = [(self.spaces, Asked::Spaces), (self.escapes, Asked::Escapes), (self.order, Asked::Order)];
        all.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, asked)| asked)
    }

    /// Whether the hunk changes the arguments, or the function, that all of the differences come from.
    pub(super) fn come_from(&self, hunk: &Hunk) -> bool {
        let is_json = [&hunk.removed, &hunk.added].iter().any(|lines| !serializers(lines).is_empty());
        is_json && self.asked().next().is_some() && self.asked().all(|asked| asked.is_changed(hunk))
    }

    /// Whether the hunk asks for each of them, or a sentence of its commit does.
    pub(super) fn is_meant(&self, hunk: &Hunk, is_said: impl Fn(&dyn Fn(&str) -> bool) -> bool) -> bool {
        let serializer = |sentence: &str| names_serializer(hunk, sentence);
        self.asked().all(|asked| {
            asked.is_brought(hunk, self.new)
                || is_said(&|sentence| asked.is_told_by(hunk, sentence) || serializer(sentence))
        })
    }
}

/// Whether a sentence names what writes JSON since a hunk: `orjson`.
fn names_serializer(hunk: &Hunk, sentence: &str) -> bool {
    let module = |call: &String| call.split(['.', '(']).next().unwrap_or_default().to_lowercase();
    let was: Vec<String> = serializers(&hunk.removed).iter().map(module).collect();
    let words = Words::of(sentence);
    let is = serializers(&hunk.added);
    is.iter().map(module).any(|name| name.len() > 3 && !was.contains(&name) && name != "json" && words.has(&[&name]))
}

/// Whether a text is laid out as an argument asks for.
fn is_laid_out(text: &str, argument: &str, lines: &[String]) -> bool {
    if let Some(indent) = argument.strip_prefix("indent=") {
        let starts = text.lines().map(|line| line.len() - line.trim_start().len()).filter(|start| *start > 0);
        return starts.min().is_some_and(|least| indent.parse() == Ok(least) || indent.starts_with(['"', '\'']));
    }
    let Some(signs) = lines.iter().find_map(|line| Separators::given(line)) else { return false };
    let written = tokens(text).into_iter().map(|token| match token {
        "," => signs.item.as_str(),
        ":" => signs.key.as_str(),
        _ => token,
    });
    written.collect::<String>() == text
}

/// Whether the keys of each object stand in their order.
fn has_sorted_keys(text: &str) -> bool {
    let tokens = tokens(text);
    let mut last: Vec<Option<String>> = Vec::new();
    tokens.iter().zip(tokens.iter().skip(1).chain([&""])).all(|(token, next)| {
        match (*token, *next) {
            ("{" | "[", _) => last.push(None),
            ("}" | "]", _) => drop(last.pop()),
            (key, ":") => {
                let key = unescaped(key);
                let before = last.last_mut().and_then(|before| before.replace(key.clone()));
                return before.is_none_or(|before| before <= key);
            }
            _ => {}
        }
        true
    })
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
        let is_new = !hunk.removed.iter().any(|line| line.contains("separators") || line.contains("indent"));
        hunk.added.iter().find_map(|line| Self::given(line)).filter(|_| is_new)
    }

    /// Those that a line writes down.
    fn given(line: &str) -> Option<Self> {
        static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"separators\s*=\s*\(\s*["'](?<item>[^"']+)["']\s*,\s*["'](?<key>[^"']+)["']"#)
                .expect("a pattern")
        });
        let given = GIVEN.captures(line)?;
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
        let in_what = |differs: Differs<'_>| (differs.spaces, differs.escapes, differs.order);
        let differs = |old, new| differs(old, new).map(in_what);
        let of = |spaces, escapes, order| Some((spaces, escapes, order));
        assert_eq!(differs(r#"{"a": 1, "b": 2}"#, r#"{"a":1,"b":2}"#), of(true, false, false));
        assert_eq!(differs(r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#), of(false, false, true));
        assert_eq!(differs(r#"["caf\u00e9"]"#, r#"["café"]"#), of(false, true, false));
        assert_eq!(differs(r#"{"a": 1}"#, r#"{"a":2}"#), None);
        assert_eq!(differs(r#"{"a": "b c"}"#, r#"{"a":"bc"}"#), None);
        assert_eq!(differs("[1, 2]", "[2, 1]"), None);
        assert_eq!(differs("1", "1 "), None);
        assert_eq!(differs("[12345678901234567891]", "[ 12345678901234567890]"), None);
        assert_eq!(differs(r#"["\u003cb\u003e"]"#, r#"["<b>"]"#), None, "markup");
        assert_eq!(differs(r#"{"a": 1}"#, r#"{"a":1,"a":1}"#), None, "twice");
    }

    #[test]
    fn keys_in_their_order() {
        assert!(has_sorted_keys(r#"{"a": {"c": 1, "d": [{"b": 1}]}, "b": ["z", "a"]}"#));
        assert!(!has_sorted_keys(r#"{"b": {"c": 1}, "a": 2}"#));
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
