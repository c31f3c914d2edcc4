//! Texts with values in them: `f"{name}"`, `"%s" % name`.

use crate::syntax::tokens::{string_body, tokens};

/// The tokens of code; what stands between the braces of an f-string follows it.
pub(super) fn spread(code: &str) -> Vec<&str> {
    spread_by(code, |hole| hole)
}

/// What is filled in between two braces, without how it is printed: `minutes` of `{minutes:02d}`.
pub(super) fn without_form(hole: &str) -> &str {
    let ends = |at: &usize| {
        let before = &hole[..*at];
        before.matches(['(', '[']).count() == before.matches([')', ']']).count()
    };
    let ends_there = hole.match_indices(':').map(|(at, _)| at).find(ends);
    let hole = &hole[..ends_there.unwrap_or(hole.len())];
    ["!r", "!s", "!a"].iter().find_map(|form| hole.strip_suffix(form)).unwrap_or(hole)
}

/// The same, of so much of a hole as `of_hole` tells.
pub(super) fn spread_by(code: &str, of_hole: fn(&str) -> &str) -> Vec<&str> {
    let mut found = Vec::new();
    for token in tokens(code) {
        found.push(token);
        let prefix = token.split(['"', '\'']).next().unwrap_or_default();
        if token.ends_with(['"', '\'']) && prefix.contains(['f', 'F']) {
            let holes = token.split('{').skip(1).map(|part| part.split('}').next().unwrap_or_default());
            found.extend(holes.map(of_hole).flat_map(tokens));
        }
    }
    found
}

/// How many texts of code are filled by `f""`, and how many by `format`.
pub(super) fn filled(code: &str) -> (usize, usize) {
    let tokens = tokens(code);
    let formats = |trio: &&[&str]| string_body(trio[0]).is_some() && trio[1..] == [".", "format"];
    (tokens.iter().filter(|token| is_template(token)).count(), tokens.windows(3).filter(formats).count())
}

/// Whether a token is a text with values in it: `f"{name}"`.
fn is_template(token: &str) -> bool {
    token.split(['"', '\'']).next().is_some_and(|prefix| prefix.contains(['f', 'F'])) && token.contains('{')
}

/// Whether code cuts a path to its last part, or sees where it leads.
pub(super) fn keeps_in_folder(code: &str) -> bool {
    const WORDS: [&str; 7] =
        ["basename", "secure_filename", "is_relative_to", "relative_to", "commonpath", "realpath", "resolve"];
    let tokens = tokens(code);
    tokens.iter().any(|token| WORDS.contains(token)) || tokens.windows(3).any(|trio| trio == [")", ".", "name"])
}

/// Whether a token only puts a text together: `"%s" % name`, `"{}".format(name)`, `"a" + str(b)`.
pub(super) fn is_filling(tokens: &[&str], index: usize) -> bool {
    let is_text =
        |index: Option<usize>| index.and_then(|at| tokens.get(at)).is_some_and(|at| string_body(at).is_some());
    match tokens[index] {
        "%" => is_text(index.checked_sub(1)),
        "+" => is_text(index.checked_sub(1)) || is_text(Some(index + 1)),
        "format" => is_text(index.checked_sub(2)),
        "str" => tokens.get(index + 1) == Some(&"("),
        _ => false,
    }
}
