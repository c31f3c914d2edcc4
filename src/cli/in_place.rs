//! Trials by a runner of the project's own: the candidate stands in the files while it runs, and goes again.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::out;
use crate::heal::carry::carried;
use crate::heal::files::{inside, write_atomic};
use crate::report::{Failure, Report};
use crate::text::{Edit, FilePath};
use crate::validation::observe::observe;
use crate::validation::runner::{Cancel, Finished, Run, Runner};
use crate::validation::{Rerun, by_log};
use crate::workspace::Snapshot;

/// Tries candidates with a custom runner, as long as that is cheap beside the run that was asked for.
#[derive(Debug, Default)]
pub struct InPlace {
    /// How long the first run took.
    first: Option<Duration>,
    spent: Duration,
    /// The tests of the last run, in order.
    tests: Vec<String>,
    /// How many of them failed.
    failing: usize,
    /// Whether no candidate was tried since that run.
    is_fresh: bool,
    /// The last trial that ran all that is to run once its candidate is in the files.
    whole: Option<Whole>,
}

/// A trial of everything: with its texts in the files, it was the run that would follow.
#[derive(Debug)]
struct Whole {
    tests: Vec<String>,
    texts: Vec<(PathBuf, String)>,
    finished: Finished,
    report: Report,
    log: TempDir,
}

/// A runner that takes longer is run when it has to be and never to try something.
const SLOW: Duration = Duration::from_secs(60);
/// What all trials may take: so long, or so many times the first run.
const LEAST_BUDGET: Duration = Duration::from_secs(20);
const RUNS: u32 = 6;
/// A run that takes no longer is mostly pytest's own start: the first candidate, and those for all that fails, are
/// tried with all that runs next.
const SHORT: Duration = Duration::from_secs(3);
/// With more failing tests than this their files are run.
const MOST_TESTS: usize = 50;

impl InPlace {
    /// Tells what a run of the tests that were asked for showed, and how long it took.
    pub fn ran(&mut self, took: Duration, report: &Report) {
        self.first.get_or_insert(took);
        self.is_fresh = true;
        self.failing = report.failures.len();
        self.tests = report.outcomes.iter().map(|test| test.nodeid.clone()).collect();
    }

    /// Tells that a file was written.
    pub fn wrote(&mut self, place: &Path) {
        self.whole.take_if(|whole| whole.texts.iter().all(|(known, _)| known != place));
    }

    /// The last trial, where it ran just what `run` is to run: the same tests of the same texts. Its output goes to
    /// the log of `run` and to `live`.
    pub fn last(&mut self, run: &Run<'_>, live: &mut dyn Write) -> Option<(Finished, Report)> {
        let stands = |(place, text): &(PathBuf, String)| std::fs::read_to_string(place).is_ok_and(|now| now == *text);
        let mut whole = self.whole.take().filter(|whole| whole.tests == run.tests && whole.texts.iter().all(stands))?;
        let printed = std::fs::read(trial_log(&whole.log)).ok()?;
        write_atomic(run.log, &printed).ok()?;
        // A terminal that is gone keeps nothing from being healed.
        let _ = live.write_all(&printed);
        for read in &mut whole.report.runs {
            read.source = Some(run.log.to_string_lossy().into_owned());
        }
        Some((whole.finished, whole.report))
    }

    /// Runs `edits` against the tests of `failures`; against the `whole` of what runs next where that is as quick.
    pub fn run(
        &mut self,
        (root, runner, cancel): (&Path, &Runner, &Cancel),
        snapshot: &Snapshot,
        edits: &[Edit],
        failures: &[&Failure],
        whole: &[String],
    ) -> Rerun {
        let first = self.first.unwrap_or(SLOW);
        if first >= SLOW || self.spent >= LEAST_BUDGET.max(first * RUNS) {
            return Rerun::not_run("each run of a custom runner may be expensive");
        }
        let may_be_last = std::mem::take(&mut self.is_fresh) || failures.len() > 1 || self.failing == 1;
        let is_whole = may_be_last && first <= SHORT && !failures.iter().any(may_pass_by_chance);
        let tests = match is_whole {
            true => whole.to_vec(),
            false if failures.len() <= MOST_TESTS => by_log::tests(snapshot, edits, failures),
            false => files_of(failures),
        };
        let started = Instant::now();
        let trial = Written::into(root, snapshot, edits).and_then(|written| {
            let (log, finished, report) = trial(root, runner, cancel, &tests)?;
            Ok((written.texts.clone(), log, finished, report))
        });
        let took = started.elapsed();
        self.spent += took;
        let (texts, log, finished, report) = match trial {
            Ok(trial) => trial,
            Err(why) => return Rerun::not_run(&why),
        };
        let rerun = by_log::judge(snapshot, edits, failures, (&self.tests, &report), took);
        self.whole = is_whole.then_some(Whole { tests, texts, finished, report, log });
        rerun
    }
}

/// Whether one run that passes proves little: what waits for others passes once and fails once.
fn may_pass_by_chance(failure: &&Failure) -> bool {
    let of_waiting = |name: &String| name.contains("Timeout") || name.contains("Connection");
    failure.exc_type.as_ref().is_some_and(of_waiting)
}

fn files_of(failures: &[&Failure]) -> Vec<String> {
    let file = |failure: &&Failure| failure.nodeid.split("::").next().unwrap_or_default().to_string();
    failures.iter().map(file).collect::<BTreeSet<_>>().into_iter().collect()
}

fn trial(
    root: &Path,
    runner: &Runner,
    cancel: &Cancel,
    tests: &[String],
) -> Result<(TempDir, Finished, Report), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = trial_log(&folder);
    let variables = [("PYTHONDONTWRITEBYTECODE", "1".into())];
    let run = Run { root, tests, log: &log, variables: &variables };
    let (finished, report) =
        observe(runner, &run, &mut std::io::sink(), &|_| {}, cancel).map_err(|error| error.to_string())?;
    Ok((folder, finished, report))
}

fn trial_log(folder: &TempDir) -> PathBuf {
    folder.path().join("trial.log")
}

/// Files that hold a candidate; dropped, they are as they were, with what others wrote into them meanwhile.
struct Written {
    originals: Vec<(FilePath, PathBuf, String)>,
    texts: Vec<(PathBuf, String)>,
}

impl Written {
    fn into(root: &Path, snapshot: &Snapshot, edits: &[Edit]) -> Result<Self, String> {
        let patched = snapshot.with_edits(edits).map_err(|error| format!("the edits do not fit: {error}"))?;
        let mut paths: Vec<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut written = Self { originals: Vec::new(), texts: Vec::new() };
        for path in paths {
            let place = inside(root, path).map_err(|error| error.to_string())?;
            let original = std::fs::read_to_string(&place).map_err(|error| format!("{path}: {error}"))?;
            let text = patched.text(path).ok_or_else(|| format!("{path} cannot be read"))?;
            written.originals.push((path.clone(), place.clone(), original));
            written.texts.push((place.clone(), text.to_string()));
            write_atomic(&place, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        Ok(written)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for ((path, place, original), (_, text)) in self.originals.iter().zip(&self.texts) {
            if let Err(why) = put_back(path, place, (text, original)) {
                out::eprintln!("the fix that was tried in {path} could not be taken out: {why}");
            }
        }
    }
}

/// Makes a file what it was before a candidate went in. What others wrote beside it stays.
fn put_back(path: &FilePath, place: &Path, (text, original): (&str, &str)) -> Result<(), String> {
    let now = std::fs::read_to_string(place).map_err(|error| error.to_string())?;
    let back = carried(path, text, original, &now)
        .ok_or("the same lines were changed while the tests ran; the file is left as it is, do it by hand")?;
    if back == now { Ok(()) } else { write_atomic(place, back.as_bytes()).map_err(|error| error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_gone_when_the_trial_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("test_a.py"), "a = 1\r\n").unwrap();
        let snapshot = Snapshot::in_memory([("test_a.py", "a = 1\r\n")]);
        let edits = [Edit::replace(&FilePath::new("test_a.py"), 4..5, "2")];
        let now = || std::fs::read_to_string(folder.path().join("test_a.py")).unwrap();
        let written = Written::into(folder.path(), &snapshot, &edits).unwrap();
        assert_eq!(now(), "a = 2\r\n");
        drop(written);
        assert_eq!(now(), "a = 1\r\n");
    }

    #[test]
    fn what_others_wrote_during_a_trial_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("test_a.py");
        let path = FilePath::new("test_a.py");
        let snapshot = Snapshot::in_memory([("test_a.py", "a = 1\n")]);
        let after_trial = |theirs: &str| {
            std::fs::write(&place, "a = 1\n").unwrap();
            let written = Written::into(folder.path(), &snapshot, &[Edit::replace(&path, 4..5, "2")]).unwrap();
            std::fs::write(&place, theirs).unwrap();
            drop(written);
            std::fs::read_to_string(&place).unwrap()
        };
        assert_eq!(after_trial("a = 2\nb = 1\n"), "a = 1\nb = 1\n");
        assert_eq!(after_trial("a = 3\n"), "a = 3\n");
    }
}
