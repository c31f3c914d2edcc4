//! How a value of the type that a parameter took becomes one of the type that it takes now.

mod collections;

use std::ops::Range;

use crate::diagnosis::locate;
use crate::fix::{Evidence, EvidenceKind, Tier};
use crate::syntax::outline::string_content;
use crate::syntax::{Node, Source, descendants};
use crate::text::Edit;
use crate::workspace::history::Migration;
use crate::workspace::symbols::{Parameter, Symbol, SymbolKind};
use crate::workspace::words::occurrences;

use super::renames::last_part;
use super::{Context, calls, imports, names};

/// What is written around the old value, or in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conversion {
    head: String,
    tail: String,
    /// One value as it is written, and the whole new one in its place.
    whole: Option<(String, String)>,
    /// What has to be imported: module and name.
    import: Option<(String, String)>,
    pub(super) evidence: Evidence,
    pub(super) tier: Tier,
}

impl Conversion {
    /// The edits at one value.
    pub(super) fn edits(&self, ctx: &Context<'_>, value: Range<usize>) -> Vec<Edit> {
        let path = &ctx.site.path;
        if let Some((old, new)) = &self.whole {
            let is_it = ctx.source.text()[value.clone()] == *old;
            return is_it.then(|| ctx.replace(value, new)).into_iter().collect();
        }
        let parts = [(value.start, &self.head), (value.end, &self.tail)];
        let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
        parts.map(|(at, text)| Edit::insert(path, at, text.clone())).collect()
    }

    /// The edit that makes its name known to the file.
    pub(super) fn import(&self, ctx: &Context<'_>) -> Option<Edit> {
        let (module, name) = self.import.as_ref()?;
        let known = imports::imports(ctx.source).iter().any(|item| item.local == *name);
        if known { None } else { imports::add(ctx, module, Some(name)) }
    }

    /// Whether a value has the form already.
    pub(super) fn is_written(&self, value: &str) -> bool {
        match &self.whole {
            Some((old, _)) => value != old,
            None => value == "None" || value.starts_with(&self.head) && value.ends_with(&self.tail),
        }
    }

    /// The value, converted, for a title.
    pub(super) fn written(&self, value: &str) -> String {
        self.whole.as_ref().map_or_else(|| format!("{}{value}{}", self.head, self.tail), |(_, new)| new.clone())
    }
}

/// The argument that callers are compared by.
pub(super) struct Passed<'a> {
    /// The function, where calls of others pass something of the same name.
    pub(super) function: Option<&'a str>,
    pub(super) old: &'a str,
    pub(super) new: &'a str,
    /// Its place, where it has one.
    pub(super) place: Option<usize>,
}

impl Passed<'_> {
    /// The values that the calls in a statement pass, each with all that its call passes.
    fn values(&self, source: &Source, keyword: &str) -> Vec<(String, Vec<String>)> {
        let is_it = |call: &Node<'_>| {
            let name = call.child_by_field_name("function").and_then(locate::last_name);
            call.kind() == "call"
                && self.function.is_none_or(|function| name.is_some_and(|name| source.slice(name) == function))
        };
        let value = |call| {
            let arguments = calls::arguments(source, call);
            let named = arguments.iter().find(|argument| argument.keyword.as_deref() == Some(keyword));
            let placed =
                || arguments.get(self.place?).filter(|argument| argument.keyword.is_none() && !argument.is_splat);
            let text = |argument: &calls::Argument| source.text()[argument.value.clone()].to_string();
            named.or_else(placed).map(|argument| (text(argument), arguments.iter().map(text).collect()))
        };
        descendants(source.root()).filter(is_it).filter_map(value).collect()
    }
}

/// What other callers wrote around their values when the commit changed them; nothing where one of them passes its
/// value as it was.
pub(super) fn by_callers(ctx: &Context<'_>, migrations: &[Migration], passed: &Passed<'_>) -> Option<Conversion> {
    let mut found: Vec<(String, String, &Migration)> = Vec::new();
    for migration in migrations {
        let (before, after) = (Source::parse(migration.before.as_str()), Source::parse(migration.after.as_str()));
        let (olds, news) = (passed.values(&before, passed.old), passed.values(&after, passed.new));
        if olds.len() != news.len() {
            continue;
        }
        for ((old, all_before), (new, all_after)) in olds.iter().zip(&news) {
            if is_regrouped(old, all_before, all_after) {
                return None;
            }
            let mut places = occurrences(new, old);
            let (Some(at), None) = (places.next(), places.next()) else { continue };
            found.push((new[..at].to_string(), new[at + old.len()..].to_string(), migration));
        }
    }
    let (head, tail, first) = found.first()?;
    let agreed = found.iter().all(|(other_head, other_tail, _)| other_head == head && other_tail == tail);
    if !agreed || head.is_empty() && tail.is_empty() {
        return None;
    }
    let import = needed(ctx, &format!("{head}_{tail}"), first)?;
    let text = format!("passes it as `{head}…{tail}` now, as {} such callers do", found.len());
    let evidence = Evidence::at(EvidenceKind::Example, &first.path, first.line, text);
    Some(Conversion { head: head.clone(), tail: tail.clone(), whole: None, import, evidence, tier: Tier::Safe })
}

/// Whether the call passes several values in one now, or one in several: what stands around the value is of others.
fn is_regrouped(value: &str, before: &[String], after: &[String]) -> bool {
    let holds = |text: &&String| occurrences(text, value).next().is_some();
    after.len() < before.len() || after.iter().filter(holds).count() > before.iter().filter(holds).count()
}

/// The names that have to be there wherever Python runs.
const BUILTINS: [&str; 11] = ["_", "str", "bytes", "int", "float", "bool", "list", "tuple", "set", "frozenset", "dict"];

/// What the file lacks of the names in an expression: nothing, or one name that the other caller imports. `None` where
/// there is no telling what a name is.
#[allow(clippy::option_option)]
fn needed(ctx: &Context<'_>, expression: &str, caller: &Migration) -> Option<Option<(String, String)>> {
    let source = Source::parse(expression);
    let own = imports::imports(ctx.source);
    let mut lacking: Vec<&str> = descendants(source.root())
        .filter(|node| node.kind() == "identifier" && !names::is_label(*node))
        .map(|node| source.slice(node))
        .filter(|name| !BUILTINS.contains(name) && !own.iter().any(|item| item.local == *name))
        .collect();
    lacking.dedup();
    let Some(name) = lacking.pop() else { return Some(None) };
    let theirs = ctx.snapshot.source(&caller.path).filter(|_| lacking.is_empty())?;
    let item = imports::imports(&theirs).into_iter().find(|item| item.local == name)?;
    let is_plain = item.name.as_deref() == Some(name) && !item.module.starts_with('.');
    is_plain.then(|| Some((item.module, name.to_string())))
}

/// What the annotations say: the parameter took one type and takes another now, which `value` is not.
pub(super) fn by_annotations(
    ctx: &Context<'_>,
    before: &Parameter,
    after: &Parameter,
    value: Range<usize>,
    defined: &Symbol,
) -> Option<Conversion> {
    let (old, new) = (before.annotation.as_deref()?, after.annotation.as_deref()?);
    let (olds, news) = (members(old), members(new));
    let is_old = |name: &str| olds.iter().any(|old| head(old) == name);
    if news.iter().any(|new| is_old(head(new)) || matches!(head(new), "Any" | "object")) {
        return None;
    }
    let node = ctx.source.node_at(value)?;
    let evidence = Evidence::at(
        EvidenceKind::Source,
        &defined.path,
        defined.line,
        format!("`{}: {new}`, which was `{}: {old}`", after.name, before.name),
    );
    let around = |head: &str, tail: &str| Conversion {
        head: head.to_string(),
        tail: tail.to_string(),
        whole: None,
        import: None,
        evidence: evidence.clone(),
        tier: Tier::Safe,
    };
    let old_heads: Vec<&str> = olds.iter().map(|old| head(old)).collect();
    news.iter().find_map(|new| {
        let of_old =
            || inner(new).is_none_or(|inner| inner.split(',').all(|part| is_old(head(part)) || part.trim() == "..."));
        if let Some(maker) = collections::maker(head(new), &old_heads) {
            return Some(Conversion { tier: Tier::Review, ..around(&format!("{maker}("), ")") });
        }
        match head(new) {
            "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" | "Container"
                if of_old() && !is_collection(node) =>
            {
                Some(around("[", "]"))
            }
            "tuple" | "Tuple" if of_old() && !is_collection(node) => Some(around("(", ",)")),
            "set" | "Set" | "AbstractSet" if of_old() && !is_collection(node) => Some(around("{", "}")),
            "frozenset" | "FrozenSet" if of_old() && !is_collection(node) => Some(around("frozenset({", "})")),
            "bytes" if is_old("str") && is_literal(ctx.source, node) => Some(around("b", "")),
            "bytes" if is_old("str") => Some(around("", ".encode()")).filter(|_| is_primary(node)),
            "str" if is_old("bytes") && !is_literal(ctx.source, node) => {
                Some(around("", ".decode()")).filter(|_| is_primary(node))
            }
            "str" if is_old("Path") => Some(around("str(", ")")),
            "Path" if is_old("str") => {
                let import = Some(("pathlib".to_string(), "Path".to_string()));
                Some(Conversion { import, ..around("Path(", ")") }).filter(|_| !is_one(ctx, node, "Path"))
            }
            name => by_class(ctx, name, &olds, node, &around),
        }
    })
}

/// Whether a parameter took objects of the product's classes and takes plain values now: what was passed is none.
pub(super) fn takes_plain_values(ctx: &Context<'_>, before: &Parameter, after: &Parameter) -> bool {
    let types = |parameter: &Parameter| -> Vec<String> {
        let members = members(parameter.annotation.as_deref().unwrap_or_default()).into_iter();
        members.map(|one| head(one).to_string()).collect()
    };
    let is_class = |name: &String| {
        let mut known = ctx.snapshot.definitions(name).into_iter();
        known.any(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code())
    };
    let is_plain = |name: &String| ["str", "bytes", "int", "float", "bool"].contains(&name.as_str());
    let (olds, news) = (types(before), types(after));
    !olds.is_empty() && !news.is_empty() && olds.iter().all(is_class) && news.iter().all(is_plain)
}

/// The product's own class: the member of an enumeration that has the value, or what its constructor makes of it.
fn by_class(
    ctx: &Context<'_>,
    name: &str,
    olds: &[&str],
    node: Node<'_>,
    around: &dyn Fn(&str, &str) -> Conversion,
) -> Option<Conversion> {
    let is_class = |symbol: &Symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code();
    let mut classes = ctx.snapshot.definitions(name).into_iter().filter(is_class);
    let (class, None) = (classes.next()?, classes.next()) else { return None };
    if is_one(ctx, node, name) {
        return None;
    }
    let module = ctx.snapshot.dotted_name(&class.path)?;
    let import = Some((module, name.to_string()));
    let written = || ctx.source.slice(node).to_string();
    let is_enum = ctx.snapshot.bases(&class).iter().any(|base| last_part(base).ends_with("Enum"));
    if is_enum {
        let text = string_content(ctx.source, node).unwrap_or_else(|| ctx.source.slice(node).to_string());
        let has_value = |symbol: &&Symbol| {
            let value = symbol.value.as_deref().unwrap_or_default();
            symbol.kind == SymbolKind::Field && !value.is_empty() && value.trim_matches(['"', '\'']) == text
        };
        let members = ctx.snapshot.members(&class);
        let mut of_value = members.symbols.iter().filter(has_value);
        let (member, None) = (of_value.next()?, of_value.next()) else { return None };
        let whole = Some((written(), format!("{name}.{}", member.name)));
        return Some(Conversion { whole, import, ..around("", "") });
    }
    let heads: Vec<&str> = olds.iter().map(|old| head(old)).collect();
    if let Some(object) = collections::object(ctx, node, &class, &heads) {
        let whole = Some((written(), object));
        return Some(Conversion { whole, import, tier: Tier::Review, ..around("", "") });
    }
    let signature = class.signature.as_ref()?;
    let required = signature.parameters.iter().filter(|one| one.default.is_none() && !one.kind.is_variadic());
    let first = signature.parameters.first().filter(|_| required.count() == 1)?;
    let takes = members(first.annotation.as_deref()?);
    let takes_old = olds.iter().any(|old| takes.iter().any(|taken| head(taken) == head(old)));
    (takes_old && first.default.is_none()).then(|| Conversion { import, ..around(&format!("{name}("), ")") })
}

/// Whether the expression has the class already.
fn is_one(ctx: &Context<'_>, node: Node<'_>, class: &str) -> bool {
    let written = ctx.source.slice(node);
    written.starts_with(&format!("{class}("))
        || matches!(written, "tmp_path" | "tmpdir") && class == "Path"
        || ctx.snapshot.type_of(&ctx.site.path, node.byte_range()).is_some_and(|symbol| symbol.name == class)
}

fn is_collection(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "none"
            | "list"
            | "tuple"
            | "set"
            | "dictionary"
            | "list_comprehension"
            | "set_comprehension"
            | "generator_expression"
    )
}

fn is_primary(node: Node<'_>) -> bool {
    matches!(node.kind(), "identifier" | "attribute" | "call" | "subscript" | "string")
}

/// A string without a prefix, in ASCII.
fn is_literal(source: &Source, node: Node<'_>) -> bool {
    node.kind() == "string" && source.slice(node).starts_with(['"', '\'']) && source.slice(node).is_ascii()
}

/// `str` and `Path` of `str | Path | None`, `Optional[Union[str, Path]]`.
fn members(annotation: &str) -> Vec<&str> {
    let annotation = annotation.trim().trim_matches(['"', '\'']);
    let parts = split(annotation, '|');
    if parts.len() > 1 {
        return parts.into_iter().flat_map(members).collect();
    }
    match head(annotation) {
        "Optional" | "Union" => {
            inner(annotation).into_iter().flat_map(|inner| split(inner, ',')).flat_map(members).collect()
        }
        "None" | "" => Vec::new(),
        _ => vec![annotation],
    }
}

/// The parts of a text between separators outside of brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            c if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// `Iterable` of `typing.Iterable[str]`.
fn head(annotation: &str) -> &str {
    last_part(annotation.split('[').next().unwrap_or(annotation).trim())
}

/// `str` of `Iterable[str]`.
fn inner(annotation: &str) -> Option<&str> {
    let (_, rest) = annotation.split_once('[')?;
    rest.trim_end().strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::{head, members};

    #[test]
    fn unions_are_taken_apart() {
        assert_eq!(
            members("t.Optional[t.Union[str, list[str]]]").iter().map(|one| head(one)).collect::<Vec<_>>(),
            ["str", "list"]
        );
        assert_eq!(members("'Path | str | None'").iter().map(|one| head(one)).collect::<Vec<_>>(), ["Path", "str"]);
    }
}
