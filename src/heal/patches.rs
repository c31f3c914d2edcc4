//! `.healing_fixes/*.patch`: fixes that wait for a person. A plain `git apply` takes them; the lines above the
//! diff, which git passes over, say what the fix is and why.

mod unified;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use similar::TextDiffConfig;

use crate::diagnosis::Diagnosis;
use crate::fix::{Evidence, EvidenceKind, Fix, Place, Tier};
use crate::guard;
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::clock;
use super::files::{FileError, back_up, editable, inside, write_atomic};
use super::history::{Entry, Outcome, fix_id, signature};
use unified::{FilePatch, line_starts, parse_files};

/// Where patches wait, below the root.
pub const PATCH_FOLDER: &str = ".healing_fixes";

/// A patch with more than this is not ours.
const LARGEST_PATCH: u64 = 4 << 20;

/// A fix as its patch file tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// The lines above the diff, in order: `("Fix", "Rename `totl` to `total`")`.
    pub header: Vec<(String, String)>,
    /// The diff itself.
    pub diff: String,
    files: Vec<FilePatch>,
}

/// Why a patch was not read or applied.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// It is no unified diff.
    #[error("{0}")]
    Malformed(String),
    /// The file is not as it was when the patch was made.
    #[error(
        "{path} has changed since the fix was made (around line {line}); run `pytest-medic heal --suggest-only` again"
    )]
    MovedOn {
        /// The file.
        path: FilePath,
        /// 1-based.
        line: usize,
    },
    /// The patch edits what no fix may.
    #[error("the patch {0}; nothing was changed")]
    OutOfScope(String),
    /// There is no such patch.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The text of the patch file for `fix` of the diagnosed failure.
pub fn render(snapshot: &Snapshot, diagnosis: &Diagnosis, fix: &Fix) -> String {
    let failure = &diagnosis.failure;
    let tier = if fix.tier == Tier::Safe { "safe" } else { "review (changes what is checked)" };
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // One line each: a line of its own could look like a diff to git.
        text.push_str(&format!("{key}: {}\n", value.split_whitespace().collect::<Vec<_>>().join(" ")));
    };
    line("Fix", &fix.title);
    line("Test", &failure.nodeid);
    line("Error", &failure.headline().unwrap_or_default());
    line("Category", &format!("{:?}", diagnosis.category));
    line("Reason", &diagnosis.reason);
    line("Strategy", fix.strategy);
    line("Confidence", &format!("{:.2}", fix.confidence.value()));
    line("Tier", tier);
    for evidence in &fix.evidence {
        line("Evidence", &evidence_line(evidence));
    }
    line("Signature", &signature(failure));
    line("Id", &fix_id(fix));
    text.push('\n');
    text + &diff(snapshot, fix)
}

fn evidence_line(evidence: &Evidence) -> String {
    let kind = serde_json::to_value(evidence.kind).ok().and_then(|kind| kind.as_str().map(str::to_string));
    let kind = kind.unwrap_or_default();
    match &evidence.place {
        Place::File { path, line } => format!("{kind} {path}:{line} {}", evidence.text),
        Place::Commit { commit } => format!("{kind} {commit} {}", evidence.text),
        Place::Log => format!("{kind} {}", evidence.text),
    }
}

/// What `fix` changes, as git prints it.
fn diff(snapshot: &Snapshot, fix: &Fix) -> String {
    let Ok(healed) = snapshot.with_edits(&fix.edits) else { return String::new() };
    let mut paths: Vec<&FilePath> = fix.edits.iter().map(|edit| &edit.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let one = |path: &FilePath| {
        let (old, new) = (snapshot.text(path).unwrap_or_default(), healed.text(path).unwrap_or_default());
        let (old, new): (Vec<&str>, Vec<&str>) = (lines(&old), lines(&new));
        // Lines end with `\n` alone, as git sees them: a lone `\r` is part of a line.
        let diff = TextDiffConfig::default().newline_terminated(true).diff_slices(&old, &new);
        // git ends a name that holds a blank with a tab.
        let end = if path.as_str().contains(' ') { "\t" } else { "" };
        let (a, b) = (format!("a/{path}{end}"), format!("b/{path}{end}"));
        format!("diff --git a/{path} b/{path}\n{}", diff.unified_diff().context_radius(3).header(&a, &b))
    };
    paths.into_iter().map(one).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Writes the patch of `fix` into the folder below `root`, named after its test; the same patch only once.
pub fn save(root: &Path, snapshot: &Snapshot, diagnosis: &Diagnosis, fix: &Fix) -> Result<PathBuf, FileError> {
    let text = render(snapshot, diagnosis, fix);
    let test = diagnosis.failure.nodeid.rsplit("::").next().unwrap_or_default();
    let test: String = test.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).take(80).collect();
    let test = if test.is_empty() { "fix".to_string() } else { test };
    for number in 1.. {
        let name = if number == 1 { format!("{test}.patch") } else { format!("{test}-{number}.patch") };
        let path = inside(root, &FilePath::new(&format!("{PATCH_FOLDER}/{name}")))?;
        match fs::read_to_string(&path) {
            Ok(there) if there == text => return Ok(path),
            Ok(_) => {}
            Err(_) => {
                write_atomic(&path, text.as_bytes())?;
                return Ok(path);
            }
        }
    }
    unreachable!("some number is free")
}

/// The patch files that wait below `root`, sorted by name; none where their folder is a link that leads out: whoever
/// takes or refuses one removes it.
pub fn pending(root: &Path) -> Vec<PathBuf> {
    let folder = inside(root, &FilePath::new(PATCH_FOLDER));
    let Ok(Ok(entries)) = folder.map(fs::read_dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "patch") && path.is_file());
    paths.sort_unstable();
    paths
}

impl Patch {
    /// Reads a patch file; an error does not name it.
    pub fn open(path: &Path) -> Result<Self, PatchError> {
        if fs::metadata(path).map_err(PatchError::Unreadable)?.len() > LARGEST_PATCH {
            return Err(PatchError::Malformed("is too large for a fix".to_string()));
        }
        let bytes = fs::read(path).map_err(PatchError::Unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| PatchError::Malformed("is not UTF-8".to_string()))?;
        Self::parse(&text).map_err(PatchError::Malformed)
    }

    /// Reads the text of a patch, ours or any unified diff of text files.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_diff = |line: &str| line.starts_with("diff --git ") || line.starts_with("--- ");
        let start = line_starts(text).find(|at| is_diff(&text[*at..])).ok_or("there is no diff in it")?;
        let header = text[..start].lines().filter_map(|line| line.split_once(": "));
        let header = header.map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let diff = &text[start..];
        Ok(Self { header, diff: diff.to_string(), files: parse_files(diff)? })
    }

    /// The first header line of that name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.header.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The history's entry for what a person made of it; `None` for a patch that is not ours.
    pub fn entry(&self, outcome: Outcome) -> Option<Entry> {
        let word = |value: &str| value.split(' ').next().map(|word| serde_json::Value::String(word.to_string()));
        let kinds = self.header.iter().filter(|(key, _)| key == "Evidence").filter_map(|(_, value)| word(value));
        let mut evidence: Vec<EvidenceKind> = kinds.filter_map(|kind| serde_json::from_value(kind).ok()).collect();
        evidence.sort_unstable();
        evidence.dedup();
        Some(Entry {
            date: clock::date(SystemTime::now()),
            signature: self.get("Signature")?.to_string(),
            fix: self.get("Id")?.to_string(),
            strategy: self.get("Strategy")?.to_string(),
            evidence,
            outcome,
            nodeid: self.get("Test")?.to_string(),
            title: self.get("Fix")?.to_string(),
        })
    }

    /// The files that it edits.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.files.iter().map(|file| &file.path)
    }

    /// Applies it below `root`: all files or none, the originals kept in the backup folder of `session`. What each
    /// file was and is.
    pub fn apply(&self, root: &Path, session: &str) -> Result<Vec<(FilePath, String, String)>, PatchError> {
        let snapshot = Snapshot::open(root);
        let mut texts: Vec<(&FilePath, PathBuf, String, String)> = Vec::new();
        for file in &self.files {
            guard::may_edit(&snapshot, &file.path).map_err(PatchError::OutOfScope)?;
            let place = editable(root, &snapshot, &file.path)?;
            let old = fs::read_to_string(&place).map_err(|source| FileError::Io { path: place.clone(), source })?;
            let new = file.applied_to(&old).map_err(|line| PatchError::MovedOn { path: file.path.clone(), line })?;
            texts.push((&file.path, place, old, new));
        }
        for (path, ..) in &texts {
            back_up(root, path, session)?;
        }
        for (done, (_, place, _, new)) in texts.iter().enumerate() {
            if let Err(error) = write_atomic(place, new.as_bytes()) {
                // What was written before the failure goes back; a second failure leaves it to the backup.
                texts[..done].iter().for_each(|(_, place, old, _)| drop(write_atomic(place, old.as_bytes())));
                return Err(error.into());
            }
        }
        Ok(texts.into_iter().map(|(path, _, old, new)| (path.clone(), old, new)).collect())
    }
}

/// Takes a patch file out of the folder, once its fix was taken or refused.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(FileError::Io { path: path.to_path_buf(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::diagnose;
    use crate::fix::Confidence;
    use crate::report::Failure;
    use crate::text::Edit;
    use std::process::Command;
    use std::sync::Arc;

    /// A project with one test file, and a fix that puts `new` where `old` stands.
    fn project(name: &str, text: &str, old: &str, new: &str) -> (tempfile::TempDir, Fix, Diagnosis) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        let at = text.find(old).unwrap();
        let path = FilePath::new(name);
        let fix = Fix {
            title: "Rename\n--- a/evil".to_string(),
            strategy: "attribute-rename",
            edits: vec![Edit::replace(&path, at..at + old.len(), new)],
            confidence: Confidence::new(0.9),
            evidence: vec![Evidence::at(EvidenceKind::Source, &path, 1, "`Cart` defines `total`")],
            tier: Tier::Safe,
        };
        let failure = Failure { nodeid: format!("{name}::test_a[1/2]"), ..Failure::default() };
        let diagnosis = diagnose(&Snapshot::open(root.path()), &Arc::new(failure));
        (root, fix, diagnosis)
    }

    const TEXT: &str = "def test_a():\n    cart = 1\n    assert cart.totl() == 0\n\n\ndef test_b():\n    pass\n";

    #[test]
    fn git_and_we_apply_a_patch_alike() {
        let texts = [
            TEXT.to_string(),
            TEXT.replace('\n', "\r\n"),
            TEXT.trim_end().replace("pass", "assert cart.totl").replacen("totl", "sum", 1),
            TEXT.replace("cart = 1", "cart = 'a\rb'"),
        ];
        for name in ["tests/test_a.py", "tests/with blank/test_ä.py"] {
            for text in &texts {
                let (root, fix, diagnosis) = project(name, text, "totl", "total");
                let healed = text.replacen("totl", "total", 1);
                let saved = save(root.path(), &Snapshot::open(root.path()), &diagnosis, &fix).unwrap();
                assert_eq!(saved.file_name().unwrap(), "test_a-1-2-.patch");
                let git = Command::new("git").arg("apply").arg(&saved).current_dir(root.path()).output().unwrap();
                assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
                assert_eq!(fs::read_to_string(root.path().join(name)).unwrap(), healed);
                fs::write(root.path().join(name), text).unwrap();
                let patch = Patch::open(&saved).unwrap();
                assert_eq!(patch.get("Fix"), Some("Rename --- a/evil"));
                patch.apply(root.path(), "s").unwrap();
                assert_eq!(fs::read_to_string(root.path().join(name)).unwrap(), healed);
                assert!(root.path().join(".healing_backup/s").join(name).exists());
            }
        }
    }

    #[test]
    fn a_patch_finds_its_lines_where_others_came_above() {
        let (root, fix, diagnosis) = project("test_a.py", TEXT, "totl", "total");
        let patch = Patch::parse(&render(&Snapshot::open(root.path()), &diagnosis, &fix)).unwrap();
        fs::write(root.path().join("test_a.py"), format!("import os\n\n{TEXT}")).unwrap();
        patch.apply(root.path(), "s").unwrap();
        assert!(fs::read_to_string(root.path().join("test_a.py")).unwrap().contains("cart.total()"));
    }

    #[test]
    fn a_file_that_moved_on_is_left_alone() {
        let (root, fix, diagnosis) = project("test_a.py", TEXT, "totl", "total");
        let patch = Patch::parse(&render(&Snapshot::open(root.path()), &diagnosis, &fix)).unwrap();
        let edited = TEXT.replace("cart = 1", "cart = 2");
        fs::write(root.path().join("test_a.py"), &edited).unwrap();
        let error = patch.apply(root.path(), "s").unwrap_err();
        assert!(error.to_string().contains("test_a.py has changed since the fix was made"), "{error}");
        assert_eq!(fs::read_to_string(root.path().join("test_a.py")).unwrap(), edited);
    }

    #[test]
    fn a_patch_of_several_files_is_applied_whole_or_not_at_all() {
        let (root, mut fix, diagnosis) = project("test_a.py", TEXT, "totl", "total");
        fs::write(root.path().join("test_b.py"), TEXT).unwrap();
        let other = Edit { path: FilePath::new("test_b.py"), ..fix.edits[0].clone() };
        fix.edits.push(other);
        let patch = Patch::parse(&render(&Snapshot::open(root.path()), &diagnosis, &fix)).unwrap();
        fs::write(root.path().join("test_b.py"), "").unwrap();
        assert!(patch.apply(root.path(), "s").is_err());
        assert_eq!(fs::read_to_string(root.path().join("test_a.py")).unwrap(), TEXT);
    }

    #[test]
    fn patches_of_what_no_fix_may_edit_are_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("shop.py"), "a\n").unwrap();
        for path in ["shop.py", "../test_a.py", "/etc/passwd", ".git/config", "pytest.ini"] {
            let text = format!("--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n");
            let error = Patch::parse(&text).unwrap().apply(root.path(), "s").unwrap_err();
            assert!(matches!(error, PatchError::OutOfScope(_)), "{path}: {error}");
        }
        assert_eq!(fs::read_to_string(root.path().join("shop.py")).unwrap(), "a\n");
    }

    #[test]
    fn what_is_no_patch_is_said_to_be_none() {
        for text in [
            "",
            "hello",
            "--- a/x\n",
            "--- a/x\n+++ b/x\n",
            "--- /dev/null\n+++ b/test_x.py\n@@ -0,0 +1 @@\n+a\n",
            "--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n",
            "--- a/x\n+++ b/x\n@@ -0 +9999999999999999999999 @@\n",
            "@@ -1 +1 @@\n",
        ] {
            assert!(Patch::parse(text).is_err(), "{text:?}");
        }
    }
}
