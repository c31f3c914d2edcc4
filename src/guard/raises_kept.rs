//! A block that must raise still must, with as narrow a type, as exact a message and as few statements.

use crate::diagnosis::{Category, product};
use crate::syntax::{Node, Source, ancestors, children, descendants};

use super::change::Change;
use super::checks::{Check, Kind};
use super::python::{callee, flat, keyword, last, positional, string_value};
use super::strength::modern;

pub(super) fn raises_kept(change: &Change<'_>, old: &Check<'_>, new: &Check<'_>) -> Result<(), String> {
    let (Kind::Raises(before, _), Kind::Raises(after, _)) = (old.kind, new.kind) else { return Ok(()) };
    let (was, is) = (callee(old.source, before), callee(new.source, after));
    let turned_over = is_turned_over(change, (old.source, before), (last(&was), last(&is)));
    if modern(last(&was)) != modern(last(&is)) && !is_spelling_of(last(&was), last(&is)) && !turned_over {
        return Err(format!("replaces `{}` by `{}`", last(&was), last(&is)));
    }
    if new.block_size() > old.block_size() {
        return Err("moves more statements into the block that must raise".to_string());
    }
    type_kept(change, (old.source, before), (new.source, after))?;
    if let Some(name) = left_out(change, old, new) {
        return Err(format!("does not ask `{name}` any more, which still raises it"));
    }
    match_kept((old.source, before), (new.source, after))
}

/// What the block called and does not call any more, though the product still raises the exception there.
fn left_out(change: &Change<'_>, old: &Check<'_>, new: &Check<'_>) -> Option<String> {
    let (Kind::Raises(raises, Some(was)), Kind::Raises(_, Some(is))) = (old.kind, new.kind) else { return None };
    let called = |source: &Source, block: Node<'_>| -> Vec<String> {
        let calls = descendants(block).filter(|node| node.kind() == "call");
        calls.map(|call| last(&callee(source, call)).to_string()).collect()
    };
    let expected = types(old.source, raises);
    let still = called(new.source, is);
    let mut gone = called(old.source, was).into_iter().filter(|name| !still.contains(name));
    gone.find(|name| expected.iter().any(|expected| raises_still(change, name, last(expected))))
}

/// Whether the one function of the product that has the name raises the exception itself.
fn raises_still(change: &Change<'_>, function: &str, exception: &str) -> bool {
    let mut defined = change.snapshot.definitions(function);
    defined.retain(|symbol| !symbol.path.is_test_code());
    let [symbol] = defined.as_slice() else { return false };
    let Some(source) = change.snapshot.source(&symbol.path) else { return false };
    let name = source.node_at(symbol.range.clone());
    let function = name.and_then(|name| ancestors(name).find(|node| node.kind() == "function_definition"));
    let raises = |node: Node<'_>| {
        let raised = node.named_child(0).map(|raised| raised.child_by_field_name("function").unwrap_or(raised));
        node.kind() == "raise_statement" && raised.is_some_and(|raised| last(source.slice(raised)) == exception)
    };
    function.is_some_and(|function| descendants(function).any(raises))
}

/// `self.assertRaises(E)` and `pytest.raises(E)` ask the same.
fn is_spelling_of(was: &str, is: &str) -> bool {
    matches!(
        (modern(was), is),
        ("assertRaises" | "assertRaisesRegex", "raises") | ("assertWarns" | "assertWarnsRegex", "warns")
    )
}

/// An exception that a commit made a warning, or the other way round: one of both must still come.
fn is_turned_over(change: &Change<'_>, (old, before): (&Source, Node<'_>), (was, is): (&str, &str)) -> bool {
    let warns_now = match (was, is) {
        ("raises", "warns") | ("assertRaises", "assertWarns") | ("assertRaisesRegex", "assertWarnsRegex") => true,
        ("warns", "raises") | ("assertWarns", "assertRaises") | ("assertWarnsRegex", "assertRaisesRegex") => false,
        _ => return false,
    };
    let Some(site) = &change.diagnosis.site else { return false };
    let turned = |name: &String| product::turned_over(change.snapshot, &site.path, last(name), warns_now).is_some();
    types(old, before).first().is_some_and(turned)
}

fn type_kept(
    change: &Change<'_>,
    (old, before): (&Source, Node<'_>),
    (new, after): (&Source, Node<'_>),
) -> Result<(), String> {
    let (was, is) = (types(old, before), types(new, after));
    if is.is_empty() && !was.is_empty() {
        return Err("names no exception".to_string());
    }
    if is.len() > was.len() {
        return Err("accepts more exceptions".to_string());
    }
    for (b, a) in was.iter().zip(&is) {
        if b != a && (is_broad(last(a)) || is_base(change, last(a), last(b))) {
            return Err(format!("accepts any `{a}` where `{b}` was expected"));
        }
        if b != a && !may_change(change, last(b)) {
            return Err(format!("expects `{a}` instead of `{b}` without a commit that explains it"));
        }
    }
    Ok(())
}

/// Whether the expected type may be another: with a commit, with a person, or where its name is gone.
fn may_change(change: &Change<'_>, name: &str) -> bool {
    let missing = [Category::ImportError, Category::AttributeError, Category::NameError];
    let gone = missing.iter().any(|category| change.is_about(*category)) && change.message().contains(name);
    gone || change.is_reviewed() || change.has_provenance()
}

fn types(source: &Source, call: Node<'_>) -> Vec<String> {
    let named = ["expected_exception", "expected_warning", "exception"];
    let first = positional(call).first().copied();
    let Some(node) = first.or_else(|| named.iter().find_map(|name| keyword(source, call, name))) else {
        return Vec::new();
    };
    let text = |node| flat(source, node).replace(' ', "");
    if node.kind() == "tuple" { children(node).map(text).collect() } else { vec![text(node)] }
}

fn is_broad(name: &str) -> bool {
    matches!(name, "Exception" | "BaseException" | "Warning" | "object" | "StandardError")
}

/// Whether `base` is a base class of `class`: Python's own, or the project's as far as its files tell.
fn is_base(change: &Change<'_>, base: &str, class: &str) -> bool {
    let mut name = class.to_string();
    for _ in 0..12 {
        let Some(parent) = python_base(&name).map(str::to_string).or_else(|| project_base(change, &name)) else {
            return false;
        };
        if parent == base {
            return true;
        }
        name = parent;
    }
    false
}

/// The base of a built-in exception (docs.python.org, "Exception hierarchy").
fn python_base(name: &str) -> Option<&'static str> {
    Some(match name {
        "KeyError" | "IndexError" => "LookupError",
        "ZeroDivisionError" | "OverflowError" | "FloatingPointError" => "ArithmeticError",
        "ModuleNotFoundError" => "ImportError",
        "UnboundLocalError" => "NameError",
        "BlockingIOError" | "ChildProcessError" | "ConnectionError" | "FileExistsError" | "FileNotFoundError"
        | "InterruptedError" | "IsADirectoryError" | "NotADirectoryError" | "PermissionError"
        | "ProcessLookupError" | "TimeoutError" => "OSError",
        "BrokenPipeError" | "ConnectionAbortedError" | "ConnectionRefusedError" | "ConnectionResetError" => {
            "ConnectionError"
        }
        "NotImplementedError" | "RecursionError" => "RuntimeError",
        "IndentationError" => "SyntaxError",
        "TabError" => "IndentationError",
        "UnicodeError" | "JSONDecodeError" => "ValueError",
        "UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeTranslateError" => "UnicodeError",
        "DeprecationWarning"
        | "PendingDeprecationWarning"
        | "UserWarning"
        | "RuntimeWarning"
        | "FutureWarning"
        | "SyntaxWarning"
        | "ImportWarning"
        | "UnicodeWarning"
        | "BytesWarning"
        | "ResourceWarning"
        | "EncodingWarning" => "Warning",
        _ => return None,
    })
}

fn project_base(change: &Change<'_>, class: &str) -> Option<String> {
    let definition = change.snapshot.definitions(class).into_iter().next()?;
    let source = change.snapshot.source(&definition.path)?;
    let name = source.node_at(definition.range)?;
    let node = crate::syntax::ancestors(name).find(|node| node.kind() == "class_definition")?;
    let bases = node.child_by_field_name("superclasses")?;
    let first = children(bases).find(|base| base.kind() != "keyword_argument")?;
    Some(last(&super::python::dotted(&source, first)).to_string())
}

fn match_kept((old, before): (&Source, Node<'_>), (new, after): (&Source, Node<'_>)) -> Result<(), String> {
    let (Some(was), is) = (pattern(old, before), pattern(new, after)) else { return Ok(()) };
    let Some(is) = is else { return Err("drops `match=`".to_string()) };
    let (was_text, is_text) = (string_value(old, was), string_value(new, is));
    let (Some(was_text), Some(is_text)) = (was_text, is_text) else {
        let escaped = |source, node| flat(source, node).contains("escape");
        let kept = was.kind() == is.kind() || escaped(new, is) || flat(old, was) == flat(new, is);
        return if kept { Ok(()) } else { Err("computes the message that it expects".to_string()) };
    };
    if was_text == is_text {
        return Ok(());
    }
    if literal_part(is_text).trim().is_empty() {
        return Err("expects any message".to_string());
    }
    if looseness(is_text) > looseness(was_text) {
        return Err("expects the message more loosely".to_string());
    }
    let (short, long) = (literal_part(is_text), literal_part(was_text));
    if short.len() < long.len() && long.contains(short.as_str()) {
        return Err("expects a shorter part of the message".to_string());
    }
    Ok(())
}

/// The `match=` of pytest, the second argument of unittest's.
fn pattern<'t>(source: &Source, call: Node<'t>) -> Option<Node<'t>> {
    ["match", "expected_regex", "expected_message"]
        .iter()
        .find_map(|name| keyword(source, call, name))
        .or_else(|| last(&callee(source, call)).contains("Regex").then(|| positional(call).get(1).copied())?)
}

/// A regular expression without its wildcards and backslashes.
fn literal_part(pattern: &str) -> String {
    let mut text = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next().filter(|next| !next.is_alphanumeric())),
            '.' | '*' | '+' | '?' | '^' | '$' | '(' | ')' | '|' | '[' | ']' => {}
            c => text.push(c),
        }
    }
    text
}

/// How many times a regular expression leaves open what stands there.
fn looseness(pattern: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for c in pattern.chars() {
        if escaped {
            count += usize::from(matches!(c, 'w' | 'W' | 'd' | 'D' | 's' | 'S'));
            escaped = false;
        } else {
            escaped = c == '\\';
            count += usize::from(matches!(c, '*' | '+' | '?' | '|' | '['));
        }
    }
    count
}
