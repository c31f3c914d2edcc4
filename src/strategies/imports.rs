//! Import lines: reading, adding, renaming and removing them in the style of the file.

use std::ops::Range;

use crate::diagnosis::stdlib;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;

use super::Context;

/// One name that an import statement takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Imported {
    /// The module of `from module import name`; for `import a.b` the module itself.
    pub(super) module: String,
    /// The name taken from the module; `None` for `import a.b`.
    pub(super) name: Option<String>,
    /// The name that it has here.
    pub(super) local: String,
    /// The bytes of `name as local`, or of `a.b as local`.
    pub(super) range: Range<usize>,
    /// The bytes of the dotted name or name alone.
    pub(super) name_range: Range<usize>,
    /// The bytes of the module in `from module`.
    pub(super) module_range: Option<Range<usize>>,
    /// The bytes of the statement.
    pub(super) statement: Range<usize>,
}

/// All imports of a file, those inside functions too.
pub(super) fn imports(source: &Source) -> Vec<Imported> {
    descendants(source.root())
        .filter(|node| matches!(node.kind(), "import_statement" | "import_from_statement" | "future_import_statement"))
        .flat_map(|statement| names_of(source, statement))
        .collect()
}

/// The names that one import statement takes in.
pub(super) fn names_of(source: &Source, statement: Node<'_>) -> Vec<Imported> {
    let module = statement.child_by_field_name("module_name");
    let mut cursor = statement.walk();
    statement
        .children_by_field_name("name", &mut cursor)
        .map(|item| {
            let name = item.child_by_field_name("name").unwrap_or(item);
            let alias = item.child_by_field_name("alias");
            let text = source.slice(name).to_string();
            let local = alias.map_or_else(
                || if module.is_some() { text.clone() } else { text.split('.').next().unwrap_or(&text).to_string() },
                |alias| source.slice(alias).to_string(),
            );
            Imported {
                module: module.map_or_else(|| text.clone(), |module| source.slice(module).to_string()),
                name: module.map(|_| text.clone()),
                local,
                range: item.byte_range(),
                name_range: name.byte_range(),
                module_range: module.map(|module| module.byte_range()),
                statement: statement.byte_range(),
            }
        })
        .collect()
}

/// An edit that takes `imported` out of its statement, and the statement out of the file where nothing
/// else is left in it.
pub(super) fn remove(source: &Source, path: &FilePath, imported: &Imported) -> Option<Edit> {
    let statement = source.node_at(imported.statement.clone())?;
    let names = names_of(source, statement);
    if names.len() == 1 {
        return whole(source, path, imported);
    }
    let index = names.iter().position(|name| name.range == imported.range)?;
    let text = source.text();
    let range = match names.get(index + 1) {
        Some(next) => imported.range.start..next.range.start,
        None => {
            // The last name: a trailing comma stays with the name before.
            let before = &names[index - 1].range;
            let comma_follows = text[imported.range.end..imported.statement.end].trim_start().starts_with(',');
            let start = if comma_follows { names_end_with_comma(text, before) } else { before.end };
            let end = if comma_follows { names_end_with_comma(text, &imported.range) } else { imported.range.end };
            start..end
        }
    };
    Some(Edit::replace(path, range, ""))
}

/// Edits that take several names of one statement out of it.
pub(super) fn remove_all(source: &Source, path: &FilePath, gone: &[Imported]) -> Vec<Edit> {
    let Some(statement) = gone.first().and_then(|first| source.node_at(first.statement.clone())) else {
        return Vec::new();
    };
    let names = names_of(source, statement);
    let is_gone = |name: &Imported| gone.iter().any(|other| other.range == name.range);
    if names.iter().all(is_gone) {
        return names.first().and_then(|only| whole(source, path, only)).into_iter().collect();
    }
    if gone.len() == 1 {
        return remove(source, path, &gone[0]).into_iter().collect();
    }
    // Runs of names that go, each with what stands before the next name that stays.
    let mut edits = Vec::new();
    let mut index = 0;
    while index < names.len() {
        if !is_gone(&names[index]) {
            index += 1;
            continue;
        }
        let first = index;
        while index < names.len() && is_gone(&names[index]) {
            index += 1;
        }
        let range = match names.get(index) {
            Some(next) => names[first].range.start..next.range.start,
            None => names[first - 1].range.end..names[index - 1].range.end,
        };
        edits.push(Edit::replace(path, range, ""));
    }
    edits
}

fn whole(source: &Source, path: &FilePath, imported: &Imported) -> Option<Edit> {
    Some(Edit::replace(path, whole_lines(source, &imported.statement), ""))
}

fn names_end_with_comma(text: &str, range: &Range<usize>) -> usize {
    text[range.end..].find(',').map_or(range.end, |at| range.end + at + 1)
}

/// The statement with its indent and line end.
fn whole_lines(source: &Source, range: &Range<usize>) -> Range<usize> {
    let text = source.text();
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let alone = text[start..range.start].trim().is_empty();
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    let rest_is_empty = text[range.end..end].trim().is_empty();
    if alone && rest_is_empty { start..end } else { range.clone() }
}

/// An edit that makes `from module import name` (or `import module` where `name` is `None`) hold: into
/// the existing statement of that module, else as a line of its own where isort would put it.
pub(super) fn add(ctx: &Context<'_>, module: &str, name: Option<&str>) -> Option<Edit> {
    add_to(ctx.snapshot, &ctx.site.path, ctx.source, (module, name))
}

/// The same for any file.
pub(super) fn add_to(
    snapshot: &Snapshot,
    path: &FilePath,
    source: &Source,
    (module, name): (&str, Option<&str>),
) -> Option<Edit> {
    added(source, path, (module, name), |module| section(snapshot, module))
}

/// The sections of isort, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Standard,
    Installed,
    Project,
    Relative,
}

fn section(snapshot: &Snapshot, module: &str) -> Section {
    let top = first_part(module);
    match snapshot.module(top) {
        _ if module.starts_with('.') => Section::Relative,
        _ if stdlib::is_stdlib(top) => Section::Standard,
        Some(path) if path.is_inside() => Section::Project,
        _ => Section::Installed,
    }
}

fn added(
    source: &Source,
    path: &FilePath,
    (module, name): (&str, Option<&str>),
    section: impl Fn(&str) -> Section,
) -> Option<Edit> {
    let top: Vec<Node<'_>> = import_block(source);
    if let Some(name) = name {
        let same = top.iter().find(|statement| {
            statement.child_by_field_name("module_name").is_some_and(|node| source.slice(node) == module)
        });
        if let Some(edit) = same.and_then(|statement| add_name(source, path, *statement, name)) {
            return Some(edit);
        }
    }
    let line = name.map_or_else(|| format!("import {module}"), |name| format!("from {module} import {name}"));
    let text = source.text();
    let end = line_end(text);
    let after = |statement: &Node<'_>, gap: &str| {
        let at = text[statement.end_byte()..].find('\n').map_or(text.len(), |at| statement.end_byte() + at + 1);
        let line_before = if at == text.len() && !text.ends_with('\n') { end } else { "" };
        Edit::insert(path, at, format!("{line_before}{gap}{line}{end}"))
    };
    let before =
        |statement: &Node<'_>, gap: &str| Edit::insert(path, statement.start_byte(), format!("{line}{end}{gap}"));
    let key = |is_from: bool, module: &str| (is_from, module.to_lowercase());
    let new = key(name.is_some(), module);
    let neighbours = neighbours(source, &top, module, &section);
    let is_earlier =
        |statement: &&Node<'_>| key(statement.kind() == "import_from_statement", module_of(source, **statement)) <= new;
    if let Some(last) = neighbours.iter().rev().find(|statement| is_earlier(statement)) {
        return Some(after(last, ""));
    }
    if let Some(first) = neighbours.first() {
        return Some(before(first, ""));
    }
    let own = section(module);
    if let Some(next) = top.iter().find(|statement| section(module_of(source, **statement)) > own) {
        return Some(before(next, end));
    }
    if let Some(last) = top.last() {
        return Some(after(last, end));
    }
    let at = after_docstring(source);
    let defines = ["def ", "async def ", "class ", "@"].iter().any(|start| text[at..].starts_with(start));
    let (above, below) = match at {
        0 => ("", if defines { end.repeat(2) } else { end.to_string() }),
        _ => (end, String::new()),
    };
    Some(Edit::insert(path, at, format!("{above}{line}{end}{below}")))
}

/// Edits of the rule engine with each import that comes where it belongs: in a statement that is there, in its section.
pub(super) fn placed(ctx: &Context<'_>, edits: Vec<Edit>) -> Vec<Edit> {
    let place = |edit: Edit| {
        let is_here = edit.range.is_empty() && edit.path == ctx.site.path;
        let line = edit.text.strip_suffix('\n').filter(|line| is_here && !line.contains('\n'));
        let parts = line.and_then(|line| match line.strip_prefix("from ") {
            Some(rest) => rest.split_once(" import ").map(|(module, name)| (module, Some(name))),
            None => line.strip_prefix("import ").map(|module| (module, None)),
        });
        parts.and_then(|(module, name)| add(ctx, module, name)).unwrap_or(edit)
    };
    edits.into_iter().map(place).collect()
}

/// The imports among which one of `module` belongs: those of the same package, else those of its section.
fn neighbours<'t>(
    source: &Source,
    top: &[Node<'t>],
    module: &str,
    section: &impl Fn(&str) -> Section,
) -> Vec<Node<'t>> {
    let those = |is_near: &dyn Fn(&str) -> bool| -> Vec<Node<'t>> {
        top.iter().filter(|statement| is_near(module_of(source, **statement))).copied().collect()
    };
    let same_package = those(&|other| first_part(other) == first_part(module));
    if same_package.is_empty() { those(&|other| section(other) == section(module)) } else { same_package }
}

/// Whether `from module import name`, or `import module` where `name` is `None`, finds what it asks for.
pub(super) fn is_there(ctx: &Context<'_>, module: &str, name: Option<&str>) -> bool {
    let Some(name) = name.filter(|name| *name != "*") else { return ctx.snapshot.has_module(module) };
    let members = ctx.snapshot.module_members(module);
    ctx.snapshot.has_module(module)
        && (members.open
            || members.symbols.iter().any(|symbol| symbol.name == name)
            || ctx.snapshot.has_module(&format!("{module}.{name}")))
}

/// The dotted name of what the file calls `module`, whether it is there or not: `shop.cart` for `.cart` in `shop`.
pub(super) fn absolute(ctx: &Context<'_>, module: &str) -> Option<String> {
    absolute_in(ctx, &ctx.site.path, module)
}

/// The same for another file.
pub(super) fn absolute_in(ctx: &Context<'_>, path: &FilePath, module: &str) -> Option<String> {
    let below = module.trim_start_matches('.');
    let Some(above) = (module.len() - below.len()).checked_sub(1) else { return Some(module.to_string()) };
    let package = package(ctx, path)?;
    let kept = package.len().checked_sub(above).filter(|kept| *kept > 0)?;
    let parts = package[..kept].iter().map(String::as_str).chain(Some(below).filter(|below| !below.is_empty()));
    Some(parts.collect::<Vec<_>>().join("."))
}

/// `module` as the file writes it where `old` stood: with dots for a module of its own package, where `old` had some.
pub(super) fn written_like(ctx: &Context<'_>, old: &str, module: &str) -> String {
    let relative = || {
        let package = package(ctx, &ctx.site.path).filter(|_| old.starts_with('.'))?;
        let parts: Vec<&str> = module.split('.').collect();
        let shared = package.iter().zip(&parts).take_while(|(own, part)| own == part).count();
        let dots = ".".repeat(package.len() - shared + 1);
        (shared > 0).then(|| dots + &parts[shared..].join("."))
    };
    relative().unwrap_or_else(|| module.to_string())
}

/// The parts of the package that a file is in.
fn package(ctx: &Context<'_>, path: &FilePath) -> Option<Vec<String>> {
    let dotted = ctx.snapshot.dotted_name(path)?;
    let mut parts: Vec<String> = dotted.split('.').map(str::to_string).collect();
    if !path.as_str().ends_with("__init__.py") {
        parts.pop();
    }
    Some(parts)
}

/// `shop` of `shop.cart`.
pub(super) fn first_part(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// Top-level imports at the head of the file, `from __future__` left out.
fn import_block(source: &Source) -> Vec<Node<'_>> {
    children(source.root()).filter(|node| matches!(node.kind(), "import_statement" | "import_from_statement")).collect()
}

fn module_of<'s>(source: &'s Source, statement: Node<'_>) -> &'s str {
    let module = statement.child_by_field_name("module_name").or_else(|| statement.child_by_field_name("name"));
    module.map_or("", |node| source.slice(node.child_by_field_name("name").unwrap_or(node)))
}

fn add_name(source: &Source, path: &FilePath, statement: Node<'_>, name: &str) -> Option<Edit> {
    let names = names_of(source, statement);
    let last = names.last()?;
    // isort's order, constants before classes before functions, else the plain one; else at the end.
    let order = [by_type, by_name]
        .into_iter()
        .find(|key| names.windows(2).all(|pair| key(local(&pair[0])) <= key(local(&pair[1]))));
    let next = order.and_then(|key| names.iter().find(|other| key(local(other)) > key(name)));
    let separator = separator(source, &names);
    Some(match next {
        Some(next) => Edit::insert(path, next.range.start, format!("{name}{separator}")),
        None => Edit::insert(path, last.range.end, format!("{separator}{name}")),
    })
}

fn local(imported: &Imported) -> &str {
    imported.name.as_deref().unwrap_or_default()
}

fn by_type(name: &str) -> (u8, String) {
    let is_constant = name.len() > 1 && name.to_uppercase() == name && name.chars().any(char::is_alphabetic);
    let kind = match name.chars().next() {
        _ if is_constant => 0,
        Some(first) if first.is_uppercase() => 1,
        _ => 2,
    };
    (kind, name.to_lowercase())
}

fn by_name(name: &str) -> (u8, String) {
    (0, name.to_lowercase())
}

/// What stands between two names: `, `, or a comma, a line end and an indent.
fn separator(source: &Source, names: &[Imported]) -> String {
    match names {
        [first, second, ..] => source.text()[first.range.end..second.range.start].to_string(),
        [only] => {
            let text = source.text();
            let start = text[..only.range.start].rfind('\n').map_or(0, |at| at + 1);
            let indent = &text[start..only.range.start];
            let own_line = indent.trim().is_empty() && !indent.is_empty();
            if own_line { format!(",{}{indent}", line_end(text)) } else { ", ".to_string() }
        }
        [] => ", ".to_string(),
    }
}

/// The line end of the text: that of its first line.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn after_docstring(source: &Source) -> usize {
    let text = source.text();
    let head = children(source.root()).take_while(|node| {
        node.kind() == "comment"
            || node.kind() == "future_import_statement"
            || (node.kind() == "expression_statement"
                && node.named_child(0).is_some_and(|child| child.kind() == "string"))
    });
    let end = head.last().map_or(0, |node| node.end_byte());
    if end == 0 { 0 } else { text[end..].find('\n').map_or(text.len(), |at| end + at + 1) }
}

/// The import statement around a byte.
pub(super) fn statement_around(source: &Source, offset: usize) -> Option<Node<'_>> {
    let node = source.root().descendant_for_byte_range(offset, offset)?;
    ancestors(node).find(|node| matches!(node.kind(), "import_statement" | "import_from_statement"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply;

    #[track_caller]
    fn added(text: &str, module: &str, name: Option<&str>, expect: &str) {
        let section = |module: &str| match first_part(module) {
            "" => Section::Relative,
            "shop" => Section::Project,
            top if stdlib::is_stdlib(top) => Section::Standard,
            _ => Section::Installed,
        };
        let path = FilePath::new("t.py");
        let edit = super::added(&Source::parse(text), &path, (module, name), section).unwrap();
        assert_eq!(apply(text, &[edit]).unwrap(), expect);
    }

    #[track_caller]
    fn removed(text: &str, local: &str, expect: &str) {
        let source = Source::parse(text);
        let imported = imports(&source).into_iter().find(|imported| imported.local == local).unwrap();
        let edit = remove(&source, &FilePath::new("t.py"), &imported).unwrap();
        assert_eq!(apply(text, &[edit]).unwrap(), expect);
    }

    #[test]
    fn a_name_joins_the_import_of_its_module() {
        added("from shop import a, c\n", "shop", Some("b"), "from shop import a, b, c\n");
        added(
            "from shop import (\n    a,\n    c,\n)\n",
            "shop",
            Some("d"),
            "from shop import (\n    a,\n    c,\n    d,\n)\n",
        );
        added("from shop import (\n    b,\n)\n", "shop", Some("a"), "from shop import (\n    a,\n    b,\n)\n");
    }

    #[test]
    fn a_new_line_goes_where_isort_puts_it() {
        added("import sys\n\nimport pytest\n", "os", None, "import os\nimport sys\n\nimport pytest\n");
        added("import pytest\n", "os", None, "import os\n\nimport pytest\n");
        added("import os\n\nimport pytest\n", "shop", Some("A"), "import os\n\nimport pytest\n\nfrom shop import A\n");
        added(
            "import os\n\ndef test_a(): ...\n",
            "shop",
            Some("A"),
            "import os\n\nfrom shop import A\n\ndef test_a(): ...\n",
        );
    }

    #[test]
    fn a_new_section_goes_between_the_others() {
        added("import shop\n", "pytest", None, "import pytest\n\nimport shop\n");
        added(
            "import os\n\nfrom shop import A\n",
            "pytest",
            None,
            "import os\n\nimport pytest\n\nfrom shop import A\n",
        );
        added("import time\nimport yaml\n", "pytest", None, "import time\nimport pytest\nimport yaml\n");
        added("from .helpers import a\n", "shop", None, "import shop\n\nfrom .helpers import a\n");
    }

    #[test]
    fn a_file_without_imports_gets_one_after_its_docstring() {
        added(
            "\"\"\"Tests.\"\"\"\n\ndef test_a(): ...\n",
            "os",
            None,
            "\"\"\"Tests.\"\"\"\n\nimport os\n\ndef test_a(): ...\n",
        );
        added("def test_a(): ...\n", "os", None, "import os\n\n\ndef test_a(): ...\n");
        added("X = 1\n", "os", None, "import os\n\nX = 1\n");
    }

    #[test]
    fn windows_line_ends_stay() {
        added("import sys\r\n", "os", None, "import os\r\nimport sys\r\n");
    }

    #[test]
    fn a_name_leaves_its_statement_and_the_statement_the_file() {
        removed("from shop import a, b, c\n", "a", "from shop import b, c\n");
        removed("from shop import a, b, c\n", "c", "from shop import a, b\n");
        removed("from shop import (\n    a,\n    b,\n)\n", "b", "from shop import (\n    a,\n)\n");
        removed("from shop import (\n    a,\n    b,\n)\n", "a", "from shop import (\n    b,\n)\n");
        removed("import os\nfrom shop import a\nimport sys\n", "a", "import os\nimport sys\n");
        removed("from shop import a as b\n", "b", "");
    }
}
