//! A product that refuses now what it accepted: a failing status, the text of an error, or no where it said yes. Then
//! more often the request has to change than what the test expects of it.

use crate::report::Failure;
use crate::workspace::Snapshot;
use crate::workspace::similar_names;

use super::Site;

/// Words that tell of a failure.
const FAILURES: [&str; 17] = [
    "bad",
    "denied",
    "error",
    "errors",
    "exception",
    "fail",
    "failed",
    "fails",
    "failure",
    "forbidden",
    "invalid",
    "refused",
    "rejected",
    "traceback",
    "unauthorized",
    "unsupported",
    "wrong",
];

/// Words before which a failure is none.
const NONE: [&str; 4] = ["0", "no", "not", "without"];

/// Words that ask whether something is accepted.
const ACCEPTED: [&str; 16] = [
    "accepted",
    "accepts",
    "allowed",
    "allows",
    "authenticated",
    "authorized",
    "ok",
    "passed",
    "passes",
    "permitted",
    "success",
    "successful",
    "supported",
    "supports",
    "valid",
    "verified",
];

/// Longer texts speak of more than one thing.
const MOST_OF_A_TEXT: usize = 400;

/// A failing HTTP status where a good one was. An error of the server itself is nobody's wish.
pub fn is_status(expected: &str, actual: &str) -> bool {
    let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..1000).contains(status) && text.len() == 3);
    let is_of_server = |status: u16| (500..600).contains(&status);
    let is_worse =
        |good: u16, bad: u16| (good < 400 && (400..600).contains(&bad)) || (is_of_server(bad) && !is_of_server(good));
    matches!((status(expected), status(actual)), (Some(good), Some(bad)) if is_worse(good, bad))
}

/// Whether a value of a success, which `asked` asks for, became one of a failure, in a test of the name.
pub fn is_refusal(test: &str, asked: &str, expected: &str, actual: &str) -> bool {
    is_error(test, expected, actual) || is_denial(asked, expected, actual)
}

/// `b'ok'` became `b'error=invalid_request'`; what a test of errors expects is another one at most.
fn is_error(test: &str, expected: &str, actual: &str) -> bool {
    let (mut old, new) = (words(expected), words(actual));
    // The `b` of bytes.
    old.retain(|word| word.len() > 1);
    let is_text = actual.contains(['"', '\'']) && actual.len() <= MOST_OF_A_TEXT;
    let tells = |all: &[String]| {
        let is_failure = |at: usize| FAILURES.contains(&all[at].as_str());
        (0..all.len()).any(|at| is_failure(at) && (at == 0 || !NONE.contains(&all[at - 1].as_str())))
    };
    let kept = old.iter().filter(|word| new.contains(word)).count();
    is_text && tells(&new) && !tells(&old) && !tells(&words(test)) && (kept == 0 || kept * 2 < old.len())
}

/// `True` of `is_valid` became `False`.
fn is_denial(asked: &str, expected: &str, actual: &str) -> bool {
    let asked = words(asked);
    (expected, actual) == ("True", "False")
        && asked.iter().any(|word| ACCEPTED.contains(&word.as_str()))
        && !asked.iter().any(|word| word == "not")
}

/// The words of a text and of the names in it, in small letters.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').flat_map(similar_names::words).collect()
}

/// What the failure shows of it, as a sentence fragment.
pub fn shown(snapshot: &Snapshot, failure: &Failure, site: &Site) -> Option<String> {
    let sides = failure.introspection.as_ref().filter(|sides| matches!(sides.op.as_str(), "==" | "is"))?;
    let source = snapshot.source(&site.path)?;
    let statement = &source.text()[site.statement.clone()];
    let test = failure.nodeid.rsplit("::").next().unwrap_or_default();
    let is_written = |text: &str| statement.replace('"', "'").contains(text);
    let pairs = [(&sides.left, &sides.right), (&sides.right, &sides.left)];
    let (was, is) = pairs.into_iter().find(|(was, is)| {
        let is_it = is_status(was, is) || is_refusal(test, statement, was, is);
        is_it && is_written(was) && !is_written(is)
    })?;
    let short = |text: &str| -> String { text.chars().take(60).collect() };
    Some(format!("the product refuses now what it accepted ({} became {})", short(was), short(is)))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    use super::*;

    /// A product that answers otherwise since a commit with this message, a test of the name, what the run gave.
    fn scene(message: &str, test: &str, [call, was, is]: [&str; 3], healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def reply(order):
    return {was}

def is_valid(order):
    return {was}
#- shop.py
def reply(order):
    if "sku" not in order:
        return {is}
    return {was}

def is_valid(order):
    return "sku" in order and {was}
#- message
{message}
#- tests/test_shop.py
from shop import is_valid, reply

def {test}():
    assert {call} == {was}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ {test} __________________________________

    def {test}():
>       assert {call} == {was}
E       AssertionError: assert {is} == {was}

tests/test_shop.py:4: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn what_is_refused_now_is_not_expected_unless_it_is_told() {
        let reason = "no fix: the product refuses now what it accepted";
        let healed =
            |call: &str, was: &str, is: &str| format!("-    assert {call} == {was}\n+    assert {call} == {is}");
        let error = ["reply({})", "b'ok'", "b'error=invalid_request'"];
        scene("Read the sku", "test_reply", error, reason);
        scene("Read the sku", "test_reply", ["reply({})", "200", "400"], reason);
        scene("Read the sku", "test_order", ["is_valid({})", "True", "False"], reason);
        // A test of errors, whose code is another one.
        scene("Read the sku", "test_invalid", ["reply({})", "400", "422"], &healed("reply({})", "400", "422"));
        // Other words for a success.
        scene(
            "Read the sku",
            "test_reply",
            ["reply({})", "b'ok'", "b'done'"],
            &healed("reply({})", "b'ok'", "b'done'"),
        );
    }

    #[test]
    fn a_status_that_fails_where_one_was_good() {
        assert!(is_status("200", "404") && is_status("400", "500") && is_status("302", "403"));
        assert!(!is_status("400", "422") && !is_status("200", "201") && !is_status("20", "404"));
    }

    #[test]
    fn the_text_of_an_error_where_one_of_a_success_was() {
        let is = |test: &str, was: &str, is: &str| is_refusal(test, "reply", was, is);
        assert!(is("test_reply", "b'ok'", "b'error=invalid_request&state=1'"));
        assert!(is("test_reply", "{'status': 'ok', 'rows': [1]}", "{'status': 'error', 'message': 'no such table'}"));
        // A test of errors; a word more; what went well; another error.
        assert!(!is("test_invalid_request", "b'ok'", "b'error=invalid_request'"));
        assert!(!is("test_reply", "'3 rows read'", "'3 rows read, 1 failed'"));
        assert!(!is("test_reply", "'done'", "'finished with no errors'"));
        assert!(!is("test_reply", "'invalid row'", "'error: row 3'"));
        assert!(!is("test_reply", "'tea'", "'green tea'"));
    }

    #[test]
    fn no_where_the_product_said_yes() {
        assert!(is_refusal("test_a", "form.is_valid()", "True", "False"));
        assert!(is_refusal("test_a", "reply['ok']", "True", "False"));
        assert!(!is_refusal("test_a", "form.is_valid()", "False", "True"));
        assert!(!is_refusal("test_a", "form.is_empty()", "True", "False"));
    }
}
