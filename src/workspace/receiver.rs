//! The type of an expression in a test, well enough to look its members up. A wrong type is worse than none.

mod annotations;
mod bindings;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::syntax::outline::{Item, ItemKind, Outline, string_content};
use crate::syntax::{Node, Source, ancestors};
use crate::text::FilePath;

use super::Snapshot;
use super::symbols::{Symbol, SymbolKind};

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// An object of this class.
    Instance(Symbol),
    /// The class, module or function itself.
    Named(Symbol),
    /// A method or property, and the class that it was asked of.
    Method(Symbol, Symbol),
    /// What `await` makes this of.
    Awaitable(Box<Value>),
    /// What `with` makes this of.
    Managed(Box<Value>),
}

impl Value {
    /// The class, module or function whose members the expression has.
    fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Instance(symbol) | Self::Named(symbol) | Self::Method(symbol, _) => Some(symbol),
            Self::Awaitable(_) | Self::Managed(_) => None,
        }
    }
}

/// Longer chains of evidence are loops.
const DEEPEST: u32 = 24;

impl Snapshot {
    /// The class of the expression at `range` of `path`, or the module or class that it names. `None`
    /// means unknown.
    pub fn type_of(&self, path: &FilePath, range: Range<usize>) -> Option<Symbol> {
        let file = File::open(self, path)?;
        let value = file.value_of(file.source.node_at(range)?)?;
        let symbol = value.symbol()?.clone();
        matches!(symbol.kind, SymbolKind::Class | SymbolKind::Module).then(|| self.with_constructor(symbol))
    }

    /// What the call at `range` of `path` calls: a function, a method or a class.
    pub fn callee(&self, path: &FilePath, range: Range<usize>) -> Option<Symbol> {
        let file = File::open(self, path)?;
        let node = file.source.node_at(range)?;
        let call = ancestors(node).find(|node| node.kind() == "call")?;
        match file.value_of(call.child_by_field_name("function")?)? {
            Value::Named(symbol) | Value::Method(symbol, _) => Some(self.with_constructor(symbol)),
            Value::Instance(class) => self.member(&class, "__call__"),
            Value::Awaitable(_) | Value::Managed(_) => None,
        }
    }
}

struct File<'s> {
    snapshot: &'s Snapshot,
    path: FilePath,
    source: Arc<Source>,
    depth: u32,
    /// The bytes of a method's name and the class that it was asked of: `self` and `cls` there are that class.
    asked: Option<(Range<usize>, Symbol)>,
}

/// Who takes what a function gives.
#[derive(Clone, Copy, PartialEq)]
enum Taker {
    /// A call; a property without one.
    Caller,
    /// pytest, for a test that names a fixture.
    Test,
}

impl<'s> File<'s> {
    fn open(snapshot: &'s Snapshot, path: &FilePath) -> Option<Self> {
        Some(Self { snapshot, path: path.clone(), source: snapshot.source(path)?, depth: 0, asked: None })
    }

    fn other(&self, path: &FilePath) -> Option<File<'s>> {
        let depth = self.depth + 1;
        (depth <= DEEPEST).then(|| File::open(self.snapshot, path)).flatten().map(|file| File { depth, ..file })
    }

    fn deeper(&self) -> Option<File<'s>> {
        let depth = self.depth + 1;
        let (source, path, asked) = (self.source.clone(), self.path.clone(), self.asked.clone());
        (depth <= DEEPEST).then(|| File { snapshot: self.snapshot, source, path, depth, asked })
    }

    fn member(&self, owner: &Symbol, name: &str) -> Option<Symbol> {
        self.snapshot.member_on(owner, name, &mut HashSet::new())
    }

    fn value_of(&self, node: Node<'_>) -> Option<Value> {
        let file = self.deeper()?;
        match node.kind() {
            "identifier" => file.name(node),
            "attribute" => file.attribute(node),
            "call" => file.call(node),
            "await" => match file.value_of(node.named_child(0)?)? {
                Value::Awaitable(value) => Some(*value),
                _ => None,
            },
            "parenthesized_expression" => file.value_of(node.named_child(0)?),
            "named_expression" => file.value_of(node.child_by_field_name("value")?),
            "boolean_operator" => {
                agreed(["left", "right"].into_iter().filter_map(|side| node.child_by_field_name(side)), &file)
            }
            "conditional_expression" => agreed([0, 2].into_iter().filter_map(|side| node.named_child(side)), &file),
            "subscript" => file.subscript(node),
            "comparison_operator" if file.is_plain_comparison(node) => file.builtin("bool"),
            "string" if file.source.slice(node).starts_with(['b', 'B']) => file.builtin("bytes"),
            kind => file.builtin(builtin_of(kind)?),
        }
    }

    fn builtin(&self, name: &str) -> Option<Value> {
        self.snapshot.builtin(name).map(Value::Instance)
    }

    /// `is` and `in` give a bool; `==` may give an array.
    fn is_plain_comparison(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| matches!(child.kind(), "is" | "is not" | "in" | "not in"))
    }

    fn name(&self, node: Node<'_>) -> Option<Value> {
        let name = self.source.slice(node);
        for scope in ancestors(node) {
            match scope.kind() {
                "lambda"
                | "list_comprehension"
                | "set_comprehension"
                | "dictionary_comprehension"
                | "generator_expression"
                    if self.binds_inside(scope, name) =>
                {
                    return None;
                }
                "function_definition" => {
                    if let Some(found) = self.local(scope, node, name) {
                        return found;
                    }
                }
                _ => {}
            }
        }
        let symbol = self.snapshot.resolve_on(&self.path, node.start_byte(), name, &mut HashSet::new())?;
        match symbol.kind {
            SymbolKind::Variable | SymbolKind::Field => self.assigned(&symbol),
            _ => Some(Value::Named(symbol)),
        }
    }

    /// What was assigned to a variable of a module, or to a field of a class: all its assignments must agree.
    fn assigned(&self, symbol: &Symbol) -> Option<Value> {
        let outline = self.snapshot.outline(&symbol.path)?;
        let first = outline.items.iter().find(|item| item.range == symbol.range)?;
        let file = self.other(&symbol.path)?;
        let same: Vec<&Item> =
            outline.children(first.parent).map(|(_, item)| item).filter(|item| item.name == first.name).collect();
        let annotated = same.iter().find_map(|item| Some((item.annotation.as_deref()?, item.range.start)));
        if let Some((annotation, at)) = annotated
            && let Some(value) = file.annotated(annotation, at)
        {
            return Some(value);
        }
        if same.iter().any(|item| item.value.is_none() || item.kind != ItemKind::Variable) {
            return None;
        }
        let values = same.iter().filter_map(|item| file.source.node_at(item.value.clone()?));
        agreed(values.collect::<Vec<_>>(), &file)
    }

    /// What the fixture that a test or fixture asks for by `name` gives.
    fn fixture(&self, function: Node<'_>, name: &str) -> Option<Value> {
        let own = function.child_by_field_name("name").map(|node| node.byte_range());
        let fixture = self.snapshot.fixture_named(&self.path, function.start_byte(), name)?;
        let path = fixture.path.clone()?;
        let fixture = match own == Some(fixture.range.clone()) && path == self.path {
            // A fixture that asks for its own name gets the one that it overrides.
            true => {
                let above = self.snapshot.conftests_above(&self.path);
                self.snapshot.fixture_named(above.first()?, 0, name)?
            }
            false => fixture,
        };
        let path = fixture.path?;
        let outline = self.snapshot.outline(&path)?;
        let index = outline.items.iter().position(|item| item.range == fixture.range)?;
        self.result_of_item(&path, &outline, index, Taker::Test, None)
    }

    fn attribute(&self, node: Node<'_>) -> Option<Value> {
        let object = self.value_of(node.child_by_field_name("object")?)?;
        let name = self.source.slice(node.child_by_field_name("attribute")?);
        let owner = object.symbol()?;
        let member = self.member(owner, name)?;
        let is_instance = matches!(object, Value::Instance(_));
        match member.kind {
            SymbolKind::Property if is_instance => self.result_of(&member, Some(owner)),
            SymbolKind::Property => None,
            SymbolKind::Field => self.field(owner, &member),
            SymbolKind::Variable => self.assigned(&member),
            SymbolKind::Method => Some(Value::Method(member, owner.clone())),
            _ => Some(Value::Named(member)),
        }
    }

    /// A member of an enum is of that enum; a field may be a descriptor; others are what was assigned.
    fn field(&self, owner: &Symbol, member: &Symbol) -> Option<Value> {
        let item = self.item_of(member)?;
        if !item.on_self && item.annotation.is_none() && self.is_enum(owner) {
            return Some(Value::Instance(owner.clone()));
        }
        // `x: int = field()` is an int; `x = attr.ib()` is what the caller gives.
        let made = member.value.as_deref().and_then(|value| value.split_once('(')).map(|(called, _)| called);
        let is_field =
            made.is_some_and(|called| matches!(called.rsplit('.').next(), Some("ib" | "attrib" | "field" | "Field")));
        if is_field && item.annotation.is_none() {
            return None;
        }
        let value = self.assigned(member)?;
        let get = match &value {
            Value::Instance(class) if !item.on_self => self.member(class, "__get__"),
            _ => None,
        };
        get.map_or(Some(value), |get| self.result_of(&get, None))
    }

    fn item_of(&self, symbol: &Symbol) -> Option<Item> {
        let outline = self.snapshot.outline(&symbol.path)?;
        outline.items.iter().find(|item| item.range == symbol.range).cloned()
    }

    fn is_enum(&self, class: &Symbol) -> bool {
        let bases = self.snapshot.bases(class);
        bases
            .iter()
            .any(|base| matches!(base.rsplit('.').next(), Some("Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag")))
    }

    fn call(&self, node: Node<'_>) -> Option<Value> {
        let function = node.child_by_field_name("function")?;
        let arguments = node.child_by_field_name("arguments")?;
        match self.source.slice(function).rsplit('.').next()? {
            "super" => return None,
            "cast" => return self.annotated(self.source.slice(arguments.named_child(0)?), node.start_byte()),
            // `UserId = NewType("UserId", int)` is another name for int.
            "NewType" => return self.value_of(arguments.named_child(1)?),
            "getfixturevalue" => {
                let name = string_content(&self.source, arguments.named_child(0)?)?;
                let test = self.source.function_at(node.start_byte())?;
                return self.fixture(test, &name);
            }
            _ => {}
        }
        match self.value_of(function)? {
            Value::Named(symbol) if symbol.kind == SymbolKind::Class => Some(Value::Instance(symbol)),
            Value::Named(symbol) => self.result_of(&symbol, None),
            Value::Method(symbol, owner) => self.result_of(&symbol, Some(&owner)),
            Value::Instance(class) => self.result_of(&self.member(&class, "__call__")?, Some(&class)),
            Value::Awaitable(_) | Value::Managed(_) => None,
        }
    }

    /// What a function gives, asked of the class `owner` where it is a method.
    fn result_of(&self, function: &Symbol, owner: Option<&Symbol>) -> Option<Value> {
        let outline = self.snapshot.outline(&function.path)?;
        let index = outline.items.iter().position(|item| item.range == function.range)?;
        self.result_of_item(&function.path, &outline, index, Taker::Caller, owner)
    }

    /// By the return annotation, or by the one expression that is returned or yielded.
    fn result_of_item(
        &self,
        path: &FilePath,
        outline: &Outline,
        index: usize,
        taker: Taker,
        owner: Option<&Symbol>,
    ) -> Option<Value> {
        let item = &outline.items[index];
        let asked = owner.map(|owner| (item.range.clone(), owner.clone()));
        let file = File { asked, ..self.other(path)? };
        let manages = item.decorators.iter().any(|text| text.ends_with("contextmanager"));
        if taker == Taker::Caller && !item.decorators.iter().all(|text| keeps_result(text)) {
            return None;
        }
        let returns = item.signature.as_ref().and_then(|signature| signature.returns.as_deref());
        let gives_pieces = manages || taker == Taker::Test;
        let by_annotation = returns.and_then(|returns| match returns.trim_matches(['"', '\'']).rsplit('.').next() {
            Some("Self") => {
                let own = || item.parent.map(|parent| self.snapshot.symbol(path, outline, parent));
                owner.cloned().or_else(own).map(Value::Instance)
            }
            _ if gives_pieces => file.yielded(returns, item.range.start),
            _ => file.annotated(returns, item.range.start),
        });
        let given = by_annotation.or_else(|| {
            let node = file.source.node_at(item.returned.clone()?)?;
            let yields = node.parent().is_some_and(|parent| parent.kind() == "yield");
            (!yields || gives_pieces).then(|| file.value_of(node)).flatten()
        })?;
        let is_async = item.signature.as_ref().is_some_and(|signature| signature.is_async);
        Some(match taker {
            Taker::Test => given,
            Taker::Caller if manages => Value::Managed(Box::new(given)),
            Taker::Caller if is_async => Value::Awaitable(Box::new(given)),
            Taker::Caller => given,
        })
    }

    fn subscript(&self, node: Node<'_>) -> Option<Value> {
        match self.value_of(node.child_by_field_name("value")?)? {
            Value::Instance(class) => self.result_of(&self.member(&class, "__getitem__")?, Some(&class)),
            Value::Named(class) if class.kind == SymbolKind::Class => match self.is_enum(&class) {
                true => Some(Value::Instance(class)),
                false => Some(Value::Named(class)),
            },
            _ => None,
        }
    }
}

/// The one value of several expressions; `None` literals are no types.
fn agreed<'t>(nodes: impl IntoIterator<Item = Node<'t>>, file: &File<'_>) -> Option<Value> {
    let mut nodes = nodes.into_iter().filter(|node| node.kind() != "none");
    let first = file.value_of(nodes.next()?)?;
    nodes.all(|node| file.value_of(node).as_ref() == Some(&first)).then_some(first)
}

/// Whether a decorated function still gives what its body says; others may give anything.
fn keeps_result(decorator: &str) -> bool {
    let name = decorator.split('(').next().unwrap_or(decorator);
    let last = name.rsplit('.').next().unwrap_or(name);
    last.ends_with("property")
        || last.ends_with("contextmanager")
        || matches!(
            last,
            "staticmethod"
                | "classmethod"
                | "cache"
                | "lru_cache"
                | "wraps"
                | "abstractmethod"
                | "override"
                | "final"
                | "deprecated"
                | "no_type_check"
                | "setter"
                | "getter"
                | "deleter"
        )
}

/// The class of a literal.
fn builtin_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "string" | "concatenated_string" => "str",
        "integer" => "int",
        "float" => "float",
        "true" | "false" | "not_operator" => "bool",
        "list" | "list_comprehension" => "list",
        "dictionary" | "dictionary_comprehension" => "dict",
        "set" | "set_comprehension" => "set",
        "tuple" | "expression_list" => "tuple",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
