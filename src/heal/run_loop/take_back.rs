//! Fixes that do not stay: the files become as if they had not been applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fix::Fix;
use crate::report::{Failure, Phase, Report};
use crate::text::{Edit, FilePath, apply};

use super::super::search::edits_between;
use super::super::together::{meet, union};
use super::{Applied, Bench, Event, Scope, State, Texts};

impl<B: Bench> State<'_, B> {
    /// Takes back fixes that no run has proven.
    pub(super) fn take_back(&mut self, batch: Vec<Applied>) -> Result<(), B::Error> {
        let why = "the run that was to prove it did not finish".to_string();
        let dropped: Vec<_> = batch.into_iter().map(|applied| (applied, why.clone())).collect();
        self.restore(&[], &dropped)?;
        self.taken_back.extend(dropped);
        Ok(())
    }

    /// Takes back the fixes whose tests still fail when the loop ends: they made the failure move on, and nothing shows
    /// that they were right. A file that can be collected now shows it by its other tests. The report as it is then.
    pub(super) fn take_back_unhealed(&mut self, report: Report, tests: &[String]) -> Result<Report, B::Error> {
        let fails = |nodeid: &String| report.failures.iter().any(|failure| failure.nodeid == *nodeid);
        let is_unhealed = |applied: &Applied| applied.failure.phase >= Phase::Setup && applied.nodeids().all(fails);
        let mut taken_out = Vec::new();
        for index in (0..self.applied.len()).rev() {
            if !is_unhealed(&self.applied[index]) {
                continue;
            }
            let is_last = self.applied[index + 1..].iter().all(|later| is_of_one_batch(later, &self.applied[index]));
            if is_last {
                let dropped = self.applied.remove(index);
                let kept: Vec<Applied> =
                    self.applied.iter().filter(|other| is_of_one_batch(other, &dropped)).cloned().collect();
                self.restore(&kept, &[(dropped.clone(), String::new())])?;
                self.tell_taken_back(dropped);
            } else if let Some(texts) = self.without(index) {
                for (path, (_, text)) in &texts {
                    self.bench.write(path, text)?;
                }
                taken_out.push((index, self.applied.remove(index), texts));
            }
        }
        if taken_out.is_empty() { Ok(report) } else { self.prove_without(report, taken_out, tests) }
    }

    /// The texts, before and after, that leave out one fix below later ones; `None` where they touch.
    fn without(&mut self, index: usize) -> Option<Texts> {
        let snapshot = self.bench.snapshot();
        let dropped = &self.applied[index];
        let others = || self.applied.iter().filter(|other| is_of_one_batch(other, dropped));
        let text = |(path, (before, _)): (&FilePath, &(Arc<str>, Arc<str>))| {
            let made = |fixes: Vec<&Fix>| {
                let edits: Vec<Edit> = union(fixes).into_iter().filter(|edit| edit.path == *path).collect();
                apply(before, &edits).ok()
            };
            let base = made(others().map(|applied| &applied.fix).collect())?;
            let theirs = made(others().filter(|other| !std::ptr::eq(*other, dropped)).map(|it| &it.fix).collect())?;
            let now = snapshot.text(path)?;
            let (later, back) = (edits_between(path, &base, &now), edits_between(path, &base, &theirs));
            let merged = apply(&base, &[later.clone(), back.clone()].concat()).ok().filter(|_| !meet(&later, &back))?;
            Some((path.clone(), (now, Arc::from(merged))))
        };
        dropped.texts.iter().map(text).collect()
    }

    /// Runs what is left when fixes were taken out from below others: what passed still has to, or they stay.
    fn prove_without(
        &mut self,
        report: Report,
        taken_out: Vec<(usize, Applied, Texts)>,
        tests: &[String],
    ) -> Result<Report, B::Error> {
        let edited = taken_out.iter().flat_map(|(_, _, texts)| texts.keys());
        let rerun = self.rerun(&Scope::of(&report).tests(edited, tests));
        let is_new = |failure: &Failure| !report.failures.iter().any(|old| old.nodeid == failure.nodeid);
        let is_proven = |rerun: &Report| {
            let complete = !rerun.runs.is_empty() && rerun.runs.iter().all(|run| run.complete);
            complete && !rerun.failures.iter().any(is_new)
        };
        if let Ok(rerun) = &rerun
            && is_proven(rerun)
        {
            taken_out.into_iter().for_each(|(_, dropped, _)| self.tell_taken_back(dropped));
            return Ok(rerun.clone());
        }
        for (index, applied, texts) in taken_out.into_iter().rev() {
            for (path, (text, _)) in &texts {
                self.bench.write(path, text)?;
            }
            self.applied.insert(index, applied);
        }
        rerun.map(|_| report)
    }

    fn tell_taken_back(&mut self, dropped: Applied) {
        let why = "its test still fails, if otherwise".to_string();
        self.bench.tell(Event::TakenBack(&dropped, &why));
        self.taken_back.push((dropped, why));
    }

    /// Rebuilds the files that dropped fixes touched, from the texts before them and the kept fixes.
    pub(super) fn restore(&mut self, kept: &[Applied], dropped: &[(Applied, String)]) -> Result<(), B::Error> {
        let touched: BTreeMap<&FilePath, &Arc<str>> =
            dropped.iter().flat_map(|(applied, _)| &applied.texts).map(|(path, (before, _))| (path, before)).collect();
        for (path, before) in touched {
            let mut edits = union(kept.iter().map(|applied| &applied.fix));
            edits.retain(|edit| edit.path == *path);
            let text = apply(before, &edits).unwrap_or_else(|_| before.to_string());
            self.bench.write(path, &text)?;
        }
        Ok(())
    }
}

/// Whether two fixes were applied to the same texts, or to no file in common.
fn is_of_one_batch(a: &Applied, b: &Applied) -> bool {
    a.texts.iter().all(|(path, (before, _))| b.texts.get(path).is_none_or(|(other, _)| other == before))
}
