//! Work off the protocol's thread: reading logs and finding failures in the texts.

mod logs;
mod place;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::Server;

/// What there is to do. Each job reads the state of the moment it starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// A workspace folder came.
    Start(PathBuf),
    /// A log was written.
    ReadLog(PathBuf),
    /// A text changed: find its failures again.
    Place(PathBuf),
}

/// The worker: does jobs until the server closes.
pub fn work(server: &Server) {
    let mut logs = logs::Logs::default();
    while let Some(job) = server.analysis.next() {
        // The panic hook has told the client; what the job had not committed is lost, nothing else.
        let _ = catch_unwind(AssertUnwindSafe(|| match job {
            Job::Start(root) => start(server, &root),
            Job::ReadLog(path) => logs.read(server, &path),
            Job::Place(path) => place::file(server, &path),
        }));
    }
}

fn start(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folders.iter().find(|folder| *folder.root == *root) else { return };
    server.analysis.push(Job::ReadLog(root.join(&folder.disk.config().log)));
}

impl Server {
    /// Files were created, changed or deleted on disk.
    pub fn changed_on_disk(&self, paths: &[PathBuf]) {
        let world = self.world();
        let mut sources = Vec::new();
        for path in paths {
            let Some(folder) = world.folder_of(path) else { continue };
            if **path == *folder.root.join(&folder.disk.config().log) {
                self.analysis.push(Job::ReadLog(path.clone()));
            } else if path.extension().is_some_and(|extension| extension == "py") {
                sources.push(path.clone());
            }
        }
        if !sources.is_empty() {
            self.update(|session| session.changed_on_disk(&sources));
            sources.into_iter().for_each(|path| self.analysis.push(Job::Place(path)));
        }
    }
}
