//! What one commit did: its files before and after, with the comparisons made when first asked for.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::align::Edits;
use super::definitions::DefinitionPair;
use super::said;

/// A file that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file after the commit; before it where it was deleted.
    pub path: FilePath,
    /// Where the file was before, if it was renamed.
    pub old_path: Option<FilePath>,
    /// Its text before; `None` where it was added.
    pub before: Option<Arc<str>>,
    /// Its text after; `None` where it was deleted.
    pub after: Option<Arc<str>>,
}

impl Change {
    /// Where the file was before the commit.
    pub fn path_before(&self) -> &FilePath {
        self.old_path.as_ref().unwrap_or(&self.path)
    }
}

/// A commit with its files.
#[derive(Debug, Default)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) message: String,
    pub(super) files: Vec<File>,
}

/// A changed file with what was made of it.
pub(super) struct File {
    pub(super) change: Change,
    edits: OnceLock<Arc<Edits>>,
    pub(super) definitions: OnceLock<Arc<Vec<DefinitionPair>>>,
    alone: OnceLock<Box<[Snapshot; 2]>>,
}

/// The name of the change that is not committed yet.
pub const UNCOMMITTED: &str = "uncommitted";
/// Files with less in common than this are not the same file under another name.
const LEAST_COMMON: f64 = 0.5;

impl Commit {
    /// Puts a commit together; files that were deleted and added alike become renames.
    pub(super) fn new(id: &str, message: &str, mut changes: Vec<Change>) -> Self {
        pair_moved_files(&mut changes);
        let files = changes.into_iter().map(File::new).collect();
        Self { id: id.to_string(), message: message.to_string(), files }
    }

    /// Its first line.
    pub(super) fn subject(&self) -> &str {
        said::subject(&self.message)
    }

    /// Its Python files.
    pub(super) fn python(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.change.path.as_str().ends_with(".py"))
    }

    /// Bytes of text.
    pub(super) fn weight(&self) -> usize {
        self.files.iter().map(|file| file.before().len() + file.after().len()).sum()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("change", &self.change).finish_non_exhaustive()
    }
}

impl File {
    fn new(change: Change) -> Self {
        Self { change, edits: OnceLock::new(), definitions: OnceLock::new(), alone: OnceLock::new() }
    }

    pub(super) fn before(&self) -> &str {
        self.change.before.as_deref().unwrap_or("")
    }

    pub(super) fn after(&self) -> &str {
        self.change.after.as_deref().unwrap_or("")
    }

    /// Where the file was before the commit.
    pub(super) fn old_path(&self) -> &FilePath {
        self.change.path_before()
    }

    /// The two texts, each as a project of this one file.
    pub(super) fn alone(&self) -> &[Snapshot; 2] {
        let alone = |text: &str| Snapshot::in_memory([(self.change.path.as_str(), text)]);
        self.alone.get_or_init(|| Box::new([alone(self.before()), alone(self.after())]))
    }

    /// The two texts, aligned.
    pub(super) fn edits(&self) -> &Edits {
        self.edits.get_or_init(|| Arc::new(Edits::between(self.before(), self.after())))
    }
}

/// A deleted and an added file with most lines in common are one renamed file.
fn pair_moved_files(changes: &mut Vec<Change>) {
    let gone = |change: &Change| change.after.is_none() && change.before.is_some();
    let came = |change: &Change| change.before.is_none() && change.after.is_some();
    let deleted: Vec<usize> = (0..changes.len()).filter(|&index| gone(&changes[index])).collect();
    let added: Vec<usize> = (0..changes.len()).filter(|&index| came(&changes[index])).collect();
    if deleted.len() * added.len() > 10_000 {
        return;
    }
    let lines = |text: &Option<Arc<str>>| text.as_deref().map(line_counts).unwrap_or_default();
    let old: Vec<HashMap<String, usize>> = deleted.iter().map(|&index| lines(&changes[index].before)).collect();
    let new: Vec<HashMap<String, usize>> = added.iter().map(|&index| lines(&changes[index].after)).collect();
    let mut scores: Vec<(f64, usize, usize)> = Vec::new();
    for (left, gone) in deleted.iter().zip(&old) {
        for (right, came) in added.iter().zip(&new) {
            let same_name = changes[*left].path.file_name() == changes[*right].path.file_name();
            let score = common_lines(gone, came) + if same_name { 0.15 } else { 0.0 };
            if score >= LEAST_COMMON {
                scores.push((score, *left, *right));
            }
        }
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut taken: HashSet<usize> = HashSet::new();
    let mut dropped: HashSet<usize> = HashSet::new();
    for (_, left, right) in scores {
        if !taken.contains(&left) && !taken.contains(&right) {
            taken.extend([left, right]);
            dropped.insert(left);
            let (path, before) = (changes[left].path.clone(), changes[left].before.clone());
            changes[right].old_path = Some(path);
            changes[right].before = before;
        }
    }
    let mut index = 0;
    changes.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
}

fn line_counts(text: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        *counts.entry(line.to_string()).or_insert(0) += 1;
    }
    counts
}

fn common_lines(a: &HashMap<String, usize>, b: &HashMap<String, usize>) -> f64 {
    let total: usize = a.values().chain(b.values()).sum();
    let shared: usize = a.iter().map(|(line, count)| count.min(b.get(line).unwrap_or(&0))).sum();
    if total == 0 { 0.0 } else { 2.0 * shared as f64 / total as f64 }
}
