//! A call that warns since a commit, in a run where warnings are errors: the test expects the warning.

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;

use super::confidence::Odds;
use super::{Context, Strategy, imports, patterns};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-warning",
    categories: &[Category::LogicError],
    summary: "Expects the warning that the product gives since a commit, for a person to accept.",
    example: r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
import warnings

def total(cart):
    warnings.warn("Totals go in version 3.", DeprecationWarning, stacklevel=2)
    return sum(cart)
#- tests/test_cart.py
import pytest
from shop import total

def test_total():
    paid = total([2, 3])
    assert paid == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       paid = total([2, 3])

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

cart = [2, 3]

    def total(cart):
>       warnings.warn("Totals go in version 3.", DeprecationWarning, stacklevel=2)
E       DeprecationWarning: Totals go in version 3.

shop.py:4: DeprecationWarning
#- healed
-    paid = total([2, 3])
+    with pytest.warns(DeprecationWarning, match="Totals go in version 3."):
+        paid = total([2, 3])
"#,
    propose: expected_warning,
};

/// Warnings that announce something to the caller; others tell of mistakes.
const ANNOUNCING: [&str; 4] = ["DeprecationWarning", "PendingDeprecationWarning", "FutureWarning", "UserWarning"];

fn expected_warning(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let class = ctx.diagnosis.failure.exc_type.as_deref()?;
    if !ANNOUNCING.contains(&class) {
        return None;
    }
    let statement = wrapped(ctx)?;
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(|hunk| {
        let warns = |lines: &[String]| lines.iter().any(|line| line.contains("warn"));
        hunk.is_python()
            && warns(&hunk.added)
            && says(&hunk.added, ctx.message())
            && !says(&hunk.removed, ctx.message())
    })?;
    let pytest = imports::imports(ctx.source).into_iter().find(|item| item.module == "pytest" && item.name.is_none());
    let (local, import) = match pytest {
        Some(item) => (item.local, None),
        None => ("pytest".to_string(), Some(imports::add(ctx, "pytest", None)?)),
    };
    let message = ctx.message().lines().next().unwrap_or_default();
    let pattern = patterns::matching(message);
    let head = format!("with {local}.warns({class}, match={pattern}):");
    let text = format!("{}:{} warns since ({})", hunk.path, hunk.line, hunk.subject);
    let evidence = vec![
        Evidence::commit(&hunk.commit, text),
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run raised {class}: {message}")) },
    ];
    fixes.push(Fix {
        title: format!("Expect the `{class}`"),
        strategy: STRATEGY.id,
        edits: below(ctx, statement, &head).into_iter().chain(import).collect(),
        // It keeps what is old; what uses the successor is better.
        confidence: Odds::of(&evidence).doubt(2.2).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// The statement of the test that warned, where it is a simple one, an import or a class that is made, and nothing
/// around it expects something.
fn wrapped<'c>(ctx: &'c Context<'_>) -> Option<Node<'c>> {
    let statement = ctx.statement()?;
    let is_class = statement.kind() == "class_definition";
    let decorated = statement.parent().filter(|parent| is_class && parent.kind() == "decorated_definition");
    let statement = decorated.unwrap_or(statement);
    let simple = is_class
        || matches!(
            statement.kind(),
            "expression_statement"
                | "assert_statement"
                | "return_statement"
                | "import_from_statement"
                | "delete_statement"
        );
    // Of what runs while the file is collected only an import is there for the tests alone.
    let in_test = ctx.source.function_at(statement.start_byte()).is_some();
    let simple = simple && (in_test || statement.kind() == "import_from_statement" && knows_pytest(ctx, statement));
    (simple && !is_expected(ctx, statement)).then_some(statement)
}

/// Whether pytest is imported above.
fn knows_pytest(ctx: &Context<'_>, statement: Node<'_>) -> bool {
    let above = |item: &imports::Imported| item.statement.end <= statement.start_byte();
    imports::imports(ctx.source).iter().any(|item| item.module == "pytest" && item.name.is_none() && above(item))
}

/// Whether a block around `statement` expects a warning or an exception.
pub(super) fn is_expected(ctx: &Context<'_>, statement: Node<'_>) -> bool {
    let words = ["raises", "warns", "deprecated_call", "assertRaises", "assertWarns"];
    let expects = |node: Node<'_>| {
        let clause = children(node).find(|child| child.kind() == "with_clause");
        clause.is_some_and(|clause| words.iter().any(|word| ctx.source.slice(clause).contains(word)))
    };
    ancestors(statement).any(|node| node.kind() == "with_statement" && expects(node))
}

/// Whether a string of these lines stands in the message, as far as it is not filled in.
pub(super) fn says(lines: &[String], message: &str) -> bool {
    let bodies = lines.iter().flat_map(|line| tokens(line)).filter_map(string_body);
    let parts = bodies.flat_map(|body| body.split(['{', '}'])).map(str::trim);
    parts.filter(|part| part.len() > 7).any(|part| message.contains(part))
}

/// The edits that put `statement` below `head`: one step to the right, but for the inside of its strings.
fn below(ctx: &Context<'_>, statement: Node<'_>, head: &str) -> Vec<Edit> {
    let text = ctx.source.text();
    let line = text[..statement.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..statement.start_byte()];
    let step = if indent.starts_with('\t') { "\t" } else { "    " };
    let end = imports::line_end(text);
    let strings: Vec<_> =
        descendants(statement).filter(|node| node.kind() == "string").map(|node| node.byte_range()).collect();
    let mut edits = vec![Edit::insert(&ctx.site.path, statement.start_byte(), format!("{head}{end}{indent}{step}"))];
    for (at, _) in text[statement.byte_range()].match_indices('\n') {
        let start = statement.start_byte() + at + 1;
        let inside = strings.iter().any(|range| range.start < start && start <= range.end);
        let blank = text[start..].starts_with(['\n', '\r']);
        if !inside && !blank {
            edits.push(Edit::insert(&ctx.site.path, start, step));
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_warning_that_no_commit_brought_is_no_fix() {
        check(
            r#"
#- shop.py
import warnings

def total(cart):
    warnings.warn("Totals go in version 3.", DeprecationWarning, stacklevel=2)
    return sum(cart)
#- tests/test_cart.py
import pytest
from shop import total

def test_total():
    assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([2, 3]) == 5

tests/test_cart.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

cart = [2, 3]

    def total(cart):
>       warnings.warn("Totals go in version 3.", DeprecationWarning, stacklevel=2)
E       DeprecationWarning: Totals go in version 3.

shop.py:4: DeprecationWarning
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_class_that_warns_as_it_is_made_is_made_below_the_check() {
        check(
            r#"
#- before: shop.py
class Shop:
    def __init_subclass__(cls):
        pass
#- shop.py
import warnings

class Shop:
    def __init_subclass__(cls):
        if "total" in cls.__dict__:
            warnings.warn("Overriding 'total' is on its way out.", DeprecationWarning, stacklevel=2)
#- tests/test_shop.py
import pytest
from shop import Shop

def test_shop():
    class Own(Shop):
        def total(self):
            return 1

    assert Own().total() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_shop ___________________________________

    def test_shop():
>       class Own(Shop):

tests/test_shop.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

cls = <class 'tests.test_shop.test_shop.<locals>.Own'>

    def __init_subclass__(cls):
        if "total" in cls.__dict__:
>           warnings.warn("Overriding 'total' is on its way out.", DeprecationWarning, stacklevel=2)
E           DeprecationWarning: Overriding 'total' is on its way out.

shop.py:6: DeprecationWarning
#- healed
-    class Own(Shop):
-        def total(self):
-            return 1
+    with pytest.warns(DeprecationWarning, match="Overriding 'total' is on its way out."):
+        class Own(Shop):
+            def total(self):
+                return 1
"#,
        );
    }

    #[test]
    fn an_import_that_warns_is_made_below_the_check() {
        check(
            r#"
#- before: shop.py
def total(cart):
    return sum(cart)

def legacy_total(cart):
    return 1
#- shop.py
import warnings

def total(cart):
    return sum(cart)

def __getattr__(name):
    if name == "legacy_total":
        warnings.warn("The legacy total is on its way out.", DeprecationWarning, stacklevel=2)
        return len
    raise AttributeError(name)
#- tests/test_cart.py
import pytest
from shop import legacy_total
from shop import total

def test_total():
    assert total([2, 3]) == 5
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
tests/test_cart.py:2: in <module>
    from shop import legacy_total
shop.py:8: in __getattr__
    warnings.warn("The legacy total is on its way out.", DeprecationWarning, stacklevel=2)
E   DeprecationWarning: The legacy total is on its way out.
#- healed
-from shop import legacy_total
+with pytest.warns(DeprecationWarning, match="The legacy total is on its way out."):
+    from shop import legacy_total
"#,
        );
    }
}
