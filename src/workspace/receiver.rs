//! The type of an expression in a test, well enough to look its members up.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::syntax::outline::Outline;
use crate::syntax::{Node, Source, ancestors, children};
use crate::text::FilePath;

use super::Snapshot;
use super::symbols::{Symbol, SymbolKind};

/// What an expression is.
#[derive(Clone, Debug)]
enum Value {
    /// An object of this class.
    Instance(Symbol),
    /// The class, module or function itself.
    Named(Symbol),
}

impl Value {
    fn symbol(&self) -> &Symbol {
        match self {
            Self::Instance(symbol) | Self::Named(symbol) => symbol,
        }
    }
}

/// Longer chains of evidence are loops.
const DEEPEST: u32 = 24;

impl Snapshot {
    /// The class of the expression at `range` of `path`, or the module or class that it names. `None`
    /// means unknown.
    pub fn type_of(&self, path: &FilePath, range: Range<usize>) -> Option<Symbol> {
        let file = File { snapshot: self, path: path.clone(), source: self.source(path)?, depth: 0 };
        let node = file.source.node_at(range)?;
        let value = file.value_of(node)?;
        let symbol = value.symbol().clone();
        matches!(symbol.kind, SymbolKind::Class | SymbolKind::Module).then(|| self.with_constructor(symbol))
    }

    /// What the call at `range` of `path` calls: a function, a method or a class.
    pub fn callee(&self, path: &FilePath, range: Range<usize>) -> Option<Symbol> {
        let file = File { snapshot: self, path: path.clone(), source: self.source(path)?, depth: 0 };
        let node = file.source.node_at(range)?;
        let call = ancestors(node).find(|node| node.kind() == "call")?;
        match file.value_of(call.child_by_field_name("function")?)? {
            Value::Named(symbol) => Some(self.with_constructor(symbol)),
            Value::Instance(class) => self.member(&class, "__call__"),
        }
    }
}

struct File<'s> {
    snapshot: &'s Snapshot,
    path: FilePath,
    source: Arc<Source>,
    depth: u32,
}

impl<'s> File<'s> {
    fn other(&self, path: &FilePath) -> Option<File<'s>> {
        let depth = self.depth + 1;
        if depth > DEEPEST {
            return None;
        }
        Some(File { snapshot: self.snapshot, path: path.clone(), source: self.snapshot.source(path)?, depth })
    }

    fn deeper(&self) -> Option<File<'s>> {
        let depth = self.depth + 1;
        (depth <= DEEPEST).then(|| File { source: self.source.clone(), path: self.path.clone(), depth, ..*self })
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
            "await" | "parenthesized_expression" => file.value_of(node.named_child(0)?),
            "named_expression" => file.value_of(node.child_by_field_name("value")?),
            "boolean_operator" => file.value_of(node.child_by_field_name("left")?),
            "conditional_expression" => file.value_of(node.named_child(0)?),
            "subscript" => file.subscript(node),
            "string" if file.source.slice(node).starts_with(['b', 'B']) => {
                file.snapshot.builtin("bytes").map(Value::Instance)
            }
            kind => file.snapshot.builtin(builtin_of(kind)?).map(Value::Instance),
        }
    }

    fn name(&self, node: Node<'_>) -> Option<Value> {
        let name = self.source.slice(node);
        for function in ancestors(node).filter(|node| node.kind() == "function_definition") {
            if let Some(found) = self.local(function, node, name) {
                return found;
            }
        }
        let symbol = self.snapshot.resolve_on(&self.path, node.start_byte(), name, &mut HashSet::new())?;
        self.behind(symbol)
    }

    /// What a symbol stands for when it is used as a value: a variable is what was assigned to it.
    fn behind(&self, symbol: Symbol) -> Option<Value> {
        match symbol.kind {
            SymbolKind::Variable | SymbolKind::Field => self.variable(&symbol),
            SymbolKind::Property => self.result_of(&symbol),
            _ => Some(Value::Named(symbol)),
        }
    }

    fn variable(&self, symbol: &Symbol) -> Option<Value> {
        let outline = self.snapshot.outline(&symbol.path)?;
        let item = outline.items.iter().find(|item| item.range == symbol.range)?;
        let file = self.other(&symbol.path)?;
        if let Some(annotation) = &item.annotation
            && let Some(class) = file.annotated(annotation, symbol.range.start)
        {
            return Some(Value::Instance(class));
        }
        let value = item.value.clone()?;
        file.value_of(file.source.node_at(value)?)
    }

    /// A name local to `function`: `None` where it is not, `Some(None)` where its type is unknown.
    fn local(&self, function: Node<'_>, at: Node<'_>, name: &str) -> Option<Option<Value>> {
        let body = function.child_by_field_name("body")?;
        let mut last = None;
        let mut pending = vec![body];
        while let Some(node) = pending.pop() {
            if node.start_byte() >= at.start_byte()
                || matches!(node.kind(), "function_definition" | "class_definition" | "lambda")
            {
                continue;
            }
            if let Some(bound) = self.binding(node, name).filter(|_| {
                !(node.start_byte()..node.end_byte()).contains(&at.start_byte()) || node.kind() != "assignment"
            }) && last.as_ref().is_none_or(|(start, _)| *start < node.start_byte())
            {
                last = Some((node.start_byte(), bound));
            }
            pending.extend(children(node));
        }
        if let Some((_, bound)) = last {
            return Some(bound.and_then(|bound| self.bound(bound, at)));
        }
        self.parameter(function, name)
    }

    /// How a node binds `name`, where it does.
    fn binding<'t>(&self, node: Node<'t>, name: &str) -> Option<Option<Bound<'t>>> {
        let is_name = |node: Option<Node<'t>>| {
            node.is_some_and(|node| node.kind() == "identifier" && self.source.slice(node) == name)
        };
        let holds = |node: Option<Node<'t>>| node.is_some_and(|node| children(node).any(|child| is_name(Some(child))));
        match node.kind() {
            "assignment" => {
                let left = node.child_by_field_name("left");
                if is_name(left) {
                    let annotation = node.child_by_field_name("type").map(Bound::Annotation);
                    return Some(annotation.or_else(|| node.child_by_field_name("right").map(Bound::Value)));
                }
                holds(left.filter(|left| matches!(left.kind(), "pattern_list" | "tuple_pattern"))).then_some(None)
            }
            "named_expression" if is_name(node.child_by_field_name("name")) => {
                Some(node.child_by_field_name("value").map(Bound::Value))
            }
            "as_pattern" => {
                let alias = node.child_by_field_name("alias")?;
                let inside_with = node.parent().is_some_and(|parent| parent.kind() == "with_item");
                is_name(alias.named_child(0)).then(|| node.named_child(0).filter(|_| inside_with).map(Bound::Entered))
            }
            "for_statement" => {
                let left = node.child_by_field_name("left");
                (is_name(left) || holds(left)).then_some(None)
            }
            _ => None,
        }
    }

    fn bound(&self, bound: Bound<'_>, at: Node<'_>) -> Option<Value> {
        match bound {
            Bound::Annotation(node) => self.annotated(self.source.slice(node), at.start_byte()).map(Value::Instance),
            Bound::Value(node) => self.value_of(node),
            Bound::Entered(node) => self.entered(node),
        }
    }

    /// What `with expression as name` binds.
    fn entered(&self, node: Node<'_>) -> Option<Value> {
        let managed = self.value_of(node);
        if let Some(Value::Instance(class)) = &managed {
            let enter = self.member(class, "__enter__").or_else(|| self.member(class, "__aenter__"));
            let entered = enter.and_then(|enter| self.result_of(&enter));
            return entered.or(managed);
        }
        managed
    }

    fn parameter(&self, function: Node<'_>, name: &str) -> Option<Option<Value>> {
        let signature = crate::syntax::signature::signature_of(&self.source, function);
        let position = signature.parameters.iter().position(|parameter| parameter.name == name)?;
        let parameter = &signature.parameters[position];
        if let Some(annotation) = &parameter.annotation
            && let Some(class) = self.annotated(annotation, function.start_byte())
        {
            return Some(Some(Value::Instance(class)));
        }
        let in_class = ancestors(function).skip(1).take_while(|node| node.kind() != "function_definition");
        let class = in_class.into_iter().find(|node| node.kind() == "class_definition");
        if let Some(class) = class.filter(|_| position == 0) {
            let class = class.child_by_field_name("name").and_then(|name| {
                let outline = self.snapshot.outline(&self.path)?;
                let index = outline.items.iter().position(|item| item.range == name.byte_range())?;
                Some(self.snapshot.symbol(&self.path, &outline, index))
            });
            return Some(class.map(Value::Instance));
        }
        Some(self.fixture(function, name))
    }

    /// What the fixture that a test or fixture asks for by `name` gives.
    fn fixture(&self, function: Node<'_>, name: &str) -> Option<Value> {
        let own = function.child_by_field_name("name").map(|node| node.byte_range());
        let fixtures = self.snapshot.fixtures_at(&self.path, function.start_byte());
        let fixture = fixtures.into_iter().find(|fixture| fixture.name == name)?;
        let path = fixture.path.clone()?;
        let fixture = match own == Some(fixture.range.clone()) && path == self.path {
            // A fixture that asks for its own name gets the one that it overrides.
            true => {
                let above = self.snapshot.conftests_above(&self.path);
                let fixtures = self.snapshot.fixtures_at(above.first()?, 0);
                fixtures.into_iter().find(|fixture| fixture.name == name)?
            }
            false => fixture,
        };
        let path = fixture.path?;
        let outline = self.snapshot.outline(&path)?;
        let index = outline.items.iter().position(|item| item.range == fixture.range)?;
        self.result_of_item(&path, &outline, index)
    }

    fn attribute(&self, node: Node<'_>) -> Option<Value> {
        let object = self.value_of(node.child_by_field_name("object")?)?;
        let name = self.source.slice(node.child_by_field_name("attribute")?);
        let member = self.member(object.symbol(), name)?;
        self.behind(member)
    }

    fn call(&self, node: Node<'_>) -> Option<Value> {
        let function = node.child_by_field_name("function")?;
        if function.kind() == "identifier" && self.source.slice(function) == "super" {
            return None;
        }
        match self.value_of(function)? {
            Value::Named(symbol) if symbol.kind == SymbolKind::Class => Some(Value::Instance(symbol)),
            Value::Named(symbol) => self.result_of(&symbol),
            Value::Instance(class) => self.result_of(&self.member(&class, "__call__")?),
        }
    }

    /// What a function gives: by its return annotation, or by what it returns or yields.
    fn result_of(&self, function: &Symbol) -> Option<Value> {
        let outline = self.snapshot.outline(&function.path)?;
        let index = outline.items.iter().position(|item| item.range == function.range)?;
        self.result_of_item(&function.path, &outline, index)
    }

    fn result_of_item(&self, path: &FilePath, outline: &Outline, index: usize) -> Option<Value> {
        let item = &outline.items[index];
        let file = self.other(path)?;
        let returns = item.signature.as_ref().and_then(|signature| signature.returns.as_deref());
        if let Some(returns) = returns {
            if matches!(returns.trim_matches(['"', '\'']).rsplit('.').next(), Some("Self")) {
                let class = item.parent.map(|parent| self.snapshot.symbol(path, outline, parent));
                return class.map(Value::Instance);
            }
            if let Some(class) = file.annotated(returns, item.range.start) {
                return Some(Value::Instance(class));
            }
        }
        let result = item.returned.clone()?;
        file.value_of(file.source.node_at(result)?)
    }

    /// `items[0]` of `items: list[Item]`.
    fn subscript(&self, node: Node<'_>) -> Option<Value> {
        let object = self.value_of(node.child_by_field_name("value")?)?;
        match object {
            Value::Instance(class) => self.result_of(&self.member(&class, "__getitem__")?),
            named => Some(named),
        }
    }

    /// The class that an annotation names; the one class of `X | None`, `Optional[X]`, `Iterator[X]`.
    fn annotated(&self, annotation: &str, at: usize) -> Option<Symbol> {
        let text = annotation.trim().trim_matches(['"', '\'']).trim();
        let mut sides = text.split('|').map(str::trim).filter(|side| *side != "None");
        let side = sides.next()?;
        if sides.next().is_some() {
            return None;
        }
        if let Some((outer, inner)) = side.strip_suffix(']').and_then(|side| side.split_once('[')) {
            let outer = outer.rsplit('.').next().unwrap_or(outer);
            if WRAPPERS.contains(&outer) {
                return self.deeper()?.annotated(first_argument(inner), at);
            }
        }
        let name = side.split('[').next()?.trim();
        let symbol = self.snapshot.resolve_on(&self.path, at, name, &mut HashSet::new())?;
        match symbol.kind {
            SymbolKind::Class => Some(symbol),
            SymbolKind::Variable => {
                self.snapshot.alias_target(&symbol, &mut HashSet::new()).filter(|found| found.kind == SymbolKind::Class)
            }
            _ => None,
        }
    }
}

/// The class of a literal.
fn builtin_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "string" | "concatenated_string" => "str",
        "integer" => "int",
        "float" => "float",
        "true" | "false" | "comparison_operator" | "not_operator" => "bool",
        "list" | "list_comprehension" => "list",
        "dictionary" | "dictionary_comprehension" => "dict",
        "set" | "set_comprehension" => "set",
        "tuple" | "expression_list" => "tuple",
        _ => return None,
    })
}

/// Annotations that say how a value comes, not what it is.
const WRAPPERS: [&str; 14] = [
    "Optional",
    "Iterator",
    "Generator",
    "AsyncIterator",
    "AsyncGenerator",
    "Iterable",
    "AsyncIterable",
    "Annotated",
    "ClassVar",
    "Final",
    "Awaitable",
    "ContextManager",
    "AbstractContextManager",
    "Coroutine",
];

fn first_argument(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find(|(_, c)| {
        depth += match c {
            '[' | '(' => 1,
            ']' | ')' => -1,
            _ => 0,
        };
        *c == ',' && depth == 0
    });
    text[..end.map_or(text.len(), |(at, _)| at)].trim()
}

enum Bound<'t> {
    Annotation(Node<'t>),
    Value(Node<'t>),
    Entered(Node<'t>),
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "class Item:\n    price: int\nclass Base:\n    def first(self) -> 'Item': ...\nclass Cart(Base):\n    default = Item()\n    def __init__(self, owner: 'User'):\n        self.owner = owner\n        self.items = Item()\n    def __enter__(self):\n        return self\n    @property\n    def last(self) -> Item: ...\nclass User: ...\ndef make() -> Cart: ...\ndef build():\n    cart = Cart()\n    return cart\nBASKET = Cart()\n";
    const CONFTEST: &str = "import pytest\nfrom typing import Iterator\nfrom shop import Cart, User, build\n@pytest.fixture\ndef cart():\n    cart = Cart()\n    yield cart\n@pytest.fixture\ndef user() -> Iterator[User]: ...\n@pytest.fixture\ndef built(): return build()\n";

    #[track_caller]
    fn check(test: &str, expression: &str, class: Option<&str>) {
        let files = [("shop.py", SHOP), ("tests/conftest.py", CONFTEST), ("tests/test_a.py", test)];
        let snapshot = Snapshot::in_memory(files);
        let at = test.rfind(expression).unwrap();
        let found = snapshot.type_of(&FilePath::new("tests/test_a.py"), at..at + expression.len());
        assert_eq!(found.map(|symbol| symbol.qualified).as_deref(), class);
    }

    #[test]
    fn locals_are_what_was_last_assigned_to_them() {
        check("import shop\ndef test():\n    c = 1\n    c = shop.Cart()\n    c.total\n    c = 2\n", "c.t", None);
        check("import shop\ndef test():\n    c = 1\n    c = shop.Cart()\n    assert c\n", "c", Some("shop.Cart"));
        check("from shop import make\ndef test():\n    c = make()\n    assert c\n", "c", Some("shop.Cart"));
        check("from shop import build\ndef test():\n    c = build()\n    assert c\n", "c", Some("shop.Cart"));
        check("from shop import Cart\ndef test():\n    with Cart() as c:\n        assert c\n", "c", Some("shop.Cart"));
        check("from shop import Cart\ndef test():\n    c: Cart = f()\n    assert c\n", "c", Some("shop.Cart"));
        check("def test():\n    c = unknown()\n    assert c\n", "c", None);
        check("def test():\n    for c in []:\n        assert c\n", "c", None);
    }

    #[test]
    fn fixtures_are_what_they_yield_or_are_annotated_with() {
        check("def test(cart):\n    assert cart\n", "cart", Some("shop.Cart"));
        check("def test(user):\n    assert user\n", "user", Some("shop.User"));
        check("def test(built):\n    assert built\n", "built", Some("shop.Cart"));
        check("def test(nothing):\n    assert nothing\n", "nothing", None);
    }

    #[test]
    fn attributes_and_results_are_followed() {
        check("def test(cart):\n    assert cart.owner\n", "cart.owner", Some("shop.User"));
        check("def test(cart):\n    assert cart.items\n", "cart.items", Some("shop.Item"));
        check("def test(cart):\n    assert cart.last\n", "cart.last", Some("shop.Item"));
        check("def test(cart):\n    assert cart.first()\n", "cart.first()", Some("shop.Item"));
        check("import shop\ndef test():\n    assert shop.Cart.default\n", "shop.Cart.default", Some("shop.Item"));
        check("import shop\ndef test():\n    assert shop.BASKET\n", "shop.BASKET", Some("shop.Cart"));
        check("import shop\ndef test():\n    assert shop\n", "shop", Some("shop"));
    }

    #[test]
    fn self_is_the_class_around() {
        check(
            "from shop import Cart\nclass TestA:\n    def setup_method(self):\n        self.cart = Cart()\n    def test(self):\n        assert self.cart\n",
            "self.cart",
            Some("shop.Cart"),
        );
    }

    #[test]
    fn evidence_that_goes_in_circles_is_unknown() {
        check(
            "def f():\n    return g()\ndef g():\n    return f()\ndef test():\n    x = f()\n    assert x\n",
            "x",
            None,
        );
        check("a = b\nb = a\ndef test():\n    assert a\n", "a", None);
    }
}
