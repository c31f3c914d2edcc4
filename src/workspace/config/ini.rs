//! Ini files, as far as pytest's options need them.

use super::toml::{Entries, Entry};
use super::{Origin, Value};
use crate::text::FilePath;

/// The options of a section of the file `name`, `None` where it has no such section; indented lines continue the
/// value above.
pub(super) fn options(name: &str, text: &str, section: &str) -> Option<Entries> {
    let path = FilePath::new(name);
    let mut found: Option<Entries> = None;
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
                if let Some(Entry { value: Value::Text(value), .. }) = options.last_mut() {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
                let (key, value) = (key.trim().to_string(), Value::Text(value.trim().to_string()));
                options.push(Entry { key, value, origin: Origin::File { path: path.clone(), line: index as u32 + 1 } });
            }
        }
    }
    found
}
