//! Tables that a test gets row by row, or walks over: what an expression is in each row.

use crate::syntax::{Node, Source, ancestors, children, decorators, descendants};
use crate::workspace::fixtures::is_fixture;

use super::super::{Context, constructors, names};
use super::{cells, element, field, given, items, own_constant, table};

/// How many names stand between a check and the table at most.
const MOST_NAMES: usize = 4;

/// What `name` is in each row of the table that the test is parametrized with, gets from a fixture, or walks over.
pub(in super::super) fn rows<'c>(source: &'c Source, test: Node<'c>, name: &str) -> Vec<Node<'c>> {
    let holders = ancestors(test).filter(|node| node.kind() == "decorated_definition");
    let mut decorators = holders.flat_map(children).filter(|node| node.kind() == "decorator");
    if let Some((position, _, rows)) = decorators.find_map(|decorator| table(source, decorator, name)) {
        return rows.into_iter().filter_map(|row| cells(source, row).get(position).copied()).collect();
    }
    let mut loops = descendants(test).filter(|node| node.kind() == "for_statement");
    let walked = loops.find_map(|node| {
        walked(source, test, [node.child_by_field_name("left")?, node.child_by_field_name("right")?], name)
    });
    walked.or_else(|| of_fixture(source, test, name)).unwrap_or_default()
}

/// What `case["out"]`, `case.out` or a name that was given such is in each row; nothing where it comes from no table.
pub(super) fn read<'c>(ctx: &'c Context<'_>, test: Node<'c>, node: Node<'c>) -> Vec<Node<'c>> {
    read_through(ctx, test, node, MOST_NAMES)
}

/// The same for a name.
pub(super) fn named<'c>(ctx: &'c Context<'_>, test: Node<'c>, name: &str) -> Vec<Node<'c>> {
    named_through(ctx, test, name, MOST_NAMES)
}

fn read_through<'c>(ctx: &'c Context<'_>, test: Node<'c>, node: Node<'c>, names: usize) -> Vec<Node<'c>> {
    let object = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value"));
    let owners = || object.map(|object| read_through(ctx, test, object, names)).unwrap_or_default().into_iter();
    match node.kind() {
        "identifier" => named_through(ctx, test, ctx.source.slice(node), names),
        "attribute" => {
            let name = node.child_by_field_name("attribute").map_or("", |name| ctx.source.slice(name));
            owners().filter_map(|owner| field(ctx, owner, name)).collect()
        }
        "subscript" => {
            let Some(index) = node.child_by_field_name("subscript") else { return Vec::new() };
            let entries = || entries(ctx, test, object, index);
            let found: Vec<Node<'c>> = owners().filter_map(|owner| element(ctx.source, owner, index)).collect();
            if found.is_empty() { entries().unwrap_or_default() } else { found }
        }
        _ => Vec::new(),
    }
}

fn named_through<'c>(ctx: &'c Context<'_>, test: Node<'c>, name: &str, names: usize) -> Vec<Node<'c>> {
    let found = rows(ctx.source, test, name);
    let Some(left) = names.checked_sub(1).filter(|_| found.is_empty()) else { return found };
    let given = |node: Node<'c>| {
        let path = place_in(ctx.source, node.child_by_field_name("left")?, name)?;
        Some((path, node.child_by_field_name("right")?))
    };
    let mut given = descendants(test).filter(|node| node.kind() == "assignment").filter_map(given);
    match (given.next(), given.next()) {
        (Some((path, value)), None) => at(&path, read_through(ctx, test, value, left)),
        _ => Vec::new(),
    }
}

/// Every entry of the constant `CASES` of `CASES[name]`.
fn entries<'c>(
    ctx: &'c Context<'_>,
    test: Node<'c>,
    object: Option<Node<'c>>,
    index: Node<'c>,
) -> Option<Vec<Node<'c>>> {
    let name = object.filter(|object| object.kind() == "identifier" && index.kind() == "identifier")?;
    let whole = own_constant(ctx, test, ctx.source.slice(name)).filter(|whole| whole.kind() == "dictionary")?;
    Some(items(whole).into_iter().filter_map(|entry| entry.child_by_field_name("value")).collect())
}

/// What `name` is in each row of what a loop walks over: a table, several side by side (`zip`), one that is numbered.
fn walked<'c>(
    source: &'c Source,
    function: Node<'c>,
    [target, iterated]: [Node<'c>; 2],
    name: &str,
) -> Option<Vec<Node<'c>>> {
    let called = iterated.child_by_field_name("function").map(|called| source.slice(called));
    let arguments = || positional(iterated);
    let parts = || Some(items(target)).filter(|_| is_pattern(target));
    match called {
        Some("enumerate") => {
            let parts = parts().filter(|parts| parts.len() == 2)?;
            walked(source, function, [parts[1], *arguments().first()?], name)
        }
        Some("zip") => {
            let (parts, arguments) = (parts()?, arguments());
            let mut sides = parts.into_iter().zip(arguments);
            sides.find_map(|(part, table)| walked(source, function, [part, table], name))
        }
        _ => {
            let path = place_in(source, target, name)?;
            Some(at(&path, of_table(source, function, iterated)?))
        }
    }
}

/// The rows of a table that is written there or named: the values of `CASES.values()`.
pub(super) fn of_table<'c>(source: &'c Source, function: Node<'c>, written: Node<'c>) -> Option<Vec<Node<'c>>> {
    let called = written.child_by_field_name("function").filter(|_| written.kind() == "call");
    let last = called.map(|called| source.slice(crate::diagnosis::locate::last_name(called).unwrap_or(called)));
    match last {
        Some("list" | "tuple") => of_table(source, function, *positional(written).first()?),
        Some("values") => {
            let table = given::table(source, function, called?.child_by_field_name("object")?)?;
            let values = items(table).into_iter().map(|entry| entry.child_by_field_name("value"));
            values.collect::<Option<_>>().filter(|_| table.kind() == "dictionary")
        }
        _ => {
            let table = given::table(source, function, written)?;
            matches!(table.kind(), "list" | "tuple" | "dictionary").then(|| items(table))
        }
    }
}

/// The values of `@pytest.fixture(params=[…])` that the fixture hands on as they are.
fn of_fixture<'c>(source: &'c Source, test: Node<'c>, name: &str) -> Option<Vec<Node<'c>>> {
    let parameters = test.child_by_field_name("parameters")?;
    let is_asked = children(parameters).any(|it| names::parameter_name(source, it) == Some(name));
    let is_it = |node: &Node<'c>| {
        node.kind() == "function_definition"
            && node.child_by_field_name("name").is_some_and(|own| source.slice(own) == name)
    };
    let mut found = descendants(source.root()).filter(is_it);
    let fixture = found.next().filter(|_| is_asked && found.next().is_none())?;
    let hands_on = given::value(fixture).is_some_and(|value| source.slice(value) == "request.param");
    if !hands_on || !is_fixture(source, fixture) {
        return None;
    }
    own_params(source, fixture)
}

/// What `@pytest.fixture(params=[…])` gives a fixture, row by row.
fn own_params<'c>(source: &'c Source, fixture: Node<'c>) -> Option<Vec<Node<'c>>> {
    let is_params = |node: &Node<'c>| {
        node.kind() == "keyword_argument"
            && node.child_by_field_name("name").is_some_and(|own| source.slice(own) == "params")
    };
    let params = decorators(fixture).flat_map(descendants).find(is_params)?;
    let rows = of_table(source, fixture.parent()?, params.child_by_field_name("value")?)?;
    let is_param = |row: Node<'c>| {
        row.child_by_field_name("function").is_some_and(|function| source.slice(function).ends_with("param"))
    };
    let row = |row: Node<'c>| if is_param(row) { cells(source, row).first().copied() } else { Some(row) };
    rows.into_iter().map(row).collect()
}

/// Every `request.param` of a fixture: its own `params`, and what the tests of the file give it by `indirect`.
pub(in super::super) fn params<'c>(source: &'c Source, fixture: Node<'c>) -> Vec<Node<'c>> {
    let name = fixture.child_by_field_name("name").map_or("", |name| source.slice(name));
    let tables = descendants(source.root()).filter(|node| node.kind() == "decorator");
    let given = tables.filter(|decorator| source.slice(*decorator).contains("indirect")).filter_map(|decorator| {
        let (position, _, rows) = table(source, decorator, name)?;
        Some(rows.into_iter().filter_map(move |row| cells(source, row).get(position).copied()))
    });
    own_params(source, fixture).into_iter().flatten().chain(given.flatten()).collect()
}

/// What stands at `path` in each row.
fn at<'c>(path: &[usize], rows: Vec<Node<'c>>) -> Vec<Node<'c>> {
    let step = |node: Node<'c>, at: &usize| match node.kind() {
        // A named tuple is taken apart by its places.
        "call" => constructors::fields(node)?.get(*at).filter(|field| field.keyword.is_none()).map(|field| field.value),
        _ => items(node).get(*at).copied(),
    };
    let cell = |row: Node<'c>| path.iter().try_fold(super::literals::inner(row), step);
    rows.into_iter().filter_map(cell).map(super::literals::inner).collect()
}

/// The way to `name` through the tuples of a target.
fn place_in(source: &Source, target: Node<'_>, name: &str) -> Option<Vec<usize>> {
    match target.kind() {
        "identifier" => (source.slice(target) == name).then(Vec::new),
        _ if is_pattern(target) => items(target).into_iter().enumerate().find_map(|(at, part)| {
            let mut path = place_in(source, part, name)?;
            path.insert(0, at);
            Some(path)
        }),
        _ => None,
    }
}

fn is_pattern(target: Node<'_>) -> bool {
    matches!(target.kind(), "pattern_list" | "tuple_pattern" | "list_pattern")
}

/// The arguments of a call that no keyword names.
fn positional(call: Node<'_>) -> Vec<Node<'_>> {
    let all = call.child_by_field_name("arguments").into_iter().flat_map(children);
    all.filter(|node| !matches!(node.kind(), "comment" | "keyword_argument")).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A test over the rows of a table, where the row of `milk` gives something else now than the commit alone shows.
    fn scene(test: &str, name: &str, healed: &str) -> String {
        let line = test.lines().position(|line| line.contains("assert")).expect("a test checks") + 1;
        let failing = test.lines().nth(line - 1).unwrap_or_default().trim();
        format!(
            r#"
#- before: shop.py
def price(name):
    return len(name) * 10
#- shop.py
def price(name):
    return len(name) * 12
#- tests/test_shop.py
{test}
#- test_run.log
=================================== FAILURES ===================================
_______________________________ {name} ________________________________

    def test_price():
>       {failing}
E       assert 48 == 40

tests/test_shop.py:{line}: AssertionError
=========================== short test summary info ============================
FAILED tests/test_shop.py::{name} - assert 48 == 40
#- healed
{healed}
"#
        )
    }

    /// The same for a test of its own, whose table stands on the line that changes.
    fn changes(test: &str, line: &str) {
        let healed = format!("-{line}\n+{}", line.replacen("40", "48", 1));
        check(&scene(test, "test_price", &healed));
    }

    const IMPORT: &str = "from shop import price\n\n";

    #[test]
    fn tables_that_are_walked_over_side_by_side_or_numbered() {
        let test = |head: &str, it: &str| format!("{IMPORT}def test_price():\n{head}\n        {it}\n");
        for head in [
            "    for name, wanted in zip([\"tea\", \"milk\"], [30, 40]):",
            "    for at, (name, wanted) in enumerate([(\"tea\", 30), (\"milk\", 40)]):",
        ] {
            changes(&test(head, "assert price(name) == wanted"), head);
            let fed = test(head, "assert price(name, wanted) == wanted");
            check(&scene(&fed, "test_price", "no fix: changes the input to `48`, which the project does not show"));
        }
    }

    #[test]
    fn rows_that_may_say_nothing() {
        let head = "    for name, wanted in [(\"tea\", None), (\"milk\", 40)]:";
        let asks = |asked: &str| {
            let body = format!(
                "        if {asked}:\n            wanted = len(name) * 10\n        assert price(name) == wanted\n"
            );
            format!("{IMPORT}def test_price():\n{head}\n{body}")
        };
        changes(&asks("wanted is None"), head);
        let refused = "no fix: changes the input to `48`, which the project does not show";
        for asked in ["wanted is name", "fits(wanted)", "wanted > 40"] {
            check(&scene(&asks(asked), "test_price", refused));
        }
    }

    #[test]
    fn rows_that_are_mappings_or_objects() {
        for (row, read) in [
            ("{\"name\": \"milk\", \"out\": 40}", ["[\"name\"]", "[\"out\"]"]),
            ("Case(name=\"milk\", out=40)", [".name", ".out"]),
        ] {
            let table = format!("CASES = [{row}]");
            let [name, out] = read;
            let checks = format!("    for case in CASES:\n        assert price(case{name}) == case{out}\n");
            let test = format!("{IMPORT}{table}\n\ndef test_price():\n");
            changes(&format!("{test}{checks}"), &table);
            let named = format!("        wanted = case{out}\n        assert");
            changes(
                &format!(
                    "{test}{}",
                    checks.replace("        assert", &named).replace(&format!("== case{out}"), "== wanted")
                ),
                &table,
            );
            for fed in [format!("price(case{name}, case{out})"), format!("price(case{name}, case)")] {
                let fed = checks.replace(&format!("price(case{name})"), &fed);
                check(&scene(
                    &format!("{test}{fed}"),
                    "test_price",
                    "no fix: changes the input to `48`, which the project does not show",
                ));
            }
        }
    }

    #[test]
    fn rows_that_a_fixture_gives() {
        let head = "@pytest.fixture(params=[(\"tea\", 30), (\"milk\", 40)])";
        let test = |body: &str, check: &str| {
            format!(
                "import pytest\n{IMPORT}{head}\ndef case(request):\n    {body}\n\ndef test_price(case):\n    {check}\n"
            )
        };
        let healed = format!("-{head}\n+{}", head.replace("40", "48"));
        let check_it = |body: &str, it: &str, healed: &str| check(&scene(&test(body, it), "test_price[case1]", healed));
        check_it("return request.param", "assert price(case[0]) == case[1]", &healed);
        check_it("return request.param", "name, wanted = case\n    assert price(name) == wanted", &healed);
        check_it("return load(request.param)", "assert price(case[0]) == case[1]", "no fix");
        check_it(
            "return request.param",
            "assert price(*case) == case[1]",
            "no fix: changes the input to `48`, which the project does not show",
        );
    }

    #[test]
    fn rows_that_have_names() {
        let table = "CASES = {\"one\": (\"tea\", 30), \"two\": (\"milk\", 40)}";
        let test = |check: &str| {
            format!(
                "import pytest\n{IMPORT}{table}\n\n@pytest.mark.parametrize(\"key\", CASES)\ndef test_price(key):\n    {check}\n"
            )
        };
        let healed = format!("-{table}\n+{}", table.replace("40", "48"));
        let check_it = |it: &str, healed: &str| check(&scene(&test(it), "test_price[two]", healed));
        check_it("name, wanted = CASES[key]\n    assert price(name) == wanted", &healed);
        check_it(
            "name, wanted = CASES[key]\n    assert price(name, wanted) == wanted",
            "no fix: changes the input to `48`, which the project does not show",
        );
    }
}
