//! Node ids of parametrized tests follow the values of their rows: `test_total[2-4]` becomes `test_total[2-5]`.

use std::collections::HashMap;

use crate::syntax::is_in_body;
use crate::text::Edit;
use crate::workspace::Snapshot;

/// What the tests of one run are called in another one, where that is something else.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<String, String>);

impl Ids {
    /// The tests of two runs, both in the order in which they ran: where a function has as many rows as before, each row
    /// is the one in its place.
    pub(super) fn between<'i>(
        before: impl IntoIterator<Item = &'i String>,
        after: impl IntoIterator<Item = &'i String>,
    ) -> Self {
        let (before, after) = (rows(before), rows(after));
        let same_count = before.into_iter().filter_map(|(function, olds)| {
            let news = after.get(function)?;
            (olds.len() == news.len() && olds != *news).then(|| olds.into_iter().zip(news.clone()))
        });
        Self(same_count.flatten().map(|(old, new)| (old.to_string(), new.to_string())).collect())
    }

    /// What the test is called now.
    pub(super) fn now<'a>(&'a self, nodeid: &'a str) -> &'a str {
        self.0.get(nodeid).map_or(nodeid, String::as_str)
    }
}

/// The parametrized tests by their function.
fn rows<'i>(nodeids: impl IntoIterator<Item = &'i String>) -> HashMap<&'i str, Vec<&'i str>> {
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    for nodeid in nodeids {
        let function = function(nodeid);
        if function.len() < nodeid.len() {
            found.entry(function).or_default().push(nodeid);
        }
    }
    found
}

/// The folder of a conftest that could not be loaded, `""` for that of the project: all tests below it failed by it.
pub(super) fn folder_of_conftest(nodeid: &str) -> Option<&str> {
    let folder = nodeid.strip_suffix("conftest.py")?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}

/// What pytest has to be asked for to see a node id fail or pass.
pub(super) fn to_run(nodeid: &str) -> &str {
    match folder_of_conftest(nodeid) {
        Some("") => ".",
        Some(folder) => folder.trim_end_matches('/'),
        None => nodeid,
    }
}

/// The node id without its parameters.
pub(super) fn function(nodeid: &str) -> &str {
    let name = nodeid.find("::").unwrap_or(0);
    nodeid[name..].find('[').map_or(nodeid, |at| &nodeid[..name + at])
}

/// Whether `edits` change something that tests are collected by: anything outside of the bodies of functions.
pub(super) fn may_change(snapshot: &Snapshot, edits: &[Edit]) -> bool {
    edits.iter().any(|edit| {
        let source = snapshot.source(&edit.path);
        !source.is_some_and(|source| source.node_at(edit.range.clone()).is_some_and(is_in_body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FilePath;

    fn ids(rows: &[&str]) -> Vec<String> {
        rows.iter().map(|row| format!("t.py::{row}")).collect()
    }

    #[test]
    fn rows_keep_their_place() {
        let before = ids(&["test_a[1-2]", "test_b", "test_a[3-4]", "test_c[x::y]", "test_d[1]"]);
        let after = ids(&["test_a[1-2]", "test_b", "test_a[3-5]", "test_c[x::z]", "test_d[1]", "test_d[2]"]);
        let found = Ids::between(&before, &after);
        let now: Vec<&str> = before.iter().map(|id| &found.now(id)["t.py::".len()..]).collect();
        assert_eq!(now, ["test_a[1-2]", "test_b", "test_a[3-5]", "test_c[x::z]", "test_d[1]"]);
    }

    #[test]
    fn what_stands_in_a_body_changes_no_id() {
        let text = "import pytest\n\n@pytest.mark.parametrize('a', [1])\ndef test_a(a):\n    assert a == 1\n";
        let snapshot = Snapshot::in_memory([("t.py", text)]);
        let edit = |part: &str| {
            let at = text.find(part).unwrap();
            [Edit::replace(&FilePath::new("t.py"), at..at + part.len(), "x")]
        };
        assert!(may_change(&snapshot, &edit("[1]")) && may_change(&snapshot, &edit("test_a")));
        assert!(!may_change(&snapshot, &edit("== 1")));
    }
}
