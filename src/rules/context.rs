//! What has to stand around a mistake: statements before it, context managers, variables that agree.

use std::collections::{HashMap, HashSet};

use super::abstraction::{Mode, holes_in, is_expectation, is_plain_list};
use super::diff::Op;
use super::learn::Learner;
use super::pattern::Pattern;
use super::place::Place;
use super::rule::Before;
use super::tree::{Id, Kind, Tree};
use super::units::calls_of;

/// Code of the correct side that the fix writes, and the part of it that stood there before.
struct Written {
    root: Id,
    kept: Option<Id>,
}

impl Written {
    /// What is new of it.
    fn nodes(&self, c: &Tree<'_>) -> impl Iterator<Item = Id> {
        let kept = self.kept.map_or(0..0, |id| c.descendants(id));
        c.descendants(self.root).filter(move |id| !kept.contains(id))
    }
}

impl Learner<'_> {
    /// Statements before the mistake that share a variable with it, or that the lesson names: the last three.
    pub(super) fn context(&self, place: &Place, statement: Id) -> Vec<Id> {
        let mut found = self.earlier(statement, &self.own_names(place, statement));
        if let Place::Gap { before: None, .. } = place {
            found.retain(|id| *id != statement);
        }
        if found.is_empty() {
            found.extend(match place {
                Place::Gap { after: Some(after), before: Some(before) } => self.followed(*after, *before),
                Place::Statement(id) if self.sides.is_gone(*id) => self.above_library(statement),
                _ => None,
            });
        }
        found.sort_unstable();
        let skip = found.len().saturating_sub(3);
        found.split_off(skip)
    }

    /// The variables of the mistake, and of what is written in its place.
    fn own_names(&self, place: &Place, statement: Id) -> HashSet<String> {
        let (w, c) = (self.sides.w, self.sides.c);
        let root = if let Place::Expression(id) = place { *id } else { statement };
        let written = self.sides.diff.ops.iter().filter_map(|op| match (op, place) {
            (Op::Replace { w: replaced, c: new }, _) => {
                let is_code = matches!(c.kind(*new), Kind::Call | Kind::Expression);
                (is_code && w.statement(*replaced) == statement).then_some(*new)
            }
            (Op::Enclose { c: new, .. }, Place::Enclosed(_)) => c.children(*new).first().copied(),
            (Op::Insert { parent, c: new, .. }, Place::Gap { .. }) => {
                w.kind(*parent).holds_statements().then_some(*new)
            }
            _ => None,
        });
        let new_names = written.flat_map(|new| holes_in(c, self.sides.c_names, new));
        self.sides.holes_in(root).into_iter().chain(new_names).collect()
    }

    /// The statements above `statement` that tell something, up to the function or class around it.
    fn earlier(&self, statement: Id, own: &HashSet<String>) -> Vec<Id> {
        let w = self.sides.w;
        let mut found = Vec::new();
        let mut at = statement;
        while let Some(parent) = w.parent(at) {
            if w.kind(parent).holds_statements() {
                let above = w.children(parent).iter().copied().take_while(|id| *id != at);
                found.extend(above.filter(|id| self.tells_context(*id, own)));
            }
            if w.kind(at).is_function() || w.kind(at) == Kind::Class {
                break;
            }
            at = parent;
        }
        found
    }

    fn tells_context(&self, id: Id, own: &HashSet<String>) -> bool {
        let (sides, w) = (&self.sides, self.sides.w);
        let is_simple = matches!(w.kind(id), Kind::Expression | Kind::Assign | Kind::Assert)
            || self.target(id).is_some_and(|target| w.kind(id) == Kind::With && own.contains(target));
        let shares = || sides.holes_in(id).iter().any(|name| own.contains(name));
        let is_named = || calls_of(w, id).iter().any(|call| sides.prose.names(call));
        is_simple && !sides.is_touched(id) && (shares() || is_named())
    }

    /// What is read after new code says nothing alone: what the new code follows does.
    fn followed(&self, after: Id, before: Id) -> Option<Id> {
        let w = self.sides.w;
        let is_read = self.core(before).is_some_and(|core| w.kind(core) != Kind::Call);
        (is_read && matches!(w.kind(after), Kind::Expression | Kind::Assign)).then_some(after)
    }

    /// A call of a library is right elsewhere: what comes before it tells where it is not.
    fn above_library(&self, statement: Id) -> Option<Id> {
        if !self.is_of_library(statement) {
            return None;
        }
        let w = self.sides.w;
        let siblings = w.parent(statement).map_or(&[][..], |parent| w.children(parent));
        let above = siblings.iter().copied().take_while(|id| *id != statement);
        above.filter(|id| self.telling_core(*id).is_some() && !self.sides.is_touched(*id)).last()
    }

    fn is_of_library(&self, statement: Id) -> bool {
        let w = self.sides.w;
        let core = self.core(statement).filter(|core| w.kind(*core) == Kind::Call);
        core.and_then(|core| w.children(core).first()).is_some_and(|callee| self.sides.is_path(*callee))
    }

    pub(super) fn before(&self, id: Id) -> Option<Before> {
        let sides = &self.sides;
        let core = self.core(id)?;
        let target = self.target(id);
        let linked = target.filter(|name| sides.linked.borrow().contains(*name));
        if !self.says(core) {
            return None;
        }
        let target = linked.map(|name| sides.variable(name));
        let gap = sides.diff.ops.iter().find_map(|op| match op {
            Op::Insert { parent, c, .. } if sides.w.kind(*parent).holds_statements() => Some(*c),
            _ => None,
        });
        let acted_on = gap.is_some_and(|c| {
            linked.is_some_and(|name| holes_in(sides.c, sides.c_names, c).iter().any(|hole| hole == name))
        });
        Some(Before { target, core: sides.pattern(core, Mode::Shared), is_essential: acted_on })
    }

    /// The variable that an assignment or a `with` sets.
    pub(super) fn target(&self, id: Id) -> Option<&str> {
        let w = self.sides.w;
        let target = match w.kind(id) {
            Kind::Assign => w.children(id).first(),
            Kind::With => w.child(id, Kind::Item).and_then(|item| w.children(item).get(1)),
            _ => None,
        };
        self.sides.hole(*target?)
    }

    /// The context managers around the mistake that share a variable with it.
    pub(super) fn around(&self, statement: Id, root: Id) -> Vec<Pattern> {
        let sides = &self.sides;
        let own: HashSet<String> = sides.holes_in(root).into_iter().collect();
        let withs = sides.w.ancestors(statement).skip(1).take_while(|id| !sides.w.kind(*id).is_function());
        let items = withs
            .filter(|id| sides.w.kind(*id) == Kind::With)
            .flat_map(|with| sides.w.children(with).iter().copied().filter(|id| sides.w.kind(*id) != Kind::Block));
        let shares = |id: &Id| sides.holes_in(*id).iter().any(|name| own.contains(name));
        items
            .filter(|id| (shares(id) || self.expects(*id)) && !sides.is_touched(*id))
            .filter_map(|id| sides.w.manager(id))
            .filter(|id| self.says(*id))
            .map(|id| sides.pattern(id, Mode::Shared))
            .collect()
    }

    /// Whether a context manager says what its body must do: `pytest.raises`, `assertWarns`.
    pub(super) fn expects(&self, item: Id) -> bool {
        let w = self.sides.w;
        is_expectation(w, w.manager(item).unwrap_or(item))
    }

    /// Which variables and literals have to agree.
    pub(super) fn link(&self, groups: &[&(Place, Vec<&Op>)], context: &[Id]) {
        let sides = &self.sides;
        let ops = || groups.iter().flat_map(|(_, ops)| ops);
        let mut linked = self.repeated(groups, context);
        linked.extend(self.asked.borrow().iter().cloned());
        let mut needed = HashSet::new();
        for op in ops() {
            let Some(written) = self.written(op) else { continue };
            linked.extend(self.names_in(&written));
            // In new statements it is the one of the statement before; in code that is rewritten one that
            // stands there twice is two, which need not agree.
            let may_repeat = op.inserted().is_some();
            needed.extend(written.nodes(sides.c).filter_map(|id| self.shared_literal(id, may_repeat)));
        }
        needed.extend(groups.iter().flat_map(|(_, ops)| self.moved_literals(ops)));
        // A text of a statement that is gone says no more than that of the statement before it.
        let said: Vec<u64> = context.iter().flat_map(|id| self.texts(*id)).collect();
        let gone = groups.iter().filter_map(|(place, _)| place.root()).filter(|id| sides.is_gone(*id));
        needed.extend(gone.flat_map(|id| self.texts(id)).filter(|text| said.contains(text)));
        *sides.linked.borrow_mut() = linked;
        *sides.needed.borrow_mut() = needed;
        *sides.copied.borrow_mut() = self.copied(ops());
    }

    /// The variables that stand at two places of the mistake and what is before it.
    fn repeated(&self, groups: &[&(Place, Vec<&Op>)], context: &[Id]) -> HashSet<String> {
        let sides = &self.sides;
        let roots = groups.iter().flat_map(|(place, _)| match place {
            Place::Moved { first, second } => vec![*first, *second],
            Place::Gap { before: Some(id), .. } => self.core(*id).into_iter().collect(),
            Place::Function(_) => Vec::new(),
            place => place.root().into_iter().collect(),
        });
        let mut counts: HashMap<String, usize> = HashMap::new();
        for name in roots.chain(context.iter().copied()).flat_map(|id| sides.holes_in(id)) {
            *counts.entry(name).or_default() += 1;
        }
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
    }

    /// What a difference makes the fix write.
    fn written(&self, op: &Op) -> Option<Written> {
        let (w, c) = (self.sides.w, self.sides.c);
        let (root, kept) = match op {
            Op::Insert { parent, c, .. } if w.kind(*parent).holds_statements() => (*c, None),
            Op::Enclose { c: new, .. } => (c.children(*new).first().copied().unwrap_or(*new), None),
            Op::Replace { c, .. } => (*c, None),
            Op::Rename { w: id, c } if w.kind(*id) == Kind::Name => (*c, None),
            // What is only wrapped is written as it stands.
            Op::Wrap { w: id, c: new } => (*new, c.descendants(*new).find(|inner| c.hash(*inner) == w.hash(*id))),
            _ => return None,
        };
        Some(Written { root, kept })
    }

    /// The variables of what is written anew.
    fn names_in(&self, written: &Written) -> Vec<String> {
        let names = |id: Id| holes_in(self.sides.c, self.sides.c_names, id);
        let kept = written.kept.map_or_else(Vec::new, names);
        names(written.root).into_iter().filter(|name| !kept.contains(name)).collect()
    }

    /// The literals that the fix writes again and that the wrong side has more than once.
    fn copied<'o>(&self, ops: impl Iterator<Item = &'o &'o Op>) -> HashSet<u64> {
        let c = self.sides.c;
        let roots = ops.filter_map(|op| match op {
            Op::Replace { c: new, .. } => Some(*new),
            Op::Enclose { c: new, .. } => c.children(*new).first().copied(),
            _ => None,
        });
        let is_copied = |id: &Id| {
            let count = self.count(c.hash(*id));
            (c.kind(*id).is_literal() && count > 1) || (is_plain_list(c, *id) && count > 0)
        };
        roots.flat_map(|root| c.descendants(root)).filter(is_copied).map(|id| c.hash(id)).collect()
    }

    /// The texts below a node of the wrong side.
    fn texts(&self, id: Id) -> Vec<u64> {
        let w = self.sides.w;
        w.descendants(id).filter(|id| w.kind(*id) == Kind::Text).map(|id| w.hash(id)).collect()
    }

    /// How often the wrong side has a literal.
    fn count(&self, hash: u64) -> usize {
        (0..self.sides.w.nodes.len()).filter(|id| self.sides.w.hash(*id) == hash).count()
    }

    /// Links all that the correct side writes in the place of `id`.
    pub(super) fn link_all(&self, id: Id) {
        let sides = &self.sides;
        let Some(c) = sides.diff.same.get(&id).copied() else { return };
        sides.linked.borrow_mut().extend(holes_in(sides.c, sides.c_names, c));
        let literals = sides.c.descendants(c).filter_map(|id| self.shared_literal(id, false));
        sides.needed.borrow_mut().extend(literals);
    }

    /// The hash of a literal of the correct side that the wrong side has, too, where nothing changed it.
    fn shared_literal(&self, c: Id, may_repeat: bool) -> Option<u64> {
        let sides = &self.sides;
        let hash = sides.c.hash(c);
        let is_whole = |id: Id| is_plain_list(sides.c, id) && self.count(sides.c.hash(id)) > 0;
        if sides.c.ancestors(c).skip(1).any(is_whole) {
            return None;
        }
        let is_value = sides.c.kind(c).is_literal() && sides.c.kind(c) != Kind::Constant;
        let stays = |op: &Op| matches!(op, Op::Delete { .. });
        let free = |id: Id| sides.w.hash(id) == hash && sides.ops_at(id).all(stays);
        let count = (0..sides.w.nodes.len()).filter(|id| free(*id)).count();
        (is_value && count > 0 && (may_repeat || count == 1)).then_some(hash)
    }
}
