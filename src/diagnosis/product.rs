//! What happened to the product since the test was last touched.

use std::sync::{Arc, LazyLock};

use crate::syntax::memory::Memory;
use crate::syntax::outline::Outline;
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::history::{Change, Rename, RenameKind};
use crate::workspace::similar_names::similar;
use crate::workspace::words::occurrences;

/// The Python files of the product that changed since `test` was last touched, newest commit first.
pub fn changes(snapshot: &Snapshot, test: &FilePath) -> Vec<Change> {
    let all = snapshot.history().changes(Some(test));
    all.into_iter().filter(|change| change.path.as_str().ends_with(".py") && !change.path.is_test_code()).collect()
}

/// What one commit changed in the product's Python since a test was last touched.
pub fn changes_of(snapshot: &Snapshot, test: &FilePath, commit: &str) -> Vec<Change> {
    let mut changes = changes(snapshot, test);
    changes.retain(|change| change.commit == commit);
    changes
}

/// Whether one of the files that changed named `name` before.
pub fn mention(changes: &[Change], name: &str) -> bool {
    changes.iter().filter_map(|change| change.before.as_deref()).any(|text| occurrences(text, name).next().is_some())
}

/// The change in which the module level of a product file lost `name`: a definition, else an import of it.
pub fn removal(snapshot: &Snapshot, test: &FilePath, name: &str) -> Option<Change> {
    let imports = |text: &Option<Arc<str>>| {
        outline_naming(text, name).is_some_and(|outline| outline.imports.iter().any(|import| import.binds == name))
    };
    let binds = |text: &Option<Arc<str>>| is_defined_in(text, name) || imports(text);
    let lost = |change: &Change| binds(&change.before) && !binds(&change.after);
    let mut losses: Vec<Change> = changes(snapshot, test).into_iter().filter(lost).collect();
    let at = losses.iter().position(|change| is_defined_in(&change.before, name)).unwrap_or(0);
    (!losses.is_empty()).then(|| losses.swap_remove(at))
}

/// Whether the module level of a text defines `name`.
pub fn is_defined_in(text: &Option<Arc<str>>, name: &str) -> bool {
    outline_naming(text, name).is_some_and(|outline| outline.children(None).any(|(_, item)| item.name == name))
}

/// The outline of a file before or after a change, where it has the word.
pub fn outline_naming(text: &Option<Arc<str>>, word: &str) -> Option<Arc<Outline>> {
    text.as_ref().filter(|text| text.contains(word)).map(Outline::of_text)
}

/// The change that took away the file of a module, dotted.
pub fn module_removal(snapshot: &Snapshot, test: &FilePath, module: &str) -> Option<Change> {
    let path = module.replace('.', "/");
    let is_file_of = |file: &str| {
        let stem = file.strip_suffix("/__init__.py").or_else(|| file.strip_suffix(".py")).unwrap_or(file);
        stem == path || stem.strip_suffix(&path).is_some_and(|above| above.ends_with('/'))
    };
    changes(snapshot, test).into_iter().find(|change| change.after.is_none() && is_file_of(change.path.as_str()))
}

/// Whether a rename that git shows can be taken as one: callers alone, moved to something with another
/// name, were rewritten rather than renamed; one letter of one string is as well a slip.
pub fn is_trusted(rename: &Rename) -> bool {
    let alike = !similar(&rename.old, [rename.new.as_str()]).is_empty();
    rename.similarity >= 0.5
        && !is_slip(rename)
        && (rename.kind != RenameKind::Usage || alike || rename.callers_moved > 3)
}

/// Whether one letter of a string changed at one place only.
pub fn is_slip(rename: &Rename) -> bool {
    let of_string = matches!(rename.kind, RenameKind::Literal | RenameKind::Usage);
    of_string && rename.callers_moved <= 1 && is_one_letter(&rename.old, &rename.new)
}

/// Whether one letter came, went or changed, or two changed places; another case is a convention, not a slip.
pub fn is_one_letter(old: &str, new: &str) -> bool {
    if old.to_lowercase() == new.to_lowercase() {
        return false;
    }
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let (gone, came) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let are_swapped = gone.len() == 2 && came.len() == 2 && gone[0] == came[1] && gone[1] == came[0];
    gone.len().max(came.len()) == 1 || are_swapped
}

/// Lines that a commit took out of a file and put in at the same place.
#[derive(Clone, Debug)]
pub struct Hunk {
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file.
    pub path: FilePath,
    /// 1-based line of the first added line, in the text after.
    pub line: u32,
    /// The lines that went.
    pub removed: Vec<String>,
    /// The lines that came.
    pub added: Vec<String>,
}

/// Larger texts are data, not something to compare line by line.
const LARGEST_TEXT: usize = 1 << 20;
/// Bytes of text whose hunks are remembered.
const REMEMBERED: usize = 16 << 20;

static COMPARED: LazyLock<Memory<Change, Arc<[Hunk]>>> = LazyLock::new(|| Memory::new(REMEMBERED));

/// What changed outside of the tests since `test` was last touched, line by line: source, documentation,
/// changelogs.
pub fn hunks(snapshot: &Snapshot, test: &FilePath) -> Vec<Hunk> {
    let changes = snapshot.history().changes(Some(test));
    changes.iter().filter(|change| !change.path.is_test_code()).flat_map(hunks_of).collect()
}

/// The hunks of one change. They are remembered while there is room: each strategy asks for them.
pub fn hunks_of(change: &Change) -> Vec<Hunk> {
    let known = COMPARED.get(change).unwrap_or_else(|| {
        let hunks: Arc<[Hunk]> = compared(change).into();
        let length = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        COMPARED.insert(change.clone(), hunks.clone(), length(&change.before) + length(&change.after));
        hunks
    });
    known.to_vec()
}

fn compared(change: &Change) -> Vec<Hunk> {
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_string();
    let (before, after) = (text(&change.before), text(&change.after));
    if before.len().max(after.len()) > LARGEST_TEXT {
        return Vec::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let diff = ::similar::capture_diff_slices(::similar::Algorithm::Myers, &old, &new);
    let lines = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect();
    diff.iter()
        .filter(|op| op.tag() != ::similar::DiffTag::Equal)
        .map(|op| Hunk {
            commit: change.commit.clone(),
            subject: change.subject.clone(),
            path: change.path.clone(),
            line: op.new_range().start as u32 + 1,
            removed: lines(&old[op.old_range()]),
            added: lines(&new[op.new_range()]),
        })
        .collect()
}

/// The hunk in which `raise E(…)` became `warnings.warn(…)` (or the other way round): nobody does that by a slip.
pub fn turned_over(snapshot: &Snapshot, test: &FilePath, exception: &str, warns_now: bool) -> Option<Hunk> {
    turns(snapshot, test, exception, warns_now).into_iter().next()
}

/// All such hunks.
pub fn turns(snapshot: &Snapshot, test: &FilePath, exception: &str, warns_now: bool) -> Vec<Hunk> {
    let raises = |line: &String| line.trim_start().starts_with("raise ");
    let warns = |line: &String| line.contains("warn(");
    let of_it = |lines: &[String]| lines.iter().any(|line| occurrences(line, exception).next().is_some());
    let is_turned = |hunk: &Hunk| {
        let (removed, added) = (&hunk.removed, &hunk.added);
        let turned = match warns_now {
            true => removed.iter().any(raises) && !added.iter().any(raises) && added.iter().any(warns),
            false => removed.iter().any(warns) && !added.iter().any(warns) && added.iter().any(raises),
        };
        // A warning without a category is a `UserWarning`, which nobody writes.
        turned && (of_it(removed) || !warns_now)
    };
    hunks(snapshot, test).into_iter().filter(Hunk::is_python).filter(is_turned).collect()
}

/// What differs from machine to machine and from run to run.
const MACHINE: [&str; 14] = [
    "cpu_count",
    "sched_getaffinity",
    "getpid",
    "gethostname",
    "getuser",
    "get_terminal_size",
    "uuid4",
    "uuid1",
    "urandom",
    "random",
    "monotonic",
    "perf_counter",
    "datetime.now",
    "time.time",
];

/// Whether the product asks the machine or the moment for a value where it did not before: what a run gives is
/// then not what other runs will give.
pub fn asks_the_machine(snapshot: &Snapshot, test: &FilePath) -> bool {
    let asks = |lines: &[String]| {
        lines.iter().any(|line| MACHINE.iter().any(|word| occurrences(line, &format!("{word}(")).next().is_some()))
    };
    hunks(snapshot, test).iter().any(|hunk| hunk.is_python() && asks(&hunk.added) && !asks(&hunk.removed))
}

impl Hunk {
    /// Whether the file is Python.
    pub fn is_python(&self) -> bool {
        self.path.as_str().ends_with(".py")
    }

    /// Whether the hunk takes `old` away and brings `new`, both as words of their own.
    pub fn replaces(&self, old: &str, new: &str) -> bool {
        let count =
            |lines: &[String], text: &str| lines.iter().map(|line| occurrences(line, text).count()).sum::<usize>();
        count(&self.removed, old) > count(&self.added, old) && count(&self.added, new) > count(&self.removed, new)
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_letter;

    #[test]
    fn one_letter_is_a_slip_and_another_word_is_not() {
        assert!(is_one_letter("revision", "revisionx") && is_one_letter("state", "stale") && is_one_letter("aa", "a"));
        assert!(is_one_letter("received", "recieved") && is_one_letter("html", "hmtl"));
        assert!(
            !is_one_letter("phase", "state")
                && !is_one_letter("stackLevel", "stacklevel")
                && !is_one_letter("qty", "quantity")
        );
    }
}
