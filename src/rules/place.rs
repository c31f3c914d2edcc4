//! Where a difference belongs: the unit around it that has a name of its own.

use super::abstraction::{Mode, Sides};
use super::diff::{Op, is_dotted};
use super::find::header_of;
use super::learn::Learner;
use super::tree::{Id, Kind};

/// Where a difference belongs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Expression(Id),
    Statement(Id),
    Header(Id),
    Function(Id),
    /// New statements between two that were there.
    Gap {
        after: Option<Id>,
        before: Option<Id>,
    },
    Enclosed(Id),
    Moved {
        first: Id,
        second: Id,
    },
}

impl Place {
    pub(super) fn root(&self) -> Option<Id> {
        match *self {
            Self::Expression(id) | Self::Statement(id) | Self::Header(id) | Self::Function(id) => Some(id),
            Self::Gap { after, before } => before.or(after),
            Self::Enclosed(id) => Some(id),
            Self::Moved { second, .. } => Some(second),
        }
    }
}

/// Where the way from a difference to its place begins.
enum Start {
    /// There already.
    At(Place),
    /// At the innermost node that may be it.
    Within(Id),
}

impl Learner<'_> {
    /// The unit that a difference belongs to: up to the first thing around it that has a name.
    pub(super) fn place(&self, op: &Op) -> Option<Place> {
        match self.start(op)? {
            Start::At(place) => Some(place),
            Start::Within(id) => self.named_around(self.replaced_path(op).unwrap_or(id)),
        }
    }

    /// What is wrong by itself, or from where on to look for it.
    fn start(&self, op: &Op) -> Option<Start> {
        let w = self.sides.w;
        let parent_is = |id: Id, is_it: &dyn Fn(Kind) -> bool| w.parent(id).filter(|parent| is_it(w.kind(*parent)));
        Some(match *op {
            Op::Insert { parent, after, before, .. } => self.start_of_new(parent, after, before),
            Op::Unwrap { w: id } if w.kind(id) == Kind::With => Start::At(Place::Header(id)),
            Op::Peel { w: id, .. } => Start::At(Place::Expression(id)),
            Op::Enclose { first, .. } => Start::At(Place::Enclosed(first)),
            Op::Move { w: id, c } => {
                if let Some(call) = parent_is(id, &|kind| kind == Kind::Call) {
                    Start::At(Place::Expression(call))
                } else if let Some(list) = parent_is(id, &is_list) {
                    Start::Within(list)
                } else {
                    Start::At(self.moved(id, c)?)
                }
            }
            Op::Rename { w: id, .. } if w.kind(id).is_function() => Start::At(Place::Function(id)),
            Op::Rename { w: id, .. } if self.is_set_to_object(id) => Start::At(Place::Statement(w.parent(id)?)),
            Op::Rename { w: id, .. } if matches!(w.kind(id), Kind::Attribute | Kind::Keyword | Kind::Compare) => {
                Start::Within(id)
            }
            Op::Wrap { w: id, c } if self.is_value_uncalled(id, c) => Start::At(Place::Expression(id)),
            Op::Rename { w: id, .. } | Op::Replace { w: id, .. } if self.heads(id) => Start::At(Place::Expression(id)),
            _ if w.is_statement(op.at()) => Start::At(Place::Statement(self.telling(op.at())?)),
            Op::Replace { w: id, .. } | Op::Wrap { w: id, .. } if self.is_value(id) => Start::At(Place::Expression(id)),
            _ => Start::Within(w.parent(op.at())?),
        })
    }

    /// Where something new belongs: a statement between two others, a pair in its dictionary.
    fn start_of_new(&self, parent: Id, after: Option<Id>, before: Option<Id>) -> Start {
        match self.sides.w.kind(parent) {
            kind if kind.holds_statements() => {
                let above = self.nearest(parent, after, before, true);
                let below = self.nearest(parent, before, above, false);
                let below = below.filter(|id| self.telling_core(*id).is_some() || above.is_none());
                Start::At(Place::Gap { after: above, before: below })
            }
            Kind::Dict => Start::At(Place::Expression(self.telling_dict(parent))),
            _ => Start::Within(parent),
        }
    }

    /// A dotted name of a module that something else is written for.
    fn replaced_path(&self, op: &Op) -> Option<Id> {
        let Op::Replace { w: id, .. } = *op else { return None };
        let w = self.sides.w;
        let is_path = is_dotted(w, id) && self.sides.is_path(id) && w.kind(id) == Kind::Attribute;
        (is_path && !self.decorates_coroutine(id)).then_some(id)
    }

    /// The first thing from `id` outward that can be told by its name.
    fn named_around(&self, mut id: Id) -> Option<Place> {
        let w = self.sides.w;
        loop {
            match w.kind(id) {
                Kind::Attribute if !self.is_callee(id) && !self.decorates_coroutine(id) => {
                    let longest =
                        w.ancestors(id).take_while(|id| w.kind(*id) == Kind::Attribute && !self.is_callee(*id));
                    return Some(Place::Expression(longest.last().unwrap_or(id)));
                }
                Kind::Call if self.decorates_coroutine(id) || self.makes_fixture(id) => id = w.parent(id)?,
                Kind::Call | Kind::Subscript | Kind::Compare | Kind::Pair => return Some(Place::Expression(id)),
                Kind::Parameter | Kind::Returns | Kind::Decorator => return Some(Place::Function(w.function(id)?)),
                Kind::Function | Kind::AsyncFunction => return Some(Place::Function(id)),
                Kind::Module | Kind::Block => return None,
                _ if w.is_statement(id) => return Some(Place::Statement(id)),
                _ => id = w.parent(id)?,
            }
        }
    }

    /// The dictionary around `id` that the lesson tells by a text in it, else the pair that `id` is the value of.
    fn telling_dict(&self, id: Id) -> Id {
        let w = self.sides.w;
        let is_told = |dict: &Id| {
            w.kind(*dict) == Kind::Dict && w.children(*dict).iter().any(|pair| self.sides.names_dict(*pair))
        };
        let around = |id: &Id| matches!(w.kind(*id), Kind::Dict | Kind::Pair);
        let pair = w.parent(id).filter(|parent| w.kind(*parent) == Kind::Pair);
        w.ancestors(id).take_while(around).find(is_told).or(pair).unwrap_or(id)
    }

    /// The call that a lambda is handed to, where the lambda alone says nothing: `session.get(url)` may stand anywhere.
    pub(super) fn handed_on(&self, id: Id) -> Option<Id> {
        let w = self.sides.w;
        let pattern = self.sides.pattern(id, Mode::Shared);
        let mut words = Vec::new();
        pattern.words(&mut words);
        let holes = self.sides.holes_in(id);
        let is_common = |word: &&str| super::names::is_everyday_method(word) || holes.iter().any(|hole| hole == word);
        if !words.iter().all(is_common) {
            return None;
        }
        let statement = w.statement(id);
        let lambda = w.ancestors(id).take_while(|id| *id != statement).find(|id| w.kind(*id) == Kind::Lambda)?;
        w.ancestors(lambda).take_while(|id| *id != statement).find(|id| w.kind(*id) == Kind::Call)
    }

    /// The statement itself, or where it says nothing (`pass`, `return`) the first one around it that does.
    fn telling(&self, id: Id) -> Option<Id> {
        let w = self.sides.w;
        if !w.children(id).is_empty() {
            return Some(id);
        }
        let mut around = w.ancestors(id).skip(1).filter(|around| w.is_statement(*around));
        around.find(|around| self.says(*around)).filter(|around| !w.kind(*around).is_function())
    }

    /// Whether an expression that can be told by itself is the value of an assignment, a return or an assertion.
    fn is_value(&self, id: Id) -> bool {
        let w = self.sides.w;
        let Some(parent) = w.parent(id) else { return false };
        let holds = match w.kind(parent) {
            Kind::Assign | Kind::Return | Kind::Assert | Kind::Await | Kind::List | Kind::Tuple | Kind::For => true,
            // `len(x)` says nothing of `x`.
            Kind::Call => w.children(parent).first().is_some_and(|callee| {
                *callee != id && super::names::is_builtin_function(w.name(*callee)) && w.kind(*callee) == Kind::Name
            }),
            _ => false,
        };
        matches!(w.kind(id), Kind::Call | Kind::Attribute | Kind::Subscript) && holds && self.says(id)
    }

    /// Whether it is the call of a context manager, or the exception of an `except`.
    fn heads(&self, id: Id) -> bool {
        let w = self.sides.w;
        header_of(w, id).is_some_and(|header| w.kind(header) == Kind::Try || w.kind(id) == Kind::Call)
    }

    /// Whether an attribute is wrong for the object that is assigned: `api.get.return_value = ConnectionError()`.
    fn is_set_to_object(&self, id: Id) -> bool {
        let w = self.sides.w;
        let assign = w.parent(id).filter(|_| super::find::is_set(w, id) && w.kind(id) == Kind::Attribute);
        let value = assign.and_then(|assign| w.children(assign).last().copied());
        value.filter(|value| w.kind(*value) == Kind::Call).is_some_and(|call| {
            let callee = w.children(call).first();
            callee.is_some_and(|callee| super::names::is_class_name(w.name(*callee)))
        })
    }

    /// Whether an attribute is a value that the correct side only calls.
    fn is_value_uncalled(&self, id: Id, c: Id) -> bool {
        let w = self.sides.w;
        let stands_alone = |parent: Id| matches!(w.kind(parent), Kind::Expression | Kind::Decorator);
        w.kind(id) == Kind::Attribute
            && self.only_calls(id, c)
            && w.parent(id).is_some_and(|parent| !stands_alone(parent))
    }

    /// Whether the correct side only calls an attribute, with nothing.
    fn only_calls(&self, id: Id, c: Id) -> bool {
        let correct = self.sides.c;
        correct.kind(c) == Kind::Call
            && correct.children(c).first().is_some_and(|callee| correct.hash(*callee) == self.sides.w.hash(id))
    }

    /// Whether `id` is a decorator of an `async def`: what is wrong there may be right for plain functions.
    pub(super) fn decorates_coroutine(&self, id: Id) -> bool {
        let w = self.sides.w;
        let decorator = w.ancestors(id).find(|id| w.kind(*id) == Kind::Decorator);
        decorator.and_then(|id| w.parent(id)).is_some_and(|function| w.kind(function) == Kind::AsyncFunction)
    }

    /// Whether `id` is the decorator of a fixture: what is wrong there depends on what the fixture does.
    fn makes_fixture(&self, id: Id) -> bool {
        let w = self.sides.w;
        w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Decorator)
            && w.children(id).first().is_some_and(|callee| w.name(*callee).ends_with("fixture"))
    }

    fn is_callee(&self, id: Id) -> bool {
        let w = self.sides.w;
        w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Call && w.children(parent).first() == Some(&id))
    }

    /// The nearest statement beside a gap that is no `...`.
    fn nearest(&self, parent: Id, from: Option<Id>, other: Option<Id>, is_up: bool) -> Option<Id> {
        let w = self.sides.w;
        let all = w.children(parent);
        let at = |id: Option<Id>| id.and_then(|id| all.iter().position(|child| *child == id));
        let says = |id: &&Id| w.kind(**id) != Kind::Ellipsis && !w.kind(**id).is_import();
        if is_up {
            let end = at(from).map_or_else(|| at(other).unwrap_or(0), |at| at + 1);
            let tells = |id: &&Id| says(id) && self.telling_core(**id).is_some();
            let mut above = all[..end].iter().rev();
            above.clone().find(tells).or_else(|| above.find(says)).copied()
        } else {
            let start = at(from).unwrap_or_else(|| at(other).map_or(all.len(), |at| at + 1));
            all[start..].iter().find(says).copied()
        }
    }

    /// A statement or parameter that stands elsewhere now.
    fn moved(&self, id: Id, c: Id) -> Option<Place> {
        if self.sides.w.kind(id) == Kind::Parameter {
            return Some(Place::Function(self.sides.w.function(id)?));
        }
        let (first, second) = crossed(&self.sides, id, c)?;
        Some(Place::Moved { first, second })
    }
}

fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::List | Kind::Tuple | Kind::Set)
}

/// The pair of statements whose order is wrong, where one stands elsewhere now.
pub(super) fn crossed(sides: &Sides<'_>, id: Id, c: Id) -> Option<(Id, Id)> {
    let (w, correct) = (sides.w, sides.c);
    let siblings = w.children(w.parent(id)?);
    let at = siblings.iter().position(|sibling| *sibling == id)?;
    let place_of = |id: &Id| sides.diff.same.get(id).map(|c| correct.nodes[*c].range.start);
    let own = correct.nodes[c].range.start;
    let mut overtaken = siblings[at + 1..].iter().filter(|sibling| place_of(sibling).is_some_and(|place| place < own));
    let mut passed = siblings[..at].iter().filter(|sibling| place_of(sibling).is_some_and(|place| place > own));
    match (overtaken.next_back(), passed.next()) {
        (Some(second), _) => Some((id, *second)),
        (None, Some(first)) => Some((*first, id)),
        _ => None,
    }
}
