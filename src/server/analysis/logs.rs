//! Logs, read while they grow.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::report::{Failure, Reader, Report};
use crate::results::{RunId, fingerprint};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::super::Server;
use super::super::outline;
use super::super::world::Folder;
use super::{Job, code, place};

/// What is remembered of each log between two looks at it.
#[derive(Default)]
pub struct Logs {
    seen: HashMap<PathBuf, Seen>,
}

struct Seen {
    /// `None` for a log that was read before a restart and has not grown since.
    reader: Option<Reader>,
    /// How many bytes the reader has.
    len: u64,
    /// The last of them: a log that no longer holds them there is another run.
    tail: Vec<u8>,
    run: RunId,
}

/// How much of the end of what was read must still be there for a log to have grown.
const TAIL: usize = 512;

/// How long results may change before they are kept.
const SETTLE: Duration = Duration::from_millis(500);

/// A log that was read, as it is kept over a restart.
#[derive(Serialize, Deserialize)]
pub struct KeptLog {
    path: PathBuf,
    len: u64,
    tail: Vec<u8>,
    run: RunId,
}

impl Logs {
    /// What is known of the logs below `root`.
    pub fn kept(&self, root: &Path) -> Vec<KeptLog> {
        let below = self.seen.iter().filter(|(path, _)| path.starts_with(root));
        let kept = below.map(|(path, seen)| {
            let (path, tail) = (path.clone(), seen.tail.clone());
            KeptLog { path, len: seen.len, tail, run: seen.run }
        });
        kept.collect()
    }

    /// Knows logs again.
    pub fn restore(&mut self, kept: Vec<KeptLog>) {
        for KeptLog { path, len, tail, run } in kept {
            if tail.len() as u64 <= len {
                self.seen.entry(path).or_insert(Seen { reader: None, len, tail, run });
            }
        }
    }

    /// Reads what is new in a log about the folder at `root`, and commits what it says. `ran` tells which
    /// tests a run of ours ran, now that it has ended.
    pub fn read(&mut self, server: &Server, path: &Path, root: &Path, ran: Option<&Vec<String>>) {
        let Ok(mut file) = File::open(path) else { return };
        let world = server.world();
        let Some(folder) = world.folder_at(root) else { return };
        let seen = match self.seen.get_mut(path) {
            Some(seen) if seen.grows(&mut file).unwrap_or(false) => seen,
            _ => self.seen.entry(path.to_path_buf()).insert_entry(Seen::new(path)).into_mut(),
        };
        let failing = server.runs.failures(path);
        if !seen.take(&mut file).unwrap_or(false) && ran.is_none() && failing.is_empty() {
            return;
        }
        let observed = ran.and_then(|_| server.runs.take_finished(path));
        let observed_by_us = observed.is_some();
        let report = below_root(observed.unwrap_or_else(|| with(seen.report(), failing)), folder);
        let whole = whole_files(&report, world.project(folder));
        let ran = ran.or((!whole.is_empty()).then_some(&whole));
        let ended = report.runs.iter().all(|run| run.complete && run.stopped.is_none());
        let ran = ran.filter(|_| ended);
        server.update(|session| session.absorb(root, &report, seen.run, ran));
        code::remember(server, root);
        place::folder(server, root);
        server.prover.ask(root);
        server.results_changed();
        server.refresh();
        // What a run of ours showed is nowhere else; a log can be read again.
        let settle = if observed_by_us { Duration::ZERO } else { SETTLE };
        server.analysis.push_after(Job::Keep(root.to_path_buf()), settle);
    }
}

impl Seen {
    fn new(path: &Path) -> Self {
        Self { reader: Some(Reader::default()), len: 0, tail: Vec::new(), run: new_run(path) }
    }

    fn report(&self) -> Report {
        self.reader.as_ref().map(Reader::report).unwrap_or_default()
    }

    /// Whether the file still begins with what was read of it.
    fn grows(&self, file: &mut File) -> io::Result<bool> {
        if file.metadata()?.len() < self.len {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(self.len - self.tail.len() as u64))?;
        let mut now = vec![0; self.tail.len()];
        file.read_exact(&mut now)?;
        Ok(now == self.tail)
    }

    /// Takes what is new; `false` where there is nothing.
    fn take(&mut self, file: &mut File) -> io::Result<bool> {
        if self.reader.is_none() {
            if file.metadata()?.len() == self.len {
                return Ok(false);
            }
            (self.reader, self.len) = (Some(Reader::default()), 0);
            self.tail.clear();
        }
        file.seek(SeekFrom::Start(self.len))?;
        let mut buffer = vec![0; 1 << 16];
        let before = self.len;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(self.len > before);
            }
            if let Some(reader) = &mut self.reader {
                reader.feed(&buffer[..read]);
            }
            self.len += read as u64;
            self.tail.extend_from_slice(&buffer[..read]);
            let surplus = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..surplus);
        }
    }
}

fn new_run(path: &Path) -> RunId {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    RunId(fingerprint(&format!("{} {}", path.display(), now.as_nanos())))
}

/// The files of which a run told at least one letter for each test that stands in them now: they were run
/// whole, so what failed in them before and did not fail now has passed, though only dots say so.
fn whole_files(report: &Report, project: &Snapshot) -> Vec<String> {
    let chosen = report.runs.iter().any(|run| run.counts.deselected.is_some_and(|count| count > 0));
    let whole = report.letters.iter().filter(|(file, letters)| {
        let path = FilePath::new(file);
        let tests = project.source(&path).map(|source| outline::count(&outline::tests(&source, &path)));
        tests.is_some_and(|tests| tests <= *letters)
    });
    whole.filter(|_| !chosen).map(|(file, _)| file.clone()).collect()
}

/// A growing log tells at its end why tests failed; what our plugin saw tells now.
fn with(mut report: Report, failing: Vec<Failure>) -> Report {
    let same = |a: &Failure, b: &Failure| a.nodeid == b.nodeid && a.phase == b.phase;
    report.failures.retain(|told| told.exc_type.is_some() || !failing.iter().any(|seen| same(told, seen)));
    let new = failing.into_iter().filter(|seen| !report.failures.iter().any(|told| same(told, seen)));
    let new: Vec<Failure> = new.collect();
    report.failures.extend(new);
    report
}

/// Paths of a report are relative to pytest's rootdir; makes them relative to the folder where the rootdir
/// lies below it.
fn below_root(mut report: Report, folder: &Folder) -> Report {
    let rootdir = report.runs.first().and_then(|run| run.rootdir.clone());
    let Some(prefix) = rootdir.and_then(|rootdir| folder.name(Path::new(&rootdir))) else { return report };
    if prefix.as_str().is_empty() {
        return report;
    }
    let below = |path: &mut String| {
        if !path.starts_with('/') && !path.starts_with("..") {
            *path = format!("{prefix}/{path}");
        }
    };
    for failure in &mut report.failures {
        below(&mut failure.nodeid);
        failure.path.iter_mut().for_each(below);
        failure.frames.iter_mut().for_each(|frame| below(&mut frame.path));
    }
    report.outcomes.iter_mut().for_each(|outcome| below(&mut outcome.nodeid));
    report.letters.iter_mut().for_each(|(file, _)| below(file));
    report
}
