//! `setup` and `teardown` of a plain test class: nose's names, which pytest 8 does not call any more.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "nose-setup",
    categories: &[Category::AttributeError],
    summary: "Calls nose's `setup` and `teardown` as pytest 8 wants them: `setup_method`, `teardown_method`.",
    example: r#"
#- tests/test_cart.py
class TestCart:
    def setup(self):
        self.cart = []

    def test_empty(self):
        assert self.$0cart == []
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestCart.test_empty ______________________________

self = <tests.test_cart.TestCart object at 0x7f0000000000>

    def test_empty(self):
>       assert self.cart == []
E       AttributeError: 'TestCart' object has no attribute 'cart'

tests/test_cart.py:6: AttributeError
#- healed
-    def setup(self):
+    def setup_method(self):
"#,
    propose: nose_setup,
};

const NAMES: [(&str, &str); 2] = [("setup", "setup_method"), ("teardown", "teardown_method")];

fn nose_setup(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoAttribute { owner: Owner::Instance(_), name: missing } = ctx.complaint() else { return None };
    let class = ancestors(ctx.node()?).find(|node| node.kind() == "class_definition")?;
    let slice = |node: Node<'_>| ctx.source.slice(node);
    // A base may be a TestCase, or call `setup` itself.
    if class.child_by_field_name("superclasses").is_some_and(|bases| bases.named_child_count() > 0) {
        return None;
    }
    let methods: Vec<Node<'_>> =
        children(class.child_by_field_name("body")?).filter(|node| node.kind() == "function_definition").collect();
    let name_of = |method: &Node<'_>| method.child_by_field_name("name").map_or("", slice);
    let setup = methods.iter().find(|method| name_of(method) == "setup")?;
    let sets = format!("self.{missing}");
    let assigned = descendants(*setup)
        .filter(|node| node.kind() == "assignment")
        .find(|node| node.child_by_field_name("left").is_some_and(|left| slice(left) == sets))?;
    if methods.iter().any(|method| NAMES.iter().any(|(_, new)| name_of(method) == *new)) {
        return None;
    }
    let edits = methods.iter().filter_map(|method| {
        let (_, new) = NAMES.iter().find(|(old, _)| *old == name_of(method))?;
        Some(ctx.replace(method.child_by_field_name("name")?.byte_range(), *new))
    });
    let line = ctx.source.line_of(assigned.start_byte());
    let docs = "pytest 8 calls `setup_method`, no longer nose's `setup` (its changelog, 8.0.0)";
    let evidence = vec![
        Evidence::at(
            EvidenceKind::Source,
            &ctx.site.path,
            line,
            format!("`setup` sets `{sets}`, and nothing called it"),
        ),
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(docs) },
    ];
    fixes.push(Fix {
        title: "Rename `setup` to `setup_method`".to_string(),
        strategy: STRATEGY.id,
        edits: edits.collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_class_with_a_base_is_left_to_its_base() {
        check(
            r#"
#- tests/test_cart.py
class TestCart(Base):
    def setup(self):
        self.cart = []

    def test_empty(self):
        assert self.$0cart == []
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestCart.test_empty ______________________________

    def test_empty(self):
>       assert self.cart == []
E       AttributeError: 'TestCart' object has no attribute 'cart'

tests/test_cart.py:6: AttributeError
#- healed
no fix
"#,
        );
    }
}
