//! A word of the product (a key, an option, a parameter with an alias) that has another name now: nothing
//! refuses the old one, so every place of the test that says it follows.

use std::collections::BTreeSet;

use crate::diagnosis::half_done::left_behind;
use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::opposites::are_opposed;

use super::confidence::Odds;
use super::renames::is_still_read;
use super::{Context, Strategy, provenance, sense};
use places::Place;

mod places;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "word-rename",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::EnvironmentError,
        Category::KeyError,
        Category::LogicError,
        Category::ResourceError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Says a key, an option or a parameter by the name that the product gave it, in the whole test.",
    example: r#"
#- before: shop.py
def label(item):
    """Reads ``stackLevel``."""
    return {key: item[key] for key in ("name", "stackLevel") if key in item}
#- shop.py
def label(item):
    """Reads ``stacklevel``."""
    return {key: item[key] for key in ("name", "stacklevel") if key in item}
#- tests/test_label.py
from shop import label

def test_label():
    item = {"name": "tea", "stackLevel": 1}
    assert $0label(item) == {"name": "tea", "stackLevel": 1}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_label __________________________________

    def test_label():
        item = {"name": "tea", "stackLevel": 1}
>       assert label(item) == {"name": "tea", "stackLevel": 1}
E       AssertionError: assert {'name': 'tea'} == {'name': 'tea', 'stackLevel': 1}

tests/test_label.py:5: AssertionError
#- healed
-    item = {"name": "tea", "stackLevel": 1}
-    assert label(item) == {"name": "tea", "stackLevel": 1}
+    item = {"name": "tea", "stacklevel": 1}
+    assert label(item) == {"name": "tea", "stacklevel": 1}
"#,
    propose: word_rename,
};

fn word_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    // `keyword-rename` knows the call that refused a keyword, and what it takes.
    if matches!(ctx.complaint(), Complaint::UnexpectedKeyword { .. }) {
        return None;
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let (own, below) = (places::of_test(ctx), places::below(ctx));
    let said = own.iter().chain(below.iter().flatten());
    let words: BTreeSet<&str> = said.map(|place| place.word.as_str()).collect();
    for old in words.into_iter().filter(|word| is_losing(&hunks, word)) {
        for new in successors(ctx, old) {
            // Who says both already tells them apart.
            if says(&own, &new) {
                continue;
            }
            let below = below.iter().filter(|places| !says(places, &new)).flatten();
            let (own, below) = (edits(&own, old, &new), edits(below, old, &new));
            let all: Vec<Edit> = own.iter().chain(&below).cloned().collect();
            let Some(renaming) = Renaming::of(ctx, &hunks, old, new) else { continue };
            let is_shared = !below.is_empty();
            if !own.is_empty() {
                fixes.push(renaming.fix(own, 0.0));
            }
            if is_shared {
                fixes.push(renaming.fix(all, SHARED));
            }
        }
    }
    Some(())
}

/// The doubt about a place that other tests may stand on.
const SHARED: f64 = 0.3;

fn says(places: &[Place], word: &str) -> bool {
    places.iter().any(|place| place.word == word)
}

fn edits<'p>(places: impl IntoIterator<Item = &'p Place>, old: &str, new: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> =
        places.into_iter().filter(|place| place.word == old).filter_map(|place| place.edit(new)).collect();
    edits.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
    edits.dedup();
    edits
}

/// A word that became another, and what shows it.
struct Renaming<'a> {
    old: &'a str,
    new: String,
    evidence: Vec<Evidence>,
    is_certain: bool,
}

impl<'a> Renaming<'a> {
    fn of(ctx: &Context<'_>, hunks: &[Hunk], old: &'a str, new: String) -> Option<Self> {
        let told = provenance::of(ctx, old, &new);
        let mut evidence = Some(told.evidence).filter(|evidence| !evidence.is_empty())?;
        let mut losing = hunks.iter().filter(|hunk| is_losing(std::slice::from_ref(hunk), old));
        let renames = ctx.snapshot.history().renames_of(old);
        let mut renames = renames.iter().filter(|rename| rename.new == new);
        let is_half = losing.any(|hunk| is_still_read(ctx, &hunk.path, old))
            || renames.any(|rename| {
                sense::takes_less(ctx, rename)
                    || sense::is_weaker(ctx, rename)
                    || left_behind(ctx.snapshot, rename).is_some()
            });
        // The opposite, or another unit, needs words that say so.
        let is_said = evidence.iter().any(|fact| fact.kind == EvidenceKind::Docs);
        let is_certain = told.is_certain && !is_half && (is_said || !are_opposed(old, &new));
        evidence.push(Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the test says `{old}`")) });
        Some(Self { old, new, evidence, is_certain })
    }

    fn fix(&self, edits: Vec<Edit>, doubt: f64) -> Fix {
        let doubt = if self.is_certain { doubt } else { 1.0 + doubt };
        Fix {
            title: format!("Say `{}` instead of `{}`", self.new, self.old),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&self.evidence).doubt(doubt).confidence(),
            evidence: self.evidence.clone(),
            tier: if self.is_certain { Tier::Safe } else { Tier::Review },
        }
    }
}

/// Whether the product says the word less often than before.
fn is_losing(hunks: &[Hunk], word: &str) -> bool {
    let says = |lines: &[String]| lines.iter().filter(|line| line.contains(word)).count();
    hunks.iter().any(|hunk| hunk.is_python() && says(&hunk.removed) > 0)
}

fn successors(ctx: &Context<'_>, old: &str) -> Vec<String> {
    let named = |kind: RenameKind| matches!(kind, RenameKind::Literal | RenameKind::Parameter | RenameKind::Symbol(_));
    let renames = ctx.snapshot.history().renames_of(old);
    let mut found: Vec<String> = Vec::new();
    for rename in renames.into_iter().filter(|rename| named(rename.kind) && product::is_trusted(rename)) {
        if rename.new != old && places::is_word(&rename.new) && !found.contains(&rename.new) {
            found.push(rename.new);
        }
    }
    found.truncate(2);
    found
}

#[cfg(test)]
mod tests;
