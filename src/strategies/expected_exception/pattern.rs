//! What a `match=` says, in each form in which tests write it: a literal, an f-string, `re.escape(…)` of either.

use std::ops::Range;

use crate::syntax::dataflow::is_handed_on;
use crate::syntax::{Node, Source, ancestors, descendants};

use super::super::{Context, comparison, expected_template, literals, patterns};

/// How a pattern follows a message.
pub(super) struct Moved {
    /// The text that the pattern asked for.
    pub(super) old: String,
    /// The text that it asks for now.
    pub(super) new: String,
    /// What is written in the place of what.
    pub(super) edits: Vec<literals::Change>,
}

/// The changes that let the pattern `value`, which was `printed` so, match `message`: of itself, or of what its name
/// stands for.
pub(super) fn moved(ctx: &Context<'_>, value: Node<'_>, printed: &str, message: &str) -> Option<Moved> {
    match escaped(ctx.source, value) {
        Some(text) => of_text(ctx, text, &plain(printed)?, message),
        None => of_regex(ctx, value, printed, message).or_else(|| of_template(ctx, value, printed, message)),
    }
}

/// The pattern that a call in a statement looks for, and the function that is called.
pub(super) fn searched<'c>(source: &'c Source, statement: Node<'c>) -> Option<(Node<'c>, &'c str)> {
    // A block holds more than the check that failed.
    let is_block = statement.kind() == "with_statement";
    descendants(statement).filter(|node| !is_block && node.kind() == "call").find_map(|call| {
        let function = call.child_by_field_name("function")?;
        let place = match source.slice(crate::diagnosis::locate::last_name(function)?) {
            "assertRegex" | "assertRegexpMatches" => 1,
            "match" | "search" | "fullmatch" if function.kind() == "attribute" => 0,
            _ => return None,
        };
        let value = call.child_by_field_name("arguments")?.named_child(place)?;
        (value.kind() != "keyword_argument").then(|| (value, source.slice(function)))
    })
}

/// What `re.escape(…)` is given.
fn escaped<'c>(source: &Source, value: Node<'c>) -> Option<Node<'c>> {
    let call = Some(literals::inner(value)).filter(|node| node.kind() == "call")?;
    let is_escape = matches!(source.slice(call.child_by_field_name("function")?), "re.escape" | "escape");
    let list = call.child_by_field_name("arguments").filter(|list| is_escape && list.named_child_count() == 1)?;
    list.named_child(0).map(literals::inner)
}

/// The text that a pattern stands for that `re.escape` made.
fn plain(printed: &str) -> Option<String> {
    let regex = literals::string_value_of(&quoted(printed))?;
    let mut chars = regex.chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next()? } else { c });
    }
    Some(text)
}

fn quoted(printed: &str) -> String {
    let quote = if printed.contains('\'') { '"' } else { '\'' };
    format!("{quote}{printed}{quote}")
}

/// A text that is no regex yet.
fn of_text(ctx: &Context<'_>, text: Node<'_>, old: &str, message: &str) -> Option<Moved> {
    let new = patterns::counterpart(old, message).filter(|_| !message.contains(old))?;
    if let Some(edits) = expected_template::changes(ctx.source, text, old, &new) {
        return Some(Moved { old: old.to_string(), new, edits });
    }
    let side = comparison::Side { node: text, printed: quoted(&old.escape_debug().to_string()), is_whole: true };
    let literal = if text.kind() == "identifier" { comparison::declaration(ctx, &side)? } else { text };
    // What was escaped is what is written.
    (literals::string_value(ctx.source, literal)? == old).then_some(())?;
    let edit = (literal.byte_range(), literals::with_text(ctx.source, literal, &new)?);
    Some(Moved { old: old.to_string(), new, edits: vec![edit] })
}

/// A literal that is the regex.
fn of_regex(ctx: &Context<'_>, value: Node<'_>, printed: &str, message: &str) -> Option<Moved> {
    let side = comparison::Side { node: value, printed: quoted(printed), is_whole: true };
    let value = if value.kind() == "identifier" { comparison::declaration(ctx, &side)? } else { value };
    let pattern = patterns::Pattern::read(ctx.source, value)?;
    let (old, new, edit): (String, String, (Range<usize>, String)) = pattern.moved_to(message)?;
    Some(Moved { old, new, edits: vec![edit] })
}

/// An f-string that is the regex, or a name for one: what it gave and what it has to give mean nothing but themselves.
fn of_template(ctx: &Context<'_>, value: Node<'_>, printed: &str, message: &str) -> Option<Moved> {
    let is_plain = |text: &str| !text.contains(['^', '$', '*', '+', '?', '{', '}', '[', ']', '|', '(', ')', '\\']);
    let old = Some(printed).filter(|old| is_plain(old) && !message.contains(old))?;
    let new = patterns::counterpart(old, message).filter(|new| is_plain(new))?;
    let template = comparison::assigned(ctx, value).filter(|_| !is_input(ctx, value)).unwrap_or(value);
    let edits = expected_template::changes(ctx.source, literals::inner(template), old, &new)?;
    Some(Moved { old: old.to_string(), new, edits })
}

/// Whether the test gives what `name` stands for to more than what expects: the product says what it was told to say.
fn is_input(ctx: &Context<'_>, name: Node<'_>) -> bool {
    let text = ctx.source.slice(name);
    let expects = |node: Node<'_>| {
        let call = ancestors(node).find(|outer| outer.kind() == "call");
        call.is_some_and(|call| super::expectation(ctx.source, call).is_some())
    };
    let given = |node: &Node<'_>| *node != name && is_handed_on(ctx.source, *node, text) && !expects(*node);
    descendants(ctx.scope()).any(|node| given(&node))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A product that says `after` since a commit, a test of these lines, what the run complained about.
    fn scene(after: &str, lines: &[&str], complaint: &str, healed: &str) -> String {
        let body = lines.join("\n    ");
        let failing = lines.iter().position(|line| line.contains("with ")).expect("a block");
        let (line, code) = (failing + 7, lines[failing]);
        let complaint = complaint.replace('\n', "\nE   ");
        format!(
            r#"
#- before: shop.py
def order(name):
    raise ValueError(f"cannot order {{name}} (stock)")
#- shop.py
def order(name):
    raise ValueError(f"{after}")
#- tests/test_shop.py
import re

import pytest
from shop import order

def test_order(self):
    {body}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________
tests/test_shop.py:{line}: in test_order
    {code}
E   {complaint}
#- healed
{healed}
"#
        )
    }

    fn line(old: &str, new: &str) -> String {
        format!("-    {old}\n+    {new}")
    }

    const MISSED: &str = "AssertionError: Regex pattern did not match.\n  Expected regex: 'cannot\\\\ order\\\\ a\\\\ \\\\(stock\\\\)'\n  Actual message: ";
    const NOW: &str = "cannot sell {name} (stock)";

    #[test]
    fn what_is_escaped_follows_as_text() {
        let old = "with pytest.raises(ValueError, match=re.escape(\"cannot order a (stock)\")):";
        let healed = line(old, &old.replace("order", "sell"));
        let lines = [old, "    order(\"a\")"];
        check(&scene(NOW, &lines, &format!("{MISSED}'cannot sell a (stock)'"), &healed));
        check(&scene("gone {name}", &lines, &format!("{MISSED}'gone a'"), "no fix"));
        // What is escaped is another text than the one that was asked for.
        let other = ["with pytest.raises(ValueError, match=re.escape(text())):", "    order(\"a\")"];
        check(&scene(NOW, &other, &format!("{MISSED}'cannot sell a (stock)'"), "no fix"));
    }

    #[test]
    fn the_holes_of_what_is_escaped_stay() {
        let old = "with pytest.raises(ValueError, match=re.escape(f\"cannot order {name} (stock)\")):";
        let lines = ["name = \"a\"", old, "    order(name)"];
        let healed = line(old, &old.replace("order", "sell"));
        check(&scene(NOW, &lines, &format!("{MISSED}'cannot sell a (stock)'"), &healed));
        // The message names another one than the test gave.
        let complaint = format!("{MISSED}'cannot sell None (stock)'");
        check(&scene("cannot sell {None} (stock)", &lines, &complaint, "no fix"));
    }

    #[test]
    fn an_f_string_without_a_special_is_its_own_text() {
        let old = "with pytest.raises(ValueError, match=f\"cannot order {name}\"):";
        let lines = ["name = \"a\"", old, "    order(name)"];
        let complaint = |actual: &str| {
            let regex = "AssertionError: Regex pattern did not match.\n  Expected regex: 'cannot order a'";
            format!("{regex}\n  Actual message: '{actual}'")
        };
        let healed = line(old, &old.replace("order", "sell"));
        check(&scene(NOW, &lines, &complaint("cannot sell a (stock)"), &healed));
        check(&scene("cannot (sell) {name}", &lines, &complaint("cannot (sell) a"), "no fix"));
        let with = "with pytest.raises(ValueError, match=text):";
        for old in ["text = f\"cannot order {name}\"", "text = \"cannot order {}\".format(name)"] {
            let lines = ["name = \"a\"", old, with, "    order(name)"];
            let healed = line(old, &old.replace("order", "sell"));
            check(&scene(NOW, &lines, &complaint("cannot sell a (stock)"), &healed));
            let twice = ["name = \"a\"", old, "text = other(text)", with, "    order(name)"];
            check(&scene(NOW, &twice, &complaint("cannot sell a (stock)"), "no fix"));
            let told = ["name = \"a\"", old, with, "    order(name, text)"];
            check(&scene(NOW, &told, &complaint("cannot sell a (stock)"), "no fix"));
        }
    }

    #[test]
    fn a_whole_message_that_is_compared_line_by_line() {
        let old = "with pytest.raises(ValueError, match=r\"^cannot order a$\"):";
        let lines = [old, "    order(\"a\")"];
        let complaint = |actual: &str| format!("AssertionError: \n- {actual}\n?   ^^\n+ cannot order a\n?   ^^^");
        check(&scene(
            "cannot sell {name}",
            &lines,
            &complaint("cannot sell a"),
            &line(old, &old.replace("order", "sell")),
        ));
        check(&scene("gone: {name}", &lines, &complaint("gone: b"), "no fix"));
    }

    #[test]
    fn what_unittest_prints_of_a_pattern() {
        let old = "with self.assertRaisesRegex(ValueError, \"cannot order a\"):";
        let lines = [old, "    order(\"a\")"];
        let complaint = |actual: &str| format!("AssertionError: \"cannot order a\" does not match \"{actual}\"");
        let healed = line(old, &old.replace("order", "sell"));
        check(&scene(NOW, &lines, &complaint("cannot sell a (stock)"), &healed));
        check(&scene("no {name}", &lines, &complaint("no a"), "no fix"));
        check(&scene("", &lines, &complaint(""), "no fix"));
    }

    #[test]
    fn the_one_warning_that_came() {
        let old = "with pytest.warns(UserWarning, match=\"cannot order\"):";
        let lines = [old, "    order(\"a\")"];
        let complaint = |count: usize, came: &str| {
            let head = format!("Failed: Regex pattern did not match any of the {count} warnings emitted.");
            format!("{head}\n Regex: 'cannot order'\n Emitted warnings: [{came}].")
        };
        let came = "UserWarning('cannot sell a (stock)')";
        check(&scene(NOW, &lines, &complaint(1, came), &line(old, &old.replace("order", "sell"))));
        // Which of two it was is not said.
        let two = format!("{came}, UserWarning('cannot order less')");
        check(&scene(NOW, &lines, &complaint(2, &two), "no fix"));
        check(&scene(NOW, &lines, &complaint(1, "UserWarning('no such thing')"), "no fix"));
    }

    /// A product that returns `after` since a commit, a check of what it returns, what the run complained about.
    fn checked(after: &str, check: &str, complaint: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def order(name):
    return f"cannot order {{name}} (stock)"
#- shop.py
def order(name):
    return f"{after}"
#- tests/test_shop.py
import re

from shop import order

def test_order(self):
    {check}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

    def test_order(self):
>       {check}
{complaint}

tests/test_shop.py:6: AssertionError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn what_is_searched_for_follows() {
        let old = "assert re.search(\"cannot order\", order(\"a\"))";
        let complaint = |function: &str, actual: &str| {
            let call = format!("<function {function} at 0x7f786a760540>");
            format!(
                "E       AssertionError: assert None\nE        +  where None = {call}('cannot order', '{actual}')\nE        +    where {call} = re.{function}"
            )
        };
        let (actual, sold) =
            ("cannot sell a (stock)", |old: &str| line(old, &old.replace("cannot order", "cannot sell")));
        check(&checked(NOW, old, &complaint("search", actual), &sold(old)));
        check(&checked("no {name}", old, &complaint("search", "no a"), "no fix"));
        check(&checked("", old, &complaint("search", ""), "no fix"));
        let old = old.replace("search", "match");
        check(&checked(NOW, &old, &complaint("match", actual), &sold(&old)));
        // A match begins where the text does.
        check(&checked("we cannot sell {name}", &old, &complaint("match", "we cannot sell a"), "no fix"));
        let old = old.replace("match", "fullmatch");
        check(&checked(NOW, &old, &complaint("fullmatch", actual), "no fix"));
    }

    #[test]
    fn what_unittest_searches_for_follows() {
        let old = "self.assertRegex(order(\"a\"), \"cannot order a\")";
        let complaint = |actual: &str| {
            format!("E       AssertionError: Regex didn't match: 'cannot order a' not found in '{actual}'")
        };
        check(&checked(
            NOW,
            old,
            &complaint("cannot sell a (stock)"),
            &line(old, &old.replace("cannot order", "cannot sell")),
        ));
        check(&checked("gone", old, &complaint("gone"), "no fix"));
    }
}
