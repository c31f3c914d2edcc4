//! What a function gave is one part of what it gives now, or the other way round: the test takes that part.

mod items;
mod takes;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::history::Change;
use crate::workspace::symbols::Symbol;

use super::confidence::Odds;
use super::quotes::string_value;
use super::shape_changed::places;
use super::the_rest::Gives;
use super::unpack_arity::{Element, returned_values};
use super::{Context, Strategy, comparison, constructors, given_items};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "result-part",
    categories: &[
        Category::AssertionError,
        Category::TypeError,
        Category::AttributeError,
        Category::LogicError,
        Category::KeyError,
    ],
    summary: "Takes the part of a result that the function gave alone before, or the whole where a part was taken.",
    example: r#"
#- before: shop.py
def price(text):
    return int(text)

def double(text):
    return 2 * price(text)
#- shop.py
from dataclasses import dataclass

@dataclass
class Price:
    cents: int
    text: str

def price(text):
    return Price(cents=int(text), text=text)

def double(text):
    return 2 * price(text).cents
#- tests/test_shop.py
from shop import price

def test_price():
    assert price("3") == 3
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_price __________________________________

    def test_price():
>       assert price("3") == 3
E       AssertionError: assert Price(cents=3, text='3') == 3
E        +  where Price(cents=3, text='3') = price('3')

tests/test_shop.py:4: AssertionError
#- healed
-    assert price("3") == 3
+    assert price("3").cents == 3
"#,
    propose: result_part,
};

/// Where a value stands in a result.
#[derive(Clone, PartialEq)]
enum Part {
    /// The place in a tuple.
    Place(usize),
    Field(String),
    Key(String),
}

impl Part {
    /// How code reads the part.
    fn suffix(&self) -> String {
        match self {
            Self::Place(place) => format!("[{place}]"),
            Self::Field(name) => format!(".{name}"),
            Self::Key(key) => format!("[\"{key}\"]"),
        }
    }
}

/// How a function's result changed, as its `return` statements show.
struct Shift {
    part: Part,
    /// All parts of the result that has parts.
    parts: Vec<Part>,
    /// Whether what was the whole is the part now.
    is_into: bool,
    /// Whether it is each of many values that changed so: what is yielded, or stands in the list that is returned.
    is_of_each: bool,
    commit: String,
}

fn result_part(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    // Most files that tests look at did not change.
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let looped = items::run_through(ctx.statement()?);
    for call in places::calls(ctx, ctx.statement()?).into_iter().chain(looped) {
        let Some(symbol) = places::function(ctx, call) else { continue };
        let Some((shift, fact)) = shift(ctx, &changes, &symbol) else { continue };
        let function = ctx.source.slice(call.child_by_field_name("function")?);
        let Some(edits) = read_as_now(ctx, function, &shift).filter(|edits| !edits.is_empty()) else { continue };
        let evidence = vec![fact];
        let each = if shift.is_of_each { "each that" } else { "what" };
        let title = match shift.is_into {
            true => format!("Take `{}` of {each} `{}` gives", shift.part.suffix(), symbol.name),
            false => format!("Take {each} `{}` gives whole", symbol.name),
        };
        fixes.push(Fix {
            title,
            strategy: STRATEGY.id,
            edits,
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: match takes::is_followed(ctx, &changes, &symbol, &shift) && does_the_rest(&changes, &symbol, &shift) {
                true => Tier::Safe,
                false => Tier::Review,
            },
        });
        return Some(());
    }
    None
}

/// Whether the function still does what it did before it gave the value, and gives as many as before.
fn does_the_rest(changes: &[Change], symbol: &Symbol, shift: &Shift) -> bool {
    let is_kept = |change: &Change| {
        let read = if shift.is_of_each { Gives::each } else { Gives::returned };
        let (before, after) = (Source::parse(change.before.clone()?), Source::parse(change.after.clone()?));
        let (before, after) = (read(&before, &symbol.name)?, read(&after, &symbol.name)?);
        Some(after.does_as(&before))
    };
    let mut of_commit = changes.iter().filter(|it| it.path == symbol.path && it.commit == shift.commit);
    of_commit.all(|change| is_kept(change).unwrap_or(false))
}

/// The change in which the whole result became a part, or a part the whole.
fn shift(ctx: &Context<'_>, changes: &[Change], symbol: &Symbol) -> Option<(Shift, Evidence)> {
    changes.iter().filter(|change| change.path == symbol.path).find_map(|change| {
        let (before, after) = (Source::parse(change.before.clone()?), Source::parse(change.after.clone()?));
        let name = symbol.name.as_str();
        let alone = turned(ctx, Returned::read(&before, name), Returned::read(&after, name));
        let each = || turned(ctx, Returned::items(&before, name), Returned::items(&after, name));
        let (is_of_each, (is_into, (part, parts))) =
            alone.map(|found| (false, found)).or_else(|| each().map(|found| (true, found)))?;
        let (suffix, each) = (part.suffix(), if is_of_each { "each that" } else { "what" });
        let text = match is_into {
            true => format!("{each} `{}` gave is `{suffix}` of what it gives", symbol.name),
            false => format!("`{}` gives what was `{suffix}` of {each} it gave", symbol.name),
        };
        let text = format!("{text} since {} ({})", change.path, change.subject);
        let shift = Shift { part, parts, is_into, is_of_each, commit: change.commit.clone() };
        Some((shift, Evidence::commit(&change.commit, text)))
    })
}

/// The part that the whole became, or the other way round, and which way it was.
fn turned(ctx: &Context<'_>, was: Option<Returned<'_>>, is: Option<Returned<'_>>) -> Option<(bool, (Part, Vec<Part>))> {
    let (was, is) = was.zip(is)?;
    let into = part_of(ctx, &was, &is).map(|found| (true, found));
    into.or_else(|| part_of(ctx, &is, &was).map(|found| (false, found)))
}

/// What a function returns at each `return` of its own.
struct Returned<'s> {
    source: &'s Source,
    function: Node<'s>,
    values: Vec<Node<'s>>,
    /// Whether what counts is each that a value holds.
    are_whole: bool,
}

impl<'s> Returned<'s> {
    fn read(source: &'s Source, name: &str) -> Option<Self> {
        let (function, values) = returned_values(source, name)?;
        let is_generator = descendants(function).any(|node| node.kind() == "yield");
        (!values.is_empty() && !is_generator).then_some(Self { source, function, values, are_whole: false })
    }

    /// What it gives one by one.
    fn items(source: &'s Source, name: &str) -> Option<Self> {
        let given_items::Items { function, values, are_whole } = given_items::of(source, name)?;
        Some(Self { source, function, values, are_whole })
    }

    /// A value by what it is, not by the name that it has in the function.
    fn inner(&self, value: Node<'s>) -> Node<'s> {
        let assigned =
            || comparison::assigned_once(self.source, self.function, self.source.slice(value), value.start_byte());
        let bound = if value.kind() == "identifier" { assigned() } else { None };
        bound.unwrap_or(value)
    }

    fn element(&self, value: Node<'s>) -> Element {
        Element::of(self.source, self.function, value)
    }

    /// A whole result.
    fn whole(&self, value: Node<'s>) -> Element {
        if self.are_whole { Element::each(self.source, value) } else { self.element(value) }
    }

    /// The values that a tuple, an object or a mapping is made of.
    fn parts(&self, ctx: &Context<'_>, value: Node<'s>) -> Vec<(Part, Element)> {
        if self.are_whole {
            return Vec::new();
        }
        let inner = self.inner(value);
        let parts = || children(inner).filter(|node| node.kind() != "comment");
        match inner.kind() {
            // A comma too many makes a tuple of one.
            "expression_list" | "tuple" if parts().count() > 1 => {
                parts().enumerate().map(|(place, part)| (Part::Place(place), self.element(part))).collect()
            }
            "dictionary" => {
                let pair = |part: Node<'s>| {
                    let key = string_value(self.source, part.child_by_field_name("key")?)?;
                    Some((Part::Key(key), self.element(part.child_by_field_name("value")?)))
                };
                parts().map(pair).collect::<Option<_>>().unwrap_or_default()
            }
            "call" => self.fields(ctx, inner).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What a constructor of the product is given for each field.
    fn fields(&self, ctx: &Context<'_>, call: Node<'s>) -> Option<Vec<(Part, Element)>> {
        let class = constructors::class(self.source, call)?;
        let mut classes = ctx.snapshot.definitions(class);
        classes.retain(|symbol| symbol.signature.is_some() && !symbol.path.is_test_code());
        let own = classes.first().and_then(|symbol| symbol.signature.as_ref());
        let field = |(place, field): (usize, constructors::Field<'s>)| {
            let named = field.keyword.map(|name| self.source.slice(name).to_string());
            let name = named.or_else(|| Some(own?.parameters.get(place)?.name.clone()))?;
            Some((Part::Field(name), self.element(field.value)))
        };
        constructors::fields(call)?.into_iter().enumerate().map(field).collect()
    }
}

/// The only part of every result in `many` that is the whole result in `one`, with the other parts.
fn part_of(ctx: &Context<'_>, one: &Returned<'_>, many: &Returned<'_>) -> Option<(Part, Vec<Part>)> {
    if one.values.len() != many.values.len() {
        return None;
    }
    let mut common: Option<Vec<Part>> = None;
    let mut all = Vec::new();
    for (whole, value) in one.values.iter().zip(&many.values) {
        let whole = one.whole(*whole);
        let parts = many.parts(ctx, *value);
        let same = parts.iter().filter(|(_, part)| part.is(&whole)).map(|(part, _)| part.clone());
        let same: Vec<Part> = same.collect();
        common = Some(match common {
            Some(known) => known.into_iter().filter(|part| same.contains(part)).collect(),
            None => same,
        });
        let names: Vec<Part> = parts.into_iter().map(|(part, _)| part).collect();
        if !all.is_empty() && all != names {
            return None;
        }
        all = names;
    }
    let [part] = &common?[..] else { return None };
    Some((part.clone(), all))
}

/// Every call of the function in the test, read as its result is now. `None` where one cannot be.
fn read_as_now(ctx: &Context<'_>, function: &str, shift: &Shift) -> Option<Vec<Edit>> {
    let is_called = |node: &Node<'_>| {
        let name = node.child_by_field_name("function").filter(|_| node.kind() == "call");
        name.is_some_and(|name| ctx.source.slice(name) == function)
    };
    let calls = descendants(ctx.scope()).filter(is_called);
    let edits = calls.map(|call| {
        let given = call.parent().filter(|parent| parent.kind() == "await").unwrap_or(call);
        match given.parent()?.kind() {
            "expression_statement" => Some(Vec::new()),
            _ if shift.is_of_each => items::read(ctx, given, shift),
            _ if shift.is_into => takes::part(ctx, given, shift),
            _ => takes::whole(ctx, given, shift),
        }
    });
    Some(edits.collect::<Option<Vec<_>>>()?.concat())
}

#[cfg(test)]
mod tests;
