//! An unexpected keyword argument: the parameter has another name now.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::history::{RenameKind, SignatureChange};
use crate::workspace::symbols::{ParameterKind, SymbolKind};

mod pattern;
mod together;

use super::confidence::Odds;
use super::converted::{self, Conversion, Passed};
use super::renames::{Answer, Existing, Question, answers};
use super::{Context, Strategy, arguments_removed, calls, splatted};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "keyword-rename",
    categories: &[Category::TypeError, Category::AssertionError, Category::NameError, Category::LogicError],
    summary: "Passes the argument, or matches the attribute, under the name that it has now.",
    example: r#"
#- shop.py
class Cart:
    def add(self, sku, quantity=1):
        self.sku = sku
#- tests/test_cart.py
from shop import Cart

def test_add():
    Cart().add("a", $0quanty=2)
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       Cart().add("a", quanty=2)
E       TypeError: Cart.add() got an unexpected keyword argument 'quanty'

tests/test_cart.py:4: TypeError
#- healed
-    Cart().add("a", quanty=2)
+    Cart().add("a", quantity=2)
"#,
    propose: keyword_rename,
};

fn keyword_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::UnexpectedKeyword { function, keyword } = ctx.complaint() else {
        return pattern::keywords(ctx, fixes);
    };
    if !ctx.raised_here() {
        return handed_on(ctx, function, keyword, fixes);
    }
    let node = ctx.node()?;
    if node.parent()?.kind() != "keyword_argument" {
        return splatted(ctx, splatted::call_of_keyword(ctx)?, function, keyword, fixes);
    }
    let call = calls::call_at(ctx)?;
    let passed = calls::arguments(ctx.source, call);
    let places: Vec<(Range<usize>, Range<usize>)> = calls::same_calls(ctx, call)
        .into_iter()
        .filter_map(|call| keyword_argument(ctx.source, call, keyword))
        .collect();
    for mut answer in names_now(ctx, call, function, keyword, &passed) {
        let conversion = conversion(ctx, call, function, keyword, &answer.name, node.parent()?);
        let renamed: Vec<Edit> = places.iter().map(|(name, _)| ctx.replace(name.clone(), &answer.name)).collect();
        if let Some((conversion, is_sure)) = &conversion {
            let of_value = places.iter().flat_map(|(_, value)| conversion.edits(ctx, value.clone()));
            let mut edits: Vec<Edit> = renamed.iter().cloned().chain(of_value).chain(conversion.import(ctx)).collect();
            edits.sort_by_key(|edit| edit.range.start);
            let mut evidence = answer.evidence.clone();
            evidence.push(conversion.evidence.clone());
            let written = conversion.written(ctx.source.slice(node.parent()?.child_by_field_name("value")?));
            fixes.push(Fix {
                title: format!("Pass `{}={written}` instead of `{keyword}`", answer.name),
                strategy: STRATEGY.id,
                edits,
                confidence: answer.confidence,
                evidence,
                tier: answer.tier.max(conversion.tier),
            });
            if *is_sure {
                continue;
            }
            answer.confidence = Confidence::new(answer.confidence.value() * 0.9);
        } else if fits_no_more(ctx, call, function, keyword, &answer.name, node.parent()?) {
            continue;
        }
        let fix = Fix {
            title: format!("Pass `{}` instead of `{keyword}`", answer.name),
            strategy: STRATEGY.id,
            edits: renamed,
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: answer.tier,
        };
        fixes.push(together::with_siblings(ctx, keyword, fix));
    }
    Some(())
}

/// The keyword came by `**`, from tables, dictionaries or the calls of a helper: it is renamed in each of them.
fn splatted(ctx: &Context<'_>, call: Node<'_>, function: &str, keyword: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let source = ctx.source;
    let holders = splatted::holders(ctx, call);
    let held: Vec<Vec<calls::Argument>> = holders.iter().map(|holder| splatted::entries(source, *holder)).collect();
    let of_keyword = |entry: &&calls::Argument| entry.keyword.as_deref() == Some(keyword);
    let entries: Vec<&calls::Argument> = held.iter().flatten().filter(of_keyword).collect();
    let mut places: Vec<Range<usize>> = entries.iter().filter_map(|entry| splatted::keyword(source, entry)).collect();
    if places.is_empty() {
        places = splatted::written(ctx, call, keyword);
    }
    if places.is_empty() {
        return None;
    }
    let passed: Vec<calls::Argument> = calls::arguments(source, call).into_iter().chain(held.concat()).collect();
    let is_other = |new: &str| {
        entries.iter().filter_map(|entry| source.node_at(entry.range.clone())).any(|entry| {
            conversion(ctx, call, function, keyword, new, entry).is_some()
                || fits_no_more(ctx, call, function, keyword, new, entry)
        })
    };
    let answers = names_now(ctx, call, function, keyword, &passed);
    for answer in answers.into_iter().filter(|answer| !is_other(&answer.name)) {
        fixes.push(Fix {
            title: format!("Pass `{}` instead of `{keyword}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.iter().map(|name| ctx.replace(name.clone(), &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: answer.tier,
        });
    }
    Some(())
}

/// What the parameter may be called now, of those that the call does not pass yet.
fn names_now(
    ctx: &Context<'_>,
    call: Node<'_>,
    function: &str,
    keyword: &str,
    passed: &[calls::Argument],
) -> Vec<Answer> {
    let (mut existing, open) = parameters(ctx, call, function);
    existing.retain(|existing| !is_passed(passed, &existing.name));
    let (kinds, class) = (kinds(function), object_of(function));
    let question = Question { missing: keyword, existing: &existing, open, kinds, class };
    let successor = successor(ctx, call, function, keyword);
    answers(ctx, &question).into_iter().map(|answer| answer.with_successor(successor.as_ref())).collect()
}

impl Answer {
    /// With the fact that the signature shows the name as the one that came, unless git says it already.
    fn with_successor(mut self, successor: Option<&(String, Evidence)>) -> Self {
        let known = self.evidence.iter().any(|evidence| evidence.kind == EvidenceKind::Git);
        if let Some((_, fact)) = successor.filter(|(name, _)| *name == self.name && !known) {
            self.evidence.push(fact.clone());
            self.confidence = Odds::of(&self.evidence).confidence();
        }
        self
    }
}

/// The keyword went through `**kwargs` before something refused it, or through what makes an object from another one:
/// git shows the name that it has now.
fn handed_on(ctx: &Context<'_>, function: &str, keyword: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let call = descendants(ctx.statement()?)
        .filter(|node| node.kind() == "call")
        .find(|call| keyword_argument(ctx.source, *call, keyword).is_some())?;
    let passed = calls::arguments(ctx.source, call);
    let class = object_of(function);
    let kinds: fn(RenameKind) -> bool = match class {
        Some(_) => |kind| {
            let is_field = kind == RenameKind::Symbol(SymbolKind::Field);
            is_field || matches!(kind, RenameKind::Parameter | RenameKind::Usage | RenameKind::Literal)
        },
        None => |kind| matches!(kind, RenameKind::Parameter | RenameKind::Usage | RenameKind::Literal),
    };
    let question = Question { missing: keyword, existing: &[], open: true, kinds, class };
    let of_git = |answer: &Answer| answer.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
    for answer in answers(ctx, &question).into_iter().filter(of_git).filter(|it| !is_passed(&passed, &it.name)) {
        let same = calls::same_calls(ctx, call);
        let places = same.into_iter().filter_map(|call| keyword_argument(ctx.source, call, keyword));
        fixes.push(Fix {
            title: format!("Pass `{}` instead of `{keyword}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.map(|(name, _)| ctx.replace(name, &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: answer.tier,
        });
    }
    Some(())
}

/// The class whose constructor a message names: `Order` of `Order.__init__`.
fn object_of(function: &str) -> Option<&str> {
    let class = function.strip_suffix(".__init__").or_else(|| function.strip_suffix(".__new__"))?;
    Some(super::renames::last_part(class))
}

/// Which renames say how a keyword of the function is called now. A class can take its fields by their names.
fn kinds(function: &str) -> fn(RenameKind) -> bool {
    if object_of(function).is_some() {
        |kind| matches!(kind, RenameKind::Parameter | RenameKind::Usage | RenameKind::Symbol(SymbolKind::Field))
    } else {
        |kind| matches!(kind, RenameKind::Parameter | RenameKind::Usage)
    }
}

/// What is called, and how its signature came to be what it is.
fn changed(ctx: &Context<'_>, call: Node<'_>, function: &str) -> Option<(calls::Callee, SignatureChange)> {
    let callee = calls::callee(ctx, call, function)?;
    let change = arguments_removed::signature_change(ctx, &callee)?;
    Some((callee, change))
}

/// What becomes of the value under the new name, and whether callers show it.
fn conversion(
    ctx: &Context<'_>,
    call: Node<'_>,
    function: &str,
    keyword: &str,
    new: &str,
    argument: Node<'_>,
) -> Option<(Conversion, bool)> {
    let migrations = ctx.snapshot.history().migrations_of(keyword);
    let passed = Passed { function: None, old: keyword, new, place: None };
    if let Some(conversion) = converted::by_callers(ctx, &migrations, &passed) {
        return Some((conversion, true));
    }
    let (callee, change) = changed(ctx, call, function)?;
    let (before, after) = (change.before.parameter(keyword)?, change.after.parameter(new)?);
    let value = argument.child_by_field_name("value")?.byte_range();
    Some((converted::by_annotations(ctx, before, after, value, &callee.symbol)?, false))
}

/// Whether the annotations say that what is passed as `keyword` is not what `new` takes.
fn fits_no_more(
    ctx: &Context<'_>,
    call: Node<'_>,
    function: &str,
    keyword: &str,
    new: &str,
    argument: Node<'_>,
) -> bool {
    let is_object = argument.child_by_field_name("value").is_some_and(|value| {
        !matches!(value.kind(), "none" | "true" | "false" | "string" | "concatenated_string" | "integer" | "float")
    });
    let takes_other = |(_, change): (calls::Callee, SignatureChange)| {
        let pair = change.before.parameter(keyword).zip(change.after.parameter(new));
        pair.is_some_and(|(before, after)| converted::takes_plain_values(ctx, before, after))
    };
    is_object && changed(ctx, call, function).is_some_and(takes_other)
}

/// The name and the value in `keyword=value` of a call.
fn keyword_argument(source: &Source, call: Node<'_>, keyword: &str) -> Option<(Range<usize>, Range<usize>)> {
    let list = call.child_by_field_name("arguments")?;
    let mut named = children(list)
        .filter(|node| node.kind() == "keyword_argument")
        .filter_map(|argument| Some((argument.child_by_field_name("name")?, argument.child_by_field_name("value")?)));
    let (name, value) = named.find(|(name, _)| source.slice(*name) == keyword)?;
    Some((name.byte_range(), value.byte_range()))
}

/// The one parameter that came where the one that is missing went, in one commit.
fn successor(ctx: &Context<'_>, call: Node<'_>, function: &str, keyword: &str) -> Option<(String, Evidence)> {
    let (_, change) = changed(ctx, call, function)?;
    let gone = arguments_removed::gone(&change);
    let mut came = arguments_removed::came(&change);
    let (new, only) = (came.next()?, came.next().is_none());
    let text = format!("`{}` took `{}` in place of `{keyword}` ({})", change.function, new.name, change.subject);
    (only && gone == [keyword]).then(|| (new.name.clone(), Evidence::commit(&change.commit, text)))
}

fn is_passed(passed: &[calls::Argument], name: &str) -> bool {
    passed.iter().any(|argument| argument.keyword.as_deref() == Some(name))
}

/// The names that the callee takes, less those that positions fill already.
fn parameters(ctx: &Context<'_>, call: Node<'_>, function: &str) -> (Vec<Existing>, bool) {
    let filled = calls::arguments(ctx.source, call).iter().filter(|argument| argument.keyword.is_none()).count();
    if let Some(callee) = calls::callee(ctx, call, function) {
        let position = |name: &str| callee.positions().position(|parameter| parameter.name == name);
        let free = callee.keywords().filter(|parameter| position(&parameter.name).is_none_or(|at| at >= filled));
        let taken = |name: &str| format!("`{}` takes `{name}`", callee.symbol.name);
        let existing =
            free.map(|p| Existing::at(&p.name, &callee.symbol.path, callee.symbol.line, taken(&p.name))).collect();
        return (existing, callee.takes_any(ParameterKind::VarKeyword));
    }
    let runtime = ctx.diagnosis.failure.runtime.as_ref().and_then(|runtime| runtime.signature.as_deref());
    let names = runtime.map(signature_names).unwrap_or_default();
    let seen =
        |name: &String| Existing::seen(name, EvidenceKind::Runtime, format!("`{function}` takes `{name}` at run time"));
    (names.iter().map(seen).collect(), runtime.is_none())
}

/// The names in `(self, sku, quantity: int = 1, **rest)`.
fn signature_names(signature: &str) -> Vec<String> {
    let source = Source::parse(format!("def f{}: ...\n", signature.split("->").next().unwrap_or(signature)));
    let function = children(source.root()).next();
    let parameters = function.and_then(|function| function.child_by_field_name("parameters"));
    parameters
        .into_iter()
        .flat_map(children)
        .filter(|parameter| !parameter.kind().contains("splat"))
        .filter_map(|parameter| super::names::parameter_name(&source, parameter).map(str::to_string))
        .collect()
}

#[cfg(test)]
mod tests;
