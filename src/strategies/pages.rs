//! The page of a strategy, made from the strategy itself: for `explain` and docs/strategies.md.

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
}
