//! Results survive a restart: kept in the user's cache folder, never in the project.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::heal::files::write_atomic;
use crate::results::{Results, fingerprint};

use super::super::Server;
use super::logs::{KeptLog, Logs};

/// What is kept of one folder.
#[derive(Serialize, Deserialize)]
struct Kept {
    root: PathBuf,
    results: serde_json::Value,
    logs: Vec<KeptLog>,
}

/// Keeps the results of a folder.
pub fn write(server: &Server, root: &Path, logs: &Logs) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let kept = Kept { root: root.to_path_buf(), results: folder.results.to_json(), logs: logs.kept(root) };
    let (Some(path), Ok(bytes)) = (place(root), serde_json::to_vec(&kept)) else { return };
    if let Err(error) = private_folder(&path).and_then(|()| write_atomic(&path, &bytes).map_err(std::io::Error::other))
    {
        server.log(&format!("results are not kept over a restart: {error}"));
    }
}

/// Takes the kept results of a folder in, and says when they were kept.
pub fn read(server: &Server, root: &Path, logs: &mut Logs) -> Option<SystemTime> {
    let path = place(root)?;
    let kept: Kept = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
    if kept.root != root {
        return None;
    }
    server.update(|session| session.restore(root, Results::from_json(kept.results)));
    logs.restore(kept.logs);
    path.metadata().and_then(|file| file.modified()).ok()
}

fn place(root: &Path) -> Option<PathBuf> {
    let name = format!("{:016x}.json", fingerprint(&root.to_string_lossy()));
    Some(cache_folder()?.join("pytest-medic").join("results").join(name))
}

/// The user's cache folder, as each system has it.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || variable("HOME");
    if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    }
}

/// Failures hold values of the project: nobody else shall read them.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
