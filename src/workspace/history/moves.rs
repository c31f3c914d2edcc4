//! Modules and files under a new name.

use std::collections::HashMap;

use super::History;
use super::commit::{Commit, File};
use super::renames::{Rename, RenameKind};
use super::said::{self, Scope};

impl History {
    /// The modules that `dotted` became: its file was renamed, or the folder of its package.
    pub(super) fn module_renames_of(&self, dotted: &str) -> Vec<Rename> {
        let parts: Vec<&str> = dotted.split('.').collect();
        if !parts.iter().all(|part| crate::syntax::tokens::is_name(part)) {
            return Vec::new();
        }
        let commits = match &self.disk {
            Some(disk) => disk.deleting(&paths_of(&parts)),
            None => self.in_memory.iter().cloned().collect(),
        };
        commits.iter().flat_map(|commit| renames_in(commit, &parts)).collect()
    }

    /// The path that a file or folder, as a test may name it (`data/users.json`), was renamed to.
    pub fn file_renames_of(&self, path: &str) -> Vec<Rename> {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        if path.is_empty() {
            return Vec::new();
        }
        let commits = match &self.disk {
            Some(disk) => disk.deleting(&[format!("*{path}"), format!("*{path}/*")]),
            None => self.in_memory.iter().cloned().collect(),
        };
        let mut found = Vec::new();
        for commit in &commits {
            for file in commit.files.iter().filter(|file| file.change.old_path.is_some()) {
                let old = file.old_path().as_str();
                let ends = old == path || old.strip_suffix(path).is_some_and(|rest| rest.ends_with('/'));
                if ends {
                    let prefix = &old[..old.len() - path.len()];
                    let new = file.change.path.as_str();
                    let new = new.strip_prefix(prefix).unwrap_or(new);
                    found.push(rename(commit, file, path, new, RenameKind::Literal, 0.9));
                }
            }
        }
        found
    }
}

/// Where the module may have been: its file anywhere, or any file of its package.
fn paths_of(parts: &[&str]) -> Vec<String> {
    let path = parts.join("/");
    vec![format!("{path}.py"), format!("*/{path}.py"), format!("{path}/*"), format!("*/{path}/*")]
}

fn renames_in(commit: &Commit, parts: &[&str]) -> Vec<Rename> {
    let mut found: HashMap<String, (usize, &File)> = HashMap::new();
    for file in commit.python().filter(|file| file.change.old_path.is_some()) {
        let (old, new) = (module_parts(file.old_path().as_str()), module_parts(file.change.path.as_str()));
        let Some(start) = position_of(&old, parts) else { continue };
        let inside = old.len() - start - parts.len();
        // What lies below the module that is asked for must have kept its name.
        let same_below = new.len() >= inside && new[new.len() - inside..] == old[old.len() - inside..];
        if !same_below {
            continue;
        }
        let kept = &new[..new.len() - inside];
        let prefix = &old[..start];
        let below_prefix = kept.strip_prefix(prefix).unwrap_or(kept);
        let renamed = below_prefix.join(".");
        if !renamed.is_empty() && renamed != parts.join(".") {
            let entry = found.entry(renamed).or_insert((0, file));
            entry.0 += if inside == 0 { 10 } else { 1 };
        }
    }
    let total: usize = found.values().map(|(count, _)| count).sum();
    let mut renames: Vec<Rename> = found
        .into_iter()
        .map(|(new, (count, file))| {
            let similarity = 0.95 * count as f64 / total as f64;
            rename(commit, file, &parts.join("."), &new, RenameKind::Module, similarity)
        })
        .collect();
    renames.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.new.cmp(&b.new)));
    renames
}

fn rename(commit: &Commit, file: &File, old: &str, new: &str, kind: RenameKind, similarity: f64) -> Rename {
    Rename {
        old: old.to_string(),
        new: new.to_string(),
        kind,
        commit: commit.id.clone(),
        subject: commit.subject().to_string(),
        path: file.change.path.clone(),
        line: 1,
        old_path: file.old_path().clone(),
        within: None,
        similarity,
        callers_moved: 0,
        is_same: true,
        is_said: said::renames(&commit.message, Scope { within: None, path: &file.change.path }, old, new),
    }
}

fn module_parts(path: &str) -> Vec<&str> {
    let stem = path.strip_suffix(".py").unwrap_or(path);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    stem.split('/').collect()
}

/// Where `parts` stand in a path: from its start, or below folders that are no part of the import.
fn position_of(path: &[&str], parts: &[&str]) -> Option<usize> {
    path.windows(parts.len()).position(|window| window == parts)
}
