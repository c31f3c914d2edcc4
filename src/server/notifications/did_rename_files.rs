//! `workspace/didRenameFiles`: the results of tests follow their files.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::{RenameFilesParams, Uri};

use super::super::document::path_of;
use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: RenameFilesParams = ingress::params(params)?;
    let path = |uri: &str| uri.parse::<Uri>().ok().as_ref().and_then(path_of);
    let moves: Vec<_> =
        params.files.iter().filter_map(|file| Some((path(&file.old_uri)?, path(&file.new_uri)?))).collect();
    server.renamed_on_disk(&moves);
    Ok(())
}
