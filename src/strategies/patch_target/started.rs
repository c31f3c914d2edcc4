//! A patch that was made before it is started: `self.patcher = patch("a.b")`, and then `self.patcher.start()`.

use crate::syntax::{Node, ancestors, descendants};

use super::super::Context;
use super::is_target;

/// The target of the patch that the failing statement starts or enters: of the only one that was given that name in the
/// function, else in the class, else in the file.
pub(super) fn target<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let patch = ctx.source.slice(started(ctx)?);
    let is_scope = |node: &Node<'_>| matches!(node.kind(), "function_definition" | "class_definition" | "module");
    let around = ancestors(ctx.statement()?).filter(is_scope);
    let of_name = |scope: Node<'c>| -> Vec<Node<'c>> {
        let given = descendants(scope).filter(|node| node.kind() == "assignment");
        given
            .filter(|node| node.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == patch))
            .filter_map(|node| node.child_by_field_name("right"))
            .collect()
    };
    let [made] = around.map(of_name).find(|found| !found.is_empty())?[..] else { return None };
    let call = Some(made).filter(|made| made.kind() == "call")?;
    let first = call.child_by_field_name("arguments")?.named_child(0)?;
    (first.kind() == "string" && is_target(ctx, first)).then_some(first)
}

/// `patcher` of `patcher.start()` and of `with patcher as send:`.
fn started<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let statement = ctx.statement()?;
    if statement.kind() == "with_statement" {
        let mut items = descendants(statement)
            .take_while(|node| node.kind() != "block")
            .filter(|node| node.kind() == "with_item")
            .filter_map(|item| item.child_by_field_name("value"))
            .map(|value| if value.kind() == "as_pattern" { value.named_child(0).unwrap_or(value) } else { value });
        return items.next().filter(|_| items.next().is_none());
    }
    let mut functions = descendants(statement)
        .filter(|node| node.kind() == "call")
        .filter_map(|call| call.child_by_field_name("function"))
        .filter(|function| function.child_by_field_name("attribute").is_some_and(|it| ctx.source.slice(it) == "start"));
    let function = functions.next()?;
    function.child_by_field_name("object").filter(|_| functions.next().is_none())
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    fn scene(test: &str, failing: &str, healed: &str) -> String {
        let line = test.lines().position(|line| line.trim() == failing).expect("the test holds the line") + 1;
        format!(
            r#"
#- before: mail.py
def send_mail(to):
    print("to", to)
    return True

def order(to):
    return send_mail(to)
#- mail.py
def deliver(to):
    print("to", to)
    return True

def order(to):
    return deliver(to)
#- tests/test_mail.py
{test}
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestMail.test_order ______________________________

    def setUp(self):
>       {failing}

tests/test_mail.py:{line}: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def get_original(self):
>           raise AttributeError(
E           AttributeError: <module 'mail' from '/p/mail.py'> does not have the attribute 'send_mail'

/usr/lib/python3.12/unittest/mock.py:1442: AttributeError
#- healed
{healed}
"#
        )
    }

    const STARTED: &str = "import unittest\nfrom unittest import mock\nimport mail\n\nclass TestMail(unittest.TestCase):\n    \
        def setUp(self):\n        self.patcher = mock.patch(\"mail.send_mail\")\n        \
        self.send = self.patcher.start()\n\n    def test_order(self):\n        mail.order(1)\n        \
        self.send.assert_called_once_with(1)";
    const FAILING: &str = "self.send = self.patcher.start()";

    #[test]
    fn a_patch_that_is_started_later_follows() {
        let healed = "-        self.patcher = mock.patch(\"mail.send_mail\")\n+        self.patcher = mock.patch(\"mail.deliver\")";
        check(&scene(STARTED, FAILING, healed));
        let entered = STARTED.replace(FAILING, "with self.patcher as send:\n            pass");
        check(&scene(&entered, "with self.patcher as send:", healed));
    }

    #[test]
    fn a_patch_of_which_there_are_two_or_none_stays() {
        let two = STARTED.replace(
            "        self.send =",
            "        if slow:\n            self.patcher = mock.patch(\"mail.send_mail\", slow)\n        self.send =",
        );
        check(&scene(&two, FAILING, "no fix"));
        let handed = STARTED.replace("mock.patch(\"mail.send_mail\")", "patched(\"mail.send_mail\")");
        check(&scene(&handed, FAILING, "no fix"));
        let named = STARTED.replace("mock.patch(\"mail.send_mail\")", "mock.patch(TARGET)");
        check(&scene(&named, FAILING, "no fix"));
    }

    #[test]
    fn a_started_mock_that_must_not_be_called_is_for_a_person() {
        let tier = |test: &str, failing: &str| {
            let healing = Scene::parse(&scene(test, failing, "")).heal();
            healing.fixes.first().map(|fix| fix.fix().tier)
        };
        assert_eq!(tier(STARTED, FAILING), Some(Tier::Safe));
        // What is asked of another mock says nothing of this one.
        let denied =
            STARTED.replace("assert_called_once_with(1)", "assert_not_called()\n        self.log.assert_called()");
        assert_eq!(tier(&denied, FAILING), Some(Tier::Review));
        let local = "from unittest.mock import patch\nimport mail\n\ndef test_order():\n    patcher = patch(\"mail.send_mail\")\n    \
            send = patcher.start()\n    mail.order(1)\n    send.assert_not_called()";
        assert_eq!(tier(local, "send = patcher.start()"), Some(Tier::Review));
        let called = local.replace("assert_not_called", "assert_called_once");
        assert_eq!(tier(&called, "send = patcher.start()"), Some(Tier::Safe));
    }
}
