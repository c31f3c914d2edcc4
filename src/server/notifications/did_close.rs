//! `textDocument/didClose`: the disk's text counts again.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::DidCloseTextDocumentParams;

use super::super::analysis::Job;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidCloseTextDocumentParams = ingress::params(params)?;
    let uri = &params.text_document.uri;
    let document =
        server.update(|session| session.close(uri)).ok_or_else(|| format!("{} is not open", uri.as_str()))?;
    server.publishing.push(document.uri.clone());
    if let Some(path) = &document.path {
        server.analysis.push(Job::Place(path.clone()));
    }
    Ok(())
}
