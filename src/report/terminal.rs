//! What pytest prints to a terminal, or a CI system's copy of it, read line by line as it grows.

use std::borrow::Cow;

use super::environments::{self, Environment};
use super::lines::{self, Lines};
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
        self.lines.feed_pieces(bytes, |piece| sorter.piece(piece));
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
    /// Runs that a later one replaced.
    earlier: Vec<Run>,
    session: Session,
    /// The environment of the session, and the one that was announced since.
    environment: Option<Environment>,
    announced: Option<Environment>,
    /// The last run of each environment.
    parts: Vec<(Environment, Report)>,
}

impl Sorter {
    /// Whole lines. Most pieces are clean as they come, which one look at all of it shows sooner than one at each line.
    fn piece(&mut self, piece: &[u8]) {
        let clean = std::str::from_utf8(piece).ok().filter(|_| !ansi::may_hide(piece));
        for line in lines::split(piece) {
            match clean {
                Some(text) => self.plain_line(&text[line], |line| line),
                None => self.raw_line(&piece[line]),
            }
        }
    }

    fn raw_line(&mut self, raw: &[u8]) {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        // the lossy conversion of what is valid anyway is several times slower
        let text = std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        self.plain_line(&ansi::strip(text), ansi::visible);
    }

    fn plain_line(&mut self, plain: &str, visible: impl Fn(&str) -> &str) {
        if !self.decided {
            return self.head_line(plain);
        }
        if ends_like_a_start(plain) && plain.contains("= test session starts =") && !self.session.in_captured() {
            self.prefix = Prefix::of_session_start(plain);
            self.announced = Environment::of_job(plain).or(self.announced.take());
        }
        let line = match &self.prefix {
            Some(prefix) => prefix.strip(plain),
            None => plain,
        };
        self.line(visible(line));
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
        self.announced = head.last().filter(|_| start).and_then(|line| Environment::of_job(line));
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
            let is_new = starts && !self.session.nests_start();
            if (is_new && self.session.has_content()) || self.session.is_over_before(line) {
                self.end_session();
            }
            if is_new && self.announced.is_some() {
                self.environment = self.announced.take();
            }
        } else if environments::may_announce(line) {
            self.announcement(line);
        }
        self.session.push(line);
    }

    /// Keeps what a line says of the next run. It ends a run only where that one is over, since a test may print it.
    fn announcement(&mut self, line: &str) {
        let current = self.announced.as_ref().or(self.environment.as_ref());
        let next = Environment::read(line).or_else(|| current?.with_command(line));
        if next.is_none() || self.session.in_captured() {
            return;
        }
        if self.session.run.complete && self.session.has_content() {
            self.end_session();
        }
        if self.session.has_content() || self.session.has_begun() {
            self.announced = next;
        } else {
            (self.environment, self.announced) = (next, None);
        }
    }

    /// Reads the lines held back.
    fn settle(&mut self) {
        if !self.decided {
            self.decide(false);
        }
    }

    fn end_session(&mut self) {
        let next = if self.environment.is_some() { self.session.successor() } else { Session::default() };
        let ended = std::mem::replace(&mut self.session, next).closed();
        match self.environment.take() {
            Some(environment) => self.keep(environment, resolve::report(ended)),
            None => self.earlier.push(ended.run),
        }
        self.environment = self.announced.take();
    }

    /// Keeps the run of an environment instead of its earlier one.
    fn keep(&mut self, environment: Environment, mut report: Report) {
        for run in &mut report.runs {
            run.environment = Some(environment.name.clone());
        }
        for failure in &mut report.failures {
            failure.environments = vec![environment.name.clone()];
        }
        match self.parts.iter_mut().find(|(known, _)| known.is_same(&environment)) {
            Some((_, known)) => self.earlier.extend(std::mem::replace(known, report).runs),
            None => self.parts.push((environment, report)),
        }
    }

    /// The last run, or the last ones of all environments.
    fn finish(mut self) -> Report {
        self.settle();
        let is_part = self.environment.is_some();
        let is_empty = !self.session.has_content() && !self.session.has_begun() && self.session.run.stopped.is_none();
        if !self.parts.is_empty() && (is_part || is_empty) {
            self.end_session();
        }
        let mut report = Report::default();
        if self.parts.is_empty() || !is_part && !is_empty {
            report = resolve::report(self.session.closed());
            self.earlier.extend(self.parts.into_iter().flat_map(|(_, part)| part.runs));
        } else {
            self.parts.into_iter().for_each(|(_, part)| report.join(part));
        }
        report.runs.splice(..0, self.earlier);
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
    fn a_process_that_pytest_timeout_ended_says_where() {
        let log = "\
=== test session starts ===
rootdir: /p
collected 4 items

test_slow.py .+++++++++++ Timeout +++++++++++
~~~~ Stack of MainThread (139859625593920) ~~~~
  File \"/env/site-packages/_pytest/python.py\", line 187, in pytest_pyfunc_call
    result = testfunction(**testargs)
  File \"/p/test_slow.py\", line 12, in test_sleeps
    time.sleep(30)
+++++++++++ Timeout +++++++++++
";
        let runs = parse(log.as_bytes()).runs;
        let why = "pytest-timeout ended pytest in a test that took too long at /p/test_slow.py:12";
        assert_eq!((runs[0].stopped.as_deref(), runs[0].complete), (Some(why), false));
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
    fn the_traceback_in_the_message_of_a_foreign_exception_is_read() {
        let log = "\
=== FAILURES ===
___ TestCart.test_total ___
'NoneType' object is not iterable

During handling of the above exception, another exception occurred:
NOTE: Incompatible Exception Representation, displaying natively:

testtools.testresult.real._StringException: Traceback (most recent call last):
  File \"/p/t.py\", line 28, in test_total
    self.assertEqual(
  File \"/env/site-packages/testtools/testcase.py\", line 704, in assertThat
    raise mismatch_error
testtools.matchers._impl.MismatchError: !=:
reference = 'two apples'
actual    = 'two pears'


=== short test summary info ===
FAILED t.py::TestCart::test_total - Failed: NO...
=== 1 failed in 0.46s ===
";
        let failure = &parse(log.as_bytes()).failures[0];
        assert_eq!((failure.exc_type.as_deref(), failure.line), (Some("MismatchError"), Some(28)));
        assert!(failure.chain.is_empty());
        let sides = failure.introspection.as_ref().unwrap();
        assert_eq!((sides.left.as_str(), sides.right.as_str()), ("'two apples'", "'two pears'"));
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
    fn collectors_of_plugins_stand_in_the_node_id_only() {
        let block = |name: &str, line: u32| {
            format!(
                "___ {name} ___\n    def {name}():\n>       assert 0\nE       assert 0\n\nt/test_a.py:{line}: AssertionError\n"
            )
        };
        let log = format!(
            "=== test session starts ===\nrootdir: /p\n=== FAILURES ===\n{}{}{}=== short test summary info ===\n\
             FAILED t/test_a.py::describe_a::adds - assert 0\nFAILED t/test_a.py::describe_b::adds - assert 0\n\
             FAILED t/test_a.py::describe_b::describe_c::takes[1.5] - assert 0\n=== 3 failed in 0.01s ===\n",
            block("adds", 3),
            block("adds", 9),
            block("takes[1.5]", 12),
        );
        let report = parse(log.as_bytes());
        let seen: Vec<_> = report.failures.iter().map(|failure| (failure.nodeid.as_str(), failure.line)).collect();
        let told = [("a::adds", 3), ("b::adds", 9), ("b::describe_c::takes[1.5]", 12)];
        let told = told.map(|(name, line)| (format!("t/test_a.py::describe_{name}"), Some(line)));
        assert_eq!(seen, told.iter().map(|(id, line)| (id.as_str(), *line)).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_that_is_told_from_rootdir_and_from_where_the_run_began_is_one() {
        let log = |headline: &str, summary: &str| {
            format!(
                "=== test session starts ===\nrootdir: /p/packages/one\ncollected 0 items / 1 error\n\n=== ERRORS ===\n\
                 ___ ERROR collecting {headline} ___\nImportError while importing test module '/p/packages/one/tests/t.py'.\n\
                 Traceback:\n{summary}:1: in <module>\n    from a import b\nE   ImportError: cannot import name 'b' from 'a'\n\
                 === short test summary info ===\nERROR {summary}\n=== 1 error in 0.10s ===\n"
            )
        };
        let above = parse(log("tests/t.py", "packages/one/tests/t.py").as_bytes());
        assert_eq!(ids(&above), ["packages/one/tests/t.py"]);
        assert_eq!(above.failures[0].exc_type.as_deref(), Some("ImportError"));
        let below = parse(log("packages/one/tests/t.py", "tests/t.py").as_bytes());
        assert_eq!(ids(&below), ["tests/t.py"]);
    }

    #[test]
    fn what_pytest_was_asked_for_and_did_not_find_stops_the_run() {
        let log = "=== test session starts ===\nrootdir: /p\ncollected 0 items\n\n=== no tests ran in 0.01s ===\n\
                   ERROR: file or directory not found: tests/gone.py\n";
        let report = parse(log.as_bytes());
        assert_eq!(report.runs[0].stopped.as_deref(), Some("file or directory not found: tests/gone.py"));
    }

    #[test]
    fn letters_to_the_end_are_a_whole_run_where_nothing_failed() {
        let is_complete = |log: &str| parse(log.as_bytes()).runs[0].complete;
        assert!(is_complete("..s.        [100%]\n"), "-qq");
        assert!(!is_complete("..s.        [ 50%]\n") && !is_complete("..F.        [100%]\n"));
    }

    #[test]
    fn the_interpreter_is_named_by_verbose_runs() {
        let python = |line: &str| {
            let log = format!("=== test session starts ===\n{line}\n=== 1 passed in 0.30s ===\n");
            parse(log.as_bytes()).python().map(str::to_string)
        };
        let platform = "platform linux -- Python 3.11.7, pytest-8.3.4, pluggy-1.5.0";
        assert_eq!(python(&format!("{platform} -- /p/.venv/bin/python")).as_deref(), Some("/p/.venv/bin/python"));
        assert_eq!(python(platform), None);
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

    fn session(nodeid: &str, error: &str) -> String {
        let (file, test) = nodeid.split_once("::").unwrap();
        format!(
            "=== test session starts ===\nrootdir: /p\n{file} F [100%]\n=== FAILURES ===\n___ {test} ___\n\n    def {test}():\n\
             >       f()\nE       {error}\n\n{file}:2: {}\n=== short test summary info ===\nFAILED {nodeid} - {error}\n=== 1 failed in 0.01s ===\n",
            error.split(':').next().unwrap()
        )
    }

    fn seen(log: &str) -> Vec<String> {
        let report = parse(log.as_bytes());
        let failure =
            |f: &crate::report::Failure| format!("{} {} {}", f.nodeid, f.headline().unwrap(), f.environments.join("+"));
        report.failures.iter().map(failure).collect()
    }

    #[test]
    fn the_environments_of_one_tox_log_are_one_run() {
        let [alike, old, new] = [
            session("t/a.py::test_a", "KeyError: 'k'"),
            session("t/b.py::test_b", "TypeError: old"),
            session("t/b.py::test_b", "NameError: new"),
        ];
        let tox = |name: &str, run: &str| {
            format!("{name}: commands[0]> pytest\n{run}{name}: exit 1 (2.31 seconds) /p> pytest\n")
        };
        let log = [tox("py310", &alike), tox("py311", &alike), tox("py312", &old), tox("py312", &new)].concat();
        assert_eq!(seen(&log), ["t/a.py::test_a KeyError: 'k' py310+py311", "t/b.py::test_b NameError: new py312"]);
        let runs = parse(log.as_bytes()).runs;
        assert_eq!(runs.iter().filter(|run| run.environment.as_deref() == Some("py312")).count(), 2);
    }

    #[test]
    fn commands_of_one_nox_session_are_parts_and_a_later_plain_run_replaces_them() {
        let [unit, whole] = [session("t/a.py::test_a", "KeyError: 1"), session("t/b.py::test_b", "KeyError: 2")];
        let nox = format!("nox > Running session tests\nnox > pytest t/a.py\n{unit}nox > pytest t/b.py\n{whole}");
        assert_eq!(seen(&nox).len(), 2);
        assert_eq!(seen(&format!("{nox}$ pytest\n{whole}")), ["t/b.py::test_b KeyError: 2 "]);
    }

    #[test]
    fn a_test_that_prints_an_announcement_changes_nothing() {
        let run = session("t/a.py::test_a", "KeyError: 1");
        let printed = run.replace("t/a.py F", "py39: commands[0]> pytest\nnox > Running session lint\nt/a.py F");
        assert_eq!(seen(&printed), seen(&run));
    }
}
