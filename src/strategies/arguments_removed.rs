//! A function that takes fewer arguments now: what it does not take any more is not passed.

use std::collections::HashSet;

use crate::diagnosis::weakened::branches::otherwise_without;
use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::{Removal, SignatureChange};
use crate::workspace::similar_names::words;
use crate::workspace::symbols::{Parameter, ParameterKind, Signature, Symbol, SymbolKind};

use super::calls::{self, Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, callers, checks, sense, splatted, told_replacement};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "arguments-removed",
    categories: &[
        Category::TypeError,
        Category::AttributeError,
        Category::KeyError,
        Category::AssertionError,
        Category::LogicError,
    ],
    summary: "Leaves out the argument whose parameter the function lost.",
    example: r#"
#- before: shop.py
def order(sku, store, quantity=1):
    store.log(sku)
    return sku
#- shop.py
def order(sku, quantity=1):
    return sku
#- tests/test_order.py
from shop import order

def test_order(store):
    assert order("a", store, $0quantity=2) == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(store):
>       assert order("a", store, quantity=2) == "a"
E       TypeError: order() got multiple values for argument 'quantity'

tests/test_order.py:4: TypeError
#- healed
-    assert order("a", store, quantity=2) == "a"
+    assert order("a", quantity=2) == "a"
"#,
    propose: arguments_removed,
};

fn arguments_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let function = match ctx.complaint() {
        Complaint::UnexpectedKeyword { function, .. }
        | Complaint::TooManyPositionals { function, .. }
        | Complaint::GivenTwice { function, .. } => function,
        _ => return swallowed(ctx, fixes),
    };
    if !ctx.raised_here() {
        return swallowed(ctx, fixes);
    }
    let call = splatted::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    let lost = lost(ctx, &callee).filter(|_| !is_checker(ctx, &callee.symbol))?;
    if is_passed_by_product(ctx, &callee.symbol, &lost.names) {
        return None;
    }
    let (edits, names) = without(ctx, call, &lost)?;
    let is_left = is_still_told(ctx, &callee.symbol, &names) || is_still_read(ctx, &callee, &names);
    let is_weaker = names.iter().any(|name| protects(name))
        || sense::checks_less(ctx, &callee.symbol.path, &callee.symbol.name)
        || names.iter().any(|name| does_otherwise(ctx, call, &callee.symbol, name));
    let evidence = vec![lost.fact, callee.evidence()];
    fixes.push(Fix {
        title: format!("Do not pass `{}` any more", names.join("`, `")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(lost.doubt).confidence(),
        evidence,
        // Who still tells of it, or reads it, did not mean it to go; what it was checked for is not checked any more.
        tier: if is_left || is_weaker { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the function does not do any more what it did for the value that the test passes.
fn does_otherwise(ctx: &Context<'_>, call: Node<'_>, symbol: &Symbol, name: &str) -> bool {
    let passed = descendants(call).filter(|node| node.kind() == "keyword_argument").find_map(|argument| {
        let part = |field| argument.child_by_field_name(field).map(|node| ctx.source.slice(node));
        part("value").filter(|_| part("name") == Some(name))
    });
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let otherwise = |given| otherwise_without(&changes, &symbol.name, name, given).is_some();
    match passed {
        Some("True") => otherwise(true),
        Some("False") => otherwise(false),
        _ => false,
    }
}

/// Whether a parameter is there to keep something safe, or to end it in time.
fn protects(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "csrf",
        "deadline",
        "hmac",
        "lock",
        "mutex",
        "nonce",
        "pepper",
        "salt",
        "secret",
        "signature",
        "timeout",
        "verify",
    ];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether the product still reads the field that a class lost.
fn is_still_read(ctx: &Context<'_>, callee: &Callee, names: &[String]) -> bool {
    let is_class = callee.symbol.kind == SymbolKind::Class || callee.symbol.name == "__init__";
    is_class && names.iter().any(|name| callers::reads_lost(ctx, name))
}

/// Whether the docstring of the function, or a document with a call of it, still tells of the parameter.
fn is_still_told(ctx: &Context<'_>, symbol: &Symbol, names: &[String]) -> bool {
    let docstring = docstring(ctx, symbol).unwrap_or_default();
    names.iter().any(|name| {
        let is_entry = |line: &str| {
            let line = line.trim().trim_start_matches(":param ").trim_start_matches(['*', '`', '-', ' ']);
            let rest = line.strip_prefix(name.as_str()).map(|rest| rest.trim_start_matches('`').trim_start());
            rest.is_some_and(|rest| rest.starts_with([':', '(', '=']) || rest.starts_with("--"))
        };
        let (called, given) = (format!("{}(", symbol.name), format!("{name}="));
        let is_call = |line: &str| {
            line.split_once(&called)
                .is_some_and(|(_, rest)| rest.split(')').next().unwrap_or_default().contains(&given))
        };
        let documents = ctx.snapshot.documents_naming(name).into_iter().filter(|path| !tells_of_changes(path));
        let mut texts = documents.filter_map(|path| ctx.snapshot.text_aside(&path));
        docstring.lines().any(is_entry) || texts.any(|text| text.lines().any(is_call))
    })
}

/// Whether a document tells of what was: changelogs, guides to a new version.
fn tells_of_changes(path: &FilePath) -> bool {
    let name = path.as_str().to_lowercase();
    ["change", "history", "news", "release", "migrat", "upgrad"].iter().any(|word| name.contains(word))
}

/// What the function says of itself.
pub(super) fn docstring(ctx: &Context<'_>, symbol: &Symbol) -> Option<String> {
    let source = ctx.snapshot.source(&symbol.path)?;
    let function = source.function_at(symbol.range.start)?;
    let first = function.child_by_field_name("body")?.named_child(0)?.named_child(0)?;
    (first.kind() == "string").then(|| source.slice(first).to_string())
}

/// A function that takes any keyword hands on what it took itself before: nothing refuses it at once.
fn swallowed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let recent: HashSet<&str> = hunks.iter().map(|hunk| hunk.commit.as_str()).collect();
    let removed = hunks.iter().filter(|hunk| hunk.is_python()).flat_map(|hunk| &hunk.removed);
    let words: HashSet<&str> =
        removed.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect();
    let mut done: Vec<&str> = Vec::new();
    for call in descendants(ctx.source.root()).filter(|node| node.kind() == "call") {
        let keywords = calls::arguments(ctx.source, call).into_iter().filter_map(|argument| argument.keyword);
        let keywords: Vec<String> = keywords.filter(|keyword| words.contains(keyword.as_str())).collect();
        let function = call.child_by_field_name("function")?;
        let written = ctx.source.slice(function);
        let Some(name) = locate::last_name(function).filter(|_| !keywords.is_empty() && !done.contains(&written))
        else {
            continue;
        };
        let name = ctx.source.slice(name);
        let defined = ctx.snapshot.definitions(name).into_iter();
        let defined = defined.filter(|symbol| !symbol.path.is_test_code() && !is_checker(ctx, symbol));
        let changes = defined.flat_map(|symbol| ctx.snapshot.history().signature_changes(&symbol.path, name));
        let Some(change) = changes.into_iter().find(|change| {
            let is_lost = |keyword: &String| gone(change).contains(keyword);
            recent.contains(change.commit.as_str()) && change.after.takes_any_keyword() && keywords.iter().any(is_lost)
        }) else {
            continue;
        };
        // A parameter that came may be the old one under another name.
        if came(&change).next().is_some() {
            continue;
        }
        done.push(written);
        let names: Vec<String> = gone(&change).into_iter().filter(|name| keywords.contains(name)).collect();
        let fact = by_commit(&change.function, &names, &change.commit, &change.subject);
        let lost = Lost { names: gone(&change), positions: None, fact, doubt: 0.0 };
        let symbol = ctx.snapshot.definitions(name).into_iter().find(|symbol| symbol.path == change.path);
        if symbol.is_some_and(|symbol| is_passed_by_product(ctx, &symbol, &lost.names)) {
            continue;
        }
        let (edits, names) = without(ctx, call, &lost)?;
        let says = format!("`{}{}` hands on any keyword", change.function, change.after);
        let evidence = vec![lost.fact, Evidence::at(EvidenceKind::Source, &change.path, change.line, says)];
        fixes.push(Fix {
            title: format!("Do not pass `{}` any more", names.join("`, `")),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

/// Whether the function checks, now or before it changed: what it is given is what the test expects.
fn is_checker(ctx: &Context<'_>, symbol: &Symbol) -> bool {
    let changes = ctx.snapshot.history().changes(Some(&ctx.site.path));
    let mut texts = changes
        .iter()
        .filter(|change| change.path == symbol.path)
        .filter_map(|change| change.before.as_deref().filter(|text| text.contains(&symbol.name)));
    checks::is_checker(ctx.snapshot, symbol) || texts.any(|text| checks::was_checker(&symbol.path, text, &symbol.name))
}

/// Whether the product itself still passes what the function does not take any more: then the product is broken.
fn is_passed_by_product(ctx: &Context<'_>, symbol: &Symbol, names: &[String]) -> bool {
    let files = ctx.snapshot.files_naming(&symbol.name).into_iter();
    files.filter(|path| path.is_inside() && !path.is_test_code()).any(|path| {
        let Some(source) = ctx.snapshot.source(&path) else { return false };
        let is_called = |call: &Node<'_>| {
            let name = call.child_by_field_name("function").and_then(locate::last_name);
            call.kind() == "call" && name.is_some_and(|name| source.slice(name) == symbol.name)
        };
        descendants(source.root()).filter(is_called).any(|call| {
            let arguments = calls::arguments(&source, call);
            let by_name = arguments.iter().any(|a| a.keyword.as_ref().is_some_and(|keyword| names.contains(keyword)));
            match ctx.snapshot.callee(&path, call.byte_range()) {
                Some(called) => {
                    let is_it = (&called.path, &called.range) == (&symbol.path, &symbol.range);
                    is_it && (by_name || has_too_many(&called, &arguments))
                }
                None => by_name && symbol.kind == SymbolKind::Method && !is_of_import(ctx, &path, &source, call),
            }
        })
    })
}

/// Whether a call passes more positions than the function takes.
pub(super) fn has_too_many(symbol: &Symbol, arguments: &[Argument]) -> bool {
    let Some(signature) = &symbol.signature else { return false };
    let takes_any = signature.parameters.iter().any(|parameter| parameter.kind == ParameterKind::VarPositional);
    let positions = signature.places().count();
    let passed = arguments.iter().take_while(|argument| argument.keyword.is_none() && !argument.is_splat).count();
    !takes_any && passed > positions
}

/// `requests.get`: a method of nobody's object.
fn is_of_import(ctx: &Context<'_>, path: &FilePath, source: &Source, call: Node<'_>) -> bool {
    let text = call.child_by_field_name("function").map(|function| source.slice(function)).unwrap_or_default();
    let first = text.split(['.', '(', '[']).next().unwrap_or_default();
    ctx.snapshot.outline(path).is_some_and(|outline| outline.imports.iter().any(|import| import.binds == first))
}

/// What a function does not take any more.
struct Lost {
    names: Vec<String>,
    /// The parameters that took a position before; unknown for the fields of a class.
    positions: Option<Vec<String>>,
    /// What says so.
    fact: Evidence,
    doubt: f64,
}

fn by_commit(function: &str, names: &[String], commit: &str, subject: &str) -> Evidence {
    Evidence::commit(commit, format!("`{function}` lost `{}` ({subject})", names.join("`, `")))
}

fn lost(ctx: &Context<'_>, callee: &Callee) -> Option<Lost> {
    // Where a deprecation named another parameter, the argument goes there.
    if let Complaint::UnexpectedKeyword { keyword, .. } = ctx.complaint()
        && let Some((told, _)) = told_replacement::by_deprecation(ctx, keyword)
        && callee.keywords().any(|parameter| parameter.name == told)
    {
        return None;
    }
    let Some(change) = signature_change(ctx, callee) else {
        return field_lost(ctx, callee).or_else(|| removal_noted(ctx, callee));
    };
    let names = gone(&change);
    // A parameter that came may be the old one under another name.
    let renamed = matches!(ctx.complaint(), Complaint::UnexpectedKeyword { .. }) && came(&change).next().is_some();
    if names.is_empty() || renamed || came(&change).any(|parameter| parameter.default.is_none()) {
        return None;
    }
    let positions = change.before.parameters.iter().filter(|p| p.kind != ParameterKind::KeywordOnly);
    Some(Lost {
        fact: by_commit(&change.function, &names, &change.commit, &change.subject),
        names,
        positions: Some(positions.map(|parameter| parameter.name.clone()).collect()),
        doubt: if came(&change).next().is_some() { 2.0 } else { 0.0 },
    })
}

/// The field of a dataclass and its like, which no signature shows.
fn field_lost(ctx: &Context<'_>, callee: &Callee) -> Option<Lost> {
    let Complaint::UnexpectedKeyword { keyword, .. } = ctx.complaint() else { return None };
    let class = callee.symbol.name.as_str();
    let removals = ctx.snapshot.history().removals_of(keyword);
    let of_class = |removal: &&Removal| {
        removal.path == callee.symbol.path && removal.within.as_deref().is_some_and(|within| within.ends_with(class))
    };
    let removal = removals.iter().find(of_class)?;
    Some(Lost {
        fact: by_commit(class, std::slice::from_ref(keyword), &removal.commit, &removal.subject),
        names: vec![keyword.clone()],
        positions: None,
        doubt: 0.0,
    })
}

/// The parameter of an installed package, where the package itself says that it was removed.
fn removal_noted(ctx: &Context<'_>, callee: &Callee) -> Option<Lost> {
    let Complaint::UnexpectedKeyword { keyword, .. } = ctx.complaint() else { return None };
    let path = &callee.symbol.path;
    if path.is_inside() || callee.keywords().any(|parameter| parameter.name == *keyword) {
        return None;
    }
    let module = ctx.snapshot.dotted_name(path)?;
    let notes = ctx.snapshot.notes_of(module.split('.').next()?, keyword);
    let note = notes.into_iter().find(|note| {
        let of_it = note.path == *path || note.text.contains(&callee.symbol.name);
        of_it && note.replacement.is_none() && note.text.to_lowercase().contains("removed")
    })?;
    let says = format!("says: {}", super::expected_value::short(&note.text));
    Some(Lost {
        names: vec![keyword.clone()],
        positions: None,
        fact: Evidence::at(EvidenceKind::Docs, &note.path, note.line, says),
        doubt: 0.0,
    })
}

/// The newest change of the callee's signature that led to the one it has.
pub(super) fn signature_change(ctx: &Context<'_>, callee: &Callee) -> Option<SignatureChange> {
    let changes = ctx.snapshot.history().signature_changes(&callee.symbol.path, &callee.symbol.name);
    let names = |signature: &Signature| signature.parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    changes.into_iter().find(|change| names(&change.after) == names(&callee.signature))
}

/// The parameters that went.
pub(super) fn gone(change: &SignatureChange) -> Vec<String> {
    let stays = |name: &str| change.after.parameters.iter().any(|parameter| parameter.name == name);
    change.before.parameters.iter().filter(|parameter| !stays(&parameter.name)).map(|p| p.name.clone()).collect()
}

/// The parameters that came.
pub(super) fn came(change: &SignatureChange) -> impl Iterator<Item = &Parameter> {
    let known = |name: &str| change.before.parameters.iter().any(|parameter| parameter.name == name);
    change.after.parameters.iter().filter(move |parameter| !known(&parameter.name))
}

/// The edits that leave out every argument of a parameter that is gone, in every call written like this one.
fn without(ctx: &Context<'_>, call: Node<'_>, lost: &Lost) -> Option<(Vec<Edit>, Vec<String>)> {
    let (mut edits, names) = without_in(ctx, call, lost)?;
    for other in calls::failing_alike(ctx, call) {
        edits.extend(without_in(ctx, other, lost).into_iter().flat_map(|(edits, _)| edits));
    }
    edits.sort_by_key(|edit| edit.range.start);
    edits.dedup();
    Some((edits, names))
}

fn without_in(ctx: &Context<'_>, call: Node<'_>, lost: &Lost) -> Option<(Vec<Edit>, Vec<String>)> {
    let arguments = calls::arguments(ctx.source, call);
    if arguments.iter().any(|argument| argument.is_splat) {
        return without_in_splats(ctx, call, lost);
    }
    let name_of = |index: usize, argument: &Argument| {
        argument.keyword.clone().or_else(|| lost.positions.as_ref()?.get(index).cloned())
    };
    let named = arguments.iter().enumerate().filter_map(|(index, argument)| Some((index, name_of(index, argument)?)));
    let (indices, names): (Vec<usize>, Vec<String>) = named.filter(|(_, name)| lost.names.contains(name)).unzip();
    let edits = calls::remove_arguments(ctx.source, &ctx.site.path, &arguments, &indices)?;
    (!names.is_empty()).then_some((edits, names))
}

/// The same where the call passes arguments by `**`: they go from it and from where the others are written.
fn without_in_splats(ctx: &Context<'_>, call: Node<'_>, lost: &Lost) -> Option<(Vec<Edit>, Vec<String>)> {
    let (mut edits, mut names) = (Vec::new(), Vec::new());
    for holder in std::iter::once(call).chain(splatted::holders(ctx, call)) {
        let entries = splatted::entries(ctx.source, holder);
        let of_lost = |entry: &&Argument| entry.keyword.as_ref().is_some_and(|keyword| lost.names.contains(keyword));
        let gone = |(index, entry): (usize, &Argument)| Some(&entry).filter(|entry| of_lost(entry)).map(|_| index);
        let indices: Vec<usize> = entries.iter().enumerate().filter_map(gone).collect();
        names.extend(indices.iter().filter_map(|index| entries[*index].keyword.clone()));
        edits.extend(calls::remove_arguments(ctx.source, &ctx.site.path, &entries, &indices)?);
    }
    names.sort();
    names.dedup();
    (!names.is_empty()).then_some((edits, names))
}

#[cfg(test)]
mod tests;
