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

const EACH: &str = "def price(texts):\n    return [int(text) for text in texts]\n\ndef total(texts):\n    return sum(cents for cents in price(texts))";
const EACH_PAIR: &str = "def price(texts):\n    found = []\n    for text in texts:\n        found.append((int(text), text))\n    return found\n\ndef total(texts):\n    return sum(cents for cents, _ in price(texts))";
const EACH_OBJECT: &str = "class Price:\n    def __init__(self, cents, text):\n        self.cents = cents\n\ndef price(texts):\n    for text in texts:\n        yield Price(cents=int(text), text=text)\n\ndef total(texts):\n    return sum(one.cents for one in price(texts))";

#[test]
fn each_that_became_a_part_is_taken_in_loops_and_by_place() {
    let healed = |old: &str, new: &str| format!("-    {old}\n+    {new}");
    let plays = |bodies, old: &str, new: &str| check(&scene(bodies, &[old], 0, UNEQUAL, &healed(old, new)));
    let old = "assert [one + 1 for one in price([\"3\"])] == [4]";
    plays([EACH, EACH_PAIR], old, "assert [one + 1 for one, _ in price([\"3\"])] == [4]");
    plays(
        [EACH_PAIR, EACH],
        "assert [a for a, _ in price([\"3\"])] == [3]",
        "assert [a for a in price([\"3\"])] == [3]",
    );
    plays([EACH, EACH_OBJECT], old, "assert [one.cents + 1 for one in price([\"3\"])] == [4]");
    plays([EACH, EACH_PAIR], "assert price([\"3\"])[0] == 3", "assert price([\"3\"])[0][0] == 3");
    let old = "assert next(iter(price([\"3\"]))) == 3";
    plays([EACH, EACH_OBJECT], old, "assert next(iter(price([\"3\"]))).cents == 3");
    let lines = ["for at, one in enumerate(price([\"3\"])):", "    assert one == 3 + at"];
    let new = healed(lines[0], "for at, (one, _) in enumerate(price([\"3\"])):");
    check(&scene([EACH, EACH_PAIR], &lines, 1, UNEQUAL, &new));
}

#[test]
fn each_is_not_taken_where_it_is_not_known_what_becomes_of_it() {
    fn of(bodies: [&str; 2], lines: &[&str]) -> Option<Tier> {
        tier(bodies, lines, lines.len() - 1, UNEQUAL)
    }
    let line = ["assert price([\"3\"])[0] == 3"];
    assert_eq!(of([EACH, EACH_PAIR], &line), Some(Tier::Safe));
    // The product still adds them up as they were, or nobody takes them.
    assert_eq!(
        of([EACH, &EACH_PAIR.replace("cents for cents, _ in price(texts)", "price(texts)")], &line),
        Some(Tier::Review)
    );
    assert_eq!(of([EACH, EACH_PAIR.split("\n\ndef total").next().expect("it is there")], &line), Some(Tier::Review));
    // Another value came in its place, or what the test does with all of them is not to be seen.
    assert_eq!(of([EACH, &EACH_PAIR.replace("(int(text), text)", "(len(text), text)")], &line), None);
    assert_eq!(of([EACH, EACH_PAIR], &["assert sum(price([\"3\"])) == 3"]), None);
    assert_eq!(of([EACH, EACH_PAIR], &["found = price([\"3\"])", "assert found[0] == 3 and found == [3]"]), None);
    // `text` is another part.
    assert_eq!(of([EACH, EACH_OBJECT], &["assert [text for text in price([\"3\"])] == [3]"]), None);
}
