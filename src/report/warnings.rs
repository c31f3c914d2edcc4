//! pytest's warnings summary.

use super::Warning;

/// Warnings kept, and node ids kept for each.
const MAX_WARNINGS: usize = 1_000;

/// The warnings of a session, being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    pub(super) found: Vec<Warning>,
    /// The locations above a warning: node ids, or `path:line` of collection time.
    places: Vec<String>,
}

impl Warnings {
    /// Takes a line of the section: locations at column 0, then `  /abs/x.py:25: DeprecationWarning: text`,
    /// further lines of the text, and `    source line`.
    pub(super) fn push(&mut self, line: &str) {
        if line.is_empty() {
            self.places.clear();
        } else if let Some(text) = line.strip_prefix("  ") {
            self.text(text);
        } else if !line.starts_with("-- Docs:") && self.places.len() < MAX_WARNINGS {
            self.places.push(line.trim_end().to_string());
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(warning) = (!text.starts_with(' ')).then(|| read(text)).flatten() {
            if self.found.len() < MAX_WARNINGS {
                let nodeids = self.places.iter().filter(|place| place.contains("::")).cloned().collect();
                self.found.push(Warning { nodeids, ..warning });
            }
        } else if let Some(last) = self.found.last_mut()
            && !text.starts_with("  ")
            && last.message.len() < 4096
        {
            last.message.push('\n');
            last.message.push_str(text);
        }
    }
}

/// `/abs/x.py:25: DeprecationWarning: text`
fn read(text: &str) -> Option<Warning> {
    let at = super::rule::Location::read(text)?;
    let (category, message) = at.rest.split_once(": ").unwrap_or((at.rest, ""));
    Some(Warning {
        path: Some(at.path.to_string()),
        line: Some(at.line),
        category: Some(super::rule::bare(category).to_string()),
        message: message.to_string(),
        nodeids: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_has_place_category_and_tests() {
        let mut warnings = Warnings::default();
        for line in [
            "t/a.py::test_x",
            "  /p/t/a.py:25: DeprecationWarning: old api",
            "    warnings.warn(\"old api\")",
            "",
            "t/a.py::test_x",
            "t/a.py::test_y",
            "  /p/t/a.py:26: UserWarning: two",
            "  lines",
            "    source",
        ] {
            warnings.push(line);
        }
        let seen: Vec<_> = warnings
            .found
            .iter()
            .map(|w| (w.line, w.category.as_deref(), w.message.as_str(), w.nodeids.len()))
            .collect();
        let expected =
            [(Some(25), Some("DeprecationWarning"), "old api", 1), (Some(26), Some("UserWarning"), "two\nlines", 2)];
        assert_eq!(seen, expected);
    }
}
