//! unittest's old aliases, gone with Python 3.12: `assertEquals` is `assertEqual`.

use crate::diagnosis::{Category, Complaint, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};

use super::confidence::Odds;
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "unittest-alias",
    categories: &[Category::AttributeError],
    summary: "Calls the assert method that the removed alias stood for.",
    example: r#"
#- tests/test_cart.py
from unittest import TestCase

class TestCart(TestCase):
    def test_total(self):
        self.$0assertEquals(1 + 1, 2)
        self.assertEquals(2 + 2, 4)
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestCart.test_total ______________________________

self = <tests.test_cart.TestCart testMethod=test_total>

    def test_total(self):
>       self.assertEquals(1 + 1, 2)
        ^^^^^^^^^^^^^^^^^
E       AttributeError: 'TestCart' object has no attribute 'assertEquals'. Did you mean: 'assertEqual'?

tests/test_cart.py:5: AttributeError
#- healed
-        self.assertEquals(1 + 1, 2)
-        self.assertEquals(2 + 2, 4)
+        self.assertEqual(1 + 1, 2)
+        self.assertEqual(2 + 2, 4)
"#,
    propose: unittest_alias,
};

fn unittest_alias(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoAttribute { name, .. } = ctx.complaint() else { return None };
    let (old, new) = stdlib::UNITTEST_ALIASES.iter().find(|(old, _)| old == name)?;
    let object = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?.child_by_field_name("object")?;
    let evidence = vec![
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(format!("Python 3.12 has no alias `{old}` any more")) },
        Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("`{old}` was another name of `{new}`")) },
    ];
    let places = names::attribute_uses(ctx.source, ctx.scope(), ctx.source.slice(object), old);
    fixes.push(Fix {
        title: format!("Call `{new}` instead of its removed alias"),
        strategy: STRATEGY.id,
        edits: places.into_iter().map(|range| ctx.replace(range, *new)).collect(),
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
    fn a_method_that_never_was_is_no_alias() {
        check(
            r#"
#- tests/test_cart.py
from unittest import TestCase

class TestCart(TestCase):
    def test_total(self):
        self.$0expectTotal(1)
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestCart.test_total ______________________________

    def test_total(self):
>       self.expectTotal(1)
E       AttributeError: 'TestCart' object has no attribute 'expectTotal'

tests/test_cart.py:5: AttributeError
#- healed
no fix
"#,
        );
    }
}
