//! `pytest-medic/results`: every known test and its latest outcome, for test explorers and status bars.

use std::collections::HashMap;

use serde_json::{Value, json};
use tower_lsp::ls_types::Range;

use crate::report::{Failure, Outcome};
use crate::text::FilePath;

use super::super::diagnostics::headline;
use super::super::mark::{Mark, State};
use super::super::world::{Folder, World};

/// All tests whose file is there; `running` tells whether a run is going on.
pub fn results(world: &World, running: bool) -> Value {
    let tests: Vec<Value> = world.folders.iter().flat_map(|folder| of_folder(world, folder)).collect();
    json!({ "running": running, "tests": tests })
}

fn of_folder<'w>(world: &'w World, folder: &'w Folder) -> impl Iterator<Item = Value> + 'w {
    let mut exists: HashMap<&str, bool> = HashMap::new();
    let mut stands = move |nodeid: &'w str| {
        let file = nodeid.split("::").next().unwrap_or(nodeid);
        *exists.entry(file).or_insert_with(|| folder.disk.exists(&FilePath::new(file)))
    };
    let tests = folder.results.iter().filter(|(_, test)| test.outcome != Outcome::Rerun);
    tests.filter(move |(nodeid, _)| stands(nodeid)).map(move |(nodeid, test)| {
        let file = folder.root.join(nodeid.split("::").next().unwrap_or(nodeid));
        let mark = world.marks_at(&file).iter().find(|mark| mark.diagnosis.failure.nodeid == nodeid);
        let failure = test.failures.first();
        let sides = failure.and_then(|failure| failure.introspection.as_ref());
        json!({
            "nodeid": nodeid,
            "uri": world.uri_of(&file),
            "range": mark.and_then(|mark| range(world, mark, &file)),
            "outcome": test.outcome,
            "duration": test.duration,
            "message": failure.map(|failure| headline(failure)),
            "frames": failure.map_or(Vec::new(), |failure| frames(world, folder, failure)),
            "expected": sides.map(|sides| &sides.right),
            "actual": sides.map(|sides| &sides.left),
            "category": mark.map(|mark| mark.diagnosis.category),
            "verdict": mark.map(|mark| mark.diagnosis.verdict),
            "stale": test.edited || mark.is_some_and(|mark| mark.state != State::Current),
            "run": format!("{:x}", test.run.0),
        })
    })
}

/// The calls that led to a failure, outermost first.
fn frames(world: &World, folder: &Folder, failure: &Failure) -> Vec<Value> {
    let frames = failure.frames.iter().map(|frame| {
        let uri = world.uri_of(&folder.root.join(&frame.path))?;
        Some(json!({ "uri": uri, "line": frame.line.max(1), "function": frame.function }))
    });
    frames.flatten().collect()
}

fn range(world: &World, mark: &Mark, file: &std::path::Path) -> Option<Range> {
    Some(world.page_at(file)?.range(mark.range.clone(), world.encoding()))
}
