//! Trials by a runner of the project's own: the candidate stands in the files while it runs, and goes again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::heal::files::{inside, write_atomic};
use crate::report::{Failure, Report};
use crate::text::{Edit, FilePath};
use crate::validation::observe::observe;
use crate::validation::runner::{Cancel, Run, Runner};
use crate::validation::{Rerun, by_log};
use crate::workspace::Snapshot;

/// Tries candidates with a custom runner, as long as that is cheap beside the run that was asked for.
#[derive(Debug, Default)]
pub struct InPlace {
    /// How long the first run took.
    first: Option<Duration>,
    spent: Duration,
}

/// A runner that takes longer is run when it has to be and never to try something.
const SLOW: Duration = Duration::from_secs(60);
/// What all trials may take: so long, or so many times the first run.
const LEAST_BUDGET: Duration = Duration::from_secs(20);
const RUNS: u32 = 6;
/// With more failing tests than this their files are run.
const MOST_TESTS: usize = 50;

impl InPlace {
    /// Tells how long a run of the tests that were asked for took.
    pub fn ran(&mut self, took: Duration) {
        self.first.get_or_insert(took);
    }

    /// Runs `edits` against the tests of `failures`.
    pub fn run(
        &mut self,
        (root, runner, cancel): (&Path, &Runner, &Cancel),
        snapshot: &Snapshot,
        edits: &[Edit],
        failures: &[&Failure],
    ) -> Rerun {
        let first = self.first.unwrap_or(SLOW);
        if first >= SLOW || self.spent >= LEAST_BUDGET.max(first * RUNS) {
            return Rerun::not_run("each run of a custom runner may be expensive");
        }
        let started = Instant::now();
        let report = Written::into(root, snapshot, edits).and_then(|_written| report(root, runner, cancel, failures));
        let took = started.elapsed();
        self.spent += took;
        match report {
            Ok(report) => by_log::judge(snapshot, edits, failures, &report, took),
            Err(why) => Rerun::not_run(&why),
        }
    }
}

fn report(root: &Path, runner: &Runner, cancel: &Cancel, failures: &[&Failure]) -> Result<Report, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = folder.path().join("trial.log");
    let variables = [("PYTHONDONTWRITEBYTECODE", "1".into())];
    let tests = tests(failures);
    let run = Run { root, tests: &tests, log: &log, variables: &variables };
    let (_, report) =
        observe(runner, &run, &mut std::io::sink(), &|_| {}, cancel).map_err(|error| error.to_string())?;
    Ok(report)
}

fn tests(failures: &[&Failure]) -> Vec<String> {
    let by_name = failures.len() <= MOST_TESTS;
    let test = |failure: &&Failure| match by_name {
        true => failure.nodeid.clone(),
        false => failure.nodeid.split("::").next().unwrap_or_default().to_string(),
    };
    let mut tests: Vec<String> = failures.iter().map(test).collect();
    tests.sort_unstable();
    tests.dedup();
    tests
}

/// Files that hold a candidate; dropped, they are as they were.
struct Written {
    originals: Vec<(PathBuf, Vec<u8>)>,
}

impl Written {
    fn into(root: &Path, snapshot: &Snapshot, edits: &[Edit]) -> Result<Self, String> {
        let patched = snapshot.with_edits(edits).map_err(|error| format!("the edits do not fit: {error}"))?;
        let mut paths: Vec<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut written = Self { originals: Vec::new() };
        for path in paths {
            let place = inside(root, path).map_err(|error| error.to_string())?;
            let original = std::fs::read(&place).map_err(|error| format!("{path}: {error}"))?;
            let text = patched.text(path).ok_or_else(|| format!("{path} cannot be read"))?;
            written.originals.push((place.clone(), original));
            write_atomic(&place, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        Ok(written)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for (place, original) in &self.originals {
            if let Err(error) = write_atomic(place, original) {
                anstream::eprintln!("{} could not be put back: {error}", place.display());
            }
        }
    }
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
}
