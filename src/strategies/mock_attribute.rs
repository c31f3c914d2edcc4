//! A mock of which the product asks an attribute since a commit, where any mock says yes: the test sets what keeps the
//! way that it took.

mod defaults;
mod reads;

use crate::diagnosis::{Category, locate};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

use super::calls::{self, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, fakes, runs};

use reads::Read;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "mock-attribute",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::KeyError,
        Category::LogicError,
        Category::ResourceError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Gives a mock the value of a new option that keeps the old way, where any mock says yes, for a person to accept.",
    example: r#"
#- before: shop.py
def run(env):
    return env.name.upper()
#- shop.py
def run(env):
    if env.options.no_capture:
        return None
    return env.name.upper()
#- tests/test_run.py
from unittest.mock import MagicMock
from shop import run

def test_run():
    env = MagicMock()
    env.name = "tea"
    assert $0run(env) == "TEA"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

    def test_run():
        env = MagicMock()
        env.name = "tea"
>       assert run(env) == "TEA"
E       AssertionError: assert None == 'TEA'

tests/test_run.py:7: AssertionError
#- healed
+    env.options.no_capture = False
"#,
    propose: mock_attribute,
};

fn mock_attribute(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let mocks = |text: &str| MOCKS.iter().any(|name| text.contains(name));
    let mut reads: Option<Vec<Read>> = None;
    let mut look = |home: &Context<'_>| {
        if mocks(home.source.text()) {
            let reads = reads.get_or_insert_with(|| reads::reads(ctx));
            fixes.extend(
                made(home).iter().flat_map(|double| reads.iter().filter_map(|read| fix(ctx, home, double, read))),
            );
        }
    };
    look(ctx);
    fakes::look_beside(ctx, look);
    Some(())
}

fn fix(ctx: &Context<'_>, home: &Context<'_>, double: &Double<'_>, read: &Read) -> Option<Fix> {
    let path = double.asked(ctx, home, &read.chain)?;
    let evidence = vec![Evidence::commit(&read.commit, read.says.clone())];
    Some(Fix {
        title: format!("Set `{path}` of the mock to `{}`", read.value),
        strategy: STRATEGY.id,
        edits: vec![double.set(home, &path, &read.value)?],
        confidence: Odds::of(&evidence).doubt(0.5).confidence(),
        evidence,
        tier: Tier::Review,
    })
}

const MOCKS: [&str; 4] = ["Mock", "MagicMock", "NonCallableMock", "NonCallableMagicMock"];

/// A mock that a function makes which the test runs.
struct Double<'c> {
    /// `MagicMock()`.
    call: Node<'c>,
    /// What the test calls it: the variable, the fixture that gives it.
    names: Vec<String>,
}

/// The mocks that the test, its fixtures, helpers and set-up make.
fn made<'c>(ctx: &'c Context<'_>) -> Vec<Double<'c>> {
    let calls = runs::functions(ctx).into_iter().flat_map(|function| {
        descendants(function).filter(|node| node.kind() == "call").map(move |call| (function, call))
    });
    calls.filter(|(_, call)| is_mock(ctx, *call)).map(|(function, call)| Double::of(ctx, function, call)).collect()
}

fn is_mock(ctx: &Context<'_>, call: Node<'_>) -> bool {
    let class = call.child_by_field_name("function").and_then(locate::last_name);
    class.is_some_and(|name| MOCKS.contains(&ctx.source.slice(name)))
}

impl<'c> Double<'c> {
    fn of(ctx: &Context<'_>, function: Node<'_>, call: Node<'c>) -> Self {
        let gives = |text: &str| {
            let is_given = |node: Node<'_>| node.named_child(0).is_some_and(|value| ctx.source.slice(value) == text);
            descendants(function).any(|node| matches!(node.kind(), "return_statement" | "yield") && is_given(node))
        };
        let own = function.child_by_field_name("name").map(|name| ctx.source.slice(name).to_string());
        let variable = assigned(call).and_then(|left| left.child_by_field_name("left"));
        let variable = variable.map(|left| ctx.source.slice(left).to_string());
        let text = variable.as_deref().unwrap_or(ctx.source.slice(call));
        let given = own.filter(|_| gives(text)).into_iter().flat_map(|name| [format!("{name}()"), name]);
        Self { call, names: variable.clone().into_iter().chain(given).collect() }
    }

    /// What the product asks of this mock by that chain of names, where the mock comes to be one of them:
    /// `options.no_capture` of `env.options.no_capture` where the test passes it as `env`.
    fn asked(&self, ctx: &Context<'_>, home: &Context<'_>, chain: &[String]) -> Option<String> {
        let (at, _) = chain.iter().enumerate().rev().skip(1).find(|(_, name)| self.becomes(ctx, home, name))?;
        let path = &chain[at + 1..];
        let is_free = |context: &Context<'_>| self.names.iter().all(|name| !is_told(context, name, path));
        let own = calls::arguments(home.source, self.call);
        let is_told = own.iter().any(|argument| argument.is_splat || argument.keyword.as_ref() == path.first());
        (!is_told && is_free(ctx) && is_free(home)).then(|| path.join("."))
    }

    /// Whether the mock is handed to the product as `name`.
    fn becomes(&self, ctx: &Context<'_>, home: &Context<'_>, name: &str) -> bool {
        let plain = name.trim_start_matches('_');
        let is_it = |context: &Context<'_>, node: Node<'_>| {
            let is_own = std::ptr::eq(context.source, home.source) && node == self.call;
            is_own || self.names.iter().any(|name| name == context.source.slice(node))
        };
        let takes = |context: &Context<'_>, node: Node<'_>| match node.kind() {
            "call" => passed(context, node, |value| is_it(context, value)).is_some_and(|parameter| parameter == plain),
            "assignment" => {
                let sides = node.child_by_field_name("left").zip(node.child_by_field_name("right"));
                sides.is_some_and(|(left, right)| is_it(context, right) && is_attribute(context, left, name))
            }
            _ => false,
        };
        [ctx, home]
            .iter()
            .any(|context| runs::functions(context).into_iter().flat_map(descendants).any(|node| takes(context, node)))
    }

    /// The mock with a value for the path: by an assignment where it has a name, else as an argument.
    fn set(&self, home: &Context<'_>, path: &str, value: &str) -> Option<Edit> {
        let variable = assigned(self.call);
        let name = variable.and_then(|outer| outer.child_by_field_name("left"));
        let statement = variable.and_then(|outer| outer.parent()).filter(|it| it.kind() == "expression_statement");
        if let Some((name, statement)) = name.zip(statement) {
            let indent = " ".repeat(statement.start_position().column);
            let line = format!("\n{indent}{}.{path} = {value}", home.source.slice(name));
            return Some(Edit::insert(&home.site.path, statement.end_byte(), line));
        }
        let list = self.call.child_by_field_name("arguments")?;
        let (at, comma) = match children(list).filter(|node| node.kind() != "comment").last() {
            Some(last) => (last.end_byte(), ", "),
            None => (list.end_byte() - 1, ""),
        };
        let given = if path.contains('.') { format!("**{{\"{path}\": {value}}}") } else { format!("{path}={value}") };
        Some(Edit::insert(&home.site.path, at, format!("{comma}{given}")))
    }
}

/// `env = MagicMock()`, with one name on the left.
fn assigned(call: Node<'_>) -> Option<Node<'_>> {
    let outer = call.parent().filter(|outer| outer.child_by_field_name("right") == Some(call))?;
    let left = outer.child_by_field_name("left").filter(|_| outer.kind() == "assignment")?;
    matches!(left.kind(), "identifier" | "attribute").then_some(outer)
}

/// `cart.env` for `env`; what the test keeps for itself is none of the product's.
fn is_attribute(ctx: &Context<'_>, left: Node<'_>, name: &str) -> bool {
    let owner = left.child_by_field_name("object").map_or("self", |owner| ctx.source.slice(owner));
    let own = left.child_by_field_name("attribute").map(|own| ctx.source.slice(own));
    own == Some(name) && !matches!(owner, "self" | "cls")
}

/// The parameter of the product's function for which the call passes such a value.
fn passed(ctx: &Context<'_>, call: Node<'_>, is_it: impl Fn(Node<'_>) -> bool) -> Option<String> {
    let arguments = calls::arguments(ctx.source, call);
    let at = arguments.iter().position(|it| ctx.source.node_at(it.value.clone()).is_some_and(&is_it))?;
    let symbol = ctx.snapshot.callee(&ctx.site.path, call.byte_range()).filter(|it| !it.path.is_test_code())?;
    if let Some(keyword) = &arguments[at].keyword {
        return Some(keyword.clone());
    }
    let callee = Callee { signature: symbol.signature.clone()?, symbol };
    callee.positions().nth(at).map(|parameter| parameter.name.clone())
}

/// Whether the file gives the mock something for the path, or for what stands on the way.
fn is_told(ctx: &Context<'_>, name: &str, path: &[String]) -> bool {
    let told: Vec<String> = (1..=path.len()).map(|end| format!("{name}.{}", path[..end].join("."))).collect();
    descendants(ctx.source.root()).filter(|node| node.kind() == "assignment").any(|node| {
        let left = node.child_by_field_name("left").map_or("", |left| ctx.source.slice(left));
        told.iter().any(|told| told == left)
    })
}

#[cfg(test)]
mod tests;
