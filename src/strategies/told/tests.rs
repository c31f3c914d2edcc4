//! Commits that tell of what they changed, and those that do not.

use crate::fix::Tier;
use crate::fixture::Scene;

/// The tier of the fix for a `total` that gives `"net and fee"` where `"net"` was, after a commit with these texts.
fn tier(product: &[&str; 2], changelog: &str, test: &str) -> Option<Tier> {
    let [before, after] = product;
    let log = format!(
        "=================================== FAILURES ===================================\n\
         __________________________________ test_total __________________________________\n\n\
         >       {test}\nE       assert 'net and fee' == 'net'\n\ntests/test_shop.py:4: AssertionError\n"
    );
    let scene = format!(
        "#- before: shop.py\n{before}#- shop.py\n{after}#- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n\
         #- tests/test_shop.py\nfrom shop import Cart\n\ndef test_total():\n    {test}\n#- test_run.log\n{log}"
    );
    Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
}

const PLAIN: [&str; 2] = [
    "class Cart:\n    def total(self):\n        return self.net\n",
    "class Cart:\n    def total(self):\n        return self.net + fee(self)\n",
];
const TEST: &str = "assert Cart(1).total() == 'net'";

#[test]
fn a_changelog_that_speaks_of_the_changed_code() {
    assert_eq!(tier(&PLAIN, "- `Cart.total` has the fee in it.", TEST), Some(Tier::Safe));
    assert_eq!(tier(&PLAIN, "- The new total() has the fee in it.", TEST), Some(Tier::Safe));
}

#[test]
fn a_count_has_to_be_named() {
    let count = |changelog: &str| {
        let scene = format!(
            "#- before: shop.py\ndef total():\n    return net()\n#- shop.py\ndef total():\n    return net() + fee()\n\
             #- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n#- tests/test_shop.py\n\
             from shop import total\n\ndef test_total():\n    assert total() == 40\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             >       assert total() == 40\nE       assert 42 == 40\n\ntests/test_shop.py:4: AssertionError\n"
        );
        Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    assert_eq!(count("- `total` has the fee in it."), Some(Tier::Review));
    assert_eq!(count("- `total` is 42 by default."), Some(Tier::Safe));
}

#[test]
fn what_is_emptied_has_to_be_named() {
    let emptied = |changelog: &str| {
        let scene = format!(
            "#- before: shop.py\ndef lines():\n    return net()\n#- shop.py\ndef lines():\n    return [] or net()\n\
             #- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n#- tests/test_shop.py\n\
             from shop import lines\n\ndef test_lines():\n    assert lines() == [\"fee\", \"tax\"]\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_lines __________________________________\n\n\
             >       assert lines() == [\"fee\", \"tax\"]\nE       assert [] == ['fee', 'tax']\n\n\
             tests/test_shop.py:4: AssertionError\n"
        );
        Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    assert_eq!(emptied("- `lines()` has no fee and no tax any more."), Some(Tier::Review));
    assert_eq!(emptied("- `lines()` is empty by default."), Some(Tier::Review));
    assert_eq!(emptied("- `lines()` has no fee any more."), None);
}

#[test]
fn silence_or_talk_of_something_else_asks_a_person() {
    assert_eq!(tier(&PLAIN, "", TEST), Some(Tier::Review));
    assert_eq!(tier(&PLAIN, "- `Basket.count` is another.", TEST), Some(Tier::Review));
    assert_eq!(tier(&PLAIN, "- `Cart.total` is faster.", TEST), Some(Tier::Review));
}

#[test]
fn a_docstring_that_tells_since_when() {
    let told = |text: &str| {
        format!("class Cart:\n    def total(self):\n        \"\"\"{text}\"\"\"\n        return self.net + fee(self)\n")
    };
    let changed = told("The sum.\n\n        .. versionchanged:: 2.0\n            With the fee.\n        ");
    assert_eq!(tier(&[PLAIN[0], &changed], "", TEST), Some(Tier::Safe));
    assert_eq!(tier(&[PLAIN[0], &told("The sum of it all.")], "", TEST), Some(Tier::Review));
    assert_eq!(tier(&[PLAIN[0], &told("The total() of `Cart`, `net` and `fee`.")], "", TEST), Some(Tier::Review));
}

#[test]
fn a_caller_of_the_changed_function_is_used_as_well() {
    let shop = |value: &str| {
        format!("def net(cart):\n    return {value}\n\nclass Cart:\n    def total(self):\n        return net(self)\n")
    };
    let product = [shop("cart.net"), shop("cart.net + cart.fee")];
    assert_eq!(tier(&[&product[0], &product[1]], "- `net()` has the fee in it.", TEST), Some(Tier::Safe));
}

#[test]
fn a_note_on_a_caller_says_nothing_to_a_test_that_does_not_use_it() {
    let shop = |value: &str| {
        format!(
            "class Cart:\n    def total(self):\n        return {value}\n\ndef bill(cart):\n    return cart.total()\n"
        )
    };
    let product = [shop("self.net"), shop("self.net + self.fee")];
    assert_eq!(tier(&[&product[0], &product[1]], "- `bill()` has another layout.", TEST), Some(Tier::Review));
}

#[test]
fn an_argument_that_went_is_what_has_to_change() {
    let shop = |parameters: &str| {
        format!(
            "class Cart:\n    def __init__(self, n, {parameters}):\n        self.n = n\n    def total(self):\n        return 1\n"
        )
    };
    let product = [shop("fee=0"), shop("**kwargs")];
    let with = "assert Cart(1, fee=2).total() == 'net'";
    assert_eq!(tier(&[&product[0], &product[1]], "- `Cart` takes more options.", with), None);
}

#[test]
fn who_speaks_of_the_function_alone_explains_no_value() {
    let tier = |changelog: &str, old: &str, new: &str| {
        let scene = format!(
            "#- before: shop.py\ndef boil(water):\n    return heat(water)\n#- shop.py\n\
             def boil(water):\n    return heat(water, 2)\n\
             #- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n#- tests/test_shop.py\n\
             from shop import boil\n\ndef test_boil():\n    assert boil(1) == {old}\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_boil ___________________________________\n\n\
             >       assert boil(1) == {old}\nE       assert {new} == {old}\n\ntests/test_shop.py:4: AssertionError\n"
        );
        Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    assert_eq!(tier("- `boil` takes milliseconds.", "'boiling'", "'cold'"), Some(Tier::Review));
    assert_eq!(tier("- `boil` says that water is cold.", "'boiling'", "'cold'"), Some(Tier::Safe));
    assert_eq!(tier("- `boil` may say cold; no change in behaviour.", "'boiling'", "'cold'"), Some(Tier::Review));
    assert_eq!(tier("- `boil` is `True` or `False`, not 1 or 0.", "False", "True"), Some(Tier::Review));
    assert_eq!(tier("- `boil` is `None` without water.", "'x'", "None"), Some(Tier::Review));
    let read = |changelog: &str| {
        let scene = format!(
            "#- before: shop.py\nclass Cart:\n    width = 42\n#- shop.py\nclass Cart:\n    width = None\n\
             #- before: CHANGES.md\n# Changes\n#- CHANGES.md\n# Changes\n{changelog}\n#- tests/test_shop.py\n\
             from shop import Cart\n\ndef test_width():\n    assert 42 == Cart.width\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_width __________________________________\n\n\
             >       assert 42 == Cart.width\nE       assert 42 == None\n\ntests/test_shop.py:4: AssertionError\n"
        );
        Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
    };
    assert_eq!(read("- The default width of `Cart` is `None`."), Some(Tier::Safe));
    assert_eq!(read("- The default height of `Cart` is `None`."), Some(Tier::Review));
}
