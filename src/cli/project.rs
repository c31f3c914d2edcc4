//! What every subcommand needs first: the project's root, its snapshot, and the logs that were named.

use std::path::{Path, PathBuf};

use super::style::{NOTE, RESET};
use super::{Failed, out};
use crate::graveyard::Lesson;
use crate::report::{Counts, Report, Run};
use crate::validation::runner::{Cancel, Runner};
use crate::validation::{Options, Validator};
use crate::workspace::config::{Loaded, Problem, root_of};
use crate::workspace::environment::interpreter;
use crate::workspace::similar_names::similar;
use crate::workspace::{Config, Snapshot, graveyards};

/// The project's folder on disk.
pub fn root(snapshot: &Snapshot) -> PathBuf {
    snapshot.root().unwrap_or(Path::new(".")).to_path_buf()
}

/// The project around the working directory, with its lessons.
pub fn open() -> Result<Snapshot, Failed> {
    let here = std::env::current_dir().map_err(|error| {
        Failed::usage(format!("the working directory cannot be read: {error}; change to the project's folder"))
    })?;
    let root = root_of(&here);
    let loaded = Config::load(&root, None);
    if !loaded.problems.is_empty() {
        let lines: Vec<String> = loaded.problems.iter().map(|problem| problem.to_string()).collect();
        return Err(Failed::usage(lines.join("\n")));
    }
    let snapshot = with_lessons(Snapshot::open(&root));
    for warning in warnings(&loaded, &snapshot) {
        out::eprintln!("{NOTE}warning{RESET} {warning}");
    }
    Ok(snapshot)
}

/// What settings name that is not there: everything works without it, only not as it was meant.
pub fn warnings(loaded: &Loaded, snapshot: &Snapshot) -> Vec<Problem> {
    let (config, root) = (&loaded.config, root(snapshot));
    let mut found = Vec::new();
    let mut warn = |key: &str, message: String| found.push(Problem { origin: loaded.origin(key), message });
    if let Some(python) = config.python.as_deref().filter(|named| interpreter(&root, named).is_none()) {
        warn("python", format!("`python` names {python}, which is not there; another interpreter is taken"));
    }
    for name in graveyards::missing(snapshot) {
        warn("graveyards", format!("`graveyards` names {name}: no file and no installed package with a GRAVEYARD.md"));
    }
    let slugs: Vec<String> =
        snapshot.lessons().iter().flat_map(|graveyard| &graveyard.lessons).map(Lesson::slug).collect();
    for slug in config.ignored_lessons.iter().filter(|slug| !slugs.contains(slug)) {
        let near = similar(slug, slugs.iter().map(String::as_str)).into_iter().next();
        let hint = near.map_or_else(
            || "`pytest-medic graveyard list --format json` tells each `slug`".to_string(),
            |near| format!("did you mean `{}`?", near.name),
        );
        warn("ignored-lessons", format!("`ignored-lessons` names `{slug}`, and no lesson is called so; {hint}"));
    }
    found
}

/// The snapshot with its lessons: of every GRAVEYARD.md below the root, and of the shared ones.
pub fn with_lessons(snapshot: Snapshot) -> Snapshot {
    let lessons = graveyards::load(&snapshot);
    snapshot.with_lessons(lessons)
}

/// What tries fixes with the project's own runner, as its settings allow, until `cancel` is set.
pub fn validator(snapshot: &Snapshot, cancel: Cancel) -> Result<Validator, Failed> {
    let root = root(snapshot);
    let config = snapshot.config();
    let runner = Runner::find(&root, config.runner.as_deref(), config.python.as_deref())?;
    let options = Options { custom_runner: snapshot.config().validate_with_runner, cancel, ..Options::default() };
    Validator::new(&root, runner, options)
        .map_err(|error| Failed::runner(format!("cannot prepare trial runs: {error}")))
}

/// Whether there is a run of pytest in what was read: a failure, an outcome, or what pytest says at its end.
pub fn shows_a_run(report: &Report) -> bool {
    let told = |run: &Run| run.counts != Counts::default() || run.stopped.is_some();
    // A run that was broken off has told where it began.
    let began = |run: &Run| !run.complete && run.rootdir.is_some();
    let ran = |run: &Run| told(run) || began(run) || run.complete && run.duration.is_none();
    !report.failures.is_empty() || !report.outcomes.is_empty() || report.runs.iter().any(ran)
}

/// The runs in `logs`, `-` for stdin. A log that shows no run at all is an error.
pub fn read_logs(logs: &[PathBuf]) -> Result<Report, Failed> {
    let report = super::logs::read(logs)?;
    has_run(&report, logs)?;
    Ok(report)
}

/// Fails for logs that show no run: they are empty, torn at the first line, or something else. So does a log whose run
/// had no test, as it does for pytest.
pub fn has_run(report: &Report, logs: &[PathBuf]) -> Result<(), Failed> {
    let name = |log: &PathBuf| if log == Path::new("-") { "stdin".to_string() } else { log.display().to_string() };
    let names = || logs.iter().map(name).collect::<Vec<_>>().join(", ");
    let why = match report.runs.iter().any(|run| run.complete) {
        _ if shows_a_run(report) => return Ok(()),
        true => format!("pytest ran no test in {}; check the paths that it was given", names()),
        false => format!("found no pytest run in {}: neither failures nor pytest's last line", names()),
    };
    Err(Failed::usage(why))
}
