//! `pytest --healing`, as someone types it.

use std::process::Command;

use super::*;
use pytest_medic::validation::plugin::Plugin;

const CART: &str = "import pytest
from shop import Cart


def test_total():
    assert Cart().totl() == 3


@pytest.mark.no_healing
def test_never():
    assert Cart().totl() == 3
";

/// pytest with `options` in the project; its exit code and output.
fn pytest(project: &Project, options: &[&str]) -> (Option<i32>, String) {
    pytest_with(project, options, &[])
}

fn pytest_with(project: &Project, options: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let plugin = Plugin::unpack().unwrap();
    let mut command = Command::new(python());
    command.args(["-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider"]).args(options).current_dir(project.root());
    command.envs(plugin.variables()).env("PYTEST_MEDIC_BIN", env!("CARGO_BIN_EXE_pytest-medic"));
    command.envs(variables.iter().copied());
    let output = command.output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
    )
}

#[test]
fn a_healed_test_shows_its_diff_and_patch_and_the_run_stays_red() {
    let project = Project::new(CART, &[("conftest.py", "")]);
    let (code, said) = pytest(&project, &["--healing"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("HEALED tests/test_cart.py::test_total: Rename `totl` to `total`"), "{said}");
    assert!(said.contains("+    assert Cart().total() == 3") && said.contains("patch: .healing_fixes/"), "{said}");
    assert!(!said.contains("HEALED tests/test_cart.py::test_never"), "{said}");
    assert_eq!(std::fs::read_to_string(project.root().join(TEST)).unwrap(), CART);
    let patch = std::fs::read_dir(project.root().join(".healing_fixes")).unwrap().next().unwrap().unwrap().path();
    let (code, said) = pytest(&project, &["--healing-apply", &patch.to_string_lossy()]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(std::fs::read_to_string(project.root().join(TEST)).unwrap(), CART.replacen("totl", "total", 1));
}

#[test]
fn suggestions_alone_rerun_and_write_nothing() {
    let project = Project::new(CART, &[("conftest.py", "")]);
    let before =
        |project: &Project| project.files().into_iter().filter(|(path, _)| !path.ends_with(".pyc")).collect::<Vec<_>>();
    let files = before(&project);
    let (code, said) = pytest(&project, &["--healing-suggest-only"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("SUGGESTED tests/test_cart.py::test_total"), "{said}");
    assert_eq!(before(&project), files);
}

#[test]
fn the_environment_goes_before_the_ini_file_and_the_command_line_before_both() {
    let ini = "[pytest]\npythonpath = .\nhealing_enabled = true\nhealing_confidence_threshold = 0.999\n";
    let project = Project::new(CART, &[("pytest.ini", ini), ("conftest.py", "")]);
    let (_, said) = pytest(&project, &[]);
    assert!(said.contains("SUGGESTED tests/test_cart.py::test_total") && !said.contains("HEALED tests"), "{said}");
    let (_, said) = pytest_with(&project, &[], &[("PYTEST_HEALING_CONFIDENCE", "0.5")]);
    assert!(said.contains("HEALED tests/test_cart.py::test_total"), "{said}");
    let (_, said) = pytest_with(&project, &["--healing-confidence", "0.999"], &[("PYTEST_HEALING_CONFIDENCE", "0.5")]);
    assert!(!said.contains("HEALED tests"), "{said}");
    let (code, said) = pytest_with(&project, &[], &[("PYTEST_HEALING_ENABLED", "0")]);
    assert!(code == Some(1) && !said.contains("= healing ="), "{said}");
}

#[test]
fn what_changes_the_checks_is_a_suggestion() {
    let shop = "LIMIT = 4\n\n\nclass Cart:\n    def total(self):\n        return LIMIT\n";
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().total() == 4\n";
    let project = super::previous::committed_with(test, shop);
    common::write(project.root(), &[("shop.py", &shop.replace("= 4", "= 3"))]);
    let (_, said) = pytest(&project, &["--healing"]);
    assert!(said.contains("SUGGESTED tests/test_cart.py::test_total: Expect 3"), "{said}");
    assert!(said.contains("changes what is checked: a person decides") && !said.contains("HEALED"), "{said}");
}

#[test]
fn auto_commit_applies_and_commits_what_was_proven() {
    let project = Project::new(CART, &[("conftest.py", "")]);
    for arguments in [
        &["init", "-q"][..],
        &["config", "user.name", "t"],
        &["config", "user.email", "t@example.org"],
        &["add", "."],
        &["commit", "-qm", "cart"],
    ] {
        assert!(Command::new("git").args(arguments).current_dir(project.root()).status().unwrap().success());
    }
    let (code, said) = pytest(&project, &["--healing-auto-commit"]);
    assert_eq!(code, Some(1), "the tests that were run failed: {said}");
    assert!(said.contains("HEALED tests/test_cart.py::test_total"), "{said}");
    let log = Command::new("git").args(["show", "--stat", "HEAD"]).current_dir(project.root()).output().unwrap();
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    assert!(log.contains("Heal 1 test\n") && log.contains(TEST) && log.contains("GRAVEYARD.md"), "{log}");
    assert_eq!(std::fs::read_to_string(project.root().join(TEST)).unwrap(), CART.replacen("totl", "total", 1));
}

#[test]
fn a_wrong_setting_is_a_usage_error() {
    let project = Project::new(
        CART,
        &[("pytest.ini", "[pytest]\nhealing_enabled = true\nhealing_confidence_threshold = high\n")],
    );
    let (code, said) = pytest(&project, &[]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("healing_confidence_threshold = high: not a number"), "{said}");
}

#[test]
fn nothing_is_said_where_healing_is_not_asked_for() {
    let project = Project::new(CART, &[("conftest.py", "")]);
    let (code, said) = pytest(&project, &[]);
    assert_eq!(code, Some(1));
    assert!(!said.contains("healing") && !project.root().join(".healing_fixes").exists(), "{said}");
}
