//! Definitions by name: modules, classes and their members, functions and their signatures, constants.

use std::ops::Range;

use serde::Serialize;

use crate::text::FilePath;

use super::Snapshot;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Symbol {
    /// `total`.
    pub name: String,
    /// `shop.cart.Cart.total`: the module as imported, then the scopes.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Where it is defined.
    pub path: FilePath,
    /// 1-based line of its name.
    pub line: u32,
    /// The bytes of its name.
    pub range: Range<usize>,
    /// How it is called; a class has the signature of its constructor, without `self`.
    pub signature: Option<Signature>,
    /// The source of the value, for constants and fields with a literal or a default.
    pub value: Option<String>,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SymbolKind {
    Module,
    Class,
    Function,
    Method,
    Property,
    /// A class or `self.` attribute, a dataclass or TypedDict field, an enum member.
    Field,
    /// A name assigned at module level.
    Variable,
}

/// The parameters of a function, without `self` and `cls` for methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// In order.
    pub parameters: Vec<Parameter>,
    /// `async def`.
    pub is_async: bool,
    /// The return annotation, as written.
    pub returns: Option<String>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Without stars.
    pub name: String,
    /// How it takes arguments.
    pub kind: ParameterKind,
    /// The default, as written.
    pub default: Option<String>,
    /// The annotation, as written.
    pub annotation: Option<String>,
}

/// `inspect.Parameter`'s kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ParameterKind {
    PositionalOnly,
    PositionalOrKeyword,
    VarPositional,
    KeywordOnly,
    VarKeyword,
}

/// The members of a class, its bases' included, nearest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// What is known to be there.
    pub symbols: Vec<Symbol>,
    /// Whether there may be more: a base that cannot be resolved, `__getattr__`, a dynamic metaclass.
    pub open: bool,
}

impl Snapshot {
    /// Every definition of `name` in the workspace's own files, in file order.
    pub fn definitions(&self, name: &str) -> Vec<Symbol> {
        let _ = name;
        Vec::new()
    }

    /// The file that `import dotted` loads: workspace first (root, `src/`, configured paths, the folder
    /// of rootdir/conftest files), then the venv, then the standard library.
    pub fn module(&self, dotted: &str) -> Option<FilePath> {
        let _ = dotted;
        None
    }

    /// The dotted name under which a workspace file is imported: `src/shop/cart.py` is `shop.cart`.
    pub fn dotted_name(&self, path: &FilePath) -> Option<String> {
        let _ = path;
        None
    }

    /// The names that `from dotted import …` finds, re-exports and star imports included.
    pub fn module_members(&self, dotted: &str) -> Members {
        let _ = dotted;
        Members::default()
    }

    /// What `expression` (`shop.Cart`, `Cart`, `cart_module.Cart.total`), as written at `offset` of
    /// `path`, names: through local definitions, imports, re-exports and aliases.
    pub fn resolve(&self, path: &FilePath, offset: usize, expression: &str) -> Option<Symbol> {
        let _ = (path, offset, expression);
        None
    }

    /// The members of a class.
    pub fn members(&self, class: &Symbol) -> Members {
        let _ = class;
        Members::default()
    }
}
