//! `workspace/didChangeConfiguration`: the editor's settings changed.

use serde_json::Value;

use super::super::Server;

pub fn apply(server: &Server, params: Value) -> Result<(), String> {
    let _ = (server, params);
    Ok(())
}
