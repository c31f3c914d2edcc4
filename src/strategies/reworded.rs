//! An expected text that reads otherwise now: the proposal that all strategies for such texts make.

use crate::diagnosis::refusal;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};

use super::confidence::Odds;
use super::expected_value::short;
use super::{Context, literals, provenance, told};

/// What is written in the test in the place of what.
pub(super) struct Reworded<'a> {
    pub(super) strategy: &'static str,
    pub(super) title: String,
    pub(super) changes: Vec<literals::Change>,
    /// The text that was expected.
    pub(super) was: &'a str,
    /// The text that the run gave.
    pub(super) is: &'a str,
    /// What is left to doubt where only the run speaks for it.
    pub(super) doubt: f64,
}

impl Reworded<'_> {
    /// With what git and documents say of it. `None` where nothing changes, a call is at fault, or the new text is the
    /// error of a product that refuses now what it accepted.
    pub(super) fn fix(self, ctx: &Context<'_>) -> Option<Fix> {
        if self.changes.is_empty() || told::is_call_at_fault(ctx) {
            return None;
        }
        let quoted = |text: &str| format!("{text:?}");
        let is_refusal = refusal::is_refusal(ctx.test_name(), "", &quoted(self.was), &quoted(self.is));
        if is_refusal && told::told(ctx).is_none_or(|told| !told.is_certain) {
            return None;
        }
        let mut provenance = provenance::of_text(ctx, self.was, self.is);
        if !provenance.is_certain {
            provenance.strengthen(told::told(ctx), self.was, self.is);
        }
        let seen = format!("the run gave {}", short(self.is));
        let mut evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(seen) }];
        evidence.extend(provenance.evidence);
        let doubt = if evidence.len() > 1 { provenance.doubt } else { self.doubt };
        Some(Fix {
            title: self.title,
            strategy: self.strategy,
            edits: self.changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect(),
            confidence: Odds::of(&evidence).doubt(doubt).confidence(),
            evidence,
            tier: if provenance.is_certain { Tier::Safe } else { Tier::Review },
        })
    }
}
