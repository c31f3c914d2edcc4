//! Values that became a part of a result, and parts that became the result.

use crate::fix::Tier;
use crate::fixture::{Scene, check};

const ALONE: &str = "def price(text):\n    return int(text)\n\ndef double(text):\n    return 2 * price(text)";
const PAIR: &str = "def price(text):\n    return int(text), text\n\ndef double(text):\n    cents, _ = price(text)\n    return 2 * cents";
const MAPPING: &str = "def price(text):\n    return {\"cents\": int(text), \"text\": text}\n\ndef double(text):\n    return 2 * price(text)[\"cents\"]";

/// The product before and now, the lines of the test, the number of the one that fails, what it fails with.
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
from shop import price

def test_price():
{test}#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_price __________________________________

    def test_price():
{shown}>       {failing}
E       {error}

tests/test_shop.py:{number}: {kind}
#- healed
{healed}
"#,
        bodies[0], bodies[1]
    )
}

fn tier(bodies: [&str; 2], lines: &[&str], at: usize, error: &str) -> Option<Tier> {
    let fixes = Scene::parse(&scene(bodies, lines, at, error, "no fix")).heal().fixes;
    fixes.iter().map(|fix| fix.fix()).find(|fix| fix.strategy == "result-part").map(|fix| fix.tier)
}

const UNEQUAL: &str = "AssertionError: assert (3, '3') == 3";

#[test]
fn the_whole_that_became_a_part_is_taken() {
    let healed = "-    cents = price(\"3\")\n+    cents, _ = price(\"3\")";
    check(&scene([ALONE, PAIR], &["cents = price(\"3\")", "assert cents == 3"], 1, UNEQUAL, healed));
    let healed = "-    assert price(\"3\") == 3\n+    assert price(\"3\")[0] == 3";
    check(&scene([ALONE, PAIR], &["assert price(\"3\") == 3"], 0, UNEQUAL, healed));
    let error = "TypeError: unsupported operand type(s) for +: 'dict' and 'int'";
    let healed = "-    assert price(\"3\") + 1 == 4\n+    assert price(\"3\")[\"cents\"] + 1 == 4";
    check(&scene([ALONE, MAPPING], &["assert price(\"3\") + 1 == 4"], 0, error, healed));
}

#[test]
fn the_part_that_became_the_whole_is_taken() {
    let error = "TypeError: cannot unpack non-iterable int object";
    let healed = "-    cents, _ = price(\"3\")\n+    cents = price(\"3\")";
    check(&scene([PAIR, ALONE], &["cents, _ = price(\"3\")", "assert cents == 3"], 0, error, healed));
    let error = "TypeError: 'int' object is not subscriptable";
    let healed = "-    assert found[\"cents\"] == 3\n+    assert found == 3";
    check(&scene([MAPPING, ALONE], &["found = price(\"3\")", "assert found[\"cents\"] == 3"], 1, error, healed));
}

#[test]
fn a_part_that_went_is_not_left_out() {
    let error = "TypeError: cannot unpack non-iterable int object";
    let lines = ["cents, text = price(\"3\")", "assert cents == 3", "assert text == \"3\""];
    check(&scene([PAIR, ALONE], &lines, 0, error, "no fix"));
    let error = "TypeError: 'int' object is not subscriptable";
    check(&scene([PAIR, ALONE], &["assert price(\"3\")[1] == \"3\""], 0, error, "no fix"));
}

#[test]
fn what_callers_do_not_take_so_is_for_a_person() {
    let lines = ["assert price(\"3\") == 3"];
    assert_eq!(tier([ALONE, PAIR], &lines, 0, UNEQUAL), Some(Tier::Safe));
    // Nobody takes it, or somebody takes it as before.
    let nobody = PAIR.split("\n\n").next().expect("the function comes first");
    assert_eq!(tier([ALONE, nobody], &lines, 0, UNEQUAL), Some(Tier::Review));
    let half = format!("{PAIR}\n\ndef treble(text):\n    return 3 * price(text)");
    assert_eq!(tier([ALONE, &half], &lines, 0, UNEQUAL), Some(Tier::Review));
}

#[test]
fn what_is_in_no_part_or_in_two_is_not_taken() {
    let lines = ["assert price(\"3\") == 3"];
    for now in ["int(text) + 1, text", "int(text),", "int(text), int(text)", "(text, text)"] {
        let now = PAIR.replace("return int(text), text", &format!("return {now}"));
        assert_eq!(tier([ALONE, &now], &lines, 0, UNEQUAL), None, "{now}");
    }
}

#[test]
fn a_name_that_says_another_part_is_not_given_this_one() {
    let error = "AssertionError: assert {'cents': 3, 'text': '3'} == 3";
    assert_eq!(tier([ALONE, MAPPING], &["text = price(\"3\")", "assert text == 3"], 1, error), None);
}
