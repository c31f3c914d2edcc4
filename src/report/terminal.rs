//! What pytest prints to a terminal, or a CI system's copy of it, read line by line as it grows.

use std::borrow::Cow;

use super::lines::Lines;
use super::prefix::Prefix;
use super::resolve;
use super::session::Session;
use super::{Report, Run, ansi};

/// Lines after which a missing session start no longer delays the reading.
const HEAD: usize = 24;

/// Reads terminal output of any length.
#[derive(Clone, Debug, Default)]
pub(super) struct Terminal {
    lines: Lines,
    sorter: Sorter,
}

impl Terminal {
    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let sorter = &mut self.sorter;
        self.lines.feed(bytes, |line| sorter.raw_line(line));
    }

    /// What is known so far. An unfinished last line counts only where it ends the run, or where the log has no
    /// structure that would say more: half a word is no exception type.
    pub(super) fn report(&self) -> Report {
        let rest = self.lines.rest();
        let mut sorter = self.sorter.clone();
        if !rest.is_empty() {
            let mut ended = self.sorter.clone();
            ended.raw_line(rest);
            ended.settle();
            if ended.session.run.complete || !ended.session.has_content() {
                sorter = ended;
            }
        }
        sorter.finish()
    }
}

impl Terminal {
    /// The report of a log that has ended, without a copy of what is known.
    pub(super) fn finish(self) -> Report {
        if self.lines.rest().is_empty() { self.sorter.finish() } else { self.report() }
    }
}

/// Clean lines to sessions.
#[derive(Clone, Debug, Default)]
struct Sorter {
    /// The first lines, held back until it is known what stands before each line.
    head: Option<Vec<String>>,
    decided: bool,
    prefix: Option<Prefix>,
    earlier: Vec<Run>,
    session: Session,
}

impl Sorter {
    fn raw_line(&mut self, raw: &[u8]) {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        // the lossy conversion of what is valid anyway is several times slower
        let text = std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let plain = ansi::strip(text);
        if !self.decided {
            return self.head_line(&plain);
        }
        if ends_like_a_start(&plain) && plain.contains("= test session starts =") && !self.session.in_captured() {
            self.prefix = Prefix::of_session_start(&plain);
        }
        let line = match &self.prefix {
            Some(prefix) => prefix.strip(&plain),
            None => &plain,
        };
        self.line(ansi::visible(line));
    }

    fn head_line(&mut self, plain: &str) {
        let head = self.head.get_or_insert_default();
        head.push(plain.to_string());
        let start = plain.contains("= test session starts =");
        if start || head.len() >= HEAD {
            self.decide(start);
        }
    }

    /// Learns the prefix from the lines held back, then reads them.
    fn decide(&mut self, start: bool) {
        let head = self.head.take().unwrap_or_default();
        self.decided = true;
        self.prefix = match head.last() {
            Some(last) if start => Prefix::of_session_start(ansi::visible(last)),
            _ => Prefix::of_majority(head.iter().map(String::as_str)),
        };
        for plain in &head {
            let line = self.prefix.as_ref().map_or(plain.as_str(), |prefix| prefix.strip(plain));
            let line = ansi::visible(line).to_string();
            self.line(&line);
        }
    }

    fn line(&mut self, line: &str) {
        if line.starts_with('=') {
            let starts = line.contains("= test session starts =");
            if (starts && self.session.has_content() && !self.session.nests_start())
                || self.session.is_over_before(line)
            {
                self.end_session();
            }
        }
        self.session.push(line);
    }

    /// Reads the lines held back.
    fn settle(&mut self) {
        if !self.decided {
            self.decide(false);
        }
    }

    fn end_session(&mut self) {
        let ended = std::mem::take(&mut self.session).closed();
        self.earlier.push(ended.run);
    }

    fn finish(mut self) -> Report {
        self.settle();
        let mut report = resolve::report(self.session.closed());
        let last = std::mem::replace(&mut report.runs, self.earlier);
        report.runs.extend(last);
        report
    }
}

fn ends_like_a_start(line: &str) -> bool {
    line.ends_with('=') || line.ends_with("= ")
}

#[cfg(test)]
mod tests {
    use crate::report::{Outcome, Phase, Report, parse};

    fn ids(report: &Report) -> Vec<&str> {
        report.failures.iter().map(|failure| failure.nodeid.as_str()).collect()
    }

    #[test]
    fn a_fragment_is_a_failure_of_its_file() {
        let log = "E   AttributeError: 'Cart' object has no attribute 'totl'\n\ntests/test_cart.py:4: AttributeError\n";
        let report = parse(log.as_bytes());
        let failure = &report.failures[0];
        assert_eq!((failure.nodeid.as_str(), failure.line), ("tests/test_cart.py", Some(4)));
        assert_eq!(failure.message.as_deref(), Some("'Cart' object has no attribute 'totl'"));
    }

    #[test]
    fn a_session_printed_by_a_test_is_output() {
        let log = "\
=== test session starts ===
rootdir: /p
=== FAILURES ===
___ test_a ___
    def test_a(pytester):
>       assert 0
E       assert 0

t/test_a.py:2: AssertionError
--- Captured stdout call ---
=== test session starts ===
rootdir: /tmp/pytest-of-dev/pytest-0/test_a0
=== FAILURES ===
___ test_inner ___
    def test_inner():
>       assert 1 == 3
E       assert 1 == 3

test_inner.py:2: AssertionError
=== short test summary info ===
FAILED test_inner.py::test_inner - assert 1 == 3
=== 1 failed in 0.01s ===
___ test_b ___
    def test_b():
>       assert 2
E       KeyError: 2

t/test_a.py:5: KeyError
=== short test summary info ===
FAILED t/test_a.py::test_a - assert 0
FAILED t/test_a.py::test_b - KeyError: 2
=== 2 failed in 0.30s ===
";
        let report = parse(log.as_bytes());
        assert_eq!(ids(&report), ["t/test_a.py::test_a", "t/test_a.py::test_b"]);
        assert_eq!((report.runs.len(), report.runs[0].counts.failed), (1, Some(2)));
    }

    #[test]
    fn durations_belong_to_tests() {
        let log = "\
=== test session starts ===
t/test_a.py::test_a PASSED [100%]
=== slowest 3 durations ===
0.12s call     t/test_a.py::test_a
0.03s setup    t/test_a.py::test_a
=== 1 passed in 0.30s ===
";
        let report = parse(log.as_bytes());
        let told = &report.outcomes[0];
        assert_eq!(
            (told.nodeid.as_str(), told.outcome, told.duration),
            ("t/test_a.py::test_a", Outcome::Passed, Some(0.15))
        );
    }

    #[test]
    fn powershell_writes_utf16() {
        let log = "=== FAILURES ===\n___ test_a ___\nE   ValueError: é\n\nt/test_a.py:2: ValueError\n";
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(log.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(parse(&bytes).failures, parse(log.as_bytes()).failures);
        assert_eq!(parse(&bytes).failures[0].message.as_deref(), Some("é"));
    }

    #[test]
    fn failures_show_before_the_run_has_ended() {
        let log = "=== test session starts ===\nt/test_a.py::test_a PASSED [ 33%]\nt/test_a.py::test_a ERROR [ 33%]\n";
        let report = parse(log.as_bytes());
        assert_eq!((ids(&report), report.failures[0].phase), (vec!["t/test_a.py::test_a"], Phase::Teardown));
        assert!(!report.runs[0].complete);
    }
}
