//! What the workspace says of installed packages, compared with what Python itself says (`truth.py`).
//!
//! By default with pytest itself, in the venv of all tests; other packages where an environment is named:
//!
//! ```text
//! python3 -m venv /tmp/truth && /tmp/truth/bin/pip install pytest requests click flask attrs rich
//! PYTEST_MEDIC_TRUTH=/tmp/truth PACKAGES="_pytest requests click" cargo test --test facts -- --nocapture
//! ```

mod bad_input;
#[allow(dead_code)]
#[path = "../common/mod.rs"]
mod common;
mod fixtures;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use pytest_medic::workspace::symbols::{Signature, SymbolKind};
use pytest_medic::workspace::{Config, Snapshot};
use serde::Deserialize;

#[derive(Deserialize)]
struct ModuleTruth {
    module: String,
    names: Vec<String>,
    functions: BTreeMap<String, Option<Vec<Parameter>>>,
    classes: BTreeMap<String, ClassTruth>,
}

#[derive(Deserialize)]
struct ClassTruth {
    members: Vec<String>,
    /// All that Python finds in the class and its bases, where the source of every base is known.
    known: Option<Vec<String>>,
    methods: BTreeMap<String, Vec<Parameter>>,
    /// Signatures of which one is right.
    constructors: Option<Vec<Vec<Parameter>>>,
}

/// Name, kind, whether it has a default.
type Parameter = (String, String, bool);

/// How often we agree, with the first disagreements.
#[derive(Default)]
struct Tally {
    right: usize,
    asked: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.asked += 1;
        self.right += usize::from(right);
        if !right {
            self.wrong.push(what());
        }
    }

    fn share(&self) -> f64 {
        if self.asked == 0 { 1.0 } else { self.right as f64 / self.asked as f64 }
    }
}

/// The environment to compare with: the one that is named, else the pinned one of all tests.
fn venv() -> PathBuf {
    let pinned = || common::python().ancestors().nth(2).expect("an interpreter lies in bin of its venv").to_path_buf();
    std::env::var_os("PYTEST_MEDIC_TRUTH").map_or_else(pinned, PathBuf::from)
}

/// An empty project that uses the interpreter of `venv`.
fn project(venv: &Path) -> (tempfile::TempDir, Snapshot) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let python = Some(venv.join("bin/python").to_string_lossy().into_owned());
    let snapshot = Snapshot::open(folder.path()).with_config(Config { python, ..Config::default() });
    (folder, snapshot)
}

#[test]
fn members_and_signatures_are_those_that_python_sees() {
    let venv = venv();
    let packages = std::env::var("PACKAGES").unwrap_or_else(|_| "_pytest pluggy".to_string());
    let (_folder, snapshot) = project(&venv);
    let mut worst = 1.0_f64;
    for package in packages.split_whitespace() {
        let tallies = compare(&snapshot, &truth_of(&venv, package));
        let line: Vec<String> = tallies
            .iter()
            .map(|(name, tally)| format!("{name} {}/{} {:.2}%", tally.right, tally.asked, 100.0 * tally.share()))
            .collect();
        println!("{package:14} {}", line.join("  "));
        for (name, tally) in &tallies {
            worst = worst.min(tally.share());
            for wrong in tally.wrong.iter().take(std::env::var("WRONG").ok().and_then(|n| n.parse().ok()).unwrap_or(3))
            {
                println!("    {name}: {wrong}");
            }
        }
    }
    assert!(worst >= 0.9, "a package is understood by {:.1} % only", 100.0 * worst);
}

fn truth_of(venv: &Path, package: &str) -> Vec<ModuleTruth> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/truth.py");
    let output = Command::new(venv.join("bin/python")).arg(script).arg(package).output().expect("the interpreter runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let modules: Vec<ModuleTruth> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(!modules.is_empty(), "no truth of {package}: {}", String::from_utf8_lossy(&output.stderr));
    modules
}

fn compare(snapshot: &Snapshot, modules: &[ModuleTruth]) -> [(&'static str, Tally); 5] {
    let [mut names, mut members, mut extra, mut signatures, mut constructors] = <[Tally; 5]>::default();
    for truth in modules {
        let module = &truth.module;
        let ours = snapshot.module_members(module);
        let known: HashSet<&str> = ours.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
        for name in &truth.names {
            names.add(known.contains(name.as_str()), || format!("{module}.{name}"));
        }
        for (name, expected) in &truth.functions {
            let Some(expected) = expected else { continue };
            let found = ours.get(name).and_then(|symbol| symbol.signature.as_ref());
            signatures.add(found.is_some_and(|found| same(found, expected)), || shown(module, name, found, expected));
        }
        for (name, class) in &truth.classes {
            let Some(symbol) = ours.get(name).filter(|symbol| symbol.kind == SymbolKind::Class) else {
                members.add(false, || format!("{module}.{name} is no class to us"));
                continue;
            };
            let found = snapshot.members(symbol);
            let known: HashSet<&str> = found.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
            for member in &class.members {
                members.add(known.contains(member.as_str()), || format!("{module}.{name}.{member}"));
            }
            let expected: HashSet<&str> = class.known.iter().flatten().map(String::as_str).collect();
            for member in found.symbols.iter().filter(|_| class.known.is_some()) {
                extra.add(expected.contains(member.name.as_str()), || {
                    format!("{} in {module}.{name}", member.qualified)
                });
            }
            for (method, expected) in &class.methods {
                let found = found.get(method).and_then(|symbol| symbol.signature.as_ref());
                signatures.add(found.is_some_and(|found| same(found, expected)), || {
                    shown(module, &format!("{name}.{method}"), found, expected)
                });
            }
            if let (Some(expected), Some(found)) = (&class.constructors, &symbol.signature) {
                let right = expected.iter().any(|expected| same(found, expected));
                constructors.add(right, || shown(module, name, Some(found), &expected[0]));
            }
        }
    }
    [
        ("names", names),
        ("members", members),
        ("no others", extra),
        ("signatures", signatures),
        ("constructors", constructors),
    ]
}

fn same(found: &Signature, expected: &[Parameter]) -> bool {
    let found: Vec<Parameter> = found
        .parameters
        .iter()
        .map(|parameter| {
            let kind = serde_json::to_value(parameter.kind).ok().and_then(|kind| kind.as_str().map(String::from));
            (parameter.name.clone(), kind.unwrap_or_default(), parameter.default.is_some())
        })
        .collect();
    found == expected
}

fn shown(module: &str, name: &str, found: Option<&Signature>, expected: &[Parameter]) -> String {
    let found = found.map_or("nothing".to_string(), |found| found.to_string().replace('\n', " "));
    format!("{module}.{name} is {found}, not {expected:?}")
}
