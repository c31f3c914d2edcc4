//! Fixtures as pytest resolves them.

mod near;
mod requests;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::{Node, Source, decorators};
use crate::text::FilePath;

use super::Snapshot;
use super::modules::ModuleAt;

pub use near::NearFixture;
pub use requests::{Request, RequestForm};

/// A fixture that a test can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// The name to ask for.
    pub name: String,
    /// Where its function is defined; `None` for `request`, and for pytest's own where pytest is not installed.
    pub path: Option<FilePath>,
    /// 1-based line of the function's name.
    pub line: u32,
    /// The bytes of the function's name.
    pub range: Range<usize>,
    /// `function`, `class`, `module`, `package` or `session`.
    pub scope: String,
    /// Whether every test gets it unasked.
    pub autouse: bool,
    /// Whether it has `params`.
    pub parametrized: bool,
    /// The fixtures that it asks for itself.
    pub requests: Vec<String>,
}

/// The fixtures of pytest itself with their scopes (`pytest --fixtures`, pytest 8 and 9).
const BUILTIN: [(&str, &str); 22] = [
    ("cache", "function"),
    ("capfd", "function"),
    ("capfdbinary", "function"),
    ("caplog", "function"),
    ("capsys", "function"),
    ("capsysbinary", "function"),
    ("capteesys", "function"),
    ("doctest_namespace", "session"),
    ("monkeypatch", "function"),
    ("pytestconfig", "session"),
    ("pytester", "function"),
    ("record_property", "function"),
    ("record_testsuite_property", "session"),
    ("record_xml_attribute", "function"),
    ("recwarn", "function"),
    ("request", "function"),
    ("subtests", "function"),
    ("testdir", "function"),
    ("tmp_path", "function"),
    ("tmp_path_factory", "session"),
    ("tmpdir", "function"),
    ("tmpdir_factory", "session"),
];

/// The fixtures of `known` that who asks for these names gets, those that they ask for in turn included, each once.
pub fn reached(known: &[Fixture], asked: impl IntoIterator<Item = String>) -> Vec<&Fixture> {
    let mut asked: Vec<String> = asked.into_iter().collect();
    let mut found: Vec<&Fixture> = Vec::new();
    let mut at = 0;
    while let Some(name) = asked.get(at) {
        at += 1;
        let is_new = |fixture: &&Fixture| fixture.name == *name && !found.iter().any(|other| other.name == *name);
        if let Some(fixture) = known.iter().find(is_new) {
            found.push(fixture);
            asked.extend(fixture.requests.iter().cloned());
        }
    }
    found
}

impl Snapshot {
    /// The fixtures that the test at `offset` of `path` can ask for, the overriding one of each name:
    /// those of its class and its bases, its module, the conftest files above it, plugins, pytest.
    pub fn fixtures_at(&self, path: &FilePath, offset: usize) -> Vec<Fixture> {
        let mut found = Found::default();
        self.class_fixtures(path, offset, &mut found);
        self.module_fixtures(path, &mut found);
        for conftest in self.conftests_above(path) {
            self.module_fixtures(&conftest, &mut found);
        }
        let installed = self.installed_fixtures();
        // pytest's `testdir` needs `pytester`, which is there only where it was asked for.
        let known = |name: &String| found.names.contains(name) || installed.iter().any(|other| other.name == *name);
        let usable: Vec<Fixture> =
            installed.iter().filter(|fixture| fixture.requests.iter().all(known)).cloned().collect();
        found.extend(usable);
        found.fixtures
    }

    /// The fixtures of installed plugins and of pytest, read once.
    fn installed_fixtures(&self) -> Arc<Vec<Fixture>> {
        let read = || {
            let mut found = Found::default();
            for plugin in self.plugins() {
                self.module_fixtures(&plugin, &mut found);
            }
            self.own_fixtures_of_pytest(&mut found);
            Arc::new(found.fixtures)
        };
        self.files.installed_fixtures.get_or_init(read).clone()
    }

    /// The fixtures that pytest itself brings: from its source where it is installed.
    fn own_fixtures_of_pytest(&self, found: &mut Found) {
        let mut read_any = false;
        // What is not loaded unless asked for stands in pytester.py; the fixtures of the others may be
        // methods of a plugin class.
        for path in self.files_of("pytest").iter().filter(|path| path.folder().ends_with("/_pytest")) {
            let defines =
                self.text(path).is_some_and(|text| text.contains("@fixture") || text.contains("pytest.fixture"));
            if path.file_name() == "pytester.py" || !defines {
                continue;
            }
            let Some(outline) = self.outline(path) else { continue };
            for fixture in outline.items.iter().filter_map(|item| self.fixture_of(path, item)) {
                found.add(fixture);
                read_any = true;
            }
        }
        let known = BUILTIN.iter().filter(|(name, _)| !read_any || *name == "request");
        known.for_each(|(name, scope)| found.add(builtin(name, scope)));
    }

    /// The conftest files that hold for a test file, nearest first.
    pub fn conftests_above(&self, path: &FilePath) -> Vec<FilePath> {
        let mut folder = path.folder().to_string();
        let mut found = Vec::new();
        loop {
            let conftest =
                FilePath::new(&if folder.is_empty() { "conftest.py".into() } else { format!("{folder}/conftest.py") });
            if conftest != *path && self.exists(&conftest) {
                found.push(conftest);
            }
            if folder.is_empty() {
                return found;
            }
            folder = folder.rsplit_once('/').map_or(String::new(), |(above, _)| above.to_string());
        }
    }

    fn class_fixtures(&self, path: &FilePath, offset: usize, found: &mut Found) {
        let Some(outline) = self.outline(path) else { return };
        let classes = outline.items.iter().enumerate().rev();
        for (index, _) in classes.filter(|(_, item)| item.kind == ItemKind::Class && item.span.contains(&offset)) {
            let class = self.symbol(path, &outline, index);
            for member in self.members(&class).symbols {
                let Some(outline) = self.outline(&member.path) else { continue };
                let item = outline.items.iter().find(|item| item.range == member.range);
                found.extend(item.and_then(|item| self.fixture_of(&member.path, item)));
            }
        }
    }

    /// The fixtures of a module: pytest takes whatever is found in it, so imported ones count.
    fn module_fixtures(&self, path: &FilePath, found: &mut Found) {
        self.module_fixtures_on(path, false, found, &mut HashSet::new());
    }

    /// `private`: names with an underscore stay behind, as with a star import.
    fn module_fixtures_on(&self, path: &FilePath, private: bool, found: &mut Found, visited: &mut HashSet<FilePath>) {
        let Some(outline) = self.outline(path).filter(|_| visited.insert(path.clone())) else { return };
        let own = outline.children(None).filter(|(_, item)| item.kind != ItemKind::Class);
        found.extend(
            own.filter_map(|(_, item)| self.fixture_of(path, item))
                .filter(|fixture| !private || !fixture.name.starts_with('_')),
        );
        for import in outline.imports.iter().filter(|import| import.inside.is_none()) {
            if import.binds == "*" {
                if let Some(ModuleAt::File(target)) = self.imported_module(path, &import.module) {
                    self.module_fixtures_on(&target, true, found, visited);
                }
            } else if import.name.is_some()
                && let Some(symbol) = self.import_target(path, import, &mut HashSet::new())
                && let Some(outline) = self.outline(&symbol.path)
            {
                let item = outline.items.iter().find(|item| item.range == symbol.range);
                let fixture = item.and_then(|item| self.fixture_of(&symbol.path, item));
                // A fixture goes by the name that it is bound to, unless it has `name=`.
                found.extend(fixture.map(|fixture| match fixture.name == symbol.name {
                    true => Fixture { name: import.binds.clone(), ..fixture },
                    false => fixture,
                }));
            }
        }
        for plugin in self.named_plugins(path, &outline) {
            self.module_fixtures_on(&plugin, false, found, visited);
        }
    }

    /// `pytest_plugins = ["shop.testing"]` or one string.
    fn named_plugins(&self, path: &FilePath, outline: &Outline) -> Vec<FilePath> {
        let item = outline.children(None).find(|(_, item)| item.name == "pytest_plugins");
        let value = item.and_then(|(_, item)| item.value.clone());
        let Some((text, value)) = self.text(path).zip(value) else { return Vec::new() };
        let quoted = text.get(value).unwrap_or("").split(['\'', '"']).skip(1).step_by(2);
        // pytest takes its own plugins by their short names.
        quoted.filter_map(|module| self.module(module).or_else(|| self.module(&format!("_pytest.{module}")))).collect()
    }

    /// The modules that installed packages register as pytest plugins.
    fn plugins(&self) -> Vec<FilePath> {
        let environment = self.environment();
        environment.pytest_plugins().iter().filter_map(|module| self.module(module)).collect()
    }

    fn fixture_of(&self, path: &FilePath, item: &Item) -> Option<Fixture> {
        // `mocker = pytest.fixture()(_mocker)` makes one without a decorator.
        let made = item.value.clone().filter(|_| item.kind == ItemKind::Variable && item.parent.is_none());
        let made =
            made.and_then(|value| Some(self.text(path)?.get(value)?.to_string())).filter(|text| text.contains('('));
        let decorators = item.decorators.iter().map(String::as_str).chain(made.as_deref());
        let decorator = decorators.into_iter().find(|text| is_fixture_decorator(text))?;
        let keyword = |name: &str| keyword_argument(decorator, name);
        let plain = |value: &str| value.trim_matches(['\'', '"']).to_string();
        Some(Fixture {
            name: keyword("name").map_or_else(|| item.name.clone(), plain),
            path: Some(path.clone()),
            line: item.line,
            range: item.range.clone(),
            scope: keyword("scope").map_or_else(|| "function".to_string(), plain),
            autouse: keyword("autouse") == Some("True"),
            parametrized: keyword("params").is_some_and(|value| value != "None"),
            requests: requests(item),
        })
    }
}

#[derive(Default)]
struct Found {
    fixtures: Vec<Fixture>,
    names: HashSet<String>,
}

impl Found {
    fn add(&mut self, fixture: Fixture) {
        if self.names.insert(fixture.name.clone()) {
            self.fixtures.push(fixture);
        }
    }

    fn extend(&mut self, fixtures: impl IntoIterator<Item = Fixture>) {
        fixtures.into_iter().for_each(|fixture| self.add(fixture));
    }
}

fn builtin(name: &str, scope: &str) -> Fixture {
    Fixture {
        name: name.to_string(),
        path: None,
        line: 0,
        range: 0..0,
        scope: scope.to_string(),
        autouse: false,
        parametrized: false,
        requests: Vec::new(),
    }
}

fn requests(item: &Item) -> Vec<String> {
    let parameters = item.signature.iter().flat_map(|signature| &signature.parameters);
    parameters.filter(|p| p.default.is_none() && !p.kind.is_variadic()).map(|p| p.name.clone()).collect()
}

/// Whether a function is a fixture, by one of its decorators.
pub(crate) fn is_fixture(source: &Source, function: Node<'_>) -> bool {
    let written = decorators(function).filter_map(|decorator| decorator.named_child(0));
    written.map(|decorator| source.slice(decorator)).any(is_fixture_decorator)
}

/// `pytest.fixture`, `fixture(scope="module")`, `pytest_asyncio.fixture`, `pytest.yield_fixture`, a plugin's `trio_fixture`.
pub(super) fn is_fixture_decorator(decorator: &str) -> bool {
    let name = decorator.split('(').next().unwrap_or(decorator).trim();
    name.rsplit('.').next().is_some_and(|last| last == "fixture" || last.ends_with("_fixture"))
}

/// The text of a keyword argument of a call.
fn keyword_argument<'t>(call: &'t str, name: &str) -> Option<&'t str> {
    let arguments = call.split_once('(')?.1;
    let at = super::words::occurrences(arguments, name).find(|at| {
        arguments[at + name.len()..].trim_start().starts_with('=')
            && !arguments[at + name.len()..].trim_start().starts_with("==")
    })?;
    let value = arguments[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let end = value.find([',', ')']).unwrap_or(value.len());
    Some(value[..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Snapshot {
        Snapshot::in_memory([
            (
                "conftest.py",
                "import pytest\nfrom fixtures.db import *\nfrom fixtures.db import shared as borrowed\npytest_plugins = ['fixtures.plugin']\n@pytest.fixture(scope='session')\ndef cluster(): ...\n@pytest.fixture\ndef user(cluster): ...\n",
            ),
            (
                "fixtures/db.py",
                "from pytest import fixture\n@fixture(autouse=True)\ndef shared(): ...\ndef helper(): ...\n",
            ),
            ("fixtures/plugin.py", "import pytest\n@pytest.fixture\ndef plugged(): ...\n"),
            (
                "tests/conftest.py",
                "import pytest\n@pytest.fixture(name='client', params=[1, 2])\ndef make_client(): ...\n@pytest.fixture\ndef user(user): ...\n",
            ),
            ("other/conftest.py", "import pytest\n@pytest.fixture\ndef elsewhere(): ...\n"),
            (
                "tests/test_a.py",
                "import pytest\nclass Base:\n    @pytest.fixture\n    def based(self): ...\nclass TestA(Base):\n    @pytest.fixture\n    def classy(self): ...\n    def test(self): ...\ndef test_b(): ...\n",
            ),
        ])
    }

    fn names(word: &str) -> Vec<Fixture> {
        let snapshot = project();
        let path = FilePath::new("tests/test_a.py");
        let at = snapshot.text(&path).unwrap().find(word).unwrap();
        snapshot.fixtures_at(&path, at)
    }

    #[test]
    fn a_test_sees_its_class_its_module_and_the_conftests_above() {
        let found = names("test(self)");
        let own: Vec<_> = found.iter().filter(|f| f.path.is_some()).map(|f| f.name.as_str()).collect();
        assert_eq!(own, ["classy", "based", "client", "user", "cluster", "shared", "borrowed", "plugged"]);
        assert!(found.iter().any(|fixture| fixture.name == "tmp_path"));
    }

    #[test]
    fn fixtures_of_another_class_or_folder_are_not_there() {
        let found = names("test_b");
        assert!(found.iter().all(|fixture| fixture.name != "classy" && fixture.name != "elsewhere"));
    }

    #[test]
    fn the_nearest_fixture_overrides_and_its_details_are_read() {
        let found = names("test_b");
        let named = |name: &str| found.iter().find(|fixture| fixture.name == name).unwrap();
        assert_eq!(named("user").path.as_ref().unwrap().as_str(), "tests/conftest.py");
        assert_eq!(named("cluster").scope, "session");
        assert!(named("shared").autouse);
        assert!(named("client").parametrized);
        assert_eq!(named("user").requests, ["user"]);
    }
}
