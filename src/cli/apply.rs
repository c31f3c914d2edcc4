//! `pytest-medic apply PATCH…`: takes fixes that wait as patches.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::show::not_written;
use super::style::{BAD, DIM, GOOD, RESET};
use super::{FAILURES, Failed, OK, out, project};
use crate::heal::clock;
use crate::heal::files::BACKUP_FOLDER;
use crate::heal::history::{History, Outcome};
use crate::heal::lesson::{Recorded, lesson_of_patch, record};
use crate::heal::patches::{PATCH_FOLDER, Patch, PatchError, remove};
use crate::text::FilePath;
use crate::workspace::graveyards::FILE as GRAVEYARD;

/// Applies patches that `heal --suggest-only` left. A patch whose file has changed since is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  pytest-medic apply .healing_fixes/test_total.patch

Exit code: 0 all applied, 1 some were refused. `git apply PATCH` does the same without the history.")]
pub struct Args {
    /// Patch files.
    #[arg(required = true, value_name = "PATCH")]
    patches: Vec<PathBuf>,
}

/// Applies each patch by itself; one that is refused does not stop the others.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let root = snapshot.root().map(Path::to_path_buf).unwrap_or_default();
    let mut refused = 0;
    for path in &args.patches {
        match take(&root, path, &clock::compact(SystemTime::now())) {
            Ok(title) => out::println!("{GOOD}applied{RESET}  {title}"),
            Err(error) => {
                out::eprintln!("{BAD}refused{RESET}  {}: {error}", path.display());
                refused += 1;
            }
        }
    }
    if refused < args.patches.len() {
        out::println!("{DIM}originals in {BACKUP_FOLDER}; run the tests to see them pass{RESET}");
    }
    Ok(if refused == 0 { OK } else { FAILURES })
}

/// Applies the patch file, remembers that a person wanted it, and takes it from the folder of pending ones.
pub(super) fn take(root: &Path, path: &Path, session: &str) -> Result<String, PatchError> {
    let patch = Patch::open(path)?;
    let texts = patch.apply(root, session)?;
    let title = patch.get("Fix").map_or_else(|| path.display().to_string(), str::to_string);
    remember(root, &patch, Outcome::Accepted);
    teach(root, &patch, &texts);
    if path.parent().is_some_and(|folder| folder.ends_with(PATCH_FOLDER)) {
        remove(path)?;
    }
    Ok(title)
}

/// Adds the lesson of a fix that was taken to GRAVEYARD.md. One that cannot be written there is printed, so that it is
/// not lost.
fn teach(root: &Path, patch: &Patch, texts: &[(FilePath, String, String)]) {
    let Some(lesson) = lesson_of_patch(patch, texts, &clock::date(SystemTime::now())) else { return };
    match record(root, &lesson) {
        Ok(Recorded::Nothing) => {}
        Ok(_) => out::println!("{DIM}lesson in {GRAVEYARD}{RESET}"),
        Err(why) => out::eprintln!("{}", not_written(&lesson, &why)),
    }
}

/// Adds a person's decision to the history. The decision stands even where it cannot be written down.
pub(super) fn remember(root: &Path, patch: &Patch, outcome: Outcome) {
    let entries = patch.entry(outcome).into_iter().collect();
    if let Err(error) = History::open(root).record(entries) {
        out::eprintln!("{DIM}not remembered: {error}{RESET}");
    }
}
