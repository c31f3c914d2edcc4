//! What has to stand around a mistake: statements before it, context managers, variables that agree.

use std::collections::{HashMap, HashSet};

use super::abstraction::{Mode, holes_in, is_expectation, is_plain_list};
use super::diff::Op;
use super::learn::Learner;
use super::pattern::Pattern;
use super::place::Place;
use super::rule::Before;
use super::tree::{Id, Kind};
use super::units::calls_of;

impl Learner<'_> {
    /// Statements before the mistake that share a variable with it, or that the lesson names.
    pub(super) fn context(&self, place: &Place, statement: Id) -> Vec<Id> {
        let sides = &self.sides;
        let w = sides.w;
        let mut own: HashSet<String> = match place {
            Place::Expression(id) => sides.holes_in(*id).into_iter().collect(),
            _ => sides.holes_in(statement).into_iter().collect(),
        };
        for op in &sides.diff.ops {
            // What is written in the place of the mistake shares variables, too.
            if let Op::Replace { w: replaced, c } = op
                && w.statement(*replaced) == statement
                && matches!(sides.c.kind(*c), Kind::Call | Kind::Expression)
            {
                own.extend(holes_in(sides.c, sides.c_names, *c));
            }
            if let (Op::Enclose { c, .. }, Place::Enclosed(_)) = (op, place)
                && let Some(head) = sides.c.children(*c).first()
            {
                own.extend(holes_in(sides.c, sides.c_names, *head));
            }
            if let Op::Insert { parent, c, .. } = op
                && matches!(place, Place::Gap { .. })
                && matches!(w.kind(*parent), Kind::Block | Kind::Module)
            {
                own.extend(holes_in(sides.c, sides.c_names, *c));
            }
        }
        let follows_nothing = matches!(place, Place::Gap { before: None, .. });
        let mut found = Vec::new();
        let mut at = statement;
        while let Some(parent) = w.parent(at) {
            if matches!(w.kind(parent), Kind::Block | Kind::Module) {
                let earlier = w.children(parent).iter().copied().take_while(|id| *id != at);
                let counts = |id: &Id| {
                    let simple = matches!(w.kind(*id), Kind::Expression | Kind::Assign | Kind::Assert)
                        || self.target(*id).is_some_and(|target| w.kind(*id) == Kind::With && own.contains(target));
                    let shares = sides.holes_in(*id).iter().any(|name| own.contains(name));
                    let named = calls_of(w, *id).iter().any(|call| sides.prose.names(call));
                    simple && !sides.is_touched(*id) && (shares || named)
                };
                found.extend(earlier.filter(counts));
            }
            if w.kind(at).is_function() || w.kind(at) == Kind::Class {
                break;
            }
            at = parent;
        }
        if follows_nothing {
            found.retain(|id| *id != statement);
        }
        // What is read after new code says nothing alone: what the new code follows does.
        if let (true, Place::Gap { after: Some(after), before: Some(before) }) = (found.is_empty(), place)
            && self.core(*before).is_some_and(|core| w.kind(core) != Kind::Call)
            && matches!(w.kind(*after), Kind::Expression | Kind::Assign)
        {
            found.push(*after);
        }
        // A call of a library is right elsewhere: what comes before it tells where it is not.
        if found.is_empty()
            && matches!(place, Place::Statement(id) if sides.is_gone(*id))
            && self.is_of_library(statement)
        {
            let siblings = w.parent(statement).map_or(&[][..], |parent| w.children(parent));
            let above = siblings.iter().copied().take_while(|id| *id != statement);
            let tells = |id: &Id| self.core(*id).is_some_and(|core| self.says(core)) && !sides.is_touched(*id);
            found.extend(above.filter(tells).last());
        }
        found.sort_unstable();
        let skip = found.len().saturating_sub(3);
        found.split_off(skip)
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
            Op::Insert { parent, c, .. } if matches!(sides.w.kind(*parent), Kind::Block | Kind::Module) => Some(*c),
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
            .filter_map(
                |id| if sides.w.kind(id) == Kind::Item { sides.w.children(id).first().copied() } else { Some(id) },
            )
            .filter(|id| self.says(*id))
            .map(|id| sides.pattern(id, Mode::Shared))
            .collect()
    }

    /// Whether a context manager says what its body must do: `pytest.raises`, `assertWarns`.
    pub(super) fn expects(&self, item: Id) -> bool {
        let w = self.sides.w;
        let call = if w.kind(item) == Kind::Item { w.children(item).first().copied().unwrap_or(item) } else { item };
        is_expectation(w, call)
    }

    /// Which variables and literals have to agree.
    pub(super) fn link(&self, groups: &[&(Place, Vec<&Op>)], context: &[Id]) {
        let sides = &self.sides;
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut count = |names: Vec<String>| names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        for (place, _) in groups {
            match place {
                Place::Moved { first, second } => [*first, *second].iter().for_each(|id| count(sides.holes_in(*id))),
                Place::Gap { before: Some(id), .. } => {
                    count(self.core(*id).map_or(vec![], |core| sides.holes_in(core)))
                }
                Place::Function(_) => {}
                Place::Header(id) => count(sides.holes_in(*id)),
                _ => count(place.root().map_or(vec![], |id| sides.holes_in(id))),
            }
        }
        context.iter().for_each(|id| count(sides.holes_in(*id)));
        let mut linked: HashSet<String> = counts.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name).collect();
        linked.extend(self.asked.borrow().iter().cloned());
        let mut needed = HashSet::new();
        for (_, ops) in groups {
            for op in ops {
                let (c, kept) = match op {
                    Op::Insert { parent, c, .. } if matches!(sides.w.kind(*parent), Kind::Block | Kind::Module) => {
                        (*c, None)
                    }
                    Op::Enclose { c, .. } => (sides.c.children(*c).first().copied().unwrap_or(*c), None),
                    Op::Replace { c, .. } => (*c, None),
                    Op::Rename { w, c } if sides.w.kind(*w) == Kind::Name => (*c, None),
                    // What is only wrapped is written as it stands.
                    Op::Wrap { w, c } => (*c, sides.c.descendants(*c).find(|id| sides.c.hash(*id) == sides.w.hash(*w))),
                    _ => continue,
                };
                let kept = kept.map_or(c..c, |id| sides.c.descendants(id));
                let names = holes_in(sides.c, sides.c_names, c);
                let inside: HashSet<String> = if kept.is_empty() {
                    HashSet::new()
                } else {
                    holes_in(sides.c, sides.c_names, kept.start).into_iter().collect()
                };
                linked.extend(names.into_iter().filter(|name| !inside.contains(name)));
                // In new statements it is the one of the statement before; in code that is rewritten one that
                // stands there twice is two, which need not agree.
                let may_repeat = matches!(op, Op::Insert { .. });
                let written = sides.c.descendants(c).filter(|id| !kept.contains(id));
                needed.extend(written.filter_map(|id| self.shared_literal(id, may_repeat)));
            }
        }
        needed.extend(groups.iter().flat_map(|(_, ops)| self.moved_literals(ops)));
        // A text of a statement that is gone says no more than that of the statement before it.
        let said: Vec<u64> = context.iter().flat_map(|id| self.texts(*id)).collect();
        let is_gone = |id: &Id| sides.is_gone(*id);
        let gone = groups.iter().filter_map(|(place, _)| place.root()).filter(is_gone);
        needed.extend(gone.flat_map(|id| self.texts(id)).filter(|text| said.contains(text)));
        *sides.linked.borrow_mut() = linked;
        *sides.needed.borrow_mut() = needed;
        let written = groups.iter().flat_map(|(_, ops)| ops).filter_map(|op| match op {
            Op::Replace { c, .. } => Some(*c),
            _ => None,
        });
        let heads = groups.iter().flat_map(|(_, ops)| ops).filter_map(|op| match op {
            Op::Enclose { c, .. } => sides.c.children(*c).first().copied(),
            _ => None,
        });
        let written: Vec<Id> = written.chain(heads).flat_map(|c| sides.c.descendants(c)).collect();
        let literals = written.iter().filter(|c| sides.c.kind(**c).is_literal()).map(|c| sides.c.hash(*c));
        let lists = written.iter().filter(|c| is_plain_list(sides.c, **c)).map(|c| sides.c.hash(*c));
        let copied = literals.filter(|hash| self.count(*hash) > 1).chain(lists.filter(|hash| self.count(*hash) > 0));
        *sides.copied.borrow_mut() = copied.collect();
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
