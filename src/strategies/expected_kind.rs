//! The same value in another kind: a list that became a tuple, a text that became a `Path`, seconds a `timedelta`.

mod collections;
mod scalars;

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::symbols::Symbol;
use crate::workspace::words::occurrences;

use super::comparison::{self, Side};
use super::confidence::Odds;
use super::expected_value::short;
use super::literals::{self, Printed};
use super::{Context, Strategy, callers, imports, renames};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-kind",
    categories: &[Category::AssertionError],
    summary: "Expects the same value in the kind that the product gives it in now: a tuple for a list, a `Path` for a text.",
    example: r#"
#- before: shop.py
import os

def config(root) -> str:
    return os.path.join(root, "shop.toml")
#- shop.py
from pathlib import Path

def config(root) -> Path:
    return Path(root) / "shop.toml"
#- tests/test_shop.py
from shop import config

def test_config():
    assert config("etc") == "etc/shop.toml"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_config __________________________________

    def test_config():
>       assert config("etc") == "etc/shop.toml"
E       AssertionError: assert PosixPath('etc/shop.toml') == 'etc/shop.toml'
E        +  where PosixPath('etc/shop.toml') = config('etc')

tests/test_shop.py:4: AssertionError
#- healed
+from pathlib import Path
+
-    assert config("etc") == "etc/shop.toml"
+    assert config("etc") == Path("etc/shop.toml")
"#,
    propose: expected_kind,
};

fn expected_kind(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = comparison::sides(ctx)?;
    let found = [(&right, &left), (&left, &right)].into_iter().find_map(|(expected, actual)| {
        let conversions = conversions(ctx, expected, actual)?;
        Some((told(ctx, actual.node, conversions.first()?.kind)?, conversions, actual))
    });
    let (told, conversions, actual) = found?;
    let kind = conversions.first()?.kind;
    let is_asked =
        kind.forgets_order() && (speaks_of_order(ctx) || is_sorted_before(ctx) || is_used_in_order(ctx, actual.node));
    let seen = Evidence::hint(format!("the run gave {}", short(&actual.printed)));
    let mut evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..seen }];
    evidence.push(told.evidence);
    let import = conversions.first()?.import;
    let is_known = |name: &str| imports::imports(ctx.source).iter().any(|item| item.local == name);
    let import = import.filter(|(_, name)| !is_known(name));
    let mut edits: Vec<_> = match import {
        Some((module, name)) => vec![imports::add(ctx, module, Some(name))?],
        None => Vec::new(),
    };
    let changes = conversions.into_iter().flat_map(|conversion| conversion.changes);
    edits.extend(changes.map(|(range, text)| ctx.replace(range, text)));
    fixes.push(Fix {
        title: format!("Expect the same as {}", kind.title),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if told.is_declared && !is_asked { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// A kind that a value can have instead of another.
#[derive(Debug, PartialEq)]
struct Kind {
    /// For people.
    title: &'static str,
    /// What the product writes for it.
    came: &'static [&'static str],
    /// What it wrote for the kind that went.
    went: &'static [&'static str],
    /// How it is annotated, and how the one that went was.
    types: (&'static [&'static str], &'static [&'static str]),
}

impl Kind {
    fn forgets_order(&self) -> bool {
        self.title.ends_with(" set")
    }
}

/// How an expected value is written in its new kind.
struct Conversion {
    kind: &'static Kind,
    changes: Vec<literals::Change>,
    /// Module and name that it needs.
    import: Option<(&'static str, &'static str)>,
}

/// An expected value in the test, as it was when it ran, and what came instead.
#[derive(Clone, Copy)]
struct Pair<'p, 't> {
    ctx: &'p Context<'p>,
    node: Node<'t>,
    was: (&'p Source, Node<'p>),
    is: (&'p Source, Node<'p>),
}

/// What makes the expected value the actual one: one kind for another, at one or more places of it.
fn conversions(ctx: &Context<'_>, expected: &Side<'_>, actual: &Side<'_>) -> Option<Vec<Conversion>> {
    let (was, is) =
        (Printed::read(&expected.printed, expected.is_whole)?, Printed::read(&actual.printed, actual.is_whole)?);
    let is_holder = |node: Node<'_>| matches!(node.kind(), "list" | "tuple" | "set" | "dictionary" | "call");
    let declared = || comparison::declared(ctx, expected, &is_holder).filter(|node| is_holder(*node));
    let node = literals::inner(expected.node);
    let node = if node.kind() == "identifier" { declared().unwrap_or(node) } else { node };
    let pair = Pair { ctx, node, was: (was.source(), was.node()?), is: (is.source(), is.node()?) };
    let mut found = Vec::new();
    pair.converted(&mut found)?;
    let first = found.first()?.kind;
    found.iter().all(|conversion| conversion.kind == first).then_some(found)
}

impl<'p, 't> Pair<'p, 't> {
    /// Adds what has to change; `None` where the values differ in more than their kind.
    fn converted(&self, found: &mut Vec<Conversion>) -> Option<()> {
        if self.is_same() {
            return Some(());
        }
        if let Some(parts) = self.parts() {
            return parts.into_iter().try_for_each(|part| part.converted(found));
        }
        found.push(collections::conversion(self).or_else(|| scalars::conversion(self))?);
        Some(())
    }

    fn is_same(&self) -> bool {
        literals::same(self.was.0, self.was.1, self.is.0, self.is.1)
    }

    /// The elements, where all three are the same kind of collection.
    fn parts(&self) -> Option<Vec<Self>> {
        let (node, was, is) = (self.node, self.was.1, self.is.1);
        if was.kind() != is.kind() || node.kind() != was.kind() {
            return None;
        }
        let (nodes, wases, ises) = (items(node), items(was), items(is));
        if nodes.len() != wases.len() || wases.len() != ises.len() {
            return None;
        }
        let with = |node, was, is| Self { node, was: (self.was.0, was), is: (self.is.0, is), ..*self };
        match node.kind() {
            "list" | "tuple" => {
                Some(nodes.into_iter().zip(wases).zip(ises).map(|((node, was), is)| with(node, was, is)).collect())
            }
            "dictionary" => {
                let field = |pair: &Node<'p>, name| pair.child_by_field_name(name);
                let part = |(node, was): (Node<'t>, Node<'p>)| {
                    let key = field(&was, "key")?;
                    let is_it = |is: &&Node<'p>| {
                        field(is, "key").is_some_and(|is| literals::same(self.was.0, key, self.is.0, is))
                    };
                    let is = ises.iter().find(is_it)?;
                    Some(with(node.child_by_field_name("value")?, field(&was, "value")?, field(is, "value")?))
                };
                nodes.into_iter().zip(wases).map(part).collect()
            }
            _ => None,
        }
    }

    fn text(&self) -> &'p str {
        self.ctx.source.slice(self.node)
    }

    /// The expected expression between `head` and `tail`.
    fn around(&self, head: &str, tail: &str) -> Vec<literals::Change> {
        let (start, end) = (self.node.start_byte(), self.node.end_byte());
        let parts = [(start..start, head), (end..end, tail)].into_iter();
        parts.filter(|(_, text)| !text.is_empty()).map(|(range, text)| (range, text.to_string())).collect()
    }

    fn whole(&self, text: impl Into<String>) -> Vec<literals::Change> {
        vec![(self.node.byte_range(), text.into())]
    }
}

fn items<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    children(node).filter(|part| part.kind() != "comment").collect()
}

/// Whether the product itself takes a place of what the function gives, or writes it as JSON: a set allows neither.
fn is_used_in_order(ctx: &Context<'_>, actual: Node<'_>) -> bool {
    let Some(name) = comparison::maker(ctx, actual) else { return false };
    let mut defined = ctx.snapshot.definitions(name);
    defined.retain(|symbol| !symbol.path.is_test_code());
    let is_writer = |source: &Source, node: Node<'_>| {
        let function = node.child_by_field_name("function").and_then(locate::last_name);
        function.is_some_and(|name| matches!(source.slice(name), "dump" | "dumps" | "jsonify" | "JSONResponse"))
    };
    defined.iter().any(|symbol| {
        callers::reads_places(ctx, symbol)
            || callers::any_call(ctx, symbol, |_, source, call| {
                // What is converted on the way is no set any more.
                let around = ancestors(call).skip(1).take_while(|node| !node.kind().ends_with("statement"));
                around.into_iter().find(|node| node.kind() == "call").is_some_and(|node| is_writer(source, node))
            })
    })
}

/// What the product says of the new kind.
struct Told {
    evidence: Evidence,
    /// It annotates the kind, and annotated the other one before.
    is_declared: bool,
}

/// The commit that gave what makes the value its new kind.
fn told(ctx: &Context<'_>, actual: Node<'_>, kind: &Kind) -> Option<Told> {
    let name = comparison::maker(ctx, actual)?;
    let mut defined = ctx.snapshot.definitions(name);
    defined.retain(|symbol| !symbol.path.is_test_code());
    if let Some(declared) = defined.iter().find_map(|symbol| declared(ctx, symbol, kind)) {
        return Some(declared);
    }
    let says = |lines: &[String], words: &[&str]| lines.iter().any(|line| words.iter().any(|word| line.contains(word)));
    let is_turned = |hunk: &Hunk| {
        let came = says(&hunk.added, kind.came) && !says(&hunk.removed, kind.came);
        let went = says(&hunk.removed, kind.went) && !says(&hunk.added, kind.went);
        hunk.is_python() && (came || went) && defined.iter().any(|symbol| symbol.path == hunk.path)
    };
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(is_turned)?;
    let text = format!("`{name}` gives {} since {}:{} ({})", kind.title, hunk.path, hunk.line, hunk.subject);
    Some(Told { evidence: Evidence::commit(&hunk.commit, text), is_declared: false })
}

/// The commit that changed the annotation of what the function returns.
fn declared(ctx: &Context<'_>, symbol: &Symbol, kind: &Kind) -> Option<Told> {
    let has =
        |annotation: &str, words: &[&str]| words.iter().any(|word| occurrences(annotation, word).next().is_some());
    let recent: Vec<String> =
        product::changes(ctx.snapshot, &ctx.site.path).into_iter().map(|change| change.commit).collect();
    let changes = ctx.snapshot.history().signature_changes(&symbol.path, renames::last_part(&symbol.name));
    changes.into_iter().filter(|change| recent.contains(&change.commit)).find_map(|change| {
        let (before, after) = (change.before.returns.as_deref()?, change.after.returns.as_deref()?);
        let (new, old) = kind.types;
        let came = has(after, new) && !has(before, new) && has(before, old) && !has(after, old);
        let text = format!("`{}` returns `{after}`, which was `{before}` ({})", change.function, change.subject);
        came.then(|| Told { evidence: Evidence::commit(&change.commit, text), is_declared: true })
    })
}

/// Whether the product sorts since: only then is the order one to expect.
fn is_sorted_since(ctx: &Context<'_>) -> bool {
    let sorts = |line: &String| line.contains("sorted(") || line.contains(".sort(");
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    hunks.iter().any(|hunk| hunk.is_python() && hunk.added.iter().any(sorts) && !hunk.removed.iter().any(sorts))
}

/// Whether the product sorted before and does not since: the order was meant.
fn is_sorted_before(ctx: &Context<'_>) -> bool {
    let sorts = |line: &String| line.contains("sorted(") || line.contains(".sort(");
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    hunks.iter().any(|hunk| hunk.is_python() && hunk.removed.iter().any(sorts) && !hunk.added.iter().any(sorts))
}

/// Whether the test says that it is about the order, in its name, its docstring or a comment.
fn speaks_of_order(ctx: &Context<'_>) -> bool {
    let Some(test) = ctx.source.function_at(ctx.site.statement.start) else { return false };
    let is_text = |node: &Node<'_>| {
        let is_docstring = || node.parent().is_some_and(|parent| parent.kind() == "expression_statement");
        node.kind() == "comment" || node.kind() == "string" && is_docstring()
    };
    let said = descendants(test).filter(is_text).chain(test.child_by_field_name("name"));
    said.map(|node| ctx.source.slice(node).to_lowercase()).any(|text| {
        let mut words = text.split(|c: char| !c.is_alphabetic());
        words.any(|word| word.contains("sort") || word.starts_with("order") || matches!(word, "first" | "last"))
    })
}

/// The only argument of a call of one of `names`, with the node of the name.
fn called<'t>(source: &Source, node: Node<'t>, names: &[&str]) -> Option<(Node<'t>, Node<'t>)> {
    let name = locate::last_name(node.child_by_field_name("function").filter(|_| node.kind() == "call")?)?;
    let arguments = items(node.child_by_field_name("arguments")?);
    let [only] = arguments[..] else { return None };
    let is_plain = !matches!(only.kind(), "keyword_argument" | "list_splat" | "dictionary_splat");
    (is_plain && names.contains(&source.slice(name))).then_some((name, only))
}

/// Whether a name of the file stands for a module.
fn is_module(source: &Source, module: &str) -> bool {
    let mut plain = descendants(source.root()).filter(|node| node.kind() == "import_statement");
    plain.any(|statement| source.slice(statement).trim_start_matches("import ").split(", ").any(|name| name == module))
}

#[cfg(test)]
mod tests;
