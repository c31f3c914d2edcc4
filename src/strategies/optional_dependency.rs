//! A test of an optional part of the project, where that part's package is not installed.

use crate::diagnosis::dependencies::{Group, declared, install_command};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "optional-dependency",
    categories: &[Category::DependencyError],
    summary: "Imports by `importorskip` what the project itself lists as optional; for a person to accept.",
    example: r#"
#- pyproject.toml
[project]
name = "shop"

[project.optional-dependencies]
yaml = ["PyYAML>=6"]
#- tests/test_config.py
import pytest
import $0yaml

def test_config():
    assert yaml.safe_load("a: 1") == {"a": 1}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_config.py _____________________
ImportError while importing test module '/p/tests/test_config.py'.
Traceback:
tests/test_config.py:2: in <module>
    import yaml
E   ModuleNotFoundError: No module named 'yaml'
#- healed
+pytest.importorskip("yaml")
"#,
    propose: optional_dependency,
};

fn optional_dependency(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoModule { module } = ctx.complaint() else { return None };
    let listed = declared(ctx.snapshot, module)?;
    let Group::Extra(extra) = &listed.group else { return None };
    let statement = imports::statement_around(ctx.source, ctx.site.range.start)?;
    let names = imports::names_of(ctx.source, statement);
    let first = names.first()?;
    let end = imports::line_end(ctx.source.text());
    let is_top = statement.parent().is_some_and(|parent| parent.kind() == "module");
    if !is_top || !ctx.raised_here() || first.module.split('.').next() != module.split('.').next() {
        return None;
    }
    let mut line = format!("pytest.importorskip(\"{}\"){end}", first.module);
    let mut edits = Vec::new();
    let pytest = imports::imports(ctx.source).into_iter().find(|imported| imported.local == "pytest");
    if pytest.as_ref().is_none_or(|imported| imported.range.start > statement.start_byte()) {
        // What is imported only below comes up here: the line uses it.
        line.insert_str(0, &format!("import pytest{end}{end}"));
        edits.extend(pytest.and_then(|imported| imports::remove(ctx.source, &ctx.site.path, &imported)));
    }
    edits.insert(0, Edit::insert(&ctx.site.path, statement.start_byte(), line));
    let text = format!("{} is optional: the extra `{extra}` brings it", listed.distribution);
    let evidence = vec![
        Evidence::at(EvidenceKind::Docs, &listed.path, listed.line, text),
        Evidence::hint(format!("it is not installed here; `{}` installs it", install_command(ctx.snapshot, module))),
    ];
    fixes.push(Fix {
        title: format!("Skip this file where `{module}` is not installed"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(1.0).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn pytest_is_imported_above_the_line_that_uses_it() {
        check(
            r#"
#- pyproject.toml
[project]
name = "shop"

[project.optional-dependencies]
yaml = ["PyYAML>=6"]
#- tests/test_config.py
import os

import $0yaml
import pytest

import shop

def test_config():
    assert yaml.safe_load("a: 1") == {"a": 1}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_config.py _____________________
ImportError while importing test module '/p/tests/test_config.py'.
Traceback:
tests/test_config.py:3: in <module>
    import yaml
E   ModuleNotFoundError: No module named 'yaml'
#- healed
+import pytest
+
+pytest.importorskip("yaml")
-import pytest
"#,
        );
    }

    #[test]
    fn what_the_project_needs_is_installed_and_not_skipped() {
        check(
            r#"
#- pyproject.toml
[project]
name = "shop"
dependencies = ["PyYAML>=6"]
#- tests/test_config.py
import $0yaml

def test_config():
    assert yaml.safe_load("a: 1") == {"a": 1}
#- test_run.log
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_config.py _____________________
ImportError while importing test module '/p/tests/test_config.py'.
Traceback:
tests/test_config.py:1: in <module>
    import yaml
E   ModuleNotFoundError: No module named 'yaml'
#- healed
no fix: `pip install -e .`
"#,
        );
    }
}
