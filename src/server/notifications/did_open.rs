//! `textDocument/didOpen`: from now on the editor's text counts, not the disk's.

use std::sync::Arc;

use serde_json::Value;

use super::super::analysis::Job;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params = ingress::params(params)?;
    let document = server.update(|session| session.open(params));
    server.publishing.push(document.uri.clone());
    if let Some(path) = &document.path {
        server.analysis.push(Job::Place(path.clone()));
        server.prove_around(path);
    }
    Ok(())
}
