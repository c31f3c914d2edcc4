//! From the differences of one mistake to its rule: one unit for each place.

use super::abstraction::Mode;
use super::diff::Op;
use super::fragment;
use super::functions;
use super::learn::Learner;
use super::names::is_builtin_function;
use super::pattern::Pattern;
use super::place::Place;
use super::rewrite;
use super::rule::{Expression, Holder, Rule, Unit};
use super::tree::{Id, Kind, Tree};

impl<'a> Learner<'a> {
    pub(super) fn rule(&self, groups: &[(Place, Vec<&'a Op>)], foreign: &[&Op]) -> Option<Rule> {
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

    fn flavour(&self, rule: &mut Rule, root: Id, ops: &[&Op]) {
        let sides = &self.sides;
        let awaits = |op: &&Op| matches!(op, Op::Wrap { c, .. } if sides.c.kind(*c) == Kind::Await);
        if ops.iter().any(awaits) {
            rule.is_loose = true;
            rule.is_async = sides.w.function(root).is_none_or(|id| sides.w.kind(id) == Kind::AsyncFunction);
        }
    }

    /// The `with` whose context manager the call `id` is.
    pub(super) fn header_of(&self, id: Id) -> Option<Id> {
        let w = self.sides.w;
        let parent = w.parent(id)?;
        let with = if w.kind(parent) == Kind::Item { w.parent(parent)? } else { parent };
        (w.kind(with) == Kind::With).then_some(with)
    }

    /// What a changed dictionary is the value of.
    pub(super) fn holder(&self, id: Id) -> Option<Holder> {
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

    /// The arguments of a call of which only literals changed.
    pub(super) fn spots(&self, id: Id, ops: &[&Op]) -> Vec<Id> {
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

    /// Whether the correct side only calls what the wrong side names.
    pub(super) fn is_uncalled(&self, id: Id) -> bool {
        let calls = |op: &Op| match op {
            Op::Wrap { c, .. } => self.sides.c.kind(*c) == Kind::Call,
            _ => false,
        };
        matches!(self.sides.w.kind(id), Kind::Attribute | Kind::Name) && self.sides.ops_at(id).any(calls)
    }

    pub(super) fn calls_in(&self, statements: &[Id]) -> Vec<Pattern> {
        let cores = statements.iter().filter_map(|id| self.core(*id)).filter(|core| self.says(*core));
        cores.map(|core| self.sides.pattern(core, Mode::Shared)).collect()
    }

    /// What a statement is about: the value that it sets, asserts or returns.
    pub(super) fn core(&self, id: Id) -> Option<Id> {
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
    pub(super) fn says(&self, id: Id) -> bool {
        let pattern = self.sides.pattern(id, Mode::Shared);
        let mut words = Vec::new();
        pattern.words(&mut words);
        !words.is_empty()
    }
}

/// The names of what is called below `id`, outermost first.
pub(super) fn calls_of(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let calls = tree.descendants(id).filter(|id| tree.kind(*id) == Kind::Call);
    calls.filter_map(|call| tree.children(call).first().map(|callee| tree.name(*callee).to_string())).collect()
}
