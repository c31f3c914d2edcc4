//! A failure pinned to the text: edits move it, an edit of the failing statement itself makes it stale.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::{Diagnosis, Site};
use crate::text::FilePath;

use super::document::Change;

/// A failure where it stands in the text now.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The failure, understood. Its site is where it stood when it was understood.
    pub diagnosis: Arc<Diagnosis>,
    /// The file it stands in.
    pub path: FilePath,
    /// The bytes of the subject now: the squiggle.
    pub range: Range<usize>,
    /// The bytes of the failing statement now.
    pub statement: Range<usize>,
    /// The failing statement's fingerprint when the test ran.
    pub fingerprint: u64,
    /// What became of the statement.
    pub state: State,
}

/// What became of a failing statement since the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is as it was, maybe elsewhere.
    Current,
    /// It was edited: the failure may be gone.
    Edited,
    /// Its test is gone. An undo may bring it back.
    Gone,
}

impl Mark {
    /// Pins a diagnosis to its site.
    pub fn at(diagnosis: Arc<Diagnosis>, site: &Site, fingerprint: u64, state: State) -> Self {
        let (range, statement) = (site.range.clone(), site.statement.clone());
        Self { diagnosis, path: site.path.clone(), range, statement, fingerprint, state }
    }

    /// Follows an edit. Says whether the failing statement's bytes were touched.
    pub fn shift(&mut self, change: &Change) -> bool {
        let touched = touches(&self.statement, change);
        self.range = shifted(&self.range, change, false);
        self.statement = shifted(&self.statement, change, !change.begins_line);
        touched
    }

    /// The failing statement stands at `statement` as it was, so its subject is where it was in it.
    pub fn restore(&mut self, statement: Range<usize>) {
        self.state = State::Current;
        self.statement = statement.clone();
        let site = self.diagnosis.site.as_ref();
        let subject = site.filter(|site| site.statement.len() == statement.len()).and_then(|site| {
            let offset = site.range.start.checked_sub(site.statement.start)?;
            Some(statement.start + offset..statement.start + offset + site.range.len())
        });
        self.range = subject.unwrap_or(statement);
    }

    /// The diagnosis with its site where it stands now; `None` unless the statement is as it was.
    pub fn current(&self) -> Option<Diagnosis> {
        let mut diagnosis = (self.state == State::Current).then(|| Diagnosis::clone(&self.diagnosis))?;
        let site = diagnosis.site.as_mut()?;
        site.range = self.range.clone();
        site.statement = self.statement.clone();
        Some(diagnosis)
    }
}

fn touches(range: &Range<usize>, change: &Change) -> bool {
    let typed_at_end = change.replaced.start == range.end && change.begins_line;
    change.replaced.start <= range.end && change.replaced.end >= range.start && !typed_at_end
}

/// `range` after `change`. What is typed at its start pushes it; what is typed at its end belongs to it
/// only where `grows`.
fn shifted(range: &Range<usize>, change: &Change, grows: bool) -> Range<usize> {
    let Change { replaced, inserted, .. } = change;
    let moved = |offset: usize| offset - replaced.len() + inserted;
    let start = match range.start {
        start if start >= replaced.end && (start > replaced.start || replaced.is_empty()) => moved(start),
        start if start > replaced.start => replaced.start,
        start => start,
    };
    let end = match range.end {
        end if end > replaced.end || (end == replaced.end && !replaced.is_empty()) => moved(end),
        end if end == replaced.start => end + if grows { *inserted } else { 0 },
        end if end > replaced.start => replaced.start + inserted,
        end => end,
    };
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(range: Range<usize>, replaced: Range<usize>, inserted: usize) -> Range<usize> {
        shifted(&range, &Change { replaced, inserted, begins_line: false }, false)
    }

    #[test]
    fn edits_before_move_and_edits_after_do_not() {
        assert_eq!(after(10..20, 0..0, 5), 15..25);
        assert_eq!(after(10..20, 0..5, 0), 5..15);
        assert_eq!(after(10..20, 20..25, 0), 10..20);
        assert_eq!(after(10..20, 10..10, 3), 13..23);
        assert_eq!(after(10..20, 20..20, 3), 10..20);
    }

    #[test]
    fn edits_inside_stretch_and_edits_across_cut() {
        assert_eq!(after(10..20, 12..14, 5), 10..23);
        assert_eq!(after(10..20, 5..15, 2), 5..12);
        assert_eq!(after(10..20, 15..25, 2), 10..17);
        assert_eq!(after(10..20, 5..25, 2), 5..7);
        assert_eq!(after(10..20, 10..20, 4), 10..14);
    }

    #[test]
    fn what_is_typed_after_the_statement_belongs_to_it_unless_it_begins_a_line() {
        let statement = 10..20;
        let typed = Change { replaced: 20..20, inserted: 3, begins_line: false };
        let entered = Change { begins_line: true, ..typed.clone() };
        assert_eq!(shifted(&statement, &typed, true), 10..23);
        assert!(touches(&statement, &typed));
        assert!(!touches(&statement, &entered));
    }
}
