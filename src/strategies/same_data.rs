//! The same data, written otherwise: a commit changed how the product lays out JSON, how it percent-encodes or in which
//! order it puts things, and that is all that an old and a new value differ in.

mod json;
mod order;
mod percent;
mod said;

use crate::diagnosis::product::{self, Hunk};
use crate::fix::Evidence;

use super::Context;
use super::provenance::Provenance;
use super::told;

/// What shows that `old` became `new` because the product writes the same data otherwise.
pub(super) fn of_text(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    if let Some(differs) = json::differs(old, new) {
        return shown(ctx, "JSON is written otherwise", |hunk| {
            // What asks for the very layout that came is no chance, wherever it stands.
            let is_said = |tells: &dyn Fn(&str) -> bool| said::is_said(ctx, hunk, tells) && told::uses(ctx, hunk);
            differs.come_from(hunk) && differs.is_meant(hunk, is_said)
        });
    }
    if percent::is_same(old, new) {
        let is_meant = |hunk: &Hunk| {
            let is_alike = |other: &Hunk| percent::is_changed_by(other) || percent::makes_for(other, hunk);
            said::is_said(ctx, hunk, percent::is_told_by) || is_done_beside(ctx, hunk, &is_alike)
        };
        return shown(ctx, "characters are encoded otherwise", |hunk| {
            percent::is_changed_by(hunk) && is_meant(hunk) && told::uses(ctx, hunk)
        });
    }
    // Things that change places make no text longer; what the code joins with is looked for only where it may matter.
    if old.len() != new.len() {
        return Provenance::default();
    }
    let joins: Vec<String> = product::hunks(ctx.snapshot, &ctx.site.path).iter().flat_map(order::joins).collect();
    order::Moved::of_texts(old, new, &joins).map(|moved| of_order(ctx, &moved)).unwrap_or_default()
}

/// The same for the things of a list, which only changed places.
pub(super) fn of_things(ctx: &Context<'_>, olds: &[String], news: &[String]) -> Provenance {
    order::Moved::of_list(olds, news).map(|moved| of_order(ctx, &moved)).unwrap_or_default()
}

/// The same for a length: of data that the test itself writes down, laid out as before and as now.
pub(super) fn of_length(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let [Ok(old), Ok(new)] = [old.parse::<usize>(), new.parse::<usize>()] else { return Provenance::default() };
    shown(ctx, "JSON is written with other separators", |hunk| {
        let is_length =
            || is_of_length(ctx.source.slice(ctx.scope())) || hunk.added.iter().any(|line| is_of_length(line));
        json::Separators::of(hunk).is_some_and(|now| {
            let written = json::written(ctx.source, ctx.scope());
            let is_it = |data: &json::Data| json::Separators::default().length(data) == old && now.length(data) == new;
            written.iter().any(is_it) && is_length() && told::uses(ctx, hunk)
        })
    })
}

/// Whether code is about how long something is; a number may be one by chance.
fn is_of_length(code: &str) -> bool {
    let code = code.to_lowercase();
    let mut words = code.split(|c: char| !c.is_alphanumeric());
    words.any(|word| matches!(word, "len" | "size" | "sizes" | "bytes") || word.contains("length"))
}

fn of_order(ctx: &Context<'_>, moved: &order::Moved) -> Provenance {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    // What moves things elsewhere may be why they stand so.
    let is_moved_beside =
        || hunks.iter().any(|hunk| hunk.is_python() && order::moves_things(hunk) && told::uses(ctx, hunk));
    let is_meant = |hunk: &Hunk, turn: order::Turn| {
        let is_alike = |other: &Hunk| moved.turn(other) == Some(turn);
        said::is_said(ctx, hunk, |sentence| turn.is_told_by(sentence) && order::names_key(hunk, sentence))
            || turn != order::Turn::SortedBackwards
                && order::names_key(hunk, "")
                && is_done_beside(ctx, hunk, &is_alike)
    };
    let is_settled = |hunk: &Hunk, turn| turn != order::Turn::Unsorted || !order::has_no_order(&around(ctx, hunk));
    shown(ctx, "things stand in another order", |hunk| {
        moved.turn(hunk).is_some_and(|turn| is_meant(hunk, turn) && is_settled(hunk, turn))
            && told::uses(ctx, hunk)
            && !is_moved_beside()
    })
}

/// The code of the function that a hunk is in, else its own.
fn around(ctx: &Context<'_>, hunk: &Hunk) -> String {
    let function = || {
        let source = ctx.snapshot.source(&hunk.path)?;
        let function = source.function_at(source.code_on_line(hunk.line)?.start)?;
        Some(source.slice(function).to_string())
    };
    function().unwrap_or_else(|| hunk.added.join("\n"))
}

/// The first hunk of the product that is the reason.
fn shown(ctx: &Context<'_>, what: &str, is_reason: impl Fn(&Hunk) -> bool) -> Provenance {
    let history = ctx.snapshot.history();
    let is_done = |hunk: &Hunk| !history.is_in_progress(&hunk.commit);
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let mut reasons = hunks.iter().filter(|hunk| hunk.is_python() && is_done(hunk) && is_reason(hunk));
    let evidence = reasons.next().map(|hunk| {
        Evidence::commit(&hunk.commit, format!("{what} since {}:{} ({})", hunk.path, hunk.line, hunk.subject))
    });
    Provenance { is_certain: evidence.is_some(), evidence: evidence.into_iter().collect(), doubt: 0.0 }
}

/// Whether the commit did the same at another place too: no slip of one line.
fn is_done_beside(ctx: &Context<'_>, hunk: &Hunk, is_alike: &dyn Fn(&Hunk) -> bool) -> bool {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let mut others = hunks.iter().filter(|other| other.commit == hunk.commit && other.is_python());
    others.any(|other| (&other.path, other.line) != (&hunk.path, hunk.line) && is_alike(other))
}

#[cfg(test)]
mod tests;
