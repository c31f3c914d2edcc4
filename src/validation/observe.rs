//! A run, observed: what it printed, and what our plugin saw beside it.

use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use super::plugin::{EVENTS, Plugin};
use super::runner::{Cancel, Finished, Run, Runner, RunnerError};
use super::tail;
use crate::report::rebase::Rebase;
use crate::report::{self, Failure, Report};

/// Runs tests and reads the log and our plugin's events together. pytest is told to load the plugin; a
/// custom command may run pytest where the plugin is not, so there it speaks only if it is installed.
/// While the run goes on, `failed` hears of what has failed so far.
pub fn observe(
    runner: &Runner,
    run: &Run<'_>,
    live: &mut dyn Write,
    failed: &(dyn Fn(&[Failure]) + Sync),
    cancel: &Cancel,
) -> Result<(Finished, Report), RunnerError> {
    let Ok(plugin) = Plugin::unpack() else {
        let finished = runner.run(run, live, cancel)?;
        return Ok((finished, read(run)?));
    };
    let events = plugin.folder().join("events.jsonl");
    let mut variables = plugin.variables_with_events(&events);
    if matches!(runner, Runner::Custom { .. }) {
        variables.retain(|(name, _)| *name == EVENTS);
    }
    variables.push(("PYTEST_ADDOPTS", whole_values()));
    variables.extend(run.variables.iter().cloned());
    let began = run.root.canonicalize().unwrap_or_else(|_| run.root.to_path_buf());
    let ended = AtomicBool::new(false);
    let (finished, seen) = std::thread::scope(|scope| {
        let follower = scope.spawn(|| tail::follow(&events, Rebase::to(&began), &ended, failed));
        let finished = runner.run(&Run { variables: &variables, ..*run }, live, cancel);
        ended.store(true, Ordering::Release);
        follower.thread().unpark();
        (finished, follower.join().unwrap_or_default())
    });
    let (finished, mut report) = (finished?, read(run)?);
    enrich(&mut report, seen);
    Ok((finished, report))
}

/// pytest's options with those that make it print both sides of a comparison whole, and each test with its
/// outcome: a value that is cut with `...` cannot be healed.
fn whole_values() -> OsString {
    let mut options = std::env::var_os("PYTEST_ADDOPTS").unwrap_or_default();
    options.push(" -vv");
    options
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
