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
    let plugin = Plugin::unpack().unwrap();
    let mut command = Command::new(python());
    command.args(["-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider"]).args(options).current_dir(project.root());
    command.envs(plugin.variables()).env("PYTEST_MEDIC_BIN", env!("CARGO_BIN_EXE_pytest-medic"));
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
