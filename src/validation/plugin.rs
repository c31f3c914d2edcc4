//! Our pytest plugin (python/pytest_medic), carried in the binary and unpacked where a run can import it.

use std::ffi::{OsStr, OsString};
use std::fs::{DirEntry, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// The variable that names where the plugin writes its events.
pub const EVENTS: &str = "PYTEST_MEDIC_EVENTS";

/// The files of the package, by name.
const FILES: [(&str, &str); 12] = [
    ("__init__.py", include_str!("../../python/pytest_medic/__init__.py")),
    ("checks.py", include_str!("../../python/pytest_medic/checks.py")),
    ("events.py", include_str!("../../python/pytest_medic/events.py")),
    ("evidence.py", include_str!("../../python/pytest_medic/evidence.py")),
    ("expressions.py", include_str!("../../python/pytest_medic/expressions.py")),
    ("failure.py", include_str!("../../python/pytest_medic/failure.py")),
    ("healing.py", include_str!("../../python/pytest_medic/healing.py")),
    ("job.py", include_str!("../../python/pytest_medic/job.py")),
    ("overlay.py", include_str!("../../python/pytest_medic/overlay.py")),
    ("safe.py", include_str!("../../python/pytest_medic/safe.py")),
    ("server.py", include_str!("../../python/pytest_medic/server.py")),
    ("warm_up.py", include_str!("../../python/pytest_medic/warm_up.py")),
];

/// How the folders are called that the plugin is unpacked into.
const PREFIX: &str = "pytest-medic-run-";

/// Folders younger than this are not judged: one may just be made and not held yet.
const YOUNG: Duration = Duration::from_secs(3600);

/// The plugin, unpacked into a private folder that goes when this value goes.
#[derive(Debug)]
pub struct Plugin {
    folder: TempDir,
    // Says to other processes that the folder is in use.
    _held: Option<File>,
}

impl Plugin {
    /// Unpacks the plugin, and removes what processes that were killed have left of theirs.
    pub fn unpack() -> io::Result<Self> {
        let place = std::env::temp_dir();
        remove_leftovers(&place, SystemTime::now());
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?;
        let held = hold(folder.path());
        let package = folder.path().join("pytest_medic");
        std::fs::create_dir(&package)?;
        for (name, text) in FILES {
            std::fs::write(package.join(name), text)?;
        }
        Ok(Self { folder, _held: held })
    }

    /// The folder that holds the package; other files of the same run may live beside it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The variables with which any pytest loads the plugin, whatever command starts it.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PYTHONPATH", before("PYTHONPATH", self.folder().as_os_str(), if cfg!(windows) { ";" } else { ":" })),
            ("PYTEST_PLUGINS", before("PYTEST_PLUGINS", OsStr::new("pytest_medic"), ",")),
        ]
    }

    /// The same, and the run writes its events (docs/events.md) to `place`, a file or a Unix socket.
    pub fn variables_with_events(&self, place: &Path) -> Vec<(&'static str, OsString)> {
        let mut variables = self.variables();
        variables.push((EVENTS, place.as_os_str().to_os_string()));
        variables
    }
}

/// A lock on `folder` that lasts as long as the process, `None` if another process has it.
fn hold(folder: &Path) -> Option<File> {
    let lock = File::open(folder).ok()?;
    lock.try_lock().ok()?;
    Some(lock)
}

/// Removes folders of the plugin in `place` that are not young at `now` and that nobody holds.
fn remove_leftovers(place: &Path, now: SystemTime) {
    let old = |entry: &DirEntry| {
        let since =
            entry.metadata().and_then(|data| data.modified()).ok().and_then(|made| now.duration_since(made).ok());
        since.is_some_and(|age| age > YOUNG)
    };
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && old(&entry) && hold(&entry.path()).is_some() {
            // What cannot be removed belongs to someone else.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// `first`, then what the variable holds already.
fn before(variable: &str, first: &OsStr, separator: &str) -> OsString {
    let mut value = first.to_os_string();
    if let Some(rest) = std::env::var_os(variable).filter(|rest| !rest.is_empty()) {
        value.push(separator);
        value.push(rest);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_package_is_carried_along() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/pytest_medic");
        let mut there: Vec<String> = std::fs::read_dir(package)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".py"))
            .collect();
        there.sort();
        assert_eq!(there, FILES.map(|(name, _)| name));
    }

    #[test]
    fn the_unpacked_plugin_goes_with_its_value() {
        let plugin = Plugin::unpack().unwrap();
        let folder = plugin.folder().to_path_buf();
        assert!(folder.join("pytest_medic/events.py").is_file());
        drop(plugin);
        assert!(!folder.exists());
    }

    // Folders cannot be opened, and so not held, everywhere.
    #[cfg(unix)]
    #[test]
    fn what_a_killed_process_left_is_removed_and_what_is_held_or_young_stays() {
        let place = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            std::fs::create_dir_all(place.path().join(name).join("pytest_medic")).unwrap();
            place.path().join(name)
        };
        let (dead, held, other) =
            (make("pytest-medic-run-dead"), make("pytest-medic-run-held"), make("pytest-medic-demo"));
        let _in_use = hold(&held).unwrap();
        remove_leftovers(place.path(), SystemTime::now());
        assert!(dead.exists(), "young");
        remove_leftovers(place.path(), SystemTime::now() + YOUNG * 2);
        assert_eq!([dead, held, other].map(|folder| folder.exists()), [false, true, true]);
    }
}
