//! A parameter that went with its branch: what a function did for the value that a test passes, it does without it too.

use std::collections::HashSet;

use crate::diagnosis::product;
use crate::syntax::tokens::{is_name, tokens};
use crate::syntax::{Source, descendants};
use crate::workspace::history::Change;

/// What a function does otherwise since a parameter went, of that which it did where the parameter was `given`.
pub fn otherwise_without(changes: &[Change], function: &str, parameter: &str, given: bool) -> Option<String> {
    changes.iter().find_map(|change| {
        let code = |text: &Option<_>| {
            let outline = product::outline_naming(text, function)?;
            let mut own = outline.items.iter().filter(|item| item.name == function && item.signature.is_some());
            let item = own.next().filter(|_| own.next().is_none())?;
            Some(text.as_deref()?.get(item.span.clone())?.to_string())
        };
        let (before, after) = (code(&change.before)?, code(&change.after)?);
        (!tokens(&after).contains(&parameter)).then(|| otherwise(&before, &after, parameter, given))?
    })
}

fn otherwise(before: &str, after: &str, parameter: &str, given: bool) -> Option<String> {
    let source = &Source::parse(before);
    let does = called(after);
    descendants(source.root()).filter(|node| node.kind() == "if_statement").find_map(|branch| {
        let condition = source.slice(branch.child_by_field_name("condition")?);
        let block = source.slice(branch.child_by_field_name("consequence")?);
        let asked = tokens(condition);
        if !asked.contains(&parameter) || asked.contains(&"or") {
            return None;
        }
        let is_negated = asked.windows(2).any(|pair| pair == ["not", parameter]);
        let whole = branch.byte_range();
        let rest = format!("{}\n{}", &before[..whole.start], &before[whole.end..]);
        let (mut done, elsewhere) = (called(block), called(&rest));
        if given != is_negated {
            done.extend(called(condition));
            let lost = done.into_iter().filter(|name| !does.contains(name)).min()?;
            return Some(format!("does not call `{lost}` any more"));
        }
        let came = done.into_iter().filter(|name| !elsewhere.contains(name) && does.contains(name)).min()?;
        Some(format!("calls `{came}` without being asked"))
    })
}

/// The names that code calls.
fn called(code: &str) -> HashSet<&str> {
    let tokens = tokens(code);
    let calls = (1..tokens.len()).filter(|&at| tokens[at] == "(" && is_name(tokens[at - 1]));
    calls.filter(|&at| at < 2 || tokens[at - 2] != "def").map(|at| tokens[at - 1]).filter(|it| *it != "print").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_followed_by_the_value_that_was_passed() {
        let before = "def find(rows, fold=False):\n    if fold:\n        rows = lowered(rows)\n    return pick(rows)\n";
        let folds = "def find(rows):\n    return pick(lowered(rows))\n";
        let plain = "def find(rows):\n    return pick(rows)\n";
        assert!(otherwise(before, folds, "fold", false).is_some() && otherwise(before, plain, "fold", true).is_some());
        assert!(otherwise(before, folds, "fold", true).is_none() && otherwise(before, plain, "fold", false).is_none());
    }
}
