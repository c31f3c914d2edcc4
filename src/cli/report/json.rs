//! `--format json`: the report with its diagnoses (docs/json.md).

use serde_json::{Value, json};

use super::Findings;

pub(super) fn render(findings: &Findings) -> String {
    pretty(&value(findings))
}

pub(super) fn value(findings: &Findings) -> Value {
    let mut value = json!(findings.report);
    value["schema"] = json!(1);
    let failures = value["failures"].as_array_mut().into_iter().flatten();
    for (failure, diagnosis) in failures.zip(&findings.diagnoses) {
        failure["category"] = json!(diagnosis.category);
        failure["verdict"] = json!(diagnosis.verdict);
        failure["reason"] = json!(diagnosis.reason);
        failure["subject"] = json!(diagnosis.subject);
    }
    value
}

pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
