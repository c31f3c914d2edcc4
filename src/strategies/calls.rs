//! The call that refused its arguments: its parts in the test, and the signature of what it calls.

use std::ops::Range;

use crate::diagnosis::locate::last_name;
use crate::fix::{Evidence, EvidenceKind};
use crate::report::{Failure, Outcome};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::symbols::{Parameter, ParameterKind, Signature, Symbol, SymbolKind};

use super::{Context, checks, imports};

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// The keyword, where there is one.
    pub(super) keyword: Option<String>,
    /// `*args` or `**kwargs`.
    pub(super) is_splat: bool,
    /// The bytes of the value.
    pub(super) value: Range<usize>,
    /// The bytes of the whole argument.
    pub(super) range: Range<usize>,
}

/// What is called, with the name that people know it by.
pub(super) struct Callee {
    pub(super) symbol: Symbol,
    pub(super) signature: Signature,
}

/// The call at the subject of the failure: its function's name or one of its arguments stands there; else the only
/// call of the statement.
pub(super) fn call_at<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let only = || {
        let mut calls = descendants(ctx.statement()?).filter(|node| node.kind() == "call");
        calls.next().filter(|_| calls.next().is_none())
    };
    at_subject(ctx).or_else(only)
}

fn at_subject<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let node = ctx.node()?;
    ancestors(node).find(|node| {
        node.kind() == "call"
            && node.child_by_field_name("function").zip(node.child_by_field_name("arguments")).is_some_and(
                |(function, arguments)| {
                    let at = ctx.site.range.start;
                    let is_name = last_name(function).is_some_and(|name| name.start_byte() == at);
                    is_name || arguments.byte_range().contains(&at)
                },
            )
    })
}

/// The calls of the file that are written like `call` and mean the same: in the whole file where the name that
/// the call begins with is the file's own, else in the function that binds it; and those of the test that call the same
/// of another object.
pub(super) fn same_calls<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Vec<Node<'c>> {
    let Some(function) = call.child_by_field_name("function") else { return vec![call] };
    let text = ctx.source.slice(function);
    let first = text.split(['.', '(', '[']).next().unwrap_or(text);
    let binder = ancestors(call)
        .filter(|node| node.kind() == "function_definition")
        .find(|node| first == "self" || super::names::binds(ctx.source, *node, first));
    descendants(binder.unwrap_or_else(|| ctx.source.root()))
        .filter(|node| node.kind() == "call")
        .filter(|node| node.child_by_field_name("function").is_some_and(|other| ctx.source.slice(other) == text))
        .chain(of_other_objects(ctx, call, function))
        .collect()
}

/// The calls of the same test that call the same method of another object, `Cart().add(1)` beside `cart.add(2)`; in the
/// failing statement also of an object that may be one, where the product has no other method by that name.
fn of_other_objects<'c>(ctx: &'c Context<'_>, call: Node<'c>, function: Node<'c>) -> Vec<Node<'c>> {
    let (Some(name), Some(test)) = (last_name(function), ctx.source.function_at(call.start_byte())) else {
        return Vec::new();
    };
    let (text, name) = (ctx.source.slice(function), ctx.source.slice(name));
    let callee = |call: Node<'_>| ctx.snapshot.callee(&ctx.site.path, call.byte_range());
    let is_method = |symbol: &Symbol| symbol.kind == SymbolKind::Method && !symbol.path.is_test_code();
    let mut methods = ctx.snapshot.definitions(name);
    methods.retain(|symbol| !symbol.path.is_test_code());
    let only = methods.pop().filter(|_| methods.is_empty() && !is_pythons_method(name));
    let Some(own) = callee(call).or_else(|| only.clone()).filter(is_method) else { return Vec::new() };
    let is_own = |symbol: &Symbol| symbol.path == own.path && symbol.qualified == own.qualified;
    let statement = &ctx.site.statement;
    let is_near = |node: Node<'_>| statement.start <= node.start_byte() && node.end_byte() <= statement.end;
    let is_it = |other: &Node<'_>| match callee(*other) {
        Some(symbol) => is_own(&symbol),
        None => only.as_ref().is_some_and(is_own) && is_near(*other) && is_near(call) && !is_imported(ctx, *other),
    };
    let is_named_so = |other: &Node<'_>| {
        let asked = other.child_by_field_name("function").filter(|asked| asked.kind() == "attribute");
        let said = asked.and_then(last_name).is_some_and(|last| ctx.source.slice(last) == name);
        said && asked.is_some_and(|asked| ctx.source.slice(asked) != text)
    };
    let calls = descendants(test).filter(|node| node.kind() == "call");
    calls.filter(is_named_so).filter(is_it).collect()
}

/// Whether what is called begins with a name that the file imports: `prices` of `prices.add(1)`.
fn is_imported(ctx: &Context<'_>, call: Node<'_>) -> bool {
    let first = call
        .child_by_field_name("function")
        .and_then(|function| ctx.source.slice(function).split(['.', '(', '[']).next());
    imports::imports(ctx.source).iter().any(|import| Some(import.local.as_str()) == first)
}

/// The same calls, but not `call` itself and none of a test that the run saw end otherwise, or whose block must raise:
/// such a test is healed by its own failure, or not at all.
pub(super) fn failing_alike<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Vec<Node<'c>> {
    let test_of = |node: Node<'c>| ancestors(node).filter(|outer| outer.kind() == "function_definition").last();
    let own = test_of(call);
    let fails = |other: Node<'c>| {
        let test = test_of(other);
        test == own || (!checks::must_raise(ctx.source, other) && test.is_none_or(|test| may_fail_alike(ctx, test)))
    };
    same_calls(ctx, call).into_iter().filter(|other| *other != call && fails(*other)).collect()
}

/// Whether the run did not see the test, or saw it fail with the same complaint.
fn may_fail_alike(ctx: &Context<'_>, test: Node<'_>) -> bool {
    let is_of_test = |nodeid: &str| {
        let (path, domain) = nodeid.split_once("::").unwrap_or(("", nodeid));
        let is_here = path.is_empty() || ctx.snapshot.file_path(path) == ctx.site.path;
        is_here && ctx.source.test(domain) == Some(test)
    };
    let kind = |failure: &Failure| {
        let said = failure.message.as_deref().and_then(|message| message.split('(').next().map(str::to_string));
        (failure.exc_type.clone(), said)
    };
    let own = kind(&ctx.diagnosis.failure);
    let mut failures = ctx.report.failures.iter().filter(|failure| is_of_test(&failure.nodeid)).peekable();
    match failures.peek() {
        Some(_) => failures.any(|failure| kind(failure) == own),
        None => !ctx.report.outcomes.iter().any(|seen| seen.outcome == Outcome::Passed && is_of_test(&seen.nodeid)),
    }
}

/// The arguments of a call, in order.
pub(super) fn arguments(source: &Source, call: Node<'_>) -> Vec<Argument> {
    let Some(list) = call.child_by_field_name("arguments") else { return Vec::new() };
    let argument = |node: Node<'_>| {
        let is_splat = matches!(node.kind(), "list_splat" | "dictionary_splat");
        let keyword = (node.kind() == "keyword_argument").then(|| node.child_by_field_name("name")).flatten();
        let value = if keyword.is_some() { node.child_by_field_name("value")? } else { node };
        Some(Argument {
            keyword: keyword.map(|name| source.slice(name).to_string()),
            is_splat,
            value: value.byte_range(),
            range: node.byte_range(),
        })
    };
    children(list).filter(|node| node.kind() != "comment").filter_map(argument).collect()
}

/// What a call names, by what its function's name stands for there; else the only definition of the function in
/// the message.
pub(super) fn callee(ctx: &Context<'_>, call: Node<'_>, function: &str) -> Option<Callee> {
    let known = ctx.snapshot.callee(&ctx.site.path, call.byte_range()).filter(|symbol| symbol.signature.is_some());
    let symbol = known.or_else(|| by_message(ctx, function))?;
    let signature = symbol.signature.clone()?;
    Some(Callee { symbol, signature })
}

/// The class above the one that is called which the message names: it defines the constructor.
pub(super) fn inherited(ctx: &Context<'_>, callee: &Callee, function: &str) -> Option<Callee> {
    let class = function.strip_suffix(".__new__").or_else(|| function.strip_suffix(".__init__"))?;
    let class = super::renames::last_part(class);
    let bases = ctx.snapshot.bases(&callee.symbol);
    let base = bases.iter().skip(1).find(|base| super::renames::last_part(base) == class)?;
    let symbol = ctx.snapshot.named(base)?;
    let signature = symbol.signature.clone()?;
    Some(Callee { symbol, signature })
}

/// `Cart.add` is the member of the one class `Cart`, `Cart.__init__` is `Cart`, `add` the one function.
fn by_message(ctx: &Context<'_>, function: &str) -> Option<Symbol> {
    let parts: Vec<&str> = function.split('.').filter(|part| *part != "<locals>").collect();
    let only = |mut found: Vec<Symbol>| (found.len() == 1).then(|| found.remove(0));
    match parts.as_slice() {
        [.., class, "__init__" | "__new__"] => only(
            ctx.snapshot.definitions(class).into_iter().filter(|symbol| symbol.kind == SymbolKind::Class).collect(),
        ),
        [.., class, method] => {
            let of_class = format!(".{class}.{method}");
            only(
                ctx.snapshot
                    .definitions(method)
                    .into_iter()
                    .filter(|symbol| symbol.qualified.ends_with(&of_class))
                    .collect(),
            )
        }
        [name] => {
            only(ctx.snapshot.definitions(name).into_iter().filter(|symbol| symbol.signature.is_some()).collect())
        }
        [] => None,
    }
}

impl Callee {
    /// The parameters that take a keyword.
    pub(super) fn keywords(&self) -> impl Iterator<Item = &Parameter> {
        self.signature.parameters.iter().filter(|parameter| {
            matches!(parameter.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly)
        })
    }

    /// The parameters that take a position.
    pub(super) fn positions(&self) -> impl Iterator<Item = &Parameter> {
        self.signature.places()
    }

    /// Whether any number of positions or any keyword goes.
    pub(super) fn takes_any(&self, kind: ParameterKind) -> bool {
        self.signature.parameters.iter().any(|parameter| parameter.kind == kind)
    }

    /// The signature as a fact.
    pub(super) fn evidence(&self) -> Evidence {
        let text = format!("`{}{}`", self.symbol.name, written(&self.signature));
        Evidence::at(EvidenceKind::Source, &self.symbol.path, self.symbol.line, text)
    }
}

/// `(sku, *, quantity=1)`.
fn written(signature: &Signature) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut keyword_only = false;
    for parameter in &signature.parameters {
        if parameter.kind == ParameterKind::KeywordOnly && !keyword_only {
            parts.push("*".to_string());
        }
        keyword_only |= matches!(parameter.kind, ParameterKind::KeywordOnly | ParameterKind::VarPositional);
        let star = match parameter.kind {
            ParameterKind::VarPositional => "*",
            ParameterKind::VarKeyword => "**",
            _ => "",
        };
        let default = parameter.default.as_ref().map(|default| format!("={default}")).unwrap_or_default();
        parts.push(format!("{star}{}{default}", parameter.name));
    }
    format!("({})", parts.join(", "))
}

/// An edit that takes one argument out of its call, with the comma and space that belong to it.
pub(super) fn remove_argument(source: &Source, path: &FilePath, all: &[Argument], index: usize) -> Option<Edit> {
    remove_arguments(source, path, all, &[index])?.pop()
}

/// Edits that take the arguments at `indices` out of their call.
pub(super) fn remove_arguments(
    source: &Source,
    path: &FilePath,
    all: &[Argument],
    indices: &[usize],
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut index = 0;
    while index < all.len() {
        if !indices.contains(&index) {
            index += 1;
            continue;
        }
        let first = index;
        while index < all.len() && indices.contains(&index) {
            index += 1;
        }
        let range = match (all.get(index), first.checked_sub(1).and_then(|before| all.get(before))) {
            (Some(next), _) => all[first].range.start..next.range.start,
            (None, Some(before)) => before.range.end..all[index - 1].range.end,
            (None, None) => {
                // None is left: a trailing comma goes with them, and the lines that they stood on.
                let (start, last) = (all[first].range.start, all[index - 1].range.end);
                let (head, rest) = (&source.text()[..start], &source.text()[last..]);
                let after = rest.trim_start();
                let after = after.strip_prefix(',').unwrap_or(if after.starts_with(')') { after } else { rest });
                match head.trim_end().ends_with('(') && after.trim_start().starts_with(')') {
                    true => head.trim_end().len()..source.text().len() - after.trim_start().len(),
                    false => start..source.text().len() - after.len(),
                }
            }
        };
        edits.push(Edit::replace(path, range, ""));
    }
    Some(edits)
}
