//! A module does not hand on any more what it imported itself: the test takes it from where that module took it.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::locate::string_content;
use crate::diagnosis::{Category, Complaint, product, stdlib};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::outline::{Import, Outline};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::Change;
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::import_name::{imported_here, take_from};
use super::imports::{self, Imported};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "reexport-removed",
    categories: &[Category::ImportError, Category::AttributeError],
    summary: "Imports a name from where the module took it that does not hand it on any more.",
    example: r#"
#- before: shop/_compat.py
from typing import Protocol

def total(cart):
    return sum(cart)
#- shop/__init__.py
#- shop/_compat.py
def total(cart):
    return sum(cart)
#- tests/test_cart.py
from shop._compat import Protocol, total

class Priced(Protocol): ...

def test_total():
    assert total([2, 3]) == 5
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop._compat import Protocol, total
E   ImportError: cannot import name 'Protocol' from 'shop._compat' (/p/shop/_compat.py)
#- healed
-from shop._compat import Protocol, total
+from typing import Protocol
+
+from shop._compat import total
"#,
    propose: reexport_removed,
};

fn reexport_removed(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let name = match ctx.complaint() {
        Complaint::NoImport { name, .. } | Complaint::NoAttribute { owner: Owner::Module(_), name } => name,
        _ => return None,
    };
    if !ctx.raised_here() {
        return None;
    }
    let removal = product::removal(ctx.snapshot, &ctx.site.path, name)?;
    let outline = Outline::of_text(removal.before.as_ref()?);
    let import = outline.imports.iter().find(|import| import.binds == *name && import.inside.is_none())?;
    let home = home(ctx, &removal, import)?;
    let with_it = went_with(ctx, name, &home, &removal);
    let edits = match ctx.complaint() {
        Complaint::NoImport { .. } if with_it.len() > 1 => all_imported(ctx, &with_it, &home)?,
        Complaint::NoImport { .. } => imported(ctx, name, &home, import)?,
        _ => read_as_attribute(ctx, name, &home, import)?,
    };
    let text = format!("{} took `{name}` from `{home}` itself, until ({})", removal.path, removal.subject);
    let what =
        if stdlib::is_stdlib(imports::first_part(&home)) { "the standard library has" } else { "the project has" };
    let evidence = vec![
        Evidence::commit(&removal.commit, text),
        Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("{what} `{home}`")) },
    ];
    fixes.push(Fix {
        title: match with_it.as_slice() {
            [] | [_] => format!("Import `{name}` from `{home}`, where it comes from"),
            names => {
                let names: Vec<&str> = names.iter().map(|item| item.local.as_str()).collect();
                format!("Import `{}` from `{home}`, where they come from", names.join("`, `"))
            }
        },
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_shown_to_users(ctx, name) { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the documentation still tells users to import the name from where the failing test takes it.
fn is_shown_to_users(ctx: &Context<'_>, name: &str) -> bool {
    let Some(module) = imported_here(ctx, name).map(|here| here.module) else { return false };
    let statement = format!("from {module} import ");
    let shows = |line: &str| line.contains(&statement) && occurrences(line, name).next().is_some();
    if is_entry_point(ctx, &module, name) {
        return true;
    }
    let documents = ctx.snapshot.documents_naming(name);
    documents.iter().filter_map(|path| ctx.snapshot.text(path)).any(|text| text.lines().any(shows))
}

/// Whether the project's packaging still starts `module:name`, or finds it there.
fn is_entry_point(ctx: &Context<'_>, module: &str, name: &str) -> bool {
    let target = format!("{module}:{name}");
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let is_told = |text: &str| {
        let mut places = text.match_indices(&target);
        places.any(|(at, _)| !text[..at].ends_with(inside) && !text[at + target.len()..].starts_with(inside))
    };
    let files = ["pyproject.toml", "setup.cfg", "setup.py", "entry_points.txt"];
    files.iter().filter_map(|path| ctx.snapshot.text(&FilePath::new(path))).any(|text| is_told(&text))
}

/// Whether the module lost a name that its `__all__` still lists: by mistake then, and no test has to follow.
pub(super) fn is_lost_by_mistake(ctx: &Context<'_>) -> bool {
    let name = match ctx.complaint() {
        Complaint::NoImport { name, .. } | Complaint::NoAttribute { owner: Owner::Module(_), name } => name,
        _ => return false,
    };
    let removal = product::removal(ctx.snapshot, &ctx.site.path, name);
    removal.and_then(|removal| removal.after).is_some_and(|text| is_promised(&text, name))
}

fn is_promised(text: &str, name: &str) -> bool {
    let source = Source::parse(text);
    let lists = |node: &Node<'_>| source.slice(*node).starts_with("__all__");
    let says = |node: Node<'_>| node.kind() == "string" && string_content(&source, node) == Some(name);
    children(source.root()).filter(lists).any(|statement| descendants(statement).any(says))
}

/// The module that `import` of the file before the commit reads, dotted, where it still has the name.
fn home(ctx: &Context<'_>, removal: &Change, import: &Import) -> Option<String> {
    let dots = import.module.len() - import.module.trim_start_matches('.').len();
    let mut home = import.module.trim_start_matches('.').to_string();
    if dots > 0 {
        let own = ctx.snapshot.dotted_name(&removal.path)?;
        let mut parts: Vec<&str> = own.split('.').collect();
        let up = if removal.path.file_name() == "__init__.py" { dots - 1 } else { dots };
        parts.truncate(parts.len().checked_sub(up)?);
        if !home.is_empty() {
            parts.push(&home);
        }
        home = parts.join(".");
    }
    if home.is_empty() || import.name.as_deref() == Some("*") {
        return None;
    }
    let is_there = match &import.name {
        Some(name) => ctx.snapshot.named(&format!("{home}.{name}")).is_some(),
        None => ctx.snapshot.module(&home).is_some(),
    };
    (is_there || stdlib::is_stdlib(imports::first_part(&home))).then_some(home)
}

/// The names of the failing import that the same change took away and that came from the same home, `name` among them.
fn went_with(ctx: &Context<'_>, name: &str, home_of_name: &str, removal: &Change) -> Vec<Imported> {
    let is_at_top = |here: &Imported| ctx.source.function_at(here.statement.start).is_none();
    let statement = imported_here(ctx, name).filter(is_at_top).and_then(|here| ctx.source.node_at(here.statement));
    let Some((statement, before)) = statement.zip(removal.before.clone()) else { return Vec::new() };
    let (before, after) = (Outline::of_text(&before), removal.after.as_ref().map(Outline::of_text).unwrap_or_default());
    let binds = |import: &Import, item: &Imported| {
        import.inside.is_none() && import.binds == item.local && import.name.as_deref() == Some(&import.binds)
    };
    let goes_with = |item: &Imported| {
        let found = before.imports.iter().find(|import| binds(import, item));
        item.range == item.name_range
            && !after.imports.iter().any(|import| binds(import, item))
            && found.and_then(|import| home(ctx, removal, import)).as_deref() == Some(home_of_name)
    };
    let went: Vec<Imported> = imports::names_of(ctx.source, statement).into_iter().filter(goes_with).collect();
    if went.iter().any(|item| item.local == name) { went } else { Vec::new() }
}

/// Several names of one statement, from their home in one statement.
fn all_imported(ctx: &Context<'_>, names: &[Imported], home: &str) -> Option<Vec<Edit>> {
    let first = names.first()?;
    let statement = ctx.source.node_at(first.statement.clone())?;
    if imports::names_of(ctx.source, statement).len() == names.len() {
        return Some(vec![ctx.replace(first.module_range.clone()?, home)]);
    }
    let texts: Vec<&str> = names.iter().map(|item| item.local.as_str()).collect();
    let mut edits = imports::remove_all(ctx.source, &ctx.site.path, names);
    edits.push(imports::add(ctx, home, Some(&texts.join(", ")))?);
    Some(edits)
}

fn imported(ctx: &Context<'_>, name: &str, home: &str, import: &Import) -> Option<Vec<Edit>> {
    let here = imported_here(ctx, name)?;
    match &import.name {
        Some(original) if original == name => take_from(ctx, &here, home),
        // `from shop import json`, which was `import json` there.
        None if home == name && here.local == name => {
            let leave = imports::remove(ctx.source, &ctx.site.path, &here)?;
            Some(vec![leave, imports::add(ctx, home, None)?])
        }
        // `from shop import url_open`, which was `from urllib.request import urlopen as url_open` there.
        Some(original) if here.local == name && is_free(ctx, name, original) => {
            let leave = imports::remove(ctx.source, &ctx.site.path, &here)?;
            let add = imports::add(ctx, home, Some(original))?;
            let uses = names::uses(ctx.source, name).into_iter().map(|used| ctx.replace(used, original.as_str()));
            Some([leave, add].into_iter().chain(uses).collect())
        }
        _ => None,
    }
}

/// Whether the uses of `name` may be written `original`, which means nothing else in the file.
fn is_free(ctx: &Context<'_>, name: &str, original: &str) -> bool {
    let uses = names::uses(ctx.source, name);
    names::uses(ctx.source, original).is_empty() && !names::is_taken(ctx.source, &uses, original)
}

fn read_as_attribute(ctx: &Context<'_>, name: &str, home: &str, import: &Import) -> Option<Vec<Edit>> {
    let attribute = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    let original = match &import.name {
        Some(original) if original == name => Some(name),
        None if home == name => None,
        _ => return None,
    };
    let taken = imports::imports(ctx.source).into_iter().find(|item| item.local == name);
    let known = taken.as_ref().is_some_and(|item| item.module == home && item.name.as_deref() == original);
    if taken.is_some() && !known || taken.is_none() && !names::uses(ctx.source, name).is_empty() {
        return None;
    }
    let same = names::same_attributes(ctx.source, attribute).map(|node| ctx.replace(node.byte_range(), name));
    let import = if known { None } else { Some(imports::add(ctx, home, original)?) };
    Some(same.chain(import).collect())
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn what_the_module_renamed_as_it_took_it_has_its_own_name() {
        let scene = |before: &str, healed: &str| {
            format!(
                "#- before: shop/_compat.py\n{before}\nPY = 3\n#- shop/_compat.py\nPY = 3\n#- tests/test_shop.py\n\
                 from shop._compat import PY, url_open\n\ndef test_shop():\n    assert url_open(PY)\n\n\
                 def test_py():\n    assert PY\n#- test_run.log\n\
                 ==================================== ERRORS ====================================\n\
                 _____________________ ERROR collecting tests/test_shop.py ______________________\n\
                 tests/test_shop.py:1: in <module>\n    from shop._compat import PY, url_open\n\
                 E   ImportError: cannot import name 'url_open' from 'shop._compat' (shop/_compat.py)\n#- healed\n{healed}"
            )
        };
        let healed = "-from shop._compat import PY, url_open\n+from urllib.request import urlopen\n+\n+from shop._compat import PY\n\
                      -    assert url_open(PY)\n+    assert urlopen(PY)\n";
        check(&scene("from urllib.request import urlopen as url_open", healed));
        // Where it came from is gone as well: only the import goes, for the tests that do not use it.
        let healed = "-from shop._compat import PY, url_open\n+from shop._compat import PY\n";
        check(&scene("from ._gone import urlopen as url_open", healed));
    }

    #[test]
    fn an_attribute_of_the_module_that_handed_it_on() {
        check(
            r#"
#- before: shop/_compat.py
from typing import Protocol
#- shop/__init__.py
#- shop/_compat.py
PY = 3
#- tests/test_cart.py
import shop._compat

def test_priced():
    class Priced(shop._compat.Protocol): ...
    assert Priced
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_priced __________________________________

    def test_priced():
>       class Priced(shop._compat.Protocol): ...
E       AttributeError: module 'shop._compat' has no attribute 'Protocol'

tests/test_cart.py:4: AttributeError
#- healed
+from typing import Protocol
+
-    class Priced(shop._compat.Protocol): ...
+    class Priced(Protocol): ...
"#,
        );
    }

    #[test]
    fn what_the_package_still_lists_was_lost_by_mistake() {
        let scene = |listed: &str, healed: &str| {
            format!(
                "#- before: shop/__init__.py\nfrom typing import Protocol as Shape\n\n__all__ = [\"Shape\"]\n#- shop/__init__.py\n\
                 __all__ = [{listed}]\nPY = 3\n#- tests/test_shop.py\n\
                 from shop import PY, Shape\n\ndef test_shop():\n    assert PY and Shape\n#- test_run.log\n\
                 ==================================== ERRORS ====================================\n\
                 _____________________ ERROR collecting tests/test_shop.py ______________________\n\
                 tests/test_shop.py:1: in <module>\n    from shop import PY, Shape\n\
                 E   ImportError: cannot import name 'Shape' from 'shop' (shop/__init__.py)\n#- healed\n{healed}"
            )
        };
        check(&scene("\"Shape\"", "no fix"));
        check(&scene(
            "\"PY\"",
            "-from shop import PY, Shape\n+from typing import Protocol\n+\n+from shop import PY\n\
             -    assert PY and Shape\n+    assert PY and Protocol\n",
        ));
    }

    #[test]
    fn what_came_from_a_module_that_is_gone_is_no_fix() {
        check(
            r#"
#- before: shop/_compat.py
from shop.old import Price
#- before: shop/old.py
class Price: ...
#- shop/__init__.py
#- shop/_compat.py
PY = 3
#- tests/test_cart.py
from shop._compat import PY, Price

@Price.checked
def test_priced():
    assert Price
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop._compat import PY, Price
E   ImportError: cannot import name 'Price' from 'shop._compat' (/p/shop/_compat.py)
#- healed
no fix
"#,
        );
    }

    /// `shop/__init__.py` handed `total` and `Cart` on; the test takes `names` from it.
    #[track_caller]
    fn check_names(names: &str, first: &str, healed: &str) {
        check(&format!(
            r#"
#- before: shop/__init__.py
from shop.money import Cart, total

VERSION = "1"
#- shop/__init__.py
VERSION = "1"
#- shop/money.py
class Cart: ...

def total(cart):
    return 0
#- tests/test_cart.py
from shop import {names}

def test_total():
    assert total([]) == 0
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop import {plain}
E   ImportError: cannot import name '{first}' from 'shop' (/p/shop/__init__.py)
#- healed
{healed}
"#,
            plain = names.replace("$0", "")
        ));
    }

    #[test]
    fn names_that_went_together_come_from_their_home_in_one_statement() {
        check_names("$0Cart, total", "Cart", "-from shop import Cart, total\n+from shop.money import Cart, total");
        check_names(
            "VERSION, $0Cart, total",
            "Cart",
            "-from shop import VERSION, Cart, total\n+from shop import VERSION\n+from shop.money import Cart, total",
        );
        check_names("$0Voucher, total", "Voucher", "no fix");
    }
}
