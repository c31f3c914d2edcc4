//! `pytest-medic report LOG…`: what finished runs say.

mod github;
mod human;
mod json;
mod sarif;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::{FAILURES, Failed, OK, logs, out, project};
use crate::diagnosis::{Diagnosis, diagnose};
use crate::report::Report;
use crate::workspace::Snapshot;

/// Reads finished runs and prints their failures with diagnoses.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic report test_run.log\n  pytest --tb=short | pytest-medic report -\n  \
    pytest-medic report shard-*.xml --format sarif > pytest.sarif"
)]
pub struct Args {
    /// Logs, JUnit XML, reportlog or json-report files, `-` for stdin. Several are shards of one run. A folder
    /// or a pattern takes the newest file.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What the output is for.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// For people: failures grouped by root cause.
    #[default]
    Human,
    /// For programs; documented in docs/json.md.
    Json,
    /// GitHub workflow commands, which annotate a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What was read, and what it means.
struct Findings {
    report: Report,
    /// One per failure, in the same order.
    diagnoses: Vec<Diagnosis>,
}

/// Prints what the logs say; 1 where they show failures or a run that did not go through.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let report = logs::read(&args.logs)?;
    let has_run = project::has_run(&report, &args.logs);
    let findings = Findings::of(&snapshot, report);
    let text = match args.format {
        // People are told why there is nothing to see, programs get what they can read in any case.
        Format::Human => has_run.as_ref().map(|()| human::render(&findings)).unwrap_or_default(),
        Format::Json => json::render(&findings),
        Format::Github => github::render(&findings),
        Format::Sarif => sarif::render(&findings),
    };
    out::print!("{text}");
    has_run?;
    Ok(if findings.is_well() { OK } else { FAILURES })
}

/// What the logs say, as `--format json` prints it.
pub(super) fn as_json(snapshot: &Snapshot, report: Report) -> serde_json::Value {
    json::value(&Findings::of(snapshot, report))
}

impl Findings {
    fn of(snapshot: &Snapshot, report: Report) -> Self {
        let diagnoses = report.failures.iter().map(|failure| diagnose(snapshot, &failure.clone().into())).collect();
        Self { report, diagnoses }
    }

    fn is_well(&self) -> bool {
        self.report.failures.is_empty() && self.report.runs.iter().all(|run| run.complete && run.stopped.is_none())
    }
}

/// The category as it is written in JSON and in `explain`.
fn category(diagnosis: &Diagnosis) -> String {
    format!("{:?}", diagnosis.category)
}
