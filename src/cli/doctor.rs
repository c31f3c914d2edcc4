//! `pytest-medic doctor`: what was found, where each setting came from, and what it cost.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{FAILURES, Failed, OK, Output, out, project, style};
use crate::text::FilePath;
use crate::validation::runner::Runner;
use crate::workspace::config::{Loaded, root_of};
use crate::workspace::{Config, Snapshot};

/// Shows what was found: Python, pytest, settings and where each came from, logs, the index and its cost.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic doctor --format json")]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// A heading with its lines: what, and what was found.
struct Section {
    title: &'static str,
    lines: Vec<(String, String)>,
}

/// Prints the findings; 1 where a setting is wrong.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let here = std::env::current_dir()
        .map_err(|error| Failed::usage(format!("the working directory cannot be read: {error}")))?;
    let root = root_of(&here);
    let loaded = Config::load(&root, None);
    let snapshot = project::with_lessons(Snapshot::open(&root));
    let sections =
        [python(&snapshot), runs(&root, &snapshot), settings(&loaded), knowledge(&snapshot), index(&snapshot)];
    let problems: Vec<String> = loaded.problems.iter().map(|problem| problem.to_string()).collect();
    let warnings: Vec<String> = project::warnings(&loaded, &snapshot).iter().map(ToString::to_string).collect();
    match args.format {
        Output::Human => print(&root, &sections, &problems, &warnings),
        Output::Json => print_json(&root, &sections, &problems, &warnings),
    }
    Ok(if problems.is_empty() { OK } else { FAILURES })
}

fn python(snapshot: &Snapshot) -> Section {
    let environment = snapshot.environment();
    let shown = |path: Option<&Path>| path.map_or("not found".to_string(), |path| path.display().to_string());
    let version = |name: &str| snapshot.distribution(name).map(|found| format!("{} {}", found.name, found.version));
    let plugins = environment.pytest_plugins().join(", ");
    let lines = vec![
        ("python".into(), format!("{} ({})", shown(environment.python.as_deref()), environment.reason)),
        (
            "packages".into(),
            environment.packages.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
        ),
        ("standard library".into(), shown(environment.stdlib.as_deref())),
        (
            "pytest".into(),
            version("pytest").unwrap_or_else(|| "not installed there; python -m pip install pytest".into()),
        ),
        ("plugins".into(), if plugins.is_empty() { "none".into() } else { plugins }),
    ];
    Section { title: "Python", lines }
}

fn runs(root: &Path, snapshot: &Snapshot) -> Section {
    let config = snapshot.config();
    let runner = match Runner::find(root, config.runner.as_deref(), config.python.as_deref()) {
        Ok(Runner::Pytest { argv, found }) => format!("{} ({found})", argv.join(" ")),
        Ok(Runner::Custom { command }) => format!("{command} (configured)"),
        Err(error) => error.to_string(),
    };
    let log = match root.join(&config.log).metadata() {
        Ok(metadata) => format!("{}, {} bytes", config.log, metadata.len()),
        Err(_) => format!("{}, not written yet", config.log),
    };
    Section { title: "Runs", lines: vec![("runner".into(), runner), ("log".into(), log)] }
}

fn settings(loaded: &Loaded) -> Section {
    let lines = loaded.listing().into_iter().map(|(key, value, origin)| {
        let value = if value.is_empty() { "none" } else { value.as_str() };
        (key.to_string(), format!("{value}  ({origin})"))
    });
    Section { title: "Settings", lines: lines.collect() }
}

fn knowledge(snapshot: &Snapshot) -> Section {
    let lessons: usize = snapshot.lessons().iter().map(|graveyard| graveyard.lessons.len()).sum();
    let history = snapshot.history();
    let (git, took) = timed(|| history.is_available().then(|| history.changes(None).len()));
    let git = match git {
        Some(count) => format!("{count} files changed by the newest commits and since, read in {}", shown(took)),
        None => "no git here; renames cannot be looked up in commits".to_string(),
    };
    Section { title: "Knowledge", lines: vec![("lessons".into(), lessons.to_string()), ("history".into(), git)] }
}

fn index(snapshot: &Snapshot) -> Section {
    let (files, listed) = timed(|| snapshot.python_files());
    let tests = files.iter().filter(|path| is_test(path)).count();
    // Names that no file holds and that every file holds: the cheapest and the dearest question.
    let (_, first) = timed(|| snapshot.definitions("pytest_medic_doctor"));
    let (found, later) = timed(|| snapshot.definitions("setup"));
    let cost = snapshot.cost();
    let kib = |bytes: usize| format!("{} KiB", bytes.div_ceil(1024));
    let lines = vec![
        (
            "python files".into(),
            format!("{}, {tests} of them tests or conftests, listed in {}", files.len(), shown(listed)),
        ),
        ("first question".into(), shown(first)),
        ("a later question".into(), format!("{} ({} definitions of `setup`)", shown(later), found.len())),
        (
            "in memory".into(),
            format!(
                "{} of words of {} files, {} of texts, outlines of {}, trees of {}",
                kib(cost.word_bytes),
                cost.files_read,
                kib(cost.text_bytes),
                kib(cost.outlined_bytes),
                kib(cost.parsed_bytes)
            ),
        ),
    ];
    Section { title: "Index", lines }
}

fn is_test(path: &FilePath) -> bool {
    let name = path.file_name();
    name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py"
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

fn shown(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

fn print(root: &Path, sections: &[Section], problems: &[String], warnings: &[String]) {
    out::println!("{}{}{}", style::STRONG, root.display(), style::RESET);
    for section in sections {
        out::println!("\n{}{}{}", style::STRONG, section.title, style::RESET);
        for (name, value) in &section.lines {
            out::println!("  {name:<20} {value}");
        }
    }
    for problem in problems {
        out::println!("\n{}wrong setting:{} {problem}", style::BAD, style::RESET);
    }
    for warning in warnings {
        out::println!("\n{}warning:{} {warning}", style::NOTE, style::RESET);
    }
}

fn print_json(root: &Path, sections: &[Section], problems: &[String], warnings: &[String]) {
    let mut value = json!({"root": root.to_string_lossy(), "problems": problems, "warnings": warnings});
    for section in sections {
        let lines: serde_json::Map<String, Value> =
            section.lines.iter().map(|(name, text)| (name.replace(' ', "_"), json!(text))).collect();
        value[section.title.to_lowercase()] = Value::Object(lines);
    }
    out::println!("{value:#}");
}
