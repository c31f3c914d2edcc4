//! `assert cart.items == cart.items == []`: what is asked twice and the value behind it.

use crate::syntax::{Node, Source, children};

/// The two operands of a chain of equalities that are not written alike, where there is one such pair: the others
/// compare an expression with itself.
pub(super) fn operands<'c>(source: &Source, condition: Node<'c>) -> Option<(Node<'c>, Node<'c>)> {
    let mut operators = (0..condition.child_count()).filter_map(|at| condition.child(at)).filter(|it| !it.is_named());
    if condition.kind() != "comparison_operator" || !operators.all(|it| matches!(source.slice(it), "==" | "is")) {
        return None;
    }
    let operands = || children(condition);
    let mut unlike =
        operands().zip(operands().skip(1)).filter(|(left, right)| source.slice(*left) != source.slice(*right));
    unlike.next().filter(|_| unlike.next().is_none())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(asserted: &str, printed: &str, healed: &str) -> String {
        format!(
            r#"
#- shop.py
class Cart:
    items = ()
#- tests/test_shop.py
from shop import Cart

def test_items():
    cart = Cart()
    assert {asserted}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_items __________________________________

    def test_items():
        cart = Cart()
>       assert {asserted}
E       assert {printed}
E        +  where () = <shop.Cart object at 0x7f3b1c0d5f50>.items

tests/test_shop.py:5: AssertionError
#- healed
{healed}
"#
        )
    }

    #[test]
    fn what_is_asked_twice_is_expected_once() {
        let healed = "-    assert cart.items == cart.items == []\n+    assert cart.items == cart.items == ()";
        check(&scene("cart.items == cart.items == []", "() == []", healed));
    }

    #[test]
    fn a_chain_of_different_things_or_of_other_operators_stays() {
        check(&scene("cart.items == cart.rows == []", "() == []", "no fix"));
        check(&scene("cart.items is not cart.items == []", "() == []", "no fix"));
        // What was asked twice was not the same both times.
        check(&scene("cart.items == cart.items == []", "() == (1,)", "no fix"));
    }
}
