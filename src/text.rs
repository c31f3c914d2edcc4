//! Text and places in it: byte ranges inside, line and column once at the edge.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A file as the workspace names it: relative to the root with `/` on every system, or absolute
/// when the file lies outside (an installed package, the standard library).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(Arc<str>);

impl FilePath {
    /// Names a file. Backslashes become `/`, a leading `./` goes.
    pub fn new(path: &str) -> Self {
        let path = path.replace('\\', "/");
        let path = path.trim_start_matches("./");
        Self(Arc::from(path))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the file lies inside the workspace: a relative path that never climbs out.
    pub fn is_inside(&self) -> bool {
        let absolute = self.0.starts_with('/') || self.0.as_bytes().get(1) == Some(&b':');
        !absolute && self.0.split('/').all(|part| part != "..")
    }

    /// The last component: `test_cart.py`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder that holds the file, `""` at the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether pytest looks for tests in it, by its default `python_files`.
    pub fn is_test_file(&self) -> bool {
        let name = self.file_name();
        name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
    }

    /// Whether it is code of tests and not of a product: a test, a conftest, anything in a folder of tests.
    pub fn is_test_code(&self) -> bool {
        let name = self.file_name();
        let by_name =
            name == "conftest.py" || name == "tests.py" || name.starts_with("test_") || name.ends_with("_test.py");
        by_name || self.folder().split('/').any(|part| matches!(part, "tests" | "test" | "testing"))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A replacement of one byte range of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The file that changes.
    pub path: FilePath,
    /// The bytes to replace; empty for an insertion.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// An edit that replaces `range` of `path` by `text`.
    pub fn replace(path: &FilePath, range: Range<usize>, text: impl Into<String>) -> Self {
        Self { path: path.clone(), range, text: text.into() }
    }

    /// An edit that puts `text` at `offset` of `path`.
    pub fn insert(path: &FilePath, offset: usize, text: impl Into<String>) -> Self {
        Self::replace(path, offset..offset, text)
    }
}

/// Why a list of edits cannot be applied to a text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The range is not inside the text, or cuts a character in two.
    #[error("edit {0:?} does not fit a text of {1} bytes")]
    OutOfText(Range<usize>, usize),
    /// Two edits touch the same bytes.
    #[error("edits {0:?} and {1:?} overlap")]
    Overlap(Range<usize>, Range<usize>),
}

/// Applies `edits` (all of one file, in any order) to `text`. Insertions at one offset keep their order.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (index, edit) in sorted.iter().enumerate() {
        if edit.range.start < done {
            let before = sorted[index - 1].range.clone();
            return Err(EditError::Overlap(before, edit.range.clone()));
        }
        let fits = text.is_char_boundary(edit.range.start) && text.is_char_boundary(edit.range.end);
        if edit.range.start > edit.range.end || !fits {
            return Err(EditError::OutOfText(edit.range.clone(), text.len()));
        }
        result.push_str(&text[done..edit.range.start]);
        result.push_str(&edit.text);
        done = edit.range.end;
    }
    result.push_str(&text[done..]);
    Ok(result)
}

/// How a client counts columns (LSP 3.17 `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The width of `text` in this encoding's units.
    pub fn width(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        }
    }

    fn char_width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A place for people and protocols: both numbers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Lines above.
    pub line: u32,
    /// Units of the negotiated [`Encoding`] to the left.
    pub character: u32,
}

/// Where the lines of one text begin. Lines end with `\n`, `\r\n` or a lone `\r`, as in the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at + 1);
            }
        }
        Self { starts, len: text.len() }
    }

    /// The number of lines; a text that ends with a line end has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Always false: every text has a first line.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The 0-based line that holds `offset` (clamped to the text).
    pub fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a 0-based line with its line end, or `None` past the last line.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(line)?;
        Some(start..self.starts.get(line + 1).copied().unwrap_or(self.len))
    }

    /// The position of `offset` in `text`, the text that this index was made of.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_at(offset);
        let character = encoding.width(&text[self.starts[line]..offset]);
        Position { line: line as u32, character: character as u32 }
    }

    /// The byte offset of `position`. Columns past the end of a line clamp to its last character, lines
    /// past the end of the text to its end, and a column inside a character to the character's start.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let Some(range) = self.line_range(position.line as usize) else {
            return text.len();
        };
        let line = text[range.clone()].trim_end_matches(['\n', '\r']);
        let mut units = position.character as usize;
        for (at, c) in line.char_indices() {
            let width = encoding.char_width(c);
            if units < width {
                return range.start + at;
            }
            units -= width;
        }
        range.start + line.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, text: &str) -> Edit {
        Edit::replace(&FilePath::new("t.py"), range, text)
    }

    #[test]
    fn edits_apply_in_text_order_whatever_order_they_come_in() {
        let edits = [edit(4..5, "X"), edit(0..1, "Y"), edit(2..2, "--")];
        assert_eq!(apply("abcdef", &edits).unwrap(), "Yb--cdXf");
    }

    #[test]
    fn overlapping_edits_are_refused() {
        assert!(matches!(apply("abcdef", &[edit(0..3, ""), edit(2..4, "")]), Err(EditError::Overlap(..))));
    }

    #[test]
    fn an_edit_inside_a_character_is_refused() {
        assert!(matches!(apply("aéb", &[edit(2..3, "")]), Err(EditError::OutOfText(..))));
    }

    #[test]
    fn positions_count_in_the_encoding_of_the_client() {
        let text = "a😀b\r\nc";
        let lines = LineIndex::new(text);
        let at = text.find('b').unwrap();
        for (encoding, character) in [(Encoding::Utf8, 5), (Encoding::Utf16, 3), (Encoding::Utf32, 2)] {
            let position = lines.position(text, at, encoding);
            assert_eq!(position, Position { line: 0, character });
            assert_eq!(lines.offset(text, position, encoding), at);
        }
        assert_eq!(lines.offset(text, Position { line: 0, character: 99 }, Encoding::Utf16), 6);
        assert_eq!(lines.position(text, text.len(), Encoding::Utf8), Position { line: 1, character: 1 });
    }

    #[test]
    fn a_path_that_climbs_out_is_not_inside() {
        assert!(FilePath::new("./tests/test_a.py").is_inside());
        assert!(!FilePath::new("../a.py").is_inside());
        assert!(!FilePath::new("/etc/passwd").is_inside());
        assert!(!FilePath::new("C:\\a.py").is_inside());
    }
}
