//! The commits of a work tree, loaded when a question needs them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dashmap::DashMap;

use crate::syntax::memory::Memory;
use crate::text::FilePath;
use crate::workspace::words::occurrences;

use super::commit::{Change, Commit, UNCOMMITTED};
use super::git::{Git, Touched};
use super::said;

/// A work tree with its HEAD of the moment.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    git: Git,
    head: OnceLock<Option<String>>,
    uncommitted: OnceLock<Arc<Commit>>,
    known: Arc<Known>,
}

/// What never changes once it is known.
struct Known {
    commits: Memory<String, Arc<Commit>>,
    /// Hash and message of the commits that answer a search, by HEAD and search.
    searches: DashMap<(String, String), Vec<(String, String)>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("searches", &self.searches.len()).finish_non_exhaustive()
    }
}

/// Bytes of text of commits that are kept.
const COMMITS: usize = 12 << 20;
const SEARCH_LIMIT: Duration = Duration::from_secs(4);
const MOST_COMMITS: &str = "6";
const RECENT_COMMITS: &str = "10";
/// A commit with more files is an import or a reformatting; its first files are looked at.
const MOST_FILES: usize = 300;
const LARGEST_FILE: u64 = 1 << 20;
/// What is read besides Python: words and values that tests repeat.
const TEXTS: [&str; 12] = ["py", "pyi", "md", "rst", "txt", "cfg", "toml", "ini", "json", "yaml", "yml", "html"];

impl Disk {
    pub(super) fn open(root: &Path) -> Option<Self> {
        let known = Known { commits: Memory::new(COMMITS), searches: DashMap::new() };
        Some(Self::at(root.to_path_buf(), Git::find(root)?, Arc::new(known)))
    }

    pub(super) fn refreshed(&self) -> Self {
        Self::at(self.root.clone(), self.git.clone(), self.known.clone())
    }

    fn at(root: PathBuf, git: Git, known: Arc<Known>) -> Self {
        Self { root, git, head: OnceLock::new(), uncommitted: OnceLock::new(), known }
    }

    /// The uncommitted change if it is about `word`, then the commits in which its count changed.
    pub(super) fn about(&self, word: &str) -> Vec<Arc<Commit>> {
        let uncommitted = self.uncommitted();
        let holds = |text: &str| occurrences(text, word).next().is_some();
        let concerned = uncommitted.files.iter().any(|file| holds(file.before()));
        let is_name = word.chars().all(|c| c.is_alphanumeric() || c == '_');
        // Git counts the matches on both sides; word bounds, or `get` to `get_all` would not show.
        let pattern = match is_name {
            true => format!("-S(^|[^[:alnum:]_]){word}($|[^[:alnum:]_])"),
            false => format!("-S{word}"),
        };
        let mut search = vec!["-n", MOST_COMMITS, "--no-merges", &pattern];
        if is_name {
            search.extend(["--pickaxe-regex", "--", "*.py"]);
        }
        let committed = self.search(&search);
        concerned.then_some(uncommitted).into_iter().chain(committed).collect()
    }

    /// The uncommitted change if it touched `path`, then the commits that did.
    pub(super) fn touching(&self, path: &FilePath) -> Vec<Arc<Commit>> {
        let uncommitted = self.uncommitted();
        let concerned = uncommitted.files.iter().any(|file| file.change.path == *path);
        let committed = self.search(&["-n", MOST_COMMITS, "--no-merges", "--", path.as_str()]);
        concerned.then_some(uncommitted).into_iter().chain(committed).collect()
    }

    /// The commits that deleted one of `paths` (which may hold `*`).
    pub(super) fn deleting(&self, paths: &[String]) -> Vec<Arc<Commit>> {
        let mut search = vec!["-n", MOST_COMMITS, "--no-merges", "--no-renames", "--diff-filter=D", "--"];
        search.extend(paths.iter().map(String::as_str));
        std::iter::once(self.uncommitted()).chain(self.search(&search)).collect()
    }

    /// The commits since `test` was touched, as git names a range.
    fn since(&self, test: &FilePath) -> Option<String> {
        let found = self.found(&["-n", "1", "--", test.as_str()]);
        found.into_iter().next().map(|(hash, _)| format!("{hash}..HEAD"))
    }

    /// The uncommitted change, the commits that changed `path` since `test` was touched, and the merges since then: what a
    /// merge lost, no commit of its branches shows.
    pub(super) fn touching_since(&self, path: &FilePath, test: &FilePath) -> Vec<Arc<Commit>> {
        let Some(range) = self.since(test) else { return vec![self.uncommitted()] };
        let committed = self.search(&["-n", RECENT_COMMITS, "--full-history", &range, "--", path.as_str()]);
        let merges = self.search(&["-n", MOST_COMMITS, "--merges", &range]);
        std::iter::once(self.uncommitted()).chain(committed).chain(merges).collect()
    }

    /// The uncommitted change, then the commits since `test` was touched.
    pub(super) fn recent(&self, test: Option<&FilePath>) -> Vec<Arc<Commit>> {
        let last = test.and_then(|test| self.since(test));
        let range = last.as_deref().unwrap_or("HEAD");
        let committed = self.search(&["-n", RECENT_COMMITS, "--no-merges", range]);
        std::iter::once(self.uncommitted()).filter(|commit| !commit.files.is_empty()).chain(committed).collect()
    }

    fn search(&self, arguments: &[&str]) -> Vec<Arc<Commit>> {
        self.found(arguments).iter().map(|(hash, message)| self.commit(hash, message)).collect()
    }

    /// The message of a commit that some search found.
    pub(super) fn message(&self, hash: &str) -> Option<String> {
        let found = |answers: &Vec<(String, String)>| Some(answers.iter().find(|(other, _)| other == hash)?.1.clone());
        self.known.searches.iter().find_map(|answers| found(answers.value()))
    }

    /// Hash and message of the commits that answer a search.
    fn found(&self, arguments: &[&str]) -> Vec<(String, String)> {
        let head = self.head.get_or_init(|| self.git.head());
        let Some(head) = head else { return Vec::new() };
        let key = (head.clone(), arguments.join(" "));
        if let Some(found) = self.known.searches.get(&key) {
            return found.clone();
        }
        let found = self.git.log(arguments, SEARCH_LIMIT);
        self.known.searches.insert(key, found.clone());
        found
    }

    fn commit(&self, hash: &str, message: &str) -> Arc<Commit> {
        if let Some(commit) = self.known.commits.get(&hash.to_string()) {
            return commit;
        }
        let touched = limited(self.git.touched(hash));
        let parent = format!("{hash}^1");
        let texts = self.texts(&touched, &parent, Some(hash));
        let commit = Arc::new(Commit::new(hash, message, changes(hash, said::subject(message), touched, texts)));
        self.known.commits.insert(hash.to_string(), commit.clone(), commit.weight());
        commit
    }

    /// The texts before and after; after on disk where no revision is given.
    fn texts(&self, touched: &[Touched], before: &str, after: Option<&str>) -> Vec<[Option<String>; 2]> {
        let old = |file: &Touched| file.old_path.clone().unwrap_or_else(|| file.path.clone());
        let old_paths: Vec<FilePath> = touched.iter().map(old).collect();
        let mut wanted: Vec<(&str, &FilePath)> = old_paths.iter().map(|path| (before, path)).collect();
        wanted.extend(after.into_iter().flat_map(|after| touched.iter().map(move |file| (after, &file.path))));
        let mut blobs = self.git.blobs(&wanted);
        let after = match after {
            Some(_) => blobs.split_off(touched.len()),
            None => touched.iter().map(|file| self.read(&file.path)).collect(),
        };
        blobs.into_iter().zip(after).map(|(before, after)| [before, after]).collect()
    }

    fn read(&self, path: &FilePath) -> Option<String> {
        let path = self.root.join(path.as_str());
        let metadata = path.symlink_metadata().ok()?;
        let readable = metadata.is_file() && metadata.len() <= LARGEST_FILE;
        readable.then(|| std::fs::read_to_string(path).ok()).flatten()
    }

    /// What differs between HEAD and the files on disk.
    pub(super) fn uncommitted(&self) -> Arc<Commit> {
        let load = || {
            let mut touched = self.git.staged();
            let plain = |path, added| Touched { old_path: None, path, added, deleted: false };
            touched.extend(self.git.maybe_modified().into_iter().map(|path| plain(path, false)));
            touched.extend(self.git.untracked().into_iter().map(|path| plain(path, true)));
            let mut seen = std::collections::HashSet::new();
            touched.retain(|file| seen.insert(file.path.clone()));
            let touched = limited(touched);
            let texts = self.texts(&touched, "HEAD", None);
            Arc::new(Commit::new(UNCOMMITTED, "", changes(UNCOMMITTED, "", touched, texts)))
        };
        self.uncommitted.get_or_init(load).clone()
    }
}

/// Texts only, Python first, not too many.
fn limited(mut touched: Vec<Touched>) -> Vec<Touched> {
    let extension = |file: &Touched| file.path.file_name().rsplit_once('.').map_or("", |(_, end)| end).to_string();
    touched.retain(|file| TEXTS.contains(&extension(file).as_str()));
    touched.sort_by_key(|file| extension(file) != "py");
    touched.truncate(MOST_FILES);
    touched
}

fn changes(commit: &str, subject: &str, touched: Vec<Touched>, texts: Vec<[Option<String>; 2]>) -> Vec<Change> {
    let change = |(file, [before, after]): (Touched, [Option<String>; 2])| Change {
        commit: commit.to_string(),
        subject: subject.to_string(),
        path: file.path,
        old_path: file.old_path,
        before: before.filter(|_| !file.added).map(Arc::from),
        after: after.filter(|_| !file.deleted).map(Arc::from),
    };
    // A file that only moved has changed as well.
    let is_change = |change: &Change| change.before != change.after || change.old_path.is_some();
    touched.into_iter().zip(texts).map(change).filter(is_change).collect()
}
