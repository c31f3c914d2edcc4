//! `--format sarif`: SARIF 2.1.0 for code scanning.

use serde_json::{Value, json};

use super::human::{headline, shown_verdict};
use super::json::pretty;
use super::{Findings, category};
use crate::diagnosis::{Diagnosis, Verdict};
use crate::report::{Failure, Frame};

/// Paths are relative to the checkout.
const ROOT: &str = "SRCROOT";

pub(super) fn render(findings: &Findings) -> String {
    let mut categories: Vec<String> = findings.diagnoses.iter().map(category).collect();
    categories.sort_unstable();
    categories.dedup();
    let results = findings.report.failures.iter().zip(&findings.diagnoses);
    let went_through = findings.report.runs.iter().all(|run| run.stopped.is_none() && run.complete);
    let stopped = findings.report.runs.iter().filter_map(|run| run.stopped.as_deref());
    let notifications: Vec<_> = stopped.map(|why| json!({"level": "error", "message": {"text": why}})).collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pytest-medic",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": categories.iter().map(|category| rule(category)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": [{"executionSuccessful": went_through, "toolExecutionNotifications": notifications}],
            "results": results.map(|(failure, diagnosis)| result(failure, diagnosis, &categories)).collect::<Vec<_>>(),
        }],
    }))
}

fn rule(category: &str) -> Value {
    json!({
        "id": category,
        "shortDescription": {"text": format!("A test failed: {category}.")},
        "help": {"text": format!("pytest-medic explain {category}")},
        "defaultConfiguration": {"level": "error"},
    })
}

fn result(failure: &Failure, diagnosis: &Diagnosis, categories: &[String]) -> Value {
    let category = category(diagnosis);
    let mut text = headline(failure);
    for line in failure.hint.clone().into_iter().chain(shown_verdict(diagnosis)) {
        text.push('\n');
        text.push_str(&line);
    }
    let mut result = json!({
        "ruleId": category,
        "ruleIndex": categories.iter().position(|known| *known == category),
        "level": if diagnosis.verdict == Verdict::Flaky { "warning" } else { "error" },
        "kind": "fail",
        "message": {"text": text},
        "locations": [site(failure)],
        "partialFingerprints": {"test/v1": format!("{}:{:?}", failure.nodeid, failure.phase)},
        "properties": {
            "nodeid": failure.nodeid, "phase": failure.phase, "exc_type": failure.exc_type, "verdict": diagnosis.verdict,
        },
    });
    if !failure.frames.is_empty() {
        let frames: Vec<_> = failure.frames.iter().rev().map(stack_frame).collect();
        result["stacks"] = json!([{"message": {"text": "traceback, newest first"}, "frames": frames}]);
    }
    result
}

/// Where the failure surfaces; its test alone where no line is known.
fn site(failure: &Failure) -> Value {
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": failure.nodeid, "kind": "function"}]});
    if let Some(path) = &failure.path {
        location["physicalLocation"] = physical(path, failure.line);
    }
    location
}

fn stack_frame(frame: &Frame) -> Value {
    let text = frame.function.clone().or_else(|| frame.text.clone()).unwrap_or_else(|| frame.path.clone());
    json!({"location": {"physicalLocation": physical(&frame.path, Some(frame.line)), "message": {"text": text}}})
}

fn physical(path: &str, line: Option<u32>) -> Value {
    let artifact = match path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        true => json!({"uri": format!("file:///{}", uri(path.trim_start_matches('/')))}),
        false => json!({"uri": uri(path), "uriBaseId": ROOT}),
    };
    let mut physical = json!({"artifactLocation": artifact});
    if let Some(line) = line.filter(|line| *line > 0) {
        physical["region"] = json!({"startLine": line});
    }
    physical
}

/// Percent-encodes what RFC 3986 does not allow in a path.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}
