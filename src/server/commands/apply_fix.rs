//! `pytest-medic.applyFix`: applies a fix through the client, for editors whose menus hold commands only.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, MessageType};

use super::super::Server;
use super::super::requests::code_action::FixId;
use super::super::requests::code_action_resolve;
use super::super::world::World;

/// How long the client may take to apply an edit.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes what a fix is called in `codeAction`; a fix that is no longer offered is an error.
pub fn apply_fix(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    let fix = params.arguments.first().cloned().unwrap_or_default();
    let fix: FixId = serde_json::from_value(fix)
        .map_err(|error| Error::invalid_params(format!("the argument names no fix as `codeAction` does: {error}")))?;
    let edit = code_action_resolve::edit_of(world, &fix).ok_or_else(code_action_resolve::moved_on)?;
    let output = server.output.clone();
    server.ask(move |client| async move {
        let answer = tokio::time::timeout(PATIENCE, client.apply_edit(edit)).await;
        if let Ok(Ok(answer)) = answer
            && !answer.applied
        {
            let why = answer.failure_reason.unwrap_or_else(|| "it gave no reason".to_string());
            output.show(MessageType::WARNING, &format!("the editor did not apply the fix: {why}"));
        }
    });
    Ok(None)
}
