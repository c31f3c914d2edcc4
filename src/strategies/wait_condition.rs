//! A check right behind a fixed sleep: the project's own wait helper waits for the condition itself.

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::workspace::symbols::{Parameter, ParameterKind, Symbol};

use super::confidence::Odds;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "wait-condition",
    categories: &[Category::AssertionError],
    summary: "Waits for the condition with the project's own helper where the test slept a fixed time.",
    example: r#"
#- waiting.py
def wait_until(condition, timeout=30):
    """Polls until the condition holds."""
#- tests/test_vm.py
import time

from waiting import wait_until

def test_started(vm):
    wait_until(lambda: vm.is_up, timeout=10)

def test_stopped(vm):
    vm.stop()
    time.sleep(5)
    assert $0vm.status == "Stopped"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_stopped _________________________________

vm = <VirtualMachine>

    def test_stopped(vm):
        vm.stop()
        time.sleep(5)
>       assert vm.status == "Stopped"
E       AssertionError: assert 'Stopping' == 'Stopped'

tests/test_vm.py:11: AssertionError
#- healed
-    time.sleep(5)
+    wait_until(lambda: vm.status == "Stopped", timeout=5)
"#,
    propose: wait_condition,
};

/// How wait helpers are called, and the parameter that takes the condition.
const HELPERS: [&str; 8] = [
    "wait_until",
    "wait_for",
    "wait_for_condition",
    "wait_for_true",
    "eventually",
    "poll_until",
    "retry_until",
    "wait",
];
const CONDITIONS: [&str; 10] =
    ["condition", "predicate", "func", "function", "fn", "check", "callback", "probe", "callable", "test"];

/// A helper and the parameter that bounds it.
struct Helper {
    symbol: Symbol,
    timeout: Parameter,
}

fn wait_condition(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let assertion = ctx.statement().filter(|node| node.kind() == "assert_statement")?;
    let condition = assertion.named_child(0)?;
    let (sleep, seconds) = sleep_before(ctx, assertion)?;
    // A condition that holds only once, or does something, is not to be asked again and again.
    if descendants(condition).any(|node| matches!(node.kind(), "await" | "named_expression")) {
        return None;
    }
    let helper = helper(ctx)?;
    let name = &helper.symbol.name;
    let condition = ctx.source.slice(condition);
    let call = format!("{name}(lambda: {condition}, {}={})", helper.timeout.name, ctx.source.slice(seconds));
    let mut edits = vec![ctx.replace(sleep.byte_range(), call)];
    let known = imports::imports(ctx.source).iter().any(|imported| imported.local == *name);
    if !known && helper.symbol.path != ctx.site.path {
        let module = ctx.snapshot.dotted_name(&helper.symbol.path)?;
        edits.push(imports::add(ctx, &module, Some(name))?);
    }
    let line = ctx.source.line_of(sleep.start_byte());
    let mut evidence = vec![
        Evidence::at(
            EvidenceKind::Source,
            &helper.symbol.path,
            helper.symbol.line,
            format!("`{name}` waits for a condition"),
        ),
        Evidence::at(EvidenceKind::Source, &ctx.site.path, line, "the check follows a sleep of a fixed time"),
    ];
    let usages = ctx.snapshot.usages(name, 8);
    let example = usages.iter().find(|usage| usage.path != helper.symbol.path);
    evidence.extend(
        example.map(|usage| {
            Evidence::at(EvidenceKind::Example, &usage.path, usage.line, format!("`{name}` is used here"))
        }),
    );
    fixes.push(Fix {
        title: format!("Wait for the condition with `{name}` instead of sleeping"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(1.0).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// `time.sleep(5)` as the statement right before the check, and the number of its seconds.
fn sleep_before<'c>(ctx: &'c Context<'_>, assertion: Node<'c>) -> Option<(Node<'c>, Node<'c>)> {
    let before =
        children(assertion.parent()?).take_while(|node| *node != assertion).filter(|node| node.kind() != "comment");
    let call = before.last()?.named_child(0).filter(|call| call.kind() == "call")?;
    let seconds = call.child_by_field_name("arguments")?.named_child(0)?;
    let sleeps = matches!(ctx.source.slice(call.child_by_field_name("function")?), "time.sleep" | "sleep");
    (sleeps && matches!(seconds.kind(), "integer" | "float" | "identifier")).then_some((call, seconds))
}

/// The project's helper that takes a condition first and a limit by keyword; the one that tests use, where
/// there are several.
fn helper(ctx: &Context<'_>) -> Option<Helper> {
    let bounded = |symbol: Symbol| {
        let parameters = &symbol.signature.as_ref()?.parameters;
        let takes = parameters.first().is_some_and(|first| CONDITIONS.contains(&first.name.as_str()));
        let timeout = parameters
            .iter()
            .find(|parameter| parameter.name.contains("timeout") && parameter.kind != ParameterKind::PositionalOnly)?
            .clone();
        (takes && symbol.qualified.matches('.').count() <= symbol.path.as_str().matches('/').count() + 1)
            .then_some(Helper { symbol, timeout })
    };
    HELPERS.iter().flat_map(|name| ctx.snapshot.definitions(name)).find_map(bounded)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn without_a_helper_of_the_project_a_sleep_stays() {
        check(
            r#"
#- tests/test_vm.py
import time

def test_stopped(vm):
    vm.stop()
    time.sleep(5)
    assert $0vm.is_stopped()
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_stopped _________________________________

    def test_stopped(vm):
        vm.stop()
        time.sleep(5)
>       assert vm.is_stopped()
E       assert False
E        +  where False = is_stopped()

tests/test_vm.py:6: AssertionError
#- healed
no fix
"#,
        );
    }
}
