//! `textDocument/didSave`: the disk now holds the editor's text.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::DidSaveTextDocumentParams;

use super::super::document::path_of;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidSaveTextDocumentParams = ingress::params(params)?;
    if let Some(path) = path_of(&params.text_document.uri) {
        server.changed_on_disk(&[path]);
    }
    Ok(())
}
