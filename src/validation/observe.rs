//! A run, observed: what it printed, and what our plugin saw beside it.

use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use super::agree::agree;
use super::plugin::{EVENTS, Plugin};
use super::runner::{Cancel, Finished, Run, Runner, RunnerError};
use super::tail;
use crate::report::rebase::Rebase;
use crate::report::{self, Failure, Report};
use crate::workspace::config::PYTEST_FILES;

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
    if !runner.is_pytest(run.root) {
        variables.retain(|(name, _)| *name == EVENTS);
    }
    if !is_silent(runner, run) {
        variables.push(("PYTEST_ADDOPTS", whole_values()));
    }
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
    // A command of the project's own may run pytest several times, and the plugin may see only one of them.
    let is_one_run = runner.is_pytest(run.root) || report.runs.len() <= 1;
    agree(&mut report, seen, &began, is_one_run);
    Ok((finished, report))
}

/// Whether pytest is told to print nothing (`-p no:terminal`): then it does not know `-v` either, and ends.
fn is_silent(runner: &Runner, run: &Run<'_>) -> bool {
    let tells = |text: &str| text.contains("no:terminal");
    tells(&runner.command_line(run.tests))
        || std::env::var("PYTEST_ADDOPTS").is_ok_and(|options| tells(&options))
        || PYTEST_FILES.iter().any(|name| std::fs::read_to_string(run.root.join(name)).is_ok_and(|text| tells(&text)))
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
