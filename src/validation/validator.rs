//! The validator: runs a candidate in the place of the files, as cheaply as is safe, and says what it showed.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Verdict;
use super::before::{self, Dependence};
use super::cold;
use super::ids::{self, Ids};
use super::judge::{Candidate, harm};
use super::plugin::Plugin;
use super::runner::{Cancel, Runner};
use super::trial::{Setting, Shown, Texts, Trial};
use super::warm::Warm;
use crate::report::Failure;
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;

/// How trial runs are bounded.
#[derive(Clone, Debug)]
pub struct Options {
    /// When one run is ended.
    pub limit: Duration,
    /// Private memory of one run in bytes (Linux); 0 for no limit.
    pub memory: u64,
    /// How much the runs step back for others, 0 to 19.
    pub nice: u8,
    /// Whether a custom runner may be used for trial runs: each of them may be expensive.
    pub custom_runner: bool,
    /// Whether candidates may run in forks of a warm process; else each gets a fresh one.
    pub fork: bool,
    /// Ends what runs, and everything after it.
    pub cancel: Cancel,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(60),
            memory: 4 << 30,
            nice: 0,
            custom_runner: false,
            fork: true,
            cancel: Cancel::default(),
        }
    }
}

/// What the runs of one candidate showed.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// The verdict.
    pub verdict: Verdict,
    /// What fails with the candidate in place: the next things to heal, where the failure moved on.
    pub failures: Vec<Failure>,
    /// How it was run.
    pub how: How,
    /// Wall time.
    pub took: Duration,
}

impl Rerun {
    /// No run at all, for this reason.
    pub fn not_run(reason: &str) -> Self {
        let verdict = Verdict::NotRun { reason: reason.to_string() };
        Self { verdict, failures: Vec::new(), how: How::NotRun, took: Duration::ZERO }
    }
}

/// How a candidate was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Not at all.
    NotRun,
    /// In a fork of a warm process.
    Forked,
    /// In a fresh process, because of this.
    Fresh(String),
    /// By the project's own runner, with the candidate in the files for so long.
    InPlace,
}

/// Runs candidates of one project. Keep it: what it learned and loaded serves the next candidate.
pub struct Validator {
    setting: Setting,
    warm: Warm,
    /// What the files showed without any candidate.
    before: HashMap<(Vec<String>, Texts), Arc<Shown>>,
    /// How long the longest run took.
    longest: Duration,
    /// Why a run needed a fresh process.
    fresh: Option<String>,
}

/// Tests that take longer are not run on the previous source as well.
const CHEAP: Duration = Duration::from_secs(10);

impl Validator {
    /// A validator for the project at `root`, whose tests `runner` runs. Starts nothing yet.
    pub fn new(root: &Path, runner: Runner, options: Options) -> std::io::Result<Self> {
        let (root, plugin, cancel) = (root.canonicalize()?, Plugin::unpack()?, options.cancel.clone());
        let setting = Setting { root, runner, options, plugin, cancel };
        Ok(Self { setting, warm: Warm::default(), before: HashMap::new(), longest: Duration::ZERO, fresh: None })
    }

    /// Tells for which failures candidates will come: what their files need is loaded together.
    pub fn expect<'a>(&mut self, failures: impl IntoIterator<Item = &'a Failure>) {
        let file = |failure: &Failure| failure.nodeid.split("::").next().unwrap_or_default().to_string();
        self.warm.expect(failures.into_iter().map(file));
    }

    /// Why runs needed fresh processes, where they did: each costs as much as one run of pytest.
    pub fn why_fresh(&self) -> Option<&str> {
        self.fresh.as_deref()
    }

    /// Runs `edits` on `snapshot` against the tests of `failures`, `runs` times (at least once), then once
    /// against the whole files. Nothing on disk changes.
    pub fn validate(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure], runs: u32) -> Rerun {
        let started = Instant::now();
        let mut how = How::NotRun;
        let (verdict, failures) = match self.texts(snapshot, edits) {
            Ok(texts) => self.try_out(&Candidate { failures, before: snapshot, edits }, &texts, runs.max(1), &mut how),
            Err(reason) => (Verdict::NotRun { reason }, Vec::new()),
        };
        Rerun { verdict, failures, how, took: started.elapsed() }
    }

    /// Whether the healed tests follow the change of `commit` (`uncommitted` for the work tree): one answer for
    /// each of `failures`, by two runs on the source before it in a temporary folder, where that is cheap.
    pub fn follows(&self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure], commit: &str) -> Vec<Dependence> {
        if self.longest > CHEAP {
            return Dependence::unknown(
                "its tests take too long to be run on the previous source, too",
                failures.len(),
            );
        }
        match self.texts(snapshot, edits) {
            Ok(texts) => {
                let may_change = ids::may_change(snapshot, edits);
                let called = |nodeid| if may_change { ids::function(nodeid) } else { nodeid };
                let tests: Vec<String> =
                    failures.iter().map(|failure| called(failure.nodeid.as_str()).to_string()).collect();
                before::check(&self.setting, commit, &tests, &texts.before, &texts.after)
            }
            Err(reason) => Dependence::unknown(&reason, failures.len()),
        }
    }

    fn try_out(
        &mut self,
        candidate: &Candidate<'_>,
        texts: &Versions,
        runs: u32,
        how: &mut How,
    ) -> (Verdict, Vec<Failure>) {
        let asked: BTreeSet<String> = candidate.failures.iter().map(|failure| failure.nodeid.clone()).collect();
        let asked: Vec<String> = asked.into_iter().collect();
        let files = files_of(&asked, candidate.edits);
        let may_change = ids::may_change(candidate.before, candidate.edits);
        let asked_now: BTreeSet<&str> =
            asked.iter().map(|nodeid| ids::to_run(if may_change { ids::function(nodeid) } else { nodeid })).collect();
        let asked_now: Vec<String> = asked_now.into_iter().map(str::to_string).collect();
        for run in 1..=runs {
            let shown = self.run(&texts.after, &texts.base, &asked_now, how);
            let is_gone = shown.finished && asked.iter().any(|asked| shown.named(asked).next().is_none());
            let ids = match is_gone && may_change {
                true => Ids::between(&self.without_candidate(texts, &files, how).order, &shown.order),
                false => Ids::default(),
            };
            let (verdict, failures) = candidate.judge(&shown, &ids);
            match verdict {
                Verdict::Passes { .. } => {}
                // Seen to pass and seen to fail: that is no fix.
                _ if run > 1 => return (Verdict::StillFails, failures),
                _ => return (verdict, failures),
            }
        }
        let was = self.without_candidate(texts, &files, how);
        if asked
            .iter()
            .any(|asked| was.named(asked).next().is_some() && was.named(asked).all(|(_, test)| test.passed()))
        {
            let reason = "the test passes without the fix, too: it is flaky, or the report is of another state";
            return (Verdict::NotRun { reason: reason.to_string() }, Vec::new());
        }
        let is = self.run(&texts.after, &texts.base, &files, how);
        let ids = Ids::between(&was.order, &is.order);
        let (again, failures) = candidate.judge(&is, &ids);
        match again {
            Verdict::Passes { .. } => match harm(candidate.failures, &was, &is, &ids) {
                Some(harm) => (harm, is.tests.into_values().filter_map(|test| test.failure).collect()),
                None => (Verdict::Passes { runs: runs + 1 }, Vec::new()),
            },
            // Alone it passes, in its file it does not: the order of tests matters here.
            other => (other, failures),
        }
    }

    /// What the files show as they stand, run once per state of their texts.
    fn without_candidate(&mut self, texts: &Versions, files: &[String], how: &mut How) -> Arc<Shown> {
        let key = (files.to_vec(), texts.before.clone());
        if let Some(known) = self.before.get(&key) {
            return known.clone();
        }
        let shown = Arc::new(self.run(&texts.before, &texts.base, files, how));
        if shown.finished {
            self.before.insert(key, shown.clone());
        }
        shown
    }

    fn run(&mut self, texts: &Texts, base: &Texts, tests: &[String], how: &mut How) -> Shown {
        let started = Instant::now();
        let shown = self.forked_or_fresh(texts, base, tests, how);
        self.longest = self.longest.max(started.elapsed());
        shown
    }

    fn forked_or_fresh(&mut self, texts: &Texts, base: &Texts, tests: &[String], how: &mut How) -> Shown {
        let trial = Trial { base: base.clone(), texts: texts.clone(), tests: tests.to_vec() };
        let forked = match self.setting.options.fork {
            true => self.warm.run(&self.setting, &trial),
            false => Err("forks are switched off".to_string()),
        };
        match forked {
            Ok(shown) => {
                *how = How::Forked;
                return shown;
            }
            Err(reason) => {
                self.fresh = Some(reason.clone());
                *how = How::Fresh(reason);
            }
        }
        if self.setting.cancel.is_cancelled() {
            return Shown::nothing("cancelled");
        }
        let ran = cold::run(&self.setting, &self.setting.root, &trial);
        ran.unwrap_or_else(|error| Shown::nothing(format!("the tests could not be started: {error}")))
    }

    /// The texts without and with the candidate; or why it is not run.
    fn texts(&self, snapshot: &Snapshot, edits: &[Edit]) -> Result<Versions, String> {
        if matches!(self.setting.runner, Runner::Custom { .. }) && !self.setting.options.custom_runner {
            return Err("the runner is a command of the project's own, which is not run to try things".to_string());
        }
        if let Some(edit) = edits.iter().find(|edit| !edit.path.is_inside()) {
            return Err(format!("{} lies outside of the workspace", edit.path));
        }
        let patched = snapshot.with_edits(edits).map_err(|error| format!("the edits do not fit: {error}"))?;
        let edited: BTreeSet<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
        let open = snapshot.overlaid().map(|(path, _)| path).filter(|path| self.differs_from_disk(snapshot, path));
        let paths: BTreeSet<&FilePath> = edited.iter().copied().chain(open).collect();
        for path in &edited {
            if !self.setting.root.join(path.as_str()).is_file() {
                return Err(format!("{path} is not on disk: an overlay stands only for files that are there"));
            }
        }
        let texts = |snapshot: &Snapshot, paths: &BTreeSet<&FilePath>| -> Texts {
            let text = |path: &&FilePath| Some((self.setting.root.join(path.as_str()), snapshot.text(path)?));
            paths.iter().filter_map(text).collect()
        };
        let unedited = paths.difference(&edited).copied().collect();
        Ok(Versions {
            base: texts(snapshot, &unedited),
            before: texts(snapshot, &paths),
            after: texts(&patched, &paths),
        })
    }

    fn differs_from_disk(&self, snapshot: &Snapshot, path: &FilePath) -> bool {
        let python = path.as_str().ends_with(".py") && path.is_inside();
        let on_disk = || std::fs::read(self.setting.root.join(path.as_str())).ok();
        python && on_disk().is_some_and(|bytes| snapshot.text(path).is_some_and(|text| text.as_bytes() != bytes))
    }
}

/// The texts of open and edited files.
struct Versions {
    /// Of those that are not edited.
    base: Texts,
    /// Of all, without the candidate.
    before: Texts,
    /// Of all, with it.
    after: Texts,
}

/// The whole files of the failing tests; and everything below a conftest that is edited. pytest 6 would run what
/// is named twice twice.
fn files_of(asked: &[String], edits: &[Edit]) -> Vec<String> {
    let conftests = edits.iter().filter(|edit| edit.path.file_name() == "conftest.py");
    let folders: BTreeSet<&str> = conftests.map(|edit| edit.path.folder()).collect();
    let covered = |file: &str| folders.iter().any(|folder| is_below(file, folder));
    let files = asked.iter().map(|nodeid| nodeid.split("::").next().unwrap_or_default());
    let files = files.filter(|file| !covered(file));
    let folders = folders.iter().map(|folder| if folder.is_empty() { "." } else { folder });
    files.chain(folders).map(str::to_string).collect::<BTreeSet<_>>().into_iter().collect()
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
