//! Code actions that change no code: what a person may ask about a failure, or say of it.

use serde_json::json;
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Command};

use super::super::alike::Alike;
use super::super::commands::is_lesson;
use super::super::diagnostics::diagnostic;
use super::super::world::{Folder, Page, World};

/// The kind of these actions: they are no fixes, so nobody applies one by itself.
pub const KIND: CodeActionKind = CodeActionKind::new("pytest-medic");

/// The actions for what is shown as one failure. Their commands ask and tell through the client's messages.
pub fn actions(world: &World, folder: &Folder, page: &Page, failures: &Alike<'_>) -> Vec<CodeActionOrCommand> {
    let mark = failures.first();
    let action = |title: &str, command: &str| {
        let arguments = Some(vec![json!({ "nodeid": mark.diagnosis.failure.nodeid, "interactive": true })]);
        CodeActionOrCommand::CodeAction(CodeAction {
            title: title.to_string(),
            kind: Some(KIND),
            diagnostics: Some(vec![diagnostic(world, folder, page, failures)]),
            command: Some(Command { title: title.to_string(), command: command.to_string(), arguments }),
            ..CodeAction::default()
        })
    };
    let mut actions = vec![action("Show the evidence", "pytest-medic.showEvidence")];
    if is_lesson(world, folder, mark) {
        actions.push(action("Record this as a lesson", "pytest-medic.recordLesson"));
    }
    actions.push(action("Dismiss this failure...", "pytest-medic.dismiss"));
    actions
}
