//! A mapping or a tuple that became an object, or the other way round: the test reads it as it is now.

mod equal;
pub(super) mod moved;
pub(super) mod places;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Symbol, SymbolKind};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, callers};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "shape-changed",
    categories: &[
        Category::TypeError,
        Category::AttributeError,
        Category::AssertionError,
        Category::KeyError,
        Category::LogicError,
    ],
    summary: "Reads `report.total` where `report[\"total\"]` or `report[0]` was, or the other way round, as the product gives it now.",
    example: r#"
#- before: shop.py
def bill(cart):
    return {"total": sum(cart), "count": len(cart)}
#- shop.py
from dataclasses import dataclass

@dataclass
class Bill:
    total: int
    count: int

def bill(cart):
    return Bill(total=sum(cart), count=len(cart))
#- tests/test_bill.py
from shop import bill

def test_bill():
    paid = bill([2, 3])
    assert paid["total"] == 5
    assert paid["count"] == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_bill ___________________________________

    def test_bill():
        paid = bill([2, 3])
>       assert paid["total"] == 5
E       TypeError: 'Bill' object is not subscriptable

tests/test_bill.py:5: TypeError
#- healed
-    assert paid["total"] == 5
-    assert paid["count"] == 2
+    assert paid.total == 5
+    assert paid.count == 2
"#,
    propose: shape_changed,
};

fn shape_changed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    match ctx.complaint() {
        // A field went, and those behind it stand one place before.
        _ if ctx.message().starts_with("tuple index out of range") => moved::places(ctx, fixes),
        _ if ctx.diagnosis.category == Category::AssertionError => {
            let moved = moved::places(ctx, fixes).or_else(|| equal::object_for_literal(ctx, fixes));
            moved.or_else(|| places::named(ctx, places::MAPPING, fixes))
        }
        Complaint::NoKey { key } if key.parse::<usize>().is_ok() => places::named(ctx, places::MAPPING, fixes),
        Complaint::WrongShape { type_name, wanted: "subscriptable" } => {
            became_object(ctx, type_name, fixes).or_else(|| places::named(ctx, type_name, fixes))
        }
        Complaint::WrongShape { type_name, wanted: "unpackable" } => places::named(ctx, type_name, fixes),
        Complaint::NoAttribute { owner: Owner::Instance(class), name } if class == "tuple" => {
            places::numbered(ctx, name, fixes)
        }
        Complaint::NoAttribute { owner: Owner::Instance(class), name } if name == "get" => {
            became_object(ctx, class, fixes)
        }
        Complaint::NoAttribute { owner: Owner::Instance(class), name } if class == "dict" => {
            became_mapping(ctx, name, fixes)
        }
        _ => None,
    }
}

/// Every `x["key"]` of the object that the failing statement reads first becomes `x.key`.
fn became_object(ctx: &Context<'_>, type_name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let mut classes = ctx.snapshot.definitions(type_name);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let [class] = classes.as_slice() else { return None };
    let members = ctx.snapshot.members(class);
    let first = descendants(ctx.statement()?).find_map(|node| item(ctx, node))?;
    let object = ctx.source.slice(first.0);
    let items: Vec<(Node<'_>, Node<'_>, String)> = descendants(ctx.scope())
        .filter_map(|node| item(ctx, node).map(|(value, key)| (node, value, key)))
        .filter(|(_, value, _)| ctx.source.slice(*value) == object)
        .collect();
    let has = |key: &String| members.symbols.iter().any(|symbol| symbol.name == *key);
    if items.is_empty() || !items.iter().all(|(_, _, key)| has(key)) {
        return None;
    }
    let hunk = hunk(ctx, |hunk| {
        let builds = |lines: &[String]| mentions(lines, &format!("{type_name}(")) || mentions(lines, type_name);
        builds(&hunk.added) && !builds(&hunk.removed)
    })?;
    let edits = items
        .iter()
        .map(|(node, value, key)| Edit::replace(&ctx.site.path, value.end_byte()..node.end_byte(), format!(".{key}")));
    // What `.get` did not find was `None`; a field of that name is something else.
    let is_got = |node: &Node<'_>| node.kind() == "call";
    let mut gone = product::hunks(ctx.snapshot, &ctx.site.path);
    gone.retain(|other| other.path == hunk.path);
    let had = |key: &String| {
        let quoted = [format!("\"{key}\""), format!("'{key}'"), format!("{key}=")];
        let removed = gone.iter().flat_map(|hunk| &hunk.removed);
        removed.filter(|line| quoted.iter().any(|text| line.contains(text))).count() > 0
    };
    let is_new = items.iter().any(|(node, _, key)| is_got(node) && !had(key));
    let is_half = made_by(ctx, first.0).is_some_and(|function| callers::reads_keys(ctx, &function));
    let evidence = vec![
        commit(&hunk, &format!("gives a `{type_name}`")),
        Evidence::at(
            EvidenceKind::Source,
            &class.path,
            class.line,
            format!("`{type_name}` has `{}`", items.first()?.2),
        ),
    ];
    let found = fix(format!("Read the attributes of `{object}`, a `{type_name}` now"), edits.collect(), evidence);
    fixes.push(Fix { tier: if is_new || is_half { Tier::Review } else { found.tier }, ..found });
    Some(())
}

/// The function whose result the object is: called there, or where the name was bound.
fn made_by(ctx: &Context<'_>, object: Node<'_>) -> Option<Symbol> {
    let is_bound = |node: &Node<'_>| {
        let left = node.child_by_field_name("left").filter(|_| node.kind() == "assignment");
        left.is_some_and(|left| ctx.source.slice(left) == ctx.source.slice(object))
    };
    let bound = descendants(ctx.scope()).find(is_bound).and_then(|node| node.child_by_field_name("right"));
    let made = if object.kind() == "identifier" { bound? } else { object };
    let call = if made.kind() == "await" { made.named_child(0)? } else { made };
    ctx.snapshot.callee(&ctx.site.path, call.byte_range())
}

/// `x["key"]` or `x.get("key")` with the object and the key.
fn item<'t>(ctx: &Context<'_>, node: Node<'t>) -> Option<(Node<'t>, String)> {
    let got = || {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
        let name = function.child_by_field_name("attribute").filter(|name| ctx.source.slice(*name) == "get")?;
        let list = node.child_by_field_name("arguments").filter(|list| list.named_child_count() == 1)?;
        Some((name.parent()?.child_by_field_name("object")?, list.named_child(0)?))
    };
    let read = || Some((node.child_by_field_name("value")?, node.child_by_field_name("subscript")?));
    let (value, key) = if node.kind() == "subscript" { read()? } else { got()? };
    let key = Some(key).filter(|key| key.kind() == "string")?;
    let key = crate::syntax::outline::string_content(ctx.source, key)?;
    let is_name = key.chars().all(|c| c.is_alphanumeric() || c == '_') && !key.starts_with(|c: char| c.is_numeric());
    (is_name && !key.is_empty()).then_some((value, key))
}

/// Every `x.key` of the object becomes `x["key"]`, where the product writes `"key"` since.
fn became_mapping(ctx: &Context<'_>, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    let object = attribute.child_by_field_name("object")?;
    let object = ctx.source.slice(object);
    let uses: Vec<(Node<'_>, Node<'_>)> = descendants(ctx.scope())
        .filter(|node| node.kind() == "attribute")
        .filter_map(|node| Some((node.child_by_field_name("object")?, node.child_by_field_name("attribute")?)))
        .filter(|(other, _)| ctx.source.slice(*other) == object)
        .collect();
    let is_method = |(_, attribute): &(Node<'_>, Node<'_>)| {
        matches!(ctx.source.slice(*attribute), "items" | "keys" | "values" | "get" | "pop" | "copy" | "update")
    };
    let mut uses = uses.into_iter().filter(|use_of| !is_method(use_of)).peekable();
    uses.peek()?;
    let (written, hunk) = key_written(ctx, name)?;
    let quote =
        if ctx.source.text().matches('"').count() >= ctx.source.text().matches('\'').count() { '"' } else { '\'' };
    let edits = uses.map(|(object, attribute)| {
        let attribute_name = ctx.source.slice(attribute);
        let key = key_written(ctx, attribute_name).map_or(attribute_name.to_string(), |(key, _)| key);
        Edit::replace(&ctx.site.path, object.end_byte()..attribute.end_byte(), format!("[{quote}{key}{quote}]"))
    });
    let evidence = vec![
        commit(&hunk, &format!("writes the key `{written}`")),
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("`{object}` is a dict")) },
    ];
    let found = fix(format!("Read the keys of `{object}`, a dict now"), edits.collect(), evidence);
    // In other letters it is the same for sure where the product reads it so, of the same object, with the same value.
    let owner = object.rsplit('.').next().unwrap_or_default();
    let is_told = written == name || is_read_instead(ctx, owner, name, &written) && has_the_value(ctx, name, &written);
    fixes.push(Fix { tier: if is_told { found.tier } else { Tier::Review }, ..found });
    Some(())
}

/// The key that the product writes since, for what was an attribute: the same word, or a constant's in small letters.
fn key_written(ctx: &Context<'_>, attribute: &str) -> Option<(String, Hunk)> {
    [attribute.to_string(), attribute.to_lowercase()].into_iter().find_map(|key| {
        let quoted = quoted(&key);
        let hunk = hunk(ctx, |hunk| {
            let writes = |lines: &[String]| lines.iter().any(|line| quoted.iter().any(|key| line.contains(key)));
            writes(&hunk.added) && !writes(&hunk.removed)
        })?;
        Some((key, hunk))
    })
}

/// Whether a line of the product that read the attribute of an object so called reads the key now.
fn is_read_instead(ctx: &Context<'_>, owner: &str, attribute: &str, key: &str) -> bool {
    let reads = |line: &String| quoted(key).iter().any(|key| mentions_of(line, owner, &format!("[{key}]")));
    let asks = |line: &String| mentions_of(line, owner, &format!(".{attribute}"));
    hunk(ctx, |hunk| hunk.removed.iter().any(asks) && hunk.added.iter().any(reads)).is_some()
}

/// Whether a line reads this of an object so called.
fn mentions_of(line: &str, owner: &str, read: &str) -> bool {
    let wanted = format!("{owner}{read}");
    occurrences(line, owner).any(|at| {
        let rest = line[at..].strip_prefix(wanted.as_str());
        rest.is_some_and(|rest| read.ends_with(']') || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// Whether the key is written with the value that the constant had, and no attribute of its name was beside that.
fn has_the_value(ctx: &Context<'_>, constant: &str, key: &str) -> bool {
    let assigned = |line: &str, name: &str| {
        let (left, value) = line.trim().split_once('=')?;
        let is_it = left.split(':').next().is_some_and(|left| left.trim() == name);
        is_it.then(|| value.trim().trim_end_matches(',').to_string())
    };
    let written = |line: &str| {
        let at = |key: &String| line.find(key.as_str()).map(|at| &line[at + key.len()..]);
        let value = quoted(key).iter().find_map(at)?.trim_start().strip_prefix(':')?.trim();
        Some(value.to_string())
    };
    let is_with = |rest: &str, value: &str| {
        rest.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with([',', '}', ' ']))
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let had = |name: &str| {
        hunks.iter().find_map(|hunk| Some((hunk, hunk.removed.iter().find_map(|line| assigned(line, name))?)))
    };
    let Some((gone, value)) = had(constant).filter(|_| had(key).is_none()) else { return false };
    let there = hunks.iter().filter(|hunk| (&hunk.path, &hunk.commit) == (&gone.path, &gone.commit));
    there.flat_map(|hunk| &hunk.added).filter_map(|line| written(line)).any(|rest| is_with(&rest, &value))
}

fn quoted(key: &str) -> [String; 2] {
    [format!("\"{key}\""), format!("'{key}'")]
}

fn hunk(ctx: &Context<'_>, wanted: impl Fn(&Hunk) -> bool) -> Option<Hunk> {
    product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(|hunk| hunk.is_python() && wanted(hunk))
}

fn mentions(lines: &[String], text: &str) -> bool {
    lines.iter().any(|line| occurrences(line, text).next().is_some())
}

fn commit(hunk: &Hunk, what: &str) -> Evidence {
    Evidence::commit(&hunk.commit, format!("{}:{} {what} ({})", hunk.path, hunk.line, hunk.subject))
}

fn fix(title: String, edits: Vec<Edit>, evidence: Vec<Evidence>) -> Fix {
    let confidence = Odds::of(&evidence).confidence();
    Fix { title, strategy: STRATEGY.id, edits, confidence, evidence, tier: Tier::Safe }
}

#[cfg(test)]
mod tests;
