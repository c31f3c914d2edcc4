//! Which differences are one mistake.

use std::collections::HashSet;

use super::abstraction::holes_in;
use super::diff::Op;
use super::learn::Learner;
use super::place::Place;
use super::tree::{Id, Kind, Tree};

/// The differences of one place.
pub(super) type Group<'a> = (Place, Vec<&'a Op>);

impl<'a> Learner<'a> {
    /// Several pairs of one dictionary are one mistake.
    pub(super) fn merge_pairs(&self, groups: &mut Vec<(Place, Vec<&'a Op>)>) {
        let w = self.sides.w;
        let dict_of = |place: &Place| match place {
            Place::Expression(id) if w.kind(*id) == Kind::Pair => w.parent(*id),
            _ => None,
        };
        let dicts: Vec<Option<Id>> = groups.iter().map(|(place, _)| dict_of(place)).collect();
        let mut merged: Vec<(Place, Vec<&'a Op>)> = Vec::new();
        for (index, (place, ops)) in std::mem::take(groups).into_iter().enumerate() {
            let dict = dicts[index].filter(|dict| dicts.iter().filter(|other| **other == Some(*dict)).count() > 1);
            let place = dict.map_or(place, Place::Expression);
            match merged.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => known.extend(ops),
                None => merged.push((place, ops)),
            }
        }
        *groups = merged;
    }

    /// A unit inside of another one is part of it.
    pub(super) fn merge_nested(&self, groups: &mut Vec<(Place, Vec<&'a Op>)>) {
        let roots: Vec<Option<Id>> = groups
            .iter()
            .map(|(place, _)| match place {
                Place::Expression(id) | Place::Statement(id) => Some(*id),
                _ => None,
            })
            .collect();
        let inside = |index: usize| {
            let own = roots[index];
            roots.iter().enumerate().position(|(other, root)| {
                other != index
                    && own != *root
                    && own.zip(*root).is_some_and(|(inner, outer)| self.sides.w.contains(outer, inner))
            })
        };
        let outer: Vec<Option<usize>> = (0..groups.len()).map(inside).collect();
        for (index, outer) in outer.iter().enumerate().rev() {
            if let Some(outer) = outer {
                let ops = std::mem::take(&mut groups[index].1);
                groups[*outer].1.extend(ops);
            }
        }
        groups.retain(|(_, ops)| !ops.is_empty());
    }

    /// What a fixture does otherwise, because it does not request something any more, is no mistake by itself.
    pub(super) fn without_consequences(&self, clusters: Vec<Vec<Group<'a>>>) -> Vec<Vec<Group<'a>>> {
        let w = self.sides.w;
        let loses = |op: &&Op| w.kind(op.at()) == Kind::Parameter && !matches!(op, Op::Insert { .. });
        let heads: Vec<Id> = clusters
            .iter()
            .flatten()
            .filter(|(_, ops)| ops.iter().any(loses))
            .filter_map(|(place, _)| if let Place::Function(id) = place { Some(*id) } else { None })
            .filter(|id| super::functions::is_fixture(w, *id))
            .collect();
        let is_head = |place: &Place| matches!(place, Place::Function(_));
        let follows = |cluster: &[Group<'a>]| {
            cluster.iter().all(|(place, _)| {
                !is_head(place) && place.root().and_then(|id| w.function(id)).is_some_and(|id| heads.contains(&id))
            })
        };
        clusters.into_iter().filter(|cluster| !follows(cluster)).collect()
    }

    /// Units that share a variable are one mistake, the others each one of their own.
    pub(super) fn together(&self, groups: Vec<Group<'a>>) -> Vec<Vec<Group<'a>>> {
        let holes = |place: &Place| -> HashSet<String> {
            let own = place.root().map(|id| self.sides.holes_in(self.sides.w.statement(id)));
            own.into_iter().flatten().collect()
        };
        let mut clusters: Vec<(HashSet<String>, Vec<Group<'a>>)> = Vec::new();
        for group in groups {
            let mut own = holes(&group.0);
            // Statements that stand in something new belong to what it takes the place of.
            for op in &group.1 {
                if let Op::Enclose { c, .. } = op {
                    own.extend(
                        self.sides
                            .c
                            .children(*c)
                            .first()
                            .into_iter()
                            .flat_map(|head| holes_in(self.sides.c, self.sides.c_names, *head)),
                    );
                }
            }
            own.extend(self.moved_literals(&group.1).iter().map(|literal| format!("={literal}")));
            // New statements beside something that is wrong are what replaces it.
            let is_gap = matches!(group.0, Place::Gap { .. });
            let fits = |(known, members): &&mut (HashSet<String>, Vec<Group<'a>>)| {
                let alike = members.iter().any(|(place, ops)| {
                    same_kinds(self.sides.w, ops, &group.1)
                        && !self.works_together(place, &group.0)
                        && !(self.takes_new(ops) && self.takes_new(&group.1))
                });
                !alike && (is_gap || !known.is_disjoint(&own))
            };
            match clusters.iter_mut().find(fits) {
                Some((known, members)) => {
                    known.extend(own);
                    members.push(group);
                }
                None => clusters.push((own, vec![group])),
            }
        }
        clusters.into_iter().map(|(_, members)| members).collect()
    }
}

impl Learner<'_> {
    /// Whether two statements are steps of one thing: the first sets what the second uses, or both call other
    /// methods of one object.
    fn works_together(&self, first: &Place, second: &Place) -> bool {
        let w = self.sides.w;
        let (Some(first), Some(second)) = (first.root(), second.root()) else { return false };
        let (first, second) = (w.statement(first), w.statement(second));
        let target = w.children(first).first().filter(|_| w.kind(first) == Kind::Assign);
        let is_used = target.is_some_and(|target| w.descendants(second).any(|id| w.hash(id) == w.hash(*target)));
        let method = |statement: Id| {
            let call = *w.children(statement).first().filter(|_| w.kind(statement) == Kind::Expression)?;
            let callee = *w.children(call).first().filter(|_| w.kind(call) == Kind::Call)?;
            let object = *w.children(callee).first().filter(|_| w.kind(callee) == Kind::Attribute)?;
            Some((w.hash(object), w.name(callee)))
        };
        let are_steps = method(first).zip(method(second)).is_some_and(|(a, b)| a.0 == b.0 && a.1 != b.1);
        first != second && (is_used || are_steps)
    }

    /// Literals that a statement that is gone and new code share: what takes one from there is the same mistake.
    pub(super) fn moved_literals(&self, ops: &[&Op]) -> Vec<u64> {
        let (w, c) = (self.sides.w, self.sides.c);
        let literals = |tree: &Tree<'_>, id: Id| -> Vec<u64> {
            let all = tree.descendants(id).filter(|id| tree.kind(*id).is_literal() && tree.kind(*id) != Kind::Constant);
            all.map(|id| tree.hash(id)).collect()
        };
        let gone = |op: &Op| match op {
            Op::Delete { w: id } if w.statement(*id) == *id => literals(w, *id),
            _ => Vec::new(),
        };
        let new = |op: &Op| match op {
            Op::Insert { c: id, .. } | Op::Replace { c: id, .. } => literals(c, *id),
            _ => Vec::new(),
        };
        let all = || self.sides.diff.ops.iter();
        let old: Vec<u64> = all().flat_map(gone).collect();
        let written: Vec<u64> = all().flat_map(new).collect();
        let own = ops.iter().flat_map(|op| gone(op).into_iter().chain(new(op)));
        own.filter(|literal| old.contains(literal) && written.contains(literal)).collect()
    }

    /// Whether the correct form takes a variable there that it sets in a statement of its own.
    fn takes_new(&self, ops: &[&Op]) -> bool {
        let c = self.sides.c;
        let new = self.sides.diff.ops.iter().filter_map(|op| match op {
            Op::Insert { c: new, .. } if c.kind(*new) == Kind::Assign => c.children(*new).first().copied(),
            _ => None,
        });
        let targets: Vec<u64> = new.filter(|target| c.kind(*target) == Kind::Name).map(|id| c.hash(id)).collect();
        ops.iter().any(|op| match op {
            Op::Replace { c: new, .. } => c.descendants(*new).any(|id| targets.contains(&c.hash(id))),
            _ => false,
        })
    }
}

/// Whether two groups of differences do the same to the same kind of thing: examples of one mistake.
fn same_kinds(w: &Tree<'_>, left: &[&Op], right: &[&Op]) -> bool {
    let kinds = |ops: &[&Op]| -> Vec<(std::mem::Discriminant<Op>, Kind)> {
        ops.iter().map(|op| (std::mem::discriminant(*op), w.kind(op.at()))).collect()
    };
    kinds(left) == kinds(right)
}
