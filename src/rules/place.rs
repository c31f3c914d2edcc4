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

impl Learner<'_> {
    /// The unit that a difference belongs to: up to the first thing around it that has a name.
    pub(super) fn place(&self, op: &Op) -> Option<Place> {
        let w = self.sides.w;
        let is_statement =
            |id: Id| w.parent(id).is_some_and(|parent| matches!(w.kind(parent), Kind::Block | Kind::Module));
        let mut id = match *op {
            Op::Insert { parent, after, before, .. } => {
                if matches!(w.kind(parent), Kind::Block | Kind::Module) {
                    let says = |id: &Id| self.core(*id).is_some_and(|core| self.says(core));
                    let after = self.nearest(parent, after, before, true);
                    let before = self.nearest(parent, before, after, false);
                    return Some(Place::Gap { after, before: before.filter(|id| says(id) || after.is_none()) });
                }
                if w.kind(parent) == Kind::Dict {
                    return Some(Place::Expression(self.telling_dict(parent)));
                }
                parent
            }
            Op::Unwrap { w: id } if w.kind(id) == Kind::With => return Some(Place::Header(id)),
            Op::Peel { w: id, .. } => return Some(Place::Expression(id)),
            Op::Enclose { first, .. } => return Some(Place::Enclosed(first)),
            Op::Move { w: id, .. } if w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Call) => {
                return Some(Place::Expression(w.parent(id)?));
            }
            Op::Move { w: id, .. } if w.parent(id).is_some_and(|list| is_list(w.kind(list))) => w.parent(id)?,
            Op::Move { w: id, c } => return self.moved(id, c),
            Op::Rename { w: id, .. } if w.kind(id).is_function() => return Some(Place::Function(id)),
            Op::Rename { w: id, .. } if self.is_set_to_object(id) => return Some(Place::Statement(w.parent(id)?)),
            Op::Rename { w: id, .. } if matches!(w.kind(id), Kind::Attribute | Kind::Keyword | Kind::Compare) => id,
            Op::Wrap { w: id, c }
                if w.kind(id) == Kind::Attribute
                    && self.only_calls(id, c)
                    && w.parent(id)
                        .is_some_and(|parent| !matches!(w.kind(parent), Kind::Expression | Kind::Decorator)) =>
            {
                return Some(Place::Expression(id));
            }
            Op::Rename { w: id, .. } | Op::Replace { w: id, .. } if self.heads(id) => {
                return Some(Place::Expression(id));
            }
            _ if is_statement(op.at()) => return self.telling(op.at()).map(Place::Statement),
            Op::Replace { w: id, .. } | Op::Wrap { w: id, .. } if self.is_value(id) => {
                return Some(Place::Expression(id));
            }
            _ => w.parent(op.at())?,
        };
        if let Op::Replace { w: replaced, .. } = op
            && is_dotted(w, *replaced)
            && self.sides.is_path(*replaced)
            && w.kind(*replaced) == Kind::Attribute
            && !self.decorates_coroutine(*replaced)
        {
            id = *replaced;
        }
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
                _ if is_statement(id) => return Some(Place::Statement(id)),
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
        let is_statement =
            |id: &Id| w.parent(*id).is_some_and(|parent| matches!(w.kind(parent), Kind::Block | Kind::Module));
        let mut around = w.ancestors(id).skip(1).filter(is_statement);
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
            let tells = |id: &&Id| says(id) && self.core(**id).is_some_and(|core| self.says(core));
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
