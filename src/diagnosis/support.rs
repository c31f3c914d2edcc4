//! What a test stands on beside the product: the fixtures that it gets, and the commit that changed one of them.

use crate::syntax::{Source, descendants};
use crate::workspace::Snapshot;
use crate::workspace::fixtures::{is_fixture, reached};
use crate::workspace::history::Change;

use super::Site;

/// The fixture that a test gets, asked or not, and the change of it since the test was last touched.
pub fn changed_fixture(snapshot: &Snapshot, site: &Site) -> Option<(String, Change)> {
    let known = snapshot.fixtures_at(&site.path, site.statement.start);
    let requests = snapshot.fixture_requests(&site.path, site.statement.start);
    let asked = reached(&known, requests.into_iter().map(|request| request.name));
    known.iter().find_map(|fixture| {
        let path = fixture.path.clone().filter(|path| path.is_inside() && path.is_test_code() && *path != site.path)?;
        let is_got = |text: &str| fixture.autouse || asked.contains(&fixture) || text.contains("autouse=True");
        let changes = snapshot.history().changes_of(&path, &site.path).into_iter();
        let change = changes.into_iter().find(|change| {
            let text = |text: &Option<_>| text.as_ref().and_then(|text| written(text, &fixture.name));
            let (before, after) = (text(&change.before), text(&change.after));
            before != after && before.is_some_and(|before| is_got(&before))
        })?;
        Some((fixture.name.clone(), change))
    })
}

/// A fixture of a file as it is written, with its decorators.
fn written(text: &std::sync::Arc<str>, name: &str) -> Option<String> {
    let source = Source::parse(text.clone());
    let function = descendants(source.root()).find(|node| {
        node.kind() == "function_definition"
            && node.child_by_field_name("name").is_some_and(|own| source.slice(own) == name)
            && is_fixture(&source, *node)
    })?;
    Some(source.slice(function.parent()?).to_string())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A fixture before and now, a test that does not ask for it by itself, and the reason.
    fn scene(before: &str, now: &str, reason: &str) -> String {
        format!(
            r#"
#- before: tests/conftest.py
import pytest

{before}

@pytest.fixture
def client(region):
    return 1
#- tests/conftest.py
import pytest

{now}

@pytest.fixture
def client(region):
    return 1
#- tests/test_client.py
def test_client(client):
    assert client.size() == 2
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_client __________________________________
tests/test_client.py:2: in test_client
    assert client.size() == 2
E   AttributeError: 'int' object has no attribute 'size'
#- healed
no fix: {reason}
"#
        )
    }

    #[test]
    fn a_fixture_that_changed_is_named() {
        let before = "@pytest.fixture\ndef region(monkeypatch):\n    monkeypatch.setenv(\"REGION\", \"eu\")";
        check(&scene(before, &before.replace("eu", "us"), "the fixture `region` changed in tests/conftest.py"));
        check(&scene(before, before, "other tests, chance or this machine"));
    }
}
