//! The command line: argv to a subcommand, its result to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Heals failing Python tests, and never weakens one.
#[derive(Debug, Parser)]
#[command(name = "pytest-medic", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {}

/// Runs the command line and says how it ended: 0 all well, 1 failures remain, 2 usage or configuration
/// error, 3 the runner could not run.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(argv) {
        Ok(cli) => match cli.command {},
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // A closed pipe cannot be told about.
            let _ = error.print();
            ExitCode::from(code)
        }
    }
}
