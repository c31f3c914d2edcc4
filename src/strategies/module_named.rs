//! A module that has another name now, where a logger, a process or the table of modules is asked for it by its old one.

use std::collections::BTreeMap;

use crate::diagnosis::locate::string_content;
use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::workspace::history::{Rename, RenameKind};

use super::confidence::Odds;
use super::patch_target::constant;
use super::renames::last_part;
use super::{Context, Strategy, callers, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "module-named",
    categories: &[
        Category::AssertionError,
        Category::DependencyError,
        Category::ImportError,
        Category::KeyError,
        Category::LogicError,
        Category::ResourceError,
        Category::Unknown,
    ],
    summary: "Asks for a logger, a process or an entry of `sys.modules` by the name that its module has now.",
    example: r#"
#- before: shop/legacy.py
import logging

log = logging.getLogger(__name__)

def run():
    log.info("ran")
    return 1
#- shop/core.py
import logging

log = logging.getLogger(__name__)

def run():
    log.info("ran")
    return 1
#- tests/test_run.py
from shop import core

def test_run(caplog):
    caplog.set_level("INFO", logger="shop.legacy")
    core.run()
    assert $0caplog.messages == ["ran"]
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_run ___________________________________

    def test_run(caplog):
        caplog.set_level("INFO", logger="shop.legacy")
        core.run()
>       assert caplog.messages == ["ran"]
E       AssertionError: assert [] == ['ran']

tests/test_run.py:6: AssertionError
#- healed
-    caplog.set_level("INFO", logger="shop.legacy")
+    caplog.set_level("INFO", logger="shop.core")
"#,
    propose: module_named,
};

/// What a text is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Logger,
    Module,
}

fn module_named(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let mut uses: BTreeMap<&str, Vec<(Node<'_>, Use)>> = BTreeMap::new();
    for (node, kind) in descendants(ctx.scope()).filter_map(|node| Some((node, asked(ctx, node)?))) {
        let written = if node.kind() == "identifier" { constant(ctx, ctx.source.slice(node)) } else { Some(node) };
        let Some(written) = written.filter(|written| written.kind() == "string") else { continue };
        let Some(word) = string_content(ctx.source, written).filter(|word| word.contains('.')) else { continue };
        let known = uses.entry(word).or_default();
        if known.iter().all(|(other, _)| *other != written) {
            known.push((written, kind));
        }
    }
    for (old, places) in uses {
        let Some(rename) = moved(ctx, old) else { continue };
        let Some(path) = ctx.snapshot.module(&rename.new) else { continue };
        // A logger may have a name of its own.
        let is_logger = places.iter().any(|(_, kind)| *kind == Use::Logger);
        if is_logger && !ctx.snapshot.text(&path).is_some_and(|text| text.contains("getLogger(__name__)")) {
            continue;
        }
        let text = format!("`{old}` became `{}` ({})", rename.new, rename.subject);
        let source = Evidence::at(EvidenceKind::Source, &path, 1, format!("`{}` is here", rename.new));
        let evidence = vec![Evidence::commit(&rename.commit, text), source];
        let edit = |(node, _): &(Node<'_>, Use)| {
            Some(ctx.replace(node.byte_range(), literals::requoted(ctx.source.slice(*node), &rename.new)?))
        };
        fixes.push(Fix {
            title: format!("Ask for `{}` instead of `{old}`", rename.new),
            strategy: STRATEGY.id,
            edits: places.iter().filter_map(edit).collect(),
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

/// What a module became that is gone, and that nothing of the product loads by its old name.
fn moved(ctx: &Context<'_>, old: &str) -> Option<Rename> {
    let mut renames = ctx.snapshot.history().renames_of(old);
    renames.retain(|rename| rename.kind == RenameKind::Module && rename.new != old && product::is_trusted(rename));
    let is_gone = ctx.snapshot.module(old).is_none() && !callers::loads_still(ctx, old);
    renames.into_iter().next().filter(|_| is_gone)
}

/// Whether a text, or the name of one, stands where a module's name is asked for.
fn asked(ctx: &Context<'_>, node: Node<'_>) -> Option<Use> {
    if !matches!(node.kind(), "string" | "identifier") {
        return None;
    }
    let parent = node.parent()?;
    let is_modules = |table: Node<'_>| matches!(ctx.source.slice(table), "sys.modules" | "modules");
    match parent.kind() {
        "keyword_argument" => {
            let is_logger = parent.child_by_field_name("name").is_some_and(|name| ctx.source.slice(name) == "logger");
            (is_logger && parent.child_by_field_name("value") == Some(node)).then_some(Use::Logger)
        }
        "argument_list" => {
            let function = parent.parent()?.child_by_field_name("function")?;
            match last_part(ctx.source.slice(function)) {
                "getLogger" | "set_level" | "at_level" => Some(Use::Logger),
                "find_spec" | "run_module" => (parent.named_child(0) == Some(node)).then_some(Use::Module),
                _ => None,
            }
        }
        "list" => {
            let before = children(parent).take_while(|other| *other != node).last()?;
            (string_content(ctx.source, before) == Some("-m")).then_some(Use::Module)
        }
        "subscript" => {
            let table = parent.child_by_field_name("value").filter(|table| *table != node && is_modules(*table))?;
            let is_inside = ancestors(node).any(|outer| outer == parent) && table.kind() != "call";
            is_inside.then_some(Use::Module)
        }
        "comparison_operator" => {
            let parts: Vec<Node<'_>> = children(parent).collect();
            (parts.first() == Some(&node) && parts.last().is_some_and(|table| is_modules(*table)))
                .then_some(Use::Module)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::fixture::check;

    fn with(line: &str, healed: &str) -> String {
        let old = "    caplog.set_level(\"INFO\", logger=\"shop.legacy\")";
        let scene = STRATEGY.example.split("#- healed").next().unwrap_or_default().replace(old, line);
        format!("{scene}#- healed\n{healed}\n")
    }

    #[test]
    fn each_way_to_ask_for_a_module() {
        for (line, new) in [
            (
                "    logging.getLogger(\"shop.legacy\").setLevel(20)",
                "    logging.getLogger(\"shop.core\").setLevel(20)",
            ),
            ("    run([sys.executable, \"-m\", \"shop.legacy\"])", "    run([sys.executable, \"-m\", \"shop.core\"])"),
            ("    assert sys.modules[\"shop.legacy\"]", "    assert sys.modules[\"shop.core\"]"),
            ("    assert \"shop.legacy\" in sys.modules", "    assert \"shop.core\" in sys.modules"),
            ("    runpy.run_module('shop.legacy')", "    runpy.run_module('shop.core')"),
        ] {
            check(&with(line, &format!("-{line}\n+{new}")));
        }
    }

    #[test]
    fn what_is_not_asked_for_a_module_stays() {
        for line in [
            "    show(\"shop.legacy\")",
            "    run([sys.executable, \"-c\", \"shop.legacy\"])",
            "    assert rows[\"shop.legacy\"]",
            "    caplog.set_level(\"INFO\", logger=\"shop.other\")",
        ] {
            check(&with(line, "no fix"));
        }
    }

    #[test]
    fn a_logger_with_a_name_of_its_own_stays() {
        let line = "    caplog.set_level(\"INFO\", logger=\"shop.legacy\")";
        check(&with(line, "no fix").replace("getLogger(__name__)", "getLogger(\"shop.legacy\")"));
        check(&with(line, "no fix").replace("getLogger(__name__)", "getLogger(\"shop\")"));
    }
}
