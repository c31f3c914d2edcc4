//! `case Cart(total=5):` asks for an attribute by its name too, and matches nothing where that has another one now.

use crate::fix::{EvidenceKind, Fix};
use crate::strategies::Context;
use crate::strategies::renames::{Existing, Question, answers};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::STRATEGY;

/// A keyword in the pattern of a class.
struct Keyword<'t> {
    name: Node<'t>,
    class: Symbol,
}

/// The keywords of the test's patterns that their class does not have any more, by the name that git shows. What a
/// pattern does not match raises nothing: it is for whatever check, or exception, the test ends in.
pub(super) fn keywords(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let all: Vec<Keyword<'_>> = descendants(ctx.scope())
        .filter(|node| node.kind() == "class_pattern")
        .flat_map(|pattern| keywords_of(ctx, pattern))
        .collect();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for keyword in &all {
        let (class, old) = (keyword.class.qualified.as_str(), ctx.source.slice(keyword.name));
        let members = ctx.snapshot.members(&keyword.class);
        let is_there = members.open || members.symbols.iter().any(|member| member.name == old);
        if is_there || seen.contains(&(class, old)) {
            continue;
        }
        seen.push((class, old));
        let existing: Vec<Existing> =
            members.symbols.iter().map(|member| Existing::defined(member, &keyword.class.name)).collect();
        let kinds = |kind| matches!(kind, RenameKind::Symbol(SymbolKind::Field | SymbolKind::Property));
        let name = Some(keyword.class.name.as_str());
        let question = Question { missing: old, existing: &existing, open: false, kinds, class: name };
        let is_same = |other: &&Keyword<'_>| other.class.qualified == class && ctx.source.slice(other.name) == old;
        for answer in answers(ctx, &question) {
            if !answer.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git) {
                continue;
            }
            let edit = |other: &Keyword<'_>| -> Edit { ctx.replace(other.name.byte_range(), &answer.name) };
            fixes.push(Fix {
                title: format!("Match `{}` instead of `{old}`", answer.name),
                strategy: STRATEGY.id,
                edits: all.iter().filter(is_same).map(edit).collect(),
                confidence: answer.confidence,
                evidence: answer.evidence,
                tier: answer.tier,
            });
        }
    }
    Some(())
}

/// The keywords of `case shop.Cart(total=5, count=_)`, where the class is one of the product.
fn keywords_of<'t>(ctx: &Context<'_>, pattern: Node<'t>) -> Vec<Keyword<'t>> {
    let class = || {
        let name = children(pattern).next().filter(|name| name.kind() == "dotted_name")?;
        let class = ctx.snapshot.resolve(&ctx.site.path, name.start_byte(), ctx.source.slice(name))?;
        (class.kind == SymbolKind::Class && !class.path.is_test_code()).then_some(class)
    };
    let Some(class) = class() else { return Vec::new() };
    let names = children(pattern).filter_map(keyword_of);
    names.map(|name| Keyword { name, class: class.clone() }).collect()
}

/// The name of one part of a class pattern that is `total=…`.
fn keyword_of(part: Node<'_>) -> Option<Node<'_>> {
    let part = if part.kind() == "case_pattern" { part.named_child(0)? } else { part };
    part.named_child(0).filter(|name| part.kind() == "keyword_pattern" && name.kind() == "identifier")
}
