//! Changes of how the product writes things, and bugs that look like them.

use crate::fix::Tier;
use crate::fixture::Scene;

/// The tier of the fix after the `body` of a function that the test calls changed.
fn tier(message: &str, body: [&str; 2], test: &str, failure: &str) -> Option<Tier> {
    let [before, after] = body.map(|body| format!("import json\n\ndef write(data):\n    return {body}\n"));
    let scene = format!(
        "#- message\n{message}\n#- before: shop.py\n{before}#- shop.py\n{after}#- tests/test_shop.py\n\
         from shop import write\n\ndef test_write():\n    {test}\n#- test_run.log\n\
         =================================== FAILURES ===================================\n\
         __________________________________ test_write ___________________________________\n\n\
         >       {test}\nE       AssertionError: assert {failure}\n\ntests/test_shop.py:4: AssertionError\n"
    );
    Scene::parse(&scene).heal().fixes.first().map(|guarded| guarded.fix().tier)
}

const PLAIN: &str = "json.dumps(data)";
const COMPACT: &str = "json.dumps(data, separators=(',', ':'))";

#[test]
fn json_that_is_laid_out_otherwise() {
    let test = "assert write({'a': 1}) == '{\"a\": 1}'";
    let failure = "'{\"a\":1}' == '{\"a\": 1}'";
    assert_eq!(tier("Say less", [PLAIN, COMPACT], test, failure), Some(Tier::Safe));
    // Nothing in the code asks for it.
    assert_eq!(tier("Compact", [PLAIN, "json.dumps(data, default=str)"], test, failure), Some(Tier::Review));
    assert_eq!(tier("Compact", [PLAIN, "json.dumps(data, sort_keys=True)"], test, failure), Some(Tier::Review));
}

#[test]
fn other_data_in_another_layout() {
    let test = "assert write({'a': 1}) == '{\"a\": 1}'";
    assert_eq!(tier("Compact JSON", [PLAIN, COMPACT], test, "'{\"a\":2}' == '{\"a\": 1}'"), Some(Tier::Review));
    assert_eq!(tier("Compact JSON", [PLAIN, COMPACT], test, "'{\"a\":\"1\"}' == '{\"a\": 1}'"), Some(Tier::Review));
}

#[test]
fn a_layout_that_got_lost_has_to_be_said() {
    let test = "assert write({'a': 1}) == '{\"a\":1}'";
    let failure = "'{\"a\": 1}' == '{\"a\":1}'";
    assert_eq!(tier("Tidy", [COMPACT, PLAIN], test, failure), Some(Tier::Review));
    assert_eq!(tier("Write JSON with spaces", [COMPACT, PLAIN], test, failure), Some(Tier::Safe));
}

#[test]
fn a_length_of_what_the_test_gives() {
    let [before, after] = [PLAIN, COMPACT].map(|body| format!("str(len({body}))"));
    let lengths = |test: &str, failure: &str| tier("Say less", [&before, &after], test, failure);
    assert_eq!(lengths("assert write({'a': 1}) == '8'", "'7' == '8'"), Some(Tier::Safe));
    assert_eq!(lengths("assert write({'a': 1}) == '8'", "'6' == '8'"), Some(Tier::Review));
    assert_eq!(lengths("assert write({'a': DATA}) == '8'", "'7' == '8'"), Some(Tier::Review));
}

#[test]
fn what_is_not_sorted_any_more() {
    let test = "assert write(['b', 'a', 'c']) == 'a,b,c'";
    let failure = "'b,a,c' == 'a,b,c'";
    let bodies = ["','.join(sorted(data))", "','.join(data)"];
    assert_eq!(tier("Remove sorting of keys", bodies, test, failure), Some(Tier::Safe));
    assert_eq!(tier("Tidy", bodies, test, failure), Some(Tier::Review));
    // It was not sorted before either.
    let other = "assert write(['b', 'a', 'c']) == 'c,a,b'";
    assert_eq!(tier("Remove sorting of keys", bodies, other, "'b,a,c' == 'c,a,b'"), Some(Tier::Review));
}

#[test]
fn a_list_that_is_sorted_now() {
    let test = "assert write(['b', 'a', 'c']) == ['b', 'a', 'c']";
    let bodies = ["list(data)", "sorted(data)"];
    let sorted = |failure: &str| tier("Names in alphabetical order", bodies, test, failure);
    assert_eq!(sorted("['a', 'b', 'c'] == ['b', 'a', 'c']"), Some(Tier::Safe));
    assert_eq!(sorted("['a', 'c', 'b'] == ['b', 'a', 'c']"), Some(Tier::Review));
    assert_eq!(sorted("['a', 'b', 'b'] == ['b', 'a', 'c']"), Some(Tier::Review));
}

#[test]
fn characters_that_are_encoded_otherwise() {
    let test = "assert write({'d': 'e/f'}) == '?d=e/f'";
    let bodies = ["'?' + urlencode(data, safe='/')", "'?' + urlencode(data)"];
    let failure = "'?d=e%2Ff' == '?d=e/f'";
    assert_eq!(tier("Use the default characters of urlencode", bodies, test, failure), Some(Tier::Safe));
    assert_eq!(tier("Tidy", bodies, test, failure), Some(Tier::Review));
    assert_eq!(tier("Encode addresses twice", bodies, test, "'?d=e%252Ff' == '?d=e/f'"), Some(Tier::Review));
}
