//! A guess upon a guess: what a function that may be another one gave is no value to expect.

use std::sync::Arc;

use crate::fix::{Fix, Tier};
use crate::strategies::expects;
use crate::syntax::tokens::{is_name, is_plain_literal};
use crate::text::FilePath;

use super::chain::is_only_seen;

/// Whether a fix calls or reads something by another name without being sure that it is the same. `text` is that of the
/// files before it.
pub(super) fn is_guess(fix: &Fix, text: impl Fn(&FilePath) -> Option<Arc<str>>) -> bool {
    let mut renames = fix.edits.iter().filter(|edit| {
        let text = text(&edit.path);
        let old = text.as_deref().and_then(|text| text.get(edit.range.clone()));
        old.is_some_and(|old| is_path(old) && is_path(&edit.text) && old != edit.text)
    });
    fix.tier == Tier::Review && !expects(fix) && renames.next().is_some()
}

/// Whether a fix expects what the run gave, and nothing else speaks for it.
pub(super) fn is_only_seen_value(fix: &Fix) -> bool {
    expects(fix) && is_only_seen(fix)
}

/// `total`, `shop.total`.
fn is_path(text: &str) -> bool {
    text.split('.').all(is_name) && !is_plain_literal(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Confidence, Evidence};
    use crate::text::Edit;

    #[test]
    fn another_name_without_certainty_is_a_guess_and_an_argument_or_an_import_is_none() {
        let path = FilePath::new("t.py");
        let text = "assert total(1, True) == shop.LEAST\n";
        let is_guess_of = |tier: Tier, strategy: &'static str, old: &str, new: &str| {
            let at = text.find(old).expect("the text holds it");
            let fix = Fix {
                title: String::new(),
                strategy,
                edits: vec![Edit::replace(&path, at..at + old.len(), new)],
                confidence: Confidence::new(0.9),
                evidence: vec![Evidence::hint("said")],
                tier,
            };
            is_guess(&fix, |_| Some(Arc::from(text)))
        };
        assert!(is_guess_of(Tier::Review, "attribute-rename", "total", "fee"));
        assert!(is_guess_of(Tier::Review, "attribute-moved", "total", "shop.fee"));
        assert!(!is_guess_of(Tier::Safe, "attribute-rename", "total", "fee"));
        assert!(!is_guess_of(Tier::Review, "argument-added", "", "2, "));
        assert!(!is_guess_of(Tier::Review, "missing-import", "", "import shop\n"));
        assert!(!is_guess_of(Tier::Review, "argument-type", "True", "False"));
        assert!(!is_guess_of(Tier::Review, "expected-constant", "LEAST", "MOST"));
    }
}
