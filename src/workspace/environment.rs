//! Where the project's interpreter finds its packages and its standard library. Found by reading
//! folders; nothing is run.

use std::path::{Path, PathBuf};

/// The import path of the project's interpreter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The virtual environment, where there is one.
    pub venv: Option<PathBuf>,
    /// The interpreter.
    pub python: Option<PathBuf>,
    /// Folders with installed packages, then those that `.pth` files add.
    pub packages: Vec<PathBuf>,
    /// The standard library.
    pub stdlib: Option<PathBuf>,
    /// Why it was taken: `.venv in the project`, `VIRTUAL_ENV`, `the run`, `python3 on PATH`.
    pub reason: String,
}

/// Why the interpreter that a run names was taken.
const OF_RUN: &str = "the run";

impl Environment {
    /// The environment of the interpreter that a run names, where this machine has it.
    pub fn of_run(python: &str) -> Option<Self> {
        Self::of_prefix(Path::new(python).parent()?.parent()?, OF_RUN)
    }

    /// Whether a run named it.
    pub fn is_of_run(&self) -> bool {
        self.reason == OF_RUN
    }

    /// Looks for the environment of the project at `root`: of the interpreter `python` where one is
    /// configured, `.venv` or `venv` there, `VIRTUAL_ENV`, `CONDA_PREFIX`, then `python3` on `PATH`.
    pub fn discover(root: &Path, python: Option<&str>) -> Self {
        let configured = python.and_then(|named| interpreter(root, named)).and_then(|python| {
            let found = Self::of_prefix(python.parent()?.parent()?, "configured")?;
            Some(Self { python: Some(python), ..found })
        });
        if let Some(found) = configured {
            return found;
        }
        let from_variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_dir());
        let candidates = [
            (Some(root.join(".venv")), ".venv in the project"),
            (Some(root.join("venv")), "venv in the project"),
            (from_variable("VIRTUAL_ENV"), "VIRTUAL_ENV"),
            (from_variable("CONDA_PREFIX"), "CONDA_PREFIX"),
        ];
        for (folder, reason) in candidates {
            if let Some(found) = folder.and_then(|folder| Self::of_prefix(&folder, reason)) {
                return found;
            }
        }
        Self::on_path()
    }

    /// The environment below a prefix such as `.venv` or `/usr`; `None` where neither an interpreter nor
    /// the packages of a virtual environment are left.
    pub fn of_prefix(prefix: &Path, reason: &str) -> Option<Self> {
        let python = ["bin/python", "bin/python3", "Scripts/python.exe", "python.exe"]
            .iter()
            .map(|name| prefix.join(name))
            .find(|path| path.is_file());
        let is_venv = prefix.join("pyvenv.cfg").is_file();
        let mut packages: Vec<PathBuf> = library_folders(prefix).map(|folder| folder.join("site-packages")).collect();
        packages.extend(library_folders(prefix).map(|folder| folder.join("dist-packages")));
        packages.push(prefix.join("Lib/site-packages"));
        packages.retain(|folder| folder.is_dir());
        // A virtual environment whose interpreter is gone still holds the packages that the tests were written for.
        if python.is_none() && (!is_venv || packages.is_empty()) {
            return None;
        }
        let real = python.as_ref().and_then(|python| std::fs::canonicalize(python).ok());
        let base = real.and_then(|real| Some(real.parent()?.parent()?.to_path_buf()));
        let stdlib = [base.as_deref(), Some(prefix)].into_iter().flatten().find_map(standard_library);
        for folder in packages.clone() {
            packages.extend(path_files(&folder));
        }
        // `lib64` of a virtual environment is a link to `lib`.
        let mut seen = std::collections::HashSet::new();
        packages.retain(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())));
        let venv = is_venv.then(|| prefix.to_path_buf());
        Some(Self { venv, python, packages, stdlib, reason: reason.to_string() })
    }

    fn on_path() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .flat_map(|folder| ["python3", "python", "python.exe"].map(|name| folder.join(name)))
            .filter(|python| python.is_file())
            .filter_map(|python| Self::of_prefix(python.parent()?.parent()?, "python3 on PATH"))
            .find(|found| found.stdlib.is_some())
            .unwrap_or_default()
    }

    /// The modules that installed distributions register under the entry point `pytest11`, in the order
    /// of their names.
    pub fn pytest_plugins(&self) -> Vec<String> {
        let metadata = self.packages.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        let mut files: Vec<PathBuf> = metadata
            .filter_map(|entry| Some(entry.ok()?.path().join("entry_points.txt")))
            .filter(|path| path.parent().and_then(Path::extension).is_some_and(|e| e == "dist-info" || e == "egg-info"))
            .collect();
        files.sort();
        files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).flat_map(|text| plugins_of(&text)).collect()
    }

    /// The folders to look a module up in, after the project's own.
    pub fn search_path(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().chain(&self.stdlib).map(PathBuf::as_path)
    }
}

/// The interpreter that a setting names: a file, from `root` where it is relative, or a program on `PATH`.
pub fn interpreter(root: &Path, named: &str) -> Option<PathBuf> {
    let file = match (named.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => root.join(named),
    };
    if file.is_file() {
        return Some(file);
    }
    let path = std::env::var_os("PATH").filter(|_| !named.contains(['/', '\\']))?;
    std::env::split_paths(&path).map(|folder| folder.join(named)).find(|file| file.is_file())
}

/// `lib/python3.12` and its like below a prefix, newest first.
fn library_folders(prefix: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut found: Vec<PathBuf> = ["lib", "lib64", "local/lib"]
        .iter()
        .filter_map(|name| std::fs::read_dir(prefix.join(name)).ok())
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(minor_version(path)));
    found.into_iter()
}

fn minor_version(path: &Path) -> u32 {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.strip_prefix("python3.").and_then(|minor| minor.parse().ok()).unwrap_or(0)
}

fn standard_library(prefix: &Path) -> Option<PathBuf> {
    library_folders(prefix).chain([prefix.join("Lib")]).find(|folder| folder.join("os.py").is_file())
}

/// The folders that `.pth` files add: plain lines, and the paths inside the finders that editable
/// installs write (`__editable___shop_1_0_finder.py` holds `MAPPING = {'shop': '/src/shop'}`).
fn path_files(packages: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(packages)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pth") || is_finder(path))
        .collect();
    names.sort();
    let mut folders = Vec::new();
    for path in names {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if is_finder(&path) {
            let mapping = text.lines().filter(|line| line.starts_with("MAPPING"));
            folders.extend(mapping.flat_map(quoted_parents));
        } else {
            let lines = text.lines().map(str::trim);
            let plain = lines.filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("import"));
            folders.extend(plain.map(|line| packages.join(line)));
        }
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The modules below `[pytest11]` of an entry_points.txt.
fn plugins_of(text: &str) -> Vec<String> {
    let section = text.lines().map(str::trim).skip_while(|line| *line != "[pytest11]").skip(1);
    let entries = section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    entries.map(|(_, target)| target.split([':', '[']).next().unwrap_or("").trim().to_string()).collect()
}

fn is_finder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("__editable__") && name.ends_with("_finder.py")
}

/// The folders above the quoted absolute paths of a line.
fn quoted_parents(line: &str) -> Vec<PathBuf> {
    line.split(['\'', '"'])
        .filter(|part| part.starts_with('/'))
        .filter_map(|p| Some(Path::new(p).parent()?.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Snapshot;

    #[test]
    fn path_files_and_editable_finders_add_folders() {
        let folder = tempfile::tempdir().unwrap();
        let (site, linked, mapped) =
            (folder.path().join("site"), folder.path().join("linked"), folder.path().join("mapped"));
        for path in [&site, &linked, &mapped] {
            std::fs::create_dir_all(path).unwrap();
        }
        std::fs::write(site.join("a.pth"), format!("# comment\nimport os; os.x\n{}\n/gone\n", linked.display()))
            .unwrap();
        let finder = format!("MAPPING: dict = {{'shop': '{}/shop'}}\n", mapped.display());
        std::fs::write(site.join("__editable___shop_1_finder.py"), finder).unwrap();
        let mut found = path_files(&site);
        found.sort();
        assert_eq!(found, [linked, mapped]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_two_names_lead_to_is_searched_once() {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path();
        std::fs::create_dir_all(prefix.join("lib/python3.12/site-packages")).unwrap();
        std::fs::write(prefix.join("pyvenv.cfg"), "").unwrap();
        std::os::unix::fs::symlink("lib", prefix.join("lib64")).unwrap();
        let found = Environment::of_prefix(prefix, "test").unwrap();
        assert_eq!(found.packages, [prefix.join("lib/python3.12/site-packages")]);
    }

    #[test]
    fn the_interpreter_of_a_run_counts_where_the_project_names_none() {
        let folder = tempfile::tempdir().unwrap();
        let venv = |name: &str| {
            let prefix = folder.path().join(name);
            std::fs::create_dir_all(prefix.join("lib/python3.12/site-packages")).unwrap();
            std::fs::create_dir_all(prefix.join("bin")).unwrap();
            std::fs::write(prefix.join("pyvenv.cfg"), "home = /gone\n").unwrap();
            std::fs::write(prefix.join("bin/python"), "").unwrap();
            prefix.join("bin/python").to_string_lossy().into_owned()
        };
        let of = |snapshot: &Snapshot| snapshot.environment().python.clone().map(|path| path.display().to_string());
        let snapshot = |root: &str| {
            std::fs::create_dir_all(folder.path().join(root)).unwrap();
            Snapshot::open(&folder.path().join(root))
        };
        let run = venv("tox");
        let plain = snapshot("plain");
        // Who runs this in an activated environment has one that the project is told of.
        let expected = if plain.environment().venv.is_some() { of(&plain) } else { Some(run.clone()) };
        assert_eq!(of(&plain.ran_by(Some(&run))), expected);
        assert_eq!(of(&plain.ran_by(Some(&run)).reloaded()), expected);
        assert_eq!(of(&plain.ran_by(Some("/gone/bin/python"))), of(&plain));
        let own = venv("own/.venv");
        assert_eq!(of(&snapshot("own").ran_by(Some(&run))), Some(own));
    }

    #[test]
    fn a_venv_without_its_interpreter_still_has_its_packages() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Environment::of_prefix(folder.path(), "test"), None);
        let packages = folder.path().join("lib/python3.12/site-packages");
        std::fs::create_dir_all(&packages).unwrap();
        assert_eq!(Environment::of_prefix(folder.path(), "test"), None);
        std::fs::write(folder.path().join("pyvenv.cfg"), "home = /gone\n").unwrap();
        let found = Environment::of_prefix(folder.path(), "test").unwrap();
        assert_eq!((found.python, found.packages), (None, vec![packages]));
    }
}
