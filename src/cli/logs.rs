//! Logs as they are named on a command line: files, `-`, folders and patterns; shards become one report.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::Failed;
use crate::report::{self, Report};

/// What runs are written to.
const EXTENSIONS: [&str; 5] = ["log", "xml", "jsonl", "json", "txt"];
/// Folders below a named one that are searched.
const MAX_DEPTH: usize = 8;

/// The runs in `logs`, as one report.
pub fn read(logs: &[PathBuf]) -> Result<Report, Failed> {
    let mut report = Report::default();
    for log in logs {
        let path = resolve(log)?;
        let shard = match path == Path::new("-") {
            true => report::read(std::io::stdin().lock()),
            false => std::fs::File::open(&path).and_then(report::read),
        };
        let mut shard = shard.map_err(|error| unreadable(&path, &error))?;
        for run in &mut shard.runs {
            run.source = Some(path.display().to_string());
        }
        report.merge(shard);
    }
    Ok(report)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::usage(format!("cannot read the log {}: {error}; run pytest first", path.display()))
}

/// The file itself, or the newest one in a folder or among those a pattern names.
fn resolve(log: &Path) -> Result<PathBuf, Failed> {
    if log == Path::new("-") || log.is_file() {
        return Ok(log.to_path_buf());
    }
    if log.is_dir() {
        let is_log = |path: &Path| {
            path.extension()
                .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
        };
        return newest(log, is_log).ok_or_else(|| {
            Failed::usage(format!("no log (*.log, *.xml, *.jsonl, *.json, *.txt) in the folder {}", log.display()))
        });
    }
    let pattern = log.to_string_lossy();
    if !pattern.contains(['*', '?', '[']) {
        return Ok(log.to_path_buf()); // opening it tells what is wrong
    }
    let (folder, below) = fixed_part(&pattern);
    let matcher = OverrideBuilder::new(&folder).add(&format!("/{below}")).and_then(|builder| builder.build());
    let matcher = matcher.map_err(|error| Failed::usage(format!("the pattern {pattern} is not valid: {error}")))?;
    newest(&folder, |path| matcher.matched(path, false).is_whitelist())
        .ok_or_else(|| Failed::usage(format!("no file matches {pattern}")))
}

/// `logs/a/run-*.log` is `run-*.log` below `logs/a`.
fn fixed_part(pattern: &str) -> (PathBuf, &str) {
    let wild = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    match pattern[..wild].rfind('/') {
        Some(0) => (PathBuf::from("/"), &pattern[1..]),
        Some(slash) => (PathBuf::from(&pattern[..slash]), &pattern[slash + 1..]),
        None => (PathBuf::from("."), pattern),
    }
}

fn newest(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let walk = WalkBuilder::new(folder).standard_filters(false).max_depth(Some(MAX_DEPTH)).build();
    let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    files.map(|entry| entry.into_path()).filter(|path| wanted(path)).max_by_key(|path| changed(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        for (name, age) in [("run-1.log", 1), ("run-2.log", 2), ("sub/run-3.log", 3), ("new.bin", 4)] {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(long_ago + std::time::Duration::from_secs(age)).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_or_a_pattern_takes_the_newest() {
        let folder = folder();
        let resolved = |name: &str| resolve(&folder.path().join(name)).map_err(|error| error.message);
        assert_eq!(resolved("."), Ok(folder.path().join("./sub/run-3.log")));
        assert_eq!(resolved("run-*.log"), Ok(folder.path().join("run-2.log")));
        assert_eq!(resolved("**/run-*.log"), Ok(folder.path().join("sub/run-3.log")));
        assert!(resolved("none-*.log").unwrap_err().contains("no file matches"));
    }

    #[test]
    fn a_missing_log_is_named() {
        let error = read(&[PathBuf::from("no/such.log")]).unwrap_err();
        assert!(error.message.contains("no/such.log") && error.message.contains("run pytest first"));
    }
}
