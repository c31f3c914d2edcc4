//! `graveyard check`: code that repeats a mistake, and entries that do not keep the format.

use std::path::PathBuf;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::super::style::{BAD, DIM, NOTE, PLACE, RESET};
use super::super::{FAILURES, Failed, OK, out, project};
use super::place;
use crate::graveyard::look_up::message;
use crate::graveyard::problems::Severity;
use crate::graveyard::{Lessons, Problem, Sighting};
use crate::text::{Encoding, FilePath, LineIndex};
use crate::workspace::Snapshot;

/// Finds code that repeats a mistake of a lesson, and problems of the graveyards themselves. Exits 1 when code
/// repeats one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic graveyard check tests/ --format sarif > graveyard.sarif")]
pub struct Args {
    /// Files and folders; the whole project without one.
    paths: Vec<PathBuf>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What the output is for.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs; documented in docs/json.md.
    Json,
    /// GitHub workflow commands, which annotate a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// A repeated mistake with its place.
struct Repeat {
    path: FilePath,
    /// 1-based, in UTF-16 units as SARIF and GitHub count.
    start: (u32, u32),
    end: (u32, u32),
    /// Lines of other parts of the mistake: a hover shows the lesson there, too.
    also: Vec<u32>,
    code: String,
    is_mechanical: bool,
    sighting: Sighting,
}

/// Prints repeats and problems.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let lessons = Lessons::new(snapshot.lessons());
    let files = files(&snapshot, &args.paths)?;
    let repeats: Vec<Repeat> = files.par_iter().flat_map_iter(|path| repeats(&snapshot, &lessons, path)).collect();
    match args.format {
        Format::Human => human(&snapshot, &repeats, files.len()),
        Format::Json => out::println!("{:#}", as_json(&snapshot, &repeats)),
        Format::Github => github(&repeats),
        Format::Sarif => out::println!("{:#}", sarif(&repeats)),
    }
    Ok(if repeats.is_empty() { OK } else { FAILURES })
}

fn files(snapshot: &Snapshot, paths: &[PathBuf]) -> Result<Vec<FilePath>, Failed> {
    let all = snapshot.python_files();
    if paths.is_empty() {
        return Ok(all);
    }
    let mut files = Vec::new();
    for path in paths {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        if !full.exists() {
            let message = format!("{} does not exist; name files or folders of the project", path.display());
            return Err(Failed::usage(message));
        }
        let name = snapshot.file_path(&full.to_string_lossy());
        let is_root = snapshot.root().is_some_and(|root| *root == *full);
        let below = format!("{name}/");
        let before = files.len();
        files.extend(all.iter().filter(|file| is_root || **file == name || file.as_str().starts_with(&below)).cloned());
        if files.len() == before && full.is_file() {
            files.push(name);
        }
    }
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

fn repeats(snapshot: &Snapshot, lessons: &Lessons, path: &FilePath) -> Vec<Repeat> {
    let Some(source) = snapshot.source(path) else { return Vec::new() };
    let (text, lines) = (source.text(), source.lines());
    let found = lessons.find(path, &source);
    let repeat = |sighting: &Sighting| {
        let range = sighting.range();
        let at = |offset| position(text, lines, offset);
        let code = source.code_on_line(source.line_of(range.start)).map(|line| text[line].to_string());
        let mut also: Vec<u32> = sighting.places().iter().map(|place| at(place.start).0).collect();
        also.retain(|line| *line < at(range.start).0 || at(range.end).0 < *line);
        also.sort_unstable();
        also.dedup();
        Repeat {
            path: path.clone(),
            also,
            start: at(range.start),
            end: at(range.end),
            code: code.unwrap_or_default(),
            is_mechanical: sighting.edits(path).is_some(),
            sighting: sighting.clone(),
        }
    };
    found.iter().map(repeat).collect()
}

fn position(text: &str, lines: &LineIndex, offset: usize) -> (u32, u32) {
    let position = lines.position(text, offset, Encoding::Utf16);
    (position.line + 1, position.character + 1)
}

fn human(snapshot: &Snapshot, repeats: &[Repeat], files: usize) {
    for repeat in repeats {
        let lesson = repeat.sighting.lesson();
        let fixable = if repeat.is_mechanical { " [quick fix]" } else { "" };
        out::println!(
            "{PLACE}{}:{}:{}{RESET} {BAD}{}{RESET}{fixable}",
            repeat.path,
            repeat.start.0,
            repeat.start.1,
            lesson.title
        );
        let lines: Vec<String> = repeat.also.iter().map(u32::to_string).collect();
        let also =
            if lines.is_empty() { String::new() } else { format!("  {DIM}with line {}{RESET}", lines.join(", ")) };
        out::println!("    {}{also}", repeat.code);
        if let Some(rule) = lesson.how_to_avoid.lines().next() {
            out::println!("    {NOTE}{rule}{RESET} {DIM}({}){RESET}", place(&repeat.sighting.graveyard, lesson));
        }
    }
    for (path, line, problem) in problems(snapshot).filter(|(_, _, problem)| problem.severity() != Severity::Hint) {
        out::println!(
            "{PLACE}{path}:{line}{RESET} {NOTE}{}{RESET} {DIM}[{}]{RESET}",
            problem.message(),
            problem.code()
        );
    }
    let lessons: usize = snapshot.lessons().iter().map(|graveyard| graveyard.lessons.len()).sum();
    let mut repeated: Vec<String> = repeats.iter().map(|repeat| repeat.sighting.lesson().slug()).collect();
    repeated.sort_unstable();
    repeated.dedup();
    let (found, lessons, files) =
        (counted(repeats.len(), "repeat"), counted(lessons, "lesson"), counted(files, "file"));
    out::println!("{found} of {} of {lessons} in {files}", repeated.len());
}

/// `1 file`, `2 files`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The problems of all graveyards with their file and 1-based line.
fn problems(snapshot: &Snapshot) -> impl Iterator<Item = (FilePath, usize, &Problem)> {
    snapshot.lessons().iter().flat_map(|graveyard| {
        let path = graveyard.path.clone().unwrap_or_else(|| FilePath::new(crate::workspace::graveyards::FILE));
        let lines = snapshot.text(&path).map(|text| LineIndex::new(&text));
        graveyard.problems.iter().map(move |problem| {
            let line = lines.as_ref().map_or(0, |lines| lines.line_at(problem.range.start));
            (path.clone(), line + 1, problem)
        })
    })
}

fn as_json(snapshot: &Snapshot, repeats: &[Repeat]) -> Value {
    let found = repeats.iter().map(|repeat| {
        json!({
            "path": repeat.path,
            "line": repeat.start.0,
            "column": repeat.start.1,
            "end_line": repeat.end.0,
            "end_column": repeat.end.1,
            "also_lines": repeat.also,
            "code": repeat.code,
            "fixable": repeat.is_mechanical,
            "lesson": super::json(&repeat.sighting.graveyard, repeat.sighting.lesson()),
        })
    });
    let problems = problems(snapshot).map(|(path, line, problem)| {
        json!({"path": path, "line": line, "code": problem.code(), "message": problem.message()})
    });
    json!({"schema": 1, "repeats": found.collect::<Vec<_>>(), "problems": problems.collect::<Vec<_>>()})
}

fn github(repeats: &[Repeat]) {
    for repeat in repeats {
        let lesson = repeat.sighting.lesson();
        out::println!(
            "::warning file={},line={},endLine={},col={},title={}::{}",
            property(repeat.path.as_str()),
            repeat.start.0,
            repeat.end.0,
            repeat.start.1,
            property(&lesson.title),
            data(&message(lesson))
        );
    }
}

/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>: what ends a value is encoded.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn sarif(repeats: &[Repeat]) -> Value {
    let mut rules: Vec<(String, &Sighting)> =
        repeats.iter().map(|repeat| (repeat.sighting.lesson().slug(), &repeat.sighting)).collect();
    rules.sort_by(|a, b| a.0.cmp(&b.0));
    rules.dedup_by(|a, b| a.0 == b.0);
    let described = rules.iter().map(|(slug, sighting)| {
        let lesson = sighting.lesson();
        json!({
            "id": slug,
            "shortDescription": {"text": lesson.title},
            "fullDescription": {"text": lesson.what_went_wrong},
            "help": {"text": format!("{}\n\n{}", lesson.how_to_avoid, lesson.correct_code)},
            "defaultConfiguration": {"level": "warning"},
        })
    });
    let results = repeats.iter().map(|repeat| {
        json!({
            "ruleId": repeat.sighting.lesson().slug(),
            "level": "warning",
            "message": {"text": message(repeat.sighting.lesson())},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": repeat.path, "uriBaseId": "SRCROOT"},
                "region": {
                    "startLine": repeat.start.0, "startColumn": repeat.start.1,
                    "endLine": repeat.end.0, "endColumn": repeat.end.1,
                },
            }}],
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pytest-medic",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described.collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}
