//! What runs and heals came to, for Prometheus: its text exposition format, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::diagnosis::{Category, Verdict};
use crate::heal::history::Entry;
use crate::report::{Outcome, Report};

/// Everything that is told.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The runs.
    pub report: &'a Report,
    /// How each failure was understood.
    pub diagnoses: &'a [(Category, Verdict)],
    /// The total coverage in percent, where the log shows one.
    pub coverage: Option<f64>,
    /// What became of fixes.
    pub history: &'a [Entry],
    /// How many lessons GRAVEYARD.md holds.
    pub lessons: usize,
}

/// Upper bounds of the duration histogram in seconds, those that prometheus_client uses by default.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The text of a metrics file. What the runs do not say is left out, not told as 0.
pub fn exposition(facts: &Facts<'_>) -> String {
    let mut page = Page::default();
    durations(&mut page, facts.report);
    let session: Vec<f64> = facts.report.runs.iter().filter_map(|run| run.duration).collect();
    if !session.is_empty() {
        page.family("pytest_session_duration_seconds", "gauge", "Total runtime of the test session.");
        page.sample("", &[], session.iter().sum());
    }
    if let Some(coverage) = facts.coverage {
        page.family("pytest_coverage_percent", "gauge", "Overall coverage.");
        page.sample("", &[], coverage);
    }
    page.family("pytest_test_failures_total", "counter", "Failed tests.");
    page.sample("", &[], failed(facts.report) as f64);
    outcomes(&mut page, facts.report);
    healing(&mut page, facts);
    page.text
}

fn durations(page: &mut Page, report: &Report) {
    let durations: Vec<f64> = report.outcomes.iter().filter_map(|test| test.duration).collect();
    if durations.is_empty() {
        return;
    }
    page.family("pytest_test_duration_seconds", "histogram", "Runtime of each test.");
    for bound in BUCKETS {
        let within = durations.iter().filter(|duration| **duration <= bound).count();
        page.sample("_bucket", &[("le", &bound.to_string())], within as f64);
    }
    page.sample("_bucket", &[("le", "+Inf")], durations.len() as f64);
    page.sample("_sum", &[], durations.iter().sum());
    page.sample("_count", &[], durations.len() as f64);
}

/// Failed tests as pytest counts them; a test that fails in two phases is one.
fn failed(report: &Report) -> u64 {
    let counted: Vec<u64> =
        report.runs.iter().filter_map(|run| Some(run.counts.failed? + run.counts.errors.unwrap_or(0))).collect();
    if !counted.is_empty() {
        return counted.iter().sum();
    }
    let mut nodeids: Vec<&str> = report.failures.iter().map(|failure| failure.nodeid.as_str()).collect();
    nodeids.sort_unstable();
    nodeids.dedup();
    nodeids.len() as u64
}

fn outcomes(page: &mut Page, report: &Report) {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for run in &report.runs {
        let of = &run.counts;
        for (outcome, count) in [
            (Outcome::Passed, of.passed),
            (Outcome::Failed, of.failed),
            (Outcome::Error, of.errors),
            (Outcome::Skipped, of.skipped),
            (Outcome::Xfailed, of.xfailed),
            (Outcome::Xpassed, of.xpassed),
        ] {
            if let Some(count) = count {
                *counts.entry(word(&outcome)).or_default() += count as f64;
            }
        }
    }
    if !counts.is_empty() {
        page.family("pytest_tests", "gauge", "Tests by outcome.");
        counts.iter().for_each(|(outcome, count)| page.sample("", &[("outcome", outcome)], *count));
    }
}

fn healing(page: &mut Page, facts: &Facts<'_>) {
    page.family("pytest_medic_failures", "gauge", "Failures by category and by who should act.");
    let mut diagnoses: BTreeMap<(String, String), f64> = BTreeMap::new();
    for (category, verdict) in facts.diagnoses {
        *diagnoses.entry((word(category), word(verdict))).or_default() += 1.0;
    }
    for ((category, verdict), count) in &diagnoses {
        page.sample("", &[("category", category), ("verdict", verdict)], *count);
    }
    page.family("pytest_medic_fixes_total", "counter", "Fixes by strategy and by what became of them.");
    let mut fixes: BTreeMap<(String, String), f64> = BTreeMap::new();
    for entry in facts.history {
        *fixes.entry((entry.strategy.clone(), word(&entry.outcome))).or_default() += 1.0;
    }
    for ((strategy, outcome), count) in &fixes {
        page.sample("", &[("strategy", strategy), ("outcome", outcome)], *count);
    }
    page.family("pytest_medic_lessons", "gauge", "Lessons in GRAVEYARD.md.");
    page.sample("", &[], facts.lessons as f64);
}

/// A value as its JSON spells it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map(str::to_string).unwrap_or_default()
}

#[derive(Default)]
struct Page {
    text: String,
    family: &'static str,
}

impl Page {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "{}{suffix}{labels} {value}", self.family);
    }
}

/// The total of the coverage table that pytest-cov prints: `TOTAL     120     18    85%`.
pub fn coverage(log: &str) -> Option<f64> {
    let total = |line: &str| {
        let mut columns = line.split_whitespace();
        let percent = columns.next_back()?.strip_suffix('%')?.parse().ok()?;
        let counted = columns.next() == Some("TOTAL") && columns.all(|column| column.parse::<u64>().is_ok());
        counted.then_some(percent)
    };
    log.lines().rev().find_map(total).filter(|percent| (0.0..=100.0).contains(percent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::EvidenceKind;
    use crate::heal::history;
    use crate::report::{Counts, Failure, Run, TestOutcome};

    #[test]
    fn a_page_says_what_the_run_said() {
        let counts = Counts { passed: Some(2), failed: Some(1), ..Counts::default() };
        let test = |name: &str, duration| TestOutcome { nodeid: name.to_string(), outcome: Outcome::Passed, duration };
        let report = Report {
            runs: vec![Run { counts, duration: Some(1.5), ..Run::default() }],
            failures: vec![Failure::default()],
            outcomes: vec![test("a", Some(0.004)), test("b", Some(20.0)), test("c", None)],
            ..Report::default()
        };
        let entry = history::Entry {
            date: "2026-11-20".to_string(),
            signature: String::new(),
            fix: String::new(),
            strategy: "a\"b".to_string(),
            evidence: vec![EvidenceKind::Git],
            outcome: history::Outcome::FailedValidation,
            nodeid: String::new(),
            title: String::new(),
        };
        let page = exposition(&Facts {
            report: &report,
            diagnoses: &[(Category::KeyError, Verdict::OutdatedTest)],
            coverage: coverage("Name  Stmts\nTOTAL   120   18   85%\n"),
            history: &[entry],
            lessons: 3,
        });
        for line in [
            "# TYPE pytest_test_duration_seconds histogram",
            "pytest_test_duration_seconds_bucket{le=\"0.005\"} 1",
            "pytest_test_duration_seconds_bucket{le=\"10\"} 1",
            "pytest_test_duration_seconds_bucket{le=\"+Inf\"} 2",
            "pytest_test_duration_seconds_sum 20.004",
            "pytest_test_duration_seconds_count 2",
            "pytest_session_duration_seconds 1.5",
            "pytest_coverage_percent 85",
            "pytest_test_failures_total 1",
            "pytest_tests{outcome=\"passed\"} 2",
            "pytest_medic_failures{category=\"KeyError\",verdict=\"outdated-test\"} 1",
            "pytest_medic_fixes_total{strategy=\"a\\\"b\",outcome=\"failed-validation\"} 1",
            "pytest_medic_lessons 3",
        ] {
            assert!(page.lines().any(|told| told == line), "{line} is missing in\n{page}");
        }
    }

    #[test]
    fn what_the_run_does_not_say_is_left_out() {
        let facts = Facts {
            report: &Report::default(),
            diagnoses: &[],
            coverage: coverage("TOTAL of 9%"),
            history: &[],
            lessons: 0,
        };
        let page = exposition(&facts);
        assert!(
            !page.contains("session_duration") && !page.contains("test_duration") && !page.contains("coverage_percent")
        );
    }

    #[test]
    fn a_total_that_is_no_coverage_is_none() {
        for log in ["", "TOTAL 5", "TOTAL 500%", "total 85%", "TOTAL x%"] {
            assert_eq!(coverage(log), None, "{log:?}");
        }
    }
}
