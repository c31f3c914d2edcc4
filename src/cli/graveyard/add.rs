//! `graveyard add`: one lesson, from flags, from an entry on stdin, or from a git diff of a test.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use super::super::style::{DIM, NOTE, PLACE, RESET};
use super::super::{Failed, OK, out, project};
use crate::graveyard::write::entry;
use crate::graveyard::{CATEGORIES, Graveyard, Lesson, Mistake, category_of};
use crate::heal::clock;
use crate::heal::lesson::{Recorded, changed, record};
use crate::text::FilePath;
use crate::workspace::graveyards::FILE;

/// Appends one lesson to the graveyard at the project's root: from flags, else from an entry in the file's own
/// format on stdin. The same mistake becomes a note on the entry that is there.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic graveyard add < entry.md\n  pytest-medic graveyard add --from-diff HEAD~1 \
    tests/test_cart.py --dry-run"
)]
pub struct Args {
    /// A short description of the mistake.
    #[arg(long)]
    title: Option<String>,
    /// ImportError, AttributeError, TypeError, AssertionError, TimeoutError, FixtureError, ResourceError or LogicError.
    #[arg(long)]
    category: Option<String>,
    /// The node id of the test.
    #[arg(long)]
    test: Option<String>,
    /// What the code did wrong.
    #[arg(long)]
    what: Option<String>,
    /// The code that was wrong.
    #[arg(long)]
    wrong: Option<String>,
    /// The code that is right.
    #[arg(long)]
    correct: Option<String>,
    /// The insight.
    #[arg(long)]
    lesson: Option<String>,
    /// The rule to follow.
    #[arg(long)]
    avoid: Option<String>,
    /// Takes wrong and correct code from what changed in a test since this commit.
    #[arg(long, value_name = "COMMIT", num_args = 0..=1, default_missing_value = "HEAD", requires = "path")]
    from_diff: Option<String>,
    /// The test file, with --from-diff.
    path: Option<PathBuf>,
    /// Prints the entry and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Writes the lesson, or says what it lacks.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let root = snapshot.root().unwrap_or(std::path::Path::new("."));
    let mut lesson = match (&args.from_diff, &args.path) {
        (Some(commit), Some(path)) => from_diff(commit, path)?,
        _ if args.title.is_some() || args.wrong.is_some() => Lesson::default(),
        _ => from_stdin()?,
    };
    fill(&mut lesson, args)?;
    let lacks = lesson.lacks();
    if args.dry_run {
        out::print!("{}", entry(&lesson));
        if !lacks.is_empty() {
            out::eprintln!("{NOTE}still to write: {}{RESET}", lacks.join(", "));
        }
        return Ok(OK);
    }
    if !lacks.is_empty() {
        let flags = "--title, --category, --test, --what, --wrong, --correct, --lesson, --avoid";
        return Err(Failed::usage(format!("the lesson lacks {}; give them with {flags}", lacks.join(", "))));
    }
    let recorded = record(root, &lesson);
    let recorded = recorded.map_err(|why| Failed::usage(format!("{FILE} was not written: {why}")))?;
    let what = match recorded {
        Recorded::Entry => "new entry",
        Recorded::Note => "an entry tells this mistake already; noted there",
        Recorded::Nothing => "an entry tells all of this already",
    };
    out::println!("{PLACE}{FILE}{RESET} {} {DIM}({}; {what}){RESET}", lesson.title, lesson.category);
    Ok(OK)
}

fn fill(lesson: &mut Lesson, args: &Args) -> Result<(), Failed> {
    let flags = [
        (&args.title, &mut lesson.title),
        (&args.test, &mut lesson.test),
        (&args.what, &mut lesson.what_went_wrong),
        (&args.wrong, &mut lesson.wrong_code),
        (&args.correct, &mut lesson.correct_code),
        (&args.lesson, &mut lesson.lesson_learned),
        (&args.avoid, &mut lesson.how_to_avoid),
    ];
    for (flag, field) in flags {
        if let Some(value) = flag {
            field.clone_from(value);
        }
    }
    if let Some(category) = &args.category {
        let known = CATEGORIES.iter().find(|known| known.eq_ignore_ascii_case(category));
        lesson.category = known.ok_or_else(|| unknown_category(category))?.to_string();
    }
    if lesson.category.is_empty() {
        lesson.category = "LogicError".to_string();
    }
    if lesson.date.is_empty() {
        lesson.date = clock::date(std::time::SystemTime::now());
    }
    Ok(())
}

fn unknown_category(name: &str) -> Failed {
    let nearest = category_of(name);
    let allowed = CATEGORIES.join(", ");
    Failed::usage(format!("`{name}` is no category of the format; use one of {allowed}; the nearest is {nearest}"))
}

fn from_stdin() -> Result<Lesson, Failed> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        let message = "nothing to add; give --title and the sections as flags, or an entry on stdin";
        return Err(Failed::usage(message));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes).map_err(|error| Failed::usage(format!("stdin cannot be read: {error}")))?;
    let mut lessons = Graveyard::read(None, &bytes).lessons;
    match lessons.len() {
        1 => Ok(lessons.remove(0)),
        0 => Err(Failed::usage("stdin holds no entry; it begins with `## Entry: …`")),
        count => Err(Failed::usage(format!("stdin holds {count} entries; add one at a time"))),
    }
}

/// A draft from what changed in a file since a commit: its statements were wrong then and are right now.
fn from_diff(commit: &str, path: &PathBuf) -> Result<Lesson, Failed> {
    if commit.starts_with('-') {
        return Err(Failed::usage(format!("`{commit}` is no commit; name one such as HEAD~1")));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // `cat-file` runs none of the programs that a repository may configure.
    let output = Command::new("git")
        .args(["cat-file", "blob", &format!("{commit}:./{name}")])
        .current_dir(folder.unwrap_or(std::path::Path::new(".")))
        .output()
        .map_err(|error| {
            Failed::usage(format!("git cannot be run: {error}; install git or give --wrong and --correct"))
        })?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Failed::usage(format!("{} at {commit}: {}", path.display(), why.trim())));
    }
    let now = std::fs::read(path).map_err(|error| Failed::usage(format!("{}: {error}", path.display())))?;
    let (before, after) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&now));
    let name = FilePath::new(&path.to_string_lossy());
    let (wrong, correct) = changed(&name, &Arc::from(&*before), &after);
    if wrong.is_empty() && correct.is_empty() {
        let message = format!("{} did not change since {commit}; name an earlier commit", path.display());
        return Err(Failed::usage(message));
    }
    let rule = Lesson::of(&Mistake { wrong_code: &wrong, correct_code: &correct, ..Mistake::default() }).how_to_avoid;
    let test = name.to_string();
    Ok(Lesson { test, wrong_code: wrong, correct_code: correct, how_to_avoid: rule, ..Lesson::default() })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Args, Lesson, fill};

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        args: Args,
    }

    fn category(flag: &str) -> Result<String, String> {
        let mut lesson = Lesson::default();
        let flags = Flags::parse_from(["add", "--category", flag]);
        fill(&mut lesson, &flags.args).map(|()| lesson.category).map_err(|failed| failed.to_string())
    }

    #[test]
    fn a_category_of_the_format_is_taken_whatever_its_case() {
        assert_eq!(category("typeerror").as_deref(), Ok("TypeError"));
    }

    #[test]
    fn another_category_is_refused_with_those_that_there_are() {
        let why = category("KeyError").unwrap_err();
        assert!(why.contains("`KeyError` is no category") && why.contains("ImportError, AttributeError"), "{why}");
        assert!(category("banana").is_err());
    }
}
