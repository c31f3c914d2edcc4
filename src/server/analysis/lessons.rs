//! GRAVEYARD.md, read when it changes.

use std::path::Path;

use crate::workspace::graveyards;

use super::super::Server;

/// The file's name.
pub const FILE: &str = graveyards::FILE;

/// Reads the lessons of the folder at `root`; those that stayed as they were are not learned again.
pub fn read(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let read = graveyards::load(world.project(folder));
    let lessons = folder.lessons.renewed(&read);
    server.update(|session| session.set_lessons(root, read, lessons));
    server.publish([root.join(FILE)]);
    // Those that were opened meanwhile, too.
    let world = server.world();
    server.publish(world.documents.values().filter_map(|document| document.path.clone()));
}
