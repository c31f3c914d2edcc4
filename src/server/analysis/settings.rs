//! Settings: of the project's files and of the editor, merged; what cannot be used is told where it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tower_lsp::ls_types::MessageType;

use crate::workspace::config::{Config, Origin};

use super::super::Server;

/// Reads the settings of the folder at `root`.
pub fn read(server: &Arc<Server>, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let loaded = Config::load(root, Some(&world.settings));
    for problem in loaded.problems.iter().filter(|problem| !folder.problems.contains(problem)) {
        if !matches!(problem.origin, Origin::File { .. }) {
            server.output.show(MessageType::WARNING, &format!("pytest-medic: {problem}"));
        }
    }
    let place = |origin: &Origin| match origin {
        Origin::File { path, .. } => Some(folder.absolute(path)),
        _ => None,
    };
    let problems = folder.problems.iter().chain(&loaded.problems);
    let paths: Vec<PathBuf> = problems.filter_map(|problem| place(&problem.origin)).collect();
    if loaded.config != *folder.disk.config() || loaded.problems != *folder.problems {
        server.update(|session| session.set_config(root, loaded.config, loaded.problems));
        server.publish(paths);
        server.prover.ask(root); // `validate` may have come after the log was read
    }
}
