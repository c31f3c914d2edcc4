//! Where a value comes from: what a name was set to, which package made it.

use super::names::{Origin, well_known_module};
use super::pattern::{Binding, Subject};
use super::rule::Rule;
use super::tree::{Id, Kind};

impl Subject<'_> {
    /// The expression that the variable `id` stands for, where the file sets it once.
    pub(super) fn value_of(&self, id: Id) -> Option<Id> {
        let tree = self.tree;
        if !matches!(tree.kind(id), Kind::Name | Kind::Attribute) {
            return None;
        }
        let function = tree.function(id);
        if let Some(fixture) = function.filter(|_| tree.kind(id) == Kind::Name).and_then(|f| self.requested(id, f)) {
            return self.given_by(fixture?);
        }
        let class = tree.ancestors(id).find(|around| tree.kind(*around) == Kind::Class);
        let is_own = tree.kind(id) == Kind::Name;
        let scopes = [function, class.filter(|_| !is_own), Some(tree.root())];
        scopes.into_iter().flatten().find_map(|scope| self.set_once(id, scope)).flatten()
    }

    /// Whether something is read of `id`: an attribute, a method, a key.
    pub(super) fn is_receiver(&self, id: Id) -> bool {
        let tree = self.tree;
        tree.parent(id).is_some_and(|parent| {
            matches!(tree.kind(parent), Kind::Attribute | Kind::Subscript) && tree.children(parent).first() == Some(&id)
        })
    }

    /// What `scope` sets the variable to; `Some(None)` where that happens more than once.
    fn set_once(&self, id: Id, scope: Id) -> Option<Option<Id>> {
        let tree = self.tree;
        let sets = |other: Id| {
            let parts = tree.children(other);
            match (tree.kind(other), parts) {
                (Kind::Assign, [target, .., value]) => Some((*target, *value)),
                (Kind::Item, [value, target]) => Some((*target, *value)),
                (Kind::For, [target, ..]) => Some((*target, *target)),
                _ => None,
            }
        };
        let is_it = |target: Id| tree.hash(target) == tree.hash(id);
        let mut found = tree.descendants(scope).filter_map(sets).filter(|(target, _)| is_it(*target));
        let (target, value) = found.next()?;
        Some(Some(value).filter(|value| found.next().is_none() && *value != target))
    }

    /// The fixture of this file that a parameter asks for: `Some(None)` where it is none of this file.
    fn requested(&self, id: Id, function: Id) -> Option<Option<Id>> {
        let tree = self.tree;
        tree.parameters(function).find(|parameter| tree.name(*parameter) == tree.name(id))?;
        let is_it = |other: &Id| {
            tree.kind(*other).is_function()
                && tree.name(*other) == tree.name(id)
                && super::functions::is_fixture(tree, *other)
        };
        Some(tree.descendants(tree.root()).find(is_it))
    }

    /// What a fixture returns or yields.
    fn given_by(&self, fixture: Id) -> Option<Id> {
        let tree = self.tree;
        let gives =
            |id: &Id| matches!(tree.kind(*id), Kind::Return | Kind::Yield) && tree.function(*id) == Some(fixture);
        let value = tree.descendants(fixture).find(gives).and_then(|id| tree.children(id).first().copied())?;
        // One that hands on what it requests, maybe under its own name, is followed no further.
        if tree.kind(value) == Kind::Name { self.set_once(value, fixture).flatten() } else { Some(value) }
    }

    /// Whether what methods are called on may be of the packages that the lesson names.
    pub(super) fn is_of_packages(&self, rule: &Rule, binding: &Binding) -> bool {
        let is_other = |w: &Id| {
            let path = binding.nodes.get(w).and_then(|id| self.made_by(*id));
            path.is_some_and(|path| !path.split('.').any(|part| rule.packages.iter().any(|own| own == part)))
        };
        rule.packages.is_empty() || !rule.receivers.iter().any(is_other)
    }

    /// The function or class of a well-known package that made what `id` stands for; `builtins` for a literal.
    fn made_by(&self, id: Id) -> Option<String> {
        let tree = self.tree;
        let mut at = self.value_of(id).unwrap_or(id);
        loop {
            at = match tree.kind(at) {
                Kind::Attribute if self.names.dotted(tree, at).is_some() => return self.of_package(at),
                Kind::Await | Kind::Call | Kind::Attribute => *tree.children(at).first()?,
                Kind::Name => return self.of_package(at),
                Kind::Text | Kind::Bytes | Kind::List | Kind::Dict | Kind::Set => return Some("builtins".to_string()),
                _ => return None,
            };
        }
    }

    fn of_package(&self, id: Id) -> Option<String> {
        let dotted = self.names.dotted(self.tree, id)?;
        let is_known = matches!(dotted.origin, Origin::Module | Origin::Member)
            && well_known_module(dotted.path.split('.').next()?).is_some();
        let is_builtin = dotted.origin == Origin::Unknown && super::names::is_builtin_function(&dotted.path);
        (is_known || is_builtin).then_some(dotted.path)
    }
}
