//! Watching the disk: the client does it where it can, and a watcher of our own sees logs grow at once.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use serde_json::json;
use tower_lsp::ls_types::Registration;

use super::Server;
use super::world::Folder;
use crate::workspace::config::PYTEST_FILES;

/// What the client shall watch, besides the files that hold settings.
const WATCHED: [&str; 4] = ["*.py", "GRAVEYARD.md", "*.log", ".healing_fixes/*.patch"];
/// Without the client's help we watch the folders of Python files, at most so many.
const MOST_FOLDERS: usize = 2_000;
/// How long the client may think about a registration.
const PATIENCE: Duration = Duration::from_secs(30);

/// Our own watcher; made when the first folder is watched.
#[derive(Default)]
pub struct Watching(Mutex<Option<RecommendedWatcher>>);

impl Server {
    /// Asks the client to watch files, where it does that.
    pub fn register_watchers(self: &Arc<Self>) {
        if !self.world().abilities.watches_files {
            return;
        }
        let watched = WATCHED.iter().chain(&PYTEST_FILES);
        let watchers: Vec<_> = watched.map(|glob| json!({ "globPattern": format!("**/{glob}") })).collect();
        let registration = Registration {
            id: "pytest-medic.watch".to_string(),
            method: "workspace/didChangeWatchedFiles".to_string(),
            register_options: Some(json!({ "watchers": watchers })),
        };
        let server = self.clone();
        self.ask(move |client| async move {
            let registered = tokio::time::timeout(PATIENCE, client.register_capability(vec![registration])).await;
            if !matches!(registered, Ok(Ok(()))) {
                server.log("the client does not watch files; changes on disk are seen by our own watcher only");
            }
        });
    }

    /// Watches what belongs to a folder: its root and its log's folder, and where the client does not watch,
    /// the folders of its Python files.
    pub fn watch(self: &Arc<Self>, folder: &Folder) {
        let mut watched = self.watching.0.lock().unwrap_or_else(PoisonError::into_inner);
        let server = self.clone();
        if watched.is_none() {
            let changed = move |event: notify::Result<notify::Event>| {
                if let Ok(event) = event
                    && !event.kind.is_access()
                {
                    server.changed_on_disk(&event.paths);
                }
            };
            *watched = notify::recommended_watcher(changed).ok();
        }
        let Some(watcher) = &mut *watched else { return };
        let mut folders = vec![folder.root.to_path_buf()];
        folders.extend(folder.log().parent().map(Path::to_path_buf));
        for named in folder.disk.config().logs.iter().map(|named| folder.root.join(named)) {
            folders.extend(if named.is_dir() { Some(named) } else { named.parent().map(Path::to_path_buf) });
        }
        if !self.world().abilities.watches_files {
            let python = folder.disk.python_files();
            folders.extend(python.iter().filter_map(|file| Some(folder.absolute(file).parent()?.to_path_buf())));
        }
        folders.sort_unstable();
        folders.dedup();
        for folder in folders.iter().take(MOST_FOLDERS) {
            // A folder that is not there yet, or a system without watches left: the client's events remain.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
    }
}
