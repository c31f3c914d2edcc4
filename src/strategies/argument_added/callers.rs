//! What the product's own callers pass for a parameter, as far as the test can pass it too.

use std::ops::Range;

use crate::diagnosis::locate;
use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::strategies::calls::{self, Callee};
use crate::strategies::{Context, carried, names};
use crate::syntax::{Node, Source, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::symbols::{Parameter, SymbolKind};
use crate::workspace::usages::Usage;

/// Callers that are looked at.
const MOST_CALLERS: usize = 60;

/// What one caller of the product passes.
pub(super) struct Passed {
    pub(super) text: String,
    pub(super) evidence: Evidence,
    pub(super) is_literal: bool,
    pub(super) tier: Tier,
    pub(super) imports: Vec<Edit>,
}

/// What the product itself passes for the parameter: literals, and objects that the test can have too.
pub(super) fn passed_by_callers(ctx: &Context<'_>, name: &str, callee: &Callee, parameter: &Parameter) -> Vec<Passed> {
    let mut found = Vec::new();
    each_call(ctx, name, |usage, source, call| {
        let Some(value) = argument_for(source, call, callee, &parameter.name) else { return };
        let says = |text: &str| format!("passes `{text}` for `{}`", parameter.name);
        let evidence = |text: &str| Evidence::at(EvidenceKind::Example, &usage.path, usage.line, says(text));
        if is_literal(source, value.clone()) {
            let text = source.text()[value].to_string();
            let evidence = evidence(&text);
            found.push(Passed { text, evidence, is_literal: true, tier: Tier::Safe, imports: Vec::new() });
        } else if let Some((node, tier)) = source.node_at(value).and_then(|node| object(ctx, &usage.path, source, node))
        {
            let text = source.slice(node).to_string();
            let Some(imports) = carried::imports_for(ctx, &text, &usage.path) else { return };
            found.push(Passed { evidence: evidence(&text), text, is_literal: false, tier, imports });
        }
    });
    found
}

/// Shows each call of `name` in the product.
pub(super) fn each_call(ctx: &Context<'_>, name: &str, mut show: impl FnMut(&Usage, &Source, Node<'_>)) {
    for usage in ctx.snapshot.usages(name, MOST_CALLERS) {
        let Some(source) = ctx.snapshot.source(&usage.path).filter(|_| !usage.path.is_test_code()) else { continue };
        let code = source.code_on_line(usage.line);
        let Some(statement) = code.and_then(|code| source.statement_at(code.start)) else { continue };
        let is_call = |node: &Node<'_>| {
            let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
            function.and_then(locate::last_name).is_some_and(|last| source.slice(last) == name)
        };
        descendants(statement).filter(is_call).for_each(|call| show(&usage, &source, call));
    }
}

/// The expression of a caller that makes or names an object wherever it stands: a constant, a class that is called with
/// such, what a variable of the caller was set to. What a function gives may depend on when it is asked.
fn object<'s>(ctx: &Context<'_>, path: &FilePath, source: &'s Source, value: Node<'s>) -> Option<(Node<'s>, Tier)> {
    let value = if value.kind() == "identifier" { set_to(source, value)? } else { value };
    let is_fixed = |node: &Node<'_>| {
        matches!(
            node.kind(),
            "call"
                | "argument_list"
                | "keyword_argument"
                | "identifier"
                | "attribute"
                | "string"
                | "string_start"
                | "string_content"
                | "string_end"
                | "integer"
                | "float"
                | "true"
                | "false"
                | "none"
                | "list"
                | "dictionary"
                | "pair"
                | "tuple"
                | "unary_operator"
        )
    };
    let function = source.function_at(value.start_byte());
    let is_own = |node: Node<'_>| {
        let named = node.kind() == "identifier" && !names::is_label(node);
        named && function.is_some_and(|function| names::binds(source, function, source.slice(node)))
    };
    if !matches!(value.kind(), "identifier" | "attribute" | "call")
        || !descendants(value).all(|node| is_fixed(&node) && !is_own(node) || !node.is_named())
    {
        return None;
    }
    let makes = |call: Node<'_>| {
        let called = call.child_by_field_name("function").map(|function| source.slice(function)).unwrap_or_default();
        let class = ctx.snapshot.resolve(path, call.start_byte(), called);
        class.is_some_and(|symbol| symbol.kind == SymbolKind::Class)
    };
    let all_made = descendants(value).filter(|node| node.kind() == "call").all(makes);
    Some((value, if all_made { Tier::Safe } else { Tier::Review }))
}

/// What a variable of the function was set to, once; a name of the module stands for itself.
fn set_to<'s>(source: &'s Source, name: Node<'s>) -> Option<Node<'s>> {
    let text = source.slice(name);
    let Some(function) = source.function_at(name.start_byte()).filter(|scope| names::binds(source, *scope, text))
    else {
        return Some(name);
    };
    let is_target = |node: &Node<'_>| {
        node.kind() == "assignment"
            && node
                .child_by_field_name("left")
                .is_some_and(|left| left.kind() == "identifier" && source.slice(left) == text)
    };
    let mut set = descendants(function).filter(is_target);
    let only = set.next().filter(|_| set.next().is_none())?;
    let uses = names::uses_of(source, function, text).count();
    // What else the caller does with it may be what the function needs.
    only.child_by_field_name("right").filter(|_| uses == 2)
}

/// The bytes of what a call passes for the parameter `name`.
pub(super) fn argument_for(source: &Source, call: Node<'_>, callee: &Callee, name: &str) -> Option<Range<usize>> {
    let arguments = calls::arguments(source, call);
    if arguments.iter().any(|argument| argument.is_splat) {
        return None;
    }
    let by_keyword = arguments.iter().find(|argument| argument.keyword.as_deref() == Some(name));
    let index = callee.positions().position(|parameter| parameter.name == name);
    let by_place = || arguments.get(index?).filter(|argument| argument.keyword.is_none());
    by_keyword.or_else(by_place).map(|argument| argument.value.clone())
}

fn is_literal(source: &Source, range: Range<usize>) -> bool {
    source.node_at(range).is_some_and(|node| {
        matches!(node.kind(), "none" | "true" | "false" | "integer" | "float" | "string" | "list" | "dictionary")
            && !descendants(node).any(|inner| inner.kind() == "identifier")
    })
}
