//! `pytest-medic explain ID`: the page of a strategy or a category.

use super::{Failed, OK, out};
use crate::diagnosis::CATEGORIES;
use crate::strategies::{STRATEGIES, pages};
use crate::workspace::similar_names::similar;

/// Shows what a strategy does, with an example, or which strategies read a category.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  pytest-medic explain attribute-rename\n  pytest-medic explain TypeError")]
pub struct Args {
    /// The id of a strategy or the name of a category; without one, all are listed.
    #[arg(value_name = "ID")]
    id: Option<String>,
}

/// Prints one page.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let text = match &args.id {
        None => format!("{}\n{}", list(|_| true), categories()),
        Some(id) => explain(id)?,
    };
    out::print!("{text}");
    Ok(OK)
}

fn explain(id: &str) -> Result<String, Failed> {
    if let Some(strategy) = pages::by_id(id) {
        return Ok(pages::page(strategy));
    }
    if let Some((category, meaning)) = CATEGORIES.iter().find(|(category, _)| format!("{category:?}") == id) {
        let strategies = list(|strategy| strategy.categories.contains(category));
        let none = if strategies.is_empty() {
            "No strategy edits a test for it; the diagnosis says who should act.\n"
        } else {
            ""
        };
        return Ok(format!("{id}: {meaning}\n\n{strategies}{none}"));
    }
    let categories: Vec<String> = CATEGORIES.iter().map(|(category, _)| format!("{category:?}")).collect();
    let known = STRATEGIES.iter().map(|strategy| strategy.id).chain(categories.iter().map(String::as_str));
    let near = similar(id, known).first().map(|near| format!("did you mean `{}`? ", near.name)).unwrap_or_default();
    Err(Failed::usage(format!("no strategy or category is called `{id}`; {near}`pytest-medic explain` lists them all")))
}

fn categories() -> String {
    CATEGORIES.iter().map(|(category, meaning)| format!("{:<24} {meaning}\n", format!("{category:?}"))).collect()
}

fn list(wanted: impl Fn(&crate::strategies::Strategy) -> bool) -> String {
    let line = |strategy: &&crate::strategies::Strategy| format!("{:<24} {}\n", strategy.id, strategy.summary);
    STRATEGIES.iter().copied().filter(|strategy| wanted(strategy)).map(|strategy| line(&strategy)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_off_by_a_letter_is_told_the_right_one() {
        let error = explain("attribute-renam").unwrap_err();
        assert!(error.message.contains("did you mean `attribute-rename`?"), "{error}");
        let error = explain("zzzz").unwrap_err();
        assert_eq!(error.message, "no strategy or category is called `zzzz`; `pytest-medic explain` lists them all");
    }

    #[test]
    fn every_category_has_a_page() {
        for (category, _) in CATEGORIES {
            assert!(explain(&format!("{category:?}")).unwrap().len() > 40);
        }
    }
}
