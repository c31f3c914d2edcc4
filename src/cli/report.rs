//! `pytest-medic report LOG…`: what finished runs say.

use std::path::PathBuf;

use serde_json::json;

use super::{FAILURES, Failed, OK, project};
use crate::report::Report;

/// Reads finished runs and prints their failures.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic report test_run.log --format json")]
pub struct Args {
    /// Logs, JUnit XML, reportlog or json-report files of one run or its shards; `-` reads stdin.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    format: super::Output,
}

/// Prints what the logs say; 1 where they show failures.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let report = project::read_logs(&snapshot, &args.logs)?;
    print_json(&report);
    Ok(if report.failures.is_empty() { OK } else { FAILURES })
}

fn print_json(report: &Report) {
    let mut value = json!(report);
    value["schema"] = json!(1);
    println!("{value:#}");
}
