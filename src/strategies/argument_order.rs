//! A function takes its arguments in another order now: calls that give them by place follow.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::history::SignatureChange;

use super::arguments_removed::signature_change;
use super::calls::{self, Argument};
use super::confidence::Odds;
use super::{Context, Strategy, callers, told};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "argument-order",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::KeyError,
        Category::LogicError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Passes arguments in the order in which the function takes them now.",
    example: r#"
#- before: shop.py
def tile(lon, lat, zoom=1):
    return f"{lat}/{lon}/{zoom}"

def home():
    return tile(13, 52)
#- shop.py
def tile(lat, lon, zoom=1):
    return f"{lat}/{lon}/{zoom}"

def home():
    return tile(52, 13)
#- tests/test_tile.py
from shop import tile

def test_tile():
    assert tile(4, 50, zoom=2) == "50/4/2"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_tile ___________________________________

    def test_tile():
>       assert tile(4, 50, zoom=2) == "50/4/2"
E       AssertionError: assert '4/50/2' == '50/4/2'

tests/test_tile.py:4: AssertionError
#- healed
-    assert tile(4, 50, zoom=2) == "50/4/2"
+    assert tile(50, 4, zoom=2) == "50/4/2"
"#,
    propose: argument_order,
};

fn argument_order(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let calls: Vec<(Node<'_>, SignatureChange)> = calls(ctx).collect();
    let (_, change) = calls.first()?;
    let of_it = calls.iter().filter(|(_, other)| other == change);
    let edits: Vec<Edit> = of_it.flat_map(|(call, change)| reordered(ctx, *call, change)).flatten().collect();
    if edits.is_empty() {
        return None;
    }
    let names: Vec<&str> = change.after.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let text = format!("`{}` takes `{}` in this order since ({})", change.function, names.join("`, `"), change.subject);
    let mut evidence = vec![
        Evidence::commit(&change.commit, text),
        Evidence::at(
            EvidenceKind::Source,
            &change.path,
            change.line,
            format!("`{}({})`", change.function, names.join(", ")),
        ),
    ];
    let migrated = migrated(ctx, change);
    let told = told::told(ctx).filter(|told| told.is_certain && names.iter().any(|name| told.names(name)));
    let is_meant = migrated.is_some() || told.is_some();
    evidence.extend(migrated);
    evidence.extend(told.into_iter().flat_map(|told| told.evidence));
    fixes.push(Fix {
        title: format!("Pass the arguments of `{}` in their new order", change.function),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // Places that were mixed up by mistake look the same.
        tier: if is_meant && !is_half_done(ctx, change) { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// Whether the test gives a function its arguments by places that are others now.
pub(super) fn is_passed_as_before(ctx: &Context<'_>) -> bool {
    calls(ctx).any(|(call, change)| reordered(ctx, call, &change).is_some())
}

/// The calls of the test whose function got another order of parameters, each with that change.
fn calls<'c>(ctx: &'c Context<'_>) -> impl Iterator<Item = (Node<'c>, SignatureChange)> {
    let changes = |call: Node<'c>| {
        let name = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
        let callee = calls::callee(ctx, call, ctx.source.slice(name))?;
        let change = signature_change(ctx, &callee).filter(|change| order(change).is_some())?;
        let recent = product::changes(ctx.snapshot, &ctx.site.path);
        let is_recent = recent.iter().any(|other| other.commit == change.commit);
        is_recent.then_some((call, change))
    };
    // What is called is looked up only where places can be told apart.
    let has_places = |call: &Node<'_>| {
        let arguments = calls::arguments(ctx.source, *call);
        arguments.iter().filter(|argument| argument.keyword.is_none()).count() > 1
    };
    descendants(ctx.scope()).filter(|node| node.kind() == "call").filter(has_places).filter_map(changes)
}

/// The names of the parameters that take a place, before and after, where they are the same in another order.
fn order(change: &SignatureChange) -> Option<(Vec<&str>, Vec<&str>)> {
    let before: Vec<&str> = change.before.places().map(|parameter| parameter.name.as_str()).collect();
    let after: Vec<&str> = change.after.places().map(|parameter| parameter.name.as_str()).collect();
    let is_same = before.len() == after.len() && before.iter().all(|name| after.contains(name));
    (is_same && before != after).then_some((before, after))
}

/// The edits that give the arguments of a call by place as the function takes them now.
fn reordered(ctx: &Context<'_>, call: Node<'_>, change: &SignatureChange) -> Option<Vec<Edit>> {
    let (before, after) = order(change)?;
    let arguments = calls::arguments(ctx.source, call);
    let by_place: Vec<&Argument> = arguments.iter().filter(|argument| argument.keyword.is_none()).collect();
    if by_place.iter().any(|argument| argument.is_splat) || by_place.len() > before.len() {
        return None;
    }
    let text = |argument: &Argument| &ctx.source.text()[argument.value.clone()];
    let edits: Option<Vec<Edit>> = (0..by_place.len())
        .map(|place| {
            let from = before.iter().position(|name| *name == after[place])?;
            let argument = by_place.get(from)?;
            Some(ctx.replace(by_place[place].value.clone(), text(argument)))
        })
        .collect();
    let is_other = |edit: &Edit| ctx.source.text()[edit.range.clone()] != *edit.text;
    Some(edits?.into_iter().filter(is_other).collect::<Vec<_>>()).filter(|edits| !edits.is_empty())
}

/// Whether the product itself calls the function by places on a line that did not change with it: it gives them in the
/// old order still.
fn is_half_done(ctx: &Context<'_>, change: &SignatureChange) -> bool {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let name = super::renames::last_part(&change.function);
    let defined = ctx.snapshot.definitions(name).into_iter().filter(|symbol| symbol.path == change.path);
    defined.into_iter().any(|symbol| {
        callers::any_call(ctx, &symbol, |path, source, call| {
            let places = calls::arguments(source, call);
            let places = places.iter().filter(|argument| argument.keyword.is_none() && !argument.is_splat);
            let lines: Vec<&str> = source.slice(call).lines().map(str::trim).collect();
            let is_of_call = |line: &String| lines.iter().any(|of_call| line.contains(of_call));
            let mut here = hunks.iter().filter(|hunk| hunk.path == *path);
            places.count() > 1 && !here.any(|hunk| hunk.added.iter().any(is_of_call))
        })
    })
}

/// A caller of the product that the commit moved to the new order.
fn migrated(ctx: &Context<'_>, change: &SignatureChange) -> Option<Evidence> {
    let name = super::renames::last_part(&change.function);
    let called = format!("{name}(");
    let is_call = |text: &str| text.contains(&called) && !text.contains(&format!("def {called}"));
    let migrations = ctx.snapshot.history().migrations_since(&ctx.site.path, name);
    let migration = migrations.into_iter().find(|migration| {
        let is_it = migration.commit == change.commit && !migration.path.is_test_code();
        is_it && is_call(&migration.before) && is_call(&migration.after) && migration.before != migration.after
    })?;
    let text = format!("{}:{} passes them so since then", migration.path, migration.line);
    Some(Evidence { kind: EvidenceKind::Example, ..Evidence::commit(&migration.commit, text) })
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Scene, check};

    /// A test that passes two texts, with what the product says of the order.
    fn scene(home: [&str; 2], call: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def label(name, value):
    return f"{{name}}={{value}}"
{}
#- shop.py
def label(value, name):
    return f"{{name}}={{value}}"
{}
#- tests/test_label.py
from shop import label

def test_label():
    assert {call} == "tea=green"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_label __________________________________

    def test_label():
>       assert {call} == "tea=green"
E       AssertionError: assert 'green=tea' == 'tea=green'

tests/test_label.py:4: AssertionError
#- healed
{healed}
"#,
            home[0], home[1]
        )
    }

    #[test]
    fn names_stay_and_places_change() {
        let healed = r#"-    assert label("tea", "green") == "tea=green"
+    assert label("green", "tea") == "tea=green""#;
        check(&scene(["", ""], r#"label("tea", "green")"#, healed));
        for call in [r#"label(name="tea", value="green")"#, r#"label(*["tea", "green"])"#] {
            let scene = Scene::parse(&scene(["", ""], call, "")).heal();
            assert!(scene.fixes.iter().all(|fix| fix.fix().strategy != super::STRATEGY.id), "{call}");
        }
    }

    #[test]
    fn an_order_that_no_caller_follows_is_a_persons_to_accept() {
        let tier = |home| {
            let scene = scene(home, r#"label("tea", "green")"#, "");
            Scene::parse(&scene).heal().fixes[0].fix().tier
        };
        assert_eq!(tier(["", ""]), crate::fix::Tier::Review);
        let home = ["\ndef home():\n    return label(\"home\", 1)\n", "\ndef home():\n    return label(1, \"home\")\n"];
        assert_eq!(tier(home), crate::fix::Tier::Safe);
    }
}
