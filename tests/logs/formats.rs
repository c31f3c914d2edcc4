//! One run in every format: equal reports, as far as each format carries them.

use std::path::Path;

use pytest_medic::report::{Captured, Failure, Format, Report, parse};

fn read(name: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/9.2").join(name);
    parse(&std::fs::read(path).unwrap())
}

fn sorted(report: Report, blank: impl Fn(&mut Failure)) -> Vec<Failure> {
    let mut failures = report.failures;
    failures.iter_mut().for_each(blank);
    failures.sort_by(|a, b| (&a.nodeid, a.phase).cmp(&(&b.nodeid, b.phase)));
    failures
}

#[test]
fn reportlog_and_json_report_equal_the_log() {
    for (name, format) in
        [("formats.reportlog.jsonl", Format::Reportlog), ("formats.json-report.json", Format::JsonReport)]
    {
        let report = read(name);
        assert_eq!(report.runs[0].format, format);
        assert_eq!(report.runs[0].rootdir.as_deref(), Some("/home/dev/proj"));
        assert_eq!(sorted(report, |_| {}), sorted(read("formats.log"), |_| {}), "{name}");
    }
}

#[test]
fn junit_xml_equals_the_log_but_for_the_order_of_captured_text() {
    let report = read("formats.junit.xml");
    assert_eq!(report.runs[0].format, Format::JunitXml);
    // the XML of a test mixes the output of its phases
    let blank = |failure: &mut Failure| {
        failure.captured = Captured::default();
        failure.available_fixtures.clear();
    };
    assert_eq!(sorted(report, blank), sorted(read("formats.log"), blank));
}

#[test]
fn every_format_counts_failures_and_errors_alike() {
    for name in ["formats.log", "formats.reportlog.jsonl", "formats.json-report.json", "formats.junit.xml"] {
        let counts = &read(name).runs[0].counts;
        assert_eq!((counts.failed, counts.errors), (Some(9), Some(3)), "{name}");
    }
}

#[test]
fn a_log_and_its_xml_merge_into_one_report() {
    let mut merged = read("formats.junit.xml");
    merged.merge(read("formats.log"));
    assert_eq!((merged.runs.len(), merged.failures.len()), (2, 12));
}
