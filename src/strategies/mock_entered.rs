//! A mock that is configured for `with` where the product enters it by `async with` now, or the other way round.

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, mock_shape};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "mock-entered",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::KeyError,
        Category::LogicError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Configures `__aenter__` of a mock where `__enter__` was, as the product enters it by `async with` now.",
    example: r#"
#- before: shop.py
async def load(session):
    with session.get("/tea") as reply:
        return reply.text
#- shop.py
async def load(session):
    async with session.get("/tea") as reply:
        return reply.text
#- tests/test_load.py
from unittest.mock import MagicMock
from shop import load

async def test_load():
    session = MagicMock()
    session.get.return_value.__enter__.return_value.text = "tea"
    assert await load(session) == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_load ___________________________________

    async def test_load():
        session = MagicMock()
        session.get.return_value.__enter__.return_value.text = "tea"
>       assert await load(session) == "tea"
E       AssertionError: assert <MagicMock name='mock.get().__aenter__().text' id='139'> == 'tea'

tests/test_load.py:7: AssertionError
#- healed
-    session.get.return_value.__enter__.return_value.text = "tea"
+    session.get.return_value.__aenter__.return_value.text = "tea"
"#,
    propose: mock_entered,
};

/// The methods by which `with` and `async with` enter and leave.
const METHODS: [[&str; 2]; 2] = [["__enter__", "__aenter__"], ["__exit__", "__aexit__"]];

/// What the product enters otherwise since a commit.
struct Turn<'h> {
    hunk: &'h Hunk,
    /// `async with session.get("/tea") as reply:`
    line: &'h str,
    /// What gives the object: `get` of `session.get("/tea")`, `lock` of `self.lock`.
    name: String,
    becomes_async: bool,
}

fn mock_entered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let turns: Vec<Turn<'_>> = hunks.iter().filter(|hunk| hunk.is_python()).flat_map(turns).collect();
    let turn = turns.first()?;
    // Where both came, nobody knows which is meant.
    if turns.iter().any(|other| other.becomes_async != turn.becomes_async) {
        return None;
    }
    let is_of_turn =
        |place: &Node<'_>| gives(ctx, *place).is_none_or(|name| turns.iter().any(|turn| turn.name == name));
    let mut edits = Vec::new();
    for place in configured(ctx, turn.becomes_async).iter().filter(|place| is_of_turn(place)) {
        edits.push(ctx.replace(place.byte_range(), other(ctx.source.slice(*place), turn.becomes_async)?));
        for edit in assigned(ctx, *place, turn.becomes_async)? {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    if edits.is_empty() {
        return None;
    }
    let text = format!("{}:{} does `{}` since ({})", turn.hunk.path, turn.hunk.line, turn.line, turn.hunk.subject);
    let evidence = vec![
        Evidence::commit(&turn.hunk.commit, text),
        Evidence { kind: EvidenceKind::Docs, ..Evidence::hint("`async with` calls `__aenter__` and `__aexit__`") },
    ];
    fixes.push(Fix {
        title: format!("Let the mock be entered by `{}`", if turn.becomes_async { "async with" } else { "with" }),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // A mock can be entered in both ways: whether the real object can, it does not tell.
        tier: Tier::Review,
    });
    Some(())
}

/// The `with` lines of a hunk that became asynchronous, or plain again, and are the same otherwise.
fn turns(hunk: &Hunk) -> Vec<Turn<'_>> {
    let turned = |line: &'_ String| {
        let (line, was) = match line.trim().strip_prefix("async ") {
            Some(plain) => (line.trim(), plain.to_string()),
            None => (line.trim(), format!("async {}", line.trim())),
        };
        let is_entered = line.trim_start_matches("async ").starts_with("with ");
        (is_entered && hunk.removed.iter().any(|gone| gone.trim() == was)).then_some(())
    };
    let lines = hunk.added.iter().filter(|line| turned(line).is_some()).map(|line| line.trim());
    let turn = |line| entered(line).into_iter().map(move |name| (line, name));
    let becomes_async = |line: &str| line.starts_with("async ");
    lines.flat_map(turn).map(|(line, name)| Turn { hunk, line, name, becomes_async: becomes_async(line) }).collect()
}

/// What gives each object that a `with` line enters.
fn entered(line: &str) -> Vec<String> {
    let plain = line.trim_start_matches("async ");
    let source = Source::parse(format!("{plain} pass\n"));
    let items = descendants(source.root()).filter(|node| node.kind() == "with_item");
    let values = items.filter_map(|item| item.child_by_field_name("value")).map(|value| match value.kind() {
        "as_pattern" => value.named_child(0).unwrap_or(value),
        _ => value,
    });
    let named = values.map(|value| value.child_by_field_name("function").unwrap_or(value));
    named.filter_map(locate::last_name).map(|name| source.slice(name).to_string()).collect()
}

/// The names of the methods that the test, or what sets it up, gives its mocks for the other way to be entered.
fn configured<'c>(ctx: &'c Context<'_>, becomes_async: bool) -> Vec<Node<'c>> {
    let is_old = |name: &str| other(name, becomes_async).is_some();
    let name = |node: Node<'c>| match node.kind() {
        "attribute" => node.child_by_field_name("attribute").filter(|name| is_old(ctx.source.slice(*name))),
        _ => None,
    };
    let is_met = |node: &Node<'c>| match ancestors(*node).filter(|it| it.kind() == "function_definition").last() {
        Some(function) => function == ctx.scope() || !is_test(ctx, function),
        None => true,
    };
    descendants(ctx.source.root()).filter_map(name).filter(is_met).collect()
}

fn is_test(ctx: &Context<'_>, function: Node<'_>) -> bool {
    function.child_by_field_name("name").is_some_and(|name| ctx.source.slice(name).starts_with("test"))
}

/// `__aenter__` for `__enter__`, or the other way round.
fn other(name: &str, becomes_async: bool) -> Option<&'static str> {
    let (from, to) = if becomes_async { (0, 1) } else { (1, 0) };
    METHODS.iter().find(|method| method[from] == name).map(|method| method[to])
}

/// What gives the mock that has the method: `get` of `session.get.return_value.__enter__`. `None` for a mock that is
/// known by a name of the test, which may come from anywhere.
fn gives<'c>(ctx: &'c Context<'_>, place: Node<'c>) -> Option<&'c str> {
    let object = place.parent()?.child_by_field_name("object")?;
    let text = ctx.source.slice(object);
    let whole = text.strip_suffix(".return_value").or_else(|| text.strip_suffix("()")).unwrap_or(text);
    whole.rsplit_once('.').map(|(_, name)| name)
}

/// What is given to the method as a whole has to be awaited as well, or not any more: `reply.__enter__ = Mock()`.
fn assigned(ctx: &Context<'_>, place: Node<'_>, becomes_async: bool) -> Option<Vec<Edit>> {
    let attribute = place.parent()?;
    let assignment = attribute.parent().filter(|outer| outer.child_by_field_name("left") == Some(attribute));
    let Some(value) = assignment.and_then(|outer| outer.child_by_field_name("right")) else { return Some(Vec::new()) };
    let class = value.child_by_field_name("function").and_then(locate::last_name).filter(|_| value.kind() == "call")?;
    let (old, wanted) = (ctx.source.slice(class), if becomes_async { "AsyncMock" } else { "MagicMock" });
    if !matches!(old, "Mock" | "MagicMock" | "AsyncMock") {
        return None;
    }
    let mut edits = vec![ctx.replace(class.byte_range(), wanted)];
    if class.parent().is_none_or(|parent| parent.kind() != "attribute") {
        edits.extend(mock_shape::import(ctx, old, wanted)?);
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// A product that enters `{was}` and enters `{is}` now, and a test with the line that configures a mock for it.
    fn scene(was: &str, is: &str, configure: &str, healed: &str) -> String {
        let shop =
            |enter: &str| format!("async def load(session):\n    {enter} as reply:\n        return reply.text\n");
        format!(
            r#"
#- before: shop.py
{}#- shop.py
{}#- tests/test_load.py
from unittest.mock import AsyncMock, MagicMock
from shop import load

async def test_load():
    session, reply = MagicMock(), MagicMock()
    {configure}
    assert await load(session) == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_load ___________________________________

    async def test_load():
        session, reply = MagicMock(), MagicMock()
        {configure}
>       assert await load(session) == "tea"
E       AssertionError: assert <MagicMock name='mock.text' id='139'> == 'tea'

tests/test_load.py:7: AssertionError
#- healed
{healed}
"#,
            shop(was),
            shop(is),
        )
    }

    #[test]
    fn a_method_that_is_given_as_a_whole_is_awaited_too() {
        let healed = "-    reply.__enter__ = MagicMock(return_value=reply)\n\
                      +    reply.__aenter__ = AsyncMock(return_value=reply)";
        let configure = "reply.__enter__ = MagicMock(return_value=reply)";
        check(&scene("with session.get()", "async with session.get()", configure, healed));
        check(&scene("with session.get()", "async with session.get()", "reply.__enter__ = lambda it: it", "no fix"));
    }

    #[test]
    fn what_became_plain_again_follows_and_what_is_entered_elsewhere_stays() {
        let configure = "session.get.return_value.__aenter__.return_value.text = \"tea\"";
        let healed = format!("-    {configure}\n+    {}", configure.replace("__aenter__", "__enter__"));
        check(&scene("async with session.get()", "with session.get()", configure, &healed));
        check(&scene("async with session.open()", "with session.open()", configure, "no fix"));
        check(&scene("with session.get()", "async with session.open()", configure, "no fix"));
    }

    #[test]
    fn a_product_that_always_entered_it_so_is_no_fix() {
        let configure = "session.get.return_value.__enter__.return_value.text = \"tea\"";
        check(&scene("async with session.get(0)", "async with session.get(1)", configure, "no fix"));
    }
}
