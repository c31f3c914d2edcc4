//! Definitions by name: classes and their members, functions and their signatures, constants.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::text::FilePath;

pub use crate::syntax::signature::{Parameter, ParameterKind, Signature};

use super::Snapshot;
use super::words::occurrences;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Symbol {
    /// `total`; as exposed where it was asked for, so an alias for `from .cart import Cart as Basket`.
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

/// Longer values are data, not evidence.
const LONGEST_VALUE: usize = 400;

impl SymbolKind {
    /// The kind of an item of an outline.
    pub(super) fn of(item: &Item) -> Self {
        match (item.kind, item.parent) {
            (ItemKind::Class, _) => Self::Class,
            (ItemKind::Function, None) => Self::Function,
            (ItemKind::Function, Some(_)) if item.decorators.iter().any(|text| is_property(text)) => Self::Property,
            (ItemKind::Function, Some(_)) => Self::Method,
            (ItemKind::Variable, None) => Self::Variable,
            (ItemKind::Variable, Some(_)) => Self::Field,
        }
    }
}

fn is_property(decorator: &str) -> bool {
    let name = decorator.split('(').next().unwrap_or(decorator);
    name.rsplit('.').next().is_some_and(|last| last.ends_with("property"))
        || name.ends_with(".setter")
        || name.ends_with(".deleter")
}

impl Snapshot {
    /// Every definition of `name` in the workspace's own files, in file order; modules of that name too.
    pub fn definitions(&self, name: &str) -> Vec<Symbol> {
        let mut found = Vec::new();
        for path in self.python_files().iter().filter(|path| module_name(path) == name) {
            found.extend(self.module_symbol(path));
        }
        let holding = self.files_naming(name);
        found.par_extend(holding.par_iter().flat_map_iter(|path| self.definitions_at(path, name)));
        found.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
        found
    }

    /// The definitions of `name` in one file.
    pub(super) fn definitions_at(&self, path: &FilePath, name: &str) -> Vec<Symbol> {
        if !self.text(path).is_some_and(|text| may_define(&text, name)) {
            return Vec::new();
        }
        let Some(outline) = self.outline(path) else { return Vec::new() };
        let defined = outline.items.iter().enumerate().filter(|(_, item)| item.name == name);
        defined.map(|(index, _)| self.with_constructor(self.symbol(path, &outline, index))).collect()
    }

    /// The symbol of an item. A class comes without the signature of its constructor: that needs its
    /// bases, which may be looking for this symbol.
    pub(super) fn symbol(&self, path: &FilePath, outline: &Outline, index: usize) -> Symbol {
        let item = &outline.items[index];
        let module = self.dotted_name(path).unwrap_or_default();
        let within = outline.path_of(item);
        Symbol {
            name: item.name.clone(),
            qualified: if module.is_empty() { within } else { format!("{module}.{within}") },
            kind: SymbolKind::of(item),
            path: path.clone(),
            line: item.line,
            range: item.range.clone(),
            signature: item.signature.clone(),
            value: self.value_of(path, item),
        }
    }

    fn value_of(&self, path: &FilePath, item: &Item) -> Option<String> {
        let range = item.value.clone().filter(|range| range.len() <= LONGEST_VALUE)?;
        self.text(path)?.get(range).map(str::to_string)
    }
}

/// Whether the bytes around a mention of `name` may be a definition, so that the file is worth parsing: after
/// `def`, `class` or `type`, before `=`, `:`, `,` or a bracket's end, after `as`, `for`, or in quotes (`__slots__`).
fn may_define(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    occurrences(text, name).any(|at| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let after = bytes[at + name.len()..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        let keyword = ["def", "class", "type", "as", "for"].iter().any(|keyword| before.ends_with(keyword));
        let next = matches!(after, None | Some(b'=' | b':' | b',' | b')' | b']' | b'"' | b'\'' | b'\\'));
        keyword || next || text[at + name.len()..].starts_with(" in ")
    })
}

/// `cart` for `shop/cart.py`, `shop` for `shop/__init__.py`.
fn module_name(path: &FilePath) -> &str {
    let name = path.file_name();
    let stem = name.strip_suffix(".py").or(name.strip_suffix(".pyi")).unwrap_or(name);
    if stem == "__init__" { path.folder().rsplit('/').next().unwrap_or("") } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_in_every_scope_with_their_qualified_names() {
        let snapshot = Snapshot::in_memory([
            ("src/shop/__init__.py", ""),
            ("src/shop/cart.py", "total = 1\nclass Cart:\n    def total(self, tax=0): ...\n"),
            ("tests/test_a.py", "def test():\n    total = 2\n    assert total\n"),
        ]);
        let found = snapshot.definitions("total");
        let seen: Vec<_> = found.iter().map(|s| (s.qualified.as_str(), s.kind, s.line)).collect();
        assert_eq!(
            seen,
            [("shop.cart.total", SymbolKind::Variable, 1), ("shop.cart.Cart.total", SymbolKind::Method, 3)]
        );
        assert_eq!(found[1].signature.as_ref().unwrap().to_string(), "(tax=0)");
        assert_eq!(found[0].value.as_deref(), Some("1"));
        assert_eq!(snapshot.definitions("cart")[0].kind, SymbolKind::Module);
        assert!(snapshot.definitions("tota").is_empty());
    }

    #[test]
    fn every_form_of_definition_is_worth_parsing_and_calls_are_not() {
        for text in [
            "def n(): ...",
            "class n: ...",
            "n = 1",
            "n: int",
            "a, n = b",
            "(a, n) = b",
            "with a as n: ...",
            "for n in x: ...",
            "type n = int",
            "__slots__ = ('n',)",
            "self.n = 1",
            "async def n(): ...",
        ] {
            assert!(may_define(text, "n"), "{text}");
        }
        assert!(!may_define("n()\nx.n.y\nn.z(n.w)\n", "n"));
    }
}
