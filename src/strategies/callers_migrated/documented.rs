//! The examples of the documentation: callers, too, that nobody runs.

use crate::diagnosis::product;
use crate::strategies::Context;
use crate::syntax::Source;
use crate::workspace::history::Migration;

/// How the examples of the documentation changed: lines of code, and code between backticks.
pub(super) fn examples(ctx: &Context<'_>, name: &str) -> Vec<Migration> {
    let mut found = Vec::new();
    for hunk in product::hunks(ctx.snapshot, &ctx.site.path).iter().filter(|hunk| !hunk.is_python()) {
        for (at, removed) in hunk.removed.iter().enumerate().filter(|(_, line)| line.contains(name)) {
            let same_place = hunk.added.get(at).filter(|_| hunk.added.len() == hunk.removed.len());
            let Some(added) = same_place.or(hunk.added.first().filter(|_| hunk.added.len() == 1)) else { continue };
            for (before, after) in fragments(removed, added, name) {
                let (commit, path) = (hunk.commit.clone(), hunk.path.clone());
                found.push(Migration { commit, path, line: hunk.line + at as u32, before, after });
            }
        }
    }
    found
}

/// The code in two versions of one line of documentation. Where the sentence around it is another one, it speaks of
/// something else.
fn fragments(removed: &str, added: &str, name: &str) -> Vec<(String, String)> {
    let code = |line: &str| line.trim().trim_start_matches(">>> ").trim_start_matches("... ").to_string();
    let is_code = |text: &str| !text.is_empty() && !Source::parse(text.to_string()).root().has_error();
    let (before, after) = (code(removed), code(added));
    if is_code(&before) && is_code(&after) {
        return vec![(before, after)];
    }
    let prose = |line: &str| line.split('`').step_by(2).flat_map(str::split_whitespace).collect::<String>();
    if prose(removed) != prose(added) {
        return Vec::new();
    }
    let quoted = |line: &str| line.split('`').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>();
    let (olds, news) = (quoted(removed), quoted(added));
    let pairs = olds.into_iter().zip(news).filter(|(old, new)| old != new && old.contains(name));
    pairs.filter(|(old, new)| is_code(old) && is_code(new)).collect()
}
