//! `pytest-medic metrics LOG…`: writes what runs and heals came to for Prometheus.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::style::{DIM, RESET};
use super::{Failed, OK, out, project};
use crate::diagnosis::diagnose;
use crate::heal::files::{inside, write_atomic};
use crate::heal::history::History;
use crate::metrics::{Facts, coverage, exposition};
use crate::text::FilePath;

/// Where the metrics go, below the root.
const METRICS_FILE: &str = "monitoring/pytest_metrics.prom";

/// Writes durations, outcomes, coverage and healing counters to a file that Prometheus scrapes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  pytest-medic metrics test_run.log
  pytest-medic metrics shard-*.xml --output -")]
pub struct Args {
    /// Logs, JUnit XML or other reports of one run or its shards; `-` reads stdin.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Where the metrics go, relative to the project; `-` prints them [default: monitoring/pytest_metrics.prom].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads the logs and writes the file. Failed tests are no failure of this command.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let root = snapshot.root().map(Path::to_path_buf).unwrap_or_default();
    let report = project::read_logs(&args.logs)?;
    let diagnosed = |failure| {
        let diagnosis = diagnose(&snapshot, &Arc::new(failure));
        (diagnosis.category, diagnosis.verdict)
    };
    let diagnoses: Vec<_> = report.failures.iter().cloned().map(diagnosed).collect();
    let history = History::open(&root);
    let page = exposition(&Facts {
        report: &report,
        diagnoses: &diagnoses,
        coverage: args.logs.iter().find_map(|log| coverage_in(log)),
        history: history.entries(),
        lessons: snapshot.lessons().iter().map(|graveyard| graveyard.lessons.len()).sum(),
    });
    if args.output.as_deref() == Some(Path::new("-")) {
        out::print!("{page}");
        return Ok(OK);
    }
    // What a person names may be anywhere; what nobody named stays in the project, whatever links there are.
    let path = match &args.output {
        Some(named) => root.join(named),
        None => inside(&root, &FilePath::new(METRICS_FILE))?,
    };
    write_atomic(&path, page.as_bytes())?;
    out::println!("{DIM}wrote {}{RESET}", path.display());
    Ok(OK)
}

/// The coverage that a terminal log shows; stdin is read once, for the outcomes.
fn coverage_in(log: &Path) -> Option<f64> {
    let bytes = std::fs::read(log).ok()?;
    coverage(&String::from_utf8_lossy(&bytes))
}
