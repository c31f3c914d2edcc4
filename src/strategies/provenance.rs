//! Where a new word comes from: the hunks of the product's history that put it in the place of the old
//! one, and the documentation that speaks of it.

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind};

use super::Context;

/// The facts, and whether they are more than one slip of one line could look like.
#[derive(Default)]
pub(super) struct Provenance {
    pub(super) evidence: Vec<Evidence>,
    /// The product made this change at two places, or at one and its documentation says so.
    pub(super) is_certain: bool,
}

/// What shows that `old` became `new`, both as they stand in source.
pub(super) fn of(ctx: &Context<'_>, old: &str, new: &str) -> Provenance {
    if old.trim().len() < 2 || new.trim().len() < 2 {
        return Provenance::default();
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let replacing: Vec<&Hunk> = hunks.iter().filter(|hunk| hunk.is_python() && hunk.replaces(old, new)).collect();
    let told: Vec<&Hunk> = hunks.iter().filter(|hunk| !hunk.is_python() && brings(hunk, new)).collect();
    let mut evidence: Vec<Evidence> = replacing.iter().take(2).map(|hunk| committed(hunk, old, new)).collect();
    if !evidence.is_empty() {
        evidence.extend(told.iter().take(1).map(|hunk| documented(hunk, new)));
    }
    let is_certain = replacing.len() > 1 || (replacing.len() == 1 && !told.is_empty());
    Provenance { evidence, is_certain }
}

fn brings(hunk: &Hunk, new: &str) -> bool {
    let holds = |lines: &[String]| lines.iter().any(|line| line.contains(new));
    holds(&hunk.added) && !holds(&hunk.removed)
}

fn committed(hunk: &Hunk, old: &str, new: &str) -> Evidence {
    let text = format!("{old} became {new} at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
    Evidence::commit(&hunk.commit, text)
}

fn documented(hunk: &Hunk, new: &str) -> Evidence {
    Evidence::at(EvidenceKind::Docs, &hunk.path, hunk.line, format!("says {new}"))
}
