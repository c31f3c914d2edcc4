//! A method that set an attribute became the attribute itself, or the other way round.

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::Edit;
use crate::workspace::similar_names::words;
use crate::workspace::symbols::{Symbol, SymbolKind};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, callers, missing_await};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "setter",
    categories: &[Category::AttributeError],
    summary: "Sets the attribute that a method set before, or calls the method that sets it now.",
    example: r#"
#- before: shop.py
class Cart:
    def set_owner(self, owner):
        self._owner = owner.strip()
#- shop.py
class Cart:
    @property
    def owner(self):
        return self._owner

    @owner.setter
    def owner(self, value):
        self._owner = value.strip()
#- tests/test_cart.py
from shop import Cart

def test_owner():
    cart = Cart()
    cart.$0set_owner(" ann")
    assert cart.owner == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_owner __________________________________

    def test_owner():
        cart = Cart()
>       cart.set_owner(" ann")
E       AttributeError: 'Cart' object has no attribute 'set_owner'

tests/test_cart.py:5: AttributeError
#- healed
-    cart.set_owner(" ann")
+    cart.owner = " ann"
"#,
    propose: setter,
};

fn setter(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    match ctx.complaint() {
        Complaint::NoAttribute { owner: Owner::Instance(class), name } => became_attribute(ctx, class, name, fixes),
        _ => became_method(ctx, fixes),
    }
}

/// `cart.set_owner("ann")` becomes `cart.owner = "ann"`.
fn became_attribute(ctx: &Context<'_>, class: &str, missing: &str, fixes: &mut Vec<Fix>) -> Option<()> {
    let object = ctx.node()?.parent()?.child_by_field_name("object").filter(|object| is_of_one_class(ctx, *object))?;
    let class = product_class(ctx, class)?;
    let (new, fact) = product::changes(ctx.snapshot, &ctx.site.path).into_iter().find_map(|change| {
        let (before, after) = (Source::parse(change.before?), Source::parse(change.after?));
        let old = methods(&before, &class.name, missing).find_map(|method| Sets::read(&before, method))?;
        let new = attribute_set_so([&before, &after], &class.name, &old)?;
        let text = format!("what `{missing}` did is done where `{new}` is set ({})", change.subject);
        Some((new, Evidence::commit(&change.commit, text)))
    })?;
    let member = ctx.snapshot.members(&class).symbols.into_iter().find(|member| member.name == new)?;
    let edits = calls_of(ctx, ctx.source.slice(object), missing)?;
    let edits = edits.into_iter().map(|(call, value)| {
        let value = ctx.source.slice(value);
        ctx.replace(call.byte_range(), format!("{}.{new} = {value}", ctx.source.slice(object)))
    });
    push(ctx, format!("Set `{new}`"), edits.collect(), fact, &member, missing, fixes)
}

/// `cart.owner = "ann"` becomes `cart.set_owner("ann")`.
fn became_method(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let message = ctx.message();
    if !(message.contains("has no setter") || message.starts_with("can't set attribute")) {
        return None;
    }
    let (object, name, _) = assigned(ctx.statement()?.named_child(0)?)?;
    let class = ctx.snapshot.type_of(&ctx.site.path, object.byte_range())?;
    let name = ctx.source.slice(name);
    let (new, fact) = product::changes(ctx.snapshot, &ctx.site.path).into_iter().find_map(|change| {
        let (before, after) = (Source::parse(change.before?), Source::parse(change.after?));
        let new = method_that_sets(&before, &after, &class.name, name)?;
        let text = format!("what was done where `{name}` was set is done by `{new}` ({})", change.subject);
        Some((new, Evidence::commit(&change.commit, text)))
    })?;
    let member = ctx.snapshot.members(&class).symbols.into_iter().find(|member| member.name == new)?;
    let text = ctx.source.slice(object);
    let mut edits = Vec::new();
    for node in descendants(ctx.scope()) {
        let Some((other, attribute, value)) = assigned(node) else { continue };
        if ctx.source.slice(other) == text && ctx.source.slice(attribute) == name {
            edits.push(ctx.replace(node.byte_range(), format!("{text}.{new}({})", ctx.source.slice(value))));
        }
    }
    push(ctx, format!("Call `{new}`"), edits, fact, &member, name, fixes)
}

fn push(
    ctx: &Context<'_>,
    title: String,
    edits: Vec<Edit>,
    fact: Evidence,
    member: &Symbol,
    old: &str,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let text = format!("`{}` is defined here", member.qualified);
    let evidence = vec![fact, Evidence::at(EvidenceKind::Source, &member.path, member.line, text)];
    let is_half = if member.kind == SymbolKind::Method { is_set(ctx, old) } else { is_called(ctx, old) };
    // What sets another attribute may be a mistake: two of them that changed places.
    let is_alike = words(old).ends_with(&words(&member.name)) || words(&member.name).ends_with(&words(old));
    fixes.push(Fix {
        title,
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_half || !is_alike { Tier::Review } else { Tier::Safe },
    });
    Some(())
}

/// Whether the test binds the object only once, and not to one after the other: another one may have the method still,
/// and would let any attribute be set.
fn is_of_one_class(ctx: &Context<'_>, object: Node<'_>) -> bool {
    let name = ctx.source.slice(object).split(['.', '[', '(']).next().unwrap_or_default();
    let is_it =
        |node: Node<'_>| descendants(node).any(|part| part.kind() == "identifier" && ctx.source.slice(part) == name);
    let bound = descendants(ctx.scope()).filter(|node| {
        let left = node.child_by_field_name("left").or_else(|| node.child_by_field_name("alias"));
        left.is_some_and(|left| {
            ["identifier", "pattern_list", "as_pattern_target"].contains(&left.kind()) && is_it(left)
        })
    });
    let bound: Vec<Node<'_>> = bound.collect();
    let decorators = ctx.scope().parent().filter(|whole| whole.kind() == "decorated_definition");
    let mut decorators = decorators.into_iter().flat_map(children).filter(|node| node.kind() == "decorator");
    let is_handed = decorators.any(|node| occurrences(ctx.source.slice(node), name).next().is_some());
    bound.len() < 2 && bound.iter().all(|node| !node.kind().starts_with("for_")) && !is_handed
}

/// The product's only class of that name.
fn product_class(ctx: &Context<'_>, name: &str) -> Option<Symbol> {
    let mut classes = ctx.snapshot.definitions(name);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    (classes.len() == 1).then(|| classes.remove(0))
}

/// The methods of that name of the classes of that name.
fn methods<'s>(source: &'s Source, class: &'s str, name: &'s str) -> impl Iterator<Item = Node<'s>> {
    let is_it = move |node: &Node<'s>| node.kind() == "function_definition" && name_of(source, *node) == Some(name);
    descendants(source.root()).filter(is_it).filter(move |node| class_of(source, *node) == Some(class))
}

/// The class that a function is a method of.
fn class_of<'s>(source: &'s Source, function: Node<'s>) -> Option<&'s str> {
    let is_around = |outer: &Node<'_>| matches!(outer.kind(), "class_definition" | "function_definition");
    let around = ancestors(function).skip(1).find(is_around)?;
    name_of(source, around).filter(|_| around.kind() == "class_definition")
}

fn name_of<'s>(source: &'s Source, definition: Node<'s>) -> Option<&'s str> {
    definition.child_by_field_name("name").map(|name| source.slice(name))
}

/// What a method does that takes one value and gives none.
#[derive(PartialEq)]
struct Sets {
    /// Its statements, token by token, the value without its name.
    body: Vec<Vec<String>>,
    /// What is done around it, too.
    decorators: Vec<String>,
}

impl Sets {
    fn read(source: &Source, method: Node<'_>) -> Option<Self> {
        let list = method.child_by_field_name("parameters").filter(|list| list.named_child_count() == 2)?;
        let value = list.named_child(1).and_then(|parameter| match parameter.kind() {
            "identifier" => Some(parameter),
            "typed_parameter" => parameter.named_child(0),
            _ => None,
        })?;
        let value = source.slice(value);
        let body = method.child_by_field_name("body")?;
        if missing_await::is_async(method)
            || descendants(body).any(|node| node.kind() == "return_statement" || node.kind() == "yield")
        {
            return None;
        }
        let is_told = |node: &Node<'_>| node.named_child(0).is_some_and(|inner| inner.kind() == "string");
        let statements = children(body).filter(|node| node.kind() != "comment" && !is_told(node));
        let decorators = method.parent().filter(|whole| whole.kind() == "decorated_definition");
        let decorators = decorators.into_iter().flat_map(children).filter(|node| node.kind() == "decorator");
        let decorators =
            decorators.map(|node| source.slice(node).to_string()).filter(|text| !text.ends_with(".setter"));
        let body = statements.map(|node| without_name(&tokens(source.slice(node)), value)).collect();
        Some(Self { body, decorators: decorators.collect() })
    }

    /// The attribute of `self` that gets the value as it is and is all.
    fn plain_attribute(&self) -> Option<&str> {
        let [statement] = self.body.as_slice() else { return None };
        let [own, dot, attribute, is, value] = statement.as_slice() else { return None };
        let is_plain = (own.as_str(), dot.as_str(), is.as_str(), value.as_str()) == ("self", ".", "=", "value");
        (is_plain && self.decorators.is_empty()).then_some(attribute)
    }
}

/// The tokens of a statement, where the value is called `value`. An attribute of that name is not the value.
fn without_name(tokens: &[&str], value: &str) -> Vec<String> {
    let is_value = |at: usize| tokens[at] == value && (at == 0 || tokens[at - 1] != ".");
    (0..tokens.len()).map(|at| if is_value(at) { "value" } else { tokens[at] }.to_string()).collect()
}

/// The attribute of the class whose setting does the same: by its property, or as a plain one that objects begin with.
fn attribute_set_so([before, after]: [&Source; 2], class: &str, old: &Sets) -> Option<String> {
    let mut set = setters(after, class).filter(|(_, sets)| sets == old).map(|(name, _)| name);
    if let Some(name) = set.next() {
        let was = getter(before, class, &name);
        let is_kept = was.is_none() || was == getter(after, class, &name);
        return (is_kept && set.next().is_none()).then_some(name);
    }
    let own = old.plain_attribute()?;
    let name = own.trim_start_matches('_');
    // Beside a private attribute, a plain one of its name was another thing; and who still reads the private one is not
    // told any more.
    let is_other = own != name && (has_plain(before, class, name) || after.text().contains(&format!(".{own}")));
    let is_plain = methods(after, class, name).next().is_none() && has_plain(after, class, name);
    (is_plain && !is_other).then(|| name.to_string())
}

/// The method of the class that does what setting the attribute did.
fn method_that_sets(before: &Source, after: &Source, class: &str, name: &str) -> Option<String> {
    let old = setters(before, class).find(|(other, _)| other == name).map(|(_, sets)| sets);
    let was_plain = old.is_none() && has_plain(before, class, name);
    let is_it = |sets: &Sets| match &old {
        Some(old) => sets == old,
        None => was_plain && sets.plain_attribute().map(|own| own.trim_start_matches('_')) == Some(name),
    };
    let defined = descendants(after.root()).filter(|node| node.kind() == "function_definition");
    let own = defined.filter(|function| class_of(after, *function) == Some(class));
    let sets = own.filter(|function| Sets::read(after, *function).is_some_and(|sets| is_it(&sets)));
    let mut found: Vec<&str> = sets
        .filter_map(|function| name_of(after, function))
        .filter(|method| *method != name && !method.starts_with('_'))
        .filter(|method| methods(before, class, method).next().is_none())
        .collect();
    found.dedup();
    let [method] = found[..] else { return None };
    Some(method.to_string())
}

/// The properties of the class that can be set, and what that does.
fn setters<'s>(source: &'s Source, class: &'s str) -> impl Iterator<Item = (String, Sets)> {
    let decorated = descendants(source.root()).filter(|node| node.kind() == "decorated_definition");
    decorated.filter_map(move |node| {
        let function = node.child_by_field_name("definition").filter(|it| it.kind() == "function_definition")?;
        let name = name_of(source, function)?;
        let is_setter = children(node).any(|part| source.slice(part) == format!("@{name}.setter"));
        let is_own = is_setter && class_of(source, function) == Some(class);
        is_own.then(|| Some((name.to_string(), Sets::read(source, function)?)))?
    })
}

/// What a property of the class gives, token by token.
fn getter<'s>(source: &'s Source, class: &'s str, name: &'s str) -> Option<Vec<&'s str>> {
    let gives = |method: &Node<'_>| descendants(*method).any(|node| node.kind() == "return_statement");
    methods(source, class, name).find(gives).map(|method| tokens(source.slice(method)))
}

/// Whether objects of the class begin with the attribute.
fn has_plain(source: &Source, class: &str, name: &str) -> bool {
    let written = format!("self.{name}");
    methods(source, class, "__init__").flat_map(descendants).any(|node| {
        let left = node.child_by_field_name("left").filter(|_| node.kind() == "assignment");
        left.is_some_and(|left| source.slice(left) == written)
    })
}

/// The statements of the test that call the method on the object, with the value. `None` where one does more than that.
fn calls_of<'c>(ctx: &'c Context<'_>, object: &str, name: &str) -> Option<Vec<(Node<'c>, Node<'c>)>> {
    let written = format!("{object}.{name}");
    let is_it = |node: &Node<'_>| node.kind() == "attribute" && ctx.source.slice(*node) == written;
    let value = |attribute: Node<'c>| {
        let call = attribute.parent().filter(|call| call.child_by_field_name("function") == Some(attribute))?;
        let list = call.child_by_field_name("arguments").filter(|list| list.kind() == "argument_list")?;
        let is_alone = call.parent()?.kind() == "expression_statement" && list.named_child_count() == 1;
        let value = list.named_child(0).filter(|_| is_alone)?;
        let is_plain = !matches!(value.kind(), "keyword_argument" | "list_splat" | "dictionary_splat" | "comment");
        is_plain.then_some((call, value))
    };
    descendants(ctx.scope()).filter(is_it).map(value).collect()
}

/// Object, name and value of `cart.owner = "ann"`.
fn assigned(node: Node<'_>) -> Option<(Node<'_>, Node<'_>, Node<'_>)> {
    let is_alone = node.parent().is_some_and(|parent| parent.kind() == "expression_statement");
    let left =
        node.child_by_field_name("left").filter(|left| node.kind() == "assignment" && left.kind() == "attribute");
    let value = node.child_by_field_name("right").filter(|value| is_alone && value.kind() != "assignment")?;
    Some((left?.child_by_field_name("object")?, left?.child_by_field_name("attribute")?, value))
}

/// Whether the product still calls the method that is gone.
fn is_called(ctx: &Context<'_>, name: &str) -> bool {
    any_attribute(ctx, name, |attribute| {
        attribute.parent().is_some_and(|call| call.child_by_field_name("function") == Some(attribute))
    })
}

/// Whether the product still sets the attribute, on something else than `self`.
fn is_set(ctx: &Context<'_>, name: &str) -> bool {
    any_attribute(ctx, name, |attribute| {
        attribute.parent().is_some_and(|parent| parent.child_by_field_name("left") == Some(attribute))
    })
}

fn any_attribute(ctx: &Context<'_>, name: &str, is_it: impl Fn(Node<'_>) -> bool) -> bool {
    callers::files(ctx, name).iter().filter_map(|path| ctx.snapshot.source(path)).any(|source| {
        descendants(source.root()).any(|node| {
            let last = node.child_by_field_name("attribute").filter(|_| node.kind() == "attribute");
            let object = node.child_by_field_name("object").map(|object| source.slice(object));
            last.is_some_and(|last| source.slice(last) == name) && object != Some("self") && is_it(node)
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::Scene;

    const PLAIN: &str = "class Cart:\n    def __init__(self):\n        self.owner = \"\"\n";
    const METHOD: &str = "class Cart:\n    def __init__(self):\n        self._owner = \"\"\n\n    @property\n    def owner(self):\n        return self._owner\n\n    def set_owner(self, owner):\n        self._owner = owner\n";
    const STRIPS: &str = "class Cart:\n    def set_owner(self, owner):\n        self._owner = owner.strip()\n";

    fn healed(before: &str, after: &str, lines: &[&str], error: &str) -> Option<(String, Tier)> {
        let test: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        let (first, line) = (lines[0], 5);
        let scene = format!(
            "#- before: shop.py\n{before}#- shop.py\n{after}#- tests/test_cart.py\nfrom shop import Cart\n\ndef test_owner():\n    cart = Cart()\n{test}\
             #- test_run.log\n=================================== FAILURES ===================================\n\
             __________________________________ test_owner __________________________________\n\n    def test_owner():\n\
             \x20       cart = Cart()\n>       {first}\nE       AttributeError: {error}\n\ntests/test_cart.py:{line}: AttributeError\n"
        );
        let fixes = Scene::parse(&scene).heal().fixes;
        let fix = fixes.iter().map(|fix| fix.fix()).find(|fix| fix.strategy == super::STRATEGY.id)?;
        Some((fix.edits.iter().map(|edit| edit.text.as_str()).collect::<Vec<_>>().join("; "), fix.tier))
    }

    const LOST: &str = "'Cart' object has no attribute 'set_owner'";
    const NO_SETTER: &str = "property 'owner' of 'Cart' object has no setter";

    #[test]
    fn a_method_that_only_set_an_attribute_is_the_attribute_now() {
        let lines = ["cart.set_owner(\"ann\")", "cart.set_owner(\"bob\")"];
        let both = "cart.owner = \"ann\"; cart.owner = \"bob\"".to_string();
        assert_eq!(healed(METHOD, PLAIN, &lines, LOST), Some((both.clone(), Tier::Safe)));
        let caller = format!("{PLAIN}\ndef give(cart):\n    cart.set_owner(\"me\")\n");
        assert_eq!(healed(METHOD, &caller, &lines, LOST), Some((both, Tier::Review)));
    }

    #[test]
    fn a_method_that_did_more_is_not_the_attribute() {
        assert_eq!(healed(STRIPS, PLAIN, &["cart.set_owner(\"ann\")"], LOST), None);
        let property = METHOD.replace("def set_owner", "@owner.setter\n    def owner");
        assert_eq!(healed(STRIPS, &property, &["cart.set_owner(\"ann\")"], LOST), None);
        // What the call gave is asked for.
        assert_eq!(healed(METHOD, PLAIN, &["assert cart.set_owner(\"ann\") is None"], LOST), None);
        assert_eq!(healed(METHOD, PLAIN, &["cart.set_owner(owner=\"ann\")"], LOST), None);
        // Objects have no such attribute.
        assert_eq!(healed(METHOD, "class Cart:\n    pass\n", &["cart.set_owner(\"ann\")"], LOST), None);
    }

    #[test]
    fn what_is_done_around_the_method_and_what_is_read_elsewhere_counts() {
        let line = ["cart.set_owner(\"ann\")"];
        let property = METHOD.replace("def set_owner", "@owner.setter\n    def owner");
        let checked = METHOD.replace("    def set_owner", "    @checked\n    def set_owner");
        assert_eq!(healed(METHOD, &property, &line, LOST), Some(("cart.owner = \"ann\"".to_string(), Tier::Safe)));
        for after in [PLAIN, &property] {
            assert_eq!(healed(&checked, after, &line, LOST), None);
        }
        // The attribute was there beside the private one, or the private one is still read.
        let beside = METHOD.replace("self._owner = \"\"", "self._owner = \"\"\n        self.owner = None");
        assert_eq!(healed(&beside, PLAIN, &line, LOST), None);
        let reader = format!("{PLAIN}\n    def label(self):\n        return self._owner\n");
        assert_eq!(healed(METHOD, &reader, &line, LOST), None);
        // Another attribute is a person's to accept, and not the guard's to let pass.
        let other = property.replace("owner.setter", "holder.setter").replace("def owner", "def holder");
        assert_eq!(healed(METHOD, &other, &line, LOST), None);
    }

    #[test]
    fn an_object_that_may_be_of_another_class_keeps_its_method() {
        for lines in [
            ["cart.set_owner(\"ann\")", "cart = Order()", "cart.set_owner(\"bob\")"],
            ["cart.set_owner(\"ann\")", "for cart in orders():", "    cart.set_owner(\"bob\")"],
        ] {
            assert_eq!(healed(METHOD, PLAIN, &lines, LOST), None, "{lines:?}");
        }
    }

    #[test]
    fn an_attribute_that_a_method_sets_now_is_set_by_it() {
        let called = "cart.set_owner(\"ann\")".to_string();
        let line = ["cart.owner = \"ann\""];
        assert_eq!(healed(PLAIN, METHOD, &line, NO_SETTER), Some((called.clone(), Tier::Safe)));
        let strips = METHOD.replace("= owner\n", "= owner.strip()\n");
        assert_eq!(healed(PLAIN, &strips, &line, NO_SETTER), None);
        let property = strips.replace("def set_owner", "@owner.setter\n    def owner");
        assert_eq!(healed(&property, &strips, &line, NO_SETTER), Some((called, Tier::Safe)));
        assert_eq!(healed(&property, METHOD, &line, NO_SETTER), None);
        // Nobody would wait for it.
        assert_eq!(healed(PLAIN, &METHOD.replace("def set", "async def set"), &line, NO_SETTER), None);
    }
}
