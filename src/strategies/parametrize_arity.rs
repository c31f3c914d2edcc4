//! `parametrize` whose names do not fit its rows or its function: the names follow, no row is ever dropped.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children};
use crate::text::Edit;

use super::calls::{Argument, arguments};
use super::confidence::Odds;
use super::{Context, Strategy, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "parametrize-arity",
    categories: &[Category::FixtureError],
    summary: "Names in `parametrize` what its rows hold and its function asks for.",
    example: r#"
#- tests/test_sum.py
import pytest

@pytest.mark.parametrize($0"a, b", [(1, 2, 3), (4, 5, 9)])
def test_sum(a, b, total):
    assert a + b == total
#- test_run.log
==================================== ERRORS ====================================
______________________ ERROR collecting tests/test_sum.py ______________________
tests/test_sum.py::test_sum: in "parametrize" the number of names (2):
  ['a', 'b']
must be equal to the number of values (3):
  (1, 2, 3)
=========================== short test summary info ============================
ERROR tests/test_sum.py - Failed: tests/test_sum.py::test_sum: in "parametrize" ...
#- healed
-@pytest.mark.parametrize("a, b", [(1, 2, 3), (4, 5, 9)])
+@pytest.mark.parametrize("a, b, total", [(1, 2, 3), (4, 5, 9)])
"#,
    propose: parametrize_arity,
};

fn parametrize_arity(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::Parametrize { .. } = ctx.complaint() else { return None };
    let table = Table::at(ctx)?;
    let (title, edit, asks) = table.renamed(ctx).or_else(|| table.requested(ctx))?;
    let rows = format!("each of the {} rows has {}", table.rows, table.width);
    let line = ctx.source.line_of(table.values.start_byte());
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, &ctx.site.path, ctx.source.line_of(table.function.start_byte()), asks),
        Evidence::at(EvidenceKind::Example, &ctx.site.path, line, rows),
        Evidence::hint(ctx.message().lines().next().unwrap_or_default()),
    ];
    let confidence = Odds::of(&evidence).doubt(0.6).confidence();
    fixes.push(Fix { title, strategy: STRATEGY.id, edits: vec![edit], confidence, evidence, tier: Tier::Safe });
    Some(())
}

/// A `parametrize` decorator whose rows are all of one width, with the function below it.
struct Table<'t> {
    /// The node that holds the names, and the names.
    written: Node<'t>,
    names: Vec<String>,
    values: Node<'t>,
    rows: usize,
    width: usize,
    function: Node<'t>,
    /// The parameters that are this decorator's to fill.
    wanted: Vec<String>,
}

impl<'t> Table<'t> {
    fn at(ctx: &'t Context<'_>) -> Option<Self> {
        let source = ctx.source;
        let decorator = ancestors(ctx.node()?).find(|node| node.kind() == "decorator")?;
        let call = decorator.named_child(0)?;
        let all = arguments(source, call);
        let value = |position: usize, keyword: &str| {
            let found = |argument: &&Argument| argument.keyword.as_deref() == Some(keyword);
            let positional = all.get(position).filter(|argument| argument.keyword.is_none());
            source.node_at(positional.or_else(|| all.iter().find(found))?.value.clone())
        };
        let (written, values) = (value(0, "argnames")?, value(1, "argvalues")?);
        let names = names_in(source, written)?;
        let widths: Option<Vec<usize>> = literals::inner(values).named_child(0).and_then(|_| {
            let rows = children(values).filter(|row| row.kind() != "comment");
            matches!(values.kind(), "list" | "tuple").then(|| rows.map(|row| width_of(source, row)).collect())?
        });
        let widths = widths?;
        let width = *widths.first()?;
        let decorated = decorator.parent()?;
        let function = decorated.child_by_field_name("definition")?;
        let wanted = wanted(ctx, decorated, decorator, function, &names);
        widths.iter().all(|other| *other == width).then_some(Self {
            written,
            names,
            values,
            rows: widths.len(),
            width,
            function,
            wanted,
        })
    }

    /// The function asks for as many arguments as a row has: these are the names.
    fn renamed(&self, ctx: &Context<'_>) -> Option<(String, Edit, String)> {
        let kept = |names: &[String], other: &[String]| -> Vec<String> {
            names.iter().filter(|name| other.contains(name)).cloned().collect()
        };
        let in_order = kept(&self.names, &self.wanted) == kept(&self.wanted, &self.names);
        if self.wanted.len() != self.width || self.wanted == self.names || !in_order || self.width < 2 {
            return None;
        }
        let text = written_like(ctx.source, self.written, &self.wanted)?;
        let asks = format!("the function asks for {}", listed(&self.wanted));
        Some((format!("Name the values {}", listed(&self.wanted)), ctx.replace(self.written.byte_range(), text), asks))
    }

    /// The names fit the rows, and the body reads a name that the function does not ask for.
    fn requested(&self, ctx: &Context<'_>) -> Option<(String, Edit, String)> {
        let mut missing = self.names.iter().filter(|name| !self.wanted.contains(name));
        let (name, None) = (missing.next()?, missing.next()) else { return None };
        let body = self.function.child_by_field_name("body")?;
        let reads =
            !names::uses_in(ctx.source, body, name).is_empty() && !names::binds(ctx.source, self.function, name);
        if self.names.len() != self.width || self.wanted.len() + 1 != self.width || !reads {
            return None;
        }
        let parameters = self.function.child_by_field_name("parameters")?;
        let edit = match children(parameters).last() {
            Some(last) => Edit::insert(&ctx.site.path, last.end_byte(), format!(", {name}")),
            None => Edit::insert(&ctx.site.path, parameters.start_byte() + 1, name.clone()),
        };
        Some((format!("Ask for the parameter `{name}`"), edit, format!("the function reads `{name}`")))
    }
}

/// The parameter that a value of a `parametrize` table fills, with the function below.
pub(super) fn filled_by<'t>(source: &'t Source, value: Node<'t>) -> Option<(String, Node<'t>)> {
    let mut column = None;
    let mut inner = value;
    for outer in ancestors(value).skip(1) {
        let position = || children(outer).position(|child| child == inner);
        let called = || source.slice(outer.parent()?.child_by_field_name("function")?).rsplit('.').next();
        match outer.kind() {
            "argument_list" if called() == Some("parametrize") => {
                let decorated = ancestors(outer).find(|node| node.kind() == "decorated_definition")?;
                let function = decorated.child_by_field_name("definition")?;
                let names = names_in(source, outer.named_child(0)?)?;
                // One name alone is filled by whole rows.
                let name = names.get(if names.len() == 1 { 0 } else { column? })?;
                return (function.kind() == "function_definition").then(|| (name.clone(), function));
            }
            "argument_list" if called() == Some("param") => column = position(),
            // The table itself stands in the call.
            "tuple" | "list" if outer.parent()?.kind() != "argument_list" => column = position(),
            "tuple" | "list" => {}
            "call" if inner.kind() == "argument_list" => {}
            _ => return None,
        }
        inner = outer;
    }
    None
}

/// The parameters that neither a fixture nor another decorator fills.
fn wanted(ctx: &Context<'_>, decorated: Node<'_>, own: Node<'_>, function: Node<'_>, names: &[String]) -> Vec<String> {
    let source = ctx.source;
    let fixtures = ctx.snapshot.fixtures_at(&ctx.site.path, function.start_byte());
    let others: Vec<String> = children(decorated)
        .filter(|node| node.kind() == "decorator" && *node != own)
        .filter_map(|decorator| decorator.named_child(0).filter(|call| source.slice(*call).contains(".parametrize")))
        .filter_map(|call| call.child_by_field_name("arguments")?.named_child(0))
        .filter_map(|written| names_in(source, written))
        .flatten()
        .collect();
    let parameters = function.child_by_field_name("parameters").into_iter().flat_map(children);
    let plain = parameters.filter(|node| matches!(node.kind(), "identifier" | "typed_parameter"));
    let is_ours = |name: &String| {
        let filled = others.contains(name) || fixtures.iter().any(|fixture| fixture.name == *name);
        name != "self" && (names.contains(name) || !filled)
    };
    plain.filter_map(|node| names::parameter_name(source, node)).map(str::to_string).filter(is_ours).collect()
}

/// `"a, b"`, `["a", "b"]`, `("a", "b")`.
fn names_in(source: &Source, written: Node<'_>) -> Option<Vec<String>> {
    match written.kind() {
        "string" => {
            let text = literals::string_value(source, written)?;
            Some(text.split(',').map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect())
        }
        "list" | "tuple" => children(written).map(|item| literals::string_value(source, item)).collect(),
        _ => None,
    }
}

/// How many values a row has; `None` where it is made elsewhere.
fn width_of(source: &Source, row: Node<'_>) -> Option<usize> {
    match row.kind() {
        "tuple" | "list" => Some(children(row).filter(|item| item.kind() != "comment").count()),
        "call" if source.slice(row.child_by_field_name("function")?).ends_with("param") => {
            let values = arguments(source, row);
            let plain = values.iter().all(|argument| !argument.is_splat);
            plain.then(|| values.iter().filter(|argument| argument.keyword.is_none()).count())
        }
        _ => None,
    }
}

fn written_like(source: &Source, written: Node<'_>, names: &[String]) -> Option<String> {
    let text = source.slice(written);
    if written.kind() == "string" {
        let separator = if text.contains(',') && !text.contains(", ") { "," } else { ", " };
        return literals::requoted(text, &names.join(separator));
    }
    let model = source.slice(written.named_child(0)?);
    let items: Option<Vec<String>> = names.iter().map(|name| literals::requoted(model, name)).collect();
    Some(format!("{}{}{}", &text[..1], items?.join(", "), &text[text.len() - 1..]))
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[track_caller]
    fn scene(test: &str, message: &str, healed: &str) {
        check(&format!(
            "#- tests/test_sum.py\nimport pytest\n\n{test}#- test_run.log\n\
             ==================================== ERRORS ====================================\n\
             ______________________ ERROR collecting tests/test_sum.py ______________________\n{message}\n\
             =========================== short test summary info ============================\n\
             ERROR tests/test_sum.py - Failed: x\n#- healed\n{healed}\n"
        ));
    }

    #[test]
    fn a_renamed_parameter_is_named_as_the_function_has_it() {
        scene(
            "@pytest.mark.parametrize(['a', 'old'], [(1, 2), pytest.param(3, 4, id='x')])\ndef test_sum(a, new):\n    assert a + new\n",
            "In test_sum: function uses no argument 'old'",
            "-@pytest.mark.parametrize(['a', 'old'], [(1, 2), pytest.param(3, 4, id='x')])\n\
             +@pytest.mark.parametrize(['a', 'new'], [(1, 2), pytest.param(3, 4, id='x')])",
        );
    }

    #[test]
    fn a_value_that_the_body_reads_is_asked_for() {
        scene(
            "@pytest.mark.parametrize('a,b', [(1, 2)])\ndef test_sum(a):\n    assert a + b\n",
            "In test_sum: function uses no argument 'b'",
            "-def test_sum(a):\n+def test_sum(a, b):",
        );
    }

    #[test]
    fn rows_of_different_widths_are_no_fix() {
        scene(
            "@pytest.mark.parametrize('a, b', [(1, 2), (4, 5, 9)])\ndef test_sum(a, b):\n    assert a + b\n",
            "tests/test_sum.py::test_sum: in \"parametrize\" the number of names (2):\n  ['a', 'b']\n\
             must be equal to the number of values (3):\n  (4, 5, 9)",
            "no fix",
        );
    }

    #[test]
    fn a_column_that_nothing_reads_is_not_dropped() {
        scene(
            "@pytest.mark.parametrize('a, b', [(1, 2)])\ndef test_sum(a):\n    assert a\n",
            "In test_sum: function uses no argument 'b'",
            "no fix",
        );
    }
}
