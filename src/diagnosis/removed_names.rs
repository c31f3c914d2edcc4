//! Names that Python or a package of the old days lost, each with the successor that the release notes give.
//!
//! Sources: the "Removed" and "Porting" sections of "What's New in Python" 3.0 to 3.14, the fixers of lib2to3
//! for Python 2, PEP 632 for distutils, PEP 594, and "What's New in Python 3.8" for asynctest. A name whose
//! successor takes other arguments is not here.

/// A name that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedName {
    /// The module that had it, dotted.
    pub module: &'static str,
    /// The name.
    pub name: &'static str,
    /// What serves instead, dotted; a builtin has no dot.
    pub successor: &'static str,
    /// The release of Python that came without it.
    pub since: &'static str,
}

impl RemovedName {
    /// The module of the successor, empty for a builtin.
    pub fn home(&self) -> &'static str {
        self.successor.rsplit_once('.').map_or("", |(module, _)| module)
    }

    /// The successor without its module.
    pub fn new_name(&self) -> &'static str {
        self.successor.rsplit_once('.').map_or(self.successor, |(_, name)| name)
    }
}

/// What became of `name` of `module`.
pub fn removed_name(module: &str, name: &str) -> Option<RemovedName> {
    let of_module = TABLE.iter().filter(|(known, _, _)| *known == module);
    of_module.into_iter().find_map(|(module, since, names)| {
        let (name, successor) = names.iter().find(|(old, _)| *old == name)?;
        Some(RemovedName { module, name, successor, since })
    })
}

/// Whether the table knows names of `module` or of one below it.
pub fn is_known(module: &str) -> bool {
    TABLE
        .iter()
        .any(|(known, _, _)| *known == module || known.strip_prefix(module).is_some_and(|below| below.starts_with('.')))
}

/// Methods that a type lost: the type as the message prints it, the old name, the new one, since when.
pub fn removed_method(type_name: &str, name: &str) -> Option<(&'static str, &'static str)> {
    METHODS
        .iter()
        .find(|(known, old, _, _)| *known == type_name && *old == name)
        .map(|(_, _, new, since)| (*new, *since))
}

type Names = &'static [(&'static str, &'static str)];

const ABC: Names = &[
    ("Awaitable", "collections.abc.Awaitable"),
    ("Callable", "collections.abc.Callable"),
    ("Container", "collections.abc.Container"),
    ("Coroutine", "collections.abc.Coroutine"),
    ("Generator", "collections.abc.Generator"),
    ("Hashable", "collections.abc.Hashable"),
    ("ItemsView", "collections.abc.ItemsView"),
    ("Iterable", "collections.abc.Iterable"),
    ("Iterator", "collections.abc.Iterator"),
    ("KeysView", "collections.abc.KeysView"),
    ("Mapping", "collections.abc.Mapping"),
    ("MutableMapping", "collections.abc.MutableMapping"),
    ("MutableSequence", "collections.abc.MutableSequence"),
    ("MutableSet", "collections.abc.MutableSet"),
    ("Sequence", "collections.abc.Sequence"),
    ("Set", "collections.abc.Set"),
    ("Sized", "collections.abc.Sized"),
    ("ValuesView", "collections.abc.ValuesView"),
];

/// The module, the release without these names, and each name with its successor.
const TABLE: &[(&str, &str, Names)] = &[
    ("collections", "3.10", ABC),
    ("array", "3.9", &[("ArrayType", "array.array")]),
    (
        "ast",
        "3.14",
        &[
            ("Bytes", "ast.Constant"),
            ("Ellipsis", "ast.Constant"),
            ("NameConstant", "ast.Constant"),
            ("Num", "ast.Constant"),
            ("Str", "ast.Constant"),
        ],
    ),
    (
        "asynctest",
        "3.11",
        &[
            ("CoroutineMock", "unittest.mock.AsyncMock"),
            ("MagicMock", "unittest.mock.MagicMock"),
            ("Mock", "unittest.mock.Mock"),
            ("TestCase", "unittest.IsolatedAsyncioTestCase"),
            ("call", "unittest.mock.call"),
            ("mock_open", "unittest.mock.mock_open"),
            ("patch", "unittest.mock.patch"),
        ],
    ),
    ("base64", "3.9", &[("decodestring", "base64.decodebytes"), ("encodestring", "base64.encodebytes")]),
    (
        "cgi",
        "3.8",
        &[("escape", "html.escape"), ("parse_qs", "urllib.parse.parse_qs"), ("parse_qsl", "urllib.parse.parse_qsl")],
    ),
    ("configparser", "3.12", &[("SafeConfigParser", "configparser.ConfigParser")]),
    ("distutils.spawn", "3.12", &[("find_executable", "shutil.which")]),
    (
        "distutils.version",
        "3.12",
        &[("LooseVersion", "packaging.version.Version"), ("StrictVersion", "packaging.version.Version")],
    ),
    ("fractions", "3.9", &[("gcd", "math.gcd")]),
    (
        "imp",
        "3.12",
        &[
            ("cache_from_source", "importlib.util.cache_from_source"),
            ("new_module", "types.ModuleType"),
            ("reload", "importlib.reload"),
            ("source_from_cache", "importlib.util.source_from_cache"),
        ],
    ),
    ("importlib", "3.12", &[("find_loader", "importlib.util.find_spec")]),
    ("inspect", "3.11", &[("getargspec", "inspect.getfullargspec")]),
    (
        "itertools",
        "3.0",
        &[
            ("ifilter", "filter"),
            ("ifilterfalse", "itertools.filterfalse"),
            ("imap", "map"),
            ("izip", "zip"),
            ("izip_longest", "itertools.zip_longest"),
        ],
    ),
    ("locale", "3.12", &[("format", "locale.format_string")]),
    ("operator", "3.0", &[("isCallable", "callable"), ("sequenceIncludes", "operator.contains")]),
    ("os", "3.0", &[("getcwdu", "os.getcwd")]),
    ("pipes", "3.13", &[("quote", "shlex.quote")]),
    ("pkgutil", "3.14", &[("find_loader", "importlib.util.find_spec")]),
    ("pkg_resources", "3.12", &[("parse_version", "packaging.version.parse")]),
    (
        "string",
        "3.0",
        &[
            ("letters", "string.ascii_letters"),
            ("lowercase", "string.ascii_lowercase"),
            ("maketrans", "str.maketrans"),
            ("uppercase", "string.ascii_uppercase"),
        ],
    ),
    ("sys", "3.0", &[("maxint", "sys.maxsize")]),
    ("time", "3.8", &[("clock", "time.perf_counter")]),
    (
        "types",
        "3.0",
        &[
            ("BooleanType", "bool"),
            ("DictType", "dict"),
            ("FloatType", "float"),
            ("IntType", "int"),
            ("ListType", "list"),
            ("NoneType", "types.NoneType"),
            ("StringType", "str"),
            ("TupleType", "tuple"),
        ],
    ),
    ("typing", "3.14", &[("ByteString", "collections.abc.ByteString")]),
    (
        "urllib",
        "3.0",
        &[
            ("pathname2url", "urllib.request.pathname2url"),
            ("quote", "urllib.parse.quote"),
            ("quote_plus", "urllib.parse.quote_plus"),
            ("unquote", "urllib.parse.unquote"),
            ("unquote_plus", "urllib.parse.unquote_plus"),
            ("urlencode", "urllib.parse.urlencode"),
            ("urlopen", "urllib.request.urlopen"),
            ("urlretrieve", "urllib.request.urlretrieve"),
        ],
    ),
    (
        "xml.etree.cElementTree",
        "3.9",
        &[
            ("Element", "xml.etree.ElementTree.Element"),
            ("ElementTree", "xml.etree.ElementTree.ElementTree"),
            ("ParseError", "xml.etree.ElementTree.ParseError"),
            ("SubElement", "xml.etree.ElementTree.SubElement"),
            ("fromstring", "xml.etree.ElementTree.fromstring"),
            ("iterparse", "xml.etree.ElementTree.iterparse"),
            ("parse", "xml.etree.ElementTree.parse"),
            ("tostring", "xml.etree.ElementTree.tostring"),
        ],
    ),
];

const METHODS: &[(&str, &str, &str, &str)] = &[
    ("ConfigParser", "readfp", "read_file", "3.12"),
    ("RawConfigParser", "readfp", "read_file", "3.12"),
    ("Condition", "notifyAll", "notify_all", "3.15"),
    ("Element", "getiterator", "iter", "3.9"),
    ("ElementTree", "getiterator", "iter", "3.9"),
    ("xml.etree.ElementTree.Element", "getiterator", "iter", "3.9"),
    ("Thread", "isAlive", "is_alive", "3.9"),
    ("array.array", "fromstring", "frombytes", "3.9"),
    ("array.array", "tostring", "tobytes", "3.9"),
    ("array", "fromstring", "frombytes", "3.9"),
    ("array", "tostring", "tobytes", "3.9"),
    ("dict", "iteritems", "items", "3.0"),
    ("dict", "iterkeys", "keys", "3.0"),
    ("dict", "itervalues", "values", "3.0"),
    ("dict", "viewitems", "items", "3.0"),
    ("dict", "viewkeys", "keys", "3.0"),
    ("dict", "viewvalues", "values", "3.0"),
    ("generator", "next", "__next__", "3.0"),
    ("function", "func_name", "__name__", "3.0"),
    ("function", "func_defaults", "__defaults__", "3.0"),
    ("function", "func_code", "__code__", "3.0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_module() {
        let gone = removed_name("fractions", "gcd").unwrap();
        assert_eq!((gone.home(), gone.new_name(), gone.since), ("math", "gcd", "3.9"));
        assert_eq!(removed_name("itertools", "izip").unwrap().home(), "");
        assert_eq!(removed_name("fractions", "Fraction"), None);
        assert!(is_known("imp") && is_known("distutils") && !is_known("dis"));
        assert_eq!(removed_method("Thread", "isAlive"), Some(("is_alive", "3.9")));
    }
}
