//! A name that is not defined: an import is missing, or the name is spelled otherwise.

use crate::diagnosis::{Category, Complaint, product, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::FilePath;
use crate::workspace::history::RenameKind;

use super::confidence::Odds;
use super::import_name::homes_of;
use super::imports::{self, Imported};
use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "missing-import",
    categories: &[Category::NameError],
    summary: "Imports the name that is used, or uses the name that is there.",
    example: r#"
#- tests/test_files.py
import pytest

def test_join():
    assert $0os.path.join("a", "b") == "a/b"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_join ___________________________________

    def test_join():
>       assert os.path.join("a", "b") == "a/b"
E       NameError: name 'os' is not defined

tests/test_files.py:4: NameError
#- healed
+import os
+
"#,
    propose: missing_import,
};

fn missing_import(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoName { name } = ctx.complaint() else { return None };
    let node = ctx.node().filter(|node| node.kind() == "identifier" && ctx.source.slice(*node) == name)?;
    if !ctx.raised_here()
        || ctx.source.function_at(node.start_byte()).is_some_and(|test| names::binds(ctx.source, test, name))
    {
        return None;
    }
    ask_for_fixture(ctx, name, fixes);
    let mut ways = ways_to_import(ctx, name);
    ways.sort_by(|a, b| odds(b).total_cmp(&odds(a)));
    let best = ways.first().map_or(0.0, odds);
    let rivals = ways.iter().filter(|way| odds(way) > best - 0.05).count().saturating_sub(1);
    for (module, imported, evidence) in ways.into_iter().take(3) {
        let edit = imports::add(ctx, &module, imported.as_deref())?;
        let title = match &imported {
            Some(name) => format!("Import `{name}` from `{module}`"),
            None => format!("Import `{module}`"),
        };
        let confidence = Odds::of(&evidence).rivals(rivals).confidence();
        // What the product removed does not come back as another thing of that name.
        let is_moved = evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
        let is_twin = !is_moved && product::removal(ctx.snapshot, &ctx.site.path, name).is_some();
        let tier = if is_twin { Tier::Review } else { Tier::Safe };
        fixes.push(Fix { title, strategy: STRATEGY.id, edits: vec![edit], confidence, evidence, tier });
    }
    renamed(ctx, node, name, fixes);
    Some(())
}

/// A fixture has the name: the test asks for it.
fn ask_for_fixture(ctx: &Context<'_>, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let test = ctx.source.function_at(ctx.site.range.start)?;
    let is_test = test.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own).starts_with("test"));
    let fixture =
        ctx.snapshot.fixtures_at(&ctx.site.path, test.start_byte()).into_iter().find(|fixture| fixture.name == name)?;
    let parameters = test.child_by_field_name("parameters").filter(|_| is_test)?;
    let evidence = vec![match &fixture.path {
        Some(path) => {
            Evidence::at(EvidenceKind::Source, path, fixture.line, format!("the fixture `{name}` is defined here"))
        }
        None => Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(format!("pytest has a fixture `{name}`")) },
    }];
    let last = children(parameters).filter(|node| node.kind() != "comment").last();
    let (at, text) = match last {
        Some(last) => (last.end_byte(), format!(", {name}")),
        None => (parameters.start_byte() + 1, name.to_string()),
    };
    fixes.push(Fix {
        title: format!("Ask for the fixture `{name}`"),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(at..at, text)],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Module, the name to take from it (`None`: the module itself), and what shows it.
type Way = (String, Option<String>, Vec<Evidence>);

fn odds((_, _, evidence): &Way) -> f64 {
    Odds::of(evidence).confidence().value()
}

fn ways_to_import(ctx: &Context<'_>, name: &str) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for (module, imported, evidence) in as_others_do(ctx, name) {
        match ways.iter_mut().find(|(other, taken, _)| *other == module && *taken == imported) {
            Some((_, _, all)) => all.push(evidence),
            None => ways.push((module, imported, vec![evidence])),
        }
    }
    for (home, evidence) in homes_of(ctx, name, "") {
        let taken = Some(name.to_string());
        match ways.iter_mut().find(|(other, imported, _)| *other == home && *imported == taken) {
            Some((_, _, all)) => all.extend(evidence),
            None => ways.push((home, taken, evidence)),
        }
    }
    if ways.is_empty() && stdlib::is_stdlib(name) {
        let text = format!("`{name}` is a module of the standard library");
        ways.push((name.to_string(), None, vec![Evidence { kind: EvidenceKind::Source, ..Evidence::hint(text) }]));
    }
    if ways.is_empty() && ctx.snapshot.module(name).is_some() {
        let path = ctx.snapshot.module(name).unwrap_or_else(|| ctx.site.path.clone());
        let fact = Evidence::at(EvidenceKind::Source, &path, 1, format!("`{name}` is a module"));
        ways.push((name.to_string(), None, vec![fact]));
    }
    for (_, _, evidence) in &mut ways {
        if let Some(hint) = forgotten_import(ctx, name) {
            evidence.push(hint);
        }
    }
    ways
}

/// `Did you forget to import 'io'?`
fn forgotten_import(ctx: &Context<'_>, name: &str) -> Option<Evidence> {
    let hint = ctx.diagnosis.failure.hint.as_deref().unwrap_or_default();
    let said = hint.contains("forget to import") && hint.contains(&format!("'{name}'"));
    said.then(|| Evidence::hint(format!("Python asks whether `import {name}` was forgotten")))
}

/// The imports that bind `name` in other files of the workspace; files of tests count as examples.
fn as_others_do(ctx: &Context<'_>, name: &str) -> Vec<(String, Option<String>, Evidence)> {
    let files = ctx.snapshot.files_naming(name);
    let others = files.iter().filter(|path| **path != ctx.site.path).take(200);
    // What the product lost is imported by tests that broke alike.
    let is_there = |imported: &Imported| {
        let module = imported.module.as_str();
        stdlib::is_stdlib(imports::first_part(module)) || imports::is_there(ctx, module, imported.name.as_deref())
    };
    others
        .filter_map(|path| Some((path, import_of(ctx, path, name)?)))
        .filter(|(_, (imported, _))| is_there(imported))
        .map(|(path, found)| example(path, found))
        .collect()
}

fn import_of(ctx: &Context<'_>, path: &FilePath, name: &str) -> Option<(Imported, u32)> {
    let source = ctx.snapshot.source(path)?;
    let found = imports::imports(&source).into_iter().find(|imported| imported.local == name)?;
    let plain = found.range == found.name_range && !found.module.starts_with('.') && found.name.as_deref() != Some("*");
    let line = source.line_of(found.range.start);
    let whole = found.name.is_some() || found.module == name;
    (plain && whole).then_some((found, line))
}

fn example(path: &FilePath, (imported, line): (Imported, u32)) -> (String, Option<String>, Evidence) {
    let text = match &imported.name {
        Some(name) => format!("imports `{name}` from `{}`", imported.module),
        None => format!("imports `{}`", imported.module),
    };
    (imported.module, imported.name, Evidence::at(EvidenceKind::Example, path, line, text))
}

/// The names that hold at `node`: imports, definitions and assignments of the module, what the function
/// binds.
fn renamed(ctx: &Context<'_>, node: Node<'_>, missing: &str, fixes: &mut Vec<Fix>) {
    let existing = visible(ctx, node);
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_) | RenameKind::Usage);
    let question = Question { missing, existing: &existing, open: false, kinds, class: None };
    for answer in answers(ctx, &question) {
        // A test is not what another test calls.
        if existing.iter().all(|name| name.name != answer.name) || answer.name.starts_with("test") {
            continue;
        }
        let uses = names::uses_in(ctx.source, ctx.scope(), missing);
        fixes.push(Fix {
            title: format!("Use `{}` instead of `{missing}`", answer.name),
            strategy: STRATEGY.id,
            edits: uses.into_iter().map(|range| ctx.replace(range, &answer.name)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: answer.tier,
        });
    }
}

fn visible(ctx: &Context<'_>, node: Node<'_>) -> Vec<Existing> {
    let path = &ctx.site.path;
    let here =
        |name: &str, at: usize| Existing::at(name, path, ctx.source.line_of(at), format!("`{name}` is defined here"));
    let mut existing: Vec<Existing> =
        imports::imports(ctx.source).iter().map(|imported| here(&imported.local, imported.range.start)).collect();
    for item in children(ctx.source.root()) {
        let item = item.child_by_field_name("definition").unwrap_or(item);
        if let Some(name) = item.child_by_field_name("name") {
            existing.push(here(ctx.source.slice(name), name.start_byte()));
        }
        if let Some(left) = item.named_child(0).and_then(|inner| inner.child_by_field_name("left")) {
            existing.push(here(ctx.source.slice(left), left.start_byte()));
        }
    }
    if let Some(function) = ctx.source.function_at(node.start_byte()) {
        let parameters = function.child_by_field_name("parameters");
        for name in parameters.into_iter().flat_map(children).filter_map(names::parameter_identifier) {
            existing.push(here(ctx.source.slice(name), name.start_byte()));
        }
        let targets = descendants(function)
            .take_while(|inner| inner.start_byte() < node.start_byte())
            .filter(|inner| matches!(inner.kind(), "assignment" | "for_statement"))
            // What a statement binds is not there yet while its own value is made.
            .filter(|inner| inner.child_by_field_name("right").is_none_or(|value| value.end_byte() < node.end_byte()))
            .filter_map(|inner| inner.child_by_field_name("left"))
            .filter(|left| left.kind() == "identifier");
        existing.extend(targets.map(|left| here(ctx.source.slice(left), left.start_byte())));
    }
    existing
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_name_that_the_statement_itself_binds_is_no_fix() {
        check(
            r#"
#- shop.py
class Cart: ...
#- tests/test_cart.py
def test_cart():
    cache_control = $0_CacheControl()
    assert cache_control
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       cache_control = _CacheControl()
E       NameError: name '_CacheControl' is not defined

tests/test_cart.py:2: NameError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn the_import_is_the_one_that_other_tests_have() {
        check(
            r#"
#- shop/__init__.py
#- shop/cart.py
class Cart: ...
#- tests/test_other.py
from shop.cart import Cart
#- tests/test_cart.py
import pytest

def test_cart():
    assert $0Cart()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert Cart()
E       NameError: name 'Cart' is not defined

tests/test_cart.py:4: NameError
#- healed
+from shop.cart import Cart
+
"#,
        );
    }

    #[test]
    fn a_fixture_of_that_name_is_asked_for() {
        check(
            r#"
#- tests/conftest.py
import pytest

@pytest.fixture
def cart():
    return []
#- tests/test_cart.py
def test_cart(tmp_path):
    assert $0cart == []
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart(tmp_path):
>       assert cart == []
E       NameError: name 'cart' is not defined

tests/test_cart.py:2: NameError
#- healed
-def test_cart(tmp_path):
+def test_cart(tmp_path, cart):
"#,
        );
    }

    #[test]
    fn a_local_variable_that_was_misspelled() {
        check(
            r#"
#- tests/test_cart.py
def test_cart():
    total = 1
    assert $0totl == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
        total = 1
>       assert totl == 1
E       NameError: name 'totl' is not defined

tests/test_cart.py:3: NameError
#- healed
-    assert totl == 1
+    assert total == 1
"#,
        );
    }

    #[test]
    fn a_name_that_nothing_knows_is_no_fix() {
        check(
            r#"
#- tests/test_cart.py
def test_cart():
    assert $0voucher == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert voucher == 1
E       NameError: name 'voucher' is not defined

tests/test_cart.py:2: NameError
#- healed
no fix
"#,
        );
    }
}
