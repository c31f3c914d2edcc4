//! `workspace/didChangeWorkspaceFolders`: folders came and went.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::DidChangeWorkspaceFoldersParams;

use super::super::analysis::Job;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidChangeWorkspaceFoldersParams = ingress::params(params)?;
    let before = server.world();
    let came = server.update(|session| session.change_folders(&params.event));
    let after = server.world();
    server.publish(before.marks.keys().filter(|path| !after.marks.contains_key(*path)).cloned());
    came.into_iter().for_each(|root| server.analysis.push(Job::Start(root)));
    Ok(())
}
