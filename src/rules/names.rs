//! What the names of one file mean: imports with their aliases, local definitions, modules that everyone knows.

use std::collections::{HashMap, HashSet};

use super::tree::{Id, Kind, Tree};

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

/// What people call modules where they import them.
const ALIASES: [(&str, &str); 10] = [
    ("np", "numpy"),
    ("pd", "pandas"),
    ("plt", "matplotlib.pyplot"),
    ("tf", "tensorflow"),
    ("sa", "sqlalchemy"),
    ("dt", "datetime"),
    ("sns", "seaborn"),
    ("xr", "xarray"),
    ("pl", "polars"),
    ("pa", "pyarrow"),
];

/// The package that prose names.
pub(super) fn package(word: &str) -> Option<&'static str> {
    let is_it = |(_, module): &&(&str, &'static str)| *module == word;
    ALIASES.iter().find(is_it).map(|(_, module)| *module).or_else(|| well_known_module(word))
}

/// The module that a name stands for where nothing imports it: snippets leave such imports out.
/// Names that are variables as often as modules (`queue`, `http`, `copy`) are not here.
pub(super) fn well_known_module(name: &str) -> Option<&'static str> {
    const MODULES: [&str; 66] = [
        "abc",
        "argparse",
        "ast",
        "asyncio",
        "base64",
        "builtins",
        "collections",
        "concurrent",
        "configparser",
        "contextlib",
        "csv",
        "ctypes",
        "dataclasses",
        "decimal",
        "difflib",
        "enum",
        "functools",
        "glob",
        "gzip",
        "hashlib",
        "hmac",
        "importlib",
        "inspect",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "mimetypes",
        "mock",
        "multiprocessing",
        "numpy",
        "os",
        "pandas",
        "pathlib",
        "pickle",
        "pkg_resources",
        "pprint",
        "pydantic",
        "pytest",
        "random",
        "re",
        "requests",
        "responses",
        "httpx",
        "shlex",
        "shutil",
        "socket",
        "sqlite3",
        "ssl",
        "struct",
        "subprocess",
        "sys",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "tomllib",
        "torch",
        "typing",
        "unittest",
        "urllib",
        "uuid",
        "warnings",
        "yaml",
    ];
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, module)| *module);
    alias.or_else(|| MODULES.iter().find(|module| **module == name).copied())
}

/// Fixtures that pytest brings: their names are fixed, a parameter of that name is always the same thing.
pub(super) fn is_builtin_fixture(name: &str) -> bool {
    const FIXTURES: [&str; 21] = [
        "cache",
        "capfd",
        "capfdbinary",
        "caplog",
        "capsys",
        "capsysbinary",
        "doctest_namespace",
        "event_loop",
        "mocker",
        "monkeypatch",
        "pytestconfig",
        "pytester",
        "record_property",
        "record_testsuite_property",
        "recwarn",
        "request",
        "testdir",
        "tmp_path",
        "tmp_path_factory",
        "tmpdir",
        "tmpdir_factory",
    ];
    FIXTURES.contains(&name)
}

/// Functions of Python's own that a snippet calls without saying anything by it.
pub(super) fn is_builtin_function(name: &str) -> bool {
    const FUNCTIONS: [&str; 31] = [
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "dict",
        "enumerate",
        "filter",
        "float",
        "format",
        "frozenset",
        "int",
        "isinstance",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "print",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
    ];
    FUNCTIONS.contains(&name)
}

/// A name of Python's own: a method or a module's function of that name is something else.
pub(super) fn is_builtin_name(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "callable",
        "chr",
        "compile",
        "delattr",
        "eval",
        "exec",
        "getattr",
        "hasattr",
        "hash",
        "hex",
        "id",
        "input",
        "issubclass",
        "open",
        "ord",
        "pow",
        "setattr",
        "super",
        "type",
        "vars",
    ];
    is_builtin_function(name) || NAMES.contains(&name)
}

/// Methods that containers, texts, files, mocks and clients of all kinds have: alone they tell no type.
pub(super) fn is_everyday_method(name: &str) -> bool {
    const METHODS: [&str; 52] = [
        "add", "all", "append", "apply", "call", "clear", "close", "connect", "copy", "count", "create", "decode",
        "delete", "discard", "encode", "execute", "exists", "extend", "fetch", "filter", "find", "first", "format",
        "get", "index", "insert", "items", "join", "keys", "list", "load", "open", "patch", "pop", "post", "put",
        "query", "read", "remove", "replace", "request", "run", "save", "send", "set", "sort", "split", "start",
        "strip", "update", "values", "write",
    ];
    METHODS.contains(&name)
}

/// Classes of the standard library that are written like variables.
pub(super) fn is_standard_class(name: &str) -> bool {
    matches!(name, "date" | "datetime" | "timedelta" | "defaultdict" | "deque" | "namedtuple")
}

/// `Retry`, not `retry` and not `RETRIES`.
pub(super) fn is_class_name(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(|c: char| c.is_uppercase()) && (name.len() == 1 || name.contains(|c: char| c.is_lowercase()))
}
