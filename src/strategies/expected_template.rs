//! An expected text that the test puts together: an f-string, `"…".format(…)`, `"…" % …`. Its fixed parts follow the
//! product, what stands in its holes stays computed.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::Category;
use crate::fix::Fix;
use crate::syntax::{Node, Source, children};

use super::comparison::{self, Side};
use super::expected_value::short;
use super::literals::{self, Printed};
use super::reworded::Reworded;
use super::{Context, Strategy, patterns};

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
    let (changes, was, is) = one(ctx).or_else(|| each(ctx))?;
    let title = format!("Expect {}", short(&is));
    let reworded = Reworded { strategy: STRATEGY.id, title, changes, was: &was, is: &is, doubt: 0.4 };
    fixes.push(reworded.fix(ctx)?);
    Some(())
}

/// The changes that make a text with holes, written at `node`, give `is` where it gave `was`.
pub(super) fn changes(source: &Source, node: Node<'_>, was: &str, is: &str) -> Option<Vec<literals::Change>> {
    Template::read(source, node, &|_| None)?.changes(was, is).filter(|changes| !changes.is_empty())
}

/// The changes of a template, what it gave, and what it has to give.
type Changed = (Vec<literals::Change>, String, String);

fn one(ctx: &Context<'_>) -> Option<Changed> {
    let (template, was, is) = compared(ctx).or_else(|| contained(ctx))?;
    Some((template.changes(&was, &is)?, was, is))
}

/// The changes of the template in `[f"Hello {name}" for name in NAMES]`, where every text of the list asks for the same;
/// the first of the texts.
fn each(ctx: &Context<'_>) -> Option<Changed> {
    let (template, expected, actual) = comparison::one_side(ctx, |side| repeated(ctx, side))?;
    let (olds, news) = (texts(&expected.printed)?, texts(&actual.printed)?);
    if olds.len() != news.len() {
        return None;
    }
    let mut all = olds.iter().zip(&news).map(|(was, is)| template.changes(was, is));
    let changes = all.next()??;
    let is_agreed = all.all(|other| other.as_ref() == Some(&changes));
    is_agreed.then_some((changes, olds.first()?.clone(), news.first()?.clone()))
}

/// The template that a list comprehension of the test makes each of its texts of.
fn repeated(ctx: &Context<'_>, side: &Side<'_>) -> Option<Template> {
    let written = literals::inner(side.node);
    let list = comparison::assigned(ctx, written).unwrap_or(written);
    let text = list.child_by_field_name("body").filter(|_| list.kind() == "list_comprehension")?;
    Template::read(ctx.source, text, &|_| None)
}

/// The texts of a printed list of nothing else.
fn texts(printed: &str) -> Option<Vec<String>> {
    let printed = Printed::parse(printed)?;
    let list = printed.node().filter(|node| node.kind() == "list")?;
    children(list).map(|item| literals::string_value(printed.source(), item)).collect()
}

/// The template of a failed `==`, what it gave, and what it has to give.
fn compared(ctx: &Context<'_>) -> Option<(Template, String, String)> {
    let (template, expected, actual) = comparison::one_side(ctx, |side| declared(ctx, side))?;
    Some((template, text(&expected.printed)?, text(&actual.printed)?))
}

/// The template of a failed `in`, what it gave, and what stands in its place in the other text.
fn contained(ctx: &Context<'_>) -> Option<(Template, String, String)> {
    let (left, actual, place) = comparison::placed(ctx)?;
    let (was, actual) = (text(&left.printed)?, text(&actual)?);
    let is = place.reach(patterns::part_like(&was, &actual)?, &actual)?;
    (!place.holds(&was, &actual)).then_some((declared(ctx, &left)?, was, is))
}

fn text(printed: &str) -> Option<String> {
    let printed = Printed::parse(printed)?;
    literals::string_value(printed.source(), printed.node()?)
}

/// The template that a side is, that its name was given in the test, or that a row of the test's table holds.
fn declared(ctx: &Context<'_>, side: &Side<'_>) -> Option<Template> {
    let written = Template::read(ctx.source, literals::inner(side.node), &|name| comparison::assigned(ctx, name));
    written.or_else(|| of_row(ctx, side)).or_else(|| of_cell(ctx, side))
}

/// The template that stands in the only row of the test's table that can have given what the run printed.
fn of_cell(ctx: &Context<'_>, side: &Side<'_>) -> Option<Template> {
    let (was, test) = (text(&side.printed)?, ctx.source.function_at(ctx.site.statement.start)?);
    let name = Some(literals::inner(side.node)).filter(|node| node.kind() == "identifier")?;
    let of_cell = |cell| {
        let template = Template::read(ctx.source, cell, &|_| None)?;
        let gave: Vec<&str> = template.holes(&was)?.into_iter().map(|hole| &was[hole]).collect();
        fillings(ctx.source, cell).iter().all(|filling| gave.contains(&filling.as_str())).then_some(template)
    };
    let cells = comparison::rows(ctx.source, test, ctx.source.slice(name)).into_iter().map(literals::inner);
    let mut fitting = cells.filter_map(of_cell);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// What the literals among the arguments of a template put into its holes.
fn fillings(source: &Source, template: Node<'_>) -> Vec<String> {
    let given = template.child_by_field_name("arguments").or_else(|| template.child_by_field_name("right"));
    let given = given.map(literals::inner).into_iter();
    let all = given.flat_map(|node| match node.kind() {
        "argument_list" | "tuple" => children(node).collect(),
        _ => vec![node],
    });
    let text = |node: Node<'_>| match node.kind() {
        "string" => literals::string_value(source, node),
        "integer" => Some(source.slice(node).to_string()),
        _ => None,
    };
    all.map(|node| node.child_by_field_name("value").unwrap_or(node)).filter_map(text).collect()
}

/// The template of `text.format(…)`, `text % …`, where the test gets `text` row by row: the only row's that can have
/// given what the run printed.
fn of_row(ctx: &Context<'_>, side: &Side<'_>) -> Option<Template> {
    let (was, test) = (text(&side.printed)?, ctx.source.function_at(ctx.site.statement.start)?);
    let written = literals::inner(side.node);
    let filled = comparison::assigned(ctx, written).unwrap_or(written);
    let left = filled.child_by_field_name("left");
    let name = left.or_else(|| filled.child_by_field_name("function")?.child_by_field_name("object"))?;
    let name = Some(ctx.source.slice(name)).filter(|_| name.kind() == "identifier")?;
    let of_cell = |cell| {
        let named = |node: Node<'_>| (ctx.source.slice(node) == name).then_some(cell);
        Template::read(ctx.source, filled, &named).filter(|template| template.holes(&was).is_some())
    };
    let mut fitting = comparison::rows(ctx.source, test, name).into_iter().map(literals::inner).filter_map(of_cell);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// A text with holes, as written in the test.
struct Template {
    /// Fixed parts and holes in turn, a fixed part at both ends; where each part is written, `None` for empty ones
    /// that are not written.
    fixed: Vec<Fixed>,
    /// What a fixed part must not hold.
    special: &'static [char],
}

/// A fixed part, in as many pieces as it is written in: `"a " "b"`.
#[derive(Debug, Default)]
struct Fixed {
    pieces: Vec<(Range<usize>, String)>,
    text: String,
    /// What ends the pieces.
    quotes: Vec<char>,
    /// Whether a piece is written as it is, without escapes.
    is_raw: bool,
}

impl Template {
    /// Reads the expression; `named` knows what a name in it was given.
    fn read<'t>(source: &Source, node: Node<'t>, named: &dyn Fn(Node<'t>) -> Option<Node<'t>>) -> Option<Self> {
        let given = |node: Node<'t>| named(literals::inner(node)).unwrap_or(literals::inner(node));
        let node = given(node);
        match node.kind() {
            "string" | "concatenated_string" => Self::of_interpolations(source, node),
            "call" => {
                let function = node.child_by_field_name("function").filter(|node| node.kind() == "attribute")?;
                let is_format = source.slice(function.child_by_field_name("attribute")?) == "format";
                let literal = function.child_by_field_name("object").filter(|_| is_format)?;
                Self::of_fields(source, given(literal), '{', |rest| Some(rest.find('}')? + 1))
            }
            "binary_operator" => {
                let is_percent = source.slice(node.child_by_field_name("operator")?) == "%";
                let literal = node.child_by_field_name("left").filter(|_| is_percent)?;
                let end = |rest: &str| Some(rest[1..].find(char::is_alphabetic)? + 2);
                Self::of_fields(source, given(literal), '%', end)
            }
            _ => None,
        }
    }

    /// `f"a {b} c"`.
    fn of_interpolations(source: &Source, node: Node<'_>) -> Option<Self> {
        let holes = |string: Node<'_>, _: &Range<usize>| {
            let holes = children(string).filter(|part| part.kind() == "interpolation");
            Some(holes.map(|part| part.byte_range()).collect())
        };
        Self::around(source, node, &holes, &['{', '}', '\\'])
    }

    /// `"a {} c"` and `"a %s c"`: `end` finds where the hole ends that the rest begins with.
    fn of_fields(source: &Source, node: Node<'_>, open: char, end: fn(&str) -> Option<usize>) -> Option<Self> {
        let holes = |string: Node<'_>, body: &Range<usize>| {
            literals::is_literal(string).then_some(())?;
            let (mut holes, mut at) = (Vec::new(), body.start);
            while let Some(found) = source.text()[at..body.end].find(open) {
                let start = at + found;
                let stop = start + end(&source.text()[start..body.end])?;
                holes.push(start..stop);
                at = stop;
            }
            Some(holes)
        };
        Self::around(source, node, &holes, &['{', '}', '%', '\\'])
    }

    /// What stands around the holes that `holes` finds in each string.
    fn around(source: &Source, node: Node<'_>, holes: &Holes<'_>, special: &'static [char]) -> Option<Self> {
        let strings = if node.kind() == "string" { vec![node] } else { children(node).collect() };
        let mut fixed = vec![Fixed::default()];
        for string in strings.into_iter().filter(|part| part.kind() != "comment") {
            let body = body(source, string).filter(|_| string.kind() == "string")?;
            let found = holes(string, &body)?;
            let starts = std::iter::once(body.start).chain(found.iter().map(|hole| hole.end));
            let ends = found.iter().map(|hole| hole.start).chain([body.end]);
            for (index, (start, end)) in starts.zip(ends).enumerate() {
                if index > 0 {
                    fixed.push(Fixed::default());
                }
                let quote = source.text()[body.end..].chars().next()?;
                let is_raw = source.text()[string.start_byte()..body.start].contains(['r', 'R']);
                let prefix = if is_raw { "r" } else { "" };
                let text = format!("{prefix}{quote}{}{quote}", &source.text()[start..end]);
                let (part, text) = (fixed.last_mut()?, literals::string_value_of(&text)?);
                part.text += &text;
                part.pieces.push((start..end, text));
                part.quotes.push(quote);
                part.is_raw |= is_raw;
            }
        }
        let is_plain = fixed.iter().all(|part| !part.text.contains(special));
        // Two holes side by side cannot be told apart.
        let inner = fixed.len().saturating_sub(2);
        let is_readable = fixed.iter().skip(1).take(inner).all(|part| !part.text.is_empty());
        (fixed.len() > 1 && is_plain && is_readable).then_some(Self { fixed, special })
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
            let is_odd = |c: char| c.is_control() && (part.is_raw || c != '\n');
            if new.contains(self.special) || new.contains(part.quotes.as_slice()) || new.chars().any(is_odd) {
                return None;
            }
            changes.extend(part.changes(new));
        }
        Some(changes)
    }
}

/// The bytes of the holes of a string, by the bytes between its quotes; `None` where it is no template.
type Holes<'a> = dyn Fn(Node<'_>, &Range<usize>) -> Option<Vec<Range<usize>>> + 'a;

impl Fixed {
    /// The pieces that change where the part becomes `new`.
    fn changes(&self, new: &str) -> Vec<literals::Change> {
        if new == self.text {
            return Vec::new();
        }
        let olds: Vec<String> = self.pieces.iter().map(|(_, text)| text.clone()).collect();
        let news = literals::distributed(&olds, new);
        let pieces = self.pieces.iter().zip(news).filter(|((_, old), new)| old != new);
        let escaped = |text: String| text.replace('\n', "\\n");
        pieces.map(|((range, _), new)| (range.clone(), escaped(new))).collect()
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
    // What stood alone does not stand inside a word: the `a` of `no a left` is none of those of `cannot`.
    let is_joined = |text: &str, at: &Range<usize>| {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (head, tail) = (text[..at.start].chars().next_back(), text[at.end..].chars().next());
        let (first, last) = (text[at.clone()].chars().next(), text[at.clone()].chars().next_back());
        [is_word(head) && is_word(first), is_word(tail) && is_word(last)]
    };
    let [head, tail] = is_joined(was, hole);
    let is_fit = |at: &usize| {
        let [is_head, is_tail] = is_joined(is, &(*at..*at + text.len()));
        (head || !is_head) && (tail || !is_tail)
    };
    let mut places = is.match_indices(text).filter(|(at, _)| is_fit(at));
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
    is_fit(&at).then(|| at..at + text.len())
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
        let changes = Template::read(&source, node, &|_| None).and_then(|template| template.changes(was, is));
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
    fn a_text_in_pieces_changes_in_the_piece() {
        heals(
            "('Issue: %s'\n ' at %s:'\n '1') % (a, b)",
            "Issue: x at y:1",
            "Issue: x at y:1:8",
            "('Issue: %s'\n ' at %s:'\n '1:8') % (a, b)",
        );
        heals("(f'no {n} '\n 'items left')", "no 3 items left", "no 3 items here", "(f'no {n} '\n 'items here')");
        heals("('a ' b'b %s') % x", "a b 1", "a c 1", "none");
    }

    #[test]
    fn a_hole_that_is_gone_or_not_to_be_found_is_none() {
        heals("f'no {n} left'", "no 3 left", "nothing left", "none");
        heals("f'{a}{b}'", "xy", "yx", "none");
        heals("f'no {n} left'", "no 3 left", "no '3' here", "none");
        heals("f\"no {n} left\"", "no 3 left", "no '3' here", "f\"no '{n}' here\"");
    }

    #[test]
    fn the_template_of_a_cell_follows_where_one_row_can_be_meant() {
        let scene = |rows: &str, healed: &str| {
            check(&format!(
                r#"
#- tests/test_label.py
import pytest

NAME = "ann"

@pytest.mark.parametrize("n, expected", [{rows}])
def test_label(n, expected):
    assert label(n) == expected
#- test_run.log
=================================== FAILURES ===================================
_________________________ test_label[2-2 items for ann] _________________________

n = 2, expected = '2 items for ann'

    @pytest.mark.parametrize("n, expected", [{rows}])
    def test_label(n, expected):
>       assert label(n) == expected
E       AssertionError: assert '2 pieces for ann' == '2 items for ann'

tests/test_label.py:7: AssertionError
#- healed
{healed}
"#
            ));
        };
        let table = |rows: &str| format!("@pytest.mark.parametrize(\"n, expected\", [{rows}])");
        let heals = |rows: &str, healed: &str| scene(rows, &format!("-{}\n+{}", table(rows), table(healed)));
        heals(
            "(1, \"{} items for ann\".format(1)), (2, \"{} items for ann\".format(2))",
            "(1, \"{} items for ann\".format(1)), (2, \"{} pieces for ann\".format(2))",
        );
        heals("(2, \"%d items for %s\" % (2, NAME))", "(2, \"%d pieces for %s\" % (2, NAME))");
        heals("(2, f\"2 items for {NAME}\")", "(2, f\"2 pieces for {NAME}\")");
        // Each of the rows may be the one, or none.
        scene("(2, f\"2 items for {NAME}\"), (3, f\"2 items for {NAME}\")", "no fix");
        scene("(2, \"{} items for ann\".format(3))", "no fix");
    }

    #[test]
    fn the_template_of_a_whole_list_follows_where_all_agree() {
        let scene = |was: &str, is: &str, healed: &str| {
            format!(
                r#"
#- tests/test_greeting.py
def test_greetings():
    assert greetings() == [f"Hello {{name}}!" for name in NAMES]
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_greetings ________________________________

    def test_greetings():
>       assert greetings() == [f"Hello {{name}}!" for name in NAMES]
E       AssertionError: assert {is} == {was}

tests/test_greeting.py:2: AssertionError
#- healed
{healed}
"#
            )
        };
        let was = "['Hello Ada!', 'Hello Bob!']";
        let healed = "-    assert greetings() == [f\"Hello {name}!\" for name in NAMES]\n\
                      +    assert greetings() == [f\"Hi {name}!\" for name in NAMES]";
        check(&scene(was, "['Hi Ada!', 'Hi Bob!']", healed));
        check(&scene(was, "['Hi Ada!', 'Hello Bob!']", "no fix"));
        check(&scene(was, "['Hi Ada!', 'Hey Bob!']", "no fix"));
        check(&scene(was, "['Hi Ada!']", "no fix"));
    }

    #[test]
    fn a_part_with_a_line_break_is_written_with_its_escape() {
        heals("'no {} left\\n'.format(n)", "no 3 left\n", "only 3 left\n", "'only {} left\\n'.format(n)");
        heals("'no {} left\\n'.format(n)", "no 3 left\n", "no 3 here\n", "'no {} here\\n'.format(n)");
        heals("'no {} left\\\\'.format(n)", "no 3 left\\", "no 3 here\\", "none");
        heals("r'no {} left'.format(n)", "no 3 left", "no 3\nleft", "none");
    }

    #[test]
    fn the_template_of_the_row_that_gave_the_text_follows() {
        let scene = |rows: &str, act: &str, healed: &str| {
            check(&format!(
                r#"
#- tests/test_greeting.py
import pytest

from shop import greet

GREETINGS = (
{rows}
)

all_greetings = pytest.mark.parametrize(("count", "text"), GREETINGS)


@all_greetings
def test_greeting(count, text):
    assert {act} == text.format(name="Ada")
#- test_run.log
=================================== FAILURES ===================================
__________________________ test_greeting[2-{{name}}:2 Hi] __________________________

    @all_greetings
    def test_greeting(count, text):
>       assert {act} == text.format(name="Ada")
E       AssertionError: assert 'Ada:2: Hi\n' == 'Ada:2 Hi\n'

tests/test_greeting.py:17: AssertionError
#- healed
{healed}
"#
            ));
        };
        let rows = "    (0, ''),\n    (2, '{name}:2 '\n        'Hi\\n'),\n    (3, '{name}:3 Hi\\n'),";
        let act = "greet(count)";
        scene(rows, act, "-    (2, '{name}:2 '\n+    (2, '{name}:2: '");
        scene(&rows.replace("name}:3", "name}:2"), act, "no fix");
        scene(&rows.replace("name}:2", "name}:4"), act, "no fix");
        let handed = "no fix: changes the input to `'{name}:2: '`, which the project does not show";
        scene(rows, "greet(count, text)", handed);
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
