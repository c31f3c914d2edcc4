//! Logs, read while they grow.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::report::{Reader, Report};
use crate::results::{RunId, fingerprint};

use super::super::Server;
use super::super::world::Folder;
use super::place;

/// What is remembered of each log between two looks at it.
#[derive(Default)]
pub struct Logs {
    seen: HashMap<PathBuf, Seen>,
}

struct Seen {
    reader: Reader,
    /// How many bytes the reader has.
    len: u64,
    /// The last of them: a log that no longer holds them there is another run.
    tail: Vec<u8>,
    run: RunId,
}

/// How much of the end of what was read must still be there for a log to have grown.
const TAIL: usize = 512;

impl Logs {
    /// Reads what is new in a log about the folder at `root`, and commits what it says. `ran` tells which
    /// tests a run of ours ran, now that it has ended.
    pub fn read(&mut self, server: &Server, path: &Path, root: &Path, ran: Option<&[String]>) {
        let Ok(mut file) = File::open(path) else { return };
        let world = server.world();
        let Some(folder) = world.folders.iter().find(|folder| *folder.root == *root) else { return };
        let seen = match self.seen.get_mut(path) {
            Some(seen) if seen.grows(&mut file).unwrap_or(false) => seen,
            _ => {
                self.seen.insert(path.to_path_buf(), Seen::new(path));
                self.seen.get_mut(path).expect("it was just put there")
            }
        };
        if !seen.take(&mut file).unwrap_or(false) && ran.is_none() {
            return;
        }
        let observed = ran.and_then(|_| server.runs.take_finished(path));
        let report = below_root(observed.unwrap_or_else(|| seen.reader.report()), folder);
        let ran = ran.filter(|_| report.runs.iter().all(|run| run.complete && run.stopped.is_none()));
        server.update(|session| session.absorb(root, &report, seen.run, ran));
        place::folder(server, root);
        server.results_changed();
    }
}

impl Seen {
    fn new(path: &Path) -> Self {
        Self { reader: Reader::default(), len: 0, tail: Vec::new(), run: new_run(path) }
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
        file.seek(SeekFrom::Start(self.len))?;
        let mut buffer = vec![0; 1 << 16];
        let before = self.len;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(self.len > before);
            }
            self.reader.feed(&buffer[..read]);
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
    report
}
