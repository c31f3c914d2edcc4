//! The command line: argv to a subcommand, its result to an exit code.

pub mod apply;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod graveyard;
pub mod heal;
pub mod in_place;
pub mod interrupt;
pub mod logs;
pub mod lookup;
pub mod mcp;
pub mod metrics;
mod order;
pub mod out;
pub mod project;
pub mod propose;
pub mod report;
pub mod review;
pub mod server;
pub mod show;
pub mod style;
pub mod suggest;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Heals failing Python tests, and never weakens one.
#[derive(Debug, Parser)]
#[command(name = "pytest-medic", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Apply(apply::Args),
    Demo(demo::Args),
    Doctor(doctor::Args),
    Explain(explain::Args),
    Graveyard(graveyard::Args),
    Heal(heal::Args),
    Lookup(lookup::Args),
    Mcp(mcp::Args),
    Metrics(metrics::Args),
    Report(report::Args),
    Review(review::Args),
    Server(server::Args),
    Suggest(suggest::Args),
}

/// Everything went well: all tests pass, nothing was found wrong.
pub const OK: u8 = 0;
/// Failures remain, or a check found something.
pub const FAILURES: u8 = 1;
/// The command line or the configuration is wrong.
pub const USAGE: u8 = 2;
/// The runner could not run.
pub const RUNNER: u8 = 3;

/// Why a subcommand could not do its work: what happened, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failed {
    /// One of [`USAGE`] and [`RUNNER`].
    pub code: u8,
    /// A lower-case fragment that names the thing, the place and the next step.
    pub message: String,
}

impl Failed {
    /// A wrong argument, an input that is not there, a configuration error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    /// A runner that could not be found or did not run.
    pub fn runner(message: impl Into<String>) -> Self {
        Self { code: RUNNER, message: message.into() }
    }
}

/// How a subcommand prints its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Human,
    /// For programs; documented in docs/json.md.
    Json,
}

/// Runs the command line and says how it ended: 0 all well, 1 failures remain, 2 usage or configuration
/// error, 3 the runner could not run.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(argv) {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { USAGE } else { OK };
            // A closed pipe cannot be told about.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let result = match &cli.command {
        Command::Apply(args) => apply::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Graveyard(args) => graveyard::run(args),
        Command::Heal(args) => heal::run(args),
        Command::Lookup(args) => lookup::run(args),
        Command::Mcp(args) => mcp::run(args),
        Command::Metrics(args) => metrics::run(args),
        Command::Report(args) => report::run(args),
        Command::Review(args) => review::run(args),
        Command::Server(args) => server::run(args),
        Command::Suggest(args) => suggest::run(args),
    };
    match result.and_then(|code| out::finish().map(|()| code)) {
        Ok(code) => ExitCode::from(code),
        Err(failed) => {
            out::eprintln!("{}error:{} {failed}", style::BAD, style::RESET);
            ExitCode::from(failed.code)
        }
    }
}
