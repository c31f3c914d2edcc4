//! The places that say a word: of a test, and of what it stands on in its file and its conftest files.

use std::ops::Range;

use crate::diagnosis::locate::string_content;
use crate::strategies::{Context, literals};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::fixtures::Fixture;

/// A place that says a word: a string that holds nothing else, a name in a text that a program reads, the name of a
/// keyword argument.
pub(super) struct Place {
    pub(super) word: String,
    path: FilePath,
    range: Range<usize>,
    literal: Option<String>,
    /// Whether something is called by the word here: it is no value that a test may expect.
    is_name: bool,
}

impl Place {
    pub(super) fn edit(&self, word: &str) -> Option<Edit> {
        let text = match &self.literal {
            Some(literal) => literals::requoted(literal, word)?,
            None => word.to_string(),
        };
        Some(Edit::replace(&self.path, self.range.clone(), text))
    }
}

/// How many definitions a test may stand on.
const MOST_DEFINITIONS: usize = 20;

/// Longer texts are data.
const LONGEST_TEXT: usize = 4000;

/// The places of the test and its decorators.
pub(super) fn of_test(ctx: &Context<'_>) -> Vec<Place> {
    said(ctx.source, &ctx.site.path, whole(ctx.scope()))
}

/// The places that name something in each definition that the test stands on: constants, helpers and fixtures, and what sets its class up.
pub(super) fn below(ctx: &Context<'_>) -> Vec<Vec<Place>> {
    let (scope, path) = (ctx.scope(), &ctx.site.path);
    if scope.kind() != "function_definition" {
        return Vec::new();
    }
    let mut found: Vec<Vec<Place>> =
        reached(ctx.source, whole(scope)).into_iter().skip(1).map(|node| said(ctx.source, path, node)).collect();
    let requests = ctx.snapshot.fixture_requests(path, scope.start_byte());
    let is_used = |fixture: &Fixture| fixture.autouse || requests.iter().any(|request| request.name == fixture.name);
    for fixture in ctx.snapshot.fixtures_at(path, scope.start_byte()).into_iter().filter(is_used) {
        let Some(file) = fixture.path.filter(|file| file.is_inside() && file.is_test_code()) else { continue };
        let Some(source) = ctx.snapshot.source(&file) else { continue };
        let Some(function) = source.function_at(fixture.range.start) else { continue };
        found.extend(reached(&source, whole(function)).into_iter().map(|node| said(&source, &file, node)));
    }
    found.iter_mut().for_each(|places| places.retain(|place| place.is_name));
    found
}

/// A function with its decorators.
fn whole(function: Node<'_>) -> Node<'_> {
    ancestors(function).find(|node| node.kind() == "decorated_definition").unwrap_or(function)
}

/// `from`, and the definitions of the file and of its class that it names, and those name.
fn reached<'s>(source: &'s Source, from: Node<'s>) -> Vec<Node<'s>> {
    let class = ancestors(from).skip(1).find(|node| node.kind() == "class_definition");
    let members = class.and_then(|class| class.child_by_field_name("body")).into_iter().flat_map(children);
    let definitions: Vec<(Node<'_>, &str)> = children(source.root())
        .chain(members)
        .filter(|node| node.end_byte() <= from.start_byte() || node.start_byte() >= from.end_byte())
        .filter_map(|node| Some((node, defined(source, node)?)))
        .filter(|(_, name)| !name.starts_with("test"))
        .collect();
    let mut found = vec![from];
    let mut at = 0;
    while at < found.len() && found.len() < MOST_DEFINITIONS {
        let names: Vec<&str> =
            descendants(found[at]).filter(|node| node.kind() == "identifier").map(|node| source.slice(node)).collect();
        let is_named = |name: &str| names.contains(&name) || at == 0 && is_set_up(name);
        let named = definitions.iter().filter(|(_, name)| is_named(name)).map(|(node, _)| *node);
        let new: Vec<Node<'_>> = named.filter(|node| !found.contains(node)).collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// Whether a method runs before each test of its class.
fn is_set_up(name: &str) -> bool {
    matches!(name, "setUp" | "setUpClass" | "setup_method" | "setup_class" | "asyncSetUp")
}

/// The name that a statement of a module or class defines.
fn defined<'s>(source: &'s Source, node: Node<'s>) -> Option<&'s str> {
    let name = match node.kind() {
        "decorated_definition" => node.child_by_field_name("definition")?.child_by_field_name("name")?,
        "function_definition" | "class_definition" => node.child_by_field_name("name")?,
        "expression_statement" => node.named_child(0)?.child_by_field_name("left")?,
        _ => return None,
    };
    (name.kind() == "identifier").then(|| source.slice(name))
}

/// All places under a node.
fn said(source: &Source, path: &FilePath, node: Node<'_>) -> Vec<Place> {
    descendants(node).flat_map(|node| at(source, path, node)).collect()
}

fn at(source: &Source, path: &FilePath, node: Node<'_>) -> Vec<Place> {
    let place = |word: &str, range: Range<usize>, literal: Option<&str>| Place {
        word: word.to_string(),
        path: path.clone(),
        range,
        literal: literal.map(str::to_string),
        is_name: literal.is_none() || names_something(node, word),
    };
    match node.kind() {
        "string" => match string_content(source, node) {
            Some(word) if is_word(word) => vec![place(word, node.byte_range(), Some(source.slice(node)))],
            Some(text) if text.len() <= LONGEST_TEXT && is_read(source, node) => {
                let start = node.start_byte() + source.slice(node).find(text).unwrap_or_default();
                let names = names(text).into_iter();
                names.map(|at| place(&text[at.clone()], start + at.start..start + at.end, None)).collect()
            }
            _ => Vec::new(),
        },
        "identifier" => {
            let argument = node.parent().filter(|parent| parent.kind() == "keyword_argument");
            let is_name = argument.is_some_and(|argument| argument.child_by_field_name("name") == Some(node));
            let word = Some(source.slice(node)).filter(|word| is_name && is_word(word));
            word.map(|word| place(word, node.byte_range(), None)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a string is a key, or a name of a program that is given to something.
fn names_something(string: Node<'_>, word: &str) -> bool {
    let Some(parent) = string.parent() else { return false };
    match parent.kind() {
        "pair" => parent.child_by_field_name("key") == Some(string),
        "subscript" => true,
        "argument_list" | "list" | "tuple" => is_compound(word),
        _ => false,
    }
}

/// `stackLevel`, `--no-color`, `x-request-id`: one word, long enough to be one of the product's own.
pub(super) fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    (4..=40).contains(&text.len()) && text.chars().all(inside) && text.chars().any(char::is_alphabetic)
}

/// Whether a text is given to something: what is compared, or searched for in a message, is what the test expects, and
/// that is of the run to say.
fn is_read(source: &Source, string: Node<'_>) -> bool {
    let mut outer = ancestors(string).skip(1);
    let holder = outer.find(|node| {
        matches!(node.kind(), "argument_list" | "comparison_operator" | "keyword_argument")
            || node.kind().ends_with("_statement")
    });
    let Some(holder) = holder else { return false };
    let is_check = |name: &str| {
        let name = name.rsplit('.').next().unwrap_or(name);
        matches!(name, "raises" | "warns" | "fail" | "skip" | "search" | "match")
            || name.strip_prefix("assert").is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    match holder.kind() {
        "comparison_operator" | "assert_statement" => false,
        "keyword_argument" => {
            !holder.child_by_field_name("name").is_some_and(|name| matches!(source.slice(name), "match" | "reason"))
        }
        "argument_list" => {
            let called = holder.parent().and_then(|call| call.child_by_field_name("function"));
            !called.is_some_and(|called| is_check(source.slice(called)))
        }
        // A docstring.
        "expression_statement" => holder.named_child(0).is_some_and(|child| child.kind() != "string"),
        _ => true,
    }
}

/// The names in a text that a program reads: settings, a query, a command line. A word that prose could hold counts as
/// the key of a setting alone, and a name in a sentence is the test's own to say.
fn names(text: &str) -> Vec<Range<usize>> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if inside(c) && !is_escaped {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            found.push(start..at);
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    let is_told = |word: &str, at: &Range<usize>| {
        word.starts_with("--") || is_query(text) || !is_in_prose(&text[..at.start], &text[at.end..])
    };
    found.retain(|at| {
        let word = &text[at.clone()];
        is_word(word) && (is_key(&text[at.end..]) || is_compound(word) && is_told(word, at))
    });
    found
}

/// Whether a text is one of SQL.
fn is_query(text: &str) -> bool {
    let verb = text.split_whitespace().next().unwrap_or_default();
    matches!(
        verb,
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "CREATE" | "ALTER" | "REPLACE" | "WITH" | "select" | "insert"
    )
}

/// Whether a word has another one of a sentence beside it.
fn is_in_prose(before: &str, rest: &str) -> bool {
    rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
        || before.strip_suffix(' ').is_some_and(|before| before.ends_with(char::is_alphabetic))
}

/// `old_port`, `--port`, `oldPort`: a name of a program.
fn is_compound(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    word.contains('_')
        || word.starts_with("--")
        || letters.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase())
}

/// Whether what follows a word makes it the key of a setting: `= 1`, `: 1`, `": 1`.
fn is_key(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['\\', '"', '\'']).trim_start_matches([' ', '\t']);
    rest.starts_with(['=', ':']) && !rest.starts_with("==") && !rest.starts_with("://")
}
