//! Lessons at the code they warn of: hints, hovers and quick fixes, all views on the same sightings.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeDescription, Diagnostic, DiagnosticSeverity, DocumentChanges,
    NumberOrString, OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::graveyard::{Sighting, look_up};
use crate::text::Edit;

use super::diagnostics::SOURCE;
use super::world::{Folder, Page, World};

/// The repeated mistakes of a file; none in files that are no tests.
pub fn sightings(world: &World, path: &Path) -> Arc<Vec<Sighting>> {
    let found = || {
        let folder = world.folder_of(path)?;
        let name = folder.name(path).filter(|name| name.is_test_code() && name.as_str().ends_with(".py"))?;
        if folder.lessons.is_empty() {
            return None;
        }
        let source = world.project(folder).source(&name)?;
        Some(folder.lessons.find(&name, &source))
    };
    found().unwrap_or_default()
}

/// What the lessons say of the code at an offset: the range and the text of each.
pub fn hovers(world: &World, path: &Path, offset: usize) -> Vec<(std::ops::Range<usize>, String)> {
    let Some(folder) = world.folder_of(path) else { return Vec::new() };
    let found = sightings(world, path);
    let here = found.iter().filter(|sighting| sighting.covers(offset));
    here.map(|sighting| {
        let link = address(world, folder, sighting).map(|uri| uri.to_string());
        (sighting.range(), look_up::markdown(sighting.lesson(), link.as_deref()))
    })
    .collect()
}

/// The hints of a file that someone looks at: what is closed may be gone by now, and is no work for anyone.
pub fn diagnostics(world: &World, folder: &Folder, page: &Page, path: &Path) -> Vec<Diagnostic> {
    if matches!(page, Page::Closed { .. }) {
        return Vec::new();
    }
    sightings(world, path).iter().map(|sighting| diagnostic(world, folder, page, sighting)).collect()
}

fn diagnostic(world: &World, folder: &Folder, page: &Page, sighting: &Sighting) -> Diagnostic {
    let lesson = sighting.lesson();
    Diagnostic {
        range: page.range(sighting.range(), world.encoding()),
        severity: Some(DiagnosticSeverity::HINT),
        code: Some(NumberOrString::String("graveyard".to_string())),
        code_description: address(world, folder, sighting)
            .filter(|_| world.abilities.code_description)
            .map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_string()),
        message: look_up::message(lesson),
        data: Some(json!({ "lesson": lesson.slug() })),
        ..Diagnostic::default()
    }
}

/// The quick fixes of the lessons whose code touches a range of bytes.
pub fn actions(world: &World, uri: &Uri, path: &Path, start: usize, end: usize) -> Vec<CodeActionOrCommand> {
    let (Some(folder), Some(page)) = (world.folder_of(path), world.page(uri)) else { return Vec::new() };
    let Some(name) = folder.name(path) else { return Vec::new() };
    let found = sightings(world, path);
    let touches = |sighting: &&Sighting| {
        let range = sighting.range();
        sighting.covers(start) || (range.start <= end && start <= range.end)
    };
    let action = |sighting: &Sighting| {
        let edit = workspace_edit(world, uri, &page, &sighting.edits(&name)?);
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title: format!("Follow the lesson: {}", sighting.lesson().title),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic(world, folder, &page, sighting)]),
            edit: Some(edit),
            ..CodeAction::default()
        }))
    };
    found.iter().filter(touches).filter_map(action).collect()
}

/// Edits of one page.
#[allow(clippy::mutable_key_type)] // The protocol's map.
pub fn workspace_edit(world: &World, uri: &Uri, page: &Page, edits: &[Edit]) -> WorkspaceEdit {
    let edits: Vec<TextEdit> = edits
        .iter()
        .map(|edit| TextEdit::new(page.range(edit.range.clone(), world.encoding()), edit.text.clone()))
        .collect();
    if !world.abilities.versioned_edits {
        return WorkspaceEdit { changes: Some([(uri.clone(), edits)].into()), ..WorkspaceEdit::default() };
    }
    let text_document = OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: page.version() };
    let edits = edits.into_iter().map(OneOf::Left).collect();
    let document_changes = Some(DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }]));
    WorkspaceEdit { document_changes, ..WorkspaceEdit::default() }
}

/// The entry in its file.
fn address(world: &World, folder: &Folder, sighting: &Sighting) -> Option<Uri> {
    let path = folder.absolute(sighting.graveyard.path.as_ref()?);
    let uri = world.uri_of(&path)?;
    format!("{}#L{}", uri.as_str(), sighting.lesson().line).parse().ok()
}
