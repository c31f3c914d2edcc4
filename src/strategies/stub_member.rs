//! A dictionary, a namespace or a class that the test built in the place of the real one: it gets what the product reads
//! since a commit, as the product itself sets it at first, and lets itself be entered.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::string_content;
use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::symbols::SymbolKind;
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, calls, literals};

mod classes;
mod entered;
mod used;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "stub-member",
    categories: &[Category::KeyError, Category::AttributeError, Category::TypeError],
    summary: "Gives a dictionary, a namespace or a fake of the test what the product reads or enters now.",
    example: r#"
#- before: shop.py
def fresh():
    return {"sold": 0, "lost": 0}

def report(totals):
    return totals["sold"] - totals["lost"]
#- shop.py
def fresh():
    return {"sold": 0, "lost": 0, "returned": 0}

def report(totals):
    return totals["sold"] - totals["lost"] - totals["returned"]
#- tests/test_shop.py
from shop import report

def test_report():
    totals = {"sold": 5, "lost": 2}
    assert report(totals) == 3
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_report __________________________________

    def test_report():
        totals = {"sold": 5, "lost": 2}
>       assert report(totals) == 3

tests/test_shop.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

totals = {'lost': 2, 'sold': 5}

    def report(totals):
>       return totals["sold"] - totals["lost"] - totals["returned"]
E       KeyError: 'returned'

shop.py:5: KeyError
#- healed
-    totals = {"sold": 5, "lost": 2}
+    totals = {"sold": 5, "lost": 2, "returned": 0}
"#,
    propose: stub_member,
};

/// What the product sets at first, with the place.
struct Initial {
    text: String,
    path: FilePath,
    line: u32,
    /// The other keys of the dictionary.
    beside: Vec<String>,
}

fn stub_member(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if ctx.raised_here() {
        return None;
    }
    let (name, is_key) = match ctx.complaint() {
        Complaint::NoKey { key } => (key.as_str(), true),
        Complaint::NoAttribute { owner: Owner::Instance(_), name } => (name.as_str(), false),
        _ => return entered::entered(ctx, fixes),
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let reads = |lines: &[String]| lines.iter().any(|line| occurrences(line, name).next().is_some());
    let hunk = hunks.iter().find(|hunk| hunk.is_python() && reads(&hunk.added) && !reads(&hunk.removed))?;
    if let Complaint::NoAttribute { owner: Owner::Instance(class), .. } = ctx.complaint()
        && !is_namespace(class)
    {
        return classes::attribute(ctx, class, name, hunk, fixes);
    }
    let initial = if is_key { of_dictionaries(ctx, name) } else { of_options(ctx, name) };
    let (first, all) = (initial.first()?, initial.iter());
    if all.clone().any(|other| other.text != first.text) {
        return None;
    }
    let edits: Vec<Edit> = if is_key { keys(ctx, name, &initial) } else { attributes(ctx, name, &first.text) };
    if edits.is_empty() {
        return None;
    }
    let says = format!("the product sets `{name}` to `{}` at first", first.text);
    let evidence = vec![
        Evidence::commit(&hunk.commit, format!("{}:{} reads `{name}` since ({})", hunk.path, hunk.line, hunk.subject)),
        Evidence::at(EvidenceKind::Source, &first.path, first.line, says),
    ];
    fixes.push(Fix {
        title: format!("Give it `{name}`: `{}`", first.text),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_key && is_half_done(ctx, name, &initial) { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the product still builds the same dictionary elsewhere without the key: reading it fails there as well.
fn is_half_done(ctx: &Context<'_>, name: &str, initial: &[Initial]) -> bool {
    initial.iter().any(|initial| {
        let beside: Vec<&String> = initial.beside.iter().filter(|key| *key != name).collect();
        let Some(first) = beside.first().filter(|_| beside.len() > 1) else { return false };
        product_files(ctx, first).into_iter().filter_map(|path| ctx.snapshot.source(&path)).any(|source| {
            descendants(source.root()).filter(|node| node.kind() == "dictionary").any(|dictionary| {
                let keys = pairs(&source, dictionary);
                let is_whole = children(dictionary).all(|child| child.kind() != "dictionary_splat");
                let has = |wanted: &&String| keys.iter().any(|(key, _)| key == *wanted);
                is_whole && keys.len() == beside.len() && beside.iter().all(has)
            })
        })
    })
}

fn is_namespace(class: &str) -> bool {
    matches!(class, "SimpleNamespace" | "Namespace")
}

/// Files of the product that name it, up to so many.
const MOST_FILES: usize = 50;

fn product_files(ctx: &Context<'_>, name: &str) -> Vec<FilePath> {
    let files = ctx.snapshot.files_naming(name).into_iter();
    files.filter(|path| path.is_inside() && !path.is_test_code()).take(MOST_FILES).collect()
}

/// The dictionaries of the product that have the key.
fn of_dictionaries(ctx: &Context<'_>, key: &str) -> Vec<Initial> {
    let mut found = Vec::new();
    for path in product_files(ctx, key) {
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        for dictionary in descendants(source.root()).filter(|node| node.kind() == "dictionary") {
            let pairs = pairs(&source, dictionary);
            let Some((_, value)) = pairs.iter().find(|(name, _)| name == key) else { continue };
            if is_plain(*value) {
                found.push(Initial {
                    text: source.slice(*value).to_string(),
                    line: source.line_of(value.start_byte()),
                    path: path.clone(),
                    beside: pairs.iter().map(|(name, _)| name.clone()).collect(),
                });
            }
        }
    }
    found
}

/// The options of a command line and the fields of the product's classes that have the name.
fn of_options(ctx: &Context<'_>, name: &str) -> Vec<Initial> {
    let mut found: Vec<Initial> = Vec::new();
    let flag = format!("--{}", name.replace('_', "-"));
    for path in product_files(ctx, name.split('_').next().unwrap_or(name)) {
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        for call in descendants(source.root()).filter(|node| node.kind() == "call") {
            let function = call.child_by_field_name("function").and_then(locate::last_name);
            if function.is_none_or(|function| source.slice(function) != "add_argument") {
                continue;
            }
            let arguments = calls::arguments(&source, call);
            let given = |keyword: &str| arguments.iter().find(|argument| argument.keyword.as_deref() == Some(keyword));
            let text = |argument: &calls::Argument| source.text()[argument.value.clone()].to_string();
            let unquoted = |argument: &calls::Argument| text(argument).trim_matches(['"', '\'']).to_string();
            let is_flag = arguments.iter().any(|argument| argument.keyword.is_none() && unquoted(argument) == flag);
            let dest = given("dest").map(unquoted);
            if dest.as_deref().map_or(is_flag, |dest| dest == name) {
                let initial = match (given("default"), given("action").map(unquoted).as_deref()) {
                    (Some(default), _) => text(default),
                    (None, Some("store_true")) => "False".to_string(),
                    (None, Some("store_false")) => "True".to_string(),
                    (None, _) => "None".to_string(),
                };
                let line = source.line_of(call.start_byte());
                found.push(Initial { text: initial, path: path.clone(), line, beside: Vec::new() });
            }
        }
    }
    if found.is_empty() {
        let fields = ctx.snapshot.definitions(name).into_iter();
        let fields = fields.filter(|symbol| symbol.kind == SymbolKind::Field && !symbol.path.is_test_code());
        found.extend(fields.filter_map(|symbol| {
            let (text, path, line) = (symbol.value?, symbol.path, symbol.line);
            Some(Initial { text, path, line, beside: Vec::new() })
        }));
    }
    found.retain(|initial| {
        let source = Source::parse(initial.text.as_str());
        source.root().named_child(0).and_then(|statement| statement.named_child(0)).is_some_and(is_plain)
    });
    found
}

/// The keys of a dictionary that are strings, with their values.
fn pairs<'t>(source: &Source, dictionary: Node<'t>) -> Vec<(String, Node<'t>)> {
    let pairs = children(dictionary).filter(|node| node.kind() == "pair");
    let read = |pair: Node<'t>| {
        Some((string_content(source, pair.child_by_field_name("key")?)?, pair.child_by_field_name("value")?))
    };
    pairs.filter_map(read).collect()
}

/// A value that means the same in every file.
fn is_plain(node: Node<'_>) -> bool {
    matches!(node.kind(), "none" | "true" | "false" | "integer" | "float" | "string" | "list" | "dictionary" | "tuple")
        && !descendants(node).any(|inner| matches!(inner.kind(), "identifier" | "interpolation"))
}

/// The dictionaries of the test, else of its file, that hold nothing but keys of a real one.
fn keys(ctx: &Context<'_>, name: &str, initial: &[Initial]) -> Vec<Edit> {
    let is_stub = |dictionary: &Node<'_>| {
        let own = pairs(ctx.source, *dictionary);
        let known = |initial: &Initial| own.iter().all(|(key, _)| initial.beside.contains(key));
        own.len() > 1 && own.iter().all(|(key, _)| key != name) && initial.iter().any(known)
    };
    let inside = |scope: Node<'_>| -> Vec<Edit> {
        let dictionaries = descendants(scope).filter(|node| node.kind() == "dictionary").filter(is_stub);
        let last = dictionaries.filter_map(|node| children(node).filter(|node| node.kind() == "pair").last());
        last.filter_map(|pair| behind(ctx, pair, name, &initial.first()?.text)).collect()
    };
    let own = inside(ctx.scope());
    if own.is_empty() { inside(ctx.source.root()) } else { own }
}

/// `, "key": value` behind a pair, on a line of its own where the pair has one.
fn behind(ctx: &Context<'_>, pair: Node<'_>, key: &str, value: &str) -> Option<Edit> {
    let text = ctx.source.text();
    let quoted = literals::requoted(ctx.source.slice(pair.child_by_field_name("key")?), key)?;
    let line = text[..pair.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..pair.start_byte()];
    let separator = if indent.trim().is_empty() { format!(",\n{indent}") } else { ", ".to_string() };
    Some(Edit::insert(&ctx.site.path, pair.end_byte(), format!("{separator}{quoted}: {value}")))
}

/// The namespaces that the test makes, else its file.
fn attributes(ctx: &Context<'_>, name: &str, value: &str) -> Vec<Edit> {
    let is_stub = |call: &Node<'_>| {
        let function = call.child_by_field_name("function").and_then(locate::last_name);
        let arguments = calls::arguments(ctx.source, *call);
        call.kind() == "call"
            && function.is_some_and(|function| is_namespace(ctx.source.slice(function)))
            && !arguments.is_empty()
            && arguments.iter().all(|argument| argument.keyword.as_deref().is_some_and(|keyword| keyword != name))
    };
    let inside = |scope: Node<'_>| -> Vec<Edit> {
        let calls = descendants(scope).filter(is_stub);
        let last = calls.filter_map(|call| calls::arguments(ctx.source, call).pop());
        last.map(|last| {
            let text = ctx.source.text();
            let line = text[..last.range.start].rfind('\n').map_or(0, |at| at + 1);
            let indent = &text[line..last.range.start];
            let separator = if indent.trim().is_empty() { format!(",\n{indent}") } else { ", ".to_string() };
            Edit::insert(&ctx.site.path, last.range.end, format!("{separator}{name}={value}"))
        })
        .collect()
    };
    let own = inside(ctx.scope());
    if own.is_empty() { inside(ctx.source.root()) } else { own }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_namespace_gets_the_option_that_came() {
        check(
            r#"
#- before: shop.py
def options(parser):
    parser.add_argument("--name")

def main(args):
    return args.name
#- shop.py
def options(parser):
    parser.add_argument("--name")
    parser.add_argument("--dry-run", action="store_true")

def main(args):
    return None if args.dry_run else args.name
#- tests/test_shop.py
from argparse import Namespace
from shop import main

def test_main():
    assert main(Namespace(name="ann")) == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_main ___________________________________

    def test_main():
>       assert main(Namespace(name="ann")) == "ann"

tests/test_shop.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

args = Namespace(name='ann')

    def main(args):
>       return None if args.dry_run else args.name
E       AttributeError: 'Namespace' object has no attribute 'dry_run'

shop.py:6: AttributeError
#- healed
-    assert main(Namespace(name="ann")) == "ann"
+    assert main(Namespace(name="ann", dry_run=False)) == "ann"
"#,
        );
    }

    #[test]
    fn a_key_that_the_product_itself_never_sets_is_no_fix() {
        check(
            r#"
#- before: shop.py
def report(totals):
    return totals["sold"] - totals["lost"]
#- shop.py
def report(totals):
    return totals["sold"] - totals["lost"] - totals["returned"]
#- tests/test_shop.py
from shop import report

def test_report():
    totals = {"sold": 5, "lost": 2}
    assert report(totals) == 3
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_report __________________________________

    def test_report():
        totals = {"sold": 5, "lost": 2}
>       assert report(totals) == 3

tests/test_shop.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

totals = {'lost': 2, 'sold': 5}

    def report(totals):
>       return totals["sold"] - totals["lost"] - totals["returned"]
E       KeyError: 'returned'

shop.py:2: KeyError
#- healed
no fix
"#,
        );
    }
}
