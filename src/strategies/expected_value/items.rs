//! A dictionary that the test fills item by item: `expected["warnings"] = […]`.

use crate::syntax::{Node, descendants};

use super::super::Context;
use super::comparison::Side;
use super::literals::{self, Printed};

/// What the test gave the one item of `side` that differs from `other`, and both values of that item.
pub(super) fn set<'c>(ctx: &'c Context<'_>, side: &Side<'c>, other: &Side<'c>) -> Option<(Node<'c>, [Side<'c>; 2])> {
    let name = Some(side.node).filter(|node| node.kind() == "identifier").map(|node| ctx.source.slice(node))?;
    let [was, is] = [side, other].map(|side| Printed::read(&side.printed, side.is_whole));
    let (was, is) = (was?, is?);
    let [old, new] = [&was, &is].map(items);
    let (old, new) = (old?, new?);
    let mut differing = old.iter().filter(|(key, value)| {
        let now = new.iter().find(|(other, _)| other == key);
        now.is_none_or(|(_, now)| !literals::same(was.source(), *value, is.source(), *now))
    });
    let (key, value) = differing.next().filter(|_| differing.next().is_none() && old.len() == new.len())?;
    let (_, now) = new.iter().find(|(other, _)| other == key)?;
    let node = given(ctx, name, key)?;
    let of_item = |node, printed: &str| Side { node, printed: printed.to_string(), is_whole: true };
    Some((node, [of_item(node, was.source().slice(*value)), of_item(other.node, is.source().slice(*now))]))
}

/// The items of a printed dictionary whose keys are all texts.
fn items(printed: &Printed) -> Option<Vec<(String, Node<'_>)>> {
    let node = printed.node().filter(|node| node.kind() == "dictionary")?;
    crate::syntax::children(node).map(|pair| item(printed, pair)).collect()
}

fn item<'p>(printed: &'p Printed, pair: Node<'p>) -> Option<(String, Node<'p>)> {
    let key = literals::string_value(printed.source(), pair.child_by_field_name("key")?)?;
    Some((key, pair.child_by_field_name("value")?))
}

/// The value of the only `name["key"] = …` of the test.
fn given<'c>(ctx: &'c Context<'_>, name: &str, key: &str) -> Option<Node<'c>> {
    let statement = ctx.site.statement.start;
    let test = ctx.source.function_at(statement)?;
    let is_it = |node: &Node<'_>| {
        let Some(left) = node.child_by_field_name("left").filter(|left| left.kind() == "subscript") else {
            return false;
        };
        let owner = left.child_by_field_name("value").map(|owner| ctx.source.slice(owner));
        let subscript = left.child_by_field_name("subscript").and_then(|key| literals::string_value(ctx.source, key));
        owner == Some(name) && subscript.as_deref() == Some(key)
    };
    let assigned = descendants(test).filter(|node| node.kind() == "assignment" && node.start_byte() < statement);
    let mut given = assigned.filter(is_it).filter_map(|node| node.child_by_field_name("right"));
    let value = given.next().map(literals::inner)?;
    given.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::super::tests::scene;
    use crate::fixture::check;

    #[test]
    fn an_item_that_the_test_sets_later_changes_where_it_is_set() {
        let scene = |more: &str, message: &str, healed: &str| {
            let test = format!(
                "def test_total():\n    expected = {{\"n\": 0, \"seen\": []}}\n    if KEY:\n        \
                 expected[\"seen\"] = [\"one\", \"two\"]\n{more}    assert total() == expected\n"
            );
            let line = test.lines().count() as u32;
            scene(&test, line, "assert total() == expected", message, healed)
        };
        let message = "assert {'n': 0, 'seen': ['one', 'due']} == {'n': 0, 'seen': ['one', 'two']}";
        let healed =
            "-        expected[\"seen\"] = [\"one\", \"two\"]\n+        expected[\"seen\"] = [\"one\", \"due\"]";
        check(&scene("", message, healed));
        // Set twice, another item as well, or not what ran.
        check(&scene("    expected[\"seen\"] = given()\n", message, "no fix"));
        let both = "assert {'n': 1, 'seen': ['one', 'due']} == {'n': 0, 'seen': ['one', 'two']}";
        check(&scene("", both, "no fix"));
        let other = "assert {'n': 0, 'seen': ['due']} == {'n': 0, 'seen': ['six']}";
        check(&scene("", other, "no fix"));
    }
}
