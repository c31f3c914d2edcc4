//! The page of a strategy, made from the strategy itself: for `explain` and docs/strategies.md.

use crate::diagnosis::{CATEGORIES, Category};

use super::{STRATEGIES, Strategy};

/// The strategy with this id.
pub fn by_id(id: &str) -> Option<&'static Strategy> {
    STRATEGIES.iter().copied().find(|strategy| strategy.id == id)
}

/// One page as markdown: what it does, what it reads, the example with the log and the change.
pub fn page(strategy: &Strategy) -> String {
    let categories: Vec<String> = strategy.categories.iter().map(|category| format!("`{category:?}`")).collect();
    let mut text = format!("## {}\n\n{}\n\nReads: {}.\n", strategy.id, strategy.summary, categories.join(", "));
    for section in format!("\n{}", strategy.example.trim_start()).split("\n#- ").skip(1) {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        let body = body.replace("$0", "");
        let (title, language) = match name.trim() {
            "healed" => ("The heal:".to_string(), "diff"),
            name if name.starts_with("test_run") => ("What pytest printed:".to_string(), "text"),
            name => match name.strip_prefix("before: ") {
                Some(path) => (format!("`{path}`, one commit ago:"), language(path)),
                None => (format!("`{name}`:"), language(name)),
            },
        };
        text += &format!("\n{title}\n\n```{language}\n{}\n```\n", body.trim_end());
    }
    text
}

/// The language of a block, by the name of its file.
fn language(path: &str) -> &str {
    match path.rsplit('.').next() {
        Some("py") => "python",
        Some(extension @ ("go" | "json" | "toml" | "yaml" | "ini")) => extension,
        Some("md") => "markdown",
        _ => "text",
    }
}

/// The page of a category as markdown: what it means, and each strategy that reads it.
pub fn category_page(category: Category) -> String {
    let meaning = CATEGORIES.iter().find(|(known, _)| *known == category).map_or("", |(_, meaning)| meaning);
    let reading = || STRATEGIES.iter().filter(|strategy| strategy.categories.contains(&category));
    let mut text = format!("# {category:?}\n\npytest-medic says {category:?} where {meaning}.\n\n");
    if reading().next().is_none() {
        return text + "No strategy edits a test for it; the diagnosis says who should act.\n";
    }
    text += "These strategies may heal the test, each shown below:\n\n";
    reading().for_each(|strategy| text += &format!("- `{}`: {}\n", strategy.id, strategy.summary));
    reading().for_each(|strategy| text += &format!("\n{}", page(strategy)));
    text
}

/// docs/strategies.md.
pub fn book() -> String {
    let mut text = String::from(
        "# Strategies\n\nEvery way in which pytest-medic heals a test, with an example that a test plays. This page is made from\n\
         src/strategies: `UPDATE_EXPECT=1 cargo test --lib strategies` writes it anew.\n",
    );
    for strategy in STRATEGIES {
        text += &format!("\n{}", page(strategy));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_in_docs_is_the_one_that_the_strategies_make() {
        expect_test::expect_file!["../../docs/strategies.md"].assert_eq(&book());
    }

    #[test]
    fn a_page_shows_the_change() {
        let page = page(by_id("attribute-rename").unwrap());
        assert!(page.contains("```diff\n-    assert Cart().totl() == 0\n+"), "{page}");
    }

    #[test]
    fn a_category_leads_to_its_strategies() {
        let page = category_page(Category::AttributeError);
        assert!(page.starts_with("# AttributeError\n\npytest-medic says AttributeError where an object"), "{page}");
        assert!(page.contains("- `attribute-rename`: ") && page.contains("\n## attribute-rename\n"), "{page}");
        assert!(CATEGORIES.iter().all(|(category, _)| category_page(*category).len() > 60));
    }
}
