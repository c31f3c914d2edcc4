//! pytest's own configuration: the options in it that mean one of our keys.

use std::path::Path;

use super::toml::{self, Entries};
use super::{Key, PYTEST_FILES, Problem, Setting, ini};

/// The options of the first file that counts as pytest's configuration.
pub(super) fn read(root: &Path) -> (Vec<Setting>, Vec<Problem>) {
    let mut problems = Vec::new();
    for name in PYTEST_FILES {
        match of_file(root, name) {
            Ok(Some(entries)) => return (settings(entries), problems),
            Ok(None) => {}
            // What is wrong with pyproject.toml is told with our own table.
            Err(problem) => problems.extend((name != toml::NAME).then_some(problem)),
        }
    }
    (Vec::new(), problems)
}

/// The options in the text of pyproject.toml.
pub(super) fn of_pyproject(text: &str) -> Result<Option<Entries>, Problem> {
    let native = toml::table(toml::NAME, text, &["tool", "pytest"])?;
    match native.filter(|entries| entries.iter().any(|entry| entry.key != "ini_options")) {
        Some(entries) => Ok(Some(entries)),
        None => toml::table(toml::NAME, text, &["tool", "pytest", "ini_options"]),
    }
}

/// The entries that mean one of our keys.
pub(super) fn settings(entries: Entries) -> Vec<Setting> {
    let setting = |entry: toml::Entry| {
        let key = Key::ALL.iter().find(|key| key.ini == Some(entry.key.as_str()))?;
        Some(Setting { key: key.name.to_string(), written: entry.key, value: entry.value, origin: entry.origin })
    };
    entries.into_iter().filter_map(setting).collect()
}

/// What a file tells pytest; `None` where it tells nothing. The files that are called after pytest count even
/// without their section.
fn of_file(root: &Path, name: &str) -> Result<Option<Entries>, Problem> {
    if !name.ends_with(".toml") {
        // pytest.ini and its like are of any encoding, and what is wrong with them pytest says.
        let Ok(bytes) = std::fs::read(root.join(name)) else { return Ok(None) };
        let section = if name == "setup.cfg" { "tool:pytest" } else { "pytest" };
        let options = ini::options(name, &String::from_utf8_lossy(&bytes), section);
        return Ok(if name.ends_with("pytest.ini") { Some(options.unwrap_or_default()) } else { options });
    }
    let Some(text) = toml::text(root, name)? else { return Ok(None) };
    match name == toml::NAME {
        true => of_pyproject(&text),
        false => Ok(Some(toml::table(name, &text, &["pytest"])?.unwrap_or_default())),
    }
}
