//! The loop's bench in an editor: runs are shown as progress, and open documents are edited by the client.

use std::cell::OnceCell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use similar::{DiffOp, DiffTag, TextDiff};
use tower_lsp::ls_types::{MessageType, TextEdit};

use crate::heal::clock;
use crate::heal::files::{as_named, back_up, editable, inside, write_atomic};
use crate::heal::run_loop::{Bench, Event, TRIALS};
use crate::report::{Failure, Report};
use crate::text::{Edit, Encoding, FilePath};
use crate::validation::observe::observe;
use crate::validation::runner::{Cancel, Run, Runner};
use crate::validation::{Dependence, Rerun, Validator};
use crate::workspace::Snapshot;

use super::super::Server;
use super::super::analysis::Job;
use super::super::document::Document;
use super::super::prove;
use super::super::runs::Progress;
use super::super::to_proto::replacement;
use super::super::world::Folder;

/// How long the client may take to apply an edit and to tell us.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to save what it edited, before we write the same text to disk.
const SAVES_WITHIN: Duration = Duration::from_millis(200);

/// A folder of the workspace, its runner, and a person at the editor.
pub struct Desk {
    server: Arc<Server>,
    folder: Folder,
    progress: Progress,
    cancel: Cancel,
    /// The folder of this session's originals.
    session: String,
    /// Files that cannot be collected do not keep the others from running.
    past_collection_errors: bool,
    /// Tries fixes before they go into a file, where that is possible; made when the first one is tried.
    validator: OnceCell<Option<Validator>>,
}

impl Desk {
    /// Begins work in `folder`.
    pub fn new(server: Arc<Server>, folder: Folder, progress: Progress, cancel: Cancel) -> Self {
        let session = clock::compact(std::time::SystemTime::now());
        Self { server, folder, progress, cancel, session, past_collection_errors: false, validator: OnceCell::new() }
    }

    /// The folder's root.
    pub fn root(&self) -> &Path {
        &self.folder.root
    }

    /// Says how it ended.
    pub fn end(&self, summary: &str) {
        self.progress.end(summary);
    }

    /// Says which lessons could not be written.
    pub fn tell_lessons(&self, problems: Vec<String>) {
        for problem in problems {
            let message = format!("a lesson was not written to GRAVEYARD.md: {problem}");
            self.server.output.show(MessageType::WARNING, &message);
        }
    }

    fn runner(&self) -> Result<Runner, String> {
        let config = self.folder.disk.config();
        Runner::find(&self.folder.root, config.runner.as_deref(), config.python.as_deref())
            .map_err(|error| error.to_string())
    }

    /// Changes an open document through the client, then waits until its text is here.
    fn edit(&self, document: &Document, text: &str) -> Result<(), String> {
        let path = document.path.as_deref().ok_or("the document has no path")?;
        let world = self.server.world();
        let edit = replacement(&world, document, changed_lines(document, text, world.encoding()));
        let (client, runtime) = self.server.client.get().ok_or("the client is not connected")?;
        let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, client.apply_edit(edit)).await });
        match answer {
            Ok(Ok(answer)) if answer.applied => {}
            Ok(Ok(answer)) => {
                let why = answer.failure_reason.unwrap_or_else(|| "it gave no reason".to_string());
                return Err(format!("the editor did not edit {}: {why}", path.display()));
            }
            _ => return Err(format!("the editor did not answer the edit of {}", path.display())),
        }
        let arrived = || self.server.world().document_at(path).is_none_or(|document| **document.text() == *text);
        match wait(PATIENCE, arrived) {
            true => Ok(()),
            false => Err(format!("the editor did not send the edited text of {}", path.display())),
        }
    }
}

impl Bench for Desk {
    type Error = String;

    fn run(&mut self, tests: &[String]) -> Result<Report, String> {
        let root = self.folder.root.clone();
        let mut runner = self.runner()?;
        if let Some(further) = runner.past_collection_errors().filter(|_| self.past_collection_errors) {
            runner = further;
        }
        let log = as_named(&root, &self.folder.log()).map_err(|error| error.to_string())?;
        let run = Run { root: &root, tests, log: &log, variables: &[] };
        let server = &self.server;
        let failed = |failures: &[Failure]| {
            server.runs.failing(&log, failures);
            server.analysis.push(Job::ReadLog { path: log.clone(), root: root.to_path_buf() });
        };
        let observed = observe(&runner, &run, &mut self.progress, &failed, &self.cancel);
        self.server.runs.failing(&log, &[]);
        let (finished, report) = observed.map_err(|error| error.to_string())?;
        self.server.runs.finished(&log, report.clone());
        self.server.analysis.push(Job::ReadRun { path: log.clone(), root: root.to_path_buf(), tests: tests.to_vec() });
        let silent = report.failures.is_empty() && report.runs.last().is_none_or(|run| run.stopped.is_none());
        if silent && finished.code != Some(0) && !finished.cancelled {
            let command = runner.command_line(tests);
            let how = finished.code.map_or("by a signal".to_string(), |code| format!("with exit code {code}"));
            let said = last_error(&log).map(|said| format!(": {said}")).unwrap_or_default();
            return Err(format!(
                "`{command}` ended {how} and shows no failed test{said} (all of it: {})",
                log.display()
            ));
        }
        Ok(report)
    }

    fn go_past_collection_errors(&mut self) -> bool {
        self.past_collection_errors = self.runner().is_ok_and(|runner| runner.past_collection_errors().is_some());
        self.past_collection_errors
    }

    fn snapshot(&mut self) -> Snapshot {
        let world = self.server.world();
        let folder = world.folder_at(&self.folder.root).unwrap_or(&self.folder);
        world.project(folder).clone()
    }

    fn place(&self, path: &FilePath) -> Result<PathBuf, String> {
        editable(&self.folder.root, &self.folder.disk, path).map_err(|error| error.to_string())
    }

    fn text(&mut self, path: &FilePath) -> Option<Arc<str>> {
        let place = inside(&self.folder.root, path).ok()?;
        let open = self.server.world().document_at(&place).map(|document| document.text().clone());
        open.or_else(|| std::fs::read_to_string(&place).ok().map(Arc::from))
    }

    fn write(&mut self, path: &FilePath, text: &str) -> Result<(), String> {
        let place: PathBuf = inside(&self.folder.root, path).map_err(|error| error.to_string())?;
        let world = self.server.world();
        let on_disk = || std::fs::read_to_string(&place).ok();
        if let Some(document) = world.document_at(&place) {
            if on_disk().as_deref().map(without_mark) != Some(&**document.text()) {
                return Err(format!("{path} has unsaved changes that no run has seen: save it, then heal again"));
            }
            if world.abilities.apply_edit {
                back_up(&self.folder.root, path, &self.session).map_err(|error| error.to_string())?;
                self.edit(document, text)?;
                if wait(SAVES_WITHIN, || on_disk().as_deref().map(without_mark) == Some(text)) {
                    return Ok(());
                }
            }
        }
        back_up(&self.folder.root, path, &self.session).map_err(|error| error.to_string())?;
        write_atomic(&place, text.as_bytes()).map_err(|error| error.to_string())?;
        self.server.changed_on_disk(&[place]);
        Ok(())
    }

    fn validate(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        self.validator.get_or_init(|| prove::validator(&self.folder, 0, &self.cancel));
        match self.validator.get_mut() {
            Some(Some(validator)) => validator.validate(snapshot, edits, failures, TRIALS),
            _ => Rerun::not_run("each run of a custom runner may be expensive"),
        }
    }

    fn follows(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure], commit: &str) -> Vec<Dependence> {
        match self.validator.get() {
            Some(Some(validator)) => validator.follows(snapshot, edits, failures, commit),
            _ => Dependence::unknown("it was not seen to pass", failures.len()),
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Running { run, .. } => self.progress.report(&format!("run {run}")),
            Event::Read(report) => self.progress.report(&format!("{} failed", report.failures.len())),
            Event::Applying(applied) => self.progress.report(&applied.fix.title),
            Event::Refused(_) => {}
            Event::NotWritten(why) => self.server.output.show(MessageType::WARNING, why),
            Event::Left(left) => self.server.output.show(MessageType::WARNING, &left.to_string()),
            Event::TakenBack(applied, why) => {
                self.progress.report(&format!("taken back: {} ({why})", applied.fix.title))
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// The lines of a document that become other lines. The rest stays, and with it cursors, folds and breakpoints.
fn changed_lines(document: &Document, text: &str, encoding: Encoding) -> Vec<TextEdit> {
    let before = document.text();
    let diff = TextDiff::from_lines(&**before, text);
    let bytes = |lines: Range<usize>| lines.filter_map(|line| diff.old_slice(line)).map(str::len).sum::<usize>();
    let edit = |op: &DiffOp| {
        let (start, length) = (bytes(0..op.old_range().start), bytes(op.old_range()));
        let new: String = op.new_range().filter_map(|line| diff.new_slice(line)).collect();
        TextEdit::new(document.range(start..start + length, encoding), new)
    };
    diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal).map(edit).collect()
}

/// What a run that shows no test had to say at its end: its last line that tells of an error, else the last one.
fn last_error(log: &Path) -> Option<String> {
    const END: i64 = 4096;
    let mut file = File::open(log).ok()?;
    if file.metadata().ok()?.len() > END as u64 {
        file.seek(SeekFrom::End(-END)).ok()?;
    }
    let mut end = Vec::new();
    file.read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end);
    let lines = || end.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find(|line| line.starts_with("ERROR") || line.contains("Error: ") || line.contains("error: "));
    error.or_else(|| lines().next()).map(str::to_string)
}

/// Editors take the byte order mark off a text and put it back when they save.
fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

fn wait(limit: Duration, done: impl Fn() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if done() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
