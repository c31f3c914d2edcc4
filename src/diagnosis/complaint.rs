//! What Python, pytest or a mock complained about, taken apart: the names in the words of a message.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

use crate::report::Failure;

/// How iterators and the views of a mapping begin where Python prints them.
pub const PRINTED_ITERATORS: [&str; 8] = [
    "<generator object ",
    "<map object ",
    "<filter object ",
    "<zip object ",
    "<itertools.",
    "dict_keys(",
    "dict_values(",
    "dict_items(",
];

/// Whether an iterator stands in a line that pytest printed, whole or cut: `<generator ob...x7f8c018939c0>`.
pub fn shows_iterator(line: &str) -> bool {
    PRINTED_ITERATORS.iter().any(|start| {
        line.contains(start) || (SHORTEST_CUT..start.len()).any(|cut| line.contains(&format!("{}...", &start[..cut])))
    })
}

/// Whether a message is what comes of an iterator where a list was: it is compared as it is, lacks what a list
/// has, or nothing ran through it and so nothing was raised.
pub fn meets_iterator(message: &str) -> bool {
    let first = message.lines().next().unwrap_or_default();
    let types = ["generator", "map", "filter", "zip", "dict_keys", "dict_values", "dict_items"];
    let named = types.iter().any(|name| first.contains(&format!("'{name}'")));
    let lacks = first.contains("object is not subscriptable") || first.contains("has no len()");
    shows_iterator(first) || named && lacks || first.starts_with("DID NOT RAISE")
}

/// Whether a message is what comes of a method where its result was wanted: it is compared, counted or printed as it is.
pub fn meets_method(message: &str) -> bool {
    let first = message.lines().next().unwrap_or_default();
    let type_words = ["'method'", "\"method\"", "not method", "'builtin_function_or_method'", "method.__format__"];
    first.contains("<bound method ") || type_words.iter().any(|word| first.contains(word))
}

/// As short does pytest cut no value.
const SHORTEST_CUT: usize = 8;

/// The complaint of a failure. Wordings are those of CPython 3.8 to 3.15 and pytest 6 to 9.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Complaint {
    /// `No module named 'shop.cart'`.
    NoModule {
        /// As printed, dotted.
        module: String,
    },
    /// `cannot import name 'Cart' from 'shop' (/…/shop.py)`.
    NoImport {
        /// The name.
        name: String,
        /// The module that was asked for it, dotted.
        module: String,
    },
    /// `'Cart' object has no attribute 'totl'` and its kin for classes, modules and patched targets.
    NoAttribute {
        /// Whose attribute it was meant to be.
        owner: Owner,
        /// The missing name.
        name: String,
    },
    /// `name 'os' is not defined`.
    NoName {
        /// The name.
        name: String,
    },
    /// `add() got an unexpected keyword argument 'qty'`.
    UnexpectedKeyword {
        /// As printed without `()`: `Cart.add`.
        function: String,
        /// The keyword.
        keyword: String,
    },
    /// `add() missing 1 required positional argument: 'sku'`.
    MissingArguments {
        /// As printed without `()`.
        function: String,
        /// The parameters that got nothing.
        names: Vec<String>,
        /// Whether they take keywords only.
        keyword_only: bool,
    },
    /// `add() takes 1 positional argument but 2 were given`.
    TooManyPositionals {
        /// As printed without `()`.
        function: String,
        /// How many it takes at most, `self` counted.
        takes: usize,
        /// How many it got, `self` counted.
        given: usize,
    },
    /// `add() got multiple values for argument 'sku'`.
    GivenTwice {
        /// As printed without `()`.
        function: String,
        /// The parameter.
        name: String,
    },
    /// `KeyError: 'phase'`.
    NoKey {
        /// The key, unquoted where it is a string, else as printed.
        key: String,
    },
    /// `fixture 'client' not found`.
    NoFixture {
        /// The name that was asked for.
        name: String,
    },
    /// `'test_total' requested an async fixture 'cart', with no plugin or hook that handled it`.
    AsyncFixture {
        /// The test.
        test: String,
        /// The fixture.
        fixture: String,
    },
    /// `'SubRequest' object has no attribute 'param'`: a fixture that only parametrized tests can ask for.
    NoParam,
    /// `Marks cannot be applied to fixtures.`
    MarkedFixture,
    /// `'coroutine' object has no attribute …`, `cannot unpack non-iterable coroutine object`.
    NotAwaited,
    /// `object int can't be used in 'await' expression`.
    NotAwaitable {
        /// The type of what was awaited.
        type_name: String,
    },
    /// `'str' object is not callable`.
    NotCallable {
        /// Its type.
        type_name: String,
    },
    /// `'Report' object is not subscriptable`, `… is not iterable`, `cannot unpack non-iterable …`.
    WrongShape {
        /// Its type.
        type_name: String,
        /// `subscriptable`, `iterable`, `unpackable`.
        wanted: &'static str,
    },
    /// `DID NOT RAISE <class 'ValueError'>`, `DID NOT WARN. …`.
    NotRaised {
        /// The expected types, without their modules where pytest prints one type.
        expected: String,
    },
    /// `Regex pattern did not match.` with both sides.
    PatternMissed {
        /// What `match=` holds.
        pattern: String,
        /// The message that was raised.
        actual: String,
    },
    /// `Calls not found.` with both lists.
    OtherCalls {
        /// The calls that were looked for, as mock prints them.
        expected: String,
        /// The calls that were made.
        actual: String,
    },
    /// `mock(1) call not found`, of `assert_any_call`: which calls there were, it does not say.
    NoCall {
        /// The expected call, as printed.
        expected: String,
    },
    /// `Expected: mock(1)` / `Actual: mock(2)`.
    OtherCall {
        /// The expected call, as printed.
        expected: String,
        /// The call that happened, as printed.
        actual: String,
    },
    /// A parametrize decorator that does not fit its function or its rows.
    Parametrize {
        /// The argument, where the message names one.
        argument: Option<String>,
    },
    /// `'slow' not found in `markers` configuration option`, or the warning for an unknown mark.
    UnknownMark {
        /// The mark.
        name: String,
    },
    /// `You tried to access the function scoped fixture a with a module scoped request object`.
    ScopeMismatch {
        /// The narrower fixture.
        fixture: String,
        /// Its scope.
        scope: String,
        /// The scope of the request.
        request: String,
    },
    /// `Fixture "client" called directly.`
    FixtureCalled {
        /// The fixture.
        name: String,
    },
    /// `async def functions are not natively supported.`
    AsyncUnsupported,
    /// Anything else.
    #[default]
    Other,
}

/// The thing that lacks an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Owner {
    /// An instance of the class with this bare name.
    Instance(String),
    /// The class itself.
    Class(String),
    /// A module, dotted.
    Module(String),
    /// What the message does not name.
    Unknown,
}

impl Complaint {
    /// Reads the message of `failure`.
    pub fn of(failure: &Failure) -> Self {
        let exc_type = failure.exc_type.as_deref().unwrap_or_default();
        let message = failure.message.as_deref().unwrap_or_default();
        let known =
            WORDINGS.iter().find_map(|(wording, read)| wording.captures(message).map(|captures| read(&captures)));
        match known {
            Some(Self::NoAttribute { owner: Owner::Instance(class), .. }) if class == "coroutine" => Self::NotAwaited,
            Some(complaint) => complaint,
            None if exc_type == "KeyError" => Self::NoKey { key: unquoted(message).to_string() },
            // Enum members before Python 3.12: the message is the bare name.
            None if exc_type == "AttributeError" && is_identifier(message) => {
                Self::NoAttribute { owner: Owner::Unknown, name: message.to_string() }
            }
            None => Self::Other,
        }
    }

    /// Whether a function did not take the arguments of a call: what the call is about did not happen.
    pub fn is_refused_call(&self) -> bool {
        matches!(
            self,
            Self::UnexpectedKeyword { .. }
                | Self::MissingArguments { .. }
                | Self::TooManyPositionals { .. }
                | Self::GivenTwice { .. }
        )
    }

    /// The name, argument, key or literal that it is about, as it stands in the test.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::NoModule { module } => Some(module),
            Self::NoImport { name, .. }
            | Self::NoAttribute { name, .. }
            | Self::NoName { name }
            | Self::NoFixture { name }
            | Self::GivenTwice { name, .. }
            | Self::FixtureCalled { name }
            | Self::UnknownMark { name } => Some(name),
            Self::UnexpectedKeyword { keyword, .. } => Some(keyword),
            Self::MissingArguments { function, .. } | Self::TooManyPositionals { function, .. } => Some(function),
            Self::NoKey { key } => Some(key),
            Self::NotRaised { expected } => Some(expected),
            Self::PatternMissed { pattern, .. } => Some(pattern),
            Self::OtherCall { expected, .. } | Self::OtherCalls { expected, .. } | Self::NoCall { expected } => {
                Some(expected)
            }
            Self::Parametrize { argument } => argument.as_deref(),
            Self::ScopeMismatch { fixture, .. } | Self::AsyncFixture { fixture, .. } => Some(fixture),
            Self::NotAwaited
            | Self::NotAwaitable { .. }
            | Self::NotCallable { .. }
            | Self::WrongShape { .. }
            | Self::AsyncUnsupported
            | Self::MarkedFixture
            | Self::NoParam
            | Self::Other => None,
        }
    }
}

/// `'a b'` and `"a b"` without quotes; anything else as it is.
pub fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

type Wording = (Regex, fn(&Captures<'_>) -> Complaint);

fn text(captures: &Captures<'_>, group: usize) -> String {
    captures.get(group).map_or_else(String::new, |found| found.as_str().to_string())
}

fn number(captures: &Captures<'_>, group: usize) -> usize {
    captures.get(group).and_then(|found| found.as_str().parse().ok()).unwrap_or_default()
}

fn attribute(owner: fn(String) -> Owner) -> impl Fn(&Captures<'_>) -> Complaint {
    move |captures| Complaint::NoAttribute { owner: owner(text(captures, 1)), name: text(captures, 2) }
}

/// Tried in order; the first that matches anywhere in the message speaks.
static WORDINGS: LazyLock<Vec<Wording>> = LazyLock::new(|| {
    fn wording(pattern: &str, read: fn(&Captures<'_>) -> Complaint) -> Wording {
        (Regex::new(pattern).expect("the wordings are checked by a test"), read)
    }
    vec![
        wording(r"\ANo module named '?([\w.]+)'?", |c| Complaint::NoModule { module: text(c, 1) }),
        // `monkeypatch.setattr("shop.mail.send", …)` says it so.
        wording(r"\Aimport error in [\w.]+: No module named '([\w.]+)'", |c| Complaint::NoModule {
            module: text(c, 1),
        }),
        wording(r"\Acannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'", |c| {
            Complaint::NoImport { name: text(c, 1), module: text(c, 2) }
        }),
        // A package's own `__getattr__` may write it without quotes: "module aiohttp has no attribute Timeout".
        wording(r"\A(?:partially initialized )?[Mm]odule '?([\w.]+?)'? has no attribute '?(\w+)'?", |c| {
            attribute(Owner::Module)(c)
        }),
        wording(r"\A<module '([\w.]+)'.*> (?:does not have the|has no) attribute '(\w+)'", |c| {
            attribute(Owner::Module)(c)
        }),
        // `monkeypatch.setattr("shop.send", …)`.
        wording(r"\A'module' object at ([\w.]+) has no attribute '(\w+)'", |c| attribute(Owner::Module)(c)),
        wording(r"\A<class '(?:[\w.<>]+\.)?(\w+)'> (?:does not have the|has no) attribute '(\w+)'", |c| {
            attribute(Owner::Class)(c)
        }),
        wording(r"\A'type' object at (?:[\w.]+\.)?(\w+) has no attribute '(\w+)'", |c| attribute(Owner::Class)(c)),
        wording(r"\Atype object '(?:[\w.<>]+\.)?(\w+)' has no attribute '(\w+)'", |c| attribute(Owner::Class)(c)),
        wording(r"\A'SubRequest' object has no attribute 'param'", |_| Complaint::NoParam),
        // `monkeypatch.setattr("shop.config.limit", …)` says where the object is.
        wording(r"\A'(?:[\w.<>]+\.)?(\w+)' object(?: at [\w.]+)? has no attribute '(\w+)'", |c| {
            attribute(Owner::Instance)(c)
        }),
        wording(r"\A<(?:[\w.<>]+\.)?(\w+) object at 0x[0-9a-fA-F]+> does not have the attribute '(\w+)'", |c| {
            attribute(Owner::Instance)(c)
        }),
        wording(r"\A(?:Mock|MagicMock|AsyncMock) object has no attribute '(\w+)'", |c| Complaint::NoAttribute {
            owner: Owner::Unknown,
            name: text(c, 1),
        }),
        wording(r"\A(?:free variable|name) '(\w+)' (?:is not defined|referenced before assignment)", |c| {
            Complaint::NoName { name: text(c, 1) }
        }),
        wording(r"\A(?:cannot access (?:local|free) variable|local variable) '(\w+)'", |c| Complaint::NoName {
            name: text(c, 1),
        }),
        wording(r"([\w.<>]+)\(\) got an unexpected keyword argument '([^']+)'", |c| Complaint::UnexpectedKeyword {
            function: text(c, 1),
            keyword: text(c, 2),
        }),
        wording(r"\A(?:([\w.<>]+)\(\) )?got an unexpected keyword argument '([^']+)'", |c| {
            Complaint::UnexpectedKeyword { function: text(c, 1), keyword: text(c, 2) }
        }),
        wording(r"'?(\w+)'? is an invalid keyword argument for (\w+)", |c| Complaint::UnexpectedKeyword {
            function: text(c, 2),
            keyword: text(c, 1),
        }),
        wording(r"([\w.<>]+)\(\) missing \d+ required (positional|keyword-only) arguments?: (.+)", |c| {
            Complaint::MissingArguments {
                function: text(c, 1),
                keyword_only: &c[2] == "keyword-only",
                names: c[3].split('\'').skip(1).step_by(2).map(str::to_string).collect(),
            }
        }),
        wording(r"\Amissing a required (keyword-only )?argument: '(\w+)'", |c| Complaint::MissingArguments {
            function: String::new(),
            keyword_only: c.get(1).is_some(),
            names: vec![text(c, 2)],
        }),
        wording(
            r"([\w.<>]+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+)(?: positional arguments? \(and .*\))? (?:was|were) given",
            |c| Complaint::TooManyPositionals { function: text(c, 1), takes: number(c, 2), given: number(c, 3) },
        ),
        wording(r"([\w.<>]+)\(\) got multiple values for (?:keyword )?argument '(\w+)'", |c| Complaint::GivenTwice {
            function: text(c, 1),
            name: text(c, 2),
        }),
        wording(r"\A(?:field|key) '([\w.-]+)' (?:was )?not found|\A'([\w.-]+)' is not a valid (?:field|key)", |c| {
            Complaint::NoKey { key: text(c, 1) + &text(c, 2) }
        }),
        wording(r"\AMarks (?:cannot be )?applied to fixtures", |_| Complaint::MarkedFixture),
        wording(r"\A'([^']+)' requested an async fixture '([^']+)'", |c| Complaint::AsyncFixture {
            test: text(c, 1),
            fixture: text(c, 2),
        }),
        wording(r"fixture '([^']+)' not found", |c| Complaint::NoFixture { name: text(c, 1) }),
        wording(r"You tried to access the (\w+) scoped fixture (\w+) with a (\w+) scoped request", |c| {
            Complaint::ScopeMismatch { scope: text(c, 1), fixture: text(c, 2), request: text(c, 3) }
        }),
        wording(
            r"(?:non-iterable |')coroutine'? object(?: is not| does not support item|\z)|argument of type 'coroutine'",
            |_| Complaint::NotAwaited,
        ),
        wording(
            r#"\A(?:object of type 'coroutine' has|[^\n]*(?:operand type\(s\) for|between instances of) [^\n]*'coroutine'|[^\n]*\bnot ['"]?coroutine\b)"#,
            |_| Complaint::NotAwaited,
        ),
        wording(r"\Aobject (?:of type )?'?(\w+)'? can't be (?:used in 'await' expression|awaited)", |c| {
            Complaint::NotAwaitable { type_name: text(c, 1) }
        }),
        wording(r"\A'(\w+)' object is not callable", |c| Complaint::NotCallable { type_name: text(c, 1) }),
        wording(r"\A'(\w+)' object (?:is not subscriptable|does not support item)", |c| Complaint::WrongShape {
            type_name: text(c, 1),
            wanted: "subscriptable",
        }),
        wording(r"\A(?:'(\w+)' object is not iterable|argument of type '(\w+)' is not)", |c| Complaint::WrongShape {
            type_name: text(c, 1) + &text(c, 2),
            wanted: "iterable",
        }),
        wording(r"\Acannot unpack non-iterable (\w+) object", |c| Complaint::WrongShape {
            type_name: text(c, 1),
            wanted: "unpackable",
        }),
        wording(r"DID NOT RAISE (?:<class '(?:[\w.<>]+\.)?(\w+)'>|(.+))", |c| Complaint::NotRaised {
            expected: text(c, 1) + &text(c, 2),
        }),
        // unittest, perhaps with a message of the test's own behind it.
        wording(r"\A(\w+) not (?:raised|triggered)(?: by \w+)?(?: : .*)?\z", |c| Complaint::NotRaised {
            expected: text(c, 1),
        }),
        wording(
            r"DID NOT WARN\. No warnings of type \(?(?:<class '(?:[\w.]+\.)?(\w+)'>|([^\n]*?)),?\)? were emitted",
            |c| Complaint::NotRaised { expected: text(c, 1) + &text(c, 2) },
        ),
        wording(
            r"(?s)(?:Regex pattern|Pattern) (?:'.*' )?(?:did not|does not) match\.?\s+(?:Expected regex|Regex|Pattern): (.*?)\n\s*(?:Actual message|Input|String): (.*)\z",
            |c| Complaint::PatternMissed { pattern: unquoted(&c[1]).to_string(), actual: unquoted(&c[2]).to_string() },
        ),
        wording(
            r"(?s)Regex pattern did not match any of the 1 warnings emitted\.\s+Regex: ([^\n]*)\n\s*Emitted warnings: \[\s*\w+\(('(?:[^'\\]|\\.)*'|\x22(?:[^\x22\\]|\\.)*\x22)\)\]",
            |c| Complaint::PatternMissed { pattern: unquoted(&c[1]).to_string(), actual: unquoted(&c[2]).to_string() },
        ),
        // unittest prints the pattern as it is, and behind a `:` what the test says of it.
        wording(r#"(?s)\A"(.*)" does not match "(.*)"(?: : [^"]*)?\z"#, |c| Complaint::PatternMissed {
            pattern: c[1].replace('\\', r"\\"),
            actual: text(c, 2),
        }),
        wording(
            r"(?s)\ARegex didn't match: (\x27.*\x27|\x22.*\x22) not found in (\x27.*\x27|\x22.*\x22)(?: : .*)?\z",
            |c| Complaint::PatternMissed { pattern: unquoted(&c[1]).into(), actual: unquoted(&c[2]).into() },
        ),
        // `assert re.search("…", text)`, with what pytest shows of the call.
        wording(
            r"(?m)^assert None(?: is not None)?\n.*where None = <function (?:search|match|fullmatch) at \w+>\(('(?:[^'\\]|\\.)*'|\x22(?:[^\x22\\]|\\.)*\x22), ('(?:[^'\\]|\\.)*'|\x22(?:[^\x22\\]|\\.)*\x22)\)$",
            |c| Complaint::PatternMissed { pattern: unquoted(&c[1]).into(), actual: unquoted(&c[2]).into() },
        ),
        // pytest compares a whole message with a pattern that is anchored at both ends.
        wording(r"\A\s*- ([^\n]*)\n(?:\? [^\n]*\n)?\+ ([^\n]*)(?:\n\?[^\n]*)?\s*\z", |c| Complaint::PatternMissed {
            pattern: format!("^{}$", &c[2]),
            actual: text(c, 1),
        }),
        wording(
            // pytest-mock compares the arguments once more behind it.
            r"(?s)(?:expected (?:call|await) not found|not called with).*?Expected: (.*?)\n\s*Actual: (.*?)(?:\s+pytest introspection follows:.*)?\z",
            |c| Complaint::OtherCall { expected: text(c, 1).trim().into(), actual: text(c, 2).trim().into() },
        ),
        wording(
            r"(?s)(?:Calls|Awaits) not found\.\s+Expected: (\[.*?\])\n\s*Actual: (\[.*?\])(?:\s+pytest introspection follows:.*)?\z",
            |c| Complaint::OtherCalls { expected: text(c, 1), actual: text(c, 2) },
        ),
        wording(r"(?s)\A(?:AssertionError: )?([\w.()]+\(.*\)) (?:call|await) not found\z", |c| Complaint::NoCall {
            expected: text(c, 1),
        }),
        // `any_order=True`: those that it misses, and those that are left.
        wording(r"(?s)does not contain all of (\(.*\)) in its (?:call|await) list, found (\[.*\]) instead", |c| {
            Complaint::OtherCalls { expected: text(c, 1), actual: text(c, 2) }
        }),
        wording(r#"[Ii]n "parametrize" the number of names"#, |_| Complaint::Parametrize { argument: None }),
        wording(r"function uses no (?:argument|fixture) '(\w+)'", |c| Complaint::Parametrize {
            argument: Some(text(c, 1)),
        }),
        wording(r"indirect fixture '(\w+)' doesn't exist", |c| Complaint::Parametrize { argument: Some(text(c, 1)) }),
        wording(r#"\AFixture "(\w+)" called directly"#, |c| Complaint::FixtureCalled { name: text(c, 1) }),
        wording(
            r"\A(?:async def functions are not natively|You need to install a suitable plugin for your async)",
            |_| Complaint::AsyncUnsupported,
        ),
        wording(r"'(\w+)' not found in `markers` configuration option", |c| Complaint::UnknownMark {
            name: text(c, 1),
        }),
        wording(r"Unknown pytest\.mark\.(\w+)", |c| Complaint::UnknownMark { name: text(c, 1) }),
    ]
});

#[cfg(test)]
mod tests {
    use super::*;

    fn read(exc_type: &str, message: &str) -> Complaint {
        let failure = Failure { exc_type: Some(exc_type.into()), message: Some(message.into()), ..Failure::default() };
        Complaint::of(&failure)
    }

    #[track_caller]
    fn subject(exc_type: &str, message: &str, subject: &str) {
        assert_eq!(read(exc_type, message).subject(), Some(subject), "{:?}", read(exc_type, message));
    }

    #[test]
    fn an_iterator_is_known_by_its_beginning() {
        assert!(shows_iterator("assert <generator ob...x7f8c018939c0> == ['cp37']"));
        assert!(shows_iterator("assert dict_keys(['a']) == ('a',)"));
        assert!(!shows_iterator("assert <gen... == ['cp37']"));
        assert!(meets_iterator("object of type 'generator' has no len()"));
        assert!(!meets_iterator("object of type 'int' has no len()"));
    }

    #[test]
    fn a_method_that_nobody_called_is_known_by_what_python_says_of_it() {
        assert!(meets_method("unsupported operand type(s) for +: 'method' and 'int'"));
        assert!(meets_method("'>' not supported between instances of 'method' and 'int'"));
        assert!(meets_method("%d format: a real number is required, not method"));
        assert!(meets_method("can only concatenate str (not \"method\") to str"));
        assert!(meets_method("<bound method Tank.level of <tank.Tank object at 0x7f0000000000>> != 60"));
        assert!(!meets_method("the method is unknown"));
    }

    #[test]
    fn the_subject_of_each_wording() {
        subject("ModuleNotFoundError", "No module named 'shop.cart'; 'shop' is not a package", "shop.cart");
        subject("ImportError", "cannot import name 'Cart' from 'shop' (/p/shop.py)", "Cart");
        subject("AttributeError", "'Cart' object has no attribute 'totl'", "totl");
        subject("AttributeError", "type object 'Color' has no attribute 'RDE'", "RDE");
        subject("AttributeError", "RDE", "RDE");
        subject("AttributeError", "module 'shop' has no attribute 'Cart'. Did you mean: 'cart'?", "Cart");
        subject("AttributeError", "<module 'shop.api' from '/p/api.py'> does not have the attribute 'get'", "get");
        subject("AttributeError", "module aiohttp has no attribute Timeout", "Timeout");
        subject("AttributeError", "'module' object at shop.api has no attribute 'get'", "get");
        subject("AttributeError", "'Settings' object at shop.config has no attribute 'limit'", "limit");
        subject("AttributeError", "'type' object at shop.api.Cart has no attribute 'get'", "get");
        subject("NameError", "name 'os' is not defined", "os");
        subject("UnboundLocalError", "cannot access local variable 'x' where it is not associated with a value", "x");
        subject("TypeError", "Cart.add() got an unexpected keyword argument 'qty'. Did you mean 'sku'?", "qty");
        subject("TypeError", "add() missing 2 required positional arguments: 'sku' and 'count'", "add");
        subject("TypeError", "Cart.add() takes from 1 to 2 positional arguments but 3 were given", "Cart.add");
        subject(
            "TypeError",
            "f() takes 1 positional argument but 2 positional arguments (and 1 keyword-only argument) were given",
            "f",
        );
        subject("TypeError", "add() got multiple values for argument 'sku'", "sku");
        subject("KeyError", "'phase'", "phase");
        subject("KeyError", "42", "42");
        subject("ValueError", "'phase' is not a valid field", "phase");
        subject("FieldError", "field 'phase' not found", "phase");
        subject("Failed", "DID NOT RAISE <class 'shop.errors.OutOfStock'>", "OutOfStock");
        subject(
            "Failed",
            "DID NOT WARN. No warnings of type (<class 'DeprecationWarning'>,) were emitted.",
            "DeprecationWarning",
        );
        subject(
            "AssertionError",
            "Regex pattern did not match.\n  Expected regex: 'old'\n  Actual message: 'new'",
            "old",
        );
        subject("AssertionError", "Regex pattern did not match.\n Regex: 'old'\n Input: 'new'", "old");
        let warned = "Regex pattern did not match any of the 1 warnings emitted.\n Regex: 'old'\n";
        subject("Failed", &format!("{warned} Emitted warnings: [UserWarning('new')]."), "old");
        subject("AssertionError", "\"old\" does not match \"new\"", "old");
        subject("AssertionError", "- new\n+ old", "^old$");
        subject("AssertionError", "expected call not found.\nExpected: f(1)\n  Actual: f(2)", "f(1)");
        subject("AssertionError", "post('/a', timeout=5) call not found", "post('/a', timeout=5)");
        subject(
            "Failed",
            "ScopeMismatch: You tried to access the function scoped fixture a with a module scoped request object, involved factories:",
            "a",
        );
    }

    #[test]
    fn all_missing_names_are_read() {
        let complaint = read("TypeError", "add() missing 3 required keyword-only arguments: 'a', 'b', and 'c'");
        let names = ["a", "b", "c"].map(str::to_string).to_vec();
        assert_eq!(complaint, Complaint::MissingArguments { function: "add".into(), names, keyword_only: true });
    }

    #[test]
    fn an_attribute_of_a_coroutine_is_a_missing_await() {
        assert_eq!(read("AttributeError", "'coroutine' object has no attribute 'json'"), Complaint::NotAwaited);
        assert_eq!(read("TypeError", "'coroutine' object is not subscriptable"), Complaint::NotAwaited);
        let item = "'coroutine' object does not support item assignment";
        assert_eq!(read("TypeError", item), Complaint::NotAwaited);
        assert_eq!(read("TypeError", "cannot unpack non-iterable coroutine object"), Complaint::NotAwaited);
        assert_eq!(read("TypeError", "object of type 'coroutine' has no len()"), Complaint::NotAwaited);
        for message in [
            "unsupported operand type(s) for +: 'int' and 'coroutine'",
            "'<' not supported between instances of 'coroutine' and 'int'",
            "can only concatenate str (not \"coroutine\") to str",
            "int() argument must be a string, a bytes-like object or a real number, not 'coroutine'",
        ] {
            assert_eq!(read("TypeError", message), Complaint::NotAwaited, "{message}");
        }
    }

    #[test]
    fn a_message_in_other_words_is_no_complaint_of_ours() {
        assert_eq!(read("ValueError", "the name 'x' is odd"), Complaint::Other);
        assert_eq!(read("", ""), Complaint::Other);
    }
}
