//! `window/workDoneProgress/cancel`: a person ends a run.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::WorkDoneProgressCancelParams;

use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: WorkDoneProgressCancelParams = ingress::params(params)?;
    server.runs.cancel(&params.token);
    Ok(())
}
