//! The files below a root: listed once, read when asked for, remembered while there is room.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;

use crate::syntax::Source;
use crate::syntax::memory::Memory;
use crate::syntax::outline::Outline;
use crate::syntax::statements::Statement;
use crate::text::FilePath;

use super::Cost;
use super::environment::Environment;
use super::fixtures::Fixture;
use super::history::History;
use super::words::Words;

/// A text with its identity.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: Arc<str>,
    pub(super) hash: u64,
}

impl Text {
    pub(super) fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self { hash: hasher.finish(), text }
    }
}

/// What is made of a text belongs to that text, whichever snapshot asks.
type Made<T> = Arc<Memory<(FilePath, u64), Arc<T>>>;

/// The files below the root, shared by all snapshots until the loader is told that one changed.
pub(super) struct Files {
    pub(super) root: Option<PathBuf>,
    /// What is not looked at besides what git ignores.
    exclude: Vec<String>,
    listing: OnceLock<Listing>,
    texts: Memory<FilePath, Option<Text>>,
    words: DashMap<FilePath, Arc<Words>>,
    pub(super) sources: Made<Source>,
    /// The text whose tree was made last, by its hash: the next one is parsed from there.
    pub(super) latest: DashMap<FilePath, u64>,
    pub(super) outlines: Made<Outline>,
    pub(super) statements: Made<Vec<Statement>>,
    pub(super) environment: OnceLock<Arc<Environment>>,
    pub(super) installed_fixtures: OnceLock<Arc<Vec<Fixture>>>,
    pub(super) history: OnceLock<Arc<History>>,
}

#[derive(Clone)]
struct Listing {
    sorted: Arc<Vec<FilePath>>,
    documents: Arc<Vec<FilePath>>,
    others: Arc<Vec<FilePath>>,
    set: Arc<HashSet<FilePath>>,
}

/// Files above this size are not read: generated code and data, not tests.
const LARGEST_FILE: u64 = 16 << 20;
/// Bytes of text that are kept.
const TEXTS: usize = 16 << 20;
/// Bytes of text whose trees are kept; a tree takes 24 times its text.
const SOURCES: usize = 3 << 19;
/// Bytes of text whose outlines are kept; an outline takes about as much as its text.
const OUTLINES: usize = 12 << 20;
/// Bytes of text whose statements are kept; they take about as much as the text.
const STATEMENTS: usize = 8 << 20;

impl Files {
    pub(super) fn new(root: Option<PathBuf>, exclude: &[String]) -> Self {
        Self {
            root,
            exclude: exclude.to_vec(),
            listing: OnceLock::new(),
            texts: Memory::new(TEXTS),
            words: DashMap::new(),
            sources: Arc::new(Memory::new(SOURCES)),
            latest: DashMap::new(),
            outlines: Arc::new(Memory::new(OUTLINES)),
            statements: Arc::new(Memory::new(STATEMENTS)),
            environment: OnceLock::new(),
            installed_fixtures: OnceLock::new(),
            history: OnceLock::new(),
        }
    }

    /// The same files after some changed, came or went on disk. Nothing else is read again.
    pub(super) fn refreshed(&self, paths: &[FilePath]) -> Self {
        let changed: HashSet<&FilePath> = paths.iter().collect();
        let mut next = self.reloaded(&self.exclude);
        next.environment = self.environment.clone();
        next.installed_fixtures = self.installed_fixtures.clone();
        for entry in self.words.iter().filter(|entry| !changed.contains(entry.key())) {
            next.words.insert(entry.key().clone(), entry.value().clone());
        }
        if let Some(listing) = self.listing.get().and_then(|listing| listing.after_change_of(self, paths)) {
            next.listing.set(listing).unwrap_or_else(|_| unreachable!("a new cell is empty"));
        }
        next
    }

    /// The files as they are on disk now. What was made of a text, or of a commit, is still known.
    pub(super) fn reloaded(&self, exclude: &[String]) -> Self {
        let mut next = Self::new(self.root.clone(), exclude);
        next.sources = self.sources.clone();
        next.outlines = self.outlines.clone();
        next.statements = self.statements.clone();
        next.latest = self.latest.clone();
        if let Some(history) = self.history.get() {
            next.history = OnceLock::from(Arc::new(history.refreshed()));
        }
        next
    }

    /// The same files, with the packages of another interpreter.
    pub(super) fn in_environment(&self, environment: Arc<Environment>) -> Self {
        let mut next = self.refreshed(&[]);
        next.environment = OnceLock::from(environment);
        next.installed_fixtures = OnceLock::new();
        next
    }

    pub(super) fn absolute(&self, path: &FilePath) -> Option<PathBuf> {
        Some(self.root.as_deref()?.join(path.as_str()))
    }

    /// The text of a file on disk.
    pub(super) fn text(&self, path: &FilePath) -> Option<Text> {
        if let Some(text) = self.texts.get(path) {
            return text;
        }
        let text = self.read(path);
        self.texts.insert(path.clone(), text.clone(), text.as_ref().map_or(64, |text| text.text.len()));
        text
    }

    /// The text of a file on disk, not remembered: a scan of everything must not push out what is in use.
    pub(super) fn text_aside(&self, path: &FilePath) -> Option<Text> {
        self.texts.get(path).unwrap_or_else(|| self.read(path))
    }

    fn read(&self, path: &FilePath) -> Option<Text> {
        let path = self.absolute(path)?;
        let metadata = path.metadata().ok()?;
        // A fifo would block for ever.
        if !metadata.is_file() || metadata.len() > LARGEST_FILE {
            return None;
        }
        String::from_utf8(std::fs::read(path).ok()?).ok().map(Text::new)
    }

    /// The words of a file on disk.
    pub(super) fn words(&self, path: &FilePath) -> Arc<Words> {
        if let Some(words) = self.words.get(path) {
            return words.clone();
        }
        let text = self.text_aside(path);
        let words = Arc::new(Words::of(text.as_ref().map_or("", |text| &text.text)));
        self.words.insert(path.clone(), words.clone());
        words
    }

    /// Every Python file, sorted; what git ignores is left out.
    pub(super) fn python(&self) -> &[FilePath] {
        &self.listing().sorted
    }

    /// Every Markdown, reStructuredText and text file, sorted.
    pub(super) fn documents(&self) -> &[FilePath] {
        &self.listing().documents
    }

    /// Every file of settings, and of code in another language, sorted.
    pub(super) fn others(&self) -> &[FilePath] {
        &self.listing().others
    }

    pub(super) fn lists(&self, path: &FilePath) -> bool {
        self.listing().set.contains(path)
    }

    fn listing(&self) -> &Listing {
        let list = || self.root.as_deref().map(|root| walk(root, &self.exclude)).unwrap_or_default();
        self.listing.get_or_init(|| Listing::new(list()))
    }

    pub(super) fn cost(&self) -> Cost {
        Cost {
            files_read: self.words.len(),
            word_bytes: self.words.iter().map(|entry| entry.value().size()).sum(),
            text_bytes: self.texts.weight(),
            outlined_bytes: self.outlines.weight(),
            parsed_bytes: self.sources.weight(),
        }
    }
}

impl Listing {
    fn new(files: Vec<FilePath>) -> Self {
        let (sorted, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| path.as_str().ends_with(".py"));
        let (documents, others) = rest.into_iter().partition(|path| is_document(path.file_name()));
        Self::of(sorted, Arc::new(documents), Arc::new(others))
    }

    fn of(sorted: Vec<FilePath>, documents: Arc<Vec<FilePath>>, others: Arc<Vec<FilePath>>) -> Self {
        let set = sorted.iter().cloned().collect();
        Self { sorted: Arc::new(sorted), documents, others, set: Arc::new(set) }
    }

    /// `None` where a file came up in a folder without Python so far: `.gitignore` must be asked again.
    fn after_change_of(&self, files: &Files, paths: &[FilePath]) -> Option<Self> {
        let exists = |path: &FilePath| files.absolute(path).is_some_and(|path| path.is_file());
        let python = |path: &&FilePath| path.as_str().ends_with(".py");
        let (mut came, mut went) = (Vec::new(), HashSet::new());
        for path in paths.iter().filter(python) {
            match (self.set.contains(path), exists(path)) {
                (true, false) => drop(went.insert(path)),
                (false, true) => came.push(path.clone()),
                _ => {}
            }
        }
        if came.is_empty() && went.is_empty() {
            return Some(self.clone());
        }
        let known: HashSet<&str> = self.sorted.iter().map(FilePath::folder).collect();
        if !came.iter().all(|path| known.contains(path.folder())) {
            return None;
        }
        let mut sorted: Vec<FilePath> = self.sorted.iter().filter(|path| !went.contains(path)).cloned().collect();
        sorted.extend(came);
        sorted.sort_unstable();
        sorted.dedup();
        Some(Self::of(sorted, self.documents.clone(), self.others.clone()))
    }
}

/// A file of prose. Logs end in `.log`; a requirements file says nothing.
pub(super) fn is_document(name: &str) -> bool {
    let is_text = [".md", ".rst", ".txt"].iter().any(|end| name.ends_with(end));
    is_text && !name.starts_with("requirements") && !name.starts_with("GRAVEYARD")
}

/// A file that tells what changed.
pub(super) fn is_changelog(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["change", "history", "news", "release", "migrat", "upgrad", "deprecat"].iter().any(|start| name.contains(start))
}

/// A file of settings, or of code that may talk with the product: what is locked or minified was written by a tool.
pub(super) fn is_other(name: &str) -> bool {
    const ENDS: [&str; 19] = [
        ".cfg", ".go", ".graphql", ".html", ".ini", ".java", ".js", ".json", ".jsx", ".kt", ".php", ".rb", ".rs",
        ".sql", ".toml", ".ts", ".tsx", ".yaml", ".yml",
    ];
    let is_generated = name.contains("lock") || name.contains(".min.");
    !is_generated && (ENDS.iter().any(|end| name.ends_with(end)) || matches!(name, "Dockerfile" | "Procfile"))
}

fn is_read(name: &str) -> bool {
    name.ends_with(".py") || is_document(name) || is_other(name)
}

fn walk(root: &Path, exclude: &[String]) -> Vec<FilePath> {
    let (send, receive) = std::sync::mpsc::channel();
    let mut overrides = ignore::overrides::OverrideBuilder::new(root);
    for glob in exclude {
        // `!` excludes here; a glob that cannot be read excludes nothing.
        let _ = overrides.add(&format!("!{glob}"));
    }
    let overrides = overrides.build().unwrap_or_else(|_| ignore::overrides::Override::empty());
    let mut builder = ignore::WalkBuilder::new(root);
    let walker = builder.require_git(false).overrides(overrides).threads(2).build_parallel();
    walker.run(|| {
        let send = send.clone();
        Box::new(move |entry| {
            if let Ok(entry) = entry
                && entry.file_type().is_some_and(|kind| kind.is_file())
                && entry.file_name().to_str().is_some_and(is_read)
                && let Ok(path) = entry.path().strip_prefix(root)
            {
                // The receiver outlives the walk.
                let _ = send.send(FilePath::new(&path.to_string_lossy()));
            }
            ignore::WalkState::Continue
        })
    });
    drop(send);
    let mut files: Vec<FilePath> = receive.into_iter().collect();
    files.sort_unstable();
    files
}
