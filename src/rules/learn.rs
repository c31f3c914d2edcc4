//! From a pair of snippets to rules: each difference finds the unit that it belongs to, each unit its context.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::abstraction::{Prose, Sides};
use super::beginnings::common_beginning;
use super::diff::{Diff, Op, diff};
use super::find::{RuleSet, Subjects};
use super::fragment;
use super::functions;
use super::imports::{self, Moved};
use super::names::Names;
use super::pattern::{Pattern, Shape};
use super::place::Place;
use super::rule::{Expression, Rule, Unit};
use super::together;
use super::tree::{Id, Kind, Tree};
use crate::syntax::Source;

impl Rule {
    /// The rules that tell `wrong` from `correct`, none where there is nothing to tell. `prose` is what people
    /// say of it: names that it mentions count.
    pub fn learn(wrong: &str, correct: &str, prose: &str) -> Vec<Self> {
        let prose = Prose::of(prose);
        let mut rules = Vec::new();
        for (w, c) in fragment::sides(wrong, correct) {
            let telling = |is_wide: bool| -> Vec<Self> {
                let mut found: Vec<Self> = Vec::new();
                let mut has_first = false;
                for mut rule in learn_one(&w, &c, &prose, is_wide) {
                    rule.is_second &= has_first;
                    let telling = rule.telling(&w, &c);
                    has_first = telling.is_some();
                    found.extend(telling);
                }
                found
            };
            let found = telling(false);
            rules.extend(if found.is_empty() { telling(true) } else { found });
        }
        rules
    }

    /// The rule as it tells the two sides apart, if it does.
    fn telling(self, wrong: &Source, correct: &Source) -> Option<Self> {
        if self.tells(wrong, correct) {
            return Some(self);
        }
        [self.clone().exact(), self.inline()].into_iter().find(|rule| rule.tells(wrong, correct))
    }

    /// The same rule for the very paths that the snippet imports.
    fn exact(self) -> Self {
        self.with_patterns(&mut |pattern| {
            if let Shape::Path(path) = &mut pattern.shape {
                path.is_exact = true;
            }
        })
    }

    /// The same rule where a variable in the place of a call is what the correct form has.
    fn inline(self) -> Self {
        self.with_patterns(&mut |pattern| {
            if let Shape::Call { is_inline, .. } = &mut pattern.shape {
                *is_inline = true;
            }
        })
    }

    fn with_patterns(mut self, change: &mut impl FnMut(&mut Pattern)) -> Self {
        for unit in &mut self.units {
            if let Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) = unit {
                pattern.visit(change);
            }
        }
        self
    }

    /// A rule has to find the mistake and must not find it in the correct form.
    fn tells(&self, wrong: &Source, correct: &Source) -> bool {
        // Snippets leave the coroutine around them out.
        let set = RuleSet::new(vec![Self { is_async: false, ..self.clone() }]);
        set.finds(&Subjects::of(wrong)) && !set.finds(&Subjects::of(correct))
    }
}

/// `is_wide` looks at whole statements, where an expression alone is right elsewhere in the correct form.
fn learn_one(wrong: &Source, correct: &Source, prose: &Prose, is_wide: bool) -> Vec<Rule> {
    let (w, c) = (Tree::of(wrong), Tree::of(correct));
    let (w_names, c_names) = (Names::of(&w), Names::of(&c));
    if let Some(together) = together::apart(&w, &c) {
        return vec![Rule::of(vec![Unit::Together(together)])];
    }
    let Some(diff) = diff(&w, &c) else { return Vec::new() };
    let learner = Learner::new(&w, &c, &w_names, &c_names, &diff, prose);
    learner.rules(is_wide)
}

/// What tells the two sides apart, and what rules come of it.
pub(super) struct Learner<'a> {
    pub(super) sides: Sides<'a>,
    /// Variables that a rule has to bind, though the mistake is told without them.
    pub(super) asked: RefCell<HashSet<String>>,
}

impl<'a> Learner<'a> {
    fn new(
        w: &'a Tree<'a>,
        c: &'a Tree<'a>,
        w_names: &'a Names,
        c_names: &'a Names,
        diff: &'a Diff,
        prose: &'a Prose,
    ) -> Self {
        let touched: HashSet<Id> = diff.ops.iter().flat_map(|op| w.ancestors(op.at())).collect();
        let (linked, needed, copied, variables) =
            (RefCell::default(), RefCell::default(), RefCell::default(), RefCell::default());
        let sides = Sides { w, c, w_names, c_names, diff, prose, touched, linked, needed, copied, variables };
        Self { sides, asked: RefCell::default() }
    }

    fn rules(&self, is_wide: bool) -> Vec<Rule> {
        let moved = imports::moved(&self.sides);
        let ops = self.essential_ops(&moved);
        if ops.is_empty() {
            return moved.into_iter().map(|moved| Rule::of(vec![Unit::Import(moved)])).collect();
        }
        let mut groups: Vec<(Place, Vec<&Op>)> = Vec::new();
        for op in ops {
            let Some(place) = self.place(op) else { continue };
            let place = match place {
                Place::Expression(id) if is_wide => Place::Statement(self.sides.w.statement(id)),
                Place::Expression(id) => Place::Expression(self.handed_on(id).unwrap_or(id)),
                place => place,
            };
            match groups.iter_mut().find(|(known, _)| *known == place) {
                Some((_, ops)) => ops.push(op),
                None => groups.push((place, vec![op])),
            }
        }
        self.merge_pairs(&mut groups);
        self.merge_nested(&mut groups);
        let mut rules: Vec<Rule> = Vec::new();
        let clusters = self.without_consequences(self.together(groups));
        for (index, cluster) in clusters.iter().enumerate() {
            // What is part of another mistake is mended by its own rule.
            let others = clusters.iter().enumerate().filter(|(other, _)| *other != index);
            let foreign: Vec<&Op> =
                others.flat_map(|(_, other)| other).flat_map(|(_, ops)| ops.iter().copied()).collect();
            rules.extend(self.rules_of(cluster, &foreign));
        }
        merge_examples(rules)
    }

    /// The differences that are the mistake: not imports, not renamed variables, not what follows from another.
    fn essential_ops(&self, moved: &[Moved]) -> Vec<&'a Op> {
        let sides = &self.sides;
        let means = self.means();
        let followers: HashSet<String> = functions::changed_parameters(sides)
            .into_iter()
            .filter(|name| !means.contains(name))
            .chain(moved.iter().map(|moved| moved.local.clone()))
            .collect();
        let follows = |op: &&&Op| {
            let w = op.at();
            let in_body = sides.w.ancestors(w).any(|id| sides.w.kind(id) == Kind::Block) || !moved.is_empty();
            let changes_it = matches!(op, Op::Rename { .. } | Op::Replace { .. } | Op::Wrap { .. });
            in_body
                && changes_it
                && !sides.w.kind(w).is_function()
                && sides
                    .w
                    .descendants(w)
                    .any(|id| sides.w.kind(id) == Kind::Name && followers.contains(sides.w.name(id)))
        };
        let is_means = |op: &Op| match op {
            Op::Insert { parent, c, .. } => sides.w.kind(*parent).is_function() && means.contains(sides.c.name(*c)),
            Op::Rename { w, .. } => sides.w.kind(*w) == Kind::Parameter && means.contains(sides.w.name(*w)),
            _ => false,
        };
        let renames = self.renamed_variables();
        let is_variable = |op: &&&Op| match op {
            Op::Rename { w, c } => renames.get(sides.w.name(*w)).is_some_and(|name| name == sides.c.name(*c)),
            _ => false,
        };
        let all = sides.diff.ops.iter();
        all.filter(|op| !sides.is_import(op) && !follows(&op) && !is_variable(&op) && !is_means(op)).collect()
    }

    /// Fixtures that are requested only for the code that another difference writes.
    fn means(&self) -> HashSet<String> {
        let sides = &self.sides;
        let ops = || sides.diff.ops.iter();
        let written = |name: &str| {
            ops().filter(|op| self.is_rebuilt(op) || !sides.w.kind(op.at()).is_function()).any(|op| {
                let c = match op {
                    Op::Replace { c, .. } | Op::Wrap { c, .. } | Op::Rename { c, .. } => *c,
                    Op::Insert { c, .. } if sides.c.kind(*c) != Kind::Parameter => *c,
                    _ => return false,
                };
                sides.c.kind(c) != Kind::Parameter
                    && sides.c.descendants(c).any(|id| sides.c.kind(id) == Kind::Name && sides.c.name(id) == name)
            })
        };
        let found = ops().filter_map(|op| match op {
            Op::Insert { parent, c, .. }
                if sides.w.kind(*parent).is_function() && sides.c.kind(*c) == Kind::Parameter =>
            {
                let name = sides.c.name(*c);
                (super::names::is_builtin_fixture(name) && written(name)).then(|| name.to_string())
            }
            Op::Rename { w, .. } if sides.w.kind(*w) == Kind::Parameter => {
                let name = sides.w.name(*w);
                let rebuilt = ops().any(|op| {
                    self.is_rebuilt(op)
                        && sides
                            .w
                            .descendants(op.at())
                            .any(|id| sides.w.kind(id) == Kind::Name && sides.w.name(id) == name)
                });
                // What a fixture requests depends on its scope: there the request itself is the mistake.
                let of_fixture = sides.w.function(*w).is_some_and(|id| functions::is_fixture(sides.w, id));
                (super::names::is_builtin_fixture(name) && rebuilt && !of_fixture).then(|| name.to_string())
            }
            _ => None,
        });
        found.collect()
    }

    /// Whether a difference is more than another name in the same place.
    fn is_rebuilt(&self, op: &Op) -> bool {
        match op {
            Op::Replace { w, c } => {
                let (w, c) = (self.sides.w.kind(*w), self.sides.c.kind(*c));
                !matches!((w, c), (Kind::Name | Kind::Attribute, Kind::Name | Kind::Attribute))
            }
            _ => false,
        }
    }

    /// Variables that are only called otherwise on the correct side.
    fn renamed_variables(&self) -> HashMap<String, String> {
        let sides = &self.sides;
        let targets = sides.diff.ops.iter().filter_map(|op| {
            let Op::Rename { w, c } = op else { return None };
            let parent = sides.w.parent(*w)?;
            let is_target = matches!(sides.w.kind(parent), Kind::Assign | Kind::Item | Kind::For)
                && sides.w.kind(*w) == Kind::Name
                && (sides.w.children(parent).first() == Some(w)) == (sides.w.kind(parent) != Kind::Item);
            let is_test = sides.w.kind(*w).is_function() && sides.w.name(*w).starts_with("test");
            (is_target || is_test).then(|| (sides.w.name(*w).to_string(), sides.c.name(*c).to_string()))
        });
        targets.collect()
    }
}

/// Rules that differ only in the text that was changed are one rule about how the texts begin.
fn merge_examples(rules: Vec<Rule>) -> Vec<Rule> {
    let mut merged: Vec<Rule> = Vec::new();
    for rule in rules {
        let common = merged.iter().enumerate().find_map(|(at, known)| Some((at, common_beginning(known, &rule)?)));
        match common {
            Some((at, common)) => merged[at] = common,
            None => merged.push(rule),
        }
    }
    merged
}
