//! Classes: their bases, their members, how they are constructed.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::text::FilePath;

use super::Snapshot;
use super::modules::{Members, Trail, best_item};
use super::symbols::{Parameter, ParameterKind, Signature, Symbol, SymbolKind};

/// What tells a class from others: its file and its place in that file's outline.
type Key = (FilePath, usize);

/// Reads the method resolution order of a class.
struct Reader<'s> {
    snapshot: &'s Snapshot,
    /// The orders that are known; empty while one is being read, so that circles end.
    orders: HashMap<Key, Vec<Key>>,
    classes: HashMap<Key, Class>,
    open: bool,
    unresolved: Vec<String>,
}

impl Reader<'_> {
    /// The class and its bases in Python's order (C3).
    fn order(&mut self, class: Class, depth: usize) -> Vec<Key> {
        let key = (class.path.clone(), class.index);
        if let Some(known) = self.orders.get(&key) {
            return known.clone();
        }
        if depth > DEEPEST {
            return Vec::new();
        }
        self.orders.insert(key.clone(), Vec::new());
        let own = |name: &str| best_item(&class.outline, Some(class.index), name).is_some();
        self.open |= own("__getattr__") || own("__getattribute__");
        let mut bases: Vec<Class> = Vec::new();
        for base in &class.item().bases {
            match base.split_once('=') {
                Some(("metaclass", meta)) => self.open |= !is_plain_metaclass(meta),
                Some((name, _)) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {}
                _ => bases.extend(self.base(&class, base)),
            }
        }
        let direct: Vec<Key> = bases.iter().map(|base| (base.path.clone(), base.index)).collect();
        let mut lists: Vec<VecDeque<Key>> = bases.into_iter().map(|base| self.order(base, depth + 1).into()).collect();
        lists.push(direct.into());
        let mut order = vec![key.clone()];
        order.extend(merge(lists));
        self.orders.insert(key.clone(), order.clone());
        self.classes.insert(key, class);
        order
    }

    fn base(&mut self, class: &Class, base: &str) -> Option<Class> {
        let name = base.split('[').next().unwrap_or(base).trim();
        let last = name.rsplit('.').next().unwrap_or(name);
        if PLAIN_BASES.contains(&last) {
            self.unresolved.push(name.to_string());
            return None;
        }
        // The base stands before the class's own body: names of the class do not count.
        let at = class.item().span.start.saturating_sub(1);
        let symbol = self.snapshot.resolve_on(&class.path, at, name, &mut HashSet::new());
        let found = symbol.and_then(|symbol| self.snapshot.class_behind(&symbol));
        if found.is_none() {
            self.open |= !is_plain_builtin(last);
            self.unresolved.push(name.to_string());
        }
        found
    }
}

/// C3: the next is the first head that stands in no tail. Where that fails Python would refuse the class;
/// here the first head is taken.
fn merge(mut lists: Vec<VecDeque<Key>>) -> Vec<Key> {
    let mut order = Vec::new();
    loop {
        lists.retain(|list| !list.is_empty());
        let heads = lists.iter().map(|list| &list[0]);
        let free = |head: &&Key| !lists.iter().any(|list| list.iter().skip(1).any(|key| key == *head));
        let Some(next) = heads.clone().find(free).or(lists.first().map(|list| &list[0])).cloned() else { return order };
        for list in &mut lists {
            list.retain(|key| *key != next);
        }
        order.push(next);
    }
}

/// A class of an outline.
struct Class {
    path: FilePath,
    outline: std::sync::Arc<Outline>,
    index: usize,
}

impl Class {
    fn item(&self) -> &Item {
        &self.outline.items[self.index]
    }
}

/// A class, its bases, theirs …, nearest first.
struct Lineage {
    classes: Vec<Class>,
    /// A base could not be resolved, or something makes attributes up.
    open: bool,
    /// What the unresolved bases are called.
    unresolved: Vec<String>,
}

/// Bases that add nothing that a test would ask for by name.
const PLAIN_BASES: [&str; 6] = ["object", "ABC", "Generic", "Protocol", "NamedTuple", "TypedDict"];
const DEEPEST: usize = 64;

impl Snapshot {
    /// The members of a class, its bases' included, nearest first.
    pub fn members(&self, class: &Symbol) -> Members {
        let Some(class) = self.class_behind(class) else { return Members { symbols: Vec::new(), open: true } };
        let lineage = self.lineage(class);
        let mut members = Members { symbols: Vec::new(), open: lineage.open };
        let mut seen = HashSet::new();
        for class in &lineage.classes {
            for (_, item) in class.outline.children(Some(class.index)) {
                if seen.insert(item.name.clone())
                    && let Some(best) = best_item(&class.outline, Some(class.index), &item.name)
                {
                    let member = self.symbol(&class.path, &class.outline, best);
                    members.symbols.push(self.with_constructor(member));
                }
            }
        }
        members
    }

    pub(super) fn member_of_class(&self, class: &Symbol, name: &str, trail: &mut Trail) -> Option<Symbol> {
        if !trail.insert((class.path.clone(), format!("{}.{name}", class.qualified))) {
            return None;
        }
        let lineage = self.lineage(self.class_behind(class)?);
        lineage.classes.iter().find_map(|class| {
            let best = best_item(&class.outline, Some(class.index), name)?;
            Some(self.symbol(&class.path, &class.outline, best))
        })
    }

    /// The classes that `class` derives from, nearest first, itself included: their qualified names.
    /// Bases that cannot be resolved stand last, as written.
    pub fn bases(&self, class: &Symbol) -> Vec<String> {
        let Some(class) = self.class_behind(class) else { return Vec::new() };
        let lineage = self.lineage(class);
        let known = lineage.classes.iter().map(|class| self.qualified(&class.path, &class.outline, class.item()));
        known.chain(lineage.unresolved.iter().cloned()).collect()
    }

    fn qualified(&self, path: &FilePath, outline: &Outline, item: &Item) -> String {
        let module = self.dotted_name(path).unwrap_or_default();
        format!("{module}.{}", outline.path_of(item)).trim_start_matches('.').to_string()
    }

    fn class_behind(&self, symbol: &Symbol) -> Option<Class> {
        let target = match symbol.kind {
            SymbolKind::Class => symbol.clone(),
            _ => self.alias_target(symbol, &mut HashSet::new()).filter(|target| target.kind == SymbolKind::Class)?,
        };
        let outline = self.outline(&target.path)?;
        let index = outline.items.iter().position(|item| item.range == target.range && item.kind == ItemKind::Class)?;
        Some(Class { path: target.path, outline, index })
    }

    fn lineage(&self, class: Class) -> Lineage {
        let mut reader = Reader {
            snapshot: self,
            orders: HashMap::new(),
            classes: HashMap::new(),
            open: false,
            unresolved: Vec::new(),
        };
        let order = reader.order(class, 0);
        let Reader { mut classes, open, unresolved, .. } = reader;
        Lineage { classes: order.iter().filter_map(|key| classes.remove(key)).collect(), open, unresolved }
    }

    /// A class with the signature of its constructor; anything else as it is.
    pub(super) fn with_constructor(&self, symbol: Symbol) -> Symbol {
        if symbol.kind != SymbolKind::Class || symbol.signature.is_some() {
            return symbol;
        }
        let signature = self.class_behind(&symbol).and_then(|class| self.constructor(class));
        Symbol { signature, ..symbol }
    }

    /// How a class is called: by `__init__`, `__new__`, or the fields of a dataclass and its like.
    fn constructor(&self, class: Class) -> Option<Signature> {
        let lineage = self.lineage(class);
        let called = |name: &str| lineage.unresolved.iter().any(|base| base.rsplit('.').next() == Some(name));
        let by_keyword = called("TypedDict") || called("BaseModel") || called("SQLModel");
        for (index, class) in lineage.classes.iter().enumerate() {
            let written = written_constructor(class).or_else(|| class.item().made.as_deref().cloned());
            if written.is_some() {
                return written;
            }
            if makes_fields(class) {
                return Some(self.fields_signature(&lineage.classes[index..], by_keyword));
            }
        }
        if by_keyword || ["NamedTuple", "Struct"].iter().any(|name| called(name)) {
            return Some(self.fields_signature(&lineage.classes, by_keyword));
        }
        // A constructor in C takes what it takes.
        let in_c = called("Protocol") || lineage.classes.iter().any(|class| super::builtins::is_stub(&class.path));
        let unknown = in_c || lineage.open || lineage.unresolved.iter().any(|base| is_plain_builtin(base));
        (!unknown).then(Signature::default)
    }

    fn fields_signature(&self, classes: &[Class], keyword_only: bool) -> Signature {
        let mut parameters: Vec<Parameter> = Vec::new();
        for class in classes.iter().rev() {
            let text = self.text(&class.path).unwrap_or_default();
            let all_keyword = keyword_only || class.item().decorators.iter().any(|text| text.contains("kw_only=True"));
            let mut after_marker = false;
            for (_, item) in class.outline.children(Some(class.index)).filter(|(_, item)| is_field(item, &text)) {
                let annotation = item.annotation.clone();
                if annotation.as_deref().is_some_and(|text| text.ends_with("KW_ONLY")) {
                    after_marker = true;
                    continue;
                }
                let value = item.value.clone().and_then(|range| text.get(range)).unwrap_or("");
                let kind = match all_keyword || after_marker || value.contains("kw_only=True") {
                    true => ParameterKind::KeywordOnly,
                    false => ParameterKind::PositionalOrKeyword,
                };
                let name = parameter_name(class.item(), &item.name, value);
                let parameter = Parameter { name, kind, default: default_of(value), annotation };
                match parameters.iter_mut().find(|known| known.name == parameter.name) {
                    Some(known) => *known = parameter,
                    None => parameters.push(parameter),
                }
            }
        }
        parameters.sort_by_key(|parameter| parameter.kind == ParameterKind::KeywordOnly);
        Signature { parameters, is_async: false, returns: None }
    }
}

/// The signature of `__init__` or `__new__`. A call must please both: the one that names its arguments tells more.
fn written_constructor(class: &Class) -> Option<Signature> {
    let written = |name| {
        let index = best_item(&class.outline, Some(class.index), name)?;
        class.outline.items[index].signature.clone()
    };
    let says_nothing = |signature: &Signature| signature.parameters.iter().all(|p| p.kind.is_variadic());
    let (init, new) = (written("__init__"), written("__new__"));
    match init {
        Some(init) if says_nothing(&init) && !init.parameters.is_empty() => Some(new.unwrap_or(init)),
        Some(init) => Some(init),
        None => new,
    }
}

/// Whether the fields of a class make its `__init__`.
fn makes_fields(class: &Class) -> bool {
    let item = class.item();
    let fields = |text: &&String| is_dataclass(text) || is_attrs(text);
    let decorated = item.decorators.iter().find(fields).is_some_and(|text| !text.contains("init=False"));
    // pydantic's own class is found where pydantic is installed.
    decorated || (item.name == "BaseModel" && class.path.as_str().contains("/pydantic/"))
}

fn is_dataclass(decorator: &str) -> bool {
    called_name(decorator) == "dataclass"
}

/// A decorator of attrs: `attr.s`, `attrs.define`, `frozen`.
fn is_attrs(decorator: &str) -> bool {
    matches!(called_name(decorator), "attrs" | "s" | "define" | "frozen" | "mutable" | "attributes")
}

fn called_name(decorator: &str) -> &str {
    let name = decorator.split('(').next().unwrap_or(decorator);
    name.rsplit('.').next().unwrap_or(name)
}

/// An annotated name of a class body, or `x = attr.ib()`.
fn is_field(item: &Item, text: &str) -> bool {
    if item.kind != ItemKind::Variable || item.on_self {
        return false;
    }
    let value = item.value.clone().and_then(|range| text.get(range)).unwrap_or("");
    let made = ["attr.ib(", "attrib(", "attrs.field(", "attr.field("].iter().any(|call| value.starts_with(call));
    let annotated = item.annotation.as_deref().is_some_and(|text| !text.contains("ClassVar"));
    (annotated || made) && !value.contains("init=False")
}

/// attrs takes `_hidden` as `hidden`, and `alias="x"` as `x`; so does pydantic with the latter.
fn parameter_name(class: &Item, field: &str, value: &str) -> String {
    let alias = value.split_once("alias=").and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    if let Some(alias) = alias.filter(|_| value.contains('(')) {
        return alias.to_string();
    }
    let by_attrs = class.decorators.iter().any(|text| is_attrs(text));
    let plain = field.trim_start_matches('_');
    if by_attrs && !plain.is_empty() { plain.to_string() } else { field.to_string() }
}

/// The default that a field's value gives its parameter.
fn default_of(value: &str) -> Option<String> {
    let call = value.strip_suffix(')').and_then(|value| value.split_once('('));
    let field = call.filter(|(name, _)| matches!(name.rsplit('.').next(), Some("field" | "Field" | "ib" | "attrib")));
    let Some((name, arguments)) = field else { return (!value.is_empty()).then(|| value.to_string()) };
    let first = arguments.split(',').next().unwrap_or("").trim();
    if name.ends_with("Field") && !first.is_empty() && !first.contains('=') {
        return (first != "...").then(|| first.to_string());
    }
    let has_default = arguments.contains("default=") || arguments.contains("factory=");
    has_default.then(|| value.to_string())
}

fn is_plain_metaclass(name: &str) -> bool {
    matches!(name.trim().rsplit('.').next(), Some("ABCMeta" | "EnumMeta" | "EnumType" | "type"))
}

/// Builtin bases whose members are not listed here but are well known to be few and fixed.
fn is_plain_builtin(name: &str) -> bool {
    matches!(name, "Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag" | "Exception" | "BaseException")
        || name.ends_with("Error")
        || name.ends_with("Warning")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str, class: &str) -> (Vec<String>, bool) {
        let snapshot = Snapshot::in_memory([("m.py", text)]);
        let members = snapshot.members(&snapshot.definitions(class)[0]);
        (members.symbols.into_iter().map(|symbol| symbol.name).collect(), members.open)
    }

    #[track_caller]
    fn check_constructor(text: &str, class: &str, printed: Option<&str>) {
        let snapshot = Snapshot::in_memory([("m.py", text)]);
        let signature = snapshot.definitions(class)[0].signature.as_ref().map(Signature::to_string);
        assert_eq!(signature.as_deref(), printed);
    }

    #[test]
    fn members_come_from_the_class_and_then_its_bases() {
        let text = "class A:\n    x = 1\n    def m(self): self.y = 1\nclass B(A):\n    def x(self): ...\n    z: int\n";
        assert_eq!(members(text, "B"), (vec!["x".into(), "z".into(), "m".into(), "y".into()], false));
    }

    #[test]
    fn a_class_is_open_where_more_may_be_there() {
        assert!(members("from q import Base\nclass A(Base): ...\n", "A").1);
        assert!(members("class A:\n    def __getattr__(self, name): ...\n", "A").1);
        assert!(members("class A(metaclass=Magic): ...\n", "A").1);
        assert!(!members("from enum import Enum\nclass A(Enum):\n    X = 1\n", "A").1);
    }

    #[test]
    fn a_diamond_is_resolved_as_python_does() {
        let text = "class Top:\n    def f(self): ...\nclass Left(Top): ...\nclass Right(Top):\n    def f(self, right): ...\nclass Low(Left, Right): ...\n";
        let snapshot = Snapshot::in_memory([("m.py", text)]);
        let low = &snapshot.definitions("Low")[0];
        assert_eq!(snapshot.member(low, "f").unwrap().qualified, "m.Right.f");
        assert_eq!(snapshot.bases(low), ["m.Low", "m.Left", "m.Right", "m.Top"]);
    }

    #[test]
    fn bases_that_go_in_circles_end() {
        assert_eq!(members("class A(B):\n    x = 1\nclass B(A):\n    y = 1\n", "A").0, ["x", "y"]);
        assert_eq!(members("class A(A): ...\n", "A").0.len(), 0);
    }

    #[test]
    fn constructors_are_written_inherited_or_made_of_fields() {
        check_constructor(
            "class A:\n    def __init__(self, a, *, b=1): ...\nclass B(A): ...\n",
            "B",
            Some("(a, *, b=1)"),
        );
        check_constructor("class A: ...\n", "A", Some("()"));
        check_constructor("from q import Base\nclass A(Base): ...\n", "A", None);
        let text = "from dataclasses import dataclass, field\nfrom typing import ClassVar\n@dataclass\nclass A:\n    x: int\n    n: ClassVar[int] = 3\n    y: list = field(default_factory=list)\n    z: int = field(init=False)\n@dataclass(kw_only=True)\nclass B(A):\n    w: str = 'a'\n";
        check_constructor(text, "A", Some("(x: int, y: list = field(default_factory=list))"));
        check_constructor(text, "B", Some("(x: int, y: list = field(default_factory=list), *, w: str = 'a')"));
        check_constructor("class P(NamedTuple):\n    x: int\n    y: int = 0\n", "P", Some("(x: int, y: int = 0)"));
        check_constructor(
            "class U(BaseModel):\n    x: int\n    y: int = Field(3)\n",
            "U",
            Some("(*, x: int, y: int = 3)"),
        );
    }

    #[test]
    fn attrs_takes_hidden_fields_by_their_plain_names() {
        let text = "@define\nclass A:\n    _x: int\n    y: int = field(alias='z')\n";
        check_constructor(text, "A", Some("(x: int, z: int)"));
    }

    #[test]
    fn other_decorators_change_nothing() {
        let text = "@final\n@dataclass\nclass A:\n    _x: int\n@dataclass(init=False)\nclass B(A):\n    y: int\n";
        check_constructor(text, "A", Some("(_x: int)"));
        check_constructor(text, "B", Some("(_x: int)"));
    }

    #[test]
    fn of_two_constructors_the_one_that_names_its_arguments_tells() {
        let text = "class A:\n    def __new__(cls, a, b=1): ...\n    def __init__(self, *args, **kwargs): ...\nclass B:\n    def __new__(cls, *args, **kwargs): ...\n    def __init__(self, c): ...\n";
        check_constructor(text, "A", Some("(a, b=1)"));
        check_constructor(text, "B", Some("(c)"));
    }

    #[test]
    fn classes_that_calls_make_have_members_and_constructors() {
        let text = "P = namedtuple('P', 'x y', defaults=[0])\nclass Q(P):\n    def norm(self): ...\n";
        assert_eq!(members(text, "Q"), (vec!["norm".into(), "x".into(), "y".into()], false));
        check_constructor(text, "Q", Some("(x, y=0)"));
        assert_eq!(members("C = Enum('C', ['RED', 'BLUE'])\n", "C").0, ["RED", "BLUE"]);
    }

    #[test]
    fn slots_are_attributes() {
        assert_eq!(members("class A:\n    __slots__ = ('x', 'y')\n", "A").0, ["__slots__", "x", "y"]);
    }

    #[test]
    fn a_property_stays_one_beside_its_setter_and_overloads_yield_to_the_implementation() {
        let text = "class A:\n    @property\n    def p(self): ...\n    @p.setter\n    def p(self, value): ...\n    @overload\n    def f(self, a: int): ...\n    @overload\n    def f(self, a: str): ...\n    def f(self, a, b=1): ...\n";
        let snapshot = Snapshot::in_memory([("m.py", text)]);
        let members = snapshot.members(&snapshot.definitions("A")[0]);
        assert_eq!(members.get("p").unwrap().line, 3);
        assert_eq!(members.get("f").unwrap().signature.as_ref().unwrap().to_string(), "(a, b=1)");
    }
}
