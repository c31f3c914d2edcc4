//! `assertCountEqual` and `assertSetEqual` print only the members that one side has and the other has not.

use std::sync::LazyLock;

use regex::Regex;

use crate::syntax::{Node, children};

use super::super::{Context, literals};
use super::Printed;

/// Both sides as they would be printed, where one of them is written out.
pub(super) fn printed(ctx: &Context<'_>, [left, right]: [Node<'_>; 2]) -> Option<(String, String)> {
    let [first, second] = differences(ctx.message())?;
    let is_written = |node: &Node<'_>| matches!(node.kind(), "list" | "tuple" | "set") && literals::is_literal(*node);
    let [left, right] = [literals::inner(left), literals::inner(right)];
    match (is_written(&left), is_written(&right)) {
        (false, true) => Some((with(ctx, right, &second, &first)?, ctx.source.slice(right).to_string())),
        (true, false) => Some((ctx.source.slice(left).to_string(), with(ctx, left, &first, &second)?)),
        _ => None,
    }
}

/// What only the first and what only the second side has.
fn differences(message: &str) -> Option<[Vec<String>; 2]> {
    static COUNTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^First has (\d+), Second has (\d+):  (.+)$").expect("the scenes use it"));
    let mut found = [Vec::new(), Vec::new()];
    for counted in COUNTED.captures_iter(message) {
        let side = match (&counted[1], &counted[2]) {
            ("1", "0") => 0,
            ("0", "1") => 1,
            // Something came more often than before.
            _ => return None,
        };
        found[side].push(counted[3].to_string());
    }
    let mut side = None;
    for line in message.lines().filter(|_| !message.contains("First has ")) {
        match line.trim_end() {
            "Items in the first set but not the second:" => side = Some(0),
            "Items in the second set but not the first:" => side = Some(1),
            "" => break,
            value => found[side?].push(value.to_string()),
        }
    }
    (found != [Vec::<String>::new(), Vec::new()]).then_some(found)
}

/// The collection as it is written, with the members that came in the places of those that went.
fn with(ctx: &Context<'_>, written: Node<'_>, gone: &[String], came: &[String]) -> Option<String> {
    let mut left: Vec<Printed> = gone.iter().map(|text| Printed::parse(text)).collect::<Option<_>>()?;
    came.iter().all(|text| Printed::parse(text).is_some()).then_some(())?;
    let mut came = came.iter();
    let mut members = Vec::new();
    for member in children(written).filter(|node| node.kind() != "comment") {
        let is_it = |printed: &Printed| {
            printed.node().is_some_and(|node| literals::same(ctx.source, member, printed.source(), node))
        };
        match left.iter().position(is_it) {
            Some(at) => {
                left.remove(at);
                members.extend(came.next().cloned());
            }
            None => members.push(ctx.source.slice(member).to_string()),
        }
    }
    members.extend(came.cloned());
    let text = members.join(", ");
    let text = match written.kind() {
        "list" => format!("[{text}]"),
        "set" => format!("{{{text}}}"),
        _ if members.len() == 1 => format!("({text},)"),
        _ => format!("({text})"),
    };
    (left.is_empty() && !members.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(line: &str, message: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def sizes():
    return [10, 20, 30]
#- shop.py
def sizes():
    return [10, 24, 30]
#- tests/test_shop.py
import unittest
from shop import sizes

class TestShop(unittest.TestCase):
    def test_sizes(self):
        {line}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_sizes ______________________________

    def test_sizes(self):
>       {line}
E       AssertionError: {message}

tests/test_shop.py:6: AssertionError
#- healed
{healed}
"#
        )
    }

    const COUNTS: &str = "Element counts were not equal:\nE       First has 1, Second has 0:  24\n\
                          E       First has 0, Second has 1:  20";

    #[test]
    fn the_member_that_went_makes_place() {
        let healed = |line: &str| format!("-        {line}\n+        {}", line.replace("20", "24"));
        let line = "self.assertCountEqual(sizes(), [30, 20, 10])";
        check(&scene(line, COUNTS, &healed(line)));
        let sets = "Items in the first set but not the second:\nE       24\n\
                    E       Items in the second set but not the first:\nE       20";
        let line = "self.assertSetEqual(set(sizes()), {10, 20, 30})";
        check(&scene(line, sets, &healed(line)));
        let line = "self.assertEqual(first=sizes()[1], second=20)";
        check(&scene(line, "24 != 20", &healed(line)));
    }

    #[test]
    fn what_is_not_written_out_or_only_goes_stays() {
        check(&scene("self.assertCountEqual(sizes(), [30, SIZE, 10])", COUNTS, "no fix"));
        let twice = COUNTS.replace("First has 1, Second has 0", "First has 2, Second has 0");
        check(&scene("self.assertCountEqual(sizes(), [30, 20, 10])", &twice, "no fix"));
        let all = "Element counts were not equal:\nE       First has 0, Second has 1:  20";
        check(&scene("self.assertCountEqual(sizes(), [20])", all, "no fix"));
    }
}
