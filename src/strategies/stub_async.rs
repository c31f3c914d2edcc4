//! A stand-in of the test for a function that became async, or is not async any more: it becomes what it stands for.

use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants, outline};
use crate::text::Edit;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::renames::last_part;
use super::{Context, Strategy, calls, imports, missing_await, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "stub-async",
    categories: &[Category::TypeError, Category::AttributeError],
    summary: "Makes a stub or mock of the test async where the function that it stands for became so, or plain again.",
    example: r#"
#- before: shop.py
def fetch(url):
    return url

async def page(url):
    return fetch(url).upper()
#- shop.py
async def fetch(url):
    return url

async def page(url):
    return (await fetch(url)).upper()
#- tests/test_page.py
import pytest
import shop

@pytest.mark.asyncio
async def test_page(monkeypatch):
    def fake(url):
        return "tea"

    monkeypatch.setattr(shop, "fetch", fake)
    assert await shop.page("a") == "TEA"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_page ___________________________________

monkeypatch = <_pytest.monkeypatch.MonkeyPatch object at 0x7f0000000000>

    @pytest.mark.asyncio
    async def test_page(monkeypatch):
        def fake(url):
            return "tea"
    
        monkeypatch.setattr(shop, "fetch", fake)
>       assert await shop.page("a") == "TEA"

tests/test_page.py:10: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

url = 'a'

    async def page(url):
>       return (await fetch(url)).upper()
E       TypeError: object str can't be used in 'await' expression

shop.py:5: TypeError
#- healed
-    def fake(url):
+    async def fake(url):
"#,
    propose: stub_async,
};

/// What the test puts in the place of a function of the product.
pub(super) struct StandIn<'c> {
    /// The value in its place: a function, a lambda, the call that makes a mock.
    pub(super) node: Node<'c>,
    /// Under what name the test knows it.
    name: Option<&'c str>,
}

fn stub_async(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let becomes_async = match ctx.complaint() {
        Complaint::NotAwaitable { .. } => true,
        Complaint::NotAwaited => false,
        _ => return None,
    };
    let called = called_by_product(ctx)?;
    let mut places: Vec<(Node<'_>, Symbol)> = placed(ctx).filter(|(_, real)| called.contains(&real.name)).collect();
    let fact = places.iter().find_map(|(_, real)| turned(ctx, real, becomes_async))?;
    places.retain(|(_, real)| turned(ctx, real, becomes_async).is_some());
    let real = places.first()?.1.clone();
    // Two functions that changed alike are two fixes: the run comes to the second one later.
    places.retain(|(_, other)| (&other.path, other.line) == (&real.path, real.line));
    let stand_ins: Vec<StandIn<'_>> =
        places.iter().map(|(value, _)| stand_in(ctx, *value)).collect::<Option<Vec<_>>>()?;
    // What stands for something else as well has to please both.
    let is_shared = |(value, other): (Node<'_>, Symbol)| {
        let is_other = (&other.path, other.line) != (&real.path, real.line);
        let node = stand_in(ctx, value).filter(|_| is_other && value.kind() == "identifier").map(|it| it.node);
        node.is_some_and(|node| stand_ins.iter().any(|own| own.node == node))
    };
    if placed(ctx).any(is_shared) {
        return None;
    }
    let mut edits: Vec<Edit> = Vec::new();
    for stand_in in stand_ins.into_iter().filter(|it| is_async(ctx, it.node) != Some(becomes_async)) {
        for edit in if becomes_async { made_async(ctx, &stand_in, &real)? } else { made_plain(ctx, &stand_in)? } {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    if edits.is_empty() {
        return None;
    }
    let is_half_done = becomes_async && missing_await::is_dropped_by_product(ctx, &real)
        || !becomes_async && missing_await::leaves_coroutines(ctx, &real);
    let evidence = vec![fact, Evidence::hint("the product met the stand-in where it called the function")];
    let what = if becomes_async { "async" } else { "plain" };
    fixes.push(Fix {
        title: format!("Let what stands for `{}` be {what} too", real.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_half_done { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// What the line of the product that raised calls.
pub(super) fn called_by_product(ctx: &Context<'_>) -> Option<Vec<String>> {
    let frame = ctx.diagnosis.failure.frames.last()?;
    let (_, source) = ctx.product_file(frame)?;
    let statement = source.statement_at(source.code_on_line(frame.line)?.start)?;
    let functions = |scope| {
        descendants(scope)
            .filter(|node| node.kind() == "call")
            .filter_map(|call| call.child_by_field_name("function"))
            .map(|function| last_part(source.slice(function)).to_string())
    };
    let mut called: Vec<String> = functions(statement).collect();
    if called.is_empty() || *ctx.complaint() == Complaint::NotAwaited {
        // A coroutine may be kept under a name before somebody asks it for something.
        called.extend(source.function_at(statement.start_byte()).into_iter().flat_map(functions));
    }
    Some(called)
}

/// The commit that made the function async, or took that back.
fn turned(ctx: &Context<'_>, real: &Symbol, becomes_async: bool) -> Option<Evidence> {
    // History knows functions by their bare names.
    (real.signature.as_ref()?.is_async == becomes_async).then_some(())?;
    if becomes_async {
        return missing_await::became_async(ctx, real);
    }
    let changes = ctx.snapshot.history().signature_changes(&real.path, &real.name);
    let change = changes.into_iter().find(|change| change.before.is_async && !change.after.is_async)?;
    let text = format!("`{}` is not async any more ({})", change.function, change.subject);
    Some(Evidence::commit(&change.commit, text))
}

/// Every value that the file puts in the place of a function of the product, with that function.
pub(super) fn placed<'c>(ctx: &'c Context<'_>) -> impl Iterator<Item = (Node<'c>, Symbol)> {
    descendants(ctx.source.root()).filter_map(move |node| match node.kind() {
        "call" => placed_by_call(ctx, node),
        // `shop.fetch = fake`
        "assignment" => {
            let left = node.child_by_field_name("left").filter(|left| left.kind() == "attribute")?;
            let owner = ctx.symbol_at(left.child_by_field_name("object")?.byte_range())?;
            let name = ctx.source.slice(left.child_by_field_name("attribute")?);
            Some((node.child_by_field_name("right")?, of_product(ctx.snapshot.member(&owner, name)?)?))
        }
        _ => None,
    })
}

/// `setattr(shop, "fetch", fake)`, `setattr("shop.fetch", fake)`, and `patch` and `patch.object` with `new=` or without.
fn placed_by_call<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Option<(Node<'c>, Symbol)> {
    let function = last_part(ctx.source.slice(call.child_by_field_name("function")?));
    if !matches!(function, "setattr" | "patch" | "object") {
        return None;
    }
    let arguments = calls::arguments(ctx.source, call);
    let (real, next) = replaced(ctx, &arguments)?;
    let place = arguments.get(next).filter(|argument| argument.keyword.is_none());
    let keyword = || arguments.iter().find(|it| matches!(it.keyword.as_deref(), Some("new" | "new_callable")));
    let value = ctx.source.node_at(place.or_else(keyword)?.value.clone())?;
    Some((value, real))
}

/// The function of the product that the first arguments of such a call name, and how many of them do.
pub(super) fn replaced(ctx: &Context<'_>, arguments: &[calls::Argument]) -> Option<(Symbol, usize)> {
    let node = |at: usize| ctx.source.node_at(arguments.get(at).filter(|it| it.keyword.is_none())?.value.clone());
    let text = |at: usize| outline::string_content(ctx.source, node(at)?);
    let (real, next) = match text(0) {
        Some(target) => (ctx.snapshot.named(&target)?, 1),
        None => (ctx.snapshot.member(&ctx.symbol_at(node(0)?.byte_range())?, &text(1)?)?, 2),
    };
    Some((of_product(real)?, next))
}

fn of_product(symbol: Symbol) -> Option<Symbol> {
    (symbol.signature.is_some() && symbol.path.is_inside() && !symbol.path.is_test_code()).then_some(symbol)
}

/// What a value in the place of a function is; a name is looked up in the file.
pub(super) fn stand_in<'c>(ctx: &'c Context<'_>, value: Node<'c>) -> Option<StandIn<'c>> {
    if value.kind() != "identifier" {
        return Some(StandIn { node: value, name: None });
    }
    let name = ctx.source.slice(value);
    if mock_class(name).is_some() {
        return Some(StandIn { node: value, name: None });
    }
    let is_named = |node: &Node<'_>| match node.kind() {
        "function_definition" => node.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own) == name),
        "assignment" => node.child_by_field_name("left").is_some_and(|left| ctx.source.slice(left) == name),
        _ => false,
    };
    let test = ancestors(value).find(|node| node.kind() == "function_definition");
    let only = |scope: Node<'c>| {
        let mut found = descendants(scope).filter(is_named);
        found.next().filter(|_| found.next().is_none())
    };
    let made = test.and_then(only).or_else(|| only(ctx.source.root()))?;
    let node = if made.kind() == "assignment" { made.child_by_field_name("right")? } else { made };
    Some(StandIn { node, name: Some(name) })
}

/// `AsyncMock` for the name of a mock that is plain, `MagicMock` for that of one that is awaited.
fn mock_class(name: &str) -> Option<&'static str> {
    match name {
        "Mock" | "MagicMock" => Some("AsyncMock"),
        "AsyncMock" => Some("MagicMock"),
        _ => None,
    }
}

/// Whether a stand-in is async already; `None` for what cannot be told.
fn is_async(ctx: &Context<'_>, node: Node<'_>) -> Option<bool> {
    match node.kind() {
        "function_definition" => Some(missing_await::is_async(node)),
        "lambda" => Some(false),
        _ => Some(last_part(ctx.source.slice(class_of_mock(ctx, node)?)) == "AsyncMock"),
    }
}

/// The `Mock` of `mock.Mock(return_value=1)`, or of `new_callable=Mock`. A mock that is bound to a class or a function
/// of its own is left alone.
fn class_of_mock<'c>(ctx: &Context<'_>, node: Node<'c>) -> Option<Node<'c>> {
    let class = node.child_by_field_name("function").filter(|_| node.kind() == "call").unwrap_or(node);
    let class = crate::diagnosis::locate::last_name(class)?;
    let is_bound = |argument: &calls::Argument| {
        let bound = |name: &str| name.starts_with("spec") || matches!(name, "wraps" | "side_effect");
        argument.keyword.as_deref().is_none_or(bound)
    };
    let is_free = node.kind() != "call" || !calls::arguments(ctx.source, node).iter().any(is_bound);
    mock_class(ctx.source.slice(class)).filter(|_| is_free).map(|_| class)
}

fn made_async(ctx: &Context<'_>, stand_in: &StandIn<'_>, real: &Symbol) -> Option<Vec<Edit>> {
    match stand_in.node.kind() {
        "function_definition" if is_only_placed(ctx, stand_in) && !is_generator(stand_in.node) => {
            Some(vec![Edit::insert(&ctx.site.path, stand_in.node.start_byte(), "async ")])
        }
        "function_definition" => None,
        "lambda" => written_out(ctx, stand_in, &real.name),
        _ => other_mock(ctx, stand_in.node, "AsyncMock"),
    }
}

fn made_plain(ctx: &Context<'_>, stand_in: &StandIn<'_>) -> Option<Vec<Edit>> {
    let node = stand_in.node;
    if node.kind() == "function_definition" {
        let keyword = node.child(0).filter(|word| word.kind() == "async")?;
        let waits = descendants(node).any(|inner| inner != keyword && matches!(inner.kind(), "await" | "async"));
        let name = node.child(1)?;
        return (!waits && is_only_placed(ctx, stand_in))
            .then(|| vec![ctx.replace(keyword.start_byte()..name.start_byte(), "")]);
    }
    if stand_in.name.is_some_and(|name| asks_for_awaits(ctx, node, name)) {
        return None;
    }
    other_mock(ctx, node, "MagicMock")
}

/// Whether the test asks how a mock was awaited, which one that is not awaited cannot say.
fn asks_for_awaits(ctx: &Context<'_>, mock: Node<'_>, name: &str) -> bool {
    let scope = ctx.source.function_at(mock.start_byte()).unwrap_or_else(|| ctx.source.root());
    let parts = descendants(scope).filter(|node| node.kind() == "attribute");
    let mut of_mock = parts.filter_map(|node| ctx.source.slice(node).strip_prefix(name)?.strip_prefix('.'));
    of_mock.any(|part| part.contains("await"))
}

/// Whether the file does nothing with a stub but put it in its place: it calls it nowhere itself.
fn is_only_placed(ctx: &Context<'_>, stand_in: &StandIn<'_>) -> bool {
    let Some(name) = stand_in.name else { return false };
    !descendants(ctx.source.root()).any(|node| {
        node.kind() == "call"
            && node.child_by_field_name("function").is_some_and(|function| ctx.source.slice(function) == name)
    })
}

fn is_generator(function: Node<'_>) -> bool {
    descendants(function).any(|node| node.kind() == "yield")
}

/// The class of a mock by its other name, imported as the first one is.
fn other_mock(ctx: &Context<'_>, node: Node<'_>, class: &str) -> Option<Vec<Edit>> {
    let name = class_of_mock(ctx, node)?;
    let mut edits = vec![ctx.replace(name.byte_range(), class)];
    let is_attribute = name.parent().is_some_and(|parent| parent.kind() == "attribute");
    let known = imports::imports(ctx.source);
    if !is_attribute && !known.iter().any(|item| item.local == class) {
        let home = known.iter().find(|item| item.local == ctx.source.slice(name) && item.name.is_some())?;
        edits.push(imports::add(ctx, &home.module, Some(class))?);
    }
    Some(edits)
}

/// A lambda cannot be async: an `async def` before the statement says the same.
fn written_out(ctx: &Context<'_>, stand_in: &StandIn<'_>, real: &str) -> Option<Vec<Edit>> {
    let (lambda, text) = (stand_in.node, ctx.source.text());
    let parameters = lambda.child_by_field_name("parameters").map_or("", |list| ctx.source.slice(list));
    let body = ctx.source.slice(lambda.child_by_field_name("body")?);
    let function = ancestors(lambda).find(|node| node.kind() == "function_definition")?;
    let is_of_body = function.child_by_field_name("body")?.byte_range().contains(&lambda.start_byte());
    // The whole statement: a `with` is one that the first line of it opens.
    let statement = ancestors(lambda).find(|node| node.parent().is_some_and(|parent| parent.kind() == "block"))?;
    let line = text[..statement.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..statement.start_byte()];
    let is_plain = indent.trim().is_empty() && !body.contains('\n') && !is_generator(lambda);
    let name = [real.to_string(), format!("fake_{real}")]
        .into_iter()
        .find(|name| names::uses_of(ctx.source, ctx.source.root(), name).next().is_none())?;
    if !is_of_body || !is_plain || children(lambda).any(|part| part.kind() == "named_expression") {
        return None;
    }
    let end = imports::line_end(text);
    let step = if indent.starts_with('\t') { "\t" } else { "    " };
    let definition = format!("async def {name}({parameters}):{end}{indent}{step}return {body}{end}{end}{indent}");
    Some(vec![Edit::insert(&ctx.site.path, statement.start_byte(), definition), ctx.replace(lambda.byte_range(), name)])
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// A test that puts something in the place of a function that became async, and how it is healed.
    fn scene(imports: &str, body: &str, product: &str, healed: &str) -> String {
        let line = body.lines().position(|line| line.contains("await shop.page")).expect("an await") + 7;
        let line = line + imports.lines().count() - 1;
        format!(
            r#"
#- before: shop.py
def fetch(url):
    return url

async def page(url):
    return fetch(url).upper()
#- shop.py
async def fetch(url):
    return url

async def page(url):
    return (await fetch(url)).upper()
{product}
#- tests/test_page.py
import pytest
import shop
{imports}

@pytest.mark.asyncio
async def test_page(monkeypatch):
{body}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_page ___________________________________
tests/test_page.py:{line}: in test_page
    assert await shop.page("a") == "TEA"
shop.py:5: in page
    return (await fetch(url)).upper()
E   TypeError: object str can't be used in 'await' expression
#- healed
{healed}
"#
        )
    }

    #[test]
    fn a_mock_that_is_awaited_now() {
        let body = "    fake = MagicMock(return_value=\"tea\")\n    monkeypatch.setattr(\"shop.fetch\", fake)\n    assert await shop.page(\"a\") == \"TEA\"\n    fake.assert_called_once_with(\"a\")";
        let healed = "-from unittest.mock import MagicMock\n+from unittest.mock import AsyncMock, MagicMock\n-    fake = MagicMock(return_value=\"tea\")\n+    fake = AsyncMock(return_value=\"tea\")";
        check(&scene("from unittest.mock import MagicMock", body, "", healed));
        // What a mock is bound to says what it is.
        let bound = body.replace("return_value=\"tea\"", "wraps=len");
        check(&scene("from unittest.mock import MagicMock", &bound, "", "no fix"));
        let body = "    with mock.patch.object(shop, \"fetch\", new_callable=mock.Mock) as fake:\n        fake.return_value = \"tea\"\n        assert await shop.page(\"a\") == \"TEA\"";
        let healed = "-    with mock.patch.object(shop, \"fetch\", new_callable=mock.Mock) as fake:\n+    with mock.patch.object(shop, \"fetch\", new_callable=mock.AsyncMock) as fake:";
        check(&scene("from unittest import mock", body, "", healed));
    }

    #[test]
    fn a_lambda_is_written_out() {
        let body = "    monkeypatch.setattr(shop, \"fetch\", lambda url: \"tea\")\n    assert await shop.page(\"a\") == \"TEA\"";
        let healed = "-    monkeypatch.setattr(shop, \"fetch\", lambda url: \"tea\")\n+    async def fetch(url):\n+        return \"tea\"\n+\n+    monkeypatch.setattr(shop, \"fetch\", fetch)";
        check(&scene("", body, "", healed));
    }

    #[test]
    fn what_the_test_calls_itself_stays_plain() {
        let body = "    def fake(url):\n        return \"tea\"\n\n    monkeypatch.setattr(shop, \"fetch\", fake)\n    assert fake(\"b\") == \"tea\"\n    assert await shop.page(\"a\") == \"TEA\"";
        check(&scene("", body, "", "no fix"));
    }

    #[test]
    fn what_stands_for_a_plain_function_as_well_stays_plain() {
        let body = "    def fake(*args):\n        return \"tea\"\n\n    monkeypatch.setattr(shop, \"fetch\", fake)\n    monkeypatch.setattr(shop, \"title\", fake)\n    assert await shop.page(\"a\") == \"TEA\"";
        check(&scene("", body, "\ndef title(url):\n    return url\n", "no fix"));
    }

    #[test]
    fn what_stands_for_something_else_stays_plain() {
        let body =
            "    monkeypatch.setattr(shop, \"page_size\", lambda: 3)\n    assert await shop.page(\"a\") == \"TEA\"";
        check(&scene("", body, "\ndef page_size():\n    return 2\n", "no fix"));
    }

    #[test]
    fn a_change_that_is_half_done_is_for_a_person() {
        let body = "    def fake(url):\n        return \"tea\"\n\n    monkeypatch.setattr(shop, \"fetch\", fake)\n    assert await shop.page(\"a\") == \"TEA\"";
        let tier = |product: &str| {
            let scene = scene("", body, product, "-    def fake(url):\n+    async def fake(url):");
            Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier)
        };
        assert_eq!(tier(""), Some(Tier::Safe));
        assert_eq!(tier("\ndef size(url):\n    return len(fetch(url))\n"), Some(Tier::Review));
    }

    #[test]
    fn a_mock_that_nobody_awaits_any_more() {
        let scene = |now: &str, check: &str, healed: &str| {
            format!(
                r#"
#- before: shop.py
async def fetch(url):
    return url

async def page(url):
    return (await fetch(url)).upper()
#- shop.py
{now} fetch(url):
    return url

def page(url):
    return fetch(url).upper()
#- tests/test_page.py
from unittest.mock import AsyncMock
import shop

def test_page(monkeypatch):
    fake = AsyncMock(return_value="tea")
    monkeypatch.setattr(shop, "fetch", fake)
    assert shop.page("a") == "TEA"
    fake.{check}("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_page ___________________________________
tests/test_page.py:7: in test_page
    assert shop.page("a") == "TEA"
shop.py:5: in page
    return fetch(url).upper()
E   AttributeError: 'coroutine' object has no attribute 'upper'
#- healed
{healed}
"#
            )
        };
        let healed = "-from unittest.mock import AsyncMock\n+from unittest.mock import AsyncMock, MagicMock\n-    fake = AsyncMock(return_value=\"tea\")\n+    fake = MagicMock(return_value=\"tea\")";
        check(&scene("def", "assert_called_once_with", healed));
        check(&scene("async def", "assert_called_once_with", "no fix"));
        // Whoever wants to know how often it was awaited has to say what he wants to know now.
        check(&scene("def", "assert_awaited_once_with", "no fix"));
    }
}
