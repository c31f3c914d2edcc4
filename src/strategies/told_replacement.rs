//! A message that names the replacement itself: "`np.Inf` was removed. Use `np.inf` instead."

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::workspace::builtins::is_pythons;
use crate::workspace::symbols::SymbolKind;

use super::confidence::Odds;
use super::renames::last_part;
use super::two_things::were_two_things;
use super::{Context, Strategy, calls, imports};

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
    // A method may stand with its dot, a number with its sign: "`.seed()`", "`-np.inf`".
    let name = r"(?:[`'‘](?:\w+ = )?\.?(-?[A-Za-z_][\w.]*)(?:\(\))?[`'’]|([A-Za-z]\w*(?:[._]\w+)+)(?:\(\))?)";
    [
        format!(r"(?s){name}[^.\n]*? (?:was|is|has been|are) (?:a )?(?:removed|deprecated|renamed)\b.*?\b[Uu]se (?:the \w+ (?:\w+ )?)?{name}(?: method| builtin)? (?:instead|by itself)"),
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
        let (_, new) = told(&message).find(|(old, new)| last_part(old) == missing && !new.starts_with('-'))?;
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
    let (old, new, is_plain) = told(ctx.message())
        .next()
        .map(|(old, new)| (old, new, false))
        .or_else(|| told_plainly(ctx.message()).map(|(old, new)| (old, new, true)))?;
    let (old_name, new_name) = (last_part(&old), last_part(&new));
    let instead = Instead::of(ctx, &old, &new)?;
    let statement = ctx.statement()?;
    let mut places = descendants(statement)
        .filter(|node| node.start_byte() < ctx.site.statement.end && instead.is_place(ctx, *node, old_name, new_name));
    let place = places.next()?;
    if is_plain && !has_both(ctx, place, new_name) {
        return None;
    }
    let text = ctx.message().lines().next().unwrap_or_default();
    let is_doubtful = is_plain
        || matches!(instead, Instead::Owner)
        || still_does(ctx, old_name)
        || were_two_things(ctx, old_name, new_name);
    let evidence = told_by_message(text, &old);
    let written = |node: Node<'_>| ctx.replace(node.byte_range(), instead.written(ctx, node, &new));
    fixes.push(Fix {
        title: format!("Use `{new}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits: std::iter::once(place).chain(places).map(written).collect(),
        confidence: Odds::of(&evidence).doubt(0.6).confidence(),
        evidence,
        tier: if is_doubtful { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// "The binary mode of fromstring is removed, use frombuffer instead": plain words, which are names where a module has
/// both.
fn told_plainly(message: &str) -> Option<(String, String)> {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\b([a-z]\w+) is (?:removed|deprecated|no longer supported)[,;.] (?:[Pp]lease )?[Uu]se ([a-z]\w+) instead",
        )
        .expect("the wording is played by the tests")
    });
    let found = PLAIN.captures(message)?;
    Some((found[1].to_string(), found[2].to_string()))
}

/// Whether the module that is asked for the name at `place` has the new one too.
fn has_both(ctx: &Context<'_>, place: Node<'_>, new: &str) -> bool {
    let object = place.parent().filter(|parent| parent.kind() == "attribute").and_then(|it| it.named_child(0));
    let module = object.and_then(|object| ctx.symbol_at(object.byte_range()));
    let module = module.filter(|symbol| symbol.kind == SymbolKind::Module);
    module.is_some_and(|module| ctx.snapshot.module_members(&module.qualified).get(new).is_some())
}

/// What goes in the place of the old name.
enum Instead {
    /// Another name of the same owner.
    Name,
    /// The name without its module: `np.float` was the builtin `float`.
    Bare,
    /// The name of another owner: the class `Faker` and not an instance has `seed`.
    Owner,
    /// The name with a sign: `np.NINF` was `-np.inf`.
    Negative,
}

impl Instead {
    fn of(ctx: &Context<'_>, old: &str, new: &str) -> Option<Self> {
        if new.starts_with('-') {
            return (old.contains('.') && new.contains('.')).then_some(Self::Negative);
        }
        if last_part(old) != last_part(new) {
            // "`np.issubclass_` was removed. Use `issubclass` builtin instead."
            let is_builtin = old.contains('.') && is_pythons(new);
            return Some(if is_builtin { Self::Bare } else { Self::Name });
        }
        match new.rsplit_once('.') {
            None => old.contains('.').then_some(Self::Bare),
            Some((owner, _)) => {
                let is_here = imports::imports(ctx.source).iter().any(|item| item.local == owner);
                (is_here && !old.contains('.')).then_some(Self::Owner)
            }
        }
    }

    /// Whether the old name stands at a node that is to be replaced.
    fn is_place(&self, ctx: &Context<'_>, node: Node<'_>, old: &str, new: &str) -> bool {
        if !matches!(self, Self::Name) {
            let name = node.child_by_field_name("attribute");
            return node.kind() == "attribute" && name.is_some_and(|name| ctx.source.slice(name) == old);
        }
        let parent = node.parent().filter(|parent| parent.child_by_field_name("name") == Some(node));
        node.kind() == "identifier"
            && ctx.source.slice(node) == old
            && parent.is_none_or(|parent| parent.kind() == "keyword_argument" && takes(ctx, parent, new))
    }

    fn written(&self, ctx: &Context<'_>, node: Node<'_>, new: &str) -> String {
        let object = || node.named_child(0).map_or("", |object| ctx.source.slice(object));
        match self {
            Self::Name | Self::Bare => last_part(new).to_string(),
            Self::Owner => new.to_string(),
            Self::Negative => {
                let text = format!("-{}.{}", object(), last_part(new));
                let binds_closer = ["attribute", "binary_operator", "call", "subscript", "unary_operator"];
                let is_inside = node.parent().is_some_and(|parent| binds_closer.contains(&parent.kind()));
                if is_inside { format!("({text})") } else { text }
            }
        }
    }
}

/// Whether what is called with this keyword takes `new` as one.
fn takes(ctx: &Context<'_>, keyword: Node<'_>, new: &str) -> bool {
    let call = ancestors(keyword).find(|outer| outer.kind() == "call");
    let callee = call.and_then(|call| {
        let function = ctx.source.slice(call.child_by_field_name("function")?);
        calls::callee(ctx, call, last_part(function))
    });
    callee.is_some_and(|callee| callee.keywords().any(|parameter| parameter.name == new))
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

    #[track_caller]
    fn one_line(files: &str, line: &str, error: &str, healed: &str) {
        let exc_type = error.split(':').next().unwrap();
        check(&format!(
            "{files}#- tests/test_a.py\nfrom shop import Order, Till\nimport shop\n\ndef test_a(till):\n    {line}\n\
             #- test_run.log\n\
             =================================== FAILURES ===================================\n\
             ____________________________________ test_a ____________________________________\n\n\
             \x20   def test_a(till):\n>       {line}\nE       {error}\n\ntests/test_a.py:5: {exc_type}\n#- healed\n{}",
            if healed == "no fix" { "no fix\n".to_string() } else { format!("-    {line}\n+    {healed}\n") }
        ));
    }

    #[test]
    fn a_sign_goes_with_the_new_name() {
        let error = "AttributeError: `shop.LOW` was removed in the 2.0 release. Use `-shop.high` instead.";
        one_line("", "assert shop.LOW < 0", error, "assert -shop.high < 0");
        one_line("", "assert shop.LOW ** 2", error, "assert (-shop.high) ** 2");
    }

    #[test]
    fn a_class_has_what_its_instances_had() {
        let error =
            "TypeError: Calling `.seed()` on instances is deprecated. Use the class method `Till.seed()` instead.";
        one_line("", "assert till.seed(1) is None", error, "assert Till.seed(1) is None");
        // Nothing here is called so.
        one_line("", "assert till.seed(1) is None", &error.replace("Till", "Desk"), "no fix");
    }

    #[test]
    fn a_keyword_is_renamed_where_the_function_takes_the_new_one() {
        let files = "#- shop.py\nclass Order:\n    def __init__(self, most=None, **rest): ...\nclass Till: ...\n";
        let error = "TypeError: `limit` is removed. use `most` instead";
        one_line(files, "assert Order(limit=2)", error, "assert Order(most=2)");
        one_line(files, "assert Order(limit=2)", "TypeError: `limit` is removed, use `Literal` instead", "no fix");
    }

    #[test]
    fn plain_words_are_names_where_the_module_has_both() {
        let files = |new: &str| {
            format!("#- shop.py\ndef read(text): ...\ndef {new}(text): ...\nclass Order: ...\nclass Till: ...\n")
        };
        let error = "ValueError: The binary mode of read is removed, use load instead";
        one_line(&files("load"), "assert shop.read(b'a')", error, "assert shop.load(b'a')");
        one_line(&files("store"), "assert shop.read(b'a')", error, "no fix");
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
