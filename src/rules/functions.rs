//! Mistakes in the head of a function: fixtures it requests, their scope and order, marks, return types.

use std::collections::HashSet;

use super::abstraction::{Mode, Sides};
use super::diff::Op;
use super::names::{Origin, is_builtin_fixture};
use super::pattern::{Binding, Pattern, Subject};
use super::tree::{Id, Kind, Tree};

/// A function by what its head says and what its body calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FunctionPattern {
    pub w: Id,
    /// Only where the name itself was wrong.
    pub name: Option<String>,
    pub is_async: Option<bool>,
    pub is_fixture: bool,
    pub is_test: bool,
    pub is_generator: Option<bool>,
    /// Whether it must say that it may return nothing.
    pub returns_none: bool,
    /// A fixture of this scope or a wider one.
    pub scope: Option<String>,
    pub parameters: Vec<String>,
    pub lacks_parameters: Vec<String>,
    /// The first is requested before the second.
    pub order: Option<(String, String)>,
    pub decorators: Vec<Pattern>,
    /// Marks that the correct form has, as dotted paths.
    pub lacks_marks: Vec<String>,
    pub returns: Option<Pattern>,
    pub calls: Vec<Pattern>,
    /// Keywords that the decorators have on the correct side.
    pub lacks_keywords: Vec<String>,
    /// Whether the decorators are called on the correct side only.
    pub is_bare: bool,
    /// Bases of its class.
    pub bases: Vec<Pattern>,
    /// Whether it must not call the method that it overrides.
    pub lacks_super: bool,
    /// What is the default of some parameter.
    pub defaults: Vec<Pattern>,
}

impl FunctionPattern {
    /// Whether its head tells it from others, so that what its body does counts no more.
    fn is_told(&self) -> bool {
        self.is_async == Some(true)
            || !self.parameters.is_empty()
            || self.returns.is_some()
            || self.order.is_some()
            || self.name.is_some()
            || !self.defaults.is_empty()
            || self.is_bare
    }

    /// A fixture that every test may use is wrong for what this one does without it.
    fn is_common(&self) -> bool {
        let requests = !self.parameters.is_empty() && self.parameters.iter().all(|name| is_builtin_fixture(name));
        requests && self.scope.is_none()
    }
}

/// The pattern of the function `id`, whose head changed.
pub(super) fn pattern(sides: &Sides<'_>, id: Id) -> Option<FunctionPattern> {
    let w = sides.w;
    let is_fixture = is_fixture(w, id);
    let is_test = !is_fixture && w.name(id).starts_with("test");
    let mut function = FunctionPattern { w: id, is_fixture, is_test, ..FunctionPattern::default() };
    for op in sides.diff.ops.iter().filter(|op| is_in_head(w, id, op.at())) {
        add(sides, &mut function, id, op);
    }
    function.decorators = decorators(sides, id)?;
    if let Some(returns) = w.child(id, Kind::Returns).filter(|returns| sides.is_touched(*returns)) {
        function.returns = Some(sides.pattern(*w.children(returns).first()?, Mode::Shared));
        function.is_generator = Some(is_generator(w, id));
        function.returns_none = returns_none(w, id);
    }
    for op in &sides.diff.ops {
        add_to_part(sides, &mut function, op);
    }
    let in_head = function.returns.is_some() || !function.lacks_marks.is_empty() || !function.decorators.is_empty();
    if w.kind(id) == Kind::AsyncFunction && in_head {
        function.is_async = Some(true);
    }
    let replaces_fixture = !function.parameters.is_empty() && is_fixture;
    let names_scope = |scope: &String| sides.prose.names(scope) || sides.prose.text.contains("scope");
    function.scope = scope_of(w, id).filter(|scope| replaces_fixture || names_scope(scope));
    if function.is_common() {
        function.calls = calls_without(sides, id, &function.parameters);
    }
    if function.is_told() { Some(function) } else { by_body(sides, function) }
}

/// What of the decorators is wrong, or tells.
fn decorators(sides: &Sides<'_>, id: Id) -> Option<Vec<Pattern>> {
    let w = sides.w;
    // Every fixture has that decorator: what stands beside it tells.
    let loses_fixture = fixture_decorator(w, id).is_some_and(|decorator| sides.is_gone(decorator));
    let counts = |child: &&Id| w.kind(**child) == Kind::Decorator && (sides.is_touched(**child) || loses_fixture);
    let pattern = |decorator: &Id| {
        let mode = if sides.ops_at(*decorator).next().is_some() { Mode::Gone } else { Mode::Shared };
        Some(sides.pattern(*w.children(*decorator).first()?, mode))
    };
    w.children(id).iter().filter(counts).map(pattern).collect()
}

/// Adds what a difference directly in a parameter or decorator tells.
fn add_to_part(sides: &Sides<'_>, function: &mut FunctionPattern, op: &Op) {
    let (w, c) = (sides.w, sides.c);
    let Some(part) = w.parent(op.at()).filter(|part| w.parent(*part) == Some(function.w)) else { return };
    match (w.kind(part), op) {
        (Kind::Parameter, Op::Replace { w: value, .. } | Op::Rename { w: value, .. }) => {
            function.defaults.push(sides.pattern(*value, Mode::Gone));
        }
        (Kind::Decorator, Op::Wrap { w: name, c: call }) if c.kind(*call) == Kind::Call => {
            let keywords = c.children(*call).iter().filter(|id| c.kind(**id) == Kind::Keyword);
            function.lacks_keywords = keywords.map(|id| c.name(*id).to_string()).collect();
            function.is_bare = function.lacks_keywords.is_empty();
            function.decorators = vec![sides.pattern(*name, Mode::Shared)];
        }
        _ => {}
    }
}

/// What the body does without the fixtures that are named so.
fn calls_without(sides: &Sides<'_>, id: Id, fixtures: &[String]) -> Vec<Pattern> {
    let w = sides.w;
    let is_fixture = |id: Id| w.kind(id) == Kind::Name && fixtures.iter().any(|name| name == w.name(id));
    calls(sides, id).into_iter().filter(|call| !w.descendants(call.w).any(is_fixture)).collect()
}

/// A function that its head does not tell from others, by what its body does with which fixtures.
fn by_body(sides: &Sides<'_>, mut function: FunctionPattern) -> Option<FunctionPattern> {
    let id = function.w;
    function.calls = calls(sides, id);
    if function.calls.is_empty() {
        function.calls = reads(sides, id);
    }
    let known = sides.w.parameters(id).map(|parameter| sides.w.name(parameter));
    let counts = |name: &&str| is_builtin_fixture(name) || sides.prose.names_code(name);
    function.parameters = known.filter(counts).map(str::to_string).collect();
    let says_nothing =
        function.calls.is_empty() && function.parameters.is_empty() && function.lacks_keywords.is_empty();
    (!says_nothing).then_some(function)
}

fn is_in_head(w: &Tree<'_>, function: Id, id: Id) -> bool {
    w.function(id) == Some(function)
        && w.ancestors(id).take_while(|id| *id != function).all(|id| w.kind(id) != Kind::Block)
}

fn add(sides: &Sides<'_>, function: &mut FunctionPattern, id: Id, op: &Op) {
    let w = sides.w;
    match *op {
        Op::Rename { w: at, c } if at == id => {
            if w.kind(id) == Kind::Function && sides.c.kind(c) == Kind::AsyncFunction {
                function.is_async = Some(false);
            }
            let is_free = w.name(id).starts_with("test") || is_fixture(w, id) || w.name(id) == sides.c.name(c);
            function.name = (!is_free).then(|| w.name(id).to_string());
        }
        Op::Rename { w: at, .. } | Op::Delete { w: at } | Op::Replace { w: at, .. }
            if w.kind(at) == Kind::Parameter =>
        {
            function.parameters.push(w.name(at).to_string());
        }
        Op::Move { w: at, .. } if w.kind(at) == Kind::Parameter => {
            let Some(c) = sides.diff.same.get(&id) else { return };
            function.order = wrong_order(sides, id, *c, w.name(at));
        }
        Op::Insert { parent, c, .. } if parent == id => match sides.c.kind(c) {
            Kind::Parameter => function.lacks_parameters.push(sides.c.name(c).to_string()),
            Kind::Decorator => {
                let child = sides.c.children(c).first().copied();
                let callee = child.map(|child| match sides.c.kind(child) {
                    Kind::Call => sides.c.children(child)[0],
                    _ => child,
                });
                let path = callee.and_then(|callee| sides.c_names.dotted(sides.c, callee));
                function.lacks_marks.extend(path.map(|dotted| dotted.path));
            }
            _ => {}
        },
        _ => {}
    }
}

/// A parameter and the first one that it has changed places with, as they are requested on the wrong side.
fn wrong_order(sides: &Sides<'_>, id: Id, c: Id, own: &str) -> Option<(String, String)> {
    let old: Vec<&str> = sides.w.parameters(id).map(|id| sides.w.name(id)).collect();
    let new: Vec<&str> = sides.c.parameters(c).map(|id| sides.c.name(id)).collect();
    let against = |names: &[&str], other: &str| {
        let place = |name: &str| names.iter().position(|known| *known == name);
        place(own).cmp(&place(other))
    };
    let other = *old.iter().find(|other| **other != own && against(&old, other) != against(&new, other))?;
    let (first, second) = if against(&old, other).is_lt() { (own, other) } else { (other, own) };
    Some((first.to_string(), second.to_string()))
}

/// What the body does, for functions that nothing else tells apart.
fn calls(sides: &Sides<'_>, id: Id) -> Vec<Pattern> {
    let w = sides.w;
    let in_body = w.body(id).iter().flat_map(|statement| w.descendants(*statement));
    let calls: Vec<Id> = in_body
        .filter(|inner| w.kind(*inner) == Kind::Call)
        .filter(|call| w.parent(*call).is_some_and(|parent| w.kind(parent) != Kind::Attribute))
        .collect();
    let name = |call: &Id| w.children(*call).first().map_or("", |callee| w.name(*callee));
    let is_named = |call: &&Id| sides.prose.names(name(call));
    let named: Vec<&Id> = calls.iter().filter(is_named).collect();
    let acting =
        |call: &&Id| w.parent(**call).is_some_and(|parent| matches!(w.kind(parent), Kind::Expression | Kind::Await));
    let chosen: Vec<&Id> = match (named.is_empty(), calls.iter().any(|call| acting(&call))) {
        (false, _) => named,
        (true, true) => calls.iter().filter(acting).collect(),
        (true, false) => calls.iter().collect(),
    };
    chosen.into_iter().map(|call| sides.pattern(*call, Mode::Shared)).collect()
}

/// What the body reads of fixtures that every test may have.
fn reads(sides: &Sides<'_>, id: Id) -> Vec<Pattern> {
    let w = sides.w;
    let in_body = w.body(id).iter().flat_map(|statement| w.descendants(*statement));
    let is_read = |inner: &Id| {
        let object = w.children(*inner).first().filter(|_| w.kind(*inner) == Kind::Attribute);
        object.is_some_and(|object| w.kind(*object) == Kind::Name && is_builtin_fixture(w.name(*object)))
    };
    in_body.filter(is_read).map(|inner| sides.pattern(inner, Mode::Shared)).collect()
}

/// Parameters that the correct side calls otherwise or does not have: what follows from that is no mistake of its own.
pub(super) fn changed_parameters(sides: &Sides<'_>) -> HashSet<String> {
    let changed = sides.diff.ops.iter().filter_map(|op| match op {
        Op::Rename { w, .. } | Op::Delete { w } if sides.w.kind(*w) == Kind::Parameter => {
            Some(sides.w.name(*w).to_string())
        }
        _ => None,
    });
    changed.collect()
}

impl Subject<'_> {
    /// Whether the function `id` is one of the pattern.
    pub(super) fn is_function(&self, pattern: &FunctionPattern, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        let parameters: Vec<&str> = tree.parameters(id).map(|parameter| tree.name(parameter)).collect();
        let place = |name: &str| parameters.iter().position(|parameter| *parameter == name);
        let requests = |name: &String| place(name).is_some() || self.uses_fixture(id, name);
        let fits = tree.kind(id).is_function()
            && pattern.name.as_ref().is_none_or(|name| tree.name(id) == name)
            && pattern.is_async.is_none_or(|wanted| wanted == (tree.kind(id) == Kind::AsyncFunction))
            && (!pattern.is_fixture || is_fixture(tree, id))
            && (!pattern.is_test || self.is_collected(id))
            && (pattern.lacks_marks.is_empty() || !self.is_in_test_case(id))
            && (!pattern.returns_none || returns_none(tree, id))
            && pattern.is_generator.is_none_or(|wanted| wanted == is_generator(tree, id))
            && pattern
                .scope
                .as_ref()
                .is_none_or(|scope| scope_of(tree, id).is_some_and(|own| width(&own) >= width(scope)))
            && pattern.parameters.iter().all(|name| place(name).is_some())
            && !pattern.lacks_parameters.iter().any(requests)
            && pattern.order.as_ref().is_none_or(|(first, second)| {
                place(first).zip(place(second)).is_some_and(|(first, second)| first < second)
            })
            && !pattern.lacks_marks.iter().any(|mark| self.is_marked(id, mark));
        fits && self.has_parts(pattern, id, binding)
    }

    /// Whether pytest takes the function for a test: one inside of another function is a helper.
    fn is_collected(&self, id: Id) -> bool {
        let tree = self.tree;
        let is_nested = tree.ancestors(id).skip(1).any(|around| tree.kind(around).is_function());
        tree.name(id).starts_with("test") && !is_fixture(tree, id) && !is_nested
    }

    /// Whether it is a method of a `TestCase`, which runs without pytest's marks.
    fn is_in_test_case(&self, id: Id) -> bool {
        let tree = self.tree;
        let class = tree.ancestors(id).find(|id| tree.kind(*id) == Kind::Class);
        let bases = class.map_or(&[][..], |class| tree.children(class));
        bases.iter().any(|base| tree.kind(*base) != Kind::Block && tree.name(*base).ends_with("TestCase"))
    }

    fn has_parts(&self, pattern: &FunctionPattern, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        let decorators: Vec<Id> =
            tree.children(id).iter().copied().filter(|child| tree.kind(*child) == Kind::Decorator).collect();
        let returns = tree.child(id, Kind::Returns).and_then(|returns| tree.children(returns).first().copied());
        binding.nodes.insert(pattern.w, id);
        let decorated = pattern
            .decorators
            .iter()
            .all(|wanted| decorators.iter().any(|decorator| self.is_decorator(pattern, wanted, *decorator, binding)));
        let defaults: Vec<Id> =
            tree.parameters(id).filter_map(|parameter| tree.children(parameter).last().copied()).collect();
        let defaulted =
            pattern.defaults.iter().all(|wanted| defaults.iter().any(|id| self.matches(wanted, *id, binding)));
        let class = tree.ancestors(id).find(|id| tree.kind(*id) == Kind::Class);
        let own_bases: &[Id] = class.map_or(&[], |class| tree.children(class));
        let based = pattern.bases.iter().all(|wanted| own_bases.iter().any(|id| self.matches(wanted, *id, binding)));
        let calls_super = || {
            let mut names = tree.body(id).iter().flat_map(|statement| tree.descendants(*statement));
            names.any(|id| tree.kind(id) == Kind::Name && tree.name(id) == "super")
        };
        decorated
            && based
            && !(pattern.lacks_super && calls_super())
            && defaulted
            && pattern.returns.as_ref().is_none_or(|wanted| returns.is_some_and(|id| self.matches(wanted, id, binding)))
            && pattern.calls.iter().all(|call| self.calls(call, tree.body(id), binding))
    }

    /// Whether a decorator is the wanted one of `pattern`, without the arguments that would make it right.
    fn is_decorator(&self, pattern: &FunctionPattern, wanted: &Pattern, decorator: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        let Some(child) = tree.children(decorator).first() else { return false };
        let callee = tree.children(*child).first().filter(|_| tree.kind(*child) == Kind::Call);
        if pattern.is_bare && callee.is_some() {
            return false;
        }
        let is_right = |argument: &Id| {
            let name = tree.name(*argument);
            tree.kind(*argument) == Kind::Keyword && pattern.lacks_keywords.iter().any(|lacked| lacked == name)
        };
        !tree.children(*child).iter().any(is_right)
            && std::iter::once(child).chain(callee).any(|id| self.matches(wanted, *id, binding))
    }

    /// Whether one of the statements contains what `pattern` matches.
    pub(super) fn calls(&self, pattern: &Pattern, statements: &[Id], binding: &mut Binding) -> bool {
        statements
            .iter()
            .any(|statement| self.tree.descendants(*statement).any(|inner| self.matches(pattern, inner, binding)))
    }

    fn uses_fixture(&self, function: Id, name: &str) -> bool {
        let tree = self.tree;
        let around = tree.ancestors(function).filter(|id| *id == function || tree.kind(*id) == Kind::Class);
        let marks = around
            .flat_map(|id| tree.children(id).iter().copied().filter(|child| tree.kind(*child) == Kind::Decorator));
        let in_marks = marks
            .flat_map(|mark| tree.descendants(mark))
            .any(|id| tree.kind(id) == Kind::Text && tree.name(id) == name);
        in_marks
            || tree
                .body(function)
                .iter()
                .flat_map(|statement| tree.descendants(*statement))
                .any(|id| tree.kind(id) == Kind::Text && tree.name(id) == name)
    }

    /// Whether the function, its class or its module carries the mark.
    fn is_marked(&self, function: Id, mark: &str) -> bool {
        let tree = self.tree;
        let wanted: Vec<&str> = mark.rsplitn(3, '.').take(2).collect();
        let is_mark = |id: Id| {
            let dotted = self.names.dotted(tree, id).filter(|dotted| dotted.origin != Origin::Local);
            dotted.is_some_and(|dotted| dotted.path.rsplitn(3, '.').take(2).collect::<Vec<_>>() == wanted)
        };
        tree.ancestors(function).any(|scope| {
            let marks = tree.children(scope).iter().copied().filter(|id| tree.kind(*id) == Kind::Decorator);
            let assigned = tree.body(scope).iter().copied().filter(|id| {
                tree.kind(*id) == Kind::Assign
                    && tree.children(*id).first().is_some_and(|t| tree.name(*t) == "pytestmark")
            });
            let marks: Vec<Id> = if scope == function { marks.collect() } else { marks.chain(assigned).collect() };
            marks.into_iter().flat_map(|id| tree.descendants(id)).any(is_mark)
        })
    }
}

/// Whether a decorator makes it a fixture.
pub(super) fn is_fixture(tree: &Tree<'_>, id: Id) -> bool {
    fixture_decorator(tree, id).is_some()
}

fn fixture_decorator(tree: &Tree<'_>, id: Id) -> Option<Id> {
    tree.children(id).iter().copied().find(|child| {
        tree.kind(*child) == Kind::Decorator
            && tree.children(*child).first().is_some_and(|inner| {
                let callee = if tree.kind(*inner) == Kind::Call { tree.children(*inner)[0] } else { *inner };
                tree.name(callee).ends_with("fixture")
            })
    })
}

/// The scope that a fixture names; without one it is that of a function.
fn scope_of(tree: &Tree<'_>, id: Id) -> Option<String> {
    let decorator = fixture_decorator(tree, id)?;
    let keyword =
        tree.descendants(decorator).find(|id| tree.kind(*id) == Kind::Keyword && tree.name(*id) == "scope")?;
    let value = tree.children(keyword).first()?;
    (tree.kind(*value) == Kind::Text).then(|| tree.name(*value).to_string())
}

/// Wider scopes live longer: <https://docs.pytest.org/en/stable/how-to/fixtures.html#fixture-scopes>.
fn width(scope: &str) -> usize {
    ["function", "class", "module", "package", "session"].iter().position(|name| *name == scope).unwrap_or(0)
}

/// Whether one of its returns gives `None`.
fn returns_none(tree: &Tree<'_>, function: Id) -> bool {
    tree.descendants(function).any(|id| {
        let gives_none = tree.children(id).first().is_none_or(|value| tree.slice(*value) == "None");
        tree.kind(id) == Kind::Return && gives_none && tree.function(id) == Some(function)
    })
}

fn is_generator(tree: &Tree<'_>, function: Id) -> bool {
    tree.descendants(function).any(|id| tree.kind(id) == Kind::Yield && tree.function(id) == Some(function))
}
