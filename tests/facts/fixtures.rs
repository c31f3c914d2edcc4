//! The fixtures that a test can ask for, compared with what pytest itself says (`--fixtures-per-test`
//! lists those that a test uses; the fixture manager knows all that it can ask for).

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use pytest_medic::text::FilePath;
use pytest_medic::workspace::{Config, Snapshot};

use super::venv;

/// Asks pytest, after collection, which fixtures each test can see.
const PLUGIN: &str = r#"
import functools
import inspect
import json
import os
import re

def definitions(manager, item):
    if hasattr(manager, "_get_all_fixture_defs_for_node"):  # pytest 9.2
        return list(manager._get_all_fixture_defs_for_node(item))
    return [found for name in manager._arg2fixturedefs for found in manager.getfixturedefs(name, item) or ()]

@functools.lru_cache(maxsize=None)
def mentions(path, name):
    with open(path, encoding="utf-8") as file:
        return re.search(rf"\b{name}\b", file.read()) is not None

def is_written(definition):
    """Whether a source defines it; `globals()[f"package_{n}"] = make_fixture(n)` makes others up at run time."""
    code = getattr(inspect.unwrap(getattr(definition.func, "__func__", definition.func)), "__code__", None)
    return code is None or not os.path.exists(code.co_filename) or mentions(code.co_filename, definition.argname)

def pytest_collection_finish(session):
    seen, made = {}, set()
    for item in session.items:
        names = set()
        for definition in definitions(session._fixturemanager, item):
            (names if is_written(definition) else made).add(definition.argname)
        seen[item.location[0] + "::" + item.location[2].split("[")[0]] = sorted(names)
    seen["made at run time"] = sorted(made)
    with open(os.environ["FIXTURES_SEEN"], "w") as file:
        json.dump(seen, file)
"#;

const SUITE: [(&str, &str); 7] = [
    ("pytest.ini", "[pytest]\n"),
    (
        "conftest.py",
        "import pytest\nfrom shared.db import *\nfrom shared.db import _hidden as shown\npytest_plugins = ['shared.plugin', 'pytester']\n\n@pytest.fixture(scope='session')\ndef cluster():\n    yield 1\n\nimport importlib\nif importlib:\n    @pytest.fixture\n    def conditional(): return 1\n",
    ),
    ("shared/__init__.py", ""),
    (
        "shared/db.py",
        "import pytest\n@pytest.fixture\ndef database(): return 1\n@pytest.fixture\ndef _hidden(): return 1\n@pytest.fixture(name='renamed')\ndef original(): return 1\n",
    ),
    ("shared/plugin.py", "import pytest\n@pytest.fixture(autouse=True)\ndef plugged(): yield\n"),
    (
        "tests/unit/conftest.py",
        "import pytest\n@pytest.fixture\ndef cluster(cluster): return cluster\n@pytest.fixture\ndef unit(): return 1\n",
    ),
    (
        "tests/unit/test_a.py",
        "import pytest\n\n@pytest.fixture\ndef local(): return 1\n\nclass Base:\n    @pytest.fixture\n    def based(self): return 1\n\nclass TestA(Base):\n    @pytest.fixture\n    def own(self): return 1\n    def test_in_class(self, own, based): ...\n\n@pytest.mark.usefixtures('database')\ndef test_plain(request): ...\n",
    ),
];

#[test]
fn the_fixtures_of_a_test_are_those_that_pytest_offers() {
    let venv = venv();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    super::common::write(folder.path(), &SUITE);
    compare(&venv, folder.path());
}

/// `SUITES=/src/flask:/src/click@/venvs/click cargo test --test facts -- --ignored --nocapture` compares real
/// suites, each with the venv behind its `@`.
#[test]
#[ignore = "needs real suites, named by SUITES"]
fn the_fixtures_of_real_suites_are_those_that_pytest_offers() {
    for suite in std::env::var("SUITES").expect("SUITES names the suites").split(':') {
        let (suite, venv) =
            suite.split_once('@').map_or_else(|| (suite, venv()), |(suite, venv)| (suite, PathBuf::from(venv)));
        compare(&venv, Path::new(suite));
    }
}

fn compare(venv: &Path, root: &Path) {
    let python = venv.join("bin/python");
    let asking = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(asking.path().join("ask.py"), PLUGIN).expect("the file can be written");
    let seen = asking.path().join("fixtures.json");
    let mut pytest = Command::new(&python);
    pytest.args(["-m", "pytest", "-p", "ask", "-W", "ignore", "-o", "addopts=", "-q"]);
    pytest.args(["--collect-only", "--continue-on-collection-errors"]).current_dir(root);
    pytest.arg("-o").arg(format!("cache_dir={}", asking.path().display()));
    pytest.env("PYTHONPATH", asking.path()).env("FIXTURES_SEEN", &seen).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = pytest.output().expect("pytest runs");
    let text = std::fs::read_to_string(seen);
    let text = text.unwrap_or_else(|_| panic!("pytest did not collect:\n{}", String::from_utf8_lossy(&output.stdout)));
    let mut truth: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).expect("the plugin writes JSON");
    let python = Some(python.to_string_lossy().into_owned());
    let snapshot = Snapshot::open(root).with_config(Config { python, ..Config::default() });
    let made = truth.remove("made at run time").unwrap_or_default();
    let (mut tests, mut right, mut asked, mut extra, mut wrong) = (0, 0, 0, HashSet::new(), HashSet::new());
    for (test, expected) in &truth {
        let Some((path, domain)) = test.split_once("::") else { continue };
        let path = FilePath::new(path);
        let Some(source) = snapshot.source(&path) else { continue };
        let Some(function) = source.test(domain) else { continue };
        tests += 1;
        let found: HashSet<String> =
            snapshot.fixtures_at(&path, function.start_byte()).into_iter().map(|f| f.name).collect();
        // Hidden names are made up by plugins for themselves, at run time (`_xunit_setup_…`).
        for name in expected.iter().filter(|name| !name.starts_with('_')) {
            asked += 1;
            right += usize::from(found.contains(name));
            if !found.contains(name) {
                wrong.insert(format!("{name} at {test}"));
            }
        }
        extra.extend(
            found.into_iter().filter(|name| !expected.contains(name) && name != "request" && !name.starts_with('_')),
        );
    }
    let of = truth.len();
    println!(
        "{}: {tests} of {of} tests, fixtures {right}/{asked}, others {extra:?}, made at run time {made:?}",
        root.display()
    );
    for wrong in wrong.iter().take(10) {
        println!("    missing: {wrong}");
    }
    assert_eq!(right, asked, "fixtures that pytest offers are not found");
}
