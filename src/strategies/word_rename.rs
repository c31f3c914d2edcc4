//! A word of the product (a key, an option, a parameter with an alias) that has another name now: nothing
//! refuses the old one, so every place of the test that says it follows.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, descendants};
use crate::workspace::history::RenameKind;
use crate::workspace::opposites::are_opposed;

use super::confidence::Odds;
use super::renames::is_still_read;
use super::{Context, Strategy, literals, provenance, sense};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "word-rename",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
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
    let words: BTreeSet<&str> = places(ctx).map(|place| place.word).collect();
    for old in words.iter().filter(|word| is_losing(&hunks, word)) {
        for new in successors(ctx, old) {
            // Who says both already tells them apart.
            let told = provenance::of(ctx, old, &new);
            if told.evidence.is_empty() || words.contains(new.as_str()) {
                continue;
            }
            let places = places(ctx).filter(|place| place.word == *old);
            let mut losing = hunks.iter().filter(|hunk| is_losing(std::slice::from_ref(hunk), old));
            let renames = ctx.snapshot.history().renames_of(old);
            let mut renames = renames.iter().filter(|rename| rename.new == new);
            let is_half = losing.any(|hunk| is_still_read(ctx, &hunk.path, old))
                || renames.any(|rename| sense::takes_less(ctx, rename) || sense::is_weaker(ctx, rename));
            // The opposite, or another unit, needs words that say so.
            let is_said = told.evidence.iter().any(|fact| fact.kind == EvidenceKind::Docs);
            let is_certain = told.is_certain && !is_half && (is_said || !are_opposed(old, &new));
            let mut evidence = told.evidence;
            evidence.push(Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the test says `{old}`")) });
            fixes.push(Fix {
                title: format!("Say `{new}` instead of `{old}`"),
                strategy: STRATEGY.id,
                edits: places.filter_map(|place| Some(ctx.replace(place.range.clone(), place.with(&new)?))).collect(),
                confidence: Odds::of(&evidence).doubt(if is_certain { 0.0 } else { 1.0 }).confidence(),
                evidence,
                tier: if is_certain { Tier::Safe } else { Tier::Review },
            });
        }
    }
    Some(())
}

/// A place that says a word: a string that holds nothing else, the name of a keyword argument.
struct Place<'c> {
    word: &'c str,
    range: Range<usize>,
    literal: Option<&'c str>,
}

impl Place<'_> {
    fn with(&self, word: &str) -> Option<String> {
        match self.literal {
            Some(literal) => literals::requoted(literal, word),
            None => Some(word.to_string()),
        }
    }
}

/// The places of the test and its decorators.
fn places<'c>(ctx: &'c Context<'_>) -> impl Iterator<Item = Place<'c>> {
    let scope = ctx.scope();
    let whole = ancestors(scope).find(|node| node.kind() == "decorated_definition").unwrap_or(scope);
    descendants(whole).filter_map(|node| place(ctx, node))
}

fn place<'c>(ctx: &'c Context<'_>, node: Node<'c>) -> Option<Place<'c>> {
    let range = node.byte_range();
    match node.kind() {
        "string" => {
            let word = crate::diagnosis::locate::string_content(ctx.source, node).filter(|word| is_word(word))?;
            Some(Place { word, range, literal: Some(ctx.source.slice(node)) })
        }
        "identifier" => {
            let argument = node.parent().filter(|parent| parent.kind() == "keyword_argument")?;
            let word = ctx.source.slice(node);
            let is_name = argument.child_by_field_name("name") == Some(node) && is_word(word);
            is_name.then_some(Place { word, range, literal: None })
        }
        _ => None,
    }
}

/// `stackLevel`, `--no-color`, `x-request-id`: one word, long enough to be one of the product's own.
fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    (4..=40).contains(&text.len()) && text.chars().all(inside) && text.chars().any(char::is_alphabetic)
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
        if rename.new != old && is_word(&rename.new) && !found.contains(&rename.new) {
            found.push(rename.new);
        }
    }
    found.truncate(2);
    found
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_keyword_that_something_took_in_silence() {
        check(
            r#"
#- before: shop.py
class Field:
    def __new__(cls, **options):
        if "_label" in options:
            return super().__new__(cls)
        return Unbound(options)

    def __init__(self, meta=None, _label=""):
        self.meta = meta
        self.label = _label.title()
#- shop.py
class Field:
    def __new__(cls, **options):
        if "label" in options:
            return super().__new__(cls)
        return Unbound(options)

    def __init__(self, meta=None, label=""):
        self.meta = meta
        self.label = label.title()
#- tests/test_field.py
from shop import Field

def test_meta():
    field = Field(_label="tea", meta=1)
    assert field.meta == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_meta ___________________________________

    def test_meta():
        field = Field(_label="tea", meta=1)
>       assert field.meta == 1
E       AttributeError: 'Unbound' object has no attribute 'meta'

tests/test_field.py:5: AttributeError
#- healed
-    field = Field(_label="tea", meta=1)
+    field = Field(label="tea", meta=1)
"#,
        );
    }

    #[test]
    fn a_test_that_says_both_words_tells_them_apart() {
        check(
            r#"
#- before: shop.py
def label(item):
    """Reads ``stackLevel``."""
    return item.get("stackLevel")
#- shop.py
def label(item):
    """Reads ``stacklevel``."""
    return item.get("stacklevel")
#- tests/test_label.py
from shop import label

def test_label():
    item = {"stacklevel": 2, "stackLevel": 1}
    assert label(item) == other(item)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_label __________________________________

    def test_label():
        item = {"stacklevel": 2, "stackLevel": 1}
>       assert label(item) == other(item)
E       assert 2 == 1

tests/test_label.py:5: AssertionError
#- healed
no fix
"#,
        );
    }
}
