//! Work off the protocol's thread: reading logs and lessons, and finding failures in the texts.

mod code;
mod keep;
mod lessons;
mod logs;
mod moved;
mod place;
mod settings;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Server;

pub use keep::cache_folder;
pub use settings::read as read_settings;

/// What there is to do. Each job reads the state of the moment it starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// A workspace folder came.
    Start(PathBuf),
    /// A log was written.
    ReadLog {
        /// The log.
        path: PathBuf,
        /// The folder it speaks of.
        root: PathBuf,
    },
    /// A run of ours has ended.
    ReadRun {
        /// Its log.
        path: PathBuf,
        /// The folder it ran in.
        root: PathBuf,
        /// What was run; empty for everything.
        tests: Vec<String>,
    },
    /// The results of a folder changed: keep them for the next start.
    Keep(PathBuf),
    /// The settings of a folder changed.
    Configure(PathBuf),
    /// The GRAVEYARD.md of a folder was written.
    ReadLessons(PathBuf),
    /// A text changed: find its failures again.
    Place(PathBuf),
    /// Find the failures of a folder again.
    PlaceAll(PathBuf),
}

/// The worker: does jobs until the server closes, then what must not be lost.
pub fn work(server: &Arc<Server>) {
    let mut logs = logs::Logs::default();
    while let Some(job) = server.analysis.next() {
        perform(server, job, &mut logs);
    }
    for matters in [|job: &Job| matches!(job, Job::ReadRun { .. }), |job: &Job| matches!(job, Job::Keep(_))] {
        server.analysis.rest(matters).into_iter().for_each(|job| perform(server, job, &mut logs));
    }
}

fn perform(server: &Arc<Server>, job: Job, logs: &mut logs::Logs) {
    // The panic hook has told the client; what the job had not committed is lost, nothing else.
    let _ = catch_unwind(AssertUnwindSafe(|| match job {
        Job::Start(root) => start(server, &root, logs),
        Job::Keep(root) => keep::write(server, &root, logs),
        Job::Configure(root) => settings::read(server, &root),
        Job::ReadLog { path, root } => logs.read(server, &path, &root, None),
        Job::ReadRun { path, root, tests } => logs.read(server, &path, &root, Some(&tests)),
        Job::ReadLessons(root) => lessons::read(server, &root),
        Job::Place(path) => {
            place::file(server, &path);
            code::compare(server, &path);
        }
        Job::PlaceAll(root) => place::folder(server, &root),
    }));
}

fn start(server: &Arc<Server>, root: &Path, logs: &mut logs::Logs) {
    settings::read(server, root);
    let kept = keep::read(server, root, logs);
    place::folder(server, root);
    kept.into_iter().for_each(|kept| code::compare_since(server, root, kept));
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    server.watch(folder);
    server.analysis.push(Job::ReadLessons(root.to_path_buf()));
    for path in folder.logs() {
        server.analysis.push(Job::ReadLog { path, root: root.to_path_buf() });
    }
}
