//! `patch("yaml.safe_load")` of something that the product does not call any more: the mock follows the call.

mod replaced;

use std::ops::Range;

use crate::diagnosis::Category;
use crate::diagnosis::locate::string_content;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports, mock_checks, names, patch_target, runs};

use replaced::{Home, Replaced};

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
        for Patch { name, target, .. } in &patches {
            let Some(new) = successor(&replaced, target).filter(|_| !seen.contains(&target.as_str())) else { continue };
            seen.push(target);
            // A test that only asks that nobody calls it passes with a patch of anything.
            if !mock_checks::only_deny(ctx, *name) {
                fixes.extend(fix(ctx, &patches, target, new, &replaced));
            }
        }
    }
    Some(())
}

/// `patch("shop.mail.send")`, or `patch.object(mail, "send")`.
struct Patch<'c> {
    /// The string.
    name: Node<'c>,
    /// `mail`.
    object: Option<Node<'c>>,
    /// `shop.mail.send`.
    target: String,
}

/// What the test, its fixtures and its set-up patch.
fn patches<'c>(ctx: &'c Context<'_>) -> Vec<Patch<'c>> {
    let whole = |function: Node<'c>| function.parent().filter(|outer| outer.kind() == "decorated_definition");
    let scopes = runs::functions(ctx).into_iter().map(|function| whole(function).unwrap_or(function));
    scopes.flat_map(descendants).filter(|node| node.kind() == "call").filter_map(|call| Patch::of(ctx, call)).collect()
}

impl<'c> Patch<'c> {
    fn of(ctx: &'c Context<'_>, call: Node<'c>) -> Option<Self> {
        let mut given = children(call.child_by_field_name("arguments")?).filter(|node| node.kind() != "comment");
        let first = given.next()?;
        if let Some(target) = string_content(ctx.source, first) {
            return patch_target::is_target(ctx, first).then(|| Self {
                name: first,
                object: None,
                target: target.to_string(),
            });
        }
        let function = ctx.source.slice(call.child_by_field_name("function")?);
        let names = ["patch.object", "setattr"].iter().any(|end| function.ends_with(end));
        let name = given.next().filter(|_| names && matches!(first.kind(), "identifier" | "attribute"))?;
        let (above, _) = above(ctx, first)?;
        let target = format!("{above}.{}", string_content(ctx.source, name)?);
        Some(Self { name, object: Some(first), target })
    }

    /// The edits that patch `new` in its place.
    fn moved(&self, ctx: &Context<'_>, new: &str, home: Option<&Home>) -> Option<Vec<Edit>> {
        let rewritten = |old: &str, new: &str| {
            ctx.replace(self.name.byte_range(), ctx.source.slice(self.name).replacen(old, new, 1))
        };
        let Some(object) = self.object else { return Some(vec![rewritten(&self.target, new)]) };
        let ((old_owner, old), (owner, name)) = (self.target.rsplit_once('.')?, new.rsplit_once('.')?);
        let mut edits = vec![rewritten(old, name)];
        if owner != old_owner {
            let (_, root) = above(ctx, object)?;
            let of_home = home.filter(|home| home.dotted == new).and_then(|home| home.written.rsplit_once('.'));
            let below = || owner.strip_prefix(&format!("{}.", root.0)).map(|rest| format!("{}.{rest}", root.1));
            edits.push(ctx.replace(object.byte_range(), of_home.map(|(owner, _)| owner.to_string()).or_else(below)?));
        }
        Some(edits)
    }
}

/// What an expression stands for by the file's imports, and the same of its first name, with that name.
fn above(ctx: &Context<'_>, expression: Node<'_>) -> Option<(String, (String, String))> {
    let text = ctx.source.slice(expression);
    let root = imports::first_part(text);
    let item = imports::imports(ctx.source).into_iter().find(|item| item.local == root)?;
    let above = replaced::above(&item, &imports::absolute(ctx, &item.module)?);
    Some((format!("{above}{}", &text[root.len()..]), (above, root.to_string())))
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

fn fix(ctx: &Context<'_>, patches: &[Patch<'_>], target: &str, new: &str, replaced: &Replaced) -> Option<Fix> {
    let home = replaced.new.home.as_ref();
    let mut edits = Vec::new();
    for patch in patches.iter().filter(|patch| patch.target == target) {
        edits.extend(patch.moved(ctx, new, home)?);
    }
    let asked = asked(ctx, replaced.old.home.as_ref());
    for node in &asked {
        edits.push(ctx.replace(node.byte_range(), &home?.written));
    }
    edits.extend(imported(ctx, &edits, replaced));
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

/// What asks the mock by the name of what it replaces: `click.prompt` of `click.prompt.assert_called_once()`.
fn asked<'c>(ctx: &'c Context<'_>, old: Option<&Home>) -> Vec<Node<'c>> {
    let is_it = |node: &Node<'_>| {
        let is_last =
            || old.is_some_and(|old| old.dotted.rsplit('.').next() == ctx.source.slice(*node).rsplit('.').next());
        node.kind() == "attribute" && is_last() && above(ctx, *node).map(|it| it.0) == old.map(|old| old.dotted.clone())
    };
    runs::functions(ctx).into_iter().flat_map(descendants).filter(is_it).collect()
}

/// The import of what the edits name now, and without the one that nothing needs any more.
fn imported(ctx: &Context<'_>, edits: &[Edit], replaced: &Replaced) -> Vec<Edit> {
    let known = imports::imports(ctx.source);
    let is_of = |item: &&imports::Imported, home: &Home| item.module == home.module && item.name == home.name;
    let mut found = Vec::new();
    if let Some(home) = &replaced.new.home {
        let root = imports::first_part(&home.written);
        let names = |edit: &Edit| imports::first_part(&edit.text) == root;
        if edits.iter().any(names) && !known.iter().any(|item| is_of(&item, home)) {
            found.extend(imports::add(ctx, &home.module, home.name.as_deref()));
        }
    }
    let old = replaced.old.home.as_ref().and_then(|home| known.iter().find(|item| is_of(item, home)));
    if let Some(old) = old {
        let uses = names::uses(ctx.source, &old.local);
        let is_gone = |used: &Range<usize>| edits.iter().any(|edit| edit.range.contains(&used.start));
        if !uses.is_empty() && uses.iter().all(is_gone) {
            found.extend(imports::remove(ctx.source, &ctx.site.path, old));
        }
    }
    found
}

#[cfg(test)]
mod tests;
