//! Files that were renamed, deleted or changed on disk: results follow them, what was read of them is forgotten.

use std::path::{Path, PathBuf};

use super::super::Server;
use super::super::world::{Folder, World};
use super::{Job, lessons};
use crate::workspace::config::PYTEST_FILES;

/// A file or folder and its new name.
pub type Move = (PathBuf, PathBuf);

impl Server {
    /// Files were created, changed or deleted on disk.
    pub fn changed_on_disk(&self, paths: &[PathBuf]) {
        let world = self.world();
        let moves = moves(&world, paths);
        if !moves.is_empty() {
            self.renamed_on_disk(&moves);
        }
        let is_source =
            |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "py" || extension == "md");
        let sources: Vec<PathBuf> = paths.iter().filter(is_source).cloned().collect();
        if !sources.is_empty() {
            self.update(|session| session.changed_on_disk(&sources));
            sources
                .iter()
                .filter_map(|path| world.folder_of(path))
                .for_each(|folder| self.prover.ask_again(&folder.root));
        }
        for path in paths {
            if let Some(folder) = world.folder_of(path)
                && let Some(job) = job(folder, path)
            {
                self.analysis.push(job);
            }
        }
    }

    /// Files or folders were renamed on disk.
    pub fn renamed_on_disk(&self, moves: &[Move]) {
        for root in self.update(|session| session.renamed_on_disk(moves)) {
            self.analysis.push(Job::PlaceAll(root.clone()));
            self.analysis.push(Job::Keep(root));
            self.results_changed();
            self.refresh();
        }
    }
}

fn job(folder: &Folder, path: &Path) -> Option<Job> {
    let (root, name) = (folder.root.to_path_buf(), path.file_name()?.to_str()?);
    if folder.is_log(path) {
        Some(Job::ReadLog { path: path.to_path_buf(), root })
    } else if name == lessons::FILE {
        Some(Job::ReadLessons(root))
    } else if PYTEST_FILES.contains(&name) {
        Some(Job::Configure(root))
    } else {
        name.ends_with(".py").then(|| Job::Place(path.to_path_buf()))
    }
}

/// Which of the files that changed are one file with a new name: the one with results is gone, another one with
/// the same text came in its place. Editors that tell of renames themselves need no such look.
fn moves(world: &World, paths: &[PathBuf]) -> Vec<Move> {
    let is_gone = |path: &&PathBuf| world.marks.contains_key(*path) && !path.exists();
    let moved = |gone: &PathBuf| {
        let folder = world.folder_of(gone)?;
        let text = folder.disk.text(&folder.name(gone)?)?;
        let same = |path: &&PathBuf| {
            *path != gone && folder.name(path).is_some() && std::fs::read(path).is_ok_and(|now| now == text.as_bytes())
        };
        Some((gone.clone(), paths.iter().find(same)?.clone()))
    };
    paths.iter().filter(is_gone).filter_map(moved).collect()
}
