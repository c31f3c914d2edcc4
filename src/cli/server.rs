//! `pytest-medic server`: the language server on stdin and stdout.

use crate::server;

use super::Failed;

/// Serves an editor: diagnostics, fixes and lessons over the Language Server Protocol.
///
/// Example (Neovim 0.11): vim.lsp.config('pytest-medic', { cmd = { 'pytest-medic', 'server' } })
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accepted since editors pass it; stdin and stdout are always used.
    #[arg(long)]
    stdio: bool,
}

/// Serves until the client says `exit`, closes stdin or is gone.
pub fn run(_args: &Args) -> Result<u8, Failed> {
    server::serve_stdio().map_err(|error| Failed::runner(format!("the server could not start its threads: {error}")))
}
