//! One-line forms: the short test summary, `-v` progress, the final counts.

use super::headline;
use super::{Counts, Outcome};

/// A line of the short test summary that tells of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SummaryLine {
    /// `ERROR` rather than `FAILED`.
    pub(super) is_error: bool,
    /// Node id and text, not yet told apart: both may hold ` - `.
    pub(super) rest: String,
}

impl SummaryLine {
    /// Reads `FAILED id - text`, `ERROR id - text`, `SUBFAILED[msg] (i=1) id - text`, `[msg] (i=1) SUBFAIL id`.
    pub(super) fn read(line: &str) -> Option<Self> {
        for (word, is_error) in [("FAILED ", false), ("ERROR ", true)] {
            if let Some(rest) = line.strip_prefix(word) {
                let rest = rest.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphanumeric()).trim_start(); // pytest-emoji
                return (!rest.starts_with('(')).then(|| Self { is_error, rest: rest.to_string() });
            }
        }
        let rest = match line.split_once("SUBFAIL") {
            Some((before, rest)) if before.is_empty() || before.ends_with(' ') => rest,
            _ => return None,
        };
        let path_end = rest.find(".py::")?;
        let start = rest[..path_end].rfind(' ')? + 1;
        Some(Self { is_error: false, rest: rest[start..].to_string() })
    }

    /// Takes a further line of the text.
    pub(super) fn go_on(&mut self, line: &str) {
        if self.rest.len() + line.len() < MAX_TEXT {
            self.rest.push('\n');
            self.rest.push_str(line);
        }
    }

    /// Splits into node id and text. `is_known` tells whether a domain has a block; the first split that gives
    /// one wins, else the first ` - ` after the parameters.
    pub(super) fn split(&self, is_known: impl Fn(&str) -> bool) -> (&str, Option<&str>) {
        let rest = self.rest.as_str();
        let cuts = || dashes(rest).take(MAX_CUTS);
        let whole = || std::iter::once(rest.len());
        let known = cuts().chain(whole()).find(|&at| is_known(&headline::domain(rest[..at].trim_end())));
        let at = known.unwrap_or_else(|| {
            let balanced = |at: &usize| rest[..*at].matches('[').count() == rest[..*at].matches(']').count();
            let begins_text = |at: &usize| !rest[at + 3..].starts_with('[') || rest[at + 3..].starts_with("[XPASS(");
            let balanced = || cuts().filter(balanced);
            balanced().find(begins_text).or(balanced().next()).or(cuts().next()).unwrap_or(rest.len())
        });
        (rest[..at].trim_end(), rest.get(at + 3..))
    }
}

/// Where ` - ` stands.
fn dashes(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let mut free = 1; // a blank belongs to one dash
    memchr::memchr_iter(b'-', bytes).filter_map(move |at| {
        let stands = at >= free && bytes[at - 1] == b' ' && bytes.get(at + 1) == Some(&b' ');
        stands.then(|| {
            free = at + 3;
            at - 1
        })
    })
}

/// Text of one line kept, with the lines that go on with it.
const MAX_TEXT: usize = 16 * 1024;
/// More dashes than this in one line belong to its text.
const MAX_CUTS: usize = 16;

/// What one test's line of `-v` says: `id PASSED [ 5%]`, `[gw0] [ 5%] PASSED id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VerboseLine<'a> {
    pub(super) nodeid: &'a str,
    pub(super) outcome: Outcome,
}

impl<'a> VerboseLine<'a> {
    /// Reads the line, `None` for any other.
    pub(super) fn read(line: &'a str) -> Option<Self> {
        if line.starts_with("[gw") {
            return Self::of_worker(line);
        }
        let told = without_progress(line);
        let told = if told.ends_with(']') { without_progress(told) } else { told }; // pytest-pretty prints it twice
        let (nodeid, outcome) = match told.rsplit_once(' ') {
            Some((nodeid, word)) if let Some(outcome) = outcome(word) => (nodeid, outcome),
            _ if told.ends_with(')') => with_reason(told)?,
            _ => return None,
        };
        let nodeid = nodeid.trim_end();
        let nodeid = without_definition(nodeid.strip_suffix(" ...").unwrap_or(nodeid)); // pytest-tldr
        (is_test(nodeid) && !nodeid.starts_with(' ')).then_some(Self { nodeid, outcome })
    }

    fn of_worker(line: &'a str) -> Option<Self> {
        let (_, rest) = line.split_once("] ")?;
        let rest = match rest.strip_prefix('[') {
            Some(progress) => progress.split_once("] ")?.1,
            None => rest,
        };
        let (word, nodeid) = rest.split_once(' ')?;
        let outcome = outcome(word)?;
        let nodeid = without_definition(nodeid.trim());
        is_test(nodeid).then_some(Self { nodeid, outcome })
    }
}

/// At `-vv`, a test that is defined elsewhere: `id <- other.py`.
fn without_definition(nodeid: &str) -> &str {
    if memchr::memchr(b'<', nodeid.as_bytes()).is_none() {
        return nodeid;
    }
    nodeid.split_once(" <- ").map_or(nodeid, |(nodeid, _)| nodeid)
}

fn is_test(nodeid: &str) -> bool {
    super::rule::double_colon(nodeid).is_some()
}

/// `id SKIPPED (why)`, where the reason may hold anything.
fn with_reason(told: &str) -> Option<(&str, Outcome)> {
    [" SKIPPED (", " XFAIL (", " XPASS ("].iter().find_map(|word| {
        let at = told.find(word)?;
        Some((&told[..at], outcome(word.trim_matches([' ', '(']))?))
    })
}

/// Without ` [ 42%]`, ` [ 3/14]` or ` [ 12ms]` at the end.
pub(super) fn without_progress(line: &str) -> &str {
    let line = line.trim_ascii_end();
    let inner = line.strip_suffix(']').unwrap_or("");
    match memchr::memrchr(b'[', inner.as_bytes()) {
        Some(at) if is_progress(&inner[at + 1..]) => inner[..at].trim_ascii_end(),
        _ => line,
    }
}

/// `  5%`, ` 1/14`, ` 12ms`
fn is_progress(text: &str) -> bool {
    let text = text.trim_ascii();
    text.as_bytes().first().is_some_and(u8::is_ascii_digit) && text.len() < 24
}

/// pytest's word for an outcome.
pub(super) fn outcome(word: &str) -> Option<Outcome> {
    Some(match word {
        "PASSED" => Outcome::Passed,
        "FAILED" => Outcome::Failed,
        "ERROR" => Outcome::Error,
        "SKIPPED" => Outcome::Skipped,
        "XFAIL" => Outcome::Xfailed,
        "XPASS" => Outcome::Xpassed,
        "RERUN" => Outcome::Rerun,
        _ => return None,
    })
}

/// The final line: `114 failed, 5 passed in 61.20s (0:01:01)`, without its rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FinalLine {
    pub(super) counts: Counts,
    pub(super) duration: Option<f64>,
}

impl FinalLine {
    /// Reads the text between the rules.
    pub(super) fn read(text: &str) -> Option<Self> {
        if !text.starts_with("no tests ") && !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (counted, time) = text.rsplit_once(" in ")?;
        let seconds = time.split(' ').next()?.strip_suffix('s')?;
        let duration = Some(seconds.parse().ok()?);
        let mut counts = Counts::default();
        if counted.starts_with("no tests ") {
            return Some(Self { counts, duration });
        }
        let mut known = false;
        for part in counted.split(", ") {
            let (number, word) = part.trim().split_once(' ')?;
            known |= count(&mut counts, word, number.parse().ok()?);
        }
        known.then_some(Self { counts, duration })
    }
}

/// Writes one category's number down; false for a category of a plugin.
pub(super) fn count(counts: &mut Counts, word: &str, number: u64) -> bool {
    let slot = match word {
        "passed" => &mut counts.passed,
        "failed" => &mut counts.failed,
        "error" | "errors" => &mut counts.errors,
        "skipped" => &mut counts.skipped,
        "deselected" => &mut counts.deselected,
        "xfailed" => &mut counts.xfailed,
        "xpassed" => &mut counts.xpassed,
        "warning" | "warnings" => &mut counts.warnings,
        "rerun" | "reruns" => &mut counts.rerun,
        _ => return word.starts_with("tests collected") || word.starts_with("subtests"),
    };
    *slot = Some(number);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str, known: &[&str]) -> (String, Option<String>) {
        let line = SummaryLine::read(line).unwrap();
        let (id, text) = line.split(|domain| known.contains(&domain));
        (id.to_string(), text.map(str::to_string))
    }

    #[test]
    fn the_id_may_hold_dashes() {
        let (id, text) = split("FAILED t/a.py::test_p[a - b] - assert 1 - 2", &["test_p[a - b]"]);
        assert_eq!((id.as_str(), text.as_deref()), ("t/a.py::test_p[a - b]", Some("assert 1 - 2")));
        let (id, text) = split("FAILED t/a.py::test_p[a - b] - assert 1 - 2", &[]);
        assert_eq!((id.as_str(), text.as_deref()), ("t/a.py::test_p[a - b]", Some("assert 1 - 2")));
        assert_eq!(split("ERROR t/a.py", &[]), ("t/a.py".to_string(), None));
    }

    #[test]
    fn subtests_of_both_plugins() {
        assert_eq!(split("SUBFAILED[custom message] (i=1) t/a.py::test_x - why", &[]).0, "t/a.py::test_x");
        assert_eq!(split("[custom message] (i=1) SUBFAIL t/a.py::test_x - why", &[]).0, "t/a.py::test_x");
    }

    #[test]
    fn verbose_lines_of_all_kinds() {
        let read = |line| VerboseLine::read(line).map(|v| (v.nodeid, v.outcome));
        assert_eq!(read("t/a.py::test_x[a b] PASSED       [  5%]"), Some(("t/a.py::test_x[a b]", Outcome::Passed)));
        assert_eq!(read("t/a.py::test_x <- b.py FAILED [ 1/14]"), Some(("t/a.py::test_x", Outcome::Failed)));
        assert_eq!(read("[gw0] [  5%] ERROR t/a.py::test_x "), Some(("t/a.py::test_x", Outcome::Error)));
        assert_eq!(read("t/a.py::test_x SKIPPED (not today) [5%]"), Some(("t/a.py::test_x", Outcome::Skipped)));
        assert_eq!(read("t/a.py FFF [ 5%]"), None);
    }

    #[test]
    fn the_final_line_counts() {
        let line = FinalLine::read("114 failed, 5 passed, 1 rerun, 2 errors in 61.20s (0:01:01)").unwrap();
        assert_eq!((line.counts.failed, line.counts.errors, line.duration), (Some(114), Some(2), Some(61.2)));
        assert!(FinalLine::read("no tests ran in 0.01s").is_some());
        assert!(FinalLine::read("3 cats in 1 house").is_none());
    }
}
