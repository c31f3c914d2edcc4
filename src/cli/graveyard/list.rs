//! `graveyard list`: every lesson on a line.

use serde_json::json;

use super::super::style::{DIM, PLACE, RESET, STRONG};
use super::super::{Failed, OK, Output, out, project};
use super::place;
use crate::graveyard::look_up::rules_of;
use crate::graveyard::{CATEGORIES, Lesson};

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

/// Refuses a category that neither the format nor any of the lessons knows: a slip would look like "no lessons".
fn known<'l>(name: &str, lessons: impl Iterator<Item = &'l Lesson>) -> Result<(), Failed> {
    let mut categories: Vec<&str> =
        CATEGORIES.into_iter().chain(lessons.map(|lesson| lesson.category.as_str())).collect();
    if categories.iter().any(|category| category.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let mut seen = std::collections::HashSet::new();
    categories.retain(|category| !category.is_empty() && seen.insert(*category));
    Err(Failed::usage(format!("there is no category `{name}`; categories are {}", categories.join(", "))))
}

/// Prints the lessons, nearest graveyard first.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    if let Some(name) = &args.category {
        known(name, snapshot.lessons().iter().flat_map(|graveyard| &graveyard.lessons))?;
    }
    let wanted =
        |lesson: &&Lesson| args.category.as_ref().is_none_or(|name| lesson.category.eq_ignore_ascii_case(name));
    let all =
        snapshot.lessons().iter().flat_map(|graveyard| graveyard.lessons.iter().map(move |lesson| (graveyard, lesson)));
    let lessons = all.filter(|(_, lesson)| wanted(lesson));
    match args.format {
        Output::Json => {
            let lessons: Vec<_> = lessons.map(|(graveyard, lesson)| super::json(graveyard, lesson)).collect();
            out::println!("{:#}", json!(lessons));
        }
        Output::Human => {
            let mut lessons = lessons.peekable();
            if lessons.peek().is_none() {
                out::eprintln!("no lessons; `pytest-medic graveyard add --help` tells how to write one");
            }
            for (graveyard, lesson) in lessons {
                let note = if rules_of(lesson).is_empty() { " (prose only)" } else { "" };
                out::println!(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_that_nobody_knows_is_refused() {
        let own = [Lesson { category: "Ours".to_string(), ..Lesson::default() }];
        assert!(known("importerror", own.iter()).is_ok() && known("ours", own.iter()).is_ok());
        let error = known("Foo", own.iter()).unwrap_err().message;
        assert!(error.starts_with("there is no category `Foo`; categories are ImportError, "), "{error}");
        assert!(error.ends_with(", LogicError, Ours"), "{error}");
    }
}
