//! From a pair of snippets to rules: each difference finds the unit that it belongs to, each unit its context.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::abstraction::{Mode, Prose, Sides, holes_in};
use super::diff::{Diff, Op, diff, is_dotted};
use super::find::{RuleSet, Subjects};
use super::fragment;
use super::functions::{self, FunctionPattern};
use super::imports::{self, Moved};
use super::names::{Names, is_builtin_function};
use super::pattern::{Pattern, Shape};
use super::rewrite::{self, Change};
use super::tree::{Id, Kind, Tree};
use crate::syntax::Source;

/// A mistake that is recognised by its structure, and how it is mended.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What must be there; all of them in one function. The first one is where the warning stands.
    pub(super) units: Vec<Unit>,
    /// Statements that come before the first unit, in order.
    pub(super) before: Vec<Before>,
    /// Context managers around it.
    pub(super) around: Vec<Pattern>,
    /// Calls of the correct form: where one of them stands the mistake was not made.
    pub(super) lacks: Lacks,
    /// Whether it is one only inside of a coroutine.
    pub(super) is_async: bool,
    /// Whether it is one only while the value is not awaited or handed on.
    pub(super) is_loose: bool,
    /// Whether something that happens in between to the same object undoes it.
    pub(super) is_temporal: bool,
    /// The rewrite; `None` where the correct form is not mechanical.
    pub(super) changes: Option<Vec<Change>>,
}

/// One part of a mistake.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unit {
    /// An expression, wherever it stands.
    Expression(Expression),
    /// A whole statement.
    Statement(Pattern),
    /// The header of a `with` and what is called below it; `whole` warns at all of it.
    Header {
        item: Pattern,
        body: Vec<Pattern>,
        whole: bool,
    },
    Function(FunctionPattern),
    Import(Moved),
    /// Fixtures that must not be requested below one class, each by a test of its own.
    Together(Vec<String>),
}

/// An expression and what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub pattern: Pattern,
    /// For a pair of a dictionary: what the dictionary is the value of.
    pub holder: Option<Holder>,
    /// The arguments that are the mistake, where the rest of the call is not.
    pub spots: Vec<Id>,
    /// An attribute that is wrong only while it is not called.
    pub is_uncalled: bool,
}

impl Expression {
    fn plain(pattern: Pattern) -> Self {
        Self { pattern, holder: None, spots: Vec::new(), is_uncalled: false }
    }
}

/// What a dictionary is the value of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holder {
    /// The key of an outer dictionary.
    Key(String),
    /// A keyword of a call.
    Keyword(String),
    /// An argument of a call of this name.
    Argument(String),
}

/// A statement that comes before the mistake.
#[derive(Clone, Debug)]
pub(super) struct Before {
    /// The variable that it sets.
    pub target: Option<usize>,
    /// What it calls.
    pub core: Pattern,
    /// Whether the warning stands there, too.
    pub is_essential: bool,
}

/// What the correct form has and the wrong one has not.
#[derive(Clone, Debug, Default)]
pub(super) struct Lacks {
    /// Calls between the statements before and the unit.
    pub between: Vec<String>,
    /// Calls after the unit.
    pub after: Vec<String>,
    /// Context managers around the unit.
    pub around: Vec<String>,
}

impl Rule {
    /// The rules that tell `wrong` from `correct`, none where there is nothing to tell. `prose` is what people
    /// say of it: names that it mentions count.
    pub fn learn(wrong: &str, correct: &str, prose: &str) -> Vec<Self> {
        let prose = Prose::of(prose);
        let mut rules = Vec::new();
        for (w, c) in fragment::sides(wrong, correct) {
            rules.extend(learn_one(&w, &c, &prose).into_iter().filter_map(|rule| {
                if rule.tells(&w, &c) {
                    return Some(rule);
                }
                Some(rule.exact()).filter(|rule| rule.tells(&w, &c))
            }));
        }
        rules
    }

    /// The same rule for the very paths that the snippet imports.
    fn exact(mut self) -> Self {
        for unit in &mut self.units {
            if let Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) = unit {
                pattern.visit(&mut |pattern| {
                    if let Shape::Path(path) = &mut pattern.shape {
                        path.is_exact = true;
                    }
                });
            }
        }
        self
    }

    /// A rule has to find the mistake and must not find it in the correct form.
    fn tells(&self, wrong: &Source, correct: &Source) -> bool {
        let set = RuleSet::new(vec![self.clone()]);
        set.finds(&Subjects::of(wrong)) && !set.finds(&Subjects::of(correct))
    }
}

fn learn_one(wrong: &Source, correct: &Source, prose: &Prose) -> Vec<Rule> {
    let (w, c) = (Tree::of(wrong), Tree::of(correct));
    let (w_names, c_names) = (Names::of(&w), Names::of(&c));
    if let Some(fixtures) = functions::apart(&w, &c) {
        return vec![Rule::of(vec![Unit::Together(fixtures)])];
    }
    let Some(diff) = diff(&w, &c) else { return Vec::new() };
    let learner = Learner::new(&w, &c, &w_names, &c_names, &diff, prose);
    learner.rules()
}

struct Learner<'a> {
    sides: Sides<'a>,
}

/// The differences of one place.
type Group<'a> = (Place, Vec<&'a Op>);

/// Where a difference belongs.
#[derive(Clone, Debug, PartialEq)]
enum Place {
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
    fn root(&self) -> Option<Id> {
        match *self {
            Self::Expression(id) | Self::Statement(id) | Self::Header(id) | Self::Function(id) => Some(id),
            Self::Gap { after, before } => before.or(after),
            Self::Enclosed(id) => Some(id),
            Self::Moved { second, .. } => Some(second),
        }
    }
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
        let (linked, needed, variables) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { sides: Sides { w, c, w_names, c_names, diff, prose, touched, linked, needed, variables } }
    }

    fn rules(&self) -> Vec<Rule> {
        let moved = imports::moved(&self.sides);
        let ops = self.essential_ops(&moved);
        if ops.is_empty() {
            return moved.into_iter().map(|moved| Rule::of(vec![Unit::Import(moved)])).collect();
        }
        let mut groups: Vec<(Place, Vec<&Op>)> = Vec::new();
        for op in ops {
            let Some(place) = self.place(op) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == place) {
                Some((_, ops)) => ops.push(op),
                None => groups.push((place, vec![op])),
            }
        }
        self.merge_pairs(&mut groups);
        self.merge_nested(&mut groups);
        let mut rules: Vec<Rule> = Vec::new();
        let clusters = self.together(groups);
        for (index, cluster) in clusters.iter().enumerate() {
            // What is part of another mistake is mended by its own rule.
            let others = clusters.iter().enumerate().filter(|(other, _)| *other != index);
            let foreign: Vec<&Op> =
                others.flat_map(|(_, other)| other).flat_map(|(_, ops)| ops.iter().copied()).collect();
            rules.extend(self.rule(cluster, &foreign));
        }
        merge_examples(rules)
    }

    /// The differences that are the mistake: not imports, not renamed variables, not what follows from another.
    fn essential_ops(&self, moved: &[Moved]) -> Vec<&'a Op> {
        let sides = &self.sides;
        let followers: HashSet<String> = functions::changed_parameters(sides)
            .into_iter()
            .chain(moved.iter().map(|moved| moved.local.clone()))
            .collect();
        let is_import = |op: &&&Op| {
            let inserted = if let Op::Insert { c, .. } = op { Some(*c) } else { None };
            sides.w.ancestors(op.at()).any(|id| sides.w.kind(id).is_import())
                || inserted.is_some_and(|c| sides.c.kind(c).is_import())
        };
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
        let renames = self.renamed_variables();
        let is_variable = |op: &&&Op| match op {
            Op::Rename { w, c } => renames.get(sides.w.name(*w)).is_some_and(|name| name == sides.c.name(*c)),
            _ => false,
        };
        let all = sides.diff.ops.iter();
        all.filter(|op| !is_import(&op) && !follows(&op) && !is_variable(&op)).collect()
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

    /// The unit that a difference belongs to: up to the first thing around it that has a name.
    fn place(&self, op: &Op) -> Option<Place> {
        let w = self.sides.w;
        let is_statement =
            |id: Id| w.parent(id).is_some_and(|parent| matches!(w.kind(parent), Kind::Block | Kind::Module));
        let mut id = match *op {
            Op::Insert { parent, after, before, .. } => {
                if matches!(w.kind(parent), Kind::Block | Kind::Module) {
                    return Some(Place::Gap {
                        after: self.nearest(parent, after, before, true),
                        before: self.nearest(parent, before, after, false),
                    });
                }
                parent
            }
            Op::Unwrap { w: id } if w.kind(id) == Kind::With => return Some(Place::Header(id)),
            Op::Enclose { first, .. } => return Some(Place::Enclosed(first)),
            Op::Move { w: id, c } => return self.moved(id, c),
            Op::Rename { w: id, .. } if w.kind(id).is_function() => return Some(Place::Function(id)),
            Op::Rename { w: id, .. } if matches!(w.kind(id), Kind::Attribute | Kind::Keyword | Kind::Compare) => id,
            _ if is_statement(op.at()) => return Some(Place::Statement(op.at())),
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
                    return Some(Place::Expression(id));
                }
                Kind::Call if self.decorates_coroutine(id) => id = w.parent(id)?,
                Kind::Call | Kind::Subscript | Kind::Compare | Kind::Pair => return Some(Place::Expression(id)),
                Kind::Parameter | Kind::Returns | Kind::Decorator => return Some(Place::Function(w.function(id)?)),
                Kind::Function | Kind::AsyncFunction => return Some(Place::Function(id)),
                Kind::Module | Kind::Block => return None,
                _ if is_statement(id) => return Some(Place::Statement(id)),
                _ => id = w.parent(id)?,
            }
        }
    }

    /// Whether an expression that can be told by itself is the value of an assignment, a return or an assertion.
    fn is_value(&self, id: Id) -> bool {
        let w = self.sides.w;
        let parent = w.parent(id).map(|parent| w.kind(parent));
        matches!(w.kind(id), Kind::Call | Kind::Attribute | Kind::Subscript)
            && matches!(parent, Some(Kind::Assign | Kind::Return | Kind::Assert))
            && self.says(id)
    }

    /// Whether `id` is a decorator of an `async def`: what is wrong there may be right for plain functions.
    fn decorates_coroutine(&self, id: Id) -> bool {
        let w = self.sides.w;
        let decorator = w.ancestors(id).find(|id| w.kind(*id) == Kind::Decorator);
        decorator.and_then(|id| w.parent(id)).is_some_and(|function| w.kind(function) == Kind::AsyncFunction)
    }

    fn is_callee(&self, id: Id) -> bool {
        let w = self.sides.w;
        w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Call && w.children(parent).first() == Some(&id))
    }

    /// The `with` whose context manager the call `id` is.
    fn header_of(&self, id: Id) -> Option<Id> {
        let w = self.sides.w;
        let parent = w.parent(id)?;
        let with = if w.kind(parent) == Kind::Item { w.parent(parent)? } else { parent };
        (w.kind(with) == Kind::With).then_some(with)
    }

    /// The nearest statement beside a gap that is no `...`.
    fn nearest(&self, parent: Id, from: Option<Id>, other: Option<Id>, is_up: bool) -> Option<Id> {
        let w = self.sides.w;
        let all = w.children(parent);
        let at = |id: Option<Id>| id.and_then(|id| all.iter().position(|child| *child == id));
        let says = |id: &&Id| w.kind(**id) != Kind::Ellipsis && !w.kind(**id).is_import();
        if is_up {
            let end = at(from).map_or_else(|| at(other).unwrap_or(0), |at| at + 1);
            all[..end].iter().rev().find(says).copied()
        } else {
            let start = at(from).unwrap_or_else(|| at(other).map_or(all.len(), |at| at + 1));
            all[start..].iter().find(says).copied()
        }
    }

    /// A statement that stands elsewhere now: the pair of statements whose order is wrong.
    fn moved(&self, id: Id, c: Id) -> Option<Place> {
        let (w, correct) = (self.sides.w, self.sides.c);
        if w.kind(id) == Kind::Parameter {
            return Some(Place::Function(w.function(id)?));
        }
        let siblings = w.children(w.parent(id)?);
        let at = siblings.iter().position(|sibling| *sibling == id)?;
        let place_of = |id: &Id| self.sides.diff.same.get(id).map(|c| correct.nodes[*c].range.start);
        let own = correct.nodes[c].range.start;
        let mut overtaken =
            siblings[at + 1..].iter().filter(|sibling| place_of(sibling).is_some_and(|place| place < own));
        let mut passed = siblings[..at].iter().filter(|sibling| place_of(sibling).is_some_and(|place| place > own));
        match (overtaken.next_back(), passed.next()) {
            (Some(second), _) => Some(Place::Moved { first: id, second: *second }),
            (None, Some(first)) => Some(Place::Moved { first: *first, second: id }),
            _ => None,
        }
    }

    /// Several pairs of one dictionary are one mistake.
    fn merge_pairs(&self, groups: &mut Vec<(Place, Vec<&'a Op>)>) {
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
    fn merge_nested(&self, groups: &mut Vec<(Place, Vec<&'a Op>)>) {
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

    /// Units that share a variable are one mistake, the others each one of their own.
    fn together(&self, groups: Vec<Group<'a>>) -> Vec<Vec<Group<'a>>> {
        let holes = |place: &Place| -> HashSet<String> {
            place
                .root()
                .map(|id| self.sides.holes_in(self.sides.w.statement(id)).into_iter().collect())
                .unwrap_or_default()
        };
        let mut clusters: Vec<(HashSet<String>, Vec<Group<'a>>)> = Vec::new();
        for group in groups {
            let own = holes(&group.0);
            // New statements beside something that is wrong are what replaces it.
            let is_gap = matches!(group.0, Place::Gap { .. });
            let fits = |(known, members): &&mut (HashSet<String>, Vec<Group<'a>>)| {
                let alike = members.iter().any(|(_, ops)| same_kinds(self.sides.w, ops, &group.1));
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

    fn rule(&self, groups: &[(Place, Vec<&'a Op>)], foreign: &[&Op]) -> Option<Rule> {
        let sides = &self.sides;
        // What removes or changes something is the mistake; what only adds is how it is mended.
        let changing: Vec<&(Place, Vec<&Op>)> =
            groups.iter().filter(|(place, _)| !matches!(place, Place::Gap { .. })).collect();
        let groups: Vec<&(Place, Vec<&Op>)> = if changing.is_empty() { groups.iter().collect() } else { changing };
        let (first, ops) = groups.first()?;
        let root = first.root()?;
        let statement = sides.w.statement(root);
        let context = if matches!(first, Place::Function(_)) { Vec::new() } else { self.context(first, statement) };
        self.link(&groups, &context);
        let mut rule = Rule::of(Vec::new());
        for (place, ops) in &groups {
            self.add_unit(&mut rule, place, ops)?;
        }
        for id in context {
            rule.before.extend(self.before(id));
        }
        rule.around = self.around(statement, root);
        self.flavour(&mut rule, root, ops);
        let own: Vec<&Op> = sides.diff.ops.iter().filter(|op| !foreign.contains(op)).collect();
        rule.changes = rewrite::changes(sides, &rule, &own);
        Some(rule)
    }

    fn add_unit(&self, rule: &mut Rule, place: &Place, ops: &[&Op]) -> Option<()> {
        let sides = &self.sides;
        let w = sides.w;
        match *place {
            Place::Expression(id) => {
                let pattern = sides.pattern(id, Mode::Shared);
                let with = self.header_of(id);
                match with {
                    Some(with) => {
                        rule.units.push(Unit::Header {
                            item: pattern,
                            body: self.calls_in(w.body(with)),
                            whole: false,
                        });
                    }
                    None => rule.units.push(Unit::Expression(Expression {
                        pattern,
                        holder: self.holder(id),
                        spots: self.spots(id, ops),
                        is_uncalled: self.is_uncalled(id),
                    })),
                }
            }
            Place::Statement(id) => {
                let is_gone = ops.iter().any(|op| op.at() == id);
                let mode = if is_gone { Mode::Gone } else { Mode::Shared };
                rule.is_temporal |= is_gone;
                rule.units.push(Unit::Statement(sides.pattern(id, mode)));
            }
            Place::Header(id) => {
                let item = w.children(id).first().copied()?;
                let item = if w.kind(item) == Kind::Item { *w.children(item).first()? } else { item };
                let item = sides.pattern(item, Mode::Gone);
                rule.units.push(Unit::Header { item, body: self.calls_in(w.body(id)), whole: true });
            }
            Place::Function(id) => rule.units.push(Unit::Function(functions::pattern(sides, id)?)),
            Place::Gap { after, before } => self.add_gap(rule, after, before, ops)?,
            Place::Enclosed(id) => {
                let core = self.core(id).filter(|core| self.says(*core))?;
                let pattern = sides.pattern(core, Mode::Shared);
                let headers = ops.iter().filter_map(|op| if let Op::Enclose { c, .. } = op { Some(*c) } else { None });
                rule.lacks.around = headers.flat_map(|c| calls_of(sides.c, c)).take(1).collect();
                rule.units.push(Unit::Expression(Expression::plain(pattern)));
            }
            Place::Moved { first, second } => {
                let core = self.core(second).filter(|core| self.says(*core))?;
                rule.before.extend(self.before(first));
                rule.is_temporal = true;
                rule.units.push(Unit::Expression(Expression::plain(sides.pattern(core, Mode::Shared))));
            }
        }
        Some(())
    }

    /// New statements: the code that follows them came too early.
    fn add_gap(&self, rule: &mut Rule, after: Option<Id>, before: Option<Id>, ops: &[&Op]) -> Option<()> {
        let sides = &self.sides;
        let new: Vec<Id> =
            ops.iter().filter_map(|op| if let Op::Insert { c, .. } = op { Some(*c) } else { None }).collect();
        let mut calls: Vec<String> = new.iter().flat_map(|c| calls_of(sides.c, *c)).collect();
        if calls.is_empty() {
            return None;
        }
        calls.extend(self.fine_calls());
        rule.is_temporal = true;
        let follows = before.and_then(|id| self.core(id)).filter(|core| self.says(*core));
        let core = match follows {
            Some(core) => {
                rule.lacks.between = calls;
                core
            }
            None => {
                rule.lacks.after = calls;
                self.core(after?).filter(|core| self.says(*core))?
            }
        };
        rule.units.push(Unit::Expression(Expression::plain(sides.pattern(core, Mode::Shared))));
        Some(())
    }

    /// Calls that the lesson names and the wrong code does not have: other ways of doing it right.
    fn fine_calls(&self) -> Vec<String> {
        let w = self.sides.w;
        let in_wrong = |word: &str| (0..w.nodes.len()).any(|id| w.name(id) == word);
        self.sides.prose.code_words().filter(|word| !in_wrong(word)).map(str::to_string).collect()
    }

    /// Statements before the mistake that share a variable with it, or that the lesson names.
    fn context(&self, place: &Place, statement: Id) -> Vec<Id> {
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
                    let simple = matches!(w.kind(*id), Kind::Expression | Kind::Assign | Kind::Assert);
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
        found.sort_unstable();
        let skip = found.len().saturating_sub(3);
        found.split_off(skip)
    }

    fn before(&self, id: Id) -> Option<Before> {
        let sides = &self.sides;
        let core = self.core(id)?;
        let target = match sides.w.children(id) {
            [target, ..] if sides.w.kind(id) == Kind::Assign => sides.hole(*target),
            _ => None,
        };
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

    /// What a statement is about: the value that it sets, asserts or returns.
    fn core(&self, id: Id) -> Option<Id> {
        let w = self.sides.w;
        let mut at = id;
        loop {
            let children = w.children(at);
            at = match w.kind(at) {
                Kind::Assign => *children.last()?,
                Kind::Expression | Kind::Assert | Kind::Return | Kind::Await | Kind::Yield => *children.first()?,
                Kind::Compare => *children.iter().find(|id| self.says(**id)).or(children.first())?,
                Kind::With | Kind::For | Kind::Item => *children.iter().find(|id| self.says(**id))?,
                Kind::Call if is_builtin_function(w.name(*children.first()?)) && children.len() == 2 => children[1],
                Kind::Other(_) if children.len() == 1 => children[0],
                _ => return Some(at),
            };
        }
    }

    /// Whether an expression has a name that can be recognised.
    fn says(&self, id: Id) -> bool {
        let pattern = self.sides.pattern(id, Mode::Shared);
        let mut words = Vec::new();
        pattern.words(&mut words);
        !words.is_empty()
    }

    fn calls_in(&self, statements: &[Id]) -> Vec<Pattern> {
        let cores = statements.iter().filter_map(|id| self.core(*id)).filter(|core| self.says(*core));
        cores.map(|core| self.sides.pattern(core, Mode::Shared)).collect()
    }

    /// Whether the correct side only calls what the wrong side names.
    fn is_uncalled(&self, id: Id) -> bool {
        let calls = |op: &Op| match op {
            Op::Wrap { c, .. } => self.sides.c.kind(*c) == Kind::Call,
            _ => false,
        };
        matches!(self.sides.w.kind(id), Kind::Attribute | Kind::Name) && self.sides.ops_at(id).any(calls)
    }

    /// The arguments of a call of which only literals changed.
    fn spots(&self, id: Id, ops: &[&Op]) -> Vec<Id> {
        let w = self.sides.w;
        let argument = |op: &&Op| {
            let Op::Rename { w: literal, .. } = op else { return None };
            let keyword = w.parent(*literal)?;
            (w.kind(*literal).is_literal() && w.kind(keyword) == Kind::Keyword && w.parent(keyword) == Some(id))
                .then_some(keyword)
        };
        let spots: Option<Vec<Id>> = ops.iter().map(argument).collect();
        spots.unwrap_or_default()
    }

    /// What a changed dictionary is the value of.
    fn holder(&self, id: Id) -> Option<Holder> {
        let w = self.sides.w;
        if w.kind(id) != Kind::Pair {
            return None;
        }
        let dict = w.parent(id)?;
        let around = w.parent(dict)?;
        match w.kind(around) {
            Kind::Pair => {
                let key = *w.children(around).first()?;
                (w.kind(key) == Kind::Text).then(|| Holder::Key(w.name(key).to_string()))
            }
            Kind::Keyword => Some(Holder::Keyword(w.name(around).to_string())),
            Kind::Call if w.name(*w.children(around).first()?) != fragment::FRAME => {
                Some(Holder::Argument(w.name(*w.children(around).first()?).to_string()))
            }
            _ => None,
        }
    }

    /// The context managers around the mistake that share a variable with it.
    fn around(&self, statement: Id, root: Id) -> Vec<Pattern> {
        let sides = &self.sides;
        let own: HashSet<String> = sides.holes_in(root).into_iter().collect();
        let withs = sides.w.ancestors(statement).skip(1).take_while(|id| !sides.w.kind(*id).is_function());
        let items = withs
            .filter(|id| sides.w.kind(*id) == Kind::With)
            .flat_map(|with| sides.w.children(with).iter().copied().filter(|id| sides.w.kind(*id) != Kind::Block));
        let shares = |id: &Id| sides.holes_in(*id).iter().any(|name| own.contains(name));
        items
            .filter(|id| shares(id) && !sides.is_touched(*id))
            .filter_map(
                |id| if sides.w.kind(id) == Kind::Item { sides.w.children(id).first().copied() } else { Some(id) },
            )
            .filter(|id| self.says(*id))
            .map(|id| sides.pattern(id, Mode::Shared))
            .collect()
    }

    /// Which variables and literals have to agree.
    fn link(&self, groups: &[&(Place, Vec<&Op>)], context: &[Id]) {
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
        let mut needed = HashSet::new();
        for (_, ops) in groups {
            for op in ops {
                let c = match op {
                    Op::Insert { parent, c, .. } if matches!(sides.w.kind(*parent), Kind::Block | Kind::Module) => *c,
                    Op::Replace { c, .. } | Op::Wrap { c, .. } => *c,
                    _ => continue,
                };
                linked.extend(holes_in(sides.c, sides.c_names, c));
                needed.extend(sides.c.descendants(c).filter_map(|id| self.shared_literal(id)));
            }
        }
        *sides.linked.borrow_mut() = linked;
        *sides.needed.borrow_mut() = needed;
    }

    /// The hash of a literal of the correct side that the wrong side has, too, where nothing changed it.
    fn shared_literal(&self, c: Id) -> Option<u64> {
        let sides = &self.sides;
        let hash = sides.c.hash(c);
        let is_value = matches!(sides.c.kind(c), Kind::Text | Kind::Integer | Kind::Float);
        let stays = |op: &Op| matches!(op, Op::Delete { .. });
        let free = |id: Id| sides.w.hash(id) == hash && sides.ops_at(id).all(stays);
        (is_value && (0..sides.w.nodes.len()).any(free)).then_some(hash)
    }

    fn flavour(&self, rule: &mut Rule, root: Id, ops: &[&Op]) {
        let sides = &self.sides;
        let awaits = |op: &&Op| matches!(op, Op::Wrap { c, .. } if sides.c.kind(*c) == Kind::Await);
        if ops.iter().any(awaits) {
            rule.is_loose = true;
            rule.is_async = sides.w.function(root).is_none_or(|id| sides.w.kind(id) == Kind::AsyncFunction);
        }
    }
}

impl Rule {
    pub(super) fn of(units: Vec<Unit>) -> Self {
        Self {
            units,
            before: Vec::new(),
            around: Vec::new(),
            lacks: Lacks::default(),
            is_async: false,
            is_loose: false,
            is_temporal: false,
            changes: None,
        }
    }
}

/// The names of what is called below `id`, outermost first.
fn calls_of(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let calls = tree.descendants(id).filter(|id| tree.kind(*id) == Kind::Call);
    calls.filter_map(|call| tree.children(call).first().map(|callee| tree.name(*callee).to_string())).collect()
}

/// Whether two groups of differences do the same to the same kind of thing: examples of one mistake.
fn same_kinds(w: &Tree<'_>, left: &[&Op], right: &[&Op]) -> bool {
    let kinds = |ops: &[&Op]| -> Vec<(std::mem::Discriminant<Op>, Kind)> {
        ops.iter().map(|op| (std::mem::discriminant(*op), w.kind(op.at()))).collect()
    };
    kinds(left) == kinds(right)
}

/// Rules that differ only in the text that was changed are one rule about how the texts begin.
fn merge_examples(rules: Vec<Rule>) -> Vec<Rule> {
    let mut merged: Vec<Rule> = Vec::new();
    for rule in rules {
        let common =
            merged.iter().enumerate().find_map(|(at, known)| Some((at, rewrite::common_beginning(known, &rule)?)));
        match common {
            Some((at, common)) => merged[at] = common,
            None => merged.push(rule),
        }
    }
    merged
}
