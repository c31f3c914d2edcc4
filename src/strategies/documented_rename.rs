//! A name that is gone, and words that say what took its place: a changelog of the project, a deprecation
//! message or a table of removals in the package that had it.

mod former;

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Node;
use crate::text::Edit;
use crate::workspace::notes::{Note, is_not_done};
use crate::workspace::opposites::are_opposed;
use crate::workspace::symbols::Symbol;
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::imports::{self, Imported};
use super::renames::last_part;
use super::two_things::were_two_things;
use super::{Context, Strategy, arguments_removed, calls, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "documented-rename",
    categories: &[Category::AttributeError, Category::ImportError, Category::TypeError],
    summary: "Uses what a changelog, a deprecation message or a package's table of removals names instead.",
    example: r#"
#- CHANGELOG.md
## 2.0
- `Cart.sum_up` was renamed to `Cart.amount_due`.
#- shop.py
class Cart:
    def amount_due(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().$0sum_up() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().sum_up() == 0
E       AttributeError: 'Cart' object has no attribute 'sum_up'

tests/test_cart.py:4: AttributeError
#- healed
-    assert Cart().sum_up() == 0
+    assert Cart().amount_due() == 0
"#,
    propose: documented_rename,
};

fn documented_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    match ctx.complaint() {
        Complaint::NoAttribute { owner, name } => attribute(ctx, owner, name, fixes),
        Complaint::NoImport { name, module } => imported(ctx, module, name, fixes),
        Complaint::UnexpectedKeyword { function, keyword } => argument(ctx, function, keyword, fixes),
        _ => None,
    }
}

/// What is said of `name`, with the successor, by the package that had it and by the project; the package of
/// an installed module speaks for itself.
fn notes(ctx: &Context<'_>, package: Option<&str>, name: &str) -> Vec<(Note, String)> {
    let mut notes = ctx.snapshot.notes_about(name);
    if let Some(top) = package.and_then(|package| package.split('.').next()).filter(|top| !top.is_empty()) {
        notes.extend(ctx.snapshot.notes_of(top, name));
    }
    let told = notes.into_iter().filter_map(|note| {
        let new = note.replacement.clone()?;
        // A private name is no successor of a public one, and the arrow of a signature tells nothing.
        let is_so = is_said(&note) && !is_not_done(&note.text) && is_meant(&note, name);
        let told = is_so && (!last_part(&new).starts_with('_') || name.starts_with('_'));
        told.then_some((note, new))
    });
    let mut told: Vec<(Note, String)> = told.collect();
    told.dedup_by(|a, b| a.1 == b.1);
    told
}

/// Whether source speaks in words; in a changelog `old -> new` is enough.
fn is_said(note: &Note) -> bool {
    let words = ["deprecat", "removed", "renamed", "replaced", "instead", "moved", "favor", "favour", "use "];
    let text = note.text.to_lowercase();
    !is_source(note) || words.iter().any(|word| text.contains(word))
}

/// Whether a note stands in a module or a stub.
fn is_source(note: &Note) -> bool {
    [".py", ".pyi"].iter().any(|ending| note.path.as_str().ends_with(ending))
}

/// Whether the text speaks of the name and not of a word that is spelled so: `a` and `to` stand in every sentence, so
/// one or two letters have to be marked as code. In source so has each plain word, `product` and `method`, unless it is
/// what is deprecated or removed.
fn is_meant(note: &Note, name: &str) -> bool {
    let text = note.text.as_str();
    let is_mark = |c: char| "`'\".(=[".contains(c);
    let is_marked = |at: usize| {
        let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        before.is_some_and(|c| is_mark(c) && !"(=[".contains(c)) || after.is_some_and(|c| is_mark(c) && c != '.')
    };
    let is_subject = |at: usize| IS_GONE.is_match(&text[at + name.len()..]);
    let is_word = is_source(note) && name.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_short = name.len() <= 2;
    let mut places = occurrences(text, name).peekable();
    // A note about a definition need not repeat its name.
    let is_of_definition = places.peek().is_none() && !is_short;
    !is_short && !is_word || is_of_definition || places.any(|at| is_marked(at) || !is_short && is_subject(at))
}

/// What follows the name of something that is gone.
static IS_GONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s+(?:is|was|are|were|has been|have been)\s+(?:a\s+)?(?:now\s+)?(?:deprecated|removed|renamed|replaced|moved)\b")
        .expect("the pattern is played by the tests")
});

/// Whether a document says that the name was kept, or given back, after all.
fn is_taken_back(ctx: &Context<'_>, name: &str) -> bool {
    static KEPT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:revert(?:s|ed)?|restored?s?|keeps? (?:its|the|their) names?|brought back|is back|undone)\b",
        )
        .expect("the pattern is played by the tests")
    });
    let says = |line: &str| KEPT.is_match(line) && occurrences(line, name).next().is_some();
    let documents = ctx.snapshot.documents_naming(name);
    documents.iter().filter_map(|path| ctx.snapshot.text(path)).any(|text| text.lines().any(says))
}

/// Whether the words of the documents are about this name and hold: nothing takes them back, they are of no other
/// owner, and git does not show the two names as two things.
fn tier(ctx: &Context<'_>, note: &Note, name: &str, new: &str, owners: &[&str]) -> Tier {
    // A package speaks of itself, by whatever alias.
    let is_of_another = note.path.is_inside() && is_of_unknown(&note.text, name, owners);
    let is_doubtful = is_of_another
        || is_one_of_several(&note.text, new)
        || is_taken_back(ctx, name)
        || were_two_things(ctx, name, new);
    if is_doubtful { Tier::Review } else { Tier::Safe }
}

/// Whether the text names an owner wherever it names the name, and none like the `owners`: `order.total` for a cart.
fn is_of_unknown(text: &str, name: &str, owners: &[&str]) -> bool {
    let plain = |word: &str| word.to_lowercase().replace('_', "");
    let parts = owners.iter().flat_map(|owner| owner.split('.'));
    let owners: Vec<String> = parts.map(plain).filter(|owner| !owner.is_empty()).collect();
    let is_akin = |owner: &str| {
        let owner = plain(owner);
        ["self", "cls"].contains(&owner.as_str())
            || owners.iter().any(|own| own.contains(&owner) || owner.contains(own))
    };
    let named = occurrences(text, name).map(|at| {
        let before = text[..at].strip_suffix('.')?;
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        Some(&before[start..]).filter(|owner| !owner.is_empty())
    });
    let mut named = named.peekable();
    !owners.is_empty() && named.peek().is_some() && named.all(|owner| owner.is_some_and(|owner| !is_akin(owner)))
}

fn attribute(ctx: &Context<'_>, owner: &Owner, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let node = ctx.node()?.parent().filter(|node| node.kind() == "attribute")?;
    let object = node.child_by_field_name("object")?;
    let (module, members, classes) = match owner {
        Owner::Module(module) => (Some(module.clone()), ctx.snapshot.module_members(module), Vec::new()),
        _ => {
            let class = ctx.snapshot.type_of(&ctx.site.path, object.byte_range())?;
            (Some(class.qualified.clone()), ctx.snapshot.members(&class), ctx.snapshot.bases(&class))
        }
    };
    let places = names::attribute_uses(ctx.source, ctx.scope(), ctx.source.slice(object), name);
    for (note, told) in notes(ctx, module.as_deref(), name) {
        let new = last_part(&told);
        let Some(found) = members.get(new).filter(|_| !is_of_another(&note.text, name, &classes)) else { continue };
        let edits = places.iter().map(|range| ctx.replace(range.clone(), new)).collect();
        let bases = classes.iter().map(|class| last_part(class));
        let owners: Vec<&str> = bases.chain(module.as_deref()).chain([ctx.source.slice(object)]).collect();
        let tier = tier(ctx, &note, name, new, &owners);
        push(name, new, edits, evidence(&note, found), tier, fixes);
    }
    Some(())
}

/// Whether the text speaks of `Invoice.total` alone, and `Invoice` is none of the classes.
fn is_of_another(text: &str, name: &str, classes: &[String]) -> bool {
    let owners = occurrences(text, name).map(|at| {
        let before = text[..at].strip_suffix('.')?;
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        Some(&before[start..]).filter(|owner| owner.starts_with(char::is_uppercase))
    });
    let is_another =
        |owner: Option<&str>| owner.is_some_and(|owner| classes.iter().all(|class| last_part(class) != owner));
    let mut owners = owners.peekable();
    !classes.is_empty() && owners.peek().is_some() && owners.all(is_another)
}

fn imported(ctx: &Context<'_>, module: &str, name: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let item = super::import_name::imported_here(ctx, name)?;
    for (note, told) in notes(ctx, Some(module), name) {
        let new = last_part(&told);
        let home = told.rsplit_once('.').map_or(module, |(home, _)| home);
        let there = ctx.snapshot.module_members(home);
        let (home, found) = match there.get(new) {
            Some(found) => (home, found.clone()),
            None => (module, ctx.snapshot.module_members(module).get(new)?.clone()),
        };
        let Some(edits) = import_instead(ctx, &item, home, new) else { continue };
        let tier = tier(ctx, &note, name, new, &[module, home]);
        push(name, &told, edits, evidence(&note, &found), tier, fixes);
    }
    Some(())
}

/// The import of another name, from where it is, and the uses of the old one.
fn import_instead(ctx: &Context<'_>, item: &Imported, home: &str, new: &str) -> Option<Vec<Edit>> {
    let has_alias = item.range != item.name_range;
    let written = if has_alias { format!("{new} as {}", item.local) } else { new.to_string() };
    let statement = ctx.source.node_at(item.statement.clone())?;
    let mut edits = if home == item.module {
        vec![ctx.replace(item.range.clone(), written)]
    } else if imports::names_of(ctx.source, statement).len() == 1 {
        vec![ctx.replace(item.module_range.clone()?, home), ctx.replace(item.range.clone(), written)]
    } else {
        let leave = imports::remove(ctx.source, &ctx.site.path, item)?;
        vec![leave, imports::add(ctx, home, Some(&written))?]
    };
    if !has_alias && new != item.local {
        edits.extend(names::uses(ctx.source, &item.local).into_iter().map(|range| ctx.replace(range, new)));
    }
    Some(edits)
}

fn argument(ctx: &Context<'_>, function: &str, keyword: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let node: Node<'_> = ctx.node()?;
    let call = calls::call_at(ctx)?;
    let callee = calls::callee(ctx, call, function)?;
    former(ctx, call, &callee, keyword, fixes);
    let package = ctx.snapshot.dotted_name(&callee.symbol.path);
    for (note, told) in notes(ctx, package.as_deref(), keyword) {
        let new = last_part(&told);
        let given = calls::arguments(ctx.source, call).iter().any(|argument| argument.keyword.as_deref() == Some(new));
        // Other functions may have an argument of that name: the sentence or the signature names this one.
        if given || !callee.keywords().any(|parameter| parameter.name == new) {
            continue;
        }
        let edits = vec![ctx.replace(node.byte_range(), new)];
        let is_doubtful = is_taken_back(ctx, keyword)
            || is_one_of_several(&note.text, new)
            || are_opposed(keyword, new) && !is_said_of(&note.text, function);
        let tier = if is_doubtful { Tier::Review } else { Tier::Safe };
        push(keyword, new, edits, vec![said(&note), callee.evidence()], tier, fixes);
    }
    Some(())
}

/// The docstring of the function says how the parameter was called before.
fn former(
    ctx: &Context<'_>,
    call: Node<'_>,
    callee: &calls::Callee,
    keyword: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let symbol = &callee.symbol;
    let docstring = arguments_removed::docstring(ctx, symbol)?;
    let parameters: Vec<&str> = callee.keywords().map(|parameter| parameter.name.as_str()).collect();
    let (new, said) = former::successor(&docstring, keyword, &parameters)?;
    let passed = calls::arguments(ctx.source, call);
    if passed.iter().any(|argument| argument.keyword.as_deref() == Some(new)) {
        return None;
    }
    let text = format!("its docstring says of `{new}`: {}", said.split_whitespace().collect::<Vec<_>>().join(" "));
    let evidence = vec![Evidence::at(EvidenceKind::Docs, &symbol.path, symbol.line, text), callee.evidence()];
    // What the project did besides in the same commit, git tells and not the docstring.
    let is_doubtful = symbol.path.is_inside() || are_opposed(keyword, new);
    let tier = if is_doubtful { Tier::Review } else { Tier::Safe };
    push(keyword, new, vec![ctx.replace(ctx.node()?.byte_range(), new)], evidence, tier, fixes);
    Some(())
}

/// Whether the text leaves the choice: "use `proxy` instead of `proxies`, or `mounts=` for several".
fn is_one_of_several(text: &str, new: &str) -> bool {
    static OTHERWISE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bor\b[^.;`'‘]{0,30}[`'‘]([A-Za-z_]\w*)").expect("the pattern is played by the tests")
    });
    let Some(at) = occurrences(text, new).next() else { return false };
    OTHERWISE.captures(&text[at..]).is_some_and(|other| &other[1] != new)
}

/// Whether a text names the function.
fn is_said_of(text: &str, function: &str) -> bool {
    occurrences(text, last_part(function.trim_end_matches("()"))).next().is_some()
}

fn said(note: &Note) -> Evidence {
    Evidence::at(
        EvidenceKind::Docs,
        &note.path,
        note.line,
        format!("says: {}", super::expected_value::short(&note.text)),
    )
}

fn evidence(note: &Note, found: &Symbol) -> Vec<Evidence> {
    let defined = format!("`{}` is defined here", found.name);
    vec![said(note), Evidence::at(EvidenceKind::Source, &found.path, found.line, defined)]
}

fn push(old: &str, new: &str, edits: Vec<Edit>, evidence: Vec<Evidence>, tier: Tier, fixes: &mut Vec<Fix>) {
    fixes.push(Fix {
        title: format!("Use `{new}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(0.4).confidence(),
        evidence,
        tier,
    });
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_successor_that_does_not_exist_is_no_fix() {
        check(
            r#"
#- CHANGELOG.md
- `Cart.sum_up` was renamed to `Cart.amount_due`.
#- shop.py
class Cart:
    def pay(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().$0sum_up() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().sum_up() == 0
E       AttributeError: 'Cart' object has no attribute 'sum_up'

tests/test_cart.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn the_word_a_is_no_attribute() {
        let scene = |note: &str| {
            format!(
                r#"
#- CHANGELOG.md
{note}
#- shop.py
class Cart:
    def add_route(self):
        return 0
#- tests/test_cart.py
from shop import Cart

def test_total():
    assert Cart().$0a() == 0
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().a() == 0
E       AttributeError: 'Cart' object has no attribute 'a'

tests/test_cart.py:4: AttributeError
#- healed
"#
            )
        };
        check(&format!("{}no fix\n", scene("- Where a table was made by hand, use `add_route` instead.")));
        let healed = "-    assert Cart().a() == 0\n+    assert Cart().add_route() == 0\n";
        check(&format!("{}{healed}", scene("- `Cart.a` was renamed to `Cart.add_route`.")));
    }

    #[test]
    fn a_docstring_tells_how_its_parameter_was_called() {
        let scene = |says: &str| {
            format!(
                r#"
#- shop.py
def total(prices, method="plain"):
    """Adds up.

    method : str
        How to add up.

        .. versionchanged:: 2.0
            This argument was previously called {says}.
    """
    return sum(prices)
#- tests/test_cart.py
from shop import total

def test_total():
    assert total([1], $0kind="plain") == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert total([1], kind="plain") == 1
E       TypeError: total() got an unexpected keyword argument 'kind'

tests/test_cart.py:4: TypeError
#- healed
"#
            )
        };
        let healed = "-    assert total([1], kind=\"plain\") == 1\n+    assert total([1], method=\"plain\") == 1\n";
        check(&format!("{}{healed}", scene("`kind`")));
        check(&format!("{}no fix\n", scene("`kinds`")));
    }

    #[test]
    fn a_plain_word_of_a_docstring_is_no_name() {
        let scene = |text: &str| {
            format!(
                r#"
#- shop/__init__.py
"""{text}"""

def ones():
    return 1
#- tests/test_cart.py
import shop

def test_total():
    assert shop.$0product() == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert shop.product() == 1
E       AttributeError: module 'shop' has no attribute 'product'

tests/test_cart.py:4: AttributeError
#- healed
"#
            )
        };
        check(&format!("{}no fix\n", scene("The cumulative product of a column, which was replaced by ones.")));
        let healed = "-    assert shop.product() == 1\n+    assert shop.ones() == 1\n";
        for text in ["product is deprecated, use ones instead.", "`product` was replaced by `ones`."] {
            check(&format!("{}{healed}", scene(text)));
        }
    }

    #[test]
    fn the_arrow_of_a_signature_names_no_successor() {
        check(
            r#"
#- shop.py
class Receipt: ...

def pay(cart: "Basket", no_longer=None) -> "Receipt": ...
#- tests/test_cart.py
import shop

def test_total():
    assert shop.$0Basket()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert shop.Basket()
E       AttributeError: module 'shop' has no attribute 'Basket'

tests/test_cart.py:4: AttributeError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_deprecation_names_another_module() {
        check(
            r#"
#- CHANGELOG.md
- `legacy_total` was moved to `shop.money.grand_total`.
#- shop/__init__.py
#- shop/money.py
def grand_total(): ...
#- shop/cart.py
def pay(): ...
#- tests/test_cart.py
from shop.cart import $0legacy_total, pay

def test_total():
    assert legacy_total() == pay()
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
ImportError while importing test module '/p/tests/test_cart.py'.
Traceback:
tests/test_cart.py:1: in <module>
    from shop.cart import legacy_total, pay
E   ImportError: cannot import name 'legacy_total' from 'shop.cart' (/p/shop/cart.py)
#- healed
-from shop.cart import legacy_total, pay
+from shop.cart import pay
+from shop.money import grand_total
-    assert legacy_total() == pay()
+    assert grand_total() == pay()
"#,
        );
    }
}
