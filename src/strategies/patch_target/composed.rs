//! `patch(TARGET)`, `patch(f"{MODULE}.send")` and `patch(MODULE + ".send")`: the text that holds the name follows.

use std::ops::Range;

use crate::diagnosis::locate::string_content;
use crate::fix::{Fix, Tier};
use crate::strategies::Context;
use crate::strategies::renames::{Existing, Question, answers};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::workspace::history::RenameKind;

use super::{STRATEGY, is_target, objects, tier};

/// How far constants are followed that are made of others.
const DEPTH: usize = 2;

/// A piece of a target, and where it is written.
type Piece = (Range<usize>, String);

/// Patches `module`'s name as it is now, where the target is put together.
pub(super) fn renamed(ctx: &Context<'_>, module: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let whole = format!("{module}.{name}");
    let is_it = |text: &str| text.strip_prefix(&whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let (argument, place) = objects::patches(ctx).into_iter().find_map(|call| {
        let argument = call.child_by_field_name("arguments")?.named_child(0).filter(|node| is_target(ctx, *node))?;
        let pieces = pieces(ctx, argument, DEPTH)?;
        let text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
        let is_composed = string_content(ctx.source, argument).is_none() && is_it(&text);
        let at = module.len() + 1;
        Some((argument, within(&pieces, at..at + name.len())?)).filter(|_| is_composed)
    })?;
    let members = ctx.snapshot.module_members(module);
    let existing: Vec<Existing> = members.symbols.iter().map(|symbol| Existing::defined(symbol, module)).collect();
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage);
    let question = Question { missing: name, existing: &existing, open: members.open, kinds, class: None };
    for answer in answers(ctx, &question) {
        fixes.push(Fix {
            title: format!("Patch `{module}.{}`", answer.name),
            strategy: STRATEGY.id,
            edits: vec![ctx.replace(place.clone(), &answer.name)],
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: if answer.tier == Tier::Review { Tier::Review } else { tier(ctx, argument) },
        });
    }
    Some(())
}

/// Where a part of the whole is written, if one piece holds it.
fn within(pieces: &[Piece], part: Range<usize>) -> Option<Range<usize>> {
    let mut begin = 0;
    for (range, text) in pieces {
        let end = begin + text.len();
        if begin <= part.start && part.end <= end {
            return Some(range.start + part.start - begin..range.start + part.end - begin);
        }
        begin = end;
    }
    None
}

/// The pieces of a text that is written in the file; `None` where it is made at run time.
fn pieces(ctx: &Context<'_>, node: Node<'_>, depth: usize) -> Option<Vec<Piece>> {
    let content = |node: Node<'_>| (node.byte_range(), ctx.source.slice(node).to_string());
    match node.kind() {
        "string" => {
            let parts = children(node).filter(|part| matches!(part.kind(), "string_content" | "interpolation"));
            let mut found = Vec::new();
            for part in parts {
                match part.kind() {
                    "string_content" => found.push(content(part)),
                    _ => found.extend(pieces(
                        ctx,
                        part.named_child(0).filter(|_| part.named_child_count() == 1)?,
                        depth,
                    )?),
                }
            }
            Some(found)
        }
        "binary_operator" if node.child_by_field_name("operator").is_some_and(|sign| sign.kind() == "+") => {
            let mut left = pieces(ctx, node.child_by_field_name("left")?, depth)?;
            left.extend(pieces(ctx, node.child_by_field_name("right")?, depth)?);
            Some(left)
        }
        "identifier" if depth > 0 => pieces(ctx, constant(ctx, ctx.source.slice(node))?, depth - 1),
        _ => None,
    }
}

/// The one value that the file gives to a name, outside of functions.
pub(in crate::strategies) fn constant<'c>(ctx: &'c Context<'_>, name: &str) -> Option<Node<'c>> {
    let is_it = |node: &Node<'_>| {
        node.kind() == "assignment"
            && node.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == name)
    };
    let mut given = descendants(ctx.source.root()).filter(is_it);
    let only = given.next().filter(|_| given.next().is_none())?;
    let is_inside = ancestors(only).any(|outer| outer.kind() == "function_definition");
    only.child_by_field_name("right").filter(|_| !is_inside)
}
