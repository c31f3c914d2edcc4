//! `pytest-medic.readLog`: takes in a finished run, from this machine or from elsewhere.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::ExecuteCommandParams;

use crate::report;

use super::super::Server;
use super::super::analysis::Job;
use super::super::world::World;
use super::{argument, folder};

/// `{"path"}` names a log, without it the configured one is read. Answers how much there is in it.
pub fn read_log(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    let folder = folder(world, params)?;
    let named = argument(params, "path").and_then(Value::as_str).map(PathBuf::from);
    let remedy = if named.is_some() { "name a file that pytest or CI wrote" } else { "run pytest first" };
    let path = named.map_or_else(|| folder.log(), |path| folder.root.join(path));
    let report = File::open(&path)
        .and_then(report::read)
        .map_err(|error| Error::invalid_params(format!("cannot read the log {}: {error}; {remedy}", path.display())))?;
    server.analysis.push(Job::ReadLog { path, root: folder.root.to_path_buf() });
    let counted: u64 = report
        .runs
        .iter()
        .map(|run| {
            let counts = &run.counts;
            [counts.passed, counts.failed, counts.errors, counts.skipped].iter().flatten().sum::<u64>()
        })
        .sum();
    let tests = counted.max(report.outcomes.len() as u64);
    Ok(Some(json!({ "failures": report.failures.len(), "tests": tests })))
}
