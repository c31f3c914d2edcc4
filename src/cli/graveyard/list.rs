//! `graveyard list`: every lesson on a line.

use serde_json::json;

use super::super::style::{DIM, PLACE, RESET, STRONG};
use super::super::{Failed, OK, Output, project};
use super::place;
use crate::graveyard::Lesson;
use crate::graveyard::look_up::rules_of;

/// Lists the lessons of the project's graveyards.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic graveyard list --category ImportError")]
pub struct Args {
    /// Only lessons of this category.
    #[arg(long)]
    category: Option<String>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// Prints the lessons, nearest graveyard first.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let wanted =
        |lesson: &&Lesson| args.category.as_ref().is_none_or(|name| lesson.category.eq_ignore_ascii_case(name));
    let all =
        snapshot.lessons().iter().flat_map(|graveyard| graveyard.lessons.iter().map(move |lesson| (graveyard, lesson)));
    let lessons = all.filter(|(_, lesson)| wanted(lesson));
    match args.format {
        Output::Json => {
            let lessons: Vec<_> = lessons.map(|(graveyard, lesson)| super::json(graveyard, lesson)).collect();
            anstream::println!("{:#}", json!(lessons));
        }
        Output::Human => {
            let mut lessons = lessons.peekable();
            if lessons.peek().is_none() {
                anstream::eprintln!("no lessons; `pytest-medic graveyard add --help` tells how to write one");
            }
            for (graveyard, lesson) in lessons {
                let note = if rules_of(lesson).is_empty() { " (prose only)" } else { "" };
                anstream::println!(
                    "{PLACE}{}{RESET} {STRONG}{}{RESET} {DIM}{} {}{note}{RESET}",
                    place(graveyard, lesson),
                    lesson.title,
                    lesson.category,
                    lesson.date
                );
            }
        }
    }
    Ok(OK)
}
