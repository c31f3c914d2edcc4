//! Candidates run against real pytest without a file being touched.

#[path = "../common/mod.rs"]
#[allow(dead_code)]
mod common;

mod evidence;
#[cfg(target_os = "linux")]
mod forks;
mod healing;
mod overlay;
mod previous;
mod verdicts;

use std::path::Path;
use std::time::Duration;

use pytest_medic::report::Failure;
use pytest_medic::text::{Edit, FilePath};
use pytest_medic::validation::runner::Runner;
use pytest_medic::validation::{Options, Rerun, Validator, Verdict};
use pytest_medic::workspace::Snapshot;
use tempfile::TempDir;

/// The interpreter that runs pytest; tests/runtime/matrix.py names others.
fn python() -> String {
    std::env::var("PYTEST_MEDIC_TEST_PYTHON").unwrap_or_else(|_| common::python().to_string_lossy().into_owned())
}

/// A project in a temporary folder.
struct Project {
    folder: TempDir,
    options: Options,
}

const TEST: &str = "tests/test_cart.py";

impl Project {
    /// A product, `tests/test_cart.py` and what else is wanted.
    fn new(test: &str, others: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        common::write(folder.path(), &[("pytest.ini", "[pytest]\npythonpath = .\n"), ("shop.py", SHOP), (TEST, test)]);
        common::write(folder.path(), others);
        Self { folder, options: Options { limit: Duration::from_secs(30), ..Options::default() } }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn validator(&self) -> Validator {
        let python = python();
        let argv = [&python, "-m", "pytest"].map(ToString::to_string).to_vec();
        let runner = Runner::Pytest { argv, found: "test".to_string() };
        Validator::new(self.root(), runner, self.options.clone()).unwrap()
    }

    /// Replaces `old` by `new` in `path` and runs `nodeid`, which is said to fail at `line` with an AttributeError.
    fn rerun(&self, validator: &mut Validator, path: &str, (old, new): (&str, &str), failure: &Failure) -> Rerun {
        let snapshot = Snapshot::open(self.root());
        let path = FilePath::new(path);
        let text = snapshot.text(&path).unwrap();
        let at = text.find(old).unwrap_or_else(|| panic!("{old:?} is not in {path}"));
        let edit = Edit::replace(&path, at..at + old.len(), new);
        validator.validate(&snapshot, &[edit], &[failure], 1)
    }

    fn verdict(&self, change: (&str, &str), failure: &Failure) -> Verdict {
        self.rerun(&mut self.validator(), TEST, change, failure).verdict
    }

    /// Every file below the project with its bytes.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut pending = vec![self.root().to_path_buf()];
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    files.push((path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

const SHOP: &str = "class Cart:
    def __init__(self):
        self.items = [1, 2]

    def total(self):
        return 3

    def report(self):
        return {'lines': [1, 2], 'notes': []}
";

fn failure(nodeid: &str, line: u32, exc_type: &str, message: &str) -> Failure {
    Failure {
        nodeid: nodeid.to_string(),
        path: Some(TEST.to_string()),
        line: Some(line),
        exc_type: Some(exc_type.to_string()),
        message: Some(message.to_string()),
        ..Failure::default()
    }
}

/// The failure of most scenes: line 5 of `test_total` asks for `totl`.
fn no_totl() -> Failure {
    failure("tests/test_cart.py::test_total", 5, "AttributeError", "'Cart' object has no attribute 'totl'")
}
