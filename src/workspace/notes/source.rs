//! What source says of a name that it deprecates: removal tables, `__getattr__` of a module, decorators, warnings.

use std::sync::LazyLock;

use regex::Regex;

use super::Note;
use super::prose::{one_line, replacement, tells_a_change};
use crate::syntax::{Node, Source, ancestors, children, decorators, descendants};
use crate::text::FilePath;
use crate::workspace::words::occurrences;

/// Names of tables, decorators and helpers that deal with what is gone: `__expired_attributes__`,
/// `_deprecated_names`, `rename_kwarg`.
static OF_CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)deprecat|expired|removed|removal|renam|moved|former|legacy|obsolete|replac|backcompat|aliases")
        .expect("the pattern is a regular expression")
});

/// Keywords of decorators that name the successor.
const SUCCESSOR_KEYWORDS: [&str; 7] =
    ["alternative", "replacement", "instead", "new_name", "new", "new_arg_name", "use_instead"];

/// Whether a file is worth parsing for [`notes_in_source`].
pub(super) fn may_deprecate(text: &str) -> bool {
    OF_CHANGE.is_match(text)
}

/// The notes of a Python file that its syntax tells.
pub(super) fn notes_in_source(path: &FilePath, source: &Source, name: &str) -> Vec<Note> {
    let note = |at: usize| {
        let node = source.node_at(at..at + name.len())?;
        let (text, replacement) = match node.kind() {
            "string_content" if source.slice(node) == name => of_string(source, node.parent()?, name)?,
            "identifier" => of_identifier(source, node, name)?,
            _ => return None,
        };
        Some(Note { path: path.clone(), line: source.line_of(at), text: one_line(&text), replacement })
    };
    occurrences(source.text(), name).filter_map(note).collect()
}

/// What is said, and the successor.
type Told = (String, Option<String>);

fn of_string(source: &Source, string: Node<'_>, name: &str) -> Option<Told> {
    let parent = string.parent()?;
    match parent.kind() {
        "pair" if parent.child_by_field_name("key") == Some(string) => {
            of_table(source, parent, parent.child_by_field_name("value")?, name)
        }
        "comparison_operator" => of_getattr(source, parent, name),
        "argument_list" | "list" | "tuple" | "set" | "keyword_argument" => of_getattr(source, parent, name)
            .or_else(|| of_argument(source, string, name))
            .or_else(|| of_listing(source, string, name)),
        _ => None,
    }
}

/// `__expired_attributes__ = {"old": "Use `new` instead."}`, `_renamed = {"old": "new"}`, `{"old": ("module", "new")}`.
fn of_table(source: &Source, pair: Node<'_>, value: Node<'_>, name: &str) -> Option<Told> {
    let table = assigned_name(source, pair).unwrap_or_default();
    let about_change = OF_CHANGE.is_match(table);
    let said = strings_in(source, value);
    if value.kind().contains("string") && !is_dotted_name(&said) {
        return (about_change || tells_a_change(&said)).then(|| told(said, name));
    }
    let parts: Vec<String> = match value.kind() {
        "tuple" | "list" => children(value).map(|part| plain(source, part)).collect(),
        _ => vec![plain(source, value)],
    };
    let names: Vec<&String> = parts.iter().take_while(|part| is_dotted_name(part)).collect();
    if !about_change || names.is_empty() {
        return None;
    }
    // A module and a name in it stand apart.
    let new = names.iter().take(2).map(|name| name.as_str()).collect::<Vec<_>>().join(".");
    (new != name).then(|| (format!("`{table}` has `{new}` for `{name}`"), Some(new)))
}

/// `_removed = ["old", …]`: gone, with no word on what to use.
fn of_listing(source: &Source, string: Node<'_>, name: &str) -> Option<Told> {
    let table = assigned_name(source, string).filter(|table| OF_CHANGE.is_match(table))?;
    Some((format!("`{name}` stands in `{table}`"), None))
}

/// `if attr == "old": warnings.warn("… use new"); return new` in a module's `__getattr__`.
fn of_getattr(source: &Source, condition: Node<'_>, name: &str) -> Option<Told> {
    let function = ancestors(condition).find(|node| node.kind() == "function_definition")?;
    if source.slice(function.child_by_field_name("name")?) != "__getattr__" {
        return None;
    }
    let branch = ancestors(condition).find(|node| matches!(node.kind(), "if_statement" | "elif_clause"))?;
    let body = branch.child_by_field_name("consequence")?;
    let said = descendants(body).filter(|node| node.kind() == "call").map(|call| strings_in(source, call));
    if let Some(said) = said.into_iter().find(|said| tells_a_change(said)) {
        return Some(told(said, name));
    }
    let returned = children(body).find(|node| node.kind() == "return_statement")?.named_child(0)?;
    let new = source.slice(returned);
    is_dotted_name(new).then(|| (format!("`__getattr__` gives `{new}` for `{name}`"), Some(new.to_string())))
}

/// `@deprecate_kwarg("old", "new")`, `renamed_parameter(old_arg_name="old", new_arg_name="new")`.
fn of_argument(source: &Source, string: Node<'_>, name: &str) -> Option<Told> {
    let call = ancestors(string).find(|node| node.kind() == "call")?;
    let called = source.slice(call.child_by_field_name("function")?);
    if !OF_CHANGE.is_match(called) {
        return None;
    }
    let strings: Vec<String> = descendants(call.child_by_field_name("arguments")?)
        .filter(|node| node.kind() == "string")
        .map(|node| strings_in(source, node))
        .collect();
    let at = strings.iter().position(|string| string == name)?;
    let new =
        successor_keyword(source, call).or_else(|| strings.get(at + 1).filter(|new| is_dotted_name(new)).cloned());
    let text = format!("{called}({})", strings.join(", "));
    Some((text, new.filter(|new| new != name)))
}

fn of_identifier(source: &Source, identifier: Node<'_>, name: &str) -> Option<Told> {
    let parent = identifier.parent()?;
    let is = |field: &str| parent.child_by_field_name(field) == Some(identifier);
    match parent.kind() {
        "function_definition" | "class_definition" if is("name") => of_definition(source, parent, name),
        // `old = deprecated_alias(new)`
        "assignment" if is("left") => {
            let call = parent.child_by_field_name("right").filter(|right| right.kind() == "call")?;
            let called = source.slice(call.child_by_field_name("function")?);
            OF_CHANGE.is_match(called).then_some(())?;
            let arguments = children(call.child_by_field_name("arguments")?);
            let new = arguments.map(|node| source.slice(node)).find(|text| is_dotted_name(text) && *text != name);
            let new = successor_keyword(source, call).or(new.map(str::to_string));
            Some((source.slice(parent).to_string(), new))
        }
        // `@rename_kwargs(old="new")`
        "keyword_argument" if is("name") => {
            let call = ancestors(parent).find(|node| node.kind() == "call")?;
            let called = source.slice(call.child_by_field_name("function")?);
            let new = plain(source, parent.child_by_field_name("value")?);
            let says = OF_CHANGE.is_match(called) && is_dotted_name(&new) && !SUCCESSOR_KEYWORDS.contains(&name);
            says.then(|| (format!("{called}({name}=\"{new}\")"), Some(new)))
        }
        _ => None,
    }
}

/// What the decorators, the warnings or the docstring of a definition say of it.
fn of_definition(source: &Source, definition: Node<'_>, name: &str) -> Option<Told> {
    for decorator in decorators(definition).filter_map(|decorator| decorator.named_child(0)) {
        let called = source.slice(decorator.child_by_field_name("function").unwrap_or(decorator));
        if OF_CHANGE.is_match(called) {
            let (said, new) = told(strings_in(source, decorator), name);
            let text = if said.is_empty() { format!("@{}", source.slice(decorator)) } else { said };
            return Some((text, successor_keyword(source, decorator).or(new)));
        }
    }
    let body = definition.child_by_field_name("body")?;
    let warns = |node: &Node<'_>| {
        let called = node.child_by_field_name("function").map_or("", |function| source.slice(function));
        node.kind() == "call" && called.rsplit('.').next().is_some_and(|last| last.contains("warn"))
    };
    // The warnings of the function itself; those of a class are of its constructor.
    let warned = descendants(body).filter(warns).map(|call| strings_in(source, call));
    let mut warned = warned.into_iter().filter(|said| tells_a_change(said));
    let of_class = definition.kind() == "class_definition";
    if let Some(said) = warned.find(|said| !of_class || occurrences(said, name).next().is_some()) {
        return Some(told(said, name));
    }
    let docstring = body.named_child(0).filter(|first| first.kind() == "expression_statement")?;
    let docstring = docstring.named_child(0).filter(|first| first.kind() == "string")?;
    super::prose::deprecation_block(source.slice(docstring)).map(|said| told(said, name))
}

fn told(said: String, name: &str) -> Told {
    let new = replacement(&said, name);
    (said, new)
}

/// `alternative="new"` of a call.
fn successor_keyword(source: &Source, call: Node<'_>) -> Option<String> {
    let arguments = children(call.child_by_field_name("arguments")?).filter(|node| node.kind() == "keyword_argument");
    let mut named = arguments.filter_map(|argument| {
        let keyword = source.slice(argument.child_by_field_name("name")?);
        let value = argument.child_by_field_name("value").filter(|_| SUCCESSOR_KEYWORDS.contains(&keyword))?;
        Some(plain(source, value))
    });
    named.find(|new| is_dotted_name(new))
}

/// The variable that the collection around a node is assigned to.
fn assigned_name<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    let around = ancestors(node).take_while(|node| node.kind() != "function_definition");
    let assignment = around.into_iter().find(|node| node.kind() == "assignment")?;
    Some(source.slice(assignment.child_by_field_name("left")?))
}

/// The strings below a node as one text.
fn strings_in(source: &Source, node: Node<'_>) -> String {
    let contents = descendants(node).filter(|node| node.kind() == "string_content");
    contents.map(|node| source.slice(node)).collect()
}

/// The content of a string, or the text of another expression, brackets of a call left out.
fn plain(source: &Source, node: Node<'_>) -> String {
    if node.kind().contains("string") { strings_in(source, node) } else { source.slice(node).to_string() }
}

fn is_dotted_name(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(crate::syntax::tokens::is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, expected: Option<(&str, Option<&str>)>) {
        let found = notes_in_source(&FilePath::new("m.py"), &Source::parse(text), name);
        let seen = found.first().map(|note| (note.text.as_str(), note.replacement.as_deref()));
        assert_eq!(seen, expected);
    }

    #[test]
    fn tables_of_what_was_removed_are_read() {
        let table = "__expired_attributes__ = {\n    'asfarray': \"Use `np.asarray` with a `dtype` instead.\",\n    'long_one':\n        'For the general case, use `other`. '\n        'Else nothing.',\n    'gone': 'It has no replacement.',\n}\n";
        check(table, "asfarray", Some(("Use `np.asarray` with a `dtype` instead.", Some("np.asarray"))));
        check(table, "long_one", Some(("For the general case, use `other`. Else nothing.", Some("other"))));
        check(table, "gone", Some(("It has no replacement.", None)));
        check("_renamed = {'old': 'fresh'}\n", "old", Some(("`_renamed` has `fresh` for `old`", Some("fresh"))));
        check(
            "MOVED = {'Old': ('shop.cart', 'New')}\n",
            "Old",
            Some(("`MOVED` has `shop.cart.New` for `Old`", Some("shop.cart.New"))),
        );
        check(
            "_deprecated = {'old': (fresh, '2.0')}\n",
            "old",
            Some(("`_deprecated` has `fresh` for `old`", Some("fresh"))),
        );
        check("__removed__ = ['old', 'other']\n", "old", Some(("`old` stands in `__removed__`", None)));
        check("COLOURS = {'old': 'fresh'}\n", "old", None);
        check("x = ['old']\n", "old", None);
    }

    #[test]
    fn the_getattr_of_a_module_tells_its_former_names() {
        let text = "def __getattr__(name):\n    if name == 'old':\n        warnings.warn('old is deprecated, use fresh_one instead', DeprecationWarning)\n        return fresh_one\n    elif name in ('a', 'b'):\n        return c\n    raise AttributeError(name)\n";
        check(text, "old", Some(("old is deprecated, use fresh_one instead", Some("fresh_one"))));
        check(text, "b", Some(("`__getattr__` gives `c` for `b`", Some("c"))));
        check("def other(name):\n    if name == 'old':\n        return fresh\n", "old", None);
    }

    #[test]
    fn deprecated_definitions_say_what_to_use() {
        check(
            "@deprecated('Use fresh() instead.')\ndef old(): ...\n",
            "old",
            Some(("Use fresh() instead.", Some("fresh"))),
        );
        check("@deprecated(since='1', alternative='fresh')\ndef old(): ...\n", "old", Some(("1fresh", Some("fresh"))));
        check(
            "def old():\n    warnings.warn(\n        'this function is deprecated, '\n        'use shop.fresh instead', DeprecationWarning)\n",
            "old",
            Some(("this function is deprecated, use shop.fresh instead", Some("shop.fresh"))),
        );
        check(
            "def old():\n    '''Does it.\n\n    .. deprecated:: 2.0\n       Use :func:`fresh` instead.\n\n    More.\n    '''\n",
            "old",
            Some(("deprecated:: 2.0 Use :func:`fresh` instead.", Some("fresh"))),
        );
        check("old = deprecated_alias(fresh)\n", "old", Some(("old = deprecated_alias(fresh)", Some("fresh"))));
        check("def old():\n    warn('disk is full')\n", "old", None);
        check("class A:\n    def f(self): warn('use g instead')\n", "A", None);
    }

    #[test]
    fn renamed_arguments_are_told_by_decorators() {
        check(
            "@deprecate_kwarg('old', 'fresh')\ndef f(fresh): ...\n",
            "old",
            Some(("deprecate_kwarg(old, fresh)", Some("fresh"))),
        );
        check(
            "@rename_parameter(['old'], ['fresh'])\ndef f(fresh): ...\n",
            "old",
            Some(("rename_parameter(old, fresh)", Some("fresh"))),
        );
        check(
            "@renamed_kwargs(old='fresh')\ndef f(fresh): ...\n",
            "old",
            Some(("renamed_kwargs(old=\"fresh\")", Some("fresh"))),
        );
        check("@cached('old', 'fresh')\ndef f(fresh): ...\n", "old", None);
    }
}
