//! What a rule is: a mistake that is recognised by its structure, and how it is mended.

use super::functions::FunctionPattern;
use super::imports::Moved;
use super::pattern::Pattern;
use super::rewrite::Change;
use super::tree::{Id, Kind};

/// A mistake that is recognised by its structure, and how it is mended.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What must be there; all of them in one function. The first one is where the warning stands.
    pub(super) units: Vec<Unit>,
    /// Statements that come before the first unit, in order.
    pub(super) before: Vec<Before>,
    /// Context managers around it.
    pub(super) around: Vec<Pattern>,
    /// Calls of the correct form: where one of them stands the mistake was not made.
    pub(super) lacks: Lacks,
    /// Fixtures that the function must use: the fix needs them, and the snippet had them.
    pub(super) fixtures: Vec<String>,
    /// What the next statements must contain: the fix takes something from there.
    pub(super) following: Vec<Pattern>,
    /// The packages that the lesson is about, where it says so, and what must be of one of them as far as is known.
    pub(super) packages: Vec<String>,
    pub(super) receivers: Vec<Id>,
    /// Whether it is one only inside of a coroutine.
    pub(super) is_async: bool,
    /// Whether it is one only inside of a test: helpers may return.
    pub(super) is_test: bool,
    /// Whether it is one only while the value is not awaited or handed on.
    pub(super) is_loose: bool,
    /// Whether something that happens in between to the same object undoes it.
    pub(super) is_temporal: bool,
    /// Whether it counts only where the rule before it does not match: that one asks for more, and can mend it.
    pub(super) is_second: bool,
    /// The rewrite; `None` where the correct form is not mechanical.
    pub(super) changes: Option<Vec<Change>>,
}

impl Rule {
    pub(super) fn of(units: Vec<Unit>) -> Self {
        Self {
            units,
            before: Vec::new(),
            around: Vec::new(),
            lacks: Lacks::default(),
            fixtures: Vec::new(),
            following: Vec::new(),
            packages: Vec::new(),
            receivers: Vec::new(),
            is_async: false,
            is_test: false,
            is_loose: false,
            is_temporal: false,
            is_second: false,
            changes: None,
        }
    }
}

/// One part of a mistake.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unit {
    /// An expression, wherever it stands.
    Expression(Expression),
    /// A whole statement.
    Statement(Pattern),
    /// The header of a `with` and what is called below it; `whole` warns at all of it.
    Header {
        item: Pattern,
        body: Vec<Pattern>,
        whole: bool,
    },
    Function(Box<FunctionPattern>),
    Import(Moved),
    Together(Together),
}

/// Fixtures that must not be requested together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Together {
    /// Below one class, each by a test of its own.
    InClass(Vec<String>),
    /// By one test.
    InTest(Vec<String>),
}

/// An expression and what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub pattern: Pattern,
    /// For a pair of a dictionary: what the dictionary is the value of.
    pub holder: Option<Holder>,
    /// The arguments that are the mistake, where the rest of the call is not.
    pub spots: Vec<Id>,
    /// An attribute that is wrong only while it is not called.
    pub is_uncalled: bool,
    /// What the correct form has directly around it.
    pub outside: Option<Wrapper>,
    /// An attribute or key that is assigned or deleted, not read.
    pub is_set: bool,
    /// Only what is awaited.
    pub is_awaited: bool,
    /// Only an element of a list or tuple.
    pub is_element: bool,
}

impl Expression {
    pub(super) fn plain(pattern: Pattern) -> Self {
        Self {
            pattern,
            holder: None,
            spots: Vec::new(),
            is_uncalled: false,
            outside: None,
            is_set: false,
            is_awaited: false,
            is_element: false,
        }
    }
}

/// What stands around an expression: its kind, and its name where it is a call or an attribute.
pub(super) type Wrapper = (Kind, String);

/// What a dictionary is the value of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holder {
    /// The key of an outer dictionary.
    Key(String),
    /// A keyword of a call.
    Keyword(String),
    /// An argument of a call of this name.
    Argument(String),
}

/// A statement that comes before the mistake.
#[derive(Clone, Debug)]
pub(super) struct Before {
    /// The variable that it sets.
    pub target: Option<usize>,
    /// What it calls.
    pub core: Pattern,
    /// Whether the warning stands there, too.
    pub is_essential: bool,
}

/// What the correct form has and the wrong one has not.
#[derive(Clone, Debug, Default)]
pub(super) struct Lacks {
    /// Calls between the statements before and the unit.
    pub between: Vec<String>,
    /// Calls after the unit.
    pub after: Vec<String>,
    /// Exceptions that are handled around the unit.
    pub caught: Vec<String>,
    /// What a condition around the unit asks for.
    pub conditions: Vec<String>,
    /// Context managers around the unit.
    pub around: Vec<String>,
}
