//! Real runs of pytest 6.2 to 9.2, read: what is understood stands beside each log as `.expected`
//! (`UPDATE_EXPECT=1` writes it), every format of one run says the same, and no input makes the reader fail.

mod formats;
mod properties;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use pytest_medic::report::{Failure, Report, parse};

/// Every log of this folder, in the order of its name.
pub fn logs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let is_log = |path: &PathBuf| path.extension().is_some_and(|extension| extension != "expected");
    let mut logs: Vec<_> = files.filter(is_log).collect();
    logs.sort();
    logs
}

#[test]
fn every_log_is_understood() {
    for log in logs() {
        let report = parse(&std::fs::read(&log).unwrap());
        let mut expected = log.clone();
        expected.as_mut_os_string().push(".expected");
        expect_test::expect_file![expected].assert_eq(&outline(&report));
    }
}

/// A report in a form that a person can check against its log.
fn outline(report: &Report) -> String {
    let mut text = String::new();
    for run in &report.runs {
        let counts = serde_json::json!(run.counts);
        let counts = counts.as_object().unwrap().iter().filter(|(_, count)| !count.is_null());
        let counts: Vec<_> = counts.map(|(word, count)| format!("{count} {word}")).collect();
        let end = if run.complete { "complete" } else { "incomplete" };
        let _ = write!(text, "run {:?} {end}: {}", run.format, counts.join(", "));
        let _ = writeln!(text, "{}", run.stopped.as_ref().map_or(String::new(), |why| format!(" | stopped: {why}")));
    }
    for failure in &report.failures {
        write_failure(&mut text, failure);
    }
    for warning in &report.warnings {
        let first = warning.message.lines().next().unwrap_or_default();
        let _ = writeln!(
            text,
            "warning {}: {first} ({} tests)",
            warning.category.as_deref().unwrap_or("?"),
            warning.nodeids.len()
        );
    }
    text
}

fn write_failure(text: &mut String, failure: &Failure) {
    let place = match (&failure.path, failure.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (path, _) => path.clone().unwrap_or_else(|| "?".to_string()),
    };
    let _ = writeln!(text, "{:?} {} at {place}", failure.phase, failure.nodeid);
    let message = failure.message.as_deref().map_or("?".to_string(), |message| format!("{message:?}"));
    let _ = writeln!(text, "    {}: {message}", failure.exc_type.as_deref().unwrap_or("?"));
    if !failure.environments.is_empty() {
        let _ = writeln!(text, "    in {}", failure.environments.join(", "));
    }
    if let Some(hint) = &failure.hint {
        let _ = writeln!(text, "    hint {hint}");
    }
    if let Some(sides) = &failure.introspection {
        let _ = writeln!(text, "    sides {} {} {}", sides.left, sides.op, sides.right);
    }
    for (name, causes) in [("cause", &failure.chain), ("member", &failure.group)] {
        for cause in causes {
            let message = cause.message.as_deref().unwrap_or("?");
            let _ = writeln!(
                text,
                "    {name} {}: {message:?}, {} frames",
                cause.exc_type.as_deref().unwrap_or("?"),
                cause.frames.len()
            );
        }
    }
    let frames: Vec<_> = failure.frames.iter().map(|frame| format!("{}:{}", frame.path, frame.line)).collect();
    if let [first, .., last] = &frames[..] {
        let _ = writeln!(text, "    {} frames, {first} to {last}", frames.len());
    }
    let captured = &failure.captured;
    for (stream, output) in [("stdout", &captured.stdout), ("stderr", &captured.stderr), ("log", &captured.log)] {
        if let Some(output) = output {
            let _ = writeln!(text, "    {stream} {output:?}");
        }
    }
    if !failure.available_fixtures.is_empty() {
        let _ = writeln!(text, "    {} fixtures to choose from", failure.available_fixtures.len());
    }
}
