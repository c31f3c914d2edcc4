//! The loop: run, read, heal, rerun, until everything passes or nothing more can be done.
//!
//! The loop decides, a [`Bench`] acts: it runs the tests, writes the files and tells people. So the same
//! loop serves the terminal, the editor (where open documents are edited through the client) and tests.

mod compare;
mod latest;
mod put_in;
mod scope;
mod take_back;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnosis::{Category, Diagnosis, Verdict};
use crate::fix::{Confidence, Fix, Tier};
use crate::guard::{self, Guarded, Refusal};
use crate::report::{Failure, Phase, Report};
use crate::strategies;
use crate::text::{Edit, FilePath};
use crate::validation::{self, Dependence, Rerun};
use crate::workspace::Snapshot;

use super::files::BACKUP_FOLDER;
use super::guess;
use super::search::{Found, Trial, search};
use super::together::{Shared, meet, together};
use super::{Healing, vacuous};

use compare::{signatures, verdict, without};
use latest::Latest;
use scope::interrupted;

pub use compare::headline;
pub use scope::{Scope, only};

/// How often a fix must pass by itself before it goes into a file; one run of its whole file follows.
pub const TRIALS: u32 = 2;

/// What the loop needs done.
pub trait Bench {
    /// Why something could not be done.
    type Error: Display;

    /// Runs `tests` and reads what was printed.
    fn run(&mut self, tests: &[String]) -> Result<Report, Self::Error>;

    /// From now on runs what can be collected although other files cannot; whether the runner can.
    fn go_past_collection_errors(&mut self) -> bool {
        false
    }

    /// The project as it stands now.
    fn snapshot(&mut self) -> Snapshot;

    /// Where a file really is, links followed; or why no fix may be written there.
    fn place(&self, path: &FilePath) -> Result<PathBuf, String> {
        Ok(PathBuf::from(path.as_str()))
    }

    /// The text of a file as it is now, whoever wrote it; `None` where there is none.
    fn text(&mut self, path: &FilePath) -> Option<Arc<str>> {
        self.snapshot().text(path)
    }

    /// Makes `text` the text of `path`; the original is kept aside.
    fn write(&mut self, path: &FilePath, text: &str) -> Result<(), Self::Error>;

    /// Tries `edits` without touching a file.
    fn validate(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        let _ = (snapshot, edits, failures);
        Rerun::not_run("not asked for")
    }

    /// Whether the tests of `failures`, healed by `edits`, follow the change of `commit`: one answer for each.
    fn follows(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure], commit: &str) -> Vec<Dependence> {
        let _ = (snapshot, edits, commit);
        Dependence::unknown("not asked for", failures.len())
    }

    /// Whether this fix was tried before for this failure, in an earlier session, and did not help.
    fn failed_before(&self, failure: &Failure, fix: &Fix) -> bool {
        let _ = (failure, fix);
        false
    }

    /// How likely the fix is right, after what this project's experience says of its kind.
    fn confidence(&self, fix: &Fix) -> Confidence {
        fix.confidence
    }

    /// Asks whoever may be asked when nothing else was found. The fix is a candidate: the guard sees it next.
    fn ask(&mut self, snapshot: &Snapshot, healing: &Healing) -> Option<Fix> {
        let _ = (snapshot, healing);
        None
    }

    /// Tells a person what happens.
    fn tell(&mut self, event: Event<'_>) {
        let _ = event;
    }

    /// Whether the person wants it to end.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// What happens, as it happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// A run begins.
    Running {
        /// 1 for the first.
        run: u32,
        /// What is run.
        tests: &'a [String],
    },
    /// A run was read.
    Read(&'a Report),
    /// The guard refused the answer of whoever was asked.
    Refused(&'a Refusal),
    /// A fix goes into the files, to be proven by the next run.
    Applying(&'a Applied),
    /// A fix did not help and was taken back.
    TakenBack(&'a Applied, &'a str),
    /// A fix was left out because its file may not be written.
    NotWritten(&'a str),
    /// A file was left as it is, a fix that is taken back still in it.
    Left(&'a Left),
}

/// How far the loop may go.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How often to heal and rerun.
    pub max_iterations: u32,
    /// The least confidence of a fix that is applied.
    pub confidence: f64,
    /// Whether fixes that change what is checked are applied.
    pub accept: Tier,
}

/// A fix that was put into the files.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The failure it heals.
    pub failure: Arc<Failure>,
    /// The failure's category, for the lesson.
    pub category: Category,
    /// Why it failed, as diagnosed.
    pub reason: String,
    /// The fix.
    pub fix: Fix,
    /// The other node ids that it heals by the same edit.
    pub also: Vec<String>,
    /// What trial runs showed before it went into the files.
    pub validation: validation::Verdict,
    /// Whether the healed test follows the change that broke it.
    pub dependence: Dependence,
    /// The text of each edited file before and after this fix alone.
    pub texts: Texts,
}

impl Applied {
    /// The node ids that it was applied for.
    pub fn nodeids(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.failure.nodeid).chain(&self.also)
    }
}

/// Why the loop ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Every test passes.
    AllPass,
    /// Nothing could be offered for what remains.
    NothingToOffer,
    /// The same failures came twice in a row.
    SameFailures,
    /// The limit of iterations is reached.
    MaxIterations,
    /// A person ended it.
    Cancelled,
    /// The run itself broke off.
    RunStopped(String),
}

/// A file that somebody else changed, so that a fix could not be taken out of it, or put in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The file.
    pub path: FilePath,
    /// What was not done and why, as a sentence.
    pub why: String,
}

impl Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is left as it is: {}; do it by hand, the original is in {BACKUP_FOLDER}", self.path, self.why)
    }
}

/// Texts of files, before and after.
type Texts = BTreeMap<FilePath, (Arc<str>, Arc<str>)>;

/// What the loop did.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Why it ended.
    pub stop: Stop,
    /// How many runs it took.
    pub runs: u32,
    /// What failed at first.
    pub failed_at_first: Vec<Failure>,
    /// The fixes that stay, in the order they were applied.
    pub applied: Vec<Applied>,
    /// The fixes that were taken back, each with the reason.
    pub taken_back: Vec<(Applied, String)>,
    /// The files in which a fix that was taken back still stands.
    pub left: Vec<Left>,
    /// What remains, with its diagnosis, its other fixes and what was refused.
    pub remaining: Vec<Healing>,
    /// The last run.
    pub report: Report,
    /// Edits that did not help, by the failure they were for.
    tried: HashSet<(String, String)>,
}

impl Summary {
    /// Whether this fix was tried for this failure, which stood as before or came back otherwise.
    pub fn was_tried(&self, failure: &Failure, fix: &Fix) -> bool {
        self.tried.contains(&key(failure, fix))
    }

    /// The node ids that a fix was applied for, without those that the last run still saw fail.
    pub fn healed<'a>(&'a self, applied: &'a Applied) -> impl Iterator<Item = &'a String> {
        let fails = |nodeid: &String| self.report.failures.iter().any(|failure| failure.nodeid == *nodeid);
        applied.nodeids().filter(move |nodeid| !fails(nodeid))
    }

    /// Whether it is a file that is collected again, and in which tests still fail.
    pub fn is_only_collected(&self, nodeid: &str) -> bool {
        let is_below = |of: &str| of.strip_prefix(nodeid).is_some_and(|rest| rest.starts_with("::"));
        let never_ran = !nodeid.contains("::") && interrupted(&self.report);
        never_ran || self.report.failures.iter().any(|failure| is_below(&failure.nodeid))
    }

    /// How many tests are healed, and how many files that could not be collected.
    pub fn healed_counts(&self) -> (usize, usize) {
        let (tests, files): (Vec<&String>, Vec<&String>) = self
            .all_healed()
            .into_iter()
            .filter(|nodeid| !self.is_only_collected(nodeid))
            .partition(|id| id.contains("::"));
        (tests.len(), files.len())
    }

    /// How many files are collected again, and have tests that still fail.
    pub fn collected_count(&self) -> usize {
        self.all_healed().into_iter().filter(|nodeid| self.is_only_collected(nodeid)).count()
    }

    fn all_healed(&self) -> BTreeSet<&String> {
        self.applied.iter().flat_map(|applied| self.healed(applied)).collect()
    }
}

/// Runs the loop on `tests`, beginning with `first` where a finished run is at hand.
pub fn run<B: Bench>(
    bench: &mut B,
    tests: &[String],
    first: Option<Report>,
    limits: &Limits,
) -> Result<Summary, B::Error> {
    let mut state = State::new(bench, limits);
    let report = match first {
        Some(report) => only(report, tests),
        None => state.rerun(tests)?,
    };
    let failed_at_first = report.failures.clone();
    let (stop, report) = state.rounds(report, tests)?;
    let report = state.take_back_unhealed(report, tests)?;
    Ok(state.summary(stop, failed_at_first, report))
}

/// A batch with the run that shows what it did; or why there is no such run.
type Proof = Result<(Vec<Applied>, Report), Stop>;

struct State<'a, B: Bench> {
    bench: &'a mut B,
    limits: &'a Limits,
    runs: u32,
    /// Files that cannot be collected do not keep the others from running any more.
    past_collection_errors: bool,
    /// Edits that did not help, by the failure they were for.
    tried: HashSet<(String, String)>,
    applied: Vec<Applied>,
    taken_back: Vec<(Applied, String)>,
    /// Files in which a fix still stands that was to be taken out.
    left: Vec<Left>,
    /// The runs that fixes were chosen by, the first one first.
    seen: Vec<Report>,
    /// What the latest run and the files offered.
    latest: Latest,
    /// Fixes that are possibly vacuous, without a fact that explains it.
    held_back: Vec<Applied>,
}

impl<'a, B: Bench> State<'a, B> {
    fn new(bench: &'a mut B, limits: &'a Limits) -> Self {
        Self {
            bench,
            limits,
            runs: 0,
            past_collection_errors: false,
            tried: HashSet::new(),
            applied: vec![],
            taken_back: vec![],
            left: vec![],
            seen: vec![],
            latest: Latest::default(),
            held_back: vec![],
        }
    }

    /// Heals and reruns until something ends it. Why it ended, and the run that stands for it.
    fn rounds(&mut self, mut report: Report, tests: &[String]) -> Result<(Stop, Report), B::Error> {
        let mut iteration = 0;
        loop {
            if let Some(stop) = self.is_over(&report, iteration) {
                return Ok((stop, report));
            }
            let batch = self.choose(&report);
            if batch.is_empty() && self.goes_past_collection_errors(&report) {
                report = self.rerun(tests)?;
                continue;
            }
            if batch.is_empty() {
                return Ok((Stop::NothingToOffer, report));
            }
            iteration += 1;
            let batch = self.apply(batch)?;
            if batch.is_empty() {
                // Somebody changed the files meanwhile: what fails in them now?
                report = self.rerun(tests)?;
                continue;
            }
            let (batch, rerun) = match self.prove(batch, &report, tests)? {
                Ok(proven) => proven,
                Err(stop) => return Ok((stop, report)),
            };
            let known = self.taken_back.len();
            let nothing_kept = self.judge(batch, &report, &rerun);
            let stuck = nothing_kept && signatures(&report) == signatures(&rerun);
            // Without its fixes the project is what the run before them saw.
            let now = match nothing_kept {
                true => report.clone(),
                false => self.taken_back[known..].iter().fold(rerun, |now, (gone, _)| without(now, &report, gone)),
            };
            self.seen.push(std::mem::replace(&mut report, now));
            // Other candidates may be left for the same failures; without one the loop ends above.
            if stuck && self.choose(&report).is_empty() {
                return Ok((Stop::SameFailures, report));
            }
        }
    }

    /// Whether there is nothing to heal, or nothing may be healed any more.
    fn is_over(&self, report: &Report, iteration: u32) -> Option<Stop> {
        if let Some(stop) = ended(report) {
            return Some(stop);
        }
        if self.bench.is_cancelled() {
            return Some(Stop::Cancelled);
        }
        (iteration == self.limits.max_iterations).then_some(Stop::MaxIterations)
    }

    /// Runs what `batch` may have healed. A run that does not finish proves nothing: the batch is taken back.
    fn prove(&mut self, batch: Vec<Applied>, report: &Report, tests: &[String]) -> Result<Proof, B::Error> {
        let edited = batch.iter().flat_map(|applied| applied.texts.keys());
        let rerun = match self.rerun(&Scope::of(report).tests(edited, tests)) {
            Ok(rerun) => rerun,
            Err(error) => {
                self.take_back(batch);
                return Err(error);
            }
        };
        if !self.bench.is_cancelled() && rerun.runs.iter().all(|run| run.complete) {
            return Ok(Ok((batch, rerun)));
        }
        self.take_back(batch);
        Ok(Err(if self.bench.is_cancelled() { Stop::Cancelled } else { torn() }))
    }

    /// What was done, and what remains with the reason why.
    fn summary(self, stop: Stop, failed_at_first: Vec<Failure>, report: Report) -> Summary {
        let Self { bench, runs, applied, taken_back, left, held_back, tried, mut latest, .. } = self;
        let snapshot = bench.snapshot();
        let mut remaining = if stop == Stop::AllPass { Vec::new() } else { latest.healings(&snapshot, &report) };
        remaining.iter_mut().for_each(|healing| refuse(healing, &held_back));
        put_in::refuse_unwritable(bench, &mut remaining);
        for healing in &mut remaining {
            let fixes: Vec<&Fix> = healing.fixes.iter().map(Guarded::fix).collect();
            let in_vain = |fix: &&Fix| tried.contains(&key(&healing.diagnosis.failure, fix));
            if !fixes.is_empty() && fixes.iter().all(in_vain) {
                strategies::unsettle(&snapshot, &mut healing.diagnosis, &fixes);
            }
        }
        Summary { stop, runs, failed_at_first, applied, taken_back, left, remaining, report, tried }
    }

    fn rerun(&mut self, tests: &[String]) -> Result<Report, B::Error> {
        self.runs += 1;
        self.bench.tell(Event::Running { run: self.runs, tests });
        let report = self.bench.run(tests)?;
        self.bench.tell(Event::Read(&report));
        Ok(report)
    }

    /// What cannot be collected keeps pytest from running anything else: where nothing heals it, the other tests run
    /// without it. Whether that is news.
    fn goes_past_collection_errors(&mut self, report: &Report) -> bool {
        let is_new = interrupted(report) && !self.past_collection_errors;
        self.past_collection_errors |= is_new && self.bench.go_past_collection_errors();
        is_new && self.past_collection_errors
    }

    /// The best fix for each failure that has one, edits that would meet left for the next round.
    fn choose(&mut self, report: &Report) -> Vec<Applied> {
        let snapshot = self.bench.snapshot();
        let mut healings = self.latest.healings(&snapshot, report);
        let cautious = self.limits.accept == Tier::Safe;
        healings.retain(|healing| !(cautious && healing.diagnosis.verdict == Verdict::LikelyProductRegression));
        let mut batch: Vec<Applied> = Vec::new();
        let mut healed: BTreeSet<usize> = BTreeSet::new();
        for Shared { fix, heals, verdict } in together(self, &snapshot, &healings) {
            let also = heals[1..].iter().map(|index| healings[*index].diagnosis.failure.nodeid.clone()).collect();
            let first = applied(&snapshot, &healings[heals[0]], fix, verdict);
            batch.extend(first.map(|first| Applied { also, ..first }));
            healed.extend(heals);
        }
        let rest = healings.iter().enumerate().filter(|(index, _)| !healed.contains(index));
        for healing in rest.map(|(_, healing)| healing) {
            let Some(Found { fix, verdict }) = self.found(&snapshot, healing) else { continue };
            if let Some(same) = batch.iter_mut().find(|other| other.fix.edits == fix.edits) {
                same.also.push(healing.diagnosis.failure.nodeid.clone());
            } else if !batch.iter().any(|other| meet(&other.fix.edits, &fix.edits)) {
                batch.extend(applied(&snapshot, healing, fix, verdict));
            }
        }
        self.follow(&snapshot, &mut batch);
        let held = batch.extract_if(.., |applied| self.is_held_back(&snapshot, applied)).collect::<Vec<_>>();
        self.tried.extend(held.iter().map(|applied| key(&applied.failure, &applied.fix)));
        let again = batch.is_empty() && !held.is_empty();
        self.held_back.extend(held);
        // Another candidate may do without them.
        if again { self.choose(report) } else { batch }
    }

    /// What the search finds for one failure, if it is worth a change of the file: the test passes, or a file
    /// that could not be collected can be.
    fn found(&mut self, snapshot: &Snapshot, healing: &Healing) -> Option<Found> {
        let failure = &healing.diagnosis.failure;
        let mut failed = Vec::new();
        let mut found = search(self, snapshot, healing, &mut failed);
        if found.is_none() && self.limits.accept == Tier::Review {
            found = self.ask(snapshot, healing, &mut failed);
        }
        self.tried.extend(failed.iter().map(|fix| key(failure, fix)));
        let collects = failure.phase < Phase::Setup;
        found.filter(|found| collects || !matches!(found.verdict, validation::Verdict::MovesOn { .. }))
    }

    /// Asks of each fix that was seen to pass whether it follows the change that broke its test.
    fn follow(&mut self, snapshot: &Snapshot, batch: &mut [Applied]) {
        let passes = |applied: &&mut Applied| matches!(applied.validation, validation::Verdict::Passes { .. });
        let mut proven: Vec<&mut Applied> = batch.iter_mut().filter(passes).collect();
        let heals: Vec<_> = proven.iter().map(|applied| (&*applied.failure, &applied.fix)).collect();
        let answers = vacuous::check(snapshot, &heals, |edits, failures, commit| {
            self.bench.follows(snapshot, edits, failures, commit)
        });
        for (applied, answer) in proven.iter_mut().zip(answers) {
            applied.dependence = answer;
        }
    }

    /// A heal that checks the same before and after the change may have stopped to check it: a person decides.
    fn is_held_back(&self, snapshot: &Snapshot, applied: &Applied) -> bool {
        let Applied { failure, fix, dependence, .. } = applied;
        self.limits.accept == Tier::Safe && vacuous::is_suspect(snapshot, failure, fix, dependence)
    }

    /// The answer of whoever may be asked, guarded and tried like any other fix. It has to pass by itself: on an
    /// unproven change no other one is built.
    fn ask(&mut self, snapshot: &Snapshot, healing: &Healing, failed: &mut Vec<Fix>) -> Option<Found> {
        let fix = self.bench.ask(snapshot, healing)?;
        match guard::review(snapshot, &healing.diagnosis, fix) {
            Ok(guarded) => {
                let edits = guarded.fix().edits.clone();
                let found = search(self, snapshot, &Healing { fixes: vec![guarded], ..healing.clone() }, failed);
                found.filter(|found| found.fix.edits == edits)
            }
            Err(refusal) => {
                self.bench.tell(Event::Refused(&refusal));
                None
            }
        }
    }

    /// Whether a fix expects what came of a guess that let its file be collected and no more.
    fn is_upon_guess(&self, fix: &Fix) -> bool {
        let is_guess = |applied: &Applied| {
            let is_open = matches!(applied.validation, validation::Verdict::MovesOn { .. });
            is_open && guess::is_guess(&applied.fix, |path| Some(applied.texts.get(path)?.0.clone()))
        };
        let is_of_file = |applied: &Applied| fix.edits.iter().any(|edit| applied.texts.contains_key(&edit.path));
        guess::is_only_seen_value(fix) && self.applied.iter().any(|applied| is_of_file(applied) && is_guess(applied))
    }

    /// Keeps what helped and takes back what did not. Whether nothing helped.
    fn judge(&mut self, batch: Vec<Applied>, before: &Report, after: &Report) -> bool {
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for applied in batch {
            match verdict(&applied, before, after) {
                Ok(()) => kept.push(applied),
                Err(why) => dropped.push((applied, why)),
            }
        }
        if !dropped.is_empty() {
            self.restore(&kept, &dropped);
        }
        for (applied, why) in &dropped {
            for nodeid in applied.nodeids() {
                self.tried.insert((nodeid.clone(), edits_key(&applied.fix)));
            }
            self.bench.tell(Event::TakenBack(applied, why));
        }
        let stuck = kept.is_empty();
        self.applied.extend(kept);
        self.taken_back.extend(dropped);
        stuck
    }
}

/// What a run that passes is worth to a person who looks at what it proves.
const WORTH_OF_A_RUN: f64 = 0.2;

impl<B: Bench> Trial for State<'_, B> {
    fn rerun(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        self.bench.validate(snapshot, edits, failures)
    }

    fn allows(&mut self, failure: &Failure, fix: &Fix) -> bool {
        let reviewed = self.limits.accept == Tier::Review;
        let least = self.limits.confidence - if reviewed { WORTH_OF_A_RUN } else { 0.0 };
        let within = fix.tier <= self.limits.accept && self.bench.confidence(fix).value() >= least;
        let is_new = within && !self.tried.contains(&key(failure, fix)) && !self.bench.failed_before(failure, fix);
        is_new && !self.is_upon_guess(fix) && self.refusal(fix).is_none()
    }

    fn allows_unproven(&mut self, fix: &Fix) -> bool {
        self.bench.confidence(fix).value() >= self.limits.confidence
    }

    fn did_not_help(&mut self, failure: &Failure, fix: &Fix) {
        self.tried.insert(key(failure, fix));
    }
}

/// What `fix` does to the files of `snapshot`; `None` where its edits do not fit.
pub fn applied(snapshot: &Snapshot, healing: &Healing, fix: Fix, validation: validation::Verdict) -> Option<Applied> {
    let after = snapshot.with_edits(&fix.edits).ok()?;
    let paths: BTreeSet<&FilePath> = fix.edits.iter().map(|edit| &edit.path).collect();
    let texts = paths.into_iter().map(|path| {
        let text = |snapshot: &Snapshot| snapshot.text(path).unwrap_or_default();
        (path.clone(), (text(snapshot), text(&after)))
    });
    Some(Applied {
        failure: healing.diagnosis.failure.clone(),
        category: healing.diagnosis.category,
        reason: known_reason(&healing.diagnosis),
        texts: texts.collect(),
        also: Vec::new(),
        validation,
        dependence: Dependence::Unknown("not asked for".to_string()),
        fix,
    })
}

/// Says of fixes that were held back why they were not applied.
fn refuse(healing: &mut Healing, held_back: &[Applied]) {
    let failure = &healing.diagnosis.failure;
    let held = |fix: &Fix| held_back.iter().any(|held| held.failure.nodeid == failure.nodeid && held.fix == *fix);
    for guarded in healing.fixes.extract_if(.., |guarded| held(guarded.fix())) {
        healing.refused.push(Refusal {
            title: guarded.fix().title.clone(),
            strategy: guarded.fix().strategy,
            promise: "follows-the-change",
            reason: format!("{}; `--accept review` applies it", vacuous::NOTE),
        });
    }
}

/// The diagnosis' reason, where it has one to tell.
fn known_reason(diagnosis: &Diagnosis) -> String {
    if diagnosis.verdict == Verdict::Undecided { String::new() } else { diagnosis.reason.clone() }
}

/// Whether a run leaves nothing to do, or nothing to go by.
fn ended(report: &Report) -> Option<Stop> {
    if !report.failures.is_empty() {
        return None;
    }
    let run = report.runs.last()?;
    match &run.stopped {
        Some(why) => Some(Stop::RunStopped(why.clone())),
        None if !run.complete => Some(torn()),
        None => Some(Stop::AllPass),
    }
}

fn torn() -> Stop {
    Stop::RunStopped("the log ends before the run does".to_string())
}

fn key(failure: &Failure, fix: &Fix) -> (String, String) {
    (failure.nodeid.clone(), edits_key(fix))
}

fn edits_key(fix: &Fix) -> String {
    let texts: Vec<_> = fix.edits.iter().map(|edit| (edit.path.as_str(), edit.text.as_str())).collect();
    format!("{} {texts:?}", fix.strategy)
}

#[cfg(test)]
mod tests;
