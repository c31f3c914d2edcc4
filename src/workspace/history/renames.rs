//! What became of a name: definitions and parameters that were renamed, and callers that were moved.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::syntax::outline::Item;
use crate::syntax::tokens::{is_name, string_body};
use crate::text::FilePath;
use crate::workspace::similar_names::likeness;
use crate::workspace::symbols::SymbolKind;
use crate::workspace::words::occurrences;

use super::History;
use super::align::{Pair, substitutions};
use super::commit::{Commit, File};
use super::definitions::Sketch;
use super::literals::is_own_edit;
use super::said::{self, Scope};

/// A name that disappeared and the name that took its place in the same commit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rename {
    /// The name that is gone; dotted for modules.
    pub old: String,
    /// The name that came; equal to `old` where a definition only moved to another file.
    pub new: String,
    /// What was renamed.
    pub kind: RenameKind,
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file of the new definition; of the caller where only callers show it.
    pub path: FilePath,
    /// 1-based line of the new definition.
    pub line: u32,
    /// Where the old one stood.
    pub old_path: FilePath,
    /// The class or function around the old one: the class of a method, the function of a parameter.
    pub within: Option<String>,
    /// Likeness of the two bodies, signatures and positions, 0 to 1; higher where callers moved too.
    pub similarity: f64,
    /// How many callers the same commit moved from the old name to the new one.
    pub callers_moved: u32,
    /// Whether the new definition does what the old one did, but for names. Callers alone show no definition.
    pub is_same: bool,
    /// Whether the message of the commit tells of it.
    pub is_said: bool,
}

/// What was renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RenameKind {
    Symbol(SymbolKind),
    Parameter,
    Module,
    /// A string that is a key, a path or a message.
    Literal,
    /// Callers were moved; no definition of the name was in the commit (an installed package's, say).
    Usage,
}

/// A piece of code that a commit replaced, outside the failing test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// Where.
    pub path: FilePath,
    /// 1-based line of `after`.
    pub line: u32,
    /// The statement before.
    pub before: String,
    /// The statement after.
    pub after: String,
}

/// A definition that went away and left no successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file that defined it.
    pub path: FilePath,
    /// 1-based line in the file before the commit.
    pub line: u32,
    /// The class or function around it, the function for a parameter.
    pub within: Option<String>,
}

/// What a message tells is as good as a body that stayed for the most part.
const LIKENESS_TOLD: f64 = 0.9;
/// Migrations of a name that is everywhere say no more after so many.
const MOST_MIGRATIONS: usize = 200;
/// Names that callers have at hand whatever they call.
const RECEIVERS: [&str; 5] = ["self", "cls", "None", "True", "False"];
/// So much of a body is left where a definition moved under its name.
const LEAST_LEFT: f64 = 0.25;
/// So much of a body of a line or two, most of which any other has as well.
const LEAST_LEFT_OF_FEW: f64 = 0.6;
/// Added files that are searched for what moved there.
const MOST_NEW_FILES: usize = 30;

impl History {
    /// What became of `name` (a name, a dotted module, or the text of a string), newest commit first,
    /// best pair first within a commit.
    pub fn renames_of(&self, name: &str) -> Vec<Rename> {
        if name.is_empty() {
            return Vec::new();
        }
        let mut found = self.module_renames_of(name);
        for commit in self.commits_about(name) {
            found.extend(Search { commit: &commit, name }.renames());
        }
        found
    }

    /// How statements that mention `name` were edited by the commits in which it disappeared.
    pub fn migrations_of(&self, name: &str) -> Vec<Migration> {
        if name.is_empty() {
            return Vec::new();
        }
        migrations(&self.commits_about(name), name)
    }

    /// How statements that mention `name` were edited since `test` was last touched, whether it went or stayed.
    pub fn migrations_since(&self, test: &FilePath, name: &str) -> Vec<Migration> {
        migrations(&self.commits_since(Some(test)), name)
    }

    /// Definitions, imports and parameters called `name` that went away without a successor.
    pub fn removals_of(&self, name: &str) -> Vec<Removal> {
        let mut found = Vec::new();
        if name.is_empty() {
            return found;
        }
        for commit in self.commits_about(name) {
            let search = Search { commit: &commit, name };
            if search.renames().is_empty() {
                found.extend(search.removals());
            }
        }
        found
    }
}

fn migrations(commits: &[Arc<Commit>], name: &str) -> Vec<Migration> {
    let mut found = Vec::new();
    for commit in commits {
        let search = Search { commit, name };
        for file in search.files().filter(|file| !is_own_edit(commit, file)) {
            for pair in file.edits().pairs.iter().filter(|pair| search.mentions(&pair.before.text)) {
                if found.len() < MOST_MIGRATIONS {
                    found.push(Migration {
                        commit: commit.id.clone(),
                        path: file.change.path.clone(),
                        line: pair.after.line,
                        before: pair.before.text.clone(),
                        after: pair.after.text.clone(),
                    });
                }
            }
        }
    }
    found
}

/// One name in one commit.
struct Search<'c> {
    commit: &'c Commit,
    name: &'c str,
}

impl<'c> Search<'c> {
    /// The Python files that mentioned the name before.
    fn files(&self) -> impl Iterator<Item = &'c File> {
        let name = self.name;
        self.commit.python().filter(move |file| occurrences(file.before(), name).next().is_some())
    }

    fn mentions(&self, text: &str) -> bool {
        occurrences(text, self.name).next().is_some()
    }

    fn renames(&self) -> Vec<Rename> {
        let moved = self.callers_moved();
        let mut found: Vec<Rename> = Vec::new();
        if is_name(self.name) {
            found.extend(self.definitions());
            found.extend(self.told());
            found.extend(self.parameters());
        }
        for rename in &mut found {
            let Some(seen) = moved.get(&rename.new) else { continue };
            // Each place that went the same way takes a third of the doubt.
            let doubt = (1.0 - rename.similarity) * 0.66_f64.powi(seen.count.min(8) as i32);
            rename.similarity = 1.0 - doubt;
            // What a function does with its own name or parameter shows no caller.
            let own = match (&rename.within, rename.kind) {
                (Some(within), RenameKind::Parameter) => within.clone(),
                (Some(within), _) => format!("{within}.{}", rename.old),
                (None, _) => rename.old.clone(),
            };
            let is_own = |within: &&String| **within == own;
            rename.callers_moved = seen.count - seen.within.iter().filter(is_own).count() as u32;
        }
        found.extend(self.by_usage(&moved, &found));
        for rename in &mut found {
            let scope = Scope { within: rename.within.as_deref(), path: &rename.path };
            rename.is_said = said::renames(&self.commit.message, scope, self.name, &rename.new);
        }
        // A helper may have got the body of what went: who wrote the message knows what is its successor there.
        let is_name = |rename: &Rename| matches!(rename.kind, RenameKind::Symbol(_) | RenameKind::Usage);
        let told: Vec<Option<String>> = found
            .iter()
            .filter(|rename| rename.is_said && is_name(rename))
            .map(|rename| rename.within.clone())
            .collect();
        let is_elsewhere = |rename: &Rename| !told.contains(&rename.within) && rename.kind != RenameKind::Usage;
        found.retain(|rename| rename.is_said || !is_name(rename) || told.is_empty() || is_elsewhere(rename));
        found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.path.cmp(&b.path)));
        let mut seen = std::collections::HashSet::new();
        found.retain(|rename| {
            let kind = std::mem::discriminant(&rename.kind);
            seen.insert((rename.new.clone(), rename.path.clone(), rename.within.clone(), kind))
        });
        found
    }

    fn rename(&self, file: &File, new: &str, kind: RenameKind, line: u32, similarity: f64) -> Rename {
        Rename {
            old: self.name.to_string(),
            new: new.to_string(),
            kind,
            commit: self.commit.id.clone(),
            subject: self.commit.subject().to_string(),
            path: file.change.path.clone(),
            line,
            old_path: file.old_path().clone(),
            within: None,
            similarity,
            callers_moved: 0,
            is_same: true,
            is_said: false,
        }
    }

    fn definitions(&self) -> Vec<Rename> {
        let mut found = Vec::new();
        for file in self.files() {
            let edits = file.edits();
            for index in file.removed().into_iter().filter(|&index| edits.before.items[index].name == self.name) {
                let within = scope_of(&edits.before.path_of(&edits.before.items[index]));
                let successor = file.renamed().iter().find(|pair| pair.old == index);
                if let Some(pair) = successor {
                    let new = &edits.after.items[pair.new];
                    if new.name != self.name {
                        let kind = RenameKind::Symbol(SymbolKind::of(new));
                        let rename = self.rename(file, &new.name, kind, new.line, pair.score);
                        found.push(Rename { within, is_same: pair.is_same, ..rename });
                    }
                    continue;
                }
                if within.is_none() {
                    found.extend(self.moved(file, index));
                }
            }
        }
        found
    }

    /// What came at the place of a definition that went, as unlike it as may be, by the name that the message gives.
    fn told(&self) -> Vec<Rename> {
        let mut found = Vec::new();
        for file in self.files() {
            let (before, after) = (&file.edits().before, &file.edits().after);
            for index in file.removed().into_iter().filter(|&index| before.items[index].name == self.name) {
                let (sketch, within) = (Sketch::of(before, index, file.before()), before.path_of(&before.items[index]));
                let within = scope_of(&within);
                let scope = Scope { within: within.as_deref(), path: &file.change.path };
                let is_beside = |item: &Item| scope_of(&after.path_of(item)) == within;
                for added in file.added().into_iter().filter(|&added| is_beside(&after.items[added])) {
                    let (item, candidate) = (&after.items[added], Sketch::of(after, added, file.after()));
                    if item.name == self.name
                        || sketch.is_class() != candidate.is_class()
                        || !said::tells(&self.commit.message, scope, self.name, &item.name)
                    {
                        continue;
                    }
                    let kind = RenameKind::Symbol(SymbolKind::of(item));
                    let rename = self.rename(file, &item.name, kind, item.line, LIKENESS_TOLD);
                    found.push(Rename { within: within.clone(), is_same: sketch.is_same(&candidate), ..rename });
                }
            }
        }
        found
    }

    /// Where a definition of the module level went: a file of the commit that has it now.
    fn moved(&self, file: &File, index: usize) -> Vec<Rename> {
        let sketch = Sketch::of(&file.edits().before, index, file.before());
        let mut found = Vec::new();
        let mut new_files = 0;
        for other in self.commit.python().filter(|other| !std::ptr::eq(*other, file)) {
            let is_new = other.change.before.is_none();
            new_files += usize::from(is_new);
            let names_it = occurrences(other.after(), self.name).next().is_some();
            if !(names_it || is_new && new_files <= MOST_NEW_FILES) {
                continue;
            }
            let after = &other.edits().after;
            for added in other.added().into_iter().filter(|&added| after.items[added].parent.is_none()) {
                let item = &after.items[added];
                let candidate = Sketch::of(after, added, other.after());
                let body = sketch.body_likeness(&candidate);
                let score = if item.name == self.name { 0.5 + 0.45 * body } else { 0.85 * body };
                let least = if item.name == self.name { 0.5 } else { 0.6 };
                if sketch.is_class() == candidate.is_class() && score >= least {
                    let kind = RenameKind::Symbol(SymbolKind::of(item));
                    let old_path = file.old_path().clone();
                    // What keeps its name may be written anew, but not be another thing.
                    let least_left = if sketch.is_short() { LEAST_LEFT_OF_FEW } else { LEAST_LEFT };
                    let is_same = if item.name == self.name { body >= least_left } else { sketch.is_same(&candidate) };
                    found.push(Rename { old_path, is_same, ..self.rename(other, &item.name, kind, item.line, score) });
                }
            }
        }
        found
    }

    fn parameters(&self) -> Vec<Rename> {
        let mut found = Vec::new();
        for file in self.files() {
            let after = &file.edits().after;
            for pair in file.parameter_pairs(self.name) {
                let function = &after.items[pair.function];
                let Some(new) = &pair.new else { continue };
                let within = Some(after.path_of(function));
                let rename = self.rename(file, new, RenameKind::Parameter, function.line, pair.score);
                found.push(Rename { within, is_same: pair.is_same, ..rename });
            }
        }
        found
    }

    /// What stands where the name stood, in statements that are no definition of it.
    fn callers_moved(&self) -> HashMap<String, Moved<'c>> {
        let mut moved: HashMap<String, Moved<'c>> = HashMap::new();
        for file in self.files().filter(|file| !is_own_edit(self.commit, file)) {
            for pair in file.edits().pairs.iter().filter(|pair| self.mentions(&pair.before.text)) {
                if self.defines(&pair.before.text) {
                    continue;
                }
                for (old, new) in substitutions(&pair.before.text, &pair.after.text) {
                    let as_name = old == self.name && is_name(new);
                    let as_string = string_body(old) == Some(self.name) && string_body(new).is_some();
                    if as_name || as_string {
                        let new = if as_string { string_body(new).unwrap_or(new) } else { new };
                        let first = Moved { file, pair, count: 0, strings: 0, within: Vec::new() };
                        let seen = moved.entry(new.to_string()).or_insert(first);
                        seen.count += 1;
                        seen.within.push(pair.before.within.clone());
                        seen.strings += u32::from(as_string);
                    }
                }
            }
        }
        moved
    }

    fn defines(&self, statement: &str) -> bool {
        let rest = statement.strip_prefix("async ").unwrap_or(statement);
        let defined = rest.strip_prefix("def ").or_else(|| rest.strip_prefix("class "));
        let word = |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next() == Some(self.name);
        defined.is_some_and(word)
            || word(statement) && statement[self.name.len()..].trim_start().starts_with(['=', ':'])
    }

    /// Renames that only callers show. A successor is a name that came as the old one went: one that was
    /// everywhere before is what callers were rewritten with.
    fn by_usage(&self, moved: &HashMap<String, Moved<'c>>, known: &[Rename]) -> Vec<Rename> {
        let count = |name: &str| {
            let count = |text: &str| occurrences(text, name).count();
            let files = self.commit.python().map(|file| (count(file.before()), count(file.after())));
            files.fold((0, 0), |sum, (before, after)| (sum.0 + before, sum.1 + after))
        };
        let (before, after) = count(self.name);
        let stays = after * 2 > before;
        let all: u32 = moved.values().map(|seen| seen.count).sum();
        let unknown = moved.iter().filter(|(new, _)| known.iter().all(|rename| rename.new != **new));
        let mut found = Vec::new();
        for (new, seen) in unknown.filter(|(new, _)| !RECEIVERS.contains(&new.as_str())) {
            let is_literal = seen.strings == seen.count;
            if stays && seen.strings == 0 {
                continue;
            }
            let (had, has) = count(new);
            let came = has.saturating_sub(had) as f64 / has.max(1) as f64;
            let novelty = came.max(likeness(self.name, new));
            let swapped = !is_literal && after == 0 && had == 0;
            let doubt = if swapped { 0.45 } else { 0.7 } * 0.7_f64.powi(seen.count.min(8) as i32);
            let share = f64::from(seen.count) / f64::from(all);
            let weight = if is_literal { 1.0 } else { (0.4 + 0.6 * novelty) * (0.6 + 0.4 * share) };
            let kind = if is_literal { RenameKind::Literal } else { RenameKind::Usage };
            let rename = self.rename(seen.file, new, kind, seen.pair.after.line, (1.0 - doubt) * weight);
            let within = Some(seen.pair.before.within.clone()).filter(|within| !within.is_empty());
            found.push(Rename { within, callers_moved: seen.count, ..rename });
        }
        found
    }

    fn removals(&self) -> Vec<Removal> {
        let mut found = Vec::new();
        for file in self.files() {
            let edits = file.edits();
            let removal = |line: u32, within: Option<String>| Removal {
                commit: self.commit.id.clone(),
                subject: self.commit.subject().to_string(),
                path: file.old_path().clone(),
                line,
                within,
            };
            let gone = file.removed().into_iter().map(|index| &edits.before.items[index]);
            found.extend(
                gone.filter(|item| item.name == self.name)
                    .map(|item| removal(item.line, scope_of(&edits.before.path_of(item)))),
            );
            let bound = |import: &&crate::syntax::outline::Import| import.binds == self.name && import.inside.is_none();
            if let Some(import) = edits.before.imports.iter().find(bound)
                && !edits.after.imports.iter().any(|import| bound(&import))
                && edits.after.children(None).all(|(_, item)| item.name != self.name)
            {
                found.push(removal(import.line, None));
            }
            for pair in file.parameter_pairs(self.name).into_iter().filter(|pair| pair.new.is_none()) {
                let function = &edits.after.items[pair.function];
                found.push(removal(function.line, Some(edits.after.path_of(function))));
            }
        }
        found
    }
}

/// Callers that went one way.
struct Moved<'c> {
    file: &'c File,
    pair: &'c Pair,
    count: u32,
    /// How many of them were strings.
    strings: u32,
    /// The function or class around each.
    within: Vec<String>,
}

fn scope_of(path: &str) -> Option<String> {
    path.rsplit_once('.').map(|(scope, _)| scope.to_string())
}
