//! Questions to git: read only, bounded in time and size, deaf to what a repository's configuration
//! would have it run.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::text::FilePath;

/// A work tree.
#[derive(Clone, Debug)]
pub(super) struct Git {
    root: PathBuf,
}

/// One file of a commit: status letter, old path of a rename, path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) old_path: Option<FilePath>,
    pub(super) path: FilePath,
    pub(super) added: bool,
    pub(super) deleted: bool,
}

/// What git may print in all for one question.
const MOST_OUTPUT: u64 = 48 << 20;
/// Blobs above this are data.
const LARGEST_BLOB: usize = 1 << 20;

/// Nothing that a repository configures is run: no hook, monitor, driver, signature check or transport.
const SAFE: [&str; 19] = [
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "diff.external=",
    "-c",
    "log.showSignature=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.quotePath=false",
    "-c",
    "submodule.recurse=false",
];

impl Git {
    /// The work tree that holds `root`; `None` where no `.git` lies there or above.
    pub(super) fn find(root: &Path) -> Option<Self> {
        let is_inside = root.ancestors().any(|folder| folder.join(".git").exists());
        is_inside.then(|| Self { root: root.to_path_buf() })
    }

    /// Standard output, cut off at the time limit; `None` where git failed before that or is not there.
    fn run(&self, arguments: &[&str], input: Vec<u8>, limit: Duration) -> Option<Vec<u8>> {
        let mut child = self.command(arguments).spawn().ok()?;
        let mut stdin = child.stdin.take()?;
        let mut stdout = child.stdout.take()?;
        let writer = std::thread::spawn(move || {
            // Git may end before it has read everything.
            let _ = stdin.write_all(&input);
        });
        let (send, receive) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let mut total = 0;
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                total += length as u64;
                if total > MOST_OUTPUT || send.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let deadline = Instant::now() + limit;
        let mut output = Vec::new();
        let in_time = loop {
            match receive.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => output.extend(piece),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break true,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => break false,
            }
        };
        drop(receive);
        if !in_time || output.len() as u64 >= MOST_OUTPUT {
            // It may have ended by itself just now.
            let _ = child.kill();
        }
        let status = child.wait().ok()?;
        let (_, _) = (reader.join(), writer.join());
        (status.success() || !in_time).then_some(output)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(SAFE).args(arguments).current_dir(&self.root);
        for (name, value) in [
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("LC_ALL", "C"),
        ] {
            command.env(name, value);
        }
        // We may be run from a hook, which points these elsewhere.
        for name in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_EXTERNAL_DIFF"]
        {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    fn text(&self, arguments: &[&str], limit: Duration) -> Option<String> {
        self.run(arguments, Vec::new(), limit).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The full hash of HEAD.
    pub(super) fn head(&self) -> Option<String> {
        let hash = self.text(&["rev-parse", "--verify", "--quiet", "HEAD"], QUICK)?;
        Some(hash.trim().to_string()).filter(|hash| !hash.is_empty())
    }

    /// Hash and message of commits (the subject on one line, then the body), newest first, by the arguments of `git log`.
    pub(super) fn log(&self, arguments: &[&str], limit: Duration) -> Vec<(String, String)> {
        let mut all = vec!["log", "--no-color", "--no-ext-diff", "--no-textconv", "--format=%x01%h%x00%s%n%b%x00"];
        all.extend(arguments);
        let text = self.text(&all, limit).unwrap_or_default();
        let records = text.split('\u{1}').skip(1);
        let fields = records.filter_map(|record| {
            let mut fields = record.split('\0');
            // A message may hold the sign that separates records.
            let hash = fields.next().filter(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            Some((hash.to_string(), fields.next()?.to_string()))
        });
        fields.collect()
    }

    /// The files that a commit changed against its first parent; empty for a root commit.
    pub(super) fn touched(&self, commit: &str) -> Vec<Touched> {
        let parent = format!("{commit}^1");
        let arguments =
            ["diff-tree", "-r", "-z", "-M", "--relative", "--name-status", "--no-ext-diff", &parent, commit];
        parse_touched(&self.text(&arguments, QUICK).unwrap_or_default())
    }

    /// The files that differ between HEAD and the index.
    pub(super) fn staged(&self) -> Vec<Touched> {
        let arguments = ["diff-index", "--cached", "-z", "-M", "--relative", "--name-status", "--no-ext-diff", "HEAD"];
        parse_touched(&self.text(&arguments, QUICK).unwrap_or_default())
    }

    /// Tracked files whose size or time on disk is not what the index remembers: they may have changed.
    /// (`git diff` would run the filters that the repository configures.)
    pub(super) fn maybe_modified(&self) -> Vec<FilePath> {
        let text = self.text(&["ls-files", "--debug", "-z"], QUICK).unwrap_or_default();
        let mut fields = text.split('\0');
        let mut path = fields.next().unwrap_or("");
        let mut modified = Vec::new();
        // Each field holds the details of the path before it, and the next path on its last line.
        for field in fields {
            let (details, rest) = field.split_once("flags:").unwrap_or((field, ""));
            if self.differs_on_disk(path, details) {
                modified.push(FilePath::new(path));
            }
            path = rest.split_once('\n').map_or("", |(_, next)| next);
        }
        modified
    }

    fn differs_on_disk(&self, path: &str, details: &str) -> bool {
        let Ok(metadata) = self.root.join(path).symlink_metadata() else { return true };
        let number = |name: &str| {
            let rest = details.split_once(name)?.1;
            let mut parts = rest.split(['\t', '\n']).next()?.split(':');
            let whole = parts.next()?.trim().parse::<u64>().ok()?;
            Some((whole, parts.next().and_then(|part| part.trim().parse::<u32>().ok()).unwrap_or(0)))
        };
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let same_time = number("mtime: ").zip(modified).is_some_and(|((seconds, nanos), time)| {
            seconds == time.as_secs() && (nanos == 0 || nanos == time.subsec_nanos())
        });
        number("size: ").map(|(size, _)| size) != Some(metadata.len()) || !same_time
    }

    /// Files that git neither tracks nor ignores.
    pub(super) fn untracked(&self) -> Vec<FilePath> {
        let text = self.text(&["ls-files", "--others", "--exclude-standard", "-z"], QUICK).unwrap_or_default();
        text.split('\0').filter(|path| !path.is_empty()).map(FilePath::new).collect()
    }

    /// The texts of `revision:path` for each pair; `None` where there is none, or no text.
    pub(super) fn blobs(&self, wanted: &[(&str, &FilePath)]) -> Vec<Option<String>> {
        let mut input = String::new();
        for (revision, path) in wanted {
            // A line end in a path would ask another question.
            let path = if path.as_str().contains('\n') { "" } else { path.as_str() };
            input += &format!("{revision}:./{path}\n");
        }
        let output = self.run(&["cat-file", "--batch"], input.into_bytes(), QUICK).unwrap_or_default();
        let mut rest: &[u8] = &output;
        let mut blobs: Vec<Option<String>> = Vec::with_capacity(wanted.len());
        while blobs.len() < wanted.len() {
            let Some((blob, after)) = next_blob(rest) else { break };
            blobs.push(blob);
            rest = after;
        }
        blobs.resize(wanted.len(), None);
        blobs
    }
}

const QUICK: Duration = Duration::from_secs(4);

/// `<hash> blob <size>` and the bytes, or `<name> missing`.
fn next_blob(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    let header = String::from_utf8_lossy(&bytes[..end]);
    let rest = &bytes[end + 1..];
    let mut fields = header.rsplit(' ');
    let (size, kind) = (fields.next()?.parse::<usize>(), fields.next());
    let Ok(size) = size else { return Some((None, rest)) };
    let content = rest.get(..size)?;
    let after = rest.get(size + 1..).unwrap_or_default();
    let is_text = kind == Some("blob") && size <= LARGEST_BLOB;
    let text = is_text.then(|| String::from_utf8(content.to_vec()).ok()).flatten();
    Some((text, after))
}

fn parse_touched(text: &str) -> Vec<Touched> {
    let mut fields = text.split('\0').filter(|field| !field.is_empty());
    let mut found = Vec::new();
    while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
        let renamed = status.starts_with(['R', 'C']);
        let new = if renamed { fields.next() } else { None };
        found.push(Touched {
            old_path: new.filter(|_| status.starts_with('R')).map(|_| FilePath::new(path)),
            path: FilePath::new(new.unwrap_or(path)),
            added: status.starts_with(['A', 'C']),
            deleted: status.starts_with('D'),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_additions_and_deletions_are_told_apart() {
        let found = parse_touched("R090\0a.py\0b.py\0M\0c.py\0D\0d.py\0A\0e.py\0");
        let seen: Vec<_> = found.iter().map(|t| (t.old_path.is_some(), t.path.as_str(), t.added, t.deleted)).collect();
        let expected = [
            (true, "b.py", false, false),
            (false, "c.py", false, false),
            (false, "d.py", false, true),
            (false, "e.py", true, false),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn blobs_are_read_one_after_the_other() {
        let output = b"abc blob 3\nxyz\nHEAD:./gone missing\nabd blob 1\n\xff\n";
        let (first, rest) = next_blob(output).unwrap();
        assert_eq!(first.as_deref(), Some("xyz"));
        let (second, rest) = next_blob(rest).unwrap();
        assert_eq!(second, None);
        assert_eq!(next_blob(rest).unwrap().0, None);
        assert!(next_blob(b"abc blob 10\nxyz").is_none());
    }
}
