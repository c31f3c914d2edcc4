//! A run, observed: what it printed, and what our plugin saw beside it.

use std::io::Write;

use super::plugin::Plugin;
use super::runner::{Cancel, Finished, Run, Runner, RunnerError};
use crate::report::{self, Failure, Report, events};

/// pytest's exit code for a command line or a plugin it cannot use (`pytest.ExitCode.USAGE_ERROR`).
const USAGE_ERROR: i32 = 4;

/// Runs tests with our plugin beside them and reads the log and the plugin's events together. Where pytest
/// cannot load the plugin (the command runs it elsewhere), it runs once more without.
pub fn observe(
    runner: &Runner,
    run: &Run<'_>,
    live: &mut dyn Write,
    cancel: &Cancel,
) -> Result<(Finished, Report), RunnerError> {
    if let Ok(plugin) = Plugin::unpack() {
        let events = plugin.folder().join("events.jsonl");
        let mut variables = run.variables.to_vec();
        variables.extend(plugin.variables_with_events(&events));
        let finished = runner.run(&Run { variables: &variables, ..*run }, live, cancel)?;
        let seen = std::fs::read_to_string(&events).unwrap_or_default();
        if !seen.is_empty() || finished.code != Some(USAGE_ERROR) || !names_plugin(run) {
            let mut report = read(run)?;
            enrich(&mut report, events::parse(&seen, None));
            return Ok((finished, report));
        }
    }
    let finished = runner.run(run, live, cancel)?;
    Ok((finished, read(run)?))
}

fn names_plugin(run: &Run<'_>) -> bool {
    let log = std::fs::read(run.log).unwrap_or_default();
    memchr::memmem::find(&log, b"pytest_medic").is_some()
}

fn read(run: &Run<'_>) -> Result<Report, RunnerError> {
    let bytes = std::fs::read(run.log).map_err(|source| RunnerError::Log { path: run.log.to_path_buf(), source })?;
    let mut report = report::parse(&bytes);
    for read in &mut report.runs {
        read.source = Some(run.log.to_string_lossy().into_owned());
    }
    Ok(report)
}

/// Adds what the plugin saw to what the log shows: values seen at run time, hints, outcomes of tests that the
/// log counts only, and whatever its style left out.
fn enrich(report: &mut Report, seen: Report) {
    for failure in &mut report.failures {
        let same = |event: &&Failure| event.nodeid == failure.nodeid && event.phase == failure.phase;
        let Some(event) = seen.failures.iter().find(same) else { continue };
        failure.runtime = event.runtime.clone();
        let Failure { hint, path, line, exc_type, message, introspection, available_fixtures, frames, .. } = event;
        fill(&mut failure.hint, hint);
        if failure.line.is_none() {
            (failure.path, failure.line) = (path.clone(), *line);
        }
        fill(&mut failure.exc_type, exc_type);
        fill(&mut failure.message, message);
        fill(&mut failure.introspection, introspection);
        if failure.available_fixtures.is_empty() {
            failure.available_fixtures.clone_from(available_fixtures);
        }
        if failure.frames.is_empty() {
            failure.frames.clone_from(frames);
        }
    }
    if report.outcomes.len() < seen.outcomes.len() {
        report.outcomes = seen.outcomes;
    }
}

fn fill<T: Clone>(known: &mut Option<T>, seen: &Option<T>) {
    if known.is_none() {
        known.clone_from(seen);
    }
}
