//! Failures that look alike: the cases of a test, or the callers of a helper, that fail at one place in one way.
//! They are shown once, with their names.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::report::Phase;

use super::diagnostics::message;
use super::mark::Mark;

/// How many names are told; the rest is counted.
const NAMED: usize = 3;

/// Failures that are shown as one. There is at least one.
pub struct Alike<'m>(Vec<&'m Mark>);

/// Gathers what looks alike, in the order of the first of each.
pub fn alike<'m>(marks: impl Iterator<Item = &'m Mark>) -> Vec<Alike<'m>> {
    let mut groups: Vec<Alike<'m>> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    for mark in marks {
        let (diagnosis, range) = (&mark.diagnosis, mark.range.clone());
        let judged = (diagnosis.category, diagnosis.verdict, diagnosis.failure.phase);
        match known.entry((range, mark.state, judged, message(&diagnosis.failure))) {
            Entry::Occupied(group) => groups[*group.get()].0.push(mark),
            Entry::Vacant(place) => {
                place.insert(groups.len());
                groups.push(Alike(vec![mark]));
            }
        }
    }
    groups
}

impl<'m> Alike<'m> {
    /// The one that speaks for all.
    pub fn first(&self) -> &'m Mark {
        self.0[0]
    }

    /// The tests, by node id.
    pub fn nodeids(&self) -> impl Iterator<Item = &'m str> + Clone {
        self.0.iter().map(|mark| mark.diagnosis.failure.nodeid.as_str())
    }

    /// Whether a test is among them.
    pub fn holds(&self, nodeid: &str) -> bool {
        self.nodeids().any(|known| known == nodeid)
    }

    /// Which cases or tests these are, where the place does not tell: `3 cases: [a], [b], [c]`, `in the setup of test: a`.
    pub fn names(&self) -> Option<String> {
        let phase = match self.first().diagnosis.failure.phase {
            Phase::Setup => "in the setup of ",
            Phase::Teardown => "in the teardown of ",
            Phase::Call | Phase::Collection | Phase::Conftest => return self.listed(false),
        };
        Some(phase.to_string() + &self.listed(true)?)
    }

    fn listed(&self, by_test: bool) -> Option<String> {
        let function = |nodeid: &'m str| nodeid.split('[').next().unwrap_or(nodeid);
        let first = function(self.nodeids().next()?);
        let is_one_test = !by_test && self.nodeids().all(|nodeid| function(nodeid) == first);
        let name = |nodeid: &'m str| if is_one_test { &nodeid[first.len()..] } else { nodeid };
        let named: Vec<&str> = self.nodeids().map(name).filter(|name| !name.is_empty()).collect();
        let kind = if is_one_test { "case" } else { "test" };
        Some(match named.as_slice() {
            [] => return self.is_called(first).then(|| format!("test: {first}")),
            [one] => format!("{kind}: {one}"),
            all if all.len() <= NAMED => format!("{} {kind}s: {}", all.len(), all.join(", ")),
            all => {
                let (told, rest) = all.split_at(NAMED);
                format!("{} {kind}s: {} and {} more", all.len(), told.join(", "), rest.len())
            }
        })
    }

    /// Whether the failure stands in code that the test calls, in another file.
    fn is_called(&self, nodeid: &str) -> bool {
        nodeid.split("::").next() != Some(self.first().path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnosis::{Diagnosis, Site};
    use crate::report::Failure;
    use crate::server::mark::State;
    use crate::text::FilePath;
    use crate::workspace::Snapshot;

    fn seen(failures: &[(&str, &str, usize)]) -> Vec<String> {
        let snapshot = Snapshot::open(std::path::Path::new("/nowhere"));
        let mark = |(nodeid, message, at): &(&str, &str, usize)| {
            let failure = Failure {
                nodeid: nodeid.to_string(),
                exc_type: Some("KeyError".to_string()),
                message: Some(message.to_string()),
                ..Failure::default()
            };
            let diagnosis: Diagnosis = crate::diagnosis::diagnose(&snapshot, &Arc::new(failure));
            let path = FilePath::new("t.py");
            let site = Site { path, range: *at..at + 1, statement: *at..at + 1, test: None };
            Mark::at(Arc::new(diagnosis), &site, 0, State::Current)
        };
        let marks: Vec<Mark> = failures.iter().map(mark).collect();
        let told = |group: &Alike<'_>| format!("{} {}", group.first().range.start, group.names().unwrap_or_default());
        alike(marks.iter()).iter().map(told).collect()
    }

    #[test]
    fn cases_that_fail_in_one_way_are_shown_once_with_their_names() {
        assert_eq!(seen(&[("t.py::a[x]", "k", 1), ("t.py::a[y]", "k", 1)]), ["1 2 cases: [x], [y]"]);
        let many: Vec<String> = (0..9).map(|n| format!("t.py::a[{n}]")).collect();
        let many: Vec<_> = many.iter().map(|nodeid| (nodeid.as_str(), "k", 1)).collect();
        assert_eq!(seen(&many), ["1 9 cases: [0], [1], [2] and 6 more"]);
    }

    #[test]
    fn another_message_or_place_is_another_failure() {
        let cases = [("t.py::a[x]", "k", 1), ("t.py::a[y]", "l", 1), ("t.py::b", "k", 5)];
        assert_eq!(seen(&cases), ["1 case: [x]", "1 case: [y]", "5 "]);
    }

    #[test]
    fn a_helper_names_the_tests_that_call_it() {
        assert_eq!(seen(&[("t.py::a", "k", 1), ("u.py::b[x]", "k", 1)]), ["1 2 tests: t.py::a, u.py::b[x]"]);
        assert_eq!(seen(&[("u.py::b", "k", 1)]), ["1 test: u.py::b"]);
    }
}
