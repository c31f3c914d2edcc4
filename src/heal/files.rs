//! Writing into a project: every file is whole at any moment, its original is kept, and nothing outside
//! the project is touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::text::FilePath;

/// Where the originals of edited files are kept, below the root.
pub const BACKUP_FOLDER: &str = ".healing_backup";

/// Why a file of the project was not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The path leads out of the project, by itself or through a symbolic link.
    #[error("{path} does not lie inside the project {root}; nothing was written")]
    Outside {
        /// The file.
        path: FilePath,
        /// The project.
        root: PathBuf,
    },
    /// The system refused.
    #[error("cannot write {path}: {source}; the file is as it was")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The place of `path` on disk, if it and every link on the way stay below `root`.
pub fn inside(root: &Path, path: &FilePath) -> Result<PathBuf, FileError> {
    let outside = || FileError::Outside { path: path.clone(), root: root.to_path_buf() };
    if !path.is_inside() {
        return Err(outside());
    }
    let full = root.join(path.as_str());
    let real_root = root.canonicalize().map_err(|_| outside())?;
    // What does not exist yet is judged by the nearest folder that does.
    let existing = full.ancestors().find(|ancestor| ancestor.symlink_metadata().is_ok()).ok_or_else(outside)?;
    let real = existing.canonicalize().map_err(|_| outside())?;
    if real.starts_with(&real_root) { Ok(full) } else { Err(outside()) }
}

/// Makes `bytes` the content of `path`: written beside it, flushed, then renamed over it. A kill at any
/// moment leaves the old file or the new one. Permissions stay.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_path_buf(), source };
    // A link is followed, so that the file it names changes and not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new().prefix(".pytest-medic-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    match fs::metadata(&target) {
        Ok(old) => file.as_file().set_permissions(old.permissions()).map_err(failed)?,
        Err(_) => readable_by_all(file.as_file()).map_err(failed)?,
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are private; a new file of the project is as others are.
#[cfg(unix)]
fn readable_by_all(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &File) -> io::Result<()> {
    Ok(())
}

/// Keeps the present content of `path` in the backup folder. The oldest original wins: a second heal does
/// not overwrite it within one `session`.
pub fn back_up(root: &Path, path: &FilePath, session: &str) -> Result<PathBuf, FileError> {
    let from = inside(root, path)?;
    let to = root.join(BACKUP_FOLDER).join(session).join(path.as_str());
    if !to.exists() && from.exists() {
        let bytes = fs::read(&from).map_err(|source| FileError::Io { path: from, source })?;
        let ignore = root.join(BACKUP_FOLDER).join(".gitignore");
        if !ignore.exists() {
            write_atomic(&ignore, b"*\n")?;
        }
        write_atomic(&to, &bytes)?;
    }
    Ok(to)
}

/// Reads `path`, lets `update` make the new content (`None` leaves it), and writes it, with every other
/// pytest-medic kept out meanwhile.
pub fn update_locked(path: &Path, update: impl FnOnce(Option<Vec<u8>>) -> Option<Vec<u8>>) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let _lock = lock_folder(folder).map_err(failed)?;
    let old = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    match update(old) {
        Some(bytes) => write_atomic(path, &bytes),
        None => Ok(()),
    }
}

/// Waits until no other process holds `folder`. The folder itself is what is locked: a lock file would be
/// left behind, in the project or, under a name that others can foresee, in a place that they can write.
#[cfg(unix)]
fn lock_folder(folder: &Path) -> io::Result<File> {
    let lock = File::open(folder)?;
    lock.lock()?;
    Ok(lock)
}

/// Folders cannot be locked here; the temporary folder is the user's own.
#[cfg(not(unix))]
fn lock_folder(folder: &Path) -> io::Result<File> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    folder.canonicalize()?.hash(&mut hasher);
    let lock = File::create(std::env::temp_dir().join(format!("pytest-medic-{:016x}.lock", hasher.finish())))?;
    lock.lock()?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_not_followed() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("tests")).unwrap();
        let error = inside(root.path(), &FilePath::new("tests/test_a.py")).unwrap_err();
        assert!(matches!(error, FileError::Outside { .. }));
        assert!(inside(root.path(), &FilePath::new("../x.py")).is_err());
        assert!(inside(root.path(), &FilePath::new("new/test_a.py")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("test_a.py");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn the_first_original_of_a_session_is_the_one_that_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let (path, name) = (root.path().join("test_a.py"), FilePath::new("test_a.py"));
        fs::write(&path, "first").unwrap();
        let kept = back_up(root.path(), &name, "s").unwrap();
        fs::write(&path, "second").unwrap();
        back_up(root.path(), &name, "s").unwrap();
        assert_eq!(fs::read(kept).unwrap(), b"first");
    }

    #[test]
    fn updates_from_many_threads_are_not_lost() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("lines");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let add = |old: Option<Vec<u8>>| Some([old.unwrap_or_default(), b"x\n".to_vec()].concat());
                    update_locked(&path, add).unwrap();
                });
            }
        });
        assert_eq!(fs::read(path).unwrap().len(), 16);
    }
}
