//! Where a text has to stand in a longer one: anywhere (`in`), at its start or at its end; or the text is all of it.

use std::sync::LazyLock;

use regex::Regex;

use super::super::{Context, literals};
use super::{Side, contained};

/// Where it has to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Place {
    Anywhere,
    Start,
    End,
    Whole,
}

impl Place {
    /// `part`, which is in `actual`, with what stands between it and the place.
    pub(in super::super) fn reach(self, part: String, actual: &str) -> Option<String> {
        let at = actual.find(&part)?;
        let reached = match self {
            Self::Anywhere => part,
            Self::Start => actual[..at + part.len()].to_string(),
            Self::End => actual[actual.rfind(&part)?..].to_string(),
            Self::Whole => actual.to_string(),
        };
        Some(reached)
    }

    /// Whether `text` stands there in `actual`.
    pub(in super::super) fn holds(self, text: &str, actual: &str) -> bool {
        match self {
            Self::Anywhere => actual.contains(text),
            Self::Start => actual.starts_with(text),
            Self::End => actual.ends_with(text),
            Self::Whole => actual == text,
        }
    }
}

/// The text of a failed `in`, `startswith` or `endswith`, the other value as printed, and where the text has to stand.
pub(in super::super) fn placed<'c>(ctx: &'c Context<'_>) -> Option<(Side<'c>, String, Place)> {
    contained(ctx).map(|(side, actual)| (side, actual, Place::Anywhere)).or_else(|| asked(ctx))
}

/// `assert actual.startswith("text")`.
fn asked<'c>(ctx: &'c Context<'_>) -> Option<(Side<'c>, String, Place)> {
    static GIVEN: LazyLock<Regex> =
        LazyLock::new(|| regex(r"where False = <built-in method \w+ of str object at \w+>\((.*)\)$"));
    static ACTUAL: LazyLock<Regex> =
        LazyLock::new(|| regex(r"where <built-in method \w+ of str object at \w+> = (.*)\.(?:starts|ends)with$"));
    let statement = ctx.statement().filter(|statement| statement.kind() == "assert_statement")?;
    let call = statement.named_child(0).map(literals::inner).filter(|node| node.kind() == "call")?;
    let function = call.child_by_field_name("function").filter(|node| node.kind() == "attribute")?;
    let place = match ctx.source.slice(function.child_by_field_name("attribute")?) {
        "startswith" => Place::Start,
        "endswith" => Place::End,
        _ => return None,
    };
    let list = call.child_by_field_name("arguments").filter(|list| list.named_child_count() == 1)?;
    let node = list.named_child(0).map(literals::inner)?;
    let printed = GIVEN.captures(ctx.message())?[1].to_string();
    let actual = ACTUAL.captures(ctx.message())?[1].to_string();
    Some((Side { node, printed, is_whole: false }, actual, place))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(&format!("(?m){pattern}")).expect("the scenes use it")
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A product that returns `after` since a commit, and a test of one check.
    fn scene(after: &str, check: &str, where_: &str, healed: &str) -> String {
        let where_ = where_.replace('\n', "\nE        +    ");
        format!(
            r#"
#- before: shop.py
def describe(name):
    return f"{{name}}: a fruit of the season"
#- shop.py
def describe(name):
    return {after}
#- tests/test_shop.py
from shop import describe

def test_describe():
    name = "apple"
    {check}
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_describe _________________________________

    def test_describe():
        name = "apple"
>       {check}
E       AssertionError: assert False
E        +  {where_}

tests/test_shop.py:5: AssertionError
#- healed
{healed}
"#
        )
    }

    fn asks(method: &str, text: &str, actual: &str) -> String {
        let built_in = format!("<built-in method {method} of str object at 0x7f66afea9b10>");
        format!(
            "where False = {built_in}({text})\nwhere {built_in} = {actual}.{method}\n  where {actual} = describe('apple')"
        )
    }

    fn line(old: &str, new: &str) -> String {
        format!("-    {old}\n+    {new}")
    }

    const AFTER: &str = "f\"{name}: a vegetable of the season\"";

    #[test]
    fn a_text_at_the_start_reaches_to_the_start() {
        let old = "assert describe(name).startswith(\"apple: a fruit of\")";
        let seen = |actual: &str| asks("startswith", "'apple: a fruit of'", actual);
        let healed = line(old, &old.replace("fruit", "vegetable"));
        check(&scene(AFTER, old, &seen("'apple: a vegetable of the season'"), &healed));
        check(&scene("\"\"", old, &seen("''"), "no fix"));
        check(&scene("\"nothing here\"", old, &seen("'nothing here'"), "no fix"));
        // What is cut may go on otherwise.
        check(&scene(AFTER, old, &seen("'apple: a vegetab...f the season'"), "no fix"));
    }

    #[test]
    fn a_text_at_the_end_reaches_to_the_end() {
        let old = "assert describe(name).endswith(\"a fruit of the season\")";
        let seen = |actual: &str| asks("endswith", "'a fruit of the season'", actual);
        let healed = line(old, &old.replace("fruit", "vegetable"));
        check(&scene(AFTER, old, &seen("'apple: a vegetable of the season'"), &healed));
        check(&scene("None", old, &seen("'None'"), "no fix"));
    }

    #[test]
    fn the_holes_of_a_text_at_the_start_stay() {
        let old = "assert describe(name).startswith(f\"{name}: a fruit of\")";
        let seen = |actual: &str| asks("startswith", "'apple: a fruit of'", actual);
        let healed = line(old, &old.replace("fruit", "vegetable"));
        check(&scene(AFTER, old, &seen("'apple: a vegetable of the season'"), &healed));
        check(&scene("\"pear: a fruit of\"", old, &seen("'pear: a fruit of'"), "no fix"));
    }
}
