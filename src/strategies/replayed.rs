//! A text that a commit rewords, played again: its new template, filled with what the old text holds, gives the new text.

use std::collections::HashMap;

use ::similar::{ChangeTag, TextDiff};
use regex::{Captures, Regex};

use crate::diagnosis::product::{self, Hunk};
use crate::fix::Evidence;
use crate::syntax::{Source, descendants};

use super::Context;
use super::expected_value::short;
use super::provenance::{Provenance, is_copied};
use super::quotes;

/// The hunk whose one line makes `new` of `old`; certain where more than a letter or a number changed, and what it is
/// filled with stands in its order.
pub(super) fn replayed(ctx: &Context<'_>, old: &str, new: &str) -> Option<Provenance> {
    product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| hunk.is_python()).find_map(|hunk| {
        let (before, after) = templates(hunk)?;
        (before.filled(old, &after)? == new).then(|| {
            let (was, is) = (short(&before.text), short(&after.text));
            let text = format!("{was} became {is} at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
            let is_certain = before.holes().eq(after.holes())
                && letters_between(&before.fixed(), &after.fixed()) > 2
                && !is_copied(ctx, hunk, &after.text)
                && !ctx.snapshot.history().is_in_progress(&hunk.commit);
            Provenance { evidence: vec![Evidence::commit(&hunk.commit, text)], is_certain, doubt: 0.0 }
        })
    })
}

/// The one string of the line that the hunk changes, before and after.
fn templates(hunk: &Hunk) -> Option<(Template, Template)> {
    let ([old], [new]) = (hunk.removed.as_slice(), hunk.added.as_slice()) else { return None };
    let (old, new) = (Template::all(old), Template::all(new));
    let mut differing = old.iter().zip(&new).filter(|(old, new)| old.text != new.text);
    let (before, after) = differing.next()?;
    (old.len() == new.len() && differing.next().is_none()).then(|| (before.clone(), after.clone()))
}

/// A string with holes, as the product writes it.
#[derive(Clone)]
struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Fixed(String),
    /// What is written between the braces, or the hole's number.
    Hole(String),
}

impl Template {
    /// The strings of a line of code.
    fn all(line: &str) -> Vec<Self> {
        let source = Source::parse(line.trim().to_string());
        let strings = descendants(source.root()).filter(|node| node.kind() == "string");
        strings.filter_map(|string| Self::read(line, source.slice(string))).collect()
    }

    fn read(line: &str, literal: &str) -> Option<Self> {
        let (prefix, quote) = quotes::opening(literal)?;
        let body = literal.get(prefix.len() + quote.len()..literal.len().checked_sub(quote.len())?)?;
        let has_braces = prefix.contains(['f', 'F']) || line.contains(".format(");
        let open = if has_braces { '{' } else { '%' };
        let mut parts = Vec::new();
        let mut rest = body;
        while let Some(at) = rest.find(open) {
            let end =
                if has_braces { rest[at..].find('}')? + 1 } else { rest[at + 1..].find(char::is_alphabetic)? + 2 };
            let hole = &rest[at..at + end];
            let is_numbered = matches!(hole, "{}") || !has_braces;
            parts.push(Part::Fixed(quotes::unescaped(&format!("{quote}{}{quote}", &rest[..at]))?));
            parts.push(Part::Hole(if is_numbered { format!("{hole}{}", parts.len()) } else { hole.to_string() }));
            rest = &rest[at + end..];
        }
        parts.push(Part::Fixed(quotes::unescaped(&format!("{quote}{rest}{quote}"))?));
        Some(Self { text: literal.to_string(), parts })
    }

    /// `text` with every stretch that this template made as `other` makes it of the same.
    fn filled(&self, text: &str, other: &Self) -> Option<String> {
        let says = |part: &Part| matches!(part, Part::Fixed(text) if text.chars().any(|c| !c.is_whitespace()));
        self.parts.iter().any(says).then_some(())?;
        let (mut pattern, mut groups) = (String::new(), HashMap::new());
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Fixed(text) => pattern += &regex::escape(text),
                Part::Hole(name) => {
                    groups.insert(name.as_str(), groups.len() + 1);
                    let rest = &self.parts[index + 1..];
                    let is_last = !rest.iter().any(|part| matches!(part, Part::Fixed(text) if !text.is_empty()));
                    pattern += if is_last { r"([^\n]*)" } else { r"([^\n]*?)" };
                }
            }
        }
        let pattern = Regex::new(&pattern).ok().filter(|pattern| pattern.is_match(text))?;
        let is_known = |part: &Part| {
            matches!(part, Part::Fixed(_)) || matches!(part, Part::Hole(name) if groups.contains_key(name.as_str()))
        };
        other.parts.iter().all(is_known).then_some(())?;
        let made = |captures: &Captures<'_>| -> String {
            let part = |part: &Part| match part {
                Part::Fixed(text) => text.clone(),
                Part::Hole(name) => groups.get(name.as_str()).map_or(String::new(), |at| captures[*at].to_string()),
            };
            other.parts.iter().map(part).collect()
        };
        Some(pattern.replace_all(text, made).into_owned())
    }

    fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| if let Part::Hole(name) = part { Some(name.as_str()) } else { None })
    }

    fn fixed(&self) -> String {
        let fixed = |part: &Part| if let Part::Fixed(text) = part { text.clone() } else { "\0".to_string() };
        self.parts.iter().map(fixed).collect()
    }
}

/// The characters that two texts do not share, numbers left out.
fn letters_between(old: &str, new: &str) -> usize {
    let diff = TextDiff::from_chars(old, new);
    let is_letter = |text: &str| !text.chars().all(|c| c.is_ascii_digit());
    diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal && is_letter(change.value())).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Tier;
    use crate::fixture::Scene;

    #[track_caller]
    fn fills(before: &str, after: &str, old: &str, expect: &str) {
        let only = |line: &str| Template::all(line).remove(0);
        assert_eq!(only(before).filled(old, &only(after)).as_deref().unwrap_or("none"), expect);
    }

    #[test]
    fn a_text_is_made_anew_of_what_it_holds() {
        fills("f'{a} ({b}:{c})\\n'", "f'{a}:{b}:{c}\\n'", "no\n\nX y (1:2)\nZ (3:4)\n", "no\n\nX y:1:2\nZ:3:4\n");
        fills("'no %s in %s' % x", "'%s: no %s' % x", "no a in b", "a: no b");
        fills("'got {}'.format(x)", "'received {}'.format(x)", "I got 1 of 2", "I received 1 of 2");
        fills("f'{a} of {b}'", "f'{a} of {d}'", "1 of 2", "none");
    }

    fn tier(after: &str, printed: &str) -> Option<Tier> {
        let scene = format!(
            r#"
#- before: shop.py
def at(line, column):
    return f"at ({{line}}, {{column}})"
#- shop.py
def at(line, column):
    return f"{after}"
#- tests/test_shop.py
from shop import at

def test_at():
    assert at(1, 2) == "at (1, 2)"
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_at ____________________________________

    def test_at():
>       assert at(1, 2) == "at (1, 2)"
E       AssertionError: assert '{printed}' == 'at (1, 2)'

tests/test_shop.py:4: AssertionError
"#
        );
        Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier)
    }

    #[test]
    fn a_reworded_template_is_certain_and_a_letter_more_is_not() {
        assert_eq!(tier("at {line}:{column}", "at 1:2"), Some(Tier::Safe));
        assert_eq!(tier("at ({line}, {column})x", "at (1, 2)x"), Some(Tier::Review));
        assert_eq!(tier("at {column}:{line}", "at 2:1"), Some(Tier::Review));
    }
}
