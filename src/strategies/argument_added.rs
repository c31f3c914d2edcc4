//! A parameter that came without a default: the test passes what the callers of the product pass.

use crate::diagnosis::{Category, Complaint, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Parameter, ParameterKind};

use super::arguments_removed::{came, gone, signature_change};
use super::calls::{self, Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, names};

mod callers;
mod fixtures;
mod related;
mod set_after;
pub(super) mod switched;

use callers::{Passed, passed_by_callers};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "argument-added",
    categories: &[Category::TypeError],
    summary: "Passes what a new parameter asks for as the product's own callers do.",
    example: r#"
#- before: shop.py
def total(cart):
    return sum(cart)

def bill(cart):
    return total(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) if tax is None else sum(cart) * tax

def bill(cart):
    return total(cart, None)
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
    assert total([]) == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([2, 3]) == 5
E       TypeError: total() missing 1 required positional argument: 'tax'

tests/test_cart.py:4: TypeError
#- healed
-    assert total([2, 3]) == 5
-    assert total([]) == 0
+    assert total([2, 3], None) == 5
+    assert total([], None) == 0
"#,
    propose: argument_added,
};

/// What is passed, with what speaks for it.
struct Value {
    text: String,
    evidence: Evidence,
    tier: Tier,
    /// Whether it means the same in every function of the file.
    everywhere: bool,
    /// What gives it a name: a name of its own here, or the imports of the caller.
    bindings: Vec<Edit>,
}

fn argument_added(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::MissingArguments { function, names: missing, keyword_only } = ctx.complaint() else { return None };
    if !ctx.raised_here() {
        return None;
    }
    let call = calls::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    let inherited = || signature_change(ctx, &calls::inherited(ctx, &callee, function)?);
    let change = signature_change(ctx, &callee).or_else(inherited)?;
    let is_asked_for = |parameter: &&Parameter| parameter.default.is_none() && !parameter.kind.is_variadic();
    let mut added: Vec<Parameter> = came(&change).filter(is_asked_for).cloned().collect();
    if *keyword_only {
        // Python knows it, also where a decorator decides.
        added.iter_mut().for_each(|parameter| parameter.kind = ParameterKind::KeywordOnly);
    }
    // A parameter that took the place of another is a rename.
    if added.is_empty() || added.len() != missing.len() || !gone(&change).is_empty() {
        return None;
    }
    let listed: Vec<&str> = added.iter().map(|parameter| parameter.name.as_str()).collect();
    let text = format!("`{}` asks for `{}` ({})", change.function, listed.join("`, `"), change.subject);
    let mut evidence = vec![Evidence::commit(&change.commit, text)];
    let values: Vec<Value> =
        added.iter().map(|parameter| value(ctx, call, &callee, parameter)).collect::<Option<Vec<_>>>()?;
    let everywhere = values.iter().all(|value| value.everywhere);
    let given: Vec<(&Parameter, &str)> =
        added.iter().zip(&values).map(|(parameter, value)| (parameter, value.text.as_str())).collect();
    let mut edits = with_arguments(ctx, call, &callee, &given)?;
    let alike = calls::failing_alike(ctx, call).into_iter().filter(|other| lacks(ctx, *other, &callee));
    for other in alike.filter(|_| everywhere) {
        edits.extend(with_arguments(ctx, other, &callee, &given).into_iter().flatten());
    }
    for binding in values.iter().flat_map(|value| &value.bindings) {
        if !edits.contains(binding) {
            edits.push(binding.clone());
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    let leaves_out = given.iter().any(|(parameter, text)| switched::leaves_out(ctx, &callee, &parameter.name, text));
    let tier = values.iter().map(|value| value.tier).max().filter(|_| !leaves_out).unwrap_or(Tier::Review);
    let title = given.iter().map(|(parameter, value)| format!("`{}`: `{value}`", parameter.name)).collect::<Vec<_>>();
    evidence.extend(values.into_iter().map(|value| value.evidence));
    fixes.push(Fix {
        title: format!("Pass {}", title.join(", ")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// Whether a call leaves out what the function asks for: one that was changed by hand is whole.
fn lacks(ctx: &Context<'_>, call: Node<'_>, callee: &Callee) -> bool {
    let given = calls::arguments(ctx.source, call);
    let places = given.iter().filter(|argument| argument.keyword.is_none()).count();
    let is_named = |name: &str| given.iter().any(|argument| argument.keyword.as_deref() == Some(name));
    let is_own = |name: &str| matches!(name, "self" | "cls");
    let names = callee.positions().map(|parameter| parameter.name.as_str()).filter(|name| !is_own(name));
    let by_place: Vec<&str> = names.take(places).collect();
    let asked = callee.positions().chain(callee.keywords()).filter(|parameter| parameter.default.is_none());
    let mut asked = asked.map(|parameter| parameter.name.as_str()).filter(|name| !is_own(name));
    asked.any(|name| !by_place.contains(&name) && !is_named(name))
}

/// What literal the product's callers pass, else what the test sets right after, else what has the parameter's name
/// here, else `None` where that is allowed.
fn value(ctx: &Context<'_>, call: Node<'_>, callee: &Callee, parameter: &Parameter) -> Option<Value> {
    let mut passed = passed_by_callers(ctx, &callee.symbol.name, callee, parameter);
    // A class below the one that has the constructor is called by its own name.
    let written = call.child_by_field_name("function").and_then(locate::last_name).map(|name| ctx.source.slice(name));
    if let Some(written) = written.filter(|name| *name != callee.symbol.name) {
        passed.extend(passed_by_callers(ctx, written, callee, parameter));
    }
    let (literals, objects): (Vec<Passed>, Vec<Passed>) = passed.into_iter().partition(|value| value.is_literal);
    if let Some(value) = agreed(literals) {
        return Some(value);
    }
    if let Some(value) = set_after::set_after(ctx, call, parameter) {
        return Some(value);
    }
    if let Some(value) = related::part_of_an_argument(ctx, call, callee, parameter) {
        return Some(value);
    }
    if let Some(value) = of_its_type(ctx, call, parameter) {
        return Some(value);
    }
    let name = parameter.name.as_str();
    let function = ctx.source.function_at(call.start_byte());
    if function.is_some_and(|function| names::binds(ctx.source, function, name)) {
        let evidence = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("the test has a `{name}`")) };
        return Some(Value {
            text: name.to_string(),
            evidence,
            tier: Tier::Review,
            everywhere: false,
            bindings: Vec::new(),
        });
    }
    if let Some(value) = fixtures::of_its_name(ctx, call, parameter) {
        return Some(value);
    }
    if let Some(value) = agreed(objects) {
        return Some(value);
    }
    let nothing = may_be_none(ctx, callee, parameter).map(|says| ("None", says));
    let (text, says) = nothing.or_else(|| may_be_empty(parameter))?;
    let evidence = Evidence::at(EvidenceKind::Source, &callee.symbol.path, callee.symbol.line, says);
    Some(Value { text: text.to_string(), evidence, tier: Tier::Review, everywhere: true, bindings: Vec::new() })
}

/// No items for a parameter that takes a collection: what the test was written before there were any.
fn may_be_empty(parameter: &Parameter) -> Option<(&'static str, String)> {
    let annotation = parameter.annotation.as_deref()?;
    let outer = annotation.trim_matches(['"', '\'']).split('[').next()?;
    let text = match outer.rsplit('.').next()? {
        "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" => "[]",
        "dict" | "Dict" | "Mapping" | "MutableMapping" => "{}",
        "set" | "Set" | "AbstractSet" | "MutableSet" => "set()",
        "frozenset" | "FrozenSet" => "frozenset()",
        "tuple" | "Tuple" => "()",
        _ => return None,
    };
    Some((text, format!("`{}: {annotation}`", parameter.name)))
}

/// The one object of the annotated class that the test has at hand: a name of its own, or what a `with` around
/// the call makes and does not name yet.
fn of_its_type(ctx: &Context<'_>, call: Node<'_>, parameter: &Parameter) -> Option<Value> {
    let annotation = parameter.annotation.as_deref()?.trim_matches(['"', '\'']);
    let class = annotation.rsplit('.').next().filter(|class| class.chars().all(|c| c.is_alphanumeric() || c == '_'))?;
    let is_product = |symbol: &crate::workspace::symbols::Symbol| !symbol.path.is_test_code();
    if !ctx.snapshot.definitions(class).iter().any(is_product) {
        return None;
    }
    let function = ctx.source.function_at(call.start_byte())?;
    let is_one = |node: Node<'_>| {
        ctx.snapshot.type_of(&ctx.site.path, node.byte_range()).is_some_and(|symbol| symbol.name == class)
    };
    let mut owned: Vec<&str> = descendants(function)
        .filter(|node| node.kind() == "identifier" && node.end_byte() <= call.start_byte() && !names::is_label(*node))
        .filter(|node| names::binds(ctx.source, function, ctx.source.slice(*node)) && is_one(*node))
        .map(|node| ctx.source.slice(node))
        .collect();
    owned.sort_unstable();
    owned.dedup();
    let made: Vec<Node<'_>> = ancestors(call)
        .take_while(|node| *node != function)
        .filter(|node| node.kind() == "with_statement")
        .flat_map(|with| children(with).filter(|node| node.kind() == "with_clause"))
        .flat_map(children)
        .filter_map(|item| item.child_by_field_name("value").filter(|value| value.kind() != "as_pattern"))
        .filter(|value| is_one(*value))
        .collect();
    let (text, binding) = match (owned.as_slice(), made.as_slice()) {
        ([name], []) => (name.to_string(), None),
        ([], [value]) if !names::binds(ctx.source, function, &parameter.name) => (
            parameter.name.clone(),
            Some(Edit::insert(&ctx.site.path, value.end_byte(), format!(" as {}", parameter.name))),
        ),
        _ => return None,
    };
    let says = format!("`{}` is the only `{class}` of the test", text);
    let evidence = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(says) };
    Some(Value { text, evidence, tier: Tier::Safe, everywhere: false, bindings: binding.into_iter().collect() })
}

/// What the callers pass: a person's to accept where they do not agree.
fn agreed(passed: Vec<Passed>) -> Option<Value> {
    let alike = passed.iter().all(|other| other.text == passed[0].text);
    let first = passed.into_iter().next()?;
    let tier = if alike { first.tier } else { Tier::Review };
    Some(Value { text: first.text, evidence: first.evidence, tier, everywhere: true, bindings: first.imports })
}

/// The annotation says so, or the function asks whether it is.
fn may_be_none(ctx: &Context<'_>, callee: &Callee, parameter: &Parameter) -> Option<String> {
    let name = parameter.name.as_str();
    if let Some(annotation) = &parameter.annotation
        && (annotation.contains("Optional[") || annotation.contains("None"))
    {
        return Some(format!("`{name}: {annotation}`"));
    }
    let source = ctx.snapshot.source(&callee.symbol.path)?;
    let function = source.function_at(callee.symbol.range.start)?;
    let body = source.slice(function.child_by_field_name("body")?);
    [format!("{name} is None"), format!("{name} is not None"), format!("if {name}:"), format!("if not {name}:")]
        .into_iter()
        .find(|asked| body.contains(asked))
        .map(|asked| format!("`{}` asks: `{asked}`", callee.symbol.name))
}

/// The edits of one call: in the parameter's place where places are counted, else by its name.
pub(super) fn with_arguments(
    ctx: &Context<'_>,
    call: Node<'_>,
    callee: &Callee,
    given: &[(&Parameter, &str)],
) -> Option<Vec<Edit>> {
    let arguments = calls::arguments(ctx.source, call);
    let list = call.child_by_field_name("arguments")?;
    if arguments.iter().any(|argument| argument.is_splat) {
        return by_name(ctx, list, &arguments, given);
    }
    let mut placed = arguments.iter().filter(|argument| argument.keyword.is_none()).count();
    // Behind a keyword no place is counted.
    let mut counts = placed == arguments.len();
    let mut edits: Vec<Edit> = Vec::new();
    let mut last: Vec<String> = Vec::new();
    for (parameter, value) in given {
        if arguments.iter().any(|argument| argument.keyword.as_deref() == Some(parameter.name.as_str())) {
            return None;
        }
        let index = callee.positions().position(|other| other.name == parameter.name);
        match index.filter(|_| parameter.kind != ParameterKind::KeywordOnly) {
            Some(index) if index < arguments.len().min(placed) => {
                edits.push(Edit::insert(&ctx.site.path, arguments[index].range.start, format!("{value}, ")));
                placed += 1;
            }
            Some(index) if counts && index == placed => {
                last.push(value.to_string());
                placed += 1;
            }
            _ => {
                last.push(format!("{}={value}", parameter.name));
                counts = false;
            }
        }
    }
    if !last.is_empty() {
        edits.push(appended(ctx, list, &arguments, &last.join(", ")));
    }
    Some(edits)
}

/// Behind `*row` and `**row` no place can be counted: what Python missed by its name is passed by it.
fn by_name(
    ctx: &Context<'_>,
    list: Node<'_>,
    arguments: &[Argument],
    given: &[(&Parameter, &str)],
) -> Option<Vec<Edit>> {
    let Complaint::MissingArguments { names: missing, .. } = ctx.complaint() else { return None };
    let is_missed = |parameter: &Parameter| {
        missing.contains(&parameter.name)
            && parameter.kind != ParameterKind::PositionalOnly
            && arguments.iter().all(|argument| argument.keyword.as_ref() != Some(&parameter.name))
    };
    given.iter().all(|(parameter, _)| is_missed(parameter)).then_some(())?;
    let text: Vec<String> = given.iter().map(|(parameter, value)| format!("{}={value}", parameter.name)).collect();
    Some(vec![appended(ctx, list, arguments, &text.join(", "))])
}

fn appended(ctx: &Context<'_>, list: Node<'_>, arguments: &[Argument], text: &str) -> Edit {
    let Some(last) = arguments.last() else {
        return Edit::insert(&ctx.site.path, list.start_byte() + 1, text);
    };
    // Arguments that have lines of their own keep them.
    let code = ctx.source.text();
    let line = code[..last.range.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &code[line..last.range.start];
    let own_line = line > list.start_byte()
        && indent.trim().is_empty()
        && !children(list).any(|node| node.start_byte() < last.range.start && node.start_byte() >= line);
    let separator = if own_line { format!(",\n{indent}") } else { ", ".to_string() };
    Edit::insert(&ctx.site.path, last.range.end, format!("{separator}{text}"))
}

#[cfg(test)]
mod tests;
