//! A class of the test that stands in for one of the product, which is entered by `with` now: it lets itself be entered and
//! gives itself.

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::strategies::confidence::Odds;
use crate::strategies::{Context, fakes, imports};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

use super::STRATEGY;

/// How an object is entered and left.
struct Protocol {
    keyword: &'static str,
    methods: [(&'static str, &'static str); 2],
}

const PLAIN: Protocol = Protocol {
    keyword: "with",
    methods: [("def __enter__(self)", "return self"), ("def __exit__(self, *exc)", "return None")],
};
const ASYNC: Protocol = Protocol {
    keyword: "async with",
    methods: [("async def __aenter__(self)", "return self"), ("async def __aexit__(self, *exc)", "return None")],
};

/// Gives the stub that the product enters the methods for it.
pub(super) fn entered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (class, rest) = ctx.message().strip_prefix('\'')?.split_once("' object does not support the ")?;
    let is_async = rest.starts_with("asynchronous context manager protocol");
    let protocol = if is_async { ASYNC } else { PLAIN };
    if !is_async && !rest.starts_with("context manager protocol") {
        return None;
    }
    let (hunk, line) = turn(ctx, protocol.keyword)?;
    let mut found = offer(ctx, class, &protocol, (&hunk, &line), fixes);
    fakes::look_beside(ctx, |beside| {
        found = found.or_else(|| offer(beside, class, &protocol, (&hunk, &line), fixes));
    });
    found
}

/// The change since which the product enters what it used without before, and the line that does.
fn turn(ctx: &Context<'_>, keyword: &str) -> Option<(Hunk, String)> {
    let frame = ctx.diagnosis.failure.frames.last()?;
    let (path, source) = ctx.product_file(frame)?;
    let line = source.text()[source.code_on_line(frame.line)?].trim().to_string();
    let statement = source.statement_at(source.code_on_line(frame.line)?.start)?;
    let items = descendants(statement).filter(|node| node.kind() == "with_item");
    let values: Vec<&str> =
        items.filter_map(|item| item.child_by_field_name("value")).map(|value| source.slice(value)).collect();
    let given = |value: &&str| value.split(" as ").next().unwrap_or_default().to_string();
    let entered: Vec<String> = values.iter().map(given).collect();
    let adds = |hunk: &Hunk| hunk.path == path && hunk.added.iter().any(|added| added.trim() == line);
    let was = |hunk: &Hunk| {
        let entered_before = hunk.removed.iter().any(|gone| gone.trim() == line);
        let used = |value: &String| hunk.removed.iter().any(|gone| gone.contains(value.as_str()));
        !entered_before && entered.iter().any(used)
    };
    let is_with = line.starts_with(keyword);
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(|hunk| adds(hunk) && was(hunk))?;
    is_with.then_some((hunk, line))
}

fn offer(
    ctx: &Context<'_>,
    class: &str,
    protocol: &Protocol,
    (hunk, line): (&Hunk, &str),
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let is_stub = |node: &Node<'_>| {
        let name = node.child_by_field_name("name").filter(|_| node.kind() == "class_definition");
        name.is_some_and(|name| ctx.source.slice(name) == class)
    };
    let mut stubs = descendants(ctx.source.root()).filter(is_stub);
    let stub = stubs.next().filter(|_| stubs.next().is_none())?;
    let does = format!("{}:{} does `{line}` since ({})", hunk.path, hunk.line, hunk.subject);
    let docs =
        format!("`{}` asks for `{}`", protocol.keyword, protocol.methods.map(|(head, _)| name(head)).join("`, `"));
    let evidence =
        vec![Evidence::commit(&hunk.commit, does), Evidence { kind: EvidenceKind::Docs, ..Evidence::hint(docs) }];
    fixes.push(Fix {
        title: format!("Let `{class}` be entered by `{}`", protocol.keyword),
        strategy: STRATEGY.id,
        edits: vec![methods(ctx, stub, protocol)?],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        // Whether the real object can be entered, and what it gives then, the stub does not tell.
        tier: Tier::Review,
    });
    Some(())
}

/// `__enter__` of `def __enter__(self)`.
fn name(head: &'static str) -> &'static str {
    let name = head.split('(').next().unwrap_or(head);
    name.rsplit(' ').next().unwrap_or(name)
}

/// The methods that the class lacks, at its end.
fn methods(ctx: &Context<'_>, stub: Node<'_>, protocol: &Protocol) -> Option<Edit> {
    // What a base class has is not the stub's to say.
    if stub.child_by_field_name("superclasses").is_some_and(|bases| bases.named_child_count() > 0) {
        return None;
    }
    let body = stub.child_by_field_name("body")?;
    let last = children(body).filter(|node| node.kind() != "comment").last()?;
    if body.start_position().row == stub.start_position().row {
        return None;
    }
    let (end, indent) = (imports::line_end(ctx.source.text()), " ".repeat(last.start_position().column));
    let is_missing = |head: &str| !ctx.source.slice(body).contains(&format!("{head}("));
    let missing = protocol.methods.iter().filter(|(head, _)| is_missing(name(head)));
    let texts = missing.map(|(head, does)| format!("{end}{end}{indent}{head}:{end}{indent}    {does}"));
    let text = texts.collect::<String>();
    (!text.is_empty()).then(|| Edit::insert(&ctx.site.path, last.end_byte(), text))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// A product that read what `open` gave, and does `enter` now; the fake of the test has the base.
    fn scene(was: &str, base: &str, healed: &str) -> String {
        format!(
            r#"
#- before: shop.py
def load(client, name):
    {was}
    return f.read()
#- shop.py
def load(client, name):
    with client.open(name) as f:
        return f.read()
#- tests/test_shop.py
from shop import load

class FakeFile{base}:
    def read(self):
        return "tea"

class FakeClient:
    def open(self, name):
        return FakeFile()

def test_load():
    assert load(FakeClient(), "a") == "tea"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_load ___________________________________

    def test_load():
>       assert load(FakeClient(), "a") == "tea"

tests/test_shop.py:12: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

client = <test_shop.FakeClient object at 0x7f0000000000>, name = 'a'

    def load(client, name):
>       with client.open(name) as f:
E       TypeError: 'FakeFile' object does not support the context manager protocol

shop.py:2: TypeError
#- healed
{healed}
"#
        )
    }

    const HEALED: &str = "+    def __enter__(self):\n+        return self\n+\n+    def __exit__(self, *exc):\n\
                          +        return None\n+";

    #[test]
    fn a_fake_that_is_entered_now_gives_itself() {
        let scene = scene("f = client.open(name)", "", HEALED);
        check(&scene);
        assert_eq!(Scene::parse(&scene).heal().fixes[0].fix().tier, Tier::Review);
    }

    #[test]
    fn what_was_not_used_before_or_has_a_base_is_no_fix() {
        check(&scene("f = client.get(name)", "", "no fix"));
        check(&scene("f = client.open(name)", "(Base)", "no fix"));
    }
}
