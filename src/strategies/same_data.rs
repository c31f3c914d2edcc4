//! The same data, written otherwise: a commit changed how the product lays out JSON, how it percent-encodes or in which
//! order it puts things, and that is all that an old and a new value differ in.

mod json;
mod order;
mod percent;

use crate::diagnosis::product::{self, Hunk};
use crate::fix::Evidence;

use super::Context;
use super::provenance::Provenance;
use super::told;

/// What shows that `old` became `new` because the product writes the same data otherwise.
pub(super) fn of_text(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let words_of = |text: &str| order::words(text).into_iter().map(str::to_string).collect::<Vec<_>>();
    if let Some(differs) = json::differs(old, new) {
        return shown(ctx, "JSON is written otherwise", |hunk| {
            json::lays_out(hunk, &differs).is_some_and(|change| change.is_brought || is_said(ctx, hunk, &json::WORDS))
        });
    }
    if percent::is_same(old, new) {
        let is_meant =
            |hunk: &Hunk| percent::is_changed_by(hunk) && is_meant(ctx, hunk, &percent::WORDS, &percent::is_changed_by);
        return shown(ctx, "characters are encoded otherwise", is_meant);
    }
    if order::is_of_words(old, new) {
        return of_order(ctx, &words_of(old), &words_of(new));
    }
    Provenance::default()
}

/// The same for all the parts of a value that changed, which only changed places.
pub(super) fn of_parts(ctx: &Context<'_>, olds: &[String], news: &[String]) -> Provenance {
    if olds.len() > 1 && order::is_permuted(olds, news) { of_order(ctx, olds, news) } else { Provenance::default() }
}

/// The same for a length: of data that the test itself writes down, laid out as before and as now.
pub(super) fn of_length(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    let [Ok(old), Ok(new)] = [old.parse::<usize>(), new.parse::<usize>()] else { return Provenance::default() };
    shown(ctx, "JSON is written with other separators", |hunk| {
        json::Separators::of(hunk).is_some_and(|now| {
            let written = json::written(ctx.source, ctx.scope());
            written.iter().any(|data| json::Separators::default().length(data) == old && now.length(data) == new)
        })
    })
}

fn of_order(ctx: &Context<'_>, olds: &[String], news: &[String]) -> Provenance {
    let is_reason = |hunk: &Hunk| order::is_changed_by(hunk, olds, news);
    shown(ctx, "things stand in another order", |hunk| {
        is_reason(hunk) && is_meant(ctx, hunk, &order::WORDS, &is_reason) && told::uses(ctx, hunk)
    })
}

/// The first hunk of the product that is the reason.
fn shown(ctx: &Context<'_>, what: &str, is_reason: impl Fn(&Hunk) -> bool) -> Provenance {
    let history = ctx.snapshot.history();
    let is_done = |hunk: &Hunk| !history.is_in_progress(&hunk.commit);
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let reason = hunks.iter().find(|hunk| hunk.is_python() && is_done(hunk) && is_reason(hunk));
    let evidence = reason.map(|hunk| {
        Evidence::commit(&hunk.commit, format!("{what} since {}:{} ({})", hunk.path, hunk.line, hunk.subject))
    });
    Provenance { is_certain: evidence.is_some(), evidence: evidence.into_iter().collect(), doubt: 0.0 }
}

/// Whether the commit did the same at another place too, or says that it is about this: no slip of one line.
fn is_meant(ctx: &Context<'_>, hunk: &Hunk, stems: &[&str], is_alike: &dyn Fn(&Hunk) -> bool) -> bool {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let mut others = hunks.iter().filter(|other| other.commit == hunk.commit && other.is_python());
    is_said(ctx, hunk, stems)
        || others.any(|other| (&other.path, other.line) != (&hunk.path, hunk.line) && is_alike(other))
}

/// Whether the commit says in its first line or in a document that it is about this.
fn is_said(ctx: &Context<'_>, hunk: &Hunk, stems: &[&str]) -> bool {
    let speaks = |text: &str| {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let mut documents = hunks.iter().filter(|other| other.commit == hunk.commit && !other.is_python());
    let subject = ctx.snapshot.history().subject(&hunk.commit);
    subject.is_some_and(|subject| speaks(&subject))
        || documents.any(|document| document.added.iter().any(|line| speaks(line)))
}

#[cfg(test)]
mod tests;
