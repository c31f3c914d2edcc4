//! `graveyard search`: lessons by words and by code.

use std::sync::Arc;

use serde_json::Value;

use super::super::style::{DIM, PLACE, RESET, STRONG};
use super::super::{FAILURES, Failed, OK, Output, out, project};
use super::place;
use crate::graveyard::look_up::rules_of;
use crate::graveyard::{Graveyard, Lesson};
use crate::rules::RuleSet;
use crate::syntax::Source;
use crate::workspace::Snapshot;

/// Searches the lessons by words, or by a piece of code that may repeat a mistake.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic graveyard search timeout vm\n  pytest-medic graveyard search 'cart.totl()'"
)]
pub struct Args {
    /// Words or code.
    #[arg(required = true)]
    query: Vec<String>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// Prints the lessons that fit, best first; 1 where none does.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let found = found(&snapshot, &args.query.join(" "));
    match args.format {
        Output::Json => out::println!("{:#}", as_json(&found)),
        Output::Human if found.is_empty() => {
            out::eprintln!("no lesson fits `{}`; `pytest-medic graveyard list` shows all", args.query.join(" "));
        }
        Output::Human => {
            for (graveyard, lesson) in &found {
                let (place, rule) = (place(graveyard, lesson), lesson.how_to_avoid.lines().next().unwrap_or_default());
                out::println!("{PLACE}{place}{RESET} {STRONG}{}{RESET}\n    {DIM}{rule}{RESET}", lesson.title);
            }
        }
    }
    Ok(if found.is_empty() { FAILURES } else { OK })
}

/// A lesson with the file it stands in.
type Found<'a> = (&'a Graveyard, &'a Lesson);

/// The lessons that fit, best first.
pub(in crate::cli) fn found<'a>(snapshot: &'a Snapshot, query: &str) -> Vec<Found<'a>> {
    let graveyards = snapshot.lessons().iter().map(Arc::as_ref);
    let all = graveyards.flat_map(|graveyard| graveyard.lessons.iter().map(move |lesson| (graveyard, lesson)));
    let mut found: Vec<_> = all.filter_map(|found| Some((rank(found.1, query)?, found))).collect();
    found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    found.into_iter().map(|(_, found)| found).collect()
}

/// As `--format json` prints them.
pub(in crate::cli) fn as_json(found: &[Found<'_>]) -> Value {
    found.iter().map(|(graveyard, lesson)| super::json(graveyard, lesson)).collect()
}

/// How well a lesson fits: code that repeats its mistake first, then words in the title, in the code, in the prose.
fn rank(lesson: &Lesson, query: &str) -> Option<usize> {
    let repeats = || !RuleSet::new(rules_of(lesson)).find(&Source::parse(format!("{query}\n"))).is_empty();
    let is_code = query.contains(['(', '.', '=', '_']);
    if is_code && repeats() {
        return Some(1000);
    }
    let lower = |text: &str| text.to_lowercase();
    let title = lower(&lesson.title);
    let code = lower(&format!("{}\n{}", lesson.wrong_code, lesson.correct_code));
    let prose = lower(
        &[&lesson.what_went_wrong, &lesson.lesson_learned, &lesson.how_to_avoid, &lesson.category, &lesson.test]
            .map(String::as_str)
            .join("\n"),
    );
    let words: Vec<String> = lower(query)
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    let score = |word: &String| {
        let places = [(&title, 10), (&code, 4), (&prose, 2)];
        places.iter().filter(|(text, _)| text.contains(word.as_str())).map(|(_, weight)| weight).sum::<usize>()
    };
    let scores: Vec<usize> = words.iter().map(score).collect();
    (!scores.is_empty() && scores.iter().all(|score| *score > 0)).then(|| scores.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_ranks_before_words_and_every_word_must_fit() {
        let lesson = Lesson {
            title: "totl is called total".into(),
            wrong_code: "cart.totl()".into(),
            correct_code: "cart.total()".into(),
            ..Lesson::default()
        };
        assert_eq!(rank(&lesson, "assert self.basket.totl() == 3"), Some(1000));
        assert!(rank(&lesson, "totl cart").is_some());
        assert_eq!(rank(&lesson, "totl disk"), None);
        assert_eq!(rank(&lesson, "basket.total()"), None);
    }
}
