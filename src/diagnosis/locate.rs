//! From a line of the log to the exact range in the test file.

use crate::report::Failure;
use crate::syntax::ancestors;
use crate::workspace::Snapshot;

use super::{Category, Site};

/// Where `failure` stands now: the subject on its line, else the line's code.
pub fn site(snapshot: &Snapshot, failure: &Failure, category: Category, subject: Option<&str>) -> Option<Site> {
    let _ = category;
    let path = snapshot.file_path(failure.path.as_deref()?);
    let source = snapshot.source(&path)?;
    let line = source.code_on_line(failure.line?)?;
    let statement = source.statement_at(line.start).map_or(line.clone(), |node| node.byte_range());
    let text = &source.text()[line.clone()];
    let range = subject
        .and_then(|subject| text.find(subject).map(|at| line.start + at..line.start + at + subject.len()))
        .unwrap_or(line.clone());
    let test = source.function_at(line.start).and_then(|node| ancestors(node).next()).map(|node| node.byte_range());
    Some(Site { path, range, statement, test })
}
