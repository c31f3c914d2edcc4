//! `patch("yaml.safe_load")` of something that the product does not call any more: the mock follows the call.

mod replaced;

use crate::diagnosis::Category;
use crate::diagnosis::locate::string_content;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports, mock_checks, names, patch_target, runs};

use replaced::Replaced;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "patch-follows",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::EnvironmentError,
        Category::KeyError,
        Category::LogicError,
        Category::ResourceError,
        Category::TypeError,
        Category::TimeoutError,
        Category::Unknown,
    ],
    summary: "Patches the function that the product calls now in the place of the patched one, for a person to accept.",
    example: r#"
#- before: shop.py
import yaml

def read(text):
    return yaml.safe_load(text)
#- shop.py
import yaml

def read(text):
    return yaml.load(text, yaml.SafeLoader)
#- tests/test_read.py
from unittest import mock
from shop import read

def test_read():
    with mock.patch("yaml.safe_load") as load:
        read("a: 1")
    assert $0load.call_count == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
        with mock.patch("yaml.safe_load") as load:
            read("a: 1")
>       assert load.call_count == 1
E       AssertionError: assert 0 == 1

tests/test_read.py:7: AssertionError
#- healed
-    with mock.patch("yaml.safe_load") as load:
+    with mock.patch("yaml.load") as load:
"#,
    propose: patch_follows,
};

fn patch_follows(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let patches = patches(ctx);
    if patches.is_empty() {
        return None;
    }
    for replaced in replaced::replaced(ctx) {
        let mut seen: Vec<&str> = Vec::new();
        for (string, target) in &patches {
            let Some(new) = successor(&replaced, target).filter(|_| !seen.contains(target)) else { continue };
            seen.push(target);
            // A test that only asks that nobody calls it passes with a patch of anything.
            if !mock_checks::only_deny(ctx, *string) {
                fixes.extend(fix(ctx, &patches, target, new, &replaced));
            }
        }
    }
    Some(())
}

/// The targets that the test, its fixtures and its set-up patch.
fn patches<'c>(ctx: &'c Context<'_>) -> Vec<(Node<'c>, &'c str)> {
    let whole = |function: Node<'c>| function.parent().filter(|outer| outer.kind() == "decorated_definition");
    let scopes = runs::functions(ctx).into_iter().map(|function| whole(function).unwrap_or(function));
    let strings = scopes.flat_map(descendants).filter(|node| node.kind() == "string");
    let first = |string: &Node<'_>| string.prev_named_sibling().is_none() && patch_target::is_target(ctx, *string);
    strings.filter(first).filter_map(|string| Some((string, string_content(ctx.source, string)?))).collect()
}

/// What is patched now where `target` was.
fn successor<'r>(replaced: &'r Replaced, target: &str) -> Option<&'r str> {
    let Replaced { old, new, .. } = replaced;
    if target == old.here {
        return Some(&new.here);
    }
    let is_home = old.home.as_ref().is_some_and(|home| home.dotted == target);
    is_home.then(|| new.home.as_ref().map_or(new.here.as_str(), |home| home.dotted.as_str()))
}

fn fix(ctx: &Context<'_>, patches: &[(Node<'_>, &str)], target: &str, new: &str, replaced: &Replaced) -> Option<Fix> {
    let same = patches.iter().filter(|(_, other)| *other == target).map(|(string, _)| *string);
    let written = |string| ctx.source.slice(string).replacen(target, new, 1);
    let mut edits: Vec<Edit> = same.map(|string| ctx.replace(string.byte_range(), written(string))).collect();
    edits.extend(asked(ctx, replaced)?);
    edits.sort_by_key(|edit| edit.range.start);
    let evidence = vec![Evidence::commit(&replaced.commit, replaced.says.clone())];
    Some(Fix {
        title: format!("Patch `{new}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Review,
    })
}

/// What asks the mock by the name of what it replaces: `click.prompt.assert_called_once()`. `None` where the file has no
/// name for the new one.
fn asked(ctx: &Context<'_>, replaced: &Replaced) -> Option<Vec<Edit>> {
    let known = imports::imports(ctx.source);
    let Some(old) = &replaced.old.home else { return Some(Vec::new()) };
    let import = known.iter().find(|item| item.module == old.module && item.name == old.name);
    let Some(import) = import else { return Some(Vec::new()) };
    let (_, rest) = old.written.split_once('.')?;
    let text = format!("{}.{rest}", import.local);
    let nodes = || runs::functions(ctx).into_iter().flat_map(descendants);
    let uses: Vec<Node<'_>> =
        nodes().filter(|node| node.kind() == "attribute" && ctx.source.slice(*node) == text).collect();
    if uses.is_empty() {
        return Some(Vec::new());
    }
    let new = replaced.new.home.as_ref()?;
    let mut edits: Vec<Edit> = uses.iter().map(|node| ctx.replace(node.byte_range(), &new.written)).collect();
    let is_known = known.iter().any(|item| item.module == new.module && item.name == new.name);
    if !is_known {
        edits.extend(imports::add(ctx, &new.module, new.name.as_deref()));
    }
    if names::uses(ctx.source, &import.local).len() == uses.len() {
        edits.extend(imports::remove(ctx.source, &ctx.site.path, import));
    }
    Some(edits)
}

#[cfg(test)]
mod tests;
