//! A public attribute that became a private one: a person's to follow, after the getter that gives it.

use std::ops::Range;

use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::syntax::dataflow::is_target;
use crate::workspace::Members;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::super::Context;
use super::super::confidence::Odds;
use super::super::renames::Answer;
use super::STRATEGY;

/// Whether the class keeps to itself what all could ask for.
pub(super) fn is_hidden(missing: &str, new: &str) -> bool {
    new.starts_with('_') && !missing.starts_with('_')
}

/// `cart.get_owner()` for each `cart.owner` that is read, where the attribute is a private one now and a method gives it:
/// who reads what a class keeps to itself tests how it does it.
pub(super) fn getter(
    ctx: &Context<'_>,
    members: &Members,
    missing: &str,
    places: &[Range<usize>],
    hidden: &Answer,
) -> Option<Fix> {
    let gives = [format!("return self.{}", hidden.name), format!("return cls.{}", hidden.name)];
    let is_it = |member: &&Symbol| {
        let code = || Some(ctx.snapshot.source(&member.path)?.function_at(member.range.start)?.byte_range());
        let text = || ctx.snapshot.text(&member.path)?.get(code()?).map(str::to_string);
        member.kind == SymbolKind::Method
            && member.name.strip_prefix("get_") == Some(missing)
            && text().is_some_and(|text| gives.iter().any(|line| text.trim_end().ends_with(line)))
    };
    let member = members.symbols.iter().find(is_it)?;
    let is_read = |place: &Range<usize>| {
        let attribute = ctx.source.node_at(place.clone()).and_then(|name| name.parent());
        attribute.is_some_and(|it| !is_target(it) && it.parent().is_some_and(|outer| !is_called(outer, it)))
    };
    let mut evidence = hidden.evidence.clone();
    let text = format!("`{}` gives `{}`", member.name, hidden.name);
    evidence.push(Evidence::at(EvidenceKind::Source, &member.path, member.line, text));
    places.iter().all(is_read).then(|| Fix {
        title: format!("Call `{}`", member.name),
        strategy: STRATEGY.id,
        edits: places.iter().map(|place| ctx.replace(place.clone(), format!("{}()", member.name))).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Review,
    })
}

fn is_called(outer: Node<'_>, inner: Node<'_>) -> bool {
    outer.kind() == "call" && outer.child_by_field_name("function") == Some(inner)
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::check;

    #[test]
    fn an_attribute_that_became_private_is_read_by_its_getter_or_a_person_decides() {
        let field = |name: &str| format!("    def rename(self, name):\n        self.{name} = name\n");
        let class = |name: &str, more: &str| {
            let body = format!("class Door:\n    def __init__(self, title):\n        self.{name} = title\n\n");
            body + &field(name) + more
        };
        let heals = |more: &str, new: &str| {
            let scene = format!(
                r#"
#- before: shop.py
{}
#- shop.py
{}
#- message
Keep the title private
#- tests/test_door.py
from shop import Door

def test_title():
    assert Door("a").title == "a"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_title __________________________________
tests/test_door.py:4: in test_title
    assert Door("a").title == "a"
E   AttributeError: 'Door' object has no attribute 'title'
#- healed
-    assert Door("a").title == "a"
+    assert Door("a").{new} == "a"
"#,
                class("title", ""),
                class("_title", more)
            );
            check(&scene);
            let healing = crate::fixture::Scene::parse(&scene).heal();
            assert!(healing.fixes.iter().all(|fix| fix.fix().tier == Tier::Review));
        };
        heals("    def set_title(self, title):\n        self._title = title\n", "_title");
        heals("    def get_title(self):\n        return self._title\n", "get_title()");
        // It gives something else.
        heals("    def get_title(self):\n        return self._title.upper()\n", "_title");
    }
}
