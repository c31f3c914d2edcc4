//! The same values in other kinds, and others that only look alike.

use crate::fix::Tier;
use crate::fixture::{Scene, check};

/// A function whose body and annotation changed, what the test expects of it and what the run compared.
fn scene(bodies: [&str; 2], head: &str, expected: &str, compared: &str, healed: &str) -> String {
    let healed = match healed {
        "no fix" => "no fix".to_string(),
        new => match new.split_once(" with ") {
            Some((new, import)) => {
                format!("+{import}\n+\n-    assert given() == {expected}\n+    assert given() == {new}")
            }
            None => format!("-    assert given() == {expected}\n+    assert given() == {new}"),
        },
    };
    format!(
        r#"
#- before: shop.py
{}
#- shop.py
{}
#- tests/test_shop.py
{head}from shop import given

def test_given():
    assert given() == {expected}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_given __________________________________

    def test_given():
>       assert given() == {expected}
E       AssertionError: assert {compared}

tests/test_shop.py:5: AssertionError
#- healed
{healed}
"#,
        bodies[0], bodies[1]
    )
}

const LIST: &str = "def given():\n    return [x for x in cart]";
const TUPLE: &str = "def given():\n    return tuple(x for x in cart)";
const SET: &str = "def given():\n    return {x for x in cart}";
const SORTED: &str = "def given():\n    return sorted({x for x in cart})";

#[test]
fn other_brackets_around_the_same() {
    check(&scene([LIST, TUPLE], "", "[1, 2]", "(1, 2) == [1, 2]", "(1, 2)"));
    check(&scene([LIST, TUPLE], "", "[1]", "(1,) == [1]", "(1,)"));
    check(&scene([TUPLE, LIST], "", "(1,)", "[1] == (1,)", "[1]"));
    check(&scene([LIST, SET], "", "[2, 1]", "{1, 2} == [2, 1]", "{2, 1}"));
    check(&scene([LIST, SET], "", "[]", "set() == []", "set()"));
    check(&scene([LIST, TUPLE], "", "list(ALL)", "(1, 2) == [1, 2]", "tuple(ALL)"));
    check(&scene([LIST, TUPLE], "", "ALL", "(1, 2) == [1, 2]", "tuple(ALL)"));
}

#[test]
fn another_element_or_order_is_more_than_another_kind() {
    check(&scene([LIST, TUPLE], "", "ALL", "(1, 3) == [1, 2]", "no fix"));
    check(&scene([LIST, TUPLE], "", "ALL", "(2, 1) == [1, 2]", "no fix"));
    check(&scene([LIST, SET], "", "ALL", "{1, 2} == [1, 2, 2]", "no fix"));
    check(&scene([LIST, LIST], "", "ALL", "(1, 2) == [1, 2]", "no fix"));
}

#[test]
fn an_order_is_followed_where_the_product_sorts() {
    check(&scene([SET, SORTED], "", "{2, 1}", "[1, 2] == {1, 2}", "[1, 2]"));
    check(&scene([SET, SORTED], "", "ALL", "[1, 2] == {1, 2}", "no fix"));
    check(&scene([SET, "def given():\n    return list(cart)"], "", "ALL", "[1, 2] == {1, 2}", "no fix"));
}

#[test]
fn texts_and_paths() {
    let path = "def given():\n    return Path(root)";
    let text = "def given():\n    return os.path.join(root)";
    let compared = "PosixPath('a/b') == 'a/b'";
    check(&scene([text, path], "", "TEXT", compared, "Path(TEXT) with from pathlib import Path"));
    check(&scene([text, path], "", "str(tmp_path)", compared, "tmp_path"));
    check(&scene([text, path], "", "TEXT", "PosixPath('a') == 'a/b'", "no fix"));
    check(&scene([path, text], "", "root / 'b'", "'a/b' == PosixPath('a/b')", "str(root / 'b')"));
    check(&scene([path, text], "", "Path('a/b')", "'a/b' == PosixPath('a/b')", "Path('a/b').as_posix()"));
    let listed = "['a', 'b']";
    let healed = "[Path('a'), Path('b')] with from pathlib import Path";
    check(&scene([text, path], "", listed, "[PosixPath('a'), PosixPath('b')] == ['a', 'b']", healed));
    let encoded = "def given():\n    return text.encode()";
    check(&scene([text, encoded], "", "TEXT", "b'a' == 'a'", "TEXT.encode()"));
    check(&scene([text, encoded], "", "raw.decode()", "b'a' == 'a'", "no fix"));
    // What `str` makes of bytes is another text.
    check(&scene([text, encoded], "", "TEXT", "\"b'a'\" == 'a'", "no fix"));
}

#[test]
fn numbers_and_times() {
    let plain = "def given():\n    return float(x)";
    let decimal = "def given():\n    return Decimal(x)";
    let healed = "Decimal('1.10') with from decimal import Decimal";
    check(&scene([plain, decimal], "", "1.1", "Decimal('1.10') == 1.1", healed));
    check(&scene([plain, decimal], "", "1.1", "Decimal('1.2') == 1.1", "no fix"));
    let span = "def given():\n    return timedelta(seconds=30)";
    let healed = "timedelta(seconds=30) with from datetime import timedelta";
    check(&scene([plain, span], "", "30", "datetime.timedelta(seconds=30) == 30", healed));
    check(&scene([plain, span], "", "30", "datetime.timedelta(seconds=1800) == 30", "no fix"));
    let healed = "timedelta(seconds=30).total_seconds()";
    check(&scene([span, plain], "", "timedelta(seconds=30)", "30 == datetime.timedelta(seconds=30)", healed));
    let aware = "def given():\n    return now.replace(tzinfo=timezone.utc)";
    let times =
        "datetime.datetime(2024, 1, 2, 0, 0, tzinfo=datetime.timezone.utc) == datetime.datetime(2024, 1, 2, 0, 0)";
    let head = "import datetime\n";
    let made = "datetime.datetime(2024, 1, 2)";
    check(&scene([plain, aware], head, made, times, "datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)"));
    let other = times.replace("2024, 1, 2, 0, 0, t", "2024, 2, 1, 0, 0, t");
    check(&scene([plain, aware], head, "WHEN", times, "WHEN.replace(tzinfo=datetime.timezone.utc)"));
    check(&scene([plain, aware], head, "WHEN", &other, "no fix"));
}

#[test]
fn an_annotation_that_changed_is_a_word_given() {
    let tier = |before: &str, after: &str| {
        let bodies = [LIST.replace("():", before), TUPLE.replace("():", after)];
        let scene = scene([&bodies[0], &bodies[1]], "", "[1, 2]", "(1, 2) == [1, 2]", "no fix");
        Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier)
    };
    assert_eq!(tier("() -> list[int]:", "() -> tuple[int, ...]:"), Some(Tier::Safe));
    assert_eq!(tier("():", "():"), Some(Tier::Review));
    assert_eq!(tier("() -> list[int]:", "() -> list[int]:"), Some(Tier::Review));
}
