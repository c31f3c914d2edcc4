//! An argument that stood in its place and is passed by its name now, with the same value.

use crate::diagnosis::product;
use crate::fix::{Evidence, EvidenceKind};
use crate::syntax::Node;
use crate::workspace::symbols::{ParameterKind, Signature, Symbol, SymbolKind};

use super::super::Context;
use super::super::double_rename::is_called_like;
use super::super::renames::last_part;
use super::Call;

/// An argument of the expected call by its place, and the name by which it was passed.
pub(super) type Named = (usize, String);

/// The arguments of the expected call that the actual one passes by name.
pub(super) fn named(expected: &Call, actual: &Call) -> Vec<Named> {
    let (olds, news) = (expected.arguments(), actual.arguments());
    let positions = news.iter().filter(|new| new.keyword.is_none()).count();
    let has = |name: &str| olds.iter().any(|old| old.keyword.as_deref() == Some(name));
    let mut found: Vec<Named> = Vec::new();
    for (at, old) in olds.iter().enumerate().skip(positions).filter(|(_, old)| old.keyword.is_none()) {
        let is_free = |name: &str| !has(name) && found.iter().all(|(_, other)| other != name);
        let same = news.iter().filter(|new| actual.text(new) == expected.text(old));
        let name = same.filter_map(|new| new.keyword.clone()).find(|name| is_free(name));
        found.extend(name.map(|name| (at, name)));
    }
    found
}

/// Whether the function of the product by the mock's name takes no argument under one of the names: the mock hides that.
pub(super) fn is_refused(ctx: &Context<'_>, actual: &Call, named: &[Named]) -> bool {
    let signature = function(ctx, actual).and_then(|function| function.signature);
    signature.is_some_and(|it| !it.takes_any_keyword() && !named.iter().all(|(_, name)| takes(&it, name)))
}

/// What shows that the function takes each argument under that name as it took it in that place: then both calls are one.
pub(super) fn is_same_call(
    ctx: &Context<'_>,
    asked: Node<'_>,
    expected: &Call,
    named: &[Named],
) -> Option<Vec<Evidence>> {
    let function = function(ctx, expected).filter(|function| may_be_of(ctx, asked, function))?;
    let now = function.signature.as_ref()?;
    let before = ctx.snapshot.history().signature_changes(&function.path, &function.name).into_iter().next();
    let before = before.map_or_else(|| now.clone(), |change| change.before);
    let is_one = |(at, name): &Named| takes(now, name) && place(&before, *at) == Some(name.as_str());
    named.iter().all(is_one).then(|| Some(vec![defined(&function, now), passed(ctx, named)?]))?
}

/// The only function of the product by the name under which mock printed the call.
pub(super) fn function(ctx: &Context<'_>, call: &Call) -> Option<Symbol> {
    let mut functions = ctx.snapshot.definitions(last_part(call.function()?));
    functions.retain(|symbol| !symbol.path.is_test_code());
    functions.pop().filter(|_| functions.is_empty())
}

/// Whether what the test asks about may stand for the function: `queue.send` is no function of a module, and that of a
/// class which is called so.
fn may_be_of(ctx: &Context<'_>, asked: Node<'_>, function: &Symbol) -> bool {
    let mock = asked.child_by_field_name("function").and_then(|method| method.child_by_field_name("object"));
    let Some(owner) = mock.and_then(|mock| mock.child_by_field_name("object")) else { return true };
    let is_module = || ctx.symbol_at(owner.byte_range()).is_some_and(|symbol| symbol.kind == SymbolKind::Module);
    let class = function.qualified.rsplit('.').nth(1).unwrap_or_default();
    match (ctx.source.slice(owner), function.kind) {
        ("self", _) => true,
        (owner, SymbolKind::Method) => is_called_like(owner, class),
        _ => is_module(),
    }
}

/// Whether a function takes an argument by that name.
pub(in super::super) fn takes(signature: &Signature, name: &str) -> bool {
    signature.parameter(name).is_some_and(|parameter| parameter.kind != ParameterKind::PositionalOnly)
}

/// The parameter that takes the argument in a place, whatever `self` is in front.
pub(in super::super) fn place(signature: &Signature, at: usize) -> Option<&str> {
    let places = signature.places().map(|parameter| parameter.name.as_str());
    places.filter(|name| !matches!(*name, "self" | "cls")).nth(at)
}

fn defined(function: &Symbol, signature: &Signature) -> Evidence {
    let text = format!("`{}{signature}` takes it under that name", function.name);
    Evidence::at(EvidenceKind::Source, &function.path, function.line, text)
}

/// The commit that passes the arguments by name.
fn passed(ctx: &Context<'_>, named: &[Named]) -> Option<Evidence> {
    let is_passed = |lines: &[String]| {
        named.iter().all(|(_, name)| lines.iter().any(|line| line.replace(' ', "").contains(&format!("{name}="))))
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let hunk = hunks.iter().find(|hunk| hunk.is_python() && is_passed(&hunk.added) && !is_passed(&hunk.removed))?;
    let names: Vec<&str> = named.iter().map(|(_, name)| name.as_str()).collect();
    let text = format!("`{}=` is passed at {}:{} since ({})", names.join("=`, `"), hunk.path, hunk.line, hunk.subject);
    Some(Evidence::commit(&hunk.commit, text))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// `send(name, "Hello", 3)` became `send({passed})`, of a function with these parameters; the mock is called `mock`.
    fn scene(parameters: &str, passed: &str, mock: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def send(to, subject="", tries=1):
    return to

def welcome(name):
    return send(name, "Hello", 3)
#- shop.py
def send({parameters}):
    return to

def welcome(name):
    return send(name, {passed})
#- tests/test_mail.py
from unittest.mock import patch
from shop import welcome

@patch("shop.send")
def test_mail(send):
    name = "ada"
    welcome(name)
    send.assert_called_once_with(name, "Hello", 3)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________

send = <MagicMock name='send' id='139'>

    @patch("shop.send")
    def test_mail(send):
        name = "ada"
        welcome(name)
>       send.assert_called_once_with(name, "Hello", 3)
E       AssertionError: expected call not found.
E       Expected: {mock}('ada', 'Hello', 3)
E         Actual: {mock}('ada', {})

tests/test_mail.py:8: AssertionError
#- healed
{healed}
"#,
            passed.replace('"', "'"),
        )
    }

    const HEALED: &str = "-    send.assert_called_once_with(name, \"Hello\", 3)\n\
                          +    send.assert_called_once_with(name, subject=\"Hello\", tries=3)";
    const BY_NAME: &str = "subject=\"Hello\", tries=3";

    fn tier(scene: &str) -> Tier {
        check(scene);
        Scene::parse(scene).heal().fixes[0].fix().tier
    }

    #[test]
    fn an_argument_that_is_passed_by_its_name_now() {
        assert_eq!(tier(&scene("to, *, subject=\"\", tries=1", BY_NAME, "send", HEALED)), Tier::Safe);
        assert_eq!(tier(&scene("to, subject=\"\", tries=1", BY_NAME, "send", HEALED)), Tier::Safe);
        // What the mock stands for, nobody knows.
        assert_eq!(tier(&scene("to, *, subject=\"\", tries=1", BY_NAME, "mock", HEALED)), Tier::Review);
    }

    #[test]
    fn a_name_that_the_function_does_not_take_is_no_fix() {
        check(&scene("to, subject=\"\", tries=1", "title=\"Hello\", tries=3", "send", "no fix"));
    }

    #[test]
    fn a_name_of_another_place_is_a_persons_to_accept() {
        let healed = HEALED.replace("subject=\"Hello\", tries=3", "tries=\"Hello\", subject=3");
        let passed = "tries=\"Hello\", subject=3";
        assert_eq!(tier(&scene("to, subject=\"\", tries=1", passed, "send", &healed)), Tier::Review);
    }
}
