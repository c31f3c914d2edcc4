//! A name that Python or a library lost, with the exact successor that its release notes give: `time.clock`,
//! `imp.reload`, `np.product`.

use std::ops::Range;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::removed_names::{RemovedName, is_known, removed_method, removed_name};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::imports::{self, Imported};
use super::renames::last_part;
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "removed-name",
    categories: &[Category::AttributeError, Category::ImportError, Category::DependencyError],
    summary: "Uses the successor that the release notes of Python or of a library name.",
    example: r#"
#- tests/test_cart.py
import imp

import shop

def test_reload():
    assert imp.reload(shop)
#- shop.py
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    import imp
E   ModuleNotFoundError: No module named 'imp'
#- healed
-import imp
+import importlib
-    assert imp.reload(shop)
+    assert importlib.reload(shop)
"#,
    propose: removed_names,
};

fn removed_names(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    // The project's own module of that name lost it for another reason.
    let is_own = |module: &str| ctx.snapshot.module(module).is_some_and(|path| path.is_inside());
    match ctx.complaint() {
        Complaint::NoModule { module } if is_known(module) => from_lost_module(ctx, module, fixes),
        Complaint::NoImport { module, .. } | Complaint::NoAttribute { owner: Owner::Module(module), .. }
            if is_own(module) =>
        {
            None
        }
        Complaint::NoImport { name, module } => imported(ctx, module, name, fixes),
        Complaint::NoAttribute { owner: Owner::Module(module), name } => attribute(ctx, module, name, fixes),
        // `raise AttributeError(name)` in the `__getattr__` of a module.
        Complaint::NoAttribute { owner: Owner::Unknown, name } => attribute(ctx, &module_asked(ctx)?, name, fixes),
        Complaint::NoAttribute { owner: Owner::Instance(class) | Owner::Class(class), name } => {
            method(ctx, class, name, fixes)
        }
        _ => None,
    }
}

/// `import imp`, `from distutils.spawn import find_executable`: everything that is used of it has a successor.
fn from_lost_module(ctx: &Context<'_>, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let statement = imports::statement_around(ctx.source, ctx.site.range.start)?;
    let taken = imports::names_of(ctx.source, statement);
    let mut rewriting = Rewriting::default();
    for item in &taken {
        match &item.name {
            Some(name) => {
                let gone = removed_name(&item.module, name)?;
                rewriting.take(ctx, item, gone);
            }
            None => {
                let has_alias = item.range != item.name_range;
                let uses = attributes_of(ctx.source, if has_alias { &item.local } else { &item.module });
                let all = names::uses(ctx.source, &item.local).len();
                if uses.is_empty() || uses.len() != all {
                    return None;
                }
                for (range, name) in uses {
                    let gone = removed_name(&item.module, &name)?;
                    rewriting.use_of(ctx, range, gone);
                }
                rewriting.gone.push(item.clone());
            }
        }
    }
    rewriting.finish(ctx, missing, fixes)
}

/// `from inspect import getargspec`: the name has another name now. Where only its module changed,
/// `import-name` heals.
fn imported(ctx: &Context<'_>, module: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let gone = removed_name(module, name).filter(|gone| gone.new_name() != name)?;
    let item = super::import_name::imported_here(ctx, name)?;
    let mut rewriting = Rewriting::default();
    rewriting.take(ctx, &item, gone);
    rewriting.finish(ctx, &format!("{module}.{name}"), fixes)
}

/// `time.clock()`: every use in the file goes, the next test would fail alike.
fn attribute(ctx: &Context<'_>, module: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let gone = removed_name(module, name)?;
    let object = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?.child_by_field_name("object")?;
    let object = ctx.source.slice(object);
    let is_it = |item: &Imported| module_meant(item, object).is_some_and(|meant| meant == module);
    let item = imports::imports(ctx.source).into_iter().find(is_it)?;
    let mut rewriting = Rewriting::default();
    if gone.home() == module {
        let places = names::attribute_uses(ctx.source, ctx.source.root(), object, name);
        rewriting.edits.extend(places.into_iter().map(|range| ctx.replace(range, gone.new_name())));
        rewriting.facts.push(gone);
    } else {
        let uses = attributes_of(ctx.source, object);
        let (lost, kept): (Vec<_>, Vec<_>) = uses.into_iter().partition(|(_, used)| used == name);
        lost.into_iter().for_each(|(range, _)| rewriting.use_of(ctx, range, gone));
        // `openai.error` became `openai` itself.
        let is_needed = gone.successor == module.split('.').next().unwrap_or(module);
        if kept.is_empty() && object == item.local && !is_needed {
            rewriting.gone.push(item);
        }
    }
    rewriting.finish(ctx, &format!("{module}.{name}"), fixes)
}

/// The module that the failing expression asks.
fn module_asked(ctx: &Context<'_>) -> Option<String> {
    let object = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?.child_by_field_name("object")?;
    let object = ctx.source.slice(object);
    imports::imports(ctx.source).iter().find_map(|item| module_meant(item, object))
}

/// What `object` stands for by this import: `scipy.stats` for `stats` after `from scipy import stats`, and
/// `numpy.linalg` for `np.linalg` after `import numpy as np`.
fn module_meant(item: &Imported, object: &str) -> Option<String> {
    let below = object.strip_prefix(item.local.as_str())?;
    let whole = match &item.name {
        Some(name) => format!("{}.{name}", item.module),
        None if item.range != item.name_range => item.module.clone(),
        None => item.local.clone(),
    };
    (below.is_empty() || below.starts_with('.')).then(|| whole + below)
}

fn method(ctx: &Context<'_>, class: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let (new, since) = removed_method(class, name)?;
    // The project's own class of that name lost it for another reason.
    if ctx.snapshot.definitions(last_part(class)).iter().any(|symbol| symbol.path.is_inside()) {
        return None;
    }
    let object = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?.child_by_field_name("object")?;
    let places = names::attribute_uses(ctx.source, ctx.scope(), ctx.source.slice(object), name);
    let edits = places.into_iter().map(|range| ctx.replace(range, new)).collect();
    push(&format!("{class}.{name}"), new, edits, vec![told(&format!("{class}.{name}"), new, since)], fixes);
    Some(())
}

/// The edits that lead from lost names to their successors.
#[derive(Default)]
struct Rewriting {
    edits: Vec<Edit>,
    facts: Vec<RemovedName>,
    /// Modules, each with a name where it is taken from it.
    needed: Vec<(&'static str, Option<String>)>,
    /// Imports that nothing needs any more.
    gone: Vec<Imported>,
}

impl Rewriting {
    /// `from module import name`: the import and, under another name, its uses.
    fn take(&mut self, ctx: &Context<'_>, item: &Imported, gone: RemovedName) {
        let has_alias = item.range != item.name_range;
        let name =
            if has_alias { format!("{} as {}", gone.new_name(), item.local) } else { gone.new_name().to_string() };
        if !has_alias && gone.new_name() != item.local {
            let uses = names::uses(ctx.source, &item.local).into_iter();
            self.edits.extend(uses.map(|range| ctx.replace(range, gone.new_name())));
        }
        if !gone.home().is_empty() {
            self.needed.push((gone.home(), Some(name)));
        }
        self.gone.push(item.clone());
        self.facts.push(gone);
    }

    /// `module.name`.
    fn use_of(&mut self, ctx: &Context<'_>, range: Range<usize>, gone: RemovedName) {
        self.edits.push(ctx.replace(range, gone.successor));
        if !gone.home().is_empty() && gone.home() != "str" {
            self.needed.push((gone.home(), None));
        }
        self.facts.push(gone);
    }

    fn finish(mut self, ctx: &Context<'_>, lost: &str, fixes: &mut Vec<Fix>) -> Option<()> {
        self.facts.dedup();
        self.needed.sort();
        self.needed.dedup();
        let here = imports::imports(ctx.source);
        self.needed.retain(|(module, name)| {
            let has = |item: &Imported| item.module == *module && item.name == *name;
            !here.iter().any(|item| has(item) && self.gone.iter().all(|gone| gone.range != item.range))
        });
        let third_party =
            |module: &str| !crate::diagnosis::stdlib::is_stdlib(module.split('.').next().unwrap_or(module));
        if self.needed.iter().any(|(module, _)| third_party(module) && ctx.snapshot.module(module).is_none()) {
            return None;
        }
        let edits = import_edits(ctx, &self.gone, &self.needed)?;
        self.edits.extend(edits);
        let first = *self.facts.first()?;
        let facts =
            self.facts.iter().map(|gone| told(&format!("{}.{}", gone.module, gone.name), gone.successor, gone.since));
        push(lost, first.successor, self.edits, facts.collect(), fixes);
        Some(())
    }
}

/// Takes out what is gone and puts in what is needed; one statement that goes whole makes place for one that comes.
fn import_edits(ctx: &Context<'_>, gone: &[Imported], needed: &[(&str, Option<String>)]) -> Option<Vec<Edit>> {
    let line = |module: &str, name: &Option<String>| match name {
        Some(name) => format!("from {module} import {name}"),
        None => format!("import {module}"),
    };
    let whole = gone.first().filter(|first| {
        let statement = ctx.source.node_at(first.statement.clone());
        let all = statement.map_or(0, |statement| imports::names_of(ctx.source, statement).len());
        all == gone.len() && gone.iter().all(|item| item.statement == first.statement)
    });
    match (whole, needed) {
        (Some(first), [(module, name)]) => Some(vec![ctx.replace(first.statement.clone(), line(module, name))]),
        _ => {
            let mut edits = imports::remove_all(ctx.source, &ctx.site.path, gone);
            for (module, name) in needed {
                edits.push(imports::add(ctx, module, name.as_deref())?);
            }
            Some(edits)
        }
    }
}

fn told(lost: &str, successor: &str, since: &str) -> Evidence {
    let text = format!("{since} came without `{lost}`; its release notes name `{successor}`");
    Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(text) }
}

fn push(lost: &str, successor: &str, edits: Vec<Edit>, facts: Vec<Evidence>, fixes: &mut Vec<Fix>) {
    let mut evidence = facts;
    let text = format!("`{successor}` is the same under its new name");
    evidence.push(Evidence { kind: EvidenceKind::Source, ..Evidence::hint(text) });
    fixes.push(Fix {
        title: format!("Use `{successor}` instead of `{lost}`"),
        strategy: STRATEGY.id,
        confidence: Odds::of(&evidence).confidence(),
        edits,
        evidence,
        tier: Tier::Safe,
    });
}

/// Each `object.name` outside of imports: its range and its name.
fn attributes_of(source: &Source, object: &str) -> Vec<(Range<usize>, String)> {
    let is_use = |node: &Node<'_>| {
        node.kind() == "attribute"
            && node.child_by_field_name("object").is_some_and(|part| source.slice(part) == object)
    };
    let name = |node: Node<'_>| Some(source.slice(node.child_by_field_name("attribute")?).to_string());
    descendants(source.root()).filter(is_use).filter_map(|node| Some((node.byte_range(), name(node)?))).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[track_caller]
    fn failing(test: &str, line: u32, printed: &str, error: &str, healed: &str) {
        let exc_type = error.split(':').next().unwrap();
        check(&format!(
            "#- tests/test_cart.py\n{test}#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_a ______________________________________\n\n\
             \x20   def test_a():\n>       {printed}\nE       {error}\n\ntests/test_cart.py:{line}: {exc_type}\n\
             #- healed\n{healed}\n"
        ));
    }

    #[track_caller]
    fn collecting(test: &str, line: u32, printed: &str, error: &str, healed: &str) {
        check(&format!(
            "#- tests/test_cart.py\n{test}#- test_run.log\n\
             ==================================== ERRORS ====================================\n\
             _____________________ ERROR collecting tests/test_cart.py ______________________\n\
             ImportError while importing test module '/p/tests/test_cart.py'.\nTraceback:\n\
             tests/test_cart.py:{line}: in <module>\n    {printed}\nE   {error}\n#- healed\n{healed}\n"
        ));
    }

    #[test]
    fn an_attribute_of_the_same_module() {
        failing(
            "import time\n\ndef test_a():\n    assert time.clock() >= 0\n",
            4,
            "assert time.clock() >= 0",
            "AttributeError: module 'time' has no attribute 'clock'",
            "-    assert time.clock() >= 0\n+    assert time.perf_counter() >= 0",
        );
    }

    #[test]
    fn a_module_by_another_way_of_importing_it() {
        failing(
            "from xml import etree\n\ndef test_a():\n    assert etree.cElementTree.fromstring('<a/>') is not None\n",
            4,
            "assert etree.cElementTree.fromstring('<a/>') is not None",
            "AttributeError: module 'xml.etree.cElementTree' has no attribute 'fromstring'",
            "+import xml.etree.ElementTree\n-    assert etree.cElementTree.fromstring('<a/>') is not None\n\
             +    assert xml.etree.ElementTree.fromstring('<a/>') is not None",
        );
    }

    #[test]
    fn a_module_that_says_nothing_but_the_name() {
        failing(
            "import time\n\ndef test_a():\n    assert time.clock() >= 0\n",
            4,
            "assert time.clock() >= 0",
            "AttributeError: clock",
            "-    assert time.clock() >= 0\n+    assert time.perf_counter() >= 0",
        );
        failing(
            "import time\n\ndef test_a(time_of):\n    assert time_of.clock() >= 0\n",
            4,
            "assert time_of.clock() >= 0",
            "AttributeError: clock",
            "no fix",
        );
    }

    #[test]
    fn an_abstract_class_of_collections() {
        failing(
            "import collections\n\ndef test_a():\n    assert isinstance({}, collections.Mapping)\n    assert collections.Counter()  == {}\n",
            4,
            "assert isinstance({}, collections.Mapping)",
            "AttributeError: module 'collections' has no attribute 'Mapping'",
            "+import collections.abc\n-    assert isinstance({}, collections.Mapping)\n+    assert isinstance({}, collections.abc.Mapping)",
        );
    }

    #[test]
    fn a_method_of_a_builtin() {
        failing(
            "def test_a():\n    assert list({}.iteritems()) == []\n",
            2,
            "assert list({}.iteritems()) == []",
            "AttributeError: 'dict' object has no attribute 'iteritems'. Did you mean: 'items'?",
            "-    assert list({}.iteritems()) == []\n+    assert list({}.items()) == []",
        );
    }

    #[test]
    fn a_builtin_took_the_place_of_an_import() {
        collecting(
            "from itertools import chain, izip\n\ndef test_a():\n    assert list(izip([1], [2]))\n",
            1,
            "from itertools import chain, izip",
            "ImportError: cannot import name 'izip' from 'itertools' (unknown location)",
            "-from itertools import chain, izip\n+from itertools import chain\n-    assert list(izip([1], [2]))\n+    assert list(zip([1], [2]))",
        );
    }

    #[test]
    fn a_renamed_function_of_inspect() {
        collecting(
            "from inspect import getargspec\n\ndef test_a():\n    assert getargspec(test_a).args == []\n",
            1,
            "from inspect import getargspec",
            "ImportError: cannot import name 'getargspec' from 'inspect' (/usr/lib/python3.11/inspect.py)",
            "-from inspect import getargspec\n+from inspect import getfullargspec\n\
             -    assert getargspec(test_a).args == []\n+    assert getfullargspec(test_a).args == []",
        );
    }

    #[test]
    fn a_package_that_the_standard_library_took_in() {
        collecting(
            "import asynctest\n\ndef test_a():\n    asynctest.CoroutineMock()\n",
            1,
            "import asynctest",
            "ModuleNotFoundError: No module named 'asynctest'",
            "-import asynctest\n+import unittest.mock\n-    asynctest.CoroutineMock()\n+    unittest.mock.AsyncMock()",
        );
    }

    #[test]
    fn a_module_of_the_project_is_no_library() {
        let scene = |file: &str, healed: &str| {
            format!(
                "#- {file}\ndef trapezoid(y): ...\n#- tests/test_a.py\nfrom scipy import integrate\n\n\
                 def test_a():\n    assert integrate.simps([1])\n#- test_run.log\n\
                 =================================== FAILURES ===================================\n\
                 ____________________________________ test_a ____________________________________\n\n\
                 \x20   def test_a():\n>       assert integrate.simps([1])\n\
                 E       AttributeError: module 'scipy.integrate' has no attribute 'simps'\n\n\
                 tests/test_a.py:4: AttributeError\n#- healed\n{healed}\n"
            )
        };
        let healed = "-    assert integrate.simps([1])\n+    assert integrate.simpson([1])";
        check(&scene(".venv/lib/python3.12/site-packages/scipy/integrate.py", healed));
        check(&scene("scipy/integrate.py", "no fix"));
    }

    #[test]
    fn one_name_without_a_successor_and_the_module_is_not_replaced() {
        collecting(
            "import imp\n\ndef test_a():\n    imp.reload(imp)\n    imp.find_module('shop')\n",
            1,
            "import imp",
            "ModuleNotFoundError: No module named 'imp'",
            "no fix",
        );
    }
}
