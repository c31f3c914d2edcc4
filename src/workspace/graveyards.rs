//! Finding graveyards: those below the root, and the shared ones that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Snapshot;
use crate::graveyard::Graveyard;
use crate::text::FilePath;

/// The name of the file, at the root and in folders below it.
pub const FILE: &str = "GRAVEYARD.md";

/// Larger files are no notes that people keep.
const LARGEST: u64 = 64 << 20;

/// Every graveyard of the project, deepest folder first, then the root's, then the shared ones: files, or
/// installed packages that bring a GRAVEYARD.md.
pub fn load(snapshot: &Snapshot) -> Vec<Arc<Graveyard>> {
    let mut found: Vec<Graveyard> = paths(snapshot).into_iter().filter_map(|path| read(snapshot, &path)).collect();
    for name in &snapshot.config().graveyards {
        let known =
            found.iter_mut().find(|graveyard| graveyard.path.as_ref().is_some_and(|path| path.as_str() == name));
        match known {
            Some(known) => known.is_shared = true,
            None => found.extend(shared(snapshot, name)),
        }
    }
    let silenced = &snapshot.config().ignored_lessons;
    found.into_iter().map(|graveyard| Arc::new(Graveyard { silenced: silenced.clone(), ..graveyard })).collect()
}

/// The shared graveyards of the configuration that are nowhere.
pub fn missing(snapshot: &Snapshot) -> Vec<&str> {
    let names = snapshot.config().graveyards.iter().map(String::as_str);
    names.filter(|name| shared(snapshot, name).is_none()).collect()
}

fn paths(snapshot: &Snapshot) -> Vec<FilePath> {
    let Some(root) = snapshot.root() else { return vec![FilePath::new(FILE)] };
    let walker = ignore::WalkBuilder::new(root).require_git(false).build();
    let mut paths: Vec<FilePath> = walker
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == FILE && entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| Some(FilePath::new(&entry.path().strip_prefix(root).ok()?.to_string_lossy())))
        .collect();
    // A graveyard that git ignores still counts at the root.
    let at_root = FilePath::new(FILE);
    if !paths.contains(&at_root) {
        paths.push(at_root);
    }
    paths.sort_by_key(|path| (usize::MAX - path.as_str().matches('/').count(), path.clone()));
    paths
}

fn read(snapshot: &Snapshot, path: &FilePath) -> Option<Graveyard> {
    // An editor's text counts before the disk's; what is not UTF-8 is only on the disk.
    if let Some(text) = snapshot.text(path) {
        return Some(Graveyard::parse(Some(path.clone()), &text));
    }
    read_file(&snapshot.absolute(path)?, path.clone())
}

fn shared(snapshot: &Snapshot, name: &str) -> Option<Graveyard> {
    let base = snapshot.root()?;
    let home = std::env::home_dir();
    let file = match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => base.join(name),
    };
    let in_package = || {
        let folder = name.replace(['-', '.'], "/");
        let underscored = name.replace('-', "_").replace('.', "/");
        let environment = snapshot.environment();
        let mut places: Vec<PathBuf> = Vec::new();
        for root in environment.search_path() {
            places.extend([&folder, &underscored].map(|folder| root.join(folder).join(FILE)));
        }
        places.into_iter().find(|place| place.is_file())
    };
    let file = if file.is_dir() { file.join(FILE) } else { file };
    let file = if file.is_file() { file } else { in_package()? };
    let path = snapshot.file_path(&file.to_string_lossy());
    Some(Graveyard { is_shared: true, ..read_file(&file, path)? })
}

fn read_file(file: &Path, path: FilePath) -> Option<Graveyard> {
    let metadata = file.metadata().ok()?;
    if metadata.len() > LARGEST {
        return None;
    }
    Some(Graveyard::read(Some(path), &std::fs::read(file).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Config;

    const LESSON: &str = "## Entry: a\n\n### Wrong Code\n```python\na.b()\n```\n";

    #[test]
    fn graveyards_are_found_below_the_root_and_where_the_configuration_points() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, LESSON).unwrap();
        };
        write("GRAVEYARD.md");
        write("tests/api/GRAVEYARD.md");
        write("docs/lessons.md");
        write(".venv/lib/python3.12/site-packages/team_lessons/GRAVEYARD.md");
        std::fs::write(folder.path().join(".venv/pyvenv.cfg"), "home = /usr/bin\n").unwrap();
        std::fs::create_dir_all(folder.path().join(".venv/bin")).unwrap();
        std::fs::write(folder.path().join(".venv/bin/python"), "").unwrap();
        let graveyards = vec!["docs/lessons.md".to_string(), "team-lessons".to_string(), "nowhere.md".to_string()];
        let snapshot = Snapshot::open(folder.path()).with_config(Config { graveyards, ..Config::default() });
        let found = load(&snapshot);
        let names: Vec<(&str, bool)> =
            found.iter().map(|found| (found.path.as_ref().unwrap().as_str(), found.is_shared)).collect();
        assert_eq!(names[..3], [("tests/api/GRAVEYARD.md", false), ("GRAVEYARD.md", false), ("docs/lessons.md", true)]);
        assert!(names.last().unwrap().0.ends_with("team_lessons/GRAVEYARD.md") && names.len() == 4, "{names:?}");
        assert_eq!(missing(&snapshot), ["nowhere.md"]);
    }
}
