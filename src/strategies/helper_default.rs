//! A helper of the tests that repeats a default of the product: it follows when the product's default changes.

use std::sync::Arc;

use crate::diagnosis::Category;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::history::SignatureChange;
use crate::workspace::symbols::{Parameter, Symbol};
use crate::workspace::words::occurrences;

use super::arguments_removed::signature_change;
use super::calls::{self, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, former_default, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "helper-default",
    categories: &[Category::AssertionError],
    summary: "Gives the parameter of a helper the default that the product's own parameter has now.",
    example: r#"
#- before: shop.py
class Cart:
    def __init__(self, owner, gift: bool = False):
        self.owner, self.gift = owner, gift

def read(text):
    return Cart(text)
#- shop.py
class Cart:
    def __init__(self, owner, gift: bool | None = None):
        self.owner, self.gift = owner, gift

def read(text):
    return Cart(text)
#- tests/test_cart.py
from shop import Cart, read

def cart(owner, gift: bool = False):
    return Cart(owner.title(), gift=gift)

def test_read():
    assert $0read("Ann").gift == cart("ann").gift
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
>       assert read("Ann").gift == cart("ann").gift
E       AssertionError: assert None == False

tests/test_cart.py:7: AssertionError
#- healed
-def cart(owner, gift: bool = False):
+def cart(owner, gift: bool | None = None):
"#,
    propose: helper_default,
};

/// Calls of a test that are looked at.
const MOST_CALLS: usize = 40;

fn helper_default(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let commits: Vec<String> =
        ctx.snapshot.history().changes(Some(&ctx.site.path)).into_iter().map(|change| change.commit).collect();
    let test = ctx.source.function_at(ctx.site.statement.start)?;
    for call in descendants(test).filter(|node| node.kind() == "call").take(MOST_CALLS) {
        let Some(helper) = Helper::called(ctx, call) else { continue };
        for parameter in helper.left_out(ctx, call) {
            let Some((callee, change)) = helper.hands_on(ctx, &parameter) else { continue };
            if commits.contains(&change.commit) {
                fixes.extend(follow(ctx, &helper, &parameter, (&callee, &change)));
            }
        }
    }
    Some(())
}

/// The fix that gives the helper's parameter the product's new default, and its annotation where it had the old one.
fn follow(
    ctx: &Context<'_>,
    helper: &Helper,
    own: &Parameter,
    (callee, change): (&Callee, &SignatureChange),
) -> Option<Fix> {
    let (before, after) = (change.before.parameter(&own.name)?, change.after.parameter(&own.name)?);
    let (old, new) = (before.default.as_deref()?, after.default.as_deref()?);
    let is_plain = [old, new].into_iter().all(former_default::is_literal);
    if old == new || own.default.as_deref() != Some(old) || !is_plain {
        return None;
    }
    let written = helper.parameter(&own.name)?;
    let default = written.child_by_field_name("value")?;
    let mut edits = vec![Edit::replace(&helper.symbol.path, default.byte_range(), new)];
    let annotation = written.child_by_field_name("type");
    if let (Some(annotation), Some(new)) = (annotation, after.annotation.as_deref())
        && own.annotation == before.annotation
        && before.annotation != after.annotation
    {
        if !helper.knows(new) {
            return None;
        }
        edits.insert(0, Edit::replace(&helper.symbol.path, annotation.byte_range(), new));
    }
    let is_meant =
        (became_optional(ctx, before, after) || is_told(ctx, callee, change, after)) && !helper.speaks_of(&own.name);
    let says = format!("`{}={old}` became `{new}` in `{}` ({})", own.name, change.function, change.subject);
    let evidence = vec![Evidence::commit(&change.commit, says)];
    Some(Fix {
        title: format!("Give `{}` the default `{}={new}`", helper.symbol.name, own.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_meant { Tier::Safe } else { Tier::Review },
    })
}

/// Whether the parameter may be `None` since, and the test met that: another value beside an annotation may be a slip, and
/// so may be what the product takes `None` for.
fn became_optional(ctx: &Context<'_>, before: &Parameter, after: &Parameter) -> bool {
    let allows = |parameter: &Parameter| {
        let annotation = parameter.annotation.as_deref().unwrap_or_default();
        ["None", "Optional"].iter().any(|word| occurrences(annotation, word).next().is_some())
    };
    let said = ctx.diagnosis.failure.message.as_deref().unwrap_or_default();
    let is_met = occurrences(said, "None").next().is_some();
    after.default.as_deref() == Some("None") && allows(after) && !allows(before) && is_met
}

/// Whether the commit says the new default of the very parameter: who only names it may speak of anything.
fn is_told(ctx: &Context<'_>, callee: &Callee, change: &SignatureChange, after: &Parameter) -> bool {
    const STAYS: [&str; 4] = ["stay", "keep", "remain", "unchanged"];
    let Some(new) = after.default.as_deref() else { return false };
    let source = ctx.snapshot.source(&change.path);
    let others: Vec<&str> = source.iter().flat_map(|source| definitions(source)).collect();
    let tells = |line: &str| {
        let says = |word: &str| occurrences(line, word).next().is_some();
        let own = callee.symbol.name.as_str();
        let is_of_another = !says(own) && others.iter().any(|name| *name != after.name && says(name));
        says(&after.name) && says(new) && !is_of_another && !STAYS.iter().any(|word| line.contains(word))
    };
    ctx.snapshot.history().has_line(&change.commit, tells) || former_default::is_documented(ctx, callee, change, &tells)
}

/// The names of the functions and classes of a file.
fn definitions(source: &Source) -> impl Iterator<Item = &str> {
    let defined = descendants(source.root()).filter(|node| node.kind().ends_with("_definition"));
    defined.filter_map(|node| node.child_by_field_name("name")).map(|name| source.slice(name))
}

/// A function of the tests that a test calls.
struct Helper {
    symbol: Symbol,
    source: Arc<Source>,
}

impl Helper {
    fn called(ctx: &Context<'_>, call: Node<'_>) -> Option<Self> {
        let symbol = ctx.snapshot.callee(&ctx.site.path, call.byte_range())?;
        let source = ctx.snapshot.source(&symbol.path).filter(|_| symbol.path.is_inside())?;
        let is_helper = symbol.path.is_test_code() && symbol.signature.is_some();
        is_helper.then_some(Self { symbol, source })
    }

    fn function(&self) -> Option<Node<'_>> {
        let name = self.source.node_at(self.symbol.range.clone())?;
        ancestors(name).find(|node| node.kind() == "function_definition")
    }

    /// Whether the helper's name, its comments or what it says of itself has the parameter: its default was chosen.
    fn speaks_of(&self, name: &str) -> bool {
        let Some(function) = self.function() else { return false };
        let said = descendants(function).filter(|node| {
            let is_alone = node.parent().is_some_and(|parent| parent.kind() == "expression_statement");
            node.kind() == "comment" || node.kind() == "string" && is_alone
        });
        let mut texts = said.map(|node| self.source.slice(node)).chain([self.symbol.name.as_str()]);
        texts.any(|text| {
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            occurrences(text, name).next().is_some() || words.any(|word| word.eq_ignore_ascii_case(name))
        })
    }

    /// The parameter where it is written.
    fn parameter(&self, name: &str) -> Option<Node<'_>> {
        let list = self.function()?.child_by_field_name("parameters")?;
        children(list).find(|parameter| names::parameter_name(&self.source, *parameter) == Some(name))
    }

    /// The parameters with a default that the call leaves to it.
    fn left_out(&self, ctx: &Context<'_>, call: Node<'_>) -> Vec<Parameter> {
        let arguments = calls::arguments(ctx.source, call);
        let Some(signature) = self.symbol.signature.as_ref() else { return Vec::new() };
        if arguments.iter().any(|argument| argument.is_splat) {
            return Vec::new();
        }
        let given = arguments.iter().filter(|argument| argument.keyword.is_none()).count();
        let by_place: Vec<&str> = signature.places().take(given).map(|parameter| parameter.name.as_str()).collect();
        let is_given = |name: &str| {
            by_place.contains(&name) || arguments.iter().any(|argument| argument.keyword.as_deref() == Some(name))
        };
        let left = signature.parameters.iter().filter(|it| it.default.is_some() && !is_given(&it.name));
        left.cloned().collect()
    }

    /// The function or class of the product that the helper gives the parameter to under its own name, with the last
    /// change of its signature. What goes elsewhere too is not one's default alone.
    fn hands_on(&self, ctx: &Context<'_>, parameter: &Parameter) -> Option<(Callee, SignatureChange)> {
        let body = self.function()?.child_by_field_name("body")?;
        let mut uses = names::uses_of(&self.source, body, &parameter.name);
        let used = uses.next().filter(|_| uses.next().is_none())?;
        let symbol =
            self.taken_as_argument(ctx, used, &parameter.name).or_else(|| self.set_on(ctx, used, parameter))?;
        let signature = symbol.signature.clone().filter(|_| symbol.path.is_inside() && !symbol.path.is_test_code())?;
        let callee = Callee { symbol, signature };
        let change = signature_change(ctx, &callee)?;
        Some((callee, change))
    }

    /// `Cart` of `Cart(owner, gift=gift)`.
    fn taken_as_argument(&self, ctx: &Context<'_>, used: Node<'_>, name: &str) -> Option<Symbol> {
        let call = ancestors(used).find(|node| node.kind() == "call")?;
        let arguments = calls::arguments(&self.source, call);
        let place = arguments.iter().position(|argument| argument.value == used.byte_range())?;
        let symbol = ctx.snapshot.callee(&self.symbol.path, call.byte_range())?;
        let takes = match &arguments[place].keyword {
            Some(keyword) => keyword == name,
            None => symbol.signature.as_ref()?.places().nth(place).is_some_and(|parameter| parameter.name == name),
        };
        takes.then_some(symbol)
    }

    /// The class of `cart` in `cart.gift = gift` or `cart._gift = gift`.
    fn set_on(&self, ctx: &Context<'_>, used: Node<'_>, parameter: &Parameter) -> Option<Symbol> {
        let assignment = used.parent().filter(|node| node.kind() == "assignment")?;
        let target = assignment.child_by_field_name("left").filter(|left| left.kind() == "attribute")?;
        let attribute = self.source.slice(target.child_by_field_name("attribute")?);
        let is_it = attribute.trim_start_matches('_') == parameter.name && target != used;
        let object = target.child_by_field_name("object").filter(|_| is_it)?;
        ctx.snapshot.type_of(&self.symbol.path, object.byte_range())
    }

    /// Whether the file of the helper has every name of an annotation.
    fn knows(&self, annotation: &str) -> bool {
        const OF_PYTHON: [&str; 12] =
            ["bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple", "type"];
        let written = Source::parse(annotation);
        let mut used = descendants(written.root()).filter(|node| node.kind() == "identifier");
        used.all(|node| {
            let name = written.slice(node);
            let is_part = node.parent().is_some_and(|it| it.kind() == "attribute") && node.prev_sibling().is_some();
            is_part || OF_PYTHON.contains(&name) || imports::imports(&self.source).iter().any(|it| it.local == name)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    const OLD: &str = "gift: bool = False";
    const NEW: &str = "gift: bool | None = None";
    const GIVEN: &str = "    return Cart(owner.title(), gift=gift)";

    /// A helper of the tests, called as `call`, where the product's default became `new`.
    #[track_caller]
    fn scene(new: &str, helper: &str, call: &str, healed: &str) {
        let line = 5 + helper.lines().count();
        check(&format!(
            r#"
#- before: shop.py
class Cart:
    def __init__(self, owner, {OLD}):
        self.owner, self.gift = owner, gift

def read(text):
    return Cart(text)
#- shop.py
class Cart:
    def __init__(self, owner, {new}):
        self.owner, self.gift = owner, gift

def read(text):
    return Cart(text)
#- tests/test_cart.py
from shop import Cart, read

{helper}

def test_read():
    assert read("Ann").gift == {call}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
>       assert read("Ann").gift == {call}
E       AssertionError: assert None == False

tests/test_cart.py:{line}: AssertionError
#- healed
{healed}
"#
        ));
    }

    #[test]
    fn a_helper_that_passes_or_sets_what_it_was_given_follows() {
        let called = "cart(\"ann\").gift";
        let heals = |body: &str| {
            let helper = |parameter: &str| format!("def cart(owner, {parameter}):");
            let healed = format!("-{}\n+{}", helper(OLD), helper(NEW));
            scene(NEW, &format!("{}\n{body}", helper(OLD)), called, &healed);
        };
        heals(GIVEN);
        heals("    return Cart(owner.title(), gift)");
        heals("    made = Cart(owner.title())\n    made.gift = gift\n    return made");
        let plain = "def cart(owner, gift=False):";
        scene(NEW, &format!("{plain}\n{GIVEN}"), called, &format!("-{plain}\n+def cart(owner, gift=None):"));
    }

    #[test]
    fn a_helper_with_another_default_or_use_stays() {
        let called = "cart(\"ann\").gift";
        let stays = |head: &str, body: &str, call: &str| scene(NEW, &format!("{head}\n{body}"), call, "no fix");
        stays("def cart(owner, gift: bool = True):", GIVEN, called);
        stays("def cart(owner, gift: bool = False):", "    return Cart(owner, gift=not gift)", called);
        stays("def cart(owner, gift: bool = False):", &format!("    note(gift)\n{GIVEN}"), called);
        stays("def cart(owner, gift: bool = False):", GIVEN, "cart(\"ann\", gift=False).gift");
        stays("def cart(owner, present: bool = False):", "    return Cart(owner, gift=present)", called);
        // What the file cannot write.
        let other = "gift: \"Wrapped | None\" = None".replace('"', "");
        scene(&other, &format!("def cart(owner, {OLD}):\n{GIVEN}"), called, "no fix");
    }
}
