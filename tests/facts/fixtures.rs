//! The fixtures that a test can ask for, compared with what pytest itself says (`--fixtures-per-test`
//! lists those that a test uses; the fixture manager knows all that it can ask for).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::Command;

use pytest_medic::text::FilePath;
use pytest_medic::workspace::{Config, Snapshot};

use super::venv;

/// Asks pytest, after collection, which fixtures each test can see.
const PLUGIN: &str = r#"
import json

def pytest_collection_finish(session):
    manager = session._fixturemanager
    seen = {}
    for item in session.items:
        if hasattr(manager, "_get_all_fixture_defs_for_node"):  # pytest 9.2
            names = {definition.argname for definition in manager._get_all_fixture_defs_for_node(item)}
        else:
            names = [n for n in manager._arg2fixturedefs if manager.getfixturedefs(n, item)]
        seen[item.location[0] + "::" + item.location[2].split("[")[0]] = sorted(names)
    with open("fixtures.json", "w") as file:
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
    for (path, text) in SUITE.into_iter().chain([("ask.py", PLUGIN)]) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        std::fs::write(path, text).expect("the file can be written");
    }
    compare(&venv, folder.path());
}

/// `SUITES=/src/flask:/src/click cargo test --test facts -- --ignored` compares real suites too.
#[test]
#[ignore = "needs real suites, named by SUITES"]
fn the_fixtures_of_real_suites_are_those_that_pytest_offers() {
    let venv = venv();
    for suite in std::env::var("SUITES").expect("SUITES names the suites").split(':') {
        std::fs::write(Path::new(suite).join("ask.py"), PLUGIN).expect("the file can be written");
        compare(&venv, Path::new(suite));
    }
}

fn compare(venv: &Path, root: &Path) {
    let python = venv.join("bin/python");
    let collect = ["-m", "pytest", "-p", "ask", "--collect-only", "-q"];
    let output = Command::new(&python).args(collect).env("PYTHONPATH", root).current_dir(root).output();
    let output = output.expect("pytest runs");
    let text = std::fs::read_to_string(root.join("fixtures.json"));
    let text = text.unwrap_or_else(|_| panic!("pytest did not collect:\n{}", String::from_utf8_lossy(&output.stdout)));
    let truth: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).expect("the plugin writes JSON");
    let python = Some(python.to_string_lossy().into_owned());
    let snapshot = Snapshot::open(root).with_config(Config { python, ..Config::default() });
    let (mut right, mut asked, mut extra, mut wrong) = (0, 0, HashSet::new(), HashSet::new());
    for (test, expected) in &truth {
        let Some((path, domain)) = test.split_once("::") else { continue };
        let path = FilePath::new(path);
        let Some(source) = snapshot.source(&path) else { continue };
        let Some(function) = source.test(domain) else { continue };
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
    println!("{}: {} tests, fixtures {right}/{asked}, others {extra:?}", root.display(), truth.len());
    for wrong in wrong.iter().take(10) {
        println!("    missing: {wrong}");
    }
    assert_eq!(right, asked, "fixtures that pytest offers are not found");
}
