//! How likely a fix is right, from what speaks for it. The one place to calibrate: every strategy asks
//! here, none makes up a number.

use std::collections::BTreeSet;

use crate::fix::{Confidence, Evidence, EvidenceKind};

/// The odds of one fix, on a logarithmic scale: independent kinds of evidence add up, doubts subtract.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odds(f64);

impl Odds {
    /// The odds that `evidence` gives. A second fact of the same kind is no independent witness.
    pub(super) fn of(evidence: &[Evidence]) -> Self {
        let kinds: BTreeSet<EvidenceKind> = evidence.iter().map(|fact| fact.kind).collect();
        Self(START + kinds.into_iter().map(weight).sum::<f64>())
    }

    /// How near the new name comes to the old one where spelling is the reason, 0 to 1.
    pub(super) fn likeness(self, likeness: f64) -> Self {
        Self(self.0 + 2.0 * (likeness - 1.0))
    }

    /// Other answers that as much speaks for.
    pub(super) fn rivals(self, count: usize) -> Self {
        Self(self.0 - 1.6 * count.min(3) as f64)
    }

    /// A doubt that the strategy itself has: the wording allows other readings, a value may be a bug.
    pub(super) fn doubt(self, doubt: f64) -> Self {
        Self(self.0 - doubt)
    }

    /// As a probability.
    pub(super) fn confidence(self) -> Confidence {
        Confidence::new(1.0 / (1.0 + (-self.0).exp()))
    }
}

/// With no evidence a fix is a bad guess.
const START: f64 = 0.2;

/// The doubt about a value of which a commit speaks only by the code that makes it: of 41 such heals 5 were not what the
/// developers did before the rules about lost values, counts and arguments that went.
pub(super) const TOLD: f64 = 2.0;

fn weight(kind: EvidenceKind) -> f64 {
    match kind {
        EvidenceKind::Hint => 0.9,
        EvidenceKind::Source => 1.6,
        EvidenceKind::Git => 2.2,
        EvidenceKind::Example => 1.6,
        EvidenceKind::Docs => 1.0,
        EvidenceKind::Lesson => 1.6,
        EvidenceKind::Runtime => 1.6,
        EvidenceKind::Agent => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kinds: &[EvidenceKind]) -> f64 {
        let fact = |kind: &EvidenceKind| Evidence { kind: *kind, ..Evidence::hint("") };
        Odds::of(&kinds.iter().map(fact).collect::<Vec<_>>()).confidence().value()
    }

    #[test]
    fn independent_kinds_add_up_and_repeated_ones_do_not() {
        assert!(of(&[EvidenceKind::Source, EvidenceKind::Git]) > of(&[EvidenceKind::Git]));
        assert_eq!(of(&[EvidenceKind::Source, EvidenceKind::Source]), of(&[EvidenceKind::Source]));
    }

    #[test]
    fn a_rival_costs_more_than_a_witness_gives() {
        let odds = Odds::of(&[Evidence::hint("")]);
        assert!(odds.rivals(1).confidence() < Odds::of(&[]).confidence());
    }
}
