//! Finding: an index from words to rules, a match of the unit, then a look at everything around it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::edits;
use super::functions::FunctionPattern;
use super::imports::Moved;
use super::names::Names;
use super::pattern::{Binding, Pattern, Shape, Subject};
use super::rule::{Before, Expression, Holder, Rule, Together, Unit};
use super::tree::{Id, Kind, Tree};
use crate::syntax::Source;
use crate::text::{Edit, FilePath};

/// Rules, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// From the rarest word of a rule to the rules that have it.
    by_word: HashMap<String, Vec<usize>>,
    /// Rules that no word tells, only their structure.
    wordless: Vec<usize>,
    /// All words of each rule, of its context, too: a file that lacks one of them cannot match.
    words: Vec<Vec<String>>,
}

/// Code that repeats a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The rule, by its number in the list that the set was made of.
    pub rule: usize,
    /// Where the warning stands.
    pub range: Range<usize>,
    /// Everything that is part of it; the first one is `range` or contains it.
    pub places: Vec<Range<usize>>,
    edits: Option<Vec<(Range<usize>, String)>>,
}

impl Match {
    /// Whether a byte offset is on the mistake.
    pub fn covers(&self, offset: usize) -> bool {
        self.places.iter().any(|place| place.start <= offset && offset <= place.end)
    }

    /// The edits that make it right; `None` where that is not mechanical.
    pub fn rewrite(&self, path: &FilePath) -> Option<Vec<Edit>> {
        let edits = self.edits.as_ref()?;
        Some(edits.iter().map(|(range, text)| Edit::replace(path, range.clone(), text.clone())).collect())
    }
}

/// A file, prepared once for all rules.
pub(super) struct Subjects<'s> {
    pub source: &'s Source,
    pub tree: Tree<'s>,
    pub names: Names,
    words: HashMap<&'s str, Vec<Id>>,
}

impl<'s> Subjects<'s> {
    pub(super) fn of(source: &'s Source) -> Self {
        let tree = Tree::of(source);
        let names = Names::of(&tree);
        let mut words: HashMap<&'s str, Vec<Id>> = HashMap::new();
        for id in 0..tree.nodes.len() {
            let name = tree.name(id);
            match tree.kind(id) {
                Kind::Name
                | Kind::Attribute
                | Kind::Keyword
                | Kind::Parameter
                | Kind::Integer
                | Kind::Float
                | Kind::Function
                | Kind::AsyncFunction => {
                    words.entry(name).or_default().push(id);
                }
                Kind::Text | Kind::Bytes if name.len() < 200 => words.entry(name).or_default().push(id),
                Kind::Imported => {
                    let module = tree.parent(id).map_or("", |statement| tree.name(statement));
                    for part in name.split('.').chain(module.split('.')).filter(|part| !part.is_empty()) {
                        words.entry(part).or_default().push(id);
                    }
                }
                _ => {}
            }
        }
        // `from m import Retry as R`: a use of `R` is one of `Retry`.
        let aliases: Vec<(&'s str, &'s str)> = (0..tree.nodes.len())
            .filter(|id| tree.kind(*id) == Kind::Alias)
            .filter_map(|id| Some((tree.name(id), tree.name(tree.parent(id)?))))
            .collect();
        for (alias, name) in aliases {
            let uses = words.get(alias).cloned().unwrap_or_default();
            words.entry(name.rsplit('.').next().unwrap_or(name)).or_default().extend(uses);
        }
        Self { source, tree, names, words }
    }

    /// Whether the variable `name` is there at `id`.
    pub(super) fn is_in_scope(&self, name: &str, id: Id) -> bool {
        let tree = &self.tree;
        let Some(function) = tree.function(id) else { return false };
        let sets = |other: Id| match tree.kind(other) {
            Kind::Parameter => tree.parent(other) == Some(function) && tree.name(other) == name,
            Kind::Assign if other < id => {
                tree.children(other).first().is_some_and(|target| tree.slice(*target) == name)
            }
            _ => false,
        };
        tree.descendants(function).any(sets)
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject { tree: &self.tree, names: &self.names }
    }
}

impl RuleSet {
    /// Indexes `rules`; a [`Match`] names a rule by its place in this list.
    pub fn new(rules: Vec<Rule>) -> Self {
        let words: Vec<Vec<String>> = rules.iter().map(|rule| own_words(&rule.units[0])).collect();
        let mut frequency: HashMap<&str, usize> = HashMap::new();
        for word in words.iter().flatten() {
            *frequency.entry(word).or_default() += 1;
        }
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        let mut wordless = Vec::new();
        for (index, own) in words.iter().enumerate() {
            match own.iter().min_by_key(|word| (frequency[word.as_str()], usize::MAX - word.len())) {
                Some(rarest) => by_word.entry(rarest.clone()).or_default().push(index),
                None => wordless.push(index),
            }
        }
        let words = rules.iter().zip(words).map(|(rule, own)| required_words(rule, own)).collect();
        Self { rules, by_word, wordless, words }
    }

    /// Every repeated mistake of a file, in text order.
    pub fn find(&self, source: &Source) -> Vec<Match> {
        let subjects = Subjects::of(source);
        let mut found = Vec::new();
        for (index, binding, id) in self.candidates(&subjects) {
            found.extend(self.matched(&subjects, index, id, binding));
        }
        found.sort_by_key(|found: &Match| (found.range.start, found.range.end, found.rule));
        found.dedup_by(|later, earlier| {
            let is_told = later.rule == earlier.rule
                || (self.rules[later.rule].is_second && later.rule == earlier.rule + 1 && earlier.edits.is_some());
            is_told && later.range == earlier.range
        });
        found
    }

    /// Whether any rule finds its mistake in a file.
    pub(super) fn finds(&self, subjects: &Subjects<'_>) -> bool {
        self.candidates(subjects)
            .into_iter()
            .any(|(index, binding, id)| self.matched(subjects, index, id, binding).is_some())
    }

    /// Where the first unit of a rule matches.
    fn candidates(&self, subjects: &Subjects<'_>) -> Vec<(usize, Binding, Id)> {
        let subject = subjects.subject();
        let mut found = Vec::new();
        let mut seen: HashSet<(usize, Id)> = HashSet::new();
        let mut offer = |index: usize, id: Id| {
            if !seen.insert((index, id)) {
                return;
            }
            let mut binding = Binding::default();
            if subject.is_unit(&self.rules[index].units[0], id, &mut binding) {
                found.push((index, binding, id));
            }
        };
        for (word, ids) in &subjects.words {
            let Some(rules) = self.by_word.get(*word) else { continue };
            for index in rules.iter().copied() {
                if !self.words[index].iter().all(|word| subjects.words.contains_key(word.as_str())) {
                    continue;
                }
                for id in ids {
                    subjects.tree.ancestors(*id).for_each(|id| offer(index, id));
                }
            }
        }
        for index in self.wordless.iter().copied() {
            (0..subjects.tree.nodes.len()).for_each(|id| offer(index, id));
        }
        found
    }

    /// Looks at what stands around a unit that matched.
    fn matched(&self, subjects: &Subjects<'_>, index: usize, id: Id, mut binding: Binding) -> Option<Match> {
        let (rule, subject) = (&self.rules[index], subjects.subject());
        let mut essential = Vec::new();
        let fits = subject.is_in_flavour(rule, id)
            && subject.comes_after(rule, id, &mut binding, &mut essential)
            && subject.stands_within(rule, id, &mut binding)
            && subject.lacks(rule, id)
            && subject.is_of_packages(rule, &binding)
            && subject.has_other_units(rule, id, &mut binding, &mut essential)
            && subject.is_followed(rule, id, &mut binding);
        if !fits {
            return None;
        }
        let mut places = subject.places(&rule.units[0], id, &binding);
        let range = places.first()?.clone();
        places.extend(essential.iter().map(|id| subjects.tree.nodes[*id].range.clone()));
        let edits = edits::edits(subjects, rule, &binding);
        Some(Match { rule: index, range, places, edits })
    }
}

/// The words that must stand anywhere in a file: those of the unit, and those of everything around it.
fn required_words(rule: &Rule, mut words: Vec<String>) -> Vec<String> {
    let mut others: Vec<&str> = Vec::new();
    for unit in &rule.units {
        match unit {
            Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) => pattern.words(&mut others),
            Unit::Header { item, body, .. } => {
                std::iter::once(item).chain(body).for_each(|pattern| pattern.words(&mut others));
            }
            Unit::Import(Moved { from, .. }) => others.extend(from.split('.')),
            _ => {}
        }
    }
    rule.before.iter().for_each(|before| before.core.words(&mut others));
    rule.around.iter().chain(&rule.following).for_each(|pattern| pattern.words(&mut others));
    others.retain(|word| !word.is_empty() && word.len() < 200);
    words.extend(rule.units[1..].iter().flat_map(own_words));
    words.extend(others.into_iter().map(str::to_string));
    words.sort_unstable();
    words.dedup();
    words
}

/// The words that must stand in or below the node where the unit matches.
fn own_words(unit: &Unit) -> Vec<String> {
    let mut words: Vec<&str> = Vec::new();
    match unit {
        Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) => pattern.own_words(&mut words),
        Unit::Header { item, .. } => item.own_words(&mut words),
        Unit::Function(function) => {
            let FunctionPattern { parameters, decorators, returns, calls, order, defaults, name, .. } = &**function;
            words.extend(parameters.iter().map(String::as_str));
            words.extend(order.iter().flat_map(|(first, second)| [first.as_str(), second.as_str()]));
            words.extend(name.as_deref());
            defaults.iter().for_each(|pattern| pattern.words(&mut words));
            decorators.iter().chain(returns).chain(calls).for_each(|pattern| pattern.words(&mut words));
        }
        Unit::Import(Moved { from, .. }) => words.push(from.rsplit('.').next().unwrap_or(from)),
        Unit::Together(Together::InClass(fixtures) | Together::InTest(fixtures)) => {
            words.extend(fixtures.iter().map(String::as_str));
        }
    }
    words.retain(|word| !word.is_empty() && word.len() < 200);
    words.into_iter().map(str::to_string).collect()
}

impl Subject<'_> {
    fn is_unit(&self, unit: &Unit, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        match unit {
            Unit::Expression(expression) => {
                self.is_root(&expression.pattern, id)
                    && !(expression.is_uncalled && self.is_callee(id))
                    && expression.is_set == is_set(tree, id)
                    && self.is_surrounded(expression, id)
                    && self.matches(&expression.pattern, id, binding)
                    && expression.holder.as_ref().is_none_or(|holder| self.is_held(holder, id))
            }
            Unit::Statement(pattern) => {
                self.is_root(pattern, id) && self.is_statement(id) && self.matches(pattern, id, binding)
            }
            Unit::Header { item, body, .. } => {
                let Some(with) = header_of(tree, id).filter(|_| self.is_root(item, id)) else { return false };
                self.matches(item, id, binding) && body.iter().all(|call| self.calls(call, tree.body(with), binding))
            }
            Unit::Function(function) => self.is_function(function, id, binding),
            Unit::Import(moved) => {
                self.uses(moved, id).is_some() && {
                    binding.nodes.insert(0, id);
                    true
                }
            }
            Unit::Together(together) => self.requesting(together, id).is_some(),
        }
    }

    /// Whether a pattern may begin at a node: `await f()` is reported at the call.
    fn is_root(&self, pattern: &Pattern, id: Id) -> bool {
        let kind = self.tree.kind(id);
        match &pattern.shape {
            Shape::Call { .. } => kind == Kind::Call,
            Shape::Path(_) => matches!(kind, Kind::Name | Kind::Attribute | Kind::Imported) && !self.is_definition(id),
            Shape::Node { kind: wanted, .. } | Shape::Leaf { kind: wanted, .. } => kind == *wanted,
            Shape::Dict { .. } => kind == Kind::Dict,
            _ => false,
        }
    }

    /// Whether what stands directly around an expression is not yet what the correct form has there.
    fn is_surrounded(&self, expression: &Expression, id: Id) -> bool {
        let tree = self.tree;
        let parent = tree.parent(id);
        let around = |kind: Kind| parent.is_some_and(|parent| tree.kind(parent) == kind);
        let is_mended = expression.outside.as_ref().is_some_and(|wrapper| {
            let parent = parent.filter(|_| !around(Kind::Keyword)).or_else(|| tree.parent(parent?));
            parent.is_some_and(|parent| super::units::wrapper(tree, parent) == *wrapper)
        });
        !is_mended
            && (!expression.is_awaited || around(Kind::Await))
            && (!expression.is_element || around(Kind::List) || around(Kind::Tuple))
    }

    fn is_callee(&self, id: Id) -> bool {
        let tree = self.tree;
        tree.parent(id).is_some_and(|call| tree.kind(call) == Kind::Call && tree.children(call).first() == Some(&id))
    }

    /// Whether a name stands where it is bound, not where it is used.
    fn is_definition(&self, id: Id) -> bool {
        let tree = self.tree;
        tree.parent(id)
            .is_some_and(|parent| tree.kind(parent) == Kind::Assign && tree.children(parent).first() == Some(&id))
    }

    fn is_statement(&self, id: Id) -> bool {
        self.tree.statement(id) == id
    }

    fn is_held(&self, holder: &Holder, id: Id) -> bool {
        let tree = self.tree;
        let around = tree.parent(id).and_then(|dict| tree.parent(dict));
        around.is_some_and(|around| match (holder, tree.kind(around)) {
            (Holder::Key(key), Kind::Pair) => tree.children(around).first().is_some_and(|own| tree.name(*own) == key),
            (Holder::Keyword(name), Kind::Keyword) => tree.name(around) == name,
            (Holder::Argument(name), Kind::Call) => {
                tree.children(around).first().is_some_and(|own| tree.name(*own) == name)
            }
            _ => false,
        })
    }

    fn is_in_flavour(&self, rule: &Rule, id: Id) -> bool {
        let function = self.tree.function(id);
        let is_async = || match self.tree.parent(id).filter(|parent| self.tree.kind(*parent) == Kind::Class) {
            Some(class) => self.tree.body(class).iter().any(|id| self.tree.kind(*id) == Kind::AsyncFunction),
            None => function.is_some_and(|function| self.tree.kind(function) == Kind::AsyncFunction),
        };
        let is_test = || function.is_some_and(|function| self.tree.name(function).starts_with("test"));
        let requests = |name: &String| {
            function.is_some_and(|function| self.tree.parameters(function).any(|id| self.tree.name(id) == name))
        };
        rule.fixtures.iter().all(requests)
            && (!rule.is_async || is_async())
            && (!rule.is_test || is_test())
            && (!rule.is_loose || self.is_loose(id))
    }

    /// Whether a coroutine is neither awaited nor handed on, now or later.
    fn is_loose(&self, id: Id) -> bool {
        let tree = self.tree;
        let mut value = id;
        if tree.kind(id) == Kind::Expression {
            value = tree.children(id).first().copied().unwrap_or(id);
        }
        if tree.kind(value) == Kind::Await {
            return false;
        }
        for around in tree.ancestors(value).skip(1).take_while(|around| tree.kind(*around) != Kind::Block) {
            match tree.kind(around) {
                Kind::Await | Kind::Return | Kind::Yield | Kind::Lambda => return false,
                Kind::Keyword | Kind::List | Kind::Tuple | Kind::Set | Kind::Dict => return false,
                // An argument is handed on; a callee is what `value` is part of.
                Kind::Call if !tree.children(around).first().is_some_and(|callee| tree.contains(*callee, value)) => {
                    return false;
                }
                Kind::Assign => return !self.is_used_later(around),
                _ => {}
            }
        }
        true
    }

    /// Whether what an assignment sets is awaited or handed on later.
    fn is_used_later(&self, assign: Id) -> bool {
        let tree = self.tree;
        let Some(target) = tree.children(assign).first().copied() else { return false };
        let Some(scope) = tree.function(assign) else { return false };
        tree.descendants(scope).filter(|id| *id > assign && tree.hash(*id) == tree.hash(target)).any(|id| {
            tree.parent(id).is_some_and(|parent| match tree.kind(parent) {
                Kind::Await | Kind::Keyword | Kind::Return | Kind::List | Kind::Tuple | Kind::Splat => true,
                Kind::Call => tree.children(parent).first() != Some(&id),
                _ => false,
            })
        })
    }

    /// Whether the statements of the context come before, and nothing in between undoes them.
    fn comes_after(&self, rule: &Rule, id: Id, binding: &mut Binding, essential: &mut Vec<Id>) -> bool {
        let earlier = self.earlier(self.tree.statement(id));
        let (mut from, mut steps) = (0, Vec::new());
        for before in rule.before.iter().rev() {
            let found = earlier[from..].iter().position(|statement| self.is_before(before, *statement, binding));
            let Some(at) = found else {
                if !rule.is_temporal && self.is_given(before, binding) {
                    continue;
                }
                return false;
            };
            if before.is_essential {
                essential.push(earlier[from + at]);
            }
            steps.push(earlier[from + at]);
            from += at + 1;
        }
        let between: Vec<Id> =
            earlier[..from.saturating_sub(1)].iter().copied().filter(|id| !steps.contains(id)).collect();
        let objects: Vec<u64> = binding
            .variables
            .values()
            .filter(|id| !self.tree.kind(**id).is_literal())
            .map(|id| self.tree.hash(*id))
            .collect();
        let undone = !rule.before.is_empty()
            && between.iter().any(|statement| {
                let is_call = self.tree.kind(*statement) == Kind::Expression;
                let undoes = rule.is_temporal || (is_call && rule.before.iter().all(|before| before.target.is_none()));
                self.rebinds(*statement, &objects) || (undoes && self.acts_on(*statement, &objects))
            });
        let has_waited = |statement: &Id| self.calls_one_of(*statement, &rule.lacks.between);
        let seen: &[Id] = if rule.before.is_empty() { &earlier } else { &between };
        let is_same = rule.lacks.between.is_empty() || !self.calls_one_of_outside(id, &rule.lacks.between);
        !undone && is_same && !seen.iter().any(has_waited)
    }

    /// The statements before `statement` in its block and the blocks around it, nearest first.
    fn earlier(&self, statement: Id) -> Vec<Id> {
        let tree = self.tree;
        let mut found = Vec::new();
        let mut at = statement;
        while let Some(parent) = tree.parent(at) {
            if matches!(tree.kind(parent), Kind::Block | Kind::Module | Kind::Error) {
                let place = tree.children(parent).iter().position(|id| *id == at).unwrap_or(0);
                found.extend(tree.children(parent)[..place].iter().rev());
            }
            if tree.kind(at).is_function() {
                break;
            }
            at = parent;
        }
        found
    }

    fn is_before(&self, before: &Before, statement: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        match (before.target, tree.kind(statement)) {
            (Some(variable), Kind::Assign) => {
                let [target, .., value] = tree.children(statement) else { return false };
                let wanted = Pattern { w: usize::MAX, shape: Shape::Variable(variable) };
                self.matches(&wanted, *target, binding) && self.matches(&before.core, *value, binding)
            }
            (Some(variable), Kind::With) => tree.children(statement).iter().any(|item| {
                let [call, target] = tree.children(*item) else { return false };
                let wanted = Pattern { w: usize::MAX, shape: Shape::Variable(variable) };
                tree.kind(*item) == Kind::Item
                    && self.matches(&wanted, *target, binding)
                    && self.matches(&before.core, *call, binding)
            }),
            (Some(_), _) => false,
            (None, kind) => {
                let is_simple =
                    !matches!(kind, Kind::Function | Kind::AsyncFunction | Kind::Class | Kind::For | Kind::Try);
                let own = tree.descendants(statement).take_while(|id| tree.kind(*id) != Kind::Block);
                is_simple && own.into_iter().any(|id| self.matches(&before.core, id, binding))
            }
        }
    }

    /// Whether the variable that a statement of the context sets is that very value, wherever it was set.
    fn is_given(&self, before: &Before, binding: &mut Binding) -> bool {
        let bound = before.target.and_then(|variable| binding.variables.get(&variable).copied());
        let value = bound.map(|id| self.value_of(id).unwrap_or(id));
        value.is_some_and(|id| self.matches(&before.core, id, binding))
    }

    /// Whether a statement gives one of the objects another value.
    fn rebinds(&self, statement: Id, objects: &[u64]) -> bool {
        let tree = self.tree;
        let sets = |id: Id| {
            let target = match tree.kind(id) {
                Kind::Assign | Kind::For => tree.children(id).first(),
                Kind::Item => tree.children(id).get(1),
                _ => None,
            };
            target.is_some_and(|target| objects.contains(&tree.hash(*target)))
        };
        tree.descendants(statement).any(sets)
    }

    /// Whether a statement calls a method of one of the objects, or a function with it that does not only log.
    fn acts_on(&self, statement: Id, objects: &[u64]) -> bool {
        let tree = self.tree;
        tree.descendants(statement).filter(|id| tree.kind(*id) == Kind::Call).any(|call| {
            let Some((callee, arguments)) = tree.children(call).split_first() else { return false };
            let receiver = tree.children(*callee).first().filter(|_| tree.kind(*callee) == Kind::Attribute);
            let on_it = receiver.is_some_and(|id| objects.contains(&tree.hash(*id)));
            let logs = tree.slice(*callee).to_lowercase().contains("log") || tree.slice(*callee) == "print";
            let with_it = arguments.iter().any(|id| {
                let value = if tree.kind(*id) == Kind::Keyword { tree.children(*id).first() } else { Some(id) };
                value.is_some_and(|id| objects.contains(&tree.hash(*id)))
            });
            on_it || (with_it && !logs)
        })
    }

    fn calls_one_of(&self, statement: Id, names: &[String]) -> bool {
        let tree = self.tree;
        !names.is_empty()
            && tree.descendants(statement).any(|id| {
                tree.kind(id) == Kind::Call
                    && tree
                        .children(id)
                        .first()
                        .is_some_and(|callee| names.iter().any(|name| name == tree.name(*callee)))
            })
    }

    /// Whether the statement around `id` calls one of `names` beside what matched.
    fn calls_one_of_outside(&self, id: Id, names: &[String]) -> bool {
        let tree = self.tree;
        let statement = tree.statement(id);
        let parts = tree.children(statement).iter().filter(|part| tree.kind(**part) != Kind::Block);
        parts.into_iter().any(|part| self.calls_one_of(*part, names)) && !self.calls_one_of(id, names)
    }

    fn stands_within(&self, rule: &Rule, id: Id, binding: &mut Binding) -> bool {
        let items = self.items_around(id);
        rule.around.iter().all(|wanted| items.iter().any(|item| self.matches(wanted, *item, binding)))
    }

    /// The context managers around `id`, innermost first.
    fn items_around(&self, id: Id) -> Vec<Id> {
        let tree = self.tree;
        let inside = tree.ancestors(id).skip(1).take_while(|around| !tree.kind(*around).is_function());
        let withs = inside.filter(|around| tree.kind(*around) == Kind::With && !tree.children(*around).contains(&id));
        withs
            .flat_map(|with| tree.children(with).iter().copied().filter(|child| tree.kind(*child) != Kind::Block))
            .filter_map(|item| tree.manager(item))
            .collect()
    }

    /// Whether the correct form is not there already.
    fn lacks(&self, rule: &Rule, id: Id) -> bool {
        let tree = self.tree;
        let around = !rule.lacks.around.is_empty()
            && self.items_around(id).iter().any(|item| self.calls_one_of(*item, &rule.lacks.around));
        let after = !rule.lacks.after.is_empty() && {
            let statement = tree.statement(id);
            let end = tree.descendants(statement).end;
            let scope = tree.function(id).unwrap_or(tree.root());
            let later = tree.descendants(scope).filter(|later| *later >= end);
            let mut calls = later.filter(|later| tree.kind(*later) == Kind::Call);
            calls.any(|call| {
                tree.children(call)
                    .first()
                    .is_some_and(|callee| rule.lacks.after.iter().any(|name| name == tree.name(*callee)))
            })
        };
        let handles = |id: Id| super::units::caught(tree, id).iter().any(|name| rule.lacks.caught.contains(name));
        let caught = !rule.lacks.caught.is_empty()
            && tree.ancestors(id).any(|around| tree.kind(around) == Kind::Try && handles(around));
        let asks = |id: Id| {
            let condition = tree.children(id).first().filter(|_| matches!(tree.kind(id), Kind::Other(_)));
            condition.is_some_and(|condition| {
                super::units::names_read(tree, *condition).iter().any(|name| rule.lacks.conditions.contains(name))
            })
        };
        let asked = !rule.lacks.conditions.is_empty() && tree.ancestors(id).any(asks);
        !around && !after && !caught && !asked
    }

    /// Whether the other parts of the mistake stand in the same function.
    fn has_other_units(&self, rule: &Rule, id: Id, binding: &mut Binding, essential: &mut Vec<Id>) -> bool {
        let tree = self.tree;
        let scope = tree.function(id).unwrap_or(tree.root());
        let mut taken = vec![id];
        rule.units[1..].iter().all(|unit| {
            // A call is no second one as a statement; what stands in a function or class that counts is.
            let is_taken = |id: Id| {
                let holds =
                    |outer: Id, inner: Id| tree.child(outer, Kind::Block).is_none() && tree.contains(outer, inner);
                taken.iter().any(|taken| *taken == id || holds(*taken, id) || holds(id, *taken))
            };
            let found = tree.descendants(scope).find(|id| !is_taken(*id) && self.is_unit(unit, *id, binding));
            taken.extend(found);
            essential.extend(found.filter(|_| matches!(unit, Unit::Expression(_) | Unit::Statement(_))));
            found.is_some()
        })
    }

    /// Whether the statement below has what the fix takes from there.
    fn is_followed(&self, rule: &Rule, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        let statement = tree.statement(id);
        let siblings = tree.parent(statement).map_or(&[][..], |parent| tree.children(parent));
        let next = siblings.iter().skip_while(|id| **id != statement).nth(1);
        rule.following.iter().all(|wanted| next.is_some_and(|next| self.calls(wanted, &[*next], binding)))
    }
}

/// Whether an attribute or key is assigned or deleted, not read.
pub(super) fn is_set(tree: &Tree<'_>, id: Id) -> bool {
    let Some(parent) = tree.parent(id).filter(|_| matches!(tree.kind(id), Kind::Attribute | Kind::Subscript)) else {
        return false;
    };
    match tree.kind(parent) {
        Kind::Assign => tree.children(parent).first() == Some(&id),
        Kind::Other(_) => tree.slice(parent).starts_with("del "),
        _ => false,
    }
}

/// The `with` whose context manager `id` is, or the `try` one of whose exceptions it is.
pub(super) fn header_of(tree: &Tree<'_>, id: Id) -> Option<Id> {
    let parent = tree.parent(id)?;
    let around = match tree.kind(parent) {
        Kind::Item | Kind::Tuple => tree.parent(parent)?,
        _ => parent,
    };
    match (tree.kind(parent), tree.kind(around)) {
        (Kind::With | Kind::Item, Kind::With) => Some(around),
        (Kind::Except | Kind::Tuple, Kind::Except) => tree.parent(around),
        _ => None,
    }
}
