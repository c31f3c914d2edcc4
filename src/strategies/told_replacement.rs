//! A message that names the replacement itself: "`np.Inf` was removed. Use `np.inf` instead."

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, ancestors, children, descendants};

use super::confidence::Odds;
use super::renames::last_part;
use super::two_things::were_two_things;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "told-replacement",
    categories: &[
        Category::AttributeError,
        Category::ImportError,
        Category::LogicError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Uses what the message of the removal or deprecation says to use instead.",
    example: r#"
#- tests/test_numbers.py
import numpy as np

def test_limit():
    assert np.Inf > 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_limit __________________________________

    def test_limit():
>       assert np.Inf > 1
E       AttributeError: `np.Inf` was removed in the NumPy 2.0 release. Use `np.inf` instead.

tests/test_numbers.py:4: AttributeError
#- healed
-    assert np.Inf > 1
+    assert np.inf > 1
"#,
    propose: told_replacement,
};

/// The wordings: what goes, then what to use. Both are names, dotted or with `()`.
static WORDINGS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    // In quotes, or with a dot or an underscore inside: a plain word is prose.
    // In quotes it may be what a variable gets: `context = ssl.Context()`.
    let name = r"(?:[`'‘](?:\w+ = )?([A-Za-z_][\w.]*)(?:\(\))?[`'’]|([A-Za-z]\w*(?:[._]\w+)+)(?:\(\))?)";
    [
        format!(r"(?s){name}[^.\n]*? (?:was|is|has been|are) (?:a )?(?:removed|deprecated|renamed)\b.*?\b[Uu]se {name}(?: method)? (?:instead|by itself)"),
        format!(r"(?s){name}[^.\n]*? (?:was|is|has been|are) (?:removed|deprecated)\b.*?\b[Uu]se {name}[.;,\s]*\z"),
        format!(r"(?s){name}[^.\n]*? (?:is deprecated|was removed)[^.\n]*[,;] use {name}"),
        format!(r"(?s){name} (?:has been|was|is) renamed to {name}"),
        format!(r"(?s)[Uu]se {name} instead of {name}"),
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).expect("the wordings are played by the tests"))
    .collect()
});

/// What goes and what to use, by each wording that fits.
fn told(message: &str) -> impl Iterator<Item = (String, String)> {
    let last = WORDINGS.len() - 1;
    WORDINGS.iter().enumerate().flat_map(move |(index, wording)| {
        let pairs = wording.captures_iter(message).filter_map(move |found| {
            let name = |group: usize| found.get(group).or(found.get(group + 1)).map(|name| name.as_str().to_string());
            let (a, b) = (name(1)?, name(3)?);
            // "Use new instead of old" names them the other way round.
            Some(if index == last { (b, a) } else { (a, b) })
        });
        pairs.collect::<Vec<_>>()
    })
}

/// What the product's deprecation of `missing` said to use instead, before a commit took both away.
pub(super) fn by_deprecation(ctx: &Context<'_>, missing: &str) -> Option<(String, Evidence)> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    hunks.iter().filter(|hunk| hunk.removed.iter().any(|line| line.contains(missing))).find_map(|hunk| {
        // A message is written as several strings; what stands around it says nothing.
        let bodies = hunk.removed.iter().flat_map(|line| tokens(line)).filter_map(string_body);
        let message: String = bodies.collect();
        let (_, new) = told(&message).find(|(old, _)| last_part(old) == missing)?;
        let text = format!("its deprecation said to use `{new}` ({})", hunk.subject);
        Some((
            last_part(&new).to_string(),
            Evidence { kind: EvidenceKind::Docs, ..Evidence::commit(&hunk.commit, text) },
        ))
    })
}

/// The wordings about a value: what is refused, then what to pass.
static VALUES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"'([^'\s]{1,40})' is (?:no longer supported|not supported any more|deprecated)[^.\n]*[.,;] [Pp]lease use '([^'\s]{1,40})' instead",
        r"\b[Ii]nvalid \w+: '?([^\s'.]{1,40})'?\. Did you mean '?([^\s'?]{1,40})'?\?",
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).expect("the wordings are played by the tests"))
    .collect()
});

fn told_replacement(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    told_value(ctx, fixes);
    told_name(ctx, fixes)
}

/// A text that the failing statement passes, `freq="M"` or `freq="2M"`, in the form that the message gives.
fn told_value(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let found = VALUES.iter().find_map(|wording| wording.captures(ctx.message()))?;
    let (old, new) = (found.get(1)?.as_str(), found.get(2)?.as_str());
    let is_it = |node: &Node<'_>| {
        let count = ctx.source.slice(*node).strip_suffix(old);
        node.kind() == "string_content"
            && count.is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
            && node.start_byte() < ctx.site.statement.end
            && node.parent().is_some_and(|string| is_passed(ctx, string))
    };
    let places: Vec<Node<'_>> = descendants(ctx.statement()?).filter(is_it).collect();
    if places.is_empty() || old == new {
        return None;
    }
    let evidence = told_by_message(found.get(0)?.as_str(), old);
    fixes.push(Fix {
        title: format!("Pass `{new}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits: places.into_iter().map(|node| ctx.replace(node.end_byte() - old.len()..node.end_byte(), new)).collect(),
        confidence: Odds::of(&evidence).doubt(0.6).confidence(),
        evidence,
        // It is what the code under test gets.
        tier: Tier::Review,
    });
    Some(())
}

/// Whether a string is an argument of a call that is no check.
fn is_passed(ctx: &Context<'_>, string: Node<'_>) -> bool {
    let keyword = string.parent().filter(|parent| parent.kind() == "keyword_argument");
    let list = keyword.unwrap_or(string).parent().filter(|parent| parent.kind() == "argument_list");
    let called = list
        .and_then(|list| list.parent())
        .and_then(|call| call.child_by_field_name("function"))
        .map(|called| ctx.source.slice(called));
    let is_check = |name: &str| ["assert", "raises", "warns", "fail"].iter().any(|check| name.starts_with(check));
    called.is_some_and(|called| !is_check(last_part(called)))
}

fn told_by_message(says: &str, old: &str) -> Vec<Evidence> {
    vec![
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(format!("the message says: {says}")) },
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run refused `{old}`")) },
    ]
}

fn told_name(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (old, new) = told(ctx.message()).next()?;
    let (old_name, new_name) = (last_part(&old), last_part(&new));
    // `np.float` was the builtin `float`: what stands before the name goes with it.
    let is_bare = old_name == new_name && old.contains('.') && !new.contains('.');
    if old_name == new_name && !is_bare {
        return None;
    }
    let is_named = |node: &Node<'_>| {
        let name = if is_bare { node.child_by_field_name("attribute") } else { Some(*node) };
        node.kind() == if is_bare { "attribute" } else { "identifier" }
            && name.is_some_and(|name| ctx.source.slice(name) == old_name)
    };
    let statement = ctx.statement()?;
    let mut places = descendants(statement).filter(|node| {
        is_named(node)
            && node.start_byte() < ctx.site.statement.end
            && node.parent().and_then(|parent| parent.child_by_field_name("name")) != Some(*node)
    });
    let place = places.next()?;
    let text = ctx.message().lines().next().unwrap_or_default();
    let is_doubtful = still_does(ctx, old_name) || were_two_things(ctx, old_name, new_name);
    let evidence = told_by_message(text, &old);
    fixes.push(Fix {
        title: format!("Use `{new}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits: std::iter::once(place).chain(places).map(|node| ctx.replace(node.byte_range(), new_name)).collect(),
        confidence: Odds::of(&evidence).doubt(0.6).confidence(),
        evidence,
        tier: if is_doubtful { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the product still does what it refused this time: its message is about a case, not about the name.
fn still_does(ctx: &Context<'_>, old: &str) -> bool {
    let raised = ctx.diagnosis.failure.frames.last().map(|frame| ctx.snapshot.file_path(&frame.path));
    let does = |body: Node<'_>| {
        let is_text = |node: &Node<'_>| node.named_child(0).is_some_and(|inner| inner.kind() == "string");
        children(body).any(|node| !matches!(node.kind(), "raise_statement" | "comment") && !is_text(&node))
    };
    let mut defined = ctx.snapshot.definitions(old).into_iter().filter(|symbol| Some(&symbol.path) == raised.as_ref());
    defined.any(|symbol| {
        let Some(source) = ctx.snapshot.source(&symbol.path) else { return false };
        let name = source.node_at(symbol.range.clone());
        let function = name.and_then(|name| ancestors(name).find(|node| node.kind() == "function_definition"));
        function.and_then(|function| function.child_by_field_name("body")).is_some_and(does)
    })
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::fixture::check;

    #[track_caller]
    fn says(message: &str, expect: Option<(&str, &str)>) {
        assert_eq!(told(message).next(), expect.map(|(old, new)| (old.to_string(), new.to_string())));
    }

    #[test]
    fn the_wordings_of_libraries() {
        says(
            "The `parse_obj` method is deprecated; use `model_validate` instead.",
            Some(("parse_obj", "model_validate")),
        );
        says(
            "`np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead.",
            Some(("np.float_", "np.float64")),
        );
        says(
            "'format_header_param_html5' has been renamed to 'format_multipart_header_param'.",
            Some(("format_header_param_html5", "format_multipart_header_param")),
        );
        says(
            "`create_context()` is deprecated since 0.28.0.Use `context = shop.Context()`.",
            Some(("create_context", "shop.Context")),
        );
        says("the value is wrong", None);
    }

    #[test]
    fn an_alias_of_a_builtin_loses_its_module() {
        check(
            r#"
#- tests/test_numbers.py
import numpy as np

def test_dtype():
    assert np.zeros(1, dtype=np.float).sum() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_dtype __________________________________

    def test_dtype():
>       assert np.zeros(1, dtype=np.float).sum() == 0
E       AttributeError: module 'numpy' has no attribute 'float'.
E       `np.float` was a deprecated alias for the builtin `float`. To avoid this error in existing code, use `float` by itself. Doing this will not modify any behavior and is safe.

tests/test_numbers.py:4: AttributeError
#- healed
-    assert np.zeros(1, dtype=np.float).sum() == 0
+    assert np.zeros(1, dtype=float).sum() == 0
"#,
        );
    }

    #[test]
    fn a_text_that_is_passed_gets_the_form_that_the_message_gives() {
        let scene = |line: &str, error: &str| {
            format!(
                r#"
#- tests/test_days.py
import pandas as pd

def test_days():
    {line}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_days ___________________________________

    def test_days():
>       {line}
E       ValueError: {error}

tests/test_days.py:4: ValueError
#- healed
"#
            )
        };
        let month = "Invalid frequency: M. Failed to parse with error message: ValueError(\"'M' is no longer supported \
                     for offsets. Please use 'ME' instead.\")";
        let hour = "Invalid frequency: H. Failed to parse with error message: ValueError('Invalid frequency: H. Did \
                    you mean h?')";
        let heals = |line: &str, error: &str, healed: &str| {
            check(&format!("{}-    {line}\n+    {healed}\n", scene(line, error)));
        };
        heals(
            r#"assert len(pd.date_range("2020", "2021", freq="M")) == 12"#,
            month,
            r#"assert len(pd.date_range("2020", "2021", freq="ME")) == 12"#,
        );
        heals(r#"assert pd.Series([1]).resample("2H").sum()"#, hour, r#"assert pd.Series([1]).resample("2h").sum()"#);
        // What is compared with, and what is only like it, stays.
        check(&format!("{}no fix\n", scene(r#"assert pd.kind(freq) == "M""#, month)));
        check(&format!("{}no fix\n", scene(r#"assert pd.kind("HM") is None"#, month)));
    }

    #[test]
    fn a_message_about_something_else_is_no_fix() {
        check(
            r#"
#- tests/test_numbers.py
def test_limit():
    assert limit() > 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_limit __________________________________

    def test_limit():
>       assert limit() > 1
E       AttributeError: `np.Inf` was removed in the NumPy 2.0 release. Use `np.inf` instead.

tests/test_numbers.py:2: AttributeError
#- healed
no fix
"#,
        );
    }
}
