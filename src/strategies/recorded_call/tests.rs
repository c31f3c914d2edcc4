//! Scenes of `recorded-call`.

use crate::fix::Tier;
use crate::fixture::{Scene, check};

/// The product calls `send(to, subject, 3)` as `was`, and as `is` now; the test reads the call by `body`, whose last line
/// fails with `error`.
fn scene([was, is]: [&str; 2], body: &str, error: &str, healed: &str) -> String {
    let shop = |call: &str| {
        format!(
            "from outside import push\n\ndef send(to, subject=\"\", tries=1):\n    return to\n\n\
             def welcome(to):\n    subject = \"Hello \" + to\n    return {call}\n"
        )
    };
    let lines: Vec<&str> = body.lines().collect();
    let (last, first) = lines.split_last().expect("a body has a line");
    let shown: String = first.iter().map(|line| format!("        {line}\n")).collect();
    format!(
        "
#- before: shop.py
{}#- shop.py
{}#- tests/test_shop.py
from unittest.mock import patch
import shop

def test_welcome():
    with patch(\"shop.send\") as send, patch(\"shop.push\") as push:
        shop.welcome(\"ann\")
{}
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_welcome _________________________________

    def test_welcome():
        with patch(\"shop.send\") as send, patch(\"shop.push\") as push:
            shop.welcome(\"ann\")
{shown}>       {last}
E       {error}

tests/test_shop.py:{}: {}
#- healed
{healed}
",
        shop(was),
        shop(is),
        lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"),
        6 + lines.len(),
        error.split(':').next().unwrap_or_default(),
    )
}

fn tier(scene: &str) -> Tier {
    check(scene);
    Scene::parse(scene).heal().fixes[0].fix().tier
}

const PLACES: &str = "send(to, subject, 3)";
const NAMES: &str = "send(to, subject=subject, tries=3)";
const NO_PLACE: &str = "IndexError: tuple index out of range";

fn by_name(body: &str, healed: &str) -> String {
    scene([PLACES, NAMES], body, NO_PLACE, healed)
}

fn by_place(body: &str, key: &str, healed: &str) -> String {
    scene([NAMES, PLACES], body, &format!("KeyError: '{key}'"), healed)
}

#[test]
fn a_place_becomes_a_name_in_each_form() {
    let heals = |was: &str, is: &str| {
        let (was, is) = (format!("assert {was} == 1"), format!("assert {is} == 1"));
        let scene = by_name(&was, &format!("-    {was}\n+    {is}"));
        assert_eq!(tier(&scene), Tier::Safe, "{was}");
    };
    heals("send.call_args[0][2]", "send.call_args[1][\"tries\"]");
    heals("send.call_args.args[1]", "send.call_args.kwargs[\"subject\"]");
    heals("send.call_args_list[0].args[1]", "send.call_args_list[0].kwargs[\"subject\"]");
    heals("send.mock_calls[0][1][1]", "send.mock_calls[0][2][\"subject\"]");
}

#[test]
fn a_name_becomes_a_place_in_each_form() {
    let heals = |was: &str, is: &str| {
        let (was, is) = (format!("assert {was} == 1"), format!("assert {is} == 1"));
        let scene = by_place(&was, "tries", &format!("-    {was}\n+    {is}"));
        // A call that lost a name looks like one that lost a check.
        assert_eq!(tier(&scene), Tier::Review, "{was}");
    };
    heals("send.call_args[1][\"tries\"]", "send.call_args[0][2]");
    heals("send.call_args.kwargs[\"tries\"]", "send.call_args.args[2]");
    heals("send.mock_calls[0].kwargs[\"tries\"]", "send.mock_calls[0].args[2]");
}

#[test]
fn what_the_call_was_unpacked_into_is_read() {
    check(&by_name(
        "args, kwargs = send.call_args\nassert args[1] == 1",
        "-    assert args[1] == 1\n+    assert kwargs[\"subject\"] == 1",
    ));
    check(&by_place(
        "_, kwargs = send.call_args\nassert kwargs[\"tries\"] == 3",
        "tries",
        "-    _, kwargs = send.call_args\n-    assert kwargs[\"tries\"] == 3\n\
         +    args, kwargs = send.call_args\n+    assert args[2] == 3",
    ));
    check(&by_name(
        "sent = send.call_args\nassert sent[0][1] == 1",
        "-    assert sent[0][1] == 1\n+    assert sent[1][\"subject\"] == 1",
    ));
    check(&by_place(
        "kwargs = send.call_args.kwargs\nassert kwargs[\"tries\"] == 3",
        "tries",
        "-    assert kwargs[\"tries\"] == 3\n+    assert send.call_args.args[2] == 3",
    ));
    check(&by_name(
        "args = send.call_args[0]\nassert args[1] == 1",
        "-    assert args[1] == 1\n+    assert send.call_args[1][\"subject\"] == 1",
    ));
    // Another call may be the last one by then.
    check(&by_place(
        "kwargs = send.call_args.kwargs\nshop.welcome(1)\nassert kwargs[\"tries\"] == 3",
        "tries",
        "no fix",
    ));
    // The name has another meaning in the test.
    check(&by_place("args = 1\n_, kwargs = send.call_args\nassert kwargs[\"tries\"] == args", "tries", "no fix"));
}

#[test]
fn another_value_of_the_same_parameter_is_a_persons_to_accept() {
    let (was, is) = ("assert send.call_args[0][1] == 1", "assert send.call_args[1][\"subject\"] == 1");
    let other = [PLACES, "send(to, subject=to, tries=3)"];
    assert_eq!(tier(&scene(other, was, NO_PLACE, &format!("-    {was}\n+    {is}"))), Tier::Review);
}

#[test]
fn what_nobody_knows_the_parameters_of_is_a_persons_to_accept() {
    let (was, is) = ("assert push.call_args[0][1] == 1", "assert push.call_args[1][\"title\"] == 1");
    let moved = ["push(to, subject)", "push(to, title=subject)"];
    assert_eq!(tier(&scene(moved, was, NO_PLACE, &format!("-    {was}\n+    {is}"))), Tier::Review);
}

#[test]
fn a_value_that_went_to_another_parameter_or_went_away_is_no_fix() {
    let read = "assert send.call_args[0][1] == 1";
    check(&scene([PLACES, "send(to, tries=subject)"], read, NO_PLACE, "no fix"));
    check(&scene([PLACES, "send(to, title=subject)"], read, NO_PLACE, "no fix"));
    check(&scene([PLACES, "send(to)"], read, NO_PLACE, "no fix"));
    // It was never passed, or always by its name.
    check(&scene(["send(to)", NAMES], read, NO_PLACE, "no fix"));
    check(&scene([NAMES, "send(to, tries=3, subject=subject)"], read, NO_PLACE, "no fix"));
}

#[test]
fn a_mock_whose_calls_hold_self_is_no_fix() {
    let scene = |patch: &str, healed: &str| {
        format!(
            r#"
#- before: shop.py
class Mailer:
    def send(self, to, subject=""):
        return to

def welcome(to):
    return Mailer().send(to, "Hello")
#- shop.py
class Mailer:
    def send(self, to, subject=""):
        return to

def welcome(to):
    return Mailer().send(to, subject="Hello")
#- tests/test_shop.py
from unittest.mock import patch
import shop

@patch.object({patch})
def test_welcome(send):
    shop.welcome("ann")
    assert send.call_args[0][1] == "Hello"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_welcome _________________________________

send = <MagicMock name='send' id='139'>

    @patch.object({patch})
    def test_welcome(send):
        shop.welcome("ann")
>       assert send.call_args[0][1] == "Hello"
E       IndexError: tuple index out of range

tests/test_shop.py:7: IndexError
#- healed
{healed}
"#
        )
    };
    let healed =
        "-    assert send.call_args[0][1] == \"Hello\"\n+    assert send.call_args[1][\"subject\"] == \"Hello\"";
    assert_eq!(tier(&scene("shop.Mailer, \"send\"", healed)), Tier::Safe);
    check(&scene("shop.Mailer, \"send\", autospec=True", "no fix"));
}
