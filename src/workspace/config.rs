//! The settings of a project and where each value came from.

mod ini;
mod keys;
mod pytest;
mod toml;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::text::FilePath;

pub use keys::{Key, Value};

/// The files that pytest takes its configuration from: the first that has any, in this order, is the one.
pub const PYTEST_FILES: [&str; 7] =
    ["pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"];

/// The nearest folder at or above `start` that looks like a project's root, for a file of pytest or git in it; else
/// `start`.
pub fn root_of(start: &Path) -> PathBuf {
    let marked =
        |folder: &&Path| PYTEST_FILES.iter().chain(&["setup.py", ".git"]).any(|mark| folder.join(mark).exists());
    start.ancestors().find(marked).unwrap_or(start).to_path_buf()
}

/// Settings, merged from the command line, the environment, the editor, pyproject.toml and pytest's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Whether healing is wanted at all (`healing_enabled`).
    pub enabled: bool,
    /// The shell command line that runs tests; `{tests}` stands for the paths, else they are appended.
    pub runner: Option<String>,
    /// Where the output of a run goes, relative to the root.
    pub log: String,
    /// Further logs: files and folders, relative to the root, whose runs are read too (CI's logs, JUnit
    /// XML, reportlog).
    pub logs: Vec<String>,
    /// How often `heal` heals and reruns.
    pub max_iterations: u32,
    /// Fixes below this confidence are not applied without a person, 0 to 1.
    pub confidence: f64,
    /// The largest timeout a fix may write, in seconds.
    pub timeout_cap: f64,
    /// Whether this is a CI machine, which others share: a wait there is given more time.
    pub ci: bool,
    /// Names of the project's APIs that changed, old and new: functions, attributes, arguments, fields.
    pub renames: Vec<(String, String)>,
    /// Resources that are called otherwise now, old and new: `spireserver` and `spire-server`.
    pub resource_renames: Vec<(String, String)>,
    /// Whether `heal` commits what it healed.
    pub auto_commit: bool,
    /// Graveyards besides GRAVEYARD.md at the root, as paths.
    pub graveyards: Vec<String>,
    /// Lessons that warn of nothing, by the slug of their title.
    pub ignored_lessons: Vec<String>,
    /// Files and folders that are not looked at, in `.gitignore`'s language.
    pub exclude: Vec<String>,
    /// The interpreter of the project, where it is not found by itself.
    pub python: Option<String>,
    /// The URL of an MCP server that is asked when nothing else was found and changes for review are accepted.
    pub mcp_server: Option<String>,
    /// Folders that imports start from besides the root and `src`, as pytest's `pythonpath`.
    pub pythonpath: Vec<String>,
    /// Whether the editor's quick fixes are tried in the background; `None`: once a person has started a run.
    pub validate: Option<bool>,
    /// Whether the runner of the project's own may be used to try fixes: each of its runs may be expensive.
    pub validate_with_runner: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: true,
            runner: None,
            log: "test_run.log".to_string(),
            logs: Vec::new(),
            max_iterations: 3,
            confidence: 0.8,
            timeout_cap: 600.0,
            ci: false,
            renames: Vec::new(),
            resource_renames: Vec::new(),
            auto_commit: false,
            graveyards: Vec::new(),
            ignored_lessons: Vec::new(),
            exclude: Vec::new(),
            python: None,
            mcp_server: None,
            pythonpath: Vec::new(),
            validate: None,
            validate_with_runner: false,
        }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of a file.
    File {
        /// The file.
        path: FilePath,
        /// 1-based.
        line: u32,
    },
    /// A setting of the editor.
    Editor,
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Editor => f.write_str("editor settings"),
            Self::Environment { variable } => write!(f, "${variable}"),
        }
    }
}

/// A setting that cannot be used; the others are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong and what to write instead, as a sentence fragment.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// A configuration with its provenance.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The merged settings.
    pub config: Config,
    /// What could not be used.
    pub problems: Vec<Problem>,
    /// Where each key's value came from, in the order of [`keys`](Key::ALL); absent keys have their default.
    origins: Vec<(&'static str, Origin)>,
}

/// One value that somebody set.
struct Setting {
    key: String,
    /// The key as the source spells it: `healing_max_retries` for `max-iterations`.
    written: String,
    value: Value,
    origin: Origin,
}

impl Config {
    /// The configuration of the project at `root`: pytest's own, then pyproject.toml, then the editor's
    /// settings (the object under `pytest-medic`), then the environment; later ones win.
    pub fn load(root: &Path, editor: Option<&serde_json::Value>) -> Loaded {
        let mut loaded = Loaded::default();
        let (settings, problems) = pytest::read(root);
        loaded.problems.extend(problems);
        settings.into_iter().for_each(|setting| loaded.apply(setting));
        let (settings, problems) = toml::read(root);
        loaded.problems.extend(problems);
        settings.into_iter().for_each(|setting| loaded.apply(setting));
        let object = editor.and_then(serde_json::Value::as_object);
        for (key, value) in object.into_iter().flatten() {
            if let Some(value) = Value::from_json(value) {
                let (written, origin) = (key.clone(), Origin::Editor);
                loaded.apply(Setting { key: keys::kebab(key), written, value, origin });
            }
        }
        for key in Key::ALL {
            let set = key.variables.iter().filter_map(|name| Some((name.to_string(), std::env::var(name).ok()?)));
            for (variable, text) in set.filter(|(_, text)| !text.is_empty()) {
                let value = Value::of_variable(&variable, text);
                let origin = Origin::Environment { variable };
                loaded.apply(Setting { key: key.name.to_string(), written: key.name.to_string(), value, origin });
            }
        }
        loaded
    }
}

#[cfg(test)]
impl Config {
    /// The settings of a pyproject.toml alone.
    pub(crate) fn of_pyproject(text: &str) -> Self {
        let mut loaded = Loaded::default();
        let options = pytest::of_pyproject(text).ok().flatten().unwrap_or_default();
        let own = toml::settings(text).unwrap_or_default();
        pytest::settings(options).into_iter().chain(own).for_each(|setting| loaded.apply(setting));
        loaded.config
    }
}

impl Loaded {
    fn apply(&mut self, setting: Setting) {
        let Setting { key, written, value, origin } = setting;
        let Some(known) = Key::ALL.iter().find(|known| known.name == key) else {
            let names = Key::ALL.iter().map(|known| known.name);
            let near = super::similar_names::similar(&key, names).into_iter().next();
            let hint = match near {
                Some(near) => format!("did you mean `{}`?", near.name),
                None => format!("known keys are {}", Key::ALL.map(|known| format!("`{}`", known.name)).join(", ")),
            };
            return self.problems.push(Problem { origin, message: format!("unknown key `{key}`; {hint}") });
        };
        if keys::PERSONAL.contains(&known.name) && matches!(origin, Origin::File { .. }) && value.flag() != Ok(false) {
            let message = format!(
                "`{key}` is switched on in the editor's settings only: a project does not decide that it is run"
            );
            return self.problems.push(Problem { origin, message });
        }
        match (known.set)(&mut self.config, &value) {
            Ok(()) => {
                self.origins.retain(|(name, _)| *name != known.name);
                self.origins.push((known.name, origin));
            }
            Err(expected) => {
                let message = format!("`{written}` is {value}, but must be {expected}");
                self.problems.push(Problem { origin, message });
            }
        }
    }

    /// Where the value of a key came from.
    pub fn origin(&self, key: &str) -> Origin {
        let found = self.origins.iter().find(|(known, _)| *known == key);
        found.map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// Every key with its value and its origin, for `doctor`.
    pub fn listing(&self) -> Vec<(&'static str, String, Origin)> {
        Key::ALL.iter().map(|key| (key.name, (key.show)(&self.config), self.origin(key.name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        Config::load(folder.path(), None)
    }

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        load(files).problems.iter().map(Problem::to_string).collect()
    }

    fn problems_of(pyproject: &str) -> Vec<String> {
        problems(&[("pyproject.toml", pyproject)])
    }

    #[test]
    fn nothing_set_is_the_default() {
        let loaded = load(&[]);
        // This test may run in CI, which the environment tells.
        let default = Config { ci: loaded.config.ci, ..Config::default() };
        assert_eq!((loaded.config, loaded.problems), (default, vec![]));
    }

    #[test]
    fn pyproject_wins_over_pytest_ini_and_each_value_knows_its_line() {
        let loaded = load(&[
            (
                "pytest.ini",
                "[pytest]\nhealing_max_retries = 2\nhealing_confidence_threshold = 0.7\nmarkers =\n    a: b\npythonpath = lib tests/lib\n",
            ),
            ("pyproject.toml", "[tool.pytest-medic]\nrunner = \"./run {tests}\"\nconfidence = 0.9\n"),
        ]);
        assert_eq!(loaded.problems, []);
        assert_eq!((loaded.config.max_iterations, loaded.config.confidence), (2, 0.9));
        assert_eq!(loaded.config.pythonpath, ["lib", "tests/lib"]);
        let listing = loaded.listing();
        let origin = |key: &str| listing.iter().find(|(name, ..)| *name == key).unwrap().2.to_string();
        assert_eq!(origin("confidence"), "pyproject.toml:3");
        assert_eq!(origin("max-iterations"), "pytest.ini:2");
        assert_eq!(origin("log"), "default");
    }

    #[test]
    fn a_wrong_key_names_its_line_and_the_nearest_right_key() {
        let found = problems(&[("pyproject.toml", "[tool.other]\nx = 1\n[tool.pytest-medic]\nrunnr = 'a'\nqqq = 1\n")]);
        assert_eq!(found[0], "pyproject.toml:4: unknown key `runnr`; did you mean `runner`?");
        assert!(found[1].starts_with("pyproject.toml:5: unknown key `qqq`; known keys are `enabled`, "));
    }

    #[test]
    fn a_wrong_type_or_range_is_said_and_the_rest_is_used() {
        let loaded = load(&[(
            "pyproject.toml",
            "[tool.pytest-medic]\nconfidence = 7\nlog = 3\nauto-commit = 'maybe'\nmax-iterations = 5\n",
        )]);
        let found: Vec<String> = loaded.problems.iter().map(Problem::to_string).collect();
        assert_eq!(found[0], "pyproject.toml:2: `confidence` is 7, but must be a number from 0 to 1");
        assert_eq!(found[1], "pyproject.toml:3: `log` is 3, but must be a string");
        assert_eq!(found[2], "pyproject.toml:4: `auto-commit` is \"maybe\", but must be true or false");
        assert_eq!(loaded.config.max_iterations, 5);
    }

    #[test]
    fn renames_are_tables_in_either_spelling() {
        let loaded = load(&[(
            "pyproject.toml",
            "[tool.pytest-medic]\nresource-renames = { spireserver = 'spire-server' }\n\n[tool.pytest-medic.renames]\nget_vm = 'fetch_vm'\n",
        )]);
        assert_eq!(loaded.problems, []);
        assert_eq!(loaded.config.resource_renames, [("spireserver".to_string(), "spire-server".to_string())]);
        assert_eq!(loaded.config.renames, [("get_vm".to_string(), "fetch_vm".to_string())]);
        let wrong = problems(&[("pyproject.toml", "[tool.pytest-medic]\nrenames = ['a']\n")]);
        assert_eq!(
            wrong[0],
            "pyproject.toml:2: `renames` is [\"a\"], but must be a table of strings: { old = \"new\" }"
        );
    }

    #[test]
    fn broken_files_are_problems_not_failures() {
        assert!(problems(&[("pyproject.toml", "[tool.pytest-medic\n")])[0].starts_with("pyproject.toml:1: "));
        assert!(problems(&[("pytest.ini", "no section\n[pytest\n")]).is_empty());
        assert_eq!(
            problems(&[("pytest.ini", "[pytest]\nhealing_max_retries = two\n")])[0],
            "pytest.ini:2: `healing_max_retries` is \"two\", but must be a whole number from 1 to 100"
        );
    }

    #[test]
    fn the_first_file_with_options_of_pytest_counts() {
        let native = ("pyproject.toml", "[tool.pytest]\npythonpath = ['lib']\nhealing_max_retries = '2'\n");
        let loaded = load(&[native]);
        assert_eq!((loaded.config.pythonpath, loaded.config.max_iterations), (vec!["lib".to_string()], 2));
        let own = ("pytest.toml", "[pytest]\npythonpath = ['own']\n");
        let ini = ("pytest.ini", "[pytest]\npythonpath = ini\n");
        assert_eq!(load(&[native, ini, own]).config.pythonpath, ["own"]);
        assert_eq!(load(&[native, ini]).config.pythonpath, ["ini"]);
        let old = ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = 'old'\n");
        assert_eq!(load(&[old, ("tox.ini", "[pytest]\npythonpath = tox\n")]).config.pythonpath, ["old"]);
        let without = ("pyproject.toml", "[tool.pytest-medic]\nlog = 'a.log'\n");
        assert_eq!(load(&[without, ("tox.ini", "[pytest]\npythonpath = tox\n")]).config.pythonpath, ["tox"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), b"[tool.pytest-medic]\nlog = '\xe9'\n").unwrap();
        std::fs::create_dir(folder.path().join("pytest.toml")).unwrap();
        let problems = Config::load(folder.path(), None).problems;
        let found: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert!(found[0].starts_with("pytest.toml:1: this file cannot be read: "), "{found:?}");
        assert_eq!(found[1..], ["pyproject.toml:2: this is no TOML: it is not UTF-8; save it as UTF-8"]);
        assert_eq!(
            problems_of("[tool]\npytest-medic = 3\n"),
            ["pyproject.toml:2: `pytest-medic` is 3, but must be a table: [tool.pytest-medic]"]
        );
    }

    #[test]
    fn only_the_variable_of_ci_systems_may_say_anything() {
        assert_eq!(Value::of_variable("CI", "github".to_string()), Value::Flag(true));
        assert_eq!(
            problems_of("[tool.pytest-medic]\nci = 'maybe'\nlog = ''\nrenames = { a = 1 }\n"),
            [
                "pyproject.toml:2: `ci` is \"maybe\", but must be true or false",
                "pyproject.toml:3: `log` is \"\", but must be a string that is not empty",
                "pyproject.toml:4: `renames` is { a = 1 }, but must be a table of strings: { old = \"new\" }",
            ]
        );
    }

    #[test]
    fn every_key_is_documented() {
        let page = include_str!("../../docs/settings.md");
        let names =
            Key::ALL.iter().flat_map(|key| [key.name].into_iter().chain(key.ini).chain(key.variables.last().copied()));
        let missing: Vec<&str> = names.filter(|name| !page.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "docs/settings.md lacks {missing:?}");
    }

    #[test]
    fn a_project_may_refuse_to_be_run_in_the_background_but_not_ask_for_it() {
        let file = |value: &str| load(&[("pyproject.toml", &format!("[tool.pytest-medic]\nvalidate = {value}\n"))]);
        assert_eq!((file("false").config.validate, file("false").problems.len()), (Some(false), 0));
        let asks = file("true");
        assert_eq!(asks.config.validate, None);
        assert!(
            asks.problems[0].to_string().starts_with("pyproject.toml:2: `validate` is switched on in the editor's")
        );
        let folder = tempfile::tempdir().unwrap();
        let editor = serde_json::json!({"validate": true});
        assert_eq!(Config::load(folder.path(), Some(&editor)).config.validate, Some(true));
    }

    #[test]
    fn editor_settings_win_over_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), "[tool.pytest-medic]\nlog = 'a.log'\n").unwrap();
        let editor = serde_json::json!({"log": "b.log", "maxIterations": 4, "runner": null});
        let loaded = Config::load(folder.path(), Some(&editor));
        assert_eq!((loaded.config.log.as_str(), loaded.config.max_iterations), ("b.log", 4));
        assert_eq!(loaded.problems, []);
    }
}
