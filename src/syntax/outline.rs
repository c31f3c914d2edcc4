//! What a file defines and imports, kept without its tree.

mod functional;
mod read;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use super::memory::Memory;
use super::signature::Signature;
use super::{Node, Source, children};

/// Bytes of text whose outlines are kept; an outline takes about as much as its text.
const REMEMBERED: usize = 2 << 20;

/// The texts outside of a snapshot whose outlines were asked for last.
static READ: LazyLock<Memory<Arc<str>, Arc<Outline>>> = LazyLock::new(|| Memory::new(REMEMBERED));

/// The definitions and imports of one file, in text order.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Definitions of the module and of its classes, however deeply nested; what functions define inside is left out.
    pub items: Vec<Item>,
    /// Imports, those inside functions too.
    pub imports: Vec<Import>,
    /// `__all__` where it is written as a list of strings.
    pub all: Option<Vec<String>>,
}

/// A definition.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// The class around it, an index into [`Outline::items`].
    pub parent: Option<usize>,
    /// 1-based line of the name.
    pub line: u32,
    /// The bytes of the name.
    pub range: Range<usize>,
    /// The bytes of the whole definition, decorators included.
    pub span: Range<usize>,
    /// For functions and lambdas; `self` and `cls` are left out.
    pub signature: Option<Signature>,
    /// Decorators without `@`.
    pub decorators: Vec<String>,
    /// Base classes as written, keywords such as `metaclass=…` too.
    pub bases: Vec<String>,
    /// The annotation of an assignment.
    pub annotation: Option<String>,
    /// The bytes of the assigned value.
    pub value: Option<Range<usize>>,
    /// The bytes of what a function returns or yields where it is one expression only.
    pub returned: Option<Range<usize>>,
    /// `self.name = …` inside a method.
    pub on_self: bool,
    /// How a class is called that a call makes: `namedtuple("Point", "x y")`.
    pub made: Option<Box<Signature>>,
}

/// What an [`Item`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ItemKind {
    Class,
    Function,
    /// An assigned or annotated name, of a module, a class or `self`.
    Variable,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module as written, dots of a relative import included: `..shop.cart`.
    pub module: String,
    /// What is taken from it: `None` for `import module`, `*` for a star import.
    pub name: Option<String>,
    /// The name that it binds here; for `import a.b` that is `a`.
    pub binds: String,
    /// Whether `as` was written.
    pub aliased: bool,
    /// 1-based line.
    pub line: u32,
    /// The bytes of the imported name.
    pub range: Range<usize>,
    /// The function that it is local to.
    pub inside: Option<Range<usize>>,
}

impl Outline {
    /// Reads the outline of a parsed file.
    pub fn of(source: &Source) -> Self {
        read::outline(source)
    }

    /// The outline of a text that is no file of a snapshot: an old version, say. It is remembered while there is room.
    pub fn of_text(text: &Arc<str>) -> Arc<Self> {
        READ.get(text).unwrap_or_else(|| {
            let outline = Arc::new(Self::of(&Source::parse(text.clone())));
            READ.insert(text.clone(), outline.clone(), text.len());
            outline
        })
    }

    /// The items directly in a class, or at module level for `None`.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Item)> {
        self.items.iter().enumerate().filter(move |(_, item)| item.parent == parent)
    }

    /// The scopes and the name of an item: `Cart.total`.
    pub fn path_of(&self, item: &Item) -> String {
        let mut parts = vec![item.name.as_str()];
        let mut parent = item.parent;
        while let Some(index) = parent {
            parts.push(&self.items[index].name);
            parent = self.items[index].parent;
        }
        parts.reverse();
        parts.join(".")
    }
}

/// The value of a plain string literal; `None` for f-strings with holes and for bytes.
pub fn string_content(source: &Source, node: Node<'_>) -> Option<String> {
    let start = children(node).find(|child| child.kind() == "string_start")?;
    let prefix = source.slice(start).trim_end_matches(['"', '\'']).to_ascii_lowercase();
    let plain = children(node).all(|child| child.kind() != "interpolation");
    if !plain || prefix.contains('b') {
        return None;
    }
    let raw: String =
        children(node).filter(|child| child.kind() == "string_content").map(|child| source.slice(child)).collect();
    Some(if prefix.contains('r') { raw } else { unescape(&raw) })
}

/// The simple escapes; others stay as written.
fn unescape(raw: &str) -> String {
    let mut result = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('\n') => {}
            Some(c @ ('\\' | '\'' | '"')) => result.push(c),
            Some(c) => result.extend(['\\', c]),
            None => result.push('\\'),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::of(&Source::parse(text))
    }

    fn paths(text: &str) -> Vec<String> {
        let outline = outline(text);
        outline.items.iter().map(|item| outline.path_of(item)).collect()
    }

    #[test]
    fn classes_hold_their_methods_fields_and_self_attributes() {
        let text = "class A(Base, metaclass=M):\n    x: int = 1\n    def m(self, p: Q):\n        self.y = p\n        with a as self.z: pass\n        self.y = 2\n    class B:\n        C = D = 3\n";
        assert_eq!(paths(text), ["A", "A.x", "A.m", "A.y", "A.z", "A.B", "A.B.D", "A.B.C"]);
        let outline = outline(text);
        assert_eq!(outline.items[0].bases, ["Base", "metaclass=M"]);
        assert_eq!(outline.items[3].annotation.as_deref(), Some("Q"));
        assert_eq!(outline.items[2].signature.as_ref().unwrap().to_string(), "(p: Q)");
    }

    #[test]
    fn definitions_below_if_and_try_count_and_those_in_functions_do_not() {
        let text = "if a:\n    def f(): pass\nelse:\n    f = None\ntry:\n    import x\nexcept E:\n    x = 1\ndef g():\n    h = 1\n    def i(): pass\n";
        assert_eq!(paths(text), ["f", "f", "x", "g"]);
    }

    #[test]
    fn imports_tell_what_they_bind() {
        let text = "import a.b, c as d\nfrom ..e import (f as g, h)\nfrom . import *\ndef t():\n    from k import l\n";
        let outline = outline(text);
        let seen: Vec<_> = outline
            .imports
            .iter()
            .map(|i| (i.module.as_str(), i.name.as_deref(), i.binds.as_str(), i.inside.is_some()))
            .collect();
        let expected = [
            ("a.b", None, "a", false),
            ("c", None, "d", false),
            ("..e", Some("f"), "g", false),
            ("..e", Some("h"), "h", false),
            (".", Some("*"), "*", false),
            ("k", Some("l"), "l", true),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn all_is_read_from_lists_sums_and_extends() {
        let outline = outline("__all__ = ['a', \"b\"] + ['c']\n__all__ += ('d',)\n__all__.extend(['e'])\n");
        assert_eq!(outline.all.unwrap(), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn the_only_result_of_a_function_is_known() {
        let text =
            "def f():\n    c = Client()\n    yield c\n    c.close()\ndef g():\n    if a: return 1\n    return 2\n";
        let outline = outline(text);
        assert_eq!(&text[outline.items[0].returned.clone().unwrap()], "c");
        assert!(outline.items[1].returned.is_none());
    }

    #[test]
    fn a_pyramid_of_blocks_does_not_overflow_the_stack() {
        let mut text = String::new();
        for depth in 0..3000 {
            text += &format!("{}if a:\n", " ".repeat(depth));
        }
        outline(&text);
    }
}
