//! The healed test on the source before the change.

use std::process::Command;

use super::*;
use pytest_medic::validation::Dependence;

const OLD_SHOP: &str = "class Cart:\n    def totl(self):\n        return 3\n";
const CART: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 3\n";

fn git(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(arguments).current_dir(project.root());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

/// A committed project with `shop` as its product.
fn committed(shop: &str) -> Project {
    committed_with(CART, shop)
}

/// The same with a test of its own.
pub(super) fn committed_with(test: &str, shop: &str) -> Project {
    let project = Project::new(test, &[("shop.py", shop), ("conftest.py", "")]);
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-qm", "cart"]);
    project
}

/// A project whose last commit renamed `totl`; returns it with the hash of that commit.
fn renamed() -> (Project, String) {
    let project = committed(OLD_SHOP);
    common::write(project.root(), &[("shop.py", SHOP)]);
    git(&project, &["commit", "-qam", "rename totl to total"]);
    let commit = git(&project, &["rev-parse", "--short", "HEAD"]);
    (project, commit)
}

/// A project whose product has lost `totl` since the last commit, where it stood beside `total` with this body.
fn lost(body: &str) -> Project {
    let project = committed(&format!("{SHOP}\n    def totl(self):\n        {body}\n"));
    common::write(project.root(), &[("shop.py", SHOP)]);
    project
}

/// What `pytest-medic heal` did, as its JSON says it.
fn heal(project: &Project, options: &[&str]) -> serde_json::Value {
    let venv = std::path::PathBuf::from(python());
    let mut command = common::medic();
    command.args(["heal", "tests", "--format", "json"]).args(options).current_dir(project.root());
    command.env("VIRTUAL_ENV", venv.parent().and_then(Path::parent).unwrap());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn text(project: &Project) -> String {
    std::fs::read_to_string(project.root().join(TEST)).unwrap()
}

fn follows(project: &Project, new: &str, commit: &str) -> Dependence {
    let at = CART.find("Cart().totl() == 3").unwrap();
    let edit = Edit::replace(&FilePath::new(TEST), at..at + "Cart().totl() == 3".len(), new);
    let mut answers = project.validator().follows(&Snapshot::open(project.root()), &[edit], &[&no_totl()], commit);
    assert_eq!(answers.len(), 1);
    answers.remove(0)
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

#[test]
fn heal_tells_that_a_fix_follows_the_change() {
    let (project, _) = renamed();
    let done = heal(&project, &[]);
    assert_eq!(done["applied"][0]["dependence"], "follows", "{done}");
    assert_eq!(done["applied"][0]["validation"], serde_json::json!({"verdict": "passes", "runs": 3}));
    assert!(text(&project).contains("Cart().total() == 3"));
}

#[test]
fn heal_leaves_what_passes_without_the_change_to_a_person() {
    let project = lost("return self.total() * 1");
    let done = heal(&project, &[]);
    assert_eq!(done["applied"], serde_json::json!([]), "{done}");
    assert_eq!(done["failures"][0]["fixes"][0]["tier"], "review", "{done}");
    assert_eq!(text(&project), CART);
    let done = heal(&project, &["--suggest-only"]);
    assert_eq!(done["suggested"][0]["dependence"], "possibly-vacuous", "{done}");
    assert_eq!(done["suggested"][0]["fix"]["tier"], "review");
    let done = heal(&project, &["--accept", "review"]);
    assert_eq!(done["applied"][0]["dependence"], "possibly-vacuous", "{done}");
    assert!(text(&project).contains("Cart().total() == 3"));
}

#[test]
fn heal_takes_the_successor_of_an_alias() {
    let project = lost("return self.total()");
    let done = heal(&project, &[]);
    assert_eq!(done["applied"][0]["dependence"], "possibly-vacuous", "{done}");
    assert!(text(&project).contains("Cart().total() == 3"));
}
