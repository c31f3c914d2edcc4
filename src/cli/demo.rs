//! `pytest-medic demo`: a small project, broken by a refactoring, healed before your eyes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::style::{DIM, PLACE, RESET, STRONG};
use super::{Failed, heal, out};
use crate::validation::runner::venv_python;
use crate::workspace::graveyards;

/// Builds a small broken project in a temporary folder and heals it before your eyes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic demo")]
pub struct Args {
    /// Where to build the project; a new folder in the system's temporary folder without it.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// The project as it was when its tests passed.
const BEFORE: [(&str, &str); 7] = [
    ("pyproject.toml", include_str!("demo/before/pyproject.toml")),
    ("shop/__init__.py", include_str!("demo/before/shop/__init__.py")),
    ("shop/cart.py", include_str!("demo/before/shop/cart.py")),
    ("shop/money.py", include_str!("demo/before/shop/money.py")),
    ("tests/conftest.py", include_str!("demo/before/tests/conftest.py")),
    ("tests/test_cart.py", include_str!("demo/before/tests/test_cart.py")),
    ("tests/test_prices.py", include_str!("demo/before/tests/test_prices.py")),
];

/// What the refactoring changed; the tests were forgotten.
const AFTER: [(&str, &str); 3] = [
    ("shop/cart.py", include_str!("demo/after/shop/cart.py")),
    ("shop/pricing.py", include_str!("demo/after/shop/pricing.py")),
    ("tests/conftest.py", include_str!("demo/after/tests/conftest.py")),
];

/// The exit code is that of `heal`.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let root = match &args.folder {
        Some(folder) => new_folder(folder)?,
        None => tempfile::Builder::new().prefix("pytest-medic-demo-").tempdir().map_err(no_folder)?.keep(),
    };
    step(&format!("a small shop with tests, in {PLACE}{}{RESET}", root.display()));
    write(&root, &BEFORE)?;
    fs::write(root.join(".gitignore"), ".venv/\n__pycache__/\n.pytest_cache/\n").map_err(no_folder)?;
    let history = git(&root, &["init", "--quiet"]) && commit(&root, "A small shop");
    step("a refactoring renames a method, a parameter, a key, a module and a fixture; the tests were forgotten");
    fs::remove_file(root.join("shop/money.py")).map_err(no_folder)?;
    write(&root, &AFTER)?;
    if history {
        commit(&root, "Say what totals and counts are of; prices have a module of their own");
    }
    step("a venv of its own");
    make_venv(&root)?;
    step("pytest-medic heal tests");
    std::env::set_current_dir(&root).map_err(no_folder)?;
    let code = heal::run(&heal::Args::on(&["tests"]))?;
    if let Ok(lessons) = fs::read_to_string(root.join(graveyards::FILE)) {
        step("what was learned (GRAVEYARD.md)");
        out::println!("{DIM}{lessons}{RESET}");
    }
    step("see for yourself");
    out::println!("  cd {}", root.display());
    if history {
        out::println!("  git diff");
    }
    out::println!("  nvim tests/test_cart.py   {DIM}or: code .   (editors/README.md says how to set them up){RESET}");
    Ok(code)
}

fn step(text: &str) {
    out::println!("\n{STRONG}==> {text}{RESET}");
}

fn no_folder(error: std::io::Error) -> Failed {
    Failed::usage(format!("cannot write the demo project: {error}; choose a place with --folder"))
}

fn new_folder(folder: &Path) -> Result<PathBuf, Failed> {
    let failed = |error| Failed::usage(format!("cannot use --folder {}: {error}; name a new folder", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut entries = fs::read_dir(folder).map_err(failed)?;
    if entries.next().is_some() {
        return Err(Failed::usage(format!("{} is not empty; name a new folder", folder.display())));
    }
    folder.canonicalize().map_err(failed)
}

fn write(root: &Path, files: &[(&str, &str)]) -> Result<(), Failed> {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(root)).and_then(|()| fs::write(path, text)).map_err(no_folder)?;
    }
    Ok(())
}

/// Whether git did it. Without git the demo goes on: there is less evidence then.
fn git(root: &Path, args: &[&str]) -> bool {
    let author = ["-c", "user.name=pytest-medic demo", "-c", "user.email=demo@example.invalid"];
    let mut command = Command::new("git");
    command.args(author).args(["-c", "commit.gpgsign=false"]).args(args).current_dir(root);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn commit(root: &Path, message: &str) -> bool {
    git(root, &["add", "--all"]) && git(root, &["commit", "--quiet", "-m", message])
}

/// A venv in `.venv` that has pytest: the machine's, where it has one, else installed from the index.
fn make_venv(root: &Path) -> Result<(), Failed> {
    let python = ["python3", "python"].into_iter().find(|python| succeeds(Command::new(python).arg("--version")));
    let python = python.ok_or_else(|| Failed::runner("found no python3 on PATH; install Python 3.9 or newer"))?;
    let venv = root.join(".venv");
    let mut command = Command::new(python);
    command.args(["-m", "venv"]);
    if succeeds(Command::new(python).args(["-c", "import pytest"])) {
        command.arg("--system-site-packages");
    }
    if !succeeds(command.arg(&venv)) {
        return Err(Failed::runner(format!("`{python} -m venv` failed; on Debian install python3-venv")));
    }
    let inner = venv_python(&venv).ok_or_else(|| Failed::runner("the new venv has no interpreter"))?;
    let mut pip = Command::new(&inner);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pytest"]);
    let complete = succeeds(Command::new(&inner).args(["-c", "import pytest"]));
    if !complete && !succeeds(&mut pip) {
        return Err(Failed::runner(format!("`{inner} -m pip install pytest` failed; is a package index reachable?")));
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
