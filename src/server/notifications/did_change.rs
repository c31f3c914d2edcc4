//! `textDocument/didChange`: edits the rope, moves the failures, and lets the rest settle.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tower_lsp::ls_types::DidChangeTextDocumentParams;

use super::super::analysis::Job;
use super::super::{Server, ingress};
use super::SETTLE;

/// So long diagnostics wait for the next edit: what is pasted or typed by a macro comes as many at once.
const BREATH: Duration = Duration::from_millis(2);

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidChangeTextDocumentParams = ingress::params(params)?;
    let uri = params.text_document.uri.as_str();
    let document = server.update(|session| session.change(&params)).ok_or_else(|| format!("{uri} is not open"))?;
    server.publishing.push_after(document.uri.clone(), BREATH);
    if let Some(path) = &document.path {
        server.analysis.push_after(Job::Place(path.clone()), SETTLE);
        server.prove_around(path);
    }
    Ok(())
}
