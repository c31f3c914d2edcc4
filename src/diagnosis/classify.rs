//! From an exception to a category, a verdict and the name it is about.

use crate::report::Failure;

use super::{Category, Verdict};

/// The category, by the exception's type and message.
pub fn category(failure: &Failure) -> Category {
    match failure.exc_type.as_deref().unwrap_or_default() {
        "ImportError" | "ModuleNotFoundError" => Category::ImportError,
        "AttributeError" => Category::AttributeError,
        "NameError" | "UnboundLocalError" => Category::NameError,
        "TypeError" => Category::TypeError,
        "AssertionError" | "Failed" => Category::AssertionError,
        "KeyError" => Category::KeyError,
        "SyntaxError" | "IndentationError" | "TabError" => Category::SyntaxError,
        "FixtureLookupError" => Category::FixtureError,
        name if name.contains("Timeout") => Category::TimeoutError,
        _ => Category::Unknown,
    }
}

/// The name that the message is about.
pub fn subject(failure: &Failure, category: Category) -> Option<String> {
    let _ = category;
    let message = failure.message.as_deref()?;
    message.rsplit('\'').nth(1).map(str::to_string)
}

/// Who should act, as far as the failure itself tells.
pub fn verdict(failure: &Failure, category: Category) -> (Verdict, String) {
    let _ = (failure, category);
    (Verdict::Undecided, "no evidence found".to_string())
}
