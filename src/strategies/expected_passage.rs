//! An expected text that the test makes from literals (`dedent`, `join`, `+`, `%`): the passages that differ change
//! where they are written, for a person to accept.

use std::ops::Range;

use ::similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::diagnosis::Category;
use crate::fix::Fix;
use crate::syntax::{Node, Source, children, descendants};

use super::comparison::{self, Side};
use super::expected_value::short;
use super::literals::{self, Printed};
use super::patterns::{self, words};
use super::reworded::Reworded;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-passage",
    categories: &[Category::AssertionError],
    summary: "Updates the passages that differ of a text that a test makes from literals, as a proposal for a person.",
    example: r#"
#- shop.py
def receipt(cart):
    return "Receipt\n\n" + "".join(f"{name}: {price}\n" for name, price in cart.items())
#- tests/test_receipt.py
from shop import receipt

def test_receipt():
    expected = "\n".join(["Your receipt", "", "tea = 3", ""])
    assert $0receipt({"tea": 3}) == expected
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_receipt _________________________________

    def test_receipt():
        expected = "\n".join(["Your receipt", "", "tea = 3", ""])
>       assert receipt({"tea": 3}) == expected
E       AssertionError: assert 'Receipt\n\ntea: 3\n' == 'Your receipt\n\ntea = 3\n'

tests/test_receipt.py:5: AssertionError
#- healed
-    expected = "\n".join(["Your receipt", "", "tea = 3", ""])
+    expected = "\n".join(["Receipt", "", "tea: 3", ""])
"#,
    propose: expected_passage,
};

fn expected_passage(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (node, was, is) = compared(ctx).or_else(|| contained(ctx))?;
    let changes = Passages::written_in(ctx, node)?.changes(&was, &is)?;
    let title = format!("Expect {}", short(&is));
    let reworded = Reworded { strategy: STRATEGY.id, title, changes, was: &was, is: &is, doubt: 0.2 };
    fixes.push(reworded.fix(ctx)?);
    Some(())
}

/// The expression of the expected text in a failed `==`, what it gave, and what it has to give.
fn compared<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, String, String)> {
    let (node, expected, actual) = comparison::one_side(ctx, |side| composed(ctx, side))?;
    Some((node, text(&expected.printed, expected.is_whole)?, text(&actual.printed, actual.is_whole)?))
}

/// The same of a failed `in`: what it has to give is what stands in its place in the other text.
fn contained<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, String, String)> {
    let (left, actual) = comparison::contained(ctx)?;
    let (was, actual) = (text(&left.printed, left.is_whole)?, text(&actual, left.is_whole)?);
    let is = patterns::counterpart(&was, &actual)?;
    (!actual.contains(&was)).then_some((composed(ctx, &left)?, was, is))
}

/// A printed text, or printed lines.
fn text(printed: &str, is_whole: bool) -> Option<String> {
    let printed = Printed::read(printed, is_whole)?;
    let node = printed.node()?;
    if node.kind() != "list" {
        return literals::string_value(printed.source(), node);
    }
    let lines: Option<Vec<String>> =
        children(node).map(|line| literals::string_value(printed.source(), line)).collect();
    lines.filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n"))
}

/// The expression of a side, or of the name's only value in the test, where it does no more than to put literals
/// together.
fn composed<'c>(ctx: &'c Context<'_>, side: &Side<'c>) -> Option<Node<'c>> {
    let node = literals::inner(side.node);
    let node = match node.kind() {
        "identifier" => comparison::assigned(ctx, node)?,
        _ => node,
    };
    let is_one = literals::is_literal(node) && node.kind() != "list";
    (!is_one && is_composed(ctx, node)).then_some(node)
}

/// Functions and methods that only put a text in shape.
const SHAPERS: &[&str] = &[
    "dedent",
    "cleandoc",
    "strip",
    "lstrip",
    "rstrip",
    "join",
    "format",
    "replace",
    "encode",
    "decode",
    "lower",
    "upper",
    "title",
    "expandtabs",
    "ljust",
    "rjust",
    "center",
    "splitlines",
    "removeprefix",
    "removesuffix",
];

fn is_composed(ctx: &Context<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "string" | "concatenated_string" => true,
        "parenthesized_expression" | "list" | "tuple" => {
            children(node).filter(|part| part.kind() != "comment").all(|part| is_composed(ctx, part))
        }
        "binary_operator" => ["left", "right"].into_iter().any(|side| {
            node.child_by_field_name(side)
                .is_some_and(|side| literals::inner(side).kind() != "call" && is_composed(ctx, side))
        }),
        "identifier" => {
            comparison::assigned(ctx, node).is_some_and(|value| value.kind() != "identifier" && is_composed(ctx, value))
        }
        "call" => {
            let Some(function) = node.child_by_field_name("function") else { return false };
            let name = crate::diagnosis::locate::last_name(function).map_or("", |name| ctx.source.slice(name));
            let object = function.child_by_field_name("object").filter(|object| object.kind() != "identifier");
            let first = node.child_by_field_name("arguments").and_then(|list| list.named_child(0));
            SHAPERS.contains(&name) && object.into_iter().chain(first).any(|part| is_composed(ctx, part))
        }
        _ => false,
    }
}

/// The string literals of an expression, as they are written.
struct Passages<'s> {
    written: Vec<Written<'s>>,
}

/// What stands between the quotes of one literal.
struct Written<'s> {
    start: usize,
    body: &'s str,
    /// The margin of its lines, which `dedent` takes away.
    margin: &'s str,
    /// What new text in it must not hold.
    special: Vec<char>,
}

impl<'s> Passages<'s> {
    fn written_in(ctx: &'s Context<'_>, node: Node<'s>) -> Option<Self> {
        let names = descendants(node).filter(|node| node.kind() == "identifier");
        let values = names.filter_map(|name| comparison::assigned(ctx, name).filter(|value| is_composed(ctx, *value)));
        let mut strings: Vec<Node<'s>> =
            values.chain([node]).flat_map(descendants).filter(|node| node.kind() == "string").collect();
        strings.sort_by_key(|string| string.start_byte());
        strings.dedup();
        let written: Vec<Written<'s>> =
            strings.into_iter().filter_map(|string| Written::read(ctx.source, string)).collect();
        (!written.is_empty()).then_some(Self { written })
    }

    /// The changes that let the text be `is` where it was `was`; `None` where one of them has no place of its own.
    /// What does not stand alone may with what differs near it.
    fn changes(&self, was: &str, is: &str) -> Option<Vec<literals::Change>> {
        const GAPS: [usize; 4] = [2, 4, 8, 16];
        let (old, new) = (words(was), words(is));
        GAPS.into_iter().find_map(|gap| self.placed(&old, &new, &differences(&old, &new, gap)))
    }

    fn placed(&self, old: &[&str], new: &[&str], runs: &[Run]) -> Option<Vec<literals::Change>> {
        let mut changes = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            let before = run.gone.start - index.checked_sub(1).map_or(0, |last| runs[last].gone.end);
            let after = runs.get(index + 1).map_or(old.len(), |next| next.gone.start) - run.gone.end;
            changes.push(self.place((old, new), run, (before, after))?);
        }
        changes.sort_by_key(|(range, _)| range.start);
        let is_apart = changes.windows(2).all(|two| two[0].0.end <= two[1].0.start);
        (!changes.is_empty() && is_apart).then_some(changes)
    }

    /// Where the words that went are written, once in all; with as many of their common neighbours as it takes.
    fn place(&self, (old, new): (&[&str], &[&str]), run: &Run, common: (usize, usize)) -> Option<literals::Change> {
        const MOST: usize = 16;
        let sides = (0..=MOST).flat_map(|more| [(more, more), (more, 0), (0, more)]);
        let sides = sides.map(|(before, after)| (before.min(common.0), after.min(common.1)));
        sides.into_iter().find_map(|(before, after)| {
            let was = &old[run.gone.start - before..run.gone.end + after];
            let is = &new[run.came.start - before..run.came.end + after];
            self.written_once(old, was, is)
        })
    }

    fn written_once(&self, old: &[&str], was: &[&str], is: &[&str]) -> Option<literals::Change> {
        let is_once = !was.is_empty() && old.windows(was.len()).filter(|words| *words == was).count() == 1;
        if !is_once {
            return None;
        }
        let (was, is) = (was.concat(), is.concat());
        let mut places = self.written.iter().flat_map(|literal| literal.places(&was, &is));
        let place = places.next()?;
        places.next().is_none().then_some(place)
    }
}

impl<'s> Written<'s> {
    fn read(source: &'s Source, string: Node<'_>) -> Option<Self> {
        let text = source.slice(string);
        let open = text.find(['"', '\''])?;
        let quote = text[open..].chars().next()?;
        let is_long = text.len() >= open + 6 && text[open..].starts_with(&quote.to_string().repeat(3));
        let length = if is_long { 3 } else { 1 };
        let body = text.get(open + length..text.len().checked_sub(length)?)?;
        let lines = || body.lines().skip(1).filter(|line| !line.trim().is_empty());
        let indents = lines().map(|line| &line[..line.len() - line.trim_start().len()]);
        let margin = indents.min_by_key(|indent| indent.len()).unwrap_or_default();
        let mut special = vec!['\\', quote];
        if !is_long {
            special.push('\n');
        }
        let parent = string.parent();
        let is_template = text[..open].contains(['f', 'F'])
            || parent.is_some_and(|parent| matches!(parent.kind(), "attribute" | "binary_operator"));
        if is_template {
            special.extend(['{', '}', '%']);
        }
        Some(Self { start: string.start_byte() + open + length, body, margin, special })
    }

    /// Every place where the old text is written, and the new one as it would be written there.
    fn places(&self, was: &str, is: &str) -> Vec<literals::Change> {
        if is.contains(self.special.as_slice()) && !was.contains(self.special.as_slice())
            || is.chars().any(|c| c.is_control() && c != '\n')
        {
            return Vec::new();
        }
        let indented = |text: &str| {
            text.replace('\n', &format!("\n{}", self.margin)).replace(&format!("\n{}\n", self.margin), "\n\n")
        };
        let mut forms = vec![(was.to_string(), is.to_string())];
        if was.contains('\n') || is.contains('\n') {
            forms.push((indented(was), indented(is)));
        }
        forms.dedup();
        let mut places: Vec<literals::Change> = Vec::new();
        for (was, is) in forms {
            let found = self.body.match_indices(&was).map(|(at, _)| self.start + at..self.start + at + was.len());
            places.extend(found.map(|range| (range, is.clone())));
        }
        places
    }
}

/// Words that went and the words that came in their place.
struct Run {
    gone: Range<usize>,
    came: Range<usize>,
}

/// The runs of words that differ; those with fewer than `gap` common words between them are one.
fn differences(old: &[&str], new: &[&str], gap: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new).iter().filter(|op| op.tag() != DiffTag::Equal) {
        let (gone, came) = (op.old_range(), op.new_range());
        match runs.last_mut() {
            Some(last) if gone.start - last.gone.end < gap => (last.gone.end, last.came.end) = (gone.end, came.end),
            _ => runs.push(Run { gone, came }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(test: &str, line: u32, failing: &str, message: &str, healed: &str) -> String {
        format!(
            "#- shop.py\ndef receipt(cart):\n    return ''\n#- tests/test_receipt.py\nfrom textwrap import dedent\nfrom shop import receipt\n\n{test}\n\
             #- test_run.log\n=== FAILURES ===\n___ test_receipt ___\n\n>       {failing}\nE       AssertionError: {message}\n\n\
             tests/test_receipt.py:{line}: AssertionError\n#- healed\n{healed}"
        )
    }

    #[test]
    fn lines_that_are_joined_and_texts_that_are_added_change_by_their_parts() {
        let test = "def test_receipt():\n    expected = \"\\n\".join([\n        \"Receipt\",\n        \"tea = 3\",\n    ])\n    assert $0receipt(1) == expected";
        let healed = "-        \"tea = 3\",\n+        \"tea: 3\",\n";
        let message = "assert 'Receipt\\ntea: 3' == 'Receipt\\ntea = 3'";
        check(&scene(test, 9, "assert receipt(1) == expected", message, healed));
        let test = "def test_receipt():\n    assert $0receipt(1) == \"Receipt\\n\" + \"-\" * 3 + \" tea = 3\"";
        let healed = "-    assert receipt(1) == \"Receipt\\n\" + \"-\" * 3 + \" tea = 3\"\n+    assert receipt(1) == \"Receipt\\n\" + \"-\" * 3 + \" tea: 3\"\n";
        let message = "assert 'Receipt\\n--- tea: 3' == 'Receipt\\n--- tea = 3'";
        check(&scene(test, 5, "assert receipt(1) == \"Receipt\\n\" + \"-\" * 3 + \" tea = 3\"", message, healed));
    }

    #[test]
    fn what_differs_twice_alike_is_told_apart_by_what_stands_beside_it() {
        let test = "def test_receipt():\n    assert $0receipt(1) == dedent(\"\"\"\\\n        tea (2:10)\n        milk (2:10)\n    \"\"\")";
        let healed = "-        tea (2:10)\n-        milk (2:10)\n+        tea:2:10\n+        milk:2:10\n";
        let message = "assert 'tea:2:10\\nmilk:2:10\\n' == 'tea (2:10)\\nmilk (2:10)\\n'";
        check(&scene(test, 5, "assert receipt(1) == dedent(\"\"\"\\", message, healed));
    }

    #[test]
    fn a_new_line_takes_the_margin_of_the_others() {
        let test = "def test_receipt():\n    assert $0receipt(1) == dedent(\"\"\"\\\n        tea = 3\n        milk = 2\n    \"\"\")";
        let healed = " tea = 3\n+        bread = 4\n";
        let message = "assert 'tea = 3\\nbread = 4\\nmilk = 2\\n' == 'tea = 3\\nmilk = 2\\n'";
        let scene = scene(test, 5, "assert receipt(1) == dedent(\"\"\"\\", message, healed);
        check(&scene.replace("#- healed\n tea = 3\n", "#- healed\n"));
    }

    #[test]
    fn a_passage_that_is_written_twice_or_computed_is_no_fix() {
        let test = "def test_receipt():\n    assert $0receipt(1) == dedent(\"\"\"\\\n        a = 3\n        {}\n    \"\"\").format(\"b = 3\")";
        let message = "assert 'a = 3\\nb = 4\\n' == 'a = 3\\nb = 3\\n'";
        let healed = "-    \"\"\").format(\"b = 3\")\n+    \"\"\").format(\"b = 4\")\n";
        check(&scene(test, 5, "assert receipt(1) == dedent(\"\"\"\\", message, healed));
        let test = "def test_receipt():\n    assert $0receipt(1) == \"\\n\".join([\"tea = 3\"] * 2)";
        let message = "assert 'tea = 3\\ntea = 4' == 'tea = 3\\ntea = 3'";
        check(&scene(test, 5, "assert receipt(1) == \"\\n\".join([\"tea = 3\"] * 2)", message, "no fix\n"));
        let test = "def test_receipt():\n    assert $0receipt(\"tea = 3\") == price(\"tea = 3\")";
        let message = "assert 'tea: 3' == 'tea = 3'";
        check(&scene(test, 5, "assert receipt(\"tea = 3\") == price(\"tea = 3\")", message, "no fix\n"));
    }
}
