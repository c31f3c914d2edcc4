//! `[tool.pytest-medic]` of pyproject.toml, with the line of each key.

use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value as Toml};

use super::keys::kebab;
use super::{Origin, Problem, Setting, Value};
use crate::text::{FilePath, LineIndex};

const NAME: &str = "pyproject.toml";

pub(super) fn read(root: &Path) -> (Vec<Setting>, Vec<Problem>) {
    // No file, or none that can be read, is no configuration.
    std::fs::read_to_string(root.join(NAME)).map(|text| settings(&text)).unwrap_or_default()
}

/// The settings in the text of pyproject.toml.
pub(super) fn settings(text: &str) -> (Vec<Setting>, Vec<Problem>) {
    let lines = LineIndex::new(text);
    let at = |offset: Option<usize>| Origin::File {
        path: FilePath::new(NAME),
        line: lines.line_at(offset.unwrap_or(0)) as u32 + 1,
    };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("this is no TOML: {}", error.message().lines().next().unwrap_or("it cannot be read"));
            return (Vec::new(), vec![Problem { origin: at(error.span().map(|span| span.start)), message }]);
        }
    };
    let tool = document.as_table().get("tool").and_then(Item::as_table_like);
    let mut settings = Vec::new();
    let pytest = tool.and_then(|tool| tool.get("pytest")).and_then(Item::as_table_like);
    let options = pytest.and_then(|pytest| pytest.get("ini_options")).and_then(Item::as_table_like);
    // pytest reads its options from here too; they mean what they mean in pytest.ini.
    for (name, value, offset) in options.into_iter().flat_map(entries) {
        let known = super::Key::ALL.iter().find(|key| key.ini == Some(name.as_str()));
        settings.extend(known.map(|key| Setting { key: key.name.to_string(), value, origin: at(offset) }));
    }
    let own = tool.and_then(|tool| tool.get("pytest-medic")).and_then(Item::as_table_like);
    for (name, value, offset) in own.into_iter().flat_map(entries) {
        settings.push(Setting { key: kebab(&name), value, origin: at(offset) });
    }
    (settings, Vec::new())
}

fn entries(table: &dyn TableLike) -> Vec<(String, Value, Option<usize>)> {
    let entry = |(name, item): (&str, &Item)| {
        let span = table.key(name).and_then(|key| key.span());
        (name.to_string(), value_of(item), span.map(|span| span.start))
    };
    table.iter().map(entry).collect()
}

fn value_of(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        let entry = |(old, new): (&str, &Item)| Some((old.to_string(), new.as_str()?.to_string()));
        return table.iter().map(entry).collect::<Option<_>>().map_or(Value::Other, Value::Table);
    }
    match item.as_value() {
        Some(Toml::String(text)) => Value::Text(text.value().clone()),
        Some(Toml::Integer(number)) => Value::Number(*number.value() as f64),
        Some(Toml::Float(number)) => Value::Number(*number.value()),
        Some(Toml::Boolean(flag)) => Value::Flag(*flag.value()),
        Some(Toml::Array(items)) => match items.iter().map(|item| item.as_str().map(String::from)).collect() {
            Some(items) => Value::List(items),
            None => Value::Other,
        },
        _ => Value::Other,
    }
}
