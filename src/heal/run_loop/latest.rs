//! What the latest run and the files offered: asked for again when the loop ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::guard::Guarded;
use crate::heal::{Healing, heal};
use crate::report::{Failure, Report};
use crate::text::FilePath;
use crate::workspace::Snapshot;

/// The healings of one run, with the texts that they are about.
#[derive(Default)]
pub(super) struct Latest {
    failures: Vec<Failure>,
    texts: BTreeMap<FilePath, Option<Arc<str>>>,
    healings: Vec<Healing>,
}

impl Latest {
    /// Every failure of `report` with its fixes; the same as before where neither they nor the files changed.
    pub(super) fn healings(&mut self, snapshot: &Snapshot, report: &Report) -> Vec<Healing> {
        let is_current = || self.texts.iter().all(|(path, text)| snapshot.text(path) == *text);
        if self.failures != report.failures || !is_current() {
            let healings = heal(snapshot, report);
            let paths = report.failures.iter().flat_map(|failure| files_of(snapshot, failure));
            let edited = healings.iter().flat_map(|healing| &healing.fixes).map(Guarded::fix);
            let edited = edited.flat_map(|fix| &fix.edits).map(|edit| edit.path.clone());
            let texts = paths.chain(edited).map(|path| (path.clone(), snapshot.text(&path))).collect();
            *self = Self { failures: report.failures.clone(), texts, healings };
        }
        self.healings.clone()
    }
}

/// The files of the project that a failure went through.
fn files_of<'a>(snapshot: &'a Snapshot, failure: &'a Failure) -> impl Iterator<Item = FilePath> + 'a {
    let paths = failure.frames.iter().map(|frame| &frame.path).chain(&failure.path);
    paths.map(|path| snapshot.file_path(path)).filter(FilePath::is_inside)
}
