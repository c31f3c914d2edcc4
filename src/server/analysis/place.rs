//! Finding failures in the texts: which statement failed, where it stands now, and whether it is still the
//! same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnosis::{Diagnosis, diagnose};
use crate::results::{Prints, Results, fingerprint};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::super::Server;
use super::super::mark::Mark;
use super::super::world::{Folder, World};
use super::Job;

/// Places every failure of a folder: a run was read.
pub fn folder(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folders.iter().find(|folder| *folder.root == *root) else { return };
    let mut found = all(&world, folder, |_| true);
    // Files whose last failure is gone must hear so.
    for path in world.marks.keys().filter(|path| path.starts_with(root)) {
        found.entry(path.clone()).or_default();
    }
    commit(server, &world, root, found);
}

/// Places the failures of one file: its text changed.
pub fn file(server: &Server, path: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_of(path) else { return };
    let Some(name) = folder.name(path) else { return };
    let mut found = all(&world, folder, |failing| failing == &name);
    if found.is_empty() && !world.marks.contains_key(path) {
        return;
    }
    found.entry(path.to_path_buf()).or_default();
    found.retain(|found, _| found == path);
    commit(server, &world, &folder.root, found);
}

type Found = HashMap<PathBuf, Vec<Mark>>;

fn all(world: &World, folder: &Folder, wanted: impl Fn(&FilePath) -> bool) -> Found {
    let snapshot = world.project(folder);
    let mut found = Found::new();
    for (nodeid, test) in folder.results.iter() {
        for (index, failure) in test.failures.iter().enumerate() {
            let file = failure.path.as_deref().map(|path| snapshot.file_path(path));
            if !file.as_ref().is_some_and(&wanted) {
                continue;
            }
            let diagnosis = diagnose(snapshot, failure);
            let known = folder.results.get(nodeid).and_then(|test| test.prints[index]);
            if let Some(mark) = placed(snapshot, diagnosis, known)
                && let Some(site) = &mark.diagnosis.site
            {
                found.entry(folder.absolute(&site.path)).or_default().push(mark);
            }
        }
    }
    found
}

/// Where a failure stands in the text of `snapshot`; `None` where its test is gone.
fn placed(snapshot: &Snapshot, diagnosis: Diagnosis, known: Option<Prints>) -> Option<Mark> {
    let site = diagnosis.site.clone()?;
    let text = snapshot.text(&site.path)?;
    let now = fingerprint(text.get(site.statement.clone())?);
    let then = known.map_or(now, |prints| prints.statement);
    Some(Mark::at(Arc::new(diagnosis), &site, then, then != now))
}

fn commit(server: &Server, seen: &World, root: &Path, found: Found) {
    remember(server, seen, root, &found);
    let paths: Vec<PathBuf> = found.keys().cloned().collect();
    let moved_on = server.update(|session| session.set_marks(seen, found));
    server.publish(paths);
    moved_on.into_iter().for_each(|path| server.analysis.push(Job::Place(path)));
}

/// The first time a failure is found, the code it was found at is the code that failed.
fn remember(server: &Server, seen: &World, root: &Path, found: &Found) {
    let Some(folder) = seen.folders.iter().find(|folder| *folder.root == *root) else { return };
    let mut results: Option<Results> = None;
    for mark in found.values().flatten() {
        let nodeid = &mark.diagnosis.failure.nodeid;
        let Some(test) = folder.results.get(nodeid) else { continue };
        let index = test.failures.iter().position(|failure| Arc::ptr_eq(failure, &mark.diagnosis.failure));
        if let Some(index) = index
            && test.prints[index].is_none()
        {
            let prints = Prints { statement: mark.fingerprint, test: None };
            results.get_or_insert_with(|| (*folder.results).clone()).remember(nodeid, index, prints);
        }
    }
    if let Some(results) = results {
        server.update(|session| session.set_results(root, results));
    }
}
