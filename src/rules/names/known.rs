//! Names that mean the same in every file: modules, fixtures of pytest, functions of Python's own.

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
pub(in crate::rules) fn package(word: &str) -> Option<&'static str> {
    let is_it = |(_, module): &&(&str, &'static str)| *module == word;
    ALIASES.iter().find(is_it).map(|(_, module)| *module).or_else(|| well_known_module(word))
}

/// The module that a name stands for where nothing imports it: snippets leave such imports out.
pub(in crate::rules) fn well_known_module(name: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, module)| *module);
    alias.or_else(|| MODULES.iter().find(|module| **module == name).copied())
}

/// Fixtures that pytest brings: their names are fixed, a parameter of that name is always the same thing.
pub(in crate::rules) fn is_builtin_fixture(name: &str) -> bool {
    FIXTURES.contains(&name)
}

/// Functions of Python's own that a snippet calls without saying anything by it.
pub(in crate::rules) fn is_builtin_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// A name of Python's own: a method or a module's function of that name is something else.
pub(in crate::rules) fn is_builtin_name(name: &str) -> bool {
    is_builtin_function(name) || NAMES.contains(&name)
}

/// Methods that containers, texts, files, mocks and clients of all kinds have: alone they tell no type.
pub(in crate::rules) fn is_everyday_method(name: &str) -> bool {
    METHODS.contains(&name)
}

/// Classes of the standard library that are written like variables.
pub(in crate::rules) fn is_standard_class(name: &str) -> bool {
    matches!(name, "date" | "datetime" | "timedelta" | "defaultdict" | "deque" | "namedtuple")
}

/// `Retry`, not `retry` and not `RETRIES`.
pub(in crate::rules) fn is_class_name(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(|c: char| c.is_uppercase()) && (name.len() == 1 || name.contains(|c: char| c.is_lowercase()))
}

/// Modules that are nothing else. Names that are variables as often as modules (`queue`, `http`, `copy`) are not here.
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

/// What pytest and the plugins that most projects have bring.
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

/// Functions of Python's own that work on values.
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

/// Functions of Python's own that say something where they are called.
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

/// Names that methods of many classes have.
const METHODS: [&str; 52] = [
    "add", "all", "append", "apply", "call", "clear", "close", "connect", "copy", "count", "create", "decode",
    "delete", "discard", "encode", "execute", "exists", "extend", "fetch", "filter", "find", "first", "format", "get",
    "index", "insert", "items", "join", "keys", "list", "load", "open", "patch", "pop", "post", "put", "query", "read",
    "remove", "replace", "request", "run", "save", "send", "set", "sort", "split", "start", "strip", "update",
    "values", "write",
];
