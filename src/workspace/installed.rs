//! Installed distributions: their files, and what those define.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::text::FilePath;

use super::Snapshot;
use super::files::is_document;
use super::symbols::Symbol;
use super::words::occurrences;

/// An installed distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its name as its metadata folder spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The folder with its metadata.
    metadata: PathBuf,
}

impl Snapshot {
    /// The distribution called `name`, in any spelling that PEP 503 allows.
    pub fn distribution(&self, name: &str) -> Option<Distribution> {
        let wanted = normalized(name);
        self.distributions().into_iter().find(|found| normalized(&found.name) == wanted)
    }

    /// Every distribution of the environment, sorted by name.
    pub fn distributions(&self) -> Vec<Distribution> {
        let environment = self.environment();
        let entries = environment.packages.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        let mut found: Vec<Distribution> = entries.filter_map(|entry| distribution_at(&entry.ok()?.path())).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.dedup_by(|a, b| a.name == b.name);
        found
    }

    /// Whether a distribution, or a package by its import name, defines a class of that name.
    pub fn defines_class(&self, distribution: &str, class: &str) -> bool {
        use rayon::prelude::*;
        let starts = [format!("class {class}("), format!("class {class}:")];
        let defines = |path: &FilePath| {
            self.text_aside(path).is_some_and(|text| starts.iter().any(|start| text.contains(start.as_str())))
        };
        self.files_of(distribution).par_iter().any(defines)
    }

    /// The Python files and stubs of a distribution, or of a package that is found by its import name.
    pub fn files_of(&self, distribution: &str) -> Vec<FilePath> {
        let recorded = self.distribution(distribution).map(|found| recorded_files(&found.metadata, is_python));
        let recorded = recorded.unwrap_or_default();
        if !recorded.is_empty() {
            return recorded;
        }
        let Some(module) = self.module(distribution) else { return Vec::new() };
        if !module.file_name().starts_with("__init__.") {
            return vec![module];
        }
        let folder = self.absolute(&module).and_then(|path| path.parent().map(Path::to_path_buf));
        let entries = folder.iter().flat_map(|folder| ignore::WalkBuilder::new(folder).standard_filters(false).build());
        let paths = entries.filter_map(|entry| Some(entry.ok()?.into_path())).filter(|path| is_python(path));
        let mut files: Vec<FilePath> = paths.map(|path| self.file_path(&path.to_string_lossy())).collect();
        files.sort();
        files
    }

    /// The documents that a distribution ships, its description among them.
    pub(super) fn documents_of(&self, distribution: &str) -> Vec<FilePath> {
        let Some(found) = self.distribution(distribution) else { return Vec::new() };
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        recorded_files(&found.metadata, |path| name(path) == "METADATA" || is_document(&name(path)))
    }

    /// Every definition of `name` in an installed distribution, in file order.
    pub fn definitions_in(&self, distribution: &str, name: &str) -> Vec<Symbol> {
        let files = self.files_of(distribution);
        let holding = files
            .into_par_iter()
            .filter(|path| self.text_aside(path).is_some_and(|text| occurrences(&text, name).next().is_some()));
        let holding: Vec<FilePath> = holding.collect();
        holding.iter().flat_map(|path| self.definitions_at(path, name)).collect()
    }
}

fn normalized(name: &str) -> String {
    name.to_lowercase().replace(['-', '.'], "_")
}

fn distribution_at(folder: &Path) -> Option<Distribution> {
    let stem = folder.file_name()?.to_str()?.strip_suffix(".dist-info")?;
    let (name, version) = stem.split_once('-')?;
    Some(Distribution { name: name.to_string(), version: version.to_string(), metadata: folder.to_path_buf() })
}

/// RECORD lists `path,hash,size`, paths relative to the folder of the metadata.
fn recorded_files(metadata: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<FilePath> {
    let (Ok(text), Some(folder)) = (std::fs::read_to_string(metadata.join("RECORD")), metadata.parent()) else {
        return Vec::new();
    };
    let paths = text.lines().filter_map(|line| line.split(',').next()).map(|path| folder.join(path.trim_matches('"')));
    paths.filter(|path| wanted(path)).map(|path| FilePath::new(&path.to_string_lossy())).collect()
}

fn is_python(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py" || extension == "pyi")
}
