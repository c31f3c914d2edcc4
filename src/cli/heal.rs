//! `pytest-medic heal [PATHS]…`: run, read, heal, rerun, and say what was done and why.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::json;

use super::in_place::InPlace;
use super::propose::{Proposal, propose};
use super::show::count;
use super::style::{BAD, DIM, GOOD, NOTE, RESET, STRONG};
use super::{FAILURES, Failed, OK, Output, RUNNER, interrupt, order, out, project, show, suggest};
use crate::diagnosis::dependencies::plugin_of_option;
use crate::fix::{Confidence, Fix, Tier};
use crate::heal::Healing;
use crate::heal::clock;
use crate::heal::files::BACKUP_FOLDER;
use crate::heal::files::{FileError, as_named, back_up, editable, inside, write_atomic};
use crate::heal::history::{Entry, History, Outcome};
use crate::heal::lesson::{lesson_of, record};
use crate::heal::patches;
use crate::heal::run_loop::{self, Applied, Bench, Event, Limits, Scope, Stop, Summary, TRIALS};
use crate::heal::vacuous;
use crate::mcp;
use crate::report::{Failure, Report};
use crate::text::{Edit, FilePath};
use crate::validation::observe::observe;
use crate::validation::runner::{Cancel, Run, Runner, RunnerError};
use crate::validation::{self, Dependence, Rerun, Validator};
use crate::workspace::Snapshot;
use crate::workspace::graveyards::FILE as GRAVEYARD;

/// Runs tests, heals what can be healed surely, reruns, and records the lessons.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Examples:
  pytest-medic heal tests/test_cart.py
  pytest-medic heal tests --runner '../runtstqe {tests}'
  pytest-medic heal tests --from ci.log --suggest-only

Exit code: 0 all pass, 1 failures remain, 2 usage or configuration error, 3 the runner could not run.")]
pub struct Args {
    /// Files, folders or node ids; all tests without any.
    paths: Vec<String>,
    /// The shell command line that runs the tests; `{tests}` is replaced by the paths, else they are appended.
    #[arg(long, value_name = "CMD")]
    runner: Option<String>,
    /// Where the output of the runs goes.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Begin with the log of a finished run instead of running first.
    #[arg(long, value_name = "LOG")]
    from: Option<PathBuf>,
    /// How often to heal and rerun.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    max_iterations: Option<u32>,
    /// Apply only fixes of at least this confidence, 0 to 1.
    #[arg(long, value_name = "F")]
    confidence: Option<f64>,
    /// Which fixes may be applied: `review` also those that change what is checked.
    #[arg(long, value_enum, default_value_t = Accept::Safe)]
    accept: Accept,
    /// Write patches to .healing_fixes/ and change no file; `pytest-medic review` walks them.
    #[arg(long, conflicts_with = "auto_commit")]
    suggest_only: bool,
    /// Commit the healed files when their tests pass.
    #[arg(long)]
    auto_commit: bool,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

impl Args {
    /// `heal` on `paths`, everything else as it is by default.
    pub fn on(paths: &[&str]) -> Self {
        Self { paths: paths.iter().map(ToString::to_string).collect(), ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Accept {
    /// Fixes that keep what is checked.
    #[default]
    Safe,
    /// Also new expected values, messages and exception types.
    Review,
}

/// Runs the command; the exit code is 0, 1 or 3.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let config = snapshot.config().clone();
    if !config.enabled {
        return Err(Failed::usage("healing is switched off by `enabled = false`; `pytest-medic doctor` shows where"));
    }
    let confidence = args.confidence.unwrap_or(config.confidence);
    if !(0.0..=1.0).contains(&confidence) {
        return Err(Failed::usage(format!("--confidence {confidence} is not between 0 and 1")));
    }
    let first = args.from.as_ref().map(|log| project::read_logs(std::slice::from_ref(log))).transpose()?;
    let mut bench = Disk::new(args, snapshot)?;
    if args.suggest_only {
        return bench.suggest(args, first, confidence);
    }
    let limits = Limits {
        max_iterations: args.max_iterations.unwrap_or(config.max_iterations),
        confidence,
        accept: if args.accept == Accept::Review { Tier::Review } else { Tier::Safe },
    };
    let mut summary = run_loop::run(&mut bench, &args.paths, first, &limits)?;
    order::look_into(&mut summary, &bench.runner, &bench.root, &bench.snapshot, &bench.cancel);
    bench.record_history(&summary);
    let lessons = bench.record_lessons(&summary);
    let committed = if args.auto_commit || config.auto_commit { bench.commit(&summary, lessons) } else { None };
    match args.format {
        Output::Human => bench.print(&summary, args.accept, lessons, committed.as_deref()),
        Output::Json => out::println!("{:#}", bench.json(&summary)),
    }
    Ok(match summary.stop {
        Stop::AllPass => OK,
        Stop::RunStopped(_) => RUNNER,
        _ => FAILURES,
    })
}

/// A project on disk, its runner, and a person at the terminal.
struct Disk {
    root: PathBuf,
    runner: Runner,
    log: PathBuf,
    /// Whether a person named the log on the command line: it may be anywhere.
    is_log_named: bool,
    snapshot: Snapshot,
    /// Tries candidates without touching a file; not with a custom runner.
    validator: Option<Validator>,
    /// Tries them with a custom runner.
    in_place: InPlace,
    /// Set by Ctrl-C.
    cancel: Cancel,
    /// What became of earlier fixes.
    history: History,
    /// The folder of this session's originals.
    session: String,
    human: bool,
    /// What was asked for.
    paths: Vec<String>,
    /// What the last run leaves to run again.
    scope: Scope,
}

impl Disk {
    fn new(args: &Args, snapshot: Snapshot) -> Result<Self, Failed> {
        let root = project::root(&snapshot);
        let command = args.runner.as_deref().or(snapshot.config().runner.as_deref());
        let log = root.join(args.log.clone().unwrap_or_else(|| PathBuf::from(&snapshot.config().log)));
        let runner = Runner::find(&root, command, snapshot.config().python.as_deref())?;
        let cancel = interrupt::cancel_on_interrupt();
        let custom_runner = snapshot.config().validate_with_runner;
        let options = validation::Options { custom_runner, cancel: cancel.clone(), ..Default::default() };
        let trials = custom_runner || matches!(runner, Runner::Pytest { .. });
        let validator = trials.then(|| Validator::new(&root, runner.clone(), options).ok());
        Ok(Self {
            runner,
            validator: validator.flatten(),
            in_place: InPlace::default(),
            history: History::open(&root),
            session: clock::compact(SystemTime::now()),
            human: args.format == Output::Human,
            paths: args.paths.clone(),
            scope: Scope::default(),
            cancel,
            root,
            log,
            is_log_named: args.log.is_some(),
            snapshot,
        })
    }

    /// Writes a patch for each failure that has a fix, and changes no test.
    fn suggest(&mut self, args: &Args, first: Option<Report>, confidence: f64) -> Result<u8, Failed> {
        let report = match first {
            Some(report) => run_loop::only(report, &args.paths),
            None => self.run(&args.paths)?,
        };
        let (mut suggested, mut left) = (Vec::new(), Vec::new());
        let proposals = propose(&self.snapshot, &report, self.validator.as_mut(), confidence);
        for Proposal { healing, found, dependence } in proposals {
            let failure = &healing.diagnosis.failure;
            let Some(found) = found else {
                self.say(&suggest::healing_text(&self.snapshot, &healing));
                left.push(show::healing_json(&self.snapshot, &healing));
                continue;
            };
            let patch = patches::save(&self.root, &self.snapshot, &healing.diagnosis, &found.fix)?;
            let verdict = super::propose::verdict(&found, &dependence);
            let text = show::failure(failure) + &show::fix(&self.snapshot, &found.fix);
            self.say(&format!("{text}    {GOOD}{verdict}{RESET}\n    {DIM}{}{RESET}\n\n", patch.display()));
            let patch = patch.strip_prefix(&self.root).unwrap_or(&patch).to_string_lossy().into_owned();
            suggested.push(json!({
                "nodeids": [failure.nodeid], "fix": found.fix, "diff": show::diff(&self.snapshot, &found.fix, 3),
                "patch": patch, "validation": found.verdict, "dependence": dependence,
            }));
        }
        let failures = count(report.failures.len(), "failure");
        self.say(&format!("{STRONG}{failures}, a patch for {}{RESET}\n", suggested.len()));
        if !self.human {
            let value = json!({"schema": 1, "runs": report.runs, "suggested": suggested, "failures": left,
                "warnings": report.warnings});
            out::println!("{value:#}");
        }
        Ok(if report.failures.is_empty() { OK } else { FAILURES })
    }

    /// Asks git what changed since `tests` were touched, while they run.
    fn prepare(&self, tests: &[String]) {
        let (root, history) = (self.root.clone(), self.snapshot.history());
        let files = tests.iter().filter_map(|test| test.split("::").next()).map(FilePath::new);
        let files: BTreeSet<FilePath> = files.filter(|file| root.join(file.as_str()).is_file()).collect();
        std::thread::spawn(move || files.iter().for_each(|file| history.prepare(file)));
    }

    /// Prints for a person.
    fn say(&self, text: &str) {
        if self.human {
            out::print!("{text}");
        }
    }

    /// Keeps what became of every fix, so that what failed is not tried again.
    fn record_history(&self, summary: &Summary) {
        let helped = summary.applied.iter().map(|applied| Entry::new(&applied.failure, &applied.fix, Outcome::Applied));
        // A run that broke off says nothing of the fixes it was to prove.
        let proven = !matches!(summary.stop, Stop::Cancelled | Stop::RunStopped(_));
        let failed = summary.taken_back.iter().filter(|_| proven);
        let failed = failed.map(|(applied, _)| Entry::new(&applied.failure, &applied.fix, Outcome::FailedValidation));
        let entries: Vec<Entry> = helped.chain(failed).collect();
        if let Err(error) = History::open(&self.root).record(entries) {
            out::eprintln!("{NOTE}{error}{RESET}");
        }
    }

    /// Adds a lesson to GRAVEYARD.md for each fix that stayed. A lesson that cannot be written there is
    /// printed, so that it is not lost.
    fn record_lessons(&self, summary: &Summary) -> usize {
        let today = clock::date(SystemTime::now());
        let mut written = 0;
        for applied in &summary.applied {
            let lesson = lesson_of(applied, &today);
            match record(&self.root, &lesson) {
                Ok(_) => written += 1,
                Err(why) => out::eprintln!("{}", show::not_written(&lesson, &why)),
            }
        }
        written
    }

    /// Commits the healed files, and GRAVEYARD.md if it got `lessons`; what git said.
    fn commit(&self, summary: &Summary, lessons: usize) -> Option<String> {
        let mut paths: Vec<&str> = summary.applied.iter().flat_map(|a| a.texts.keys()).map(FilePath::as_str).collect();
        paths.sort_unstable();
        paths.dedup();
        if paths.is_empty() || summary.stop != Stop::AllPass {
            return None;
        }
        let git = |args: &[&str]| std::process::Command::new("git").args(args).current_dir(&self.root).output();
        // git refuses what the project ignores, and knows a new file only after this.
        let kept =
            |path: &str| git(&["add", "--intent-to-add", "--", path]).is_ok_and(|output| output.status.success());
        if lessons > 0 && kept(GRAVEYARD) {
            paths.push(GRAVEYARD);
        }
        let titles: Vec<String> = summary.applied.iter().map(|applied| format!("- {}", applied.fix.title)).collect();
        let message = format!("Heal {}\n\n{}\n", count(summary.applied.len(), "test"), titles.join("\n"));
        let commit = ["commit", "--quiet", "-m", &message, "--only", "--"];
        Some(match git(&[&commit, &paths[..]].concat()) {
            Ok(output) if output.status.success() => format!("committed {}", paths.join(", ")),
            Ok(output) => format!("git did not commit: {}", String::from_utf8_lossy(&output.stderr).trim()),
            Err(error) => format!("git did not start: {error}"),
        })
    }

    fn print(&self, summary: &Summary, accept: Accept, lessons: usize, committed: Option<&str>) {
        out::println!("\n{STRONG}{}{RESET}", headline(summary));
        for applied in &summary.applied {
            for nodeid in summary.healed(applied) {
                let healed = match summary.is_only_collected(nodeid) {
                    true => format!("{NOTE}collects{RESET}"),
                    false => format!("{GOOD}healed{RESET}  "),
                };
                out::println!("  {healed} {nodeid}  {DIM}{}{RESET}", applied.fix.title);
            }
            if applied.dependence == Dependence::PossiblyVacuous {
                out::println!("           {NOTE}{}{RESET}", vacuous::NOTE);
            }
        }
        for (applied, why) in &summary.taken_back {
            out::println!("  {NOTE}reverted{RESET} {}  {DIM}{why}{RESET}", applied.fix.title);
        }
        for left in &summary.left {
            out::println!("  {BAD}left{RESET}     {left}/{}", self.session);
        }
        let texts = summary.remaining.iter().map(|healing| {
            let failure = &healing.diagnosis.failure;
            let text = suggest::tried_text(&self.snapshot, healing, |fix| summary.was_tried(failure, fix));
            (healing.diagnosis.failure.nodeid.as_str(), format!("{}\n", text.trim_end()))
        });
        for text in show::once(texts) {
            out::print!("  {BAD}fails{RESET}    {text}");
        }
        let broken_off = summary.report.runs.last().and_then(|run| run.stopped.as_deref());
        if let Some(why) = broken_off.filter(|_| !matches!(summary.stop, Stop::RunStopped(_))).and_then(broke_off) {
            out::println!("  {BAD}{why}{RESET}");
        }
        let for_review = |healing: &Healing| healing.fixes.iter().any(|fix| fix.fix().tier == Tier::Review);
        if accept == Accept::Safe && summary.remaining.iter().any(for_review) {
            out::println!(
                "{DIM}What changes the checks is yours to decide: `pytest-medic heal --accept review` applies it.{RESET}"
            );
        }
        if lessons > 0 {
            out::println!(
                "{DIM}{} in GRAVEYARD.md; originals in {}/{}{RESET}",
                count(lessons, "lesson"),
                BACKUP_FOLDER,
                self.session
            );
        }
        if let Some(committed) = committed {
            out::println!("{DIM}{committed}{RESET}");
        }
        if let Some(reason) = self.validator.as_ref().and_then(Validator::why_fresh) {
            out::println!("{DIM}{}{RESET}", show::fresh(reason));
        }
        if summary.runs > 0 {
            out::println!("{DIM}full output of the last run: {}{RESET}", self.log.display());
        }
    }

    fn json(&self, summary: &Summary) -> serde_json::Value {
        let applied = |applied: &Applied| {
            let nodeids: Vec<_> = summary.healed(applied).collect();
            json!({"nodeids": nodeids, "fix": applied.fix, "diff": diff_of(applied),
                "validation": applied.validation, "dependence": applied.dependence})
        };
        let taken_back: Vec<_> = summary
            .taken_back
            .iter()
            .map(|(a, why)| json!({"fix": a.fix, "nodeid": a.failure.nodeid, "reason": why}))
            .collect();
        let left: Vec<_> = summary.left.iter().map(|left| json!({"path": left.path, "reason": left.why})).collect();
        json!({
            "schema": 1,
            "stop": stop_words(&summary.stop),
            "runs_made": summary.runs,
            "runs": summary.report.runs,
            "failed_at_first": summary.failed_at_first.iter().map(|failure| &failure.nodeid).collect::<Vec<_>>(),
            "applied": summary.applied.iter().map(applied).collect::<Vec<_>>(),
            "taken_back": taken_back,
            "left": left,
            "failures": summary.remaining.iter().map(|h| show::healing_json(&self.snapshot, h)).collect::<Vec<_>>(),
            "warnings": summary.report.warnings,
            "fresh": self.validator.as_ref().and_then(Validator::why_fresh),
        })
    }
}

impl Bench for Disk {
    type Error = Failed;

    fn run(&mut self, tests: &[String]) -> Result<Report, Failed> {
        self.prepare(tests);
        if !self.is_log_named {
            as_named(&self.root, &self.log)?;
        }
        let mut live: Box<dyn Write> =
            if self.human { Box::new(std::io::stdout()) } else { Box::new(std::io::stderr()) };
        let run = Run { root: &self.root, tests, log: &self.log, variables: &[] };
        let (finished, report) = match self.in_place.last(&run, &mut live) {
            Some(of_trial) => of_trial,
            None => observe(&self.runner, &run, &mut live, &|_| {}, &self.cancel)?,
        };
        self.in_place.ran(finished.duration, &report);
        self.scope = Scope::of(&report);
        self.snapshot = self.snapshot.ran_by(report.python());
        if finished.cancelled {
            return Ok(report);
        }
        let silent = report.failures.is_empty() && report.runs.last().is_none_or(|run| run.stopped.is_none());
        if silent && finished.code != Some(0) {
            let command = self.runner.command_line(tests);
            self.say("\n");
            return Err(Failed::runner(match (finished.code, finished.signal) {
                (Some(5), _) => format!("`{command}` ran no test (exit 5); check the paths"),
                (Some(code), _) => format!(
                    "`{command}` ended with exit code {code}, and its output shows no failed test{}; read {}",
                    last_line(&self.log),
                    self.log.display()
                ),
                (None, signal) => {
                    format!("`{command}` was ended by signal {}; read {}", signal.unwrap_or(0), self.log.display())
                }
            }));
        }
        if !project::shows_a_run(&report) {
            return Err(Failed::runner(format!(
                "`{}` printed no run of pytest; read {}, and let the runner print what pytest prints",
                self.runner.command_line(tests),
                self.log.display()
            )));
        }
        Ok(report)
    }

    fn go_past_collection_errors(&mut self) -> bool {
        let further = self.runner.past_collection_errors();
        further.map(|runner| self.runner = runner).is_some()
    }

    fn snapshot(&mut self) -> Snapshot {
        self.snapshot = project::with_lessons(self.snapshot.reloaded());
        self.snapshot.clone()
    }

    fn place(&self, path: &FilePath) -> Result<PathBuf, String> {
        editable(&self.root, &self.snapshot, path).map_err(|error| error.to_string())
    }

    fn text(&mut self, path: &FilePath) -> Option<Arc<str>> {
        std::fs::read_to_string(inside(&self.root, path).ok()?).ok().map(Arc::from)
    }

    fn write(&mut self, path: &FilePath, text: &str) -> Result<(), Failed> {
        back_up(&self.root, path, &self.session)?;
        let place = inside(&self.root, path)?;
        write_atomic(&place, text.as_bytes())?;
        self.in_place.wrote(&place);
        Ok(())
    }

    fn validate(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure]) -> Rerun {
        match &mut self.validator {
            Some(validator) => validator.validate(snapshot, edits, failures, TRIALS),
            None => {
                let whole = self.scope.tests(edits.iter().map(|edit| &edit.path), &self.paths);
                self.in_place.run((&self.root, &self.runner, &self.cancel), snapshot, edits, failures, &whole)
            }
        }
    }

    fn follows(&mut self, snapshot: &Snapshot, edits: &[Edit], failures: &[&Failure], commit: &str) -> Vec<Dependence> {
        match &self.validator {
            Some(validator) => validator.follows(snapshot, edits, failures, commit),
            None => Dependence::unknown("each run of a custom runner may be expensive", failures.len()),
        }
    }

    fn failed_before(&self, failure: &Failure, fix: &Fix) -> bool {
        self.history.failed_before(failure, fix)
    }

    fn confidence(&self, fix: &Fix) -> Confidence {
        self.history.confidence(fix)
    }

    fn ask(&mut self, snapshot: &Snapshot, healing: &Healing) -> Option<Fix> {
        let url = snapshot.config().mcp_server.as_deref()?;
        self.say(&format!("{DIM}asking {url} about {}{RESET}\n", healing.diagnosis.failure.nodeid));
        mcp::ask(url, snapshot, healing).map_err(|error| out::eprintln!("{NOTE}{error}{RESET}")).ok()
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn tell(&mut self, event: Event<'_>) {
        if let Event::Left(left) = event {
            out::eprintln!("{BAD}left{RESET} {left}/{}", self.session);
        }
        if !self.human {
            return;
        }
        match event {
            // The fix is told of with its failure, what was left was.
            Event::Left(_) | Event::NotWritten(_) => {}
            Event::Running { run, tests } => {
                out::println!("{STRONG}run {run}{RESET}  {}", self.runner.command_line(tests));
            }
            Event::Read(report) => {
                out::println!("{DIM}{} read{RESET}\n", count(report.failures.len(), "failure"));
            }
            Event::Refused(refusal) => out::print!("{}", show::refusal(refusal)),
            Event::Applying(applied) => {
                out::println!("{}{}", show::failure(&applied.failure), show::fix(&self.snapshot, &applied.fix));
            }
            Event::TakenBack(applied, why) => {
                out::println!("{NOTE}taken back{RESET} {}: {why}", applied.fix.title);
            }
        }
    }
}

impl From<RunnerError> for Failed {
    fn from(error: RunnerError) -> Self {
        Self::runner(error.to_string())
    }
}

impl From<FileError> for Failed {
    fn from(error: FileError) -> Self {
        Self::usage(error.to_string())
    }
}

fn headline(summary: &Summary) -> String {
    let runs = count(summary.runs as usize, "run");
    match &summary.stop {
        Stop::AllPass if summary.failed_at_first.is_empty() => {
            format!("nothing to heal: {}", stop_words(&summary.stop))
        }
        stop => format!("{} healed in {runs}: {}", healed(summary), stop_words(stop)),
    }
}

/// `2 tests`, `1 file` where none of it could be collected, `2 tests and 1 file`; behind the files that are collected
/// again and have tests that fail.
fn healed(summary: &Summary) -> String {
    let healed = match summary.healed_counts() {
        (0, files) if files > 0 => count(files, "file"),
        (tests, 0) => count(tests, "test"),
        (tests, files) => format!("{} and {}", count(tests, "test"), count(files, "file")),
    };
    match summary.collected_count() {
        0 => healed,
        files => format!("{} collected, {healed}", count(files, "file")),
    }
}

fn stop_words(stop: &Stop) -> String {
    match stop {
        Stop::AllPass => "all tests pass".to_string(),
        Stop::NothingToOffer => "nothing more that can be applied safely".to_string(),
        Stop::SameFailures => "the same failures came twice".to_string(),
        Stop::MaxIterations => "the limit of iterations is reached".to_string(),
        Stop::Cancelled => "cancelled".to_string(),
        Stop::RunStopped(why) => match plugin_of_option(why) {
            Some((option, plugin)) => {
                format!("the run broke off: {why}; `{option}` is an option of {plugin}: is that installed?")
            }
            None => format!("the run broke off: {why}"),
        },
    }
}

fn diff_of(applied: &Applied) -> String {
    let one =
        |(path, (old, new)): (&FilePath, &(std::sync::Arc<str>, std::sync::Arc<str>))| show::unified(path, old, new, 3);
    applied.texts.iter().map(one).collect()
}
/// Why the tests after some did not run, where somebody or something ended pytest; what stops it by its own rules is
/// told with the failures.
fn broke_off(why: &str) -> Option<String> {
    const REST: &str = "the tests after it did not run";
    if why.starts_with("internal error") {
        return Some(format!("pytest itself broke off, what it had to tell is lost: {why}"));
    }
    if let Some(said) = why.strip_prefix("_pytest.outcomes.Exit: ") {
        return Some(format!("`pytest.exit` ended the run, {REST}: {said}"));
    }
    (why == "KeyboardInterrupt").then(|| format!("the run was interrupted, {REST}: KeyboardInterrupt"))
}

/// How the output of a run ends that says nothing of a failure, as the end of a sentence.
fn last_line(log: &Path) -> String {
    const LONGEST: usize = 160;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    let line = line.map(|line| line.chars().take(LONGEST).collect::<String>());
    line.map(|line| format!(", it ends with `{line}`")).unwrap_or_default()
}
