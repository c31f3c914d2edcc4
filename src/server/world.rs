//! What one request sees: an immutable view of everything the server knows at that moment.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use tower_lsp::ls_types::Uri;

use crate::graveyard::Lessons;
use crate::heal::{Healing, heal_one};
use crate::report::{Failure, Phase, Report};
use crate::results::Results;
use crate::text::{Encoding, FilePath, LineIndex};
use crate::workspace::Snapshot;
use crate::workspace::config::Problem;

use super::client::Abilities;
use super::document::{Document, path_of};
use super::mark::Mark;
use super::offers::Proof;

/// The server's knowledge at one moment. Cloning shares everything; [`super::session::Session`] is the only writer.
#[derive(Clone, Default)]
pub struct World {
    /// What the client can do.
    pub abilities: Arc<Abilities>,
    /// The editor's settings, the object under `pytest-medic`.
    pub settings: Arc<serde_json::Value>,
    /// The workspace folders.
    pub folders: Vec<Folder>,
    /// The open documents.
    pub documents: Arc<HashMap<Uri, Arc<Document>>>,
    /// Where failures stand, by absolute path.
    pub marks: Arc<HashMap<PathBuf, Arc<Vec<Mark>>>>,
}

/// One workspace folder.
#[derive(Clone)]
pub struct Folder {
    /// Its path on disk.
    pub root: Arc<Path>,
    /// Its files as they are on disk, its lessons and its configuration.
    pub disk: Snapshot,
    /// Its lessons, ready to be looked up in code.
    pub lessons: Arc<Lessons>,
    /// The latest outcome of each of its tests.
    pub results: Arc<Results>,
    /// Settings that cannot be used.
    pub problems: Arc<Vec<Problem>>,
    /// What was derived from the rest when somebody asked; shared by all who see the same state.
    derived: Arc<Derived>,
}

#[derive(Default)]
struct Derived {
    /// `disk` with the open documents over it.
    project: OnceLock<Snapshot>,
    /// The results as one report, for the strategies.
    report: OnceLock<Report>,
    /// What can be done about each failure.
    healings: DashMap<(String, Phase), Arc<Healing>>,
    /// What runs in the background showed of it.
    proofs: DashMap<(String, Phase), Proof>,
}

impl Folder {
    /// The folder at `root`. Reads nothing.
    pub fn open(root: &Path) -> Self {
        Self {
            root: Arc::from(root),
            disk: Snapshot::open(root),
            lessons: Arc::default(),
            results: Arc::default(),
            problems: Arc::default(),
            derived: Arc::default(),
        }
    }

    /// Forgets what was derived: an open document, the disk or the results changed.
    pub fn invalidate(&mut self) {
        self.derived = Arc::default();
    }

    /// What trial runs showed of the fixes for a failure, in this state of the project.
    pub fn proof(&self, failure: &Failure) -> Option<Proof> {
        self.derived.proofs.get(&(failure.nodeid.clone(), failure.phase)).map(|proof| proof.clone())
    }

    /// Notes what trial runs on this state of the project showed, for all who see the same state.
    pub fn note(&self, failure: &Failure, proof: Proof) {
        self.derived.proofs.insert((failure.nodeid.clone(), failure.phase), proof);
    }

    /// How the folder's snapshot names an absolute path; `None` outside the folder.
    pub fn name(&self, path: &Path) -> Option<FilePath> {
        Some(FilePath::new(&path.strip_prefix(&self.root).ok()?.to_string_lossy()))
    }

    /// Where the output of its runs goes.
    pub fn log(&self) -> PathBuf {
        self.root.join(&self.disk.config().log)
    }

    /// Every log that is there: its own, and those that the setting `logs` names, files and folders.
    pub fn logs(&self) -> Vec<PathBuf> {
        let mut logs = vec![self.log()];
        for named in self.disk.config().logs.iter().map(|named| self.root.join(named)) {
            match std::fs::read_dir(&named) {
                Ok(entries) => logs.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file())),
                Err(_) => logs.push(named),
            }
        }
        logs
    }

    /// Whether a path is one of its logs.
    pub fn is_log(&self, path: &Path) -> bool {
        let mut named = self.disk.config().logs.iter().map(|named| self.root.join(named));
        path == self.log() || named.any(|named| path == named || path.parent() == Some(&*named))
    }

    /// The absolute path of a file of this folder.
    pub fn absolute(&self, path: &FilePath) -> PathBuf {
        self.root.join(path.as_str())
    }
}

impl World {
    /// How the client counts columns.
    pub fn encoding(&self) -> Encoding {
        self.abilities.encoding
    }

    /// The folder that is opened at `root`, if it still is.
    pub fn folder_at(&self, root: &Path) -> Option<&Folder> {
        self.folders.iter().find(|folder| *folder.root == *root)
    }

    /// The innermost folder that holds `path`.
    pub fn folder_of(&self, path: &Path) -> Option<&Folder> {
        let holding = self.folders.iter().filter(|folder| path.starts_with(&folder.root));
        holding.max_by_key(|folder| folder.root.as_os_str().len())
    }

    /// The folder's project as the user sees it: open documents lie over the disk.
    pub fn project<'f>(&self, folder: &'f Folder) -> &'f Snapshot {
        folder.derived.project.get_or_init(|| {
            let open = self.documents.values().filter_map(|document| {
                let name = folder.name(document.path.as_deref()?)?;
                Some((name, document.text().clone()))
            });
            open.fold(folder.disk.clone(), |snapshot, (name, text)| snapshot.with_text(&name, text))
        })
    }

    /// What can be done about a failure, worked out once for each state of the project. `None` where its
    /// statement was edited since the run.
    pub fn healing(&self, folder: &Folder, mark: &Mark) -> Option<Arc<Healing>> {
        let diagnosis = mark.current()?;
        let key = (diagnosis.failure.nodeid.clone(), diagnosis.failure.phase);
        if let Some(known) = folder.derived.healings.get(&key) {
            return Some(known.clone());
        }
        let report = folder.derived.report.get_or_init(|| folder.results.report());
        let healing = Arc::new(heal_one(self.project(folder), report, diagnosis));
        folder.derived.healings.insert(key, healing.clone());
        Some(healing)
    }

    /// The open document at `path`.
    pub fn document_at(&self, path: &Path) -> Option<&Arc<Document>> {
        self.documents.values().find(|document| document.path.as_deref() == Some(path))
    }

    /// How the client names the file at `path`.
    pub fn uri_of(&self, path: &Path) -> Option<Uri> {
        self.document_at(path).map(|document| document.uri.clone()).or_else(|| Uri::from_file_path(path))
    }

    /// The text behind a URI, with positions: an open document, else the file on disk.
    pub fn page(&self, uri: &Uri) -> Option<Page> {
        match self.documents.get(uri) {
            Some(document) => Some(Page::Open(document.clone())),
            None => self.page_at(&path_of(uri)?),
        }
    }

    /// The text at a path, with positions: an open document, else the file on disk.
    pub fn page_at(&self, path: &Path) -> Option<Page> {
        if let Some(document) = self.document_at(path) {
            return Some(Page::Open(document.clone()));
        }
        let folder = self.folder_of(path)?;
        let text = folder.disk.text(&folder.name(path)?)?;
        Some(Page::Closed { lines: LineIndex::new(&text), text })
    }

    /// The path behind a URI.
    pub fn path(&self, uri: &Uri) -> Option<PathBuf> {
        self.documents.get(uri).map_or_else(|| path_of(uri), |document| document.path.clone())
    }

    /// Whether both worlds see the same text at `path`.
    pub fn agrees(&self, other: &Self, path: &Path) -> bool {
        match (self.document_at(path), other.document_at(path)) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.text() == b.text(),
            (None, None) => true,
            // It was opened or closed: most often with the text that is on disk.
            _ => self.text_at(path) == other.text_at(path),
        }
    }

    fn text_at(&self, path: &Path) -> Option<Arc<str>> {
        Some(match self.page_at(path)? {
            Page::Open(document) => document.text().clone(),
            Page::Closed { text, .. } => text,
        })
    }

    /// The failures that stand in the file at `path`.
    pub fn marks_at(&self, path: &Path) -> &[Mark] {
        self.marks.get(path).map_or(&[], |marks| marks.as_slice())
    }
}

/// A text with positions.
pub enum Page {
    /// In an editor.
    Open(Arc<Document>),
    /// On disk only.
    Closed {
        /// The text.
        text: Arc<str>,
        /// Its lines.
        lines: LineIndex,
    },
}
