//! What the test binaries share: a pinned pytest in a venv under `target/`, and the built program.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// pytest and the plugins that tests need, pinned so that logs stay what they are.
const REQUIREMENTS: [&str; 2] = ["pytest==9.2.0", "pytest-asyncio==1.5.0"];

/// The interpreter of a venv with pytest, made once for all test binaries; needs `python3` and an index.
pub fn python() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let venv = target.join("pytest-venv");
    let lock = File::create(target.join("pytest-venv.lock")).expect("target/ can be written");
    lock.lock().expect("a local lock");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = venv.join("complete");
    let wanted = REQUIREMENTS.join("\n");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&*wanted) {
        // What a run that was cut off left behind is of no use.
        let _ = fs::remove_dir_all(&venv);
        done(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(REQUIREMENTS);
        done(&mut pip);
        fs::write(&stamp, wanted).expect("target/ can be written");
    }
    python
}

/// The program under test.
pub fn medic() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pytest-medic"));
    command.env("NO_COLOR", "1");
    command
}

/// Writes `files` below `root`.
pub fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a file below the root")).expect("a temporary folder can be written");
        fs::write(path, text).expect("a temporary folder can be written");
    }
}

fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}
