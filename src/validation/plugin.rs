//! Our pytest plugin (python/pytest_medic), carried in the binary and unpacked where a run can import it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// The variable that names where the plugin writes its events.
pub const EVENTS: &str = "PYTEST_MEDIC_EVENTS";

/// The files of the package, by name.
const FILES: [(&str, &str); 12] = [
    ("__init__.py", include_str!("../../python/pytest_medic/__init__.py")),
    ("checks.py", include_str!("../../python/pytest_medic/checks.py")),
    ("events.py", include_str!("../../python/pytest_medic/events.py")),
    ("evidence.py", include_str!("../../python/pytest_medic/evidence.py")),
    ("expressions.py", include_str!("../../python/pytest_medic/expressions.py")),
    ("failure.py", include_str!("../../python/pytest_medic/failure.py")),
    ("healing.py", include_str!("../../python/pytest_medic/healing.py")),
    ("job.py", include_str!("../../python/pytest_medic/job.py")),
    ("overlay.py", include_str!("../../python/pytest_medic/overlay.py")),
    ("safe.py", include_str!("../../python/pytest_medic/safe.py")),
    ("server.py", include_str!("../../python/pytest_medic/server.py")),
    ("warm_up.py", include_str!("../../python/pytest_medic/warm_up.py")),
];

/// The plugin, unpacked into a private folder that goes when this value goes.
#[derive(Debug)]
pub struct Plugin {
    folder: TempDir,
}

impl Plugin {
    /// Unpacks the plugin.
    pub fn unpack() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("pytest-medic-").tempdir()?;
        let package = folder.path().join("pytest_medic");
        std::fs::create_dir(&package)?;
        for (name, text) in FILES {
            std::fs::write(package.join(name), text)?;
        }
        Ok(Self { folder })
    }

    /// The folder that holds the package; other files of the same run may live beside it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The variables with which any pytest loads the plugin, whatever command starts it.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PYTHONPATH", before("PYTHONPATH", self.folder().as_os_str(), if cfg!(windows) { ";" } else { ":" })),
            ("PYTEST_PLUGINS", before("PYTEST_PLUGINS", OsStr::new("pytest_medic"), ",")),
        ]
    }

    /// The same, and the run writes its events (docs/events.md) to `place`, a file or a Unix socket.
    pub fn variables_with_events(&self, place: &Path) -> Vec<(&'static str, OsString)> {
        let mut variables = self.variables();
        variables.push((EVENTS, place.as_os_str().to_os_string()));
        variables
    }
}

/// `first`, then what the variable holds already.
fn before(variable: &str, first: &OsStr, separator: &str) -> OsString {
    let mut value = first.to_os_string();
    if let Some(rest) = std::env::var_os(variable).filter(|rest| !rest.is_empty()) {
        value.push(separator);
        value.push(rest);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_package_is_carried_along() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/pytest_medic");
        let mut there: Vec<String> = std::fs::read_dir(package)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".py"))
            .collect();
        there.sort();
        assert_eq!(there, FILES.map(|(name, _)| name));
    }

    #[test]
    fn the_unpacked_plugin_goes_with_its_value() {
        let plugin = Plugin::unpack().unwrap();
        let folder = plugin.folder().to_path_buf();
        assert!(folder.join("pytest_medic/events.py").is_file());
        drop(plugin);
        assert!(!folder.exists());
    }
}
