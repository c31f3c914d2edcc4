//! Fixtures that must not be requested together: by tests of one class, or by one test.

use super::pattern::Subject;
use super::rule::Together;
use super::tree::{Id, Kind, Tree};

/// What stood together and stands apart on the correct side.
pub(super) fn apart(w: &Tree<'_>, c: &Tree<'_>) -> Option<Together> {
    in_class(w, c).map(Together::InClass).or_else(|| in_test(w, c).map(Together::InTest))
}

/// Fixtures of tests that stood in one class and stand in classes of their own.
fn in_class(w: &Tree<'_>, c: &Tree<'_>) -> Option<Vec<String>> {
    let classes = |tree: &Tree<'_>| -> Vec<Id> {
        tree.children(tree.root()).iter().copied().filter(|id| tree.kind(*id) == Kind::Class).collect()
    };
    let ([together], apart) = (&classes(w)[..], classes(c)) else { return None };
    let own = tests(w, *together);
    if apart.len() < 2 || own.len() < 2 {
        return None;
    }
    let class_of =
        |test: Id| apart.iter().position(|class| tests(c, *class).iter().any(|other| c.hash(*other) == w.hash(test)));
    let places: Option<Vec<usize>> = own.iter().map(|test| class_of(*test)).collect();
    let places = places?;
    // One fixture per class: one that only the tests of that class request.
    let fixtures_of = |place: usize| -> Vec<String> {
        let tests = own.iter().zip(&places).filter(|(_, own)| **own == place);
        tests.flat_map(|(test, _)| fixtures(w, *test)).collect()
    };
    one_of_each((0..apart.len()).map(fixtures_of).collect())
}

/// Fixtures of one test that several tests share out among them.
fn in_test(w: &Tree<'_>, c: &Tree<'_>) -> Option<Vec<String>> {
    let all = |tree: &Tree<'_>| -> Vec<Id> {
        let functions = (0..tree.nodes.len()).filter(|id| tree.kind(*id).is_function());
        functions.filter(|id| tree.name(*id).starts_with("test")).collect()
    };
    let ([together], apart) = (&all(w)[..], all(c)) else { return None };
    let own = fixtures(w, *together);
    let parts: Vec<Vec<String>> = apart.iter().map(|test| fixtures(c, *test)).collect();
    let is_part = |part: &Vec<String>| part.len() < own.len() && part.iter().all(|name| own.contains(name));
    (parts.len() > 1 && parts.iter().all(is_part)).then(|| one_of_each(parts)).flatten()
}

/// Of each group the first name that no other one has, where several have one.
fn one_of_each(groups: Vec<Vec<String>>) -> Option<Vec<String>> {
    let alone = |(at, group): (usize, &Vec<String>)| {
        let is_elsewhere =
            |name: &String| groups.iter().enumerate().any(|(other, group)| other != at && group.contains(name));
        group.iter().find(|name| !is_elsewhere(name)).cloned()
    };
    let found: Vec<String> = groups.iter().enumerate().filter_map(alone).collect();
    (found.len() > 1).then_some(found)
}

fn tests(tree: &Tree<'_>, class: Id) -> Vec<Id> {
    tree.body(class).iter().copied().filter(|id| tree.kind(*id).is_function()).collect()
}

fn fixtures(tree: &Tree<'_>, test: Id) -> Vec<String> {
    let all = tree.parameters(test).map(|id| tree.name(id));
    all.filter(|name| *name != "self").map(str::to_string).collect()
}

impl Subject<'_> {
    /// The parameters that request what must not be requested together at `id`.
    pub(super) fn requesting(&self, together: &Together, id: Id) -> Option<Vec<Id>> {
        let tree = self.tree;
        let parameter = |test: Id, fixture: &String| tree.parameters(test).find(|id| tree.name(*id) == fixture);
        match together {
            Together::InTest(fixtures) if tree.kind(id).is_function() => {
                fixtures.iter().map(|fixture| parameter(id, fixture)).collect()
            }
            Together::InClass(fixtures) if tree.kind(id) == Kind::Class => {
                let mut left = tests(tree, id);
                let own = fixtures.iter().map(|fixture| {
                    let found = left.iter().position(|test| parameter(*test, fixture).is_some())?;
                    parameter(left.remove(found), fixture)
                });
                own.collect()
            }
            _ => None,
        }
    }
}
