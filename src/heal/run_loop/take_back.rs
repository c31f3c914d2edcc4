//! Fixes that do not stay: the files become as if they had not been applied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::report::{Failure, Report};
use crate::text::{FilePath, apply};

use super::super::carry::carried;
use super::super::chain::edits_between;
use super::super::together::{meet, union};
use super::compare::without;
use super::{Applied, Bench, Event, Left, Scope, State, Texts};

impl<B: Bench> State<'_, B> {
    /// Takes back fixes that no run has proven.
    pub(super) fn take_back(&mut self, batch: Vec<Applied>) {
        let why = "the run that was to prove it did not finish".to_string();
        let dropped: Vec<_> = batch.into_iter().map(|applied| (applied, why.clone())).collect();
        self.restore(&[], &dropped);
        self.taken_back.extend(dropped);
    }

    /// Takes back the fixes whose tests still fail when the loop ends: they made the failure move on, and nothing shows
    /// that they were right. A file that can be collected now shows it by its tests. The report as it is then.
    pub(super) fn take_back_unhealed(&mut self, mut report: Report, tests: &[String]) -> Result<Report, B::Error> {
        let failing: BTreeSet<String> = report.failures.iter().map(|failure| failure.nodeid.clone()).collect();
        let fails = |nodeid: &String| failing.contains(nodeid);
        let is_unhealed = |applied: &Applied| applied.nodeids().all(fails);
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
                self.restore(&kept, &[(dropped.clone(), String::new())]);
                let chosen_by = |seen: &&Report| seen.failures.contains(&dropped.failure);
                if let Some(before) = self.seen.iter().find(chosen_by) {
                    report = without(report, before, &dropped);
                }
                self.tell_taken_back(dropped);
            } else if let Some(texts) = self.without(index) {
                let dropped = self.applied.remove(index);
                for (path, (now, text)) in &texts {
                    self.turn(path, (now, text), &was_to_go([&dropped]));
                }
                taken_out.push((index, dropped, texts));
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
            let base = made(path, before, others())?;
            let theirs = made(path, before, others().filter(|other| !std::ptr::eq(*other, dropped)))?;
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
            for (path, (text, without)) in &texts {
                self.turn(path, (without, text), &format!("\"{}\" was to be put in again", applied.fix.title));
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

    /// Takes dropped fixes out of the files that they touched; the kept ones of their batch stay.
    pub(super) fn restore(&mut self, kept: &[Applied], dropped: &[(Applied, String)]) {
        let dropped = || dropped.iter().map(|(applied, _)| applied);
        let touched: BTreeMap<&FilePath, &Arc<str>> =
            dropped().flat_map(|applied| &applied.texts).map(|(path, (before, _))| (path, before)).collect();
        for (path, before) in touched {
            let with = made(path, before, kept.iter().chain(dropped()));
            let (Some(with), Some(without)) = (with, made(path, before, kept)) else { continue };
            let here = dropped().filter(|applied| applied.texts.contains_key(path));
            self.turn(path, (&with, &without), &was_to_go(here));
        }
    }

    /// Does to a file what makes the second text of the first. What others wrote into it meanwhile stays; where they
    /// changed the same lines, all of it does, and people are told that `what` was not done.
    pub(super) fn turn(&mut self, path: &FilePath, (from, to): (&str, &str), what: &str) {
        let why = match self.bench.text(path) {
            None => "it cannot be read any more".to_string(),
            Some(now) => match carried(path, from, to, &now) {
                Some(text) if *text == *now => return,
                Some(text) => match self.bench.write(path, &text) {
                    Ok(()) => return,
                    Err(error) => error.to_string(),
                },
                None => "the same lines were changed meanwhile".to_string(),
            },
        };
        let left = Left { path: path.clone(), why: format!("{what}, but {why}") };
        self.bench.tell(Event::Left(&left));
        self.left.push(left);
    }
}

/// What the fixes of one batch make of a file; `None` where they do not fit together.
pub(super) fn made<'a>(path: &FilePath, before: &str, batch: impl IntoIterator<Item = &'a Applied>) -> Option<String> {
    let mut edits = union(batch.into_iter().map(|applied| &applied.fix));
    edits.retain(|edit| edit.path == *path);
    apply(before, &edits).ok()
}

/// Says of fixes that they were to be taken back.
pub(super) fn was_to_go<'a>(fixes: impl IntoIterator<Item = &'a Applied>) -> String {
    let titles: BTreeSet<&str> = fixes.into_iter().map(|applied| applied.fix.title.as_str()).collect();
    let titles: Vec<String> = titles.into_iter().map(|title| format!("\"{title}\"")).collect();
    format!("{} was to be taken back", titles.join(", "))
}

/// Whether two fixes were applied to the same texts, or to no file in common.
fn is_of_one_batch(a: &Applied, b: &Applied) -> bool {
    a.texts.iter().all(|(path, (before, _))| b.texts.get(path).is_none_or(|(other, _)| other == before))
}
