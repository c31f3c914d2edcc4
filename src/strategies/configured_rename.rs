//! What the project itself says was renamed: `renames` and `resource-renames` of its configuration.

use std::ops::Range;

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, descendants};
use crate::text::FilePath;

use super::confidence::Odds;
use super::two_things::were_two_things;
use super::{Context, Strategy, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "configured-rename",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::FixtureError,
        Category::ImportError,
        Category::KeyError,
        Category::LogicError,
        Category::NameError,
        Category::ResourceError,
        Category::TimeoutError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Uses the new name that the project's own configuration gives.",
    example: r#"
#- pyproject.toml
[tool.pytest-medic]
resource-renames = { spireserver = "spire-server" }
#- tests/test_deploy.py
def test_deploy(cluster):
    cluster.get("deployment", "spireserver")
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_deploy __________________________________

cluster = <Cluster>

    def test_deploy(cluster):
>       cluster.get("deployment", "spireserver")
E       NotFoundError: deployments.apps "spireserver" not found

tests/test_deploy.py:2: NotFoundError
#- healed
-    cluster.get("deployment", "spireserver")
+    cluster.get("deployment", "spire-server")
"#,
    propose: configured_rename,
};

fn configured_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let config = ctx.snapshot.config();
    for (old, new) in config.resource_renames.iter().filter(|(old, _)| says(ctx.message(), old)) {
        push(ctx, old, new, "resource-renames", resources(ctx, old, new), fixes);
    }
    let lost = ctx.complaint().subject().filter(|_| !matches!(ctx.complaint(), Complaint::NotRaised { .. }));
    for (old, new) in config.renames.iter().filter(|(old, _)| lost.is_some_and(|lost| last(lost) == old)) {
        push(ctx, old, new, "renames", names(ctx, old, new), fixes);
    }
    Some(())
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether the message speaks of `name`, as a word of its own.
fn says(message: &str, name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    message
        .match_indices(name)
        .any(|(at, _)| !message[..at].ends_with(inside) && !message[at + name.len()..].starts_with(inside))
}

type Replacement = (Range<usize>, String);

/// The strings of the test, else of the module, that name the resource, alone or as a part of a longer name.
fn resources(ctx: &Context<'_>, old: &str, new: &str) -> Vec<Replacement> {
    let within = |scope: Node<'_>| -> Vec<Replacement> {
        let strings = descendants(scope).filter(|node| node.kind() == "string" && !is_docstring(*node));
        let named = strings.filter_map(|node| {
            let value = literals::string_value(ctx.source, node).filter(|value| says(value, old))?;
            Some((node.byte_range(), literals::requoted(ctx.source.slice(node), &value.replace(old, new))?))
        });
        named.collect()
    };
    let in_test = within(ctx.scope());
    if in_test.is_empty() { within(ctx.source.root()) } else { in_test }
}

fn is_docstring(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == "expression_statement")
}

/// The identifiers and keys of that name in the test, else, for an import, in the whole file.
fn names(ctx: &Context<'_>, old: &str, new: &str) -> Vec<Replacement> {
    let in_import = ctx.node().is_some_and(|node| ancestors(node).any(|node| node.kind().starts_with("import")));
    let scope = if in_import { ctx.source.root() } else { ctx.scope() };
    let is_name = |node: &Node<'_>| node.kind() == "identifier" && ctx.source.slice(*node) == old;
    let mut found: Vec<Replacement> =
        descendants(scope).filter(is_name).map(|node| (node.byte_range(), new.to_string())).collect();
    if found.is_empty() {
        let keys = descendants(scope).filter(|node| node.kind() == "string" && !is_docstring(*node));
        found.extend(keys.filter_map(|node| {
            literals::string_value(ctx.source, node).filter(|value| value == old)?;
            Some((node.byte_range(), literals::requoted(ctx.source.slice(node), new)?))
        }));
    }
    found
}

fn push(ctx: &Context<'_>, old: &str, new: &str, key: &str, places: Vec<Replacement>, fixes: &mut Vec<Fix>) {
    if places.is_empty() {
        return;
    }
    let path = FilePath::new("pyproject.toml");
    let text = ctx.snapshot.text(&path).unwrap_or_default();
    let line = text.lines().position(|line| says(line, old)).map_or(1, |line| line as u32 + 1);
    let evidence = vec![
        Evidence::at(EvidenceKind::Lesson, &path, line, format!("`{key}` says that `{old}` is `{new}` now")),
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run did not find `{old}`")) },
    ];
    fixes.push(Fix {
        title: format!("Use `{new}` for `{old}`"),
        strategy: STRATEGY.id,
        edits: places.into_iter().map(|(range, text)| ctx.replace(range, text)).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // A rename of one class says nothing of another that had both names.
        tier: if were_two_things(ctx, old, new) { Tier::Review } else { Tier::Safe },
    });
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn an_attribute_that_the_project_renamed() {
        check(
            r#"
#- pyproject.toml
[tool.pytest-medic.renames]
restart = "reboot"
#- tests/test_vm.py
def test_vm(vm):
    vm.$0restart()
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_vm ____________________________________

    def test_vm(vm):
>       vm.restart()
E       AttributeError: 'VirtualMachine' object has no attribute 'restart'

tests/test_vm.py:2: AttributeError
#- healed
-    vm.restart()
+    vm.reboot()
"#,
        );
    }

    #[test]
    fn a_failure_about_something_else_is_no_fix() {
        check(
            r#"
#- pyproject.toml
[tool.pytest-medic]
resource-renames = { spireserver = "spire-server" }
#- tests/test_deploy.py
def test_deploy(cluster):
    cluster.get("deployment", "spireserver-agent")
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_deploy __________________________________

    def test_deploy(cluster):
>       cluster.get("deployment", "spireserver-agent")
E       NotFoundError: deployments.apps "spireserver-agent" not found

tests/test_deploy.py:2: NotFoundError
#- healed
no fix
"#,
        );
    }
}
