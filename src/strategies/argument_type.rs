//! A parameter that takes another type since a commit: the test passes its value as that type.

use std::ops::Range;

use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, Fix};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::symbols::Parameter;

use super::arguments_removed::signature_change;
use super::calls::{self, Callee};
use super::confidence::Odds;
use super::converted::{self, Conversion, Passed};
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "argument-type",
    categories: &[
        Category::TypeError,
        Category::AttributeError,
        Category::KeyError,
        Category::AssertionError,
        Category::LogicError,
    ],
    summary: "Passes a value as the type that the parameter takes now.",
    example: r#"
#- before: shop.py
import os

def load(folder: str) -> int:
    return len(os.path.join(folder, "cart"))
#- shop.py
from pathlib import Path

def load(folder: Path) -> int:
    return len(str(folder / "cart"))
#- tests/test_load.py
from shop import load

def test_load():
    assert load("/tmp") == 9
    assert load("/") == 5
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_load ___________________________________

    def test_load():
>       assert load("/tmp") == 9

tests/test_load.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

folder = '/tmp'

    def load(folder: Path) -> int:
>       return len(str(folder / "cart"))
E       TypeError: unsupported operand type(s) for /: 'str' and 'str'

shop.py:4: TypeError
#- healed
+from pathlib import Path
+
-    assert load("/tmp") == 9
-    assert load("/") == 5
+    assert load(Path("/tmp")) == 9
+    assert load(Path("/")) == 5
"#,
    propose: argument_type,
};

fn argument_type(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let statement = ctx.statement()?;
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    // Where a check failed, what it checks was made before.
    let is_near = |call: &Node<'_>| {
        let inside = statement.byte_range().contains(&call.start_byte());
        inside || ctx.diagnosis.category == Category::AssertionError && call.end_byte() <= statement.start_byte()
    };
    let calls: Vec<Node<'_>> = descendants(test).filter(|node| node.kind() == "call").filter(is_near).collect();
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let mut seen: Vec<&str> = Vec::new();
    for call in calls {
        let function = call.child_by_field_name("function")?;
        let written = ctx.source.slice(function);
        let name = locate::last_name(function).map_or(written, |name| ctx.source.slice(name));
        if seen.contains(&written) || !product::mention(&changes, name) {
            continue;
        }
        seen.push(written);
        of_call(ctx, call, fixes);
    }
    Some(())
}

fn of_call(ctx: &Context<'_>, call: Node<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let symbol = ctx.snapshot.callee(&ctx.site.path, call.byte_range()).filter(|it| !it.path.is_test_code())?;
    let callee = Callee { signature: symbol.signature.clone()?, symbol };
    let change = signature_change(ctx, &callee);
    let migrations = ctx.snapshot.history().migrations_since(&ctx.site.path, &callee.symbol.name);
    for parameter in callee.keywords().chain(callee.positions()).filter(|one| !one.kind.is_variadic()) {
        let Some(value) = passed(ctx, call, &callee, parameter) else { continue };
        let place = callee.positions().position(|other| other.name == parameter.name);
        let name = parameter.name.as_str();
        let passes = Passed { function: Some(&callee.symbol.name), old: name, new: name, place };
        let shown = converted::by_callers(ctx, &migrations, &passes);
        let (commit, says) = match (&shown, &change) {
            (Some(_), _) => (migrations.first().map(|first| first.commit.clone())?, "the commit changed its callers"),
            (None, Some(change)) => (change.commit.clone(), "takes another type"),
            (None, None) => return None,
        };
        let told = || {
            let before = change.as_ref()?.before.parameter(name)?;
            converted::by_annotations(ctx, before, parameter, value.clone(), &callee.symbol)
        };
        let Some(conversion) = shown.or_else(told) else { continue };
        let evidence =
            vec![Evidence::commit(&commit, format!("`{}`: {says}", callee.symbol.name)), conversion.evidence.clone()];
        let edits = everywhere(ctx, call, &callee, parameter, &conversion);
        let value = conversion.written(&ctx.source.text()[value]);
        fixes.push(Fix {
            title: format!("Pass `{value}` for `{name}`"),
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: conversion.tier,
        });
        return Some(());
    }
    None
}

/// The value in every call that is written like this one, but where it has the form already.
fn everywhere(
    ctx: &Context<'_>,
    call: Node<'_>,
    callee: &Callee,
    parameter: &Parameter,
    conversion: &Conversion,
) -> Vec<Edit> {
    let values = calls::same_calls(ctx, call).into_iter().filter_map(|call| passed(ctx, call, callee, parameter));
    let plain = values.filter(|value| !conversion.is_written(&ctx.source.text()[value.clone()]));
    let mut edits: Vec<Edit> = plain.flat_map(|value| conversion.edits(ctx, value)).collect();
    edits.extend(conversion.import(ctx));
    edits.sort_by_key(|edit| edit.range.start);
    edits
}

/// The value that a call passes for the parameter.
fn passed(ctx: &Context<'_>, call: Node<'_>, callee: &Callee, parameter: &Parameter) -> Option<Range<usize>> {
    let arguments = calls::arguments(ctx.source, call);
    if arguments.iter().any(|argument| argument.is_splat) {
        return None;
    }
    let named = arguments.iter().find(|argument| argument.keyword.as_deref() == Some(parameter.name.as_str()));
    let place = callee.positions().position(|other| other.name == parameter.name);
    let placed = || arguments.get(place?).filter(|argument| argument.keyword.is_none());
    named.or_else(placed).map(|argument| argument.value.clone())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    const LOG: &str = r#"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_paint __________________________________

    def test_paint():
>       assert paint("red") == 1

tests/test_paint.py:4: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

color = 'red'

    def paint(color):
>       return color.weight
E       AttributeError: 'str' object has no attribute 'weight'

shop.py:9: AttributeError
"#;
    const TEST: &str = r#"
#- tests/test_paint.py
from shop import paint

def test_paint():
    assert paint("red") == 1
"#;

    #[test]
    fn the_member_of_an_enumeration_has_the_value() {
        let scene = r#"
#- before: shop.py
def paint(color: str):
    return 1
#- shop.py
from enum import Enum

class Color(Enum):
    RED = "red"
    BLUE = "blue"

def paint(color: Color):
    return color.weight
"#;
        let healed = "#- healed\n-from shop import paint\n+from shop import Color, paint\n-    assert paint(\"red\") == 1\n\
                      +    assert paint(Color.RED) == 1\n";
        check(&format!("{scene}{TEST}{}{healed}", LOG.replace("shop.py:9", "shop.py:8")));
    }

    #[test]
    fn another_value_is_another_member() {
        let scene = annotated("str", "Color", "\"red\"").replace(
            "from dataclasses import dataclass\n\n@dataclass\nclass Color:\n    name: str\n    weight: int = 1\n",
            "from enum import Enum\n\nclass Color(Enum):\n    RED = \"red\"\n    BLUE = \"blue\"\n",
        );
        let other = "    assert paint(\"red\") == 1\n    assert paint(\"blue\") == 1\n";
        let scene = scene.replacen("    assert paint(\"red\") == 1\n", other, 1);
        let healed = "#- healed\n-from shop import paint\n+from shop import Color, paint\n-    assert paint(\"red\") == 1\n\
                      +    assert paint(Color.RED) == 1\n";
        check(&format!("{scene}{healed}"));
    }

    #[test]
    fn callers_without_annotations_show_it_too() {
        let scene = r#"
#- before: shop.py
class Color:
    def __init__(self, name):
        self.name = name

def paint(color):
    return 1

def wall(name):
    return paint(name)
#- shop.py
class Color:
    def __init__(self, name):
        self.name = name
        self.weight = 1

def paint(color):
    return color.weight

def wall(name):
    return paint([name])
"#;
        let healed = "#- healed\n-    assert paint(\"red\") == 1\n+    assert paint([\"red\"]) == 1\n";
        check(&format!("{scene}{TEST}{}{healed}", LOG.replace("shop.py:9", "shop.py:7")));
    }

    #[test]
    fn a_type_that_the_parameter_had_before_explains_nothing() {
        let scene = r#"
#- before: shop.py
class Color: ...

def paint(color: Color):
    return 1
#- shop.py
class Color: ...

def paint(color: Color):
    return color.weight
"#;
        check(&format!("{scene}{TEST}{}#- healed\nno fix\n", LOG.replace("shop.py:9", "shop.py:4")));
    }

    /// A function whose parameter was annotated as `old` and is as `new`, and a test that passes `value`.
    fn annotated(old: &str, new: &str, value: &str) -> String {
        let shop = |color: &str| {
            format!(
                "from dataclasses import dataclass\n\n@dataclass\nclass Color:\n    name: str\n    weight: int = 1\n\ndef paint(color: {color}):\n    return color.weight"
            )
        };
        let scene = format!("#- before: shop.py\n{}\n#- shop.py\n{}\n{TEST}{LOG}", shop(old), shop(new));
        scene.replace("\"red\"", value)
    }

    #[test]
    fn a_collection_of_another_kind() {
        let healed =
            |made: &str| format!("#- healed\n-    assert paint([1, 2]) == 1\n+    assert paint({made}([1, 2])) == 1\n");
        let scene = |old, new| annotated(old, new, "[1, 2]");
        check(&format!("{}{}", scene("list[int]", "tuple[int, ...]"), healed("tuple")));
        check(&format!("{}{}", scene("List", "frozenset"), healed("frozenset")));
        check(&format!("{}#- healed\nno fix\n", scene("list[int]", "list[int] | tuple[int, ...]")));
        check(&format!("{}#- healed\nno fix\n", scene("list[int]", "dict[int, int]")));
    }

    #[test]
    fn a_dictionary_whose_keys_are_the_fields_of_the_class() {
        let scene = |value: &str| annotated("dict", "Color", value);
        let healed = "#- healed\n-from shop import paint\n+from shop import Color, paint\n\
                      -    assert paint({\"name\": \"red\"}) == 1\n+    assert paint(Color(name=\"red\")) == 1\n";
        check(&format!("{}{healed}", scene("{\"name\": \"red\"}")));
        check(&format!("{}#- healed\nno fix\n", scene("{\"name\": \"red\", \"size\": 3}")));
        check(&format!("{}#- healed\nno fix\n", scene("{\"weight\": 3}")));
    }
}
