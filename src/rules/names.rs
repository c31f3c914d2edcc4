//! What the names of one file mean: imports with their aliases, local definitions.

use std::collections::{HashMap, HashSet};

use super::tree::{Id, Kind, Tree};

mod known;

pub(super) use known::{
    is_builtin_fixture, is_builtin_function, is_builtin_name, is_class_name, is_everyday_method, is_standard_class,
    package, well_known_module,
};

/// The names that a file binds.
#[derive(Debug, Default)]
pub(super) struct Names {
    imported: HashMap<String, Imported>,
    /// Modules of `from m import *`.
    stars: Vec<String>,
    /// Functions, classes and variables that the file makes itself.
    defined: HashSet<String>,
    /// Parameters of its functions.
    parameters: HashSet<String>,
}

#[derive(Debug)]
struct Imported {
    path: String,
    /// By `import m`, so it is a module for sure.
    is_module: bool,
}

/// A dotted name, followed to where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dotted {
    /// `numpy.float`; as written where the root is not imported.
    pub path: String,
    pub origin: Origin,
}

/// What the root of a dotted name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A module, by `import m`.
    Module,
    /// Something of a module, by `from m import x`.
    Member,
    /// Defined in the file.
    Local,
    /// A parameter.
    Parameter,
    /// Nothing in the file says.
    Unknown,
}

impl Names {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let mut names = Self::default();
        for id in 0..tree.nodes.len() {
            match tree.kind(id) {
                Kind::Imported => names.import(tree, id),
                Kind::Parameter => names.parameters.extend([tree.name(id).to_string()]),
                Kind::Function | Kind::AsyncFunction | Kind::Class => {
                    let in_class = tree.parent(id).and_then(|block| tree.parent(block));
                    if in_class.is_none_or(|outer| tree.kind(outer) != Kind::Class) {
                        names.defined.insert(tree.name(id).to_string());
                    }
                }
                Kind::Assign | Kind::For => names.assign(tree, tree.children(id).first().copied()),
                Kind::Item => names.assign(tree, tree.children(id).get(1).copied()),
                _ => {}
            }
        }
        names
    }

    fn assign(&mut self, tree: &Tree<'_>, target: Option<Id>) {
        let Some(target) = target else { return };
        match tree.kind(target) {
            Kind::Name => {
                self.defined.insert(tree.name(target).to_string());
            }
            Kind::Tuple => tree.children(target).iter().for_each(|inner| self.assign(tree, Some(*inner))),
            _ => {}
        }
    }

    fn import(&mut self, tree: &Tree<'_>, id: Id) {
        let Some(statement) = tree.parent(id) else { return };
        let (module, name) = (tree.name(statement), tree.name(id));
        if name == "*" {
            self.stars.push(module.to_string());
            return;
        }
        let alias = tree.child(id, Kind::Alias).map(|alias| tree.name(alias));
        let is_module = tree.kind(statement) == Kind::Import;
        let (local, path) = match (is_module, alias) {
            (true, Some(alias)) => (alias, name.to_string()),
            (true, None) => {
                let root = name.split('.').next().unwrap_or(name);
                (root, root.to_string())
            }
            (false, alias) => (alias.unwrap_or(name), format!("{module}.{name}")),
        };
        self.imported.insert(local.to_string(), Imported { path, is_module });
    }

    /// The dotted name that `id` is, if it is one.
    pub(super) fn dotted(&self, tree: &Tree<'_>, id: Id) -> Option<Dotted> {
        let mut parts = Vec::new();
        let mut at = id;
        while tree.kind(at) == Kind::Attribute {
            parts.push(tree.name(at));
            at = *tree.children(at).first()?;
        }
        if tree.kind(at) != Kind::Name {
            return None;
        }
        let (root, origin) = self.root(tree.name(at));
        parts.push(&root);
        parts.reverse();
        Some(Dotted { path: parts.join("."), origin })
    }

    fn root(&self, name: &str) -> (String, Origin) {
        if let Some(imported) = self.imported.get(name) {
            let origin = if imported.is_module { Origin::Module } else { Origin::Member };
            return (imported.path.clone(), origin);
        }
        let origin = if self.parameters.contains(name) {
            Origin::Parameter
        } else if self.defined.contains(name) {
            Origin::Local
        } else {
            Origin::Unknown
        };
        (name.to_string(), origin)
    }

    /// Whether the file gives the name any meaning.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.imported.contains_key(name) || self.defined.contains(name) || self.parameters.contains(name)
    }

    pub(super) fn is_imported(&self, name: &str) -> bool {
        self.imported.contains_key(name)
    }

    /// How the file calls what is imported as `path`.
    pub(super) fn local_name(&self, path: &str) -> Option<&str> {
        self.imported.iter().find(|(_, imported)| imported.path == path).map(|(local, _)| local.as_str())
    }

    pub(super) fn star_modules(&self) -> &[String] {
        &self.stars
    }
}
