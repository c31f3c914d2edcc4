//! An expected text of several lines that the test writes indented (`dedent`, `cleandoc`) or with holes: the lines that
//! the product prints otherwise change where they are written.

use std::ops::Range;

use ::similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::diagnosis::Category;
use crate::diagnosis::locate::last_name;
use crate::fix::Fix;
use crate::syntax::{Node, Source};

use super::comparison::{self, Side};
use super::expected_value::short;
use super::literals::{self, Change, Printed};
use super::reworded::Reworded;
use super::{Context, Strategy, quotes};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-lines",
    categories: &[Category::AssertionError],
    summary: "Updates the lines of an expected text written indented (dedent, cleandoc, strip), as a proposal for a person.",
    example: r#"
#- shop.py
def bill(cart):
    return "Bill:\n  2 apples\n"
#- tests/test_bill.py
from textwrap import dedent
from shop import bill

def test_bill():
    assert $0bill(["apple"]) == dedent(
        """
        Bill
          2 apples
        """
    ).lstrip()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       assert bill(["apple"]) == dedent(
            """
            Bill
              2 apples
            """
        ).lstrip()
E       AssertionError: assert 'Bill:\n  2 apples\n' == 'Bill\n  2 apples\n'

tests/test_bill.py:5: AssertionError
#- healed
-        Bill
+        Bill:
"#,
    propose: expected_lines,
};

fn expected_lines(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (block, expected, actual) = comparison::one_side(ctx, |side| block(ctx, side))?;
    let (was, is) = (text(&expected)?, text(&actual)?);
    let changes = block.changes(&was, &is)?;
    let first = changes.iter().find_map(|(_, text)| text.lines().map(str::trim).find(|line| !line.is_empty()));
    let title =
        first.map_or("Leave out lines of the expected text".to_string(), |line| format!("Expect {}", short(line)));
    let reworded = Reworded { strategy: STRATEGY.id, title, changes, was: &was, is: &is, doubt: 0.2 };
    fixes.push(reworded.fix(ctx)?);
    Some(())
}

fn text(side: &Side<'_>) -> Option<String> {
    let printed = Printed::read(&side.printed, side.is_whole)?;
    literals::string_value(printed.source(), printed.node()?)
}

/// The lines that a side is made of.
fn block(ctx: &Context<'_>, side: &Side<'_>) -> Option<Block> {
    Block::of(ctx.source, comparison::declared(ctx, side, &|node| Block::of(ctx.source, node).is_some())?)
}

/// The literal in calls that change no more than the white space around its lines.
fn written<'t>(source: &Source, node: Node<'t>) -> Option<Node<'t>> {
    let node = literals::inner(node);
    if node.kind() == "string" {
        return Some(node);
    }
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
    match source.slice(last_name(function)?) {
        "strip" | "lstrip" | "rstrip" | "encode" => written(source, function.child_by_field_name("object")?),
        "dedent" | "cleandoc" => written(source, node.child_by_field_name("arguments")?.named_child(0)?),
        _ => None,
    }
}

/// A string literal in three quotes, line by line.
struct Block {
    lines: Vec<Line>,
    is_raw: bool,
    has_holes: bool,
    quotes: &'static str,
}

struct Line {
    range: Range<usize>,
    /// What the line stands for; `None` with holes in it.
    text: Option<String>,
}

impl Block {
    /// The lines of the literal that an expression is made of.
    fn of(source: &Source, node: Node<'_>) -> Option<Self> {
        Self::read(source, written(source, node)?)
    }

    fn read(source: &Source, string: Node<'_>) -> Option<Self> {
        let (prefix, quotes) = quotes::opening(source.slice(string)).filter(|(_, quotes)| quotes.len() == 3)?;
        let mut start = string.start_byte() + prefix.len() + quotes.len();
        let end = string.end_byte() - quotes.len();
        if source.text()[start..end].starts_with("\\\n") {
            start += 2;
        }
        let has_holes = prefix.contains(['f', 'F']);
        let is_raw = prefix.contains(['r', 'R']);
        let mut lines = Vec::new();
        for line in source.text().get(start..end)?.split('\n') {
            let range = start..start + line.len();
            start = range.end + 1;
            let text = if has_holes && line.contains(['{', '}']) {
                None
            } else {
                let value = if is_raw { line.to_string() } else { quotes::unescaped(&format!("\"\"\"{line} \"\"\""))? };
                let value = if is_raw { value } else { value.strip_suffix(' ')?.to_string() };
                Some(value).filter(|value| !value.contains('\n')).map(Some)?
            };
            lines.push(Line { range, text });
        }
        (lines.len() > 1).then_some(Self { lines, is_raw, has_holes, quotes })
    }

    /// The edits that let it give `is` where it gave `was`.
    fn changes(&self, was: &str, is: &str) -> Option<Vec<Change>> {
        let (olds, news): (Vec<&str>, Vec<&str>) = (was.split('\n').collect(), is.split('\n').collect());
        let (first, indents) = (0..2).find_map(|first| Some((first, self.indents(first, &olds)?)))?;
        let mut changes = Vec::new();
        for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
            let (gone, came) = (op.old_range(), op.new_range());
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            let lines = &self.lines[first + gone.start..first + gone.end];
            lines.iter().all(|line| line.text.is_some()).then_some(())?;
            let indent = |at: usize| indents.get(gone.start + at).or(indents.last()).copied().unwrap_or_default();
            let written = |(at, new): (usize, &&str)| self.written(indent(at), new);
            let texts: Vec<String> = news[came].iter().enumerate().map(written).collect::<Option<_>>()?;
            match (lines, texts.is_empty()) {
                (lines, false) if lines.len() == texts.len() => {
                    changes.extend(lines.iter().map(|line| line.range.clone()).zip(texts));
                }
                ([], _) => {
                    let before = self.lines.get((first + gone.start).checked_sub(1)?)?.range.end;
                    changes.push((before..before, format!("\n{}", texts.join("\n"))));
                }
                ([one, ..], false) => changes.push((one.range.start..lines.last()?.range.end, texts.join("\n"))),
                ([one, ..], true) => {
                    let before = self.lines.get((first + gone.start).checked_sub(1)?)?.range.end;
                    changes.push((before.min(one.range.start)..lines.last()?.range.end, String::new()));
                }
            }
        }
        Some(changes)
    }

    /// How much further than printed each line is indented, where the lines from `first` on are the ones of `printed`.
    fn indents(&self, first: usize, printed: &[&str]) -> Option<Vec<&str>> {
        let lines = self.lines.get(first..first + printed.len())?;
        let is_blank = |line: &Line| line.text.as_ref().is_some_and(|text| text.trim().is_empty());
        let around = self.lines[..first].iter().chain(&self.lines[first + printed.len()..]);
        around.into_iter().all(is_blank).then_some(())?;
        let mut indents: Vec<Option<&str>> = Vec::new();
        for (line, printed) in lines.iter().zip(printed) {
            indents.push(match &line.text {
                Some(text) if text.trim().is_empty() && printed.trim().is_empty() => None,
                Some(text) => Some(text.strip_suffix(printed).filter(|indent| indent.trim().is_empty())?),
                None => None,
            });
        }
        // The first line may begin behind the quotes.
        let common = indents.iter().rev().flatten().next().copied().unwrap_or_default();
        let is_first = |at: usize| first == 0 && at == 0;
        let is_even =
            |(at, indent): (usize, &Option<&str>)| is_first(at) || indent.is_none_or(|indent| indent == common);
        let all_even = indents.iter().enumerate().all(is_even);
        all_even.then(|| indents.into_iter().map(|indent| indent.unwrap_or(common)).collect())
    }

    /// A printed line as it is written here.
    fn written(&self, indent: &str, line: &str) -> Option<String> {
        if line.is_empty() {
            return Some(String::new());
        }
        if self.is_raw {
            return (!line.contains(self.quotes)).then(|| format!("{indent}{line}"));
        }
        let doubled = if self.has_holes { line.replace('{', "{{").replace('}', "}}") } else { line.to_string() };
        let escaped: String = doubled.chars().map(|c| quotes::escape(c, self.quotes)).collect();
        // White space at the end of a line is lost to editors.
        let shown = escaped.strip_suffix(' ').map(|rest| format!("{rest}\\x20")).unwrap_or(escaped);
        (!shown.contains(self.quotes)).then(|| format!("{indent}{shown}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;
    use crate::text::{Edit, FilePath, apply};

    #[track_caller]
    fn heals(literal: &str, was: &str, is: &str, expect: &str) {
        let source = Source::parse(literal.to_string());
        let node = source.root().named_child(0).unwrap().named_child(0).unwrap();
        let edit = |(range, text)| Edit::replace(&FilePath::new("t.py"), range, text);
        let changes = Block::of(&source, node).and_then(|block| block.changes(was, is));
        let healed = changes.map(|changes| apply(literal, &changes.into_iter().map(edit).collect::<Vec<_>>()).unwrap());
        assert_eq!(healed.as_deref().unwrap_or("none"), expect);
    }

    #[test]
    fn lines_change_come_and_go_at_their_place() {
        let literal = "dedent('''\\\n    a\n      b\n\n    c\n    ''')";
        heals(literal, "a\n  b\n\nc\n", "a\n  x\n\nc\n", "dedent('''\\\n    a\n      x\n\n    c\n    ''')");
        heals(
            literal,
            "a\n  b\n\nc\n",
            "a\n  b\n  d\n\nc\n",
            "dedent('''\\\n    a\n      b\n      d\n\n    c\n    ''')",
        );
        heals(literal, "a\n  b\n\nc\n", "a\n\nc\n", "dedent('''\\\n    a\n\n    c\n    ''')");
        heals("'''\n a\n b\n'''.strip()", "a\n b", "a\n c", "none");
        heals("cleandoc('''a\n   b''')", "a\nb", "x\nb ", "cleandoc('''x\n   b\\x20''')");
    }

    #[test]
    fn a_line_with_a_hole_stays_and_escapes_are_kept() {
        heals(
            "dedent(f'''\n  {a}:\n  2:\\x20\n  b\n  ''')",
            "\nX:\n2: \nb\n",
            "\nX:\n2: \nc\n",
            "dedent(f'''\n  {a}:\n  2:\\x20\n  c\n  ''')",
        );
        heals("dedent(f'''\n  {a}:\n  b\n  ''')", "\nX:\nb\n", "\nY:\nb\n", "none");
    }

    #[test]
    fn a_text_that_something_else_makes_is_no_fix() {
        check(
            r#"
#- tests/test_bill.py
def test_bill():
    assert bill() == upper(
        """
        Bill
        """
    )
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       assert bill() == upper(
E       AssertionError: assert '\nBILLS\n' == '\nBILL\n'

tests/test_bill.py:2: AssertionError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_text_that_the_test_passes_to_its_helper_changes_there() {
        check(
            r#"
#- tests/test_bill.py
def check(cart, expected):
    assert bill(cart) == expected

def test_bill():
    check(
        [],
        dedent(
            """
            Bill
            """
        ),
    )
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       check(

tests/test_bill.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def check(cart, expected):
>       assert bill(cart) == expected
E       AssertionError: assert '\nBill:\n' == '\nBill\n'

tests/test_bill.py:2: AssertionError
#- healed
-            Bill
+            Bill:
"#,
        );
    }
}
