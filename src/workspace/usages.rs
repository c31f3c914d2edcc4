//! Examples as evidence: the statements of the project that mention a name.

use serde::Serialize;

use crate::syntax::statements::statements;
use crate::text::FilePath;

use super::Snapshot;
use super::words::occurrences;

/// A statement that mentions a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The file.
    pub path: FilePath,
    /// 1-based line of the statement.
    pub line: u32,
    /// The statement, or the head of a compound one.
    pub text: String,
}

impl Snapshot {
    /// Statements of the workspace that mention `name`, at most `most` of them: those of tests first, in
    /// file order.
    pub fn usages(&self, name: &str, most: usize) -> Vec<Usage> {
        let mut files = self.files_naming(name);
        files.sort_by_key(|path| !path.file_name().starts_with("test_"));
        let mut found = Vec::new();
        for path in files {
            if found.len() >= most {
                break;
            }
            let Some(source) = self.source(&path) else { continue };
            let mut offsets = occurrences(source.text(), name).peekable();
            for statement in statements(&source) {
                while offsets.next_if(|&at| at < statement.range.start).is_some() {}
                if offsets.next_if(|&at| at < statement.range.end).is_some() && found.len() < most {
                    let text = source.text()[statement.range].to_string();
                    found.push(Usage { path: path.clone(), line: statement.line, text });
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_mention_a_name_are_found_tests_first() {
        let snapshot = Snapshot::in_memory([
            ("shop.py", "def total(): ...\n# total\nx = total()\n"),
            ("test_shop.py", "def test():\n    assert total(\n        1) == subtotal\n"),
        ]);
        let found = snapshot.usages("total", 10);
        let seen: Vec<_> = found.iter().map(|usage| (usage.path.as_str(), usage.line)).collect();
        assert_eq!(seen, [("test_shop.py", 2), ("shop.py", 1), ("shop.py", 3)]);
        assert_eq!(snapshot.usages("total", 1).len(), 1);
    }
}
