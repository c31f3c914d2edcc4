//! GRAVEYARD.md, read when it changes.

use std::path::Path;
use std::sync::Arc;

use crate::graveyard::Graveyard;
use crate::text::FilePath;

use super::super::Server;

/// The file's name.
pub const FILE: &str = "GRAVEYARD.md";

/// Reads the lessons of the folder at `root`.
pub fn read(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folders.iter().find(|folder| *folder.root == *root) else { return };
    let project = world.project(folder);
    let names = std::iter::once(FILE).chain(folder.disk.config().graveyards.iter().map(String::as_str));
    let read = names.filter_map(|name| {
        let path = FilePath::new(name);
        let text = project.text(&path)?;
        Some(Arc::new(Graveyard::parse(Some(path), &text)))
    });
    let lessons = read.collect();
    server.update(|session| session.set_lessons(root, lessons));
    server.publish(world.documents.values().filter_map(|document| document.path.clone()));
}
