//! Notifications that change the state. Each runs to its end in the ingress, in wire order.

mod did_change;
pub mod did_change_configuration;
mod did_change_watched_files;
mod did_change_workspace_folders;
mod did_close;
mod did_open;
mod did_rename_files;
mod did_save;
mod work_done_progress_cancel;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Server;

/// Applies a notification; an error says what was wrong with it.
pub type Handler = fn(&Arc<Server>, Value) -> Result<(), String>;

/// How long an edit may settle before the text is parsed.
const SETTLE: Duration = Duration::from_millis(120);

/// The handler of a notification that changes the state.
pub fn handler(method: &str) -> Option<Handler> {
    Some(match method {
        "textDocument/didOpen" => did_open::apply,
        "textDocument/didChange" => did_change::apply,
        "textDocument/didClose" => did_close::apply,
        "textDocument/didSave" => did_save::apply,
        "workspace/didRenameFiles" => did_rename_files::apply,
        "workspace/didChangeWatchedFiles" => did_change_watched_files::apply,
        "workspace/didChangeConfiguration" => did_change_configuration::apply,
        "window/workDoneProgress/cancel" => work_done_progress_cancel::apply,
        "workspace/didChangeWorkspaceFolders" => did_change_workspace_folders::apply,
        _ => return None,
    })
}

/// `initialized`: the client takes requests now. Changes no text, so it needs no place in the wire's order.
pub fn initialized(server: &Arc<Server>) {
    server.register_watchers();
    did_change_configuration::ask(server);
    for folder in &server.world().folders {
        server.analysis.push(super::analysis::Job::Start(folder.root.to_path_buf()));
    }
}
