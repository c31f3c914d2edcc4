//! What the machine lacks: packages, variables, files, services. Neither the test nor the product is at fault.

use crate::report::Failure;
use crate::workspace::Snapshot;

use super::complaint::Complaint;
use super::{Category, Site, dependencies, product};

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
        (Category::DependencyError, _) => format!("{name}: an installed package does not load"),
        (Category::EnvironmentError, Complaint::NoKey { key }) => {
            format!("the environment variable `{key}` is not set")
        }
        (Category::EnvironmentError, _) => format!("{name}: the machine or a service refused"),
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

/// The installed package whose code raised, with its version: `pandas 3.1.1`.
pub fn library(snapshot: &Snapshot, failure: &Failure) -> Option<String> {
    let path = &failure.frames.last()?.path;
    let package = path.rsplit_once("site-packages/")?.1.split(['/', '.']).next()?;
    let found = snapshot.distribution(package).filter(|_| !matches!(package, "pytest" | "_pytest" | "pluggy"))?;
    Some(format!("{} {}", found.name, found.version))
}

/// The file that was not found, where the test itself writes down its place on the machine.
fn absent_path(snapshot: &Snapshot, failure: &Failure, site: &Site) -> Option<String> {
    let message = failure.message.as_deref()?;
    let path = message.split_once("No such file or directory: '")?.1.split('\'').next()?;
    let source = snapshot.source(&site.path)?;
    let written = source.text().get(site.statement.clone())?.contains(path);
    (written && std::path::Path::new(path).is_absolute()).then(|| path.to_string())
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
    fn only_a_key_of_environ_is_a_variable() {
        let failed = |path: &str| Failure {
            frames: vec![Frame { path: path.to_string(), ..Frame::default() }],
            ..Failure::default()
        };
        assert!(is_of_environ(&failed("<frozen os>")) && is_of_environ(&failed("/usr/lib/python3.9/os.py")));
        assert!(!is_of_environ(&failed("shop/cart.py")) && !is_of_environ(&failed("shop/chaos.py")));
    }
}
