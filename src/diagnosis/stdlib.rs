//! What the standard library lost, and what took its place (the "Removed" sections of "What's New in
//! Python" 3.9 to 3.14, and PEP 594).

/// A module that newer Pythons do not have.
pub struct RemovedModule {
    /// Its name.
    pub name: &'static str,
    /// The Python that came without it.
    pub since: &'static str,
    /// A module of the standard library that serves the same names, if there is one.
    pub successor: Option<&'static str>,
}

const fn removed(name: &'static str, since: &'static str) -> RemovedModule {
    RemovedModule { name, since, successor: None }
}

const fn replaced(name: &'static str, since: &'static str, successor: &'static str) -> RemovedModule {
    RemovedModule { name, since, successor: Some(successor) }
}

/// All of them.
pub static REMOVED_MODULES: &[RemovedModule] = &[
    removed("asynchat", "3.12"),
    removed("asyncore", "3.12"),
    removed("distutils", "3.12"),
    removed("imp", "3.12"),
    removed("smtpd", "3.12"),
    removed("aifc", "3.13"),
    removed("audioop", "3.13"),
    removed("cgi", "3.13"),
    removed("cgitb", "3.13"),
    removed("chunk", "3.13"),
    removed("crypt", "3.13"),
    removed("imghdr", "3.13"),
    removed("lib2to3", "3.13"),
    removed("mailcap", "3.13"),
    removed("msilib", "3.13"),
    removed("nis", "3.13"),
    removed("nntplib", "3.13"),
    removed("ossaudiodev", "3.13"),
    removed("pipes", "3.13"),
    removed("sndhdr", "3.13"),
    removed("spwd", "3.13"),
    removed("sunau", "3.13"),
    removed("telnetlib", "3.13"),
    removed("uu", "3.13"),
    removed("xdrlib", "3.13"),
    replaced("binhex", "3.11", "binascii"),
    removed("parser", "3.10"),
    removed("symbol", "3.10"),
    removed("formatter", "3.10"),
    replaced("macpath", "3.8", "posixpath"),
    replaced("dummy_threading", "3.9", "threading"),
    replaced("_dummy_threading", "3.9", "threading"),
    replaced("cPickle", "3.0", "pickle"),
    replaced("StringIO", "3.0", "io"),
    replaced("cStringIO", "3.0", "io"),
    replaced("Queue", "3.0", "queue"),
    replaced("ConfigParser", "3.0", "configparser"),
    replaced("httplib", "3.0", "http.client"),
    replaced("urlparse", "3.0", "urllib.parse"),
    replaced("urllib2", "3.0", "urllib.request"),
    replaced("HTMLParser", "3.0", "html.parser"),
    replaced("__builtin__", "3.0", "builtins"),
];

/// The entry of a top-level module.
pub fn removed_module(name: &str) -> Option<&'static RemovedModule> {
    REMOVED_MODULES.iter().find(|module| module.name == name)
}

/// Names that moved inside the standard library: module, name, where it is now, since when.
pub static MOVED_NAMES: &[(&str, &str, &str, &str)] = &[
    ("collections", "Awaitable", "collections.abc", "3.10"),
    ("collections", "Callable", "collections.abc", "3.10"),
    ("collections", "Container", "collections.abc", "3.10"),
    ("collections", "Coroutine", "collections.abc", "3.10"),
    ("collections", "Generator", "collections.abc", "3.10"),
    ("collections", "Hashable", "collections.abc", "3.10"),
    ("collections", "ItemsView", "collections.abc", "3.10"),
    ("collections", "Iterable", "collections.abc", "3.10"),
    ("collections", "Iterator", "collections.abc", "3.10"),
    ("collections", "KeysView", "collections.abc", "3.10"),
    ("collections", "Mapping", "collections.abc", "3.10"),
    ("collections", "MutableMapping", "collections.abc", "3.10"),
    ("collections", "MutableSequence", "collections.abc", "3.10"),
    ("collections", "MutableSet", "collections.abc", "3.10"),
    ("collections", "Sequence", "collections.abc", "3.10"),
    ("collections", "Set", "collections.abc", "3.10"),
    ("collections", "Sized", "collections.abc", "3.10"),
    ("collections", "ValuesView", "collections.abc", "3.10"),
    ("fractions", "gcd", "math", "3.9"),
];

/// Where `name` of `module` is now.
pub fn moved_name(module: &str, name: &str) -> Option<(&'static str, &'static str)> {
    MOVED_NAMES
        .iter()
        .find(|(from, moved, to, _)| *from == module && *moved == name && to != from)
        .map(|(_, _, to, since)| (*to, *since))
}

/// unittest's aliases, gone with Python 3.12: the old name and the one that it stood for.
pub static UNITTEST_ALIASES: &[(&str, &str)] = &[
    ("failUnlessEqual", "assertEqual"),
    ("assertEquals", "assertEqual"),
    ("failIfEqual", "assertNotEqual"),
    ("assertNotEquals", "assertNotEqual"),
    ("failUnlessAlmostEqual", "assertAlmostEqual"),
    ("assertAlmostEquals", "assertAlmostEqual"),
    ("failIfAlmostEqual", "assertNotAlmostEqual"),
    ("assertNotAlmostEquals", "assertNotAlmostEqual"),
    ("failUnless", "assertTrue"),
    ("assert_", "assertTrue"),
    ("failUnlessRaises", "assertRaises"),
    ("failIf", "assertFalse"),
    ("assertRaisesRegexp", "assertRaisesRegex"),
    ("assertRegexpMatches", "assertRegex"),
    ("assertNotRegexpMatches", "assertNotRegex"),
    ("assertItemsEqual", "assertCountEqual"),
];
