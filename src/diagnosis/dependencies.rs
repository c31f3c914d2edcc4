//! A package that is not there: what distribution it is, where the project declares it, how to install it.

use toml_edit::{Document, Item, TableLike};

use crate::text::{FilePath, LineIndex};
use crate::workspace::Snapshot;

/// Where a project names a distribution that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The distribution, as the project spells it.
    pub distribution: String,
    /// For whom it is.
    pub group: Group,
    /// The file.
    pub path: FilePath,
    /// Its 1-based line.
    pub line: u32,
}

/// The list in which a requirement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Everybody who installs the project needs it.
    Required,
    /// `[project.optional-dependencies]`: the project works without it.
    Extra(String),
    /// `[dependency-groups]`, or a group of poetry: its developers need it.
    Developers(String),
    /// A requirements file.
    File,
}

/// How the top-level packages of an import are called on the index where that differs (the `top_level.txt`
/// of their wheels).
const DISTRIBUTIONS: &[(&str, &str)] = &[
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("Crypto", "pycryptodome"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("fitz", "PyMuPDF"),
    ("git", "GitPython"),
    ("github", "PyGithub"),
    ("google.protobuf", "protobuf"),
    ("gi", "PyGObject"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("kubernetes", "kubernetes"),
    ("magic", "python-magic"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("pkg_resources", "setuptools"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("pytest_asyncio", "pytest-asyncio"),
    ("rest_framework", "djangorestframework"),
    ("ruamel", "ruamel.yaml"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("socks", "PySocks"),
    ("websocket", "websocket-client"),
    ("win32api", "pywin32"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
];

/// The plugins of pytest that offer a fixture which no project would call so for itself.
const FIXTURES: &[(&str, &str)] = &[
    ("aiohttp_client", "pytest-aiohttp"),
    ("benchmark", "pytest-benchmark"),
    ("class_mocker", "pytest-mock"),
    ("data_regression", "pytest-regressions"),
    ("datadir", "pytest-datadir"),
    ("django_assert_num_queries", "pytest-django"),
    ("django_db_setup", "pytest-django"),
    ("docker_services", "pytest-docker"),
    ("fake_process", "pytest-subprocess"),
    ("faker", "Faker"),
    ("file_regression", "pytest-regressions"),
    ("freezer", "pytest-freezer"),
    ("httpserver", "pytest-httpserver"),
    ("httpx_mock", "pytest-httpx"),
    ("mocker", "pytest-mock"),
    ("num_regression", "pytest-regressions"),
    ("qtbot", "pytest-qt"),
    ("requests_mock", "requests-mock"),
    ("respx_mock", "respx"),
    ("session_mocker", "pytest-mock"),
    ("shared_datadir", "pytest-datadir"),
    ("socket_disabled", "pytest-socket"),
    ("time_machine", "time-machine"),
    ("unused_tcp_port", "pytest-asyncio"),
    ("worker_id", "pytest-xdist"),
    ("xprocess", "pytest-xprocess"),
];

/// The distribution of the plugin that offers a fixture.
pub fn plugin_of_fixture(fixture: &str) -> Option<&'static str> {
    FIXTURES.iter().find(|(name, _)| *name == fixture).map(|(_, plugin)| *plugin)
}

/// How options of the command line begin that a plugin of pytest offers.
const OPTIONS: &[(&str, &str)] = &[
    ("--asyncio-", "pytest-asyncio"),
    ("--benchmark-", "pytest-benchmark"),
    ("--cov", "pytest-cov"),
    ("--dist", "pytest-xdist"),
    ("--ds", "pytest-django"),
    ("--html", "pytest-html"),
    ("--numprocesses", "pytest-xdist"),
    ("--reruns", "pytest-rerunfailures"),
    ("--reuse-db", "pytest-django"),
    ("--snapshot-", "syrupy"),
    ("--timeout", "pytest-timeout"),
    ("-n", "pytest-xdist"),
];

/// The distribution of the plugin whose option pytest does not know, by what pytest said.
pub fn plugin_of_option(said: &str) -> Option<(&str, &'static str)> {
    let options = said.strip_prefix("unrecognized arguments: ")?.split_whitespace();
    options.filter_map(|option| option.split('=').next()).find_map(|option| {
        let is_it = |(start, _): &&(&str, &str)| match start.len() {
            2 => option.strip_prefix(*start).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit())),
            _ => option.starts_with(start),
        };
        OPTIONS.iter().find(is_it).map(|(_, plugin)| (option, *plugin))
    })
}

/// The distribution that brings the package `module`, declared or as it is known.
pub fn distribution_of(module: &str) -> &str {
    let top = module.split('.').next().unwrap_or(module);
    DISTRIBUTIONS.iter().find(|(import, _)| *import == module || *import == top).map_or(top, |(_, name)| *name)
}

/// Where the project declares the distribution that brings `module`; an extra before a group before a file.
pub fn declared(snapshot: &Snapshot, module: &str) -> Option<Declared> {
    let top = module.split('.').next().unwrap_or(module);
    let wanted = [normalized(distribution_of(module)), normalized(top), format!("python-{}", normalized(top))];
    let is_meant = |requirement: &Declared| wanted.contains(&normalized(&requirement.distribution));
    in_pyproject(snapshot).into_iter().find(is_meant).or_else(|| in_files(snapshot).into_iter().find(is_meant))
}

/// The command that installs what `module` needs, in the project's own tool.
pub fn install_command(snapshot: &Snapshot, module: &str) -> String {
    let has = |name: &str| snapshot.exists(&FilePath::new(name));
    let (uv, poetry) = (has("uv.lock"), has("poetry.lock"));
    match declared(snapshot, module) {
        Some(Declared { group: Group::Extra(extra), .. }) if uv => format!("uv sync --extra {extra}"),
        Some(Declared { group: Group::Developers(group), .. }) if uv => format!("uv sync --group {group}"),
        Some(_) if uv => "uv sync".to_string(),
        Some(Declared { group: Group::Extra(extra), .. }) if poetry => format!("poetry install --extras {extra}"),
        Some(Declared { group: Group::Developers(group), .. }) if poetry => format!("poetry install --with {group}"),
        Some(_) if poetry => "poetry install".to_string(),
        Some(Declared { group: Group::Extra(extra), .. }) => format!("pip install -e '.[{extra}]'"),
        Some(Declared { group: Group::Developers(group), .. }) => format!("pip install --group {group}"),
        Some(Declared { group: Group::File, path, .. }) => format!("pip install -r {path}"),
        Some(Declared { group: Group::Required, .. }) => "pip install -e .".to_string(),
        None if uv => format!("uv add --dev {}", distribution_of(module)),
        None if poetry => format!("poetry add --group dev {}", distribution_of(module)),
        None => format!("pip install {}", distribution_of(module)),
    }
}

/// `A.b_c` and `a-b-c` are one name.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '.'], "-")
}

/// `PyYAML` of `PyYAML[fast]>=6; python_version > "3.8"`.
fn name_of(requirement: &str) -> Option<String> {
    let name: String =
        requirement.trim().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    (!name.is_empty()).then_some(name)
}

fn in_pyproject(snapshot: &Snapshot) -> Vec<Declared> {
    let path = FilePath::new("pyproject.toml");
    let Some(text) = snapshot.text(&path) else { return Vec::new() };
    let Ok(document) = Document::parse(&*text) else { return Vec::new() };
    let lines = LineIndex::new(&text);
    let mut found = Vec::new();
    let mut add = |requirement: &str, group: Group| {
        let Some(distribution) = name_of(requirement) else { return };
        let line = text.find(requirement).map_or(1, |at| lines.line_at(at) as u32 + 1);
        found.push(Declared { distribution, group, path: path.clone(), line });
    };
    let table = |parts: &[&str]| -> Option<&dyn TableLike> {
        let mut item = document.as_table().get(parts[0])?;
        for part in &parts[1..] {
            item = item.as_table_like()?.get(part)?;
        }
        item.as_table_like()
    };
    let lists = |parts: &[&str]| -> Vec<(String, Vec<String>)> {
        let entries = table(parts).into_iter().flat_map(|table| table.iter());
        entries.map(|(name, item)| (name.to_string(), strings(item))).collect()
    };
    for (extra, requirements) in lists(&["project", "optional-dependencies"]) {
        requirements.iter().for_each(|requirement| add(requirement, Group::Extra(extra.clone())));
    }
    for (group, requirements) in lists(&["dependency-groups"]) {
        requirements.iter().for_each(|requirement| add(requirement, Group::Developers(group.clone())));
    }
    for (group, item) in table(&["tool", "poetry", "group"]).into_iter().flat_map(|table| table.iter()) {
        let names = item.as_table_like().and_then(|group| group.get("dependencies")).and_then(Item::as_table_like);
        for (name, _) in names.into_iter().flat_map(|names| names.iter()) {
            add(name, Group::Developers(group.to_string()));
        }
    }
    for requirement in
        table(&["project"]).and_then(|project| project.get("dependencies")).map(strings).unwrap_or_default()
    {
        add(&requirement, Group::Required);
    }
    for (name, _) in table(&["tool", "poetry", "dependencies"]).into_iter().flat_map(|table| table.iter()) {
        add(name, Group::Required);
    }
    found
}

fn strings(item: &Item) -> Vec<String> {
    item.as_array().into_iter().flatten().filter_map(|value| value.as_str().map(str::to_string)).collect()
}

/// The requirements files that projects keep, tests' own first.
const FILES: [&str; 9] = [
    "requirements-test.txt",
    "requirements-tests.txt",
    "test-requirements.txt",
    "requirements-dev.txt",
    "dev-requirements.txt",
    "requirements/test.txt",
    "requirements/tests.txt",
    "requirements/dev.txt",
    "requirements.txt",
];

fn in_files(snapshot: &Snapshot) -> Vec<Declared> {
    let mut found = Vec::new();
    for path in FILES.map(FilePath::new) {
        let text = snapshot.text(&path).unwrap_or_default();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with(['#', '-'])) {
            let distribution = name_of(line);
            found.extend(distribution.map(|distribution| Declared {
                distribution,
                group: Group::File,
                path: path.clone(),
                line: index as u32 + 1,
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], module: &str, expect: &str) {
        assert_eq!(install_command(&Snapshot::in_memory(files.iter().copied()), module), expect);
    }

    #[test]
    fn the_command_is_the_projects_own() {
        let extra = "[project]\nname = 'shop'\ndependencies = ['requests>=2']\n[project.optional-dependencies]\nyaml = ['PyYAML>=6']\n[dependency-groups]\ntest = ['freezegun', {include-group = 'x'}]\n";
        check(&[("pyproject.toml", extra)], "yaml", "pip install -e '.[yaml]'");
        check(&[("pyproject.toml", extra), ("uv.lock", "")], "yaml.loader", "uv sync --extra yaml");
        check(&[("pyproject.toml", extra), ("uv.lock", "")], "freezegun", "uv sync --group test");
        check(&[("pyproject.toml", extra)], "requests", "pip install -e .");
        check(
            &[("requirements-dev.txt", "# tests\npython_dateutil==2\n")],
            "dateutil",
            "pip install -r requirements-dev.txt",
        );
        check(&[], "cv2", "pip install opencv-python");
        let poetry = "[tool.poetry.group.dev.dependencies]\nresponses = '*'\n";
        check(&[("pyproject.toml", poetry), ("poetry.lock", "")], "responses", "poetry install --with dev");
    }
}
