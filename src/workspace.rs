//! What is known of a project: its files, and the facts that a healer looks up in them.
//!
//! A [`Snapshot`] is one immutable view. Questions drive parsing: nothing is read before it is asked for,
//! and what was parsed is remembered by its text. Texts of open editors and of candidate fixes lie over
//! the files on disk.

pub mod config;
pub mod fixtures;
pub mod history;
pub mod receiver;
pub mod similar_names;
pub mod symbols;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;

use crate::graveyard::Graveyard;
use crate::syntax::Source;
use crate::text::{Edit, EditError, FilePath, apply};

pub use config::Config;

/// One immutable view of a project. Cloning is cheap; every clone sees the same texts.
#[derive(Clone)]
pub struct Snapshot {
    files: Arc<Files>,
    /// Texts that lie over the disk: open documents, candidate fixes, scenes.
    overlay: Arc<HashMap<FilePath, Arc<str>>>,
    lessons: Arc<Vec<Arc<Graveyard>>>,
    config: Arc<Config>,
    /// Stands in for git where the project exists only in memory.
    history: Option<Arc<history::History>>,
}

/// The files below the root, shared by all snapshots until the loader is told that one changed.
struct Files {
    root: Option<PathBuf>,
    python: OnceLock<Vec<FilePath>>,
    texts: DashMap<FilePath, Option<Arc<str>>>,
    parsed: DashMap<FilePath, Arc<Source>>,
    history: OnceLock<Arc<history::History>>,
}

impl Files {
    fn new(root: Option<PathBuf>) -> Self {
        Self { root, python: OnceLock::new(), texts: DashMap::new(), parsed: DashMap::new(), history: OnceLock::new() }
    }
}

/// Files above this size are not read: generated code and data, not tests.
const LARGEST_FILE: u64 = 16 << 20;

impl Snapshot {
    /// The project at `root`. Reads nothing yet.
    pub fn open(root: &Path) -> Self {
        Self {
            files: Arc::new(Files::new(Some(root.to_path_buf()))),
            overlay: Arc::default(),
            lessons: Arc::default(),
            config: Arc::default(),
            history: None,
        }
    }

    /// A project that exists only in memory.
    pub fn in_memory<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let overlay = files.into_iter().map(|(path, text)| (FilePath::new(path), Arc::from(text))).collect();
        Self {
            files: Arc::new(Files::new(None)),
            overlay: Arc::new(overlay),
            lessons: Arc::default(),
            config: Arc::default(),
            history: None,
        }
    }

    /// The same view with another text for one file.
    pub fn with_text(&self, path: &FilePath, text: impl Into<Arc<str>>) -> Self {
        let mut overlay = HashMap::clone(&self.overlay);
        overlay.insert(path.clone(), text.into());
        Self { overlay: Arc::new(overlay), ..self.clone() }
    }

    /// The same view with other lessons, nearest graveyard first.
    pub fn with_lessons(&self, lessons: Vec<Arc<Graveyard>>) -> Self {
        Self { lessons: Arc::new(lessons), ..self.clone() }
    }

    /// The same view with another configuration.
    pub fn with_config(&self, config: Config) -> Self {
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// The same view with another history.
    pub fn with_history(&self, history: history::History) -> Self {
        Self { history: Some(Arc::new(history)), ..self.clone() }
    }

    /// The same view of the disk, read anew: overlay, lessons and configuration stay.
    pub fn reloaded(&self) -> Self {
        Self { files: Arc::new(Files::new(self.files.root.clone())), ..self.clone() }
    }

    /// The same view after `edits`, which may touch several files.
    pub fn with_edits(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let mut by_path: HashMap<&FilePath, Vec<Edit>> = HashMap::new();
        for edit in edits {
            by_path.entry(&edit.path).or_default().push(edit.clone());
        }
        let mut result = self.clone();
        for (path, edits) in by_path {
            let text = self.text(path).unwrap_or_default();
            result = result.with_text(path, apply(&text, &edits)?);
        }
        Ok(result)
    }

    /// The folder on disk; `None` for a project in memory.
    pub fn root(&self) -> Option<&Path> {
        self.files.root.as_deref()
    }

    /// The lessons that apply, nearest graveyard first.
    pub fn lessons(&self) -> &[Arc<Graveyard>] {
        &self.lessons
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The absolute path of a file on disk.
    pub fn absolute(&self, path: &FilePath) -> Option<PathBuf> {
        Some(self.root()?.join(path.as_str()))
    }

    /// How the workspace names a path that a log or a client named, absolute or relative to the root.
    pub fn file_path(&self, path: &str) -> FilePath {
        let path = FilePath::new(path);
        let root = self.root().map(|root| FilePath::new(&root.to_string_lossy()));
        let below = root.as_ref().and_then(|root| path.as_str().strip_prefix(root.as_str())?.strip_prefix('/'));
        below.map_or(path.clone(), FilePath::new)
    }

    /// The text of a file, or `None` where there is none, it is too large, or it is not UTF-8.
    pub fn text(&self, path: &FilePath) -> Option<Arc<str>> {
        if let Some(text) = self.overlay.get(path) {
            return Some(text.clone());
        }
        if let Some(text) = self.files.texts.get(path) {
            return text.clone();
        }
        let text = self.absolute(path).and_then(|path| read(&path));
        self.files.texts.insert(path.clone(), text.clone());
        text
    }

    /// A parsed file, remembered until its text changes.
    pub fn source(&self, path: &FilePath) -> Option<Arc<Source>> {
        let text = self.text(path)?;
        if let Some(source) = self.files.parsed.get(path)
            && (Arc::ptr_eq(source.text(), &text) || **source.text() == *text)
        {
            return Some(source.clone());
        }
        let source = Arc::new(Source::parse(text));
        self.files.parsed.insert(path.clone(), source.clone());
        Some(source)
    }

    /// Every Python file of the workspace, sorted; what git ignores is left out.
    pub fn python_files(&self) -> Vec<FilePath> {
        let on_disk = self.files.python.get_or_init(|| self.root().map(walk).unwrap_or_default());
        let mut all = on_disk.clone();
        all.extend(self.overlay.keys().filter(|path| path.as_str().ends_with(".py")).cloned());
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The Python files whose bytes contain `word`, sorted.
    pub fn files_naming(&self, word: &str) -> Vec<FilePath> {
        use rayon::prelude::*;
        let finder = memchr::memmem::Finder::new(word);
        let holds = |path: &FilePath| self.text(path).is_some_and(|text| finder.find(text.as_bytes()).is_some());
        self.python_files().into_par_iter().filter(holds).collect()
    }

    /// What git tells of the project; empty where there is no git.
    pub fn history(&self) -> Arc<history::History> {
        if let Some(history) = &self.history {
            return history.clone();
        }
        self.files.history.get_or_init(|| Arc::new(history::History::open(self.root()))).clone()
    }
}

fn read(path: &Path) -> Option<Arc<str>> {
    let size = path.metadata().ok()?.len();
    if size > LARGEST_FILE {
        return None;
    }
    String::from_utf8(std::fs::read(path).ok()?).ok().map(Arc::from)
}

fn walk(root: &Path) -> Vec<FilePath> {
    let walker = ignore::WalkBuilder::new(root).require_git(false).build();
    let mut files: Vec<FilePath> = walker
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "py"))
        .filter_map(|entry| Some(FilePath::new(&entry.path().strip_prefix(root).ok()?.to_string_lossy())))
        .collect();
    files.sort_unstable();
    files
}
