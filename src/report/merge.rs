//! Shards of one run, or one run in several formats: one report.

use std::collections::{HashMap, HashSet};

use super::{Failure, Outcome, Phase, Report, TestOutcome};

impl Report {
    /// The interpreter of the last run that names it.
    pub fn python(&self) -> Option<&str> {
        self.runs.iter().rev().find_map(|run| run.python.as_deref())
    }

    /// Takes in another shard. Where both tell of the same failure, the fuller account stays.
    pub fn merge(&mut self, other: Report) {
        let known: HashMap<_, _> = keys(&self.failures).into_iter().zip(0..).collect();
        for (key, failure) in keys(&other.failures).into_iter().zip(other.failures) {
            match known.get(&key) {
                Some(&at) if fullness(&failure) > fullness(&self.failures[at]) => self.failures[at] = failure,
                Some(_) => {}
                None => self.failures.push(failure),
            }
        }
        self.runs.extend(other.runs);
        self.warnings.extend(other.warnings);
        self.merge_outcomes(other.outcomes);
    }

    /// Takes in the run of another environment: a test that fails there in its own way is a failure of its own, one
    /// that fails alike is named with both environments.
    pub(super) fn join(&mut self, other: Report) {
        let known: HashMap<_, _> = keys(&self.failures).into_iter().zip(0..).collect();
        for (key, failure) in keys(&other.failures).into_iter().zip(other.failures) {
            match known.get(&key) {
                Some(&at) if is_alike(&self.failures[at], &failure) => {
                    self.failures[at].environments.extend(failure.environments);
                }
                _ => self.failures.push(failure),
            }
        }
        self.runs.extend(other.runs);
        self.warnings.extend(other.warnings);
        self.letters.extend(other.letters);
        self.join_outcomes(other.outcomes);
    }

    /// A test that fails in one environment has failed.
    fn join_outcomes(&mut self, mut others: Vec<TestOutcome>) {
        let is_bad = |told: &TestOutcome| matches!(told.outcome, Outcome::Failed | Outcome::Error);
        let bad: HashSet<String> =
            self.outcomes.iter().filter(|told| is_bad(told)).map(|told| told.nodeid.clone()).collect();
        others.retain(|told| is_bad(told) || !bad.contains(&told.nodeid));
        self.merge_outcomes(others);
    }

    fn merge_outcomes(&mut self, others: Vec<TestOutcome>) {
        let known: HashMap<_, usize> = self.outcomes.iter().map(|told| told.nodeid.clone()).zip(0..).collect();
        for outcome in others {
            match known.get(&outcome.nodeid) {
                Some(&at) => {
                    let duration = outcome.duration.or(self.outcomes[at].duration);
                    self.outcomes[at] = TestOutcome { duration, ..outcome };
                }
                None => self.outcomes.push(outcome),
            }
        }
    }
}

/// The same exception at the same place; without a place, with the same words.
fn is_alike(one: &Failure, other: &Failure) -> bool {
    let place = |failure: &Failure| (failure.exc_type.clone(), failure.path.clone(), failure.line);
    place(one) == place(other) && (one.line.is_some() || one.message == other.message)
}

/// What tells failures apart. Subtests share their test's node id: the k-th of a phase is its own.
fn keys(failures: &[Failure]) -> Vec<(String, Phase, usize)> {
    let mut seen = HashMap::<(String, Phase), usize>::new();
    let key = |failure: &Failure| {
        let count = seen.entry((failure.nodeid.clone(), failure.phase)).or_default();
        *count += 1;
        (failure.nodeid.clone(), failure.phase, *count)
    };
    failures.iter().map(key).collect()
}

/// How much an account tells: runtime evidence before a place, a place before a type, then the traceback.
fn fullness(failure: &Failure) -> usize {
    let told = [
        failure.runtime.is_some(),
        failure.line.is_some(),
        failure.exc_type.is_some(),
        failure.message.is_some(),
        failure.introspection.is_some(),
    ];
    let captured = [&failure.captured.stdout, &failure.captured.stderr, &failure.captured.log];
    let told = told.into_iter().filter(|told| *told).count() * 100;
    told + failure.frames.len().min(60) + captured.into_iter().flatten().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(failures: &[(&str, Option<u32>)]) -> Report {
        let failure = |(nodeid, line): &(&str, Option<u32>)| Failure {
            nodeid: nodeid.to_string(),
            line: *line,
            ..Failure::default()
        };
        Report { failures: failures.iter().map(failure).collect(), ..Report::default() }
    }

    #[test]
    fn the_fuller_account_stays_and_subtests_stay_apart() {
        let mut merged = report(&[("a", None), ("a", Some(2)), ("b", Some(3))]);
        merged.merge(report(&[("b", None), ("a", Some(1)), ("c", None)]));
        let seen: Vec<_> = merged.failures.iter().map(|f| (f.nodeid.as_str(), f.line)).collect();
        assert_eq!(seen, [("a", Some(1)), ("a", Some(2)), ("b", Some(3)), ("c", None)]);
    }
}
