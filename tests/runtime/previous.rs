//! The healed test on the source before the change.

use std::process::Command;

use super::*;
use pytest_medic::validation::Dependence;

const OLD_SHOP: &str = "class Cart:\n    def totl(self):\n        return 3\n";
const CART: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 3\n";

/// A project whose last commit renamed `totl`; returns it with the hash of that commit.
fn renamed() -> (Project, String) {
    let project = Project::new(CART, &[("shop.py", OLD_SHOP), ("conftest.py", "")]);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .current_dir(project.root());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_string()
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "cart"]);
    common::write(project.root(), &[("shop.py", SHOP)]);
    git(&["commit", "-qam", "rename totl to total"]);
    let commit = git(&["rev-parse", "--short", "HEAD"]);
    (project, commit)
}

fn follows(project: &Project, new: &str, commit: &str) -> Dependence {
    let at = CART.find("Cart().totl() == 3").unwrap();
    let edit = Edit::replace(&FilePath::new(TEST), at..at + "Cart().totl() == 3".len(), new);
    project.validator().follows(&Snapshot::open(project.root()), &[edit], &[&no_totl()], commit)
}

#[test]
fn a_heal_that_follows_the_change_fails_on_the_previous_source() {
    let (project, commit) = renamed();
    let before = project.files();
    assert_eq!(follows(&project, "Cart().total() == 3", &commit), Dependence::Follows);
    assert_eq!(project.files(), before, "neither the work tree nor .git changes");
}

#[test]
fn a_heal_that_passes_on_both_sides_is_possibly_vacuous() {
    let (project, commit) = renamed();
    assert_eq!(follows(&project, "Cart() is not None", &commit), Dependence::PossiblyVacuous);
}

#[test]
fn without_a_previous_source_nothing_is_said() {
    let (project, _) = renamed();
    for commit in ["deadbeef", "--exec=x", "uncommitted"] {
        assert!(matches!(follows(&project, "Cart().total() == 3", commit), Dependence::Unknown(_)), "{commit}");
    }
}
