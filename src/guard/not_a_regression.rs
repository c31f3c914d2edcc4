//! Where the product is suspected, the test is not touched without a person.

use crate::diagnosis::Verdict;
use crate::fix::Tier;

use super::change::{Change, FileChange};

pub(super) fn broken(change: &Change<'_>, _: &FileChange) -> Option<String> {
    let suspected = change.diagnosis.verdict == Verdict::LikelyProductRegression;
    (suspected && change.fix.tier == Tier::Safe)
        .then(|| format!("heals a test that is likely right: {}", change.diagnosis.reason))
}
