//! An open document: a rope, its version, and edits in the client's positions.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ropey::{Rope, RopeSlice};
use tower_lsp::ls_types::{self as lsp, TextDocumentContentChangeEvent, Uri};

use crate::text::Encoding;

/// The text of one open editor at one version. Cloning is cheap: the rope is shared.
#[derive(Clone, Debug)]
pub struct Document {
    /// As the client writes it.
    pub uri: Uri,
    /// Where it lies on disk; `None` for `untitled:` and the like.
    pub path: Option<PathBuf>,
    /// As the client counts.
    pub version: i32,
    rope: Rope,
    /// The rope in one piece, made when somebody asks.
    text: OnceLock<Arc<str>>,
}

/// What an edit did to the bytes of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The bytes that were replaced, in the text before.
    pub replaced: Range<usize>,
    /// How many bytes stand there now.
    pub inserted: usize,
    /// Whether the new text begins a new line: typed after a statement, it is not part of it.
    pub begins_line: bool,
}

impl Document {
    /// A document as `didOpen` brings it.
    pub fn open(uri: Uri, version: i32, text: &str) -> Self {
        let path = path_of(&uri);
        Self { uri, path, version, rope: Rope::from_str(text), text: OnceLock::new() }
    }

    /// Applies the changes of one `didChange`, in their order, and says what each did.
    pub fn apply(
        &mut self,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> Vec<Change> {
        self.version = version;
        self.text = OnceLock::new();
        changes.iter().map(|change| self.apply_one(change, encoding)).collect()
    }

    fn apply_one(&mut self, change: &TextDocumentContentChangeEvent, encoding: Encoding) -> Change {
        let begins_line = change.text.starts_with(['\n', '\r']);
        let Some(range) = change.range else {
            let replaced = 0..self.rope.len_bytes();
            self.rope = Rope::from_str(&change.text);
            return Change { replaced, inserted: change.text.len(), begins_line };
        };
        let (a, b) = (self.char_at(range.start, encoding), self.char_at(range.end, encoding));
        let (start, end) = (a.min(b), a.max(b));
        let replaced = self.rope.char_to_byte(start)..self.rope.char_to_byte(end);
        self.rope.remove(start..end);
        self.rope.insert(start, &change.text);
        Change { replaced, inserted: change.text.len(), begins_line }
    }

    /// The text in one piece.
    pub fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| Arc::from(self.rope.to_string()))
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    /// The text of a byte range, clamped to the document and to whole characters.
    pub fn slice(&self, range: Range<usize>) -> String {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        self.rope.slice(self.rope.byte_to_char(start)..self.rope.byte_to_char(end)).to_string()
    }

    /// The byte offset of a position; past the end of a line it is the line's last character.
    pub fn offset(&self, position: lsp::Position, encoding: Encoding) -> usize {
        self.rope.char_to_byte(self.char_at(position, encoding))
    }

    /// The position of a byte offset, clamped to the text.
    pub fn position(&self, offset: usize, encoding: Encoding) -> lsp::Position {
        let offset = offset.min(self.len());
        let char = self.rope.byte_to_char(offset);
        let line = self.rope.char_to_line(char);
        let start = self.rope.line_to_char(line);
        let character = match encoding {
            Encoding::Utf8 => self.rope.char_to_byte(char) - self.rope.char_to_byte(start),
            Encoding::Utf16 => self.rope.char_to_utf16_cu(char) - self.rope.char_to_utf16_cu(start),
            Encoding::Utf32 => char - start,
        };
        lsp::Position::new(line as u32, character as u32)
    }

    /// The range of some bytes.
    pub fn range(&self, bytes: Range<usize>, encoding: Encoding) -> lsp::Range {
        lsp::Range::new(self.position(bytes.start, encoding), self.position(bytes.end, encoding))
    }

    fn char_at(&self, position: lsp::Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        if line >= self.rope.len_lines() {
            return self.rope.len_chars();
        }
        let text = without_line_end(self.rope.line(line));
        let column = position.character as usize;
        let char = match encoding {
            Encoding::Utf8 => text.byte_to_char(column.min(text.len_bytes())),
            Encoding::Utf16 => text.utf16_cu_to_char(column.min(text.len_utf16_cu())),
            Encoding::Utf32 => column.min(text.len_chars()),
        };
        self.rope.line_to_char(line) + char
    }
}

fn without_line_end(line: RopeSlice<'_>) -> RopeSlice<'_> {
    let mut end = line.len_chars();
    while end > 0 && matches!(line.char(end - 1), '\n' | '\r') {
        end -= 1;
    }
    line.slice(..end)
}

/// The path of a `file:` URI.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    if !uri.scheme().as_str().eq_ignore_ascii_case("file") {
        return None;
    }
    uri.to_file_path().map(|path| path.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::open("file:///tmp/test_a.py".parse().unwrap(), 1, text)
    }

    fn edit(range: ((u32, u32), (u32, u32)), text: &str) -> TextDocumentContentChangeEvent {
        let ((a, b), (c, d)) = range;
        let range = lsp::Range::new(lsp::Position::new(a, b), lsp::Position::new(c, d));
        TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: text.to_string() }
    }

    #[test]
    fn edits_count_in_utf16_and_apply_in_order() {
        let mut document = document("a😀b\r\nc\n");
        let changes = [edit(((0, 3), (0, 4)), "X"), edit(((1, 0), (1, 0)), "é")];
        let changed = document.apply(2, &changes, Encoding::Utf16);
        assert_eq!(&**document.text(), "a😀X\r\néc\n");
        assert_eq!(changed[0].replaced, 5..6);
        assert_eq!(changed[1], Change { replaced: 8..8, inserted: 2, begins_line: false });
    }

    #[test]
    fn positions_past_the_end_clamp_to_the_line_and_to_the_text() {
        let document = document("ab\r\nc");
        assert_eq!(document.offset(lsp::Position::new(0, 99), Encoding::Utf16), 2);
        assert_eq!(document.offset(lsp::Position::new(99, 0), Encoding::Utf16), 5);
        assert_eq!(document.position(4, Encoding::Utf16), lsp::Position::new(1, 0));
    }

    #[test]
    fn a_range_turned_around_is_read_the_right_way() {
        let mut document = document("abc");
        document.apply(2, &[edit(((0, 2), (0, 1)), "")], Encoding::Utf16);
        assert_eq!(&**document.text(), "ac");
    }

    #[test]
    fn unicode_line_ends_are_no_line_ends() {
        let document = document("a\u{2028}b\u{85}c\nd");
        assert_eq!(document.position(document.len() - 1, Encoding::Utf16), lsp::Position::new(1, 0));
    }

    proptest::proptest! {
        /// Random edits at random positions end with the text that a plain string model has.
        #[test]
        fn random_edits_agree_with_a_plain_string(
            edits in proptest::collection::vec((0u32..6, 0u32..9, 0u32..6, 0u32..9, "[a😀é\r\n]{0,4}"), 1..40),
            encoding in proptest::sample::select(vec![Encoding::Utf8, Encoding::Utf16, Encoding::Utf32]),
        ) {
            let mut document = document("one\r\ntwo\nd😀ei\r");
            let mut model = document.text().to_string();
            for (version, (a, b, c, d, text)) in edits.into_iter().enumerate() {
                let lines = crate::text::LineIndex::new(&model);
                let offset = |line, character| {
                    lines.offset(&model, crate::text::Position { line, character }, encoding)
                };
                let (x, y) = (offset(a, b), offset(c, d));
                document.apply(version as i32 + 2, &[edit(((a, b), (c, d)), &text)], encoding);
                model.replace_range(x.min(y)..x.max(y), &text);
                proptest::prop_assert_eq!(&**document.text(), model.as_str());
            }
        }
    }
}
