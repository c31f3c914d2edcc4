//! `pytest-medic graveyard …`: the team's lessons from the shell.

mod add;
mod check;
mod list;
pub(super) mod search;

use super::Failed;
use crate::graveyard::{Graveyard, Lesson};
use crate::workspace::graveyards;

/// Finds repeated mistakes, lists and searches lessons, adds one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic graveyard check tests/\n  pytest-medic graveyard search \"status code\"\n  \
    pytest-medic graveyard add --from-diff HEAD~1 tests/test_cart.py"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Check(check::Args),
    List(list::Args),
    Search(search::Args),
    Add(Box<add::Args>),
}

/// Runs one of the subcommands.
pub fn run(args: &Args) -> Result<u8, Failed> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::List(args) => list::run(args),
        Command::Search(args) => search::run(args),
        Command::Add(args) => add::run(args),
    }
}

/// `GRAVEYARD.md:12`.
fn place(graveyard: &Graveyard, lesson: &Lesson) -> String {
    let path = graveyard.path.as_ref().map_or(graveyards::FILE, |path| path.as_str());
    format!("{path}:{}", lesson.line)
}

/// A lesson for programs.
fn json(graveyard: &Graveyard, lesson: &Lesson) -> serde_json::Value {
    serde_json::json!({
        "title": lesson.title,
        "slug": lesson.slug(),
        "category": lesson.category,
        "date": lesson.date,
        "test": lesson.test,
        "path": graveyard.path,
        "line": lesson.line,
        "what_went_wrong": lesson.what_went_wrong,
        "wrong_code": lesson.wrong_code,
        "correct_code": lesson.correct_code,
        "lesson_learned": lesson.lesson_learned,
        "how_to_avoid": lesson.how_to_avoid,
    })
}
