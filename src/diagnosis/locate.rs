//! From a line of the log to the exact range in the test file, as the file stands now.

use std::ops::Range;

use crate::report::Failure;
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::complaint::Complaint;
use super::{Category, Site};

/// Where `failure` stands now: its subject, else the condition or the line that failed. `None` when the
/// file is gone or the printed line is nowhere in it any more.
pub fn site(snapshot: &Snapshot, failure: &Failure, category: Category, complaint: &Complaint) -> Option<Site> {
    in_helper(snapshot, failure, category, complaint).or_else(|| as_reported(snapshot, failure, category, complaint))
}

/// The line of a helper of the tests that raised, where the name that is complained about is written in it: whoever
/// called the helper has nothing to do with that.
fn in_helper(snapshot: &Snapshot, failure: &Failure, category: Category, complaint: &Complaint) -> Option<Site> {
    let frame = failure.frames.last().filter(|frame| failure.path.as_ref() != Some(&frame.path))?;
    let path = snapshot.file_path(&frame.path);
    let is_of_a_name = matches!(
        complaint,
        Complaint::NoModule { .. }
            | Complaint::NoImport { .. }
            | Complaint::NoAttribute { .. }
            | Complaint::NoName { .. }
            | Complaint::NoKey { .. }
            | Complaint::UnexpectedKeyword { .. }
            | Complaint::MissingArguments { .. }
            | Complaint::TooManyPositionals { .. }
    );
    if !path.is_inside() || !path.is_test_code() || !is_of_a_name {
        return None;
    }
    let source = snapshot.source(&path)?;
    let there = Failure { path: Some(frame.path.clone()), line: Some(frame.line), ..failure.clone() };
    let line = line_now(&source, &there, &frame.path)?;
    named_in(&source, complaint, &statement(&source, &line))?;
    as_reported(snapshot, &there, category, complaint)
}

fn as_reported(snapshot: &Snapshot, failure: &Failure, category: Category, complaint: &Complaint) -> Option<Site> {
    let named = failure.path.as_deref().or_else(|| failure.nodeid.split("::").next())?;
    let path = snapshot.file_path(named);
    let source = snapshot.source(&path)?;
    if let Some((range, statement)) = named_by_message(&source, failure, complaint) {
        let test = source.function_at(statement.end.saturating_sub(1)).map(|node| node.byte_range());
        return Some(Site { path: FilePath::new(path.as_str()), range, statement, test });
    }
    let line = line_now(&source, failure, named)?;
    let statement = statement(&source, &line);
    let range = subject(&source, category, complaint, &line, &statement).unwrap_or_else(|| line.clone());
    let test = enclosing_test(&source, failure, line.start).map(|node| node.byte_range());
    Some(Site { path: FilePath::new(path.as_str()), range, statement, test })
}

/// What pytest refuses while it collects has no line: the decorator that its message names is the place.
fn named_by_message(source: &Source, failure: &Failure, complaint: &Complaint) -> Option<(Range<usize>, Range<usize>)> {
    let decorators = || descendants(source.root()).filter(|node| node.kind() == "decorator");
    match complaint {
        Complaint::Parametrize { .. } => {
            let message = failure.message.as_deref()?;
            let (before, _) = ["in \"parametrize\"", "function uses", "indirect fixture"]
                .iter()
                .find_map(|words| message.split_once(&format!(": {words}")))?;
            let name = before.rsplit(['.', ':', ' ']).next()?;
            let names = decorators().filter(|decorator| decorates(source, *decorator, name)).find_map(|decorator| {
                let call = decorator.named_child(0).filter(|call| source.slice(*call).contains(".parametrize"))?;
                Some((call.child_by_field_name("arguments")?.named_child(0)?.byte_range(), decorator.byte_range()))
            })?;
            Some(names)
        }
        Complaint::AsyncFixture { fixture, .. } => {
            let test = source.test(failure.nodeid.split_once("::")?.1)?;
            let parameters = test.child_by_field_name("parameters")?;
            let asked = descendants(parameters).find(|node| source.slice(*node) == fixture.as_str());
            let subject = asked.or_else(|| test.child_by_field_name("name"))?;
            Some((subject.byte_range(), test.start_byte()..parameters.end_byte()))
        }
        Complaint::UnknownMark { name } => {
            let is_mark = |node: &Node<'_>| {
                node.kind() == "identifier"
                    && source.slice(*node) == name
                    && is_attribute(*node)
                    && node.parent().is_some_and(|parent| source.slice(parent).ends_with(&format!("mark.{name}")))
            };
            let mark = descendants(source.root()).find(is_mark)?;
            Some((mark.byte_range(), source.statement_at(mark.start_byte())?.byte_range()))
        }
        _ => None,
    }
}

fn decorates(source: &Source, decorator: Node<'_>, function: &str) -> bool {
    let definition = decorator.parent().and_then(|parent| parent.child_by_field_name("definition"));
    let name = definition.and_then(|definition| definition.child_by_field_name("name"));
    name.is_some_and(|name| source.slice(name) == function)
}

/// The code of the line that failed. When the text that pytest printed stands elsewhere now, the
/// nearest such line is meant; when it stands nowhere, the line was edited since and nothing is.
fn line_now(source: &Source, failure: &Failure, path: &str) -> Option<Range<usize>> {
    let line = failure.line.or_else(|| first_line_of_test(source, failure))?;
    let at_line = source.code_on_line(line);
    let frame = failure.frames.iter().rev().find(|frame| frame.line == line && same_file(&frame.path, path));
    let Some(printed) = frame.and_then(|frame| first_code_line(frame.text.as_deref()?)) else {
        return at_line.filter(|line| !line.is_empty());
    };
    if let Some(code) = &at_line
        && source.text()[code.clone()].trim() == printed
    {
        return at_line;
    }
    // The old interpreter names the last line of a statement, the printed text may begin above it.
    nearest_line(source, line, printed)
}

fn first_code_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty())
}

fn same_file(a: &str, b: &str) -> bool {
    a == b || a.ends_with(&format!("/{b}")) || b.ends_with(&format!("/{a}"))
}

fn nearest_line(source: &Source, line: u32, printed: &str) -> Option<Range<usize>> {
    let count = source.lines().len() as u32;
    (1..=count)
        .filter_map(|at| Some((at, source.code_on_line(at)?)))
        .filter(|(_, code)| &source.text()[code.clone()] == printed)
        .min_by_key(|(at, _)| at.abs_diff(line))
        .map(|(_, code)| code)
}

fn first_line_of_test(source: &Source, failure: &Failure) -> Option<u32> {
    let domain = failure.nodeid.split_once("::")?.1;
    Some(source.line_of(source.test(domain)?.start_byte()))
}

/// The innermost statement that begins on or around the line; the header alone where it is compound.
fn statement(source: &Source, line: &Range<usize>) -> Range<usize> {
    let Some(node) = source.statement_at(line.start) else { return line.clone() };
    let body = node.child_by_field_name("body").filter(|body| body.start_byte() > line.start);
    match body {
        // `with pytest.raises(E):` and its like: what fails is the header.
        Some(body) => {
            let header = &source.text()[node.start_byte()..body.start_byte()];
            node.start_byte()..node.start_byte() + header.trim_end().len()
        }
        None => node.byte_range(),
    }
}

fn enclosing_test<'s>(source: &'s Source, failure: &Failure, offset: usize) -> Option<Node<'s>> {
    let by_name = failure.nodeid.split_once("::").and_then(|(_, domain)| source.test(domain));
    by_name.filter(|test| test.byte_range().contains(&offset)).or_else(|| {
        let node = source.root().descendant_for_byte_range(offset, offset)?;
        ancestors(node).filter(|node| node.kind() == "function_definition").last()
    })
}

/// The range of what the complaint is about: looked for on the failing line first, then in the whole
/// statement.
fn subject(
    source: &Source,
    category: Category,
    complaint: &Complaint,
    line: &Range<usize>,
    statement: &Range<usize>,
) -> Option<Range<usize>> {
    if category == Category::SyntaxError {
        return syntax_error(source, line);
    }
    let inside = |scope: &Range<usize>| named_in(source, complaint, scope);
    let found = inside(line).or_else(|| inside(statement));
    found.or_else(|| condition(source, line, statement)).or_else(|| call_that_waits(source, category, statement))
}

fn named_in(source: &Source, complaint: &Complaint, scope: &Range<usize>) -> Option<Range<usize>> {
    let node = source.node_at(scope.clone())?;
    let found = |wanted: &dyn Fn(Node<'_>) -> bool| {
        descendants(node)
            .filter(|node| scope.contains(&node.start_byte()))
            .find(|node| wanted(*node))
            .map(|node| node.byte_range())
    };
    let text_is = |node: Node<'_>, text: &str| source.slice(node) == text;
    let attribute = |name: &str| {
        found(&|node| node.kind() == "identifier" && text_is(node, name) && is_attribute(node))
            .or_else(|| found(&|node| is_string(source, node, name)))
            .or_else(|| found(&|node| in_dotted_string(source, node, name)).map(|range| last_word(source, range, name)))
    };
    let identifier = |name: &str| found(&|node| node.kind() == "identifier" && text_is(node, name));
    let call = |function: &str| callee(source, node, scope, function);
    match complaint {
        Complaint::NoModule { module } => module_in(source, module, &found),
        Complaint::NoImport { name, .. } => found(&|node| is_imported_name(node) && text_is(node, name)),
        Complaint::NoAttribute { name, .. } => attribute(name),
        Complaint::NoName { name } => {
            found(&|node| node.kind() == "identifier" && text_is(node, name) && !is_attribute(node))
        }
        Complaint::NoFixture { name }
        | Complaint::AsyncFixture { fixture: name, .. }
        | Complaint::ScopeMismatch { fixture: name, .. } => {
            identifier(name).or_else(|| found(&|node| is_string(source, node, name)))
        }
        Complaint::UnexpectedKeyword { keyword, .. } => found(&|node| {
            text_is(node, keyword) && node.parent().is_some_and(|parent| parent.kind() == "keyword_argument")
        }),
        Complaint::GivenTwice { name, function } => {
            found(&|node| text_is(node, name) && is_keyword_name(node)).or_else(|| call(function))
        }
        Complaint::MissingArguments { function, .. } | Complaint::TooManyPositionals { function, .. } => call(function),
        Complaint::NoKey { key } => found(&|node| is_string(source, node, key))
            .or_else(|| found(&|node| text_is(node, key) && is_subscript(node))),
        Complaint::FixtureCalled { name } => call(name),
        Complaint::NotRaised { expected } => identifier(expected.rsplit('.').next().unwrap_or(expected)),
        Complaint::PatternMissed { .. } => found(&|node| node.kind() == "string" && is_match_value(source, node)),
        _ => None,
    }
}

/// The condition of a failing `assert`, the arguments of a failing `self.assert…`.
fn condition(source: &Source, line: &Range<usize>, statement: &Range<usize>) -> Option<Range<usize>> {
    let node = source.statement_at(line.start)?;
    if node.kind() != "assert_statement" || node.byte_range() != *statement {
        return None;
    }
    node.named_child(0).map(|condition| condition.byte_range())
}

/// The `timeout=30` of the statement that waited in vain.
fn call_that_waits(source: &Source, category: Category, statement: &Range<usize>) -> Option<Range<usize>> {
    if category != Category::TimeoutError {
        return None;
    }
    let node = source.node_at(statement.clone())?;
    descendants(node)
        .filter(|node| statement.contains(&node.start_byte()) && node.kind() == "keyword_argument")
        .find(|node| node.child_by_field_name("name").is_some_and(|name| source.slice(name).contains("timeout")))
        .map(|node| node.byte_range())
}

/// The first broken piece of syntax on the line, else what stands there.
fn syntax_error(source: &Source, line: &Range<usize>) -> Option<Range<usize>> {
    let broken = descendants(source.root())
        .filter(|node| node.is_error() || node.is_missing())
        .map(|node| node.byte_range())
        .find(|range| range.start < line.end && range.end >= line.start)?;
    let range = broken.start.max(line.start)..broken.end.min(line.end);
    (!range.is_empty()).then_some(range)
}

/// The name of the called function: `Cart.add` is called as `.add(…)`, `Cart.__init__` as `Cart(…)`.
fn callee(source: &Source, node: Node<'_>, scope: &Range<usize>, function: &str) -> Option<Range<usize>> {
    let mut names = function.rsplit('.');
    let last = names.next()?;
    let name = if matches!(last, "__init__" | "__new__" | "__call__") { names.next().unwrap_or(last) } else { last };
    descendants(node)
        .filter(|node| scope.contains(&node.start_byte()) && node.kind() == "call")
        .filter_map(|call| last_name(call.child_by_field_name("function")?))
        .find(|callee| source.slice(*callee) == name)
        .map(|callee| callee.byte_range())
}

/// `c` of `a.b.c`, `f` of `f`.
pub(crate) fn last_name(expression: Node<'_>) -> Option<Node<'_>> {
    match expression.kind() {
        "identifier" => Some(expression),
        "attribute" => expression.child_by_field_name("attribute"),
        _ => None,
    }
}

/// The range of the first node that is wanted.
type Find<'a> = dyn Fn(&dyn Fn(Node<'_>) -> bool) -> Option<Range<usize>> + 'a;

/// The dotted name of an import statement: the whole name or the first part of it that is missing.
fn module_in(source: &Source, module: &str, found: &Find<'_>) -> Option<Range<usize>> {
    let names = |node: Node<'_>| {
        let text = source.slice(node);
        text == module || text.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'))
    };
    found(&|node| node.kind() == "dotted_name" && !is_imported_name(node) && names(node))
        .or_else(|| found(&|node| node.kind() == "dotted_name" && names(node)))
        .or_else(|| found(&|node| node.kind() == "string_content" && names(node)))
        .map(|range| range.start..range.start + module.len())
}

/// `total` of `cart.total`, and `Cart` of `case shop.Cart():`.
fn is_attribute(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        "attribute" => parent.child_by_field_name("attribute") == Some(node),
        "dotted_name" => {
            let is_pattern = |node: Node<'_>| matches!(node.kind(), "class_pattern" | "case_pattern");
            parent.parent().is_some_and(is_pattern) && parent.start_byte() < node.start_byte()
        }
        _ => false,
    })
}

fn is_keyword_name(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "keyword_argument" && parent.child_by_field_name("name").is_some_and(|name| name == node)
    })
}

fn is_subscript(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        let mut cursor = parent.walk();
        parent.kind() == "subscript" && parent.children_by_field_name("subscript", &mut cursor).any(|key| key == node)
    })
}

/// A name that an import statement takes out of a module: `c` in `from a import b as d, c`.
fn is_imported_name(node: Node<'_>) -> bool {
    let holder = node.parent().filter(|parent| parent.kind() == "aliased_import");
    let name = holder.unwrap_or(node);
    node.kind() == "dotted_name"
        && name.parent().is_some_and(|statement| {
            statement.kind() == "import_from_statement"
                && statement.child_by_field_name("module_name").is_none_or(|module| module != name)
        })
}

fn is_string(source: &Source, node: Node<'_>, content: &str) -> bool {
    node.kind() == "string" && string_content(source, node) == Some(content)
}

/// What stands between the quotes of a plain string: no interpolation, escapes as written.
pub(crate) fn string_content<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    let text = source.slice(node);
    let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let plain = !text[..text.len() - body.len()].contains(['f', 'F', 't', 'T']);
    let inner = |quote: &str| body.strip_prefix(quote)?.strip_suffix(quote);
    plain.then(|| inner("\"\"\"").or_else(|| inner("'''")).or_else(|| inner("\"")).or_else(|| inner("'")))?
}

/// `patch("shop.api.get")`: a dotted string with `name` as one of its parts.
fn in_dotted_string(source: &Source, node: Node<'_>, name: &str) -> bool {
    node.kind() == "string"
        && string_content(source, node).is_some_and(|content| {
            content.contains('.') && content.split('.').any(|part| part == name) && !content.contains(' ')
        })
}

fn last_word(source: &Source, range: Range<usize>, name: &str) -> Range<usize> {
    let at = source.text()[range.clone()].rfind(name).unwrap_or_default();
    range.start + at..range.start + at + name.len()
}

fn is_match_value(source: &Source, node: Node<'_>) -> bool {
    ancestors(node)
        .take_while(|node| node.kind() != "argument_list")
        .filter(|node| node.kind() == "keyword_argument")
        .any(|node| node.child_by_field_name("name").is_some_and(|name| source.slice(name) == "match"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Frame;

    /// The subject of a failure on the line of `text` that holds `$1`, which pytest printed as `printed`.
    #[track_caller]
    fn check_printed(text: &str, exc_type: &str, message: &str, printed: Option<&str>, expect: &str) {
        let line = text.lines().position(|line| line.contains("$1")).map_or(1, |line| line as u32 + 1);
        let text = text.replace("$1", "");
        let marked = text.find("$0").expect("a scene marks the subject");
        let text = text.replace("$0", "");
        let snapshot = Snapshot::in_memory([("tests/test_a.py", text.as_str())]);
        let frame =
            Frame { path: "tests/test_a.py".into(), line, text: printed.map(str::to_string), ..Frame::default() };
        let failure = Failure {
            nodeid: "tests/test_a.py::test_a".into(),
            path: Some("tests/test_a.py".into()),
            line: Some(line),
            exc_type: Some(exc_type.into()),
            message: Some(message.into()),
            frames: vec![frame],
            ..Failure::default()
        };
        let site = crate::diagnosis::diagnose(&snapshot, &std::sync::Arc::new(failure)).site.expect("a site");
        assert_eq!((site.range.start, &text[site.range]), (marked, expect));
    }

    #[track_caller]
    fn check(text: &str, exc_type: &str, message: &str, expect: &str) {
        check_printed(text, exc_type, message, None, expect);
    }

    #[test]
    fn an_attribute_is_not_the_variable_of_the_same_name() {
        let text = "def test_a():\n    total = cart.$0total$1(total)\n";
        check(text, "AttributeError", "'Cart' object has no attribute 'total'", "total");
    }

    #[test]
    fn an_attribute_in_a_later_line_of_the_statement() {
        let text = "def test_a():\n    $1assert f(\n        cart\n        .$0totl,\n    )\n";
        check(text, "AttributeError", "'Cart' object has no attribute 'totl'", "totl");
    }

    #[test]
    fn a_patched_attribute_is_a_part_of_the_string() {
        let text = "def test_a():\n    with patch(\"shop.api.$0get\") as get:$1\n        get.b()\n";
        check(text, "AttributeError", "<module 'shop.api' from '/p/a.py'> does not have the attribute 'get'", "get");
    }

    #[test]
    fn a_name_is_not_the_attribute_of_the_same_name() {
        check("def test_a():\n    shop.os($0os.sep)$1\n", "NameError", "name 'os' is not defined", "os");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        let printed = Some("from shop import total");
        let message = "cannot import name 'total' from 'shop' (/p/shop.py)";
        check_printed("\u{feff}from shop import $0total$1\n", "ImportError", message, printed, "total");
    }

    #[test]
    fn an_imported_name_is_not_its_module() {
        let text = "from cart import (\n    a,\n    $0cart as b,$1\n)\n";
        check(text, "ImportError", "cannot import name 'cart' from 'cart' (/p/cart.py)", "cart");
    }

    #[test]
    fn a_missing_module_is_the_part_that_is_missing() {
        let text = "from $0shop.cart.items import a$1\n";
        check(text, "ModuleNotFoundError", "No module named 'shop.cart'", "shop.cart");
    }

    #[test]
    fn a_keyword_is_its_name() {
        let text = "def test_a():\n    f(qty, g(qty=1), $0size=2)$1\n";
        check(text, "TypeError", "f() got an unexpected keyword argument 'size'", "size");
    }

    #[test]
    fn a_call_with_wrong_arguments_is_the_name_of_the_function() {
        let text = "def test_a():\n    f(shop.$0Cart(1))$1\n";
        check(text, "TypeError", "Cart.__init__() missing 1 required positional argument: 'sku'", "Cart");
    }

    #[test]
    fn a_key_is_the_literal_with_its_quotes() {
        check("def test_a():\n    phase = s[$0\"phase\"]$1\n", "KeyError", "'phase'", "\"phase\"");
    }

    #[test]
    fn a_fixture_is_the_parameter() {
        check("def test_a(a, $0clint):$1\n    clint()\n", "Failed", "fixture 'clint' not found", "clint");
    }

    #[test]
    fn a_failed_assert_is_its_condition() {
        check("def test_a():\n    assert $0a == 1, 'no'$1\n", "AssertionError", "no\nassert 2 == 1", "a == 1");
    }

    #[test]
    fn a_line_that_moved_is_found_by_its_text() {
        let text = "def test_a():$1\n\n\n    cart.$0totl()\n";
        let message = "'Cart' object has no attribute 'totl'";
        check_printed(text, "AttributeError", message, Some("    cart.totl()\n"), "totl");
    }

    #[test]
    fn a_line_that_was_edited_is_nowhere() {
        let snapshot = Snapshot::in_memory([("t.py", "def test_a():\n    cart.total()\n")]);
        let frame = Frame { path: "t.py".into(), line: 2, text: Some("cart.totl()".into()), ..Frame::default() };
        let failure = Failure { path: Some("t.py".into()), line: Some(2), frames: vec![frame], ..Failure::default() };
        assert_eq!(site(&snapshot, &failure, Category::Unknown, &Complaint::Other), None);
    }

    #[test]
    fn the_statement_of_a_with_is_its_header() {
        let text = "def test_a():\n    with f(x):\n        a()\n        b()\n";
        let source = Source::parse(text);
        assert_eq!(&text[statement(&source, &source.code_on_line(2).unwrap())], "with f(x):");
        assert_eq!(&text[statement(&source, &source.code_on_line(3).unwrap())], "a()");
    }

    /// A conftest whose fixture calls the product, which raises.
    #[test]
    fn a_fixture_that_fails_in_the_product_stands_in_the_conftest() {
        crate::fixture::check(
            r#"
#- garage.py
class Garage:
    def __init__(self, **config):
        raise TypeError("unknown settings")
#- tests/conftest.py
import pytest
from garage import Garage

@pytest.fixture
def garage():
    $0return Garage(bays=2)
#- tests/test_garage.py
def test_free(garage):
    assert garage
#- test_run.log
==================================== ERRORS ====================================
_________________________ ERROR at setup of test_free __________________________

    @pytest.fixture
    def garage():
>       return Garage(bays=2)

tests/conftest.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

    def __init__(self, **config):
>       raise TypeError("unknown settings")
E       TypeError: unknown settings

garage.py:3: TypeError
=========================== short test summary info ============================
ERROR tests/test_garage.py::test_free - TypeError: unknown settings
#- healed
no fix
"#,
        );
    }

    /// A helper of the tests that takes `halts` from the product, with the failing line of the helper and the fix.
    #[track_caller]
    fn check_helper(helper: &str, error: &str, healed: &str) {
        let plain = helper.replace("$0", "");
        crate::fixture::check(&format!(
            r#"
#- before: tram.py
class Line:
    def __init__(self, stops):
        self.stops = stops

    def last(self):
        return self.stops[-1]
#- tram.py
class Line:
    def __init__(self, halts):
        self.halts = halts

    def last(self):
        return self.halts[-1]
#- tests/builders.py
from tram import Line

def make_line(stops):
    {helper}
#- tests/test_line.py
from builders import make_line

def test_last():
    assert make_line(["Zoo"]).last() == "Zoo"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_last ___________________________________

    def test_last():
>       assert make_line(["Zoo"]).last() == "Zoo"

tests/test_line.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 

stops = ['Zoo']

    def make_line(stops):
>       {plain}
E       {error}

tests/builders.py:4: {kind}
=========================== short test summary info ============================
FAILED tests/test_line.py::test_last - {error}
#- healed
{healed}
"#,
            kind = error.split(':').next().unwrap_or_default(),
        ));
    }

    #[test]
    fn a_name_that_a_helper_writes_stands_in_the_helper() {
        check_helper(
            "return Line($0stops=list(stops))",
            "TypeError: Line.__init__() got an unexpected keyword argument 'stops'",
            "-    return Line(stops=list(stops))\n+    return Line(halts=list(stops))",
        );
        check_helper("return $0total(stops)", "NameError: name 'total' is not defined", "no fix");
    }
}
