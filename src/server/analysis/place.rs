//! Finding failures in the texts: which statement failed, where it stands now, and whether it is still the
//! same.
//!
//! A failure is understood once, when its run is read. After that its mark follows the edits; when they
//! have settled, a mark whose statement was edited or lost is looked for in its test by the statement's
//! fingerprint, so that moving code moves the failure and an undo restores it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnosis::{Diagnosis, diagnose};
use crate::report::Failure;
use crate::results::{Prints, fingerprint};
use crate::syntax::{Node, Source, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::super::Server;
use super::super::mark::{Mark, State};
use super::super::world::World;
use super::Job;

type Found = HashMap<PathBuf, Vec<Mark>>;

/// Places every failure of a folder: a run was read.
pub fn folder(server: &Server, root: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    let known = known_marks(&world, root);
    let mut found = Found::new();
    // Files whose last failure is gone must hear so.
    for path in world.marks.keys().filter(|path| path.starts_with(root)) {
        found.entry(path.clone()).or_default();
    }
    for test in folder.results.iter().map(|(_, test)| test) {
        for (failure, prints) in test.failures.iter().zip(&test.prints) {
            if folder.results.is_dismissed(failure) {
                continue;
            }
            let mark = known.get(&Arc::as_ptr(failure)).map(|mark| Mark::clone(mark));
            let mark = mark.or_else(|| understand(world.project(folder), failure, *prints));
            if let Some(mark) = mark {
                found.entry(folder.absolute(&mark.path)).or_default().push(mark);
            }
        }
    }
    if !commit(server, &world, root, found).is_empty() {
        server.analysis.push(Job::PlaceAll(root.to_path_buf()));
    }
}

/// Looks at the marks of one file again: its text changed.
pub fn file(server: &Server, path: &Path) {
    let world = server.world();
    let Some(folder) = world.folder_of(path) else { return };
    let Some(name) = folder.name(path) else { return };
    let Some(marks) = world.marks.get(path) else { return };
    let project = world.project(folder);
    let again = marks.iter().map(|mark| look_again(project, &name, mark)).collect();
    for path in commit(server, &world, &folder.root, HashMap::from([(path.to_path_buf(), again)])) {
        server.analysis.push(Job::Place(path));
    }
}

fn known_marks<'w>(world: &'w World, root: &Path) -> HashMap<*const Failure, &'w Mark> {
    let marks = world.marks.iter().filter(|(path, _)| path.starts_with(root)).flat_map(|(_, marks)| marks.iter());
    marks.map(|mark| (Arc::as_ptr(&mark.diagnosis.failure), mark)).collect()
}

/// Understands a failure. `prints` tells how its code looked when it failed, where that is known.
fn understand(snapshot: &Snapshot, failure: &Arc<Failure>, prints: Option<Prints>) -> Option<Mark> {
    let diagnosis = Arc::new(diagnose(snapshot, failure));
    let Some(site) = diagnosis.site.clone() else { return edited_before(snapshot, diagnosis, prints) };
    let text = snapshot.text(&site.path)?;
    let now = fingerprint(text.get(site.statement.clone())?);
    let then = match prints {
        Some(prints) => prints.statement,
        None if shows_printed_line(&text[site.statement.clone()], failure) => now,
        // What stands there is not what pytest printed: it was edited before the log was read.
        None => 0,
    };
    let state = if then == now { State::Current } else { State::Edited };
    let mark = Mark::at(diagnosis, &site, then, state);
    Some(if state == State::Current { mark } else { look_again(snapshot, &site.path, &mark) })
}

/// A failure whose line is no longer in its file: the file was edited before the log was read. The hint
/// goes to the test's name, where there is one.
fn edited_before(snapshot: &Snapshot, diagnosis: Arc<Diagnosis>, prints: Option<Prints>) -> Option<Mark> {
    let (file, domain) = diagnosis.failure.nodeid.split_once("::")?;
    let path = snapshot.file_path(file);
    let source = snapshot.source(&path)?;
    let name = source.test(domain)?.child_by_field_name("name")?.byte_range();
    let printed = diagnosis.failure.frames.iter().rev().find(|frame| Some(frame.line) == diagnosis.failure.line);
    let printed = printed.and_then(|frame| frame.text.as_deref()).map_or(0, fingerprint);
    let fingerprint = prints.map_or(printed, |prints| prints.statement);
    let (range, statement, state) = (name.clone(), name, State::Edited);
    Some(Mark { diagnosis, path, range, statement, fingerprint, state })
}

/// Whether the statement holds the source line that pytest printed for the failure.
fn shows_printed_line(statement: &str, failure: &Failure) -> bool {
    let at_site =
        |frame: &&crate::report::Frame| Some(&frame.path) == failure.path.as_ref() && Some(frame.line) == failure.line;
    let printed = failure.frames.iter().rev().find(at_site).and_then(|frame| frame.text.as_deref());
    printed.is_none_or(|printed| {
        let printed = printed.trim();
        statement.lines().any(|line| line.trim() == printed || line.contains(printed) || printed.contains(line.trim()))
    })
}

/// Finds the failing statement of a mark in the text as it is now.
fn look_again(snapshot: &Snapshot, path: &FilePath, mark: &Mark) -> Mark {
    let gone = || Mark { state: State::Gone, ..mark.clone() };
    let Some(source) = snapshot.source(path) else { return gone() };
    let still_there =
        source.text().get(mark.statement.clone()).is_some_and(|code| fingerprint(code) == mark.fingerprint);
    if still_there && !mark.statement.is_empty() {
        return Mark { state: State::Current, ..mark.clone() };
    }
    let Some(scope) = scope(&source, mark) else { return gone() };
    let same = |node: &Node<'_>| is_statement(node) && fingerprint(source.slice(*node)) == mark.fingerprint;
    if let Some(statement) = descendants(scope).find(same) {
        let mut moved = mark.clone();
        moved.restore(statement.byte_range());
        return moved;
    }
    let state = State::Edited;
    if scope.byte_range().contains(&mark.range.start) {
        return Mark { state, ..mark.clone() };
    }
    // The edited statement is nowhere near: the hint goes to the name of the test.
    let name = scope.child_by_field_name("name").map_or(0..0, |name| name.byte_range());
    Mark { state, range: name.clone(), statement: name, ..mark.clone() }
}

/// The test's function, the function around the failure for helpers, or the module for collection failures.
fn scope<'s>(source: &'s Source, mark: &Mark) -> Option<Node<'s>> {
    let Some((file, domain)) = mark.diagnosis.failure.nodeid.split_once("::") else { return Some(source.root()) };
    if mark.path.as_str() == file || mark.path.as_str().ends_with(&format!("/{file}")) {
        return source.test(domain);
    }
    source.function_at(mark.statement.start).or(Some(source.root()))
}

fn is_statement(node: &Node<'_>) -> bool {
    node.parent().is_some_and(|parent| matches!(parent.kind(), "block" | "module"))
}

/// Commits what was found; returns the files whose text moved on meanwhile.
fn commit(server: &Server, seen: &World, root: &Path, found: Found) -> Vec<PathBuf> {
    remember(server, root, &found);
    let paths: Vec<PathBuf> = found.keys().cloned().collect();
    let moved_on = server.update(|session| session.set_marks(seen, found));
    server.publish(paths);
    moved_on
}

/// The first time a failure is found, the code it was found at is the code that failed.
fn remember(server: &Server, root: &Path, found: &Found) {
    let found: Vec<_> = found.values().flatten().filter(|mark| mark.state == State::Current).cloned().collect();
    server.update(|session| session.remember(root, &found));
}
