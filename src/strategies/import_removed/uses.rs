//! The uses of a name that goes: without it the file is collected as before, and each test that needs it fails.

use std::ops::Range;

use crate::strategies::{Context, names, parametrize_arity};
use crate::syntax::{Node, Source, ancestors, children, descendants, is_in_body};
use crate::text::Edit;

/// The edits after which only running tests look `name` up; `None` where something else needs it while the file is
/// collected, or a test would pass without it.
pub(super) fn called_late(ctx: &Context<'_>, name: &str) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for range in names::uses(ctx.source, name) {
        let node = ctx.source.node_at(range)?;
        match is_in_body(node) {
            true if is_hushed(ctx.source, node) => return None,
            true => {}
            false => edits.push(called_in_its_test(ctx, node)?),
        }
    }
    Some(edits)
}

/// Whether the file has a test that does without the names, or none at all.
pub(super) fn leaves_a_test(ctx: &Context<'_>, gone: &[&str]) -> bool {
    let is_test = |function: &Node<'_>| {
        let name = function.child_by_field_name("name").filter(|_| function.kind() == "function_definition");
        name.is_some_and(|name| ctx.source.slice(name).starts_with("test"))
    };
    let uses: Vec<Range<usize>> = gone.iter().flat_map(|name| names::uses(ctx.source, name)).collect();
    let mut tests = descendants(ctx.source.root()).filter(is_test).map(|test| test.byte_range()).peekable();
    tests.peek().is_none() || tests.any(|test| !uses.iter().any(|used| test.contains(&used.start)))
}

/// Whether a name that nothing defines goes unnoticed at `node`: `raises(Exception)`, `except NameError`.
fn is_hushed(source: &Source, node: Node<'_>) -> bool {
    let takes_name_errors = |node: Node<'_>| {
        let is_word = |c: char| !(c.is_alphanumeric() || c == '_');
        source.slice(node).split(is_word).any(|word| ["Exception", "BaseException", "NameError"].contains(&word))
    };
    ancestors(node).skip(1).take_while(|outer| outer.kind() != "function_definition").any(|outer| match outer.kind() {
        "with_statement" => children(outer).any(|clause| clause.kind() == "with_clause" && takes_name_errors(clause)),
        "try_statement" => children(outer).filter(|clause| clause.kind().starts_with("except")).any(|clause| {
            // `except:` names nothing and takes everything.
            children(clause).next().is_none_or(|caught| caught.kind() == "block" || takes_name_errors(caught))
        }),
        _ => false,
    })
}

/// A function among the values of `parametrize` whose test does nothing but call it: it is looked up there.
fn called_in_its_test(ctx: &Context<'_>, node: Node<'_>) -> Option<Edit> {
    let source = ctx.source;
    let (parameter, function) = parametrize_arity::filled_by(source, node)?;
    let body = function.child_by_field_name("body")?;
    let is_called = |node: Node<'_>| {
        let is_callee = |call: Node<'_>| call.kind() == "call" && call.child_by_field_name("function") == Some(node);
        node.parent().is_some_and(is_callee) && !is_hushed(source, node)
    };
    let is_parameter =
        |node: &Node<'_>| node.kind() == "identifier" && source.slice(*node) == parameter && !names::is_label(*node);
    let uses: Vec<Node<'_>> = descendants(body).filter(is_parameter).collect();
    let is_called = !uses.is_empty() && uses.into_iter().all(is_called);
    let name = source.slice(node);
    is_called.then(|| ctx.replace(node.byte_range(), format!("lambda *args: {name}(*args)")))
}
