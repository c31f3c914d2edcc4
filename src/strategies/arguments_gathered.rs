//! A function that takes one object where it took several arguments: the test makes the object of what it passes.

use crate::diagnosis::{Category, Complaint, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, descendants};
use crate::text::Edit;
use crate::workspace::history::SignatureChange;
use crate::workspace::symbols::{Parameter, Signature, Symbol, SymbolKind};

use super::arguments_removed::{came, gone, signature_change};
use super::calls::{self, Argument, Callee};
use super::confidence::Odds;
use super::{Context, Strategy, callers, imports, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "arguments-gathered",
    categories: &[Category::TypeError, Category::AttributeError],
    summary: "Passes one object made of the arguments where a function takes it in their place now.",
    example: r#"
#- before: shop.py
def ship(street, town, weight=1):
    return f"{street}, {town}: {weight}"

def home():
    return ship("High Street", "Bath")

def work():
    return ship("Low Street", town="York", weight=2)
#- shop.py
from dataclasses import dataclass

@dataclass
class Address:
    street: str
    town: str

def ship(address: Address, weight=1):
    return f"{address.street}, {address.town}: {weight}"

def home():
    return ship(Address("High Street", "Bath"))

def work():
    return ship(Address("Low Street", town="York"), weight=2)
#- tests/test_ship.py
from shop import ship

def test_ship():
    assert ship("Lane", "Ely", weight=3) == "Lane, Ely: 3"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_ship ___________________________________

    def test_ship():
>       assert ship("Lane", "Ely", weight=3) == "Lane, Ely: 3"
E       TypeError: ship() got multiple values for argument 'weight'

tests/test_ship.py:4: TypeError
#- healed
-from shop import ship
+from shop import Address, ship
-    assert ship("Lane", "Ely", weight=3) == "Lane, Ely: 3"
+    assert ship(Address("Lane", "Ely"), weight=3) == "Lane, Ely: 3"
"#,
    propose: arguments_gathered,
};

/// Parameters that went into the fields of a class.
struct Gathered {
    change: SignatureChange,
    /// The parameters that the fields took over.
    names: Vec<String>,
    /// The parameter that takes the object.
    taker: Parameter,
    class: Symbol,
    fields: Signature,
}

fn arguments_gathered(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (call, callee, gathered) = refused(ctx).or_else(|| taken_for_it(ctx))?;
    let spelling = spelling(ctx, call, &gathered.class)?;
    let mut edits = vec![rewritten(ctx, call, &gathered, &spelling)?];
    for other in calls::failing_alike(ctx, call) {
        edits.extend(rewritten(ctx, other, &gathered, &spelling));
    }
    edits.sort_by_key(|edit| edit.range.start);
    if !spelling.contains('.') && names::uses(ctx.source, &spelling).is_empty() {
        edits.insert(0, imports::add(ctx, &import_from(ctx, call, &gathered.class)?, Some(&spelling))?);
    }
    let (change, class) = (&gathered.change, &gathered.class);
    let text = format!(
        "`{}` takes a `{}` for `{}` ({})",
        change.function,
        class.name,
        gathered.names.join("`, `"),
        change.subject
    );
    let mut evidence = vec![Evidence::commit(&change.commit, text), callee.evidence()];
    let moved = callers_moved(ctx, &callee.symbol.name, &class.name);
    if let Some((path, line)) = moved.first() {
        let text = format!("`{}` is called with a `{}` here", callee.symbol.name, class.name);
        evidence.push(Evidence::at(EvidenceKind::Example, path, *line, text));
    }
    let is_half_done = callers::any_call(ctx, &callee.symbol, |_, source, call| passes_parts(source, call, &gathered));
    let is_told = moved.len() > 1
        && !is_half_done
        && keeps_defaults(&gathered)
        && keeps_order(&gathered.names, &gathered.change.before, &gathered.fields);
    fixes.push(Fix {
        title: format!("Pass a `{}`", class.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(if is_told { 0.0 } else { 1.0 }).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The call that was refused its arguments, of a function that takes them in one object now.
fn refused<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Callee, Gathered)> {
    let (Complaint::UnexpectedKeyword { function, .. }
    | Complaint::MissingArguments { function, .. }
    | Complaint::TooManyPositionals { function, .. }
    | Complaint::GivenTwice { function, .. }) = ctx.complaint()
    else {
        return None;
    };
    let call = calls::call_at(ctx).filter(|_| ctx.raised_here())?;
    let callee = calls::callee(ctx, call, function)?;
    let gathered = gathered(ctx, signature_change(ctx, &callee)?, &callee.symbol)?;
    Some((call, callee, gathered))
}

/// The call whose value was taken for the object: the product asked it for one of its fields.
fn taken_for_it<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Callee, Gathered)> {
    let Complaint::NoAttribute { name: asked, .. } = ctx.complaint() else { return None };
    let calls = descendants(ctx.statement().filter(|_| !ctx.raised_here())?).filter(|node| node.kind() == "call");
    let mut found = calls.filter_map(|call| {
        let name = ctx.source.slice(call.child_by_field_name("function").and_then(locate::last_name)?);
        let callee = calls::callee(ctx, call, name)?;
        let gathered = gathered(ctx, signature_change(ctx, &callee)?, &callee.symbol)?;
        gathered.names.contains(asked).then_some((call, callee, gathered))
    });
    found.next().filter(|_| found.next().is_none())
}

/// The one parameter that came takes an object whose fields are what went.
fn gathered(ctx: &Context<'_>, change: SignatureChange, function: &Symbol) -> Option<Gathered> {
    let names = gone(&change);
    let mut new = came(&change);
    let taker = new.next().filter(|_| new.next().is_none() && names.len() > 1)?.clone();
    drop(new);
    let class = class_of(ctx, &taker, function)?;
    let fields = class.signature.clone()?;
    let is_whole = names.iter().all(|name| fields.parameter(name).is_some());
    is_whole.then_some(Gathered { change, names, taker, class, fields })
}

/// The class that the parameter is annotated with, else the one that the product's callers make for it.
fn class_of(ctx: &Context<'_>, taker: &Parameter, function: &Symbol) -> Option<Symbol> {
    let only = |name: &str| {
        let mut known = ctx.snapshot.definitions(name);
        known.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
        (known.len() == 1).then(|| known.remove(0))
    };
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let annotated = taker.annotation.as_deref().into_iter().flat_map(|text| text.split(|c: char| !is_part(c)));
    if let Some(class) = annotated.filter(|word| !word.is_empty()).find_map(only) {
        return Some(class);
    }
    let mut made: Vec<String> = Vec::new();
    for path in callers::files(ctx, &function.name) {
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        made.extend(calls_of(&source, &function.name).filter_map(|call| {
            let given = calls::arguments(&source, call).into_iter().filter(|argument| takes(argument, taker));
            let mut values = given.filter_map(|argument| source.node_at(argument.value));
            let value = values.find(|node| node.kind() == "call")?;
            let name = locate::last_name(value.child_by_field_name("function")?)?;
            Some(source.slice(name).to_string())
        }));
    }
    made.sort_unstable();
    made.dedup();
    let mut classes = made.iter().filter_map(|name| only(name));
    classes.next().filter(|_| classes.next().is_none())
}

fn takes(argument: &Argument, taker: &Parameter) -> bool {
    !argument.is_splat && argument.keyword.as_ref().is_none_or(|keyword| *keyword == taker.name)
}

fn calls_of<'t>(source: &'t Source, name: &str) -> impl Iterator<Item = Node<'t>> {
    descendants(source.root()).filter(move |node| {
        let called = node.child_by_field_name("function").filter(|_| node.kind() == "call");
        called.and_then(locate::last_name).is_some_and(|called| source.slice(called) == name)
    })
}

/// Arguments as they are written, each behind the name of its parameter.
type Named = Vec<(String, String)>;

/// The arguments of a call with those that went in an object of their own; `None` where one is not known.
fn rewritten(ctx: &Context<'_>, call: Node<'_>, gathered: &Gathered, class: &str) -> Option<Edit> {
    let before: Vec<&Parameter> = gathered.change.before.places().collect();
    let (mut inside, mut outside): (Named, Named) = (Vec::new(), Vec::new());
    for (place, argument) in calls::arguments(ctx.source, call).iter().enumerate() {
        let at_place = || before.get(place).map(|parameter| parameter.name.clone());
        let name = argument.keyword.clone().or_else(at_place).filter(|_| !argument.is_splat)?;
        let text = ctx.source.text()[argument.range.clone()].to_string();
        let is_gathered = gathered.names.contains(&name);
        if is_gathered { &mut inside } else { &mut outside }.push((name, text));
    }
    let is_missing =
        |field: &&Parameter| field.default.is_none() && !inside.iter().any(|(name, _)| *name == field.name);
    if inside.is_empty()
        || gathered.fields.parameters.iter().filter(|field| !field.kind.is_variadic()).any(|field| is_missing(&field))
    {
        return None;
    }
    let fields: Vec<&str> = gathered.fields.places().map(|field| field.name.as_str()).collect();
    let object = format!("{class}({})", placed(inside, &fields).join(", "));
    let after: Vec<&str> = gathered.change.after.places().map(|parameter| parameter.name.as_str()).collect();
    let place = after.iter().position(|name| *name == gathered.taker.name);
    let place = place.filter(|place| *place <= outside.iter().filter(|(name, text)| is_by_place(name, text)).count());
    match place {
        Some(place) => outside.insert(place, (gathered.taker.name.clone(), object)),
        None => outside.push((gathered.taker.name.clone(), format!("{}={object}", gathered.taker.name))),
    }
    let list = call.child_by_field_name("arguments").filter(|list| !ctx.source.slice(*list).contains('#'))?;
    Some(ctx.replace(list.byte_range(), format!("({})", placed(outside, &after).join(", "))))
}

/// The arguments as they are written, but by name from the first that would come to another place.
fn placed(arguments: Named, places: &[&str]) -> Vec<String> {
    let mut is_moved = false;
    let written = arguments.into_iter().enumerate().map(|(place, (name, text))| {
        is_moved |= !is_by_place(&name, &text) || places.get(place) != Some(&name.as_str());
        if is_moved && is_by_place(&name, &text) { format!("{name}={text}") } else { text }
    });
    written.collect()
}

/// Whether an argument is written without its name.
fn is_by_place(name: &str, text: &str) -> bool {
    text.strip_prefix(name)
        .is_none_or(|rest| !rest.trim_start().starts_with('=') || rest.trim_start().starts_with("=="))
}

/// How the test calls the class: as it calls the function where both come from a module that it names.
fn spelling(ctx: &Context<'_>, call: Node<'_>, class: &Symbol) -> Option<String> {
    let function = call.child_by_field_name("function")?;
    let module = function.child_by_field_name("object").filter(|_| function.kind() == "attribute");
    let module = module.filter(|object| {
        let symbol = ctx.snapshot.resolve(&ctx.site.path, object.start_byte(), ctx.source.slice(*object));
        symbol.is_some_and(|symbol| {
            symbol.kind == SymbolKind::Module && ctx.snapshot.member(&symbol, &class.name).is_some()
        })
    });
    match module {
        Some(object) => Some(format!("{}.{}", ctx.source.slice(object), class.name)),
        None => Some(class.name.clone()),
    }
}

/// The module that the test has the function from, where it has the class as well; else the class's own.
fn import_from(ctx: &Context<'_>, call: Node<'_>, class: &Symbol) -> Option<String> {
    let function = ctx.source.slice(call.child_by_field_name("function")?);
    let own = imports::imports(ctx.source).into_iter().find(|item| item.local == function).map(|item| item.module);
    own.filter(|module| imports::is_there(ctx, module, Some(&class.name)))
        .or_else(|| ctx.snapshot.dotted_name(&class.path))
}

/// Where the product calls the function with an object of the class since the commit.
fn callers_moved(ctx: &Context<'_>, function: &str, class: &str) -> Vec<(crate::text::FilePath, u32)> {
    let with_object = |text: Option<&std::sync::Arc<str>>| -> Vec<u32> {
        let Some(source) = text.map(|text| Source::parse(text.clone())) else { return Vec::new() };
        let is_made = |call: &Node<'_>| {
            let list = call.child_by_field_name("arguments");
            list.into_iter()
                .flat_map(|list| {
                    calls_of(&source, class).filter(move |made| list.byte_range().contains(&made.start_byte()))
                })
                .next()
                .is_some()
        };
        calls_of(&source, function).filter(is_made).map(|call| source.line_of(call.start_byte())).collect()
    };
    let mut moved = Vec::new();
    for change in product::changes(ctx.snapshot, &ctx.site.path) {
        let (was, is) = (with_object(change.before.as_ref()), with_object(change.after.as_ref()));
        moved.extend(is.into_iter().skip(was.len()).map(|line| (change.path.clone(), line)));
    }
    moved
}

/// Whether a call of the product still passes one of the parts by its name, or more than the function takes.
fn passes_parts(source: &Source, call: Node<'_>, gathered: &Gathered) -> bool {
    let arguments = calls::arguments(source, call);
    let by_place = arguments.iter().filter(|argument| argument.keyword.is_none()).count();
    let by_name = |argument: &Argument| argument.keyword.as_ref().is_some_and(|name| gathered.names.contains(name));
    arguments.iter().any(by_name) || by_place > gathered.change.after.places().count()
}

/// Whether the fields stand in the order of the arguments: the product's callers may have wrapped them as they stood.
fn keeps_order(names: &[String], before: &Signature, fields: &Signature) -> bool {
    let of = |signature: &Signature, other: &Signature| -> Vec<String> {
        let places = signature.places().map(|parameter| parameter.name.clone());
        places.filter(|name| names.contains(name) && other.parameter(name).is_some()).collect()
    };
    let is = of(fields, before);
    is.is_empty() || of(before, fields) == is
}

/// Whether a caller wraps what it passes, as it stands, in an object whose fields have another order.
pub(super) fn wraps_in_another_order(ctx: &Context<'_>, code: &str) -> bool {
    let source = Source::parse(code);
    let called = |call: Node<'_>| {
        let name = locate::last_name(call.child_by_field_name("function")?)?;
        let mut known = ctx.snapshot.definitions(source.slice(name));
        known.retain(|symbol| !symbol.path.is_test_code());
        (known.len() == 1).then(|| known.remove(0))
    };
    let wrapped = |call: Node<'_>| {
        let made = source.node_at(calls::arguments(&source, call).first()?.value.clone())?;
        let is_by_place = calls::arguments(&source, made).iter().filter(|given| given.keyword.is_none()).count() > 1;
        let class = called(made).filter(|class| class.kind == SymbolKind::Class && is_by_place)?;
        let function = called(call)?;
        let mut changes = ctx.snapshot.history().signature_changes(&function.path, &function.name).into_iter();
        changes.find_map(|change| {
            Some(!keeps_order(&gone(&change), &change.before, class.signature.as_ref()?)).filter(|is_other| *is_other)
        })
    };
    descendants(source.root()).filter(|node| node.kind() == "call").any(|call| wrapped(call) == Some(true))
}

/// Whether what the test leaves out means what it meant.
fn keeps_defaults(gathered: &Gathered) -> bool {
    gathered.names.iter().all(|name| {
        let default = |signature: &Signature| signature.parameter(name).map(|parameter| parameter.default.clone());
        default(&gathered.change.before) == default(&gathered.fields)
    })
}

#[cfg(test)]
mod tests;
