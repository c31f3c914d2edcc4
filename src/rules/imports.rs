//! Names that moved: the same thing is imported from elsewhere, or under another name.

use super::abstraction::Sides;
use super::diff::Op;
use super::pattern::Subject;
use super::tree::{Id, Kind, Tree};

/// An import that has another place now.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moved {
    /// Its full name as it was imported: `fleet.models.Plan`.
    pub from: String,
    /// Its full name now.
    pub to: String,
    /// What the snippet calls it.
    pub local: String,
    /// Imported by `import m`, so everything below it moved, too.
    pub is_module: bool,
    /// Used as `m.x`: only `x` moved, to another module.
    pub is_member: bool,
}

/// The imports that are elsewhere on the correct side.
pub(super) fn moved(sides: &Sides<'_>) -> Vec<Moved> {
    let (old, new) = (imported(sides.w), imported(sides.c));
    let mut found = Vec::new();
    for (id, local, path, is_module) in &old {
        if new.iter().any(|(_, _, other, _)| other == path) {
            continue;
        }
        let members = moved_members(sides, local, path, *is_module);
        if !members.is_empty() {
            found.extend(members);
            continue;
        }
        let same_name = new.iter().find(|(_, other, to, _)| other == local && to != path);
        let renamed = || {
            let c = counterpart(sides, *id)?;
            new.iter().find(|(id, ..)| *id == c)
        };
        let Some((_, _, to, _)) = same_name.or_else(renamed) else { continue };
        // An object that is another one now, not only elsewhere, is told by the code that uses it.
        let is_below = *is_module && to.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'));
        // So is one that is reached by its module now.
        let is_above = path.strip_prefix(to.as_str()).is_some_and(|rest| rest.starts_with('.'));
        // With another name and from elsewhere it is another thing to the code that uses it.
        let is_used = sides.w.children(sides.w.root()).iter().any(|id| !sides.w.kind(*id).is_import());
        let is_other = is_used
            && path
                .rsplit_once('.')
                .zip(to.rsplit_once('.'))
                .is_some_and(|(old, new)| old.0 != new.0 && old.1 != new.1);
        let is_akin =
            !is_below && !is_above && !is_other && path.split('.').any(|part| to.split('.').any(|other| part == other));
        if is_akin {
            let (from, to, local) = (path.clone(), to.clone(), local.clone());
            found.push(Moved { from, to, local, is_module: *is_module, is_member: false });
        }
    }
    found
}

/// What the snippet uses of the module `local` and the correct side uses of another one.
fn moved_members(sides: &Sides<'_>, local: &str, path: &str, is_module: bool) -> Vec<Moved> {
    let (w, c) = (sides.w, sides.c);
    let object = |id: Id| w.children(id).first().copied().filter(|object| w.kind(*object) == Kind::Name);
    let reads = |id: &Id| w.kind(*id) == Kind::Attribute && object(*id).is_some_and(|root| w.name(root) == local);
    let replaced = |id: Id| {
        let op = sides.diff.ops.iter().find(|op| op.at() == id || Some(op.at()) == object(id))?;
        match *op {
            Op::Replace { w, c: new } if w == id => Some(new),
            Op::Rename { .. } => sides.diff.same.get(&id).copied(),
            _ => None,
        }
    };
    let members = (0..w.nodes.len()).filter(reads).filter_map(|id| {
        let new = replaced(id).filter(|new| c.kind(*new) == Kind::Attribute && c.name(*new) == w.name(id))?;
        let to = sides.c_names.dotted(c, new).filter(|dotted| dotted.path.contains('.'))?;
        let is_imported = matches!(to.origin, super::names::Origin::Module | super::names::Origin::Member);
        let from = format!("{path}.{}", w.name(id));
        let is_elsewhere = is_imported && to.path != from && path.split('.').next() == to.path.split('.').next();
        let local = local.to_string();
        is_elsewhere.then_some(Moved { from, to: to.path, local, is_module: false, is_member: true })
    });
    if is_module { Vec::new() } else { members.collect() }
}

/// The imported name of the correct side that stands in the place of `id`.
fn counterpart(sides: &Sides<'_>, id: Id) -> Option<Id> {
    let statement = sides.w.parent(id)?;
    sides.diff.ops.iter().find_map(|op| match *op {
        Op::Rename { w, c } if w == id => Some(c),
        Op::Rename { w, c } | Op::Replace { w, c } if w == statement => {
            let (ours, theirs) = (sides.w.children(statement), sides.c.children(c));
            (ours.len() == 1 && theirs.len() == 1).then(|| theirs[0])
        }
        _ => None,
    })
}

/// Every imported name: its node, what it is called, its full name, whether it is a module.
fn imported(tree: &Tree<'_>) -> Vec<(Id, String, String, bool)> {
    let all = (0..tree.nodes.len()).filter(|id| tree.kind(*id) == Kind::Imported);
    all.filter_map(|id| {
        let statement = tree.parent(id)?;
        let alias = tree.child(id, Kind::Alias).map(|alias| tree.name(alias));
        let name = tree.name(id);
        let is_module = tree.kind(statement) == Kind::Import;
        let path = if is_module { name.to_string() } else { format!("{}.{name}", tree.name(statement)) };
        let local = alias.unwrap_or(if is_module { name.split('.').next().unwrap_or(name) } else { name });
        Some((id, local.to_string(), path, is_module))
    })
    .collect()
}

/// What a use of a moved name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// `from m import x`: the imported name.
    Member,
    /// `import m` or `import m.n`.
    Module,
    /// `from m import anything`.
    Below,
    /// `m.x` by an imported module.
    Attribute,
}

impl Subject<'_> {
    /// How `id` uses the moved name, if it does.
    pub(super) fn uses(&self, moved: &Moved, id: Id) -> Option<Use> {
        let tree = self.tree;
        let below =
            |path: &str| path == moved.from || path.strip_prefix(&moved.from).is_some_and(|rest| rest.starts_with('.'));
        match tree.kind(id) {
            Kind::Imported => {
                let statement = tree.parent(id)?;
                let (module, name) = (tree.name(statement), tree.name(id));
                if tree.kind(statement) == Kind::Import {
                    return below(name).then_some(Use::Module);
                }
                if format!("{module}.{name}") == moved.from {
                    return Some(Use::Member);
                }
                (moved.is_module && below(module)).then_some(Use::Below)
            }
            Kind::Attribute => {
                let dotted = self.names.dotted(tree, id)?;
                let is_module = dotted.origin == super::names::Origin::Module
                    || (moved.is_member && dotted.origin == super::names::Origin::Member);
                (is_module && !moved.is_module && dotted.path == moved.from).then_some(Use::Attribute)
            }
            _ => None,
        }
    }
}
