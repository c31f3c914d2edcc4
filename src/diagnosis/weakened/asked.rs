//! What a definition asks of what it is given: attributes, keys, and what it compares with.

use std::collections::BTreeSet;

use crate::syntax::tokens::{is_name, string_body, tokens};

use super::Definition;
use super::texts::spread;

/// Whether a function reads another attribute, or compares with another text, where both are known before and after:
/// neither took the place of the other.
pub(super) fn asks_other(before: &Definition, after: &Definition) -> Option<String> {
    before.item.signature.as_ref()?;
    if let Some(other) = other_key(before, after) {
        return Some(other);
    }
    let (was, is) = (spread(&before.code), spread(&after.code));
    let (read, reads) = (attributes(&was), attributes(&is));
    let (compared, compares) = (compared(&was), compared(&is));
    let are_known = |was: &str, is: &str| {
        let says = |file: &str, word: &str| tokens(file).contains(&word);
        was != is && says(&after.file, was) && says(&before.file, is)
    };
    // `a.x == b.x and a.y == b.y` reads what `(a.x, a.y) == (b.x, b.y)` does.
    let all = |names: &'_ [&str]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<_>>();
    let is_paired = before.item.name.starts_with("__") && all(&read) == all(&reads);
    let pairs = (read.len() == reads.len() && !is_paired).then(|| read.into_iter().zip(reads)).into_iter().flatten();
    let texts = (compared.len() == compares.len()).then(|| compared.into_iter().zip(compares)).into_iter().flatten();
    let is_own = |was: &str, is: &str| was == before.name && is == after.name;
    let (was, is) = pairs.chain(texts).find(|(was, is)| are_known(was, is) && !is_own(was, is))?;
    Some(format!("has `{is}` where it had `{was}`"))
}

/// The attributes that are read, in their order.
fn attributes<'t>(tokens: &[&'t str]) -> Vec<&'t str> {
    let called = |index: usize| tokens.get(index + 2) == Some(&"(");
    let pairs = tokens.windows(2).enumerate();
    pairs
        .filter(|(index, pair)| pair[0] == "." && is_name(pair[1]) && !called(*index))
        .map(|(_, pair)| pair[1])
        .collect()
}

/// The texts that are compared with, in their order.
fn compared<'t>(tokens: &[&'t str]) -> Vec<&'t str> {
    let pairs = tokens.windows(2);
    pairs.filter(|pair| matches!(pair[0], "==" | "!=") && string_body(pair[1]).is_some()).map(|pair| pair[1]).collect()
}

/// The key that came in the place of another one, though the file read it before as well: it is no new name.
fn other_key(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = (keys(&before.code), keys(&after.code));
    let gone: Vec<_> = was.difference(&is).collect();
    let came: Vec<_> = is.difference(&was).collect();
    let ([gone], [came]) = (gone.as_slice(), came.as_slice()) else { return None };
    keys(&before.file).contains(*came).then(|| format!("reads `{came}` where it read `{gone}`"))
}

/// The keys that code asks for: `"net"` of `row["net"]`.
fn keys(code: &str) -> BTreeSet<&str> {
    let tokens = spread(code);
    let is_object = |token: &str| is_name(token) || matches!(token, ")" | "]");
    let items = tokens.windows(4).filter(|four| is_object(four[0]) && four[1] == "[" && four[3] == "]");
    items.filter_map(|four| string_body(four[2])).collect()
}
