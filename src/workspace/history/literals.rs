//! Values and messages that source code replaced: where an expected value of a test comes from.

use serde::Serialize;

use crate::syntax::tokens::{is_plain_literal, string_body, tokens};
use crate::text::FilePath;

use super::History;
use super::align::{Side, substitutions};
use super::commit::{Commit, File, UNCOMMITTED};

/// A literal that a commit replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiteralChange {
    /// The literal before, as written: `'Total: {n}'`, `30`.
    pub old: String,
    /// The literal after, as written.
    pub new: String,
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file.
    pub path: FilePath,
    /// 1-based line of the statement after.
    pub line: u32,
    /// The function or class around: `Cart.total`; empty at module level.
    pub within: String,
}

/// A `raise` that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RaiseChange {
    /// What was raised.
    pub before: Raised,
    /// What is raised.
    pub after: Raised,
    /// The abbreviated hash, or `uncommitted`.
    pub commit: String,
    /// The commit's first line.
    pub subject: String,
    /// The file.
    pub path: FilePath,
    /// 1-based line of the statement after.
    pub line: u32,
    /// The function around: `Cart.add`.
    pub within: String,
}

/// The exception of a `raise` statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Raised {
    /// Its type as written: `errors.NotFound`.
    pub exception: String,
    /// The first string in its arguments, as written, quotes and prefix included.
    pub message: Option<String>,
}

impl History {
    /// The literals that commits replaced and that `value` may have come from: equal to it (the content
    /// of a string, or a number as written), or a template whose fixed parts stand in it.
    pub fn literal_changes(&self, value: &str) -> Vec<LiteralChange> {
        if value.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for commit in self.commits_about_text(value) {
            for file in commit.python().filter(|file| !is_own_edit(&commit, file)) {
                for pair in &file.edits().pairs {
                    let changed = substitutions(&pair.before.text, &pair.after.text);
                    let of_literals = changed.into_iter().filter(|(old, new)| is_literal(old) && is_literal(new));
                    for (old, new) in of_literals.filter(|(old, _)| may_print(old, value)) {
                        found.push(literal_change(&commit, file, &pair.after, old, new));
                    }
                }
            }
        }
        found.dedup();
        found
    }

    /// The `raise` statements that commits changed in type or message, and that raised `text`: the name
    /// of an exception, or a message.
    pub fn raise_changes(&self, text: &str) -> Vec<RaiseChange> {
        if text.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for commit in self.commits_about_text(text) {
            for file in commit.python().filter(|file| !is_own_edit(&commit, file)) {
                let edits = file.edits();
                let pairs = edits.pairs.iter().map(|pair| (&pair.before, &pair.after));
                // A raise that was rewritten beyond likeness is told by its function.
                let rewritten = edits.removed.iter().flat_map(|old| {
                    edits
                        .added
                        .iter()
                        .filter(|new| new.within == old.within && !old.within.is_empty())
                        .map(move |new| (old, new))
                });
                for (old, new) in pairs.chain(rewritten) {
                    let (Some(before), Some(after)) = (raised(&old.text), raised(&new.text)) else { continue };
                    let is_named = before.exception.rsplit('.').next() == Some(text);
                    let is_said = before.message.as_deref().is_some_and(|message| may_print(message, text));
                    if before != after && (is_named || is_said) {
                        found.push(RaiseChange {
                            before,
                            after,
                            commit: commit.id.clone(),
                            subject: commit.subject().to_string(),
                            path: file.change.path.clone(),
                            line: new.line,
                            within: new.within.clone(),
                        });
                    }
                }
            }
        }
        found
    }

    /// Recent commits, and those in which the text itself came or went.
    fn commits_about_text(&self, text: &str) -> Vec<std::sync::Arc<Commit>> {
        let Some(disk) = &self.disk else { return self.in_memory.iter().cloned().collect() };
        let mut commits = disk.recent(None);
        for commit in disk.about(text) {
            if commits.iter().all(|known| known.id != commit.id) {
                commits.push(commit);
            }
        }
        commits
    }
}

/// Whether this is an edit of a test that nobody has committed: as likely a heal as a person's, and no evidence for
/// the next heal.
pub(super) fn is_own_edit(commit: &Commit, file: &File) -> bool {
    commit.id == UNCOMMITTED && file.change.path.is_test_code()
}

fn literal_change(commit: &Commit, file: &File, side: &Side, old: &str, new: &str) -> LiteralChange {
    LiteralChange {
        old: old.to_string(),
        new: new.to_string(),
        commit: commit.id.clone(),
        subject: commit.subject().to_string(),
        path: file.change.path.clone(),
        line: side.line,
        within: side.within.clone(),
    }
}

fn is_literal(token: &str) -> bool {
    string_body(token).is_some() || is_plain_literal(token)
}

/// Fixed parts of a template shorter than this in all are everywhere.
const LEAST_FIXED: usize = 6;

/// Whether the literal is `value`, or a template (`f"…{x}"`, `"…%s"`, `"…{}"`) that can have printed it.
fn may_print(literal: &str, value: &str) -> bool {
    let Some(body) = string_body(literal) else { return literal == value };
    if body == value {
        return true;
    }
    let parts = fixed_parts(body);
    let fixed: usize = parts.iter().map(|part| part.len()).sum();
    let mut rest = value;
    fixed >= LEAST_FIXED
        && parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
}

/// Stands for what a template is filled with, while its fixed parts are read.
const HOLE: char = '\0';

/// What a template prints whatever it is filled with.
fn fixed_parts(body: &str) -> Vec<String> {
    let mut fixed = String::new();
    let mut chars = body.chars().peekable();
    let mut depth = 0;
    while let Some(c) = chars.next() {
        match c {
            '{' if depth == 0 && chars.next_if_eq(&'{').is_some() => fixed.push('{'),
            '{' => {
                depth += 1;
                fixed.push(HOLE);
            }
            '}' if depth > 0 => depth -= 1,
            '}' => {
                chars.next_if_eq(&'}');
                fixed.push('}');
            }
            _ if depth > 0 => {}
            '%' => fixed.push(after_percent(&mut chars)),
            c => fixed.push(c),
        }
    }
    fixed.split(HOLE).filter(|part| !part.trim().is_empty()).map(str::to_string).collect()
}

/// What `%%`, `%s` or `%(name)s` prints, read up to its end.
fn after_percent(chars: &mut impl Iterator<Item = char>) -> char {
    match chars.next() {
        Some('%') => return '%',
        Some('(') => {
            chars.find(|c| *c == ')');
            chars.next();
        }
        _ => {}
    }
    HOLE
}

fn raised(statement: &str) -> Option<Raised> {
    let tokens = tokens(statement);
    let ("raise", rest) = (*tokens.first()?, &tokens[1..]) else { return None };
    let end = rest.iter().position(|token| matches!(*token, "(" | "from")).unwrap_or(rest.len());
    let exception = rest[..end].concat();
    let message = rest[end..].iter().find(|token| string_body(token).is_some()).map(|token| token.to_string());
    (!exception.is_empty()).then_some(Raised { exception, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_prints_its_fixed_parts_in_order() {
        assert!(may_print("f'Total: {n} items'", "Total: 5 items"));
        assert!(may_print("'no user %s in %(group)s!'", "no user bob in staff!"));
        assert!(may_print("'{{literal}} {x}'", "{literal} 5"));
        assert!(!may_print("f'Total: {n} items'", "5 items: Total"));
        assert!(!may_print("f'{a}: {b}'", "x: y"));
        assert!(may_print("30", "30") && !may_print("30", "300"));
    }

    #[test]
    fn a_raise_is_its_type_and_its_message() {
        let found = raised("raise errors.NotFound(f'no {x}', 3) from None").unwrap();
        assert_eq!((found.exception.as_str(), found.message.as_deref()), ("errors.NotFound", Some("f'no {x}'")));
        assert_eq!(raised("raise"), None);
        assert_eq!(raised("raised = 1"), None);
    }
}
