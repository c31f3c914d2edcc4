//! What was taken out of a function into a helper of its file is still done by it.

use std::collections::HashSet;

use crate::syntax::Source;
use crate::syntax::outline::Outline;
use crate::syntax::tokens::tokens;

/// A helper may have helpers: so deep is looked.
const MOST_DEPTH: usize = 3;

/// Code of `file`, and below it what it calls of the functions that `other`, the file at another time, does not have.
pub fn with_helpers(code: &str, file: &str, other: &str) -> String {
    let (known, inner) = (defined(other), defined(code));
    let is_own = |name: &&str| !known.contains(name) && !inner.contains(name);
    let mut own: HashSet<&str> = defined(file).into_iter().filter(is_own).collect();
    let mut found = code.to_string();
    if !own.iter().any(|name| calls(code, name)) {
        return found;
    }
    let outline = Outline::of(&Source::parse(file));
    for _ in 0..MOST_DEPTH {
        let called: Vec<&str> = own.iter().copied().filter(|name| calls(&found, name)).collect();
        for item in outline.items.iter().filter(|item| called.contains(&item.name.as_str())) {
            found.push('\n');
            found.push_str(file.get(item.span.clone()).unwrap_or_default());
        }
        own.retain(|name| !called.contains(name));
    }
    found
}

/// The functions that a text defines.
fn defined(text: &str) -> HashSet<&str> {
    tokens(text).windows(2).filter(|pair| pair[0] == "def").map(|pair| pair[1]).collect()
}

fn calls(code: &str, name: &str) -> bool {
    let tokens = tokens(code);
    let is_defined = |index: usize| index > 0 && tokens[index - 1] == "def";
    tokens.windows(2).enumerate().any(|(index, pair)| pair == [name, "("] && !is_defined(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_came_belongs_to_what_calls_it() {
        let was = "def pay(n):\n    if n < 0:\n        raise ValueError\n    return old(n)\n\ndef old(n): return n\n";
        let is = "def pay(n):\n    check(n)\n    return old(n)\n\ndef check(n):\n    deny(n)\n\ndef deny(n):\n    raise ValueError\n\ndef old(n): return n\n";
        let pay = "def pay(n):\n    check(n)\n    return old(n)";
        let whole = format!("{pay}\ndef check(n):\n    deny(n)\ndef deny(n):\n    raise ValueError");
        assert_eq!(with_helpers(pay, is, was), whole);
        assert_eq!(with_helpers(pay, is, is), pay);
        assert_eq!(with_helpers("def pay(n): return n", is, was), "def pay(n): return n");
    }
}
