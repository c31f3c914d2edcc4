//! `from shop.tools import *` of a module that is gone: the star follows it, or each name comes from where it is now.

use crate::fix::{Evidence, Fix, Tier};
use crate::strategies::confidence::Odds;
use crate::strategies::imports::{self, Imported};
use crate::strategies::{Context, callers, carried, names};
use crate::syntax::Node;
use crate::workspace::builtins::is_pythons;

use super::places::{Place, place_of};

/// Takes the names that the test uses of the star from the modules that have them.
pub(super) fn follow(ctx: &Context<'_>, statement: Node<'_>, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let module = statement.child_by_field_name("module_name")?;
    let written = imports::absolute(ctx, ctx.source.slice(module)).filter(|written| written == missing)?;
    // What is no name of the file's own, the star gave.
    let outline = ctx.snapshot.outline(&ctx.site.path)?;
    let own = imports::imports(ctx.source);
    let is_own = |name: &str| {
        own.iter().any(|item| item.local == name)
            || outline.items.iter().any(|item| item.name == name && item.parent.is_none())
    };
    let mut used: Vec<String> = carried::free_names(ctx.source)
        .map(|node| ctx.source.slice(node))
        .filter(|name| !is_pythons(name) && !is_own(name) && !names::uses(ctx.source, name).is_empty())
        .map(str::to_string)
        .collect();
    used.sort_unstable();
    used.dedup();
    let moved = super::moved(ctx, missing, &written);
    let place = |name: &String| {
        let item = Imported {
            module: written.clone(),
            name: Some(name.clone()),
            local: name.clone(),
            range: statement.byte_range(),
            name_range: statement.byte_range(),
            module_range: Some(module.byte_range()),
            statement: statement.byte_range(),
        };
        place_of(ctx, &item, &moved).filter(|place| place.name == *name)
    };
    let places: Vec<Place> = used.iter().map(place).collect::<Option<Vec<_>>>()?;
    let mut homes: Vec<&str> = places.iter().map(|place| place.module.as_str()).collect();
    homes.sort_unstable();
    homes.dedup();
    let old = ctx.source.slice(module);
    let edit = match homes.as_slice() {
        [] => return None,
        [home] => ctx.replace(module.byte_range(), imports::written_like(ctx, old, home)),
        several => {
            let line = |home: &&str| {
                let taken = places.iter().filter(|place| place.module == *home).map(|place| place.name.as_str());
                let taken = taken.collect::<Vec<_>>().join(", ");
                format!("from {} import {taken}", imports::written_like(ctx, old, home))
            };
            let lines: Vec<String> = several.iter().map(line).collect();
            ctx.replace(statement.byte_range(), lines.join(imports::line_end(ctx.source.text())))
        }
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    for fact in places.iter().flat_map(|place| &place.evidence) {
        if !evidence.contains(fact) {
            evidence.push(fact.clone());
        }
    }
    let is_told = places.iter().all(|place| place.is_told(ctx, &written)) && !callers::loads_still(ctx, &written);
    fixes.push(Fix {
        title: format!("Import from `{}` instead of `{written}`", homes.join("` and `")),
        strategy: super::STRATEGY.id,
        edits: vec![edit],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// `from shop.tools import *` of a module that two others took the place of; `test` is what the test asserts.
    #[track_caller]
    fn starred(text: &str, numbers: &str, test: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop/tools.py
from os import sep

def upper(text):
    return text.upper()

def double(number):
    return number * 2
#- shop/__init__.py
#- shop/text.py
{text}
#- shop/numbers.py
{numbers}
#- tests/test_tools.py
from $0shop.tools import *

def test_tools():
    {test}
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_tools.py _____________________
ImportError while importing test module '/p/tests/test_tools.py'.
Traceback:
tests/test_tools.py:1: in <module>
    from shop.tools import *
E   ModuleNotFoundError: No module named 'shop.tools'
#- healed
{healed}
"#
        ));
    }

    const UPPER: &str = "def upper(text):\n    return text.upper()\n";
    const DOUBLE: &str = "def double(number):\n    return number * 2\n";

    #[test]
    fn each_name_comes_from_where_it_is_now() {
        starred(
            UPPER,
            DOUBLE,
            "assert upper(\"a\") == \"A\" and double(2) == 4",
            "-from shop.tools import *\n+from shop.numbers import double\n+from shop.text import upper",
        );
    }

    #[test]
    fn a_star_follows_its_module() {
        starred(
            &format!("{UPPER}\n{DOUBLE}"),
            "",
            "assert upper(\"a\") == \"A\" and double(2) == 4",
            "-from shop.tools import *\n+from shop.text import *",
        );
    }

    #[test]
    fn a_name_that_is_nowhere_is_no_fix() {
        starred(UPPER, "", "assert upper(\"a\") == \"A\" and double(2) == 4", "no fix");
        starred(UPPER, DOUBLE, "assert upper(\"a\") + sep == \"A/\" and double(2) == 4", "no fix");
    }
}
