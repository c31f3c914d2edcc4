//! `datetime.utcnow` and `utcfromtimestamp`, deprecated since Python 3.12, where warnings are errors.

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};

use super::confidence::Odds;
use super::imports;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "utc-now",
    categories: &[Category::LogicError],
    summary: "Makes aware datetimes in UTC, as Python's deprecation says; naive ones where that is compared.",
    example: r#"
#- tests/test_cart.py
from datetime import datetime

def test_age():
    assert age(datetime.utcnow()) == 0
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_age ___________________________________

    def test_age():
>       assert age(datetime.utcnow()) == 0
E       DeprecationWarning: datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).

tests/test_cart.py:4: DeprecationWarning
#- healed
-from datetime import datetime
+from datetime import datetime, timezone
-    assert age(datetime.utcnow()) == 0
+    assert age(datetime.now(timezone.utc)) == 0
"#,
    propose: utc_now,
};

/// The old method and the one that takes a time zone.
const METHODS: [(&str, &str); 2] = [("utcnow", "now"), ("utcfromtimestamp", "fromtimestamp")];

fn utc_now(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message();
    let (old, new) = METHODS.into_iter().find(|(old, _)| message.starts_with(&format!("datetime.datetime.{old}()")))?;
    let calls: Vec<Node<'_>> = descendants(ctx.scope()).filter(|node| is_call_of(ctx, *node, old)).collect();
    let object = ctx.source.slice(calls.first()?.child_by_field_name("function")?.child_by_field_name("object")?);
    // `datetime.datetime` has its time zones at `datetime.timezone`, an imported class needs the name.
    let (zone, import) = match object.rsplit_once('.') {
        Some((module, _)) => (format!("{module}.timezone.utc"), None),
        None => ("timezone.utc".to_string(), Some(("datetime", "timezone"))),
    };
    let evidence = || {
        let text = message.lines().next().unwrap_or_default();
        let source = format!("`{old}()` is `{new}({zone})` without its time zone");
        vec![
            Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(text) },
            Evidence { kind: EvidenceKind::Source, ..Evidence::hint(source) },
        ]
    };
    for (suffix, title, doubt) in [
        ("", "Make an aware datetime in UTC", 0.0),
        (".replace(tzinfo=None)", "Make the same naive datetime in UTC", 0.3),
    ] {
        let mut edits = Vec::new();
        for call in &calls {
            let method = call.child_by_field_name("function")?.child_by_field_name("attribute")?;
            let arguments = call.child_by_field_name("arguments")?;
            let given = children(arguments).map(|node| ctx.source.slice(node));
            let all: Vec<&str> = given.chain([zone.as_str()]).collect();
            edits.push(ctx.replace(method.start_byte()..call.end_byte(), format!("{new}({}){suffix}", all.join(", "))));
        }
        if let Some((module, name)) = import
            && imports::imports(ctx.source).iter().all(|imported| imported.local != name)
        {
            edits.push(imports::add(ctx, module, Some(name))?);
        }
        let evidence = evidence();
        fixes.push(Fix {
            title: title.to_string(),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).doubt(doubt).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

fn is_call_of(ctx: &Context<'_>, node: Node<'_>, method: &str) -> bool {
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
    let attribute = function.and_then(|function| function.child_by_field_name("attribute"));
    attribute.is_some_and(|attribute| ctx.source.slice(attribute) == method)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn what_the_product_calls_is_not_the_tests_to_change() {
        check(
            r#"
#- tests/test_cart.py
def test_age():
    assert age() == 0
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_age ___________________________________

    def test_age():
>       assert age() == 0
E       DeprecationWarning: datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).

tests/test_cart.py:2: DeprecationWarning
#- healed
no fix
"#,
        );
    }
}
