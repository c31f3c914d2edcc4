//! Quick fixes are proven before anyone asks for them: one worker at low priority runs the failing tests that a
//! person sees with each fix on patched text, and notes what that showed.
//!
//! Nothing runs by itself. A folder's fixes are tried once a person has started a run in it, or has said
//! `validate = true` in the editor's settings; never in a workspace that is not trusted, never beside a run, and
//! with a runner of the project's own only where `validate-with-runner` allows it. An edit, a run, or a person who
//! cancels the progress ends what is being tried.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tower_lsp::ls_types::ProgressToken;

use crate::fix::Fix;
use crate::heal::run_loop::TRIALS;
use crate::heal::search::{Trial, search};
use crate::heal::{Healing, vacuous};
use crate::report::Failure;
use crate::text::Edit;
use crate::validation::runner::{Cancel, Runner};
use crate::validation::{Options, Rerun, Validator, Verdict};
use crate::workspace::Snapshot;

use super::Server;
use super::jobs::Jobs;
use super::mark::Mark;
use super::offers::Proof;
use super::runs::Progress;
use super::world::{Folder, World};

/// How long texts and results must have been at rest.
const SETTLE: Duration = Duration::from_millis(300);
/// How many failures are looked after in one go.
const MOST_FAILURES: usize = 20;
/// How often files that change on disk (tests may write them) lead to trials, until a person does something.
const MOST_REPEATS: u32 = 3;
/// How long a loaded project is kept for the next candidate.
const IDLE: Duration = Duration::from_secs(300);
/// How far trial runs step back for everything else.
const NICE: u8 = 10;

/// The folders whose fixes wait to be tried, and what is being tried.
#[derive(Default)]
pub struct Prover {
    due: Jobs<Due>,
    state: Mutex<State>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Due {
    /// The fixes of a folder.
    Prove(PathBuf),
    /// Projects that nobody needs any more are unloaded.
    Unload,
}

#[derive(Default)]
struct State {
    folders: HashMap<PathBuf, Wish>,
    going: Option<Going>,
}

/// What is wanted in a folder.
struct Wish {
    /// When its texts or results last changed.
    changed: Instant,
    /// How often its fixes were tried since a person did something.
    repeats: u32,
    /// A person has ended the trials: until the next run.
    is_declined: bool,
}

struct Going {
    root: PathBuf,
    token: ProgressToken,
    cancel: Cancel,
}

impl Prover {
    /// A person edited a text, or results came: what is being tried is of the past, fixes are due again.
    pub fn ask(&self, root: &Path) {
        self.stop(root);
        self.wish(root, |wish| wish.repeats = 0);
    }

    /// Files changed on disk: fixes are due again.
    pub fn ask_again(&self, root: &Path) {
        self.wish(root, |_| {});
    }

    /// A person starts a run: it goes first, and fixes are wanted after it.
    pub fn make_way(&self, root: &Path) {
        self.stop(root);
        self.wish(root, |wish| wish.is_declined = false);
    }

    /// `window/workDoneProgress/cancel`: nothing more is tried there until the next run.
    pub fn decline(&self, token: &ProgressToken) {
        let root = {
            let state = self.lock();
            let Some(going) = state.going.as_ref().filter(|going| going.token == *token) else { return };
            going.cancel.cancel();
            going.root.clone()
        };
        self.wish(&root, |wish| wish.is_declined = true);
    }

    /// Ends everything.
    pub fn close(&self) {
        self.due.close();
        self.lock().going.iter().for_each(|going| going.cancel.cancel());
    }

    fn stop(&self, root: &Path) {
        let state = self.lock();
        state.going.iter().filter(|going| going.root == root).for_each(|going| going.cancel.cancel());
    }

    fn wish(&self, root: &Path, change: impl FnOnce(&mut Wish)) {
        let new = || Wish { changed: Instant::now(), repeats: 0, is_declined: false };
        let mut state = self.lock();
        let wish = state.folders.entry(root.to_path_buf()).or_insert_with(new);
        wish.changed = Instant::now();
        change(wish);
        drop(state);
        self.due.push_after(Due::Prove(root.to_path_buf()), SETTLE);
    }

    /// Whether it is time for a folder; where it is not at rest yet, it is due again later.
    fn is_time_for(&self, root: &Path) -> bool {
        let mut state = self.lock();
        let Some(wish) = state.folders.get_mut(root) else { return false };
        let rested = wish.changed.elapsed();
        if rested < SETTLE {
            self.due.push_after(Due::Prove(root.to_path_buf()), SETTLE - rested);
            return false;
        }
        wish.repeats += 1;
        !wish.is_declined && wish.repeats <= MOST_REPEATS
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// A person opened, edited or saved the text at `path`.
    pub fn prove_around(&self, path: &Path) {
        if let Some(folder) = self.world().folder_of(path) {
            self.prover.ask(&folder.root);
        }
    }
}

/// A validator for a folder's project, where trial runs are possible in it.
pub fn validator(folder: &Folder, nice: u8, cancel: &Cancel) -> Option<Validator> {
    let config = folder.disk.config();
    let custom_runner = config.validate_with_runner;
    if config.runner.is_some() && !custom_runner {
        return None;
    }
    let runner = Runner::find(&folder.root, config.runner.as_deref(), config.python.as_deref()).ok()?;
    let options = Options { nice, custom_runner, cancel: cancel.clone(), ..Options::default() };
    Validator::new(&folder.root, runner, options).ok()
}

/// The worker: tries the fixes of one folder after the other.
pub fn work(server: &Arc<Server>) {
    let mut loaded = HashMap::new();
    while let Some(due) = server.prover.due.next() {
        // The panic hook has told the client; the fixes stay as they are, not tried.
        let _ = catch_unwind(AssertUnwindSafe(|| match due {
            Due::Prove(root) => prove(server, &root, &mut loaded),
            Due::Unload => loaded.retain(|_, project: &mut Loaded| project.used.elapsed() < IDLE),
        }));
        server.prover.lock().going = None;
    }
}

/// A project that is loaded for trial runs.
struct Loaded {
    validator: Validator,
    cancel: Cancel,
    /// The runner that was configured when it was loaded.
    runner: Option<String>,
    used: Instant,
}

/// A failure that a person sees, and its fixes.
struct Case<'w> {
    mark: &'w Mark,
    healing: Arc<Healing>,
    proof: Proof,
}

fn prove(server: &Arc<Server>, root: &Path, loaded: &mut HashMap<PathBuf, Loaded>) {
    let world = server.world();
    let Some(folder) = world.folder_at(root) else { return };
    if !may_run(server, &world, folder) || !server.prover.is_time_for(root) {
        return;
    }
    let mut cases = cases(&world, folder);
    if cases.is_empty() {
        return;
    }
    let runner = folder.disk.config().runner.clone();
    let known = loaded.remove(root).filter(|known| known.runner == runner);
    let Some(mut project) = known.or_else(|| load(folder, runner)) else { return };
    let (token, cancel) = (server.runs.token(), project.cancel.clone());
    let going = Going { root: root.to_path_buf(), token: token.clone(), cancel: cancel.clone() };
    server.prover.lock().going = Some(going);
    let mut progress = Progress::begin(server, token, false, "Proving fixes");
    project.validator.expect(cases.iter().map(|case| &*case.mark.diagnosis.failure));
    let count = cases.len();
    for (index, case) in cases.iter_mut().enumerate() {
        progress.reached(100 * index / count, &case.mark.diagnosis.failure.nodeid);
        case.proof = try_out(&mut project.validator, &world, folder, case);
        if cancel.is_cancelled() {
            break;
        }
        note(server, &world, folder, case);
    }
    if !cancel.is_cancelled() {
        find_vacuous(&project.validator, &world, folder, &mut cases);
    }
    let fresh = project.validator.why_fresh().map(str::to_string).filter(|_| !cancel.is_cancelled());
    if !cancel.is_cancelled() {
        cases.iter().filter(|case| case.proof.is_vacuous).for_each(|case| note(server, &world, folder, case));
        project.used = Instant::now();
        loaded.insert(root.to_path_buf(), project);
        server.prover.due.push_after(Due::Unload, IDLE);
    }
    let passed = cases.iter().filter(|case| case.passes().is_some()).count();
    let fresh = fresh.map_or(String::new(), |reason| format!(", in fresh processes: {reason}"));
    progress.end(&format!("{passed} of {} proven{fresh}", cases.len()));
}

fn may_run(server: &Server, world: &World, folder: &Folder) -> bool {
    let config = folder.disk.config();
    let wanted = config.validate.unwrap_or_else(|| server.runs.were_asked_for(&folder.root));
    wanted && config.enabled && world.abilities.trusted && !server.runs.go_on_in(&folder.root)
}

fn load(folder: &Folder, runner: Option<String>) -> Option<Loaded> {
    let cancel = Cancel::default();
    let validator = validator(folder, NICE, &cancel)?;
    Some(Loaded { validator, cancel, runner, used: Instant::now() })
}

/// The failures in open documents that have fixes nobody has tried in this state of the project.
fn cases<'w>(world: &'w World, folder: &Folder) -> Vec<Case<'w>> {
    let mut open: Vec<_> = world
        .marks
        .iter()
        .filter(|(path, _)| path.starts_with(&folder.root) && world.document_at(path).is_some())
        .collect();
    open.sort_by_key(|(path, _)| *path);
    let marks = open.into_iter().flat_map(|(_, marks)| marks.iter());
    let untried = marks.filter(|mark| folder.proof(&mark.diagnosis.failure).is_none());
    let case = |mark: &'w Mark| {
        let healing = world.healing(folder, mark).filter(|healing| !healing.fixes.is_empty())?;
        Some(Case { mark, healing, proof: Proof::default() })
    };
    untried.filter_map(case).take(MOST_FAILURES).collect()
}

fn try_out(validator: &mut Validator, world: &World, folder: &Folder, case: &Case<'_>) -> Proof {
    let base = world.project(folder);
    let mut healing = Healing::clone(&case.healing);
    healing.diagnosis.failure = Arc::new(as_it_stands(base, case.mark));
    let mut trials = Trials { validator, base, tried: Vec::new() };
    let found = search(&mut trials, base, &healing, &mut Vec::new());
    let by_edits = |edits: &[Edit]| healing.fixes.iter().map(|guarded| guarded.fix()).find(|fix| fix.edits == edits);
    let tried = trials.tried.iter().filter_map(|(edits, verdict)| Some((by_edits(edits)?.clone(), verdict.clone())));
    let mut tried: Vec<_> = tried.collect();
    if let Some(found) = found.filter(|found| by_edits(&found.fix.edits).is_none()) {
        tried.push((found.fix, found.verdict));
    }
    Proof { tried, is_vacuous: false }
}

/// The failure at the line where its statement stands now: edits may have moved it since the run.
fn as_it_stands(project: &Snapshot, mark: &Mark) -> Failure {
    let mut failure = Failure::clone(&mark.diagnosis.failure);
    if let Some(source) = project.source(&mark.path) {
        let line = |offset: usize| source.lines().line_at(offset) as u32 + 1;
        let (first, last) = (line(mark.statement.start), line(mark.statement.end));
        failure.line = failure.line.map(|line| if (first..=last).contains(&line) { line } else { last });
    }
    failure
}

/// Notes a proof where the texts that were run are still those of the moment, and shows it.
fn note(server: &Server, seen: &World, folder: &Folder, case: &Case<'_>) {
    let now = server.world();
    let edited = case.healing.fixes.iter().flat_map(|guarded| &guarded.fix().edits).map(|edit| &edit.path);
    let paths: Vec<PathBuf> = edited.chain([&case.mark.path]).map(|path| folder.absolute(path)).collect();
    if let Some(folder) = now.folder_at(&folder.root)
        && paths.iter().all(|path| seen.agrees(&now, path))
    {
        folder.note(&case.mark.diagnosis.failure, case.proof.clone());
        server.publish([folder.absolute(&case.mark.path)]);
    }
}

/// Fixes that pass on the source before the change, too, without a fact that explains it.
fn find_vacuous(validator: &Validator, world: &World, folder: &Folder, cases: &mut [Case<'_>]) {
    let project = world.project(folder);
    let passing: Vec<usize> = (0..cases.len()).filter(|&index| cases[index].passes().is_some()).collect();
    let heal = |index: &usize| Some((&*cases[*index].mark.diagnosis.failure, cases[*index].passes()?));
    let heals: Vec<_> = passing.iter().filter_map(heal).collect();
    let answers =
        vacuous::check(project, &heals, |edits, failures, commit| validator.follows(project, edits, failures, commit));
    let suspect = |((failure, fix), answer): (&(&Failure, &Fix), _)| vacuous::is_suspect(project, failure, fix, answer);
    let suspects: Vec<bool> = heals.iter().zip(&answers).map(suspect).collect();
    for (index, is_vacuous) in passing.into_iter().zip(suspects) {
        cases[index].proof.is_vacuous = is_vacuous;
    }
}

impl Case<'_> {
    /// The fix that passes.
    fn passes(&self) -> Option<&Fix> {
        let passing = self.proof.tried.iter().find(|(_, verdict)| matches!(verdict, Verdict::Passes { .. }));
        passing.map(|(fix, _)| fix)
    }
}

/// Runs candidates and keeps what the single fixes showed.
struct Trials<'a> {
    validator: &'a mut Validator,
    base: &'a Snapshot,
    tried: Vec<(Vec<Edit>, Verdict)>,
}

impl Trial for Trials<'_> {
    fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        let rerun = self.validator.validate(snapshot, edits, failures, TRIALS);
        // A step of a chain stands on patched text: its edits are none of a single fix.
        if std::ptr::eq(snapshot, self.base) {
            self.tried.push((edits.to_vec(), rerun.verdict.clone()));
        }
        rerun
    }

    fn allows(&mut self, _: &Failure, _: &Fix) -> bool {
        true
    }

    fn allows_unproven(&mut self, _: &Fix) -> bool {
        true
    }
}
