//! `codeAction/resolve`: the edits of a fix that was offered.

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::CodeAction;

use super::super::offers::offers;
use super::super::to_proto::workspace_edit;
use super::super::world::World;
use super::code_action::FixId;
use super::fix_all::{self, FixAllId};

/// The action with its edits. A fix that is no longer offered for the text as it is now is an error.
pub fn resolve(world: &World, mut action: CodeAction) -> Result<CodeAction> {
    let Some(data) = action.data.clone() else { return Ok(action) };
    let edit = match serde_json::from_value::<FixAllId>(data.clone()) {
        Ok(all) => fix_all::edit_of(world, &all),
        Err(_) => {
            let id: FixId = serde_json::from_value(data)
                .map_err(|error| Error::invalid_params(format!("this action is none of pytest-medic's: {error}")))?;
            edit_of(world, &id)
        }
    };
    action.edit = Some(edit.ok_or_else(moved_on)?);
    Ok(action)
}

/// The error where a fix is asked for that is no longer offered.
pub fn moved_on() -> Error {
    let mut error = Error::new(ErrorCode::ContentModified);
    error.message = "the text changed since the fix was offered; ask for fixes again".into();
    error
}

/// The edit of a fix for the text as it is now; `None` where it is not offered any more.
pub fn edit_of(world: &World, id: &FixId) -> Option<tower_lsp::ls_types::WorkspaceEdit> {
    let path = world.path(&id.uri)?;
    let folder = world.folder_of(&path)?;
    let mark = world
        .marks_at(&path)
        .iter()
        .find(|mark| mark.diagnosis.failure.nodeid == id.nodeid && mark.diagnosis.failure.phase == id.phase)?;
    let healing = world.healing(folder, mark)?;
    let offers = offers(folder, &healing);
    let offer = offers.iter().find(|offer| offer.fix.title == id.title && offer.fix.strategy == id.strategy)?;
    workspace_edit(world, folder, &offer.fix)
}
