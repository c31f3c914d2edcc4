//! A wait that ended too early: its timeout is raised once, within the cap.

use std::ops::Range;

use crate::diagnosis::Category;
use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::Outline;
use crate::syntax::{Node, ancestors, children, descendants};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, checks, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "timeout-raise",
    categories: &[Category::TimeoutError],
    summary: "Raises the timeout of the call that waited: by half at first, twice when it ran out again, more in CI, within `timeout-cap`.",
    example: r#"
#- tests/test_vm.py
def test_running(vm):
    vm.wait_for_status("Running", $0timeout=60)
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

vm = <VirtualMachine>

    def test_running(vm):
>       vm.wait_for_status("Running", timeout=60)
E       TimeoutExpiredError: Timed Out: 60

tests/test_vm.py:2: TimeoutExpiredError
#- healed
-    vm.wait_for_status("Running", timeout=60)
+    vm.wait_for_status("Running", timeout=90)
"#,
    propose: timeout_raise,
};

fn timeout_raise(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let number = timeout_number(ctx)?;
    let written = &ctx.source.text()[number.clone()];
    let config = ctx.snapshot.config();
    let factor = if config.ci {
        IN_CI
    } else if ran_out_again(ctx) {
        REPEATED
    } else {
        FIRST
    };
    let new = raised(written, factor, config.timeout_cap)?;
    let line = ctx.source.line_of(number.start);
    let text =
        format!("the wait is bounded by {written} here, and {}", ctx.message().lines().next().unwrap_or("it ran out"));
    let evidence = vec![
        Evidence::at(EvidenceKind::Source, &ctx.site.path, line, text),
        Evidence::hint(format!("{} was raised by the wait", ctx.diagnosis.failure.exc_type.as_deref().unwrap_or("it"))),
    ];
    fixes.push(Fix {
        title: format!("Wait up to {new} instead of {written} ({factor} times as long)"),
        strategy: STRATEGY.id,
        edits: vec![ctx.replace(number, new)],
        confidence: Odds::of(&evidence).doubt(1.0).confidence(),
        evidence,
        // Where the product changed, it may be what takes longer, and to wait for it would hide that.
        tier: if may_be_slower(ctx) { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the product changed since, other than in functions that nobody calls.
fn may_be_slower(ctx: &Context<'_>) -> bool {
    product::hunks(ctx.snapshot, &ctx.site.path)
        .iter()
        .any(|hunk| hunk.is_python() && is_used(ctx, hunk).unwrap_or(true))
}

/// Whether the function that a hunk lies in is named anywhere but where it is defined; `None` where it lies in no plain
/// function.
fn is_used(ctx: &Context<'_>, hunk: &Hunk) -> Option<bool> {
    let source = ctx.snapshot.source(&hunk.path)?;
    let function = source.function_at(source.code_on_line(hunk.line)?.start)?;
    let is_inside = hunk.line + hunk.added.len() as u32 <= source.line_of(function.end_byte()) + 1;
    let is_decorated = function.parent().is_some_and(|parent| parent.kind() == "decorated_definition");
    let name = source.slice(function.child_by_field_name("name")?);
    if !is_inside || hunk.added.is_empty() || is_decorated || name.starts_with("__") {
        return None;
    }
    let texts = ctx.snapshot.files_naming(name).into_iter().filter_map(|path| ctx.snapshot.text(&path));
    Some(texts.map(|text| occurrences(&text, name).count()).sum::<usize>() > 1)
}

/// How much longer a wait may last that ran out for the first time.
const FIRST: f64 = 1.5;
/// The same for one that was raised before, or that ran out in several tests: the machine is slow.
const REPEATED: f64 = 2.0;
/// The same on a machine that others share.
const IN_CI: f64 = 2.5;

/// Whether another test of this run ran into the same wait, or a lesson tells that this test did before.
fn ran_out_again(ctx: &Context<'_>) -> bool {
    let failure = &ctx.diagnosis.failure;
    let together = ctx.report.failures.iter().filter(|other| other.exc_type == failure.exc_type).count() > 1;
    let mut lessons = ctx.snapshot.lessons().iter().flat_map(|graveyard| &graveyard.lessons);
    together || lessons.any(|lesson| lesson.category == "TimeoutError" && lesson.test == failure.nodeid)
}

/// The number of seconds in the statement that waited, or in the constant that it names.
fn timeout_number(ctx: &Context<'_>) -> Option<Range<usize>> {
    let value = timeout_value(ctx)?;
    match value.kind() {
        "integer" | "float" => Some(value.byte_range()),
        "identifier" => {
            let name = ctx.source.slice(value);
            constant(ctx, name).filter(|_| !is_expected(ctx, name))
        }
        _ => None,
    }
}

/// Whether a test compares with the constant, here or where it is imported: then it says how long something may take.
fn is_expected(ctx: &Context<'_>, name: &str) -> bool {
    ctx.snapshot.files_naming(name).iter().any(|path| {
        let Some(source) = ctx.snapshot.source(path) else { return false };
        let module = ctx.snapshot.dotted_name(&ctx.site.path);
        let last = module.as_deref().and_then(|module| module.rsplit('.').next()).unwrap_or_default();
        let is_taken = |outline: &Outline| {
            outline.imports.iter().any(|import| import.binds == name && import.module.ends_with(last))
        };
        let is_it = *path == ctx.site.path || ctx.snapshot.outline(path).is_some_and(|outline| is_taken(&outline));
        let compares = |node: Node<'_>| {
            let mut around =
                ancestors(node).take_while(|outer| !matches!(outer.kind(), "call" | "while_statement" | "block"));
            checks::is_checked(&source, node) || around.any(|outer| outer.kind() == "comparison_operator")
        };
        is_it && names::uses(&source, name).into_iter().filter_map(|used| source.node_at(used)).any(compares)
    })
}

/// The value of the keyword with `timeout` in its name; of a `timeout` mark its first argument.
fn timeout_value<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let names_timeout = |node: Node<'_>| ctx.source.slice(node).to_lowercase().contains("timeout");
    let keyword = |scope: Node<'c>, range: &Range<usize>| {
        descendants(scope)
            .filter(|node| node.kind() == "keyword_argument" && range.contains(&node.start_byte()))
            .find(|node| node.child_by_field_name("name").is_some_and(names_timeout))
            .and_then(|node| node.child_by_field_name("value"))
    };
    let statement = ctx.statement()?;
    keyword(statement, &ctx.site.statement).or_else(|| marked(ctx))
}

/// `@pytest.mark.timeout(10)` of the test, which pytest-timeout reads.
fn marked<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let by_plugin = ctx.message().starts_with("Timeout >");
    let decorated = ctx.scope().parent().filter(|parent| parent.kind() == "decorated_definition" && by_plugin)?;
    let call = children(decorated)
        .filter(|node| node.kind() == "decorator")
        .filter_map(|decorator| decorator.named_child(0))
        .find(|call| call.kind() == "call" && ctx.source.slice(*call).contains("mark.timeout"))?;
    call.child_by_field_name("arguments")?.named_child(0)
}

/// `TIMEOUT = 60` at module level.
fn constant(ctx: &Context<'_>, name: &str) -> Option<Range<usize>> {
    let assigned = children(ctx.source.root()).filter_map(|statement| statement.named_child(0)).filter(|assignment| {
        assignment.kind() == "assignment"
            && assignment.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == name)
    });
    let mut values = assigned.filter_map(|assignment| assignment.child_by_field_name("right"));
    let value = values.next().filter(|value| matches!(value.kind(), "integer" | "float"))?;
    values.next().is_none().then(|| value.byte_range())
}

/// The number of seconds as it will be written; never above the cap.
fn raised(written: &str, factor: f64, cap: f64) -> Option<String> {
    let seconds: f64 = written.replace('_', "").parse().ok()?;
    let new = (seconds * factor).min(cap);
    if !seconds.is_finite() || seconds <= 0.0 || new <= seconds {
        return None;
    }
    let rounded =
        if written.contains('.') && new < 10.0 { format!("{new:.1}") } else { format!("{:.0}", new.ceil().min(cap)) };
    Some(if written.contains('.') && !rounded.contains('.') { format!("{rounded}.0") } else { rounded })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn a_timeout_at_the_cap_stays() {
        assert_eq!(raised("600", FIRST, 600.0), None);
        assert_eq!(raised("500", FIRST, 600.0).as_deref(), Some("600"));
        assert_eq!(raised("0.5", FIRST, 600.0).as_deref(), Some("0.8"));
        assert_eq!(raised("60", REPEATED, 600.0).as_deref(), Some("120"));
        assert_eq!(raised("60", IN_CI, 600.0).as_deref(), Some("150"));
    }

    #[test]
    fn a_named_constant_is_raised_where_it_is_declared() {
        check(
            r#"
#- tests/test_vm.py
TIMEOUT = 30

def test_running(vm):
    vm.wait(timeout=TIMEOUT)
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(vm):
>       vm.wait(timeout=TIMEOUT)
E       TimeoutError: waited 30s for the VM

tests/test_vm.py:4: TimeoutError
#- healed
-TIMEOUT = 30
+TIMEOUT = 45
"#,
        );
    }

    #[track_caller]
    fn after(before: &str, now: &str, tier: Tier) {
        let scene = crate::fixture::Scene::parse(&format!(
            r#"
#- before: vm.py
{before}
#- vm.py
{now}
#- tests/test_vm.py
from vm import start, wait

def test_running():
    wait(start(), timeout=30)
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running():
>       wait(start(), timeout=30)
E       TimeoutError: waited 30s for the VM

tests/test_vm.py:4: TimeoutError
#- healed
"#
        ));
        assert_eq!(scene.heal().fixes.first().map(|fix| fix.fix().tier), Some(tier), "{now}");
    }

    #[test]
    fn a_product_that_changed_where_it_is_called_may_be_slower() {
        let product = "import time\n\ndef start():\n    return time.monotonic() + 0.2\n\ndef wait(job, timeout): ...\n\ndef other():\n    return 1\n";
        after(product, &product.replace("0.2", "40"), Tier::Review);
        after(product, &product.replace("return 1", "return 2"), Tier::Safe);
        after(product, product, Tier::Safe);
        let twice = "def start():\n    other()\n    return time.monotonic() + 0.2";
        after(product, &product.replace("def start():\n    return time.monotonic() + 0.2", twice), Tier::Review);
    }

    #[track_caller]
    fn beside(other: &str, healed: &str) {
        check(&format!(
            r#"
#- tests/test_vm.py
TIMEOUT = 30

def test_running(vm):
    vm.wait(timeout=TIMEOUT)

def test_other(vm):
    {other}
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(vm):
>       vm.wait(timeout=TIMEOUT)
E       TimeoutError: waited 30s for the VM

tests/test_vm.py:4: TimeoutError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_constant_that_a_test_compares_with_stays() {
        let raised = "-TIMEOUT = 30\n+TIMEOUT = 45";
        beside("assert vm.job() <= TIMEOUT", "no fix");
        beside("assertLess(vm.job(), TIMEOUT)", "no fix");
        beside("slow = vm.job() > TIMEOUT", "no fix");
        beside("most = TIMEOUT * 2; assert vm.job() <= most", "no fix");
        beside("assert vm.job(timeout=TIMEOUT) == 1", raised);
        beside("vm.sleep(TIMEOUT)", raised);
    }

    #[track_caller]
    fn on(settings: &str, lessons: &str, seconds: &str) {
        use crate::graveyard::Graveyard;
        let mut scene = crate::fixture::Scene::parse(STRATEGY.example);
        scene.files.push(("pyproject.toml".to_string(), settings.to_string()));
        let snapshot = scene.snapshot().with_lessons(vec![std::sync::Arc::new(Graveyard::parse(None, lessons))]);
        let report = scene.report();
        let failure = std::sync::Arc::new(report.failures[0].clone());
        let healing = crate::heal::heal_one(&snapshot, &report, crate::diagnosis::diagnose(&snapshot, &failure));
        assert_eq!(healing.fixes[0].fix().edits[0].text, seconds);
    }

    #[test]
    fn history_and_ci_decide_how_much_longer() {
        let lesson = "# GRAVEYARD\n\n---\n\n## Entry: It waited too shortly\n\n**Category**: TimeoutError\n**Date**: 2026-11-20\n\
                      **Test**: tests/test_vm.py::test_running\n\n### What Went Wrong\nx\n\n---\n";
        on("", "", "90");
        on("", lesson, "120");
        on("[tool.pytest-medic]\nci = true\n", lesson, "150");
        on("[tool.pytest-medic]\nci = true\ntimeout-cap = 100\n", "", "100");
    }

    #[test]
    fn a_wait_without_a_number_is_no_fix() {
        check(
            r#"
#- tests/test_vm.py
def test_running(vm):
    vm.wait()
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(vm):
>       vm.wait()
E       TimeoutError: waited 30s for the VM

tests/test_vm.py:2: TimeoutError
#- healed
no fix
"#,
        );
    }
}
