//! A pattern that pytester looks for among the lines of a run (`fnmatch_lines`, `re_match_lines`): the line that took
//! the place of the one it stood for.

use std::cmp::Ordering;

use ::similar::{Algorithm, capture_diff_slices, diff_ratio};

use crate::diagnosis::locate::last_name;
use crate::fix::{Evidence, EvidenceKind, Fix};
use crate::syntax::{Node, descendants};
use crate::workspace::opposites::say_the_opposite;

use super::super::expected_value::short;
use super::super::patterns::words;
use super::super::{Context, comparison, literals};
use super::{Place, Provenance, expecting, said};

/// Pushes the pattern of the one line that is most like what was looked for.
pub(super) fn in_lines(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let missed = Missed::read(ctx.message())?;
    let (node, language) = written(ctx, &missed.pattern)?;
    let pattern = language.read(&missed.pattern)?;
    let (line, new, told) = successor(ctx, &pattern, &missed.lines)?;
    let new = pattern.with(&new);
    // Who looks for the same line twice says less than before.
    let is_there = |node| literals::string_value(ctx.source, node).is_some_and(|text| text == new);
    if descendants(ctx.scope()).any(is_there) {
        return None;
    }
    let seen = format!("the run printed {}", short(line));
    let seen = Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(seen) };
    fixes.push(expecting(ctx, node, &new, seen, told)?);
    Some(())
}

/// What pytester says of a pattern: the lines behind those that the patterns before it took, none of them a match.
struct Missed {
    pattern: String,
    lines: Vec<String>,
}

impl Missed {
    fn read(message: &str) -> Option<Self> {
        let entries: Vec<(&str, String)> = message.lines().filter_map(entry).collect();
        let (_, pattern) =
            entries.iter().rfind(|(sign, _)| matches!(*sign, "remains unmatched" | "no consecutive match"))?;
        let from = entries
            .iter()
            .position(|(sign, text)| matches!(*sign, "nomatch" | "no consecutive match") && text == pattern)?;
        let lines = entries[from + 1..].iter().filter(|(sign, _)| matches!(*sign, "and" | "with"));
        Some(Self { pattern: pattern.clone(), lines: lines.map(|(_, line)| line.clone()).collect() })
    }
}

/// `and: 'a line'`
fn entry(line: &str) -> Option<(&str, String)> {
    let (sign, text) = line.trim().split_once(": ")?;
    Some((sign, literals::string_value_of(text)?))
}

/// The only literal of the failing call with that text, and the language of its patterns.
fn written<'c>(ctx: &'c Context<'_>, pattern: &str) -> Option<(Node<'c>, Language)> {
    let call = ctx.statement()?.named_child(0).filter(|node| node.kind() == "call")?;
    let language = match ctx.source.slice(last_name(call.child_by_field_name("function")?)?) {
        "fnmatch_lines" => Language::Fnmatch,
        "re_match_lines" => Language::Regex,
        _ => return None,
    };
    let first = call.child_by_field_name("arguments")?.named_child(0)?;
    let patterns = comparison::assigned(ctx, first).unwrap_or(first);
    let is_it = |node: &Node<'_>| literals::string_value(ctx.source, *node).is_some_and(|text| text == pattern);
    let mut found = descendants(patterns).filter(is_it);
    found.next().filter(|_| found.next().is_none()).map(|node| (node, language))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Fnmatch,
    Regex,
}

/// A pattern that is a plain text between wildcards.
struct Pattern {
    language: Language,
    plain: String,
    /// Whether anything may stand before it, and behind it.
    open: [bool; 2],
    /// The wildcards as they are written there.
    ends: [&'static str; 2],
}

impl Language {
    fn read(self, pattern: &str) -> Option<Pattern> {
        let wildcard = if self == Self::Fnmatch { "*" } else { ".*" };
        let behind = pattern.strip_prefix(wildcard);
        let rest = behind.unwrap_or(pattern);
        let before = rest.strip_suffix(wildcard);
        let end = |found: bool| if found { wildcard } else { "" };
        Some(Pattern {
            language: self,
            plain: self.plain(before.unwrap_or(rest)).filter(|plain| !plain.trim().is_empty())?,
            // `re.match` looks no further than its pattern.
            open: [behind.is_some(), before.is_some() || self == Self::Regex],
            ends: [end(behind.is_some()), end(before.is_some())],
        })
    }

    /// The text that a pattern without wildcards stands for.
    fn plain(self, pattern: &str) -> Option<String> {
        let mut plain = String::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            plain.push(match (self, c) {
                (Self::Fnmatch, '[') => {
                    let only = chars.next()?;
                    chars.next().filter(|c| *c == ']')?;
                    only
                }
                (Self::Regex, '\\') => chars.next().filter(|c| !c.is_alphanumeric())?,
                _ if self.is_special(c) => return None,
                _ => c,
            });
        }
        Some(plain)
    }

    fn is_special(self, c: char) -> bool {
        if self == Self::Fnmatch { "*?[".contains(c) } else { "^$*+?{}[]|()\\".contains(c) }
    }

    fn escaped(self, text: &str) -> String {
        let escape = |c: char| match self {
            _ if !self.is_special(c) => c.to_string(),
            Self::Fnmatch => format!("[{c}]"),
            Self::Regex => format!("\\{c}"),
        };
        text.chars().map(escape).collect()
    }
}

impl Pattern {
    fn place(&self) -> Place {
        match self.open {
            [true, true] => Place::Anywhere,
            [false, true] => Place::Start,
            [true, false] => Place::End,
            [false, false] => Place::Whole,
        }
    }

    /// The same wildcards around another text.
    fn with(&self, text: &str) -> String {
        let [start, end] = self.ends;
        format!("{start}{}{end}", self.language.escaped(text))
    }
}

/// The line that is more like the pattern than all the others, with the part of it that the pattern stands for now.
fn successor<'l>(ctx: &Context<'_>, pattern: &Pattern, lines: &'l [String]) -> Option<(&'l str, String, Provenance)> {
    let found = lines.iter().filter_map(|line| {
        let (new, told) = said(ctx, &pattern.plain, line, pattern.place())?;
        let is_meant = !say_the_opposite(&pattern.plain, &new) && outcomes(&pattern.plain) == outcomes(&new);
        is_meant.then(|| (likeness(&pattern.plain, &new), (line.as_str(), new, told)))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by(|(one, _), (other, _)| other.partial_cmp(one).unwrap_or(Ordering::Equal));
    let (best, (_, new, _)) = found.first()?;
    let is_one = found.iter().take_while(|(likeness, _)| likeness == best).all(|(_, (_, other, _))| other == new);
    is_one.then(|| found.swap_remove(0).1)
}

/// The outcomes of tests that a text names: one in the place of another is what such a test is there to see.
fn outcomes(text: &str) -> Vec<String> {
    const OUTCOMES: [&str; 9] =
        ["passed", "failed", "error", "errors", "skipped", "xfail", "xfailed", "xpass", "xpassed"];
    let words = words(text).into_iter().map(str::to_lowercase);
    words.filter(|word| OUTCOMES.contains(&word.as_str())).collect()
}

/// How much of the words of two texts is the same.
fn likeness(old: &str, new: &str) -> f32 {
    let (old, new) = (words(old), words(new));
    diff_ratio(&capture_diff_slices(Algorithm::Myers, &old, &new), old.len(), new.len())
}

#[cfg(test)]
mod tests {
    use super::Language;
    use crate::fixture::check;

    /// A test that looks for `patterns`, of which pytester missed `missed` among `lines`.
    fn scene(call: &str, missed: &str, lines: &[&str], healed: &str) {
        let healed = match healed {
            "no fix" => "no fix".to_string(),
            new => format!("-    result.stdout.{call}\n+    result.stdout.{new}"),
        };
        let lines: String = lines.iter().map(|line| format!("E           and: {line}\n")).collect();
        check(&format!(
            r#"
#- tests/test_plugin.py
def test_plugin(pytester):
    result = pytester.runpytest()
    result.stdout.fnmatch_lines("*the cart was sold out here*")
    result.stdout.{call}
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_plugin __________________________________

    def test_plugin(pytester):
        result = pytester.runpytest()
        result.stdout.fnmatch_lines("*the cart was sold out here*")
>       result.stdout.{call}
E       Failed: nomatch: 'first'
E           and: 'the cart is nearly full already'
E       exact match: 'first'
E       nomatch: {missed}
{lines}E       remains unmatched: {missed}

tests/test_plugin.py:4: Failed
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn the_line_that_is_most_like_it() {
        let call = |last: &str| format!("fnmatch_lines([\"first\", \"{last}\"])");
        scene(
            &call("*Error: the cart is full*"),
            "'*Error: the cart is full*'",
            &["''", "'E   Error: the cart was full'", "'in 0.1s, 2 failed'", "'FAILED - Error: the cart was full'"],
            &call("*Error: the cart was full*"),
        );
        scene(
            &call("Error: the [[]big] cart is full"),
            "'Error: the [[]big] cart is full'",
            &["'Error: the [big] cart was full?'"],
            &call("Error: the [[]big] cart was full[?]"),
        );
        let call = |last: &str| format!("re_match_lines([\"first\", r\"{last}\"])");
        scene(
            &call(r".*Error: the cart \(1\) is full"),
            r"'.*Error: the cart \\(1\\) is full'",
            &["'E   Error: the cart (1) was full'"],
            &call(r".*Error: the cart \(1\) was full"),
        );
    }

    #[test]
    fn two_alike_or_none_is_no_fix() {
        let silent = |pattern: &str, lines: &[&str]| {
            let call = format!("fnmatch_lines([\"first\", \"{pattern}\"])");
            scene(&call, &format!("'{pattern}'"), lines, "no fix");
        };
        silent("*the cart of c is full*", &["'the cart of a is full'", "'the cart of b is full'"]);
        silent("*the cart is full*", &["'nothing was sold'", "''"]);
        // Another check asks for that line.
        silent("*the cart was sold here*", &["'the cart was sold out here'"]);
        silent("*tests/x.py::test_a PASSED*", &["'tests/x.py::test_a FAILED'"]);
        silent("*the cart * is full*", &["'the cart was full'"]);
        silent("*the cart is full*", &["'the cart at /tmp/x is full'"]);
        let call = "no_fnmatch_line(\"*the cart is full*\")";
        scene(call, "'*the cart is full*'", &["'the cart was full'"], "no fix");
    }

    #[test]
    fn a_pattern_is_a_text_between_wildcards() {
        let read =
            |language: Language, pattern: &str| language.read(pattern).map(|pattern| (pattern.plain, pattern.open));
        assert_eq!(read(Language::Fnmatch, "*a [[]1]*"), Some(("a [1]".to_string(), [true, true])));
        assert_eq!(read(Language::Fnmatch, "a[bc]"), None);
        assert_eq!(read(Language::Fnmatch, "*"), None);
        assert_eq!(read(Language::Regex, r"a\.b"), Some(("a.b".to_string(), [false, true])));
        assert_eq!(read(Language::Regex, r"a\d"), None);
    }
}
