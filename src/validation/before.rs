//! Does a heal depend on the change that broke the test? The healed test is run on the source before that
//! change: where it passes there as well, it may have stopped to check what changed.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Serialize, Serializer};
use tempfile::TempDir;

use super::cold;
use super::runner::Runner;
use super::trial::{Setting, Shown, Texts, Trial};
use crate::workspace::history::UNCOMMITTED;

/// What the runs on the previous source showed of one healed test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// The healed test fails on the previous source: it follows the change.
    Follows,
    /// The healed test passes on the previous source, too.
    PossiblyVacuous,
    /// It cannot be told, for this reason.
    Unknown(String),
}

impl Dependence {
    /// The same answer for each of so many tests.
    pub fn unknown(reason: &str, tests: usize) -> Vec<Self> {
        vec![Self::Unknown(reason.to_string()); tests]
    }
}

/// `follows`, `possibly-vacuous`, or `null` where it is not known.
impl Serialize for Dependence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Follows => serializer.serialize_str("follows"),
            Self::PossiblyVacuous => serializer.serialize_str("possibly-vacuous"),
            Self::Unknown(_) => serializer.serialize_none(),
        }
    }
}

/// Trees above these sizes are not written out for a check.
const MOST_FILES: usize = 3_000;
const MOST_BYTES: u64 = 50 << 20;

/// Runs `tests` on the source before `commit` (or on the last commit, for `uncommitted`), with the texts before
/// and after the heal; one answer for each test.
pub(super) fn check(setting: &Setting, commit: &str, tests: &[String], old: &Texts, healed: &Texts) -> Vec<Dependence> {
    let tree = match Tree::before(setting, commit) {
        Ok(tree) => tree,
        Err(reason) => return Dependence::unknown(&reason, tests.len()),
    };
    let was = tree.run(setting, tests, old);
    if !tests.iter().any(|test| passed(&was, test)) {
        return Dependence::unknown(NEVER_PASSED, tests.len());
    }
    let is = tree.run(setting, tests, healed);
    let answer = |test: &String| match (passed(&was, test), passed(&is, test)) {
        (false, _) => Dependence::Unknown(NEVER_PASSED.to_string()),
        (true, true) => Dependence::PossiblyVacuous,
        (true, false) => Dependence::Follows,
    };
    tests.iter().map(answer).collect()
}

/// Not in git, installed from elsewhere, or broken before: the previous source is not what ran.
const NEVER_PASSED: &str = "the test as it was does not pass on the previous source";

fn passed(shown: &Shown, test: &str) -> bool {
    let file = test.split("::").next().unwrap_or_default();
    let broken = shown.broken.iter().any(|failure| failure.path.as_deref() == Some(file) || failure.nodeid == file);
    let ran = shown.named(test).next().is_some() && shown.named(test).all(|(_, test)| test.passed());
    shown.finished && !broken && ran
}

/// The files of one commit in a temporary folder. Neither the work tree nor anything in `.git` changes.
struct Tree {
    folder: TempDir,
}

impl Tree {
    fn before(setting: &Setting, commit: &str) -> Result<Self, String> {
        match &setting.runner {
            Runner::Custom { .. } => return Err("each run of a custom runner may be expensive".to_string()),
            Runner::Pytest { argv, .. } if ["uv", "poetry", "pdm"].contains(&argv[0].as_str()) => {
                return Err(format!("{} would install the previous source", argv[0]));
            }
            Runner::Pytest { .. } => {}
        }
        let revision = match commit {
            UNCOMMITTED => "HEAD".to_string(),
            hash if !hash.is_empty() && hash.chars().all(|c| c.is_ascii_hexdigit()) => format!("{hash}^"),
            other => return Err(format!("{other:?} is no commit")),
        };
        let folder = tempfile::Builder::new().prefix("before-").tempdir_in(setting.plugin.folder());
        let folder = folder.map_err(|error| error.to_string())?;
        let index = folder.path().join("index");
        let git = |arguments: &[&OsStr]| git(&setting.root, &index, arguments);
        let listing = git(&["ls-tree", "-r", "-l", "--full-tree", &revision].map(OsStr::new))?;
        let sizes = listing.lines().filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
        if listing.lines().count() > MOST_FILES || sizes.sum::<u64>() > MOST_BYTES {
            return Err("the previous source is too large to be written out".to_string());
        }
        git(&[OsStr::new("read-tree"), OsStr::new(&revision)])?;
        let mut prefix = std::ffi::OsString::from("--prefix=");
        prefix.push(folder.path().join("tree"));
        prefix.push("/");
        git(&[OsStr::new("checkout-index"), OsStr::new("--all"), OsStr::new("--force"), &prefix])?;
        Ok(Self { folder })
    }

    /// The project inside the tree: the repository may begin above it.
    fn root(&self, setting: &Setting) -> std::path::PathBuf {
        let tree = self.folder.path().join("tree");
        let top = git(&setting.root, Path::new(""), &[OsStr::new("rev-parse"), OsStr::new("--show-prefix")]);
        let root = tree.join(top.unwrap_or_default().trim());
        root.canonicalize().unwrap_or(root)
    }

    fn run(&self, setting: &Setting, tests: &[String], texts: &Texts) -> Shown {
        let root = self.root(setting);
        for (path, text) in texts {
            let Ok(below) = path.strip_prefix(&setting.root) else { continue };
            let place = root.join(below);
            if leads_out(&self.folder.path().join("tree"), &place) {
                return Shown::nothing("the previous source holds a link that leads out of it");
            }
            let written =
                place.parent().map(std::fs::create_dir_all).and_then(|_| std::fs::write(&place, &**text).ok());
            if written.is_none() {
                return Shown::nothing("the previous source cannot be written out");
            }
        }
        let trial = Trial { base: Texts::new(), texts: Texts::new(), tests: tests.to_vec() };
        cold::run(setting, &root, &trial).unwrap_or_else(|error| Shown::nothing(error.to_string()))
    }
}

/// Whether a link on the way to `place` leads out of `tree`.
fn leads_out(tree: &Path, place: &Path) -> bool {
    let below = |real: std::path::PathBuf| tree.canonicalize().is_ok_and(|tree| real.starts_with(tree));
    let existing = place.ancestors().find(|ancestor| ancestor.symlink_metadata().is_ok());
    !existing.is_some_and(|existing| existing.canonicalize().is_ok_and(below))
}

fn git(root: &Path, index: &Path, arguments: &[&OsStr]) -> Result<String, String> {
    let mut command = Command::new("git");
    command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]).args(arguments).current_dir(root);
    command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    if !index.as_os_str().is_empty() {
        command.env("GIT_INDEX_FILE", index);
    }
    let output = command.output().map_err(|error| format!("git cannot be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git has no previous source: {}", said.lines().next().unwrap_or_default()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_the_previous_source_is_not_followed_out_of_it() {
        let (tree, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), tree.path().join("test_a.py")).unwrap();
        std::os::unix::fs::symlink("test_b.py", tree.path().join("test_c.py")).unwrap();
        std::fs::write(tree.path().join("test_b.py"), "").unwrap();
        assert!(leads_out(tree.path(), &tree.path().join("test_a.py")));
        assert!(!leads_out(tree.path(), &tree.path().join("test_c.py")));
        assert!(!leads_out(tree.path(), &tree.path().join("tests/test_new.py")));
    }
}
