//! From byte ranges and our words to the protocol's.

use std::collections::BTreeMap;
use std::ops::Range;

use tower_lsp::ls_types as lsp;

use crate::fix::{Fix, Tier};
use crate::text::{Edit, Encoding, FilePath, LineIndex, Position};

use super::document::Document;
use super::world::{Folder, Page, World};

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

/// The edits of a fix, versioned where the client takes versions, so that it refuses them when a text moved on.
/// `None` where a file cannot be named.
pub fn workspace_edit(world: &World, folder: &Folder, fix: &Fix) -> Option<lsp::WorkspaceEdit> {
    let mut by_path: BTreeMap<&FilePath, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        by_path.entry(&edit.path).or_default().push(edit);
    }
    let note = world.abilities.annotated_edits.then_some(ANNOTATION);
    let mut documents = Vec::new();
    for (path, edits) in by_path {
        let path = folder.absolute(path);
        let (uri, page) = (world.uri_of(&path)?, world.page_at(&path)?);
        let edits = edits.into_iter().map(|edit| {
            let text_edit = lsp::TextEdit::new(page.range(edit.range.clone(), world.encoding()), edit.text.clone());
            match note {
                Some(id) => lsp::OneOf::Right(lsp::AnnotatedTextEdit { text_edit, annotation_id: id.to_string() }),
                None => lsp::OneOf::Left(text_edit),
            }
        });
        let text_document = lsp::OptionalVersionedTextDocumentIdentifier { uri, version: page.version() };
        documents.push(lsp::TextDocumentEdit { text_document, edits: edits.collect() });
    }
    Some(match world.abilities.versioned_edits {
        true => lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(documents)),
            change_annotations: note.map(|id| [(id.to_string(), annotation(fix))].into()),
            changes: None,
        },
        false => lsp::WorkspaceEdit { changes: Some(documents.into_iter().map(plain).collect()), ..Default::default() },
    })
}

/// Edits of an open document, versioned where the client takes versions.
#[allow(clippy::mutable_key_type)] // The protocol's map.
pub fn replacement(world: &World, document: &Document, edits: Vec<lsp::TextEdit>) -> lsp::WorkspaceEdit {
    let (uri, version) = (document.uri.clone(), Some(document.version));
    if !world.abilities.versioned_edits {
        return lsp::WorkspaceEdit { changes: Some([(uri, edits)].into()), ..Default::default() };
    }
    let text_document = lsp::OptionalVersionedTextDocumentIdentifier { uri, version };
    let edits = edits.into_iter().map(lsp::OneOf::Left).collect();
    let edits = lsp::TextDocumentEdit { text_document, edits };
    lsp::WorkspaceEdit { document_changes: Some(lsp::DocumentChanges::Edits(vec![edits])), ..Default::default() }
}

const ANNOTATION: &str = "fix";

/// What the client's preview says of a fix: what it does, and why.
fn annotation(fix: &Fix) -> lsp::ChangeAnnotation {
    let evidence: Vec<&str> = fix.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    lsp::ChangeAnnotation {
        label: fix.title.clone(),
        needs_confirmation: Some(fix.tier == Tier::Review),
        description: Some(evidence.join("; ")),
    }
}

#[allow(clippy::mutable_key_type)] // The protocol's map.
fn plain(document: lsp::TextDocumentEdit) -> (lsp::Uri, Vec<lsp::TextEdit>) {
    let edits = document.edits.into_iter().map(|edit| match edit {
        lsp::OneOf::Left(edit) => edit,
        lsp::OneOf::Right(edit) => edit.text_edit,
    });
    (document.text_document.uri, edits.collect())
}

/// The range of some bytes of `text`.
pub fn range(text: &str, lines: &LineIndex, bytes: Range<usize>, encoding: Encoding) -> lsp::Range {
    let position = |offset| {
        let Position { line, character } = lines.position(text, offset, encoding);
        lsp::Position::new(line, character)
    };
    lsp::Range::new(position(bytes.start), position(bytes.end))
}
