//! `patch.object(shop, "send")`, `monkeypatch.setattr(shop, "send", …)` and `patch.multiple("shop", send=…)` of names that
//! moved: the module that has them now is patched.

use crate::diagnosis::locate::string_content;
use crate::fix::{Evidence, Fix};
use crate::strategies::confidence::Odds;
use crate::strategies::{Context, imports, names};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;

use super::{STRATEGY, homes, lost, tier};

/// Patches the one product module that has `name` since `module` lost it.
pub(super) fn moved(ctx: &Context<'_>, module: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let lost = lost(ctx, module, name)?;
    let homes = homes(ctx, module, name);
    let [(home, fact)] = homes.as_slice() else { return None };
    for call in patches(ctx) {
        let Some((string, edits)) =
            of_object(ctx, call, (module, name), home).or_else(|| of_several(ctx, call, (module, name), home))
        else {
            continue;
        };
        let text = format!("`{module}` has no `{name}` since then ({})", lost.subject);
        let evidence = vec![fact.clone(), Evidence::commit(&lost.commit, text)];
        fixes.push(Fix {
            title: format!("Patch `{name}` of `{home}`"),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).doubt(0.5).confidence(),
            evidence,
            tier: tier(ctx, string),
        });
    }
    Some(())
}

/// The calls of the failing statement, and those of the test's decorators.
pub(super) fn patches<'c>(ctx: &'c Context<'_>) -> Vec<Node<'c>> {
    let whole = ancestors(ctx.scope()).find(|node| node.kind() == "decorated_definition");
    let decorators = whole.into_iter().flat_map(children).filter(|node| node.kind() == "decorator");
    ctx.statement().into_iter().chain(decorators).flat_map(descendants).filter(|node| node.kind() == "call").collect()
}

fn called<'c>(ctx: &'c Context<'_>, call: Node<'_>) -> &'c str {
    call.child_by_field_name("function").map_or("", |function| ctx.source.slice(function))
}

/// `patch.object(shop, "send")`: another module is named, and imported.
fn of_object<'c>(
    ctx: &'c Context<'_>,
    call: Node<'c>,
    (module, name): (&str, &str),
    home: &str,
) -> Option<(Node<'c>, Vec<Edit>)> {
    let function = called(ctx, call);
    if !["patch.object", "setattr", "delattr"].iter().any(|end| function.ends_with(end)) {
        return None;
    }
    let mut given = children(call.child_by_field_name("arguments")?).filter(|node| node.kind() != "comment");
    let object = given.next().filter(|node| matches!(node.kind(), "identifier" | "attribute"))?;
    let string = given.next().filter(|node| string_content(ctx.source, *node) == Some(name))?;
    let written = ctx.source.slice(object);
    let all = imports::imports(ctx.source);
    let import = all.iter().find(|item| {
        item.statement.end <= object.start_byte() && full_name(item, written).as_deref() == Some(module)
    })?;
    let (package, last) = home.rsplit_once('.').unwrap_or(("", home));
    let is_taken =
        |name: &str| names::is_made_by_a_function(ctx.source, name) || !names::uses(ctx.source, name).is_empty();
    let (text, wanted) = match import.name {
        Some(_) if !package.is_empty() => (last, (package, Some(last))),
        _ => (home, (home, None)),
    };
    let known = all.iter().find(|item| full_name(item, &item.local).as_deref() == Some(home) && item.name.is_some());
    let mut edits = Vec::new();
    match known {
        Some(known) => edits.push(ctx.replace(object.byte_range(), &known.local)),
        None if wanted.1.is_some_and(is_taken) => return None,
        None => {
            edits.push(ctx.replace(object.byte_range(), text));
            edits.extend(imports::add(ctx, wanted.0, wanted.1));
        }
    }
    Some((string, edits))
}

/// The module that `written` is by this import: `shop.mail` for `mail` of `from shop import mail`.
fn full_name(item: &imports::Imported, written: &str) -> Option<String> {
    match &item.name {
        Some(name) => (item.local == written).then(|| format!("{}.{name}", item.module)),
        None => (item.local == written || item.module == written).then(|| item.module.clone()),
    }
}

/// `patch.multiple("shop", send=…, tell=…)`: all of them have to be there.
fn of_several<'c>(
    ctx: &'c Context<'_>,
    call: Node<'c>,
    (module, name): (&str, &str),
    home: &str,
) -> Option<(Node<'c>, Vec<Edit>)> {
    let list = call.child_by_field_name("arguments").filter(|_| called(ctx, call).ends_with("patch.multiple"))?;
    let mut given = children(list).filter(|node| node.kind() != "comment");
    let string = given.next().filter(|node| string_content(ctx.source, *node) == Some(module))?;
    let members = ctx.snapshot.module_members(home);
    let keywords: Vec<&str> =
        given.filter_map(|node| node.child_by_field_name("name")).map(|node| ctx.source.slice(node)).collect();
    let are_there = keywords.iter().all(|keyword| members.symbols.iter().any(|symbol| symbol.name == *keyword));
    if !are_there || !keywords.contains(&name) {
        return None;
    }
    let text = ctx.source.slice(string).replacen(module, home, 1);
    Some((string, vec![ctx.replace(string.byte_range(), text)]))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// `send` moved from `shop.mail` to `shop.post`: what the test has, the line that fails, and the heal.
    #[track_caller]
    fn check_moved(imports: &str, line: &str, healed: &str) {
        check(&format!(
            r#"
#- shop/__init__.py
#- before: shop/mail.py
def send(to):
    return to

def tell(to):
    return to

def order(to):
    return send(to)
#- shop/mail.py
from shop.post import order
#- shop/post.py
def send(to):
    return to

def order(to):
    return send(to)
#- tests/test_mail.py
from unittest.mock import patch, DEFAULT
{imports}

def test_mail(monkeypatch):
    {line}
    assert mail.order(1) == 2
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_mail ___________________________________
tests/test_mail.py:5: in test_mail
    {line}
E   AttributeError: <module 'shop.mail' from '/p/shop/mail.py'> has no attribute 'send'
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn the_module_that_has_the_name_now_is_patched() {
        check_moved(
            "from shop import mail",
            "monkeypatch.setattr(mail, \"send\", lambda to: 2)",
            "-from shop import mail\n+from shop import mail, post\n\
             -    monkeypatch.setattr(mail, \"send\", lambda to: 2)\n\
             +    monkeypatch.setattr(post, \"send\", lambda to: 2)",
        );
        check_moved(
            "import shop.mail as mail",
            "patch.object(mail, \"send\", return_value=2).start()",
            "+import shop.post\n-    patch.object(mail, \"send\", return_value=2).start()\n\
             +    patch.object(shop.post, \"send\", return_value=2).start()",
        );
        check_moved(
            "from shop import mail",
            "patch.multiple(\"shop.mail\", send=DEFAULT).start()",
            "-    patch.multiple(\"shop.mail\", send=DEFAULT).start()\n\
             +    patch.multiple(\"shop.post\", send=DEFAULT).start()",
        );
    }

    #[test]
    fn several_names_that_are_not_all_there_stay() {
        let gone = "no fix: moved";
        check_moved("from shop import mail", "patch.multiple(\"shop.mail\", send=DEFAULT, tell=DEFAULT).start()", gone);
    }
}
