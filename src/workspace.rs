//! What is known of a project: its files, and the facts that a healer looks up in them.
//!
//! A [`Snapshot`] is one immutable view. Questions drive parsing: nothing is read before it is asked for,
//! and what was parsed is remembered by its text. Texts of open editors and of candidate fixes lie over
//! the files on disk.

pub(crate) mod builtins;
mod classes;
pub mod config;
pub mod environment;
mod files;
pub mod fixtures;
pub mod graveyards;
pub mod history;
pub mod installed;
mod machine;
mod modules;
mod names;
pub mod notes;
pub(crate) mod opposites;
pub mod receiver;
pub mod similar_names;
pub mod symbols;
pub mod usages;
pub(crate) mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::graveyard::Graveyard;
use crate::syntax::Source;
use crate::syntax::outline::Outline;
use crate::syntax::statements::{self, Statement};
use crate::text::{Edit, EditError, FilePath, apply};

pub use config::Config;
pub use modules::Members;

use environment::Environment;
use files::{Files, Text};

/// One immutable view of a project. Cloning is cheap; every clone sees the same texts.
#[derive(Clone)]
pub struct Snapshot {
    files: Arc<Files>,
    /// Texts that lie over the disk: open documents, candidate fixes, scenes.
    overlay: Arc<HashMap<FilePath, Text>>,
    lessons: Arc<Vec<Arc<Graveyard>>>,
    config: Arc<Config>,
    /// Stands in for git where the project exists only in memory.
    history: Option<Arc<history::History>>,
}

/// What a workspace keeps in memory, in bytes of source text unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Files whose words are known.
    pub files_read: usize,
    /// Bytes of the filters of these words.
    pub word_bytes: usize,
    /// Texts.
    pub text_bytes: usize,
    /// Texts whose outlines are kept.
    pub outlined_bytes: usize,
    /// Texts whose trees are kept; a tree takes some 24 times its text.
    pub parsed_bytes: usize,
}

impl Snapshot {
    /// The project at `root` with its configuration ([`Config::load`]). Reads nothing else yet.
    pub fn open(root: &Path) -> Self {
        let config = Config::load(root, None).config;
        Self {
            files: Arc::new(Files::new(Some(root.to_path_buf()), &config.exclude)),
            overlay: Arc::default(),
            lessons: Arc::default(),
            config: Arc::new(config),
            history: None,
        }
    }

    /// A project that exists only in memory.
    pub fn in_memory<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let overlay = files.into_iter().map(|(path, text)| (FilePath::new(path), Text::new(text))).collect();
        Self {
            files: Arc::new(Files::new(None, &[])),
            overlay: Arc::new(overlay),
            lessons: Arc::default(),
            config: Arc::default(),
            history: None,
        }
    }

    /// The same view with another text for one file.
    pub fn with_text(&self, path: &FilePath, text: impl Into<Arc<str>>) -> Self {
        let mut overlay = HashMap::clone(&self.overlay);
        overlay.insert(path.clone(), Text::new(text));
        Self { overlay: Arc::new(overlay), ..self.clone() }
    }

    /// The same view with other lessons, nearest graveyard first.
    pub fn with_lessons(&self, lessons: Vec<Arc<Graveyard>>) -> Self {
        Self { lessons: Arc::new(lessons), ..self.clone() }
    }

    /// The same view with another configuration.
    pub fn with_config(&self, config: Config) -> Self {
        let same_files = config.exclude == self.config.exclude && config.python == self.config.python;
        let files = if same_files {
            self.files.clone()
        } else {
            Arc::new(Files::new(self.files.root.clone(), &config.exclude))
        };
        Self { config: Arc::new(config), files, ..self.clone() }
    }

    /// The same view with another history.
    pub fn with_history(&self, history: history::History) -> Self {
        Self { history: Some(Arc::new(history)), ..self.clone() }
    }

    /// The same view of the disk, read anew: overlay, lessons and configuration stay.
    pub fn reloaded(&self) -> Self {
        let files = self.files.reloaded(&self.config.exclude);
        let files = match self.files.environment.get().filter(|known| known.is_of_run()) {
            Some(of_run) => files.in_environment(of_run.clone()),
            None => files,
        };
        Self { files: Arc::new(files), ..self.clone() }
    }

    /// The same view with the packages of the interpreter that a run names, where the project does not say which one
    /// is its own.
    pub fn ran_by(&self, python: Option<&str>) -> Self {
        let known = self.environment();
        let is_told = self.config.python.is_some() || (known.venv.is_some() && !known.is_of_run());
        match python.filter(|_| !is_told).and_then(Environment::of_run) {
            Some(found) if found != *known => {
                Self { files: Arc::new(self.files.in_environment(Arc::new(found))), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// The same view after files changed, came or went on disk. Nothing else is read again.
    pub fn refreshed(&self, paths: &[FilePath]) -> Self {
        Self { files: Arc::new(self.files.refreshed(paths)), ..self.clone() }
    }

    /// The same view with the text on disk for one file: a closed document.
    pub fn without_text(&self, path: &FilePath) -> Self {
        let mut overlay = HashMap::clone(&self.overlay);
        overlay.remove(path);
        Self { overlay: Arc::new(overlay), ..self.clone() }
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

    /// The texts that lie over the disk: open documents, candidate fixes.
    pub fn overlaid(&self) -> impl Iterator<Item = (&FilePath, &Arc<str>)> {
        self.overlay.iter().map(|(path, text)| (path, &text.text))
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
        self.files.absolute(path)
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
        Some(self.identified(path)?.text)
    }

    fn identified(&self, path: &FilePath) -> Option<Text> {
        self.overlay.get(path).cloned().or_else(|| builtins::text(path)).or_else(|| self.files.text(path))
    }

    /// The text of a file for a search through many: what is in use is not pushed out by it.
    pub(crate) fn text_aside(&self, path: &FilePath) -> Option<Arc<str>> {
        self.overlay.get(path).cloned().or_else(|| self.files.text_aside(path)).map(|text| text.text)
    }

    /// Whether there is such a file.
    pub fn exists(&self, path: &FilePath) -> bool {
        self.overlay.contains_key(path)
            || builtins::is_stub(path)
            || self.root().is_some()
                && (self.files.lists(path) || self.absolute(path).is_some_and(|path| path.is_file()))
    }

    /// A parsed file, remembered while there is room.
    pub fn source(&self, path: &FilePath) -> Option<Arc<Source>> {
        let Text { text, hash } = self.identified(path)?;
        let key = (path.clone(), hash);
        if let Some(source) = self.files.sources.get(&key) {
            return Some(source);
        }
        let weight = text.len();
        let previous = self.files.latest.get(path).and_then(|hash| self.files.sources.get(&(path.clone(), *hash)));
        let source = Arc::new(match previous {
            Some(previous) => previous.reparse(text),
            None => Source::parse_once(text),
        });
        self.files.latest.insert(path.clone(), hash);
        self.files.sources.insert(key, source.clone(), weight);
        Some(source)
    }

    /// The statements of a file, remembered while there is room, and its text. Its tree is not kept.
    pub(crate) fn statements(&self, path: &FilePath) -> Option<(Arc<str>, Arc<Vec<Statement>>)> {
        let Text { text, hash } = self.identified(path)?;
        let key = (path.clone(), hash);
        if let Some(statements) = self.files.statements.get(&key) {
            return Some((text, statements));
        }
        let found = match self.files.sources.get(&key) {
            Some(source) => statements::statements(&source),
            None => statements::statements(&Source::parse_once(text.clone())),
        };
        let found = Arc::new(found);
        self.files.statements.insert(key, found.clone(), text.len());
        Some((text, found))
    }

    /// What a file defines and imports, remembered while there is room. Its tree is not kept.
    pub fn outline(&self, path: &FilePath) -> Option<Arc<Outline>> {
        let Text { text, hash } = self.identified(path)?;
        let key = (path.clone(), hash);
        if let Some(outline) = self.files.outlines.get(&key) {
            return Some(outline);
        }
        let weight = text.len();
        let outline = match self.files.sources.get(&key) {
            Some(source) => Outline::of(&source),
            None => Outline::of(&Source::parse_once(text)),
        };
        let outline = Arc::new(outline);
        self.files.outlines.insert(key, outline.clone(), weight);
        Some(outline)
    }

    /// Every Python file of the workspace, sorted; what git ignores is left out.
    pub fn python_files(&self) -> Vec<FilePath> {
        let mut all = self.files.python().to_vec();
        let listed = all.len();
        all.extend(self.overlay.keys().filter(|path| path.as_str().ends_with(".py")).cloned());
        if all.len() > listed {
            all.sort_unstable();
            all.dedup();
        }
        all
    }

    /// The same files, in no order and without a copy of the list; one that is open may come twice.
    fn each_python(&self) -> impl Iterator<Item = &FilePath> {
        let open = self.overlay.keys().filter(|path| path.as_str().ends_with(".py"));
        self.files.python().iter().chain(open)
    }

    /// Whether a Python file lies below a folder (`shop/`).
    fn any_python_below(&self, prefix: &str) -> bool {
        let files = self.files.python();
        let at = files.partition_point(|path| path.as_str() < prefix);
        let below = |path: &FilePath| path.as_str().starts_with(prefix);
        files.get(at).is_some_and(below)
            || self.overlay.keys().any(|path| path.as_str().ends_with(".py") && below(path))
    }

    /// The Python files that hold `word` with no identifier running into it, sorted.
    pub fn files_naming(&self, word: &str) -> Vec<FilePath> {
        use rayon::prelude::*;
        if word.is_empty() {
            return Vec::new();
        }
        let holds = |path: &FilePath| {
            let known = self.overlay.contains_key(path);
            (known || self.files.words(path).may_hold(word))
                && self.text(path).is_some_and(|text| words::occurrences(&text, word).next().is_some())
        };
        self.python_files().into_par_iter().filter(holds).collect()
    }

    /// The files of settings, and of code in another language, that hold `word` and are no tests.
    pub(crate) fn others_naming(&self, word: &str) -> Vec<FilePath> {
        let mut found = self.holding(word, self.files.others(), files::is_other);
        found.retain(|path| !path.is_test_code());
        found
    }

    /// The documentation files (Markdown, reStructuredText, text) that hold `word`, changelogs first.
    pub(crate) fn documents_naming(&self, word: &str) -> Vec<FilePath> {
        let mut found = self.holding(word, self.files.documents(), files::is_document);
        found.sort_by_key(|path| !files::is_changelog(path.file_name()));
        found
    }

    /// Those of the listed files, and of the open ones of their kind, that hold `word`, sorted.
    fn holding(&self, word: &str, listed: &[FilePath], is_kind: fn(&str) -> bool) -> Vec<FilePath> {
        let mut all = listed.to_vec();
        all.extend(self.overlay.keys().filter(|path| is_kind(path.file_name())).cloned());
        all.sort_unstable();
        all.dedup();
        let holds = |path: &FilePath| {
            let known = self.overlay.contains_key(path) || self.files.words(path).may_hold(word);
            known && self.text(path).is_some_and(|text| words::occurrences(&text, word).next().is_some())
        };
        all.retain(|path| !word.is_empty() && holds(path));
        all
    }

    /// Where the project's interpreter finds packages; found on first use.
    pub fn environment(&self) -> Arc<Environment> {
        let python = self.config.python.as_deref();
        let discover = || self.root().map(|root| Environment::discover(root, python)).unwrap_or_default();
        self.files.environment.get_or_init(|| Arc::new(discover())).clone()
    }

    /// What is in memory at the moment.
    pub fn cost(&self) -> Cost {
        self.files.cost()
    }

    /// What git tells of the project; empty where there is no git.
    pub fn history(&self) -> Arc<history::History> {
        if let Some(history) = &self.history {
            return history.clone();
        }
        self.files.history.get_or_init(|| Arc::new(history::History::open(self.root()))).clone()
    }
}
