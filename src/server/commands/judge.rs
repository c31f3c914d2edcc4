//! What a person says about a failure: it is put aside, a lesson is made of it, its evidence is read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, MessageActionItem, MessageType, ShowDocumentParams, Uri};

use crate::graveyard::{Lesson, Mistake};
use crate::heal::{clock, lesson};
use crate::text::{Edit, apply};
use crate::workspace::graveyards;

use super::super::Server;
use super::super::alike::{Alike, alike};
use super::super::analysis::{Job, cache_folder};
use super::super::diagnostics::headline;
use super::super::mark::{Mark, State};
use super::super::requests::hover;
use super::super::world::{Folder, Page, World};
use super::argument;

/// How long the client may take to show a page.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a failure may be put aside, for a person to choose from.
const REASONS: [&str; 4] = [
    "A bug of the product",
    "Broken by the environment",
    "Fails only now and then",
    "Known, and looked after elsewhere",
];

/// `pytest-medic.dismiss`: `{"nodeid", "reason"}` puts a failure aside until another one takes its place. Without
/// a reason, one that is `interactive` asks the person for it.
pub fn dismiss(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    let (folder, mark) = named(world, params)?;
    let root = folder.root.to_path_buf();
    // What is shown as one failure is put aside as one.
    let groups = alike(world.marks_at(&folder.absolute(&mark.path)).iter());
    let group = groups.iter().find(|failures| failures.holds(&mark.diagnosis.failure.nodeid));
    let nodeids: Vec<String> = group.into_iter().flat_map(Alike::nodeids).map(str::to_string).collect();
    match argument(params, "reason").and_then(Value::as_str) {
        None if is_interactive(params) => ask_why(server, root, nodeids),
        reason => put_aside(server, &root, &nodeids, reason.unwrap_or("dismissed in the editor")),
    }
    Ok(None)
}

fn put_aside(server: &Server, root: &Path, nodeids: &[String], reason: &str) {
    for nodeid in nodeids {
        server.update(|session| session.dismiss(root, nodeid, reason));
    }
    server.analysis.push(Job::PlaceAll(root.to_path_buf()));
    server.analysis.push(Job::Keep(root.to_path_buf()));
    server.results_changed();
}

/// The person may take their time; who closes the question keeps the failure.
fn ask_why(server: &Arc<Server>, root: PathBuf, nodeids: Vec<String>) {
    let who = match nodeids.as_slice() {
        [one] => one.clone(),
        all => format!("{} and {} more", all[0], all.len() - 1),
    };
    let question = format!("Why does {who} need no fix? It is hidden until it fails in another way.");
    let reasons = REASONS.map(|reason| MessageActionItem { title: reason.to_string(), properties: HashMap::new() });
    let answered = server.clone();
    server.ask(move |client| async move {
        let answer = client.show_message_request(MessageType::INFO, question, Some(reasons.to_vec())).await;
        if let Ok(Some(reason)) = answer {
            put_aside(&answered, &root, &nodeids, &reason.title);
        }
    });
}

/// Whether a person stands behind the command who sees no answer: messages ask and tell then.
fn is_interactive(params: &ExecuteCommandParams) -> bool {
    argument(params, "interactive").and_then(Value::as_bool).unwrap_or(false)
}

/// `pytest-medic.recordLesson`: `{"nodeid"}` adds what went wrong, and what is right instead, to GRAVEYARD.md:
/// the statement as it was edited since, or as the best fix would have it.
pub fn record_lesson(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    let (folder, mark) = named(world, params)?;
    let failure = &mark.diagnosis.failure;
    let (wrong, right, fix) = before_and_after(world, folder, mark).ok_or_else(|| {
        Error::invalid_params("there is nothing to learn yet: mend the failing line first, then record the lesson")
    })?;
    let today = clock::date(SystemTime::now());
    let lesson = Lesson::of(&Mistake {
        category: &format!("{:?}", mark.diagnosis.category),
        date: &today,
        test: &failure.nodeid,
        message: &headline(failure),
        reason: &mark.diagnosis.reason,
        wrong_code: &wrong,
        correct_code: &right,
        fix: &fix,
        evidence: &[],
    });
    let path = folder.root.join(graveyards::FILE);
    lesson::record(&folder.root, &lesson)
        .map_err(|why| Error::invalid_params(format!("the lesson was not written to {}: {why}", path.display())))?;
    server.changed_on_disk(std::slice::from_ref(&path));
    if is_interactive(params) {
        server.output.show(MessageType::INFO, &format!("lesson recorded in {}: {}", path.display(), lesson.title));
    }
    Ok(Some(json!({ "path": path, "title": lesson.title })))
}

/// Whether there is something to learn from a failure already.
pub fn is_lesson(world: &World, folder: &Folder, mark: &Mark) -> bool {
    before_and_after(world, folder, mark).is_some()
}

/// `pytest-medic.showEvidence`: `{"nodeid"}` opens what is known of a failure as a page, and answers with it.
pub fn show_evidence(server: &Arc<Server>, world: &World, params: &ExecuteCommandParams) -> Result<Option<Value>> {
    let (folder, mark) = named(world, params)?;
    let mut page = format!("# {}\n\n", mark.diagnosis.failure.nodeid);
    page += &hover::failure(mark, world.healing(folder, mark).as_deref(), true);
    for frame in &mark.diagnosis.failure.frames {
        let code = frame.text.as_deref().unwrap_or_default();
        let place = format!("{}:{}", frame.path, frame.line);
        page += &format!("\n\n{}\n\n{}", hover::escape(&place), hover::fenced("python", code));
    }
    let captured = &mark.diagnosis.failure.captured;
    for (name, text) in [("stdout", &captured.stdout), ("stderr", &captured.stderr), ("log", &captured.log)] {
        if let Some(text) = text {
            page += &format!("\n\n## Captured {name}\n\n{}", hover::fenced("text", text));
        }
    }
    page.push('\n');
    if world.abilities.show_document {
        show(server, &page)
            .map_err(|error| Error::invalid_params(format!("the page was not written to the cache folder: {error}")))?;
    }
    Ok(Some(json!({ "markdown": page })))
}

fn show(server: &Server, page: &str) -> std::io::Result<()> {
    let folder = cache_folder().ok_or(std::io::ErrorKind::NotFound)?.join("pytest-medic");
    let path = folder.join("evidence.md");
    crate::heal::files::write_atomic(&path, page.as_bytes()).map_err(std::io::Error::other)?;
    let Some(uri) = Uri::from_file_path(&path) else { return Ok(()) };
    server.ask(move |client| async move {
        let params = ShowDocumentParams { uri, external: None, take_focus: Some(true), selection: None };
        // A client that does not show it has its reasons; the answer holds the page, too.
        let _ = tokio::time::timeout(PATIENCE, client.show_document(params)).await;
    });
    Ok(())
}

/// The failure that `nodeid` of the arguments names.
fn named<'w>(world: &'w World, params: &ExecuteCommandParams) -> Result<(&'w Folder, &'w Mark)> {
    let nodeid = argument(params, "nodeid").and_then(Value::as_str);
    let nodeid = nodeid.ok_or_else(|| Error::invalid_params("`nodeid` names the failing test"))?;
    for (path, marks) in world.marks.iter() {
        if let Some(mark) = marks.iter().find(|mark| mark.diagnosis.failure.nodeid == nodeid)
            && let Some(folder) = world.folder_of(path)
        {
            return Ok((folder, mark));
        }
    }
    Err(Error::invalid_params(format!("no failure of {nodeid} is known")))
}

/// The failing statement, what it should be, and what changes it.
fn before_and_after(world: &World, folder: &Folder, mark: &Mark) -> Option<(String, String, String)> {
    let page = world.page_at(&folder.absolute(&mark.path))?;
    let text: &str = match &page {
        Page::Open(document) => document.text(),
        Page::Closed { text, .. } => text,
    };
    let now = text.get(mark.statement.clone())?.to_string();
    match mark.state {
        State::Edited => {
            let line = mark.diagnosis.failure.line;
            let frames = mark.diagnosis.failure.frames.iter().rev();
            let printed = frames.filter(|frame| Some(frame.line) == line).find_map(|frame| frame.text.clone())?;
            Some((printed.trim().to_string(), now, "Mended by hand".to_string()))
        }
        State::Current => {
            let healing = world.healing(folder, mark)?;
            let fix = healing.fixes.first()?.fix();
            let inside = |edit: &&Edit| {
                edit.path == mark.path
                    && mark.statement.start <= edit.range.start
                    && edit.range.end <= mark.statement.end
            };
            let start = mark.statement.start;
            let edits: Vec<Edit> = fix
                .edits
                .iter()
                .filter(inside)
                .map(|edit| {
                    Edit::replace(&edit.path, edit.range.start - start..edit.range.end - start, edit.text.as_str())
                })
                .collect();
            let after = apply(&now, &edits).ok().filter(|after| *after != now)?;
            Some((now, after, fix.title.clone()))
        }
        State::Gone => None,
    }
}
