//! An exception that the product catches and raises another one for: `except KeyError as error: raise Refused() from error`.

use crate::report::Failure;

use super::super::renames::last_part;

/// Whether the expected exception did come, and the product raised the one that failed the test for it.
pub(super) fn is_translated(failure: &Failure, expected: Option<&str>) -> bool {
    let caught = failure.chain.first().and_then(|cause| cause.exc_type.as_deref()).map(last_part);
    caught.is_some() && caught == expected
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// Two tests that the same `raise` stops, with the exceptions that it was raised for.
    fn scene(caught: [&str; 2], line: &str, healed: &str) {
        let [first, second] = caught;
        check(&format!(
            r#"
#- before: shop.py
def price(table, key):
    return table[key]
#- shop.py
def price(table, key):
    try:
        return table[key]
    except (KeyError, IndexError) as error:
        raise ValueError("no such price") from error
#- tests/test_price.py
import pytest
from shop import price

def test_name():
    with pytest.raises(KeyError):
        $0price({{}}, "a")

def test_place():
    with pytest.raises(IndexError):
        price([], 0)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_name ___________________________________
shop.py:3: in price
    return table[key]
E   {first}: 'a'

The above exception was the direct cause of the following exception:
tests/test_price.py:6: in test_name
    {line}
shop.py:5: in price
    raise ValueError("no such price") from error
E   ValueError: no such price
__________________________________ test_place __________________________________
shop.py:3: in price
    return table[key]
E   {second}: list index out of range

The above exception was the direct cause of the following exception:
tests/test_price.py:10: in test_place
    price([], 0)
shop.py:5: in price
    raise ValueError("no such price") from error
E   ValueError: no such price
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_each_test_expects_was_caught_and_raised_anew() {
        let healed = "-    with pytest.raises(KeyError):\n+    with pytest.raises(ValueError):";
        let line = "price({}, \"a\")";
        scene(["KeyError", "IndexError"], line, healed);
        // One of them met it on its way to what it expects.
        scene(["KeyError", "KeyError"], line, "no fix");
        scene(["IndexError", "IndexError"], line, "no fix");
        // pytest cannot always read the line.
        scene(["KeyError", "IndexError"], "???", healed);
    }
}
