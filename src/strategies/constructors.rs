//! Values that constructors make (`Point(x=1)`), as a test writes them and as `repr` prints them.

use crate::diagnosis::locate::last_name;
use crate::syntax::{Node, Source, children, descendants};

use super::literals::is_literal;

/// One argument of a constructor's call.
#[derive(Clone, Copy)]
pub(super) struct Field<'t> {
    pub(super) keyword: Option<Node<'t>>,
    pub(super) value: Node<'t>,
}

/// The arguments of a call; `None` where it is none, or unpacks something.
pub(super) fn fields<'t>(call: Node<'t>) -> Option<Vec<Field<'t>>> {
    let list = call.child_by_field_name("arguments").filter(|list| call.kind() == "call" && !is_splat(*list))?;
    let field = |node: Node<'t>| match node.kind() {
        "keyword_argument" => {
            Some(Field { keyword: node.child_by_field_name("name"), value: node.child_by_field_name("value")? })
        }
        _ => Some(Field { keyword: None, value: node }),
    };
    children(list).filter(|node| node.kind() != "comment").map(field).collect()
}

fn is_splat(list: Node<'_>) -> bool {
    children(list).any(|node| matches!(node.kind(), "list_splat" | "dictionary_splat"))
}

/// The last part of the name of the class: `Point` of `geo.Point(1)`.
pub(super) fn class<'s>(source: &'s Source, call: Node<'_>) -> Option<&'s str> {
    let function = call.child_by_field_name("function").filter(|_| call.kind() == "call")?;
    let is_dotted = function.kind() == "identifier" || !descendants(function).any(|node| node.kind() == "call");
    let name = last_name(function).filter(|_| is_dotted).map(|name| of_any_system(source.slice(name)));
    name.filter(|name| makes_a_value(name) || is_mock_call(source, call))
}

/// A path is made by one name and printed by that of the system.
fn of_any_system(name: &str) -> &str {
    match name {
        "PosixPath" | "WindowsPath" => "Path",
        "PurePosixPath" | "PureWindowsPath" => "PurePath",
        name => name,
    }
}

/// `call("ann")`, `mock.call.send("ann")`: a call of a mock as tests write it and mock prints it
/// (<https://docs.python.org/3/library/unittest.mock.html#call>).
pub(super) fn is_mock_call(source: &Source, call: Node<'_>) -> bool {
    let Some(function) = call.child_by_field_name("function").filter(|_| call.kind() == "call") else { return false };
    let written = source.slice(function);
    let name = written.rsplit_once("mock.").map_or(written, |(_, name)| name);
    name == "call" || name.starts_with("call.")
}

/// Classes are spelt with a capital, but for those of Python itself.
fn makes_a_value(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(char::is_uppercase)
        || matches!(name, "datetime" | "date" | "time" | "timedelta" | "timezone" | "dict" | "set" | "frozenset")
        || matches!(name, "tuple" | "list" | "bytes" | "bytearray" | "deque" | "defaultdict" | "array")
}

/// Whether an expression is made of literals and constructors alone.
pub(super) fn is_made(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "list" | "tuple" | "set" | "dictionary" | "pair" | "parenthesized_expression" => {
            children(node).filter(|child| child.kind() != "comment").all(|child| is_made(source, child))
        }
        "call" => {
            class(source, node).is_some()
                && fields(node).is_some_and(|fields| fields.iter().all(|field| is_made(source, field.value)))
        }
        _ => is_literal(node),
    }
}

/// Whether a constructor stands in it with something that a value could change.
pub(super) fn holds_made(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "list" | "tuple" | "set" | "dictionary" | "pair" | "parenthesized_expression" => {
            children(node).any(|child| holds_made(source, child))
        }
        "call" => class(source, node).is_some() && fields(node).is_some(),
        _ => false,
    }
}

/// The mapping that a printed object is: of pairs in braces, or of tuples in brackets as `OrderedDict` prints them.
pub(super) fn mapping<'t>(source: &Source, call: Node<'t>) -> Option<Node<'t>> {
    class(source, call)?;
    let fields = fields(call)?;
    let is_pair = |node: Node<'_>| node.kind() == "tuple" && node.named_child_count() == 2;
    let is_mapping = |node: &Node<'t>| {
        node.kind() == "dictionary"
            || (node.kind() == "list" && node.named_child_count() > 0 && children(*node).all(is_pair))
    };
    let mut found = fields.iter().filter(|field| field.keyword.is_none()).map(|field| field.value).filter(is_mapping);
    let only = found.next()?;
    // `defaultdict(<class 'list'>, {…})` tells first what it makes.
    (found.next().is_none() && fields.len() <= 2).then_some(only)
}

/// How the file calls the class, where it does.
pub(super) fn spelling<'s>(source: &'s Source, name: &str) -> Option<&'s str> {
    let mut calls = descendants(source.root()).filter(|node| node.kind() == "call");
    let call = calls.find(|call| class(source, *call) == Some(name))?;
    call.child_by_field_name("function").map(|function| source.slice(function))
}

/// `text` with each `<Point(1)>` as the call in it and each other `<…>` as a call that nobody can write: Python again,
/// but for what no source says.
pub(super) fn readable(text: &str) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = outside_quotes(rest, '<') {
        let end = angle_end(&rest[at..])?;
        let inner = &rest[at + 1..at + end];
        result += &rest[..at];
        let is_call = inner.ends_with(')') && inner.split_once('(').is_some_and(|(name, _)| is_name(name));
        result += &if is_call { readable(inner)? } else { format!("{OPAQUE}({})", quoted(inner)) };
        rest = &rest[at + end + 1..];
    }
    result += rest;
    Some(result)
}

/// `State.OPEN` of what [`readable`] makes of `<State.OPEN: 'open'>`.
pub(super) fn member(text: &str) -> Option<&str> {
    let (name, _) = opaque(text)?.split_once(": ")?;
    (is_name(name) && name.contains('.')).then_some(name)
}

/// What stood between the angles of a printed object of which nothing else is known, as [`readable`] quotes it.
pub(super) fn opaque(text: &str) -> Option<&str> {
    text.strip_prefix(OPAQUE)?.strip_prefix("('")?.strip_suffix("')")
}

/// What [`readable`] made readable, as it was printed.
pub(super) fn as_printed(text: &str) -> String {
    let opening = format!("{OPAQUE}('");
    let mut parts = text.split(opening.as_str());
    let mut result = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (inner, rest) = part.split_once("')").unwrap_or((part, ""));
        result += &format!("<{inner}>{rest}");
    }
    result
}

/// What stands for a printed object of which nothing but its text is known; no name of Python.
const OPAQUE: &str = "__printed__";

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

/// The first `wanted` outside of string literals.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' | '"' => skip_string(&mut chars, c),
            c if c == wanted => return Some(at),
            _ => {}
        }
    }
    None
}

fn skip_string(chars: &mut std::str::CharIndices<'_>, quote: char) {
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == quote => return,
            _ => {}
        }
    }
}

/// Where the `<` that `text` begins with is closed.
fn angle_end(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' | '"' => skip_string(&mut chars, c),
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repr_prints_between_angles_reads_like_a_call() {
        assert_eq!(readable("[<Version('2.0')>, 1]").as_deref(), Some("[Version('2.0'), 1]"));
        assert_eq!(readable("{'a': '<b>'}").as_deref(), Some("{'a': '<b>'}"));
        assert_eq!(
            readable("<function <lambda> at 0x7f>").as_deref(),
            Some("__printed__('function <lambda> at 0x7f')")
        );
        assert_eq!(readable("<Cart of"), None);
        let printed = "[<Kind.B: 1>, <function <lambda> at 0x7f>, 1]";
        assert_eq!(readable(printed).map(|text| as_printed(&text)).as_deref(), Some(printed));
    }
}
