//! The code of tests: remembered when they run, compared when it changes, so that an outcome of other code
//! looks like one of the past.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use crate::text::FilePath;

use super::super::Server;
use super::super::outline::prints;
use super::Job;

/// Remembers what the tests looked like that have just run: as they are on disk, where pytest read them.
pub fn remember(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let new = folder.results.iter().filter(|(_, test)| test.code.is_none());
    let files: BTreeSet<&str> = new.filter_map(|(nodeid, _)| Some(nodeid.split_once("::")?.0)).collect();
    for file in files {
        let path = FilePath::new(file);
        let Some(source) = folder.disk.source(&path) else { continue };
        let code = prints(&source, &path);
        server.update(|session| session.look_at_tests(root, |results| results.ran_with(file, code)));
        if world.document_at(&folder.absolute(&path)).is_some() {
            compare(server, &folder.absolute(&path));
        }
    }
}

/// Compares the tests of a file with what they were when they ran: its text changed.
pub fn compare(server: &Server, path: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_of(path) else { return };
    let Some(name) = folder.name(path) else { return };
    if folder.results.below(name.as_str()).next().is_none() {
        return;
    }
    let Some(source) = world.project(folder).source(&name) else { return };
    let code = prints(&source, &name);
    let compare = |session: &mut super::super::session::Session| {
        session.look_at_tests(&folder.root, |results| results.stand_as(name.as_str(), code))
    };
    if server.update(compare) == Some(true) {
        server.results_changed();
        server.refresh();
        server.analysis.push(Job::Keep(folder.root.to_path_buf()));
    }
}

/// Compares the files that were written since `kept`: somebody edited them while no server looked.
pub fn compare_since(server: &Server, root: &Path, kept: SystemTime) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let files: BTreeSet<&str> =
        folder.results.iter().filter_map(|(nodeid, _)| Some(nodeid.split_once("::")?.0)).collect();
    let written = |path: &Path| path.metadata().and_then(|file| file.modified()).is_ok_and(|at| at > kept);
    let paths = files.iter().map(|file| folder.absolute(&FilePath::new(file)));
    paths.filter(|path| written(path)).for_each(|path| compare(server, &path));
}
