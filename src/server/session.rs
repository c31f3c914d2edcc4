//! The one owner of the server's state: every event of the client and every finished analysis is a method
//! here, runs to its end at once, and leaves a new [`World`] for those who read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tower_lsp::ls_types::{
    DidChangeTextDocumentParams, DidOpenTextDocumentParams, InitializeParams, Uri, WorkspaceFoldersChangeEvent,
};

use crate::graveyard::{Graveyard, Lessons};
use crate::report::Report;
use crate::results::{Prints, Results, RunId, fingerprint};
use crate::workspace::config::{Config, Problem, root_of};

use super::client::Abilities;
use super::document::{Document, path_of};
use super::mark::{Mark, State};
use super::world::{Folder, World};

/// The state, and the only way to change it.
#[derive(Default)]
pub struct Session {
    world: Arc<World>,
}

impl Session {
    /// The state of this moment.
    pub fn world(&self) -> Arc<World> {
        self.world.clone()
    }

    /// `initialize`: what the client can do, and where it works.
    pub fn initialize(&mut self, params: &InitializeParams) {
        let world = Arc::make_mut(&mut self.world);
        world.abilities = Arc::new(Abilities::of(params));
        world.folders = roots(params).iter().map(|root| Folder::open(root)).collect();
    }

    /// `workspace/didChangeWorkspaceFolders`: says which folders came.
    pub fn change_folders(&mut self, event: &WorkspaceFoldersChangeEvent) -> Vec<PathBuf> {
        let world = Arc::make_mut(&mut self.world);
        let gone: Vec<PathBuf> = event.removed.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        world.folders.retain(|folder| !gone.iter().any(|path| **path == *folder.root));
        let marks = Arc::make_mut(&mut world.marks);
        marks.retain(|path, _| world.folders.iter().any(|folder| path.starts_with(&folder.root)));
        let came: Vec<PathBuf> = event.added.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        for root in &came {
            if !world.folders.iter().any(|folder| *folder.root == **root) {
                world.folders.push(Folder::open(root));
            }
        }
        came
    }

    /// `textDocument/didOpen`. A file outside every folder gets its own folder as workspace.
    pub fn open(&mut self, params: DidOpenTextDocumentParams) -> Arc<Document> {
        let item = params.text_document;
        let document = Arc::new(Document::open(item.uri.clone(), item.version, &item.text));
        let world = Arc::make_mut(&mut self.world);
        if world.folders.is_empty()
            && let Some(folder) = document.path.as_deref().and_then(Path::parent)
        {
            world.folders.push(Folder::open(&root_of(folder)));
        }
        Arc::make_mut(&mut world.documents).insert(item.uri, document.clone());
        self.touched(document.path.as_deref());
        document
    }

    /// `textDocument/didChange`: edits the text and moves the failures that stand in it. `None` where the
    /// document was never opened.
    pub fn change(&mut self, params: &DidChangeTextDocumentParams) -> Option<Arc<Document>> {
        let uri = &params.text_document.uri;
        let world = Arc::make_mut(&mut self.world);
        let encoding = world.encoding();
        let documents = Arc::make_mut(&mut world.documents);
        let document = Arc::make_mut(documents.get_mut(uri)?);
        let changes = document.apply(params.text_document.version, &params.content_changes, encoding);
        let document = documents[uri].clone();
        if let Some(path) = &document.path
            && world.marks.contains_key(path)
        {
            let marks = Arc::make_mut(&mut world.marks).get_mut(path).expect("it was just found");
            for mark in Arc::make_mut(marks) {
                let touched = changes.iter().fold(false, |touched, change| mark.shift(change) | touched);
                if touched && mark.state != State::Gone {
                    match fingerprint(&document.slice(mark.statement.clone())) == mark.fingerprint {
                        true => mark.restore(mark.statement.clone()),
                        false => mark.state = State::Edited,
                    }
                }
            }
        }
        self.touched(document.path.as_deref());
        Some(document)
    }

    /// `textDocument/didClose`: the disk counts again.
    pub fn close(&mut self, uri: &Uri) -> Option<Arc<Document>> {
        let world = Arc::make_mut(&mut self.world);
        let document = Arc::make_mut(&mut world.documents).remove(uri)?;
        self.touched(document.path.as_deref());
        Some(document)
    }

    /// Files changed on disk: what was read of them is forgotten.
    pub fn changed_on_disk(&mut self, paths: &[PathBuf]) {
        let world = Arc::make_mut(&mut self.world);
        for folder in &mut world.folders {
            let names: Vec<_> = paths.iter().filter_map(|path| folder.name(path)).collect();
            if !names.is_empty() {
                folder.disk = folder.disk.refreshed(&names);
                folder.invalidate();
            }
        }
    }

    /// Files or folders have other names now: the results of their tests follow. Says in which folders.
    pub fn renamed_on_disk(&mut self, moves: &[(PathBuf, PathBuf)]) -> Vec<PathBuf> {
        let world = Arc::make_mut(&mut self.world);
        let mut changed = Vec::new();
        for folder in &mut world.folders {
            let named = |path: &Path| folder.name(path).map(|name| name.as_str().to_string());
            let moves: Vec<_> = moves.iter().filter_map(|(from, to)| Some((named(from)?, named(to)?))).collect();
            if moves.is_empty() {
                continue;
            }
            folder.disk = folder.disk.reloaded();
            let results = Arc::make_mut(&mut folder.results);
            moves.iter().for_each(|(from, to)| results.renamed(from, to));
            folder.invalidate();
            changed.push(folder.root.to_path_buf());
        }
        changed
    }

    /// The folder at `root`, to be changed in a world of its own.
    fn folder_at(&mut self, root: &Path) -> Option<&mut Folder> {
        Arc::make_mut(&mut self.world).folders.iter_mut().find(|folder| *folder.root == *root)
    }

    /// Results were kept over a restart.
    pub fn restore(&mut self, root: &Path, results: Results) {
        let Some(folder) = self.folder_at(root) else { return };
        folder.results = Arc::new(results);
        folder.invalidate();
    }

    /// A person puts the failure of a test aside. `false` where it has none.
    pub fn dismiss(&mut self, root: &Path, nodeid: &str, reason: &str) -> bool {
        self.folder_at(root).is_some_and(|folder| Arc::make_mut(&mut folder.results).dismiss(nodeid, reason))
    }

    /// The editor's settings.
    pub fn set_settings(&mut self, settings: serde_json::Value) {
        Arc::make_mut(&mut self.world).settings = Arc::new(settings);
    }

    /// The settings of a folder were read.
    pub fn set_config(&mut self, root: &Path, config: Config, problems: Vec<Problem>) {
        let Some(folder) = self.folder_at(root) else { return };
        folder.disk = folder.disk.with_config(config);
        folder.problems = Arc::new(problems);
        folder.invalidate();
    }

    /// The lessons of a folder were read.
    pub fn set_lessons(&mut self, root: &Path, graveyards: Vec<Arc<Graveyard>>, lessons: Lessons) {
        let Some(folder) = self.folder_at(root) else { return };
        folder.disk = folder.disk.with_lessons(graveyards);
        folder.lessons = Arc::new(lessons);
        folder.invalidate();
    }

    /// A run was read: its outcomes count from now on. `ran` tells which tests a run of ours ran to its end.
    pub fn absorb(&mut self, root: &Path, report: &Report, run: RunId, ran: Option<&Vec<String>>) {
        let Some(folder) = self.folder_at(root) else { return };
        let results = Arc::make_mut(&mut folder.results);
        results.absorb(report, run);
        folder.disk = folder.disk.ran_by(report.python());
        if let Some(ran) = ran {
            results.passed_unless_failed(ran, run);
        }
        folder.invalidate();
    }

    /// Keeps how the code of failures looked, so that it is known again after a restart.
    pub fn remember(&mut self, root: &Path, found: &[Mark]) {
        let Some(folder) = self.folder_at(root) else { return };
        for mark in found {
            let failure = &mark.diagnosis.failure;
            let Some(test) = folder.results.get(&failure.nodeid) else { continue };
            let index = test.failures.iter().position(|known| Arc::ptr_eq(known, failure));
            if let Some(index) = index.filter(|index| test.prints[*index].is_none()) {
                let prints = Prints { statement: mark.fingerprint };
                Arc::make_mut(&mut folder.results).remember(&failure.nodeid, index, prints);
            }
        }
    }

    /// The code of tests that have just run is remembered, or compared with what it is now. Says what the change says.
    pub fn look_at_tests<T>(&mut self, root: &Path, look: impl FnOnce(&mut Results) -> T) -> Option<T> {
        let folder = self.folder_at(root)?;
        Some(look(Arc::make_mut(&mut folder.results)))
    }

    /// Failures were found in the texts of `seen`. Returns the files whose text moved on meanwhile: they
    /// keep what they have and must be looked at again.
    pub fn set_marks(&mut self, seen: &World, found: HashMap<PathBuf, Vec<Mark>>) -> Vec<PathBuf> {
        let world = Arc::make_mut(&mut self.world);
        let (current, moved_on): (Vec<_>, Vec<_>) = found.into_iter().partition(|(path, _)| seen.agrees(world, path));
        let marks = Arc::make_mut(&mut world.marks);
        for (path, found) in current {
            if found.is_empty() {
                marks.remove(&path);
            } else {
                marks.insert(path, Arc::new(found));
            }
        }
        moved_on.into_iter().map(|(path, _)| path).collect()
    }

    /// The text at `path` changed: views of its folder that were made before show the old one.
    fn touched(&mut self, path: Option<&Path>) {
        let Some(path) = path else { return };
        let world = Arc::make_mut(&mut self.world);
        for folder in world.folders.iter_mut().filter(|folder| path.starts_with(&folder.root)) {
            folder.invalidate();
        }
    }
}

fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.as_deref().unwrap_or_default();
    let mut roots: Vec<PathBuf> = folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
    #[allow(deprecated)] // Older clients name their root only here.
    if roots.is_empty() {
        let uri = params.root_uri.as_ref().and_then(path_of);
        roots.extend(uri.or_else(|| params.root_path.as_ref().map(PathBuf::from)));
    }
    roots
}
