//! The exception comes one statement earlier than the block that expects it: the block moves there.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::expected_exception::{Expectation, OF_PYTHON, is_raised_by_product, of_block, reachable, stops_others};
use super::{Context, Strategy, imports, names, patterns};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "raise-moved",
    categories: &[
        Category::LogicError,
        Category::Unknown,
        Category::TypeError,
        Category::KeyError,
        Category::ResourceError,
        Category::AttributeError,
    ],
    summary: "Moves the block that expects an exception to the statement that raises it now, for a person to accept.",
    example: r#"
#- before: shop.py
class Cart:
    def __init__(self, items):
        self.items = items

    def total(self):
        if not self.items:
            raise ValueError("empty")
        return sum(self.items)
#- shop.py
class Cart:
    def __init__(self, items):
        if not items:
            raise ValueError("empty")
        self.items = items

    def total(self):
        return sum(self.items)
#- tests/test_cart.py
import pytest
from shop import Cart

def test_empty():
    cart = Cart([])
    with pytest.raises(ValueError):
        cart.total()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_empty __________________________________

    def test_empty():
>       cart = Cart([])

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <shop.Cart object at 0x7f0000000000>, items = []

    def __init__(self, items):
        if not items:
>           raise ValueError("empty")
E           ValueError: empty

shop.py:4: ValueError
#- healed
-    cart = Cart([])
-        cart.total()
+        cart = Cart([])
"#,
    propose: raise_moved,
};

fn raise_moved(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let raised = ctx.diagnosis.failure.exc_type.as_deref()?;
    let raised = super::renames::last_part(raised);
    if ctx.raised_here() || matches!(raised, "Exception" | "BaseException" | "SystemExit" | "KeyboardInterrupt") {
        return None;
    }
    let statement = ctx.statement().filter(|node| node.kind() == "expression_statement")?;
    let with = next_statement(statement).filter(|node| node.kind() == "with_statement")?;
    let block = with.child_by_field_name("body")?;
    let expected = of_block(ctx.source, with)?;
    // What Python raises of itself is more often what the statement meets than what the block was about.
    if OF_PYTHON.contains(&raised) && expected.expected(ctx.source) != Some(raised) && !is_raised_by_product(ctx) {
        return None;
    }
    if stops_others(ctx, &expected) {
        return None;
    }
    // The block asked of what the statement made or changed.
    if children(block).count() != 1 || !shares_a_name(ctx, statement, block) {
        return None;
    }
    let changed = |path: &crate::text::FilePath| {
        ctx.diagnosis.failure.frames.iter().any(|frame| ctx.snapshot.file_path(&frame.path) == *path)
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let hunk = hunks.iter().find(|hunk| {
        let raises = |lines: &[String]| lines.iter().any(|line| occurrences(line, raised).next().is_some());
        hunk.is_python() && changed(&hunk.path) && raises(&hunk.added)
    });
    let hunk = hunk.or_else(|| hunks.iter().find(|hunk| hunk.is_python() && changed(&hunk.path)));
    // An exception that was raised from another one shows only the last part of its way.
    let is_sure = hunk.is_some();
    let hunk = hunk.or_else(|| hunks.iter().find(|hunk| hunk.is_python()))?;
    let text = ctx.source.text();
    let (head, import) = head(ctx, with, block, &expected, raised)?;
    let at = |offset: usize| text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[at(statement.start_byte())..statement.start_byte()];
    let inner = &text[at(block.start_byte())..block.start_byte()];
    let step = inner.strip_prefix(indent)?;
    let mut moved = String::new();
    for (index, line) in text[statement.byte_range()].split_inclusive('\n').enumerate() {
        moved += if index > 0 && !line.trim().is_empty() { step } else { "" };
        moved += line;
    }
    let end = imports::line_end(text);
    let message = super::expected_value::short(ctx.message());
    let evidence = vec![
        Evidence::commit(&hunk.commit, format!("{}:{} changed ({})", hunk.path, hunk.line, hunk.subject)),
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run raised {raised}: {message}")) },
    ];
    fixes.push(Fix {
        title: format!("Expect the `{raised}` one statement earlier"),
        strategy: STRATEGY.id,
        edits: std::iter::once(
            ctx.replace(statement.start_byte()..with.end_byte(), format!("{head}{end}{inner}{moved}")),
        )
        .chain(import)
        .collect(),
        confidence: Odds::of(&evidence).doubt(if is_sure { 0.4 } else { 1.2 }).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

pub(super) fn next_statement(node: Node<'_>) -> Option<Node<'_>> {
    let mut next = node.next_named_sibling();
    while let Some(comment) = next.filter(|node| node.kind() == "comment") {
        next = comment.next_named_sibling();
    }
    next
}

fn shares_a_name(ctx: &Context<'_>, statement: Node<'_>, block: Node<'_>) -> bool {
    let names = |node| {
        descendants(node)
            .filter(|node| node.kind() == "identifier" && !names::is_label(*node))
            .map(|node| ctx.source.slice(node))
    };
    let known: Vec<&str> = names(statement).collect();
    names(block).any(|name| known.contains(&name))
}

/// `with pytest.raises(…):` as it stands, with the type and the message that came.
fn head(
    ctx: &Context<'_>,
    with: Node<'_>,
    block: Node<'_>,
    expected: &Expectation<'_>,
    raised: &str,
) -> Option<(String, Option<crate::text::Edit>)> {
    let mut head = ctx.source.text()[with.start_byte()..block.start_byte()].trim_end().to_string();
    let list = expected.call.child_by_field_name("arguments")?;
    let class = list.named_child(0)?;
    let mut import = None;
    let pattern = children(list).find(|argument| {
        let name = argument.child_by_field_name("name").filter(|_| argument.kind() == "keyword_argument");
        name.is_some_and(|name| ctx.source.slice(name) == "match")
    });
    // From behind, so that the offsets before stay.
    if let Some(value) = pattern.and_then(|argument| argument.child_by_field_name("value")) {
        let plain = crate::syntax::outline::string_content(ctx.source, value);
        if !plain.is_some_and(|plain| ctx.message().contains(&plain)) {
            let range = value.start_byte() - with.start_byte()..value.end_byte() - with.start_byte();
            head.replace_range(range, &patterns::matching(ctx.message()));
        }
    }
    let name = crate::diagnosis::locate::last_name(class)?;
    if ctx.source.slice(name) != raised {
        let (written, added) = reachable(ctx, class, raised)?;
        import = added;
        head.replace_range(class.start_byte() - with.start_byte()..class.end_byte() - with.start_byte(), &written);
    }
    Some((head, import))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_block_about_something_else_stays() {
        check(
            r#"
#- before: shop.py
class Cart:
    def __init__(self, items):
        self.items = items
#- shop.py
class Cart:
    def __init__(self, items):
        if not items:
            raise ValueError("empty")
        self.items = items
#- tests/test_cart.py
import pytest
from shop import Cart, pay

def test_empty():
    cart = Cart([])
    with pytest.raises(ValueError):
        pay(None)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_empty __________________________________

    def test_empty():
>       cart = Cart([])

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <shop.Cart object at 0x7f0000000000>, items = []

    def __init__(self, items):
        if not items:
>           raise ValueError("empty")
E           ValueError: empty

shop.py:4: ValueError
#- healed
no fix
"#,
        );
    }
}
