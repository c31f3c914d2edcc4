//! `workspace/executeCommand`: what a person asks the server to do.

use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::ExecuteCommandParams;

use super::super::Server;
use super::super::analysis::Job;
use super::super::world::World;

type Command = fn(&Server, &World, &[Value]) -> Result<Option<Value>>;

/// The commands by name.
pub const COMMANDS: [(&str, Command); 1] = [("pytest-medic.readLog", read_log)];

/// Starts a command.
pub fn execute(server: &Server, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    match COMMANDS.iter().find(|(name, _)| *name == params.command) {
        Some((_, command)) => command(server, world, &params.arguments),
        None => Err(Error::invalid_params(format!("there is no command `{}`", params.command))),
    }
}

/// Reads a finished run: the path of a log, or the configured log of every folder.
fn read_log(server: &Server, world: &World, arguments: &[Value]) -> Result<Option<Value>> {
    match arguments.first().and_then(Value::as_str) {
        Some(path) => server.analysis.push(Job::ReadLog(path.into())),
        None => {
            let logs = world.folders.iter().map(|folder| folder.root.join(&folder.disk.config().log));
            logs.for_each(|path| server.analysis.push(Job::ReadLog(path)));
        }
    }
    Ok(None)
}
