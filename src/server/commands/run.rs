//! `pytest-medic.run` and `pytest-medic.runAndHeal`: answer with a progress token at once, then run.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, MessageType};

use crate::fix::Tier;
use crate::heal::run_loop::{self, Bench, Limits, Stop, Summary};
use crate::heal::{clock, lesson};

use super::super::Server;
use super::super::analysis::read_settings;
use super::super::notifications::did_change_configuration;
use super::super::runs::Progress;
use super::super::world::{Folder, World};
use super::desk::Desk;
use super::{argument, folder};

/// Runs tests and shows what failed.
pub fn run(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    start(server, world, params, "Running tests", |desk, tests| {
        let report = desk.run(tests)?;
        Ok(match report.failures.len() {
            _ if desk.is_cancelled() => "cancelled".to_string(),
            0 => "all tests pass".to_string(),
            failed => format!("{failed} failed"),
        })
    })
}

/// Runs tests, heals what can be healed surely, and reruns.
pub fn run_and_heal(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    start(server, world, params, "Run & heal", |desk, tests| {
        let config = desk.snapshot().config().clone();
        let limits =
            Limits { max_iterations: config.max_iterations, confidence: config.confidence, accept: Tier::Safe };
        let summary = run_loop::run(desk, tests, None, &limits)?;
        desk.tell_lessons(record(desk.root(), &summary));
        Ok(headline(&summary))
    })
}

type Work = fn(&mut Desk, &[String]) -> std::result::Result<String, String>;

fn start(
    server: &Arc<Server>,
    world: &World,
    params: &ExecuteCommandParams,
    title: &'static str,
    work: Work,
) -> Result<Option<Value>> {
    if !world.abilities.trusted {
        return Err(Error::invalid_params("this workspace is not trusted, so nothing is run in it; trust it first"));
    }
    let folder = folder(world, params)?.clone();
    let tests = tests(&folder, params)?;
    let given = params.work_done_progress_params.work_done_token.clone();
    let token = given.clone().unwrap_or_else(|| server.runs.token());
    let Some(cancel) = server.runs.begin(&folder.root, &token) else {
        return Err(Error::invalid_params("a run is going on already; cancel it first, or wait for its end"));
    };
    server.prover.make_way(&folder.root);
    server.results_changed();
    let (server, answer) = (server.clone(), json!({ "token": token }));
    let started = std::thread::Builder::new().name("medic-run".to_string()).spawn(move || {
        let folder = as_configured_now(&server, folder);
        let progress = Progress::begin(&server, token, given.is_some(), title);
        let mut desk = Desk::new(server.clone(), folder.clone(), progress, cancel);
        let run = std::panic::AssertUnwindSafe(|| work(&mut desk, &tests));
        let ended = std::panic::catch_unwind(run).unwrap_or_else(|_| Err("a bug in pytest-medic ended it".to_string()));
        server.runs.end(&folder.root);
        server.prover.ask(&folder.root);
        match ended {
            Ok(summary) => desk.end(&summary),
            Err(why) => {
                desk.end("did not run to its end");
                server.output.show(MessageType::ERROR, &why);
            }
        }
        server.results_changed();
    });
    started.map_err(|_| Error::internal_error())?;
    Ok(Some(answer))
}

/// The folder with the settings that were made before the run was asked for, of the editor and on disk.
fn as_configured_now(server: &Arc<Server>, folder: Folder) -> Folder {
    server.asked.settle(did_change_configuration::PATIENCE);
    read_settings(server, &folder.root);
    let now = server.world().folder_at(&folder.root).cloned();
    now.unwrap_or(folder)
}

/// The tests that were asked for, as pytest takes them: relative to the root, and nothing that looks like an
/// option.
fn tests(folder: &Folder, params: &ExecuteCommandParams) -> Result<Vec<String>> {
    if !is_understood(&params.arguments) {
        return Err(Error::invalid_params(
            "the argument is one object: {\"tests\": [paths and node ids], \"uri\": a document}",
        ));
    }
    let Some(asked) = argument(params, "tests") else { return Ok(Vec::new()) };
    let asked = asked.as_array().ok_or_else(|| Error::invalid_params("`tests` is a list of paths and node ids"))?;
    let one = |test: &Value| {
        let test = test.as_str().ok_or_else(|| Error::invalid_params("`tests` is a list of paths and node ids"))?;
        let test = Path::new(test).strip_prefix(&folder.root).map_or(test.into(), |below| below.to_string_lossy());
        match test.starts_with('-') || test.is_empty() {
            true => Err(Error::invalid_params(format!("`{test}` is no path and no node id"))),
            false => Ok(test.into_owned()),
        }
    };
    asked.iter().map(one).collect()
}

/// Whether the arguments say what is to be run: nothing at all, or one object with a field that is known.
fn is_understood(arguments: &[Value]) -> bool {
    match arguments {
        [] | [Value::Null] => true,
        [Value::Object(fields)] => fields.is_empty() || fields.contains_key("tests") || fields.contains_key("uri"),
        _ => false,
    }
}

/// Adds a lesson for each fix that stayed; the errors say which were not written.
fn record(root: &Path, summary: &Summary) -> Vec<String> {
    let today = clock::date(std::time::SystemTime::now());
    let written = summary.applied.iter().map(|applied| lesson::record(root, &lesson::lesson_of(applied, &today)));
    written.filter_map(std::result::Result::err).collect()
}

fn headline(summary: &Summary) -> String {
    let (tests, files) = summary.healed_counts();
    let healed = tests + files;
    let remaining = summary.report.failures.len();
    match &summary.stop {
        Stop::AllPass if healed == 0 => "all tests pass".to_string(),
        Stop::AllPass => format!("{healed} healed, all tests pass"),
        Stop::RunStopped(why) => format!("the run broke off: {why}"),
        Stop::Cancelled => format!("cancelled: {healed} healed, {remaining} failed"),
        Stop::NothingToOffer | Stop::SameFailures | Stop::MaxIterations => {
            format!("{remaining} failed, {healed} healed")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_of_tests_is_not_all_tests() {
        for arguments in [json!([]), json!([null]), json!([{}]), json!([{"tests": []}]), json!([{"uri": "file:///a"}])]
        {
            assert!(is_understood(arguments.as_array().unwrap()), "{arguments}");
        }
        for arguments in [json!(["x"]), json!([5, 6]), json!([{"test": "x"}]), json!([{"uri": "file:///a"}, "x"])] {
            assert!(!is_understood(arguments.as_array().unwrap()), "{arguments}");
        }
    }
}
