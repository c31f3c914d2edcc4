//! pytest's own ini files: the options that the healing framework added to them.

use std::path::Path;

use super::{Key, Origin, Problem, Setting, Value};
use crate::text::FilePath;

/// The files and their sections, in pytest's order; the first that has its section counts, and
/// pytest.ini counts even without one.
const FILES: [(&str, &str); 4] =
    [("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")];

pub(super) fn read(root: &Path) -> (Vec<Setting>, Vec<Problem>) {
    for (name, section) in FILES {
        let Ok(text) = std::fs::read_to_string(root.join(name)) else { continue };
        let options = options(&text, section);
        if options.is_some() || name.ends_with("pytest.ini") {
            let setting = |(option, value, line): (String, String, u32)| {
                let key = Key::ALL.iter().find(|key| key.ini == Some(option.as_str()))?;
                let origin = Origin::File { path: FilePath::new(name), line };
                Some(Setting { key: key.name.to_string(), value: Value::Text(value), origin })
            };
            return (options.unwrap_or_default().into_iter().filter_map(setting).collect(), Vec::new());
        }
    }
    Default::default()
}

/// The options of a section with their 1-based lines; indented lines continue the value above.
fn options(text: &str, section: &str) -> Option<Vec<(String, String, u32)>> {
    let mut found: Option<Vec<(String, String, u32)>> = None;
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            inside = name.0.trim() == section;
            if inside {
                found.get_or_insert_default();
            }
        } else if let Some(options) = found.as_mut().filter(|_| inside) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value, _)) = options.last_mut() {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            } else if let Some((name, value)) = trimmed.split_once(['=', ':']) {
                options.push((name.trim().to_string(), value.trim().to_string(), index as u32 + 1));
            }
        }
    }
    found
}
