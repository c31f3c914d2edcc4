//! Names that Python or a widely used library lost, each with the successor that the release notes give.
//!
//! A name whose successor takes other arguments is not here; `strategies/library_upgrade` has such changes.

mod libraries;
mod python;

/// A name that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedName {
    /// The module that had it, dotted.
    pub module: &'static str,
    /// The name.
    pub name: &'static str,
    /// What serves instead, dotted; a builtin has no dot.
    pub successor: &'static str,
    /// The release that came without it: `Python 3.9`, `pandas 2.0`.
    pub since: &'static str,
}

impl RemovedName {
    /// The module of the successor, empty for a builtin.
    pub fn home(&self) -> &'static str {
        self.successor.rsplit_once('.').map_or("", |(module, _)| module)
    }

    /// The successor without its module.
    pub fn new_name(&self) -> &'static str {
        self.successor.rsplit_once('.').map_or(self.successor, |(_, name)| name)
    }
}

/// What became of `name` of `module`.
pub fn removed_name(module: &str, name: &str) -> Option<RemovedName> {
    table().filter(|(known, _, _)| *known == module).find_map(|(module, since, names)| {
        let (name, successor) = names.iter().find(|(old, _)| *old == name)?;
        Some(RemovedName { module, name, successor, since })
    })
}

/// Whether the table knows names of `module` or of one below it.
pub fn is_known(module: &str) -> bool {
    table()
        .any(|(known, _, _)| *known == module || known.strip_prefix(module).is_some_and(|below| below.starts_with('.')))
}

/// Whether a name of any module went on as `successor`, both without their modules.
pub fn went_on_as(name: &str, successor: &str) -> bool {
    let is_it = |new: &str| new.rsplit('.').next() == Some(successor);
    table().flat_map(|(_, _, names)| *names).any(|(old, new)| *old == name && is_it(new))
}

/// Methods that a type lost: the type as the message prints it, the old name, the new one, since when.
pub fn removed_method(type_name: &str, name: &str) -> Option<(&'static str, &'static str)> {
    python::METHODS
        .iter()
        .chain(libraries::METHODS)
        .find(|(known, old, _, _)| *known == type_name && *old == name)
        .map(|(_, _, new, since)| (*new, *since))
}

/// Names of a module, each with its successor.
type Names = &'static [(&'static str, &'static str)];

/// The module, the release without these names, and the names.
type Table = &'static [(&'static str, &'static str, Names)];

/// The type as the message prints it, the old name, the new one, since when.
type Methods = &'static [(&'static str, &'static str, &'static str, &'static str)];

fn table() -> impl Iterator<Item = &'static (&'static str, &'static str, Names)> {
    python::TABLE.iter().chain(libraries::TABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_module() {
        let gone = removed_name("fractions", "gcd").unwrap();
        assert_eq!((gone.home(), gone.new_name(), gone.since), ("math", "gcd", "Python 3.9"));
        assert_eq!(removed_name("itertools", "izip").unwrap().home(), "");
        assert_eq!(removed_name("fractions", "Fraction"), None);
        assert!(is_known("imp") && is_known("distutils") && !is_known("dis"));
        assert_eq!(removed_method("Thread", "isAlive"), Some(("is_alive", "Python 3.9")));
    }
}
