//! What the machine lacks: packages, variables, files, services. Neither the test nor the product is at fault.

use crate::report::Failure;
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::complaint::{Complaint, Owner};
use super::{Category, Site, classify, dependencies, machine, product, stdlib};

/// What is missing where the test ran, as a sentence fragment that says what would help.
pub fn reason(
    snapshot: &Snapshot,
    failure: &Failure,
    category: Category,
    complaint: &Complaint,
    site: Option<&Site>,
) -> Option<String> {
    let name = failure.exc_type.as_deref().unwrap_or("the exception");
    // What the product itself had, nobody has to install.
    let is_own =
        |module: &str| site.is_some_and(|site| product::module_removal(snapshot, &site.path, module).is_some());
    Some(match (category, complaint) {
        (Category::DependencyError, Complaint::NoModule { module }) if is_own(module) => return None,
        (Category::DependencyError, Complaint::NoModule { module }) => {
            let command = dependencies::install_command(snapshot, module);
            let told = dependencies::declared(snapshot, module)
                .map(|declared| format!(", though {}:{} declares it", declared.path, declared.line))
                .unwrap_or_default();
            format!("`{module}` is not installed{told}: `{command}`; the test is not at fault")
        }
        (Category::DependencyError, Complaint::AsyncUnsupported) => no_async_plugin(snapshot),
        (Category::DependencyError, _) if classify::asks_to_install(failure.message.as_deref().unwrap_or_default()) => {
            let told = failure.message.as_deref().and_then(|message| message.lines().next()).unwrap_or_default();
            format!("a package is missing: {}", told.trim_end_matches(':'))
        }
        (Category::DependencyError, _) => format!("{name}: an installed package does not load"),
        (_, Complaint::NoImport { name, module }) => {
            let importer = importer(snapshot, failure, (name, module), site)?;
            format!("`{module}` of this Python has no `{name}`, which {importer} imports: it is for another version")
        }
        (Category::EnvironmentError, Complaint::NoKey { key }) if is_set_by_another_name(snapshot, site, key) => {
            return None;
        }
        (Category::EnvironmentError, Complaint::NoKey { key }) => machine::unset(snapshot, failure, key),
        (Category::EnvironmentError, _) => machine::refused(snapshot, failure, site)?,
        (_, Complaint::NoAttribute { owner: Owner::Instance(class), .. }) if class == "NoneType" => {
            machine::unset_option(snapshot, failure, site)?
        }
        (Category::FixtureError, Complaint::NoFixture { name }) => plugin_missing(snapshot, name)?,
        (Category::ResourceError, _) if machine::is_of_subprocess(failure) => {
            machine::absent_program(snapshot, failure, site)?
        }
        (Category::ResourceError, _) => {
            let path = absent_path(snapshot, failure, site?)?;
            format!("the test reads {path}, which this machine does not have")
        }
        _ => return None,
    })
}

/// Whether a key was asked of `os.environ`: it raises its `KeyError` itself.
pub fn is_of_environ(failure: &Failure) -> bool {
    failure.frames.last().is_some_and(|frame| frame.path == "<frozen os>" || frame.path.ends_with("/os.py"))
}

/// Whether the product asks for the variable in place of another one, which the tests set: the machine lacks nothing.
fn is_set_by_another_name(snapshot: &Snapshot, site: Option<&Site>, key: &str) -> bool {
    let Some(site) = site else { return false };
    let is_set = |word: &str| word.len() > 3 && snapshot.files_naming(word).iter().any(FilePath::is_test_code);
    product::hunks(snapshot, &site.path).iter().filter(|hunk| hunk.is_python()).any(|hunk| {
        let mut quoted = hunk.removed.iter().flat_map(|line| line.split(['"', '\'']).skip(1).step_by(2));
        quoted.any(|word| hunk.replaces(word, key) && is_set(word))
    })
}

/// The line of the product or of a package that imports a name from a module of the standard library, as it did
/// before the product changed.
fn importer(
    snapshot: &Snapshot,
    failure: &Failure,
    (name, module): (&str, &str),
    site: Option<&Site>,
) -> Option<String> {
    let frame = failure.frames.last()?;
    let path = snapshot.file_path(&frame.path);
    let is_stdlib = module.split('.').next().is_some_and(stdlib::is_stdlib);
    let hunks = || site.map(|site| product::hunks(snapshot, &site.path)).unwrap_or_default();
    let is_new = || hunks().iter().any(|hunk| hunk.path == path && hunk.added.iter().any(|line| line.contains(name)));
    (is_stdlib && !path.is_test_code() && !is_new()).then(|| format!("{path}:{}", frame.line))
}

/// The file that was not found, where the test itself writes down its place on the machine.
fn absent_path(snapshot: &Snapshot, failure: &Failure, site: &Site) -> Option<String> {
    let message = failure.message.as_deref()?;
    let path = message.split_once("No such file or directory: '")?.1.split('\'').next()?;
    let source = snapshot.source(&site.path)?;
    let written = source.text().get(site.statement.clone())?.contains(path);
    (written && std::path::Path::new(path).is_absolute()).then(|| path.to_string())
}

/// The plugin that offers a fixture which nothing here does.
fn plugin_missing(snapshot: &Snapshot, fixture: &str) -> Option<String> {
    let plugin = dependencies::plugin_of_fixture(fixture)?;
    let is_own = || snapshot.history().removals_of(fixture).into_iter().next().is_some();
    if snapshot.distribution(plugin).is_some() || is_own() {
        return None;
    }
    let command = dependencies::install_command(snapshot, plugin);
    Some(format!("`{fixture}` is a fixture of {plugin}, which is not installed: `{command}`"))
}

/// An `async def` test runs through a plugin only.
fn no_async_plugin(snapshot: &Snapshot) -> String {
    let plugins = ["pytest-asyncio", "anyio", "pytest-trio", "pytest-twisted"];
    match plugins.iter().find_map(|plugin| snapshot.distribution(plugin)) {
        Some(plugin) => format!(
            "{} is installed and does not run this test: it lacks the mark, or `asyncio_mode = \"auto\"` is not set",
            plugin.name
        ),
        None => {
            let command = dependencies::install_command(snapshot, "pytest_asyncio");
            format!("no plugin that runs async tests is installed: `{command}`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Frame;

    #[test]
    fn a_name_that_python_lost_is_the_environments_where_no_test_imports_it() {
        let snapshot = Snapshot::in_memory([("shop.py", ""), ("tests/test_shop.py", "")]);
        let complaint = |module: &str| Complaint::NoImport { name: "CoroWrapper".into(), module: module.into() };
        let told = |path: &str, module: &str| {
            let frames = vec![Frame { path: path.to_string(), line: 3, ..Frame::default() }];
            let failure = Failure { frames, ..Failure::default() };
            reason(&snapshot, &failure, Category::ImportError, &complaint(module), None)
        };
        let reason = told("shop.py", "asyncio.coroutines").unwrap();
        assert!(reason.contains("`CoroWrapper`, which shop.py:3 imports"), "{reason}");
        assert_eq!(told("tests/test_shop.py", "asyncio.coroutines"), None);
        assert_eq!(told("shop.py", "shop.cart"), None);
    }

    #[test]
    fn only_a_key_of_environ_is_a_variable() {
        let failed = |path: &str| Failure {
            frames: vec![Frame { path: path.to_string(), ..Frame::default() }],
            ..Failure::default()
        };
        assert!(is_of_environ(&failed("<frozen os>")) && is_of_environ(&failed("/usr/lib/python3.9/os.py")));
        assert!(!is_of_environ(&failed("shop/cart.py")) && !is_of_environ(&failed("shop/chaos.py")));
    }
}
