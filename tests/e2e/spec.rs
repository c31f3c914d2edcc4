//! What the protocol asks beyond the shape of a message: positions inside the text, annotations that are explained.

use serde_json::Value;

/// The annotation of each edit is one that the workspace edit explains.
pub fn check_annotations(edit: &Value) {
    let edits = edit["documentChanges"].as_array().into_iter().flatten();
    for edit_of in edits.flat_map(|change| change["edits"].as_array().into_iter().flatten()) {
        let id = edit_of.get("annotationId").and_then(Value::as_str);
        assert!(id.is_none_or(|id| edit["changeAnnotations"].get(id).is_some()), "not explained: {edit_of}");
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
