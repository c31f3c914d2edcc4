//! The fixes for a failure as they are offered: with what trial runs showed of them, validated ones first.

use crate::fix::{Fix, Tier};
use crate::heal::Healing;
use crate::validation::Verdict;

use super::world::Folder;

/// What trial runs showed of the fixes for one failure.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The fixes that were tried; the last may be several in one, where one alone made the failure move on.
    pub tried: Vec<(Fix, Verdict)>,
    /// What passes does so on the source before the change, too, and no fact explains why.
    pub is_vacuous: bool,
}

/// A fix as it is offered.
pub struct Offer {
    /// The fix.
    pub fix: Fix,
    /// What trial runs showed, where there were any.
    pub verdict: Option<Verdict>,
    is_vacuous: bool,
}

impl Offer {
    /// Whether the fix was seen to heal its test.
    pub fn is_validated(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Passes { .. }))
    }

    /// Whether it may go in without a second look, as far as its kind goes.
    pub fn is_safe(&self) -> bool {
        self.fix.tier == Tier::Safe && !self.is_vacuous
    }

    /// The fix's title for a menu, with what is known of it.
    pub fn title(&self) -> String {
        let known = match &self.verdict {
            Some(Verdict::Passes { .. }) if self.is_vacuous => "validated, possibly vacuous".to_string(),
            Some(Verdict::Passes { .. }) => "validated".to_string(),
            Some(Verdict::NotRun { .. }) | None => return self.fix.title.clone(),
            Some(verdict) => verdict.to_string(),
        };
        format!("{} ({known})", self.fix.title)
    }

    /// The lower, the further up in the menu.
    fn rank(&self) -> u8 {
        match &self.verdict {
            Some(Verdict::Passes { .. }) if self.is_safe() => 0,
            Some(Verdict::Passes { .. } | Verdict::NotRun { .. }) | None => 1,
            Some(Verdict::MovesOn { .. }) => 2,
            Some(Verdict::StillFails | Verdict::Breaks { .. } | Verdict::ChecksLess { .. }) => 3,
        }
    }
}

/// The offers for a failure, best first.
pub fn offers(folder: &Folder, healing: &Healing) -> Vec<Offer> {
    let proof = folder.proof(&healing.diagnosis.failure).unwrap_or_default();
    let offer = |fix: &Fix| {
        let verdict = proof.tried.iter().find(|(tried, _)| tried == fix).map(|(_, verdict)| verdict.clone());
        let is_vacuous = proof.is_vacuous && matches!(verdict, Some(Verdict::Passes { .. }));
        Offer { fix: fix.clone(), verdict, is_vacuous }
    };
    let single: Vec<&Fix> = healing.fixes.iter().map(|guarded| guarded.fix()).collect();
    let chains = proof.tried.iter().map(|(fix, _)| fix).filter(|fix| !single.contains(fix));
    let mut offers: Vec<Offer> = chains.chain(single.iter().copied()).map(offer).collect();
    offers.sort_by_key(Offer::rank);
    offers
}

/// Which of the offers is the one to take: the first that is validated; where nothing could be tried, the best if
/// it is sure enough.
pub fn preferred(offers: &[Offer], least_confidence: f64) -> Option<usize> {
    let tried = |offer: &Offer| !matches!(offer.verdict, Some(Verdict::NotRun { .. }) | None);
    if offers.iter().any(tried) {
        return offers.iter().position(|offer| offer.is_validated() && offer.is_safe());
    }
    let best = offers.first()?;
    (best.is_safe() && best.fix.confidence.value() >= least_confidence).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Confidence;

    fn offer(title: &str, confidence: f64, verdict: Option<Verdict>, is_vacuous: bool) -> Offer {
        let fix = Fix {
            title: title.to_string(),
            strategy: "attribute-rename",
            edits: Vec::new(),
            confidence: Confidence::new(confidence),
            evidence: Vec::new(),
            tier: Tier::Safe,
        };
        Offer { fix, verdict, is_vacuous }
    }

    /// The titles in the order of the menu; the preferred one with a star.
    fn menu(mut offers: Vec<Offer>) -> Vec<String> {
        offers.sort_by_key(Offer::rank);
        let preferred = preferred(&offers, 0.8);
        let line = |(index, offer): (usize, &Offer)| {
            format!("{}{}", if preferred == Some(index) { "* " } else { "" }, offer.title())
        };
        offers.iter().enumerate().map(line).collect()
    }

    #[test]
    fn what_was_seen_to_pass_is_preferred_and_what_fails_comes_last() {
        let passes = Some(Verdict::Passes { runs: 3 });
        let moves = Some(Verdict::MovesOn { failure: "KeyError: 'a'".to_string(), line: None });
        let seen = menu(vec![
            offer("a", 0.9, Some(Verdict::StillFails), false),
            offer("b", 0.8, moves, false),
            offer("c", 0.7, passes, false),
            offer("d", 0.6, None, false),
        ]);
        assert_eq!(seen, ["* c (validated)", "d", "b (helps, and then: KeyError: 'a')", "a (still fails)"]);
    }

    #[test]
    fn what_could_not_be_tried_is_judged_by_its_confidence() {
        assert_eq!(menu(vec![offer("a", 0.9, None, false), offer("b", 0.5, None, false)]), ["* a", "b"]);
        assert_eq!(menu(vec![offer("a", 0.7, None, false)]), ["a"]);
        let not_run = Some(Verdict::NotRun { reason: "no pytest".to_string() });
        assert_eq!(menu(vec![offer("a", 0.9, not_run, false)]), ["* a"]);
    }

    #[test]
    fn what_fails_or_is_possibly_vacuous_is_not_preferred() {
        assert_eq!(menu(vec![offer("a", 0.9, Some(Verdict::StillFails), false)]), ["a (still fails)"]);
        let passes = Some(Verdict::Passes { runs: 3 });
        assert_eq!(menu(vec![offer("a", 0.9, passes, true)]), ["a (validated, possibly vacuous)"]);
    }
}
