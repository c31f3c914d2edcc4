//! Tables of TOML files, with the line of each key.

use std::io::ErrorKind;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value as Toml};

use super::keys::kebab;
use super::{Origin, Problem, Setting, Value};
use crate::text::{FilePath, LineIndex};

/// The file of the project's settings.
pub(super) const NAME: &str = "pyproject.toml";

/// A key of a table or a section, as it is written there.
pub(super) struct Entry {
    pub key: String,
    pub value: Value,
    pub origin: Origin,
}

/// What a table or a section holds.
pub(super) type Entries = Vec<Entry>;

/// The settings of `[tool.pytest-medic]`.
pub(super) fn read(root: &Path) -> (Vec<Setting>, Vec<Problem>) {
    match text(root, NAME).and_then(|text| text.map_or(Ok(Vec::new()), |text| settings(&text))) {
        Ok(settings) => (settings, Vec::new()),
        Err(problem) => (Vec::new(), vec![problem]),
    }
}

/// The settings of `[tool.pytest-medic]` in the text of pyproject.toml.
pub(super) fn settings(text: &str) -> Result<Vec<Setting>, Problem> {
    let entries = table(NAME, text, &["tool", "pytest-medic"])?.unwrap_or_default();
    let setting =
        |entry: Entry| Setting { key: kebab(&entry.key), written: entry.key, value: entry.value, origin: entry.origin };
    Ok(entries.into_iter().map(setting).collect())
}

/// The text of a file below the root; `None` where there is no such file.
pub(super) fn text(root: &Path, name: &str) -> Result<Option<String>, Problem> {
    let problem = |line: usize, message: String| Problem {
        origin: Origin::File { path: FilePath::new(name), line: line as u32 + 1 },
        message,
    };
    let bytes = match std::fs::read(root.join(name)) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(problem(0, format!("this file cannot be read: {error}"))),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count();
        problem(line, "this is no TOML: it is not UTF-8; save it as UTF-8".to_string())
    })
}

/// The entries of the table at `path`, `None` where the file has no such table.
pub(super) fn table(name: &str, text: &str, path: &[&str]) -> Result<Option<Entries>, Problem> {
    let lines = LineIndex::new(text);
    let at = |offset: Option<usize>| Origin::File {
        path: FilePath::new(name),
        line: lines.line_at(offset.unwrap_or(0)) as u32 + 1,
    };
    let document = Document::parse(text).map_err(|error| {
        let message = format!("this is no TOML: {}", error.message().lines().next().unwrap_or("it cannot be read"));
        Problem { origin: at(error.span().map(|span| span.start)), message }
    })?;
    let mut table: &dyn TableLike = document.as_table();
    for step in path {
        let Some(item) = table.get(step) else { return Ok(None) };
        table = item.as_table_like().ok_or_else(|| {
            let message = format!("`{step}` is {}, but must be a table: [{}]", value_of(item), path.join("."));
            Problem { origin: at(item.span().map(|span| span.start)), message }
        })?;
    }
    let entry = |(key, item): (&str, &Item)| {
        let span = table.key(key).and_then(|key| key.span());
        Entry { key: key.to_string(), value: value_of(item), origin: at(span.map(|span| span.start)) }
    };
    Ok(Some(table.iter().map(entry).collect()))
}

/// A value that no setting takes, in one line.
fn other(item: &Item) -> Value {
    Value::Other(item.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn value_of(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        let entry = |(old, new): (&str, &Item)| Some((old.to_string(), new.as_str()?.to_string()));
        return table.iter().map(entry).collect::<Option<_>>().map_or_else(|| other(item), Value::Table);
    }
    match item.as_value() {
        Some(Toml::String(text)) => Value::Text(text.value().clone()),
        Some(Toml::Integer(number)) => Value::Number(*number.value() as f64),
        Some(Toml::Float(number)) => Value::Number(*number.value()),
        Some(Toml::Boolean(flag)) => Value::Flag(*flag.value()),
        Some(Toml::Array(items)) => match items.iter().map(|item| item.as_str().map(String::from)).collect() {
            Some(items) => Value::List(items),
            None => other(item),
        },
        _ => other(item),
    }
}
