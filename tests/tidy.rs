//! House rules as tests: the layers of docs/architecture.md, one sentence at the top of each file, and
//! files that a person can hold in mind.

use std::fs;
use std::path::{Path, PathBuf};

/// Bottom first; a module names only modules before it. `heal` comes after everything it orders.
const LAYERS: [&str; 17] = [
    "text",
    "syntax",
    "rules",
    "report",
    "results",
    "graveyard",
    "workspace",
    "diagnosis",
    "fix",
    "strategies",
    "guard",
    "validation",
    "heal",
    "mcp",
    "metrics",
    "server",
    "cli",
];

/// Side by side: neither names the other.
const APART: [(&str, &str); 3] = [("strategies", "guard"), ("strategies", "validation"), ("guard", "validation")];

fn sources() -> Vec<PathBuf> {
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// `src/report/blocks.rs` is of module `report`.
fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.iter().next().unwrap().to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// The modules that a text names by `crate::`, code of unit tests left out.
fn named_modules(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let named = code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| {
        line.match_indices("crate::").map(|(at, _)| {
            line[at + "crate::".len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
        })
    });
    named.filter(|name| !name.is_empty()).collect()
}

#[test]
fn a_module_names_only_modules_below_it() {
    let rank = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    let mut wrong = Vec::new();
    for path in sources() {
        let module = module_of(&path);
        let Some(own) = rank(&module) else { continue };
        for named in named_modules(&fs::read_to_string(&path).unwrap()) {
            let apart = APART.iter().any(|(a, b)| (*a == module && *b == named) || (*b == module && *a == named));
            if rank(&named).is_some_and(|other| other > own) || apart {
                wrong.push(format!("{}: names {named}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_layer() {
    let edges = ["lib", "main", "fixture"];
    let known = |module: &str| LAYERS.contains(&module) || edges.contains(&module);
    let unknown: Vec<_> = sources().iter().map(|path| module_of(path)).filter(|module| !known(module)).collect();
    assert!(unknown.is_empty(), "no layer for {unknown:?}");
}

#[test]
fn every_file_opens_with_its_sentence() {
    let silent: Vec<_> =
        sources().into_iter().filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 700)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
