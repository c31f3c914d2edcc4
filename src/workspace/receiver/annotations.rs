//! What annotations say of a value.

use std::collections::HashSet;

use super::{File, Value};
use crate::workspace::symbols::{Symbol, SymbolKind};

/// Annotations that say something about a value beside its type.
const BESIDE: [&str; 8] =
    ["Optional", "Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "InitVar"];
/// Annotations of generators: pytest and `contextmanager` take the first piece.
const PIECES: [&str; 6] = ["Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "Iterable", "AsyncIterable"];
const MANAGERS: [&str; 4] =
    ["ContextManager", "AbstractContextManager", "AsyncContextManager", "AbstractAsyncContextManager"];
/// Types that say nothing of the members.
const ANYTHING: [&str; 4] = ["Any", "object", "NoReturn", "Never"];

impl File<'_> {
    /// What an annotation, as written at `at`, says: the one class of `X | None`, of `Optional[X]`.
    pub(super) fn annotated(&self, annotation: &str, at: usize) -> Option<Value> {
        let text = annotation.trim().trim_matches(['"', '\'']).trim();
        let mut sides = top_level(text, '|').into_iter().filter(|side| *side != "None");
        let side = sides.next()?;
        if sides.next().is_some() {
            return None;
        }
        let file = self.deeper()?;
        let Some((outer, inner)) = side.strip_suffix(']').and_then(|side| side.split_once('[')) else {
            return self.class_named(side, at).map(Value::Instance);
        };
        let arguments = top_level(inner, ',');
        let first = arguments.first()?;
        match outer.trim().rsplit('.').next()? {
            outer if BESIDE.contains(&outer) => file.annotated(first, at),
            outer if MANAGERS.contains(&outer) => Some(Value::Managed(Box::new(file.annotated(first, at)?))),
            "Union" => file.annotated(&arguments.join(" | "), at),
            "Awaitable" | "Future" | "Task" => Some(Value::Awaitable(Box::new(file.annotated(first, at)?))),
            "Coroutine" => Some(Value::Awaitable(Box::new(file.annotated(arguments.last()?, at)?))),
            "type" | "Type" => match file.annotated(first, at)? {
                Value::Instance(class) => Some(Value::Named(class)),
                _ => None,
            },
            _ => self.class_named(outer.trim(), at).map(Value::Instance),
        }
    }

    /// What a fixture or a context manager with this return annotation gives: the X of `Iterator[X]`.
    pub(super) fn yielded(&self, annotation: &str, at: usize) -> Option<Value> {
        let text = annotation.trim().trim_matches(['"', '\'']).trim();
        let pieces = text.strip_suffix(']').and_then(|text| text.split_once('['));
        let pieces = pieces.filter(|(outer, _)| outer.rsplit('.').next().is_some_and(|outer| PIECES.contains(&outer)));
        match pieces {
            Some((_, inner)) => self.annotated(top_level(inner, ',').first()?, at),
            None => self.annotated(text, at),
        }
    }

    fn class_named(&self, name: &str, at: usize) -> Option<Symbol> {
        if name.rsplit('.').next().is_none_or(|last| ANYTHING.contains(&last)) {
            return None;
        }
        let symbol = self.snapshot.resolve_on(&self.path, at, name, &mut HashSet::new())?;
        match symbol.kind {
            SymbolKind::Class => Some(symbol),
            SymbolKind::Variable => match self.assigned(&symbol)? {
                Value::Named(class) if class.kind == SymbolKind::Class => Some(class),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The parts of a text between separators that stand in no brackets and no quotes.
pub(super) fn top_level(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0, None, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\'' | '"' if quoted == Some(c) => quoted = None,
            '\'' | '"' if quoted.is_none() => quoted = Some(c),
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            c if c == separator && depth == 0 && quoted.is_none() => {
                parts.push(text[start..at].trim());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}
