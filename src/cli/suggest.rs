//! `pytest-medic suggest LOG…`: what would heal a finished run, without running anything.

use std::path::PathBuf;

use super::style::{DIM, RESET, STRONG};
use super::{Failed, OK, Output, project, show};
use crate::heal::{Healing, heal};
use crate::report::Report;
use crate::workspace::Snapshot;

/// Proposes fixes for finished runs. Runs nothing, changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic suggest test_run.log\n  pytest tests | pytest-medic suggest -")]
pub struct Args {
    /// Logs, JUnit XML or other reports of runs; `-` reads stdin.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// Exit code 0, or 1 while failures remain.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let report = project::read_logs(&snapshot, &args.logs)?;
    let healings = heal(&snapshot, &report);
    match args.format {
        Output::Human => human(&snapshot, &report, &healings),
        Output::Json => json(&snapshot, &report, &healings),
    }
    Ok(if report.failures.is_empty() { OK } else { super::FAILURES })
}

fn human(snapshot: &Snapshot, report: &Report, healings: &[Healing]) {
    for healing in healings {
        anstream::print!("{}", healing_text(snapshot, healing));
    }
    let offered = healings.iter().filter(|healing| !healing.fixes.is_empty()).count();
    anstream::println!("{STRONG}{} failures, a fix for {offered}{RESET}", report.failures.len());
}

/// A failure with its fixes, or the reason why there is none.
pub fn healing_text(snapshot: &Snapshot, healing: &Healing) -> String {
    let diagnosis = &healing.diagnosis;
    let mut text = show::failure(&diagnosis.failure);
    text += &format!("    {DIM}{}: {}{RESET}\n", show::verdict(diagnosis.verdict), diagnosis.reason);
    for guarded in &healing.fixes {
        text += &show::fix(snapshot, guarded.fix());
    }
    for refusal in &healing.refused {
        text += &show::refusal(refusal);
    }
    text + "\n"
}

fn json(snapshot: &Snapshot, report: &Report, healings: &[Healing]) {
    let failures: Vec<_> = healings.iter().map(|healing| show::healing_json(snapshot, healing)).collect();
    let value = serde_json::json!({
        "schema": 1, "runs": report.runs, "failures": failures, "warnings": report.warnings,
    });
    anstream::println!("{value:#}");
}
