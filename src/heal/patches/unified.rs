//! Unified diffs: read strictly, applied only where their old lines stand.

use std::iter::Peekable;
use std::ops::Range;

use crate::text::FilePath;

/// The hunks of one file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FilePatch {
    pub(super) path: FilePath,
    hunks: Vec<Hunk>,
}

/// Lines that stand at `line` (0-based) and what takes their place, line ends included.
#[derive(Clone, Debug, PartialEq)]
struct Hunk {
    line: usize,
    old: String,
    new: String,
}

impl FilePatch {
    /// The text with every hunk in place, at its line or, where lines came or went above, at the one other
    /// place where its old lines stand; else the 1-based line that has changed.
    pub(super) fn applied_to(&self, text: &str) -> Result<String, usize> {
        let mut result = String::with_capacity(text.len());
        let mut done = 0;
        let starts: Vec<usize> = line_starts(text).chain(std::iter::once(text.len())).collect();
        for hunk in &self.hunks {
            let range = hunk.place_in(text, &starts).filter(|range| range.start >= done).ok_or(hunk.line + 1)?;
            result.push_str(&text[done..range.start]);
            result.push_str(&hunk.new);
            done = range.end;
        }
        result.push_str(&text[done..]);
        Ok(result)
    }
}

impl Hunk {
    fn place_in(&self, text: &str, starts: &[usize]) -> Option<Range<usize>> {
        let here = starts.get(self.line).copied().filter(|start| text[*start..].starts_with(&self.old));
        if let Some(start) = here {
            return Some(start..start + self.old.len());
        }
        let mut others = text.match_indices(&self.old).map(|(at, _)| at).filter(|at| starts.binary_search(at).is_ok());
        let start = others.next().filter(|_| !self.old.is_empty())?;
        others.next().is_none().then(|| start..start + self.old.len())
    }
}

/// Where each line begins; lines end with `\n` alone, as git sees them.
pub(super) fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let mut next = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        start
    })
}

/// Reads the diff of one or more files.
pub(super) fn parse_files(diff: &str) -> Result<Vec<FilePatch>, String> {
    let mut files: Vec<FilePatch> = Vec::new();
    let mut lines = diff.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some(old) = line.strip_prefix("--- ") {
            let new = lines.next().and_then(|line| line.strip_prefix("+++ ")).ok_or("`---` without `+++`")?;
            let (old, new) = (name_of(old, "a/"), name_of(new, "b/"));
            if old != new {
                return Err(format!("it creates, removes or renames a file ({old} to {new}); a fix edits files only"));
            }
            files.push(FilePatch { path: FilePath::new(new), hunks: Vec::new() });
        } else if line.starts_with("@@ ") {
            let (line, old, new) = ranges(line).ok_or_else(|| format!("cannot read {:?}", line.trim_end()))?;
            let file = files.last_mut().ok_or("a hunk before any file")?;
            file.hunks.push(hunk(&mut lines, line, old, new)?);
        }
    }
    if files.is_empty() || files.iter().any(|file| file.hunks.is_empty()) {
        return Err("there is no change of text in it".to_string());
    }
    Ok(files)
}

fn name_of<'a>(name: &'a str, prefix: &str) -> &'a str {
    let name = name.trim_end_matches(['\n', '\r']);
    let name = name.split('\t').next().unwrap_or(name);
    name.strip_prefix(prefix).unwrap_or(name)
}

/// `@@ -4,7 +4,7 @@`: the 0-based line and how many lines were and are there.
fn ranges(line: &str) -> Option<(usize, usize, usize)> {
    let inner = line.strip_prefix("@@ -")?.split(" @@").next()?;
    let (old, new) = inner.split_once(" +")?;
    let pair = |text: &str| -> Option<(usize, usize)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.trim().parse().ok()?))
    };
    let ((start, old), (_, new)) = (pair(old)?, pair(new)?);
    // An empty range names the line before it.
    Some((if old == 0 { start } else { start.checked_sub(1)? }, old, new))
}

fn hunk<'a>(
    lines: &mut Peekable<impl Iterator<Item = &'a str>>,
    line: usize,
    old: usize,
    new: usize,
) -> Result<Hunk, String> {
    let mut hunk = Hunk { line, old: String::new(), new: String::new() };
    let (mut old, mut new) = (old, new);
    while old > 0 || new > 0 {
        let text = lines.next().ok_or("the diff is cut off")?;
        let (mark, rest) = text.split_at_checked(1).ok_or("an empty line in a hunk")?;
        // Editors strip the blank of an empty context line.
        let (mark, rest) = if matches!(text, "\n" | "\r\n") { (" ", text) } else { (mark, rest) };
        match mark {
            " " => {
                hunk.old.push_str(rest);
                hunk.new.push_str(rest);
                (old, new) = (old.checked_sub(1).ok_or("too many lines")?, new.checked_sub(1).ok_or("too many lines")?);
            }
            "-" => {
                hunk.old.push_str(rest);
                old = old.checked_sub(1).ok_or("too many lines")?;
                strip_if_no_line_end(lines, &mut hunk.old);
                continue;
            }
            "+" => {
                hunk.new.push_str(rest);
                new = new.checked_sub(1).ok_or("too many lines")?;
                strip_if_no_line_end(lines, &mut hunk.new);
                continue;
            }
            _ => return Err(format!("{:?} in a hunk", text.trim_end())),
        }
        if lines.next_if(|line| line.starts_with('\\')).is_some() {
            strip_line_end(&mut hunk.old);
            strip_line_end(&mut hunk.new);
        }
    }
    Ok(hunk)
}

/// `\ No newline at end of file` speaks of the line above it.
fn strip_if_no_line_end<'a>(lines: &mut Peekable<impl Iterator<Item = &'a str>>, text: &mut String) {
    if lines.next_if(|line| line.starts_with('\\')).is_some() {
        strip_line_end(text);
    }
}

fn strip_line_end(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
    }
}
