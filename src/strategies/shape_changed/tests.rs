//! Mappings, tuples and objects that became one another.

use crate::fix::Tier;
use crate::fixture::{Scene, check};

#[test]
fn an_object_that_became_a_mapping() {
    check(
        r#"
#- before: shop.py
def bill(cart):
    return Bill(sum(cart))
#- shop.py
def bill(cart):
    return {"total": sum(cart)}
#- tests/test_bill.py
from shop import bill

def test_bill():
    assert bill([2, 3]).total == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       assert bill([2, 3]).total == 5
E       AttributeError: 'dict' object has no attribute 'total'

tests/test_bill.py:4: AttributeError
#- healed
-    assert bill([2, 3]).total == 5
+    assert bill([2, 3])["total"] == 5
"#,
    );
}

#[test]
fn an_object_without_that_attribute_is_no_fix() {
    check(
        r#"
#- before: shop.py
def bill(cart):
    return {"total": sum(cart)}
#- shop.py
class Bill:
    def __init__(self, cart):
        self.amount = sum(cart)

def bill(cart):
    return Bill(cart)
#- tests/test_bill.py
from shop import bill

def test_bill():
    assert bill([2, 3])["total"] == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
>       assert bill([2, 3])["total"] == 5
E       TypeError: 'Bill' object is not subscriptable

tests/test_bill.py:4: TypeError
#- healed
no fix
"#,
    );
}

const TUPLE: &str = "def bounds(points):\n    return min(points), max(points)";
const CLASS: &str = "from dataclasses import dataclass\n\n@dataclass\nclass Bounds:\n    low: int\n    high: int\n\ndef bounds(points):\n    return Bounds(low=min(points), high=max(points))";

/// A function before and now, the lines of the test, the number of the one that fails, what it fails with.
fn scene(bodies: [&str; 2], lines: &[&str], at: usize, error: &str, healed: &str) -> String {
    let test: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    let shown: String = lines[..at].iter().map(|line| format!("        {line}\n")).collect();
    let kind = error.split(':').next().expect("an error has a name");
    let (number, failing) = (4 + at, lines[at]);
    format!(
        r#"
#- before: shop.py
{}
#- shop.py
{}
#- tests/test_shop.py
from shop import bounds

def test_bounds():
{test}#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_bounds __________________________________

    def test_bounds():
{shown}>       {failing}
E       {error}

tests/test_shop.py:{number}: {kind}
#- healed
{healed}
"#,
        bodies[0], bodies[1]
    )
}

#[test]
fn a_tuple_whose_places_got_names() {
    let error = "TypeError: cannot unpack non-iterable Bounds object";
    let lines = ["low, high = bounds([3, 1])", "assert low == 1"];
    let healed = "-    low, high = bounds([3, 1])\n+    found = bounds([3, 1])\n+    low, high = found.low, found.high";
    // `bounds` is taken.
    check(&scene([TUPLE, CLASS], &lines, 0, error, healed));
    let lines = ["low, _ = bounds([3, 1])", "assert low == 1"];
    let healed = "-    low, _ = bounds([3, 1])\n+    low = bounds([3, 1]).low";
    check(&scene([TUPLE, CLASS], &lines, 0, error, healed));
    let error = "TypeError: 'Bounds' object is not subscriptable";
    let lines = ["found = bounds([3, 1])", "assert found[0] == 1", "assert found[1] == 3"];
    let healed =
        "-    assert found[0] == 1\n-    assert found[1] == 3\n+    assert found.low == 1\n+    assert found.high == 3";
    check(&scene([TUPLE, CLASS], &lines, 1, error, healed));
}

#[test]
fn values_that_changed_places_are_no_names() {
    let error = "TypeError: cannot unpack non-iterable Bounds object";
    let lines = ["low, high = bounds([3, 1])", "assert low == 1"];
    let swapped = CLASS.replace("low=min(points), high=max(points)", "low=max(points), high=min(points)");
    check(&scene([TUPLE, &swapped], &lines, 0, error, "no fix"));
    let swapped = CLASS.replace("low=min(points), high=max(points)", "max(points), min(points)");
    check(&scene([TUPLE, &swapped], &lines, 0, error, "no fix"));
}

#[test]
fn names_that_became_places() {
    let error = "AttributeError: 'tuple' object has no attribute 'low'";
    let lines = ["found = bounds([3, 1])", "assert found.low == 1", "assert found.high == 3"];
    let healed =
        "-    assert found.low == 1\n-    assert found.high == 3\n+    assert found[0] == 1\n+    assert found[1] == 3";
    check(&scene([CLASS, TUPLE], &lines, 1, error, healed));
    let swapped = TUPLE.replace("min(points), max(points)", "max(points), min(points)");
    check(&scene([CLASS, &swapped], &lines, 1, error, "no fix"));
}

#[test]
fn an_object_of_the_same_values() {
    let given = "bounds([3, 1])";
    let imported = "-from shop import bounds\n+from shop import Bounds, bounds\n";
    let line = format!("assert {given} == (1, 3)");
    let error = "AssertionError: assert Bounds(low=1, high=3) == (1, 3)";
    let healed = format!("{imported}-    {line}\n+    assert {given} == Bounds(low=1, high=3)");
    check(&scene([TUPLE, CLASS], &[&line], 0, error, &healed));
    let mapping = "def bounds(points):\n    return {\"low\": min(points), \"high\": max(points)}";
    let line = format!("assert {given} == {{\"low\": 1, \"high\": 3}}");
    let error = "AssertionError: assert Bounds(low=1, high=3) == {'low': 1, 'high': 3}";
    let healed = format!("{imported}-    {line}\n+    assert {given} == Bounds(low=1, high=3)");
    check(&scene([mapping, CLASS], &[&line], 0, error, &healed));
    // Another value is for a person to accept.
    let tier = |line: &str, printed: &str, body: &str| {
        let error = format!("AssertionError: assert {printed}");
        Scene::parse(&scene([body, CLASS], &[line], 0, &error, "no fix")).heal().fixes.first().map(|fix| fix.fix().tier)
    };
    assert_eq!(tier(&line, "Bounds(low=1, high=4) == {'low': 1, 'high': 3}", mapping), Some(Tier::Review));
    let line = format!("assert {given} == (1, 3)");
    assert_eq!(tier(&line, "Bounds(low=3, high=1) == (1, 3)", TUPLE), Some(Tier::Review));
    assert_eq!(tier(&line, "Bounds(low=1, high=3) == (1, 3)", TUPLE), Some(Tier::Safe));
}

#[test]
fn objects_of_the_same_values_in_a_list() {
    let mapping = "def bounds(points):\n    return [{\"low\": point, \"high\": point} for point in points]";
    let class = CLASS.split("\n\ndef").next().expect("the class comes first").to_string()
        + "\n\ndef bounds(points):\n    return [Bounds(low=point, high=point) for point in points]";
    let line = "assert bounds([1, 2]) == [{\"low\": 1, \"high\": 1}, {\"low\": 2, \"high\": 2}]";
    let error =
        |came: &str| format!("AssertionError: assert [{came}] == [{{'low': 1, 'high': 1}}, {{'low': 2, 'high': 2}}]");
    let healed = format!(
        "-from shop import bounds\n+from shop import Bounds, bounds\n-    {line}\n+    assert bounds([1, 2]) == [Bounds(low=1, \
         high=1), Bounds(low=2, high=2)]"
    );
    let printed = error("Bounds(low=1, high=1), Bounds(low=2, high=2)");
    check(&scene([mapping, &class], &[line], 0, &printed, &healed));
    for came in ["Bounds(low=1, high=1), Bounds(low=2, high=3)", "Bounds(low=1, high=1)"] {
        let fixes = Scene::parse(&scene([mapping, &class], &[line], 0, &error(came), "")).heal().fixes;
        assert!(fixes.iter().all(|fix| fix.fix().tier == Tier::Review), "{came}");
    }
}

#[test]
fn what_was_asked_of_a_mapping_is_read() {
    let mapping = "def bounds(points):\n    return {\"low\": min(points), \"high\": max(points)}";
    let error = "AttributeError: 'Bounds' object has no attribute 'get'";
    let lines = ["found = bounds([3, 1])", "assert found.get(\"low\") == 1"];
    let healed = "-    assert found.get(\"low\") == 1\n+    assert found.low == 1";
    check(&scene([mapping, CLASS], &lines, 1, error, healed));
    let lines = ["found = bounds([3, 1])", "assert found.get(\"mean\") is None"];
    check(&scene([mapping, CLASS], &lines, 1, error, "no fix"));
}

#[test]
fn a_named_tuple_that_became_a_class() {
    let maker = "\n\ndef bounds(points):\n    return Bounds(min(points), max(points))";
    let class = CLASS.split("\n\ndef").next().expect("the class comes first").to_string() + maker;
    let error = "TypeError: cannot unpack non-iterable Bounds object";
    let lines = ["low, high = bounds([3, 1])", "assert low == 1"];
    let healed = "-    low, high = bounds([3, 1])\n+    found = bounds([3, 1])\n+    low, high = found.low, found.high";
    let tuple = |fields: &str| {
        format!("from collections import namedtuple\n\nBounds = namedtuple(\"Bounds\", {fields}){maker}")
    };
    check(&scene([&tuple("\"low high\""), &class], &lines, 0, error, healed));
    check(&scene([&tuple("[\"low\", \"high\"]"), &class], &lines, 0, error, healed));
    check(&scene([&tuple("\"high low\""), &class], &lines, 0, error, "no fix"));
    let typed =
        format!("from typing import NamedTuple\n\nclass Bounds(NamedTuple):\n    low: int\n    high: int{maker}");
    check(&scene([&typed, &class], &lines, 0, error, healed));
}

#[test]
fn a_tuple_whose_places_became_keys() {
    let mapping = "def bounds(points):\n    return {\"low\": min(points), \"high\": max(points)}\n\ndef span(points):\n    found = bounds(points)\n    return found[\"high\"] - found[\"low\"]";
    let lines = ["low, high = bounds([3, 1])", "assert low == 1"];
    let error = "AssertionError: assert 'low' == 1";
    let healed = "-    low, high = bounds([3, 1])\n+    found = bounds([3, 1])\n+    low, high = found[\"low\"], found[\"high\"]";
    check(&scene([TUPLE, mapping], &lines, 1, error, healed));
    let lines = ["assert bounds([3, 1])[0] == 1"];
    let healed = "-    assert bounds([3, 1])[0] == 1\n+    assert bounds([3, 1])[\"low\"] == 1";
    check(&scene([TUPLE, mapping], &lines, 0, "KeyError: 0", healed));
    // What changed places may be a mistake, and what nobody takes so is for a person.
    let swapped =
        mapping.replace("\"low\": min(points), \"high\": max(points)", "\"low\": max(points), \"high\": min(points)");
    check(&scene([TUPLE, &swapped], &lines, 0, "KeyError: 0", "no fix"));
    let nobody = mapping.split("\n\n").next().expect("the function comes first");
    let fixes = Scene::parse(&scene([TUPLE, nobody], &lines, 0, "KeyError: 0", "no fix")).heal().fixes;
    assert_eq!(fixes.first().map(|fix| fix.fix().tier), Some(Tier::Review));
}

#[test]
fn constants_that_became_keys_in_small_letters() {
    let tier = |after: &str, caller: &str| {
        let scene = format!(
            r#"
#- before: conf.py
class Settings:
    DEBUG_MODE = True

settings = Settings()
#- conf.py
settings = {after}
#- before: app.py
from conf import settings

def is_loud():
    return settings.DEBUG_MODE
#- app.py
from conf import settings

def is_loud():
    return {caller}
#- tests/test_conf.py
from conf import settings

def test_debug():
    assert settings.DEBUG_MODE is True
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_debug __________________________________

    def test_debug():
>       assert settings.DEBUG_MODE is True
E       AttributeError: 'dict' object has no attribute 'DEBUG_MODE'

tests/test_conf.py:4: AttributeError
"#
        );
        let fixes = Scene::parse(&scene).heal().fixes;
        let fix = fixes.iter().map(|fix| fix.fix()).find(|fix| fix.strategy == super::STRATEGY.id)?;
        Some((fix.edits[0].text.clone(), fix.tier))
    };
    let written = "[\"debug_mode\"]".to_string();
    let after = "{\"debug_mode\": True}";
    assert_eq!(tier(after, "settings[\"debug_mode\"]"), Some((written.clone(), Tier::Safe)));
    // Nobody reads it so, or it is read of something else, or has another value.
    for (after, caller) in
        [(after, "True"), (after, "other[\"debug_mode\"]"), ("{\"debug_mode\": False}", "settings[\"debug_mode\"]")]
    {
        assert_eq!(tier(after, caller), Some((written.clone(), Tier::Review)), "{after} {caller}");
    }
    assert_eq!(tier("{\"debug\": True}", "settings[\"debug\"]"), None);
}
