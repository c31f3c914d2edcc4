//! Classes that a call makes: `Point = namedtuple("Point", "x y")`, `Enum("Color", "RED GREEN")`.

use std::ops::Range;

use super::{Node, Source, children, string_content};
use crate::syntax::signature::{Parameter, ParameterKind, Signature};

/// A class as the call that makes it tells it.
pub(super) struct Made<'t> {
    /// Its bases as a `class` statement would have them.
    pub(super) bases: Vec<String>,
    pub(super) fields: Vec<Field<'t>>,
    /// How it is called; `None` for enums, which look members up.
    pub(super) constructor: Option<Signature>,
}

/// One field or member.
pub(super) struct Field<'t> {
    pub(super) name: String,
    /// The string that names it.
    pub(super) at: Node<'t>,
    /// The bytes of its name within that string.
    pub(super) range: Range<usize>,
    pub(super) annotation: Option<String>,
    pub(super) value: Option<Node<'t>>,
}

/// Reads `namedtuple(…)`, `NamedTuple(…)`, `TypedDict(…)`, `make_dataclass(…)` and the functional form of enums.
pub(super) fn made_by<'t>(source: &Source, call: Node<'t>) -> Option<Made<'t>> {
    if call.kind() != "call" {
        return None;
    }
    let function = source.slice(call.child_by_field_name("function")?);
    let arguments = Arguments::of(source, call)?;
    let called = function.rsplit('.').next()?;
    // The first argument is the name of the class.
    arguments.positional.first().filter(|first| first.kind() == "string")?;
    match called {
        "namedtuple" => Some(named_tuple(source, &arguments)),
        "NamedTuple" => Some(of_fields(source, &arguments, "NamedTuple", ParameterKind::PositionalOrKeyword)),
        "TypedDict" => Some(of_fields(source, &arguments, "TypedDict", ParameterKind::KeywordOnly)),
        "make_dataclass" => Some(dataclass(source, &arguments)),
        "Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag" => {
            let fields = fields_in(source, arguments.get(1, "names")?);
            Some(Made { bases: vec![function.to_string()], fields, constructor: None })
        }
        _ => None,
    }
}

/// The arguments of a call.
struct Arguments<'t> {
    positional: Vec<Node<'t>>,
    keywords: Vec<(String, Node<'t>)>,
}

impl<'t> Arguments<'t> {
    fn of(source: &Source, call: Node<'t>) -> Option<Self> {
        let list = call.child_by_field_name("arguments")?;
        let mut arguments = Self { positional: Vec::new(), keywords: Vec::new() };
        for argument in children(list).filter(|argument| argument.kind() != "comment") {
            match (argument.child_by_field_name("name"), argument.child_by_field_name("value")) {
                (Some(name), Some(value)) => arguments.keywords.push((source.slice(name).to_string(), value)),
                _ => arguments.positional.push(argument),
            }
        }
        Some(arguments)
    }

    fn keyword(&self, name: &str) -> Option<Node<'t>> {
        self.keywords.iter().find(|(keyword, _)| keyword == name).map(|(_, value)| *value)
    }

    fn get(&self, position: usize, name: &str) -> Option<Node<'t>> {
        self.positional.get(position).copied().or_else(|| self.keyword(name))
    }
}

fn named_tuple<'t>(source: &Source, arguments: &Arguments<'t>) -> Made<'t> {
    let mut fields = arguments.get(1, "field_names").map(|names| fields_in(source, names)).unwrap_or_default();
    // `defaults` belong to the last fields.
    let defaults: Vec<Node<'t>> =
        arguments.keyword("defaults").map(|defaults| children(defaults).collect()).unwrap_or_default();
    let first = fields.len().saturating_sub(defaults.len());
    for (field, default) in fields.iter_mut().skip(first).zip(defaults) {
        field.value = Some(default);
    }
    made(source, vec!["NamedTuple".to_string()], fields, ParameterKind::PositionalOrKeyword)
}

fn of_fields<'t>(source: &Source, arguments: &Arguments<'t>, base: &str, kind: ParameterKind) -> Made<'t> {
    let mut fields = arguments.get(1, "fields").map(|fields| fields_in(source, fields)).unwrap_or_default();
    for field in &mut fields {
        field.annotation = field.value.take().map(|node| source.slice(node).to_string());
    }
    made(source, vec![base.to_string()], fields, kind)
}

fn dataclass<'t>(source: &Source, arguments: &Arguments<'t>) -> Made<'t> {
    let mut fields = arguments.get(1, "fields").map(|fields| fields_in(source, fields)).unwrap_or_default();
    for field in &mut fields {
        let tuple = field.at.parent().filter(|parent| parent.kind() == "tuple");
        let parts: Vec<Node<'t>> = tuple.map(|tuple| children(tuple).collect()).unwrap_or_default();
        field.annotation = parts.get(1).map(|node| source.slice(*node).to_string());
        field.value = parts.get(2).copied();
    }
    let bases = arguments.keyword("bases").map(|bases| children(bases).map(|node| source.slice(node).to_string()));
    made(source, bases.into_iter().flatten().collect(), fields, ParameterKind::PositionalOrKeyword)
}

fn made<'t>(source: &Source, bases: Vec<String>, fields: Vec<Field<'t>>, kind: ParameterKind) -> Made<'t> {
    let parameter = |field: &Field<'t>| Parameter {
        name: field.name.clone(),
        kind,
        default: field.value.map(|node| source.slice(node).to_string()),
        annotation: field.annotation.clone(),
    };
    let parameters = fields.iter().map(parameter).collect();
    Made { bases, fields, constructor: Some(Signature { parameters, is_async: false, returns: None }) }
}

/// The names in `"x y"`, `["x", "y"]`, `[("x", value), …]` or `{"x": value, …}`.
fn fields_in<'t>(source: &Source, node: Node<'t>) -> Vec<Field<'t>> {
    match node.kind() {
        "string" => words_of(source, node),
        "list" | "tuple" => children(node).filter_map(|entry| field_of(source, entry)).collect(),
        "dictionary" => {
            let pairs = children(node).filter(|pair| pair.kind() == "pair");
            let field = |pair: Node<'t>| {
                let field = named(source, pair.child_by_field_name("key")?)?;
                Some(Field { value: pair.child_by_field_name("value"), ..field })
            };
            pairs.filter_map(field).collect()
        }
        _ => Vec::new(),
    }
}

fn field_of<'t>(source: &Source, entry: Node<'t>) -> Option<Field<'t>> {
    match entry.kind() {
        "string" => named(source, entry),
        "tuple" | "list" => {
            let mut parts = children(entry);
            let field = named(source, parts.next()?)?;
            Some(Field { value: parts.next(), ..field })
        }
        _ => None,
    }
}

fn named<'t>(source: &Source, string: Node<'t>) -> Option<Field<'t>> {
    let name = string_content(source, string).filter(|_| string.kind() == "string")?;
    let offset = source.slice(string).find(&name)?;
    let start = string.start_byte() + offset;
    Some(Field { range: start..start + name.len(), name, at: string, annotation: None, value: None })
}

/// The words of one string, split at spaces and commas.
fn words_of<'t>(source: &Source, string: Node<'t>) -> Vec<Field<'t>> {
    let Some(content) = children(string).find(|child| child.kind() == "string_content") else { return Vec::new() };
    let text = source.slice(content);
    let start = content.start_byte();
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let field = |word: &str| {
        let at = start + (word.as_ptr() as usize - text.as_ptr() as usize);
        Field { name: word.to_string(), at: string, range: at..at + word.len(), annotation: None, value: None }
    };
    words.map(field).collect()
}

#[cfg(test)]
mod tests {
    use crate::syntax::Source;
    use crate::syntax::outline::{ItemKind, Outline};

    #[track_caller]
    fn check(text: &str, members: &[&str], bases: &[&str], called: Option<&str>) {
        let outline = Outline::of(&Source::parse(text));
        let class = outline.items.iter().position(|item| item.kind == ItemKind::Class).unwrap();
        let names: Vec<&str> = outline.children(Some(class)).map(|(_, item)| &text[item.range.clone()]).collect();
        assert_eq!(names, members);
        assert_eq!(outline.items[class].bases, bases);
        assert_eq!(outline.items[class].made.as_ref().map(|made| made.to_string()).as_deref(), called);
    }

    #[test]
    fn calls_that_make_classes_are_classes() {
        check("P = namedtuple('P', 'x, y')\n", &["x", "y"], &["NamedTuple"], Some("(x, y)"));
        check(
            "P = collections.namedtuple('P', ['x', 'y'], defaults=(1,))\n",
            &["x", "y"],
            &["NamedTuple"],
            Some("(x, y=1)"),
        );
        check(
            "P = NamedTuple('P', [('x', int), ('y', str)])\n",
            &["x", "y"],
            &["NamedTuple"],
            Some("(x: int, y: str)"),
        );
        check("T = TypedDict('T', {'a': int, 'b': 'T'})\n", &["a", "b"], &["TypedDict"], Some("(*, a: int, b: 'T')"));
        check(
            "D = make_dataclass('D', ['x', ('y', int), ('z', int, field(default=1))], bases=(Base,))\n",
            &["x", "y", "z"],
            &["Base"],
            Some("(x, y: int, z: int = field(default=1))"),
        );
        check("C = enum.Enum('C', 'RED GREEN')\n", &["RED", "GREEN"], &["enum.Enum"], None);
        check("C = IntEnum('C', {'RED': 1, 'GREEN': 2})\n", &["RED", "GREEN"], &["IntEnum"], None);
    }

    #[test]
    fn a_class_statement_may_stand_on_such_a_call() {
        let text = "class P(namedtuple('P', 'x y'), Base):\n    def norm(self): ...\n";
        check(text, &["x", "y", "norm"], &["NamedTuple", "Base"], Some("(x, y)"));
    }

    #[test]
    fn other_calls_are_values() {
        for text in ["x = namedtuple(name, 'a b')\n", "x = Enum(3)\n", "x = f('P', 'x y')\n"] {
            let outline = Outline::of(&Source::parse(text));
            assert_eq!((outline.items.len(), outline.items[0].kind), (1, ItemKind::Variable), "{text}");
        }
    }
}
