//! Fixes go into the files: all that fit, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::fix::Fix;
use crate::guard::Refusal;
use crate::text::FilePath;

use super::super::Healing;
use super::super::carry::carried;
use super::take_back::{made, was_to_go};
use super::{Applied, Bench, Event, State, Texts};

impl<B: Bench> State<'_, B> {
    /// Puts a batch into the files and says what of it went in. What does not fit any more, because somebody changed a
    /// file meanwhile, is left for the next round; where a file cannot be written, those before it are as they were.
    pub(super) fn apply(&mut self, batch: Vec<Applied>) -> Result<Vec<Applied>, B::Error> {
        let (batch, texts) = self.fitting(batch);
        for applied in &batch {
            self.bench.tell(Event::Applying(applied));
        }
        for (done, (path, (_, text))) in texts.iter().enumerate() {
            if let Err(error) = self.bench.write(path, text) {
                for (path, (now, text)) in texts.iter().take(done) {
                    let here = batch.iter().filter(|applied| applied.texts.contains_key(path));
                    self.turn(path, (text, now), &was_to_go(here));
                }
                return Err(error);
            }
        }
        Ok(batch)
    }

    /// The fixes whose files may all be written and are, where the fix stands, as it knows them; with the texts of
    /// those files as they are and as they will be.
    fn fitting(&mut self, mut batch: Vec<Applied>) -> (Vec<Applied>, Texts) {
        loop {
            let paths: BTreeSet<FilePath> = batch.iter().flat_map(|applied| applied.texts.keys()).cloned().collect();
            let (mut texts, mut places) = (Texts::new(), BTreeSet::new());
            for path in &paths {
                texts.extend(self.healed_text(path, &batch, &mut places).map(|pair| (path.clone(), pair)));
            }
            if texts.len() == paths.len() {
                return (batch, texts);
            }
            batch.retain(|applied| applied.texts.keys().all(|path| texts.contains_key(path)));
        }
    }

    /// A file as it is and as `batch` makes it. `None` where it may not be written, where somebody changed the same
    /// lines, or where it is one of `places` by another name.
    fn healed_text(
        &mut self,
        path: &FilePath,
        batch: &[Applied],
        places: &mut BTreeSet<PathBuf>,
    ) -> Option<(Arc<str>, Arc<str>)> {
        let place = self.bench.place(path).ok()?;
        let before = batch.iter().find_map(|applied| applied.texts.get(path)).map(|(before, _)| before)?;
        let after = made(path, before, batch)?;
        let now = self.bench.text(path).or_else(|| before.is_empty().then(|| before.clone()))?;
        let text = carried(path, before, &after, &now)?;
        places.insert(place).then(|| (now, Arc::from(text)))
    }

    /// Why a fix may not go into a file, whatever it does there.
    pub(super) fn refusal(&mut self, fix: &Fix) -> Option<String> {
        let paths: BTreeSet<&FilePath> = fix.edits.iter().map(|edit| &edit.path).collect();
        paths.into_iter().find_map(|path| self.bench.place(path).err())
    }
}

/// Says of fixes that may not go into a file why they were not applied.
pub(super) fn refuse_unwritable<B: Bench>(bench: &mut B, remaining: &mut [Healing]) {
    let mut known: BTreeMap<FilePath, Option<String>> = BTreeMap::new();
    for healing in remaining {
        let mut why = |fix: &Fix| {
            let mut whys = fix
                .edits
                .iter()
                .map(|edit| known.entry(edit.path.clone()).or_insert_with(|| bench.place(&edit.path).err()).clone());
            whys.find_map(|why| why)
        };
        let refused = healing.fixes.extract_if(.., |guarded| why(guarded.fix()).is_some()).collect::<Vec<_>>();
        for guarded in refused {
            let fix = guarded.fix();
            let reason = why(fix).unwrap_or_default();
            healing.refused.push(Refusal {
                title: fix.title.clone(),
                strategy: fix.strategy,
                promise: "in-scope",
                reason,
            });
        }
    }
    known.into_values().flatten().for_each(|why| bench.tell(Event::NotWritten(&why)));
}
