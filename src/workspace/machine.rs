//! What only the machine of a run has: its folders, its name, and the name of who runs the tests.

use std::path::{Path, PathBuf};

use super::Snapshot;
use super::words::occurrences;

/// Folders of a machine, wherever the project is, those that pytest makes, and a place in memory.
const PLACES: [&str; 11] =
    ["/tmp/", "/home/", "/root/", "/usr/", "/etc/", "/var/", "/opt/", "/private/", "/Users/", "/pytest-of-", " at 0x"];

/// Names that say nothing of who they are given to.
const ANYBODY: [&str; 2] = ["localhost", "user"];

/// A machine; of a project in memory nothing is known but what holds of all.
#[derive(Debug, Default)]
pub struct Machine {
    folders: Vec<String>,
    names: Vec<String>,
}

impl Machine {
    /// The machine that this runs on, with the project at `root`.
    fn of(root: &Path) -> Self {
        let variable = |name: &&str| std::env::var(name).ok();
        let home = ["HOME", "USERPROFILE"].iter().find_map(variable).map(PathBuf::from);
        let known = [Some(root.to_path_buf()), home, Some(std::env::temp_dir())].into_iter().flatten();
        let linked = known.flat_map(|folder| [folder.canonicalize().ok(), Some(folder)]).flatten();
        let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(variable);
        let said = |path: &&str| std::fs::read_to_string(path).ok();
        let host = ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().find_map(said);
        let host = host.or_else(|| ["HOSTNAME", "COMPUTERNAME"].iter().find_map(variable));
        let names = user.into_iter().chain(host).map(|name| name.trim().to_string());
        Self::made(linked.map(|folder| folder.to_string_lossy().into_owned()), names)
    }

    fn made(folders: impl Iterator<Item = String>, names: impl Iterator<Item = String>) -> Self {
        let folders = folders.map(|folder| with_slashes(&folder).trim_end_matches('/').to_string());
        let is_telling = |name: &String| name.len() > 2 && !ANYBODY.contains(&name.as_str());
        Self { folders: folders.filter(|folder| folder.len() > 1).collect(), names: names.filter(is_telling).collect() }
    }

    /// The folder of a machine, or the place in its memory, that a text names and `old` does not; in a pattern as well,
    /// and with either separator.
    pub fn place_in(&self, new: &str, old: &str) -> Option<&str> {
        let (new, old) = (readings(new), readings(old));
        let own = self.folders.iter().map(String::as_str).find(|folder| new.iter().any(|text| is_below(text, folder)));
        let is_new = |place: &&str| {
            new.iter().any(|text| text.contains(*place)) && !old.iter().any(|text| text.contains(*place))
        };
        own.filter(|folder| !old.iter().any(|text| is_below(text, folder)))
            .or_else(|| PLACES.into_iter().find(is_new).map(str::trim))
    }

    /// The name of the machine, or of who runs the tests, that a text has and `old` does not.
    fn name_in(&self, new: &str, old: &str) -> Option<&str> {
        let says = |text: &str, name: &str| occurrences(text, name).next().is_some();
        self.names.iter().map(String::as_str).find(|name| says(new, name) && !says(old, name))
    }
}

impl Snapshot {
    /// The machine that has the project.
    pub fn machine(&self) -> Machine {
        self.root().map(Machine::of).unwrap_or_default()
    }

    /// What of this machine a value of a run names that the value before did not: a folder, a place in memory, or a
    /// name that nothing in the project says.
    pub fn machine_in(&self, new: &str, old: &str) -> Option<String> {
        let machine = self.machine();
        let name = || machine.name_in(new, old).filter(|name| self.files_naming(name).is_empty());
        machine.place_in(new, old).or_else(name).map(str::to_string)
    }
}

/// A text with the separators of either system read as `/`, and with what a pattern escapes as it is.
fn readings(text: &str) -> [String; 2] {
    [with_slashes(text), text.replace('\\', "")]
}

fn with_slashes(text: &str) -> String {
    let mut read = text.replace('\\', "/");
    while read.contains("//") {
        read = read.replace("//", "/");
    }
    read
}

/// Whether a text has the folder itself, and not one whose name begins so.
fn is_below(text: &str, folder: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(folder).any(|(at, _)| !text[at + folder.len()..].starts_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        let folders = ["/srv/ci/shop-a.b", "C:\\Users\\ann"].map(String::from).into_iter();
        Machine::made(folders, ["ann", "user", "build-7"].map(String::from).into_iter())
    }

    #[test]
    fn a_folder_of_this_machine_is_seen_with_either_separator_and_in_patterns() {
        let place = |new: &str, old: &str| machine().place_in(new, old).map(str::to_string);
        for text in [
            "'/srv/ci/shop-a.b/tests/fake'",
            "b'/srv/ci/shop-a.b'",
            r"'/srv/ci/shop\\-a\\.b/x'",
            "{'dir': ['/srv/ci/shop-a.b/x']}",
            "file:///srv/ci/shop-a.b/x",
        ] {
            assert_eq!(place(text, "'tests/fake'").as_deref(), Some("/srv/ci/shop-a.b"), "{text}");
        }
        assert_eq!(place(r"'C:\\Users\\ann\\x'", "'x'").as_deref(), Some("C:/Users/ann"));
        assert_eq!(place("'/srv/pytest-of-bob/pytest-0/a'", "'a'").as_deref(), Some("/pytest-of-"));
        assert_eq!(place("<Cart at 0x7f00>", "<Cart>").as_deref(), Some("at 0x"));
        // Another folder, and one that the test names already.
        assert_eq!(place("'/srv/ci/shop-a.bc/x'", "'x'"), None);
        assert_eq!(place("'/srv/ci/shop-a.b/y'", "'/srv/ci/shop-a.b/x'"), None);
        assert_eq!(place("'shop/tea'", "'shop/coffee'"), None);
    }

    #[test]
    fn who_runs_the_tests_and_where_is_a_name_of_its_own() {
        let name = |new: &str, old: &str| machine().name_in(new, old).map(str::to_string);
        assert_eq!(name("'by ann'", "'by me'").as_deref(), Some("ann"));
        assert_eq!(name("'on build-7'", "'on a host'").as_deref(), Some("build-7"));
        assert_eq!(name("'by annabel'", "'by me'"), None);
        assert_eq!(name("'by ann, late'", "'by ann'"), None);
        assert_eq!(name("'by user'", "'by me'"), None);
    }
}
