//! Writing into a project: every file is whole at any moment, its original is kept, and nothing outside
//! the project is touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::guard;
use crate::text::FilePath;
use crate::workspace::Snapshot;

/// Where the originals of edited files are kept, below the root.
pub const BACKUP_FOLDER: &str = ".healing_backup";

/// Why a file of the project was not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The path leads out of the project by itself.
    #[error("{path} does not lie inside the project {root}; nothing was written there")]
    Outside {
        /// The file.
        path: FilePath,
        /// The project.
        root: PathBuf,
    },
    /// The path leads out of the project through a symbolic link, or nowhere.
    #[error(
        "{link} is a link to {target}, which is not in the project; nothing was written through it; put a file or \
         folder of the project in its place"
    )]
    Link {
        /// The link, as the project names it.
        link: FilePath,
        /// What it names.
        target: PathBuf,
    },
    /// What a fix edits is, behind a link, a file that none may.
    #[error(
        "{path} leads through a link to {real}: a fix of it {offence}; put a copy in place of the link to have it healed"
    )]
    NotOfTests {
        /// The file, as the project names it.
        path: FilePath,
        /// The file that would change.
        real: FilePath,
        /// What is wrong with it, as a fragment.
        offence: String,
    },
    /// Somebody took the right to write it.
    #[error("{path} is read-only; make it writable to have it healed")]
    ReadOnly {
        /// The file.
        path: FilePath,
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

/// The place of `path` on disk, if it and every link on the way stay below `root`. Whatever is written below a
/// project asks here first.
pub fn inside(root: &Path, path: &FilePath) -> Result<PathBuf, FileError> {
    let outside = || FileError::Outside { path: path.clone(), root: root.to_path_buf() };
    if !path.is_inside() {
        return Err(outside());
    }
    let real_root = root.canonicalize().map_err(|_| outside())?;
    let mut place = root.to_path_buf();
    for part in path.as_str().split('/') {
        place.push(part);
        // What does not exist yet is no link, and nothing below it is.
        let Ok(metadata) = place.symlink_metadata() else { break };
        if place.canonicalize().is_ok_and(|real| real.starts_with(&real_root)) {
            continue;
        }
        if !metadata.is_symlink() {
            return Err(outside());
        }
        let link = FilePath::new(&place.strip_prefix(root).unwrap_or(&place).to_string_lossy());
        return Err(FileError::Link { link, target: place.read_link().unwrap_or_default() });
    }
    Ok(root.join(path.as_str()))
}

/// The place of what a setting names: below `root` it stays there, whatever links there are; a path that leads
/// elsewhere by its own words was meant so.
pub fn as_named(root: &Path, named: &Path) -> Result<PathBuf, FileError> {
    let place = root.join(named);
    let below = place.strip_prefix(root).map(|below| FilePath::new(&below.to_string_lossy()));
    match below {
        Ok(below) if below.is_inside() => inside(root, &below),
        _ => Ok(place),
    }
}

/// The place of a file that a fix edits, links followed: inside, and where they lead to another file of the project,
/// that one may be edited, too.
pub fn editable(root: &Path, snapshot: &Snapshot, path: &FilePath) -> Result<PathBuf, FileError> {
    let place = inside(root, path)?;
    if is_read_only(&place) {
        return Err(FileError::ReadOnly { path: path.clone() });
    }
    let (Ok(real), Ok(real_root)) = (place.canonicalize(), root.canonicalize()) else { return Ok(place) };
    let name = FilePath::new(&real.strip_prefix(real_root).unwrap_or(&place).to_string_lossy());
    if name == *path {
        return Ok(real);
    }
    let refused = |offence| FileError::NotOfTests { path: path.clone(), real: name.clone(), offence };
    guard::may_edit(snapshot, &name).map_err(refused).map(|()| real)
}

/// Whether the file is there and may not be written: a rename over it would not ask.
fn is_read_only(path: &Path) -> bool {
    let is_file = |data: &fs::Metadata| data.is_file();
    let Some(data) = fs::metadata(path).ok().filter(is_file) else { return false };
    let refused =
        |error: io::Error| matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
    data.permissions().readonly() || File::options().append(true).open(path).is_err_and(refused)
}

/// Makes `bytes` the content of `path`: written beside it, flushed, then renamed over it. A kill at any
/// moment leaves the old file or the new one. Permissions stay, and so does the owner where the system lets him; a
/// file that may not be written is left.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    // Of the file beside it the name says nothing to anybody.
    let failed = |source: io::Error| {
        let plain = source.raw_os_error().map_or_else(|| source.kind().into(), io::Error::from_raw_os_error);
        FileError::Io { path: path.to_path_buf(), source: plain }
    };
    if is_read_only(path) {
        return Err(failed(io::ErrorKind::PermissionDenied.into()));
    }
    // A link is followed, so that the file it names changes and not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new().prefix(".pytest-medic-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    match fs::metadata(&target) {
        Ok(old) => {
            keep_owner(file.as_file(), &old);
            file.as_file().set_permissions(old.permissions()).map_err(failed)?;
        }
        Err(_) => readable_by_all(file.as_file()).map_err(failed)?,
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Gives the new file to whom the old one belongs. Only some may do so: root, who runs tests in a container, may.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(new) = file.metadata() else { return };
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

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
    let to = inside(root, &FilePath::new(&format!("{BACKUP_FOLDER}/{session}/{path}")))?;
    if !to.exists() && from.exists() {
        let bytes = fs::read(&from).map_err(|source| FileError::Io { path: from, source })?;
        let ignore = inside(root, &FilePath::new(&format!("{BACKUP_FOLDER}/.gitignore")))?;
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
        assert!(error.to_string().starts_with("tests is a link to "), "{error}");
        assert!(inside(root.path(), &FilePath::new("../x.py")).is_err());
        assert!(inside(root.path(), &FilePath::new("new/test_a.py")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_not_followed_and_one_that_stays_is() {
        let root = tempfile::tempdir().unwrap();
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, root.path().join(from)).unwrap();
        link("../gone", "test_run.log");
        link("real.md", "GRAVEYARD.md");
        fs::write(root.path().join("real.md"), "").unwrap();
        assert!(inside(root.path(), &FilePath::new("test_run.log")).is_err());
        assert!(inside(root.path(), &FilePath::new("GRAVEYARD.md")).is_ok());
        assert!(as_named(root.path(), Path::new("test_run.log")).is_err());
        assert!(as_named(root.path(), &root.path().join("test_run.log")).is_err());
        assert!(as_named(root.path(), Path::new("../run.log")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_test_that_is_a_link_is_judged_by_the_file_behind_it() {
        let root = tempfile::tempdir().unwrap();
        for path in ["data/case.py", "tests/real/test_real.py"] {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            fs::write(root.path().join(path), "").unwrap();
        }
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, root.path().join(from)).unwrap();
        link("../data/case.py", "tests/test_case.py");
        link("real/test_real.py", "tests/test_link.py");
        let snapshot = Snapshot::open(root.path());
        let place = |path: &str| editable(root.path(), &snapshot, &FilePath::new(path));
        let error = place("tests/test_case.py").unwrap_err().to_string();
        assert!(error.starts_with("tests/test_case.py leads through a link to data/case.py: "), "{error}");
        assert!(place("tests/test_link.py").is_ok() && place("tests/real/test_real.py").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn originals_are_not_kept_outside() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(root.path().join("test_a.py"), "a").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(BACKUP_FOLDER)).unwrap();
        assert!(back_up(root.path(), &FilePath::new("test_a.py"), "s").is_err());
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
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

    #[cfg(unix)]
    #[test]
    fn a_read_only_file_is_left_and_the_error_names_no_other_file() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("test_a.py");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let error = write_atomic(&path, b"new").unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot write {}: permission denied", path.display())), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let snapshot = Snapshot::open(root.path());
        let error = editable(root.path(), &snapshot, &FilePath::new("test_a.py")).unwrap_err().to_string();
        assert_eq!(error, "test_a.py is read-only; make it writable to have it healed");
        let gone = root.path().join("test_a.py/test_b.py");
        let error = write_atomic(&gone, b"new").unwrap_err().to_string();
        assert!(!error.contains(".pytest-medic-"), "{error}");
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
