//! What a person asks the server to do. Each command answers at once; what takes time goes on beside.

mod apply_fix;
mod desk;
mod judge;
mod read_log;
mod run;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, Uri};

use super::Server;
use super::document::path_of;
use super::world::{Folder, World};

pub use judge::is_lesson;

type Command = fn(&Arc<Server>, &World, &ExecuteCommandParams) -> Result<Option<Value>>;

/// The commands by name.
pub const COMMANDS: [(&str, Command); 7] = [
    ("pytest-medic.run", run::run),
    ("pytest-medic.runAndHeal", run::run_and_heal),
    ("pytest-medic.applyFix", apply_fix::apply_fix),
    ("pytest-medic.readLog", read_log::read_log),
    ("pytest-medic.recordLesson", judge::record_lesson),
    ("pytest-medic.showEvidence", judge::show_evidence),
    ("pytest-medic.dismiss", judge::dismiss),
];

/// Starts a command.
pub fn execute(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    match COMMANDS.iter().find(|(name, _)| *name == params.command) {
        Some((_, command)) => command(server, world, params),
        None => Err(Error::invalid_params(format!("there is no command `{}`", params.command))),
    }
}

/// A field of the one object that commands take.
fn argument<'p>(params: &'p ExecuteCommandParams, name: &str) -> Option<&'p Value> {
    params.arguments.first()?.get(name).filter(|value| !value.is_null())
}

/// The folder that `uri` of the arguments lies in, else the first one.
fn folder<'w>(world: &'w World, params: &ExecuteCommandParams) -> Result<&'w Folder> {
    let uri = argument(params, "uri").and_then(Value::as_str).and_then(|uri| uri.parse::<Uri>().ok());
    let named: Option<PathBuf> = uri.as_ref().and_then(path_of);
    let holding = named.and_then(|path| world.folder_of(&path));
    holding
        .or_else(|| world.folders.first())
        .ok_or_else(|| Error::invalid_params("no folder is open; open the project's folder first"))
}
