//! `workspace/didChangeWatchedFiles`: logs, lessons, sources and settings that changed on disk.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::DidChangeWatchedFilesParams;

use super::super::document::path_of;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidChangeWatchedFilesParams = ingress::params(params)?;
    let paths: Vec<_> = params.changes.iter().filter_map(|change| path_of(&change.uri)).collect();
    server.changed_on_disk(&paths);
    Ok(())
}
