//! A caller that was moved to something else: to the opposite, past what it asked for before, away from the product.

use std::collections::HashSet;

use crate::diagnosis::product;
use crate::strategies::{Context, sense};
use crate::syntax::tokens::tokens;
use crate::workspace::history::Migration;
use crate::workspace::opposites::say_the_opposite;

/// Whether the caller does another thing since: a test that follows would check that one.
pub(super) fn is_another(ctx: &Context<'_>, example: &Migration) -> bool {
    let (before, after) = (example.before.as_str(), example.after.as_str());
    say_the_opposite(before, after)
        || brings_a_switch(before, after)
        || leaves_the_product(ctx, before, after)
        || sense::caller_checks_less(ctx, before, after)
}

/// Whether it passes a truth value that it did not pass before.
fn brings_a_switch(before: &str, after: &str) -> bool {
    let count = |text: &str| tokens(text).iter().filter(|token| matches!(**token, "True" | "False")).count();
    count(after) > count(before)
}

/// Whether it called what the product took away, and calls nothing of the product now.
fn leaves_the_product(ctx: &Context<'_>, before: &str, after: &str) -> bool {
    let (was, is) = (called(before), called(after));
    let mut lost = was.iter().filter(|name| !is.contains(*name));
    lost.any(|name| product::removal(ctx.snapshot, &ctx.site.path, name).is_some())
        && !is.iter().any(|name| ctx.is_of_product(name))
}

/// The names before an opening parenthesis.
fn called(text: &str) -> HashSet<&str> {
    let tokens = tokens(text);
    let calls = tokens.windows(2).filter(|pair| pair[1] == "(" && pair[0].starts_with(char::is_alphabetic));
    calls.map(|pair| pair[0]).collect()
}
