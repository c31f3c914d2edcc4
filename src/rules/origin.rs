//! Where a value comes from: what a name was set to, which package made it.

use super::names::{Origin, well_known_module};
use super::pattern::Subject;
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
        let is_parameter = |child: &Id| tree.kind(*child) == Kind::Parameter && tree.name(*child) == tree.name(id);
        tree.children(function).iter().copied().find(is_parameter)?;
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
        let gives = |id: &Id| matches!(tree.kind(*id), Kind::Return | Kind::Yield) && tree.function(*id) == Some(fixture);
        let value = tree.descendants(fixture).find(gives).and_then(|id| tree.children(id).first().copied())?;
        if tree.kind(value) == Kind::Name { self.value_of(value) } else { Some(value) }
    }

    /// The well-known package that made what `id` stands for; `builtins` for a literal.
    pub(super) fn package_of(&self, id: Id) -> Option<&str> {
        let tree = self.tree;
        let value = self.value_of(id).unwrap_or(id);
        let mut at = value;
        loop {
            at = match tree.kind(at) {
                Kind::Await | Kind::Call | Kind::Attribute => *tree.children(at).first()?,
                Kind::Name if at != id && at != value => return self.package_of_name(at),
                Kind::Name => return self.package_of_name(at),
                Kind::Text | Kind::Bytes | Kind::List | Kind::Dict | Kind::Set | Kind::Tuple => return Some("builtins"),
                _ => return None,
            };
        }
    }

    fn package_of_name(&self, id: Id) -> Option<&str> {
        let dotted = self.names.dotted(self.tree, id)?;
        let root = dotted.path.split('.').next()?.to_string();
        match dotted.origin {
            Origin::Module | Origin::Member => well_known_module(&root),
            Origin::Unknown if super::names::is_builtin_function(&root) => Some("builtins"),
            _ => None,
        }
    }
}
