//! An expected text that the test puts together: an f-string, `"…".format(…)`, `"…" % …`. Its fixed parts follow the
//! product, what stands in its holes stays computed.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children};

use super::comparison::{self, Side};
use super::confidence::Odds;
use super::literals::{self, Printed};
use super::{Context, Strategy, patterns, provenance, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-template",
    categories: &[Category::AssertionError],
    summary: "Updates the fixed parts of an expected text with holes (f-string, format, %), as a proposal for a person.",
    example: r#"
#- shop.py
def greeting(name):
    return f"Welcome, {name}!"
#- tests/test_greeting.py
from shop import greeting

def test_greeting():
    name = "Ada"
    assert $0greeting(name) == f"Hello {name}!"
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_greeting _________________________________

    def test_greeting():
        name = "Ada"
>       assert greeting(name) == f"Hello {name}!"
E       AssertionError: assert 'Welcome, Ada!' == 'Hello Ada!'

tests/test_greeting.py:5: AssertionError
#- healed
-    assert greeting(name) == f"Hello {name}!"
+    assert greeting(name) == f"Welcome, {name}!"
"#,
    propose: expected_template,
};

fn expected_template(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (template, was, is) = compared(ctx).or_else(|| contained(ctx))?;
    let changes = template.changes(&was, &is)?;
    if changes.is_empty() || super::expected_value::names_the_machine(&is, &was) {
        return None;
    }
    if told::passes_what_went(ctx) {
        return None;
    }
    let mut provenance = provenance::of_text(ctx, &was, &is);
    if !provenance.is_certain {
        provenance.strengthen(told::told(ctx));
    }
    let seen = format!("the run gave {}", super::expected_value::short(&is));
    let mut evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(seen) }];
    evidence.extend(provenance.evidence);
    let doubt = if evidence.len() > 1 { provenance.doubt } else { 0.4 };
    fixes.push(Fix {
        title: format!("Expect {}", super::expected_value::short(&is)),
        strategy: STRATEGY.id,
        edits: changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect(),
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: if provenance.is_certain { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The template of a failed `==`, what it gave, and what it has to give.
fn compared(ctx: &Context<'_>) -> Option<(Template, String, String)> {
    let [left, right] = comparison::sides(ctx)?;
    let is_text = |side: &Side<'_>| text(&side.printed);
    let (was, is) = (is_text(&left)?, is_text(&right)?);
    match (declared(ctx, &left), declared(ctx, &right)) {
        (Some(template), None) => Some((template, was, is)),
        (None, Some(template)) => Some((template, is, was)),
        _ => None,
    }
}

/// The template of a failed `in`, what it gave, and what stands in its place in the other text.
fn contained(ctx: &Context<'_>) -> Option<(Template, String, String)> {
    let (left, actual) = comparison::contained(ctx)?;
    let (was, actual) = (text(&left.printed)?, text(&actual)?);
    let is = patterns::part_like(&was, &actual)?;
    (!actual.contains(&was)).then_some((declared(ctx, &left)?, was, is))
}

fn text(printed: &str) -> Option<String> {
    let printed = Printed::parse(printed)?;
    literals::string_value(printed.source(), printed.node()?)
}

/// The template that a side is, or that its name was given in the test.
fn declared(ctx: &Context<'_>, side: &Side<'_>) -> Option<Template> {
    let node = literals::inner(side.node);
    if node.kind() != "identifier" {
        return Template::read(ctx.source, node);
    }
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    let value = comparison::assigned_once(ctx.source, test, ctx.source.slice(node), ctx.site.statement.start)?;
    Template::read(ctx.source, value)
}

/// A text with holes, as written in the test.
struct Template {
    /// Fixed parts and holes in turn, a fixed part at both ends; where each part is written, `None` for empty ones
    /// that are not written.
    fixed: Vec<Fixed>,
    /// What a fixed part must not hold.
    special: &'static [char],
}

#[derive(Debug)]
struct Fixed {
    range: Range<usize>,
    text: String,
}

impl Template {
    fn read(source: &Source, node: Node<'_>) -> Option<Self> {
        match node.kind() {
            "string" => Self::of_interpolations(source, node),
            "call" => {
                let function = node.child_by_field_name("function").filter(|node| node.kind() == "attribute")?;
                let is_format = source.slice(function.child_by_field_name("attribute")?) == "format";
                let literal = function.child_by_field_name("object").filter(|_| is_format)?;
                Self::of_fields(source, literal, '{', |rest| Some(rest.find('}')? + 1))
            }
            "binary_operator" => {
                let is_percent = source.slice(node.child_by_field_name("operator")?) == "%";
                let literal = node.child_by_field_name("left").filter(|_| is_percent)?;
                Self::of_fields(source, literal, '%', |rest| Some(rest[1..].find(char::is_alphabetic)? + 2))
            }
            _ => None,
        }
    }

    /// `f"a {b} c"`.
    fn of_interpolations(source: &Source, string: Node<'_>) -> Option<Self> {
        let body = body(source, string)?;
        let holes: Vec<Range<usize>> =
            children(string).filter(|part| part.kind() == "interpolation").map(|part| part.byte_range()).collect();
        Self::around(source, body, &holes, &['{', '}', '\\', '\n', '"', '\''])
    }

    /// `"a {} c"` and `"a %s c"`: `end` finds where the hole ends that the rest begins with.
    fn of_fields(source: &Source, string: Node<'_>, open: char, end: fn(&str) -> Option<usize>) -> Option<Self> {
        let body = body(source, string).filter(|_| string.kind() == "string" && literals::is_literal(string))?;
        let (mut holes, mut at) = (Vec::new(), body.start);
        while let Some(found) = source.text()[at..body.end].find(open) {
            let start = at + found;
            let stop = start + end(&source.text()[start..body.end])?;
            holes.push(start..stop);
            at = stop;
        }
        Self::around(source, body, &holes, &['{', '}', '%', '\\', '\n', '"', '\''])
    }

    fn around(source: &Source, body: Range<usize>, holes: &[Range<usize>], special: &'static [char]) -> Option<Self> {
        let starts = std::iter::once(body.start).chain(holes.iter().map(|hole| hole.end));
        let ends = holes.iter().map(|hole| hole.start).chain([body.end]);
        let fixed: Vec<Fixed> = starts
            .zip(ends)
            .map(|(start, end)| Fixed { range: start..end, text: source.text()[start..end].into() })
            .collect();
        let is_plain = fixed.iter().all(|part| !part.text.contains(special));
        // Two holes side by side cannot be told apart.
        let inner = fixed.len().saturating_sub(2);
        let is_readable = fixed.iter().skip(1).take(inner).all(|part| !part.text.is_empty());
        (!holes.is_empty() && is_plain && is_readable).then_some(Self { fixed, special })
    }

    /// What the holes of the template gave, by where it stands in `was`.
    fn holes(&self, was: &str) -> Option<Vec<Range<usize>>> {
        let (first, rest) = self.fixed.split_first()?;
        let mut start = was.starts_with(&first.text).then_some(first.text.len())?;
        let mut holes = Vec::new();
        for (index, part) in rest.iter().enumerate() {
            let is_last = index + 1 == rest.len();
            let after = &was[start..];
            let at = if is_last { after.len().checked_sub(part.text.len())? } else { after.find(&part.text)? };
            (after.is_char_boundary(at) && after[at..].starts_with(&part.text)).then_some(())?;
            holes.push(start..start + at);
            start += at + part.text.len();
        }
        Some(holes)
    }

    /// The fixed parts that have to change so that the template gives `is` where it gave `was`.
    fn changes(&self, was: &str, is: &str) -> Option<Vec<literals::Change>> {
        let holes = self.holes(was)?;
        let moved: Vec<Range<usize>> = holes.iter().map(|hole| moved(was, is, hole)).collect::<Option<_>>()?;
        let starts = std::iter::once(0).chain(moved.iter().map(|hole| hole.end));
        let ends = moved.iter().map(|hole| hole.start).chain([is.len()]);
        let mut changes = Vec::new();
        for (part, (start, end)) in self.fixed.iter().zip(starts.zip(ends)) {
            let new = is.get(start..end)?;
            if new.contains(self.special) || new.chars().any(char::is_control) {
                return None;
            }
            if new != part.text {
                changes.push((part.range.clone(), new.to_string()));
            }
        }
        Some(changes)
    }
}

/// The bytes between the quotes of a string of one line.
fn body(source: &Source, string: Node<'_>) -> Option<Range<usize>> {
    let text = source.slice(string);
    let open = text.find(['"', '\''])?;
    let quote = text[open..].chars().next()?;
    let is_triple = text[open..].starts_with(&quote.to_string().repeat(3)) && text.len() > open + 5;
    let is_bytes = text[..open].contains(['b', 'B']);
    (!is_triple && !is_bytes).then(|| string.start_byte() + open + 1..string.end_byte() - 1)
}

/// Where the text of `hole` stands in `is`: the one place that has it, else the one that the common text around it
/// leads to.
fn moved(was: &str, is: &str, hole: &Range<usize>) -> Option<Range<usize>> {
    let text = &was[hole.clone()];
    if text.is_empty() {
        return None;
    }
    let mut places = is.match_indices(text);
    if let (Some((at, _)), None) = (places.next(), places.next()) {
        return Some(at..at + text.len());
    }
    let (old, new): (Vec<char>, Vec<char>) = (was.chars().collect(), is.chars().collect());
    let index = |offset: usize| was[..offset].chars().count();
    let (start, end) = (index(hole.start), index(hole.end));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let holder = ops
        .iter()
        .find(|op| op.tag() == DiffTag::Equal && op.old_range().start <= start && end <= op.old_range().end)?;
    let first = holder.new_range().start + start - holder.old_range().start;
    let at: usize = new[..first].iter().map(|c| c.len_utf8()).sum();
    Some(at..at + text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;
    use crate::text::{Edit, FilePath, apply};

    #[track_caller]
    fn heals(template: &str, was: &str, is: &str, expect: &str) {
        let source = Source::parse(template.to_string());
        let node = source.root().named_child(0).unwrap().named_child(0).unwrap();
        let edit = |(range, text)| Edit::replace(&FilePath::new("t.py"), range, text);
        let changes = Template::read(&source, node).and_then(|template| template.changes(was, is));
        let healed =
            changes.map(|changes| apply(template, &changes.into_iter().map(edit).collect::<Vec<_>>()).unwrap());
        assert_eq!(healed.as_deref().unwrap_or("none"), expect);
    }

    #[test]
    fn the_fixed_parts_follow_and_the_holes_stay() {
        heals("f'no {n} left'", "no 3 left", "only 3 here", "f'only {n} here'");
        heals("f\"{a}-{b}\"", "x-yy", "x/yy", "f\"{a}/{b}\"");
        heals(
            "'<U(r={}, e={!r})>'.format(r, e)",
            "<U(r=1, e='no')>",
            "<U(r=1, a=2, e='no')>",
            "'<U(r={}, a=2, e={!r})>'.format(r, e)",
        );
        heals("'%s of %d' % (a, b)", "x of 4", "x from 4", "'%s from %d' % (a, b)");
    }

    #[test]
    fn a_hole_that_is_gone_or_not_to_be_found_is_none() {
        heals("f'no {n} left'", "no 3 left", "nothing left", "none");
        heals("f'{a}{b}'", "xy", "yx", "none");
        heals("f'no {n} left'", "no 3 left", "no '3' here", "none");
    }

    #[test]
    fn two_templates_are_no_fix() {
        check(
            r#"
#- tests/test_greeting.py
def test_greeting(name):
    assert f"Hi {name}" == f"Hello {name}"
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_greeting _________________________________

    def test_greeting(name):
>       assert f"Hi {name}" == f"Hello {name}"
E       AssertionError: assert 'Hi Ada' == 'Hello Ada'

tests/test_greeting.py:2: AssertionError
#- healed
no fix
"#,
        );
    }
}
