//! `window/workDoneProgress/cancel`: a person ends a run, or trials in the background.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::WorkDoneProgressCancelParams;

use super::super::{Server, ingress};

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: WorkDoneProgressCancelParams = ingress::params(params)?;
    server.runs.cancel(&params.token);
    server.prover.decline(&params.token);
    Ok(())
}
