//! Both sides have a literal, and one was filled since it was written: `found = {"low": 0}` that a loop counts up.

use super::super::Context;
use super::comparison::Side;
use super::literals::{Printed, is_literal};
use super::{Node, is_what_ran};

/// The one literal that is still what was compared, with its side and the side that was filled.
pub(super) fn kept<'s, 'c>(
    ctx: &Context<'_>,
    literals: [Node<'c>; 2],
    [left, right]: [&'s Side<'c>; 2],
) -> Option<(Node<'c>, [&'s Side<'c>; 2])> {
    let [one, other] = literals;
    let is_shown = |side: &Side<'_>| Printed::parse(&side.printed).is_some();
    if !is_literal(one) || !is_literal(other) || !is_shown(left) || !is_shown(right) {
        return None;
    }
    match [is_what_ran(ctx.source, one, left), is_what_ran(ctx.source, other, right)] {
        [true, false] => Some((one, [left, right])),
        [false, true] => Some((other, [right, left])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A test class whose helper counts into a dictionary of its own, as unittest prints what it compared.
    fn scene(given: &str, counted: &str, difference: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def stock():
    return ["pear", "pear", "plum"]
#- shop.py
def stock():
    return ["pear", "pear", "plum", "plum"]
#- tests/test_stock.py
import unittest
from shop import stock

class TestStock(unittest.TestCase):
    def check_stock(self, wanted):
        counts = {{"fruit": {counted}, "berries": {{"black": 0, "blue": 0}}}}
        for name in stock():
            counts["fruit"][name] += 1
        self.assertDictEqual(wanted, counts)

    def test_stock(self):
        wanted = {given}
        self.check_stock(wanted)
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestStock.test_stock _____________________________
tests/test_stock.py:13: in test_stock
    self.check_stock(wanted)
tests/test_stock.py:9: in check_stock
    self.assertDictEqual(wanted, counts)
E   AssertionError: {{'fruit': {{'pear': 2, 'plum': 1}}, 'berri[25 chars] 0}}}} != {{'fruit': {{'pear': 2, 'plum': 2}}, 'berri[25 chars] 0}}}}
{difference}
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_the_test_gave_its_helper_changes_where_the_values_are_shown_whole() {
        let difference = "\
E   - {'berries': {'black': 0, 'blue': 0}, 'fruit': {'pear': 2, 'plum': 1}}
E   ?                                                                   ^
E   
E   + {'berries': {'black': 0, 'blue': 0}, 'fruit': {'pear': 2, 'plum': 2}}
E   ?                                                                   ^";
        let given = |plums: u32| {
            format!("{{\"fruit\": {{\"pear\": 2, \"plum\": {plums}}}, \"berries\": {{\"black\": 0, \"blue\": 0}}}}")
        };
        let healed = format!("-        wanted = {}\n+        wanted = {}", given(1), given(2));
        let zeros = "{\"pear\": 0, \"plum\": 0}";
        scene(&given(1), zeros, difference, &healed);
        // What the helper has is as written, and was compared.
        scene(&given(1), "{\"pear\": 2, \"plum\": 2}", difference, "no fix");
        // Neither is what was written.
        scene(&given(3), zeros, difference, "no fix");
        // unittest showed only parts of the values.
        scene(&given(1), zeros, "E   Diff is 1024 characters long. Set self.maxDiff to None to see it.", "no fix");
    }
}
