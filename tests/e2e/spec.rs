//! What the protocol asks of a message: its shape read strictly by method, and positions inside the text.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::ls_types as lsp;

/// Checks the parameters of a notification or request of the server.
pub fn check_params(method: &str, params: &Value) {
    match method {
        "textDocument/publishDiagnostics" => exactly::<lsp::PublishDiagnosticsParams>(method, params),
        "window/logMessage" => exactly::<lsp::LogMessageParams>(method, params),
        "window/showMessage" => exactly::<lsp::ShowMessageParams>(method, params),
        "window/showMessageRequest" => exactly::<lsp::ShowMessageRequestParams>(method, params),
        "window/showDocument" => exactly::<lsp::ShowDocumentParams>(method, params),
        "window/workDoneProgress/create" => exactly::<lsp::WorkDoneProgressCreateParams>(method, params),
        "$/progress" => exactly::<lsp::ProgressParams>(method, params),
        "client/registerCapability" => exactly::<lsp::RegistrationParams>(method, params),
        "workspace/applyEdit" => exactly::<lsp::ApplyWorkspaceEditParams>(method, params),
        "workspace/configuration" => exactly::<lsp::ConfigurationParams>(method, params),
        "pytest-medic/resultsChanged" => assert!(params["running"].is_boolean(), "{params}"),
        refresh if refresh.starts_with("workspace/") && refresh.ends_with("/refresh") => assert!(params.is_null()),
        other => panic!("the server has no business with {other}"),
    }
    check_enums(params);
}

/// Checks the result of a request of the client.
pub fn check_result(method: &str, result: &Value) {
    match method {
        "initialize" => exactly::<lsp::InitializeResult>(method, result),
        "textDocument/hover" => exactly::<Option<lsp::Hover>>(method, result),
        "textDocument/codeAction" => exactly::<Option<lsp::CodeActionResponse>>(method, result),
        "codeAction/resolve" => exactly::<lsp::CodeAction>(method, result),
        "textDocument/codeLens" => exactly::<Option<Vec<lsp::CodeLens>>>(method, result),
        "textDocument/inlayHint" => exactly::<Option<Vec<lsp::InlayHint>>>(method, result),
        "textDocument/documentSymbol" => exactly::<Option<lsp::DocumentSymbolResponse>>(method, result),
        "workspace/symbol" => exactly::<Option<Vec<lsp::SymbolInformation>>>(method, result),
        "textDocument/diagnostic" => exactly::<lsp::DocumentDiagnosticReportResult>(method, result),
        _ => {}
    }
}

/// Reads a value as its type and writes it again: no field may be missing, misspelt or invented.
fn exactly<T: DeserializeOwned + Serialize>(method: &str, value: &Value) {
    let mut value = value.clone();
    drop_annotations(&mut value);
    let typed: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{method}: {error}: {value:#}"));
    assert_eq!(serde_json::to_value(typed).unwrap(), value, "{method} holds what the protocol does not know");
}

/// The types read an annotated text edit as a plain one and lose its annotation. It must be a known one.
fn drop_annotations(value: &mut Value) {
    let known: Vec<String> =
        value["changeAnnotations"].as_object().map(|known| known.keys().cloned().collect()).unwrap_or_default();
    if !known.is_empty() {
        let edits = value["documentChanges"].as_array_mut().into_iter().flatten();
        for edit in edits.flat_map(|change| change["edits"].as_array_mut().into_iter().flatten()) {
            let id = edit.as_object_mut().and_then(|edit| edit.remove("annotationId"));
            assert!(
                id.as_ref().and_then(Value::as_str).is_none_or(|id| known.iter().any(|known| known == id)),
                "{id:?}"
            );
        }
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(drop_annotations),
        Value::Array(items) => items.iter_mut().for_each(drop_annotations),
        _ => {}
    }
}

/// Numbers of the protocol's enumerations.
fn check_enums(value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(check_enums),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "severity" => assert!((1..=4).contains(&field.as_i64().unwrap()), "{value}"),
                    "data" | "registerOptions" => {}
                    _ => check_enums(field),
                }
            }
        }
        _ => {}
    }
}

/// A range must lie in the text, its start before its end, its columns within their lines.
pub fn check_range(text: &str, range: &Value) {
    let (start, end) = (&range["start"], &range["end"]);
    assert!(key(start) <= key(end), "turned around: {range}");
    for place in [start, end] {
        let line = lines(text).nth(key(place).0 as usize).unwrap_or_else(|| panic!("no such line: {range} in {text}"));
        let width = line.chars().map(char::len_utf16).sum::<usize>() as u64;
        assert!(key(place).1 <= width, "no such column: {range} in {line:?}");
    }
}

pub fn key(position: &Value) -> (u64, u64) {
    (position["line"].as_u64().unwrap(), position["character"].as_u64().unwrap())
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r'))
}

/// The UTF-16 position of a byte offset (texts of these tests end their lines with `\n`).
pub fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let column: usize = before.rsplit('\n').next().unwrap().chars().map(char::len_utf16).sum();
    serde_json::json!({"line": line, "character": column})
}

/// The byte offset of a UTF-16 position.
pub fn offset(text: &str, position: &Value) -> usize {
    let (line, mut units) = key(position);
    let start: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
    for (at, c) in text[start..].char_indices() {
        if units == 0 || c == '\n' {
            return start + at;
        }
        units = units.saturating_sub(c.len_utf16() as u64);
    }
    text.len()
}

/// The text of a range.
pub fn slice<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[offset(text, &range["start"])..offset(text, &range["end"])]
}
