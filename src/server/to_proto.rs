//! From byte ranges and our words to the protocol's.

use std::ops::Range;

use tower_lsp::ls_types as lsp;

use crate::text::{Encoding, LineIndex, Position};

use super::world::Page;

impl Page {
    /// The range of some bytes.
    pub fn range(&self, bytes: Range<usize>, encoding: Encoding) -> lsp::Range {
        match self {
            Self::Open(document) => document.range(bytes, encoding),
            Self::Closed { text, lines } => range(text, lines, bytes, encoding),
        }
    }

    /// The range of the code on a 1-based line; the last line where there is no such line.
    pub fn line_range(&self, line: u32, encoding: Encoding) -> lsp::Range {
        let (text, lines) = match self {
            Self::Open(document) => (document.text(), &LineIndex::new(document.text())),
            Self::Closed { text, lines } => (text, lines),
        };
        let line = (line.max(1) as usize - 1).min(lines.len() - 1);
        let bytes = lines.line_range(line).unwrap_or_default();
        let code = &text[bytes.clone()];
        let start = bytes.start + (code.len() - code.trim_start().len());
        let end = bytes.start + code.trim_end().len();
        range(text, lines, start.min(end)..end, encoding)
    }

    /// The byte offset of a position.
    pub fn offset(&self, position: lsp::Position, encoding: Encoding) -> usize {
        match self {
            Self::Open(document) => document.offset(position, encoding),
            Self::Closed { text, lines } => {
                lines.offset(text, Position { line: position.line, character: position.character }, encoding)
            }
        }
    }

    /// The version, where the text is open in an editor.
    pub fn version(&self) -> Option<i32> {
        match self {
            Self::Open(document) => Some(document.version),
            Self::Closed { .. } => None,
        }
    }
}

/// The range of some bytes of `text`.
pub fn range(text: &str, lines: &LineIndex, bytes: Range<usize>, encoding: Encoding) -> lsp::Range {
    let position = |offset| {
        let Position { line, character } = lines.position(text, offset, encoding);
        lsp::Position::new(line, character)
    };
    lsp::Range::new(position(bytes.start), position(bytes.end))
}
