//! `.healing_history.jsonl`: what became of every fix in this project, so that what failed is not tried again
//! and confidence follows experience.
//!
//! One JSON object a line, appended under a lock, never rewritten. A line that cannot be read (a torn last
//! line after a kill, an entry of a later version) is passed over and stays.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::fix::{Confidence, EvidenceKind, Fix};
use crate::report::Failure;
use crate::text::FilePath;

use super::clock;
use super::files::{FileError, inside};

/// The file's name, below the root.
pub const HISTORY_FILE: &str = ".healing_history.jsonl";

/// Older entries than fit in here are not read.
const MOST_BYTES: u64 = 16 << 20;

/// What became of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// `heal` applied it and the rerun proved it.
    Applied,
    /// A person took it.
    Accepted,
    /// A person did not want it.
    Rejected,
    /// It was applied and taken back.
    Reverted,
    /// Its rerun on a shadow copy failed.
    FailedValidation,
}

impl Outcome {
    /// Whether the fix was right, as far as anyone can tell.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Applied | Self::Accepted)
    }
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The day, `2026-11-20`, UTC.
    pub date: String,
    /// Which failure it was for, see [`signature`].
    pub signature: String,
    /// Which change it was, see [`fix_id`].
    pub fix: String,
    /// The strategy that proposed it.
    pub strategy: String,
    /// The kinds of its evidence, sorted.
    pub evidence: Vec<EvidenceKind>,
    /// What became of it.
    pub outcome: Outcome,
    /// The test it was for.
    pub nodeid: String,
    /// What it did, for people.
    pub title: String,
}

impl Entry {
    /// The entry for `fix` of `failure`, dated today.
    pub fn new(failure: &Failure, fix: &Fix, outcome: Outcome) -> Self {
        Self {
            date: clock::date(SystemTime::now()),
            signature: signature(failure),
            fix: fix_id(fix),
            strategy: fix.strategy.to_string(),
            evidence: kinds(fix),
            outcome,
            nodeid: failure.nodeid.clone(),
            title: fix.title.clone(),
        }
    }
}

/// The history of one project, as it was read.
#[derive(Clone, Debug, Default)]
pub struct History {
    root: Option<PathBuf>,
    entries: Vec<Entry>,
}

impl History {
    /// Reads the history below `root`; none yet, or one that cannot be read, is an empty one.
    pub fn open(root: &Path) -> Self {
        let text = place(root).ok().and_then(|path| read_tail(&path).ok()).unwrap_or_default();
        let entries = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { root: Some(root.to_path_buf()), entries }
    }

    /// What is known, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds entries, here and in the file. Other processes' entries are kept; a torn last line is closed first.
    pub fn record(&mut self, entries: Vec<Entry>) -> Result<(), FileError> {
        if let (Some(root), false) = (&self.root, entries.is_empty()) {
            let path = place(root)?;
            append(&path, &entries).map_err(|source| FileError::Io { path, source })?;
        }
        self.entries.extend(entries);
        Ok(())
    }

    /// Whether this fix was tried for this failure and the last word on it was no.
    pub fn failed_before(&self, failure: &Failure, fix: &Fix) -> bool {
        let (signature, id) = (signature(failure), fix_id(fix));
        let same = |entry: &&Entry| entry.signature == signature && entry.fix == id;
        self.entries.iter().rev().find(same).is_some_and(|entry| !entry.outcome.is_good())
    }

    /// What this project's experience says of a strategy with evidence of these kinds.
    pub fn posterior(&self, strategy: &str, evidence: &[EvidenceKind]) -> Posterior {
        let mut posterior = Posterior::default();
        for entry in self.entries.iter().filter(|entry| entry.strategy == strategy) {
            // The same strategy with other evidence tells something, but less.
            let weight = if entry.evidence == evidence { 1.0 } else { 0.25 };
            *(if entry.outcome.is_good() { &mut posterior.good } else { &mut posterior.bad }) += weight;
        }
        posterior
    }

    /// What became of the uses of one lesson: each counts for that lesson, and a quarter for others.
    fn posterior_of_lesson(&self, title: &str) -> Posterior {
        let mut posterior = Posterior::default();
        for entry in self.entries.iter().filter(|entry| entry.evidence == [EvidenceKind::Lesson]) {
            let weight = if entry.title == title { 1.0 } else { 0.25 };
            *(if entry.outcome.is_good() { &mut posterior.good } else { &mut posterior.bad }) += weight;
        }
        posterior
    }

    /// The fix's confidence after this project's experience: the estimate counts as much as
    /// [`PRIOR_WEIGHT`] outcomes. A lesson has experience of its own.
    pub fn confidence(&self, fix: &Fix) -> Confidence {
        let posterior = match kinds(fix)[..] {
            [EvidenceKind::Lesson] => self.posterior_of_lesson(&fix.title),
            _ => self.posterior(fix.strategy, &kinds(fix)),
        };
        let total = PRIOR_WEIGHT + posterior.good + posterior.bad;
        Confidence::new((fix.confidence.value() * PRIOR_WEIGHT + posterior.good) / total)
    }
}

/// How many outcomes the estimate made from evidence is worth.
const PRIOR_WEIGHT: f64 = 8.0;

/// A Beta distribution over how often fixes of a kind are right: Beta(1 + good, 1 + bad).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Posterior {
    /// Applied or accepted, weighted.
    pub good: f64,
    /// Rejected, reverted or failed, weighted.
    pub bad: f64,
}

impl Posterior {
    /// The expected share of right fixes.
    pub fn mean(self) -> f64 {
        (1.0 + self.good) / (2.0 + self.good + self.bad)
    }

    /// A cautious share: the mean less 1.64 standard deviations, about the 5 % quantile.
    pub fn lower_bound(self) -> f64 {
        let (a, b) = (1.0 + self.good, 1.0 + self.bad);
        let variance = a * b / ((a + b) * (a + b) * (a + b + 1.0));
        (self.mean() - 1.64 * variance.sqrt()).max(0.0)
    }
}

/// A name for "the same failure again": the exception, its message without what differs from run to run, and
/// the failing statement. Stable across runs, machines and versions.
pub fn signature(failure: &Failure) -> String {
    let own = failure.frames.iter().rev().find(|frame| Some(frame.path.as_str()) == failure.path.as_deref());
    let statement = own.or(failure.frames.last()).and_then(|frame| frame.text.as_deref()).unwrap_or_default();
    let message = failure.message.as_deref().unwrap_or_default();
    let function = failure.nodeid.split('[').next().unwrap_or_default();
    stable_hash(&[failure.exc_type.as_deref().unwrap_or_default(), &normalised(message), statement.trim(), function])
}

/// A name for "the same change again", wherever its lines stand by now.
pub fn fix_id(fix: &Fix) -> String {
    let edits = fix.edits.iter().flat_map(|edit| [edit.path.as_str(), edit.text.as_str()]);
    let parts: Vec<&str> = [fix.strategy, fix.title.as_str()].into_iter().chain(edits).collect();
    stable_hash(&parts)
}

fn kinds(fix: &Fix) -> Vec<EvidenceKind> {
    let mut kinds: Vec<EvidenceKind> = fix.evidence.iter().map(|evidence| evidence.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The message with every number and address as `#`, so that `0x7f3c` and `took 1.2 s` do not tell runs apart.
fn normalised(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut chars = message.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            text.push(c);
            continue;
        }
        text.push('#');
        let in_number = |c: &char| c.is_ascii_hexdigit() || matches!(c, '.' | 'x' | '_');
        while chars.next_if(in_number).is_some() {}
    }
    text
}

/// FNV-1a, 64 bits: the standard library's hashes may change with its version.
fn stable_hash(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0)));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// Where the history of a project is; a link that leads out of it is an error.
pub fn place(root: &Path) -> Result<PathBuf, FileError> {
    inside(root, &FilePath::new(HISTORY_FILE))
}

fn append(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    file.lock()?;
    let mut lines = String::new();
    if !ends_with_line_end(&mut file)? {
        lines.push('\n');
    }
    for entry in entries {
        lines += &serde_json::to_string(entry)?;
        lines.push('\n');
    }
    file.write_all(lines.as_bytes())?;
    file.sync_data()
}

fn ends_with_line_end(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn read_tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Evidence, Tier};
    use crate::report::Frame;
    use crate::text::Edit;

    fn failure(message: &str) -> Failure {
        let text = Some("assert cart.totl() == 0".to_string());
        Failure {
            nodeid: "tests/test_cart.py::test_total".to_string(),
            path: Some("tests/test_cart.py".to_string()),
            exc_type: Some("AttributeError".to_string()),
            message: Some(message.to_string()),
            frames: vec![Frame { path: "tests/test_cart.py".to_string(), line: 4, function: None, text }],
            ..Failure::default()
        }
    }

    fn fix(name: &str) -> Fix {
        Fix {
            title: format!("Rename `totl` to `{name}`"),
            strategy: "attribute-rename",
            edits: vec![Edit::replace(&FilePath::new("tests/test_cart.py"), 10..14, name)],
            confidence: Confidence::new(0.8),
            evidence: vec![Evidence::hint("x")],
            tier: Tier::Safe,
        }
    }

    #[test]
    fn what_failed_for_a_failure_is_known_in_the_next_session() {
        let root = tempfile::tempdir().unwrap();
        let object = failure("'Cart' object at 0x7f3c0 has no attribute 'totl'");
        let mut history = History::open(root.path());
        history.record(vec![Entry::new(&object, &fix("total"), Outcome::Reverted)]).unwrap();
        let again = failure("'Cart' object at 0x55d2e has no attribute 'totl'");
        let mut history = History::open(root.path());
        assert!(history.failed_before(&again, &fix("total")));
        assert!(!history.failed_before(&again, &fix("sum")));
        assert!(!history.failed_before(&failure("'Cart' object has no attribute 'sum'"), &fix("total")));
        history.record(vec![Entry::new(&again, &fix("total"), Outcome::Accepted)]).unwrap();
        assert!(!History::open(root.path()).failed_before(&again, &fix("total")));
    }

    #[test]
    fn a_lesson_has_experience_of_its_own() {
        let lesson = |title: &str| Fix {
            title: title.to_string(),
            strategy: "lesson",
            evidence: vec![Evidence { kind: EvidenceKind::Lesson, ..Evidence::hint("x") }],
            ..fix("total")
        };
        let (good, bad, other) = (lesson("good"), lesson("bad"), lesson("other"));
        let mut history = History::default();
        let entry = |fix: &Fix, outcome| Entry::new(&failure("x"), fix, outcome);
        let outcomes =
            [entry(&good, Outcome::Accepted), entry(&bad, Outcome::Rejected), entry(&bad, Outcome::Reverted)];
        history.record(outcomes.to_vec()).unwrap();
        let confidence = |fix: &Fix| history.confidence(fix).value();
        assert!(confidence(&good) > confidence(&other) && confidence(&other) > confidence(&bad));
    }

    #[test]
    fn a_torn_last_line_costs_no_other_entry() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(HISTORY_FILE);
        let entry = Entry::new(&failure("x"), &fix("total"), Outcome::Applied);
        History::open(root.path()).record(vec![entry.clone()]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"{\"date\":\"2026-1");
        std::fs::write(&path, &bytes).unwrap();
        History::open(root.path()).record(vec![entry.clone()]).unwrap();
        assert_eq!(History::open(root.path()).entries(), [entry.clone(), entry]);
        assert!(std::fs::read(&path).unwrap().starts_with(&bytes));
    }

    #[test]
    fn entries_of_many_writers_are_all_kept() {
        let root = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let entry = Entry::new(&failure("x"), &fix("total"), Outcome::Applied);
                    History::open(root.path()).record(vec![entry]).unwrap();
                });
            }
        });
        assert_eq!(History::open(root.path()).entries().len(), 8);
    }

    #[test]
    fn confidence_follows_experience() {
        let mut history = History::default();
        let before = history.confidence(&fix("total")).value();
        assert!((before - 0.8).abs() < 1e-9);
        let bad = |_| Entry::new(&failure("x"), &fix("total"), Outcome::Rejected);
        history.record((0..8).map(bad).collect()).unwrap();
        assert!(history.confidence(&fix("total")).value() < 0.45);
        let posterior = history.posterior("attribute-rename", &[EvidenceKind::Hint]);
        assert!((posterior.mean() - 0.1).abs() < 1e-9 && posterior.lower_bound() < posterior.mean());
        let good = |_| Entry::new(&failure("x"), &fix("total"), Outcome::Accepted);
        history.record((0..100).map(good).collect()).unwrap();
        assert!(history.confidence(&fix("total")).value() > 0.9);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_that_leads_out() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(HISTORY_FILE)).unwrap();
        let entry = Entry::new(&failure("'Cart' object has no attribute 'totl'"), &fix("total"), Outcome::Applied);
        let error = History::open(root.path()).record(vec![entry]).unwrap_err().to_string();
        assert!(error.starts_with(".healing_history.jsonl is a link to "), "{error}");
        assert_eq!(std::fs::read(elsewhere.path()).unwrap(), b"");
    }
}
