//! From the differences of one mistake to its rule: one unit for each place.

use std::collections::HashSet;

use super::abstraction::{Mode, holes_in};
use super::diff::Op;
use super::find::{header_of, is_set};
use super::fragment;
use super::functions;
use super::learn::Learner;
use super::names::{is_builtin_fixture, is_builtin_function, is_everyday_method};
use super::pattern::{Pattern, Shape};
use super::place::Place;
use super::rewrite;
use super::rule::{Before, Expression, Holder, Rule, Unit, Wrapper};
use super::tree::{Id, Kind, Tree};

impl<'a> Learner<'a> {
    /// The rules of one mistake: where the fix takes something that not every repeat has, one with it comes first.
    pub(super) fn rules_of(&self, groups: &[(Place, Vec<&'a Op>)], foreign: &[&Op]) -> Vec<Rule> {
        self.asked.borrow_mut().clear();
        let Some(rule) = self.rule(groups, foreign) else { return Vec::new() };
        let asked: HashSet<String> = rule.variables_in_scope().into_iter().map(str::to_string).collect();
        let stands = |root: Id| self.sides.holes_in(root).iter().any(|name| asked.contains(name));
        if !groups.iter().filter_map(|(place, _)| place.root()).any(stands) {
            return vec![rule];
        }
        *self.asked.borrow_mut() = asked;
        let surer = self.rule(groups, foreign).filter(|surer| surer.variables_in_scope().is_empty());
        let is_second = surer.is_some();
        surer.into_iter().chain([Rule { is_second, ..rule }]).collect()
    }

    fn rule(&self, groups: &[(Place, Vec<&'a Op>)], foreign: &[&Op]) -> Option<Rule> {
        let sides = &self.sides;
        // What removes or changes something is the mistake; what only adds is how it is mended.
        let changing: Vec<&(Place, Vec<&Op>)> =
            groups.iter().filter(|(place, _)| !matches!(place, Place::Gap { .. })).collect();
        let groups: Vec<&(Place, Vec<&Op>)> = if changing.is_empty() { groups.iter().collect() } else { changing };
        let (first, _) = groups.first()?;
        let root = first.root()?;
        let statement = sides.w.statement(root);
        let context = if matches!(first, Place::Function(_)) { Vec::new() } else { self.context(first, statement) };
        self.link(&groups, &context);
        let mut rule = self.rule_of(&groups, &context, statement, root)?;
        let own: Vec<&Op> = sides.diff.ops.iter().filter(|op| !foreign.contains(op)).collect();
        rule.changes = rewrite::changes(sides, &rule, &own);
        if let (None, [(Place::Expression(id) | Place::Statement(id), ops)]) = (&rule.changes, &groups[..])
            && self.others_are_imports(&own, ops)
        {
            self.link_all(*id);
            let mut whole = self.rule_of(&groups, &context, statement, root)?;
            whole.changes = rewrite::whole(sides, &whole, *id).map(|change| vec![change]);
            if whole.changes.is_some() {
                return Some(whole);
            }
            self.link(&groups, &context);
        }
        Some(rule)
    }

    fn rule_of(&self, groups: &[&(Place, Vec<&'a Op>)], context: &[Id], statement: Id, root: Id) -> Option<Rule> {
        let sides = &self.sides;
        let mut rule = Rule::of(Vec::new());
        for (place, ops) in groups {
            self.add_unit(&mut rule, place, ops)?;
        }
        self.tell_by_names(&mut rule, &groups.first()?.1);
        for id in context {
            rule.before.extend(self.before(*id));
        }
        rule.packages = sides.prose.packages();
        for unit in &mut rule.units {
            if let Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) = unit {
                let receives = |pattern: &Pattern| matches!(pattern.shape, Shape::Receiver(_));
                pattern.visit(&mut |pattern| rule.receivers.extend(Some(pattern.w).filter(|_| receives(pattern))));
            }
        }
        rule.around = self.around(statement, root);
        self.flavour(&mut rule, root, &groups.first()?.1);
        rule.fixtures = self.fixtures(root, groups);
        rule.following.extend(self.following(groups));
        Some(rule)
    }

    /// Where only variables were wrong and nothing else tells which, their names do.
    fn tell_by_names(&self, rule: &mut Rule, ops: &[&Op]) {
        let sides = &self.sides;
        let is_variable = |op: &&Op| match op {
            Op::Wrap { w, .. } | Op::Replace { w, .. } | Op::Rename { w, .. } => sides.hole(*w).is_some(),
            _ => false,
        };
        let [Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern)] = &mut rule.units[..] else {
            return;
        };
        let mut words = Vec::new();
        pattern.words(&mut words);
        if !words.is_empty() || !ops.iter().all(is_variable) {
            return;
        }
        pattern.visit(&mut |pattern| {
            let is_hole = matches!(pattern.shape, Shape::Variable(_) | Shape::Bare { .. } | Shape::Receiver(_));
            if is_hole && sides.hole(pattern.w).is_some() {
                let (kind, name) = (Kind::Name, sides.w.name(pattern.w).to_string());
                pattern.shape = Shape::Leaf { kind, name };
            }
        });
    }

    /// Fixtures that the new code uses and the wrong code only requested.
    fn fixtures(&self, root: Id, groups: &[&(Place, Vec<&'a Op>)]) -> Vec<String> {
        let sides = &self.sides;
        let Some(function) = sides.w.function(root) else { return Vec::new() };
        let has = |name: &str| sides.w.parameters(function).any(|id| sides.w.name(id) == name);
        let new = groups.iter().flat_map(|(_, ops)| ops).filter_map(|op| match op {
            Op::Insert { c, .. } | Op::Replace { c, .. } => Some(*c),
            _ => None,
        });
        let names = new.flat_map(|c| sides.c.descendants(c)).filter(|id| sides.c.kind(*id) == Kind::Name);
        let mut found: Vec<String> = names.map(|id| sides.c.name(id).to_string()).collect();
        let may_request = functions::is_fixture(sides.w, function) || sides.w.name(function).starts_with("test");
        let is_idle = |name: &str| {
            let mut body = sides.w.body(function).iter().flat_map(|statement| sides.w.descendants(*statement));
            may_request && !body.any(|id| sides.w.kind(id) == Kind::Name && sides.w.name(id) == name)
        };
        found.retain(|name| has(name) && (is_builtin_fixture(name) || is_idle(name)));
        found.dedup();
        found
    }

    /// The statement below one that is replaced, where the new code takes variables from there only.
    fn following(&self, groups: &[&(Place, Vec<&'a Op>)]) -> Vec<Pattern> {
        let sides = &self.sides;
        let w = sides.w;
        let [(Place::Statement(id) | Place::Expression(id), ops)] = groups else { return Vec::new() };
        let statement = w.statement(*id);
        let own = sides.holes_in(statement);
        let needed: Vec<String> = ops
            .iter()
            .filter_map(|op| if let Op::Replace { c, .. } = op { Some(*c) } else { None })
            .flat_map(|c| holes_in(sides.c, sides.c_names, c))
            .filter(|name| !own.contains(name))
            .collect();
        let siblings = w.parent(statement).map_or(&[][..], |parent| w.children(parent));
        let next = siblings.iter().skip_while(|id| **id != statement).nth(1);
        let takes = |id: &&Id| sides.holes_in(**id).iter().any(|name| needed.contains(name));
        let earlier = siblings.iter().take_while(|id| **id != statement);
        let is_known = earlier.flat_map(|id| sides.holes_in(*id)).any(|name| needed.contains(&name));
        let core = next.filter(takes).filter(|_| !is_known).and_then(|id| self.telling_core(*id));
        core.map(|core| sides.pattern(core, Mode::Shared)).into_iter().collect()
    }

    /// Whether nothing but imports changed besides `ops`.
    fn others_are_imports(&self, own: &[&Op], ops: &[&Op]) -> bool {
        own.iter().filter(|op| !ops.contains(op)).all(|op| self.sides.is_import(op))
    }

    /// Adds what tells the mistake at one place.
    fn add_unit(&self, rule: &mut Rule, place: &Place, ops: &[&Op]) -> Option<()> {
        let sides = &self.sides;
        match *place {
            Place::Expression(id) => rule.units.push(self.unit_of_expression(id, ops)),
            Place::Statement(id) => {
                let is_gone = ops.iter().any(|op| op.at() == id);
                let mode = if is_gone { Mode::Gone } else { Mode::Shared };
                rule.is_temporal |= is_gone;
                rule.units.push(Unit::Statement(sides.pattern(id, mode)));
            }
            Place::Header(id) => {
                let item = sides.w.manager(*sides.w.children(id).first()?)?;
                let item = sides.pattern(item, Mode::Gone);
                rule.units.push(Unit::Header { item, body: self.calls_in(sides.w.body(id)), whole: true });
            }
            Place::Function(id) => rule.units.push(Unit::Function(Box::new(functions::pattern(sides, id)?))),
            Place::Gap { after, before } => self.add_gap(rule, after, before, ops)?,
            Place::Enclosed(id) => self.add_enclosed(rule, id, ops)?,
            Place::Moved { first, second } => self.add_moved(rule, first, second)?,
        }
        Some(())
    }

    /// A wrong expression: of a context manager with what its body does, where that tells the mistake.
    fn unit_of_expression(&self, id: Id, ops: &[&Op]) -> Unit {
        let (sides, w) = (&self.sides, self.sides.w);
        let pattern = sides.pattern(id, Mode::Shared);
        if let Some(with) = header_of(w, id).filter(|_| self.is_about_body(id, ops)) {
            // `pytest.warns(None)` is wrong whatever stands below it.
            let expects_nothing = matches!(&pattern.shape, Shape::Call { positional, .. }
                if positional.iter().any(|(_, value)| w.kind(value.w) == Kind::Constant));
            // So is an exception that is named with its module.
            let is_dotted = w.kind(id) == Kind::Attribute;
            let body = if expects_nothing || is_dotted { Vec::new() } else { self.calls_in(w.body(with)) };
            return Unit::Header { item: pattern, body, whole: false };
        }
        if let Some(body) = self.opens(id) {
            return Unit::Header { item: pattern, body, whole: false };
        }
        Unit::Expression(Expression {
            pattern,
            holder: self.holder(id),
            spots: self.spots(id, ops),
            is_uncalled: self.is_uncalled(id),
            outside: self.outside(id),
            is_set: is_set(w, id),
            is_awaited: self.is_awaited(id, ops),
            is_element: self.is_element(id, ops),
        })
    }

    /// What an expectation is about is its body; how it is written is not.
    fn is_about_body(&self, id: Id, ops: &[&Op]) -> bool {
        let (w, c) = (self.sides.w, self.sides.c);
        let is_keyword = |new: Id| c.kind(new) == Kind::Keyword;
        let is_written = |op: &&Op| w.kind(op.at()) == Kind::Keyword || op.inserted().is_some_and(is_keyword);
        w.kind(id) != Kind::Call || (self.expects(id) && !ops.iter().all(is_written))
    }

    /// A statement that stands in a new compound one: it must not stand in one that does the same.
    fn add_enclosed(&self, rule: &mut Rule, id: Id, ops: &[&Op]) -> Option<()> {
        let c = self.sides.c;
        let headers = || ops.iter().filter_map(|op| if let Op::Enclose { c, .. } = op { Some(*c) } else { None });
        let tries = headers().filter(|id| c.kind(*id) == Kind::Try);
        rule.lacks.caught = tries.flat_map(|id| caught(c, id)).collect();
        let is_condition = |id: &Id| matches!(c.kind(*id), Kind::Other(_));
        let conditions = headers().filter(is_condition).filter_map(|id| c.children(id).first().copied());
        rule.lacks.conditions = conditions.flat_map(|id| names_read(c, id)).collect();
        let withs = headers().filter(|id| c.kind(*id) == Kind::With);
        rule.lacks.around = withs.flat_map(|id| calls_of(c, id)).take(1).collect();
        match self.telling_core(id) {
            Some(core) => rule.units.push(self.plain(core)),
            // What stands before it tells the mistake.
            None if !rule.units.is_empty() => {}
            None => return None,
        }
        Some(())
    }

    /// Two statements in the wrong order.
    fn add_moved(&self, rule: &mut Rule, first: Id, second: Id) -> Option<()> {
        let sides = &self.sides;
        let Some(core) = self.telling_core(second) else {
            // What a fixture does before its `yield` is told by itself.
            let core = self.telling_core(first)?;
            rule.following.push(sides.pattern(*sides.w.children(second).first()?, Mode::Shared));
            rule.units.push(self.plain(core));
            return Some(());
        };
        // What the first one sets must not be used before the second one.
        let target = self.target(first).map(|name| sides.variable(name));
        let before = self.before(first);
        rule.before.extend(before.map(|before| Before { target, is_essential: true, ..before }));
        rule.is_temporal = true;
        rule.units.push(self.plain(core));
        Some(())
    }

    /// The unit of an expression that is known by itself.
    fn plain(&self, id: Id) -> Unit {
        Unit::Expression(Expression::plain(self.sides.pattern(id, Mode::Shared)))
    }

    /// New statements: the code that follows them came too early.
    fn add_gap(&self, rule: &mut Rule, after: Option<Id>, before: Option<Id>, ops: &[&Op]) -> Option<()> {
        let sides = &self.sides;
        let new: Vec<Id> = ops.iter().filter_map(|op| op.inserted()).collect();
        if let Some(function) = after.is_none().then(|| self.calls_super(&new)).flatten() {
            rule.units.push(Unit::Function(Box::new(function)));
            return Some(());
        }
        let mut calls: Vec<String> = new.iter().flat_map(|c| calls_of(sides.c, *c)).collect();
        if calls.is_empty() {
            return None;
        }
        calls.extend(self.fine_calls());
        rule.is_temporal = true;
        let follows = before.and_then(|id| self.telling_core(id));
        let is_new = |id: &Id| new.iter().any(|c| sides.c.hash(*c) == sides.w.hash(*id));
        let again = before.map_or(&[][..], |id| sides.w.body(id)).iter().copied().filter(is_new);
        let again = self.calls_in(&again.collect::<Vec<_>>());
        let core = match follows {
            // What is done below a context manager has to be done before it, too.
            Some(core) if !again.is_empty() && header_of(sides.w, core).is_some() => {
                rule.lacks.between = calls;
                let item = sides.pattern(core, Mode::Shared);
                rule.units.push(Unit::Header { item, body: again, whole: false });
                return Some(());
            }
            Some(core) => {
                rule.lacks.between = calls;
                core
            }
            None => {
                rule.lacks.after = calls;
                self.telling_core(after?)?
            }
        };
        rule.units.push(self.plain(core));
        Some(())
    }

    /// The method whose base is called by new statements at its beginning: `super().setUp()`.
    fn calls_super(&self, new: &[Id]) -> Option<functions::FunctionPattern> {
        let sides = &self.sides;
        let function = sides.diff.same.iter().find_map(|(w, c)| {
            let is_it = sides.c.kind(*c).is_function() && new.iter().all(|new| sides.c.function(*new) == Some(*c));
            is_it.then_some(*w)
        })?;
        let name = sides.w.name(function);
        let calls = new.iter().flat_map(|c| sides.c.descendants(*c)).filter(|id| sides.c.kind(*id) == Kind::Attribute);
        let is_super = |id: Id| sides.c.name(id) == name && sides.c.slice(id).starts_with("super()");
        let class = sides.w.ancestors(function).find(|id| sides.w.kind(*id) == Kind::Class)?;
        let bases =
            sides.w.children(class).iter().filter(|id| matches!(sides.w.kind(**id), Kind::Name | Kind::Attribute));
        let bases = bases.map(|id| sides.pattern(*id, Mode::Shared)).collect();
        calls.into_iter().any(is_super).then(|| functions::FunctionPattern {
            w: function,
            name: Some(name.to_string()),
            bases,
            lacks_super: true,
            ..functions::FunctionPattern::default()
        })
    }

    /// Calls that the lesson names and the wrong code does not have: other ways of doing it right.
    fn fine_calls(&self) -> Vec<String> {
        let w = self.sides.w;
        let in_wrong = |word: &str| (0..w.nodes.len()).any(|id| w.name(id) == word);
        self.sides.prose.code_words().filter(|word| !in_wrong(word)).map(str::to_string).collect()
    }

    fn flavour(&self, rule: &mut Rule, root: Id, ops: &[&Op]) {
        let sides = &self.sides;
        let is_coroutine = sides.w.function(root).is_none_or(|id| sides.w.kind(id) == Kind::AsyncFunction);
        let awaits = |op: &&Op| matches!(op, Op::Wrap { c, .. } if sides.c.kind(*c) == Kind::Await);
        if ops.iter().any(awaits) {
            rule.is_loose = true;
            rule.is_async = is_coroutine;
        }
        let count = |tree: &Tree<'_>, id: Id| tree.descendants(id).filter(|id| tree.kind(*id) == Kind::Await).count();
        let begins = |op: &&Op| match op {
            Op::Replace { w, c } => count(sides.c, *c) > count(sides.w, *w),
            Op::Insert { c, .. } => count(sides.c, *c) > 0,
            _ => false,
        };
        let class = sides.w.parent(root).filter(|parent| sides.w.kind(*parent) == Kind::Class);
        let methods = class.map_or(&[][..], |class| sides.w.body(class));
        rule.is_async |= methods.iter().any(|id| sides.w.kind(*id) == Kind::AsyncFunction);
        // `await` can be written in a coroutine only.
        rule.is_async |= is_coroutine && ops.iter().any(begins);
        // `AsyncMock` is right for what is awaited, `MagicMock` for everything else.
        let turns = |op: &&Op| match op {
            Op::Rename { c, .. } | Op::Replace { c, .. } => sides.c.name(*c).starts_with("Async"),
            _ => false,
        };
        let awaits = (0..sides.w.nodes.len()).any(|id| sides.w.kind(id) == Kind::Await);
        rule.is_async |= is_coroutine && awaits && ops.iter().any(turns);
        let returns = |op: &&Op| match op {
            Op::Replace { w, .. } | Op::Delete { w } => sides.w.kind(*w) == Kind::Return,
            _ => false,
        };
        let is_test = sides.w.function(root).is_some_and(|id| sides.w.name(id).starts_with("test"));
        rule.is_test = is_test && ops.iter().any(returns);
    }

    /// What is done with what a context manager of an everyday name gives: `engine.connect()` alone may be anything.
    fn opens(&self, id: Id) -> Option<Vec<Pattern>> {
        let w = self.sides.w;
        let with = header_of(w, id).filter(|with| w.kind(*with) == Kind::With)?;
        let callee = w.children(id).first()?;
        let item = w.parent(id).filter(|item| w.kind(*item) == Kind::Item)?;
        let target = w.hash(*w.children(item).get(1)?);
        let uses = |id: &&Id| w.descendants(**id).any(|inner| w.hash(inner) == target);
        let calls = w.body(with).iter().filter(uses).flat_map(|id| w.descendants(*id));
        let calls = calls.filter(|id| w.kind(*id) == Kind::Call && self.says(*id));
        let patterns: Vec<Pattern> = calls.map(|id| self.sides.pattern(id, Mode::Shared).without_arguments()).collect();
        (is_everyday_method(w.name(*callee)) && !patterns.is_empty()).then_some(patterns)
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

    /// What the correct side has directly around an expression that it only wraps.
    fn outside(&self, id: Id) -> Option<Wrapper> {
        self.sides.ops_at(id).find_map(|op| match op {
            Op::Wrap { c, .. } if self.sides.c.kind(*c) != Kind::Await => Some(wrapper(self.sides.c, *c)),
            _ => None,
        })
    }

    /// Whether what is wrapped is awaited on both sides, so that it is a coroutine.
    fn is_awaited(&self, id: Id, ops: &[&Op]) -> bool {
        let w = self.sides.w;
        w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Await)
            && ops.iter().any(|op| matches!(op, Op::Wrap { w, .. } if *w == id))
    }

    /// Whether an element of a list is another one.
    fn is_element(&self, id: Id, ops: &[&Op]) -> bool {
        let w = self.sides.w;
        w.parent(id).is_some_and(|parent| matches!(w.kind(parent), Kind::List | Kind::Tuple))
            && ops.iter().any(|op| matches!(op, Op::Replace { w, .. } if *w == id))
    }

    pub(super) fn calls_in(&self, statements: &[Id]) -> Vec<Pattern> {
        let cores = statements.iter().filter_map(|id| self.telling_core(*id));
        cores.map(|core| self.sides.pattern(core, Mode::Shared).without_calls()).collect()
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
                Kind::Compare if self.gives_literal(at) => return Some(at),
                Kind::Compare => *children.iter().find(|id| self.says(**id)).or(children.first())?,
                Kind::With | Kind::For | Kind::Item => *children.iter().find(|id| self.says(**id))?,
                Kind::Call if is_builtin_function(w.name(*children.first()?)) && children.len() == 2 => children[1],
                Kind::Other(_) if children.len() == 1 => children[0],
                _ => return Some(at),
            };
        }
    }

    /// What a statement is about, if that has a name that can be recognised.
    pub(super) fn telling_core(&self, id: Id) -> Option<Id> {
        self.core(id).filter(|core| self.says(*core))
    }

    /// Whether new code takes a literal from this comparison and from nowhere else.
    fn gives_literal(&self, id: Id) -> bool {
        let w = self.sides.w;
        let is_alone = |hash: u64| (0..w.nodes.len()).filter(|other| w.hash(*other) == hash).count() == 1;
        w.children(id).iter().any(|child| {
            let hash = w.hash(*child);
            w.kind(*child).is_literal() && self.sides.needed.borrow().contains(&hash) && is_alone(hash)
        })
    }

    /// Whether an expression has a name that can be recognised.
    pub(super) fn says(&self, id: Id) -> bool {
        let pattern = self.sides.pattern(id, Mode::Shared);
        let mut words = Vec::new();
        pattern.words(&mut words);
        !words.is_empty()
    }
}

/// The names of the exceptions that a `try` handles.
pub(super) fn caught(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let handlers = tree.children(id).iter().filter(|child| tree.kind(**child) == Kind::Except);
    let named = handlers.flat_map(|handler| tree.children(*handler).iter().filter(|id| tree.kind(**id) != Kind::Block));
    named.flat_map(|id| tree.descendants(*id)).map(|id| tree.name(id).to_string()).collect()
}

/// The attributes and functions that an expression reads.
pub(super) fn names_read(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let attributes = tree.descendants(id).filter(|id| tree.kind(*id) == Kind::Attribute);
    let attributes: Vec<String> = attributes.map(|id| tree.name(id).to_string()).collect();
    attributes.into_iter().chain(calls_of(tree, id)).collect()
}

/// What a node is to what stands in it.
pub(super) fn wrapper(tree: &Tree<'_>, id: Id) -> Wrapper {
    let name = match tree.kind(id) {
        Kind::Call => tree.children(id).first().map_or("", |callee| tree.name(*callee)),
        _ => tree.name(id),
    };
    (tree.kind(id), name.to_string())
}

/// The names of what is called below `id`, outermost first.
pub(super) fn calls_of(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let calls = tree.descendants(id).filter(|id| tree.kind(*id) == Kind::Call);
    calls.filter_map(|call| tree.children(call).first().map(|callee| tree.name(*callee).to_string())).collect()
}
