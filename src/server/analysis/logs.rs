//! Logs, read while they grow.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::report::{self, Report};
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
    bytes: Vec<u8>,
    run: RunId,
}

impl Logs {
    /// Reads a log and commits what it says.
    pub fn read(&mut self, server: &Server, path: &Path) {
        let Ok(bytes) = std::fs::read(path) else { return };
        let world = server.world();
        let Some(folder) = world.folder_of(path) else { return };
        let run = match self.seen.get(path) {
            Some(seen) if seen.bytes == bytes => return,
            Some(seen) if bytes.starts_with(&seen.bytes) => seen.run,
            _ => new_run(path),
        };
        let report = below_root(report::parse(&bytes), folder);
        self.seen.insert(path.to_path_buf(), Seen { bytes, run });
        let mut results = (*folder.results).clone();
        results.absorb(&report, run);
        let root = folder.root.clone();
        server.update(|session| session.set_results(&root, results));
        place::folder(server, &root);
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
