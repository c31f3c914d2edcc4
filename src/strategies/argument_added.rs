//! A parameter that came without a default: the test passes what the callers of the product pass.

use crate::diagnosis::{Category, Complaint, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Parameter, ParameterKind};

use super::arguments_removed::{came, gone, signature_change};
use super::calls::{self, Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, names};

mod callers;
mod fixtures;
pub(super) mod switched;

use callers::{Passed, passed_by_callers};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "argument-added",
    categories: &[Category::TypeError],
    summary: "Passes what a new parameter asks for as the product's own callers do.",
    example: r#"
#- before: shop.py
def total(cart):
    return sum(cart)

def bill(cart):
    return total(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) if tax is None else sum(cart) * tax

def bill(cart):
    return total(cart, None)
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
    assert total([]) == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([2, 3]) == 5
E       TypeError: total() missing 1 required positional argument: 'tax'

tests/test_cart.py:4: TypeError
#- healed
-    assert total([2, 3]) == 5
-    assert total([]) == 0
+    assert total([2, 3], None) == 5
+    assert total([], None) == 0
"#,
    propose: argument_added,
};

/// What is passed, with what speaks for it.
struct Value {
    text: String,
    evidence: Evidence,
    tier: Tier,
    /// Whether it means the same in every function of the file.
    everywhere: bool,
    /// What gives it a name: a name of its own here, or the imports of the caller.
    bindings: Vec<Edit>,
}

fn argument_added(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::MissingArguments { function, names: missing, .. } = ctx.complaint() else { return None };
    if !ctx.raised_here() {
        return None;
    }
    let call = calls::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    let inherited = || signature_change(ctx, &calls::inherited(ctx, &callee, function)?);
    let change = signature_change(ctx, &callee).or_else(inherited)?;
    let added: Vec<Parameter> = came(&change).filter(|parameter| parameter.default.is_none()).cloned().collect();
    let added: Vec<Parameter> = added.into_iter().filter(|parameter| !parameter.kind.is_variadic()).collect();
    // A parameter that took the place of another is a rename.
    if added.is_empty() || added.len() != missing.len() || !gone(&change).is_empty() {
        return None;
    }
    let listed: Vec<&str> = added.iter().map(|parameter| parameter.name.as_str()).collect();
    let text = format!("`{}` asks for `{}` ({})", change.function, listed.join("`, `"), change.subject);
    let mut evidence = vec![Evidence::commit(&change.commit, text)];
    let values: Vec<Value> =
        added.iter().map(|parameter| value(ctx, call, &callee, parameter)).collect::<Option<Vec<_>>>()?;
    let everywhere = values.iter().all(|value| value.everywhere);
    let given: Vec<(&Parameter, &str)> =
        added.iter().zip(&values).map(|(parameter, value)| (parameter, value.text.as_str())).collect();
    let mut edits = with_arguments(ctx, call, &callee, &given)?;
    for other in calls::failing_alike(ctx, call).into_iter().filter(|_| everywhere) {
        edits.extend(with_arguments(ctx, other, &callee, &given).into_iter().flatten());
    }
    for binding in values.iter().flat_map(|value| &value.bindings) {
        if !edits.contains(binding) {
            edits.push(binding.clone());
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    let leaves_out = given.iter().any(|(parameter, text)| switched::leaves_out(ctx, &callee, &parameter.name, text));
    let tier = values.iter().map(|value| value.tier).max().filter(|_| !leaves_out).unwrap_or(Tier::Review);
    let title = given.iter().map(|(parameter, value)| format!("`{}`: `{value}`", parameter.name)).collect::<Vec<_>>();
    evidence.extend(values.into_iter().map(|value| value.evidence));
    fixes.push(Fix {
        title: format!("Pass {}", title.join(", ")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// What the product's callers pass, else what has the parameter's name here, else `None` where that is allowed.
fn value(ctx: &Context<'_>, call: Node<'_>, callee: &Callee, parameter: &Parameter) -> Option<Value> {
    let mut passed = passed_by_callers(ctx, &callee.symbol.name, callee, parameter);
    // A class below the one that has the constructor is called by its own name.
    let written = call.child_by_field_name("function").and_then(locate::last_name).map(|name| ctx.source.slice(name));
    if let Some(written) = written.filter(|name| *name != callee.symbol.name) {
        passed.extend(passed_by_callers(ctx, written, callee, parameter));
    }
    let (literals, objects): (Vec<Passed>, Vec<Passed>) = passed.into_iter().partition(|value| value.is_literal);
    if let Some(value) = agreed(literals) {
        return Some(value);
    }
    if let Some(value) = of_its_type(ctx, call, parameter) {
        return Some(value);
    }
    let name = parameter.name.as_str();
    let function = ctx.source.function_at(call.start_byte());
    if function.is_some_and(|function| names::binds(ctx.source, function, name)) {
        let evidence = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("the test has a `{name}`")) };
        return Some(Value {
            text: name.to_string(),
            evidence,
            tier: Tier::Review,
            everywhere: false,
            bindings: Vec::new(),
        });
    }
    if let Some(value) = fixtures::of_its_name(ctx, call, parameter) {
        return Some(value);
    }
    if let Some(value) = agreed(objects) {
        return Some(value);
    }
    let nothing = may_be_none(ctx, callee, parameter).map(|says| ("None", says));
    let (text, says) = nothing.or_else(|| may_be_empty(parameter))?;
    let evidence = Evidence::at(EvidenceKind::Source, &callee.symbol.path, callee.symbol.line, says);
    Some(Value { text: text.to_string(), evidence, tier: Tier::Review, everywhere: true, bindings: Vec::new() })
}

/// No items for a parameter that takes a collection: what the test was written before there were any.
fn may_be_empty(parameter: &Parameter) -> Option<(&'static str, String)> {
    let annotation = parameter.annotation.as_deref()?;
    let outer = annotation.trim_matches(['"', '\'']).split('[').next()?;
    let text = match outer.rsplit('.').next()? {
        "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" => "[]",
        "dict" | "Dict" | "Mapping" | "MutableMapping" => "{}",
        "set" | "Set" | "AbstractSet" | "MutableSet" => "set()",
        "frozenset" | "FrozenSet" => "frozenset()",
        "tuple" | "Tuple" => "()",
        _ => return None,
    };
    Some((text, format!("`{}: {annotation}`", parameter.name)))
}

/// The one object of the annotated class that the test has at hand: a name of its own, or what a `with` around
/// the call makes and does not name yet.
fn of_its_type(ctx: &Context<'_>, call: Node<'_>, parameter: &Parameter) -> Option<Value> {
    let annotation = parameter.annotation.as_deref()?.trim_matches(['"', '\'']);
    let class = annotation.rsplit('.').next().filter(|class| class.chars().all(|c| c.is_alphanumeric() || c == '_'))?;
    let is_product = |symbol: &crate::workspace::symbols::Symbol| !symbol.path.is_test_code();
    if !ctx.snapshot.definitions(class).iter().any(is_product) {
        return None;
    }
    let function = ctx.source.function_at(call.start_byte())?;
    let is_one = |node: Node<'_>| {
        ctx.snapshot.type_of(&ctx.site.path, node.byte_range()).is_some_and(|symbol| symbol.name == class)
    };
    let mut owned: Vec<&str> = descendants(function)
        .filter(|node| node.kind() == "identifier" && node.end_byte() <= call.start_byte() && !names::is_label(*node))
        .filter(|node| names::binds(ctx.source, function, ctx.source.slice(*node)) && is_one(*node))
        .map(|node| ctx.source.slice(node))
        .collect();
    owned.sort_unstable();
    owned.dedup();
    let made: Vec<Node<'_>> = ancestors(call)
        .take_while(|node| *node != function)
        .filter(|node| node.kind() == "with_statement")
        .flat_map(|with| children(with).filter(|node| node.kind() == "with_clause"))
        .flat_map(children)
        .filter_map(|item| item.child_by_field_name("value").filter(|value| value.kind() != "as_pattern"))
        .filter(|value| is_one(*value))
        .collect();
    let (text, binding) = match (owned.as_slice(), made.as_slice()) {
        ([name], []) => (name.to_string(), None),
        ([], [value]) if !names::binds(ctx.source, function, &parameter.name) => (
            parameter.name.clone(),
            Some(Edit::insert(&ctx.site.path, value.end_byte(), format!(" as {}", parameter.name))),
        ),
        _ => return None,
    };
    let says = format!("`{}` is the only `{class}` of the test", text);
    let evidence = Evidence { kind: EvidenceKind::Source, ..Evidence::hint(says) };
    Some(Value { text, evidence, tier: Tier::Safe, everywhere: false, bindings: binding.into_iter().collect() })
}

/// What the callers pass: a person's to accept where they do not agree.
fn agreed(passed: Vec<Passed>) -> Option<Value> {
    let alike = passed.iter().all(|other| other.text == passed[0].text);
    let first = passed.into_iter().next()?;
    let tier = if alike { first.tier } else { Tier::Review };
    Some(Value { text: first.text, evidence: first.evidence, tier, everywhere: true, bindings: first.imports })
}

/// The annotation says so, or the function asks whether it is.
fn may_be_none(ctx: &Context<'_>, callee: &Callee, parameter: &Parameter) -> Option<String> {
    let name = parameter.name.as_str();
    if let Some(annotation) = &parameter.annotation
        && (annotation.contains("Optional[") || annotation.contains("None"))
    {
        return Some(format!("`{name}: {annotation}`"));
    }
    let source = ctx.snapshot.source(&callee.symbol.path)?;
    let function = source.function_at(callee.symbol.range.start)?;
    let body = source.slice(function.child_by_field_name("body")?);
    [format!("{name} is None"), format!("{name} is not None"), format!("if {name}:"), format!("if not {name}:")]
        .into_iter()
        .find(|asked| body.contains(asked))
        .map(|asked| format!("`{}` asks: `{asked}`", callee.symbol.name))
}

/// The edits of one call: in the parameter's place where places are counted, else by its name.
pub(super) fn with_arguments(
    ctx: &Context<'_>,
    call: Node<'_>,
    callee: &Callee,
    given: &[(&Parameter, &str)],
) -> Option<Vec<Edit>> {
    let arguments = calls::arguments(ctx.source, call);
    if arguments.iter().any(|argument| argument.is_splat) {
        return None;
    }
    let list = call.child_by_field_name("arguments")?;
    let mut placed = arguments.iter().filter(|argument| argument.keyword.is_none()).count();
    // Behind a keyword no place is counted.
    let mut counts = placed == arguments.len();
    let mut edits: Vec<Edit> = Vec::new();
    let mut last: Vec<String> = Vec::new();
    for (parameter, value) in given {
        if arguments.iter().any(|argument| argument.keyword.as_deref() == Some(parameter.name.as_str())) {
            return None;
        }
        let index = callee.positions().position(|other| other.name == parameter.name);
        match index.filter(|_| parameter.kind != ParameterKind::KeywordOnly) {
            Some(index) if index < arguments.len().min(placed) => {
                edits.push(Edit::insert(&ctx.site.path, arguments[index].range.start, format!("{value}, ")));
                placed += 1;
            }
            Some(index) if counts && index == placed => {
                last.push(value.to_string());
                placed += 1;
            }
            _ => {
                last.push(format!("{}={value}", parameter.name));
                counts = false;
            }
        }
    }
    if !last.is_empty() {
        edits.push(appended(ctx, list, &arguments, &last.join(", ")));
    }
    Some(edits)
}

fn appended(ctx: &Context<'_>, list: Node<'_>, arguments: &[Argument], text: &str) -> Edit {
    let Some(last) = arguments.last() else {
        return Edit::insert(&ctx.site.path, list.start_byte() + 1, text);
    };
    // Arguments that have lines of their own keep them.
    let code = ctx.source.text();
    let line = code[..last.range.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &code[line..last.range.start];
    let own_line = line > list.start_byte()
        && indent.trim().is_empty()
        && !children(list).any(|node| node.start_byte() < last.range.start && node.start_byte() >= line);
    let separator = if own_line { format!(",\n{indent}") } else { ", ".to_string() };
    Edit::insert(&ctx.site.path, last.range.end, format!("{separator}{text}"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    const LOG: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([2, 3]) == 5
E       TypeError: total() missing 1 required positional argument: 'tax'

tests/test_cart.py:4: TypeError
"#;

    #[test]
    fn a_parameter_in_the_middle_is_given_in_its_place() {
        let scene = r#"
#- before: shop.py
def total(cart, rate=1):
    return sum(cart) * rate
#- shop.py
def total(tax, cart, rate=1):
    if tax is None:
        return sum(cart) * rate
    return sum(cart) * rate * tax
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
"#;
        let healed = "#- healed\n-    assert total([2, 3]) == 5\n+    assert total(None, [2, 3]) == 5\n";
        check(&format!("{scene}{}{healed}", LOG.replace("'tax'", "'cart'")));
    }

    #[test]
    fn a_collection_that_was_not_there_is_empty() {
        let scene = |annotation: &str| {
            format!(
                "\n#- before: shop.py\ndef total(cart):\n    return sum(cart)\n#- shop.py\nfrom typing import List\n\n\
                 def total(cart, tax: {annotation}):\n    return sum(cart) + sum(tax)\n#- tests/test_cart.py\n\
                 from shop import total\n\ndef test_total():\n    assert total([2, 3]) == 5\n"
            )
        };
        let healed = "#- healed\n-    assert total([2, 3]) == 5\n+    assert total([2, 3], []) == 5\n";
        check(&format!("{}{LOG}{healed}", scene("List[int]")));
        check(&format!("{}{LOG}#- healed\nno fix\n", scene("int")));
    }

    #[test]
    fn a_field_that_a_class_got_is_an_argument_of_its_constructor() {
        check(
            r#"
#- before: shop.py
from typing import List, NamedTuple

class Cart(NamedTuple):
    items: List[int]
#- shop.py
from typing import List, NamedTuple

class Cart(NamedTuple):
    items: List[int]
    gone: List[int]
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert $0Cart(items=[2]).items == [2]
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart(items=[2]).items == [2]
E       TypeError: Cart.__new__() missing 1 required positional argument: 'gone'

tests/test_cart.py:4: TypeError
#- healed
-    assert Cart(items=[2]).items == [2]
+    assert Cart(items=[2], gone=[]).items == [2]
"#,
        );
    }

    #[test]
    fn the_only_object_of_the_class_is_passed() {
        check(
            r#"
#- before: shop.py
class Session:
    def __enter__(self):
        return self

def open_session() -> Session:
    return Session()

def total(cart):
    return sum(cart)
#- shop.py
class Session:
    def __enter__(self):
        return self

def open_session() -> Session:
    return Session()

def total(session: Session, cart):
    return session.sum(cart)
#- tests/test_cart.py
from shop import open_session, total

def test_total():
    with open_session():
        assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        with open_session():
>           assert total([2, 3]) == 5
E           TypeError: total() missing 1 required positional argument: 'cart'

tests/test_cart.py:5: TypeError
#- healed
-    with open_session():
-        assert total([2, 3]) == 5
+    with open_session() as session:
+        assert total(session, [2, 3]) == 5
"#,
        );
    }

    fn with_rates(caller: &str, test: &str) -> String {
        format!(
            r#"
#- rates.py
class Rate:
    def __init__(self, value=1):
        self.value = value

FULL = Rate()

def today():
    return FULL
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
from rates import FULL, Rate, today

def total(cart, tax):
    return sum(cart) * tax.value

def bill(cart, mine):
{caller}
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
{test}"#
        )
    }

    #[test]
    fn an_object_that_the_callers_name_or_make_is_imported() {
        let healed = |name: &str, value: &str| {
            format!(
                "#- healed\n+from rates import {name}\n-    assert total([2, 3]) == 5\n\
                 +    assert total([2, 3], {value}) == 5\n"
            )
        };
        for (caller, name, value) in [
            ("    return total(cart, FULL)", "FULL", "FULL"),
            ("    return total(cart, tax=Rate(value=2))", "Rate", "Rate(value=2)"),
            ("    rate = Rate()\n    return total(cart, rate)", "Rate", "Rate()"),
            ("    return total(cart, today())", "today", "today()"),
        ] {
            check(&format!("{}{LOG}{}", with_rates(caller, ""), healed(name, value)));
        }
    }

    #[test]
    fn what_is_the_callers_own_or_something_else_here_is_no_fix() {
        for caller in [
            "    return total(cart, mine)",
            "    return total(cart, Rate(mine))",
            "    rate = Rate()\n    rate.value = 3\n    return total(cart, rate)",
        ] {
            check(&format!("{}{LOG}#- healed\nno fix\n", with_rates(caller, "")));
        }
        let other = "\ndef test_other():\n    FULL = 3\n    assert FULL\n";
        let caller = "    return total(cart, FULL)";
        check(&format!("{}{LOG}#- healed\nno fix\n", with_rates(caller, other)));
    }

    #[test]
    fn a_value_that_nothing_shows_is_no_fix() {
        let scene = r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) * tax
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([2, 3]) == 5
"#;
        check(&format!("{scene}{LOG}#- healed\nno fix\n"));
    }

    #[test]
    fn a_constructor_that_is_inherited_is_called_by_another_name() {
        check(
            r#"
#- before: shop.py
class Box(dict):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

class Cart(Box): ...

def cart():
    return Cart()
#- shop.py
class Box(dict):
    def __new__(cls, *args, settings, **kwargs):
        return super().__new__(cls)

class Cart(Box): ...

def cart():
    return Cart(settings={})
#- tests/test_cart.py
from shop import Cart

def test_cart():
    assert Cart(a=1)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert Cart(a=1)
E       TypeError: Box.__new__() missing 1 required keyword-only argument: 'settings'

tests/test_cart.py:4: TypeError
#- healed
-    assert Cart(a=1)
+    assert Cart(a=1, settings={})
"#,
        );
    }

    /// A fixture `tax` that pytest could give to the test, whose head is `test`.
    #[track_caller]
    fn with_fixture(fixture: &str, test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop.py
def total(cart):
    return sum(cart)
#- shop.py
def total(cart, tax):
    return sum(cart) * tax.rate
#- tests/conftest.py
import pytest

{fixture}
def tax():
    return Tax()
#- tests/test_cart.py
from shop import total

{test}
    assert total([2, 3]) == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________
tests/test_cart.py:4: in test_total
    assert total([2, 3]) == 5
E   TypeError: total() missing 1 required positional argument: 'tax'
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_fixture_of_its_name_is_asked_for() {
        with_fixture(
            "@pytest.fixture",
            "def test_total():",
            "-def test_total():\n-    assert total([2, 3]) == 5\n+def test_total(tax):\n+    assert total([2, 3], tax) == 5",
        );
        with_fixture("@pytest.fixture(params=[1, 2])", "def test_total():", "no fix");
        with_fixture("@register", "def test_total():", "no fix");
    }

    #[track_caller]
    fn beside(other: &str, log: &str, healed: &str) {
        let scene = format!(
            r#"
#- before: shop.py
def add(basket, sku):
    return basket + [sku]

def load(basket):
    return add(basket, "a")
#- shop.py
def add(basket, sku, check):
    return basket + [sku]

def load(basket):
    return add(basket, "a", False)
#- tests/test_add.py
import pytest
from shop import add

def test_add():
    assert add([], "tea") == ["tea"]

def test_other():
    {other}
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________

    def test_add():
>       assert add([], "tea") == ["tea"]
E       TypeError: add() missing 1 required positional argument: 'check'

tests/test_add.py:5: TypeError
{log}
#- healed
-    assert add([], "tea") == ["tea"]
+    assert add([], "tea", False) == ["tea"]
{healed}
"#
        );
        check(&scene);
    }

    #[test]
    fn a_test_that_did_not_fail_alike_is_left_to_its_own_failure() {
        let other = "assert add([], \"\") == [\"\"]";
        let healed = "-    assert add([], \"\") == [\"\"]\n+    assert add([], \"\", False) == [\"\"]";
        let failed = |error: &str| {
            format!(
                "__________________________________ test_other __________________________________\n\n    def test_other():\n\
                 >       {other}\nE       {error}\n\ntests/test_add.py:8: {}\n",
                error.split(':').next().unwrap_or_default()
            )
        };
        beside(other, "", healed);
        beside(other, &failed("TypeError: add() missing 1 required positional argument: 'check'"), healed);
        beside(other, &failed("ValueError: no sku"), "");
        beside("with pytest.raises(ValueError):\n        add([], \"\")", "", "");
    }
}
